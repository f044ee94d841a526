//! V8's tasks for the thread of an isolate: finalizers, garbage collection in small steps, `Atomics.waitAsync`, compiled Wasm.
//!
//! Owns: which loop a task goes to, delayed tasks, when V8's worker threads start. Does not own: these threads (its own platform's), the loop.
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

/// V8's platform; of its worker threads, `size` at most, each starts when there is work that no other waits for.
pub fn new(size: usize) -> v8::SharedRef<v8::Platform> {
    worker::hold();
    let platform = v8::new_custom_platform(size as u32, false, true, Foreground).make_shared();
    worker::release();
    platform
}

/// V8's platform starts its threads when it is made. The linker leads calls of its queue of tasks here (`--wrap`, `build.rs`), and the
/// one that starts a thread. V8 holds the queue's lock in all of them but that last one.
mod worker {
    use std::cell::Cell;
    use std::ffi::c_void;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering};

    static HOLDING: AtomicBool = AtomicBool::new(false);
    static WORKERS: Mutex<Workers> = Mutex::new(Workers { held: Vec::new(), running: 0, idle: 0, waiting: 0 });

    struct Workers {
        /// `v8::base::Thread`s that are to be started.
        held: Vec<usize>,
        running: usize,
        /// Threads that wait for a task.
        idle: usize,
        /// Tasks that no thread has taken.
        waiting: usize,
    }

    thread_local! {
        /// Whether this thread of V8's is counted as idle.
        static IDLE: Cell<bool> = const { Cell::new(false) };
    }

    /// `DelayedTaskQueue::MaybeNextTask`: what it is, the task, how long to wait.
    #[repr(C)]
    struct Next {
        state: u32,
        task: *mut c_void,
        wait: i64,
    }

    /// `MaybeNextTask::kTask`
    const TASK: u32 = 0;

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
        fn __real__ZN2v88platform16DelayedTaskQueue10TryGetNextEv(next: *mut Next, queue: *mut c_void) -> *mut Next;
    }

    pub fn hold() {
        HOLDING.store(true, Ordering::Release);
    }

    pub fn release() {
        HOLDING.store(false, Ordering::Release);
    }

    impl Workers {
        fn start(&mut self) {
            let Some(thread) = self.held.pop() else { return };
            // SAFETY: a thread that V8 has asked to start.
            if unsafe { __real__ZN2v84base6Thread5StartEv(thread as *mut c_void) } {
                self.running += 1;
            } else if self.running == 0 {
                crate::stdio::write_stderr("no thread can be started\n");
                crate::exit::exit_process(1);
            } else {
                // Those that there are do the work.
                self.held.clear();
            }
        }
    }

    /// `v8::base::Thread::Start`
    #[unsafe(no_mangle)]
    unsafe extern "C" fn __wrap__ZN2v84base6Thread5StartEv(thread: *mut c_void) -> bool {
        if HOLDING.load(Ordering::Acquire) {
            WORKERS.lock().unwrap().held.push(thread as usize);
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
        {
            let mut workers = WORKERS.lock().unwrap();
            workers.waiting += 1;
            if workers.waiting > workers.idle {
                workers.start();
            }
        }
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
        {
            let mut workers = WORKERS.lock().unwrap();
            if workers.running == 0 {
                workers.start();
            }
        }
        // SAFETY: what the caller says.
        unsafe {
            __real__ZN2v88platform16DelayedTaskQueue13AppendDelayedENSt4__Cr10unique_ptrINS_4TaskENS2_14default_deleteIS4_EEEEd(
                queue, task, seconds,
            );
        }
    }

    /// `v8::platform::DelayedTaskQueue::TryGetNext`: a thread of V8's asks for a task, or learns that it is to wait.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn __wrap__ZN2v88platform16DelayedTaskQueue10TryGetNextEv(
        next: *mut Next,
        queue: *mut c_void,
    ) -> *mut Next {
        // SAFETY: what the caller says; then V8 has filled what `next` points to.
        let has_task = unsafe {
            __real__ZN2v88platform16DelayedTaskQueue10TryGetNextEv(next, queue);
            (*next).state == TASK
        };
        let mut workers = WORKERS.lock().unwrap();
        if has_task {
            // One that was delayed was not counted.
            workers.waiting = workers.waiting.saturating_sub(1);
        }
        match (IDLE.replace(!has_task), has_task) {
            (true, true) => workers.idle -= 1,
            (false, false) => workers.idle += 1,
            _ => {}
        }
        next
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
