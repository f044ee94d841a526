//! `internalBinding('crypto_sign')`: signatures, piece by piece or at once.
//!
//! Owns: how OpenSSL signs with each type of key. Does not own: streams and options (`js/internal/crypto/sig.js`).

use super::failure::{self, Class, Failure, Outcome};
use super::key::Pkey;
use super::keygen::digest;
use super::keys::{bytes_argument, int_argument, pkey_argument, text_argument};
use super::libcrypto::{self as lib, Bn, Context, DigestContext, Params, c_text, encoded, owner, rust_text};
use super::{job, native, ready};
use crate::binding;
use openssl_sys as ffi;
use std::cell::RefCell;
use std::ffi::c_long;
use std::ptr::{null, null_mut};

type Args<'a> = v8::FunctionCallbackArguments<'a>;

owner!(
    /// The two numbers of a DSA or ECDSA signature.
    Numbers, ffi::ECDSA_SIG, ffi::ECDSA_SIG_free
);

/// RSA's padding and salt length, and whether (EC)DSA signatures are two numbers side by side, as IEEE P1363 has them.
#[derive(Clone, Copy)]
struct Options {
    padding: Option<i32>,
    salt_length: Option<i32>,
    p1363: bool,
}

impl Options {
    /// From three arguments.
    fn of(scope: &mut v8::PinScope, args: &Args, first: i32) -> Self {
        Options {
            // Node's number for none.
            padding: int_argument(scope, args.get(first)).filter(|padding| *padding != -1),
            salt_length: int_argument(scope, args.get(first + 1)),
            p1363: args.get(first + 2).is_true(),
        }
    }
}

const RSA_PKCS1_PADDING: i32 = 1;
const RSA_PKCS1_PSS_PADDING: i32 = 6;

/// Sets RSA's padding; other keys have none.
fn set_padding(key: &Pkey, context: *mut ffi::EVP_PKEY_CTX, options: Options) -> Outcome<()> {
    let default = match key.name() {
        "rsa" => RSA_PKCS1_PADDING,
        "rsa-pss" => RSA_PKCS1_PSS_PADDING,
        _ => return Ok(()),
    };
    let padding = options.padding.unwrap_or(default);
    // SAFETY: the context is valid.
    unsafe {
        if lib::EVP_PKEY_CTX_set_rsa_padding(context, padding) <= 0 {
            return Err(Failure::take("Failed to set padding"));
        }
        if let Some(length) = options.salt_length.filter(|_| padding == RSA_PKCS1_PSS_PADDING)
            && lib::EVP_PKEY_CTX_set_rsa_pss_saltlen(context, length) <= 0
        {
            return Err(Failure::take("Failed to set salt length"));
        }
    }
    Ok(())
}

/// Bytes of each of the two numbers of a key's signatures; `None` where signatures are something else.
fn number_size(key: &Pkey) -> Option<usize> {
    let bits = match key.name() {
        "ec" => key.number(c"order").map(|n| n.bits()),
        "dsa" => key.number(c"q").map(|n| n.bits()),
        _ => None,
    };
    bits.map(|bits| (bits as usize).div_ceil(8))
}

/// DER to two numbers side by side.
fn to_p1363(key: &Pkey, signature: Vec<u8>) -> Outcome<Vec<u8>> {
    let Some(size) = number_size(key) else { return Ok(signature) };
    let malformed = || Failure::node(Class::Error, "ERR_CRYPTO_OPERATION_FAILED", "Malformed signature");
    let mut at = signature.as_ptr();
    let (mut r, mut s) = (null(), null());
    // SAFETY: the numbers belong to the signature, which is freed here.
    unsafe {
        let numbers = Numbers::new(ffi::d2i_ECDSA_SIG(null_mut(), &raw mut at, signature.len() as c_long));
        let numbers = numbers.map_err(|_| malformed())?;
        ffi::ECDSA_SIG_get0(numbers.as_ptr(), &raw mut r, &raw mut s);
        let mut out = vec![0; 2 * size];
        let (first, second) = out.split_at_mut(size);
        let written = [(r, first), (s, second)].map(|(n, to)| ffi::BN_bn2binpad(n, to.as_mut_ptr(), size as i32));
        if written.contains(&-1) { Err(malformed()) } else { Ok(out) }
    }
}

