//! V8's tasks for the thread of an isolate: finalizers, garbage collection in small steps, `Atomics.waitAsync`, compiled Wasm.
//!
//! Owns: which loop a task goes to, delayed tasks, when V8's worker thread starts. Does not own: that thread (its own platform's), the loop.
//!
//! A task does not keep the loop alive. One that comes before its isolate's loop is known waits for [`attach`].

use crate::event_loop::{self, LoopHandle};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

#[derive(Default)]
struct Queue {
    handle: Option<LoopHandle>,
    early: Vec<(v8::Task, Duration)>,
    /// The isolate is ending: its tasks are dropped.
    closed: bool,
}

/// By the isolate's address.
static QUEUES: Mutex<Option<HashMap<usize, Queue>>> = Mutex::new(None);

thread_local! {
    static DELAYED: RefCell<Vec<(Instant, v8::Task)>> = const { RefCell::new(Vec::new()) };
}

struct Foreground;

impl v8::PlatformImpl for Foreground {
    fn post_task(&self, isolate: *mut c_void, task: v8::Task) {
        post(isolate, task, Duration::ZERO);
    }

    fn post_non_nestable_task(&self, isolate: *mut c_void, task: v8::Task) {
        post(isolate, task, Duration::ZERO);
    }

    fn post_delayed_task(&self, isolate: *mut c_void, task: v8::Task, seconds: f64) {
        post(isolate, task, Duration::try_from_secs_f64(seconds).unwrap_or_default());
    }

    fn post_non_nestable_delayed_task(&self, isolate: *mut c_void, task: v8::Task, seconds: f64) {
        self.post_delayed_task(isolate, task, seconds);
    }

    fn post_idle_task(&self, _: *mut c_void, _: v8::IdleTask) {}
}

/// V8's platform, with at most one worker thread, which starts with its first task.
pub fn new() -> v8::SharedRef<v8::Platform> {
    worker::hold();
    let platform = v8::new_custom_platform(1, false, true, Foreground).make_shared();
    worker::release();
    platform
}

/// V8's platform starts its threads when it is made. The linker leads two of its calls here (`--wrap`, `build.rs`): the one that starts a
/// thread, and the one that queues a task for them.
mod worker {
    use std::ffi::c_void;
    use std::ptr::null_mut;
    use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

    static HOLDING: AtomicBool = AtomicBool::new(false);
    /// `v8::base::Thread` that is to be started.
    static HELD: AtomicPtr<c_void> = AtomicPtr::new(null_mut());

    unsafe extern "C" {
        fn __real__ZN2v84base6Thread5StartEv(thread: *mut c_void) -> bool;
        fn __real__ZN2v88platform16DelayedTaskQueue6AppendENSt4__Cr10unique_ptrINS_4TaskENS2_14default_deleteIS4_EEEE(
            queue: *mut c_void,
            task: *mut c_void,
        );
        fn __real__ZN2v88platform16DelayedTaskQueue13AppendDelayedENSt4__Cr10unique_ptrINS_4TaskENS2_14default_deleteIS4_EEEEd(
            queue: *mut c_void,
            task: *mut c_void,
            seconds: f64,
        );
    }

    pub fn hold() {
        HOLDING.store(true, Ordering::Release);
    }

    pub fn release() {
        HOLDING.store(false, Ordering::Release);
    }

    fn start() {
        let thread = HELD.swap(null_mut(), Ordering::AcqRel);
        // SAFETY: a thread that V8 has asked to start.
        if !thread.is_null() && !unsafe { __real__ZN2v84base6Thread5StartEv(thread) } {
            crate::stdio::write_stderr("no thread can be started\n");
            crate::exit::exit_process(1);
        }
    }

    /// `v8::base::Thread::Start`
    #[unsafe(no_mangle)]
    unsafe extern "C" fn __wrap__ZN2v84base6Thread5StartEv(thread: *mut c_void) -> bool {
        if HOLDING.load(Ordering::Acquire)
            && HELD.compare_exchange(null_mut(), thread, Ordering::AcqRel, Ordering::Acquire).is_ok()
        {
            return true;
        }
        // SAFETY: what the caller says.
        unsafe { __real__ZN2v84base6Thread5StartEv(thread) }
    }

