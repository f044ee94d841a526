//! The head of a message: request line or status line, then headers; also trailers, which are headers after a body.

use super::chars::{self, CONNECT, HOST, METHODS, PRI, Protocol, TOKEN, URL, VALUE, method_fits};
use super::machine::{Kind, Machine, State, Step, flag, lenient};

const EXPECTED_PROTOCOL: &str = "Expected HTTP/, RTSP/ or ICE/";
const PREFACE: &[u8] = b"\r\n\r\nSM\r\n\r\n";

impl Machine {
    /// One state's worth of a head; `input[*at]` exists.
    pub(super) fn head(&mut self, input: &[u8], at: &mut usize) -> Option<Step> {
        let c = input[*at];
        match self.state {
            State::Method => return self.method(input, at),
            State::SpacesBeforeUrl { first } => {
                if c == b' ' {
                    *at += 1;
                    self.state = State::SpacesBeforeUrl { first: false };
                } else if first {
                    return Some(self.fail("HPE_INVALID_METHOD", "Expected space after method"));
                } else if self.method == CONNECT {
                    self.state = State::Server { at: false };
                } else {
                    self.state = State::UrlStart;
                }
            }
            State::UrlStart
            | State::Schema
            | State::SchemaDelimiter(_)
            | State::Server { .. }
            | State::Path
            | State::Query
            | State::Fragment => return self.url(input, at),
            State::UrlLf => {
                if c != b'\n' {
                    return Some(self.fail("HPE_INVALID_URL", "Expected CRLF"));
                }
                *at += 1;
                self.http09();
            }
            State::ProtocolSpaces => {
                if c == b' ' {
                    *at += 1;
                } else {
                    self.word_length = 0;
                    self.state = State::Protocol;
                }
            }
            State::Protocol => return self.protocol(c, at),
            State::ProtocolSlash => {
                if c != b'/' {
                    return Some(self.fail("HPE_INVALID_CONSTANT", EXPECTED_PROTOCOL));
                }
                *at += 1;
                self.state = State::Major;
            }
            State::Major => {
                if !c.is_ascii_digit() {
                    return Some(self.fail("HPE_INVALID_VERSION", "Invalid major version"));
                }
                self.major = c - b'0';
                *at += 1;
                self.state = State::Dot;
            }
            State::Dot => {
                if c != b'.' {
                    return Some(self.fail("HPE_INVALID_VERSION", "Expected dot"));
                }
                *at += 1;
                self.state = State::Minor;
            }
            State::Minor => return self.minor(c, at),
            State::RequestCr => match c {
                b'\r' => {
                    *at += 1;
                    self.state = State::RequestLf;
                }
                b'\n' if self.allows(lenient::OPTIONAL_CR_BEFORE_LF) => {
                    // The LF may be followed by another one where LF after CR is a must; llhttp has it so too.
                    *at += 1;
                    self.state = State::HeadersStart;
                }
                _ => return Some(self.fail("HPE_INVALID_VERSION", "Expected CRLF after version")),
            },
            State::RequestLf => {
                if c == b'\n' {
                    *at += 1;
                } else if !self.allows(lenient::OPTIONAL_LF_AFTER_CR) {
                    return Some(self.fail("HPE_STRICT", "Expected CRLF after version"));
                }
                self.state = State::HeadersStart;
            }
            State::Preface(n) => {
                if c != PREFACE[n as usize] {
                    return Some(self.fail("HPE_INVALID_VERSION", "Expected HTTP/2 Connection Preface"));
                }
                *at += 1;
                if n as usize + 1 == PREFACE.len() {
                    return Some(self.fail("HPE_PAUSED_H2_UPGRADE", "Pause on PRI/Upgrade"));
                }
                self.state = State::Preface(n + 1);
            }
            State::StatusSpace => {
                if c != b' ' {
                    return Some(self.fail("HPE_INVALID_VERSION", "Expected space after version"));
                }
                *at += 1;
                self.status = 0;
                self.state = State::Status(0);
            }
            State::Status(n) => {
                if !c.is_ascii_digit() {
                    return Some(self.fail("HPE_INVALID_STATUS", "Invalid status code"));
                }
                self.status = self.status * 10 + u16::from(c - b'0');
                *at += 1;
                self.state = if n == 2 { State::AfterStatus } else { State::Status(n + 1) };
            }
            State::AfterStatus => {
                self.state = match c {
                    b' ' => State::StatusText,
                    b'\r' => State::StatusLf,
                    b'\n' if self.allows(lenient::OPTIONAL_CR_BEFORE_LF) => State::HeadersStart,
                    _ => return Some(self.fail("HPE_INVALID_STATUS", "Invalid response status")),
                };
                *at += 1;
            }
            State::StatusText => {
                let rest = &input[*at..];
                let n = rest.iter().position(|c| matches!(c, b'\r' | b'\n')).unwrap_or(rest.len());
                self.status_text.extend_from_slice(&rest[..n]);
                *at += n;
                if !self.count_head(n) {
                    return None;
                }
                match rest.get(n) {
                    None => {}
                    Some(b'\r') => {
                        *at += 1;
                        self.state = State::StatusLf;
                    }
                    Some(_) => {
                        *at += 1;
                        if !self.allows(lenient::OPTIONAL_CR_BEFORE_LF) {
                            return Some(self.fail("HPE_CR_EXPECTED", "Missing expected CR after response line"));
                        }
                        self.state = State::HeadersStart;
                    }
                }
            }
            State::StatusLf => {
                if c == b'\n' {
                    *at += 1;
                } else if !self.allows(lenient::OPTIONAL_LF_AFTER_CR) {
                    return Some(self.fail("HPE_STRICT", "Expected LF after CR"));
                }
                self.state = State::HeadersStart;
            }
            _ => return self.header(input, at),
        }
        None
    }

