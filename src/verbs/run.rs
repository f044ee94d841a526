//! `pack run`: build in memory and become the program, so that its status, signals and terminal are its own.

use crate::spinner::Spinner;
use crate::verbs::build::{options, show};
use crate::verbs::node::become_program;
use crate::{Status, cli, report, stub, terminal};
use packager::CodeCache;
use packager::diagnostics::{Diagnostic, Severity};

pub fn run(arguments: &cli::Run) -> Status {
    let mut options = options(&arguments.project, &arguments.entry);
    // Compiled once here or once at build time: it runs once.
    options.code_cache = CodeCache::None;
    let spinner = Spinner::new(false);
    let built = packager::build(&options, &stub::load, &spinner);
    spinner.finish();
    let built = match built {
        Ok(built) => built,
        Err(error) => return failed(&[error]),
    };
    let Some(executable) = built.bytes else { return failed(&built.diagnostics) };
    // The program's stderr is its own: warnings would be taken for its output.
    drop(spinner);
    let error = become_program(&executable, &built.project.name, &arguments.arguments);
    terminal::tell(&format!("pack: {error}\n"));
    Status::Failure
}

fn failed(found: &[Diagnostic]) -> Status {
    let errors: Vec<Diagnostic> = found.iter().filter(|d| d.severity == Severity::Error).cloned().collect();
    show(&errors);
    terminal::tell(&format!("pack: the build failed: {}\n", report::counts(found)));
    Status::Failure
}
