//! `internalBinding('buffer')`: the memory operations and text conversions of Buffer.
//!
//! Owns: bytes to strings, strings to bytes, comparing, searching, filling, copying. Does not own: Buffer's arguments and errors
//! (`js/buffer.js`, `js/internal/buffer/`): positions that come here are integers in range, but for those of the searches.

pub mod decode;
pub mod encode;
mod fast;
mod search;

use crate::binding::ON_HEAP;
use crate::{array_buffers, binding};

/// The longest string V8 makes.
pub const MAX_STRING_LENGTH: usize = (1 << 29) - 24;
/// The longest ArrayBuffer (Node's `kMaxLength`).
const MAX_LENGTH: f64 = 9007199254740991.0;

/// Room for the bytes of a view that has no memory outside V8's heap.
pub struct Storage([u8; ON_HEAP]);

impl Storage {
    /// Empty room.
    pub fn new() -> Self {
        Storage([0; ON_HEAP])
    }

    /// The bytes of a view, to be read only: those inside the heap are a copy. Empty where `value` is none.
    pub fn view<'a>(&'a mut self, value: v8::Local<'a, v8::Value>) -> &'a [u8] {
        match v8::Local::<v8::ArrayBufferView>::try_from(value) {
            Ok(view) => {
                // SAFETY: the storage is as large as V8 asks for; what comes back is valid while the view is and no JavaScript runs.
                unsafe {
                    let (data, length) = view.get_contents_raw_parts(&mut self.0);
                    if length == 0 { &[] } else { std::slice::from_raw_parts(data, length) }
                }
            }
            Err(_) => binding::bytes(value).unwrap_or_default(),
        }
    }
}

/// An integer argument; 0 where it is no number.
fn index(scope: &mut v8::PinScope, args: &v8::FunctionCallbackArguments, i: i32) -> usize {
    args.get(i).number_value(scope).unwrap_or(0.0) as usize
}

/// The part of a view that two arguments name.
fn range(bytes: &[u8], start: usize, end: usize) -> &[u8] {
    let end = end.min(bytes.len());
    &bytes[start.min(end)..end]
}

fn order(a: &[u8], b: &[u8]) -> i32 {
    a.cmp(b) as i32
}

/// `compare(a, b)`: -1, 0 or 1.
fn compare(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let (mut a, mut b) = (Storage::new(), Storage::new());
    rv.set_int32(order(a.view(args.get(0)), b.view(args.get(1))));
}

/// `compareRange(a, aStart, aEnd, b, bStart, bEnd)`: -1, 0 or 1.
fn compare_range(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let [a_start, a_end] = [1, 2].map(|i| index(scope, &args, i));
    let [b_start, b_end] = [4, 5].map(|i| index(scope, &args, i));
    let (mut a, mut b) = (Storage::new(), Storage::new());
    let a = range(a.view(args.get(0)), a_start, a_end);
    let b = range(b.view(args.get(3)), b_start, b_end);
    rv.set_int32(order(a, b));
}

/// `copy(source, target, targetStart, sourceStart, count)`: the views may overlap.
fn copy(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let [to, from, count] = [2, 3, 4].map(|i| index(scope, &args, i));
    copy_bytes(args.get(0), args.get(1), to, from, count);
}

fn copy_bytes(source: v8::Local<v8::Value>, target: v8::Local<v8::Value>, to: usize, from: usize, count: usize) {
    let Some(target) = binding::bytes_in_place(target) else { return };
    let (target, room) = (target.as_mut_ptr(), target.len());
    let mut storage = Storage::new();
    let source = storage.view(source);
    if from > source.len() || to > room {
        return;
    }
    let count = count.min(source.len() - from).min(room - to);
    // SAFETY: both ranges were just checked; memmove allows overlap.
    unsafe { std::ptr::copy(source.as_ptr().add(from), target.add(to), count) };
}

/// `fill(view, pattern, start, end)`: repeats the bytes of `pattern`, which are at least one.
fn fill(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let [start, end] = [2, 3].map(|i| index(scope, &args, i));
    fill_bytes(args.get(0), args.get(1), start, end);
}

fn fill_bytes(view: v8::Local<v8::Value>, pattern: v8::Local<v8::Value>, start: usize, end: usize) {
    let Some(bytes) = binding::bytes_in_place(view) else { return };
    let end = end.min(bytes.len());
    let start = start.min(end);
    let target = bytes[start..].as_mut_ptr();
    let mut storage = Storage::new();
    let pattern = storage.view(pattern);
    let mut done = pattern.len().min(end - start);
    if done == 0 {
        return;
    }
    // SAFETY: `done` bytes are in both; memmove allows that the pattern is part of what is filled.
    unsafe { std::ptr::copy(pattern.as_ptr(), target, done) };
    let target = &mut bytes[start..end];
    while done < target.len() {
        let count = done.min(target.len() - done);
        target.copy_within(..count, done);
        done += count;
    }
}

