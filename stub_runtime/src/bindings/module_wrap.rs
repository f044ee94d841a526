//! `internalBinding('module_wrap')`: V8's module records.
//!
//! Owns: compiling, linking, evaluating module records and V8's questions about them. Does not own: which file a request means
//! (`js/internal/modules/`). A record is a number on the JavaScript side; records live as long as their thread.

mod graph;

use super::contextify::{host_options, source, strings};
use crate::binding;
use crate::number_map::NumberMap;
use std::cell::RefCell;
use std::collections::hash_map::Entry;

struct Record {
    module: v8::Global<v8::Module>,
    /// The records its requests resolved to, in the order of the requests.
    linked: Vec<usize>,
    /// Fills a synthetic module's exports.
    evaluate: Option<v8::Global<v8::Function>>,
    /// The context it is linked and evaluated in, where that is not the thread's.
    context: Option<v8::Global<v8::Context>>,
    /// Index in the tree of the embedded file that it is the module of.
    entry: Option<u32>,
    /// Its requests were answered by the graph.
    loaded: bool,
}

#[derive(Default)]
struct Modules {
    records: Vec<Record>,
    by_entry: NumberMap<u32, usize>,
    /// Records by V8's identity hash, and those whose hash another one has.
    by_hash: NumberMap<i32, usize>,
    same_hash: Vec<usize>,
    import_dynamically: Option<v8::Global<v8::Function>>,
    initialize_meta: Option<v8::Global<v8::Function>>,
}

thread_local! {
    static MODULES: RefCell<Modules> = RefCell::default();
}

/// Sets the isolate's module callbacks.
pub fn install(isolate: &mut v8::Isolate) {
    isolate.set_host_import_module_dynamically_callback(import_dynamically);
    isolate.set_host_initialize_import_meta_object_callback(initialize_meta);
}

fn add(
    scope: &mut v8::PinScope,
    module: v8::Local<v8::Module>,
    evaluate: Option<v8::Global<v8::Function>>,
    context: Option<v8::Global<v8::Context>>,
) -> usize {
    let global = v8::Global::new(scope, module);
    MODULES.with_borrow_mut(|m| {
        let id = m.records.len();
        m.records.push(Record { module: global, linked: Vec::new(), evaluate, context, entry: None, loaded: false });
        match m.by_hash.entry(module.get_identity_hash().get()) {
            Entry::Vacant(free) => drop(free.insert(id)),
            Entry::Occupied(_) => m.same_hash.push(id),
        }
        id
    })
}

fn id_of(scope: &mut v8::PinScope, module: v8::Local<v8::Module>) -> Option<usize> {
    MODULES.with_borrow(|m| {
        let first = m.by_hash.get(&module.get_identity_hash().get())?;
        let mut ids = std::iter::once(first).chain(&m.same_hash).copied();
        ids.find(|&id| v8::Local::new(scope, &m.records[id].module) == module)
    })
}

fn record<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    id: v8::Local<v8::Value>,
) -> Option<(usize, v8::Local<'s, v8::Module>)> {
    let id = id.uint32_value(scope)? as usize;
    let global = MODULES.with_borrow(|m| m.records.get(id).map(|r| r.module.clone()))?;
    Some((id, v8::Local::new(scope, global)))
}

/// Index of the first record among the data that an image keeps of the program's context, after what `runtime` keeps.
const FIRST: usize = 1;

