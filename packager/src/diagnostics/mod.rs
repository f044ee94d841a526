//! What the stages have to say to the user. Owns: the type of one diagnostic, the places it points at, their order, and the two forms in
//! which they are shown (`text`, `json`). A stage collects diagnostics and goes on; whoever drives the stages prints them once.
//! Does not own: where they are printed, or the exit status.

mod json;
mod place;
mod text;

pub use json::to_json;
pub use place::Place;
pub use text::render;

/// How bad it is. An error means that no executable is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

/// One message, with the places in the sources that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// A short stable name such as `unresolved-import`: for scripts and for searching.
    pub code: &'static str,
    /// One sentence without a full stop; names the thing at fault first.
    pub message: String,
    /// Where. The first place is shown with its source line; the others after it.
    pub places: Vec<Place>,
    /// What the user can do about it.
    pub hint: Option<String>,
    /// The places are not the user's own: no source lines.
    pub brief: bool,
}

impl Diagnostic {
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, message: message.into(), places: Vec::new(), hint: None, brief: false }
    }

    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    pub fn at(mut self, place: Place) -> Self {
        self.places.push(place);
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Sorts by severity, then file, line, column, code and text, and drops repetitions, so that the order never depends on thread timing.
pub fn sort(diagnostics: &mut Vec<Diagnostic>) {
    for diagnostic in diagnostics.iter_mut() {
        diagnostic.places.sort();
        diagnostic.places.dedup();
    }
    diagnostics
        .sort_by(|a, b| (a.severity, &a.places, a.code, &a.message).cmp(&(b.severity, &b.places, b.code, &b.message)));
    diagnostics.dedup();
}

pub fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|d| d.severity == Severity::Error)
}
