//! `internalBinding('stream_handle')`: byte streams over descriptors: TCP and Unix sockets, pipes.
//!
//! Owns: reading, the queue of writes, shutdown, accept and connect readiness, close, what keeps the loop alive. Does not own:
//! how a socket is made and addressed (`tcp.rs`, `pipe.rs`), Node's `net.Socket` (`js/net.js`), the classes JavaScript sees
//! (`js/internal/net/handles.js`): JavaScript knows a stream by a number, so that nothing native lives in an image.

mod api;
mod message;
mod write;

pub use api::{BINDING, read_chunks, set_bytes, stream_of, text_chunk};
pub use message::write_composed;
pub use write::{Chunk, set_blocking};

use crate::event_loop::{self, Alive};
use crate::reactor::{FAILED, READABLE, Registration, Source, WRITABLE};
use crate::tasks;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::os::fd::RawFd;
use std::rc::Rc;

/// libuv's number for "the peer ended".
pub const EOF: i32 = -4095;

/// Bytes read with one system call at most.
const READ_SIZE: usize = 64 * 1024;
/// Full reads from one stream before others have their turn.
const READS_IN_A_ROW: usize = 8;

/// The last error of a system call as a negative errno.
pub fn last_errno() -> i32 {
    -std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)
}

/// 0, or the last error as a negative errno, for the result of a system call.
pub fn check(result: i32) -> i32 {
    if result < 0 { last_errno() } else { 0 }
}

/// JavaScript's end of the events of all streams (`setup` of the binding).
pub struct Calls {
    /// `(handle, nread | errno, arrayBuffer | undefined, fd | undefined)`
    pub on_read: v8::Global<v8::Function>,
    /// `(handle, status, fd)`
    pub on_connection: v8::Global<v8::Function>,
    /// `(req, status, handle)`: a connect, write or shutdown is done.
    pub on_request: v8::Global<v8::Function>,
    /// `(handle)`
    pub on_close: v8::Global<v8::Function>,
}

thread_local! {
    static STREAMS: RefCell<Streams> = const { RefCell::new(Streams { slots: Vec::new(), free: Vec::new() }) };
    static CALLS: RefCell<Option<Rc<Calls>>> = const { RefCell::new(None) };
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Lets go of what JavaScript has given: no handle may be left where an image is made.
pub fn forget() {
    CALLS.take();
}

struct Streams {
    slots: Vec<Option<Rc<Stream>>>,
    free: Vec<u32>,
}

fn calls() -> Rc<Calls> {
    CALLS.with(|c| c.borrow().clone()).expect("stream_handle.setup")
}

/// The open stream that JavaScript calls `id`.
pub fn find(id: i32) -> Option<Rc<Stream>> {
    STREAMS.with(|s| s.borrow().slots.get(usize::try_from(id).ok()?)?.clone())
}

/// All streams that are not closed.
fn all() -> Vec<Rc<Stream>> {
    STREAMS.with(|s| s.borrow().slots.iter().flatten().cloned().collect())
}

/// Closes every stream of this thread: it ends, and nobody is told.
pub fn close_all() {
    for stream in all() {
        stream.close(false);
    }
}

/// Calls `function` in the async context `context`.
pub fn call_in_context<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    context: impl v8::Handle<Data = v8::Value>,
    function: &v8::Global<v8::Function>,
    args: &[v8::Local<'s, v8::Value>],
) -> Option<v8::Local<'s, v8::Value>> {
    let context = v8::Local::new(scope, context);
    let function = v8::Local::new(scope, function);
    tasks::call_within(scope, context, function, args)
}

/// Whom to tell that an operation is done.
enum Waiter {
    /// An object in JavaScript, and the async context it was made in.
    Script(v8::Global<v8::Object>, v8::Global<v8::Value>),
    /// A layer of ours above the stream.
    Native(Box<dyn FnOnce(&mut v8::PinScope, i32)>),
}

/// An operation under way; it keeps the loop alive.
pub struct Request {
    waiter: Waiter,
    alive: Alive,
}

