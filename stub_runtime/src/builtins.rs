//! The JavaScript half of the built-in modules: their sources and how one is compiled.
//!
//! Owns: the table of sources. Does not own: `require` among built-ins (`js/internal/bootstrap/realm.js`).

use include_dir::{Dir, include_dir};

static SOURCES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/js");
/// Those that come from npm, made by build.rs.
static PACKAGES: Dir<'static> = include_dir!("$OUT_DIR/builtins");

/// Names of the parameters of the function that a built-in's source is the body of.
const PARAMETERS: [&str; 5] = ["exports", "require", "module", "process", "internalBinding"];

/// Ids of all built-ins (`fs/promises`, `internal/errors`), sorted.
pub fn ids() -> Vec<String> {
    fn walk(dir: &Dir<'static>, out: &mut Vec<String>) {
        for file in dir.files() {
            if file.path().extension().is_some_and(|e| e == "js") {
                out.push(file.path().with_extension("").to_string_lossy().into_owned());
            }
        }
        for dir in dir.dirs() {
            walk(dir, out);
        }
    }
    fn walk_disk(root: &std::path::Path, dir: &std::path::Path, out: &mut Vec<String>) {
        for path in std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                walk_disk(root, &path, out);
            } else if path.extension().is_some_and(|e| e == "js")
                && let Ok(id) = path.strip_prefix(root)
            {
                out.push(id.with_extension("").to_string_lossy().into_owned());
            }
        }
    }
    let mut out = Vec::new();
    match dev_folder() {
        Some(folder) => walk_disk(folder.as_ref(), folder.as_ref(), &mut out),
        None => walk(&SOURCES, &mut out),
    }
    walk(&PACKAGES, &mut out);
    out.sort();
    out
}

/// The folder that a debug build takes built-ins from, so that changing one needs no Rust build.
pub fn dev_folder() -> Option<std::ffi::OsString> {
    if cfg!(debug_assertions) { std::env::var_os("PACK_DEV_JS").filter(|f| !f.is_empty()) } else { None }
}

fn source<'s>(scope: &mut v8::PinScope<'s, '_>, id: &str) -> Option<v8::Local<'s, v8::String>> {
    let file = format!("{id}.js");
    if let Some(folder) = dev_folder()
        && let Ok(text) = std::fs::read_to_string(std::path::Path::new(&folder).join(&file))
    {
        return v8::String::new(scope, &text);
    }
    let bytes = SOURCES.get_file(&file).or_else(|| PACKAGES.get_file(&file))?.contents();
    if bytes.is_ascii() {
        // ASCII sources stay where they are: V8 refers to the program's own pages.
        v8::String::new_external_onebyte_static(scope, bytes)
    } else {
        v8::String::new_from_utf8(scope, bytes, v8::NewStringType::Normal)
    }
}

/// Compiles the built-in `id` to its function, `undefined` where there is none of that name.
pub fn compile<'s>(scope: &mut v8::PinScope<'s, '_>, id: &str) -> Option<v8::Local<'s, v8::Function>> {
    let code = source(scope, id)?;
    let name = v8::String::new(scope, &format!("node:{id}")).unwrap();
    let origin = v8::ScriptOrigin::new(scope, name.into(), 0, 0, false, -1, None, false, false, false, None);
    let mut source = v8::script_compiler::Source::new(code, Some(&origin));
    let parameters = PARAMETERS.map(|p| v8::String::new(scope, p).unwrap());
    v8::script_compiler::compile_function(
        scope,
        &mut source,
        &parameters,
        &[],
        v8::script_compiler::CompileOptions::NoCompileOptions,
        v8::script_compiler::NoCacheReason::NoReason,
    )
}

/// `compileBuiltin(id)` of the bootstrap.
pub fn compile_builtin(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let id = args.get(0).to_rust_string_lossy(scope);
    if let Some(function) = compile(scope, &id) {
        rv.set(function.into());
    }
}
