//! Gathers what goes into a payload and writes it. The same calls in any order give the same bytes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::tree::{NewEntry, TreeWriter};
use crate::{Content, EdgeKind, EdgeTarget, Edges, FileKind, Header, Manifest, Target};

/// A file on its way into the tree.
#[derive(Clone, Debug, Default)]
pub struct File<'a> {
    /// What it is to the module loader.
    pub kind: FileKind,
    /// Permission bits, `0o644`.
    pub mode: u32,
    /// What runs: JavaScript, where the file was TypeScript.
    pub content: Content<'a>,
    /// The original bytes, for a transformed file that the program reads: `fs` shows these.
    pub source: Option<Content<'a>>,
    /// Source map of `content`.
    pub source_map: Option<Content<'a>>,
    /// V8's code cache of `content`.
    pub code_cache: Option<Content<'a>>,
}

/// Why a payload cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildError {
    /// Not a relative path of plain parts ("src/main.ts").
    Path(String),
    /// Two entries of one path, or an entry below a file.
    Conflict(String),
    /// The entry, an importer or a target that is no file of the tree.
    NoSuchFile(String),
    /// The same request of the same file leads to two places.
    TwoTargets(String),
    /// An index of more than 4 GiB.
    TooLarge,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BuildError::Path(path) => write!(f, "not a path inside the embedded tree: {path:?}"),
            BuildError::Conflict(path) => write!(f, "two embedded files claim the path {path:?}"),
            BuildError::NoSuchFile(path) => write!(f, "no embedded file has the path {path:?}"),
            BuildError::TwoTargets(request) => write!(f, "the request {request:?} has two targets"),
            BuildError::TooLarge => write!(f, "the index of the payload is larger than 4 GiB"),
        }
    }
}

impl std::error::Error for BuildError {}

/// Everything that goes into a payload. Can be built more than once: without code caches, and again with them.
pub struct Builder<'a> {
    /// What to run and how.
    pub manifest: Manifest,
    entries: BTreeMap<String, NewEntry<'a>>,
    edges: BTreeMap<(String, EdgeKind, String), EdgeTarget>,
    image: Cow<'a, [u8]>,
    caches: Cow<'a, [u8]>,
    icu: Cow<'a, [u8]>,
    certificates: Cow<'a, [u8]>,
}

impl<'a> Builder<'a> {
    /// With an empty tree.
    pub fn new(manifest: Manifest) -> Self {
        let root = NewEntry::Directory { mode: 0o755 };
        Builder {
            manifest,
            entries: BTreeMap::from([(String::new(), root)]),
            edges: BTreeMap::new(),
            image: Cow::default(),
            caches: Cow::default(),
            icu: Cow::default(),
            certificates: Cow::default(),
        }
    }

    /// Adds a file and the directories above it.
    pub fn file(&mut self, path: &str, file: File<'a>) -> Result<(), BuildError> {
        self.insert(path, NewEntry::File(file))
    }

    /// Adds a symlink; `target` is relative to its directory.
    pub fn symlink(&mut self, path: &str, target: &str) -> Result<(), BuildError> {
        self.insert(path, NewEntry::Symlink { target: target.to_owned() })
    }

    /// Adds a directory that may stay empty. Directories of files need no call.
    pub fn directory(&mut self, path: &str) -> Result<(), BuildError> {
        if matches!(self.entries.get(path), Some(NewEntry::Directory { .. })) {
            return Ok(());
        }
        self.insert(path, NewEntry::Directory { mode: 0o755 })
    }

    /// Adds what `request` of the file `importer` leads to. Repeating it is allowed.
    pub fn edge(
        &mut self,
        importer: &str,
        kind: EdgeKind,
        request: &str,
        target: EdgeTarget,
    ) -> Result<(), BuildError> {
        let key = (importer.to_owned(), kind, request.to_owned());
        match self.edges.get(&key) {
            Some(other) if *other != target => Err(BuildError::TwoTargets(request.to_owned())),
            _ => {
                self.edges.insert(key, target);
                Ok(())
            }
        }
    }

