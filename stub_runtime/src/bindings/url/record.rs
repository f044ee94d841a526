//! The URL record of the standard and the way it is written.

use std::fmt::Write;

/// A component that is not there, in [`Record::write`]'s offsets.
pub const OMITTED: u32 = u32::MAX;

/// A parsed URL. All parts are percent-encoded already.
#[derive(Clone, Default)]
pub struct Record {
    /// Without the colon.
    pub scheme: String,
    pub username: String,
    pub password: String,
    pub host: Option<String>,
    /// `None` for the default port of the scheme.
    pub port: Option<u16>,
    /// `/a/b`, or anything where it is opaque (`mailto:x`).
    pub path: String,
    pub has_opaque_path: bool,
    /// Without `?` and `#`.
    pub query: Option<String>,
    pub fragment: Option<String>,
}

/// The default port of a special scheme; `Some(None)` for `file`, `None` for schemes that are not special.
pub fn special(scheme: &str) -> Option<Option<u16>> {
    match scheme {
        "http" | "ws" => Some(Some(80)),
        "https" | "wss" => Some(Some(443)),
        "ftp" => Some(Some(21)),
        "file" => Some(None),
        _ => None,
    }
}

/// Node's numbers of the schemes (`URLContext#scheme_type`).
pub fn scheme_type(scheme: &str) -> u32 {
    match scheme {
        "http" => 0,
        "https" => 2,
        "ws" => 3,
        "ftp" => 4,
        "wss" => 5,
        "file" => 6,
        _ => 1,
    }
}

impl Record {
    /// Whether the scheme is one of http, https, ws, wss, ftp, file.
    pub fn is_special(&self) -> bool {
        special(&self.scheme).is_some()
    }

    /// Whether there is a username or a password.
    pub fn has_credentials(&self) -> bool {
        !self.username.is_empty() || !self.password.is_empty()
    }

    /// Whether setting username, password or port does nothing.
    pub fn cannot_have_credentials_or_port(&self) -> bool {
        self.host.as_deref().is_none_or(str::is_empty) || self.scheme == "file"
    }

    /// Removes the last segment of the path, but not the drive of a file.
    pub fn shorten(&mut self) {
        if self.scheme == "file" && self.path.len() == 3 && is_normalized_drive(&self.path[1..]) {
            return;
        }
        if let Some(at) = self.path.rfind('/') {
            self.path.truncate(at);
        }
    }

    /// The URL as text, and its parts as JavaScript's `URLContext` has them: protocol_end, username_end, host_start, host_end,
    /// port, pathname_start, search_start, hash_start, scheme_type.
    pub fn write(&self) -> (String, [u32; 9]) {
        let rest = self.host.as_ref().map_or(0, String::len)
            + self.query.as_ref().map_or(0, String::len)
            + self.fragment.as_ref().map_or(0, String::len);
        let mut out = String::with_capacity(self.scheme.len() + self.username.len() + self.path.len() + rest + 16);
        out.push_str(&self.scheme);
        out.push(':');
        let protocol_end = out.len() as u32;
        let mut username_end = protocol_end;
        let mut host_start = protocol_end;
        let mut host_end = protocol_end;
        match &self.host {
            Some(host) => {
                out.push_str("//");
                out.push_str(&self.username);
                username_end = out.len() as u32;
                if !self.password.is_empty() {
                    out.push(':');
                    out.push_str(&self.password);
                }
                host_start = out.len() as u32;
                if self.has_credentials() {
                    out.push('@');
                }
                out.push_str(host);
                host_end = out.len() as u32;
                if let Some(port) = self.port {
                    let _ = write!(out, ":{port}");
                }
            }
            // Without a host `//` would read as one.
            None if !self.has_opaque_path && self.path.starts_with("//") => out.push_str("/."),
            None => {}
        }
        let pathname_start = out.len() as u32;
        out.push_str(&self.path);
        let mut part = |mark, text: &Option<String>| match text {
            Some(text) => {
                let start = out.len() as u32;
                out.push(mark);
                out.push_str(text);
                start
            }
            None => OMITTED,
        };
        let search_start = part('?', &self.query);
        let hash_start = part('#', &self.fragment);
        let port = self.port.map_or(OMITTED, u32::from);
        let kind = scheme_type(&self.scheme);
        let offsets =
            [protocol_end, username_end, host_start, host_end, port, pathname_start, search_start, hash_start, kind];
        (out, offsets)
    }
}

/// Whether `text` is a letter and a `:` or `|`.
pub fn is_drive(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':' | b'|'] if letter.is_ascii_alphabetic())
}

/// Whether `text` is a letter and a `:`.
pub fn is_normalized_drive(text: &str) -> bool {
    is_drive(text) && text.ends_with(':')
}

/// Whether `text` begins with a drive that a separator or nothing follows.
pub fn starts_with_drive(text: &str) -> bool {
    text.get(..2).is_some_and(is_drive) && matches!(text.as_bytes().get(2), None | Some(b'/' | b'\\' | b'?' | b'#'))
}
