//! A program with a payload and nothing else: the stub without V8, for the tests of the container. It is built by
//! `tests/elf.rs` with the stub's own link options.
//!
//! Prints what it finds: the state, each file with its data's length, the sections. Status 1 where anything is damaged.

#[path = "../../stub_runtime/src/payload_segment.rs"]
mod payload_segment;

use std::process::exit;

use payload::{Damaged, Payload};

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
    payload.check_all()?;
    let mut text = format!("{} {}\n", payload.manifest().name, payload.manifest().version);
    for entry in payload.tree().entries() {
        let len = entry.content().map_or(Ok(0), |blob| blob.bytes().map(<[u8]>::len))?;
        text += &format!("{} {len}\n", entry.path());
    }
    text += &format!("image {} icu {}\n", payload.image().len(), payload.icu()?.len());
    Ok(text)
}
