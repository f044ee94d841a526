//! Node-API: ArrayBuffers, views, Buffers.

use super::env::{Env, FinalizeCallback, Finalizer, Status, Value, give, out};
use crate::event_loop::LoopHandle;
use crate::napi;
use std::ffi::c_void;

/// The memory of a buffer; an empty one has none.
fn pointer(buffer: v8::Local<v8::ArrayBuffer>) -> *mut c_void {
    buffer.data().map_or(std::ptr::null_mut(), std::ptr::NonNull::as_ptr)
}

/// Memory of the addon's that an ArrayBuffer has taken over. V8 frees buffers on any thread; the finalizer runs on the loop.
struct Foreign {
    env: *mut Env,
    event_loop: LoopHandle,
    finalizer: Finalizer,
}

// SAFETY: only moved to the loop's own thread, where its pointers are used.
unsafe impl Send for Foreign {}

impl Foreign {
    fn run(self, scope: &mut v8::PinScope) {
        self.finalizer.run(scope, self.env);
    }
}

unsafe extern "C" fn free_foreign(_: *mut c_void, _: usize, data: *mut c_void) {
    if !data.is_null() {
        // SAFETY: made by `external`; V8 gives it back once.
        let foreign = unsafe { Box::from_raw(data.cast::<Foreign>()) };
        let event_loop = foreign.event_loop.clone();
        event_loop.post(move |scope| foreign.run(scope));
    }
}

fn external<'s>(
    env: &Env,
    scope: &mut v8::PinScope<'s, '_>,
    data: *mut c_void,
    length: usize,
    finalize: Option<FinalizeCallback>,
    hint: *mut c_void,
) -> v8::Local<'s, v8::ArrayBuffer> {
    let foreign = finalize.map(|callback| {
        let env = std::ptr::from_ref(env).cast_mut();
        let event_loop = crate::event_loop::current().handle();
        Box::into_raw(Box::new(Foreign { env, event_loop, finalizer: Finalizer { callback, data, hint } }))
    });
    let foreign = foreign.map_or(std::ptr::null_mut(), <*mut Foreign>::cast);
    // SAFETY: the addon keeps the memory until its finalizer is called.
    let store = unsafe { v8::ArrayBuffer::new_backing_store_from_ptr(data, length, free_foreign, foreign) };
    v8::ArrayBuffer::with_backing_store(scope, &store.make_shared())
}

/// A `Buffer` over all of an ArrayBuffer.
fn buffer<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    memory: v8::Local<'s, v8::ArrayBuffer>,
    offset: usize,
    length: usize,
) -> Result<v8::Local<'s, v8::Value>, Status> {
    super::make_buffer(scope, memory, offset, length).ok_or(Status::GenericFailure)
}

/// `napi_typedarray_type`, and what it must be aligned to.
const TYPED_ARRAYS: [(usize, &str); 12] = [
    (1, "Int8Array"),
    (1, "Uint8Array"),
    (1, "Uint8ClampedArray"),
    (2, "Int16Array"),
    (2, "Uint16Array"),
    (4, "Int32Array"),
    (4, "Uint32Array"),
    (4, "Float32Array"),
    (8, "Float64Array"),
    (8, "BigInt64Array"),
    (8, "BigUint64Array"),
    (2, "Float16Array"),
];

fn typed_array_type(value: v8::Local<v8::Value>) -> Option<i32> {
    Some(match value {
        v if v.is_int8_array() => 0,
        v if v.is_uint8_array() => 1,
        v if v.is_uint8_clamped_array() => 2,
        v if v.is_int16_array() => 3,
        v if v.is_uint16_array() => 4,
        v if v.is_int32_array() => 5,
        v if v.is_uint32_array() => 6,
        v if v.is_float32_array() => 7,
        v if v.is_float64_array() => 8,
        v if v.is_big_int64_array() => 9,
        v if v.is_big_uint64_array() => 10,
        v if v.is_float16_array() => 11,
        _ => return None,
    })
}

fn throw_range(scope: &mut v8::PinScope, code: &str, message: &str) -> Status {
    if let Some(message) = v8::String::new(scope, message) {
        let error = v8::Exception::range_error(scope, message);
        let code = crate::binding::string(scope, code);
        crate::binding::set(scope, error.cast(), "code", code);
        scope.throw_exception(error);
    }
    Status::InvalidArg
}

