//! Bytes to strings: `xxxSlice(view, start, end)`, and `btoa`. A result that V8 cannot hold is `undefined`.

use super::{MAX_STRING_LENGTH, Storage, index, range};
use crate::binding;
use std::ffi::c_char;
use std::mem::MaybeUninit;
use v8::simdutf::{self, Base64Options};

/// From this size on a string refers to memory of ours instead of being copied into V8's heap.
const EXTERNAL: usize = 1 << 20;
/// Characters that are put together on the stack before V8 copies them.
const SHORT: usize = 4096;

unsafe extern "C" fn free_external(characters: *mut c_char, length: usize) {
    // SAFETY: a boxed slice was taken apart by external().
    drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(characters.cast::<u8>(), length)) });
}

/// A string of these very Latin-1 characters. V8 counts the memory of such strings by itself; told of it once more, it waits four
/// times as long until it collects them.
fn external<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: Box<[u8]>) -> Option<v8::Local<'s, v8::String>> {
    let length = bytes.len();
    // SAFETY: the memory is given away, and free_external() takes it back.
    unsafe { v8::String::new_external_onebyte_raw(scope, Box::into_raw(bytes).cast::<c_char>(), length, free_external) }
}

/// A string of Latin-1 characters.
pub fn one_byte<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: &[u8]) -> Option<v8::Local<'s, v8::String>> {
    if bytes.len() > MAX_STRING_LENGTH {
        return None;
    }
    if bytes.len() >= EXTERNAL {
        return external(scope, bytes.into());
    }
    v8::String::new_from_one_byte(scope, bytes, v8::NewStringType::Normal)
}

/// As [`one_byte`] from memory that can be given away.
fn one_byte_owned<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: Vec<u8>) -> Option<v8::Local<'s, v8::String>> {
    if bytes.len() > MAX_STRING_LENGTH {
        return None;
    }
    if bytes.len() >= EXTERNAL {
        return external(scope, bytes.into());
    }
    v8::String::new_from_one_byte(scope, &bytes, v8::NewStringType::Normal)
}

/// The string of what `write` puts into room for `length` characters, and says how many it was; `None` where that is none.
pub fn written<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    length: usize,
    write: impl FnOnce(&mut v8::PinScope<'s, '_>, &mut [u8]) -> Option<usize>,
) -> Option<v8::Local<'s, v8::String>> {
    if length <= SHORT {
        let mut room = [const { MaybeUninit::<u8>::uninit() }; SHORT];
        // SAFETY: only written to, and read where it was.
        let room = unsafe { std::slice::from_raw_parts_mut(room.as_mut_ptr().cast::<u8>(), length) };
        let count = write(scope, room)?;
        return v8::String::new_from_one_byte(scope, &room[..count], v8::NewStringType::Normal);
    }
    let mut out = Vec::<u8>::with_capacity(length);
    // SAFETY: the capacity is that long; only what was written is counted.
    unsafe {
        let count = write(scope, std::slice::from_raw_parts_mut(out.as_mut_ptr(), length))?;
        out.set_len(count);
    }
    one_byte_owned(scope, out)
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
    // Other texts than Western European ones end this soon.
    let latin = written(scope, bytes.len(), |_, room| {
        // SAFETY: no text is longer in Latin-1.
        let result = unsafe { simdutf::convert_utf8_to_latin1_with_errors(bytes, room) };
        result.is_ok().then_some(result.count)
    });
    if latin.is_some() {
        return latin;
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
    two_byte_owned(scope, out)
}

/// The string of UTF-16 units, one byte a character where that is enough, as V8 would have it.
pub fn string_of<'s>(scope: &mut v8::PinScope<'s, '_>, units: Vec<u16>) -> Option<v8::Local<'s, v8::String>> {
    // V8 itself looks at those that it copies.
    if units.len() >= EXTERNAL / 2 && units.iter().fold(0, |all, unit| all | unit) < 256 {
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
        // SAFETY: any two bytes are a unit; what is not aligned is left to the copy below.
        let (before, units, _) = unsafe { bytes.align_to::<u16>() };
        if before.is_empty() && units.len() < EXTERNAL / 2 {
            return v8::String::new_from_two_byte(scope, units, v8::NewStringType::Normal);
        }
        two_byte_owned(scope, bytes.as_chunks().0.iter().map(|unit| u16::from_le_bytes(*unit)).collect())
    });
}

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
    written(scope, bytes.len() * 2, |_, room| {
        write_digits(bytes, room.as_chunks_mut().0);
        Some(bytes.len() * 2)
    })
}

/// Without a table: this the compiler does for many bytes at once.
fn write_digits(bytes: &[u8], out: &mut [[u8; 2]]) {
    let digit = |value: u8| value + if value < 10 { b'0' } else { b'a' - 10 };
    for (pair, &byte) in out.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
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
    // SAFETY: there is room for what simdutf asks for.
    written(scope, length, |_, room| Some(unsafe { simdutf::binary_to_base64(bytes, room, options) }))
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
    let length = simdutf::base64_length_from_binary(string.length(), Base64Options::Default);
    let result = (length <= MAX_STRING_LENGTH).then(|| {
        written(scope, length, |scope, room| {
            let view = v8::ValueView::new(scope, string);
            let narrow: Vec<u8>;
            let text = match view.data() {
                v8::ValueViewData::OneByte(text) => text,
                v8::ValueViewData::TwoByte(text) => {
                    narrow = text.iter().map(|&unit| unit as u8).collect();
                    &narrow
                }
            };
            // SAFETY: there is room for what simdutf asks for.
            Some(unsafe { simdutf::binary_to_base64(text, room, Base64Options::Default) })
        })
    });
    match result.flatten() {
        Some(result) => rv.set(result.into()),
        None => binding::throw_error(scope, "Cannot create a string longer than 0x1fffffe8 characters"),
    }
}
