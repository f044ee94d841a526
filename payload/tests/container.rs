//! The file that `embed` makes, byte by byte. Whether it runs is tests/elf.rs.

mod common;
#[path = "common/elf.rs"]
mod elf;

use common::small;
use payload::container::{ContainerError, embed, locate};
use payload::{PAGE, PLACEHOLDER, Payload};

fn number(bytes: &[u8], at: usize) -> usize {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize
}

#[test]
fn the_file_ends_with_the_payload_and_its_segment_is_the_payload() {
    let (stub, payload) = (elf::stub(), small().build().unwrap());
    let app = embed(&stub, &payload).unwrap();
    assert!(app.ends_with(&payload));
    assert_eq!(locate(&app), Ok(&payload[..]));
    let (segment, start) = (64 + 2 * 56, app.len() - payload.len());
    assert_eq!(number(&app, segment + 8), start);
    assert_eq!(number(&app, segment + 32), payload.len());
    assert_eq!(number(&app, segment + 40), payload.len());
    assert_eq!(start % PAGE, number(&app, segment + 16) % PAGE);
    // Nothing else that is loaded has changed.
    assert_eq!(app[64..segment], stub[64..segment]);
    assert_eq!(app[PAGE..2 * PAGE], stub[PAGE..2 * PAGE]);
}

#[test]
fn section_headers_lie_in_front_and_name_the_same_contents() {
    let (stub, payload) = (elf::stub(), small().build().unwrap());
    let app = embed(&stub, &payload).unwrap();
    let table = number(&app, 40);
    assert!(table + 6 * 64 <= app.len() - payload.len());
    let content = |bytes: &[u8], table: usize, i: usize| {
        let (offset, size) = (number(bytes, table + i * 64 + 24), number(bytes, table + i * 64 + 32));
        bytes[offset..offset + size].to_vec()
    };
    for section in [1, 2, 4, 5] {
        let before = content(&stub, number(&stub, 40), section);
        assert_eq!(content(&app, table, section), before, "section {section}");
    }
    assert_eq!(content(&app, table, 3), payload);
    assert_eq!(content(&app, table, 4), b"made by hand");
}

#[test]
fn the_same_input_gives_the_same_file() {
    let (stub, payload) = (elf::stub(), small().build().unwrap());
    assert_eq!(embed(&stub, &payload), embed(&stub, &payload));
}

#[test]
fn a_stub_has_an_absent_payload() {
    let stub = elf::stub();
    assert!(Payload::open(locate(&stub).unwrap()).unwrap().is_none());
}

#[test]
fn what_cannot_carry_is_refused() {
    let payload = small().build().unwrap();
    let stub = elf::stub();
    assert_eq!(embed(b"#!/bin/sh\n", &payload), Err(ContainerError::UnknownFormat));
    assert_eq!(embed(&embed(&stub, &payload).unwrap(), &payload), Err(ContainerError::Occupied));
    assert!(matches!(embed(&stub, &PLACEHOLDER), Err(ContainerError::Malformed(_))));
    assert!(matches!(embed(&stub, &payload[..100]), Err(ContainerError::Malformed(_))));
    let mut without = stub.clone();
    without[2 * PAGE..2 * PAGE + 8].fill(0);
    assert_eq!(embed(&without, &payload), Err(ContainerError::NoPlaceholder));
    assert_eq!(locate(&without), Err(ContainerError::NoPlaceholder));
    // A segment above the placeholder's, which then could not grow.
    let mut below = stub.clone();
    below[64 + 56 + 16..64 + 56 + 24].copy_from_slice(&(9 * PAGE as u64).to_le_bytes());
    assert!(matches!(embed(&below, &payload), Err(ContainerError::Malformed(_))));
}

#[test]
fn a_file_cut_anywhere_is_damaged_or_no_executable() {
    let payload = small().build().unwrap();
    let app = embed(&elf::stub(), &payload).unwrap();
    for len in (0..app.len()).step_by(7).chain(app.len() - 100..app.len()) {
        match locate(&app[..len]) {
            Ok(found) => assert!(Payload::open(found).is_err(), "cut to {len}"),
            Err(error) => assert!(len < PAGE, "cut to {len}: {error}"),
        }
    }
}
