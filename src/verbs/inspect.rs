//! `pack inspect`: what is inside an executable.

use crate::{Status, cli, terminal};

pub fn run(arguments: &cli::Inspect) -> Status {
    terminal::tell(&format!("pack: inspecting {} is not there yet\n", arguments.app.display()));
    Status::Failure
}
