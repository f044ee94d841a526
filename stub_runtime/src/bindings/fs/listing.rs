//! Lists of directories: readdir as a whole, and opendir's parts.

use super::disk::{Open, open, retry};
use super::job::{Errno, IntoJs, Name, Outcome, text};
use super::place::{Place, c_str};
use std::ffi::{CStr, CString};

/// A name in a directory and what it is, as `UV_DIRENT_*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub name: Vec<u8>,
    pub kind: u8,
}

/// `UV_DIRENT_*`.
pub const FILE: u8 = 1;
pub const DIRECTORY: u8 = 2;
pub const LINK: u8 = 3;

/// A list as JavaScript wants it.
pub struct Listing {
    pub items: Vec<Item>,
    /// Whether kinds are given: `[names, kinds]` instead of `names`.
    pub kinds: bool,
    /// Whether names are bytes.
    pub raw: bool,
}

impl IntoJs for Listing {
    fn into_js<'s>(self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        let kinds: Vec<v8::Local<v8::Value>> = if self.kinds {
            self.items.iter().map(|item| v8::Integer::new(scope, item.kind.into()).into()).collect()
        } else {
            Vec::new()
        };
        let raw = self.raw;
        let name = |item: Item| if raw { item.name.into_js(scope) } else { text(scope, &item.name) };
        let names: Vec<v8::Local<v8::Value>> = self.items.into_iter().map(name).collect();
        let names = v8::Array::new_with_elements(scope, &names);
        if !self.kinds {
            return names.into();
        }
        let kinds = v8::Array::new_with_elements(scope, &kinds);
        v8::Array::new_with_elements(scope, &[names.into(), kinds.into()]).into()
    }
}

/// Every name in a directory, sorted by bytes as libuv's scandir has them.
pub fn read(path: &CStr) -> Outcome<Vec<Item>> {
    let fd = Open(open(path, libc::O_RDONLY | libc::O_DIRECTORY, 0)?);
    let mut items = Vec::new();
    let mut buffer = vec![0u64; 4096];
    while part(fd.0, &mut buffer, &mut items)? {}
    items.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    Ok(items)
}

/// The next names of an open directory, in the kernel's order; none at its end.
pub fn next(fd: i32, room: usize) -> Outcome<Vec<Item>> {
    let mut items = Vec::new();
    // A name takes 24 bytes and its length: about `room` of them, never less than the longest one.
    let mut buffer = vec![0u64; room.clamp(32, 4096) * 5];
    while items.is_empty() && part(fd, &mut buffer, &mut items)? {}
    Ok(items)
}

/// One getdents64(2); false at the end.
fn part(fd: i32, buffer: &mut [u64], items: &mut Vec<Item>) -> Outcome<bool> {
    let size = std::mem::size_of_val(buffer);
    // SAFETY: `size` bytes to write to, aligned as the records want it.
    let got = retry(|| unsafe { libc::syscall(libc::SYS_getdents64, fd, buffer.as_mut_ptr(), size) as isize })?;
    // SAFETY: any u64 is eight bytes; the kernel wrote `got` of them.
    let mut rest: &[u8] = unsafe { std::slice::from_raw_parts(buffer.as_ptr().cast(), got as usize) };
    // d_ino 8, d_off 8, d_reclen 2, d_type 1, d_name.
    while rest.len() > 19 {
        let length = usize::from(u16::from_ne_bytes([rest[16], rest[17]]));
        let Some(record) = rest.get(..length).filter(|r| r.len() > 19) else { break };
        let name = record[19..].split(|b| *b == 0).next().unwrap_or_default();
        if name != b"." && name != b".." {
            let kind = match record[18] {
                libc::DT_UNKNOWN => kind_of(fd, name),
                known => kind_from_type(known),
            };
            items.push(Item { name: name.to_vec(), kind });
        }
        rest = &rest[length..];
    }
    Ok(got > 0)
}

