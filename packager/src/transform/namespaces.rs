//! TypeScript's namespaces that are declared in parts: what one part exports, the others name without a prefix. swc compiles each part by
//! itself; this puts the prefix there before. Owns: finding the parts and such names. Does not own: compiling a namespace (swc).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use swc_core::atoms::Atom;
use swc_core::common::DUMMY_SP;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith, noop_visit_mut_type, noop_visit_type};

/// A namespace: the variable of the outermost one, and the names below it.
type Key = (Id, Vec<Atom>);

/// Adds the prefixes to a program whose identifiers have scopes.
pub fn join(program: &mut Program) {
    let mut exports = Exports::default();
    program.visit_with(&mut exports);
    if exports.parts.values().any(|parts| *parts > 1) {
        program.visit_mut_with(&mut Prefix { exports, around: Vec::new() });
    }
}

/// What each namespace exports, all parts together.
#[derive(Default)]
struct Exports {
    names: BTreeMap<Key, BTreeSet<Atom>>,
    parts: BTreeMap<Key, usize>,
    inside: Option<Key>,
    exported: bool,
}

impl Exports {
    fn add(&mut self, name: &Atom) {
        if let Some(key) = &self.inside {
            self.names.entry(key.clone()).or_default().insert(name.clone());
        }
    }

    fn namespace(&mut self, id: &Ident, exported: bool, body: Option<&TsNamespaceBody>) {
        let key = key_of(self.inside.as_ref(), id, exported);
        if exported {
            self.add(&id.sym);
        }
        *self.parts.entry(key.clone()).or_default() += 1;
        let before = self.inside.replace(key);
        match body {
            Some(TsNamespaceBody::TsNamespaceDecl(inner)) => self.namespace(&inner.id, true, Some(&inner.body)),
            Some(TsNamespaceBody::TsModuleBlock(block)) => block.visit_with(self),
            None => {}
        }
        self.inside = before;
    }

    fn declaration(&mut self, item: &Decl) {
        match item {
            Decl::Class(class) if !class.declare => self.add(&class.ident.sym),
            Decl::Fn(function) if !function.declare => self.add(&function.ident.sym),
            Decl::Var(variables) if !variables.declare => {
                variables.decls.iter().for_each(|v| pattern_names(&v.name, &mut |name| self.add(&name.sym)));
            }
            Decl::TsEnum(members) if !members.declare => self.add(&members.id.sym),
            _ => {}
        }
    }
}

/// Parts are one namespace where they are of one variable, or exported by parts of one namespace.
fn key_of(around: Option<&Key>, id: &Ident, exported: bool) -> Key {
    match around {
        Some((root, path)) if exported => (root.clone(), [&path[..], std::slice::from_ref(&id.sym)].concat()),
        _ => (id.to_id(), Vec::new()),
    }
}

/// Calls `each` with the variables of a pattern.
pub fn pattern_names(pattern: &Pat, each: &mut impl FnMut(&Ident)) {
    match pattern {
        Pat::Ident(name) => each(&name.id),
        Pat::Array(array) => array.elems.iter().flatten().for_each(|p| pattern_names(p, each)),
        Pat::Rest(rest) => pattern_names(&rest.arg, each),
        Pat::Assign(assign) => pattern_names(&assign.left, each),
        Pat::Object(object) => {
            for prop in &object.props {
                match prop {
                    ObjectPatProp::KeyValue(pair) => pattern_names(&pair.value, each),
                    ObjectPatProp::Assign(assign) => each(&assign.key.id),
                    ObjectPatProp::Rest(rest) => pattern_names(&rest.arg, each),
                }
            }
        }
        Pat::Expr(_) | Pat::Invalid(_) => {}
    }
}

impl Visit for Exports {
    noop_visit_type!();

    fn visit_ts_module_decl(&mut self, item: &TsModuleDecl) {
        let exported = std::mem::take(&mut self.exported);
        if let (false, TsModuleName::Ident(id)) = (item.declare || item.global, &item.id) {
            self.namespace(id, exported, item.body.as_ref());
        }
    }

