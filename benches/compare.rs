//! Start time, CPU, memory, sizes and build time of real programs: `pack` against Node, Bun and Deno, in one run, each start and
//! each build a fresh process, the runners taking turns. `cargo bench --bench compare` prints the tables and writes them into
//! `docs/BENCHMARKS.md`.
mod support;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Starts of each program with each runner.
const STARTS: usize = 25;
/// Builds of each program with each builder.
const BUILDS: usize = 3;

/// A program to start.
struct Program {
    name: &'static str,
    project: Project,
    entry: &'static str,
    flags: &'static [&'static str],
    /// Entry and flags for Bun, where it needs others: it takes a file without an extension for data, and ends at a package that
    /// is optional.
    bun: Option<(&'static str, &'static [&'static str])>,
    args: &'static [&'static str],
    stdin: &'static str,
    /// A server: measured until it prints this, then killed.
    until: Option<&'static str>,
}

/// Where a program's sources are.
enum Project {
    /// A folder of the repository.
    Folder(&'static str),
    /// Made by a function, in the folder it is given.
    Made(fn(&Path)),
}

const PROGRAMS: &[Program] = &[
    Program {
        name: "hello",
        project: Project::Folder("benches/programs"),
        entry: "hello.js",
        flags: &[],
        bun: None,
        args: &[],
        stdin: "",
        until: None,
    },
    Program {
        name: "tsc --version",
        project: Project::Folder("fixtures/tsc"),
        entry: "node_modules/typescript/bin/tsc",
        flags: &["--include", "lib/*.d.ts"],
        bun: Some(("node_modules/typescript/lib/tsc.js", &[])),
        args: &["--version"],
        stdin: "",
        until: None,
    },
    Program {
        name: "eslint --version",
        project: Project::Folder("fixtures/eslint"),
        entry: "node_modules/eslint/bin/eslint.js",
        flags: &[],
        bun: Some(("node_modules/eslint/bin/eslint.js", &["--external", "jiti", "--external", "jiti/package.json"])),
        args: &["--version"],
        stdin: "",
        until: None,
    },
    Program {
        name: "prettier, one file",
        project: Project::Folder("fixtures/prettier"),
        entry: "node_modules/prettier/bin/prettier.cjs",
        flags: &[],
        bun: None,
        args: &["--no-config", "--stdin-filepath", "x.js"],
        stdin: "const a = {b:1, c:[ 2,3 ]}; function f( x ){ return x?.y }\n",
        until: None,
    },
    Program {
        name: "REST API, to listening",
        project: Project::Folder("fixtures/rest-api"),
        entry: "main.js",
        flags: &[],
        bun: None,
        args: &[],
        stdin: "",
        until: Some("listening"),
    },
    Program {
        name: "2,000 modules, `--version`",
        project: Project::Made(two_thousand_modules),
        entry: "main.js",
        flags: &[],
        bun: None,
        args: &["--version"],
        stdin: "",
        until: None,
    },
    Program {
        name: "2,000 modules, all of them evaluated",
        project: Project::Made(two_thousand_modules),
        entry: "main.js",
        flags: &[],
        bun: None,
        args: &[],
        stdin: "",
        until: None,
    },
];

/// A command line that answers `--version` by itself and imports a graph of 2,000 ES modules, 8 MB, for all else.
fn two_thousand_modules(project: &Path) {
    const MODULES: usize = 2000;
    fs::create_dir_all(project.join("src")).unwrap();
    fs::write(project.join("package.json"), r#"{"name": "many", "version": "1.0.0", "type": "module"}"#).unwrap();
    let main = "if (process.argv[2] === '--version') console.log('1.0.0');
else import('./src/m0.js').then(({ total }) => console.log(total()));\n";
    fs::write(project.join("main.js"), main).unwrap();
    for number in 0..MODULES {
        let imported: Vec<usize> = (number * 3 + 1..number * 3 + 4).filter(|&other| other < MODULES).collect();
        let mut text = String::new();
        for other in &imported {
            writeln!(text, "import {{ total as total{other} }} from './m{other}.js';").unwrap();
        }
        for function in 0..30 {
            writeln!(
                text,
                "export function calculate{function}(input, options = {{}}) {{
  const {{ scale = {function}, offset = {number} }} = options;
  return input.map((value) => value * scale + offset).filter((value) => value % 2 === 0);
}}"
            )
            .unwrap();
        }
        let sum: Vec<String> = imported.iter().map(|other| format!(" + total{other}()")).collect();
        writeln!(text, "export const table = [{number}, {}];", number * 7).unwrap();
        writeln!(text, "export const total = () => calculate1(table).length{};", sum.concat()).unwrap();
        fs::write(project.join(format!("src/m{number}.js")), text).unwrap();
    }
}

/// One way of running a program: the command made by its builder, none where the builder cannot.
struct Runner {
    name: &'static str,
    build: fn(&Program, project: &Path, out: &Path) -> Option<Vec<PathBuf>>,
}

