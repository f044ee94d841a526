//! Options of datagram sockets: broadcast, time to live, multicast groups and interfaces, buffer sizes.

use super::{Args, Udp, socket_of};
use crate::bindings::socket_address::{Address, get_option, set_option};
use crate::bindings::stream_handle::last_errno;
use std::net::{Ipv4Addr, Ipv6Addr};

impl Udp {
    fn is_v6(&self) -> bool {
        self.family.get() == libc::AF_INET6
    }

    /// Sets an option that has a number per family.
    fn set(&self, v4: i32, v6: i32, value: i32) -> i32 {
        if self.is_v6() {
            set_option(self.fd.get(), libc::IPPROTO_IPV6, v6, value)
        } else {
            set_option(self.fd.get(), libc::IPPROTO_IP, v4, value)
        }
    }

    /// A socket without a name gets one of the group's family and any port, as libuv does.
    fn ensure_for_group(self: &std::rc::Rc<Self>, group: &str) -> i32 {
        if self.fd.get() >= 0 {
            return 0;
        }
        let any = if group.parse::<Ipv4Addr>().is_ok() {
            Address::v4(Ipv4Addr::UNSPECIFIED, 0)
        } else if group.split('%').next().unwrap_or_default().parse::<Ipv6Addr>().is_ok() {
            Address::v6(Ipv6Addr::UNSPECIFIED, 0, 0)
        } else {
            return -libc::EINVAL;
        };
        self.bind(&any, 0)
    }

    fn set_struct<T>(&self, level: i32, name: i32, value: &T) -> i32 {
        // SAFETY: the value is a plain structure and its size is given.
        let r = unsafe {
            libc::setsockopt(
                self.fd.get(),
                level,
                name,
                std::ptr::from_ref(value).cast(),
                size_of::<T>() as libc::socklen_t,
            )
        };
        if r < 0 { last_errno() } else { 0 }
    }
}

fn number(scope: &mut v8::PinScope, args: &Args, at: i32) -> i32 {
    args.get(at).int32_value(scope).unwrap_or(0)
}

fn text(scope: &mut v8::PinScope, args: &Args, at: i32) -> Option<String> {
    let value = args.get(at);
    if value.is_string() { Some(value.to_rust_string_lossy(scope)) } else { None }
}

/// `setBroadcast(id, on)`
pub fn set_broadcast(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(socket) = socket_of(scope, &args, &mut rv) else { return };
    let on = number(scope, &args, 1);
    rv.set_int32(set_option(socket.fd.get(), libc::SOL_SOCKET, libc::SO_BROADCAST, on));
}

/// `setTTL(id, hops)`
pub fn set_ttl(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(socket) = socket_of(scope, &args, &mut rv) else { return };
    let ttl = number(scope, &args, 1);
    if !(1..=255).contains(&ttl) {
        return rv.set_int32(-libc::EINVAL);
    }
    rv.set_int32(socket.set(libc::IP_TTL, libc::IPV6_UNICAST_HOPS, ttl));
}

/// `setMulticastTTL(id, hops)`
pub fn set_multicast_ttl(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(socket) = socket_of(scope, &args, &mut rv) else { return };
    let ttl = number(scope, &args, 1);
    rv.set_int32(socket.set(libc::IP_MULTICAST_TTL, libc::IPV6_MULTICAST_HOPS, ttl));
}

/// `setMulticastLoopback(id, on)`
pub fn set_multicast_loopback(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(socket) = socket_of(scope, &args, &mut rv) else { return };
    let on = number(scope, &args, 1);
    rv.set_int32(socket.set(libc::IP_MULTICAST_LOOP, libc::IPV6_MULTICAST_LOOP, on));
}

fn v4(ip: Ipv4Addr) -> libc::in_addr {
    libc::in_addr { s_addr: u32::from_ne_bytes(ip.octets()) }
}

/// The index of an interface that is named by an address with a zone (`::%eth0`), or 0.
fn interface_index(text: &str) -> u32 {
    let Some((_, zone)) = text.split_once('%') else { return 0 };
    if let Ok(index) = zone.parse() {
        return index;
    }
    let Ok(name) = std::ffi::CString::new(zone) else { return 0 };
    // SAFETY: a C string.
    unsafe { libc::if_nametoindex(name.as_ptr()) }
}

/// `setMulticastInterface(id, address)`
pub fn set_multicast_interface(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(socket) = socket_of(scope, &args, &mut rv) else { return };
    let address = text(scope, &args, 1).unwrap_or_default();
    let ip = address.split('%').next().unwrap_or_default();
    let result = if ip.parse::<Ipv6Addr>().is_ok() {
        if socket.fd.get() < 0 {
            -libc::EBADF
        } else if !socket.is_v6() {
            -libc::EINVAL
        } else {
            let index = interface_index(&address) as i32;
            set_option(socket.fd.get(), libc::IPPROTO_IPV6, libc::IPV6_MULTICAST_IF, index)
        }
    } else if let Ok(ip) = ip.parse::<Ipv4Addr>() {
        if socket.fd.get() < 0 {
            -libc::EBADF
        } else if socket.is_v6() {
            -libc::EINVAL
        } else {
            socket.set_struct(libc::IPPROTO_IP, libc::IP_MULTICAST_IF, &v4(ip))
        }
    } else {
        -libc::EINVAL
    };
    rv.set_int32(result);
}

