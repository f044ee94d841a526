//! The runtimes that `pack` carries. Owns: unpacking them, once into the user's cache where there is one, and `PACK_STUB`, which names
//! another one while `pack` is developed.

use include_dir::{Dir, include_dir};
use packager::{Flavour, Stub, cache};
use std::borrow::Cow;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;

/// Unpacked parts that stay: two stubs and ICU's data, of this version of `pack` and another.
const KEPT: usize = 6;

/// `NAME.zst`, `NAME-image.zst` and `NAME-caches.zst` of each flavour, and `icu.zst`, made by build.rs; empty where it was told not to.
/// `NAME.sum` is the checksum of what `NAME.zst` unpacks to, `NAME.components` says what it is made of.
static EMBEDDED: Dir = include_dir!("$OUT_DIR/embedded");

/// The stub of a flavour to build with, or why there is none. Beside `PACK_STUB`, its image has the extension `image`, its caches `caches`; a dynamic one is
/// found there as `dynamic`, its image as `dynamic.image`.
pub fn load(flavour: Flavour) -> Result<Stub, String> {
    let icu = || Ok::<_, String>(part("icu")?.map(|(_, bytes)| bytes).unwrap_or_default());
    if let Some(path) = std::env::var_os("PACK_STUB").filter(|p| !p.is_empty()).map(PathBuf::from) {
        let (executable, beside) = match flavour {
            Flavour::Static => (path.clone(), ""),
            Flavour::Dynamic => (path.with_extension("dynamic"), "dynamic."),
        };
        let read = |extension| std::fs::read(path.with_extension(format!("{beside}{extension}"))).unwrap_or_default();
        let (image, caches) = (read("image").into(), read("caches").into());
        let executable =
            std::fs::read(&executable).map_err(|error| format!("PACK_STUB, {}: {error}", executable.display()))?;
        return Ok(Stub { executable: executable.into(), image, caches, icu: icu()?, ..Stub::default() });
    }
    let name = name(flavour);
    let stub = bare(flavour)?;
    let unpack = |part| Ok::<_, String>(unpack(&format!("{name}-{part}"))?.unwrap_or_default().into());
    let id = id(flavour).unwrap_or_default();
    let components = EMBEDDED.get_file(format!("{name}.components")).and_then(|file| file.contents_utf8());
    let components = components.unwrap_or_default().to_owned();
    Ok(Stub { components, id, image: unpack("image")?, caches: unpack("caches")?, icu: icu()?, ..stub })
}

/// The executable of a stub and nothing that belongs to it: for a payload that has all that.
pub fn bare(flavour: Flavour) -> Result<Stub, String> {
    if std::env::var_os("PACK_STUB").is_some_and(|path| !path.is_empty()) {
        return load(flavour);
    }
    let name = name(flavour);
    let (file, executable) =
        part(name)?.ok_or_else(|| format!("this `pack` was built without a {name} runtime; set PACK_STUB to one"))?;
    Ok(Stub { executable, file, ..Stub::default() })
}

/// A file and what is in it.
type Part = (Option<Arc<File>>, Cow<'static, [u8]>);

/// A large part: from the user's cache, where it was unpacked by an earlier build, or unpacked now.
fn part(name: &str) -> Result<Option<Part>, String> {
    let sum = EMBEDDED.get_file(format!("{name}.sum")).and_then(|file| file.contents_utf8()?.parse().ok());
    if let Some(sum) = sum
        && let Some(folder) = cache::folder("parts")
        && let Some((file, bytes)) = cache::mapped(&folder, &format!("{name}-{sum:016x}"), sum, || unpack(name).ok()?)
    {
        cache::keep(&folder, KEPT);
        return Ok(Some((Some(Arc::new(file)), bytes.into())));
    }
    Ok(unpack(name)?.map(|bytes| (None, bytes.into())))
}

/// What names the runtime of a flavour with everything that belongs to it: the same name, the same bytes. `None` where it is not
/// embedded; that of `PACK_STUB` is told by when it was made.
pub fn id(flavour: Flavour) -> Option<String> {
    if let Some(path) = std::env::var_os("PACK_STUB").filter(|path| !path.is_empty()) {
        let path = PathBuf::from(path);
        let made = std::fs::metadata(&path).ok()?;
        let image = std::fs::metadata(path.with_extension("image")).map_or(0, |made| made.mtime_nsec());
        return Some(format!("{}-{:x}-{:x}-{:x}-{image:x}", name(flavour), made.ino(), made.size(), made.mtime_nsec()));
    }
    EMBEDDED.get_file(format!("{}.id", name(flavour)))?.contents_utf8().map(str::to_owned)
}

fn name(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::Static => "static",
        Flavour::Dynamic => "dynamic",
    }
}

fn unpack(name: &str) -> Result<Option<Vec<u8>>, String> {
    let Some(file) = EMBEDDED.get_file(format!("{name}.zst")) else { return Ok(None) };
    zstd::decode_all(file.contents())
        .map(Some)
        .map_err(|error| format!("the runtime inside `pack` is damaged: {error}"))
}
