//! `internalBinding('crypto_spkac')`: Netscape's signed public keys and challenges, base64 as browsers sent them.

use super::failure::{Failure, Outcome};
use super::key::Pkey;
use super::libcrypto::{Bio, owner};
use super::{failure, ready, text};
use crate::binding;
use openssl_sys as ffi;
use std::ffi::{c_char, c_int, c_uchar, c_void};

type Args<'a> = v8::FunctionCallbackArguments<'a>;

unsafe extern "C" {
    fn NETSCAPE_SPKI_b64_decode(text: *const c_char, length: c_int) -> *mut Spki;
    fn NETSCAPE_SPKI_free(spki: *mut Spki);
    fn NETSCAPE_SPKI_get_pubkey(spki: *mut Spki) -> *mut ffi::EVP_PKEY;
    fn NETSCAPE_SPKI_verify(spki: *mut Spki, key: *mut ffi::EVP_PKEY) -> c_int;
    fn CRYPTO_free(data: *mut c_void, file: *const c_char, line: c_int);
}

/// NETSCAPE_SPKI
#[repr(C)]
pub struct Spki {
    content: *mut Spkac,
    _rest: [*mut c_void; 0],
}

/// NETSCAPE_SPKAC
#[repr(C)]
struct Spkac {
    key: *mut c_void,
    challenge: *mut ffi::ASN1_STRING,
}

owner!(
    /// A parsed one.
    Parsed, Spki, NETSCAPE_SPKI_free
);

fn parse(bytes: &[u8]) -> Outcome<Parsed> {
    // OpenSSL 3 takes no line break at the end.
    let end = bytes.iter().rposition(|b| !b" \n\r\t".contains(b)).map_or(0, |at| at + 1);
    if end == 0 {
        // A length of 0 would mean up to a NUL.
        return Err(Failure::message("empty"));
    }
    // SAFETY: reads that many bytes.
    unsafe { Parsed::new(NETSCAPE_SPKI_b64_decode(bytes.as_ptr().cast(), end as c_int)) }
}

fn key(parsed: &Parsed) -> Option<Pkey> {
    // SAFETY: the object is valid; the key is a reference of ours.
    unsafe { Pkey::from_raw(NETSCAPE_SPKI_get_pubkey(parsed.as_ptr())) }
}

/// Runs `read` on the argument; `None` where it is not one.
fn with<T>(scope: &mut v8::PinScope, args: &Args, read: impl FnOnce(&Parsed) -> Option<T>) -> Option<T> {
    ready();
    let result = text::with_bytes(scope, args.get(0), parse).ok().and_then(|parsed| read(&parsed));
    failure::clear();
    result
}

/// `verify(bytes)`: whether it is signed by the key that it has.
fn verify(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    // SAFETY: both are valid.
    let good = with(scope, &args, |spki| Some(unsafe { NETSCAPE_SPKI_verify(spki.as_ptr(), key(spki)?.as_ptr()) > 0 }));
    rv.set_bool(good == Some(true));
}

/// `publicKey(bytes)`: PEM; undefined where it is not one.
fn public_key(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let pem = with(scope, &args, |spki| {
        let out = Bio::memory().ok()?;
        // SAFETY: both are valid.
        (unsafe { ffi::PEM_write_bio_PUBKEY(out.as_ptr(), key(spki)?.as_ptr()) } > 0).then(|| out.written())
    });
    if let Some(pem) = pem {
        rv.set(text::output_owned(scope, pem));
    }
}

/// `challenge(bytes)`: undefined where it is not one.
fn challenge(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let found = with(scope, &args, |spki| {
        let mut out: *mut c_uchar = std::ptr::null_mut();
        // SAFETY: the fields are those of OpenSSL's structs; it allocates the text, which is copied and freed.
        unsafe {
            let length = ffi::ASN1_STRING_to_UTF8(&mut out, (*(*spki.as_ptr()).content).challenge);
            if length < 0 || out.is_null() {
                return None;
            }
            let bytes = std::slice::from_raw_parts(out, length as usize).to_vec();
            CRYPTO_free(out.cast(), c"".as_ptr(), 0);
            Some(bytes)
        }
    });
    if let Some(bytes) = found {
        rv.set(text::output_owned(scope, bytes));
    }
}

binding!("crypto_spkac", [verify => verify, publicKey => public_key, challenge => challenge]);
