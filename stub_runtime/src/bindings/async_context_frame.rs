//! `internalBinding('async_context_frame')`: the value that V8 carries across `await` and promise reactions.

use crate::binding;

/// `setPromiseHooks(init, before, after, settled)`: functions or undefined.
fn set_promise_hooks(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let hook = |i| v8::Local::<v8::Function>::try_from(args.get(i)).ok();
    scope.set_promise_hooks(hook(0), hook(1), hook(2), hook(3));
}

/// V8's own `getContinuationPreservedEmbedderData` and `set...`: optimised code has them inline.
fn intrinsics(scope: &mut v8::PinScope, object: v8::Local<v8::Object>) {
    let context = scope.get_current_context();
    let extras = context.get_extras_binding_object(scope);
    let object = v8::Local::new(scope, object);
    for name in ["getContinuationPreservedEmbedderData", "setContinuationPreservedEmbedderData"] {
        let key = v8::String::new(scope, name).unwrap();
        if let Some(function) = extras.get(scope, key.into()) {
            object.set(scope, key.into(), function);
        }
    }
}

binding!("async_context_frame", [setPromiseHooks => set_promise_hooks], init = intrinsics);
