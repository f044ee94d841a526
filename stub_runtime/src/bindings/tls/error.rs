//! OpenSSL's errors on a connection, which differ from those of `node:crypto` (`crypto/failure.rs`) in message and code.

use super::ffi;
use crate::binding;
use crate::bindings::crypto::failure;
pub use crate::bindings::crypto::failure::clear;
use openssl_sys::{ERR_GET_LIB, ERR_GET_REASON, ERR_get_error, ERR_lib_error_string};
use openssl_sys::{ERR_peek_last_error, ERR_reason_error_string};
use std::ffi::{CStr, c_char, c_int, c_ulong, c_void};

/// The text of a static C string; `None` for null.
pub fn text(p: *const c_char) -> Option<String> {
    // SAFETY: OpenSSL's strings end with a zero byte and stay.
    (!p.is_null()).then(|| unsafe { CStr::from_ptr(p) }.to_string_lossy().into_owned())
}

fn reason_as_code(reason: &str) -> String {
    reason.chars().map(|c| if c == ' ' { '_' } else { c.to_ascii_uppercase() }).collect()
}

/// The lines that OpenSSL prints for its queue, which is empty afterwards; the last one only.
pub fn last_line() -> String {
    unsafe extern "C" fn take(line: *const c_char, length: usize, out: *mut c_void) -> c_int {
        // SAFETY: `line` has `length` bytes and `out` is the string below.
        unsafe {
            let bytes = std::slice::from_raw_parts(line.cast::<u8>(), length);
            *out.cast::<String>() = String::from_utf8_lossy(bytes).into_owned();
        }
        0
    }
    let mut out = String::new();
    // SAFETY: `out` outlives the call.
    unsafe { ffi::ERR_print_errors_cb(take, (&raw mut out).cast()) };
    out
}

/// What a failed read of a connection tells: message, library, reason, code.
pub struct Failure {
    message: String,
    library: Option<String>,
    reason: Option<String>,
    code: Option<String>,
}

impl Failure {
    /// From the queue, which is empty afterwards.
    pub fn take() -> Failure {
        let code = failure::first();
        // SAFETY: static texts.
        let (library, reason) = unsafe { (text(ERR_lib_error_string(code)), text(ERR_reason_error_string(code))) };
        let code = reason.as_deref().map(|r| format!("ERR_SSL_{}", reason_as_code(r)));
        Failure { message: last_line(), library, reason, code }
    }

    /// An `Error`.
    pub fn to_error<'s>(&self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        let message = v8::String::new(scope, &self.message).unwrap_or_else(|| v8::String::empty(scope));
        let error = v8::Exception::error(scope, message);
        if let Ok(object) = v8::Local::<v8::Object>::try_from(error) {
            for (name, value) in [("library", &self.library), ("reason", &self.reason), ("code", &self.code)] {
                if let Some(value) = value {
                    let value = binding::string(scope, value);
                    binding::set(scope, object, name, value);
                }
            }
        }
        error
    }
}

/// Throws what is in the queue; `otherwise` where it is empty.
pub fn throw(scope: &mut v8::PinScope, otherwise: &'static str) {
    failure::Failure::take(otherwise).throw(scope);
}

/// Forgets all errors of the queue but the last.
pub fn keep_last() {
    // SAFETY: this thread's queue.
    unsafe { while failure::first() != ERR_peek_last_error() && ERR_get_error() != 0 {} }
}

/// Throws an `Error` of this message and `code`.
pub fn throw_coded(scope: &mut v8::PinScope, message: &'static str, code: &'static str) {
    failure::Failure::node(failure::Class::Error, code, message).throw(scope);
}

/// The library's number and the reason's of a code.
pub fn parts(code: c_ulong) -> (c_int, c_int) {
    (ERR_GET_LIB(code), ERR_GET_REASON(code))
}
