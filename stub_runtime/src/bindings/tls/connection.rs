//! One TLS connection over a stream of ours or over one that is JavaScript's.
//!
//! Owns: the BIO between OpenSSL and the stream, reading, the queue of writes, the order of events. Does not own: OpenSSL's
//! callbacks (`callbacks.rs`), the functions JavaScript calls (`tls.rs`, `info.rs`), `TLSSocket` (`js/internal/tls/socket.js`).
//!
//! OpenSSL reads straight from the buffer that the socket was read into and decrypts into the store that JavaScript gets; it
//! encrypts from JavaScript's own store into one buffer for many records, which goes to the socket with one system call. What
//! OpenSSL tells in a callback is queued and told to JavaScript after OpenSSL's call has returned, so JavaScript may do anything.

use super::context::SecureContext;
use super::error::{self, Failure};
use super::ffi;
use super::scope::lend;
use crate::bindings::stream_handle::{Channel, Chunk, Consumer, EOF, Request, Stream, deliver_bytes, deliver_status};
use crate::{binding, event_loop};
use openssl_sys::*;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ffi::{c_char, c_int, c_long, c_void};
use std::rc::Rc;
use std::sync::OnceLock;

/// Plaintext that is encrypted before the socket is tried.
const PIECE: usize = 128 * 1024;
/// Most of one record; chunks below it are joined.
const RECORD: usize = 16 * 1024;
/// Least room for a read: nothing is allocated for handshakes beyond it.
const LEAST_READ: usize = 1024;
/// Buffers above this are not kept for the next flush.
const KEEP_OUT: usize = 256 * 1024;

