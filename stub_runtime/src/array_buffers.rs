//! The memory of ArrayBuffers: V8's allocator, and new buffers whose memory is not cleared or is there already.
//!
//! Owns: where the memory comes from. Does not own: memory of others (`napi/buffers.rs`), WebAssembly's.
//!
//! V8 collects young garbage early where it holds much memory outside the heap, but looks at that only when it allocates the
//! memory itself. A buffer made around a store of ours escapes this: a loop that makes large ones took ten times the memory, and
//! more time for the kernel's pages than for its work. So V8 allocates, and this allocator gives it what [`NEXT`] says.

use std::cell::Cell;
use std::ffi::c_void;
use std::mem::ManuallyDrop;

/// Freed memory that the C library keeps for the next large buffer instead of giving it back to the kernel, which would have to
/// clear it anew; in bytes. V8 frees what is garbage all at once. It is what the C library comes to by itself where a program frees large
/// pieces, and not more: a server's memory must fall after a peak.
const KEPT: i32 = 1 << 26;

/// Sets the C library's limits; before other threads start.
pub fn keep_freed_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: sets two numbers.
    unsafe {
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT);
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 25);
    }
}

#[derive(Clone, Copy)]
enum Next {
    Cleared,
    Uninitialized,
    /// This memory, of that size, from malloc.
    Given(*mut c_void, usize),
}

thread_local! {
    /// What this thread's next allocation is.
    static NEXT: Cell<Next> = const { Cell::new(Next::Cleared) };
}

unsafe extern "C" fn allocate(_: &(), size: usize) -> *mut c_void {
    // SAFETY: plain calls; null is V8's to handle.
    unsafe {
        match NEXT.get() {
            Next::Cleared => libc::calloc(size, 1),
            Next::Uninitialized => libc::malloc(size),
            Next::Given(memory, length) if length == size => {
                NEXT.set(Next::Cleared);
                memory
            }
            Next::Given(..) => libc::calloc(size, 1),
        }
    }
}

unsafe extern "C" fn allocate_uninitialized(_: &(), size: usize) -> *mut c_void {
    // SAFETY: a plain call.
    unsafe { libc::malloc(size) }
}

unsafe extern "C" fn free(_: &(), memory: *mut c_void, _: usize) {
    // SAFETY: V8 frees what the functions above gave, once: from malloc, as Rust's own memory is.
    unsafe { libc::free(memory) };
}

unsafe extern "C" fn drop_nothing(_: *const ()) {}

static FUNCTIONS: v8::RustAllocatorVtable<()> =
    v8::RustAllocatorVtable { allocate, allocate_uninitialized, free, drop: drop_nothing };

/// The allocator of an isolate.
pub fn allocator() -> v8::UniqueRef<v8::Allocator> {
    // SAFETY: the functions do not look at the handle.
    unsafe { v8::new_rust_allocator(&(), &FUNCTIONS) }
}

/// Above this V8 would end the process where there is no memory; JavaScript gets an error instead.
const LARGE: usize = 1 << 26;

unsafe extern "C" fn free_large(memory: *mut c_void, _: usize, _: *mut c_void) {
    // SAFETY: as above.
    unsafe { libc::free(memory) };
}

/// A buffer whose memory is not cleared; `None` where there is none.
pub fn uninitialized<'s>(scope: &mut v8::PinScope<'s, '_>, size: usize) -> Option<v8::Local<'s, v8::ArrayBuffer>> {
    if size < LARGE {
        NEXT.set(Next::Uninitialized);
        let buffer = v8::ArrayBuffer::new(scope, size);
        NEXT.set(Next::Cleared);
        return Some(buffer);
    }
    // SAFETY: malloc answers null for sizes it has not.
    let memory = unsafe { libc::malloc(size) };
    if memory.is_null() {
        return None;
    }
    // SAFETY: the memory is of that size, and free_large() takes it back.
    let store = unsafe { v8::ArrayBuffer::new_backing_store_from_ptr(memory, size, free_large, std::ptr::null_mut()) };
    Some(v8::ArrayBuffer::with_backing_store(scope, &store.make_shared()))
}

/// A buffer that owns these bytes, without a copy.
pub fn from_vec<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: Vec<u8>) -> v8::Local<'s, v8::ArrayBuffer> {
    let size = bytes.len();
    if size == 0 {
        return v8::ArrayBuffer::new(scope, 0);
    }
    let mut bytes = ManuallyDrop::new(bytes);
    NEXT.set(Next::Given(bytes.as_mut_ptr().cast(), size));
    let buffer = v8::ArrayBuffer::new(scope, size);
    if let Next::Given(..) = NEXT.replace(Next::Cleared) {
        // An isolate that makes an image has V8's own allocator.
        let bytes = ManuallyDrop::into_inner(bytes);
        if let Some(memory) = buffer.data() {
            // SAFETY: the buffer is as long.
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), memory.as_ptr().cast(), size) };
        }
    }
    buffer
}
