//! The host parser of the URL standard: domains, IPv4, IPv6 and opaque hosts.

use super::encode;
use std::borrow::Cow;
use std::fmt::Write;

/// `host` as it is written in a URL; `None` where it is none. `opaque` is for schemes that are not special.
pub fn parse(host: &str, opaque: bool) -> Option<String> {
    if let Some(rest) = host.strip_prefix('[') {
        let address = parse_ipv6(rest.strip_suffix(']')?)?;
        return Some(serialize_ipv6(&address));
    }
    if opaque {
        if host.bytes().any(is_forbidden) {
            return None;
        }
        let mut out = String::with_capacity(host.len());
        encode::encode(&mut out, host, &encode::C0);
        return Some(out);
    }
    let decoded = if host.contains('%') { Cow::Owned(encode::decode(host)) } else { Cow::Borrowed(host.as_bytes()) };
    let ascii = domain_to_ascii(&String::from_utf8_lossy(&decoded))?;
    if ascii.is_empty() || ascii.bytes().any(|b| is_forbidden(b) || b < 0x20 || b == b'%' || b == 0x7f) {
        return None;
    }
    if ends_in_number(&ascii) {
        let address = parse_ipv4(&ascii)?;
        return Some(std::net::Ipv4Addr::from(address).to_string());
    }
    Some(ascii)
}

/// Domain to ASCII of the standard (not strict); `None` where UTS 46 refuses the name. A name that is ASCII
/// already is taken as it is, also where a label is no valid punycode.
pub fn domain_to_ascii(domain: &str) -> Option<String> {
    if domain.is_ascii() {
        return Some(domain.to_ascii_lowercase());
    }
    idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::EMPTY).ok().map(Cow::into_owned)
}

/// Domain to Unicode; a label that is no valid punycode stays.
pub fn domain_to_unicode(domain: &str) -> String {
    let label = |label| match idna::domain_to_unicode(label) {
        (unicode, Ok(())) => unicode,
        _ => label.to_owned(),
    };
    domain.split('.').map(label).collect::<Vec<_>>().join(".")
}

/// Forbidden host code points.
fn is_forbidden(byte: u8) -> bool {
    matches!(
        byte,
        0 | b'\t'
            | b'\n'
            | b'\r'
            | b' '
            | b'#'
            | b'/'
            | b':'
            | b'<'
            | b'>'
            | b'?'
            | b'@'
            | b'['
            | b'\\'
            | b']'
            | b'^'
            | b'|'
    )
}

fn ends_in_number(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default();
    (!last.is_empty() && last.bytes().all(|b| b.is_ascii_digit())) || parse_ipv4_number(last).is_some()
}

/// A number in decimal, octal (`0…`) or hexadecimal (`0x…`); too large ones are `u64::MAX`.
fn parse_ipv4_number(text: &str) -> Option<u64> {
    if text.is_empty() {
        return None;
    }
    let (digits, radix) = if let Some(rest) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        (rest, 16)
    } else if text.len() > 1 && text.starts_with('0') {
        (&text[1..], 8)
    } else {
        (text, 10)
    };
    let mut value = 0u64;
    for character in digits.chars() {
        let digit = character.to_digit(radix)?;
        value = value.checked_mul(radix.into()).and_then(|v| v.checked_add(digit.into())).unwrap_or(u64::MAX);
    }
    Some(value)
}

fn parse_ipv4(host: &str) -> Option<u32> {
    let host = host.strip_suffix('.').unwrap_or(host);
    let numbers = host.split('.').map(parse_ipv4_number).collect::<Option<Vec<_>>>()?;
    let (&last, leading) = numbers.split_last()?;
    if numbers.len() > 4 || leading.iter().any(|&n| n > 255) || last >= 256u64.pow(5 - numbers.len() as u32) {
        return None;
    }
    let high = leading.iter().enumerate().map(|(i, &n)| (n as u32) << (8 * (3 - i))).sum::<u32>();
    Some(high + last as u32)
}

fn parse_ipv6(text: &str) -> Option<[u16; 8]> {
    let bytes = text.as_bytes();
    let mut pieces = [0u16; 8];
    let mut piece = 0;
    let mut compress = None;
    let mut i = 0;
    if bytes.first() == Some(&b':') {
        if bytes.get(1) != Some(&b':') {
            return None;
        }
        i = 2;
        compress = Some(0);
    }
    while i < bytes.len() {
        if piece == 8 {
            return None;
        }
        if bytes[i] == b':' {
            if compress.is_some() {
                return None;
            }
            i += 1;
            compress = Some(piece);
            continue;
        }
        let start = i;
        let mut value = 0u16;
        while i < bytes.len() && i - start < 4 {
            let Some(digit) = (bytes[i] as char).to_digit(16) else { break };
            value = value << 4 | digit as u16;
            i += 1;
        }
        match bytes.get(i) {
            Some(b'.') => {
                if i == start || piece > 6 {
                    return None;
                }
                let address = parse_embedded_ipv4(&text[start..])?;
                pieces[piece] = (address >> 16) as u16;
                pieces[piece + 1] = address as u16;
                piece += 2;
                break;
            }
            Some(b':') => {
                i += 1;
                if i == bytes.len() {
                    return None;
                }
            }
            Some(_) => return None,
            None => {}
        }
        pieces[piece] = value;
        piece += 1;
    }
    match compress {
        Some(at) => {
            let moved = piece - at;
            pieces.copy_within(at..piece, 8 - moved);
            pieces[at..8 - moved].fill(0);
            // Where the pieces overlap their old places, those before the move are zero now.
            Some(pieces)
        }
        None if piece == 8 => Some(pieces),
        None => None,
    }
}

/// Four decimal numbers without leading zeros.
fn parse_embedded_ipv4(text: &str) -> Option<u32> {
    let mut address = 0;
    let mut count = 0;
    for part in text.split('.') {
        let valid = (1..=3).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_digit())
            && (part.len() == 1 || !part.starts_with('0'));
        if !valid {
            return None;
        }
        address = address << 8 | u32::from(part.parse::<u8>().ok()?);
        count += 1;
    }
    (count == 4).then_some(address)
}

/// The first longest run of two or more zeros is `::`.
fn serialize_ipv6(pieces: &[u16; 8]) -> String {
    let (mut best, mut best_length) = (8, 1);
    let mut i = 0;
    while i < 8 {
        let length = pieces[i..].iter().take_while(|&&p| p == 0).count();
        if length > best_length {
            (best, best_length) = (i, length);
        }
        i += length.max(1);
    }
    let mut out = String::from("[");
    let mut i = 0;
    while i < 8 {
        if i == best {
            out.push_str(if i == 0 { "::" } else { ":" });
            i += best_length;
            continue;
        }
        let _ = write!(out, "{:x}", pieces[i]);
        if i < 7 {
            out.push(':');
        }
        i += 1;
    }
    out.push(']');
    out
}
