//! The interceptors that make a user's object, the sandbox, the global object of a context.
//!
//! Owns: what reading, writing, defining, deleting and listing a global means for the sandbox. Does not own: making the context (`vm.rs`).
//! What is seen of it, also the oddities, is Node's: a name is looked up on the sandbox first (its prototypes too, when it is read), a
//! write or a definition happens on the sandbox and on the global both.

use crate::by_index;

type Args<'s> = v8::PropertyCallbackArguments<'s>;

/// The template of a global with a sandbox behind it: what [`attach`] gives to the context once it is made.
pub fn template<'s>(scope: &mut v8::PinScope<'s, '_, ()>) -> v8::Local<'s, v8::ObjectTemplate> {
    let template = v8::ObjectTemplate::new(scope);
    template.set_named_property_handler(
        v8::NamedPropertyHandlerConfiguration::new()
            .getter(getter)
            .setter(setter)
            .query(query)
            .deleter(deleter)
            .enumerator(enumerator)
            .definer(definer)
            .descriptor(descriptor)
            .flags(v8::PropertyHandlerFlags::HAS_NO_SIDE_EFFECT),
    );
    template.set_indexed_property_handler(
        v8::IndexedPropertyHandlerConfiguration::new()
            .getter(index_getter)
            .setter(index_setter)
            .query(index_query)
            .deleter(index_deleter)
            .enumerator(index_enumerator)
            .definer(index_definer)
            .descriptor(index_descriptor)
            .flags(v8::PropertyHandlerFlags::HAS_NO_SIDE_EFFECT),
    );
    template
}

by_index!(index_getter => getter() -> v8::Value);
by_index!(index_setter => setter(value: v8::Local<'s, v8::Value>) -> v8::Boolean);
by_index!(index_query => query() -> v8::Integer);
by_index!(index_deleter => deleter() -> v8::Boolean);
by_index!(index_definer => definer(properties: &v8::PropertyDescriptor) -> v8::Boolean);
by_index!(index_descriptor => descriptor() -> v8::Value);

/// Where a context has its sandbox. There is none while V8 fills the new global: nothing of that is the sandbox's business.
const SANDBOX: i32 = 0;

pub fn attach(context: v8::Local<v8::Context>, sandbox: v8::Local<v8::Object>) {
    super::set_embedder_data(context, SANDBOX, sandbox.into());
}

fn sandbox<'s>(scope: &mut v8::PinScope<'s, '_>, args: &Args<'s>) -> Option<v8::Local<'s, v8::Object>> {
    let context = args.holder().get_creation_context(scope)?;
    v8::Local::<v8::Object>::try_from(super::embedder_data(scope, context, SANDBOX)?).ok()
}

fn getter<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    key: v8::Local<'s, v8::Name>,
    args: Args<'s>,
    mut rv: v8::ReturnValue<v8::Value>,
) -> v8::Intercepted {
    let Some(sandbox) = sandbox(scope, &args) else { return v8::Intercepted::kNo };
    let found = sandbox.get_real_named_property(scope, key);
    let Some(value) = found.or_else(|| args.holder().get_real_named_property(scope, key)) else {
        return v8::Intercepted::kNo;
    };
    // A sandbox that names itself means the global.
    rv.set(if value.strict_equals(sandbox.into()) { args.holder().into() } else { value });
    v8::Intercepted::kYes
}

fn setter<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    key: v8::Local<'s, v8::Name>,
    value: v8::Local<'s, v8::Value>,
    args: Args<'s>,
    mut rv: v8::ReturnValue<v8::Boolean>,
) -> v8::Intercepted {
    let Some(sandbox) = sandbox(scope, &args) else { return v8::Intercepted::kNo };
    let on_global = args.holder().get_real_named_property_attributes(scope, key);
    let on_sandbox = sandbox.get_real_named_property_attributes(scope, key);
    if [&on_global, &on_sandbox].into_iter().flatten().any(|attributes| attributes.is_read_only()) {
        return v8::Intercepted::kNo;
    }
    // Undeclared in strict mode: V8's ReferenceError, or a definition, where `this` was named. A function declares itself.
    let undeclared = on_global.is_none() && on_sandbox.is_none();
    if undeclared && (key.is_symbol() || args.should_throw_on_error() && !value.is_function()) {
        return v8::Intercepted::kNo;
    }
    if sandbox.set(scope, key.into(), value).is_none() {
        return v8::Intercepted::kNo;
    }
    // An accessor of the sandbox has had the value: V8 would put it on the global too.
    if on_sandbox.is_some()
        && let Some(found) = sandbox.get_own_property_descriptor(scope, key)
        && let Ok(found) = v8::Local::<v8::Object>::try_from(found)
        && ["get", "set"].iter().any(|name| {
            let name = v8::String::new(scope, name).unwrap();
            found.has_own_property(scope, name.into()) == Some(true)
        })
    {
        rv.set_bool(true);
        return v8::Intercepted::kYes;
    }
    v8::Intercepted::kNo
}

