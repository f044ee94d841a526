//! `internalBinding('crypto_keys')`: key handles, from and to every format.
//!
//! A handle is an opaque object around a [`KeyHandle`]. Owns: the calls. Does not own: what reads and writes formats
//! (`key_import.rs`, `key_export.rs`, `jwk.rs`), KeyObject and CryptoKey (`js/internal/crypto/keys.js`).

use super::failure::{Failure, Outcome};
use super::key::{KeyData, KeyHandle, Pkey, Secret};
use super::key_export::{self, Encoding};
use super::key_import::{self, encoding, format};
use super::libcrypto::{self as lib, number_bytes, rust_text};
use super::{jwk, native, ready};
use crate::binding;
use openssl_sys as ffi;
use std::sync::Arc;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

const SECRET: i32 = 0;
const PUBLIC: i32 = 1;
const PRIVATE: i32 = 2;

impl KeyData {
    /// The asymmetric key, of either half.
    pub fn pkey(&self) -> Option<&Pkey> {
        match self {
            KeyData::Secret(_) => None,
            KeyData::Public(key) | KeyData::Private(key) => Some(key),
        }
    }

    /// Whether it has the private half.
    pub fn is_private(&self) -> bool {
        matches!(self, KeyData::Private(_))
    }
}

/// The key of a handle that JavaScript has checked.
pub fn key_argument(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Outcome<Arc<KeyData>> {
    native::unwrap::<KeyHandle>(scope, value).map(|h| h.0.clone()).ok_or_else(|| Failure::message("not a key handle"))
}

/// The asymmetric key of a handle.
pub fn pkey_argument(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Outcome<Pkey> {
    let key = key_argument(scope, value)?;
    key.pkey().cloned().ok_or_else(|| Failure::message("not an asymmetric key"))
}

/// A new handle.
pub fn handle<'s>(scope: &mut v8::PinScope<'s, '_>, key: KeyData) -> v8::Local<'s, v8::Value> {
    native::wrap(scope, KeyHandle(Arc::new(key)))
}

/// Bytes of an argument, if it has any.
pub fn bytes_argument(value: v8::Local<v8::Value>) -> Option<Vec<u8>> {
    binding::bytes(value).map(|bytes| bytes.to_vec())
}

/// Text of an argument, if it is a string.
pub fn text_argument(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Option<String> {
    value.is_string().then(|| value.to_rust_string_lossy(scope))
}

/// A number of an argument, if it is one.
pub fn int_argument(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Option<i32> {
    if value.is_number() { value.int32_value(scope) } else { None }
}

/// Gives the result or throws.
fn give<'s>(scope: &mut v8::PinScope<'s, '_>, rv: &mut v8::ReturnValue, outcome: Outcome<v8::Local<'s, v8::Value>>) {
    match outcome {
        Ok(value) => rv.set(value),
        Err(failure) => failure.throw(scope),
    }
}

/// `createSecret(bytes)`
fn create_secret(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    ready();
    let bytes = bytes_argument(args.get(0)).unwrap_or_default();
    rv.set(handle(scope, KeyData::Secret(Secret::new(bytes))));
}

/// `parse(type, data, format, encoding | raw type, passphrase, namedCurve)`: a handle of a public (also of a private key's
/// public half) or a private key. A JWK's data is the object.
fn parse<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut rv: v8::ReturnValue) {
    ready();
    let private = int_argument(scope, args.get(0)) == Some(PRIVATE);
    let key = parse_pkey(scope, &args, private);
    let key = key.map(|key| handle(scope, if private { KeyData::Private(key) } else { KeyData::Public(key) }));
    give(scope, &mut rv, key);
}

fn parse_pkey<'s>(scope: &mut v8::PinScope<'s, '_>, args: &Args<'s>, private: bool) -> Outcome<Pkey> {
    let format = int_argument(scope, args.get(2)).unwrap_or(format::PEM);
    if format == format::JWK {
        let object = v8::Local::<v8::Object>::try_from(args.get(1)).map_err(|_| Failure::message("not a JWK"))?;
        return jwk::import(scope, object, private).map(|(key, _)| key);
    }
    let bytes = bytes_argument(args.get(1)).unwrap_or_default();
    if matches!(format, format::RAW_PUBLIC | format::RAW_PRIVATE | format::RAW_SEED) {
        let kind = text_argument(scope, args.get(3)).unwrap_or_default();
        let curve = text_argument(scope, args.get(5)).unwrap_or_default();
        return key_import::raw(&bytes, format, &kind, &curve);
    }
    let encoding = int_argument(scope, args.get(3)).unwrap_or(-1);
    let passphrase = bytes_argument(args.get(4)).map(Secret::new);
    if private {
        key_import::private(&bytes, format, encoding, passphrase.as_deref())
    } else {
        key_import::public(&bytes, format, encoding, passphrase.as_deref())
    }
}

/// `toPublic(handle)`: a handle of a private key's public half.
fn to_public(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let key = pkey_argument(scope, args.get(0)).map(|key| handle(scope, KeyData::Public(key)));
    give(scope, &mut rv, key);
}

/// `exportSecret(handle)`: its bytes.
fn export_secret(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Ok(key) = key_argument(scope, args.get(0)) {
        rv.set(binding::uint8_array(scope, key.bytes().to_vec()).into());
    }
}

/// `exportKey(handle, format, encoding, cipher, passphrase)`: text for PEM, bytes otherwise.
fn export_key(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    super::failure::clear();
    let how = encoding_arguments(scope, [args.get(1), args.get(2), args.get(3), args.get(4)]);
    let written = key_argument(scope, args.get(0)).and_then(|key| write(&key, &how));
    let value = written.map(|written| written.into_js(scope));
    give(scope, &mut rv, value);
}

fn write(key: &KeyData, how: &Encoding) -> Outcome<key_export::Written> {
    match key {
        KeyData::Private(pkey) => key_export::private(pkey, how),
        KeyData::Public(pkey) => key_export::public(pkey, how),
        KeyData::Secret(_) => Err(Failure::message("not an asymmetric key")),
    }
}

/// Format, encoding, cipher and passphrase as JavaScript gives them.
pub fn encoding_arguments(scope: &mut v8::PinScope, values: [v8::Local<v8::Value>; 4]) -> Encoding {
    Encoding {
        format: int_argument(scope, values[0]).unwrap_or(format::PEM),
        kind: int_argument(scope, values[1]).unwrap_or(-1),
        cipher: text_argument(scope, values[2]),
        passphrase: bytes_argument(values[3]),
    }
}

/// `exportJwk(handle)`: a new object.
fn export_jwk(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    super::failure::clear();
    let members = key_argument(scope, args.get(0)).and_then(|key| match key.pkey() {
        Some(pkey) => jwk::export(pkey, key.is_private()),
        None => Ok(vec![("kty", "oct".to_owned()), ("k", jwk::encode(key.bytes()))]),
    });
    let object = members.map(|members| jwk::to_js(scope, members).into());
    give(scope, &mut rv, object);
}

/// `keyType(handle)`: 0 secret, 1 public, 2 private; undefined for anything else.
fn key_type(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Ok(key) = key_argument(scope, args.get(0)) {
        rv.set_int32(match &*key {
            KeyData::Secret(_) => SECRET,
            KeyData::Public(_) => PUBLIC,
            KeyData::Private(_) => PRIVATE,
        });
    }
}

/// `secretSize(handle)`: bytes.
fn secret_size(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Ok(key) = key_argument(scope, args.get(0)) {
        rv.set_double(key.bytes().len() as f64);
    }
}

/// `asymmetricType(handle)`: undefined where Node has no name for it.
fn asymmetric_type(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Ok(Some(kind)) = pkey_argument(scope, args.get(0)).map(|key| key.kind()) {
        rv.set(binding::string(scope, kind.name));
    }
}

/// `equals(handle, handle)`, both of one type.
fn equals(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let (Ok(a), Ok(b)) = (key_argument(scope, args.get(0)), key_argument(scope, args.get(1))) else { return };
    rv.set_bool(match (a.pkey(), b.pkey()) {
        (None, None) => {
            let (a, b) = (a.bytes(), b.bytes());
            // SAFETY: both have that many bytes.
            a.len() == b.len() && unsafe { ffi::CRYPTO_memcmp(a.as_ptr().cast(), b.as_ptr().cast(), a.len()) } == 0
        }
        (Some(a), Some(b)) => a.same_public(b),
        _ => false,
    });
}

/// `details(handle)`: modulusLength, publicExponent (bytes), hashAlgorithm, mgf1HashAlgorithm, saltLength, divisorLength,
/// namedCurve; those that the type has.
fn details(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Ok(key) = pkey_argument(scope, args.get(0)) else { return };
    let object = v8::Object::new(scope);
    match key.name() {
        name @ ("rsa" | "rsa-pss") => {
            let bits = key.number(c"n").map_or(key.bits(), |n| n.bits());
            binding::set_number(scope, object, "modulusLength", bits.into());
            if let Some(exponent) = key.number(c"e") {
                let exponent = binding::uint8_array(scope, exponent.to_bytes()).into();
                binding::set(scope, object, "publicExponent", exponent);
            }
            if name == "rsa-pss"
                && let Some((hash, mask_hash, salt)) = pss_restrictions(&key)
            {
                let (hash, mask_hash) = (binding::string(scope, &hash), binding::string(scope, &mask_hash));
                binding::set(scope, object, "hashAlgorithm", hash);
                binding::set(scope, object, "mgf1HashAlgorithm", mask_hash);
                binding::set_number(scope, object, "saltLength", salt as f64);
            }
        }
        "dsa" => {
            let bits = |part| key.number(part).map_or(0, |n| n.bits());
            binding::set_number(scope, object, "modulusLength", bits(c"p").into());
            binding::set_number(scope, object, "divisorLength", bits(c"q").into());
        }
        "ec" => {
            if let Some(curve) = key.curve() {
                let curve = binding::string(scope, &curve);
                binding::set(scope, object, "namedCurve", curve);
            }
        }
        _ => {}
    }
    rv.set(object.into());
}

/// Hash, MGF1's hash and salt length of an RSA-PSS key that is restricted to them.
fn pss_restrictions(key: &Pkey) -> Option<(String, String, i64)> {
    // SAFETY: everything belongs to the key, which stays.
    unsafe {
        let rsa = lib::EVP_PKEY_get0_RSA(key.as_ptr());
        if rsa.is_null() {
            super::failure::clear();
            return None;
        }
        let params = lib::RSA_get0_pss_params(rsa).as_ref()?;
        let name = |algorithm: *const ffi::X509_ALGOR| {
            if algorithm.is_null() {
                return "sha1".to_owned();
            }
            let mut object = std::ptr::null();
            ffi::X509_ALGOR_get0(&raw mut object, std::ptr::null_mut(), std::ptr::null_mut(), algorithm);
            rust_text(ffi::OBJ_nid2ln(ffi::OBJ_obj2nid(object)))
        };
        let mask_hash = if params.mask.is_null() { std::ptr::null() } else { params.mask_hash };
        let salt = if params.salt_length.is_null() { 20 } else { ffi::ASN1_INTEGER_get(params.salt_length) };
        Some((name(params.hash), name(mask_hash), salt))
    }
}

/// `rsaModulus(handle)`: bytes, for Web Crypto's checks.
fn rsa_modulus(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Ok(Some(number)) = pkey_argument(scope, args.get(0)).map(|key| key.number(c"n")) {
        let bytes = number_bytes(number.as_ptr());
        rv.set(binding::uint8_array(scope, bytes).into());
    }
}

fn constants(scope: &mut v8::PinScope, object: v8::Local<v8::Object>) {
    let object = v8::Local::new(scope, object);
    for (name, value) in [
        ("kKeyTypeSecret", SECRET),
        ("kKeyTypePublic", PUBLIC),
        ("kKeyTypePrivate", PRIVATE),
        ("kKeyFormatDER", format::DER),
        ("kKeyFormatPEM", format::PEM),
        ("kKeyFormatJWK", format::JWK),
        ("kKeyFormatRawPublic", format::RAW_PUBLIC),
        ("kKeyFormatRawPrivate", format::RAW_PRIVATE),
        ("kKeyFormatRawSeed", format::RAW_SEED),
        ("kKeyEncodingPKCS1", encoding::PKCS1),
        ("kKeyEncodingPKCS8", encoding::PKCS8),
        ("kKeyEncodingSPKI", encoding::SPKI),
        ("kKeyEncodingSEC1", encoding::SEC1),
    ] {
        binding::set_number(scope, object, name, value.into());
    }
}

binding!("crypto_keys", [
    createSecret => create_secret,
    parse => parse,
    toPublic => to_public,
    exportSecret => export_secret,
    exportKey => export_key,
    exportJwk => export_jwk,
    keyType => key_type,
    secretSize => secret_size,
    asymmetricType => asymmetric_type,
    equals => equals,
    details => details,
    rsaModulus => rsa_modulus,
], init = constants);
