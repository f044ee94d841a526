//! Strings to bytes: `xxxWrite(view, string, offset, length)` answer how many bytes they wrote; `byteLengthUtf8` and `atob`.

use super::encode::written;
use super::index;
use crate::binding;
use v8::simdutf::{self, Base64Options, ErrorCode, LastChunkHandling};
use v8::{ValueView, ValueViewData};

type Text<'s> = v8::Local<'s, v8::String>;

/// Runs `write` on the string and the part of the view that the arguments name.
fn write<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: &v8::FunctionCallbackArguments<'s>,
    rv: &mut v8::ReturnValue,
    write: impl FnOnce(&mut v8::PinScope<'s, '_>, Text<'s>, &mut [u8]) -> usize,
) {
    let [offset, length] = [2, 3].map(|i| index(scope, args, i));
    let Ok(string) = Text::try_from(args.get(1)) else { return };
    let Some(bytes) = binding::bytes(args.get(0)) else { return };
    let offset = offset.min(bytes.len());
    let end = offset + length.min(bytes.len() - offset);
    let written = write(scope, string, &mut bytes[offset..end]);
    rv.set_double(written as f64);
}

/// Writes whole characters only: how many, and in how many bytes.
pub fn encode_latin1(text: &[u8], target: &mut [u8]) -> (usize, usize) {
    if text.len() <= target.len() {
        if simdutf::validate_ascii(text) {
            target[..text.len()].copy_from_slice(text);
            return (text.len(), text.len());
        }
        if simdutf::utf8_length_from_latin1(text) <= target.len() {
            // SAFETY: there is room for the length that simdutf computed.
            return (text.len(), unsafe { simdutf::convert_latin1_to_utf8(text, target) });
        }
    }
    let mut count = 0;
    for (read, &character) in text.iter().enumerate() {
        let size = if character < 0x80 { 1 } else { 2 };
        match target.get_mut(count..count + size) {
            Some([one]) => *one = character,
            Some(both) => both.copy_from_slice(&[0xc0 | character >> 6, 0x80 | character & 0x3f]),
            None => return (read, count),
        }
        count += size;
    }
    (text.len(), count)
}

/// Writes whole characters only.
pub fn write_latin1_as_utf8(text: &[u8], target: &mut [u8]) -> usize {
    encode_latin1(text, target).1
}

/// Writes whole characters only; a lone surrogate becomes U+FFFD. Answers how many bytes.
pub fn write_utf8(scope: &mut v8::PinScope, string: Text, target: &mut [u8]) -> usize {
    encode_utf8(scope, string, target).1
}

/// As [`write_utf8`]: how many UTF-16 units, and in how many bytes.
pub fn encode_utf8(scope: &mut v8::PinScope, string: Text, target: &mut [u8]) -> (usize, usize) {
    {
        let view = ValueView::new(scope, string);
        match view.data() {
            ValueViewData::OneByte(text) => return encode_latin1(text, target),
            ValueViewData::TwoByte(text)
                if text.len() * 3 <= target.len() || utf8_length_of_units(text) <= target.len() =>
            {
                // SAFETY: there is room for the whole; nothing comes of text that is invalid.
                let written = unsafe { simdutf::convert_utf16le_to_utf8(text, target) };
                if written > 0 || text.is_empty() {
                    return (text.len(), written);
                }
            }
            ValueViewData::TwoByte(_) => {}
        }
    }
    let mut read = 0;
    let written = string.write_utf8_v2(scope, target, v8::WriteFlags::kReplaceInvalidUtf8, Some(&mut read));
    (read, written)
}

pub fn utf8_write<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    write(scope, &args, &mut rv, write_utf8);
}

/// How many bytes the string is as UTF-8; a lone surrogate counts as U+FFFD.
pub fn utf8_length(scope: &mut v8::PinScope, string: Text) -> usize {
    let view = ValueView::new(scope, string);
    match view.data() {
        ValueViewData::OneByte(text) => simdutf::utf8_length_from_latin1(text),
        ValueViewData::TwoByte(text) => {
            #[cfg(target_arch = "x86_64")]
            if text.len() > 64 && std::arch::is_x86_feature_detected!("avx2") {
                // SAFETY: the processor has what the function uses.
                return unsafe { utf8_length_wide(text) };
            }
            utf8_length_of_units(text)
        }
    }
}

/// As [`utf8_length_of_units`], with instructions that not every processor has.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn utf8_length_wide(text: &[u16]) -> usize {
    utf8_length_of_units(text)
}

/// Plain arithmetic, which the compiler does for many units at once (simdutf's own function wants valid text).
#[inline(always)]
fn utf8_length_of_units(text: &[u16]) -> usize {
    // Less than three bytes, and two less for the two halves of a pair.
    let saved = |unit: u16, next: u16| {
        let pair = (unit & 0xfc00 == 0xd800) & (next & 0xfc00 == 0xdc00);
        u16::from(unit < 0x80) + u16::from(unit < 0x800) + 2 * u16::from(pair)
    };
    let Some(&last) = text.last() else { return 0 };
    let mut length = 3 * text.len() - usize::from(saved(last, 0));
    // Sums of 16 bits, as the units are: of so many that none overflows.
    for (units, next) in text[..text.len() - 1].chunks(1 << 14).zip(text[1..].chunks(1 << 14)) {
        length -= usize::from(units.iter().zip(next).map(|(&unit, &next)| saved(unit, next)).sum::<u16>());
    }
    length
}

