//! Writes the tree section and the data section that it points into.

use std::collections::{BTreeMap, HashMap};

use xxhash_rust::xxh3::xxh3_64;

use super::blob::CHUNK_ALIGN;
use crate::builder::{BuildError, File};
use crate::wire::{PoolWriter, Writer};
use crate::{Content, FileKind};

pub(crate) enum NewEntry<'a> {
    Directory { mode: u32 },
    File(File<'a>),
    Symlink { target: String },
}

/// The entries by path, and the two sections made of them.
pub(crate) struct TreeWriter<'a, 'b> {
    entries: &'b BTreeMap<String, NewEntry<'a>>,
    index: HashMap<&'b str, u32>,
}

impl<'a, 'b> TreeWriter<'a, 'b> {
    /// `entries` holds every directory of every path, and the root.
    pub(crate) fn new(entries: &'b BTreeMap<String, NewEntry<'a>>) -> Result<Self, BuildError> {
        u32::try_from(entries.len()).map_err(|_| BuildError::TooLarge)?;
        let index = entries.keys().zip(0..).map(|(path, i)| (path.as_str(), i)).collect();
        Ok(TreeWriter { entries, index })
    }

    /// The index that the file of this path gets.
    pub(crate) fn file_index(&self, path: &str) -> Option<u32> {
        matches!(self.entries.get(path), Some(NewEntry::File(_))).then(|| self.index[path])
    }

    /// The tree section and the data section.
    pub(crate) fn write(&self) -> Result<(Vec<u8>, Vec<u8>), BuildError> {
        let mut data = DataWriter::default();
        let chunks = self.write_data(&mut data)?;
        let (first_child, children) = self.list_children();

        let mut pool = PoolWriter::default();
        let mut records = Writer::default();
        for (i, (path, entry)) in self.entries.iter().enumerate() {
            let (at, len) = pool.add(path).ok_or(BuildError::TooLarge)?;
            let (number, kind, mode, last) = match entry {
                NewEntry::Directory { mode } => (0, 0, *mode, first_child[i]),
                NewEntry::File(file) => (1, file.kind as u8, file.mode, (0, 0)),
                NewEntry::Symlink { target } => (2, 0, 0o777, pool.add(target).ok_or(BuildError::TooLarge)?),
            };
            records.u32(at);
            records.u32(len);
            records.bytes.extend_from_slice(&[number, kind, 0, 0]);
            records.u32(mode);
            chunks[i].iter().for_each(|&chunk| records.u32(chunk));
            records.u32(last.0);
            records.u32(last.1);
        }

        let mut out = Writer::default();
        out.u32(u32::try_from(data.count).map_err(|_| BuildError::TooLarge)?);
        out.u32(self.entries.len() as u32);
        out.u32(children.len() as u32);
        out.u32(u32::try_from(pool.bytes.len()).map_err(|_| BuildError::TooLarge)?);
        out.bytes.extend_from_slice(&data.table.bytes);
        out.bytes.extend_from_slice(&records.bytes);
        children.iter().for_each(|&child| out.u32(child));
        out.bytes.extend_from_slice(&pool.bytes);
        Ok((out.bytes, data.data.bytes))
    }

    /// What a start touches lies together: code caches, modules, and only then what is rarely read. Returns each entry's chunk
    /// numbers plus one, in the order of the record: content, source, source map, code cache.
    fn write_data(&self, data: &mut DataWriter<'b>) -> Result<Vec<[u32; 4]>, BuildError> {
        let mut chunks = vec![[0; 4]; self.entries.len()];
        let is_code = |file: &File| !matches!(file.kind, FileKind::Asset | FileKind::NativeAddon);
        type Pick = (usize, bool);
        let order: [Pick; 5] = [(3, true), (0, true), (2, true), (1, true), (0, false)];
        for (slot, code) in order {
            for (i, entry) in self.entries.values().enumerate() {
                let NewEntry::File(file) = entry else { continue };
                if slot == 0 && is_code(file) != code {
                    continue;
                }
                let content =
                    [Some(&file.content), file.source.as_ref(), file.source_map.as_ref(), file.code_cache.as_ref()];
                if let Some(content) = content[slot] {
                    chunks[i][slot] = data.add(content)?;
                }
            }
        }
        Ok(chunks)
    }

    /// Where each directory's children begin and how many they are, and the children of all, by name.
    fn list_children(&self) -> (Vec<(u32, u32)>, Vec<u32>) {
        let mut lists = vec![Vec::new(); self.entries.len()];
        for (path, i) in self.entries.keys().zip(0u32..).skip(1) {
            let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
            lists[self.index[parent] as usize].push(i);
        }
        let mut all = Vec::new();
        let places = lists.iter().map(|list| {
            let place = (all.len() as u32, list.len() as u32);
            all.extend_from_slice(list);
            place
        });
        (places.collect(), all)
    }
}

/// Pieces of data, the same piece once.
#[derive(Default)]
struct DataWriter<'b> {
    data: Writer,
    table: Writer,
    count: usize,
    seen: HashMap<&'b Content<'b>, u32>,
}

impl<'b> DataWriter<'b> {
    fn add(&mut self, content: &'b Content<'_>) -> Result<u32, BuildError> {
        if let Some(&chunk) = self.seen.get(content) {
            return Ok(chunk);
        }
        let start = self.data.bytes.len();
        self.data.bytes.extend_from_slice(&content.stored);
        self.data.pad(CHUNK_ALIGN as usize);
        self.table.u64(start as u64);
        self.table.u64(content.stored.len() as u64);
        self.table.u64(xxh3_64(&self.data.bytes[start..]));
        self.table.u64(content.unpacked_len);
        self.table.u64(content.file_len);
        self.table.bytes.extend_from_slice(&[content.codec as u8, content.encoding as u8, 0, 0, 0, 0, 0, 0]);
        self.count += 1;
        let chunk = u32::try_from(self.count).map_err(|_| BuildError::TooLarge)?;
        self.seen.insert(content, chunk);
        Ok(chunk)
    }
}
