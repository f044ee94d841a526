//! Any bytes, as they are: opening and touching everything never panics.
#![no_main]

#[path = "../shared/exercise.rs"]
#[allow(dead_code)]
mod exercise;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = exercise::everything(bytes);
    exercise::questions(bytes);
});
