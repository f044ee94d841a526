//! The event loop: libuv's phases.
//!
//! Owns: the order in which callbacks run, what keeps the program alive, the loop's clock. Does not own: JavaScript's timers,
//! immediates and ticks (`js/internal/timers.js`, `js/internal/process/task_queues.js`), whose queues it only asks to run.
//!
//! The poll phase waits in one place, the reactor's `epoll_wait`. Where the program has tasks (futures: file watchers), they
//! run on tokio's current-thread runtime, which then waits instead, with the reactor's descriptor among its own. A task never
//! calls JavaScript: it queues a completion with [`EventLoop::enqueue`], and the loop calls it in its poll phase, one at a
//! time, with the tick and microtask queues drained between every two.

use crate::milestones::{self, LoopTimes};
use crate::reactor;
use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::os::fd::{AsRawFd, OwnedFd};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};
use tokio::io::unix::AsyncFd;

/// Work for the loop's own thread: may call JavaScript.
pub type Completion = Box<dyn FnOnce(&mut v8::PinScope)>;
/// A completion that another thread made.
pub type RemoteCompletion = Box<dyn FnOnce(&mut v8::PinScope) + Send>;

#[derive(Default)]
struct Shared {
    queue: Mutex<Vec<RemoteCompletion>>,
    /// Somebody has queued something, or wants the loop to look up.
    called: AtomicBool,
    /// The loop waits, or is about to: who calls must write to `waker`.
    waiting: AtomicBool,
    /// An eventfd in the reactor's epoll, edge-triggered: it is never read. There from the first wait on.
    waker: OnceLock<OwnedFd>,
    stopping: AtomicBool,
    times: LoopTimes,
}

impl Shared {
    /// Ends the loop's wait, this one or the next. Costs a system call only where it waits.
    fn call(&self) {
        self.called.store(true, Ordering::SeqCst);
        if self.waiting.swap(false, Ordering::SeqCst)
            && let Some(waker) = self.waker.get()
        {
            let one = 1u64;
            // SAFETY: eight bytes to an eventfd that is open as long as `self`.
            unsafe { libc::write(waker.as_raw_fd(), (&raw const one).cast(), 8) };
        }
    }
}

/// The end of a loop that other threads hold: posts work to it and wakes it.
#[derive(Clone)]
pub struct LoopHandle(Arc<Shared>);

impl LoopHandle {
    /// Queues `work` for the loop's poll phase and wakes the loop. Does not keep the loop alive.
    pub fn post(&self, work: impl FnOnce(&mut v8::PinScope) + Send + 'static) {
        self.0.queue.lock().unwrap().push(Box::new(work));
        self.0.call();
    }

    /// Makes [`EventLoop::run`] return after the callback that is running.
    pub fn stop(&self) {
        self.0.stopping.store(true, Ordering::Relaxed);
        self.0.call();
    }

    /// What the loop has done.
    pub fn times(&self) -> &LoopTimes {
        &self.0.times
    }
}

/// A job on the pool: what Node calls such a request, and what is done with the result.
struct Waiting {
    name: &'static str,
    done: Box<dyn FnOnce(&mut v8::PinScope, Box<dyn Any + Send>)>,
}

/// Where tasks run, and the reactor's descriptor among what tokio waits for.
struct Tokio {
    runtime: tokio::runtime::Runtime,
    tasks: tokio::task::LocalSet,
    reactor: AsyncFd<OwnedFd>,
}

