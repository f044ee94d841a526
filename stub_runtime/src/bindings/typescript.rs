//! `internalBinding('typescript')`: the source of the npm package amaro, unpacked when a TypeScript file is loaded from disk.

use crate::binding;

static AMARO: [u8; include_bytes!(concat!(env!("OUT_DIR"), "/amaro.js.zst")).len()] =
    *include_bytes!(concat!(env!("OUT_DIR"), "/amaro.js.zst"));
static WASM: [u8; include_bytes!(concat!(env!("OUT_DIR"), "/amaro.wasm.zst")).len()] =
    *include_bytes!(concat!(env!("OUT_DIR"), "/amaro.wasm.zst"));

/// `source()`: the package as the body of a CommonJS function. ASCII, as the build checks.
fn source(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(text) = zstd::decode_all(&AMARO[..]) else { return };
    if let Some(text) = v8::String::new_external_onebyte(scope, text.into_boxed_slice()) {
        rv.set(text.into());
    }
}

/// `wasm()`: the WebAssembly that it is made of, as a Uint8Array.
fn wasm(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(bytes) = zstd::decode_all(&WASM[..]) else { return };
    rv.set(binding::uint8_array(scope, bytes).into());
}

binding!("typescript", [source => source, wasm => wasm]);