    /// Sets or replaces a file's code cache.
    pub fn code_cache(&mut self, path: &str, cache: Content<'a>) -> Result<(), BuildError> {
        match self.entries.get_mut(path) {
            Some(NewEntry::File(file)) => {
                file.code_cache = Some(cache);
                Ok(())
            }
            _ => Err(BuildError::NoSuchFile(path.to_owned())),
        }
    }

    /// Whether a file was given a code cache.
    pub fn has_code_cache(&self, path: &str) -> bool {
        matches!(self.entries.get(path), Some(NewEntry::File(file)) if file.code_cache.is_some())
    }

    /// Puts `content` in the place of what runs of a file, and of its source.
    pub fn leave_source_out(&mut self, path: &str, content: Content<'a>) -> Result<(), BuildError> {
        match self.entries.get_mut(path) {
            Some(NewEntry::File(file)) => {
                file.content = content;
                file.source = None;
                Ok(())
            }
            _ => Err(BuildError::NoSuchFile(path.to_owned())),
        }
    }

    /// The V8 snapshot.
    pub fn image(&mut self, bytes: impl Into<Cow<'a, [u8]>>) {
        self.image = bytes.into();
    }

    /// Code caches of built-ins, as `Caches::write` gives them; they belong to the image.
    pub fn caches(&mut self, bytes: impl Into<Cow<'a, [u8]>>) {
        self.caches = bytes.into();
    }

    /// ICU's data.
    pub fn icu(&mut self, bytes: impl Into<Cow<'a, [u8]>>) {
        self.icu = bytes.into();
    }

    /// Root certificates in PEM.
    pub fn certificates(&mut self, bytes: impl Into<Cow<'a, [u8]>>) {
        self.certificates = bytes.into();
    }

    /// The payload.
    pub fn build(&self) -> Result<Vec<u8>, BuildError> {
        let tree = TreeWriter::new(&self.entries)?;
        let file = |path: &str| tree.file_index(path).ok_or_else(|| BuildError::NoSuchFile(path.to_owned()));
        // A runtime without an app has none.
        if !self.manifest.entry.is_empty() {
            file(&self.manifest.entry)?;
        }
        let mut edges = BTreeMap::new();
        for ((importer, kind, request), target) in &self.edges {
            let target = match target {
                EdgeTarget::File(path) => Target::File(file(path)?),
                EdgeTarget::Builtin(name) => Target::Builtin(name),
                EdgeTarget::External(name) => Target::External(name),
                EdgeTarget::Missing => Target::Missing,
            };
            edges.insert((file(importer)?, *kind, request.as_str()), target);
        }
        let edges = Edges::write(&edges).ok_or(BuildError::TooLarge)?;
        let (index, data) = tree.write()?;
        let manifest = self.manifest.write();
        Ok(Header::write([&manifest, &edges, &index, &self.image, &self.caches, &self.icu, &self.certificates, &data]))
    }

    fn insert(&mut self, path: &str, entry: NewEntry<'a>) -> Result<(), BuildError> {
        let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\0');
        if !path.split('/').all(plain) {
            return Err(BuildError::Path(path.to_owned()));
        }
        for (slash, _) in path.match_indices('/') {
            let directory = &path[..slash];
            match self.entries.get(directory) {
                Some(NewEntry::Directory { .. }) => {}
                Some(_) => return Err(BuildError::Conflict(path.to_owned())),
                None => {
                    self.entries.insert(directory.to_owned(), NewEntry::Directory { mode: 0o755 });
                }
            }
        }
        if self.entries.contains_key(path) {
            return Err(BuildError::Conflict(path.to_owned()));
        }
        self.entries.insert(path.to_owned(), entry);
        Ok(())
    }
}
