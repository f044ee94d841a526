//! What an expression evaluates to, as far as it can be told without running anything. Owns: strings, paths and URLs made of constants,
//! and which function of which built-in module a callee is. Does not own: finding the expressions that matter (`references`).

use super::bindings::{Bindings, Source, property_name};
use super::builtins::is_builtin;
use super::constants::{Constants, ELEMENTS};
use super::value::{self, GAP, Value};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;
use swc_core::common::SyntaxContext;
use swc_core::ecma::ast::*;

/// An expression can stand for at most this many values; more are one unknown.
const MOST_VALUES: usize = 48;
/// Names followed through names, calls inside calls.
const DEEPEST: usize = 24;

/// A function or value of a module that the scan knows by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Built-in module without `node:`, package name, or one of the pseudo modules `REQUIRE` and `MODULE`.
    pub module: String,
    /// Property path in it: `join`, `posix.join`; empty for the module itself.
    pub name: String,
}

/// Pseudo module of the CommonJS function `require` of the module itself.
pub const REQUIRE: &str = "<require>";
/// Pseudo module of a function that `createRequire` made.
pub const MADE_REQUIRE: &str = "<made require>";
/// Pseudo module of a function that is `import()` by another name.
pub const IMPORT: &str = "<import>";
/// Pseudo module of the variable `module`.
const MODULE: &str = "<module>";

impl Origin {
    fn new(module: &str, name: &str) -> Option<Self> {
        Some(Self { module: module.trim_start_matches("node:").to_owned(), name: name.to_owned() })
    }

    /// Whether it is the function `name` of the built-in `module`.
    pub fn is(&self, module: &str, name: &str) -> bool {
        self.module == module && self.name == name
    }
}

/// Finds the real path that `require.resolve` would give.
pub type ResolvePath<'a> = &'a dyn Fn(&str, bool) -> Option<String>;

/// Folds the expressions of one module.
pub struct Folder<'a> {
    pub bindings: &'a Bindings,
    /// Scope of names that the module does not declare.
    pub unresolved: SyntaxContext,
    /// The module's own real path.
    pub file: &'a Path,
    /// Called with a request and whether it is an `import`.
    pub resolve: ResolvePath<'a>,
    /// What the module that a request leads to exports and is known.
    pub exported: &'a dyn Fn(&str) -> Option<Arc<Constants>>,
    pub known: Known,
}

/// What names were found to be. A name whose value is being worked out counts as unknown: that ends cycles (`x = x + y`).
#[derive(Default)]
pub struct Known {
    values: RefCell<HashMap<Id, Vec<Value>>>,
    origins: RefCell<HashMap<Id, Option<Origin>>>,
    /// Names that were looked for in other modules, known or not: request and name.
    asked: RefCell<BTreeSet<(String, String)>>,
}

