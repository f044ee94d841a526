//! Where a path leads: to the disk, or into the tree inside this executable.

use super::embedded;
use super::job::{Errno, FromArg, Outcome};
use std::ffi::CStr;

/// The root of the embedded tree.
pub const ROOT: &[u8] = crate::app::ROOT.as_bytes();

/// A path argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Bytes for the kernel, a NUL at their end.
    Disk(Vec<u8>),
    /// Relative to the embedded tree's root, as [`payload::Tree::resolve`] takes it.
    Embedded(String),
}

impl Place {
    /// The place of these bytes.
    pub fn new(path: Vec<u8>) -> Self {
        if crate::app::app().is_some()
            && let Some(inside) = inside(&path)
        {
            return Place::Embedded(String::from_utf8_lossy(&inside).into_owned());
        }
        Place::disk(path)
    }

    fn disk(mut path: Vec<u8>) -> Self {
        // JavaScript has refused paths with NUL in them; if one comes all the same it ends there, as in C.
        if let Some(end) = path.iter().position(|b| *b == 0) {
            path.truncate(end);
        }
        path.push(0);
        Place::Disk(path)
    }

    /// The path of something that is changed or removed; EROFS inside the executable, or why it is not there.
    pub fn writable(&self) -> Outcome<&CStr> {
        match self {
            Place::Disk(path) => Ok(c_str(path)),
            Place::Embedded(path) => Err(embedded::entry(path, false).err().unwrap_or(Errno::new(libc::EROFS))),
        }
    }

    /// The path of something that is made; EROFS inside the executable, unless more is wrong with it.
    pub fn creatable(&self) -> Outcome<&CStr> {
        match self {
            Place::Disk(path) => Ok(c_str(path)),
            Place::Embedded(path) => Err(embedded::refuse_new(path)),
        }
    }

    /// The path of something that is made or replaced.
    pub fn replaceable(&self) -> Outcome<&CStr> {
        self.creatable().map_err(|errno| if errno.number() == libc::EEXIST { Errno::new(libc::EROFS) } else { errno })
    }
}

/// The text of `Place::Disk`.
pub fn c_str(path: &[u8]) -> &CStr {
    CStr::from_bytes_until_nul(path).unwrap_or(c"")
}

/// The part of `path` below the embedded root, `None` where it lies elsewhere.
fn inside(path: &[u8]) -> Option<Vec<u8>> {
    if path.first() != Some(&b'/') {
        return None;
    }
    let below = |path: &[u8]| match path.strip_prefix(ROOT) {
        Some([]) => Some(Vec::new()),
        Some([b'/', rest @ ..]) => Some(rest.to_vec()),
        _ => None,
    };
    let odd = |path: &[u8]| path.windows(2).any(|w| w == b"//" || w == b"/.");
    match below(path) {
        Some(rest) if !odd(&path[ROOT.len()..]) => Some(rest),
        None if !odd(path) => None,
        // Dots and doubled slashes: by the text, as path.resolve() has it, decides whether it is below the root.
        at_root => {
            let mut normal = normalize(path);
            if at_root.is_none() && path.ends_with(b"/") && normal != b"/" {
                normal.push(b'/');
            }
            let by_text = below(&normal)?;
            // Where the root is written out plainly, what follows is walked as it stands: `link/..` is not nothing.
            Some(at_root.unwrap_or(by_text))
        }
    }
}

fn normalize(path: &[u8]) -> Vec<u8> {
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|b| *b == b'/') {
        match part {
            b"" | b"." => {}
            b".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let mut out = Vec::with_capacity(path.len());
    for part in parts {
        out.push(b'/');
        out.extend_from_slice(part);
    }
    if out.is_empty() {
        out.push(b'/');
    }
    out
}

/// A string or bytes (a Buffer: paths need not be UTF-8).
impl FromArg for Place {
    fn from_arg(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, _: bool) -> Self {
        Place::new(path_bytes(scope, value))
    }
}

/// A path as it came.
pub struct PathBytes(pub Vec<u8>);

impl FromArg for PathBytes {
    fn from_arg(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, _: bool) -> Self {
        PathBytes(path_bytes(scope, value))
    }
}

/// The bytes of a path argument, with room for a NUL.
fn path_bytes(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Vec<u8> {
    if let Ok(text) = v8::Local::<v8::String>::try_from(value) {
        let mut out = String::with_capacity(text.length() + 1);
        text.write_utf8_into(scope, &mut out);
        return out.into_bytes();
    }
    crate::binding::bytes(value).map_or_else(Vec::new, |bytes| bytes.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> Option<String> {
        inside(path.as_bytes()).map(|p| String::from_utf8(p).unwrap())
    }

    #[test]
    fn below_the_root() {
        assert_eq!(at("/proc/self/exe/app").as_deref(), Some(""));
        assert_eq!(at("/proc/self/exe/app/").as_deref(), Some(""));
        assert_eq!(at("/proc/self/exe/app/a/b.js").as_deref(), Some("a/b.js"));
        assert_eq!(at("//proc/self/./exe//app/a").as_deref(), Some("a"));
        assert_eq!(at("/tmp/../proc/self/exe/app/a").as_deref(), Some("a"));
        assert_eq!(at("/proc/self/exe/app/a/../b").as_deref(), Some("a/../b"));
    }

    #[test]
    fn elsewhere() {
        assert_eq!(at("/proc/self/exe/apple"), None);
        assert_eq!(at("/proc/self/exe"), None);
        assert_eq!(at("/proc/self/exe/app/.."), None);
        assert_eq!(at("/proc/self/exe/app/../../exe"), None);
        assert_eq!(at("proc/self/exe/app"), None);
    }
}