/// `byteLengthUtf8(string)`.
pub fn byte_length_utf8(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(string) = Text::try_from(args.get(0)) else { return };
    rv.set_double(utf8_length(scope, string) as f64);
}

/// Also what `ascii` writes: the low byte of each character.
pub fn latin1_write<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    write(scope, &args, &mut rv, |scope, string, target| {
        let count = string.length().min(target.len());
        string.write_one_byte_v2(scope, 0, &mut target[..count], v8::WriteFlags::empty());
        count
    });
}

pub fn ucs2_write<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    write(scope, &args, &mut rv, |scope, string, target| write_ucs2(scope, string, target));
}

fn write_ucs2(scope: &mut v8::PinScope, string: Text, target: &mut [u8]) -> usize {
    let view = ValueView::new(scope, string);
    match view.data() {
        ValueViewData::OneByte(text) => write_latin1_as_ucs2(text, target),
        ValueViewData::TwoByte(text) => {
            let count = text.len().min(target.len() / 2);
            for (unit, value) in target.as_chunks_mut().0.iter_mut().zip(text) {
                *unit = value.to_le_bytes();
            }
            count * 2
        }
    }
}

/// Two bytes a character.
pub fn write_latin1_as_ucs2(text: &[u8], target: &mut [u8]) -> usize {
    for (unit, &byte) in target.as_chunks_mut().0.iter_mut().zip(text) {
        *unit = [byte, 0];
    }
    text.len().min(target.len() / 2) * 2
}

const NO_DIGIT: u8 = 0xff;

const HEX_VALUES: [u8; 256] = {
    let mut table = [NO_DIGIT; 256];
    let mut i = 0;
    while i < 16 {
        table[b"0123456789abcdef"[i] as usize] = i as u8;
        table[b"0123456789ABCDEF"[i] as usize] = i as u8;
        i += 1;
    }
    table
};

/// Digits that are looked at together.
const LANES: usize = 32;

/// The bytes of that many digits, or `None` where one is none. Every processor of this kind has SSE2.
#[cfg(target_arch = "x86_64")]
fn hex_lanes(digits: &[u8; LANES]) -> Option<[u8; LANES / 2]> {
    use std::arch::x86_64::*;
    // SAFETY: both halves are sixteen of the digits, and the store is as long as the result.
    unsafe {
        let mut all = _mm_set1_epi8(-1);
        let halves = [0, LANES / 2].map(|start| {
            let digits = _mm_loadu_si128(digits.as_ptr().add(start).cast());
            let number = _mm_sub_epi8(digits, _mm_set1_epi8(b'0' as i8));
            let letter = _mm_sub_epi8(_mm_or_si128(digits, _mm_set1_epi8(0x20)), _mm_set1_epi8(b'a' as i8));
            let is_number = _mm_cmpeq_epi8(_mm_min_epu8(number, _mm_set1_epi8(9)), number);
            let is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter);
            all = _mm_and_si128(all, _mm_or_si128(is_number, is_letter));
            let value = _mm_and_si128(_mm_add_epi8(letter, _mm_set1_epi8(10)), is_letter);
            let value = _mm_or_si128(value, _mm_and_si128(number, is_number));
            // As numbers of 16 bits: the first digit of a pair is the low byte.
            let both = _mm_or_si128(_mm_slli_epi16(value, 4), _mm_srli_epi16(value, 8));
            _mm_and_si128(both, _mm_set1_epi16(0xff))
        });
        let mut bytes = [0; LANES / 2];
        _mm_storeu_si128(bytes.as_mut_ptr().cast(), _mm_packus_epi16(halves[0], halves[1]));
        (_mm_movemask_epi8(all) == 0xffff).then_some(bytes)
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn hex_lanes(_: &[u8; LANES]) -> Option<[u8; LANES / 2]> {
    None
}

/// Stops at the first pair that is not two digits.
pub fn write_hex(digits: &[u8], target: &mut [u8]) -> usize {
    let mut done = 0;
    for (bytes, digits) in target.as_chunks_mut().0.iter_mut().zip(digits.as_chunks().0) {
        let Some(found) = hex_lanes(digits) else { break };
        *bytes = found;
        done += found.len();
    }
    done + write_hex_pairs(digits[2 * done..].as_chunks().0.iter().copied(), &mut target[done..])
}

fn write_hex_pairs(digits: impl Iterator<Item = [u8; 2]>, target: &mut [u8]) -> usize {
    let mut count = 0;
    for ([high, low], byte) in digits.zip(target) {
        let (high, low) = (HEX_VALUES[high as usize], HEX_VALUES[low as usize]);
        if high | low > 15 {
            break;
        }
        *byte = high << 4 | low;
        count += 1;
    }
    count
}

/// A character as a byte; 0, which no alphabet has, for those that are none.
fn narrow(unit: u16) -> u8 {
    u8::try_from(unit).unwrap_or(0)
}

pub fn hex_write<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    write(scope, &args, &mut rv, |scope, string, target| bytes_of_hex(scope, string, target));
}

