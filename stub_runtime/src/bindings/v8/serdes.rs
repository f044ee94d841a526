//! `v8.Serializer` and `v8.Deserializer`: V8's serializers, which ask methods of the JavaScript object what they do not know.
//!
//! JavaScript has a number of each. While one works, its object is [`RECEIVER`]; it must not be held longer, or the object would
//! never be collected.

use crate::binding;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use v8::{ValueDeserializerHelper, ValueSerializerHelper};

struct Reader {
    /// Dropped before the bytes it reads.
    deserializer: v8::ValueDeserializer<'static>,
    bytes: Box<[u8]>,
}

#[derive(Default)]
struct Table {
    last: u32,
    writers: HashMap<u32, Rc<v8::ValueSerializer<'static>>>,
    readers: HashMap<u32, Rc<Reader>>,
}

thread_local! {
    static TABLE: RefCell<Table> = RefCell::default();
    /// The JavaScript objects whose serializers are at work, innermost last.
    static RECEIVER: RefCell<Vec<v8::Global<v8::Object>>> = const { RefCell::new(Vec::new()) };
}

fn number(scope: &mut v8::PinScope, args: &v8::FunctionCallbackArguments, i: i32) -> u32 {
    args.get(i).uint32_value(scope).unwrap_or(0)
}

fn writer(scope: &mut v8::PinScope, args: &v8::FunctionCallbackArguments) -> Option<Rc<v8::ValueSerializer<'static>>> {
    let number = number(scope, args, 0);
    TABLE.with_borrow(|t| t.writers.get(&number).cloned())
}

fn reader(scope: &mut v8::PinScope, args: &v8::FunctionCallbackArguments) -> Option<Rc<Reader>> {
    let number = number(scope, args, 0);
    TABLE.with_borrow(|t| t.readers.get(&number).cloned())
}

/// Runs `f` with the object as receiver of what V8 asks.
fn with_receiver<T>(
    scope: &mut v8::PinScope,
    object: v8::Local<v8::Value>,
    f: impl FnOnce(&mut v8::PinScope) -> T,
) -> Option<T> {
    let object = v8::Local::<v8::Object>::try_from(object).ok()?;
    let object = v8::Global::new(scope, object);
    RECEIVER.with_borrow_mut(|r| r.push(object));
    let result = f(scope);
    RECEIVER.with_borrow_mut(Vec::pop);
    Some(result)
}

/// A method of the receiver, and the receiver.
fn method<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    name: &str,
) -> Option<(v8::Local<'s, v8::Object>, Option<v8::Local<'s, v8::Function>>)> {
    let receiver = RECEIVER.with_borrow(|r| r.last().cloned())?;
    let receiver = v8::Local::new(scope, receiver);
    let name = v8::String::new(scope, name)?;
    let function = receiver.get(scope, name.into())?;
    Some((receiver, v8::Local::try_from(function).ok()))
}

/// Calls a method of the receiver; throws what V8 does where there is none.
fn call<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    name: &str,
    args: &[v8::Local<'s, v8::Value>],
) -> Option<v8::Local<'s, v8::Value>> {
    let (receiver, function) = method(scope, name)?;
    match function {
        Some(function) => function.call(scope, receiver.into(), args),
        None => {
            binding::throw_error(scope, "Unable to deserialize cloned data.");
            None
        }
    }
}

struct WriteDelegate;