impl Request {
    /// From an argument; `None` where it is not an object.
    pub fn new(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Option<Self> {
        let object = v8::Local::<v8::Object>::try_from(value).ok()?;
        let context = scope.get_continuation_preserved_embedder_data();
        let waiter = Waiter::Script(v8::Global::new(scope, object), v8::Global::new(scope, context));
        Some(Request { waiter, alive: Alive::new() })
    }

    /// A request of a layer above: `done` gets the status, from the loop.
    pub fn native(done: impl FnOnce(&mut v8::PinScope, i32) + 'static) -> Self {
        Request { waiter: Waiter::Native(Box::new(done)), alive: Alive::new() }
    }

    /// Lets the loop end while this waits: what it waits for has its own say.
    pub fn unref(self) -> Self {
        self.alive.set_ref(false);
        self
    }

    /// What JavaScript's error says besides the status.
    pub fn set_error(&self, scope: &mut v8::PinScope, text: &str) {
        if let Waiter::Script(object, _) = &self.waiter {
            let object = v8::Local::new(scope, object);
            let text = crate::binding::string(scope, text);
            crate::binding::set(scope, object, "error", text);
        }
    }

    /// Tells the status. Called from the loop; `handle` is the object of the stream that the request was made on.
    pub fn complete(self, scope: &mut v8::PinScope, status: i32, handle: &v8::Global<v8::Object>) {
        match self.waiter {
            Waiter::Script(object, context) => {
                let object = v8::Local::new(scope, object).into();
                let status = v8::Integer::new(scope, status).into();
                let handle = v8::Local::new(scope, handle).into();
                call_in_context(scope, &context, &calls().on_request, &[object, status, handle]);
            }
            Waiter::Native(done) => done(scope, status),
        }
    }
}

/// A source of bytes that a [`Consumer`] can be put on: a stream, or TLS on one.
pub trait Channel {
    /// Sends what arrives to `consumer` from now on, or again to JavaScript.
    fn set_consumer(&self, consumer: Option<Rc<dyn Consumer>>);
    /// Tells JavaScript an error or [`EOF`].
    fn deliver_end(&self, scope: &mut v8::PinScope, status: i32);
}

/// Gives bytes to the JavaScript object `object`; `passed` is a descriptor that came with them, or -1.
pub fn deliver_bytes(
    scope: &mut v8::PinScope,
    context: &v8::Global<v8::Value>,
    object: &v8::Global<v8::Object>,
    bytes: Vec<u8>,
    passed: RawFd,
) {
    let length = v8::Integer::new(scope, bytes.len() as i32).into();
    let buffer = crate::array_buffers::from_vec(scope, bytes).into();
    let object = v8::Local::new(scope, object).into();
    let passed = v8::Integer::new(scope, passed).into();
    call_in_context(scope, context, &calls().on_read, &[object, length, buffer, passed]);
}

/// Tells the JavaScript object `object` an error or [`EOF`].
pub fn deliver_status(
    scope: &mut v8::PinScope,
    context: &v8::Global<v8::Value>,
    object: &v8::Global<v8::Object>,
    status: i32,
) {
    let status = v8::Integer::new(scope, status).into();
    let object = v8::Local::new(scope, object).into();
    let none = v8::undefined(scope).into();
    call_in_context(scope, context, &calls().on_read, &[object, status, none]);
}

/// What takes a channel's bytes instead of JavaScript (the HTTP parser, TLS).
pub trait Consumer {
    /// `data` is what was read, an error or [`EOF`].
    fn data(self: Rc<Self>, scope: &mut v8::PinScope, from: &dyn Channel, data: Result<&[u8], i32>);
}

/// What kind of socket a stream is; decides how it is read and what is done when it is closed.
pub enum Kind {
    /// A TCP socket.
    Tcp,
    /// A Unix socket or a pipe.
    Pipe {
        /// Descriptors travel with the bytes.
        ipc: bool,
        /// The file to unlink when a server is closed.
        bound: RefCell<Option<std::path::PathBuf>>,
    },
}

/// One stream, connected, listening or not opened yet.
pub struct Stream {
    id: u32,
    /// What it is.
    pub kind: Kind,
    fd: Cell<RawFd>,
    registration: RefCell<Option<Registration>>,
    object: v8::Global<v8::Object>,
    context: v8::Global<v8::Value>,
    alive: Alive,
    wants_ref: Cell<bool>,
    reading: Cell<bool>,
    /// Bytes that JavaScript's own buffer takes at once.
    read_limit: Cell<usize>,
    listening: Cell<bool>,
    closed: Cell<bool>,
    /// An error of `bind` that libuv tells at `listen` or `connect`.
    pub delayed_error: Cell<i32>,
    connecting: RefCell<Option<Request>>,
    shutdown: RefCell<Option<Request>>,
    writes: RefCell<VecDeque<write::Write>>,
    queued: Cell<usize>,
    bytes_read: Cell<u64>,
    bytes_written: Cell<u64>,
    consumer: RefCell<Option<Rc<dyn Consumer>>>,
}

impl Stream {
    /// A stream for the JavaScript object `object`, without a descriptor.
    pub fn create(scope: &mut v8::PinScope, object: v8::Local<v8::Object>, kind: Kind) -> i32 {
        let context = scope.get_continuation_preserved_embedder_data();
        let alive = Alive::new();
        alive.set_ref(false);
        STREAMS.with(|s| {
            let mut streams = s.borrow_mut();
            let id = streams.free.pop().unwrap_or(streams.slots.len() as u32);
            let stream = Rc::new(Stream {
                id,
                kind,
                fd: Cell::new(-1),
                registration: RefCell::default(),
                object: v8::Global::new(scope, object),
                context: v8::Global::new(scope, context),
                alive,
                wants_ref: Cell::new(true),
                reading: Cell::new(false),
                read_limit: Cell::new(READ_SIZE),
                listening: Cell::new(false),
                closed: Cell::new(false),
                delayed_error: Cell::new(0),
                connecting: RefCell::default(),
                shutdown: RefCell::default(),
                writes: RefCell::default(),
                queued: Cell::new(0),
                bytes_read: Cell::new(0),
                bytes_written: Cell::new(0),
                consumer: RefCell::default(),
            });
            if (id as usize) < streams.slots.len() {
                streams.slots[id as usize] = Some(stream);
            } else {
                streams.slots.push(Some(stream));
            }
            id as i32
        })
    }

