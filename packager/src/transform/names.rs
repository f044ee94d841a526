//! Names that functions and classes get from where they stand: `const f = () => {}` is called "f". A minifier that renames the variable
//! or moves the function changes what `f.name` says. Owns: noting these names, and giving them back where they differ.

use std::collections::{BTreeMap, BTreeSet};
use swc_core::atoms::Atom;
use swc_core::common::util::take::Take;
use swc_core::common::{BytePos, DUMMY_SP, Mark, Spanned, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitMut, VisitMutWith, VisitWith, noop_visit_mut_type, noop_visit_type};

/// What a function without a name of its own is called: by a variable or key, or not at all (`""`). `None`: a computed key decides.
type Given = Option<Atom>;

/// Names by the place of the function in the source.
#[derive(Default)]
pub struct Names {
    names: BTreeMap<BytePos, Given>,
    /// Variables that give names.
    bindings: BTreeSet<Atom>,
    next: Given,
}

impl Names {
    pub fn of(program: &Program) -> Self {
        let mut names = Self { next: Some(Atom::default()), ..Self::default() };
        program.visit_with(&mut names);
        names
    }

    /// The variables that must keep their names.
    pub fn bindings(&self) -> Vec<Atom> {
        self.bindings.iter().cloned().collect()
    }

    /// Gives every function of `program` the name that it had.
    pub fn restore(self, program: &mut Program) {
        program.visit_mut_with(&mut Restore { names: self.names, next: Some(Atom::default()) });
    }

    fn named(&mut self, name: Given, node: &impl VisitWith<Self>) {
        let before = std::mem::replace(&mut self.next, name);
        node.visit_with(self);
        self.next = before;
    }
}

/// An expression that takes its name from where it stands.
pub fn is_anonymous(expr: &Expr) -> bool {
    match expr {
        Expr::Arrow(_) => true,
        Expr::Fn(function) => function.ident.is_none(),
        Expr::Class(class) => class.ident.is_none(),
        Expr::Paren(inner) => is_anonymous(&inner.expr),
        _ => false,
    }
}

/// Gives decorated classes without a name the one they take from where they stand: the decorators' pass would lose it.
pub struct NameDecorated;

impl NameDecorated {
    fn name(name: Given, expr: &mut Expr) {
        match expr {
            Expr::Paren(inner) => Self::name(name, &mut inner.expr),
            Expr::Class(class) if class.ident.is_none() && is_decorated(&class.class) => {
                let name = name.filter(|name| Ident::verify_symbol(name).is_ok());
                // A variable of its own, which nothing in the class can mean.
                let own = || SyntaxContext::empty().apply_mark(Mark::new());
                class.ident = name.map(|name| Ident::new(name, DUMMY_SP, own()));
            }
            _ => {}
        }
    }
}

fn is_decorated(class: &Class) -> bool {
    let member = |member: &ClassMember| match member {
        ClassMember::Method(method) => !method.function.decorators.is_empty(),
        ClassMember::PrivateMethod(method) => !method.function.decorators.is_empty(),
        ClassMember::ClassProp(property) => !property.decorators.is_empty(),
        ClassMember::PrivateProp(property) => !property.decorators.is_empty(),
        ClassMember::AutoAccessor(accessor) => !accessor.decorators.is_empty(),
        _ => false,
    };
    !class.decorators.is_empty() || class.body.iter().any(member)
}

impl VisitMut for NameDecorated {
    noop_visit_mut_type!();

    fn visit_mut_var_declarator(&mut self, item: &mut VarDeclarator) {
        item.visit_mut_children_with(self);
        if let Some(init) = &mut item.init {
            Self::name(pattern_name(&item.name), init);
        }
    }

    fn visit_mut_assign_expr(&mut self, item: &mut AssignExpr) {
        item.visit_mut_children_with(self);
        if gives_name(item.op) {
            Self::name(target_name(&item.left), &mut item.right);
        }
    }

    fn visit_mut_key_value_prop(&mut self, item: &mut KeyValueProp) {
        item.visit_mut_children_with(self);
        Self::name(key_name(&item.key), &mut item.value);
    }
}

