//! ELF, 64 bits, little-endian: the payload is the content of a read-only section and of the PT_LOAD segment around it, both
//! last in memory, so that both can grow. The stub's half is stub_runtime/src/payload_segment.rs.
//!
//! After `embed` the file is: what was in front of the placeholder, the sections that are not loaded (names, comments), the
//! section headers, the payload. strip copies sections and puts the loaded ones first; that the payload is one, and that its
//! segment is the highest, is why it survives.

use object::elf::{FileHeader64, PF_R, PT_LOAD, ProgramHeader64, SHF_ALLOC, SHN_XINDEX, SHT_NOBITS, SectionHeader64};
use object::read::elf::FileHeader;
use object::{LittleEndian, pod};

use super::{Container, ContainerError, Frame};
use crate::{Header, MAGIC, PAGE, State};

type Ehdr = FileHeader64<LittleEndian>;
type Phdr = ProgramHeader64<LittleEndian>;
type Shdr = SectionHeader64<LittleEndian>;
const LE: LittleEndian = LittleEndian;
/// No linker aligns a segment to more: a huge page.
const MAX_ALIGN: u64 = 2 << 20;

pub(super) struct Elf;

impl Container for Elf {
    fn frame(&self, stub: &[u8], payload: &[u8]) -> Result<Frame, ContainerError> {
        if Header::peek(payload) != Ok(State::Filled(payload.len() as u64)) {
            return Err(ContainerError::Malformed("what is to be embedded is not a payload"));
        }
        Stub::read(stub)?.frame(payload.len() as u64)
    }

    fn locate<'a>(&self, executable: &'a [u8]) -> Result<&'a [u8], ContainerError> {
        let headers = program_headers(executable)?;
        match find(executable, headers) {
            Some(index) => Ok(&executable[headers[index].p_offset.get(LE) as usize..]),
            // Cut off in front of its last segment or in its first bytes: not there, and not absent either.
            None if headers.iter().any(|h| is_candidate(h) && ends_before_magic(h, executable)) => Ok(&[]),
            None => Err(ContainerError::NoPlaceholder),
        }
    }
}

/// A stub, taken apart and found fit to grow.
struct Stub<'a> {
    bytes: &'a [u8],
    headers: &'a [Phdr],
    sections: &'a [Shdr],
    /// Index among the program headers of the segment that holds the placeholder.
    segment: usize,
    /// Index among the section headers of the section that is the placeholder.
    section: usize,
}