/// Two numbers side by side to DER; `None` where they are not as long as the key's.
fn from_p1363(key: &Pkey, signature: &[u8]) -> Option<Vec<u8>> {
    let Some(size) = number_size(key) else { return Some(signature.to_vec()) };
    if signature.len() != 2 * size {
        return None;
    }
    let (r, s) = signature.split_at(size);
    // SAFETY: the signature takes over both numbers and is freed here.
    unsafe {
        let numbers = Numbers::new(ffi::ECDSA_SIG_new()).ok()?;
        let (r, s) = (Bn::from_bytes(r).ok()?, Bn::from_bytes(s).ok()?);
        ffi::ECDSA_SIG_set0(numbers.as_ptr(), r.into_raw(), s.into_raw());
        encoded(|out| ffi::i2d_ECDSA_SIG(numbers.as_ptr(), out), "Malformed signature").ok()
    }
}

/// A signature under way: the digest of what was written. Gone once it was used.
struct Signature {
    digest: RefCell<Option<DigestContext>>,
}

/// `create(algorithm)`
fn create(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    ready();
    failure::clear();
    let name = text_argument(scope, args.get(0)).unwrap_or_default();
    match begin(&name) {
        Ok(digest) => rv.set(native::wrap(scope, Signature { digest: RefCell::new(Some(digest)) })),
        Err(failure) => failure.throw(scope),
    }
}

fn begin(name: &str) -> Outcome<DigestContext> {
    // SAFETY: the digest is static, the context ours.
    unsafe {
        let digest = ffi::EVP_get_digestbyname(c_text(name).as_ptr());
        if digest.is_null() {
            return Err(Failure::node(Class::TypeError, "ERR_CRYPTO_INVALID_DIGEST", "Invalid digest"));
        }
        let context = DigestContext::new(ffi::EVP_MD_CTX_new())?;
        match ffi::EVP_DigestInit_ex(context.as_ptr(), digest, null_mut()) {
            1 => Ok(context),
            _ => Err(Failure::take("EVP_SignInit_ex failed")),
        }
    }
}

fn not_initialised() -> Failure {
    Failure::node(Class::Error, "ERR_CRYPTO_INVALID_STATE", "Not initialised")
}

/// `update(signature, bytes)`
fn update(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let Some(signature) = native::unwrap::<Signature>(scope, args.get(0)) else { return };
    let bytes = binding::bytes(args.get(1)).unwrap_or_default();
    let updated = match &*signature.digest.borrow() {
        // SAFETY: reads the bytes.
        Some(digest) => unsafe { ffi::EVP_DigestUpdate(digest.as_ptr(), bytes.as_ptr().cast(), bytes.len()) == 1 },
        None => false,
    };
    if !updated {
        not_initialised().throw(scope);
    }
}

/// The digest of a signature under way, and what made it; the signature is used up.
fn finish(signature: &Signature) -> Outcome<(Vec<u8>, *const ffi::EVP_MD)> {
    let digest = signature.digest.take().ok_or_else(not_initialised)?;
    // SAFETY: the buffer has room for any digest; the algorithm is static.
    unsafe {
        let algorithm = ffi::EVP_MD_CTX_get0_md(digest.as_ptr());
        let mut out = vec![0; ffi::EVP_MAX_MD_SIZE as usize];
        let mut length = 0;
        if ffi::EVP_DigestFinal_ex(digest.as_ptr(), out.as_mut_ptr(), &raw mut length) != 1 {
            return Err(Failure::take("Digest failed"));
        }
        out.truncate(length as usize);
        Ok((out, algorithm))
    }
}

/// Types of key that sign the message itself, not a digest of it.
fn is_one_shot(key: &Pkey) -> bool {
    key.kind().is_some_and(|kind| kind.name.starts_with("ed") || kind.is_akp())
}

/// A context for this operation with the key.
fn initialised(key: &Pkey, init: unsafe extern "C" fn(*mut ffi::EVP_PKEY_CTX) -> i32) -> Outcome<Context> {
    let context = key.context()?;
    // SAFETY: the context is valid.
    match unsafe { init(context.as_ptr()) } {
        1 => Ok(context),
        _ => Err(Failure::take("Signature initialization failed")),
    }
}

/// Sets RSA's padding and what made the digest.
fn set_up(key: &Pkey, context: &Context, algorithm: *const ffi::EVP_MD, options: Options) -> Outcome<()> {
    set_padding(key, context.as_ptr(), options)?;
    // SAFETY: the context is valid, the algorithm static.
    match unsafe { lib::EVP_PKEY_CTX_set_signature_md(context.as_ptr(), algorithm) } {
        1.. => Ok(()),
        _ => Err(Failure::take("Failed to set digest")),
    }
}

