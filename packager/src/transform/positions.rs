//! From a place in the code that runs to the place in the file as it was written.

use swc_core::common::{BytePos, source_map::LineCol};

/// Knows where each part of printed code came from.
#[derive(Clone, Debug, Default)]
pub struct Positions {
    /// Line and column (UTF-16) in the code, byte offset in the file; ascending.
    marks: Vec<(u32, u32, u32)>,
}

impl Positions {
    /// From what the printer noted; `base` is the file's first position.
    pub fn new(mappings: &[(BytePos, LineCol)], base: u32) -> Self {
        let known = mappings.iter().filter(|(at, _)| at.0 >= base);
        let mut marks: Vec<_> = known.map(|(at, place)| (place.line, place.col, at.0 - base)).collect();
        marks.sort_unstable();
        Self { marks }
    }

    /// The offset in the file of what is at `offset` in `code`; `None` where nothing before it on its line came from the file.
    pub fn original(&self, code: &str, offset: usize) -> Option<usize> {
        let before = code.get(..offset)?;
        let line = before.bytes().filter(|&b| b == b'\n').count() as u32;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before[start..].encode_utf16().count() as u32;
        let at = self.marks.partition_point(|&(l, c, _)| (l, c) <= (line, column));
        let (found, _, original) = *self.marks.get(at.checked_sub(1)?)?;
        (found == line).then_some(original as usize)
    }

    /// The same where types were replaced by blanks: every UTF-16 unit stayed at its place.
    pub fn blanked(text: &str, code: &str, offset: usize) -> Option<usize> {
        let units = code.get(..offset)?.encode_utf16().count();
        let mut seen = 0;
        for (at, c) in text.char_indices() {
            if seen >= units {
                return Some(at);
            }
            seen += c.len_utf16();
        }
        Some(text.len())
    }
}
