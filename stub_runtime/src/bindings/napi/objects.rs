//! Node-API: objects, arrays, properties.

use super::env::{Env, Status, Value, give, out};
use super::functions::{self, Callback};
use super::strings;
use crate::napi;
use std::ffi::c_void;

/// `napi_property_descriptor`.
#[repr(C)]
pub struct PropertyDescriptor {
    utf8name: *const u8,
    name: Value,
    method: Option<Callback>,
    getter: Option<Callback>,
    setter: Option<Callback>,
    value: Value,
    attributes: i32,
    data: *mut c_void,
}

const WRITABLE: i32 = 1;
const ENUMERABLE: i32 = 2;
const CONFIGURABLE: i32 = 4;
const STATIC: i32 = 1 << 10;

/// `napi_type_tag`.
#[derive(Clone, Copy, PartialEq)]
#[repr(C)]
pub struct TypeTag {
    lower: u64,
    upper: u64,
}

impl PropertyDescriptor {
    /// Whether it is the constructor's own.
    pub fn is_static(&self) -> bool {
        self.attributes & STATIC != 0
    }

    fn key<'s>(&self, scope: &mut v8::PinScope<'s, '_>) -> Result<v8::Local<'s, v8::Name>, Status> {
        if self.utf8name.is_null() {
            return self.name.cast::<v8::Name>(Status::NameExpected);
        }
        Ok(strings::utf8(scope, self.utf8name, usize::MAX)?.into())
    }

    /// V8's attributes of it.
    fn attribute(&self, accessor: bool) -> v8::PropertyAttribute {
        let mut attribute = v8::PropertyAttribute::NONE;
        if !accessor && self.attributes & WRITABLE == 0 {
            attribute = attribute | v8::PropertyAttribute::READ_ONLY;
        }
        if self.attributes & ENUMERABLE == 0 {
            attribute = attribute | v8::PropertyAttribute::DONT_ENUM;
        }
        if self.attributes & CONFIGURABLE == 0 {
            attribute = attribute | v8::PropertyAttribute::DONT_DELETE;
        }
        attribute
    }

    fn accessor<'s>(
        &self,
        env: &Env,
        scope: &mut v8::PinScope<'s, '_>,
        callback: Option<Callback>,
    ) -> Result<v8::Local<'s, v8::Value>, Status> {
        match callback {
            Some(callback) => Ok(functions::function(env, scope, callback, self.data)?.into()),
            None => Ok(v8::undefined(scope).into()),
        }
    }

    /// Defines it on an object.
    pub fn define(&self, env: &Env, scope: &mut v8::PinScope, object: v8::Local<v8::Object>) -> Result<(), Status> {
        let key = self.key(scope)?;
        let mut descriptor = if self.getter.is_some() || self.setter.is_some() {
            let (getter, setter) = (self.accessor(env, scope, self.getter)?, self.accessor(env, scope, self.setter)?);
            v8::PropertyDescriptor::new_from_get_set(getter, setter)
        } else {
            let value = match self.method {
                Some(method) => {
                    let function = functions::function(env, scope, method, self.data)?;
                    if let Ok(name) = v8::Local::<v8::String>::try_from(key) {
                        function.set_name(name);
                    }
                    function.into()
                }
                None => self.value.local()?,
            };
            v8::PropertyDescriptor::new_from_value_writable(value, self.attributes & WRITABLE != 0)
        };
        descriptor.set_enumerable(self.attributes & ENUMERABLE != 0);
        descriptor.set_configurable(self.attributes & CONFIGURABLE != 0);
        match object.define_property(scope, key, &descriptor) {
            Some(true) => Ok(()),
            _ => Err(Status::InvalidArg),
        }
    }

    /// Defines it on the instances of a class.
    pub fn define_on_class<'s>(
        &self,
        env: &Env,
        scope: &mut v8::PinScope<'s, '_>,
        class: v8::Local<'s, v8::FunctionTemplate>,
    ) -> Result<(), Status> {
        let key = self.key(scope)?;
        let prototype = class.prototype_template(scope);
        if self.getter.is_some() || self.setter.is_some() {
            let mut accessor = |callback: Option<Callback>| {
                callback.map(|c| functions::template(env, scope, c, self.data, Some(class)))
            };
            let (getter, setter) = (accessor(self.getter), accessor(self.setter));
            prototype.set_accessor_property(key, getter, setter, self.attribute(true));
        } else if let Some(method) = self.method {
            let method = functions::template(env, scope, method, self.data, Some(class));
            prototype.set_with_attr(key, method.into(), self.attribute(false));
        } else {
            let value = self.value.local()?;
            prototype.set_with_attr(key, value.into(), self.attribute(false));
        }
        Ok(())
    }
}

/// The addon's list of properties.
pub fn properties<'a>(count: usize, list: *const PropertyDescriptor) -> Result<&'a [PropertyDescriptor], Status> {
    match (count, list.is_null()) {
        (0, _) => Ok(&[]),
        (_, true) => Err(Status::InvalidArg),
        // SAFETY: the addon's array of `count` descriptors.
        (_, false) => Ok(unsafe { std::slice::from_raw_parts(list, count) }),
    }
}

