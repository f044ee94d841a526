//! Node-API: functions, classes, calls.

use super::env::{Env, Status, Value, give, out};
use super::objects::{PropertyDescriptor, properties};
use super::strings;
use crate::napi;
use std::ffi::c_void;
use v8::MapFnTo;

/// `napi_callback`.
pub type Callback = unsafe extern "C" fn(env: *mut Env, info: *const CallbackInfo) -> Value;

/// `napi_callback_info`: a call that is under way.
pub struct CallbackInfo<'a, 's> {
    arguments: &'a v8::FunctionCallbackArguments<'s>,
    data: *mut c_void,
}

/// What a function of an addon keeps.
struct Native {
    env: *const Env,
    callback: Callback,
    data: *mut c_void,
}

/// The data of a function: a [`Native`], which is never freed: most functions live as long as the program, and a class's outlive
/// any one object of V8's that refers to them.
fn native<'s>(
    env: &Env,
    scope: &mut v8::PinScope<'s, '_>,
    callback: Callback,
    data: *mut c_void,
) -> v8::Local<'s, v8::External> {
    let native = Box::new(Native { env, callback, data });
    v8::External::new(scope, Box::into_raw(native).cast())
}

/// V8's side of every function of an addon.
fn invoke(scope: &mut v8::PinScope, arguments: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(external) = v8::Local::<v8::External>::try_from(arguments.data()) else { return };
    // SAFETY: made by `native`, never freed.
    let native = unsafe { &*external.value().cast::<Native>() };
    let info = CallbackInfo { arguments: &arguments, data: native.data };
    // SAFETY: the addon's own function, with the environment it was made in.
    let result = unsafe { (native.callback)(native.env.cast_mut(), &info) };
    if let Some(result) = result.optional() {
        rv.set(result);
    }
    // SAFETY: environments live as long as their thread.
    let exception = unsafe { &*native.env }.take_exception();
    if let Some(exception) = exception {
        let exception = v8::Local::new(scope, exception);
        scope.throw_exception(exception);
    }
}

/// A function that calls the addon's.
pub fn function<'s>(
    env: &Env,
    scope: &mut v8::PinScope<'s, '_>,
    callback: Callback,
    data: *mut c_void,
) -> Result<v8::Local<'s, v8::Function>, Status> {
    let data = native(env, scope, callback, data);
    let raw: v8::FunctionCallback = invoke.map_fn_to();
    v8::Function::builder_raw(raw).data(data.into()).build(scope).ok_or(Status::GenericFailure)
}

/// A template of such a function; with `class` it can be called on that class's instances only.
pub fn template<'s>(
    env: &Env,
    scope: &mut v8::PinScope<'s, '_>,
    callback: Callback,
    data: *mut c_void,
    class: Option<v8::Local<'s, v8::FunctionTemplate>>,
) -> v8::Local<'s, v8::FunctionTemplate> {
    let data = native(env, scope, callback, data);
    let raw: v8::FunctionCallback = invoke.map_fn_to();
    let mut builder = v8::FunctionTemplate::builder_raw(raw).data(data.into());
    if let Some(class) = class {
        builder = builder.signature(v8::Signature::new(scope, class));
    }
    builder.build(scope)
}

/// The addon's arguments for a call.
fn arguments<'s>(count: usize, list: *const Value) -> Result<Vec<v8::Local<'s, v8::Value>>, Status> {
    if count > 0 && list.is_null() {
        return Err(Status::InvalidArg);
    }
    // SAFETY: the addon's array of `count` values.
    (0..count).map(|i| unsafe { *list.add(i) }.local()).collect()
}

fn call<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    this: v8::Local<'s, v8::Value>,
    function: Value,
    count: usize,
    list: *const Value,
    result: *mut Value,
) -> Result<(), Status> {
    let list = arguments(count, list)?;
    let function = function.cast::<v8::Function>(Status::InvalidArg)?;
    let value = function.call(scope, this, &list).ok_or(Status::GenericFailure)?;
    if !result.is_null() {
        give(result, value)?;
    }
    Ok(())
}

