//! One cipher under way.
//!
//! Owns: the rules of each mode for IVs, tags and lengths.

use super::mode::Mode;
use crate::bindings::crypto::failure::{self, Class, Failure, Outcome};
use crate::bindings::crypto::lookup::{self, Cipher};
use crate::bindings::crypto::params::Params;
use openssl_sys as ffi;
use std::ffi::{CStr, c_int, c_void};
use std::ptr::{null, null_mut};

unsafe extern "C" {
    fn EVP_CIPHER_settable_ctx_params(cipher: *const ffi::EVP_CIPHER) -> *const ffi::OSSL_PARAM;
    fn EVP_CIPHER_CTX_set_params(context: *mut ffi::EVP_CIPHER_CTX, params: *const ffi::OSSL_PARAM) -> c_int;
    fn EVP_CipherFinal_ex(context: *mut ffi::EVP_CIPHER_CTX, out: *mut u8, length: *mut c_int) -> c_int;
}

/// Sets the length of the IV.
pub const CTRL_SET_IVLEN: c_int = 0x9;
const CTRL_GET_TAG: c_int = 0x10;
const CTRL_SET_TAG: c_int = 0x11;
const FLAG_WRAP_ALLOW: c_int = 1;

/// Bytes of the longest tag.
pub const MAX_TAG: usize = 16;

/// OpenSSL's context.
pub struct Context(pub *mut ffi::EVP_CIPHER_CTX);

// SAFETY: used by one thread after the other.
unsafe impl Send for Context {}

impl Context {
    /// A new one.
    pub fn new() -> Self {
        // SAFETY: makes a new one.
        Context(unsafe { ffi::EVP_CIPHER_CTX_new() })
    }

    /// Whether the context did what was asked; `data` is null or as long as `number` says.
    pub fn control(&self, what: c_int, number: usize, data: *mut c_void) -> bool {
        // SAFETY: `data` is null or as long as `number` says.
        unsafe { ffi::EVP_CIPHER_CTX_ctrl(self.0, what, number as c_int, data) > 0 }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: this value's own.
        unsafe { ffi::EVP_CIPHER_CTX_free(self.0) }
    }
}

/// What a cipher is made of.
pub struct Setup<'a> {
    /// The cipher's.
    pub name: &'a str,
    /// Or decrypts.
    pub encrypt: bool,
    /// All of it.
    pub key: &'a [u8],
    /// Empty where there is none.
    pub iv: &'a [u8],
    /// Bytes of the tag, if the caller says.
    pub tag: Option<usize>,
    /// Parameters of a provider (`cts_mode`), each with the name of Node's option.
    pub options: Vec<(&'static CStr, &'static str, String)>,
}

/// A tag that a decryption expects.
#[derive(Clone, Copy, PartialEq)]
enum Tag {
    Unknown,
    Given,
    Passed,
}

/// A cipher under way.
pub struct Running {
    /// OpenSSL's half.
    pub context: Context,
    /// The cipher's.
    pub mode: Mode,
    encrypt: bool,
    block: usize,
    tag: [u8; MAX_TAG],
    tag_length: Option<usize>,
    tag_state: Tag,
    max_message: usize,
    /// CCM and SIV check in update(), and Node says so in final().
    rejected: bool,
}

fn invalid_iv() -> Failure {
    Failure::node(Class::TypeError, "ERR_CRYPTO_INVALID_IV", "Invalid initialization vector")
}

fn invalid_tag(message: String) -> Failure {
    Failure::node(Class::TypeError, "ERR_CRYPTO_INVALID_AUTH_TAG", message)
}

fn invalid_tag_length(length: usize) -> Failure {
    invalid_tag(format!("Invalid authentication tag length: {length}"))
}

fn invalid_message_length() -> Failure {
    Failure::node(Class::RangeError, "ERR_CRYPTO_INVALID_MESSAGELEN", "Invalid message length")
}

/// NIST SP 800-38D.
fn is_gcm_tag_length(length: usize) -> bool {
    length == 4 || length == 8 || (12..=16).contains(&length)
}

