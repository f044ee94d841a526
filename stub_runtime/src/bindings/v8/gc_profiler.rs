//! Records of garbage collections (`v8.GCProfiler`).

use super::{Space, heap_figures, numbers, space_array, spaces};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::c_void;
use std::time::Instant;

type State = ([f64; 15], Vec<Space>);

struct Record {
    kind: u32,
    cost: f64,
    before: State,
    after: State,
}

#[derive(Default)]
struct Profilers {
    last: u32,
    /// What each profiler has seen since it was started.
    all: HashMap<u32, Vec<Record>>,
    /// The collection that is under way.
    current: Option<(Instant, State)>,
}

thread_local! {
    static PROFILERS: RefCell<Profilers> = RefCell::default();
}

/// The isolate that V8 gives a callback.
///
/// # Safety
/// Only inside a callback of V8's, for the thread's isolate.
unsafe fn isolate_of(raw: &mut v8::UnsafeRawIsolatePtr) -> v8::Isolate {
    // SAFETY: the caller's promise.
    unsafe { v8::Isolate::from_raw_isolate_ptr_unchecked(*raw) }
}

fn state(isolate: &mut v8::Isolate) -> State {
    (heap_figures(isolate), spaces(isolate))
}

unsafe extern "C" fn before(
    mut isolate: v8::UnsafeRawIsolatePtr,
    _: v8::GCType,
    _: v8::GCCallbackFlags,
    _: *mut c_void,
) {
    // SAFETY: V8 calls this with its isolate.
    let mut isolate = unsafe { isolate_of(&mut isolate) };
    let state = state(&mut isolate);
    PROFILERS.with_borrow_mut(|p| p.current = Some((Instant::now(), state)));
}

unsafe extern "C" fn after(
    mut isolate: v8::UnsafeRawIsolatePtr,
    kind: v8::GCType,
    _: v8::GCCallbackFlags,
    _: *mut c_void,
) {
    // SAFETY: V8 calls this with its isolate.
    let mut isolate = unsafe { isolate_of(&mut isolate) };
    let after = state(&mut isolate);
    PROFILERS.with_borrow_mut(|p| {
        let Some((started, before)) = p.current.take() else { return };
        let cost = started.elapsed().as_micros() as f64;
        for records in p.all.values_mut() {
            records.push(Record { kind: kind.0, cost, before: before.clone(), after: after.clone() });
        }
    });
}

/// `startGcProfiler()`: its number.
pub fn start(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let number = PROFILERS.with_borrow_mut(|p| {
        p.last += 1;
        p.all.insert(p.last, Vec::new());
        p.last
    });
    if PROFILERS.with_borrow(|p| p.all.len()) == 1 {
        let none = std::ptr::null_mut();
        scope.add_gc_prologue_callback(before, none, v8::GCType::kGCTypeAll);
        scope.add_gc_epilogue_callback(after, none, v8::GCType::kGCTypeAll);
    }
    rv.set_uint32(number);
}

/// `stopGcProfiler(number)`: `[kind, microseconds, figures, spaces, figures, spaces, ...]`, before and after each collection.
pub fn stop(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let number = args.get(0).uint32_value(scope).unwrap_or(0);
    let Some(records) = PROFILERS.with_borrow_mut(|p| p.all.remove(&number)) else { return };
    if PROFILERS.with_borrow(|p| p.all.is_empty()) {
        scope.remove_gc_prologue_callback(before, std::ptr::null_mut());
        scope.remove_gc_epilogue_callback(after, std::ptr::null_mut());
    }
    let mut out: Vec<v8::Local<v8::Value>> = Vec::new();
    for record in &records {
        out.push(v8::Number::new(scope, record.kind.into()).into());
        out.push(v8::Number::new(scope, record.cost).into());
        for (figures, spaces) in [&record.before, &record.after] {
            out.push(numbers(scope, figures));
            out.push(space_array(scope, spaces));
        }
    }
    rv.set(v8::Array::new_with_elements(scope, &out).into());
}