    fn visit_export_decl(&mut self, item: &ExportDecl) {
        if self.inside.is_some() {
            self.declaration(&item.decl);
            self.exported = matches!(item.decl, Decl::TsModule(_));
        }
        item.visit_children_with(self);
        self.exported = false;
    }

    fn visit_ts_enum_decl(&mut self, item: &TsEnumDecl) {
        // An enum is a part of the namespace of its name.
        if item.declare {
            return;
        }
        let key = key_of(self.inside.as_ref(), &item.id, false);
        let members = item.members.iter().filter_map(|member| match &member.id {
            TsEnumMemberId::Ident(name) => Some(name.sym.clone()),
            TsEnumMemberId::Str(text) => text.value.as_str().map(Atom::from),
        });
        self.names.entry(key.clone()).or_default().extend(members);
        *self.parts.entry(key).or_default() += 1;
    }

    fn visit_function(&mut self, _: &Function) {}
    fn visit_class(&mut self, _: &Class) {}
    fn visit_expr(&mut self, _: &Expr) {}
}

/// Every variable that is declared in a part, at any depth.
#[derive(Default)]
struct Declared(HashSet<Id>);

impl Visit for Declared {
    noop_visit_type!();

    fn visit_binding_ident(&mut self, item: &BindingIdent) {
        self.0.insert(item.to_id());
    }

    fn visit_assign_pat_prop(&mut self, item: &AssignPatProp) {
        self.0.insert(item.key.id.to_id());
        item.visit_children_with(self);
    }

    fn visit_assign_target(&mut self, item: &AssignTarget) {
        // Assigned, not declared.
        if let AssignTarget::Pat(pattern) = item {
            pattern.visit_with(&mut Expressions(self));
        }
    }

    fn visit_for_head(&mut self, item: &ForHead) {
        match item {
            ForHead::Pat(pattern) => pattern.visit_with(&mut Expressions(self)),
            declared => declared.visit_children_with(self),
        }
    }

    fn visit_fn_decl(&mut self, item: &FnDecl) {
        self.0.insert(item.ident.to_id());
        item.visit_children_with(self);
    }

    fn visit_fn_expr(&mut self, item: &FnExpr) {
        self.0.extend(item.ident.as_ref().map(Ident::to_id));
        item.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, item: &ClassDecl) {
        self.0.insert(item.ident.to_id());
        item.visit_children_with(self);
    }

    fn visit_class_expr(&mut self, item: &ClassExpr) {
        self.0.extend(item.ident.as_ref().map(Ident::to_id));
        item.visit_children_with(self);
    }

    fn visit_ts_enum_decl(&mut self, item: &TsEnumDecl) {
        self.0.insert(item.id.to_id());
    }

    fn visit_ts_module_decl(&mut self, item: &TsModuleDecl) {
        if let TsModuleName::Ident(id) = &item.id {
            self.0.insert(id.to_id());
        }
        item.visit_children_with(self);
    }

    fn visit_ts_import_equals_decl(&mut self, item: &TsImportEqualsDecl) {
        self.0.insert(item.id.to_id());
    }
}

/// Of an assignment's pattern, the expressions only.
struct Expressions<'a>(&'a mut Declared);

impl Visit for Expressions<'_> {
    noop_visit_type!();

    fn visit_expr(&mut self, item: &Expr) {
        item.visit_with(self.0);
    }
}

/// A part that is being walked through.
struct Part {
    key: Key,
    variable: Ident,
    declared: HashSet<Id>,
}

struct Prefix {
    exports: Exports,
    /// The outermost first.
    around: Vec<Part>,
}

impl Prefix {
    /// `Namespace` where `name` is one that another part of an enclosing namespace exports.
    fn owner(&self, name: &Ident) -> Option<Ident> {
        let id = name.to_id();
        for part in self.around.iter().rev() {
            if part.declared.contains(&id) || part.variable.to_id() == id {
                return None;
            }
            if self.exports.names.get(&part.key).is_some_and(|names| names.contains(&name.sym)) {
                return Some(part.variable.clone());
            }
        }
        None
    }

