//! Node-API: primitive values, their kinds and conversions.

use super::env::{Status, Value, give, out};
use crate::napi;

/// `napi_valuetype`.
#[derive(Clone, Copy)]
#[repr(C)]
pub enum ValueType {
    Undefined,
    Null,
    Boolean,
    Number,
    String,
    Symbol,
    Object,
    Function,
    External,
    Bigint,
}

fn type_of(value: v8::Local<v8::Value>) -> Option<ValueType> {
    Some(match value {
        v if v.is_number() => ValueType::Number,
        v if v.is_big_int() => ValueType::Bigint,
        v if v.is_string() => ValueType::String,
        v if v.is_function() => ValueType::Function,
        v if v.is_external() => ValueType::External,
        v if v.is_object() => ValueType::Object,
        v if v.is_boolean() => ValueType::Boolean,
        v if v.is_undefined() => ValueType::Undefined,
        v if v.is_symbol() => ValueType::Symbol,
        v if v.is_null() => ValueType::Null,
        _ => return None,
    })
}

fn number(value: Value) -> Result<f64, Status> {
    Ok(value.cast::<v8::Number>(Status::NumberExpected)?.value())
}

/// What V8's `Int32Value` gives: modulo 2^32.
fn wrap(value: f64) -> u32 {
    if value.is_finite() { value.trunc().rem_euclid(4_294_967_296.0) as u32 } else { 0 }
}

