//! Why a cryptographic operation failed, as a value that crosses threads, and the JavaScript error it becomes.
//!
//! Owns: the shape of OpenSSL's errors in Node: `message` is the first error of the queue, `library`, `reason` and
//! `code: 'ERR_OSSL_...'` come from it, the others are in `opensslErrorStack`.

use crate::binding;
use openssl_sys as ffi;
use std::borrow::Cow;
use std::ffi::{CStr, c_char, c_ulong};

unsafe extern "C" {
    fn ERR_error_string_n(error: c_ulong, buffer: *mut c_char, length: usize);
    fn ERR_peek_error() -> c_ulong;
}

/// Which constructor makes the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// `Error`
    Error,
    /// `TypeError`
    TypeError,
    /// `RangeError`
    RangeError,
}

/// A failure: OpenSSL's queue as it was, or an error of Node's own.
#[derive(Clone, Debug)]
pub struct Failure {
    class: Class,
    message: Cow<'static, str>,
    /// Node's code, where the error is not OpenSSL's.
    code: Option<&'static str>,
    /// OpenSSL's first error, 0 where the queue was empty.
    error: c_ulong,
    /// The rest of the queue, last error first.
    stack: Vec<String>,
}

/// What an operation gives.
pub type Outcome<T> = Result<T, Failure>;

/// OpenSSL's line for an error.
pub fn text(error: c_ulong) -> String {
    let mut buffer = [0 as c_char; 256];
    // SAFETY: the buffer has that many bytes; the text is cut to it and ends with NUL.
    unsafe {
        ERR_error_string_n(error, buffer.as_mut_ptr(), buffer.len());
        CStr::from_ptr(buffer.as_ptr()).to_string_lossy().into_owned()
    }
}

/// Takes everything out of this thread's queue, last error first.
fn drain() -> Vec<String> {
    let mut stack = Vec::new();
    loop {
        // SAFETY: reads and pops this thread's queue.
        let error = unsafe { ffi::ERR_get_error() };
        if error == 0 {
            break;
        }
        stack.push(text(error));
    }
    stack.reverse();
    stack
}

/// Forgets this thread's errors: before an operation whose failure must not show older ones.
pub fn clear() {
    // Emptying an empty queue touches all of it.
    if first() != 0 {
        // SAFETY: empties this thread's queue.
        unsafe { ffi::ERR_clear_error() }
    }
}

/// Puts an error into this thread's queue, as OpenSSL itself would.
pub fn raise(library: i32, reason: i32) {
    // SAFETY: the three calls make one entry; no format, so no arguments.
    unsafe {
        ffi::ERR_new();
        ffi::ERR_set_error(library, reason, std::ptr::null());
    }
}

/// OpenSSL's first error that is still in the queue of this thread, 0 where there is none.
pub fn first() -> c_ulong {
    // SAFETY: reads this thread's queue.
    unsafe { ERR_peek_error() }
}

impl Failure {
    /// From OpenSSL's queue, which is empty afterwards. `default` is the message where the queue is empty.
    pub fn take(default: &'static str) -> Self {
        // SAFETY: reads and pops this thread's queue.
        let error = unsafe { ffi::ERR_get_error() };
        Self::of(error, default)
    }

    /// As [`Failure::take`], where Node leaves the first error in the queue: it then is in the stack too.
    pub fn peek(default: &'static str) -> Self {
        Self::of(first(), default)
    }

    /// As [`Failure::peek`], but of the last error in the queue.
    pub fn peek_last(default: &'static str) -> Self {
        // SAFETY: reads this thread's queue.
        Self::of(unsafe { ffi::ERR_peek_last_error() }, default)
    }

    /// As [`Failure::peek`], but with this message even where the queue has an error.
    pub fn peek_named(message: &'static str) -> Self {
        Failure { message: message.into(), ..Self::peek(message) }
    }

    fn of(error: c_ulong, default: &'static str) -> Self {
        let message = if error == 0 { default.into() } else { text(error).into() };
        Failure { class: Class::Error, message, code: None, error, stack: drain() }
    }

