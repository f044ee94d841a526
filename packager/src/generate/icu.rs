//! Cuts ICU's data. Owns: the file's table of contents ("ICU common data", ICU's `ucmndata.h`), which item belongs to which part and
//! language. Does not own: what a program needs (`intl.rs`).
//!
//! Never in: converters of legacy encodings (the runtime has `encoding_rs`), transliteration, confusables, host names in Unicode (the
//! runtime has its own): nothing in V8 asks for them. Always in, some 1.5 MB: English, the root that every locale falls back to, time
//! zones, Unicode's normalisation and emoji. V8 aborts where it finds no data at all, and a Date's text names its zone.

use super::locales::keep_locales;
use crate::scan::Part;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What to keep besides what is always in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    pub collation: Languages,
    pub formatting: Languages,
    pub segmentation: bool,
}

/// Languages by their subtag, "de" for "de-AT" too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Languages {
    All,
    Only(BTreeSet<String>),
}

impl Default for Languages {
    fn default() -> Self {
        Self::Only(BTreeSet::new())
    }
}

impl Languages {
    fn has(&self, language: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(language),
        }
    }

    /// Adds the language of a locale, with those that its data refers to.
    pub fn add(&mut self, locale: &str) {
        let Self::Only(names) = self else { return };
        let language = locale.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        let family = FAMILIES.iter().find(|family| family.contains(&&*language));
        names.extend(family.into_iter().flat_map(|family| family.iter().map(|name| (*name).to_owned())));
        names.insert(language);
    }
}

/// Languages whose data is another's, by alias or as a parent.
const FAMILIES: [&[&str]; 8] = [
    &["nb", "nn", "no"],
    &["bs", "hr", "me", "sh", "sr"],
    &["he", "iw"],
    &["id", "in"],
    &["mo", "ro"],
    &["fil", "tl"],
    &["yue", "zh", "cmn"],
    &["fr", "ht"],
];

/// Locales that are always in.
const ALWAYS: [&str; 4] = ["en", "en_001", "en_US", "en_US_POSIX"];

/// Bytes of the header's fields in front of the copyright, of an entry in the table.
const FIXED: usize = 24;
const ENTRY: usize = 8;
const ALIGNMENT: usize = 16;

impl Keep {
    /// Everything that V8 can ask for.
    pub fn all() -> Self {
        Self { collation: Languages::All, formatting: Languages::All, segmentation: true }
    }

    pub fn add(&mut self, part: Part, locale: Option<&str>) {
        let languages = match part {
            Part::Collation => &mut self.collation,
            Part::Formatting => &mut self.formatting,
            Part::Segmentation => return self.segmentation = true,
        };
        match locale {
            Some(locale) => languages.add(locale),
            None => *languages = Languages::All,
        }
    }

    /// `data` without what is not kept; `None` where it is no data of ICU's.
    pub fn cut(&self, data: &[u8]) -> Option<Vec<u8>> {
        let items = items(data)?;
        // ICU does not know the length of the last item, and V8 asks for that of the time zones: the last one stays the last.
        let last = items.last()?.0;
        let kept = items.into_iter().filter(|(name, _)| self.keeps(name) || *name == last);
        let kept: Vec<_> = kept.map(|(name, bytes)| (name, self.index(name, bytes))).collect();
        let head = usize::from(u16::from_le_bytes(data.get(..2)?.try_into().ok()?));
        let mut out = data.get(..head)?.to_vec();
        let names: usize = kept.iter().map(|(name, _)| name.len() + 1).sum();
        let mut name_at = 4 + ENTRY * kept.len();
        let mut data_at = (name_at + names).next_multiple_of(ALIGNMENT);
        out.extend(u32::try_from(kept.len()).ok()?.to_le_bytes());
        for (name, bytes) in &kept {
            out.extend(u32::try_from(name_at).ok()?.to_le_bytes());
            out.extend(u32::try_from(data_at).ok()?.to_le_bytes());
            name_at += name.len() + 1;
            data_at = (data_at + bytes.len()).next_multiple_of(ALIGNMENT);
        }
        for (name, _) in &kept {
            out.extend(name.as_bytes());
            out.push(0);
        }
        for (_, bytes) in &kept {
            out.resize(head + (out.len() - head).next_multiple_of(ALIGNMENT), 0);
            out.extend(&**bytes);
        }
        Some(out)
    }

    /// The locales that V8 goes through when it makes the first object of `Intl` are those that have data: it opens each. And "en_US_POSIX"
    /// is none of them: V8 cannot reach it, but to read its name makes ICU build a table of all keywords (milliseconds at start).
    fn index<'a>(&self, name: &str, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let path = name.split_once('/').map_or(name, |(_, path)| path);
        let keeps =
            |locale: &str| locale != "en_US_POSIX" && (path != "coll/res_index.res" || self.has_collation(locale));
        let index =
            if path == "res_index.res" || path == "coll/res_index.res" { keep_locales(bytes, keeps) } else { None };
        index.map_or(Cow::Borrowed(bytes), Cow::Owned)
    }

    fn has_collation(&self, locale: &str) -> bool {
        ALWAYS.contains(&locale) || language(locale).is_none_or(|language| self.collation.has(language))
    }

    fn keeps(&self, name: &str) -> bool {
        // "icudt78l/coll/de_AT.res"
        let path = name.split_once('/').map_or(name, |(_, path)| path);
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
        if matches!(extension, "cnv" | "cfu")
            || folder == "translit"
            || matches!(file, "cnvalias.icu" | "uts46.nrm" | "nfkc_scf.nrm")
        {
            return false;
        }
        if folder == "brkitr" && self.segmentation {
            return true;
        }
        match (extension, language(stem)) {
            ("dict", _) => false,
            ("brk", _) => matches!(stem, "char" | "word" | "sent"),
            ("res", Some(language)) => {
                let languages = if folder == "coll" { &self.collation } else { &self.formatting };
                ALWAYS.contains(&stem) || (folder != "brkitr" && languages.has(language))
            }
            _ => true,
        }
    }
}