napi! {
    js fn napi_create_function(
        env, scope, name: *const u8, length: usize, callback: Option<Callback>, data: *mut c_void, result: *mut Value,
    ) {
        out(result)?;
        let function = function(env, scope, callback.ok_or(Status::InvalidArg)?, data)?;
        if !name.is_null() {
            let name = strings::utf8(scope, name, length)?;
            function.set_name(name);
        }
        give(result, function)
    }
    js fn napi_define_class(
        env, scope, name: *const u8, length: usize, constructor: Option<Callback>, data: *mut c_void, count: usize,
        list: *const PropertyDescriptor, result: *mut Value,
    ) {
        out(result)?;
        let list = properties(count, list)?;
        let class = template(env, scope, constructor.ok_or(Status::InvalidArg)?, data, None);
        let name = strings::utf8(scope, name, length)?;
        class.set_class_name(name);
        for property in list.iter().filter(|p| !p.is_static()) {
            property.define_on_class(env, scope, class)?;
        }
        let function = class.get_function(scope).ok_or(Status::GenericFailure)?;
        for property in list.iter().filter(|p| p.is_static()) {
            property.define(env, scope, function.into())?;
        }
        give(result, function)
    }
    js fn napi_call_function(
        env, scope, this: Value, function: Value, count: usize, list: *const Value, result: *mut Value,
    ) {
        let this = this.optional().unwrap_or_else(|| v8::undefined(scope).into());
        call(scope, this, function, count, list, result)
    }
    js fn napi_new_instance(env, scope, constructor: Value, count: usize, list: *const Value, result: *mut Value) {
        let list = arguments(count, list)?;
        let constructor = constructor.cast::<v8::Function>(Status::FunctionExpected)?;
        give(result, constructor.new_instance(scope, &list).ok_or(Status::PendingException)?)
    }
    js fn napi_instanceof(env, scope, object: Value, constructor: Value, result: *mut bool) {
        let result = out(result)?;
        *result = false;
        let constructor = constructor.object(scope)?;
        if !constructor.is_function() {
            let message = v8::String::new(scope, "Constructor must be a function").ok_or(Status::GenericFailure)?;
            let error = v8::Exception::type_error(scope, message);
            let code = crate::binding::string(scope, "ERR_NAPI_CONS_FUNCTION");
            crate::binding::set(scope, error.cast(), "code", code);
            scope.throw_exception(error);
            return Err(Status::FunctionExpected);
        }
        *result = object.local()?.instance_of(scope, constructor).ok_or(Status::GenericFailure)?;
        Ok(())
    }
    // The call runs as one from the loop: ticks and microtasks follow where nothing else of JavaScript is under way.
    plain fn napi_make_callback(
        env, scope, context: *mut AsyncContext, this: Value, function: Value, count: usize, list: *const Value,
        result: *mut Value,
    ) {
        if env.has_exception() {
            return Err(Status::PendingException);
        }
        let this: v8::Local<v8::Value> = this.object(scope)?.into();
        let mut status = Ok(());
        crate::tasks::together(scope, |scope| {
            let before = scope.get_continuation_preserved_embedder_data();
            // SAFETY: null, or what `napi_async_init` made.
            if let Some(context) = unsafe { context.as_ref() } {
                let inside = v8::Local::new(scope, &context.data);
                scope.set_continuation_preserved_embedder_data(inside);
            }
            let this = v8::Local::new(scope, this);
            {
                v8::tc_scope!(let scope, scope);
                status = call(scope, this, function, count, list, result);
                if scope.has_caught() {
                    status = Err(Status::PendingException);
                    if let Some(exception) = scope.exception().filter(|_| !scope.has_terminated()) {
                        env.set_exception(scope, exception);
                    }
                }
            }
            scope.set_continuation_preserved_embedder_data(before);
        });
        status
    }
    plain fn napi_get_cb_info(
        env, scope, info: *const CallbackInfo, count: *mut usize, list: *mut Value, this: *mut Value, data: *mut *mut c_void,
    ) {
        // SAFETY: null, or the call that is under way.
        let info = unsafe { info.as_ref() }.ok_or(Status::InvalidArg)?;
        let given = info.arguments.length().max(0) as usize;
        if !list.is_null() {
            let room = *out(count)?;
            for i in 0..room {
                // SAFETY: the addon's array of `room` values. What was not given is undefined.
                unsafe { *list.add(i) = info.arguments.get(i as i32).into() };
            }
        }
        if let Ok(count) = out(count) {
            *count = given;
        }
        if let Ok(this) = out(this) {
            *this = info.arguments.this().into();
        }
        if let Ok(data) = out(data) {
            *data = info.data;
        }
        Ok(())
    }
    plain fn napi_get_new_target(env, scope, info: *const CallbackInfo, result: *mut Value) {
        // SAFETY: null, or the call that is under way.
        let info = unsafe { info.as_ref() }.ok_or(Status::InvalidArg)?;
        let result = out(result)?;
        let target = info.arguments.new_target();
        *result = if target.is_undefined() { Value::NULL } else { target.into() };
        Ok(())
    }
    plain fn napi_async_init(env, scope, resource: Value, name: Value, result: *mut *mut AsyncContext) {
        let _ = (resource, name.local()?);
        let data = scope.get_continuation_preserved_embedder_data();
        *out(result)? = Box::into_raw(Box::new(AsyncContext { data: v8::Global::new(scope, data) }));
        Ok(())
    }
    plain fn napi_async_destroy(env, scope, context: *mut AsyncContext) {
        out(context)?;
        // SAFETY: made by `napi_async_init`; the addon gives it back once.
        drop(unsafe { Box::from_raw(context) });
        Ok(())
    }
    plain fn napi_open_callback_scope(
        env, scope, resource: Value, context: *mut AsyncContext, result: *mut *mut c_void,
    ) {
        let _ = (resource, context);
        env.callback_scopes.set(env.callback_scopes.get() + 1);
        crate::tasks::enter();
        *out(result)? = std::ptr::without_provenance_mut(env.callback_scopes.get());
        Ok(())
    }
    plain fn napi_close_callback_scope(env, scope, opened: *mut c_void) {
        if opened.is_null() {
            return Err(Status::InvalidArg);
        }
        if env.callback_scopes.get() == 0 {
            return Err(Status::CallbackScopeMismatch);
        }
        env.callback_scopes.set(env.callback_scopes.get() - 1);
        crate::tasks::leave(scope);
        Ok(())
    }
}

/// `napi_async_context`: the async context that was current when it was made.
pub struct AsyncContext {
    data: v8::Global<v8::Value>,
}