    fn method(&mut self, input: &[u8], at: &mut usize) -> Option<Step> {
        // Nearly every request: nothing to remember between portions.
        if self.word_length == 0 {
            for (start, number) in [(&b"GET "[..], 1), (&b"POST "[..], 3)] {
                if input[*at..].starts_with(start) {
                    self.method = number;
                    *at += start.len();
                    self.state = State::SpacesBeforeUrl { first: false };
                    return None;
                }
            }
        }
        while let Some(&c) = input.get(*at) {
            let length = self.word_length as usize;
            let word = &mut self.word;
            if length < word.len() {
                word[length] = c;
                let longer = &word[..=length];
                if METHODS.iter().any(|m| m.as_bytes().starts_with(longer)) {
                    self.word_length += 1;
                    *at += 1;
                    continue;
                }
            }
            let word = &self.word[..length];
            match METHODS.iter().position(|m| m.as_bytes() == word) {
                Some(number) => {
                    self.method = number as u8;
                    self.state = State::SpacesBeforeUrl { first: true };
                    return None;
                }
                None => return Some(self.fail("HPE_INVALID_METHOD", "Invalid method encountered")),
            }
        }
        None
    }

    fn protocol(&mut self, c: u8, at: &mut usize) -> Option<Step> {
        const NAMES: [(&[u8], Protocol); 3] =
            [(b"HTTP", Protocol::Http), (b"RTSP", Protocol::Rtsp), (b"ICE", Protocol::Ice)];
        let length = self.word_length as usize;
        self.word[length] = c;
        let word = &self.word[..=length];
        let Some((name, protocol)) = NAMES.iter().find(|(name, _)| name.starts_with(word)) else {
            return Some(self.fail("HPE_INVALID_CONSTANT", EXPECTED_PROTOCOL));
        };
        *at += 1;
        self.word_length += 1;
        if word.len() < name.len() {
            return None;
        }
        self.protocol = *protocol;
        if self.kind == Kind::Request && !method_fits(*protocol, self.method) {
            let reason = match protocol {
                Protocol::Http => "Invalid method for HTTP/x.x request",
                Protocol::Rtsp => "Invalid method for RTSP/x.x request",
                Protocol::Ice => "Expected SOURCE method for ICE/x.x request",
            };
            return Some(self.fail("HPE_INVALID_CONSTANT", reason));
        }
        self.state = State::ProtocolSlash;
        None
    }

