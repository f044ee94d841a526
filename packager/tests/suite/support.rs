//! A project made of a few texts, built in a temporary folder, and its payload opened again.

use packager::diagnostics::{Diagnostic, render};
use packager::{BuildOptions, Silent};
use payload::{EdgeKind, EntryKind, FileKind, Payload, Target};
use std::fs;
use std::path::Path;

/// A project on disk.
pub struct Project {
    _folder: tempfile::TempDir,
    pub options: BuildOptions,
}

/// What a build of it gave.
pub struct Built {
    pub payload: Option<Vec<u8>>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Project {
    /// Files as (path, text); the first one is the entry. A path that ends with `->` is a symbolic link to its text.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("its real path");
        for (path, text) in files {
            let (path, link) = match path.strip_suffix("->") {
                Some(path) => (path.trim(), true),
                None => (*path, false),
            };
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            if link {
                std::os::unix::fs::symlink(text, path).expect("linked");
            } else {
                fs::write(path, text).expect("written");
            }
        }
        let options = BuildOptions { entry: root.join(files[0].0), ..BuildOptions::default() };
        Self { _folder: folder, options }
    }

    pub fn with(mut self, change: impl FnOnce(&mut BuildOptions)) -> Self {
        change(&mut self.options);
        self
    }

    pub fn build(&self) -> Built {
        match packager::bundle(&self.options, &|_| Ok(packager::Stub::default()), &Silent).map(|(build, _)| build) {
            Ok(build) => Built { payload: build.bytes, diagnostics: build.diagnostics },
            Err(error) => Built { payload: None, diagnostics: vec![error] },
        }
    }
}

/// Builds and opens.
pub fn build(files: &[(&str, &str)]) -> Built {
    Project::new(files).build()
}

impl Built {
    pub fn text(&self) -> String {
        render(&self.diagnostics, false)
    }

    pub fn codes(&self) -> Vec<&str> {
        self.diagnostics.iter().map(|d| d.code).collect()
    }

    fn open(&self) -> Payload<'_> {
        let bytes = self.payload.as_deref().unwrap_or_else(|| panic!("no payload: {}", self.text()));
        Payload::open(bytes).expect("whole").expect("filled")
    }

    /// Paths of all files but package.json.
    pub fn files(&self) -> Vec<String> {
        let payload = self.open();
        let tree = payload.tree();
        let all = tree.entries().filter(|e| matches!(e.kind(), EntryKind::File(_)));
        all.map(|e| e.path().to_owned()).filter(|p| !p.ends_with("package.json")).collect()
    }

    pub fn has(&self, path: &str) -> bool {
        self.open().tree().lookup(path).is_some()
    }

    pub fn link(&self, path: &str) -> Option<String> {
        let payload = self.open();
        match payload.tree().lookup(path)?.kind() {
            EntryKind::Symlink(target) => Some(target.to_owned()),
            _ => None,
        }
    }

    pub fn kind(&self, path: &str) -> FileKind {
        match self.open().tree().lookup(path).unwrap_or_else(|| panic!("{path} is embedded")).kind() {
            EntryKind::File(kind) => kind,
            other => panic!("{path} is {other:?}"),
        }
    }

    /// What runs.
    pub fn code(&self, path: &str) -> String {
        let payload = self.open();
        let blob =
            payload.tree().lookup(path).unwrap_or_else(|| panic!("{path} is embedded")).content().expect("content");
        String::from_utf8_lossy(blob.bytes().expect("whole")).into_owned()
    }

    pub fn has_source_map(&self, path: &str) -> bool {
        self.open().tree().lookup(path).and_then(|e| e.source_map()).is_some()
    }

    /// Where a request ends: a path, or `missing`, `external NAME`, `unseen`.
    pub fn edge(&self, importer: &str, kind: EdgeKind, request: &str) -> String {
        let payload = self.open();
        let importer = payload.tree().lookup(importer).unwrap_or_else(|| panic!("{importer} is embedded"));
        match payload.edges().lookup(importer.index(), kind, request) {
            None => "unseen".to_owned(),
            Some(Target::Missing) => "missing".to_owned(),
            Some(Target::External(name)) => format!("external {name}"),
            Some(Target::Builtin(name)) => format!("node:{name}"),
            Some(Target::File(index)) => payload.tree().entry(index).expect("a file").path().to_owned(),
        }
    }

    pub fn import(&self, importer: &str, request: &str) -> String {
        self.edge(importer, EdgeKind::Import, request)
    }

    pub fn require(&self, importer: &str, request: &str) -> String {
        self.edge(importer, EdgeKind::Require, request)
    }
}

/// A project elsewhere on the disk.
pub fn build_at(entry: &Path) -> Built {
    let options = BuildOptions { entry: entry.to_owned(), ..BuildOptions::default() };
    match packager::bundle(&options, &|_| Ok(packager::Stub::default()), &Silent).map(|(build, _)| build) {
        Ok(build) => Built { payload: build.bytes, diagnostics: build.diagnostics },
        Err(error) => Built { payload: None, diagnostics: vec![error] },
    }
}
