//! Diagnostics as JSON for scripts.

use super::{Diagnostic, Severity};
use serde_json::{Value, json};

/// An array of `{severity, code, message, places: [{file, line, column, text}], hint}`.
pub fn to_json(diagnostics: &[Diagnostic]) -> Value {
    diagnostics
        .iter()
        .map(|d| {
            json!({
                "severity": match d.severity { Severity::Error => "error", Severity::Warning => "warning" },
                "code": d.code,
                "message": d.message,
                "places": d.places.iter().map(|p| json!({
                    "file": p.file, "line": p.line, "column": p.column, "text": p.text,
                })).collect::<Vec<_>>(),
                "hint": d.hint,
            })
        })
        .collect()
}
