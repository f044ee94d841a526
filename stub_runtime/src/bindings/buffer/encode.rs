//! Bytes to strings: `xxxSlice(view, start, end)`, and `btoa`. A result that V8 cannot hold is `undefined`.

use super::{MAX_STRING_LENGTH, Storage, index, range};
use crate::binding;
use v8::simdutf::{self, Base64Options};

/// From this size on a string refers to memory of ours instead of being copied into V8's heap.
const EXTERNAL: usize = 1 << 20;

/// A string of Latin-1 characters.
fn one_byte<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: &[u8]) -> Option<v8::Local<'s, v8::String>> {
    if bytes.len() > MAX_STRING_LENGTH {
        return None;
    }
    if bytes.len() >= EXTERNAL {
        return v8::String::new_external_onebyte(scope, bytes.into());
    }
    v8::String::new_from_one_byte(scope, bytes, v8::NewStringType::Normal)
}

/// As [`one_byte`] from memory that can be given away.
fn one_byte_owned<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: Vec<u8>) -> Option<v8::Local<'s, v8::String>> {
    if bytes.len() > MAX_STRING_LENGTH {
        return None;
    }
    if bytes.len() >= EXTERNAL {
        return v8::String::new_external_onebyte(scope, bytes.into());
    }
    v8::String::new_from_one_byte(scope, &bytes, v8::NewStringType::Normal)
}

fn two_byte_owned<'s>(scope: &mut v8::PinScope<'s, '_>, units: Vec<u16>) -> Option<v8::Local<'s, v8::String>> {
    if units.len() > MAX_STRING_LENGTH {
        return None;
    }
    if units.len() >= EXTERNAL / 2 {
        return v8::String::new_external_twobyte(scope, units.into());
    }
    v8::String::new_from_two_byte(scope, &units, v8::NewStringType::Normal)
}

/// The string of a piece of UTF-8; what is invalid becomes U+FFFD as the WHATWG decoder does it.
pub fn utf8<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: &[u8]) -> Option<v8::Local<'s, v8::String>> {
    // Short: V8's own decoder has less to set up.
    if bytes.len() < 32 {
        return v8::String::new_from_utf8(scope, bytes, v8::NewStringType::Normal);
    }
    if simdutf::validate_ascii(bytes) {
        return one_byte(scope, bytes);
    }
    let units = simdutf::utf16_length_from_utf8(bytes);
    if units > MAX_STRING_LENGTH {
        return None;
    }
    let mut out: Vec<u16> = Vec::with_capacity(units);
    // SAFETY: the capacity is what simdutf computed; only what it wrote is counted as initialized.
    let result = unsafe {
        let room = std::slice::from_raw_parts_mut(out.as_mut_ptr(), units);
        let result = simdutf::convert_utf8_to_utf16le_with_errors(bytes, room);
        if result.is_ok() {
            out.set_len(result.count);
        }
        result
    };
    if !result.is_ok() {
        let out: Vec<u16> = String::from_utf8_lossy(bytes).encode_utf16().collect();
        return string_of(scope, out);
    }
    string_of(scope, out)
}

/// The string of UTF-16 units, one byte a character where that is enough, as V8 would have it.
pub fn string_of<'s>(scope: &mut v8::PinScope<'s, '_>, units: Vec<u16>) -> Option<v8::Local<'s, v8::String>> {
    if units.iter().fold(0, |all, unit| all | unit) < 256 {
        return one_byte_owned(scope, units.iter().map(|&unit| unit as u8).collect());
    }
    two_byte_owned(scope, units)
}

/// Runs `make` on the part of the view that the arguments name.
fn slice<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: &v8::FunctionCallbackArguments<'s>,
    rv: &mut v8::ReturnValue,
    make: impl FnOnce(&mut v8::PinScope<'s, '_>, &[u8]) -> Option<v8::Local<'s, v8::String>>,
) {
    let [start, end] = [1, 2].map(|i| index(scope, args, i));
    let mut storage = Storage::new();
    let bytes = range(storage.view(args.get(0)), start, end);
    if let Some(string) = make(scope, bytes) {
        rv.set(string.into());
    }
}

pub fn utf8_slice<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    slice(scope, &args, &mut rv, utf8);
}

pub fn latin1_slice<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    slice(scope, &args, &mut rv, one_byte);
}

/// The highest bit of each byte is dropped.
pub fn ascii_slice<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    slice(scope, &args, &mut rv, |scope, bytes| {
        if simdutf::validate_ascii(bytes) {
            return one_byte(scope, bytes);
        }
        one_byte_owned(scope, bytes.iter().map(|b| b & 0x7f).collect())
    });
}

/// An odd byte at the end is left out.
pub fn ucs2_slice<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    slice(scope, &args, &mut rv, |scope, bytes| {
        if bytes.len() / 2 > MAX_STRING_LENGTH {
            return None;
        }
        two_byte_owned(scope, bytes.chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])).collect())
    });
}

/// Bytes whose digits fit on the stack: every digest.
const SHORT: usize = 64;

const HEX: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut table = [[0; 2]; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = [digits[i >> 4], digits[i & 15]];
        i += 1;
    }
    table
};

pub fn hex_slice<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    slice(scope, &args, &mut rv, hex);
}

/// The string of two digits a byte.
pub fn hex<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: &[u8]) -> Option<v8::Local<'s, v8::String>> {
    if bytes.len() * 2 > MAX_STRING_LENGTH {
        return None;
    }
    if bytes.len() <= SHORT {
        let mut digits = [[0; 2]; SHORT];
        for (pair, &byte) in digits.iter_mut().zip(bytes) {
            *pair = HEX[byte as usize];
        }
        let text = &digits.as_flattened()[..bytes.len() * 2];
        return v8::String::new_from_one_byte(scope, text, v8::NewStringType::Normal);
    }
    let mut out = Vec::with_capacity(bytes.len() * 2);
    out.extend(bytes.iter().flat_map(|&b| HEX[b as usize]));
    one_byte_owned(scope, out)
}

/// The string of a base64 alphabet.
pub fn base64<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    bytes: &[u8],
    options: Base64Options,
) -> Option<v8::Local<'s, v8::String>> {
    let length = simdutf::base64_length_from_binary(bytes.len(), options);
    if length > MAX_STRING_LENGTH {
        return None;
    }
    let mut out = Vec::with_capacity(length);
    // SAFETY: the capacity is what simdutf asks for, and it says how much it wrote.
    unsafe {
        let room = std::slice::from_raw_parts_mut(out.as_mut_ptr(), length);
        let written = simdutf::binary_to_base64(bytes, room, options);
        out.set_len(written);
    }
    one_byte_owned(scope, out)
}

pub fn base64_slice<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    slice(scope, &args, &mut rv, |scope, bytes| base64(scope, bytes, Base64Options::Default));
}

pub fn base64url_slice<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    slice(scope, &args, &mut rv, |scope, bytes| base64(scope, bytes, Base64Options::Url));
}

/// `btoa(string)`: `undefined` where a character is no byte.
pub fn btoa(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(string) = args.get(0).to_string(scope) else { return };
    if !string.contains_only_onebyte() {
        return;
    }
    let mut bytes = vec![0; string.length()];
    string.write_one_byte_v2(scope, 0, &mut bytes, v8::WriteFlags::empty());
    match base64(scope, &bytes, Base64Options::Default) {
        Some(result) => rv.set(result.into()),
        None => binding::throw_error(scope, "Cannot create a string longer than 0x1fffffe8 characters"),
    }
}
