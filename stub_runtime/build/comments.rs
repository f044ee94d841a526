//! JavaScript without its comments, each function where it was: lines and columns stay.
//!
//! Owns: telling comments from strings, templates and regular expressions; comments that name a license stay. Does not own: which texts
//! (`builtins.rs`). A slash behind `)` or `}` is a division; one that looks like a regular expression there is refused, so that it
//! gets written otherwise.

/// Words behind which a slash begins a regular expression.
const OPERATORS: [&[u8]; 13] = [
    b"await",
    b"case",
    b"delete",
    b"do",
    b"else",
    b"in",
    b"instanceof",
    b"new",
    b"of",
    b"return",
    b"throw",
    b"typeof",
    b"void",
];

/// `text`, which is ASCII, with spaces for its comments and none at the ends of lines. An error names the line.
pub fn without(text: &[u8]) -> Result<Vec<u8>, String> {
    let mut scan = Scan { text, at: 0, out: Vec::with_capacity(text.len()), fixed: 0, operand: false };
    // Open braces: whether each began in a template.
    let mut braces: Vec<bool> = Vec::new();
    while let Some(&byte) = text.get(scan.at) {
        let rest = &text[scan.at..];
        match byte {
            b'/' if rest.starts_with(b"//") => {
                let length = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
                scan.comment(length);
            }
            b'/' if rest.starts_with(b"/*") => {
                let end = rest[2..].windows(2).position(|end| end == b"*/");
                scan.comment(end.ok_or_else(|| scan.error("a comment that does not end"))? + 4);
            }
            b'/' if !scan.operand => scan.regular_expression()?,
            b'/' => {
                let before = scan.out.trim_ascii_end().last();
                let spaced = matches!(rest.get(1), Some(b' ' | b'=' | b'\n'));
                if matches!(before, Some(b')' | b'}')) && !spaced {
                    return Err(scan.error("a division or a regular expression: write it with a space or in brackets"));
                }
                scan.keep(1, false);
            }
            b'\'' | b'"' => {
                let length = scan.until(1, byte)?;
                scan.keep(length, true);
            }
            b'`' => scan.template(1, &mut braces)?,
            b'{' => {
                braces.push(false);
                scan.keep(1, false);
            }
            b'}' => match braces.pop() {
                Some(true) => scan.template(1, &mut braces)?,
                _ => scan.keep(1, true),
            },
            b' ' | b'\t' | b'\r' => {
                scan.out.push(byte);
                scan.at += 1;
            }
            b'\n' => scan.line(),
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'$' | b'#' => {
                let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_$#".contains(b)).count();
                // `x.of / 2`
                let is_property =
                    scan.out.trim_ascii_end().ends_with(b".") && !scan.out.trim_ascii_end().ends_with(b"...");
                scan.keep(length, is_property || !OPERATORS.contains(&&rest[..length]));
            }
            b'+' | b'-' if rest.get(1) == Some(&byte) => scan.keep(2, scan.operand),
            _ => scan.keep(1, matches!(byte, b')' | b']')),
        }
    }
    scan.trim();
    Ok(scan.out)
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    out: Vec<u8>,
    /// What is in front of this stays as it is.
    fixed: usize,
    /// What came last is a value, or ends one.
    operand: bool,
}

impl Scan<'_> {
    /// Takes a token.
    fn keep(&mut self, length: usize, operand: bool) {
        self.out.extend_from_slice(&self.text[self.at..self.at + length]);
        self.at += length;
        self.fixed = self.out.len();
        self.operand = operand;
    }

    /// Leaves a comment out.
    fn comment(&mut self, length: usize) {
        let comment = &self.text[self.at..self.at + length];
        let lower = comment.to_ascii_lowercase();
        if [&b"license"[..], b"copyright"].iter().any(|word| lower.windows(word.len()).any(|part| part == *word)) {
            return self.keep(length, self.operand);
        }
        for byte in comment {
            match byte {
                b'\n' => self.line(),
                _ => {
                    self.out.push(b' ');
                    self.at += 1;
                }
            }
        }
    }

    fn line(&mut self) {
        self.trim();
        self.out.push(b'\n');
        self.at += 1;
        self.fixed = self.out.len();
    }

    fn trim(&mut self) {
        self.out.truncate(self.out.trim_ascii_end().len().max(self.fixed));
    }

    /// Takes a part of a template, of which `length` bytes are read: to its end, or to the next value in it.
    fn template(&mut self, length: usize, braces: &mut Vec<bool>) -> Result<(), String> {
        let mut length = length;
        loop {
            match self.text.get(self.at + length) {
                Some(b'\\') => length += 2,
                Some(b'`') => {
                    self.keep(length + 1, true);
                    return Ok(());
                }
                Some(b'$') if self.text.get(self.at + length + 1) == Some(&b'{') => {
                    braces.push(true);
                    self.keep(length + 2, false);
                    return Ok(());
                }
                Some(_) => length += 1,
                None => return Err(self.error("a template that does not end")),
            }
        }
    }

    fn regular_expression(&mut self) -> Result<(), String> {
        let mut length = 1;
        let mut class = false;
        loop {
            match self.text.get(self.at + length) {
                Some(b'\\') => length += 1,
                Some(b'[') => class = true,
                Some(b']') => class = false,
                Some(b'/') if !class => break,
                Some(b'\n') | None => return Err(self.error("a regular expression that does not end")),
                Some(_) => {}
            }
            length += 1;
        }
        self.keep(length + 1, true);
        Ok(())
    }

    /// The length of a string that `quote` ends.
    fn until(&self, length: usize, quote: u8) -> Result<usize, String> {
        let mut length = length;
        loop {
            match self.text.get(self.at + length) {
                Some(b'\\') => length += 2,
                Some(byte) if *byte == quote => return Ok(length + 1),
                Some(b'\n') | None => return Err(self.error("a string that does not end")),
                Some(_) => length += 1,
            }
        }
    }

    fn error(&self, what: &str) -> String {
        format!("line {}: {what}", self.text[..self.at].iter().filter(|b| **b == b'\n').count() + 1)
    }
}
