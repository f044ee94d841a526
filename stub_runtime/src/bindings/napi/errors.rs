//! Node-API: errors and exceptions.

use super::env::{Env, ErrorInfo, Status, Value, give, out};
use super::strings;
use crate::{binding, napi};
use std::ffi::c_char;

type Make = for<'s> fn(&mut v8::PinScope<'s, '_>, v8::Local<'s, v8::String>) -> v8::Local<'s, v8::Value>;

fn error<'s>(scope: &mut v8::PinScope<'s, '_>, message: v8::Local<'s, v8::String>) -> v8::Local<'s, v8::Value> {
    v8::Exception::error(scope, message)
}

fn type_error<'s>(scope: &mut v8::PinScope<'s, '_>, message: v8::Local<'s, v8::String>) -> v8::Local<'s, v8::Value> {
    v8::Exception::type_error(scope, message)
}

fn range_error<'s>(scope: &mut v8::PinScope<'s, '_>, message: v8::Local<'s, v8::String>) -> v8::Local<'s, v8::Value> {
    v8::Exception::range_error(scope, message)
}

fn syntax_error<'s>(scope: &mut v8::PinScope<'s, '_>, message: v8::Local<'s, v8::String>) -> v8::Local<'s, v8::Value> {
    v8::Exception::syntax_error(scope, message)
}

fn set_code<'s>(scope: &mut v8::PinScope<'s, '_>, error: v8::Local<'s, v8::Value>, code: v8::Local<'s, v8::Value>) {
    if let Ok(error) = v8::Local::<v8::Object>::try_from(error) {
        binding::set(scope, error, "code", code);
    }
}

fn create(scope: &mut v8::PinScope, make: Make, code: Value, message: Value, result: *mut Value) -> Result<(), Status> {
    let message = message.cast::<v8::String>(Status::StringExpected)?;
    let error = make(scope, message);
    if code.optional().is_some() {
        let code = code.cast::<v8::String>(Status::StringExpected)?;
        set_code(scope, error, code.into());
    }
    give(result, error)
}

fn throw(
    env: &Env,
    scope: &mut v8::PinScope,
    make: Make,
    code: *const c_char,
    message: *const c_char,
) -> Result<(), Status> {
    if env.has_exception() {
        return Err(Status::PendingException);
    }
    let message = strings::utf8(scope, message.cast(), if message.is_null() { 0 } else { usize::MAX })?;
    let error = make(scope, message);
    if !code.is_null() {
        let code = strings::utf8(scope, code.cast(), usize::MAX)?;
        set_code(scope, error, code.into());
    }
    env.set_exception(scope, error);
    Ok(())
}

napi! {
    js fn napi_create_error(env, scope, code: Value, message: Value, result: *mut Value) {
        create(scope, error, code, message, result)
    }
    js fn napi_create_type_error(env, scope, code: Value, message: Value, result: *mut Value) {
        create(scope, type_error, code, message, result)
    }
    js fn napi_create_range_error(env, scope, code: Value, message: Value, result: *mut Value) {
        create(scope, range_error, code, message, result)
    }
    js fn node_api_create_syntax_error(env, scope, code: Value, message: Value, result: *mut Value) {
        create(scope, syntax_error, code, message, result)
    }
    plain fn napi_throw(env, scope, exception: Value) {
        if env.has_exception() {
            return Err(Status::PendingException);
        }
        env.set_exception(scope, exception.local()?);
        Ok(())
    }
    plain fn napi_throw_error(env, scope, code: *const c_char, message: *const c_char) {
        throw(env, scope, error, code, message)
    }
    plain fn napi_throw_type_error(env, scope, code: *const c_char, message: *const c_char) {
        throw(env, scope, type_error, code, message)
    }
    plain fn napi_throw_range_error(env, scope, code: *const c_char, message: *const c_char) {
        throw(env, scope, range_error, code, message)
    }
    plain fn node_api_throw_syntax_error(env, scope, code: *const c_char, message: *const c_char) {
        throw(env, scope, syntax_error, code, message)
    }
    plain fn napi_is_error(env, scope, value: Value, result: *mut bool) {
        *out(result)? = value.local()?.is_native_error();
        Ok(())
    }
    plain fn napi_is_exception_pending(env, scope, result: *mut bool) {
        *out(result)? = env.has_exception();
        Ok(())
    }
    plain fn napi_get_and_clear_last_exception(env, scope, result: *mut Value) {
        match env.take_exception() {
            Some(exception) => give(result, v8::Local::new(scope, exception)),
            None => give(result, v8::undefined(scope)),
        }
    }
    plain fn napi_fatal_exception(env, scope, exception: Value) {
        crate::tasks::report(scope, exception.local()?, false);
        Ok(())
    }
}

/// `napi_get_last_error_info` of Node-API: leaves the last error as it is.
/// # Safety
/// Called by addons with the arguments that Node-API documents.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn napi_get_last_error_info(env: *mut Env, result: *mut *const ErrorInfo) -> Status {
    // SAFETY: null, or the environment that the addon was given.
    let (Some(env), Ok(result)) = (unsafe { env.as_ref() }, out(result)) else { return Status::InvalidArg };
    *result = env.error_info();
    Status::Ok
}

/// `napi_fatal_error` of Node-API: says it and aborts.
/// # Safety
/// Called by addons with the arguments that Node-API documents.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn napi_fatal_error(
    location: *const u8,
    location_length: usize,
    message: *const u8,
    message_length: usize,
) -> ! {
    let location = strings::text(location, location_length).unwrap_or_default();
    let message = strings::text(message, message_length).unwrap_or_default();
    crate::stdio::write_stderr(&format!("FATAL ERROR: {location} {message}\n"));
    crate::exit::run_at_exit();
    std::process::abort();
}
