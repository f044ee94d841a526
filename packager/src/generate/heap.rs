//! `--snapshot`: the program, or modules of it, evaluated now; the heap they leave becomes the executable's image. Owns: the run, and what
//! to say where it fails. Does not own: what happens in it (`stub_runtime/src/heap.rs`).

use super::train::{KEY, made_by, memory_file, output_of, parsed, words};
use crate::Stub;
use crate::diagnostics::Diagnostic;
use crate::write::Executable;
use payload::{Builder, Content, SnapshotMode};
use std::process::Stdio;

/// Key of the manifest: what is evaluated, a path a line.
const MODULES: &str = "snapshot";

/// Gives `builder` the image of the heap after the modules called `names` were evaluated, or the entry where there are none; returns its
/// length, or why there is none. What the commands of `warmup` call is compiled in it.
pub fn evaluate(
    builder: &mut Builder,
    stub: &Stub,
    names: &[&str],
    warmup: &[String],
) -> Result<Result<usize, Diagnostic>, payload::BuildError> {
    let hint = "what modules do when they are evaluated happens once, at build time: open, listen and connect later, or evaluate fewer modules";
    let failed = |message: String| Diagnostic::error("snapshot", message).hint(hint);
    if stub.image.is_empty() {
        return Ok(Err(failed("--snapshot needs a runtime with an image".into())));
    }
    builder.manifest.snapshot = SnapshotMode::Heap;
    if !names.is_empty() {
        builder.manifest.extra.insert(MODULES.into(), names.join("\n"));
    }
    // The functions that a run calls are in the code caches of their modules, which are evaluated from these.
    for command in warmup {
        let made = made_by(builder, stub, "warm", &words(command))?;
        for (path, cache) in made.and_then(|made| parsed(&made).ok()).unwrap_or_default() {
            builder.code_cache(&path, Content::bytes(cache))?;
        }
    }
    builder.manifest.extra.insert(KEY.into(), "heap".into());
    let payload = builder.build()?;
    builder.manifest.extra.remove(KEY);
    let made = (|| {
        let executable = Executable::new(stub, &payload).map_err(|error| error.to_string())?;
        let mut printed = memory_file(c"printed").map_err(|error| error.to_string())?;
        let copy = printed.try_clone().map_err(|error| error.to_string())?;
        let (status, image) = output_of(&executable, &[], Stdio::from(copy))?;
        if status.success() && !image.is_empty() {
            return Ok(image);
        }
        let mut text = String::new();
        use std::io::{Read, Seek};
        let _ = printed.rewind().and_then(|()| printed.read_to_string(&mut text));
        Err(match text.trim_end() {
            "" => format!("the program ended ({status}) before its heap could be kept"),
            text => text.to_owned(),
        })
    })();
    Ok(match made {
        Ok(image) => {
            let length = image.len();
            builder.manifest.extra.insert(payload::IMAGE_PARTS.into(), payload::Image::parts(&image));
            builder.image(image);
            Ok(length)
        }
        Err(message) => Err(failed(format!("the program cannot be evaluated at build time: {message}"))),
    })
}

/// The built-ins' code caches on an image that [`evaluate`] made; empty where they cannot be made.
pub fn builtin_caches(builder: &mut Builder, stub: &Stub) -> Result<Vec<u8>, payload::BuildError> {
    Ok(made_by(builder, stub, "builtins", &[])?.unwrap_or_default())
}
