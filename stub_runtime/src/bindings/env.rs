//! `internalBinding('env')`: the object `process.env`, whose properties are the environment's variables.

use crate::{binding, by_index};
use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStrExt;
use std::sync::{PoisonError, RwLock};

type Getter<'s> = v8::ReturnValue<'s, v8::Value>;

/// A name longer than this is looked for with memory of its own.
const SHORT: usize = 256;

/// A variable's name as the C library takes it.
fn with_name<T>(
    scope: &mut v8::PinScope,
    key: v8::Local<v8::Name>,
    found: impl FnOnce(&mut v8::PinScope, &CStr) -> Option<T>,
) -> Option<T> {
    let key = v8::Local::<v8::String>::try_from(key).ok()?;
    let length = key.length();
    if length < SHORT && key.is_onebyte() {
        let mut room = [0; SHORT];
        key.write_one_byte_v2(scope, 0, &mut room[..length], v8::WriteFlags::empty());
        if room.is_ascii() {
            // No name has a character 0 or "=".
            let name = CStr::from_bytes_with_nul(&room[..=length]).ok()?;
            return if length == 0 || room.contains(&b'=') { None } else { found(scope, name) };
        }
    }
    let key = key.to_rust_string_lossy(scope);
    let name = CString::new(key).ok()?;
    if name.is_empty() || name.as_bytes().contains(&b'=') { None } else { found(scope, &name) }
}

fn name(scope: &mut v8::PinScope, key: v8::Local<v8::Name>) -> Option<String> {
    with_name(scope, key, |_, name| name.to_str().ok().map(str::to_owned))
}

/// Readers of values as they lie there, and who changes them: also workers that share the environment.
static ENVIRONMENT: RwLock<()> = RwLock::new(());

/// Runs `found` on the value of a variable.
fn with_value<T>(name: &CStr, found: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
    let _reading = ENVIRONMENT.read().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: the C library's own lookup; set_variable(), which alone writes to the environment, waits for the lock.
    unsafe {
        let value = libc::getenv(name.as_ptr());
        if value.is_null() { None } else { found(CStr::from_ptr(value).to_bytes()) }
    }
}

fn getter(
    scope: &mut v8::PinScope,
    key: v8::Local<v8::Name>,
    _: v8::PropertyCallbackArguments,
    mut rv: Getter,
) -> v8::Intercepted {
    let found = with_name(scope, key, |scope, name| {
        let value = with_value(name, |value| text(scope, value, v8::NewStringType::Normal))?;
        rv.set(value);
        Some(())
    });
    if found.is_some() { v8::Intercepted::kYes } else { v8::Intercepted::kNo }
}

/// What is no UTF-8 becomes U+FFFD.
fn text<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    bytes: &[u8],
    kind: v8::NewStringType,
) -> Option<v8::Local<'s, v8::Value>> {
    let text = if bytes.is_ascii() {
        v8::String::new_from_one_byte(scope, bytes, kind)
    } else {
        v8::String::new_from_utf8(scope, bytes, kind)
    };
    text.map(Into::into)
}

fn symbol_error(scope: &mut v8::PinScope) -> v8::Intercepted {
    binding::throw_type_error(scope, "Cannot convert a Symbol value to a string");
    v8::Intercepted::kYes
}

fn setter(
    scope: &mut v8::PinScope,
    key: v8::Local<v8::Name>,
    value: v8::Local<v8::Value>,
    _: v8::PropertyCallbackArguments,
    _: v8::ReturnValue<v8::Boolean>,
) -> v8::Intercepted {
    if key.is_symbol() || value.is_symbol() {
        return symbol_error(scope);
    }
    let Some(value) = value.to_string(scope) else { return v8::Intercepted::kYes };
    let mut room = [std::mem::MaybeUninit::uninit(); SHORT];
    let value = value.to_rust_cow_lossy(scope, &mut room);
    with_name(scope, key, |scope, name| {
        set_variable(scope, name.to_str().ok()?, Some(value.split('\0').next().unwrap_or_default()));
        Some(())
    });
    v8::Intercepted::kYes
}

fn set_variable(scope: &mut v8::PinScope, name: &str, value: Option<&str>) {
    let writing = ENVIRONMENT.write().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: this program reads the environment through std, which locks it, and with_value(), which is locked out here; C
    // code that reads it (time zones) runs on the main thread.
    #[expect(clippy::disallowed_methods, reason = "process.env is the environment")]
    unsafe {
        match value {
            Some(value) => std::env::set_var(name, value),
            None => std::env::remove_var(name),
        }
    }
    drop(writing);
    if name == "TZ" {
        scope.date_time_configuration_change_notification(v8::TimeZoneDetection::Redetect);
    }
}

fn query(
    scope: &mut v8::PinScope,
    key: v8::Local<v8::Name>,
    _: v8::PropertyCallbackArguments,
    mut rv: v8::ReturnValue<v8::Integer>,
) -> v8::Intercepted {
    if with_name(scope, key, |_, name| with_value(name, |_| Some(()))).is_none() {
        return v8::Intercepted::kNo;
    }
    rv.set_int32(0);
    v8::Intercepted::kYes
}

