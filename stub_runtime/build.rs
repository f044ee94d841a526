//! Link options of the stub: sizes and start-up that a linker decides.
fn main() {
    println!("cargo::rerun-if-changed=js");
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        for arg in ["--icf=all", "--pack-dyn-relocs=relr", "-zlrodata-after-bss", "--gc-sections", "-znow", "-zrelro"] {
            println!("cargo::rustc-link-arg-bins=-Wl,{arg}");
        }
    }
}
