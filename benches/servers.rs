//! Throughput and memory of servers: `pack` against Node, Bun and Deno with the same programs, in one run, the runners
//! taking turns. A server has one core for itself and its load another. `cargo bench --bench servers` prints the tables and
//! writes them into `docs/BENCHMARKS.md`; with words after `--` only the cases whose names have them are run, and nothing is
//! written. HTTP is loaded by `wrk` (Debian: `apt-get install wrk`), the rest by `support/load.rs` and curl.
mod support;

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Lines, Write as _};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use support::load;

/// Turns of each runner in each case.
const ROUNDS: usize = 3;
/// Before and while it is measured.
const WARM: Duration = Duration::from_secs(2);
const MEASURED: Duration = Duration::from_secs(3);
/// Bytes of the file that is streamed.
const FILE: usize = 1_000_000_000;
const IDLE: usize = 10_000;
const FETCHES: usize = 1000;

/// The core of what is measured, and that of the load.
const CORES: [usize; 2] = [0, 1];

/// What one turn gave; `amount` is what the case is about.
struct Turn {
    amount: f64,
    /// Microseconds of the processor for one request, message or megabyte.
    cpu: f64,
    /// Most that was resident, MiB.
    rss: f64,
}

struct Case {
    name: &'static str,
    program: &'static str,
    /// What `amount` is.
    unit: &'static str,
    measure: fn(&[PathBuf], &Path) -> Option<Turn>,
}

const CASES: &[Case] = &[
    Case { name: "node:http hello, 64 connections", program: "hello.js", unit: "requests/s", measure: wrk },
    Case { name: "express hello, 64 connections", program: "express.js", unit: "requests/s", measure: wrk },
    Case { name: "fastify JSON, 64 connections", program: "fastify.js", unit: "requests/s", measure: wrk },
    Case { name: "WebSocket echo (ws), 1,000 connections", program: "echo.js", unit: "messages/s", measure: echo },
    Case {
        name: "fetch, the first 1,000, 32 in flight",
        program: "fetch.js",
        unit: "requests/s",
        measure: first_fetches,
    },
    Case {
        name: "fetch, the sixth 1,000, 32 in flight",
        program: "fetch.js",
        unit: "requests/s",
        measure: later_fetches,
    },
    Case { name: "1 GB file to curl", program: "file.js", unit: "MB/s", measure: stream_file },
    Case { name: "10,000 idle connections", program: "hello.js", unit: "KiB a connection", measure: idle },
];

/// The command of a program, made in `out` where something is built.
struct Runner {
    name: &'static str,
    command: fn(entry: &Path, out: &Path) -> Vec<PathBuf>,
}

const RUNNERS: &[Runner] = &[
    Runner {
        name: "pack",
        command: |entry, out| {
            support::build(entry, out, &[]).unwrap_or_else(|told| panic!("{told}"));
            vec![out.to_owned()]
        },
    },
    Runner { name: "Node 26", command: |entry, _| vec![support::node(), entry.to_owned()] },
    Runner {
        name: "Bun",
        command: |entry, _| vec![support::peer("@oven/bun-linux-x64/bin/bun"), "run".into(), entry.to_owned()],
    },
    Runner {
        name: "Deno",
        command: |entry, _| {
            let deno = support::peer("@deno/linux-x64-glibc/deno");
            vec![deno, "run".into(), "-A".into(), "--no-check".into(), "-q".into(), entry.to_owned()]
        },
    },
];

