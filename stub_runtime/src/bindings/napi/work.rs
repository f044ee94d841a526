//! Node-API: promises and work on the pool.

use super::env::{Env, Status, Value, from_loop, give, out};
use crate::napi;
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

type Execute = unsafe extern "C" fn(env: *mut Env, data: *mut c_void);
type Complete = unsafe extern "C" fn(env: *mut Env, status: Status, data: *mut c_void);

/// `napi_async_work`.
pub struct AsyncWork {
    execute: Execute,
    complete: Option<Complete>,
    data: *mut c_void,
    state: Arc<AtomicU8>,
}

/// Where a piece of work stands.
const WAITING: u8 = 0;
const RUNNING: u8 = 1;
const CANCELLED: u8 = 2;

/// The addon's pointers on their way through the pool.
struct Job(*mut Env, Execute, *mut c_void);

// SAFETY: Node-API lets `execute` run on another thread; it may not use the environment there.
unsafe impl Send for Job {}

impl Job {
    fn run(self) {
        // SAFETY: the addon's own function with its own data.
        unsafe { (self.1)(self.0, self.2) }
    }
}

fn settle(
    scope: &mut v8::PinScope,
    deferred: *mut v8::Global<v8::PromiseResolver>,
    value: Value,
    resolve: bool,
) -> Result<(), Status> {
    out(deferred)?;
    let value = value.local()?;
    // SAFETY: made by `napi_create_promise`; a deferred is settled once.
    let resolver = unsafe { Box::from_raw(deferred) };
    let resolver = v8::Local::new(scope, *resolver);
    let done = if resolve { resolver.resolve(scope, value) } else { resolver.reject(scope, value) };
    done.map(drop).ok_or(Status::GenericFailure)
}

napi! {
    js fn napi_create_promise(env, scope, deferred: *mut *mut v8::Global<v8::PromiseResolver>, result: *mut Value) {
        let deferred = out(deferred)?;
        let resolver = v8::PromiseResolver::new(scope).ok_or(Status::GenericFailure)?;
        *deferred = Box::into_raw(Box::new(v8::Global::new(scope, resolver)));
        give(result, resolver.get_promise(scope))
    }
    js fn napi_resolve_deferred(env, scope, deferred: *mut v8::Global<v8::PromiseResolver>, value: Value) {
        settle(scope, deferred, value, true)
    }
    js fn napi_reject_deferred(env, scope, deferred: *mut v8::Global<v8::PromiseResolver>, value: Value) {
        settle(scope, deferred, value, false)
    }
    plain fn napi_is_promise(env, scope, value: Value, result: *mut bool) {
        *out(result)? = value.local()?.is_promise();
        Ok(())
    }
    plain fn napi_create_async_work(
        env, scope, resource: Value, name: Value, execute: Option<Execute>, complete: Option<Complete>, data: *mut c_void,
        result: *mut *mut AsyncWork,
    ) {
        let _ = (resource, name);
        let execute = execute.ok_or(Status::InvalidArg)?;
        *out(result)? = Box::into_raw(Box::new(AsyncWork { execute, complete, data, state: Arc::default() }));
        Ok(())
    }
    plain fn napi_delete_async_work(env, scope, work: *mut AsyncWork) {
        out(work)?;
        // SAFETY: made by `napi_create_async_work`; the addon gives it back once.
        drop(unsafe { Box::from_raw(work) });
        Ok(())
    }
    plain fn napi_queue_async_work(env, scope, work: *mut AsyncWork) {
        let work = out(work)?;
        let address = std::ptr::from_ref(env).cast_mut();
        let job = Job(address, work.execute, work.data);
        work.state.store(WAITING, Ordering::SeqCst);
        let (state, complete, data) = (work.state.clone(), work.complete, work.data);
        let run = move || {
            let start = state.compare_exchange(WAITING, RUNNING, Ordering::SeqCst, Ordering::SeqCst).is_ok();
            if start {
                job.run();
            }
            start
        };
        crate::event_loop::current().run_on_pool("NodeApiAsyncWork", run, move |scope, ran| {
            let status = if ran { Status::Ok } else { Status::Cancelled };
            if let Some(complete) = complete {
                // SAFETY: the addon's own function with its own data, on the thread of its environment.
                from_loop(scope, address, |env| unsafe { complete(env, status, data) });
            }
        });
        Ok(())
    }
    plain fn napi_cancel_async_work(env, scope, work: *mut AsyncWork) {
        let state = &out(work)?.state;
        match state.compare_exchange(WAITING, CANCELLED, Ordering::SeqCst, Ordering::SeqCst) {
            Ok(_) => Ok(()),
            Err(_) => Err(Status::GenericFailure),
        }
    }
}
