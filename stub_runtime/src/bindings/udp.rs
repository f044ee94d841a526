//! `internalBinding('udp')`: datagram sockets.
//!
//! Owns: the descriptor, receiving, the queue of sends. Does not own: options and multicast (`udp/options.rs`), `dgram`
//! (`js/dgram.js`), the class JavaScript sees (`js/internal/dgram.js`); a socket is a number there.

mod options;

use super::socket_address::{Address, name_of, set_option};
use super::stream_handle::{Chunk, call_in_context, check, last_errno};
use crate::binding;
use crate::event_loop::{self, Alive};
use crate::reactor::{FAILED, READABLE, Registration, Source, WRITABLE};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::os::fd::RawFd;
use std::rc::Rc;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

const IPV6_ONLY: i32 = 1;
const REUSE_ADDRESS: i32 = 4;
const REUSE_PORT: i32 = 8;

/// The largest datagram there is.
const MAX_DATAGRAM: usize = 64 * 1024;
/// Datagrams taken from one socket before others have their turn.
const RECEIVES_IN_A_ROW: usize = 32;

struct Calls {
    /// `(handle, nread | errno, arrayBuffer | undefined, { address, family, port } | undefined)`
    on_message: v8::Global<v8::Function>,
    /// `(req, status, bytes)`
    on_sent: v8::Global<v8::Function>,
    /// `(handle)`
    on_close: v8::Global<v8::Function>,
}

struct Send {
    request: v8::Global<v8::Object>,
    context: v8::Global<v8::Value>,
    _alive: Alive,
    chunks: Vec<Chunk>,
    address: Option<Address>,
    bytes: usize,
}

/// One socket.
pub struct Udp {
    id: u32,
    fd: Cell<RawFd>,
    family: Cell<i32>,
    registration: RefCell<Option<Registration>>,
    object: v8::Global<v8::Object>,
    context: v8::Global<v8::Value>,
    alive: Alive,
    wants_ref: Cell<bool>,
    receiving: Cell<bool>,
    sends: RefCell<VecDeque<Send>>,
}

#[derive(Default)]
struct Sockets {
    slots: Vec<Option<Rc<Udp>>>,
    free: Vec<u32>,
}

thread_local! {
    static SOCKETS: RefCell<Sockets> = RefCell::default();
    static CALLS: RefCell<Option<Rc<Calls>>> = const { RefCell::new(None) };
}

/// Lets go of what JavaScript has given: no handle may be left where an image is made.
pub fn forget() {
    CALLS.take();
}

fn calls() -> Rc<Calls> {
    CALLS.with(|c| c.borrow().clone()).expect("udp.setup")
}

/// Closes every socket of this thread: it ends, and nobody is told.
pub fn close_all() {
    let all: Vec<Rc<Udp>> = SOCKETS.with(|s| s.borrow().slots.iter().flatten().cloned().collect());
    for socket in all {
        socket.close();
    }
}

fn setup(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let function = |scope: &mut v8::PinScope, i| {
        let f = v8::Local::<v8::Function>::try_from(args.get(i)).expect("udp.setup: a function");
        v8::Global::new(scope, f)
    };
    let calls = Calls { on_message: function(scope, 0), on_sent: function(scope, 1), on_close: function(scope, 2) };
    CALLS.with(|c| *c.borrow_mut() = Some(Rc::new(calls)));
}

/// The socket of the first argument; sets -EBADF where it is closed.
fn socket_of(scope: &mut v8::PinScope, args: &Args, rv: &mut v8::ReturnValue) -> Option<Rc<Udp>> {
    let id = args.get(0).int32_value(scope).unwrap_or(-1);
    let socket = SOCKETS.with(|s| s.borrow().slots.get(usize::try_from(id).ok()?)?.clone());
    if socket.is_none() {
        rv.set_int32(-libc::EBADF);
    }
    socket
}

/// `create(handle)`: the number of a new socket.
fn create(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) else { return };
    let context = scope.get_continuation_preserved_embedder_data();
    let alive = Alive::new();
    alive.set_ref(false);
    let id = SOCKETS.with(|s| {
        let mut sockets = s.borrow_mut();
        let id = sockets.free.pop().unwrap_or(sockets.slots.len() as u32);
        let socket = Rc::new(Udp {
            id,
            fd: Cell::new(-1),
            family: Cell::new(libc::AF_INET),
            registration: RefCell::default(),
            object: v8::Global::new(scope, object),
            context: v8::Global::new(scope, context),
            alive,
            wants_ref: Cell::new(true),
            receiving: Cell::new(false),
            sends: RefCell::default(),
        });
        if (id as usize) < sockets.slots.len() {
            sockets.slots[id as usize] = Some(socket);
        } else {
            sockets.slots.push(Some(socket));
        }
        id
    });
    rv.set_int32(id as i32);
}

