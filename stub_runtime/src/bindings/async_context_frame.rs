//! `internalBinding('async_context_frame')`: the value that V8 carries across `await` and promise reactions.

use crate::binding;

fn get(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set(scope.get_continuation_preserved_embedder_data());
}

fn set(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    scope.set_continuation_preserved_embedder_data(args.get(0));
}

/// `setPromiseHooks(init, before, after, settled)`: functions or undefined.
fn set_promise_hooks(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let hook = |i| v8::Local::<v8::Function>::try_from(args.get(i)).ok();
    scope.set_promise_hooks(hook(0), hook(1), hook(2), hook(3));
}

binding!("async_context_frame", [
    getContinuationPreservedEmbedderData => get,
    setContinuationPreservedEmbedderData => set,
    setPromiseHooks => set_promise_hooks,
]);
