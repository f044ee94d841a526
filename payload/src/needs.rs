//! What an ELF library asks the dynamic loader for: the machine, the libraries, and where it looks for them.
//!
//! Owns: reading that from a file's bytes; damaged ones give `None`. Does not own: loading (stub), embedding (packager).

use object::Endianness;
use object::elf;
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use std::ffi::CStr;

/// See the head of this file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Whether it is for x86-64 Linux, the machine of every stub so far.
    pub fits: bool,
    /// DT_NEEDED: names of libraries, in their order.
    pub libraries: Vec<String>,
    /// DT_RUNPATH and DT_RPATH, split at colons; `$ORIGIN` stands for the library's own folder.
    pub search: Vec<String>,
}

impl Needs {
    /// Of the bytes of a 64-bit ELF file.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let header = elf::FileHeader64::<Endianness>::parse(bytes).ok()?;
        let endian = header.endian().ok()?;
        let fits = header.e_machine(endian) == elf::EM_X86_64;
        let segments = header.program_headers(endian, bytes).ok()?;
        let Some(entries) = segments.iter().find_map(|segment| segment.dynamic(endian, bytes).ok().flatten()) else {
            return Some(Needs { fits, ..Needs::default() });
        };
        let value =
            |tag: elf::DynamicTag| entries.iter().filter(move |e| e.d_tag(endian) == tag).map(|e| e.d_val(endian));
        let table = value(elf::DT_STRTAB).next()?;
        let strings = segments.iter().filter(|s| s.p_type(endian) == elf::PT_LOAD).find_map(|s| {
            let start = table.checked_sub(s.p_vaddr(endian)).filter(|&at| at < s.p_filesz(endian))?;
            bytes.get(usize::try_from(s.p_offset(endian).checked_add(start)?).ok()?..)
        })?;
        let text = |at: u64| {
            let text = CStr::from_bytes_until_nul(strings.get(usize::try_from(at).ok()?..)?).ok()?;
            Some(text.to_string_lossy().into_owned())
        };
        let libraries = value(elf::DT_NEEDED).filter_map(text).collect();
        let search = value(elf::DT_RUNPATH).chain(value(elf::DT_RPATH)).filter_map(text);
        let search = search.flat_map(|list| list.split(':').map(str::to_owned).collect::<Vec<_>>()).collect();
        Some(Needs { fits, libraries, search })
    }

    /// Whether it is for musl, which no stub has.
    pub fn is_musl(&self) -> bool {
        // Rust's compiler calls it as the file to link with is called: glibc's is `libc.so.6`.
        self.libraries
            .iter()
            .any(|name| name.starts_with("libc.musl-") || name.starts_with("ld-musl-") || name == "libc.so")
    }

    /// The files that each library could be, for a library in `folder`: every combination, in the loader's order.
    pub fn candidates(&self, folder: &str) -> impl Iterator<Item = Vec<String>> {
        let folders: Vec<String> =
            self.search.iter().map(|entry| entry.replace("${ORIGIN}", folder).replace("$ORIGIN", folder)).collect();
        self.libraries.iter().map(move |name| folders.iter().map(|folder| format!("{folder}/{name}")).collect())
    }
}