impl Udp {
    fn open(self: &Rc<Self>, fd: RawFd, family: i32) {
        self.fd.set(fd);
        self.family.set(family);
        *self.registration.borrow_mut() = Some(Registration::new(fd, self.clone()));
    }

    fn ensure(self: &Rc<Self>, family: i32) -> i32 {
        if self.fd.get() >= 0 {
            return 0;
        }
        // SAFETY: a new descriptor, which the socket owns from here.
        let fd = unsafe { libc::socket(family, libc::SOCK_DGRAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC, 0) };
        if fd < 0 {
            return last_errno();
        }
        self.open(fd, family);
        0
    }

    fn bind(self: &Rc<Self>, address: &Address, flags: i32) -> i32 {
        let v6 = address.family() == libc::AF_INET6;
        if flags & IPV6_ONLY != 0 && !v6 {
            return -libc::EINVAL;
        }
        let mut error = self.ensure(address.family());
        let fd = self.fd.get();
        if error == 0 && flags & REUSE_ADDRESS != 0 {
            error = set_option(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1);
        }
        if error == 0 && flags & REUSE_PORT != 0 {
            error = set_option(fd, libc::SOL_SOCKET, libc::SO_REUSEPORT, 1);
        }
        if error == 0 && flags & IPV6_ONLY != 0 {
            error = set_option(fd, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, 1);
        }
        if error != 0 {
            return error;
        }
        // SAFETY: the address is alive during the call.
        match check(unsafe { libc::bind(fd, address.as_ptr(), address.len()) }) {
            // A family that the socket is not of.
            error if error == -libc::EAFNOSUPPORT => -libc::EINVAL,
            error => error,
        }
    }

    fn update(&self) -> i32 {
        self.alive.set_ref(self.wants_ref.get() && self.receiving.get());
        let mut interest = 0;
        if self.receiving.get() {
            interest |= READABLE;
        }
        if !self.sends.borrow().is_empty() {
            interest |= WRITABLE;
        }
        match &*self.registration.borrow() {
            Some(registration) => {
                registration.set(interest).map_or_else(|e| -e.raw_os_error().unwrap_or(libc::EIO), |()| 0)
            }
            None => 0,
        }
    }

    /// Bytes sent, or a negative errno; EAGAIN where there is no room.
    fn send_now(&self, chunks: &[Chunk], address: Option<&Address>) -> isize {
        let vectors: Vec<libc::iovec> = chunks
            .iter()
            .map(|c| libc::iovec { iov_base: c.bytes().as_ptr().cast_mut().cast(), iov_len: c.len() })
            .collect();
        loop {
            // SAFETY: the message points at the vectors, which point into the chunks; all outlive the call.
            let n = unsafe {
                let mut message: libc::msghdr = std::mem::zeroed();
                if let Some(address) = address {
                    message.msg_name = address.as_ptr().cast_mut().cast();
                    message.msg_namelen = address.len();
                }
                message.msg_iov = vectors.as_ptr().cast_mut();
                message.msg_iovlen = vectors.len();
                libc::sendmsg(self.fd.get(), &message, libc::MSG_NOSIGNAL)
            };
            if n >= 0 {
                return n;
            }
            match -last_errno() {
                libc::EINTR => continue,
                libc::ENOBUFS => return -libc::EAGAIN as isize,
                error => return -error as isize,
            }
        }
    }

    fn flush(&self, scope: &mut v8::PinScope) {
        loop {
            let Some(send) = self.sends.borrow_mut().pop_front() else { break };
            let n = self.send_now(&send.chunks, send.address.as_ref());
            if n == -libc::EAGAIN as isize {
                self.sends.borrow_mut().push_front(send);
                break;
            }
            v8::scope!(let scope, scope);
            sent(scope, send, n);
        }
        self.update();
    }