    fn minor(&mut self, c: u8, at: &mut usize) -> Option<Step> {
        if !c.is_ascii_digit() {
            return Some(self.fail("HPE_INVALID_VERSION", "Invalid minor version"));
        }
        self.minor = c - b'0';
        *at += 1;
        let known = matches!((self.major, self.minor), (0, 9) | (1, 0 | 1) | (2, 0));
        if !known && !self.allows(lenient::VERSION) {
            return Some(self.fail("HPE_INVALID_VERSION", "Invalid HTTP version"));
        }
        self.state = match self.kind {
            Kind::Response => State::StatusSpace,
            Kind::Request if self.method == PRI => State::Preface(0),
            Kind::Request => State::RequestCr,
        };
        None
    }

    fn http09(&mut self) {
        (self.major, self.minor) = (0, 9);
        self.state = State::HeadersStart;
    }

    /// The URL, copied as it is; only the places of its separators are checked.
    fn url(&mut self, input: &[u8], at: &mut usize) -> Option<Step> {
        let start = *at;
        let mut failure = None;
        while let Some(&c) = input.get(*at) {
            let invalid = "Invalid characters in url";
            let (class, reason) = match self.state {
                State::Path => (URL, "Invalid char in url path"),
                State::Query => (URL, "Invalid char in url query"),
                State::Fragment => (URL, "Invalid char in url fragment start"),
                State::Server { .. } => (HOST, "Unexpected char in url server"),
                _ => {
                    failure = match (self.state, c) {
                        (_, b' ' | b'\r' | b'\n' | b'\t' | 0x0c) => Some(invalid),
                        (State::UrlStart, b'/' | b'*') => {
                            self.state = State::Path;
                            None
                        }
                        (State::UrlStart, _) if c.is_ascii_alphabetic() => {
                            self.state = State::Schema;
                            None
                        }
                        (State::UrlStart, _) => Some("Unexpected start char in url"),
                        (State::Schema, b':') => {
                            self.state = State::SchemaDelimiter(0);
                            None
                        }
                        (State::Schema, _) if c.is_ascii_alphabetic() => None,
                        (State::SchemaDelimiter(0), b'/') => {
                            self.state = State::SchemaDelimiter(1);
                            None
                        }
                        (State::SchemaDelimiter(_), b'/') => {
                            self.state = State::Server { at: false };
                            None
                        }
                        _ => Some("Unexpected char in url schema"),
                    };
                    if failure.is_some() {
                        break;
                    }
                    *at += 1;
                    continue;
                }
            };
            let run = chars::run(&input[*at..], class);
            if run > 0 {
                *at += run;
                if let (State::Server { .. }, Some(b'/')) = (self.state, input.get(*at)) {
                    self.state = State::Path;
                } else if let State::Server { at: true } = self.state {
                    self.state = State::Server { at: false };
                }
                continue;
            }
            match (self.state, c) {
                (_, b' ' | b'\r' | b'\n') => break,
                (_, b'\t' | 0x0c) => failure = Some(invalid),
                (State::Server { .. }, b'/') => self.state = State::Path,
                (State::Server { .. } | State::Path, b'?') => self.state = State::Query,
                (State::Path | State::Query, b'#') => self.state = State::Fragment,
                (State::Query | State::Fragment, b'?') | (State::Fragment, b'#') => {}
                (State::Server { at: false }, b'@') => self.state = State::Server { at: true },
                (State::Server { at: true }, b'@') => failure = Some("Double @ in url"),
                _ => failure = Some(reason),
            }
            if failure.is_some() {
                break;
            }
            *at += 1;
        }
        self.url.extend_from_slice(&input[start..*at]);
        if !self.count_head(*at - start) {
            return None;
        }
        if let Some(reason) = failure {
            return Some(self.fail("HPE_INVALID_URL", reason));
        }
        if let Some(end) = input.get(*at) {
            *at += 1;
            match end {
                b' ' => self.state = State::ProtocolSpaces,
                b'\r' => self.state = State::UrlLf,
                _ => self.http09(),
            }
        }
        None
    }

