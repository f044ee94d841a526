//! What is kept between builds in the user's cache, and may be deleted at any time. Owns: where that is, that nobody else can have written
//! it, files that appear whole, and what is taken out again. Does not own: what is worth keeping.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use xxhash_rust::xxh3::xxh3_64;

/// A folder of results by what they were made of. Without a folder it forgets everything.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    folder: Option<PathBuf>,
}

/// Results that stay.
const KEPT: usize = 64;

impl Cache {
    /// The one below the user's cache folder that is called `name`.
    pub fn of_user(name: &str) -> Self {
        Self { folder: folder(name) }
    }

    /// What `make` gives for these inputs, remembered from an earlier build or made now.
    pub fn remember(
        &self,
        inputs: &[&[u8]],
        make: impl FnOnce() -> Result<Vec<u8>, String>,
    ) -> Result<Vec<u8>, String> {
        let Some(folder) = &self.folder else { return make() };
        let mut hasher = blake3::Hasher::new();
        for input in inputs {
            hasher.update(&(input.len() as u64).to_le_bytes());
            hasher.update(input);
        }
        let path = folder.join(hasher.finalize().to_hex().as_str());
        if let Some(bytes) = read(&path) {
            used(&path);
            return Ok(bytes);
        }
        let bytes = make()?;
        // A cache that cannot be written is none.
        if put(&path, &[&bytes, blake3::hash(&bytes).as_bytes()]).is_ok() {
            keep(folder, KEPT);
        }
        Ok(bytes)
    }
}

/// A result and, behind it, its hash: one that was cut off or changed is none.
fn read(path: &Path) -> Option<Vec<u8>> {
    if !is_ours(path) {
        return None;
    }
    let mut bytes = fs::read(path).ok()?;
    let hash = bytes.split_off(bytes.len().checked_sub(blake3::OUT_LEN)?);
    (blake3::hash(&bytes).as_bytes() == hash.as_slice()).then_some(bytes)
}

/// `$XDG_CACHE_HOME/pack/NAME`, or below `~/.cache`; made where it is not there. `None` where there is no home, which is not made, and
/// where somebody else could write it: what lies there is run.
pub fn folder(name: &str) -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))?;
    if !cache.parent().is_some_and(Path::is_dir) {
        return None;
    }
    let folder = cache.join("pack").join(name);
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).ok()?;
    [cache.join("pack"), folder.clone()].iter().all(|place| is_ours(place)).then_some(folder)
}

/// Whether it is there and nobody else can have written it.
pub fn is_ours(path: &Path) -> bool {
    // SAFETY: always succeeds.
    let user = unsafe { libc::geteuid() };
    fs::symlink_metadata(path).is_ok_and(|m| m.uid() == user && m.mode() & 0o022 == 0 && !m.is_symlink())
}

/// The bytes of `name` in a folder, as a file and mapped: what `make` gives, written there the first time, and compared with `sum` each
/// time. `None` where it cannot be kept.
pub fn mapped(
    folder: &Path,
    name: &str,
    sum: u64,
    make: impl FnOnce() -> Option<Vec<u8>>,
) -> Option<(File, &'static [u8])> {
    let path = folder.join(name);
    let whole = || Some(map(&path)?).filter(|(_, bytes)| xxh3_64(bytes) == sum);
    let found = whole().or_else(|| {
        put(&path, &[&make()?]).ok()?;
        whole()
    })?;
    used(&path);
    Some(found)
}

/// The file is never written to again: `put` makes another one.
fn map(path: &Path) -> Option<(File, &'static [u8])> {
    use std::os::fd::AsRawFd;
    if !is_ours(path) {
        return None;
    }
    let file = File::open(path).ok()?;
    let len = usize::try_from(file.metadata().ok()?.len()).ok().filter(|len| *len > 0)?;
    let (flags, fd) = (libc::MAP_PRIVATE | libc::MAP_POPULATE, file.as_raw_fd());
    // SAFETY: a new mapping of an open file, which stays for the life of the process.
    let bytes = unsafe {
        let start = libc::mmap(std::ptr::null_mut(), len, libc::PROT_READ, flags, fd, 0);
        if start == libc::MAP_FAILED {
            return None;
        }
        std::slice::from_raw_parts(start.cast(), len)
    };
    Some((file, bytes))
}

/// Writes a file that only this user can read and run, and that has its name when it is whole.
pub fn put(path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    put_with(path, |file| parts.iter().try_for_each(|part| file.write_all(part)))
}

/// The same, with what `fill` writes.
pub fn put_with(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let temporary = path.with_file_name(format!(".{}.tmp", std::process::id()));
    let written = (|| {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o700).open(&temporary)?;
        fill(&mut file)?;
        drop(file);
        fs::rename(&temporary, path)
    })();
    written.inspect_err(|_| drop(fs::remove_file(&temporary)))
}

/// Notes that an entry was used: others are taken out before it.
pub fn used(path: &Path) {
    let _ = File::open(path).and_then(|file| file.set_modified(SystemTime::now()));
}

/// Takes out all but the `count` entries that were used last.
pub fn keep(folder: &Path, count: usize) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let when = |path: &Path| fs::metadata(path).and_then(|m| m.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    if paths.len() <= count {
        return;
    }
    paths.sort_by_key(|path| std::cmp::Reverse(when(path)));
    for path in paths.into_iter().skip(count) {
        let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    }
}
