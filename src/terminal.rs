//! Whether anybody is watching, and in colour.

use std::io::{IsTerminal, Write};

/// Whether text for stderr may be coloured: on a terminal, unless NO_COLOR says otherwise.
pub fn is_styled() -> bool {
    let forbidden = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|t| t == "dumb");
    std::io::stderr().is_terminal() && !forbidden && !dumb
}

/// Whether stderr is a terminal.
pub fn is_interactive() -> bool {
    std::io::stderr().is_terminal()
}

/// Prints to stderr; a closed pipe is no reason to fail.
pub fn tell(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Prints to stdout; a closed pipe is no reason to fail.
pub fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
