//! Strings and bytes between JavaScript and algorithms, without copies where V8 lets one look.

use crate::bindings::buffer::{Storage, encode};
use v8::{ValueView, ValueViewData, simdutf};

/// Bytes of a typed array that V8 keeps inside the object.
const ON_HEAP: usize = 64;

/// Calls `f` with the argument's bytes: a string's as UTF-8, a view's or buffer's as they are.
pub fn with_bytes<R>(scope: &mut v8::PinScope, value: v8::Local<v8::Value>, f: impl FnOnce(&[u8]) -> R) -> R {
    let Ok(string) = v8::Local::<v8::String>::try_from(value) else {
        return f(Storage::new().view(value));
    };
    {
        let view = ValueView::new(scope, string);
        if let ValueViewData::OneByte(text) = view.data() {
            if simdutf::validate_ascii(text) {
                return f(text);
            }
            let mut out = vec![0; simdutf::utf8_length_from_latin1(text)];
            // SAFETY: there is room for the length that simdutf computed.
            unsafe { simdutf::convert_latin1_to_utf8(text, &mut out) };
            return f(&out);
        }
    }
    f(string.to_rust_string_lossy(scope).as_bytes())
}

/// A copy of the argument's bytes: a string's as UTF-8.
pub fn to_vec(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Vec<u8> {
    with_bytes(scope, value, <[u8]>::to_vec)
}

/// [`to_vec`] of an argument that may be absent.
pub fn to_vec_or_empty(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Vec<u8> {
    if value.is_null_or_undefined() { Vec::new() } else { to_vec(scope, value) }
}

/// An integer argument that may be absent.
pub fn number(value: v8::Local<v8::Value>) -> Option<i64> {
    if let Ok(integer) = v8::Local::<v8::Integer>::try_from(value) {
        return Some(integer.value());
    }
    v8::Local::<v8::Number>::try_from(value).ok().map(|number| number.value() as i64)
}

/// A number that JavaScript validated as not negative.
pub fn count(value: v8::Local<v8::Value>) -> u64 {
    number(value).unwrap_or(0).max(0) as u64
}

/// Bytes as JavaScript asked for them: by Node's number of an encoding (`encodingsMap` of `internal/util`) a string, else what
/// `outputBuffer` of `internal/crypto/util` makes a Buffer of. UTF-8 and UTF-16 are JavaScript's to make.
pub fn output<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    bytes: &[u8],
    encoding: v8::Local<v8::Value>,
) -> v8::Local<'s, v8::Value> {
    let text = match number(encoding) {
        Some(5) => encode::hex(scope, bytes),
        Some(2) => encode::base64(scope, bytes, simdutf::Base64Options::Default),
        Some(7) => encode::base64(scope, bytes, simdutf::Base64Options::Url),
        Some(4) => v8::String::new_from_one_byte(scope, bytes, v8::NewStringType::Normal),
        // JavaScript copies a short string into a new Buffer sooner than V8 makes an ArrayBuffer.
        None if bytes.len() <= ON_HEAP => v8::String::new_from_one_byte(scope, bytes, v8::NewStringType::Normal),
        _ => return super::job::array_buffer(scope, bytes.to_vec()).into(),
    };
    text.map_or_else(|| v8::undefined(scope).into(), Into::into)
}

/// [`output`] without an encoding, from memory that can be given away.
pub fn output_owned<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: Vec<u8>) -> v8::Local<'s, v8::Value> {
    if bytes.len() <= ON_HEAP {
        let text = v8::String::new_from_one_byte(scope, &bytes, v8::NewStringType::Normal);
        return text.unwrap_or_else(|| v8::String::empty(scope)).into();
    }
    super::job::array_buffer(scope, bytes).into()
}
