//! Builds the stub for release, static and dynamic, makes its base image, and leaves them, compressed, where `src/stub.rs` embeds them. `PACK_STUB` names an
//! existing stub instead: then nothing is compiled here. The stub has a target folder of its own under OUT_DIR, because cargo holds the
//! lock of the outer one.

#[path = "build/components.rs"]
mod components;

use std::env;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "x86_64-unknown-linux-gnu";

fn main() {
    for path in [
        "build.rs",
        "build",
        "Cargo.lock",
        "stub_runtime",
        "payload/src",
        "payload/Cargo.toml",
        "third_party/v8/SHA256SUMS",
    ] {
        println!("cargo::rerun-if-changed={path}");
    }
    println!("cargo::rerun-if-env-changed=PACK_STUB");
    let out = PathBuf::from(var("OUT_DIR"));
    let embedded = out.join("embedded");
    let _ = fs::remove_dir_all(&embedded);
    fs::create_dir_all(&embedded).expect("OUT_DIR can be written");

    compress(deno_core_icudata::ICU_DATA, &embedded.join("icu.zst"));
    sum(deno_core_icudata::ICU_DATA, &embedded.join("icu.sum"));

    if let Some(path) = env::var_os("PACK_STUB").filter(|path| !path.is_empty()).map(PathBuf::from) {
        println!("cargo::rerun-if-changed={}", path.display());
        return embed(&path, None, "static", &out);
    }
    // Lints look at sources, and cargo keeps what they make apart: the stub would be compiled twice.
    if env::var_os("CLIPPY_ARGS").is_some() {
        return;
    }
    if var("TARGET") != TARGET {
        println!("cargo::warning=there is no runtime for {} yet: `pack` needs PACK_STUB when it runs", var("TARGET"));
        return;
    }
    for (name, flags) in [("static", &STATIC[..]), ("dynamic", &[])] {
        let map = out.join(format!("{name}.map"));
        embed(&build_stub(&out, flags, &map), Some(&map), name, &out);
        let _ = fs::remove_file(map);
    }
}

/// Leaves a stub and its image where `src/stub.rs` embeds them, and what the linker's map says that the stub is made of.
fn embed(stub: &Path, map: Option<&Path>, name: &str, out: &Path) {
    let bytes = fs::read(stub).unwrap_or_else(|error| panic!("the stub {}: {error}", stub.display()));
    let embedded = out.join("embedded");
    compress(&bytes, &embedded.join(format!("{name}.zst")));
    sum(&bytes, &embedded.join(format!("{name}.sum")));
    // The linker does not run again where nothing changed. Beside `PACK_STUB` there may be a list as well.
    let kept = map.map_or(stub.with_extension("components"), |map| map.with_extension("components"));
    if let Some(map) = map.and_then(|map| fs::File::open(map).ok()) {
        let components = components::of(std::io::BufReader::new(map), bytes.len() as u64);
        fs::write(&kept, components).expect("OUT_DIR can be written");
    }
    let _ = fs::copy(&kept, embedded.join(format!("{name}.components")));
    let mut all = xxhash_rust::xxh3::Xxh3::new();
    all.update(&bytes);
    all.update(deno_core_icudata::ICU_DATA);
    // Each its own: the linker folds equal functions, and the addresses that an image names are then others.
    let path = out.join("base.image");
    if let Some(image) = make(stub, "--build-image", &[], &path) {
        compress(&image, &embedded.join(format!("{name}-image.zst")));
        all.update(&image);
        if let Some(caches) = make(stub, "--build-caches", &[&path], &out.join("base.caches")) {
            let caches = packed(&caches, &image);
            compress(&caches, &embedded.join(format!("{name}-caches.zst")));
            all.update(&caches);
        }
    }
    // What `pack run` calls the runtime that it unpacks once.
    fs::write(embedded.join(format!("{name}.id")), format!("{:032x}", all.digest128()))
        .expect("OUT_DIR can be written");
}

/// What makes the static stub (static-pie, no shared library) of what the dynamic one is made of, for the last crate and the linker
/// only: all others are compiled once for both. Packed relocations are for the static one alone: glibc 2.36 and later refuse a dynamic
/// executable that has them and does not name GLIBC_ABI_DT_RELR, and earlier ones cannot read them.
const STATIC: [&str; 6] =
    ["-C", "target-feature=+crt-static", "-C", "relocation-model=pie", "-C", "link-arg=-Wl,--pack-dyn-relocs=relr"];

