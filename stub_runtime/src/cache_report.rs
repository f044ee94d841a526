//! `--report-code-caches`: whether V8 took the code caches that it was given, told on stderr when the process ends.
//!
//! Every executable has it, as a child of itself: `./app --report-code-caches /proc/self/exe/app/main.js`. A cache that is refused costs
//! time and nothing else, so nobody would notice. Does not own: compiling with caches (`builtins.rs`, `bindings/contextify.rs`,
//! `bindings/module_wrap.rs`).

use std::sync::Mutex;
use v8::script_compiler::Source;

#[derive(Default)]
struct Report {
    taken: u32,
    refused: Vec<String>,
}

static REPORT: Mutex<Option<Report>> = Mutex::new(None);

/// Begins to count, where `options` ask for it.
pub fn begin(options: &crate::options::Options) {
    if options.flag("--report-code-caches") {
        *REPORT.lock().unwrap() = Some(Report::default());
        crate::exit::at_exit(tell);
    }
}

/// Notes what became of the cache in `source`, if it has one; `name` is the script's.
pub fn note(name: &str, source: &Source) {
    let Some(cache) = source.get_cached_data() else { return };
    if let Some(report) = REPORT.lock().unwrap().as_mut() {
        if cache.rejected() { report.refused.push(name.to_owned()) } else { report.taken += 1 }
    }
}

fn tell() {
    let Some(mut report) = REPORT.lock().unwrap().take() else { return };
    report.refused.sort();
    let names: String = report.refused.iter().map(|name| format!("  refused: {name}\n")).collect();
    crate::stdio::write_stderr(&format!(
        "code caches: {} taken, {} refused\n{names}",
        report.taken,
        report.refused.len()
    ));
}