    fn receive(self: &Rc<Self>, scope: &mut v8::PinScope) {
        let mut buffer = vec![0u8; MAX_DATAGRAM];
        for _ in 0..RECEIVES_IN_A_ROW {
            if !self.receiving.get() || self.fd.get() < 0 {
                return;
            }
            let mut address = Address::empty();
            let (name, name_length) = address.as_mut();
            // SAFETY: the buffer and the address are as large as is said.
            let n = unsafe {
                libc::recvfrom(self.fd.get(), buffer.as_mut_ptr().cast(), buffer.len(), 0, name, name_length)
            };
            v8::scope!(let scope, scope);
            let object = v8::Local::new(scope, &self.object).into();
            if n < 0 {
                match -last_errno() {
                    libc::EAGAIN => return,
                    libc::EINTR => continue,
                    error => {
                        let status = v8::Integer::new(scope, -error).into();
                        let none = v8::undefined(scope).into();
                        call_in_context(scope, &self.context, &calls().on_message, &[object, status, none, none]);
                        return;
                    }
                }
            }
            let bytes = buffer[..n as usize].to_vec();
            let store = v8::ArrayBuffer::new_backing_store_from_vec(bytes).make_shared();
            let data = v8::ArrayBuffer::with_backing_store(scope, &store).into();
            let length = v8::Integer::new(scope, n as i32).into();
            let from = address.to_object(scope);
            call_in_context(scope, &self.context, &calls().on_message, &[object, length, data, from]);
        }
    }

    fn close(&self) {
        let this = SOCKETS.with(|s| {
            let mut sockets = s.borrow_mut();
            sockets.free.push(self.id);
            sockets.slots[self.id as usize].take()
        });
        self.receiving.set(false);
        self.alive.set_ref(false);
        self.registration.borrow_mut().take();
        let fd = self.fd.replace(-1);
        if fd >= 0 {
            // SAFETY: the descriptor is ours and not used again.
            unsafe { libc::close(fd) };
        }
        let Some(this) = this else { return };
        event_loop::current().enqueue_close(move |scope| {
            let sends: Vec<_> = this.sends.borrow_mut().drain(..).collect();
            for send in sends {
                sent(scope, send, -libc::ECANCELED as isize);
            }
            let object = v8::Local::new(scope, &this.object).into();
            call_in_context(scope, &this.context, &calls().on_close, &[object]);
        });
    }
}

/// Tells a send's request how it went.
fn sent(scope: &mut v8::PinScope, send: Send, result: isize) {
    let status = if result < 0 { result as i32 } else { 0 };
    let request = v8::Local::new(scope, &send.request).into();
    let status = v8::Integer::new(scope, status).into();
    let bytes = v8::Number::new(scope, send.bytes as f64).into();
    call_in_context(scope, &send.context, &calls().on_sent, &[request, status, bytes]);
}

impl Source for Udp {
    fn ready(self: Rc<Self>, scope: &mut v8::PinScope, events: u32) {
        if events & (READABLE | FAILED) != 0 && self.receiving.get() {
            self.receive(scope);
        }
        if events & (WRITABLE | FAILED) != 0 && self.fd.get() >= 0 {
            self.flush(scope);
        }
    }
}

/// `bind(id, address, port, flags)`
fn bind(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(socket) = socket_of(scope, &args, &mut rv) else { return };
    let Some(address) = Address::of_arguments(scope, &args, 1) else { return rv.set_int32(-libc::EINVAL) };
    let flags = args.get(3).int32_value(scope).unwrap_or(0);
    rv.set_int32(socket.bind(&address, flags));
}

/// `open(id, fd)`: takes over a descriptor.
fn open(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(socket) = socket_of(scope, &args, &mut rv) else { return };
    let fd = args.get(1).int32_value(scope).unwrap_or(-1);
    let error = super::stream_handle::set_blocking(fd, false);
    if error != 0 {
        return rv.set_int32(error);
    }
    let family = name_of(fd, false).map_or(libc::AF_INET, |a| a.family());
    socket.open(fd, family);
    rv.set_int32(0);
}

/// `connect(id, address, port)`
fn connect(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(socket) = socket_of(scope, &args, &mut rv) else { return };
    let Some(address) = Address::of_arguments(scope, &args, 1) else { return rv.set_int32(-libc::EINVAL) };
    let error = socket.ensure(address.family());
    if error != 0 {
        return rv.set_int32(error);
    }
    // SAFETY: the address is alive during the call.
    rv.set_int32(check(unsafe { libc::connect(socket.fd.get(), address.as_ptr(), address.len()) }));
}

fn disconnect(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(socket) = socket_of(scope, &args, &mut rv) else { return };
    // SAFETY: an address of no family, which is what dissolves the association.
    rv.set_int32(check(unsafe {
        let mut address: libc::sockaddr = std::mem::zeroed();
        address.sa_family = libc::AF_UNSPEC as u16;
        libc::connect(socket.fd.get(), &address, size_of::<libc::sockaddr>() as libc::socklen_t)
    }));
}

