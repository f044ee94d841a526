//! Writing: plaintext through OpenSSL to the stream, piece by piece as the stream takes it.

use super::connection::{Connection, Event, Transport};
use super::error;
use super::scope::lend;
use crate::bindings::stream_handle::{Chunk, Request};
use openssl_sys::*;
use std::cell::Cell;
use std::ffi::c_int;
use std::rc::Rc;

/// Plaintext that is encrypted before the socket is tried.
const PIECE: usize = 128 * 1024;
/// Most of one record; chunks below it are joined.
pub const RECORD: usize = 16 * 1024;
/// Buffers above this are not kept for the next flush.
const KEEP_OUT: usize = 256 * 1024;

thread_local! {
    /// The last buffer that was sent, for the next.
    static OUT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A write that is not wholly sent.
pub struct Pending {
    chunks: Vec<Chunk>,
    /// First chunk that is not wholly encrypted, and bytes of it that are.
    next: usize,
    offset: usize,
    pub(super) request: Option<Request>,
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

impl Connection {
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

    pub(super) fn fail_writes(&self, status: i32, words: Option<String>) {
        let writes: Vec<Pending> = self.writes.borrow_mut().drain(..).collect();
        for request in writes.into_iter().filter_map(|w| w.request) {
            self.tell(Event::Written(request, status, words.clone()));
        }
    }

    /// Whether somebody waits for a write that is queued.
    pub(super) fn has_waiting_request(&self) -> bool {
        self.writes.borrow().iter().any(|write| write.request.is_some())
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
}
