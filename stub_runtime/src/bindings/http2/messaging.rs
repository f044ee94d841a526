//! Whether what a peer sends is a well-formed HTTP message (RFC 9113, section 8).
//!
//! nghttp2 can check this too, but the version we link ends the whole connection for one malformed message; the one in Node 26
//! resets its stream, as the RFC says. Its rules are kept: a bad pseudo-header, name or connection field refuses the message, a
//! bad value of another field drops the field.

use super::ffi::{nghttp2_check_authority, nghttp2_check_method, nghttp2_check_path};
use super::ffi::{nghttp2_check_header_name, nghttp2_check_header_value, nghttp2_check_header_value_rfc9113};

/// What is done with a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Field {
    /// It is taken.
    Keep,
    /// It is dropped.
    Drop,
    /// The message is malformed.
    Refuse,
}

/// What kind of block the fields are in.
#[derive(Clone, Copy, PartialEq)]
enum Block {
    /// A request, or the request of a promised stream.
    Request {
        /// `:protocol` is allowed: extended CONNECT was offered.
        extended: bool,
        /// It is a PUSH_PROMISE.
        promised: bool,
    },
    /// A response.
    Response,
    /// Trailers, of a request or a response.
    Trailers,
}

const AUTHORITY: u16 = 1;
const METHOD: u16 = 1 << 1;
const PATH: u16 = 1 << 2;
const SCHEME: u16 = 1 << 3;
const STATUS: u16 = 1 << 4;
const PROTOCOL: u16 = 1 << 5;
const HOST: u16 = 1 << 6;
const HEAD: u16 = 1 << 7;
const CONNECT: u16 = 1 << 8;
const OPTIONS: u16 = 1 << 9;
const PATH_SLASH: u16 = 1 << 10;
const PATH_STAR: u16 = 1 << 11;
const HTTP_SCHEME: u16 = 1 << 12;
/// A field came: pseudo-headers are over.
const FIELDS: u16 = 1 << 13;
/// An informational response came: another must follow.
const INTERIM: u16 = 1 << 14;

const METHODS: u16 = HEAD | CONNECT;

/// The messages of one stream in one direction, as far as they have come.
pub struct Message {
    /// The kind of the block that comes.
    block: Block,
    seen: u16,
    status: u16,
    length: Option<u64>,
    received: u64,
    lax_whitespace: bool,
}

fn parse_length(value: &[u8]) -> Option<u64> {
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok().filter(|&n| n <= i64::MAX as u64)
}

/// Calls one of nghttp2's checks of bytes.
fn passes(check: unsafe extern "C" fn(*const u8, usize) -> i32, bytes: &[u8]) -> bool {
    // SAFETY: the functions read as many bytes as they are told.
    unsafe { check(bytes.as_ptr(), bytes.len()) != 0 }
}

/// RFC 3986 without user information.
fn is_authority(value: &[u8]) -> bool {
    passes(nghttp2_check_authority, value) && !value.contains(&b'@')
}

fn is_scheme(value: &[u8]) -> bool {
    value.first().is_some_and(u8::is_ascii_alphabetic)
        && value.iter().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b))
}

impl Message {
    /// `lax_whitespace`: values may begin and end with white space.
    pub fn new(lax_whitespace: bool) -> Self {
        Message { block: Block::Response, seen: 0, status: 0, length: None, received: 0, lax_whitespace }
    }

    /// The message answers a request that we sent with this method.
    pub fn answers(&mut self, method: &[u8]) {
        match method {
            b"HEAD" => self.seen |= HEAD,
            b"CONNECT" => self.seen |= CONNECT,
            _ => {}
        }
    }

    /// A block of a request begins.
    pub fn begin_request(&mut self, extended: bool, promised: bool) {
        self.begin(Block::Request { extended, promised });
    }

    /// A block of a response begins: after the final one come trailers.
    pub fn begin_response(&mut self) {
        self.begin(if self.status == 0 { Block::Response } else { Block::Trailers });
    }

    /// A block of trailers begins.
    pub fn begin_trailers(&mut self) {
        self.begin(Block::Trailers);
    }

    fn begin(&mut self, block: Block) {
        self.block = block;
        self.seen &= !FIELDS;
    }

    /// A pseudo-header: once, and not empty.
    fn once(&mut self, flag: u16, value: &[u8]) -> bool {
        let fresh = self.seen & flag == 0 && !value.is_empty();
        self.seen |= flag;
        fresh
    }

