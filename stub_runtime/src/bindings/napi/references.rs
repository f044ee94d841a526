//! Node-API: references, wrapped objects, externals, handle scopes, clean-up.

use super::env::{self, Cleanup, Env, FinalizeCallback, Finalizer, Status, Value, give, out};
use crate::napi;
use std::ffi::{CStr, c_char, c_void};

/// `napi_ref`: a value that the addon or an object of V8's holds.
pub struct Reference {
    id: u64,
    /// Set while the count is above 0.
    strong: Option<v8::Global<v8::Value>>,
    /// None of a primitive, which is gone with the last count.
    weak: Option<v8::Weak<v8::Value>>,
    count: u32,
    finalizer: Option<Finalizer>,
    /// The data of `napi_wrap`.
    data: *mut c_void,
    /// Whether it goes when the value is collected; otherwise the addon deletes it.
    owned: bool,
}

impl Reference {
    /// A new one, with the count `count`.
    fn new(
        env: &Env,
        scope: &mut v8::PinScope,
        value: v8::Local<v8::Value>,
        count: u32,
        data: *mut c_void,
        finalizer: Option<Finalizer>,
        owned: bool,
    ) -> *mut Reference {
        let id = env.next_reference();
        let address = std::ptr::from_ref(env).cast_mut();
        let strong = (count > 0).then(|| v8::Global::new(scope, value));
        let weak = (value.is_object() || value.is_symbol())
            .then(|| v8::Weak::with_finalizer(scope, value, Box::new(move |_| collected(address, id))));
        let reference = Box::into_raw(Box::new(Reference { id, strong, weak, count, finalizer, data, owned }));
        env.references.borrow_mut().insert(id, reference);
        reference
    }

    fn value<'s>(&self, scope: &mut v8::PinScope<'s, '_>) -> Option<v8::Local<'s, v8::Value>> {
        match &self.strong {
            Some(strong) => Some(v8::Local::new(scope, strong)),
            None => self.weak.as_ref()?.to_local(scope),
        }
    }
}

/// A value was collected: its finalizer runs from the loop, never inside the collector.
fn collected(env: *mut Env, id: u64) {
    crate::event_loop::current().enqueue(move |scope| {
        // SAFETY: environments live as long as their thread.
        let state = unsafe { &*env };
        let Some(reference) = state.references.borrow().get(&id).copied() else { return };
        // SAFETY: what the table has is alive.
        let (finalizer, owned) = unsafe { ((*reference).finalizer.take(), (*reference).owned) };
        if owned {
            delete(state, reference);
        }
        if let Some(finalizer) = finalizer {
            finalizer.run(scope, env);
        }
    });
}

fn delete(env: &Env, reference: *mut Reference) {
    // SAFETY: made by `Reference::new`; the table tells that it was not deleted yet.
    unsafe {
        if env.references.borrow_mut().remove(&(*reference).id).is_some() {
            drop(Box::from_raw(reference));
        }
    }
}

/// The thread ends: what was not collected is finalized, newest first.
pub fn finalize_all(env: *mut Env) {
    // SAFETY: environments live as long as their thread.
    let state = unsafe { &*env };
    loop {
        let last = state.references.borrow_mut().pop_last();
        let Some((_, reference)) = last else { return };
        // SAFETY: what the table had is alive; an addon that deletes it now finds it gone from the table. The memory stays: the
        // thread ends.
        if let Some(finalizer) = unsafe { (*reference).finalizer.take() } {
            // SAFETY: the addon's own function with its own data.
            unsafe { (finalizer.callback)(env, finalizer.data, finalizer.hint) };
        }
    }
}

/// The reference that an object wraps.
fn wrapped(env: &Env, scope: &mut v8::PinScope, object: v8::Local<v8::Object>) -> Option<*mut Reference> {
    let key = v8::Local::new(scope, &env.wrap_key);
    let value = object.get_private(scope, key)?;
    let external = v8::Local::<v8::External>::try_from(value).ok()?;
    Some(external.value().cast())
}

fn finalizer(callback: Option<FinalizeCallback>, data: *mut c_void, hint: *mut c_void) -> Option<Finalizer> {
    callback.map(|callback| Finalizer { callback, data, hint })
}