/// A tree, each directory before those below it and level by level, as Node lists one.
pub struct TreeListing {
    items: Vec<(Item, usize)>,
    /// Relative to the root, which is the empty one.
    directories: Vec<Vec<u8>>,
    raw: bool,
    failed: Option<(Errno, Vec<u8>)>,
}

/// Reads the tree below `root`; links to directories are followed, as Node follows them.
pub fn read_tree(root: Vec<u8>, raw: bool) -> TreeListing {
    let mut tree = TreeListing { items: Vec::new(), directories: vec![Vec::new()], raw, failed: None };
    let mut at = 0;
    while at < tree.directories.len() {
        let directory = join(&root, &tree.directories[at]);
        let items = match list(&Place::new(directory.clone())) {
            Ok(items) => items,
            Err(errno) => {
                tree.failed = Some((errno, directory));
                break;
            }
        };
        for item in items {
            let below =
                item.kind == DIRECTORY || item.kind == LINK && is_directory(&Place::new(join(&directory, &item.name)));
            if below {
                let path = join(&tree.directories[at], &item.name);
                tree.directories.push(path);
            }
            tree.items.push((item, at));
        }
        at += 1;
    }
    tree
}

fn join(path: &[u8], name: &[u8]) -> Vec<u8> {
    let slash: &[u8] = if path.is_empty() || name.is_empty() || path.ends_with(b"/") { b"" } else { b"/" };
    [path, slash, name].concat()
}

/// The names in a directory.
pub fn list(place: &Place) -> Outcome<Vec<Item>> {
    match place {
        Place::Disk(path) => read(c_str(path)),
        Place::Embedded(path) => super::embedded::list(path),
    }
}

fn is_directory(place: &Place) -> bool {
    match place {
        Place::Disk(path) => super::stat::kind(c_str(path)) == Ok(1),
        Place::Embedded(path) => super::embedded::kind(path) == Ok(1),
    }
}

/// `[names, kinds, the index of each one's directory, directories]`; where a directory could not be read
/// `[errno, its path]`.
impl IntoJs for TreeListing {
    fn into_js<'s>(self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        if let Some((errno, path)) = self.failed {
            let errno = v8::Integer::new(scope, errno.code()).into();
            let path = text(scope, &path);
            return v8::Array::new_with_elements(scope, &[errno, path]).into();
        }
        let raw = self.raw;
        let mut lists: [Vec<v8::Local<v8::Value>>; 4] = Default::default();
        for (item, owner) in self.items {
            lists[1].push(v8::Integer::new(scope, item.kind.into()).into());
            lists[2].push(v8::Integer::new_from_unsigned(scope, owner as u32).into());
            lists[0].push(Name { bytes: item.name, raw }.into_js(scope));
        }
        lists[3] = self.directories.into_iter().map(|bytes| Name { bytes, raw }.into_js(scope)).collect();
        let lists = lists.map(|list| v8::Array::new_with_elements(scope, &list).into());
        v8::Array::new_with_elements(scope, &lists).into()
    }
}

fn kind_from_type(d_type: u8) -> u8 {
    match d_type {
        libc::DT_REG => FILE,
        libc::DT_DIR => DIRECTORY,
        libc::DT_LNK => LINK,
        libc::DT_FIFO => 4,
        libc::DT_SOCK => 5,
        libc::DT_CHR => 6,
        libc::DT_BLK => 7,
        _ => 0,
    }
}

/// Where the file system does not tell what a name is.
fn kind_of(fd: i32, name: &[u8]) -> u8 {
    let Ok(name) = CString::new(name) else { return 0 };
    // SAFETY: plain data, all zeros is one.
    let mut s: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: a NUL-terminated name and memory for the answer.
    if unsafe { libc::fstatat(fd, name.as_ptr(), &mut s, libc::AT_SYMLINK_NOFOLLOW) } != 0 {
        return 0;
    }
    // DT_* are the bits of S_IFMT.
    kind_from_type(((s.st_mode & libc::S_IFMT) >> 12) as u8)
}
