//! `internalBinding('pipe')`: Unix sockets (named and abstract), pairs of them, and descriptors that travel over them.
//! Everything after that is `stream_handle.rs`.

use super::stream_handle::{Kind, Request, Stream, check, last_errno, stream_of};
use crate::binding;
use std::cell::RefCell;
use std::os::fd::RawFd;
use std::os::unix::ffi::OsStrExt;
use std::rc::Rc;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// `create(handle, ipc)`: the number of a new stream.
fn create(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) {
        let kind = Kind::Pipe { ipc: args.get(1).is_true(), bound: RefCell::default() };
        let id = Stream::create(scope, object, kind);
        rv.set_int32(id);
    }
}

fn ensure_socket(stream: &Rc<Stream>) -> i32 {
    if stream.fd() >= 0 {
        return 0;
    }
    // SAFETY: a new descriptor, which the stream owns from here.
    let fd = unsafe { libc::socket(libc::AF_UNIX, libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC, 0) };
    if fd < 0 {
        return last_errno();
    }
    stream.open(fd);
    0
}

/// The `sockaddr` of a path; one that starts with NUL is an abstract name and ends where the text ends.
fn address(path: &[u8]) -> Result<(libc::sockaddr_un, libc::socklen_t), i32> {
    // SAFETY: all zeros is a valid sockaddr_un.
    let mut address: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    address.sun_family = libc::AF_UNIX as u16;
    let is_abstract = path.first() == Some(&0);
    if path.is_empty() || (!is_abstract && path.contains(&0)) {
        return Err(-libc::EINVAL);
    }
    // A path needs room for its NUL.
    if path.len() + usize::from(!is_abstract) > address.sun_path.len() {
        return Err(-libc::EINVAL);
    }
    for (to, from) in address.sun_path.iter_mut().zip(path) {
        *to = *from as libc::c_char;
    }
    let head = std::mem::offset_of!(libc::sockaddr_un, sun_path);
    let length = if is_abstract { head + path.len() } else { size_of::<libc::sockaddr_un>() };
    Ok((address, length as libc::socklen_t))
}

fn path_of(scope: &mut v8::PinScope, args: &Args, at: i32) -> Vec<u8> {
    args.get(at).to_rust_string_lossy(scope).into_bytes()
}

/// `bind(id, path)`.
fn bind(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(stream) = stream_of(scope, &args, &mut rv) else { return };
    let path = path_of(scope, &args, 1);
    let (address, length) = match address(&path) {
        Ok(address) => address,
        Err(error) => return rv.set_int32(error),
    };
    let mut error = ensure_socket(&stream);
    if error == 0 {
        // SAFETY: the address is alive during the call.
        error = check(unsafe { libc::bind(stream.fd(), (&raw const address).cast(), length) });
    }
    match -error {
        0 => {
            if let Kind::Pipe { bound, .. } = &stream.kind
                && path[0] != 0
            {
                bound.replace(Some(std::ffi::OsStr::from_bytes(&path).into()));
            }
        }
        // A folder of the path is missing: libuv's word for it.
        libc::ENOENT => error = -libc::EACCES,
        _ => {}
    }
    rv.set_int32(error);
}

/// `connect(id, req, path)`: 0, or errno and the request is not told.
fn connect(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(stream) = stream_of(scope, &args, &mut rv) else { return };
    let (address, length) = match address(&path_of(scope, &args, 2)) {
        Ok(address) => address,
        Err(error) => return rv.set_int32(error),
    };
    let Some(request) = Request::new(scope, args.get(1)) else { return rv.set_int32(-libc::EINVAL) };
    let mut result = ensure_socket(&stream);
    if result == 0 {
        loop {
            // SAFETY: the address is alive during the call.
            result = check(unsafe { libc::connect(stream.fd(), (&raw const address).cast(), length) });
            if result != -libc::EINTR {
                break;
            }
        }
    }
    stream.connect_started(result, request);
    rv.set_int32(0);
}

