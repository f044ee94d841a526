//! Percent-encoding and the sets of characters that each part of a URL encodes.

/// A set of ASCII characters; everything above U+007E is in all of them.
pub struct Set([bool; 128]);

impl Set {
    const fn new(base: Option<&Set>, characters: &[u8]) -> Set {
        let mut set = [false; 128];
        let mut i = 0;
        while i < 128 {
            set[i] = i < 0x20 || i == 0x7f || matches!(base, Some(base) if base.0[i]);
            i += 1;
        }
        let mut i = 0;
        while i < characters.len() {
            set[characters[i] as usize] = true;
            i += 1;
        }
        Set(set)
    }

    /// Whether the byte is to be encoded.
    pub fn has(&self, byte: u8) -> bool {
        byte >= 128 || self.0[byte as usize]
    }
}

/// C0 control percent-encode set.
pub static C0: Set = Set::new(None, b"");
/// Fragment percent-encode set.
pub static FRAGMENT: Set = Set::new(None, b" \"<>`");
/// Query percent-encode set.
pub static QUERY: Set = Set::new(None, b" \"#<>");
/// The one for special schemes.
pub static SPECIAL_QUERY: Set = Set::new(Some(&QUERY), b"'");
/// Path percent-encode set.
pub static PATH: Set = Set::new(Some(&QUERY), b"?^`{}");
/// Userinfo percent-encode set.
pub static USERINFO: Set = Set::new(Some(&PATH), b"/:;=@[\\]|");

/// Appends `text` with the characters of `set` percent-encoded.
pub fn encode(out: &mut String, text: &str, set: &Set) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (i, &byte) in bytes.iter().enumerate() {
        if set.has(byte) {
            // Empty inside a character, whose bytes are all encoded.
            out.push_str(text.get(copied..i).unwrap_or_default());
            out.push('%');
            out.push(DIGITS[usize::from(byte >> 4)] as char);
            out.push(DIGITS[usize::from(byte & 15)] as char);
            copied = i + 1;
        }
    }
    out.push_str(text.get(copied..).unwrap_or_default());
}

/// The bytes of `text` with its percent-escapes resolved.
pub fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let digit = |at: usize| bytes.get(at).and_then(|&b| (b as char).to_digit(16));
        if bytes[i] == b'%'
            && let (Some(high), Some(low)) = (digit(i + 1), digit(i + 2))
        {
            out.push((high << 4 | low) as u8);
            i += 3;
            continue;
        }
        out.push(bytes[i]);
        i += 1;
    }
    out
}
