//! What a module exports that is known before it runs, for the modules that import it: `export const ROOT = path.join(__dirname, '..')`.
//! Owns: which values a module exports under which names, and which modules are worth another look once more is known. Does not own:
//! evaluating (`fold`).
//!
//! Nothing is known at first. After each round over the modules those that asked for what is known since are looked at again, so cycles
//! of modules end and the order in which modules were loaded does not show.

use super::bindings::property_name;
use super::fold::{Folder, member_name, strip};
use super::link::{EdgeKind, Target};
use super::module::Module;
use super::value::Value;
use crate::project::Project;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use swc_core::ecma::ast::*;

/// Values by the path of properties that leads to them: `ROOT`, `paths.views`; empty for the module or its default export itself.
pub type Constants = BTreeMap<String, Vec<Value>>;

/// The name of an array's elements.
pub const ELEMENTS: &str = "[]";

/// A module that exports more is a table, not a list of places.
const MOST: usize = 400;
/// No path is longer.
const LONGEST: usize = 4096;
/// Objects in objects.
const DEEPEST: usize = 4;

/// The constants of all modules that have some, by real path.
#[derive(Clone, Debug, Default)]
pub struct Known {
    modules: BTreeMap<PathBuf, Arc<Constants>>,
}

impl Known {
    pub fn get(&self, module: &Path) -> Option<Arc<Constants>> {
        self.modules.get(module).cloned()
    }

    pub fn is_empty(&self) -> bool {
        self.modules.is_empty()
    }

    /// Takes over what the modules export by now, and gives those that have to be loaded again.
    pub fn advance(&mut self, project: &Project, loaded: &BTreeMap<PathBuf, Module>) -> Vec<PathBuf> {
        let mut new: BTreeMap<&Path, BTreeSet<&str>> = BTreeMap::new();
        for (path, module) in loaded {
            let before = self.modules.get(path);
            let changed = |(name, values): &(&String, &Vec<Value>)| before.and_then(|b| b.get(*name)) != Some(*values);
            let names: BTreeSet<&str> =
                module.constants.iter().filter(changed).map(|(name, _)| name.as_str()).collect();
            if !names.is_empty() {
                self.modules.insert(path.clone(), Arc::new(module.constants.clone()));
                new.insert(path, names);
            }
        }
        let mut again = BTreeSet::new();
        for (path, module) in loaded {
            let asked: Vec<(&str, &str, &Path)> = if module.looked {
                module
                    .asked
                    .iter()
                    .filter_map(|(request, name)| Some((&**request, &**name, lead(module, request)?)))
                    .collect()
            } else {
                requests(module).map(|(request, target)| (request, "", target)).collect()
            };
            for (request, name, target) in asked {
                if !(request.starts_with(['.', '#']) || project.is_own(target)) {
                    continue;
                }
                // What a request that is not known yet is made of: the module there was not asked for its constants so far.
                if module.open && loaded.get(target).is_some_and(|target| !target.looked) {
                    again.insert(target.to_owned());
                }
                let Some(names) = new.get(target) else { continue };
                let is_asked = |known: &&&str| known.starts_with(name) || known.is_empty();
                let is_path = |known: &&str| loaded[target].constants[*known].iter().any(Value::is_absolute);
                if names.iter().filter(is_asked).any(|known| module.open || is_path(known)) {
                    again.insert(path.clone());
                }
            }
        }
        again.into_iter().collect()
    }
}

/// Where a request of a module leads.
fn lead<'a>(module: &'a Module, request: &str) -> Option<&'a Path> {
    [EdgeKind::Import, EdgeKind::Require].into_iter().find_map(|kind| {
        match &module.edges.get(&(kind, request.to_owned()))?.target {
            Target::Module(path) => Some(path.as_path()),
            _ => None,
        }
    })
}

fn requests(module: &Module) -> impl Iterator<Item = (&str, &Path)> {
    module.edges.iter().filter_map(|((kind, request), edge)| match &edge.target {
        Target::Module(path) if *kind != EdgeKind::Path => Some((request.as_str(), path.as_path())),
        _ => None,
    })
}