/// V8's `HandleScope`, made where the addon opens it: the crate's own scopes belong to a frame of Rust.
#[repr(C)]
pub struct HandleScope {
    v8: [usize; 4],
    /// A slot of the outer scope, for the handle that escapes.
    slot: *mut usize,
    escaped: bool,
}

unsafe extern "C" {
    // Of the `v8` crate's own library.
    fn v8__HandleScope__CONSTRUCT(place: *mut [usize; 4], isolate: *mut c_void);
    fn v8__HandleScope__DESTRUCT(place: *mut [usize; 4]);
    fn v8__Isolate__GetCurrent() -> *mut c_void;
}

fn open_scope(env: &Env, slot: *mut usize) -> *mut HandleScope {
    env.handle_scopes.set(env.handle_scopes.get() + 1);
    let opened = Box::into_raw(Box::new(HandleScope { v8: [0; 4], slot, escaped: false }));
    // SAFETY: room for V8's three words; the thread is in its isolate.
    unsafe { v8__HandleScope__CONSTRUCT(&raw mut (*opened).v8, v8__Isolate__GetCurrent()) };
    opened
}

fn close_scope(env: &Env, opened: *mut HandleScope) -> Result<(), Status> {
    out(opened)?;
    let left = env.handle_scopes.get().checked_sub(1).ok_or(Status::HandleScopeMismatch)?;
    env.handle_scopes.set(left);
    // SAFETY: made by `open_scope`; the addon closes it once, the innermost first.
    unsafe {
        v8__HandleScope__DESTRUCT(&raw mut (*opened).v8);
        drop(Box::from_raw(opened));
    }
    Ok(())
}

/// `napi_async_cleanup_hook_handle`.
pub struct AsyncCleanup {
    callback: AsyncCleanupCallback,
    argument: *mut c_void,
}

type AsyncCleanupCallback = unsafe extern "C" fn(handle: *mut AsyncCleanup, argument: *mut c_void);
type CleanupCallback = unsafe extern "C" fn(argument: *mut c_void);

