//! `internalBinding('vm')`: contexts whose global is a user's object, and scripts that run in any of them.
//!
//! Owns: contexts, the interceptors that make a sandbox object a global ([`sandbox`]), scripts, what ends them ([`watchdog`]). Does not
//! own: options and classes (`js/vm.js`), functions of the loader (`contextify.rs`).

mod sandbox;
mod watchdog;

pub use watchdog::guarded;

use super::contextify::{host_options, source, strings};
use crate::binding;
use crate::script_table::{unchanged, with_flags};
use std::cell::RefCell;
use std::ffi::c_void;

/// What this thread's functions use again and again.
struct Kept {
    /// The property of a contextified object that holds its global.
    context: v8::Global<v8::Private>,
    /// Objects that hold a script.
    holder: v8::Global<v8::ObjectTemplate>,
}

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

/// Lets go of what V8 has given: no handle may be left where an image is made.
pub fn forget() {
    KEPT.take();
}

fn kept<'s, T>(scope: &mut v8::PinScope<'s, '_>, which: impl FnOnce(&Kept) -> &v8::Global<T>) -> v8::Local<'s, T> {
    KEPT.with_borrow_mut(|slot| {
        let kept = slot.get_or_insert_with(|| {
            let context = private(scope, "node:vm context");
            let holder = v8::ObjectTemplate::new(scope);
            holder.set_internal_field_count(1);
            Kept { context: v8::Global::new(scope, context), holder: v8::Global::new(scope, holder) }
        });
        v8::Local::new(scope, which(kept))
    })
}

fn private<'s>(scope: &mut v8::PinScope<'s, '_>, name: &str) -> v8::Local<'s, v8::Private> {
    let name = v8::String::new(scope, name);
    v8::Private::for_api(scope, name)
}

/// The context of a contextified object: it hangs on its global, which hangs on the object.
fn context_of<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    value: v8::Local<'s, v8::Value>,
) -> Option<v8::Local<'s, v8::Context>> {
    let object = v8::Local::<v8::Object>::try_from(value).ok()?;
    let key = kept(scope, |kept| &kept.context);
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

/// `makeContext(object | undefined, codegenStrings, codegenWasm, ownQueue, hostId)`: makes the object a global, or gives a new ordinary
/// global. With a queue of its own, its microtasks run when something in it was evaluated. `hostId` answers `import()` in code that
/// nobody compiled, such as `eval` called by a promise.
fn make_context<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    let token = scope.get_current_context().get_security_token(scope);
    let sandbox = v8::Local::<v8::Object>::try_from(args.get(0)).ok();
    let mut options = v8::ContextOptions::default();
    if sandbox.is_some() {
        options.global_template = Some(sandbox::template(scope));
    }
    // The context keeps the queue from here on.
    let queue = args.get(3).is_true().then(|| v8::MicrotaskQueue::new(scope, v8::MicrotasksPolicy::Explicit));
    options.microtask_queue = queue.as_deref().map(|queue| std::ptr::from_ref(queue).cast_mut());
    // V8 makes it of the snapshot.
    crate::app::check_image();
    let context = v8::Context::new(scope, options);
    context.set_security_token(token);
    if args.get(1).is_false() {
        context.set_allow_generation_from_strings(false);
    }
    if args.get(2).is_false() {
        set_embedder_data(context, NO_WASM, args.get(2));
    }
    super::inspector::context_created(context);
    let global = context.global(scope);
    if let Some(sandbox) = sandbox {
        let scope = &mut v8::ContextScope::new(scope, context);
        let name = sandbox.get_constructor_name();
        if name.to_rust_string_lossy(scope) != "Object" {
            let tag = v8::Symbol::get_to_string_tag(scope);
            global.define_own_property(scope, tag.into(), name.into(), v8::PropertyAttribute::DONT_ENUM);
        }
        // From here on what is defined on the global goes to the sandbox.
        sandbox::attach(context, sandbox);
    }
    let object = sandbox.unwrap_or(global);
    for (name, value) in [("node:vm context", global.into()), ("node:vm host id", args.get(4))] {
        let key = private(scope, name);
        object.set_private(scope, key, value);
        global.set_private(scope, key, value);
    }
    rv.set(object.into());
}

/// Where a context notes that it may not compile WebAssembly.
const NO_WASM: i32 = 1;