    fn value_ok(&self, value: &[u8]) -> bool {
        passes(if self.lax_whitespace { nghttp2_check_header_value } else { nghttp2_check_header_value_rfc9113 }, value)
    }

    /// One field of a block.
    pub fn field(&mut self, name: &[u8], value: &[u8]) -> Field {
        let block = self.block;
        let keep_if = |ok| if ok { Field::Keep } else { Field::Refuse };
        if name.is_empty() {
            self.seen |= FIELDS;
            return Field::Drop;
        }
        if name[0] == b':' {
            if block == Block::Trailers || self.seen & FIELDS != 0 {
                return Field::Refuse;
            }
            return keep_if(match block {
                Block::Request { extended, .. } => self.request_pseudo(name, value, extended),
                _ => name == b":status" && self.status(value),
            });
        }
        self.seen |= FIELDS;
        if !passes(nghttp2_check_header_name, name) {
            // Upper case is never allowed; other mistakes are common enough to be looked over.
            return if name.iter().any(u8::is_ascii_uppercase) { Field::Refuse } else { Field::Drop };
        }
        match name {
            b"connection" | b"keep-alive" | b"proxy-connection" | b"transfer-encoding" | b"upgrade" => Field::Refuse,
            b"te" => keep_if(value.eq_ignore_ascii_case(b"trailers")),
            b"content-length" => self.content_length(value),
            b"host" if matches!(block, Block::Request { .. }) => {
                if is_authority(value) {
                    keep_if(self.once(HOST, value))
                } else {
                    Field::Drop
                }
            }
            _ if self.value_ok(value) => Field::Keep,
            _ => Field::Drop,
        }
    }

    fn request_pseudo(&mut self, name: &[u8], value: &[u8], extended: bool) -> bool {
        match name {
            b":authority" => is_authority(value) && self.once(AUTHORITY, value),
            b":method" => {
                match value {
                    b"HEAD" => self.seen |= HEAD,
                    b"CONNECT" => self.seen |= CONNECT,
                    b"OPTIONS" => self.seen |= OPTIONS,
                    _ => {}
                }
                passes(nghttp2_check_method, value) && self.once(METHOD, value)
            }
            b":path" => {
                match value {
                    [b'/', ..] => self.seen |= PATH_SLASH,
                    b"*" => self.seen |= PATH_STAR,
                    _ => {}
                }
                passes(nghttp2_check_path, value) && self.once(PATH, value)
            }
            b":scheme" => {
                if value.eq_ignore_ascii_case(b"http") || value.eq_ignore_ascii_case(b"https") {
                    self.seen |= HTTP_SCHEME;
                }
                is_scheme(value) && self.once(SCHEME, value)
            }
            b":protocol" => {
                let blank = value.iter().all(|b| matches!(b, b' ' | b'\t'));
                extended && !blank && self.value_ok(value) && self.once(PROTOCOL, value)
            }
            _ => false,
        }
    }

    fn status(&mut self, value: &[u8]) -> bool {
        let digits = value.len() == 3 && value.iter().all(u8::is_ascii_digit);
        if !digits || !self.once(STATUS, value) {
            return false;
        }
        self.status = value.iter().fold(0, |n, b| n * 10 + u16::from(b - b'0'));
        self.status >= 100 && self.status != 101
    }

    fn content_length(&mut self, value: &[u8]) -> Field {
        if self.block == Block::Response {
            match self.status {
                // Forbidden, but widely sent.
                204 if self.length.is_none() && value == b"0" => {
                    self.length = Some(0);
                    return Field::Drop;
                }
                204 | 100..200 => return Field::Refuse,
                200..300 if self.seen & CONNECT != 0 => return Field::Drop,
                _ => {}
            }
        }
        let length = parse_length(value);
        if self.length.is_some() || length.is_none() {
            return Field::Refuse;
        }
        self.length = length;
        Field::Keep
    }

    /// A block is complete; `last`: the stream ends with it. False where the message is malformed.
    pub fn end_block(&mut self, last: bool) -> bool {
        let well_formed = match self.block {
            Block::Request { promised, .. } => self.end_request(promised),
            Block::Response => self.end_response(),
            Block::Trailers => last,
        };
        well_formed && (!last || self.end())
    }

