//! `pack stub`: the runtime without an app as a file.

use crate::stub::Stub;
use crate::verbs::build::show;
use crate::{Status, cli};
use packager::diagnostics::Diagnostic;
use packager::write;

pub fn run(arguments: &cli::Stub) -> Status {
    let written = Stub::load()
        .and_then(|stub| if arguments.dynamic { stub.into_dynamic() } else { Ok(stub) })
        .map_err(|message| Diagnostic::error("stub", message))
        .and_then(|stub| packager::runtime(stub.parts()))
        .and_then(|runtime| write::write(&arguments.output, &runtime));
    match written {
        Ok(()) => Status::Success,
        Err(error) => {
            show(&[error]);
            Status::Failure
        }
    }
}
