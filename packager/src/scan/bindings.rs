//! Which expressions a name of a module can stand for. Needs a tree in which every identifier has its scope (swc's `resolver`).

use std::collections::HashMap;
use std::rc::Rc;
use swc_core::common::Spanned;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

/// What is known of one binding.
#[derive(Debug, Default)]
pub struct Binding {
    /// Every value that it is given.
    pub sources: Vec<Source>,
    /// It is also given values that are not in `sources`: a parameter, `+=`, a large expression.
    pub opaque: bool,
}

/// One value that a binding is given.
#[derive(Clone, Debug)]
pub enum Source {
    /// `x = expr`.
    Expr(Rc<Expr>),
    /// `{ a: { b: x } } = expr` has the path `a`, `b`.
    Property(Rc<Expr>, Vec<String>),
    /// `for (x of expr)`.
    Element(Rc<Expr>),
    /// `function x() { const data = expr; x = () => data; return data; }`: how Babel puts a `require` off.
    Returned(Rc<Expr>),
    /// `import { name as x } from module`; the name is empty for the whole module and for its default export.
    Import { module: String, name: String },
}

/// More values than this make a binding opaque.
const MOST_SOURCES: usize = 8;
/// Longer expressions (in bytes of source) are nothing that folds.
const LONGEST_SOURCE: u32 = 4000;

/// All bindings of a module.
#[derive(Debug, Default)]
pub struct Bindings {
    map: HashMap<Id, Binding>,
}

impl Bindings {
    pub fn of(program: &Program) -> Self {
        let mut bindings = Self::default();
        program.visit_with(&mut bindings);
        bindings
    }

    pub fn get(&self, id: &Id) -> Option<&Binding> {
        self.map.get(id)
    }

    fn add(&mut self, id: Id, source: Source) {
        let binding = self.map.entry(id).or_default();
        if binding.sources.len() < MOST_SOURCES { binding.sources.push(source) } else { binding.opaque = true }
    }

    fn opaque(&mut self, id: Id) {
        self.map.entry(id).or_default().opaque = true;
    }

    /// Gives the names in `pattern` the value `expr` or parts of it.
    fn bind(&mut self, pattern: &Pat, expr: &Expr) {
        let span = expr.span();
        if span.hi.0 - span.lo.0 > LONGEST_SOURCE || matches!(expr, Expr::Fn(_) | Expr::Arrow(_) | Expr::Class(_)) {
            return self.hide(pattern);
        }
        match pattern {
            Pat::Ident(name) => self.add(name.to_id(), Source::Expr(Rc::new(expr.clone()))),
            Pat::Object(_) => self.destructure(pattern, &Rc::new(expr.clone()), &[]),
            _ => self.hide(pattern),
        }
    }

    fn destructure(&mut self, pattern: &Pat, expr: &Rc<Expr>, path: &[String]) {
        match pattern {
            Pat::Ident(name) => self.add(name.to_id(), Source::Property(expr.clone(), path.to_vec())),
            Pat::Assign(with_default) => self.destructure(&with_default.left, expr, path),
            Pat::Object(object) => {
                for property in &object.props {
                    match property {
                        ObjectPatProp::Assign(same) => {
                            let path = [path, &[same.key.sym.to_string()]].concat();
                            self.add(same.key.to_id(), Source::Property(expr.clone(), path));
                        }
                        ObjectPatProp::KeyValue(pair) => match property_name(&pair.key) {
                            Some(name) => self.destructure(&pair.value, expr, &[path, &[name]].concat()),
                            None => self.hide(&pair.value),
                        },
                        ObjectPatProp::Rest(rest) => self.hide(&rest.arg),
                    }
                }
            }
            other => self.hide(other),
        }
    }

    /// Marks every name in `pattern` as one whose values are not known.
    fn hide(&mut self, pattern: &Pat) {
        match pattern {
            Pat::Ident(name) => self.opaque(name.to_id()),
            Pat::Array(array) => array.elems.iter().flatten().for_each(|p| self.hide(p)),
            Pat::Rest(rest) => self.hide(&rest.arg),
            Pat::Assign(assign) => self.hide(&assign.left),
            Pat::Object(object) => object.props.iter().for_each(|property| match property {
                ObjectPatProp::KeyValue(pair) => self.hide(&pair.value),
                ObjectPatProp::Assign(same) => self.opaque(same.key.to_id()),
                ObjectPatProp::Rest(rest) => self.hide(&rest.arg),
            }),
            Pat::Expr(_) | Pat::Invalid(_) => {}
            #[allow(unreachable_patterns, reason = "swc's enums are non-exhaustive under some features")]
            _ => {}
        }
    }
}

