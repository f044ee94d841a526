//! `--minify`: smaller, and the same to whoever looks. Owns: what is rewritten, and that names stay (`names`).
//!
//! White space, comments and names of variables go. Names of functions, classes and private members stay, and so does every call, or
//! traces would lack frames. swc's compressor is not used: it moves functions, aliases and calls globals that a program may have
//! replaced, makes `Error()` of `new Error()`, and of `switch (3) { default: a(); case 2: b() }` only `a()`.

use super::names::Names;
use swc_core::common::comments::SingleThreadedComments;
use swc_core::common::sync::Lrc;
use swc_core::common::{Mark, SourceMap};
use swc_core::ecma::ast::Program;
use swc_core::ecma::minifier::optimize;
use swc_core::ecma::minifier::option::{ExtraOptions, MangleOptions, MinifyOptions};
use swc_core::ecma::transforms::base::{hygiene::hygiene, resolver};

/// Renames what nobody can see.
pub fn minify(
    mut program: Program,
    map: &Lrc<SourceMap>,
    comments: &SingleThreadedComments,
    commonjs: bool,
) -> Program {
    // Lowering has made variables that differ from the program's only by their scope: after this, by name.
    program.mutate(hygiene());
    let (unresolved, top_level) = (Mark::new(), Mark::new());
    program.mutate(resolver(unresolved, top_level, false));
    let names = Names::of(&program);
    let mangle = MangleOptions {
        keep_class_names: true,
        keep_fn_names: true,
        keep_private_props: true,
        top_level: Some(!commonjs),
        reserved: names.bindings(),
        ..MangleOptions::default()
    };
    let options = MinifyOptions { mangle: Some(mangle), ..MinifyOptions::default() };
    let extra = ExtraOptions { unresolved_mark: unresolved, top_level_mark: top_level, mangle_name_cache: None };
    let mut program = optimize(program, map.clone(), Some(comments), None, &options, &extra);
    names.restore(&mut program);
    program
}
