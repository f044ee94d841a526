//! `internalBinding('stdio')`: raw writing to and event-driven reading from descriptors that are no regular files.
//!
//! Owns: writes that end before they return (what is printed must not be lost by `process.exit()`), and readers: a pipe,
//! terminal or socket watched by the loop. Does not own: streams (`js/internal/bootstrap/stdio.js`, `js/tty.js`), regular files
//! (`fs`, on the pool: they are always ready).

use crate::binding;
use crate::event_loop;
use crate::tasks::Callback;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::rc::Rc;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

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
    io: AsyncFd<OwnedFd>,
    /// There while reading: also holds the claim on the loop.
    callback: RefCell<Option<Rc<Callback>>>,
    task: RefCell<Option<tokio::task::JoinHandle<()>>>,
    /// Read and not yet handed over: bytes (none at the end) or an errno.
    pending: RefCell<Option<Result<Vec<u8>, i32>>>,
    delivered: tokio::sync::Notify,
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

/// `openReader(fd)`: a reader's id, or a negative errno (`-EPERM` for a regular file).
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
    let io = event_loop::current().enter(|| AsyncFd::with_interest(copy, Interest::READABLE));
    let io = match io {
        Ok(io) => io,
        Err(error) => return rv.set_int32(-errno(&error)),
    };
    let id = NEXT_ID.get();
    NEXT_ID.set(id + 1);
    let reader = Reader {
        io,
        callback: RefCell::default(),
        task: RefCell::default(),
        pending: RefCell::default(),
        delivered: tokio::sync::Notify::new(),
        referenced: Cell::new(true),
    };
    READERS.with(|r| r.borrow_mut().insert(id, Rc::new(reader)));
    rv.set_int32(id);
}

/// `startReader(id, callback)`: calls `callback(n, bytes)` for each read; n is 0 at the end, a negative errno for an error,
/// after which nothing more comes.
fn start_reader(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(reader) = reader(scope, args.get(0)) else { return rv.set_int32(-libc::EBADF) };
    let Some(callback) = Callback::from_value(scope, args.get(1)) else { return rv.set_int32(-libc::EINVAL) };
    rv.set_int32(0);
    if reader.callback.borrow().is_some() {
        return;
    }
    callback.alive.set_ref(reader.referenced.get());
    *reader.callback.borrow_mut() = Some(Rc::new(callback));
    if reader.pending.borrow().is_some() {
        let reader = reader.clone();
        event_loop::current().enqueue(move |scope| deliver(scope, &reader));
    }
    let task = event_loop::current().spawn(pump(reader.clone()));
    *reader.task.borrow_mut() = Some(task);
}

fn stop(reader: &Reader) {
    reader.callback.take();
    if let Some(task) = reader.task.take() {
        task.abort();
    }
}

/// `stopReader(id)`: what was read already is kept for the next start.
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
    }
    if let Some(callback) = Callback::from_value(scope, args.get(1)) {
        event_loop::current().enqueue_close(move |scope| {
            callback.call(scope, &[]);
        });
    }
}

/// Reads when there is something and hands over one chunk at a time, until aborted.
async fn pump(reader: Rc<Reader>) {
    loop {
        while reader.pending.borrow().is_some() {
            reader.delivered.notified().await;
        }
        let result = match reader.io.readable().await {
            Ok(mut guard) => match read_ready(reader.io.as_raw_fd()) {
                Some(result) => result,
                None => {
                    guard.clear_ready();
                    continue;
                }
            },
            Err(error) => Err(errno(&error)),
        };
        let last = !matches!(&result, Ok(bytes) if !bytes.is_empty());
        *reader.pending.borrow_mut() = Some(result);
        let target = reader.clone();
        event_loop::current().enqueue(move |scope| deliver(scope, &target));
        if last {
            return;
        }
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

fn deliver(scope: &mut v8::PinScope, reader: &Reader) {
    let Some(callback) = reader.callback.borrow().clone() else { return };
    let Some(result) = reader.pending.take() else { return };
    reader.delivered.notify_one();
    match result {
        Ok(bytes) => {
            let n = v8::Integer::new(scope, bytes.len() as i32).into();
            let bytes = binding::uint8_array(scope, bytes).into();
            callback.call(scope, &[n, bytes]);
        }
        Err(code) => {
            let n = v8::Integer::new(scope, -code).into();
            callback.call(scope, &[n]);
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