napi! {
    plain fn napi_create_reference(env, scope, value: Value, count: u32, result: *mut *mut Reference) {
        let value = value.local()?;
        // Version 10 of Node-API takes any value.
        if env.version < 10 && !(value.is_object() || value.is_symbol()) {
            return Err(Status::InvalidArg);
        }
        *out(result)? = Reference::new(env, scope, value, count, std::ptr::null_mut(), None, false);
        Ok(())
    }
    plain fn napi_delete_reference(env, scope, reference: *mut Reference) {
        out(reference)?;
        delete(env, reference);
        Ok(())
    }
    plain fn napi_reference_ref(env, scope, reference: *mut Reference, result: *mut u32) {
        let reference = out(reference)?;
        let Some(value) = reference.value(scope) else {
            // Collected: as Node, the count stays 0.
            if let Ok(result) = out(result) {
                *result = 0;
            }
            return Ok(());
        };
        reference.count += 1;
        if reference.strong.is_none() {
            reference.strong = Some(v8::Global::new(scope, value));
        }
        if let Ok(result) = out(result) {
            *result = reference.count;
        }
        Ok(())
    }
    plain fn napi_reference_unref(env, scope, reference: *mut Reference, result: *mut u32) {
        let reference = out(reference)?;
        if reference.count == 0 {
            return Err(Status::GenericFailure);
        }
        reference.count -= 1;
        if reference.count == 0 {
            reference.strong = None;
        }
        if let Ok(result) = out(result) {
            *result = reference.count;
        }
        Ok(())
    }
    plain fn napi_get_reference_value(env, scope, reference: *mut Reference, result: *mut Value) {
        let value = out(reference)?.value(scope);
        *out(result)? = value.map_or(Value::NULL, Value::from);
        Ok(())
    }
    js fn napi_wrap(
        env, scope, object: Value, data: *mut c_void, finalize: Option<FinalizeCallback>, hint: *mut c_void,
        result: *mut *mut Reference,
    ) {
        let object = object.cast::<v8::Object>(Status::ObjectExpected)?;
        if wrapped(env, scope, object).is_some() {
            return Err(Status::InvalidArg);
        }
        let finalizer = finalizer(finalize, data, hint);
        let reference = Reference::new(env, scope, object.into(), 0, data, finalizer, result.is_null());
        let key = v8::Local::new(scope, &env.wrap_key);
        let external = v8::External::new(scope, reference.cast());
        object.set_private(scope, key, external.into()).ok_or(Status::GenericFailure)?;
        if let Ok(result) = out(result) {
            *result = reference;
        }
        Ok(())
    }
    plain fn napi_unwrap(env, scope, object: Value, result: *mut *mut c_void) {
        let object = object.cast::<v8::Object>(Status::ObjectExpected)?;
        let reference = wrapped(env, scope, object).ok_or(Status::InvalidArg)?;
        // SAFETY: an object that is alive keeps what it wraps.
        *out(result)? = unsafe { (*reference).data };
        Ok(())
    }
    plain fn napi_remove_wrap(env, scope, object: Value, result: *mut *mut c_void) {
        let object = object.cast::<v8::Object>(Status::ObjectExpected)?;
        let reference = wrapped(env, scope, object).ok_or(Status::InvalidArg)?;
        let key = v8::Local::new(scope, &env.wrap_key);
        object.delete_private(scope, key);
        // SAFETY: as in `napi_unwrap`.
        let state = unsafe { &mut *reference };
        if let Ok(result) = out(result) {
            *result = state.data;
        }
        state.finalizer = None;
        if state.owned {
            delete(env, reference);
        }
        Ok(())
    }
    plain fn napi_add_finalizer(
        env, scope, object: Value, data: *mut c_void, finalize: Option<FinalizeCallback>, hint: *mut c_void,
        result: *mut *mut Reference,
    ) {
        let object = object.cast::<v8::Object>(Status::InvalidArg)?;
        let finalizer = Some(finalizer(finalize, data, hint).ok_or(Status::InvalidArg)?);
        let reference = Reference::new(env, scope, object.into(), 0, data, finalizer, result.is_null());
        if let Ok(result) = out(result) {
            *result = reference;
        }
        Ok(())
    }
    plain fn node_api_post_finalizer(
        env, scope, finalize: Option<FinalizeCallback>, data: *mut c_void, hint: *mut c_void,
    ) {
        let finalizer = finalizer(finalize, data, hint).ok_or(Status::InvalidArg)?;
        let address = std::ptr::from_ref(env).cast_mut();
        crate::event_loop::current().enqueue(move |scope| finalizer.run(scope, address));
        Ok(())
    }
    plain fn napi_create_external(
        env, scope, data: *mut c_void, finalize: Option<FinalizeCallback>, hint: *mut c_void, result: *mut Value,
    ) {
        let external = v8::External::new(scope, data);
        if let Some(finalizer) = finalizer(finalize, data, hint) {
            Reference::new(env, scope, external.into(), 0, data, Some(finalizer), true);
        }
        give(result, external)
    }
    plain fn napi_get_value_external(env, scope, value: Value, result: *mut *mut c_void) {
        *out(result)? = value.cast::<v8::External>(Status::InvalidArg)?.value();
        Ok(())
    }
    plain fn napi_open_handle_scope(env, scope, result: *mut *mut HandleScope) {
        *out(result)? = open_scope(env, std::ptr::null_mut());
        Ok(())
    }
    plain fn napi_close_handle_scope(env, scope, opened: *mut HandleScope) {
        close_scope(env, opened)
    }
    plain fn napi_open_escapable_handle_scope(env, scope, result: *mut *mut HandleScope) {
        let result = out(result)?;
        // A handle of the outer scope, to be written when a value escapes.
        let slot = v8::Local::<v8::Value>::from(v8::Object::new(scope));
        // SAFETY: a handle is the address of its slot.
        *result = open_scope(env, unsafe { std::mem::transmute::<v8::Local<v8::Value>, *mut usize>(slot) });
        Ok(())
    }
    plain fn napi_close_escapable_handle_scope(env, scope, opened: *mut HandleScope) {
        close_scope(env, opened)
    }
    plain fn napi_escape_handle(env, scope, opened: *mut HandleScope, value: Value, result: *mut Value) {
        let opened = out(opened)?;
        let value = value.local()?;
        let result = out(result)?;
        if opened.escaped {
            return Err(Status::EscapeCalledTwice);
        }
        opened.escaped = true;
        // SAFETY: both are addresses of slots; the outer scope's is alive until that closes.
        unsafe {
            *opened.slot = *std::mem::transmute::<v8::Local<v8::Value>, *const usize>(value);
            *result = std::mem::transmute::<*mut usize, v8::Local<v8::Value>>(opened.slot).into();
        }
        Ok(())
    }
    plain fn napi_set_instance_data(
        env, scope, data: *mut c_void, finalize: Option<FinalizeCallback>, hint: *mut c_void,
    ) {
        env.instance_data.set(Some((data, finalizer(finalize, data, hint))));
        Ok(())
    }
    plain fn napi_get_instance_data(env, scope, result: *mut *mut c_void) {
        *out(result)? = env.instance_data.get().map_or(std::ptr::null_mut(), |(data, _)| data);
        Ok(())
    }
    plain fn napi_add_env_cleanup_hook(env, scope, callback: Option<CleanupCallback>, argument: *mut c_void) {
        let callback = callback.ok_or(Status::InvalidArg)?;
        let key = (callback as usize, argument as usize);
        // SAFETY: the addon's own function with its own argument.
        env::add_cleanup(Cleanup { key, run: Box::new(move || unsafe { callback(argument) }) });
        Ok(())
    }
    plain fn napi_remove_env_cleanup_hook(env, scope, callback: Option<CleanupCallback>, argument: *mut c_void) {
        env::remove_cleanup((callback.ok_or(Status::InvalidArg)? as usize, argument as usize));
        Ok(())
    }
    plain fn napi_add_async_cleanup_hook(
        env, scope, callback: Option<AsyncCleanupCallback>, argument: *mut c_void, result: *mut *mut AsyncCleanup,
    ) {
        let callback = callback.ok_or(Status::InvalidArg)?;
        let handle = Box::into_raw(Box::new(AsyncCleanup { callback, argument }));
        // SAFETY: removed from the hooks before it is freed.
        let run = Box::new(move || unsafe { ((*handle).callback)(handle, (*handle).argument) });
        env::add_cleanup(Cleanup { key: (handle as usize, 0), run });
        if let Ok(result) = out(result) {
            *result = handle;
        }
        Ok(())
    }
    plain fn napi_get_node_version(env, scope, result: *mut *const NodeVersion) {
        static VERSION: NodeVersion = NodeVersion::of(crate::runtime::NODE_VERSION);
        *out(result)? = &raw const VERSION;
        Ok(())
    }
    plain fn node_api_get_module_file_name(env, scope, result: *mut *const c_char) {
        *out(result)? = CStr::as_ptr(&env.file_name);
        Ok(())
    }
    // There is no libuv here: an addon that needs its loop is told so.
    plain fn napi_get_uv_event_loop(env, scope, result: *mut *mut c_void) {
        *out(result)? = std::ptr::null_mut();
        Err(Status::GenericFailure)
    }
}