    fn header(&mut self, input: &[u8], at: &mut usize) -> Option<Step> {
        let c = input[*at];
        match self.state {
            State::HeadersStart => {
                if c == b' ' {
                    *at += 1;
                    if !self.allows(lenient::HEADERS) {
                        return Some(self.fail("HPE_UNEXPECTED_SPACE", "Unexpected space after start line"));
                    }
                }
                self.state = State::FieldStart;
            }
            State::FieldStart => match c {
                b'\r' => {
                    *at += 1;
                    self.state = State::HeadersLf;
                }
                b'\n' => {
                    *at += 1;
                    if !self.allows(lenient::OPTIONAL_CR_BEFORE_LF) {
                        return Some(self.fail("HPE_INVALID_HEADER_TOKEN", "Invalid header field char"));
                    }
                    return self.headers_end();
                }
                b':' => return Some(self.fail("HPE_INVALID_HEADER_TOKEN", "Invalid header token")),
                _ => {
                    self.name_start = self.headers.len();
                    self.state = State::Field;
                }
            },
            State::Field => {
                let rest = &input[*at..];
                let n = chars::run(rest, TOKEN);
                self.headers.extend_from_slice(&rest[..n]);
                *at += n;
                if !self.count_head(n) {
                    return None;
                }
                match rest.get(n) {
                    None => {}
                    Some(b':') => {
                        *at += 1;
                        return self.field_complete();
                    }
                    Some(b' ') if self.special().ends_message() => {
                        *at += 1;
                        if !self.allows(lenient::HEADERS) {
                            return Some(self.fail("HPE_INVALID_HEADER_TOKEN", "Invalid header field char"));
                        }
                        self.state = State::FieldSpaces;
                    }
                    Some(_) => return Some(self.fail("HPE_INVALID_HEADER_TOKEN", "Invalid header token")),
                }
            }
            State::FieldSpaces => match c {
                b' ' => *at += 1,
                b':' => {
                    *at += 1;
                    return self.field_complete();
                }
                _ => return Some(self.fail("HPE_INVALID_HEADER_TOKEN", "Invalid header token")),
            },
            _ => return self.value(input, at),
        }
        None
    }