/// What a function without parameters keeps in its first variable and returns.
fn put_off(function: &Function) -> Option<&Expr> {
    let body = function.body.as_ref().filter(|_| function.params.is_empty())?;
    let (Stmt::Decl(Decl::Var(first)), Stmt::Return(last)) = (body.stmts.first()?, body.stmts.last()?) else {
        return None;
    };
    let [VarDeclarator { name: Pat::Ident(name), init: Some(value), .. }] = first.decls.as_slice() else { return None };
    let returns = matches!(last.arg.as_deref(), Some(Expr::Ident(returned)) if returned.sym == name.sym);
    (returns && value.is_call()).then_some(&**value)
}

/// The name of a property that is not computed.
pub fn property_name(name: &PropName) -> Option<String> {
    match name {
        PropName::Ident(ident) => Some(ident.sym.to_string()),
        PropName::Str(text) => text.value.as_str().map(str::to_owned),
        PropName::Num(number) => Some(number.value.to_string()),
        _ => None,
    }
}

impl Visit for Bindings {
    fn visit_var_declarator(&mut self, declarator: &VarDeclarator) {
        // Without a value it gets one later, or it is a loop's variable, which the loop binds.
        if let Some(init) = &declarator.init {
            self.bind(&declarator.name, init);
        }
        declarator.visit_children_with(self);
    }

    fn visit_assign_expr(&mut self, assign: &AssignExpr) {
        match (&assign.left, assign.op) {
            (AssignTarget::Simple(SimpleAssignTarget::Ident(name)), op) => {
                let plain = matches!(op, AssignOp::Assign | AssignOp::NullishAssign | AssignOp::OrAssign);
                let pattern = Pat::Ident(name.clone());
                if plain { self.bind(&pattern, &assign.right) } else { self.hide(&pattern) }
            }
            (AssignTarget::Pat(AssignTargetPat::Object(object)), AssignOp::Assign) => {
                self.bind(&Pat::Object(object.clone()), &assign.right);
            }
            (AssignTarget::Pat(AssignTargetPat::Array(array)), _) => self.hide(&Pat::Array(array.clone())),
            _ => {}
        }
        assign.visit_children_with(self);
    }

    fn visit_update_expr(&mut self, update: &UpdateExpr) {
        if let Expr::Ident(name) = &*update.arg {
            self.opaque(name.to_id());
        }
        update.visit_children_with(self);
    }

    fn visit_for_of_stmt(&mut self, each: &ForOfStmt) {
        if let ForHead::VarDecl(var) = &each.left {
            for declarator in &var.decls {
                match &declarator.name {
                    Pat::Ident(name) => self.add(name.to_id(), Source::Element(Rc::new((*each.right).clone()))),
                    other => self.hide(other),
                }
            }
        }
        each.visit_children_with(self);
    }

    fn visit_for_in_stmt(&mut self, each: &ForInStmt) {
        if let ForHead::VarDecl(var) = &each.left {
            var.decls.iter().for_each(|d| self.hide(&d.name));
        }
        each.visit_children_with(self);
    }

    fn visit_param(&mut self, param: &Param) {
        self.hide(&param.pat);
        param.visit_children_with(self);
    }

    fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
        arrow.params.iter().for_each(|p| self.hide(p));
        arrow.visit_children_with(self);
    }

    fn visit_catch_clause(&mut self, clause: &CatchClause) {
        clause.param.iter().for_each(|p| self.hide(p));
        clause.visit_children_with(self);
    }

    fn visit_fn_decl(&mut self, function: &FnDecl) {
        self.opaque(function.ident.to_id());
        if let Some(value) = put_off(&function.function) {
            self.add(function.ident.to_id(), Source::Returned(Rc::new(value.clone())));
        }
        function.visit_children_with(self);
    }

    fn visit_class_decl(&mut self, class: &ClassDecl) {
        self.opaque(class.ident.to_id());
        class.visit_children_with(self);
    }

    fn visit_import_decl(&mut self, import: &ImportDecl) {
        let module = import.src.value.to_string_lossy().trim_start_matches("node:").to_owned();
        for specifier in &import.specifiers {
            let (id, name) = match specifier {
                ImportSpecifier::Default(default) => (default.local.to_id(), String::new()),
                ImportSpecifier::Namespace(namespace) => (namespace.local.to_id(), String::new()),
                ImportSpecifier::Named(named) => {
                    let name = match &named.imported {
                        Some(ModuleExportName::Ident(name)) => name.sym.to_string(),
                        Some(ModuleExportName::Str(name)) => name.value.to_string_lossy().into_owned(),
                        None => named.local.sym.to_string(),
                    };
                    (named.local.to_id(), if name == "default" { String::new() } else { name })
                }
            };
            self.add(id, Source::Import { module: module.clone(), name });
        }
    }
}
