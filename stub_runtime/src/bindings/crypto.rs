//! What every part of `node:crypto` stands on: OpenSSL, started on first use. The bindings themselves are one file each in
//! `crypto/`, named after what they do; a file has its own `binding!` and its own line in `bindings/mod.rs`.
//!
//! Owns: the one-time start of the library. Does not own: how failures look ([`failure`]), work off the loop thread ([`job`]),
//! native objects that JavaScript holds ([`native`]), keys ([`key`]).

pub mod asymmetric;
pub mod cipher;
pub mod dh;
pub mod ec;
pub mod ecdh;
pub mod failure;
pub mod hash;
pub mod job;
pub mod jwk;
pub mod kdf;
pub mod keccak;
pub mod key;
pub mod key_export;
pub mod key_import;
pub mod key_store;
pub mod keygen;
pub mod keys;
pub mod libcrypto;
pub mod lookup;
pub mod mac;
pub mod native;
pub mod params;
pub mod pkey;
pub mod provider_mac;
pub mod random;
pub mod sign;
pub mod spkac;
pub mod text;
pub mod util;
pub mod x509;
pub mod x509_names;

use openssl_sys as ffi;
use std::ffi::{c_int, c_void};
use std::sync::Once;

unsafe extern "C" {
    fn OPENSSL_init_crypto(options: u64, settings: *const c_void) -> c_int;
}

const OPENSSL_INIT_NO_LOAD_CONFIG: u64 = 0x80;

/// Starts OpenSSL where nobody did: no configuration file is read, nothing runs at exit. Every function that calls the library
/// without an object that another call made (a fetch, a job, random bytes) calls this first; it costs one load after that.
pub fn ready() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let flags = OPENSSL_INIT_NO_LOAD_CONFIG | ffi::OPENSSL_INIT_NO_ATEXIT;
        // SAFETY: the library's own start, once; it may be called from any thread.
        unsafe {
            OPENSSL_init_crypto(flags, std::ptr::null());
            util::start_secure_heap();
            if crate::options::current().flag("--openssl-legacy-provider") {
                // A legacy provider that is loaded turns the implicit default one off.
                ffi::OSSL_PROVIDER_load(std::ptr::null_mut(), c"default".as_ptr());
                ffi::OSSL_PROVIDER_load(std::ptr::null_mut(), c"legacy".as_ptr());
            }
        }
    });
}
