//! Erases types by blanks. Before that, imports that are only used as types are blanked: Node wants `import type` for them, TypeScript's
//! compiler does not.

use super::CompilerOptions;
use crate::scan::{SyntaxError, range};
use std::collections::HashSet;
use swc_core::common::errors::{HANDLER, Handler};
use swc_core::common::sync::Lrc;
use swc_core::common::{GLOBALS, Globals, Mark, SourceMap, Spanned};
use swc_core::ecma::ast::*;
use swc_core::ecma::transforms::base::resolver;
use swc_core::ecma::visit::{Visit, VisitMutWith, VisitWith};

/// JavaScript with every token of `text` that stays at its place.
pub fn erase(text: &str, program: &Program, options: &CompilerOptions) -> Result<String, SyntaxError> {
    let blanked = blank_unused(text, program, options);
    let map: Lrc<SourceMap> = Lrc::default();
    let handler = Handler::with_emitter_writer(Box::new(std::io::sink()), Some(map.clone()));
    let config = swc_ts_fast_strip::Options {
        module: Some(matches!(program, Program::Module(_))),
        ..swc_ts_fast_strip::Options::default()
    };
    let config = swc_ts_fast_strip::Options { parser: typescript(), ..config };
    let stripped = GLOBALS
        .set(&Globals::new(), || HANDLER.set(&handler, || swc_ts_fast_strip::operate(&map, &handler, blanked, config)));
    stripped.map(|output| output.code).map_err(|error| SyntaxError { message: error.message, start: 0, end: 0 })
}

fn typescript() -> swc_core::ecma::parser::TsSyntax {
    swc_core::ecma::parser::TsSyntax { decorators: true, ..Default::default() }
}

/// A range that becomes blanks; the first character a semicolon where a whole statement goes, so that no two others join.
struct Blank {
    start: usize,
    end: usize,
    statement: bool,
}

fn blank_unused(text: &str, program: &Program, options: &CompilerOptions) -> String {
    let Program::Module(module) = program else { return text.to_owned() };
    let named = |item: &ModuleItem| match item {
        ModuleItem::ModuleDecl(ModuleDecl::Import(import)) => !import.type_only && !import.specifiers.is_empty(),
        ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)) => !export.type_only && export.src.is_none(),
        ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultExpr(export)) => export.expr.is_ident(),
        _ => false,
    };
    if !module.body.iter().any(named) {
        return text.to_owned();
    }
    let mut program = program.clone();
    let mut uses = Uses::default();
    GLOBALS.set(&Globals::new(), || {
        program.visit_mut_with(&mut resolver(Mark::new(), Mark::new(), true));
        program.visit_with(&mut uses);
    });
    let Program::Module(module) = &program else { return text.to_owned() };
    let mut blanks = Vec::new();
    for item in &module.body {
        match item {
            ModuleItem::ModuleDecl(ModuleDecl::Import(import)) if !import.type_only => {
                unused_specifiers(text, import, &uses, options, &mut blanks);
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportNamed(export)) if !export.type_only && export.src.is_none() => {
                let dropped: Vec<bool> = export
                    .specifiers
                    .iter()
                    .map(|s| match s {
                        ExportSpecifier::Named(ExportNamedSpecifier {
                            orig: ModuleExportName::Ident(name),
                            is_type_only: false,
                            ..
                        }) => uses.is_type(&name.to_id()),
                        _ => false,
                    })
                    .collect();
                let spans: Vec<_> = export.specifiers.iter().map(|s| range(s.span())).collect();
                blank_list(text, &spans, &dropped, &mut blanks);
            }
            ModuleItem::ModuleDecl(ModuleDecl::ExportDefaultExpr(export)) => {
                if let Expr::Ident(name) = &*export.expr
                    && uses.is_type(&name.to_id())
                {
                    let (start, end) = range(export.span);
                    blanks.push(Blank { start, end, statement: true });
                }
            }
            _ => {}
        }
    }
    apply(text, &blanks)
}

fn unused_specifiers(text: &str, import: &ImportDecl, uses: &Uses, options: &CompilerOptions, blanks: &mut Vec<Blank>) {
    let dropped: Vec<bool> = import
        .specifiers
        .iter()
        .map(|specifier| match specifier {
            ImportSpecifier::Named(named) if named.is_type_only => true,
            other => !uses.values.contains(&other.local().to_id()),
        })
        .collect();
    if !dropped.contains(&true) {
        return;
    }
    let (start, end) = range(import.span);
    if dropped.iter().all(|d| *d) && options.drop_unused_imports {
        return blanks.push(Blank { start, end, statement: true });
    }
    // Names written with `type` are erased later; those that are not used as values go here, if only to not be looked for.
    let default = import.specifiers.first().filter(|s| s.is_default());
    let rest = usize::from(default.is_some());
    if let Some(first) = default
        && dropped[0]
        && import.specifiers.len() > 1
    {
        let (start, end) = range(first.span());
        let comma = text[end..].find(',').map_or(end, |at| end + at + 1);
        blanks.push(Blank { start, end: comma, statement: false });
    }
    let spans: Vec<_> = import.specifiers[rest..].iter().map(|s| range(s.span())).collect();
    let named: Vec<bool> =
        import.specifiers[rest..].iter().zip(&dropped[rest..]).map(|(s, d)| *d && s.is_named()).collect();
    blank_list(text, &spans, &named, blanks);
}

