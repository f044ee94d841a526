//! The `pack` command. Owns: the command line and what the user sees. Does not own: bundling (crate `packager`), running (the stub).
fn main() {
    eprintln!("pack: no verb is there yet");
    std::process::exit(2);
}
