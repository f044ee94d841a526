//! `internalBinding('process')`: what the operating system knows of this process.

use crate::{binding, fast_call, options};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// The last errno, negative.
fn errno() -> i32 {
    -std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)
}

/// The result of a system call in libuv's form: it, or the negative errno.
fn result(code: libc::c_int) -> i32 {
    if code < 0 { errno() } else { code }
}

fn text_list<'s>(scope: &mut v8::PinScope<'s, '_>, list: &[String]) -> v8::Local<'s, v8::Value> {
    let list: Vec<v8::Local<v8::Value>> = list.iter().map(|s| binding::string(scope, s)).collect();
    v8::Array::new_with_elements(scope, &list).into()
}

/// `start()`: argv0, execArgv, the words after, execPath, pid, ppid.
fn start(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let options = options::current();
    let object = v8::Object::new(scope);
    let argv0 = binding::string(scope, &options.argv0);
    binding::set(scope, object, "argv0", argv0);
    let exec_argv = text_list(scope, &options.exec_argv);
    binding::set(scope, object, "execArgv", exec_argv);
    let rest = text_list(scope, &options.rest);
    binding::set(scope, object, "rest", rest);
    let child = v8::Boolean::new(scope, options.child).into();
    binding::set(scope, object, "child", child);
    if options.inspects() {
        let inspects = v8::Boolean::new(scope, true).into();
        binding::set(scope, object, "inspects", inspects);
    }
    let exec_path =
        crate::app::executable().map(|p| p.to_string_lossy().into_owned()).unwrap_or_else(|_| options.argv0.clone());
    let exec_path = binding::string(scope, &exec_path);
    binding::set(scope, object, "execPath", exec_path);
    binding::set_number(scope, object, "pid", f64::from(std::process::id()));
    let version = binding::string(scope, crate::runtime::NODE_VERSION);
    binding::set(scope, object, "version", version);
    let v8_version = binding::string(scope, v8::V8::get_version());
    binding::set(scope, object, "v8Version", v8_version);
    rv.set(object.into());
}

fn ppid(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    // SAFETY: cannot fail.
    rv.set_int32(unsafe { libc::getppid() });
}

/// `cwd()`: text or a negative errno.
fn cwd(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    match std::env::current_dir() {
        Ok(path) => {
            let path = binding::string(scope, &path.to_string_lossy());
            rv.set(path);
        }
        Err(error) => rv.set_int32(-error.raw_os_error().unwrap_or(libc::EIO)),
    }
}

fn chdir(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let path = args.get(0).to_rust_string_lossy(scope);
    rv.set_int32(match std::env::set_current_dir(path) {
        Ok(()) => 0,
        Err(error) => -error.raw_os_error().unwrap_or(libc::EIO),
    });
}

/// `umask(mask | undefined)`: the old one.
fn umask(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    // SAFETY: cannot fail.
    let old = unsafe {
        match args.get(0).uint32_value(scope) {
            Some(mask) if !args.get(0).is_undefined() => libc::umask(mask as libc::mode_t),
            _ => {
                let old = libc::umask(0);
                libc::umask(old);
                old
            }
        }
    };
    rv.set_uint32(old);
}

fn monotonic() -> (u64, u32) {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a valid timespec.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    (time.tv_sec as u64, time.tv_nsec as u32)
}

/// `hrtime(Uint32Array(3))`: seconds high, seconds low, nanoseconds.
fn hrtime(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    write_time(args.get(0));
}

fn write_time(target: v8::Local<v8::Value>) {
    let (seconds, nanos) = monotonic();
    if let Some(out) = binding::bytes_in_place(target) {
        for (slot, value) in out.chunks_exact_mut(4).zip([(seconds >> 32) as u32, seconds as u32, nanos]) {
            slot.copy_from_slice(&value.to_ne_bytes());
        }
    }
}

/// `hrtimeBigInt(BigUint64Array(1))`: nanoseconds.
fn hrtime_bigint(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    write_nanoseconds(args.get(0));
}

fn write_nanoseconds(target: v8::Local<v8::Value>) {
    let (seconds, nanos) = monotonic();
    if let Some(slot) = binding::bytes_in_place(target).and_then(|bytes| bytes.first_chunk_mut()) {
        *slot = (seconds * 1_000_000_000 + u64::from(nanos)).to_ne_bytes();
    }
}

