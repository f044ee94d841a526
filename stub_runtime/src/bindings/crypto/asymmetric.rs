//! `internalBinding('crypto_asymmetric')`: RSA encryption, and key encapsulation.
//!
//! Owns: which operation of OpenSSL each is. Does not own: options (`js/internal/crypto/public_cipher.js`, `kem.js`).

use super::failure::{self, Class, Failure, Outcome};
use super::job;
use super::key::{Pkey, Secret};
use super::keys::{bytes_argument, int_argument, pkey_argument, text_argument};
use super::libcrypto::{self as lib, Context, Params, c_text};
use crate::binding;
use openssl_sys as ffi;
use std::ptr::null_mut;

type Args<'a> = v8::FunctionCallbackArguments<'a>;
type Init = unsafe extern "C" fn(*mut ffi::EVP_PKEY_CTX) -> i32;
type Run = unsafe extern "C" fn(*mut ffi::EVP_PKEY_CTX, *mut u8, *mut usize, *const u8, usize) -> i32;

/// What RSA does to the bytes.
#[derive(Clone)]
struct Rsa {
    key: Pkey,
    data: Vec<u8>,
    padding: i32,
    oaep_hash: Option<String>,
    oaep_label: Option<Vec<u8>>,
    mask_hash: Option<String>,
}

/// Node's text for OpenSSL's error 0.
const NO_ERROR: &str = "error:00000000:lib(0)::reason(0)";

fn digest(name: &str) -> Outcome<*const ffi::EVP_MD> {
    // SAFETY: gives a static object or null.
    let digest = unsafe { ffi::EVP_get_digestbyname(c_text(name).as_ptr()) };
    if digest.is_null() {
        return Err(Failure::node(Class::Error, "ERR_OSSL_EVP_INVALID_DIGEST", "Invalid digest used"));
    }
    Ok(digest)
}

impl Rsa {
    /// Arguments from 1 on: handle, data, padding, oaepHash, oaepLabel, mgf1Hash.
    fn of(scope: &mut v8::PinScope, args: &Args) -> Outcome<Self> {
        failure::clear();
        Ok(Rsa {
            key: pkey_argument(scope, args.get(1))?,
            data: bytes_argument(args.get(2)).unwrap_or_default(),
            padding: int_argument(scope, args.get(3)).unwrap_or(0),
            oaep_hash: text_argument(scope, args.get(4)),
            oaep_label: bytes_argument(args.get(5)),
            mask_hash: text_argument(scope, args.get(6)),
        })
    }

    fn run(&self, init: Init, run: Run) -> Outcome<Vec<u8>> {
        let context = self.context(init)?;
        let (data, size) = (self.data.as_ptr(), self.data.len());
        let mut length = 0;
        // SAFETY: asks for the length first, then fills a buffer of it.
        unsafe {
            if run(context.as_ptr(), null_mut(), &raw mut length, data, size) <= 0 {
                return Err(Failure::take(NO_ERROR));
            }
            let mut out = vec![0; length];
            if run(context.as_ptr(), out.as_mut_ptr(), &raw mut length, data, size) <= 0 {
                return Err(Failure::take(NO_ERROR));
            }
            out.truncate(length);
            failure::clear();
            Ok(out)
        }
    }

    fn context(&self, init: Init) -> Outcome<Context> {
        let context = self.key.context()?;
        let raw = context.as_ptr();
        // SAFETY: the context is valid; it takes over the label.
        unsafe {
            if init(raw) <= 0 || lib::EVP_PKEY_CTX_set_rsa_padding(raw, self.padding) <= 0 {
                return Err(Failure::take(NO_ERROR));
            }
            if let Some(name) = &self.oaep_hash
                && lib::EVP_PKEY_CTX_set_rsa_oaep_md(raw, digest(name)?) <= 0
            {
                return Err(Failure::take(NO_ERROR));
            }
            if let Some(name) = &self.mask_hash
                && lib::EVP_PKEY_CTX_set_rsa_mgf1_md(raw, digest(name)?) <= 0
            {
                return Err(Failure::take(NO_ERROR));
            }
            if let Some(label) = self.oaep_label.as_ref().filter(|label| !label.is_empty()) {
                let copy = ffi::CRYPTO_malloc(label.len(), c"".as_ptr(), 0);
                std::ptr::copy_nonoverlapping(label.as_ptr(), copy.cast::<u8>(), label.len());
                if lib::EVP_PKEY_CTX_set0_rsa_oaep_label(raw, copy, label.len() as i32) <= 0 {
                    lib::clear_free(copy.cast(), label.len());
                    return Err(Failure::take(NO_ERROR));
                }
            }
        }
        Ok(context)
    }
}

/// `publicEncrypt(callback, handle, data, padding, oaepHash, oaepLabel, mgf1Hash)` and so on: an ArrayBuffer.
fn rsa(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue, init: Init, run: Run) {
    match Rsa::of(scope, &args) {
        Ok(rsa) => job::run_bytes(scope, "CIPHERREQUEST", args.get(0), rv, move || rsa.run(init, run)),
        Err(failure) => failure.throw(scope),
    }
}

