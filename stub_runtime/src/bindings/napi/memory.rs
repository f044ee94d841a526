//! Libraries of the embedded tree for the dynamic loader, which knows files only: each becomes a memory file, without a trace on
//! any disk.
//!
//! Libraries that one asks for (DT_NEEDED) and that its RUNPATH finds beside it in the tree are loaded before it: the loader then
//! takes what has the name already (DT_SONAME).

use object::Endianness;
use object::elf;
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use std::ffi::CStr;
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
    let Some((names, search)) = dynamic(bytes) else { return Vec::new() };
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let folders: Vec<String> = search
        .iter()
        .flat_map(|list| list.split(':'))
        .map(|entry| entry.replace("${ORIGIN}", folder).replace("$ORIGIN", folder))
        .collect();
    let find = |name: &String| {
        let mut places = folders.iter().map(|folder| format!("{folder}/{name}"));
        places.find(|place| crate::bindings::fs::embedded_file(place).is_some())
    };
    names.iter().filter_map(find).collect()
}

/// Names in DT_NEEDED, and the search paths in DT_RUNPATH and DT_RPATH.
fn dynamic(bytes: &[u8]) -> Option<(Vec<String>, Vec<String>)> {
    let header = elf::FileHeader64::<Endianness>::parse(bytes).ok()?;
    let endian = header.endian().ok()?;
    let segments = header.program_headers(endian, bytes).ok()?;
    let entries = segments.iter().find_map(|segment| segment.dynamic(endian, bytes).ok().flatten())?;
    let value = |tag: elf::DynamicTag| entries.iter().filter(move |e| e.d_tag(endian) == tag).map(|e| e.d_val(endian));
    let table = value(elf::DT_STRTAB).next()?;
    let strings = segments.iter().filter(|s| s.p_type(endian) == elf::PT_LOAD).find_map(|s| {
        let start = table.checked_sub(s.p_vaddr(endian)).filter(|&at| at < s.p_filesz(endian))?;
        bytes.get(usize::try_from(s.p_offset(endian).checked_add(start)?).ok()?..)
    })?;
    let text = |at: u64| {
        let text = CStr::from_bytes_until_nul(strings.get(usize::try_from(at).ok()?..)?).ok()?;
        Some(text.to_string_lossy().into_owned())
    };
    let names = value(elf::DT_NEEDED).filter_map(text).collect();
    let search = value(elf::DT_RUNPATH).chain(value(elf::DT_RPATH)).filter_map(text).collect();
    Some((names, search))
}
