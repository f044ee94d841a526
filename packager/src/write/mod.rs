//! The executable on disk: in one step or not at all. `write` is where the stage starts. Owns: the temporary file and the rename.

mod executable;

pub use executable::Executable;

use crate::diagnostics::Diagnostic;
use std::fs::{File, OpenOptions, Permissions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Writes an executable to `output`, replacing what is there at the very end. A killed build leaves nothing behind: the file
/// has no name before it is whole.
pub fn write(output: &Path, executable: &Executable) -> Result<(), Diagnostic> {
    check(output)?;
    let folder = folder_of(output);
    let result = match unnamed(&folder) {
        Ok(mut file) => fill(&mut file, executable).and_then(|()| link(&file, output)),
        // A file system without O_TMPFILE.
        Err(_) => named(output, executable),
    };
    result.map_err(|error| failed(output, &error))
}

/// What can be said about `output` before any work is done.
pub fn check(output: &Path) -> Result<(), Diagnostic> {
    if output.is_dir() {
        let name = output.display();
        return Err(
            Diagnostic::error("output", format!("the output {name} is a folder")).hint("name a file: -o folder/app")
        );
    }
    // A device would be gone, and with it more than this build.
    if output.metadata().is_ok_and(|found| !found.is_file()) || output.starts_with("/dev/stdout") {
        let message = format!("the output {} is there and is no regular file", output.display());
        return Err(Diagnostic::error("output", message).hint("an executable needs a name of its own"));
    }
    let folder = folder_of(output);
    if !folder.is_dir() {
        let message = format!("the folder of the output {} does not exist", output.display());
        return Err(Diagnostic::error("output", message));
    }
    let path = std::ffi::CString::new(folder.as_os_str().as_bytes()).unwrap_or_default();
    // SAFETY: a NUL-terminated string that lives across the call.
    if unsafe { libc::access(path.as_ptr(), libc::W_OK) } != 0 {
        return Err(failed(output, &io::Error::last_os_error()));
    }
    Ok(())
}

fn folder_of(output: &Path) -> PathBuf {
    match output.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn failed(output: &Path, error: &io::Error) -> Diagnostic {
    let diagnostic = Diagnostic::error("output", format!("{} cannot be written: {error}", output.display()));
    match error.raw_os_error() {
        Some(libc::ENOSPC) => diagnostic.hint("there is no space left on the disk"),
        Some(libc::EACCES | libc::EROFS) => diagnostic.hint("name a place that can be written with -o"),
        _ => diagnostic,
    }
}

fn unnamed(folder: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).mode(0o755).custom_flags(libc::O_TMPFILE).open(folder)
}

fn fill(file: &mut File, executable: &Executable) -> io::Result<()> {
    executable.write_to(file)?;
    // Whatever the umask is: it is a program. Bits for others stay the umask's business.
    let mode = file.metadata()?.permissions().mode();
    file.set_permissions(Permissions::from_mode(mode | 0o100))
}

/// Gives the file its name. `linkat` does not replace, so it goes through a second name and a rename.
fn link(file: &File, output: &Path) -> io::Result<()> {
    let temporary = temporary(output);
    let from = format!("/proc/self/fd/{}", file.as_raw_fd());
    let to = std::ffi::CString::new(temporary.as_os_str().as_bytes())?;
    let from = std::ffi::CString::new(from)?;
    // SAFETY: both are NUL-terminated strings that live across the call.
    let done =
        unsafe { libc::linkat(libc::AT_FDCWD, from.as_ptr(), libc::AT_FDCWD, to.as_ptr(), libc::AT_SYMLINK_FOLLOW) };
    if done != 0 {
        return Err(io::Error::last_os_error());
    }
    rename(&temporary, output)
}

fn named(output: &Path, executable: &Executable) -> io::Result<()> {
    let temporary = temporary(output);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o755).open(&temporary)?;
    let filled = fill(&mut file, executable);
    drop(file);
    match filled {
        Ok(()) => rename(&temporary, output),
        Err(error) => {
            let _ = std::fs::remove_file(&temporary);
            Err(error)
        }
    }
}

fn rename(temporary: &Path, output: &Path) -> io::Result<()> {
    std::fs::rename(temporary, output).inspect_err(|_| {
        let _ = std::fs::remove_file(temporary);
    })
}

/// Beside the output, so that the rename stays on one file system.
fn temporary(output: &Path) -> PathBuf {
    let name = output.file_name().unwrap_or_default().to_string_lossy();
    folder_of(output).join(format!(".{name}.{}.tmp", std::process::id()))
}
