//! A chunked body: sizes, extensions (read and dropped), the line ends between chunks.

use super::chars::{self, QUOTED, TOKEN, VALUE};
use super::machine::{Machine, State, Step, flag, lenient};

const INVALID_SIZE: &str = "Invalid character in chunk size";

impl Machine {
    /// One state's worth of the frame around chunks; `input[*at]` exists.
    pub(super) fn chunk(&mut self, input: &[u8], at: &mut usize) -> Option<Step> {
        let c = input[*at];
        match self.state {
            State::ChunkSizeFirst => {
                self.content_length = 0;
                if !c.is_ascii_hexdigit() {
                    return Some(self.fail("HPE_INVALID_CHUNK_SIZE", INVALID_SIZE));
                }
                self.state = State::ChunkSize;
            }
            State::ChunkSize => match (c as char).to_digit(16) {
                Some(digit) => {
                    if self.content_length >> 60 != 0 {
                        return Some(self.fail("HPE_INVALID_CHUNK_SIZE", "Chunk size overflow"));
                    }
                    self.content_length = self.content_length << 4 | u64::from(digit);
                    *at += 1;
                }
                None => self.state = State::ChunkAfterSize,
            },
            State::ChunkAfterSize => match c {
                b' ' | b'\t' if self.allows(lenient::SPACES_AFTER_CHUNK_SIZE) => *at += 1,
                b'\r' => self.advance(at, State::ChunkLf),
                b'\n' => return self.lone_lf(at, State::ChunkLf, "Missing expected CR after chunk size"),
                b';' => self.advance(at, State::ChunkExtensionStart),
                _ => return Some(self.fail("HPE_INVALID_CHUNK_SIZE", INVALID_SIZE)),
            },
            State::ChunkExtensionStart => {
                if matches!(c, b' ' | b'\r') {
                    return Some(self.fail("HPE_STRICT", "Invalid character in chunk extensions"));
                }
                self.state = State::ChunkExtensionName;
            }
            State::ChunkExtensionName => {
                let n = chars::run(&input[*at..], TOKEN);
                *at += n;
                if !self.count_extension(n) {
                    return None;
                }
                match input.get(*at) {
                    None => {}
                    Some(b'=') => self.advance(at, State::ChunkExtensionValue),
                    Some(b';') => self.advance(at, State::ChunkExtensionStart),
                    Some(b'\r') => self.advance(at, State::ChunkLf),
                    Some(b'\n') => {
                        return self.lone_lf(at, State::ChunkLf, "Missing expected CR after chunk extension name");
                    }
                    Some(_) => {
                        return Some(self.fail("HPE_STRICT", "Invalid character in chunk extensions name"));
                    }
                }
            }
            State::ChunkExtensionValue => {
                let n = chars::run(&input[*at..], TOKEN);
                *at += n;
                if !self.count_extension(n) {
                    return None;
                }
                match input.get(*at) {
                    None => {}
                    Some(b'"') => self.advance(at, State::ChunkQuoted),
                    Some(b';') => self.advance(at, State::ChunkExtensionStart),
                    Some(b'\r') => self.advance(at, State::ChunkLf),
                    Some(b'\n') => {
                        return self.lone_lf(at, State::ChunkLf, "Missing expected CR after chunk extension value");
                    }
                    Some(_) => {
                        return Some(self.fail("HPE_STRICT", "Invalid character in chunk extensions value"));
                    }
                }
            }
            State::ChunkQuoted => {
                let n = chars::run(&input[*at..], QUOTED);
                *at += n;
                if !self.count_extension(n) {
                    return None;
                }
                match input.get(*at) {
                    None => {}
                    Some(b'"') => self.advance(at, State::ChunkQuotedDone),
                    Some(b'\\') => self.advance(at, State::ChunkQuotedPair),
                    Some(_) => {
                        return Some(self.fail("HPE_STRICT", "Invalid character in chunk extensions quoted value"));
                    }
                }
            }
            State::ChunkQuotedPair => {
                if !chars::is(c, VALUE) {
                    return Some(self.fail("HPE_STRICT", "Invalid quoted-pair in chunk extensions quoted value"));
                }
                self.advance(at, State::ChunkQuoted);
            }
            State::ChunkQuotedDone => match c {
                b';' => self.advance(at, State::ChunkExtensionStart),
                b'\r' => self.advance(at, State::ChunkLf),
                b'\n' => return self.lone_lf(at, State::ChunkLf, "Missing expected CR after chunk extension value"),
                _ => return Some(self.fail("HPE_STRICT", "Invalid character in chunk extensions quote value")),
            },
            State::ChunkLf => {
                if c == b'\n' {
                    *at += 1;
                } else if !self.allows(lenient::OPTIONAL_LF_AFTER_CR) {
                    return Some(self.fail("HPE_STRICT", "Expected LF after chunk size"));
                }
                self.extension_bytes = 0;
                if self.content_length == 0 {
                    self.flags |= flag::TRAILING;
                    self.head_bytes = 0;
                    self.state = State::FieldStart;
                } else {
                    self.state = State::ChunkData;
                }
            }
            State::ChunkDataCr => match c {
                b'\r' => self.advance(at, State::ChunkDataLf),
                b'\n' => return self.lone_lf(at, State::ChunkSizeFirst, "Missing expected CR after chunk data"),
                _ if self.allows(lenient::OPTIONAL_CRLF_AFTER_CHUNK) => self.state = State::ChunkSizeFirst,
                _ => return Some(self.fail("HPE_STRICT", "Expected LF after chunk data")),
            },
            State::ChunkDataLf => {
                if c == b'\n' {
                    self.advance(at, State::ChunkSizeFirst);
                } else if self.allows(lenient::OPTIONAL_CRLF_AFTER_CHUNK) {
                    self.state = State::ChunkSizeFirst;
                } else {
                    return Some(self.fail("HPE_STRICT", "Expected LF after chunk data"));
                }
            }
            _ => unreachable!("not a state of a chunk"),
        }
        None
    }

    fn advance(&mut self, at: &mut usize, state: State) {
        *at += 1;
        self.state = state;
    }

    /// A line that ends with LF alone. It is left to [`State::ChunkLf`] where that comes next.
    fn lone_lf(&mut self, at: &mut usize, state: State, reason: &'static str) -> Option<Step> {
        if !self.allows(lenient::OPTIONAL_CR_BEFORE_LF) {
            return Some(self.fail("HPE_CR_EXPECTED", reason));
        }
        if state != State::ChunkLf {
            *at += 1;
        }
        self.state = state;
        None
    }
}
