//! `internalBinding('fs')`: every file operation, on the disk and in the tree inside the executable.
//!
//! Owns: the list of operations, and for each which file system answers. Does not own: the calls themselves (`fs/*.rs`), Node's
//! arguments and errors (`js/fs.js`, `js/internal/fs/`).
//!
//! An operation takes its arguments and then, optionally, a callback: with one it runs on the pool and calls
//! `callback(errno or 0, result)`, without one it runs at once. A failure is a negative errno, as libuv's; of operations that are
//! several system calls in one, 10000 is subtracted for each step before the one that failed.

mod constants;
mod disk;
mod embedded;
pub mod job;
mod listing;
mod open_files;
mod place;
mod remove;
mod stat;
mod transfer;

use crate::binding;
use job::{Errno, File, FromArg, Name, Outcome, Region, operations};
use listing::Listing;
use place::PathBytes;
pub use place::{Place, c_str};
use stat::Target;
use transfer::Whole;

/// The bytes of a file of the embedded tree, `None` where the path is none of it.
pub fn embedded_file(path: &str) -> Option<std::borrow::Cow<'static, [u8]>> {
    match Place::new(path.as_bytes().to_vec()) {
        Place::Embedded(path) => embedded::read_file(&path, libc::O_RDONLY).ok(),
        Place::Disk(_) => None,
    }
}

/// The place of a path argument.
pub fn path_of(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Place {
    Place::from_arg(scope, value, false)
}

/// EBADF where the descriptor is of an embedded file, which cannot be written to.
fn only_disk(fd: i32, errno: i32) -> Outcome<()> {
    if open_files::get(fd).is_some() { Err(Errno::new(errno)) } else { Ok(()) }
}

impl job::IntoJs for Whole {
    fn into_js<'s>(self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        match self {
            Whole::Bytes(bytes) => bytes.into_js(scope),
            Whole::TooLarge(size) => (size as f64).into_js(scope),
        }
    }
}

fn read_whole(file: &File, flags: i32) -> Outcome<Whole> {
    match file {
        File::Path(Place::Disk(path)) => transfer::read_path(c_str(path), flags),
        File::Path(Place::Embedded(path)) => Ok(Whole::Bytes(embedded::read_file(path, flags)?.into_owned())),
        File::Descriptor(fd) => match open_files::get(*fd) {
            Some(file) => file.rest().map(Whole::Bytes).map_err(|e| e.at(2)),
            None => transfer::read_descriptor(*fd),
        },
    }
}

