//! `internalBinding('messaging')`: structured clone and message ports.
//!
//! Owns: values as messages ([`message`]), ports and their threads ([`port`]). Does not own: the classes MessagePort and
//! BroadcastChannel (`js/internal/messaging.js`), what cloneable classes consist of (`js/internal/structured_clone.js`).

pub mod message;
pub mod port;

use crate::binding;
use crate::tasks::Callback;
use port::Port;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// May be in a transfer list.
pub const TRANSFERABLE: u32 = 1;
/// May be in a message.
pub const CLONEABLE: u32 = 2;

/// How deep the prototypes of an object are searched for a mode.
const MAX_PROTOTYPES: usize = 6;

/// The JavaScript half (`js/internal/structured_clone.js`).
pub struct Hooks {
    error: v8::Global<v8::Function>,
    write: v8::Global<v8::Function>,
    nested: v8::Global<v8::Function>,
    create: v8::Global<v8::Function>,
    fill: v8::Global<v8::Function>,
    create_port: v8::Global<v8::Function>,
    emit: v8::Global<v8::Function>,
}

thread_local! {
    static HOOKS: RefCell<Option<Rc<Hooks>>> = const { RefCell::new(None) };
}

/// Lets go of what JavaScript has given: no handle may be left where an image is made.
pub fn forget() {
    HOOKS.take();
}

/// The functions that JavaScript set in this thread.
fn hooks() -> Option<Rc<Hooks>> {
    HOOKS.with_borrow(Clone::clone)
}

fn call<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    function: &v8::Global<v8::Function>,
    args: &[v8::Local<'s, v8::Value>],
) -> Option<v8::Local<'s, v8::Value>> {
    let function = v8::Local::new(scope, function);
    let recv = v8::undefined(scope).into();
    function.call(scope, recv, args)
}

impl Hooks {
    /// A DataCloneError.
    fn error<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        message: v8::Local<'s, v8::String>,
    ) -> Option<v8::Local<'s, v8::Value>> {
        call(scope, &self.error, &[message.into()])
    }

    /// What an object is made by (`module:Class`) and the data that fill the new one.
    fn write<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        transfer: bool,
    ) -> Option<(String, v8::Local<'s, v8::Value>)> {
        let transfer = v8::Boolean::new(scope, transfer).into();
        let parts = call(scope, &self.write, &[object.into(), transfer])?.to_object(scope)?;
        let info = parts.get_index(scope, 0)?.to_rust_string_lossy(scope);
        Some((info, parts.get_index(scope, 1)?))
    }

    /// What is transferred along with an object.
    fn nested_transfers<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
    ) -> Option<v8::Local<'s, v8::Array>> {
        v8::Local::try_from(call(scope, &self.nested, &[object.into()])?).ok()
    }

    /// A new, empty object of that class; refused where the message is read in a context that has no such classes.
    fn create<'s>(&self, scope: &mut v8::PinScope<'s, '_>, info: &str) -> Option<v8::Local<'s, v8::Object>> {
        let info = binding::string(scope, info);
        let global = scope.get_current_context().global(scope).into();
        call(scope, &self.create, &[info, global])?.to_object(scope)
    }

    /// Fills an object that `create` made.
    fn fill<'s>(
        &self,
        scope: &mut v8::PinScope<'s, '_>,
        object: v8::Local<'s, v8::Object>,
        data: v8::Local<'s, v8::Value>,
    ) -> Option<()> {
        call(scope, &self.fill, &[object.into(), data]).map(|_| ())
    }
}

/// `setHooks(createError, write, nestedTransfers, create, fill, createPort, emit)`.
fn set_hooks(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let mut functions = (0..7).map(|i| {
        let function = v8::Local::<v8::Function>::try_from(args.get(i)).expect("setHooks: a function");
        v8::Global::new(scope, function)
    });
    let mut next = || functions.next().expect("seven functions");
    let hooks = Hooks {
        error: next(),
        write: next(),
        nested: next(),
        create: next(),
        fill: next(),
        create_port: next(),
        emit: next(),
    };
    HOOKS.set(Some(Rc::new(hooks)));
}

