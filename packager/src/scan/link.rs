//! From what a module asks for to files. Owns: resolving its requests, filling the gaps of computed ones with what is on the disk, and
//! what to say where that fails. Does not own: finding the requests (`references`).

use super::addons::{fits, is_addon};
use super::files;
use super::format::is_code;
use super::packages::Packages;
use super::references::{AssetRef, How, Reach, References, Request};
use super::resolve::{Found, RequestKind, Resolver};
use super::value::{GAP, Value, normalize};
use crate::diagnostics::{Diagnostic, Place};
use crate::disk;
use crate::options::BuildOptions;
use crate::project::Project;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where the runtime shows the embedded tree.
const EMBEDDED_ROOT: &str = "/proc/self/exe/app";

/// What all modules of a scan share.
pub struct Context<'a> {
    pub project: &'a Project,
    pub options: &'a BuildOptions,
    pub resolver: Resolver,
    pub packages: Packages,
}

/// How the runtime will ask: the key of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    Import,
    Require,
    /// Not a request but a path: a worker's script, a file that is read. Only tells why something is there.
    Path,
}

/// Where an edge ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// A module, by its real path.
    Module(PathBuf),
    /// A file that is only read.
    Asset(PathBuf),
    External(String),
    Missing,
}

/// The edges of one module: (kind, request) -> (target, whether it is certain that the request is made).
pub type Edges = BTreeMap<(EdgeKind, String), Edge>;

/// One edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    pub target: Target,
    /// Guessed from a pattern or a folder: what is wrong with such a module is no error of the build.
    pub soft: bool,
}

/// A request of which too little is known to embed what it asks for.
#[derive(Clone, Debug)]
pub struct Unknown {
    pub kind: RequestKind,
    pub place: Place,
    /// It may name a package.
    pub package: bool,
    /// It names a package's package.json: what that names as programs is going to be loaded.
    pub manifest: bool,
}

/// What linking one module gave.
#[derive(Debug, Default)]
pub struct Linked {
    pub edges: Edges,
    /// Symbolic links that resolution went through: real path of the link's folder joined with its name, real target.
    pub links: BTreeMap<PathBuf, PathBuf>,
    pub unknown: Vec<Unknown>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Links one module.
pub struct Linker<'a> {
    pub context: &'a Context<'a>,
    pub file: &'a Path,
    /// Shows a byte range of the module.
    pub place: &'a dyn Fn(usize, usize) -> Place,
    pub linked: Linked,
}