napi! {
    plain fn napi_get_undefined(env, scope, result: *mut Value) {
        give(result, v8::undefined(scope))
    }
    plain fn napi_get_null(env, scope, result: *mut Value) {
        give(result, v8::null(scope))
    }
    plain fn napi_get_global(env, scope, result: *mut Value) {
        give(result, env.context().global(scope))
    }
    plain fn napi_get_boolean(env, scope, value: bool, result: *mut Value) {
        give(result, v8::Boolean::new(scope, value))
    }
    plain fn napi_create_double(env, scope, value: f64, result: *mut Value) {
        give(result, v8::Number::new(scope, value))
    }
    plain fn napi_create_int32(env, scope, value: i32, result: *mut Value) {
        give(result, v8::Integer::new(scope, value))
    }
    plain fn napi_create_uint32(env, scope, value: u32, result: *mut Value) {
        give(result, v8::Integer::new_from_unsigned(scope, value))
    }
    plain fn napi_create_int64(env, scope, value: i64, result: *mut Value) {
        give(result, v8::Number::new(scope, value as f64))
    }
    plain fn napi_create_bigint_int64(env, scope, value: i64, result: *mut Value) {
        give(result, v8::BigInt::new_from_i64(scope, value))
    }
    plain fn napi_create_bigint_uint64(env, scope, value: u64, result: *mut Value) {
        give(result, v8::BigInt::new_from_u64(scope, value))
    }
    js fn napi_create_bigint_words(env, scope, sign: i32, count: usize, words: *const u64, result: *mut Value) {
        if words.is_null() || count > i32::MAX as usize {
            return Err(Status::InvalidArg);
        }
        // SAFETY: the addon's array of `count` words.
        let words = unsafe { std::slice::from_raw_parts(words, count) };
        give(result, v8::BigInt::new_from_words(scope, sign != 0, words).ok_or(Status::GenericFailure)?)
    }
    plain fn napi_create_date(env, scope, time: f64, result: *mut Value) {
        give(result, v8::Date::new(scope, time).ok_or(Status::GenericFailure)?)
    }
    plain fn napi_create_symbol(env, scope, description: Value, result: *mut Value) {
        let description = match description.optional() {
            Some(_) => Some(description.cast::<v8::String>(Status::StringExpected)?),
            None => None,
        };
        give(result, v8::Symbol::new(scope, description))
    }
    plain fn node_api_symbol_for(env, scope, text: *const u8, length: usize, result: *mut Value) {
        let description = super::strings::utf8(scope, text, length)?;
        give(result, v8::Symbol::for_key(scope, description))
    }
    plain fn napi_typeof(env, scope, value: Value, result: *mut ValueType) {
        *out(result)? = type_of(value.local()?).ok_or(Status::InvalidArg)?;
        Ok(())
    }
    plain fn napi_get_value_double(env, scope, value: Value, result: *mut f64) {
        *out(result)? = number(value)?;
        Ok(())
    }
    plain fn napi_get_value_int32(env, scope, value: Value, result: *mut i32) {
        *out(result)? = wrap(number(value)?) as i32;
        Ok(())
    }
    plain fn napi_get_value_uint32(env, scope, value: Value, result: *mut u32) {
        *out(result)? = wrap(number(value)?);
        Ok(())
    }
    plain fn napi_get_value_int64(env, scope, value: Value, result: *mut i64) {
        let value = number(value)?;
        *out(result)? = if value.is_finite() { value as i64 } else { 0 };
        Ok(())
    }
    plain fn napi_get_value_bool(env, scope, value: Value, result: *mut bool) {
        *out(result)? = value.cast::<v8::Boolean>(Status::BooleanExpected)?.is_true();
        Ok(())
    }
    plain fn napi_get_value_bigint_int64(env, scope, value: Value, result: *mut i64, lossless: *mut bool) {
        (*out(result)?, *out(lossless)?) = value.cast::<v8::BigInt>(Status::BigintExpected)?.i64_value();
        Ok(())
    }
    plain fn napi_get_value_bigint_uint64(env, scope, value: Value, result: *mut u64, lossless: *mut bool) {
        (*out(result)?, *out(lossless)?) = value.cast::<v8::BigInt>(Status::BigintExpected)?.u64_value();
        Ok(())
    }
    plain fn napi_get_value_bigint_words(env, scope, value: Value, sign: *mut i32, count: *mut usize, words: *mut u64) {
        let value = value.cast::<v8::BigInt>(Status::BigintExpected)?;
        let count = out(count)?;
        if sign.is_null() && words.is_null() {
            *count = value.word_count();
            return Ok(());
        }
        let sign = out(sign)?;
        out(words)?;
        // SAFETY: the addon's array of `count` words.
        let room = unsafe { std::slice::from_raw_parts_mut(words, *count) };
        let (negative, _) = value.to_words_array(room);
        *sign = negative.into();
        *count = value.word_count();
        Ok(())
    }
    plain fn napi_get_date_value(env, scope, value: Value, result: *mut f64) {
        *out(result)? = value.cast::<v8::Date>(Status::DateExpected)?.value_of();
        Ok(())
    }
    plain fn napi_is_date(env, scope, value: Value, result: *mut bool) {
        *out(result)? = value.local()?.is_date();
        Ok(())
    }
    js fn napi_coerce_to_bool(env, scope, value: Value, result: *mut Value) {
        let value = value.local()?.boolean_value(scope);
        give(result, v8::Boolean::new(scope, value))
    }
    js fn napi_coerce_to_number(env, scope, value: Value, result: *mut Value) {
        give(result, value.local()?.to_number(scope).ok_or(Status::NumberExpected)?)
    }
    js fn napi_coerce_to_object(env, scope, value: Value, result: *mut Value) {
        give(result, value.object(scope)?)
    }
    js fn napi_coerce_to_string(env, scope, value: Value, result: *mut Value) {
        give(result, value.local()?.to_string(scope).ok_or(Status::StringExpected)?)
    }
    js fn napi_strict_equals(env, scope, left: Value, right: Value, result: *mut bool) {
        *out(result)? = left.local()?.strict_equals(right.local()?);
        Ok(())
    }
    plain fn napi_adjust_external_memory(env, scope, change: i64, result: *mut i64) {
        *out(result)? = scope.adjust_amount_of_external_allocated_memory(change);
        Ok(())
    }
    plain fn napi_get_version(env, scope, result: *mut u32) {
        *out(result)? = super::VERSION;
        Ok(())
    }
    js fn napi_run_script(env, scope, script: Value, result: *mut Value) {
        let source = script.cast::<v8::String>(Status::StringExpected)?;
        let script = v8::Script::compile(scope, source, None).ok_or(Status::GenericFailure)?;
        give(result, script.run(scope).ok_or(Status::GenericFailure)?)
    }
}
