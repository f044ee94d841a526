//! Writing: at once as far as the kernel takes it, the rest from a queue when there is room; shutdown after the queue.

use super::{Kind, Request, Stream, check, last_errno};
use crate::event_loop;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::rc::Rc;

/// Bytes to write: a copy, or a part of a buffer that JavaScript also holds.
pub enum Chunk {
    /// Ours.
    Owned(Vec<u8>),
    /// `offset` and `length` of a store that is kept alive.
    Shared(v8::SharedRef<v8::BackingStore>, usize, usize),
}

impl Chunk {
    /// From an ArrayBufferView; `None` where it is something else.
    pub fn from_view(value: v8::Local<v8::Value>) -> Option<Chunk> {
        let view = v8::Local::<v8::ArrayBufferView>::try_from(value).ok()?;
        let length = view.byte_length();
        if length == 0 {
            return Some(Chunk::Owned(Vec::new()));
        }
        Some(Chunk::Shared(view.get_backing_store()?, view.byte_offset(), length))
    }

    /// What it holds; good until JavaScript runs again.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Chunk::Owned(bytes) => bytes,
            // SAFETY: the store is alive and offset + length were inside it when the chunk was made; a store that was resized
            // since keeps its pages. JavaScript runs on this thread and not while the slice is used.
            Chunk::Shared(store, offset, length) => unsafe {
                let data = store.data().expect("a store with bytes").as_ptr().cast::<u8>();
                std::slice::from_raw_parts(data.add(*offset), *length)
            },
        }
    }

    /// Takes the first `n` bytes off, without a copy.
    pub fn split_to(&mut self, n: usize) -> Chunk {
        if let Chunk::Owned(bytes) = self {
            let length = bytes.len();
            let store = v8::ArrayBuffer::new_backing_store_from_vec(std::mem::take(bytes)).make_shared();
            *self = Chunk::Shared(store, 0, length);
        }
        let Chunk::Shared(store, offset, length) = self else { unreachable!("made shared above") };
        let head = Chunk::Shared(store.clone(), *offset, n);
        *offset += n;
        *length -= n;
        head
    }

    /// Number of bytes.
    pub fn len(&self) -> usize {
        self.bytes().len()
    }
}

/// One queued write: what is left of it and whom to tell.
pub struct Write {
    pub(super) request: Request,
    chunks: Vec<Chunk>,
    /// First chunk that is not wholly written, and bytes of it that are.
    next: usize,
    offset: usize,
    passing: Option<OwnedFd>,
}

/// Kernel limit of one vectored write.
const MAX_VECTORS: usize = 1024;

/// Writes as much of `chunks` from (`next`, `offset`) as the kernel takes, moving both. `Ok(true)`: all of it.
fn write_chunks(
    fd: RawFd,
    chunks: &[Chunk],
    next: &mut usize,
    offset: &mut usize,
    passing: &mut Option<OwnedFd>,
) -> Result<bool, i32> {
    while *next < chunks.len() {
        let mut vectors: Vec<libc::iovec> = Vec::with_capacity((chunks.len() - *next).min(MAX_VECTORS));
        for (i, chunk) in chunks[*next..].iter().take(MAX_VECTORS).enumerate() {
            let bytes = &chunk.bytes()[if i == 0 { *offset } else { 0 }..];
            vectors.push(libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() });
        }
        let n = match passing {
            Some(passed) => super::super::pipe::send(fd, &vectors, passed.as_raw_fd()),
            // SAFETY: the vectors point into the chunks, which outlive the call.
            None => unsafe { libc::writev(fd, vectors.as_ptr(), vectors.len() as i32) },
        };
        if n < 0 {
            match -last_errno() {
                libc::EINTR => continue,
                libc::EAGAIN | libc::ENOBUFS => return Ok(false),
                error => return Err(-error),
            }
        }
        *passing = None;
        let mut n = n as usize;
        while *next < chunks.len() {
            let left = chunks[*next].len() - *offset;
            if n < left {
                *offset += n;
                break;
            }
            n -= left;
            *next += 1;
            *offset = 0;
        }
    }
    Ok(true)
}

impl Stream {
    /// Bytes that wait in the queue.
    pub fn queued(&self) -> usize {
        self.queued.get()
    }

    /// Whether a write can be tried at once.
    fn writes_go_through(&self) -> bool {
        self.writes.borrow().is_empty() && self.connecting.borrow().is_none()
    }

    /// Writes what the kernel takes of `bytes` at once and returns their number, or a negative errno. Nothing is queued.
    pub fn try_write(&self, bytes: &[&[u8]]) -> isize {
        if self.fd.get() < 0 {
            return -libc::EBADF as isize;
        }
        if !self.writes_go_through() {
            return 0;
        }
        loop {
            // SAFETY: the slices outlive the call.
            let n = unsafe {
                match bytes {
                    &[one] if matches!(self.kind, Kind::Tcp) => {
                        libc::send(self.fd.get(), one.as_ptr().cast(), one.len(), libc::MSG_NOSIGNAL)
                    }
                    &[one] => libc::write(self.fd.get(), one.as_ptr().cast(), one.len()),
                    many => {
                        let mut vectors = [libc::iovec { iov_base: std::ptr::null_mut(), iov_len: 0 }; 8];
                        for (vector, part) in vectors.iter_mut().zip(many) {
                            *vector = libc::iovec { iov_base: part.as_ptr().cast_mut().cast(), iov_len: part.len() };
                        }
                        libc::writev(self.fd.get(), vectors.as_ptr(), many.len().min(8) as i32)
                    }
                }
            };
            if n < 0 {
                match -last_errno() {
                    libc::EINTR => continue,
                    libc::EAGAIN | libc::ENOBUFS => return 0,
                    error => return -error as isize,
                }
            }
            self.bytes_written.set(self.bytes_written.get() + n as u64);
            return n;
        }
    }

