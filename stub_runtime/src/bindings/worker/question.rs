//! What a parent asks of a running worker: its heap, its processor time, its loop.
//!
//! Owns: getting a question answered by the worker's own thread, in the middle of JavaScript or while it waits, and the answer
//! back. Does not own: the objects made of answers (`js/internal/worker.js`).

use super::{Control, RUNNING};
use crate::bindings::performance::loop_figures as figures_of;
use crate::tasks::Callback;
use crate::{binding, event_loop};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Runs once in the worker's thread.
pub type Question = Box<dyn FnOnce(&mut v8::Isolate) + Send>;

enum Answer {
    Numbers(Vec<f64>),
    Chunks(Vec<Vec<u8>>),
}

thread_local! {
    /// Who waits, by number: the worker that was asked, and the callback.
    static WAITING: RefCell<(u32, HashMap<u32, (u32, Callback)>)> = RefCell::default();
}

/// Answers what was asked, if the other way has not done so.
fn answer_all(isolate: &mut v8::Isolate, control: &Mutex<Control>) {
    let questions = std::mem::take(&mut control.lock().unwrap().questions);
    for question in questions {
        question(isolate);
    }
}

unsafe extern "C" fn interrupted(isolate: v8::UnsafeRawIsolatePtr, data: *mut std::ffi::c_void) {
    // SAFETY: `ask` gave this reference away for this call.
    let control = unsafe { Arc::from_raw(data.cast_const().cast::<Mutex<Control>>()) };
    // SAFETY: V8 calls this with the isolate of this thread.
    let mut isolate = unsafe { v8::Isolate::from_raw_isolate_ptr_unchecked(isolate) };
    answer_all(&mut isolate, &control);
}

/// `ask(id, what, callback(answer | undefined))`: `heapStatistics` and `cpuUsage` are answered with numbers, `heapSnapshot` with
/// chunks of JSON. False where the worker does not run.
pub fn ask(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let id = args.get(0).uint32_value(scope).unwrap_or(0);
    let what: fn(&mut v8::Isolate) -> Answer = match args.get(1).to_rust_string_lossy(scope).as_str() {
        "heapStatistics" => |isolate| Answer::Numbers(crate::bindings::v8::heap_figures(isolate).to_vec()),
        "cpuUsage" => |_| Answer::Numbers(cpu_usage().to_vec()),
        _ => |isolate| Answer::Chunks(crate::bindings::v8::heap_snapshot_chunks(isolate)),
    };
    let control = RUNNING.with_borrow(|r| r.get(&id).map(|r| r.control.clone()));
    let Some(control) = control else { return rv.set_bool(false) };
    let Some(callback) = Callback::from_value(scope, args.get(2)) else { return };
    let number = WAITING.with_borrow_mut(|(last, waiting)| {
        *last += 1;
        waiting.insert(*last, (id, callback));
        *last
    });
    let parent = event_loop::current().handle();
    let question: Question = Box::new(move |isolate| {
        let answer = what(isolate);
        parent.post(move |scope| answered(scope, number, answer));
    });
    let (isolate, event_loop) = {
        let mut control = control.lock().unwrap();
        control.questions.push(question);
        (control.isolate.clone(), control.event_loop.clone())
    };
    // A thread that has no isolate yet answers when its loop runs; one that ends is taken care of by `forget`.
    if let Some(isolate) = isolate {
        isolate.request_interrupt(interrupted, Arc::into_raw(control.clone()).cast_mut().cast());
    }
    if let Some(event_loop) = event_loop {
        event_loop.post(move |scope| answer_all(scope, &control));
    }
    rv.set_bool(true);
}

fn answered(scope: &mut v8::PinScope, number: u32, answer: Answer) {
    let Some((_, callback)) = WAITING.with_borrow_mut(|(_, waiting)| waiting.remove(&number)) else { return };
    let values: Vec<v8::Local<v8::Value>> = match answer {
        Answer::Numbers(numbers) => numbers.into_iter().map(|n| v8::Number::new(scope, n).into()).collect(),
        Answer::Chunks(chunks) => chunks.into_iter().map(|c| binding::uint8_array(scope, c).into()).collect(),
    };
    let array = v8::Array::new_with_elements(scope, &values).into();
    callback.call(scope, &[array]);
}

/// The worker ended: who still waits gets no answer.
pub fn forget(scope: &mut v8::PinScope, id: u32) {
    let left: Vec<Callback> = WAITING.with_borrow_mut(|(_, waiting)| {
        let numbers: Vec<u32> = waiting.iter().filter(|(_, (worker, _))| *worker == id).map(|(n, _)| *n).collect();
        numbers.iter().filter_map(|n| waiting.remove(n)).map(|(_, callback)| callback).collect()
    });
    for callback in left {
        callback.call(scope, &[]);
    }
}

/// Microseconds of this thread: user, system.
fn cpu_usage() -> [f64; 2] {
    // SAFETY: an all-zero rusage is valid, and the kernel fills it.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_THREAD, &mut usage);
        usage
    };
    [usage.ru_utime, usage.ru_stime].map(|time| time.tv_sec as f64 * 1e6 + time.tv_usec as f64)
}

/// `loopFigures(id)`: as `performance.figures` has them of the own loop; undefined where the worker does not run.
pub fn loop_figures(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let id = args.get(0).uint32_value(scope).unwrap_or(0);
    let control = RUNNING.with_borrow(|r| r.get(&id).map(|r| r.control.clone()));
    let event_loop = control.and_then(|control| control.lock().unwrap().event_loop.clone());
    let Some(event_loop) = event_loop else { return };
    let figures = figures_of(event_loop.times());
    let values: Vec<v8::Local<v8::Value>> = figures.iter().map(|&n| v8::Number::new(scope, n).into()).collect();
    rv.set(v8::Array::new_with_elements(scope, &values).into());
}