/// Puts the records into the image of the program's heap: one array of `[linked, evaluate, path]` each, and the records.
pub fn keep(scope: &mut v8::PinScope, context: v8::Local<v8::Context>) {
    let modules = MODULES.take();
    let mut list: Vec<v8::Local<v8::Value>> = Vec::new();
    for record in &modules.records {
        let linked: Vec<v8::Local<v8::Value>> =
            record.linked.iter().map(|&id| v8::Integer::new_from_unsigned(scope, id as u32).into()).collect();
        let linked = v8::Array::new_with_elements(scope, &linked).into();
        let evaluate = match &record.evaluate {
            Some(function) => v8::Local::new(scope, function).into(),
            None => v8::undefined(scope).into(),
        };
        let path = match graph::path_of(record.entry) {
            Some(path) => binding::string(scope, path),
            None => v8::undefined(scope).into(),
        };
        list.push(v8::Array::new_with_elements(scope, &[linked, evaluate, path]).into());
    }
    let list = v8::Array::new_with_elements(scope, &list);
    assert_eq!(scope.add_context_data(context, list), FIRST);
    for record in &modules.records {
        let module = v8::Local::new(scope, &record.module);
        scope.add_context_data(context, module);
    }
}

/// Takes the records out of the image.
pub fn restore(scope: &mut v8::PinScope) {
    let list = scope.get_context_data_from_snapshot_once::<v8::Array>(FIRST).expect("records of the image");
    for i in 0..list.length() {
        let module = scope
            .get_context_data_from_snapshot_once::<v8::Module>(FIRST + 1 + i as usize)
            .expect("a record of the image");
        let Some(parts) = list.get_index(scope, i).and_then(|p| p.to_object(scope)) else { continue };
        let evaluate = parts.get_index(scope, 1).and_then(|f| v8::Local::<v8::Function>::try_from(f).ok());
        let evaluate = evaluate.map(|f| v8::Global::new(scope, f));
        let id = add(scope, module, evaluate, None);
        if let Some(path) = parts.get_index(scope, 2).filter(|path| path.is_string()) {
            graph::restore(id, &path.to_rust_string_lossy(scope));
        }
        if let Some(ids) = parts.get_index(scope, 0).and_then(|l| v8::Local::<v8::Array>::try_from(l).ok()) {
            let linked = (0..ids.length())
                .filter_map(|i| ids.get_index(scope, i)?.uint32_value(scope).map(|id| id as usize))
                .collect();
            MODULES.with_borrow_mut(|m| m.records[id].linked = linked);
        }
    }
}

/// `compile(source, url, lineOffset, columnOffset, hostId, cachedData, contextified, mustTakeCache)`: a record, or throws
/// SyntaxError.
fn compile<'s>(scope: &mut v8::PinScope<'s, '_>, args: v8::FunctionCallbackArguments<'s>, mut rv: v8::ReturnValue) {
    let Some(code) = args.get(0).to_string(scope) else { return };
    let Some(context) = wanted_context(scope, args.get(6)) else { return };
    let foreign = foreign(scope, context);
    let scope = &mut v8::ContextScope::new(scope, context);
    let line = args.get(2).int32_value(scope).unwrap_or(0);
    let column = args.get(3).int32_value(scope).unwrap_or(0);
    let host = host_options(scope, args.get(4));
    let map = super::inspector::source_map_url(scope, args.get(1));
    let origin = v8::ScriptOrigin::new(scope, args.get(1), line, column, false, -1, map, false, false, true, host);
    let given = binding::bytes(args.get(5)).map(|b| &*b).filter(|b| !b.is_empty());
    let embedded = crate::training::cache_of(scope, args.get(1), code);
    let cached = given.or(embedded.as_ref().and_then(|(_, cache)| cache.as_deref()));
    let (mut source, options) = source(code, &origin, cached);
    let off = embedded.as_ref().filter(|_| given.is_none()).and_then(|_| crate::script_table::off());
    let flags = off.is_none().then(crate::script_table::unchanged);
    let module =
        v8::script_compiler::compile_module2(scope, &mut source, options, v8::script_compiler::NoCacheReason::NoReason);
    drop((off, flags));
    if args.get(7).is_true()
        && options == v8::script_compiler::CompileOptions::ConsumeCodeCache
        && source.get_cached_data().is_some_and(|cache| cache.rejected())
    {
        return binding::throw_coded(scope, "ERR_VM_MODULE_CACHED_DATA_REJECTED", "cachedData buffer was rejected");
    }
    if let Some(module) = module {
        if let Some((path, _)) = &embedded {
            crate::cache_report::note(path, &source);
            if crate::training::lacks_code(scope, path, &source) {
                return;
            }
            crate::training::record_module(scope, path, module);
        }
        let id = add(scope, module, None, foreign);
        rv.set_uint32(id as u32);
    }
}

