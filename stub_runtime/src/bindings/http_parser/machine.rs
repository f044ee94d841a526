//! The HTTP/1 state machine: bytes in any portions to heads, bodies and ends of messages.
//!
//! Owns: what is valid and which error is told for what is not (codes and reasons are llhttp's, `deps/llhttp` in Node).
//! Does not own: JavaScript (`http_parser.rs`), lines and headers (`head.rs`), chunks (`chunked.rs`).
//!
//! One pass: names and values are copied out of the input once, as `name NUL value NUL ...`, which is also what JavaScript
//! gets. NUL can be in neither.

use super::chars::{CONNECT, Protocol};

/// Whether requests or responses are read.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Kind {
    /// A server's side.
    Request,
    /// A client's side.
    Response,
}

/// `insecureHTTPParser` and the command line may allow what the standard does not; bits as llhttp's.
pub mod lenient {
    /// Odd header values and names.
    pub const HEADERS: u16 = 1;
    /// Both Content-Length and Transfer-Encoding.
    pub const CHUNKED_LENGTH: u16 = 1 << 1;
    /// Messages after one that said it was the last.
    pub const KEEP_ALIVE: u16 = 1 << 2;
    /// Codings after `chunked`.
    pub const TRANSFER_ENCODING: u16 = 1 << 3;
    /// Any version.
    pub const VERSION: u16 = 1 << 4;
    /// Bytes after the last message are dropped.
    pub const DATA_AFTER_CLOSE: u16 = 1 << 5;
    /// CR alone ends a line.
    pub const OPTIONAL_LF_AFTER_CR: u16 = 1 << 6;
    /// No line end after a chunk.
    pub const OPTIONAL_CRLF_AFTER_CHUNK: u16 = 1 << 7;
    /// LF alone ends a line.
    pub const OPTIONAL_CR_BEFORE_LF: u16 = 1 << 8;
    /// Spaces after a chunk's size.
    pub const SPACES_AFTER_CHUNK_SIZE: u16 = 1 << 9;
    /// Control characters in values.
    pub const HEADER_VALUE_RELAXED: u16 = 1 << 10;
}

/// What headers said.
pub mod flag {
    /// `Connection: keep-alive`
    pub const KEEP_ALIVE: u16 = 1;
    /// `Connection: close`
    pub const CLOSE: u16 = 1 << 1;
    /// `Connection: upgrade`
    pub const CONNECTION_UPGRADE: u16 = 1 << 2;
    /// The last transfer coding is `chunked`.
    pub const CHUNKED: u16 = 1 << 3;
    /// There is an `Upgrade` header.
    pub const UPGRADE: u16 = 1 << 4;
    /// There is a `Content-Length`.
    pub const CONTENT_LENGTH: u16 = 1 << 5;
    /// The receiver knows that there is no body.
    pub const SKIP_BODY: u16 = 1 << 6;
    /// Trailers are read.
    pub const TRAILING: u16 = 1 << 7;
    /// There is a `Transfer-Encoding`.
    pub const TRANSFER_ENCODING: u16 = 1 << 9;
    /// There is a `Host`.
    pub const HOST: u16 = 1 << 10;
    /// There is an `Expect`.
    pub const EXPECT: u16 = 1 << 11;
}

/// Why a message was refused; the sentence is part of Node's error.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Failure {
    /// `HPE_INVALID_METHOD`, ...
    pub code: &'static str,
    /// llhttp's sentence.
    pub reason: &'static str,
}

