//! Finds what a module asks for: requests for modules, and paths of files that it will read. Owns: which calls and expressions count.
//! Does not own: evaluating them (`fold`), finding the files (`link`).

use super::bindings::property_name;
use super::fold::{Folder, IMPORT, MADE_REQUIRE, Origin, REQUIRE, strip};
use super::parse::range;
use super::resolve::RequestKind;
use super::value::Value;
use swc_core::common::Spanned;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith};

/// How a module asks for another. What a missing one means depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// `import` and `export ... from`: missing is an error before anything runs.
    Static,
    /// `import()`, `import.meta.resolve`, `module.register`.
    Dynamic,
    /// `require`, `require.resolve`.
    Require,
    /// `require` where the name is a parameter: perhaps the real one, perhaps a bundle's own.
    Guess,
    /// A path that a worker or a child process runs.
    Program,
}

/// A request for a module.
#[derive(Clone, Debug)]
pub struct Request {
    pub kind: RequestKind,
    pub how: How,
    /// Every text that it can be.
    pub values: Vec<Value>,
    /// From which file, where `createRequire` was given another one.
    pub base: Option<String>,
    /// A failure is caught.
    pub guarded: bool,
    pub start: usize,
    pub end: usize,
}

/// A path that the module hands to some function.
#[derive(Clone, Debug)]
pub struct AssetRef {
    pub value: Value,
    pub reach: Reach,
    pub start: usize,
    pub end: usize,
}

/// How much of a folder an asset reference means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Only a file: the path may also be a mere constant.
    File,
    /// Only a file, of a path that is put together where it stands: code is going to be loaded by it.
    Made,
    /// A folder is served: its files as they are.
    Folder,
    /// A folder is handed to a function that may load code from it.
    Code,
    /// A folder is put into a variable of the environment, for a package that loads from it (NODE_CONFIG_DIR).
    Told,
    /// `fs` lists the folder: its code is going to be loaded.
    Listing,
}

/// What a module asks for.
#[derive(Clone, Debug, Default)]
pub struct References {
    pub requests: Vec<Request>,
    pub assets: Vec<AssetRef>,
    /// The module hands out its own path or folder: what is done with it cannot be followed.
    pub escapes: bool,
    /// Where it loads code of which the scan knows nothing: from the disk, or from a text.
    pub foreign: Vec<(usize, usize)>,
    /// A request or path of which a part is not known: what other modules export may tell.
    pub open: bool,
}

/// Finds the references of a program. Without a folder (no scopes, no constants) only literal requests are found, and `None` is returned
/// where that is not enough.
pub fn literal(program: &Program) -> Option<References> {
    let mut quick = Quick { found: References::default(), guards: 0, enough: true };
    program.visit_with(&mut quick);
    quick.enough.then_some(quick.found)
}

/// Finds the references of a program whose identifiers have scopes.
pub fn folded(program: &Program, folder: &Folder) -> References {
    let mut finder = Finder { folder, found: References::default(), guards: 0 };
    program.visit_with(&mut finder);
    finder.found
}

fn static_request(src: &Str) -> Request {
    let (start, end) = range(src.span);
    let values = vec![Value::text(src.value.to_string_lossy())];
    Request { kind: RequestKind::Import, how: How::Static, values, base: None, guarded: false, start, end }
}

/// The first look at a module: most have only literal requests.
struct Quick {
    found: References,
    guards: usize,
    enough: bool,
}

impl Quick {
    fn literal(&mut self, argument: Option<&ExprOrSpread>, kind: RequestKind, how: How) {
        match argument.map(|a| (a.spread, strip(&a.expr))) {
            Some((None, Expr::Lit(Lit::Str(text)))) => {
                let request = Request { kind, how, guarded: self.guards > 0, ..static_request(text) };
                self.found.requests.push(request);
            }
            _ => self.enough = false,
        }
    }
}

impl Visit for Quick {
    fn visit_import_decl(&mut self, import: &ImportDecl) {
        if !import.type_only && !matches!(import.phase, ImportPhase::Defer) {
            self.found.requests.push(static_request(&import.src));
        }
        // These hand out functions that the second look must follow.
        if matches!(
            import.src.value.to_string_lossy().trim_start_matches("node:"),
            "module" | "worker_threads" | "child_process"
        ) {
            self.enough = false;
        }
    }

    fn visit_named_export(&mut self, export: &NamedExport) {
        if let (Some(src), false) = (&export.src, export.type_only) {
            self.found.requests.push(static_request(src));
        }
    }

