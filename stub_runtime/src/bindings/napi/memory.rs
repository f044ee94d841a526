//! Libraries of the embedded tree for the dynamic loader, which knows files only: each becomes a memory file, without a trace on
//! any disk.
//!
//! Libraries that one asks for (DT_NEEDED) and that its RUNPATH finds beside it in the tree are loaded before it: the loader then
//! takes what has the name already (DT_SONAME).

use std::os::fd::{FromRawFd, IntoRawFd};

/// What the loader is told to open for the library `path` with these bytes; `open` loads another of the tree.
pub fn file(path: &str, bytes: &[u8], open: &mut dyn FnMut(&str) -> Result<(), String>) -> Result<String, String> {
    for sibling in needed(path, bytes) {
        open(&sibling)?;
    }
    let failed = |what: &str| {
        let error = std::io::Error::last_os_error();
        format!("{path}: this embedded library cannot be put in memory to be loaded ({what}: {error})")
    };
    // SAFETY: a system call with a constant name. The loader tells files by name: the descriptor stays open, so that no other
    // library gets its number.
    let fd = unsafe {
        // Kernels before 6.3 do not know MFD_EXEC.
        match libc::memfd_create(c"addon".as_ptr(), libc::MFD_CLOEXEC | MFD_EXEC) {
            -1 => libc::memfd_create(c"addon".as_ptr(), libc::MFD_CLOEXEC),
            fd => fd,
        }
    };
    if fd < 0 {
        return Err(failed("memfd_create"));
    }
    // SAFETY: the descriptor is new and ours.
    let mut file = unsafe { std::fs::File::from_raw_fd(fd) };
    std::io::Write::write_all(&mut file, bytes).map_err(|_| failed("write"))?;
    Ok(format!("/proc/self/fd/{}", file.into_raw_fd()))
}

/// Of linux/memfd.h: the file may be executed where the system's default is that it may not.
const MFD_EXEC: libc::c_uint = 0x10;

/// The libraries of the tree that this one needs, in its order.
fn needed(path: &str, bytes: &[u8]) -> Vec<String> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let needs = payload::Needs::of(bytes).unwrap_or_default();
    let embedded =
        |places: Vec<String>| places.into_iter().find(|place| crate::bindings::fs::embedded_file(place).is_some());
    needs.candidates(folder).filter_map(embedded).collect()
}
