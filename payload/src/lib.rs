//! The payload: what `pack` puts into a stub and what the stub reads at start.
//!
//! Owns the format (`docs/PAYLOAD.md`): header and section table, manifest, embedded tree, pre-resolved requests, and the
//! container that carries it in an executable. Writer and reader of each type stand side by side in one file. It does not
//! own what the bytes mean: compression and transcoding are the consumer's, V8 never appears here. `packager` writes,
//! `stub_runtime` (src/payload_segment.rs) reads in place.
//!
//! Reading allocates nothing per file, has no `unsafe`, and cannot panic, whatever the bytes are.
#![forbid(unsafe_code)]

mod builder;
mod caches;
#[cfg(feature = "container")]
pub mod container;
mod content;
mod damaged;
mod edges;
mod header;
mod image;
mod manifest;
#[cfg(feature = "elf")]
mod needs;
mod payload;
mod tree;
mod wire;

pub use builder::{BuildError, Builder, File};
pub use caches::Caches;
pub use content::{Codec, Content, Encoding};
pub use damaged::Damaged;
pub use edges::{Edge, EdgeKind, EdgeTarget, Edges, Target};
pub use header::{FORMAT_VERSION, Header, MAGIC, PAGE, PLACEHOLDER, SectionKind, State};
pub use image::{IMAGE_PARTS, Image};
pub use manifest::{Manifest, SnapshotMode};
#[cfg(feature = "elf")]
pub use needs::Needs;
pub use payload::{BLOCK, ICU_BLOCKS, Payload, SectionInfo, icu_blocks};
pub use tree::{Blob, Children, Entry, EntryKind, FileKind, ResolveError, Tree};
