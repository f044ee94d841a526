//! The JavaScript half of the built-in modules: their sources, how one is compiled, and from which code cache.
//!
//! Owns: the table of sources, the caches that a training run makes. Does not own: `require` among built-ins
//! (`js/internal/bootstrap/realm.js`), what a training run is (`image.rs`), where caches are kept (the payload).

use crate::{binding, runtime};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use text::Text;
use v8::MapFnTo;

mod text;

include!(concat!(env!("OUT_DIR"), "/builtins.rs"));

/// Names of the parameters of the function that a built-in's source is the body of.
const PARAMETERS: [&str; 5] = ["exports", "require", "module", "process", "internalBinding"];

/// Code caches by id.
pub type Caches = BTreeMap<String, Vec<u8>>;

thread_local! {
    /// While a training run goes on: the built-ins that it compiled.
    static RECORDED: RefCell<Option<Vec<(String, v8::Global<v8::Function>)>>> = const { RefCell::new(None) };
    /// Caches that this thread compiles with, in front of the payload's.
    static TRAINED: RefCell<Caches> = const { RefCell::new(Caches::new()) };
}

/// Ids of all built-ins (`fs/promises`, `internal/errors`), sorted.
pub fn ids() -> Vec<String> {
    fn walk_disk(root: &std::path::Path, dir: &std::path::Path, out: &mut Vec<String>) {
        for path in std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.ends_with("node_modules") {
                continue;
            }
            if path.is_dir() {
                walk_disk(root, &path, out);
            } else if path.extension().is_some_and(|e| e == "js")
                && let Ok(id) = path.strip_prefix(root)
            {
                out.push(id.with_extension("").to_string_lossy().into_owned());
            }
        }
    }
    let mut out: Vec<String> = TABLE.iter().map(|(id, _)| (*id).to_owned()).collect();
    if let Some(folder) = dev_folder() {
        walk_disk(folder.as_ref(), folder.as_ref(), &mut out);
        out.sort();
        out.dedup();
    }
    out
}

/// The folder that a debug build takes built-ins from, so that changing one needs no Rust build.
pub fn dev_folder() -> Option<std::ffi::OsString> {
    if cfg!(debug_assertions) { std::env::var_os("PACK_DEV_JS").filter(|f| !f.is_empty()) } else { None }
}

/// Addresses that an image refers to: the sources and the getter of lazy properties.
pub fn external_references() -> impl Iterator<Item = v8::ExternalReference> {
    let getter: v8::AccessorNameGetterCallback = lazy_getter.map_fn_to();
    let pointers = std::iter::once(getter as *mut std::ffi::c_void);
    let sources = TABLE.iter().map(|(_, text)| text.resource().cast_mut().cast());
    pointers.chain(sources).map(|pointer| v8::ExternalReference { pointer })
}

/// The source stays where it is: V8 refers to the program's own pages, or to a frame that it asks to be unpacked when it needs the text.
fn source_of<'s>(scope: &mut v8::PinScope<'s, '_>, id: &str) -> Option<v8::Local<'s, v8::String>> {
    if let Some(folder) = dev_folder()
        && let Ok(text) = std::fs::read_to_string(std::path::Path::new(&folder).join(format!("{id}.js")))
    {
        return v8::String::new(scope, &text);
    }
    let index = TABLE.binary_search_by_key(&id, |(id, _)| id).ok()?;
    TABLE[index].1.to_string(scope)
}

/// Compiles the built-in `id` to its function, `undefined` where there is none of that name.
pub fn compile<'s>(scope: &mut v8::PinScope<'s, '_>, id: &str) -> Option<v8::Local<'s, v8::Function>> {
    let function = TRAINED.with_borrow(|trained| {
        let trained = trained.get(id).map(|cache| Cow::Borrowed(cache.as_slice()));
        let cache = trained.or_else(|| crate::app::builtin_cache(id));
        compile_with(scope, id, cache.as_deref())
    })?;
    RECORDED.with_borrow_mut(|recorded| {
        if let Some(recorded) = recorded {
            recorded.push((id.to_owned(), v8::Global::new(scope, function)));
        }
    });
    Some(function)
}

