//! An opened payload: the reader's entrance. Owns what is checked when.

use std::sync::atomic::{AtomicU8, Ordering};

use xxhash_rust::xxh3::xxh3_64;

use crate::header::Section;
use crate::image::{IMAGE_PARTS, checked_parts};
use crate::wire::slice;
use crate::{Caches, Damaged, Edges, Header, Manifest, SectionKind, Tree};

/// A payload whose header, manifest, edges, tree index and what every start reads of the image are checked. The rest is checked when it is first touched.
#[derive(Debug)]
pub struct Payload<'a> {
    bytes: &'a [u8],
    header: Header,
    manifest: Manifest,
    edges: Edges<'a>,
    tree: Tree<'a>,
    /// A bit a section whose checksum was compared.
    checked: AtomicU8,
}

/// Where a section is and how long, for `pack inspect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SectionInfo {
    /// Which one.
    pub kind: SectionKind,
    /// From the start of the payload.
    pub offset: u64,
    /// Without the zeros after it.
    pub len: u64,
}

impl<'a> Payload<'a> {
    /// Opens the payload at the start of `bytes`, which may go on after it. `None` is a stub's placeholder: there is none.
    pub fn open(bytes: &'a [u8]) -> Result<Option<Self>, Damaged> {
        let Some(header) = Header::read(bytes)? else {
            return Ok(None);
        };
        let bytes = slice(bytes, 0, header.total_len).ok_or(Damaged::Truncated)?;
        for kind in [SectionKind::Manifest, SectionKind::Edges, SectionKind::Tree] {
            check(bytes, &header, kind)?;
        }
        let section = |kind: SectionKind| {
            let Section { offset, len, .. } = header.sections[kind.slot()];
            slice(bytes, offset, len).ok_or(Damaged::Truncated)
        };
        let manifest = Manifest::read(section(SectionKind::Manifest)?)?;
        match parts(&manifest, section(SectionKind::Image)?) {
            Some([first, _]) => compare(first)?,
            None => check(bytes, &header, SectionKind::Image)?,
        }
        Ok(Some(Payload {
            manifest,
            edges: Edges::read(section(SectionKind::Edges)?)?,
            tree: Tree::read(section(SectionKind::Tree)?, section(SectionKind::Data)?)?,
            checked: AtomicU8::new(1 << SectionKind::Image.slot()),
            header,
            bytes,
        }))
    }

