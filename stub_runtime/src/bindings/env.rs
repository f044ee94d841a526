//! `internalBinding('env')`: the object `process.env`, whose properties are the environment's variables.

use crate::binding;

type Getter<'s> = v8::ReturnValue<'s, v8::Value>;

fn name(scope: &mut v8::PinScope, key: v8::Local<v8::Name>) -> Option<String> {
    let key = v8::Local::<v8::String>::try_from(key).ok()?;
    let key = key.to_rust_string_lossy(scope);
    (!key.is_empty() && !key.contains(['=', '\0'])).then_some(key)
}

fn getter(
    scope: &mut v8::PinScope,
    key: v8::Local<v8::Name>,
    _: v8::PropertyCallbackArguments,
    mut rv: Getter,
) -> v8::Intercepted {
    let Some(value) = name(scope, key).and_then(std::env::var_os) else { return v8::Intercepted::kNo };
    let value = binding::string(scope, &value.to_string_lossy());
    rv.set(value);
    v8::Intercepted::kYes
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
    let value = value.to_rust_string_lossy(scope);
    if let Some(name) = name(scope, key) {
        set_variable(scope, &name, Some(value.split('\0').next().unwrap_or_default()));
    }
    v8::Intercepted::kYes
}

fn set_variable(scope: &mut v8::PinScope, name: &str, value: Option<&str>) {
    // SAFETY: this program reads and writes the environment through std only, which locks it; C code that reads it (time
    // zones) runs on the main thread, the only one whose env object writes here (workers have copies).
    #[expect(clippy::disallowed_methods, reason = "process.env is the environment")]
    unsafe {
        match value {
            Some(value) => std::env::set_var(name, value),
            None => std::env::remove_var(name),
        }
    }
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
    if name(scope, key).is_none_or(|name| std::env::var_os(name).is_none()) {
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
        names.push(binding::string(scope, &name.to_string_lossy()));
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

/// A variable whose name is a number: V8 asks for it by index.
fn index_name<'s>(scope: &mut v8::PinScope<'s, '_>, index: u32) -> v8::Local<'s, v8::Name> {
    binding::string(scope, &index.to_string()).try_into().unwrap()
}

fn index_getter(
    scope: &mut v8::PinScope,
    index: u32,
    args: v8::PropertyCallbackArguments,
    rv: Getter,
) -> v8::Intercepted {
    let key = index_name(scope, index);
    getter(scope, key, args, rv)
}

fn index_setter(
    scope: &mut v8::PinScope,
    index: u32,
    value: v8::Local<v8::Value>,
    args: v8::PropertyCallbackArguments,
    rv: v8::ReturnValue<v8::Boolean>,
) -> v8::Intercepted {
    let key = index_name(scope, index);
    setter(scope, key, value, args, rv)
}

fn index_query(
    scope: &mut v8::PinScope,
    index: u32,
    args: v8::PropertyCallbackArguments,
    rv: v8::ReturnValue<v8::Integer>,
) -> v8::Intercepted {
    let key = index_name(scope, index);
    query(scope, key, args, rv)
}

fn index_deleter(
    scope: &mut v8::PinScope,
    index: u32,
    args: v8::PropertyCallbackArguments,
    rv: v8::ReturnValue<v8::Boolean>,
) -> v8::Intercepted {
    let key = index_name(scope, index);
    deleter(scope, key, args, rv)
}

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
