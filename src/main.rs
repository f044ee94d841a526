//! The `pack` command. Owns: the command line, what the user sees, the exit status. Does not own: bundling (crate `packager`), running
//! (the stub). One file per verb in `verbs/`.

mod cache;
mod cli;
mod report;
mod spinner;
mod stub;
mod terminal;
mod verbs;

use clap::Parser;
use std::process::ExitCode;

/// The exit status of every verb that does not hand its process over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Success = 0,
    /// The build failed, or a file cannot be read.
    Failure = 1,
    /// The command line makes no sense.
    Usage = 2,
}

fn main() -> ExitCode {
    let arguments = match cli::Cli::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version go to stdout and are a success.
            let status = if error.use_stderr() { Status::Usage } else { Status::Success };
            let _ = error.print();
            return ExitCode::from(status as u8);
        }
    };
    let status = match arguments.verb {
        cli::Verb::Build(build) => verbs::build::run(&build),
        cli::Verb::Run(run) => verbs::run::run(&run),
        cli::Verb::Inspect(inspect) => verbs::inspect::run(&inspect),
        cli::Verb::Node(node) => verbs::node::run(&node),
        cli::Verb::Stub(stub) => verbs::stub::run(&stub),
    };
    ExitCode::from(status as u8)
}
