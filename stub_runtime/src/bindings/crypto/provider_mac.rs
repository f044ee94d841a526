//! `internalBinding('crypto_provider_mac')`: whatever message authentication code OpenSSL's providers have: CMAC, GMAC, KMAC, Poly1305...
//!
//! Owns: one under way and the parameters it takes. Does not own: what a Mac is in Node (`js/internal/crypto/provider_mac.js`); HMAC as
//! createHmac() has it (`crypto/mac.rs`).

use super::failure::{Class, Failure, Outcome};
use super::key::secret_argument;
use super::libcrypto::owner;
use super::params::Params;
use super::{failure, job, native, ready, text};
use crate::binding;
use openssl_sys as ffi;
use std::cell::RefCell;
use std::ffi::{CStr, CString};
use std::ptr::null_mut;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

owner!(
    /// One under way.
    Running, ffi::EVP_MAC_CTX, ffi::EVP_MAC_CTX_free
);

// SAFETY: used by one thread after the other.
unsafe impl Send for Running {}

/// An option of Node's, OpenSSL's parameter, and its value.
struct Choice {
    option: &'static str,
    parameter: &'static CStr,
    value: Value,
}

enum Value {
    Text(String),
    Bytes(Vec<u8>),
    Number(u32),
}

fn invalid_option(option: &str, reason: String) -> Failure {
    Failure::node(Class::TypeError, "ERR_INVALID_ARG_VALUE", format!("The property 'options.{option}' {reason}"))
}

fn is_a(mac: *mut ffi::EVP_MAC, name: &CStr) -> bool {
    // SAFETY: the algorithm is valid.
    unsafe { ffi::EVP_MAC_is_a(mac, name.as_ptr()) == 1 }
}

/// Fetches the algorithm, checks what it takes, and starts it.
fn start(name: &str, key: &[u8], choices: Vec<Choice>) -> Outcome<Running> {
    ready();
    failure::clear();
    let unknown = || Failure::node(Class::TypeError, "ERR_CRYPTO_INVALID_MAC", format!("Invalid MAC: {name}"));
    let text = CString::new(name).map_err(|_| unknown())?;
    // SAFETY: the algorithm is freed below; the context keeps its own reference.
    unsafe {
        let mac = ffi::EVP_MAC_fetch(null_mut(), text.as_ptr(), std::ptr::null());
        if mac.is_null() {
            return Err(unknown());
        }
        let checked = check(mac, name, choices);
        let context = Running::new(ffi::EVP_MAC_CTX_new(mac));
        ffi::EVP_MAC_free(mac);
        let (mut params, context) = (checked?, context?);
        let array = params.array();
        // A null key would mean the last one.
        let data = if key.is_empty() { c"".as_ptr().cast() } else { key.as_ptr() };
        if ffi::EVP_MAC_init(context.as_ptr(), data, key.len(), array.as_ptr()) != 1 {
            return Err(Failure::take("MAC initialization failed"));
        }
        Ok(context)
    }
}

fn check(mac: *mut ffi::EVP_MAC, name: &str, choices: Vec<Choice>) -> Outcome<Params> {
    let given = |option| choices.iter().any(|choice| choice.option == option);
    for (kind, option) in [(c"HMAC", "digest"), (c"CMAC", "cipher"), (c"GMAC", "cipher"), (c"GMAC", "iv")] {
        if is_a(mac, kind) && !given(option) {
            return Err(invalid_option(option, format!("is required for {}", kind.to_string_lossy())));
        }
    }
    // SAFETY: the algorithm is valid; the list is static.
    let settable = unsafe { ffi::EVP_MAC_settable_ctx_params(mac) };
    let mut params = Params::default();
    for Choice { option, parameter, value } in choices {
        // SAFETY: as above.
        let takes =
            !settable.is_null() && !unsafe { ffi::OSSL_PARAM_locate_const(settable, parameter.as_ptr()) }.is_null();
        // The digest of an HMAC and the cipher of a CMAC decide the length.
        let fixed = option == "outputLength" && (is_a(mac, c"HMAC") || is_a(mac, c"CMAC") || is_a(mac, c"GMAC"));
        if !takes || fixed {
            return Err(invalid_option(option, format!("is not supported by MAC {name}")));
        }
        params = match value {
            Value::Text(text) => params.text(parameter, &text),
            Value::Bytes(bytes) => params.bytes(parameter, bytes),
            Value::Number(number) => params.size(parameter, number as usize),
        };
    }
    Ok(params)
}

