//! The BIO between OpenSSL and a connection: reads from what the stream brought, writes to what goes to it next.

use super::connection::Connection;
use super::ffi;
use openssl_sys::*;
use std::ffi::{c_char, c_int, c_long, c_void};
use std::sync::OnceLock;

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

/// A new BIO of a connection at this address, which outlives it.
pub fn new(connection: *mut c_void) -> *mut BIO {
    // SAFETY: a new BIO of a static method.
    unsafe {
        let bio = BIO_new(bio_method());
        BIO_set_data(bio, connection);
        BIO_set_init(bio, 1);
        bio
    }
}

impl Connection {
    pub(super) fn take_input(&self, room: &mut [u8]) -> usize {
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
    pub(super) fn waiting_input(&self) -> usize {
        let kept = self.kept.borrow();
        kept.0.len() - kept.1 + self.input.get().1
    }
}
