//! package.json files as the scan sees them: nearest one of a file, `type`, names of dependencies. Read once each, shared by all threads.

use crate::disk;
use crate::project::Project;
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The field `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageType {
    Module,
    CommonJs,
    Unsaid,
}

/// A package.json.
#[derive(Debug)]
pub struct Package {
    /// The folder it is in.
    pub folder: PathBuf,
    pub manifest: Value,
}

impl Package {
    pub fn name(&self) -> Option<&str> {
        self.manifest.get("name").and_then(Value::as_str)
    }

    /// Names in `dependencies` and `optionalDependencies`, sorted.
    pub fn dependencies(&self) -> Vec<String> {
        self.names_in(&["dependencies", "optionalDependencies"])
    }

    /// What a wholly unknown request may mean, sorted: dependencies; of the program itself also what whoever installs it adds.
    pub fn askable(&self, project: &Project) -> Vec<String> {
        if self.folder != project.package {
            return self.dependencies();
        }
        self.names_in(&["dependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta"])
    }

    /// Names in `optionalDependencies`, sorted.
    pub fn optional_dependencies(&self) -> Vec<String> {
        self.names_in(&["optionalDependencies"])
    }

    /// Paths in `bin`, sorted.
    pub fn programs(&self) -> Vec<String> {
        let mut paths: Vec<String> = match self.manifest.get("bin") {
            Some(Value::String(path)) => vec![path.clone()],
            Some(Value::Object(programs)) => programs.values().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        paths.sort();
        paths
    }

    fn names_in(&self, fields: &[&str]) -> Vec<String> {
        let mut names: Vec<String> = fields
            .iter()
            .filter_map(|field| self.manifest.get(field)?.as_object())
            .flat_map(|map| map.keys().cloned())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// Whether the package says that `name` may be missing.
    pub fn is_optional(&self, name: &str) -> bool {
        let optional = self.manifest.get("optionalDependencies").is_some_and(|d| d.get(name).is_some());
        let peer = self.manifest.get("peerDependenciesMeta").and_then(|m| m.get(name)?.get("optional")?.as_bool());
        optional || peer == Some(true)
    }
}

/// All package.json files met so far.
#[derive(Default)]
pub struct Packages {
    by_folder: Mutex<HashMap<PathBuf, Option<Arc<Package>>>>,
}

impl Packages {
    /// The package whose scope `path` is in: the nearest package.json upwards, never that of a folder called `node_modules`.
    pub fn scope_of(&self, path: &Path) -> Option<Arc<Package>> {
        for folder in path.ancestors().skip(1) {
            if folder.file_name().is_some_and(|n| n == "node_modules") {
                return None;
            }
            if let Some(package) = self.in_folder(folder) {
                return Some(package);
            }
        }
        None
    }

    /// Every package.json that resolution to `path` may read: the nearest one, and that of the package's own folder in `node_modules`,
    /// where `exports` is (they differ when a package marks a subfolder by `{"type": "module"}`).
    pub fn chain_of(&self, path: &Path) -> Vec<Arc<Package>> {
        let mut chain = Vec::new();
        for folder in path.ancestors().skip(1) {
            if folder.file_name().is_some_and(|n| n == "node_modules") {
                break;
            }
            if let Some(package) = self.in_folder(folder) {
                let named = package.name().is_some();
                chain.push(package);
                let inside = folder.components().any(|c| c.as_os_str() == "node_modules");
                if named && !inside {
                    break;
                }
            }
        }
        chain
    }

    /// Who names what a wholly unknown request of `path` may mean: the project, and the package that asks.
    pub fn asked(&self, project: &Project, path: &Path) -> Vec<Arc<Package>> {
        [self.in_folder(&project.package), self.scope_of(path)].into_iter().flatten().collect()
    }

    pub fn type_of(&self, path: &Path) -> PackageType {
        let package = self.scope_of(path);
        match package.as_ref().and_then(|p| p.manifest.get("type")?.as_str()) {
            Some("module") => PackageType::Module,
            Some("commonjs") => PackageType::CommonJs,
            _ => PackageType::Unsaid,
        }
    }

    /// The package.json of `folder` itself. One that is not valid JSON counts as absent: Node reports it when it is loaded.
    pub fn in_folder(&self, folder: &Path) -> Option<Arc<Package>> {
        if let Some(known) = lock(&self.by_folder).get(folder) {
            return known.clone();
        }
        let read = disk::read_to_string(&folder.join("package.json")).ok();
        let package = read
            .and_then(|text| serde_json::from_str(text.trim_start_matches('\u{feff}')).ok())
            .map(|manifest| Arc::new(Package { folder: folder.to_owned(), manifest }));
        lock(&self.by_folder).insert(folder.to_owned(), package.clone());
        package
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
