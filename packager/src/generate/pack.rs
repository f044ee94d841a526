//! Packing pieces of the payload: each by itself, so that the program unpacks what it touches and nothing else. Owns: the level, and
//! which threads do it; the result shows neither.

use crate::Stub;
use payload::{Caches, Content, File};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Maps and sources that only traces need are packed in every build: fast.
const LEVEL: i32 = 3;
/// What `--compress` asks for.
const LEVEL_ON_REQUEST: i32 = 12;
/// Shorter pieces save less than their frame costs to open.
const SHORTEST: usize = 512;

/// The content as a zstd frame, or as it was where that is not smaller.
pub fn packed(content: Content<'_>) -> Content<'_> {
    at_level(content, LEVEL)
}

/// `--compress`: what runs, and what `fs` shows.
pub fn pack_all(files: &mut [(&PathBuf, String, File<'_>)], jobs: usize) {
    let jobs = if jobs == 0 { std::thread::available_parallelism().map_or(1, usize::from) } else { jobs };
    let share = files.len().div_ceil(jobs).max(1);
    std::thread::scope(|scope| {
        for part in files.chunks_mut(share) {
            scope.spawn(|| part.iter_mut().for_each(|(_, _, file)| pack_file(file)));
        }
    });
}

fn pack_file(file: &mut File<'_>) {
    let content = std::mem::take(&mut file.content);
    file.content = at_level(content, LEVEL_ON_REQUEST);
    file.source = file.source.take().map(|source| at_level(source, LEVEL_ON_REQUEST));
}

fn at_level(content: Content<'_>, level: i32) -> Content<'_> {
    if content.stored().len() < SHORTEST || content.is_packed() {
        return content;
    }
    match zstd::bulk::compress(content.stored(), level) {
        Ok(frame) if frame.len() < content.stored().len() => content.with_zstd(frame),
        _ => content,
    }
}

/// The code caches of built-ins that come packed with the stub (`build.rs`), ready to be read where they lie. `None` where they are that.
pub fn unpacked_caches(stub: &Stub) -> Option<Vec<u8>> {
    let caches = Caches::read(&stub.caches).ok()?;
    let mut unpacker = zstd::bulk::Decompressor::with_dictionary(&stub.image).ok()?;
    let mut plain = BTreeMap::new();
    for (id, cache) in caches.iter() {
        let cache = cache.ok()?;
        if !cache.starts_with(&zstd::zstd_safe::MAGICNUMBER.to_le_bytes()) {
            return None;
        }
        let length = zstd::zstd_safe::get_frame_content_size(cache).ok()??;
        plain.insert(id.to_owned(), unpacker.decompress(cache, length as usize).ok()?);
    }
    (!plain.is_empty()).then(|| Caches::write(&plain))
}