/// `now()`: monotonic milliseconds with fractions; the origin is arbitrary but fixed.
fn now(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_double(milliseconds());
}

fn milliseconds() -> f64 {
    let (seconds, nanos) = monotonic();
    seconds as f64 * 1e3 + f64::from(nanos) / 1e6
}

extern "C" fn fast_now(_: v8::Local<v8::Value>) -> f64 {
    milliseconds()
}

extern "C" fn fast_hrtime(_: v8::Local<v8::Value>, target: v8::Local<v8::Value>) {
    write_time(target);
}

extern "C" fn fast_hrtime_bigint(_: v8::Local<v8::Value>, target: v8::Local<v8::Value>) {
    write_nanoseconds(target);
}

fast_call!(FAST_NOW = fast_now, () -> Float64);
fast_call!(FAST_HRTIME = fast_hrtime, (V8Value) -> Void);
fast_call!(FAST_HRTIME_BIGINT = fast_hrtime_bigint, (V8Value) -> Void);

/// `startTime()`: `[monotonic ms, wall ms]` of the start of this process, from the kernel.
fn start_time(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    // Read once, so that every thread has the same.
    static START: std::sync::OnceLock<(f64, f64)> = std::sync::OnceLock::new();
    let (monotonic, wall) = *START.get_or_init(|| {
        let now = milliseconds();
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |d| d.as_secs_f64() * 1e3);
        let age = process_age().unwrap_or(0.0);
        (now - age, wall - age)
    });
    let pair = [v8::Number::new(scope, monotonic).into(), v8::Number::new(scope, wall).into()];
    rv.set(v8::Array::new_with_elements(scope, &pair).into());
}

/// Milliseconds since this process was made, to the kernel's tick.
fn process_age() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let started: f64 = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()?;
    // SAFETY: cannot fail for this name.
    let ticks = unsafe { libc::sysconf(libc::_SC_CLK_TCK) } as f64;
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a valid timespec.
    unsafe { libc::clock_gettime(libc::CLOCK_BOOTTIME, &mut time) };
    let up = time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6;
    Some((up - started * 1e3 / ticks).max(0.0))
}

/// `memoryUsage(Float64Array(5))`: rss, heapTotal, heapUsed, external, arrayBuffers; bytes.
fn memory_usage(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let heap = scope.get_heap_statistics();
    let values = [
        resident_set() as f64,
        heap.total_heap_size() as f64,
        heap.used_heap_size() as f64,
        heap.external_memory() as f64,
        crate::array_buffers::held() as f64,
    ];
    if let Some(out) = binding::bytes_in_place(args.get(0)) {
        for (slot, value) in out.chunks_exact_mut(8).zip(values) {
            slot.copy_from_slice(&value.to_ne_bytes());
        }
    }
}

fn resident_set() -> u64 {
    let pages =
        std::fs::read_to_string("/proc/self/statm").ok().and_then(|s| s.split_whitespace().nth(1)?.parse::<u64>().ok());
    // SAFETY: cannot fail for this name.
    pages.unwrap_or(0) * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as u64
}

fn rss(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_double(resident_set() as f64);
}

/// `resourceUsage(Float64Array(16), thread)`: the fields of rusage in libuv's order; times in microseconds.
fn resource_usage(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let who = if args.get(1).is_true() { libc::RUSAGE_THREAD } else { libc::RUSAGE_SELF };
    // SAFETY: rusage is plain data that getrusage fills.
    let (code, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::getrusage(who, &mut usage), usage)
    };
    let micros = |t: libc::timeval| t.tv_sec as f64 * 1e6 + t.tv_usec as f64;
    let values = [
        micros(usage.ru_utime),
        micros(usage.ru_stime),
        usage.ru_maxrss as f64,
        usage.ru_ixrss as f64,
        usage.ru_idrss as f64,
        usage.ru_isrss as f64,
        usage.ru_minflt as f64,
        usage.ru_majflt as f64,
        usage.ru_nswap as f64,
        usage.ru_inblock as f64,
        usage.ru_oublock as f64,
        usage.ru_msgsnd as f64,
        usage.ru_msgrcv as f64,
        usage.ru_nsignals as f64,
        usage.ru_nvcsw as f64,
        usage.ru_nivcsw as f64,
    ];
    if let Some(out) = binding::bytes_in_place(args.get(0)) {
        for (slot, value) in out.chunks_exact_mut(8).zip(values) {
            slot.copy_from_slice(&value.to_ne_bytes());
        }
    }
    rv.set_int32(result(code));
}