operations! {
    /// `access(path, mode)`.
    fn access(path: Place, mode: i32) -> () {
        match path {
            Place::Disk(path) => disk::access(c_str(&path), mode),
            Place::Embedded(path) => embedded::access(&path, mode),
        }
    }

    /// `open(path, flags, mode)`: a descriptor.
    fn open(path: Place, flags: i32, mode: u32) -> i32 {
        match path {
            Place::Disk(path) => disk::open(c_str(&path), flags, mode),
            Place::Embedded(path) => embedded::open(&path, flags),
        }
    }

    /// `close(fd)`.
    fn close(fd: i32) -> () {
        open_files::remove(fd);
        disk::close(fd)
    }

    /// `read(fd, view, offset, length, position)`: bytes read.
    fn read(fd: i32, view: Region, offset: usize, length: usize, position: i64) -> usize {
        let (data, length) = view.part(offset, length);
        match open_files::get(fd) {
            Some(file) => file.read((data, length), position),
            None => transfer::read(fd, data, length, position),
        }
    }

    /// `readv(fd, views, position)`: bytes read.
    fn readv(fd: i32, views: Vec<Region>, position: i64) -> usize {
        let Some(file) = open_files::get(fd) else { return transfer::readv(fd, &views, position) };
        let mut done = 0;
        for view in &views {
            done += file.read(view.all(), if position < 0 { -1 } else { position + done as i64 })?;
        }
        Ok(done)
    }

    /// `writeBuffer(fd, view, offset, length, position)`: bytes written.
    fn write_buffer(fd: i32, view: Region, offset: usize, length: usize, position: i64) -> usize {
        only_disk(fd, libc::EBADF)?;
        let (data, length) = view.part(offset, length);
        transfer::write(fd, data, length, position)
    }

    /// `writeBuffers(fd, views, position)`: bytes written.
    fn write_buffers(fd: i32, views: Vec<Region>, position: i64) -> usize {
        only_disk(fd, libc::EBADF)?;
        transfer::writev(fd, &views, position)
    }

    /// `writeString(fd, text, position)`: writes it as UTF-8; bytes written.
    fn write_string(fd: i32, text: String, position: i64) -> usize {
        only_disk(fd, libc::EBADF)?;
        transfer::write(fd, text.as_ptr(), text.len(), position)
    }

    /// `readFile(path or fd, flags)`: a Uint8Array; the size as a number where it is too large for one. Steps: open, fstat, read.
    fn read_file(file: File, flags: i32) -> Whole {
        read_whole(&file, flags)
    }

    /// `writeFile(path or fd, view, flags, mode)`. Steps: open, write, close.
    fn write_file(file: File, view: Region, flags: i32, mode: u32) -> () {
        let (data, length) = view.all();
        // SAFETY: the region holds the memory; JavaScript that changes it meanwhile decides what is written, as under libuv.
        let bytes = unsafe { std::slice::from_raw_parts(data, length) };
        save(&file, bytes, flags, mode)
    }

    /// `writeFileUtf8(path or fd, text, flags, mode)`.
    fn write_file_utf8(file: File, text: String, flags: i32, mode: u32) -> () {
        save(&file, text.as_bytes(), flags, mode)
    }

    /// `fsync(fd)`.
    fn fsync(fd: i32) -> () {
        if open_files::get(fd).is_some() { Ok(()) } else { disk::sync(fd, false) }
    }

    /// `fdatasync(fd)`.
    fn fdatasync(fd: i32) -> () {
        if open_files::get(fd).is_some() { Ok(()) } else { disk::sync(fd, true) }
    }

    /// `ftruncate(fd, length)`.
    fn ftruncate(fd: i32, length: i64) -> () {
        only_disk(fd, libc::EINVAL)?;
        disk::ftruncate(fd, length)
    }

    /// `chmod(path, mode)`.
    fn chmod(path: Place, mode: u32) -> () {
        disk::chmod(path.writable()?, mode)
    }

    /// `fchmod(fd, mode)`.
    fn fchmod(fd: i32, mode: u32) -> () {
        only_disk(fd, libc::EROFS)?;
        disk::fchmod(fd, mode)
    }

    /// `chown(path, uid, gid)`.
    fn chown(path: Place, uid: u32, gid: u32) -> () {
        disk::chown(path.writable()?, uid, gid, true)
    }

    /// `lchown(path, uid, gid)`.
    fn lchown(path: Place, uid: u32, gid: u32) -> () {
        disk::chown(path.writable()?, uid, gid, false)
    }

    /// `fchown(fd, uid, gid)`.
    fn fchown(fd: i32, uid: u32, gid: u32) -> () {
        only_disk(fd, libc::EROFS)?;
        disk::fchown(fd, uid, gid)
    }

    /// `utimes(path, atime, mtime)`, in seconds.
    fn utimes(path: Place, atime: f64, mtime: f64) -> () {
        disk::utimes(path.writable()?, atime, mtime, true)
    }

    /// `lutimes(path, atime, mtime)`.
    fn lutimes(path: Place, atime: f64, mtime: f64) -> () {
        disk::utimes(path.writable()?, atime, mtime, false)
    }

    /// `futimes(fd, atime, mtime)`.
    fn futimes(fd: i32, atime: f64, mtime: f64) -> () {
        only_disk(fd, libc::EROFS)?;
        disk::futimes(fd, atime, mtime)
    }

    /// `link(existing, path)`.
    fn link(existing: Place, path: Place) -> () {
        // Never from one file system to another.
        let to = path.creatable()?;
        disk::link(existing.writable().map_err(|_| Errno::new(libc::EXDEV))?, to)
    }

    /// `symlink(target, path)`: the target is text.
    fn symlink(target: Place, path: Place) -> () {
        let path = path.creatable()?;
        match target {
            Place::Disk(target) => disk::symlink(c_str(&target), path),
            // Only this process could follow it: whoever else does gets ENOTDIR.
            Place::Embedded(_) => Err(Errno::new(libc::EXDEV)),
        }
    }

    /// `readlink(path, raw)`.
    fn readlink(path: Place, raw: bool) -> Name {
        let bytes = match path {
            Place::Disk(path) => disk::readlink(c_str(&path))?,
            Place::Embedded(path) => embedded::readlink(&path)?,
        };
        Ok(Name { bytes, raw })
    }

    /// `realpath(path, raw)`.
    fn realpath(path: Place, raw: bool) -> Name {
        let bytes = match path {
            Place::Disk(path) => disk::realpath(c_str(&path))?,
            Place::Embedded(path) => embedded::realpath(&path)?,
        };
        Ok(Name { bytes, raw })
    }

    /// `rename(from, to)`.
    fn rename(from: Place, to: Place) -> () {
        disk::rename(from.writable()?, to.replaceable()?)
    }

    /// `unlink(path)`.
    fn unlink(path: Place) -> () {
        disk::unlink(path.writable()?)
    }

    /// `rmdir(path)`.
    fn rmdir(path: Place) -> () {
        disk::rmdir(path.writable()?)
    }

    /// `mkdir(path, mode)`.
    fn mkdir(path: Place, mode: u32) -> () {
        disk::mkdir(path.creatable()?, mode)
    }

    /// `mkdirAll(path, mode, raw)`: the first directory that was made, or undefined.
    fn mkdir_all(path: Place, mode: u32, raw: bool) -> Option<Name> {
        if matches!(&path, Place::Embedded(path) if embedded::kind(path) == Ok(1)) {
            return Ok(None);
        }
        let missing = |errno: Errno| if errno.number() == libc::ENOENT { Errno::new(libc::EROFS) } else { errno };
        Ok(disk::mkdir_all(path.creatable().map_err(missing)?, mode)?.map(|bytes| Name { bytes, raw }))
    }

    /// `mkdtemp(prefix + 'XXXXXX', raw)`: the path of the new directory.
    fn mkdtemp(template: Place, raw: bool) -> Name {
        Ok(Name { bytes: disk::mkdtemp(template.creatable()?)?, raw })
    }

    /// `removeTree(path, retries, delay)`: the path that could not be removed, and why, where one could not.
    fn remove_tree(path: Place, retries: u32, delay: u32) -> Option<remove::Failed> {
        path.writable().map(|path| remove::remove(path, retries, delay))
    }

    /// `copyFile(from, to, mode)`.
    fn copy_file(from: Place, to: Place, mode: i32) -> () {
        match from {
            Place::Disk(from) => transfer::copy(c_str(&from), to.replaceable()?, mode),
            Place::Embedded(from) => {
                let (bytes, permissions) = embedded::original(&from)?;
                transfer::copy_bytes(&bytes, permissions, to.replaceable()?, mode)
            }
        }
    }

    /// `readdir(path, kinds, raw)`: names, or `[names, kinds]`.
    fn readdir(path: Place, kinds: bool, raw: bool) -> Listing {
        Ok(Listing { items: listing::list(&path)?, kinds, raw })
    }

    /// `readTree(path, raw)`: see `listing::TreeListing`. The path stays bytes: each directory below finds its own place.
    fn read_tree(path: PathBytes, raw: bool) -> listing::TreeListing {
        Ok(listing::read_tree(path.0, raw))
    }

    /// `opendir(path)`: a descriptor.
    fn opendir(path: Place) -> i32 {
        let flags = libc::O_RDONLY | libc::O_DIRECTORY;
        match path {
            Place::Disk(path) => disk::open(c_str(&path), flags, 0),
            Place::Embedded(path) => embedded::open(&path, flags),
        }
    }

    /// `readOpenDir(fd, room, raw)`: about `room` more names, `[names, kinds]`; both empty at the end.
    fn read_open_dir(fd: i32, room: usize, raw: bool) -> Listing {
        let items = match open_files::get(fd) {
            Some(file) => std::mem::take(&mut *file.items.lock().unwrap()),
            None => listing::next(fd, room)?,
        };
        Ok(Listing { items, kinds: true, raw })
    }
}

