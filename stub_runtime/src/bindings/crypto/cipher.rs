//! `internalBinding('crypto_cipher')`: symmetric ciphers, with and without authentication.
//!
//! Owns: one cipher under way, and the rules of each mode for IVs, tags and lengths. Does not own: what a Cipheriv is in Node
//! (`js/internal/crypto/cipher.js`), RSA's (`crypto/public_cipher.rs`).

use super::failure::{Class, Failure, Outcome};
use super::key::{KeyHandle, secret_argument};
use super::lookup::{self, Cipher};
use super::params::Params;
use super::{failure, job, native, text};
use crate::binding;
use crate::bindings::buffer::Storage;
use openssl_sys as ffi;
use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{null, null_mut};

type Args<'a> = v8::FunctionCallbackArguments<'a>;

unsafe extern "C" {
    fn EVP_CIPHER_get_mode(cipher: *const ffi::EVP_CIPHER) -> c_int;
    fn EVP_CIPHER_get0_name(cipher: *const ffi::EVP_CIPHER) -> *const c_char;
    fn EVP_CIPHER_is_a(cipher: *const ffi::EVP_CIPHER, name: *const c_char) -> c_int;
    fn EVP_CIPHER_settable_ctx_params(cipher: *const ffi::EVP_CIPHER) -> *const ffi::OSSL_PARAM;
    fn EVP_CIPHER_CTX_set_params(context: *mut ffi::EVP_CIPHER_CTX, params: *const ffi::OSSL_PARAM) -> c_int;
    fn EVP_CipherFinal_ex(context: *mut ffi::EVP_CIPHER_CTX, out: *mut u8, length: *mut c_int) -> c_int;
}

const CTRL_SET_IVLEN: c_int = 0x9;
const CTRL_GET_TAG: c_int = 0x10;
const CTRL_SET_TAG: c_int = 0x11;
const FLAG_WRAP_ALLOW: c_int = 1;

/// Bytes of the longest tag.
const MAX_TAG: usize = 16;

