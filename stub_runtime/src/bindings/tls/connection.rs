//! One TLS connection over a stream of ours or over one that is JavaScript's.
//!
//! Owns: its state, the order of events, its end. Does not own: reading (`read.rs`), writing (`write.rs`), OpenSSL's view of the
//! stream (`bio.rs`) and its callbacks (`callbacks.rs`), the functions JavaScript calls (`api.rs`, `info.rs`, `peer.rs`),
//! `TLSSocket` (`js/internal/tls/socket.js`).
//!
//! OpenSSL reads straight from the buffer that the socket was read into and decrypts into the store that JavaScript gets; it
//! encrypts from JavaScript's own store into one buffer for many records, which goes to the socket with one system call. What
//! OpenSSL tells in a callback is queued and told to JavaScript after OpenSSL's call has returned, so JavaScript may do anything.

use super::context::SecureContext;
use super::error::{self, Failure};
use super::write::Pending;
use super::{bio, ffi};
use crate::bindings::stream_handle::{Channel, Consumer, Request, Stream, deliver_bytes, deliver_status};
use crate::{binding, event_loop};
use openssl_sys::*;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// What JavaScript is told. The numbers are those of `js/internal/tls/handle.js`.
pub enum Event {
    /// A handshake begins, at this time of the loop.
    HandshakeStart(u64),
    HandshakeDone,
    /// A server got a client's hello and waits for `clientHelloDone`.
    ClientHello {
        session_id: Vec<u8>,
        servername: String,
        has_ticket: bool,
    },
    /// A server chooses its certificate and waits for `certCbDone`.
    Certificate {
        servername: String,
        ocsp: bool,
    },
    /// A session that can be resumed: its id and its DER.
    NewSession(Vec<u8>, Vec<u8>),
    Keylog(Vec<u8>),
    Ocsp(Option<Vec<u8>>),
    Error(Failure),
    Data(Vec<u8>),
    /// The peer ended, or reading failed.
    End(i32),
    /// A write is done: its request, the status and OpenSSL's words for it.
    Written(Request, i32, Option<String>),
}

/// A question to JavaScript in the middle of a handshake.
#[derive(Clone, Copy, PartialEq)]
pub enum Question {
    /// Nobody wants to be asked.
    Off,
    /// To be asked.
    Wanted,
    /// Asked, no answer yet.
    Asked,
    /// Answered.
    Done,
}

/// What is below.
pub enum Transport {
    Native(Rc<Stream>),
    /// JavaScript writes what it is given, tells when that is done and feeds what arrives.
    Script,
    /// Destroyed.
    Gone,
}

/// One connection. Its address is the `SSL`'s application data and the BIO's; the `SSL` is freed with it.
pub struct Connection {
    pub(super) ssl: *mut SSL,
    pub(super) is_server: bool,
    object: v8::Global<v8::Object>,
    context: v8::Global<v8::Value>,
    /// The context that its application data points to.
    pub(super) secure: Rc<SecureContext>,
    /// The context that SNI chose.
    pub(super) sni: RefCell<Option<Rc<SecureContext>>>,
    pub(super) transport: RefCell<Transport>,
    /// What was read from the stream and OpenSSL has not taken: a part of the reader's buffer, only during [`Self::feed`].
    pub(super) input: Cell<(*const u8, usize)>,
    /// The same kept from earlier, while a handshake waits; and how much of it is taken.
    pub(super) kept: RefCell<(Vec<u8>, usize)>,
    pub(super) out: RefCell<Vec<u8>>,
    /// The stream has not taken all of the last flush yet.
    pub(super) sending: Cell<bool>,
    /// Nothing is sent until the server has stored a session.
    pub(super) held: Cell<bool>,
    pub(super) writes: RefCell<VecDeque<Pending>>,
    pub(super) events: RefCell<VecDeque<Event>>,
    dispatching: Cell<bool>,
    scheduled: Cell<bool>,
    pub(super) established: Cell<bool>,
    pub(super) ended: Cell<bool>,
    pub(super) failed: Cell<bool>,
    pub(super) hello: Cell<Question>,
    pub(super) certificate: Cell<Question>,
    pub(super) wants_sessions: Cell<bool>,
    /// The session that `resumeSession` found.
    pub(super) found_session: Cell<*mut SSL_SESSION>,
    pub(super) alpn: RefCell<Vec<u8>>,
    pub(super) asks_alpn: Cell<bool>,
    pub(super) ocsp_response: RefCell<Option<Vec<u8>>>,
    read_limit: Cell<usize>,
    consumer: RefCell<Option<Rc<dyn Consumer>>>,
    pub(super) prior_writes: Cell<bool>,
    pub(super) bytes_read: Cell<u64>,
    pub(super) bytes_written: Cell<u64>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: the SSL and the session are ours; the SSL frees its BIO.
        unsafe {
            SSL_free(self.ssl);
            SSL_SESSION_free(self.found_session.get());
        }
    }
}

