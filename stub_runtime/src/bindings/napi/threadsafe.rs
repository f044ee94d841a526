//! Node-API: functions that any thread may call; the calls are queued and made on the loop.

use super::env::{Env, FinalizeCallback, Finalizer, Status, Value, from_loop, out};
use crate::event_loop::{Alive, LoopHandle};
use crate::napi;
use std::cell::Cell;
use std::collections::VecDeque;
use std::ffi::c_void;
use std::sync::{Condvar, Mutex, MutexGuard};

type CallJs = unsafe extern "C" fn(env: *mut Env, function: Value, context: *mut c_void, data: *mut c_void);

/// Calls made in one turn of the loop before other work has its turn.
const AT_ONCE: usize = 1000;

/// `napi_threadsafe_function`. Freed by the loop when it is closed and no thread holds it.
pub struct ThreadsafeFunction {
    env: *mut Env,
    event_loop: LoopHandle,
    context: *mut c_void,
    call_js: Option<CallJs>,
    max_queue: usize,
    state: Mutex<State>,
    room: Condvar,
    /// Of the loop's thread only.
    local: Local,
}

struct Local {
    function: Cell<Option<v8::Global<v8::Function>>>,
    finalizer: Cell<Option<Finalizer>>,
    alive: Alive,
}

struct State {
    queue: VecDeque<*mut c_void>,
    threads: usize,
    closing: bool,
    /// Whether the loop was asked to look.
    posted: bool,
    /// Whether the loop has finalized it: the last thread that lets go frees it.
    finalized: bool,
}

/// A threadsafe function on its way to its loop.
struct Handle(*mut ThreadsafeFunction);

// SAFETY: it is made to be used by any thread; what belongs to the loop is used there only.
unsafe impl Send for Handle {}

impl Handle {
    fn dispatch(self, scope: &mut v8::PinScope) {
        dispatch(self.0, scope);
    }
}

impl ThreadsafeFunction {
    /// Asks the loop to look at the queue, once.
    fn post(&self, state: &mut State) {
        if !std::mem::replace(&mut state.posted, true) {
            let handle = Handle(std::ptr::from_ref(self).cast_mut());
            self.event_loop.post(move |scope| handle.dispatch(scope));
        }
    }
}

/// Makes the calls that are queued; closes the function where nobody can make another.
fn dispatch(function: *mut ThreadsafeFunction, scope: &mut v8::PinScope) {
    // SAFETY: not freed while it is posted.
    let this = unsafe { &*function };
    {
        let mut state = this.state.lock().unwrap();
        state.posted = false;
        if state.finalized {
            return free_unused(function, state);
        }
    }
    for _ in 0..AT_ONCE {
        let data = {
            let mut state = this.state.lock().unwrap();
            if state.closing {
                drop(state);
                return finalize(function, scope);
            }
            let Some(data) = state.queue.pop_front() else {
                if state.threads == 0 {
                    state.closing = true;
                    drop(state);
                    return finalize(function, scope);
                }
                return;
            };
            this.room.notify_one();
            data
        };
        from_loop(scope, this.env, |env| call(this, env, data));
        // What was called may have ended the thread.
        if crate::event_loop::current().is_stopping() {
            return;
        }
    }
    let mut state = this.state.lock().unwrap();
    this.post(&mut state);
}

/// Makes one call, with the addon's own function for that or the plain one.
fn call(this: &ThreadsafeFunction, env: *mut Env, data: *mut c_void) {
    // SAFETY: environments live as long as their thread.
    let state = unsafe { &*env };
    v8::callback_scope!(unsafe scope, state.context());
    let scope: &mut v8::PinScope = scope;
    let kept = this.local.function.take();
    let function = kept.as_ref().map(|f| v8::Local::new(scope, f));
    this.local.function.set(kept);
    match (this.call_js, function) {
        (Some(call_js), function) => {
            let function = function.map_or(Value::NULL, Value::from);
            // SAFETY: the addon's own function with its own data.
            unsafe { call_js(env, function, this.context, data) };
        }
        (None, Some(function)) => {
            v8::tc_scope!(let scope, scope);
            let recv = v8::undefined(scope).into();
            function.call(scope, recv, &[]);
            if let Some(exception) = scope.exception().filter(|_| !scope.has_terminated()) {
                state.set_exception(scope, exception);
            }
        }
        (None, None) => {}
    }
}

/// The end: what is queued is given back, the finalizer runs, the loop lets go.
fn finalize(function: *mut ThreadsafeFunction, scope: &mut v8::PinScope) {
    // SAFETY: as in `dispatch`.
    let this = unsafe { &*function };
    let queued = std::mem::take(&mut this.state.lock().unwrap().queue);
    if let Some(call_js) = this.call_js {
        for data in queued {
            // SAFETY: a call without environment tells the addon to free its data.
            unsafe { call_js(std::ptr::null_mut(), Value::NULL, this.context, data) };
        }
    }
    this.room.notify_all();
    if let Some(finalizer) = this.local.finalizer.take() {
        finalizer.run(scope, this.env);
    }
    this.local.function.set(None);
    this.local.alive.set_ref(false);
    let mut state = this.state.lock().unwrap();
    state.finalized = true;
    free_unused(function, state);
}

