//! Node's own test files, run by the stub; `tests/conformance/score.txt` says which pass. A file that passed and fails
//! now is an error; `cargo test --test conformance -- --update` runs every file and writes the score anew.
//! The files are Node's and lie outside the repository: `tests/conformance/README.md` says where they are looked for.
mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Modules whose names are more than the first word of a file's name.
const MODULES: &[&str] =
    &["async-hooks", "child-process", "diagnostics-channel", "next-tick", "perf-hooks", "string-decoder"];
const LIMIT: Duration = Duration::from_secs(20);

fn main() {
    let update = std::env::args().any(|arg| arg == "--update");
    let score = support::root().join("tests/conformance/score.txt");
    let listed = read(&fs::read_to_string(&score).expect("score.txt"));
    let Some(suite) = suite() else {
        println!("Node's test files are not there: see tests/conformance/README.md. Nothing was compared.");
        let skipped = Trial::test("node_test_suite_is_not_there", || Ok(())).with_ignored_flag(true);
        libtest_mimic::run(&Arguments::from_iter(["conformance"]), vec![skipped]).exit();
    };
    let stub = stub();
    if update {
        let passed = run_all(&stub, &suite, &listed.keys().map(String::as_str).collect::<Vec<_>>());
        for (file, passed) in &passed {
            match (listed[*file], passed) {
                (true, false) => println!("fails now: {file}"),
                (false, true) => println!("passes now: {file}"),
                _ => {}
            }
        }
        fs::write(&score, written(&passed)).unwrap();
        return;
    }
    let mut modules: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (file, _) in listed.into_iter().filter(|(_, passes)| *passes) {
        modules.entry(module(&file).to_owned()).or_default().push(file);
    }
    let trials = modules.into_iter().map(|(module, files)| {
        let (stub, suite) = (stub.clone(), suite.clone());
        Trial::test(module, move || {
            let failed: Vec<_> = files.iter().filter_map(|file| failure(&stub, &suite, file)).collect();
            if failed.is_empty() { Ok(()) } else { Err(Failed::from(failed.join("\n"))) }
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

/// The `test` folder of Node's repository.
fn suite() -> Option<PathBuf> {
    let given = std::env::var_os("PACK_NODE_TESTS").map(PathBuf::from);
    let beside = ["../node_test/test", "../nodetest/test", "../node/test"].map(|place| support::root().join(place));
    given.into_iter().chain(beside).find(|dir| dir.join("parallel").is_dir())?.canonicalize().ok()
}

fn stub() -> PathBuf {
    std::env::var_os("PACK_TEST_STUB").map(PathBuf::from).unwrap_or_else(|| {
        let stub = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stub");
        let mut command = support::clean(env!("CARGO_BIN_EXE_pack"));
        command.args(["stub", "-o"]).arg(&stub);
        let ran = support::run(command, "", Duration::from_secs(60));
        assert!(ran.status == 0, "pack stub: {}", ran.told());
        stub
    })
}

/// `test-child-process-fork.js` is of `child-process`.
fn module(file: &str) -> &str {
    let name = file.strip_prefix("test-").unwrap_or(file);
    let long = MODULES.iter().find(|module| name.starts_with(**module));
    long.copied().unwrap_or_else(|| name.split(['-', '.']).next().unwrap_or(name))
}

/// Runs all of them, two at a time.
fn run_all<'a>(stub: &Path, suite: &Path, files: &[&'a str]) -> BTreeMap<&'a str, bool> {
    let (next, passed) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let ok = failure(stub, suite, file).is_none();
                    passed.lock().unwrap().insert(*file, ok);
                }
            });
        }
    });
    passed.into_inner().unwrap()
}

/// What a file told, if it fails twice.
fn failure(stub: &Path, suite: &Path, file: &str) -> Option<String> {
    once(stub, suite, file).and_then(|_| once(stub, suite, file))
}

fn once(stub: &Path, suite: &Path, file: &str) -> Option<String> {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let (temp, id) = (tempfile::tempdir().unwrap(), RUNS.fetch_add(1, Ordering::Relaxed) % 64);
    let path = suite.join("parallel").join(file);
    let source = String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned();
    let flags = source.lines().filter_map(|line| line.strip_prefix("// Flags:")).flat_map(str::split_whitespace);
    let mut command = support::clean(stub);
    command.args(flags).arg(&path).current_dir(suite);
    command.env("NODE_TEST_DIR", temp.path()).env("NODE_TEST_KNOWN_GLOBALS", "0");
    command.env("TEST_THREAD_ID", id.to_string()).env("TEST_SERIAL_ID", id.to_string());
    let ran = support::run(command, "", LIMIT);
    (ran.status != 0).then(|| {
        let told = ran.told();
        let lines: Vec<_> = told.lines().take(12).collect();
        format!("{file}: {}", lines.join("\n    "))
    })
}

/// File name and whether it passes, from the lines `ok NAME` and `-- NAME`.
fn read(score: &str) -> BTreeMap<String, bool> {
    let lines = score.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).map(|(state, file)| (file.to_owned(), state == "ok")).collect()
}

fn written(passed: &BTreeMap<&str, bool>) -> String {
    let mut modules: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (file, passes) in passed {
        let counts = modules.entry(module(file)).or_default();
        (counts.0, counts.1) = (counts.0 + usize::from(*passes), counts.1 + 1);
    }
    let (ok, all) = modules.values().fold((0, 0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1));
    let mut text =
        format!("# {ok} of {all} of Node 26's own test files pass ({:.1}%)\n", 100.0 * ok as f64 / all as f64);
    for (module, (ok, all)) in modules {
        writeln!(text, "# {module:22} {ok:4} / {all}").unwrap();
    }
    for (file, passes) in passed {
        writeln!(text, "{} {file}", if *passes { "ok" } else { "--" }).unwrap();
    }
    text
}
