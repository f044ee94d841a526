//! `internalBinding('contextify')`: compiles functions and scripts from text.

use crate::binding;

fn origin<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    name: v8::Local<'s, v8::Value>,
    line: i32,
    column: i32,
    id: v8::Local<'s, v8::Value>,
) -> v8::ScriptOrigin<'s> {
    let host_options = host_options(scope, id);
    let map = super::inspector::source_map_url(scope, name);
    v8::ScriptOrigin::new(scope, name, line, column, false, -1, map, false, false, false, host_options)
}

/// What `import()` in this code is answered by: a symbol or number that JavaScript's loader knows; `undefined` for the default.
pub fn host_options<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    id: v8::Local<'s, v8::Value>,
) -> Option<v8::Local<'s, v8::Data>> {
    if id.is_undefined() {
        return None;
    }
    let id = v8::Local::<v8::Primitive>::try_from(id).ok()?;
    let options = v8::PrimitiveArray::new(scope, 1);
    options.set(scope, 0, id);
    Some(options.into())
}

/// The text to compile, with the code cache that is to be taken for it.
pub fn source<'s>(
    code: v8::Local<'s, v8::String>,
    origin: &v8::ScriptOrigin<'s>,
    cache: Option<&[u8]>,
) -> (v8::script_compiler::Source, v8::script_compiler::CompileOptions) {
    use v8::script_compiler::{CompileOptions, Source};
    match cache {
        Some(bytes) => {
            let cache = v8::CachedData::new(bytes);
            (Source::new_with_cached_data(code, Some(origin), cache), CompileOptions::ConsumeCodeCache)
        }
        None => (Source::new(code, Some(origin)), CompileOptions::NoCompileOptions),
    }
}

/// Strings of an array; `None` where one cannot be had, and an exception is pending.
pub fn strings<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    list: v8::Local<'s, v8::Value>,
) -> Option<Vec<v8::Local<'s, v8::String>>> {
    let Ok(list) = v8::Local::<v8::Array>::try_from(list) else { return Some(Vec::new()) };
    (0..list.length()).map(|i| list.get_index(scope, i)?.to_string(scope)).collect()
}

/// `compileFunction(code, filename, lineOffset, columnOffset, cachedData, params, hostId)`: the function, or throws SyntaxError.
fn compile_function<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    let Some(code) = args.get(0).to_string(scope) else { return };
    let line = args.get(2).int32_value(scope).unwrap_or(0);
    let column = args.get(3).int32_value(scope).unwrap_or(0);
    let origin = origin(scope, args.get(1), line, column, args.get(6));
    let Some(parameters) = strings(scope, args.get(5)) else { return };
    let given = binding::bytes(args.get(4)).map(|b| &*b).filter(|b| !b.is_empty());
    // A module of the app: its cache is in the payload.
    let embedded = match given {
        None if line == 0 && column == 0 => crate::training::cache_of(scope, args.get(1), code),
        _ => None,
    };
    let cached = given.or(embedded.as_ref().and_then(|(_, cache)| cache.as_deref()));
    let (mut source, options) = source(code, &origin, cached);
    let function = {
        v8::tc_scope!(let tc, scope);
        let flags = crate::script_table::unchanged();
        let function = v8::script_compiler::compile_function(
            tc,
            &mut source,
            &parameters,
            &[],
            options,
            v8::script_compiler::NoCacheReason::NoReason,
        );
        drop(flags);
        match function {
            Some(function) => function,
            None => return crate::tasks::decorate(tc),
        }
    };
    if let Some((path, _)) = &embedded {
        crate::cache_report::note(path, &source);
        if crate::training::lacks_code(scope, path, &source) {
            return;
        }
        crate::training::record_function(scope, path, function);
    }
    if given.is_some() {
        let rejected = source.get_cached_data().is_some_and(|c| c.rejected());
        let rejected = v8::Boolean::new(scope, rejected).into();
        binding::set(scope, function.into(), "cachedDataRejected", rejected);
    }
    rv.set(function.into());
}

/// `runInThisContext(code, filename, lineOffset, columnOffset, hostId)`: a script's completion value.
fn run_in_this_context<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    let Some(code) = args.get(0).to_string(scope) else { return };
    let line = args.get(2).int32_value(scope).unwrap_or(0);
    let column = args.get(3).int32_value(scope).unwrap_or(0);
    let origin = origin(scope, args.get(1), line, column, args.get(4));
    let Some(script) = v8::Script::compile(scope, code, Some(&origin)) else { return };
    if let Some(value) = script.run(scope) {
        rv.set(value);
    }
}

/// `createFunctionCache(function)`: its code cache as bytes.
fn create_function_cache(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(function) = v8::Local::<v8::Function>::try_from(args.get(0)) else { return };
    if let Some(cache) = crate::script_table::with_flags(|| function.create_code_cache()) {
        rv.set(binding::uint8_array(scope, cache.to_vec()).into());
    }
}

binding!("contextify", [
    compileFunction => compile_function,
    runInThisContext => run_in_this_context,
    createFunctionCache => create_function_cache,
]);
