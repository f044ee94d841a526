//! `internalBinding('performance')`: milestones, the loop's figures, times of garbage collections.
//!
//! Owns: what is observed of collections. Does not own: the clock readings (`milestones.rs`), entries (`js/internal/perf/`).

use crate::tasks::Callback;
use crate::{binding, event_loop, milestones};
use std::cell::RefCell;
use std::ffi::c_void;

/// A time that has not come yet is -1.
fn milliseconds(time: u64) -> f64 {
    if time == 0 { -1.0 } else { time as f64 / 1e6 }
}

/// The figures of a loop in the order of `js/internal/perf/node_timing.js`, after the four milestones.
pub fn loop_figures(times: &milestones::LoopTimes) -> [f64; 5] {
    let [start, exit, idle, turns, events] = times.all();
    [milliseconds(start), milliseconds(exit), idle as f64 / 1e6, turns as f64, events as f64]
}

/// `figures(Float64Array(9))`.
fn figures(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let Ok(array) = v8::Local::<v8::Float64Array>::try_from(args.get(0)) else { return };
    let own = milestones::all().map(milliseconds);
    let of_loop = loop_figures(event_loop::current().times());
    let bytes: Vec<u8> = own.iter().chain(&of_loop).flat_map(|figure| figure.to_ne_bytes()).collect();
    if array.byte_length() >= bytes.len()
        && let Some(data) = std::ptr::NonNull::new(array.data().cast::<u8>())
    {
        // SAFETY: the array has that many bytes, and nothing else looks at them now.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), data.as_ptr(), bytes.len()) };
    }
}

struct Collection {
    kind: u32,
    flags: u32,
    begin: u64,
    duration: u64,
}

#[derive(Default)]
struct Observed {
    callback: Option<std::rc::Rc<Callback>>,
    begin: u64,
    records: Vec<Collection>,
}

thread_local! {
    static OBSERVED: RefCell<Observed> = RefCell::default();
}

/// Lets go of what JavaScript has given: no handle may be left where an image is made.
pub fn forget() {
    OBSERVED.take();
}

unsafe extern "C" fn before(_: v8::UnsafeRawIsolatePtr, _: v8::GCType, _: v8::GCCallbackFlags, _: *mut c_void) {
    OBSERVED.with_borrow_mut(|observed| observed.begin = milestones::now());
}

unsafe extern "C" fn after(_: v8::UnsafeRawIsolatePtr, kind: v8::GCType, flags: v8::GCCallbackFlags, _: *mut c_void) {
    let first = OBSERVED.with_borrow_mut(|observed| {
        let begin = observed.begin;
        let duration = milestones::now() - begin;
        observed.records.push(Collection { kind: kind.0, flags: flags.0, begin, duration });
        observed.records.len() == 1
    });
    // JavaScript may not run inside a collection.
    if first {
        event_loop::current().enqueue(tell);
    }
}

fn tell(scope: &mut v8::PinScope) {
    let (callback, records) =
        OBSERVED.with_borrow_mut(|observed| (observed.callback.clone(), std::mem::take(&mut observed.records)));
    let Some(callback) = callback else { return };
    for record in records {
        let figures =
            [f64::from(record.kind), f64::from(record.flags), record.begin as f64 / 1e6, record.duration as f64 / 1e6];
        v8::scope!(let scope, scope);
        let args = figures.map(|figure| v8::Number::new(scope, figure).into());
        callback.call(scope, &args);
    }
}

/// `observeGc(callback(kind, flags, begin, duration) | undefined)`: milliseconds of the monotonic clock.
fn observe_gc(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let callback = Callback::from_value(scope, args.get(0));
    let was = OBSERVED.with_borrow(|observed| observed.callback.is_some());
    let none = std::ptr::null_mut();
    match (&callback, was) {
        (Some(callback), false) => {
            callback.alive.set_ref(false);
            scope.add_gc_prologue_callback(before, none, v8::GCType::kGCTypeAll);
            scope.add_gc_epilogue_callback(after, none, v8::GCType::kGCTypeAll);
        }
        (None, true) => {
            scope.remove_gc_prologue_callback(before, none);
            scope.remove_gc_epilogue_callback(after, none);
        }
        _ => {}
    }
    OBSERVED.with_borrow_mut(|observed| observed.callback = callback.map(std::rc::Rc::new));
}

binding!("performance", [figures => figures, observeGc => observe_gc]);
