//! What frontends on other threads (WebSocket connections, workers) tell an inspected thread, and how its attention is drawn.
//!
//! Owns: the queue, the wait of a paused thread. Does not own: what is done with an event (`super::Inspector`).

use crate::event_loop::LoopHandle;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};

/// Takes what V8 says to a frontend; dropped where its session ends.
pub type Sink = Box<dyn Fn(String) + Send>;

/// One thing a frontend did, with the number of its session.
pub enum Event {
    /// It came.
    Connect(u32, Sink),
    /// It sent a message of the protocol.
    Message(u32, String),
    /// It went away.
    Disconnect(u32),
}

/// How the inspected thread is reached while it runs JavaScript and while its loop waits.
struct Target {
    isolate: v8::IsolateHandle,
    event_loop: LoopHandle,
}

/// The queue of one inspected thread.
#[derive(Default)]
pub struct Inbox {
    queue: Mutex<VecDeque<Event>>,
    arrived: Condvar,
    target: Mutex<Option<Target>>,
}

impl Inbox {
    /// The thread is there from now on; what came before waits for its next look.
    pub fn attach(&self, isolate: v8::IsolateHandle, event_loop: LoopHandle) {
        *self.target.lock().unwrap() = Some(Target { isolate, event_loop });
    }

    /// The thread ends.
    pub fn detach(&self) {
        *self.target.lock().unwrap() = None;
    }

    /// Whether the thread looks at the queue.
    pub fn is_attached(&self) -> bool {
        self.target.lock().unwrap().is_some()
    }

    /// Queues `event`. The thread sees it in the middle of JavaScript, in its loop, or while it is paused.
    pub fn push(self: &Arc<Self>, event: Event) {
        self.queue.lock().unwrap().push_back(event);
        self.arrived.notify_one();
        let Some((isolate, event_loop)) =
            self.target.lock().unwrap().as_ref().map(|t| (t.isolate.clone(), t.event_loop.clone()))
        else {
            return;
        };
        isolate.request_interrupt(interrupted, std::ptr::null_mut());
        event_loop.post(|scope| {
            if let Some(inspector) = super::current() {
                crate::tasks::together(scope, |_| inspector.dispatch_pending());
            }
        });
    }

    /// The first event that waits.
    pub fn take(&self) -> Option<Event> {
        self.queue.lock().unwrap().pop_front()
    }

    /// Sleeps until an event is there.
    pub fn wait(&self) {
        let mut queue = self.queue.lock().unwrap();
        while queue.is_empty() {
            queue = self.arrived.wait(queue).unwrap();
        }
    }
}

unsafe extern "C" fn interrupted(isolate: v8::UnsafeRawIsolatePtr, _: *mut std::ffi::c_void) {
    let Some(inspector) = super::current() else { return };
    // SAFETY: V8 calls this with the isolate of this thread.
    let mut isolate = unsafe { v8::Isolate::from_raw_isolate_ptr_unchecked(isolate) };
    v8::scope!(let _scope, &mut isolate);
    inspector.dispatch_pending();
}