fn named<'s>(scope: &mut v8::PinScope<'s, '_>, name: *const u8) -> Result<v8::Local<'s, v8::String>, Status> {
    if name.is_null() {
        return Err(Status::InvalidArg);
    }
    strings::utf8(scope, name, usize::MAX)
}

fn names(
    scope: &mut v8::PinScope,
    object: Value,
    mode: v8::KeyCollectionMode,
    filter: u32,
    conversion: v8::KeyConversionMode,
    result: *mut Value,
) -> Result<(), Status> {
    const FILTERS: [v8::PropertyFilter; 5] = [
        v8::PropertyFilter::ONLY_WRITABLE,
        v8::PropertyFilter::ONLY_ENUMERABLE,
        v8::PropertyFilter::ONLY_CONFIGURABLE,
        v8::PropertyFilter::SKIP_STRINGS,
        v8::PropertyFilter::SKIP_SYMBOLS,
    ];
    let object = object.object(scope)?;
    let chosen = FILTERS.iter().enumerate().filter(|(bit, _)| filter & (1 << bit) != 0);
    let filter = chosen.fold(v8::PropertyFilter::ALL_PROPERTIES, |all, (_, &one)| all | one);
    let arguments = v8::GetPropertyNamesArgsBuilder::new()
        .mode(mode)
        .property_filter(filter)
        .index_filter(v8::IndexFilter::IncludeIndices)
        .key_conversion(conversion)
        .build();
    give(result, object.get_property_names(scope, arguments).ok_or(Status::GenericFailure)?)
}

fn integrity(scope: &mut v8::PinScope, object: Value, level: v8::IntegrityLevel) -> Result<(), Status> {
    match object.object(scope)?.set_integrity_level(scope, level) {
        Some(true) => Ok(()),
        _ => Err(Status::GenericFailure),
    }
}

