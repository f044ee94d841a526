//! What an asymmetric key is: its type, its parts by OpenSSL's names, and making one from parts.
//!
//! Owns: the only place that knows types of keys by name. Does not own: encodings (`key_import.rs`, `key_export.rs`, `jwk.rs`).

use super::failure::{Class, Failure, Outcome};
use super::key::Pkey;
use super::libcrypto::{self as lib, Bn, Context, Params, c_text, rust_text};
use openssl_sys as ffi;
use std::ffi::{CStr, c_int};
use std::ptr::null_mut;

/// How raw formats treat a type of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raw {
    /// The private key is its bytes (`raw-private`).
    Private,
    /// The private key is a seed (`raw-seed`).
    Seed,
    /// Points of a curve.
    Point,
}

/// A type of key in Node's spelling and OpenSSL's, and what its raw formats are; RSA, DSA and DH have none.
pub struct Kind {
    /// `asymmetricKeyType`
    pub name: &'static str,
    /// OpenSSL's name.
    pub openssl: &'static CStr,
    /// Raw formats.
    pub raw: Option<Raw>,
}

const fn kind(name: &'static str, openssl: &'static CStr, raw: Option<Raw>) -> Kind {
    Kind { name, openssl, raw }
}

/// Every type that Node knows.
pub const KINDS: &[Kind] = &[
    kind("rsa", c"RSA", None),
    kind("rsa-pss", c"RSA-PSS", None),
    kind("dsa", c"DSA", None),
    kind("dh", c"DH", None),
    kind("dh", c"DHX", None),
    kind("ec", c"EC", Some(Raw::Point)),
    kind("ed25519", c"ED25519", Some(Raw::Private)),
    kind("ed448", c"ED448", Some(Raw::Private)),
    kind("x25519", c"X25519", Some(Raw::Private)),
    kind("x448", c"X448", Some(Raw::Private)),
    kind("ml-dsa-44", c"ML-DSA-44", Some(Raw::Seed)),
    kind("ml-dsa-65", c"ML-DSA-65", Some(Raw::Seed)),
    kind("ml-dsa-87", c"ML-DSA-87", Some(Raw::Seed)),
    kind("ml-kem-512", c"ML-KEM-512", Some(Raw::Seed)),
    kind("ml-kem-768", c"ML-KEM-768", Some(Raw::Seed)),
    kind("ml-kem-1024", c"ML-KEM-1024", Some(Raw::Seed)),
    kind("slh-dsa-sha2-128f", c"SLH-DSA-SHA2-128f", Some(Raw::Private)),
    kind("slh-dsa-sha2-128s", c"SLH-DSA-SHA2-128s", Some(Raw::Private)),
    kind("slh-dsa-sha2-192f", c"SLH-DSA-SHA2-192f", Some(Raw::Private)),
    kind("slh-dsa-sha2-192s", c"SLH-DSA-SHA2-192s", Some(Raw::Private)),
    kind("slh-dsa-sha2-256f", c"SLH-DSA-SHA2-256f", Some(Raw::Private)),
    kind("slh-dsa-sha2-256s", c"SLH-DSA-SHA2-256s", Some(Raw::Private)),
    kind("slh-dsa-shake-128f", c"SLH-DSA-SHAKE-128f", Some(Raw::Private)),
    kind("slh-dsa-shake-128s", c"SLH-DSA-SHAKE-128s", Some(Raw::Private)),
    kind("slh-dsa-shake-192f", c"SLH-DSA-SHAKE-192f", Some(Raw::Private)),
    kind("slh-dsa-shake-192s", c"SLH-DSA-SHAKE-192s", Some(Raw::Private)),
    kind("slh-dsa-shake-256f", c"SLH-DSA-SHAKE-256f", Some(Raw::Private)),
    kind("slh-dsa-shake-256s", c"SLH-DSA-SHAKE-256s", Some(Raw::Private)),
];

impl Kind {
    /// Of Node's name.
    pub fn named(name: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|k| k.name == name)
    }

    /// A key of NIST's post-quantum families, which JWKs call AKP.
    pub fn is_akp(&self) -> bool {
        ["ml-", "slh-"].iter().any(|p| self.name.starts_with(p))
    }

    /// OpenSSL's name as text.
    pub fn openssl_name(&self) -> &'static str {
        self.openssl.to_str().unwrap_or_default()
    }
}

/// A key format that this type of key does not have.
pub fn incompatible() -> Failure {
    Failure::node(
        Class::Error,
        "ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS",
        "The selected key encoding is incompatible with the key type",
    )
}

/// Bytes that are no key.
pub fn invalid_data() -> Failure {
    Failure::node(Class::TypeError, "ERR_INVALID_ARG_VALUE", "Invalid key data")
}

/// A name that is no curve's.
pub fn invalid_curve() -> Failure {
    Failure::node(Class::TypeError, "ERR_CRYPTO_INVALID_CURVE", "Invalid EC curve name")
}

