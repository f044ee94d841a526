//! The table of built-in JavaScript.
//!
//! Owns: what is in it, and which texts are packed. Does not own: how it is used (`src/builtins.rs`).
//!
//! V8 needs the text of a module for functions that neither the image nor a code cache has compiled, which are few. So what most
//! programs load lies in the file as it is, and each other module is a frame of zstd, of which that text is the dictionary.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::comments;

/// The modules whose text is not packed: those of the image, and those of whose text a start of a compiler, a linter, a web server or a
/// worker needs some function.
const PLAIN: &str = include_str!("plain.txt");

/// The length of a string up to which V8 makes its hash of its characters, and it does for each text that is compiled or comes from a
/// code cache. Of longer ones the length is the hash, so packed texts have some space at the end, each its own.
const HASHED: usize = 16_383;

/// Writes the table of the built-ins below `folders`: id and source of each, sorted, each a resource that V8 refers to where it
/// lies. An image refers to it as well, so it must have one address in the process: it is an element of a static.
pub fn write_table(folders: &[&Path], out: &Path) {
    let mut files = Vec::new();
    for folder in folders {
        walk(folder, folder, &mut files);
    }
    files.sort();
    let texts: Vec<Vec<u8>> = files.iter().map(|(_, file)| read(file)).collect();
    let plain: Vec<bool> = files.iter().map(|(id, _)| PLAIN.lines().any(|line| line == id)).collect();
    assert_eq!(
        plain.iter().filter(|plain| **plain).count(),
        PLAIN.lines().count(),
        "build/plain.txt names what is not there"
    );
    let dictionary = texts.iter().zip(&plain).filter(|(_, plain)| **plain).map(|(text, _)| &text[..]);
    let dictionary = dictionary.collect::<Vec<_>>().concat();
    let mut packer = zstd::bulk::Compressor::with_dictionary(crate::level(), &dictionary).expect("memory is enough");
    let (mut table, mut packed, mut at) = (String::new(), Vec::new(), 0);
    for (number, (((id, _), text), plain)) in files.iter().zip(&texts).zip(plain).enumerate() {
        if plain {
            writeln!(table, "    ({id:?}, Text::plain({at}, {})),", text.len()).expect("memory");
            at += text.len();
        } else {
            let mut text = text.clone();
            text.resize(text.len().max(HASHED + 1 + number), b' ');
            let frame = packer.compress(&text).expect("memory is enough");
            writeln!(table, "    ({id:?}, Text::packed({}, {}, {})),", text.len(), packed.len(), frame.len())
                .expect("memory");
            packed.extend_from_slice(&frame);
        }
    }
    let mut source = String::new();
    for (name, bytes) in [("PLAIN", dictionary), ("PACKED", packed)] {
        let file = out.with_file_name(format!("builtins.{}", name.to_lowercase()));
        std::fs::write(&file, &bytes).expect("OUT_DIR can be written");
        // Of a name that the linker's map tells.
        writeln!(source, "static {name}: [u8; {}] = *include_bytes!({file:?});", bytes.len()).expect("memory");
    }
    writeln!(source, "static TABLE: [(&str, Text); {}] = [\n{table}];", files.len()).expect("memory");
    std::fs::write(out, source).expect("OUT_DIR can be written");
}

fn read(file: &Path) -> Vec<u8> {
    let text = std::fs::read(file).expect("readable");
    assert!(text.is_ascii(), "{} is not ASCII", file.display());
    comments::without(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
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
