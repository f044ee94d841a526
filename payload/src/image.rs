//! What lies in the image's section: a snapshot, or a heap, the snapshot that it was made of, and a tail that says where each ends. Does
//! not own what they mean: both are the runtime's.

use xxhash_rust::xxh3::xxh3_64;

const MAGIC: [u8; 8] = *b"pack-hp2";
/// Length of the heap, length of what every start reads, magic number.
const TAIL: usize = 24;

/// Key of the manifest: how many bytes of the image every start reads, their checksum and that of the others, hexadecimal, with `-`
/// between. Without it all of the image is checked when the payload is opened.
pub const IMAGE_PARTS: &str = "image-parts";

/// The parts of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image<'a> {
    /// The heap as it lies in memory.
    pub heap: Option<&'a [u8]>,
    /// What the heap was made of.
    pub snapshot: &'a [u8],
    /// How many bytes from the image's start every start reads.
    pub first: usize,
}

impl<'a> Image<'a> {
    /// Finds the parts; what has no tail is a snapshot, all of which is read.
    pub fn read(bytes: &'a [u8]) -> Self {
        let split = || {
            let (rest, tail) = bytes.split_last_chunk::<TAIL>()?;
            let number = |at: usize| usize::try_from(u64::from_le_bytes(tail[at..at + 8].try_into().ok()?)).ok();
            let (heap, first) = (number(0)?, number(8)?);
            (tail[16..] == MAGIC && (heap..=rest.len()).contains(&first)).then_some(())?;
            let (heap, snapshot) = rest.split_at_checked(heap)?;
            Some(Image { heap: Some(heap), snapshot, first })
        };
        split().unwrap_or(Image { heap: None, snapshot: bytes, first: bytes.len() })
    }

    /// An image of a heap and its snapshot, of which a start reads the first `read` bytes.
    pub fn write(heap: &[u8], snapshot: &[u8], read: usize) -> Vec<u8> {
        let first = heap.len() + read.min(snapshot.len());
        [heap, snapshot, &(heap.len() as u64).to_le_bytes(), &(first as u64).to_le_bytes(), &MAGIC].concat()
    }

    /// What the manifest says of it under [`IMAGE_PARTS`].
    pub fn parts(bytes: &[u8]) -> String {
        let (first, others) = bytes.split_at(Image::read(bytes).first);
        format!("{:x}-{:x}-{:x}", first.len(), xxh3_64(first), xxh3_64(others))
    }
}

/// The parts by the manifest's entry, each with its checksum; `None` where the entry is not of this image.
pub(crate) fn checked_parts<'a>(image: &'a [u8], entry: &str) -> Option<[(&'a [u8], u64); 2]> {
    let mut numbers = entry.splitn(3, '-').map(|digits| u64::from_str_radix(digits, 16).ok());
    let (length, first, others) = (numbers.next()??, numbers.next()??, numbers.next()??);
    let (start, rest) = image.split_at_checked(usize::try_from(length).ok()?)?;
    Some([(start, first), (rest, others)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_a_snapshot_or_has_a_heap_before_it() {
        fn alone(bytes: &[u8]) -> Image<'_> {
            Image { heap: None, snapshot: bytes, first: bytes.len() }
        }
        assert_eq!(Image::read(b"snapshot"), alone(b"snapshot"));
        assert_eq!(Image::read(b""), alone(b""));
        let both = Image::write(b"heap", b"snapshot", 3);
        assert_eq!(Image::read(&both), Image { heap: Some(b"heap"), snapshot: b"snapshot", first: 7 });
        for (at, value) in [(12, 13u64), (20, 3), (20, 13)] {
            let mut other = both.clone();
            other[at..at + 8].copy_from_slice(&value.to_le_bytes());
            assert_eq!(Image::read(&other), alone(&other));
        }
    }

    #[test]
    fn parts_are_checked_each_by_itself() {
        let image = Image::write(b"heap", b"snapshot", 3);
        let entry = Image::parts(&image);
        let [(first, one), (others, two)] = checked_parts(&image, &entry).unwrap();
        assert_eq!((first, others.len()), (&b"heapsna"[..], image.len() - 7));
        assert_eq!((xxh3_64(first), xxh3_64(others)), (one, two));
        for entry in ["", "7", "7-1", "99-1-1", "x-1-1", "7-1-y"] {
            assert_eq!(checked_parts(&image, entry), None, "{entry}");
        }
    }
}