impl Folder<'_> {
    /// The values of `expr`, at least one.
    pub fn fold(&self, expr: &Expr) -> Vec<Value> {
        limit(self.at(expr, 0))
    }

    /// The function or value of a known module that `expr` is.
    pub fn origin(&self, expr: &Expr) -> Option<Origin> {
        self.origin_at(expr, 0)
    }

    /// What is known of `name`, or of what is in it, among the exports of the module that `request` leads to.
    pub fn constants_of(&self, request: &str, name: &str) -> Option<Arc<Constants>> {
        if request.starts_with('<') || is_builtin(request) {
            return None;
        }
        self.known.asked.borrow_mut().insert((request.to_owned(), name.to_owned()));
        (self.exported)(request)
    }

    /// The values of what is exported elsewhere.
    fn imported(&self, origin: &Origin) -> Option<Vec<Value>> {
        self.constants_of(&origin.module, &origin.name)?.get(&origin.name).cloned()
    }

    /// Names that were looked for in other modules.
    pub fn asked(&self) -> BTreeSet<(String, String)> {
        self.known.asked.take()
    }

    /// For a callee that `createRequire` made: what it was made with.
    pub fn made_require_base(&self, callee: &Expr) -> Option<Vec<Value>> {
        let mut expr = strip(callee).clone();
        for _ in 0..DEEPEST {
            match &expr {
                Expr::Call(call) => {
                    let base = call.args.first()?;
                    let made = matches!(&call.callee, Callee::Expr(f) if self.origin(f)?.is("module", "createRequire"));
                    return made.then(|| self.fold(&base.expr));
                }
                Expr::Ident(name) => match self.bindings.get(&name.to_id())?.sources.first()? {
                    Source::Expr(source) => expr = strip(source).clone(),
                    _ => return None,
                },
                Expr::Member(member) => expr = strip(&member.obj).clone(),
                _ => return None,
            }
        }
        None
    }

    /// Whether the value is the module's own path or folder.
    pub fn is_own(&self, value: &Value) -> bool {
        value.is_absolute() && (value.text == self.own_path() || value.text == self.own_folder())
    }

    /// Whether the path is the module's own folder or above it.
    pub fn holds(&self, value: &Value) -> bool {
        self.file.parent().is_some_and(|folder| folder.starts_with(&value.text)) && value.text.len() > 1
    }

    fn is_free(&self, name: &Ident) -> bool {
        name.ctxt == self.unresolved
            || (self.unresolved == SyntaxContext::empty() && self.bindings.get(&name.to_id()).is_none())
    }

    fn own_path(&self) -> String {
        self.file.to_string_lossy().into_owned()
    }

    pub fn own_folder(&self) -> String {
        value::dirname(&self.own_path())
    }

    fn at(&self, expr: &Expr, depth: usize) -> Vec<Value> {
        if depth > DEEPEST {
            return vec![Value::unknown()];
        }
        let next = depth + 1;
        match strip(expr) {
            Expr::Lit(Lit::Str(text)) => vec![Value::text(text.value.to_string_lossy())],
            Expr::Lit(Lit::Num(number)) => vec![Value::text(number.value.to_string())],
            Expr::Tpl(template) => {
                let mut values = vec![Value::text("")];
                for (index, part) in template.quasis.iter().enumerate() {
                    let text =
                        part.cooked.as_ref().map_or_else(|| part.raw.to_string(), |c| c.to_string_lossy().into_owned());
                    values = product(&values, &[Value::text(text)]);
                    if let Some(inner) = template.exprs.get(index) {
                        values = product(&values, &self.at(inner, next));
                    }
                }
                values
            }
            Expr::Bin(bin) => match bin.op {
                BinaryOp::Add => product(&self.at(&bin.left, next), &self.at(&bin.right, next)),
                BinaryOp::LogicalOr | BinaryOp::NullishCoalescing => {
                    union(self.at(&bin.left, next), self.at(&bin.right, next))
                }
                BinaryOp::LogicalAnd => self.at(&bin.right, next),
                _ => vec![Value::unknown()],
            },
            Expr::Cond(cond) => union(self.at(&cond.cons, next), self.at(&cond.alt, next)),
            Expr::Await(inner) => self.at(&inner.arg, next),
            Expr::Assign(assign) if assign.op == AssignOp::Assign => self.at(&assign.right, next),
            Expr::Ident(name) => self.name(name, next),
            Expr::Member(member) => self.member(member, next),
            Expr::Call(call) => self.call(call, next),
            Expr::New(new) => self.construct(new, next),
            _ => vec![Value::unknown()],
        }
    }

    fn name(&self, name: &Ident, depth: usize) -> Vec<Value> {
        if self.is_free(name) {
            return match name.sym.as_str() {
                "__dirname" => vec![Value::text(self.own_folder())],
                "__filename" => vec![Value::text(self.own_path())],
                _ => vec![Value::unknown()],
            };
        }
        if let Some(values) = self.known.values.borrow().get(&name.to_id()) {
            return values.clone();
        }
        let Some(binding) = self.bindings.get(&name.to_id()) else { return vec![Value::unknown()] };
        self.known.values.borrow_mut().insert(name.to_id(), vec![Value::unknown()]);
        let mut values = Vec::new();
        for source in &binding.sources {
            values.extend(match source {
                Source::Expr(expr) => self.at(expr, depth),
                Source::Property(expr, path) => self.property(expr, path, depth),
                Source::Element(expr) => self.elements(expr, depth),
                Source::Returned(_) => continue,
                Source::Import { module, name } => Origin::new(module, name)
                    .and_then(|origin| self.imported(&origin))
                    .unwrap_or_else(|| vec![Value::unknown()]),
            });
        }
        if binding.opaque || values.is_empty() {
            values.push(Value::unknown());
        }
        let values = limit(values);
        self.known.values.borrow_mut().insert(name.to_id(), values.clone());
        values
    }

    fn member(&self, member: &MemberExpr, depth: usize) -> Vec<Value> {
        let name = member_name(&member.prop);
        if let (Expr::MetaProp(meta), Some(name)) = (strip(&member.obj), &name)
            && meta.kind == MetaPropKind::ImportMeta
        {
            return vec![match name.as_str() {
                "url" => Value::url(self.own_path()),
                "filename" => Value::text(self.own_path()),
                "dirname" => Value::text(self.own_folder()),
                _ => Value::unknown(),
            }];
        }
        if let (Some(origin), Some(name)) = (self.origin_at(&member.obj, depth), &name) {
            match (origin.module.as_str(), origin.name.as_str(), name.as_str()) {
                (MODULE, "", "filename" | "id") => return vec![Value::text(self.own_path())],
                (MODULE, "", "path") => return vec![Value::text(self.own_folder())],
                ("path", "" | "posix", "sep") => return vec![Value::text("/")],
                _ => {}
            }
        }
        if let Some("pathname" | "href") = name.as_deref() {
            return self.at(&member.obj, depth);
        }
        match name {
            Some(name) => self.property(&member.obj, &[name], depth),
            None => self.elements(&member.obj, depth),
        }
    }

    /// The values of `expr.path`, where `expr` is an object literal.
    fn property(&self, expr: &Expr, path: &[String], depth: usize) -> Vec<Value> {
        let Some((first, rest)) = path.split_first() else { return self.at(expr, depth + 1) };
        let Some(Expr::Object(object)) = self.literal(expr, depth) else {
            let origin = self.origin_at(expr, depth);
            let origin =
                origin.and_then(|origin| path.iter().try_fold(origin, |origin, name| property_of(origin, name)));
            return origin.and_then(|origin| self.imported(&origin)).unwrap_or_else(|| vec![Value::unknown()]);
        };
        self.in_object(&object, first)
            .map_or_else(|| vec![Value::unknown()], |value| self.property(&value, rest, depth + 1))
    }

    fn in_object(&self, object: &ObjectLit, name: &str) -> Option<Expr> {
        object.props.iter().find_map(|property| match property {
            PropOrSpread::Prop(property) => match &**property {
                Prop::KeyValue(pair) if property_name(&pair.key).as_deref() == Some(name) => {
                    Some((*pair.value).clone())
                }
                Prop::Shorthand(ident) if ident.sym == name => Some(Expr::Ident(ident.clone())),
                _ => None,
            },
            PropOrSpread::Spread(_) => None,
        })
    }

    /// The values in an array or object literal, whatever the key.
    pub fn elements(&self, expr: &Expr, depth: usize) -> Vec<Value> {
        let mut values = Vec::new();
        match self.literal(expr, depth) {
            Some(Expr::Array(array)) => {
                for element in &array.elems {
                    match element {
                        Some(element) if element.spread.is_none() => values.extend(self.at(&element.expr, depth + 1)),
                        _ => values.push(Value::unknown()),
                    }
                }
            }
            Some(Expr::Object(object)) => {
                for property in &object.props {
                    match property {
                        PropOrSpread::Prop(property) => match &**property {
                            Prop::KeyValue(pair) => values.extend(self.at(&pair.value, depth + 1)),
                            Prop::Shorthand(name) => values.extend(self.name(name, depth + 1)),
                            _ => values.push(Value::unknown()),
                        },
                        PropOrSpread::Spread(_) => values.push(Value::unknown()),
                    }
                }
            }
            _ => {
                let origin = self.origin_at(expr, depth).and_then(|origin| property_of(origin, ELEMENTS));
                values.extend(origin.and_then(|origin| self.imported(&origin)).into_iter().flatten());
            }
        }
        if values.is_empty() { vec![Value::unknown()] } else { limit(values) }
    }

    /// The array or object literal that `expr` is or names.
    pub fn literal(&self, expr: &Expr, depth: usize) -> Option<Expr> {
        if depth > DEEPEST {
            return None;
        }
        match strip(expr) {
            literal @ (Expr::Array(_) | Expr::Object(_)) => Some(literal.clone()),
            Expr::Ident(name) => {
                let binding = self.bindings.get(&name.to_id())?;
                match binding.sources.as_slice() {
                    [Source::Expr(source)] if !binding.opaque => self.literal(source, depth + 1),
                    _ => None,
                }
            }
            Expr::Member(member) => match (&member.prop, self.literal(&member.obj, depth + 1)?) {
                (MemberProp::Ident(name), Expr::Object(object)) => {
                    self.literal(&self.in_object(&object, &name.sym)?, depth + 1)
                }
                _ => None,
            },
            // `Object.freeze([...])`, `Object.values({...})`.
            Expr::Call(call) => match &call.callee {
                Callee::Expr(callee) => match strip(callee) {
                    Expr::Member(member) if matches!(strip(&member.obj), Expr::Ident(o) if o.sym == "Object") => {
                        let name = member.prop.as_ident().map(|i| i.sym.as_str());
                        matches!(name, Some("freeze" | "values"))
                            .then(|| self.literal(&call.args.first()?.expr, depth + 1))?
                    }
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        }
    }

    fn call(&self, call: &CallExpr, depth: usize) -> Vec<Value> {
        let unknown = vec![Value::unknown()];
        let Callee::Expr(callee) = &call.callee else { return unknown };
        if call.args.iter().any(|a| a.spread.is_some()) {
            return unknown;
        }
        let callee = strip(callee);
        let argument = |index: usize| call.args.get(index).map(|a| self.at(&a.expr, depth));
        if let Expr::Member(member) = callee
            && matches!(strip(&member.obj), Expr::MetaProp(m) if m.kind == MetaPropKind::ImportMeta)
            && member.prop.is_ident_with("resolve")
        {
            let values = argument(0).unwrap_or(unknown);
            return values.iter().map(|v| self.resolved(v, true).map_or_else(Value::unknown, Value::url)).collect();
        }
        if let Some(origin) = self.origin_at(callee, depth) {
            let path_function = origin.name.strip_prefix("posix.").unwrap_or(&origin.name);
            match (origin.module.as_str(), path_function) {
                ("path" | "path/posix", "join" | "resolve") => {
                    let mut combined: Vec<Vec<String>> = vec![Vec::new()];
                    for index in 0..call.args.len() {
                        let values = limit(argument(index).unwrap_or_default());
                        combined = combined
                            .iter()
                            .flat_map(|head| {
                                values.iter().map(|v| [head.as_slice(), std::slice::from_ref(&v.text)].concat())
                            })
                            .take(MOST_VALUES + 1)
                            .collect();
                    }
                    let apply = if path_function == "join" { value::join } else { value::resolve };
                    return limit(combined.iter().map(|parts| Value::text(apply(parts))).collect());
                }
                ("path" | "path/posix", "normalize") => {
                    return map(argument(0), |v| Value::text(value::normalize(&v.text)));
                }
                ("path" | "path/posix", "dirname") => {
                    return map(argument(0), |v| Value::text(value::dirname(&v.text)));
                }
                ("path" | "path/posix", "basename") => {
                    let suffix = argument(1).and_then(|v| v.first().cloned()).map_or_else(String::new, |v| v.text);
                    return map(argument(0), |v| Value::text(value::basename(&v.text, &suffix)));
                }
                ("url", "fileURLToPath") => return map(argument(0), |v| Value::text(file_url(&v))),
                ("url", "pathToFileURL") => return map(argument(0), |v| Value::url(v.text)),
                ("fs", "realpathSync" | "realpathSync.native") => return argument(0).unwrap_or(unknown),
                (REQUIRE | MADE_REQUIRE, "resolve") => {
                    let values = argument(0).unwrap_or(unknown);
                    return values
                        .iter()
                        .map(|v| self.resolved(v, false).map_or_else(Value::unknown, Value::text))
                        .collect();
                }
                _ => {}
            }
        }
        match callee {
            Expr::Ident(name) if name.sym == "String" && self.is_free(name) => argument(0).unwrap_or(unknown),
            Expr::Member(member) => match member.prop.as_ident().map(|i| i.sym.as_str()) {
                Some("toString" | "valueOf" | "trim" | "normalize") => self.at(&member.obj, depth),
                Some("concat") => {
                    let mut values = self.at(&member.obj, depth);
                    for index in 0..call.args.len() {
                        values = product(&values, &argument(index).unwrap_or_default());
                    }
                    values
                }
                Some("join") => match (self.literal(&member.obj, depth), argument(0)) {
                    (Some(Expr::Array(array)), Some(separator)) => {
                        let mut values = vec![Value::text("")];
                        for (index, element) in array.elems.iter().enumerate() {
                            if index > 0 {
                                values = product(&values, &separator);
                            }
                            let part =
                                element.as_ref().map_or_else(|| vec![Value::unknown()], |e| self.at(&e.expr, depth));
                            values = product(&values, &part);
                        }
                        values
                    }
                    _ => unknown,
                },
                _ => unknown,
            },
            _ => unknown,
        }
    }

    fn construct(&self, new: &NewExpr, depth: usize) -> Vec<Value> {
        let is_url = match strip(&new.callee) {
            Expr::Ident(name) if name.sym == "URL" && self.is_free(name) => true,
            callee => self.origin_at(callee, depth).is_some_and(|o| o.is("url", "URL")),
        };
        let arguments = new.args.as_deref().unwrap_or_default();
        let (Some(first), true) = (arguments.first(), is_url) else { return vec![Value::unknown()] };
        let references = self.at(&first.expr, depth);
        let Some(base) = arguments.get(1) else {
            return references.into_iter().map(|v| if v.url { v } else { Value::url(file_url(&v)) }).collect();
        };
        let bases = self.at(&base.expr, depth);
        let mut values = Vec::new();
        for base in bases.iter().filter(|b| b.is_absolute() || b.text.starts_with("file:")) {
            let base = file_url(base);
            values.extend(references.iter().filter_map(|r| value::url_path(&r.text, &base)).map(Value::url));
        }
        if values.is_empty() { vec![Value::unknown()] } else { limit(values) }
    }

    fn resolved(&self, request: &Value, import: bool) -> Option<String> {
        if request.has_gap() { None } else { (self.resolve)(&request.text, import) }
    }

    fn origin_at(&self, expr: &Expr, depth: usize) -> Option<Origin> {
        if depth > DEEPEST {
            return None;
        }
        let next = depth + 1;
        match strip(expr) {
            Expr::Ident(name) if self.is_free(name) => match name.sym.as_str() {
                "require" => Origin::new(REQUIRE, ""),
                "module" => Origin::new(MODULE, ""),
                "URL" => Origin::new("url", "URL"),
                _ => None,
            },
            Expr::Ident(name) => {
                if let Some(origin) = self.known.origins.borrow().get(&name.to_id()) {
                    return origin.clone();
                }
                let binding = self.bindings.get(&name.to_id())?;
                self.known.origins.borrow_mut().insert(name.to_id(), None);
                let origin = binding.sources.iter().find_map(|source| match source {
                    Source::Import { module, name } => Origin::new(module, name),
                    Source::Expr(expr) => self.origin_at(expr, next),
                    Source::Property(expr, path) => {
                        path.iter().try_fold(self.origin_at(expr, next)?, |origin, name| property_of(origin, name))
                    }
                    Source::Element(_) | Source::Returned(_) => None,
                });
                self.known.origins.borrow_mut().insert(name.to_id(), origin.clone());
                origin
            }
            Expr::Member(member) => {
                let name = member_name(&member.prop)?;
                if name == "getBuiltinModule" && matches!(strip(&member.obj), Expr::Ident(o) if o.sym == "process") {
                    return Origin::new(REQUIRE, "");
                }
                property_of(self.origin_at(&member.obj, next)?, &name)
            }
            Expr::Await(inner) => self.origin_at(&inner.arg, next),
            // `x || require('y')`
            Expr::Bin(bin) if matches!(bin.op, BinaryOp::LogicalOr | BinaryOp::NullishCoalescing) => {
                self.origin_at(&bin.left, next).or_else(|| self.origin_at(&bin.right, next))
            }
            Expr::Call(call) => self.origin_of_call(call, next),
            Expr::New(new) => hidden_import(&new.callee, new.args.as_deref().unwrap_or_default()),
            Expr::Cond(cond) => self.origin_at(&cond.cons, next).or_else(|| self.origin_at(&cond.alt, next)),
            _ => None,
        }
    }

    fn origin_of_call(&self, call: &CallExpr, depth: usize) -> Option<Origin> {
        if let (Callee::Expr(callee), true) = (&call.callee, call.args.is_empty())
            && let Expr::Ident(name) = strip(callee)
        {
            return self.bindings.get(&name.to_id())?.sources.iter().find_map(|source| match source {
                Source::Returned(value) => self.origin_at(value, depth),
                _ => None,
            });
        }
        let first = call.args.first()?;
        let literal = match strip(&first.expr) {
            Expr::Lit(Lit::Str(text)) => Some(text.value.to_string_lossy().into_owned()),
            _ => None,
        };
        let callee = match &call.callee {
            Callee::Import(_) => return Origin::new(&literal?, ""),
            Callee::Expr(callee) => callee,
            Callee::Super(_) => return None,
        };
        match strip(callee) {
            Expr::Ident(name) if name.sym == "eval" && literal.as_deref() == Some("require") => {
                return Origin::new(REQUIRE, "");
            }
            Expr::Ident(name) if name.sym == "Function" => return hidden_import(callee, &call.args),
            _ => {}
        }
        match (self.origin_at(callee, depth), literal) {
            (Some(origin), Some(module))
                if origin.name.is_empty() && matches!(origin.module.as_str(), REQUIRE | MADE_REQUIRE) =>
            {
                Origin::new(&module, "")
            }
            (Some(origin), _) if origin.is("module", "createRequire") => Origin::new(MADE_REQUIRE, ""),
            // `__importStar(require('path'))`, `__toESM(require('path'), 1)`.
            (None, None) if matches!(strip(&first.expr), Expr::Call(_)) => self
                .origin_at(&first.expr, depth)
                .filter(|origin| origin.name.is_empty() && origin.module != MADE_REQUIRE),
            // esbuild's and others' `__require('path')`: a name that stands for require.
            _ => None,
        }
    }
}

/// `new Function('m', 'return import(m)')`: how CommonJS that a compiler made keeps its `import()`.
fn hidden_import(callee: &Expr, arguments: &[ExprOrSpread]) -> Option<Origin> {
    let text = |argument: &ExprOrSpread| match strip(&argument.expr) {
        Expr::Lit(Lit::Str(text)) => Some(text.value.to_string_lossy().into_owned()),
        _ => None,
    };
    let [name, body] = arguments else { return None };
    let (name, body) = (text(name)?, text(body)?);
    let plain: String = body.chars().filter(|c| !c.is_whitespace() && *c != ';').collect();
    let is_function = matches!(strip(callee), Expr::Ident(name) if name.sym == "Function");
    (is_function && plain == format!("returnimport({name})")).then(|| Origin::new(IMPORT, ""))?
}

fn property_of(mut origin: Origin, name: &str) -> Option<Origin> {
    if name == "default" || (origin.name.is_empty() && origin.module == MODULE && name == "require") {
        if name == "require" {
            origin.module = REQUIRE.to_owned();
        }
        return Some(origin);
    }
    origin.name = if origin.name.is_empty() { name.to_owned() } else { format!("{}.{name}", origin.name) };
    // `require('module').Module` and the module's default export are the same.
    if origin.module == "module" {
        origin.name = origin.name.trim_start_matches("Module.").trim_start_matches("Module").to_owned();
    }
    Some(origin)
}

/// The name of a property that is known: `x.name`, `x['name']`.
pub fn member_name(property: &MemberProp) -> Option<String> {
    match property {
        MemberProp::Ident(name) => Some(name.sym.to_string()),
        MemberProp::Computed(computed) => match strip(&computed.expr) {
            Expr::Lit(Lit::Str(text)) => Some(text.value.to_string_lossy().into_owned()),
            _ => None,
        },
        MemberProp::PrivateName(_) => None,
    }
}

/// Without parentheses, comma operators and what TypeScript puts around an expression.
pub fn strip(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(inner) => strip(&inner.expr),
        Expr::Seq(seq) => seq.exprs.last().map_or(expr, |last| strip(last)),
        Expr::TsAs(inner) => strip(&inner.expr),
        Expr::TsNonNull(inner) => strip(&inner.expr),
        Expr::TsSatisfies(inner) => strip(&inner.expr),
        Expr::TsTypeAssertion(inner) => strip(&inner.expr),
        Expr::TsConstAssertion(inner) => strip(&inner.expr),
        other => other,
    }
}

