//! Heap mode: an image that holds the program's own modules, evaluated when the executable is built.
//!
//! Owns: the run that makes it, what refers to the program's sources in it. Does not own: what the program may do meanwhile
//! (`js/internal/heap.js`), the base image (`image.rs`), when this happens (the packager).
//!
//! The process starts from the base image, runs the program or the modules that the build named, and writes the heap down: context 0
//! is bare, the image's first context the program's, its second one that nothing of the program has run in, for workers and children.
//! Sources stay outside, as in the base image: V8 refers to them by their place in a list that the payload's order makes.

use crate::bindings::{self, heap as watched, module_wrap};
use crate::{app, binding, builtins, event_loop, heap_image, options, runtime, tasks};
use payload::{Codec, Encoding, EntryKind, FileKind, SnapshotMode};
use std::sync::OnceLock;

/// Indices of the contexts in an image that [`build`] made.
pub const PROGRAM: usize = 0;
pub const UNTOUCHED: usize = 1;
/// Key of the manifest: paths, one a line, of the modules that are evaluated; none are there where the entry is.
pub const MODULES: &str = "snapshot";
/// Exit status of a run that the program did not allow to end well.
pub const REFUSED: i32 = 3;

/// Whether this executable's image holds its program.
pub fn is_heap() -> bool {
    app::app().is_some_and(|app| app.manifest().snapshot == SnapshotMode::Heap)
        && builtins::dev_folder().is_none()
        && !is_building()
}

/// Whether this process makes such an image, or finds out what its program calls before that ("warm").
pub fn is_building() -> bool {
    matches!(crate::training::mode(), Some("heap" | "warm"))
}

/// Runs the program as [`build`] does and then as a process that starts from its heap would, in one ordinary isolate from the base
/// image: the code caches that the training run leaves have the functions that both called. Returns the exit status.
pub fn warm(mut options: options::Options) -> i32 {
    // What `build` has: V8 takes the caches there.
    options.v8_flags.splice(0..0, deterministic());
    look_after_waiting();
    runtime::run_main(options)
}

fn deterministic() -> [String; 2] {
    ["--predictable".into(), "--random-seed=42".into()]
}

/// Tells JavaScript four times a second what the loop waits for: `internal/heap` ends a build that would wait for ever.
fn look_after_waiting() {
    let handle = event_loop::current().handle();
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(std::time::Duration::from_millis(250));
            handle.post(|scope| {
                let event_loop = event_loop::current();
                let [.., events] = event_loop.times().all();
                let figures = [event_loop.alive() as f64, event_loop.pool_jobs().len() as f64, events as f64];
                let figures = figures.map(|figure| v8::Number::new(scope, figure).into());
                runtime::call_builtin(scope, "internal/heap", "look", &figures);
            });
        }
    });
}

/// The sources that an image may refer to, by their index in the tree: those that are kept as they are, one byte a character.
fn sources() -> &'static [Option<v8::OneByteConst>] {
    static SOURCES: OnceLock<&'static [Option<v8::OneByteConst>]> = OnceLock::new();
    SOURCES.get_or_init(|| {
        let Some(app) = app::app().filter(|app| app.manifest().snapshot == SnapshotMode::Heap) else { return &[] };
        let source = |entry: payload::Entry<'static>| {
            let EntryKind::File(FileKind::CommonJs | FileKind::EsModule) = entry.kind() else { return None };
            let blob = entry.content().filter(|blob| blob.codec() == Codec::None)?;
            let (Encoding::Ascii | Encoding::Latin1) = blob.encoding() else { return None };
            // SAFETY: V8 takes what these strings hold as Latin-1.
            Some(unsafe { v8::String::create_external_onebyte_const_unchecked(blob.bytes_unchecked()) })
        };
        app.tree().entries().map(source).collect::<Vec<_>>().leak()
    })
}

/// Their addresses.
pub fn external_references() -> impl Iterator<Item = v8::ExternalReference> {
    let pointer = |source: &'static v8::OneByteConst| (&raw const *source).cast_mut().cast();
    sources().iter().flatten().map(move |source| v8::ExternalReference { pointer: pointer(source) })
}

