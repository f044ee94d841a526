//! `internalBinding('trace_events')`: the log of trace events (`trace_log.rs`) for JavaScript, which emits most of them
//! (`js/internal/trace_events/`).

use crate::binding;
use crate::trace_log::{self, Event, Stamp};
use std::ffi::c_void;

type Args<'s> = v8::FunctionCallbackArguments<'s>;

fn strings(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Vec<String> {
    let Ok(list) = v8::Local::<v8::Array>::try_from(value) else { return Vec::new() };
    let mut out = Vec::new();
    for i in 0..list.length() {
        if let Some(item) = list.get_index(scope, i) {
            out.push(item.to_rust_string_lossy(scope));
        }
    }
    out
}

/// JSON of a value, `{}` where it has none.
fn json(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> String {
    if value.is_undefined() {
        return "{}".into();
    }
    v8::json::stringify(scope, value).map_or_else(|| "{}".into(), |text| text.to_rust_string_lossy(scope))
}

/// A number of microseconds from milliseconds of the monotonic clock.
fn stamp(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Option<Stamp> {
    let milliseconds = value.is_number().then(|| value.number_value(scope)).flatten()?;
    Some(Stamp { time: (milliseconds * 1000.0) as u64, cpu: Stamp::now().cpu })
}

fn write(scope: &mut v8::PinScope, args: &Args, json: &str) {
    let phase = args.get(0).uint32_value(scope).unwrap_or(0) as u8;
    let group = args.get(1).to_rust_string_lossy(scope);
    let name = args.get(2).to_rust_string_lossy(scope);
    let id = args.get(3).is_number().then(|| args.get(3).integer_value(scope)).flatten();
    let at = stamp(scope, args.get(5));
    let lasted = phase == b'X' && at.is_some();
    let id = id.map(|id| id as u64);
    trace_log::emit(&Event { phase, group: &group, name: &name, id, args: json, at, lasted });
}

/// `trace(phase, group, name, id, data)`: an event whose one argument is `data`.
fn trace(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let json =
        if args.get(4).is_undefined() { "{}".into() } else { format!("{{\"data\":{}}}", json(scope, args.get(4))) };
    write(scope, &args, &json);
}

/// `emit(phase, group, name, id, args, at)`: an event with these arguments, at this time if there is one.
fn emit(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let json = json(scope, args.get(4));
    write(scope, &args, &json);
}

/// `describe(name, args)`: metadata.
fn describe(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let name = args.get(0).to_rust_string_lossy(scope);
    let json = json(scope, args.get(1));
    trace_log::describe(&name, &json);
}

/// `change(categories, enable)`
fn change(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    trace_log::change(&strings(scope, args.get(0)), args.get(1).is_true());
}

/// `collect(categories)`: keeps their events; a number for `collected`.
fn collect(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    rv.set_uint32(trace_log::collect(strings(scope, args.get(0))));
}

/// `collected(number)`: a JSON array, after which nothing is kept.
fn collected(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let number = args.get(0).uint32_value(scope).unwrap_or(0);
    rv.set(binding::string(scope, &trace_log::collected(number)));
}

/// `metadata()`: a JSON array.
fn metadata(scope: &mut v8::PinScope, _: Args, mut rv: v8::ReturnValue) {
    rv.set(binding::string(scope, &trace_log::metadata()));
}

/// `getEnabledCategories()`: comma-separated, `undefined` where there are none.
fn get_enabled_categories(scope: &mut v8::PinScope, _: Args, mut rv: v8::ReturnValue) {
    let enabled = trace_log::enabled();
    if !enabled.is_empty() {
        rv.set(binding::string(scope, &enabled.join(",")));
    }
}

/// `isTraceCategoryEnabled(group)`
fn is_trace_category_enabled(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    rv.set_bool(trace_log::is_enabled(&args.get(0).to_rust_string_lossy(scope)));
}

unsafe extern "C" fn keep(_: *mut c_void, _: usize, _: *mut c_void) {}

/// `getCategoryEnabledBuffer(group)`: a Uint8Array of one byte, which is 1 while the group is enabled.
fn get_category_enabled_buffer(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let shown = trace_log::shown(args.get(0).to_rust_string_lossy(scope));
    // SAFETY: one byte that is never freed.
    let store =
        unsafe { v8::ArrayBuffer::new_backing_store_from_ptr(shown.as_ptr().cast(), 1, keep, std::ptr::null_mut()) };
    let buffer = v8::ArrayBuffer::with_backing_store(scope, &store.make_shared());
    if let Some(array) = v8::Uint8Array::new(scope, buffer, 0, 1) {
        rv.set(array.into());
    }
}

binding!("trace_events", [
    trace => trace,
    emit => emit,
    describe => describe,
    change => change,
    collect => collect,
    collected => collected,
    metadata => metadata,
    getEnabledCategories => get_enabled_categories,
    isTraceCategoryEnabled => is_trace_category_enabled,
    getCategoryEnabledBuffer => get_category_enabled_buffer,
]);
