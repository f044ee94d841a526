//! What `pack run` and `pack node` keep in the user's cache: runtimes, unpacked once, and the apps that ran last. Owns: the folder, its
//! files' names, and what is taken out again. All of it may be deleted at any time, and shared by any number of processes.
//!
//! A runtime is named by what is in it, an app by its bytes; both appear by a rename when they are whole. An app is a payload behind one
//! page that says "#!runtime --attached", so that the kernel starts it when it starts itself.

use crate::stub;
use packager::Flavour;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use xxhash_rust::xxh3::xxh3_128;

/// Apps that stay.
const APPS: usize = 32;
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
        let bytes = packager::runtime(&stub::load(flavour).ok()?).ok()?;
        put(&path, &[&bytes]).ok()?;
        keep(&folder, RUNTIMES);
    }
    Some(path)
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
    let _ = File::open(&of_app).and_then(|folder| folder.set_modified(SystemTime::now()));
    Some(path)
}

/// `$XDG_CACHE_HOME/pack/NAME`, or below `~/.cache`; made where it is not there.
fn folder(name: &str) -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    let folder = cache.join("pack").join(name);
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).ok()?;
    [cache.join("pack"), folder.clone()].iter().all(|place| is_ours(place)).then_some(folder)
}

/// Whether it is there and nobody else can have written it: what lies here is run.
fn is_ours(path: &Path) -> bool {
    // SAFETY: always succeeds.
    let user = unsafe { libc::geteuid() };
    fs::symlink_metadata(path).is_ok_and(|m| m.uid() == user && m.mode() & 0o022 == 0 && !m.is_symlink())
}

fn put(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    let temporary = path.with_file_name(format!(".{}.tmp", std::process::id()));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o700).open(&temporary)?;
        parts.iter().try_for_each(|part| file.write_all(part))?;
        // Otherwise a machine that loses its power has an empty file of that name for ever.
        file.sync_all()?;
        drop(file);
        fs::rename(&temporary, path)
    })();
    written.inspect_err(|_| drop(fs::remove_file(&temporary)))
}

/// Takes out all but the `count` entries that were used last.
fn keep(folder: &Path, count: usize) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let when = |path: &Path| fs::metadata(path).and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort_by_key(|path| std::cmp::Reverse(when(path)));
    for path in paths.into_iter().skip(count) {
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
}
