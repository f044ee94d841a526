//! `internalBinding('tcp')`: makes, binds and connects TCP sockets. Everything after that is `stream_handle.rs`.

use super::socket_address::{Address, name_of, set_option};
use super::stream_handle::{Kind, Request, Stream, check, last_errno, stream_of};
use crate::binding;
use std::rc::Rc;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

const IPV6_ONLY: i32 = 1;
const REUSE_PORT: i32 = 2;

/// `create(handle)`: the number of a new stream.
fn create(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) {
        let id = Stream::create(scope, object, Kind::Tcp);
        rv.set_int32(id);
    }
}

/// Makes the descriptor, once the family is known.
fn ensure_socket(stream: &Rc<Stream>, family: i32) -> i32 {
    if stream.fd() >= 0 {
        return 0;
    }
    // SAFETY: a new descriptor, which the stream owns from here.
    let fd = unsafe { libc::socket(family, libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC, 0) };
    if fd < 0 {
        return last_errno();
    }
    stream.open(fd);
    0
}

/// `bind(id, address, port, flags)`. EADDRINUSE is told at `listen` or `connect`, as libuv does.
fn bind(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(stream) = stream_of(scope, &args, &mut rv) else { return };
    let Some(address) = Address::of_arguments(scope, &args, 1) else { return rv.set_int32(-libc::EINVAL) };
    let flags = args.get(3).int32_value(scope).unwrap_or(0);
    let v6 = address.family() == libc::AF_INET6;
    if flags & IPV6_ONLY != 0 && !v6 {
        return rv.set_int32(-libc::EINVAL);
    }
    let mut error = ensure_socket(&stream, address.family());
    let fd = stream.fd();
    if error == 0 {
        error = set_option(fd, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1);
    }
    if error == 0 && flags & REUSE_PORT != 0 {
        error = set_option(fd, libc::SOL_SOCKET, libc::SO_REUSEPORT, 1);
    }
    if error == 0 && v6 {
        error = set_option(fd, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, flags & IPV6_ONLY);
    }
    if error == 0 {
        // SAFETY: the address is alive during the call.
        error = check(unsafe { libc::bind(fd, address.as_ptr(), address.len()) });
        match -error {
            libc::EADDRINUSE => {
                stream.delayed_error.set(error);
                error = 0;
            }
            libc::EAFNOSUPPORT => error = -libc::EINVAL,
            _ => {}
        }
    }
    rv.set_int32(error);
}

/// `listen(id, backlog)`: of a socket that is not bound yet, on any port.
fn listen(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(stream) = stream_of(scope, &args, &mut rv) else { return };
    let error = ensure_socket(&stream, libc::AF_INET);
    let backlog = args.get(1).int32_value(scope).unwrap_or(511);
    rv.set_int32(if error == 0 { stream.listen(backlog) } else { error });
}

/// `connect(id, req, address, port)`: 0, or errno and the request is not told.
fn connect(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(stream) = stream_of(scope, &args, &mut rv) else { return };
    let Some(address) = Address::of_arguments(scope, &args, 2) else { return rv.set_int32(-libc::EINVAL) };
    let error = ensure_socket(&stream, address.family());
    if error != 0 {
        return rv.set_int32(error);
    }
    let Some(request) = Request::new(scope, args.get(1)) else { return rv.set_int32(-libc::EINVAL) };
    let mut result = stream.delayed_error.replace(0);
    if result == 0 {
        loop {
            // SAFETY: the address is alive during the call.
            result = check(unsafe { libc::connect(stream.fd(), address.as_ptr(), address.len()) });
            if result != -libc::EINTR {
                break;
            }
        }
        if !matches!(-result, 0 | libc::EINPROGRESS | libc::ECONNREFUSED) {
            return rv.set_int32(result);
        }
    }
    stream.connect_started(result, request);
    rv.set_int32(0);
}

fn get_name(scope: &mut v8::PinScope, args: &Args, rv: &mut v8::ReturnValue, peer: bool) {
    let Some(stream) = stream_of(scope, args, rv) else { return };
    if !peer && stream.delayed_error.get() != 0 {
        return rv.set_int32(stream.delayed_error.get());
    }
    match name_of(stream.fd(), peer) {
        Ok(address) => rv.set(address.to_object(scope)),
        Err(error) => rv.set_int32(error),
    }
}

/// `getsockname(id)`: `{ address, family, port }` or errno.
fn getsockname(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    get_name(scope, &args, &mut rv, false);
}

fn getpeername(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    get_name(scope, &args, &mut rv, true);
}

fn set_no_delay(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(stream) = stream_of(scope, &args, &mut rv) else { return };
    let on = args.get(1).is_true().into();
    rv.set_int32(set_option(stream.fd(), libc::IPPROTO_TCP, libc::TCP_NODELAY, on));
}

/// `setKeepAlive(id, on, delay, interval, count)`: seconds; 0 leaves the kernel's value, but for libuv's defaults of interval
/// and count.
fn set_keep_alive(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(stream) = stream_of(scope, &args, &mut rv) else { return };
    let on = args.get(1).is_true();
    let number = |scope: &mut v8::PinScope, i: i32| args.get(i).int32_value(scope).unwrap_or(0);
    let (delay, interval, count) = (number(scope, 2), number(scope, 3), number(scope, 4));
    let fd = stream.fd();
    let mut error = set_option(fd, libc::SOL_SOCKET, libc::SO_KEEPALIVE, on.into());
    if on && delay > 0 {
        for (name, value) in [
            (libc::TCP_KEEPIDLE, delay),
            (libc::TCP_KEEPINTVL, if interval > 0 { interval } else { 1 }),
            (libc::TCP_KEEPCNT, if count > 0 { count } else { 10 }),
        ] {
            if error == 0 {
                error = set_option(fd, libc::IPPROTO_TCP, name, value);
            }
        }
    }
    rv.set_int32(error);
}

/// `setTypeOfService(id, tos)` and, without `tos`, reads it.
fn type_of_service(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(stream) = stream_of(scope, &args, &mut rv) else { return };
    let v6 = name_of(stream.fd(), false).is_ok_and(|a| a.family() == libc::AF_INET6);
    let (level, name) = if v6 { (libc::IPPROTO_IPV6, libc::IPV6_TCLASS) } else { (libc::IPPROTO_IP, libc::IP_TOS) };
    if args.get(1).is_undefined() {
        rv.set_int32(super::socket_address::get_option(stream.fd(), level, name).unwrap_or_else(|e| e));
    } else {
        let value = args.get(1).int32_value(scope).unwrap_or(0);
        rv.set_int32(set_option(stream.fd(), level, name, value));
    }
}

fn constants(scope: &mut v8::PinScope, target: v8::Local<v8::Object>) {
    let target = v8::Local::new(scope, target);
    binding::set_number(scope, target, "IPV6_ONLY", f64::from(IPV6_ONLY));
    binding::set_number(scope, target, "REUSE_PORT", f64::from(REUSE_PORT));
}

binding!("tcp", [
    create => create,
    bind => bind,
    listen => listen,
    connect => connect,
    getsockname => getsockname,
    getpeername => getpeername,
    setNoDelay => set_no_delay,
    setKeepAlive => set_keep_alive,
    typeOfService => type_of_service,
], init = constants);