/// One per thread that runs JavaScript.
pub struct EventLoop {
    tokio: OnceCell<Tokio>,
    shared: Arc<Shared>,
    ready: RefCell<VecDeque<Completion>>,
    closing: RefCell<VecDeque<Completion>>,
    checks: RefCell<VecDeque<Completion>>,
    waiting: RefCell<HashMap<u64, Waiting>>,
    next_id: Cell<u64>,
    /// Handles and requests that keep the loop alive.
    alive: Cell<usize>,
    /// Nanoseconds of [`milestones::now`].
    started: u64,
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
            started: milestones::now(),
            now: Cell::new(0),
            polled: Cell::new(0),
            timer: Cell::new(None),
            timer_ref: Cell::new(false),
        }
    }

    fn tokio(&self) -> &Tokio {
        self.tokio.get_or_init(|| {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("event loop: epoll");
            let reactor = {
                let _guard = runtime.enter();
                let descriptor = reactor::get().descriptor().expect("event loop: dup");
                // SAFETY: the descriptor is ours, and open as long as the AsyncFd.
                unsafe { AsyncFd::register_with_interest(descriptor, tokio::io::Interest::READABLE) }
            };
            Tokio { runtime, tasks: tokio::task::LocalSet::new(), reactor: reactor.expect("event loop: epoll") }
        })
    }

    /// Runs `f` where tokio objects may be made.
    pub fn enter<T>(&self, f: impl FnOnce() -> T) -> T {
        let _guard = self.tokio().runtime.enter();
        f()
    }

    /// Starts a task on this thread. It must not call JavaScript; it gives results to [`EventLoop::enqueue`].
    pub fn spawn(&self, task: impl Future<Output = ()> + 'static) -> tokio::task::JoinHandle<()> {
        let tokio = self.tokio();
        let _guard = tokio.runtime.enter();
        tokio.tasks.spawn_local(task)
    }

    /// The end of this loop for other threads.
    pub fn handle(&self) -> LoopHandle {
        LoopHandle(self.shared.clone())
    }

    /// Queues work for the poll phase of this turn or the next. From this thread only.
    pub fn enqueue(&self, work: impl FnOnce(&mut v8::PinScope) + 'static) {
        self.ready.borrow_mut().push_back(Box::new(work));
        // Only a task does this while the loop waits.
        if self.shared.waiting.load(Ordering::Relaxed) {
            self.shared.call();
        }
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
        let traced = crate::trace_log::Work::asked(name, id);
        crate::pool::spawn(move || {
            let result: Box<dyn Any + Send> = Box::new(traced.run(work));
            handle.post(move |scope| {
                traced.done();
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
        self.set_time(milestones::now());
    }

    fn set_time(&self, clock: u64) {
        self.now.set((clock - self.started) / 1_000_000);
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

    /// How many handles and requests keep the loop alive.
    pub fn alive(&self) -> usize {
        self.alive.get()
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
        if self.shared.called.load(Ordering::Relaxed) {
            self.shared.called.store(false, Ordering::SeqCst);
            let remote = std::mem::take(&mut *self.shared.queue.lock().unwrap());
            self.ready.borrow_mut().extend(remote.into_iter().map(|work| work as Completion));
        }
    }

    /// Milliseconds that the poll phase may wait; -1 for ever.
    fn timeout(&self) -> i32 {
        if self.is_stopping()
            || !self.ready.borrow().is_empty()
            || !self.closing.borrow().is_empty()
            || !self.checks.borrow().is_empty()
            || crate::tasks::immediates_pending()
            || !self.is_alive()
        {
            return 0;
        }
        // As libuv: from the loop's time, which is rounded down, so that no timer is early.
        let timer = self.timer.get().map(|due| due.saturating_sub(self.now.get()));
        let task = crate::platform::next_due().map(|due| {
            let left = due.saturating_duration_since(Instant::now());
            left.as_nanos().div_ceil(1_000_000) as u64
        });
        timer.into_iter().chain(task).min().map_or(-1, |left| left.min(i32::MAX as u64) as i32)
    }

    /// Waits at most `timeout` until descriptors are ready or the loop is called; gives the number of ready ones.
    fn wait(&self, timeout: i32) -> usize {
        if timeout != 0 {
            crate::bindings::inspector::signal::before_wait();
        }
        let Some(tokio) = self.tokio.get() else {
            if timeout == 0 {
                return reactor::existing().map_or(0, |reactor| reactor.collect(0));
            }
            return self.called_by(&reactor::get(), |reactor| reactor.collect(timeout), 0);
        };
        let reactor = reactor::get();
        // Told is only what becomes ready from now on, so look before waiting.
        let ready = reactor.collect(0);
        // While sockets keep the loop busy tasks have their turn once a millisecond.
        if self.polled.replace(self.now.get()) == self.now.get() && ready > 0 {
            return ready;
        }
        let timeout = if ready > 0 { 0 } else { timeout };
        self.called_by(&reactor, |_| tokio.wait(timeout), ());
        if ready > 0 { ready } else { reactor.collect(0) }
    }

    /// `wait` so that [`Shared::call`] ends it; `called` where that was done before.
    fn called_by<T>(&self, reactor: &reactor::Reactor, wait: impl FnOnce(&reactor::Reactor) -> T, called: T) -> T {
        let shared = &self.shared;
        shared.waker.get_or_init(|| reactor.waker());
        shared.waiting.store(true, Ordering::SeqCst);
        let result = if shared.called.load(Ordering::SeqCst) { called } else { wait(reactor) };
        shared.waiting.store(false, Ordering::SeqCst);
        result
    }

    fn poll(&self, scope: &mut v8::PinScope) {
        self.take_remote();
        let timeout = self.timeout();
        if timeout != 0 {
            crate::array_buffers::give_back();
        }
        let waits = (timeout != 0).then(milestones::now);
        let ready = self.wait(timeout);
        let clock = milestones::now();
        if let Some(since) = waits {
            self.shared.times.waited(clock - since);
        }
        self.set_time(clock);
        self.take_remote();
        crate::platform::run_due(scope);
        if ready > 0 {
            reactor::get().serve(scope);
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
            if self.timer.get().is_some() {
                self.update_time();
                self.run_timers(scope);
            }
        }
        self.shared.times.exited();
    }
}

impl Tokio {
    /// Lets the tasks run, for `timeout` milliseconds at most or until one of the reactor's descriptors is ready.
    fn wait(&self, timeout: i32) {
        self.runtime.block_on(self.tasks.run_until(async {
            if timeout == 0 {
                // The first yield lets the driver look at the descriptors, the second lets the tasks that it woke run.
                tokio::task::yield_now().await;
                tokio::task::yield_now().await;
                return;
            }
            let ready = async {
                if let Ok(mut guard) = self.reactor.readable().await {
                    guard.clear_ready();
                }
            };
            match u64::try_from(timeout) {
                Err(_) => ready.await,
                Ok(timeout) => {
                    let _ = tokio::time::timeout(Duration::from_millis(timeout), ready).await;
                }
            }
        }));
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
