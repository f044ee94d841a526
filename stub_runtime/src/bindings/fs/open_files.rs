//! Embedded files and directories that are open. Each has a number of the kernel's, so that numbers do not collide: of an empty
//! memory file, which holds the place and nothing else.

use super::job::{Errno, Outcome};
use super::listing::Item;
use super::stat::Stat;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

/// What is behind an embedded descriptor.
pub struct OpenFile {
    /// What fstat says.
    pub stat: Stat,
    /// The contents; `None` of a directory.
    pub bytes: Option<Cow<'static, [u8]>>,
    /// Names that opendir has not given yet.
    pub items: Mutex<Vec<Item>>,
    /// Where the next read starts; of readers on several threads each gets its own part.
    pub position: Mutex<usize>,
}

static FILES: LazyLock<Mutex<HashMap<i32, Arc<OpenFile>>>> = LazyLock::new(Mutex::default);
/// How many there are: nearly always none, and then no lock is taken.
static COUNT: AtomicUsize = AtomicUsize::new(0);

/// Takes a number for `file`.
pub fn insert(file: OpenFile) -> Outcome<i32> {
    // SAFETY: a NUL-terminated name.
    let fd = unsafe { libc::memfd_create(c"embedded file".as_ptr(), libc::MFD_CLOEXEC) };
    if fd < 0 {
        return Err(Errno::last());
    }
    FILES.lock().unwrap().insert(fd, Arc::new(file));
    COUNT.fetch_add(1, Ordering::Release);
    Ok(fd)
}

/// The embedded file of this number, if it is one.
pub fn get(fd: i32) -> Option<Arc<OpenFile>> {
    if COUNT.load(Ordering::Acquire) == 0 {
        return None;
    }
    FILES.lock().unwrap().get(&fd).cloned()
}

/// Forgets the number; the caller closes it.
pub fn remove(fd: i32) {
    if COUNT.load(Ordering::Acquire) > 0 && FILES.lock().unwrap().remove(&fd).is_some() {
        COUNT.fetch_sub(1, Ordering::Release);
    }
}

impl OpenFile {
    /// As read(2) and pread(2).
    pub fn read(&self, out: (*mut u8, usize), position: i64) -> Outcome<usize> {
        let Some(bytes) = &self.bytes else { return Err(Errno::new(libc::EISDIR)) };
        let mut own = self.position.lock().unwrap();
        let from = if position < 0 { *own } else { usize::try_from(position).unwrap_or(usize::MAX) }.min(bytes.len());
        let length = out.1.min(bytes.len() - from);
        // SAFETY: `out` is the caller's memory to be written to, and is not part of the executable.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr().add(from), out.0, length) };
        if position < 0 {
            *own = from + length;
        }
        Ok(length)
    }

    /// What is left from the file's own position.
    pub fn rest(&self) -> Outcome<Vec<u8>> {
        let Some(bytes) = &self.bytes else { return Err(Errno::new(libc::EISDIR)) };
        let mut own = self.position.lock().unwrap();
        let rest = bytes[(*own).min(bytes.len())..].to_vec();
        *own = bytes.len();
        Ok(rest)
    }
}
