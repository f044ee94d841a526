//! Calls into JavaScript from the loop, and what follows each: ticks, microtasks, uncaught exceptions.
//!
//! Owns: the trampoline every callback goes through, and the functions and counters that JavaScript registers for it. Does not
//! own: the queues themselves (`js/internal/process/task_queues.js`, `js/internal/timers.js`).

use crate::binding;
use crate::event_loop::{self, Alive};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

/// What JavaScript registers once at start (`internalBinding('task_queue').setup`).
struct Hooks {
    process_ticks: v8::Global<v8::Function>,
    process_timers: v8::Global<v8::Function>,
    process_immediates: v8::Global<v8::Function>,
    on_uncaught: v8::Global<v8::Function>,
    on_reject: v8::Global<v8::Function>,
    /// What [`Shown`] points into.
    _memory: [v8::SharedRef<v8::BackingStore>; 2],
}

/// What JavaScript shows of its queues; looked at after every callback.
#[derive(Clone, Copy)]
struct Shown {
    /// A tick is scheduled, a rejection is to be told.
    ticks: *const [Cell<u8>; 2],
    /// Immediates, of them ref'd, a run was interrupted by an exception.
    immediates: *const [Cell<u32>; 3],
}

thread_local! {
    static HOOKS: RefCell<Option<Rc<Hooks>>> = const { RefCell::new(None) };
    static SHOWN: Cell<Option<Shown>> = const { Cell::new(None) };
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

fn hooks() -> Option<Rc<Hooks>> {
    HOOKS.with(|h| h.borrow().clone())
}

fn setup(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let function = |scope: &mut v8::PinScope, i| {
        let f = v8::Local::<v8::Function>::try_from(args.get(i)).expect("task_queue.setup: a function");
        v8::Global::new(scope, f)
    };
    let store = |i, size| {
        let view = v8::Local::<v8::ArrayBufferView>::try_from(args.get(i)).expect("task_queue.setup: a view");
        assert!(view.byte_offset() == 0 && view.byte_length() == size, "task_queue.setup: a view of {size} bytes");
        let store = view.get_backing_store().expect("a backing store");
        (store.data().expect("a store with bytes"), store)
    };
    let (ticks, tick_memory) = store(5, 2);
    let (immediates, immediate_memory) = store(6, 12);
    SHOWN.set(Some(Shown { ticks: ticks.as_ptr().cast(), immediates: immediates.as_ptr().cast() }));
    let hooks = Hooks {
        process_ticks: function(scope, 0),
        process_timers: function(scope, 1),
        process_immediates: function(scope, 2),
        on_uncaught: function(scope, 3),
        on_reject: function(scope, 4),
        _memory: [tick_memory, immediate_memory],
    };
    HOOKS.with(|h| *h.borrow_mut() = Some(Rc::new(hooks)));
    scope.set_promise_reject_callback(promise_reject_callback);
}

/// Lets go of what [`setup`] was given: no handle may be left where an image is made.
pub fn forget() {
    SHOWN.set(None);
    HOOKS.set(None);
}

/// Whether ticks or rejections wait.
fn ticks_wait() -> bool {
    SHOWN.get().is_some_and(|shown| {
        // SAFETY: memory of that size, aligned as V8's allocators do, that HOOKS keeps as long as SHOWN is set.
        let ticks = unsafe { &*shown.ticks };
        ticks[0].get() != 0 || ticks[1].get() != 0
    })
}

fn immediate_info(index: usize) -> u32 {
    // SAFETY: as above.
    SHOWN.get().map_or(0, |shown| unsafe { &*shown.immediates }[index].get())
}

/// Whether a ref'd immediate waits.
pub fn immediates_alive() -> bool {
    immediate_info(1) > 0
}

/// Whether the poll phase must not wait.
pub fn immediates_pending() -> bool {
    immediate_info(1) > 0
}

/// Runs JavaScript's timers that are due at `now`; returns when the next is due: 0 none, negative if it is unref'd. The caller
/// sets the loop's timer by that and then drains: ticks and microtasks may start earlier timers.
pub fn process_timers(scope: &mut v8::PinScope, now: u64) -> f64 {
    let Some(hooks) = hooks() else { return 0.0 };
    let function = v8::Local::new(scope, &hooks.process_timers);
    loop {
        let now = v8::Number::new(scope, now as f64);
        let recv = v8::undefined(scope).into();
        // An exception in a timer leaves the rest of the lists: run again, as Node does.
        match call_undrained(scope, None, recv, function, &[now.into()]) {
            Some(next) => return next.number_value(scope).unwrap_or(0.0),
            None if event_loop::current().is_stopping() || scope.is_execution_terminating() => return 0.0,
            None => event_loop::current().update_time(),
        }
    }
}

/// Runs JavaScript's immediates, until none was interrupted by an exception.
pub fn process_immediates(scope: &mut v8::PinScope) {
    if immediate_info(0) == 0 {
        return;
    }
    let Some(hooks) = hooks() else { return };
    let function = v8::Local::new(scope, &hooks.process_immediates);
    loop {
        let recv = v8::undefined(scope).into();
        call(scope, recv, function, &[]);
        if immediate_info(2) == 0 || event_loop::current().is_stopping() || scope.is_execution_terminating() {
            return;
        }
    }
}

/// Calls JavaScript from the loop; then, if this is the outermost call, drains ticks and microtasks.
/// An exception goes to the process's handlers and gives `None`; the queues then wait for the next call, as in Node.
pub fn call<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    recv: v8::Local<'s, v8::Value>,
    function: v8::Local<'s, v8::Function>,
    args: &[v8::Local<'s, v8::Value>],
) -> Option<v8::Local<'s, v8::Value>> {
    let result = call_undrained(scope, None, recv, function, args);
    drained(scope, result)
}

