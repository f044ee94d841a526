//! Makes the checksums of a changed payload right again, from the format's description alone, so that what lies behind them is
//! reached. Does nothing where the bytes no longer have the shape.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

const SECTIONS: usize = 8;
const TREE: usize = 2;
const DATA: usize = 6;
const TABLE: usize = 40;
const FIRST_SECTION: usize = 304;
const END: usize = 16;

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<usize> {
    let mut eight = [0; 8];
    eight[..N].copy_from_slice(bytes.get(at..at.checked_add(N)?)?);
    usize::try_from(u64::from_le_bytes(eight)).ok()
}

fn write(bytes: &mut [u8], at: usize, checksum: u64) {
    if let Some(place) = bytes.get_mut(at..at.saturating_add(8)) {
        place.copy_from_slice(&checksum.to_le_bytes());
    }
}

pub fn reseal(bytes: &mut [u8]) {
    let _ = pieces(bytes);
    let _ = sections(bytes);
    if bytes.len() >= FIRST_SECTION {
        let sum = xxh3_64_with_seed(&bytes[TABLE..FIRST_SECTION], xxh3_64(&bytes[..32]));
        write(bytes, 32, sum);
    }
}

fn pieces(bytes: &mut [u8]) -> Option<()> {
    let tree = number::<8>(bytes, TABLE + TREE * 32 + 8)?;
    let data = number::<8>(bytes, TABLE + DATA * 32 + 8)?;
    for piece in 0..number::<4>(bytes, tree)?.min(100) {
        let at = tree.checked_add(16 + piece * 48)?;
        let start = data.checked_add(number::<8>(bytes, at)?)?;
        let len = number::<8>(bytes, at.checked_add(8)?)?.checked_next_multiple_of(16)?;
        if let Some(covered) = bytes.get(start..start.checked_add(len)?) {
            let sum = xxh3_64(covered);
            write(bytes, at + 16, sum);
        }
    }
    Some(())
}

fn sections(bytes: &mut [u8]) -> Option<()> {
    for section in 0..SECTIONS {
        let at = TABLE + section * 32;
        let start = number::<8>(bytes, at + 8)?;
        let end = match section + 1 {
            SECTIONS => number::<8>(bytes, 24)?.checked_sub(END)?,
            _ => number::<8>(bytes, at + 32 + 8)?,
        };
        if let Some(covered) = bytes.get(start..end) {
            let sum = xxh3_64(covered);
            write(bytes, at + 24, sum);
        }
    }
    Some(())
}
