//! The embedded tree: a read-only file system, ordered by path. Owns the index and the checks of the data behind it; what
//! errno a failure becomes is the stub's `fs`. Written by `tree/write.rs`, symlinks are followed in `tree/resolve.rs`.
//!
//! Opening allocates one bitmap (a bit a piece of data: checked or not) and looks at no entry. A record that does not hold
//! together, which only a payload with checksums made for it can contain, counts as not there.

mod blob;
mod entry;
mod resolve;
mod write;

use std::cmp::Ordering::{Equal, Greater, Less};

pub use blob::Blob;
pub use entry::{Children, Entry, EntryKind, FileKind};
pub use resolve::ResolveError;
pub(crate) use write::{NewEntry, TreeWriter};

use crate::Damaged;
use crate::wire::{pool_str, slice, u32_at};
use blob::Checked;

/// Counts of chunks, entries and children, and the pool's length.
const HEAD_LEN: usize = 16;
const CHUNK_LEN: usize = 48;
const ENTRY_LEN: usize = 40;
const CHILD_LEN: usize = 4;

/// The index of the embedded files.
#[derive(Debug)]
pub struct Tree<'a> {
    chunks: &'a [u8],
    entries: &'a [u8],
    children: &'a [u8],
    pool: &'a str,
    data: &'a [u8],
    checked: Checked,
}

impl<'a> Tree<'a> {
    /// Over the bytes of the tree section, already checked, and of the data section, not checked.
    pub(crate) fn read(bytes: &'a [u8], data: &'a [u8]) -> Result<Self, Damaged> {
        let malformed = Damaged::Layout("tree");
        let mut at = HEAD_LEN as u64;
        let mut table = |field: usize, each: usize| {
            let len = u64::from(u32_at(bytes, field * 4)?) * each as u64;
            let table = slice(bytes, at, len)?;
            at += len;
            Some(table)
        };
        let chunks = table(0, CHUNK_LEN).ok_or(malformed)?;
        let entries = table(1, ENTRY_LEN).ok_or(malformed)?;
        let children = table(2, CHILD_LEN).ok_or(malformed)?;
        let pool = table(3, 1).ok_or(malformed)?;
        if at != bytes.len() as u64 {
            return Err(malformed);
        }
        let pool = std::str::from_utf8(pool).map_err(|_| malformed)?;
        let checked = Checked::new(chunks.len() / CHUNK_LEN);
        Ok(Tree { chunks, entries, children, pool, data, checked })
    }

    /// How many entries there are: files, directories and symlinks, the root among them.
    pub fn len(&self) -> u32 {
        (self.entries.len() / ENTRY_LEN) as u32
    }

    /// Whether there is not even a root.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry of this index, as `Target::File` names it.
    pub fn entry(&self, index: u32) -> Option<Entry<'_>> {
        Entry::read(self, index)
    }

    /// The entry of exactly this path ("" is the root): O(log n), follows no symlink, resolves no `.` or `..`.
    pub fn lookup(&self, path: &str) -> Option<Entry<'_>> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.path(middle)?.as_bytes().cmp(path.as_bytes()) {
                Less => low = middle + 1,
                Greater => high = middle,
                Equal => return self.entry(middle),
            }
        }
        None
    }

    /// Every entry in path order.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        (0..self.len()).filter_map(|index| self.entry(index))
    }

    /// Checks every piece of data: what `pack inspect` does, never a start.
    pub(crate) fn check_all(&self) -> Result<(), Damaged> {
        (0..(self.chunks.len() / CHUNK_LEN) as u32).try_for_each(|chunk| match Blob::read(self, chunk) {
            Some(blob) => blob.check(),
            None => Err(Damaged::Layout("tree")),
        })
    }

    fn record(&self, index: u32) -> Option<&[u8]> {
        slice(self.entries, u64::from(index) * ENTRY_LEN as u64, ENTRY_LEN as u64)
    }

    fn path(&self, index: u32) -> Option<&str> {
        let record = self.record(index)?;
        pool_str(self.pool, u32_at(record, 0)?, u32_at(record, 4)?)
    }
}
