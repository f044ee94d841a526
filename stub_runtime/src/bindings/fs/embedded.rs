//! The tree inside the executable, as a read-only file system with the kernel's errnos.
//!
//! Owns: what each operation answers below `/proc/self/exe/app`. Does not own: the tree's format (crate `payload`).

use super::job::{Errno, Outcome};
use super::listing::{self, Item};
use super::open_files::{self, OpenFile};
use super::place::ROOT;
use super::stat::Stat;
use payload::{Entry, EntryKind, ResolveError, Tree};
use std::borrow::Cow;

/// A device number of its own: tools compare `dev` and `ino`.
const DEVICE: u64 = 0x7061_636b;
const BLOCK: u64 = 4096;

fn tree() -> Outcome<&'static Tree<'static>> {
    crate::app::app().map(|p| p.tree()).ok_or(Errno::new(libc::ENOENT))
}

/// The entry of a path below the root.
pub fn entry(path: &str, follow: bool) -> Outcome<Entry<'static>> {
    let found = tree()?.resolve(path.trim_end_matches('/'), follow || path.ends_with('/'));
    let entry = found.map_err(|error| {
        Errno::new(match error {
            ResolveError::NotFound | ResolveError::Outside => libc::ENOENT,
            ResolveError::NotDirectory => libc::ENOTDIR,
            ResolveError::Loop => libc::ELOOP,
        })
    })?;
    if path.ends_with('/') && entry.kind() != EntryKind::Directory {
        return Err(Errno::new(libc::ENOTDIR));
    }
    Ok(entry)
}

/// stat, or lstat unless `follow`.
pub fn stat(path: &str, follow: bool) -> Outcome<Stat> {
    Ok(stat_of(&entry(path, follow)?))
}

fn stat_of(entry: &Entry) -> Stat {
    let (kind, links) = match entry.kind() {
        EntryKind::Directory => {
            let inside = entry.children().filter(|c| c.kind() == EntryKind::Directory).count();
            (libc::S_IFDIR | 0o555, 2 + inside as u64)
        }
        EntryKind::File(_) => (libc::S_IFREG | 0o444 | entry.mode() & 0o111, 1),
        EntryKind::Symlink(_) => (libc::S_IFLNK | 0o777, 1),
    };
    let size = entry.size();
    Stat {
        dev: DEVICE,
        mode: kind.into(),
        nlink: links,
        blksize: BLOCK,
        // No file has inode 0.
        ino: u64::from(entry.index()) + 1,
        size,
        blocks: size.div_ceil(512),
        // No times: the same input gives the same bytes. Files of 1970 are older than anything they are compared with.
        ..Stat::default()
    }
}

/// type, bsize, blocks, bfree, bavail, files, ffree: full, like any read-only file system.
pub fn statfs(path: &str) -> Outcome<[i64; 7]> {
    entry(path, true)?;
    let size: u64 = tree()?.entries().map(|e| e.size().div_ceil(BLOCK)).sum();
    Ok([DEVICE as i64, BLOCK as i64, size as i64, 0, 0, tree()?.len().into(), 0])
}

/// access(2).
pub fn access(path: &str, mode: i32) -> Outcome<()> {
    let entry = entry(path, true)?;
    if mode & libc::W_OK != 0 {
        return Err(Errno::new(libc::EROFS));
    }
    let executable = entry.kind() == EntryKind::Directory || entry.mode() & 0o111 != 0;
    if mode & libc::X_OK != 0 && !executable { Err(Errno::new(libc::EACCES)) } else { Ok(()) }
}

/// The names in a directory, by name.
pub fn list(path: &str) -> Outcome<Vec<Item>> {
    let entry = entry(path, true)?;
    match entry.kind() {
        EntryKind::Directory => Ok(items(&entry)),
        _ => Err(Errno::new(libc::ENOTDIR)),
    }
}

fn items(directory: &Entry) -> Vec<Item> {
    let item = |child: Entry| Item {
        name: child.name().as_bytes().to_vec(),
        kind: match child.kind() {
            EntryKind::Directory => listing::DIRECTORY,
            EntryKind::File(_) => listing::FILE,
            EntryKind::Symlink(_) => listing::LINK,
        },
    };
    directory.children().map(item).collect()
}

