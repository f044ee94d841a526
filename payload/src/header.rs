//! Header and section table: where everything is and what its checksum is. The layout follows from the lengths alone, and the
//! reader accepts no other, so that there is no byte that no checksum covers.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::Damaged;
use crate::wire::{Reader, Writer, align_up, slice};

/// First bytes of every payload and of the placeholder. The high bit, the line ends and the ^Z show a file mangled as text.
pub const MAGIC: [u8; 8] = *b"\x89PACK\r\n\x1a";
/// Any change of the format raises it; stub and packager are always of one version, `pack inspect` may meet an older file.
pub const FORMAT_VERSION: u32 = 1;
/// Alignment of what is used in place, and the size of the placeholder.
pub const PAGE: usize = 4096;

const EMPTY: [u8; 8] = *b"-empty--";
const FILLED: [u8; 8] = *b"<filled>";
/// Last bytes of every payload. Not zeros: in a mapped file that was cut by less than a page the kernel supplies those.
const END: [u8; 16] = *b"<end-of-payload>";
/// Magic, state, version, section count, length, checksum.
const HEADER_LEN: usize = 40;
const CHECKSUM_AT: usize = 32;
const ENTRY_LEN: usize = 32;

/// What the stub's section holds as the linker leaves it: no payload, and not a damaged one either.
pub const PLACEHOLDER: [u8; PAGE] = {
    let mut page = [0; PAGE];
    let (version, len) = (FORMAT_VERSION.to_le_bytes(), (PAGE as u64).to_le_bytes());
    let mut i = 0;
    while i < 8 {
        page[i] = MAGIC[i];
        page[8 + i] = EMPTY[i];
        page[24 + i] = len[i];
        if i < 4 {
            page[16 + i] = version[i];
        }
        i += 1;
    }
    page
};

/// The parts of a payload, in the order in which they lie in it. All are always there; one that is not used has no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u32)]
pub enum SectionKind {
    /// What to run and how.
    Manifest = 1,
    /// Requests that were resolved at build time.
    Edges = 2,
    /// Index of the embedded files.
    Tree = 3,
    /// The V8 snapshot, used in place.
    Image = 4,
    /// Code caches of the built-ins that the image does not hold, checked one by one.
    Caches = 5,
    /// ICU's data, used in place.
    Icu = 6,
    /// Root certificates.
    Certificates = 7,
    /// What the embedded files hold, checked piece by piece.
    Data = 8,
}

impl SectionKind {
    /// Every kind, in file order.
    pub const ALL: [SectionKind; 8] = [
        SectionKind::Manifest,
        SectionKind::Edges,
        SectionKind::Tree,
        SectionKind::Image,
        SectionKind::Caches,
        SectionKind::Icu,
        SectionKind::Certificates,
        SectionKind::Data,
    ];

    /// The name in messages and in `pack inspect`.
    pub fn name(self) -> &'static str {
        match self {
            SectionKind::Manifest => "manifest",
            SectionKind::Edges => "edges",
            SectionKind::Tree => "tree",
            SectionKind::Image => "image",
            SectionKind::Caches => "caches",
            SectionKind::Icu => "icu",
            SectionKind::Certificates => "certificates",
            SectionKind::Data => "data",
        }
    }

    fn align(self) -> u64 {
        match self {
            SectionKind::Image | SectionKind::Icu | SectionKind::Data => PAGE as u64,
            _ => 16,
        }
    }

    pub(crate) fn slot(self) -> usize {
        self as usize - 1
    }
}

/// What the first bytes say, before anything is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The placeholder of a stub.
    Empty,
    /// A payload of so many bytes, this header included.
    Filled(u64),
}

/// One section: where it is, and the checksum of it and of the zeros up to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) offset: u64,
    pub(crate) len: u64,
    /// Where the next one begins: the checksum covers `offset..end`.
    pub(crate) end: u64,
    pub(crate) checksum: u64,
}

/// The parsed header and section table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub(crate) total_len: u64,
    pub(crate) sections: [Section; SectionKind::ALL.len()],
}

