//! From the scan to the payload. `generate` is where the stage starts. Owns: what a module, an asset, a package.json and an edge become in
//! the payload, and the order (none: the payload sorts). Does not own: the format (crate `payload`).

mod heap;
mod icu;
mod intl;
mod locales;
mod pack;
mod sizes;
mod sourceless;
mod train;

pub use icu::has_language;
pub use intl::IntlData;
pub use sizes::{PackageSize, Sizes, package_of};
pub use train::{builtin_caches, refused_option};

use crate::Stub;
use crate::diagnostics::{self, Diagnostic};
use crate::disk;
use crate::options::BuildOptions;
use crate::project::Project;
use crate::scan::{self, EdgeKind, Format, Module, Scan, Target};
use payload::{Builder, Content, EdgeTarget, File, FileKind, Manifest};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// From so many ES modules on they are compiled without V8's table of scripts: turning it off and on costs what some thirty small modules
/// save.
const MANY: usize = 100;

/// A payload that is ready to be put into a stub.
#[derive(Debug)]
pub struct Generated {
    pub payload: Vec<u8>,
    pub sizes: Sizes,
    pub intl: IntlData,
    /// Warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// Builds the payload of `scan` for `stub`.
pub fn generate(
    project: &Project,
    options: &BuildOptions,
    scan: &Scan,
    stub: &Stub,
) -> Result<Generated, Vec<Diagnostic>> {
    let mut generator = Generator { project, scan, names: Names::default(), diagnostics: Vec::new() };
    generator.names(project, scan);
    let assets = generator.read_assets();
    let result = generator.build(options, &assets, stub);
    match result {
        Ok(generated) if diagnostics::has_errors(&generated.diagnostics) => Err(generated.diagnostics),
        Ok(generated) if generator.diagnostics.is_empty() => Ok(generated),
        Ok(_) => Err(generator.diagnostics),
        Err(error) => {
            generator.diagnostics.push(Diagnostic::error("payload", error.to_string()));
            Err(generator.diagnostics)
        }
    }
}

/// All of ICU's data that V8 can ask for.
pub fn all_of(icu: &[u8]) -> Vec<u8> {
    icu::Keep::all().cut(icu).unwrap_or_default()
}

/// Embedded paths by real path.
#[derive(Default)]
struct Names(BTreeMap<PathBuf, String>);

impl Names {
    /// Two packages outside of the root may have one name: the later one (by real path) gets a number.
    fn add(&mut self, project: &Project, path: &Path, taken: &mut BTreeMap<String, PathBuf>) {
        let wanted = project.embedded(path);
        let mut name = wanted.clone();
        for number in 2.. {
            match taken.get(&name) {
                Some(other) if other != path => {
                    let (package, rest) = wanted.split_once('/').unwrap_or(("", &wanted));
                    name = format!("{package}+{number}/{rest}");
                }
                _ => break,
            }
        }
        taken.insert(name.clone(), path.to_owned());
        self.0.insert(path.to_owned(), name);
    }

    fn get(&self, path: &Path) -> Option<&String> {
        self.0.get(path)
    }
}

struct Generator<'a> {
    project: &'a Project,
    scan: &'a Scan,
    names: Names,
    diagnostics: Vec<Diagnostic>,
}

