//! How a piece of data is stored: compressed or not, as bytes or as text that V8 can use where it lies. Owns the choice of the
//! encoding; compressing and decompressing are the consumer's.

use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use xxhash_rust::xxh3::xxh3_64;

/// How the stored bytes are packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Codec {
    /// As they are.
    #[default]
    None = 0,
    /// One zstd frame.
    Zstd = 1,
}

/// What the unpacked bytes are to V8. All but `Bytes` can be an external string on the mapped pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Encoding {
    /// Anything. Where it is text, UTF-8.
    #[default]
    Bytes = 0,
    /// Only bytes below 0x80: the same as UTF-8 and as an external one-byte string.
    Ascii = 1,
    /// Text, one byte a character, some of 0x80 to 0xff: an external one-byte string.
    Latin1 = 2,
    /// Text in UTF-16LE, 2-aligned: an external two-byte string.
    Utf16 = 3,
}

/// A piece of data on its way into a payload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content<'a> {
    pub(crate) stored: Cow<'a, [u8]>,
    pub(crate) codec: Codec,
    pub(crate) encoding: Encoding,
    pub(crate) unpacked_len: u64,
    pub(crate) file_len: u64,
}

impl<'a> Content<'a> {
    /// Bytes as they are, `Encoding::Ascii` where they are.
    pub fn bytes(bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        let stored = bytes.into();
        let encoding = if stored.is_ascii() { Encoding::Ascii } else { Encoding::Bytes };
        let len = stored.len() as u64;
        Content { stored, codec: Codec::None, encoding, unpacked_len: len, file_len: len }
    }

    /// Source text, in the smallest encoding that V8 uses in place: ASCII, Latin-1 or UTF-16.
    pub fn text(text: &'a str) -> Self {
        if text.is_ascii() {
            return Content::bytes(text.as_bytes());
        }
        let (stored, encoding) = if text.chars().all(|c| (c as u32) < 0x100) {
            (text.chars().map(|c| c as u8).collect::<Vec<u8>>(), Encoding::Latin1)
        } else {
            (text.encode_utf16().flat_map(u16::to_le_bytes).collect(), Encoding::Utf16)
        };
        let unpacked_len = stored.len() as u64;
        Content { stored: stored.into(), codec: Codec::None, encoding, unpacked_len, file_len: text.len() as u64 }
    }

    /// The same content, stored as the zstd frame that the caller has made of `stored()`.
    pub fn with_zstd(self, frame: Vec<u8>) -> Content<'static> {
        Content {
            stored: frame.into(),
            codec: Codec::Zstd,
            encoding: self.encoding,
            unpacked_len: self.unpacked_len,
            file_len: self.file_len,
        }
    }

    /// Whether `with_zstd` made it.
    pub fn is_packed(&self) -> bool {
        self.codec != Codec::None
    }

    /// The bytes that go into the payload.
    pub fn stored(&self) -> &[u8] {
        &self.stored
    }

    /// What V8 will make of it.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The same, owning its bytes.
    pub fn into_owned(self) -> Content<'static> {
        Content { stored: self.stored.into_owned().into(), ..self }
    }
}

/// The standard library's hash of all bytes of all files would be a third of the time of writing a payload.
impl Hash for Content<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(xxh3_64(&self.stored));
    }
}