impl Pkey {
    /// Its type; `None` where Node has no name for it.
    pub fn kind(&self) -> Option<&'static Kind> {
        // SAFETY: the key is valid; the name is static.
        let name = rust_text(unsafe { lib::EVP_PKEY_get0_type_name(self.as_ptr()) });
        KINDS.iter().find(|k| k.openssl_name().eq_ignore_ascii_case(&name))
    }

    /// Node's name of its type, empty where there is none.
    pub fn name(&self) -> &'static str {
        self.kind().map_or("", |k| k.name)
    }

    /// A text parameter.
    pub fn text(&self, name: &CStr) -> Option<String> {
        let mut buffer = [0u8; 128];
        let mut length = 0;
        // SAFETY: writes at most the buffer.
        let ok = unsafe {
            lib::EVP_PKEY_get_utf8_string_param(
                self.as_ptr(),
                name.as_ptr(),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
                &raw mut length,
            )
        };
        (ok == 1).then(|| String::from_utf8_lossy(&buffer[..length.min(buffer.len())]).into_owned())
    }

    /// A number.
    pub fn number(&self, name: &CStr) -> Option<Bn> {
        let mut out = null_mut();
        // SAFETY: makes a new number, which is ours.
        unsafe {
            if lib::EVP_PKEY_get_bn_param(self.as_ptr(), name.as_ptr(), &raw mut out) != 1 {
                super::failure::clear();
                return None;
            }
            Bn::new(out).ok()
        }
    }

    /// Bytes.
    pub fn octets(&self, name: &CStr) -> Option<Vec<u8>> {
        let mut length = 0;
        // SAFETY: asks for the length first, then fills a buffer of it.
        unsafe {
            let (key, name) = (self.as_ptr(), name.as_ptr());
            if lib::EVP_PKEY_get_octet_string_param(key, name, null_mut(), 0, &raw mut length) != 1 {
                super::failure::clear();
                return None;
            }
            let mut out = vec![0; length];
            let ok = lib::EVP_PKEY_get_octet_string_param(key, name, out.as_mut_ptr(), length, &raw mut length);
            out.truncate(length);
            (ok == 1).then_some(out)
        }
    }

    /// Its size in bits.
    pub fn bits(&self) -> i32 {
        // SAFETY: the key is valid.
        unsafe { ffi::EVP_PKEY_get_bits(self.as_ptr()) }
    }

    /// The curve of an EC key, as OpenSSL names it.
    pub fn curve(&self) -> Option<String> {
        self.text(c"group")
    }

    /// The raw public key.
    pub fn raw_public(&self) -> Option<Vec<u8>> {
        self.raw(ffi::EVP_PKEY_get_raw_public_key)
    }

    /// The raw private key.
    pub fn raw_private(&self) -> Option<Vec<u8>> {
        self.raw(ffi::EVP_PKEY_get_raw_private_key)
    }

    fn raw(&self, get: unsafe extern "C" fn(*const ffi::EVP_PKEY, *mut u8, *mut usize) -> c_int) -> Option<Vec<u8>> {
        let mut length = 0;
        // SAFETY: asks for the length first, then fills a buffer of it.
        unsafe {
            if get(self.as_ptr(), null_mut(), &raw mut length) != 1 {
                super::failure::clear();
                return None;
            }
            let mut out = vec![0; length];
            let ok = get(self.as_ptr(), out.as_mut_ptr(), &raw mut length);
            out.truncate(length);
            (ok == 1).then_some(out)
        }
    }

    /// From a raw public or private key.
    pub fn from_raw_bytes(kind: &Kind, bytes: &[u8], private: bool) -> Option<Pkey> {
        let make = if private { ffi::EVP_PKEY_new_raw_private_key_ex } else { ffi::EVP_PKEY_new_raw_public_key_ex };
        // SAFETY: reads the bytes and makes a new key.
        let key = unsafe {
            let key = make(null_mut(), kind.openssl.as_ptr(), std::ptr::null(), bytes.as_ptr(), bytes.len());
            Pkey::from_raw(key)
        };
        if key.is_none() {
            super::failure::clear();
        }
        key
    }

    /// From named parts.
    pub fn from_parts(kind: &CStr, private: bool, parts: &Params) -> Option<Pkey> {
        let key = Self::from_data(kind, if private { ffi::EVP_PKEY_KEYPAIR } else { ffi::EVP_PKEY_PUBLIC_KEY }, parts);
        if key.is_none() {
            super::failure::clear();
        }
        key
    }

    /// Parameters alone; `None` leaves OpenSSL's errors in the queue.
    pub fn parameters(kind: &CStr, parts: &Params) -> Option<Pkey> {
        Self::from_data(kind, ffi::EVP_PKEY_KEY_PARAMETERS, parts)
    }

    fn from_data(kind: &CStr, selection: c_int, parts: &Params) -> Option<Pkey> {
        // SAFETY: the context is made, used and freed here; the new key is ours.
        unsafe {
            let context = Context::new(ffi::EVP_PKEY_CTX_new_from_name(null_mut(), kind.as_ptr(), std::ptr::null()));
            let context = context.ok()?;
            let mut key = null_mut();
            if ffi::EVP_PKEY_fromdata_init(context.as_ptr()) == 1 {
                parts.with(|list| ffi::EVP_PKEY_fromdata(context.as_ptr(), &raw mut key, selection, list));
            }
            Pkey::from_raw(key)
        }
    }

    /// A new context for an operation with it.
    pub fn context(&self) -> Outcome<Context> {
        // SAFETY: the context holds its own reference.
        unsafe { Context::new(lib::EVP_PKEY_CTX_new_from_pkey(null_mut(), self.as_ptr(), std::ptr::null())) }
    }

    /// Whether both are the same public key.
    pub fn same_public(&self, other: &Pkey) -> bool {
        // SAFETY: both are valid.
        let equal = unsafe { ffi::EVP_PKEY_eq(self.as_ptr(), other.as_ptr()) };
        super::failure::clear();
        equal == 1
    }
}

/// OpenSSL's number of a curve by its name or NIST's, 0 where there is none.
pub fn curve_nid(name: &str) -> c_int {
    let name = c_text(name);
    // SAFETY: reads a C string.
    unsafe {
        match lib::EC_curve_nist2nid(name.as_ptr()) {
            0 => ffi::OBJ_sn2nid(name.as_ptr()),
            nid => nid,
        }
    }
}