/// The source of the `index`th file of the tree as a string that an image can refer to.
pub fn source<'s>(scope: &mut v8::PinScope<'s, '_>, index: usize) -> Option<v8::Local<'s, v8::String>> {
    let source = sources().get(index)?.as_ref()?;
    v8::String::new_from_onebyte_const(scope, source)
}

/// Runs the program and writes its heap to the file that the packager named; returns the exit status.
pub fn build(options: options::Options) -> i32 {
    let Some(out) = std::env::var_os(crate::training::OUTPUT) else { return 1 };
    let mut flags = deterministic().to_vec();
    flags.extend_from_slice(&options.v8_flags);
    heap_image::complete(out.as_ref(), PROGRAM, &flags, || build_snapshot(&out, &flags, options))
}

fn build_snapshot(out: &std::ffi::OsStr, v8_flags: &[String], options: options::Options) -> i32 {
    runtime::initialize_v8(v8_flags);
    options::set_current(options);
    let runtime::Origin::Image(base) = runtime::origin() else {
        crate::stdio::write_stderr("there is no base image\n");
        return 1;
    };
    // What an executable is made of must not depend on who makes it.
    for (name, _) in std::env::vars_os() {
        // SAFETY: no other thread of this process is running.
        #[expect(clippy::disallowed_methods, reason = "the program sees no environment while it is built")]
        unsafe {
            std::env::remove_var(name);
        }
    }
    let _ = std::env::set_current_dir("/");
    let references = Some(binding::external_references().into());
    let snapshot = payload::Image::read(base).snapshot;
    let mut isolate =
        v8::Isolate::snapshot_creator_from_existing_snapshot(v8::StartupData::from(snapshot), references, None);
    runtime::configure(&mut isolate);
    let code = {
        v8::scope!(let scope, &mut isolate);
        let bare = v8::Context::new(scope, v8::ContextOptions::default());
        scope.set_default_context(bare);
        let origin = runtime::Origin::Image(base);
        let untouched = runtime::new_context(scope, &origin);
        {
            let scope = &mut v8::ContextScope::new(scope, untouched);
            runtime::keep_require(scope, untouched);
        }
        let context = runtime::new_context(scope, &origin);
        let code = {
            let scope = &mut v8::ContextScope::new(scope, context);
            look_after_waiting();
            let code = runtime::run_program(scope, "internal/main/build_heap");
            if code == 0 { finish(scope, context) } else { code }
        };
        scope.add_context(context);
        scope.add_context(untouched);
        code
    };
    if code != 0 {
        std::mem::forget(isolate);
        return code;
    }
    let Some(blob) = isolate.create_blob(v8::FunctionCodeHandling::Keep) else {
        crate::stdio::write_stderr("the heap could not be written down\n");
        return 1;
    };
    match std::fs::write(out, &*blob) {
        Ok(()) => 0,
        Err(error) => {
            crate::stdio::write_stderr(&format!("{}: {error}\n", out.display()));
            1
        }
    }
}

/// Collects what nobody holds. What was finalised is told now: an image has no place for that, and what it lets go of is found by the
/// second collection.
fn collect(scope: &mut v8::PinScope) {
    for _ in 0..2 {
        scope.low_memory_notification();
        event_loop::current().run_posted(scope);
    }
}

/// Takes away what an image cannot hold and must not, or says what the program keeps of it.
fn finish(scope: &mut v8::PinScope, context: v8::Local<v8::Context>) -> i32 {
    collect(scope);
    // An exception in it ends the process.
    runtime::call_builtin(scope, "internal/heap", "end", &[]);
    collect(scope);
    let kept = watched::alive();
    if !kept.is_empty() {
        for text in kept {
            crate::stdio::write_stderr(&text);
        }
        return REFUSED;
    }
    runtime::keep_require(scope, context);
    module_wrap::keep(scope, context);
    tasks::forget();
    bindings::forget();
    0
}
