//! V8's table of the scripts that it has compiled, by their text. To look for a script there V8 reads all of its text, for a hash, where
//! that is at most 16 KB: a program of very many small modules would read megabytes that its code caches stand for, to find nothing.
//!
//! Owns: the flag that turns the table off while such a program's ES modules are compiled, and that nobody compares a code cache
//! meanwhile. V8 takes a cache under the flags only that it was written with, and flags are the process's. Does not own: which programs
//! these are (`generate/mod.rs` of the packager), compiling.

use crate::app;
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Key of the manifest of a program whose ES modules are compiled, and their code caches written, without the table.
const KEY: &str = "no-script-table";

static FLAGS: RwLock<()> = RwLock::new(());

/// While it lives the table is not used. No JavaScript may run meanwhile.
pub struct Off(#[expect(dead_code, reason = "held")] RwLockWriteGuard<'static, ()>);

/// Turns the table off for ES modules, where this program is one of those.
pub fn off() -> Option<Off> {
    app::app().filter(|app| app.manifest().extra.contains_key(KEY))?;
    let held = FLAGS.write().unwrap_or_else(|poisoned| poisoned.into_inner());
    v8::V8::set_flags_from_string("--no-compilation-cache");
    Some(Off(held))
}

impl Drop for Off {
    fn drop(&mut self) {
        v8::V8::set_flags_from_string("--compilation-cache");
    }
}

/// While it lives no thread has the flag changed: for whoever writes or reads a code cache of anything but embedded ES modules.
pub fn unchanged() -> RwLockReadGuard<'static, ()> {
    FLAGS.read().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// As [`unchanged`], around `write`.
pub fn with_flags<T>(write: impl FnOnce() -> T) -> T {
    let _flags = unchanged();
    write()
}
