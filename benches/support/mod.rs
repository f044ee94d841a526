//! What the benches share: the peers, middle values, where the figures go. Below it is the tests' own support.
#![allow(dead_code)] // each bench takes its own part

pub mod load;
#[path = "../../tests/support/mod.rs"]
mod tests;

pub use tests::*;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A file of the peers' npm packages.
pub fn peer(path: &str) -> PathBuf {
    npm_ci(&root().join("benches/peers")).join(path)
}

/// The value at `at` (0.5 is the median) of these.
pub fn quantile(values: impl Iterator<Item = f64>, at: f64) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * at).round() as usize]
}

/// Puts `report` between `<!-- NAME -->` and the next `<!-- end -->` of `docs/BENCHMARKS.md`, after how it was made
/// (`about`), the machine and the commit.
pub fn record(name: &str, about: &str, report: &str) {
    let file = root().join("docs/BENCHMARKS.md");
    let text = fs::read_to_string(&file).expect("docs/BENCHMARKS.md");
    let begin = format!("<!-- {name} -->\n");
    let (head, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("no {begin} in {}", file.display()));
    let (_, tail) = rest.split_once("<!-- end -->").expect("<!-- end -->");
    let told = |command: &str, args: &[&str]| {
        let output = Command::new(command).args(args).current_dir(root()).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
    };
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    // All of them, and not only those that this process is held to.
    let cores = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let cpu = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("");
    let cpu = cpu.trim_start_matches(['\t', ':', ' ']);
    let machine = format!("{cpu}, {cores} cores, {}", told("uname", &["-sr"]));
    let commit = told("git", &["rev-parse", "--short", "HEAD"]);
    let about = format!("{about}; {machine}; commit {commit}.\n\n");
    fs::write(&file, format!("{head}{begin}{about}{report}<!-- end -->{tail}")).unwrap();
}
