//! The heap of an image as it lies in memory: V8's objects are copied and their pointers moved, where a snapshot rebuilds them one by
//! one.
//!
//! Owns: how heap and snapshot lie in an image, making the one of the other. Does not own: the heap's own layout and how it is loaded
//! (V8's library has it, `third_party/v8/heap-image.cc`), when an image is made (`image.rs`, `heap.rs`).
//!
//! An image is a snapshot, or a heap, the snapshot that it was made of, and a tail. The snapshot stays: read-only space and contexts
//! other than the first come from it, and whatever heap a thread cannot take.

use crate::{binding, runtime};
use std::ffi::{CStr, c_char};
use std::path::Path;

const MAGIC: [u8; 8] = *b"pack-hp1";
/// Length of the heap, magic number.
const TAIL: usize = 16;

unsafe extern "C" {
    fn pack_heap_image_offer(image: *const u8, size: usize);
    fn pack_heap_image_request();
    fn pack_heap_image_take(image: *mut *const u8, why: *mut *const c_char) -> usize;
}

/// The snapshot of an image and, if it has one, its heap.
pub fn parts(image: &[u8]) -> (&[u8], Option<&[u8]>) {
    let split = || {
        let (rest, tail) = image.split_last_chunk::<TAIL>()?;
        let (length, magic) = tail.split_first_chunk::<8>()?;
        (magic == MAGIC).then_some(())?;
        rest.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)
    };
    split().map_or((image, None), |(heap, snapshot)| (snapshot, Some(heap)))
}

/// The next isolate that this thread makes from `image` has its heap from there.
pub fn offer(image: &'static [u8]) {
    if let (_, Some(heap)) = parts(image) {
        // SAFETY: the bytes stay for ever.
        unsafe { pack_heap_image_offer(heap.as_ptr(), heap.len()) };
    }
}

/// Gives back the pages that an isolate's heap was read from: they are read anew where another isolate comes.
pub fn release(image: &'static [u8]) {
    let Some(heap) = parts(image).1 else { return };
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
            Ok(heap) => {
                let length = (heap.len() as u64).to_le_bytes();
                std::fs::write(path, [heap, snapshot, &length, &MAGIC].concat())
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_a_snapshot_or_has_a_heap_before_it() {
        assert_eq!(parts(b"snapshot"), (&b"snapshot"[..], None));
        assert_eq!(parts(b""), (&b""[..], None));
        let both = [&b"heap"[..], b"snapshot", &4u64.to_le_bytes(), &MAGIC].concat();
        assert_eq!(parts(&both), (&b"snapshot"[..], Some(&b"heap"[..])));
        let too_long = [&b"snapshot"[..], &9u64.to_le_bytes(), &MAGIC].concat();
        assert_eq!(parts(&too_long), (&too_long[..], None));
    }
}