impl Running {
    fn update(&self, bytes: &[u8]) -> bool {
        // SAFETY: the bytes are readable.
        unsafe { ffi::EVP_MAC_update(self.as_ptr(), bytes.as_ptr(), bytes.len()) == 1 }
    }

    fn finish(&self) -> Outcome<Vec<u8>> {
        let mut length = 0;
        // SAFETY: there is room for as many bytes as it says.
        unsafe {
            let size = ffi::EVP_MAC_CTX_get_mac_size(self.as_ptr());
            let mut out = vec![0; size];
            if ffi::EVP_MAC_final(self.as_ptr(), out.as_mut_ptr(), &mut length, size) != 1 {
                return Err(Failure::take("MAC finalization failed"));
            }
            out.truncate(length);
            Ok(out)
        }
    }
}

type Handle = RefCell<Option<Running>>;

/// `{ digest, cipher, iv, customization, salt, outputLength }`, each undefined where it was not given, from argument `first` on.
fn choices(scope: &mut v8::PinScope, args: &Args, first: i32) -> Vec<Choice> {
    let mut out = Vec::new();
    let names = [
        ("digest", c"digest"),
        ("cipher", c"cipher"),
        ("iv", c"iv"),
        ("customization", c"custom"),
        ("salt", c"salt"),
        ("outputLength", c"size"),
    ];
    for (i, (option, parameter)) in names.into_iter().enumerate() {
        let value = args.get(first + i as i32);
        let value = match option {
            _ if value.is_undefined() => continue,
            "digest" | "cipher" => Value::Text(value.to_rust_string_lossy(scope)),
            "outputLength" => Value::Number(value.uint32_value(scope).unwrap_or(0)),
            _ => Value::Bytes(text::to_vec(scope, value)),
        };
        out.push(Choice { option, parameter, value });
    }
    out
}

/// `create(name, key, digest, cipher, iv, customization, salt, outputLength)`.
fn create(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let name = args.get(0).to_rust_string_lossy(scope);
    let Some(key) = secret_argument(scope, args.get(1)) else { return };
    let choices = choices(scope, &args, 2);
    match start(&name, key.bytes(), choices) {
        Ok(running) => {
            let handle = native::wrap::<Handle>(scope, RefCell::new(Some(running)));
            rv.set(handle);
        }
        Err(failure) => failure.throw(scope),
    }
}

/// `update(mac, data)`: strings as UTF-8; whether it was taken.
fn update(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(handle) = native::unwrap::<Handle>(scope, args.get(0)) else { return };
    if let Some(running) = &*handle.borrow() {
        rv.set_bool(text::with_bytes(scope, args.get(1), |bytes| running.update(bytes)));
    }
}

/// `finish(mac, encoding | undefined)`, once.
fn finish(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(handle) = native::unwrap::<Handle>(scope, args.get(0)) else { return };
    let Some(running) = handle.borrow_mut().take() else { return };
    match running.finish() {
        Ok(bytes) => rv.set(text::output(scope, &bytes, args.get(1))),
        Err(failure) => failure.throw(scope),
    }
}

/// `job(name, key, data, callback, digest, cipher, iv, customization, salt, outputLength)`: all of it on the pool.
fn mac_job(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let name = args.get(0).to_rust_string_lossy(scope);
    let Some(key) = secret_argument(scope, args.get(1)) else { return };
    let data = text::to_vec(scope, args.get(2));
    let choices = choices(scope, &args, 4);
    job::run_bytes(scope, "MACREQUEST", args.get(3), rv, move || {
        let running = start(&name, key.bytes(), choices)?;
        running.update(&data);
        running.finish()
    });
}

binding!("crypto_provider_mac", [create => create, update => update, finish => finish, job => mac_job]);
