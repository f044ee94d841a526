//! `internalBinding('crypto')`: what belongs to no algorithm.

use crate::binding;
use openssl_sys as ffi;

/// `defineLazy(object, name, load)`: a data property whose value is `load()`, asked for when it is first read.
fn define_lazy(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let (Ok(object), Ok(name)) =
        (v8::Local::<v8::Object>::try_from(args.get(0)), v8::Local::<v8::Name>::try_from(args.get(1)))
    else {
        return;
    };
    object.set_lazy_data_property_with_data(
        scope,
        name,
        load,
        args.get(2),
        v8::PropertyAttribute::NONE,
        v8::SideEffectType::HasSideEffect,
        v8::SideEffectType::HasSideEffect,
    );
}

fn load(
    scope: &mut v8::PinScope,
    _: v8::Local<v8::Name>,
    args: v8::PropertyCallbackArguments,
    mut rv: v8::ReturnValue<v8::Value>,
) {
    if let Ok(function) = v8::Local::<v8::Function>::try_from(args.data()) {
        let recv = v8::undefined(scope).into();
        if let Some(value) = function.call(scope, recv, &[]) {
            rv.set(value);
        }
    }
}

/// `timingSafeEqual(a, b)`: undefined where the lengths differ.
fn timing_safe_equal(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let (Some(a), Some(b)) = (binding::bytes(args.get(0)), binding::bytes(args.get(1))) else { return };
    if a.len() == b.len() {
        // SAFETY: both have that many bytes.
        rv.set_bool(unsafe { ffi::CRYPTO_memcmp(a.as_ptr().cast(), b.as_ptr().cast(), a.len()) } == 0);
    }
}

fn constants(scope: &mut v8::PinScope, object: v8::Local<v8::Object>) {
    let object = v8::Local::new(scope, object);
    // SAFETY: reads a constant of the library, which need not have been started.
    let version = unsafe { ffi::OpenSSL_version_num() };
    binding::set_number(scope, object, "opensslVersionNumber", version as f64);
}

binding!("crypto", [
    defineLazy => define_lazy,
    timingSafeEqual => timing_safe_equal,
], init = constants);
