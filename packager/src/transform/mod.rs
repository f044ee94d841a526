//! TypeScript and JSX to JavaScript, `--define`, `--minify`. `to_javascript` is where the stage starts. Owns: which files are touched and
//! how; everything else is embedded as it was written. Does not own: what the result asks for (`scan`).
//!
//! A file is changed as little as possible: types are replaced by blanks, so that every position stays; only syntax with code of its own
//! (enums, decorators, JSX, CommonJS made of `import`) is printed anew, with a source map.

mod commonjs;
mod compiler_options;
mod dead;
mod define;
mod fields;
mod lower;
mod minify;
mod names;
mod namespaces;
mod needs;
mod places;
mod positions;
mod unused;

use compiler_options::CompilerOptions;
use positions::Positions;

use crate::diagnostics::Diagnostic;
use crate::scan::{Context, Format, SyntaxError, is_typescript, parse, syntax_of};
use needs::Needs;
use std::path::Path;
use swc_core::ecma::ast::Program;

/// A module as JavaScript.
#[derive(Debug, Default)]
pub struct Lowered {
    /// `None`: the text is JavaScript already.
    pub code: Option<String>,
    /// `None`: every position is the same in both.
    pub source_map: Option<String>,
    /// Finds the way back; without it types were replaced by blanks.
    positions: Option<Positions>,
    /// Set where making JavaScript of it decided the format.
    pub format: Option<Format>,
}

impl Lowered {
    /// The offset in `text` of what is at `offset` in `code`.
    pub fn original_offset(&self, text: &str, code: &str, offset: usize) -> Option<usize> {
        match (&self.code, &self.positions) {
            (None, _) => Some(offset),
            (Some(_), None) => Positions::blanked(text, code, offset),
            (Some(_), Some(positions)) => positions.original(code, offset),
        }
    }
}

/// What is wrong with `--define`, if anything.
pub fn check_defines(defines: &[(String, String)]) -> Vec<Diagnostic> {
    let wrong = defines.iter().filter_map(|(name, value)| define::read(name, value).err());
    wrong.map(|error| Diagnostic::error("define", format!("--define: {error}"))).collect()
}

/// Makes JavaScript of the module `text` of the file `path`; `named` is what name and package say of its format.
pub fn to_javascript(
    context: &Context,
    path: &Path,
    text: &str,
    named: Option<Format>,
) -> Result<Lowered, SyntaxError> {
    let typescript = is_typescript(path);
    let jsx = path.extension().is_some_and(|e| e == "jsx" || e == "tsx");
    let defines = define::applicable(&context.options.define, text);
    let minify = context.options.minify;
    if !typescript && !jsx && defines.is_empty() && !minify {
        return Ok(Lowered::default());
    }
    let program = parse(text, syntax_of(path), named)?.program;
    let options = if typescript || jsx { CompilerOptions::of(context, path) } else { CompilerOptions::default() };
    let needs = Needs::of(&program, &options);
    let format = named.unwrap_or_else(|| crate::scan::by_syntax(&program));
    let format = if typescript { typescript_format(named, format, &program, &needs, &options) } else { format };
    let to_commonjs = format == Format::CommonJs && needs.module_items;

    let plain = !jsx && !needs.lowering && !to_commonjs && defines.is_empty() && !minify;
    if plain && typescript {
        let code = unused::erase(text, &program, &options)?;
        return Ok(Lowered { code: Some(code), format: Some(format), ..Lowered::default() });
    }
    let job = lower::Job {
        path,
        text,
        typescript,
        jsx,
        options: &options,
        to_commonjs,
        commonjs: format == Format::CommonJs,
        defines: &defines,
        minify,
    };
    let printed = job.run()?;
    // A map of code that was only made smaller is wanted on request alone.
    let keep_map = !minify || context.options.sourcemap || typescript || jsx;
    let source_map = keep_map.then_some(printed.source_map);
    Ok(Lowered { code: Some(printed.code), source_map, positions: Some(printed.positions), format: Some(format) })
}

/// TypeScript's compiler makes CommonJS of `import` where tsconfig says so, or where the package is CommonJS; Node makes an ES module of
/// what nothing else decides. A file that uses CommonJS's variables can only mean the former.
fn typescript_format(
    named: Option<Format>,
    format: Format,
    program: &Program,
    needs: &Needs,
    options: &CompilerOptions,
) -> Format {
    if needs.export_assignment {
        return Format::CommonJs;
    }
    if named.is_some() || !matches!(program, Program::Module(_)) || needs.only_esm {
        return format;
    }
    if options.commonjs || needs.commonjs_variables { Format::CommonJs } else { format }
}
