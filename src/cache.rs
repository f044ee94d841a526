//! What `pack build`, `pack run` and `pack node` keep in the user's cache: runtimes, unpacked once, the apps that ran last, and what was
//! built last. Owns: what the files are. Does not own: the folder and how files get into it (`packager::cache`). All of it may be deleted at any time, and shared by any
//! number of processes.
//!
//! A run is remembered with what it looked at (`packager::disk`): where nothing of that changed, the app is started without a look at its
//! sources. A runtime is named by what is in it, an app by its bytes; both appear by a rename when they are whole. An app is a payload behind one
//! page that says "#!runtime --attached", so that the kernel starts it when it starts itself. Of a build the payload is kept, and what it
//! said: where nothing changed, the next one puts it behind the runtime again.

use crate::stub;
use packager::cache::{folder, is_ours, keep, mapped, put, put_with, used};
use packager::{BuildOptions, Flavour, disk};
use serde_json::{Value, json};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// Apps that stay.
const APPS: usize = 32;
/// Runs and builds that are remembered.
const RUNS: usize = 64;
/// Payloads of builds that stay.
const BUILDS: usize = 16;
/// Runtimes of other versions of `pack` that stay.
const RUNTIMES: usize = 4;

/// The runtime as an executable file. `None` where there is no place for it that only this user can write, or none that the kernel can
/// find by the first line of an app.
pub fn runtime(flavour: Flavour) -> Option<PathBuf> {
    let folder = folder("runtimes")?;
    let path = folder.join(stub::id(flavour)?);
    if path.to_str()?.contains(char::is_whitespace) || path.as_os_str().len() > 200 {
        return None;
    }
    if !is_ours(&path) {
        let stub = stub::load(flavour).ok()?;
        let payload = packager::runtime(&stub).ok()?;
        let executable = packager::executable(&stub, &payload).ok()?;
        put_with(&path, |file| executable.write_to(file)).ok()?;
        keep(&folder, RUNTIMES);
    }
    used(&path);
    Some(path)
}

/// What a run or build is remembered by, a file in the folder `kind`: all that its options say, the runtimes and this very `pack`. `None`
/// where nothing can be remembered.
fn memory_of(options: &BuildOptions, kind: &str) -> Option<PathBuf> {
    // One that trains the program is another one each time.
    if !options.warmup.is_empty() || options.snapshot.is_some() {
        return None;
    }
    let pack = fs::metadata(std::env::current_exe().ok()?).ok()?;
    let pack = (pack.ino(), pack.size(), pack.ctime(), pack.ctime_nsec());
    let runtimes = (stub::id(Flavour::Static)?, stub::id(Flavour::Dynamic));
    let key = format!("{options:?} {pack:?} {runtimes:?}");
    Some(folder(kind)?.join(format!("{:032x}", xxh3_128(key.as_bytes()))))
}

/// Whether a build with these options can be remembered.
pub fn remembers_build(options: &BuildOptions) -> bool {
    memory_of(options, "builds").is_some()
}

/// A build that need not be made again.
pub struct EarlierBuild {
    pub payload: &'static [u8],
    pub flavour: Flavour,
    /// What it said, as it was given to [`remember_build`].
    pub said: Value,
}

/// An earlier build with these options, if nothing changed that it looked at.
pub fn earlier_build(options: &BuildOptions) -> Option<EarlierBuild> {
    let path = memory_of(options, "builds")?;
    if !is_ours(&path) {
        return None;
    }
    let text = fs::read_to_string(&path).ok()?;
    let (head, seen) = text.split_once('\n')?;
    if !disk::unchanged(seen) {
        return None;
    }
    let mut head: Value = serde_json::from_str(head).ok()?;
    let sum = u64::from_str_radix(head["payload"].as_str()?, 16).ok()?;
    let (_, payload) = mapped(&folder("payloads")?, &payload_name(sum), sum, || None)?;
    let flavour = if head["dynamic"] == true { Flavour::Dynamic } else { Flavour::Static };
    used(&path);
    Some(EarlierBuild { payload, flavour, said: head["said"].take() })
}

/// Remembers a build for [`earlier_build`]. `seen` is all that it looked at.
pub fn remember_build(options: &BuildOptions, flavour: Flavour, payload: &[u8], said: &Value, seen: &str) {
    let (Some(path), Some(payloads)) = (memory_of(options, "builds"), folder("payloads")) else { return };
    let sum = xxh3_64(payload);
    let head = json!({ "payload": format!("{sum:016x}"), "dynamic": flavour == Flavour::Dynamic, "said": said });
    let place = payloads.join(payload_name(sum));
    if (is_ours(&place) || put(&place, &[payload]).is_ok())
        && put(&path, &[format!("{head}\n").as_bytes(), seen.as_bytes()]).is_ok()
    {
        used(&place);
        keep(&payloads, BUILDS);
        if let Some(folder) = path.parent() {
            keep(folder, RUNS);
        }
    }
}

fn payload_name(sum: u64) -> String {
    format!("{sum:016x}")
}

/// The runtime and the app of an earlier run with these options, if nothing changed that it looked at.
pub fn earlier_run(options: &BuildOptions) -> Option<(PathBuf, PathBuf)> {
    let path = memory_of(options, "runs")?;
    if !is_ours(&path) {
        return None;
    }
    let text = fs::read_to_string(&path).ok()?;
    let (runtime, rest) = text.split_once('\n')?;
    let (app, seen) = rest.split_once('\n')?;
    let (runtime, app) = (PathBuf::from(runtime), PathBuf::from(app));
    if !is_ours(&runtime) || !is_ours(&app) || !disk::unchanged(seen) {
        return None;
    }
    [&path, &runtime, app.parent()?].into_iter().for_each(used);
    Some((runtime, app))
}

/// Remembers a run for [`earlier_run`]. `seen` is all that it looked at.
pub fn remember_run(options: &BuildOptions, runtime: &Path, app: &Path, seen: &str) {
    let (Some(path), Some(runtime), Some(app)) = (memory_of(options, "runs"), runtime.to_str(), app.to_str()) else {
        return;
    };
    // The app too must be what it is now.
    let head = format!("{runtime}\n{app}\n{}", disk::line(Path::new(app)));
    if put(&path, &[head.as_bytes(), seen.as_bytes()]).is_ok()
        && let Some(folder) = path.parent()
    {
        keep(folder, RUNS);
    }
}

/// A file that starts the app in `payload` with the runtime at `runtime`.
pub fn app(runtime: &Path, name: &str, payload: &[u8]) -> Option<PathBuf> {
    let mut head = format!("#!{} --attached\n", runtime.to_str()?).into_bytes();
    head.resize(payload::PAGE, 0);
    let folder = folder("apps")?;
    let of_app = folder.join(format!("{:032x}", xxh3_128(payload)));
    DirBuilder::new().recursive(true).mode(0o700).create(&of_app).ok()?;
    let path = of_app.join(name);
    let whole = is_ours(&path) && fs::metadata(&path).is_ok_and(|m| m.len() == (head.len() + payload.len()) as u64);
    if !whole || !fs::read(&path).is_ok_and(|bytes| bytes.starts_with(&head)) {
        put(&path, &[&head, payload]).ok()?;
        keep(&folder, APPS);
    }
    used(&of_app);
    Some(path)
}
