//! The basic URL parser of the URL standard, without a state override (that is `setters`).
//!
//! Each function is one or more states of the standard's machine and takes the text that is left.

use super::encode::{self, encode};
use super::host;
use super::record::{Record, is_drive, is_normalized_drive, special, starts_with_drive};
use std::borrow::Cow;

/// Parses `input`, relative to `base` where it is not absolute.
pub fn parse(input: &str, base: Option<&Record>) -> Option<Record> {
    let input = input.trim_matches(|c: char| c <= ' ');
    let input = &*without_tabs(input);
    let mut url = Record::default();
    if let Some((scheme, rest)) = split_scheme(input) {
        url.scheme = scheme;
        if url.scheme == "file" {
            return file(url, rest, base.filter(|b| b.scheme == "file"));
        }
        if special(&url.scheme).is_some() {
            let same = base.filter(|b| b.scheme == url.scheme);
            return match same {
                Some(base) if !rest.starts_with("//") => relative(url, rest, base),
                _ => authority(url, rest.trim_start_matches(['/', '\\'])),
            };
        }
        return match rest.strip_prefix('/') {
            Some(after) => match after.strip_prefix('/') {
                Some(after) => authority(url, after),
                None => path(url, after),
            },
            None => opaque_path(url, rest),
        };
    }
    let base = base?;
    if base.has_opaque_path {
        let fragment = input.strip_prefix('#')?;
        let mut url = base.clone();
        url.fragment = Some(String::new());
        return self::fragment(url, fragment);
    }
    url.scheme.push_str(&base.scheme);
    if url.scheme == "file" { file(url, input, Some(base)) } else { relative(url, input, base) }
}

