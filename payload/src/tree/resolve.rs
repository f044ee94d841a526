//! Follows symlinks inside the tree, as the kernel does outside it.

use super::{Entry, EntryKind, Tree};

/// As Linux: more symlinks than this in one path are a loop.
const MAX_SYMLINKS: u32 = 40;

/// Why a path leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResolveError {
    /// ENOENT.
    NotFound,
    /// ENOTDIR: something below a file was asked for.
    NotDirectory,
    /// ELOOP.
    Loop,
    /// The path climbs above the root, or a symlink points to an absolute path.
    Outside,
}

impl<'a> Tree<'a> {
    /// The entry that `path` (relative to the root; `.`, `..` and doubled slashes allowed) leads to through symlinks. The last
    /// part is followed only if `follow`: `stat` or `lstat`. The entry's own path is the real path.
    pub fn resolve(&self, path: &str, follow: bool) -> Result<Entry<'_>, ResolveError> {
        // Nearly every path has no symlink in it and is clean: then one search is all.
        if let Some(entry) = self.lookup(path)
            && !(follow && matches!(entry.kind(), EntryKind::Symlink(_)))
        {
            return Ok(entry);
        }
        self.walk(path, follow)
    }

    fn walk(&self, path: &str, follow: bool) -> Result<Entry<'_>, ResolveError> {
        let mut here = self.lookup("").ok_or(ResolveError::NotFound)?;
        let mut rest: Vec<&str> = path.split('/').rev().collect();
        let mut symlinks = 0;
        while let Some(part) = rest.pop() {
            if here.kind() != EntryKind::Directory {
                return Err(ResolveError::NotDirectory);
            }
            if part.is_empty() || part == "." {
                continue;
            }
            if part == ".." {
                here = self.parent(here).ok_or(ResolveError::Outside)?;
                continue;
            }
            let path = if here.path().is_empty() { part.to_owned() } else { format!("{}/{part}", here.path()) };
            let next = self.lookup(&path).ok_or(ResolveError::NotFound)?;
            let EntryKind::Symlink(target) = next.kind() else {
                here = next;
                continue;
            };
            if rest.is_empty() && !follow {
                return Ok(next);
            }
            symlinks += 1;
            if symlinks > MAX_SYMLINKS {
                return Err(ResolveError::Loop);
            }
            if target.starts_with('/') {
                return Err(ResolveError::Outside);
            }
            rest.extend(target.split('/').rev());
        }
        Ok(here)
    }

    fn parent(&self, of: Entry<'_>) -> Option<Entry<'_>> {
        if of.path().is_empty() {
            return None;
        }
        self.lookup(of.path().rsplit_once('/').map_or("", |(parent, _)| parent))
    }
}