thread_local! {
    static PLAIN: RefCell<Option<v8::Global<v8::Value>>> = const { RefCell::new(None) };
    /// This thread's private names: each object that is cloned is asked for one.
    static PRIVATES: RefCell<[Option<v8::Global<v8::Private>>; 3]> = const { RefCell::new([const { None }; 3]) };
}

/// A name under which something of an object is kept.
#[derive(Clone, Copy)]
enum Name {
    Mode,
    Port,
    Untransferable,
}

fn private<'s>(scope: &mut v8::PinScope<'s, '_>, name: Name) -> v8::Local<'s, v8::Private> {
    let text = match name {
        Name::Mode => "transfer mode",
        Name::Port => "port",
        Name::Untransferable => "untransferable",
    };
    let text = v8::String::new(scope, text);
    v8::Private::for_api(scope, text)
}

/// As [`private`], to look for: not while an image is made, which holds no handles.
fn known_private<'s>(scope: &mut v8::PinScope<'s, '_>, name: Name) -> v8::Local<'s, v8::Private> {
    PRIVATES.with_borrow_mut(|known| match &mut known[name as usize] {
        Some(private) => v8::Local::new(scope, &*private),
        unknown => {
            let private = private(scope, name);
            *unknown = Some(v8::Global::new(scope, private));
            private
        }
    })
}

/// The number under a private name, of the object itself.
fn private_number<'s>(scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>, name: Name) -> Option<f64> {
    let key = known_private(scope, name);
    let value = object.get_private(scope, key)?;
    v8::Local::<v8::Number>::try_from(value).ok().map(|n| n.value())
}

fn set_private(scope: &mut v8::PinScope, object: v8::Local<v8::Object>, name: Name, value: f64) {
    let key = private(scope, name);
    let value = v8::Number::new(scope, value).into();
    object.set_private(scope, key, value);
}

/// Notes the `Object.prototype` of this thread's first context, before anything is written.
fn know_plain_objects(scope: &mut v8::PinScope) {
    if PLAIN.with_borrow(Option::is_none) {
        let prototype = v8::Object::new(scope).get_prototype(scope);
        PLAIN.set(prototype.map(|prototype| v8::Global::new(scope, prototype)));
    }
}

/// What was said of the object, or of its class, with `markTransferMode`; of `Object.prototype` nothing is.
fn transfer_mode<'s>(scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> Option<u32> {
    let key = known_private(scope, Name::Mode);
    let mut object = object;
    for _ in 0..MAX_PROTOTYPES {
        if PLAIN.with_borrow(|plain| plain.as_ref().is_some_and(|plain| *plain == object)) {
            return None;
        }
        let value = object.get_private(scope, key)?;
        if let Ok(mode) = v8::Local::<v8::Number>::try_from(value) {
            return Some(mode.value() as u32);
        }
        object = object.get_prototype(scope)?.try_into().ok()?;
    }
    None
}

fn is_untransferable<'s>(scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> bool {
    private_number(scope, object, Name::Untransferable).is_some()
}

/// `None`: no port. `Some(None)`: a port that is closed or was transferred.
fn port_number<'s>(scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> Option<Option<u32>> {
    let number = private_number(scope, object, Name::Port)?;
    Some((number > 0.0).then_some(number as u32))
}

/// Takes the port out of its object.
pub fn take_port<'s>(scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>) -> Option<Arc<Port>> {
    let number = port_number(scope, object)??;
    set_private(scope, object, Name::Port, 0.0);
    port::take(number)
}

/// A new MessagePort object of this thread that owns the port.
pub fn adopt_port<'s>(scope: &mut v8::PinScope<'s, '_>, port: Arc<Port>) -> Option<v8::Local<'s, v8::Object>> {
    let hooks = hooks()?;
    // A message that is read in another context gets ports of that context.
    let global = scope.get_current_context().global(scope).into();
    let object = call(scope, &hooks.create_port, &[global])?.to_object(scope)?;
    give_port(scope, object, port)?;
    Some(object)
}