    fn value(&mut self, input: &[u8], at: &mut usize) -> Option<Step> {
        let c = input[*at];
        match self.state {
            State::ValueSpaces => match c {
                b' ' | b'\t' => *at += 1,
                b'\r' => {
                    *at += 1;
                    self.state = State::ValueSpacesCr;
                }
                b'\n' => {
                    *at += 1;
                    if !self.allows(lenient::OPTIONAL_CR_BEFORE_LF) {
                        return Some(self.fail("HPE_INVALID_HEADER_TOKEN", "Invalid header value char"));
                    }
                    self.state = State::ValueFolded;
                }
                _ => self.state = State::Value,
            },
            State::ValueSpacesCr => {
                if c == b'\n' {
                    *at += 1;
                } else if !self.allows(lenient::HEADERS) {
                    return Some(self.fail("HPE_STRICT", "Expected LF after CR"));
                }
                self.state = State::ValueFolded;
            }
            State::ValueFolded => {
                if matches!(c, b' ' | b'\t') {
                    *at += 1;
                    if !self.allows(lenient::HEADERS) {
                        return Some(self.fail("HPE_INVALID_HEADER_TOKEN", "Invalid header value char"));
                    }
                    self.state = State::ValueSpaces;
                } else if self.special() == Special::ContentLength {
                    return Some(self.fail("HPE_INVALID_CONTENT_LENGTH", "Empty Content-Length"));
                } else if self.special() == Special::TransferEncoding {
                    return Some(self.fail("HPE_INVALID_TRANSFER_ENCODING", "Empty Transfer-Encoding"));
                } else {
                    self.note(self.special());
                    self.end_value();
                }
            }
            State::Value | State::ValueLenient => {
                let rest = &input[*at..];
                let n = match self.state {
                    State::ValueLenient => {
                        let until = |c: &u8| matches!(c, b'\r' | b'\n');
                        rest.iter().position(until).unwrap_or(rest.len())
                    }
                    _ if self.allows(lenient::HEADER_VALUE_RELAXED) => {
                        let until = |c: &u8| matches!(c, b'\r' | b'\n' | 0);
                        rest.iter().position(until).unwrap_or(rest.len())
                    }
                    _ => chars::run(rest, VALUE),
                };
                self.headers.extend_from_slice(&rest[..n]);
                *at += n;
                if !self.count_head(n) {
                    return None;
                }
                match rest.get(n) {
                    None => {}
                    Some(b'\r') => {
                        *at += 1;
                        self.state = State::ValueLf;
                    }
                    Some(b'\n') => {
                        if self.state != State::ValueLenient && !self.allows(lenient::OPTIONAL_CR_BEFORE_LF) {
                            return Some(self.fail("HPE_CR_EXPECTED", "Missing expected CR after header value"));
                        }
                        self.state = State::ValueLf;
                    }
                    Some(_) if self.allows(lenient::HEADERS) => self.state = State::ValueLenient,
                    Some(_) => {
                        return Some(self.fail("HPE_INVALID_HEADER_TOKEN", "Invalid header value char"));
                    }
                }
            }
            State::ValueLf => {
                if c != b'\n' {
                    return Some(self.fail("HPE_LF_EXPECTED", "Missing expected LF after header value"));
                }
                *at += 1;
                self.state = State::ValueAfter;
            }
            State::ValueAfter => {
                if matches!(c, b' ' | b'\t') {
                    if !self.allows(lenient::HEADERS) {
                        return Some(self.fail("HPE_INVALID_HEADER_TOKEN", "Unexpected whitespace after header value"));
                    }
                    // An old way to go on in the next line: the white space belongs to the value.
                    self.state = State::Value;
                } else {
                    return self.value_complete();
                }
            }
            State::HeadersLf => {
                if c == b'\n' {
                    *at += 1;
                } else if !self.allows(lenient::OPTIONAL_LF_AFTER_CR) {
                    return Some(self.fail("HPE_STRICT", "Expected LF after headers"));
                }
                return self.headers_end();
            }
            _ => unreachable!("not a state of a head"),
        }
        None
    }

    fn headers_end(&mut self) -> Option<Step> {
        if self.flags & flag::TRAILING != 0 {
            self.state = State::Done;
            return None;
        }
        self.head_complete()
    }

