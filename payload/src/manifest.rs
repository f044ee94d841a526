//! What to run and how: the few facts that the stub needs before it reads a file. Does not own how they are obeyed.

use std::collections::BTreeMap;

use crate::wire::{Reader, Writer};
use crate::{Damaged, FileKind};

/// What the image holds besides the built-ins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum SnapshotMode {
    /// No image in the payload: V8 starts from what the stub has.
    None = 0,
    /// The built-ins; the program is compiled from code caches.
    #[default]
    Code = 1,
    /// The program's modules, evaluated at build time.
    Heap = 2,
}

/// The facts about the program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The program's name, from package.json or the entry's file name.
    pub name: String,
    /// The program's version, empty where package.json has none.
    pub version: String,
    /// Version of `pack` that wrote the payload.
    pub pack_version: String,
    /// Target triple of the stub that it was made for.
    pub target: String,
    /// Path in the tree of the main module, "src/main.ts".
    pub entry: String,
    /// How the main module is run.
    pub entry_kind: FileKind,
    /// Node options baked in with `--exec-argv`: `process.execArgv`.
    pub exec_argv: Vec<String>,
    /// Bare names that are looked for on the disk, `--external`.
    pub externals: Vec<String>,
    /// Whether `NODE_EXTRA_CA_CERTS` is read, `--allow-env`. Variables that load or run code are never read.
    pub allow_env: bool,
    /// What the image holds.
    pub snapshot: SnapshotMode,
    /// Anything that needs no field of its own.
    pub extra: BTreeMap<String, String>,
}

impl Manifest {
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut out = Writer::default();
        for s in [&self.name, &self.version, &self.pack_version, &self.target, &self.entry] {
            out.str(s);
        }
        out.u8(self.entry_kind as u8);
        out.u8(self.allow_env as u8);
        out.u8(self.snapshot as u8);
        for list in [&self.exec_argv, &self.externals] {
            out.u64(list.len() as u64);
            list.iter().for_each(|s| out.str(s));
        }
        out.u64(self.extra.len() as u64);
        for (key, value) in &self.extra {
            out.str(key);
            out.str(value);
        }
        out.bytes
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Manifest, Damaged> {
        let mut from = Reader::new(bytes, "manifest");
        let manifest = Manifest {
            name: from.str()?.to_owned(),
            version: from.str()?.to_owned(),
            pack_version: from.str()?.to_owned(),
            target: from.str()?.to_owned(),
            entry: from.str()?.to_owned(),
            entry_kind: FileKind::from_u8(from.u8()?).ok_or_else(|| from.malformed())?,
            allow_env: match from.u8()? {
                0 => false,
                1 => true,
                _ => return Err(from.malformed()),
            },
            snapshot: match from.u8()? {
                0 => SnapshotMode::None,
                1 => SnapshotMode::Code,
                2 => SnapshotMode::Heap,
                _ => return Err(from.malformed()),
            },
            exec_argv: read_list(&mut from)?,
            externals: read_list(&mut from)?,
            extra: read_map(&mut from)?,
        };
        from.end()?;
        Ok(manifest)
    }
}

fn read_list(from: &mut Reader) -> Result<Vec<String>, Damaged> {
    (0..from.u64()?).map(|_| Ok(from.str()?.to_owned())).collect()
}

fn read_map(from: &mut Reader) -> Result<BTreeMap<String, String>, Damaged> {
    (0..from.u64()?).map(|_| Ok((from.str()?.to_owned(), from.str()?.to_owned()))).collect()
}