/// Blanks members of a list in braces, each with the comma after it.
fn blank_list(text: &str, spans: &[(usize, usize)], dropped: &[bool], blanks: &mut Vec<Blank>) {
    for (index, (start, end)) in spans.iter().copied().enumerate() {
        if !dropped[index] {
            continue;
        }
        let end = match spans.get(index + 1) {
            Some((next, _)) => *next,
            None => comma_after(text, end),
        };
        blanks.push(Blank { start, end, statement: false });
    }
}

/// Past a comma that follows, comments in between.
fn comma_after(text: &str, end: usize) -> usize {
    let mut at = end;
    loop {
        let rest = &text[at..];
        let space = rest.len() - rest.trim_start().len();
        at += space;
        let rest = &text[at..];
        if rest.starts_with(',') {
            return at + 1;
        }
        at += match (rest.starts_with("//"), rest.starts_with("/*")) {
            (true, _) => rest.find('\n').unwrap_or(rest.len()),
            (_, true) => rest.find("*/").map_or(rest.len(), |close| close + 2),
            _ => return end,
        };
    }
}

/// Replaces every UTF-16 unit of the ranges but line ends by a space.
fn apply(text: &str, blanks: &[Blank]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for blank in blanks {
        out.push_str(&text[done..blank.start]);
        for (index, c) in text[blank.start..blank.end].chars().enumerate() {
            match c {
                '\n' | '\r' | '\u{2028}' | '\u{2029}' => out.push(c),
                _ if index == 0 && blank.statement => out.push(';'),
                _ => out.extend(std::iter::repeat_n(' ', c.len_utf16())),
            }
        }
        done = blank.end;
    }
    out.push_str(&text[done..]);
    out
}

/// Which names are used as values, and which are declared only as types.
#[derive(Default)]
struct Uses {
    values: HashSet<Id>,
    types: HashSet<Id>,
    declared: HashSet<Id>,
    imported: HashSet<Id>,
}

impl Uses {
    /// The name is declared here, and only as a type.
    fn is_type(&self, id: &Id) -> bool {
        self.types.contains(id) && !self.declared.contains(id) && !self.imported.contains(id)
    }
}

impl Visit for Uses {
    fn visit_ident(&mut self, name: &Ident) {
        self.values.insert(name.to_id());
    }

    fn visit_import_decl(&mut self, import: &ImportDecl) {
        self.imported.extend(import.specifiers.iter().map(|s| s.local().to_id()));
    }

    fn visit_named_export(&mut self, export: &NamedExport) {
        if export.type_only || export.src.is_some() {
            return;
        }
        for specifier in &export.specifiers {
            if let ExportSpecifier::Named(named) = specifier
                && let (false, ModuleExportName::Ident(name)) = (named.is_type_only, &named.orig)
            {
                self.values.insert(name.to_id());
            }
        }
    }

    fn visit_fn_decl(&mut self, item: &FnDecl) {
        if !item.declare {
            self.declared.insert(item.ident.to_id());
            item.function.visit_with(self);
        }
    }

    fn visit_class_decl(&mut self, item: &ClassDecl) {
        if !item.declare {
            self.declared.insert(item.ident.to_id());
            item.class.visit_with(self);
        }
    }

    fn visit_var_decl(&mut self, item: &VarDecl) {
        if !item.declare {
            item.visit_children_with(self);
        }
    }

    fn visit_binding_ident(&mut self, item: &BindingIdent) {
        self.declared.insert(item.to_id());
    }

    fn visit_class_prop(&mut self, item: &ClassProp) {
        if !item.declare {
            item.visit_children_with(self);
        }
    }

    fn visit_ts_interface_decl(&mut self, item: &TsInterfaceDecl) {
        self.types.insert(item.id.to_id());
    }

    fn visit_ts_type_alias_decl(&mut self, item: &TsTypeAliasDecl) {
        self.types.insert(item.id.to_id());
    }

    fn visit_ts_module_decl(&mut self, _: &TsModuleDecl) {}
    fn visit_ts_enum_decl(&mut self, item: &TsEnumDecl) {
        self.declared.insert(item.id.to_id());
    }
    fn visit_ts_type(&mut self, _: &TsType) {}
    fn visit_ts_type_ann(&mut self, _: &TsTypeAnn) {}
    fn visit_ts_type_param_decl(&mut self, _: &TsTypeParamDecl) {}
    fn visit_ts_type_param_instantiation(&mut self, _: &TsTypeParamInstantiation) {}
    fn visit_ts_expr_with_type_args(&mut self, _: &TsExprWithTypeArgs) {}
}