/// `text` without tabs and line ends.
pub fn without_tabs(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|b| matches!(b, b'\t' | b'\n' | b'\r')) {
        Cow::Owned(text.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// The scheme in lower case and what follows its colon.
pub fn split_scheme(input: &str) -> Option<(String, &str)> {
    let end = input.bytes().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')))?;
    let starts_well = input.as_bytes()[0].is_ascii_alphabetic();
    (starts_well && input.as_bytes()[end] == b':').then(|| (input[..end].to_ascii_lowercase(), &input[end + 1..]))
}

/// Relative and relative slash state.
fn relative(mut url: Record, input: &str, base: &Record) -> Option<Record> {
    let is_special = url.is_special();
    let is_slash = |text: &str| text.starts_with('/') || (is_special && text.starts_with('\\'));
    if is_slash(input) {
        let rest = &input[1..];
        if is_slash(rest) {
            let rest = &rest[1..];
            return authority(url, if is_special { rest.trim_start_matches(['/', '\\']) } else { rest });
        }
        copy_authority(&mut url, base);
        return path(url, rest);
    }
    copy_authority(&mut url, base);
    url.path.push_str(&base.path);
    match input.as_bytes().first() {
        None => {
            url.query = base.query.clone();
            Some(url)
        }
        Some(b'?') => query(url, &input[1..]),
        Some(b'#') => {
            url.query = base.query.clone();
            fragment(url, &input[1..])
        }
        Some(_) => {
            url.shorten();
            path(url, input)
        }
    }
}

fn copy_authority(url: &mut Record, base: &Record) {
    url.username.push_str(&base.username);
    url.password.push_str(&base.password);
    url.host = base.host.clone();
    url.port = base.port;
}

/// How much of `input` is the authority or host.
pub fn authority_length(input: &str, is_special: bool) -> usize {
    input.bytes().position(|b| matches!(b, b'/' | b'?' | b'#') || (b == b'\\' && is_special)).unwrap_or(input.len())
}

/// Authority, host and port state.
fn authority(mut url: Record, input: &str) -> Option<Record> {
    let (mut authority, rest) = input.split_at(authority_length(input, url.is_special()));
    if let Some((credentials, host)) = authority.rsplit_once('@') {
        if host.is_empty() {
            return None;
        }
        let (username, password) = credentials.split_once(':').unwrap_or((credentials, ""));
        encode(&mut url.username, username, &encode::USERINFO);
        encode(&mut url.password, password, &encode::USERINFO);
        authority = host;
    }
    let (host, port) = split_port(authority);
    if host.is_empty() && (url.is_special() || port.is_some()) {
        return None;
    }
    url.host = Some(host::parse(host, !url.is_special())?);
    if let Some(port) = port
        && !port.is_empty()
    {
        if !port.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        set_port(&mut url, port)?;
    }
    path_start(url, rest)
}

/// Splits at the colon that is not inside brackets.
pub fn split_port(authority: &str) -> (&str, Option<&str>) {
    let mut inside = false;
    for (i, byte) in authority.bytes().enumerate() {
        match byte {
            b'[' => inside = true,
            b']' => inside = false,
            b':' if !inside => return (&authority[..i], Some(&authority[i + 1..])),
            _ => {}
        }
    }
    (authority, None)
}

/// Takes digits; `None` where the number is no port.
pub fn set_port(url: &mut Record, digits: &str) -> Option<()> {
    let digits = digits.trim_start_matches('0');
    let port = if digits.is_empty() { 0 } else { digits.parse::<u16>().ok()? };
    url.port = (special(&url.scheme) != Some(Some(port))).then_some(port);
    Some(())
}

/// File, file slash and file host state. `base` is a file URL.
fn file(mut url: Record, input: &str, base: Option<&Record>) -> Option<Record> {
    url.host = Some(String::new());
    let Some(rest) = input.strip_prefix(['/', '\\']) else {
        let Some(base) = base else { return path(url, input) };
        url.host = base.host.clone();
        url.path.push_str(&base.path);
        return match input.as_bytes().first() {
            None => {
                url.query = base.query.clone();
                Some(url)
            }
            Some(b'?') => query(url, &input[1..]),
            Some(b'#') => {
                url.query = base.query.clone();
                fragment(url, &input[1..])
            }
            Some(_) => {
                if starts_with_drive(input) {
                    url.path.clear();
                } else {
                    url.shorten();
                }
                path(url, input)
            }
        };
    };
    let Some(rest) = rest.strip_prefix(['/', '\\']) else {
        if let Some(base) = base {
            url.host = base.host.clone();
            let first = base.path.get(1..).and_then(|p| p.split('/').next()).unwrap_or_default();
            if !starts_with_drive(rest) && is_normalized_drive(first) {
                url.path.push('/');
                url.path.push_str(first);
            }
        }
        return path(url, rest);
    };
    let (name, after) = rest.split_at(authority_length(rest, true));
    if is_drive(name) {
        return path(url, rest);
    }
    if !name.is_empty() {
        let host = host::parse(name, false)?;
        url.host = Some(if host == "localhost" { String::new() } else { host });
    }
    path_start(url, after)
}

/// Path start state: at most one separator belongs to it.
fn path_start(url: Record, input: &str) -> Option<Record> {
    if url.is_special() {
        return path(url, input.strip_prefix(['/', '\\']).unwrap_or(input));
    }
    match input.as_bytes().first() {
        None => Some(url),
        Some(b'?' | b'#') => after_path(url, input),
        Some(_) => path(url, input.strip_prefix('/').unwrap_or(input)),
    }
}

/// Path state: the segments of `input` behind those that are there.
fn path(mut url: Record, input: &str) -> Option<Record> {
    let end = input.bytes().position(|b| matches!(b, b'?' | b'#')).unwrap_or(input.len());
    push_segments(&mut url, &input[..end]);
    after_path(url, &input[end..])
}

/// Adds segments; `.` and `..` in any spelling are resolved.
pub fn push_segments(url: &mut Record, input: &str) {
    let is_special = url.is_special();
    let mut rest = input;
    loop {
        let end = rest.bytes().position(|b| b == b'/' || (b == b'\\' && is_special));
        let segment = &rest[..end.unwrap_or(rest.len())];
        let is_last = end.is_none();
        match dots(segment.as_bytes()) {
            2 => {
                url.shorten();
                if is_last {
                    url.path.push('/');
                }
            }
            1 => {
                if is_last {
                    url.path.push('/');
                }
            }
            _ if url.scheme == "file" && url.path.is_empty() && is_drive(segment) => {
                url.path.push('/');
                url.path.push_str(&segment[..1]);
                url.path.push(':');
            }
            _ => {
                url.path.push('/');
                encode(&mut url.path, segment, &encode::PATH);
            }
        }
        match end {
            Some(end) => rest = &rest[end + 1..],
            None => return,
        }
    }
}

/// 1 for a single-dot segment, 2 for a double-dot segment, else 0.
pub fn dots(segment: &[u8]) -> u8 {
    if segment.len() > 6 || !matches!(segment.first(), Some(b'.' | b'%')) {
        return 0;
    }
    let mut rest = segment;
    let mut count = 0;
    while !rest.is_empty() {
        rest = match rest {
            [b'.', rest @ ..] => rest,
            [b'%', b'2', b'e' | b'E', rest @ ..] => rest,
            _ => return 0,
        };
        count += 1;
    }
    if count <= 2 { count } else { 0 }
}

/// `input` is empty or begins with `?` or `#`.
fn after_path(url: Record, input: &str) -> Option<Record> {
    match input.as_bytes().first() {
        Some(b'?') => query(url, &input[1..]),
        Some(_) => fragment(url, &input[1..]),
        None => Some(url),
    }
}

/// Opaque path state. Of the spaces at its end the last is encoded where something follows.
fn opaque_path(mut url: Record, input: &str) -> Option<Record> {
    url.has_opaque_path = true;
    let end = input.bytes().position(|b| matches!(b, b'?' | b'#')).unwrap_or(input.len());
    let text = &input[..end];
    match text.strip_suffix(' ') {
        Some(text) if end < input.len() => {
            encode(&mut url.path, text, &encode::C0);
            url.path.push_str("%20");
        }
        _ => encode(&mut url.path, text, &encode::C0),
    }
    after_path(url, &input[end..])
}

fn query(mut url: Record, input: &str) -> Option<Record> {
    let end = input.find('#').unwrap_or(input.len());
    set_query(&mut url, &input[..end]);
    after_path(url, &input[end..])
}

/// Sets the query to the encoded `text`.
pub fn set_query(url: &mut Record, text: &str) {
    let set = if url.is_special() { &encode::SPECIAL_QUERY } else { &encode::QUERY };
    let mut query = String::with_capacity(text.len());
    encode(&mut query, text, set);
    url.query = Some(query);
}

fn fragment(mut url: Record, input: &str) -> Option<Record> {
    set_fragment(&mut url, input);
    Some(url)
}

/// Sets the fragment to the encoded `text`.
pub fn set_fragment(url: &mut Record, text: &str) {
    let mut fragment = String::with_capacity(text.len());
    encode(&mut fragment, text, &encode::FRAGMENT);
    url.fragment = Some(fragment);
}