fn unnamed() -> Given {
    Some(Atom::default())
}

/// The name of a property's key; `None` where it is computed.
fn key_name(key: &PropName) -> Given {
    match key {
        PropName::Ident(name) => Some(name.sym.clone()),
        PropName::Str(text) => text.value.as_str().map(Atom::from),
        PropName::Num(_) | PropName::BigInt(_) | PropName::Computed(_) => None,
    }
}

fn gives_name(op: AssignOp) -> bool {
    matches!(op, AssignOp::Assign | AssignOp::AndAssign | AssignOp::OrAssign | AssignOp::NullishAssign)
}

fn pattern_name(pattern: &Pat) -> Given {
    match pattern {
        Pat::Ident(name) => Some(name.id.sym.clone()),
        _ => unnamed(),
    }
}

fn target_name(target: &AssignTarget) -> Given {
    match target {
        AssignTarget::Simple(SimpleAssignTarget::Ident(name)) => Some(name.id.sym.clone()),
        _ => unnamed(),
    }
}

impl Visit for Names {
    noop_visit_type!();

    fn visit_expr(&mut self, expr: &Expr) {
        if let Expr::Paren(inner) = expr {
            return inner.expr.visit_with(self);
        }
        let name = std::mem::replace(&mut self.next, unnamed());
        if is_anonymous(expr) && !expr.span().is_dummy() {
            // Two functions of one place: code made by a lowering, whose names are nobody's.
            let at = expr.span_lo();
            let same = self.names.get(&at).is_none_or(|other| *other == name);
            self.names.insert(at, if same { name } else { None });
        }
        expr.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, item: &VarDeclarator) {
        item.name.visit_with(self);
        if let Some(init) = &item.init {
            let name = pattern_name(&item.name);
            self.bindings.extend(name.clone().filter(|n| !n.is_empty() && is_anonymous(init)));
            self.named(name, init);
        }
    }

    fn visit_assign_expr(&mut self, item: &AssignExpr) {
        item.left.visit_with(self);
        let name = if gives_name(item.op) { target_name(&item.left) } else { unnamed() };
        self.bindings.extend(name.clone().filter(|n| !n.is_empty() && is_anonymous(&item.right)));
        self.named(name, &item.right);
    }

    fn visit_assign_pat(&mut self, item: &AssignPat) {
        item.left.visit_with(self);
        let name = pattern_name(&item.left);
        self.bindings.extend(name.clone().filter(|n| !n.is_empty() && is_anonymous(&item.right)));
        self.named(name, &item.right);
    }

    fn visit_assign_pat_prop(&mut self, item: &AssignPatProp) {
        let Some(value) = &item.value else { return };
        if is_anonymous(value) {
            self.bindings.insert(item.key.id.sym.clone());
        }
        self.named(Some(item.key.id.sym.clone()), value);
    }

    fn visit_key_value_prop(&mut self, item: &KeyValueProp) {
        self.named(unnamed(), &item.key);
        self.named(key_name(&item.key), &item.value);
    }

    fn visit_class_prop(&mut self, item: &ClassProp) {
        self.named(unnamed(), &item.key);
        self.named(key_name(&item.key), &item.value);
    }

    fn visit_private_prop(&mut self, item: &PrivateProp) {
        self.named(Some(format!("#{}", item.key.name).into()), &item.value);
    }

    fn visit_export_default_expr(&mut self, item: &ExportDefaultExpr) {
        self.named(Some("default".into()), &item.expr);
    }
}

struct Restore {
    names: BTreeMap<BytePos, Given>,
    /// The name that the next expression gets from where it stands now.
    next: Given,
}

impl Restore {
    fn named(&mut self, name: Given, node: &mut impl VisitMutWith<Self>) {
        let before = std::mem::replace(&mut self.next, name);
        node.visit_mut_with(self);
        self.next = before;
    }

