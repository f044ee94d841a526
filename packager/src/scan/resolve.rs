//! From a request to a file, by Node's rules. Owns: which of Node's two resolutions applies, and what TypeScript adds to them (`.js` that
//! means `.ts`, tsconfig paths). Does not own: the algorithms (crate `oxc_resolver`), or what a missing file means (`references`).

use super::builtins::is_builtin;
use crate::disk::Disk;
use crate::options::BuildOptions;
use oxc_resolver::{ResolveContext, ResolveError, ResolveOptions, ResolverGeneric, TsConfig, TsconfigDiscovery};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Which of Node's resolutions a request goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestKind {
    /// `import`, `export from`, `import()`, `import.meta.resolve`.
    Import,
    /// `require`, `require.resolve`.
    Require,
}

/// Where a request ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A real path.
    File(PathBuf),
    /// Node's own module, or something that only the runtime can judge (`data:`).
    Builtin,
    /// Left to the disk by `--external`.
    External,
    /// The reason, for the message.
    Missing(String),
}

type Oxc = ResolverGeneric<Disk>;

/// Resolves requests; shared by all threads.
pub struct Resolver {
    /// Node's rules.
    import: Oxc,
    require: Oxc,
    /// The same with what TypeScript adds.
    ts_import: Oxc,
    ts_require: Oxc,
    externals: Vec<String>,
}

const TS_EXTENSIONS: [&str; 10] = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json", ".node"];

impl Resolver {
    pub fn new(options: &BuildOptions) -> Self {
        let conditions = |own: &str| {
            let mut names: Vec<String> = ["node", own, "module-sync", "node-addons"].map(str::to_owned).to_vec();
            names.extend(options.conditions.iter().cloned());
            names
        };
        let base = |own: &str| ResolveOptions {
            condition_names: conditions(own),
            extensions: [".js", ".json", ".node"].map(str::to_owned).to_vec(),
            fully_specified: own == "import",
            node_path: false,
            ..ResolveOptions::default()
        };
        let import = Oxc::new(base("import"));
        let alias = |from: &str, to: &[&str]| (from.to_owned(), to.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>());
        let typescript = |own: &str| ResolveOptions {
            extensions: TS_EXTENSIONS.map(str::to_owned).to_vec(),
            extension_alias: vec![
                alias(".js", &[".ts", ".tsx", ".js"]),
                alias(".jsx", &[".tsx", ".jsx"]),
                alias(".mjs", &[".mts", ".mjs"]),
                alias(".cjs", &[".cts", ".cjs"]),
            ],
            fully_specified: false,
            tsconfig: Some(TsconfigDiscovery::Auto),
            ..base(own)
        };
        Self {
            require: import.clone_with_options(base("require")),
            // Their own cache: what a tsconfig contributes must not be seen by Node's rules.
            ts_import: Oxc::new(typescript("import")),
            ts_require: Oxc::new(typescript("require")),
            import,
            externals: options.external.clone(),
        }
    }

    /// Resolves `request` of the file `from`.
    pub fn resolve(&self, from: &Path, kind: RequestKind, request: &str) -> Found {
        if is_builtin(request) || request.starts_with("data:") {
            return Found::Builtin;
        }
        if self
            .externals
            .iter()
            .any(|name| request == name || request.strip_prefix(name).is_some_and(|r| r.starts_with('/')))
        {
            return Found::External;
        }
        let Some(folder) = from.parent() else { return Found::Missing("no folder".into()) };
        let node = match kind {
            RequestKind::Import => &self.import,
            RequestKind::Require => &self.require,
        };
        let own = !from.components().any(|c| c.as_os_str() == "node_modules");
        let relative = request.starts_with('.') || request.starts_with('/') || request.starts_with("file:");
        let typescript = is_typescript(from);
        if own
            && typescript
            && (relative || self.is_mapped(from, request))
            && let Ok(path) = self.typescript(from, kind, request)
        {
            return Found::File(path);
        }
        match node.resolve(folder, request) {
            Ok(found) => Found::File(found.into_path_buf()),
            Err(error) => {
                // Bare requests may name a package of the workspace that is TypeScript itself; a `.js` request a file not yet compiled.
                let lenient = typescript || !relative || has_js_extension(request);
                match self.typescript(from, kind, request) {
                    Ok(path) if own && lenient && (typescript || is_typescript(&path)) => Found::File(path),
                    _ => Found::Missing(reason(&error)),
                }
            }
        }
    }