/// [`call`] in the async context `context`.
pub fn call_within<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    context: v8::Local<'s, v8::Value>,
    function: v8::Local<'s, v8::Function>,
    args: &[v8::Local<'s, v8::Value>],
) -> Option<v8::Local<'s, v8::Value>> {
    let recv = v8::undefined(scope).into();
    let result = call_undrained(scope, Some(context), recv, function, args);
    drained(scope, result)
}

/// What follows a call that gave `result`.
fn drained<T>(scope: &mut v8::PinScope, result: Option<T>) -> Option<T> {
    if DEPTH.get() == 0 && result.is_some() {
        drain(scope);
    }
    result
}

/// [`call`] without what follows it: the caller must [`drain`].
fn call_undrained<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    context: Option<v8::Local<'s, v8::Value>>,
    recv: v8::Local<'s, v8::Value>,
    function: v8::Local<'s, v8::Function>,
    args: &[v8::Local<'s, v8::Value>],
) -> Option<v8::Local<'s, v8::Value>> {
    DEPTH.set(DEPTH.get() + 1);
    let before = scope.get_continuation_preserved_embedder_data();
    if let Some(context) = context {
        scope.set_continuation_preserved_embedder_data(context);
    }
    let result = {
        v8::tc_scope!(let tc, scope);
        let result = function.call(tc, recv, args);
        if result.is_none()
            && let Some(exception) = caught(tc)
        {
            // In the async context of what threw; JavaScript leaves it there.
            uncaught(tc, &exception, false);
        }
        result
    };
    scope.set_continuation_preserved_embedder_data(before);
    DEPTH.set(DEPTH.get() - 1);
    result
}

/// Runs `f`, whose calls into JavaScript are one: ticks and microtasks are drained once, after the last.
pub fn together(scope: &mut v8::PinScope, f: impl FnOnce(&mut v8::PinScope)) {
    DEPTH.set(DEPTH.get() + 1);
    f(scope);
    DEPTH.set(DEPTH.get() - 1);
    if DEPTH.get() == 0 {
        drain(scope);
    }
}

/// Between two calls of [`together`]: drains now, unless that itself is inside a call of JavaScript's.
pub fn drain_between(scope: &mut v8::PinScope) {
    if DEPTH.get() == 1 {
        DEPTH.set(0);
        drain(scope);
        DEPTH.set(1);
    }
}

/// Runs `f` inside a call of JavaScript's: what it calls is not followed by ticks, they come after the outermost call.
pub fn nested<T>(scope: &mut v8::PinScope, f: impl FnOnce(&mut v8::PinScope) -> T) -> T {
    DEPTH.set(DEPTH.get() + 1);
    let result = f(scope);
    DEPTH.set(DEPTH.get() - 1);
    result
}

/// What follows counts as one call until [`leave`]: nothing is drained in between.
#[cfg_attr(target_feature = "crt-static", allow(dead_code))]
pub fn enter() {
    DEPTH.set(DEPTH.get() + 1);
}

/// The end of [`enter`]; drains where it was the outermost.
#[cfg_attr(target_feature = "crt-static", allow(dead_code))]
pub fn leave(scope: &mut v8::PinScope) {
    DEPTH.set(DEPTH.get().saturating_sub(1));
    if DEPTH.get() == 0 {
        drain(scope);
    }
}

