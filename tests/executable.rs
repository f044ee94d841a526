//! What is asked of an executable that has no counterpart in Node: size, what it needs, where it runs, what damage does,
//! that the same input gives the same bytes, that nothing around it takes it over.
//! Does not own: the same of the payload format alone (`payload/tests`), what programs do (`fixtures.rs`).
mod support;

use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};
use support::{Ran, build, clean, root, run};
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(60);

/// Hello world, built once for all tests.
static HELLO: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("hello.js"), "console.log('hello world');\n").unwrap();
    build(&folder.path().join("hello.js"), &folder.path().join("hello"), &[]).unwrap();
    fs::read(folder.path().join("hello")).unwrap()
});

/// A folder with an executable `app` in it.
fn folder_with(app: &[u8]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("app");
    fs::write(&path, app).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
    (folder, path)
}

#[track_caller]
fn says_hello(ran: &Ran) {
    assert!(ran.status == 0 && ran.stdout == "hello world\n" && ran.stderr.is_empty(), "{}", ran.told());
}

fn is_root() -> bool {
    // SAFETY: always succeeds.
    unsafe { libc::geteuid() == 0 }
}

#[test]
fn pain_05_hello_is_under_47_mb() {
    assert!(HELLO.len() < 47_000_000, "{} bytes", HELLO.len());
}

/// `pack inspect` splits the runtime by component, and the components are all of it.
#[test]
fn pain_42_tells_what_the_runtime_is_made_of() {
    let (_folder, app) = folder_with(&HELLO);
    let ran = run(inspect(&app), "", SOON);
    let told: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let components = told["runtime"]["components"].as_array().unwrap();
    if components.is_empty() {
        // PACK_STUB comes without the linker's map.
        return;
    }
    let sum: u64 = components.iter().map(|one| one["bytes"].as_u64().unwrap()).sum();
    let all = told["runtime"]["bytes"].as_u64().unwrap();
    assert!(sum.abs_diff(all) < all / 100, "{sum} of {all}");
    for name in ["OpenSSL", "SQLite", "V8: Turbofan", "V8: WebAssembly", "ICU's code"] {
        assert!(components.iter().any(|one| one["name"] == name), "{name}: {components:?}");
    }
}

