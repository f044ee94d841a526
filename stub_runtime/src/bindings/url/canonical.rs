//! Absolute URLs of special schemes that are written as the standard writes them already: most of those that programs have.
//!
//! What is found here needs no copy: the text of the URL is the input. Anything unusual is left to the parser, also where it
//! would leave it as it is.

use super::encode::{self, Set};
use super::parser::dots;
use super::record::{OMITTED, is_drive, scheme_type, special};

/// The offsets of [`super::record::Record::write`]; `None` where `text` is not what parsing it would give.
pub fn offsets(text: &[u8]) -> Option<[u32; 9]> {
    let colon = text.iter().take(6).position(|&byte| byte == b':')?;
    let scheme = std::str::from_utf8(&text[..colon]).ok()?;
    let default_port = special(scheme)?;
    let start = colon + 3;
    if text.get(colon + 1..start)? != b"//" {
        return None;
    }
    let path_start = start + text[start..].iter().position(|&byte| byte == b'/')?;
    let mut host_start = start;
    let mut username_end = start;
    let mut host_end = path_start;
    let mut port = OMITTED;
    match default_port {
        // `file:` has a host in URLs of other systems only, and drives are spelled in more than one way.
        None if host_end > host_start || text.get(start + 1..start + 3).is_some_and(drive) => return None,
        None => {}
        Some(default_port) => {
            let mut host = start;
            if let Some(at) = text[start..path_start].iter().position(|&byte| byte == b'@') {
                username_end = credentials(&text[start..start + at])? + start;
                host_start = start + at;
                host = host_start + 1;
            }
            if let Some(at) = text[host..path_start].iter().position(|&byte| byte == b':') {
                host_end = host + at;
                port = port_number(&text[host_end + 1..path_start])?;
                if u32::from(default_port) == port {
                    return None;
                }
            }
            if !is_plain_domain(&text[host..host_end]) {
                return None;
            }
        }
    }
    let rest = &text[path_start..];
    let path_end = rest.iter().position(|&byte| matches!(byte, b'?' | b'#')).unwrap_or(rest.len());
    if !plain(&rest[..path_end], &encode::PATH) || has_dots(&rest[..path_end]) {
        return None;
    }
    let (mut search_start, mut hash_start) = (OMITTED, OMITTED);
    let mut rest = &text[path_start + path_end..];
    if rest.first() == Some(&b'?') {
        search_start = (path_start + path_end) as u32;
        let end = rest.iter().position(|&byte| byte == b'#').unwrap_or(rest.len());
        if !plain(&rest[1..end], &encode::SPECIAL_QUERY) {
            return None;
        }
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        hash_start = (text.len() - rest.len()) as u32;
        if !plain(&rest[1..], &encode::FRAGMENT) {
            return None;
        }
    }
    let [username_end, host_start, host_end, path_start] =
        [username_end, host_start, host_end, path_start].map(|at| at as u32);
    let kind = scheme_type(scheme);
    Some([colon as u32 + 1, username_end, host_start, host_end, port, path_start, search_start, hash_start, kind])
}

fn drive(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(is_drive)
}

/// Whether nothing in `text` is to be encoded.
fn plain(text: &[u8], set: &Set) -> bool {
    !text.iter().any(|&byte| set.has(byte))
}

/// Whether a segment of the path is `.` or `..` in any spelling, or ends with a backslash.
fn has_dots(path: &[u8]) -> bool {
    let mut before = 0;
    path.iter().enumerate().any(|(i, &byte)| {
        let starts = before == b'/' && matches!(byte, b'.' | b'%');
        before = byte;
        byte == b'\\' || starts && dots(path[i..].split(|&byte| byte == b'/').next().unwrap_or_default()) != 0
    })
}

/// Where the username ends.
fn credentials(text: &[u8]) -> Option<usize> {
    let end = text.iter().position(|&byte| byte == b':');
    let (username, password) = end.map_or((text, None), |end| (&text[..end], Some(&text[end + 1..])));
    let plain = plain(username, &encode::USERINFO) && password.is_none_or(|text| plain(text, &encode::USERINFO));
    // An empty part is left out.
    (plain && !username.is_empty() && password != Some(b"")).then_some(username.len())
}

fn port_number(digits: &[u8]) -> Option<u32> {
    if !(1..=5).contains(&digits.len()) || digits[0] == b'0' || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let port = digits.iter().fold(0, |port, digit| port * 10 + u32::from(digit - b'0'));
    (port <= u32::from(u16::MAX)).then_some(port)
}

/// Whether this is a domain of small ASCII letters that is no address and not in Punycode.
fn is_plain_domain(host: &[u8]) -> bool {
    let last = host.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    host.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_'))
        // Addresses end with a number, hexadecimal ones too; a dot at the end may follow one.
        && last.first().is_some_and(u8::is_ascii_lowercase)
        && !host.windows(4).any(|part| part == b"xn--")
}
