//! A session: bytes in, bytes out, and when it is over.

use super::ffi::*;
use super::memory::Memory;
use super::settings::{Limits, Options};
use super::stream::Stream;
use super::{Calls, SESSIONS, Waiting, callbacks, calls, with_scope};
use crate::bindings::stream_handle::{self, Channel, Chunk, Consumer, Request, call_in_context};
use crate::bindings::tls;
use crate::{binding, event_loop, tasks};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::time::Instant;

/// What the bytes of a session travel on.
pub enum Transport {
    /// Nothing yet, or no more.
    None,
    /// A socket or pipe.
    Native(Rc<stream_handle::Stream>),
    /// TLS; when it is read is decided below it.
    Tls(Rc<tls::Connection>),
    /// Any Duplex, by way of JavaScript.
    Script,
}

/// Operations of [`Calls::transport`].
pub const WRITE: i32 = 0;
const READ_START: i32 = 1;
const READ_STOP: i32 = 2;

/// Bits of what JavaScript listens to.
pub mod interest {
    pub const PING: u32 = 1;
    pub const ALTSVC: u32 = 2;
    pub const REMOTE_SETTINGS: u32 = 4;
    pub const PRIORITY: u32 = 8;
}

/// A PING or SETTINGS that waits for its answer.
pub struct Awaited {
    callback: v8::Global<v8::Value>,
    context: v8::Global<v8::Value>,
    sent: Instant,
}

impl Awaited {
    pub fn new(scope: &mut v8::PinScope, callback: v8::Local<v8::Value>) -> Self {
        let context = scope.get_continuation_preserved_embedder_data();
        let (callback, context) = (v8::Global::new(scope, callback), v8::Global::new(scope, context));
        Awaited { callback, context, sent: Instant::now() }
    }

    /// Milliseconds since it was sent.
    pub fn age(&self) -> f64 {
        self.sent.elapsed().as_secs_f64() * 1e3
    }

    /// Tells JavaScript the answer, or that there will be none.
    pub fn done(self, scope: &mut v8::PinScope, acknowledged: bool, payload: Option<&[u8]>) {
        let callback = v8::Local::new(scope, &self.callback);
        let age = v8::Number::new(scope, self.age()).into();
        let acknowledged = v8::Boolean::new(scope, acknowledged).into();
        let payload = match payload {
            Some(bytes) => binding::uint8_array(scope, bytes.to_vec()).into(),
            None => v8::undefined(scope).into(),
        };
        call_in_context(scope, &self.context, &calls().on_ack, &[callback, acknowledged, age, payload]);
    }
}

/// Sums for performance entries.
pub struct Statistics {
    pub start: Instant,
    pub ping_rtt: Cell<f64>,
    pub sent: Cell<u64>,
    pub received: Cell<u64>,
    pub frames_received: Cell<u32>,
    pub frames_sent: Cell<u32>,
    pub streams: Cell<u32>,
    pub max_streams: Cell<usize>,
    pub average_duration: Cell<f64>,
}

/// One end of a connection.
pub struct Session {
    id: usize,
    server: bool,
    ng: Cell<*mut nghttp2_session>,
    /// Our limits.
    pub limits: Limits,
    object: v8::Global<v8::Object>,
    context: v8::Global<v8::Value>,
    transport: RefCell<Transport>,
    streams: RefCell<HashMap<i32, Rc<Stream>>>,
    /// What JavaScript listens to.
    pub interest: Cell<u32>,
    /// How often the peer sent settings.
    pub remote_settings_version: Cell<u32>,
    /// Settings of the peer's that nghttp2 does not know.
    pub remote_custom_settings: RefCell<Vec<(u16, u32)>>,
    /// Extended CONNECT was offered.
    pub extended_connect: Cell<bool>,
    /// Custom settings that were sent.
    pub local_custom_settings: RefCell<Vec<(u16, u32)>>,
    pub pings: RefCell<VecDeque<Awaited>>,
    pub settings: RefCell<VecDeque<Awaited>>,
    pending_resets: RefCell<Vec<i32>>,
    pub invalid_frames: Cell<u32>,
    pub rejected_streams: Cell<u32>,
    /// Why nghttp2 was told to stop, as a code of Node's.
    pub error_name: Cell<Option<&'static str>>,
    /// A frame was an error of the connection; told when nghttp2 is done, so that its own GOAWAY comes first.
    pub connection_error: Cell<i32>,
    closed: Cell<bool>,
    destroyed: Cell<bool>,
    has_scope: Cell<bool>,
    sending: Cell<bool>,
    write_scheduled: Cell<bool>,
    write_in_progress: Cell<bool>,
    reading_stopped: Cell<bool>,
    receiving: Cell<bool>,
    /// nghttp2 stopped in the middle of its input, since a write is under way.
    pub receive_paused: Cell<bool>,
    graceful: Cell<bool>,
    /// What arrived and is not read by nghttp2.
    input: RefCell<Vec<u8>>,
    out: RefCell<Vec<Chunk>>,
    out_tail: RefCell<Vec<u8>>,
    out_waiting: RefCell<Vec<Waiting>>,
    out_length: Cell<usize>,
    /// Writes to the transport since a stream was written to.
    pub chunks_sent: Cell<u32>,
    pub statistics: Statistics,
    pub memory: Box<Memory>,
}

