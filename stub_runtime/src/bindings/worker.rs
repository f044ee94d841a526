//! `internalBinding('worker')`: threads with an isolate each.
//!
//! Owns: a worker's thread, its isolate from the same origin as the main one's (two images in one process corrupt the heap), its
//! end. Does not own: messages (`messaging`), what a worker runs (`js/internal/main/worker_thread.js`), what its parent asks
//! ([`question`]).

mod question;
mod threads;

pub use threads::{post_to_main, register as register_thread};

use super::messaging::{self, port::Port};
use crate::event_loop::{self, LoopHandle};
use crate::tasks::Callback;
use crate::{binding, exit, runtime};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

/// The main thread is 0.
static NEXT_ID: AtomicU32 = AtomicU32::new(1);

/// What a worker's thread is given.
struct Start {
    port: Arc<Port>,
    id: u32,
    /// Megabytes: old generation, young generation, code range; 0 is V8's default.
    limits: [f64; 3],
}

/// What the parent needs to end a worker.
#[derive(Default)]
struct Control {
    isolate: Option<v8::IsolateHandle>,
    event_loop: Option<LoopHandle>,
    terminated: bool,
    questions: Vec<question::Question>,
}

struct Running {
    control: Arc<Mutex<Control>>,
    on_exit: Callback,
}

thread_local! {
    static CURRENT: RefCell<Option<Start>> = const { RefCell::new(None) };
    static THREAD_ID: Cell<u32> = const { Cell::new(0) };
    static RUNNING: RefCell<HashMap<u32, Running>> = RefCell::default();
    /// This worker's own isolate.
    static ISOLATE: RefCell<Option<v8::IsolateHandle>> = const { RefCell::new(None) };
    static OUT_OF_MEMORY: Cell<bool> = const { Cell::new(false) };
}

/// `start(port, stackMb, limits, onExit(code, outOfMemory))`: the thread's id; `port` is taken, its messages wait for the worker.
fn start<'s>(scope: &mut v8::PinScope<'s, '_>, args: v8::FunctionCallbackArguments<'s>, mut rv: v8::ReturnValue) {
    let Ok(port) = v8::Local::<v8::Object>::try_from(args.get(0)) else { return };
    let Some(port) = messaging::take_port(scope, port) else { return };
    let stack = args.get(1).number_value(scope).filter(|n| *n > 0.0).unwrap_or(4.0);
    let mut limits = [0.0; 3];
    if let Ok(list) = v8::Local::<v8::Array>::try_from(args.get(2)) {
        for (i, limit) in (0..).zip(&mut limits) {
            *limit = list.get_index(scope, i).and_then(|n| n.number_value(scope)).unwrap_or(0.0);
        }
    }
    let Some(on_exit) = Callback::from_value(scope, args.get(3)) else { return };
    let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
    let control = Arc::new(Mutex::new(Control::default()));
    threads::announce(id);
    let parent = event_loop::current().handle();
    let thread_control = control.clone();
    let thread = std::thread::Builder::new()
        .name(format!("worker {id}"))
        // V8 is told of less than there is: native frames need room below it.
        .stack_size((stack * 1024.0 * 1024.0) as usize + (1 << 20))
        .spawn(move || {
            let (code, out_of_memory) = run(Start { port, id, limits }, &thread_control);
            parent.post(move |scope| exited(scope, id, code, out_of_memory));
        });
    if thread.is_err() {
        return binding::throw_error(scope, "cannot start a thread");
    }
    RUNNING.with_borrow_mut(|r| r.insert(id, Running { control, on_exit }));
    rv.set_uint32(id);
}

fn exited(scope: &mut v8::PinScope, id: u32, code: i32, out_of_memory: bool) {
    let Some(running) = RUNNING.with_borrow_mut(|r| r.remove(&id)) else { return };
    question::forget(scope, id);
    let code = v8::Integer::new(scope, code).into();
    let out_of_memory = v8::Boolean::new(scope, out_of_memory).into();
    running.on_exit.call(scope, &[code, out_of_memory]);
}