impl Linker<'_> {
    pub fn link(mut self, references: &References) -> Linked {
        for request in &references.requests {
            let several = request.values.len() > 1;
            let (told, found) = (self.linked.diagnostics.len(), if several { self.found() } else { 0 });
            for value in &request.values {
                if value.is_unknown() {
                    self.unknown(request);
                } else if value.has_gap() {
                    self.pattern(request, value);
                } else {
                    self.request(request, value);
                }
            }
            // Of several texts that an expression may give, those that lead nowhere are mostly none that it gives.
            if several && (self.found() > found || self.is_found(request)) {
                let mut new = self.linked.diagnostics.split_off(told);
                new.retain(|diagnostic| diagnostic.code != "unresolved-require");
                self.linked.diagnostics.extend(new);
            }
        }
        for asset in &references.assets {
            self.asset(asset);
        }
        if references.requests.iter().any(|request| request.values.iter().any(|value| value.text == "@oclif/core")) {
            self.oclif();
        }
        if references.escapes && !self.own() {
            self.data_beside();
        }
        self.linked
    }

    /// How many requests lead somewhere.
    fn found(&self) -> usize {
        self.linked.edges.values().filter(|edge| edge.target != Target::Missing).count()
    }

    /// Whether one of the texts is known to lead somewhere.
    fn is_found(&self, request: &Request) -> bool {
        let edge = |text: &String| self.linked.edges.get(&(edge_kind(request.kind), text.clone()));
        request.values.iter().filter_map(|value| edge(&value.text)).any(|edge| edge.target != Target::Missing)
    }

    /// A package's module that hands out its own path finds its data by it: the files beside it that are no code.
    fn data_beside(&mut self) {
        let folder = self.file.parent().unwrap_or(Path::new("/"));
        let deep = !self.is_too_high(folder);
        let found = files::list(folder, deep).unwrap_or_default();
        // A folder with a page and its style is served to browsers, scripts and all.
        let has = |extension| found.iter().any(|file| file.extension().is_some_and(|e| e == extension));
        let served = has("html") && has("css");
        for file in &found {
            if files::is_data(file) || (served && file.extension().is_some_and(|e| e == "js")) {
                self.embed(file, false);
            }
        }
    }

    /// oclif loads what the package.json of its program names: a folder of commands, modules of hooks.
    fn oclif(&mut self) {
        let Some(package) = self.context.packages.scope_of(self.file).filter(|_| self.own()) else { return };
        let Some(config) = package.manifest.get("oclif") else { return };
        let mut named = Vec::new();
        for field in ["commands", "hooks", "helpClass", "plugins"] {
            config.get(field).into_iter().for_each(|value| strings_in(value, &mut named));
        }
        for path in named.iter().filter(|path| path.starts_with('.')) {
            let path = normalize(&format!("{}/{path}", package.folder.display()));
            if disk::is_dir(Path::new(&path)) {
                let value = Value::text(path);
                self.asset(&AssetRef { value, reach: Reach::Listing, start: 0, end: 0 });
            } else if let Found::File(real) = self.context.resolver.resolve(self.file, RequestKind::Require, &path) {
                self.embed(&real, true);
            }
        }
    }

    fn own(&self) -> bool {
        self.context.project.is_own(self.file)
    }

    fn edge(&mut self, kind: EdgeKind, request: &str, target: Target, soft: bool) {
        let edge = Edge { target, soft };
        let entry = self.linked.edges.entry((kind, request.to_owned())).or_insert_with(|| edge.clone());
        // The stronger of two: a module beats an asset, certain beats guessed.
        let weaker =
            matches!(entry.target, Target::Missing | Target::Asset(_)) && matches!(edge.target, Target::Module(_));
        entry.soft &= soft;
        if weaker {
            entry.target = edge.target;
        }
    }

    /// A request of which nothing is known. A file URL of which nothing is known is a path: no package can be meant.
    fn unknown(&mut self, request: &Request) {
        if request.how == How::Guess || (request.how == How::Program && request.guarded && !self.own()) {
            return;
        }
        let place = (self.place)(request.start, request.end);
        let package =
            request.values.iter().any(|value| value.is_unknown() && !value.url) && request.how != How::Program;
        let manifest = request.values.iter().any(|value| value.text.ends_with("/package.json"));
        self.linked.unknown.push(Unknown { kind: request.kind, place, package: package || manifest, manifest });
    }

    fn request(&mut self, request: &Request, value: &Value) {
        let text = &value.text;
        let from = request.base.as_ref().map_or(self.file.to_owned(), PathBuf::from);
        // What a file elsewhere asks for is the disk's business.
        if !self.may_embed(&from) {
            return;
        }
        if request.how == How::Program || value.url {
            return self.program(request, text);
        }
        if text.starts_with('/') {
            return self.absolute(request, text);
        }
        let kind = edge_kind(request.kind);
        match self.context.resolver.resolve(&from, request.kind, text) {
            Found::Builtin => {}
            Found::File(path) if request.kind == RequestKind::Import && has_query(text) => {
                // Each query is a module of its own, which an edge to a file cannot say; the runtime finds the file by itself.
                self.edge(EdgeKind::Path, text, Target::Module(path), false);
            }
            Found::External => self.edge(kind, text, Target::External(text.clone()), false),
            // Of a package's addons for several platforms, those for others are as if they were not installed.
            Found::File(path) if is_addon(&path) && request.guarded && !fits(&path) => {
                self.edge(kind, text, Target::Missing, true);
            }
            Found::File(path) => {
                self.note_links(&from, text);
                self.edge(kind, text, Target::Module(path), request.how == How::Guess || request.guarded);
            }
            Found::Missing(reason) => {
                if request.how != How::Guess {
                    self.edge(kind, text, Target::Missing, true);
                    self.missing(request, text, &reason);
                }
            }
        }
    }

    /// A path made of `__dirname` and the like. One that leads elsewhere is the disk's.
    fn absolute(&mut self, request: &Request, text: &str) {
        if !self.may_embed(Path::new(text)) {
            return;
        }
        match self.context.resolver.resolve(self.file, request.kind, text) {
            Found::File(path) => self.edge(
                edge_kind(request.kind),
                &request_text(text, self.context.project),
                Target::Module(path),
                false,
            ),
            Found::Missing(reason) => self.missing(request, &self.context.project.shown(Path::new(text)), &reason),
            Found::Builtin | Found::External => {}
        }
    }

    /// A script that is named by its path.
    fn program(&mut self, request: &Request, path: &str) {
        if !path.starts_with('/') {
            if request.how == How::Program && !path.starts_with("data:") {
                self.unknown(request);
            }
            return;
        }
        let real = disk::canonicalize(Path::new(path)).ok().filter(|p| disk::is_file(p));
        let real = real.or_else(|| self.context.resolver.typescript(self.file, RequestKind::Import, path).ok());
        match real {
            Some(real) => {
                if !disk::exists(Path::new(path)) {
                    // `worker.js` that is `worker.ts`: the path must be there at run time.
                    self.linked.links.insert(PathBuf::from(path), real.clone());
                }
                let shown = self.context.project.embedded(Path::new(path));
                self.edge(EdgeKind::Path, &shown, Target::Module(real), false);
            }
            None => {
                let shown = self.context.project.shown(Path::new(path));
                self.missing(request, &shown, "no such file");
            }
        }
    }

    fn missing(&mut self, request: &Request, text: &str, reason: &str) {
        if !self.own() || request.guarded {
            return;
        }
        let bare = !text.starts_with('.') && !text.starts_with('/') && !text.starts_with('#');
        let package = package_name(text);
        if bare && self.context.packages.scope_of(self.file).is_some_and(|p| p.is_optional(package)) {
            return;
        }
        let place = (self.place)(request.start, request.end);
        let message = format!("cannot find \"{text}\": {reason}");
        let diagnostic = match request.how {
            How::Static => Diagnostic::error("unresolved-import", message),
            _ => Diagnostic::warning("unresolved-require", message),
        };
        let lenient = self.context.resolver.typescript(self.file, request.kind, text).ok();
        let hint = match lenient {
            Some(path) if request.kind == RequestKind::Import && !bare => {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let index = name.starts_with("index.") && !text.contains("index");
                let end = if index {
                    format!("/{name}")
                } else {
                    name.rfind('.').map_or(String::new(), |dot| name[dot..].to_owned())
                };
                format!("in an ES module Node wants the whole file name: \"{}{end}\"", text.trim_end_matches('/'))
            }
            _ if bare && disk::is_file(&self.context.project.root.join(".pnp.cjs")) => {
                "Yarn's Plug'n'Play keeps packages in archives, which pack does not read: set nodeLinker: node-modules in .yarnrc.yml and \
                 install again"
                    .to_owned()
            }
            _ if bare => format!(
                "install it (npm install {package}), or leave it to the disk at run time with --external {package}"
            ),
            _ => "check the path, also upper and lower case".to_owned(),
        };
        self.linked.diagnostics.push(diagnostic.at(place).hint(hint));
    }

    /// A request with gaps: every file that it can mean.
    fn pattern(&mut self, request: &Request, value: &Value) {
        let text = &value.text;
        if request.how == How::Guess {
            return;
        }
        let folder = self.file.parent().unwrap_or(Path::new("/")).to_string_lossy().into_owned();
        if text.starts_with("./") || text.starts_with("../") {
            let full = normalize(&format!("{folder}/{text}"));
            let written = &text[..text.len() - full_tail(text, &full)];
            self.files_of_pattern(request, &full, written, &full[..full.len() - full_tail(text, &full)]);
        } else if text.starts_with('/') {
            let full = normalize(text);
            self.files_of_pattern(request, &full, "", "");
        } else if text.starts_with(GAP) || text.starts_with("node:") || text.starts_with('#') {
            if !text.starts_with("node:") {
                self.unknown(request);
            }
        } else {
            self.packages_of_pattern(request, text);
        }
    }

    /// `full` is an absolute path with gaps; requests are spelled with `written` in the place of `known`.
    fn files_of_pattern(&mut self, request: &Request, full: &str, written: &str, known: &str) {
        let folder = PathBuf::from(files::known_folder(full));
        if full.starts_with(GAP) || !self.may_embed(&folder) {
            return self.unknown(request);
        }
        let deep = !self.is_too_high(&folder);
        let Some(candidates) = files::list(&folder, deep) else {
            return self.too_many(request.start, request.end, &folder);
        };
        for file in candidates {
            let path = file.to_string_lossy();
            let loadable = is_code(&file) || matches!(file.extension().and_then(|e| e.to_str()), Some("json" | "node"));
            if !loadable && !files::matches(full, &path) {
                continue;
            }
            for spelled in spellings(&path) {
                if !files::matches(full, &spelled) {
                    continue;
                }
                let text = format!("{written}{}", &spelled[known.len().min(spelled.len())..]);
                match self.context.resolver.resolve(self.file, request.kind, &text) {
                    Found::File(real) => self.edge(
                        edge_kind(request.kind),
                        &request_text(&text, self.context.project),
                        Target::Module(real),
                        true,
                    ),
                    _ => continue,
                }
            }
        }
    }

    /// A bare request with gaps: `pkg/locale/${x}`, `eslint-plugin-${x}`.
    fn packages_of_pattern(&mut self, request: &Request, text: &str) {
        let name = package_name(text);
        if name.contains(GAP) {
            // Only what the project itself or the module's own package names can be meant.
            let project = self.context.project;
            let asked = self.context.packages.asked(project, self.file);
            let names: BTreeSet<String> = asked.iter().flat_map(|package| package.askable(project)).collect();
            for name in names {
                if files::matches(text, &name)
                    && let Found::File(real) = self.context.resolver.resolve(self.file, request.kind, &name)
                {
                    self.note_links(self.file, &name);
                    self.edge(edge_kind(request.kind), &name, Target::Module(real), true);
                }
            }
            return;
        }
        let Some(folder) = self.package_folder(name) else { return };
        let inside = text[name.len()..].trim_start_matches('/').to_owned();
        let full = format!("{}/{inside}", folder.display());
        let Some(candidates) = files::list(Path::new(files::known_folder(&full)), true) else {
            return self.too_many(request.start, request.end, &folder);
        };
        let prefix = folder.to_string_lossy().into_owned();
        for file in candidates {
            let path = file.to_string_lossy();
            for spelled in spellings(&path).into_iter().filter(|s| files::matches(&full, s)) {
                let text = format!("{name}{}", &spelled[prefix.len()..]);
                if let Found::File(real) = self.context.resolver.resolve(self.file, request.kind, &text) {
                    self.edge(edge_kind(request.kind), &text, Target::Module(real), true);
                }
            }
        }
    }

    /// The real folder of a package as this module sees it.
    fn package_folder(&self, name: &str) -> Option<PathBuf> {
        let mut places = self.file.ancestors().skip(1).map(|a| a.join("node_modules").join(name));
        disk::canonicalize(&places.find(|p| disk::is_dir(p))?).ok()
    }

    /// A bare request may go through a symbolic link in `node_modules`; at run time a computed request must find it too.
    fn note_links(&mut self, from: &Path, request: &str) {
        if request.starts_with('.') || request.starts_with('/') || request.starts_with('#') {
            return;
        }
        let name = package_name(request);
        let Some(link) = from.ancestors().skip(1).map(|a| a.join("node_modules").join(name)).find(|p| disk::exists(p))
        else {
            return;
        };
        if disk::is_symlink(&link)
            && let Ok(real) = disk::canonicalize(&link)
        {
            self.linked.links.insert(link, real);
        }
    }

    fn asset(&mut self, asset: &AssetRef) {
        let path = normalize(&asset.value.text);
        if path.contains(GAP) {
            return self.asset_pattern(asset, &path, asset.reach == Reach::Listing);
        }
        let path = PathBuf::from(path.trim_end_matches('/'));
        let Ok(metadata) = disk::metadata(&path) else {
            let pattern = files::with_gaps(&path.to_string_lossy());
            if pattern.contains(GAP) {
                self.asset_pattern(asset, &pattern, true);
            }
            return;
        };
        if metadata.is_file() {
            if self.may_embed(path.parent().unwrap_or(&path)) {
                self.embed(&path, asset.reach >= Reach::Code || asset.reach == Reach::Made);
            }
        } else if metadata.is_dir() {
            self.folder(asset, &path);
        }
    }

    fn asset_pattern(&mut self, asset: &AssetRef, path: &str, as_modules: bool) {
        let folder = PathBuf::from(files::known_folder(path));
        if path.starts_with(GAP) || !self.may_embed(&folder) || asset.reach <= Reach::Made {
            return;
        }
        // The gap may be anything: without a name beside it, only what lies in a folder of its own is meant.
        let bare = path[folder.as_os_str().len()..].trim_start_matches('/').chars().all(|c| c == GAP || c == '/');
        let deep = !self.is_too_high(&folder) || (self.own() && asset.value.text.contains("**/"));
        if bare && !deep && !self.own() {
            return;
        }
        let Some(candidates) = files::list(&folder, deep) else {
            return self.too_many(asset.start, asset.end, &folder);
        };
        for file in candidates.iter().filter(|f| files::matches(path, &f.to_string_lossy())) {
            self.embed(file, as_modules);
        }
    }

    fn folder(&mut self, asset: &AssetRef, folder: &Path) {
        let holds_module = self.file.starts_with(folder);
        if !self.may_embed(folder) || asset.reach <= Reach::Made || (holds_module && asset.reach != Reach::Listing) {
            return;
        }
        let whole = self.is_too_high(folder);
        if whole && (!self.own() || asset.reach == Reach::Told) {
            return;
        }
        if whole {
            let place = (self.place)(asset.start, asset.end);
            let shown = self.context.project.shown(folder);
            let shown =
                if shown.is_empty() { "the project's folder".to_owned() } else { format!("the folder {shown}") };
            let message = format!("{shown} is read; only the files directly in it are embedded");
            let diagnostic = Diagnostic::warning("whole-folder", message).at(place);
            self.linked
                .diagnostics
                .push(diagnostic.hint("name what the program needs of its subfolders with --include \"folder/**\""));
        }
        let Some(tree) = files::tree(folder, !whole) else { return self.too_many(asset.start, asset.end, folder) };
        self.linked.links.extend(tree.links);
        for file in tree.files {
            self.embed(&file, asset.reach >= Reach::Code);
        }
    }

    /// Embeds one file; code in it also as a module where it is going to be loaded.
    fn embed(&mut self, file: &Path, as_module: bool) {
        if self.context.options.output.as_deref() == Some(file) {
            return;
        }
        let shown = self.context.project.embedded(file);
        if as_module
            && is_code(file)
            && let Ok(real) = disk::canonicalize(file)
        {
            self.edge(EdgeKind::Path, &shown, Target::Module(real), true);
        }
        self.edge(EdgeKind::Path, &format!("./{shown}"), Target::Asset(file.to_owned()), true);
    }

    fn too_many(&mut self, start: usize, end: usize, folder: &Path) {
        let place = (self.place)(start, end);
        let message = format!(
            "{} has more than {} files and is not embedded",
            self.context.project.shown(folder),
            files::MOST_FILES
        );
        self.linked.diagnostics.push(
            Diagnostic::warning("too-many-files", message).at(place).hint("name those that are needed with --include"),
        );
    }

    /// Below the project's root or the module's own package, and not in the trash.
    fn may_embed(&self, folder: &Path) -> bool {
        let inside = folder.starts_with(&self.context.project.root);
        inside
            || folder == self.file
            || self.context.packages.scope_of(self.file).is_some_and(|p| folder.starts_with(&p.folder))
    }

    /// A folder that is the root, a package's folder, or above one: never embedded as a whole.
    fn is_too_high(&self, folder: &Path) -> bool {
        let project = self.context.project;
        project.root.starts_with(folder)
            || project.package.starts_with(folder)
            || folder.file_name().is_some_and(|n| n == "node_modules")
            || self
                .context
                .packages
                .scope_of(self.file)
                .is_some_and(|p| p.name().is_some() && p.folder.starts_with(folder))
    }
}