    /// What to run and how.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The embedded files.
    pub fn tree(&self) -> &Tree<'a> {
        &self.tree
    }

    /// The requests that were resolved at build time.
    pub fn edges(&self) -> Edges<'a> {
        self.edges
    }

    /// The V8 snapshot, page-aligned in the payload; empty where there is none. What every start reads of it is checked since `open`; who
    /// reads more asks [`Payload::check_image`] before.
    pub fn image(&self) -> &'a [u8] {
        self.section(SectionKind::Image).unwrap_or_default()
    }

    /// Checks what `open` has left out of the image.
    pub fn check_image(&self) -> Result<(), Damaged> {
        parts(&self.manifest, self.image()).map_or(Ok(()), |[_, others]| compare(others))
    }

    /// Code caches of the built-ins that the image does not hold; each is checked when it is looked up.
    pub fn caches(&self) -> Result<Caches<'a>, Damaged> {
        let Section { offset, len, .. } = self.header.sections[SectionKind::Caches.slot()];
        Caches::read(slice(self.bytes, offset, len).ok_or(Damaged::Truncated)?)
    }

    /// ICU's data, page-aligned in the payload; empty where there is none.
    pub fn icu(&self) -> Result<&'a [u8], Damaged> {
        self.section(SectionKind::Icu)
    }

    /// The same without the check: it is handed over at every start, and a check would read eleven megabytes of which most
    /// programs touch a few pages or none. The stub checks when the first of them is touched.
    pub fn icu_unchecked(&self) -> &'a [u8] {
        let Section { offset, len, .. } = self.header.sections[SectionKind::Icu.slot()];
        slice(self.bytes, offset, len).unwrap_or_default()
    }

    /// Root certificates in PEM; empty where there are none.
    pub fn certificates(&self) -> Result<&'a [u8], Damaged> {
        self.section(SectionKind::Certificates)
    }

    /// The whole payload.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The sections in file order.
    pub fn sections(&self) -> [SectionInfo; SectionKind::ALL.len()] {
        SectionKind::ALL.map(|kind| {
            let Section { offset, len, .. } = self.header.sections[kind.slot()];
            SectionInfo { kind, offset, len }
        })
    }

    /// Checks every byte, touched or not: for `pack inspect`, never at a start.
    pub fn check_all(&self) -> Result<(), Damaged> {
        SectionKind::ALL.into_iter().try_for_each(|kind| check(self.bytes, &self.header, kind))?;
        self.tree.check_all()
    }

    /// Checks all of one section, touched or not: those that a start hands on unread, for tests and `pack inspect`.
    pub fn check_section(&self, kind: SectionKind) -> Result<(), Damaged> {
        check(self.bytes, &self.header, kind)
    }

    /// Compares one block of ICU's data with the manifest's list (`icu-blocks`), all of it where there is no list. Allocates nothing.
    pub fn check_icu_block(&self, index: usize) -> Result<(), Damaged> {
        let Some(list) = self.manifest.extra.get(ICU_BLOCKS) else { return self.check_section(SectionKind::Icu) };
        let block = self.icu_unchecked().chunks(BLOCK).nth(index).ok_or(Damaged::Truncated)?;
        let digits = list.get(index * DIGITS..(index + 1) * DIGITS);
        let checksum = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        if checksum == Some(xxh3_64(block)) { Ok(()) } else { Err(Damaged::Checksum(SectionKind::Icu.name())) }
    }

    /// A section's bytes, compared with its checksum once in a process.
    fn section(&self, kind: SectionKind) -> Result<&'a [u8], Damaged> {
        let bit = 1 << kind.slot();
        if self.checked.load(Ordering::Relaxed) & bit == 0 {
            check(self.bytes, &self.header, kind)?;
            self.checked.fetch_or(bit, Ordering::Relaxed);
        }
        let Section { offset, len, .. } = self.header.sections[kind.slot()];
        slice(self.bytes, offset, len).ok_or(Damaged::Truncated)
    }
}

/// ICU's data are checked in blocks of so many bytes, each when it is first touched.
pub const BLOCK: usize = 256 << 10;
/// Key of the manifest: their checksums, 16 hexadecimal digits each.
pub const ICU_BLOCKS: &str = "icu-blocks";
const DIGITS: usize = 16;

/// The checksums of ICU's data as the manifest has them.
pub fn icu_blocks(icu: &[u8]) -> String {
    icu.chunks(BLOCK).map(|block| format!("{:0DIGITS$x}", xxh3_64(block))).collect()
}

/// The image's parts with their checksums, if the manifest has them.
fn parts<'a>(manifest: &Manifest, image: &'a [u8]) -> Option<[(&'a [u8], u64); 2]> {
    checked_parts(image, manifest.extra.get(IMAGE_PARTS)?)
}

fn compare((bytes, checksum): (&[u8], u64)) -> Result<(), Damaged> {
    if xxh3_64(bytes) == checksum { Ok(()) } else { Err(Damaged::Checksum(SectionKind::Image.name())) }
}

fn check(bytes: &[u8], header: &Header, kind: SectionKind) -> Result<(), Damaged> {
    let Section { offset, end, checksum, .. } = header.sections[kind.slot()];
    let covered = end.checked_sub(offset).and_then(|len| slice(bytes, offset, len)).ok_or(Damaged::Truncated)?;
    if xxh3_64(covered) == checksum { Ok(()) } else { Err(Damaged::Checksum(kind.name())) }
}
