//! Single operations of Node's modules (`programs/operations/`): `pack`'s executable and Node 26 in turns.
//! `cargo bench --bench operations` writes into `docs/BENCHMARKS.md` how fast each group is and what is slower than
//! [`BAR`]; with a regular expression after `--` only the operations whose "group: name" match are run, all are printed, and
//! nothing is written.
mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// Runs of each side.
const TURNS: usize = 5;
/// Below this part of Node's speed an operation is listed.
const BAR: f64 = 0.8;
/// From this on it is listed as faster.
const FASTER: f64 = 2.0;

/// Nanoseconds of the fastest round: on the clock, and of the processor.
#[derive(Clone, Copy)]
struct Least {
    wall: f64,
    cpu: f64,
}

/// Those of all operations, by name.
type Measured = BTreeMap<String, Least>;

fn main() {
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    let temp = tempfile::tempdir().unwrap();
    let entry = support::root().join("benches/programs/operations/main.js");
    let app = temp.path().join("operations");
    support::build(&entry, &app, &[]).expect("pack builds it");
    let (mut ours, mut nodes) = (Measured::new(), Measured::new());
    for _ in 0..TURNS {
        run(support::clean(&app), &wanted, temp.path(), &mut ours);
        let mut node = support::clean(support::node());
        node.arg(&entry);
        run(node, &wanted, temp.path(), &mut nodes);
    }
    let rows = compare(&ours, &nodes);
    if wanted.is_empty() {
        let report = summary(&rows);
        println!("{report}");
        support::record("operations", &format!("The least of {TURNS} runs of each side, in turns"), &report);
    } else {
        println!("{}", table(rows.iter()));
    }
}

fn run(mut command: Command, wanted: &str, cwd: &Path, measured: &mut Measured) {
    command.arg(wanted).current_dir(cwd).env("HOME", cwd).env("TMPDIR", cwd);
    let ran = support::run(command, "", Duration::from_secs(600));
    assert_eq!(ran.status, 0, "{}", ran.told());
    let results: BTreeMap<String, Vec<f64>> = ran.stdout.lines().last().map_or_else(BTreeMap::new, |line| {
        let results: BTreeMap<String, Value> = serde_json::from_str(line).expect("one JSON object");
        let numbers = |value: Value| value.as_array().map(|list| list.iter().filter_map(Value::as_f64).collect());
        results.into_iter().filter_map(|(name, value)| Some((name, numbers(value)?))).collect()
    });
    for (name, figures) in results {
        let [wall, _, cpu] = figures[..] else { panic!("three figures of {name}") };
        let least = measured.entry(name).or_insert(Least { wall, cpu });
        *least = Least { wall: least.wall.min(wall), cpu: least.cpu.min(cpu) };
    }
}

/// An operation: its name, the nanoseconds of both sides, our speed as a part of Node's.
struct Row<'a> {
    name: &'a str,
    ours: f64,
    node: f64,
    ratio: f64,
}

/// All operations, the slowest first. Compared is processor time, which other programs disturb less, but for those that wait.
fn compare<'a>(ours: &'a Measured, nodes: &Measured) -> Vec<Row<'a>> {
    let mut rows: Vec<Row> = ours
        .iter()
        .filter_map(|(name, ours)| {
            let node = nodes.get(name)?;
            let works = |least: &Least| least.cpu * 2.0 >= least.wall;
            let (ours, node) = if works(ours) && works(node) { (ours.cpu, node.cpu) } else { (ours.wall, node.wall) };
            Some(Row { name, ours, node, ratio: node / ours })
        })
        .collect();
    rows.sort_by(|a, b| a.ratio.total_cmp(&b.ratio));
    rows
}

fn table<'a>(rows: impl Iterator<Item = &'a Row<'a>>) -> String {
    let mut out = String::from("| operation | pack ns | Node 26 ns | speed of Node |\n|---|---|---|---|\n");
    for row in rows {
        writeln!(out, "| {} | {:.0} | {:.0} | {:.2} |", row.name, row.ours, row.node, row.ratio).unwrap();
    }
    out
}

fn summary(rows: &[Row]) -> String {
    let mut groups: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        groups.entry(row.name.split(':').next().unwrap()).or_default().push(row);
    }
    let mut out = String::from("| group | operations | speed of Node, mean | slower than 0.8 | faster than 1.25 |\n");
    out.push_str("|---|---|---|---|---|\n");
    let mut line = |name: &str, rows: &[&Row]| {
        let mean = (rows.iter().map(|row| row.ratio.ln()).sum::<f64>() / rows.len() as f64).exp();
        let slower = rows.iter().filter(|row| row.ratio < BAR).count();
        let faster = rows.iter().filter(|row| row.ratio > 1.25).count();
        writeln!(out, "| {name} | {} | {mean:.2} | {slower} | {faster} |", rows.len()).unwrap();
    };
    for (name, rows) in &groups {
        line(name, rows);
    }
    line("all", &rows.iter().collect::<Vec<_>>());
    let slower = table(rows.iter().filter(|row| row.ratio < BAR));
    let faster: Vec<String> = rows
        .iter()
        .rev()
        .take_while(|row| row.ratio >= FASTER)
        .map(|row| format!("{} {:.1}", row.name, row.ratio))
        .collect();
    format!(
        "{out}\nSlower than {BAR} of Node:\n\n{slower}\nAt least {FASTER} times as fast: {}.\n\n",
        faster.join("; ")
    )
}
