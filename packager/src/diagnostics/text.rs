//! Diagnostics as text for people: the message, the source line with a caret, the hint.

use super::{Diagnostic, Place, Severity};
use codespan_reporting::diagnostic::{self as shown, Label};
use codespan_reporting::files::{Error, Files};
use codespan_reporting::term::{self, Config, DisplayStyle};
use std::fmt::Write as _;
use std::ops::Range;

/// More places than this are counted, not shown.
const MOST_PLACES: usize = 8;

/// The text of all `diagnostics`, in their order; `styled` adds ANSI colours.
pub fn render(diagnostics: &[Diagnostic], styled: bool) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        render_one(diagnostic, styled, &mut out);
    }
    out
}

fn render_one(diagnostic: &Diagnostic, styled: bool, out: &mut String) {
    let severity = match diagnostic.severity {
        Severity::Error => shown::Severity::Error,
        Severity::Warning => shown::Severity::Warning,
    };
    let has_line = |place: &&Place| !place.text.is_empty() && !diagnostic.brief;
    let with_line: Vec<Place> = diagnostic.places.iter().filter(has_line).take(MOST_PLACES).cloned().collect();
    let mut notes = Vec::new();
    for place in diagnostic.places.iter().filter(|p| !has_line(p)).take(MOST_PLACES) {
        notes.push(if place.text.is_empty() {
            format!("in {}", place.file)
        } else {
            format!("{}:{}:{}", place.file, place.line, place.column)
        });
    }
    if diagnostic.places.len() > MOST_PLACES {
        notes.push(format!("and {} more places; --json lists them all", diagnostic.places.len() - MOST_PLACES));
    }
    if let Some(hint) = &diagnostic.hint {
        notes.push(format!("hint: {hint}"));
    }
    let report = shown::Diagnostic::new(severity)
        .with_message(&diagnostic.message)
        .with_code(diagnostic.code)
        .with_labels(with_line.iter().enumerate().map(|(id, p)| Label::primary(id, p.start..p.end)).collect())
        .with_notes(notes);
    let lines = Lines(with_line);
    let config = Config { display_style: DisplayStyle::Rich, ..Config::default() };
    let written = if styled {
        let mut buffer = term::termcolor::Ansi::new(Vec::new());
        term::emit_to_write_style(&mut buffer, &config, &lines, &report)
            .map(|()| out.push_str(&String::from_utf8_lossy(&buffer.into_inner())))
    } else {
        let mut buffer = String::new();
        term::emit_to_string(&mut buffer, &config, &lines, &report).map(|()| out.push_str(&buffer))
    };
    if written.is_err() {
        // The message alone is better than nothing.
        let _ = writeln!(out, "{}", diagnostic.message);
    }
}

/// Presents each place as a file of one line that starts at its own line number.
struct Lines(Vec<Place>);

impl Lines {
    fn place(&self, id: usize) -> Result<&Place, Error> {
        self.0.get(id).ok_or(Error::FileMissing)
    }
}

impl<'a> Files<'a> for Lines {
    type FileId = usize;
    type Name = &'a str;
    type Source = &'a str;

    fn name(&'a self, id: usize) -> Result<&'a str, Error> {
        Ok(&self.place(id)?.file)
    }

    fn source(&'a self, id: usize) -> Result<&'a str, Error> {
        Ok(&self.place(id)?.text)
    }

    fn line_index(&'a self, _: usize, _: usize) -> Result<usize, Error> {
        Ok(0)
    }

    fn line_number(&'a self, id: usize, _: usize) -> Result<usize, Error> {
        Ok(self.place(id)?.line)
    }

    fn column_number(&'a self, id: usize, _: usize, _: usize) -> Result<usize, Error> {
        Ok(self.place(id)?.column)
    }

    fn line_range(&'a self, id: usize, _: usize) -> Result<Range<usize>, Error> {
        Ok(0..self.place(id)?.text.len())
    }
}
