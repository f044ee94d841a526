//! Project -> executable, in stages: scan, generate, write. `build` runs all but the last; `write::write` puts the result on the disk.
//!
//! Owns: what is embedded and under which name, and what to say about it (`diagnostics`). Does not own: the command line (crate `pack`),
//! the payload's format (crate `payload`), anything that runs JavaScript (`stub_runtime`). Nothing here prints.

pub mod diagnostics;
pub mod generate;
mod options;
mod progress;
mod project;
mod scan;
mod transform;
pub mod write;

pub use options::BuildOptions;
pub use progress::{Progress, Silent};
pub use project::Project;

use diagnostics::Diagnostic;
use generate::Sizes;

/// A stub and what starts it fast.
#[derive(Clone, Copy, Debug)]
pub struct Stub<'a> {
    /// The executable, with its placeholder.
    pub executable: &'a [u8],
    /// Its base image; empty where there is none.
    pub image: &'a [u8],
}

/// What a build gives.
#[derive(Debug)]
pub struct Build {
    pub project: Project,
    /// The executable's bytes; `None` where there were errors.
    pub executable: Option<Vec<u8>>,
    pub sizes: Sizes,
    /// Sorted.
    pub diagnostics: Vec<Diagnostic>,
}

/// Runs the stages. Fails only where there is no project to speak of.
pub fn build(options: &BuildOptions, stub: Stub, progress: &dyn Progress) -> Result<Build, Diagnostic> {
    let project = Project::discover(options)?;
    progress.stage("scan");
    let scan = scan::Scan::of(&project, options, progress);
    let mut build = Build { project, executable: None, sizes: Sizes::default(), diagnostics: scan.diagnostics.clone() };
    if !diagnostics::has_errors(&build.diagnostics) {
        progress.stage("generate");
        match generate::generate(&build.project, options, &scan, stub.image) {
            Ok(generated) => {
                build.sizes = generated.sizes;
                match payload::container::embed(stub.executable, &generated.payload) {
                    Ok(executable) => build.executable = Some(executable),
                    Err(error) => build.diagnostics.push(Diagnostic::error("stub", error.to_string())),
                }
            }
            Err(errors) => build.diagnostics.extend(errors),
        }
    }
    diagnostics::sort(&mut build.diagnostics);
    Ok(build)
}
