//! Code caches: a run of the stub at build time makes them, a program's start uses them.
//!
//! Owns: the two runs that make caches (of the built-ins, by `--build-caches`; of an app's modules, in an executable whose manifest
//! says so), which cache belongs to a source. Does not own: when the runs happen (`build.rs`, the packager), compiling
//! (`builtins.rs`, `bindings/contextify.rs`, `bindings/module_wrap.rs`).
//!
//! V8 refuses a cache that was made on another image, under other flags or while an image was made, so all of this happens in an
//! ordinary isolate from the finished image.

use crate::{app, builtins, embedded_data, exit, options, runtime};
use payload::{Builder, Caches, Content, Encoding, Entry, EntryKind, File, FileKind, Manifest};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use v8::script_compiler::{self, CompileOptions, NoCacheReason, Source};

/// Key of the manifest that makes an executable a training run: "compile" compiles every module and runs none, "eager" does so with
/// every function in it, "whole" so that the text is not needed any more, "run" runs the program; "heap" makes the image of one that is
/// evaluated at build time, "warm" runs such a one before that, "builtins" makes the caches of built-ins that belong to such an image.
const KEY: &str = "train";
/// In such an executable only: the file that the caches or the image go to.
pub const OUTPUT: &str = "PACK_TRAIN_OUTPUT";
/// Modules of which less than this is left are compiled whole.
const SMALL: usize = 4096;
/// Key of what the caches leave out.
const UNSEEN: &str = "unseen";
/// What a training run of the built-ins executes: what programs commonly do.
const PROGRAM: &str = include_str!("training/program.js");
/// Parameters of a CommonJS module's function.
pub const PARAMETERS: [&str; 5] = ["exports", "require", "module", "__filename", "__dirname"];

enum Compiled {
    Function(v8::Global<v8::Function>),
    Module(v8::Global<v8::UnboundModuleScript>),
    Names(String),
}

thread_local! {
    /// While an app's training run goes on: its modules that were compiled.
    static RECORDED: RefCell<Option<BTreeMap<String, Compiled>>> = const { RefCell::new(None) };
}

/// Makes code caches of the built-ins that `image` does not hold and writes them to `out`; returns the exit status. `node_options` are
/// those that the program will have: V8 takes a cache under the flags only that it was made with.
pub fn build_caches(image: &str, out: &str, node_options: &[String]) -> i32 {
    let image = match std::fs::read(image) {
        Ok(image) => image,
        Err(error) => return failed(image, &error),
    };
    let manifest = Manifest { entry: "main.js".into(), ..Manifest::default() };
    let mut builder = Builder::new(manifest);
    let file = File { mode: 0o644, content: Content::text(PROGRAM), ..File::default() };
    builder.file("main.js", file).expect("a plain path");
    builder.image(image);
    app::train_with(builder.build().expect("a small payload").leak());
    let mut v8_flags = options::Options::of_app_itself(&["main".to_owned()], node_options).v8_flags;
    // What is run here needs none of Node's options.
    options::set_current(options::Options::of_app_itself(&["main".to_owned()], &[]));
    // No part of what V8 compares.
    v8_flags.push("--random-seed=42".into());
    runtime::initialize_v8(&v8_flags);
    train_builtins(out.as_ref())
}

/// As [`build_caches`], on this executable's own image, which holds its program; returns the exit status.
pub fn build_heap_caches(mut options: options::Options) -> i32 {
    let (Some(app), Some(out)) = (app::app(), std::env::var_os(OUTPUT)) else { return 1 };
    options.v8_flags.push("--random-seed=42".into());
    runtime::initialize_v8(&options.v8_flags);
    // A child of the program that gets its text by `--eval`, with a file that is there.
    let entry = format!("{}/{}", app::ROOT, app.manifest().entry);
    let text = PROGRAM.replace("__filename", &format!("{entry:?}"));
    let argv = ["main", "--eval", &text, &entry].map(str::to_owned);
    options::set_current(options::Options::of_app_itself(&argv, &[]));
    train_builtins(&out)
}

