//! The progress line of a build.

use crate::terminal;
use indicatif::{ProgressBar, ProgressStyle};
use packager::Progress;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// One line that tells the stage and counts modules; shows nothing where stderr is no terminal.
pub struct Spinner {
    bar: ProgressBar,
    modules: AtomicU64,
}

impl Spinner {
    pub fn new(quiet: bool) -> Self {
        let bar = if quiet || !terminal::is_interactive() { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(80));
        Self { bar, modules: AtomicU64::new(0) }
    }

    /// Takes the line away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Spinner {
    fn stage(&self, name: &str) {
        self.bar.set_prefix(name.to_owned());
        self.bar.set_message("");
    }

    fn module(&self, _: &Path) {
        let count = self.modules.fetch_add(1, Ordering::Relaxed) + 1;
        if count.is_multiple_of(16) {
            self.bar.set_message(format!("{count} modules"));
        }
    }
}