    /// The descriptor, -1 before one was made and after close.
    pub fn fd(&self) -> RawFd {
        self.fd.get()
    }

    /// Takes over a non-blocking descriptor.
    pub fn open(self: &Rc<Self>, fd: RawFd) {
        self.fd.set(fd);
        *self.registration.borrow_mut() = Some(Registration::new(fd, self.clone()));
    }

    fn update(&self) -> i32 {
        self.alive.set_ref(self.wants_ref.get() && (self.reading.get() || self.listening.get()));
        let mut interest = 0;
        if self.reading.get() || self.listening.get() {
            interest |= READABLE;
        }
        if self.connecting.borrow().is_some() || !self.writes.borrow().is_empty() {
            interest |= WRITABLE;
        }
        match &*self.registration.borrow() {
            Some(registration) => match registration.set(interest) {
                Ok(()) => 0,
                Err(error) => -error.raw_os_error().unwrap_or(libc::EIO),
            },
            None => 0,
        }
    }

    /// Starts or stops delivering what arrives.
    pub fn set_reading(&self, on: bool) -> i32 {
        if on && (self.fd.get() < 0 || self.closed.get()) {
            return -libc::EBADF;
        }
        self.reading.set(on);
        self.update()
    }

    /// At most so many bytes are delivered at once.
    pub fn set_read_limit(&self, bytes: usize) {
        self.read_limit.set(bytes.clamp(1, READ_SIZE));
    }

    /// Starts accepting connections; the descriptor is bound.
    pub fn listen(&self, backlog: i32) -> i32 {
        if self.delayed_error.get() != 0 {
            return self.delayed_error.get();
        }
        // SAFETY: a system call on our descriptor.
        let r = check(unsafe { libc::listen(self.fd.get(), backlog) });
        if r == 0 {
            keep_reserve();
            self.listening.set(true);
            return self.update();
        }
        r
    }

    /// `connect` was started on the descriptor with this result of the call; `request` is told when it ends.
    pub fn connect_started(self: &Rc<Self>, result: i32, request: Request) {
        if result == 0 || result == -libc::EINPROGRESS {
            *self.connecting.borrow_mut() = Some(request);
            self.update();
            return;
        }
        let stream = self.clone();
        event_loop::current().enqueue(move |scope| request.complete(scope, result, &stream.object));
    }

