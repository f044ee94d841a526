//! `export` in a module that becomes CommonJS, as TypeScript's compiler writes it: properties with values, there from the start, functions
//! first, so that cycles see them; assignments are mirrored. swc would define getters for all, which a program sees (`console.log` of a
//! module, a stub put in place of a function, a cycle that asks too early). Does not own: imports, `require`, `export *` (swc).

use super::namespaces::pattern_names;
use std::collections::{BTreeSet, HashMap, HashSet};
use swc_core::atoms::Atom;
use swc_core::common::util::take::Take;
use swc_core::common::{DUMMY_SP, Mark, Span, Spanned, SyntaxContext};
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{VisitMut, VisitMutWith, noop_visit_mut_type};

/// What goes in front of the module once its imports are `require`s.
#[derive(Default)]
pub struct Prologue(Vec<Stmt>);

impl Prologue {
    /// After the directives.
    pub fn insert(self, program: &mut Program) {
        let is_directive = |stmt: &Stmt| matches!(stmt, Stmt::Expr(e) if matches!(&*e.expr, Expr::Lit(Lit::Str(_))));
        match program {
            Program::Script(script) => {
                let at = script.body.iter().take_while(|s| is_directive(s)).count();
                script.body.splice(at..at, self.0);
            }
            Program::Module(module) => {
                let at = module.body.iter().take_while(|i| i.as_stmt().is_some_and(is_directive)).count();
                module.body.splice(at..at, self.0.into_iter().map(ModuleItem::Stmt));
            }
        }
    }
}

/// Takes the exports out of a module and puts assignments in their place.
pub fn lower_exports(program: &mut Program, unresolved: Mark) -> Prologue {
    let Program::Module(module) = program else { return Prologue::default() };
    let mut lowering = Lowering { unresolved: SyntaxContext::empty().apply_mark(unresolved), ..Lowering::default() };
    lowering.collect(&module.body);
    let items = std::mem::take(&mut module.body);
    // `export =` makes no ES module of a file, `import` alone does.
    let is_module = !items.iter().any(|item| item.as_stmt().is_some_and(assigns_module_exports));
    let star = items.iter().any(|item| matches!(item, ModuleItem::ModuleDecl(ModuleDecl::ExportAll(_))));
    for item in items {
        lowering.item(item, &mut module.body);
    }
    lowering.mirror(&mut module.body);
    // Where something is left for swc to export it says so itself.
    lowering.prologue(is_module && !star)
}

#[derive(Default)]
struct Lowering {
    unresolved: SyntaxContext,
    /// Local variable -> the names under which it is exported.
    exported: HashMap<Id, Vec<Atom>>,
    imported: HashSet<Id>,
    functions: Vec<Id>,
    /// In the order of the source, functions aside.
    values: Vec<Atom>,
    temporaries: usize,
}