    fn special(&self) -> Special {
        let end = if self.value_start > self.name_start { self.value_start - 1 } else { self.headers.len() };
        let name = &self.headers[self.name_start..end];
        // Cheap first: few names have these lengths.
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => Special::Host,
            6 if name.eq_ignore_ascii_case(b"expect") => Special::Expect,
            7 if name.eq_ignore_ascii_case(b"upgrade") => Special::Upgrade,
            10 if name.eq_ignore_ascii_case(b"connection") => Special::Connection,
            14 if name.eq_ignore_ascii_case(b"content-length") => Special::ContentLength,
            16 if name.eq_ignore_ascii_case(b"proxy-connection") => Special::Connection,
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => Special::TransferEncoding,
            _ => Special::None,
        }
    }

    fn field_complete(&mut self) -> Option<Step> {
        self.headers.push(0);
        self.value_start = self.headers.len();
        self.state = State::ValueSpaces;
        self.fields += 1;
        // Of a response, and of trailers, JavaScript takes as many as it wants.
        let limited = self.kind == Kind::Request && self.flags & flag::TRAILING == 0;
        if limited && self.fields > self.max_fields {
            return Some(self.fail("HPE_HEADER_OVERFLOW", "Header overflow"));
        }
        if self.allows(lenient::CHUNKED_LENGTH) {
            return None;
        }
        match self.special() {
            Special::TransferEncoding if self.flags & flag::CONTENT_LENGTH != 0 => Some(
                self.fail("HPE_INVALID_TRANSFER_ENCODING", "Transfer-Encoding can't be present with Content-Length"),
            ),
            Special::ContentLength if self.flags & flag::TRANSFER_ENCODING != 0 => {
                Some(self.fail("HPE_INVALID_CONTENT_LENGTH", "Content-Length can't be present with Transfer-Encoding"))
            }
            _ => None,
        }
    }

    fn note(&mut self, special: Special) {
        match special {
            Special::Host => self.flags |= flag::HOST,
            Special::Expect => self.flags |= flag::EXPECT,
            _ => {}
        }
    }

    fn end_value(&mut self) {
        while self.headers.len() > self.value_start && matches!(self.headers.last(), Some(b' ' | b'\t')) {
            self.headers.pop();
        }
        self.headers.push(0);
        self.state = State::FieldStart;
    }

    fn value_complete(&mut self) -> Option<Step> {
        let special = self.special();
        let from = self.value_start;
        let trimmed = |m: &Machine| m.headers[from..].trim_ascii_start().to_vec();
        match special {
            Special::None => {}
            Special::Upgrade => self.flags |= flag::UPGRADE,
            Special::Host | Special::Expect => self.note(special),
            Special::Connection => {
                for token in self.headers[from..].split(|c| *c == b',').map(<[u8]>::trim_ascii) {
                    if token.eq_ignore_ascii_case(b"keep-alive") {
                        self.flags |= flag::KEEP_ALIVE;
                    } else if token.eq_ignore_ascii_case(b"close") {
                        self.flags |= flag::CLOSE;
                    } else if token.eq_ignore_ascii_case(b"upgrade") {
                        self.flags |= flag::CONNECTION_UPGRADE;
                    }
                }
            }
            Special::ContentLength => {
                let value = trimmed(self);
                if let Some(failed) = self.content_length(&value) {
                    return Some(failed);
                }
            }
            Special::TransferEncoding => {
                let value = trimmed(self);
                if let Some(failed) = self.transfer_encoding(&value) {
                    return Some(failed);
                }
            }
        }
        self.end_value();
        None
    }

    fn content_length(&mut self, value: &[u8]) -> Option<Step> {
        if self.flags & flag::CONTENT_LENGTH != 0 {
            return Some(self.fail("HPE_UNEXPECTED_CONTENT_LENGTH", "Duplicate Content-Length"));
        }
        let digits = value.iter().take_while(|c| c.is_ascii_digit()).count();
        let mut length: u64 = 0;
        for c in &value[..digits] {
            let next = length.checked_mul(10).and_then(|n| n.checked_add(u64::from(c - b'0')));
            match next {
                // Signed in llhttp.
                Some(n) if n <= i64::MAX as u64 => length = n,
                _ => return Some(self.fail("HPE_INVALID_CONTENT_LENGTH", "Content-Length overflow")),
            }
        }
        if !value[digits..].iter().all(|c| matches!(c, b' ' | b'\t')) {
            return Some(self.fail("HPE_INVALID_CONTENT_LENGTH", "Invalid character in Content-Length"));
        }
        self.content_length = length;
        self.flags |= flag::CONTENT_LENGTH;
        None
    }

    fn transfer_encoding(&mut self, value: &[u8]) -> Option<Step> {
        let strict = self.kind == Kind::Request && !self.allows(lenient::TRANSFER_ENCODING);
        let mut chunked = self.flags & flag::CHUNKED != 0;
        for token in value.split(|c| *c == b',') {
            // In a request nothing may follow `chunked`.
            if chunked && strict {
                return Some(self.fail("HPE_INVALID_TRANSFER_ENCODING", "Invalid `Transfer-Encoding` header value"));
            }
            let end = token.iter().rposition(|c| *c != b' ').map_or(0, |n| n + 1);
            chunked = token[..end].trim_ascii_start().eq_ignore_ascii_case(b"chunked");
        }
        self.flags = self.flags & !flag::CHUNKED | flag::TRANSFER_ENCODING;
        if chunked {
            self.flags |= flag::CHUNKED;
        }
        None
    }
}

impl Special {
    /// Headers that llhttp knows, and whose name may be followed by a space where that is allowed.
    fn ends_message(self) -> bool {
        !matches!(self, Special::None | Special::Host | Special::Expect)
    }
}

/// Headers that say where a message ends, or that a server asks for at once.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Special {
    None,
    Connection,
    ContentLength,
    TransferEncoding,
    Upgrade,
    Host,
    Expect,
}
