//! The event loop: libuv's phases over tokio's poll.
//!
//! Owns: the order in which callbacks run, what keeps the program alive, the loop's clock. Does not own: JavaScript's timers,
//! immediates and ticks (`js/internal/timers.js`, `js/internal/process/task_queues.js`), whose queues it only asks to run.
//!
//! Tokio's current-thread runtime is the poll phase and nothing else. A task that runs there never calls JavaScript: it queues
//! a completion with [`EventLoop::enqueue`], and the loop calls it in its poll phase, one at a time, with the tick and
//! microtask queues drained between every two.

use crate::milestones::{self, LoopTimes};
use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Work for the loop's own thread: may call JavaScript.
pub type Completion = Box<dyn FnOnce(&mut v8::PinScope)>;
/// A completion that another thread made.
pub type RemoteCompletion = Box<dyn FnOnce(&mut v8::PinScope) + Send>;

#[derive(Default)]
struct Shared {
    queue: Mutex<Vec<RemoteCompletion>>,
    wake: tokio::sync::Notify,
    stopping: AtomicBool,
    times: LoopTimes,
}

/// The end of a loop that other threads hold: posts work to it and wakes it.
#[derive(Clone)]
pub struct LoopHandle(Arc<Shared>);

impl LoopHandle {
    /// Queues `work` for the loop's poll phase and wakes the loop. Does not keep the loop alive.
    pub fn post(&self, work: impl FnOnce(&mut v8::PinScope) + Send + 'static) {
        self.0.queue.lock().unwrap().push(Box::new(work));
        self.0.wake.notify_one();
    }

    /// Makes [`EventLoop::run`] return after the callback that is running.
    pub fn stop(&self) {
        self.0.stopping.store(true, Ordering::Relaxed);
        self.0.wake.notify_one();
    }

    /// What the loop has done.
    pub fn times(&self) -> &LoopTimes {
        &self.0.times
    }

    /// Makes a loop that waits look at what is ready.
    pub fn wake(&self) {
        self.0.wake.notify_one();
    }
}

/// A job on the pool: what Node calls such a request, and what is done with the result.
struct Waiting {
    name: &'static str,
    done: Box<dyn FnOnce(&mut v8::PinScope, Box<dyn Any + Send>)>,
}

/// One per thread that runs JavaScript.
pub struct EventLoop {
    tokio: OnceCell<(tokio::runtime::Runtime, tokio::task::LocalSet)>,
    shared: Arc<Shared>,
    ready: RefCell<VecDeque<Completion>>,
    closing: RefCell<VecDeque<Completion>>,
    checks: RefCell<VecDeque<Completion>>,
    waiting: RefCell<HashMap<u64, Waiting>>,
    next_id: Cell<u64>,
    /// Handles and requests that keep the loop alive.
    alive: Cell<usize>,
    started: Instant,
    now: Cell<u64>,
    /// [`EventLoop::now`] when tokio last had its turn.
    polled: Cell<u64>,
    /// When JavaScript's first timer is due, milliseconds of [`EventLoop::now`].
    timer: Cell<Option<u64>>,
    timer_ref: Cell<bool>,
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<EventLoop>>> = const { RefCell::new(None) };
}

/// Drops this thread's loop with all that waits on it: a worker ended.
pub fn forget() {
    let old = CURRENT.with(|c| c.borrow_mut().take());
    if let Some(old) = old {
        // What is dropped may ask for the thread's loop: it gets a new, empty one.
        old.ready.borrow_mut().clear();
        old.closing.borrow_mut().clear();
        old.checks.borrow_mut().clear();
        old.waiting.borrow_mut().clear();
        drop(old);
    }
}

/// The loop of this thread.
pub fn current() -> Rc<EventLoop> {
    CURRENT.with(|c| c.borrow_mut().get_or_insert_with(|| Rc::new(EventLoop::new())).clone())
}

impl EventLoop {
    fn new() -> Self {
        EventLoop {
            tokio: OnceCell::new(),
            shared: Arc::default(),
            ready: RefCell::default(),
            closing: RefCell::default(),
            checks: RefCell::default(),
            waiting: RefCell::default(),
            next_id: Cell::new(1),
            alive: Cell::new(0),
            started: Instant::now(),
            now: Cell::new(0),
            polled: Cell::new(0),
            timer: Cell::new(None),
            timer_ref: Cell::new(false),
        }
    }

    fn tokio(&self) -> &(tokio::runtime::Runtime, tokio::task::LocalSet) {
        self.tokio.get_or_init(|| {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("event loop: epoll");
            (runtime, tokio::task::LocalSet::new())
        })
    }

    /// Runs `f` where tokio objects (sockets, signals) may be made.
    pub fn enter<T>(&self, f: impl FnOnce() -> T) -> T {
        let _guard = self.tokio().0.enter();
        f()
    }

