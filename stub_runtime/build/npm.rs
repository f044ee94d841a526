//! Packages of `js/package-lock.json`, some of whose modules become built-ins. Owns: `npm ci`, once for a lockfile. Does not own: what
//! is taken of them (`undici.rs`, `amaro.rs`). Who builds without a network runs `npm ci` in `js` before: what is there is taken.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder with `node_modules` as the lockfile says.
pub fn install(js: &Path, out: &Path) -> PathBuf {
    let folder = out.join("npm");
    let lock = std::fs::read_to_string(js.join("package-lock.json")).expect("it is in the tree");
    if is_installed(js, &lock) {
        return js.to_path_buf();
    }
    let done = folder.join("installed");
    if std::fs::read_to_string(&done).is_ok_and(|installed| installed == lock) {
        return folder;
    }
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("OUT_DIR can be written");
    for name in ["package.json", "package-lock.json"] {
        std::fs::copy(js.join(name), folder.join(name)).expect("OUT_DIR can be written");
    }
    let npm = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"])
        .current_dir(&folder)
        .output();
    match npm {
        Ok(npm) if npm.status.success() => {}
        Ok(npm) => panic!(
            "`npm ci` failed; it gets the packages of stub_runtime/js/package-lock.json, from npm's registry or cache. \
             Without a network: run `npm ci --ignore-scripts` in stub_runtime/js where there is one, and bring node_modules along.\n{}",
            String::from_utf8_lossy(&npm.stderr)
        ),
        Err(error) => panic!(
            "cannot run npm ({error}); it is needed once, to get the packages of stub_runtime/js/package-lock.json: \
             install Node.js with npm"
        ),
    }
    std::fs::write(done, lock).expect("OUT_DIR can be written");
    folder
}

/// Whether `node_modules` beside the lockfile `lock` holds all that it names: npm notes there what it installed.
fn is_installed(js: &Path, lock: &str) -> bool {
    let Ok(noted) = std::fs::read_to_string(js.join("node_modules/.package-lock.json")) else { return false };
    lock.lines()
        .filter(|line| line.contains("\"integrity\""))
        .all(|line| noted.contains(line.trim().trim_end_matches(',')))
}