/// Frees what the loop has finalized, no thread holds and no dispatch is to look at.
fn free_unused(function: *mut ThreadsafeFunction, state: MutexGuard<State>) {
    let unused = state.threads == 0 && state.finalized && !state.posted;
    drop(state);
    if unused {
        // SAFETY: made by `napi_create_threadsafe_function`, and nobody refers to it any more.
        drop(unsafe { Box::from_raw(function) });
    }
}

napi! {
    plain fn napi_create_threadsafe_function(
        env, scope, function: Value, resource: Value, name: Value, max_queue: usize, threads: usize,
        finalize_data: *mut c_void, finalize: Option<FinalizeCallback>, context: *mut c_void, call_js: Option<CallJs>,
        result: *mut *mut ThreadsafeFunction,
    ) {
        let _ = (resource, name);
        if threads == 0 || (function.optional().is_none() && call_js.is_none()) {
            return Err(Status::InvalidArg);
        }
        let function = match function.optional() {
            Some(_) => {
                let function = function.cast::<v8::Function>(Status::InvalidArg)?;
                Some(v8::Global::new(scope, function))
            }
            None => None,
        };
        let finalizer = finalize.map(|callback| Finalizer { callback, data: finalize_data, hint: context });
        let this = ThreadsafeFunction {
            env: std::ptr::from_ref(env).cast_mut(),
            event_loop: crate::event_loop::current().handle(),
            context,
            call_js,
            max_queue,
            state: Mutex::new(State { queue: VecDeque::new(), threads, closing: false, posted: false, finalized: false }),
            room: Condvar::new(),
            local: Local { function: Cell::new(function), finalizer: Cell::new(finalizer), alive: Alive::new() },
        };
        *out(result)? = Box::into_raw(Box::new(this));
        Ok(())
    }
    plain fn napi_ref_threadsafe_function(env, scope, function: *mut ThreadsafeFunction) {
        out(function)?.local.alive.set_ref(true);
        Ok(())
    }
    plain fn napi_unref_threadsafe_function(env, scope, function: *mut ThreadsafeFunction) {
        out(function)?.local.alive.set_ref(false);
        Ok(())
    }
}

/// The function that a thread holds.
fn held<'a>(function: *mut ThreadsafeFunction) -> Option<&'a ThreadsafeFunction> {
    // SAFETY: null, or alive while the calling thread holds it.
    unsafe { function.as_ref() }
}

/// `napi_get_threadsafe_function_context` of Node-API.
/// # Safety
/// Called by addons with the arguments that Node-API documents.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn napi_get_threadsafe_function_context(
    function: *mut ThreadsafeFunction,
    result: *mut *mut c_void,
) -> Status {
    match (held(function), out(result)) {
        (Some(this), Ok(result)) => {
            *result = this.context;
            Status::Ok
        }
        _ => Status::InvalidArg,
    }
}

/// `napi_call_threadsafe_function` of Node-API: from any thread; `blocking` is 1 to wait for room in the queue.
/// # Safety
/// Called by addons with the arguments that Node-API documents.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn napi_call_threadsafe_function(
    function: *mut ThreadsafeFunction,
    data: *mut c_void,
    blocking: i32,
) -> Status {
    let Some(this) = held(function) else { return Status::InvalidArg };
    let mut state = this.state.lock().unwrap();
    while this.max_queue > 0 && state.queue.len() >= this.max_queue && !state.closing {
        if blocking == 0 {
            return Status::QueueFull;
        }
        state = this.room.wait(state).unwrap();
    }
    if state.closing {
        return if state.threads == 0 {
            Status::InvalidArg
        } else {
            release(function, state);
            Status::Closing
        };
    }
    state.queue.push_back(data);
    this.post(&mut state);
    Status::Ok
}

/// One thread less holds it; the last one frees what the loop has finalized.
fn release(function: *mut ThreadsafeFunction, mut state: MutexGuard<State>) {
    state.threads -= 1;
    free_unused(function, state);
}

/// `napi_acquire_threadsafe_function` of Node-API.
/// # Safety
/// Called by addons with the arguments that Node-API documents.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn napi_acquire_threadsafe_function(function: *mut ThreadsafeFunction) -> Status {
    let Some(this) = held(function) else { return Status::InvalidArg };
    let mut state = this.state.lock().unwrap();
    if state.closing {
        return Status::Closing;
    }
    state.threads += 1;
    Status::Ok
}

/// `napi_release_threadsafe_function` of Node-API; `mode` 1 closes it for every thread.
/// # Safety
/// Called by addons with the arguments that Node-API documents.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn napi_release_threadsafe_function(function: *mut ThreadsafeFunction, mode: i32) -> Status {
    let Some(this) = held(function) else { return Status::InvalidArg };
    let mut state = this.state.lock().unwrap();
    if state.threads == 0 {
        return Status::InvalidArg;
    }
    if !state.closing && (mode == 1 || state.threads == 1) {
        if mode == 1 {
            state.closing = true;
            this.room.notify_all();
        }
        state.threads -= 1;
        this.post(&mut state);
        return Status::Ok;
    }
    release(function, state);
    Status::Ok
}
