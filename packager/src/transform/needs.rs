//! What in a file cannot be had by erasing types.

use super::CompilerOptions;
use swc_core::ecma::ast::*;
use swc_core::ecma::visit::{Visit, VisitWith, noop_visit_type};

/// What was found.
#[derive(Debug, Default)]
pub struct Needs {
    /// Syntax that is not JavaScript and not only types: enums, namespaces, parameter properties, decorators, `accessor`, `import =`.
    pub lowering: bool,
    /// `import` or `export` statements that are there at run time.
    pub module_items: bool,
    /// `export =`: only CommonJS has it.
    pub export_assignment: bool,
    /// `import.meta` or `await` at the top level: only ES modules have them.
    pub only_esm: bool,
    /// `require`, `module`, `exports`, `__dirname` or `__filename` are used, and not declared here.
    pub commonjs_variables: bool,
    assign_fields: bool,
    functions: usize,
    declared: Vec<String>,
    used: Vec<String>,
}

const COMMONJS: [&str; 5] = ["require", "module", "exports", "__dirname", "__filename"];

impl Needs {
    pub fn of(program: &Program, options: &CompilerOptions) -> Self {
        let mut needs = Self { assign_fields: options.assign_fields, ..Self::default() };
        program.visit_with(&mut needs);
        needs.commonjs_variables = needs.used.iter().any(|name| !needs.declared.contains(name));
        needs
    }

    fn function(&mut self, visit: impl FnOnce(&mut Self)) {
        self.functions += 1;
        visit(self);
        self.functions -= 1;
    }
}

impl Visit for Needs {
    noop_visit_type!();

    fn visit_module_decl(&mut self, item: &ModuleDecl) {
        match item {
            ModuleDecl::TsImportEquals(import) => {
                self.lowering |= !import.is_type_only;
            }
            ModuleDecl::TsExportAssignment(_) => {
                self.lowering = true;
                self.export_assignment = true;
            }
            ModuleDecl::Import(import) if import.type_only => return,
            ModuleDecl::ExportNamed(export) if export.type_only => return,
            ModuleDecl::TsNamespaceExport(_) => return,
            _ => self.module_items = true,
        }
        item.visit_children_with(self);
    }

    fn visit_ts_enum_decl(&mut self, item: &TsEnumDecl) {
        self.lowering |= !item.declare;
        if !item.declare {
            item.visit_children_with(self);
        }
    }

    fn visit_ts_module_decl(&mut self, item: &TsModuleDecl) {
        // A namespace of types alone is erased too, but telling it apart is the compiler's business.
        self.lowering |= !item.declare && !item.global && !matches!(item.id, TsModuleName::Str(_));
    }

    fn visit_ts_param_prop(&mut self, item: &TsParamProp) {
        self.lowering = true;
        item.visit_children_with(self);
    }

    fn visit_ts_import_equals_decl(&mut self, item: &TsImportEqualsDecl) {
        self.lowering |= !item.is_type_only;
    }

    fn visit_decorator(&mut self, item: &Decorator) {
        self.lowering = true;
        item.visit_children_with(self);
    }

    fn visit_auto_accessor(&mut self, item: &AutoAccessor) {
        self.lowering = true;
        item.visit_children_with(self);
    }

    fn visit_class_prop(&mut self, item: &ClassProp) {
        if item.declare || item.is_abstract {
            return;
        }
        self.lowering |= self.assign_fields;
        self.function(|needs| item.visit_children_with(needs));
    }

    fn visit_meta_prop_expr(&mut self, item: &MetaPropExpr) {
        self.only_esm |= item.kind == MetaPropKind::ImportMeta;
    }

    fn visit_await_expr(&mut self, item: &AwaitExpr) {
        self.only_esm |= self.functions == 0;
        item.visit_children_with(self);
    }

    fn visit_for_of_stmt(&mut self, item: &ForOfStmt) {
        self.only_esm |= item.is_await && self.functions == 0;
        item.visit_children_with(self);
    }

    fn visit_using_decl(&mut self, item: &UsingDecl) {
        self.only_esm |= item.is_await && self.functions == 0;
        item.visit_children_with(self);
    }

    fn visit_function(&mut self, item: &Function) {
        self.function(|needs| item.visit_children_with(needs));
    }

    fn visit_arrow_expr(&mut self, item: &ArrowExpr) {
        self.function(|needs| item.visit_children_with(needs));
    }

    fn visit_constructor(&mut self, item: &Constructor) {
        self.function(|needs| item.visit_children_with(needs));
    }

    fn visit_binding_ident(&mut self, item: &BindingIdent) {
        self.declared.extend(COMMONJS.iter().filter(|n| item.id.sym == **n).map(|n| (*n).to_owned()));
    }

    fn visit_import_specifier(&mut self, item: &ImportSpecifier) {
        self.declared.extend(COMMONJS.iter().filter(|n| item.local().sym == **n).map(|n| (*n).to_owned()));
    }

    fn visit_fn_decl(&mut self, item: &FnDecl) {
        self.declared.push(item.ident.sym.to_string());
        item.function.visit_with(self);
    }

    fn visit_ident(&mut self, item: &Ident) {
        self.used.extend(COMMONJS.iter().filter(|n| item.sym == **n).map(|n| (*n).to_owned()));
    }

    fn visit_unary_expr(&mut self, item: &UnaryExpr) {
        // `typeof require` asks whether it is there.
        if item.op != UnaryOp::TypeOf || !item.arg.is_ident() {
            item.visit_children_with(self);
        }
    }
}
