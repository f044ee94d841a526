//! `WebAssembly.compileStreaming` and `instantiateStreaming`: bytes of a response go to V8's compiler as they come.
//!
//! Owns: the compilations under way. Does not own: what a response is (`js/internal/wasm_streaming.js`).

use crate::binding;
use std::cell::RefCell;
use std::collections::HashMap;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

#[derive(Default)]
struct Compilations {
    next: u32,
    open: HashMap<u32, v8::WasmStreaming<false>>,
    /// `start(id, source)`
    start: Option<v8::Global<v8::Function>>,
}

thread_local! {
    static COMPILATIONS: RefCell<Compilations> = RefCell::default();
}

/// Lets go of what JavaScript has given: no handle may be left where an image is made.
pub fn forget() {
    COMPILATIONS.take();
}

/// Gives the isolate the two functions; before its contexts are made.
pub fn install(isolate: &mut v8::Isolate) {
    isolate.set_wasm_streaming_callback(begin);
}

fn begin<'a>(scope: &mut v8::PinScope<'a, '_>, source: v8::Local<'a, v8::Value>, streaming: v8::WasmStreaming<false>) {
    let (id, start) = COMPILATIONS.with_borrow_mut(|c| {
        c.next += 1;
        c.open.insert(c.next, streaming);
        (c.next, c.start.clone())
    });
    let Some(start) = start else { return };
    let start = v8::Local::new(scope, start);
    let id = v8::Integer::new_from_unsigned(scope, id).into();
    let recv = v8::undefined(scope).into();
    start.call(scope, recv, &[id, source]);
}

fn setup(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let start = v8::Local::<v8::Function>::try_from(args.get(0)).expect("wasm_streaming.setup: a function");
    let start = v8::Global::new(scope, start);
    COMPILATIONS.with_borrow_mut(|c| c.start = Some(start));
}

fn id_of(scope: &mut v8::PinScope, args: &Args) -> u32 {
    args.get(0).uint32_value(scope).unwrap_or(0)
}

/// Takes the compilation out: V8 may call JavaScript, which may come back here.
fn take(id: u32) -> Option<v8::WasmStreaming<false>> {
    COMPILATIONS.with_borrow_mut(|c| c.open.remove(&id))
}

fn with(id: u32, f: impl FnOnce(&mut v8::WasmStreaming<false>)) {
    if let Some(mut streaming) = take(id) {
        f(&mut streaming);
        COMPILATIONS.with_borrow_mut(|c| c.open.insert(id, streaming));
    }
}

/// `setURL(id, url)`
fn set_url(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let url = args.get(1).to_rust_string_lossy(scope);
    with(id_of(scope, &args), |streaming| streaming.set_url(&url));
}

/// `push(id, bytes)`
fn push(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let id = id_of(scope, &args);
    if let Some(bytes) = binding::bytes(args.get(1)) {
        with(id, |streaming| streaming.on_bytes_received(bytes));
    }
}

/// `finish(id)`
fn finish(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    if let Some(streaming) = take(id_of(scope, &args)) {
        streaming.finish();
    }
}

/// `abort(id, error)`
fn abort(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    if let Some(streaming) = take(id_of(scope, &args)) {
        streaming.abort(Some(args.get(1)));
    }
}

binding!("wasm_streaming", [
    setup => setup,
    setURL => set_url,
    push => push,
    finish => finish,
    abort => abort,
]);