impl Running {
    /// Begins.
    pub fn start(setup: &Setup) -> Outcome<Self> {
        let Some(cipher) = lookup::cipher(setup.name) else {
            return Err(Failure::node(Class::Error, "ERR_CRYPTO_UNKNOWN_CIPHER", "Unknown cipher"));
        };
        failure::clear();
        let mode = Mode::of(cipher);
        // SAFETY: the cipher is valid.
        let expected = unsafe { ffi::EVP_CIPHER_get_iv_length(cipher.as_ptr()) } as usize;
        let fits = match setup.iv.len() {
            0 => expected == 0,
            12.. if mode == Mode::ChaChaPoly => setup.iv.len() == 12,
            _ if mode == Mode::Siv => false,
            length => mode.authenticates() || length == expected,
        };
        if !fits {
            return Err(invalid_iv());
        }
        let context = Context::new();
        let direction = setup.encrypt as c_int;
        // SAFETY: the context is valid; nulls leave what they stand for as it is.
        unsafe {
            if mode == Mode::Wrap {
                ffi::EVP_CIPHER_CTX_set_flags(context.0, FLAG_WRAP_ALLOW);
            }
            if ffi::EVP_CipherInit_ex(context.0, cipher.as_ptr(), null_mut(), null(), null(), direction) != 1 {
                return Err(Failure::peek("Failed to initialize cipher"));
            }
        }
        let mut running = Running {
            context,
            mode,
            encrypt: setup.encrypt,
            // SAFETY: the cipher is valid.
            block: unsafe { ffi::EVP_CIPHER_get_block_size(cipher.as_ptr()) } as usize,
            tag: [0; MAX_TAG],
            tag_length: None,
            tag_state: Tag::Unknown,
            max_message: c_int::MAX as usize,
            rejected: false,
        };
        if mode.authenticates() {
            running.authenticate(setup)?;
        }
        running.set_options(cipher, setup)?;
        let key = setup.key;
        let iv = if setup.iv.is_empty() { null() } else { setup.iv.as_ptr() };
        // SAFETY: the key has the length that was accepted, the IV the one that was checked.
        unsafe {
            if ffi::EVP_CIPHER_CTX_set_key_length(running.context.0, key.len() as c_int) != 1 {
                return Err(Failure::node(Class::RangeError, "ERR_CRYPTO_INVALID_KEYLEN", "Invalid key length"));
            }
            if ffi::EVP_CipherInit_ex(running.context.0, null(), null_mut(), key.as_ptr(), iv, direction) != 1 {
                return Err(Failure::peek("Failed to initialize cipher"));
            }
        }
        Ok(running)
    }

    /// Lengths of IV and tag.
    fn authenticate(&mut self, setup: &Setup) -> Outcome<()> {
        if self.mode != Mode::Siv && !self.context.control(CTRL_SET_IVLEN, setup.iv.len(), null_mut()) {
            return Err(invalid_iv());
        }
        if self.mode == Mode::Gcm {
            if let Some(length) = setup.tag {
                if !is_gcm_tag_length(length) {
                    return Err(invalid_tag_length(length));
                }
                self.tag_length = Some(length);
            }
            return Ok(());
        }
        let length = match setup.tag {
            Some(length) => length,
            None if self.mode.has_default_tag() => MAX_TAG,
            None => return Err(invalid_tag(format!("authTagLength required for {}", setup.name))),
        };
        let accepted = match self.mode {
            // Their tags have one length.
            Mode::Siv | Mode::GcmSiv => length == MAX_TAG,
            _ => self.context.control(CTRL_SET_TAG, length, null_mut()),
        };
        if !accepted {
            return Err(invalid_tag_length(length));
        }
        self.tag_length = Some(length);
        if self.mode == Mode::Ccm {
            // The longer the IV, the shorter the counter.
            self.max_message = match setup.iv.len() {
                12 => (1 << 24) - 1,
                13 => (1 << 16) - 1,
                _ => c_int::MAX as usize,
            };
        }
        Ok(())
    }

    fn set_options(&self, cipher: Cipher, setup: &Setup) -> Outcome<()> {
        for (parameter, option, value) in &setup.options {
            let mut params = Params::default().text(parameter, value);
            // SAFETY: the cipher and the context are valid; the parameters live until the end of the statement.
            let set = unsafe {
                let settable = EVP_CIPHER_settable_ctx_params(cipher.as_ptr());
                !settable.is_null()
                    && !ffi::OSSL_PARAM_locate_const(settable, parameter.as_ptr()).is_null()
                    && EVP_CIPHER_CTX_set_params(self.context.0, params.array().as_ptr()) == 1
            };
            if !set {
                let message = format!("{} does not support the {option} option", setup.name);
                return Err(Failure::node(Class::Error, "ERR_CRYPTO_UNSUPPORTED_OPERATION", message));
            }
        }
        Ok(())
    }

    /// Takes the tag to check; false where this is not the time.
    pub fn set_tag(&mut self, tag: &[u8]) -> Outcome<bool> {
        if !self.mode.authenticates() || self.encrypt || self.tag_state != Tag::Unknown {
            return Ok(false);
        }
        // Short tags must be asked for when the decryption begins.
        if tag.len() != self.tag_length.unwrap_or(MAX_TAG) {
            return Err(invalid_tag_length(tag.len()));
        }
        self.tag_length = Some(tag.len());
        self.tag[..tag.len()].copy_from_slice(tag);
        self.tag_state = Tag::Given;
        Ok(true)
    }

