//! `internalBinding('typescript')`: the source of the npm package amaro, unpacked when a TypeScript file is loaded from disk.

use crate::binding;

static AMARO: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/amaro.js.zst"));

/// `source()`: the package as the body of a CommonJS function. ASCII, as the build checks.
fn source(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(text) = zstd::decode_all(AMARO) else { return };
    if let Some(text) = v8::String::new_external_onebyte(scope, text.into_boxed_slice()) {
        rv.set(text.into());
    }
}

binding!("typescript", [source => source]);
