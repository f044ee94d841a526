//! Runs one operation: at once, or on the pool where JavaScript gave a callback. Each operation is written once.

use super::failure::Outcome;
use super::ready;
use crate::event_loop;
use crate::tasks::Callback;

/// Runs `work`: now, its result being the call's and its failure thrown, or where `callback` is a function on the pool, followed by
/// `callback(error or undefined, result)`. `deliver` makes the value that JavaScript sees. `name` is what
/// `process.getActiveResourcesInfo()` calls the job.
pub fn run<T: Send + 'static>(
    scope: &mut v8::PinScope,
    name: &'static str,
    callback: v8::Local<v8::Value>,
    mut rv: v8::ReturnValue,
    work: impl FnOnce() -> Outcome<T> + Send + 'static,
    deliver: impl for<'s> FnOnce(T, &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::Value> + 'static,
) {
    ready();
    let work = || {
        super::failure::clear();
        work()
    };
    let Some(callback) = Callback::from_value(scope, callback) else {
        match work() {
            Ok(value) => {
                let value = deliver(value, scope);
                rv.set(value);
            }
            Err(failure) => failure.throw(scope),
        }
        return;
    };
    event_loop::current().run_on_pool(name, work, move |scope, outcome| {
        match outcome {
            Ok(value) => {
                let value = deliver(value, scope);
                let none = v8::undefined(scope).into();
                callback.call(scope, &[none, value]);
            }
            Err(failure) => {
                let error = failure.to_js(scope);
                callback.call(scope, &[error]);
            }
        };
    });
}

/// [`run`] for bytes, which JavaScript gets as an ArrayBuffer without a copy.
pub fn run_bytes(
    scope: &mut v8::PinScope,
    name: &'static str,
    callback: v8::Local<v8::Value>,
    rv: v8::ReturnValue,
    work: impl FnOnce() -> Outcome<Vec<u8>> + Send + 'static,
) {
    run(scope, name, callback, rv, work, |bytes, scope| array_buffer(scope, bytes).into());
}

/// A new ArrayBuffer that owns these bytes.
pub fn array_buffer<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: Vec<u8>) -> v8::Local<'s, v8::ArrayBuffer> {
    crate::array_buffers::from_vec(scope, bytes)
}
