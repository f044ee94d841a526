//! Ends JavaScript from outside: after a time, or when SIGINT comes.
//!
//! Owns: the threads that watch. Does not own: what is run meanwhile (`vm.rs`, `module_wrap.rs`).

use crate::binding;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// Runs `f`; where its time ran out or SIGINT came, throws ERR_SCRIPT_EXECUTION_TIMEOUT or ERR_SCRIPT_EXECUTION_INTERRUPTED.
/// `timeout` is milliseconds, 0 for none.
pub fn guarded<'s, 'i, T>(
    scope: &mut v8::PinScope<'s, 'i>,
    timeout: u64,
    break_on_sigint: bool,
    f: impl FnOnce(&mut v8::PinScope<'s, 'i>) -> Option<T>,
) -> Option<T> {
    let timer = (timeout > 0).then(|| Timer::start(scope.thread_safe_handle(), timeout));
    let sigint = break_on_sigint.then(|| Sigint::start(scope.thread_safe_handle()));
    let value = f(scope);
    let expired = timer.is_some_and(Timer::stop);
    let interrupted = sigint.is_some_and(Sigint::stop);
    if !expired && !interrupted {
        return value;
    }
    scope.cancel_terminate_execution();
    let (code, message) = if expired {
        ("ERR_SCRIPT_EXECUTION_TIMEOUT", format!("Script execution timed out after {timeout}ms"))
    } else {
        ("ERR_SCRIPT_EXECUTION_INTERRUPTED", "Script execution was interrupted by `SIGINT`".to_owned())
    };
    binding::throw_coded(scope, code, &message);
    None
}

/// A thread that ends JavaScript after a time.
struct Timer {
    stop: mpsc::Sender<()>,
    thread: std::thread::JoinHandle<bool>,
}

impl Timer {
    fn start(isolate: v8::IsolateHandle, timeout: u64) -> Self {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let expired = stopped.recv_timeout(Duration::from_millis(timeout)) == Err(mpsc::RecvTimeoutError::Timeout);
            if expired {
                isolate.terminate_execution();
            }
            expired
        });
        Timer { stop, thread }
    }

    /// Whether the time ran out.
    fn stop(self) -> bool {
        let _ = self.stop.send(());
        self.thread.join().unwrap_or(false)
    }
}

/// The writing end of the innermost watcher's pipe.
static PIPE: AtomicI32 = AtomicI32::new(-1);

extern "C" fn handler(_: libc::c_int) {
    // SAFETY: write(2) is safe in a handler, and errno is put back.
    unsafe {
        let errno = *libc::__errno_location();
        libc::write(PIPE.load(Ordering::Relaxed), b"s".as_ptr().cast(), 1);
        *libc::__errno_location() = errno;
    }
}

/// A thread that ends JavaScript when SIGINT comes; the signal's disposition before is put back.
struct Sigint {
    outer: i32,
    writer: i32,
    before: libc::sigaction,
    thread: std::thread::JoinHandle<bool>,
}

impl Sigint {
    fn start(isolate: v8::IsolateHandle) -> Self {
        let mut ends = [-1; 2];
        // SAFETY: two descriptors are written; the reader is the thread's, the writer this object's.
        unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) };
        let [reader, writer] = ends;
        let outer = PIPE.swap(writer, Ordering::Relaxed);
        // SAFETY: zeroed sigactions are valid; the handler does only what a handler may.
        let before = unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            let mut before: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handler as extern "C" fn(libc::c_int) as usize;
            action.sa_flags = libc::SA_RESTART;
            libc::sigaction(libc::SIGINT, &action, &mut before);
            before
        };
        let thread = std::thread::spawn(move || {
            let mut byte = [0u8; 1];
            // SAFETY: the buffer has one byte, and the descriptor is this thread's.
            let read = unsafe { libc::read(reader, byte.as_mut_ptr().cast(), 1) };
            let interrupted = read == 1 && byte == *b"s";
            if interrupted {
                isolate.terminate_execution();
            }
            // SAFETY: as above; not used again.
            unsafe { libc::close(reader) };
            interrupted
        });
        Sigint { outer, writer, before, thread }
    }

    /// Whether the signal came.
    fn stop(self) -> bool {
        // SAFETY: what was there before is put back; the descriptor is ours, and closed when nobody uses it.
        unsafe {
            libc::sigaction(libc::SIGINT, &self.before, std::ptr::null_mut());
            PIPE.store(self.outer, Ordering::Relaxed);
            libc::write(self.writer, b"q".as_ptr().cast(), 1);
            let interrupted = self.thread.join().unwrap_or(false);
            libc::close(self.writer);
            interrupted
        }
    }
}
