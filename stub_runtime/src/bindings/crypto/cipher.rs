//! `internalBinding('crypto_cipher')`: symmetric ciphers, with and without authentication.
//!
//! Owns: their functions for JavaScript. Does not own: what a mode demands ([`running`]), what a Cipheriv is in Node
//! (`js/internal/crypto/cipher.js`), RSA's (`crypto/asymmetric.rs`).

mod mode;
mod running;

use super::failure::{Class, Failure, Outcome};
use super::key::{KeyHandle, secret_argument};
use super::{failure, job, lookup, native, text};
use crate::binding;
use crate::bindings::buffer::Storage;
use mode::Mode;
use openssl_sys as ffi;
use running::{CTRL_SET_IVLEN, Context, MAX_TAG, Running, Setup};
use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_int};
use std::ptr::{null, null_mut};

type Args<'a> = v8::FunctionCallbackArguments<'a>;

unsafe extern "C" {
    fn EVP_CIPHER_get0_name(cipher: *const ffi::EVP_CIPHER) -> *const c_char;
}

/// A cipher of JavaScript's: under way, or at its end with the tag it made.
enum State {
    Open(Running),
    Done(Option<Vec<u8>>),
}

type Handle = RefCell<State>;

fn length_argument(value: v8::Local<v8::Value>) -> Option<usize> {
    text::number(value).and_then(|n| usize::try_from(n).ok())
}

/// `create(encrypt, name, key, iv | null, tagLength or -1, ctsMode, xtsStandard)`.
fn create(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let name = args.get(1).to_rust_string_lossy(scope);
    let tag = length_argument(args.get(4));
    let mut options = Vec::new();
    for (i, parameter, option) in [(5, c"cts_mode", "ctsMode"), (6, c"xts_standard", "xtsStandard")] {
        if args.get(i).is_string() {
            options.push((parameter, option, args.get(i).to_rust_string_lossy(scope)));
        }
    }
    let (mut iv, mut key) = (Storage::new(), Storage::new());
    let iv = if args.get(3).is_null() { &[] } else { iv.view(args.get(3)) };
    let key = match native::unwrap::<KeyHandle>(scope, args.get(2)) {
        Some(handle) => handle.0.bytes(),
        None => key.view(args.get(2)),
    };
    let setup = Setup { name: &name, encrypt: args.get(0).is_true(), key, iv, tag, options };
    match Running::start(&setup) {
        Ok(running) => {
            let handle = native::wrap::<Handle>(scope, RefCell::new(State::Open(running)));
            rv.set(handle);
        }
        Err(failure) => failure.throw(scope),
    }
}

/// Runs `f` on a cipher that is under way; `None` where it is at its end.
fn running<R>(
    scope: &mut v8::PinScope,
    value: v8::Local<v8::Value>,
    f: impl FnOnce(&mut v8::PinScope, &mut Running) -> R,
) -> Option<R> {
    let handle = native::unwrap::<Handle>(scope, value)?;
    match &mut *handle.borrow_mut() {
        State::Open(running) => Some(f(scope, running)),
        State::Done(_) => None,
    }
}

/// `update(cipher, data)`: strings as UTF-8. What came out, as `outputBuffer` takes it.
fn update(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let data = args.get(1);
    let result = running(scope, args.get(0), |scope, running| {
        let mut out = Vec::new();
        text::with_bytes(scope, data, |data| running.update(data, &mut out)).map(|()| out)
    });
    match result.unwrap_or_else(|| Err(Failure::message("Trying to add data in unsupported state"))) {
        Ok(out) => rv.set(text::output_owned(scope, out)),
        Err(failure) => failure.throw(scope),
    }
}

/// `finish(cipher)`: the rest.
fn finish(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(handle) = native::unwrap::<Handle>(scope, args.get(0)) else { return };
    let mut out = Vec::new();
    let mut state = handle.borrow_mut();
    let result = match &mut *state {
        State::Open(running) => {
            let result = running.finish(&mut out);
            let tag = if result.is_ok() { running.made_tag().map(<[u8]>::to_vec) } else { None };
            *state = State::Done(tag);
            result
        }
        State::Done(_) => Err(Failure::node(Class::Error, "ERR_CRYPTO_INVALID_STATE", "Invalid state")),
    };
    match result {
        Ok(()) => rv.set(text::output_owned(scope, out)),
        Err(failure) => failure.throw(scope),
    }
}

/// `setAutoPadding(cipher, on)`: whether that was possible.
fn set_auto_padding(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let on = args.get(1).is_true() as c_int;
    // SAFETY: the context is valid.
    let set = running(scope, args.get(0), |_, r| unsafe { ffi::EVP_CIPHER_CTX_set_padding(r.context.0, on) } == 1);
    rv.set_bool(set == Some(true));
}

/// `getAuthTag(cipher)`: undefined before the end, and where there is none.
fn get_auth_tag(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(handle) = native::unwrap::<Handle>(scope, args.get(0)) else { return };
    if let State::Done(Some(tag)) = &*handle.borrow() {
        rv.set(text::output_owned(scope, tag.clone()));
    }
}

fn answer(scope: &mut v8::PinScope, mut rv: v8::ReturnValue, result: Option<Outcome<bool>>) {
    match result.unwrap_or(Ok(false)) {
        Ok(done) => rv.set_bool(done),
        Err(failure) => failure.throw(scope),
    }
}