fn public_encrypt(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    rsa(scope, args, rv, ffi::EVP_PKEY_encrypt_init, ffi::EVP_PKEY_encrypt);
}

fn private_decrypt(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    rsa(scope, args, rv, ffi::EVP_PKEY_decrypt_init, ffi::EVP_PKEY_decrypt);
}

fn private_encrypt(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    rsa(scope, args, rv, ffi::EVP_PKEY_sign_init, ffi::EVP_PKEY_sign);
}

fn public_decrypt(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    rsa(scope, args, rv, ffi::EVP_PKEY_verify_recover_init, ffi::EVP_PKEY_verify_recover);
}

/// Which kind of encapsulation a type of key does; OpenSSL wants it said.
fn kem_parameters(key: &Pkey) -> Params {
    let mut params = Params::new();
    match key.name() {
        "rsa" => params.text(c"operation", "RSASVE"),
        "ec" | "x25519" | "x448" => params.text(c"operation", "DHKEM"),
        _ => &mut params,
    };
    params
}

fn kem_failed(text: &'static str) -> Failure {
    Failure::node(Class::Error, "ERR_CRYPTO_OPERATION_FAILED", text)
}

/// A new shared key and its ciphertext.
pub fn encapsulate_key(key: &Pkey) -> Outcome<(Vec<u8>, Vec<u8>)> {
    let failed = || kem_failed("Encapsulation failed");
    let context = key.context().map_err(|_| failed())?;
    let raw = context.as_ptr();
    let (mut wrapped_length, mut shared_length) = (0, 0);
    // SAFETY: asks for the lengths first, then fills buffers of them.
    unsafe {
        let ready = kem_parameters(key).with(|list| ffi::EVP_PKEY_encapsulate_init(raw, list));
        let (wrapped_size, shared_size) = (&raw mut wrapped_length, &raw mut shared_length);
        if ready <= 0 || ffi::EVP_PKEY_encapsulate(raw, null_mut(), wrapped_size, null_mut(), shared_size) <= 0 {
            return Err(failed());
        }
        let (mut wrapped, mut shared) = (vec![0; wrapped_length], vec![0; shared_length]);
        let (to_wrapped, to_shared) = (wrapped.as_mut_ptr(), shared.as_mut_ptr());
        if ffi::EVP_PKEY_encapsulate(raw, to_wrapped, wrapped_size, to_shared, shared_size) <= 0 {
            return Err(failed());
        }
        wrapped.truncate(wrapped_length);
        shared.truncate(shared_length);
        Ok((shared, wrapped))
    }
}

/// The shared key of a ciphertext.
pub fn decapsulate_key(key: &Pkey, wrapped: &[u8]) -> Outcome<Vec<u8>> {
    let failed = || kem_failed("Decapsulation failed");
    let context = key.context().map_err(|_| failed())?;
    let raw = context.as_ptr();
    let mut length = 0;
    // SAFETY: asks for the length first, then fills a buffer of it.
    unsafe {
        let ready = kem_parameters(key).with(|list| ffi::EVP_PKEY_decapsulate_init(raw, list));
        let (from, size) = (wrapped.as_ptr(), wrapped.len());
        if ready <= 0 || ffi::EVP_PKEY_decapsulate(raw, null_mut(), &raw mut length, from, size) <= 0 {
            return Err(failed());
        }
        let mut shared = vec![0; length];
        if ffi::EVP_PKEY_decapsulate(raw, shared.as_mut_ptr(), &raw mut length, from, size) <= 0 {
            return Err(failed());
        }
        shared.truncate(length);
        Ok(shared)
    }
}

/// `encapsulate(callback, publicHandle)`: ArrayBuffers of shared key and ciphertext.
fn encapsulate(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let key = match pkey_argument(scope, args.get(1)) {
        Ok(key) => key,
        Err(failure) => return failure.throw(scope),
    };
    let work = move || encapsulate_key(&key);
    job::run(scope, "KEMENCAPSULATEREQUEST", args.get(0), rv, work, |(shared, wrapped), scope| {
        let parts = [job::array_buffer(scope, shared).into(), job::array_buffer(scope, wrapped).into()];
        v8::Array::new_with_elements(scope, &parts).into()
    });
}

/// `decapsulate(callback, privateHandle, ciphertext)`: an ArrayBuffer.
fn decapsulate(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let wrapped = Secret::new(bytes_argument(args.get(2)).unwrap_or_default());
    match pkey_argument(scope, args.get(1)) {
        Ok(key) => {
            let work = move || decapsulate_key(&key, &wrapped);
            job::run_bytes(scope, "KEMDECAPSULATEREQUEST", args.get(0), rv, work);
        }
        Err(failure) => failure.throw(scope),
    }
}

binding!("crypto_asymmetric", [
    publicEncrypt => public_encrypt,
    privateDecrypt => private_decrypt,
    privateEncrypt => private_encrypt,
    publicDecrypt => public_decrypt,
    encapsulate => encapsulate,
    decapsulate => decapsulate,
]);