/// The exception that a scope caught, with the text that shows where it was thrown.
pub struct Caught<'s> {
    exception: v8::Local<'s, v8::Value>,
    arrow: String,
    /// With `--trace-uncaught`: the frames it was thrown in, a line each.
    thrown_at: String,
}

/// Takes the exception out of `tc`; `None` where there is none or execution is being terminated.
pub fn caught<'o>(tc: &mut v8::PinnedRef<'_, v8::TryCatch<'_, 'o, v8::HandleScope<'_>>>) -> Option<Caught<'o>> {
    if !tc.has_caught() || tc.has_terminated() {
        return None;
    }
    let exception = tc.exception()?;
    let message = tc.message();
    let thrown_at = message.filter(|_| crate::options::current().flag("--trace-uncaught")).map(|m| frames(tc, m));
    let thrown_at = thrown_at.unwrap_or_default();
    tc.reset();
    let arrow = noted_arrow(tc, exception).or_else(|| message.map(|m| arrow(tc, m))).unwrap_or_default();
    Some(Caught { exception, arrow, thrown_at })
}

/// The frames of the stack that V8 noted when it was thrown.
fn frames(scope: &mut v8::PinScope, message: v8::Local<v8::Message>) -> String {
    let Some(trace) = message.get_stack_trace(scope) else { return String::new() };
    let mut out = String::new();
    for i in 0..trace.get_frame_count() {
        let Some(frame) = trace.get_frame(scope, i) else { continue };
        let name = frame.get_function_name(scope).map(|n| n.to_rust_string_lossy(scope)).filter(|n| !n.is_empty());
        let file = frame.get_script_name_or_source_url(scope).map(|n| n.to_rust_string_lossy(scope));
        let place = format!("{}:{}:{}", file.unwrap_or_default(), frame.get_line_number(), frame.get_column());
        out.push_str(&match name {
            Some(name) => format!("    at {name} ({place})\n"),
            None => format!("    at {place}\n"),
        });
    }
    out
}

/// Where an error that was thrown while compiling has the text of [`arrow`]: loaders catch it and throw it again.
fn arrow_key<'s>(scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Private> {
    let name = v8::String::new(scope, "arrow");
    v8::Private::for_api(scope, name)
}

/// The place that [`decorate`] noted on an exception.
pub fn noted_arrow(scope: &mut v8::PinScope, exception: v8::Local<v8::Value>) -> Option<String> {
    let object = v8::Local::<v8::Object>::try_from(exception).ok()?;
    let key = arrow_key(scope);
    let text = object.get_private(scope, key).filter(|t| t.is_string())?;
    Some(text.to_rust_string_lossy(scope))
}

/// Notes on the exception that `tc` caught while compiling where in the source it is, and lets it go on.
pub fn decorate<'o>(tc: &mut v8::PinnedRef<'_, v8::TryCatch<'_, 'o, v8::HandleScope<'_>>>) {
    if let (Some(exception), Some(message)) = (tc.exception(), tc.message())
        && let Ok(object) = v8::Local::<v8::Object>::try_from(exception)
    {
        let text = arrow(tc, message);
        let text = binding::string(tc, &text);
        let key = arrow_key(tc);
        object.set_private(tc, key, text);
    }
    tc.rethrow();
}

/// Puts where the exception that `tc` caught was thrown in front of its `stack`, once, and lets it go on.
pub fn decorate_stack<'o>(tc: &mut v8::PinnedRef<'_, v8::TryCatch<'_, 'o, v8::HandleScope<'_>>>) {
    if let (Some(exception), Some(message)) = (tc.exception(), tc.message())
        && let Ok(object) = v8::Local::<v8::Object>::try_from(exception)
        && exception.is_native_error()
        && noted_arrow(tc, exception).is_none()
    {
        let arrow = arrow(tc, message);
        let key = binding::string(tc, "stack");
        let stack = object.get(tc, key).filter(|stack| stack.is_string());
        if let Some(stack) = stack.filter(|_| !arrow.is_empty()) {
            let text = format!("{arrow}\n\n{}", stack.to_rust_string_lossy(tc));
            let text = binding::string(tc, &text);
            object.set(tc, key, text);
            // The text is in the stack from now on.
            let none = binding::string(tc, "");
            let key = arrow_key(tc);
            object.set_private(tc, key, none);
        }
    }
    tc.rethrow();
}

/// The columns that a row of carets may have.
const MAX_COLUMNS: usize = 1020;

