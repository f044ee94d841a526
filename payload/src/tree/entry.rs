//! One entry of the tree: file, directory or symlink.

use super::{Blob, CHILD_LEN, Tree};
use crate::wire::{pool_str, u32_at};

/// What a file is to the module loader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FileKind {
    /// A CommonJS module, already JavaScript.
    #[default]
    CommonJs = 0,
    /// An ES module, already JavaScript.
    EsModule = 1,
    /// JSON that a module asks for.
    Json = 2,
    /// A package.json: scope, `type`, `exports`.
    PackageJson = 3,
    /// A WebAssembly module.
    Wasm = 4,
    /// A `.node` file or a library beside one.
    NativeAddon = 5,
    /// Anything else, seen through `fs` only.
    Asset = 6,
}

impl FileKind {
    pub(crate) fn from_u8(n: u8) -> Option<Self> {
        use FileKind::*;
        [CommonJs, EsModule, Json, PackageJson, Wasm, NativeAddon, Asset].get(usize::from(n)).copied()
    }
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind<'t> {
    /// Has `children`.
    Directory,
    /// Has `content`.
    File(FileKind),
    /// Points to a path relative to its own directory.
    Symlink(&'t str),
}

/// One entry of the tree.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'t> {
    tree: &'t Tree<'t>,
    index: u32,
    path: &'t str,
    kind: EntryKind<'t>,
    mode: u32,
    /// Chunk numbers plus one of content, source, source map and code cache.
    chunks: [u32; 4],
    first_child: u32,
    child_count: u32,
}

impl<'t> Entry<'t> {
    pub(super) fn read(tree: &'t Tree<'t>, index: u32) -> Option<Self> {
        let record = tree.record(index)?;
        let field = |n: usize| u32_at(record, n * 4);
        let (a, b) = (field(8)?, field(9)?);
        let kind = match (record[8], record[9]) {
            (0, 0) => EntryKind::Directory,
            (1, kind) => EntryKind::File(FileKind::from_u8(kind)?),
            (2, 0) => EntryKind::Symlink(pool_str(tree.pool, a, b)?),
            _ => return None,
        };
        let (first_child, child_count) = if kind == EntryKind::Directory { (a, b) } else { (0, 0) };
        Some(Entry {
            tree,
            index,
            path: tree.path(index)?,
            kind,
            mode: field(3)?,
            chunks: [field(4)?, field(5)?, field(6)?, field(7)?],
            first_child,
            child_count,
        })
    }

    /// Its number in path order, as `Target::File` and the importers of `Edges` have it.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// The path from the root, "src/main.ts"; "" is the root.
    pub fn path(&self) -> &'t str {
        self.path
    }

    /// The last part of the path.
    pub fn name(&self) -> &'t str {
        self.path.rsplit_once('/').map_or(self.path, |(_, name)| name)
    }

    /// What it is.
    pub fn kind(&self) -> EntryKind<'t> {
        self.kind
    }

    /// Permission bits, `0o644`; the file type is not in them.
    pub fn mode(&self) -> u32 {
        self.mode
    }

    /// What the module loader runs: JavaScript, where the file was TypeScript. None of directories and symlinks.
    pub fn content(&self) -> Option<Blob<'t>> {
        self.blob(0)
    }

    /// The file as it was before it was transformed, where the program was found to read it.
    pub fn source(&self) -> Option<Blob<'t>> {
        self.blob(1)
    }

    /// The source map of `content`.
    pub fn source_map(&self) -> Option<Blob<'t>> {
        self.blob(2)
    }

    /// V8's code cache of `content`, 16-aligned.
    pub fn code_cache(&self) -> Option<Blob<'t>> {
        self.blob(3)
    }

    /// What `fs` shows: the original bytes where they are embedded, otherwise what runs.
    pub fn file(&self) -> Option<Blob<'t>> {
        self.source().or_else(|| self.content())
    }

    /// `stat`'s size: of the file that `fs` shows, of a symlink's target, 0 for a directory.
    pub fn size(&self) -> u64 {
        match self.kind {
            EntryKind::Symlink(target) => target.len() as u64,
            _ => self.file().map_or(0, |blob| blob.file_len()),
        }
    }

    /// The entries of a directory by name; of anything else there are none.
    pub fn children(&self) -> Children<'t> {
        Children { tree: self.tree, next: self.first_child, left: self.child_count }
    }

    fn blob(&self, slot: usize) -> Option<Blob<'t>> {
        Blob::read(self.tree, self.chunks[slot].checked_sub(1)?)
    }
}

/// Iterates a directory's entries, by name.
#[derive(Clone, Debug)]
pub struct Children<'t> {
    tree: &'t Tree<'t>,
    next: u32,
    left: u32,
}

impl<'t> Iterator for Children<'t> {
    type Item = Entry<'t>;

    fn next(&mut self) -> Option<Entry<'t>> {
        self.left = self.left.checked_sub(1)?;
        let at = (self.next as usize).checked_mul(CHILD_LEN)?;
        self.next = self.next.checked_add(1)?;
        self.tree.entry(u32_at(self.tree.children, at)?)
    }
}
