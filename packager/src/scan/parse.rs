//! Text to syntax tree. Owns: which grammar a file is parsed by. Does not own: what the tree means.

use super::format::Format;
use std::path::Path;
use swc_core::common::{BytePos, Span, Spanned};
use swc_core::ecma::ast::{EsVersion, Program};
use swc_core::ecma::parser::{EsSyntax, Parser, StringInput, Syntax, TsSyntax, lexer::Lexer};

/// Positions in trees are byte offsets plus this: swc keeps 0 for "nowhere".
pub const BASE: u32 = 1;

/// The byte range of a span.
pub fn range(span: Span) -> (usize, usize) {
    (span.lo.0.saturating_sub(BASE) as usize, span.hi.0.saturating_sub(BASE) as usize)
}

/// Why a text is not JavaScript.
#[derive(Clone, Debug)]
pub struct SyntaxError {
    pub message: String,
    pub start: usize,
    pub end: usize,
}

/// A syntax tree, and what the parser could recover from.
pub struct Parsed {
    pub program: Program,
    pub complaints: Vec<SyntaxError>,
}

/// The grammar that the file's name asks for.
pub fn syntax_of(path: &Path) -> Syntax {
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
    match extension {
        "ts" | "mts" | "cts" | "tsx" => {
            Syntax::Typescript(TsSyntax { tsx: extension == "tsx", decorators: true, ..TsSyntax::default() })
        }
        _ => javascript(extension == "jsx"),
    }
}

/// Plain JavaScript.
pub fn javascript(jsx: bool) -> Syntax {
    Syntax::Es(EsSyntax {
        jsx,
        import_attributes: true,
        explicit_resource_management: true,
        allow_return_outside_function: true,
        ..EsSyntax::default()
    })
}

/// Parses `source`; `format` is `None` when only the syntax can tell (then `Program::Module` means ESM).
pub fn parse(source: &str, syntax: Syntax, format: Option<Format>) -> Result<Parsed, SyntaxError> {
    let input = StringInput::new(source, BytePos(BASE), BytePos(BASE + source.len() as u32));
    let lexer = Lexer::new(syntax, EsVersion::latest(), input, None);
    let mut parser = Parser::new_from(lexer);
    let program = match format {
        Some(Format::Esm) => parser.parse_module().map(Program::Module),
        // `import` and `export` in TypeScript that becomes CommonJS are lowered later.
        Some(Format::CommonJs) if syntax.typescript() => parser.parse_program(),
        Some(_) => parser.parse_commonjs().map(Program::Script),
        None => parser.parse_program(),
    };
    let error = |e: swc_core::ecma::parser::error::Error| {
        let (start, end) = range(e.span());
        SyntaxError { message: e.kind().msg().into_owned(), start, end }
    };
    let program = program.map_err(error)?;
    Ok(Parsed { program, complaints: parser.take_errors().into_iter().map(error).collect() })
}