/// open(2), read-only.
pub fn open(path: &str, flags: i32) -> Outcome<i32> {
    let found = entry(path, flags & libc::O_NOFOLLOW == 0);
    let writes = flags & libc::O_ACCMODE != libc::O_RDONLY || flags & libc::O_TRUNC != 0;
    let entry = match found {
        Ok(_) if flags & libc::O_CREAT != 0 && flags & libc::O_EXCL != 0 => return Err(Errno::new(libc::EEXIST)),
        Ok(entry) => entry,
        Err(errno) if errno.number() == libc::ENOENT && flags & libc::O_CREAT != 0 => return Err(refuse_new(path)),
        Err(errno) => return Err(errno),
    };
    let bytes = match entry.kind() {
        EntryKind::Symlink(_) => return Err(Errno::new(libc::ELOOP)),
        EntryKind::Directory if writes => return Err(Errno::new(libc::EISDIR)),
        _ if writes => return Err(Errno::new(libc::EROFS)),
        EntryKind::File(_) if flags & libc::O_DIRECTORY != 0 => return Err(Errno::new(libc::ENOTDIR)),
        EntryKind::Directory => None,
        EntryKind::File(_) => Some(contents(&entry)?),
    };
    let items = if bytes.is_none() { items(&entry) } else { Vec::new() };
    open_files::insert(OpenFile { stat: stat_of(&entry), bytes, items: items.into(), position: 0.into() })
}

/// The bytes of a file. Of the errno, step 0 is open and 2 is read, as in `transfer::read_path`.
pub fn read_file(path: &str, flags: i32) -> Outcome<Cow<'static, [u8]>> {
    let entry = entry(path, true)?;
    if flags & libc::O_ACCMODE != libc::O_RDONLY || flags & (libc::O_CREAT | libc::O_TRUNC) != 0 {
        return Err(Errno::new(libc::EROFS));
    }
    match entry.kind() {
        EntryKind::Directory => Err(Errno::new(libc::EISDIR).at(2)),
        _ => contents(&entry),
    }
}

/// For a copy to the disk: contents, and the permission bits that the file had there.
pub fn original(path: &str) -> Outcome<(Cow<'static, [u8]>, u32)> {
    let entry = entry(path, true)?;
    match entry.kind() {
        EntryKind::Directory => Err(Errno::new(libc::EISDIR)),
        _ => Ok((contents(&entry)?, entry.mode())),
    }
}

/// What `fs` shows of a file: its original bytes, unpacked and in the encoding they had.
fn contents(entry: &Entry<'static>) -> Outcome<Cow<'static, [u8]>> {
    match entry.file() {
        None => Ok(Cow::Borrowed(&[])),
        Some(blob) => Ok(crate::embedded_data::file(blob)),
    }
}

/// readlink(2).
pub fn readlink(path: &str) -> Outcome<Vec<u8>> {
    match entry(path, false)?.kind() {
        EntryKind::Symlink(target) => Ok(target.as_bytes().to_vec()),
        _ => Err(Errno::new(libc::EINVAL)),
    }
}

/// realpath(3).
pub fn realpath(path: &str) -> Outcome<Vec<u8>> {
    let entry = entry(path, true)?;
    let mut out = ROOT.to_vec();
    if !entry.path().is_empty() {
        out.push(b'/');
        out.extend_from_slice(entry.path().as_bytes());
    }
    Ok(out)
}

/// What the module loader asks of a path: 0 a file, 1 a directory.
pub fn kind(path: &str) -> Outcome<i32> {
    Ok(i32::from(entry(path, true)?.kind() == EntryKind::Directory))
}

/// Why nothing new can be made at this path: it is there, its parent is not, or EROFS.
pub fn refuse_new(path: &str) -> Errno {
    let path = path.trim_end_matches('/');
    match entry(path, false) {
        Ok(_) => Errno::new(libc::EEXIST),
        Err(errno) if errno.number() != libc::ENOENT => errno,
        Err(_) => {
            let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
            entry(parent, true).err().unwrap_or(Errno::new(libc::EROFS))
        }
    }
}
