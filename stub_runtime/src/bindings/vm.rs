//! `internalBinding('vm')`: contexts whose global is a user's object, and scripts that run in any of them.
//!
//! Owns: the interceptors that make a sandbox object a global, scripts, what ends them ([`watchdog`]). Does not own: options and classes
//! (`js/vm.js`), functions (`contextify.rs`).

mod watchdog;

pub use watchdog::guarded;

use super::contextify::host_options;
use crate::binding;
use std::cell::RefCell;
use std::collections::HashMap;

thread_local! {
    static SCRIPTS: RefCell<(u32, HashMap<u32, v8::Global<v8::UnboundScript>>)> = RefCell::default();
}

fn sandbox<'s>(args: &v8::PropertyCallbackArguments<'s>) -> Option<v8::Local<'s, v8::Object>> {
    v8::Local::<v8::Object>::try_from(args.data()).ok()
}

fn getter<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    key: v8::Local<'s, v8::Name>,
    args: v8::PropertyCallbackArguments<'s>,
    mut rv: v8::ReturnValue<v8::Value>,
) -> v8::Intercepted {
    let Some(sandbox) = sandbox(&args) else { return v8::Intercepted::kNo };
    if sandbox.has(scope, key.into()) != Some(true) || is_inherited_from_object(scope, sandbox, key) {
        return v8::Intercepted::kNo;
    }
    let Some(value) = sandbox.get(scope, key.into()) else { return v8::Intercepted::kYes };
    // A sandbox that names itself means the global.
    if value.strict_equals(sandbox.into()) {
        rv.set(args.holder().into());
    } else {
        rv.set(value);
    }
    v8::Intercepted::kYes
}

/// Whether `key` is only there because the sandbox is an ordinary object: the global has its own `toString` and the like.
fn is_inherited_from_object<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    sandbox: v8::Local<'s, v8::Object>,
    key: v8::Local<'s, v8::Name>,
) -> bool {
    // By what a Proxy says too: programs make sandboxes of them (jest).
    sandbox.has_own_property(scope, key) != Some(true) && {
        let mut object: v8::Local<v8::Object> = sandbox;
        loop {
            if object.has_own_property(scope, key) == Some(true) {
                let next = object.get_prototype(scope);
                return next.is_some_and(|p| p.is_null());
            }
            match object.get_prototype(scope).and_then(|p| v8::Local::<v8::Object>::try_from(p).ok()) {
                Some(next) => object = next,
                None => return false,
            }
        }
    }
}

fn setter<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    key: v8::Local<'s, v8::Name>,
    value: v8::Local<'s, v8::Value>,
    args: v8::PropertyCallbackArguments<'s>,
    mut rv: v8::ReturnValue<v8::Boolean>,
) -> v8::Intercepted {
    let Some(sandbox) = sandbox(&args) else { return v8::Intercepted::kNo };
    let attributes = sandbox.get_real_named_property_attributes(scope, key);
    let declared = sandbox.has_real_named_property(scope, key) == Some(true);
    if declared && attributes.is_some_and(|a| a.is_read_only()) {
        if args.should_throw_on_error() {
            let name = key.to_rust_string_lossy(scope);
            binding::throw_type_error(
                scope,
                &format!("Cannot assign to read only property '{name}' of object '#<Object>'"),
            );
        }
        rv.set_bool(false);
        return v8::Intercepted::kYes;
    }
    let on_global = args.holder().has_real_named_property(scope, key) == Some(true);
    // In strict mode an assignment to a name nobody declared is V8's ReferenceError.
    if !declared && !on_global && args.should_throw_on_error() && sandbox.has(scope, key.into()) != Some(true) {
        return v8::Intercepted::kNo;
    }
    // A setter of the sandbox that throws has had it too.
    if sandbox.set(scope, key.into(), value).is_none() {
        return v8::Intercepted::kYes;
    }
    // An accessor of the sandbox has had the value: V8 would try to put it on the global too.
    let found = sandbox.get_own_property_descriptor(scope, key);
    if let Some(found) = found.and_then(|d| v8::Local::<v8::Object>::try_from(d).ok()) {
        for name in ["get", "set"] {
            let name = v8::String::new(scope, name).unwrap();
            if found.has_own_property(scope, name.into()) == Some(true) {
                rv.set_bool(true);
                return v8::Intercepted::kYes;
            }
        }
    }
    v8::Intercepted::kNo
}

