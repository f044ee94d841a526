//! Node-API: strings in and out.

use super::env::{Env, FinalizeCallback, Status, Value, give, out};
use crate::napi;
use std::ffi::c_void;

/// `NAPI_AUTO_LENGTH`: the text ends with a zero.
const AUTO_LENGTH: usize = usize::MAX;

/// The addon's characters; `length` may be [`AUTO_LENGTH`].
fn characters<'a, T: Default + PartialEq>(text: *const T, length: usize) -> Result<&'a [T], Status> {
    if text.is_null() {
        return if length == 0 { Ok(&[]) } else { Err(Status::InvalidArg) };
    }
    let length = match length {
        // SAFETY: the addon says that a zero ends it.
        AUTO_LENGTH => (0..).find(|&i| unsafe { *text.add(i) == T::default() }).unwrap_or(0),
        length if length > i32::MAX as usize => return Err(Status::InvalidArg),
        length => length,
    };
    // SAFETY: the addon's text of that many characters, alive during the call.
    Ok(unsafe { std::slice::from_raw_parts(text, length) })
}

/// A string of the addon's UTF-8.
pub fn utf8<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    text: *const u8,
    length: usize,
) -> Result<v8::Local<'s, v8::String>, Status> {
    let text = characters(text, length)?;
    v8::String::new_from_utf8(scope, text, v8::NewStringType::Normal).ok_or(Status::GenericFailure)
}

/// As [`utf8`], lossy, as text.
pub fn text(text: *const u8, length: usize) -> Result<String, Status> {
    Ok(String::from_utf8_lossy(characters(text, length)?).into_owned())
}

fn latin1<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    text: *const u8,
    length: usize,
    kind: v8::NewStringType,
) -> Result<v8::Local<'s, v8::String>, Status> {
    v8::String::new_from_one_byte(scope, characters(text, length)?, kind).ok_or(Status::GenericFailure)
}

fn utf16<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    text: *const u16,
    length: usize,
    kind: v8::NewStringType,
) -> Result<v8::Local<'s, v8::String>, Status> {
    v8::String::new_from_two_byte(scope, characters(text, length)?, kind).ok_or(Status::GenericFailure)
}

/// The addon's room for `size` characters, of which the last is for the zero.
fn room<'a, T>(buffer: *mut T, size: usize) -> Option<&'a mut [T]> {
    // SAFETY: the addon's buffer of that size.
    (!buffer.is_null() && size > 0).then(|| unsafe { std::slice::from_raw_parts_mut(buffer, size) })
}

/// Says how many characters were copied, where the addon asks; ends them with a zero.
fn copied<T: Default>(room: Option<&mut [T]>, count: usize, result: *mut usize) {
    if let Some(room) = room {
        room[count] = T::default();
    }
    // SAFETY: null, or the addon's variable.
    if let Some(result) = unsafe { result.as_mut() } {
        *result = count;
    }
}

/// Copies a string as units of 8 or 16 bits with `write(string, room)`, or tells its length where the addon gives no room.
fn copy_units<T: Default>(
    value: Value,
    buffer: *mut T,
    size: usize,
    result: *mut usize,
    write: impl FnOnce(v8::Local<v8::String>, &mut [T]),
) -> Result<(), Status> {
    let string = value.cast::<v8::String>(Status::StringExpected)?;
    if buffer.is_null() {
        *out(result)? = string.length();
        return Ok(());
    }
    let mut room = room(buffer, size);
    let count = room.as_mut().map_or(0, |room| {
        let count = string.length().min(room.len() - 1);
        write(string, &mut room[..count]);
        count
    });
    copied(room, count, result);
    Ok(())
}

napi! {
    plain fn napi_create_string_utf8(env, scope, text: *const u8, length: usize, result: *mut Value) {
        give(result, utf8(scope, text, length)?)
    }
    plain fn napi_create_string_latin1(env, scope, text: *const u8, length: usize, result: *mut Value) {
        give(result, latin1(scope, text, length, v8::NewStringType::Normal)?)
    }
    plain fn napi_create_string_utf16(env, scope, text: *const u16, length: usize, result: *mut Value) {
        give(result, utf16(scope, text, length, v8::NewStringType::Normal)?)
    }
    plain fn node_api_create_property_key_latin1(env, scope, text: *const u8, length: usize, result: *mut Value) {
        give(result, latin1(scope, text, length, v8::NewStringType::Internalized)?)
    }
    plain fn node_api_create_property_key_utf8(env, scope, text: *const u8, length: usize, result: *mut Value) {
        let text = characters(text, length)?;
        give(result, v8::String::new_from_utf8(scope, text, v8::NewStringType::Internalized).ok_or(Status::GenericFailure)?)
    }
    plain fn node_api_create_property_key_utf16(env, scope, text: *const u16, length: usize, result: *mut Value) {
        give(result, utf16(scope, text, length, v8::NewStringType::Internalized)?)
    }
    // The text is copied: what the interface allows, and says in `was_copied`.
    plain fn node_api_create_external_string_latin1(
        env, scope, text: *mut u8, length: usize, finalize: Option<FinalizeCallback>, hint: *mut c_void, result: *mut Value,
        was_copied: *mut bool,
    ) {
        give(result, latin1(scope, text, length, v8::NewStringType::Normal)?)?;
        release(env, text.cast(), finalize, hint, was_copied);
        Ok(())
    }
    plain fn node_api_create_external_string_utf16(
        env, scope, text: *mut u16, length: usize, finalize: Option<FinalizeCallback>, hint: *mut c_void, result: *mut Value,
        was_copied: *mut bool,
    ) {
        give(result, utf16(scope, text, length, v8::NewStringType::Normal)?)?;
        release(env, text.cast(), finalize, hint, was_copied);
        Ok(())
    }
    plain fn napi_get_value_string_utf8(env, scope, value: Value, buffer: *mut u8, size: usize, result: *mut usize) {
        let string = value.cast::<v8::String>(Status::StringExpected)?;
        if buffer.is_null() {
            *out(result)? = string.utf8_length(scope);
            return Ok(());
        }
        let mut room = room(buffer, size);
        let count = room.as_mut().map_or(0, |room| {
            let last = room.len() - 1;
            string.write_utf8_v2(scope, &mut room[..last], v8::WriteFlags::kReplaceInvalidUtf8, None)
        });
        copied(room, count, result);
        Ok(())
    }
    plain fn napi_get_value_string_latin1(env, scope, value: Value, buffer: *mut u8, size: usize, result: *mut usize) {
        copy_units(value, buffer, size, result, |string, room| {
            string.write_one_byte_v2(scope, 0, room, v8::WriteFlags::empty());
        })
    }
    plain fn napi_get_value_string_utf16(env, scope, value: Value, buffer: *mut u16, size: usize, result: *mut usize) {
        copy_units(value, buffer, size, result, |string, room| {
            string.write_v2(scope, 0, room, v8::WriteFlags::empty());
        })
    }
}

/// The text was copied: its owner may have it back.
fn release(env: &Env, text: *mut c_void, finalize: Option<FinalizeCallback>, hint: *mut c_void, was_copied: *mut bool) {
    // SAFETY: null, or the addon's variable.
    if let Some(was_copied) = unsafe { was_copied.as_mut() } {
        *was_copied = true;
    }
    if let Some(finalize) = finalize {
        // SAFETY: the addon's own function with its own data.
        unsafe { finalize(std::ptr::from_ref(env).cast_mut(), text, hint) };
    }
}
