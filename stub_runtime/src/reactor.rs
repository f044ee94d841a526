//! Readiness of many descriptors in one batch: an epoll of our own below tokio's.
//!
//! Owns: which descriptors are watched for what, and the order in which ready ones are served. Does not own: what is done with
//! them (`bindings/stream_handle.rs`, `bindings/udp.rs`), when the loop looks (`event_loop`).
//!
//! A task per socket costs memory and a wake, a queue entry and a boxed closure per event. Here tokio watches one descriptor,
//! the epoll itself, and only to wake the loop; the loop then takes all that are ready with one system call and serves them in
//! its poll phase, as libuv does. Level-triggered: a source reads as much as it likes and is asked again.

use crate::event_loop;
use std::cell::{Cell, OnceCell, RefCell};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::rc::Rc;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Bytes, connections or an end can be read.
pub const READABLE: u32 = libc::EPOLLIN as u32;
/// There is room to write, or a connect has ended.
pub const WRITABLE: u32 = libc::EPOLLOUT as u32;
/// Error or hang-up; told whether asked for or not.
pub const FAILED: u32 = (libc::EPOLLERR | libc::EPOLLHUP) as u32;

/// Something that is told when its descriptor is ready. Runs in the loop's poll phase and may call JavaScript.
pub trait Source {
    /// `events` are the bits that are true now, `FAILED` among them.
    fn ready(self: Rc<Self>, scope: &mut v8::PinScope, events: u32);
}

struct Slot {
    generation: u32,
    source: Option<Rc<dyn Source>>,
}

/// One per thread that watches anything.
pub struct Reactor {
    epoll: OwnedFd,
    slots: RefCell<Vec<Slot>>,
    free: RefCell<Vec<u32>>,
    events: RefCell<Vec<libc::epoll_event>>,
}

const BATCH: usize = 256;

thread_local! {
    static REACTOR: OnceCell<Rc<Reactor>> = const { OnceCell::new() };
}

/// This thread's reactor, if anything was ever watched.
pub fn existing() -> Option<Rc<Reactor>> {
    REACTOR.with(|r| r.get().cloned())
}

fn get() -> Rc<Reactor> {
    REACTOR.with(|r| r.get_or_init(Reactor::start).clone())
}

impl Reactor {
    fn start() -> Rc<Reactor> {
        // SAFETY: plain system calls; the descriptors are new and ours.
        let (epoll, watched) = unsafe {
            let epoll = libc::epoll_create1(libc::EPOLL_CLOEXEC);
            assert!(epoll >= 0, "epoll_create1: {}", std::io::Error::last_os_error());
            let watched = libc::fcntl(epoll, libc::F_DUPFD_CLOEXEC, 0);
            assert!(watched >= 0, "dup: {}", std::io::Error::last_os_error());
            (OwnedFd::from_raw_fd(epoll), OwnedFd::from_raw_fd(watched))
        };
        let current = event_loop::current();
        let waker = current.handle();
        current.spawn(async move {
            // SAFETY: the descriptor is owned by the AsyncFd and open as long as it.
            let watched = unsafe { AsyncFd::register_with_interest(watched, Interest::READABLE) };
            let Ok(watched) = watched else { return };
            while let Ok(mut guard) = watched.readable().await {
                guard.clear_ready();
                waker.wake();
            }
        });
        Rc::new(Reactor {
            epoll,
            slots: RefCell::default(),
            free: RefCell::default(),
            events: RefCell::new(Vec::with_capacity(BATCH)),
        })
    }

    /// Asks the kernel, without waiting, what is ready; [`Reactor::serve`] serves it. Gives the number of ready descriptors.
    pub fn collect(&self) -> usize {
        let mut events = self.events.borrow_mut();
        events.clear();
        // SAFETY: room for BATCH events; the kernel says how many it filled in.
        unsafe {
            let n = libc::epoll_wait(self.epoll.as_raw_fd(), events.as_mut_ptr(), BATCH as i32, 0);
            events.set_len(n.max(0) as usize);
        }
        events.len()
    }

    /// Serves what [`Reactor::collect`] found. What is closed meanwhile is left out.
    pub fn serve(&self, scope: &mut v8::PinScope) {
        let current = event_loop::current();
        let mut i = 0;
        loop {
            let Some(event) = self.events.borrow().get(i).copied() else { break };
            i += 1;
            if current.is_stopping() {
                break;
            }
            let (index, generation) = ((event.u64 & 0xffff_ffff) as usize, (event.u64 >> 32) as u32);
            let source = match self.slots.borrow().get(index) {
                Some(slot) if slot.generation == generation => slot.source.clone(),
                _ => None,
            };
            if let Some(source) = source {
                v8::scope!(let scope, scope);
                source.ready(scope, event.events);
            }
        }
        self.events.borrow_mut().clear();
    }

    fn control(&self, operation: i32, fd: RawFd, interest: u32, token: u64) -> std::io::Result<()> {
        let mut event = libc::epoll_event { events: interest, u64: token };
        // SAFETY: `event` is alive during the call.
        let r = unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), operation, fd, &mut event) };
        if r == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
    }
}

/// A descriptor that is or may be watched. Dropping it, before the descriptor is closed, ends that.
pub struct Registration {
    reactor: Rc<Reactor>,
    fd: RawFd,
    token: u64,
    interest: Cell<u32>,
}

impl Registration {
    /// Prepares to watch `fd`, at first for nothing.
    pub fn new(fd: RawFd, source: Rc<dyn Source>) -> Self {
        let reactor = get();
        let index = reactor.free.borrow_mut().pop();
        let mut slots = reactor.slots.borrow_mut();
        let index = match index {
            Some(index) => index as usize,
            None => {
                slots.push(Slot { generation: 0, source: None });
                slots.len() - 1
            }
        };
        slots[index].source = Some(source);
        let token = index as u64 | (u64::from(slots[index].generation) << 32);
        drop(slots);
        Registration { reactor, fd, token, interest: Cell::new(0) }
    }

    /// Watches for these events; 0 is not even for failures. EPERM: the descriptor (a file) is always ready.
    pub fn set(&self, interest: u32) -> std::io::Result<()> {
        let before = self.interest.get();
        if before == interest {
            return Ok(());
        }
        let operation = match (before, interest) {
            (0, _) => libc::EPOLL_CTL_ADD,
            (_, 0) => libc::EPOLL_CTL_DEL,
            _ => libc::EPOLL_CTL_MOD,
        };
        self.reactor.control(operation, self.fd, interest, self.token)?;
        self.interest.set(interest);
        Ok(())
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let _ = self.set(0);
        let index = (self.token & 0xffff_ffff) as u32;
        let source = {
            let mut slots = self.reactor.slots.borrow_mut();
            let slot = &mut slots[index as usize];
            slot.generation = slot.generation.wrapping_add(1);
            slot.source.take()
        };
        self.reactor.free.borrow_mut().push(index);
        drop(source);
    }
}