impl v8::ValueSerializerImpl for WriteDelegate {
    fn throw_data_clone_error<'s>(&self, scope: &mut v8::PinScope<'s, '_>, message: v8::Local<'s, v8::String>) {
        if let Some(error) = call(scope, "_getDataCloneError", &[message.into()]) {
            scope.throw_exception(error);
        }
    }

    fn write_host_object<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        _: &dyn ValueSerializerHelper,
    ) -> Option<bool> {
        let (receiver, function) = method(scope, "_writeHostObject")?;
        let Some(function) = function else {
            let name = object.get_constructor_name().to_rust_string_lossy(scope);
            let text = v8::String::new(scope, &format!("[object {name}] could not be cloned."))?;
            self.throw_data_clone_error(scope, text);
            return None;
        };
        function.call(scope, receiver.into(), &[object.into()]).map(|_| true)
    }

    fn get_shared_array_buffer_id<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        buffer: v8::Local<'s, v8::SharedArrayBuffer>,
    ) -> Option<u32> {
        let (receiver, function) = method(scope, "_getSharedArrayBufferId")?;
        let Some(function) = function else {
            let text = v8::String::new(scope, "#<SharedArrayBuffer> could not be cloned.")?;
            self.throw_data_clone_error(scope, text);
            return None;
        };
        function.call(scope, receiver.into(), &[buffer.into()])?.uint32_value(scope)
    }

    fn get_wasm_module_transfer_id(
        &self,
        scope: &mut v8::PinScope<'_, '_>,
        _: v8::Local<v8::WasmModuleObject>,
    ) -> Option<u32> {
        let text = v8::String::new(scope, "#<Module> could not be cloned.")?;
        self.throw_data_clone_error(scope, text);
        None
    }
}

/// As [`call`] while V8 reads a value, when it forbids JavaScript to run unless it is allowed again.
fn call_while_reading<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    name: &str,
    args: &[v8::Local<'s, v8::Value>],
) -> Option<v8::Local<'s, v8::Value>> {
    v8::allow_javascript_execution_scope!(let scope, scope);
    call(scope, name, args)
}

struct ReadDelegate;

impl v8::ValueDeserializerImpl for ReadDelegate {
    fn read_host_object<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        _: &dyn ValueDeserializerHelper,
    ) -> Option<v8::Local<'s, v8::Object>> {
        let value = call_while_reading(scope, "_readHostObject", &[])?;
        match v8::Local::try_from(value) {
            Ok(object) => Some(object),
            Err(_) => {
                binding::throw_type_error(scope, "readHostObject must return an object");
                None
            }
        }
    }

    fn get_shared_array_buffer_from_id<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        id: u32,
    ) -> Option<v8::Local<'s, v8::SharedArrayBuffer>> {
        let id = v8::Number::new(scope, id.into()).into();
        v8::Local::try_from(call_while_reading(scope, "_getSharedArrayBufferFromId", &[id])?).ok()
    }
}

/// `createSerializer()`: its number.
pub fn create_serializer(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let serializer = Rc::new(v8::ValueSerializer::new(scope, Box::new(WriteDelegate)));
    TABLE.with_borrow_mut(|t| {
        t.last += 1;
        t.writers.insert(t.last, serializer);
        rv.set_uint32(t.last);
    });
}

/// `freeSerializer(number)`.
pub fn free_serializer(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let number = number(scope, &args, 0);
    let freed = TABLE.with_borrow_mut(|t| t.writers.remove(&number));
    drop(freed);
}

pub fn write_header(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    if let Some(writer) = writer(scope, &args) {
        writer.write_header();
    }
}

/// `writeValue(number, receiver, value)`: true; it threw where not.
pub fn write_value(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(writer) = writer(scope, &args) else { return };
    let context = scope.get_current_context();
    let written = with_receiver(scope, args.get(1), |_| writer.write_value(context, args.get(2)));
    if let Some(Some(written)) = written {
        rv.set_bool(written);
    }
}

/// `releaseBuffer(number)`: a Uint8Array; the serializer starts anew.
pub fn release_buffer(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(writer) = writer(scope, &args) else { return };
    rv.set(binding::uint8_array(scope, writer.release()).into());
}

/// `writeTransfer(number, id, arrayBuffer)`.
pub fn write_transfer(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let Some(writer) = writer(scope, &args) else { return };
    let id = number(scope, &args, 1);
    if let Ok(buffer) = v8::Local::<v8::ArrayBuffer>::try_from(args.get(2)) {
        writer.transfer_array_buffer(id, buffer);
    }
}

pub fn write_uint32(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let Some(writer) = writer(scope, &args) else { return };
    writer.write_uint32(number(scope, &args, 1));
}

/// `writeUint64(number, high, low)`.
pub fn write_uint64(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let Some(writer) = writer(scope, &args) else { return };
    let [high, low] = [1, 2].map(|i| u64::from(number(scope, &args, i)));
    writer.write_uint64(high << 32 | low);
}