    fn visit_export_all(&mut self, export: &ExportAll) {
        if !export.type_only {
            self.found.requests.push(static_request(&export.src));
        }
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        match &call.callee {
            Callee::Import(_) => self.literal(call.args.first(), RequestKind::Import, How::Dynamic),
            Callee::Expr(callee) => match &**callee {
                // `eval('require')`: the second look knows it.
                Expr::Ident(name) if matches!(name.sym.as_str(), "eval" | "Function") => self.enough = false,
                Expr::Ident(name) if name.sym == "require" => {
                    self.literal(call.args.first(), RequestKind::Require, How::Require);
                    if let Some(Expr::Lit(Lit::Str(name))) = call.args.first().map(|a| &*a.expr) {
                        let name = name.value.to_string_lossy();
                        self.enough &=
                            !matches!(name.trim_start_matches("node:"), "module" | "worker_threads" | "child_process");
                    }
                }
                _ => callee.visit_with(self),
            },
            Callee::Super(_) => {}
        }
        call.args.visit_with(self);
    }

    fn visit_new_expr(&mut self, new: &NewExpr) {
        // `new Function('m', 'return import(m)')`.
        self.enough &= !matches!(&*new.callee, Expr::Ident(name) if name.sym == "Function");
        new.visit_children_with(self);
    }

    fn visit_ident(&mut self, name: &Ident) {
        self.enough &= !matches!(name.sym.as_str(), "require" | "__dirname" | "__filename" | "createRequire");
    }

    fn visit_member_prop(&mut self, name: &MemberProp) {
        self.enough &= !name.is_ident_with("commandDir");
        name.visit_children_with(self);
    }

    fn visit_member_expr(&mut self, member: &MemberExpr) {
        // `module.require`, `module.filename`; `module.exports` is everywhere and harmless.
        if matches!(&*member.obj, Expr::Ident(o) if o.sym == "module") && !member.prop.is_ident_with("exports") {
            self.enough = false;
        }
        // `require.cache`, `require.main`, `require.extensions` ask for nothing.
        let harmless = matches!(&*member.obj, Expr::Ident(o) if o.sym == "require")
            && matches!(member.prop.as_ident().map(|i| i.sym.as_str()), Some("cache" | "main" | "extensions"));
        if harmless {
            return member.prop.visit_with(self);
        }
        member.visit_children_with(self);
    }

    fn visit_unary_expr(&mut self, unary: &UnaryExpr) {
        if unary.op == UnaryOp::TypeOf && unary.arg.is_ident() {
            return;
        }
        unary.visit_children_with(self);
    }

    fn visit_meta_prop_expr(&mut self, meta: &MetaPropExpr) {
        self.enough &= meta.kind != MetaPropKind::ImportMeta;
    }

    fn visit_try_stmt(&mut self, statement: &TryStmt) {
        let guard = usize::from(statement.handler.is_some());
        self.guards += guard;
        statement.block.visit_with(self);
        self.guards -= guard;
        statement.handler.visit_with(self);
        statement.finalizer.visit_with(self);
    }
}

/// The second look, with scopes and constants.
struct Finder<'a> {
    folder: &'a Folder<'a>,
    found: References,
    guards: usize,
}