fn give_port<'s>(scope: &mut v8::PinScope<'s, '_>, object: v8::Local<'s, v8::Object>, port: Arc<Port>) -> Option<()> {
    let emit = v8::Local::new(scope, &hooks()?.emit);
    let callback = Callback::new(scope, emit);
    let number = port::adopt(port, v8::Global::new(scope, object), callback);
    set_private(scope, object, Name::Port, number.into());
    Some(())
}

/// `movePort(port, object)`: the object owns the port from now on.
fn move_port<'s>(scope: &mut v8::PinScope<'s, '_>, args: v8::FunctionCallbackArguments<'s>, _: v8::ReturnValue) {
    let from = v8::Local::<v8::Object>::try_from(args.get(0));
    let to = v8::Local::<v8::Object>::try_from(args.get(1));
    if let (Ok(from), Ok(to)) = (from, to)
        && let Some(port) = take_port(scope, from)
    {
        give_port(scope, to, port);
    }
}

/// `evaluateIn(object, code)`: the completion value of a script in the context that the object is of.
fn evaluate_in<'s>(scope: &mut v8::PinScope<'s, '_>, args: v8::FunctionCallbackArguments<'s>, mut rv: v8::ReturnValue) {
    let Some(context) = super::vm::context_of_object(scope, args.get(0)) else { return };
    let scope = &mut v8::ContextScope::new(scope, context);
    let Some(code) = args.get(1).to_string(scope) else { return };
    if let Some(value) = v8::Script::compile(scope, code, None).and_then(|script| script.run(scope)) {
        rv.set(value);
    }
}

/// The open port of the object in the first argument.
fn number_of(scope: &mut v8::PinScope, args: &v8::FunctionCallbackArguments) -> Option<u32> {
    port_argument(scope, args)?.filter(|&number| port::is_open(number))
}

/// The elements of an array argument.
fn list<'s>(scope: &mut v8::PinScope<'s, '_>, value: v8::Local<'s, v8::Value>) -> Vec<v8::Local<'s, v8::Value>> {
    let Ok(array) = v8::Local::<v8::Array>::try_from(value) else { return Vec::new() };
    (0..array.length()).filter_map(|i| array.get_index(scope, i)).collect()
}

/// `structuredClone(value, transferArray)`: throws DataCloneError.
fn structured_clone<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    let transfer = list(scope, args.get(1));
    let Some(message) = message::serialize(scope, args.get(0), &transfer, None) else { return };
    if let Some((value, _)) = message::deserialize(scope, message) {
        rv.set(value);
    }
}

/// `markTransferMode(object, mode)`: of an object, or of the prototype of a class.
fn mark_transfer_mode(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let mode = args.get(1).uint32_value(scope).unwrap_or(0);
    if let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) {
        set_private(scope, object, Name::Mode, mode.into());
    }
}

/// `markAsUntransferable(object)`.
fn mark_as_untransferable(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    if let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) {
        set_private(scope, object, Name::Untransferable, 1.0);
    }
}

fn is_marked<'s>(scope: &mut v8::PinScope<'s, '_>, args: v8::FunctionCallbackArguments<'s>, mut rv: v8::ReturnValue) {
    let object = v8::Local::<v8::Object>::try_from(args.get(0));
    rv.set_bool(object.is_ok_and(|object| is_untransferable(scope, object)));
}

/// `createChannel(object, object)`: makes them the two ends of a channel.
fn create_channel<'s>(scope: &mut v8::PinScope<'s, '_>, args: v8::FunctionCallbackArguments<'s>, _: v8::ReturnValue) {
    let (first, second) = port::channel();
    for (i, port) in [(0, first), (1, second)] {
        if let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(i)) {
            give_port(scope, object, port);
        }
    }
}

/// `createBroadcast(object, name)`: makes it a member of the channels of that name.
fn create_broadcast<'s>(scope: &mut v8::PinScope<'s, '_>, args: v8::FunctionCallbackArguments<'s>, _: v8::ReturnValue) {
    let name = args.get(1).to_rust_string_lossy(scope);
    if let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) {
        give_port(scope, object, port::broadcast(&name));
    }
}