/// `sign(signature, privateHandle, padding, saltLength, p1363)`: bytes.
fn sign(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    failure::clear();
    let options = Options::of(scope, &args, 2);
    let key = pkey_argument(scope, args.get(1));
    let Some(signature) = native::unwrap::<Signature>(scope, args.get(0)) else { return };
    match key.and_then(|key| sign_digest(signature, &key, options)) {
        Ok(bytes) => rv.set(binding::uint8_array(scope, bytes).into()),
        Err(failure) => failure.throw(scope),
    }
}

fn unsupported() -> Failure {
    Failure::node(Class::Error, "ERR_CRYPTO_UNSUPPORTED_OPERATION", "Unsupported crypto operation")
}

fn sign_digest(signature: &Signature, key: &Pkey, options: Options) -> Outcome<Vec<u8>> {
    if is_one_shot(key) {
        return Err(unsupported());
    }
    let (digest, algorithm) = finish(signature)?;
    let context = initialised(key, ffi::EVP_PKEY_sign_init)?;
    set_up(key, &context, algorithm, options)?;
    // SAFETY: the buffer is as large as the key's signatures get.
    let signed = unsafe {
        let mut length = ffi::EVP_PKEY_get_size(key.as_ptr()) as usize;
        let mut out = vec![0; length];
        let (to, from) = (out.as_mut_ptr(), digest.as_ptr());
        if ffi::EVP_PKEY_sign(context.as_ptr(), to, &raw mut length, from, digest.len()) != 1 {
            return Err(Failure::take("Signing failed"));
        }
        out.truncate(length);
        out
    };
    if options.p1363 { to_p1363(key, signed) } else { Ok(signed) }
}

/// `verify(signature, publicHandle, bytes, padding, saltLength, p1363)`
fn verify(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    failure::clear();
    let options = Options::of(scope, &args, 3);
    let key = pkey_argument(scope, args.get(1));
    let bytes = bytes_argument(args.get(2)).unwrap_or_default();
    let Some(signature) = native::unwrap::<Signature>(scope, args.get(0)) else { return };
    match key.and_then(|key| verify_digest(signature, &key, &bytes, options)) {
        Ok(valid) => rv.set_bool(valid),
        Err(failure) => failure.throw(scope),
    }
    failure::clear();
}

fn verify_digest(signature: &Signature, key: &Pkey, bytes: &[u8], options: Options) -> Outcome<bool> {
    if is_one_shot(key) {
        return Err(unsupported());
    }
    let der = if options.p1363 { from_p1363(key, bytes) } else { Some(bytes.to_vec()) };
    let Some(der) = der else {
        return Err(Failure::node(Class::Error, "ERR_CRYPTO_OPERATION_FAILED", "Malformed signature"));
    };
    let (digest, algorithm) = finish(signature)?;
    let context = initialised(key, ffi::EVP_PKEY_verify_init)?;
    // What the key does not take is not valid.
    if set_up(key, &context, algorithm, options).is_err() {
        return Ok(false);
    }
    // SAFETY: reads both.
    let result =
        unsafe { ffi::EVP_PKEY_verify(context.as_ptr(), der.as_ptr(), der.len(), digest.as_ptr(), digest.len()) };
    Ok(result == 1)
}

/// Everything about a message that is signed or verified at once.
struct Message {
    key: Pkey,
    /// OpenSSL's name of the digest.
    digest: Option<String>,
    data: Vec<u8>,
    options: Options,
    context: Option<Vec<u8>>,
}

impl Message {
    /// The arguments from 1 on: handle, data, digest, padding, saltLength, p1363, context.
    fn of(scope: &mut v8::PinScope, args: &Args) -> Outcome<Self> {
        ready();
        failure::clear();
        let key = pkey_argument(scope, args.get(1))?;
        let digest = digest(text_argument(scope, args.get(3)))?;
        // SAFETY: the name is static.
        let digest = digest.map(|digest| rust_text(unsafe { lib::EVP_MD_get0_name(digest.0) }));
        let context = bytes_argument(args.get(7)).filter(|context| !context.is_empty());
        if context.as_ref().is_some_and(|context| context.len() > 255) {
            let text = "context string must be at most 255 bytes";
            return Err(Failure::node(Class::RangeError, "ERR_OUT_OF_RANGE", text));
        }
        let data = bytes_argument(args.get(2)).unwrap_or_default();
        Ok(Message { key, digest, data, options: Options::of(scope, args, 4), context })
    }

