//! Asymmetric keys from PEM, DER and raw bytes.
//!
//! Owns: which decoder of OpenSSL reads what, in the order that Node tries them. Does not own: JWKs (`jwk.rs`), the check of
//! options (`js/internal/crypto/keys.js`).

use super::ec::Group;
use super::failure::{self, Class, Failure, Outcome};
use super::key::Pkey;
use super::libcrypto::{self as lib, Bio, Params};
use super::pkey::{Kind, Raw, incompatible, invalid_data};
use openssl_sys as ffi;
use std::ffi::{CStr, c_char, c_int, c_long, c_uchar, c_void};
use std::ptr::null_mut;

/// Node's numbers of formats.
pub mod format {
    pub const DER: i32 = 0;
    pub const PEM: i32 = 1;
    pub const JWK: i32 = 2;
    pub const RAW_PUBLIC: i32 = 3;
    pub const RAW_PRIVATE: i32 = 4;
    pub const RAW_SEED: i32 = 5;
}

/// Node's numbers of encodings.
pub mod encoding {
    pub const PKCS1: i32 = 0;
    pub const PKCS8: i32 = 1;
    pub const SPKI: i32 = 2;
    pub const SEC1: i32 = 3;
}

/// The passphrase that a caller gave, for OpenSSL's callback.
type Passphrase<'a> = Option<&'a [u8]>;

/// Gives OpenSSL the passphrase; without one it must not ask at the terminal.
unsafe extern "C" fn give_passphrase(buffer: *mut c_char, size: c_int, _: c_int, user: *mut c_void) -> c_int {
    // SAFETY: `user` is the address of a `Passphrase` that outlives the call.
    let passphrase = unsafe { *user.cast::<Passphrase>() };
    match passphrase {
        Some(bytes) if bytes.len() <= size as usize => {
            // SAFETY: the buffer has `size` bytes.
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), buffer.cast::<u8>(), bytes.len()) };
            bytes.len() as c_int
        }
        _ => -1,
    }
}

/// Reads a PEM block of this name; `None` where there is none.
fn pem_block(bio: &Bio, name: &CStr) -> Option<Vec<u8>> {
    let mut data = null_mut();
    let mut length: c_long = 0;
    // SAFETY: OpenSSL allocates the bytes, which are copied and freed.
    unsafe {
        let none = null_mut();
        let found = lib::PEM_bytes_read_bio(
            &raw mut data,
            &raw mut length,
            none,
            name.as_ptr(),
            bio.as_ptr(),
            None,
            null_mut(),
        );
        if found != 1 {
            failure::clear();
            return None;
        }
        let out = std::slice::from_raw_parts(data, length as usize).to_vec();
        lib::clear_free(data, length as usize);
        Some(out)
    }
}

fn d2i(
    bytes: &[u8],
    decode: unsafe extern "C" fn(*mut *mut ffi::EVP_PKEY, *mut *const c_uchar, c_long) -> *mut ffi::EVP_PKEY,
) -> Option<Pkey> {
    let mut at = bytes.as_ptr();
    // SAFETY: reads at most the bytes; the new key is ours.
    unsafe { Pkey::from_raw(decode(null_mut(), &raw mut at, bytes.len() as c_long)) }
}

fn spki(bytes: &[u8]) -> Option<Pkey> {
    d2i(bytes, ffi::d2i_PUBKEY)
}

fn rsa_public(bytes: &[u8]) -> Option<Pkey> {
    let (mut key, mut at, mut length) = (null_mut(), bytes.as_ptr(), bytes.len());
    let (input, structure, name) = (c"DER".as_ptr(), c"type-specific".as_ptr(), c"RSA".as_ptr());
    // SAFETY: the decoder reads at most the bytes and is freed here; the new key is ours.
    unsafe {
        let (selection, none) = (ffi::EVP_PKEY_PUBLIC_KEY, null_mut());
        let decoder =
            ffi::OSSL_DECODER_CTX_new_for_pkey(&raw mut key, input, structure, name, selection, none, std::ptr::null());
        ffi::OSSL_DECODER_from_data(decoder, &raw mut at, &raw mut length);
        ffi::OSSL_DECODER_CTX_free(decoder);
        Pkey::from_raw(key)
    }
}

fn traditional_private(bytes: &[u8]) -> Outcome<Option<Pkey>> {
    // SAFETY: the new key is ours.
    Bio::reading(bytes, |bio| unsafe { Pkey::from_raw(lib::d2i_PrivateKey_bio(bio.as_ptr(), null_mut())) })
}

fn certificate(bytes: &[u8]) -> Option<Pkey> {
    let mut at = bytes.as_ptr();
    // SAFETY: the certificate is freed here, the key has its own count.
    unsafe {
        let certificate = ffi::d2i_X509(null_mut(), &raw mut at, bytes.len() as c_long);
        if certificate.is_null() {
            return None;
        }
        let key = ffi::X509_get_pubkey(certificate);
        ffi::X509_free(certificate);
        Pkey::from_raw(key)
    }
}

/// A public key from PEM: a key of its own, PKCS#1, or a certificate's. `None`: no such block.
fn public_pem(bytes: &[u8]) -> Outcome<Option<Option<Pkey>>> {
    Bio::reading(bytes, |bio| {
        type Decode = fn(&[u8]) -> Option<Pkey>;
        let blocks: [(&CStr, Decode); 3] =
            [(c"PUBLIC KEY", spki), (c"RSA PUBLIC KEY", rsa_public), (c"CERTIFICATE", certificate)];
        for (name, decode) in blocks {
            bio.rewind();
            if let Some(block) = pem_block(bio, name) {
                return Some(decode(&block));
            }
        }
        None
    })
}

