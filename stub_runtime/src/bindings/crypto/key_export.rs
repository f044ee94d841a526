//! Asymmetric keys as PEM, DER and raw bytes.
//!
//! Owns: which encoder of OpenSSL writes what. Does not own: JWKs (`jwk.rs`).

use super::ec::{Group, UNCOMPRESSED};
use super::failure::{Class, Failure, Outcome};
use super::key::Pkey;
use super::key_import::{encoding, format};
use super::libcrypto::{self as lib, Bio, c_text, encoded};
use super::pkey::{Raw, incompatible};
use crate::binding;
use openssl_sys as ffi;
use std::ffi::c_int;
use std::ptr::null_mut;
use std::sync::Once;

/// How a key is to be written, checked.
#[derive(Clone)]
pub struct Encoding {
    /// One of `format`.
    pub format: i32,
    /// One of `encoding`, or how a point is written.
    pub kind: i32,
    /// The cipher that encrypts it, by name.
    pub cipher: Option<String>,
    /// What it is encrypted with.
    pub passphrase: Option<Vec<u8>>,
}

/// A key as text or bytes.
pub enum Written {
    /// PEM.
    Text(Vec<u8>),
    /// DER or raw.
    Bytes(Vec<u8>),
}

impl Written {
    /// A string, or a Uint8Array that JavaScript makes a Buffer.
    pub fn into_js<'s>(self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        match self {
            Written::Text(text) => binding::string(scope, &String::from_utf8_lossy(&text)),
            Written::Bytes(bytes) => binding::uint8_array(scope, bytes).into(),
        }
    }
}

/// A cipher by name.
pub fn cipher_of(name: &str) -> Outcome<*const ffi::EVP_CIPHER> {
    // SAFETY: gives a static object or null.
    let cipher = unsafe { ffi::EVP_get_cipherbyname(c_text(name).as_ptr()) };
    if cipher.is_null() {
        return Err(Failure::node(Class::Error, "ERR_CRYPTO_UNKNOWN_CIPHER", "Unknown cipher"));
    }
    Ok(cipher)
}

/// Writes a public key.
pub fn public(key: &Pkey, how: &Encoding) -> Outcome<Written> {
    const FAILED: &str = "Failed to encode public key";
    match how.format {
        format::RAW_PUBLIC => return raw_public(key, how.kind as u32).map(Written::Bytes),
        format::RAW_PRIVATE | format::RAW_SEED => return Err(incompatible()),
        _ => {}
    }
    let pkcs1 = how.kind == encoding::PKCS1;
    let der = encoded(
        |out| {
            // SAFETY: the key is valid; OpenSSL allocates what it writes.
            unsafe { if pkcs1 { lib::i2d_PublicKey(key.as_ptr(), out) } else { lib::i2d_PUBKEY(key.as_ptr(), out) } }
        },
        FAILED,
    )?;
    if how.format == format::DER {
        return Ok(Written::Bytes(der));
    }
    let name = if pkcs1 { c"RSA PUBLIC KEY" } else { c"PUBLIC KEY" };
    let bio = Bio::memory()?;
    // SAFETY: reads the bytes, writes to the stream.
    let ok = unsafe { lib::PEM_write_bio(bio.as_ptr(), name.as_ptr(), c"".as_ptr(), der.as_ptr(), der.len() as i64) };
    if ok > 0 { Ok(Written::Text(bio.written())) } else { Err(Failure::take(FAILED)) }
}

/// Where a post-quantum private key has its seed, that alone is written: set once, for every encoder.
fn prefer_seeds() {
    static SET: Once = Once::new();
    SET.call_once(|| {
        // SAFETY: the default provider stays loaded; the texts are copied.
        unsafe {
            let provider = ffi::OSSL_PROVIDER_try_load(null_mut(), c"default".as_ptr(), 1);
            for name in [c"ml-dsa.output_formats", c"ml-kem.output_formats"] {
                lib::OSSL_PROVIDER_add_conf_parameter(provider, name.as_ptr(), c"seed-only,priv-only".as_ptr());
            }
        }
    });
}

