//! Code caches of the app's modules: the executable is put together with a manifest that says "train", started, and asked for them.
//! Only the stub has the V8 that will read them, and only on this very image. Owns: the runs. Does not own: what a run does
//! (`stub_runtime/src/training.rs`).
//!
//! Without `--warmup` nothing of the user's runs: every module is compiled, none is evaluated. A warm-up runs the program, and the
//! functions that it used are compiled in its modules' caches.

use super::pack;
use crate::Stub;
use crate::cache::Cache;
use crate::diagnostics::Diagnostic;
use crate::options::{BuildOptions, CodeCache};
use crate::write::Executable;
use payload::{Builder, Caches, Content};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Key of the manifest.
pub(super) const KEY: &str = "train";
/// In front of the path of a CommonJS module: what it exports.
const NAMES: &str = "names:";
/// What the run is told of where its caches go.
const OUTPUT: &str = "PACK_TRAIN_OUTPUT";
const LONGEST: Duration = Duration::from_secs(120);

/// Key of what the caches leave out (`Generator::unseen`).
const UNSEEN: &str = "unseen";

/// Gives the files of `builder` their caches; returns how many bytes they are, and what went wrong. An executable without caches is
/// valid and starts slower.
pub fn add_caches(
    builder: &mut Builder,
    stub: &Stub,
    options: &BuildOptions,
    unseen: &str,
) -> Result<(u64, Vec<Diagnostic>), payload::BuildError> {
    let mut diagnostics = Vec::new();
    let mut bytes = 0;
    let mode = match options.code_cache {
        _ if options.no_source => "whole",
        _ if stub.image.is_empty() => return Ok((0, diagnostics)),
        CodeCache::None => return Ok((0, diagnostics)),
        CodeCache::Lazy => "compile",
        CodeCache::Eager => "eager",
    };
    let runs = std::iter::once((mode, Vec::new())).chain(options.warmup.iter().map(|c| ("run", words(c))));
    let mut caches = BTreeMap::new();
    let stored = |cache: &Vec<u8>| {
        let content = Content::bytes(cache.clone());
        if options.compress { pack::packed(content) } else { content }
    };
    for (mode, arguments) in runs {
        builder.manifest.extra.insert(KEY.into(), mode.into());
        // A text that is left out cannot give what the caches have not.
        if !unseen.is_empty() && !options.no_source {
            builder.manifest.extra.insert(UNSEEN.into(), unseen.to_owned());
        }
        let payload = builder.build()?;
        builder.manifest.extra.remove(KEY);
        builder.manifest.extra.remove(UNSEEN);
        // A program's run may read what is no input here: it is made anew.
        let remembered = if mode == "run" { &Cache::default() } else { &options.cache };
        let made = remembered.remember(&[stub.identity(), &payload], || run(stub, &payload, &arguments));
        match made.and_then(|made| parsed(&made)) {
            Ok(made) => {
                for (path, made) in made {
                    match path.strip_prefix(NAMES) {
                        // Only a text that is left out is not there to look into.
                        Some(_) => {
                            drop(builder.manifest.extra.insert(path, String::from_utf8_lossy(&made).into_owned()))
                        }
                        None => drop(caches.insert(path, made)),
                    }
                }
            }
            Err(message) => {
                let message = format!("code caches could not be made: {message}; the program will start slower");
                diagnostics.push(Diagnostic::warning("code-cache", message));
            }
        }
        for (path, cache) in &caches {
            let content = stored(cache);
            builder.code_cache(path, content)?;
        }
    }
    bytes += caches.values().map(|cache| cache.len() as u64).sum::<u64>();
    Ok((bytes, diagnostics))
}

/// The built-ins' code caches for a program with options of node: V8 takes one under those flags only that it was made with. Those of
/// the stub where there are no options, or where it cannot make others.
pub fn builtin_caches(stub: &Stub, options: &BuildOptions) -> Option<Vec<u8>> {
    if options.exec_argv.is_empty() || stub.image.is_empty() || stub.caches.is_empty() {
        return None;
    }
    let mut program = memory_file(c"runtime").ok()?;
    program.write_all(&stub.executable).ok()?;
    let mut image = memory_file(c"image").ok()?;
    image.write_all(&stub.image).ok()?;
    let output = memory_file(c"caches").ok()?;
    let mut command = Command::new(place(&program));
    command.arg("--build-caches").args([place(&image), place(&output)]).args(&options.exec_argv);
    finish(command, Stdio::null()).ok()?;
    std::fs::read(place(&output)).ok().filter(|bytes| !bytes.is_empty())
}

/// Options of node that are another program than the one that is built.
const OTHER_PROGRAMS: [&str; 22] = [
    "-e",
    "--eval",
    "-p",
    "--print",
    "-pe",
    "-c",
    "--check",
    "-v",
    "--version",
    "-h",
    "--help",
    "-i",
    "--interactive",
    "-",
    "--",
    "--test",
    "--watch",
    "--run",
    "--v8-options",
    "--build-snapshot",
    "--prof-process",
    "--completion-bash",
];

