//! Reading: ciphertext of the stream through OpenSSL to events, data among them.

use super::connection::{Connection, Event, Question};
use super::error::{self, Failure};
use super::scope::lend;
use super::write::RECORD;
use crate::bindings::stream_handle::EOF;
use openssl_sys::*;
use std::ffi::c_int;
use std::rc::Rc;

/// Least room for a read: nothing is allocated for handshakes beyond it.
const LEAST_READ: usize = 1024;

impl Connection {
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
                    if !self.established.get() && self.has_waiting_request() {
                        // Node writes before it reads: the write that waits for the handshake tells of its failure.
                        let words = error::last_line();
                        self.flush(scope, true);
                        self.fail_writes(-libc::EPROTO, Some(words));
                        return;
                    }
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
    pub(super) fn is_asking(&self) -> bool {
        self.hello.get() == Question::Asked || self.certificate.get() == Question::Asked
    }
}
