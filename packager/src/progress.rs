//! What a build tells while it runs. Whoever drives it decides whether anybody sees it.

use std::path::Path;

/// Called from any thread.
pub trait Progress: Sync {
    /// A stage begins: "scan", "generate", "write".
    fn stage(&self, name: &str);
    /// A module was loaded.
    fn module(&self, path: &Path);
}

/// Nobody is watching.
pub struct Silent;

impl Progress for Silent {
    fn stage(&self, _: &str) {}
    fn module(&self, _: &Path) {}
}
