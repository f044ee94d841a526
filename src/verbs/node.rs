//! `pack node`: this process becomes the runtime.

use crate::terminal::tell;
use crate::{Status, cli, stub};
use packager::Flavour;
use std::ffi::{CString, OsString};
use std::io::Write;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;

pub fn run(arguments: &cli::Node) -> Status {
    let runtime = stub::load(Flavour::Static);
    let runtime = runtime.and_then(|stub| packager::runtime(&stub).map_err(|error| error.message));
    let error = match runtime {
        Ok(runtime) => become_program(&runtime, "node", &arguments.arguments),
        Err(message) => message,
    };
    tell(&format!("pack: {error}\n"));
    Status::Failure
}

/// Replaces this process by the executable in memory. Returns only where that failed, with the reason.
pub fn become_program(executable: &[u8], name: &str, arguments: &[OsString]) -> String {
    let file = match in_memory(executable) {
        Ok(file) => file,
        Err(error) => return format!("the program cannot be put into memory: {error}"),
    };
    let mut words = vec![CString::new(name).unwrap_or_default()];
    for argument in arguments {
        match CString::new(argument.as_bytes()) {
            Ok(argument) => words.push(argument),
            Err(_) => return "an argument has a NUL in it".to_owned(),
        }
    }
    let mut pointers: Vec<*const libc::c_char> = words.iter().map(|w| w.as_ptr()).collect();
    pointers.push(std::ptr::null());
    unsafe extern "C" {
        static environ: *const *const libc::c_char;
    }
    // SAFETY: `pointers` is a NULL-terminated array of NUL-terminated strings that live across the call; `environ` is libc's own, and no
    // other thread of this process is left to change it.
    unsafe { libc::fexecve(file.as_raw_fd(), pointers.as_ptr(), environ) };
    format!("the program cannot be started: {}", std::io::Error::last_os_error())
}

fn in_memory(bytes: &[u8]) -> std::io::Result<OwnedFd> {
    // SAFETY: the name is a NUL-terminated string.
    let fd = unsafe { libc::memfd_create(c"pack".as_ptr(), libc::MFD_CLOEXEC) };
    if fd < 0 {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: a file descriptor that was just made and that nobody else has.
    let mut file = unsafe { std::fs::File::from_raw_fd(fd) };
    file.write_all(bytes)?;
    Ok(file.into())
}
