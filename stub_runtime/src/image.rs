//! The startup snapshot: the heap after the built-ins that every start needs were evaluated.
//!
//! Owns: making the base image, the training runs before it. Does not own: reading it (`runtime::Origin`), storing it (crate
//! `payload`).
//!
//! The same process first runs a hello world, once for each kind of standard output, from sources. That tells which built-ins a
//! start loads and which of their functions it calls: these are in the image, compiled, and nothing else is. It requires a module and
//! data, as all but the smallest programs do: what that calls costs hello little, and every such program a millisecond to compile.

use crate::builtins::Caches;
use crate::{binding, builtins, heap_image, options, runtime};
use payload::{Builder, Content, EdgeKind, EdgeTarget, File, FileKind, Manifest};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

const HELLO: &str = "require('./part'); require('./data.json'); console.log('hello')\n";
const PARTS: [(&str, FileKind, &str, &str); 2] = [
    ("part.js", FileKind::CommonJs, "./part", "exports.part = 1;\n"),
    ("data.json", FileKind::Json, "./data.json", "{}\n"),
];

/// Writes the base image to the file `out`; returns the exit status. `v8_flags` are for who measures (`--serialization-statistics`).
pub fn build_base(out: &str, v8_flags: &[String]) -> i32 {
    // Deterministic: V8 seeds its hashes and orders its objects the same way each time.
    let mut flags = vec!["--predictable".into(), "--random-seed=42".into()];
    flags.extend_from_slice(v8_flags);
    heap_image::complete(out.as_ref(), 0, &flags, || build_snapshot(out, &flags))
}

fn build_snapshot(out: &str, v8_flags: &[String]) -> i32 {
    runtime::initialize_v8(v8_flags);
    let caches = if builtins::dev_folder().is_none() { train() } else { Caches::new() };
    let ids: Vec<String> = caches.keys().cloned().collect();
    builtins::use_caches(caches);
    let mut isolate = v8::Isolate::snapshot_creator(Some(binding::external_references().into()), None);
    runtime::configure(&mut isolate);
    {
        v8::scope!(let scope, &mut isolate);
        let bare = v8::Context::new(scope, v8::ContextOptions::default());
        scope.set_default_context(bare);
        let context = v8::Context::new(scope, v8::ContextOptions::default());
        {
            let scope = &mut v8::ContextScope::new(scope, context);
            runtime::prepare_image_context(scope, context, &ids);
        }
        scope.add_context(context);
    }
    let blob = isolate.create_blob(v8::FunctionCodeHandling::Keep);
    // What V8's flags made it print; the process ends by `_exit`.
    // SAFETY: flushes the C library's streams.
    unsafe { libc::fflush(std::ptr::null_mut()) };
    let Some(blob) = blob else {
        crate::stdio::write_stderr("the image could not be made\n");
        return 1;
    };
    match std::fs::write(out, &*blob) {
        Ok(()) => 0,
        Err(error) => {
            crate::stdio::write_stderr(&format!("{out}: {error}\n"));
            1
        }
    }
}

/// Runs the hello world; gives the code caches of what it loaded, with the functions that it called.
fn train() -> Caches {
    let manifest = Manifest { entry: "hello.js".into(), ..Manifest::default() };
    let mut builder = Builder::new(manifest);
    let file = File { mode: 0o644, content: Content::text(HELLO), ..File::default() };
    builder.file("hello.js", file).expect("a plain path");
    for (path, kind, request, text) in PARTS {
        let file = File { kind, mode: 0o644, content: Content::text(text), ..File::default() };
        builder.file(path, file).expect("a plain path");
        let target = EdgeTarget::File(path.to_owned());
        builder.edge("hello.js", EdgeKind::Require, request, target).expect("both are there");
    }
    crate::app::train_with(builder.build().expect("a small payload").leak());
    options::set_current(options::Options::of_app_itself(&["hello".to_owned()], &[]));
    let (read, write) = pipe();
    let null = std::fs::File::options().write(true).open("/dev/null").expect("/dev/null");
    let file = std::fs::File::from(memory_file());
    let mut caches = Caches::new();
    for output in [null.as_raw_fd(), file.as_raw_fd(), write.as_raw_fd()] {
        caches = with_stdout(output, || {
            let caches = std::mem::take(&mut caches);
            let thread = std::thread::Builder::new().stack_size(8 << 20).spawn(|| run(caches));
            thread.and_then(|t| t.join().map_err(|_| std::io::ErrorKind::Other.into())).expect("a training run")
        });
    }
    drop(read);
    caches
}

/// One run, on a thread of its own: thread-locals are the run's.
fn run(caches: Caches) -> Caches {
    builtins::start_training(caches);
    let mut isolate = runtime::new_isolate(&runtime::Origin::Scratch);
    let caches = {
        v8::scope!(let scope, &mut isolate);
        let context = runtime::new_context(scope, &runtime::Origin::Scratch);
        let scope = &mut v8::ContextScope::new(scope, context);
        let code = runtime::run_program(scope, "internal/main/main_thread");
        assert_eq!(code, 0, "the training run failed");
        builtins::finish_training(scope)
    };
    std::mem::forget(isolate);
    caches
}

fn with_stdout<T>(fd: i32, f: impl FnOnce() -> T) -> T {
    // SAFETY: duplicates descriptors that are open.
    let saved = unsafe { OwnedFd::from_raw_fd(libc::dup(1)) };
    // SAFETY: as above.
    unsafe { libc::dup2(fd, 1) };
    let result = f();
    // SAFETY: as above.
    unsafe { libc::dup2(saved.as_raw_fd(), 1) };
    result
}

fn pipe() -> (OwnedFd, OwnedFd) {
    let mut fds = [0; 2];
    // SAFETY: fills both descriptors, which are new and ours.
    unsafe {
        assert_eq!(libc::pipe2(fds.as_mut_ptr(), libc::O_CLOEXEC), 0, "pipe");
        (OwnedFd::from_raw_fd(fds[0]), OwnedFd::from_raw_fd(fds[1]))
    }
}

fn memory_file() -> OwnedFd {
    // SAFETY: makes a new descriptor, which is ours.
    let fd = unsafe { libc::memfd_create(c"stdout".as_ptr(), libc::MFD_CLOEXEC) };
    assert!(fd >= 0, "memfd_create");
    // SAFETY: as above.
    unsafe { OwnedFd::from_raw_fd(fd) }
}