/// `kill(pid, signal)`: 0 or a negative errno.
fn kill(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let (pid, signal) = (args.get(0).int32_value(scope).unwrap_or(0), args.get(1).int32_value(scope).unwrap_or(0));
    // SAFETY: a plain system call.
    rv.set_int32(result(unsafe { libc::kill(pid, signal) }));
}

macro_rules! ids {
    ($($name:ident),*) => {
        $(fn $name(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
            // SAFETY: cannot fail.
            rv.set_uint32(unsafe { libc::$name() });
        })*
    };
}
ids!(getuid, geteuid, getgid, getegid);

macro_rules! set_ids {
    ($($name:ident),*) => {
        $(fn $name(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
            let id = args.get(0).uint32_value(scope).unwrap_or(0);
            // SAFETY: a plain system call.
            rv.set_int32(result(unsafe { libc::$name(id) }));
        })*
    };
}
set_ids!(setuid, seteuid, setgid, setegid);

fn getgroups(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    // SAFETY: the first call asks for the count, the second fills a buffer of that many.
    let mut groups = unsafe {
        let count = libc::getgroups(0, std::ptr::null_mut());
        if count < 0 {
            return rv.set_int32(errno());
        }
        let mut groups = vec![0; count as usize];
        let count = libc::getgroups(count, groups.as_mut_ptr());
        groups.truncate(count.max(0) as usize);
        groups
    };
    // SAFETY: cannot fail.
    let effective = unsafe { libc::getegid() };
    if !groups.contains(&effective) {
        groups.push(effective);
    }
    let list: Vec<v8::Local<v8::Value>> =
        groups.iter().map(|g| v8::Integer::new_from_unsigned(scope, *g).into()).collect();
    rv.set(v8::Array::new_with_elements(scope, &list).into());
}

fn setgroups(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(list) = v8::Local::<v8::Array>::try_from(args.get(0)) else { return };
    let mut groups: Vec<libc::gid_t> = Vec::new();
    for i in 0..list.length() {
        groups.push(list.get_index(scope, i).and_then(|g| g.uint32_value(scope)).unwrap_or(0));
    }
    // SAFETY: pointer and length of a live vector.
    rv.set_int32(result(unsafe { libc::setgroups(groups.len(), groups.as_ptr()) }));
}

/// `lookupId(name, isGroup)`: the number of a user or group, or undefined.
fn lookup_id(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let name = args.get(0).to_rust_string_lossy(scope);
    let file = if args.get(1).is_true() { "/etc/group" } else { "/etc/passwd" };
    // The C library's look-up loads plugins, which a static program cannot.
    let id = std::fs::read_to_string(file).ok().and_then(|text| {
        text.lines().find_map(|line| {
            let mut fields = line.split(':');
            (fields.next() == Some(&name)).then(|| fields.nth(1)?.parse::<u32>().ok()).flatten()
        })
    });
    if let Some(id) = id {
        rv.set_uint32(id);
    }
}

/// `userName(uid)`: undefined where there is none.
fn user_name(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let uid = args.get(0).uint32_value(scope).unwrap_or(0);
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then_some(name)
    });
    if let Some(name) = name {
        let name = binding::string(scope, name);
        rv.set(name);
    }
}

/// `groupsOf(user)`: numbers of the groups that name this user as a member.
fn groups_of(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let user = args.get(0).to_rust_string_lossy(scope);
    let groups = std::fs::read_to_string("/etc/group").unwrap_or_default();
    let numbers = groups.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let id: u32 = fields.get(2)?.parse().ok()?;
        fields.get(3)?.split(',').any(|member| member == user).then_some(id)
    });
    let numbers: Vec<u32> = numbers.collect();
    let numbers: Vec<v8::Local<v8::Value>> =
        numbers.into_iter().map(|id| v8::Integer::new_from_unsigned(scope, id).into()).collect();
    rv.set(v8::Array::new_with_elements(scope, &numbers).into());
}

