//! What `pack run` and `pack node` keep in the user's cache: runtimes, unpacked once, and the apps that ran last. Owns: what the files
//! are. Does not own: the folder and how files get into it (`packager::cache`). All of it may be deleted at any time, and shared by any
//! number of processes.
//!
//! A run is remembered with what it looked at (`packager::disk`): where nothing of that changed, the app is started without a look at its
//! sources. A runtime is named by what is in it, an app by its bytes; both appear by a rename when they are whole. An app is a payload behind one
//! page that says "#!runtime --attached", so that the kernel starts it when it starts itself.

use crate::stub;
use packager::cache::{folder, is_ours, keep, put, put_with, used};
use packager::{BuildOptions, Flavour, disk};
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_128;

/// Apps that stay.
const APPS: usize = 32;
/// Runs that are remembered.
const RUNS: usize = 64;
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

/// What a run is remembered by: all that its options say, the runtimes and this very `pack`. `None` where nothing can be remembered.
fn run_of(options: &BuildOptions) -> Option<PathBuf> {
    // A run that trains the program is another one each time.
    if !options.warmup.is_empty() || options.snapshot.is_some() {
        return None;
    }
    let pack = fs::metadata(std::env::current_exe().ok()?).ok()?;
    let pack = (pack.ino(), pack.size(), pack.ctime(), pack.ctime_nsec());
    let runtimes = (stub::id(Flavour::Static)?, stub::id(Flavour::Dynamic));
    let key = format!("{options:?} {pack:?} {runtimes:?}");
    Some(folder("runs")?.join(format!("{:032x}", xxh3_128(key.as_bytes()))))
}

/// The runtime and the app of an earlier run with these options, if nothing changed that it looked at.
pub fn earlier_run(options: &BuildOptions) -> Option<(PathBuf, PathBuf)> {
    let path = run_of(options)?;
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
    let (Some(path), Some(runtime), Some(app)) = (run_of(options), runtime.to_str(), app.to_str()) else { return };
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
