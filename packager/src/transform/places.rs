//! More places for a source map: swc notes where expressions begin, V8 also names the bracket of a call (`f()()`, `a[b]()`), the operator,
//! the template of a tag. Owns: finding these in the source by reading it and the printed code side by side.

use swc_core::common::BytePos;
use swc_core::common::source_map::LineCol;

/// The first position of a file that is alone in its `SourceMap`.
const BASE: u32 = 1;

/// Adds places to `mappings`, which the printer made of `source` and `code`, and leaves them in the order of `code`.
pub fn complete(mappings: &mut Vec<(BytePos, LineCol)>, code: &str, source: &str) {
    mappings.sort_by_key(|(_, place)| (place.line, place.col));
    let mut found = Vec::new();
    let mut lines = code.split('\n').enumerate().map(Line::new);
    let mut current = lines.next();
    let mut index = 0;
    while index < mappings.len() {
        let (at, place) = mappings[index];
        // Of places with the same column, the last is the innermost.
        let next = mappings.get(index + 1).map(|(_, next)| *next);
        index += 1;
        if next.is_some_and(|next| (next.line, next.col) == (place.line, place.col)) {
            continue;
        }
        while current.as_ref().is_some_and(|line| line.number < place.line) {
            current = lines.next();
        }
        let Some(line) = &current else { break };
        let end = next.filter(|next| next.line == place.line).map_or(line.text.len(), |next| line.offset(next.col));
        let start = line.offset(place.col);
        let Some(printed) = line.text.get(start..end) else { continue };
        let Some(written) = at.0.checked_sub(BASE).and_then(|at| source.get(at as usize..)) else { continue };
        for (inside, offset) in matching(printed.as_bytes(), written.as_bytes()) {
            let col = place.col + printed[..inside].encode_utf16().count() as u32;
            found.push((BytePos(at.0 + offset as u32), LineCol { line: place.line, col }));
        }
    }
    mappings.extend(found);
    mappings.sort_by_key(|(_, place)| (place.line, place.col));
    // One place each: the last is the innermost, or the one found here.
    mappings.reverse();
    mappings.dedup_by_key(|(_, place)| (place.line, place.col));
    mappings.reverse();
}

/// A line of the printed code.
struct Line<'a> {
    number: u32,
    text: &'a str,
    /// Byte offsets by column, where they differ: columns count UTF-16 units.
    offsets: Option<Vec<usize>>,
}

impl<'a> Line<'a> {
    fn new((number, text): (usize, &'a str)) -> Self {
        let offsets = || text.char_indices().flat_map(|(at, c)| std::iter::repeat_n(at, c.len_utf16())).collect();
        Self { number: number as u32, text, offsets: (!text.is_ascii()).then(offsets) }
    }

    fn offset(&self, column: u32) -> usize {
        match &self.offsets {
            Some(offsets) => offsets.get(column as usize).copied().unwrap_or(self.text.len()),
            None => (column as usize).min(self.text.len()),
        }
    }
}

/// Offsets of the same punctuation in both, up to the first difference that is not white space, a comment or a type assertion.
fn matching(printed: &[u8], written: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let (mut a, mut b) = (word(printed, 0), word(written, 0));
    loop {
        while printed.get(a).is_some_and(u8::is_ascii_whitespace) {
            a += 1;
        }
        b = skip(written, b);
        let (Some(&x), Some(&y)) = (printed.get(a), written.get(b)) else { return found };
        if x != y {
            // The printer chooses quotes.
            if matches!((x, y), (b'"', b'\'') | (b'\'', b'"')) {
                (a, b) = (after_text(printed, a), after_text(written, b));
                continue;
            }
            // `a!.b`, `a!()`: types have gone; a bracket that only grouped has gone too.
            if matches!(y, b'!' | b')') {
                b += 1;
                continue;
            }
            return found;
        }
        if is_word(x) {
            let (end_a, end_b) = (word(printed, a), word(written, b));
            if printed[a..end_a] != written[b..end_b] {
                return found;
            }
            if matches!(&printed[a..end_a], b"in" | b"instanceof") {
                found.push((a, b));
            }
            (a, b) = (end_a, end_b);
            continue;
        }
        if (a > 0 || b > 0) && b"([`+-*/%&|^<>=".contains(&x) {
            found.push((a, b));
        }
        (a, b) = match x {
            b'`' => return found,
            b'"' | b'\'' => (after_text(printed, a), after_text(written, b)),
            _ => (a + 1, b + 1),
        };
    }
}

fn is_word(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_' || c == b'$' || c == b'#'
}

/// The end of the name or number at `at`.
fn word(text: &[u8], at: usize) -> usize {
    at + text[at..].iter().take_while(|c| is_word(**c)).count()
}

/// Past the literal that begins at `at`.
fn after_text(text: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    while end < text.len() && text[end] != text[at] {
        end += if text[end] == b'\\' { 2 } else { 1 };
    }
    (end + 1).min(text.len())
}

/// Past white space and comments.
fn skip(text: &[u8], mut at: usize) -> usize {
    loop {
        let rest = &text[at..];
        if rest.first().is_some_and(u8::is_ascii_whitespace) {
            at += 1;
        } else if rest.starts_with(b"//") {
            at += rest.iter().position(|c| *c == b'\n').unwrap_or(rest.len());
        } else if rest.starts_with(b"/*") {
            at += rest.windows(2).skip(2).position(|w| w == b"*/").map_or(rest.len(), |end| end + 4);
        } else {
            return at;
        }
    }
}