napi! {
    plain fn napi_create_object(env, scope, result: *mut Value) {
        give(result, v8::Object::new(scope))
    }
    plain fn napi_create_array(env, scope, result: *mut Value) {
        give(result, v8::Array::new(scope, 0))
    }
    plain fn napi_create_array_with_length(env, scope, length: usize, result: *mut Value) {
        give(result, v8::Array::new(scope, i32::try_from(length).unwrap_or(0)))
    }
    plain fn napi_is_array(env, scope, value: Value, result: *mut bool) {
        *out(result)? = value.local()?.is_array();
        Ok(())
    }
    plain fn napi_get_array_length(env, scope, value: Value, result: *mut u32) {
        *out(result)? = value.cast::<v8::Array>(Status::ArrayExpected)?.length();
        Ok(())
    }
    js fn napi_get_prototype(env, scope, object: Value, result: *mut Value) {
        give(result, object.object(scope)?.get_prototype(scope).ok_or(Status::GenericFailure)?)
    }
    js fn node_api_set_prototype(env, scope, object: Value, prototype: Value) {
        match object.object(scope)?.set_prototype(scope, prototype.local()?) {
            Some(true) => Ok(()),
            _ => Err(Status::GenericFailure),
        }
    }
    js fn napi_get_property_names(env, scope, object: Value, result: *mut Value) {
        // Enumerable names, no symbols, also of prototypes.
        let filter = 1 << 1 | 1 << 4;
        names(scope, object, v8::KeyCollectionMode::IncludePrototypes, filter, v8::KeyConversionMode::ConvertToString, result)
    }
    js fn napi_get_all_property_names(
        env, scope, object: Value, mode: i32, filter: u32, conversion: i32, result: *mut Value,
    ) {
        let mode = match mode {
            0 => v8::KeyCollectionMode::IncludePrototypes,
            1 => v8::KeyCollectionMode::OwnOnly,
            _ => return Err(Status::InvalidArg),
        };
        let conversion = match conversion {
            0 => v8::KeyConversionMode::KeepNumbers,
            1 => v8::KeyConversionMode::ConvertToString,
            _ => return Err(Status::InvalidArg),
        };
        names(scope, object, mode, filter, conversion, result)
    }
    js fn napi_set_property(env, scope, object: Value, key: Value, value: Value) {
        let object = object.object(scope)?;
        object.set(scope, key.local()?, value.local()?).map(drop).ok_or(Status::GenericFailure)
    }
    js fn napi_get_property(env, scope, object: Value, key: Value, result: *mut Value) {
        let object = object.object(scope)?;
        give(result, object.get(scope, key.local()?).ok_or(Status::GenericFailure)?)
    }
    js fn napi_has_property(env, scope, object: Value, key: Value, result: *mut bool) {
        let object = object.object(scope)?;
        *out(result)? = object.has(scope, key.local()?).ok_or(Status::GenericFailure)?;
        Ok(())
    }
    js fn napi_delete_property(env, scope, object: Value, key: Value, result: *mut bool) {
        let object = object.object(scope)?;
        let deleted = object.delete(scope, key.local()?).ok_or(Status::GenericFailure)?;
        if let Ok(result) = out(result) {
            *result = deleted;
        }
        Ok(())
    }
    js fn napi_has_own_property(env, scope, object: Value, key: Value, result: *mut bool) {
        let object = object.object(scope)?;
        let key = key.cast::<v8::Name>(Status::NameExpected)?;
        *out(result)? = object.has_own_property(scope, key).ok_or(Status::GenericFailure)?;
        Ok(())
    }
    js fn napi_set_named_property(env, scope, object: Value, name: *const u8, value: Value) {
        let object = object.object(scope)?;
        let name = named(scope, name)?;
        object.set(scope, name.into(), value.local()?).map(drop).ok_or(Status::GenericFailure)
    }
    js fn napi_get_named_property(env, scope, object: Value, name: *const u8, result: *mut Value) {
        let object = object.object(scope)?;
        let name = named(scope, name)?;
        give(result, object.get(scope, name.into()).ok_or(Status::GenericFailure)?)
    }
    js fn napi_has_named_property(env, scope, object: Value, name: *const u8, result: *mut bool) {
        let object = object.object(scope)?;
        let name = named(scope, name)?;
        *out(result)? = object.has(scope, name.into()).ok_or(Status::GenericFailure)?;
        Ok(())
    }
    js fn napi_set_element(env, scope, object: Value, index: u32, value: Value) {
        let object = object.object(scope)?;
        object.set_index(scope, index, value.local()?).map(drop).ok_or(Status::GenericFailure)
    }
    js fn napi_get_element(env, scope, object: Value, index: u32, result: *mut Value) {
        let object = object.object(scope)?;
        give(result, object.get_index(scope, index).ok_or(Status::GenericFailure)?)
    }
    js fn napi_has_element(env, scope, object: Value, index: u32, result: *mut bool) {
        let object = object.object(scope)?;
        *out(result)? = object.has_index(scope, index).ok_or(Status::GenericFailure)?;
        Ok(())
    }
    js fn napi_delete_element(env, scope, object: Value, index: u32, result: *mut bool) {
        let object = object.object(scope)?;
        let deleted = object.delete_index(scope, index).ok_or(Status::GenericFailure)?;
        if let Ok(result) = out(result) {
            *result = deleted;
        }
        Ok(())
    }
    js fn napi_define_properties(env, scope, object: Value, count: usize, list: *const PropertyDescriptor) {
        let object = object.cast::<v8::Object>(Status::ObjectExpected)?;
        for property in properties(count, list)? {
            property.define(env, scope, object)?;
        }
        Ok(())
    }
    js fn napi_create_object_with_properties(
        env, scope, prototype: Value, keys: *const Value, values: *const Value, count: usize, result: *mut Value,
    ) {
        let prototype = prototype.optional().unwrap_or_else(|| v8::null(scope).into());
        let (mut names, mut list) = (Vec::new(), Vec::new());
        for i in 0..count {
            if keys.is_null() || values.is_null() {
                return Err(Status::InvalidArg);
            }
            // SAFETY: the addon's arrays of `count` values.
            let (key, value) = unsafe { (*keys.add(i), *values.add(i)) };
            names.push(key.cast::<v8::Name>(Status::NameExpected)?);
            list.push(value.local()?);
        }
        give(result, v8::Object::with_prototype_and_properties(scope, prototype, &names, &list))
    }
    js fn napi_object_freeze(env, scope, object: Value) {
        integrity(scope, object, v8::IntegrityLevel::Frozen)
    }
    js fn napi_object_seal(env, scope, object: Value) {
        integrity(scope, object, v8::IntegrityLevel::Sealed)
    }
    js fn napi_type_tag_object(env, scope, object: Value, tag: *const TypeTag) {
        let object = object.object(scope)?;
        // SAFETY: null, or the addon's tag.
        let tag = unsafe { tag.as_ref() }.ok_or(Status::InvalidArg)?;
        let key = v8::Local::new(scope, &env.tag_key);
        if object.has_private(scope, key) != Some(false) {
            return Err(Status::InvalidArg);
        }
        let words = v8::BigInt::new_from_words(scope, false, &[tag.lower, tag.upper]).ok_or(Status::GenericFailure)?;
        object.set_private(scope, key, words.into()).map(drop).ok_or(Status::GenericFailure)
    }
    js fn napi_check_object_type_tag(env, scope, object: Value, tag: *const TypeTag, result: *mut bool) {
        let object = object.object(scope)?;
        // SAFETY: null, or the addon's tag.
        let tag = unsafe { tag.as_ref() }.ok_or(Status::InvalidArg)?;
        let key = v8::Local::new(scope, &env.tag_key);
        let found = object.get_private(scope, key).and_then(|v| v8::Local::<v8::BigInt>::try_from(v).ok());
        *out(result)? = found.is_some_and(|found| {
            let mut words = [0; 2];
            let (negative, _) = found.to_words_array(&mut words);
            !negative && found.word_count() <= 2 && words == [tag.lower, tag.upper]
        });
        Ok(())
    }
}