/// Data for locales is in the file where the program can reach it, and `pack inspect` says what wanted it.
#[test]
fn pain_05_and_42_data_of_locales_is_paid_for_by_who_uses_it() {
    let folder = TempDir::new().unwrap();
    let inside = |source: &str| {
        let (entry, app) = (folder.path().join("main.js"), folder.path().join("app"));
        fs::write(&entry, source).unwrap();
        build(&entry, &app, &[]).unwrap();
        let ran = run(inspect(&app), "", SOON);
        let told: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let sections = told["sections"].as_array().unwrap();
        let icu = sections.iter().find(|section| section["name"] == "icu").unwrap()["bytes"].as_u64().unwrap();
        (told["intl"].to_string(), icu)
    };
    let (told, none) = inside("console.log(new Date())");
    assert!(told.contains(r#""data":"none""#) && none < 2_000_000, "{told} {none}");
    let (told, some) = inside("\n list.sort((a, b) => a.localeCompare(b))");
    assert!(told.contains(r#""data":"collation""#) && told.contains("main.js:2:24 localeCompare"), "{told}");
    let (told, full) = inside("eval(process.argv[2])");
    assert!(told.contains(r#""data":"full""#) && told.contains("main.js:1:1 eval"), "{told}");
    assert!(none < some && some < full, "{none} {some} {full}");
}

fn inspect(app: &Path) -> Command {
    let mut inspect = clean(env!("CARGO_BIN_EXE_pack"));
    inspect.arg("inspect").arg(app).arg("--json");
    inspect
}

/// No interpreter and no shared library (pain 28); position independent, nothing writable and executable (pain 49).
#[test]
fn pain_28_and_49_needs_nothing_and_is_hardened() {
    use object::Endianness::Little as E;
    use object::elf;
    use object::read::elf::{Dyn, FileHeader, ProgramHeader};
    let header = elf::FileHeader64::<object::Endianness>::parse(&**HELLO).unwrap();
    assert_eq!(header.e_type.get(E), elf::ET_DYN);
    let segments = header.program_headers(E, &**HELLO).unwrap();
    let of = |kind| segments.iter().filter(move |segment| segment.p_type(E) == kind);
    assert_eq!(of(elf::PT_INTERP).count(), 0, "it asks for an interpreter");
    assert_eq!(of(elf::PT_GNU_RELRO).count(), 1, "no RELRO");
    for segment in segments {
        let both = elf::PF_W | elf::PF_X;
        assert!(segment.p_flags(E) & both != both, "a segment is writable and executable");
    }
    let dynamic = of(elf::PT_DYNAMIC).next().unwrap().dynamic(E, &**HELLO).unwrap().unwrap();
    assert!(dynamic.iter().all(|entry| entry.tag(E) != elf::DT_NEEDED), "it needs a shared library");
}

/// In a directory that holds only the file, as a user with no rights, no home, no `/proc`, no `/tmp` (pains 28 and 35).
#[test]
fn pain_28_and_35_runs_in_an_empty_chroot() {
    if !is_root() {
        return eprintln!("not root: no chroot");
    }
    let (folder, app) = folder_with(&HELLO);
    fs::set_permissions(&app, Permissions::from_mode(0o111)).unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o555)).unwrap();
    let place = std::ffi::CString::new(folder.path().as_os_str().as_bytes()).unwrap();
    let mut command = Command::new("/app");
    command.env_clear();
    // SAFETY: only system calls between fork and exec.
    unsafe {
        command.pre_exec(move || {
            let entered = libc::chroot(place.as_ptr()) == 0 && libc::chdir(c"/".as_ptr()) == 0;
            let lowered = entered && libc::setgid(65534) == 0 && libc::setuid(65534) == 0;
            if lowered { Ok(()) } else { Err(std::io::Error::last_os_error()) }
        });
    }
    says_hello(&run(command, "", SOON));
}

#[test]
fn runs_from_anywhere_under_any_name() {
    let (folder, app) = folder_with(&HELLO);
    let link = folder.path().join("ünï code");
    std::os::unix::fs::symlink(&app, &link).unwrap();
    let mut by_link = clean(&link);
    by_link.current_dir("/");
    says_hello(&run(by_link, "", SOON));
    let mut by_name = clean("app");
    by_name.env("PATH", folder.path()).current_dir("/");
    says_hello(&run(by_name, "", SOON));
    let mut renamed = clean(&app);
    renamed.arg0("node");
    says_hello(&run(renamed, "", SOON));
    let mut relative = clean("./app");
    relative.current_dir(folder.path()).arg0("");
    says_hello(&run(relative, "", SOON));
}

/// `strip` and signers that append keep the program (pains 14 and 17).
#[test]
fn pain_14_survives_strip_and_appended_bytes() {
    let (_folder, app) = folder_with(&HELLO);
    let mut strip = clean("strip");
    strip.arg("--strip-all").arg(&app);
    assert_eq!(run(strip, "", SOON).status, 0);
    says_hello(&run(clean(&app), "", SOON));
    let mut longer = fs::read(&app).unwrap();
    longer.extend((0..5000).map(|i| i as u8));
    let (_folder, app) = folder_with(&longer);
    says_hello(&run(clean(&app), "", SOON));
}

/// Cut anywhere or with a byte changed, it says that it is damaged and exits with 1, or never needed that byte.
#[test]
fn damage_is_told() {
    let payload = payload::container::locate(&HELLO).unwrap();
    let (start, payload) = (payload.as_ptr() as usize - HELLO.as_ptr() as usize, payload.len());
    let damaged = |ran: &Ran| ran.status == 1 && ran.stderr.contains("payload damaged");
    for part in [1, 5, 20, 60, 100, 127] {
        let (_folder, app) = folder_with(&HELLO[..start + payload * part / 128]);
        let ran = run(clean(&app), "", SOON);
        assert!(damaged(&ran), "cut after {part}/128 of the payload: {}", ran.told());
    }
    let mut told = 0;
    for step in 0..48 {
        let mut bytes = HELLO.clone();
        let at = start + payload * step / 48 + step;
        bytes[at] ^= 1 << (step % 8);
        let (_folder, app) = folder_with(&bytes);
        let ran = run(clean(&app), "", SOON);
        let unharmed = ran.status == 0 && ran.stdout == "hello world\n";
        assert!(damaged(&ran) || unharmed, "byte {at} of the payload from {start} changed: {}", ran.told());
        told += usize::from(damaged(&ran));
    }
    assert!(told > 0, "no change was noticed");
}

/// Keys that collide in one process do not in the next: else anybody who has the executable could make a million that do.
#[test]
fn hashes_of_strings_are_another_process_s_own() {
    let folder = TempDir::new().unwrap();
    let (main, app) = (folder.path().join("main.js"), folder.path().join("app"));
    // V8 writes hashes of names into a code cache.
    let program = "const script = new (require('vm').Script)('var someName = 1; function other() { return someName }');
        console.log(script.createCachedData().toString('base64'));";
    fs::write(&main, program).unwrap();
    build(&main, &app, &[]).unwrap();
    let said = || {
        let ran = run(clean(&app), "", SOON);
        assert!(ran.status == 0 && ran.stderr.is_empty(), "{}", ran.told());
        ran.stdout
    };
    assert_ne!(said(), said());
}

/// What is in the image moves when garbage is collected, and is there for workers and other contexts.
#[test]
fn the_heap_of_the_image_is_like_any_other() {
    let folder = TempDir::new().unwrap();
    let (main, app) = (folder.path().join("main.js"), folder.path().join("app"));
    let program = "const { Worker, isMainThread, parentPort } = require('worker_threads');
        const vm = require('vm');
        const look = () => [vm.runInNewContext('[1, 2].map((x) => x + 1).join() + typeof Map'), new URL('http://x/?a=b').search,
            Buffer.from('abc').toString('hex'), structuredClone(new Map([[1, { a: new Date(0) }]])).get(1).a.getTime(),
            require('util').inspect({ a: [1n, Symbol('s')] }), Reflect.ownKeys(globalThis).length > 70];
        for (let i = 0; i < 5; i++) gc();
        const seen = JSON.stringify(look());
        if (!isMainThread) { parentPort.postMessage(seen); return; }
        console.log(seen);
        for (let i = 0; i < 3; i++) new Worker(__filename).on('message', (text) => console.log(text === seen));";
    fs::write(&main, program).unwrap();
    let wanted = "[\"2,3function\",\"?a=b\",\"616263\",0,\"{ a: [ 1n, Symbol(s) ] }\",true]\ntrue\ntrue\ntrue\n";
    // The last reads the snapshot: who listens to V8 hears of each object that is made.
    for flags in
        ["", " --stress-compaction", " --gc-interval=500", " --no-rehash-snapshot", " --log-maps --logfile=/dev/null"]
    {
        build(&main, &app, &["--exec-argv".into(), format!("--expose-gc{flags}")]).unwrap();
        let ran = run(clean(&app), "", SOON);
        assert!(ran.status == 0 && ran.stdout == wanted, "{flags}: {}", ran.told());
    }
    let whole = fs::read(&app).unwrap();
    let payload = payload::container::locate(&whole).unwrap();
    let payload = payload::Payload::open(payload).unwrap().unwrap();
    assert!(payload::Image::read(payload.image()).heap.is_some(), "the image has no heap that is loaded as it lies");
}

/// ICU's data, eleven megabytes, is not read at a start: damage in it is told when a program first needs any of it.
#[test]
fn damage_of_what_a_start_does_not_read_is_told() {
    let folder = TempDir::new().unwrap();
    let (main, app) = (folder.path().join("main.js"), folder.path().join("app"));
    fs::write(
        &main,
        "console.log('begins'); process.on('SIGUSR2', () => {});
        if (process.argv[2] === 'listens') process.on('SIGSEGV', () => {});
        if (process.argv[2] !== 'without') console.log(new Intl.NumberFormat('de').format(1234.5));",
    )
    .unwrap();
    build(&main, &app, &[]).unwrap();
    let whole = fs::read(&app).unwrap();
    let payload = payload::container::locate(&whole).unwrap();
    let start = payload.as_ptr() as usize - whole.as_ptr() as usize;
    let sections = payload::Payload::open(payload).unwrap().unwrap().sections();
    let icu = sections.iter().find(|section| section.kind == payload::SectionKind::Icu).unwrap();
    let with = |bytes: &[u8], arg: &str| {
        let (_folder, app) = folder_with(bytes);
        let mut command = clean(&app);
        command.arg(arg);
        run(command, "", SOON)
    };
    assert_eq!(with(&whole, "listens").stdout, "begins\n1.234,5\n");
    let flipped = |at: u64| {
        let mut bytes = whole.clone();
        bytes[start + (icu.offset + at) as usize] ^= 4;
        bytes
    };
    let is_told = |ran: &support::Ran| ran.status == 1 && ran.stderr.contains("payload damaged");
    for at in [0, 100, 5_000, icu.len - 1] {
        let bytes = flipped(at);
        for arg in ["", "listens"] {
            let ran = with(&bytes, arg);
            assert!(is_told(&ran), "byte {at}, {arg}: {}", ran.told());
        }
        let ran = with(&bytes, "without");
        assert!(ran.status == 0 || is_told(&ran), "byte {at} is not needed: {}", ran.told());
    }
    // Of the blocks between, those that the program reads are checked, and no others.
    let mut told = 0;
    for at in (payload::BLOCK as u64..icu.len).step_by(payload::BLOCK) {
        let ran = with(&flipped(at + 1), "");
        told += u32::from(is_told(&ran));
        assert!(is_told(&ran) || ran.stdout == "begins\n1.234,5\n", "block at {at}: {}", ran.told());
        assert!(is_told(&with(&flipped(at + 1), "listens")), "all are checked for who may replace the handler: {at}");
    }
    assert!(told > 1, "{told} blocks were told");
}

/// The same project, in two folders, with one job and with two (pain 23), has no trace of either (pain 39).
#[test]
fn pain_23_and_39_same_bytes_and_no_trace_of_the_machine() {
    let project = root().join("fixtures/cli-typescript");
    let mut apps = Vec::new();
    for (place, jobs) in [("one", "1"), ("another/deeper place", "2")] {
        let folder = TempDir::new().unwrap();
        let copy = folder.path().join(place);
        support::copy_tree(&project, &copy, false);
        support::copy_tree(&support::npm_ci(&project), &copy.join("node_modules"), true);
        let out = folder.path().join("app");
        build(&copy.join("main.ts"), &out, &["--jobs".into(), jobs.into()]).unwrap();
        apps.push(fs::read(out).unwrap());
        let user = std::env::var("HOME").unwrap_or("/home/".into());
        for trace in [folder.path().to_str().unwrap(), root().to_str().unwrap(), &format!("{user}/.cargo")] {
            let found = memchr::memmem::find(&apps[apps.len() - 1], trace.as_bytes());
            assert_eq!(found, None, "{trace} is in the executable");
        }
    }
    assert!(apps[0] == apps[1], "two builds of one project differ");
}

/// Variables that make Node, Bun or Deno load or run something do nothing here (pains 7 and 22).
#[test]
fn pain_22_environment_does_not_take_over() {
    let (folder, app) = folder_with(&HELLO);
    let evil = folder.path().join("evil.js");
    fs::write(&evil, "console.log('taken over'); process.exit(66);").unwrap();
    let require = format!("--require {}", evil.display());
    let names = ["NODE_OPTIONS", "BUN_OPTIONS", "DENO_ARGS", "NODE_REPL_EXTERNAL_MODULE", "PACK_STUB", "PACK_DEV_JS"];
    let mut command = clean(&app);
    command.envs(names.map(|name| (name, &require))).current_dir(folder.path());
    command.env("BUN_BE_BUN", "1").env("NODE_V8_COVERAGE", folder.path()).env("NODE_PATH", folder.path());
    command.env("NODE_CHANNEL_FD", "1").env("ELECTRON_RUN_AS_NODE", "1").env("LD_PRELOAD", "/no/such.so");
    says_hello(&run(command, "", SOON));
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "a run left files: {left:?}");
}

/// A build that fails exits with 1, leaves the old file as it was and nothing else (pains 30 and 44).
#[test]
fn pain_30_and_44_failed_build_leaves_what_was_there() {
    let folder = TempDir::new().unwrap();
    let (entry, out) = (folder.path().join("main.js"), folder.path().join("app"));
    fs::write(&entry, "let x = ;\n").unwrap();
    fs::write(&out, "what was there").unwrap();
    assert!(build(&entry, &out, &[]).is_err());
    assert_eq!(fs::read(&out).unwrap(), b"what was there");
    fs::write(&entry, "console.log(1);\n").unwrap();
    build(&entry, &out, &[]).unwrap();
    assert_eq!(run(clean(&out), "", SOON).stdout, "1\n");
    assert!(build(&entry, &folder.path().join("no/such/folder/app"), &[]).is_err());
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "debris: {names:?}");
}

/// Options of node, baked in (pain 41).
#[test]
fn pain_41_runtime_flags_are_baked_in() {
    let folder = TempDir::new().unwrap();
    let (entry, out) = (folder.path().join("main.js"), folder.path().join("app"));
    let source = "console.log(process.execArgv.join(), Error.stackTraceLimit, process.argv.slice(2).join())";
    fs::write(&entry, source).unwrap();
    build(&entry, &out, &["--exec-argv".into(), "--stack-trace-limit=3 --no-warnings".into()]).unwrap();
    let mut command = clean(&out);
    command.args(["--stack-trace-limit=9"]);
    assert_eq!(run(command, "", SOON).stdout, "--stack-trace-limit=3,--no-warnings 3 --stack-trace-limit=9\n");
}

/// Medians of 15 starts in turns. The margin is wide where both are: this is a guard, `cargo bench` measures.
#[test]
fn pain_13_starts_faster_than_node() {
    let (folder, app) = folder_with(&HELLO);
    fs::write(folder.path().join("hello.js"), "console.log('hello world');\n").unwrap();
    says_hello(&run(clean(&app), "", SOON));
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..15 {
        for (times, words) in times.iter_mut().zip([vec![app.clone()], vec![support::node(), "hello.js".into()]]) {
            let mut command = clean(&words[0]);
            command.args(&words[1..]).current_dir(folder.path());
            let begin = Instant::now();
            assert!(command.output().unwrap().status.success());
            times.push(begin.elapsed());
        }
    }
    let [ours, node] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    assert!(ours < node, "hello took {ours:?}, Node {node:?}");
}

/// Largest resident size of a small program, against Node's in the same run. Each tells its own: what `wait4` tells of a child begins
/// with the size of the process that started it.
#[test]
fn pain_34_hello_needs_less_memory_than_node() {
    const TELLS: &str =
        "console.log(require('fs').readFileSync('/proc/self/status', 'utf8').match(/VmHWM:\\s+(\\d+)/)[1]);\n";
    let folder = TempDir::new().unwrap();
    let (script, app) = (folder.path().join("main.js"), folder.path().join("app"));
    fs::write(&script, TELLS).unwrap();
    support::build(&script, &app, &[]).unwrap();
    let resident = |words: &[&Path]| {
        let mut command = clean(words[0]);
        command.args(&words[1..]);
        let ran = run(command, "", SOON);
        assert_eq!(ran.status, 0, "{}", ran.told());
        ran.stdout.trim().parse::<u64>().unwrap()
    };
    let (ours, node) = (resident(&[&app]), resident(&[&support::node(), &script]));
    assert!(ours < node, "hello takes {ours} kB, Node {node} kB");
}

/// A program that dies says so in its own name: no version of the runtime, no address for its bugs.
/// `--no-source`: names, places and strings stay, the text does not; what is read as a module is compiled whole.
#[test]
fn pain_24_the_source_can_be_left_out() {
    let folder = TempDir::new().unwrap();
    let (entry, app) = (folder.path().join("main.mjs"), folder.path().join("app"));
    fs::write(
        folder.path().join("part.cjs"),
        "exports.inner = (a, b = () => { throw new Error('late') }) => b(); // hidden remark\n",
    )
    .unwrap();
    let main = r#"import { inner } from './part.cjs';
        class Shown { field = (() => 1)(); static { this.ready = true } *each() { yield 'string' } }
        function outer() { const localOfOuter = 1 + 1; return inner(localOfOuter); }
        console.log(new Shown().field, Shown.ready, [...new Shown().each()], String(outer), String(Shown));
        try { outer(); } catch (error) { console.log(error.stack); }
    "#;
    fs::write(&entry, main).unwrap();
    build(&entry, &app, &["--no-source".into(), "--exec-argv=--report-code-caches".into()]).unwrap();
    let bytes = fs::read(&app).unwrap();
    for hidden in ["hidden remark", "localOfOuter", "new Shown().field"] {
        assert!(memchr::memmem::find(&bytes, hidden.as_bytes()).is_none(), "{hidden} is in the file");
    }
    let ran = run(clean(&app), "", SOON);
    let native = "function outer() { [native code] } class Shown { [native code] }";
    for expected in
        [&*format!("1 true [ 'string' ] {native}"), "Error: late", "part.cjs:1:39", "at outer (", "main.mjs:3:63"]
    {
        assert!(ran.stdout.contains(expected), "{expected}: {}", ran.told());
    }
    assert!(ran.status == 0 && ran.stderr.contains(" 0 refused"), "{}", ran.told());

    // Under other options V8 would need the text.
    let mut child = clean(&app);
    child.args(["--stack-size=700", "/proc/self/exe/app/main.mjs"]);
    let ran = run(child, "", SOON);
    assert!(ran.status == 1 && ran.stderr.contains("--no-source"), "{}", ran.told());

    // What V8 does not compile cannot be left out.
    fs::write(folder.path().join("part.cjs"), "exports.inner = 1; with (exports) { let let = 1 }").unwrap();
    let told = build(&entry, &app, &["--no-source".into()]).unwrap_err();
    assert!(told.contains("part.cjs"), "{told}");
}

/// V8 refuses a code cache that does not fit, silently: the program would only be slower.
#[test]
fn pain_13_no_code_cache_is_refused() {
    let folder = TempDir::new().unwrap();
    let (entry, app) = (folder.path().join("main.cjs"), folder.path().join("app"));
    fs::write(folder.path().join("latin.cjs"), "exports.a = 'h\u{e9}llo';").unwrap();
    fs::write(folder.path().join("wide.mjs"), format!("export const b = '{}'", "w\u{4f60}".repeat(400))).unwrap();
    let uses = "require('./latin.cjs'), require('./wide.mjs'), require('node:http'), require('node:zlib'), fetch";
    fs::write(&entry, format!("console.log([{uses}].length);")).unwrap();
    for flags in [
        &[][..],
        &["--compress"],
        &["--code-cache", "eager"],
        &["--minify"],
        &["--exec-argv=--max-old-space-size=200"],
        &["--exec-argv=--stack-size=600"],
        &["--exec-argv=--expose-gc --no-warnings", "--compress"],
        &["--snapshot=./latin.cjs"],
        &["--snapshot=./latin.cjs", "--exec-argv=--stack-size=600"],
        &["--snapshot=./latin.cjs", "--warmup", "app"],
    ] {
        let flags: Vec<String> =
            flags.iter().copied().chain(["--exec-argv=--report-code-caches"]).map(str::to_owned).collect();
        build(&entry, &app, &flags).unwrap();
        let ran = run(clean(&app), "", SOON);
        assert!(ran.status == 0 && ran.stdout == "5\n", "{}", ran.told());
        let told = ran.stderr.lines().next().unwrap_or_default();
        let taken = told.strip_prefix("code caches: ").and_then(|rest| rest.split_once(" taken, 0 refused"));
        let taken: u32 = taken.map_or(0, |(taken, _)| taken.parse().unwrap());
        assert!(taken > 30, "{flags:?}: {}", ran.told());
    }
}

/// From a hundred ES modules on they are compiled under another flag than all else, which is the process's: threads that compile at once
/// must not see it.
#[test]
fn caches_of_many_modules_are_taken_by_all_threads() {
    let folder = TempDir::new().unwrap();
    let (entry, app) = (folder.path().join("main.mjs"), folder.path().join("app"));
    for n in 0..120 {
        let (import, call) = match n {
            119 => (String::new(), "x".to_owned()),
            _ => (format!("import {{ f{0} }} from './m{0}.mjs';\n", n + 1), format!("f{}(x)", n + 1)),
        };
        let unused = format!("export function unused{n}() {{ return {n}; }}\n");
        let text = format!(
            "{import}{unused}export function f{n}(x) {{ if (x === {n}) throw new Error(x); return {call}; }}\n"
        );
        fs::write(folder.path().join(format!("m{n}.mjs")), text).unwrap();
    }
    fs::write(folder.path().join("c.cjs"), "module.exports = (text) => text;").unwrap();
    let worker =
        "import { parentPort } from 'node:worker_threads';\nimport { f0 } from './m0.mjs';\nimport c from './c.cjs';
import 'node:http';\nparentPort.postMessage(c(f0('w')));\n";
    fs::write(folder.path().join("worker.mjs"), worker).unwrap();
    let main = "import { Worker } from 'node:worker_threads';
const worker = () => new Promise((resolve) => new Worker(new URL('./worker.mjs', import.meta.url)).on('message', resolve));
const workers = Array.from({ length: 4 }, worker);
const { f0 } = await import('./m0.mjs');
await import('node:zlib');
let stack;
try { f0(7); } catch (error) { stack = error.stack.split('\\n')[1]; }
console.log(f0('m'), (await Promise.all(workers)).join(''), /m7.mjs:3:44/.test(stack), f0.toString().length, eval('1'));
";
    fs::write(&entry, main).unwrap();
    for flags in [&[][..], &["--compress"], &["--snapshot=./m0.mjs"], &["--warmup", "app"]] {
        build(&entry, &app, &flags.iter().copied().map(str::to_owned).collect::<Vec<_>>()).unwrap();
        let mut child = clean(&app);
        child.args(["--report-code-caches", "/proc/self/exe/app/main.mjs"]);
        let ran = run(child, "", SOON);
        assert!(ran.status == 0 && ran.stdout == "m wwww true 65 1\n", "{flags:?}: {}", ran.told());
        assert!(ran.stderr.contains(" taken, 0 refused"), "{flags:?}: {}", ran.told());
    }
}

#[test]
fn pain_48_no_banner_of_the_runtime() {
    let folder = TempDir::new().unwrap();
    let (entry, out) = (folder.path().join("main.js"), folder.path().join("app"));
    fs::write(&entry, "if (process.argv[2]) process.abort(); throw new Error('my own words');\n").unwrap();
    build(&entry, &out, &[]).unwrap();
    let thrown = run(clean(&out), "", SOON);
    assert!(thrown.status == 1 && thrown.stderr.contains("Error: my own words"), "{}", thrown.told());
    let mut abort = clean(&out);
    abort.arg("abort");
    let aborted = run(abort, "", SOON);
    assert_eq!(aborted.status, -libc::SIGABRT);
    for ran in [thrown, aborted] {
        for banner in ["Node.js v", "http://", "https://", "github", "pack v"] {
            assert!(!ran.stderr.contains(banner), "{banner}: {}", ran.told());
        }
    }
}

/// Scanners suspect what packers do (pain 25): data after the end that no header knows, sections nobody can read, names of packers,
/// memory that is written and then run. All of the file is in its header, its tables or its sections.
#[test]
fn pain_25_no_trait_of_a_packer() {
    use object::Endianness::Little as E;
    use object::elf;
    use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};
    let header = elf::FileHeader64::<object::Endianness>::parse(&**HELLO).unwrap();
    let sections = header.sections(E, &**HELLO).unwrap();
    let headers_end = header.e_shoff.get(E) + u64::from(header.e_shnum.get(E)) * u64::from(header.e_shentsize.get(E));
    let in_file = sections.iter().filter(|section| section.sh_type(E) != elf::SHT_NOBITS);
    let end = in_file.clone().map(|section| section.sh_offset(E) + section.sh_size(E)).max().unwrap().max(headers_end);
    assert_eq!(end, HELLO.len() as u64, "bytes that no section holds");
    let mut spans: Vec<_> = in_file.map(|section| (section.sh_offset(E), section.sh_size(E))).collect();
    spans.push((header.e_shoff.get(E), headers_end - header.e_shoff.get(E)));
    spans.sort_unstable();
    for pair in spans.windows(2) {
        let gap = pair[1].0.saturating_sub(pair[0].0 + pair[0].1);
        assert!(gap <= 2 * 4096, "{gap} bytes at {} are in no section", pair[0].0 + pair[0].1);
    }
    for segment in header.program_headers(E, &**HELLO).unwrap() {
        assert_ne!(segment.p_flags(E) & (elf::PF_W | elf::PF_X), elf::PF_W | elf::PF_X);
    }
    for name in ["UPX!", "upx.sf.net"] {
        assert_eq!(memchr::memmem::find(&HELLO, name.as_bytes()), None, "{name}");
    }
}

/// Processors of 2006: nothing newer than SSSE3 (pain 29), in the runtime's own code, OpenSSL's, or what V8 compiles.
#[test]
fn pain_29_runs_on_old_processors() {
    let folder = TempDir::new().unwrap();
    let (entry, out) = (folder.path().join("main.js"), folder.path().join("app"));
    let source = "const crypto = require('crypto'), zlib = require('zlib');
        console.log(crypto.createHash('sha256').update('x').digest('hex'));
        const cipher = crypto.createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12));
        console.log(cipher.update('x'.repeat(100), 'utf8', 'hex') + cipher.final('hex'));
        console.log(zlib.gunzipSync(zlib.gzipSync(Buffer.alloc(100000, 'abc'))).length);
        console.log(zlib.brotliDecompressSync(zlib.brotliCompressSync('brotli')).toString());
        let sum = 0; for (let i = 0; i < 1e6; i++) sum = (sum + i * i) % 1000003; console.log(sum);
        console.log(Buffer.from('aGVsbG8=', 'base64').toString(), new TextDecoder().decode(Buffer.from('h\u{e9}llo')));
        console.log(structuredClone({ a: [1, { b: new Date(0) }] }), new Intl.NumberFormat('de').format(1234.5));";
    fs::write(&entry, source).unwrap();
    build(&entry, &out, &[]).unwrap();
    let here = run(clean(&out), "", SOON);
    assert_eq!(here.status, 0, "{}", here.told());
    if Command::new("qemu-x86_64").arg("--version").output().is_err() {
        return eprintln!("no qemu-x86_64 (Debian: qemu-user): not run on an older processor");
    }
    let mut old = clean("qemu-x86_64");
    old.args(["-cpu", "core2duo"]).arg(&out);
    let old = run(old, "", SOON);
    assert!(old.status == 0 && old.stdout == here.stdout, "{}", old.told());
}

/// `ldd` and `file` agree with the headers where they are there.
#[test]
fn ldd_finds_nothing() {
    let (_folder, app) = folder_with(&HELLO);
    if !Path::new("/usr/bin/ldd").exists() {
        return eprintln!("no ldd");
    }
    let mut ldd = clean("ldd");
    ldd.arg(&app);
    let told = run(ldd, "", SOON);
    assert!(told.stdout.contains("statically linked") || told.stderr.contains("not a dynamic"), "{}", told.told());
}
