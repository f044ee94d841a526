//! Addresses of the Internet families between text, `sockaddr` and JavaScript.

use super::stream_handle::last_errno;
use crate::binding;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::fd::RawFd;

/// A `sockaddr` of either family and its length.
pub struct Address {
    storage: libc::sockaddr_storage,
    length: libc::socklen_t,
}

impl Address {
    /// From two arguments of JavaScript, the text and the port.
    pub fn of_arguments(scope: &mut v8::PinScope, args: &v8::FunctionCallbackArguments, at: i32) -> Option<Address> {
        let text = args.get(at).to_rust_string_lossy(scope);
        let port = args.get(at + 1).uint32_value(scope).unwrap_or(0);
        Address::parse(&text, port as u16)
    }

    /// From text such as `127.0.0.1`, `::1` or `fe80::1%eth0`; `None` where it is no address.
    pub fn parse(text: &str, port: u16) -> Option<Address> {
        if let Ok(ip) = text.parse::<Ipv4Addr>() {
            return Some(Self::v4(ip, port));
        }
        let (ip, zone) = text.split_once('%').map_or((text, None), |(ip, zone)| (ip, Some(zone)));
        let ip = ip.parse::<Ipv6Addr>().ok()?;
        let scope_id = match zone {
            None => 0,
            Some(zone) => match zone.parse() {
                Ok(number) => number,
                Err(_) => {
                    let name = std::ffi::CString::new(zone).ok()?;
                    // SAFETY: a C string.
                    unsafe { libc::if_nametoindex(name.as_ptr()) }
                }
            },
        };
        Some(Self::v6(ip, port, scope_id))
    }

    pub fn v4(ip: Ipv4Addr, port: u16) -> Address {
        let mut address = Self::empty();
        let inner = libc::sockaddr_in {
            sin_family: libc::AF_INET as u16,
            sin_port: port.to_be(),
            sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(ip.octets()) },
            sin_zero: [0; 8],
        };
        // SAFETY: sockaddr_storage is large enough and aligned for every sockaddr.
        unsafe { (&raw mut address.storage).cast::<libc::sockaddr_in>().write(inner) };
        address.length = size_of::<libc::sockaddr_in>() as libc::socklen_t;
        address
    }

    pub fn v6(ip: Ipv6Addr, port: u16, scope_id: u32) -> Address {
        let mut address = Self::empty();
        let inner = libc::sockaddr_in6 {
            sin6_family: libc::AF_INET6 as u16,
            sin6_port: port.to_be(),
            sin6_flowinfo: 0,
            sin6_addr: libc::in6_addr { s6_addr: ip.octets() },
            sin6_scope_id: scope_id,
        };
        // SAFETY: as in v4.
        unsafe { (&raw mut address.storage).cast::<libc::sockaddr_in6>().write(inner) };
        address.length = size_of::<libc::sockaddr_in6>() as libc::socklen_t;
        address
    }

    /// One for a system call to fill in.
    pub fn empty() -> Address {
        // SAFETY: all zeros is a valid sockaddr_storage.
        let storage = unsafe { std::mem::zeroed() };
        Address { storage, length: size_of::<libc::sockaddr_storage>() as libc::socklen_t }
    }

    /// AF_INET or AF_INET6, once it is filled in.
    pub fn family(&self) -> i32 {
        i32::from(self.storage.ss_family)
    }

    /// For system calls that read it.
    pub fn as_ptr(&self) -> *const libc::sockaddr {
        (&raw const self.storage).cast()
    }

    /// For system calls that write it.
    pub fn as_mut(&mut self) -> (*mut libc::sockaddr, *mut libc::socklen_t) {
        ((&raw mut self.storage).cast(), &raw mut self.length)
    }

    /// Length of the `sockaddr`.
    pub fn len(&self) -> libc::socklen_t {
        self.length
    }

    /// Text and port; `None` for other families.
    pub fn text(&self) -> Option<(String, u16)> {
        match self.family() {
            libc::AF_INET => {
                // SAFETY: the family says that it is a sockaddr_in.
                let inner = unsafe { (&raw const self.storage).cast::<libc::sockaddr_in>().read() };
                let ip = Ipv4Addr::from(inner.sin_addr.s_addr.to_ne_bytes());
                Some((ip.to_string(), u16::from_be(inner.sin_port)))
            }
            libc::AF_INET6 => {
                // SAFETY: the family says that it is a sockaddr_in6.
                let inner = unsafe { (&raw const self.storage).cast::<libc::sockaddr_in6>().read() };
                let mut text = Ipv6Addr::from(inner.sin6_addr.s6_addr).to_string();
                if inner.sin6_scope_id != 0 {
                    let mut name = [0u8; libc::IF_NAMESIZE];
                    // SAFETY: the buffer has IF_NAMESIZE bytes, as the call demands.
                    let found = unsafe { libc::if_indextoname(inner.sin6_scope_id, name.as_mut_ptr().cast()) };
                    text.push('%');
                    match std::ffi::CStr::from_bytes_until_nul(&name) {
                        Ok(name) if !found.is_null() => text.push_str(&name.to_string_lossy()),
                        _ => text.push_str(&inner.sin6_scope_id.to_string()),
                    }
                }
                Some((text, u16::from_be(inner.sin6_port)))
            }
            _ => None,
        }
    }

    /// `{ address, family, port }`, or `undefined`.
    pub fn to_object<'s>(&self, scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> {
        let Some((text, port)) = self.text() else { return v8::undefined(scope).into() };
        let object = v8::Object::new(scope);
        let text = binding::string(scope, &text);
        binding::set(scope, object, "address", text);
        let family = binding::string(scope, if self.family() == libc::AF_INET6 { "IPv6" } else { "IPv4" });
        binding::set(scope, object, "family", family);
        binding::set_number(scope, object, "port", f64::from(port));
        object.into()
    }
}

/// The local or remote address of a socket, or a negative errno.
pub fn name_of(fd: RawFd, peer: bool) -> Result<Address, i32> {
    let mut address = Address::empty();
    let (pointer, length) = address.as_mut();
    // SAFETY: the storage is as large as `length` says.
    let r =
        unsafe { if peer { libc::getpeername(fd, pointer, length) } else { libc::getsockname(fd, pointer, length) } };
    if r < 0 { Err(last_errno()) } else { Ok(address) }
}

/// A socket option that is an int; returns 0 or a negative errno.
pub fn set_option(fd: RawFd, level: i32, name: i32, value: i32) -> i32 {
    // SAFETY: the value is an int and its size is given.
    let r = unsafe {
        libc::setsockopt(fd, level, name, (&raw const value).cast(), size_of::<libc::c_int>() as libc::socklen_t)
    };
    if r < 0 { last_errno() } else { 0 }
}

/// Reads a socket option that is an int.
pub fn get_option(fd: RawFd, level: i32, name: i32) -> Result<i32, i32> {
    let mut value: libc::c_int = 0;
    let mut length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: the buffer is an int and its size is given.
    let r = unsafe { libc::getsockopt(fd, level, name, (&raw mut value).cast(), &mut length) };
    if r < 0 { Err(last_errno()) } else { Ok(value) }
}