    /// `v8::platform::DelayedTaskQueue::Append`; the task is a reference to a pointer.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn __wrap__ZN2v88platform16DelayedTaskQueue6AppendENSt4__Cr10unique_ptrINS_4TaskENS2_14default_deleteIS4_EEEE(
        queue: *mut c_void,
        task: *mut c_void,
    ) {
        start();
        // SAFETY: what the caller says.
        unsafe {
            __real__ZN2v88platform16DelayedTaskQueue6AppendENSt4__Cr10unique_ptrINS_4TaskENS2_14default_deleteIS4_EEEE(
                queue, task,
            );
        }
    }

    /// `v8::platform::DelayedTaskQueue::AppendDelayed`
    #[unsafe(no_mangle)]
    unsafe extern "C" fn __wrap__ZN2v88platform16DelayedTaskQueue13AppendDelayedENSt4__Cr10unique_ptrINS_4TaskENS2_14default_deleteIS4_EEEEd(
        queue: *mut c_void,
        task: *mut c_void,
        seconds: f64,
    ) {
        start();
        // SAFETY: what the caller says.
        unsafe {
            __real__ZN2v88platform16DelayedTaskQueue13AppendDelayedENSt4__Cr10unique_ptrINS_4TaskENS2_14default_deleteIS4_EEEEd(
                queue, task, seconds,
            );
        }
    }
}

fn post(isolate: *mut c_void, task: v8::Task, delay: Duration) {
    let mut queues = QUEUES.lock().unwrap();
    let queue = queues.get_or_insert_default().entry(isolate as usize).or_default();
    match &queue.handle {
        _ if queue.closed => {}
        Some(handle) => send(handle, task, delay),
        None => queue.early.push((task, delay)),
    }
}

/// Tasks without a delay that wait for their thread's loop.
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// Whether V8 waits for something that a loop without work would not come to: what a collection found is told by a task.
pub fn has_tasks() -> bool {
    WAITING.load(Ordering::Relaxed) > 0
}

fn send(handle: &LoopHandle, task: v8::Task, delay: Duration) {
    if delay.is_zero() {
        WAITING.fetch_add(1, Ordering::Relaxed);
        handle.post(move |scope| {
            WAITING.fetch_sub(1, Ordering::Relaxed);
            run(scope, task);
        });
    } else {
        let due = Instant::now() + delay;
        handle.post(move |_| DELAYED.with_borrow_mut(|d| d.push((due, task))));
    }
}

fn run(scope: &mut v8::PinScope, task: v8::Task) {
    crate::tasks::together(scope, |_| task.run());
}

fn address(isolate: &v8::Isolate) -> usize {
    // SAFETY: the type holds nothing but the isolate's address, which is used as a number only.
    unsafe { std::mem::transmute::<v8::UnsafeRawIsolatePtr, usize>(isolate.as_raw_isolate_ptr()) }
}

/// Tasks of `isolate` go to this thread's loop from now on.
pub fn attach(isolate: &v8::Isolate) {
    let handle = event_loop::current().handle();
    let mut queues = QUEUES.lock().unwrap();
    let queue = queues.get_or_insert_default().entry(address(isolate)).or_default();
    for (task, delay) in queue.early.drain(..) {
        send(&handle, task, delay);
    }
    queue.handle = Some(handle);
}

/// Drops the tasks of this thread's `isolate`, which is about to end; [`forget`] takes the result when it has.
#[must_use]
pub fn detach(isolate: &v8::Isolate) -> usize {
    let address = address(isolate);
    let queue =
        QUEUES.lock().unwrap().get_or_insert_default().insert(address, Queue { closed: true, ..Queue::default() });
    drop(queue);
    DELAYED.take();
    address
}

/// The isolate at this address has ended; another may come to lie there.
pub fn forget(address: usize) {
    let queue = QUEUES.lock().unwrap().as_mut().and_then(|q| q.remove(&address));
    drop(queue);
}

/// When the first delayed task is due.
pub fn next_due() -> Option<Instant> {
    DELAYED.with_borrow(|d| d.iter().map(|(due, _)| *due).min())
}

/// Runs the delayed tasks that are due.
pub fn run_due(scope: &mut v8::PinScope) {
    if DELAYED.with_borrow(Vec::is_empty) {
        return;
    }
    let now = Instant::now();
    let due: Vec<_> = DELAYED.with_borrow_mut(|d| d.extract_if(.., |(due, _)| *due <= now).collect());
    for (_, task) in due {
        v8::scope!(let scope, scope);
        run(scope, task);
    }
}
