//! Node's own test files, run by the stub; `tests/conformance/score.txt` says which pass. A file that passed and fails
//! now is an error; `cargo test --test conformance -- --update` runs every file, with Bun and Deno as well as the stub, and writes the
//! score anew.
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
/// While the score is made: most of what does not end is a peer's.
const SHORT: Duration = Duration::from_secs(8);
const AT_ONCE: usize = 3;

/// What runs a test file.
#[derive(Clone)]
struct Runtime {
    program: PathBuf,
    /// What it makes of the flags that the file wants for Node.
    flags: fn(Vec<String>) -> Vec<String>,
    limit: Duration,
}

fn main() {
    let update = std::env::args().any(|arg| arg == "--update");
    let score = support::root().join("tests/conformance/score.txt");
    let listed = read(&fs::read_to_string(&score).expect("score.txt"));
    let Some(suite) = suite() else {
        println!("Node's test files are not there: see tests/conformance/README.md. Nothing was compared.");
        let skipped = Trial::test("node_test_suite_is_not_there", || Ok(())).with_ignored_flag(true);
        libtest_mimic::run(&Arguments::from_iter(["conformance"]), vec![skipped]).exit();
    };
    let stub = Runtime { program: stub(), flags: |flags| flags, limit: LIMIT };
    if update {
        let files: Vec<&str> = listed.keys().map(String::as_str).collect();
        let [passed, bun, deno] = [Runtime { limit: SHORT, ..stub }, bun(), deno()].map(|runtime| {
            println!("{}", runtime.program.display());
            run_all(&runtime, &suite, &files)
        });
        for (file, passed) in &passed {
            match (listed[*file], passed) {
                (true, false) => println!("fails now: {file}"),
                (false, true) => println!("passes now: {file}"),
                _ => {}
            }
        }
        fs::write(&score, written(&passed, &bun, &deno)).unwrap();
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

fn peer(path: &str) -> PathBuf {
    support::npm_ci(&support::root().join("benches/peers")).join(path)
}

/// Of Node's flags it takes what it knows.
fn bun() -> Runtime {
    let flags = |flags: Vec<String>| if collects(&flags) { vec!["--expose-gc".into()] } else { Vec::new() };
    Runtime { program: peer("@oven/bun-linux-x64/bin/bun"), flags, limit: SHORT }
}

/// With the flags that Deno's own run of these files has.
fn deno() -> Runtime {
    let flags = |flags: Vec<String>| {
        let node = ["--unstable-bare-node-builtins", "--unstable-node-globals", "--unstable-detect-cjs"];
        let mut words: Vec<String> = ["run", "-A", "--quiet"].into_iter().chain(node).map(str::to_owned).collect();
        words.extend(collects(&flags).then(|| "--v8-flags=--expose-gc".into()));
        words
    };
    Runtime { program: peer("@deno/linux-x64-glibc/deno"), flags, limit: SHORT }
}

fn collects(flags: &[String]) -> bool {
    flags.iter().any(|flag| flag.replace('_', "-") == "--expose-gc")
}

/// `test-child-process-fork.js` is of `child-process`.
fn module(file: &str) -> &str {
    let name = file.strip_prefix("test-").unwrap_or(file);
    let long = MODULES.iter().find(|module| name.starts_with(**module));
    long.copied().unwrap_or_else(|| name.split(['-', '.']).next().unwrap_or(name))
}

/// Runs all of them, some at a time.
fn run_all<'a>(runtime: &Runtime, suite: &Path, files: &[&'a str]) -> BTreeMap<&'a str, bool> {
    let (next, passed) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let ok = failure(runtime, suite, file).is_none();
                    passed.lock().unwrap().insert(*file, ok);
                }
            });
        }
    });
    passed.into_inner().unwrap()
}

/// What a file told, if it fails twice, or does not end.
fn failure(runtime: &Runtime, suite: &Path, file: &str) -> Option<String> {
    let again = |ran: support::Ran| {
        if ran.status == support::TIMEOUT { Some(ran) } else { once(runtime, suite, file) }
    };
    let ran = once(runtime, suite, file).and_then(again)?;
    let told = ran.told();
    let lines: Vec<_> = told.lines().take(12).collect();
    Some(format!("{file}: {}", lines.join("\n    ")))
}

fn once(runtime: &Runtime, suite: &Path, file: &str) -> Option<support::Ran> {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let (temp, id) = (tempfile::tempdir().unwrap(), RUNS.fetch_add(1, Ordering::Relaxed) % 64);
    let path = suite.join("parallel").join(file);
    let source = String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned();
    let flags = source.lines().filter_map(|line| line.strip_prefix("// Flags:")).flat_map(str::split_whitespace);
    let mut command = support::clean(&runtime.program);
    command.args((runtime.flags)(flags.map(str::to_owned).collect())).arg(&path).current_dir(suite);
    command.env("NODE_TEST_DIR", temp.path()).env("NODE_TEST_KNOWN_GLOBALS", "0").env("HOME", temp.path());
    command.env("TEST_THREAD_ID", id.to_string()).env("TEST_SERIAL_ID", id.to_string());
    let ran = support::run(command, "", runtime.limit);
    (ran.status != 0).then_some(ran)
}

/// File name and whether it passes, from the lines `ok NAME` and `-- NAME`.
fn read(score: &str) -> BTreeMap<String, bool> {
    let lines = score.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once(' ')).map(|(state, file)| (file.to_owned(), state == "ok")).collect()
}

/// The totals of the stub, Bun and Deno by module, then each file with whether the stub passes it.
fn written(passed: &BTreeMap<&str, bool>, bun: &BTreeMap<&str, bool>, deno: &BTreeMap<&str, bool>) -> String {
    let mut modules: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for (file, passes) in passed {
        let counts = modules.entry(module(file)).or_default();
        for (count, one) in counts.iter_mut().zip([*passes, bun[file], deno[file], true]) {
            *count += usize::from(one);
        }
    }
    let sum = modules.values().fold([0; 4], |sum, counts| std::array::from_fn(|i| sum[i] + counts[i]));
    let rate = |i: usize| 100.0 * sum[i] as f64 / sum[3] as f64;
    let mut text = format!("# {} of {} of Node 26's own test files pass ({:.1}%)\n", sum[0], sum[3], rate(0));
    writeln!(text, "# in the same run Bun passes {} ({:.1}%), Deno {} ({:.1}%)", sum[1], rate(1), sum[2], rate(2))
        .unwrap();
    writeln!(text, "# {:22} pack   Bun  Deno / files", "module").unwrap();
    for (module, [ours, bun, deno, all]) in modules {
        writeln!(text, "# {module:22} {ours:4}  {bun:4}  {deno:4} / {all}").unwrap();
    }
    for (file, passes) in passed {
        writeln!(text, "{} {file}", if *passes { "ok" } else { "--" }).unwrap();
    }
    text
}