impl Generator<'_> {
    fn names(&mut self, project: &Project, scan: &Scan) {
        let mut taken = BTreeMap::new();
        let paths = scan.modules.keys().chain(&scan.packages).chain(&scan.assets);
        for path in paths {
            if self.names.get(path).is_none() {
                self.names.add(project, path, &mut taken);
            }
        }
    }

    fn read_assets(&mut self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut contents = BTreeMap::new();
        for path in self.scan.assets.iter().chain(&self.scan.packages) {
            if self.scan.modules.contains_key(path) || contents.contains_key(path) {
                continue;
            }
            match disk::read(path) {
                Ok(bytes) => drop(contents.insert(path.clone(), bytes)),
                Err(error) => {
                    let message = format!("{} cannot be read: {error}", self.project.shown(path));
                    self.diagnostics.push(Diagnostic::error("unreadable", message));
                }
            }
        }
        contents
    }

    fn build(
        &self,
        options: &BuildOptions,
        assets: &BTreeMap<PathBuf, Vec<u8>>,
        stub: &Stub,
    ) -> Result<Generated, payload::BuildError> {
        let (project, scan) = (self.project, self.scan);
        let mut builder = Builder::new(self.manifest(options));
        let mut files = Vec::new();
        for (path, module) in &scan.modules {
            let Some(name) = self.names.get(path) else { continue };
            let read = scan.assets.contains(path);
            files.push((path, name.clone(), module_file(path, module, read, scan.packages.contains(path))));
        }
        for (path, bytes) in assets {
            let Some(name) = self.names.get(path) else { continue };
            let package = scan.packages.contains(path);
            let kind = if package { FileKind::PackageJson } else { asset_kind(path) };
            let file = File { kind, mode: mode_of(path), content: Content::bytes(bytes.as_slice()), ..File::default() };
            files.push((path, name.clone(), file));
        }
        if options.compress {
            pack::pack_all(&mut files, options.jobs);
        }
        let mut sizes = Sizes::new(project);
        for (path, name, file) in files {
            if scan.modules.contains_key(path) {
                sizes.module(path, &file)
            } else {
                sizes.asset(path, &file)
            }
            builder.file(&name, file)?;
        }
        self.links(&mut builder)?;
        for (path, module) in &scan.modules {
            let Some(importer) = self.names.get(path) else { continue };
            for ((kind, request), edge) in &module.edges {
                let target = match &edge.target {
                    Target::Module(path) | Target::Asset(path) => match self.names.get(path) {
                        Some(name) => EdgeTarget::File(name.clone()),
                        None => continue,
                    },
                    Target::External(name) => EdgeTarget::External(name.clone()),
                    Target::Missing => EdgeTarget::Missing,
                };
                let kind = match kind {
                    EdgeKind::Import => payload::EdgeKind::Import,
                    EdgeKind::Require => payload::EdgeKind::Require,
                    EdgeKind::Path => payload::EdgeKind::Url,
                };
                builder.edge(importer, kind, request, target)?;
            }
        }
        let intl = IntlData::of(scan, options);
        let icu = intl.keep.cut(&stub.icu).unwrap_or_default();
        sizes.icu = icu.len() as u64;
        builder.manifest.extra.insert("intl".into(), intl.data.clone());
        builder.manifest.extra.insert("intl-reasons".into(), intl.reasons.join("\n"));
        if !stub.components.is_empty() {
            builder.manifest.extra.insert("runtime".into(), stub.components.clone());
        }
        stub.add_to(&mut builder, icu);
        let mut image = stub.image.len();
        sizes.builtin_caches = stub.caches.len() as u64;
        if let Some(caches) = self.plain_caches(options, stub) {
            sizes.builtin_caches = caches.len() as u64;
            builder.caches(caches);
        }
        if options.snapshot.is_some() {
            let names = scan.evaluated.iter().filter_map(|path| self.names.get(path).map(String::as_str));
            let names: Vec<&str> = names.collect();
            match heap::evaluate(&mut builder, stub, &names, &options.warmup)? {
                Ok(length) => {
                    image = length;
                    // V8 takes those on the image only that they were made on.
                    builder.caches(Vec::new());
                    let caches = heap::builtin_caches(&mut builder, stub)?;
                    sizes.builtin_caches = caches.len() as u64;
                    builder.caches(caches);
                }
                Err(refusal) => return Ok(Generated { payload: Vec::new(), sizes, intl, diagnostics: vec![refusal] }),
            }
        }
        let (code_caches, mut diagnostics) = train::add_caches(&mut builder, stub, options, &self.unseen(options))?;
        if options.no_source {
            diagnostics.extend(self.leave_sources_out(&mut builder, options)?);
        }
        let payload = builder.build()?;
        sizes.payload = payload.len() as u64;
        sizes.image = image as u64;
        sizes.no_source = options.no_source;
        sizes.code_caches = code_caches;
        Ok(Generated { payload, sizes, intl, diagnostics })
    }

    /// The built-ins' code caches unpacked, for a program so large that its file hardly grows by it: to unpack them is a tenth of the start
    /// of a program of `node:http`.
    fn plain_caches(&self, options: &BuildOptions, stub: &Stub) -> Option<Vec<u8>> {
        if options.compress || options.snapshot.is_some() {
            return None;
        }
        let is_code = |module: &&Module| matches!(module.format, Format::Esm | Format::CommonJs);
        let modules = self.scan.modules.values().filter(is_code);
        let code: usize = modules.map(|module| module.original.len()).sum();
        let growth = |caches: &Vec<u8>| caches.len().saturating_sub(stub.caches.len());
        // Nothing to unpack them for where they would be too large packed.
        if code < stub.caches.len() / 2 {
            return None;
        }
        pack::unpacked_caches(stub).filter(|caches| growth(caches) <= 2 * code)
    }

    /// What the caches leave out, a line a module: its path, a tab, and ranges of its text; those of whole statements end with ";".
    fn unseen(&self, options: &BuildOptions) -> String {
        // Options of node and packages on the disk can bring hooks; in a heap the modules have been evaluated as they are.
        if !options.exec_argv.is_empty() || !options.external.is_empty() || options.snapshot.is_some() {
            return String::new();
        }
        let mut lines = String::new();
        for (path, gaps) in scan::gaps(self.scan, self.project) {
            let Some(name) = self.names.get(&path).filter(|name| !name.contains(['\t', '\n'])) else { continue };
            let end = |gap: &scan::Gap| if gap.statement { ";" } else { "" };
            let ranges: Vec<String> = gaps.iter().map(|gap| format!("{}-{}{}", gap.start, gap.end, end(gap))).collect();
            lines.push_str(&format!("{name}\t{}\n", ranges.join(",")));
        }
        lines
    }

    /// What ES modules import of built-ins, a line a built-in: its name, a tab, names. None where all of it may be.
    fn builtin_imports(&self) -> Option<String> {
        let mut lines = String::new();
        for (id, names) in scan::builtin_imports(self.scan)? {
            let Some(names) = names else { continue };
            let names: Vec<String> = names.into_iter().filter(|name| !name.contains([',', '\t', '\n'])).collect();
            lines.push_str(&format!("{id}\t{}\n", names.join(",")));
        }
        Some(lines).filter(|lines| !lines.is_empty())
    }

    /// Symbolic links, where nothing else has their path and their target is embedded.
    fn links<'b>(&self, builder: &mut Builder<'b>) -> Result<(), payload::BuildError> {
        let names: Vec<&String> = self.names.0.values().collect();
        let is_there = |name: &str| {
            names.iter().any(|n| *n == name || n.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')))
        };
        for (link, target) in &self.scan.links {
            let name = self.project.embedded(link);
            let target = self.project.embedded(target);
            if name == target || name.starts_with("~/") || is_there(&name) || !is_there(&target) {
                continue;
            }
            builder.symlink(&name, &relative(&name, &target))?;
        }
        Ok(())
    }

    fn manifest(&self, options: &BuildOptions) -> Manifest {
        let package = self.project.manifest.as_ref();
        let field = |name: &str| package.and_then(|m| m.get(name)?.as_str()).unwrap_or_default().to_owned();
        let entry = self.scan.modules.get(&self.project.entry);
        let imports = self.builtin_imports().map(|lines| ("builtin-imports".to_owned(), lines));
        // `script_table.rs` of the runtime. Options of node are part of what V8 compares a cache by.
        let modules = self.scan.modules.values().filter(|module| module.format == Format::Esm).count();
        let many = modules >= MANY && options.exec_argv.is_empty();
        let extra = imports.into_iter().chain(many.then(|| ("no-script-table".to_owned(), "1".to_owned())));
        Manifest {
            name: self.project.name.clone(),
            version: field("version"),
            pack_version: env!("CARGO_PKG_VERSION").to_owned(),
            target: "x86_64-unknown-linux-gnu".to_owned(),
            entry: self.names.get(&self.project.entry).cloned().unwrap_or_default(),
            entry_kind: entry.map_or(FileKind::CommonJs, |module| kind_of(module.format)),
            exec_argv: options.exec_argv.clone(),
            externals: options.external.clone(),
            allow_env: options.extra_certificates,
            extra: extra.collect(),
            ..Manifest::default()
        }
    }
}

