//! File operations of the kernel, one function each: names, modes, owners, times, directories.
//!
//! Owns: the raw calls, EINTR. Does not own: reading and writing (`transfer.rs`), stat (`stat.rs`), lists (`listing.rs`).

use super::job::{Errno, Outcome};
use std::ffi::{CStr, CString};

/// Repeats a call that a signal interrupted; -1 becomes the errno.
pub fn retry<T: PartialEq + From<i8>>(mut call: impl FnMut() -> T) -> Outcome<T> {
    loop {
        let result = call();
        if result != T::from(-1) {
            return Ok(result);
        }
        let errno = Errno::last();
        if errno.number() != libc::EINTR {
            return Err(errno);
        }
    }
}

/// As [`retry`], for calls that give nothing else than success.
pub fn check(call: impl FnMut() -> libc::c_int) -> Outcome<()> {
    retry(call).map(|_| ())
}

/// A descriptor that is closed when it goes out of scope.
pub struct Open(pub i32);

impl Drop for Open {
    fn drop(&mut self) {
        // SAFETY: the descriptor is ours. An error of close() cannot be acted on here.
        unsafe { libc::close(self.0) };
    }
}

/// open(2), close-on-exec as everything that libuv opens.
pub fn open(path: &CStr, flags: i32, mode: u32) -> Outcome<i32> {
    // SAFETY: a NUL-terminated path.
    retry(|| unsafe { libc::open(path.as_ptr(), flags | libc::O_CLOEXEC, mode) })
}

/// close(2); never repeated: Linux has released the number even where a signal came.
pub fn close(fd: i32) -> Outcome<()> {
    // SAFETY: plain system call.
    match unsafe { libc::close(fd) } {
        -1 if ![libc::EINTR, libc::EINPROGRESS].contains(&Errno::last().number()) => Err(Errno::last()),
        _ => Ok(()),
    }
}

/// access(2).
pub fn access(path: &CStr, mode: i32) -> Outcome<()> {
    // SAFETY: a NUL-terminated path.
    check(|| unsafe { libc::access(path.as_ptr(), mode) })
}

/// chmod(2).
pub fn chmod(path: &CStr, mode: u32) -> Outcome<()> {
    // SAFETY: a NUL-terminated path.
    check(|| unsafe { libc::chmod(path.as_ptr(), mode) })
}

/// fchmod(2).
pub fn fchmod(fd: i32, mode: u32) -> Outcome<()> {
    // SAFETY: plain system call.
    check(|| unsafe { libc::fchmod(fd, mode) })
}

/// chown(2), or lchown(2) unless `follow`.
pub fn chown(path: &CStr, uid: u32, gid: u32, follow: bool) -> Outcome<()> {
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    // SAFETY: a NUL-terminated path.
    check(|| unsafe { libc::fchownat(libc::AT_FDCWD, path.as_ptr(), uid, gid, flags) })
}

/// fchown(2).
pub fn fchown(fd: i32, uid: u32, gid: u32) -> Outcome<()> {
    // SAFETY: plain system call.
    check(|| unsafe { libc::fchown(fd, uid, gid) })
}

/// Seconds since 1970 as the kernel has them; NaN and infinities mean "now" and "leave", as in libuv.
fn timespec(seconds: f64) -> libc::timespec {
    let now = seconds == f64::INFINITY;
    if now || seconds.is_nan() {
        return libc::timespec { tv_sec: 0, tv_nsec: if now { libc::UTIME_NOW } else { libc::UTIME_OMIT } };
    }
    // Microseconds are what a number of this size holds exactly.
    let mut micros = (seconds * 1e6).round();
    let whole = (micros / 1e6).floor();
    micros -= whole * 1e6;
    libc::timespec { tv_sec: whole as i64, tv_nsec: (micros as i64) * 1000 }
}

/// utimensat(2), of the link itself unless `follow`.
pub fn utimes(path: &CStr, atime: f64, mtime: f64, follow: bool) -> Outcome<()> {
    let times = [timespec(atime), timespec(mtime)];
    let flags = if follow { 0 } else { libc::AT_SYMLINK_NOFOLLOW };
    // SAFETY: a NUL-terminated path and two timespecs.
    check(|| unsafe { libc::utimensat(libc::AT_FDCWD, path.as_ptr(), times.as_ptr(), flags) })
}

/// futimens(2).
pub fn futimes(fd: i32, atime: f64, mtime: f64) -> Outcome<()> {
    let times = [timespec(atime), timespec(mtime)];
    // SAFETY: two timespecs.
    check(|| unsafe { libc::futimens(fd, times.as_ptr()) })
}

/// ftruncate(2).
pub fn ftruncate(fd: i32, length: i64) -> Outcome<()> {
    // SAFETY: plain system call.
    check(|| unsafe { libc::ftruncate(fd, length) })
}

/// fsync(2), or fdatasync(2).
pub fn sync(fd: i32, only_data: bool) -> Outcome<()> {
    // SAFETY: plain system calls.
    check(|| unsafe { if only_data { libc::fdatasync(fd) } else { libc::fsync(fd) } })
}

/// link(2).
pub fn link(from: &CStr, to: &CStr) -> Outcome<()> {
    // SAFETY: NUL-terminated paths.
    check(|| unsafe { libc::link(from.as_ptr(), to.as_ptr()) })
}

/// symlink(2).
pub fn symlink(target: &CStr, path: &CStr) -> Outcome<()> {
    // SAFETY: NUL-terminated paths.
    check(|| unsafe { libc::symlink(target.as_ptr(), path.as_ptr()) })
}