fn bytes_of_hex(scope: &mut v8::PinScope, string: Text, target: &mut [u8]) -> usize {
    let view = ValueView::new(scope, string);
    match view.data() {
        ValueViewData::OneByte(text) => write_hex(text, target),
        ValueViewData::TwoByte(text) => write_hex_pairs(text.as_chunks().0.iter().map(|pair| pair.map(narrow)), target),
    }
}

const BASE64_VALUES: [u8; 256] = {
    let mut table = [NO_DIGIT; 256];
    let mut i = 0;
    while i < 64 {
        let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        table[digits[i] as usize] = i as u8;
        i += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
};

/// Decodes either alphabet as Node does: what is in neither is skipped, `=` ends it.
fn decode_base64_loosely(text: &[u8], target: &mut [u8]) -> usize {
    let mut count = 0;
    let mut bits = 0u32;
    let mut digits = 0;
    for &character in text {
        if character == b'=' || count == target.len() {
            break;
        }
        let value = BASE64_VALUES[character as usize];
        if value == NO_DIGIT {
            continue;
        }
        bits = bits << 6 | u32::from(value);
        digits += 1;
        let unused = match digits % 4 {
            1 => continue,
            2 => 4,
            3 => 2,
            _ => 0,
        };
        target[count] = (bits >> unused) as u8;
        count += 1;
    }
    count
}

/// Decodes as much of `text` as there is room for, in either alphabet.
pub fn decode_base64(text: &[u8], target: &mut [u8]) -> usize {
    if simdutf::maximal_binary_length_from_base64(text) <= target.len() {
        let options =
            if memchr::memchr2(b'-', b'_', text).is_some() { Base64Options::Url } else { Base64Options::Default };
        // SAFETY: there is room for the most that simdutf says it may write.
        let result = unsafe { simdutf::base64_to_binary(text, target, options, LastChunkHandling::Loose) };
        if result.is_ok() {
            return result.count;
        }
    }
    decode_base64_loosely(text, target)
}

pub fn base64_write<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    write(scope, &args, &mut rv, |scope, string, target| bytes_of_base64(scope, string, target));
}

fn bytes_of_base64(scope: &mut v8::PinScope, string: Text, target: &mut [u8]) -> usize {
    let view = ValueView::new(scope, string);
    match view.data() {
        ValueViewData::OneByte(text) => decode_base64(text, target),
        ValueViewData::TwoByte(text) => {
            let text: Vec<u8> = text.iter().map(|&unit| narrow(unit)).collect();
            decode_base64(&text, target)
        }
    }
}

/// The bytes of `string` in the encoding of that number (`js/internal/buffer/encodings.js`).
pub fn bytes_in(scope: &mut v8::PinScope, string: Text, encoding: u32) -> Vec<u8> {
    let characters = string.length();
    let mut out = vec![0; characters * 3];
    let count = match encoding {
        1 => write_ucs2(scope, string, &mut out),
        2 | 3 => {
            string.write_one_byte_v2(scope, 0, &mut out[..characters], v8::WriteFlags::empty());
            characters
        }
        4 => bytes_of_hex(scope, string, &mut out),
        5 | 6 => bytes_of_base64(scope, string, &mut out),
        _ => write_utf8(scope, string, &mut out),
    };
    out.truncate(count);
    out
}

/// As [`bytes_in`] for the characters of a string.
pub fn bytes_of_latin1(text: &[u8], encoding: u32) -> Vec<u8> {
    let mut out = vec![0; text.len() * 2];
    let count = match encoding {
        1 => write_latin1_as_ucs2(text, &mut out),
        2 | 3 => return text.to_vec(),
        4 => write_hex(text, &mut out),
        5 | 6 => decode_base64(text, &mut out),
        _ => write_latin1_as_utf8(text, &mut out),
    };
    out.truncate(count);
    out
}

/// `atob(string)`: the decoded string, -1 for a character that is not in the alphabet, -2 for a wrong length or padding.
pub fn atob(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(string) = Text::try_from(args.get(0)) else { return };
    let mut error = ErrorCode::Success;
    let result = written(scope, string.length().div_ceil(4) * 3, |scope, room| {
        let view = ValueView::new(scope, string);
        let wide: Vec<u8>;
        let text = match view.data() {
            ValueViewData::OneByte(text) => text,
            ValueViewData::TwoByte(text) => {
                wide = text.iter().map(|&unit| narrow(unit)).collect();
                &wide
            }
        };
        // SAFETY: there is room for the most that simdutf may write: three bytes for four characters.
        let result = unsafe { simdutf::base64_to_binary(text, room, Base64Options::Default, LastChunkHandling::Loose) };
        error = result.error;
        result.is_ok().then_some(result.count)
    });
    match (result, error) {
        (Some(string), _) => rv.set(string.into()),
        (None, ErrorCode::InvalidBase64Character) => rv.set_int32(-1),
        (None, _) => rv.set_int32(-2),
    }
}
