//! `internalBinding('os')`: what the system says of itself, as libuv reads it.
//!
//! Owns: the system calls and `/proc` files. Does not own: Node's objects and errors (`js/os.js`). Errors are negative errno numbers.

use crate::binding;
use std::ffi::CStr;
use std::io::Read;
use std::net::{Ipv4Addr, Ipv6Addr};

fn errno() -> i32 {
    -std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)
}

fn array<'s>(scope: &mut v8::PinScope<'s, '_>, items: &[v8::Local<'s, v8::Value>], mut rv: v8::ReturnValue) {
    rv.set(v8::Array::new_with_elements(scope, items).into());
}

/// `hostname()`.
fn hostname(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let mut buffer = [0u8; 256];
    // SAFETY: the buffer is as long as it says.
    if unsafe { libc::gethostname(buffer.as_mut_ptr().cast(), buffer.len() - 1) } != 0 {
        return rv.set_int32(errno());
    }
    let name = CStr::from_bytes_until_nul(&buffer).unwrap_or_default();
    rv.set(binding::string(scope, &name.to_string_lossy()));
}

/// `uname()`: `[sysname, version, release, machine]`.
fn uname(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    // SAFETY: all zeros is a valid utsname.
    let mut names: libc::utsname = unsafe { std::mem::zeroed() };
    // SAFETY: it is filled with strings that end in a zero.
    if unsafe { libc::uname(&mut names) } != 0 {
        return rv.set_int32(errno());
    }
    let parts = [&names.sysname, &names.version, &names.release, &names.machine].map(|field| {
        // SAFETY: see above.
        let text = unsafe { CStr::from_ptr(field.as_ptr()) };
        binding::string(scope, &text.to_string_lossy())
    });
    array(scope, &parts, rv);
}

/// `loadavg()`: three numbers with the two decimals that /proc gives.
fn loadavg(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, rv: v8::ReturnValue) {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let mut fields = text.split(' ').map(|field| field.parse().unwrap_or(0.0));
    let values = [(); 3].map(|()| v8::Number::new(scope, fields.next().unwrap_or(0.0)).into());
    array(scope, &values, rv);
}

/// `uptime()`: seconds since the system started.
fn uptime(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let text = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
    if let Some(seconds) = text.split(' ').next().and_then(|n| n.parse::<f64>().ok()) {
        return rv.set_double(seconds);
    }
    // SAFETY: all zeros is a valid timespec, which is filled.
    let mut time: libc::timespec = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &mut time) };
    rv.set_double(time.tv_sec as f64 + time.tv_nsec as f64 / 1e9);
}

/// A line of /proc/meminfo in bytes.
fn meminfo(name: &str) -> Option<f64> {
    // It is shorter; one read has all of it.
    let mut text = [0; 4096];
    let length = std::fs::File::open("/proc/meminfo").and_then(|mut file| file.read(&mut text)).ok()?;
    let text = std::str::from_utf8(&text[..length]).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<f64>().ok()? * 1024.0)
}

/// What sysinfo(2) says of memory: total and free bytes.
fn sysinfo() -> (f64, f64) {
    // SAFETY: all zeros is a valid sysinfo, which is filled.
    let mut info: libc::sysinfo = unsafe { std::mem::zeroed() };
    // SAFETY: as above.
    unsafe { libc::sysinfo(&mut info) };
    let unit = f64::from(info.mem_unit);
    (info.totalram as f64 * unit, info.freeram as f64 * unit)
}

/// `totalmem()`: bytes.
fn totalmem(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_double(meminfo("MemTotal").unwrap_or_else(|| sysinfo().0));
}

/// `freemem()`: bytes that can be had without swapping.
fn freemem(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_double(meminfo("MemAvailable").unwrap_or_else(|| sysinfo().1));
}

/// `availableParallelism()`: processors this process may use.
fn available_parallelism(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_uint32(std::thread::available_parallelism().map_or(1, |n| n.get() as u32));
}