    /// A plain `Error` with this message only.
    pub fn message(message: impl Into<Cow<'static, str>>) -> Self {
        clear();
        Failure { class: Class::Error, message: message.into(), code: None, error: 0, stack: Vec::new() }
    }

    /// One of Node's own errors: `Failure::node(Class::TypeError, "ERR_CRYPTO_INVALID_DIGEST", "Invalid digest: x")`.
    pub fn node(class: Class, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        clear();
        Failure { class, message: message.into(), code: Some(code), error: 0, stack: Vec::new() }
    }

    /// OpenSSL's number of it, 0 where it is not OpenSSL's.
    pub fn number(&self) -> c_ulong {
        self.error
    }

    /// Its message.
    pub fn text(&self) -> &str {
        &self.message
    }

    /// The error object.
    pub fn to_js<'s>(&self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        let message = v8::String::new(scope, &self.message).unwrap_or_else(|| v8::String::empty(scope));
        let error = match self.class {
            Class::Error => v8::Exception::error(scope, message),
            Class::TypeError => v8::Exception::type_error(scope, message),
            Class::RangeError => v8::Exception::range_error(scope, message),
        };
        let Ok(object) = v8::Local::<v8::Object>::try_from(error) else { return error };
        if !self.stack.is_empty() {
            let items: Vec<_> = self.stack.iter().map(|line| binding::string(scope, line)).collect();
            let stack = v8::Array::new_with_elements(scope, &items).into();
            binding::set(scope, object, "opensslErrorStack", stack);
        }
        if let Some(code) = self.code {
            let code = binding::string(scope, code);
            binding::set(scope, object, "code", code);
        }
        if self.error != 0 {
            self.decorate(scope, object);
        }
        error
    }

    fn decorate<'s>(&self, scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) {
        // SAFETY: both give static text or null.
        let (library, reason) = unsafe {
            (static_text(ffi::ERR_lib_error_string(self.error)), static_text(ffi::ERR_reason_error_string(self.error)))
        };
        if let Some(library) = library {
            let library = binding::string(scope, library);
            binding::set(scope, object, "library", library);
        }
        if let Some(reason) = reason {
            let value = binding::string(scope, reason);
            binding::set(scope, object, "reason", value);
            let prefix = code_prefix((self.error >> 23 & 0xff) as i32);
            let code = format!("{prefix}{}", reason.to_ascii_uppercase().replace(' ', "_"));
            let code = binding::string(scope, &code);
            binding::set(scope, object, "code", code);
        }
    }

    /// Throws it.
    pub fn throw(&self, scope: &mut v8::PinScope) {
        let error = self.to_js(scope);
        scope.throw_exception(error);
    }
}

/// # Safety
/// `text` is null or static and ends with NUL.
unsafe fn static_text(text: *const c_char) -> Option<&'static str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_str().ok()
}

/// How codes of an OpenSSL library (`ERR_LIB_...`) begin. Libraries without a name of their own in Node's table have none.
fn code_prefix(library: i32) -> String {
    let name = match library {
        2 => "SYS",
        3 => "BN",
        4 => "RSA",
        5 => "DH",
        6 => "EVP",
        7 => "BUF",
        8 => "OBJ",
        9 => "PEM",
        10 => "DSA",
        11 => "X509",
        13 => "ASN1",
        14 => "CONF",
        15 => "CRYPTO",
        16 => "EC",
        // Not `ERR_OSSL_SSL_`.
        20 => return "ERR_SSL_".to_owned(),
        32 => "BIO",
        33 => "PKCS7",
        34 => "X509V3",
        35 => "PKCS12",
        36 => "RAND",
        37 => "DSO",
        38 => "ENGINE",
        39 => "OCSP",
        40 => "UI",
        41 => "COMP",
        42 => "ECDSA",
        43 => "ECDH",
        44 => "OSSL_STORE",
        45 => "FIPS",
        46 => "CMS",
        47 => "TS",
        48 => "HMAC",
        50 => "CT",
        51 => "ASYNC",
        52 => "KDF",
        53 => "SM2",
        128 => "USER",
        _ => return "ERR_OSSL_".to_owned(),
    };
    format!("ERR_OSSL_{name}_")
}