/// Writes a private key.
pub fn private(key: &Pkey, how: &Encoding) -> Outcome<Written> {
    const FAILED: &str = "Failed to encode private key";
    match how.format {
        format::RAW_PRIVATE => return raw_private(key).map(Written::Bytes),
        format::RAW_SEED => return raw_seed(key).map(Written::Bytes),
        format::RAW_PUBLIC => return Err(incompatible()),
        _ => {}
    }
    if key.kind().is_some_and(|kind| kind.raw == Some(Raw::Seed)) {
        prefer_seeds();
    }
    let cipher = match &how.cipher {
        Some(name) => cipher_of(name)?,
        None => std::ptr::null(),
    };
    // An empty passphrase must not be a null one, for which OpenSSL asks at the terminal. A Rust slice's pointer never is null.
    let (pass, pass_length) = match &how.passphrase {
        Some(pass) => (pass.as_ptr(), pass.len() as c_int),
        None => (std::ptr::null(), 0),
    };
    let traditional = how.kind != encoding::PKCS8;
    let bio = Bio::memory()?;
    // SAFETY: the key, cipher and passphrase are valid during the calls.
    let ok = unsafe {
        match (how.format == format::PEM, traditional) {
            (true, true) => lib::PEM_write_bio_PrivateKey_traditional(
                bio.as_ptr(),
                key.as_ptr(),
                cipher,
                pass,
                pass_length,
                None,
                null_mut(),
            ),
            (true, false) => ffi::PEM_write_bio_PKCS8PrivateKey(
                bio.as_ptr(),
                key.as_ptr(),
                cipher,
                pass.cast_mut().cast(),
                pass_length,
                None,
                null_mut(),
            ),
            (false, true) => {
                let der = encoded(|out| lib::i2d_PrivateKey(key.as_ptr(), out), FAILED)?;
                return Ok(Written::Bytes(der));
            }
            (false, false) => ffi::i2d_PKCS8PrivateKey_bio(
                bio.as_ptr(),
                key.as_ptr(),
                cipher,
                pass.cast_mut().cast(),
                pass_length,
                None,
                null_mut(),
            ),
        }
    };
    if ok != 1 {
        return Err(Failure::take(FAILED));
    }
    let bytes = bio.written();
    Ok(if how.format == format::PEM { Written::Text(bytes) } else { Written::Bytes(bytes) })
}

/// The raw public key, of a curve in this form.
pub fn raw_public(key: &Pkey, form: u32) -> Outcome<Vec<u8>> {
    let bytes = match key.kind().and_then(|k| k.raw) {
        None => None,
        Some(Raw::Point) => public_point(key, form),
        Some(_) => key.raw_public(),
    };
    bytes.ok_or_else(incompatible)
}

/// The public point of an EC key.
pub fn public_point(key: &Pkey, form: u32) -> Option<Vec<u8>> {
    let group = Group::named(&key.curve()?).ok()?;
    let x = key.number(c"qx")?.to_padded(group.field_size())?;
    let y = key.number(c"qy")?.to_padded(group.field_size())?;
    let bytes = [&[UNCOMPRESSED as u8][..], &x, &y].concat();
    if form == UNCOMPRESSED {
        return Some(bytes);
    }
    group.encode(&group.decode(&bytes).ok()?, form)
}

/// The raw private key.
pub fn raw_private(key: &Pkey) -> Outcome<Vec<u8>> {
    let bytes = match key.kind().and_then(|k| k.raw) {
        Some(Raw::Point) => private_number(key),
        Some(Raw::Private) => key.raw_private(),
        _ => None,
    };
    bytes.ok_or_else(incompatible)
}

/// The private number of an EC key, as long as the curve's order.
pub fn private_number(key: &Pkey) -> Option<Vec<u8>> {
    let group = Group::named(&key.curve()?).ok()?;
    key.number(c"priv")?.to_padded(group.order_size())
}

/// The seed of a post-quantum private key.
pub fn raw_seed(key: &Pkey) -> Outcome<Vec<u8>> {
    if key.kind().and_then(|k| k.raw) != Some(Raw::Seed) {
        return Err(incompatible());
    }
    key.octets(c"seed").ok_or_else(|| {
        let text = "Failed to get raw seed";
        Failure::node(Class::Error, "ERR_CRYPTO_OPERATION_FAILED", text)
    })
}
