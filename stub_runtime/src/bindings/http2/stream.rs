//! One stream of a session: what waits to be sent on it, what arrives, when it is over.

use super::ffi::*;
use super::headers::{Incoming, Outgoing};
use super::messaging::Message;
use super::{Session, Waiting};
use crate::bindings::stream_handle::Chunk;
use crate::event_loop;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Instant;

/// Options of requests and responses: there is no body.
pub const EMPTY_PAYLOAD: i32 = 1;
/// Options of requests and responses: JavaScript is asked for trailers when the body is sent.
pub const GET_TRAILERS: i32 = 2;

/// A part of a body that waits; the write it is the last part of.
pub struct Part {
    chunk: Chunk,
    waiting: Option<Waiting>,
}

/// Times and sizes for performance entries.
pub struct Statistics {
    pub start: Instant,
    pub first_header: Cell<Option<Instant>>,
    pub first_byte: Cell<Option<Instant>>,
    pub first_byte_sent: Cell<Option<Instant>>,
    pub sent: Cell<u64>,
    pub received: Cell<u64>,
}

/// A stream that is not destroyed.
pub struct Stream {
    /// Its number in the session.
    pub id: i32,
    /// JavaScript's handle, once it was told of the stream, and the async context of that.
    pub object: RefCell<Option<(v8::Global<v8::Object>, v8::Global<v8::Value>)>>,
    queue: RefCell<VecDeque<Part>>,
    available: Cell<usize>,
    writable: Cell<bool>,
    reading: Cell<bool>,
    destroyed: Cell<bool>,
    has_trailers: Cell<bool>,
    reset_code: Cell<u32>,
    /// The peer sent RST_STREAM.
    pub peer_reset: Cell<bool>,
    /// Bytes that JavaScript has while it wants no more: the window opens when it reads again.
    unacknowledged: Cell<usize>,
    headers: RefCell<Incoming>,
    max_header_size: usize,
    /// What the peer sends on it, checked as it comes.
    pub message: RefCell<Message>,
    /// The peer's message broke the rules: the stream is being reset.
    pub malformed: Cell<bool>,
    /// What kind of header block arrives.
    pub category: Cell<i32>,
    /// For performance entries.
    pub statistics: Statistics,
}

impl Stream {
    /// A new one, which the session knows from now on.
    pub fn add(session: &Rc<Session>, id: i32, category: i32, options: i32) -> Rc<Stream> {
        // SAFETY: a getter of a live session.
        let max_header_size =
            unsafe { nghttp2_session_get_local_settings(session.ng(), NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE as _) };
        let stream = Rc::new(Stream {
            id,
            object: RefCell::default(),
            queue: RefCell::default(),
            available: Cell::new(0),
            writable: Cell::new(options & EMPTY_PAYLOAD == 0),
            reading: Cell::new(false),
            destroyed: Cell::new(false),
            has_trailers: Cell::new(options & GET_TRAILERS != 0),
            reset_code: Cell::new(0),
            peer_reset: Cell::new(false),
            unacknowledged: Cell::new(0),
            headers: RefCell::default(),
            max_header_size: (max_header_size as usize).min(16_777_215),
            message: RefCell::new(Message::new(session.limits.lax_whitespace)),
            malformed: Cell::new(false),
            category: Cell::new(category),
            statistics: Statistics {
                start: Instant::now(),
                first_header: Cell::default(),
                first_byte: Cell::default(),
                first_byte_sent: Cell::default(),
                sent: Cell::default(),
                received: Cell::default(),
            },
        });
        session.stream_added(&stream);
        stream
    }

    /// Bytes of body that wait.
    pub fn available(&self) -> usize {
        self.available.get()
    }

    fn provider() -> nghttp2_data_provider2 {
        nghttp2_data_provider2 {
            source: nghttp2_data_source { ptr: std::ptr::null_mut() },
            read_callback: Some(super::callbacks::read_data),
        }
    }

    /// `Some` provider unless there is no body.
    pub fn provider_unless_empty(options: i32) -> Option<nghttp2_data_provider2> {
        (options & EMPTY_PAYLOAD == 0).then(Self::provider)
    }

    /// A header block begins to arrive.
    pub fn start_headers(&self, session: &Session, category: i32) {
        self.category.set(category);
        session.memory.remove(self.headers.take().size());
    }

    /// Adds a field; false where the block is too large.
    pub fn add_header(&self, session: &Session, name: &[u8], value: &[u8], flags: u8) -> bool {
        if !session.has_memory(name.len() + value.len()) {
            return false;
        }
        let first = &self.statistics.first_header;
        first.set(first.get().or_else(|| Some(Instant::now())));
        let mut headers = self.headers.borrow_mut();
        let before = headers.size();
        let added = headers.add(name, value, flags, session.limits.header_pairs, self.max_header_size);
        session.memory.add(headers.size() - before);
        added
    }

