//! Functions of ES modules that nothing can reach: exported and imported by nobody, or called by such alone. Their text stays where it
//! is; the code caches leave them out (`generate/train.rs`), so that no start reads of them. Owns: what counts as reached. Does not own:
//! the caches.
//!
//! A name counts as used wherever it stands in a module, whatever it means there. All of a module is reached where its namespace can be
//! seen: by `import()`, `require`, `import * as`, `export *`, or as a program of its own. Where the program may load or run code that the
//! scan has not seen, everything is.

use super::Scan;
use super::exports::{TakenNames, merge, name_of, taken, with_comma};
use super::format::Format;
use super::link::{EdgeKind, Target};
use super::parse::range;
use super::references::{How, References};
use crate::project::Project;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use swc_core::atoms::Atom;
use swc_core::common::Spanned;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

/// The functions of a module's top level, and what it takes of others.
#[derive(Clone, Debug, Default)]
pub struct Surface {
    functions: Vec<Function>,
    /// Functions that code uses which is no function of these.
    roots: BTreeSet<usize>,
    /// Exported name, function, and the place of `name` in `export { name }`.
    exported: Vec<(String, usize, Option<(usize, usize)>)>,
    /// Names that are imported by request; `None` is all of them.
    imports: TakenNames,
}

#[derive(Clone, Debug)]
struct Function {
    place: (usize, usize),
    uses: BTreeSet<usize>,
}

/// A range of a module's text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    pub start: usize,
    pub end: usize,
    /// It is a whole statement, not a name in braces.
    pub statement: bool,
}

impl Surface {
    /// Of the ES module `program`, which is `code`.
    pub fn of(program: &Program, code: &str) -> Self {
        let mut surface = Self::default();
        let Program::Module(module) = program else { return surface };
        let mut known = BTreeMap::new();
        for item in &module.body {
            if let Some((name, _, place)) = function(item) {
                known.insert(name, surface.functions.len());
                surface.functions.push(Function { place, uses: BTreeSet::new() });
            }
        }
        let mut evaluates = false;
        for item in &module.body {
            let mut names = Names { known: &known, found: BTreeSet::new(), evaluates: false };
            match (function(item), item) {
                (Some((name, body, place)), _) => {
                    body.visit(&mut names);
                    let index = known[&name];
                    surface.functions[index] = Function { place, uses: names.found };
                    if matches!(item, ModuleItem::ModuleDecl(_)) {
                        surface.exported.push((name.to_string(), index, None));
                    }
                }
                (None, ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export))) if export.src.is_none() => {
                    surface.export(export, &known, code);
                }
                (None, item) => {
                    surface.import(item);
                    item.visit_with(&mut names);
                    surface.roots.extend(names.found);
                }
            }
            evaluates |= names.evaluates;
        }
        // Two declarations of one name are no module, and text that is run can name anything.
        if evaluates || known.len() != surface.functions.len() {
            surface.functions.clear();
        }
        surface
    }

    fn export(&mut self, export: &NamedExport, known: &BTreeMap<Atom, usize>, code: &str) {
        for specifier in &export.specifiers {
            if let ExportSpecifier::Named(named) = specifier
                && let ModuleExportName::Ident(local) = &named.orig
                && let Some(index) = known.get(&local.sym)
            {
                let exported = named.exported.as_ref().map_or_else(|| local.sym.to_string(), name_of);
                self.exported.push((exported, *index, Some(with_comma(code, range(named.span())))));
            }
        }
    }

    fn import(&mut self, item: &ModuleItem) {
        let ModuleItem::ModuleDecl(item) = item else { return };
        let Some(taken) = taken(item) else { return };
        let names = (!taken.all && taken.namespace.is_none()).then_some(taken.names);
        merge(&mut self.imports, taken.request.value.to_string_lossy().into_owned(), names);
    }

    /// Requests that are also made in another way than by `import` and `export from` give the namespace.
    pub fn add(&mut self, references: &References) {
        for request in references.requests.iter().filter(|request| request.how != How::Static) {
            for value in &request.values {
                self.imports.insert(value.text.clone(), None);
            }
        }
    }
}

