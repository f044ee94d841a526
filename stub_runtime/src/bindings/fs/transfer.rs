//! Reading, writing and copying: one call of the kernel, or a whole file in one operation.

use super::disk::{Open, check, open, retry};
use super::job::{Errno, Outcome, Region};
use super::stat::{Stat, Target, stat};
use std::ffi::CStr;

/// The most that Node lets one operation transfer.
pub const MAX: usize = i32::MAX as usize;

/// Linux takes this many pieces in one readv or writev.
const MAX_PIECES: usize = 1024;

/// read(2), or pread(2) from `position` where it is not negative.
pub fn read(fd: i32, data: *mut u8, length: usize, position: i64) -> Outcome<usize> {
    let length = length.min(MAX);
    // SAFETY: `length` bytes at `data` are the caller's to be written to.
    let read = retry(|| unsafe {
        if position < 0 { libc::read(fd, data.cast(), length) } else { libc::pread(fd, data.cast(), length, position) }
    })?;
    Ok(read as usize)
}

/// write(2), or pwrite(2).
pub fn write(fd: i32, data: *const u8, length: usize, position: i64) -> Outcome<usize> {
    let length = length.min(MAX);
    // SAFETY: `length` bytes at `data` can be read.
    let written = retry(|| unsafe {
        if position < 0 {
            libc::write(fd, data.cast(), length)
        } else {
            libc::pwrite(fd, data.cast(), length, position)
        }
    })?;
    Ok(written as usize)
}

fn pieces(regions: &[Region]) -> Vec<libc::iovec> {
    let iovec = |region: &Region| {
        let (base, length) = region.all();
        libc::iovec { iov_base: base.cast(), iov_len: length }
    };
    regions.iter().map(iovec).collect()
}

/// readv(2) or preadv(2); more pieces than the kernel takes are read in turns.
pub fn readv(fd: i32, regions: &[Region], position: i64) -> Outcome<usize> {
    vectored(regions, position, |part, at| {
        let (pointer, count) = (part.as_ptr(), part.len() as libc::c_int);
        // SAFETY: each piece is memory of a live buffer.
        unsafe { if at < 0 { libc::readv(fd, pointer, count) } else { libc::preadv(fd, pointer, count, at) } }
    })
}

/// writev(2) or pwritev(2).
pub fn writev(fd: i32, regions: &[Region], position: i64) -> Outcome<usize> {
    vectored(regions, position, |part, at| {
        let (pointer, count) = (part.as_ptr(), part.len() as libc::c_int);
        // SAFETY: as above.
        unsafe { if at < 0 { libc::writev(fd, pointer, count) } else { libc::pwritev(fd, pointer, count, at) } }
    })
}

fn vectored(regions: &[Region], position: i64, call: impl Fn(&[libc::iovec], i64) -> isize) -> Outcome<usize> {
    let mut done = 0;
    for part in pieces(regions).chunks(MAX_PIECES) {
        let at = if position < 0 { -1 } else { position + done as i64 };
        let moved = match retry(|| call(part, at)) {
            Ok(moved) => moved as usize,
            Err(_) if done > 0 => break,
            Err(errno) => return Err(errno),
        };
        done += moved;
        if moved < part.iter().map(|p| p.iov_len).sum() {
            break;
        }
    }
    Ok(done)
}

/// Writes all of it from the file's own position.
pub fn write_all(fd: i32, mut bytes: &[u8]) -> Outcome<()> {
    while !bytes.is_empty() {
        let written = write(fd, bytes.as_ptr(), bytes.len(), -1)?;
        bytes = &bytes[written..];
    }
    Ok(())
}

/// A whole file, or the size of one that is longer than [`MAX`].
pub enum Whole {
    Bytes(Vec<u8>),
    TooLarge(u64),
}

/// Steps of [`read_file`] that can fail.
const OPEN: i32 = 0;
const STAT: i32 = 1;
const READ: i32 = 2;

/// Opens, sizes and reads a file. Of the errno, step 0 is open, 1 fstat, 2 read.
pub fn read_path(path: &CStr, flags: i32) -> Outcome<Whole> {
    let fd = Open(open(path, flags, 0o666).map_err(|e| e.at(OPEN))?);
    read_descriptor(fd.0)
}

/// The same, from an open file's own position.
pub fn read_descriptor(fd: i32) -> Outcome<Whole> {
    let (regular, size) = size(fd).map_err(|e| e.at(STAT))?;
    if regular && size > MAX as u64 {
        return Ok(Whole::TooLarge(size));
    }
    let mut bytes: Vec<u8> = Vec::new();
    // One byte more than the size: the read that fills it short of that has seen the end.
    let mut room = if regular && size > 0 { size as usize + 1 } else { 8192 };
    loop {
        bytes.try_reserve(room).map_err(|_| Errno::new(libc::ENOMEM).at(READ))?;
        let (filled, spare) = (bytes.len(), bytes.capacity() - bytes.len());
        // SAFETY: `spare` bytes behind the filled ones are allocated.
        let got = read(fd, unsafe { bytes.as_mut_ptr().add(filled) }, spare, -1).map_err(|e| e.at(READ))?;
        // SAFETY: the kernel wrote `got` bytes.
        unsafe { bytes.set_len(filled + got) };
        if got == 0 || (regular && size > 0 && bytes.len() as u64 == size && got < spare) {
            break;
        }
        if bytes.len() > MAX {
            return Ok(Whole::TooLarge(bytes.len() as u64));
        }
        room = if bytes.capacity() > bytes.len() { 0 } else { bytes.len().clamp(8192, 1 << 24) };
    }
    if bytes.capacity() - bytes.len() > 4096 {
        bytes.shrink_to_fit();
    }
    Ok(Whole::Bytes(bytes))
}

