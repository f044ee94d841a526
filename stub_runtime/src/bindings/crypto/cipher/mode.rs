//! Modes of symmetric ciphers.

use crate::bindings::crypto::lookup::Cipher;
use openssl_sys as ffi;
use std::ffi::{c_char, c_int};

unsafe extern "C" {
    fn EVP_CIPHER_get_mode(cipher: *const ffi::EVP_CIPHER) -> c_int;
    fn EVP_CIPHER_is_a(cipher: *const ffi::EVP_CIPHER, name: *const c_char) -> c_int;
}

/// What of a mode matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Mode {
    Stream,
    Ecb,
    Cbc,
    Cfb,
    Ofb,
    Ctr,
    Gcm,
    Ccm,
    Xts,
    Wrap,
    Ocb,
    Siv,
    GcmSiv,
    ChaChaPoly,
}

impl Mode {
    /// The mode of a cipher.
    pub fn of(cipher: Cipher) -> Self {
        // SAFETY: the cipher is valid.
        match unsafe { EVP_CIPHER_get_mode(cipher.as_ptr()) } {
            1 => Mode::Ecb,
            2 => Mode::Cbc,
            3 => Mode::Cfb,
            4 => Mode::Ofb,
            5 => Mode::Ctr,
            6 => Mode::Gcm,
            7 => Mode::Ccm,
            0x10001 => Mode::Xts,
            0x10002 => Mode::Wrap,
            0x10003 => Mode::Ocb,
            0x10004 => Mode::Siv,
            0x10005 => Mode::GcmSiv,
            // SAFETY: as above.
            _ if unsafe { EVP_CIPHER_is_a(cipher.as_ptr(), c"ChaCha20-Poly1305".as_ptr()) } == 1 => Mode::ChaChaPoly,
            _ => Mode::Stream,
        }
    }

    /// Whether it makes or checks a tag.
    pub fn authenticates(self) -> bool {
        matches!(self, Mode::Gcm | Mode::Ccm | Mode::Ocb | Mode::Siv | Mode::GcmSiv | Mode::ChaChaPoly)
    }

    /// Whether the tag has 16 bytes where nobody says otherwise.
    pub fn has_default_tag(self) -> bool {
        matches!(self, Mode::ChaChaPoly | Mode::Siv | Mode::GcmSiv)
    }

    /// What `getCipherInfo()` calls it.
    pub fn label(self) -> &'static str {
        match self {
            Mode::Stream | Mode::ChaChaPoly => "stream",
            Mode::Ecb => "ecb",
            Mode::Cbc => "cbc",
            Mode::Cfb => "cfb",
            Mode::Ofb => "ofb",
            Mode::Ctr => "ctr",
            Mode::Gcm => "gcm",
            Mode::Ccm => "ccm",
            Mode::Xts => "xts",
            Mode::Wrap => "wrap",
            Mode::Ocb => "ocb",
            Mode::Siv => "siv",
            Mode::GcmSiv => "gcm-siv",
        }
    }
}
