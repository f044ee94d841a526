//! A piece of data of an embedded file, and the record of which pieces were checked.

use std::sync::atomic::{AtomicU64, Ordering};

use xxhash_rust::xxh3::xxh3_64;

use super::{CHUNK_LEN, Tree};
use crate::wire::{align_up, slice, u64_at};
use crate::{Codec, Damaged, Encoding};

/// Pieces begin at multiples of it; V8 wants a code cache aligned to 8.
pub(super) const CHUNK_ALIGN: u64 = 16;

/// One bit a piece. Two threads may check the same piece at once: both come to the same answer.
#[derive(Debug)]
pub(super) struct Checked(Box<[AtomicU64]>);

impl Checked {
    pub(super) fn new(chunks: usize) -> Self {
        Checked((0..chunks.div_ceil(64)).map(|_| AtomicU64::new(0)).collect())
    }

    fn get(&self, chunk: u32) -> bool {
        let word = self.0.get(chunk as usize / 64);
        word.is_some_and(|w| w.load(Ordering::Relaxed) & (1 << (chunk % 64)) != 0)
    }

    fn set(&self, chunk: u32) {
        if let Some(word) = self.0.get(chunk as usize / 64) {
            word.fetch_or(1 << (chunk % 64), Ordering::Relaxed);
        }
    }
}

/// A piece of data: a module's text, its code cache, a source map. Nothing of it is read until `bytes` is called.
#[derive(Clone, Copy, Debug)]
pub struct Blob<'t> {
    tree: &'t Tree<'t>,
    chunk: u32,
    stored: &'t [u8],
    /// `stored` and the zeros after it: what the checksum covers.
    covered: &'t [u8],
    checksum: u64,
    codec: Codec,
    encoding: Encoding,
    unpacked_len: u64,
    file_len: u64,
}

impl<'t> Blob<'t> {
    pub(super) fn read(tree: &'t Tree<'t>, chunk: u32) -> Option<Self> {
        let record = slice(tree.chunks, u64::from(chunk) * CHUNK_LEN as u64, CHUNK_LEN as u64)?;
        let (offset, len) = (u64_at(record, 0)?, u64_at(record, 8)?);
        Some(Blob {
            tree,
            chunk,
            stored: slice(tree.data, offset, len)?,
            covered: slice(tree.data, offset, align_up(len, CHUNK_ALIGN)?)?,
            checksum: u64_at(record, 16)?,
            unpacked_len: u64_at(record, 24)?,
            file_len: u64_at(record, 32)?,
            codec: match record[40] {
                0 => Codec::None,
                1 => Codec::Zstd,
                _ => return None,
            },
            encoding: match record[41] {
                0 => Encoding::Bytes,
                1 => Encoding::Ascii,
                2 => Encoding::Latin1,
                3 => Encoding::Utf16,
                _ => return None,
            },
        })
    }

    /// The stored bytes, checked at the first call for this piece in this process. Still packed where `codec` says so.
    pub fn bytes(&self) -> Result<&'t [u8], Damaged> {
        self.check()?;
        Ok(self.stored)
    }

    /// The stored bytes without a look at them, so that no page is touched: for a source text beside a code cache, which V8
    /// needs the length of and may never read. Whoever uses it owes a `check` before the program can depend on the bytes.
    pub fn bytes_unchecked(&self) -> &'t [u8] {
        self.stored
    }

    /// Compares with the checksum, once in a process.
    pub fn check(&self) -> Result<(), Damaged> {
        if !self.tree.checked.get(self.chunk) {
            if xxh3_64(self.covered) != self.checksum {
                return Err(Damaged::Checksum("file data"));
            }
            self.tree.checked.set(self.chunk);
        }
        Ok(())
    }

    /// How the stored bytes are packed.
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// What the unpacked bytes are to V8.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Length of the stored bytes.
    pub fn stored_len(&self) -> u64 {
        self.stored.len() as u64
    }

    /// Length after unpacking. Not to be trusted for an allocation before `check`.
    pub fn unpacked_len(&self) -> u64 {
        self.unpacked_len
    }

    /// Length of the file that `fs` shows: differs from `unpacked_len` where Latin-1 or UTF-16 stand for UTF-8.
    pub fn file_len(&self) -> u64 {
        self.file_len
    }
}
