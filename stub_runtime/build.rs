//! Link options of the stub: sizes and start-up that a linker decides; built-in modules that come from npm; the table of built-ins.

#[path = "build/amaro.rs"]
mod amaro;
#[path = "build/builtins.rs"]
mod builtins;
#[path = "build/comments.rs"]
mod comments;
#[path = "build/left_out.rs"]
mod left_out;
#[path = "build/npm.rs"]
mod npm;
#[path = "build/undici.rs"]
mod undici;

use std::path::PathBuf;

fn main() {
    let folder = |name| PathBuf::from(std::env::var_os(name).expect("cargo sets it"));
    let (js, out) = (folder("CARGO_MANIFEST_DIR").join("js"), folder("OUT_DIR"));
    let packages = npm::install(&js, &out);
    undici::install(&packages, &out);
    amaro::install(&packages, &out);
    builtins::write_table(&[&js, &out.join("builtins")], &out.join("builtins.rs"));
    left_out::install(&out);
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=js");
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // Equal constants are one as equal functions are: the C library's tables for each kind of processor, Brotli's dictionary in C
        // and in Rust, root certificates in each part of the crate. Nothing here knows a constant by its address alone.
        let folded = ["--icf=all", "--ignore-data-address-equality"];
        for arg in folded.into_iter().chain(["-zlrodata-after-bss", "--gc-sections", "-znow", "-zrelro"]) {
            println!("cargo::rustc-link-arg-bins=-Wl,{arg}");
        }
        // Leaves out tables for unwinding: nothing unwinds. Gives the program's data addresses of their own.
        let script = folder("CARGO_MANIFEST_DIR").join("build/discard.ld");
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}", script.display());
        // Functions that a start calls lie side by side: a page that is read maps those around it, of which the others are no use.
        // `build/order.sh` lists them; one that is not there any more is passed over.
        let packed =
            std::fs::read(folder("CARGO_MANIFEST_DIR").join("build/startup.order.zst")).expect("it is in the tree");
        let order = out.join("startup.order");
        std::fs::write(&order, zstd::decode_all(&*packed).expect("zstd wrote it")).expect("OUT_DIR can be written");
        println!("cargo::rustc-link-arg-bins=-Wl,--symbol-ordering-file={}", order.display());
        println!("cargo::rustc-link-arg-bins=-Wl,--no-warn-symbol-ordering");
        // What `large_pages.rs`, `platform.rs` and `early.rs` take over.
        for name in [
            "mmap64",
            "munmap",
            "mprotect",
            "__sbrk",
            "_ZN2v84base6Thread5StartEv",
            "_ZN2v88platform16DelayedTaskQueue6AppendENSt4__Cr10unique_ptrINS_4TaskENS2_14default_deleteIS4_EEEE",
            "_ZN2v88platform16DelayedTaskQueue13AppendDelayedENSt4__Cr10unique_ptrINS_4TaskENS2_14default_deleteIS4_EEEEd",
            "_ZN2v88platform16DelayedTaskQueue10TryGetNextEv",
            "pthread_getattr_np",
            "OPENSSL_cpuid_setup",
        ] {
            println!("cargo::rustc-link-arg-bins=-Wl,--wrap={name}");
        }
        println!("cargo::rustc-link-arg-bins=-Wl,--entry=pack_entry");
        // What native addons call, and nothing else: an addon must not find our OpenSSL or zlib in place of its own.
        println!("cargo::rustc-link-arg-bins=-Wl,--export-dynamic-symbol=napi_*");
        println!("cargo::rustc-link-arg-bins=-Wl,--export-dynamic-symbol=node_api_*");
    }
}

/// Of zstd: hard for a release, quickly while developing.
fn level() -> i32 {
    if std::env::var("PROFILE").as_deref() == Ok("release") { 19 } else { 1 }
}