/// `send(id, req, views, address | undefined, port)`: bytes + 1 where it was sent at once, 0 where `req` will be told, or errno.
fn send(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(socket) = socket_of(scope, &args, &mut rv) else { return };
    let Ok(list) = v8::Local::<v8::Array>::try_from(args.get(2)) else { return rv.set_int32(-libc::EINVAL) };
    let mut chunks = Vec::with_capacity(list.length() as usize);
    for i in 0..list.length() {
        match list.get_index(scope, i).and_then(Chunk::from_view) {
            Some(chunk) => chunks.push(chunk),
            None => return rv.set_int32(-libc::EINVAL),
        }
    }
    let address = if args.get(3).is_string() {
        match Address::of_arguments(scope, &args, 3) {
            Some(address) => Some(address),
            None => return rv.set_int32(-libc::EINVAL),
        }
    } else {
        None
    };
    let family = address.as_ref().map_or(libc::AF_INET, Address::family);
    let error = socket.ensure(family);
    if error != 0 {
        return rv.set_int32(error);
    }
    if socket.sends.borrow().is_empty() {
        let n = socket.send_now(&chunks, address.as_ref());
        if n != -libc::EAGAIN as isize {
            return rv.set_double(if n >= 0 { n as f64 + 1.0 } else { n as f64 });
        }
    }
    let Ok(request) = v8::Local::<v8::Object>::try_from(args.get(1)) else { return rv.set_int32(-libc::EINVAL) };
    let context = scope.get_continuation_preserved_embedder_data();
    let bytes = chunks.iter().map(Chunk::len).sum();
    socket.sends.borrow_mut().push_back(Send {
        request: v8::Global::new(scope, request),
        context: v8::Global::new(scope, context),
        _alive: Alive::new(),
        chunks,
        address,
        bytes,
    });
    socket.update();
    rv.set_int32(0);
}

/// `queue(id)`: `[bytes, count]` of sends that wait.
fn queue(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(socket) = socket_of(scope, &args, &mut rv) else { return };
    let sends = socket.sends.borrow();
    let bytes = sends.iter().map(|s| s.bytes).sum::<usize>();
    let values = [v8::Number::new(scope, bytes as f64).into(), v8::Number::new(scope, sends.len() as f64).into()];
    rv.set(v8::Array::new_with_elements(scope, &values).into());
}

fn set_receiving(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(socket) = socket_of(scope, &args, &mut rv) else { return };
    if args.get(1).is_true() {
        // Receiving on a socket without a name binds it to any port.
        let error = socket.ensure(libc::AF_INET);
        if error != 0 {
            return rv.set_int32(error);
        }
    }
    socket.receiving.set(args.get(1).is_true());
    rv.set_int32(socket.update());
}

fn get_name(scope: &mut v8::PinScope, args: &Args, rv: &mut v8::ReturnValue, peer: bool) {
    let Some(socket) = socket_of(scope, args, rv) else { return };
    match name_of(socket.fd.get(), peer) {
        Ok(address) => rv.set(address.to_object(scope)),
        Err(error) => rv.set_int32(error),
    }
}

fn getsockname(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    get_name(scope, &args, &mut rv, false);
}

fn getpeername(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    get_name(scope, &args, &mut rv, true);
}

fn close(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(socket) = socket_of(scope, &args, &mut rv) {
        socket.close();
        rv.set_int32(0);
    }
}

fn set_ref(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(socket) = socket_of(scope, &args, &mut rv) {
        socket.wants_ref.set(args.get(1).is_true());
        socket.update();
    }
}

fn has_ref(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let socket = socket_of(scope, &args, &mut rv);
    rv.set_bool(socket.is_some_and(|s| s.wants_ref.get()));
}

fn fd(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(socket) = socket_of(scope, &args, &mut rv) {
        rv.set_int32(socket.fd.get());
    }
}

fn constants(scope: &mut v8::PinScope, target: v8::Local<v8::Object>) {
    for (name, value) in [("IPV6_ONLY", IPV6_ONLY), ("REUSE_ADDRESS", REUSE_ADDRESS), ("REUSE_PORT", REUSE_PORT)] {
        let target = v8::Local::new(scope, target);
        binding::set_number(scope, target, name, f64::from(value));
    }
}

binding!("udp", [
    setup => setup,
    create => create,
    open => open,
    bind => bind,
    connect => connect,
    disconnect => disconnect,
    send => send,
    queue => queue,
    setReceiving => set_receiving,
    getsockname => getsockname,
    getpeername => getpeername,
    close => close,
    setRef => set_ref,
    hasRef => has_ref,
    fd => fd,
    setBroadcast => options::set_broadcast,
    setTTL => options::set_ttl,
    setMulticastTTL => options::set_multicast_ttl,
    setMulticastLoopback => options::set_multicast_loopback,
    setMulticastInterface => options::set_multicast_interface,
    setMembership => options::set_membership,
    setSourceMembership => options::set_source_membership,
    bufferSize => options::buffer_size,
], init = constants);
