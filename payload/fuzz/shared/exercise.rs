//! What a reader does with a payload, all of it: shared by the fuzz targets and by the bounded run in the suite
//! (tests/fuzz.rs). Nothing here may panic, whatever the bytes are.

use payload::{Damaged, EdgeKind, Payload, SectionKind, Target};

/// Opens and touches everything; `Ok(None)` is the placeholder. The text holds all that a reader can see.
pub fn everything(bytes: &[u8]) -> Result<Option<String>, Damaged> {
    use std::fmt::Write;
    let Some(payload) = Payload::open(bytes)? else {
        return Ok(None);
    };
    let mut seen = format!("{:?} {:?}", payload.manifest(), payload.sections());
    for entry in payload.tree().entries() {
        let _ = write!(seen, "{} {:?} {:o} {}", entry.path(), entry.kind(), entry.mode(), entry.size());
        for blob in [entry.content(), entry.source(), entry.source_map(), entry.code_cache()] {
            let Some(blob) = blob else { continue };
            let shape = (blob.codec(), blob.encoding(), blob.unpacked_len(), blob.file_len());
            let _ = write!(seen, "{shape:?} {:?}", blob.bytes()?);
        }
        // A made-up directory may claim four billion children.
        entry.children().take(100).for_each(|child| seen.push_str(child.name()));
    }
    for edge in payload.edges().iter() {
        let _ = write!(seen, "{edge:?}");
    }
    let _ = write!(seen, "{:?} {:?} {:?}", payload.image(), payload.icu()?, payload.certificates()?);
    for (name, cache) in payload.caches()?.iter() {
        let _ = write!(seen, "{name} {:?}", cache?);
    }
    payload.check_section(SectionKind::Caches)?;
    Ok(Some(seen))
}

/// Asks an opened payload every kind of question, sensible or not.
pub fn questions(bytes: &[u8]) {
    let Ok(Some(payload)) = Payload::open(bytes) else {
        return;
    };
    let _ = payload.check_all();
    let (tree, edges) = (payload.tree(), payload.edges());
    let paths = [
        "",
        "/",
        ".",
        "..",
        "src/main.ts",
        "node_modules/dep/index.js",
        "loop",
        "out",
        "a/../../b",
        "src//x",
        "\u{ff}",
    ];
    for path in paths {
        let _ = tree.lookup(path).map(|entry| entry.file().map(|blob| blob.bytes_unchecked().len()));
        let _ = tree.resolve(path, true);
        let _ = tree.resolve(path, false);
    }
    for importer in [0, 1, tree.len(), u32::MAX] {
        let _ = edges.of(importer).take(100).count();
        for kind in [EdgeKind::Import, EdgeKind::Require, EdgeKind::Url] {
            if let Some(Target::File(index)) = edges.lookup(importer, kind, "dep") {
                let _ = tree.entry(index);
            }
        }
    }
}

/// Asks the container questions, and grows what can grow.
pub fn container(executable: &[u8], payload: &[u8]) {
    if let Ok(found) = payload::container::locate(executable) {
        let _ = Payload::open(found);
    }
    if let Ok(grown) = payload::container::embed(executable, payload) {
        assert_eq!(payload::container::locate(&grown), Ok(payload));
    }
}