/// What happened at the place where [`Machine::run`] stopped.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Step {
    /// The input is used up.
    More,
    /// A head is complete: answer with [`Machine::skip_body`] or [`Machine::refuse_upgrade`], or nothing.
    Head,
    /// Body bytes: this range of the input.
    Body(usize, usize),
    /// The message is complete. If `upgraded`, what follows is another protocol.
    Complete,
    /// Refused; the machine stays so.
    Failed(Failure),
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum State {
    Start,
    Method,
    SpacesBeforeUrl { first: bool },
    UrlStart,
    Schema,
    SchemaDelimiter(u8),
    Server { at: bool },
    Path,
    Query,
    Fragment,
    UrlLf,
    ProtocolSpaces,
    Protocol,
    ProtocolSlash,
    Major,
    Dot,
    Minor,
    RequestCr,
    RequestLf,
    Preface(u8),
    StatusSpace,
    Status(u8),
    AfterStatus,
    StatusText,
    StatusLf,
    HeadersStart,
    FieldStart,
    Field,
    FieldSpaces,
    ValueSpaces,
    ValueSpacesCr,
    ValueFolded,
    Value,
    ValueLenient,
    ValueLf,
    ValueAfter,
    HeadersLf,
    AfterHead,
    Body,
    BodyUntilEnd,
    ChunkSizeFirst,
    ChunkSize,
    ChunkAfterSize,
    ChunkExtensionStart,
    ChunkExtensionName,
    ChunkExtensionValue,
    ChunkQuoted,
    ChunkQuotedPair,
    ChunkQuotedDone,
    ChunkLf,
    ChunkData,
    ChunkDataCr,
    ChunkDataLf,
    Done,
    Upgraded,
    Closed,
    Failed(Failure),
}

/// The parser of one connection's incoming messages.
pub struct Machine {
    pub(super) kind: Kind,
    pub(super) state: State,
    pub(super) lenient: u16,
    /// Bits of [`flag`] of the current message.
    pub flags: u16,
    pub(super) word: [u8; 16],
    pub(super) word_length: u8,
    pub(super) protocol: Protocol,
    /// Number of the request's method in [`super::chars::METHODS`].
    pub method: u8,
    /// Version of the message.
    pub major: u8,
    /// Version of the message.
    pub minor: u8,
    /// Status of a response.
    pub status: u16,
    /// Bytes of body that are still to come (of the chunk, if chunked).
    pub content_length: u64,
    /// Whether another protocol follows.
    pub upgrade: bool,
    /// The request's URL as sent.
    pub url: Vec<u8>,
    /// The response's reason phrase.
    pub status_text: Vec<u8>,
    /// `name NUL value NUL ...`; after the head, the trailers.
    pub headers: Vec<u8>,
    pub(super) name_start: usize,
    pub(super) value_start: usize,
    pub(super) head_bytes: usize,
    pub(super) extension_bytes: usize,
    max_head_bytes: usize,
    pub(super) fields: usize,
    /// Fields that a head, or trailers, may have.
    pub max_fields: usize,
    /// A message has begun and is not complete.
    pub in_message: bool,
}

/// Node's limit for the extensions of all chunks of a message.
const MAX_EXTENSION_BYTES: usize = 16384;

/// Node's limit for the number of fields, where the program gives none.
const MAX_FIELDS: usize = 1000;

impl Machine {
    /// A new one; `max_head_bytes` bounds URL, names and values together.
    pub fn new(kind: Kind, max_head_bytes: usize, lenient: u16) -> Machine {
        Machine {
            kind,
            state: State::Start,
            lenient,
            flags: 0,
            word: [0; 16],
            word_length: 0,
            protocol: Protocol::Http,
            method: 0,
            major: 0,
            minor: 0,
            status: 0,
            content_length: 0,
            upgrade: false,
            url: Vec::new(),
            status_text: Vec::new(),
            headers: Vec::new(),
            name_start: 0,
            value_start: 0,
            head_bytes: 0,
            extension_bytes: 0,
            max_head_bytes,
            fields: 0,
            max_fields: MAX_FIELDS,
            in_message: false,
        }
    }

    pub(super) fn allows(&self, bit: u16) -> bool {
        self.lenient & bit != 0
    }

    pub(super) fn fail(&mut self, code: &'static str, reason: &'static str) -> Step {
        let failure = Failure { code, reason };
        self.state = State::Failed(failure);
        Step::Failed(failure)
    }

    /// Counts bytes of the head; false, and failed, where they are too many.
    pub(super) fn count_head(&mut self, bytes: usize) -> bool {
        self.head_bytes += bytes;
        if self.head_bytes < self.max_head_bytes {
            return true;
        }
        self.fail("HPE_HEADER_OVERFLOW", "Header overflow");
        false
    }

