//! What debugs, measures and watches a program from outside: options of the runtime, compared with Node's, and what an executable
//! has of them. Does not own: `node:inspector` and a debugger's session (`fixtures/pain-32-*`).
mod support;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;
use support::{Ran, build, clean, node, run};
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(60);

/// The runtime without an app: `pack stub`, or the one that is named for working on it.
static STUB: LazyLock<PathBuf> = LazyLock::new(|| {
    std::env::var_os("PACK_TEST_STUB").map(PathBuf::from).unwrap_or_else(|| {
        let stub = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stub-inspector");
        let mut command = clean(env!("CARGO_BIN_EXE_pack"));
        command.args(["stub", "-o"]).arg(&stub);
        let ran = run(command, "", SOON);
        assert!(ran.status == 0, "{}", ran.told());
        stub
    })
});

const PROGRAM: &str = "
const { add } = require('./lib.js');
const end = Date.now() + 60;
function spin() { while (Date.now() < end); }
spin();
console.log('sum', add(1, 2));
process.on('exit', () => { process.exitCode = 3; });
";

const LIBRARY: &str = "
exports.add = (a, b) => {
  if (a > b) {
    return b + a;
  }
  return a + b;
};
exports.unused = function unused() {};
";

const TESTS: &str = "
const { test } = require('node:test');
const assert = require('node:assert');
test('adds', () => assert.strictEqual(require('./lib.js').add(1, 2), 3));
";

fn project() -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in [("main.js", PROGRAM), ("lib.js", LIBRARY), ("add.test.js", TESTS)] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn in_folder(program: &Path, folder: &Path, words: &[&str]) -> Command {
    let mut command = clean(program);
    command.args(words).current_dir(folder);
    command
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The files of a folder whose names begin so.
fn files(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let list = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    list.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(prefix)).collect()
}

#[test]
fn pain_32_a_program_is_profiled() {
    let project = project();
    let words = ["--cpu-prof", "--cpu-prof-dir=profiles", "--heap-prof", "--heap-prof-name=heap.json", "main.js"];
    let ran = run(in_folder(&STUB, project.path(), &words), "", SOON);
    assert!(ran.status == 3 && ran.stdout == "sum 3\n", "{}", ran.told());
    let profiles = files(&project.path().join("profiles"), "CPU.");
    let profile = json(&profiles[0]);
    let nodes = profile["nodes"].as_array().unwrap();
    assert!(nodes.iter().any(|node| node["callFrame"]["functionName"] == "spin"), "{profile}");
    assert!(json(&project.path().join("heap.json"))["head"]["callFrame"].is_object());
}

/// What V8 counted of the library, as Node writes it.
fn counted(program: &Path, project: &Path) -> Vec<serde_json::Value> {
    let mut command = in_folder(program, project, &["main.js"]);
    command.env("NODE_V8_COVERAGE", "coverage");
    let ran = run(command, "", SOON);
    assert!(ran.status == 3, "{}", ran.told());
    let written = files(&project.join("coverage"), "coverage-");
    assert_eq!(written.len(), 1);
    let mut scripts = json(&written[0])["result"].as_array().unwrap().clone();
    fs::remove_dir_all(project.join("coverage")).unwrap();
    scripts.retain(|script| script["url"].as_str().unwrap().ends_with("/lib.js"));
    scripts.iter_mut().for_each(|script| script["scriptId"] = "".into());
    scripts
}

#[test]
fn pain_32_coverage_is_written_as_node_writes_it() {
    let project = project();
    let expected = counted(&node(), project.path());
    assert_eq!(expected.len(), 1);
    assert_eq!(counted(&STUB, project.path()), expected);
}

#[test]
fn coverage_of_tests_is_told_as_node_tells_it() {
    let project = project();
    let told = |program: &Path, reporter: &str| {
        let words = ["--test", "--experimental-test-coverage", "--test-coverage-lines=90", reporter];
        let Ran { status, stdout, .. } = run(in_folder(program, project.path(), &words), "", SOON);
        let lines: Vec<String> = stdout.lines().filter(|l| !l.contains("duration_ms")).map(str::to_owned).collect();
        (status, lines)
    };
    for reporter in ["--test-reporter=tap", "--test-reporter=lcov"] {
        let (status, lines) = told(&node(), reporter);
        assert_eq!(status, 1, "{lines:?}");
        assert_eq!(told(&STUB, reporter), (status, lines));
    }
}

#[test]
fn a_watched_program_starts_anew() {
    let watched = |program: &Path| {
        let project = project();
        let mut command = in_folder(program, project.path(), &["--watch", "main.js"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut told = Vec::new();
        let mut runs = 0;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            told.push(line.replace(project.path().canonicalize().unwrap().to_str().unwrap(), ""));
            if line.contains("Waiting for file changes") {
                runs += 1;
                if runs == 2 {
                    break;
                }
                fs::write(project.path().join("lib.js"), "exports.add = () => 'changed';").unwrap();
            }
        }
        // SAFETY: a signal to a child that nobody has waited for yet.
        unsafe { libc::kill(child.id() as i32, libc::SIGTERM) };
        (told, child.wait().unwrap().code())
    };
    let (told, code) = watched(&node());
    let has = |text: &str| told.iter().any(|line| line == text);
    assert!(has("Change detected in '/lib.js'") && has("Restarting 'main.js'") && has("sum changed"), "{told:?}");
    assert_eq!(watched(&STUB), (told, code));
}

/// Nothing that an executable is started with makes it write or listen.
#[test]
fn pain_22_an_executable_is_not_measured_by_its_environment() {
    let project = project();
    let app = project.path().join("app");
    build(&project.path().join("main.js"), &app, &[]).unwrap();
    let mut command = in_folder(&app, project.path(), &["--cpu-prof", "--inspect-brk=0"]);
    command.env("NODE_V8_COVERAGE", "coverage").env("NODE_OPTIONS", "--cpu-prof --inspect-brk=0");
    let ran = run(command, "", SOON);
    assert!(ran.status == 3 && ran.stdout == "sum 3\n" && ran.stderr.is_empty(), "{}", ran.told());
    assert!(files(project.path(), "CPU.").is_empty() && files(project.path(), "coverage").is_empty());
}

/// A debugger gets the source of a module that was printed anew, under a name of its own.
#[test]
fn pain_32_embedded_modules_bring_their_maps() {
    let folder = TempDir::new().unwrap();
    let (entry, app) = (folder.path().join("main.js"), folder.path().join("app"));
    fs::write(folder.path().join("color.ts"), "export enum Color { Red, Green }\n").unwrap();
    let program = "
        const session = new (require('node:inspector').Session)();
        session.connect();
        session.on('Debugger.scriptParsed', ({ params: { url, sourceMapURL } }) => {
          if (!url.endsWith('/color.ts')) return;
          const { sources, sourcesContent } = JSON.parse(Buffer.from(sourceMapURL.split(',')[1], 'base64'));
          console.log(url, sources, sourcesContent);
        });
        session.post('Debugger.enable');
        console.log(require('./color.ts').Color.Green);
    ";
    fs::write(&entry, program).unwrap();
    build(&entry, &app, &[]).unwrap();
    let ran = run(clean(&app), "", SOON);
    let expected =
        "file:///proc/self/exe/app/color.ts [ 'pack:///color.ts' ] [ 'export enum Color { Red, Green }\\n' ]\n1\n";
    assert_eq!(ran.stdout, expected, "{}", ran.told());
}