impl Lowering {
    fn collect(&mut self, items: &[ModuleItem]) {
        let mut functions = HashSet::new();
        for item in items {
            match item {
                ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => {
                    self.imported.extend(import.specifiers.iter().map(|s| s.local().to_id()));
                }
                ModuleItem::ModuleDecl(ModuleDecl::ExportDecl(ExportDecl { decl: Decl::Fn(function), .. }))
                | ModuleItem::Stmt(Stmt::Decl(Decl::Fn(function))) => drop(functions.insert(function.ident.to_id())),
                ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultDecl(ExportDefaultDecl {
                    decl: DefaultDecl::Fn(FnExpr { ident: Some(name), .. }),
                    ..
                })) => drop(functions.insert(name.to_id())),
                _ => {}
            }
        }
        for item in items {
            let ModuleItem::ModuleDecl(item) = item else { continue };
            match item {
                ModuleDecl::ExportDecl(export) => match &export.decl {
                    Decl::Fn(function) => self.export(function.ident.to_id(), function.ident.sym.clone(), &functions),
                    Decl::Class(class) => self.export(class.ident.to_id(), class.ident.sym.clone(), &functions),
                    Decl::Var(variables) => {
                        for name in names_of(&variables.decls) {
                            self.export(name.to_id(), name.sym.clone(), &functions);
                        }
                    }
                    _ => {}
                },
                ModuleDecl::ExportNamed(export) => {
                    for specifier in &export.specifiers {
                        match (specifier, &export.src) {
                            (ExportSpecifier::Named(named), None) => {
                                if let ModuleExportName::Ident(local) = &named.orig {
                                    let name = name_of(named.exported.as_ref().unwrap_or(&named.orig));
                                    self.export(local.to_id(), name, &functions);
                                }
                            }
                            (ExportSpecifier::Named(named), Some(_)) => {
                                self.values.push(name_of(named.exported.as_ref().unwrap_or(&named.orig)));
                            }
                            (ExportSpecifier::Namespace(all), _) => self.values.push(name_of(&all.name)),
                            (ExportSpecifier::Default(_), _) => {}
                        }
                    }
                }
                ModuleDecl::ExportDefaultDecl(export) => match &export.decl {
                    DefaultDecl::Fn(FnExpr { ident: Some(name), .. })
                    | DefaultDecl::Class(ClassExpr { ident: Some(name), .. }) => {
                        self.export(name.to_id(), "default".into(), &functions);
                    }
                    _ => {}
                },
                _ => {}
            }
        }
    }

    fn export(&mut self, local: Id, name: Atom, functions: &HashSet<Id>) {
        if functions.contains(&local) {
            if !self.functions.contains(&local) {
                self.functions.push(local.clone());
            }
        } else {
            self.values.push(name.clone());
        }
        self.exported.entry(local).or_default().push(name);
    }

    fn item(&mut self, item: ModuleItem, out: &mut Vec<ModuleItem>) {
        let item = match item {
            ModuleItem::ModuleDecl(item) => item,
            ModuleItem::Stmt(stmt) => return out.push(ModuleItem::Stmt(stmt)),
        };
        match item {
            ModuleDecl::ExportDecl(export) => out.push(ModuleItem::Stmt(Stmt::Decl(export.decl))),
            ModuleDecl::ExportDefaultExpr(export) => {
                out.push(ModuleItem::Stmt(self.assign(&"default".into(), export.expr, export.span)));
            }
            ModuleDecl::ExportDefaultDecl(export) => self.default_declaration(export, out),
            ModuleDecl::ExportNamed(export) if export.src.is_some() => self.reexport(export, out),
            ModuleDecl::ExportNamed(export) => {
                // What was imported is asked for anew each time: the other module may still change it.
                for specifier in export.specifiers {
                    if let ExportSpecifier::Named(named) = specifier
                        && let ModuleExportName::Ident(local) = &named.orig
                        && self.imported.contains(&local.to_id())
                    {
                        let name = name_of(named.exported.as_ref().unwrap_or(&named.orig));
                        out.push(ModuleItem::Stmt(self.getter(&name, local.clone())));
                    }
                }
            }
            other => out.push(ModuleItem::ModuleDecl(other)),
        }
    }

    fn default_declaration(&mut self, export: ExportDefaultDecl, out: &mut Vec<ModuleItem>) {
        let temporary = || Ident::new("default_1".into(), DUMMY_SP, SyntaxContext::empty().apply_mark(Mark::new()));
        let decl = match export.decl {
            DefaultDecl::Fn(function) => {
                let ident = function.ident.unwrap_or_else(|| {
                    let name = temporary();
                    self.functions.push(name.to_id());
                    self.exported.insert(name.to_id(), vec!["default".into()]);
                    name
                });
                Decl::Fn(FnDecl { ident, declare: false, function: function.function })
            }
            DefaultDecl::Class(class) => {
                let ident = class.ident.unwrap_or_else(|| {
                    let name = temporary();
                    self.exported.insert(name.to_id(), vec!["default".into()]);
                    name
                });
                Decl::Class(ClassDecl { ident, declare: false, class: class.class })
            }
            DefaultDecl::TsInterfaceDecl(_) => return,
        };
        out.push(ModuleItem::Stmt(Stmt::Decl(decl)));
    }

    /// `export { a } from 'b'` is an import and a getter; `export * as a from 'b'` an import and a value.
    fn reexport(&mut self, export: NamedExport, out: &mut Vec<ModuleItem>) {
        let (mut specifiers, mut after) = (Vec::new(), Vec::new());
        for specifier in export.specifiers {
            self.temporaries += 1;
            let name = format!("_reexport{}", self.temporaries);
            let local = Ident::new(name.into(), DUMMY_SP, SyntaxContext::empty().apply_mark(Mark::new()));
            match specifier {
                ExportSpecifier::Named(named) => {
                    let exported = name_of(named.exported.as_ref().unwrap_or(&named.orig));
                    after.push(self.getter(&exported, local.clone()));
                    let default = name_of(&named.orig) == "default";
                    specifiers.push(if default {
                        ImportSpecifier::Default(ImportDefaultSpecifier { span: named.span, local })
                    } else {
                        let imported = Some(named.orig);
                        ImportSpecifier::Named(ImportNamedSpecifier {
                            span: named.span,
                            local,
                            imported,
                            is_type_only: false,
                        })
                    });
                }
                ExportSpecifier::Namespace(all) => {
                    let name = name_of(&all.name);
                    after.push(self.assign(&name, Box::new(Expr::Ident(local.clone())), all.span));
                    specifiers.push(ImportSpecifier::Namespace(ImportStarAsSpecifier { span: all.span, local }));
                }
                ExportSpecifier::Default(_) => {}
            }
        }
        let Some(src) = export.src else { return };
        let (span, with) = (export.span, export.with);
        // A namespace stands alone in an import.
        let (stars, names): (Vec<_>, Vec<_>) = specifiers.into_iter().partition(ImportSpecifier::is_namespace);
        let import = |specifiers| {
            let import = ImportDecl {
                span,
                specifiers,
                src: src.clone(),
                type_only: false,
                with: with.clone(),
                phase: Default::default(),
            };
            ModuleItem::ModuleDecl(ModuleDecl::Import(import))
        };
        if !names.is_empty() || stars.is_empty() {
            out.push(import(names));
        }
        out.extend(stars.into_iter().map(|star| import(vec![star])));
        out.extend(after.into_iter().map(ModuleItem::Stmt));
    }

    fn exports(&self) -> Box<Expr> {
        Box::new(Expr::Ident(Ident::new("exports".into(), DUMMY_SP, self.unresolved)))
    }

    fn target(&self, name: &Atom) -> AssignTarget {
        let prop = if Ident::verify_symbol(name).is_ok() || name == "default" {
            MemberProp::Ident(IdentName::new(name.clone(), DUMMY_SP))
        } else {
            let expr = Box::new(Expr::Lit(Lit::Str(Str::from(name.clone()))));
            MemberProp::Computed(ComputedPropName { span: DUMMY_SP, expr })
        };
        MemberExpr { span: DUMMY_SP, obj: self.exports(), prop }.into()
    }

    /// `exports.name = value`.
    fn assigned(&self, name: &Atom, value: Box<Expr>) -> Box<Expr> {
        let left = self.target(name);
        Box::new(Expr::Assign(AssignExpr { span: DUMMY_SP, op: AssignOp::Assign, left, right: value }))
    }

    fn assign(&self, name: &Atom, value: Box<Expr>, span: Span) -> Stmt {
        Stmt::Expr(ExprStmt { span, expr: self.assigned(name, value) })
    }

    /// `Object.defineProperty(exports, name, { enumerable: true, get: function () { return local; } })`, as the names of CommonJS exports
    /// are found in a text.
    fn getter(&self, name: &Atom, local: Ident) -> Stmt {
        let stmts = vec![Stmt::Return(ReturnStmt { span: DUMMY_SP, arg: Some(Box::new(Expr::Ident(local))) })];
        let body = FunctionBody { stmts, ..FunctionBody::default() };
        let get =
            Expr::Fn(FnExpr { ident: None, function: Box::new(Function { body: Some(body), ..Function::dummy() }) });
        let enumerable = Expr::Lit(Lit::Bool(true.into()));
        self.define(name, vec![("enumerable", enumerable), ("get", get)])
    }

    fn define(&self, name: &Atom, descriptor: Vec<(&str, Expr)>) -> Stmt {
        let property = |(key, value): (&str, Expr)| {
            let key = PropName::Ident(IdentName::new(key.into(), DUMMY_SP));
            PropOrSpread::Prop(Box::new(Prop::KeyValue(KeyValueProp { key, value: Box::new(value) })))
        };
        let object = Expr::Object(ObjectLit { span: DUMMY_SP, props: descriptor.into_iter().map(property).collect() });
        let callee = MemberExpr {
            span: DUMMY_SP,
            obj: Box::new(Expr::Ident(Ident::new("Object".into(), DUMMY_SP, self.unresolved))),
            prop: MemberProp::Ident(IdentName::new("defineProperty".into(), DUMMY_SP)),
        };
        let name = Expr::Lit(Lit::Str(Str::from(name.clone())));
        let args = [*self.exports(), name, object].map(|expr| ExprOrSpread { spread: None, expr: Box::new(expr) });
        let call =
            CallExpr { callee: Callee::Expr(Box::new(Expr::Member(callee))), args: args.into(), ..CallExpr::dummy() };
        Stmt::Expr(ExprStmt { span: DUMMY_SP, expr: Box::new(Expr::Call(call)) })
    }

    fn prologue(&self, is_module: bool) -> Prologue {
        let mut stmts = Vec::new();
        if is_module {
            stmts.push(self.define(&"__esModule".into(), vec![("value", Expr::Lit(Lit::Bool(true.into())))]));
        }
        // `exports.b = exports.a = void 0`: the first name is the first key.
        let nothing: Box<Expr> = Box::new(Expr::Unary(UnaryExpr {
            span: DUMMY_SP,
            op: UnaryOp::Void,
            arg: Box::new(Expr::Lit(Lit::Num(0.0.into()))),
        }));
        let mut seen = BTreeSet::new();
        let values: Vec<&Atom> = self.values.iter().filter(|name| seen.insert(*name)).collect();
        if !values.is_empty() {
            let expr = values.into_iter().fold(nothing, |value, name| self.assigned(name, value));
            stmts.push(Stmt::Expr(ExprStmt { span: DUMMY_SP, expr }));
        }
        for function in &self.functions {
            let names = self.exported.get(function).into_iter().flatten();
            stmts.extend(names.map(|name| self.assign(name, Box::new(Expr::Ident(function.clone().into())), DUMMY_SP)));
        }
        Prologue(stmts)
    }

    /// Every assignment to an exported variable is one to `exports` too.
    fn mirror(&self, items: &mut Vec<ModuleItem>) {
        let mut mirror = Mirror { lowering: self };
        let mut out = Vec::with_capacity(items.len());
        for mut item in items.drain(..) {
            item.visit_mut_with(&mut mirror);
            let after = item.as_stmt().map(|stmt| mirror.after(stmt)).unwrap_or_default();
            out.push(item);
            out.extend(after.into_iter().map(ModuleItem::Stmt));
        }
        *items = out;
    }
}

