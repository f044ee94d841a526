//! The app inside this executable: its payload, opened once in a process.
//!
//! Owns: opening, where the tree lies among paths, and the end where the payload is damaged; an app in a file of its own, beside a
//! runtime that many apps share (`pack run`). Does not own: where the bytes lie (`payload_segment`), the format (crate `payload`),
//! `fs` over the tree (`bindings/fs/embedded.rs`).

use payload::{Caches, Payload};
use std::borrow::Cow;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The embedded tree's root: a name under a regular file, where nothing real can be.
pub const ROOT: &str = "/proc/self/exe/app";

static OWN: OnceLock<Option<Payload<'static>>> = OnceLock::new();
/// An app in front of the executable's own: of a training run, or attached.
static FRONT: OnceLock<Payload<'static>> = OnceLock::new();
/// The file of an attached app.
static ATTACHED: OnceLock<PathBuf> = OnceLock::new();

/// The payload, `None` in a bare stub; it may hold an image only. Ends the process where it is damaged.
pub fn payload() -> Option<&'static Payload<'static>> {
    FRONT.get().or_else(own)
}

/// The payload that holds what the runtime itself starts with. Not the app's where it is attached: that one has the app alone.
pub fn base() -> Option<&'static Payload<'static>> {
    FRONT.get().filter(|front| !front.image().is_empty()).or_else(own)
}

fn own() -> Option<&'static Payload<'static>> {
    let open = || Payload::open(crate::payload_segment::bytes()).unwrap_or_else(|_| damaged());
    OWN.get_or_init(open).as_ref()
}

/// The payload of an executable that is an app.
pub fn app() -> Option<&'static Payload<'static>> {
    payload().filter(|p| !p.manifest().entry.is_empty())
}

/// The code cache of a built-in that the image does not hold; unpacked, where it is packed: the image is the dictionary.
pub fn builtin_cache(id: &str) -> Option<Cow<'static, [u8]>> {
    static CACHES: OnceLock<Caches<'static>> = OnceLock::new();
    let payload = base()?;
    let caches = CACHES.get_or_init(|| payload.caches().unwrap_or_else(|_| damaged()));
    let cache = caches.lookup(id)?.unwrap_or_else(|_| damaged());
    // V8's own begin otherwise.
    if !cache.starts_with(&zstd::zstd_safe::MAGICNUMBER.to_le_bytes()) {
        return Some(cache.into());
    }
    check_image();
    let length = zstd::zstd_safe::get_frame_content_size(cache).ok().flatten().unwrap_or_else(|| damaged());
    thread_local! {
        /// What is unpacked with, which takes longer to make than most caches to unpack.
        static CONTEXT: RefCell<zstd::zstd_safe::DCtx<'static>> = RefCell::new(zstd::zstd_safe::DCtx::create());
    }
    let mut unpacked = Vec::with_capacity(length as usize);
    let done = CONTEXT.with_borrow_mut(|context| context.decompress_using_dict(&mut unpacked, cache, payload.image()));
    if done != Ok(length as usize) { damaged() } else { Some(unpacked.into()) }
}

/// Before somebody reads more of the image than every start does: checks it, once. Ends the process where it is damaged.
pub fn check_image() {
    static CHECKED: OnceLock<()> = OnceLock::new();
    CHECKED.get_or_init(|| {
        if base().is_some_and(|payload| payload.check_image().is_err()) {
            damaged();
        }
    });
}

/// Makes `bytes` this process's payload: a training run's app.
pub fn train_with(bytes: &'static [u8]) {
    let payload = Payload::open(bytes).ok().flatten().expect("the training app is whole");
    assert!(FRONT.set(payload).is_ok(), "there is one training app");
}

/// Makes the payload in the file at `path`, after its first page, this process's app. The first page names this runtime for the kernel
/// ("#!"), so that the file can be started by itself. Ends the process where it is damaged.
pub fn attach(path: &str) {
    let bytes = match map(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            crate::stdio::write_stderr(&format!("{path}: {error}\n"));
            crate::exit::exit_process(1);
        }
    };
    let payload = bytes.get(payload::PAGE..).and_then(|bytes| Payload::open(bytes).ok().flatten());
    assert!(FRONT.set(payload.unwrap_or_else(|| damaged())).is_ok(), "there is one app");
    let _ = ATTACHED.set(path.into());
}

fn map(path: &str) -> std::io::Result<&'static [u8]> {
    use std::os::fd::AsRawFd;
    let file = std::fs::File::open(path)?;
    let len = file.metadata()?.len() as usize;
    // SAFETY: a new read-only mapping of a file that nobody changes: `pack` writes a new one for each app.
    unsafe {
        let start = libc::mmap(std::ptr::null_mut(), len, libc::PROT_READ, libc::MAP_PRIVATE, file.as_raw_fd(), 0);
        if start == libc::MAP_FAILED {
            return Err(std::io::Error::last_os_error());
        }
        Ok(std::slice::from_raw_parts(start.cast(), len))
    }
}

/// The file of the app, where that is not this executable.
pub fn attached() -> Option<&'static Path> {
    ATTACHED.get().map(PathBuf::as_path)
}

/// The file that starts this program again.
pub fn executable() -> std::io::Result<PathBuf> {
    attached().map_or_else(std::env::current_exe, |file| Ok(file.to_owned()))
}

/// Says that the executable's data is not what `pack` wrote, and ends the process.
pub fn damaged() -> ! {
    crate::stdio::write_stderr("payload damaged: copy or build the program again\n");
    crate::exit::exit_process(1);
}
