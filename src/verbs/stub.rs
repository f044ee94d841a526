//! `pack stub`: the runtime without an app as a file.

use crate::verbs::build::show;
use crate::{Status, cli, stub};
use packager::Flavour;
use packager::diagnostics::Diagnostic;
use packager::write;

pub fn run(arguments: &cli::Stub) -> Status {
    let flavour = if arguments.dynamic { Flavour::Dynamic } else { Flavour::Static };
    let written = stub::load(flavour)
        .map_err(|message| Diagnostic::error("stub", message))
        .and_then(|stub| packager::runtime(&stub))
        .and_then(|runtime| write::write(&arguments.output, &runtime));
    match written {
        Ok(()) => Status::Success,
        Err(error) => {
            show(&[error]);
            Status::Failure
        }
    }
}