/// What is wrong with the options of node that the program is to start with: the runtime itself is asked.
pub fn refused_option(stub: &Stub, options: &BuildOptions) -> Option<String> {
    let name = |option: &String| option.split('=').next().unwrap_or_default().to_owned();
    if let Some(option) = options.exec_argv.iter().find(|option| OTHER_PROGRAMS.contains(&&*name(option))) {
        return Some(format!("{option} makes node run something else than the program"));
    }
    if options.exec_argv.first().is_some_and(|option| !option.starts_with('-')) {
        return Some(format!("{} is no option", options.exec_argv[0]));
    }
    if options.exec_argv.is_empty() || stub.executable.is_empty() {
        return None;
    }
    let mut program = memory_file(c"runtime").ok()?;
    program.write_all(&stub.executable).ok()?;
    let mut said = memory_file(c"said").ok()?;
    let mut command = Command::new(place(&program));
    // One that waits for a debugger would wait here. Nothing can be written in that folder.
    let asked = options.exec_argv.iter().filter(|option| !option.starts_with("--inspect"));
    command.args(asked).args(["-e", ""]).current_dir("/proc/self");
    finish(command, Stdio::from(said.try_clone().ok()?)).ok()?;
    let mut text = String::new();
    said.rewind().ok()?;
    said.read_to_string(&mut text).ok()?;
    // "/proc/7/fd/3: bad option: --x"; what a module of --require says is for its own time.
    let reasons = ["bad option: ", "illegal value for flag "];
    let found = reasons.iter().find_map(|reason| text.lines().find_map(|line| Some(&line[line.find(reason)?..])));
    let missing =
        || text.lines().find(|line| line.ends_with(" requires an argument")).and_then(|line| line.split(": ").nth(1));
    found.or_else(missing).map(str::to_owned)
}

/// The arguments in "app --flag word"; the first word is the program's name.
pub(super) fn words(command: &str) -> Vec<String> {
    command.split_whitespace().skip(1).map(str::to_owned).collect()
}

/// What the training run `mode` of the executable with this payload makes; `None` where it makes nothing.
pub(super) fn made_by(
    builder: &mut Builder,
    stub: &Stub,
    mode: &str,
    arguments: &[String],
) -> Result<Option<Vec<u8>>, payload::BuildError> {
    builder.manifest.extra.insert(KEY.into(), mode.into());
    let payload = builder.build()?;
    builder.manifest.extra.remove(KEY);
    Ok(run(stub, &payload, arguments).ok())
}

fn run(stub: &Stub, payload: &[u8], arguments: &[String]) -> Result<Vec<u8>, String> {
    let executable = Executable::new(stub, payload).map_err(|error| error.to_string())?;
    let (status, bytes) = output_of(&executable, arguments, Stdio::null())?;
    // Where all modules are in the image a run compiles none.
    if bytes.is_empty() && !status.success() {
        return Err("the run ended without them".into());
    }
    parsed(&bytes).map(|_| bytes)
}

pub(super) fn parsed(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, String> {
    if bytes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let caches = Caches::read(bytes).map_err(|damage| format!("{damage:?}"))?;
    let owned = |(path, cache): (&str, Result<&[u8], _>)| Some((path.to_owned(), cache.ok()?.to_vec()));
    Ok(caches.iter().filter_map(owned).collect())
}

/// Starts an executable whose manifest says that it is a training run; gives how it ended and what it has made. What it prints goes to
/// `printed`.
pub(super) fn output_of(
    executable: &Executable,
    arguments: &[String],
    printed: Stdio,
) -> Result<(ExitStatus, Vec<u8>), String> {
    let told = |error: std::io::Error| error.to_string();
    let mut program = memory_file(c"app").map_err(told)?;
    executable.write_to(&mut program).map_err(told)?;
    let output = memory_file(c"caches").map_err(told)?;
    let mut command = Command::new(place(&program));
    command.args(arguments).env(OUTPUT, place(&output));
    let status = finish(command, printed)?;
    Ok((status, std::fs::read(place(&output)).map_err(told)?))
}

/// Another process can open it by this name.
fn place(file: &File) -> String {
    format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd())
}

/// Runs to the end, without anybody to talk to; what is said goes to `printed`.
fn finish(mut command: Command, printed: Stdio) -> Result<ExitStatus, String> {
    let told = |error: std::io::Error| error.to_string();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(printed);
    // The same bytes each time.
    // SAFETY: personality(2) is one system call, allowed between fork and exec; where it is refused the bytes may differ.
    unsafe {
        command.pre_exec(|| {
            libc::personality(libc::ADDR_NO_RANDOMIZE as libc::c_ulong);
            Ok(())
        });
    }
    let mut child = command.spawn().map_err(told)?;
    let begin = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(told)? {
            break status;
        }
        if begin.elapsed() > LONGEST {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("the run did not end within {} seconds", LONGEST.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    Ok(status)
}

pub(super) fn memory_file(name: &std::ffi::CStr) -> std::io::Result<File> {
    // SAFETY: a NUL-terminated name; the result is checked and ours.
    let fd = unsafe { libc::memfd_create(name.as_ptr(), libc::MFD_CLOEXEC) };
    if fd < 0 {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: the descriptor is new and ours.
    Ok(unsafe { File::from_raw_fd(fd) })
}
