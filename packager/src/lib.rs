//! Project -> executable, in stages: scan, generate, write. `bundle` runs all but the last; `write::write` puts the result on the disk.
//!
//! Owns: what is embedded and under which name, and what to say about it (`diagnostics`). Does not own: the command line (crate `pack`),
//! the payload's format (crate `payload`), anything that runs JavaScript (`stub_runtime`). Nothing here prints.

pub mod cache;
pub mod diagnostics;
pub mod disk;
pub mod generate;
mod options;
mod progress;
mod project;
mod scan;
mod transform;
pub mod write;

pub use options::{BuildOptions, CodeCache, Intl};
pub use progress::{Progress, Silent};
pub use project::Project;

use diagnostics::Diagnostic;
use generate::{IntlData, Sizes};
use std::borrow::Cow;
use std::fs::File;
use std::sync::Arc;
use write::Executable;

/// A stub and what starts it fast.
#[derive(Clone, Default)]
pub struct Stub {
    /// The executable, with its placeholder.
    pub executable: Cow<'static, [u8]>,
    /// The same as a file, where there is one.
    pub file: Option<Arc<File>>,
    /// Names all of the stub: the same name, the same bytes. Empty where nobody has counted them.
    pub id: String,
    /// What it is made of: a line "BYTES NAME" each, where that is known.
    pub components: String,
    /// Its base image, made by itself; empty where there is none.
    pub image: Cow<'static, [u8]>,
    /// Code caches of built-ins, made on the image; empty where there are none.
    pub caches: Cow<'static, [u8]>,
    /// ICU's data; empty where the stub has its own.
    pub icu: Cow<'static, [u8]>,
}

impl std::fmt::Debug for Stub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stub({} bytes, {:?})", self.executable.len(), self.id)
    }
}

impl Stub {
    /// What tells it from other stubs.
    pub(crate) fn identity(&self) -> &[u8] {
        if self.id.is_empty() { &self.executable } else { self.id.as_bytes() }
    }

    /// Puts what the stub starts with into a payload; `icu` is what it keeps of ICU's data.
    pub(crate) fn add_to<'a>(&'a self, builder: &mut payload::Builder<'a>, icu: Vec<u8>) {
        if !icu.is_empty() {
            builder.manifest.extra.insert(payload::ICU_BLOCKS.into(), payload::icu_blocks(&icu));
        }
        if !self.image.is_empty() {
            builder.manifest.extra.insert(payload::IMAGE_PARTS.into(), payload::Image::parts(&self.image));
            builder.image(&*self.image);
        }
        if !self.caches.is_empty() {
            builder.caches(&*self.caches);
        }
        if !icu.is_empty() {
            builder.icu(icu);
        }
    }
}

/// The kinds of a stub.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flavour {
    /// Nothing but itself: runs everywhere, loads no native addons.
    #[default]
    Static,
    /// With a dynamic loader, which native addons need, and the machine's glibc.
    Dynamic,
}

/// Where stubs come from: one of a flavour, or why there is none.
pub type Stubs<'a> = &'a dyn Fn(Flavour) -> Result<Stub, String>;

/// What a build gives.
#[derive(Debug)]
pub struct Build {
    pub project: Project,
    /// The payload; `None` where there were errors.
    pub bytes: Option<Vec<u8>>,
    pub sizes: Sizes,
    /// What of ICU's data is in the executable.
    pub intl: IntlData,
    /// Whether the executable has a dynamic loader: asked for, or because of a native addon.
    pub flavour: Flavour,
    /// Size of the stub in the executable.
    pub stub: u64,
    /// Sorted.
    pub diagnostics: Vec<Diagnostic>,
}

/// The runtime without an app, a `node`: the payload that goes into the stub, which holds its image and ICU's data only.
pub fn runtime(stub: &Stub) -> Result<Vec<u8>, Diagnostic> {
    let mut builder = payload::Builder::new(payload::Manifest::default());
    stub.add_to(&mut builder, generate::all_of(&stub.icu));
    builder.build().map_err(|error| Diagnostic::error("stub", error.to_string()))
}

/// The executable that a stub and a payload are.
pub fn executable<'a>(stub: &'a Stub, payload: &'a [u8]) -> Result<Executable<'a>, Diagnostic> {
    Executable::new(stub, payload).map_err(|error| Diagnostic::error("stub", error.to_string()))
}

/// Runs the stages up to the payload, and gives the stub that it is for.
pub fn bundle(options: &BuildOptions, stubs: Stubs, progress: &dyn Progress) -> Result<(Build, Stub), Diagnostic> {
    let project = Project::discover(options)?;
    progress.stage("scan");
    let mut scan = scan::Scan::of(&project, options, progress);
    let mut diagnostics = std::mem::take(&mut scan.diagnostics);
    diagnostics.extend(transform::check_defines(&options.define));
    if options.no_source && options.snapshot.is_some() {
        let message =
            "--no-source and --snapshot exclude each other: functions in a heap are compiled when they are called";
        diagnostics.push(Diagnostic::error("no-source", message));
    }
    let flavour = if options.dynamic || scan.has_addons() { Flavour::Dynamic } else { Flavour::Static };
    let mut stub = stubs(flavour).unwrap_or_else(|message| {
        diagnostics.push(Diagnostic::error("stub", message));
        Stub::default()
    });
    if let Some(refused) = generate::refused_option(&stub, options) {
        diagnostics.push(Diagnostic::error("exec-argv", format!("--exec-argv: {refused}")));
    }
    if let Intl::Locales(names) = &options.intl {
        for name in names.iter().filter(|name| !generate::has_language(&stub.icu, name)) {
            let message = format!("--intl: there is no data for the locale \"{name}\"");
            let hint = "name locales as in de,fr-CA, or auto, none, full";
            diagnostics.push(Diagnostic::error("intl", message).hint(hint));
        }
    }
    let size = stub.executable.len() as u64;
    let mut build = Build {
        project,
        bytes: None,
        sizes: Sizes::default(),
        intl: IntlData::default(),
        flavour,
        stub: size,
        diagnostics,
    };
    if !diagnostics::has_errors(&build.diagnostics) {
        progress.stage("generate");
        if let Some(caches) = generate::builtin_caches(&stub, options) {
            stub.caches = caches.into();
        }
        match generate::generate(&build.project, options, &scan, &stub) {
            Ok(generated) => {
                build.sizes = generated.sizes;
                build.intl = generated.intl;
                build.bytes = Some(generated.payload);
                build.diagnostics.extend(generated.diagnostics);
            }
            Err(errors) => build.diagnostics.extend(errors),
        }
    }
    diagnostics::sort(&mut build.diagnostics);
    Ok((build, stub))
}