/// `file:line`, the source line and a row of carets under the place, as Node prints above a fatal error.
fn arrow(scope: &mut v8::PinScope, message: v8::Local<v8::Message>) -> String {
    let Some(line) = message.get_source_line(scope) else { return String::new() };
    let name = message.get_script_resource_name(scope).filter(|n| !n.is_undefined());
    let name = name.map_or_else(|| "<anonymous_script>".to_owned(), |n| n.to_rust_string_lossy(scope));
    if name.starts_with("node:") {
        return String::new();
    }
    let line = line.to_rust_string_lossy(scope);
    // On a script's first line columns begin at its column offset: the position in the text is the smaller there, and only there.
    let start = message.get_start_column().min(usize::try_from(message.get_start_position()).unwrap_or(usize::MAX));
    let end = start + message.get_end_column().saturating_sub(message.get_start_column());
    let number = message.get_line_number(scope).unwrap_or(0);
    let mut out = format!("{name}:{number}\n{line}\n");
    // The end of an error at the text's end may lie outside of the line.
    if end > line.encode_utf16().count() {
        out.pop();
        return out;
    }
    let mut columns = line.chars().take(start).map(|c| if c == '\t' { '\t' } else { ' ' });
    out.extend(columns.by_ref().take(MAX_COLUMNS));
    out.extend(std::iter::repeat_n('^', end.min(MAX_COLUMNS).saturating_sub(start)));
    out
}

/// Gives an exception to `uncaughtException` handlers; where none takes it, it was printed and the process exits.
pub fn uncaught(scope: &mut v8::PinScope, caught: &Caught, from_promise: bool) {
    let Some(hooks) = hooks() else {
        let text = caught.exception.to_rust_string_lossy(scope);
        crate::stdio::write_stderr(&format!("{}\n{text}\n", caught.arrow));
        crate::exit::exit(scope, 1);
        return;
    };
    let function = v8::Local::new(scope, &hooks.on_uncaught);
    let recv = v8::undefined(scope).into();
    let from_promise = v8::Boolean::new(scope, from_promise).into();
    let arrow = binding::string(scope, &caught.arrow);
    let thrown_at = binding::string(scope, &caught.thrown_at);
    let first = v8::Boolean::new(scope, false).into();
    let exception = v8::Local::new(scope, caught.exception);
    crate::bindings::inspector::uncaught(scope, exception);
    let handled = {
        v8::tc_scope!(let tc, scope);
        let result = function.call(tc, recv, &[exception, from_promise, arrow, first, thrown_at]);
        if result.is_none() && !tc.has_terminated() {
            if let Some(second) = self::caught(tc) {
                // A handler threw itself: the last argument says so, and nobody is asked again.
                let last = v8::Boolean::new(tc, true).into();
                let arrow = binding::string(tc, &second.arrow);
                let exception = v8::Local::new(tc, second.exception);
                function.call(tc, recv, &[exception, from_promise, arrow, last]);
                tc.reset();
            }
            let is_worker = crate::bindings::worker::current_thread() != 0;
            crate::exit::exit(tc, if is_worker { 1 } else { 7 });
        }
        result.map(|r| (r.is_true(), r.int32_value(tc).unwrap_or(1)))
    };
    if let Some((false, code)) = handled {
        crate::exit::exit(scope, code);
    }
}

/// Runs microtasks and, where JavaScript scheduled any, ticks and rejections.
pub fn drain(scope: &mut v8::PinScope) {
    if scope.is_execution_terminating() {
        return;
    }
    if !ticks_wait() {
        scope.perform_microtask_checkpoint();
    }
    if !ticks_wait() || scope.is_execution_terminating() {
        return;
    }
    let Some(hooks) = hooks() else { return };
    let function = v8::Local::new(scope, &hooks.process_ticks);
    let recv = v8::undefined(scope).into();
    let context = scope.get_continuation_preserved_embedder_data();
    {
        v8::tc_scope!(let tc, scope);
        function.call(tc, recv, &[]);
        if let Some(exception) = caught(tc) {
            uncaught(tc, &exception, false);
        }
    }
    scope.set_continuation_preserved_embedder_data(context);
}

/// A JavaScript callback of a native operation: the function, the async context it was made in, and a claim on the loop.
pub struct Callback {
    function: v8::Global<v8::Function>,
    context: v8::Global<v8::Value>,
    /// Keeps the loop alive while the operation is under way; handles `unref()` it.
    pub alive: Alive,
}

