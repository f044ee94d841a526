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
use std::borrow::Cow;

/// A stub and what starts it fast.
#[derive(Clone, Copy, Default)]
pub struct Stub<'a> {
    /// The executable, with its placeholder.
    pub executable: &'a [u8],
    /// Gives the executable with a dynamic loader, which native addons need; the image is the same.
    pub dynamic: Option<Dynamic<'a>>,
    /// Its base image; empty where there is none.
    pub image: &'a [u8],
    /// ICU's data; empty where the stub has its own.
    pub icu: &'a [u8],
}

/// Gives the dynamic executable, or says why there is none.
pub type Dynamic<'a> = &'a dyn Fn() -> Result<Vec<u8>, String>;

/// What a build gives.
#[derive(Debug)]
pub struct Build {
    pub project: Project,
    /// The payload, or from `build` on the executable; `None` where there were errors.
    pub bytes: Option<Vec<u8>>,
    pub sizes: Sizes,
    /// Whether the executable has a dynamic loader: asked for, or because of a native addon.
    pub dynamic: bool,
    /// Size of the runtime in the executable.
    pub runtime: u64,
    /// Sorted.
    pub diagnostics: Vec<Diagnostic>,
}

/// Runs the stages up to the executable. Fails only where there is no project to speak of.
pub fn build(options: &BuildOptions, stub: Stub, progress: &dyn Progress) -> Result<Build, Diagnostic> {
    let mut build = bundle(options, stub, progress)?;
    if let Some(payload) = build.bytes.take() {
        let runtime = match stub.dynamic {
            Some(dynamic) if build.dynamic => dynamic().map(Cow::Owned),
            None if build.dynamic => Err("there is no dynamic runtime, which native addons need".to_owned()),
            _ => Ok(Cow::Borrowed(stub.executable)),
        };
        build.runtime = runtime.as_ref().map_or(0, |runtime| runtime.len() as u64);
        let embedded = runtime
            .and_then(|runtime| payload::container::embed(&runtime, &payload).map_err(|error| error.to_string()));
        match embedded {
            Ok(executable) => build.bytes = Some(executable),
            Err(message) => build.diagnostics.push(Diagnostic::error("stub", message)),
        }
    }
    Ok(build)
}

/// The runtime without an app, a `node`: the stub with a payload that holds its image and ICU's data only.
pub fn runtime(stub: Stub) -> Result<Vec<u8>, Diagnostic> {
    let mut builder = payload::Builder::new(payload::Manifest::default());
    if !stub.image.is_empty() {
        builder.image(stub.image);
    }
    if !stub.icu.is_empty() {
        builder.icu(stub.icu);
    }
    let payload = builder.build().map_err(|error| Diagnostic::error("stub", error.to_string()))?;
    payload::container::embed(stub.executable, &payload).map_err(|error| Diagnostic::error("stub", error.to_string()))
}

/// Runs the stages up to the payload; `stub` is the one that it is for.
pub fn bundle(options: &BuildOptions, stub: Stub, progress: &dyn Progress) -> Result<Build, Diagnostic> {
    let project = Project::discover(options)?;
    progress.stage("scan");
    let mut scan = scan::Scan::of(&project, options, progress);
    let mut diagnostics = std::mem::take(&mut scan.diagnostics);
    diagnostics.extend(transform::check_defines(&options.define));
    let dynamic = options.dynamic || scan.has_addons();
    let mut build = Build { project, bytes: None, sizes: Sizes::default(), dynamic, runtime: 0, diagnostics };
    if !diagnostics::has_errors(&build.diagnostics) {
        progress.stage("generate");
        match generate::generate(&build.project, options, &scan, stub) {
            Ok(generated) => {
                build.sizes = generated.sizes;
                build.bytes = Some(generated.payload);
            }
            Err(errors) => build.diagnostics.extend(errors),
        }
    }
    diagnostics::sort(&mut build.diagnostics);
    Ok(build)
}