/// The context of a contextified object; for undefined the current one.
fn wanted_context<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    value: v8::Local<'s, v8::Value>,
) -> Option<v8::Local<'s, v8::Context>> {
    if value.is_undefined() {
        return Some(scope.get_current_context());
    }
    super::vm::context_of_object(scope, value)
}

/// The context, where it is not the current one.
fn foreign(scope: &mut v8::PinScope, context: v8::Local<v8::Context>) -> Option<v8::Global<v8::Context>> {
    (context != scope.get_current_context()).then(|| v8::Global::new(scope, context))
}

/// `createSynthetic(url, names, evaluate, contextified)`: a record whose exports `evaluate()` sets with `setExport`.
fn create_synthetic<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    let Some(url) = args.get(0).to_string(scope) else { return };
    let Some(names) = strings(scope, args.get(1)) else { return };
    let evaluate = v8::Local::<v8::Function>::try_from(args.get(2)).ok().map(|f| v8::Global::new(scope, f));
    let Some(context) = wanted_context(scope, args.get(3)) else { return };
    let foreign = foreign(scope, context);
    let scope = &mut v8::ContextScope::new(scope, context);
    let module = v8::Module::create_synthetic_module(scope, url, &names, evaluate_synthetic);
    let id = add(scope, module, evaluate, foreign);
    rv.set_uint32(id as u32);
}

/// Addresses that an image of a program's heap refers to.
pub fn external_references() -> impl Iterator<Item = v8::ExternalReference> {
    use v8::MapFnTo;
    let evaluate: v8::SyntheticModuleEvaluationSteps = evaluate_synthetic.map_fn_to();
    std::iter::once(v8::ExternalReference { pointer: evaluate as *mut std::ffi::c_void })
}

fn evaluate_synthetic<'s>(
    context: v8::Local<'s, v8::Context>,
    module: v8::Local<'s, v8::Module>,
) -> Option<v8::Local<'s, v8::Value>> {
    v8::callback_scope!(unsafe scope, context);
    let id = id_of(scope, module)?;
    let evaluate = MODULES.with_borrow(|m| m.records[id].evaluate.clone());
    if let Some(evaluate) = evaluate {
        let evaluate = v8::Local::new(scope, evaluate);
        let recv = v8::undefined(scope).into();
        evaluate.call(scope, recv, &[])?;
    }
    let resolver = v8::PromiseResolver::new(scope)?;
    let undefined = v8::undefined(scope).into();
    resolver.resolve(scope, undefined);
    Some(resolver.get_promise(scope).into())
}

/// `setExport(id, name, value)` of a synthetic module.
fn set_export<'s>(scope: &mut v8::PinScope<'s, '_>, args: v8::FunctionCallbackArguments<'s>, _: v8::ReturnValue) {
    let Some((_, module)) = record(scope, args.get(0)) else { return };
    let Some(name) = args.get(1).to_string(scope) else { return };
    let _ = module.set_synthetic_module_export(scope, name, args.get(2));
}

/// `getRequests(id)`: `[[specifier, {attribute: value}, line, column, phase], ...]`.
fn get_requests(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some((_, module)) = record(scope, args.get(0)) else { return };
    let requests = module.get_module_requests();
    let mut out: Vec<v8::Local<v8::Value>> = Vec::new();
    for i in 0..requests.length() {
        let Some(request) = requests.get(scope, i) else { continue };
        let Ok(request) = v8::Local::<v8::ModuleRequest>::try_from(request) else { continue };
        let attributes = attributes(scope, request.get_import_attributes(), 3);
        let place = module.source_offset_to_location(request.get_source_offset());
        let line = v8::Integer::new(scope, place.get_line_number()).into();
        let column = v8::Integer::new(scope, place.get_column_number()).into();
        let phase = v8::Integer::new(scope, request.get_phase() as i32).into();
        let parts = [request.get_specifier().into(), attributes, line, column, phase];
        out.push(v8::Array::new_with_elements(scope, &parts).into());
    }
    rv.set(v8::Array::new_with_elements(scope, &out).into());
}

