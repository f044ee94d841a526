//! Files of a folder and which of them a text with gaps can mean.

use super::value::GAP;
use crate::disk;
use std::path::{Path, PathBuf};

/// Folders that are never embedded as a whole.
const SKIPPED: [&str; 4] = ["node_modules", ".git", ".hg", ".svn"];
/// A folder with more files is not one that a program ships.
pub const MOST_FILES: usize = 20_000;

/// What is in a folder.
#[derive(Debug, Default)]
pub struct Listing {
    /// By the path that leads there, which may go through symbolic links.
    pub files: Vec<PathBuf>,
    /// Symbolic links to what is in the folder anyhow, with their real targets.
    pub links: Vec<(PathBuf, PathBuf)>,
}

/// The files below `folder`, sorted; with `deep` also those of its subfolders. A file that is reached in two ways is there twice. `None`
/// where there are too many.
pub fn list(folder: &Path, deep: bool) -> Option<Vec<PathBuf>> {
    let mut walk = Walk { base: None, deep, stack: Vec::new(), found: Listing::default() };
    walk.folder(folder)?;
    Some(walk.found.files)
}

/// The same as a tree that is copied: a link inside of it stays a link, one that leads out of it is followed.
pub fn tree(folder: &Path, deep: bool) -> Option<Listing> {
    let mut walk = Walk { base: disk::canonicalize(folder).ok(), deep, stack: Vec::new(), found: Listing::default() };
    walk.folder(folder)?;
    Some(walk.found)
}

struct Walk {
    /// Links to what is below this are kept.
    base: Option<PathBuf>,
    deep: bool,
    /// The real folders from the first to this one: a link may lead back up.
    stack: Vec<PathBuf>,
    found: Listing,
}

impl Walk {
    fn folder(&mut self, folder: &Path) -> Option<()> {
        let Ok(real) = disk::canonicalize(folder) else { return Some(()) };
        if self.stack.contains(&real) {
            return Some(());
        }
        self.stack.push(real);
        for path in disk::list(folder) {
            let Ok(kind) = disk::metadata(&path) else { continue };
            let skipped = path.file_name().is_some_and(|name| SKIPPED.iter().any(|s| name == *s));
            if kind.is_dir() && (!self.deep || skipped) {
                continue;
            }
            if let Some(target) = self.kept_link(&path) {
                self.found.links.push((path, target));
            } else if kind.is_dir() {
                self.folder(&path)?;
            } else if kind.is_file() {
                self.found.files.push(path);
                if self.found.files.len() > MOST_FILES {
                    return None;
                }
            }
        }
        self.stack.pop();
        Some(())
    }

    fn kept_link(&self, path: &Path) -> Option<PathBuf> {
        let base = self.base.as_ref()?;
        if !disk::is_symlink(path) {
            return None;
        }
        let target = disk::canonicalize(path).ok()?;
        let inside = target.strip_prefix(base).ok()?;
        let reached = inside.components().all(|part| !SKIPPED.iter().any(|s| part.as_os_str() == *s));
        (reached && self.deep).then_some(target)
    }
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

/// A glob (`**/*.entity{.ts,.js}`) or a template (`{{lng}}/{{ns}}.json`) as a path with gaps.
pub fn with_gaps(path: &str) -> String {
    let (mut pattern, mut rest) = (String::new(), path);
    while let Some(at) = rest.find(['*', '{']) {
        let found = &rest[at..];
        let length = match found.strip_prefix("**/") {
            Some(_) => 3,
            None if found.starts_with('*') => 1,
            None => {
                let mut depth = 0;
                let end = found.find(|c| {
                    depth += i32::from(c == '{') - i32::from(c == '}');
                    depth == 0
                });
                let Some(end) = end else { break };
                end + 1
            }
        };
        pattern.push_str(&rest[..at]);
        pattern.push(GAP);
        rest = &found[length..];
    }
    pattern + rest
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
    use super::{known_folder, matches, with_gaps};

    #[test]
    fn fills_gaps() {
        assert!(matches("/a/\0.js", "/a/b/c.js"));
        assert!(matches("/a/\0/x-\0.js", "/a/b/x-1.js"));
        assert!(!matches("/a/\0.js", "/a/b.ts"));
        assert!(matches("same", "same") && !matches("same", "same2"));
        assert!(!matches("ab\0b", "ab"));
    }

    #[test]
    fn reads_globs_and_templates() {
        assert_eq!(with_gaps("/a/**/*.entity{.ts,.js}"), "/a/\0\0.entity\0");
        assert_eq!(with_gaps("/a/{{lng}}/{ns}.json"), "/a/\0/\0.json");
        assert_eq!(with_gaps("/a/b{c"), "/a/b{c");
    }

    #[test]
    fn knows_the_folder() {
        assert_eq!(known_folder("/a/b/x\0.js"), "/a/b");
        assert_eq!(known_folder("/\0"), "/");
        assert_eq!(known_folder("\0"), "");
    }
}
