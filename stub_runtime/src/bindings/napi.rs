//! `internalBinding('napi')`: Node-API, the C interface of native addons, and loading them.
//!
//! Owns: `process.dlopen`, from disk and from the embedded tree. Does not own: the calls of the interface (`napi/`). The static
//! runtime has no dynamic loader: there `dlopen` says so.

#[cfg(not(target_feature = "crt-static"))]
mod buffers;
#[cfg(not(target_feature = "crt-static"))]
pub mod env;
#[cfg(not(target_feature = "crt-static"))]
mod errors;
#[cfg(not(target_feature = "crt-static"))]
mod functions;
#[cfg(not(target_feature = "crt-static"))]
mod load;
#[cfg(not(target_feature = "crt-static"))]
mod memory;
#[cfg(not(target_feature = "crt-static"))]
mod objects;
#[cfg(not(target_feature = "crt-static"))]
pub mod references;
#[cfg(not(target_feature = "crt-static"))]
mod strings;
#[cfg(not(target_feature = "crt-static"))]
mod threadsafe;
#[cfg(not(target_feature = "crt-static"))]
mod values;
#[cfg(not(target_feature = "crt-static"))]
mod work;

use std::cell::RefCell;

/// The version of Node-API that is offered: Node 26's.
#[cfg(not(target_feature = "crt-static"))]
pub const VERSION: u32 = 10;

thread_local! {
    /// Makes a `Buffer` over part of an ArrayBuffer.
    static MAKE_BUFFER: RefCell<Option<v8::Global<v8::Function>>> = const { RefCell::new(None) };
}

/// `setup(function (arrayBuffer, offset, length))`: how a `Buffer` is made.
fn setup(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let make = v8::Local::<v8::Function>::try_from(args.get(0)).ok().map(|f| v8::Global::new(scope, f));
    MAKE_BUFFER.set(make);
}

/// A `Buffer` over part of an ArrayBuffer.
#[cfg_attr(target_feature = "crt-static", allow(dead_code))]
fn make_buffer<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    memory: v8::Local<'s, v8::ArrayBuffer>,
    offset: usize,
    length: usize,
) -> Option<v8::Local<'s, v8::Value>> {
    let make = MAKE_BUFFER.with_borrow(|f| f.as_ref().map(|f| v8::Local::new(scope, f)))?;
    let recv = v8::undefined(scope).into();
    let (offset, length) = (v8::Number::new(scope, offset as f64), v8::Number::new(scope, length as f64));
    make.call(scope, recv, &[memory.into(), offset.into(), length.into()])
}

/// The thread's JavaScript ends: clean-up hooks and finalizers of its addons.
pub fn teardown(scope: &mut v8::PinScope) {
    #[cfg(not(target_feature = "crt-static"))]
    env::teardown(scope);
    let _ = scope;
}

/// `dlopen(module, path, url, flags)`: loads an addon and lets it fill `module.exports`; a message where it cannot.
fn dlopen(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    #[cfg(not(target_feature = "crt-static"))]
    let result = load::load(scope, &args);
    #[cfg(target_feature = "crt-static")]
    let result: Result<(), String> = {
        let path = args.get(1).to_rust_string_lossy(scope);
        Err(format!(
            "{path}: this executable has the static runtime, which loads no native addons: build it with --dynamic"
        ))
    };
    if let Err(message) = result {
        rv.set(crate::binding::string(scope, &message));
    }
}

crate::binding!("napi", [setup => setup, dlopen => dlopen]);