    /// Starts a task on this thread. It must not call JavaScript; it gives results to [`EventLoop::enqueue`].
    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) -> tokio::task::JoinHandle<()> {
        let (runtime, local) = self.tokio();
        let _guard = runtime.enter();
        local.spawn_local(task)
    }

    /// The end of this loop for other threads.
    pub fn handle(&self) -> LoopHandle {
        LoopHandle(self.shared.clone())
    }

    /// Queues work for the poll phase of this turn or the next. From this thread only.
    pub fn enqueue(&self, work: impl FnOnce(&mut v8::PinScope) + 'static) {
        self.ready.borrow_mut().push_back(Box::new(work));
        self.shared.wake.notify_one();
    }

    /// Queues work for the check phase of this turn, before JavaScript's immediates. Keeps the loop alive until it ran.
    pub fn enqueue_check(&self, work: impl FnOnce(&mut v8::PinScope) + 'static) {
        self.checks.borrow_mut().push_back(Box::new(work));
    }

    /// Queues work for the close phase of this turn (libuv's close callbacks). Keeps the loop alive until it ran.
    pub fn enqueue_close(&self, work: impl FnOnce(&mut v8::PinScope) + 'static) {
        self.closing.borrow_mut().push_back(Box::new(work));
    }

    /// Runs `work` on the pool and then `done` with its result on the loop; the loop stays alive until then. `name` is what
    /// `process.getActiveResourcesInfo()` calls it.
    pub fn run_on_pool<T: Send + 'static>(
        self: &Rc<Self>,
        name: &'static str,
        work: impl FnOnce() -> T + Send + 'static,
        done: impl FnOnce(&mut v8::PinScope, T) + 'static,
    ) {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        let alive = Alive::new();
        let done = Box::new(move |scope: &mut v8::PinScope, result: Box<dyn Any + Send>| {
            drop(alive);
            done(scope, *result.downcast::<T>().expect("type of a pool result"));
        });
        self.waiting.borrow_mut().insert(id, Waiting { name, done });
        let handle = self.handle();
        crate::pool::spawn(move || {
            let result: Box<dyn Any + Send> = Box::new(work());
            handle.post(move |scope| {
                let waiting = current().waiting.borrow_mut().remove(&id);
                if let Some(waiting) = waiting {
                    (waiting.done)(scope, result);
                }
            });
        });
    }

    /// The names of the jobs on the pool.
    pub fn pool_jobs(&self) -> Vec<&'static str> {
        self.waiting.borrow().values().map(|w| w.name).collect()
    }

    /// The loop's time in milliseconds since it was made; moves once a turn (and by [`EventLoop::update_time`]).
    pub fn now(&self) -> u64 {
        self.now.get()
    }

    /// Reads the clock.
    pub fn update_time(&self) {
        self.now.set(self.started.elapsed().as_millis() as u64);
    }

    /// JavaScript's first timer is due `after` milliseconds from now.
    pub fn schedule_timer(&self, after: u64) {
        self.timer.set(Some(self.now.get() + after));
    }

    /// Whether JavaScript's timers keep the loop alive.
    pub fn set_timer_ref(&self, on: bool) {
        self.timer_ref.set(on);
    }

    /// Makes [`EventLoop::run`] return after the callback that is running.
    pub fn stop(&self) {
        self.handle().stop();
    }

    /// Whether [`EventLoop::stop`] was called.
    pub fn is_stopping(&self) -> bool {
        self.shared.stopping.load(Ordering::Relaxed)
    }

    /// What this loop has done.
    pub fn times(&self) -> &LoopTimes {
        &self.shared.times
    }

    /// Whether anything keeps the loop alive.
    pub fn has_work(&self) -> bool {
        self.is_alive()
    }

    fn is_alive(&self) -> bool {
        self.alive.get() > 0
            || (self.timer.get().is_some() && self.timer_ref.get())
            || crate::tasks::immediates_alive()
            || !self.closing.borrow().is_empty()
            || !self.checks.borrow().is_empty()
            || !self.ready.borrow().is_empty()
    }

    fn take_remote(&self) {
        let remote = std::mem::take(&mut *self.shared.queue.lock().unwrap());
        self.ready.borrow_mut().extend(remote.into_iter().map(|work| work as Completion));
    }

    /// Waits at most `timeout` (for ever if `None`) until something is queued.
    fn wait(&self, timeout: Option<Duration>) {
        if timeout == Some(Duration::ZERO) && self.tokio.get().is_none() {
            return;
        }
        let (runtime, local) = self.tokio();
        runtime.block_on(local.run_until(async {
            if timeout == Some(Duration::ZERO) {
                // The first yield lets the driver look at the sockets, the second lets the tasks that it woke run.
                tokio::task::yield_now().await;
                tokio::task::yield_now().await;
                return;
            }
            match timeout {
                None => self.shared.wake.notified().await,
                Some(timeout) => {
                    let _ = tokio::time::timeout(timeout, self.shared.wake.notified()).await;
                }
            }
        }));
    }

    fn poll(&self, scope: &mut v8::PinScope) {
        self.take_remote();
        // The reactor wakes a waiting loop only for what becomes ready from now on, so look before waiting.
        let mut ready = crate::reactor::existing().map_or(0, |r| r.collect());
        let timeout = if self.is_stopping()
            || ready > 0
            || !self.ready.borrow().is_empty()
            || !self.closing.borrow().is_empty()
            || !self.checks.borrow().is_empty()
            || crate::tasks::immediates_pending()
            || !self.is_alive()
        {
            Some(Duration::ZERO)
        } else {
            let timer = self.timer.get().map(|due| self.started + Duration::from_millis(due));
            let due = timer.into_iter().chain(crate::platform::next_due()).min();
            due.map(|due| due.saturating_duration_since(Instant::now()))
        };
        let waits = (timeout != Some(Duration::ZERO)).then(milestones::now);
        // Sockets that are ready are in the reactor's hands: tokio's own two system calls are spared while they keep the loop
        // busy, for a millisecond at most. Its tasks (signals, other descriptors) and what they wake wait that long.
        if ready == 0 || self.polled.get() != self.now.get() {
            self.polled.set(self.now.get());
            self.wait(timeout);
        }
        if let Some(since) = waits {
            self.shared.times.waited(since);
        }
        self.update_time();
        self.take_remote();
        crate::platform::run_due(scope);
        if let Some(reactor) = crate::reactor::existing() {
            if ready == 0 {
                ready = reactor.collect();
            }
            if ready > 0 {
                reactor.serve(scope);
            }
        }
        // What a callback queues waits for the next turn, as in libuv.
        let mut count = self.ready.borrow().len();
        self.shared.times.turned(count + ready);
        while count > 0 && !self.is_stopping() {
            count -= 1;
            let Some(work) = self.ready.borrow_mut().pop_front() else { break };
            v8::scope!(let scope, scope);
            work(scope);
        }
    }

    fn run_timers(&self, scope: &mut v8::PinScope) {
        let Some(due) = self.timer.get() else { return };
        if due > self.now.get() || self.is_stopping() {
            return;
        }
        self.timer.set(None);
        v8::scope!(let scope, scope);
        let next = crate::tasks::process_timers(scope, self.now.get());
        if next != 0.0 {
            self.timer_ref.set(next > 0.0);
            self.update_time();
            let due = next.abs() as u64;
            self.timer.set(Some(due.max(self.now.get() + 1)));
        }
        crate::tasks::drain(scope);
    }

    /// Runs what other threads and V8 have posted, and waits for nothing.
    pub fn run_posted(&self, scope: &mut v8::PinScope) {
        self.handle().post(|_| {});
        self.poll(scope);
    }

    /// Turns until nothing is alive or [`EventLoop::stop`] is called.
    pub fn run(&self, scope: &mut v8::PinScope) {
        self.update_time();
        self.shared.times.started();
        // libuv since 1.45: timers once before the first turn, afterwards at the end of each.
        self.run_timers(scope);
        while !self.is_stopping() && self.is_alive() {
            self.poll(scope);
            if self.is_stopping() {
                break;
            }
            // Native work first, and what that queues, as in Node.
            while !self.is_stopping() {
                let Some(work) = self.checks.borrow_mut().pop_front() else { break };
                v8::scope!(let scope, scope);
                work(scope);
            }
            {
                v8::scope!(let scope, scope);
                crate::tasks::process_immediates(scope);
            }
            // The last that was closed is the first to be told, as in libuv.
            let mut closing = self.closing.take();
            while !self.is_stopping() {
                let Some(work) = closing.pop_back() else { break };
                v8::scope!(let scope, scope);
                work(scope);
            }
            self.update_time();
            self.run_timers(scope);
        }
        self.shared.times.exited();
    }
}

/// Keeps this thread's loop alive while it exists and is ref'd: one per active handle or request.
pub struct Alive {
    counted: Cell<bool>,
}

impl Alive {
    /// A new one, ref'd.
    pub fn new() -> Self {
        let alive = Alive { counted: Cell::new(false) };
        alive.set_ref(true);
        alive
    }

    /// Node's `ref()` and `unref()`.
    pub fn set_ref(&self, on: bool) {
        if on != self.counted.get() {
            self.counted.set(on);
            if on {
                // Makes the loop where this is the first that needs it.
                let count = &current().alive;
                return count.set(count.get() + 1);
            }
            // A thread that ends drops what it has in any order, the loop too.
            let _ = CURRENT.try_with(|current| {
                if let Some(current) = current.try_borrow().ok().and_then(|c| c.clone()) {
                    let count = &current.alive;
                    count.set(count.get().saturating_sub(1));
                }
            });
        }
    }

    /// Whether it is ref'd.
    pub fn is_ref(&self) -> bool {
        self.counted.get()
    }
}

impl Default for Alive {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.set_ref(false);
    }
}