// SAFETY: as above.
impl Connection {
    /// A connection for the JavaScript object `object` over `stream`, or over what JavaScript feeds.
    pub fn new(
        scope: &mut v8::PinScope,
        object: v8::Local<v8::Object>,
        secure: Rc<SecureContext>,
        is_server: bool,
        stream: Option<Rc<Stream>>,
        prior_writes: bool,
    ) -> Option<Rc<Connection>> {
        let context = scope.get_continuation_preserved_embedder_data();
        // SAFETY: a new SSL of a context that is alive.
        let ssl = unsafe { SSL_new(secure.as_ptr()) };
        if ssl.is_null() {
            return None;
        }
        let connection = Rc::new(Connection {
            ssl,
            is_server,
            object: v8::Global::new(scope, object),
            context: v8::Global::new(scope, context),
            secure,
            sni: RefCell::default(),
            transport: RefCell::new(stream.map_or(Transport::Script, Transport::Native)),
            input: Cell::new((std::ptr::null(), 0)),
            kept: RefCell::default(),
            out: RefCell::default(),
            sending: Cell::new(false),
            held: Cell::new(false),
            writes: RefCell::default(),
            events: RefCell::default(),
            dispatching: Cell::new(false),
            scheduled: Cell::new(false),
            established: Cell::new(false),
            ended: Cell::new(false),
            failed: Cell::new(false),
            hello: Cell::new(Question::Off),
            certificate: Cell::new(Question::Off),
            wants_sessions: Cell::new(false),
            found_session: Cell::new(std::ptr::null_mut()),
            alpn: RefCell::default(),
            asks_alpn: Cell::new(false),
            ocsp_response: RefCell::default(),
            read_limit: Cell::new(usize::MAX),
            consumer: RefCell::default(),
            prior_writes: Cell::new(prior_writes),
            bytes_read: Cell::new(0),
            bytes_written: Cell::new(0),
        });
        let address = Rc::as_ptr(&connection).cast_mut().cast();
        // SAFETY: the SSL takes the BIO over; the connection outlives both.
        unsafe {
            let bio = bio::new(address);
            SSL_set_bio(ssl, bio, bio);
            SSL_set_ex_data(ssl, 0, address);
            ffi::SSL_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
            ffi::SSL_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
            super::callbacks::install_on(ssl);
            if is_server { SSL_set_accept_state(ssl) } else { SSL_set_connect_state(ssl) }
        }
        if let Transport::Native(stream) = &*connection.transport.borrow() {
            stream.set_consumer(Some(connection.clone()));
        }
        Some(connection)
    }

    /// Queues an event; it is told once OpenSSL's call has returned.
    pub fn tell(&self, event: Event) {
        self.events.borrow_mut().push_back(event);
    }

    pub(super) fn is_gone(&self) -> bool {
        matches!(*self.transport.borrow(), Transport::Gone)
    }

    /// Begins a client's handshake.
    pub fn start(self: &Rc<Self>, scope: &mut v8::PinScope) {
        self.cycle(scope);
    }

    /// Goes on after something has changed, from JavaScript's side.
    pub fn cycle(self: &Rc<Self>, scope: &mut v8::PinScope) {
        self.read_clear(scope, false);
        self.pump(scope);
        self.dispatch_later();
    }

    /// Lets go of the stream and ends writes; the SSL goes with the last reference.
    pub fn destroy(self: &Rc<Self>) {
        let transport = self.transport.replace(Transport::Gone);
        if let Transport::Native(stream) = &transport
            && stream.consumer_is(self)
        {
            stream.set_consumer(None);
        }
        self.consumer.replace(None);
        let words = "Canceled because of SSL destruction".to_owned();
        self.fail_writes(-libc::ECANCELED, Some(words));
        self.events.borrow_mut().retain(|e| matches!(e, Event::Written(..)));
        self.dispatch_later();
    }

