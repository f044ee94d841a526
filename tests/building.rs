//! What is asked of `pack` itself: that a build needs nothing around it, ends whole or not at all, and says what is inside.
//! Does not own: what executables do (`fixtures.rs`), what they are (`executable.rs`), messages about projects (`packager/tests`).
mod support;

use serde_json::Value;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use support::{Ran, build, clean, run};
use tempfile::TempDir;

const SOON: Duration = Duration::from_secs(60);

fn pack(words: &[&str]) -> Ran {
    let mut command = clean(env!("CARGO_BIN_EXE_pack"));
    command.args(words);
    run(command, "", SOON)
}

/// Files as (path, text); the first one is the entry, whose path is given.
fn project(files: &[(&str, &str)]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let entry = folder.path().join(files[0].0);
    (folder, entry)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// No network, no home, no place for temporary files: the runtime is inside `pack` (pain 8), and one command is all (pain 18).
#[test]
fn pain_08_and_18_builds_without_network_home_and_temporary_folder() {
    let (folder, entry) = project(&[("main.js", "console.log('built');")]);
    let out = folder.path().join("app");
    let mut command = clean(env!("CARGO_BIN_EXE_pack"));
    command.args(["build", "--quiet", "-o"]).arg(&out).arg(&entry);
    command.env("HOME", "/dev/null/home").env("TMPDIR", "/no/such/folder").env("https_proxy", "http://127.0.0.1:1");
    // SAFETY: one system call between fork and exec. Without the right to it the build still has no reason to use the network.
    unsafe {
        command.pre_exec(|| {
            libc::unshare(libc::CLONE_NEWNET);
            Ok(())
        });
    }
    let ran = run(command, "", SOON);
    assert_eq!(ran.status, 0, "{}", ran.told());
    assert_eq!(run(clean(&out), "", SOON).stdout, "built\n");
    assert_eq!(names(folder.path()), ["app", "main.js"]);
}

/// What nothing asks for is not embedded.
#[test]
fn pain_21_embeds_what_is_used_only() {
    let (folder, entry) = project(&[
        ("main.js", "require('used');"),
        ("package.json", r#"{ "dependencies": { "used": "1", "unused": "1" }, "devDependencies": { "tool": "1" } }"#),
        ("node_modules/used/package.json", r#"{ "main": "main.js" }"#),
        ("node_modules/used/main.js", "console.log('used')"),
        ("node_modules/used/test/big.js", "'a test of the package'"),
        ("node_modules/used/README.md", "words"),
        ("node_modules/unused/index.js", ""),
        ("node_modules/tool/index.js", ""),
    ]);
    let out = folder.path().join("app");
    build(&entry, &out, &[]).unwrap();
    let told: Value = serde_json::from_str(&pack(&["inspect", "--json", out.to_str().unwrap()]).stdout).unwrap();
    let files: Vec<_> = told["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    let expected = ["main.js", "node_modules/used/main.js", "node_modules/used/package.json", "package.json"];
    assert_eq!(files, expected);
}

/// `pack inspect` tells what is inside, how large it is, and the way that leads to it.
#[test]
fn pain_42_inspect_tells_what_is_inside_and_why() {
    let text = "a".repeat(4321);
    let (folder, entry) = project(&[
        ("main.js", "require('./lib/one'); require('fs').readFileSync(__dirname + '/data.txt');"),
        ("package.json", r#"{ "name": "inspected", "version": "1.2.3" }"#),
        ("lib/one.js", "require('two')"),
        ("data.txt", &text),
        ("node_modules/two/package.json", "{}"),
        ("node_modules/two/index.js", ""),
    ]);
    let out = folder.path().join("app");
    build(&entry, &out, &[]).unwrap();
    let out = out.to_str().unwrap();
    let all = pack(&["inspect", out]).stdout;
    for part in ["inspected 1.2.3", "data.txt", "lib/one.js", "node_modules/two/index.js", "runtime", "4.32 kB"] {
        assert!(all.contains(part), "{part}: {all}");
    }
    let why = pack(&["inspect", out, "two"]).stdout;
    assert!(why.contains("main.js requires \"./lib/one\"") && why.contains("lib/one.js requires \"two\""), "{why}");
    let told: Value = serde_json::from_str(&pack(&["inspect", "--json", out, "data.txt"]).stdout).unwrap();
    assert_eq!(told["files"][0]["bytes"], 4321);
    assert_eq!(told["bytes"].as_u64().unwrap(), fs::metadata(out).unwrap().len());
    let none = pack(&["inspect", entry.to_str().unwrap()]);
    assert!(none.status == 1 && !none.stderr.is_empty(), "{}", none.told());
}

/// Killed at any time, a build leaves the old file or the new one, and nothing beside it.
#[test]
fn pain_44_killed_build_leaves_no_debris() {
    let (folder, entry) = project(&[("src/main.js", "console.log('new');")]);
    let place = folder.path().join("out");
    fs::create_dir(&place).unwrap();
    let out = place.join("app");
    let mut replaced = 0;
    for wait in (0..24).map(|step| Duration::from_millis(step * step * 3)) {
        fs::write(&out, "what was there").unwrap();
        let mut command = clean(env!("CARGO_BIN_EXE_pack"));
        command.args(["build", "--quiet", "-o"]).arg(&out).arg(&entry).stdin(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        std::thread::sleep(wait);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(names(&place), ["app"], "killed after {wait:?}");
        if fs::read(&out).unwrap() != b"what was there" {
            assert_eq!(run(clean(&out), "", SOON).stdout, "new\n", "killed after {wait:?}");
            replaced += 1;
        }
    }
    assert!(replaced < 24, "no build was killed before its end");
}

/// Refused for each reason that is the user's to mend: status 1, and the file, line and flag that help (pains 30 and 31).
#[test]
fn pain_30_and_31_failures_have_a_status_and_a_reason() {
    let (folder, entry) = project(&[
        ("main.js", "import './missing.js';\n"),
        ("package.json", r#"{ "type": "module" }"#),
        ("folder/file", ""),
        ("good.js", ""),
    ]);
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let entry = entry.to_str().unwrap().to_owned();
    for (words, told) in [
        (vec![entry.clone(), "-o".into(), at("app")], "main.js:1:8"),
        (vec![at("no-such.js"), "-o".into(), at("app")], "does not exist"),
        (vec![at("good.js"), "-o".into(), at("folder")], "is a folder"),
        (vec![at("good.js"), "-o".into(), at("good.js")], "is the entry itself"),
        (vec![at("good.js"), "-o".into(), at("app"), "--include".into(), "nothing/*".into()], "matches no file"),
        (vec![at("good.js"), "-o".into(), at("app"), "--define".into(), "a-b=1".into()], "--define"),
    ] {
        let words: Vec<&str> = std::iter::once("build").chain(words.iter().map(String::as_str)).collect();
        let ran = pack(&words);
        assert!(ran.status == 1 && ran.stderr.contains(told), "{words:?}: {}", ran.told());
    }
    assert_eq!(names(folder.path()), ["folder", "good.js", "main.js", "package.json"]);
    let unknown = pack(&["build", "--no-such-flag"]);
    assert!(unknown.status == 2 && unknown.stderr.contains("--no-such-flag"), "{}", unknown.told());
}

/// `--compress` packs each file by itself: smaller, and the same to the program, which writes nothing.
#[test]
fn pain_45_compressed_files_are_unpacked_in_memory() {
    let text = "a line that is there many times\n".repeat(40_000);
    let main = "const fs = require('fs'), file = __dirname + '/data.txt'; console.log(fs.statSync(file).size, fs.readFileSync(file, 'utf8').split('\\n').length, require('./lib.js').length)";
    let library = format!("// {}\nmodule.exports = 'library \u{e9}';", "x".repeat(100_000));
    let (folder, entry) = project(&[("main.js", main), ("data.txt", &text), ("lib.js", &library)]);
    let size = |name: &str, flags: &[String]| {
        let place = folder.path().join("out");
        let _ = fs::create_dir(&place);
        let out = place.join(name);
        build(&entry, &out, flags).unwrap();
        let mut command = clean(&out);
        command.current_dir(&place).env("TMPDIR", &place);
        let ran = run(command, "", SOON);
        assert_eq!(ran.stdout, format!("{} 40001 9\n", text.len()), "{}", ran.told());
        assert_eq!(ran.stderr, "");
        fs::metadata(&out).unwrap().len()
    };
    let (plain, packed) = (size("plain", &[]), size("packed", &["--compress".into()]));
    assert!(plain > packed + 1_300_000, "{plain} and {packed} bytes");
    assert_eq!(names(&folder.path().join("out")), ["packed", "plain"]);
}

/// `pack run` unpacks its runtime once, into the user's cache, and leaves small files there; what runs starts itself by them. Without a
/// place for a cache it does the same in memory.
#[test]
fn run_with_and_without_a_cache() {
    let (folder, entry) = project(&[(
        "main.ts",
        "import { fork, execFileSync } from 'node:child_process';
        const words: string[] = process.argv.slice(2);
        if (words[0] === 'child') { process.send?.('forked'); process.disconnect?.(); console.log('child', words.length); }
        else {
          console.log(process.argv.length, __filename);
          fork(__filename, ['child'], { silent: true }).on('message', (text) => {
            console.log(text, execFileSync(process.execPath, [__filename, 'child', 'a b'], { encoding: 'utf8' }).trim());
            process.exit(7);
          });
        }",
    )]);
    let cache = folder.path().join("cache");
    let start = |place: &Path| {
        let mut command = clean(env!("CARGO_BIN_EXE_pack"));
        command.arg("run").arg(&entry).args(["--flag", ""]).env("XDG_CACHE_HOME", place).env("HOME", "/dev/null/home");
        let ran = run(command, "", SOON);
        assert_eq!((ran.status, &*ran.stdout), (7, "4 /proc/self/exe/app/main.ts\nforked child 2\n"), "{}", ran.told());
    };
    start(&cache);
    let sizes = |what: &str| {
        let files = walk(&cache.join("pack").join(what));
        files.iter().map(|file| fs::metadata(file).unwrap().len()).collect::<Vec<_>>()
    };
    let (runtimes, apps) = (sizes("runtimes"), sizes("apps"));
    assert!(runtimes.len() == 1 && apps.len() == 1 && apps[0] < 20_000, "{runtimes:?} {apps:?}");
    start(&cache);
    assert_eq!((sizes("runtimes"), sizes("apps")), (runtimes, apps));
    // A cut-off file is made again, a cache that others can write is not believed.
    let app = walk(&cache.join("pack/apps")).remove(0);
    fs::OpenOptions::new().write(true).open(&app).unwrap().set_len(100).unwrap();
    start(&cache);
    start(&cache);
    fs::set_permissions(cache.join("pack"), std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    fs::write(&app, "not a program").unwrap();
    start(&cache);
    start(Path::new("/dev/null/folder"));
}

/// A program that did not change is started without a look at its sources; one that did, in any way that a build would see, is bundled
/// again.
#[test]
fn run_sees_each_change() {
    let (folder, entry) = project(&[
        (
            "main.js",
            "const fs = require('fs'), path = require('path');
            let found = 'none';
            try { found = require('./optional'); } catch {}
            console.log(require('./one'), found, fs.readdirSync(path.join(__dirname, 'lang')).join());",
        ),
        ("one.js", "module.exports = 1;"),
        ("lang/de.txt", ""),
    ]);
    let start = |expected: &str| {
        // The clocks of file systems tick slowly: what changed just now is not remembered.
        std::thread::sleep(Duration::from_millis(50));
        for _ in 0..2 {
            let mut command = clean(env!("CARGO_BIN_EXE_pack"));
            command.arg("run").arg(&entry).env("XDG_CACHE_HOME", folder.path().join("cache"));
            let ran = run(command, "", SOON);
            assert_eq!(ran.stdout, format!("{expected}\n"), "{}", ran.told());
        }
    };
    let place = |name: &str| entry.with_file_name(name);
    start("1 none de.txt");
    assert_eq!(walk(&folder.path().join("cache/pack/runs")).len(), 1);
    fs::write(place("one.js"), "module.exports = 2;").unwrap();
    start("2 none de.txt");
    fs::write(place("optional.js"), "module.exports = 'there';").unwrap();
    start("2 there de.txt");
    fs::write(place("lang/fr.txt"), "").unwrap();
    start("2 there de.txt,fr.txt");
    fs::remove_file(place("optional.js")).unwrap();
    start("2 none de.txt,fr.txt");
}

/// What was compiled for one build serves the next of the same program; a damaged result is made again. The bytes are the same each time.
#[test]
fn a_warm_cache_gives_the_same_bytes() {
    let (folder, entry) = project(&[("main.js", "function f() { return 'built'; } console.log(f());")]);
    let (out, cache) = (folder.path().join("app"), folder.path().join("cache"));
    let build = |cache: &str| {
        let mut command = clean(env!("CARGO_BIN_EXE_pack"));
        command.args(["build", "--quiet", "-o"]).arg(&out).arg(&entry).env("XDG_CACHE_HOME", folder.path().join(cache));
        let ran = run(command, "", SOON);
        assert_eq!(ran.status, 0, "{}", ran.told());
        // The next build is not to be spared its work by what this one remembers as a whole.
        let _ = fs::remove_dir_all(folder.path().join(cache).join("pack/builds"));
        fs::read(&out).unwrap()
    };
    let cold = build("cache");
    let results = walk(&cache.join("pack/code"));
    assert_eq!(results.len(), 1, "{results:?}");
    let written = fs::metadata(&results[0]).unwrap().ino();
    assert!(build("cache") == cold, "a warm cache gave other bytes");
    assert_eq!(fs::metadata(&results[0]).unwrap().ino(), written, "it was made again");
    let mut damaged = fs::read(&results[0]).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    fs::write(&results[0], damaged).unwrap();
    assert!(build("cache") == cold, "a damaged cache was believed");
    assert_ne!(fs::metadata(&results[0]).unwrap().ino(), written, "it was not made again");
    let parts = walk(&cache.join("pack/parts"));
    assert_eq!(parts.len(), 2, "the runtime and ICU's data are unpacked once: {parts:?}");
    for part in parts {
        let mut damaged = fs::read(&part).unwrap();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        fs::write(&part, damaged).unwrap();
    }
    assert!(build("cache") == cold, "a damaged runtime was believed");
    assert!(build("another") == cold, "another cache gave other bytes");
    assert_eq!(run(clean(&out), "", SOON).stdout, "built\n");
}

/// A build of a program that did not change is put together from what was kept, and says the same; one of a program that did is made.
#[test]
fn pain_45_build_sees_each_change() {
    let (folder, entry) = project(&[
        (
            "src/main.js",
            "const path = require('path');
            console.log(require('./one'), require('fs').readdirSync(path.join(__dirname, '../lang')).join());
            if (process.argv[2]) require(process.argv[2]);",
        ),
        ("package.json", "{}"),
        ("src/one.js", "module.exports = 1;"),
        ("lang/de.txt", ""),
    ]);
    let (out, cache) = (folder.path().join("app"), folder.path().join("cache"));
    let build = |expected: &str| {
        // The clocks of file systems tick slowly: what changed just now is not remembered.
        std::thread::sleep(Duration::from_millis(50));
        let made: Vec<(Vec<u8>, String)> = [0, 1, 2]
            .map(|_| {
                let mut command = clean(env!("CARGO_BIN_EXE_pack"));
                command.args(["build", "-o"]).arg(&out).arg(&entry).env("XDG_CACHE_HOME", &cache);
                let ran = run(command, "", SOON);
                assert_eq!(ran.status, 0, "{}", ran.told());
                assert_eq!(run(clean(&out), "", SOON).stdout, format!("{expected}\n"));
                let warned = ran.stderr.rsplit_once("app ").unwrap().0.to_owned();
                (fs::read(&out).unwrap(), warned)
            })
            .into();
        assert!(made[0].1.contains("unknown-request"), "{}", made[0].1);
        assert!(made[0] == made[1] && made[1] == made[2], "a build that was remembered differs");
    };
    let place = |name: &str| folder.path().join(name);
    build("1 de.txt");
    let payloads = walk(&cache.join("pack/payloads"));
    assert_eq!(payloads.len(), 1, "{payloads:?}");
    fs::write(place("src/one.js"), "module.exports = 2;").unwrap();
    build("2 de.txt");
    fs::write(place("lang/fr.txt"), "").unwrap();
    build("2 de.txt,fr.txt");
    for payload in walk(&cache.join("pack/payloads")) {
        let mut damaged = fs::read(&payload).unwrap();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        fs::write(&payload, damaged).unwrap();
    }
    build("2 de.txt,fr.txt");
    fs::remove_dir_all(cache.join("pack/payloads")).unwrap();
    build("2 de.txt,fr.txt");
}

/// Options that cannot work are refused when the program is built, by name, and nothing is written.
#[test]
fn pain_31_options_that_cannot_work() {
    let (folder, entry) = project(&[("main.js", "")]);
    let out = folder.path().join("app");
    for (option, told) in [
        ("--exec-argv=--bogus", "bad option: --bogus"),
        ("--exec-argv=-e", "makes node run something else"),
        ("--exec-argv=later.js", "is no option"),
        ("--intl=xx", "no data for the locale \"xx\""),
        ("--intl=de,,fr", "no data for the locale \"\""),
        ("--intl=", "it is empty"),
        ("--external=", "it is empty"),
        ("--include=", "it is empty"),
    ] {
        let mut command = clean(env!("CARGO_BIN_EXE_pack"));
        command.args(["build", option, "-o"]).arg(&out).arg(&entry);
        let ran = run(command, "", SOON);
        assert!(ran.status != 0 && ran.stderr.contains(told), "{option}: {}", ran.told());
    }
    assert_eq!(names(folder.path()), ["main.js"]);
}

/// A home that is not there is not made, nor one that is named for the cache; nothing is kept then.
#[test]
fn a_home_that_is_not_there_is_not_made() {
    let (folder, entry) = project(&[("main.js", "console.log('built');")]);
    let (out, home) = (folder.path().join("app"), folder.path().join("no/such/home"));
    for (name, place) in [("HOME", home.clone()), ("XDG_CACHE_HOME", home.join("cache"))] {
        for arguments in [
            vec!["build".as_ref(), entry.as_os_str(), "-o".as_ref(), out.as_os_str()],
            vec!["run".as_ref(), entry.as_os_str()],
        ] {
            let mut command = clean(env!("CARGO_BIN_EXE_pack"));
            command.args(arguments).env(name, &place);
            let ran = run(command, "", SOON);
            assert_eq!(ran.status, 0, "{}", ran.told());
        }
    }
    assert_eq!(names(folder.path()), ["app", "main.js"]);
}

/// The files below a folder.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

/// A build needs no compiler, linker, `strip`, Node or npm (pain 50), and no other program at all.
#[test]
fn pain_50_builds_without_any_tool_on_the_machine() {
    let (folder, entry) = project(&[
        ("main.ts", "import { two } from './two.js'; const n: number = two; console.log(n);"),
        ("two.ts", "export const two: number = 2;"),
    ]);
    let out = folder.path().join("app");
    let mut command = clean(env!("CARGO_BIN_EXE_pack"));
    command.args(["build", "--quiet", "--warmup", "app", "-o"]).arg(&out).arg(&entry).env("PATH", "/no/such/folder");
    let ran = run(command, "", SOON);
    assert_eq!(ran.status, 0, "{}", ran.told());
    assert_eq!(run(clean(&out), "", SOON).stdout, "2\n");
}

/// A machine that `pack` has no runtime for is refused by name (macOS of pain 10, Windows of pain 17), never answered with this one's.
#[test]
fn pain_10_and_17_other_systems_are_refused_by_name() {
    let (folder, entry) = project(&[("main.js", "console.log('built');")]);
    let out = folder.path().join("app");
    let build =
        |target: &str| pack(&["build", "--target", target, "-o", out.to_str().unwrap(), entry.to_str().unwrap()]);
    for target in ["aarch64-apple-darwin", "x86_64-pc-windows-msvc", "linux-arm64"] {
        let ran = build(target);
        assert_eq!(ran.status, 2, "{}", ran.told());
        assert!(ran.stderr.contains(target) && ran.stderr.contains("x86_64-unknown-linux-gnu"), "{}", ran.told());
        assert_eq!(names(folder.path()), ["main.js"]);
    }
    for target in ["x86_64-unknown-linux-gnu", "linux-x64"] {
        assert_eq!(build(target).status, 0);
    }
}

/// Of the builds that a package ships for many systems, that for the target's is embedded alone, and where there is none that is told:
/// never what the building machine happens to have (pain 26).
#[test]
fn pain_26_addons_of_other_systems_stay_out() {
    // The head of an ELF library, as far as it names its machine.
    let elf = |machine: u8| {
        let mut bytes = vec![0u8; 64];
        bytes[..7].copy_from_slice(&[0x7f, b'E', b'L', b'F', 2, 1, 1]);
        (bytes[16], bytes[18], bytes[20], bytes[52]) = (3, machine, 1, 64);
        bytes
    };
    let (folder, entry) = project(&[
        ("main.js", "try { require('native'); } catch (error) { console.log(error.code); }"),
        ("package.json", r#"{"name": "app", "dependencies": {"native": "1.0.0"}}"#),
        ("node_modules/native/package.json", r#"{"name": "native", "version": "1.0.0", "main": "index.js"}"#),
        (
            "node_modules/native/index.js",
            "module.exports = require(`./prebuilds/${process.platform}-${process.arch}/native.node`);",
        ),
    ]);
    let prebuilds = folder.path().join("node_modules/native/prebuilds");
    let add = |place: &str, bytes: &[u8]| {
        fs::create_dir_all(prebuilds.join(place)).unwrap();
        fs::write(prebuilds.join(place).join("native.node"), bytes).unwrap();
    };
    add("linux-arm64", &elf(183));
    add("darwin-x64", &[0xcf, 0xfa, 0xed, 0xfe, 7, 0, 0, 1]);
    let out = folder.path().join("app");
    let build = || {
        let ran = pack(&["build", "-o", out.to_str().unwrap(), entry.to_str().unwrap()]);
        assert_eq!(ran.status, 0, "{}", ran.told());
        (ran.stderr, pack(&["inspect", out.to_str().unwrap()]).stdout)
    };
    let (told, _) = build();
    assert!(told.contains("linux-arm64/native.node is no native addon for Linux x86-64"), "{told}");
    add("linux-x64", &elf(62));
    let (told, inside) = build();
    assert!(!told.contains("is no native addon"), "{told}");
    assert!(inside.contains("linux-x64/native.node"), "{inside}");
    assert!(!inside.contains("linux-arm64") && !inside.contains("darwin-x64"), "{inside}");
}

/// What is compiled at build time adds at most three times the JavaScript's size (pain 40), also where that is every function.
#[test]
fn pain_40_compiled_code_is_not_much_larger_than_its_source() {
    let (folder, entry) = project(&[("main.js", "console.log(require('typescript').version);")]);
    support::copy_tree(
        &support::npm_ci(&support::root().join("fixtures/tsc")),
        &folder.path().join("node_modules"),
        true,
    );
    let out = folder.path().join("app");
    let size = |how: &str| {
        let ran =
            pack(&["build", "--quiet", "--code-cache", how, "-o", out.to_str().unwrap(), entry.to_str().unwrap()]);
        assert_eq!(ran.status, 0, "{}", ran.told());
        assert!(run(clean(&out), "", SOON).stdout.starts_with("6."));
        fs::metadata(&out).unwrap().len()
    };
    let (without, lazy, eager) = (size("none"), size("lazy"), size("eager"));
    let source = fs::metadata(folder.path().join("node_modules/typescript/lib/typescript.js")).unwrap().len();
    assert!(lazy > without && lazy - without <= source, "lazy: {} for {source} of source", lazy - without);
    assert!(eager > lazy && eager - without <= 3 * source, "eager: {} for {source} of source", eager - without);
}

/// A program that is evaluated when it is built, in front of what it gives to `startupSnapshot`.
fn evaluated(text: &str) -> (TempDir, Result<PathBuf, String>) {
    let text = format!("const {{ startupSnapshot }} = require('node:v8');\n{text}");
    let (folder, entry) = project(&[("main.js", &text)]);
    let out = folder.path().join("app");
    let built = build(&entry, &out, &["--snapshot".to_owned()]);
    (folder, built.map(|()| out))
}

/// What no image can hold fails the build, and says where it was made (pain 46).
#[test]
fn pain_46_a_snapshot_refuses_what_it_cannot_hold() {
    let keep = "startupSnapshot.setDeserializeMainFunction(() => console.log(kept));";
    for (text, told) in [
        ("const kept = require('net').createServer().listen(0);", "a server that listens"),
        ("const kept = require('fs').openSync(__filename);", "an open file"),
        ("const kept = setInterval(() => {}, 1000).unref();", "a timer that is still to come"),
        ("const kept = setInterval(() => {}, 60_000);", "an interval that goes on"),
        ("const kept = require('crypto').createHash('sha256');", "a native object (Hash)"),
        ("const kept = require('zlib').createGzip();", "a stream of node:zlib"),
        ("const kept = new Intl.Segmenter('en').segment('text');", "Intl.Segmenter.segment()"),
        ("const kept = new MessageChannel();", "a MessageChannel"),
        ("const kept = require('vm').createContext();", "a context of node:vm"),
        ("const kept = new (require('vm').Script)('1');", "a vm.Script"),
        ("const kept = require('child_process').spawn('true');", "a child process"),
        ("const kept = process.exit();", "the program ended the process"),
        ("const kept = (() => { throw new TypeError('thrown'); })();", "TypeError: thrown"),
    ] {
        let refused = evaluated(&format!("{text}\n{keep}")).1.expect_err(text);
        assert!(refused.contains(told) && refused.contains("app/main.js:2:"), "{text}: {refused}");
    }
    // What only waits is told what for, and not waited for until the build gives up.
    let wait = "const again = () => setTimeout(again, 1000);\nagain();";
    let refused = evaluated(&format!("const kept = 1;\n{wait}\n{keep}")).1.expect_err(wait);
    assert!(refused.contains("a timer that is still to come") && refused.contains("app/main.js:3:"), "{refused}");
    let refused = evaluated("console.log(1);").1.expect_err("nothing to run");
    assert!(refused.contains("setDeserializeMainFunction"), "{refused}");
}

/// The same project gives the same image, and no two processes started from it the same random numbers (pains 22 and 46).
#[test]
fn pain_46_a_snapshot_has_no_randomness_of_its_build() {
    let text = "const crypto = require('crypto'); crypto.randomUUID(); crypto.randomBytes(4); Math.random(); performance.now();
        startupSnapshot.setDeserializeMainFunction(() => console.log(
            [crypto.randomUUID(), crypto.randomBytes(8).toString('hex'), Math.random(), performance.timeOrigin].join(' ')));";
    let (_folder, first) = evaluated(text);
    let (_other, second) = evaluated(text);
    let (first, second) = (first.unwrap(), second.unwrap());
    assert!(fs::read(&first).unwrap() == fs::read(&second).unwrap(), "the same bytes");
    let words = |app: &Path| {
        let ran = run(clean(app), "", SOON);
        assert_eq!(ran.status, 0, "{}", ran.told());
        ran.stdout.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    let (one, two) = (words(&first), words(&second));
    assert_eq!(one.len(), 4);
    assert!(one.iter().zip(&two).all(|(a, b)| a != b), "{one:?} {two:?}");
}
