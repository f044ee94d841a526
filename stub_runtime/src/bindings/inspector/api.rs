//! The functions of `internalBinding('inspector')`.

use super::inbox::{Event, Inbox};
use super::server::{Description, Server};
use super::{FINISHER, LISTENERS, Listener, MAIN, WORKERS, current, ensure, new_session_number, tell};
use crate::{binding, event_loop, tasks};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

/// `connect(listener(text))`: the number of a new session with this thread.
fn connect(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(listener) = v8::Local::<v8::Function>::try_from(args.get(0)) else { return };
    let listener = Listener::new(scope, listener);
    let id = ensure(scope).connect_local();
    LISTENERS.with_borrow_mut(|listeners| listeners.insert(id, listener));
    rv.set_uint32(id);
}

/// `markContext()`: scripts that are compiled from now on are this context's. V8 notes on a script the number that an inspector gave
/// its context, and an inspector that comes later, which counts anew, would not find those without. The number is kept in an image.
fn mark_context(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    super::mark_context(scope);
}

/// A new session of this thread with the one that `inbox` leads to: its number. What it says goes to the listener.
fn new_session(scope: &mut v8::PinScope, listener: v8::Local<v8::Function>, inbox: &Arc<Inbox>) -> u32 {
    let listener = Listener::new(scope, listener);
    let id = new_session_number();
    LISTENERS.with_borrow_mut(|listeners| listeners.insert(id, listener));
    let here = event_loop::current().handle();
    let sink = move |text: String| {
        here.post(move |scope| tasks::together(scope, |scope| tell(scope, id, text.as_bytes())));
    };
    inbox.push(Event::Connect(id, Box::new(sink)));
    id
}

/// `connectToMainThread(listener(text))`: the number of a new session of this worker with the main thread.
fn connect_to_main_thread(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(listener) = v8::Local::<v8::Function>::try_from(args.get(0)) else { return };
    let id = new_session(scope, listener, &MAIN);
    if !MAIN.is_attached() {
        crate::bindings::worker::post_to_main(|scope| ensure(scope).dispatch_pending());
    }
    rv.set_uint32(id);
}

thread_local! {
    /// The sessions that this thread has with workers.
    static WITH_WORKERS: RefCell<HashMap<u32, Arc<Inbox>>> = RefCell::default();
}

/// What leads to the thread that session `id` of this thread is with.
fn inbox_of(id: u32) -> Arc<Inbox> {
    WITH_WORKERS.with_borrow(|inboxes| inboxes.get(&id).cloned()).unwrap_or_else(|| MAIN.clone())
}

/// `makeInspector()`: this thread can be connected to from now on.
fn make_inspector(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    ensure(scope);
}

/// `connectToThread(thread, listener(text))`: the number of a new session of this thread with a worker's, which has an inspector.
fn connect_to_thread(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let Ok(listener) = v8::Local::<v8::Function>::try_from(args.get(1)) else { return };
    let thread = args.get(0).uint32_value(scope).unwrap_or(0);
    let Some(inbox) = WORKERS.lock().unwrap().get(&thread).cloned() else { return };
    let id = new_session(scope, listener, &inbox);
    WITH_WORKERS.with_borrow_mut(|inboxes| inboxes.insert(id, inbox));
    rv.set_uint32(id);
}

/// `reply(session, text)`: what the runtime says to a session of this thread.
fn reply(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let id = args.get(0).uint32_value(scope).unwrap_or(0);
    let text = args.get(1).to_rust_string_lossy(scope);
    if let Some(inspector) = current() {
        inspector.reply(id, &text);
    }
}

/// `dispatch(session, text)`: a message of the protocol.
fn dispatch(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let id = args.get(0).uint32_value(scope).unwrap_or(0);
    let text = args.get(1).to_rust_string_lossy(scope);
    match current().filter(|inspector| inspector.sessions.borrow().contains_key(&id)) {
        Some(inspector) => inspector.dispatch(id, &text),
        None => inbox_of(id).push(Event::Message(id, text)),
    }
}

/// `hold(session, on)`: keeps this thread's loop alive for what the session is told.
fn hold(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let id = args.get(0).uint32_value(scope).unwrap_or(0);
    LISTENERS.with_borrow(|listeners| {
        if let Some(listener) = listeners.get(&id) {
            listener.alive.set_ref(args.get(1).is_true());
        }
    });
}

/// `disconnect(session)`.
fn disconnect(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let id = args.get(0).uint32_value(scope).unwrap_or(0);
    LISTENERS.with_borrow_mut(|listeners| listeners.remove(&id));
    match current().filter(|inspector| inspector.sessions.borrow().contains_key(&id)) {
        Some(inspector) => inspector.disconnect(id),
        None => inbox_of(id).push(Event::Disconnect(id)),
    }
    WITH_WORKERS.with_borrow_mut(|inboxes| inboxes.remove(&id));
}

