//! What the documents say is so (pain 47): options exist and are told of, places exist, links lead somewhere.
//! Does not own: what they say of behaviour, which the fixtures show.
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use support::{clean, root, run};

/// Options that stand alone in the documents and are every program's, or those of Bun that figures are compared with.
const FOREIGN: &[&str] = &["--help", "--version", "--compile", "--bytecode"];

/// Options that Node, V8, the linker or OpenSSL have, named where the runtime's way with them is told, and the stub's own for its builder.
const RUNTIME: &[&str] = &[
    "--attached",
    "--build-caches",
    "--build-image",
    "--build-snapshot",
    "--no-concurrent-sparkplug",
    "--ignore-data-address-equality",
    "--wrap",
    "--no-parallel-scavenge",
    "--no-maglev",
    "--min-semi-space-size",
    "--symbol-ordering-file",
    "--no-lazy-feedback-allocation",
    "--no-sparkplug",
    "--openssl-config",
    "--pack-dyn-relocs",
    "--single-threaded",
    "--single-threaded-gc",
    "--stack-size",
];

fn documents() -> Vec<(PathBuf, String)> {
    let folder = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let paths = folder.chain([root().join("README.md")]).filter(|path| path.extension().is_some_and(|e| e == "md"));
    paths.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// What stands between single backticks, and the lines of indented code.
fn code(text: &str) -> Vec<&str> {
    let spans =
        text.lines().filter(|line| !line.starts_with("    ")).flat_map(|line| line.split('`').skip(1).step_by(2));
    spans.chain(text.lines().filter(|line| line.starts_with("    "))).collect()
}

/// Whether code in a document is an option by itself or a command of ours, and not another program's command.
fn is_ours(code: &str) -> bool {
    code.trim_start().starts_with("--") || code.trim_start().starts_with("pack ")
}

/// `--words-like-this` of a text.
fn options(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let long =
        words.filter(|word| word.strip_prefix("--").is_some_and(|w| w.starts_with(|c: char| c.is_ascii_lowercase())));
    long.map(|word| word.trim_end_matches('-').to_owned()).collect()
}

fn help(verb: &str) -> String {
    let mut command = clean(env!("CARGO_BIN_EXE_pack"));
    command.args(["help", verb]);
    let ran = run(command, "", Duration::from_secs(60));
    assert_eq!(ran.status, 0, "{}", ran.told());
    ran.stdout
}

#[test]
fn pain_47_options_in_documents_exist_and_all_are_told() {
    let ours: BTreeSet<String> =
        ["build", "run", "inspect", "stub"].iter().flat_map(|verb| options(&help(verb))).collect();
    // The table of node's options that the runtime takes, or refuses by name.
    let tables = ["stub_runtime/src/options.rs", "stub_runtime/build/left_out.rs"];
    let node: String = tables.iter().map(|table| fs::read_to_string(root().join(table)).unwrap()).collect();
    let (mut told, mut unknown) = (BTreeSet::new(), Vec::new());
    for (path, text) in documents() {
        for option in code(&text).into_iter().filter(|span| is_ours(span)).flat_map(options) {
            let known = ours.contains(&option) || FOREIGN.contains(&&*option) || RUNTIME.contains(&&*option);
            let known = known || node.contains(&format!("{option:?}"));
            if !known {
                unknown.push(format!("{option} in {}", path.display()));
            }
            told.insert(option);
        }
    }
    assert!(unknown.is_empty(), "no help page has {unknown:#?}");
    let untold: Vec<_> = ours.difference(&told).collect();
    assert!(untold.is_empty(), "no document tells of {untold:?}");
}

#[test]
fn pain_47_places_in_documents_exist() {
    let mut places = Vec::new();
    collect(root(), &mut places);
    for (path, text) in documents() {
        for span in code(&text) {
            let ours = span.contains('/')
                && !span.starts_with(['/', '.', '~', '@'])
                // A package's own files.
                && !span.split('/').any(|part| part == "lib")
                && !span.contains("://")
                && span.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c))
                && (span.ends_with('/')
                    || Path::new(span).extension().is_some_and(|e| e == "rs" || e == "js" || e == "md"));
            let wanted = format!("/{}", span.trim_end_matches('/'));
            assert!(!ours || places.iter().any(|place| place.ends_with(&wanted)), "{} names {span}", path.display());
        }
        for link in text.split("](").skip(1).map(|rest| rest.split([')', '#']).next().unwrap()) {
            let there = link.is_empty() || link.contains("://") || path.parent().unwrap().join(link).exists();
            assert!(there, "{} links to {link}", path.display());
        }
    }
}

/// Every path of the repository's own, each with a slash in front.
fn collect(folder: &Path, into: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name();
        if entry.path().is_symlink() || ["target", ".git", "node_modules"].iter().any(|skip| name == *skip) {
            continue;
        }
        let path = entry.path();
        into.push(format!("/{}", path.strip_prefix(root()).unwrap().display()));
        if path.is_dir() {
            collect(&path, into);
        }
    }
}

/// Every verb of the command stands in the README's table, and nothing else does.
#[test]
fn pain_47_verbs_in_the_readme_are_the_commands() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `pack "));
    let told: BTreeSet<&str> = rows.map(|row| row.split(|c: char| !c.is_ascii_lowercase()).next().unwrap()).collect();
    let mut command = clean(env!("CARGO_BIN_EXE_pack"));
    command.arg("--help");
    let help = run(command, "", Duration::from_secs(60)).stdout;
    let list = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let verbs: BTreeSet<&str> =
        list.lines().filter_map(|line| line.split_whitespace().next()).filter(|&v| v != "help").collect();
    assert_eq!(told, verbs);
}