fn assigns_module_exports(stmt: &Stmt) -> bool {
    let Stmt::Expr(ExprStmt { expr, .. }) = stmt else { return false };
    let Expr::Assign(AssignExpr { left: AssignTarget::Simple(SimpleAssignTarget::Member(target)), .. }) = &**expr
    else {
        return false;
    };
    let object = matches!(&*target.obj, Expr::Ident(name) if name.sym == "module");
    object && matches!(&target.prop, MemberProp::Ident(name) if name.sym == "exports")
}

fn name_of(name: &ModuleExportName) -> Atom {
    match name {
        ModuleExportName::Ident(name) => name.sym.clone(),
        ModuleExportName::Str(text) => text.value.as_str().map(Atom::from).unwrap_or_default(),
    }
}

fn names_of(variables: &[VarDeclarator]) -> Vec<Ident> {
    let mut names = Vec::new();
    variables.iter().for_each(|v| pattern_names(&v.name, &mut |name| names.push(name.clone())));
    names
}

struct Mirror<'a> {
    lowering: &'a Lowering,
}

impl Mirror<'_> {
    fn names(&self, id: &Id) -> impl Iterator<Item = &Atom> {
        self.lowering.exported.get(id).into_iter().flatten()
    }

    /// `exports.a = a` for what a statement declares.
    fn after(&self, stmt: &Stmt) -> Vec<Stmt> {
        let declared = match stmt {
            Stmt::Decl(Decl::Var(variables)) => names_of(&variables.decls),
            Stmt::Decl(Decl::Class(class)) => vec![class.ident.clone()],
            _ => Vec::new(),
        };
        let assign = |local: &Ident| -> Vec<Stmt> {
            let value = || Box::new(Expr::Ident(local.clone()));
            self.names(&local.to_id()).map(|name| self.lowering.assign(name, value(), DUMMY_SP)).collect()
        };
        declared.iter().flat_map(assign).collect()
    }

    /// `exports.a = a` for every exported variable of these, as expressions.
    // Boxes are what swc's nodes take.
    #[allow(clippy::vec_box)]
    fn again(&self, locals: &[Ident]) -> Vec<Box<Expr>> {
        let each = |local: &Ident| -> Vec<Box<Expr>> {
            let value = || Box::new(Expr::Ident(local.clone()));
            self.names(&local.to_id()).map(|name| self.lowering.assigned(name, value())).collect()
        };
        locals.iter().flat_map(each).collect()
    }

    fn is_exported(&self, local: &Ident) -> bool {
        self.lowering.exported.contains_key(&local.to_id())
    }
}