fn save(file: &File, bytes: &[u8], flags: i32, mode: u32) -> Outcome<()> {
    match file {
        File::Path(Place::Disk(path)) => transfer::write_path(c_str(path), bytes, flags, mode),
        File::Path(Place::Embedded(path)) => embedded::open(path, flags).map(|_| ()),
        File::Descriptor(fd) => {
            only_disk(*fd, libc::EBADF).map_err(|e| e.at(1))?;
            transfer::write_all(*fd, bytes).map_err(|e| e.at(1))
        }
    }
}

/// `stat(path, sink)`: fills a Float64Array or a BigInt64Array.
fn stat(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, rv: v8::ReturnValue) {
    stat_path(scope, args, rv, true);
}

/// `lstat(path, sink)`.
fn lstat(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, rv: v8::ReturnValue) {
    stat_path(scope, args, rv, false);
}

fn stat_path(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, rv: v8::ReturnValue, follow: bool) {
    let path = Place::from_arg(scope, args.get(0), false);
    stat::run_stat(scope, args.get(1), args.get(2), rv, move || match &path {
        Place::Disk(path) if follow => stat::stat(Target::Path(c_str(path))),
        Place::Disk(path) => stat::stat(Target::Link(c_str(path))),
        Place::Embedded(path) => embedded::stat(path, follow),
    });
}

