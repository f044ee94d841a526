//! `internalBinding('encoding')`: the encodings of the WHATWG Encoding standard.
//!
//! Owns: labels, encoding to UTF-8, decoding from everything, decoders of streams. Does not own: the classes TextEncoder and
//! TextDecoder (`js/internal/encoding.js`), Buffer's encodings (`buffer`).

use super::buffer;
use crate::{binding, fast_call};
use encoding_rs::{CoderResult, Decoder, DecoderResult, Encoding, UTF_8, UTF_16LE, WINDOWS_1252};
use std::cell::RefCell;
use std::collections::HashMap;
use v8::fast_api::FastApiOneByteString;

#[derive(Default)]
struct Decoders {
    last: u32,
    all: HashMap<u32, Decoder>,
}

thread_local! {
    /// Decoders of streams that are under way, by the number JavaScript has.
    static DECODERS: RefCell<Decoders> = RefCell::default();
}

fn label(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Option<&'static Encoding> {
    let label = value.to_rust_string_lossy(scope);
    Encoding::for_label(label.as_bytes())
}

thread_local! {
    /// Encodings that JavaScript knows by their place here.
    static KNOWN: RefCell<Vec<&'static Encoding>> = const { RefCell::new(Vec::new()) };
}

/// `numberOf(label)`: what `decode` and `createDecoder` take.
fn number_of(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(encoding) = label(scope, args.get(0)) else { return };
    KNOWN.with_borrow_mut(|known| {
        let number = known.iter().position(|other| *other == encoding).unwrap_or_else(|| {
            known.push(encoding);
            known.len() - 1
        });
        rv.set_uint32(number as u32);
    });
}

fn known(scope: &mut v8::PinScope, number: v8::Local<v8::Value>) -> Option<&'static Encoding> {
    let number = number.uint32_value(scope)? as usize;
    KNOWN.with_borrow(|known| known.get(number).copied())
}

/// `encodingOf(label)`: the encoding's name in lower case, or `undefined`.
fn encoding_of(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    if let Some(encoding) = label(scope, args.get(0)) {
        rv.set(binding::string(scope, &encoding.name().to_ascii_lowercase()));
    }
}

/// `encodeUtf8(string)`: a Uint8Array.
fn encode_utf8(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(string) = v8::Local::<v8::String>::try_from(args.get(0)) else { return };
    let length = buffer::decode::utf8_length(scope, string);
    let mut bytes = Vec::<u8>::with_capacity(length);
    // SAFETY: the capacity is that long; only what was written is counted.
    unsafe {
        let written =
            buffer::decode::write_utf8(scope, string, std::slice::from_raw_parts_mut(bytes.as_mut_ptr(), length));
        bytes.set_len(written);
    }
    rv.set(binding::uint8_array(scope, bytes).into());
}

/// `encodeInto(string, view, Uint32Array(2))`: how many units were read and bytes written.
fn encode_into(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let Ok(string) = v8::Local::<v8::String>::try_from(args.get(0)) else { return };
    let Some(target) = binding::bytes(args.get(1)) else { return };
    let counts = buffer::decode::encode_utf8(scope, string, target);
    write_counts(args.get(2), counts);
}

fn write_counts(target: v8::Local<v8::Value>, (read, written): (usize, usize)) {
    for (slot, count) in
        binding::bytes_in_place(target).unwrap_or_default().as_chunks_mut().0.iter_mut().zip([read, written])
    {
        *slot = (count as u32).to_ne_bytes();
    }
}

extern "C" fn fast_encode_into(
    _: v8::Local<v8::Value>,
    string: *const FastApiOneByteString,
    view: v8::Local<v8::Value>,
    counts: v8::Local<v8::Value>,
) {
    // SAFETY: V8's argument.
    let text = unsafe { fast_call::characters(string) };
    write_counts(counts, buffer::decode::encode_latin1(text, binding::bytes_in_place(view).unwrap_or_default()));
}

crate::fast_call!(ENCODE_INTO = fast_encode_into, (SeqOneByteString, V8Value, V8Value) -> Void);

/// A decoder; unless `ignore_bom` (the standard's name for keeping it), a byte order mark is removed.
fn decoder(encoding: &'static Encoding, ignore_bom: bool) -> Decoder {
    if ignore_bom { encoding.new_decoder_without_bom_handling() } else { encoding.new_decoder_with_bom_removal() }
}

