//! The table of built-in JavaScript.
//!
//! Owns: what is in it. Does not own: how it is used (`src/builtins.rs`).

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Writes the table of the built-ins below `folders`: id and source of each, sorted, each a constant that V8 refers to where it
/// lies. An image refers to it as well, so it must have one address in the process: it is an element of a static.
pub fn write_table(folders: &[&Path], out: &Path) {
    let mut files = Vec::new();
    for folder in folders {
        walk(folder, folder, &mut files);
    }
    files.sort();
    let (mut table, mut texts) = (String::new(), String::new());
    for (number, (id, file)) in files.iter().enumerate() {
        let text = std::fs::read(file).expect("readable");
        assert!(text.is_ascii(), "{} is not ASCII", file.display());
        // Each by a name that the linker's map tells.
        writeln!(texts, "static TEXT_{number}: [u8; {}] = *include_bytes!({file:?});", text.len()).expect("memory");
        writeln!(table, "    ({id:?}, source(&TEXT_{number})),").expect("memory");
    }
    let text = format!("{texts}static TABLE: [(&str, v8::OneByteConst); {}] = [\n{table}];\n", files.len());
    std::fs::write(out, text).expect("OUT_DIR can be written");
}

fn walk(root: &Path, folder: &Path, out: &mut Vec<(String, PathBuf)>) {
    for path in std::fs::read_dir(folder).expect("is there").flatten().map(|entry| entry.path()) {
        if path.ends_with("node_modules") {
            // Of them only what the packages' files here take.
            continue;
        }
        if path.is_dir() {
            walk(root, &path, out);
        } else if path.extension().is_some_and(|e| e == "js") {
            let id = path.strip_prefix(root).expect("below it").with_extension("");
            out.push((id.to_str().expect("UTF-8").to_owned(), path));
        }
    }
}
