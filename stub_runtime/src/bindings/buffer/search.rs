//! `indexOfString`, `indexOfBuffer` and `indexOfNumber`: the position of something in a view, or -1.
//!
//! The offset may be any number: negative ones count from the end, and those outside are moved to where a search makes sense.

use super::{Storage, decode};

/// The number of UTF-16 in `js/internal/buffer/encodings.js`.
const UCS2: u32 = 1;

/// Where a search for `needle` bytes starts, or the answer.
fn start(offset: f64, length: usize, needle: usize, forward: bool) -> Result<usize, f64> {
    let size = length as f64;
    let offset = offset.trunc();
    if offset < 0.0 {
        return match offset + size {
            from if from >= 0.0 => Ok(from as usize),
            _ if forward || needle == 0 => Ok(0),
            _ => Err(-1.0),
        };
    }
    if offset + needle as f64 <= size {
        return Ok(offset as usize);
    }
    match needle {
        0 => Ok(length),
        _ if forward => Err(-1.0),
        _ => Ok(length.saturating_sub(1)),
    }
}

/// The position of `needle`. UTF-16 is looked for at even positions only.
pub fn find(bytes: &[u8], needle: &[u8], offset: f64, forward: bool, encoding: u32) -> f64 {
    let from = match start(offset, bytes.len(), needle.len(), forward) {
        Ok(from) => from,
        Err(answer) => return answer,
    };
    if needle.is_empty() {
        return from as f64;
    }
    if bytes.is_empty() || needle.len() > bytes.len() || (forward && from + needle.len() > bytes.len()) {
        return -1.0;
    }
    let found = if encoding == UCS2 {
        find_units(bytes, needle, from, forward)
    } else if forward {
        memchr::memmem::find(&bytes[from..], needle).map(|at| at + from)
    } else {
        memchr::memmem::rfind(&bytes[..(from + needle.len()).min(bytes.len())], needle)
    };
    found.map_or(-1.0, |at| at as f64)
}

fn find_units(bytes: &[u8], needle: &[u8], from: usize, forward: bool) -> Option<usize> {
    let needle = &needle[..needle.len() & !1];
    if bytes.len() < 2 || needle.is_empty() {
        return None;
    }
    let bytes = &bytes[..bytes.len() & !1];
    let mut from = from & !1;
    let finder = memchr::memmem::Finder::new(needle);
    if forward {
        while let Some(at) = finder.find(&bytes[from..]) {
            let at = at + from;
            if at.is_multiple_of(2) {
                return Some(at);
            }
            from = at + 1;
        }
        return None;
    }
    let finder = memchr::memmem::FinderRev::new(needle);
    let mut end = (from + needle.len()).min(bytes.len());
    while let Some(at) = finder.rfind(&bytes[..end]) {
        if at.is_multiple_of(2) {
            return Some(at);
        }
        end = at + needle.len() - 1;
    }
    None
}

fn offset(scope: &mut v8::PinScope, args: &v8::FunctionCallbackArguments) -> f64 {
    args.get(2).number_value(scope).unwrap_or(0.0)
}

/// `indexOfString(view, string, offset, encoding, forward)`.
pub fn index_of_string(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(string) = v8::Local::<v8::String>::try_from(args.get(1)) else { return };
    let encoding = args.get(3).uint32_value(scope).unwrap_or(0);
    let needle = decode::bytes_in(scope, string, encoding);
    let offset = offset(scope, &args);
    let mut storage = Storage::new();
    rv.set_double(find(storage.view(args.get(0)), &needle, offset, args.get(4).is_true(), encoding));
}

/// `indexOfBuffer(view, needle, offset, encoding, forward)`.
pub fn index_of_buffer(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let encoding = args.get(3).uint32_value(scope).unwrap_or(0);
    let offset = offset(scope, &args);
    let (mut storage, mut needle) = (Storage::new(), Storage::new());
    let needle = needle.view(args.get(1));
    rv.set_double(find(storage.view(args.get(0)), needle, offset, args.get(4).is_true(), encoding));
}

/// `indexOfNumber(view, number, offset, forward)`: the low byte of the number.
pub fn index_of_number(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let byte = args.get(1).uint32_value(scope).unwrap_or(0) as u8;
    let offset = offset(scope, &args);
    rv.set_double(find_byte(Storage::new().view(args.get(0)), byte, offset, args.get(3).is_true()));
}

/// The position of a byte.
pub fn find_byte(bytes: &[u8], byte: u8, offset: f64, forward: bool) -> f64 {
    let found = match start(offset, bytes.len(), 1, forward) {
        Err(_) => None,
        Ok(_) if bytes.is_empty() => None,
        Ok(from) if forward => memchr::memchr(byte, &bytes[from..]).map(|at| at + from),
        Ok(from) => memchr::memrchr(byte, &bytes[..=from]),
    };
    found.map_or(-1.0, |at| at as f64)
}
