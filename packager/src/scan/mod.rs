//! From the entry to everything that the program can reach. `Scan::of` is where the stage starts. Owns: the order of work (threads) and of
//! the result (none of theirs). Does not own: one module (`module`).

mod addons;
mod bindings;
mod builtin_imports;
mod builtins;
mod constants;
mod exports;
mod files;
mod fold;
mod format;
mod intl;
mod link;
mod module;
mod packages;
mod parse;
mod queue;
mod references;
mod resolve;
mod unseen;
mod value;

pub use builtin_imports::of_all as builtin_imports;
pub use format::{Format, by_syntax};
pub use intl::{Locales, Part};
pub use link::{Context, EdgeKind, Target};
pub use module::Module;
pub use parse::{SyntaxError, javascript, parse, range, syntax_of};
pub use resolve::is_typescript;
pub use unseen::{Gap, gaps};

use crate::diagnostics::{Diagnostic, Place};
use crate::disk;
use crate::options::BuildOptions;
use crate::progress::Progress;
use crate::project::Project;
use packages::Packages;
use resolve::{Found, RequestKind, Resolver};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

/// Everything that goes into the executable.
#[derive(Debug)]
pub struct Scan {
    /// By real path.
    pub modules: BTreeMap<PathBuf, Module>,
    /// Files that are only read, by the path the program uses.
    pub assets: BTreeSet<PathBuf>,
    /// package.json files of everything above.
    pub packages: BTreeSet<PathBuf>,
    /// Symbolic links that the program needs: link -> real target.
    pub links: BTreeMap<PathBuf, PathBuf>,
    /// Modules that are evaluated at build time in front of the entry.
    pub evaluated: Vec<PathBuf>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Scan {
    pub fn of(project: &Project, options: &BuildOptions, progress: &dyn Progress) -> Self {
        let context = Context { project, options, resolver: Resolver::new(options), packages: Packages::default() };
        let mut loaded = queue::load_all(&context, progress);
        let mut scan = Self {
            modules: BTreeMap::new(),
            assets: BTreeSet::new(),
            packages: BTreeSet::new(),
            links: BTreeMap::new(),
            evaluated: Vec::new(),
            diagnostics: Vec::new(),
        };
        scan.walk(project, &mut loaded);
        exports::drop_types(&mut scan.modules);
        scan.report_unknown(project);
        scan.check_output(project, options);
        scan.evaluate(&context);
        scan.include(project, options);
        scan.addons(project, &context.packages);
        scan.link_dependencies(&context);
        scan.collect_packages(&context);
        scan
    }

    /// Takes over what can be reached: first what certainly is, then what a pattern or folder may mean. In the second half a fault is
    /// no fault of the build.
    fn walk(&mut self, project: &Project, loaded: &mut BTreeMap<PathBuf, Module>) {
        let mut certain = VecDeque::from([project.entry.clone()]);
        let mut perhaps = VecDeque::new();
        loop {
            let (path, soft) = match certain.pop_front() {
                Some(path) => (path, false),
                None => match perhaps.pop_front() {
                    Some(path) => (path, true),
                    None => match loaded.keys().next() {
                        // Reached from no module: dependencies that an unknown request may mean.
                        Some(path) => (path.clone(), true),
                        None => break,
                    },
                },
            };
            let Some(mut module) = loaded.remove(&path) else { continue };
            for edge in module.edges.values() {
                match &edge.target {
                    Target::Module(target) if edge.soft || soft => perhaps.push_back(target.clone()),
                    Target::Module(target) => certain.push_back(target.clone()),
                    Target::Asset(target) => drop(self.assets.insert(target.clone())),
                    Target::External(_) | Target::Missing => {}
                }
            }
            for mut diagnostic in module.diagnostics.drain(..) {
                if soft {
                    diagnostic.severity = crate::diagnostics::Severity::Warning;
                }
                // A dependency's faults that nothing certain depends on are noise.
                if !soft || project.is_own(&path) {
                    self.diagnostics.push(diagnostic);
                }
            }
            self.links.append(&mut module.links);
            self.modules.insert(path, module);
        }
    }

    /// One warning for all requests of the project's own code that stay unknown, one for those of dependencies.
    fn report_unknown(&mut self, project: &Project) {
        let (mut own, mut foreign): (Vec<Place>, Vec<Place>) = (Vec::new(), Vec::new());
        for (path, module) in &self.modules {
            let places = module.unknown.iter().map(|unknown| unknown.place.clone());
            if project.is_own(path) { own.extend(places) } else { foreign.extend(places) }
        }
        let hint = "what they ask for at run time is found only if it is embedded: add it with --include GLOB, or leave it to the disk with --external NAME";
        if !own.is_empty() {
            let message = match own.len() {
                1 => "what this request asks for is not known before it runs".to_owned(),
                n => format!("what {n} requests ask for is not known before they run"),
            };
            let diagnostic = Diagnostic { places: own, ..Diagnostic::warning("unknown-request", message) };
            self.diagnostics.push(diagnostic.hint(hint));
        }
        if !foreign.is_empty() {
            let message = match foreign.len() {
                1 => "what a request of a dependency asks for is not known before it runs".to_owned(),
                n => format!("what {n} requests of dependencies ask for is not known before they run"),
            };
            let diagnostic = Diagnostic::warning("unknown-request-in-dependency", message);
            let hint = "what the project and these packages name as dependencies is embedded for them; what else they load is found on the disk or by --include GLOB";
            self.diagnostics.push(Diagnostic { places: foreign, brief: true, ..diagnostic }.hint(hint));
        }
    }

    /// The executable must not replace what it is made of.
    fn check_output(&mut self, project: &Project, options: &BuildOptions) {
        let Some(output) = options.output.as_deref().and_then(|path| path.canonicalize().ok()) else { return };
        if self.modules.contains_key(&output) {
            let message = format!("the output would replace {}, which is part of the program", project.shown(&output));
            self.diagnostics.push(Diagnostic::error("output", message).hint("name another file with -o"));
        }
    }

    /// `--snapshot=MODULE`.
    fn evaluate(&mut self, context: &Context) {
        for name in context.options.snapshot.iter().flatten() {
            let found = match context.resolver.resolve(&context.project.entry, RequestKind::Require, name) {
                Found::File(path) => disk::canonicalize(&path).unwrap_or(path),
                _ => PathBuf::from(name),
            };
            if self.modules.contains_key(&found) {
                self.evaluated.push(found);
            } else {
                let message = format!("--snapshot={name} is no module of the program");
                let hint = "name a file that the entry reaches, or a package as the entry would ask for it";
                self.diagnostics.push(Diagnostic::error("snapshot", message).hint(hint));
            }
        }
    }

    /// `--include`.
    fn include(&mut self, project: &Project, options: &BuildOptions) {
        for pattern in &options.include {
            let glob = match globset::GlobBuilder::new(pattern.trim_start_matches("./")).literal_separator(true).build()
            {
                Ok(glob) => glob.compile_matcher(),
                Err(error) => {
                    self.diagnostics
                        .push(Diagnostic::error("include", format!("--include {pattern}: {}", error.kind())));
                    continue;
                }
            };
            let fixed: PathBuf =
                Path::new(pattern).components().take_while(|c| !is_glob(&c.as_os_str().to_string_lossy())).collect();
            let base = project.package.join(&fixed);
            let candidates = match files::tree(&base, true).filter(|_| disk::is_dir(&base)) {
                Some(tree) => {
                    self.links.extend(tree.links);
                    tree.files
                }
                None => vec![base.clone()],
            };
            let whole = disk::is_dir(&base) && fixed.components().count() == Path::new(pattern).components().count();
            let before = self.assets.len();
            let mut matched = false;
            for file in candidates.into_iter().filter(|f| disk::is_file(f) && options.output.as_deref() != Some(f)) {
                let name = file.strip_prefix(&project.package).unwrap_or(&file);
                if whole || glob.is_match(name) || file == base {
                    matched = true;
                    self.assets.insert(file);
                }
            }
            if !matched && before == self.assets.len() {
                let diagnostic = Diagnostic::error("include", format!("--include {pattern} matches no file"));
                self.diagnostics.push(diagnostic.hint("globs are relative to the folder of package.json"));
            }
        }
    }

    /// An unknown request finds dependencies by their names: through the links that package managers make.
    fn link_dependencies(&mut self, context: &Context) {
        let asking = self.modules.iter().filter(|(_, module)| module.unknown.iter().any(|unknown| unknown.package));
        let asked = asking.flat_map(|(path, _)| context.packages.asked(context.project, path));
        let asked: BTreeMap<_, _> = asked.map(|package| (package.folder.clone(), package)).collect();
        for (folder, package) in asked {
            for name in package.askable(context.project) {
                let link =
                    folder.ancestors().map(|a| a.join("node_modules").join(&name)).find(|path| disk::exists(path));
                if let Some(link) = link.filter(|link| disk::is_symlink(link))
                    && let Ok(real) = disk::canonicalize(&link)
                {
                    self.links.insert(link, real);
                }
            }
        }
    }

    fn collect_packages(&mut self, context: &Context) {
        for path in self.modules.keys().chain(&self.assets) {
            for package in context.packages.chain_of(path) {
                self.packages.insert(package.folder.join("package.json"));
            }
        }
    }
}

fn is_glob(part: &str) -> bool {
    part.contains(['*', '?', '[', '{'])
}