    pub(super) fn count_extension(&mut self, bytes: usize) -> bool {
        self.extension_bytes += bytes;
        if self.extension_bytes <= MAX_EXTENSION_BYTES {
            return true;
        }
        self.fail("HPE_CHUNK_EXTENSIONS_OVERFLOW", "Chunk extensions overflow");
        false
    }

    /// Reads `input` from `*at` until something happened.
    pub fn run(&mut self, input: &[u8], at: &mut usize) -> Step {
        loop {
            let step = match self.state {
                State::Start => self.start(input, at),
                State::AfterHead => self.after_head(),
                State::Body | State::ChunkData => {
                    let available = (input.len() - *at) as u64;
                    let n = available.min(self.content_length);
                    if n == 0 && self.content_length > 0 {
                        return Step::More;
                    }
                    self.content_length -= n;
                    if self.content_length == 0 {
                        self.state = if self.state == State::Body { State::Done } else { State::ChunkDataCr };
                    }
                    let start = *at;
                    *at += n as usize;
                    return Step::Body(start, *at);
                }
                State::BodyUntilEnd => {
                    if *at == input.len() {
                        return Step::More;
                    }
                    let start = *at;
                    *at = input.len();
                    return Step::Body(start, *at);
                }
                State::Done => {
                    self.finish_message();
                    return Step::Complete;
                }
                State::Upgraded => return Step::More,
                State::Closed => match input[*at..].iter().position(|c| !matches!(c, b'\r' | b'\n')) {
                    None => {
                        *at = input.len();
                        return Step::More;
                    }
                    Some(_) if self.allows(lenient::DATA_AFTER_CLOSE) => {
                        *at = input.len();
                        return Step::More;
                    }
                    Some(n) => {
                        *at += n + 1;
                        return self.fail("HPE_CLOSED_CONNECTION", "Data after `Connection: close`");
                    }
                },
                State::Failed(failure) => return Step::Failed(failure),
                state if *at == input.len() => {
                    let _ = state;
                    return Step::More;
                }
                State::ChunkSizeFirst
                | State::ChunkSize
                | State::ChunkAfterSize
                | State::ChunkExtensionStart
                | State::ChunkExtensionName
                | State::ChunkExtensionValue
                | State::ChunkQuoted
                | State::ChunkQuotedPair
                | State::ChunkQuotedDone
                | State::ChunkLf
                | State::ChunkDataCr
                | State::ChunkDataLf => self.chunk(input, at),
                _ => self.head(input, at),
            };
            if let Some(step) = step {
                return step;
            }
        }
    }

    fn start(&mut self, input: &[u8], at: &mut usize) -> Option<Step> {
        let Some(n) = input[*at..].iter().position(|c| !matches!(c, b'\r' | b'\n')) else {
            *at = input.len();
            return Some(Step::More);
        };
        *at += n;
        self.in_message = true;
        self.url.clear();
        self.status_text.clear();
        self.headers.clear();
        (self.name_start, self.value_start) = (0, 0);
        self.word_length = 0;
        self.head_bytes = 0;
        self.fields = 0;
        self.extension_bytes = 0;
        self.state = match self.kind {
            Kind::Request => State::Method,
            Kind::Response => State::Protocol,
        };
        None
    }

    /// The head is complete: what JavaScript is told of `upgrade` is decided here.
    pub(super) fn head_complete(&mut self) -> Option<Step> {
        self.state = State::AfterHead;
        self.head_bytes = 0;
        self.fields = 0;
        let asked = self.flags & flag::UPGRADE != 0 && self.flags & flag::CONNECTION_UPGRADE != 0;
        self.upgrade = if asked {
            self.kind == Kind::Request || self.status == 101
        } else {
            self.kind == Kind::Request && self.method == CONNECT
        };
        Some(Step::Head)
    }

    /// Answer to [`Step::Head`]: the message has no body whatever its headers say.
    pub fn skip_body(&mut self) {
        self.flags |= flag::SKIP_BODY;
    }