fn bun(program: &Program, project: &Path, out: &Path, more: &[&str]) -> Option<Vec<PathBuf>> {
    let mut command = support::clean(support::peer("@oven/bun-linux-x64/bin/bun"));
    let (entry, flags) = program.bun.unwrap_or((program.entry, &[]));
    command.args(["build", "--compile", "--outfile"]).arg(out).args(more).args(flags).arg(project.join(entry));
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
    Runner {
        name: "pack run",
        build: |program, project, _| {
            let fits = program.flags.is_empty() && program.until.is_none();
            fits.then(|| vec![env!("CARGO_BIN_EXE_pack").into(), "run".into(), project.join(program.entry)])
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
            let deno = support::peer("@deno/linux-x64-glibc/deno");
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
    let only: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let mut report = String::new();
    for (index, program) in PROGRAMS.iter().enumerate() {
        if !only.is_empty() && !only.iter().any(|part| program.name.contains(part)) {
            continue;
        }
        eprintln!("{}", program.name);
        let project = temp.path().join(format!("project-{index}"));
        set_out(program, &project);
        let mut made = Vec::new();
        for (number, runner) in RUNNERS.iter().enumerate() {
            let out = temp.path().join(format!("app-{index}-{number}"));
            let Some(command) = (runner.build)(program, &project, &out) else { continue };
            // A runner that cannot run the program is left out and said so, not measured failing faster.
            match start(&command, program, temp.path()) {
                Some(_) => made.push(Made { runner, command, builds: Vec::new(), starts: Vec::new() }),
                None => eprintln!("{} does not run {}", runner.name, program.name),
            }
        }
        for _ in 0..BUILDS {
            for one in made.iter_mut().filter(|one| one.command.len() == 1) {
                let out = temp.path().join("built-again");
                let (begin, cpu) = (Instant::now(), cpu_of_children());
                (one.runner.build)(program, &project, &out).expect("it was built before");
                one.builds.push((begin.elapsed().as_secs_f64(), cpu_of_children() - cpu));
            }
        }
        for _ in 0..STARTS {
            for one in &mut made {
                one.starts.extend(start(&one.command, program, temp.path()));
            }
        }
        section(&mut report, program, &made);
    }
    println!("{report}");
    if only.is_empty() {
        support::record("measured", &format!("{STARTS} starts and {BUILDS} builds each, in turns"), &report);
    }
}

/// Lays out the program's sources and packages.
fn set_out(program: &Program, project: &Path) {
    match program.project {
        Project::Made(make) => make(project),
        Project::Folder(folder) => {
            let source = support::root().join(folder);
            support::copy_tree(&source, project, false);
            if source.join("package-lock.json").exists() {
                support::copy_tree(&support::npm_ci(&source), &project.join("node_modules"), true);
            }
        }
    }
}

/// Processor seconds of all children that have ended.
fn cpu_of_children() -> f64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::uninit();
    // SAFETY: with room for the result.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr());
        usage.assume_init()
    };
    seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

fn seconds(time: libc::timeval) -> f64 {
    time.tv_sec as f64 + time.tv_usec as f64 / 1e6
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
    let worked = if program.until.is_some() { there } else { status == 0 && printed > 0 };
    worked.then_some(Start {
        wall: wall.as_secs_f64() * 1e3,
        cpu: (seconds(usage.ru_utime) + seconds(usage.ru_stime)) * 1e3,
        rss: usage.ru_maxrss as f64 / 1024.0,
    })
}

/// A program as a runner made it, and what was measured.
struct Made<'a> {
    runner: &'a Runner,
    command: Vec<PathBuf>,
    /// Wall and processor seconds of each build.
    builds: Vec<(f64, f64)>,
    starts: Vec<Start>,
}

fn section(report: &mut String, program: &Program, made: &[Made]) {
    writeln!(report, "### {}\n", program.name).unwrap();
    report.push_str(
        "| | start ms (quartiles) | of Node | CPU ms | of Node | RSS MiB | of Node | ships MB | gzip MB | build s | build CPU s |\n",
    );
    report.push_str("|---|---|---|---|---|---|---|---|---|---|---|\n");
    let node = made.iter().find(|one| one.runner.name == "Node 26").expect("the oracle runs everything");
    let middle = |one: &Made, of: fn(&Start) -> f64| support::quantile(one.starts.iter().map(of), 0.5);
    for one in made {
        let ships = &one.command[0]; // its own file, or the runtime that starts the sources
        let ratio = |of: fn(&Start) -> f64| middle(one, of) / middle(node, of);
        let wall = |at: f64| support::quantile(one.starts.iter().map(|start| start.wall), at);
        let build = |of: fn(&(f64, f64)) -> f64| match one.builds.as_slice() {
            [] => "none".into(),
            builds => format!("{:.2}", support::quantile(builds.iter().map(of), 0.5)),
        };
        writeln!(
            report,
            "| {} | {:.1} ({:.1} to {:.1}) | {:.2} | {:.1} | {:.2} | {:.1} | {:.2} | {:.1} | {:.1} | {} | {} |",
            one.runner.name,
            wall(0.5),
            wall(0.25),
            wall(0.75),
            ratio(|start| start.wall),
            middle(one, |start| start.cpu),
            ratio(|start| start.cpu),
            middle(one, |start| start.rss),
            ratio(|start| start.rss),
            fs::metadata(ships).map_or(0.0, |m| m.len() as f64 / 1e6),
            gzipped(ships) as f64 / 1e6,
            build(|&(wall, _)| wall),
            build(|&(_, cpu)| cpu),
        )
        .unwrap();
    }
    report.push('\n');
}

/// The size of the file as gzip packs it; runtimes are asked for again with each program.
fn gzipped(file: &Path) -> u64 {
    static KNOWN: Mutex<BTreeMap<PathBuf, u64>> = Mutex::new(BTreeMap::new());
    *KNOWN.lock().unwrap().entry(file.to_owned()).or_insert_with(|| {
        let mut gzip = Command::new("gzip").arg("-c").arg(file).stdout(Stdio::piped()).spawn().expect("gzip");
        // Counted as it comes: a child's resident size begins with that of the process which starts it, so this one stays small.
        let counted = std::io::copy(&mut gzip.stdout.take().unwrap(), &mut std::io::sink()).unwrap();
        gzip.wait().unwrap();
        counted
    })
}
