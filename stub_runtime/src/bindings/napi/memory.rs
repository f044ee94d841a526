//! Libraries of the embedded tree for the dynamic loader, which knows files only: each becomes a memory file, without a trace on
//! any disk.
//!
//! Libraries that one asks for (DT_NEEDED) and that its RUNPATH finds beside it in the tree are loaded before it: the loader then
//! takes what has the name already (DT_SONAME).

use std::os::fd::IntoRawFd;

/// What the loader is told to open for the library `path` with these bytes; `open` loads another of the tree.
pub fn file(path: &str, bytes: &[u8], open: &mut dyn FnMut(&str) -> Result<(), String>) -> Result<String, String> {
    for sibling in needed(path, bytes) {
        open(&sibling)?;
    }
    // The loader tells files by name: the descriptor stays open, so that no other library gets its number.
    let file = crate::memory_file::executable(bytes)
        .map_err(|error| format!("{path}: this embedded library cannot be put in memory to be loaded ({error})"))?;
    Ok(format!("/proc/self/fd/{}", file.into_raw_fd()))
}

/// The libraries of the tree that this one needs, in its order.
fn needed(path: &str, bytes: &[u8]) -> Vec<String> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let needs = payload::Needs::of(bytes).unwrap_or_default();
    let embedded =
        |places: Vec<String>| places.into_iter().find(|place| crate::bindings::fs::embedded_file(place).is_some());
    needs.candidates(folder).filter_map(embedded).collect()
}
