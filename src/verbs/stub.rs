//! `pack stub`: the runtime without an app as a file.

use crate::verbs::build::show;
use crate::{Status, cli, stub};
use packager::Flavour;
use packager::diagnostics::Diagnostic;
use packager::write;

pub fn run(arguments: &cli::Stub) -> Status {
    let flavour = if arguments.dynamic { Flavour::Dynamic } else { Flavour::Static };
    match written(arguments, flavour) {
        Ok(()) => Status::Success,
        Err(error) => {
            show(&[error]);
            Status::Failure
        }
    }
}

fn written(arguments: &cli::Stub, flavour: Flavour) -> Result<(), Diagnostic> {
    let stub = stub::load(flavour).map_err(|message| Diagnostic::error("stub", message))?;
    let payload = packager::runtime(&stub)?;
    write::write(&arguments.output, &packager::executable(&stub, &payload)?)
}