/// `chmod(id, mode)`: sets the permissions of a bound socket's file.
fn chmod(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(stream) = stream_of(scope, &args, &mut rv) else { return };
    let Kind::Pipe { bound, .. } = &stream.kind else { return rv.set_int32(-libc::EINVAL) };
    let Some(path) = bound.borrow().clone() else { return rv.set_int32(-libc::EBADF) };
    let mode = args.get(1).uint32_value(scope).unwrap_or(0);
    use std::os::unix::fs::PermissionsExt;
    let result = std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode));
    rv.set_int32(result.err().map_or(0, |e| -e.raw_os_error().unwrap_or(libc::EIO)));
}

/// `pair()`: `[fd, fd]` of two connected Unix sockets, close-on-exec and non-blocking, or errno.
fn pair(scope: &mut v8::PinScope, _: Args, mut rv: v8::ReturnValue) {
    let mut fds = [-1; 2];
    // SAFETY: room for two descriptors.
    let error = check(unsafe {
        libc::socketpair(
            libc::AF_UNIX,
            libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC,
            0,
            fds.as_mut_ptr(),
        )
    });
    if error != 0 {
        return rv.set_int32(error);
    }
    let fds: Vec<v8::Local<v8::Value>> = fds.iter().map(|fd| v8::Integer::new(scope, *fd).into()).collect();
    rv.set(v8::Array::new_with_elements(scope, &fds).into());
}

/// Space for the control message of one descriptor; what a peer sends beyond it the kernel closes.
#[repr(C, align(8))]
struct Control([u8; 64]);

/// Reads bytes and at most one descriptor (-1: none came).
pub fn receive(fd: RawFd, buffer: &mut [u8]) -> (isize, RawFd) {
    let mut vector = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    let mut control = Control([0; 64]);
    // SAFETY: the message points at locals that outlive the call; control messages are walked with the macros' functions and
    // a descriptor is read only from one of type SCM_RIGHTS.
    unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = &mut vector;
        message.msg_iovlen = 1;
        message.msg_control = (&raw mut control).cast();
        message.msg_controllen = libc::CMSG_SPACE(size_of::<RawFd>() as u32) as usize;
        let n = libc::recvmsg(fd, &mut message, libc::MSG_CMSG_CLOEXEC);
        if n < 0 && last_errno() == -libc::ENOTSOCK {
            return (libc::read(fd, buffer.as_mut_ptr().cast(), buffer.len()), -1);
        }
        let mut passed = -1;
        if n >= 0 {
            let mut header = libc::CMSG_FIRSTHDR(&message);
            while !header.is_null() {
                if (*header).cmsg_level == libc::SOL_SOCKET && (*header).cmsg_type == libc::SCM_RIGHTS {
                    passed = libc::CMSG_DATA(header).cast::<RawFd>().read_unaligned();
                }
                header = libc::CMSG_NXTHDR(&message, header);
            }
        }
        (n, passed)
    }
}

/// Writes `vectors` together with a descriptor.
pub fn send(fd: RawFd, vectors: &[libc::iovec], passed: RawFd) -> isize {
    let mut control = Control([0; 64]);
    // SAFETY: the message points at locals and at the caller's vectors, alive during the call; the control buffer has room for
    // one descriptor and the macros' functions stay inside it.
    unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = vectors.as_ptr().cast_mut();
        message.msg_iovlen = vectors.len();
        message.msg_control = (&raw mut control).cast();
        message.msg_controllen = libc::CMSG_SPACE(size_of::<RawFd>() as u32) as usize;
        let header = libc::CMSG_FIRSTHDR(&message);
        (*header).cmsg_level = libc::SOL_SOCKET;
        (*header).cmsg_type = libc::SCM_RIGHTS;
        (*header).cmsg_len = libc::CMSG_LEN(size_of::<RawFd>() as u32) as usize;
        libc::CMSG_DATA(header).cast::<RawFd>().write_unaligned(passed);
        libc::sendmsg(fd, &message, libc::MSG_NOSIGNAL)
    }
}

binding!("pipe", [
    create => create,
    bind => bind,
    connect => connect,
    chmod => chmod,
    pair => pair,
]);
