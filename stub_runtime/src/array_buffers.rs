//! The memory of ArrayBuffers: V8's allocator, and new buffers whose memory is not cleared or is there already.
//!
//! Owns: where the memory comes from. Does not own: memory of others (`napi/buffers.rs`), WebAssembly's.
//!
//! V8 collects young garbage early where it holds much memory outside the heap, but looks at that only when it allocates the
//! memory itself. A buffer made around a store of ours escapes this: a loop that makes large ones took ten times the memory, and
//! more time for the kernel's pages than for its work. So V8 allocates, and this allocator gives it what [`NEXT`] says.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Freed memory at the end of the heap that the C library keeps at most, in bytes. V8 frees what is garbage all at once, some 64 MB
/// of buffers where a program makes many; given back to the kernel each time, all of its pages would be cleared and mapped
/// anew, which takes longer than what a program does with them.
const KEPT: i32 = 1 << 28;
/// When so much was freed, memory is given back as soon as the program waits: a server's memory falls after a peak.
const GIVE_BACK: usize = 1 << 26;
/// How long it takes until that is done again.
const PAUSE: Duration = Duration::from_secs(1);

/// Bytes freed since memory was given back.
static FREED: AtomicUsize = AtomicUsize::new(0);

/// Sets the C library's limits; before other threads start.
pub fn keep_freed_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: sets three numbers.
    unsafe {
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT);
        libc::mallopt(libc::M_MMAP_THRESHOLD, 1 << 25);
        libc::mallopt(libc::M_TOP_PAD, 1 << 20);
    }
}

/// Gives freed memory back to the kernel, where much was freed since the last time. A loop calls it before it waits.
pub fn give_back() {
    if FREED.load(Ordering::Relaxed) < GIVE_BACK {
        return;
    }
    #[cfg(target_env = "gnu")]
    {
        static LAST: Mutex<Option<Instant>> = Mutex::new(None);
        let Ok(mut last) = LAST.try_lock() else { return };
        if last.is_none_or(|last| last.elapsed() >= PAUSE) {
            FREED.store(0, Ordering::Relaxed);
            // SAFETY: a plain call.
            unsafe { libc::malloc_trim(0) };
            *last = Some(Instant::now());
        }
    }
}

#[derive(Clone, Copy)]
enum Next {
    Cleared,
    Uninitialized,
    /// This memory, of that size, from malloc.
    Given(*mut c_void, usize),
}

/// Bytes that the buffers of an isolate hold.
type Held = AtomicUsize;

thread_local! {
    /// What this thread's next allocation is.
    static NEXT: Cell<Next> = const { Cell::new(Next::Cleared) };
    /// That of this thread's isolate.
    static HELD: RefCell<Arc<Held>> = RefCell::default();
}

/// Bytes that the buffers of this thread's isolate hold: `process.memoryUsage().arrayBuffers`.
pub fn held() -> usize {
    HELD.with_borrow(|held| held.load(Ordering::Relaxed))
}

unsafe extern "C" fn allocate(held: &Held, size: usize) -> *mut c_void {
    held.fetch_add(size, Ordering::Relaxed);
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

unsafe extern "C" fn allocate_uninitialized(held: &Held, size: usize) -> *mut c_void {
    held.fetch_add(size, Ordering::Relaxed);
    // SAFETY: a plain call.
    unsafe { libc::malloc(size) }
}

unsafe extern "C" fn free(held: &Held, memory: *mut c_void, size: usize) {
    held.fetch_sub(size, Ordering::Relaxed);
    FREED.fetch_add(size, Ordering::Relaxed);
    // SAFETY: V8 frees what the functions above gave, once: from malloc, as Rust's own memory is.
    unsafe { libc::free(memory) };
}

unsafe extern "C" fn drop_held(held: *const Held) {
    // SAFETY: allocator() gave it away; buffers that outlive the isolate keep the allocator.
    drop(unsafe { Arc::from_raw(held) });
}

static FUNCTIONS: v8::RustAllocatorVtable<Held> =
    v8::RustAllocatorVtable { allocate, allocate_uninitialized, free, drop: drop_held };

/// The allocator of this thread's isolate.
pub fn allocator() -> v8::UniqueRef<v8::Allocator> {
    let held = Arc::<Held>::default();
    HELD.set(held.clone());
    // SAFETY: drop_held() takes the handle back.
    unsafe { v8::new_rust_allocator(Arc::into_raw(held), &FUNCTIONS) }
}

/// Above this V8 would end the process where there is no memory; JavaScript gets an error instead.
const LARGE: usize = 1 << 26;

unsafe extern "C" fn free_large(memory: *mut c_void, size: usize, _: *mut c_void) {
    FREED.fetch_add(size, Ordering::Relaxed);
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