/// `cpus()`: flat; model, MHz and milliseconds in user, nice, sys, idle and irq of each processor.
fn cpus(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, rv: v8::ReturnValue) {
    let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models: Vec<&str> = info
        .lines()
        .filter_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, model)| model))
        .collect();
    // SAFETY: a plain query.
    let tick = 1000.0 / unsafe { libc::sysconf(libc::_SC_CLK_TCK) }.max(1) as f64;
    let mut out: Vec<v8::Local<v8::Value>> = Vec::new();
    for line in stat.lines().skip(1) {
        let mut fields = line.split_ascii_whitespace();
        let Some(number) = fields.next().and_then(|f| f.strip_prefix("cpu")).and_then(|n| n.parse::<usize>().ok())
        else {
            break;
        };
        let times: Vec<f64> = fields.map(|f| f.parse::<f64>().unwrap_or(0.0) * tick).collect();
        let speed = std::fs::read_to_string(format!("/sys/devices/system/cpu/cpu{number}/cpufreq/scaling_cur_freq"))
            .ok()
            .and_then(|khz| khz.trim().parse::<f64>().ok())
            .map_or(0.0, |khz| (khz / 1000.0).trunc());
        out.push(binding::string(scope, models.get(number).copied().unwrap_or("unknown")));
        out.push(v8::Number::new(scope, speed).into());
        // user, nice, system, idle, (iowait,) irq
        for field in [0, 1, 2, 3, 5] {
            out.push(v8::Number::new(scope, times.get(field).copied().unwrap_or(0.0)).into());
        }
    }
    array(scope, &out, rv);
}

/// The address in a sockaddr of IPv4 or IPv6, and its scope.
///
/// # Safety
/// `address` is null or points to a whole sockaddr of its family.
unsafe fn address(address: *const libc::sockaddr) -> Option<(String, Option<u32>)> {
    if address.is_null() {
        return None;
    }
    // SAFETY: the caller's promise; the family says which struct it is.
    unsafe {
        match i32::from((*address).sa_family) {
            libc::AF_INET => {
                let address = &*address.cast::<libc::sockaddr_in>();
                Some((Ipv4Addr::from(u32::from_be(address.sin_addr.s_addr)).to_string(), None))
            }
            libc::AF_INET6 => {
                let address = &*address.cast::<libc::sockaddr_in6>();
                Some((Ipv6Addr::from(address.sin6_addr.s6_addr).to_string(), Some(address.sin6_scope_id)))
            }
            _ => None,
        }
    }
}

/// `networkInterfaces()`: flat; name, address, netmask, family, MAC, whether internal, and scope id (-1 for IPv4) of each address.
fn network_interfaces(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let mut list: *mut libc::ifaddrs = std::ptr::null_mut();
    // SAFETY: getifaddrs() makes a list that is freed below.
    if unsafe { libc::getifaddrs(&mut list) } != 0 {
        return rv.set_int32(errno());
    }
    let mut entries: Vec<&libc::ifaddrs> = Vec::new();
    let mut next = list;
    while !next.is_null() {
        // SAFETY: the list's entries are valid until it is freed.
        let entry = unsafe { &*next };
        if entry.ifa_flags & libc::IFF_UP as u32 != 0
            && entry.ifa_flags & libc::IFF_RUNNING as u32 != 0
            && !entry.ifa_addr.is_null()
        {
            entries.push(entry);
        }
        next = entry.ifa_next;
    }
    // SAFETY: as above; names end in a zero.
    let name = |entry: &libc::ifaddrs| unsafe { CStr::from_ptr(entry.ifa_name) }.to_string_lossy().into_owned();
    let mut out: Vec<v8::Local<v8::Value>> = Vec::new();
    for entry in &entries {
        // SAFETY: as above.
        let Some((text, scope_id)) = (unsafe { address(entry.ifa_addr) }) else { continue };
        // SAFETY: as above.
        let mask = unsafe { address(entry.ifa_netmask) }.map_or_else(String::new, |(mask, _)| mask);
        let own = name(entry);
        let mac = entries.iter().find_map(|other| {
            // SAFETY: an address of this family is a sockaddr_ll.
            let link = unsafe {
                (i32::from((*other.ifa_addr).sa_family) == libc::AF_PACKET)
                    .then(|| &*other.ifa_addr.cast::<libc::sockaddr_ll>())?
            };
            (name(other) == own).then_some(link.sll_addr)
        });
        let mac = mac.unwrap_or_default();
        let mac = mac[..6].iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(":");
        let family = if scope_id.is_some() { "IPv6" } else { "IPv4" };
        out.extend([&*own, &*text, &*mask, family, &*mac].map(|text| binding::string(scope, text)));
        let internal = entry.ifa_flags & libc::IFF_LOOPBACK as u32 != 0;
        out.push(v8::Boolean::new(scope, internal).into());
        out.push(v8::Number::new(scope, scope_id.map_or(-1.0, f64::from)).into());
    }
    // SAFETY: made by getifaddrs() and not used any more.
    unsafe { libc::freeifaddrs(list) };
    array(scope, &out, rv);
}