fn query<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    key: v8::Local<'s, v8::Name>,
    args: v8::PropertyCallbackArguments<'s>,
    mut rv: v8::ReturnValue<v8::Integer>,
) -> v8::Intercepted {
    let Some(sandbox) = sandbox(&args) else { return v8::Intercepted::kNo };
    if sandbox.has_own_property(scope, key) != Some(true) {
        return v8::Intercepted::kNo;
    }
    let Some(attributes) = sandbox.get_real_named_property_attributes(scope, key) else { return v8::Intercepted::kNo };
    rv.set_int32(attributes.as_u32() as i32);
    v8::Intercepted::kYes
}

fn deleter<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    key: v8::Local<'s, v8::Name>,
    args: v8::PropertyCallbackArguments<'s>,
    mut rv: v8::ReturnValue<v8::Boolean>,
) -> v8::Intercepted {
    let Some(sandbox) = sandbox(&args) else { return v8::Intercepted::kNo };
    if sandbox.delete(scope, key.into()) == Some(true) {
        return v8::Intercepted::kNo;
    }
    rv.set_bool(false);
    v8::Intercepted::kYes
}

fn enumerator<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::PropertyCallbackArguments<'s>,
    mut rv: v8::ReturnValue<v8::Array>,
) {
    let Some(sandbox) = sandbox(&args) else { return };
    let names = v8::GetPropertyNamesArgsBuilder::new()
        .mode(v8::KeyCollectionMode::OwnOnly)
        .property_filter(v8::PropertyFilter::ALL_PROPERTIES)
        .key_conversion(v8::KeyConversionMode::ConvertToString)
        .build();
    if let Some(names) = sandbox.get_property_names(scope, names) {
        rv.set(names);
    }
}

fn definer<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    key: v8::Local<'s, v8::Name>,
    descriptor: &v8::PropertyDescriptor,
    args: v8::PropertyCallbackArguments<'s>,
    mut rv: v8::ReturnValue<v8::Boolean>,
) -> v8::Intercepted {
    let Some(sandbox) = sandbox(&args) else { return v8::Intercepted::kNo };
    let mut copy = if descriptor.has_get() || descriptor.has_set() {
        let undefined: v8::Local<v8::Value> = v8::undefined(scope).into();
        let get = if descriptor.has_get() { descriptor.get() } else { undefined };
        let set = if descriptor.has_set() { descriptor.set() } else { undefined };
        v8::PropertyDescriptor::new_from_get_set(get, set)
    } else if descriptor.has_value() && descriptor.has_writable() {
        v8::PropertyDescriptor::new_from_value_writable(descriptor.value(), descriptor.writable())
    } else if descriptor.has_value() {
        v8::PropertyDescriptor::new_from_value(descriptor.value())
    } else {
        v8::PropertyDescriptor::new()
    };
    if descriptor.has_enumerable() {
        copy.set_enumerable(descriptor.enumerable());
    }
    if descriptor.has_configurable() {
        copy.set_configurable(descriptor.configurable());
    }
    let defined = sandbox.define_property(scope, key, &copy);
    rv.set_bool(defined == Some(true));
    v8::Intercepted::kYes
}

fn descriptor<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    key: v8::Local<'s, v8::Name>,
    args: v8::PropertyCallbackArguments<'s>,
    mut rv: v8::ReturnValue<v8::Value>,
) -> v8::Intercepted {
    let Some(sandbox) = sandbox(&args) else { return v8::Intercepted::kNo };
    if sandbox.has_own_property(scope, key) != Some(true) {
        return v8::Intercepted::kNo;
    }
    match sandbox.get_own_property_descriptor(scope, key) {
        Some(found) => {
            rv.set(found);
            v8::Intercepted::kYes
        }
        None => v8::Intercepted::kNo,
    }
}

fn context_key<'s>(scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Private> {
    let name = v8::String::new(scope, "node:vm context");
    v8::Private::for_api(scope, name)
}

/// The context of a contextified object: it hangs on its global, which hangs on the object.
fn context_of<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    value: v8::Local<'s, v8::Value>,
) -> Option<v8::Local<'s, v8::Context>> {
    let object = v8::Local::<v8::Object>::try_from(value).ok()?;
    let key = context_key(scope);
    let global = v8::Local::<v8::Object>::try_from(object.get_private(scope, key)?).ok()?;
    global.get_creation_context(scope)
}

/// The context that an object is the global or the sandbox of, or else was made in.
pub fn context_of_object<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    value: v8::Local<'s, v8::Value>,
) -> Option<v8::Local<'s, v8::Context>> {
    let object = v8::Local::<v8::Object>::try_from(value).ok()?;
    match context_of(scope, value) {
        Some(context) => Some(context),
        None => object.get_creation_context(scope),
    }
}

