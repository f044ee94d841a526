//! Readiness of many descriptors in one batch: the epoll that the loop waits in.
//!
//! Owns: which descriptors are watched for what, and the order in which ready ones are served. Does not own: what is done with
//! them (`bindings/stream_handle.rs`, `bindings/udp.rs`), when the loop looks (`event_loop`).
//!
//! A task per socket costs memory and a wake, a queue entry and a boxed closure per event. Here the loop takes all that are
//! ready with one system call and serves them in its poll phase, as libuv does. Level-triggered: a source reads as much as it
//! likes and is asked again.

use crate::event_loop;
use std::cell::{Cell, OnceCell, RefCell};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::rc::Rc;

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
    fd: RawFd,
    /// What is wanted, and what the kernel was told.
    wanted: u32,
    told: u32,
    /// Whether it is among the changed ones.
    changed: bool,
}

/// One per thread that watches anything or waits.
pub struct Reactor {
    epoll: OwnedFd,
    /// Registrations that are watched for anything.
    watched: Cell<usize>,
    /// Slots of which the kernel must be told before it is asked: a socket that stops and starts reading in one turn, or is
    /// connected and then read, costs one call or none. As libuv does.
    changed: RefCell<Vec<u32>>,
    slots: RefCell<Vec<Slot>>,
    free: RefCell<Vec<u32>>,
    events: RefCell<Vec<libc::epoll_event>>,
}

const BATCH: usize = 256;
/// What the kernel says of the loop's waker instead of a registration.
const WAKER: u64 = u64::MAX;

thread_local! {
    static REACTOR: OnceCell<Rc<Reactor>> = const { OnceCell::new() };
}

/// This thread's reactor, if anything was ever watched.
pub fn existing() -> Option<Rc<Reactor>> {
    REACTOR.with(|r| r.get().cloned())
}

/// This thread's reactor.
pub fn get() -> Rc<Reactor> {
    REACTOR.with(|r| r.get_or_init(Reactor::start).clone())
}

impl Reactor {
    fn start() -> Rc<Reactor> {
        // SAFETY: a plain system call; the descriptor is new and ours.
        let epoll = unsafe {
            let epoll = libc::epoll_create1(libc::EPOLL_CLOEXEC);
            assert!(epoll >= 0, "epoll_create1: {}", std::io::Error::last_os_error());
            OwnedFd::from_raw_fd(epoll)
        };
        Rc::new(Reactor {
            epoll,
            watched: Cell::new(0),
            changed: RefCell::default(),
            slots: RefCell::default(),
            free: RefCell::default(),
            events: RefCell::new(Vec::with_capacity(BATCH)),
        })
    }