fn new_typed_array<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    kind: usize,
    memory: v8::Local<'s, v8::ArrayBuffer>,
    offset: usize,
    length: usize,
) -> Option<v8::Local<'s, v8::Value>> {
    Some(match kind {
        0 => v8::Int8Array::new(scope, memory, offset, length)?.into(),
        1 => v8::Uint8Array::new(scope, memory, offset, length)?.into(),
        2 => v8::Uint8ClampedArray::new(scope, memory, offset, length)?.into(),
        3 => v8::Int16Array::new(scope, memory, offset, length)?.into(),
        4 => v8::Uint16Array::new(scope, memory, offset, length)?.into(),
        5 => v8::Int32Array::new(scope, memory, offset, length)?.into(),
        6 => v8::Uint32Array::new(scope, memory, offset, length)?.into(),
        7 => v8::Float32Array::new(scope, memory, offset, length)?.into(),
        8 => v8::Float64Array::new(scope, memory, offset, length)?.into(),
        9 => v8::BigInt64Array::new(scope, memory, offset, length)?.into(),
        10 => v8::BigUint64Array::new(scope, memory, offset, length)?.into(),
        11 => {
            let array = v8::Float16Array::new(scope, memory, offset, length)?;
            // SAFETY: every handle of an array is one of a value; the crate lacks the conversion for this class.
            unsafe { std::mem::transmute::<v8::Local<'s, v8::Float16Array>, v8::Local<'s, v8::Value>>(array) }
        }
        _ => return None,
    })
}

/// Memory and size of an ArrayBuffer argument, shared or not.
fn memory(value: Value, data: *mut *mut c_void, length: *mut usize) -> Result<(), Status> {
    let value = value.local()?;
    let (start, size) = if let Ok(buffer) = v8::Local::<v8::ArrayBuffer>::try_from(value) {
        (pointer(buffer), buffer.byte_length())
    } else if let Ok(buffer) = v8::Local::<v8::SharedArrayBuffer>::try_from(value) {
        let start = buffer.get_backing_store().data();
        (start.map_or(std::ptr::null_mut(), std::ptr::NonNull::as_ptr), buffer.byte_length())
    } else {
        return Err(Status::InvalidArg);
    };
    if let Ok(data) = out(data) {
        *data = start;
    }
    if let Ok(length) = out(length) {
        *length = size;
    }
    Ok(())
}

/// The buffer of a view, its offset and the address of its first byte, where the addon asks.
fn view_info(
    scope: &mut v8::PinScope,
    view: v8::Local<v8::ArrayBufferView>,
    data: *mut *mut c_void,
    buffer: *mut Value,
    offset: *mut usize,
) -> Result<(), Status> {
    // Small views have their memory inside the object, where it moves: the buffer moves it out.
    let memory = view.buffer(scope).ok_or(Status::GenericFailure)?;
    if let Ok(data) = out(data) {
        *data = view.data();
    }
    if let Ok(buffer) = out(buffer) {
        *buffer = memory.into();
    }
    if let Ok(offset) = out(offset) {
        *offset = view.byte_offset();
    }
    Ok(())
}