    fn end_request(&mut self, promised: bool) -> bool {
        let has = |flags| self.seen & flags == flags;
        let well_formed = if has(CONNECT) && !has(PROTOCOL) {
            self.length = None;
            !promised && has(AUTHORITY) && self.seen & (SCHEME | PATH) == 0
        } else {
            let target = !has(HTTP_SCHEME) || has(PATH_SLASH) || has(OPTIONS | PATH_STAR);
            let extended = !has(PROTOCOL) || has(CONNECT | AUTHORITY);
            has(METHOD | PATH | SCHEME) && self.seen & (AUTHORITY | HOST) != 0 && extended && target
        };
        if promised {
            // The response to it comes on the same stream.
            self.seen &= METHODS;
            self.length = None;
        }
        well_formed
    }

    fn end_response(&mut self) -> bool {
        if self.seen & STATUS == 0 {
            return false;
        }
        self.seen &= METHODS;
        if self.status < 200 {
            self.seen |= INTERIM;
            self.length = None;
            self.status = 0;
            return true;
        }
        if self.seen & HEAD != 0 || matches!(self.status, 204 | 304) {
            self.length = Some(0);
        } else if self.seen & CONNECT != 0 {
            self.length = None;
        }
        true
    }

    /// Bytes of the body came. False where they are too many.
    pub fn body(&mut self, bytes: usize) -> bool {
        self.received += bytes as u64;
        self.seen & INTERIM == 0 && self.length.is_none_or(|length| self.received <= length)
    }

    /// The stream has ended. False where something is missing.
    pub fn end(&self) -> bool {
        self.seen & INTERIM == 0 && self.length.is_none_or(|length| self.received == length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The verdict on a request: `None` where a field refused it.
    fn request(fields: &[(&str, &str)], last: bool) -> Option<bool> {
        let mut message = Message::new(false);
        message.begin_request(false, false);
        for (name, value) in fields {
            if message.field(name.as_bytes(), value.as_bytes()) == Field::Refuse {
                return None;
            }
        }
        Some(message.end_block(last))
    }

    const GET: [(&str, &str); 4] = [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "a")];

    #[test]
    fn requests() {
        let with = |name, value| [&GET[..], &[(name, value)]].concat();
        assert_eq!(request(&GET, true), Some(true));
        assert_eq!(request(&GET[..3], true), Some(false));
        assert_eq!(request(&with(":path", "/"), true), None);
        assert_eq!(request(&with("connection", "close"), true), None);
        assert_eq!(request(&with("te", "gzip"), true), None);
        assert_eq!(request(&with("te", "trailers"), true), Some(true));
        assert_eq!(request(&with("Upper", "x"), true), None);
        assert_eq!(request(&with("bad name", "x"), true), Some(true));
        assert_eq!(request(&with("content-length", "1"), true), Some(false));
        assert_eq!(request(&with("content-length", "-1"), false), None);
        assert_eq!(request(&[&with("x", "y")[..], &[(":late", "z")]].concat(), true), None);
        assert_eq!(request(&[(":method", "CONNECT"), (":authority", "a:1")], false), Some(true));
        assert_eq!(request(&[(":method", "CONNECT"), (":path", "/")], false), Some(false));
        assert_eq!(
            request(&[(":method", "GET"), (":scheme", "http"), (":path", "*"), ("host", "a")], true),
            Some(false)
        );
    }

    #[test]
    fn responses() {
        let mut message = Message::new(false);
        message.begin_response();
        assert_eq!(message.field(b":status", b"103"), Field::Keep);
        assert!(message.end_block(false) && !message.body(1));
        message.begin_response();
        assert_eq!(message.field(b":status", b"200"), Field::Keep);

        let mut message = Message::new(false);
        message.begin_response();
        assert_eq!(message.field(b":status", b"200"), Field::Keep);
        assert_eq!(message.field(b"content-length", b"2"), Field::Keep);
        assert!(message.end_block(false));
        assert!(message.body(2) && message.end());
        message.begin_response();
        assert_eq!(message.field(b":status", b"200"), Field::Refuse);
        assert!(!message.end_block(false) && message.end_block(true) && !message.body(1));

        assert_eq!(Message::new(false).field(b":status", b"101"), Field::Refuse);

        let mut head = Message::new(false);
        head.answers(b"HEAD");
        head.begin_response();
        assert_eq!(head.field(b":status", b"200"), Field::Keep);
        assert_eq!(head.field(b"content-length", b"9"), Field::Keep);
        assert!(head.end_block(true));
    }
}
