//! SIGUSR1 opens the server for debuggers, also while JavaScript is busy.
//!
//! Owns: the signal's action and a thread that carries it to the program's. The thread is started when the loop first waits: a program
//! that ends before has none. Does not own: the server (`js/internal/inspector/server.js`).

use crate::event_loop::{self, LoopHandle};
use crate::{options, runtime};
use std::cell::RefCell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

struct Target {
    isolate: v8::IsolateHandle,
    event_loop: LoopHandle,
}

static TARGET: OnceLock<Target> = OnceLock::new();
/// A thread is to be started.
static WANTED: AtomicBool = AtomicBool::new(false);

thread_local! {
    static CONTEXT: RefCell<Option<v8::Global<v8::Context>>> = const { RefCell::new(None) };
}

/// Posted by the signal's handler. Never moved nor destroyed.
struct Semaphore(std::cell::UnsafeCell<libc::sem_t>);
// SAFETY: a semaphore is made to be used by several threads.
unsafe impl Sync for Semaphore {}
// SAFETY: all zeros is what sem_init() makes of a semaphore of this process with nothing posted.
static RECEIVED: Semaphore = Semaphore(std::cell::UnsafeCell::new(unsafe { std::mem::zeroed() }));

extern "C" fn handler(_: libc::c_int) {
    // SAFETY: sem_post(3) is safe in a handler; errno is put back.
    unsafe {
        let errno = *libc::__errno_location();
        libc::sem_post(RECEIVED.0.get());
        *libc::__errno_location() = errno;
    }
}

/// From now on the signal opens the server: in a `node`, and in an app that was built with an inspector's options.
pub fn install(scope: &mut v8::PinScope) {
    let options = options::current();
    let allowed = crate::app::app().is_none() || options.values.iter().any(|(name, _)| name.starts_with("--inspect"));
    if !allowed || TARGET.get().is_some() {
        return;
    }
    if options.flag("--disable-sigusr1") {
        // SAFETY: ignores a signal.
        unsafe { libc::signal(libc::SIGUSR1, libc::SIG_IGN) };
        return;
    }
    let _ = TARGET.set(Target { isolate: scope.thread_safe_handle(), event_loop: event_loop::current().handle() });
    let context = scope.get_current_context();
    CONTEXT.set(Some(v8::Global::new(scope, context)));
    WANTED.store(true, Ordering::Relaxed);
    // SAFETY: a zeroed sigaction is valid; the handler is async-signal-safe.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as *const () as libc::sighandler_t;
        action.sa_flags = libc::SA_RESTART;
        libc::sigaction(libc::SIGUSR1, &action, std::ptr::null_mut());
    }
}

/// The loop is about to wait.
pub fn before_wait() {
    if WANTED.load(Ordering::Relaxed) && WANTED.swap(false, Ordering::Relaxed) {
        let _ = super::server::spawn("SIGUSR1", carry);
    }
}

fn carry() {
    loop {
        // SAFETY: the semaphore is static.
        if unsafe { libc::sem_wait(RECEIVED.0.get()) } != 0 {
            continue;
        }
        let Some(target) = TARGET.get() else { return };
        target.isolate.request_interrupt(interrupted, std::ptr::null_mut());
        target.event_loop.post(open);
    }
}

unsafe extern "C" fn interrupted(isolate: v8::UnsafeRawIsolatePtr, _: *mut std::ffi::c_void) {
    // SAFETY: V8 calls this with the isolate of this thread.
    let mut isolate = unsafe { v8::Isolate::from_raw_isolate_ptr_unchecked(isolate) };
    let Some(context) = CONTEXT.with_borrow(Clone::clone) else { return };
    v8::scope!(let scope, &mut isolate);
    let context = v8::Local::new(scope, context);
    let scope = &mut v8::ContextScope::new(scope, context);
    crate::tasks::nested(scope, open);
}

fn open(scope: &mut v8::PinScope) {
    runtime::call_builtin(scope, "internal/inspector/server", "openBySignal", &[]);
}
