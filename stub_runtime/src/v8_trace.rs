//! V8's own trace events, for the log (`trace_log.rs`).
//!
//! Owns: V8's controller of tracing, whose functions that take events are replaced when one of V8's categories is enabled first. Does
//! not own: the categories. Arguments that V8 makes as objects are null.

use crate::trace_log::{self, Stamp};
use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_void};
use std::sync::Mutex;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

unsafe extern "C" {
    fn _ZN2v88platform15DefaultPlatform20GetTracingControllerEv(platform: *const v8::Platform) -> *mut Controller;
    fn _ZN2v88platform7tracing17TracingController12StartTracingEPNS1_11TraceConfigE(
        controller: *mut Controller,
        config: *mut c_void,
    );
    fn _ZN2v88platform7tracing17TracingController20GetCategoryGroupNameEPKh(flag: *const u8) -> *const c_char;
    fn _ZN2v88platform7tracing11TraceConfig24CreateDefaultTraceConfigEv() -> *mut c_void;
    fn _ZN2v88platform7tracing11TraceConfig19AddIncludedCategoryEPKc(config: *mut c_void, category: *const c_char);
}

/// `v8::platform::tracing::TracingController`
#[repr(C)]
struct Controller {
    functions: *const c_void,
}

/// Its virtual functions: two destructors, GetCategoryGroupEnabled, the three below, two of observers, two clocks.
const FUNCTIONS: usize = 10;
const ADD: usize = 3;
const ADD_AT: usize = 4;
const UPDATE: usize = 5;

static CONTROLLER: AtomicPtr<Controller> = AtomicPtr::new(std::ptr::null_mut());
static LAST: AtomicU64 = AtomicU64::new(0);
/// Events whose end has not come, by handle.
static OPEN: Mutex<Option<HashMap<u64, Open>>> = Mutex::new(None);

struct Open {
    event: Taken,
    at: Stamp,
}

/// An event of V8's, whose texts last only during the call.
struct Taken {
    phase: u8,
    group: String,
    name: String,
    id: Option<u64>,
    args: String,
}

impl Taken {
    fn emit(&self, at: Option<Stamp>, lasted: bool) {
        let Taken { phase, group, name, id, args } = self;
        trace_log::emit(&trace_log::Event { phase: *phase, group, name, id: *id, args, at, lasted });
    }
}

/// # Safety
/// A C string or null.
unsafe fn text(string: *const c_char) -> String {
    // SAFETY: the caller's.
    if string.is_null() { String::new() } else { unsafe { CStr::from_ptr(string) }.to_string_lossy().into_owned() }
}

/// # Safety
/// `kind` is the value's (`TRACE_VALUE_TYPE_*`).
unsafe fn value_of(kind: u8, value: u64, out: &mut String) {
    match kind {
        1 => out.push_str(if value != 0 { "true" } else { "false" }),
        2 => out.push_str(&value.to_string()),
        3 => out.push_str(&(value as i64).to_string()),
        4 => match f64::from_bits(value) {
            number if number.is_finite() => out.push_str(&number.to_string()),
            number => trace_log::quoted(out, &number.to_string()),
        },
        5 => out.push_str(&format!("\"0x{value:x}\"")),
        // SAFETY: the caller's.
        6 | 7 => trace_log::quoted(out, &unsafe { text(value as *const c_char) }),
        _ => out.push_str("null"),
    }
}

