//! The setters of the `URL` class: the URL parser with a state override.

use super::encode::{self, encode};
use super::host;
use super::parser::{
    self, authority_length, push_segments, set_fragment, set_port, set_query, split_port, without_tabs,
};
use super::record::{Record, special};

/// A part that can be set. The numbers are those of `js/internal/url.js`.
#[derive(Clone, Copy)]
pub enum Part {
    Protocol,
    Host,
    Hostname,
    Port,
    Username,
    Password,
    Pathname,
    Search,
    Hash,
}

impl Part {
    /// The part of that number.
    pub fn from_number(number: u32) -> Option<Part> {
        use Part::*;
        [Protocol, Host, Hostname, Port, Username, Password, Pathname, Search, Hash].get(number as usize).copied()
    }
}

/// Sets a part; where the standard says that the value is not one, the URL stays.
pub fn set(url: &mut Record, part: Part, value: &str) {
    // What a failing step would have changed before it failed is not kept.
    let mut changed = url.clone();
    if try_set(&mut changed, part, value).is_some() {
        *url = changed;
    }
}

fn try_set(url: &mut Record, part: Part, value: &str) -> Option<()> {
    match part {
        Part::Username | Part::Password => {
            if url.cannot_have_credentials_or_port() {
                return None;
            }
            let mut encoded = String::new();
            encode(&mut encoded, value, &encode::USERINFO);
            match part {
                Part::Username => url.username = encoded,
                _ => url.password = encoded,
            }
        }
        Part::Protocol => protocol(url, &without_tabs(value))?,
        Part::Host | Part::Hostname => {
            if url.has_opaque_path {
                return None;
            }
            set_host(url, &without_tabs(value), matches!(part, Part::Hostname))?;
        }
        Part::Port => {
            if url.cannot_have_credentials_or_port() {
                return None;
            }
            if value.is_empty() {
                url.port = None;
            } else {
                port(url, &without_tabs(value))?;
            }
        }
        Part::Pathname => {
            if url.has_opaque_path {
                return None;
            }
            pathname(url, &without_tabs(value));
        }
        Part::Search => {
            if value.is_empty() {
                url.query = None;
            } else {
                let value = without_tabs(value);
                set_query(url, value.strip_prefix('?').unwrap_or(&value));
            }
        }
        Part::Hash => {
            if value.is_empty() {
                url.fragment = None;
            } else {
                let value = without_tabs(value);
                set_fragment(url, value.strip_prefix('#').unwrap_or(&value));
            }
        }
    }
    Some(())
}

fn protocol(url: &mut Record, value: &str) -> Option<()> {
    let value = format!("{value}:");
    let (scheme, _) = parser::split_scheme(&value)?;
    if special(&scheme).is_some() != url.is_special() {
        return None;
    }
    if scheme == "file" && (url.has_credentials() || url.port.is_some()) {
        return None;
    }
    if url.scheme == "file" && url.host.as_deref() == Some("") {
        return None;
    }
    url.scheme = scheme;
    if special(&url.scheme) == Some(url.port) {
        url.port = None;
    }
    Some(())
}

fn set_host(url: &mut Record, value: &str, hostname_only: bool) -> Option<()> {
    let is_special = url.is_special();
    let value = &value[..authority_length(value, is_special)];
    if url.scheme == "file" {
        let parsed = if value.is_empty() { String::new() } else { host::parse(value, false)? };
        url.host = Some(if parsed == "localhost" { String::new() } else { parsed });
        return Some(());
    }
    let (name, digits) = split_port(value);
    if digits.is_some() && (name.is_empty() || hostname_only) {
        return None;
    }
    if name.is_empty() && (is_special || url.has_credentials() || url.port.is_some()) {
        return None;
    }
    url.host = Some(host::parse(name, !is_special)?);
    if let Some(digits) = digits {
        // A port that is none leaves the host set.
        let _ = port(url, digits);
    }
    Some(())
}

/// Takes the digits at the start of `value`.
fn port(url: &mut Record, value: &str) -> Option<()> {
    let end = value.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(value.len());
    if end == 0 {
        return None;
    }
    set_port(url, &value[..end])
}

fn pathname(url: &mut Record, value: &str) {
    url.path.clear();
    if url.is_special() {
        push_segments(url, value.strip_prefix(['/', '\\']).unwrap_or(value));
    } else if !value.is_empty() {
        push_segments(url, value.strip_prefix('/').unwrap_or(value));
    } else if url.host.is_none() {
        url.path.push('/');
    }
}