extern "C" fn allows_wasm(context: v8::Local<v8::Context>, _: v8::Local<v8::String>) -> bool {
    v8::callback_scope!(unsafe scope, context);
    !embedder_data(scope, context, NO_WASM).is_some_and(|value| value.is_false())
}

unsafe extern "C" {
    fn v8__Context__GetNumberOfEmbedderDataFields(this: *const v8::Context) -> u32;
    fn v8__Context__SetEmbedderData(this: *const v8::Context, index: i32, value: *const v8::Value);
    fn v8__Context__SetAlignedPointerInEmbedderData(this: *const v8::Context, index: i32, value: *mut c_void);
}

/// The crate's own fields come first; the last of them leads to data of its own, which it makes when it sets a field. Its isolate lets go
/// of those of a context that died without a second collection, and of a weak handle in them that V8 still calls back: here are none.
const OF_THE_CRATE: i32 = 2;

/// Notes `value` in a field of a context.
fn set_embedder_data(context: v8::Local<v8::Context>, field: i32, value: v8::Local<v8::Value>) {
    // SAFETY: functions of crate v8's library, with the arguments that the crate declares; no data is what a null pointer means to it.
    unsafe {
        if v8__Context__GetNumberOfEmbedderDataFields(&*context) < OF_THE_CRATE as u32 {
            v8__Context__SetAlignedPointerInEmbedderData(&*context, OF_THE_CRATE - 1, std::ptr::null_mut());
        }
        v8__Context__SetEmbedderData(&*context, field + OF_THE_CRATE, &*value);
    }
}

/// What a context notes in a field. V8 reads without asking how many there are, and a context begins with none: what is in the heap
/// behind them would be taken for a value.
fn embedder_data<'s>(
    scope: &v8::PinScope<'s, '_>,
    context: v8::Local<'s, v8::Context>,
    field: i32,
) -> Option<v8::Local<'s, v8::Value>> {
    // SAFETY: the function of crate v8's library, with the arguments that the crate declares.
    let fields = unsafe { v8__Context__GetNumberOfEmbedderDataFields(&*context) };
    if (field + OF_THE_CRATE) as u32 >= fields {
        return None;
    }
    context.get_embedder_data(scope, field)
}

/// Sets the isolate's callbacks.
pub fn install(isolate: &mut v8::Isolate) {
    isolate.set_allow_wasm_code_generation_callback(allows_wasm);
}

/// The host id of `import()` in the current context where the code itself has none.
pub fn host_id_of_context<'s>(scope: &mut v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Value>> {
    let global = scope.get_current_context().global(scope);
    let key = private(scope, "node:vm host id");
    global.get_private(scope, key)
}

/// The queue of a context that has one of its own.
pub fn own_queue<'a>(scope: &v8::PinScope, context: &'a v8::Context) -> Option<&'a v8::MicrotaskQueue> {
    let queue = context.get_microtask_queue()?;
    let shared = scope.get_current_context();
    (!shared.get_microtask_queue().is_some_and(|shared| std::ptr::eq(shared, queue))).then_some(queue)
}

fn is_context(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) else { return rv.set_bool(false) };
    let key = kept(scope, |kept| &kept.context);
    rv.set_bool(object.get_private(scope, key).is_some_and(|v| v.is_object()));
}

/// Whether V8 refused a given code cache; undefined where none was given.
fn rejected<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    source: &v8::script_compiler::Source,
    was_given: bool,
) -> v8::Local<'s, v8::Value> {
    if !was_given {
        return v8::undefined(scope).into();
    }
    v8::Boolean::new(scope, source.get_cached_data().is_some_and(|cache| cache.rejected())).into()
}

/// The bytes of a code cache, or undefined.
fn made_cache<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    cache: Option<v8::UniqueRef<v8::CachedData<'static>>>,
) -> v8::Local<'s, v8::Value> {
    match cache {
        Some(cache) => binding::uint8_array(scope, cache.to_vec()).into(),
        None => v8::undefined(scope).into(),
    }
}

