//! Packing pieces of the payload: each by itself, so that the program unpacks what it touches and nothing else.

use payload::Content;

/// Fast to write; smaller ones cost the build more than they save.
const LEVEL: i32 = 3;

/// The content as a zstd frame, or as it was where that is not smaller.
pub fn packed(content: Content<'_>) -> Content<'_> {
    match zstd::bulk::compress(content.stored(), LEVEL) {
        Ok(frame) if frame.len() < content.stored().len() => content.with_zstd(frame),
        _ => content,
    }
}
