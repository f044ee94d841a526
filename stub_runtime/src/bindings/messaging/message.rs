//! A value on its way: written by one isolate, read by the same or another.
//!
//! V8's serializer does what the language knows. Objects it does not know are "hosts": ports, and objects of classes that said how
//! they are cloned or transferred (`markTransferMode`). The stream has their number; what they consist of is written behind the
//! value, and read after every host exists, so that cycles work.

use super::port::{self, Port};
use super::{hooks, transfer_mode};
use crate::bindings::crypto::{key::KeyHandle, native};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use v8::{ValueDeserializerHelper, ValueSerializerHelper};

/// Memory that goes to another thread.
#[derive(Clone)]
struct Store(v8::SharedRef<v8::BackingStore>);

// SAFETY: a backing store is reference-counted by V8 with atomics and has no thread of its own; who sends it gives it away or
// shares it as a SharedArrayBuffer.
unsafe impl Send for Store {}
// SAFETY: as above.
unsafe impl Sync for Store {}

/// What stands for an object that V8 cannot write.
#[derive(Clone)]
enum Host {
    Port(Arc<Port>),
    /// `module:Class` of an object that JavaScript makes and fills.
    Script(String),
    /// A key handle: a new object around the same key.
    Key(KeyHandle),
}

/// A serialized value and what goes with it.
#[derive(Clone)]
pub struct Message {
    data: Arc<Vec<u8>>,
    hosts: Vec<Host>,
    /// Which hosts are `event.ports`.
    ports: Vec<usize>,
    buffers: Vec<Store>,
    shared: Vec<Store>,
    modules: Vec<Arc<v8::CompiledWasmModule>>,
}

impl Message {
    /// Whether this port travels in the message.
    pub fn carries(&self, port: &Arc<Port>) -> bool {
        self.hosts.iter().any(|host| matches!(host, Host::Port(p) if Arc::ptr_eq(p, port)))
    }
}

/// How a host is written.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Port,
    Transfer,
    Clone,
    Key,
}

#[derive(Default)]
struct Collected {
    hosts: Vec<(v8::Global<v8::Object>, Way)>,
    shared: Vec<(v8::Global<v8::SharedArrayBuffer>, Store)>,
    modules: Vec<Arc<v8::CompiledWasmModule>>,
}

struct Writer(Rc<RefCell<Collected>>);

/// Throws a DataCloneError; always `None`.
fn throw<T>(scope: &mut v8::PinScope, message: &str) -> Option<T> {
    let text = v8::String::new(scope, message).unwrap();
    if let Some(error) = hooks().and_then(|hooks| hooks.error(scope, text)) {
        scope.throw_exception(error);
    }
    None
}

const NOT_LISTED: &str = "Object that needs transfer was found in message but not listed in transferList";
const CANNOT_CLONE: &str = "Cannot clone object of unsupported type.";
const CANNOT_TRANSFER: &str = "Cannot transfer object of unsupported type.";

impl v8::ValueSerializerImpl for Writer {
    fn throw_data_clone_error<'s>(&self, scope: &mut v8::PinScope<'s, '_>, message: v8::Local<'s, v8::String>) {
        if let Some(error) = hooks().and_then(|hooks| hooks.error(scope, message)) {
            scope.throw_exception(error);
        }
    }

    fn has_custom_host_object(&self, _: &v8::Isolate) -> bool {
        true
    }

    fn is_host_object<'s>(&self, scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> Option<bool> {
        // A key is one that V8 itself would take for a plain object.
        Some(transfer_mode(scope, object).is_some() || native::unwrap::<KeyHandle>(scope, object.into()).is_some())
    }

    fn write_host_object<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        serializer: &dyn ValueSerializerHelper,
    ) -> Option<bool> {
        let known = self.0.borrow().hosts.iter().position(|(host, _)| v8::Local::new(scope, host) == object);
        let index = match known {
            Some(index) => index,
            None => {
                let mode = transfer_mode(scope, object).unwrap_or(0);
                let is_key = native::unwrap::<KeyHandle>(scope, object.into()).is_some();
                if mode & super::CLONEABLE == 0 && !is_key {
                    return throw(scope, if mode & super::TRANSFERABLE != 0 { NOT_LISTED } else { CANNOT_CLONE });
                }
                let host = v8::Global::new(scope, object);
                let mut collected = self.0.borrow_mut();
                collected.hosts.push((host, if is_key { Way::Key } else { Way::Clone }));
                collected.hosts.len() - 1
            }
        };
        serializer.write_uint32(index as u32);
        Some(true)
    }

    fn get_shared_array_buffer_id<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        buffer: v8::Local<'s, v8::SharedArrayBuffer>,
    ) -> Option<u32> {
        let known = self.0.borrow().shared.iter().position(|(other, _)| v8::Local::new(scope, other) == buffer);
        let index = known.unwrap_or_else(|| {
            let entry = (v8::Global::new(scope, buffer), Store(buffer.get_backing_store()));
            let mut collected = self.0.borrow_mut();
            collected.shared.push(entry);
            collected.shared.len() - 1
        });
        Some(index as u32)
    }

    fn get_wasm_module_transfer_id(
        &self,
        _: &mut v8::PinScope<'_, '_>,
        module: v8::Local<v8::WasmModuleObject>,
    ) -> Option<u32> {
        let mut collected = self.0.borrow_mut();
        collected.modules.push(Arc::new(module.get_compiled_module()));
        Some(collected.modules.len() as u32 - 1)
    }
}