    /// A context that signs or verifies.
    fn context(&self, verify: bool) -> Outcome<DigestContext> {
        let params = self.context_parameters()?;
        let init = if verify { lib::EVP_DigestVerifyInit_ex } else { lib::EVP_DigestSignInit_ex };
        let digest = self.digest.as_deref().map(c_text);
        let digest = digest.as_ref().map_or(null(), |name| name.as_ptr());
        let mut operation = null_mut();
        // SAFETY: everything is valid during the calls, which copy what they keep.
        unsafe {
            let context = DigestContext::new(ffi::EVP_MD_CTX_new())?;
            let mut start =
                |list| init(context.as_ptr(), &raw mut operation, digest, null_mut(), null(), self.key.as_ptr(), list);
            let ok = match &params {
                Some(params) => params.with(&mut start),
                None => start(null_mut()),
            };
            if ok != 1 {
                return Err(Failure::take("Signature initialization failed"));
            }
            set_padding(&self.key, operation, self.options)?;
            Ok(context)
        }
    }

    fn context_parameters(&self) -> Outcome<Option<Params>> {
        let Some(context) = &self.context else { return Ok(None) };
        let mut params = Params::new();
        match self.key.kind() {
            Some(kind) if kind.name == "ed25519" => {
                params.text(c"instance", "Ed25519ctx");
            }
            Some(kind) if kind.name == "ed448" => {}
            Some(kind) if kind.is_akp() && !kind.name.starts_with("ml-kem") => {}
            _ => {
                let text = "Context parameter is unsupported";
                return Err(Failure::node(Class::Error, "ERR_CRYPTO_OPERATION_FAILED", text));
            }
        }
        params.octets(c"context-string", context);
        Ok(Some(params))
    }

    fn sign(&self) -> Outcome<Vec<u8>> {
        let context = self.context(false)?;
        let (data, size) = (self.data.as_ptr(), self.data.len());
        let mut length = 0;
        // SAFETY: asks for the length first, then fills a buffer of it.
        let signed = unsafe {
            let raw = context.as_ptr();
            let failed = || Failure::take("Signing failed");
            if ffi::EVP_DigestSign(raw, null_mut(), &raw mut length, data, size) != 1 {
                return Err(failed());
            }
            let mut out = vec![0; length];
            if ffi::EVP_DigestSign(raw, out.as_mut_ptr(), &raw mut length, data, size) != 1 {
                return Err(failed());
            }
            out.truncate(length);
            out
        };
        if self.options.p1363 { to_p1363(&self.key, signed) } else { Ok(signed) }
    }

    fn verify(&self, signature: &[u8]) -> Outcome<bool> {
        let context = self.context(true)?;
        let der = if self.options.p1363 { from_p1363(&self.key, signature) } else { Some(signature.to_vec()) };
        let Some(der) = der else { return Ok(false) };
        // SAFETY: reads both.
        let result = unsafe {
            ffi::EVP_DigestVerify(context.as_ptr(), der.as_ptr(), der.len(), self.data.as_ptr(), self.data.len())
        };
        failure::clear();
        Ok(result == 1)
    }
}

/// `signMessage(callback, privateHandle, data, digest, padding, saltLength, p1363, context)`: an ArrayBuffer.
fn sign_message(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    match Message::of(scope, &args) {
        Ok(message) => job::run_bytes(scope, "SIGNREQUEST", args.get(0), rv, move || message.sign()),
        Err(failure) => failure.throw(scope),
    }
}

/// `verifyMessage(callback, publicHandle, data, digest, padding, saltLength, p1363, context, signature)`: a boolean.
fn verify_message(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let signature = bytes_argument(args.get(8)).unwrap_or_default();
    match Message::of(scope, &args) {
        Ok(message) => {
            let work = move || message.verify(&signature);
            job::run(scope, "SIGNREQUEST", args.get(0), rv, work, |valid, scope| v8::Boolean::new(scope, valid).into());
        }
        Err(failure) => failure.throw(scope),
    }
}

binding!("crypto_sign", [
    create => create,
    update => update,
    sign => sign,
    verify => verify,
    signMessage => sign_message,
    verifyMessage => verify_message,
]);
