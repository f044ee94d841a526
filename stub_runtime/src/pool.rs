//! The thread pool for work that blocks: files, names, hashing. Four threads as libuv's, started on first use.
//!
//! Owns: threads and their queue. Does not own: results, which go back through `EventLoop::run_on_pool`.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, OnceLock};

type Job = Box<dyn FnOnce() + Send>;

struct Pool {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
}

static POOL: Pool =
    Pool { state: Mutex::new(State { jobs: VecDeque::new(), threads: 0, idle: 0 }), wake: Condvar::new() };

/// libuv's UV_THREADPOOL_SIZE, as it is when the first job comes: 4 unless set, at most 1024.
fn size() -> usize {
    static SIZE: OnceLock<usize> = OnceLock::new();
    *SIZE.get_or_init(|| {
        let set = std::env::var("UV_THREADPOOL_SIZE").ok().and_then(|v| v.parse::<usize>().ok());
        set.unwrap_or(4).clamp(1, 1024)
    })
}

/// Queues a job; starts a thread for it while there are fewer than the pool's size and none is idle.
pub fn spawn(job: impl FnOnce() + Send + 'static) {
    let mut state = POOL.state.lock().unwrap();
    state.jobs.push_back(Box::new(job));
    if state.idle < state.jobs.len() && state.threads < size() {
        state.threads += 1;
        let started = std::thread::Builder::new().name("pool".into()).stack_size(1 << 20).spawn(run);
        if started.is_err() {
            state.threads -= 1;
            assert!(state.threads > 0, "cannot start a pool thread");
        }
    }
    drop(state);
    POOL.wake.notify_one();
}

fn run() {
    let mut state = POOL.state.lock().unwrap();
    loop {
        match state.jobs.pop_front() {
            Some(job) => {
                drop(state);
                job();
                state = POOL.state.lock().unwrap();
            }
            None => {
                state.idle += 1;
                state = POOL.wake.wait(state).unwrap();
                state.idle -= 1;
            }
        }
    }
}
