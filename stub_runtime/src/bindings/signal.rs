//! `internalBinding('signal')`: signals as callbacks on the loop. Watching one does not keep the loop alive.
//!
//! tokio's own signals never give a signal its default action back, which Node does when the last listener goes; so the
//! handler is ours: it writes the number to a pipe that the loop reads.

use crate::reactor::{READABLE, Registration, Source};
use crate::{binding, event_loop, tasks};
use std::cell::RefCell;
use std::collections::HashMap;
use std::os::fd::RawFd;
use std::rc::Rc;
use std::sync::atomic::{AtomicI32, Ordering};

thread_local! {
    static WATCHED: RefCell<HashMap<i32, Rc<tasks::Callback>>> = RefCell::default();
}

/// Lets go of what JavaScript has given: no handle may be left where an image is made.
pub fn forget() {
    WATCHED.take();
}

/// The pipe's writing end, -1 until the first signal is watched.
static PIPE: AtomicI32 = AtomicI32::new(-1);

extern "C" fn handler(number: libc::c_int) {
    let byte = number as u8;
    // SAFETY: write(2) is safe in a handler; errno is put back.
    unsafe {
        let errno = *libc::__errno_location();
        libc::write(PIPE.load(Ordering::Relaxed), (&raw const byte).cast(), 1);
        *libc::__errno_location() = errno;
    }
}

fn set_action(number: i32, action: libc::sighandler_t) -> i32 {
    if number == libc::SIGSEGV {
        crate::payload_segment::check_now();
    }
    // SAFETY: a zeroed sigaction is valid; the handler is async-signal-safe.
    unsafe {
        let mut new: libc::sigaction = std::mem::zeroed();
        new.sa_sigaction = action;
        new.sa_flags = libc::SA_RESTART;
        libc::sigfillset(&mut new.sa_mask);
        if libc::sigaction(number, &new, std::ptr::null_mut()) == 0 { 0 } else { -libc::EINVAL }
    }
}

/// The pipe's reading end, open for good.
struct Reader(RawFd);

impl Source for Reader {
    fn ready(self: Rc<Self>, _: &mut v8::PinScope, _: u32) {
        let mut bytes = [0u8; 64];
        // SAFETY: the buffer is live and of that length.
        let n = unsafe { libc::read(self.0, bytes.as_mut_ptr().cast(), bytes.len()) };
        // After what else is ready in this turn, as libuv's.
        for &number in &bytes[..n.max(0) as usize] {
            event_loop::current().enqueue(move |scope| {
                let callback = WATCHED.with_borrow(|w| w.get(&i32::from(number)).cloned());
                if let Some(callback) = callback {
                    callback.call(scope, &[]);
                }
            });
        }
    }
}

thread_local! {
    static READER: RefCell<Option<Registration>> = const { RefCell::new(None) };
}

/// Makes the pipe and watches it; once, on the main thread's loop.
fn start_reading() -> std::io::Result<()> {
    if PIPE.load(Ordering::Relaxed) >= 0 {
        return Ok(());
    }
    let mut ends = [0; 2];
    // SAFETY: an array of two descriptors.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC | libc::O_NONBLOCK) } != 0 {
        return Err(std::io::Error::last_os_error());
    }
    PIPE.store(ends[1], Ordering::Relaxed);
    let registration = Registration::new(ends[0], Rc::new(Reader(ends[0])));
    registration.set(READABLE)?;
    READER.set(Some(registration));
    Ok(())
}

/// `start(number, callback)`: 0 or a negative errno.
fn start(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let number = args.get(0).int32_value(scope).unwrap_or(0);
    let Some(callback) = tasks::Callback::from_value(scope, args.get(1)) else { return };
    callback.alive.set_ref(false);
    if let Err(error) = start_reading() {
        return rv.set_int32(-error.raw_os_error().unwrap_or(libc::EIO));
    }
    let code = set_action(number, handler as *const () as libc::sighandler_t);
    if code == 0 {
        WATCHED.with_borrow_mut(|w| w.insert(number, Rc::new(callback)));
    }
    rv.set_int32(code);
}

/// `stop(number)`: the signal's default action comes back.
fn stop(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let number = args.get(0).int32_value(scope).unwrap_or(0);
    if WATCHED.with_borrow_mut(|w| w.remove(&number)).is_some() {
        set_action(number, super::tty::default_action(number));
    }
}

binding!("signal", [start => start, stop => stop]);
