//! A program with a payload and nothing else: the stub without V8, for the tests of the container. It is built by
//! `tests/elf.rs` with the stub's own link options.
//!
//! Prints what it finds: the state, each file with its data's length, the sections. Status 1 where anything is damaged.

#[path = "../../stub_runtime/src/payload_segment.rs"]
mod payload_segment;

use std::process::exit;

use payload::{Damaged, Payload, SectionKind};

fn main() {
    payload_segment::install_damage_handler();
    match report() {
        Ok(text) => print!("{text}"),
        Err(damaged) => {
            eprintln!("{damaged}");
            exit(1);
        }
    }
}

fn report() -> Result<String, Damaged> {
    let Some(payload) = Payload::open(payload_segment::bytes())? else {
        return Ok("empty\n".to_owned());
    };
    let mut text = format!("{} {}\n", payload.manifest().name, payload.manifest().version);
    for entry in payload.tree().entries() {
        let mut len = 0;
        for blob in [entry.code_cache(), entry.source_map(), entry.source(), entry.content()].into_iter().flatten() {
            len = blob.bytes()?.len();
        }
        text += &format!("{} {len}\n", entry.path());
    }
    let (icu, certificates) = (payload.icu()?, payload.certificates()?);
    // Each cache is checked when it is looked up; here there is nobody to ask for one.
    payload.check_section(SectionKind::Caches)?;
    text += &format!("image {} icu {} certificates {}\n", payload.image().len(), icu.len(), certificates.len());
    Ok(text)
}