    /// What stands in the tsconfig that covers `file`. A tsconfig that cannot be read is an error's text.
    pub fn tsconfig(&self, file: &Path) -> Result<Option<Arc<TsConfig>>, String> {
        self.ts_import.find_tsconfig(file).map_err(|error| unreadable(&error))
    }

    /// Reads a tsconfig with what it extends.
    pub fn read_tsconfig(&self, path: &Path) -> Option<Arc<TsConfig>> {
        self.ts_import.resolve_tsconfig(path).ok()
    }

    /// Resolves under TypeScript's rules; also tells what a request would have meant to a bundler, for hints.
    pub fn typescript(&self, from: &Path, kind: RequestKind, request: &str) -> Result<PathBuf, String> {
        let resolver = match kind {
            RequestKind::Import => &self.ts_import,
            RequestKind::Require => &self.ts_require,
        };
        let tsconfig = self.tsconfig(from).ok().flatten();
        let folder = from.parent().unwrap_or(Path::new("/"));
        resolver
            .resolve_with_context(folder, request, tsconfig.as_deref(), &mut ResolveContext::default())
            .map(|found| found.into_path_buf())
            .map_err(|error| reason(&error))
    }

    /// Whether a key of tsconfig `paths` matches the request.
    fn is_mapped(&self, from: &Path, request: &str) -> bool {
        let Ok(Some(tsconfig)) = self.tsconfig(from) else { return false };
        let Some(paths) = &tsconfig.compiler_options.paths else { return false };
        paths.keys().any(|key| match key.split_once('*') {
            Some((before, after)) => {
                request.len() >= before.len() + after.len() && request.starts_with(before) && request.ends_with(after)
            }
            None => key == request,
        })
    }
}

/// Whether the file's name says TypeScript.
pub fn is_typescript(path: &Path) -> bool {
    matches!(path.extension().and_then(|e| e.to_str()), Some("ts" | "tsx" | "mts" | "cts"))
}

fn has_js_extension(request: &str) -> bool {
    [".js", ".mjs", ".cjs", ".jsx"].iter().any(|e| request.ends_with(e))
}

/// Where in which tsconfig.json what is wrong.
fn unreadable(error: &ResolveError) -> String {
    match error {
        ResolveError::TsconfigLoadFailed { source, .. } if matches!(**source, ResolveError::Json(_)) => {
            unreadable(source)
        }
        ResolveError::TsconfigLoadFailed { source, path } => format!("{}: {}", path.display(), unreadable(source)),
        ResolveError::Json(at) => {
            let what = at.message.split(" at line ").next().unwrap_or_default();
            format!("{}:{}:{}: {what}", at.path.display(), at.line, at.column)
        }
        other => other.to_string(),
    }
}

fn reason(error: &ResolveError) -> String {
    match error {
        ResolveError::NotFound(_) => "not found".to_owned(),
        ResolveError::PackagePathNotExported { subpath, .. } => {
            format!("\"{subpath}\" is not among the package's exports")
        }
        ResolveError::PackageImportNotDefined(name, _) => format!("\"{name}\" is not among the package's imports"),
        ResolveError::TsconfigLoadFailed { path, .. } => {
            format!("{} cannot be read", path.file_name().unwrap_or_default().display())
        }
        other => other.to_string(),
    }
}
