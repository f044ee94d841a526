//! Files of a folder and which of them a text with gaps can mean.

use super::value::GAP;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// Folders that are never embedded as a whole.
const SKIPPED: [&str; 4] = ["node_modules", ".git", ".hg", ".svn"];
/// A folder with more files is not one that a program ships.
pub const MOST_FILES: usize = 20_000;

/// The files below `folder`, sorted; with `deep` also those of its subfolders. `None` where there are too many.
pub fn list(folder: &Path, deep: bool) -> Option<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut seen = HashSet::new();
    walk(folder, deep, &mut files, &mut seen)?;
    files.sort();
    Some(files)
}

fn walk(folder: &Path, deep: bool, files: &mut Vec<PathBuf>, seen: &mut HashSet<PathBuf>) -> Option<()> {
    // A symbolic link may lead back up.
    if !seen.insert(folder.canonicalize().ok()?) {
        return Some(());
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(kind) = std::fs::metadata(&path) else { continue };
        if kind.is_dir() {
            if deep && !SKIPPED.iter().any(|s| entry.file_name() == *s) {
                walk(&path, deep, files, seen)?;
            }
        } else if kind.is_file() {
            files.push(path);
            if files.len() > MOST_FILES {
                return None;
            }
        }
    }
    Some(())
}

/// Whether a package may read the file when it runs: no code, no text for people, no tool's by-product.
pub fn is_data(path: &Path) -> bool {
    const OTHER: [&str; 18] = [
        "js",
        "cjs",
        "mjs",
        "jsx",
        "ts",
        "cts",
        "mts",
        "tsx",
        "map",
        "md",
        "markdown",
        "flow",
        "tsbuildinfo",
        "lock",
        "log",
        "yml",
        "c",
        "h",
    ];
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
    // Declarations are for compilers; TypeScript reads its own.
    if name.ends_with(".d.ts") {
        return name.starts_with("lib.");
    }
    let extension = path.extension().and_then(|e| e.to_str());
    let prose = ["LICENSE", "LICENCE", "README", "CHANGELOG", "NOTICE", "AUTHORS", "Makefile", "package.json"];
    let other = extension.is_none_or(|e| OTHER.contains(&e));
    !name.starts_with('.') && !prose.iter().any(|p| name.starts_with(p)) && !other
}

/// The folder that a path with gaps certainly lies in.
pub fn known_folder(path: &str) -> &str {
    let known = path.split(GAP).next().unwrap_or("");
    known.rfind('/').map_or("", |at| if at == 0 { "/" } else { &known[..at] })
}

/// Whether `text` can be what `pattern` is with its gaps filled.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split(GAP);
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::{known_folder, matches};

    #[test]
    fn fills_gaps() {
        assert!(matches("/a/\0.js", "/a/b/c.js"));
        assert!(matches("/a/\0/x-\0.js", "/a/b/x-1.js"));
        assert!(!matches("/a/\0.js", "/a/b.ts"));
        assert!(matches("same", "same") && !matches("same", "same2"));
        assert!(!matches("ab\0b", "ab"));
    }

    #[test]
    fn knows_the_folder() {
        assert_eq!(known_folder("/a/b/x\0.js"), "/a/b");
        assert_eq!(known_folder("/\0"), "/");
        assert_eq!(known_folder("\0"), "");
    }
}