    /// The block that arrived.
    pub fn take_headers(&self, session: &Session) -> Incoming {
        let headers = self.headers.take();
        session.memory.remove(headers.size());
        headers
    }

    /// Queues a write; false where the stream takes no more.
    pub fn write(&self, session: &Rc<Session>, chunks: Vec<Chunk>, waiting: Waiting) -> bool {
        let _scope = session.scope();
        if !self.writable.get() || self.destroyed.get() {
            return false;
        }
        let mut waiting = Some(waiting);
        let last = chunks.len().saturating_sub(1);
        let mut queue = self.queue.borrow_mut();
        if chunks.is_empty() {
            queue.push_back(Part { chunk: Chunk::Owned(Vec::new()), waiting: waiting.take() });
        }
        for (i, chunk) in chunks.into_iter().enumerate() {
            self.available.set(self.available.get() + chunk.len());
            session.memory.add(chunk.len());
            queue.push_back(Part { chunk, waiting: if i == last { waiting.take() } else { None } });
        }
        drop(queue);
        self.resume(session);
        true
    }

    fn resume(&self, session: &Session) {
        // SAFETY: any number is allowed; one that has nothing to resume gives an error that does not matter.
        unsafe { nghttp2_session_resume_data(session.ng(), self.id) };
    }

    /// The body ends after what is queued.
    pub fn shutdown(&self, session: &Rc<Session>) -> bool {
        if self.destroyed.get() {
            return false;
        }
        let _scope = session.scope();
        self.writable.set(false);
        self.resume(session);
        true
    }

    /// The program wants data: what it had so far was taken.
    pub fn read_start(&self, session: &Rc<Session>) {
        let _scope = session.scope();
        self.reading.set(true);
        let bytes = self.unacknowledged.replace(0);
        if bytes > 0 {
            // SAFETY: as many bytes as were delivered.
            unsafe { nghttp2_session_consume_stream(session.ng(), self.id, bytes) };
        }
    }

    /// The program wants no more for now.
    pub fn read_stop(&self) {
        self.reading.set(false);
    }

    /// Accounts for bytes that were given to JavaScript.
    pub fn delivered(&self, session: &Session, bytes: usize) {
        if self.reading.get() {
            // SAFETY: as many bytes as were delivered.
            unsafe { nghttp2_session_consume_stream(session.ng(), self.id, bytes) };
        } else {
            self.unacknowledged.set(self.unacknowledged.get() + bytes);
        }
    }

    /// nghttp2 asks for up to `length` bytes: how many there are, or an error.
    pub fn provide(&self, scope: &mut v8::PinScope, session: &Rc<Session>, length: usize, flags: &mut u32) -> isize {
        let first = &self.statistics.first_byte_sent;
        first.set(first.get().or_else(|| Some(Instant::now())));
        // Empty writes tell their writer that the stream is being sent, nothing else.
        loop {
            let mut queue = self.queue.borrow_mut();
            if queue.front().is_none_or(|part| part.chunk.len() > 0) {
                break;
            }
            let part = queue.pop_front();
            drop(queue);
            if let Some(waiting) = part.and_then(|p| p.waiting) {
                waiting.complete(scope, 0);
            }
        }
        let amount = self.available.get().min(length);
        if amount > 0 {
            *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
            self.available.set(self.available.get() - amount);
        } else if self.writable.get() {
            return NGHTTP2_ERR_DEFERRED as isize;
        }
        if self.available.get() == 0 && !self.writable.get() {
            *flags |= NGHTTP2_DATA_FLAG_EOF;
            if self.has_trailers.replace(false) {
                *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
                self.call(scope, session, |calls| &calls.on_trailers, &[]);
            }
        }
        self.statistics.sent.set(self.statistics.sent.get() + amount as u64);
        amount as isize
    }

    /// Moves `length` bytes that were promised by `provide` to the session's output.
    pub fn send(&self, session: &Session, mut length: usize) {
        let mut queue = self.queue.borrow_mut();
        while length > 0 {
            let Some(part) = queue.front_mut() else { return };
            let size = part.chunk.len();
            if size <= length {
                length -= size;
                let part = queue.pop_front().expect("a part");
                session.push_chunk(part.chunk, part.waiting);
                session.memory.remove(size);
            } else {
                session.push_chunk(part.chunk.split_to(length), None);
                session.memory.remove(length);
                return;
            }
        }
    }