/// Compiles a stub with its release profile, `flags` for its last crate, and gives its path.
fn build_stub(out: &Path, flags: &[&str], map: &Path) -> PathBuf {
    let target_dir = out.join("stub");
    let home = env::var("CARGO_HOME").unwrap_or_else(|_| format!("{}/.cargo", env::var("HOME").unwrap_or_default()));
    // No path of this machine in what ships; the later flag wins where both match.
    let remap =
        [(home.as_str(), "/cargo"), (&var("CARGO_MANIFEST_DIR"), "/pack"), (&target_dir.to_string_lossy(), "/target")];
    let remap: Vec<String> = remap.iter().map(|(from, to)| format!("\"--remap-path-prefix={from}={to}\"")).collect();
    let mut cargo = Command::new(var("CARGO"));
    cargo
        .args(["rustc", "--release", "--package", "stub_runtime", "--target", TARGET])
        .args(["--config", &format!("target.{TARGET}.rustflags=[{}]", remap.join(","))])
        .arg("--target-dir")
        .arg(&target_dir)
        // OpenSSL would have the folders of modules and engines, which it has none of, below where it was built, and the time.
        .env("CPPFLAGS", r#"-UENGINESDIR -UMODULESDIR -DENGINESDIR="\"/nonexistent\"" -DMODULESDIR="\"/nonexistent\"""#)
        .env("SOURCE_DATE_EPOCH", "0")
        .current_dir(var("CARGO_MANIFEST_DIR"))
        .arg("--")
        .args(flags)
        .args(["-C", &format!("link-arg=-Wl,-Map={}", map.display())]);
    // What cargo told this script is not meant for the other build.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let outer = ["CARGO_CFG_", "CARGO_FEATURE_", "CARGO_PKG_", "CARGO_MANIFEST_"]
            .iter()
            .any(|prefix| text.starts_with(prefix));
        if outer
            || [
                "CARGO_ENCODED_RUSTFLAGS",
                "RUSTFLAGS",
                "RUSTC_WORKSPACE_WRAPPER",
                "CLIPPY_ARGS",
                "CARGO_TARGET_DIR",
                "CARGO_BUILD_TARGET",
                "OUT_DIR",
                "TARGET",
            ]
            .contains(&&*text)
        {
            cargo.env_remove(&name);
        }
    }
    let status = cargo.status().expect("cargo runs");
    assert!(status.success(), "the stub cannot be built");
    target_dir.join(TARGET).join("release/stub_runtime")
}

/// Runs the stub to make its image, or the code caches of built-ins that belong to it. `None` where this stub cannot run here: an executable
/// without them is valid.
fn make(stub: &Path, flag: &str, from: &[&Path], path: &Path) -> Option<Vec<u8>> {
    let _ = fs::remove_file(path);
    let mut command = Command::new(stub);
    command.arg(flag).args(from).arg(path).current_dir(path.parent()?).env_clear();
    // V8 orders objects by address: the same addresses, the same bytes.
    // SAFETY: personality(2) is one system call, allowed between fork and exec; where it is refused the image may differ.
    unsafe {
        command.pre_exec(|| {
            libc::personality(libc::ADDR_NO_RANDOMIZE as libc::c_ulong);
            Ok(())
        });
    }
    match command.status() {
        Ok(status) if status.success() => fs::read(path).ok().filter(|bytes| !bytes.is_empty()),
        _ => {
            println!("cargo::warning=the stub failed to {flag}: executables will start slower");
            None
        }
    }
}

/// Each code cache packed by itself, with the image for a dictionary: the runtime unpacks those that a program needs.
fn packed(caches: &[u8], image: &[u8]) -> Vec<u8> {
    let caches = payload::Caches::read(caches).expect("the stub wrote it");
    let mut packer = zstd::bulk::Compressor::with_dictionary(19, image).expect("memory is enough");
    let mut pack = |cache: &[u8]| packer.compress(cache).expect("memory is enough");
    payload::Caches::write(
        &caches.iter().map(|(id, cache)| (id.to_owned(), pack(cache.expect("the stub wrote it")))).collect(),
    )
}

/// Hard for a release, quickly while developing.
fn level() -> i32 {
    if var("PROFILE") == "release" { 19 } else { 1 }
}

fn compress(bytes: &[u8], path: &Path) {
    let compressed = zstd::encode_all(bytes, level()).expect("memory is enough");
    fs::write(path, compressed).expect("OUT_DIR can be written");
}

/// By which `pack` knows what it has unpacked before.
fn sum(bytes: &[u8], path: &Path) {
    fs::write(path, xxhash_rust::xxh3::xxh3_64(bytes).to_string()).expect("OUT_DIR can be written");
}

fn var(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}