impl Drop for Session {
    fn drop(&mut self) {
        // SAFETY: deleted once; the allocator's counter lives until after this.
        unsafe { nghttp2_session_del(self.ng.get()) };
    }
}

/// While it lives, what is submitted to nghttp2 is collected; then a write is scheduled.
pub struct Scope<'a> {
    session: &'a Rc<Session>,
    outermost: bool,
}

impl Drop for Scope<'_> {
    fn drop(&mut self) {
        if self.outermost {
            self.session.has_scope.set(false);
            self.session.schedule_write();
        }
    }
}

impl Session {
    /// A new session for JavaScript's handle; its number.
    pub fn create(scope: &mut v8::PinScope, object: v8::Local<v8::Object>, server: bool, options: &[f64]) -> usize {
        let (options, limits) = Options::read(options, server);
        let context = scope.get_continuation_preserved_embedder_data();
        SESSIONS.with(|s| {
            let mut sessions = s.borrow_mut();
            let id = sessions.iter().position(Option::is_none).unwrap_or(sessions.len());
            let session = Rc::new(Session {
                id,
                server,
                ng: Cell::new(std::ptr::null_mut()),
                limits,
                object: v8::Global::new(scope, object),
                context: v8::Global::new(scope, context),
                transport: RefCell::new(Transport::None),
                streams: RefCell::default(),
                interest: Cell::new(0),
                remote_settings_version: Cell::new(0),
                remote_custom_settings: RefCell::default(),
                extended_connect: Cell::new(false),
                local_custom_settings: RefCell::default(),
                pings: RefCell::default(),
                settings: RefCell::default(),
                pending_resets: RefCell::default(),
                invalid_frames: Cell::new(0),
                rejected_streams: Cell::new(0),
                error_name: Cell::new(None),
                connection_error: Cell::new(0),
                closed: Cell::new(false),
                destroyed: Cell::new(false),
                has_scope: Cell::new(false),
                sending: Cell::new(false),
                write_scheduled: Cell::new(false),
                write_in_progress: Cell::new(false),
                reading_stopped: Cell::new(false),
                receiving: Cell::new(false),
                receive_paused: Cell::new(false),
                graceful: Cell::new(false),
                input: RefCell::default(),
                out: RefCell::default(),
                out_tail: RefCell::default(),
                out_waiting: RefCell::default(),
                out_length: Cell::new(0),
                chunks_sent: Cell::new(0),
                statistics: Statistics {
                    start: Instant::now(),
                    ping_rtt: Cell::default(),
                    sent: Cell::default(),
                    received: Cell::default(),
                    frames_received: Cell::default(),
                    frames_sent: Cell::default(),
                    streams: Cell::default(),
                    max_streams: Cell::default(),
                    average_duration: Cell::default(),
                },
                memory: Box::default(),
            });
            session.ng.set(callbacks::new_session(&session, server, &options));
            if id < sessions.len() {
                sessions[id] = Some(session);
            } else {
                sessions.push(Some(session));
            }
            id
        })
    }

