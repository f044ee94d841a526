//! Requests that were resolved at build time: which file asks for what, and what it gets. Owns the table; what a missing
//! target throws is the loader's.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::Damaged;
use crate::wire::{PoolWriter, Writer, pool_str, slice, u32_at};

/// Count of records, length of the pool.
const HEAD_LEN: usize = 8;
const RECORD_LEN: usize = 24;

/// How the importer asks. The same request may lead to two places: conditions differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum EdgeKind {
    /// `import`, `export from`, `import()`, `import.meta.resolve`.
    Import = 0,
    /// `require`, `require.resolve`.
    Require = 1,
    /// A path: `new URL(x, import.meta.url)`, a worker's or a child's script.
    Url = 2,
}

/// Where a request leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// The entry of this index in the tree.
    File(u32),
    /// A built-in module, without `node:`.
    Builtin(&'a str),
    /// Looked for on the disk, by this name.
    External(&'a str),
    /// Was not there at build time: fails with Node's code.
    Missing,
}

/// Where a request leads, on its way into a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EdgeTarget {
    /// The file of this path in the tree.
    File(String),
    /// A built-in module, without `node:`.
    Builtin(String),
    /// Looked for on the disk, by this name.
    External(String),
    /// Was not there at build time.
    Missing,
}

/// One resolved request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge<'a> {
    /// Index in the tree of the file that asks.
    pub importer: u32,
    /// How it asks.
    pub kind: EdgeKind,
    /// What it asks for, to the letter.
    pub request: &'a str,
    /// What it gets.
    pub target: Target<'a>,
}

/// The table, ordered by importer, kind and request.
#[derive(Clone, Copy, Debug)]
pub struct Edges<'a> {
    records: &'a [u8],
    pool: &'a str,
}

impl<'a> Edges<'a> {
    /// The bytes of the section, or `None` where a table outgrows 32 bits.
    pub(crate) fn write(edges: &BTreeMap<(u32, EdgeKind, &str), Target>) -> Option<Vec<u8>> {
        let mut pool = PoolWriter::default();
        let mut records = Writer::default();
        for (&(importer, kind, request), target) in edges {
            let (at, len) = pool.add(request)?;
            let (number, a, b) = match *target {
                Target::File(index) => (0, index, 0),
                Target::Builtin(name) => pool.add(name).map(|(at, len)| (1, at, len))?,
                Target::External(name) => pool.add(name).map(|(at, len)| (2, at, len))?,
                Target::Missing => (3, 0, 0),
            };
            records.u32(importer);
            records.bytes.extend_from_slice(&[kind as u8, number, 0, 0]);
            [at, len, a, b].into_iter().for_each(|n| records.u32(n));
        }
        let mut out = Writer::default();
        out.u32(u32::try_from(edges.len()).ok()?);
        out.u32(u32::try_from(pool.bytes.len()).ok()?);
        out.bytes.extend_from_slice(&records.bytes);
        out.bytes.extend_from_slice(&pool.bytes);
        Some(out.bytes)
    }

    /// Over the bytes of the section, already checked.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, Damaged> {
        let malformed = Damaged::Layout("edges");
        let count = u64::from(u32_at(bytes, 0).ok_or(malformed)?);
        let pool_len = u64::from(u32_at(bytes, 4).ok_or(malformed)?);
        let records = slice(bytes, HEAD_LEN as u64, count * RECORD_LEN as u64).ok_or(malformed)?;
        let pool = slice(bytes, (HEAD_LEN + records.len()) as u64, pool_len).ok_or(malformed)?;
        if HEAD_LEN + records.len() + pool.len() != bytes.len() {
            return Err(malformed);
        }
        Ok(Edges { records, pool: std::str::from_utf8(pool).map_err(|_| malformed)? })
    }

    /// How many requests there are.
    pub fn len(&self) -> u32 {
        (self.records.len() / RECORD_LEN) as u32
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Where this request of this file leads: O(log n). `None`: it was not seen at build time.
    pub fn lookup(&self, importer: u32, kind: EdgeKind, request: &str) -> Option<Target<'a>> {
        self.only_of(importer).target_of(kind, request)
    }

    /// As [`Edges::lookup`], in one file's part.
    pub fn target_of(&self, kind: EdgeKind, request: &str) -> Option<Target<'a>> {
        let compare = |edge: Edge| (edge.kind, edge.request).cmp(&(kind, request));
        let found = self.search(|at| self.get(at).map_or(Ordering::Greater, compare));
        self.get(found.ok()?).map(|edge| edge.target)
    }

    /// The part of the table that is this file's, for whoever looks up many requests of it.
    pub fn only_of(&self, importer: u32) -> Self {
        let first = self.search(|at| self.importer(at).cmp(&Some(importer)).then(Ordering::Greater));
        let end = self.search(|at| self.importer(at).cmp(&Some(importer)).then(Ordering::Less));
        let place = |at: Result<u32, u32>| at.unwrap_or_else(|at| at) as usize * RECORD_LEN;
        Edges { records: self.records.get(place(first)..place(end)).unwrap_or_default(), pool: self.pool }
    }

    /// Every request of this file.
    pub fn of(&self, importer: u32) -> impl Iterator<Item = Edge<'a>> + use<'a> {
        self.only_of(importer).iter()
    }

    /// Every request, in order.
    pub fn iter(&self) -> impl Iterator<Item = Edge<'a>> + use<'a> {
        let edges = *self;
        (0..self.len()).filter_map(move |i| edges.get(i))
    }

    /// Binary search; `Err` is where it would stand.
    fn search(&self, compare: impl Fn(u32) -> Ordering) -> Result<u32, u32> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match compare(middle) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Ok(middle),
            }
        }
        Err(low)
    }

    fn importer(&self, index: u32) -> Option<u32> {
        u32_at(self.records, index as usize * RECORD_LEN)
    }

    fn get(&self, index: u32) -> Option<Edge<'a>> {
        let record = slice(self.records, u64::from(index) * RECORD_LEN as u64, RECORD_LEN as u64)?;
        let (a, b) = (u32_at(record, 16)?, u32_at(record, 20)?);
        Some(Edge {
            importer: u32_at(record, 0)?,
            kind: match record[4] {
                0 => EdgeKind::Import,
                1 => EdgeKind::Require,
                2 => EdgeKind::Url,
                _ => return None,
            },
            request: pool_str(self.pool, u32_at(record, 8)?, u32_at(record, 12)?)?,
            target: match record[5] {
                0 => Target::File(a),
                1 => Target::Builtin(pool_str(self.pool, a, b)?),
                2 => Target::External(pool_str(self.pool, a, b)?),
                3 => Target::Missing,
                _ => return None,
            },
        })
    }
}
