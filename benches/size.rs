//! What is in the executable of hello world, and what the large parts cost a program that uses them: in the file, at start, in memory.
//! Writes both tables into `docs/BENCHMARKS.md`.

mod support;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use support::quantile;

const STARTS: usize = 25;

/// Programs that use one part and nothing else.
const PROGRAMS: [(&str, &str); 9] = [
    ("hello", "console.log('hello world')"),
    ("OpenSSL: a hash", "console.log(require('crypto').createHash('sha256').update('a').digest('hex'))"),
    ("OpenSSL: a TLS context", "console.log(typeof require('tls').createSecureContext().context)"),
    (
        "SQLite: a query in memory",
        "const { DatabaseSync } = require('node:sqlite'); console.log(new DatabaseSync(':memory:').prepare('select 1 a').get().a)",
    ),
    (
        "Wasm: a module of one function",
        "const bytes = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 4, 1, 2, 0, 11]);\n\
         console.log(new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.f())",
    ),
    (
        "zlib, brotli, zstd: a round trip each",
        "const z = require('zlib'); console.log(z.gunzipSync(z.gzipSync('a')) + z.brotliDecompressSync(z.brotliCompressSync('a')) + z.zstdDecompressSync(z.zstdCompressSync('a')))",
    ),
    ("ICU: a date in another language", "console.log(new Date(0).toLocaleDateString('de', { timeZone: 'UTC' }))"),
    ("http: a server", "require('http').createServer().listen(0, function() { console.log('there'); this.close(); })"),
    ("TypeScript stripped at run time", "console.log(require('module').stripTypeScriptTypes('let a: number'))"),
];

/// One start.
struct Start {
    cpu: f64,
    faults: f64,
    rss: f64,
}

fn main() {
    let temp = tempfile::tempdir().unwrap();
    let apps: Vec<PathBuf> = PROGRAMS.iter().enumerate().map(|(i, (_, text))| built(temp.path(), i, text)).collect();
    let mut starts: Vec<Vec<Start>> = apps.iter().map(|_| Vec::new()).collect();
    for _ in 0..STARTS {
        for (app, starts) in apps.iter().zip(&mut starts) {
            starts.push(start(app));
        }
    }
    let mut report = components(&apps[0]);
    report += "\nA program that uses a part, and what that adds to hello (first line):\n\n";
    report += "| program | file MB | CPU ms | page faults | RSS MiB |\n|---|---|---|---|---|\n";
    let mut first: Option<[f64; 4]> = None;
    for (((name, _), app), starts) in PROGRAMS.iter().zip(&apps).zip(&starts) {
        let middle = |of: fn(&Start) -> f64| quantile(starts.iter().map(of), 0.5);
        let row =
            [fs::metadata(app).unwrap().len() as f64 / 1e6, middle(|s| s.cpu), middle(|s| s.faults), middle(|s| s.rss)];
        let told = match first {
            None => row.map(|value| format!("{value:.1}")),
            Some(first) => std::array::from_fn(|i| format!("{:+.1}", row[i] - first[i])),
        };
        first.get_or_insert(row);
        writeln!(report, "| {name} | {} |", told.join(" | ")).unwrap();
    }
    println!("{report}");
    support::record("size", &format!("Medians of {STARTS} starts, in turns"), &report);
}

fn built(folder: &Path, number: usize, text: &str) -> PathBuf {
    let project = folder.join(number.to_string());
    fs::create_dir(&project).unwrap();
    fs::write(project.join("main.js"), text).unwrap();
    let app = project.join("app");
    support::build(&project.join("main.js"), &app, &[]).unwrap();
    app
}

/// The parts of an executable, as `pack inspect` tells them.
fn components(app: &Path) -> String {
    let mut inspect = support::clean(env!("CARGO_BIN_EXE_pack"));
    let told = inspect.arg("inspect").arg(app).arg("--json").output().unwrap().stdout;
    let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
    let row = |name: &str, bytes: &serde_json::Value| format!("| {name} | {:.2} |\n", bytes.as_f64().unwrap() / 1e6);
    let list = |of: &serde_json::Value, before: &str| {
        let rows = of.as_array().unwrap().iter().filter(|one| one["bytes"] != 0);
        rows.map(|one| row(&format!("{before}{}", one["name"].as_str().unwrap()), &one["bytes"])).collect::<String>()
    };
    let mut report = format!("| hello world | MB |\n|---|---|\n{}", row("**all**", &told["bytes"]));
    report += &row("**runtime**", &told["runtime"]["bytes"]);
    report += &list(&told["runtime"]["components"], "");
    report + &list(&told["sections"], "payload: ")
}

#[expect(clippy::zombie_processes, reason = "wait4 waits, and tells what it used")]
fn start(app: &Path) -> Start {
    let mut process = support::clean(app);
    process.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let child = process.spawn().unwrap();
    let (mut status, mut usage) = (0, std::mem::MaybeUninit::<libc::rusage>::uninit());
    // SAFETY: waits for our own child, with room for the results.
    let usage = unsafe {
        libc::wait4(child.id() as i32, &mut status, 0, usage.as_mut_ptr());
        usage.assume_init()
    };
    assert_eq!(status, 0, "{}", app.display());
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    Start {
        cpu: (seconds(usage.ru_utime) + seconds(usage.ru_stime)) * 1e3,
        faults: usage.ru_minflt as f64,
        rss: usage.ru_maxrss as f64 / 1024.0,
    }
}