    fn pass_tag(&mut self) -> bool {
        if self.encrypt || self.tag_state != Tag::Given {
            return true;
        }
        self.tag_state = Tag::Passed;
        self.context.control(CTRL_SET_TAG, self.tag_length.unwrap_or(0), self.tag.as_mut_ptr().cast())
    }

    /// Data that are authenticated only; false where this is not the time.
    pub fn set_aad(&mut self, data: &[u8], plaintext: Option<usize>) -> Outcome<bool> {
        if !self.mode.authenticates() {
            return Ok(false);
        }
        let mut length = 0;
        if self.mode == Mode::Ccm {
            let Some(total) = plaintext else {
                let message = "options.plaintextLength required for CCM mode with AAD";
                return Err(Failure::node(Class::TypeError, "ERR_MISSING_ARGS", message));
            };
            if total > self.max_message {
                return Err(invalid_message_length());
            }
            if !self.pass_tag() {
                return Ok(false);
            }
            // SAFETY: without data and room it only takes the length.
            if unsafe { ffi::EVP_CipherUpdate(self.context.0, null_mut(), &mut length, null(), total as c_int) } != 1 {
                return Ok(false);
            }
        }
        // SAFETY: the data are readable; no room means additional data.
        let taken = unsafe {
            ffi::EVP_CipherUpdate(self.context.0, null_mut(), &mut length, data.as_ptr(), data.len() as c_int)
        };
        Ok(taken == 1)
    }

    /// Encrypts or decrypts a piece.
    pub fn update(&mut self, data: &[u8], out: &mut Vec<u8>) -> Outcome<()> {
        // Node leaves no error of OpenSSL's behind here.
        let unsupported = || Failure::message("Trying to add data in unsupported state");
        if self.mode == Mode::Ccm && data.len() > self.max_message {
            return Err(invalid_message_length());
        }
        let Ok(size) = c_int::try_from(data.len()) else { return Err(unsupported()) };
        self.pass_tag();
        // Nothing more, where what comes out has the length of what goes in: the memory is given to JavaScript as it is.
        let more = if self.block > 1 { self.block as c_int } else { 0 };
        let mut length = size.saturating_add(more);
        if self.encrypt && self.mode == Mode::Wrap {
            // SAFETY: without room it tells the length that wrapping needs.
            if unsafe { ffi::EVP_CipherUpdate(self.context.0, null_mut(), &mut length, data.as_ptr(), size) } != 1 {
                return Err(unsupported());
            }
        }
        out.reserve(length as usize);
        // SAFETY: there is room for the data and a block where it has any, or for what was asked for; it says how much it wrote.
        let done = unsafe {
            let at = out.as_mut_ptr().add(out.len());
            let done = ffi::EVP_CipherUpdate(self.context.0, at, &mut length, data.as_ptr(), size) == 1;
            if done {
                out.set_len(out.len() + length as usize);
            }
            done
        };
        if !done && !self.encrypt && matches!(self.mode, Mode::Ccm | Mode::Siv) {
            self.rejected = true;
            return Ok(());
        }
        if done { Ok(()) } else { Err(unsupported()) }
    }

    /// Ends it: the last piece; makes or checks the tag.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Outcome<()> {
        let refused = if self.mode.authenticates() {
            "Unsupported state or unable to authenticate data"
        } else {
            "Unsupported state"
        };
        failure::clear();
        self.pass_tag();
        if self.rejected {
            return Err(Failure::message(refused));
        }
        if !self.encrypt && self.mode == Mode::Ccm {
            return Ok(());
        }
        out.reserve(self.block);
        let mut length = self.block as c_int;
        // SAFETY: there is room for a block; it says how much it wrote.
        let mut done = unsafe {
            let at = out.as_mut_ptr().add(out.len());
            let done = EVP_CipherFinal_ex(self.context.0, at, &mut length) == 1;
            if done {
                out.set_len(out.len() + length as usize);
            }
            done
        };
        if done && self.encrypt && self.mode.authenticates() {
            let length = *self.tag_length.get_or_insert(MAX_TAG);
            done = self.context.control(CTRL_GET_TAG, length, self.tag.as_mut_ptr().cast());
        }
        if done { Ok(()) } else { Err(Failure::peek(refused)) }
    }

    /// The tag that an encryption made.
    pub fn made_tag(&self) -> Option<&[u8]> {
        let length = self.tag_length.filter(|_| self.encrypt)?;
        Some(&self.tag[..length])
    }
}