/// `TracingController::AddTraceEventWithTimestamp`: a handle for the event's end.
unsafe extern "C" fn add_at(
    _: *mut Controller,
    phase: c_char,
    flag: *const u8,
    name: *const c_char,
    _scope: *const c_char,
    id: u64,
    _bind_id: u64,
    count: i32,
    names: *const *const c_char,
    kinds: *const u8,
    values: *const u64,
    _objects: *mut c_void,
    flags: u32,
    time: i64,
) -> u64 {
    const HAS_ID: u32 = 2;
    // SAFETY: V8's texts and arrays of that length.
    let event = unsafe {
        let mut args = String::from("{");
        for i in 0..usize::try_from(count).unwrap_or(0) {
            if i > 0 {
                args.push(',');
            }
            trace_log::quoted(&mut args, &text(*names.add(i)));
            args.push(':');
            value_of(*kinds.add(i), *values.add(i), &mut args);
        }
        args.push('}');
        let group = text(_ZN2v88platform7tracing17TracingController20GetCategoryGroupNameEPKh(flag));
        Taken { phase: phase as u8, group, name: text(name), id: (flags & HAS_ID != 0).then_some(id), args }
    };
    let at = Stamp { time: time as u64, cpu: Stamp::now().cpu };
    if event.phase != b'X' {
        event.emit(Some(at), false);
        return 0;
    }
    let handle = LAST.fetch_add(1, Ordering::Relaxed) + 1;
    OPEN.lock().unwrap().get_or_insert_default().insert(handle, Open { event, at });
    handle
}

/// `TracingController::AddTraceEvent`
unsafe extern "C" fn add(
    controller: *mut Controller,
    phase: c_char,
    flag: *const u8,
    name: *const c_char,
    scope: *const c_char,
    id: u64,
    bind_id: u64,
    count: i32,
    names: *const *const c_char,
    kinds: *const u8,
    values: *const u64,
    objects: *mut c_void,
    flags: u32,
) -> u64 {
    let time = Stamp::now().time as i64;
    // SAFETY: as it came.
    unsafe {
        add_at(controller, phase, flag, name, scope, id, bind_id, count, names, kinds, values, objects, flags, time)
    }
}

/// `TracingController::UpdateTraceEventDuration`: the event's end.
unsafe extern "C" fn update(_: *mut Controller, _: *const u8, _: *const c_char, handle: u64) {
    let open = OPEN.lock().unwrap().as_mut().and_then(|open| open.remove(&handle));
    if let Some(Open { event, at }) = open {
        event.emit(Some(at), true);
    }
}

/// V8's controller, with the functions above.
fn controller() -> *mut Controller {
    let known = CONTROLLER.load(Ordering::Acquire);
    if !known.is_null() {
        return known;
    }
    let platform = v8::V8::get_current_platform();
    // SAFETY: our platform is a DefaultPlatform; the table has that many functions, and V8 calls them by it only.
    let controller = unsafe {
        let controller = _ZN2v88platform15DefaultPlatform20GetTracingControllerEv(&raw const *platform);
        // Two words in front of it tell of its type.
        let old = (*controller).functions.cast::<*const c_void>().sub(2);
        let table = Box::leak(Box::new([std::ptr::null::<c_void>(); FUNCTIONS + 2]));
        table.copy_from_slice(std::slice::from_raw_parts(old, FUNCTIONS + 2));
        table[2 + ADD] = add as *const c_void;
        table[2 + ADD_AT] = add_at as *const c_void;
        table[2 + UPDATE] = update as *const c_void;
        (*controller).functions = table.as_ptr().add(2).cast();
        controller
    };
    CONTROLLER.store(controller, Ordering::Release);
    controller
}

/// Of these enabled categories V8 takes its own.
pub fn change(categories: &[String]) {
    let ours = |category: &str| category == "node" || category.starts_with("node.");
    if CONTROLLER.load(Ordering::Relaxed).is_null() && categories.iter().all(|category| ours(category)) {
        return;
    }
    let controller = controller();
    // SAFETY: V8 takes the configuration over. That it has "v8" in any case costs what the log then leaves out.
    unsafe {
        let config = _ZN2v88platform7tracing11TraceConfig24CreateDefaultTraceConfigEv();
        for category in categories.iter().filter(|category| !ours(category)) {
            if let Ok(category) = std::ffi::CString::new(category.as_str()) {
                _ZN2v88platform7tracing11TraceConfig19AddIncludedCategoryEPKc(config, category.as_ptr());
            }
        }
        _ZN2v88platform7tracing17TracingController12StartTracingEPNS1_11TraceConfigE(controller, config);
    }
}