fn module_file<'a>(path: &Path, module: &'a Module, read: bool, package: bool) -> File<'a> {
    let mut file = File { kind: kind_of(module.format), mode: mode_of(path), ..File::default() };
    if package {
        file.kind = FileKind::PackageJson;
    }
    match (&module.code, std::str::from_utf8(&module.original)) {
        (Some(code), _) => {
            file.content = Content::text(code);
            // Traces lead to the source: whoever reads a line of it must find it. Few programs ever do.
            let wanted = read || module.source_map.is_some();
            file.source = wanted.then(|| pack::packed(Content::bytes(module.original.as_slice())));
            file.source_map = module.source_map.as_deref().map(|map| pack::packed(Content::text(map)));
        }
        (None, Ok(text)) if matches!(module.format, Format::Esm | Format::CommonJs | Format::Json) => {
            // A byte order mark is no part of a program, but `fs` shows it.
            let plain = text.trim_start_matches('\u{feff}');
            file.content = Content::text(plain);
            file.source = (plain.len() != text.len()).then(|| Content::bytes(module.original.as_slice()));
        }
        _ => file.content = Content::bytes(module.original.as_slice()),
    }
    file
}

fn kind_of(format: Format) -> FileKind {
    match format {
        Format::Esm => FileKind::EsModule,
        Format::CommonJs => FileKind::CommonJs,
        Format::Json => FileKind::Json,
        Format::Addon => FileKind::NativeAddon,
        Format::Wasm => FileKind::Wasm,
        Format::Asset => FileKind::Asset,
    }
}

fn asset_kind(path: &Path) -> FileKind {
    match path.extension().and_then(|e| e.to_str()) {
        Some("node") => FileKind::NativeAddon,
        _ => FileKind::Asset,
    }
}

/// Only whether a file may be executed is kept: other bits are the build machine's umask.
fn mode_of(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    let executable = disk::metadata(path).is_ok_and(|m| m.permissions().mode() & 0o100 != 0);
    if executable { 0o755 } else { 0o644 }
}

/// The way from the folder of `link` to `target`, both relative to the root.
fn relative(link: &str, target: &str) -> String {
    let from: Vec<&str> = link.split('/').collect();
    let to: Vec<&str> = target.split('/').collect();
    let folder = &from[..from.len() - 1];
    let common = folder.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n("..", folder.len() - common);
    up.chain(to[common..].iter().copied()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn links_are_relative_to_their_folder() {
        assert_eq!(relative("node_modules/@a/b", "packages/b"), "../../packages/b");
        assert_eq!(relative("src/worker.js", "src/worker.ts"), "worker.ts");
    }
}