/// The text of a chunk; `None` where it is malformed and `fatal`.
fn run(decoder: &mut Decoder, bytes: &[u8], fatal: bool, last: bool) -> Option<Vec<u16>> {
    let room = decoder.max_utf16_buffer_length(bytes.len())?;
    let mut out = vec![0; room];
    let written = if fatal {
        let (result, _, written) = decoder.decode_to_utf16_without_replacement(bytes, &mut out, last);
        match result {
            DecoderResult::InputEmpty => written,
            _ => return None,
        }
    } else {
        let (result, _, written, _) = decoder.decode_to_utf16(bytes, &mut out, last);
        debug_assert_eq!(result, CoderResult::InputEmpty);
        written
    };
    out.truncate(written);
    Some(out)
}

/// `decode(number, bytes, ignoreBOM, fatal)`: the text of a whole input, `undefined` where it is malformed and `fatal`.
fn decode(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, rv: v8::ReturnValue) {
    let Some(encoding) = known(scope, args.get(0)) else { return };
    let ignore_bom = args.get(2).is_true();
    let fatal = args.get(3).is_true();
    let mut storage = buffer::Storage::new();
    let bytes = storage.view(args.get(1));
    if encoding == UTF_8 {
        let bytes = if ignore_bom { bytes } else { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) };
        if fatal && !v8::simdutf::validate_utf8(bytes) {
            return;
        }
        let text = buffer::encode::utf8(scope, bytes);
        return answer(scope, text, rv);
    }
    // Western texts have none of the characters that windows-1252 has where Latin-1 has controls.
    if encoding == WINDOWS_1252
        && (v8::simdutf::validate_ascii(bytes) || !bytes.iter().fold(false, |found, byte| found | (byte >> 5 == 4)))
    {
        let text = buffer::encode::one_byte(scope, bytes);
        return answer(scope, text, rv);
    }
    if encoding == UTF_16LE {
        let bytes = if ignore_bom { bytes } else { bytes.strip_prefix(b"\xff\xfe").unwrap_or(bytes) };
        // SAFETY: any two bytes are a unit.
        if let ([], units, []) = unsafe { bytes.align_to::<u16>() }
            && v8::simdutf::validate_utf16le(units)
            && units.len() < buffer::MAX_STRING_LENGTH
        {
            let text = v8::String::new_from_two_byte(scope, units, v8::NewStringType::Normal);
            return answer(scope, text, rv);
        }
    }
    if let Some(units) = run(&mut decoder(encoding, ignore_bom), bytes, fatal, true) {
        let text = buffer::encode::string_of(scope, units);
        answer(scope, text, rv);
    }
}

fn answer<'s>(scope: &mut v8::PinScope<'s, '_>, text: Option<v8::Local<'s, v8::String>>, mut rv: v8::ReturnValue) {
    match text {
        Some(text) => rv.set(text.into()),
        None => binding::throw_error(scope, "Cannot create a string longer than 0x1fffffe8 characters"),
    }
}

/// `createDecoder(number, ignoreBOM)`: the number of a decoder that lives until `freeDecoder`.
fn create_decoder(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(encoding) = known(scope, args.get(0)) else { return };
    let decoder = decoder(encoding, args.get(1).is_true());
    DECODERS.with_borrow_mut(|decoders| {
        decoders.last += 1;
        decoders.all.insert(decoders.last, decoder);
        rv.set_uint32(decoders.last);
    });
}

/// `decodeChunk(number, bytes, fatal, last)`: its text, `undefined` where it is malformed and `fatal`.
fn decode_chunk(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, rv: v8::ReturnValue) {
    let number = args.get(0).uint32_value(scope).unwrap_or(0);
    let mut storage = buffer::Storage::new();
    let bytes = storage.view(args.get(1));
    let units = DECODERS.with_borrow_mut(|decoders| {
        let decoder = decoders.all.get_mut(&number)?;
        run(decoder, bytes, args.get(2).is_true(), args.get(3).is_true())
    });
    if let Some(units) = units {
        let text = buffer::encode::string_of(scope, units);
        answer(scope, text, rv);
    }
}

/// `freeDecoder(number)`.
fn free_decoder(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let number = args.get(0).uint32_value(scope).unwrap_or(0);
    DECODERS.with_borrow_mut(|decoders| decoders.all.remove(&number));
}

binding!("encoding", [
    encodingOf => encoding_of,
    numberOf => number_of,
    encodeUtf8 => encode_utf8,
    encodeInto => encode_into,
    decode => decode,
    createDecoder => create_decoder,
    decodeChunk => decode_chunk,
    freeDecoder => free_decoder,
], fast = [encodeInto => ENCODE_INTO]);
