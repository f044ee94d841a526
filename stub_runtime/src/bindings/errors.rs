//! `internalBinding('errors')`: V8's hooks around errors: stack formatting, source lines, exit.

use crate::{binding, exit};
use std::cell::RefCell;

thread_local! {
    static PREPARE: RefCell<Option<v8::Global<v8::Function>>> = const { RefCell::new(None) };
}

/// Sets the isolate's callbacks.
pub fn install(isolate: &mut v8::Isolate) {
    isolate.set_prepare_stack_trace_callback(prepare_stack_trace);
}

/// Lets go of what JavaScript has set.
pub fn forget() {
    PREPARE.set(None);
}

/// Asks JavaScript (`internal/errors`) for the `stack` of an error; where it is not there yet, V8's own form.
fn prepare_stack_trace<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    error: v8::Local<'s, v8::Value>,
    sites: v8::Local<'s, v8::Array>,
) -> v8::Local<'s, v8::Value> {
    let function = PREPARE.with(|p| p.borrow().clone());
    if let Some(function) = function {
        let function = v8::Local::new(scope, function);
        let recv = v8::undefined(scope).into();
        let global: v8::Local<v8::Value> = scope.get_current_context().global(scope).into();
        if let Some(stack) = function.call(scope, recv, &[global, error, sites.into()]) {
            return stack;
        }
        return v8::undefined(scope).into();
    }
    let mut text = error.to_rust_string_lossy(scope);
    for i in 0..sites.length() {
        if let Some(site) = sites.get_index(scope, i) {
            text.push_str("\n    at ");
            text.push_str(&site.to_rust_string_lossy(scope));
        }
    }
    binding::string(scope, &text)
}

/// `setPrepareStackTraceCallback(function (globalThis, error, callSites))`.
fn set_prepare(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let function = v8::Local::<v8::Function>::try_from(args.get(0)).ok().map(|f| v8::Global::new(scope, f));
    PREPARE.with(|p| *p.borrow_mut() = function);
}

/// `reallyExit(code)`.
fn really_exit(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let code = args.get(0).int32_value(scope).unwrap_or(0);
    exit::exit(scope, code);
}

/// `abort()`: SIGABRT.
fn abort(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    exit::run_at_exit();
    std::process::abort();
}

/// `writeStderr(text)`: raw and at once, for messages of a dying process.
fn write_stderr(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    crate::stdio::write_stderr(&args.get(0).to_rust_string_lossy(scope));
}

/// `getErrorSourcePositions(error)`: `{sourceLine, scriptResourceName, lineNumber, startColumn}` of the innermost frame of its
/// stack; `sourceLine` is undefined where V8 has no source.
fn get_error_source_positions(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let message = v8::Exception::create_message(scope, args.get(0));
    let object = v8::Object::new(scope);
    if let Some(line) = message.get_source_line(scope) {
        binding::set(scope, object, "sourceLine", line.into());
    }
    if let Some(name) = message.get_script_resource_name(scope) {
        binding::set(scope, object, "scriptResourceName", name);
    }
    binding::set_number(scope, object, "lineNumber", message.get_line_number(scope).unwrap_or(0) as f64);
    binding::set_number(scope, object, "startColumn", message.get_start_column() as f64);
    rv.set(object.into());
}

/// `arrowOf(error)`: the place that was noted on an error of compiling or linking, with its source line; undefined where there is none.
fn arrow_of(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    if let Some(arrow) = crate::tasks::noted_arrow(scope, args.get(0)) {
        rv.set(binding::string(scope, &arrow));
    }
}

/// `toDetailString(value)`: text for any value; runs no code of the program's.
fn to_detail_string(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    if let Some(text) = args.get(0).to_detail_string(scope) {
        rv.set(text.into());
    }
}

binding!("errors", [
    arrowOf => arrow_of,
    toDetailString => to_detail_string,
    setPrepareStackTraceCallback => set_prepare,
    reallyExit => really_exit,
    abort => abort,
    writeStderr => write_stderr,
    getErrorSourcePositions => get_error_source_positions,
]);