/// The transfer list, sorted by what its entries are.
#[derive(Default)]
struct Transfers<'s> {
    buffers: Vec<v8::Local<'s, v8::ArrayBuffer>>,
    hosts: Vec<(v8::Local<'s, v8::Object>, Way)>,
}

impl<'s> Transfers<'s> {
    /// Checks and adds an entry and what it brings along; throws a DataCloneError.
    fn add(
        &mut self,
        scope: &mut v8::PinScope<'s, '_>,
        entry: v8::Local<'s, v8::Value>,
        source: Option<u32>,
    ) -> Option<()> {
        if let Ok(buffer) = v8::Local::<v8::ArrayBuffer>::try_from(entry) {
            if !buffer.is_detachable() || buffer.was_detached() || super::is_untransferable(scope, buffer.into()) {
                return throw(scope, CANNOT_TRANSFER);
            }
            if self.buffers.contains(&buffer) {
                return throw(scope, "Transfer list contains duplicate ArrayBuffer");
            }
            self.buffers.push(buffer);
            return Some(());
        }
        let Ok(object) = v8::Local::<v8::Object>::try_from(entry) else {
            return throw(scope, "Found invalid value in transferList.");
        };
        let mode = transfer_mode(scope, object);
        if mode.is_none_or(|mode| mode & super::TRANSFERABLE == 0) {
            return throw(scope, if mode.is_some() { CANNOT_TRANSFER } else { "Found invalid value in transferList." });
        }
        if super::is_untransferable(scope, object) {
            return throw(scope, CANNOT_TRANSFER);
        }
        let number = super::port_number(scope, object);
        if self.hosts.iter().any(|(host, _)| *host == object) {
            let what = if number.is_some() { "MessagePort" } else { "host object" };
            return throw(scope, &format!("Transfer list contains duplicate {what}"));
        }
        if let Some(number) = number {
            if number.is_some() && number == source {
                return throw(scope, "Transfer list contains source port");
            }
            if number.is_none_or(|number| !port::is_open(number)) {
                return throw(scope, "MessagePort in transfer list is already detached");
            }
            self.hosts.push((object, Way::Port));
            return Some(());
        }
        self.hosts.push((object, Way::Transfer));
        // A stream brings its ports.
        let nested = hooks()?.nested_transfers(scope, object)?;
        for i in 0..nested.length() {
            let entry = nested.get_index(scope, i)?;
            self.add(scope, entry, source)?;
        }
        Some(())
    }
}

