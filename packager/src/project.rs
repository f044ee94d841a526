//! Where a project is and what its files are called inside the executable. Owns: the entry, the root, the way from a real path to an
//! embedded one. Does not own: reading modules (`scan`).

use crate::diagnostics::Diagnostic;
use crate::disk;
use crate::options::BuildOptions;
use serde_json::Value;
use std::path::{Component, Path, PathBuf};

/// A project on disk. All paths are real (no symbolic links in them).
#[derive(Clone, Debug)]
pub struct Project {
    /// Everything below is embedded by its path relative to this.
    pub root: PathBuf,
    /// The folder of the entry's package.json, or the entry's folder.
    pub package: PathBuf,
    /// The entry's package.json, if there is one.
    pub manifest: Option<Value>,
    pub entry: PathBuf,
    /// The program's name: the package's, or else the entry's without extension. Never the name of a folder, which may differ elsewhere.
    pub name: String,
    /// What the executable is called when the user names no output.
    pub output: String,
}

impl Project {
    /// Finds entry, package and root for `options.entry`.
    pub fn discover(options: &BuildOptions) -> Result<Self, Diagnostic> {
        let asked = &options.entry;
        let real = disk::canonicalize(asked).map_err(|error| {
            let what =
                if error.kind() == std::io::ErrorKind::NotFound { "does not exist".into() } else { error.to_string() };
            Diagnostic::error("entry", format!("the entry {} {what}", asked.display()))
        })?;
        let (entry, name) = if disk::is_dir(&real) { entry_of_folder(&real)? } else { (real.clone(), None) };
        let package = nearest(&entry, "package.json").unwrap_or_else(|| parent(&entry).to_owned());
        let manifest = read_manifest(&package)?;
        // An installed program is part of the project that it is installed in: there the packages beside it are found.
        let home = home_of_installed(&entry).unwrap_or_else(|| package.clone());
        let root = workspace_root(&home).unwrap_or_else(|| home.clone());
        let named = manifest.as_ref().and_then(|m| m.get("name")?.as_str()).map(last_part);
        let stem = entry.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let folder = stem_of_folder(parent(&entry));
        // Many entries are called `index` and `main`: then the package says more.
        let telling = Some(stem.clone()).filter(|s| !matches!(s.as_str(), "index" | "main" | "cli" | "app"));
        let output = name.or(telling).or_else(|| named.clone()).or(folder).unwrap_or_else(|| stem.clone());
        Ok(Self { root, package, manifest, entry, name: named.unwrap_or(stem), output })
    }

    /// The path inside the executable, relative to its root, with `/`. Files below the root keep their place; those of a package that lies
    /// elsewhere go to `~/<package name>/`, those of a `node_modules` above the root to `~/node_modules/`.
    pub fn embedded(&self, path: &Path) -> String {
        if let Ok(inside) = path.strip_prefix(&self.root) {
            return slashes(inside);
        }
        let parts: Vec<_> = path.components().collect();
        if let Some(at) = parts.iter().position(|c| c.as_os_str() == "node_modules") {
            let above: PathBuf = parts[..at].iter().collect();
            if self.root.starts_with(&above) {
                return format!("~/{}", slashes(&parts[at..].iter().collect::<PathBuf>()));
            }
        }
        if let Some(folder) = outer_package(path) {
            let name = read_manifest(&folder).ok().flatten().and_then(|m| Some(m.get("name")?.as_str()?.to_owned()));
            let name = name.or_else(|| stem_of_folder(&folder)).unwrap_or_else(|| "_".to_owned());
            return format!("~/{name}/{}", slashes(path.strip_prefix(&folder).unwrap_or(path)));
        }
        // No package at all: say how far up it lies. The same on every machine that has the same layout.
        let up = self.root.ancestors().position(|a| path.starts_with(a)).unwrap_or(0);
        let above = self.root.ancestors().nth(up).unwrap_or(Path::new("/"));
        format!("~/up{up}/{}", slashes(path.strip_prefix(above).unwrap_or(path)))
    }

    /// The path as shown to the user.
    pub fn shown(&self, path: &Path) -> String {
        self.embedded(path)
    }

    /// Whether the file is the project's own, as opposed to a dependency's.
    pub fn is_own(&self, path: &Path) -> bool {
        !path.components().any(|c| c.as_os_str() == "node_modules")
    }
}

/// The folder nearest to `path`, itself included when it is a folder, that holds a file called `name`.
pub fn nearest(path: &Path, name: &str) -> Option<PathBuf> {
    path.ancestors().skip(1).find(|folder| disk::is_file(&folder.join(name))).map(Path::to_owned)
}