impl<'a> Stub<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, ContainerError> {
        let headers = program_headers(bytes)?;
        let sections = section_headers(bytes)?;
        let segment = find(bytes, headers).ok_or(ContainerError::NoPlaceholder)?;
        let own = &headers[segment];
        let (offset, address) = (own.p_offset.get(LE), own.p_vaddr.get(LE));
        if Header::peek(&bytes[offset as usize..]) != Ok(State::Empty) {
            return Err(ContainerError::Occupied);
        }
        if own.p_filesz.get(LE) != PAGE as u64 || own.p_memsz.get(LE) != PAGE as u64 {
            return Err(ContainerError::Malformed("the placeholder's segment holds more than the placeholder"));
        }
        let align = own.p_align.get(LE);
        if !align.is_power_of_two() || align > MAX_ALIGN || !(offset | address).is_multiple_of(PAGE as u64) {
            return Err(ContainerError::Malformed("the placeholder's segment is not page-aligned"));
        }
        let table = ehdr(bytes)?.e_phoff.get(LE);
        if table < size_of::<Ehdr>() as u64 || table.saturating_add(size_of_val(headers) as u64) > offset {
            return Err(ContainerError::Malformed("its program headers are not in front of the placeholder"));
        }
        let others = headers.iter().enumerate().filter(|&(i, h)| i != segment && h.p_type.get(LE) == PT_LOAD);
        for (_, other) in others {
            let memory_end = other.p_vaddr.get(LE).checked_add(other.p_memsz.get(LE));
            let file_end = other.p_offset.get(LE).checked_add(other.p_filesz.get(LE));
            if memory_end.is_none_or(|end| end > address) || file_end.is_none_or(|end| end > offset) {
                return Err(ContainerError::Malformed("the placeholder's segment is not the last"));
            }
        }
        let is_own = |s: &Shdr| {
            s.sh_flags.get(LE).contains(SHF_ALLOC) && s.sh_addr.get(LE) == address && s.sh_size.get(LE) == PAGE as u64
        };
        let section = sections.iter().position(is_own);
        let section = section.ok_or(ContainerError::Malformed("the placeholder has no section of its own"))?;
        Ok(Stub { bytes, headers, sections, segment, section })
    }

    fn frame(&self, payload: u64) -> Result<Frame, ContainerError> {
        let own = &self.headers[self.segment];
        let kept = own.p_offset.get(LE) as usize;
        let mut between = Between { begin: kept, bytes: Vec::new() };

        let mut sections = self.sections.to_vec();
        self.move_unloaded(&mut sections, &mut between)?;

        // The section headers follow the payload in strip's output, here they are in front of it: what is cut off a file is
        // always payload.
        between.align(8);
        let table = between.end();
        between.bytes.resize(between.bytes.len() + size_of_val(self.sections), 0);
        // The file offset must equal the address modulo the alignment. Both are pages, and a larger alignment is honoured.
        let align = own.p_align.get(LE).max(PAGE as u64);
        let ahead = own.p_vaddr.get(LE).wrapping_sub(between.end() as u64) & (align - 1);
        between.bytes.resize(between.bytes.len() + ahead as usize, 0);
        let offset = between.end() as u64;

        sections[self.section].sh_offset.set(LE, offset);
        sections[self.section].sh_size.set(LE, payload);
        let table_bytes = pod::bytes_of_slice(&sections);
        between.bytes[table - kept..][..table_bytes.len()].copy_from_slice(table_bytes);

        let mut header = *ehdr(self.bytes)?;
        let at = header.e_phoff.get(LE) as usize;
        let mut head = self.bytes[..at + size_of_val(self.headers)].to_vec();
        header.e_shoff.set(LE, table as u64);
        head[..size_of::<Ehdr>()].copy_from_slice(pod::bytes_of(&header));
        let mut headers = self.headers.to_vec();
        headers[self.segment].p_offset.set(LE, offset);
        headers[self.segment].p_filesz.set(LE, payload);
        headers[self.segment].p_memsz.set(LE, payload);
        head[at..].copy_from_slice(pod::bytes_of_slice(&headers));
        Ok(Frame { head, kept, between: between.bytes })
    }

    /// Appends the sections that lie behind the placeholder, none of which is loaded, in their order in the file.
    fn move_unloaded(&self, sections: &mut [Shdr], between: &mut Between) -> Result<(), ContainerError> {
        let malformed = ContainerError::Malformed("a section lies outside the file");
        let mut order: Vec<usize> = (1..sections.len()).filter(|&i| i != self.section).collect();
        order.sort_by_key(|&i| (sections[i].sh_offset.get(LE), i));
        for i in order {
            let section = &mut sections[i];
            let (offset, size) = (section.sh_offset.get(LE), section.sh_size.get(LE));
            if offset < between.begin as u64 || section.sh_type.get(LE) == SHT_NOBITS {
                continue;
            }
            let end = offset.checked_add(size).ok_or(malformed)?;
            let bytes = self.bytes.get(offset as usize..end as usize).ok_or(malformed)?;
            let align = section.sh_addralign.get(LE).clamp(1, PAGE as u64).next_power_of_two();
            between.align(align as usize);
            section.sh_offset.set(LE, between.end() as u64);
            between.bytes.extend_from_slice(bytes);
        }
        Ok(())
    }
}

/// What is written between the stub's unchanged part and the payload.
struct Between {
    /// Where in the file.
    begin: usize,
    bytes: Vec<u8>,
}

impl Between {
    /// Where in the file it ends.
    fn end(&self) -> usize {
        self.begin + self.bytes.len()
    }

    /// Zeros, up to a multiple of `to` in the file.
    fn align(&mut self, to: usize) {
        self.bytes.resize(self.end().next_multiple_of(to) - self.begin, 0);
    }
}

/// The index of the read-only segment that begins with a payload or a placeholder.
fn find(bytes: &[u8], headers: &[Phdr]) -> Option<usize> {
    headers.iter().position(|header| {
        let start = bytes.get(header.p_offset.get(LE) as usize..);
        is_candidate(header) && start.is_some_and(|start| start.starts_with(&MAGIC))
    })
}

fn is_candidate(header: &Phdr) -> bool {
    header.p_type.get(LE) == PT_LOAD && header.p_flags.get(LE) == PF_R && header.p_offset.get(LE) != 0
}

fn ends_before_magic(header: &Phdr, bytes: &[u8]) -> bool {
    header.p_offset.get(LE).saturating_add(MAGIC.len() as u64) > bytes.len() as u64
}

fn ehdr(bytes: &[u8]) -> Result<&Ehdr, ContainerError> {
    Ehdr::parse(bytes).map_err(|_| ContainerError::Malformed("its ELF header is broken"))
}

fn program_headers(bytes: &[u8]) -> Result<&[Phdr], ContainerError> {
    let headers = ehdr(bytes)?.program_headers(LE, bytes);
    headers.map_err(|_| ContainerError::Malformed("its program headers are broken"))
}

fn section_headers(bytes: &[u8]) -> Result<&[Shdr], ContainerError> {
    let header = ehdr(bytes)?;
    let sections = header.section_headers(LE, bytes).ok().filter(|sections| !sections.is_empty());
    let sections = sections.ok_or(ContainerError::Malformed("its section headers are broken or missing"))?;
    if header.e_shnum.get(LE) == 0 || header.e_shstrndx.get(LE) == SHN_XINDEX {
        return Err(ContainerError::Malformed("it has more sections than an ELF header can count"));
    }
    Ok(sections)
}