impl Callback {
    /// A callback that keeps the loop alive until it is dropped.
    pub fn new(scope: &mut v8::PinScope, function: v8::Local<v8::Function>) -> Self {
        let context = scope.get_continuation_preserved_embedder_data();
        Callback {
            function: v8::Global::new(scope, function),
            context: v8::Global::new(scope, context),
            alive: Alive::new(),
        }
    }

    /// As [`Callback::new`] from an argument; `None` where it is not a function.
    pub fn from_value(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Option<Self> {
        let function = v8::Local::<v8::Function>::try_from(value).ok()?;
        Some(Self::new(scope, function))
    }

    /// Calls it from the loop, in its async context.
    pub fn call<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        args: &[v8::Local<'s, v8::Value>],
    ) -> Option<v8::Local<'s, v8::Value>> {
        let function = v8::Local::new(scope, &self.function);
        let context = v8::Local::new(scope, &self.context);
        call_within(scope, context, function, args)
    }
}

extern "C" fn promise_reject_callback(message: v8::PromiseRejectMessage) {
    v8::callback_scope!(unsafe scope, &message);
    let Some(hooks) = hooks() else { return };
    let function = v8::Local::new(scope, &hooks.on_reject);
    let kind = v8::Integer::new(scope, message.get_event() as i32).into();
    let promise = message.get_promise().into();
    let value = message.get_value().unwrap_or_else(|| v8::undefined(scope).into());
    let recv = v8::undefined(scope).into();
    v8::tc_scope!(let tc, scope);
    function.call(tc, recv, &[kind, promise, value]);
    // The stack overflowed, most likely: nobody above can take this exception, and no JavaScript can make its text.
    let message = tc.message().map(|m| m.get(tc).to_rust_string_lossy(tc)).unwrap_or_default();
    if let Some(exception) = caught(tc) {
        let text = message.strip_prefix("Uncaught ").unwrap_or(&message);
        crate::stdio::write_stderr(&format!("Exception in PromiseRejectCallback:\n{}\n{text}\n\n", exception.arrow));
    }
}

fn run_microtasks(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    scope.perform_microtask_checkpoint();
}

fn enqueue_microtask(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    if let Ok(function) = v8::Local::<v8::Function>::try_from(args.get(0)) {
        scope.enqueue_microtask(function);
    }
}

/// `triggerUncaughtException(error, fromPromise)`: as if the error had been thrown to the loop.
fn trigger_uncaught(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    report(scope, args.get(0), args.get(1).is_true());
}

/// Treats an exception as if it had been thrown to the loop.
pub fn report(scope: &mut v8::PinScope, exception: v8::Local<v8::Value>, from_promise: bool) {
    let arrow = noted_arrow(scope, exception).unwrap_or_else(|| {
        let message = v8::Exception::create_message(scope, exception);
        arrow(scope, message)
    });
    let exception = v8::Local::new(scope, exception);
    uncaught(scope, &Caught { exception, arrow, thrown_at: String::new() }, from_promise);
}

/// `getLibuvNow()`: reads the clock too, as Node's does: a timer that is set after long work is late by that work.
fn get_loop_now(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    event_loop::current().update_time();
    rv.set_double(event_loop::current().now() as f64);
}

fn update_loop_now(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    event_loop::current().update_time();
    rv.set_double(event_loop::current().now() as f64);
}

fn schedule_timer(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    event_loop::current().schedule_timer(args.get(0).number_value(scope).unwrap_or(1.0).max(1.0) as u64);
}

fn toggle_timer_ref(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    event_loop::current().set_timer_ref(args.get(0).is_true());
}

thread_local! {
    static HOLD: RefCell<Option<Alive>> = const { RefCell::new(None) };
}

/// `holdLoop(on)`: keeps the loop alive for work that V8 does on its own threads.
fn hold_loop(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let alive = args.get(0).is_true().then(Alive::new);
    HOLD.with(|h| *h.borrow_mut() = alive);
}

/// `activeRequests()`: names of the jobs on the pool.
fn active_requests(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let names = event_loop::current().pool_jobs();
    let names: Vec<v8::Local<v8::Value>> = names.iter().map(|n| binding::string(scope, n)).collect();
    rv.set(v8::Array::new_with_elements(scope, &names).into());
}

binding!("task_queue", [
    activeRequests => active_requests,
    holdLoop => hold_loop,
    setup => setup,
    runMicrotasks => run_microtasks,
    enqueueMicrotask => enqueue_microtask,
    triggerUncaughtException => trigger_uncaught,
    getLibuvNow => get_loop_now,
    updateLoopTime => update_loop_now,
    scheduleTimer => schedule_timer,
    toggleTimerRef => toggle_timer_ref,
]);