    /// Tells JavaScript what is queued, from the loop soon; at once where the loop is telling it already.
    pub fn dispatch_later(self: &Rc<Self>) {
        if !self.dispatching.get() {
            self.dispatch_soon();
        }
    }

    /// Tells JavaScript what is queued from the loop's next turn.
    pub(super) fn dispatch_soon(self: &Rc<Self>) {
        if self.events.borrow().is_empty() || self.scheduled.replace(true) {
            return;
        }
        let this = self.clone();
        event_loop::current().enqueue(move |scope| {
            this.scheduled.set(false);
            this.dispatch(scope);
        });
    }

    /// Tells JavaScript what is queued. Called from the loop.
    pub fn dispatch(self: &Rc<Self>, scope: &mut v8::PinScope) {
        if self.dispatching.replace(true) {
            return;
        }
        loop {
            let Some(event) = self.events.borrow_mut().pop_front() else { break };
            v8::scope!(let scope, scope);
            match event {
                Event::Data(bytes) => self.deliver(scope, bytes),
                Event::End(status) => self.deliver_end_to_consumer(scope, status),
                Event::Written(request, status, words) => {
                    if let Some(words) = words {
                        request.set_error(scope, &words);
                    }
                    request.complete(scope, status, &self.object);
                }
                event => super::tell(scope, &self.context, &self.object, event),
            }
        }
        self.dispatching.set(false);
    }

    fn deliver(self: &Rc<Self>, scope: &mut v8::PinScope, bytes: Vec<u8>) {
        let consumer = self.consumer.borrow().clone();
        if let Some(consumer) = consumer {
            return consumer.data(scope, &**self, Ok(&bytes));
        }
        if self.is_gone() {
            return;
        }
        let limit = self.read_limit.get();
        if bytes.len() <= limit {
            return deliver_bytes(scope, &self.context, &self.object, bytes, -1);
        }
        for part in bytes.chunks(limit) {
            v8::scope!(let scope, scope);
            deliver_bytes(scope, &self.context, &self.object, part.to_vec(), -1);
        }
    }

    fn deliver_end_to_consumer(self: &Rc<Self>, scope: &mut v8::PinScope, status: i32) {
        let consumer = self.consumer.borrow().clone();
        match consumer {
            Some(consumer) => consumer.data(scope, &**self, Err(status)),
            None => self.deliver_end(scope, status),
        }
    }

    /// At most so many bytes are delivered at once.
    pub fn set_read_limit(&self, bytes: usize) {
        self.read_limit.set(bytes.max(1));
    }

    pub(super) fn count_written(&self, bytes: usize) {
        self.bytes_written.set(self.bytes_written.get() + bytes as u64);
    }

    /// Bytes of plaintext read and written.
    pub fn counts(&self) -> (u64, u64) {
        (self.bytes_read.get(), self.bytes_written.get())
    }

    /// Ciphertext that waits.
    pub fn queued(&self) -> usize {
        let below = match &*self.transport.borrow() {
            Transport::Native(stream) => stream.queued(),
            _ => 0,
        };
        self.out.borrow().len() + below
    }

    /// Its object as a value.
    pub fn object_value<'s>(&self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        v8::Local::new(scope, &self.object).into()
    }
}

impl Channel for Connection {
    fn set_consumer(&self, consumer: Option<Rc<dyn Consumer>>) {
        let _before = self.consumer.replace(consumer);
    }

    fn deliver_end(&self, scope: &mut v8::PinScope, status: i32) {
        if !self.is_gone() {
            deliver_status(scope, &self.context, &self.object, status);
        }
    }
}

impl Consumer for Connection {
    fn data(self: Rc<Self>, scope: &mut v8::PinScope, _: &dyn Channel, data: Result<&[u8], i32>) {
        match data {
            Ok(bytes) => self.feed(scope, bytes, true),
            Err(status) => self.feed_end(scope, status),
        }
        self.dispatch(scope);
        self.pump(scope);
        self.dispatch(scope);
    }
}

/// The text of a hostname in a hello.
pub fn servername(ssl: *mut SSL) -> Option<String> {
    // SAFETY: the SSL is alive, and so is its text.
    error::text(unsafe { SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) })
}

/// A Buffer argument for JavaScript.
pub fn buffer<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: Vec<u8>) -> v8::Local<'s, v8::Value> {
    binding::uint8_array(scope, bytes).into()
}