impl Finder<'_> {
    fn request(
        &mut self,
        argument: Option<&ExprOrSpread>,
        kind: RequestKind,
        how: How,
        base: Option<String>,
        span: (usize, usize),
    ) {
        let Some(argument) = argument else { return };
        let values = if argument.spread.is_some() { vec![Value::unknown()] } else { self.folder.fold(&argument.expr) };
        let (start, end) = if argument.spread.is_some() { span } else { range(argument.expr.span()) };
        self.found.open |= how != How::Guess && values.iter().any(Value::has_gap);
        self.found.requests.push(Request { kind, how, values, base, guarded: self.guards > 0, start, end });
    }

    /// Handles a call of something that is known by name; whether its arguments are paths that still have to be looked at.
    fn known_call(&mut self, callee: &Expr, arguments: &[ExprOrSpread], span: (usize, usize), is_new: bool) -> bool {
        let first = arguments.first();
        if let Expr::Ident(name) = strip(callee)
            && name.sym == "require"
            && !is_new
            && name.ctxt != self.folder.unresolved
            && self.folder.origin(callee).is_none()
        {
            if matches!(first.map(|a| strip(&a.expr)), Some(Expr::Lit(Lit::Str(_)))) {
                self.request(first, RequestKind::Require, How::Guess, None, span);
            }
            return false;
        }
        // yargs' `.commandDir('commands')`: from the folder of the module that calls it.
        if let (Expr::Member(member), Some(Expr::Lit(Lit::Str(text)))) = (strip(callee), first.map(|a| strip(&a.expr)))
            && member.prop.is_ident_with("commandDir")
        {
            let (start, end) = range(text.span);
            let path = format!("{}/{}", self.folder.own_folder(), text.value.to_string_lossy());
            self.found.assets.push(AssetRef { value: Value::text(path), reach: Reach::Listing, start, end });
        }
        let Some(Origin { module, name }) = self.folder.origin(callee) else { return true };
        match (module.as_str(), name.as_str()) {
            (IMPORT, "") => {
                self.request(first, RequestKind::Import, How::Dynamic, None, span);
                false
            }
            (REQUIRE, "" | "resolve") => {
                self.request(first, RequestKind::Require, How::Require, None, span);
                false
            }
            (MADE_REQUIRE, "" | "resolve") => {
                let own = self.folder.file.to_string_lossy();
                let made_from = match strip(callee) {
                    Expr::Member(member) if !name.is_empty() => self.folder.made_require_base(&member.obj),
                    callee => self.folder.made_require_base(callee),
                };
                for base in made_from.unwrap_or_else(|| vec![Value::text(own.as_ref())]) {
                    let path = base.text.strip_prefix("file://").unwrap_or(&base.text).to_owned();
                    // From a file that is only known at run time: the disk's business.
                    if path.starts_with('/') && !base.has_gap() {
                        let base = (path != own).then_some(path);
                        self.request(first, RequestKind::Require, How::Require, base, span);
                    } else {
                        self.found.foreign.push(span);
                    }
                }
                false
            }
            ("worker_threads", "Worker") if is_new => {
                if has_true_option(arguments.get(1), "eval") {
                    self.found.foreign.push(span);
                } else {
                    self.program(first, span);
                }
                false
            }
            ("child_process", "fork") => {
                self.program(first, span);
                false
            }
            ("cluster", "setupPrimary" | "setupMaster") => true,
            ("module", "register") => {
                self.request(first, RequestKind::Import, How::Dynamic, None, span);
                false
            }
            ("module", "createRequire") => false,
            ("path" | "path/posix" | "path/win32" | "url", _) => false,
            ("fs" | "fs/promises" | "fs-extra" | "graceful-fs", name) => {
                let name = name.trim_start_matches("promises.");
                let lists = ["readdir", "opendir", "glob", "cp"].iter().any(|f| name.starts_with(f));
                self.arguments(arguments, if lists { Reach::Listing } else { Reach::Folder });
                false
            }
            (
                "glob" | "fast-glob" | "globby" | "tinyglobby" | "require-all" | "require-dir" | "require-directory",
                _,
            ) => {
                self.arguments(arguments, Reach::Listing);
                false
            }
            _ => true,
        }
    }

    /// A path of JavaScript that runs on its own.
    fn program(&mut self, argument: Option<&ExprOrSpread>, span: (usize, usize)) {
        let before = self.found.requests.len();
        self.request(argument, RequestKind::Import, How::Program, None, span);
        for request in &mut self.found.requests[before..] {
            request.guarded |= request.values.iter().all(|v| !v.is_absolute() || v.has_gap());
        }
    }

    fn arguments(&mut self, arguments: &[ExprOrSpread], reach: Reach) {
        for argument in arguments {
            self.asset(&argument.expr, reach);
        }
    }

    /// Notes the absolute paths that `expr` folds to, and those in array and object literals in it.
    fn asset(&mut self, expr: &Expr, reach: Reach) {
        match strip(expr) {
            Expr::Array(array) => {
                for element in array.elems.iter().flatten() {
                    self.asset(&element.expr, reach);
                }
            }
            Expr::Object(object) => {
                for property in &object.props {
                    if let PropOrSpread::Prop(property) = property
                        && let Prop::KeyValue(pair) = &**property
                    {
                        self.asset(&pair.value, reach);
                    }
                }
                self.beside_a_folder(object);
            }
            Expr::Fn(_) | Expr::Arrow(_) | Expr::Class(_) | Expr::Lit(_) => {}
            expr => {
                let (start, end) = range(expr.span());
                for value in self.folder.fold(expr) {
                    if self.folder.is_own(&value) {
                        self.found.escapes = true;
                    }
                    self.found.open |= value.has_gap() && !value.is_unknown();
                    if value.is_absolute() {
                        self.found.assets.push(AssetRef { value, reach, start, end });
                    }
                }
            }
        }
    }

    /// `{ relativeTo: __dirname, path: 'views' }`: what the other properties name may lie in that folder.
    fn beside_a_folder(&mut self, object: &ObjectLit) {
        const NO_PATHS: [&str; 9] = ["name", "mode", "type", "method", "encoding", "env", "stdio", "engine", "version"];
        let pairs: Vec<(String, &Expr)> = object
            .props
            .iter()
            .filter_map(|property| match property {
                PropOrSpread::Prop(property) => match &**property {
                    Prop::KeyValue(pair) => Some((property_name(&pair.key)?, strip(&pair.value))),
                    _ => None,
                },
                PropOrSpread::Spread(_) => None,
            })
            .collect();
        let is_text = |expr: &Expr| matches!(expr, Expr::Lit(_) | Expr::Array(_));
        let folders =
            pairs.iter().filter(|(_, value)| matches!(value, Expr::Ident(_) | Expr::Member(_) | Expr::Call(_)));
        let folders: Vec<Value> = folders
            .flat_map(|(_, value)| self.folder.fold(value))
            .filter(|value| value.is_absolute() && !value.has_gap() && !value.url && self.folder.holds(value))
            .collect();
        for folder in &folders {
            for (_, value) in pairs.iter().filter(|(name, value)| is_text(value) && !NO_PATHS.contains(&name.as_str()))
            {
                let texts = match value {
                    Expr::Array(array) => array.elems.iter().flatten().map(|element| strip(&element.expr)).collect(),
                    value => vec![*value],
                };
                for text in texts {
                    if let Expr::Lit(Lit::Str(text)) = text
                        && let (start, end) = range(text.span)
                        && let text = text.value.to_string_lossy()
                        && text.starts_with(|first: char| first.is_alphanumeric() || first == '_' || first == '.')
                        && !matches!(text.trim_end_matches('/'), "." | "..")
                    {
                        let value = Value::text(format!("{}/{text}", folder.text));
                        self.found.assets.push(AssetRef { value, reach: Reach::Folder, start, end });
                    }
                }
            }
        }
    }

    /// A value that leaves what can be followed.
    fn handed_out(&mut self, expr: &Expr) {
        if matches!(strip(expr), Expr::Ident(_) | Expr::Member(_) | Expr::Call(_)) {
            self.found.escapes |= self.folder.fold(expr).iter().any(|value| self.folder.is_own(value));
        }
    }

    /// A path that is made here and perhaps used elsewhere.
    fn constant(&mut self, expr: &Expr) {
        if matches!(strip(expr), Expr::Call(_) | Expr::New(_) | Expr::Bin(_) | Expr::Tpl(_)) {
            self.asset(expr, Reach::File);
        }
    }

    /// A path that is put together here, wherever that stands: perhaps somebody loads it.
    fn made_here(&mut self, expr: &Expr) {
        let escaped = self.found.escapes;
        self.asset(expr, Reach::Made);
        self.found.escapes = escaped;
    }
}

