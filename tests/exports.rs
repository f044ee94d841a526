//! Every name that `@types/node` declares is there: exports of the built-in modules, methods of their classes, globals. What
//! Node itself does not have is left out; what we do not have stands in docs/COMPAT.md under "Left out", with its reason.
//! Does not own: what the names do (`fixtures.rs`, `conformance.rs`).
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use support::{TOOLS, build, clean, node, root, run};

const LIMIT: Duration = Duration::from_secs(120);

/// The lines that a program prints.
fn lines(mut command: Command, args: &[&Path]) -> BTreeSet<String> {
    command.args(args).current_dir(root().join("tests/exports"));
    let ran = run(command, "", LIMIT);
    assert!(ran.status == 0, "{}", ran.told());
    ran.stdout.lines().map(str::to_owned).collect()
}

/// What COMPAT.md says is left out: "- `node:x.name`, `node:y`: reason"; a name that ends with `*` stands for all that begin so.
fn left_out() -> Vec<String> {
    let text = fs::read_to_string(root().join("docs/COMPAT.md")).unwrap();
    let section = text.split("\n## ").find(|section| section.starts_with("Left out\n")).expect("COMPAT.md: Left out");
    let names = |line: &str| line.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    section
        .lines()
        .filter_map(|line| line.strip_prefix("- "))
        .flat_map(|line| {
            let (what, reason) = line.split_once(": ").expect("a reason after the names");
            assert!(!reason.trim().is_empty(), "no reason: {line}");
            names(what)
        })
        .collect()
}

#[test]
fn every_name_is_there_or_left_out_with_a_reason() {
    let temp = tempfile::tempdir().unwrap();
    let (names, app) = (temp.path().join("names.json"), temp.path().join("app"));
    let mut list = clean(node());
    list.arg(root().join("tests/exports/list.mjs")).arg(&*TOOLS);
    let listed = run(list, "", LIMIT);
    assert!(listed.status == 0, "{}", listed.told());
    fs::write(&names, listed.stdout).unwrap();

    let check = root().join("tests/exports/check.mjs");
    let expected = lines(clean(node()), &[&check, &names]);
    let got = match std::env::var("PACK_TEST_STUB") {
        // The runtime alone: for working on it without building executables.
        Ok(stub) => lines(clean(stub), &[&check, &names]),
        Err(_) => {
            build(&check, &app, &[]).unwrap();
            lines(clean(&app), &[&names])
        }
    };
    let allowed = left_out();
    let is_allowed = |name: &str| {
        allowed.iter().any(|allowed| match allowed.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == allowed,
        })
    };
    let missing: Vec<&String> = got.difference(&expected).filter(|name| !is_allowed(name)).collect();
    assert!(missing.is_empty(), "missing and not in COMPAT.md: {missing:#?}");
}
