//! Every cut and every changed byte is noticed: at open, or when the damaged part is touched.

mod common;
#[path = "../fuzz/shared/exercise.rs"]
mod exercise;
#[path = "../fuzz/shared/reseal.rs"]
mod reseal;

use common::{file, manifest, small};
use exercise::{container, everything, questions};
use payload::*;

#[test]
fn a_payload_cut_anywhere_is_damaged() {
    let bytes = small().build().unwrap();
    for len in 0..bytes.len() {
        assert!(everything(&bytes[..len]).is_err(), "cut to {len} of {}", bytes.len());
    }
    assert!(everything(&bytes).unwrap().is_some());
}

#[test]
fn a_changed_byte_anywhere_is_damage() {
    let mut bytes = small().build().unwrap();
    for at in 0..bytes.len() {
        for change in [0x01, 0x80, 0xff] {
            bytes[at] ^= change;
            assert!(everything(&bytes).is_err(), "byte {at} of {} changed by {change:#x}", bytes.len());
            bytes[at] ^= change;
        }
    }
    assert!(everything(&bytes).unwrap().is_some());
}

#[test]
fn a_zeroed_or_repeated_page_is_damage() {
    let bytes = small().build().unwrap();
    for page in 0..bytes.len().div_ceil(PAGE) {
        let range = page * PAGE..bytes.len().min((page + 1) * PAGE);
        let mut zeroed = bytes.clone();
        zeroed[range.clone()].fill(0);
        assert!(everything(&zeroed).is_err(), "page {page} zeroed");
        let mut repeated = bytes.clone();
        repeated[range.clone()].copy_from_slice(&bytes[..range.len()]);
        assert!(page == 0 || everything(&repeated).is_err(), "page {page} repeats the first");
    }
}

#[test]
fn what_follows_the_payload_is_not_looked_at() {
    let mut bytes = small().build().unwrap();
    let before = everything(&bytes).unwrap();
    bytes.extend_from_slice(&[0xab; 5000]);
    assert_eq!(everything(&bytes).unwrap(), before);
}

#[test]
fn damage_of_one_file_stays_with_it() {
    let mut bytes = small().build().unwrap();
    let at = bytes.windows(11).position(|w| w == b"exports.a =").unwrap();
    bytes[at] ^= 1;
    let payload = Payload::open(&bytes).unwrap().unwrap();
    let content = |path| payload.tree().resolve(path, true).unwrap().content().unwrap();
    assert_eq!(content("node_modules/dep/index.js").bytes(), Err(Damaged::Checksum("file data")));
    assert_eq!(content("node_modules/dep/index.js").bytes(), Err(Damaged::Checksum("file data")));
    assert_eq!(content("src/main.ts").bytes(), Ok(&b"const x = 1"[..]));
    assert_eq!(payload.check_all(), Err(Damaged::Checksum("data")));
}

#[test]
fn damage_of_sections_read_late_is_found_late() {
    let intact = small().build().unwrap();
    let payload = Payload::open(&intact).unwrap().unwrap();
    for (kind, name) in [(SectionKind::Icu, "icu"), (SectionKind::Certificates, "certificates")] {
        let mut bytes = intact.clone();
        bytes[payload.sections()[kind as usize - 1].offset as usize] ^= 1;
        let damaged = Payload::open(&bytes).unwrap().unwrap();
        let touched = if kind == SectionKind::Icu { damaged.icu() } else { damaged.certificates() };
        assert_eq!(touched, Err(Damaged::Checksum(name)));
    }
}

#[test]
fn a_changed_placeholder_is_not_an_absent_payload() {
    for at in 0..40 {
        let mut page = PLACEHOLDER;
        page[at] ^= 0x20;
        assert!(Payload::open(&page).is_err(), "byte {at}");
    }
}

#[test]
fn damage_says_so_in_words() {
    for damaged in
        [Damaged::Truncated, Damaged::Magic, Damaged::Version(7), Damaged::Checksum("x"), Damaged::Layout("x")]
    {
        assert!(damaged.to_string().starts_with("payload damaged: "), "{damaged}");
    }
}

/// A payload of another version of `pack`, otherwise whole.
#[test]
fn another_version_is_named() {
    let mut bytes = small().build().unwrap();
    bytes[16] = 9;
    reseal::reseal(&mut bytes);
    assert_eq!(Payload::open(&bytes).unwrap_err(), Damaged::Version(9));
}

/// With right checksums only a writer's fault is left; it must not panic either, at any byte.
#[test]
fn wrong_numbers_behind_right_checksums_do_not_panic() {
    let mut b = Builder::new(manifest());
    b.file("src/main.ts", file(FileKind::EsModule, "1")).unwrap();
    b.symlink("loop", "src").unwrap();
    b.edge("src/main.ts", EdgeKind::Import, "dep", EdgeTarget::File("src/main.ts".into())).unwrap();
    let intact = b.build().unwrap();
    for at in 0..intact.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut bytes = intact.clone();
            bytes[at] = value;
            reseal::reseal(&mut bytes);
            let _ = everything(&bytes);
            questions(&bytes);
            container(&bytes, &intact);
        }
    }
}
