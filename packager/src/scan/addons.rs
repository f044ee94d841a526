//! Native addons: which of them the runtime can load, what lies beside them, and those that a loader package picks by name.
//!
//! Owns: what is embedded because of an addon. Does not own: requests for addons (`link`), the choice of the runtime (`crate::build`).

use super::Scan;
use super::format::Format;
use super::link::{EdgeKind, Target};
use super::packages::{Package, Packages};
use crate::diagnostics::Diagnostic;
use crate::disk;
use crate::project::Project;
use payload::Needs;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Packages that look for an addon in the folder of the package that asks them.
const LOADERS: [&str; 5] =
    ["bindings", "node-gyp-build", "node-gyp-build-optional-packages", "@mapbox/node-pre-gyp", "require-addon"];

/// In the names of packages that hold an addon for one system.
const SYSTEMS: [&str; 6] = ["-linux", "-darwin", "-win32", "-freebsd", "-android", "-wasm32"];

/// Where such addons lie, below the package's folder.
const PLACES: [&str; 6] = ["prebuilds", "build/Release", "build", "lib/binding", "addon-build/release", "compiled"];

/// Whether the file is an addon by its name.
pub fn is_addon(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "node")
}

/// Whether the runtime can load it: for this machine, not for musl. What cannot be read is told when it is embedded.
pub fn fits(path: &Path) -> bool {
    disk::read(path).is_ok_and(|bytes| Needs::of(&bytes).is_some_and(|needs| needs.fits && !needs.is_musl()))
}

impl Scan {
    /// Whether an addon is embedded that can be loaded: then the executable needs the dynamic runtime.
    pub fn has_addons(&self) -> bool {
        let modules = self.modules.iter().filter(|(_, module)| module.format == Format::Addon).map(|(path, _)| path);
        modules.chain(self.assets.iter().filter(|path| is_addon(path))).any(|path| fits(path))
    }

    /// Embeds what addons need: those that loader packages will pick, and the libraries beside each.
    pub(super) fn addons(&mut self, project: &Project, packages: &Packages) {
        let picked = self.picked(packages);
        self.assets.extend(picked);
        self.optional(packages);
        let mut waiting: Vec<PathBuf> =
            self.modules.iter().filter(|(_, m)| m.format == Format::Addon).map(|(p, _)| p.clone()).collect();
        waiting.extend(self.assets.iter().filter(|path| is_addon(path)).cloned());
        let mut seen = BTreeSet::new();
        self.leave_out_other_systems(&mut waiting, packages);
        while let Some(path) = waiting.pop() {
            if !seen.insert(path.clone()) {
                continue;
            }
            let needs = disk::read(&path).ok().and_then(|bytes| Needs::of(&bytes));
            let Some(needs) = needs.filter(|needs| needs.fits && !needs.is_musl()) else {
                let message = format!("{} is no native addon for Linux x86-64 with glibc", project.shown(&path));
                self.diagnostics.push(
                    Diagnostic::warning("addon", message)
                        .hint("loading it will fail at run time; install the package for this platform"),
                );
                continue;
            };
            let folder = path.parent().unwrap_or(Path::new("/")).to_string_lossy().into_owned();
            for places in needs.candidates(&folder) {
                let found = places.iter().map(PathBuf::from).find(|place| disk::is_file(place));
                if let Some(library) = found.and_then(|place| disk::canonicalize(&place).ok()) {
                    self.assets.insert(library.clone());
                    waiting.push(library);
                }
            }
        }
    }

    /// A pattern such as `./prebuilds/${platform}/addon.node` means the addons of all systems: where a package has one that can be
    /// loaded, the others cannot be what it will ask for. The same holds for packages of one scope, each for a system.
    fn leave_out_other_systems(&mut self, addons: &mut Vec<PathBuf>, packages: &Packages) {
        let served_by = |path: &PathBuf| {
            let package = packages.scope_of(path)?;
            let scope = package.name().and_then(|name| name.strip_prefix('@')?.split_once('/'));
            // `lightningcss-linux-x64-musl`
            let family = package.name().and_then(|name| {
                let system = SYSTEMS.iter().filter_map(|system| name.find(system)).min()?;
                Some(format!("{}-", &name[..system]))
            });
            let scope = scope.map(|(scope, _)| format!("@{scope}"));
            Some(scope.or(family).unwrap_or_else(|| package.folder.display().to_string()))
        };
        let served: BTreeSet<String> = addons.iter().filter(|path| fits(path)).filter_map(served_by).collect();
        addons.retain(|path| {
            let stays = fits(path) || !served_by(path).is_some_and(|by| served.contains(&by));
            if !stays {
                self.modules.remove(path);
                self.assets.remove(path);
            }
            stays
        });
    }

    /// The addons of packages that ask a loader for them.
    fn picked(&self, packages: &Packages) -> BTreeSet<PathBuf> {
        let mut picked = BTreeSet::new();
        for (path, module) in &self.modules {
            let asks = module.edges.iter().any(|((kind, request), edge)| {
                *kind != EdgeKind::Path
                    && LOADERS.contains(&request.as_str())
                    && !matches!(edge.target, Target::External(_))
            });
            let Some(package) = packages.scope_of(path).filter(|_| asks) else { continue };
            for place in PLACES {
                for file in super::files::list(&package.folder.join(place), true).unwrap_or_default() {
                    if is_addon(&file) && fits(&file) && !self.modules.contains_key(&file) {
                        picked.insert(file);
                    }
                }
            }
        }
        picked
    }

    /// A package with an addon for each platform names them as optional dependencies and computes which it asks for: those that are
    /// installed and fit are embedded where such a request is not known.
    fn optional(&mut self, packages: &Packages) {
        let asking = self.modules.iter().filter(|(_, module)| module.unknown.iter().any(|unknown| unknown.package));
        let asking: BTreeMap<PathBuf, Arc<Package>> = asking
            .filter_map(|(path, _)| packages.scope_of(path))
            .map(|package| (package.folder.clone(), package))
            .collect();
        for package in asking.values() {
            for name in package.optional_dependencies() {
                let mut places = package.folder.ancestors().map(|a| a.join("node_modules").join(&name));
                let Some(link) = places.find(|place| disk::is_dir(place)) else { continue };
                let Ok(folder) = disk::canonicalize(&link) else { continue };
                let addons = super::files::list(&folder, true).unwrap_or_default();
                let addons: Vec<_> =
                    addons.into_iter().filter(|f| is_addon(f) && fits(f) && !self.modules.contains_key(f)).collect();
                if !addons.is_empty() && disk::is_symlink(&link) {
                    self.links.insert(link, folder);
                }
                self.assets.extend(addons);
            }
        }
    }
}