/// Runs [`PROGRAM`], loads all built-ins, and writes the caches of those that were compiled to `out`.
fn train_builtins(out: &std::ffi::OsStr) -> i32 {
    builtins::start_training(builtins::Caches::new());
    let origin = runtime::origin();
    let mut isolate = runtime::new_isolate(&origin);
    let caches = {
        v8::scope!(let scope, &mut isolate);
        let context = runtime::new_context(scope, &origin);
        let scope = &mut v8::ContextScope::new(scope, context);
        let code = runtime::run_program(scope, "internal/main/main_thread");
        if code != 0 {
            crate::stdio::write_stderr("the training run failed\n");
            return 1;
        }
        for id in builtins::ids() {
            // One that cannot be loaded here has no cache of what it runs.
            v8::tc_scope!(let tc, scope);
            let _ = runtime::require_builtin(tc, &id);
        }
        builtins::finish_training(scope)
    };
    std::mem::forget(isolate);
    match std::fs::write(out, Caches::write(&caches)) {
        Ok(()) => 0,
        Err(error) => failed(&out.to_string_lossy(), &error),
    }
}

fn failed(path: &str, error: &std::io::Error) -> i32 {
    crate::stdio::write_stderr(&format!("{path}: {error}\n"));
    1
}

/// What kind of training run this executable is for; `None` in every one that a user gets.
pub fn mode() -> Option<&'static str> {
    app::app()?.manifest().extra.get(KEY).map(String::as_str)
}

/// Compiles the app's modules without running any; returns the exit status.
pub fn compile_app(options: options::Options, mode: &str) -> i32 {
    runtime::initialize_v8(&options.v8_flags);
    options::set_current(options);
    let origin = runtime::origin();
    let mut isolate = runtime::new_isolate(&origin);
    start();
    {
        v8::scope!(let scope, &mut isolate);
        let context = runtime::new_context(scope, &origin);
        let scope = &mut v8::ContextScope::new(scope, context);
        let Some(app) = app::app() else { return 1 };
        let whole = mode == "whole";
        let unseen = unseen(app.manifest());
        if whole {
            // V8 finds places by reading the text again, unless it is told to note them when it compiles. What a cache is compared by
            // are the flags when it is written.
            v8::V8::set_flags_from_string("--no-enable-lazy-source-positions");
        }
        for entry in app.tree().entries() {
            if let EntryKind::File(kind @ (FileKind::CommonJs | FileKind::EsModule)) = entry.kind() {
                v8::tc_scope!(let tc, scope);
                // A module that is no JavaScript fails when the program asks for it.
                let gaps = unseen.get(entry.path()).map(String::as_str);
                let _ = compile(tc, entry.path(), kind, mode != "compile", gaps);
                if whole && kind == FileKind::CommonJs {
                    note_names(tc, entry.path());
                }
            }
        }
        if whole {
            v8::V8::set_flags_from_string("--enable-lazy-source-positions");
        }
        finish(scope);
    }
    exit::exit_process(0)
}

/// Notes what a CommonJS module exports, as a piece called "names:PATH".
fn note_names(scope: &mut v8::PinScope, path: &str) {
    let Some(entry) = app::app().and_then(|app| app.tree().lookup(path)) else { return };
    if let Some(text) = embedded_data::code(scope, &entry) {
        let names = crate::bindings::cjs_lexer::as_json(&text.to_rust_string_lossy(scope));
        record(&format!("names:{path}"), Compiled::Names(names));
    }
}

/// By module: ranges of its text of which the cache holds nothing, because nothing can reach them.
fn unseen(manifest: &Manifest) -> BTreeMap<String, String> {
    let lines = manifest.extra.get(UNSEEN).map(String::as_str).unwrap_or_default().lines();
    lines.filter_map(|line| line.split_once('\t')).map(|(path, ranges)| (path.to_owned(), ranges.to_owned())).collect()
}

