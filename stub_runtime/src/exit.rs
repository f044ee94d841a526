//! How a thread of JavaScript ends: the process's main thread by `_exit`, a worker by termination.

use std::cell::Cell;
use std::sync::Mutex;

thread_local! {
    /// Set in a worker's thread: the exit code goes here instead of ending the process.
    static WORKER: Cell<Option<Option<i32>>> = const { Cell::new(None) };
}

static AT_EXIT: Mutex<Vec<fn()>> = Mutex::new(Vec::new());

/// Registers a function that runs once when the process ends by `exit` (the terminal's state, for one).
pub fn at_exit(f: fn()) {
    AT_EXIT.lock().unwrap().push(f);
}

/// Runs what [`at_exit`] registered.
pub fn run_at_exit() {
    let hooks = std::mem::take(&mut *AT_EXIT.lock().unwrap());
    for f in hooks.iter().rev() {
        f();
    }
}

/// Makes [`exit`] on this thread end the thread only.
pub fn mark_worker() {
    WORKER.set(Some(None));
}

/// The code a worker's thread exited with, `None` while it has not called [`exit`].
pub fn worker_code() -> Option<i32> {
    WORKER.get().flatten()
}

/// Ends the process, or the worker whose thread this is: then it returns and JavaScript is being terminated.
pub fn exit(scope: &mut v8::PinScope, code: i32) {
    if let Some(set) = WORKER.get() {
        if set.is_none() {
            WORKER.set(Some(Some(code)));
        }
        crate::event_loop::current().stop();
        scope.terminate_execution();
        return;
    }
    crate::bindings::inspector::finish(scope);
    crate::training::finish(scope);
    crate::bindings::napi::teardown(scope);
    exit_process(code)
}

/// Ends the process without running destructors: V8 and the pool need none.
pub fn exit_process(code: i32) -> ! {
    run_at_exit();
    // SAFETY: ends the process; nothing of ours is buffered.
    unsafe { libc::_exit(code) }
}
