//! JavaScript text as tokens, enough to see assignments and calls: strings, templates, comments and regular expressions are
//! told apart from code. Never fails: what it cannot read it passes over.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// An identifier or keyword.
    Word,
    /// A quoted string, with its quotes.
    String,
    /// A number, regular expression or piece of a template.
    Other,
    /// `...` or one character.
    Punctuator,
}

/// A token's bytes in the source.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
}

/// Keywords after which a slash begins a regular expression.
const BEFORE_REGEX: [&str; 15] = [
    "return",
    "typeof",
    "case",
    "in",
    "of",
    "delete",
    "void",
    "throw",
    "new",
    "do",
    "else",
    "instanceof",
    "yield",
    "await",
    "extends",
];

struct Lexer<'a> {
    source: &'a str,
    bytes: &'a [u8],
    at: usize,
    out: Vec<Token>,
    /// For each open bracket: `{`, `(` after a keyword with a head (`i`), other `(`, `[`, template hole (`$`).
    open: Vec<u8>,
    /// Whether a slash here would begin a regular expression.
    regex: bool,
}

/// The tokens of a source.
pub fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer { source, bytes: source.as_bytes(), at: 0, out: Vec::new(), open: Vec::new(), regex: true };
    if source.starts_with("#!") {
        lexer.skip_line();
    }
    while lexer.at < lexer.bytes.len() {
        lexer.next();
    }
    lexer.out
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

impl Lexer<'_> {
    fn peek(&self, offset: usize) -> u8 {
        self.bytes.get(self.at + offset).copied().unwrap_or(0)
    }

    fn push(&mut self, kind: Kind, start: usize) {
        self.out.push(Token { kind, start, end: self.at });
    }

    fn skip_line(&mut self) {
        while self.at < self.bytes.len() && self.bytes[self.at] != b'\n' {
            self.at += 1;
        }
    }

    fn next(&mut self) {
        let start = self.at;
        match self.bytes[start] {
            byte if byte.is_ascii_whitespace() || byte == 0xb => self.at += 1,
            b'/' if self.peek(1) == b'/' => self.skip_line(),
            b'/' if self.peek(1) == b'*' => {
                self.at = self.source[start + 2..].find("*/").map_or(self.bytes.len(), |i| start + 2 + i + 2);
            }
            b'/' if self.regex => self.regular_expression(),
            quote @ (b'"' | b'\'') => {
                self.at += 1;
                while self.at < self.bytes.len() && self.bytes[self.at] != quote && self.bytes[self.at] != b'\n' {
                    self.at += if self.bytes[self.at] == b'\\' { 2 } else { 1 };
                }
                self.at = (self.at + 1).min(self.bytes.len());
                self.push(Kind::String, start);
                self.regex = false;
            }
            b'`' => {
                self.at += 1;
                self.template();
            }
            byte if byte.is_ascii_digit() => {
                while is_word(self.peek(0)) || self.peek(0) == b'.' {
                    self.at += 1;
                }
                self.push(Kind::Other, start);
                self.regex = false;
            }
            byte if is_word(byte) => {
                while is_word(self.peek(0)) {
                    self.at += 1;
                }
                let after_dot = self.out.last().is_some_and(|t| &self.source[t.start..t.end] == ".");
                self.regex = !after_dot && BEFORE_REGEX.contains(&&self.source[start..self.at]);
                self.push(Kind::Word, start);
            }
            b'.' if self.peek(1) == b'.' && self.peek(2) == b'.' => {
                self.at += 3;
                self.push(Kind::Punctuator, start);
                self.regex = true;
            }
            byte => self.punctuator(byte),
        }
    }

    fn punctuator(&mut self, byte: u8) {
        let start = self.at;
        self.at += 1;
        let head =
            self.out.last().is_some_and(|t| matches!(&self.source[t.start..t.end], "if" | "while" | "for" | "with"));
        self.regex = true;
        match byte {
            b'(' => self.open.push(if head { b'i' } else { b'(' }),
            b'[' | b'{' => self.open.push(byte),
            b')' => self.regex = self.open.pop() == Some(b'i'),
            b']' => {
                self.open.pop();
                self.regex = false;
            }
            b'}' if self.open.pop() == Some(b'$') => {
                self.template();
                return;
            }
            // `==`, `=>`, `===` are not assignments: they are one token.
            b'=' if matches!(self.peek(0), b'=' | b'>') => {
                while matches!(self.peek(0), b'=' | b'>') {
                    self.at += 1;
                }
            }
            // Nor is the second half of `??=`, `+=`, `!=`.
            b'+' | b'-' | b'*' | b'/' | b'%' | b'&' | b'|' | b'^' | b'<' | b'>' | b'!' | b'?' => {
                while matches!(self.peek(0), b'=')
                    || self.peek(0) == byte && matches!(byte, b'?' | b'&' | b'|' | b'+' | b'-' | b'<' | b'>')
                {
                    self.at += 1;
                }
            }
            _ => {}
        }
        self.push(Kind::Punctuator, start);
    }

    /// The rest of a template up to its end or its next hole.
    fn template(&mut self) {
        let start = self.at;
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b'\\' => self.at += 2,
                b'`' => {
                    self.at += 1;
                    self.push(Kind::Other, start);
                    self.regex = false;
                    return;
                }
                b'$' if self.peek(1) == b'{' => {
                    self.at += 2;
                    self.push(Kind::Other, start);
                    self.open.push(b'$');
                    self.regex = true;
                    return;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.bytes.len();
    }

    fn regular_expression(&mut self) {
        let start = self.at;
        let mut class = false;
        self.at += 1;
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b'\\' => self.at += 1,
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class => break,
                b'\n' => break,
                _ => {}
            }
            self.at += 1;
        }
        self.at = (self.at + 1).min(self.bytes.len());
        self.push(Kind::Other, start);
        self.regex = false;
    }
}