fn compile_with<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    id: &str,
    cache: Option<&[u8]>,
) -> Option<v8::Local<'s, v8::Function>> {
    use v8::script_compiler::{CompileOptions, NoCacheReason, Source};
    let code = source_of(scope, id)?;
    let name = v8::String::new(scope, &format!("node:{id}")).unwrap();
    let origin = v8::ScriptOrigin::new(scope, name.into(), 0, 0, false, -1, None, false, false, false, None);
    let (mut source, options) = match cache {
        Some(cache) => (
            Source::new_with_cached_data(code, Some(&origin), v8::CachedData::new(cache)),
            CompileOptions::ConsumeCodeCache,
        ),
        None => (Source::new(code, Some(&origin)), CompileOptions::NoCompileOptions),
    };
    let parameters = PARAMETERS.map(|p| v8::String::new(scope, p).unwrap());
    let _flags = crate::script_table::unchanged();
    let function =
        v8::script_compiler::compile_function(scope, &mut source, &parameters, &[], options, NoCacheReason::NoReason);
    crate::cache_report::note(id, &source);
    function
}

/// From now on the built-ins that this thread compiles are remembered, and `caches` are what they are compiled with.
pub fn start_training(caches: Caches) {
    TRAINED.set(caches);
    RECORDED.set(Some(Vec::new()));
}

/// Ends a training run: caches of the built-ins that were compiled since, with the functions that have run.
pub fn finish_training(scope: &mut v8::PinScope) -> Caches {
    let recorded = RECORDED.take().unwrap_or_default();
    let cache = |(id, function): (String, v8::Global<v8::Function>)| {
        let cache = v8::Local::new(scope, function).create_code_cache()?;
        Some((id, cache.to_vec()))
    };
    recorded.into_iter().filter_map(cache).collect()
}

/// What this thread compiles built-ins with.
pub fn use_caches(caches: Caches) {
    TRAINED.set(caches);
}

/// `compileBuiltin(id)` of the bootstrap.
pub fn compile_builtin(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let id = args.get(0).to_rust_string_lossy(scope);
    if let Some(function) = compile(scope, &id) {
        rv.set(function.into());
    }
}

/// `defineLazy(target, name, id, enumerable)`: a data property that is the export `name` of the built-in `id`, which is loaded when the
/// property is first read; another export where `id` is `id:export`, all of them where it is `id:`. Text, because an image has no place for an object there.
fn define_lazy(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let (Ok(target), Ok(name)) =
        (v8::Local::<v8::Object>::try_from(args.get(0)), v8::Local::<v8::Name>::try_from(args.get(1)))
    else {
        return;
    };
    target.set_lazy_data_property_with_data(
        scope,
        name,
        lazy_getter,
        args.get(2),
        if args.get(3).is_true() { v8::PropertyAttribute::NONE } else { v8::PropertyAttribute::DONT_ENUM },
        v8::SideEffectType::HasSideEffect,
        v8::SideEffectType::HasSideEffect,
    );
}

fn lazy_getter(
    scope: &mut v8::PinScope,
    name: v8::Local<v8::Name>,
    args: v8::PropertyCallbackArguments,
    mut rv: v8::ReturnValue,
) {
    let data = args.data().to_rust_string_lossy(scope);
    let (id, key) = match data.split_once(':') {
        Some((id, export)) => (id, binding::string(scope, export)),
        None => (data.as_str(), name.into()),
    };
    let Some(exports) = runtime::require_builtin(scope, id) else { return };
    if data.ends_with(':') {
        rv.set(exports.into());
    } else if let Some(value) = exports.get(scope, key) {
        rv.set(value);
    }
}

crate::binding!("builtins", [defineLazy => define_lazy]);
