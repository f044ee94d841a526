//! The disk as a build sees it, and what it looked at there: which files it read, which places it found empty, which folders it listed.
//! With that a later run tells by a few thousand `stat`s whether it would see the same. Owns: every look at a project's files. Does not
//! own: what is done with them.
//!
//! A file counts as the same with the same inode, size and times, ctime among them, which no program can set. What changed so shortly
//! before the build, or in it, that a second change could have the same times is not remembered at all.

use oxc_resolver::{FileMetadata, FileSystem, FileSystemOs, ResolveError};
use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Whether what is looked at is noted.
static NOTING: AtomicBool = AtomicBool::new(false);
/// Places, and whether what lies in them matters.
static NOTED: Mutex<BTreeMap<PathBuf, bool>> = Mutex::new(BTreeMap::new());
/// Clocks of file systems tick more slowly than this.
const TICK: Duration = Duration::from_millis(20);

fn note(path: &Path, listed: bool) {
    if NOTING.load(Ordering::Relaxed) {
        let mut noted = NOTED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match noted.get_mut(path) {
            Some(known) => *known |= listed,
            None => drop(noted.insert(path.to_owned(), listed)),
        }
    }
}

/// As [`std::fs::read`].
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    note(path, false);
    fs::read(path)
}

/// As [`std::fs::read_to_string`].
pub fn read_to_string(path: &Path) -> io::Result<String> {
    note(path, false);
    fs::read_to_string(path)
}

/// As [`std::fs::metadata`].
pub fn metadata(path: &Path) -> io::Result<Metadata> {
    note(path, false);
    fs::metadata(path)
}

/// As [`std::fs::canonicalize`].
pub fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    note(path, false);
    path.canonicalize()
}

/// As [`Path::is_file`].
pub fn is_file(path: &Path) -> bool {
    metadata(path).is_ok_and(|found| found.is_file())
}

/// As [`Path::is_dir`].
pub fn is_dir(path: &Path) -> bool {
    metadata(path).is_ok_and(|found| found.is_dir())
}

/// As [`Path::exists`].
pub fn exists(path: &Path) -> bool {
    metadata(path).is_ok()
}

/// As [`Path::is_symlink`].
pub fn is_symlink(path: &Path) -> bool {
    note(path, false);
    path.is_symlink()
}

/// What is in a folder, sorted; nothing where there is none.
pub fn list(folder: &Path) -> Vec<PathBuf> {
    note(folder, true);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    paths.sort();
    paths
}

/// The disk for the resolver.
pub struct Disk(FileSystemOs);

impl FileSystem for Disk {
    fn new() -> Self {
        Self(FileSystemOs::new())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        note(path, false);
        self.0.read(path)
    }

    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        note(path, false);
        self.0.read_to_string(path)
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        note(path, false);
        self.0.metadata(path)
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        note(path, false);
        self.0.symlink_metadata(path)
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, ResolveError> {
        note(path, false);
        self.0.read_link(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        note(path, false);
        self.0.canonicalize(path)
    }
}

/// What a build looked at, from [`Seen::start`] on. One at a time in a process.
pub struct Seen {
    start: SystemTime,
}

impl Seen {
    /// From now on everything is noted.
    pub fn start() -> Self {
        NOTING.store(true, Ordering::Relaxed);
        Self { start: SystemTime::now() }
    }

    /// All of it as text for [`unchanged`]; `None` where a change could be overlooked.
    pub fn finish(self) -> Option<String> {
        NOTING.store(false, Ordering::Relaxed);
        let noted = std::mem::take(&mut *NOTED.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        let latest = nanoseconds(self.start - TICK);
        let mut out = String::new();
        for (path, listed) in noted {
            if !path.is_absolute() {
                continue;
            }
            let state = state(&path, listed);
            let name = path.to_str().filter(|name| !name.contains('\n'))?;
            if let Some(found) = state.metadata
                && (found.is_file() || listed)
                && changed(&found) >= latest
            {
                return None;
            }
            out.push_str(&state.text);
            out.push(' ');
            out.push_str(name);
            out.push('\n');
        }
        Some(out)
    }
}

/// A file as it is now, in the words of [`Seen::finish`].
pub fn line(path: &Path) -> String {
    format!("{} {}\n", state(path, false).text, path.display())
}

/// Whether a build would see what it saw when `seen` was noted.
pub fn unchanged(seen: &str) -> bool {
    seen.lines().all(|line| {
        let Some((text, path)) = line.split_once(' ') else { return false };
        state(Path::new(path), text.starts_with('l')).text == text
    })
}

struct State {
    text: String,
    metadata: Option<Metadata>,
}

fn state(path: &Path, listed: bool) -> State {
    let metadata = fs::metadata(path).ok();
    let text = match &metadata {
        None => if listed { "l-" } else { "-" }.to_owned(),
        Some(found) if found.is_dir() && listed => {
            let mut names: Vec<_> = fs::read_dir(path)
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| (entry.file_name(), entry.file_type().is_ok_and(|kind| kind.is_dir())))
                .collect();
            names.sort();
            let mut all = Vec::new();
            for (name, folder) in names {
                all.extend_from_slice(name.as_encoded_bytes());
                all.push(if folder { b'/' } else { 0 });
            }
            format!("l{:x}:{}", found.ino(), blake3::hash(&all).to_hex())
        }
        Some(found) if found.is_dir() => format!("d{:x}", found.ino()),
        Some(found) => {
            let listed = if listed { "l" } else { "" };
            let modified = i128::from(found.mtime()) * 1_000_000_000 + i128::from(found.mtime_nsec());
            format!("{listed}f{:x}:{:x}:{:x}:{:x}", found.ino(), found.size(), modified, changed(found))
        }
    };
    State { text, metadata }
}

/// When a file or what is said of it changed last, since 1970.
fn changed(metadata: &Metadata) -> i128 {
    i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec())
}

fn nanoseconds(time: SystemTime) -> i128 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as i128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        fs::write(place("a.js"), "1").unwrap();
        fs::create_dir(place("lang")).unwrap();
        std::thread::sleep(3 * TICK);
        let look = || {
            let seen = Seen::start();
            assert!(read(&place("a.js")).is_ok());
            assert!(!exists(&place("a.ts")));
            list(&place("lang"));
            seen.finish()
        };
        let seen = look().unwrap();
        assert!(unchanged(&seen));
        fs::write(place("lang/de.js"), "").unwrap();
        assert!(!unchanged(&seen));
        fs::remove_file(place("lang/de.js")).unwrap();
        assert!(unchanged(&seen));
        fs::write(place("a.ts"), "").unwrap();
        assert!(!unchanged(&seen));
        fs::remove_file(place("a.ts")).unwrap();
        fs::write(place("a.js"), "2").unwrap();
        assert!(!unchanged(&seen));
        // A change that a second one may hide.
        let seen = Seen::start();
        fs::write(place("a.js"), "3").unwrap();
        assert!(read(&place("a.js")).is_ok());
        assert_eq!(seen.finish(), None);
    }
}