/// `[first, ...then][0]`: the value of the first.
#[allow(clippy::vec_box)]
fn first_of(first: Box<Expr>, then: Vec<Box<Expr>>) -> Expr {
    let elems = std::iter::once(first).chain(then).map(|expr| Some(ExprOrSpread { spread: None, expr })).collect();
    let obj = Box::new(Expr::Array(ArrayLit { span: DUMMY_SP, elems }));
    let zero = Box::new(Expr::Lit(Lit::Num(0.0.into())));
    let prop = MemberProp::Computed(ComputedPropName { span: DUMMY_SP, expr: zero });
    Expr::Member(MemberExpr { span: DUMMY_SP, obj, prop })
}

impl VisitMut for Mirror<'_> {
    noop_visit_mut_type!();

    fn visit_mut_stmts(&mut self, stmts: &mut Vec<Stmt>) {
        let mut out = Vec::with_capacity(stmts.len());
        for mut stmt in stmts.drain(..) {
            stmt.visit_mut_with(self);
            let after = self.after(&stmt);
            out.push(stmt);
            out.extend(after);
        }
        *stmts = out;
    }

    fn visit_mut_expr(&mut self, expr: &mut Expr) {
        expr.visit_mut_children_with(self);
        match expr {
            Expr::Assign(assign) => match &assign.left {
                AssignTarget::Simple(SimpleAssignTarget::Ident(local)) if self.is_exported(&local.id) => {
                    let names: Vec<Atom> = self.names(&local.id.to_id()).cloned().collect();
                    let value = Box::new(expr.take());
                    *expr = *names.iter().fold(value, |value, name| self.lowering.assigned(name, value));
                }
                AssignTarget::Pat(pattern) => {
                    let mut locals = Vec::new();
                    pattern_names(&Pat::from(pattern.clone()), &mut |name| locals.push(name.clone()));
                    let then = self.again(&locals);
                    if !then.is_empty() {
                        *expr = first_of(Box::new(expr.take()), then);
                    }
                }
                _ => {}
            },
            Expr::Update(update) => {
                let Expr::Ident(local) = &*update.arg else { return };
                if self.is_exported(local) {
                    let then = self.again(std::slice::from_ref(local));
                    *expr = first_of(Box::new(expr.take()), then);
                }
            }
            _ => {}
        }
    }

    fn visit_mut_for_of_stmt(&mut self, item: &mut ForOfStmt) {
        item.visit_mut_children_with(self);
        self.head(&item.left, &mut item.body);
    }

    fn visit_mut_for_in_stmt(&mut self, item: &mut ForInStmt) {
        item.visit_mut_children_with(self);
        self.head(&item.left, &mut item.body);
    }
}

impl Mirror<'_> {
    /// A loop that assigns to exported variables: they are mirrored before its body.
    fn head(&self, head: &ForHead, body: &mut Box<Stmt>) {
        let mut locals = Vec::new();
        match head {
            ForHead::Pat(pattern) => pattern_names(pattern, &mut |name| locals.push(name.clone())),
            ForHead::VarDecl(variables) => locals = names_of(&variables.decls),
            ForHead::UsingDecl(_) => {}
        }
        let first = self.again(&locals);
        if !first.is_empty() {
            let span = body.span();
            let stmts = first.into_iter().map(|expr| Stmt::Expr(ExprStmt { span: DUMMY_SP, expr }));
            let stmts = stmts.chain([*body.take()]).collect();
            **body = Stmt::Block(BlockStmt { span, stmts, ..BlockStmt::default() });
        }
    }
}