/// `napi_remove_async_cleanup_hook` of Node-API.
/// # Safety
/// Called by addons with the arguments that Node-API documents.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn napi_remove_async_cleanup_hook(handle: *mut AsyncCleanup) -> Status {
    if handle.is_null() {
        return Status::InvalidArg;
    }
    env::remove_cleanup((handle as usize, 0));
    // SAFETY: made by `napi_add_async_cleanup_hook`; the addon gives it back once.
    drop(unsafe { Box::from_raw(handle) });
    Status::Ok
}

/// `napi_node_version`.
#[repr(C)]
pub struct NodeVersion {
    major: u32,
    minor: u32,
    patch: u32,
    release: *const c_char,
}

// SAFETY: never written.
unsafe impl Sync for NodeVersion {}

impl NodeVersion {
    /// Of text like `v1.2.3`.
    const fn of(text: &str) -> Self {
        let (bytes, mut parts, mut part, mut i) = (text.as_bytes(), [0; 3], 0, 1);
        while i < bytes.len() {
            if bytes[i] == b'.' {
                part += 1;
            } else {
                parts[part] = parts[part] * 10 + (bytes[i] - b'0') as u32;
            }
            i += 1;
        }
        NodeVersion { major: parts[0], minor: parts[1], patch: parts[2], release: c"node".as_ptr() }
    }
}