/// A worker's life; returns its exit code.
fn run(start: Start, control: &Arc<Mutex<Control>>) -> (i32, bool) {
    exit::mark_worker();
    THREAD_ID.set(start.id);
    let limits = start.limits;
    CURRENT.set(Some(start));
    let origin = runtime::origin();
    let mut isolate = runtime::new_isolate_with(&origin, limits);
    ISOLATE.set(Some(isolate.thread_safe_handle()));
    isolate.add_near_heap_limit_callback(near_heap_limit, std::ptr::null_mut());
    control.lock().unwrap().event_loop = Some(event_loop::current().handle());
    let code = {
        v8::scope!(let scope, &mut isolate);
        let context = runtime::new_context(scope, &origin);
        let scope = &mut v8::ContextScope::new(scope, context);
        // Only from here on can it be ended at any place: built-ins are half made before.
        let terminated = {
            let mut control = control.lock().unwrap();
            control.isolate = Some(scope.thread_safe_handle());
            control.terminated
        };
        let code = if terminated { 1 } else { runtime::run_program(scope, "internal/main/worker_thread") };
        super::inspector::finish_worker(scope);
        code
    };
    let terminated = {
        let mut control = control.lock().unwrap();
        control.isolate = None;
        control.event_loop = None;
        control.terminated
    };
    super::inspector::forget();
    threads::unregister(THREAD_ID.get());
    let out_of_memory = OUT_OF_MEMORY.get();
    RUNNING.with_borrow(|r| r.values().for_each(end));
    super::locks::release_all();
    messaging::port::close_all();
    super::stream_handle::close_all();
    super::udp::close_all();
    event_loop::forget();
    let address = crate::platform::detach(&isolate);
    drop(isolate);
    crate::platform::forget(address);
    let code = exit::worker_code().unwrap_or(if terminated || out_of_memory { 1 } else { code });
    (code, out_of_memory)
}

/// A worker at its limit ends instead of the process; it gets a little more room to unwind.
unsafe extern "C" fn near_heap_limit(_: *mut std::ffi::c_void, current: usize, _: usize) -> usize {
    OUT_OF_MEMORY.set(true);
    ISOLATE.with_borrow(|isolate| isolate.as_ref().map(v8::IsolateHandle::terminate_execution));
    event_loop::current().stop();
    current + (64 << 20)
}

/// `terminate(id)`: ends it wherever it is.
fn terminate(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let id = args.get(0).uint32_value(scope).unwrap_or(0);
    let control = RUNNING.with_borrow(|r| r.get(&id).map(|r| r.control.clone()));
    let Some(control) = control else { return };
    end_by(&control);
}

fn end(running: &Running) {
    end_by(&running.control);
}

fn end_by(control: &Mutex<Control>) {
    let mut control = control.lock().unwrap();
    control.terminated = true;
    if let Some(event_loop) = &control.event_loop {
        event_loop.stop();
    }
    if let Some(isolate) = &control.isolate {
        isolate.terminate_execution();
    }
}

/// `setRef(id, on)`.
fn set_ref(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let id = args.get(0).uint32_value(scope).unwrap_or(0);
    RUNNING.with_borrow(|r| {
        if let Some(running) = r.get(&id) {
            running.on_exit.alive.set_ref(args.get(1).is_true());
        }
    });
}

/// `getPort()`: in a worker, the control port's object; once.
fn get_port(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(port) = CURRENT.with_borrow(|c| c.as_ref().map(|s| s.port.clone())) else { return };
    if let Some(object) = messaging::adopt_port(scope, port) {
        rv.set(object.into());
    }
}

/// The number of this thread: 0 for the main one.
pub fn current_thread() -> u32 {
    THREAD_ID.get()
}

/// `threadId()`: 0 on the main thread.
fn thread_id(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_uint32(THREAD_ID.get());
}

binding!("worker", [
    start => start,
    terminate => terminate,
    setRef => set_ref,
    getPort => get_port,
    threadId => thread_id,
    ask => question::ask,
    loopFigures => question::loop_figures,
    sendPort => threads::send_port,
]);
