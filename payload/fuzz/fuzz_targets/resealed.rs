//! Any bytes with checksums made right: what lies behind the checksums never panics either.
#![no_main]

#[path = "../shared/exercise.rs"]
#[allow(dead_code)]
mod exercise;
#[path = "../shared/reseal.rs"]
mod reseal;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let mut bytes = bytes.to_vec();
    reseal::reseal(&mut bytes);
    let _ = exercise::everything(&bytes);
    exercise::questions(&bytes);
});