/// The text with blanks in the ranges, which are told as `generate/mod.rs` of the packager writes them. V8 compares a cache by the
/// length of the text, and every function that is left has its place. With it, how many characters are left.
fn blanked<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    entry: &Entry<'static>,
    ranges: &str,
) -> Option<(v8::Local<'s, v8::String>, usize)> {
    let blob = entry.content().filter(|blob| blob.encoding() == Encoding::Ascii)?;
    let mut text = embedded_data::unpacked(blob).into_owned();
    let mut left = text.len();
    for range in ranges.split(',') {
        let (range, statement) = range.strip_suffix(';').map_or((range, false), |range| (range, true));
        let (start, end) = range.split_once('-')?;
        let gap = text.get_mut(start.parse().ok()?..end.parse().ok()?)?;
        left = left.saturating_sub(gap.len());
        gap.iter_mut().filter(|byte| !matches!(byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
        // What stands around it must not become one statement.
        if let (true, Some(first)) = (statement, gap.first_mut()) {
            *first = b';';
        }
    }
    Some((v8::String::new_external_onebyte(scope, text.into_boxed_slice())?, left))
}

fn compile(scope: &mut v8::PinScope, path: &str, kind: FileKind, eagerly: bool, gaps: Option<&str>) -> Option<()> {
    let entry = app::app()?.tree().lookup(path)?;
    if let Some((text, left)) = gaps.and_then(|gaps| blanked(scope, &entry, gaps)) {
        // What is left was asked for by name: most of a small module runs when it is loaded.
        let eagerly = eagerly || left < SMALL;
        // V8 finds places in a module's own code by compiling it again, and then from the whole text: they are noted now.
        v8::V8::set_flags_from_string("--no-enable-lazy-source-positions");
        v8::tc_scope!(let tc, scope);
        let done = compile_text(tc, path, kind, eagerly, text);
        v8::V8::set_flags_from_string("--enable-lazy-source-positions");
        if done.is_some() {
            return done;
        }
    }
    let code = embedded_data::code(scope, &entry)?;
    compile_text(scope, path, kind, eagerly, code)
}

fn compile_text(
    scope: &mut v8::PinScope,
    path: &str,
    kind: FileKind,
    eagerly: bool,
    code: v8::Local<v8::String>,
) -> Option<()> {
    let name = v8::String::new(scope, path)?;
    let module = kind == FileKind::EsModule;
    let origin = v8::ScriptOrigin::new(scope, name.into(), 0, 0, false, -1, None, false, false, module, None);
    let mut source = Source::new(code, Some(&origin));
    let options = if eagerly { CompileOptions::EagerCompile } else { CompileOptions::NoCompileOptions };
    let compiled = if module {
        let module = script_compiler::compile_module2(scope, &mut source, options, NoCacheReason::NoReason)?;
        let script = module.get_unbound_module_script(scope);
        Compiled::Module(v8::Global::new(scope, script))
    } else {
        let names = PARAMETERS.map(|p| v8::String::new(scope, p).unwrap());
        let function =
            script_compiler::compile_function(scope, &mut source, &names, &[], options, NoCacheReason::NoReason)?;
        Compiled::Function(v8::Global::new(scope, function))
    };
    record(path, compiled);
    Some(())
}

/// From now on the app's modules that this thread compiles are remembered.
pub fn start() {
    RECORDED.set(Some(BTreeMap::new()));
}

fn record(path: &str, compiled: Compiled) {
    RECORDED.with_borrow_mut(|recorded| {
        if let Some(recorded) = recorded {
            recorded.insert(path.to_owned(), compiled);
        }
    });
}

/// Remembers a CommonJS module's function, in a training run.
pub fn record_function(scope: &mut v8::PinScope, path: &str, function: v8::Local<v8::Function>) {
    if RECORDED.with_borrow(Option::is_some) {
        record(path, Compiled::Function(v8::Global::new(scope, function)));
    }
}

/// Remembers an ES module, in a training run.
pub fn record_module(scope: &mut v8::PinScope, path: &str, module: v8::Local<v8::Module>) {
    if RECORDED.with_borrow(Option::is_some) {
        let script = module.get_unbound_module_script(scope);
        record(path, Compiled::Module(v8::Global::new(scope, script)));
    }
}

/// Ends a training run of the app, if this is one: caches of what was compiled, with the functions that have run, go to the file
/// that the packager named.
pub fn finish(scope: &mut v8::PinScope) {
    let Some(recorded) = RECORDED.take() else { return };
    let cache = |(path, compiled): (String, Compiled)| {
        let cache = match compiled {
            Compiled::Function(function) => v8::Local::new(scope, function).create_code_cache(),
            Compiled::Module(script) => v8::Local::new(scope, script).create_code_cache(),
            Compiled::Names(names) => return Some((path, names.into_bytes())),
        };
        Some((path, cache?.to_vec()))
    };
    // Each is taken under the flags only that it is written with.
    let (modules, others): (BTreeMap<_, _>, BTreeMap<_, _>) =
        recorded.into_iter().partition(|(_, compiled)| matches!(compiled, Compiled::Module(_)));
    let mut caches: BTreeMap<String, Vec<u8>> = others.into_iter().filter_map(cache).collect();
    let table = crate::script_table::off();
    caches.extend(modules.into_iter().filter_map(cache));
    drop(table);
    if let Some(out) = std::env::var_os(OUTPUT)
        && let Err(error) = std::fs::write(&out, Caches::write(&caches))
    {
        failed(&out.to_string_lossy(), &error);
    }
}

/// The path in a file URL.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = path.get(path.len() - tail.len()..path.len() - tail.len() + 2);
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether the embedded module `path` must not run: its text is not in the executable, and V8 did not take its code.
pub fn lacks_code(scope: &mut v8::PinScope, path: &str, source: &Source) -> bool {
    let taken = source.get_cached_data().is_some_and(|cache| !cache.rejected());
    if taken || !is_sourceless() {
        return false;
    }
    let message =
        format!("{path} was built with --no-source, and V8 does not take its code under the options that it runs with");
    crate::binding::throw_error(scope, &message);
    true
}

/// The path in the tree and the code cache of an embedded module whose text is `code`, by what V8 calls the script: a path or a
/// URL. V8 compares lengths only, so this makes sure that `code` is the very text in the payload; a program may have changed it
/// on the way (`Module.prototype._compile`).
pub fn cache_of(
    scope: &mut v8::PinScope,
    name: v8::Local<v8::Value>,
    code: v8::Local<v8::String>,
) -> Option<(String, Option<Cow<'static, [u8]>>)> {
    let app = app::app()?;
    let name = name.to_rust_string_lossy(scope);
    let path = match name.strip_prefix("file://") {
        Some(path) => decoded(path.split(['?', '#']).next().unwrap_or_default()),
        None => name,
    };
    let path = path.strip_prefix(app::ROOT)?.strip_prefix('/')?;
    let entry = app.tree().lookup(path)?;
    let text = embedded_data::known_text(&entry)?;
    let view = v8::ValueView::new(scope, code);
    let data = match view.data() {
        v8::ValueViewData::OneByte(bytes) => bytes.as_ptr(),
        v8::ValueViewData::TwoByte(units) => units.as_ptr().cast(),
    };
    if data != text.as_ptr() {
        return None;
    }
    Some((path.to_owned(), code_cache(&entry)))
}

/// A module's code cache, where it may be taken: code from one has no counters of its blocks, which coverage and profiles ask for.
pub fn code_cache(entry: &payload::Entry<'static>) -> Option<Cow<'static, [u8]>> {
    let counted = crate::bindings::inspector::current().is_some() && !is_sourceless();
    entry.code_cache().filter(|_| !counted).map(embedded_data::unpacked)
}

/// Whether the app has no text of its modules.
fn is_sourceless() -> bool {
    app::app().is_some_and(|app| app.manifest().extra.contains_key("no-source"))
}
