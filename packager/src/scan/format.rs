//! What a file is to the loader, by Node's rules: extension, then `type` of the nearest package.json, then syntax.

use super::packages::{PackageType, Packages};
use std::path::Path;
use swc_core::ecma::ast::{Decl, Pat, Program, Stmt, VarDeclKind};

/// How a file is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    Esm,
    CommonJs,
    Json,
    /// A native addon, `.node`.
    Addon,
    Wasm,
    /// Not a module: bytes that the program reads.
    Asset,
}

/// What name and package say; `None` where only the syntax can tell.
pub fn by_name(path: &Path, packages: &Packages) -> Option<Format> {
    let extension = path.extension().and_then(|e| e.to_str());
    match extension {
        Some("mjs" | "mts") => Some(Format::Esm),
        Some("cjs" | "cts") => Some(Format::CommonJs),
        Some("json") => Some(Format::Json),
        Some("node") => Some(Format::Addon),
        Some("wasm") => Some(Format::Wasm),
        Some("js" | "ts" | "tsx" | "jsx") | None => match packages.type_of(path) {
            PackageType::Module => Some(Format::Esm),
            PackageType::CommonJs => Some(Format::CommonJs),
            PackageType::Unsaid => None,
        },
        // `require('./x.txt')` runs it as CommonJS.
        Some(_) => Some(Format::CommonJs),
    }
}

/// Whether the file is code by its name, so that embedding a folder makes it a module and not only bytes.
pub fn is_code(path: &Path) -> bool {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
    let declarations = [".d.ts", ".d.mts", ".d.cts"].iter().any(|e| name.ends_with(e));
    !declarations
        && matches!(
            path.extension().and_then(|e| e.to_str()),
            Some("js" | "mjs" | "cjs" | "ts" | "mts" | "cts" | "tsx" | "jsx")
        )
}

/// What the syntax says of a file that nothing else decides.
pub fn by_syntax(program: &Program) -> Format {
    match program {
        Program::Module(_) => Format::Esm,
        Program::Script(script) => {
            // Node: names of the CommonJS wrapper declared again at the top level can only be an ES module.
            let again = script.body.iter().any(declares_wrapper_name);
            if again { Format::Esm } else { Format::CommonJs }
        }
    }
}

fn declares_wrapper_name(statement: &Stmt) -> bool {
    const NAMES: [&str; 5] = ["module", "exports", "require", "__filename", "__dirname"];
    match statement {
        Stmt::Decl(Decl::Var(var)) if var.kind != VarDeclKind::Var => var.decls.iter().any(|d| match &d.name {
            Pat::Ident(name) => NAMES.contains(&name.id.sym.as_str()),
            _ => false,
        }),
        Stmt::Decl(Decl::Class(class)) => NAMES.contains(&class.ident.sym.as_str()),
        _ => false,
    }
}