napi! {
    js fn napi_create_arraybuffer(env, scope, length: usize, data: *mut *mut c_void, result: *mut Value) {
        let buffer = v8::ArrayBuffer::new(scope, length);
        if let Ok(data) = out(data) {
            *data = pointer(buffer);
        }
        give(result, buffer)
    }
    js fn napi_create_external_arraybuffer(
        env, scope, data: *mut c_void, length: usize, finalize: Option<FinalizeCallback>, hint: *mut c_void,
        result: *mut Value,
    ) {
        give(result, external(env, scope, data, length, finalize, hint))
    }
    plain fn napi_is_arraybuffer(env, scope, value: Value, result: *mut bool) {
        *out(result)? = value.local()?.is_array_buffer();
        Ok(())
    }
    plain fn node_api_is_sharedarraybuffer(env, scope, value: Value, result: *mut bool) {
        *out(result)? = value.local()?.is_shared_array_buffer();
        Ok(())
    }
    js fn node_api_create_sharedarraybuffer(env, scope, length: usize, data: *mut *mut c_void, result: *mut Value) {
        let buffer = v8::SharedArrayBuffer::new(scope, length).ok_or(Status::GenericFailure)?;
        if let Ok(data) = out(data) {
            let start = buffer.get_backing_store().data();
            *data = start.map_or(std::ptr::null_mut(), std::ptr::NonNull::as_ptr);
        }
        give(result, buffer)
    }
    plain fn napi_get_arraybuffer_info(env, scope, value: Value, data: *mut *mut c_void, length: *mut usize) {
        memory(value, data, length)
    }
    plain fn napi_detach_arraybuffer(env, scope, value: Value) {
        let buffer = value.cast::<v8::ArrayBuffer>(Status::ArrayBufferExpected)?;
        if !buffer.is_detachable() {
            return Err(Status::DetachableArrayBufferExpected);
        }
        buffer.detach(None);
        Ok(())
    }
    plain fn napi_is_detached_arraybuffer(env, scope, value: Value, result: *mut bool) {
        let buffer = v8::Local::<v8::ArrayBuffer>::try_from(value.local()?);
        *out(result)? = buffer.is_ok_and(|b| b.was_detached());
        Ok(())
    }
    plain fn napi_is_typedarray(env, scope, value: Value, result: *mut bool) {
        *out(result)? = value.local()?.is_typed_array();
        Ok(())
    }
    js fn napi_create_typedarray(
        env, scope, kind: i32, length: usize, memory: Value, offset: usize, result: *mut Value,
    ) {
        let memory = memory.cast::<v8::ArrayBuffer>(Status::InvalidArg)?;
        let kind = usize::try_from(kind).map_err(|_| Status::InvalidArg)?;
        let &(size, name) = TYPED_ARRAYS.get(kind).ok_or(Status::InvalidArg)?;
        if !offset.is_multiple_of(size) {
            let message = format!("start offset of {name} should be a multiple of {size}");
            return Err(throw_range(scope, "ERR_NAPI_INVALID_TYPEDARRAY_ALIGNMENT", &message));
        }
        if length.checked_mul(size).and_then(|l| l.checked_add(offset)).is_none_or(|end| end > memory.byte_length()) {
            return Err(throw_range(scope, "ERR_NAPI_INVALID_TYPEDARRAY_LENGTH", "Invalid typed array length"));
        }
        give(result, new_typed_array(scope, kind, memory, offset, length).ok_or(Status::GenericFailure)?)
    }
    plain fn napi_get_typedarray_info(
        env, scope, value: Value, kind: *mut i32, length: *mut usize, data: *mut *mut c_void, buffer: *mut Value,
        offset: *mut usize,
    ) {
        let array = value.cast::<v8::TypedArray>(Status::InvalidArg)?;
        if let Ok(kind) = out(kind) {
            *kind = typed_array_type(array.into()).ok_or(Status::InvalidArg)?;
        }
        if let Ok(length) = out(length) {
            *length = array.length();
        }
        view_info(scope, array.into(), data, buffer, offset)
    }
    js fn napi_create_dataview(env, scope, length: usize, memory: Value, offset: usize, result: *mut Value) {
        let memory = memory.cast::<v8::ArrayBuffer>(Status::InvalidArg)?;
        if length.checked_add(offset).is_none_or(|end| end > memory.byte_length()) {
            let message = "byte_offset + byte_length should be less than or equal to the size in bytes of the array passed in";
            throw_range(scope, "ERR_NAPI_INVALID_DATAVIEW_ARGS", message);
            return Err(Status::PendingException);
        }
        give(result, v8::DataView::new(scope, memory, offset, length))
    }
    plain fn napi_is_dataview(env, scope, value: Value, result: *mut bool) {
        *out(result)? = value.local()?.is_data_view();
        Ok(())
    }
    plain fn napi_get_dataview_info(
        env, scope, value: Value, length: *mut usize, data: *mut *mut c_void, buffer: *mut Value, offset: *mut usize,
    ) {
        let view = value.cast::<v8::DataView>(Status::InvalidArg)?;
        if let Ok(length) = out(length) {
            *length = view.byte_length();
        }
        view_info(scope, view.into(), data, buffer, offset)
    }
    js fn napi_create_buffer(env, scope, length: usize, data: *mut *mut c_void, result: *mut Value) {
        let memory = v8::ArrayBuffer::new(scope, length);
        if let Ok(data) = out(data) {
            *data = pointer(memory);
        }
        give(result, buffer(scope, memory, 0, length)?)
    }
    js fn napi_create_buffer_copy(
        env, scope, length: usize, source: *const c_void, data: *mut *mut c_void, result: *mut Value,
    ) {
        let memory = v8::ArrayBuffer::new(scope, length);
        if length > 0 {
            if source.is_null() {
                return Err(Status::InvalidArg);
            }
            // SAFETY: the addon's bytes into memory just made, of the same length.
            unsafe { std::ptr::copy_nonoverlapping(source.cast::<u8>(), pointer(memory).cast(), length) };
        }
        if let Ok(data) = out(data) {
            *data = pointer(memory);
        }
        give(result, buffer(scope, memory, 0, length)?)
    }
    js fn napi_create_external_buffer(
        env, scope, length: usize, data: *mut c_void, finalize: Option<FinalizeCallback>, hint: *mut c_void,
        result: *mut Value,
    ) {
        let memory = external(env, scope, data, length, finalize, hint);
        give(result, buffer(scope, memory, 0, length)?)
    }
    js fn node_api_create_buffer_from_arraybuffer(
        env, scope, memory: Value, offset: usize, length: usize, result: *mut Value,
    ) {
        let memory = memory.cast::<v8::ArrayBuffer>(Status::ArrayBufferExpected)?;
        if length.checked_add(offset).is_none_or(|end| end > memory.byte_length()) {
            return Err(throw_range(scope, "ERR_OUT_OF_RANGE", "The byte offset + length is out of range"));
        }
        give(result, buffer(scope, memory, offset, length)?)
    }
    plain fn napi_is_buffer(env, scope, value: Value, result: *mut bool) {
        *out(result)? = value.local()?.is_array_buffer_view();
        Ok(())
    }
    plain fn napi_get_buffer_info(env, scope, value: Value, data: *mut *mut c_void, length: *mut usize) {
        let view = value.cast::<v8::ArrayBufferView>(Status::InvalidArg)?;
        if let Ok(length) = out(length) {
            *length = view.byte_length();
        }
        view_info(scope, view, data, std::ptr::null_mut(), std::ptr::null_mut())
    }
}
