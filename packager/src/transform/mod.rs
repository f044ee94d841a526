//! TypeScript and JSX to JavaScript. Owns: which files are touched and how; everything else is embedded as it was written. Does not own:
//! what the result asks for (`scan`).

use crate::diagnostics::Diagnostic;
use crate::scan::{Context, Format, SyntaxError, is_typescript};
use std::path::Path;

/// A module as JavaScript.
#[derive(Debug, Default)]
pub struct Lowered {
    /// `None`: the text is JavaScript already.
    pub code: Option<String>,
    /// `None`: every position is the same in both.
    pub source_map: Option<String>,
    /// Set where making JavaScript of it decided the format.
    pub format: Option<Format>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Lowered {
    /// The offset in `text` of what is at `offset` in `code`.
    pub fn original_offset(&self, text: &str, code: &str, offset: usize) -> Option<usize> {
        if self.code.is_none() || self.source_map.is_none() {
            // Erased types leave blanks of as many UTF-16 units.
            let units = code.get(..offset)?.encode_utf16().count();
            let mut seen = 0;
            for (at, c) in text.char_indices() {
                if seen >= units {
                    return Some(at);
                }
                seen += c.len_utf16();
            }
            return Some(text.len());
        }
        None
    }
}

/// Makes JavaScript of the module `text` of the file `path`.
pub fn to_javascript(
    _context: &Context,
    path: &Path,
    text: &str,
    _named: Option<Format>,
) -> Result<Lowered, SyntaxError> {
    if !is_typescript(path) {
        return Ok(Lowered::default());
    }
    let _ = text;
    Err(SyntaxError { message: "TypeScript is not supported yet".to_owned(), start: 0, end: 0 })
}