    /// Answer to [`Step::Head`]: the connection goes on as another protocol after this head.
    pub fn accept_upgrade(&mut self) {
        self.upgrade = true;
        self.flags |= flag::SKIP_BODY;
    }

    /// Answer to [`Step::Head`]: the upgrade that was asked for is not made; the message is an ordinary one.
    pub fn refuse_upgrade(&mut self) {
        self.upgrade = false;
    }

    fn after_head(&mut self) -> Option<Step> {
        self.headers.clear();
        (self.name_start, self.value_start) = (0, 0);
        let response = self.kind == Kind::Response;
        let has_body = self.flags & flag::CHUNKED != 0 || self.content_length > 0;
        let is_connect = !response && self.method == CONNECT;
        let skip = self.flags & flag::SKIP_BODY != 0;
        if self.upgrade && (is_connect || skip || !has_body) || response && self.status == 101 {
            self.upgrade = true;
            self.state = State::Done;
        } else if skip || response && matches!(self.status, 100 | 102 | 103 | 204 | 304) {
            self.state = State::Done;
        } else if self.flags & flag::CHUNKED != 0 {
            self.state = State::ChunkSizeFirst;
        } else if self.flags & flag::TRANSFER_ENCODING != 0 {
            if !response && !self.allows(lenient::CHUNKED_LENGTH) && !self.allows(lenient::TRANSFER_ENCODING) {
                // The length is not known: whatever were assumed, a proxy in front could have assumed otherwise.
                return Some(self.fail("HPE_INVALID_TRANSFER_ENCODING", "Request has invalid `Transfer-Encoding`"));
            }
            self.state = State::BodyUntilEnd;
        } else if self.flags & flag::CONTENT_LENGTH == 0 {
            self.state = if self.needs_end() { State::BodyUntilEnd } else { State::Done };
        } else {
            self.state = if self.content_length == 0 { State::Done } else { State::Body };
        }
        None
    }

    /// Whether the message's head alone tells that nothing follows it.
    pub fn is_bodiless(&self) -> bool {
        self.flags & (flag::CHUNKED | flag::TRANSFER_ENCODING) == 0 && self.content_length == 0 && !self.needs_end()
    }

    fn needs_end(&self) -> bool {
        if self.kind == Kind::Request {
            return false;
        }
        if self.status / 100 == 1 || matches!(self.status, 204 | 304) || self.flags & flag::SKIP_BODY != 0 {
            return false;
        }
        if self.flags & flag::TRANSFER_ENCODING != 0 && self.flags & flag::CHUNKED == 0 {
            return true;
        }
        self.flags & (flag::CHUNKED | flag::CONTENT_LENGTH) == 0
    }

    /// Whether the connection can go on after this message.
    pub fn should_keep_alive(&self) -> bool {
        let wanted = if self.major > 0 && self.minor > 0 {
            self.flags & flag::CLOSE == 0
        } else {
            self.flags & flag::KEEP_ALIVE != 0
        };
        wanted && !self.needs_end()
    }

    fn finish_message(&mut self) {
        self.in_message = false;
        if self.upgrade {
            self.state = State::Upgraded;
            return;
        }
        let next = self.should_keep_alive() || self.allows(lenient::KEEP_ALIVE);
        self.state = if next { State::Start } else { State::Closed };
        self.flags = 0;
        self.content_length = 0;
    }

    /// The stream has ended: `Complete` where that ends a body, `More` where nothing was under way.
    pub fn finish(&mut self) -> Step {
        match self.state {
            // Was told already.
            State::Failed(_) => Step::More,
            State::BodyUntilEnd => {
                self.finish_message();
                Step::Complete
            }
            _ if self.in_message => self.fail("HPE_INVALID_EOF_STATE", "Invalid EOF state"),
            _ => Step::More,
        }
    }

    /// Answer to [`Step::Head`] of a message without a body: no [`Step::Complete`] is wanted for it.
    pub fn complete_silently(&mut self) {
        if self.state == State::AfterHead {
            self.headers.clear();
            self.finish_message();
        }
    }

    /// Whether requests or responses are read.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}