    fn finish_connect(&self, scope: &mut v8::PinScope) {
        let mut error: libc::c_int = 0;
        let mut length = size_of::<libc::c_int>() as libc::socklen_t;
        // SAFETY: the buffer is an int and `length` its size.
        unsafe {
            libc::getsockopt(self.fd.get(), libc::SOL_SOCKET, libc::SO_ERROR, (&raw mut error).cast(), &mut length);
        }
        if error == libc::EINPROGRESS {
            return;
        }
        let request = self.connecting.borrow_mut().take();
        if error != 0 {
            // Nothing that was queued can be sent any more.
            let queued: Vec<_> = self.writes.borrow_mut().drain(..).collect();
            self.queued.set(0);
            self.update();
            if let Some(request) = request {
                request.complete(scope, -error, &self.object);
            }
            for write in queued {
                write.request.complete(scope, -libc::ECANCELED, &self.object);
            }
            return;
        }
        self.update();
        if let Some(request) = request {
            request.complete(scope, 0, &self.object);
        }
    }

    fn accept(&self, scope: &mut v8::PinScope) {
        while self.listening.get() {
            // SAFETY: accepts from our descriptor; the address is not asked for.
            let fd = unsafe {
                libc::accept4(
                    self.fd.get(),
                    std::ptr::null_mut(),
                    std::ptr::null_mut(),
                    libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC,
                )
            };
            let (status, fd) = if fd >= 0 { (0, fd) } else { (last_errno(), -1) };
            match -status {
                libc::EAGAIN => return,
                libc::EINTR | libc::ECONNABORTED => continue,
                libc::EMFILE | libc::ENFILE if refuse_waiting(self.fd.get()) => return,
                _ => {}
            }
            let args = [
                v8::Local::new(scope, &self.object).into(),
                v8::Integer::new(scope, status).into(),
                v8::Integer::new(scope, fd).into(),
            ];
            v8::scope!(let scope, scope);
            call_in_context(scope, &self.context, &calls().on_connection, &args);
            if status != 0 {
                return;
            }
        }
    }

    fn read(self: &Rc<Self>, scope: &mut v8::PinScope) {
        for _ in 0..READS_IN_A_ROW {
            let mut buffer = SCRATCH.take();
            if buffer.len() < READ_SIZE {
                buffer = vec![0; READ_SIZE];
            }
            let limit = self.read_limit.get();
            let (n, passed) = match &self.kind {
                Kind::Pipe { ipc: true, .. } => super::pipe::receive(self.fd.get(), &mut buffer[..limit]),
                // A socket's own calls are cheaper than a file's.
                // SAFETY: the buffer has READ_SIZE bytes, and the limit is not more.
                Kind::Tcp => (unsafe { libc::recv(self.fd.get(), buffer.as_mut_ptr().cast(), limit, 0) }, -1),
                // SAFETY: as above.
                _ => (unsafe { libc::read(self.fd.get(), buffer.as_mut_ptr().cast(), limit) }, -1),
            };
            if n < 0 {
                let error = last_errno();
                SCRATCH.set(buffer);
                match -error {
                    libc::EAGAIN => {}
                    libc::EINTR => continue,
                    _ => self.read_ended(scope, error),
                }
                return;
            }
            if n == 0 {
                SCRATCH.set(buffer);
                return self.read_ended(scope, EOF);
            }
            let n = n as usize;
            self.bytes_read.set(self.bytes_read.get() + n as u64);
            v8::scope!(let scope, scope);
            let consumer = self.consumer.borrow().clone();
            if let Some(consumer) = consumer {
                consumer.data(scope, &**self, Ok(&buffer[..n]));
                SCRATCH.set(buffer);
            } else {
                let bytes: Vec<u8> = buffer[..n].to_vec();
                SCRATCH.set(buffer);
                self.deliver(scope, bytes, passed);
            }
            if n < limit || !self.reading.get() {
                return;
            }
        }
    }

    /// Gives bytes to JavaScript; `passed` is a descriptor that came with them, or -1.
    pub fn deliver(&self, scope: &mut v8::PinScope, bytes: Vec<u8>, passed: RawFd) {
        deliver_bytes(scope, &self.context, &self.object, bytes, passed);
    }

    fn read_ended(self: &Rc<Self>, scope: &mut v8::PinScope, status: i32) {
        self.reading.set(false);
        self.update();
        let consumer = self.consumer.borrow().clone();
        if let Some(consumer) = consumer {
            return consumer.data(scope, &**self, Err(status));
        }
        self.deliver_end(scope, status);
    }