fn file_url(value: &Value) -> String {
    value.text.strip_prefix("file://").unwrap_or(&value.text).to_owned()
}

fn map(values: Option<Vec<Value>>, f: impl Fn(Value) -> Value) -> Vec<Value> {
    values.unwrap_or_else(|| vec![Value::unknown()]).into_iter().map(f).collect()
}

fn union(mut left: Vec<Value>, right: Vec<Value>) -> Vec<Value> {
    left.extend(right);
    limit(left)
}

fn product(left: &[Value], right: &[Value]) -> Vec<Value> {
    if left.len() * right.len() > MOST_VALUES {
        // Keep what is common to all: a known beginning is worth more than nothing.
        let gap = [Value::unknown()];
        return if right.len() > 1 { product(left, &gap) } else { product(&gap, right) };
    }
    let both = |l: &Value, r: &Value| Value { text: value::concat(&l.text, &r.text), url: l.url };
    limit(left.iter().flat_map(|l| right.iter().map(move |r| both(l, r))).collect())
}

fn limit(mut values: Vec<Value>) -> Vec<Value> {
    values.sort();
    values.dedup();
    // A wholly unknown value beside known ones adds nothing that can be embedded, but it is worth a word to the user.
    if values.len() > MOST_VALUES { vec![Value::text(GAP.to_string())] } else { values }
}