    fn member(&self, name: &Ident) -> Option<MemberExpr> {
        let owner = self.owner(name)?;
        let prop = MemberProp::Ident(IdentName { span: name.span, sym: name.sym.clone() });
        Some(MemberExpr { span: name.span, obj: Box::new(Expr::Ident(Ident { span: DUMMY_SP, ..owner })), prop })
    }

    fn namespace(&mut self, id: &Ident, exported: bool, body: &mut TsNamespaceBody) {
        let key = key_of(self.around.last().map(|part| &part.key), id, exported);
        let mut declared = Declared::default();
        body.visit_with(&mut declared);
        self.around.push(Part { key, variable: id.clone(), declared: declared.0 });
        match body {
            TsNamespaceBody::TsNamespaceDecl(inner) => {
                let id = inner.id.clone();
                self.namespace(&id, true, &mut inner.body);
            }
            TsNamespaceBody::TsModuleBlock(block) => block.visit_mut_with(self),
        }
        self.around.pop();
    }
}

impl VisitMut for Prefix {
    noop_visit_mut_type!();

    fn visit_mut_ts_module_decl(&mut self, item: &mut TsModuleDecl) {
        if let (false, TsModuleName::Ident(id), Some(body)) = (item.declare || item.global, &item.id, &mut item.body) {
            let id = id.clone();
            self.namespace(&id, false, body);
        }
    }

    fn visit_mut_export_decl(&mut self, item: &mut ExportDecl) {
        match &mut item.decl {
            Decl::TsModule(inner) if !self.around.is_empty() && !inner.declare => {
                if let (TsModuleName::Ident(id), Some(body)) = (&inner.id, &mut inner.body) {
                    let id = id.clone();
                    self.namespace(&id, true, body);
                }
            }
            other => other.visit_mut_with(self),
        }
    }

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        if let Expr::Ident(name) = expr {
            if let Some(member) = self.member(name) {
                *expr = Expr::Member(member);
            }
            return;
        }
        expr.visit_mut_children_with(self);
    }

    fn visit_mut_prop(&mut self, prop: &mut Prop) {
        if let Prop::Shorthand(name) = prop {
            if let Some(member) = self.member(name) {
                let key = PropName::Ident(IdentName::from(name.clone()));
                *prop = Prop::KeyValue(KeyValueProp { key, value: Box::new(Expr::Member(member)) });
            }
            return;
        }
        prop.visit_mut_children_with(self);
    }

    fn visit_mut_simple_assign_target(&mut self, target: &mut SimpleAssignTarget) {
        if let SimpleAssignTarget::Ident(name) = target {
            if let Some(member) = self.member(&name.id) {
                *target = SimpleAssignTarget::Member(member);
            }
            return;
        }
        target.visit_mut_children_with(self);
    }

    fn visit_mut_pat(&mut self, pattern: &mut Pat) {
        // What is declared has no owner; what is assigned may have one.
        if let Pat::Ident(name) = pattern {
            if let Some(member) = self.member(&name.id) {
                *pattern = Pat::Expr(Box::new(Expr::Member(member)));
            }
            return;
        }
        pattern.visit_mut_children_with(self);
    }

    fn visit_mut_object_pat_prop(&mut self, prop: &mut ObjectPatProp) {
        if let ObjectPatProp::Assign(assign) = prop
            && let Some(member) = self.member(&assign.key.id)
        {
            let key = PropName::Ident(IdentName::from(assign.key.id.clone()));
            assign.value.visit_mut_with(self);
            let target = Box::new(Pat::Expr(Box::new(Expr::Member(member))));
            let value = match assign.value.take() {
                Some(right) => Box::new(Pat::Assign(AssignPat { span: assign.span, left: target, right })),
                None => target,
            };
            *prop = ObjectPatProp::KeyValue(KeyValuePatProp { key, value });
            return;
        }
        prop.visit_mut_children_with(self);
    }
}