/// Import attributes as an object without prototype. `step` is 3 in a module's requests (key, value, place), 2 in `import()`.
fn attributes<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    list: v8::Local<'s, v8::FixedArray>,
    step: usize,
) -> v8::Local<'s, v8::Value> {
    let object = v8::Object::new(scope);
    let null = v8::null(scope).into();
    object.set_prototype(scope, null);
    for i in (0..list.length()).step_by(step) {
        let (Some(key), Some(value)) = (list.get(scope, i), list.get(scope, i + 1)) else { continue };
        let (Ok(key), Ok(value)) = (v8::Local::<v8::Value>::try_from(key), v8::Local::<v8::Value>::try_from(value))
        else {
            continue;
        };
        object.set(scope, key, value);
    }
    object.into()
}

/// `link(id, ids)`: the records that the requests mean, in their order.
fn link(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let Some((id, _)) = record(scope, args.get(0)) else { return };
    let Ok(list) = v8::Local::<v8::Array>::try_from(args.get(1)) else { return };
    let mut linked = Vec::new();
    for i in 0..list.length() {
        linked.push(list.get_index(scope, i).and_then(|n| n.uint32_value(scope)).unwrap_or(u32::MAX) as usize);
    }
    MODULES.with_borrow_mut(|m| m.records[id].linked = linked);
}

fn resolve<'s>(
    context: v8::Local<'s, v8::Context>,
    specifier: v8::Local<'s, v8::String>,
    import_attributes: v8::Local<'s, v8::FixedArray>,
    referrer: v8::Local<'s, v8::Module>,
) -> Option<v8::Local<'s, v8::Module>> {
    v8::callback_scope!(unsafe scope, context);
    let id = id_of(scope, referrer)?;
    let requests = referrer.get_module_requests();
    for i in 0..requests.length() {
        let request = requests.get(scope, i).and_then(|r| v8::Local::<v8::ModuleRequest>::try_from(r).ok())?;
        if request.get_specifier().strict_equals(specifier.into())
            && same_attributes(scope, request.get_import_attributes(), import_attributes)
        {
            let target = MODULES.with_borrow(|m| {
                m.records[id].linked.get(i).and_then(|&target| m.records.get(target)).map(|r| r.module.clone())
            });
            if let Some(target) = target {
                return Some(v8::Local::new(scope, target));
            }
        }
    }
    let specifier = specifier.to_rust_string_lossy(scope);
    binding::throw_error(scope, &format!("request for '{specifier}' is not yet fulfilled"));
    None
}

fn same_attributes(scope: &mut v8::PinScope, a: v8::Local<v8::FixedArray>, b: v8::Local<v8::FixedArray>) -> bool {
    let text = |scope: &mut v8::PinScope, list: v8::Local<v8::FixedArray>| {
        let mut out = Vec::new();
        for i in (0..list.length()).step_by(3) {
            for j in [i, i + 1] {
                let item = list.get(scope, j).and_then(|d| v8::Local::<v8::Value>::try_from(d).ok());
                out.push(item.map(|v| v.to_rust_string_lossy(scope)));
            }
        }
        out
    };
    a.length() == b.length() && text(scope, a) == text(scope, b)
}

/// The context that a record is linked and evaluated in.
fn context_of<'s>(scope: &mut v8::PinScope<'s, '_>, id: usize) -> v8::Local<'s, v8::Context> {
    let context = MODULES.with_borrow(|m| m.records[id].context.clone());
    context.map_or_else(|| scope.get_current_context(), |context| v8::Local::new(scope, context))
}

