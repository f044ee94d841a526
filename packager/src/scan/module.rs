//! One file of the graph: read, made into JavaScript where it is not, parsed, and asked what it needs. Runs on any thread; the result
//! depends on the file and the context alone.

use super::bindings::Bindings;
use super::builtin_imports::{self, BuiltinImports};
use super::constants::{self, Constants};
use super::exports::Exports;
use super::fold::{Folder, Known};
use super::format::{self, Format};
use super::intl::{self, Locales, Part};
use super::link::{Context, Edges, Linked, Linker, Unknown};
use super::parse::{self, SyntaxError};
use super::references::{self, References};
use super::resolve::{Found, RequestKind, is_typescript};
use super::unseen::{self, Surface};
use crate::diagnostics::{Diagnostic, Place};
use crate::disk;
use crate::transform::{self, Lowered};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use swc_core::common::{GLOBALS, Globals, Mark, SyntaxContext};
use swc_core::ecma::ast::Program;
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::visit::VisitMutWith;

/// A loaded module.
#[derive(Debug)]
pub struct Module {
    pub format: Format,
    /// The bytes on disk.
    pub original: Vec<u8>,
    /// What runs, where it is not the original.
    pub code: Option<String>,
    /// Source map of `code`.
    pub source_map: Option<String>,
    pub edges: Edges,
    pub links: BTreeMap<PathBuf, PathBuf>,
    /// Requests of which nothing is known.
    pub unknown: Vec<Unknown>,
    pub diagnostics: Vec<Diagnostic>,
    /// What it wants of ICU's data.
    pub intl: Vec<IntlUse>,
    /// What it exports, where it is an ES module.
    pub exports: Exports,
    /// It was understood: `exports` is all there is.
    pub parsed: bool,
    /// Its functions, where it is an ES module, and what it takes of other modules.
    pub surface: Surface,
    /// What it imports of built-ins, where it is an ES module.
    pub builtins: BuiltinImports,
    /// It may load or run code that the scan does not see, or lead requests to other modules.
    pub foreign: bool,
    /// What it exports and is known before it runs.
    pub constants: Constants,
    /// Constants of other modules that it was looked for in: request and name.
    pub asked: BTreeSet<(String, String)>,
    /// Such constants may tell more of what it asks for.
    pub open: bool,
    /// Its constants are worked out: most modules have only literal requests, and nobody asks for more.
    pub looked: bool,
}

/// A use of ICU's data, and where it is.
#[derive(Clone, Debug)]
pub struct IntlUse {
    pub parts: Vec<Part>,
    pub locales: Locales,
    pub what: String,
    pub place: Place,
}

impl IntlUse {
    fn everything(what: &str, place: Place) -> Self {
        Self { parts: intl::EVERYTHING.to_vec(), locales: Locales::All, what: what.to_owned(), place }
    }
}

impl Module {
    fn plain(format: Format, original: Vec<u8>) -> Self {
        Self {
            format,
            original,
            code: None,
            source_map: None,
            edges: Edges::new(),
            links: BTreeMap::new(),
            unknown: Vec::new(),
            diagnostics: Vec::new(),
            intl: Vec::new(),
            exports: Exports::default(),
            parsed: false,
            surface: Surface::default(),
            builtins: BuiltinImports::new(),
            foreign: false,
            constants: Constants::new(),
            asked: BTreeSet::new(),
            open: false,
            looked: false,
        }
    }
}

/// Loads `path` (real). `known` is what other modules were found to export; `None` at the first time.
pub fn load(context: &Context, path: &Path, known: Option<&constants::Known>) -> Module {
    let shown = context.project.shown(path);
    let original = match disk::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let mut module = Module::plain(Format::Asset, Vec::new());
            let message = format!("{shown} cannot be read: {error}");
            module.diagnostics.push(Diagnostic::error("unreadable", message).at(Place::file(shown)));
            return module;
        }
    };
    let named = format::by_name(path, &context.packages);
    if let Some(format @ (Format::Json | Format::Addon | Format::Wasm | Format::Asset)) = named {
        return Module::plain(format, original);
    }
    let text = String::from_utf8_lossy(&original).trim_start_matches('\u{feff}').to_owned();
    let mut loader =
        Loader { context, path, known, shown, module: Module::plain(named.unwrap_or(Format::CommonJs), Vec::new()) };
    loader.load(text, named);
    loader.module.original = original;
    loader.module
}

struct Loader<'a> {
    context: &'a Context<'a>,
    path: &'a Path,
    known: Option<&'a constants::Known>,
    shown: String,
    module: Module,
}

