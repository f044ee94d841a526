//! Any bytes as an executable: finding and embedding never panic, and what was embedded is found.
#![no_main]

#[path = "../shared/exercise.rs"]
#[allow(dead_code)]
mod exercise;

use std::sync::LazyLock;

use payload::{Builder, File, Manifest};

static PAYLOAD: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut builder = Builder::new(Manifest { entry: "main.js".into(), ..Manifest::default() });
    builder.file("main.js", File::default()).expect("a plain path");
    builder.build().expect("a whole payload")
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| exercise::container(bytes, &PAYLOAD));