    /// Whether `consumer` is what takes this stream's bytes.
    pub fn consumer_is<T: Consumer>(&self, consumer: &Rc<T>) -> bool {
        self.consumer.borrow().as_ref().is_some_and(|c| std::ptr::addr_eq(Rc::as_ptr(c), Rc::as_ptr(consumer)))
    }

    /// Closes the descriptor now; requests end with ECANCELED and JavaScript is told in the loop's close phase.
    pub fn close(&self, reset: bool) -> i32 {
        if self.closed.replace(true) {
            return -libc::EBADF;
        }
        let this = STREAMS.with(|s| {
            let mut streams = s.borrow_mut();
            streams.free.push(self.id);
            streams.slots[self.id as usize].take()
        });
        self.reading.set(false);
        self.listening.set(false);
        self.set_consumer(None);
        self.alive.set_ref(false);
        self.registration.borrow_mut().take();
        let fd = self.fd.replace(-1);
        if fd >= 0 {
            if reset {
                let linger = libc::linger { l_onoff: 1, l_linger: 0 };
                // SAFETY: the option's value is a linger and its size is given.
                unsafe {
                    libc::setsockopt(
                        fd,
                        libc::SOL_SOCKET,
                        libc::SO_LINGER,
                        (&raw const linger).cast(),
                        size_of::<libc::linger>() as u32,
                    );
                }
            }
            // Standard streams stay open for the rest of the process, as in libuv.
            if fd > 2 {
                // SAFETY: the descriptor is ours and not used again.
                unsafe { libc::close(fd) };
            }
        }
        if let Kind::Pipe { bound, .. } = &self.kind
            && let Some(path) = bound.take()
        {
            let _ = std::fs::remove_file(path);
        }
        let Some(this) = this else { return 0 };
        event_loop::current().enqueue_close(move |scope| {
            let requests = this.connecting.take().into_iter();
            let writes: Vec<_> = this.writes.borrow_mut().drain(..).map(|w| w.request).collect();
            for request in requests.chain(writes).chain(this.shutdown.take()) {
                request.complete(scope, -libc::ECANCELED, &this.object);
            }
            let object = v8::Local::new(scope, &this.object).into();
            call_in_context(scope, &this.context, &calls().on_close, &[object]);
        });
        0
    }
}

impl Channel for Stream {
    fn set_consumer(&self, consumer: Option<Rc<dyn Consumer>>) {
        let _before = self.consumer.replace(consumer);
    }

    fn deliver_end(&self, scope: &mut v8::PinScope, status: i32) {
        deliver_status(scope, &self.context, &self.object, status);
    }
}

impl Source for Stream {
    fn ready(self: Rc<Self>, scope: &mut v8::PinScope, events: u32) {
        if self.listening.get() {
            return self.accept(scope);
        }
        if self.connecting.borrow().is_some() {
            self.finish_connect(scope);
            return;
        }
        if events & (READABLE | FAILED) != 0 && self.reading.get() {
            self.read(scope);
        }
        if events & (WRITABLE | FAILED) != 0 && !self.closed.get() {
            self.flush(scope);
        }
    }
}

thread_local! {
    /// A descriptor kept for the day there are no others.
    static RESERVE: Cell<RawFd> = const { Cell::new(-1) };
}

fn keep_reserve() {
    if RESERVE.get() < 0 {
        // SAFETY: a constant path; the descriptor is kept until refuse_waiting closes it.
        RESERVE.set(unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDONLY | libc::O_CLOEXEC) });
    }
}

/// Out of descriptors: takes the connections that wait with the descriptor kept for this and closes them, so that a
/// level-triggered listener does not spin. False where there was none to take them with.
fn refuse_waiting(listener: RawFd) -> bool {
    let reserve = RESERVE.replace(-1);
    if reserve < 0 {
        return false;
    }
    // SAFETY: the reserve and the accepted descriptors are closed once each.
    unsafe {
        libc::close(reserve);
        loop {
            let fd = libc::accept4(listener, std::ptr::null_mut(), std::ptr::null_mut(), libc::SOCK_CLOEXEC);
            if fd < 0 {
                break;
            }
            libc::close(fd);
        }
    }
    keep_reserve();
    true
}