fn edge_kind(kind: RequestKind) -> EdgeKind {
    match kind {
        RequestKind::Import => EdgeKind::Import,
        RequestKind::Require => EdgeKind::Require,
    }
}

/// The texts in a value of a package.json.
fn strings_in(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => found.push(text.clone()),
        serde_json::Value::Array(values) => values.iter().for_each(|value| strings_in(value, found)),
        serde_json::Value::Object(fields) => fields.values().for_each(|value| strings_in(value, found)),
        _ => {}
    }
}

/// A request as the program spells it: absolute paths lie below the executable's name.
fn request_text(text: &str, project: &Project) -> String {
    if text.starts_with('/') {
        format!("{EMBEDDED_ROOT}/{}", project.embedded(Path::new(text)))
    } else {
        text.to_owned()
    }
}

fn has_query(request: &str) -> bool {
    request.get(1..).is_some_and(|rest| rest.contains(['?', '#']))
}

/// The part of a request that names the package.
pub fn package_name(request: &str) -> &str {
    let slashes = if request.starts_with('@') { 2 } else { 1 };
    request.match_indices('/').nth(slashes - 1).map_or(request, |(at, _)| &request[..at])
}

/// The ways in which a request can name a file: whole, without its extension, as its folder. TypeScript also by what it compiles to.
fn spellings(path: &str) -> Vec<String> {
    const COMPILED: [(&str, &str); 4] = [(".ts", ".js"), (".tsx", ".js"), (".mts", ".mjs"), (".cts", ".cjs")];
    let mut all = vec![path.to_owned()];
    all.extend(COMPILED.iter().find_map(|(from, to)| Some(format!("{}{to}", path.strip_suffix(from)?))));
    let stem = [".js", ".cjs", ".mjs", ".json", ".node", ".ts", ".tsx", ".mts", ".cts", ".jsx"]
        .iter()
        .find_map(|e| path.strip_suffix(e));
    all.extend(stem.map(str::to_owned));
    all.extend(stem.and_then(|s| s.strip_suffix("/index")).map(str::to_owned));
    all
}

/// The length of the end that a relative request and its absolute form have in common.
fn full_tail(text: &str, full: &str) -> usize {
    text.bytes().rev().zip(full.bytes().rev()).take_while(|(a, b)| a == b).count()
}