impl Visit for Finder<'_> {
    fn visit_import_decl(&mut self, import: &ImportDecl) {
        if !import.type_only && !matches!(import.phase, ImportPhase::Defer) {
            self.found.requests.push(static_request(&import.src));
        }
    }

    fn visit_named_export(&mut self, export: &NamedExport) {
        if let (Some(src), false) = (&export.src, export.type_only) {
            self.found.requests.push(static_request(src));
        }
    }

    fn visit_export_all(&mut self, export: &ExportAll) {
        if !export.type_only {
            self.found.requests.push(static_request(&export.src));
        }
    }

    fn visit_call_expr(&mut self, call: &CallExpr) {
        let span = range(call.span);
        match &call.callee {
            Callee::Import(_) => self.request(call.args.first(), RequestKind::Import, How::Dynamic, None, span),
            Callee::Expr(callee) => {
                if let Expr::Member(member) = strip(callee)
                    && matches!(strip(&member.obj), Expr::MetaProp(m) if m.kind == MetaPropKind::ImportMeta)
                    && member.prop.is_ident_with("resolve")
                {
                    self.request(call.args.first(), RequestKind::Import, How::Dynamic, None, span);
                } else if self.folder.origin(callee).is_some_and(|origin| makes_path(&origin)) {
                    self.made_here(&Expr::Call(call.clone()));
                } else if self.known_call(callee, &call.args, span, false) {
                    self.arguments(&call.args, reach_of(callee));
                }
            }
            Callee::Super(_) => {}
        }
        call.visit_children_with(self);
    }

    fn visit_new_expr(&mut self, new: &NewExpr) {
        let arguments = new.args.as_deref().unwrap_or_default();
        if self.known_call(&new.callee, arguments, range(new.span), true) {
            self.arguments(arguments, Reach::Folder);
        } else if self.folder.origin(&new.callee).is_some_and(|o| o.is("url", "URL")) {
            self.made_here(&Expr::New(new.clone()));
        }
        new.visit_children_with(self);
    }

    fn visit_tpl(&mut self, template: &Tpl) {
        // `${__dirname}/x`
        if template.quasis.first().is_some_and(|text| text.raw.is_empty()) && !template.exprs.is_empty() {
            self.made_here(&Expr::Tpl(template.clone()));
        }
        template.visit_children_with(self);
    }

    fn visit_var_declarator(&mut self, declarator: &VarDeclarator) {
        if let Some(init) = &declarator.init {
            // A name that only stands for the module's own folder is followed.
            let escaped = self.found.escapes;
            self.constant(init);
            self.found.escapes = escaped;
        }
        declarator.visit_children_with(self);
    }

    fn visit_assign_expr(&mut self, assign: &AssignExpr) {
        let escaped = self.found.escapes;
        self.constant(&assign.right);
        self.found.escapes = escaped;
        if is_environment(&assign.left) {
            self.asset(&assign.right, Reach::Told);
        } else if !matches!(assign.left, AssignTarget::Simple(SimpleAssignTarget::Ident(_))) {
            self.handed_out(&assign.right);
        }
        assign.visit_children_with(self);
    }

    fn visit_arrow_expr(&mut self, arrow: &ArrowExpr) {
        if let ArrowFunctionBody::Expr(value) = &*arrow.body {
            self.handed_out(value);
        }
        arrow.visit_children_with(self);
    }

    fn visit_key_value_prop(&mut self, pair: &KeyValueProp) {
        self.constant(&pair.value);
        self.handed_out(&pair.value);
        pair.visit_children_with(self);
    }

    fn visit_return_stmt(&mut self, statement: &ReturnStmt) {
        if let Some(value) = &statement.arg {
            self.constant(value);
            self.handed_out(value);
        }
        statement.visit_children_with(self);
    }

    fn visit_export_default_expr(&mut self, export: &ExportDefaultExpr) {
        self.constant(&export.expr);
        export.visit_children_with(self);
    }

    fn visit_class_prop(&mut self, property: &ClassProp) {
        if let Some(value) = &property.value {
            self.constant(value);
        }
        property.visit_children_with(self);
    }

    fn visit_try_stmt(&mut self, statement: &TryStmt) {
        let guard = usize::from(statement.handler.is_some());
        self.guards += guard;
        statement.block.visit_with(self);
        self.guards -= guard;
        statement.handler.visit_with(self);
        statement.finalizer.visit_with(self);
    }
}