/// What of a mode matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
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
    fn of(cipher: Cipher) -> Self {
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
    fn authenticates(self) -> bool {
        matches!(self, Mode::Gcm | Mode::Ccm | Mode::Ocb | Mode::Siv | Mode::GcmSiv | Mode::ChaChaPoly)
    }

    /// Whether the tag has 16 bytes where nobody says otherwise.
    fn has_default_tag(self) -> bool {
        matches!(self, Mode::ChaChaPoly | Mode::Siv | Mode::GcmSiv)
    }

    fn label(self) -> &'static str {
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

/// OpenSSL's context.
struct Context(*mut ffi::EVP_CIPHER_CTX);

// SAFETY: used by one thread after the other.
unsafe impl Send for Context {}

impl Context {
    fn new() -> Self {
        // SAFETY: makes a new one.
        Context(unsafe { ffi::EVP_CIPHER_CTX_new() })
    }

    fn control(&self, what: c_int, number: usize, data: *mut c_void) -> bool {
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
struct Setup<'a> {
    name: &'a str,
    encrypt: bool,
    key: &'a [u8],
    iv: &'a [u8],
    /// Bytes of the tag, if the caller says.
    tag: Option<usize>,
    /// Parameters of a provider (`cts_mode`), each with the name of Node's option.
    options: Vec<(&'static CStr, &'static str, String)>,
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
    context: Context,
    mode: Mode,
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
    fn start(setup: &Setup) -> Outcome<Self> {
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
    fn set_tag(&mut self, tag: &[u8]) -> Outcome<bool> {
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
    fn set_aad(&mut self, data: &[u8], plaintext: Option<usize>) -> Outcome<bool> {
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
    fn update(&mut self, data: &[u8], out: &mut Vec<u8>) -> Outcome<()> {
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
    fn finish(&mut self, out: &mut Vec<u8>) -> Outcome<()> {
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
    fn made_tag(&self) -> Option<&[u8]> {
        let length = self.tag_length.filter(|_| self.encrypt)?;
        Some(&self.tag[..length])
    }
}

/// A cipher of JavaScript's: under way, or at its end with the tag it made.
enum State {
    Open(Running),
    Done(Option<Vec<u8>>),
}

type Handle = RefCell<State>;

fn length_argument(value: v8::Local<v8::Value>) -> Option<usize> {
    text::number(value).and_then(|n| usize::try_from(n).ok())
}

/// `create(encrypt, name, key, iv | null, tagLength or -1, ctsMode, xtsStandard)`.
fn create(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let name = args.get(1).to_rust_string_lossy(scope);
    let tag = length_argument(args.get(4));
    let mut options = Vec::new();
    for (i, parameter, option) in [(5, c"cts_mode", "ctsMode"), (6, c"xts_standard", "xtsStandard")] {
        if args.get(i).is_string() {
            options.push((parameter, option, args.get(i).to_rust_string_lossy(scope)));
        }
    }
    let (mut iv, mut key) = (Storage::new(), Storage::new());
    let iv = if args.get(3).is_null() { &[] } else { iv.view(args.get(3)) };
    let key = match native::unwrap::<KeyHandle>(scope, args.get(2)) {
        Some(handle) => handle.0.bytes(),
        None => key.view(args.get(2)),
    };
    let setup = Setup { name: &name, encrypt: args.get(0).is_true(), key, iv, tag, options };
    match Running::start(&setup) {
        Ok(running) => {
            let handle = native::wrap::<Handle>(scope, RefCell::new(State::Open(running)));
            rv.set(handle);
        }
        Err(failure) => failure.throw(scope),
    }
}

/// Runs `f` on a cipher that is under way; `None` where it is at its end.
fn running<R>(
    scope: &mut v8::PinScope,
    value: v8::Local<v8::Value>,
    f: impl FnOnce(&mut v8::PinScope, &mut Running) -> R,
) -> Option<R> {
    let handle = native::unwrap::<Handle>(scope, value)?;
    match &mut *handle.borrow_mut() {
        State::Open(running) => Some(f(scope, running)),
        State::Done(_) => None,
    }
}

/// `update(cipher, data)`: strings as UTF-8. What came out, as `outputBuffer` takes it.
fn update(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let data = args.get(1);
    let result = running(scope, args.get(0), |scope, running| {
        let mut out = Vec::new();
        text::with_bytes(scope, data, |data| running.update(data, &mut out)).map(|()| out)
    });
    match result.unwrap_or_else(|| Err(Failure::message("Trying to add data in unsupported state"))) {
        Ok(out) => rv.set(text::output_owned(scope, out)),
        Err(failure) => failure.throw(scope),
    }
}

/// `finish(cipher)`: the rest.
fn finish(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(handle) = native::unwrap::<Handle>(scope, args.get(0)) else { return };
    let mut out = Vec::new();
    let mut state = handle.borrow_mut();
    let result = match &mut *state {
        State::Open(running) => {
            let result = running.finish(&mut out);
            let tag = if result.is_ok() { running.made_tag().map(<[u8]>::to_vec) } else { None };
            *state = State::Done(tag);
            result
        }
        State::Done(_) => Err(Failure::node(Class::Error, "ERR_CRYPTO_INVALID_STATE", "Invalid state")),
    };
    match result {
        Ok(()) => rv.set(text::output_owned(scope, out)),
        Err(failure) => failure.throw(scope),
    }
}

/// `setAutoPadding(cipher, on)`: whether that was possible.
fn set_auto_padding(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let on = args.get(1).is_true() as c_int;
    // SAFETY: the context is valid.
    let set = running(scope, args.get(0), |_, r| unsafe { ffi::EVP_CIPHER_CTX_set_padding(r.context.0, on) } == 1);
    rv.set_bool(set == Some(true));
}

/// `getAuthTag(cipher)`: undefined before the end, and where there is none.
fn get_auth_tag(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(handle) = native::unwrap::<Handle>(scope, args.get(0)) else { return };
    if let State::Done(Some(tag)) = &*handle.borrow() {
        rv.set(text::output_owned(scope, tag.clone()));
    }
}

fn answer(scope: &mut v8::PinScope, mut rv: v8::ReturnValue, result: Option<Outcome<bool>>) {
    match result.unwrap_or(Ok(false)) {
        Ok(done) => rv.set_bool(done),
        Err(failure) => failure.throw(scope),
    }
}

/// `setAuthTag(cipher, bytes)`: whether this was the time.
fn set_auth_tag(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let tag = args.get(1);
    let result = running(scope, args.get(0), |_, running| running.set_tag(Storage::new().view(tag)));
    answer(scope, rv, result);
}

/// `setAAD(cipher, bytes, plaintextLength or -1)`: whether this was the time.
fn set_aad(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let (data, plaintext) = (args.get(1), length_argument(args.get(2)));
    let result = running(scope, args.get(0), |_, running| running.set_aad(Storage::new().view(data), plaintext));
    answer(scope, rv, result);
}

/// `job(encrypt, name, key, iv, data, aad | undefined, tagLength or -1, callback)`: all at once on the pool, as Web Crypto has it: the
/// tag follows what is encrypted.
fn cipher_job(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let (encrypt, name) = (args.get(0).is_true(), args.get(1).to_rust_string_lossy(scope));
    let Some(key) = secret_argument(scope, args.get(2)) else { return };
    let [iv, data, aad] = [3, 4, 5].map(|i| text::to_vec_or_empty(scope, args.get(i)));
    let tag = length_argument(args.get(6));
    job::run_bytes(scope, "CIPHERREQUEST", args.get(7), rv, move || {
        let setup = Setup { name: &name, encrypt, key: key.bytes(), iv: &iv, tag, options: Vec::new() };
        let mut running = Running::start(&setup)?;
        let mut data = &data[..];
        let refused = || Failure::message("Cipher job failed");
        if let (false, Some(length)) = (encrypt, tag) {
            let Some(at) = data.len().checked_sub(length) else { return Err(refused()) };
            running.set_tag(&data[at..])?;
            data = &data[..at];
        }
        if running.mode == Mode::Wrap && data.is_empty() {
            return Err(refused());
        }
        if !aad.is_empty() && !running.set_aad(&aad, None)? {
            return Err(refused());
        }
        let mut out = Vec::with_capacity(data.len() + 2 * MAX_TAG);
        running.update(data, &mut out)?;
        if running.mode != Mode::Wrap {
            running.finish(&mut out)?;
        }
        out.extend_from_slice(running.made_tag().unwrap_or_default());
        Ok(out)
    });
}

/// `info(name or nid, keyLength | undefined, ivLength | undefined)`: `[mode, name, nid, keyLength, blockSize, ivLength]`, undefined
/// where there is no such cipher or it takes no such length.
fn info(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let found = if args.get(0).is_string() {
        lookup::cipher(&args.get(0).to_rust_string_lossy(scope))
    } else {
        // SAFETY: static text, or null.
        let name = unsafe { ffi::OBJ_nid2sn(args.get(0).int32_value(scope).unwrap_or(0)) };
        // SAFETY: as above.
        if name.is_null() { None } else { lookup::cipher(&unsafe { CStr::from_ptr(name) }.to_string_lossy()) }
    };
    let Some(cipher) = found else { return };
    let [key_asked, iv_asked] = [1, 2].map(|i| length_argument(args.get(i)));
    let mode = Mode::of(cipher);
    let raw = cipher.as_ptr();
    // SAFETY: the cipher is valid.
    let (nid, mut key, block, mut iv) = unsafe {
        let nid = ffi::EVP_CIPHER_get_nid(raw);
        let lengths = (ffi::EVP_CIPHER_get_key_length(raw), ffi::EVP_CIPHER_get_block_size(raw));
        (nid, lengths.0 as usize, lengths.1 as usize, ffi::EVP_CIPHER_get_iv_length(raw) as usize)
    };
    if key_asked.is_some() || iv_asked.is_some() {
        let context = Context::new();
        // SAFETY: the context is valid; nothing but the cipher is set.
        let possible = unsafe {
            ffi::EVP_CipherInit_ex(context.0, raw, null_mut(), null(), null(), 1) == 1
                && key_asked.is_none_or(|n| n == key || ffi::EVP_CIPHER_CTX_set_key_length(context.0, n as c_int) == 1)
        };
        let takes = |n: usize| match mode {
            Mode::Ccm | Mode::Gcm | Mode::Ocb => context.control(CTRL_SET_IVLEN, n, null_mut()),
            _ => n == iv,
        };
        if !possible || !iv_asked.is_none_or(takes) {
            return failure::clear();
        }
        (key, iv) = (key_asked.unwrap_or(key), iv_asked.unwrap_or(iv));
    }
    // SAFETY: names of ciphers are static text.
    let name = unsafe {
        let name = if nid == 0 { EVP_CIPHER_get0_name(raw) } else { ffi::OBJ_nid2sn(nid) };
        CStr::from_ptr(name).to_string_lossy().to_lowercase()
    };
    let (mode_text, name) = (binding::string(scope, mode.label()), binding::string(scope, &name));
    let undefined: v8::Local<v8::Value> = v8::undefined(scope).into();
    let numbers = [
        (nid != 0).then_some(nid as usize),
        Some(key),
        (mode.label() != "stream").then_some(block),
        (iv != 0).then_some(iv),
    ]
    .map(|n| n.map_or(undefined, |n| v8::Integer::new(scope, n as i32).into()));
    let [nid, key, block, iv] = numbers;
    rv.set(v8::Array::new_with_elements(scope, &[mode_text, name, nid, key, block, iv]).into());
}

binding!("crypto_cipher", [
    create => create,
    update => update,
    finish => finish,
    setAutoPadding => set_auto_padding,
    getAuthTag => get_auth_tag,
    setAuthTag => set_auth_tag,
    setAAD => set_aad,
    job => cipher_job,
    info => info,
]);