/// rename(2).
pub fn rename(from: &CStr, to: &CStr) -> Outcome<()> {
    // SAFETY: NUL-terminated paths.
    check(|| unsafe { libc::rename(from.as_ptr(), to.as_ptr()) })
}

/// unlink(2).
pub fn unlink(path: &CStr) -> Outcome<()> {
    // SAFETY: a NUL-terminated path.
    check(|| unsafe { libc::unlink(path.as_ptr()) })
}

/// rmdir(2).
pub fn rmdir(path: &CStr) -> Outcome<()> {
    // SAFETY: a NUL-terminated path.
    check(|| unsafe { libc::rmdir(path.as_ptr()) })
}

/// mkdir(2).
pub fn mkdir(path: &CStr, mode: u32) -> Outcome<()> {
    // SAFETY: a NUL-terminated path.
    check(|| unsafe { libc::mkdir(path.as_ptr(), mode) })
}

/// `mkdir -p`: the first directory that was made, as the caller wrote it; `None` where all were there.
pub fn mkdir_all(path: &CStr, mode: u32) -> Outcome<Option<Vec<u8>>> {
    let whole = path.to_bytes();
    let mut first = None;
    let mut pending: Vec<CString> = vec![path.to_owned()];
    while let Some(next) = pending.pop() {
        match mkdir(&next, mode) {
            Ok(()) => {
                first.get_or_insert_with(|| next.to_bytes().to_vec());
            }
            Err(errno) if errno.number() == libc::ENOENT => {
                let parent = parent(next.to_bytes());
                if parent.is_empty() || parent == next.to_bytes() {
                    return Err(errno);
                }
                let parent = CString::new(parent).expect("part of a C string");
                pending.push(next);
                pending.push(parent);
            }
            Err(errno) if matches!(errno.number(), libc::EACCES | libc::ENOSPC | libc::ENOTDIR | libc::EPERM) => {
                return Err(errno);
            }
            Err(errno) => {
                // EEXIST, or EROFS and the like: well if it is a directory.
                if !is_directory(&next)? {
                    let exists = errno.number() == libc::EEXIST;
                    let errno = if exists && next.to_bytes() != whole { Errno::new(libc::ENOTDIR) } else { errno };
                    return Err(errno);
                }
            }
        }
    }
    Ok(first)
}

/// The path without its last part: "" where it has one only.
fn parent(path: &[u8]) -> &[u8] {
    let end = path.iter().rposition(|b| *b != b'/').map_or(1, |i| i + 1);
    match path[..end].iter().rposition(|b| *b == b'/') {
        None => b"",
        Some(slash) => {
            let end = path[..slash].iter().rposition(|b| *b != b'/').map_or(1, |i| i + 1);
            &path[..end]
        }
    }
}

fn is_directory(path: &CStr) -> Outcome<bool> {
    // SAFETY: stat is plain data, all zeros is one.
    let mut stat: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: a NUL-terminated path and memory for the answer.
    check(|| unsafe { libc::stat(path.as_ptr(), &mut stat) })?;
    Ok(stat.st_mode & libc::S_IFMT == libc::S_IFDIR)
}

/// mkdtemp(3): `template` ends with XXXXXX.
pub fn mkdtemp(template: &CStr) -> Outcome<Vec<u8>> {
    let mut path = template.to_bytes_with_nul().to_vec();
    // SAFETY: NUL-terminated and ours to change.
    if unsafe { libc::mkdtemp(path.as_mut_ptr().cast()) }.is_null() {
        return Err(Errno::last());
    }
    path.pop();
    Ok(path)
}

/// readlink(2), of any length.
pub fn readlink(path: &CStr) -> Outcome<Vec<u8>> {
    let mut target: Vec<u8> = Vec::with_capacity(256);
    loop {
        let room = target.capacity();
        // SAFETY: `room` bytes are allocated.
        let length = retry(|| unsafe { libc::readlink(path.as_ptr(), target.as_mut_ptr().cast(), room) })? as usize;
        if length < room {
            // SAFETY: the kernel wrote `length` bytes.
            unsafe { target.set_len(length) };
            return Ok(target);
        }
        target.reserve(room * 2);
    }
}

/// realpath(3).
pub fn realpath(path: &CStr) -> Outcome<Vec<u8>> {
    let mut out = vec![0u8; libc::PATH_MAX as usize];
    // SAFETY: room for the longest path.
    if unsafe { libc::realpath(path.as_ptr(), out.as_mut_ptr().cast()) }.is_null() {
        return Err(Errno::last());
    }
    out.truncate(out.iter().position(|b| *b == 0).unwrap_or(0));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents() {
        assert_eq!(parent(b"a"), b"");
        assert_eq!(parent(b"/a"), b"/");
        assert_eq!(parent(b"/"), b"/");
        assert_eq!(parent(b"a/b"), b"a");
        assert_eq!(parent(b"./z/"), b".");
        assert_eq!(parent(b"a//b//"), b"a");
    }

    #[test]
    fn times_before_1970_and_of_now() {
        let t = timespec(-1.5);
        assert_eq!((t.tv_sec, t.tv_nsec), (-2, 500_000_000));
        let t = timespec(1.000_001);
        assert_eq!((t.tv_sec, t.tv_nsec), (1, 1000));
        assert_eq!(timespec(f64::NAN).tv_nsec, libc::UTIME_OMIT);
    }
}