/// Declares functions that reverse the bytes of each unit: on integers the compiler does it for many at once.
macro_rules! swaps {
    ($($name:ident: $integer:ty),*) => {
        $(pub fn $name(view: v8::Local<v8::Value>) {
            for unit in binding::bytes_in_place(view).unwrap_or_default().as_chunks_mut().0 {
                *unit = <$integer>::from_ne_bytes(*unit).swap_bytes().to_ne_bytes();
            }
        })*
    };
}
mod units {
    use crate::binding;
    swaps!(swap16: u16, swap32: u32, swap64: u64);
}

fn swap16(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    units::swap16(args.get(0));
}

fn swap32(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    units::swap32(args.get(0));
}

fn swap64(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    units::swap64(args.get(0));
}

fn is_utf8(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_bool(v8::simdutf::validate_utf8(Storage::new().view(args.get(0))));
}

fn is_ascii(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_bool(v8::simdutf::validate_ascii(Storage::new().view(args.get(0))));
}

/// `createUnsafeArrayBuffer(size)`: its memory is not cleared; `undefined` where there is none.
fn create_unsafe_array_buffer(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let size = index(scope, &args, 0);
    if let Some(buffer) = array_buffers::uninitialized(scope, size) {
        rv.set(buffer.into());
    }
}

/// `addressModulo(arrayBuffer, alignment)`: how far its memory is behind a multiple of `alignment`.
fn address_modulo(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let alignment = index(scope, &args, 1).max(1);
    let address = binding::bytes(args.get(0)).map_or(0, |b| b.as_ptr() as usize);
    rv.set_double((address % alignment) as f64);
}

/// `setDetachKey(arrayBuffer)`: from now on only native code that knows the key can detach it.
fn set_detach_key(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    if let Ok(buffer) = v8::Local::<v8::ArrayBuffer>::try_from(args.get(0)) {
        // One for all: V8 puts symbols into the old generation, where they would stay until a full collection.
        let description = v8::String::new(scope, "untransferable").unwrap();
        buffer.set_detach_key(v8::Symbol::for_api(scope, description).into());
    }
}

fn constants(scope: &mut v8::PinScope, object: v8::Local<v8::Object>) {
    let object = v8::Local::new(scope, object);
    binding::set_number(scope, object, "kMaxLength", MAX_LENGTH);
    binding::set_number(scope, object, "kStringMaxLength", MAX_STRING_LENGTH as f64);
}

binding!("buffer", [
    asciiSlice => encode::ascii_slice,
    base64Slice => encode::base64_slice,
    base64urlSlice => encode::base64url_slice,
    hexSlice => encode::hex_slice,
    latin1Slice => encode::latin1_slice,
    ucs2Slice => encode::ucs2_slice,
    utf8Slice => encode::utf8_slice,
    btoa => encode::btoa,
    base64Write => decode::base64_write,
    hexWrite => decode::hex_write,
    latin1Write => decode::latin1_write,
    ucs2Write => decode::ucs2_write,
    utf8Write => decode::utf8_write,
    byteLengthUtf8 => decode::byte_length_utf8,
    atob => decode::atob,
    indexOfString => search::index_of_string,
    indexOfBuffer => search::index_of_buffer,
    indexOfNumber => search::index_of_number,
    compare => compare,
    compareRange => compare_range,
    copy => copy,
    fill => fill,
    swap16 => swap16,
    swap32 => swap32,
    swap64 => swap64,
    isUtf8 => is_utf8,
    isAscii => is_ascii,
    createUnsafeArrayBuffer => create_unsafe_array_buffer,
    addressModulo => address_modulo,
    setDetachKey => set_detach_key,
], fast = [
    byteLengthUtf8 => fast::BYTE_LENGTH_UTF8,
    utf8Write => fast::UTF8_WRITE,
    latin1Write => fast::LATIN1_WRITE,
    hexWrite => fast::HEX_WRITE,
    base64Write => fast::BASE64_WRITE,
    ucs2Write => fast::UCS2_WRITE,
    indexOfString => fast::INDEX_OF_STRING,
    indexOfBuffer => fast::INDEX_OF_BUFFER,
    indexOfNumber => fast::INDEX_OF_NUMBER,
    compare => fast::COMPARE,
    copy => fast::COPY,
    fill => fast::FILL,
    swap16 => fast::SWAP16,
    swap32 => fast::SWAP32,
    swap64 => fast::SWAP64,
    isUtf8 => fast::IS_UTF8,
    isAscii => fast::IS_ASCII,
], init = constants);
