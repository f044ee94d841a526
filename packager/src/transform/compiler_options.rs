//! What of tsconfig.json changes the JavaScript that comes out.

use crate::disk;
use crate::scan::Context;
use oxc_resolver::TsConfig;
use std::path::Path;
use std::sync::Arc;

/// `jsx` of tsconfig.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Jsx {
    /// `React.createElement`, or what `jsxFactory` names.
    #[default]
    Classic,
    Automatic,
    Development,
}

/// The options, with TypeScript's defaults; without a tsconfig those under which Node runs TypeScript.
#[derive(Clone, Debug, Default)]
pub struct CompilerOptions {
    /// An import whose names are only used as types goes away altogether.
    pub drop_unused_imports: bool,
    pub legacy_decorators: bool,
    pub decorator_metadata: bool,
    /// Class fields are assigned in the constructor, not defined.
    pub assign_fields: bool,
    /// `module` is `commonjs`.
    pub commonjs: bool,
    pub jsx: Jsx,
    pub jsx_factory: Option<String>,
    pub jsx_fragment_factory: Option<String>,
    pub jsx_import_source: Option<String>,
}

impl CompilerOptions {
    /// The options of `file`. A tsconfig that cannot be read counts as none; resolution has said so.
    pub fn of(context: &Context, file: &Path) -> Self {
        let Some(tsconfig) = find(context, file) else { return Self::default() };
        let options = &tsconfig.compiler_options;
        let target = options.target.as_deref().map(str::to_ascii_lowercase);
        // Fields became part of the language in ES2022; older targets have TypeScript's own.
        let modern = target
            .as_deref()
            .is_none_or(|t| matches!(t, "esnext" | "es2022" | "es2023" | "es2024" | "es2025" | "es2026"));
        let module = options.module.as_deref().map(str::to_ascii_lowercase);
        let verbatim = options.verbatim_module_syntax == Some(true) || options.preserve_value_imports == Some(true);
        Self {
            drop_unused_imports: !verbatim,
            legacy_decorators: options.experimental_decorators == Some(true),
            decorator_metadata: options.emit_decorator_metadata == Some(true),
            assign_fields: !options.use_define_for_class_fields.unwrap_or(modern),
            commonjs: module.as_deref() == Some("commonjs"),
            jsx: match options.jsx.as_deref() {
                Some("react-jsx") => Jsx::Automatic,
                Some("react-jsxdev") => Jsx::Development,
                None if options.jsx_import_source.is_some() => Jsx::Automatic,
                _ => Jsx::Classic,
            },
            jsx_factory: options.jsx_factory.clone(),
            jsx_fragment_factory: options.jsx_fragment_factory.clone(),
            jsx_import_source: options.jsx_import_source.clone(),
        }
    }
}

/// The tsconfig that covers the file, or else the nearest one: files of tests and scripts are often left out of `include`.
fn find(context: &Context, file: &Path) -> Option<Arc<TsConfig>> {
    if let Ok(Some(found)) = context.resolver.tsconfig(file) {
        return Some(found);
    }
    if !context.project.is_own(file) {
        return None;
    }
    let nearest = file.ancestors().skip(1).map(|a| a.join("tsconfig.json")).find(|p| disk::is_file(p))?;
    context.resolver.read_tsconfig(&nearest)
}