fn size(fd: i32) -> Outcome<(bool, u64)> {
    // SAFETY: plain data, all zeros is one.
    let mut s: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: memory for the answer.
    check(|| unsafe { libc::fstat(fd, &mut s) })?;
    Ok((s.st_mode & libc::S_IFMT == libc::S_IFREG, s.st_size as u64))
}

/// Opens, writes and closes. Of the errno, step 0 is open, 1 write, 2 close.
pub fn write_path(path: &CStr, bytes: &[u8], flags: i32, mode: u32) -> Outcome<()> {
    let fd = open(path, flags, mode)?;
    let written = write_all(fd, bytes).map_err(|e| e.at(1));
    let closed = super::disk::close(fd).map_err(|e| e.at(2));
    written.and(closed)
}

const EXCLUSIVE: i32 = 1;
const CLONE: i32 = 2;
const CLONE_ONLY: i32 = 4;

/// `copyFile`: contents and permission bits; a failed copy leaves no half file.
pub fn copy(from: &CStr, to: &CStr, mode: i32) -> Outcome<()> {
    let source = Open(open(from, libc::O_RDONLY, 0)?);
    let info = stat(Target::Descriptor(source.0))?;
    let Some(target) = create_copy(to, mode, info.mode as u32, Some(&info))? else { return Ok(()) };
    let copied = fill_copy(&source, &target, info.size, mode);
    finish_copy(target, to, copied)
}

/// `copyFile` from memory (the embedded tree).
pub fn copy_bytes(bytes: &[u8], permissions: u32, to: &CStr, mode: i32) -> Outcome<()> {
    if mode & CLONE_ONLY != 0 {
        return Err(Errno::new(libc::ENOTSUP));
    }
    let Some(target) = create_copy(to, mode, permissions, None)? else { return Ok(()) };
    let copied = write_all(target.0, bytes);
    finish_copy(target, to, copied)
}

/// The target, empty; `None` where it is the source itself.
fn create_copy(to: &CStr, mode: i32, permissions: u32, source: Option<&Stat>) -> Outcome<Option<Open>> {
    let exclusive = if mode & EXCLUSIVE != 0 { libc::O_EXCL } else { 0 };
    let target = Open(open(to, libc::O_WRONLY | libc::O_CREAT | exclusive, permissions & 0o7777)?);
    let info = stat(Target::Descriptor(target.0))?;
    if source.is_some_and(|s| s.dev == info.dev && s.ino == info.ino) {
        return Ok(None);
    }
    let prepared = super::disk::ftruncate(target.0, 0).and_then(|()| {
        // Network file systems may refuse to change a mode: the copy is good without.
        match super::disk::fchmod(target.0, permissions & 0o7777) {
            Err(e) if e.number() != libc::EPERM => Err(e),
            _ => Ok(()),
        }
    });
    match prepared {
        Ok(()) => Ok(Some(target)),
        Err(errno) => finish_copy(target, to, Err(errno)).map(|()| None),
    }
}

fn finish_copy(target: Open, to: &CStr, copied: Outcome<()>) -> Outcome<()> {
    drop(target);
    if copied.is_err() {
        let _ = super::disk::unlink(to);
    }
    copied
}

const FICLONE: libc::c_ulong = 0x4004_9409;

fn fill_copy(source: &Open, target: &Open, size: u64, mode: i32) -> Outcome<()> {
    if mode & (CLONE | CLONE_ONLY) != 0 {
        // SAFETY: two open files.
        match check(|| unsafe { libc::ioctl(target.0, FICLONE as _, source.0) }) {
            Err(errno) if mode & CLONE_ONLY != 0 => return Err(errno),
            Err(_) => {}
            done => return done,
        }
    }
    let mut copied = 0;
    // Files of /proc say that they are empty: the loop below reads them.
    while copied < size {
        let length = (size - copied).min(1 << 30) as usize;
        // SAFETY: no offsets are given, both files move on.
        let result = retry(|| unsafe {
            libc::copy_file_range(source.0, std::ptr::null_mut(), target.0, std::ptr::null_mut(), length, 0)
        });
        match result {
            Ok(0) => break,
            Ok(moved) => copied += moved as u64,
            // Not there, not between these two file systems, not in this sandbox.
            Err(_) => break,
        }
    }
    let mut buffer = vec![0u8; 128 << 10];
    loop {
        let got = read(source.0, buffer.as_mut_ptr(), buffer.len(), -1)?;
        if got == 0 {
            return Ok(());
        }
        write_all(target.0, &buffer[..got])?;
    }
}
