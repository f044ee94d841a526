//! stat and statfs: what they tell, and the typed arrays of JavaScript it goes into.

use super::disk::{check, retry};
use super::job::{Errno, Outcome, run_with};
use std::ffi::CStr;

/// Fields of a `Stats`, in the order of JavaScript's constructor.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stat {
    pub dev: u64,
    pub mode: u64,
    pub nlink: u64,
    pub uid: u64,
    pub gid: u64,
    pub rdev: u64,
    pub blksize: u64,
    pub ino: u64,
    pub size: u64,
    pub blocks: u64,
    /// Seconds and nanoseconds of last access, modification, change and of birth.
    pub times: [(i64, u32); 4],
}

impl Stat {
    fn fields(&self) -> [i64; 18] {
        let [a, m, c, b] = self.times;
        [
            self.dev as i64,
            self.mode as i64,
            self.nlink as i64,
            self.uid as i64,
            self.gid as i64,
            self.rdev as i64,
            self.blksize as i64,
            self.ino as i64,
            self.size as i64,
            self.blocks as i64,
            a.0,
            a.1.into(),
            m.0,
            m.1.into(),
            c.0,
            c.1.into(),
            b.0,
            b.1.into(),
        ]
    }
}

/// How a path is looked at.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    /// Symlinks are followed.
    Path(&'a CStr),
    /// A symlink itself.
    Link(&'a CStr),
    /// An open file.
    Descriptor(i32),
}

/// statx(2): stat with the time of birth.
pub fn stat(target: Target) -> Outcome<Stat> {
    let (dir, path, flags) = match target {
        Target::Path(path) => (libc::AT_FDCWD, path, 0),
        Target::Link(path) => (libc::AT_FDCWD, path, libc::AT_SYMLINK_NOFOLLOW),
        Target::Descriptor(fd) => (fd, c"", libc::AT_EMPTY_PATH),
    };
    // SAFETY: plain data, all zeros is one.
    let mut x: libc::statx = unsafe { std::mem::zeroed() };
    const BASIC_AND_BIRTH: u32 = 0xfff;
    let result = retry(|| {
        // SAFETY: a NUL-terminated path and memory for the answer.
        unsafe { libc::syscall(libc::SYS_statx, dir, path.as_ptr(), flags, BASIC_AND_BIRTH, &mut x) as isize }
    });
    match result {
        Ok(_) => {}
        // Old kernels, and sandboxes that do not know the call.
        Err(e) if matches!(e.number(), libc::ENOSYS | libc::EPERM | libc::EOPNOTSUPP) => return old_stat(target),
        Err(e) => return Err(e),
    }
    let time = |t: libc::statx_timestamp| (t.tv_sec, t.tv_nsec);
    Ok(Stat {
        dev: libc::makedev(x.stx_dev_major, x.stx_dev_minor),
        mode: x.stx_mode.into(),
        nlink: x.stx_nlink.into(),
        uid: x.stx_uid.into(),
        gid: x.stx_gid.into(),
        rdev: libc::makedev(x.stx_rdev_major, x.stx_rdev_minor),
        blksize: x.stx_blksize.into(),
        ino: x.stx_ino,
        size: x.stx_size,
        blocks: x.stx_blocks,
        times: [time(x.stx_atime), time(x.stx_mtime), time(x.stx_ctime), time(x.stx_btime)],
    })
}

fn old_stat(target: Target) -> Outcome<Stat> {
    // SAFETY: plain data, all zeros is one.
    let mut s: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: NUL-terminated paths and memory for the answer.
    check(|| unsafe {
        match target {
            Target::Path(path) => libc::stat(path.as_ptr(), &mut s),
            Target::Link(path) => libc::lstat(path.as_ptr(), &mut s),
            Target::Descriptor(fd) => libc::fstat(fd, &mut s),
        }
    })?;
    let changed = (s.st_ctime, s.st_ctime_nsec as u32);
    Ok(Stat {
        dev: s.st_dev,
        mode: s.st_mode.into(),
        nlink: s.st_nlink as u64,
        uid: s.st_uid.into(),
        gid: s.st_gid.into(),
        rdev: s.st_rdev,
        blksize: s.st_blksize as u64,
        ino: s.st_ino,
        size: s.st_size as u64,
        blocks: s.st_blocks as u64,
        times: [(s.st_atime, s.st_atime_nsec as u32), (s.st_mtime, s.st_mtime_nsec as u32), changed, changed],
    })
}

/// type, bsize, blocks, bfree, bavail, files, ffree.
pub fn statfs(path: &CStr) -> Outcome<[i64; 7]> {
    // SAFETY: plain data, all zeros is one.
    let mut s: libc::statfs = unsafe { std::mem::zeroed() };
    // SAFETY: a NUL-terminated path and memory for the answer.
    check(|| unsafe { libc::statfs(path.as_ptr(), &mut s) })?;
    Ok([
        s.f_type as i64,
        s.f_bsize as i64,
        s.f_blocks as i64,
        s.f_bfree as i64,
        s.f_bavail as i64,
        s.f_files as i64,
        s.f_ffree as i64,
    ])
}

/// Writes into JavaScript's Float64Array, or BigInt64Array where the caller asked for bigints.
fn fill(sink: v8::Local<v8::Value>, fields: &[i64]) {
    let big = sink.is_big_int64_array();
    let Some(bytes) = crate::binding::bytes(sink) else { return };
    for (slot, field) in bytes.chunks_exact_mut(8).zip(fields) {
        slot.copy_from_slice(&if big { field.to_ne_bytes() } else { (*field as f64).to_ne_bytes() });
    }
}

/// Runs `work`; its numbers are in `sink` when the call returns, or when the callback is called.
fn run_filling<const N: usize>(
    scope: &mut v8::PinScope,
    sink: v8::Local<v8::Value>,
    callback: v8::Local<v8::Value>,
    mut rv: v8::ReturnValue,
    work: impl FnOnce() -> Outcome<[i64; N]> + Send + 'static,
) {
    if !callback.is_function() {
        match work() {
            Ok(fields) => fill(sink, &fields),
            Err(errno) => rv.set_int32(errno.code()),
        }
        return;
    }
    let sink = v8::Global::new(scope, sink);
    run_with(scope, callback, rv, work, move |fields, scope| {
        let sink = v8::Local::new(scope, sink);
        fill(sink, &fields);
        sink
    });
}

/// [`run_filling`] for a stat.
pub fn run_stat(
    scope: &mut v8::PinScope,
    sink: v8::Local<v8::Value>,
    callback: v8::Local<v8::Value>,
    rv: v8::ReturnValue,
    work: impl FnOnce() -> Outcome<Stat> + Send + 'static,
) {
    run_filling(scope, sink, callback, rv, || work().map(|stat| stat.fields()));
}

/// [`run_filling`] for a statfs.
pub fn run_statfs(
    scope: &mut v8::PinScope,
    sink: v8::Local<v8::Value>,
    callback: v8::Local<v8::Value>,
    rv: v8::ReturnValue,
    work: impl FnOnce() -> Outcome<[i64; 7]> + Send + 'static,
) {
    run_filling(scope, sink, callback, rv, work);
}

/// What the module loader asks of a path: 0 a file, 1 a directory, -1 neither.
pub fn kind(path: &CStr) -> Outcome<i32> {
    // SAFETY: plain data, all zeros is one.
    let mut s: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: a NUL-terminated path and memory for the answer.
    if unsafe { libc::stat(path.as_ptr(), &mut s) } != 0 {
        return Err(Errno::last());
    }
    Ok(i32::from(s.st_mode & libc::S_IFMT == libc::S_IFDIR))
}
