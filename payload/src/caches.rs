//! Code caches by name: those of the built-ins in a payload, and what a training run hands to the packager. Owns the format and
//! that a cache is checked when it is first used, each alone: most programs use few.
//!
//! A count (8) and the checksum of the records (8), records of 32 bytes by name (offset and length of the name, offset and length of
//! the cache, all 4, its checksum, 8, zeros, 8), the names, then the caches, each 16-aligned.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

use crate::Damaged;
use crate::wire::{Writer, slice, u32_at, u64_at};

const HEAD: usize = 16;
const RECORD: usize = 32;
const PART: &str = "caches";

/// Caches in place.
#[derive(Clone, Copy, Debug, Default)]
pub struct Caches<'a> {
    bytes: &'a [u8],
    count: usize,
}

impl<'a> Caches<'a> {
    /// The bytes of `caches`; none at all where there are none.
    pub fn write<T: AsRef<[u8]>>(caches: &BTreeMap<String, T>) -> Vec<u8> {
        if caches.is_empty() {
            return Vec::new();
        }
        let names_at = HEAD + caches.len() * RECORD;
        let names: usize = caches.keys().map(String::len).sum();
        let (mut records, mut data) = (Writer::default(), Writer::default());
        let start = (names_at + names).next_multiple_of(16);
        let mut name_at = names_at;
        for (name, cache) in caches {
            let cache = cache.as_ref();
            records.u32(name_at as u32);
            records.u32(name.len() as u32);
            records.u32((start + data.bytes.len()) as u32);
            records.u32(cache.len() as u32);
            records.u64(xxh3_64(cache));
            records.u64(0);
            name_at += name.len();
            data.bytes.extend_from_slice(cache);
            data.pad(16);
        }
        caches.keys().for_each(|name| records.bytes.extend_from_slice(name.as_bytes()));
        let mut out = Writer::default();
        out.u64(caches.len() as u64);
        out.u64(xxh3_64(&records.bytes));
        out.bytes.extend_from_slice(&records.bytes);
        out.pad(16);
        out.bytes.extend_from_slice(&data.bytes);
        out.bytes
    }

    /// Reads and checks the records.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Damaged> {
        if bytes.is_empty() {
            return Ok(Caches::default());
        }
        let malformed = Damaged::Layout(PART);
        let count = u64_at(bytes, 0).and_then(|n| usize::try_from(n).ok()).ok_or(malformed)?;
        let records = count.checked_mul(RECORD).ok_or(malformed)?;
        // The names end where the last one does: they are written in the order of the records.
        let end = match count {
            0 => HEAD,
            _ => {
                let last = HEAD.checked_add(records - RECORD).ok_or(malformed)?;
                let (at, len) = u32_at(bytes, last).zip(u32_at(bytes, last + 4)).ok_or(malformed)?;
                (at as usize).checked_add(len as usize).ok_or(malformed)?
            }
        };
        let covered = bytes.get(HEAD..end).ok_or(malformed)?;
        if covered.len() < records {
            return Err(malformed);
        }
        if Some(xxh3_64(covered)) != u64_at(bytes, 8) {
            return Err(Damaged::Checksum(PART));
        }
        Ok(Caches { bytes, count })
    }

    /// The cache of `name`, checked.
    pub fn lookup(&self, name: &str) -> Option<Result<&'a [u8], Damaged>> {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.name(middle)?.cmp(name.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Some(self.cache(middle)),
            }
        }
        None
    }

    /// Names and caches, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Result<&'a [u8], Damaged>)> {
        let caches = *self;
        (0..self.count).filter_map(move |i| Some((std::str::from_utf8(caches.name(i)?).ok()?, caches.cache(i))))
    }

    fn name(&self, i: usize) -> Option<&'a [u8]> {
        let at = HEAD + i * RECORD;
        slice(self.bytes, u64::from(u32_at(self.bytes, at)?), u64::from(u32_at(self.bytes, at + 4)?))
    }

    fn cache(&self, i: usize) -> Result<&'a [u8], Damaged> {
        let at = HEAD + i * RECORD;
        let found = || {
            let (offset, len) = (u32_at(self.bytes, at + 8)?, u32_at(self.bytes, at + 12)?);
            Some((slice(self.bytes, u64::from(offset), u64::from(len))?, u64_at(self.bytes, at + 16)?))
        };
        let (cache, checksum) = found().ok_or(Damaged::Layout(PART))?;
        if xxh3_64(cache) == checksum { Ok(cache) } else { Err(Damaged::Checksum(PART)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let caches: BTreeMap<String, Vec<u8>> =
            [("fs", vec![1; 5]), ("a", vec![]), ("z/é", vec![7; 40])].map(|(n, c)| (n.to_owned(), c)).into();
        let bytes = Caches::write(&caches);
        let read = Caches::read(&bytes).unwrap();
        assert_eq!(read.lookup("fs").unwrap().unwrap(), [1; 5]);
        assert_eq!(read.lookup("b"), None);
        let all: Vec<_> = read.iter().map(|(name, cache)| (name.to_owned(), cache.unwrap().to_vec())).collect();
        assert_eq!(all, caches.into_iter().collect::<Vec<_>>());
        assert!(Caches::read(&[]).unwrap().lookup("fs").is_none());
    }

    #[test]
    fn every_change_is_found_or_harmless() {
        let caches: BTreeMap<String, Vec<u8>> = [("fs".to_owned(), vec![1; 5]), ("zlib".to_owned(), vec![2; 9])].into();
        let bytes = Caches::write(&caches);
        for i in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[i] ^= 0x55;
            let Ok(read) = Caches::read(&damaged) else { continue };
            for (name, cache) in &caches {
                assert!(!matches!(read.lookup(name), Some(Ok(found)) if found != cache.as_slice()), "byte {i}");
            }
        }
        for len in 0..bytes.len() {
            if let Ok(read) = Caches::read(&bytes[..len]) {
                read.iter().for_each(drop);
            }
        }
    }
}
