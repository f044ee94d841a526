//! What ES modules export, and what TypeScript only seems to. `export { T } from './types'` is erased by TypeScript's compiler when `T` is
//! a type, which cannot be seen in the file itself; here all files are known.

use super::format::Format;
use super::link::{EdgeKind, Target};
use super::module::Module;
use super::parse::range;
use super::resolve::is_typescript;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use swc_core::common::Spanned;
use swc_core::ecma::ast::*;
use swc_core::ecma::utils::find_pat_ids;

/// The exports of an ES module as it runs.
#[derive(Clone, Debug, Default)]
pub struct Exports {
    /// Names of what is declared here.
    values: BTreeSet<String>,
    links: Vec<Link>,
    /// Requests of `export * from`.
    stars: Vec<String>,
}

/// A name of another module that this one exports.
#[derive(Clone, Debug)]
struct Link {
    request: String,
    imported: String,
    exported: String,
    /// Where the name stands in the code, comma and all.
    places: Vec<(usize, usize)>,
}

impl Exports {
    pub fn of(program: &Program, code: &str) -> Self {
        let mut exports = Self::default();
        let Program::Module(module) = program else { return exports };
        let mut imported = BTreeMap::new();
        for item in &module.body {
            if let ModuleItem::ModuleDecl(ModuleDecl::Import(import)) = item {
                for specifier in &import.specifiers {
                    if let ImportSpecifier::Named(named) = specifier {
                        let name = named.imported.as_ref().map_or_else(|| named.local.sym.to_string(), name_of);
                        let request = import.src.value.to_string_lossy().into_owned();
                        imported
                            .insert(named.local.sym.to_string(), (request, name, with_comma(code, range(named.span))));
                    }
                }
            }
        }
        for item in &module.body {
            let ModuleItem::ModuleDecl(item) = item else { continue };
            match item {
                ModuleDecl::ExportDecl(export) => match &export.decl {
                    Decl::Var(var) => {
                        let ids: Vec<Id> = find_pat_ids(&var.decls);
                        exports.values.extend(ids.into_iter().map(|id| id.0.to_string()));
                    }
                    Decl::Fn(function) => {
                        exports.values.insert(function.ident.sym.to_string());
                    }
                    Decl::Class(class) => {
                        exports.values.insert(class.ident.sym.to_string());
                    }
                    _ => {}
                },
                ModuleDecl::ExportDefaultDecl(_) | ModuleDecl::ExportDefaultExpr(_) => {
                    exports.values.insert("default".into());
                }
                ModuleDecl::ExportAll(all) => exports.stars.push(all.src.value.to_string_lossy().into_owned()),
                ModuleDecl::ExportNamed(named) => exports.named(named, &imported, code),
                _ => {}
            }
        }
        exports
    }

    fn named(
        &mut self,
        export: &NamedExport,
        imported: &BTreeMap<String, (String, String, (usize, usize))>,
        code: &str,
    ) {
        for specifier in &export.specifiers {
            let ExportSpecifier::Named(named) = specifier else {
                // `export * as ns`
                if let ExportSpecifier::Namespace(namespace) = specifier {
                    self.values.insert(name_of(&namespace.name));
                }
                continue;
            };
            let local = name_of(&named.orig);
            let exported = named.exported.as_ref().map_or_else(|| local.clone(), name_of);
            let place = with_comma(code, range(named.span()));
            match (&export.src, imported.get(&local)) {
                (Some(src), _) => {
                    let request = src.value.to_string_lossy().into_owned();
                    self.links.push(Link { request, imported: local, exported, places: vec![place] });
                }
                (None, Some((request, name, import))) => {
                    let places = vec![*import, place];
                    self.links.push(Link { request: request.clone(), imported: name.clone(), exported, places });
                }
                (None, None) => drop(self.values.insert(exported)),
            }
        }
    }
}

