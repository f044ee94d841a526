//! `internalBinding('types')`: what an object is, by V8's own brand, not by what it says it is.

use crate::binding;

macro_rules! checks {
    ($($js:ident => $name:ident: $check:ident),* $(,)?) => {
        $(fn $name(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
            rv.set_bool(args.get(0).$check());
        })*
        mod fast {
            $(pub mod $name {
                extern "C" fn check(_: v8::Local<v8::Value>, value: v8::Local<v8::Value>) -> bool {
                    value.$check()
                }
                crate::fast_call!(FAST = check, (V8Value) -> Bool);
            })*
        }
        binding!("types", [
            $($js => $name,)*
            isAnyArrayBuffer => any_array_buffer,
            isBoxedPrimitive => boxed_primitive,
        ], fast = [
            $($js => fast::$name::FAST,)*
            isAnyArrayBuffer => ANY_ARRAY_BUFFER,
            isBoxedPrimitive => BOXED_PRIMITIVE,
        ]);
    };
}

fn any_array_buffer(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_bool(args.get(0).is_array_buffer() || args.get(0).is_shared_array_buffer());
}

extern "C" fn fast_any_array_buffer(_: v8::Local<v8::Value>, value: v8::Local<v8::Value>) -> bool {
    value.is_array_buffer() || value.is_shared_array_buffer()
}
crate::fast_call!(ANY_ARRAY_BUFFER = fast_any_array_buffer, (V8Value) -> Bool);

fn boxed_primitive(_: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_bool(is_boxed_primitive(args.get(0)));
}

/// Whether the value is an object around a primitive.
pub fn is_boxed_primitive(value: v8::Local<v8::Value>) -> bool {
    value.is_number_object()
        || value.is_string_object()
        || value.is_boolean_object()
        || value.is_big_int_object()
        || value.is_symbol_object()
}

extern "C" fn fast_boxed_primitive(_: v8::Local<v8::Value>, value: v8::Local<v8::Value>) -> bool {
    is_boxed_primitive(value)
}
crate::fast_call!(BOXED_PRIMITIVE = fast_boxed_primitive, (V8Value) -> Bool);

checks! {
    isExternal => external: is_external,
    isDate => date: is_date,
    isArgumentsObject => arguments_object: is_arguments_object,
    isBigIntObject => big_int_object: is_big_int_object,
    isBooleanObject => boolean_object: is_boolean_object,
    isNumberObject => number_object: is_number_object,
    isStringObject => string_object: is_string_object,
    isSymbolObject => symbol_object: is_symbol_object,
    isNativeError => native_error: is_native_error,
    isRegExp => reg_exp: is_reg_exp,
    isAsyncFunction => async_function: is_async_function,
    isGeneratorFunction => generator_function: is_generator_function,
    isGeneratorObject => generator_object: is_generator_object,
    isPromise => promise: is_promise,
    isMap => map: is_map,
    isSet => set: is_set,
    isMapIterator => map_iterator: is_map_iterator,
    isSetIterator => set_iterator: is_set_iterator,
    isWeakMap => weak_map: is_weak_map,
    isWeakSet => weak_set: is_weak_set,
    isArrayBuffer => array_buffer: is_array_buffer,
    isArrayBufferView => array_buffer_view: is_array_buffer_view,
    isTypedArray => typed_array: is_typed_array,
    isUint8Array => uint8_array: is_uint8_array,
    isUint8ClampedArray => uint8_clamped_array: is_uint8_clamped_array,
    isUint16Array => uint16_array: is_uint16_array,
    isUint32Array => uint32_array: is_uint32_array,
    isInt8Array => int8_array: is_int8_array,
    isInt16Array => int16_array: is_int16_array,
    isInt32Array => int32_array: is_int32_array,
    isFloat16Array => float16_array: is_float16_array,
    isFloat32Array => float32_array: is_float32_array,
    isFloat64Array => float64_array: is_float64_array,
    isBigInt64Array => big_int64_array: is_big_int64_array,
    isBigUint64Array => big_uint64_array: is_big_uint64_array,
    isDataView => data_view: is_data_view,
    isSharedArrayBuffer => shared_array_buffer: is_shared_array_buffer,
    isProxy => proxy: is_proxy,
    isModuleNamespaceObject => module_namespace_object: is_module_namespace_object,
}
