//! The runtimes that `pack` carries. Owns: unpacking them, and `PACK_STUB`, which names another one while `pack` is developed.

use include_dir::{Dir, include_dir};
use packager::{Flavour, Stub};
use std::path::PathBuf;

/// `NAME.zst` and `NAME-image.zst` of each flavour, and `icu.zst`, made by build.rs; empty where it was told not to.
static EMBEDDED: Dir = include_dir!("$OUT_DIR/embedded");

/// The stub of a flavour to build with, or why there is none. Beside `PACK_STUB`, its image has the extension `image`; a dynamic one is
/// found there as `dynamic`, its image as `dynamic.image`.
pub fn load(flavour: Flavour) -> Result<Stub, String> {
    let icu = unpack("icu")?.unwrap_or_default().into();
    if let Some(path) = std::env::var_os("PACK_STUB").filter(|p| !p.is_empty()).map(PathBuf::from) {
        let (path, image) = match flavour {
            Flavour::Static => (path.clone(), path.with_extension("image")),
            Flavour::Dynamic => (path.with_extension("dynamic"), path.with_extension("dynamic.image")),
        };
        let executable = std::fs::read(&path).map_err(|error| format!("PACK_STUB, {}: {error}", path.display()))?;
        return Ok(Stub { executable: executable.into(), image: std::fs::read(image).unwrap_or_default().into(), icu });
    }
    let (name, image) = match flavour {
        Flavour::Static => ("static", "static-image"),
        Flavour::Dynamic => ("dynamic", "dynamic-image"),
    };
    let executable =
        unpack(name)?.ok_or_else(|| format!("this `pack` was built without a {name} runtime; set PACK_STUB to one"))?;
    Ok(Stub { executable: executable.into(), image: unpack(image)?.unwrap_or_default().into(), icu })
}

fn unpack(name: &str) -> Result<Option<Vec<u8>>, String> {
    let Some(file) = EMBEDDED.get_file(format!("{name}.zst")) else { return Ok(None) };
    zstd::decode_all(file.contents())
        .map(Some)
        .map_err(|error| format!("the runtime inside `pack` is damaged: {error}"))
}