impl Loader<'_> {
    fn load(&mut self, text: String, named: Option<Format>) {
        if let Some(error) = self.tsconfig_error() {
            let message = format!("tsconfig.json does not count: {error}");
            self.module.diagnostics.push(Diagnostic::warning("tsconfig", message));
        }
        let lowered = transform::to_javascript(self.context, self.path, &text, named);
        let lowered = match lowered {
            Ok(lowered) => lowered,
            Err(error) => return self.syntax_error(&text, &error),
        };
        let code = lowered.code.as_deref().unwrap_or(&text);
        let parsed = match parse::parse(code, parse::javascript(false), lowered.format.or(named)) {
            Ok(parsed) => parsed,
            Err(error) => return self.syntax_error(code, &error),
        };
        let format = lowered.format.or(named).unwrap_or_else(|| format::by_syntax(&parsed.program));
        self.module.format = format;
        for complaint in &parsed.complaints {
            self.complain(&text, code, &lowered, complaint);
        }
        if format == Format::Esm {
            self.module.exports = Exports::of(&parsed.program, code);
            self.module.surface = Surface::of(&parsed.program, code);
            self.module.builtins = builtin_imports::of(&parsed.program);
            self.module.parsed = true;
        }
        let intl = intl::uses(&parsed.program);
        let references = self.references(parsed.program);
        self.module.surface.add(&references);
        let place = |start: usize, end: usize| self.place(&text, code, &lowered, start, end);
        let linker = Linker { context: self.context, file: self.path, place: &place, linked: Linked::default() };
        let linked = linker.link(&references);
        let used = intl.into_iter().map(|found| IntlUse {
            place: place(found.start, found.end),
            parts: found.parts,
            locales: found.locales,
            what: found.what,
        });
        let foreign = foreign_code(&references, &linked.unknown, &place);
        let is_foreign = !foreign.is_empty() || unseen::may_have_hooks(code);
        let intl = used.chain(foreign).collect();
        self.module.intl = intl;
        self.module.foreign = is_foreign;
        self.module.edges = linked.edges;
        self.module.links.extend(linked.links);
        self.module.unknown = linked.unknown;
        self.module.diagnostics.extend(linked.diagnostics);
        self.module.source_map = lowered.source_map;
        // Plain JavaScript stays as it is, byte for byte.
        self.module.code = lowered.code;
    }

    fn tsconfig_error(&self) -> Option<String> {
        let applies = is_typescript(self.path) && self.context.project.is_own(self.path);
        let error = if applies { self.context.resolver.tsconfig(self.path).err() } else { None };
        // Paths of this machine are for this machine's user, but the same text must come from every file.
        error.map(|error| error.replace(&format!("{}/", self.context.project.root.display()), ""))
    }

    /// What the program asks for.
    fn references(&mut self, mut program: Program) -> References {
        if self.known.is_none()
            && let Some(found) = references::literal(&program)
        {
            return found;
        }
        let (found, constants, asked) = GLOBALS.set(&Globals::new(), || {
            let (unresolved, top_level) = (Mark::new(), Mark::new());
            program.visit_mut_with(&mut resolver(unresolved, top_level, false));
            let bindings = Bindings::of(&program);
            let file = |request: &str, kind| match self.context.resolver.resolve(self.path, kind, request) {
                Found::File(path) => Some(path),
                _ => None,
            };
            let resolve = |request: &str, import: bool| {
                let kind = if import { RequestKind::Import } else { RequestKind::Require };
                Some(file(request, kind)?.to_string_lossy().into_owned())
            };
            let exported = |request: &str| {
                let known = self.known.filter(|known| !known.is_empty())?;
                let found = |kind| known.get(&file(request, kind)?);
                found(RequestKind::Import).or_else(|| found(RequestKind::Require))
            };
            let unresolved = SyntaxContext::empty().apply_mark(unresolved);
            let (file, known) = (self.path, Known::default());
            let folder =
                Folder { bindings: &bindings, unresolved, file, resolve: &resolve, exported: &exported, known };
            let found = references::folded(&program, &folder);
            let constants = constants::of(&program, &folder);
            (found, constants, folder.asked())
        });
        let module = &mut self.module;
        (module.constants, module.asked, module.open, module.looked) = (constants, asked, found.open, true);
        found
    }

    /// What the parser got over V8 refuses when the module is loaded.
    fn complain(&mut self, text: &str, code: &str, lowered: &Lowered, complaint: &SyntaxError) {
        if self.context.project.is_own(self.path) {
            let place = self.place(text, code, lowered, complaint.start, complaint.end);
            let message = format!("syntax error: {}", complaint.message);
            self.module.diagnostics.push(Diagnostic::error("syntax", message).at(place));
        }
    }

    /// Shows a range of the code that runs, in the file as the user wrote it.
    fn place(&self, text: &str, code: &str, lowered: &Lowered, start: usize, end: usize) -> Place {
        match lowered.original_offset(text, code, start) {
            Some(original) => {
                let end = if lowered.source_map.is_some() { original + 1 } else { original + (end - start) };
                Place::in_source(&self.shown, text, original, end)
            }
            None => Place::file(&self.shown),
        }
    }

    fn syntax_error(&mut self, text: &str, error: &SyntaxError) {
        if !format::is_code(self.path) && self.path.extension().is_some() {
            // `require('./x.txt')`: whoever reads it some other way gets it; running it fails as in Node.
            self.module.format = Format::Asset;
            return;
        }
        let place = Place::in_source(&self.shown, text, error.start, error.end);
        let message = format!("syntax error: {}", error.message);
        let own = self.context.project.is_own(self.path);
        let diagnostic =
            if own { Diagnostic::error("syntax", message) } else { Diagnostic::warning("syntax", message) };
        let jsx = !is_typescript(self.path) && error.message.contains("JSX");
        let diagnostic = diagnostic.at(place);
        self.module.diagnostics.push(if jsx { diagnostic.hint("name the file .jsx or .tsx") } else { diagnostic });
    }
}

/// Code that the scan does not see can use all of `Intl`.
fn foreign_code(references: &References, unknown: &[Unknown], place: &dyn Fn(usize, usize) -> Place) -> Vec<IntlUse> {
    let from_disk = "a request that may lead to the disk";
    let built_in = |request: &references::Request| {
        let name = request.values.iter().find(|value| !value.has_gap() && intl::runs_code(&value.text))?;
        Some(IntlUse::everything(&name.text, place(request.start, request.end)))
    };
    let mut found: Vec<IntlUse> = references.requests.iter().filter_map(built_in).collect();
    found.extend(unknown.iter().map(|unknown| IntlUse::everything(from_disk, unknown.place.clone())));
    found.extend(references.foreign.iter().map(|(start, end)| IntlUse::everything(from_disk, place(*start, *end))));
    found.truncate(1);
    found
}
