//! Start time, CPU, memory and sizes of real programs: `pack` against Node, Bun and Deno, in one run, each start a fresh
//! process, the runners taking turns. `cargo bench` prints the table and writes it into `docs/BENCHMARKS.md`.
#[path = "../tests/support/mod.rs"]
mod support;

use std::fmt::Write;
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Starts of each program with each runner.
const STARTS: usize = 25;

/// A program to start.
struct Program {
    name: &'static str,
    /// Below `fixtures/`, or below `benches/` where that is no fixture.
    project: &'static str,
    entry: &'static str,
    flags: &'static [&'static str],
    args: &'static [&'static str],
    stdin: &'static str,
    /// A server: measured until it prints this, then killed.
    until: Option<&'static str>,
}

const PROGRAMS: &[Program] = &[
    Program {
        name: "hello",
        project: "benches/programs",
        entry: "hello.js",
        flags: &[],
        args: &[],
        stdin: "",
        until: None,
    },
    Program {
        name: "tsc --version",
        project: "fixtures/tsc",
        entry: "node_modules/typescript/bin/tsc",
        flags: &["--include", "lib/*.d.ts"],
        args: &["--version"],
        stdin: "",
        until: None,
    },
    Program {
        name: "eslint --version",
        project: "fixtures/eslint",
        entry: "node_modules/eslint/bin/eslint.js",
        flags: &[],
        args: &["--version"],
        stdin: "",
        until: None,
    },
    Program {
        name: "prettier, one file",
        project: "fixtures/prettier",
        entry: "node_modules/prettier/bin/prettier.cjs",
        flags: &[],
        args: &["--no-config", "--stdin-filepath", "x.js"],
        stdin: "const a = {b:1, c:[ 2,3 ]}; function f( x ){ return x?.y }\n",
        until: None,
    },
    Program {
        name: "REST API, to listening",
        project: "fixtures/rest-api",
        entry: "main.js",
        flags: &[],
        args: &[],
        stdin: "",
        until: Some("listening"),
    },
];

/// One way of running a program: the command made by its builder, none where the builder cannot.
struct Runner {
    name: &'static str,
    build: fn(&Program, project: &Path, out: &Path) -> Option<Vec<PathBuf>>,
}

fn peer(path: &str) -> PathBuf {
    support::npm_ci(&support::root().join("benches/peers")).join(path)
}

fn bun(program: &Program, project: &Path, out: &Path, more: &[&str]) -> Option<Vec<PathBuf>> {
    let mut command = support::clean(peer("@oven/bun-linux-x64/bin/bun"));
    command.args(["build", "--compile", "--outfile"]).arg(out).args(more).arg(project.join(program.entry));
    let ran = support::run(command, "", Duration::from_secs(120));
    (ran.status == 0).then(|| vec![out.to_owned()])
}

const RUNNERS: &[Runner] = &[
    Runner {
        name: "pack",
        build: |program, project, out| {
            let flags: Vec<String> = program.flags.iter().map(ToString::to_string).collect();
            support::build(&project.join(program.entry), out, &flags).map_err(|told| eprintln!("{told}")).ok()?;
            Some(vec![out.to_owned()])
        },
    },
    Runner {
        // What the program does here is what it was trained with; a server does not end by itself.
        name: "pack --warmup",
        build: |program, project, out| {
            if program.until.is_some() || program.args.is_empty() {
                return None;
            }
            let mut flags: Vec<String> = program.flags.iter().map(ToString::to_string).collect();
            flags.extend(["--warmup".into(), format!("app {}", program.args.join(" "))]);
            support::build(&project.join(program.entry), out, &flags).map_err(|told| eprintln!("{told}")).ok()?;
            Some(vec![out.to_owned()])
        },
    },
    Runner { name: "Node 26", build: |program, project, _| Some(vec![support::node(), project.join(program.entry)]) },
    Runner { name: "Bun --compile", build: |program, project, out| bun(program, project, out, &[]) },
    Runner {
        name: "Bun --bytecode",
        build: |program, project, out| bun(program, project, out, &["--bytecode", "--minify"]),
    },
    Runner {
        // `deno compile` fetches a base that no npm package has; its start is that of `deno run`.
        name: "Deno run",
        build: |program, project, _| {
            let deno = peer("@deno/linux-x64-glibc/deno");
            Some(vec![deno, "run".into(), "-A".into(), "--no-check".into(), "-q".into(), project.join(program.entry)])
        },
    },
];

/// One start.
#[derive(Clone, Copy)]
struct Start {
    wall: f64,
    cpu: f64,
    rss: f64,
}

fn main() {
    let temp = tempfile::tempdir().unwrap();
    let mut report = String::new();
    for (index, program) in PROGRAMS.iter().enumerate() {
        let project = temp.path().join(format!("project-{index}"));
        let source = support::root().join(program.project);
        support::copy_tree(&source, &project, false);
        if source.join("package-lock.json").exists() {
            support::copy_tree(&support::npm_ci(&source), &project.join("node_modules"), true);
        }
        let mut made = Vec::new();
        for (number, runner) in RUNNERS.iter().enumerate() {
            let begin = Instant::now();
            let out = temp.path().join(format!("app-{index}-{number}"));
            let Some(command) = (runner.build)(program, &project, &out) else { continue };
            let built = begin.elapsed().as_secs_f64();
            // A runner that cannot run the program is left out and said so, not measured failing faster.
            match start(&command, program, temp.path()) {
                Some(_) => made.push((runner, command, built, Vec::new())),
                None => eprintln!("{} does not run {}", runner.name, program.name),
            }
        }
        for _ in 0..STARTS {
            for (_, command, _, starts) in &mut made {
                starts.extend(start(command, program, temp.path()));
            }
        }
        section(&mut report, program, &made);
    }
    println!("{report}");
    write(&report);
}

