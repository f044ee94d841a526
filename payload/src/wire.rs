//! Little-endian numbers and strings, checked at every read. Owns no meaning.

use crate::Damaged;

/// The number at `at`, or `None` past the end.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let end = at.checked_add(4)?;
    Some(u32::from_le_bytes(bytes.get(at..end)?.try_into().ok()?))
}

/// The number at `at`, or `None` past the end.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    let end = at.checked_add(8)?;
    Some(u64::from_le_bytes(bytes.get(at..end)?.try_into().ok()?))
}

/// The `len` bytes at `at`, or `None` where they are not all there.
pub(crate) fn slice(bytes: &[u8], at: u64, len: u64) -> Option<&[u8]> {
    let start = usize::try_from(at).ok()?;
    let end = start.checked_add(usize::try_from(len).ok()?)?;
    bytes.get(start..end)
}

/// `n` rounded up to a multiple of `align`, a power of two; `None` where that is past `u64`.
pub(crate) fn align_up(n: u64, align: u64) -> Option<u64> {
    Some(n.checked_add(align - 1)? & !(align - 1))
}

/// Appends numbers and length-prefixed strings.
#[derive(Default)]
pub(crate) struct Writer {
    pub(crate) bytes: Vec<u8>,
}

impl Writer {
    pub(crate) fn u8(&mut self, n: u8) {
        self.bytes.push(n);
    }

    pub(crate) fn u32(&mut self, n: u32) {
        self.bytes.extend_from_slice(&n.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, n: u64) {
        self.bytes.extend_from_slice(&n.to_le_bytes());
    }

    /// A length (u64) and the bytes.
    pub(crate) fn str(&mut self, s: &str) {
        self.u64(s.len() as u64);
        self.bytes.extend_from_slice(s.as_bytes());
    }

    /// Zeros up to the next multiple of `align`.
    pub(crate) fn pad(&mut self, align: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(align), 0);
    }
}

/// Reads what `Writer` wrote, front to back. Never allocates by a length that it has not seen the bytes of.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    part: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], part: &'static str) -> Self {
        Reader { bytes, part }
    }

    pub(crate) fn malformed(&self) -> Damaged {
        Damaged::Layout(self.part)
    }

    pub(crate) fn take(&mut self, len: u64) -> Result<&'a [u8], Damaged> {
        let len = usize::try_from(len).map_err(|_| self.malformed())?;
        let (head, rest) = self.bytes.split_at_checked(len).ok_or_else(|| self.malformed())?;
        self.bytes = rest;
        Ok(head)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Damaged> {
        Ok(self.take(1)?[0])
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Damaged> {
        let bytes = self.take(4)?;
        u32_at(bytes, 0).ok_or_else(|| self.malformed())
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Damaged> {
        let bytes = self.take(8)?;
        u64_at(bytes, 0).ok_or_else(|| self.malformed())
    }

    pub(crate) fn str(&mut self) -> Result<&'a str, Damaged> {
        let len = self.u64()?;
        std::str::from_utf8(self.take(len)?).map_err(|_| self.malformed())
    }

    /// Nothing may be left over.
    pub(crate) fn end(&self) -> Result<(), Damaged> {
        if self.bytes.is_empty() { Ok(()) } else { Err(self.malformed()) }
    }
}

/// Strings of an index, each stored once, named by offset and length.
#[derive(Default)]
pub(crate) struct PoolWriter {
    pub(crate) bytes: Vec<u8>,
    // Looked up, never iterated: a hash map does not make the bytes depend on its order.
    seen: std::collections::HashMap<String, (u32, u32)>,
}

impl PoolWriter {
    /// Offset and length of `s`; `None` where the pool would outgrow 4 GiB.
    pub(crate) fn add(&mut self, s: &str) -> Option<(u32, u32)> {
        if let Some(&at) = self.seen.get(s) {
            return Some(at);
        }
        let at = (u32::try_from(self.bytes.len()).ok()?, u32::try_from(s.len()).ok()?);
        self.bytes.extend_from_slice(s.as_bytes());
        u32::try_from(self.bytes.len()).ok()?;
        self.seen.insert(s.to_owned(), at);
        Some(at)
    }
}

/// The other half of `PoolWriter`. Checked to be UTF-8 once, so that a string out of it is a bounds check.
pub(crate) fn pool_str(pool: &str, offset: u32, len: u32) -> Option<&str> {
    let start = offset as usize;
    pool.get(start..start.checked_add(len as usize)?)
}
