//! The runtime's own command line beside Node's: what it runs that is no module. Does not own: options that debug and measure
//! (`inspector.rs`), what an executable takes (`executable.rs`).
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;
use support::{Ran, clean, node, run};
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(60);

/// The runtime without an app: `pack stub`, or the one that is named for working on it.
static STUB: LazyLock<PathBuf> = LazyLock::new(|| {
    std::env::var_os("PACK_TEST_STUB").map(PathBuf::from).unwrap_or_else(|| {
        let stub = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stub-command-line");
        let mut command = clean(env!("CARGO_BIN_EXE_pack"));
        command.args(["stub", "-o"]).arg(&stub);
        let ran = run(command, "", SOON);
        assert!(ran.status == 0, "{}", ran.told());
        stub
    })
});

fn in_folder(program: &Path, folder: &Path, words: &[&str]) -> Ran {
    let mut command: Command = clean(program);
    command.args(words).current_dir(folder);
    run(command, "given\n", SOON)
}

/// Both say the same; their own names are one.
fn alike(folder: &Path, words: &[&str]) {
    let told = |program: &Path| {
        let ran = in_folder(program, folder, words);
        (ran.status, ran.stdout.clone(), ran.stderr.replace(&*program.to_string_lossy(), "node"))
    };
    assert_eq!(told(&node()), told(&STUB), "{words:?} in {}", folder.display());
}

const MANIFEST: &str = r#"{ "scripts": {
    "environment": "env | grep ^NODE_RUN; pwd; echo ${PATH%%/node_modules/.bin:*}",
    "fails": "exit 3", "killed": "kill -9 $$", "tool": "tool", "words": "printf '%s|' ", "number": 5, "gone": "no-such-command",
    "empty": "", "reads": "cat"
} }"#;

#[test]
fn scripts_run_as_node_runs_them() {
    use std::os::unix::fs::PermissionsExt;
    let project = TempDir::new().unwrap();
    let root = project.path().canonicalize().unwrap();
    let tool = root.join("node_modules/.bin/tool");
    fs::create_dir_all(tool.parent().unwrap()).unwrap();
    fs::write(&tool, "#!/bin/sh\necho tool \"$@\"\n").unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(root.join("package.json"), MANIFEST).unwrap();
    let below = root.join("below/deep");
    fs::create_dir_all(&below).unwrap();
    fs::create_dir_all(root.join("below/node_modules/.bin")).unwrap();

    for name in ["environment", "fails", "killed", "tool", "number", "gone", "empty", "reads", "missing"] {
        alike(&root, &["--run", name]);
    }
    alike(&below, &["--run", "environment"]);
    alike(&root, &["--run"]);
    alike(&root, &["--run=tool", "--", "a", "--b"]);
    alike(&root, &["--run", "tool", "dropped", "--", "kept", "--", "too"]);
    alike(&root, &["--no-warnings", "--run", "tool", "--watch"]);
    alike(&root, &["--run", "words", "--", "two words", "it's", "\"q\"", "$HOME", "", "\\", "*", "a;b"]);
    alike(Path::new("/"), &["--run", "tool"]);
    for text in ["{}", r#"{"scripts": 5}"#, r#"{"scripts": {"#, "[]", r#"{"scripts": {}}"#] {
        fs::write(below.join("package.json"), text).unwrap();
        alike(&below, &["--run", "tool"]);
    }
}
