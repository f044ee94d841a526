//! The runtime that `pack` carries. Owns: unpacking it, and `PACK_STUB`, which names another one while `pack` is developed.

use include_dir::{Dir, include_dir};
use std::borrow::Cow;
use std::path::PathBuf;

/// `stub.zst`, `dynamic.zst`, `image.zst` and `icu.zst`, made by build.rs; empty where it was told not to.
static EMBEDDED: Dir = include_dir!("$OUT_DIR/embedded");

/// A stub with its base image.
pub struct Stub {
    pub executable: Cow<'static, [u8]>,
    /// Empty where there is none.
    pub image: Cow<'static, [u8]>,
    /// ICU's data.
    pub icu: Cow<'static, [u8]>,
}

impl Stub {
    /// The stub to build with, or why there is none.
    pub fn load() -> Result<Self, String> {
        if let Some(path) = named_stub() {
            let executable = std::fs::read(&path).map_err(|error| format!("PACK_STUB {}: {error}", path.display()))?;
            let image = path.with_extension("image");
            let image = std::fs::read(image).unwrap_or_default();
            return Ok(Self { executable: executable.into(), image: image.into(), icu: icu()? });
        }
        let executable = unpack("stub.zst")?.ok_or("this `pack` was built without a runtime; set PACK_STUB to one")?;
        Ok(Self { executable: executable.into(), image: unpack("image.zst")?.unwrap_or_default().into(), icu: icu()? })
    }

    /// As the packager takes it.
    pub fn parts(&self) -> packager::Stub<'_> {
        let dynamic: packager::Dynamic = &dynamic;
        packager::Stub { executable: &self.executable, dynamic: Some(dynamic), image: &self.image, icu: &self.icu }
    }

    /// As [`Stub::parts`], with the dynamic executable in the place of the static one.
    pub fn into_dynamic(self) -> Result<Self, String> {
        Ok(Self { executable: dynamic()?.into(), ..self })
    }
}

/// The executable with a dynamic loader: `dynamic.zst`, or what lies beside `PACK_STUB` with that extension.
fn dynamic() -> Result<Vec<u8>, String> {
    if let Some(path) = named_stub() {
        let path = path.with_extension("dynamic");
        return std::fs::read(&path)
            .map_err(|error| format!("PACK_STUB with a dynamic loader, {}: {error}", path.display()));
    }
    unpack("dynamic.zst")?
        .ok_or_else(|| "this `pack` was built without a dynamic runtime, which native addons need".to_owned())
}

/// `PACK_STUB`.
fn named_stub() -> Option<PathBuf> {
    std::env::var_os("PACK_STUB").filter(|p| !p.is_empty()).map(PathBuf::from)
}

fn icu() -> Result<Cow<'static, [u8]>, String> {
    Ok(unpack("icu.zst")?.unwrap_or_default().into())
}

fn unpack(name: &str) -> Result<Option<Vec<u8>>, String> {
    let Some(file) = EMBEDDED.get_file(name) else { return Ok(None) };
    zstd::decode_all(file.contents())
        .map(Some)
        .map_err(|error| format!("the runtime inside `pack` is damaged: {error}"))
}