/// `open(host, port, title, url, quiet)`: the port that debuggers are listened for on, or text that says why not.
fn open(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let text = |scope: &mut v8::PinScope, i| args.get(i).to_rust_string_lossy(scope);
    let host = text(scope, 0);
    let port = args.get(1).uint32_value(scope).unwrap_or(0) as u16;
    let description = Description { title: text(scope, 2), url: text(scope, 3) };
    let inspector = ensure(scope);
    match Server::open(&host, port, description, inspector.inbox.clone()) {
        Ok(server) => {
            if !args.get(4).is_true() {
                crate::stdio::write_stderr(&format!(
                    "Debugger listening on {}\nFor help, see: https://nodejs.org/learn/getting-started/debugging\n",
                    server.url()
                ));
            }
            rv.set_uint32(server.port().into());
            *inspector.server.borrow_mut() = Some(server);
        }
        Err(error) => {
            let reason = match error.kind() {
                std::io::ErrorKind::AddrInUse => "address already in use".to_owned(),
                std::io::ErrorKind::AddrNotAvailable => "address not available".to_owned(),
                std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
                _ => error.to_string(),
            };
            rv.set(binding::string(scope, &format!("Starting inspector on {host}:{port} failed: {reason}\n")));
        }
    }
}

/// `close()`: the server and its connections.
fn close(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let Some(inspector) = current() else { return };
    let server = inspector.server.take();
    if let Some(server) = server {
        server.close();
    }
}

/// `url()`: where debuggers connect; undefined where nobody listens.
fn url(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let url = current().and_then(|inspector| inspector.server.borrow().as_ref().map(Server::url));
    if let Some(url) = url {
        rv.set(binding::string(scope, &url));
    }
}

/// `waitForDebugger()`: blocks until one let the program go; false where nobody listens.
fn wait_for_debugger(_: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let inspector = current().filter(|inspector| inspector.server.borrow().is_some());
    if let Some(inspector) = &inspector {
        inspector.wait_for_debugger();
    }
    rv.set_bool(inspector.is_some());
}

/// `callAndPauseOnStart(function, this, ...arguments)`: pauses at the first statement that runs.
fn call_and_pause_on_start<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    let Ok(function) = v8::Local::<v8::Function>::try_from(args.get(0)) else { return };
    let rest: Vec<v8::Local<v8::Value>> = (2..args.length()).map(|i| args.get(i)).collect();
    let inspector = ensure(scope);
    inspector.pause_on_next_statement();
    let result = function.call(scope, args.get(1), &rest);
    inspector.cancel_pause();
    if let Some(result) = result {
        rv.set(result);
    }
}

/// `onFinish(function)`: is called when the program is over, before debuggers are told.
fn on_finish(scope: &mut v8::PinScope, args: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    let function = v8::Local::<v8::Function>::try_from(args.get(0)).ok().map(|f| v8::Global::new(scope, f));
    FINISHER.set(function);
}

/// `finish()`: what is done at the end, now.
fn finish(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, _: v8::ReturnValue) {
    super::finish(scope);
}

/// `v8Console()`: V8's own console, which debuggers hear.
fn v8_console(scope: &mut v8::PinScope, _: v8::FunctionCallbackArguments, mut rv: v8::ReturnValue) {
    let context = scope.get_current_context();
    let extras = context.get_extras_binding_object(scope);
    let key = binding::string(scope, "console");
    if let Some(console) = extras.get(scope, key) {
        rv.set(console);
    }
}

thread_local! {
    /// Inside V8's console: what its methods call is not told again.
    static IN_CONSOLE: Cell<bool> = const { Cell::new(false) };
}

/// `consoleCall(v8Method, ownMethod, name)`: a function that calls both. It is native, so that debuggers see who called it.
fn console_call<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    let data = v8::Array::new_with_elements(scope, &[args.get(0), args.get(1)]);
    let function = v8::Function::builder(both_consoles)
        .data(data.into())
        .constructor_behavior(v8::ConstructorBehavior::Throw)
        .build(scope);
    if let (Some(function), Ok(name)) = (function, v8::Local::<v8::String>::try_from(args.get(2))) {
        function.set_name(name);
        rv.set(function.into());
    }
}

fn both_consoles<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    args: v8::FunctionCallbackArguments<'s>,
    mut rv: v8::ReturnValue,
) {
    let Ok(pair) = v8::Local::<v8::Array>::try_from(args.data()) else { return };
    let values: Vec<v8::Local<v8::Value>> = (0..args.length()).map(|i| args.get(i)).collect();
    let method = |scope: &mut v8::PinScope<'s, '_>, i| {
        pair.get_index(scope, i).and_then(|f| v8::Local::<v8::Function>::try_from(f).ok())
    };
    let heard = current().is_some_and(|inspector| !inspector.sessions.borrow().is_empty());
    if heard && !IN_CONSOLE.replace(true) {
        let done = method(scope, 0).and_then(|told| told.call(scope, args.this().into(), &values));
        IN_CONSOLE.set(false);
        if done.is_none() {
            return;
        }
    }
    if let Some(own) = method(scope, 1)
        && let Some(result) = own.call(scope, args.this().into(), &values)
    {
        rv.set(result);
    }
}

binding!("inspector", [
    connect => connect,
    markContext => mark_context,
    connectToMainThread => connect_to_main_thread,
    connectToThread => connect_to_thread,
    makeInspector => make_inspector,
    reply => reply,
    dispatch => dispatch,
    disconnect => disconnect,
    hold => hold,
    open => open,
    close => close,
    url => url,
    waitForDebugger => wait_for_debugger,
    callAndPauseOnStart => call_and_pause_on_start,
    onFinish => on_finish,
    finish => finish,
    v8Console => v8_console,
    consoleCall => console_call,
]);