fn main() {
    assert!(
        Command::new("wrk").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok(),
        "this bench loads its servers with wrk; on Debian: apt-get install wrk"
    );
    assert!(
        std::thread::available_parallelism().is_ok_and(|n| n.get() > 1),
        "a core for the server and one for its load"
    );
    pin(CORES[1]);
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let temp = tempfile::tempdir().unwrap();
    let project = temp.path().join("project");
    let source = support::root().join("benches/programs/servers");
    support::copy_tree(&source, &project, false);
    support::copy_tree(&support::npm_ci(&source), &project.join("node_modules"), true);
    let mut report = String::new();
    for case in CASES.iter().filter(|case| words.is_empty() || words.iter().any(|word| case.name.contains(word))) {
        let commands: Vec<_> = RUNNERS
            .iter()
            .map(|runner| {
                (runner.command)(&project.join(case.program), &temp.path().join(case.program).with_extension("app"))
            })
            .collect();
        let mut turns: Vec<Vec<Turn>> = RUNNERS.iter().map(|_| Vec::new()).collect();
        for _ in 0..ROUNDS {
            for (command, turns) in commands.iter().zip(&mut turns) {
                turns.extend((case.measure)(command, temp.path()));
            }
        }
        section(&mut report, case, &turns);
    }
    println!("{report}");
    if words.is_empty() {
        let about =
            format!("Medians of {ROUNDS} turns, least and most in brackets; one core for the server, one for the load");
        support::record("servers", &about, &report);
    }
}

/// Keeps this thread, and what it starts, on one core.
fn pin(core: usize) {
    // SAFETY: the set is plain data; CPU_SET is within it.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(core, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set);
    }
}

