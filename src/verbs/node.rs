//! `pack node`: this process becomes the runtime.

use crate::terminal::tell;
use crate::{Status, cache, cli, stub};
use packager::Flavour;
use packager::write::Executable;
use std::ffi::{CString, OsStr, OsString};
use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

pub fn run(arguments: &cli::Node) -> Status {
    if let Some(runtime) = cache::runtime(Flavour::Static) {
        become_file(&runtime, &["node".as_ref()], &arguments.arguments);
    }
    // No cache, or one on a file system where nothing may be run.
    let error = match in_place(&arguments.arguments) {
        Ok(error) => error,
        Err(message) => message,
    };
    tell(&format!("pack: {error}\n"));
    Status::Failure
}

/// Replaces this process by the runtime in memory. Returns only where that failed.
fn in_place(arguments: &[OsString]) -> Result<String, String> {
    let stub = stub::load(Flavour::Static)?;
    let payload = packager::runtime(&stub).map_err(|error| error.message)?;
    let executable = packager::executable(&stub, &payload).map_err(|error| error.message)?;
    Ok(become_program(&executable, "node", arguments))
}

/// Replaces this process by the executable in memory. Returns only where that failed, with the reason.
pub fn become_program(executable: &Executable, name: &str, arguments: &[OsString]) -> String {
    match in_memory(executable) {
        Ok(file) => execute(&file, &[name.as_ref()], arguments),
        Err(error) => format!("the program cannot be put into memory: {error}"),
    }
}

/// Replaces this process by the executable file; `first` are its name and arguments of ours. Returns only where that failed.
pub fn become_file(path: &Path, first: &[&OsStr], arguments: &[OsString]) -> String {
    match File::open(path) {
        Ok(file) => execute(&file.into(), first, arguments),
        Err(error) => format!("{}: {error}", path.display()),
    }
}

fn execute(file: &OwnedFd, first: &[&OsStr], arguments: &[OsString]) -> String {
    let mut words = Vec::new();
    for argument in first.iter().copied().chain(arguments.iter().map(OsString::as_os_str)) {
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

fn in_memory(executable: &Executable) -> std::io::Result<OwnedFd> {
    // SAFETY: the name is a NUL-terminated string.
    let fd = unsafe { libc::memfd_create(c"pack".as_ptr(), libc::MFD_CLOEXEC) };
    if fd < 0 {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: a file descriptor that was just made and that nobody else has.
    let mut file = unsafe { File::from_raw_fd(fd) };
    executable.write_to(&mut file)?;
    Ok(file.into())
}
