//! `internalBinding('stdio')`: raw writing to and event-driven reading from descriptors that are no regular files.
//!
//! Owns: writes that end before they return (what is printed must not be lost by `process.exit()`), and readers: a pipe,
//! terminal or socket watched by the loop. Does not own: streams (`js/internal/bootstrap/stdio.js`, `js/tty.js`), regular files
//! (`fs`, on the pool: they are always ready).

use crate::binding;
use crate::event_loop;
use crate::reactor::{READABLE, Registration, Source};
use crate::tasks::Callback;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::rc::Rc;

/// Bytes asked for in one read, as libuv's.
const CHUNK: usize = 64 * 1024;

fn int(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> i32 {
    value.int32_value(scope).unwrap_or(-1)
}

fn errno(error: &std::io::Error) -> i32 {
    error.raw_os_error().unwrap_or(libc::EIO)
}

/// The number of bytes, or a negative errno.
fn write(fd: i32, bytes: &[u8]) -> f64 {
    match crate::stdio::write_all(fd, bytes) {
        0 => bytes.len() as f64,
        error => f64::from(error),
    }
}

/// `writeString(fd, text)`: all of it as UTF-8; the number of bytes or a negative errno.
fn write_string(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let fd = int(scope, args.get(0));
    let Ok(text) = v8::Local::<v8::String>::try_from(args.get(1)) else { return rv.set_int32(-libc::EINVAL) };
    let mut small = [std::mem::MaybeUninit::uninit(); 1024];
    let text = text.to_rust_cow_lossy(scope, &mut small);
    rv.set_double(write(fd, text.as_bytes()));
}

/// `writeBuffer(fd, view)`: all of it; the number of bytes or a negative errno.
fn write_buffer(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let fd = int(scope, args.get(0));
    let result = match binding::bytes(args.get(1)) {
        Some(bytes) => write(fd, bytes),
        None => f64::from(-libc::EINVAL),
    };
    rv.set_double(result);
}

/// A descriptor that is read as data comes.
struct Reader {
    fd: OwnedFd,
    /// Ends before `fd`: taken out when the reader is closed.
    registration: RefCell<Option<Registration>>,
    /// There while reading: also holds the claim on the loop.
    callback: RefCell<Option<Rc<Callback>>>,
    referenced: Cell<bool>,
}

thread_local! {
    static READERS: RefCell<HashMap<i32, Rc<Reader>>> = RefCell::default();
    static NEXT_ID: Cell<i32> = const { Cell::new(1) };
}

fn reader(scope: &mut v8::PinScope, id: v8::Local<v8::Value>) -> Option<Rc<Reader>> {
    let id = int(scope, id);
    READERS.with(|r| r.borrow().get(&id).cloned())
}

/// `openReader(fd)`: a reader's id, or a negative errno.
fn open_reader(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let fd = int(scope, args.get(0));
    // A duplicate: epoll takes a descriptor once, and another stream may watch the same.
    // SAFETY: a plain system call; the result is ours alone.
    let copy = unsafe {
        let copy = libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 3);
        if copy < 0 {
            return rv.set_int32(-errno(&std::io::Error::last_os_error()));
        }
        OwnedFd::from_raw_fd(copy)
    };
    let reader = Rc::new(Reader {
        fd: copy,
        registration: RefCell::default(),
        callback: RefCell::default(),
        referenced: Cell::new(true),
    });
    *reader.registration.borrow_mut() = Some(Registration::new(reader.fd.as_raw_fd(), reader.clone()));
    let id = NEXT_ID.get();
    NEXT_ID.set(id + 1);
    READERS.with(|r| r.borrow_mut().insert(id, reader));
    rv.set_int32(id);
}

/// `startReader(id, callback)`: calls `callback(n, bytes)` for each read (`-EPERM` if it is a regular file); n is 0 at the end, a negative errno for an error,
/// after either the caller stops or closes it.
fn start_reader(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(reader) = reader(scope, args.get(0)) else { return rv.set_int32(-libc::EBADF) };
    let Some(callback) = Callback::from_value(scope, args.get(1)) else { return rv.set_int32(-libc::EINVAL) };
    if reader.callback.borrow().is_none() {
        callback.alive.set_ref(reader.referenced.get());
        *reader.callback.borrow_mut() = Some(Rc::new(callback));
    }
    let watched = match &*reader.registration.borrow() {
        Some(registration) => registration.set(READABLE),
        None => Ok(()),
    };
    if let Err(error) = &watched {
        reader.callback.take();
        return rv.set_int32(-errno(error));
    }
    rv.set_int32(0);
}

fn stop(reader: &Reader) {
    reader.callback.take();
    if let Some(registration) = &*reader.registration.borrow() {
        // Cannot fail: it only forgets.
        let _ = registration.set(0);
    }
}

/// `stopReader(id)`.
fn stop_reader(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    if let Some(reader) = reader(scope, args.get(0)) {
        stop(&reader);
    }
}

/// `refReader(id, on)`: whether reading keeps the loop alive.
fn ref_reader(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    if let Some(reader) = reader(scope, args.get(0)) {
        let on = args.get(1).is_true();
        reader.referenced.set(on);
        if let Some(callback) = &*reader.callback.borrow() {
            callback.alive.set_ref(on);
        }
    }
}

/// `closeReader(id, callback?)`: the callback comes in the loop's close phase. The descriptor itself stays open.
fn close_reader(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let id = int(scope, args.get(0));
    if let Some(reader) = READERS.with(|r| r.borrow_mut().remove(&id)) {
        stop(&reader);
        let registration = reader.registration.take();
        drop(registration);
    }
    if let Some(callback) = Callback::from_value(scope, args.get(1)) {
        event_loop::current().enqueue_close(move |scope| {
            callback.call(scope, &[]);
        });
    }
}

/// One read, `None` if it would wait. The descriptor itself may be blocking: it is shared with other processes, whose view of it
/// must not change.
fn read_ready(fd: i32) -> Option<Result<Vec<u8>, i32>> {
    thread_local! {
        static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    let mut poll = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    // SAFETY: one valid pollfd.
    if unsafe { libc::poll(&mut poll, 1, 0) } < 1 {
        return None;
    }
    SCRATCH.with(|scratch| {
        let mut scratch = scratch.borrow_mut();
        scratch.resize(CHUNK, 0);
        // SAFETY: pointer and length of a live vector.
        let n = unsafe { libc::read(fd, scratch.as_mut_ptr().cast(), CHUNK) };
        if n >= 0 {
            return Some(Ok(scratch[..n as usize].to_vec()));
        }
        match errno(&std::io::Error::last_os_error()) {
            libc::EAGAIN | libc::EINTR => None,
            code => Some(Err(code)),
        }
    })
}

impl Source for Reader {
    fn ready(self: Rc<Self>, scope: &mut v8::PinScope, _events: u32) {
        let Some(callback) = self.callback.borrow().clone() else { return };
        match read_ready(self.fd.as_raw_fd()) {
            None => {}
            Some(Ok(bytes)) => {
                let n = v8::Integer::new(scope, bytes.len() as i32).into();
                let bytes = binding::uint8_array(scope, bytes).into();
                callback.call(scope, &[n, bytes]);
            }
            Some(Err(code)) => {
                let n = v8::Integer::new(scope, -code).into();
                callback.call(scope, &[n]);
            }
        }
    }
}

binding!("stdio", [
    writeString => write_string,
    writeBuffer => write_buffer,
    openReader => open_reader,
    startReader => start_reader,
    stopReader => stop_reader,
    refReader => ref_reader,
    closeReader => close_reader,
]);
