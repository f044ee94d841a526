//! Header blocks that come again and again: a client sends the same ones with each request of a connection. Those have one
//! string in JavaScript, which is known there by what was made of it (`js/internal/http/incoming.js`).

use std::cell::RefCell;

/// Blocks that are kept, each in the place that its hash gives.
const PLACES: usize = 64;
/// Longer ones are not kept.
const LONGEST: usize = 1024;

#[derive(Default)]
struct Place {
    /// Of the block that was here last: only one that comes twice in a row is kept.
    hash: u64,
    kept: Option<(Box<[u8]>, v8::Global<v8::String>)>,
}

thread_local! {
    static KEPT: RefCell<Vec<Place>> = const { RefCell::new(Vec::new()) };
}

/// The string of these bytes if they have come before.
pub fn text<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: &[u8]) -> Option<v8::Local<'s, v8::String>> {
    if bytes.is_empty() || bytes.len() > LONGEST {
        return None;
    }
    let hash = hash_of(bytes);
    KEPT.with(|places| {
        let mut places = places.borrow_mut();
        if places.is_empty() {
            places.resize_with(PLACES, Place::default);
        }
        let place = &mut places[(hash % PLACES as u64) as usize];
        if place.hash != hash {
            *place = Place { hash, kept: None };
            return None;
        }
        if let Some((_, text)) = place.kept.as_ref().filter(|(kept, _)| **kept == *bytes) {
            return Some(v8::Local::new(scope, text));
        }
        let text = v8::String::new_from_one_byte(scope, bytes, v8::NewStringType::Normal)?;
        place.kept = Some((bytes.into(), v8::Global::new(scope, text)));
        Some(text)
    })
}

/// A quick one: what is different and has the same hash only takes the other's place.
fn hash_of(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut hash = bytes.len() as u64;
    let mut add = |word: u64| hash = (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    words.iter().for_each(|word| add(u64::from_le_bytes(*word)));
    rest.iter().for_each(|byte| add(u64::from(*byte)));
    hash ^ hash >> 32
}