    /// nghttp2's session, which lives as long as this one.
    pub fn ng(&self) -> *mut nghttp2_session {
        self.ng.get()
    }

    /// JavaScript's handle.
    pub fn object<'s>(&self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Object> {
        v8::Local::new(scope, &self.object)
    }

    /// Whether it is the server's end.
    pub fn is_server(&self) -> bool {
        self.server
    }

    /// Whether JavaScript is done with it.
    pub fn is_destroyed(&self) -> bool {
        self.destroyed.get()
    }

    /// Whether a [`Scope`] is open.
    pub fn is_in_scope(&self) -> bool {
        self.has_scope.get()
    }

    /// Whether bytes are on their way to the transport.
    pub fn is_writing(&self) -> bool {
        self.write_in_progress.get()
    }

    /// Bytes that are collected for the next write.
    pub fn out_length(&self) -> usize {
        self.out_length.get()
    }

    /// Whether `bytes` more may be held.
    pub fn has_memory(&self, bytes: usize) -> bool {
        self.memory.used() + bytes <= self.limits.memory
    }

    /// Whether the peer may open another stream.
    pub fn can_add_stream(&self) -> bool {
        // SAFETY: a getter of a live session.
        let limit =
            unsafe { nghttp2_session_get_local_settings(self.ng(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS as _) };
        self.streams.borrow().len() < limit as usize && self.has_memory(size_of::<Stream>())
    }

    /// The stream with this number.
    pub fn stream(&self, id: i32) -> Option<Rc<Stream>> {
        self.streams.borrow().get(&id).cloned()
    }

    /// Knows a new stream.
    pub fn stream_added(&self, stream: &Rc<Stream>) {
        let mut streams = self.streams.borrow_mut();
        streams.insert(stream.id, stream.clone());
        let statistics = &self.statistics;
        statistics.streams.set(statistics.streams.get() + 1);
        statistics.max_streams.set(statistics.max_streams.get().max(streams.len()));
    }

    /// Forgets a stream.
    pub fn stream_removed(&self, stream: &Rc<Stream>) {
        self.streams.borrow_mut().remove(&stream.id);
        let (n, average) = (f64::from(self.statistics.streams.get().max(1)), &self.statistics.average_duration);
        let age = stream.statistics.start.elapsed().as_secs_f64() * 1e3;
        average.set(average.get() + (age - average.get()) / n);
    }

    /// Opens a scope, unless there is one.
    pub fn scope<'a>(self: &'a Rc<Self>) -> Scope<'a> {
        let outermost = !self.has_scope.get() && !self.write_scheduled.get();
        if outermost {
            self.has_scope.set(true);
        }
        Scope { session: self, outermost }
    }

    /// Calls one of JavaScript's functions with the handle in front.
    pub fn call<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        function: fn(&Calls) -> &v8::Global<v8::Function>,
        rest: &[v8::Local<'s, v8::Value>],
    ) -> Option<v8::Local<'s, v8::Value>> {
        let object = v8::Local::new(scope, &self.object).into();
        let args: Vec<_> = std::iter::once(object).chain(rest.iter().copied()).collect();
        self.call_in(scope, &self.context, function, &args)
    }

    /// As [`Session::call`] with these arguments and async context.
    pub fn call_in<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        context: &v8::Global<v8::Value>,
        function: fn(&Calls) -> &v8::Global<v8::Function>,
        args: &[v8::Local<'s, v8::Value>],
    ) -> Option<v8::Local<'s, v8::Value>> {
        call_in_context(scope, context, function(&calls()), args)
    }

    /// Tells JavaScript that the session failed.
    pub fn fail(&self, scope: &mut v8::PinScope, code: i32) {
        let code = v8::Integer::new(scope, code).into();
        let name = match self.error_name.take() {
            Some(name) => binding::string(scope, name),
            None => v8::null(scope).into(),
        };
        self.call(scope, |calls| &calls.on_error, &[code, name]);
    }

    /// Takes over a transport: its bytes come here.
    pub fn consume(self: &Rc<Self>, scope: &mut v8::PinScope, transport: Transport) {
        if let Some(channel) = transport.channel() {
            channel.set_consumer(Some(self.clone()));
        }
        *self.transport.borrow_mut() = transport;
        self.set_transport_reading(scope, true);
    }

    fn set_transport_reading(&self, scope: &mut v8::PinScope, on: bool) {
        let native = match &*self.transport.borrow() {
            Transport::None => return,
            Transport::Native(stream) => Some(stream.clone()),
            Transport::Tls(_) | Transport::Script => None,
        };
        if let Some(stream) = native {
            stream.set_reading(on);
            return;
        }
        let operation = v8::Integer::new(scope, if on { READ_START } else { READ_STOP }).into();
        let none = v8::undefined(scope).into();
        self.call(scope, |calls| &calls.transport, &[operation, none]);
    }

    /// Bytes of the peer's.
    pub fn receive(self: &Rc<Self>, scope: &mut v8::PinScope, bytes: &[u8]) {
        if self.destroyed.get() {
            return;
        }
        let _scope = self.scope();
        self.statistics.received.set(self.statistics.received.get() + bytes.len() as u64);
        if self.receiving.get() || self.receive_paused.get() {
            self.memory.add(bytes.len());
            self.input.borrow_mut().extend_from_slice(bytes);
            return;
        }
        self.feed(scope, bytes);
        self.feed_rest(scope);
    }

    /// What came while nghttp2 was busy.
    fn feed_rest(self: &Rc<Self>, scope: &mut v8::PinScope) {
        while !self.receive_paused.get() && !self.destroyed.get() && !self.receiving.get() {
            let input = self.input.take();
            if input.is_empty() {
                return;
            }
            self.memory.remove(input.len());
            self.feed(scope, &input);
        }
    }

    fn feed(self: &Rc<Self>, scope: &mut v8::PinScope, bytes: &[u8]) {
        self.receive_paused.set(false);
        self.error_name.set(None);
        self.receiving.set(true);
        // SAFETY: the bytes outlive the call; callbacks get the session from its user data.
        let n = with_scope(scope, || unsafe { nghttp2_session_mem_recv2(self.ng(), bytes.as_ptr(), bytes.len()) });
        self.receiving.set(false);
        let error = if n < 0 { n as i32 } else { self.connection_error.replace(0) };
        if error != 0 {
            // The last word to the peer, unless nghttp2 has said it: no resets of the streams follow.
            // SAFETY: a live session.
            unsafe { nghttp2_session_terminate_session(self.ng(), NGHTTP2_INTERNAL_ERROR) };
            self.fail(scope, error);
            return;
        }
        if self.receive_paused.get() {
            // Even where all was read nghttp2 may have a callback to make when it goes on.
            let rest = &bytes[n as usize..];
            self.memory.add(rest.len());
            self.input.borrow_mut().splice(0..0, rest.iter().copied());
            return;
        }
        if !self.destroyed.get() {
            self.send_pending(scope);
            self.tell_if_graceful_close_is_complete(scope);
        }
    }

    /// Writes what nghttp2 has to send; true where it could not since that is being done further up.
    pub fn send_pending(self: &Rc<Self>, scope: &mut v8::PinScope) -> bool {
        if self.destroyed.get() {
            return false;
        }
        self.write_scheduled.set(false);
        if self.sending.replace(true) {
            return true;
        }
        loop {
            let mut data = std::ptr::null();
            // SAFETY: `data` is good until the next call.
            let n = with_scope(scope, || unsafe { nghttp2_session_mem_send2(self.ng(), &mut data) });
            if n <= 0 {
                break;
            }
            // SAFETY: as many bytes as it said.
            self.push_bytes(unsafe { std::slice::from_raw_parts(data, n as usize) });
        }
        self.seal_tail();
        let chunks = self.out.take();
        let length = self.out_length.replace(0);
        let transport = match &*self.transport.borrow() {
            _ if length == 0 => Transport::None,
            Transport::None => Transport::None,
            Transport::Native(stream) => Transport::Native(stream.clone()),
            Transport::Tls(connection) => Transport::Tls(connection.clone()),
            Transport::Script => Transport::Script,
        };
        if matches!(transport, Transport::None) {
            self.written(scope, if length == 0 { 0 } else { -libc::ECANCELED });
            return false;
        }
        self.chunks_sent.set(self.chunks_sent.get() + 1);
        self.statistics.sent.set(self.statistics.sent.get() + length as u64);
        self.write_in_progress.set(true);
        let this = self.clone();
        let request = || Some(Request::native(move |scope, status| this.after_write(scope, status)));
        let result = match transport {
            Transport::Native(stream) => stream.write(chunks, request, None),
            Transport::Tls(connection) => connection.write(scope, chunks, |_| request()),
            _ => self.write_script(scope, chunks, length),
        };
        if result != 1 {
            self.write_in_progress.set(false);
            self.written(scope, result);
        }
        self.stop_reading_if_busy(scope);
        false
    }

    fn write_script(&self, scope: &mut v8::PinScope, chunks: Vec<Chunk>, length: usize) -> i32 {
        let mut bytes = Vec::with_capacity(length);
        for chunk in &chunks {
            bytes.extend_from_slice(chunk.bytes());
        }
        let bytes = binding::uint8_array(scope, bytes).into();
        let operation = v8::Integer::new(scope, WRITE).into();
        let answer = self.call(scope, |calls| &calls.transport, &[operation, bytes]);
        answer.and_then(|a| a.int32_value(scope)).unwrap_or(-libc::EPIPE)
    }

    /// Adds bytes to the output.
    pub fn push_bytes(&self, bytes: &[u8]) {
        self.out_tail.borrow_mut().extend_from_slice(bytes);
        self.out_length.set(self.out_length.get() + bytes.len());
    }

    /// Adds a part of a body to the output; `waiting` is told when it is written.
    pub fn push_chunk(&self, chunk: Chunk, waiting: Option<Waiting>) {
        /// Below this a copy is cheaper than another vector of a write.
        const SMALL: usize = 1024;
        self.out_waiting.borrow_mut().extend(waiting);
        if chunk.len() <= SMALL {
            self.push_bytes(chunk.bytes());
            return;
        }
        self.seal_tail();
        self.out_length.set(self.out_length.get() + chunk.len());
        self.out.borrow_mut().push(chunk);
    }

    fn seal_tail(&self) {
        let tail = self.out_tail.take();
        if !tail.is_empty() {
            self.out.borrow_mut().push(Chunk::Owned(tail));
        }
    }

    fn stop_reading_if_busy(&self, scope: &mut v8::PinScope) {
        if self.reading_stopped.get() || self.closed.get() {
            return;
        }
        // SAFETY: a getter of a live session.
        let wants = unsafe { nghttp2_session_want_read(self.ng()) } != 0;
        if !wants || self.write_in_progress.get() {
            self.reading_stopped.set(true);
            self.set_transport_reading(scope, false);
        }
    }

    /// The output was written, or not.
    fn written(self: &Rc<Self>, scope: &mut v8::PinScope, status: i32) {
        self.sending.set(false);
        let waiting = self.out_waiting.take();
        for waiting in waiting {
            v8::scope!(let scope, scope);
            waiting.complete(scope, status);
        }
        for id in self.pending_resets.take() {
            if let Some(stream) = self.stream(id) {
                stream.flush_reset(self);
            }
        }
    }

    /// A write that was not done at once is done.
    pub fn after_write(self: &Rc<Self>, scope: &mut v8::PinScope, status: i32) {
        self.write_in_progress.set(false);
        self.written(scope, status);
        // SAFETY: a getter of a live session.
        let wants = unsafe { nghttp2_session_want_read(self.ng()) } != 0;
        if self.reading_stopped.get() && !self.write_in_progress.get() && wants {
            self.reading_stopped.set(false);
            self.set_transport_reading(scope, true);
        }
        if self.destroyed.get() {
            return self.done(scope);
        }
        if self.receive_paused.replace(false) && !self.receiving.get() {
            let input = self.input.take();
            self.memory.remove(input.len());
            let _scope = self.scope();
            self.feed(scope, &input);
            self.feed_rest(scope);
        }
        if !self.write_scheduled.get() && !self.destroyed.get() {
            self.schedule_write();
        }
        self.tell_if_graceful_close_is_complete(scope);
    }

    fn schedule_write(self: &Rc<Self>) {
        if self.destroyed.get() || self.write_scheduled.get() {
            return;
        }
        // SAFETY: a getter of a live session.
        if unsafe { nghttp2_session_want_write(self.ng()) } == 0 {
            return;
        }
        self.write_scheduled.set(true);
        let this = self.clone();
        event_loop::current().enqueue_check(move |scope| {
            if this.write_scheduled.get() {
                tasks::together(scope, |scope| {
                    this.send_pending(scope);
                    this.tell_if_graceful_close_is_complete(scope);
                });
            }
        });
    }

    /// Resets that wait until the output is written.
    pub fn add_pending_reset(&self, id: i32) {
        self.pending_resets.borrow_mut().push(id);
    }

    /// Whether the reset of this stream waits.
    pub fn has_pending_reset(&self, id: i32) -> bool {
        let mut pending = self.pending_resets.borrow_mut();
        let before = pending.len();
        pending.retain(|&other| other != id);
        pending.len() < before
    }

    /// Whether nghttp2 has something to say or to hear.
    pub fn has_pending_data(&self) -> bool {
        // SAFETY: getters of a live session.
        unsafe { nghttp2_session_want_write(self.ng()) != 0 || nghttp2_session_want_read(self.ng()) != 0 }
    }

    /// From now on JavaScript is told when nothing is left to do.
    pub fn set_graceful(&self) {
        self.graceful.set(true);
    }

    fn tell_if_graceful_close_is_complete(&self, scope: &mut v8::PinScope) {
        if self.graceful.get() && !self.destroyed.get() && !self.has_pending_data() {
            self.graceful.set(false);
            self.call(scope, |calls| &calls.on_graceful, &[]);
        }
    }

    /// Ends the session: the peer is told where that is still possible, then JavaScript.
    pub fn close(self: &Rc<Self>, scope: &mut v8::PinScope, code: u32, socket_closed: bool) {
        if self.closed.replace(true) {
            return;
        }
        self.reading_stopped.set(true);
        self.set_transport_reading(scope, false);
        if !socket_closed {
            let _scope = self.scope();
            // SAFETY: a live session.
            unsafe { nghttp2_session_terminate_session(self.ng(), code) };
            self.send_pending(scope);
        } else if let Some(channel) = self.transport.replace(Transport::None).channel() {
            channel.set_consumer(None);
        }
        self.destroyed.set(true);
        if !self.write_in_progress.get() {
            self.done(scope);
        }
        let pings = self.pings.take();
        if !pings.is_empty() {
            event_loop::current().enqueue_check(move |scope| {
                for ping in pings {
                    v8::scope!(let scope, scope);
                    ping.done(scope, false, None);
                }
            });
        }
    }

    /// Destroyed and written.
    fn done(self: &Rc<Self>, scope: &mut v8::PinScope) {
        self.call(scope, |calls| &calls.on_done, &[]);
        // To see the other end finish.
        self.reading_stopped.set(false);
        self.set_transport_reading(scope, true);
        if let Some(channel) = self.transport.replace(Transport::None).channel() {
            channel.set_consumer(Some(Rc::new(Rest)));
        }
        SESSIONS.with(|s| s.borrow_mut()[self.id] = None);
    }
}

impl Consumer for Session {
    fn data(self: Rc<Self>, scope: &mut v8::PinScope, from: &dyn Channel, data: Result<&[u8], i32>) {
        match data {
            Ok(bytes) => self.receive(scope, bytes),
            Err(status) => from.deliver_end(scope, status),
        }
    }
}

/// Takes what comes after a session: nobody needs it, but for its end.
struct Rest;

impl Consumer for Rest {
    fn data(self: Rc<Self>, scope: &mut v8::PinScope, from: &dyn Channel, data: Result<&[u8], i32>) {
        if let Err(status) = data {
            from.deliver_end(scope, status);
        }
    }
}

impl Transport {
    /// What a consumer is put on, where that is Rust's.
    fn channel(&self) -> Option<Rc<dyn Channel>> {
        match self {
            Transport::Native(stream) => Some(stream.clone()),
            Transport::Tls(connection) => Some(connection.clone()),
            Transport::None | Transport::Script => None,
        }
    }
}
