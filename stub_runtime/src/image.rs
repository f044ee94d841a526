//! The startup snapshot: the heap after the built-ins that every start needs were evaluated.
//!
//! Owns: making the base image. Does not own: reading it (`runtime::Origin`), storing it (crate `payload`).

use crate::{binding, runtime};

/// Writes the base image to the file `out`; returns the exit status.
pub fn build_base(out: &str) -> i32 {
    // Deterministic: V8 seeds its hashes and orders its objects the same way each time.
    runtime::initialize_v8(&["--predictable".into(), "--random-seed=42".into()]);
    let mut isolate = v8::Isolate::snapshot_creator(Some(binding::external_references().into()), None);
    runtime::configure(&mut isolate);
    {
        v8::scope!(let scope, &mut isolate);
        let bare = v8::Context::new(scope, v8::ContextOptions::default());
        scope.set_default_context(bare);
        let context = v8::Context::new(scope, v8::ContextOptions::default());
        {
            let scope = &mut v8::ContextScope::new(scope, context);
            runtime::prepare_image_context(scope, context);
        }
        scope.add_context(context);
    }
    let Some(blob) = isolate.create_blob(v8::FunctionCodeHandling::Keep) else {
        crate::stdio::write_stderr("the image could not be made\n");
        return 1;
    };
    match std::fs::write(out, &*blob) {
        Ok(()) => 0,
        Err(error) => {
            crate::stdio::write_stderr(&format!("{out}: {error}\n"));
            1
        }
    }
}