/// `isPort(value)`: whether it is a port of this module's, open or not.
fn is_port<'s>(scope: &mut v8::PinScope<'s, '_>, args: v8::FunctionCallbackArguments<'s>, mut rv: v8::ReturnValue) {
    let object = v8::Local::<v8::Object>::try_from(args.get(0));
    rv.set_bool(object.is_ok_and(|object| port_number(scope, object).is_some()));
}

/// `isOpen(port)`.
fn is_open(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    rv.set_bool(number_of(scope, &args).is_some());
}

/// `isAttached(port)`: as `isOpen`, but also true between `close()` and the event.
fn is_attached(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) else { return };
    let object = v8::Local::new(scope, object);
    rv.set_bool(port_number(scope, object).flatten().is_some_and(port::exists));
}

/// The number of the object in the first argument: `None` no port, `Some(None)` a port that is not open.
fn port_argument(scope: &mut v8::PinScope, args: &v8::FunctionCallbackArguments) -> Option<Option<u32>> {
    let object = v8::Local::<v8::Object>::try_from(args.get(0)).ok()?;
    let object = v8::Local::new(scope, object);
    port_number(scope, object)
}

/// `post(port, value, transferArray)`: false where the message carried its own target, `undefined` where the port is closed;
/// throws where it is no port.
fn post<'s>(scope: &mut v8::PinScope<'s, '_>, args: v8::FunctionCallbackArguments<'s>, mut rv: v8::ReturnValue) {
    let Some(number) = port_argument(scope, &args) else {
        let text = v8::String::new(scope, "Illegal invocation").expect("a short string");
        let error = v8::Exception::type_error(scope, text);
        scope.throw_exception(error);
        return;
    };
    let number = number.filter(|&number| port::is_open(number));
    let transfer = list(scope, args.get(2));
    // A closed port still takes what is transferred, and throws what cannot be cloned.
    let Some(message) = message::serialize(scope, args.get(1), &transfer, number) else { return };
    let Some(sent) = number.and_then(|number| port::post(number, message)) else { return };
    if !sent && let Some(number) = number {
        port::close(number);
    }
    rv.set_bool(sent);
}

/// `receive(port, nothing, noPort)`: the value of the first message in the queue, or the second argument; the third where the
/// first is no port.
fn receive<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue<v8::Value>,
) {
    let Some(number) = port_argument(scope, &args) else { return rv.set(args.get(2)) };
    let Some(message) = number.filter(|&number| port::is_open(number)).and_then(port::receive) else {
        return rv.set(args.get(1));
    };
    if let Some((value, _)) = message::deserialize(scope, message) {
        rv.set(value);
    }
}

/// `setReceiving(port, on)`.
fn set_receiving(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    if let Some(number) = number_of(scope, &args) {
        port::set_receiving(number, args.get(1).is_true());
    }
}

/// `setRef(port, on)`.
fn set_ref(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    if let Some(number) = number_of(scope, &args) {
        port::set_ref(number, args.get(1).is_true());
    }
}

/// `drain(port)`: delivers what is in its queue now.
fn drain(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    if let Some(number) = number_of(scope, &args) {
        port::deliver(scope, number);
    }
}

/// `close(port)`.
fn close(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    if let Some(number) = number_of(scope, &args) {
        port::close(number);
    }
}

binding!("messaging", [
    setHooks => set_hooks,
    structuredClone => structured_clone,
    markTransferMode => mark_transfer_mode,
    markAsUntransferable => mark_as_untransferable,
    isMarkedAsUntransferable => is_marked,
    createChannel => create_channel,
    createBroadcast => create_broadcast,
    movePort => move_port,
    evaluateIn => evaluate_in,
    isPort => is_port,
    isOpen => is_open,
    isAttached => is_attached,
    post => post,
    receive => receive,
    setReceiving => set_receiving,
    setRef => set_ref,
    drain => drain,
    close => close,
]);