/// A process on the first core; killed when it is dropped.
struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    fn start(command: &[PathBuf], args: &[&str], home: &Path) -> Option<Self> {
        let mut process = support::clean(&command[0]);
        process.args(&command[1..]).args(args).env("HOME", home).current_dir(home);
        process.stdin(Stdio::null()).stdout(Stdio::piped());
        // SAFETY: one system call between fork and exec.
        unsafe {
            process.pre_exec(|| {
                pin(CORES[0]);
                Ok(())
            });
        }
        let mut child = process.spawn().ok()?;
        let lines = BufReader::new(child.stdout.take()?).lines();
        Some(Process { child, lines })
    }

    /// The number after `word` in the next line.
    fn told<T: std::str::FromStr>(&mut self, word: &str) -> Option<T> {
        self.lines.next()?.ok()?.strip_prefix(word)?.trim().parse().ok()
    }

    /// Microseconds of processor that it has used.
    fn cpu(&self) -> f64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        let ticks: f64 = fields.get(11..13).unwrap_or(&[]).iter().filter_map(|field| field.parse::<f64>().ok()).sum();
        // SAFETY: a plain query.
        ticks * 1e6 / unsafe { libc::sysconf(libc::_SC_CLK_TCK) } as f64
    }

    /// A line of its status, in MiB.
    fn memory(&self, name: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Requests and seconds of one run of wrk.
fn run_wrk(port: u16, time: Duration) -> Option<(f64, f64)> {
    let time = format!("-d{}s", time.as_secs());
    let output =
        Command::new("wrk").args(["-t1", "-c64", &time, &format!("http://127.0.0.1:{port}/")]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let words: Vec<&str> = text.lines().find(|line| line.contains(" requests in "))?.split_whitespace().collect();
    let seconds = words.get(3)?.trim_end_matches(',').strip_suffix('s')?.parse().ok()?;
    (!text.contains("Non-2xx")).then_some((words[0].parse().ok()?, seconds))
}

fn wrk(command: &[PathBuf], home: &Path) -> Option<Turn> {
    let mut server = Process::start(command, &[], home)?;
    let port = server.told("listening")?;
    run_wrk(port, WARM)?;
    let before = server.cpu();
    let (requests, seconds) = run_wrk(port, MEASURED)?;
    let cpu = (server.cpu() - before) / requests;
    Some(Turn { amount: requests / seconds, cpu, rss: server.memory("VmHWM") })
}

fn echo(command: &[PathBuf], home: &Path) -> Option<Turn> {
    let mut server = Process::start(command, &[], home)?;
    let port = server.told("listening")?;
    let mut sockets = load::WebSockets::open(port, 1000).ok()?;
    sockets.echo(WARM).ok()?;
    let before = server.cpu();
    let messages = sockets.echo(MEASURED).ok()? as f64;
    let cpu = (server.cpu() - before) / messages;
    Some(Turn { amount: messages / MEASURED.as_secs_f64(), cpu, rss: server.memory("VmHWM") })
}

fn fetches(command: &[PathBuf], home: &Path, rounds: usize) -> Option<Turn> {
    let url = format!("http://127.0.0.1:{}/", load::serve().ok()?);
    let (count, times) = (FETCHES.to_string(), rounds.to_string());
    let mut client = Process::start(command, &[&url, &count, &times], home)?;
    let mut last = 0.0;
    for _ in 0..rounds {
        last = client.told::<f64>("round")?;
    }
    // It waits to be killed.
    let cpu = client.cpu() / (FETCHES * rounds) as f64;
    Some(Turn { amount: FETCHES as f64 / last * 1e3, cpu, rss: client.memory("VmHWM") })
}

fn first_fetches(command: &[PathBuf], home: &Path) -> Option<Turn> {
    fetches(command, home, 1)
}

fn later_fetches(command: &[PathBuf], home: &Path) -> Option<Turn> {
    fetches(command, home, 6)
}

fn stream_file(command: &[PathBuf], home: &Path) -> Option<Turn> {
    let file = home.join("file");
    if !file.exists() {
        let block: Vec<u8> = (0..1_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let mut out = fs::File::create(&file).ok()?;
        (0..FILE / block.len()).try_for_each(|_| out.write_all(&block)).ok()?;
    }
    let mut server = Process::start(command, &[file.to_str()?], home)?;
    let port: u16 = server.told("listening")?;
    let (before, begin) = (server.cpu(), Instant::now());
    let args = ["-s", "-o", "/dev/null", "-w", "%{size_download}", &format!("http://127.0.0.1:{port}/")];
    let output = Command::new("curl").args(args).output().ok()?;
    let (megabytes, seconds) = (FILE as f64 / 1e6, begin.elapsed().as_secs_f64());
    let whole = String::from_utf8_lossy(&output.stdout) == FILE.to_string();
    let cpu = (server.cpu() - before) / megabytes;
    whole.then(|| Turn { amount: megabytes / seconds, cpu, rss: server.memory("VmHWM") })
}

fn idle(command: &[PathBuf], home: &Path) -> Option<Turn> {
    let mut server = Process::start(command, &[], home)?;
    let port = server.told("listening")?;
    run_wrk(port, Duration::from_secs(1))?;
    // The connections of wrk are gone, and what they have left is there.
    std::thread::sleep(Duration::from_secs(1));
    let (before, cpu) = (server.memory("VmRSS"), server.cpu());
    let connections = load::keep_alive(port, IDLE).ok()?;
    let amount = (server.memory("VmRSS") - before) * 1024.0 / IDLE as f64;
    let cpu = (server.cpu() - cpu) / IDLE as f64;
    drop(connections);
    Some(Turn { amount, cpu, rss: server.memory("VmHWM") })
}

fn section(report: &mut String, case: &Case, turns: &[Vec<Turn>]) {
    writeln!(report, "### {}\n", case.name).unwrap();
    writeln!(report, "| | {} | of Node | CPU \u{b5}s | of Node | RSS MiB |\n|---|---|---|---|---|---|", case.unit)
        .unwrap();
    let at = |turns: &[Turn], of: fn(&Turn) -> f64, at| support::quantile(turns.iter().map(of), at);
    let node = turns.iter().zip(RUNNERS).find(|(_, runner)| runner.name == "Node 26");
    let node = node.map(|(turns, _)| turns).filter(|turns| !turns.is_empty()).expect("the oracle runs everything");
    for (turns, runner) in turns.iter().zip(RUNNERS) {
        if turns.is_empty() {
            writeln!(report, "| {} | does not run | | | | |", runner.name).unwrap();
            continue;
        }
        let amount = at(turns, |t| t.amount, 0.5);
        let digits = usize::from(amount < 100.0);
        let (least, most) = (at(turns, |t| t.amount, 0.0), at(turns, |t| t.amount, 1.0));
        writeln!(
            report,
            "| {} | {amount:.digits$} ({least:.digits$} to {most:.digits$}) | {:.2} | {:.1} | {:.2} | {:.0} |",
            runner.name,
            amount / at(node, |t| t.amount, 0.5),
            at(turns, |t| t.cpu, 0.5),
            at(turns, |t| t.cpu, 0.5) / at(node, |t| t.cpu, 0.5),
            at(turns, |t| t.rss, 0.5),
        )
        .unwrap();
    }
    report.push('\n');
}
