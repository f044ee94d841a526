//! Every folder of `fixtures/` is a case: the project runs under Node, is built, its sources are moved away, and the
//! executable runs in another directory; stdout, status and the files written must be equal. `case.toml` is optional.
//! Does not own: what has no counterpart in Node, such as size, damage, determinism (`executable.rs`).
mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// `case.toml`.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Case {
    /// What the case is there for, where its name does not say it.
    #[allow(dead_code)]
    why: String,
    /// The main module; else `main.*`.
    entry: Option<String>,
    /// Flags of `pack build`.
    flags: Vec<String>,
    /// Flags added in turn: the case is built and compared once with each.
    variants: Vec<Vec<String>>,
    /// What of `pack build`'s messages must be there if it is to fail.
    refused: Vec<String>,
    oracle: Oracle,
    /// A folder of scenarios: one run for each file, the name of the file as the last argument.
    each: Option<String>,
    /// `driver.mjs` is run by Node instead, with the command that starts the program as arguments.
    driver: bool,
    run: Vec<Run>,
}

/// Who runs the sources: Node, or for TypeScript that Node cannot run tsx, or Node on what tsc made in `out/`.
#[derive(Deserialize, Default, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Oracle {
    #[default]
    Node,
    Tsx,
    Tsc,
}

#[derive(Deserialize, Clone, Default)]
#[serde(deny_unknown_fields, default)]
struct Run {
    args: Vec<String>,
    stdin: String,
    env: BTreeMap<String, String>,
    /// Exit code, or minus the signal. Given where it is not 0, so that two equal failures are no success.
    status: i32,
    /// Compare stderr too.
    stderr: bool,
}