/// `fstat(fd, sink)`.
fn fstat(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, rv: v8::ReturnValue) {
    let fd = i32::from_arg(scope, args.get(0), false);
    stat::run_stat(scope, args.get(1), args.get(2), rv, move || match open_files::get(fd) {
        Some(file) => Ok(file.stat),
        None => stat::stat(Target::Descriptor(fd)),
    });
}

/// `statfs(path, sink)`.
fn statfs(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, rv: v8::ReturnValue) {
    let path = Place::from_arg(scope, args.get(0), false);
    stat::run_statfs(scope, args.get(1), args.get(2), rv, move || match &path {
        Place::Disk(path) => stat::statfs(c_str(path)),
        Place::Embedded(path) => embedded::statfs(path),
    });
}

/// `existsSync(path)`.
fn exists(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let there = match Place::from_arg(scope, args.get(0), false) {
        Place::Disk(path) => disk::access(c_str(&path), libc::F_OK),
        Place::Embedded(path) => embedded::access(&path, libc::F_OK),
    };
    rv.set_bool(there.is_ok());
}

/// `internalModuleStat(path)`: 0 a file, 1 a directory, otherwise a negative errno.
fn module_stat(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let kind = match Place::from_arg(scope, args.get(0), false) {
        Place::Disk(path) => stat::kind(c_str(&path)),
        Place::Embedded(path) => embedded::kind(&path),
    };
    rv.set_int32(kind.unwrap_or_else(Errno::code));
}

/// `readFileUtf8(path or fd, flags = O_RDONLY)`: a string; a negative errno; undefined where no string is long enough.
/// Steps: open, fstat, read.
fn read_file_utf8(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let file = File::from_arg(scope, args.get(0), false);
    let flags = i32::from_arg(scope, args.get(1), false);
    let bytes = match &file {
        File::Path(Place::Embedded(path)) => embedded::read_file(path, flags),
        file => match read_whole(file, flags) {
            Ok(Whole::Bytes(bytes)) => Ok(bytes.into()),
            Ok(Whole::TooLarge(_)) => return,
            Err(errno) => Err(errno),
        },
    };
    match bytes {
        Ok(bytes) => rv.set(job::text(scope, &bytes)),
        Err(errno) => rv.set_int32(errno.code()),
    }
}

/// `isEmbedded(path)`: whether it is answered from the tree inside the executable.
fn is_embedded(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_bool(matches!(Place::from_arg(scope, args.get(0), false), Place::Embedded(_)));
}

binding!("fs", [
    access => access,
    open => open,
    close => close,
    read => read,
    readv => readv,
    writeBuffer => write_buffer,
    writeBuffers => write_buffers,
    writeString => write_string,
    readFile => read_file,
    readFileUtf8 => read_file_utf8,
    readOwnFile => read_file_utf8,
    readPackageJson => read_file_utf8,
    writeFile => write_file,
    writeFileUtf8 => write_file_utf8,
    fsync => fsync,
    fdatasync => fdatasync,
    ftruncate => ftruncate,
    chmod => chmod,
    fchmod => fchmod,
    chown => chown,
    lchown => lchown,
    fchown => fchown,
    utimes => utimes,
    lutimes => lutimes,
    futimes => futimes,
    link => link,
    symlink => symlink,
    readlink => readlink,
    realpath => realpath,
    realpathNative => realpath,
    rename => rename,
    unlink => unlink,
    rmdir => rmdir,
    mkdir => mkdir,
    mkdirAll => mkdir_all,
    mkdtemp => mkdtemp,
    removeTree => remove_tree,
    copyFile => copy_file,
    readdir => readdir,
    readTree => read_tree,
    opendir => opendir,
    readOpenDir => read_open_dir,
    stat => stat,
    lstat => lstat,
    fstat => fstat,
    statfs => statfs,
    existsSync => exists,
    internalModuleStat => module_stat,
    isEmbedded => is_embedded,
], init = constants::init);
