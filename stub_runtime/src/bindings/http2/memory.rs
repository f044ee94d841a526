//! The memory of nghttp2 sessions, counted: `maxSessionMemory` bounds what a peer can make one session hold.

use libnghttp2_sys::nghttp2_mem;
use std::cell::Cell;
use std::ffi::c_void;

/// Bytes in front of each block, which hold its size and keep the alignment of malloc.
const PREFIX: usize = 16;

/// What one session holds: nghttp2's own blocks, and what waits in our queues.
#[derive(Default)]
pub struct Memory {
    used: Cell<usize>,
}

impl Memory {
    /// Bytes held now.
    pub fn used(&self) -> usize {
        self.used.get()
    }

    /// Counts bytes that are held elsewhere.
    pub fn add(&self, bytes: usize) {
        self.used.set(self.used.get() + bytes);
    }

    /// The opposite of [`Memory::add`].
    pub fn remove(&self, bytes: usize) {
        self.used.set(self.used.get().saturating_sub(bytes));
    }

    /// The functions for nghttp2. `self` must stay where it is until the session is deleted.
    pub fn functions(&self) -> nghttp2_mem {
        nghttp2_mem {
            mem_user_data: std::ptr::from_ref(self).cast_mut().cast(),
            malloc: Some(malloc),
            free: Some(free),
            calloc: Some(calloc),
            realloc: Some(realloc),
        }
    }
}

/// The counter behind a `mem_user_data`.
fn counter<'a>(user: *mut c_void) -> &'a Memory {
    // SAFETY: `functions` put it there, and the session that it belongs to is alive.
    unsafe { &*user.cast::<Memory>() }
}

unsafe extern "C" fn malloc(size: usize, user: *mut c_void) -> *mut c_void {
    // SAFETY: a null block is realloc's way to say malloc.
    unsafe { realloc(std::ptr::null_mut(), size, user) }
}

unsafe extern "C" fn calloc(count: usize, size: usize, user: *mut c_void) -> *mut c_void {
    let Some(total) = count.checked_mul(size) else { return std::ptr::null_mut() };
    // SAFETY: the block has `total` bytes where it is not null.
    unsafe {
        let block = malloc(total, user);
        if !block.is_null() {
            block.write_bytes(0, total);
        }
        block
    }
}

unsafe extern "C" fn free(block: *mut c_void, user: *mut c_void) {
    if block.is_null() {
        return;
    }
    // SAFETY: every block was made by `realloc` below and starts with its size.
    unsafe {
        let base = block.cast::<u8>().sub(PREFIX);
        counter(user).remove(base.cast::<usize>().read());
        libc::free(base.cast());
    }
}

unsafe extern "C" fn realloc(block: *mut c_void, size: usize, user: *mut c_void) -> *mut c_void {
    // SAFETY: as in `free`; the new block has room for prefix and size.
    unsafe {
        let (base, before) = if block.is_null() {
            (std::ptr::null_mut(), 0)
        } else {
            let base = block.cast::<u8>().sub(PREFIX);
            (base, base.cast::<usize>().read())
        };
        let Some(total) = size.checked_add(PREFIX) else { return std::ptr::null_mut() };
        let moved = libc::realloc(base.cast(), total).cast::<u8>();
        if moved.is_null() {
            return std::ptr::null_mut();
        }
        let counter = counter(user);
        counter.remove(before);
        counter.add(size);
        moved.cast::<usize>().write(size);
        moved.add(PREFIX).cast()
    }
}