/// `setAuthTag(cipher, bytes)`: whether this was the time.
fn set_auth_tag(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let tag = args.get(1);
    let result = running(scope, args.get(0), |_, running| running.set_tag(Storage::new().view(tag)));
    answer(scope, rv, result);
}

/// `setAAD(cipher, bytes, plaintextLength or -1)`: whether this was the time.
fn set_aad(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let (data, plaintext) = (args.get(1), length_argument(args.get(2)));
    let result = running(scope, args.get(0), |_, running| running.set_aad(Storage::new().view(data), plaintext));
    answer(scope, rv, result);
}

/// `job(encrypt, name, key, iv, data, aad | undefined, tagLength or -1, callback)`: all at once on the pool, as Web Crypto has it: the
/// tag follows what is encrypted.
fn cipher_job(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let (encrypt, name) = (args.get(0).is_true(), args.get(1).to_rust_string_lossy(scope));
    let Some(key) = secret_argument(scope, args.get(2)) else { return };
    let [iv, data, aad] = [3, 4, 5].map(|i| text::to_vec_or_empty(scope, args.get(i)));
    let tag = length_argument(args.get(6));
    job::run_bytes(scope, "CIPHERREQUEST", args.get(7), rv, move || {
        let setup = Setup { name: &name, encrypt, key: key.bytes(), iv: &iv, tag, options: Vec::new() };
        let mut running = Running::start(&setup)?;
        let mut data = &data[..];
        let refused = || Failure::message("Cipher job failed");
        if let (false, Some(length)) = (encrypt, tag) {
            let Some(at) = data.len().checked_sub(length) else { return Err(refused()) };
            running.set_tag(&data[at..])?;
            data = &data[..at];
        }
        if running.mode == Mode::Wrap && data.is_empty() {
            return Err(refused());
        }
        if !aad.is_empty() && !running.set_aad(&aad, None)? {
            return Err(refused());
        }
        let mut out = Vec::with_capacity(data.len() + 2 * MAX_TAG);
        running.update(data, &mut out)?;
        if running.mode != Mode::Wrap {
            running.finish(&mut out)?;
        }
        out.extend_from_slice(running.made_tag().unwrap_or_default());
        Ok(out)
    });
}

/// `info(name or nid, keyLength | undefined, ivLength | undefined)`: `[mode, name, nid, keyLength, blockSize, ivLength]`, undefined
/// where there is no such cipher or it takes no such length.
fn info(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let found = if args.get(0).is_string() {
        lookup::cipher(&args.get(0).to_rust_string_lossy(scope))
    } else {
        // SAFETY: static text, or null.
        let name = unsafe { ffi::OBJ_nid2sn(args.get(0).int32_value(scope).unwrap_or(0)) };
        // SAFETY: as above.
        if name.is_null() { None } else { lookup::cipher(&unsafe { CStr::from_ptr(name) }.to_string_lossy()) }
    };
    let Some(cipher) = found else { return };
    let [key_asked, iv_asked] = [1, 2].map(|i| length_argument(args.get(i)));
    let mode = Mode::of(cipher);
    let raw = cipher.as_ptr();
    // SAFETY: the cipher is valid.
    let (nid, mut key, block, mut iv) = unsafe {
        let nid = ffi::EVP_CIPHER_get_nid(raw);
        let lengths = (ffi::EVP_CIPHER_get_key_length(raw), ffi::EVP_CIPHER_get_block_size(raw));
        (nid, lengths.0 as usize, lengths.1 as usize, ffi::EVP_CIPHER_get_iv_length(raw) as usize)
    };
    if key_asked.is_some() || iv_asked.is_some() {
        let context = Context::new();
        // SAFETY: the context is valid; nothing but the cipher is set.
        let possible = unsafe {
            ffi::EVP_CipherInit_ex(context.0, raw, null_mut(), null(), null(), 1) == 1
                && key_asked.is_none_or(|n| n == key || ffi::EVP_CIPHER_CTX_set_key_length(context.0, n as c_int) == 1)
        };
        let takes = |n: usize| match mode {
            Mode::Ccm | Mode::Gcm | Mode::Ocb => context.control(CTRL_SET_IVLEN, n, null_mut()),
            _ => n == iv,
        };
        if !possible || !iv_asked.is_none_or(takes) {
            return failure::clear();
        }
        (key, iv) = (key_asked.unwrap_or(key), iv_asked.unwrap_or(iv));
    }
    // SAFETY: names of ciphers are static text.
    let name = unsafe {
        let name = if nid == 0 { EVP_CIPHER_get0_name(raw) } else { ffi::OBJ_nid2sn(nid) };
        CStr::from_ptr(name).to_string_lossy().to_lowercase()
    };
    let (mode_text, name) = (binding::string(scope, mode.label()), binding::string(scope, &name));
    let undefined: v8::Local<v8::Value> = v8::undefined(scope).into();
    let numbers = [
        (nid != 0).then_some(nid as usize),
        Some(key),
        (mode.label() != "stream").then_some(block),
        (iv != 0).then_some(iv),
    ]
    .map(|n| n.map_or(undefined, |n| v8::Integer::new(scope, n as i32).into()));
    let [nid, key, block, iv] = numbers;
    rv.set(v8::Array::new_with_elements(scope, &[mode_text, name, nid, key, block, iv]).into());
}

binding!("crypto_cipher", [
    create => create,
    update => update,
    finish => finish,
    setAutoPadding => set_auto_padding,
    getAuthTag => get_auth_tag,
    setAuthTag => set_auth_tag,
    setAAD => set_aad,
    job => cipher_job,
    info => info,
]);