impl Header {
    /// Lays out `parts` (in the order of `SectionKind::ALL`) and returns the whole payload.
    pub(crate) fn write(parts: [&[u8]; SectionKind::ALL.len()]) -> Vec<u8> {
        let table_end = HEADER_LEN + parts.len() * ENTRY_LEN;
        let most = table_end + parts.iter().map(|part| part.len() + PAGE).sum::<usize>() + END.len();
        let mut out = Writer { bytes: Vec::with_capacity(most) };
        out.bytes.resize(table_end, 0);
        let mut starts = Vec::with_capacity(parts.len() + 1);
        for (kind, part) in SectionKind::ALL.into_iter().zip(parts) {
            out.pad(kind.align() as usize);
            starts.push(out.bytes.len());
            out.bytes.extend_from_slice(part);
        }
        out.pad(16);
        starts.push(out.bytes.len());
        out.bytes.extend_from_slice(&END);
        let payload = out.bytes;

        let mut head = Writer::default();
        head.bytes.extend_from_slice(&MAGIC);
        head.bytes.extend_from_slice(&FILLED);
        head.u32(FORMAT_VERSION);
        head.u32(parts.len() as u32);
        head.u64(payload.len() as u64);
        head.u64(0);
        for (i, part) in parts.iter().enumerate() {
            head.u32(SectionKind::ALL[i] as u32);
            head.u32(0);
            head.u64(starts[i] as u64);
            head.u64(part.len() as u64);
            head.u64(xxh3_64(&payload[starts[i]..starts[i + 1]]));
        }
        head.bytes.resize(starts[0], 0);
        let checksum = checksum(&head.bytes);
        head.bytes[CHECKSUM_AT..HEADER_LEN].copy_from_slice(&checksum.to_le_bytes());

        let mut payload = payload;
        payload[..starts[0]].copy_from_slice(&head.bytes);
        payload
    }

    /// What lies at the start of `bytes`; 40 of them are enough. Nothing is checked but magic number, version and state.
    pub fn peek(bytes: &[u8]) -> Result<State, Damaged> {
        let head = bytes.get(..HEADER_LEN).ok_or(Damaged::Truncated)?;
        if head == &PLACEHOLDER[..HEADER_LEN] {
            return Ok(State::Empty);
        }
        if head[..8] != MAGIC {
            return Err(Damaged::Magic);
        }
        let mut rest = Reader::new(&head[16..], "header");
        let (version, _count, total_len) = (rest.u32()?, rest.u32()?, rest.u64()?);
        if version != FORMAT_VERSION {
            return Err(Damaged::Version(version));
        }
        if head[8..16] != FILLED {
            return Err(Damaged::Layout("header"));
        }
        Ok(State::Filled(total_len))
    }

    /// Reads and checks header and table; `None` is the placeholder. `bytes` may be longer than the payload.
    pub(crate) fn read(bytes: &[u8]) -> Result<Option<Header>, Damaged> {
        let State::Filled(total_len) = Header::peek(bytes)? else {
            return Ok(None);
        };
        let malformed = Damaged::Layout("header");
        let table_end = HEADER_LEN + SectionKind::ALL.len() * ENTRY_LEN;
        let first = align_up(table_end as u64, SectionKind::ALL[0].align()).ok_or(malformed)?;
        // The head is checked before the length is believed: a wrong length is then a wrong checksum, not a cut file.
        let head = slice(bytes, 0, first).ok_or(Damaged::Truncated)?;
        let mut fields = Reader::new(&head[20..], "header");
        let (count, _, expected) = (fields.u32()?, fields.u64()?, fields.u64()?);
        if checksum(head) != expected {
            return Err(Damaged::Checksum("header"));
        }
        if count as usize != SectionKind::ALL.len() {
            return Err(malformed);
        }
        let mut sections = [Section::default(); SectionKind::ALL.len()];
        let mut at = table_end as u64;
        for kind in SectionKind::ALL {
            let (number, flags, offset, len, checksum) =
                (fields.u32()?, fields.u32()?, fields.u64()?, fields.u64()?, fields.u64()?);
            let start = align_up(at, kind.align()).ok_or(malformed)?;
            if number != kind as u32 || flags != 0 || offset != start {
                return Err(malformed);
            }
            at = start.checked_add(len).ok_or(malformed)?;
            sections[kind.slot()] = Section { offset, len, end: 0, checksum };
        }
        let end = align_up(at, 16).ok_or(malformed)?;
        if end.checked_add(END.len() as u64) != Some(total_len) {
            return Err(malformed);
        }
        // Looks at the last page, so that a cut file is found at the start and not when the program has long been running.
        if slice(bytes, end, END.len() as u64) != Some(&END) {
            return Err(Damaged::Truncated);
        }
        for i in 0..sections.len() {
            sections[i].end = sections.get(i + 1).map_or(end, |next| next.offset);
        }
        Ok(Some(Header { total_len, sections }))
    }
}

/// Of everything before the first section except the checksum itself.
fn checksum(head: &[u8]) -> u64 {
    xxh3_64_with_seed(&head[HEADER_LEN..], xxh3_64(&head[..CHECKSUM_AT]))
}
