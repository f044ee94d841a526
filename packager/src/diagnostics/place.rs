//! A place in a source file, with what is needed to show it after the file's text is gone.

/// A range on one line of a file. Ordered by file, line, column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Path as shown: relative to the project root, or `~/package/...` outside of it. Never absolute.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In UTF-16 units from 1, as editors and stack traces count.
    pub column: usize,
    /// The line's text around the range: minified lines are cut.
    pub text: String,
    /// Byte range in `text`.
    pub start: usize,
    pub end: usize,
}

/// A line longer than this is cut around the range.
const LONGEST_LINE: usize = 160;

impl Place {
    /// The place of bytes `start..end` of `source`; a range that leaves its line ends with the line.
    pub fn in_source(file: impl Into<String>, source: &str, start: usize, end: usize) -> Self {
        let start = floor_boundary(source, start.min(source.len()));
        let line_start = source[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |at| start + at);
        let line_end = line_start.max(line_end - usize::from(source[line_start..line_end].ends_with('\r')));
        let start = start.min(line_end);
        let end = floor_boundary(source, end.clamp(start, line_end));
        let line = source[..line_start].bytes().filter(|&b| b == b'\n').count() + 1;
        let column = source[line_start..start].encode_utf16().count() + 1;

        let (mut from, mut to) = (line_start, line_end);
        if to - from > LONGEST_LINE {
            from = floor_boundary(source, start.saturating_sub(LONGEST_LINE / 2).max(line_start));
            to = floor_boundary(source, (from + LONGEST_LINE).min(line_end));
        }
        let text = source[from..to].replace('\t', " ");
        let (start, end) = (start - from, end.min(to) - from);
        Self { file: file.into(), line, column, text, start, end: end.max(start) }
    }

    /// A whole file.
    pub fn file(file: impl Into<String>) -> Self {
        Self { file: file.into(), line: 1, column: 1, text: String::new(), start: 0, end: 0 }
    }
}

fn floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn counts_lines_and_utf16_columns() {
        let place = Place::in_source("a.js", "one\n\u{1f600} two\r\nthree", 9, 12);
        assert_eq!((place.line, place.column), (2, 4));
        assert_eq!(&place.text[place.start..place.end], "two");
    }

    #[test]
    fn cuts_minified_lines() {
        let source = format!("{}require(x){}", "a;".repeat(500), "b;".repeat(500));
        let place = Place::in_source("a.js", &source, 1008, 1009);
        assert_eq!(place.column, 1009);
        assert_eq!(&place.text[place.start..place.end], "x");
        assert!(place.text.len() <= 160);
    }
}
