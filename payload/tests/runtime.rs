//! A payload without an app: what `pack stub` and `pack node` carry.

use payload::{Builder, Manifest, Payload};

#[test]
fn image_and_icu_without_an_app() {
    let mut builder = Builder::new(Manifest::default());
    builder.image(vec![1; 10]);
    builder.icu(vec![2; 20]);
    let bytes = builder.build().unwrap();
    let payload = Payload::open(&bytes).unwrap().unwrap();
    assert!(payload.manifest().entry.is_empty());
    assert_eq!(payload.image(), [1; 10]);
    assert_eq!(payload.icu().unwrap(), [2; 20]);
    assert!(payload.tree().lookup("").is_some());
    assert!(payload.tree().resolve("a", true).is_err());
}
