//! Rust values that JavaScript holds: opaque objects, freed when they are collected.

use std::any::Any;
use std::ffi::CStr;

/// V8's tag of what these objects wrap.
const TAG: u16 = 1;

struct Native {
    value: Box<dyn Any>,
}

// SAFETY: it refers to nothing on V8's or C++'s heap, so there is nothing to trace.
unsafe impl v8::cppgc::GarbageCollected for Native {
    fn trace(&self, _: &mut v8::cppgc::Visitor) {}

    fn get_name(&self) -> &'static CStr {
        c"CryptoHandle"
    }
}

thread_local! {
    static TEMPLATE: std::cell::RefCell<Option<v8::Global<v8::ObjectTemplate>>> = const { std::cell::RefCell::new(None) };
}

/// Lets go of what JavaScript has given: no handle may be left where an image is made.
pub fn forget() {
    TEMPLATE.take();
}

fn nothing(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, _: v8::ReturnValue) {}

/// Addresses that an image of a program's heap refers to, where such an object was made and let go.
pub fn external_references() -> impl Iterator<Item = v8::ExternalReference> {
    use v8::MapFnTo;
    std::iter::once(v8::ExternalReference { function: nothing.map_fn_to() })
}

fn template<'s>(scope: &mut v8::PinScope<'s, '_>) -> v8::Local<'s, v8::ObjectTemplate> {
    TEMPLATE.with_borrow_mut(|slot| match slot {
        Some(template) => v8::Local::new(scope, &*template),
        None => {
            // An object that can wrap is made by a function template.
            let function = v8::FunctionTemplate::new(scope, nothing);
            let template = function.instance_template(scope);
            *slot = Some(v8::Global::new(scope, template));
            template
        }
    })
}

/// As [`hold`], for what is OpenSSL's, which is started here.
pub fn wrap<'s, T: 'static>(scope: &mut v8::PinScope<'s, '_>, value: T) -> v8::Local<'s, v8::Value> {
    super::ready();
    hold(scope, value)
}

/// A new object that owns `value`.
pub fn hold<'s, T: 'static>(scope: &mut v8::PinScope<'s, '_>, value: T) -> v8::Local<'s, v8::Value> {
    let object = template(scope).new_instance(scope).expect("an object");
    let heap = scope.get_cpp_heap().expect("V8's own heap for native objects");
    // SAFETY: the object is reached through the wrapper at once, and the pointer does not leave this frame.
    unsafe {
        let native = v8::cppgc::make_garbage_collected(heap, Native { value: Box::new(value) });
        v8::Object::wrap::<TAG, Native>(scope, object, &native);
    }
    if crate::heap::is_building() {
        let name = std::any::type_name::<T>().rsplit("::").next().unwrap_or_default();
        crate::bindings::heap::watch(scope, object, &format!("a native object ({name})"));
    }
    object.into()
}

/// The value of an object that [`wrap`] made of a `T`. It lives as long as the object, which the caller's argument keeps alive.
pub fn unwrap<'a, T: 'static>(scope: &mut v8::PinScope, value: v8::Local<'a, v8::Value>) -> Option<&'a T> {
    let object = v8::Local::<v8::Object>::try_from(value).ok()?;
    if !object.is_api_wrapper() {
        return None;
    }
    // SAFETY: only this file wraps with this tag; the object does not move and `value` keeps it alive.
    unsafe {
        let native = v8::Object::unwrap::<TAG, Native>(scope, object)?;
        let any: *const dyn Any = &*native.as_ref().value;
        (*any).downcast_ref::<T>()
    }
}