/// `path.join(__dirname, 'x')` and its like.
fn makes_path(origin: &Origin) -> bool {
    match origin.module.as_str() {
        "path" | "path/posix" => matches!(origin.name.trim_start_matches("posix."), "join" | "resolve"),
        "url" => origin.name == "fileURLToPath",
        _ => false,
    }
}

/// `process.env.X`.
fn is_environment(target: &AssignTarget) -> bool {
    let AssignTarget::Simple(SimpleAssignTarget::Member(variable)) = target else { return false };
    matches!(strip(&variable.obj), Expr::Member(env) if env.prop.is_ident_with("env")
        && matches!(strip(&env.obj), Expr::Ident(process) if process.sym == "process"))
}

/// What a function whose origin is not known does with a folder, by its name: those that serve files load none of them as code.
fn reach_of(callee: &Expr) -> Reach {
    let name = match strip(callee) {
        Expr::Ident(name) => name.sym.to_string(),
        Expr::Member(member) => member.prop.as_ident().map(|i| i.sym.to_string()).unwrap_or_default(),
        _ => String::new(),
    };
    let name = name.to_ascii_lowercase();
    let serves = ["static", "serve", "sirv", "send", "set", "views", "render", "download", "favicon"];
    if serves.iter().any(|word| name.contains(word)) { Reach::Folder } else { Reach::Code }
}

fn has_true_option(argument: Option<&ExprOrSpread>, name: &str) -> bool {
    let Some(Expr::Object(object)) = argument.map(|a| strip(&a.expr)) else { return false };
    object.props.iter().any(|property| match property {
        PropOrSpread::Prop(property) => match &**property {
            Prop::KeyValue(pair) => {
                property_name(&pair.key).as_deref() == Some(name)
                    && matches!(strip(&pair.value), Expr::Lit(Lit::Bool(b)) if b.value)
            }
            _ => false,
        },
        PropOrSpread::Spread(_) => false,
    })
}
