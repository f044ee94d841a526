//! What a native binding is, and the registry of all of them.
//!
//! Owns: the shape of a binding and how its object is made. Does not own: what each one does (`bindings/<name>.rs`) nor Node's
//! semantics (`js/<name>.js`). Each binding has its own function list; the image's external references are made from the same
//! lists, so a function that is callable can be in an image.

use crate::fast_call::FastCall;
use v8::MapFnTo;

/// A native module that JavaScript gets with `internalBinding(name)`.
pub struct Binding {
    /// The name JavaScript asks for.
    pub name: &'static str,
    /// Name in JavaScript and V8 callback of each function.
    pub functions: &'static [(&'static str, fn() -> v8::FunctionCallback)],
    /// Those that have a fast form too.
    pub fast: &'static [(&'static str, &'static FastCall)],
    /// Adds constants and objects; must not create anything native, it may run while an image is made.
    pub init: Option<fn(&mut v8::PinScope, v8::Local<v8::Object>)>,
}

/// Declares `BINDING` of a binding file: `binding!("os", [getHostname => hostname, ...], fast = [getUptime => FAST_UPTIME],
/// init = constants)`.
#[macro_export]
macro_rules! binding {
    (@init) => { None };
    (@init $init:path) => { Some($init) };
    (
        $name:literal, [$($js:ident => $f:path),* $(,)?]
        $(, fast = [$($fast_js:ident => $fast:path),* $(,)?])? $(, init = $init:path)?
    ) => {
        /// This file's line in the table of bindings.
        pub const BINDING: $crate::binding::Binding = $crate::binding::Binding {
            name: $name,
            functions: &[$((stringify!($js), || <_ as v8::MapFnTo<v8::FunctionCallback>>::map_fn_to($f))),*],
            fast: &[$($((stringify!($fast_js), &$fast)),*)?],
            init: $crate::binding!(@init $($init)?),
        };
    };
}

/// The interceptor of an index, from that of a name, which an index is like any other: `by_index!(index_getter => getter() -> v8::Value)`,
/// with the arguments between the name and V8's own.
#[macro_export]
macro_rules! by_index {
    ($name:ident => $handler:ident($($arg:ident: $of:ty),*) -> $result:ty) => {
        fn $name<'s>(
            scope: &mut v8::PinScope<'s, '_>,
            index: u32,
            $($arg: $of,)*
            args: v8::PropertyCallbackArguments<'s>,
            rv: v8::ReturnValue<$result>,
        ) -> v8::Intercepted {
            match v8::Integer::new_from_unsigned(scope, index).to_string(scope) {
                Some(key) => $handler(scope, key.into(), $($arg,)* args, rv),
                None => v8::Intercepted::kNo,
            }
        }
    };
}

/// `internalBinding(name)`: a new object with the binding's functions; JavaScript keeps it.
pub fn internal_binding(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let name = args.get(0).to_rust_string_lossy(scope);
    let Some(binding) = crate::bindings::ALL.iter().find(|b| b.name == name) else {
        return throw_error(scope, &format!("No such binding: {name}"));
    };
    let object = v8::Object::new(scope);
    for (js_name, callback) in binding.functions {
        let key = v8::String::new(scope, js_name).unwrap();
        let fast = binding.fast.iter().find(|(name, _)| name == js_name);
        let function = match fast {
            Some((_, fast)) => {
                let template = v8::FunctionTemplate::builder_raw(callback()).build_fast(scope, fast.overloads());
                template.get_function(scope).unwrap()
            }
            None => v8::Function::builder_raw(callback())
                .constructor_behavior(v8::ConstructorBehavior::Throw)
                .build(scope)
                .unwrap(),
        };
        function.set_name(key);
        // `set` would make a dictionary of an object with more than some ten properties, and each call a search.
        object.create_data_property(scope, key.into(), function.into());
    }
    if let Some(init) = binding.init {
        init(scope, object);
    }
    rv.set(object.into());
}

/// Every native address that an image may refer to, in one fixed order.
pub fn external_references() -> Vec<v8::ExternalReference> {
    let mut refs = vec![
        v8::ExternalReference { function: internal_binding.map_fn_to() },
        v8::ExternalReference { function: crate::builtins::compile_builtin.map_fn_to() },
    ];
    for binding in crate::bindings::ALL {
        refs.extend(binding.functions.iter().map(|(_, callback)| v8::ExternalReference { function: callback() }));
        refs.extend(binding.fast.iter().map(|(_, fast)| fast.reference()));
    }
    refs.extend(crate::builtins::external_references());
    refs.extend(crate::bindings::crypto::native::external_references());
    refs.extend(crate::bindings::env::external_references());
    refs.extend(crate::bindings::module_wrap::external_references());
    refs.extend(crate::heap::external_references());
    refs
}

/// Throws a plain `Error` with this message.
pub fn throw_error(scope: &mut v8::PinScope, message: &str) {
    let message = v8::String::new(scope, message).unwrap();
    let error = v8::Exception::error(scope, message);
    scope.throw_exception(error);
}

/// Throws a plain `TypeError` with this message.
pub fn throw_type_error(scope: &mut v8::PinScope, message: &str) {
    let message = v8::String::new(scope, message).unwrap();
    let error = v8::Exception::type_error(scope, message);
    scope.throw_exception(error);
}