/// `makeContext(object | undefined, codegenStrings, codegenWasm)`: makes the object a global, or gives a new ordinary global.
fn make_context<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    let token = scope.get_current_context().get_security_token(scope);
    let sandbox = v8::Local::<v8::Object>::try_from(args.get(0)).ok();
    let mut options = v8::ContextOptions::default();
    if let Some(sandbox) = sandbox {
        let template = v8::ObjectTemplate::new(scope);
        template.set_named_property_handler(
            v8::NamedPropertyHandlerConfiguration::new()
                .getter(getter)
                .setter(setter)
                .query(query)
                .deleter(deleter)
                .enumerator(enumerator)
                .definer(definer)
                .descriptor(descriptor)
                .data(sandbox.into())
                .flags(v8::PropertyHandlerFlags::HAS_NO_SIDE_EFFECT),
        );
        options.global_template = Some(template);
    }
    let context = v8::Context::new(scope, options);
    context.set_security_token(token);
    if args.get(1).is_false() {
        context.set_allow_generation_from_strings(false);
    }
    let global = context.global(scope);
    let key = context_key(scope);
    sandbox.unwrap_or(global).set_private(scope, key, global.into());
    rv.set(sandbox.unwrap_or(global).into());
}

fn is_context(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) else { return rv.set_bool(false) };
    let key = context_key(scope);
    rv.set_bool(object.get_private(scope, key).is_some_and(|v| v.is_object()));
}

/// `compileScript(code, filename, lineOffset, columnOffset, cachedData, produceCache, hostId)`: `[id, rejected, cache, mapURL]`.
fn compile_script<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    let Some(code) = args.get(0).to_string(scope) else { return };
    let line = args.get(2).int32_value(scope).unwrap_or(0);
    let column = args.get(3).int32_value(scope).unwrap_or(0);
    let host = host_options(scope, args.get(6));
    let origin = v8::ScriptOrigin::new(scope, args.get(1), line, column, false, -1, None, false, false, false, host);
    let cached = binding::bytes(args.get(4)).filter(|b| !b.is_empty());
    let has_cache = cached.is_some();
    let (mut source, options) = match cached {
        Some(bytes) => (
            v8::script_compiler::Source::new_with_cached_data(code, Some(&origin), v8::CachedData::new(bytes)),
            v8::script_compiler::CompileOptions::ConsumeCodeCache,
        ),
        None => (
            v8::script_compiler::Source::new(code, Some(&origin)),
            v8::script_compiler::CompileOptions::NoCompileOptions,
        ),
    };
    let reason = v8::script_compiler::NoCacheReason::NoReason;
    let Some(script) = v8::script_compiler::compile_unbound_script(scope, &mut source, options, reason) else { return };
    let rejected: v8::Local<v8::Value> = if has_cache {
        v8::Boolean::new(scope, source.get_cached_data().is_some_and(|c| c.rejected())).into()
    } else {
        v8::undefined(scope).into()
    };
    let cache: v8::Local<v8::Value> = match args.get(5).is_true().then(|| script.create_code_cache()).flatten() {
        Some(cache) => binding::uint8_array(scope, cache.to_vec()).into(),
        None => v8::undefined(scope).into(),
    };
    let map_url = script.get_source_mapping_url(scope);
    let global = v8::Global::new(scope, script);
    let id = SCRIPTS.with_borrow_mut(|(next, scripts)| {
        *next += 1;
        scripts.insert(*next, global);
        *next
    });
    let id = v8::Integer::new_from_unsigned(scope, id).into();
    rv.set(v8::Array::new_with_elements(scope, &[id, rejected, cache, map_url]).into());
}

fn script<'s>(scope: &mut v8::PinScope<'s, '_>, id: v8::Local<v8::Value>) -> Option<v8::Local<'s, v8::UnboundScript>> {
    let id = id.uint32_value(scope)?;
    let global = SCRIPTS.with_borrow(|(_, scripts)| scripts.get(&id).cloned())?;
    Some(v8::Local::new(scope, global))
}

/// `freeScript(id)`: nobody holds the Script any more.
fn free_script(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let id = args.get(0).uint32_value(scope).unwrap_or(0);
    SCRIPTS.with_borrow_mut(|(_, scripts)| scripts.remove(&id));
}