/// Writes `value`; `transfer` moves out of this isolate. `source` is the number of the port it is posted to. `None`: it threw.
pub fn serialize<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    value: v8::Local<'s, v8::Value>,
    transfer: &[v8::Local<'s, v8::Value>],
    source: Option<u32>,
) -> Option<Message> {
    let context = scope.get_current_context();
    let mut transfers = Transfers::default();
    for entry in transfer {
        transfers.add(scope, *entry, source)?;
    }
    let collected = Rc::new(RefCell::new(Collected::default()));
    for (object, way) in &transfers.hosts {
        let object = v8::Global::new(scope, *object);
        collected.borrow_mut().hosts.push((object, *way));
    }
    super::know_plain_objects(scope);
    let serializer = v8::ValueSerializer::new(scope, Box::new(Writer(collected.clone())));
    for (i, buffer) in transfers.buffers.iter().enumerate() {
        serializer.transfer_array_buffer(i as u32, *buffer);
    }
    serializer.write_header();
    if !serializer.write_value(context, value)? {
        return None;
    }
    // Writing what a host consists of may find more hosts.
    let mut hosts = Vec::new();
    let mut ports = Vec::new();
    let mut i = 0;
    loop {
        let Some((object, way)) = collected.borrow().hosts.get(i).map(|(o, way)| (v8::Local::new(scope, o), *way))
        else {
            break;
        };
        if way == Way::Port {
            // Taken out below, when nothing can fail any more.
            ports.push((i, object));
            hosts.push(None);
        } else if way == Way::Key {
            hosts.push(native::unwrap::<KeyHandle>(scope, object.into()).cloned().map(Host::Key));
        } else {
            let (info, data) = hooks()?.write(scope, object, way == Way::Transfer)?;
            hosts.push(Some(Host::Script(info)));
            if !serializer.write_value(context, data)? {
                return None;
            }
        }
        i += 1;
    }
    let mut buffers = Vec::new();
    for buffer in &transfers.buffers {
        buffers.push(Store(buffer.get_backing_store()));
        buffer.detach(None);
    }
    let listed = ports.iter().map(|(i, _)| *i).collect();
    for (i, object) in ports {
        hosts[i] = super::take_port(scope, object).map(Host::Port);
    }
    let mut collected = collected.borrow_mut();
    Some(Message {
        data: Arc::new(serializer.release()),
        hosts: hosts.into_iter().collect::<Option<_>>()?,
        ports: listed,
        buffers,
        shared: collected.shared.drain(..).map(|(_, store)| store).collect(),
        modules: std::mem::take(&mut collected.modules),
    })
}

struct Reader {
    hosts: Vec<v8::Global<v8::Object>>,
    shared: Vec<Store>,
    modules: Vec<Arc<v8::CompiledWasmModule>>,
}

impl v8::ValueDeserializerImpl for Reader {
    fn read_host_object<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        deserializer: &dyn ValueDeserializerHelper,
    ) -> Option<v8::Local<'s, v8::Object>> {
        let mut index = 0;
        deserializer.read_uint32(&mut index);
        self.hosts.get(index as usize).map(|host| v8::Local::new(scope, host))
    }

    fn get_shared_array_buffer_from_id<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        id: u32,
    ) -> Option<v8::Local<'s, v8::SharedArrayBuffer>> {
        let store = self.shared.get(id as usize)?;
        Some(v8::SharedArrayBuffer::with_backing_store(scope, &store.0))
    }

    fn get_wasm_module_from_id<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        id: u32,
    ) -> Option<v8::Local<'s, v8::WasmModuleObject>> {
        v8::WasmModuleObject::from_compiled_module(scope, self.modules.get(id as usize)?)
    }
}

/// Reads a message in this isolate: the value and the ports that came with it, `undefined` where none did. `None`: it threw.
pub fn deserialize<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    message: Message,
) -> Option<(v8::Local<'s, v8::Value>, v8::Local<'s, v8::Value>)> {
    let context = scope.get_current_context();
    let mut hosts = Vec::new();
    for host in &message.hosts {
        let object = match host {
            Host::Port(port) => super::adopt_port(scope, port.clone())?,
            Host::Script(info) => hooks()?.create(scope, info)?,
            Host::Key(key) => native::wrap(scope, key.clone()).to_object(scope)?,
        };
        hosts.push(v8::Global::new(scope, object));
    }
    let reader = Reader { hosts: hosts.clone(), shared: message.shared, modules: message.modules };
    let deserializer = v8::ValueDeserializer::new(scope, Box::new(reader), &message.data);
    for (i, store) in message.buffers.iter().enumerate() {
        let buffer = v8::ArrayBuffer::with_backing_store(scope, &store.0);
        deserializer.transfer_array_buffer(i as u32, buffer);
    }
    if !deserializer.read_header(context)? {
        return None;
    }
    let value = deserializer.read_value(context)?;
    for (host, object) in message.hosts.iter().zip(&hosts) {
        if let Host::Script(_) = host {
            let data = deserializer.read_value(context)?;
            let object = v8::Local::new(scope, object);
            hooks()?.fill(scope, object, data)?;
        }
    }
    if message.ports.is_empty() {
        return Some((value, v8::undefined(scope).into()));
    }
    let ports: Vec<v8::Local<v8::Value>> =
        message.ports.iter().map(|&i| v8::Local::new(scope, &hosts[i]).into()).collect();
    Some((value, v8::Array::new_with_elements(scope, &ports).into()))
}