/// One side of the comparison: how the program is started, where, and what its paths are called in the comparison.
struct Side {
    command: Vec<String>,
    cwd: PathBuf,
    names: Vec<(String, &'static str)>,
}

fn main() {
    let folders = fs::read_dir(support::root().join("fixtures")).unwrap().map(|entry| entry.unwrap().path());
    let mut trials: Vec<Trial> = folders
        .map(|dir| {
            let name = dir.file_name().unwrap().to_string_lossy().into_owned();
            Trial::test(name.clone(), move || checked_twice(&name, &dir).map_err(Failed::from))
        })
        .collect();
    trials.sort_by(|a, b| a.name().cmp(b.name()));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// A difference counts that shows twice: servers, browsers and registries are at work, on machines that do other things too.
/// One that shows once is told, so that a race is not lost.
fn checked_twice(name: &str, source: &Path) -> Result<(), String> {
    check(source).or_else(|first| {
        eprintln!("{name} failed, and is tried again:\n{first}");
        check(source)
    })
}

fn check(source: &Path) -> Result<(), String> {
    let text = fs::read_to_string(source.join("case.toml")).unwrap_or_default();
    let case: Case = toml::from_str(&text).map_err(|e| e.to_string())?;
    let temp = tempfile::tempdir().unwrap();
    let place = temp.path().canonicalize().unwrap();
    let (project, app) = (place.join("project"), place.join("bin/app"));
    fs::create_dir(place.join("bin")).unwrap();
    copy_project(source, &project);
    let entry = project.join(case.entry.clone().or_else(|| main_module(&project)).ok_or("no main module")?);

    if !case.refused.is_empty() {
        let told = support::build(&entry, &app, &case.flags).err().ok_or("pack build succeeded")?;
        let missing: Vec<_> = case.refused.iter().filter(|text| !told.contains(*text)).collect();
        return missing.is_empty().then_some(()).ok_or(format!("not told: {missing:?}\n{told}"));
    }
    let expected = runs(&case, source, oracle(&case, &project, &entry), &place.join("oracle/cwd"), &project)?;
    if let Ok(stub) = std::env::var("PACK_TEST_STUB") {
        // The runtime alone, on the sources: for working on it without building executables.
        let node = case.oracle == Oracle::Node;
        let got = || runs(&case, source, vec![stub, text_of(&entry)], &place.join("bin/cwd"), &project);
        return if node { same(&expected, &got()?) } else { Ok(()) };
    }
    let variants = if case.variants.is_empty() { vec![vec![]] } else { case.variants.clone() };
    for variant in &variants {
        support::build(&entry, &app, &[&case.flags[..], variant].concat())?;
        fs::rename(&project, place.join("moved-away")).unwrap();
        let got = runs(&case, source, vec![text_of(&app)], &place.join("bin/cwd"), Path::new("/proc/self/exe/app"))?;
        same(&expected, &got).map_err(|told| format!("built with {variant:?}: {told}"))?;
        fs::remove_dir_all(place.join("bin/cwd")).unwrap();
        fs::rename(place.join("moved-away"), &project).unwrap();
    }
    Ok(())
}

/// The project without what is the harness's, with its packages.
fn copy_project(source: &Path, project: &Path) {
    support::copy_tree(source, project, false);
    for name in ["case.toml", "driver.mjs"] {
        let _ = fs::remove_file(project.join(name));
    }
    let _ = fs::remove_dir_all(project.join("cwd"));
    if source.join("package-lock.json").exists() && !source.join("node_modules").exists() {
        support::copy_tree(&support::npm_ci(source), &project.join("node_modules"), true);
    }
}

fn main_module(project: &Path) -> Option<String> {
    let mut names = ["js", "mjs", "cjs", "ts", "mts", "cts", "tsx", "jsx"].map(|end| format!("main.{end}")).into_iter();
    names.find(|name| project.join(name).exists())
}

fn oracle(case: &Case, project: &Path, entry: &Path) -> Vec<String> {
    let node = text_of(&support::node());
    match case.oracle {
        Oracle::Node => vec![node, text_of(entry)],
        Oracle::Tsx => {
            let tsx = support::TOOLS.join("tsx/dist/cli.mjs");
            vec![node, text_of(&tsx), "--tsconfig".into(), text_of(&project.join("tsconfig.json")), text_of(entry)]
        }
        Oracle::Tsc => {
            let mut tsc = support::clean(node.clone());
            tsc.arg(support::TOOLS.join("typescript/bin/tsc")).args(["--outDir", "out"]).current_dir(project);
            let ran = support::run(tsc, "", Duration::from_secs(60));
            assert!(ran.status == 0, "tsc: {}", ran.told());
            let compiled = project.join("out").join(entry.strip_prefix(project).unwrap()).with_extension("js");
            vec![node, text_of(&compiled)]
        }
    }
}

/// All runs of a case on one side, in one directory: title and normalised outcome of each.
fn runs(
    case: &Case,
    source: &Path,
    command: Vec<String>,
    cwd: &Path,
    root: &Path,
) -> Result<Vec<(String, String)>, String> {
    fs::create_dir_all(cwd).unwrap();
    if source.join("cwd").is_dir() {
        support::copy_tree(&source.join("cwd"), cwd, false);
    }
    let mut list = case.run.clone();
    if let Some(folder) = &case.each {
        let template = list.pop().unwrap_or_default();
        for path in tree(&source.join(folder)) {
            let mut run = template.clone();
            run.args.push(path.file_name().unwrap().to_string_lossy().into_owned());
            list.push(run);
        }
    } else if list.is_empty() {
        list.push(Run::default());
    }
    let names = vec![(text_of(cwd), "<cwd>"), (command[0].clone(), "<exe>"), (text_of(root), "<app>")];
    let side = Side { command, cwd: cwd.into(), names };
    list.iter().map(|run| one(case, source, &side, run)).collect()
}

fn one(case: &Case, source: &Path, side: &Side, run: &Run) -> Result<(String, String), String> {
    let title = format!("run {:?}", run.args);
    let driver = [text_of(&support::node()), text_of(&source.join("driver.mjs"))];
    let words = if case.driver { [&driver[..], &side.command].concat() } else { side.command.clone() };
    let mut command = support::clean(&words[0]);
    command.args(&words[1..]).args(&run.args).envs(&run.env).current_dir(&side.cwd);
    let ran = support::run(command, &run.stdin, Duration::from_secs(60));
    if ran.status != run.status {
        return Err(format!("{title} of {}: expected status {}, got {}", side.command[0], run.status, ran.told()));
    }
    let mut outcome = ran.stdout;
    if run.stderr {
        outcome += "--- stderr ---\n";
        outcome += &meaning(&ran.stderr);
    }
    for path in tree(&side.cwd) {
        let content = fs::read(&path).unwrap_or_default();
        outcome += &format!("--- file {} ---\n{}\n", path.display(), String::from_utf8_lossy(&content));
    }
    Ok((title, side.names.iter().fold(outcome, |text, (path, name)| text.replace(path, name))))
}

/// Every file below `dir`, in order.
fn tree(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().flat_map(|path| if path.is_dir() { tree(&path) } else { vec![path] }).collect()
}

/// stderr without what names the runtime's own places, which are its own business, and without the process id.
fn meaning(stderr: &str) -> String {
    let (mut inside, mut text) = (false, String::new());
    for line in stderr.lines() {
        let was_inside = inside;
        inside = (inside || line.starts_with("node:internal")) && !line.is_empty();
        let frame = line.trim_start().starts_with("at ") && line.contains("node:");
        if was_inside || inside || frame || line.starts_with("Node.js v") || line.starts_with("(Use `") {
            continue;
        }
        let warning = line.strip_prefix("(node:").map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
        text += &warning.map_or(line.to_owned(), |rest| format!("(node:{rest}"));
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text
}

fn same(expected: &[(String, String)], got: &[(String, String)]) -> Result<(), String> {
    let differing = expected.iter().zip(got).find(|(expected, got)| expected != got);
    let Some(((title, expected), (_, got))) = differing else { return Ok(()) };
    let at = expected.lines().zip(got.lines()).take_while(|(a, b)| a == b).count();
    let part = |text: &str| text.lines().skip(at.saturating_sub(2)).take(12).collect::<Vec<_>>().join("\n    ");
    let (node, pack) = (part(expected), part(got));
    Err(format!("{title} differs from line {}\n  Node:\n    {node}\n  pack:\n    {pack}", at + 1))
}

fn text_of(path: &Path) -> String {
    path.display().to_string()
}
