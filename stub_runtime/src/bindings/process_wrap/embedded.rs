//! Programs of the embedded tree, which packages bring along (esbuild, ripgrep): the kernel runs them from memory.

use super::Args;
use std::collections::HashMap;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::{LazyLock, Mutex};

/// Descriptors of a child are put at the numbers from 0 on; those of programs lie above.
const FIRST: libc::c_int = 64;

/// Those that were asked for, by path. They stay: what is started once is mostly started again.
static PROGRAMS: LazyLock<Mutex<HashMap<String, OwnedFd>>> = LazyLock::new(Mutex::default);

/// `embeddedProgram(path)`: the descriptor of a copy in memory; the interpreter's line where the file starts with `#!`; otherwise a
/// negative errno.
pub fn program(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let path = args.get(0).to_rust_string_lossy(scope);
    let mut programs = PROGRAMS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(known) = programs.get(&path) {
        return rv.set_int32(known.as_raw_fd());
    }
    let Some(bytes) = crate::bindings::fs::embedded_file(&path) else { return rv.set_int32(-libc::ENOENT) };
    if let Some(script) = bytes.strip_prefix(b"#!") {
        let line = script.split(|byte| *byte == b'\n').next().unwrap_or_default();
        if let Some(line) = v8::String::new(scope, &String::from_utf8_lossy(line)) {
            rv.set(line.into());
        }
        return;
    }
    match copy(&bytes) {
        Ok(copy) => {
            rv.set_int32(copy.as_raw_fd());
            programs.insert(path, copy);
        }
        Err(error) => rv.set_int32(-error.raw_os_error().unwrap_or(libc::EACCES)),
    }
}

fn copy(bytes: &[u8]) -> std::io::Result<OwnedFd> {
    let file = crate::memory_file::executable(bytes)?;
    // SAFETY: a system call on a descriptor that is open; the one it makes is ours.
    unsafe {
        match libc::fcntl(file.as_raw_fd(), libc::F_DUPFD_CLOEXEC, FIRST) {
            -1 => Err(std::io::Error::last_os_error()),
            fd => Ok(OwnedFd::from_raw_fd(fd)),
        }
    }
}
