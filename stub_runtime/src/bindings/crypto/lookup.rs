//! Algorithms by name. Fetching one walks the providers, so each is fetched once in a process and kept; JavaScript keeps the
//! number of a digest and pays for its name once.

use super::failure;
use super::ready;
use openssl_sys as ffi;
use std::collections::HashMap;
use std::ffi::{CString, c_int, c_ulong};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{LazyLock, Mutex};

unsafe extern "C" {
    fn EVP_MD_get_flags(md: *const ffi::EVP_MD) -> c_ulong;
    fn EVP_MD_is_a(md: *const ffi::EVP_MD, name: *const std::ffi::c_char) -> c_int;
}

const EVP_MD_FLAG_XOF: c_ulong = 2;

/// A digest, valid as long as the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(*const ffi::EVP_MD);

// SAFETY: a fetched algorithm is constant and never freed.
unsafe impl Send for Digest {}

/// A cipher, valid as long as the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cipher(*const ffi::EVP_CIPHER);

// SAFETY: as above.
unsafe impl Send for Cipher {}

static DIGESTS: LazyLock<Mutex<HashMap<String, Option<u32>>>> = LazyLock::new(Mutex::default);
static CIPHERS: LazyLock<Mutex<HashMap<String, Option<Cipher>>>> = LazyLock::new(Mutex::default);

/// The digests that were asked for, by number.
static NUMBERED: [AtomicPtr<ffi::EVP_MD>; MAX_DIGESTS] = [const { AtomicPtr::new(null_mut()) }; MAX_DIGESTS];

/// More than OpenSSL has.
const MAX_DIGESTS: usize = 512;

/// The number of a digest of this name, in any case, or of one of its other names.
pub fn digest_number(name: &str) -> Option<u32> {
    ready();
    let mut digests = DIGESTS.lock().unwrap();
    if let Some(known) = digests.get(name) {
        return *known;
    }
    let number = find_digest(name).and_then(|digest| {
        let free = NUMBERED.iter().position(|slot| {
            let taken = slot.load(Ordering::Acquire);
            taken.is_null() || taken.cast_const() == digest.0
        })?;
        NUMBERED[free].store(digest.0.cast_mut(), Ordering::Release);
        Some(free as u32)
    });
    // Only what exists: names come from the program's input.
    if number.is_some() {
        digests.insert(name.to_owned(), number);
    }
    number
}

/// Forgets what names mean: they are looked up again.
pub fn forget() {
    DIGESTS.lock().unwrap().clear();
    CIPHERS.lock().unwrap().clear();
}

fn find_digest(name: &str) -> Option<Digest> {
    let text = CString::new(name).ok()?;
    // SAFETY: the name is a C string; what is fetched is kept for good. The second one is static: digests that no loaded provider
    // has, whose use fails with OpenSSL's own error.
    let md = unsafe {
        let fetched = ffi::EVP_MD_fetch(null_mut(), text.as_ptr(), std::ptr::null());
        if fetched.is_null() { ffi::EVP_get_digestbyname(text.as_ptr()) } else { fetched.cast_const() }
    };
    failure::clear();
    (!md.is_null()).then_some(Digest(md))
}

/// A digest by name.
pub fn digest(name: &str) -> Option<Digest> {
    digest_number(name).and_then(digest_of)
}

/// The digest of that number.
pub fn digest_of(number: u32) -> Option<Digest> {
    let md = NUMBERED.get(number as usize)?.load(Ordering::Acquire);
    (!md.is_null()).then_some(Digest(md))
}

impl Digest {
    /// OpenSSL's.
    pub fn as_ptr(self) -> *const ffi::EVP_MD {
        self.0
    }

    /// Bytes of its output; of SHAKE what OpenSSL 1.1 gave, since 3.4 has no length of its own for them.
    pub fn size(self) -> usize {
        // SAFETY: the digest is valid.
        let size = unsafe { ffi::EVP_MD_get_size(self.0) };
        if size > 0 {
            return size as usize;
        }
        // SAFETY: as above.
        let is = |name: &std::ffi::CStr| unsafe { EVP_MD_is_a(self.0, name.as_ptr()) } == 1;
        match () {
            () if is(c"SHAKE128") => 16,
            () if is(c"SHAKE256") => 32,
            () => 0,
        }
    }

    /// Whether its output can have any length.
    pub fn is_xof(self) -> bool {
        // SAFETY: the digest is valid.
        unsafe { EVP_MD_get_flags(self.0) & EVP_MD_FLAG_XOF != 0 }
    }
}

/// A cipher by name, in any case, or one of its other names.
pub fn cipher(name: &str) -> Option<Cipher> {
    ready();
    let mut ciphers = CIPHERS.lock().unwrap();
    if let Some(known) = ciphers.get(name) {
        return *known;
    }
    let text = CString::new(name).ok()?;
    // SAFETY: as for digests.
    let cipher = unsafe {
        let fetched = ffi::EVP_CIPHER_fetch(null_mut(), text.as_ptr(), std::ptr::null());
        if fetched.is_null() { ffi::EVP_get_cipherbyname(text.as_ptr()) } else { fetched.cast_const() }
    };
    failure::clear();
    let cipher = (!cipher.is_null()).then_some(Cipher(cipher));
    if cipher.is_some() {
        ciphers.insert(name.to_owned(), cipher);
    }
    cipher
}

impl Cipher {
    /// OpenSSL's.
    pub fn as_ptr(self) -> *const ffi::EVP_CIPHER {
        self.0
    }
}
