//! Ports that are brought to any thread by its number (`postMessageToThread`).
//!
//! Owns: which threads there are. Does not own: what is sent (`js/internal/worker/threads.js`).

use super::THREAD_ID;
use crate::bindings::messaging::{self, port::Port};
use crate::event_loop::{self, LoopHandle};
use crate::{binding, runtime};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

enum Thread {
    /// Was started and does not run yet: what came for it, and from whom.
    Starting(Vec<(Arc<Port>, u32)>),
    Running(LoopHandle),
}

static THREADS: LazyLock<Mutex<HashMap<u32, Thread>>> = LazyLock::new(Mutex::default);

/// A worker of that number is about to start.
pub fn announce(id: u32) {
    THREADS.lock().unwrap().insert(id, Thread::Starting(Vec::new()));
}

/// This thread's loop exists from now on.
pub fn register() {
    let handle = event_loop::current().handle();
    let before = THREADS.lock().unwrap().insert(THREAD_ID.get(), Thread::Running(handle.clone()));
    if let Some(Thread::Starting(waiting)) = before {
        for (port, from) in waiting {
            deliver(&handle, port, from);
        }
    }
}

/// Queues work for the main thread's loop.
pub fn post_to_main(work: impl FnOnce(&mut v8::PinScope) + Send + 'static) {
    if let Some(Thread::Running(handle)) = THREADS.lock().unwrap().get(&0) {
        handle.post(work);
    }
}

/// The thread of that number ends.
pub fn unregister(id: u32) {
    THREADS.lock().unwrap().remove(&id);
}

fn deliver(handle: &LoopHandle, port: Arc<Port>, from: u32) {
    handle.post(move |scope| {
        // Ports need the JavaScript half, which a thread without any has not loaded.
        runtime::call_builtin(scope, "internal/structured_clone", "prepare", &[]);
        let Some(port) = messaging::adopt_port(scope, port) else { return };
        let from = v8::Integer::new_from_unsigned(scope, from).into();
        runtime::call_builtin(scope, "internal/worker/threads", "receive", &[port.into(), from]);
    });
}

/// `sendPort(threadId, port)`: false where there is no such thread; the port stays then.
pub fn send_port<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    let wanted = args.get(0).number_value(scope).unwrap_or(-1.0);
    let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(1)) else { return };
    let mut threads = THREADS.lock().unwrap();
    let thread = threads.get_mut(&(wanted as u32)).filter(|_| wanted >= 0.0 && wanted <= f64::from(u32::MAX));
    let Some(thread) = thread else { return rv.set_bool(false) };
    let Some(port) = messaging::take_port(scope, object) else {
        drop(threads);
        return binding::throw_type_error(scope, "not an open port");
    };
    match thread {
        Thread::Starting(waiting) => waiting.push((port, THREAD_ID.get())),
        Thread::Running(handle) => deliver(handle, port, THREAD_ID.get()),
    }
    rv.set_bool(true);
}
