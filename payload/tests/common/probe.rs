//! Builds `examples/probe.rs` as the stub is built, in both flavours, and runs what was made of it.
#![allow(dead_code)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{LazyLock, Mutex};

const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Static-pie, nothing but itself.
pub static STATIC: LazyLock<Vec<u8>> = LazyLock::new(|| build(true));
/// With an interpreter and shared libraries.
pub static DYNAMIC: LazyLock<Vec<u8>> = LazyLock::new(|| build(false));

fn build(is_static: bool) -> Vec<u8> {
    // Two cargos in one target folder would wait for each other in any case; in order the output is readable.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let flavour = if is_static { "static" } else { "dynamic" };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("probe").join(flavour);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(&root).env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    cargo.args(["rustc", "--quiet", "-p", "payload", "--example", "probe", "--release", "--target", TARGET]);
    cargo.arg("--target-dir").arg(&folder);
    cargo.arg("--");
    for arg in link_args(&root) {
        cargo.arg(format!("-Clink-arg=-Wl,{arg}"));
    }
    if is_static {
        cargo.args(static_args(&root));
    }
    assert!(cargo.status().expect("cargo runs").success(), "the {flavour} probe does not build");
    fs::read(folder.join(TARGET).join("release/examples/probe")).expect("the probe was built")
}

/// The linker options of the real stub, read from where they are written, so that the two cannot part.
fn link_args(root: &Path) -> Vec<String> {
    let script = fs::read_to_string(root.join("stub_runtime/build.rs")).expect("the stub's build script");
    // Paths are not in the text: of the linker script only that it is given, and the order of functions is the stub's own.
    // Nor has the probe what the stub puts in the place of library functions.
    let others =
        |word: &str| ["-T", "--wrap", "--entry", "--symbol-ordering-file"].iter().any(|name| word.starts_with(name));
    let words = script.split(['"', ',']).filter(|word| word.starts_with('-') && !others(word));
    let mut args: Vec<_> = words.map(str::to_owned).collect();
    args.push(format!(
        "-T,{}",
        root.join("stub_runtime/build/discard.ld").canonicalize().expect("the script").display()
    ));
    assert!(args.contains(&"-zlrodata-after-bss".to_owned()), "the stub's link options have moved: {args:?}");
    args
}

/// What makes the real stub static, read from where it is written.
fn static_args(root: &Path) -> Vec<String> {
    let script = fs::read_to_string(root.join("build.rs")).expect("the build script of `pack`");
    let (_, list) = script.split_once("const STATIC").expect("the static stub's flags have moved");
    let (list, _) = list.split_once("];").expect("a list");
    let args: Vec<_> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(args.contains(&"target-feature=+crt-static".to_owned()), "the static stub's flags have moved: {args:?}");
    args
}

/// A folder that anybody may enter, gone at the end of the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("pack-payload-{}-{test}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Folder(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes an executable file.
    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs it to its end. A program that another thread's fork still holds open for writing is tried again.
pub fn output(command: &mut Command) -> Output {
    loop {
        match command.env_clear().output() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => std::thread::yield_now(),
            result => return result.unwrap_or_else(|error| panic!("{command:?}: {error}")),
        }
    }
}

/// Runs a tool that changes executables; `false` (and a line that says so) where the machine has none.
pub fn tool(name: &str, args: &[&std::ffi::OsStr]) -> bool {
    match Command::new(name).args(args).output() {
        Ok(output) => {
            assert!(output.status.success(), "{name} {args:?}: {}", String::from_utf8_lossy(&output.stderr));
            true
        }
        Err(error) => {
            println!("skip: {name} does not run here ({error})");
            false
        }
    }
}