    /// Writes `chunks`. 0: done; 1: queued, `request` is told when it is done; negative: errno, nothing was queued.
    /// `passing` is a descriptor that goes with the first byte.
    pub fn write(
        &self,
        chunks: Vec<Chunk>,
        request: impl FnOnce() -> Option<Request>,
        passing: Option<OwnedFd>,
    ) -> i32 {
        if self.fd.get() < 0 {
            return -libc::EBADF;
        }
        let total: usize = chunks.iter().map(Chunk::len).sum();
        let (mut next, mut offset, mut passing) = (0, 0, passing);
        if self.writes_go_through() {
            match write_chunks(self.fd.get(), &chunks, &mut next, &mut offset, &mut passing) {
                Ok(true) => {
                    self.bytes_written.set(self.bytes_written.get() + total as u64);
                    return 0;
                }
                Ok(false) => {}
                Err(error) => return error,
            }
        }
        let Some(request) = request() else { return -libc::EINVAL };
        self.bytes_written.set(self.bytes_written.get() + total as u64);
        let done: usize = chunks[..next].iter().map(Chunk::len).sum::<usize>() + offset;
        self.queued.set(self.queued.get() + total - done);
        self.writes.borrow_mut().push_back(Write { request, chunks, next, offset, passing });
        self.update();
        1
    }

    /// Writes from the queue while there is room, and tells the requests that are done.
    pub(super) fn flush(self: &Rc<Self>, scope: &mut v8::PinScope) {
        let mut done = Vec::new();
        loop {
            let mut writes = self.writes.borrow_mut();
            let Some(write) = writes.front_mut() else { break };
            let left = |w: &Write| w.chunks[w.next..].iter().map(Chunk::len).sum::<usize>() - w.offset;
            let before = left(write);
            let result =
                write_chunks(self.fd.get(), &write.chunks, &mut write.next, &mut write.offset, &mut write.passing);
            match result {
                Ok(finished) => {
                    self.queued.set(self.queued.get() - (before - left(write)));
                    if !finished {
                        break;
                    }
                    done.extend(writes.pop_front().map(|w| (w.request, 0)));
                }
                Err(error) => {
                    // What follows on a broken stream fails too.
                    done.extend(writes.drain(..).map(|w| (w.request, error)));
                    self.queued.set(0);
                }
            }
        }
        self.update();
        for (request, status) in done {
            v8::scope!(let scope, scope);
            request.complete(scope, status, &self.object);
        }
        if self.writes.borrow().is_empty() && !self.closed.get() {
            self.finish_shutdown();
        }
    }

    /// Ends the sending side after what is queued; `request` is told.
    pub fn shutdown(self: &Rc<Self>, request: Request) -> i32 {
        if self.fd.get() < 0 || self.closed.get() {
            return -libc::ENOTCONN;
        }
        *self.shutdown.borrow_mut() = Some(request);
        if self.writes_go_through() {
            self.finish_shutdown();
        }
        0
    }

    fn finish_shutdown(self: &Rc<Self>) {
        let Some(request) = self.shutdown.borrow_mut().take() else { return };
        // SAFETY: a system call on our descriptor.
        let mut status = check(unsafe { libc::shutdown(self.fd.get(), libc::SHUT_WR) });
        if status == -libc::ENOTSOCK {
            // A pipe has no half to shut down: closing it is all there is.
            status = 0;
        }
        let stream = self.clone();
        event_loop::current().enqueue(move |scope| request.complete(scope, status, &stream.object));
    }

    /// Makes the descriptor wait in writes, or not.
    pub fn set_blocking(&self, on: bool) -> i32 {
        set_blocking(self.fd.get(), on)
    }
}

/// Sets or clears O_NONBLOCK.
pub fn set_blocking(fd: RawFd, on: bool) -> i32 {
    // SAFETY: fcntl on a descriptor.
    unsafe {
        let flags = libc::fcntl(fd, libc::F_GETFL);
        if flags < 0 {
            return last_errno();
        }
        let wanted = if on { flags & !libc::O_NONBLOCK } else { flags | libc::O_NONBLOCK };
        if wanted == flags { 0 } else { check(libc::fcntl(fd, libc::F_SETFL, wanted)) }
    }
}

/// A copy of a descriptor that outlives the stream it came from.
pub fn duplicate(fd: RawFd) -> Option<OwnedFd> {
    // SAFETY: F_DUPFD_CLOEXEC gives a new descriptor that is ours.
    unsafe {
        let copy = libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0);
        (copy >= 0).then(|| OwnedFd::from_raw_fd(copy))
    }
}
