//! `internalBinding('crypto_kdf')`: keys from passwords and from other keys: PBKDF2, scrypt, HKDF, Argon2. Each takes its secret
//! as bytes or as the handle of a secret key, and ends with `callback | undefined`.

use super::failure::{Class, Failure, Outcome};
use super::key::secret_argument;
use super::lookup::{self, Digest};
use super::mac::HmacContext;
use super::params::Params;
use super::{failure, job, ready, text};
use crate::binding;
use openssl_sys as ffi;
use std::ffi::{CString, c_char, c_int, c_ulong};
use std::ptr::null_mut;

unsafe extern "C" {
    fn ERR_peek_last_error() -> c_ulong;
    fn EVP_PBE_scrypt(
        password: *const c_char,
        password_length: usize,
        salt: *const u8,
        salt_length: usize,
        n: u64,
        r: u64,
        p: u64,
        max_memory: u64,
        key: *mut u8,
        key_length: usize,
    ) -> c_int;
}

type Args<'a> = v8::FunctionCallbackArguments<'a>;

fn digest_by_name(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Outcome<Digest> {
    let name = value.to_rust_string_lossy(scope);
    lookup::digest(&name)
        .ok_or_else(|| Failure::node(Class::TypeError, "ERR_CRYPTO_INVALID_DIGEST", format!("Invalid digest: {name}")))
}

/// `pbkdf2(password, salt, iterations, length, digest, callback)`.
fn pbkdf2(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let digest = match digest_by_name(scope, args.get(4)) {
        Ok(digest) => digest,
        Err(failure) => return failure.throw(scope),
    };
    let Some(password) = secret_argument(scope, args.get(0)) else { return };
    let salt = text::to_vec(scope, args.get(1));
    let [iterations, length] = [2, 3].map(|i| text::count(args.get(i)));
    job::run_bytes(scope, "PBKDF2REQUEST", args.get(5), rv, move || {
        let mut out = vec![0; length as usize];
        let password = password.bytes();
        // SAFETY: lengths are those of the memory, all below 2^31.
        let made = length == 0
            || unsafe {
                ffi::PKCS5_PBKDF2_HMAC(
                    password.as_ptr().cast(),
                    password.len() as c_int,
                    salt.as_ptr(),
                    salt.len() as c_int,
                    iterations as c_int,
                    digest.as_ptr(),
                    length as c_int,
                    out.as_mut_ptr(),
                ) == 1
            };
        if made { Ok(out) } else { Err(Failure::take("PBKDF2 failed")) }
    });
}

/// `scrypt(password, salt, N, r, p, maxmem, length, callback)`: throws where OpenSSL refuses the parameters.
fn scrypt(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    ready();
    let [n, r, p, max_memory, length] = [2, 3, 4, 5, 6].map(|i| text::count(args.get(i)));
    failure::clear();
    // SAFETY: without a key only the parameters are checked.
    let possible =
        unsafe { EVP_PBE_scrypt(std::ptr::null(), 0, std::ptr::null(), 0, n, r, p, max_memory, null_mut(), 0) == 1 };
    if !possible {
        // SAFETY: reads this thread's queue.
        let error = unsafe { ERR_peek_last_error() };
        let detail = if error == 0 { String::new() } else { format!(": {}", failure::text(error)) };
        let message = format!("Invalid scrypt params{detail}");
        return Failure::node(Class::RangeError, "ERR_CRYPTO_INVALID_SCRYPT_PARAMS", message).throw(scope);
    }
    let Some(password) = secret_argument(scope, args.get(0)) else { return };
    let salt = text::to_vec(scope, args.get(1));
    job::run_bytes(scope, "SCRYPTREQUEST", args.get(7), rv, move || {
        let mut out = vec![0; length as usize];
        let password = password.bytes();
        // SAFETY: lengths are those of the memory.
        let made = length == 0
            || unsafe {
                EVP_PBE_scrypt(
                    password.as_ptr().cast(),
                    password.len(),
                    salt.as_ptr(),
                    salt.len(),
                    n,
                    r,
                    p,
                    max_memory,
                    out.as_mut_ptr(),
                    out.len(),
                ) == 1
            };
        if made { Ok(out) } else { Err(Failure::take("Scrypt failed")) }
    });
}

/// RFC 5869.
fn expand(digest: Digest, key: &[u8], salt: &[u8], info: &[u8], length: usize) -> Outcome<Vec<u8>> {
    let hmac = |key: &[u8], parts: &[&[u8]]| {
        let context = HmacContext::new(digest, key).ok_or_else(|| Failure::take("HKDF failed"))?;
        for part in parts {
            context.update(part);
        }
        context.finish()
    };
    let zeros = vec![0; digest.size()];
    let (pseudorandom, size) = hmac(if salt.is_empty() { &zeros } else { salt }, &[key])?;
    let mut out = Vec::with_capacity(length + size);
    let mut counter = 1u8;
    while out.len() < length {
        let last = &out[out.len().saturating_sub(size)..].to_vec();
        let (block, _) = hmac(&pseudorandom[..size], &[last, info, &[counter]])?;
        out.extend_from_slice(&block[..size]);
        counter = counter.wrapping_add(1);
    }
    out.truncate(length);
    Ok(out)
}

/// `hkdf(digest, key, salt, info, length, callback)`.
fn hkdf(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let digest = match digest_by_name(scope, args.get(0)) {
        Ok(digest) => digest,
        Err(failure) => return failure.throw(scope),
    };
    let length = text::count(args.get(4)) as usize;
    // What has no length of its own (SHAKE) cannot expand.
    if digest.is_xof() || length > 255 * digest.size() {
        let message = "Invalid key length";
        return Failure::node(Class::RangeError, "ERR_CRYPTO_INVALID_KEYLEN", message).throw(scope);
    }
    let Some(key) = secret_argument(scope, args.get(1)) else { return };
    let [salt, info] = [2, 3].map(|i| text::to_vec(scope, args.get(i)));
    job::run_bytes(scope, "HKDFREQUEST", args.get(5), rv, move || expand(digest, key.bytes(), &salt, &info, length));
}

/// `argon2(type, message, nonce, lanes, length, memory, passes, secret, data, callback)`.
fn argon2(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let name = args.get(0).to_rust_string_lossy(scope);
    let Some(message) = secret_argument(scope, args.get(1)) else { return };
    let [nonce, secret, data] = [2, 7, 8].map(|i| text::to_vec(scope, args.get(i)));
    let [lanes, length, memory, passes] = [3, 4, 5, 6].map(|i| text::count(args.get(i)) as u32);
    job::run_bytes(scope, "ARGON2REQUEST", args.get(9), rv, move || {
        let mut params = Params::default()
            .bytes(c"pass", message.bytes().to_vec())
            .bytes(c"salt", nonce)
            .number(c"lanes", lanes)
            .number(c"size", length)
            .number(c"memcost", memory)
            .number(c"iter", passes);
        if !secret.is_empty() {
            params = params.bytes(c"secret", secret);
        }
        if !data.is_empty() {
            params = params.bytes(c"ad", data);
        }
        derive(&name, params, length as usize)
    });
}

/// Runs one of the providers' key derivations.
fn derive(name: &str, mut params: Params, length: usize) -> Outcome<Vec<u8>> {
    let name = CString::new(name).unwrap_or_default();
    let params = params.array();
    let mut out = vec![0; length];
    // SAFETY: each object is freed here and may be null in all of these; the parameters live until the end.
    let made = unsafe {
        let kdf = ffi::EVP_KDF_fetch(null_mut(), name.as_ptr(), std::ptr::null());
        let context = if kdf.is_null() { null_mut() } else { ffi::EVP_KDF_CTX_new(kdf) };
        let made = !context.is_null() && ffi::EVP_KDF_derive(context, out.as_mut_ptr(), length, params.as_ptr()) == 1;
        ffi::EVP_KDF_CTX_free(context);
        ffi::EVP_KDF_free(kdf);
        made
    };
    if made { Ok(out) } else { Err(Failure::take("Key derivation failed")) }
}

binding!("crypto_kdf", [
    pbkdf2 => pbkdf2,
    scrypt => scrypt,
    hkdf => hkdf,
    argon2 => argon2,
]);