fn deleter(
    scope: &mut v8::PinScope,
    key: v8::Local<v8::Name>,
    _: v8::PropertyCallbackArguments,
    mut rv: v8::ReturnValue<v8::Boolean>,
) -> v8::Intercepted {
    if let Some(name) = name(scope, key) {
        set_variable(scope, &name, None);
    }
    rv.set_bool(true);
    v8::Intercepted::kYes
}

fn enumerator(scope: &mut v8::PinScope, _: v8::PropertyCallbackArguments, mut rv: v8::ReturnValue<v8::Array>) {
    let mut names: Vec<v8::Local<v8::Value>> = Vec::new();
    for (name, _) in std::env::vars_os() {
        // V8 would make property names of them.
        names.extend(text(scope, name.as_bytes(), v8::NewStringType::Internalized));
    }
    rv.set(v8::Array::new_with_elements(scope, &names));
}

fn definer(
    scope: &mut v8::PinScope,
    key: v8::Local<v8::Name>,
    descriptor: &v8::PropertyDescriptor,
    args: v8::PropertyCallbackArguments,
    rv: v8::ReturnValue<v8::Boolean>,
) -> v8::Intercepted {
    let plain = descriptor.has_configurable()
        && descriptor.configurable()
        && descriptor.has_writable()
        && descriptor.writable()
        && descriptor.has_enumerable()
        && descriptor.enumerable();
    let accessor = descriptor.has_get() || descriptor.has_set();
    if descriptor.has_value() && plain {
        let value = v8::Local::new(scope, descriptor.value());
        return setter(scope, key, value, args, rv);
    }
    let message = if accessor {
        "'process.env' does not accept an accessor(getter/setter) descriptor"
    } else {
        "'process.env' only accepts a configurable, writable, and enumerable data descriptor"
    };
    let message = v8::String::new(scope, message).unwrap();
    let error = v8::Exception::type_error(scope, message);
    if let Some(object) = error.to_object(scope) {
        let code = binding::string(scope, "ERR_INVALID_OBJECT_DEFINE_PROPERTY");
        binding::set(scope, object, "code", code);
    }
    scope.throw_exception(error);
    v8::Intercepted::kYes
}

// Variables whose name is a number: V8 asks for them by index.
by_index!(index_getter => getter() -> v8::Value);
by_index!(index_setter => setter(value: v8::Local<v8::Value>) -> v8::Boolean);
by_index!(index_query => query() -> v8::Integer);
by_index!(index_deleter => deleter() -> v8::Boolean);

/// Addresses that an image of a program's heap refers to: `process.env` is in it.
pub fn external_references() -> impl Iterator<Item = v8::ExternalReference> {
    use v8::MapFnTo;
    let getter: v8::NamedPropertyGetterCallback = getter.map_fn_to();
    let setter: v8::NamedPropertySetterCallback = setter.map_fn_to();
    let query: v8::NamedPropertyQueryCallback = query.map_fn_to();
    let deleter: v8::NamedPropertyDeleterCallback = deleter.map_fn_to();
    let enumerator: v8::NamedPropertyEnumeratorCallback = enumerator.map_fn_to();
    let definer: v8::NamedPropertyDefinerCallback = definer.map_fn_to();
    let index_getter: v8::IndexedPropertyGetterCallback = index_getter.map_fn_to();
    let index_setter: v8::IndexedPropertySetterCallback = index_setter.map_fn_to();
    let index_query: v8::IndexedPropertyQueryCallback = index_query.map_fn_to();
    let index_deleter: v8::IndexedPropertyDeleterCallback = index_deleter.map_fn_to();
    let addresses = [
        getter as *mut std::ffi::c_void,
        setter as *mut std::ffi::c_void,
        query as *mut std::ffi::c_void,
        deleter as *mut std::ffi::c_void,
        enumerator as *mut std::ffi::c_void,
        definer as *mut std::ffi::c_void,
        index_getter as *mut std::ffi::c_void,
        index_setter as *mut std::ffi::c_void,
        index_query as *mut std::ffi::c_void,
        index_deleter as *mut std::ffi::c_void,
    ];
    addresses.into_iter().map(|pointer| v8::ExternalReference { pointer })
}

/// `createEnv()`: while a base image is made nothing calls it.
fn create_env(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let template = v8::ObjectTemplate::new(scope);
    template.set_named_property_handler(
        v8::NamedPropertyHandlerConfiguration::new()
            .getter(getter)
            .setter(setter)
            .query(query)
            .deleter(deleter)
            .enumerator(enumerator)
            .definer(definer)
            .flags(v8::PropertyHandlerFlags::HAS_NO_SIDE_EFFECT),
    );
    template.set_indexed_property_handler(
        v8::IndexedPropertyHandlerConfiguration::new()
            .getter(index_getter)
            .setter(index_setter)
            .query(index_query)
            .deleter(index_deleter)
            .flags(v8::PropertyHandlerFlags::HAS_NO_SIDE_EFFECT),
    );
    if let Some(env) = template.new_instance(scope) {
        rv.set(env.into());
    }
}

binding!("env", [createEnv => create_env]);