    /// An eventfd; what is written to it ends a wait. One for each reactor.
    pub fn waker(&self) -> OwnedFd {
        // SAFETY: a plain system call; the descriptor is new and ours.
        let waker = unsafe {
            let waker = libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK);
            assert!(waker >= 0, "eventfd: {}", std::io::Error::last_os_error());
            OwnedFd::from_raw_fd(waker)
        };
        self.control(libc::EPOLL_CTL_ADD, waker.as_raw_fd(), READABLE | libc::EPOLLET as u32, WAKER)
            .expect("a new descriptor in an epoll");
        waker
    }

    /// A copy of the epoll's descriptor, readable when something is ready.
    pub fn descriptor(&self) -> std::io::Result<OwnedFd> {
        self.epoll.try_clone()
    }

    /// Waits at most `timeout` milliseconds (for ever where negative) until something is ready; [`Reactor::serve`] serves it.
    /// Gives the number of ready descriptors.
    pub fn collect(&self, timeout: i32) -> usize {
        if timeout == 0 && self.watched.get() == 0 {
            return 0;
        }
        self.tell_changes();
        let mut events = self.events.borrow_mut();
        events.clear();
        // SAFETY: room for BATCH events; the kernel says how many it filled in.
        unsafe {
            let n = libc::epoll_wait(self.epoll.as_raw_fd(), events.as_mut_ptr(), BATCH as i32, timeout);
            events.set_len(n.max(0) as usize);
        }
        // The loop looks at what the waker stands for anyway.
        events.retain(|event| event.u64 != WAKER);
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

    fn tell_changes(&self) {
        let mut changed = self.changed.borrow_mut();
        let mut slots = self.slots.borrow_mut();
        for index in changed.drain(..) {
            let slot = &mut slots[index as usize];
            if !std::mem::take(&mut slot.changed) || slot.wanted == slot.told {
                continue;
            }
            let operation = if slot.wanted == 0 { libc::EPOLL_CTL_DEL } else { libc::EPOLL_CTL_MOD };
            // Fails only where the program has closed the descriptor itself: nothing comes of it any more.
            let _ = self.control(operation, slot.fd, slot.wanted, token(index, slot.generation));
            slot.told = slot.wanted;
        }
    }

    fn control(&self, operation: i32, fd: RawFd, interest: u32, token: u64) -> std::io::Result<()> {
        let mut event = libc::epoll_event { events: interest, u64: token };
        // SAFETY: `event` is alive during the call.
        let r = unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), operation, fd, &mut event) };
        if r == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
    }
}

fn token(index: u32, generation: u32) -> u64 {
    u64::from(index) | (u64::from(generation) << 32)
}

/// A descriptor that is or may be watched. Dropping it, before the descriptor is closed, ends that.
pub struct Registration {
    reactor: Rc<Reactor>,
    index: u32,
}

impl Registration {
    /// Prepares to watch `fd`, at first for nothing.
    pub fn new(fd: RawFd, source: Rc<dyn Source>) -> Self {
        let reactor = get();
        let index = reactor.free.borrow_mut().pop();
        let mut slots = reactor.slots.borrow_mut();
        let index = index.unwrap_or(slots.len() as u32);
        let generation = slots.get(index as usize).map_or(0, |slot| slot.generation);
        let slot = Slot { generation, source: Some(source), fd, wanted: 0, told: 0, changed: false };
        match slots.get_mut(index as usize) {
            Some(free) => *free = slot,
            None => slots.push(slot),
        }
        drop(slots);
        Registration { reactor, index }
    }

    /// Watches for these events; 0 is not even for failures. EPERM: the descriptor (a file) is always ready.
    pub fn set(&self, interest: u32) -> std::io::Result<()> {
        let reactor = &self.reactor;
        let mut slots = reactor.slots.borrow_mut();
        let slot = &mut slots[self.index as usize];
        let before = slot.wanted;
        if before == interest {
            return Ok(());
        }
        if slot.told == 0 {
            // At once: the caller is told where it cannot be watched.
            reactor.control(libc::EPOLL_CTL_ADD, slot.fd, interest, token(self.index, slot.generation))?;
            slot.told = interest;
        } else if !std::mem::replace(&mut slot.changed, true) {
            reactor.changed.borrow_mut().push(self.index);
        }
        slot.wanted = interest;
        match (before, interest) {
            (0, _) => reactor.watched.set(reactor.watched.get() + 1),
            (_, 0) => reactor.watched.set(reactor.watched.get() - 1),
            _ => {}
        }
        Ok(())
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let reactor = &self.reactor;
        let source = {
            let mut slots = reactor.slots.borrow_mut();
            let slot = &mut slots[self.index as usize];
            if slot.told != 0 {
                let _ = reactor.control(libc::EPOLL_CTL_DEL, slot.fd, 0, 0);
            }
            if slot.wanted != 0 {
                reactor.watched.set(reactor.watched.get() - 1);
            }
            (slot.wanted, slot.told, slot.changed) = (0, 0, false);
            slot.generation = slot.generation.wrapping_add(1);
            slot.source.take()
        };
        reactor.free.borrow_mut().push(self.index);
        drop(source);
    }
}
