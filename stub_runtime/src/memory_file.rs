//! Files of the embedded tree for those who know files of the system only, the dynamic loader and `execve`: copies in memory, without
//! a trace on any disk.

use std::fs::File;
use std::io::{Result, Write};
use std::os::fd::FromRawFd;

/// Of linux/memfd.h: the file may be executed where the system's default is that it may not.
const MFD_EXEC: libc::c_uint = 0x10;

/// A new file with these bytes, closed when this process becomes another program.
///
/// # Errors
/// The system's, where it gives no memory for files or none that may be executed.
pub fn executable(bytes: &[u8]) -> Result<File> {
    // SAFETY: system calls with a constant name; a descriptor that is there is new and ours.
    let mut file = unsafe {
        // Kernels before 6.3 do not know MFD_EXEC.
        let fd = match libc::memfd_create(c"embedded".as_ptr(), libc::MFD_CLOEXEC | MFD_EXEC) {
            -1 => libc::memfd_create(c"embedded".as_ptr(), libc::MFD_CLOEXEC),
            fd => fd,
        };
        if fd < 0 {
            return Err(std::io::Error::last_os_error());
        }
        File::from_raw_fd(fd)
    };
    file.write_all(bytes)?;
    Ok(file)
}
