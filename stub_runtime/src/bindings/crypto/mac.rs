//! `internalBinding('crypto_mac')`: HMAC, and whatever MAC OpenSSL's providers have.
//!
//! Owns: their contexts. Does not own: what a Hmac or a Mac is in Node (`js/internal/crypto/hash.js`, `provider_mac.js`).

use super::failure::{Class, Failure, Outcome};
use super::hash::digest_argument;
use super::key;
use super::lookup::Digest;
use super::{failure, job, native, text};
use crate::binding;
use openssl_sys as ffi;
use std::cell::RefCell;
use std::ffi::{c_int, c_void};
use std::ptr::null_mut;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// The longest output of HMAC.
const MAX_SIZE: usize = 64;

/// Text where OpenSSL fails without an error.
const NO_ERROR: &str = "error:00000000:lib(0)::reason(0)";

/// An HMAC under way.
pub struct HmacContext(*mut ffi::HMAC_CTX);

impl HmacContext {
    /// `None` where the digest cannot.
    pub fn new(digest: Digest, key: &[u8]) -> Option<Self> {
        // SAFETY: a new context; the key is read at once, and a null one would mean the last, so an empty one points somewhere.
        unsafe {
            let context = HmacContext(ffi::HMAC_CTX_new());
            let data = if key.is_empty() { c"".as_ptr().cast() } else { key.as_ptr().cast::<c_void>() };
            (ffi::HMAC_Init_ex(context.0, data, key.len() as c_int, digest.as_ptr(), null_mut()) == 1)
                .then_some(context)
        }
    }

    /// Whether the bytes were taken.
    pub fn update(&self, bytes: &[u8]) -> bool {
        // SAFETY: the bytes are readable.
        unsafe { ffi::HMAC_Update(self.0, bytes.as_ptr(), bytes.len()) == 1 }
    }

    /// The result, and how many of its bytes count.
    pub fn finish(&self) -> Outcome<([u8; MAX_SIZE], usize)> {
        let (mut out, mut length) = ([0; MAX_SIZE], 0);
        // SAFETY: there is room for the longest digest.
        match unsafe { ffi::HMAC_Final(self.0, out.as_mut_ptr(), &mut length) } {
            1 => Ok((out, length as usize)),
            _ => Err(Failure::take(NO_ERROR)),
        }
    }
}

impl Drop for HmacContext {
    fn drop(&mut self) {
        // SAFETY: this value's own.
        unsafe { ffi::HMAC_CTX_free(self.0) }
    }
}

type Hmac = RefCell<Option<HmacContext>>;

/// `hmac(digest, key, name)`: throws ERR_CRYPTO_INVALID_DIGEST, and OpenSSL's errors.
fn hmac(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(digest) = digest_argument(args.get(0)) else {
        let message = format!("Invalid digest: {}", args.get(2).to_rust_string_lossy(scope));
        return Failure::node(Class::TypeError, "ERR_CRYPTO_INVALID_DIGEST", message).throw(scope);
    };
    failure::clear();
    let context = match native::unwrap::<key::KeyHandle>(scope, args.get(1)) {
        Some(handle) => HmacContext::new(digest, handle.0.bytes()),
        None => text::with_bytes(scope, args.get(1), |key| HmacContext::new(digest, key)),
    };
    let Some(context) = context else { return Failure::take(NO_ERROR).throw(scope) };
    let handle = native::wrap::<Hmac>(scope, RefCell::new(Some(context)));
    rv.set(handle);
}

/// `hmacUpdate(hmac, data)`: strings as UTF-8; whether it was taken.
fn hmac_update(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(hmac) = native::unwrap::<Hmac>(scope, args.get(0)) else { return };
    if let Some(context) = &*hmac.borrow() {
        rv.set_bool(text::with_bytes(scope, args.get(1), |bytes| context.update(bytes)));
    }
}

/// `hmacDigest(hmac, encoding | undefined)`: a string or an ArrayBuffer, once; later nothing.
fn hmac_digest(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(hmac) = native::unwrap::<Hmac>(scope, args.get(0)) else { return };
    let Some(context) = hmac.borrow_mut().take() else {
        return rv.set(text::output(scope, &[], args.get(1)));
    };
    match context.finish() {
        Ok((bytes, length)) => rv.set(text::output(scope, &bytes[..length], args.get(1))),
        Err(failure) => failure.throw(scope),
    }
}

/// `hmacJob(digest, key, data, callback)`: the whole of it on the pool.
fn hmac_job(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let Some(digest) = digest_argument(args.get(0)) else { return };
    let Some(key) = key::secret_argument(scope, args.get(1)) else { return };
    let data = text::to_vec(scope, args.get(2));
    job::run_bytes(scope, "HMACREQUEST", args.get(3), rv, move || {
        let context = HmacContext::new(digest, key.bytes()).ok_or_else(|| Failure::take(NO_ERROR))?;
        context.update(&data);
        context.finish().map(|(out, length)| out[..length].to_vec())
    });
}

binding!("crypto_mac", [
    hmac => hmac,
    hmacUpdate => hmac_update,
    hmacDigest => hmac_digest,
    hmacJob => hmac_job,
]);