/// `getPriority(pid)`: -20 to 19, or `[errno]`.
fn get_priority(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let pid = args.get(0).int32_value(scope).unwrap_or(0);
    // SAFETY: plain system calls; -1 is also a priority, so errno is cleared first.
    let (priority, failed) = unsafe {
        *libc::__errno_location() = 0;
        let priority = libc::getpriority(libc::PRIO_PROCESS, pid as libc::id_t);
        (priority, *libc::__errno_location() != 0)
    };
    if failed {
        let number = v8::Integer::new(scope, errno()).into();
        return array(scope, &[number], rv);
    }
    rv.set_int32(priority);
}

/// `setPriority(pid, priority)`: 0 or an errno.
fn set_priority(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let pid = args.get(0).int32_value(scope).unwrap_or(0);
    let priority = args.get(1).int32_value(scope).unwrap_or(0);
    // SAFETY: a plain system call.
    let result = unsafe { libc::setpriority(libc::PRIO_PROCESS, pid as libc::id_t, priority) };
    rv.set_int32(if result == 0 { 0 } else { errno() });
}

/// `userInfo()`: `[uid, gid, name, home, shell]`, the last three as bytes, or an errno.
///
/// Reads /etc/passwd itself: the C library's way loads shared objects, which a static executable cannot.
fn user_info(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    // SAFETY: plain queries.
    let uid = unsafe { libc::geteuid() };
    let users = std::fs::read("/etc/passwd").unwrap_or_default();
    let user = users.split(|&b| b == b'\n').find_map(|line| {
        let fields: Vec<&[u8]> = line.split(|&b| b == b':').collect();
        let number = |i: usize| std::str::from_utf8(fields.get(i)?).ok()?.parse::<u32>().ok();
        (fields.len() >= 7 && number(2)? == uid).then_some((number(3)?, [fields[0], fields[5], fields[6]]))
    });
    let Some((gid, texts)) = user else { return rv.set_int32(-libc::ENOENT) };
    let mut out: Vec<v8::Local<v8::Value>> = Vec::new();
    out.extend([uid, gid].map(|n| v8::Local::<v8::Value>::from(v8::Number::new(scope, n.into()))));
    out.extend(texts.map(|text| v8::Local::<v8::Value>::from(binding::uint8_array(scope, text.to_vec()))));
    array(scope, &out, rv);
}

binding!("os", [
    hostname => hostname,
    uname => uname,
    loadavg => loadavg,
    uptime => uptime,
    totalmem => totalmem,
    freemem => freemem,
    availableParallelism => available_parallelism,
    cpus => cpus,
    networkInterfaces => network_interfaces,
    getPriority => get_priority,
    setPriority => set_priority,
    userInfo => user_info,
]);