/// The package folder of a file outside of the root: above the first `node_modules`, so that a package keeps its own dependencies.
fn outer_package(path: &Path) -> Option<PathBuf> {
    let mut folder = PathBuf::new();
    for part in path.components() {
        if part.as_os_str() == "node_modules" {
            break;
        }
        folder.push(part);
    }
    nearest(&folder.join("_"), "package.json").or_else(|| nearest(path, "package.json"))
}

/// The folder that `node_modules` is in, for a file in there.
fn home_of_installed(entry: &Path) -> Option<PathBuf> {
    let modules =
        entry.ancestors().filter(|folder| folder.file_name().is_some_and(|name| name == "node_modules")).last()?;
    modules.parent().map(Path::to_owned)
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("/"))
}

/// A package's name without its scope.
fn last_part(name: &str) -> String {
    name.rsplit('/').next().unwrap_or(name).to_owned()
}

fn stem_of_folder(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_string_lossy().into_owned())
}

fn slashes(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .filter_map(|c| if let Component::Normal(part) = c { Some(part.to_string_lossy()) } else { None })
        .collect();
    parts.join("/")
}

fn read_manifest(folder: &Path) -> Result<Option<Value>, Diagnostic> {
    let path = folder.join("package.json");
    let Ok(text) = disk::read_to_string(&path) else { return Ok(None) };
    serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map(Some)
        .map_err(|error| Diagnostic::error("package-json", format!("{} is not valid JSON: {error}", path.display())))
}

/// The entry that the package.json of `folder` names: `bin`, then `main`, then `exports`; and the package's name.
fn entry_of_folder(folder: &Path) -> Result<(PathBuf, Option<String>), Diagnostic> {
    let manifest = read_manifest(folder)?.unwrap_or(Value::Null);
    let name = manifest.get("name").and_then(Value::as_str).map(last_part);
    let mut tried = Vec::new();
    let mut named = Vec::new();
    match manifest.get("bin") {
        Some(Value::String(path)) => named.push(path.clone()),
        Some(Value::Object(bins)) => {
            let own = name.as_ref().and_then(|n| bins.get(n)).or_else(|| bins.values().next());
            named.extend(own.and_then(Value::as_str).map(str::to_owned));
        }
        _ => {}
    }
    named.extend(manifest.get("main").and_then(Value::as_str).map(str::to_owned));
    named.extend(manifest.get("exports").and_then(main_export));
    named.extend(
        ["index.js", "index.mjs", "index.cjs", "index.ts", "index.mts", "index.cts", "src/index.ts", "src/main.ts"]
            .map(str::to_owned),
    );
    for path in named {
        let base = folder.join(&path);
        let with_extension = [".js", ".json", "/index.js"].map(|e| PathBuf::from(format!("{}{e}", base.display())));
        // A package of TypeScript often names the compiler's output, which is not built yet.
        let source =
            [("dist/", "src/"), ("lib/", "src/"), ("build/", "src/"), ("", "")].into_iter().filter_map(|(from, to)| {
                let inner = path.trim_start_matches("./").strip_prefix(from)?;
                Some(["ts", "mts", "cts"].map(|e| folder.join(to).join(inner).with_extension(e)))
            });
        let candidates = std::iter::once(base.clone()).chain(with_extension).chain(source.flatten());
        for candidate in candidates {
            if disk::is_file(&candidate) {
                let real = disk::canonicalize(&candidate).unwrap_or(candidate);
                return Ok((real, name.or_else(|| stem_of_folder(folder))));
            }
        }
        tried.push(path);
    }
    Err(Diagnostic::error("entry", format!("no entry found in {}", folder.display()))
        .hint(format!("name the file, or set \"main\" or \"bin\" in package.json (tried {})", tried.join(", "))))
}

/// The target of `exports` for `.` under Node's conditions.
fn main_export(exports: &Value) -> Option<String> {
    match exports {
        Value::String(path) => Some(path.clone()),
        Value::Array(options) => options.iter().find_map(main_export),
        Value::Object(map) => match map.get(".") {
            Some(main) => main_export(main),
            None => map
                .iter()
                .filter(|(key, _)| matches!(key.as_str(), "node" | "import" | "require" | "default"))
                .find_map(|(_, value)| main_export(value)),
        },
        _ => None,
    }
}

const LOCKFILES: [&str; 6] =
    ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"];

/// The nearest folder from `package` upwards that declares workspaces.
fn workspace_root(package: &Path) -> Option<PathBuf> {
    package
        .ancestors()
        .find(|folder| {
            if disk::is_file(&folder.join("pnpm-workspace.yaml")) {
                return true;
            }
            let manifest = read_manifest(folder).ok().flatten();
            let workspaces = manifest.is_some_and(|m| m.get("workspaces").is_some());
            workspaces
                && (LOCKFILES.iter().any(|lock| disk::is_file(&folder.join(lock)))
                    || disk::is_dir(&folder.join("node_modules")))
        })
        .map(Path::to_owned)
}
