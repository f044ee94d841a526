//! Key material that JavaScript's KeyObject holds: a secret's bytes, or one half of a key pair.
//!
//! Owns: [`KeyData`], shared between threads, and how native code gets it from an argument. Does not own: making keys
//! (`crypto/keys*.rs`), the class (`js/internal/crypto/keys.js`).

use super::native;
use crate::binding;
use openssl_sys as ffi;
use std::ffi::c_void;
use std::sync::Arc;

unsafe extern "C" {
    fn OPENSSL_cleanse(data: *mut c_void, length: usize);
}

/// OpenSSL's key, counted by OpenSSL.
pub struct Pkey(*mut ffi::EVP_PKEY);

// SAFETY: OpenSSL counts references atomically and locks what operations on a key change inside it.
unsafe impl Send for Pkey {}
// SAFETY: as above.
unsafe impl Sync for Pkey {}

impl Pkey {
    /// Takes over one reference; `None` for null.
    ///
    /// # Safety
    /// `key` is null or a reference that the caller owns.
    pub unsafe fn from_raw(key: *mut ffi::EVP_PKEY) -> Option<Self> {
        (!key.is_null()).then_some(Pkey(key))
    }

    /// The key, valid as long as this value.
    pub fn as_ptr(&self) -> *mut ffi::EVP_PKEY {
        self.0
    }
}

impl Clone for Pkey {
    fn clone(&self) -> Self {
        // SAFETY: the key is valid, one reference more is dropped by the clone.
        unsafe { ffi::EVP_PKEY_up_ref(self.0) };
        Pkey(self.0)
    }
}

impl Drop for Pkey {
    fn drop(&mut self) {
        // SAFETY: this value's own reference.
        unsafe { ffi::EVP_PKEY_free(self.0) }
    }
}

/// Bytes that are cleared when they are dropped.
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes the bytes over.
    pub fn new(bytes: Vec<u8>) -> Self {
        Secret(bytes)
    }
}

impl std::ops::Deref for Secret {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        // SAFETY: the vector's own bytes.
        unsafe { OPENSSL_cleanse(self.0.as_mut_ptr().cast(), self.0.len()) }
    }
}

/// What a KeyObject or CryptoKey is made of.
pub enum KeyData {
    /// A symmetric key.
    Secret(Secret),
    /// The public half.
    Public(Pkey),
    /// The private half, the public one with it.
    Private(Pkey),
}

/// A key as JavaScript's handle wraps it (`native::wrap(scope, KeyHandle(..))`).
#[derive(Clone)]
pub struct KeyHandle(pub Arc<KeyData>);

/// A symmetric key argument: a handle of a secret key, or bytes that are copied.
pub fn secret_argument(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Option<Arc<KeyData>> {
    if let Some(handle) = native::unwrap::<KeyHandle>(scope, value) {
        return matches!(*handle.0, KeyData::Secret(_)).then(|| handle.0.clone());
    }
    let bytes = binding::bytes(value)?.to_vec();
    Some(Arc::new(KeyData::Secret(Secret::new(bytes))))
}

impl KeyData {
    /// A secret key's bytes; empty for others.
    pub fn bytes(&self) -> &[u8] {
        match self {
            KeyData::Secret(secret) => secret,
            _ => &[],
        }
    }
}