fn create_cache(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(script) = script(scope, args.get(0)) else { return };
    if let Some(cache) = script.create_code_cache() {
        rv.set(binding::uint8_array(scope, cache.to_vec()).into());
    }
}

/// `runScript(id, contextified | null, timeout, drain, displayErrors, breakOnSigint)`: the completion value. `timeout` in
/// milliseconds, 0 for none. `drain` runs microtasks before it returns.
fn run_script<'s>(scope: &mut v8::PinScope<'s, '_>, args: v8::FunctionCallbackArguments<'s>, mut rv: v8::ReturnValue) {
    let Some(script) = script(scope, args.get(0)) else { return };
    let context =
        if args.get(1).is_null() { Some(scope.get_current_context()) } else { context_of(scope, args.get(1)) };
    let Some(context) = context else {
        return binding::throw_type_error(scope, "The object is not a context");
    };
    let timeout = args.get(2).integer_value(scope).unwrap_or(0).max(0) as u64;
    let (drain, display_errors) = (args.get(3).is_true(), args.get(4).is_true());
    let value = guarded(scope, timeout, args.get(5).is_true(), |scope| {
        let scope = &mut v8::ContextScope::new(scope, context);
        v8::tc_scope!(let tc, scope);
        let value = script.bind_to_current_context(tc).run(tc);
        if value.is_none() && display_errors && !tc.has_terminated() {
            crate::tasks::decorate_stack(tc);
        } else if tc.has_caught() {
            tc.rethrow();
        }
        if drain && value.is_some() {
            tc.perform_microtask_checkpoint();
        }
        value
    });
    if let Some(value) = value {
        rv.set(value);
    }
}

/// `compileFunction(code, filename, line, column, cachedData, produceCache, contextified | undefined, extensions, params, hostId)`:
/// `[function, rejected, cache]`.
fn compile_function<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    let context =
        if args.get(6).is_undefined() { Some(scope.get_current_context()) } else { context_of(scope, args.get(6)) };
    let Some(context) = context else { return };
    let scope = &mut v8::ContextScope::new(scope, context);
    let Some(code) = args.get(0).to_string(scope) else { return };
    let line = args.get(2).int32_value(scope).unwrap_or(0);
    let column = args.get(3).int32_value(scope).unwrap_or(0);
    let host = host_options(scope, args.get(9));
    let origin = v8::ScriptOrigin::new(scope, args.get(1), line, column, false, -1, None, false, false, false, host);
    let mut extensions = Vec::new();
    let mut parameters = Vec::new();
    if let Ok(list) = v8::Local::<v8::Array>::try_from(args.get(7)) {
        for i in 0..list.length() {
            extensions.extend(list.get_index(scope, i).and_then(|e| v8::Local::<v8::Object>::try_from(e).ok()));
        }
    }
    if let Ok(list) = v8::Local::<v8::Array>::try_from(args.get(8)) {
        for i in 0..list.length() {
            parameters.extend(list.get_index(scope, i).and_then(|p| p.to_string(scope)));
        }
    }
    let cached = binding::bytes(args.get(4)).filter(|b| !b.is_empty());
    let has_cache = cached.is_some();
    let (mut source, options) = match cached {
        Some(bytes) => (
            v8::script_compiler::Source::new_with_cached_data(code, Some(&origin), v8::CachedData::new(bytes)),
            v8::script_compiler::CompileOptions::ConsumeCodeCache,
        ),
        None => (
            v8::script_compiler::Source::new(code, Some(&origin)),
            v8::script_compiler::CompileOptions::NoCompileOptions,
        ),
    };
    let reason = v8::script_compiler::NoCacheReason::NoReason;
    let function = v8::script_compiler::compile_function(scope, &mut source, &parameters, &extensions, options, reason);
    let Some(function) = function else { return };
    let rejected: v8::Local<v8::Value> = if has_cache {
        v8::Boolean::new(scope, source.get_cached_data().is_some_and(|c| c.rejected())).into()
    } else {
        v8::undefined(scope).into()
    };
    let cache: v8::Local<v8::Value> = match args.get(5).is_true().then(|| function.create_code_cache()).flatten() {
        Some(cache) => binding::uint8_array(scope, cache.to_vec()).into(),
        None => v8::undefined(scope).into(),
    };
    rv.set(v8::Array::new_with_elements(scope, &[function.into(), rejected, cache]).into());
}

binding!("vm", [
    makeContext => make_context,
    isContext => is_context,
    compileScript => compile_script,
    freeScript => free_script,
    createCache => create_cache,
    runScript => run_script,
    compileFunction => compile_function,
]);