pub fn write_double(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let Some(writer) = writer(scope, &args) else { return };
    writer.write_double(args.get(1).number_value(scope).unwrap_or(0.0));
}

pub fn write_raw_bytes(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let Some(writer) = writer(scope, &args) else { return };
    if let Some(bytes) = binding::bytes(args.get(1)) {
        writer.write_raw_bytes(bytes);
    }
}

pub fn views_as_host_objects(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let Some(writer) = writer(scope, &args) else { return };
    writer.set_treat_array_buffer_views_as_host_objects(args.get(1).boolean_value(scope));
}

/// `createDeserializer(bytes)`: its number.
pub fn create_deserializer(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let bytes: Box<[u8]> = binding::bytes(args.get(0)).unwrap_or_default().to_vec().into();
    let deserializer = v8::ValueDeserializer::new(scope, Box::new(ReadDelegate), &bytes);
    TABLE.with_borrow_mut(|t| {
        t.last += 1;
        t.readers.insert(t.last, Rc::new(Reader { deserializer, bytes }));
        rv.set_uint32(t.last);
    });
}

/// `freeDeserializer(number)`.
pub fn free_deserializer(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let number = number(scope, &args, 0);
    let freed = TABLE.with_borrow_mut(|t| t.readers.remove(&number));
    drop(freed);
}

/// `readHeader(number)`: true; it threw where not.
pub fn read_header(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(reader) = reader(scope, &args) else { return };
    let context = scope.get_current_context();
    if let Some(read) = reader.deserializer.read_header(context) {
        rv.set_bool(read);
    }
}

/// `readValue(number, receiver)`.
pub fn read_value(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(reader) = reader(scope, &args) else { return };
    let context = scope.get_current_context();
    let value = with_receiver(scope, args.get(1), |scope| {
        reader.deserializer.read_value(context).map(|value| v8::Global::new(scope, value))
    });
    if let Some(Some(value)) = value {
        rv.set(v8::Local::new(scope, value));
    }
}

/// `readTransfer(number, id, buffer)`: an ArrayBuffer or a SharedArrayBuffer.
pub fn read_transfer(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let Some(reader) = reader(scope, &args) else { return };
    let id = number(scope, &args, 1);
    if let Ok(buffer) = v8::Local::<v8::ArrayBuffer>::try_from(args.get(2)) {
        reader.deserializer.transfer_array_buffer(id, buffer);
    } else if let Ok(buffer) = v8::Local::<v8::SharedArrayBuffer>::try_from(args.get(2)) {
        reader.deserializer.transfer_shared_array_buffer(id, buffer);
    }
}

/// `readUint32(number)`: `undefined` at the end of the bytes, as the other reading functions.
pub fn read_uint32(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(reader) = reader(scope, &args) else { return };
    let mut value = 0;
    if reader.deserializer.read_uint32(&mut value) {
        rv.set_uint32(value);
    }
}

/// `readUint64(number)`: `[high, low]`.
pub fn read_uint64(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(reader) = reader(scope, &args) else { return };
    let mut value = 0;
    if reader.deserializer.read_uint64(&mut value) {
        let halves = [(value >> 32) as u32, value as u32].map(|n| v8::Number::new(scope, n.into()).into());
        rv.set(v8::Array::new_with_elements(scope, &halves).into());
    }
}

pub fn read_double(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(reader) = reader(scope, &args) else { return };
    let mut value = 0.0;
    if reader.deserializer.read_double(&mut value) {
        rv.set_double(value);
    }
}

/// `readRawBytes(number, length)`: where in the input they start.
pub fn read_raw_bytes(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(reader) = reader(scope, &args) else { return };
    let length = args.get(1).number_value(scope).unwrap_or(0.0) as usize;
    if let Some(bytes) = reader.deserializer.read_raw_bytes(length) {
        let offset = bytes.as_ptr() as usize - reader.bytes.as_ptr() as usize;
        rv.set_double(offset as f64);
    }
}

pub fn wire_format_version(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Some(reader) = reader(scope, &args) else { return };
    rv.set_uint32(reader.deserializer.get_wire_format_version());
}
