//! What of the payload comes from where, for the summary of a build.

use crate::project::Project;
use payload::File;
use std::collections::BTreeMap;
use std::path::Path;

/// One package's share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageSize {
    pub files: u64,
    pub bytes: u64,
}

/// Bytes and counts of what is embedded.
#[derive(Clone, Debug, Default)]
pub struct Sizes {
    pub modules: u64,
    pub assets: u64,
    pub module_bytes: u64,
    pub asset_bytes: u64,
    pub source_map_bytes: u64,
    /// By package name; the project's own files are under "".
    pub packages: BTreeMap<String, PackageSize>,
    pub image: u64,
    pub icu: u64,
    /// Code caches of the runtime's own modules.
    pub builtin_caches: u64,
    /// Code caches of the program's modules.
    pub code_caches: u64,
    /// Whether those are all there is of the modules, and their text is blank.
    pub no_source: bool,
    /// The whole payload.
    pub payload: u64,
    root: std::path::PathBuf,
}

impl Sizes {
    pub(super) fn new(project: &Project) -> Self {
        Self { root: project.root.clone(), ..Self::default() }
    }

    pub(super) fn module(&mut self, path: &Path, file: &File) {
        let bytes = file.content.stored().len() as u64;
        let map = file.source_map.as_ref().map_or(0, |m| m.stored().len() as u64);
        self.modules += 1;
        self.module_bytes += bytes;
        self.source_map_bytes += map;
        self.package(path, bytes + map);
    }

    pub(super) fn asset(&mut self, path: &Path, file: &File) {
        let bytes = file.content.stored().len() as u64;
        self.assets += 1;
        self.asset_bytes += bytes;
        self.package(path, bytes);
    }

    fn package(&mut self, path: &Path, bytes: u64) {
        let inside = path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy();
        let share = self.packages.entry(package_of(&inside).to_owned()).or_default();
        share.files += 1;
        share.bytes += bytes;
    }
}

/// The package whose folder in the last `node_modules` of `path` the file is in; empty for the project's own.
pub fn package_of(path: &str) -> &str {
    let Some(at) = path.rfind("node_modules/") else { return "" };
    let rest = &path[at + "node_modules/".len()..];
    let slashes = if rest.starts_with('@') { 2 } else { 1 };
    rest.match_indices('/').nth(slashes - 1).map_or(rest, |(at, _)| &rest[..at])
}
