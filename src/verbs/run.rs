//! `pack run`: bundle and become the program, so that its status, signals and terminal are its own.
//!
//! The runtime is unpacked once, into the user's cache, and the program is put beside it; one that did not change is started from there. Where there is no cache the whole executable is
//! made in memory.

use crate::spinner::Spinner;
use crate::verbs::build::{options, show};
use crate::verbs::node::{become_file, become_program};
use crate::{Status, cache, cli, report, stub, terminal};
use packager::diagnostics::{Diagnostic, Severity};
use packager::disk::Seen;
use packager::{BuildOptions, CodeCache, Flavour, Stub};
use std::cell::RefCell;
use std::path::Path;

pub fn run(arguments: &cli::Run) -> Status {
    let mut options = options(&arguments.project, &arguments.entry);
    // Compiled once here or once at build time: it runs once.
    options.code_cache = CodeCache::None;
    if let Some((runtime, app)) = cache::earlier_run(&options) {
        start(&runtime, &app, arguments);
    }
    let spinner = Spinner::new(false);
    match cached(&options, arguments, &spinner) {
        Ok(_) => {}
        Err(found) => return failed(&found),
    }
    // No cache, or one on a file system where nothing may be run.
    let bundled = packager::bundle(&options, &stub::load, &spinner);
    spinner.finish();
    let (built, stub) = match bundled {
        Ok(bundled) => bundled,
        Err(error) => return failed(&[error]),
    };
    let Some(payload) = built.bytes else { return failed(&built.diagnostics) };
    let executable = match packager::executable(&stub, &payload) {
        Ok(executable) => executable,
        Err(error) => return failed(&[error]),
    };
    let error = become_program(&executable, &built.project.name, &arguments.arguments);
    terminal::tell(&format!("pack: {error}\n"));
    Status::Failure
}

/// Becomes the program on the cache's runtime. Returns only where there is none, or the program cannot be built.
fn cached(options: &BuildOptions, arguments: &cli::Run, spinner: &Spinner) -> Result<(), Vec<Diagnostic>> {
    let runtime = RefCell::new(None);
    // Nothing of the runtime goes into the program's payload: it has a file of its own.
    let stubs = |flavour: Flavour| {
        *runtime.borrow_mut() = cache::runtime(flavour);
        if runtime.borrow().is_some() { Ok(Stub::default()) } else { Err("no cache".to_owned()) }
    };
    let watch = Seen::start();
    let bundled = packager::bundle(options, &stubs, spinner);
    let seen = watch.finish();
    let Some(runtime) = runtime.take() else { return bundled.map_or_else(|error| Err(vec![error]), |_| Ok(())) };
    let (built, _) = bundled.map_err(|error| vec![error])?;
    let payload = built.bytes.ok_or(built.diagnostics)?;
    // The program's stderr is its own: warnings would be taken for its output.
    spinner.finish();
    if let Some(app) = cache::app(&runtime, &built.project.name, &payload) {
        if let Some(seen) = seen {
            cache::remember_run(options, &runtime, &app, &seen);
        }
        start(&runtime, &app, arguments);
    }
    Ok(())
}

/// Becomes the app. Returns only where it cannot.
fn start(runtime: &Path, app: &Path, arguments: &cli::Run) {
    become_file(runtime, &[app.as_os_str(), "--attached".as_ref(), app.as_os_str()], &arguments.arguments);
}

fn failed(found: &[Diagnostic]) -> Status {
    let errors: Vec<Diagnostic> = found.iter().filter(|d| d.severity == Severity::Error).cloned().collect();
    show(&errors);
    terminal::tell(&format!("pack: the build failed: {}\n", report::counts(found)));
    Status::Failure
}
