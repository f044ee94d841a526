//! When what happened: the process's and each thread's start, the time a loop waited. `performance.nodeTiming` shows them.
//!
//! Owns: the clock readings. Does not own: their scale in JavaScript (`js/internal/perf/node_timing.js`).

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

static NODE_START: AtomicU64 = AtomicU64::new(0);
static V8_START: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static ENVIRONMENT: Cell<u64> = const { Cell::new(0) };
    static BOOTSTRAP_COMPLETE: Cell<u64> = const { Cell::new(0) };
}

/// Nanoseconds of the monotonic clock.
pub fn now() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a valid timespec.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// `main` runs.
pub fn node_start() {
    NODE_START.store(now(), Ordering::Relaxed);
}

/// V8 is about to be started.
pub fn v8_start() {
    V8_START.store(now(), Ordering::Relaxed);
}

/// This thread's context is there.
pub fn environment() {
    ENVIRONMENT.set(now());
}

/// This thread's program is about to run.
pub fn bootstrap_complete() {
    BOOTSTRAP_COMPLETE.set(now());
}

/// The four of this thread, in order.
pub fn all() -> [u64; 4] {
    let shared = |time: &AtomicU64| time.load(Ordering::Relaxed);
    [shared(&NODE_START), shared(&V8_START), ENVIRONMENT.get(), BOOTSTRAP_COMPLETE.get()]
}

/// Only the loop's own thread writes.
fn add(figure: &AtomicU64, more: u64) {
    figure.store(figure.load(Ordering::Relaxed) + more, Ordering::Relaxed);
}

/// What a loop has done, nanoseconds and counts; 0 where it has not come yet.
#[derive(Default)]
pub struct LoopTimes {
    start: AtomicU64,
    exit: AtomicU64,
    idle: AtomicU64,
    turns: AtomicU64,
    events: AtomicU64,
}

impl LoopTimes {
    /// The loop runs (again).
    pub fn started(&self) {
        let _ = self.start.compare_exchange(0, now(), Ordering::Relaxed, Ordering::Relaxed);
        self.exit.store(0, Ordering::Relaxed);
    }

    /// Nothing is left to do.
    pub fn exited(&self) {
        self.exit.store(now(), Ordering::Relaxed);
    }

    /// A turn with `events` callbacks ended.
    pub fn turned(&self, events: usize) {
        add(&self.turns, 1);
        add(&self.events, events as u64);
    }

    /// Waited so long.
    pub fn waited(&self, nanoseconds: u64) {
        add(&self.idle, nanoseconds);
    }

    /// Start, exit, idle, turns, events.
    pub fn all(&self) -> [u64; 5] {
        [&self.start, &self.exit, &self.idle, &self.turns, &self.events].map(|figure| figure.load(Ordering::Relaxed))
    }
}
