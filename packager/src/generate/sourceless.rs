//! `--no-source`: the text of the modules becomes white space. Owns: what stands for a text, and what cannot be built so. Does not own:
//! compiling everything (`train.rs` and the stub).
//!
//! V8 compares a cache with the length of its text only, and finds lines and columns by the line ends: both stay. Messages of errors
//! for which V8 reads the text (the expression in "x.y is not a function") and `toString` of functions lose what they are made of.

use super::{Generator, pack};
use crate::diagnostics::Diagnostic;
use crate::options::BuildOptions;
use crate::scan::Format;
use payload::{Builder, Content};

impl Generator<'_> {
    /// Replaces the texts in `builder`, whose modules are compiled.
    pub(super) fn leave_sources_out(
        &self,
        builder: &mut Builder,
        options: &BuildOptions,
    ) -> Result<Vec<Diagnostic>, payload::BuildError> {
        let mut diagnostics = Vec::new();
        for (path, module) in &self.scan.modules {
            let Some(name) = self.names.get(path) else { continue };
            if !matches!(module.format, Format::Esm | Format::CommonJs) {
                continue;
            }
            let shown = self.project.shown(path);
            let text = match (&module.code, std::str::from_utf8(&module.original)) {
                (Some(code), _) => Some(code.as_str()),
                (None, Ok(text)) => Some(text.trim_start_matches('\u{feff}')),
                (None, Err(_)) => None,
            };
            let Some(text) = text.filter(|_| builder.has_code_cache(name)) else {
                let message = format!("{shown} cannot be compiled, so its source cannot be left out");
                let hint = "leave the module out with --external, or build without --no-source";
                diagnostics.push(Diagnostic::error("no-source", message).hint(hint));
                continue;
            };
            if self.scan.assets.contains(path) && self.project.is_own(path) {
                let message = format!("the program may read {shown} as a file: it will find white space");
                diagnostics.push(Diagnostic::warning("no-source", message));
            }
            let blank = Content::bytes(blank(text));
            builder.leave_source_out(name, if options.compress { pack::packed(blank) } else { blank })?;
        }
        builder.manifest.extra.insert("no-source".into(), "1".into());
        Ok(diagnostics)
    }
}

/// As many UTF-16 units, and the same lines.
fn blank(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\r' | '\n' => out.push(c as u8),
            '\u{2028}' | '\u{2029}' => out.push(b'\n'),
            c => out.extend(std::iter::repeat_n(b' ', c.len_utf16())),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::blank;

    #[test]
    fn length_and_lines_stay() {
        let text = "let a = '\u{1f600}\u{e9}';\r\nb\u{2028}c\n";
        let blank = String::from_utf8(blank(text)).unwrap();
        assert_eq!(blank, format!("{}\r\n \n \n", " ".repeat(14)));
        assert_eq!(blank.len(), text.encode_utf16().count());
    }
}