fn query<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    key: v8::Local<'s, v8::Name>,
    args: Args<'s>,
    mut rv: v8::ReturnValue<v8::Integer>,
) -> v8::Intercepted {
    let Some(sandbox) = sandbox(scope, &args) else { return v8::Intercepted::kNo };
    for object in [sandbox, args.holder()] {
        if object.has_real_named_property(scope, key) == Some(true) {
            let Some(attributes) = object.get_real_named_property_attributes(scope, key) else { break };
            rv.set_int32(attributes.as_u32() as i32);
            return v8::Intercepted::kYes;
        }
    }
    v8::Intercepted::kNo
}

fn deleter<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    key: v8::Local<'s, v8::Name>,
    args: Args<'s>,
    mut rv: v8::ReturnValue<v8::Boolean>,
) -> v8::Intercepted {
    let Some(sandbox) = sandbox(scope, &args) else { return v8::Intercepted::kNo };
    if sandbox.delete(scope, key.into()) == Some(true) {
        return v8::Intercepted::kNo;
    }
    rv.set_bool(false);
    v8::Intercepted::kYes
}

fn own_keys<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    sandbox: v8::Local<'s, v8::Object>,
    indices: v8::IndexFilter,
    conversion: v8::KeyConversionMode,
) -> Option<v8::Local<'s, v8::Array>> {
    let which = v8::GetPropertyNamesArgsBuilder::new()
        .mode(v8::KeyCollectionMode::OwnOnly)
        .property_filter(v8::PropertyFilter::ALL_PROPERTIES)
        .index_filter(indices)
        .key_conversion(conversion)
        .build();
    sandbox.get_property_names(scope, which)
}

fn enumerator<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut rv: v8::ReturnValue<v8::Array>) {
    let Some(sandbox) = sandbox(scope, &args) else { return };
    if let Some(names) = own_keys(scope, sandbox, v8::IndexFilter::SkipIndices, v8::KeyConversionMode::ConvertToString)
    {
        rv.set(names);
    }
}

fn index_enumerator<'s>(scope: &mut v8::PinScope<'s, '_>, args: Args<'s>, mut rv: v8::ReturnValue<v8::Array>) {
    let Some(sandbox) = sandbox(scope, &args) else { return };
    let Some(keys) = own_keys(scope, sandbox, v8::IndexFilter::IncludeIndices, v8::KeyConversionMode::KeepNumbers)
    else {
        return;
    };
    let keys: Vec<_> = (0..keys.length()).filter_map(|i| keys.get_index(scope, i)).collect();
    let indices: Vec<_> = keys.into_iter().filter(|key| key.is_uint32()).collect();
    rv.set(v8::Array::new_with_elements(scope, &indices));
}

fn definer<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    key: v8::Local<'s, v8::Name>,
    descriptor: &v8::PropertyDescriptor,
    args: Args<'s>,
    _: v8::ReturnValue<v8::Boolean>,
) -> v8::Intercepted {
    let Some(sandbox) = sandbox(scope, &args) else { return v8::Intercepted::kNo };
    let on_global = args.holder().get_real_named_property_attributes(scope, key);
    if on_global.is_some_and(|attributes| attributes.is_read_only() && attributes.is_dont_delete()) {
        return v8::Intercepted::kNo;
    }
    let undefined: v8::Local<v8::Value> = v8::undefined(scope).into();
    let mut copy = if descriptor.has_get() || descriptor.has_set() {
        let get = if descriptor.has_get() { descriptor.get() } else { undefined };
        let set = if descriptor.has_set() { descriptor.set() } else { undefined };
        v8::PropertyDescriptor::new_from_get_set(get, set)
    } else {
        let value = if descriptor.has_value() { descriptor.value() } else { undefined };
        if descriptor.has_writable() {
            v8::PropertyDescriptor::new_from_value_writable(value, descriptor.writable())
        } else {
            v8::PropertyDescriptor::new_from_value(value)
        }
    };
    if descriptor.has_enumerable() {
        copy.set_enumerable(descriptor.enumerable());
    }
    if descriptor.has_configurable() {
        copy.set_configurable(descriptor.configurable());
    }
    sandbox.define_property(scope, key, &copy);
    v8::Intercepted::kNo
}

fn descriptor<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    key: v8::Local<'s, v8::Name>,
    args: Args<'s>,
    mut rv: v8::ReturnValue<v8::Value>,
) -> v8::Intercepted {
    let Some(sandbox) = sandbox(scope, &args) else { return v8::Intercepted::kNo };
    if sandbox.has_own_property(scope, key) != Some(true) {
        return v8::Intercepted::kNo;
    }
    match sandbox.get_own_property_descriptor(scope, key) {
        Some(found) => {
            rv.set(found);
            v8::Intercepted::kYes
        }
        None => v8::Intercepted::kNo,
    }
}