/// `compileScript(code, filename, lineOffset, columnOffset, cachedData, produceCache, hostId)`: an object that holds the script,
/// or `[it, rejected, cache, mapURL]` where there is more to tell.
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
    let cached = binding::bytes(args.get(4)).map(|b| &*b).filter(|b| !b.is_empty());
    let (mut source, options) = source(code, &origin, cached);
    let reason = v8::script_compiler::NoCacheReason::NoReason;
    let script = {
        v8::tc_scope!(let tc, scope);
        let flags = unchanged();
        let script = v8::script_compiler::compile_unbound_script(tc, &mut source, options, reason);
        drop(flags);
        let Some(script) = script else { return crate::tasks::decorate_stack(tc) };
        script
    };
    let rejected = rejected(scope, &source, cached.is_some());
    let cache = made_cache(scope, args.get(5).is_true().then(|| with_flags(|| script.create_code_cache())).flatten());
    let map_url = script.get_source_mapping_url(scope);
    let source_url = script.get_source_url(scope);
    let object = kept(scope, |kept| &kept.holder).new_instance(scope);
    let Some(object) = object else { return };
    object.set_internal_field(0, script.into());
    if crate::heap::is_building() {
        super::heap::watch(scope, object, "a vm.Script");
    }
    if [rejected, cache, map_url, source_url].iter().all(|part| part.is_undefined()) {
        return rv.set(object.into());
    }
    rv.set(v8::Array::new_with_elements(scope, &[object.into(), rejected, cache, map_url, source_url]).into());
}

/// The script of an object that `compileScript` made.
fn script<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    holder: v8::Local<'s, v8::Value>,
) -> Option<v8::Local<'s, v8::UnboundScript>> {
    let holder = v8::Local::<v8::Object>::try_from(holder).ok()?;
    let data = holder.get_internal_field(scope, 0)?;
    // SAFETY: only objects of compile_script() come here from `js/vm.js`, and their field is a script.
    Some(unsafe { v8::Local::<v8::UnboundScript>::cast_unchecked(data) })
}

fn create_cache<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    let Some(script) = script(scope, args.get(0)) else { return };
    rv.set(made_cache(scope, with_flags(|| script.create_code_cache())));
}

/// `runScript(script, contextified | null, timeout, displayErrors, breakOnSigint)`: the completion value. `timeout` in milliseconds, 0 for
/// none. The microtasks of a context with a queue of its own run before it returns.
fn run_script<'s>(scope: &mut v8::PinScope<'s, '_>, args: v8::FunctionCallbackArguments<'s>, mut rv: v8::ReturnValue) {
    let Some(script) = script(scope, args.get(0)) else { return };
    let context =
        if args.get(1).is_null() { Some(scope.get_current_context()) } else { context_of(scope, args.get(1)) };
    let Some(context) = context else {
        return binding::throw_type_error(scope, "The object is not a context");
    };
    let timeout = args.get(2).integer_value(scope).unwrap_or(0).max(0) as u64;
    let display_errors = args.get(3).is_true();
    let queue = own_queue(scope, &context);
    let value = guarded(scope, timeout, args.get(4).is_true(), |scope| {
        let scope = &mut v8::ContextScope::new(scope, context);
        v8::tc_scope!(let tc, scope);
        let value = script.bind_to_current_context(tc).run(tc);
        if value.is_none() && display_errors && !tc.has_terminated() {
            crate::tasks::decorate_stack(tc);
        } else if tc.has_caught() {
            tc.rethrow();
        }
        if let Some(queue) = queue.filter(|_| value.is_some()) {
            queue.perform_checkpoint(tc);
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
    if let Ok(list) = v8::Local::<v8::Array>::try_from(args.get(7)) {
        for i in 0..list.length() {
            extensions.extend(list.get_index(scope, i).and_then(|e| v8::Local::<v8::Object>::try_from(e).ok()));
        }
    }
    let Some(parameters) = strings(scope, args.get(8)) else { return };
    let cached = binding::bytes(args.get(4)).map(|b| &*b).filter(|b| !b.is_empty());
    let (mut source, options) = source(code, &origin, cached);
    let reason = v8::script_compiler::NoCacheReason::NoReason;
    let function = {
        v8::tc_scope!(let tc, scope);
        let compile = v8::script_compiler::compile_function;
        let flags = unchanged();
        let function = compile(tc, &mut source, &parameters, &extensions, options, reason);
        drop(flags);
        let Some(function) = function else { return crate::tasks::decorate_stack(tc) };
        function
    };
    let rejected = rejected(scope, &source, cached.is_some());
    let cache = made_cache(scope, args.get(5).is_true().then(|| with_flags(|| function.create_code_cache())).flatten());
    rv.set(v8::Array::new_with_elements(scope, &[function.into(), rejected, cache]).into());
}

binding!("vm", [
    makeContext => make_context,
    isContext => is_context,
    compileScript => compile_script,
    createCache => create_cache,
    runScript => run_script,
    compileFunction => compile_function,
]);
