//! `pack build`: project -> executable file.

use crate::report::{self, Report};
use crate::spinner::Spinner;
use crate::{Status, cache, cli, stub, terminal};
use packager::cache::Cache;
use packager::diagnostics::{self, Diagnostic, Severity};
use packager::disk::Seen;
use packager::{Build, BuildOptions, CodeCache, Intl, Progress, Project, write};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub fn run(arguments: &cli::Build) -> Status {
    let started = Instant::now();
    let mut options = options(&arguments.project, &arguments.entry);
    let failed = |found: &[Diagnostic]| fail(found, arguments.json, arguments.quiet);
    let output = match output(arguments, &options) {
        Ok(output) => output,
        Err(error) => return failed(&[error]),
    };
    options.output = Some(absolute(&output));
    if let Some(earlier) = cache::earlier_build(&options)
        && let Ok(stub) = stub::bare(earlier.flavour)
    {
        return match packager::executable(&stub, earlier.payload)
            .and_then(|executable| write::write(&output, &executable))
        {
            Ok(()) => tell(arguments, &output, &earlier.said, started.elapsed()),
            Err(error) => failed(&[error]),
        };
    }
    let spinner = Spinner::new(arguments.quiet);
    let watch = cache::remembers_build(&options).then(Seen::start);
    let (mut built, stub) = match packager::bundle(&options, &stub::load, &spinner) {
        Ok(bundled) => bundled,
        Err(error) => {
            spinner.finish();
            return failed(&[error]);
        }
    };
    let seen = watch.and_then(Seen::finish);
    let Some(payload) = built.bytes.take() else {
        spinner.finish();
        return failed(&built.diagnostics);
    };
    spinner.stage("write");
    let written = packager::executable(&stub, &payload)
        .and_then(|executable| write::write(&output, &executable).map(|()| executable.len()));
    spinner.finish();
    let size = match written {
        Ok(size) => size,
        Err(error) => return failed(&[error]),
    };
    let said = said(&built, size);
    if let Some(seen) = seen.filter(|_| complete(&built)) {
        cache::remember_build(&options, built.flavour, &payload, &said, &seen);
    }
    tell(arguments, &output, &said, started.elapsed())
}

/// Whether all of the build worked: what failed for the moment is tried again.
fn complete(built: &Build) -> bool {
    built.diagnostics.iter().all(|diagnostic| diagnostic.code != "code-cache")
}

/// All that can be said of a build in any form.
fn said(built: &Build, size: u64) -> Value {
    let report = Report { build: built, size };
    let text = |styled| diagnostics::render(&built.diagnostics, styled);
    json!({ "plain": text(false), "styled": text(true), "text": report.text(), "json": report.json() })
}

/// Says what is asked for of what [`said`] gave.
fn tell(arguments: &cli::Build, output: &Path, said: &Value, time: Duration) -> Status {
    let text = |key: &str| said[key].as_str().unwrap_or_default();
    if !arguments.quiet {
        terminal::tell(text(if terminal::is_styled() { "styled" } else { "plain" }));
    }
    if arguments.json {
        terminal::print(&format!("{:#}\n", report::timed(said["json"].clone(), output, time)));
    } else if !arguments.quiet {
        let size = said["json"]["bytes"].as_u64().unwrap_or_default();
        let details = if terminal::is_interactive() { text("text") } else { "" };
        terminal::tell(&format!("{}{details}", report::line(output, size, time)));
    }
    Status::Success
}

/// The options that the flags mean.
pub fn options(flags: &cli::Project, entry: &Path) -> BuildOptions {
    BuildOptions {
        entry: absolute(entry),
        include: flags.include.clone(),
        external: flags.external.clone(),
        define: flags.define.clone(),
        conditions: flags.conditions.clone(),
        exec_argv: flags.exec_argv.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect(),
        extra_certificates: flags.allow_env.iter().any(|name| name == "NODE_EXTRA_CA_CERTS"),
        dynamic: flags.dynamic,
        intl: match flags.intl.as_str() {
            "auto" | "" => Intl::Auto,
            "none" => Intl::None,
            "full" => Intl::Full,
            names => Intl::Locales(names.split(',').map(|name| name.trim().to_owned()).collect()),
        },
        code_cache: match flags.code_cache.as_str() {
            "none" => CodeCache::None,
            "eager" => CodeCache::Eager,
            _ => CodeCache::Lazy,
        },
        warmup: flags.warmup.clone(),
        snapshot: flags.snapshot.as_ref().map(|names| modules(names)),
        minify: flags.minify,
        sourcemap: flags.sourcemap,
        no_source: flags.no_source,
        compress: flags.compress,
        cache: Cache::of_user("code"),
        output: None,
        jobs: flags.jobs.unwrap_or(0),
    }
}

/// What `--snapshot` names: files by their absolute path, everything else is left to Node's rules. Empty is the flag alone.
fn modules(names: &[String]) -> Vec<String> {
    let name = |name: &String| match absolute(Path::new(name)) {
        path if path.is_file() => path.to_string_lossy().into_owned(),
        _ => name.clone(),
    };
    names.iter().filter(|name| !name.is_empty()).map(name).collect()
}

/// Prints diagnostics as text.
pub fn show(found: &[Diagnostic]) {
    terminal::tell(&diagnostics::render(found, terminal::is_styled()));
}

fn fail(found: &[Diagnostic], json: bool, quiet: bool) -> Status {
    let shown: Vec<Diagnostic> = found.iter().filter(|d| !quiet || d.severity == Severity::Error).cloned().collect();
    show(&shown);
    if json {
        terminal::print(&format!("{:#}\n", report::failure(found)));
    } else {
        terminal::tell(&format!("pack: the build failed: {}\n", report::counts(found)));
    }
    Status::Failure
}

/// Where the executable goes: never over a source.
fn output(arguments: &cli::Build, options: &BuildOptions) -> Result<PathBuf, Diagnostic> {
    let project = Project::discover(options)?;
    let output = arguments.output.clone().unwrap_or_else(|| PathBuf::from(&project.output));
    let real = output.canonicalize().ok();
    if real.as_ref() == Some(&project.entry) {
        let message = format!("the output {} is the entry itself", output.display());
        return Err(Diagnostic::error("output", message).hint("name another file with -o"));
    }
    if arguments.output.is_none() && output.is_dir() {
        let message = format!("the output would be called {}, and that is a folder", output.display());
        return Err(Diagnostic::error("output", message).hint("name the file with -o"));
    }
    write::check(&output)?;
    Ok(output)
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}