/// The constants that the program exports.
pub fn of(program: &Program, folder: &Folder) -> Constants {
    let mut exports = Exports { folder, found: Constants::new() };
    match program {
        Program::Module(module) => {
            for item in &module.body {
                match item {
                    ModuleItem::ModuleDecl(item) => exports.declaration(item),
                    ModuleItem::Stmt(Stmt::Expr(statement)) => exports.statement(&statement.expr),
                    ModuleItem::Stmt(_) => {}
                }
            }
        }
        Program::Script(script) => {
            for statement in &script.body {
                if let Stmt::Expr(statement) = statement {
                    exports.statement(&statement.expr);
                }
            }
        }
    }
    if exports.found.len() > MOST { Constants::new() } else { exports.found }
}

struct Exports<'a> {
    folder: &'a Folder<'a>,
    found: Constants,
}

impl Exports<'_> {
    fn declaration(&mut self, item: &ModuleDecl) {
        match item {
            ModuleDecl::ExportDecl(ExportDecl { decl: Decl::Var(var), .. }) => {
                for declarator in &var.decls {
                    if let Pat::Ident(name) = &declarator.name {
                        self.add(&name.sym, &Expr::Ident(name.id.clone()), 0);
                    }
                }
            }
            ModuleDecl::ExportDefaultExpr(export) => self.add("", &export.expr, 0),
            ModuleDecl::ExportAll(all) => self.all("", &all.src.value.to_string_lossy(), ""),
            ModuleDecl::ExportNamed(export) => {
                for specifier in &export.specifiers {
                    match (specifier, &export.src) {
                        (ExportSpecifier::Named(named), Some(src)) => {
                            let original = plain(&named.orig);
                            let exported = named.exported.as_ref().map_or_else(|| original.clone(), plain);
                            self.all(&exported, &src.value.to_string_lossy(), &original);
                        }
                        (ExportSpecifier::Namespace(namespace), Some(src)) => {
                            self.all(&plain(&namespace.name), &src.value.to_string_lossy(), "");
                        }
                        (ExportSpecifier::Named(named), None) => {
                            if let ModuleExportName::Ident(local) = &named.orig {
                                let exported = named.exported.as_ref().unwrap_or(&named.orig);
                                self.add(&plain(exported), &Expr::Ident(local.clone()), 0);
                            }
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// `exports.X = value` and what compilers make of `export`.
    fn statement(&mut self, expr: &Expr) {
        match strip(expr) {
            Expr::Assign(assign) if assign.op == AssignOp::Assign => {
                let mut value = &*assign.right;
                // `exports.a = exports.b = value`
                while let Expr::Assign(next) = strip(value) {
                    value = &next.right;
                }
                let mut next = Some(assign);
                while let Some(assign) = next {
                    if let AssignTarget::Simple(SimpleAssignTarget::Member(target)) = &assign.left
                        && let Some(name) = self.exported(target)
                    {
                        self.add(&name, value, 0);
                    }
                    next = if let Expr::Assign(next) = strip(&assign.right) { Some(next) } else { None };
                }
            }
            // `Object.defineProperty(exports, 'X', { get: function () { return X; } })`, `__export(exports, { X: () => X })`
            Expr::Call(call) => {
                let arguments: Vec<&Expr> = call.args.iter().map(|argument| strip(&argument.expr)).collect();
                match arguments.as_slice() {
                    [target, Expr::Lit(Lit::Str(name)), Expr::Object(object)] if self.is_exports(target) => {
                        for (key, value) in getters(object) {
                            if matches!(key.as_str(), "get" | "value") {
                                self.add(&name.value.to_string_lossy(), &value, 0);
                            }
                        }
                    }
                    [target, Expr::Object(object)] if self.is_exports(target) => {
                        for (name, value) in getters(object) {
                            self.add(&name, &value, 0);
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// `X` of `exports.X` and `module.exports.X`, nothing of `module.exports`; `None` for what is no export.
    fn exported(&self, target: &MemberExpr) -> Option<String> {
        let name = member_name(&target.prop)?;
        if self.is_exports(&target.obj) {
            return Some(if name == "default" { String::new() } else { name });
        }
        (name == "exports" && matches!(strip(&target.obj), Expr::Ident(module) if module.sym == "module"))
            .then(String::new)
    }

    /// `exports`, `module.exports`, esbuild's `name_exports`.
    fn is_exports(&self, expr: &Expr) -> bool {
        match strip(expr) {
            Expr::Ident(name) => name.sym == "exports" || name.sym.ends_with("_exports"),
            Expr::Member(member) => {
                member.prop.is_ident_with("exports")
                    && matches!(strip(&member.obj), Expr::Ident(module) if module.sym == "module")
            }
            _ => false,
        }
    }

    fn add(&mut self, name: &str, value: &Expr, depth: usize) {
        if depth > DEEPEST || self.found.len() > MOST {
            return;
        }
        match self.folder.literal(value, 0) {
            Some(Expr::Object(object)) => {
                for (key, value) in getters(&object) {
                    let name = if name.is_empty() { key } else { format!("{name}.{key}") };
                    self.add(&name, &value, depth + 1);
                }
            }
            Some(Expr::Array(_)) => self.values(&property(name, ELEMENTS), self.folder.elements(value, 0)),
            _ => {
                let values = self.folder.fold(value);
                if values.iter().all(Value::is_unknown) {
                    // `module.exports = require('./paths')`
                    if let Some(origin) = self.folder.origin(value) {
                        self.all(name, &origin.module, &origin.name);
                    }
                } else {
                    self.values(name, values);
                }
            }
        }
    }

    fn values(&mut self, name: &str, values: Vec<Value>) {
        let known = values.iter().any(|value| !value.is_unknown());
        if known && values.iter().all(|value| value.text.len() <= LONGEST) {
            self.found.insert(name.to_owned(), values);
        }
    }

    /// What the module that is asked for by `request` exports as `original`, or below it, is exported as `name`.
    fn all(&mut self, name: &str, request: &str, original: &str) {
        let original = if original == "default" { "" } else { original };
        let Some(known) = self.folder.constants_of(request, original) else { return };
        for (key, values) in known.iter() {
            let rest = match key.strip_prefix(original) {
                Some(rest) if original.is_empty() || rest.is_empty() => rest,
                Some(rest) => match rest.strip_prefix('.') {
                    Some(rest) => rest,
                    None => continue,
                },
                None => continue,
            };
            self.values(&property(name, rest), values.clone());
        }
    }
}

/// The name of the property `name` of what is called `object`.
fn property(object: &str, name: &str) -> String {
    if object.is_empty() || name.is_empty() { format!("{object}{name}") } else { format!("{object}.{name}") }
}

/// Names and values of an object, also of functions that do nothing but give a value.
fn getters(object: &ObjectLit) -> Vec<(String, Expr)> {
    let mut found = Vec::new();
    for property in &object.props {
        let PropOrSpread::Prop(property) = property else { continue };
        match &**property {
            Prop::KeyValue(pair) => {
                let value = match strip(&pair.value) {
                    Expr::Arrow(arrow) if arrow.params.is_empty() => match &*arrow.body {
                        ArrowFunctionBody::Expr(value) => Some(&**value),
                        ArrowFunctionBody::FunctionBody(body) => returned(&body.stmts),
                    },
                    Expr::Fn(function) if function.function.params.is_empty() => {
                        function.function.body.as_ref().and_then(|body| returned(&body.stmts))
                    }
                    value => Some(value),
                };
                found.extend(property_name(&pair.key).zip(value.cloned()));
            }
            Prop::Getter(getter) => {
                let value = getter.function.body.as_ref().and_then(|body| returned(&body.stmts));
                found.extend(property_name(&getter.key).zip(value.cloned()));
            }
            Prop::Shorthand(name) => found.push((name.sym.to_string(), Expr::Ident(name.clone()))),
            _ => {}
        }
    }
    found
}

fn returned(body: &[Stmt]) -> Option<&Expr> {
    match body {
        [Stmt::Return(statement)] => statement.arg.as_deref(),
        _ => None,
    }
}

fn plain(name: &ModuleExportName) -> String {
    let name = super::exports::name_of(name);
    if name == "default" { String::new() } else { name }
}