thread_local! {
    static OUT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

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
enum Transport {
    Native(Rc<Stream>),
    /// JavaScript writes what it is given, tells when that is done and feeds what arrives.
    Script,
    /// Destroyed.
    Gone,
}

struct Pending {
    chunks: Vec<Chunk>,
    /// First chunk that is not wholly encrypted, and bytes of it that are.
    next: usize,
    offset: usize,
    request: Option<Request>,
}

impl Pending {
    fn is_encrypted(&self) -> bool {
        self.next == self.chunks.len()
    }

    fn advance(&mut self, mut n: usize) {
        while n > 0 {
            let left = self.chunks[self.next].len() - self.offset;
            if n < left {
                self.offset += n;
                return;
            }
            n -= left;
            self.offset = 0;
            self.next += 1;
        }
    }

    fn skip_empty(&mut self) {
        while self.next < self.chunks.len() && self.chunks[self.next].len() == self.offset {
            self.next += 1;
            self.offset = 0;
        }
    }
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
    transport: RefCell<Transport>,
    /// What was read from the stream and OpenSSL has not taken: a part of the reader's buffer, only during [`Self::feed`].
    input: Cell<(*const u8, usize)>,
    /// The same kept from earlier, while a handshake waits; and how much of it is taken.
    kept: RefCell<(Vec<u8>, usize)>,
    out: RefCell<Vec<u8>>,
    /// The stream has not taken all of the last flush yet.
    sending: Cell<bool>,
    /// Nothing is sent until the server has stored a session.
    pub(super) held: Cell<bool>,
    writes: RefCell<VecDeque<Pending>>,
    events: RefCell<VecDeque<Event>>,
    dispatching: Cell<bool>,
    scheduled: Cell<bool>,
    pub(super) established: Cell<bool>,
    ended: Cell<bool>,
    failed: Cell<bool>,
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
    prior_writes: Cell<bool>,
    bytes_read: Cell<u64>,
    bytes_written: Cell<u64>,
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

struct BioMethod(*mut BIO_METHOD);
// SAFETY: not changed after it was made.
unsafe impl Send for BioMethod {}
// SAFETY: as above.
unsafe impl Sync for BioMethod {}

fn bio_method() -> *mut BIO_METHOD {
    static METHOD: OnceLock<BioMethod> = OnceLock::new();
    METHOD
        .get_or_init(|| {
            const BIO_TYPE_SOURCE_SINK: c_int = 0x0400;
            // SAFETY: a new method with static functions.
            unsafe {
                let method = BIO_meth_new(ffi::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, c"stream".as_ptr());
                BIO_meth_set_write__fixed_rust(method, Some(bio_write));
                BIO_meth_set_read__fixed_rust(method, Some(bio_read));
                BIO_meth_set_ctrl__fixed_rust(method, Some(bio_ctrl));
                BioMethod(method)
            }
        })
        .0
}

/// The connection of a BIO.
unsafe fn owner<'a>(bio: *mut BIO) -> Option<&'a Connection> {
    // SAFETY: the data is the connection, which outlives its SSL and so the BIO.
    unsafe { BIO_get_data(bio).cast::<Connection>().cast_const().as_ref() }
}

unsafe extern "C" fn bio_write(bio: *mut BIO, data: *const c_char, length: c_int) -> c_int {
    // SAFETY: OpenSSL gives `length` bytes.
    unsafe {
        BIO_clear_retry_flags(bio);
        let Some(connection) = owner(bio) else { return -1 };
        let bytes = std::slice::from_raw_parts(data.cast::<u8>(), length as usize);
        connection.out.borrow_mut().extend_from_slice(bytes);
    }
    length
}

unsafe extern "C" fn bio_read(bio: *mut BIO, buffer: *mut c_char, length: c_int) -> c_int {
    // SAFETY: OpenSSL gives room for `length` bytes.
    unsafe {
        BIO_clear_retry_flags(bio);
        let Some(connection) = owner(bio) else { return -1 };
        let n = connection.take_input(std::slice::from_raw_parts_mut(buffer.cast::<u8>(), length as usize));
        if n == 0 {
            BIO_set_retry_read(bio);
            return -1;
        }
        n as c_int
    }
}

unsafe extern "C" fn bio_ctrl(_: *mut BIO, command: c_int, _: c_long, _: *mut c_void) -> c_long {
    c_long::from(command == BIO_CTRL_FLUSH)
}

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
            let bio = BIO_new(bio_method());
            BIO_set_data(bio, address);
            BIO_set_init(bio, 1);
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

    fn is_gone(&self) -> bool {
        matches!(*self.transport.borrow(), Transport::Gone)
    }

    fn take_input(&self, room: &mut [u8]) -> usize {
        {
            let mut kept = self.kept.borrow_mut();
            let (bytes, taken) = &mut *kept;
            let n = room.len().min(bytes.len() - *taken);
            if n > 0 {
                room[..n].copy_from_slice(&bytes[*taken..*taken + n]);
                *taken += n;
                if *taken == bytes.len() {
                    *kept = Default::default();
                }
                return n;
            }
        }
        let (data, length) = self.input.get();
        let n = room.len().min(length);
        if n > 0 {
            // SAFETY: `input` is only set while the slice it came from is alive.
            unsafe {
                std::ptr::copy_nonoverlapping(data, room.as_mut_ptr(), n);
                self.input.set((data.add(n), length - n));
            }
        }
        n
    }

    /// Bytes that OpenSSL has not taken yet.
    fn waiting_input(&self) -> usize {
        let kept = self.kept.borrow();
        kept.0.len() - kept.1 + self.input.get().1
    }

    /// Takes bytes of the stream.
    pub fn feed(self: &Rc<Self>, scope: &mut v8::PinScope, bytes: &[u8], from_loop: bool) {
        if self.ended.get() || self.is_gone() {
            return;
        }
        self.input.set((bytes.as_ptr(), bytes.len()));
        self.read_clear(scope, from_loop);
        let (data, length) = self.input.replace((std::ptr::null(), 0));
        if length > 0 {
            // SAFETY: the rest of `bytes`.
            let rest = unsafe { std::slice::from_raw_parts(data, length) };
            self.kept.borrow_mut().0.extend_from_slice(rest);
        }
    }

    /// The stream below has ended or failed.
    pub fn feed_end(self: &Rc<Self>, scope: &mut v8::PinScope, status: i32) {
        if self.ended.get() || self.is_gone() {
            return;
        }
        self.read_clear(scope, false);
        if self.ended.get() {
            return;
        }
        if status == EOF {
            self.ended.set(true);
        }
        self.tell(Event::End(status));
    }

    /// Goes on with what was read: handshake, decryption. Queues what comes of it; `from_loop`: tells events at once, before
    /// OpenSSL goes on.
    pub fn read_clear(self: &Rc<Self>, scope: &mut v8::PinScope, from_loop: bool) {
        if self.failed.get() || self.is_asking() {
            return;
        }
        let mut clear: Vec<u8> = Vec::new();
        while !self.ended.get() && !self.is_gone() {
            if clear.capacity() == clear.len() {
                clear.reserve_exact(self.waiting_input().clamp(LEAST_READ, 4 * RECORD));
            }
            let told = self.events.borrow().len();
            let waiting = self.waiting_input();
            let n = self.read_into(scope, &mut clear, told);
            if n > 0 {
                self.bytes_read.set(self.bytes_read.get() + n as u64);
                // Full records are part of something bigger; others are told one by one, as Node does.
                if clear.len() == clear.capacity() {
                    self.tell(Event::Data(std::mem::take(&mut clear)));
                } else if (n as usize) < RECORD {
                    self.tell(Event::Data(clear.clone()));
                    clear.clear();
                }
                continue;
            }
            // SAFETY: right after the read on this thread.
            let reason = unsafe { SSL_get_error(self.ssl, n) };
            if !clear.is_empty() {
                self.tell(Event::Data(std::mem::take(&mut clear)));
            }
            match reason {
                SSL_ERROR_ZERO_RETURN => {
                    self.ended.set(true);
                    self.tell(Event::End(EOF));
                }
                SSL_ERROR_SSL | SSL_ERROR_SYSCALL => {
                    self.failed.set(true);
                    let failure = Failure::take();
                    // The alert goes before JavaScript closes the socket.
                    self.flush(scope, true);
                    self.tell(Event::Error(failure));
                    return;
                }
                // Without SSL_MODE_AUTO_RETRY OpenSSL returns after what was no data: a session, say.
                SSL_ERROR_WANT_READ if self.waiting_input() > 0 && self.waiting_input() < waiting => {
                    if from_loop {
                        self.dispatch(scope);
                    }
                    continue;
                }
                _ => {}
            }
            return;
        }
    }

    /// Decrypts once into the room of `clear`. Data that came before an event of this read is told first; `told` is the number
    /// of events before it.
    fn read_into(&self, scope: &mut v8::PinScope, clear: &mut Vec<u8>, told: usize) -> c_int {
        error::clear();
        let room = clear.spare_capacity_mut();
        let (pointer, size) = (room.as_mut_ptr(), room.len());
        // SAFETY: `pointer` has room for `size` bytes.
        let n = lend(scope, || unsafe { SSL_read(self.ssl, pointer.cast(), size as c_int) });
        if !clear.is_empty() && self.events.borrow().len() > told {
            let mut earlier = clear.clone();
            if n > 0 {
                // SAFETY: OpenSSL wrote `n` bytes behind the earlier ones.
                unsafe { clear.set_len(clear.len() + n as usize) };
                clear.drain(..earlier.len());
            } else {
                clear.clear();
            }
            earlier.shrink_to_fit();
            self.events.borrow_mut().insert(told, Event::Data(earlier));
        } else if n > 0 {
            // SAFETY: OpenSSL wrote `n` bytes of the room.
            unsafe { clear.set_len(clear.len() + n as usize) };
        }
        n
    }

    /// Whether the handshake waits for an answer from JavaScript.
    fn is_asking(&self) -> bool {
        self.hello.get() == Question::Asked || self.certificate.get() == Question::Asked
    }

    /// Sends what OpenSSL has written; `anyway` even while an earlier part waits.
    pub fn flush(self: &Rc<Self>, scope: &mut v8::PinScope, anyway: bool) {
        if self.held.get() || self.prior_writes.get() || (self.sending.get() && !anyway) {
            return;
        }
        let mut out = self.out.take();
        if out.is_empty() {
            return;
        }
        let stream = match &*self.transport.borrow() {
            Transport::Native(stream) => Some(stream.clone()),
            Transport::Script => None,
            Transport::Gone => return,
        };
        let Some(stream) = stream else {
            self.sending.set(true);
            super::send_output(scope, self, out);
            return;
        };
        let written = stream.try_write(&[&out]);
        if written < 0 {
            return self.fail_writes(written as i32, None);
        }
        let written = written as usize;
        if written == out.len() {
            if out.capacity() <= KEEP_OUT {
                out.clear();
                OUT.set(out);
            }
            return;
        }
        out.drain(..written);
        let this = self.clone();
        let status = stream.write(
            vec![Chunk::Owned(out)],
            || Some(Request::native(move |scope, status| this.sent(scope, status))),
            None,
        );
        match status {
            1 => self.sending.set(true),
            0 => {}
            error => self.fail_writes(error, None),
        }
    }

    /// The stream has taken the last flush.
    pub fn sent(self: &Rc<Self>, scope: &mut v8::PinScope, status: i32) {
        self.sent_by_script(scope, status);
        self.dispatch(scope);
    }

    /// [`Self::sent`] for a stream of JavaScript's, which calls.
    pub fn sent_by_script(self: &Rc<Self>, scope: &mut v8::PinScope, status: i32) {
        self.sending.set(false);
        if self.is_gone() {
            return;
        }
        if status < 0 {
            self.fail_writes(status, None);
        } else {
            self.pump(scope);
        }
        self.dispatch_later();
    }

    fn fail_writes(&self, status: i32, words: Option<String>) {
        let writes: Vec<Pending> = self.writes.borrow_mut().drain(..).collect();
        for request in writes.into_iter().filter_map(|w| w.request) {
            self.tell(Event::Written(request, status, words.clone()));
        }
    }

    /// Encrypts the next piece of `pending`: `Ok(false)` if OpenSSL cannot now.
    fn encrypt(&self, scope: &mut v8::PinScope, pending: &mut Pending) -> Result<bool, ()> {
        if self.out.borrow().capacity() == 0 {
            *self.out.borrow_mut() = OUT.take();
        }
        let mut done = 0;
        while done < PIECE {
            pending.skip_empty();
            if pending.is_encrypted() {
                return Ok(true);
            }
            let chunk = &pending.chunks[pending.next].bytes()[pending.offset..];
            let joined: Vec<u8>;
            let bytes = if chunk.len() >= RECORD || pending.next + 1 == pending.chunks.len() {
                &chunk[..chunk.len().min(PIECE)]
            } else {
                // Small chunks share a record.
                let mut part = Vec::with_capacity(RECORD);
                part.extend_from_slice(chunk);
                for next in &pending.chunks[pending.next + 1..] {
                    let room = RECORD - part.len();
                    part.extend_from_slice(&next.bytes()[..next.len().min(room)]);
                    if part.len() == RECORD {
                        break;
                    }
                }
                joined = part;
                &joined
            };
            error::clear();
            // Records have a header, an IV and a tag.
            self.out.borrow_mut().reserve(bytes.len() + (bytes.len() / RECORD + 1) * 64);
            // SAFETY: the bytes outlive the call: JavaScript that a callback may run cannot free the stores that are held.
            let n = lend(scope, || unsafe { SSL_write(self.ssl, bytes.as_ptr().cast(), bytes.len() as c_int) });
            if n <= 0 {
                // SAFETY: right after the write on this thread.
                return match unsafe { SSL_get_error(self.ssl, n) } {
                    SSL_ERROR_SSL | SSL_ERROR_SYSCALL => Err(()),
                    _ => Ok(false),
                };
            }
            done += n as usize;
            pending.advance(n as usize);
        }
        Ok(true)
    }

    /// Encrypts and sends `pending` as far as the socket takes it. `Ok(true)`: all of it.
    fn drive(self: &Rc<Self>, scope: &mut v8::PinScope, pending: &mut Pending) -> Result<bool, ()> {
        loop {
            let more = self.encrypt(scope, pending)?;
            self.flush(scope, false);
            if self.sending.get() || self.held.get() || !more || self.is_gone() {
                return Ok(false);
            }
            if pending.is_encrypted() {
                return Ok(true);
            }
        }
    }

    /// Whether a write can be encrypted now.
    fn can_write(&self) -> bool {
        self.established.get() && !self.sending.get() && !self.held.get() && !self.prior_writes.get()
    }

    /// Goes on with queued writes, and sends what there is.
    pub fn pump(self: &Rc<Self>, scope: &mut v8::PinScope) {
        self.flush(scope, false);
        while self.can_write() && !self.is_gone() {
            let Some(mut pending) = self.writes.borrow_mut().pop_front() else { return };
            match self.drive(scope, &mut pending) {
                Ok(true) => {
                    if let Some(request) = pending.request {
                        self.tell(Event::Written(request, 0, None));
                    }
                }
                Ok(false) => {
                    self.writes.borrow_mut().push_front(pending);
                    return;
                }
                Err(()) => {
                    self.writes.borrow_mut().push_front(pending);
                    let words = error::last_line();
                    return self.fail_writes(-libc::EPROTO, Some(words));
                }
            }
        }
    }

    /// Writes plaintext. 1: `request` is told when it is done; negative: errno. Never done at once: what a program writes
    /// meanwhile then goes in one record.
    pub fn write(
        self: &Rc<Self>,
        scope: &mut v8::PinScope,
        chunks: Vec<Chunk>,
        request: impl FnOnce(&mut v8::PinScope) -> Option<Request>,
    ) -> i32 {
        if self.is_gone() {
            return -libc::EPROTO;
        }
        self.count_written(chunks.iter().map(Chunk::len).sum());
        let mut pending = Pending { chunks, next: 0, offset: 0, request: None };
        pending.skip_empty();
        if pending.is_encrypted() {
            // Nothing to send, but a renegotiation may have been asked for.
            self.read_clear(scope, false);
            self.pump(scope);
        }
        if self.can_write() && self.writes.borrow().is_empty() {
            match self.drive(scope, &mut pending) {
                Ok(true) => {
                    if let Some(request) = request(scope) {
                        self.tell(Event::Written(request, 0, None));
                    }
                    self.dispatch_soon();
                    return 1;
                }
                Ok(false) => {}
                Err(()) => {
                    error::clear();
                    return -libc::EPROTO;
                }
            }
        }
        // The stream below keeps the loop alive, or does not: a socket that is unref'd in its handshake lets the program end.
        pending.request = request(scope).map(Request::unref);
        self.writes.borrow_mut().push_back(pending);
        if !self.established.get() {
            // Writing begins a handshake that nobody has started.
            self.cycle(scope);
        }
        self.dispatch_later();
        1
    }

    /// Encrypts and sends `parts` if all can go at once; the number of bytes, 0 where nothing was done, or a negative errno.
    /// What the socket does not take is kept and sent later.
    pub fn try_write(self: &Rc<Self>, scope: &mut v8::PinScope, parts: Vec<Chunk>) -> isize {
        if self.is_gone() {
            return -libc::EPROTO as isize;
        }
        let total: usize = parts.iter().map(Chunk::len).sum();
        if !self.can_write() || !self.writes.borrow().is_empty() || total > PIECE {
            return 0;
        }
        self.count_written(total);
        let mut pending = Pending { chunks: parts, next: 0, offset: 0, request: None };
        pending.skip_empty();
        let result = self.drive(scope, &mut pending);
        self.dispatch_later();
        match result {
            Ok(_) if pending.is_encrypted() => total as isize,
            Ok(_) => {
                self.writes.borrow_mut().push_back(pending);
                total as isize
            }
            Err(()) => {
                error::clear();
                -libc::EPROTO as isize
            }
        }
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

    /// Writes of the socket's earlier owner are done: what waits may be sent.
    pub fn prior_writes_done(self: &Rc<Self>, scope: &mut v8::PinScope) {
        self.prior_writes.set(false);
        self.cycle(scope);
    }

    /// Sends `close_notify`, and ends the stream below if it is ours: then `request` is told, and the result is not 1.
    pub fn shutdown(self: &Rc<Self>, scope: &mut v8::PinScope, request: v8::Local<v8::Value>) -> i32 {
        error::clear();
        if !self.is_gone() {
            // The second call only looks whether the peer has said so too.
            // SAFETY: the SSL is alive.
            lend(scope, || unsafe {
                if SSL_shutdown(self.ssl) == 0 {
                    SSL_shutdown(self.ssl);
                }
            });
            error::clear();
            self.flush(scope, true);
            self.dispatch_later();
        }
        let transport = self.transport.borrow();
        match &*transport {
            Transport::Native(stream) => match Request::new(scope, request) {
                Some(request) => stream.shutdown(request),
                None => -libc::EINVAL,
            },
            Transport::Script => 1,
            Transport::Gone => -libc::ENOTCONN,
        }
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
    fn dispatch_soon(self: &Rc<Self>) {
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

    fn count_written(&self, bytes: usize) {
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