    /// Called where it stands: a member expression would become its `this`.
    fn called(&mut self, callee: &mut Box<Expr>) {
        let was_anonymous = is_anonymous(callee);
        self.named(unnamed(), callee);
        if was_anonymous && matches!(**callee, Expr::Member(_)) {
            **callee = without_name(callee.take());
        }
    }
}

impl VisitMut for Restore {
    noop_visit_mut_type!();

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        if let Expr::Paren(inner) = expr {
            return inner.expr.visit_mut_with(self);
        }
        let now = std::mem::replace(&mut self.next, unnamed());
        expr.visit_mut_children_with(self);
        if !is_anonymous(expr) || expr.span().is_dummy() {
            return;
        }
        let Some(Some(name)) = self.names.get(&expr.span_lo()) else { return };
        if now.as_ref() == Some(name) {
            return;
        }
        let function = Box::new(expr.take());
        *expr = if name.is_empty() { without_name(function) } else { with_name(name, function) };
    }

    fn visit_mut_callee(&mut self, item: &mut Callee) {
        match item {
            Callee::Expr(callee) => self.called(callee),
            other => other.visit_mut_children_with(self),
        }
    }

    fn visit_mut_tagged_tpl(&mut self, item: &mut TaggedTpl) {
        self.called(&mut item.tag);
        item.tpl.visit_mut_with(self);
    }

    fn visit_mut_var_declarator(&mut self, item: &mut VarDeclarator) {
        item.name.visit_mut_with(self);
        let name = pattern_name(&item.name);
        self.named(name, &mut item.init);
    }

    fn visit_mut_assign_expr(&mut self, item: &mut AssignExpr) {
        item.left.visit_mut_with(self);
        let name = if gives_name(item.op) { target_name(&item.left) } else { unnamed() };
        self.named(name, &mut item.right);
    }

    fn visit_mut_assign_pat(&mut self, item: &mut AssignPat) {
        item.left.visit_mut_with(self);
        let name = pattern_name(&item.left);
        self.named(name, &mut item.right);
    }

    fn visit_mut_assign_pat_prop(&mut self, item: &mut AssignPatProp) {
        let name = Some(item.key.id.sym.clone());
        self.named(name, &mut item.value);
    }

    fn visit_mut_key_value_prop(&mut self, item: &mut KeyValueProp) {
        self.named(unnamed(), &mut item.key);
        let name = key_name(&item.key);
        self.named(name, &mut item.value);
    }

    fn visit_mut_class_prop(&mut self, item: &mut ClassProp) {
        self.named(unnamed(), &mut item.key);
        let name = key_name(&item.key);
        self.named(name, &mut item.value);
    }

    fn visit_mut_private_prop(&mut self, item: &mut PrivateProp) {
        let name = Some(format!("#{}", item.key.name).into());
        self.named(name, &mut item.value);
    }

    fn visit_mut_export_default_expr(&mut self, item: &mut ExportDefaultExpr) {
        self.named(Some("default".into()), &mut item.expr);
    }
}

/// `({ name: function }).name`: the language itself names it.
fn with_name(name: &Atom, function: Box<Expr>) -> Expr {
    let text = || Box::new(Expr::Lit(Lit::Str(Str::from(name.clone()))));
    // As a plain key, `__proto__` would set the prototype.
    let key = PropName::Computed(ComputedPropName { span: DUMMY_SP, expr: text() });
    let prop = Prop::KeyValue(KeyValueProp { key, value: function });
    let object = ObjectLit { span: DUMMY_SP, props: vec![PropOrSpread::Prop(Box::new(prop))] };
    let prop = MemberProp::Computed(ComputedPropName { span: DUMMY_SP, expr: text() });
    Expr::Member(MemberExpr { span: DUMMY_SP, obj: Box::new(Expr::Object(object)), prop })
}

/// `(0, function)`: stands nowhere that gives a name or a `this`.
pub fn without_name(function: Box<Expr>) -> Expr {
    Expr::Seq(SeqExpr { span: DUMMY_SP, exprs: vec![Box::new(Expr::Lit(Lit::Num(0.0.into()))), function] })
}