/// `setTitle(text)`: the name `ps` shows for the main thread.
fn set_title(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let mut title = args.get(0).to_rust_string_lossy(scope);
    title.retain(|c| c != '\0');
    if let Ok(title) = std::ffi::CString::new(title) {
        // SAFETY: a C string; the kernel copies at most 16 bytes of it.
        unsafe { libc::prctl(libc::PR_SET_NAME, title.as_ptr()) };
        overwrite_arguments(title.as_bytes());
    }
}

/// Writes `title` where the kernel shows the command line from (`ps`), cut to the room that the arguments had.
fn overwrite_arguments(title: &[u8]) {
    let Ok(stat) = std::fs::read_to_string("/proc/self/stat") else { return };
    // After the name, which may contain anything, come fields 3 and up; 48 and 49 are the bounds of the arguments.
    let Some((_, fields)) = stat.rsplit_once(')') else { return };
    let field = |n: usize| fields.split_ascii_whitespace().nth(n - 3)?.parse::<usize>().ok();
    let (Some(start), Some(end)) = (field(48), field(49)) else { return };
    if start == 0 || end <= start {
        return;
    }
    let used = title.len().min(end - start - 1);
    // SAFETY: the kernel put the arguments there, on this process's stack; it is writable, and they were read at start.
    unsafe {
        std::ptr::copy_nonoverlapping(title.as_ptr(), start as *mut u8, used);
        std::ptr::write_bytes((start + used) as *mut u8, 0, end - start - used);
    }
}

/// `libc()`: the version of glibc, undefined with another library.
fn libc_version(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    #[cfg(target_env = "gnu")]
    {
        // SAFETY: a static C string.
        let version = unsafe { std::ffi::CStr::from_ptr(libc::gnu_get_libc_version()) };
        rv.set(binding::string(scope, &version.to_string_lossy()));
    }
    #[cfg(not(target_env = "gnu"))]
    let _ = (scope, &mut rv);
}

/// `memoryLimits()`: `[total, available, constrained]` in bytes.
fn memory_limits(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let field = |name: &str| {
        let line = meminfo.lines().find(|l| l.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok().map(|kib| kib * 1024.0)
    };
    let total = field("MemTotal:").unwrap_or(0.0);
    let read = |path: &str| std::fs::read_to_string(path).ok().and_then(|s| s.trim().parse::<f64>().ok());
    let limit = read("/sys/fs/cgroup/memory.max").or_else(|| read("/sys/fs/cgroup/memory/memory.limit_in_bytes"));
    let values = [total, field("MemAvailable:").unwrap_or(0.0), limit.filter(|l| *l < total * 4096.0).unwrap_or(total)];
    let values: Vec<v8::Local<v8::Value>> = values.iter().map(|v| v8::Number::new(scope, *v).into()).collect();
    rv.set(v8::Array::new_with_elements(scope, &values).into());
}

/// `uptime()`: seconds since the process was made.
fn uptime(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_double(age());
}

fn age() -> f64 {
    static FIRST: std::sync::OnceLock<(Instant, f64)> = std::sync::OnceLock::new();
    let (at, age) = FIRST.get_or_init(|| (Instant::now(), process_age().unwrap_or(0.0) / 1e3));
    at.elapsed().as_secs_f64() + age
}

extern "C" fn fast_uptime(_: v8::Local<v8::Value>) -> f64 {
    age()
}

fast_call!(FAST_UPTIME = fast_uptime, () -> Float64);

binding!("process", [
    start => start,
    ppid => ppid,
    cwd => cwd,
    chdir => chdir,
    umask => umask,
    hrtime => hrtime,
    hrtimeBigInt => hrtime_bigint,
    now => now,
    startTime => start_time,
    memoryUsage => memory_usage,
    rss => rss,
    resourceUsage => resource_usage,
    kill => kill,
    getuid => getuid,
    geteuid => geteuid,
    getgid => getgid,
    getegid => getegid,
    setuid => setuid,
    seteuid => seteuid,
    setgid => setgid,
    setegid => setegid,
    getgroups => getgroups,
    setgroups => setgroups,
    lookupId => lookup_id,
    userName => user_name,
    groupsOf => groups_of,
    setTitle => set_title,
    libc => libc_version,
    memoryLimits => memory_limits,
    uptime => uptime,
], fast = [now => FAST_NOW, uptime => FAST_UPTIME, hrtime => FAST_HRTIME, hrtimeBigInt => FAST_HRTIME_BIGINT]);
