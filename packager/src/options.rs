//! What a build is asked to do.

use crate::cache::Cache;
use std::path::PathBuf;

/// How much of the program is compiled when it is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CodeCache {
    /// Nothing.
    None,
    /// What a module runs first; functions in it when they are first called.
    #[default]
    Lazy,
    /// Every function.
    Eager,
}

/// How much of ICU's data is embedded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Intl {
    /// What the program can reach.
    #[default]
    Auto,
    /// English, the root and time zones, which are always in.
    None,
    /// All of it.
    Full,
    /// These locales besides.
    Locales(Vec<String>),
}

/// The input of [`crate::build`].
#[derive(Clone, Debug, Default)]
pub struct BuildOptions {
    /// Absolute path of the entry file, or of a folder whose package.json names it.
    pub entry: PathBuf,
    /// Globs, relative to the folder of package.json, of files to embed as they are.
    pub include: Vec<String>,
    /// Package names whose requests are left to the disk at run time.
    pub external: Vec<String>,
    /// Expressions (`process.env.NODE_ENV`, `VERSION`) and the JavaScript that replaces them.
    pub define: Vec<(String, String)>,
    /// Names of conditions of `exports` besides Node's own.
    pub conditions: Vec<String>,
    /// Options of `node` that the program starts with (`--max-old-space-size=4096`).
    pub exec_argv: Vec<String>,
    /// Trust at run time the certificates of the file that `NODE_EXTRA_CA_CERTS` names.
    pub extra_certificates: bool,
    /// Take the runtime with a dynamic loader also where no native addon asks for it.
    pub dynamic: bool,
    /// How much of ICU's data is embedded.
    pub intl: Intl,
    /// How much of the program is compiled when it is built.
    pub code_cache: CodeCache,
    /// Commands ("app --help") that the program is run with while it is built: what they use is compiled.
    pub warmup: Vec<String>,
    /// Evaluate modules when the program is built and put the heap into the executable: these, by absolute
    /// path or as the entry would ask for them; the entry itself where none are named. `None` evaluates nothing.
    pub snapshot: Option<Vec<String>>,
    /// Make JavaScript smaller: whitespace, local names, dead code.
    pub minify: bool,
    /// Embed source maps of code that needed none to run: those of `--minify` and `--define`.
    pub sourcemap: bool,
    /// Leave the text of JavaScript out: it is compiled whole.
    pub no_source: bool,
    /// Pack every embedded file by itself; it is unpacked in memory when the program first touches it.
    pub compress: bool,
    /// Results of earlier builds.
    pub cache: Cache,
    /// Where the executable goes: never embedded itself.
    pub output: Option<PathBuf>,
    /// Threads that read and parse; 0 is one per core.
    pub jobs: usize,
}