/// Blanks, in what was TypeScript, exported names for which no module has a value.
pub fn drop_types(modules: &mut BTreeMap<PathBuf, Module>) {
    let mut blanks: Vec<(PathBuf, Vec<(usize, usize)>)> = Vec::new();
    for (path, module) in modules.iter().filter(|(path, module)| is_typescript(path) && module.parsed) {
        let dropped = module.exports.links.iter().filter(|link| {
            let target = target(module, &link.request);
            target.is_some_and(|target| !has_value(modules, target, &link.imported, &mut BTreeSet::new()))
        });
        let places: Vec<_> = dropped.flat_map(|link| link.places.iter().copied()).collect();
        if !places.is_empty() {
            blanks.push((path.clone(), places));
        }
    }
    for (path, places) in blanks {
        if let Some(code) = modules.get_mut(&path).and_then(|module| module.code.as_mut()) {
            for (start, end) in places {
                let blank: String = code[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
                code.replace_range(start..end, &blank);
            }
        }
    }
}

fn target<'a>(module: &'a Module, request: &str) -> Option<&'a Path> {
    match &module.edges.get(&(EdgeKind::Import, request.to_owned()))?.target {
        Target::Module(path) => Some(path),
        _ => None,
    }
}

/// Whether the module exports `name` when it runs; a module whose exports cannot be told counts as one that does.
fn has_value<'a>(
    modules: &'a BTreeMap<PathBuf, Module>,
    path: &'a Path,
    name: &str,
    seen: &mut BTreeSet<(&'a Path, String)>,
) -> bool {
    if !seen.insert((path, name.to_owned())) {
        return false;
    }
    let Some(module) = modules.get(path).filter(|module| module.format == Format::Esm && module.parsed) else {
        return true;
    };
    if module.exports.values.contains(name) {
        return true;
    }
    let mut through =
        |request: &str, name: &str| target(module, request).is_none_or(|target| has_value(modules, target, name, seen));
    let links = module.exports.links.iter().filter(|link| link.exported == name);
    if links.into_iter().any(|link| through(&link.request, &link.imported)) {
        return true;
    }
    name != "default" && module.exports.stars.iter().any(|request| through(request, name))
}

pub fn name_of(name: &ModuleExportName) -> String {
    match name {
        ModuleExportName::Ident(name) => name.sym.to_string(),
        ModuleExportName::Str(name) => name.value.to_string_lossy().into_owned(),
    }
}

/// What an `import` or `export from` takes of the module that it names.
pub struct Taken<'a> {
    pub request: &'a Str,
    pub names: BTreeSet<String>,
    /// The local name of `import * as`.
    pub namespace: Option<&'a Ident>,
    /// It may be any name.
    pub all: bool,
}

/// `None` for a declaration that names no other module.
pub fn taken(item: &ModuleDecl) -> Option<Taken<'_>> {
    let empty = |request| Taken { request, names: BTreeSet::new(), namespace: None, all: false };
    Some(match item {
        ModuleDecl::Import(import) => {
            let mut taken = empty(&import.src);
            for specifier in &import.specifiers {
                match specifier {
                    ImportSpecifier::Named(named) => {
                        taken
                            .names
                            .insert(named.imported.as_ref().map_or_else(|| named.local.sym.to_string(), name_of));
                    }
                    ImportSpecifier::Default(_) => drop(taken.names.insert("default".to_owned())),
                    ImportSpecifier::Namespace(all) => taken.namespace = Some(&all.local),
                }
            }
            taken.all = !matches!(import.phase, ImportPhase::Evaluation);
            taken
        }
        ModuleDecl::ExportNamed(NamedExport { src: Some(source), specifiers, .. }) => {
            let mut taken = empty(source);
            for specifier in specifiers {
                match specifier {
                    ExportSpecifier::Named(named) => drop(taken.names.insert(name_of(&named.orig))),
                    ExportSpecifier::Default(_) => drop(taken.names.insert("default".to_owned())),
                    ExportSpecifier::Namespace(_) => taken.all = true,
                }
            }
            taken
        }
        ModuleDecl::ExportAll(export) => Taken { all: true, ..empty(&export.src) },
        _ => return None,
    })
}

/// Names that are taken of modules; `None` is all of them.
pub type TakenNames = BTreeMap<String, Option<BTreeSet<String>>>;

/// Adds `names` to what is taken of `module`.
pub fn merge(all: &mut TakenNames, module: String, names: Option<BTreeSet<String>>) {
    let known = all.entry(module).or_insert(Some(BTreeSet::new()));
    match (known.as_mut(), names) {
        (Some(known), Some(names)) => known.extend(names),
        _ => *known = None,
    }
}

/// The range of a name in braces with the comma after it.
pub fn with_comma(code: &str, (start, end): (usize, usize)) -> (usize, usize) {
    let rest = &code[end..];
    let space = rest.len() - rest.trim_start().len();
    (start, if rest[space..].starts_with(',') { end + space + 1 } else { end })
}