/// `setMembership(id, group, interface | undefined, join)`
pub fn set_membership(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(socket) = socket_of(scope, &args, &mut rv) else { return };
    let group = text(scope, &args, 1).unwrap_or_default();
    let interface = text(scope, &args, 2);
    let join = args.get(3).is_true();
    let error = socket.ensure_for_group(&group);
    if error != 0 {
        return rv.set_int32(error);
    }
    let result = if let Ok(group) = group.parse::<Ipv4Addr>() {
        let local = match interface.as_deref().map(str::parse::<Ipv4Addr>) {
            None => Ipv4Addr::UNSPECIFIED,
            Some(Ok(ip)) => ip,
            Some(Err(_)) => return rv.set_int32(-libc::EINVAL),
        };
        let request = libc::ip_mreq { imr_multiaddr: v4(group), imr_interface: v4(local) };
        let name = if join { libc::IP_ADD_MEMBERSHIP } else { libc::IP_DROP_MEMBERSHIP };
        socket.set_struct(libc::IPPROTO_IP, name, &request)
    } else if let Ok(ip) = group.split('%').next().unwrap_or_default().parse::<Ipv6Addr>() {
        let request = libc::ipv6_mreq {
            ipv6mr_multiaddr: libc::in6_addr { s6_addr: ip.octets() },
            ipv6mr_interface: interface.as_deref().map_or(0, interface_index),
        };
        let name = if join { libc::IPV6_ADD_MEMBERSHIP } else { libc::IPV6_DROP_MEMBERSHIP };
        socket.set_struct(libc::IPPROTO_IPV6, name, &request)
    } else {
        -libc::EINVAL
    };
    rv.set_int32(result);
}

/// `setSourceMembership(id, source, group, interface | undefined, join)`
pub fn set_source_membership(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(socket) = socket_of(scope, &args, &mut rv) else { return };
    let source = text(scope, &args, 1).unwrap_or_default();
    let group = text(scope, &args, 2).unwrap_or_default();
    let interface = text(scope, &args, 3);
    let join = args.get(4).is_true();
    let error = socket.ensure_for_group(&group);
    if error != 0 {
        return rv.set_int32(error);
    }
    let result = match (source.parse::<Ipv4Addr>(), group.parse::<Ipv4Addr>()) {
        (Ok(source), Ok(group)) => {
            let local = match interface.as_deref().map(str::parse::<Ipv4Addr>) {
                None => Ipv4Addr::UNSPECIFIED,
                Some(Ok(ip)) => ip,
                Some(Err(_)) => return rv.set_int32(-libc::EINVAL),
            };
            let request =
                libc::ip_mreq_source { imr_multiaddr: v4(group), imr_interface: v4(local), imr_sourceaddr: v4(source) };
            let name = if join { libc::IP_ADD_SOURCE_MEMBERSHIP } else { libc::IP_DROP_SOURCE_MEMBERSHIP };
            socket.set_struct(libc::IPPROTO_IP, name, &request)
        }
        _ => match (source.parse::<Ipv6Addr>(), group.parse::<Ipv6Addr>()) {
            (Ok(source), Ok(group)) => {
                let request = GroupSource {
                    interface: interface.as_deref().map_or(0, interface_index),
                    group: storage(group),
                    source: storage(source),
                };
                let name = if join { MCAST_JOIN_SOURCE_GROUP } else { MCAST_LEAVE_SOURCE_GROUP };
                socket.set_struct(libc::IPPROTO_IPV6, name, &request)
            }
            _ => -libc::EINVAL,
        },
    };
    rv.set_int32(result);
}

// <linux/in.h>
const MCAST_JOIN_SOURCE_GROUP: i32 = 46;
const MCAST_LEAVE_SOURCE_GROUP: i32 = 47;

/// `struct group_source_req`
#[repr(C)]
struct GroupSource {
    interface: u32,
    group: libc::sockaddr_storage,
    source: libc::sockaddr_storage,
}

fn storage(ip: Ipv6Addr) -> libc::sockaddr_storage {
    let inner = libc::sockaddr_in6 {
        sin6_family: libc::AF_INET6 as u16,
        sin6_port: 0,
        sin6_flowinfo: 0,
        sin6_addr: libc::in6_addr { s6_addr: ip.octets() },
        sin6_scope_id: 0,
    };
    // SAFETY: all zeros is a valid sockaddr_storage, which is large enough and aligned for every sockaddr.
    unsafe {
        let mut storage: libc::sockaddr_storage = std::mem::zeroed();
        (&raw mut storage).cast::<libc::sockaddr_in6>().write(inner);
        storage
    }
}

/// `bufferSize(id, size, isReceive)`: sets it, or reads it where `size` is 0; bytes or errno.
pub fn buffer_size(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(socket) = socket_of(scope, &args, &mut rv) else { return };
    let size = args.get(1).uint32_value(scope).unwrap_or(0);
    let name = if args.get(2).is_true() { libc::SO_RCVBUF } else { libc::SO_SNDBUF };
    if size > i32::MAX as u32 {
        return rv.set_int32(-libc::EINVAL);
    }
    let result = if size == 0 {
        get_option(socket.fd.get(), libc::SOL_SOCKET, name).unwrap_or_else(|e| e)
    } else {
        let error = set_option(socket.fd.get(), libc::SOL_SOCKET, name, size as i32);
        if error == 0 { size as i32 } else { error }
    };
    rv.set_int32(result);
}