    /// Resets the stream, after what it still has to send where that can be sent now.
    pub fn reset(&self, scope: &mut v8::PinScope, session: &Rc<Session>, code: u32) {
        self.reset_code.set(code);
        // Inside of a callback the session must not be purged of a stream that it is working on.
        let at_work = code == NGHTTP2_CANCEL || (!self.writable.get() && self.reading.get());
        let busy = session.is_in_scope() && at_work;
        // nghttp2 sends a reset before data that was queued earlier.
        if busy || session.send_pending(scope) {
            session.add_pending_reset(self.id);
        } else {
            self.flush_reset(session);
        }
    }

    /// Queues RST_STREAM with the code of the last [`Stream::reset`].
    pub fn flush_reset(&self, session: &Rc<Session>) {
        if self.destroyed.get() {
            return;
        }
        let _scope = session.scope();
        // SAFETY: a live session and a stream's number.
        unsafe { nghttp2_submit_rst_stream(session.ng(), 0, self.id, self.reset_code.get()) };
    }

    /// JavaScript is done with it; writes that wait are cancelled a little later.
    pub fn destroy(self: &Rc<Self>, session: &Rc<Session>) {
        if self.destroyed.get() {
            return;
        }
        if session.has_pending_reset(self.id) {
            self.flush_reset(session);
        }
        self.destroyed.set(true);
        session.stream_removed(self);
        session.memory.remove(self.headers.take().size() + self.available.get());
        if self.queue.borrow().is_empty() {
            return;
        }
        let stream = self.clone();
        event_loop::current().enqueue_check(move |scope| {
            let parts = stream.queue.take();
            for waiting in parts.into_iter().filter_map(|p| p.waiting) {
                v8::scope!(let scope, scope);
                waiting.complete(scope, -libc::ECANCELED);
            }
        });
    }

    /// Calls one of JavaScript's functions with the handle in front, in its async context. `None` before JavaScript knows the
    /// stream, or where it threw.
    pub fn call<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        session: &Session,
        function: fn(&super::Calls) -> &v8::Global<v8::Function>,
        rest: &[v8::Local<'s, v8::Value>],
    ) -> Option<v8::Local<'s, v8::Value>> {
        let (object, context) = self.object.borrow().clone()?;
        let object = v8::Local::new(scope, &object).into();
        let args: Vec<_> = std::iter::once(object).chain(rest.iter().copied()).collect();
        session.call_in(scope, &context, function, &args)
    }

    /// Begins the response.
    pub fn respond(&self, session: &Rc<Session>, headers: &Outgoing, mut options: i32) -> i32 {
        let _scope = session.scope();
        if options & GET_TRAILERS != 0 {
            self.has_trailers.set(true);
        }
        if !self.writable.get() {
            options |= EMPTY_PAYLOAD;
        }
        let provider = Self::provider_unless_empty(options);
        let provider = provider.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: list and provider outlive the call, which copies them.
        unsafe { nghttp2_submit_response2(session.ng(), self.id, headers.as_ptr(), headers.len(), provider) }
    }

    /// An informational response.
    pub fn inform(&self, session: &Rc<Session>, headers: &Outgoing) -> i32 {
        let _scope = session.scope();
        // SAFETY: as above.
        unsafe {
            nghttp2_submit_headers(
                session.ng(),
                0,
                self.id,
                std::ptr::null(),
                headers.as_ptr(),
                headers.len(),
                std::ptr::null_mut(),
            )
        }
    }

    /// Trailers, or an empty DATA frame where there are none: some clients do not take an empty HEADERS frame at the end.
    pub fn trailers(&self, session: &Rc<Session>, headers: &Outgoing) -> i32 {
        let _scope = session.scope();
        // SAFETY: as above.
        unsafe {
            if headers.len() > 0 {
                return nghttp2_submit_trailer(session.ng(), self.id, headers.as_ptr(), headers.len());
            }
            let provider = Self::provider();
            nghttp2_submit_data2(session.ng(), NGHTTP2_FLAG_END_STREAM as u8, self.id, &provider)
        }
    }

    /// Promises another stream; its number or an error.
    pub fn push(&self, session: &Rc<Session>, headers: &Outgoing, options: i32) -> i32 {
        let _scope = session.scope();
        // SAFETY: as above.
        let id = unsafe {
            nghttp2_submit_push_promise(session.ng(), 0, self.id, headers.as_ptr(), headers.len(), std::ptr::null_mut())
        };
        if id > 0 {
            Stream::add(session, id, NGHTTP2_HCAT_HEADERS as i32, options);
        }
        id
    }
}