/// Where the contents of an ASN.1 sequence begin, and how long they are.
fn sequence(bytes: &[u8]) -> Option<&[u8]> {
    let (&[tag, first], rest) = bytes.split_first_chunk::<2>()?;
    if tag != 0x30 {
        return None;
    }
    if first & 0x80 == 0 {
        return Some(&rest[..rest.len().min(first as usize)]);
    }
    let count = (first & 0x7f) as usize;
    if count > rest.len() || count > size_of::<usize>() {
        return None;
    }
    let length = rest[..count].iter().fold(0usize, |length, byte| length << 8 | *byte as usize);
    let rest = &rest[count..];
    Some(&rest[..rest.len().min(length)])
}

/// A PKCS#1 private key begins with version 0 or 1, a public one with the modulus.
fn is_rsa_private(bytes: &[u8]) -> bool {
    sequence(bytes).is_some_and(|c| c.len() >= 3 && c[0] == 2 && c[1] == 1 && c[2] & 0xfe == 0)
}

/// An encrypted PKCS#8 key begins with an algorithm, a plain one with an integer.
fn is_encrypted(bytes: &[u8]) -> bool {
    sequence(bytes).is_some_and(|c| !c.is_empty() && c[0] != 2)
}

const FAILED: &str = "Failed to read asymmetric key";

/// A private key from PEM or DER.
pub fn private(bytes: &[u8], format: i32, encoding: i32, passphrase: Passphrase) -> Outcome<Pkey> {
    failure::clear();
    let user = (&raw const passphrase).cast_mut().cast::<c_void>();
    let key = if format == format::PEM {
        // SAFETY: the callback gets the passphrase's address, which outlives the call.
        Bio::reading(bytes, |bio| unsafe {
            Pkey::from_raw(ffi::PEM_read_bio_PrivateKey(bio.as_ptr(), null_mut(), Some(give_passphrase), user))
        })?
    } else {
        match encoding {
            encoding::PKCS1 | encoding::SEC1 => traditional_private(bytes)?,
            _ if is_encrypted(bytes) => Bio::reading(bytes, |bio| {
                // SAFETY: as above.
                unsafe {
                    let callback = Some(give_passphrase as lib::PasswordCallback);
                    Pkey::from_raw(ffi::d2i_PKCS8PrivateKey_bio(bio.as_ptr(), null_mut(), callback, user))
                }
            })?,
            // SAFETY: the structure is freed here, the key is ours.
            _ => Bio::reading(bytes, |bio| unsafe {
                let info = lib::d2i_PKCS8_PRIV_KEY_INFO_bio(bio.as_ptr(), null_mut());
                if info.is_null() {
                    return None;
                }
                let key = Pkey::from_raw(ffi::EVP_PKCS82PKEY(info));
                ffi::PKCS8_PRIV_KEY_INFO_free(info);
                key
            })?,
        }
    };
    // OpenSSL can give a key and an error.
    let error = failure::first();
    match key {
        Some(key) if error == 0 => Ok(key),
        _ => Err(private_failure(error, passphrase)),
    }
}

const LIB_PEM: u64 = 9;
const BAD_PASSWORD_READ: u64 = 104;

fn private_failure(error: u64, passphrase: Passphrase) -> Failure {
    if error >> 23 & 0xff == LIB_PEM && error & 0x7f_ffff == BAD_PASSWORD_READ && passphrase.is_none() {
        let text = "Passphrase required for encrypted key";
        return Failure::node(Class::TypeError, "ERR_MISSING_PASSPHRASE", text);
    }
    Failure::peek(FAILED)
}

/// A public key, also the public half of a private one or a certificate's. The flag says that the bytes were private.
pub fn public(bytes: &[u8], format: i32, encoding: i32, passphrase: Passphrase) -> Outcome<Pkey> {
    failure::clear();
    let key = if format == format::PEM {
        match public_pem(bytes)? {
            Some(key) => key,
            None => return private(bytes, format, encoding, passphrase),
        }
    } else {
        match encoding {
            encoding::SPKI => spki(bytes),
            encoding::PKCS1 if !is_rsa_private(bytes) => rsa_public(bytes),
            _ => return private(bytes, format, encoding, passphrase),
        }
    };
    key.ok_or_else(|| Failure::peek_named(FAILED))
}

/// A key from raw bytes: of this type, for EC of this curve.
pub fn raw(bytes: &[u8], format: i32, kind: &str, curve: &str) -> Outcome<Pkey> {
    failure::clear();
    let Some(kind) = Kind::named(kind) else {
        let text = format!("Invalid asymmetricKeyType: {kind}");
        return Err(Failure::node(Class::TypeError, "ERR_INVALID_ARG_VALUE", text));
    };
    let key = match (kind.raw, format) {
        (None, _) => return Err(incompatible()),
        (Some(Raw::Point), format::RAW_PUBLIC) => {
            let group = Group::named(curve)?;
            group.decode(bytes).ok().and_then(|point| group.key(&point, None))
        }
        (Some(Raw::Point), format::RAW_PRIVATE) => Group::named(curve)?.private_key(bytes),
        (Some(_), format::RAW_PUBLIC) => Pkey::from_raw_bytes(kind, bytes, false),
        (Some(Raw::Private), format::RAW_PRIVATE) => Pkey::from_raw_bytes(kind, bytes, true),
        (Some(Raw::Seed), format::RAW_SEED) => from_seed(kind, bytes),
        _ => return Err(incompatible()),
    };
    key.ok_or_else(invalid_data)
}

/// A private key of a post-quantum type from its seed.
pub fn from_seed(kind: &Kind, seed: &[u8]) -> Option<Pkey> {
    let mut parts = Params::new();
    parts.octets(c"seed", seed);
    Pkey::from_parts(kind.openssl, true, &parts)
}
