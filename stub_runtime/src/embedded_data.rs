//! Pieces of the payload as bytes and as V8's strings, unpacked where they are packed. What is kept as it is stays on the mapped pages.
//!
//! Does not own: the format (crate `payload`), which piece is asked for (`bindings/app.rs`, `bindings/fs/embedded.rs`).

use payload::{Blob, Codec, Encoding, Entry};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// The piece's bytes in the encoding it has. Ends the process where they are damaged.
pub fn unpacked(blob: Blob<'static>) -> Cow<'static, [u8]> {
    let Ok(stored) = blob.bytes() else { crate::app::damaged() };
    match blob.codec() {
        Codec::None => Cow::Borrowed(stored),
        Codec::Zstd => match zstd::bulk::decompress(stored, blob.unpacked_len() as usize) {
            Ok(bytes) => Cow::Owned(bytes),
            Err(_) => crate::app::damaged(),
        },
    }
}

/// The piece as the file that it came from.
pub fn file(blob: Blob<'static>) -> Cow<'static, [u8]> {
    let bytes = unpacked(blob);
    match blob.encoding() {
        Encoding::Bytes | Encoding::Ascii => bytes,
        Encoding::Latin1 => Cow::Owned(bytes.iter().map(|b| char::from(*b)).collect::<String>().into_bytes()),
        Encoding::Utf16 => {
            let text: String =
                char::decode_utf16(units(&bytes)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
            Cow::Owned(text.into_bytes())
        }
    }
}

/// The piece as a string. One byte a character and unpacked: an external one on the mapped pages.
pub fn string<'s>(scope: &mut v8::PinScope<'s, '_>, blob: Blob<'static>) -> Option<v8::Local<'s, v8::String>> {
    match (blob.encoding(), unpacked(blob)) {
        (Encoding::Ascii | Encoding::Latin1, Cow::Borrowed(bytes)) => {
            v8::String::new_external_onebyte_static(scope, bytes)
        }
        (Encoding::Ascii | Encoding::Latin1, Cow::Owned(bytes)) => {
            v8::String::new_external_onebyte(scope, bytes.into_boxed_slice())
        }
        (Encoding::Bytes, bytes) => v8::String::new_from_utf8(scope, &bytes, v8::NewStringType::Normal),
        (Encoding::Utf16, bytes) => {
            let units: Vec<u16> = units(&bytes).collect();
            v8::String::new_from_two_byte(scope, &units, v8::NewStringType::Normal)
        }
    }
}

/// Texts of packed modules by their entry, unpacked once for all threads. V8 keeps a script's text as long as one of its functions, so
/// they stay.
static TEXTS: Mutex<BTreeMap<u32, &'static [u8]>> = Mutex::new(BTreeMap::new());

/// The very bytes that V8 refers to as the text of a module, if [`code`] has given them to it.
pub fn known_text(entry: &Entry<'static>) -> Option<&'static [u8]> {
    let blob = entry.content()?;
    match blob.codec() {
        Codec::None => Some(blob.bytes_unchecked()),
        Codec::Zstd => TEXTS.lock().unwrap().get(&entry.index()).copied(),
    }
}

/// The text of a packed module, unpacked to where it stays.
fn unpacked_text(entry: &Entry<'static>, blob: Blob<'static>) -> &'static [u8] {
    let mut texts = TEXTS.lock().unwrap();
    texts.entry(entry.index()).or_insert_with(|| {
        let Ok(stored) = blob.bytes() else { crate::app::damaged() };
        let room = crate::large_pages::room(blob.unpacked_len() as usize);
        match zstd::zstd_safe::decompress(room, stored) {
            Ok(length) if length == room.len() => room,
            _ => crate::app::damaged(),
        }
    })
}

/// The JavaScript of a module. Beside a code cache it stays on the mapped pages unread: V8 asks for its length, and for its text where
/// a function is compiled that the cache has not.
pub fn code<'s>(scope: &mut v8::PinScope<'s, '_>, entry: &Entry<'static>) -> Option<v8::Local<'s, v8::String>> {
    let blob = entry.content()?;
    if crate::heap::is_building()
        && let Some(text) = crate::heap::source(scope, entry.index() as usize)
    {
        return Some(text);
    }
    let bytes = match blob.codec() {
        Codec::Zstd if blob.encoding() != Encoding::Bytes => unpacked_text(entry, blob),
        Codec::None if entry.code_cache().is_some() => blob.bytes_unchecked(),
        _ => return string(scope, blob),
    };
    match blob.encoding() {
        Encoding::Ascii | Encoding::Latin1 => v8::String::new_external_onebyte_static(scope, bytes),
        Encoding::Utf16 => {
            // SAFETY: any two bytes are a code unit.
            let (before, units, after) = unsafe { bytes.align_to::<u16>() };
            // The writer aligns pieces to 16 bytes.
            if !before.is_empty() || !after.is_empty() {
                return string(scope, blob);
            }
            v8::String::new_external_twobyte_static(scope, units)
        }
        Encoding::Bytes => string(scope, blob),
    }
}

fn units(bytes: &[u8]) -> impl Iterator<Item = u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
}