/// `instantiate(id)`: links the whole graph, or throws.
fn instantiate(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some((id, module)) = record(scope, args.get(0)) else { return };
    let context = context_of(scope, id);
    let scope = &mut v8::ContextScope::new(scope, context);
    v8::tc_scope!(let tc, scope);
    if module.instantiate_module(tc, resolve).is_some() {
        rv.set_bool(true);
    } else {
        crate::tasks::decorate(tc);
    }
}

/// `evaluate(id, timeout, breakOnSigint)`: a promise.
fn evaluate(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some((id, module)) = record(scope, args.get(0)) else { return };
    let timeout = args.get(1).integer_value(scope).unwrap_or(0).max(0) as u64;
    let context = context_of(scope, id);
    let queue = super::vm::own_queue(scope, &context);
    let value = super::vm::guarded(scope, timeout, args.get(2).is_true(), |scope| {
        let outside = queue.and_then(|_| v8::PromiseResolver::new(scope));
        let promise = module.evaluate(&v8::ContextScope::new(scope, context))?;
        let (Some(queue), Some(outside)) = (queue, outside) else { return Some(promise) };
        // Whoever waits is outside: a promise of the current context, which a microtask of the other queue settles.
        outside.resolve(scope, promise);
        queue.perform_checkpoint(scope);
        Some(outside.get_promise(scope).into())
    });
    if let Some(value) = value {
        rv.set(value);
    }
}

/// `hasTopLevelAwait(id)`: itself, whatever it imports.
fn has_top_level_await(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some((_, module)) = record(scope, args.get(0)) else { return };
    rv.set_bool(module.is_source_text_module() && module.has_top_level_await());
}

/// `getStatus(id)`: 0 uninstantiated, 1 instantiating, 2 instantiated, 3 evaluating, 4 evaluated, 5 errored.
fn get_status(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some((_, module)) = record(scope, args.get(0)) else { return };
    rv.set_int32(match module.get_status() {
        v8::ModuleStatus::Uninstantiated => 0,
        v8::ModuleStatus::Instantiating => 1,
        v8::ModuleStatus::Instantiated => 2,
        v8::ModuleStatus::Evaluating => 3,
        v8::ModuleStatus::Evaluated => 4,
        v8::ModuleStatus::Errored => 5,
    });
}

fn get_error(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some((_, module)) = record(scope, args.get(0)) else { return };
    if module.get_status() == v8::ModuleStatus::Errored {
        rv.set(module.get_exception());
    }
}

fn get_namespace(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some((_, module)) = record(scope, args.get(0)) else { return };
    rv.set(module.get_module_namespace());
}

/// `isGraphAsync(id)`: whether it or anything it imports has top-level await. After `instantiate`.
fn is_graph_async(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some((_, module)) = record(scope, args.get(0)) else { return };
    rv.set_bool(module.is_graph_async());
}

/// `stalledMessages(id)`: places of top-level awaits that never ended, as `file:line` and source line.
fn stalled_messages(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some((_, module)) = record(scope, args.get(0)) else { return };
    let mut out: Vec<v8::Local<v8::Value>> = Vec::new();
    for (_, message) in module.get_stalled_top_level_await_message(scope) {
        let name = message.get_script_resource_name(scope).map(|n| n.to_rust_string_lossy(scope)).unwrap_or_default();
        let line = message.get_line_number(scope).unwrap_or(0);
        let text = message.get_source_line(scope).map(|l| l.to_rust_string_lossy(scope)).unwrap_or_default();
        let caret = format!("{}^", " ".repeat(message.get_start_column()));
        out.push(binding::string(scope, &format!("{name}:{line}\n{text}\n{caret}\n")));
    }
    rv.set(v8::Array::new_with_elements(scope, &out).into());
}