/// Whether `data` has anything for the language of a locale.
pub fn has_language(data: &[u8], locale: &str) -> bool {
    let mut wanted = Languages::default();
    wanted.add(locale);
    let of_language = |(name, _): (&str, &[u8])| {
        let stem = name.split_once('/').and_then(|(_, path)| path.strip_suffix(".res"));
        stem.is_some_and(|stem| language(stem) == Some(stem) && wanted.has(stem))
    };
    items(data).is_none_or(|items| items.into_iter().any(of_language))
}

/// The language of a locale's bundle; `None` for the names of other bundles.
fn language(stem: &str) -> Option<&str> {
    let language = stem.split('_').next()?;
    (stem != "res_index" && matches!(language.len(), 2 | 3) && language.bytes().all(|b| b.is_ascii_lowercase()))
        .then_some(language)
}

/// Names and contents, in the table's order, which is by name.
fn items(data: &[u8]) -> Option<Vec<(&str, &[u8])>> {
    let number = |at: usize| Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?) as usize);
    let head = usize::from(u16::from_le_bytes(data.get(..2)?.try_into().ok()?));
    // Magic numbers, little-endian, ASCII, "CmnD".
    let known = data.get(2..4)? == [0xda, 0x27] && data.get(8..10)? == [0, 0] && data.get(12..16)? == b"CmnD";
    if !known || head < FIXED {
        return None;
    }
    let count = number(head)?;
    let entry = |index: usize| {
        let at = head + 4 + ENTRY * index;
        Some((head + number(at)?, head + number(at + 4)?))
    };
    let mut items = Vec::new();
    for index in 0..count {
        let (name, start) = entry(index)?;
        let end = if index + 1 < count { entry(index + 1)?.1 } else { data.len() };
        let name = data.get(name..)?;
        let name = std::str::from_utf8(name.get(..name.iter().position(|b| *b == 0)?)?).ok()?;
        items.push((name, data.get(start..end)?));
    }
    Some(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with these items, each holding its own name.
    fn data(names: &[&str]) -> Vec<u8> {
        let mut out = vec![32, 0, 0xda, 0x27, 20, 0, 0, 0, 0, 0, 2, 0];
        out.extend(b"CmnD");
        out.resize(32, 0);
        out.extend((names.len() as u32).to_le_bytes());
        let mut name_at = 4 + 8 * names.len();
        let mut data_at = (name_at + names.iter().map(|n| n.len() + 1).sum::<usize>()).next_multiple_of(16);
        for name in names {
            out.extend((name_at as u32).to_le_bytes());
            out.extend((data_at as u32).to_le_bytes());
            name_at += name.len() + 1;
            data_at += 64;
        }
        names.iter().for_each(|name| out.extend([name.as_bytes(), &[0]].concat()));
        for name in names {
            out.resize(out.len().next_multiple_of(16), 0);
            out.extend(name.as_bytes());
            out.resize(out.len() + 64 - name.len(), 0);
        }
        out
    }

    fn kept(keep: &Keep, names: &[&str]) -> Vec<String> {
        let cut = keep.cut(&data(names)).unwrap();
        let items = items(&cut).unwrap();
        assert!(items.iter().all(|(name, bytes)| bytes.starts_with(name.as_bytes())));
        items.into_iter().map(|(name, _)| name.to_owned()).collect()
    }

    const NAMES: [&str; 15] = [
        "icudt78l/brkitr/cjdict.dict",
        "icudt78l/brkitr/word.brk",
        "icudt78l/coll/de.res",
        "icudt78l/coll/root.res",
        "icudt78l/coll/ucadata.icu",
        "icudt78l/cnvalias.icu",
        "icudt78l/de_AT.res",
        "icudt78l/en.res",
        "icudt78l/en_GB.res",
        "icudt78l/gb18030.cnv",
        "icudt78l/nb.res",
        "icudt78l/no.res",
        "icudt78l/res_index.res",
        "icudt78l/units.res",
        "icudt78l/zoneinfo64.res",
    ];

    #[test]
    fn english_and_the_root_stay() {
        let names = kept(&Keep::default(), &NAMES);
        assert_eq!(names.len(), 7, "{names:?}");
        assert!(names.contains(&"icudt78l/zoneinfo64.res".to_owned()));
    }

    #[test]
    fn parts_and_families() {
        let mut keep = Keep::default();
        keep.add(Part::Formatting, Some("nb-NO"));
        keep.add(Part::Collation, Some("de"));
        keep.add(Part::Segmentation, None);
        let names = kept(&keep, &NAMES);
        assert_eq!(names.len(), 11, "{names:?}");
        assert!(!names.contains(&"icudt78l/de_AT.res".to_owned()));
        assert_eq!(kept(&Keep::all(), &NAMES).len(), 13);
    }

    #[test]
    fn languages_without_data() {
        let data = data(&NAMES);
        assert!(has_language(&data, "nb-NO") && has_language(&data, "en") && has_language(&data, "nn"));
        assert!(!has_language(&data, "xx") && !has_language(&data, "") && !has_language(&data, "units"));
    }

    #[test]
    fn other_data_is_refused() {
        assert_eq!(Keep::all().cut(b"no data"), None);
        let cut = data(&NAMES);
        assert_eq!(Keep::all().cut(&cut[..200]), None);
    }
}
