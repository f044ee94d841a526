//! The heap of an image as it lies in memory: V8's objects are copied and their pointers moved, where a snapshot rebuilds them one by
//! one.
//!
//! Owns: making the one of the other. Does not own: how both lie in an image (crate `payload`), the heap's own layout and how it is loaded
//! (V8's library has it, `third_party/v8/heap-image.cc`), when an image is made (`image.rs`, `heap.rs`).
//!
//! An image is a snapshot, or a heap, the snapshot that it was made of, and a tail. The snapshot stays: read-only space and contexts
//! other than the first come from it, and whatever heap a thread cannot take.

use crate::{binding, runtime};
use payload::Image;
use std::ffi::{CStr, c_char};
use std::path::Path;

unsafe extern "C" {
    fn pack_heap_image_offer(image: *const u8, size: usize);
    fn pack_heap_image_request();
    fn pack_heap_image_take(image: *mut *const u8, why: *mut *const c_char) -> usize;
}

/// The next isolate that this thread makes from `image` has its heap from there.
pub fn offer(image: &'static [u8]) {
    if let Some(heap) = Image::read(image).heap {
        // SAFETY: the bytes stay for ever.
        unsafe { pack_heap_image_offer(heap.as_ptr(), heap.len()) };
    }
}

/// Gives back the pages that an isolate's heap was read from: they are read anew where another isolate comes.
pub fn release(image: &'static [u8]) {
    let Some(heap) = Image::read(image).heap else { return };
    let range = heap.as_ptr_range();
    let start = range.start.addr().next_multiple_of(payload::PAGE);
    let end = range.end.addr() / payload::PAGE * payload::PAGE;
    if start < end {
        // SAFETY: whole pages of the payload's mapping, to which nobody writes.
        unsafe {
            libc::madvise(std::ptr::with_exposed_provenance_mut(start), end - start, libc::MADV_DONTNEED);
        }
    }
}

/// Runs `make`, which writes a snapshot to the file `path` and gives its exit status, and puts the heap of the snapshot's context
/// `index` into the file. V8 shares read-only space between the isolates of a process, so `make` gets one of its own. Returns the exit
/// status. Nothing but this thread may be running.
pub fn complete(path: &Path, index: usize, v8_flags: &[String], make: impl FnOnce() -> i32) -> i32 {
    // SAFETY: there is one thread.
    let child = unsafe { libc::fork() };
    if child < 0 {
        crate::stdio::write_stderr(&format!("fork: {}\n", std::io::Error::last_os_error()));
        return 1;
    }
    if child == 0 {
        crate::exit::exit_process(make());
    }
    let mut status = 0;
    // SAFETY: fills the status of our own child.
    while unsafe { libc::waitpid(child, &raw mut status, 0) } < 0 {}
    if !libc::WIFEXITED(status) {
        crate::stdio::write_stderr(&format!("the image could not be made: signal {}\n", libc::WTERMSIG(status)));
        return 1;
    }
    if libc::WEXITSTATUS(status) != 0 {
        return libc::WEXITSTATUS(status);
    }
    let written = std::fs::read(path).and_then(|snapshot| {
        runtime::initialize_v8(v8_flags);
        let snapshot: &'static [u8] = snapshot.leak();
        match heap_of(snapshot, index) {
            Ok(heap) => std::fs::write(path, Image::write(heap, snapshot, read_only_end(snapshot))),
            Err(why) => {
                crate::stdio::write_stderr(&format!("the heap has to be rebuilt at each start: {why}\n"));
                Ok(())
            }
        }
    });
    match written {
        Ok(()) => 0,
        Err(error) => {
            crate::stdio::write_stderr(&format!("{}: {error}\n", path.display()));
            1
        }
    }
}

/// Where read-only space, which no heap image holds, ends in a snapshot: V8's header has the place of what comes after it behind two
/// numbers, two checksums and 64 bytes for its version.
fn read_only_end(snapshot: &[u8]) -> usize {
    const AT: usize = 16 + 64;
    let place = snapshot.get(AT..AT + 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
    place.map_or(snapshot.len(), |place| place as usize)
}

/// The heap with the context `index` of a snapshot, or what it holds that no heap image can.
fn heap_of(snapshot: &'static [u8], index: usize) -> Result<&'static [u8], String> {
    let params = v8::CreateParams::default()
        .external_references(binding::external_references().into())
        .array_buffer_allocator(crate::array_buffers::allocator())
        .snapshot_blob(v8::StartupData::from(snapshot));
    let mut isolate = v8::Isolate::new(params);
    {
        v8::scope!(let scope, &mut isolate);
        // SAFETY: sets a thread's flag.
        unsafe { pack_heap_image_request() };
        v8::Context::from_snapshot(scope, index, v8::ContextOptions::default()).ok_or("there is no such context")?;
    }
    std::mem::forget(isolate);
    let (mut image, mut why) = (std::ptr::null(), c"".as_ptr());
    // SAFETY: fills both, with what lives as long as the process.
    let size = unsafe { pack_heap_image_take(&raw mut image, &raw mut why) };
    if size == 0 {
        // SAFETY: a C string, as above.
        return Err(unsafe { CStr::from_ptr(why) }.to_string_lossy().into_owned());
    }
    // SAFETY: so many bytes, as above.
    Ok(unsafe { std::slice::from_raw_parts(image, size) })
}
