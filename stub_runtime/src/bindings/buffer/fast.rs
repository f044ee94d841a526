//! The fast forms of the binding's functions (`fast_call.rs`): the same operations on arguments that are what they should be.

use super::{Storage, copy_bytes, decode, fill_bytes, order, search, units};
use crate::binding;
use crate::fast_call;
use crate::fast_call::characters;
use v8::fast_api::FastApiOneByteString;
use v8::simdutf;

type Value<'a> = v8::Local<'a, v8::Value>;
type Text = *const FastApiOneByteString;

extern "C" fn byte_length_utf8(_: Value, string: Text) -> f64 {
    // SAFETY: V8's argument.
    simdutf::utf8_length_from_latin1(unsafe { characters(string) }) as f64
}

/// The part of a view that `xxxWrite` may write to.
fn room(view: Value<'_>, offset: f64, length: f64) -> &mut [u8] {
    let bytes = binding::bytes_in_place(view).unwrap_or_default();
    let offset = (offset as usize).min(bytes.len());
    let end = offset + (length as usize).min(bytes.len() - offset);
    &mut bytes[offset..end]
}

macro_rules! writers {
    ($($constant:ident = $name:ident($text:ident, $target:ident) $body:expr;)*) => {
        $(extern "C" fn $name(_: Value, view: Value, string: Text, offset: f64, length: f64) -> f64 {
            // SAFETY: V8's argument.
            let ($text, $target) = (unsafe { characters(string) }, room(view, offset, length));
            let count: usize = $body;
            count as f64
        }
        fast_call!($constant = $name, (V8Value, SeqOneByteString, Float64, Float64) -> Float64);)*
    };
}

writers! {
    UTF8_WRITE = utf8_write(text, target) decode::write_latin1_as_utf8(text, target);
    LATIN1_WRITE = latin1_write(text, target) {
        let count = text.len().min(target.len());
        target[..count].copy_from_slice(&text[..count]);
        count
    };
    HEX_WRITE = hex_write(text, target) decode::write_hex(text, target);
    BASE64_WRITE = base64_write(text, target) decode::decode_base64(text, target);
    UCS2_WRITE = ucs2_write(text, target) decode::write_latin1_as_ucs2(text, target);
}

extern "C" fn index_of_string(_: Value, view: Value, string: Text, offset: f64, encoding: u32, forward: bool) -> f64 {
    // SAFETY: V8's argument.
    let text = unsafe { characters(string) };
    let mut storage = Storage::new();
    let bytes = storage.view(view);
    // Latin-1 and ASCII, and what is the same in UTF-8, need no conversion.
    if matches!(encoding, 2 | 3) || encoding == 0 && text.is_ascii() {
        return search::find(bytes, text, offset, forward, encoding);
    }
    search::find(bytes, &decode::bytes_of_latin1(text, encoding), offset, forward, encoding)
}

extern "C" fn index_of_buffer(_: Value, view: Value, needle: Value, offset: f64, encoding: u32, forward: bool) -> f64 {
    let (mut storage, mut other) = (Storage::new(), Storage::new());
    search::find(storage.view(view), other.view(needle), offset, forward, encoding)
}

extern "C" fn index_of_number(_: Value, view: Value, number: u32, offset: f64, forward: bool) -> f64 {
    search::find_byte(Storage::new().view(view), number as u8, offset, forward)
}

extern "C" fn compare(_: Value, a: Value, b: Value) -> i32 {
    let (mut one, mut other) = (Storage::new(), Storage::new());
    order(one.view(a), other.view(b))
}

extern "C" fn copy(_: Value, source: Value, target: Value, to: f64, from: f64, count: f64) {
    copy_bytes(source, target, to as usize, from as usize, count as usize);
}

extern "C" fn fill(_: Value, view: Value, pattern: Value, start: f64, end: f64) {
    fill_bytes(view, pattern, start as usize, end as usize);
}

extern "C" fn swap16(_: Value, view: Value) {
    units::swap16(view);
}

extern "C" fn swap32(_: Value, view: Value) {
    units::swap32(view);
}

extern "C" fn swap64(_: Value, view: Value) {
    units::swap64(view);
}

extern "C" fn is_utf8(_: Value, view: Value) -> bool {
    simdutf::validate_utf8(Storage::new().view(view))
}

extern "C" fn is_ascii(_: Value, view: Value) -> bool {
    simdutf::validate_ascii(Storage::new().view(view))
}

fast_call!(BYTE_LENGTH_UTF8 = byte_length_utf8, (SeqOneByteString) -> Float64);
fast_call!(INDEX_OF_STRING = index_of_string, (V8Value, SeqOneByteString, Float64, Uint32, Bool) -> Float64);
fast_call!(INDEX_OF_BUFFER = index_of_buffer, (V8Value, V8Value, Float64, Uint32, Bool) -> Float64);
fast_call!(INDEX_OF_NUMBER = index_of_number, (V8Value, Uint32, Float64, Bool) -> Float64);
fast_call!(COMPARE = compare, (V8Value, V8Value) -> Int32);
fast_call!(COPY = copy, (V8Value, V8Value, Float64, Float64, Float64) -> Void);
fast_call!(FILL = fill, (V8Value, V8Value, Float64, Float64) -> Void);
fast_call!(SWAP16 = swap16, (V8Value) -> Void);
fast_call!(SWAP32 = swap32, (V8Value) -> Void);
fast_call!(SWAP64 = swap64, (V8Value) -> Void);
fast_call!(IS_UTF8 = is_utf8, (V8Value) -> Bool);
fast_call!(IS_ASCII = is_ascii, (V8Value) -> Bool);
