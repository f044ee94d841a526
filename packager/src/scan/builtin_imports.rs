//! Which names the ES modules of a program import of Node's built-in modules: the runtime makes no others, where making one loads more
//! built-ins. Owns: what of a namespace counts as used. Does not own: what is done with it (`internal/modules/esm/translators.js`).

use super::Scan;
use super::builtins::is_builtin;
use super::exports::{TakenNames, merge, taken};
use super::format::Format;
use std::collections::{BTreeMap, BTreeSet};
use swc_core::atoms::Atom;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

/// TakenNames by built-in.
pub type BuiltinImports = TakenNames;

/// Of the module `program`.
pub fn of(program: &Program) -> BuiltinImports {
    let mut imports = BuiltinImports::new();
    let Program::Module(module) = program else { return imports };
    let mut namespaces: BTreeMap<Atom, Option<BTreeSet<String>>> = BTreeMap::new();
    let mut locals = Vec::new();
    let declarations = module.body.iter().filter_map(ModuleItem::as_module_decl).filter_map(taken);
    for taken in declarations.filter(|taken| is_builtin(&taken.request.value.to_string_lossy())) {
        if let Some(local) = taken.namespace {
            namespaces.insert(local.sym.clone(), Some(BTreeSet::new()));
            locals.push((id(taken.request), local.sym.clone()));
        }
        merge(&mut imports, id(taken.request), (!taken.all).then_some(taken.names));
    }
    let mut uses = Uses { namespaces };
    program.visit_with(&mut uses);
    for (id, local) in locals {
        merge(&mut imports, id, uses.namespaces.get(&local).cloned().flatten());
    }
    imports
}

/// Of all ES modules of `scan`; `None` where one could not be understood.
pub fn of_all(scan: &Scan) -> Option<BuiltinImports> {
    let mut imports = BuiltinImports::new();
    for module in scan.modules.values().filter(|module| module.format == Format::Esm) {
        if !module.parsed {
            return None;
        }
        for (id, names) in &module.builtins {
            merge(&mut imports, id.clone(), names.clone());
        }
    }
    Some(imports)
}

fn id(source: &Str) -> String {
    let request = source.value.to_string_lossy();
    request.strip_prefix("node:").unwrap_or(&request).to_owned()
}

/// What is read of namespaces, by their local names: `ns.name` is one name, any other use all of them.
struct Uses {
    namespaces: BTreeMap<Atom, Option<BTreeSet<String>>>,
}

impl Visit for Uses {
    fn visit_member_expr(&mut self, member: &MemberExpr) {
        if let (Expr::Ident(object), MemberProp::Ident(name)) = (&*member.obj, &member.prop)
            && let Some(names) = self.namespaces.get_mut(&object.sym)
        {
            if let Some(names) = names {
                names.insert(name.sym.to_string());
            }
            return;
        }
        member.visit_children_with(self);
    }

    fn visit_import_star_as_specifier(&mut self, _: &ImportStarAsSpecifier) {}

    fn visit_ident(&mut self, name: &Ident) {
        if let Some(names) = self.namespaces.get_mut(&name.sym) {
            *names = None;
        }
        // Text that is run can name anything.
        if name.sym == "eval" {
            self.namespaces.values_mut().for_each(|names| *names = None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::of;

    fn found(code: &str) -> String {
        let parsed = parse::parse(code, parse::javascript(false), Some(super::Format::Esm)).unwrap();
        let line = |(id, names): (String, Option<std::collections::BTreeSet<String>>)| match names {
            Some(names) => format!("{id}: {}", names.into_iter().collect::<Vec<_>>().join(" ")),
            None => format!("{id}: *"),
        };
        of(&parsed.program).into_iter().map(line).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn names_are_found() {
        assert_eq!(
            found("import http, { get as g } from 'node:http'; import 'fs'; import x from './x.js'"),
            "fs: , http: default get"
        );
        assert_eq!(
            found("export { a as b } from 'os'; export * from 'util'; export * as p from 'path'"),
            "os: a, path: *, util: *"
        );
    }

    #[test]
    fn of_a_namespace_what_is_read() {
        assert_eq!(
            found("import * as http from 'http'; http.get(http.Agent); const a = { http: 1 }"),
            "http: Agent get"
        );
        assert_eq!(found("import * as http from 'http'; f(http)"), "http: *");
        assert_eq!(found("import * as http from 'http'; http[name]()"), "http: *");
        assert_eq!(found("import * as http from 'http'; http.get(); export { http }"), "http: *");
        assert_eq!(found("import * as http from 'http'; http.get(); eval(x)"), "http: *");
        assert_eq!(found("import * as http from 'http'; const a = { http }"), "http: *");
        assert_eq!(found("import * as http from 'http'; import { get } from 'http'; http.Agent"), "http: Agent get");
    }
}
