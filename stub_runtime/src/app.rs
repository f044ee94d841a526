//! The app inside this executable: its payload, opened once in a process.
//!
//! Owns: opening, where the tree lies among paths, and the end where the payload is damaged. Does not own: where the bytes lie
//! (`payload_segment`), the format (crate `payload`), `fs` over the tree (`bindings/fs/embedded.rs`).

use payload::{Caches, Payload};
use std::sync::OnceLock;

/// The embedded tree's root: a name under a regular file, where nothing real can be.
pub const ROOT: &str = "/proc/self/exe/app";

static PAYLOAD: OnceLock<Option<Payload<'static>>> = OnceLock::new();
/// The app of a training run, in front of the executable's own.
static TRAINING: OnceLock<Payload<'static>> = OnceLock::new();

/// The payload, `None` in a bare stub; it may hold an image only. Ends the process where it is damaged.
pub fn payload() -> Option<&'static Payload<'static>> {
    let open = || Payload::open(crate::payload_segment::bytes()).unwrap_or_else(|_| damaged());
    TRAINING.get().or_else(|| PAYLOAD.get_or_init(open).as_ref())
}

/// The payload of an executable that is an app.
pub fn app() -> Option<&'static Payload<'static>> {
    payload().filter(|p| !p.manifest().entry.is_empty())
}

/// The code cache of a built-in that the image does not hold.
pub fn builtin_cache(id: &str) -> Option<&'static [u8]> {
    static CACHES: OnceLock<Caches<'static>> = OnceLock::new();
    let payload = payload()?;
    let caches = CACHES.get_or_init(|| payload.caches().unwrap_or_else(|_| damaged()));
    Some(caches.lookup(id)?.unwrap_or_else(|_| damaged()))
}

/// Makes `bytes` this process's payload: a training run's app.
pub fn train_with(bytes: &'static [u8]) {
    let payload = Payload::open(bytes).ok().flatten().expect("the training app is whole");
    assert!(TRAINING.set(payload).is_ok(), "there is one training app");
}

/// Says that the executable's data is not what `pack` wrote, and ends the process.
pub fn damaged() -> ! {
    crate::stdio::write_stderr("payload damaged: copy or build the program again\n");
    crate::exit::exit_process(1);
}
