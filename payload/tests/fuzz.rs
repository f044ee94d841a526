//! The fuzz targets' bodies under a mutator with a fixed seed, so that every run of the suite tries the same inputs. The long
//! run is `cargo test -p payload --release --test fuzz -- --ignored`; PACK_FUZZ_INPUTS sets another. `payload/fuzz` has the
//! same bodies for `cargo fuzz`, where coverage leads the way.

mod common;
#[path = "common/elf.rs"]
mod elf;
#[path = "../fuzz/shared/exercise.rs"]
mod exercise;
#[path = "../fuzz/shared/reseal.rs"]
mod reseal;

use common::{file, manifest, small};
use exercise::{container, everything, questions};
use payload::{Builder, EdgeKind, EdgeTarget, FileKind};

/// xorshift64*: no dependency, the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        ((self.next() >> 32) as usize * end.max(1)) >> 32
    }
}

/// One to eight changes of the kinds that break readers.
fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    const NUMBERS: [u64; 10] =
        [0, 1, 7, 0x7f, 0xffff, 0x7fff_ffff, 0xffff_ffff, 0x7fff_ffff_ffff_ffff, u64::MAX, u64::MAX - 15];
    for _ in 0..=random.below(8) {
        let (len, kind) = (bytes.len(), random.below(16));
        // The index is at the front, and most of the rest is zeros: half of the changes go there.
        let at = if random.below(2) == 0 { random.below(len.min(1600)) } else { random.below(len) };
        let rest = len - at;
        match kind {
            0..=4 if rest > 0 => bytes[at] ^= 1 << random.below(8),
            5..=6 if rest > 0 => bytes[at] = random.next() as u8,
            7..=8 if rest >= 4 => {
                let number = NUMBERS[random.below(10)] as u32;
                bytes[at & !3..][..4].copy_from_slice(&number.to_le_bytes());
            }
            9..=10 if rest >= 8 => {
                let number = NUMBERS[random.below(10)];
                bytes[at & !7..][..8].copy_from_slice(&number.to_le_bytes());
            }
            11 if rest >= 4 => {
                let old = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
                let new = old.wrapping_add(random.below(33) as u32).wrapping_sub(16);
                bytes[at..at + 4].copy_from_slice(&new.to_le_bytes());
            }
            12 => bytes.truncate(at),
            13 => bytes.resize(len + random.below(64), random.next() as u8),
            14 => {
                let count = random.below(rest.min(64));
                let to = random.below(len - count + 1);
                bytes.copy_within(at..at + count, to);
            }
            _ => {
                let count = random.below(rest.min(64));
                bytes[at..at + count].fill(0);
            }
        }
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let mut b = Builder::new(manifest());
    b.file("src/main.ts", file(FileKind::EsModule, "1")).unwrap();
    b.symlink("loop", "src").unwrap();
    b.edge("src/main.ts", EdgeKind::Import, "dep", EdgeTarget::File("src/main.ts".into())).unwrap();
    vec![b.build().unwrap(), small().build().unwrap()]
}

/// A quarter with checksums as they fall (nothing may get through), the rest with right ones (nothing may panic).
fn run(inputs: u64) {
    let (seeds, stub) = (seeds(), elf::stub());
    let texts: Vec<_> = seeds.iter().map(|seed| everything(seed).unwrap()).collect();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let (mut refused, mut opened) = (0u64, 0u64);
    let mut bytes = Vec::new();
    for input in 0..inputs {
        let which = usize::from(input % 8 == 0);
        bytes.clear();
        if input % 16 == 1 {
            bytes.extend_from_slice(&stub);
            mutate(&mut bytes, &mut random);
            container(&bytes, &seeds[0]);
            continue;
        }
        bytes.extend_from_slice(&seeds[which]);
        mutate(&mut bytes, &mut random);
        if input % 4 == 0 {
            if let Ok(text) = everything(&bytes) {
                assert_eq!(text, texts[which], "input {input} was read as something else");
            }
            continue;
        }
        reseal::reseal(&mut bytes);
        questions(&bytes);
        *if everything(&bytes).is_ok() { &mut opened } else { &mut refused } += 1;
    }
    // A run that never gets behind the checksums would prove nothing.
    assert!(opened > inputs / 50 && refused > inputs / 50, "{opened} opened, {refused} refused");
    println!("{inputs} inputs: of those with right checksums {opened} opened, {refused} were refused");
}

fn count(default: u64) -> u64 {
    std::env::var("PACK_FUZZ_INPUTS").map_or(default, |n| n.parse().expect("PACK_FUZZ_INPUTS is a number"))
}

#[test]
fn mutated_payloads_do_no_harm() {
    run(count(1_000_000));
}

#[test]
#[ignore = "ten million inputs: for the release profile"]
fn mutated_payloads_do_no_harm_at_length() {
    run(count(10_000_000));
}

/// `cargo fuzz` starts from these: `PACK_FUZZ_CORPUS=payload/fuzz/corpus cargo test -p payload --test fuzz -- --ignored write`.
#[test]
#[ignore = "writes the seeds of cargo fuzz where PACK_FUZZ_CORPUS says"]
fn write_the_corpus() {
    let Some(corpus) = std::env::var_os("PACK_FUZZ_CORPUS") else {
        return println!("skip: PACK_FUZZ_CORPUS is not set");
    };
    // Tests run in the crate's folder; the path is meant from the workspace's.
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(corpus);
    let payloads = seeds();
    let app = payload::container::embed(&elf::stub(), &payloads[0]).unwrap();
    for (target, files) in [("open", &payloads), ("resealed", &payloads), ("container", &vec![elf::stub(), app])] {
        let folder = corpus.join(target);
        std::fs::create_dir_all(&folder).unwrap();
        for (i, file) in files.iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{i}")), file).unwrap();
        }
    }
}