/// `createCache(id)`: the code cache of a source text module.
fn create_cache(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some((_, module)) = record(scope, args.get(0)) else { return };
    let script = module.get_unbound_module_script(scope);
    if let Some(cache) = crate::script_table::with_flags(|| script.create_code_cache()) {
        rv.set(binding::uint8_array(scope, cache.to_vec()).into());
    }
}

/// `setCallbacks(importDynamically(specifier, attributes, hostId, referrerName), initializeMeta(id, meta))`.
fn set_callbacks(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let function = |scope: &mut v8::PinScope, i| {
        v8::Local::<v8::Function>::try_from(args.get(i)).ok().map(|f| v8::Global::new(scope, f))
    };
    let (import, meta) = (function(scope, 0), function(scope, 1));
    MODULES.with_borrow_mut(|m| {
        m.import_dynamically = import;
        m.initialize_meta = meta;
    });
}

fn import_dynamically<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    host_options: v8::Local<'s, v8::Data>,
    referrer: v8::Local<'s, v8::Value>,
    specifier: v8::Local<'s, v8::String>,
    import_attributes: v8::Local<'s, v8::FixedArray>,
) -> Option<v8::Local<'s, v8::Promise>> {
    let function = MODULES.with_borrow(|m| m.import_dynamically.clone());
    let function = v8::Local::new(scope, function?);
    let attributes = attributes(scope, import_attributes, 2);
    let id: Option<v8::Local<v8::Value>> = if host_options.is_fixed_array() {
        // SAFETY: host-defined options are what `host_options` made, a PrimitiveArray, or an empty one; V8 has no checked cast.
        let list = unsafe { std::mem::transmute::<v8::Local<v8::Data>, v8::Local<v8::PrimitiveArray>>(host_options) };
        (list.length() > 0).then(|| list.get(scope, 0).into())
    } else {
        None
    };
    let id = id.or_else(|| super::vm::host_id_of_context(scope)).unwrap_or_else(|| v8::undefined(scope).into());
    let recv = v8::undefined(scope).into();
    let result = function.call(scope, recv, &[specifier.into(), attributes, id, referrer])?;
    let promise = v8::Local::<v8::Promise>::try_from(result).ok()?;
    // The code that asked gets a promise of its own context.
    let current = scope.get_current_context();
    if promise.get_creation_context(scope).is_some_and(|made_in| made_in != current) {
        let resolver = v8::PromiseResolver::new(scope)?;
        resolver.resolve(scope, promise.into());
        return Some(resolver.get_promise(scope));
    }
    Some(promise)
}

extern "C" fn initialize_meta(
    context: v8::Local<v8::Context>,
    module: v8::Local<v8::Module>,
    meta: v8::Local<v8::Object>,
) {
    v8::callback_scope!(unsafe scope, context);
    let Some(id) = id_of(scope, module) else { return };
    let function = MODULES.with_borrow(|m| m.initialize_meta.clone());
    let Some(function) = function else { return };
    let function = v8::Local::new(scope, function);
    let recv = v8::undefined(scope).into();
    let id = v8::Integer::new_from_unsigned(scope, id as u32).into();
    function.call(scope, recv, &[id, meta.into()]);
}

binding!("module_wrap", [
    compile => compile,
    createSynthetic => create_synthetic,
    setExport => set_export,
    getRequests => get_requests,
    link => link,
    instantiate => instantiate,
    evaluate => evaluate,
    getStatus => get_status,
    getError => get_error,
    getNamespace => get_namespace,
    isGraphAsync => is_graph_async,
    hasTopLevelAwait => has_top_level_await,
    stalledMessages => stalled_messages,
    createCache => create_cache,
    setCallbacks => set_callbacks,
    loadGraph => graph::load,
    recordOf => graph::record_of,
    urlOf => graph::url_of,
    setLinked => graph::set_linked,
    getLinked => graph::get_linked,
    forgetGraph => graph::forget,
]);