/// Starts a command in a fresh process and waits for its end, or for the line that says that it is there.
fn start(command: &[PathBuf], program: &Program, cwd: &Path) -> Option<Start> {
    let mut process = support::clean(&command[0]);
    process.args(&command[1..]).args(program.args).current_dir(cwd).stdin(Stdio::piped()).stdout(Stdio::piped());
    process.stderr(Stdio::null()).env("HOME", cwd);
    let begin = Instant::now();
    let mut child = process.spawn().ok()?;
    let mut input = child.stdin.take().unwrap();
    let _ = input.write_all(program.stdin.as_bytes());
    drop(input);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut there = false;
    if let Some(until) = program.until {
        there = lines.any(|line| line.is_ok_and(|line| line.contains(until)));
        let _ = child.kill();
    }
    let wall = if program.until.is_some() { Some(begin.elapsed()) } else { None };
    let printed = lines.count();
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::uninit());
    // SAFETY: waits for our own child, with room for the results.
    let usage = unsafe {
        libc::wait4(child.id() as i32, &mut status, 0, usage.as_mut_ptr());
        usage.assume_init()
    };
    let wall = wall.unwrap_or_else(|| begin.elapsed());
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let worked = if program.until.is_some() { there } else { status == 0 && printed > 0 };
    worked.then_some(Start {
        wall: wall.as_secs_f64() * 1e3,
        cpu: (seconds(usage.ru_utime) + seconds(usage.ru_stime)) * 1e3,
        rss: usage.ru_maxrss as f64 / 1024.0,
    })
}

fn quantile(starts: &[Start], of: fn(&Start) -> f64, at: f64) -> f64 {
    let mut values: Vec<f64> = starts.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * at).round() as usize]
}

type Made<'a> = (&'a Runner, Vec<PathBuf>, f64, Vec<Start>);

fn section(report: &mut String, program: &Program, made: &[Made]) {
    writeln!(report, "### {}\n", program.name).unwrap();
    report.push_str(
        "| | start ms (quartiles) | of Node | CPU ms | of Node | RSS MiB | of Node | ships MB | gzip MB | build s |\n",
    );
    report.push_str("|---|---|---|---|---|---|---|---|---|---|\n");
    let node = made.iter().find(|(runner, ..)| runner.name == "Node 26").expect("the oracle runs everything");
    let middle = |starts: &[Start], of: fn(&Start) -> f64| quantile(starts, of, 0.5);
    for (runner, command, built, starts) in made {
        let ships = &command[0]; // its own file, or the runtime that starts it
        let ratio = |of: fn(&Start) -> f64| middle(starts, of) / middle(&node.3, of);
        writeln!(
            report,
            "| {} | {:.1} ({:.1} to {:.1}) | {:.2} | {:.1} | {:.2} | {:.1} | {:.2} | {:.1} | {:.1} | {} |",
            runner.name,
            middle(starts, |s| s.wall),
            quantile(starts, |s| s.wall, 0.25),
            quantile(starts, |s| s.wall, 0.75),
            ratio(|s| s.wall),
            middle(starts, |s| s.cpu),
            ratio(|s| s.cpu),
            middle(starts, |s| s.rss),
            ratio(|s| s.rss),
            fs::metadata(ships).map_or(0.0, |m| m.len() as f64 / 1e6),
            gzipped(ships) as f64 / 1e6,
            if command.len() == 1 { format!("{built:.2}") } else { "none".into() },
        )
        .unwrap();
    }
    report.push('\n');
}

fn gzipped(file: &Path) -> usize {
    let output = Command::new("gzip").args(["-9", "-c"]).arg(file).output().expect("gzip");
    output.stdout.len()
}

/// Puts the tables between the two marks of `docs/BENCHMARKS.md`, with the machine and the commit.
fn write(report: &str) {
    let file = support::root().join("docs/BENCHMARKS.md");
    let text = fs::read_to_string(&file).expect("docs/BENCHMARKS.md");
    let (begin, end) = ("<!-- measured -->", "<!-- end -->");
    let (head, tail) = (text.split(begin).next().unwrap(), text.split(end).nth(1).unwrap_or_default());
    let told = |command: &str, args: &[&str]| {
        let output = Command::new(command).args(args).current_dir(support::root()).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
    };
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu =
        cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("").trim_start_matches(['\t', ':', ' ']);
    let machine = format!("{cpu}, {} cores, {}", told("nproc", &[]), told("uname", &["-sr"]));
    let commit = told("git", &["rev-parse", "--short", "HEAD"]);
    let about = format!("{STARTS} starts each, in turns; {machine}; commit {commit}.\n\n");
    fs::write(&file, format!("{head}{begin}\n{about}{report}{end}{tail}")).unwrap();
}
