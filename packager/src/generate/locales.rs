//! The list of locales in an index of ICU's ("res_index.res", a resource bundle of format 2). Owns: taking names out of it, in place:
//! a table of names that all have the same value. Does not own: which (`icu.rs`).

/// Root of the bundle, its length in 32-bit units, end of its keys.
const INDEXES: usize = 4;
const KEYS_END: usize = 8;
/// Types of resources, in the upper four bits.
const TABLE: u32 = 2;
const TABLE_16: u32 = 5;

/// The bundle with only those of its installed locales that `keeps` says; `None` where it is built otherwise than ICU does.
pub fn keep_locales(bundle: &[u8], keeps: impl Fn(&str) -> bool) -> Option<Vec<u8>> {
    let head = usize::from(unit(bundle, 0)?);
    let body = bundle.get(head..)?;
    let root = word(body, 0)?;
    // The first index says how many there are; the second one where the keys end and the 16-bit units begin.
    let units = 4 * usize::try_from(word(body, KEYS_END)?).ok()?;
    if root >> 28 != TABLE || word(body, INDEXES)? & 0xff < 2 {
        return None;
    }
    let installed = child(body, root, b"InstalledLocales")?;
    if installed >> 28 != TABLE_16 {
        return None;
    }
    let at = units + 2 * offset(installed);
    let count = usize::from(unit(body, at)?);
    let entry = |index: usize| Some((unit(body, at + 2 + 2 * index)?, unit(body, at + 2 + 2 * (count + index))?));
    let entries: Vec<(u16, u16)> = (0..count).map(entry).collect::<Option<_>>()?;
    let mut kept = Vec::new();
    for entry in entries {
        if keeps(std::str::from_utf8(name(body, entry.0)?).ok()?) {
            kept.push(entry);
        }
    }
    let mut out = bundle.to_vec();
    let (keys, values): (Vec<u16>, Vec<u16>) = kept.into_iter().unzip();
    let units = std::iter::once(keys.len() as u16).chain(keys).chain(values);
    for (index, unit) in units.enumerate() {
        out[head + at + 2 * index..][..2].copy_from_slice(&unit.to_le_bytes());
    }
    Some(out)
}

/// The value of `key` in a table.
fn child(body: &[u8], table: u32, key: &[u8]) -> Option<u32> {
    let at = 4 * offset(table);
    let count = usize::from(unit(body, at)?);
    let index = (0..count)
        .find(|index| unit(body, at + 2 + 2 * index).and_then(|key| name(body, key)).is_some_and(|name| name == key))?;
    word(body, (at + 2 + 2 * count).next_multiple_of(4) + 4 * index)
}

fn offset(resource: u32) -> usize {
    (resource & 0x0fff_ffff) as usize
}

/// The name at an offset from the bundle's body.
fn name(body: &[u8], at: u16) -> Option<&[u8]> {
    let rest = body.get(usize::from(at)..)?;
    rest.get(..rest.iter().position(|byte| *byte == 0)?)
}

fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A bundle of one table of locales.
    fn bundle(locales: &[&str]) -> Vec<u8> {
        let mut body = vec![0; 12];
        let mut keys = Vec::new();
        for name in locales.iter().chain(&["InstalledLocales"]) {
            keys.push(body.len() as u16);
            body.extend(name.bytes().chain([0]));
        }
        body.resize(body.len().next_multiple_of(4), 0);
        let units = body.len();
        body.extend((locales.len() as u16).to_le_bytes());
        keys[..locales.len()].iter().for_each(|key| body.extend(key.to_le_bytes()));
        body.resize(body.len() + 2 * locales.len(), 0);
        body.resize(body.len().next_multiple_of(4), 0);
        let root = body.len() as u32 / 4;
        body.extend(1u16.to_le_bytes());
        body.extend(keys[locales.len()].to_le_bytes());
        body.extend((TABLE_16 << 28).to_le_bytes());
        body[..4].copy_from_slice(&(TABLE << 28 | root).to_le_bytes());
        body[4..8].copy_from_slice(&7u32.to_le_bytes());
        body[8..12].copy_from_slice(&(units as u32 / 4).to_le_bytes());
        let mut out = vec![0; 32];
        out[0] = 32;
        out.extend(body);
        out
    }

    #[test]
    fn names_are_taken_out_in_place() {
        let before = bundle(&["de", "en", "en_US_POSIX", "fr"]);
        let after = keep_locales(&before, |name| name != "en_US_POSIX").unwrap();
        assert_eq!(before.len(), after.len());
        let expected = bundle(&["de", "en", "fr"]);
        let count = |bytes: &[u8]| keep_locales(bytes, |_| true).map(|_| ());
        assert!(count(&after).is_some() && count(&expected).is_some());
        let seen = std::cell::RefCell::new(Vec::new());
        keep_locales(&after, |name| {
            seen.borrow_mut().push(name.to_owned());
            true
        });
        assert_eq!(seen.into_inner(), ["de", "en", "fr"]);
    }

    #[test]
    fn what_is_no_bundle_stays() {
        assert_eq!(keep_locales(b"icudt78l/res_index.res", |_| false), None);
        assert_eq!(keep_locales(&[], |_| false), None);
    }
}