/// Throws an `Error` with this code and message; its `name` is shown with the code, as Node's errors.
pub fn throw_coded(scope: &mut v8::PinScope, code: &str, message: &str) {
    let message = v8::String::new(scope, message).unwrap();
    let error = v8::Exception::error(scope, message);
    if let Some(object) = error.to_object(scope) {
        let code = string(scope, code);
        set(scope, object, "code", code);
    }
    scope.throw_exception(error);
}

/// Sets `object[name] = value`.
pub fn set<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    object: v8::Local<'s, v8::Object>,
    name: &str,
    value: v8::Local<'s, v8::Value>,
) {
    let key = v8::String::new(scope, name).unwrap();
    object.create_data_property(scope, key.into(), value);
}

/// Sets `object[name]` to a number.
pub fn set_number<'s>(scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>, name: &str, value: f64) {
    let value = v8::Number::new(scope, value);
    set(scope, object, name, value.into());
}

/// A JavaScript string; lossy where the text is longer than V8 takes.
pub fn string<'s>(scope: &mut v8::PinScope<'s, '_>, text: &str) -> v8::Local<'s, v8::Value> {
    match v8::String::new(scope, text) {
        Some(s) => s.into(),
        None => v8::String::empty(scope).into(),
    }
}

/// Bytes of a small typed array that V8 keeps inside the object, at most.
pub const ON_HEAP: usize = 64;

/// The bytes of an ArrayBufferView or (Shared)ArrayBuffer argument.
///
/// The slice is only good until JavaScript runs again: JavaScript could detach or resize the buffer.
pub fn bytes<'a>(value: v8::Local<'a, v8::Value>) -> Option<&'a mut [u8]> {
    if let Ok(view) = v8::Local::<v8::ArrayBufferView>::try_from(value) {
        let mut inside = [std::mem::MaybeUninit::<u8>::uninit(); ON_HEAP];
        // SAFETY: V8 writes there, and no more than it keeps inside the heap.
        let (data, length) = unsafe {
            let storage = std::slice::from_raw_parts_mut(inside.as_mut_ptr().cast::<u8>(), inside.len());
            view.get_contents_raw_parts(storage)
        };
        if length == 0 {
            return Some(&mut []);
        }
        // Asking for the buffer moves bytes out of the heap, and makes a handle: a fast call has no scope that would let go
        // of it, so what a loop works on would live, and be looked at by each collection, until the loop returns.
        let data = if std::ptr::eq(data, inside.as_ptr().cast()) { view.data().cast::<u8>() } else { data };
        // SAFETY: the first of that many bytes of the view; no JavaScript runs while the caller holds the slice.
        return Some(unsafe { std::slice::from_raw_parts_mut(data, length) });
    }
    let (data, length) = if let Ok(buffer) = v8::Local::<v8::ArrayBuffer>::try_from(value) {
        (buffer.data(), buffer.byte_length())
    } else if let Ok(buffer) = v8::Local::<v8::SharedArrayBuffer>::try_from(value) {
        // The buffer object keeps its store alive.
        (buffer.get_backing_store().data(), buffer.byte_length())
    } else {
        return None;
    };
    match data {
        // SAFETY: as above.
        Some(data) if length > 0 => Some(unsafe { std::slice::from_raw_parts_mut(data.as_ptr().cast::<u8>(), length) }),
        _ => Some(&mut []),
    }
}

/// As [`bytes`], but those of a small array stay inside V8's heap: the slice is only good until V8 allocates. This is the way to
/// write in a fast call, which must not move bytes out: that may collect garbage, and makes handles that stay.
pub fn bytes_in_place<'a>(value: v8::Local<'a, v8::Value>) -> Option<&'a mut [u8]> {
    let Ok(view) = v8::Local::<v8::TypedArray>::try_from(value) else { return bytes(value) };
    if view.has_buffer() {
        return bytes(value);
    }
    let mut inside = [0; ON_HEAP];
    // SAFETY: V8 writes there, and no more than it keeps inside the heap.
    let (_, length) = unsafe { view.get_contents_raw_parts(&mut inside) };
    // The array's third word is its elements, whose bytes are behind a map and a length.
    // SAFETY: a handle is the address of a tagged address, and an array without a buffer has elements of that many bytes.
    let found = unsafe {
        let object = *std::ptr::from_ref(&*view).cast::<*mut u8>();
        let elements = *object.sub(TAG).cast::<*mut u8>().add(2);
        std::slice::from_raw_parts_mut(elements.sub(TAG).add(2 * size_of::<usize>()), length)
    };
    // Another layout of another V8 would show here.
    if *found == inside[..length] { Some(found) } else { bytes(value) }
}

/// What V8 adds to the address of an object.
const TAG: usize = 1;

/// A new Uint8Array that owns these bytes, without a copy.
pub fn uint8_array<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: Vec<u8>) -> v8::Local<'s, v8::Uint8Array> {
    let length = bytes.len();
    let buffer = crate::array_buffers::from_vec(scope, bytes);
    v8::Uint8Array::new(scope, buffer, 0, length).unwrap()
}