/// The name, what is in it, and the place of a function of the top level: of `function f() {}` and of `const f = () => {}`.
fn function(item: &ModuleItem) -> Option<(Atom, Body<'_>, (usize, usize))> {
    let (declaration, place) = match item {
        ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(export)) => (&export.decl, export.span),
        ModuleItem::Stmt(Stmt::Decl(declaration)) => (declaration, declaration.span()),
        _ => return None,
    };
    match declaration {
        Decl::Fn(function) => Some((function.ident.sym.clone(), Body::Function(&function.function), range(place))),
        Decl::Var(var) if var.kind == VarDeclKind::Const => match var.decls.as_slice() {
            [VarDeclarator { name: Pat::Ident(name), init: Some(init), .. }] => match &**init {
                init @ (Expr::Arrow(_) | Expr::Fn(_)) => Some((name.sym.clone(), Body::Value(init), range(place))),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

enum Body<'a> {
    Function(&'a swc_core::ecma::ast::Function),
    Value(&'a Expr),
}

impl Body<'_> {
    fn visit(&self, names: &mut Names) {
        match self {
            Self::Function(function) => function.visit_with(names),
            Self::Value(value) => value.visit_with(names),
        }
    }
}

struct Names<'a> {
    known: &'a BTreeMap<Atom, usize>,
    found: BTreeSet<usize>,
    evaluates: bool,
}

impl Visit for Names<'_> {
    fn visit_ident(&mut self, name: &Ident) {
        self.found.extend(self.known.get(&name.sym));
        self.evaluates |= name.sym == "eval";
    }
}

/// Whether the module's text says that it may have hooks of the loader, which can lead a request to another module.
pub fn may_have_hooks(code: &str) -> bool {
    let named = ["'module'", "\"module\"", "'node:module'", "\"node:module\""];
    code.contains("registerHooks")
        || ["module.register", "Module.register"].iter().any(|name| code.contains(name))
        || (code.contains("register") && named.iter().any(|name| code.contains(name)))
}

/// What each module's cache leaves out, by real path.
pub fn gaps(scan: &Scan, project: &Project) -> BTreeMap<PathBuf, Vec<Gap>> {
    if scan.modules.values().any(|module| module.foreign) {
        return BTreeMap::new();
    }
    let mut wanted: BTreeMap<&Path, Option<BTreeSet<&str>>> = BTreeMap::new();
    wanted.insert(&project.entry, None);
    for module in scan.modules.values() {
        for ((kind, request), edge) in &module.edges {
            let Target::Module(target) = &edge.target else { continue };
            let names = match kind {
                EdgeKind::Import => module.surface.imports.get(request).and_then(Option::as_ref),
                EdgeKind::Require | EdgeKind::Path => None,
            };
            let known = wanted.entry(target).or_insert(Some(BTreeSet::new()));
            match (known.as_mut(), names) {
                (Some(known), Some(names)) => known.extend(names.iter().map(String::as_str)),
                _ => *known = None,
            }
        }
    }
    let mut gaps = BTreeMap::new();
    for (path, module) in &scan.modules {
        let names = match wanted.get(path.as_path()) {
            Some(Some(names)) if module.format == Format::Esm && module.parsed => names,
            _ => continue,
        };
        // Places are counted in characters of one byte.
        let plain = module.code.as_ref().map_or(module.original.is_ascii(), |code| code.is_ascii());
        let found = if plain { module.surface.gaps(names) } else { Vec::new() };
        if !found.is_empty() {
            gaps.insert(path.clone(), found);
        }
    }
    gaps
}

impl Surface {
    fn gaps(&self, names: &BTreeSet<&str>) -> Vec<Gap> {
        let exported = self.exported.iter().filter(|(name, ..)| names.contains(name.as_str()));
        let mut todo: Vec<usize> = self.roots.iter().copied().chain(exported.map(|(_, index, _)| *index)).collect();
        let mut reached = BTreeSet::new();
        while let Some(index) = todo.pop() {
            if let Some(function) = self.functions.get(index).filter(|_| reached.insert(index)) {
                todo.extend(&function.uses);
            }
        }
        let left = |index: &usize| *index < self.functions.len() && !reached.contains(index);
        let mut gaps: Vec<Gap> = (0..self.functions.len())
            .filter(left)
            .map(|index| {
                let (start, end) = self.functions[index].place;
                Gap { start, end, statement: true }
            })
            .collect();
        for (_, index, place) in &self.exported {
            if let (true, Some((start, end))) = (left(index), *place) {
                gaps.push(Gap { start, end, statement: false });
            }
        }
        gaps.sort_by_key(|gap| gap.start);
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    /// What is left out where these names are imported.
    fn left_out(code: &str, names: &[&str]) -> Vec<String> {
        let parsed = parse::parse(code, parse::javascript(false), Some(Format::Esm)).unwrap();
        let surface = Surface::of(&parsed.program, code);
        surface.gaps(&names.iter().copied().collect()).iter().map(|g| code[g.start..g.end].to_owned()).collect()
    }

    #[test]
    fn what_nobody_imports_is_left_out() {
        let code =
            "export function a() { b(); }\nfunction b() {}\nexport async function c() {}\nexport const d = () => 1;\n";
        assert_eq!(left_out(code, &["a"]), ["export async function c() {}", "export const d = () => 1;"]);
        assert_eq!(left_out(code, &["d"]).len(), 3);
    }

    #[test]
    fn hooks_are_noticed() {
        assert!(may_have_hooks("import { register } from 'node:module';"));
        assert!(may_have_hooks("Module.registerHooks({});"));
        assert!(!may_have_hooks("import { createRequire } from 'node:module'; emitter.on('x');"));
    }

    #[test]
    fn what_other_code_names_stays() {
        let code = "function a() {}\nfunction b() { a(); }\nconst table = { a };\nexport { b as c, table };\n";
        assert_eq!(left_out(code, &["table"]), ["function b() { a(); }", "b as c,"]);
        assert!(left_out("export function a() {}\neval('a()');\n", &[]).is_empty());
    }
}
