//! `internalBinding('inspector')`: V8's inspector of this thread, and who talks to it.
//!
//! Owns: the inspector, its sessions of JavaScript, of workers and of debuggers, the wait of a paused program. Nothing of it exists
//! before somebody asks. Does not own: sockets (`inspector/server.rs`), `node:inspector`'s objects (`js/internal/inspector/`).

mod api;
mod channel;
mod client;
mod inbox;
mod protocol;
mod server;
pub mod signal;
mod websocket;

pub use api::BINDING;

use crate::event_loop::{self, Alive};
use crate::tasks;
use channel::{LocalChannel, RemoteChannel};
use inbox::{Event, Inbox, Sink};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use v8::inspector::{
    Channel, StringView, V8Inspector, V8InspectorClient, V8InspectorClientTrustLevel, V8InspectorSession,
};

/// All contexts of a thread are one group.
const GROUP: i32 = 1;

/// The main thread's queue: a worker may push before there is anybody to look.
static MAIN: LazyLock<Arc<Inbox>> = LazyLock::new(Arc::default);

/// Those of workers that are inspected, by the number of the thread.
static WORKERS: LazyLock<Mutex<HashMap<u32, Arc<Inbox>>>> = LazyLock::new(Mutex::default);

/// Numbers of sessions, the same in all threads.
static SESSIONS: AtomicU32 = AtomicU32::new(1);

fn new_session_number() -> u32 {
    SESSIONS.fetch_add(1, Ordering::Relaxed)
}

/// Domains that are JavaScript, and the built-ins that answer.
const SCRIPTED: [(&str, &str); 2] =
    [("NodeWorker.", "internal/inspector/node_worker"), ("NodeTracing.", "internal/inspector/node_tracing")];

struct Session {
    v8: Rc<V8InspectorSession>,
    /// Of a frontend on another thread.
    sink: Option<Rc<Sink>>,
    /// `NodeRuntime.notifyWhenWaitingForDisconnect`.
    hears_of_the_end: Cell<bool>,
    /// It has said something of these domains of [`SCRIPTED`].
    has_said: Cell<[bool; SCRIPTED.len()]>,
}

/// One per thread whose program is inspected.
pub struct Inspector {
    sessions: RefCell<HashMap<u32, Rc<Session>>>,
    inbox: Arc<Inbox>,
    server: RefCell<Option<server::Server>>,
    /// A callback of V8's, which ends what the debugger asked for, makes it false.
    paused: Cell<bool>,
    waiting_for_debugger: Cell<bool>,
    dispatching: Cell<bool>,
    finishing: Cell<bool>,
    contexts: Cell<u32>,
    context: v8::Global<v8::Context>,
    isolate: v8::UnsafeRawIsolatePtr,
    v8: V8Inspector,
}

/// A function of JavaScript's that V8's messages go to.
struct Listener {
    function: v8::Global<v8::Function>,
    /// Ref'd while an answer from another thread is to come.
    alive: Alive,
}

impl Listener {
    fn new(scope: &mut v8::PinScope, function: v8::Local<v8::Function>) -> Self {
        let listener = Listener { function: v8::Global::new(scope, function), alive: Alive::new() };
        listener.alive.set_ref(false);
        listener
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<Inspector>>> = const { RefCell::new(None) };
    /// Who hears what V8 says to sessions of this thread's JavaScript, on this thread or the main one.
    static LISTENERS: RefCell<HashMap<u32, Listener>> = RefCell::default();
    /// What JavaScript does last: profiles are written.
    static FINISHER: RefCell<Option<v8::Global<v8::Function>>> = const { RefCell::new(None) };
}

/// This thread's inspector, where there is one.
pub fn current() -> Option<Rc<Inspector>> {
    CURRENT.with_borrow(Clone::clone)
}

/// This thread's inspector; made now where there is none.
pub fn ensure(scope: &mut v8::PinScope) -> Rc<Inspector> {
    if let Some(inspector) = current() {
        return inspector;
    }
    let v8 = V8Inspector::create(scope, V8InspectorClient::new(Box::new(client::Client)));
    let context = scope.get_current_context();
    let thread = crate::bindings::worker::current_thread();
    let name = match thread {
        0 => {
            let program = crate::app::executable().map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
            format!("{program}[{}]", std::process::id())
        }
        thread => format!("Worker[{thread}]"),
    };
    v8.context_created(context, GROUP, view(&name), view(r#"{"isDefault":true}"#));
    let inbox = if thread == 0 { MAIN.clone() } else { Arc::default() };
    inbox.attach(scope.thread_safe_handle(), event_loop::current().handle());
    if thread != 0 {
        WORKERS.lock().unwrap().insert(thread, inbox.clone());
    }
    let inspector = Rc::new(Inspector {
        sessions: RefCell::default(),
        inbox,
        server: RefCell::default(),
        paused: Cell::new(false),
        waiting_for_debugger: Cell::new(false),
        dispatching: Cell::new(false),
        finishing: Cell::new(false),
        contexts: Cell::new(0),
        context: v8::Global::new(scope, context),
        // SAFETY: used on this thread only, and not after `forget`.
        isolate: unsafe { scope.as_raw_isolate_ptr() },
        v8,
    });
    CURRENT.set(Some(inspector.clone()));
    inspector
}

/// Gives the current context the number that the thread's inspector will give it.
fn mark_context(scope: &mut v8::PinScope) {
    let v8 = V8Inspector::create(scope, V8InspectorClient::new(Box::new(client::Client)));
    let context = scope.get_current_context();
    v8.context_created(context, GROUP, StringView::empty(), StringView::empty());
    v8.context_destroyed(context);
}

/// Text for V8, which takes bytes for UTF-8 in messages and names.
fn view(text: &str) -> StringView<'_> {
    StringView::from(text.as_bytes())
}

impl Inspector {
    /// The program's context, as V8 keeps it for this inspector.
    ///
    /// # Safety
    /// Not after [`forget`].
    unsafe fn context_slot<'a>(&self) -> &'a v8::Context {
        // SAFETY: V8 calls on the thread of its isolate.
        let mut isolate = unsafe { v8::Isolate::from_raw_isolate_ptr_unchecked(self.isolate) };
        // SAFETY: the slot lives as long as the handle, which the caller has.
        unsafe { &*std::ptr::from_ref(self.context.open(&mut isolate)) }
    }

    /// A session whose messages go to `LISTENERS`.
    fn connect_local(&self) -> u32 {
        let id = new_session_number();
        self.connect(id, Channel::new(Box::new(LocalChannel { id })), None);
        id
    }

    fn connect(&self, id: u32, channel: Channel, sink: Option<Rc<Sink>>) {
        let trust = V8InspectorClientTrustLevel::FullyTrusted;
        let v8 = Rc::new(self.v8.connect(GROUP, channel, StringView::empty(), trust));
        let session = Rc::new(Session { v8, sink, hears_of_the_end: Cell::new(false), has_said: Cell::default() });
        self.sessions.borrow_mut().insert(id, session);
    }

    fn disconnect(&self, id: u32) {
        // Dropped when no message of its is being dispatched any more.
        let session = self.sessions.borrow_mut().remove(&id);
        let has_said = session.as_ref().map(|session| session.has_said.get()).unwrap_or_default();
        for ((_, module), _) in SCRIPTED.iter().zip(has_said).filter(|(_, said)| *said) {
            self.call_script(module, "disable", id, "");
        }
        drop(session);
    }

    fn dispatch(&self, id: u32, message: &str) {
        let session = self.sessions.borrow().get(&id).cloned();
        let Some(session) = session else { return };
        let method = protocol::text(message, "method").unwrap_or_default();
        if let Some(at) = SCRIPTED.iter().position(|(domain, _)| method.starts_with(domain)) {
            let mut has_said = session.has_said.get();
            has_said[at] = true;
            session.has_said.set(has_said);
            return self.call_script(SCRIPTED[at].1, "dispatch", id, message);
        }
        match own_domain(message) {
            Some(answer) => {
                if protocol::text(message, "method") == Some("NodeRuntime.notifyWhenWaitingForDisconnect") {
                    let on = protocol::member(message, "params").and_then(|params| protocol::member(params, "enabled"));
                    session.hears_of_the_end.set(on == Some("true"));
                }
                self.reply(id, &answer);
            }
            None => session.v8.dispatch_protocol_message(view(message)),
        }
    }

    /// Calls a function of one of [`SCRIPTED`] for session `id`.
    fn call_script(&self, module: &str, function: &str, id: u32, message: &str) {
        // SAFETY: sessions are served on the thread of their isolate.
        let mut isolate = unsafe { v8::Isolate::from_raw_isolate_ptr_unchecked(self.isolate) };
        v8::scope!(let scope, &mut isolate);
        let context = v8::Local::new(scope, &self.context);
        let scope = &mut v8::ContextScope::new(scope, context);
        tasks::nested(scope, |scope| {
            let exports = crate::runtime::require_builtin(scope, module)?;
            let key = crate::binding::string(scope, function);
            let function = v8::Local::<v8::Function>::try_from(exports.get(scope, key)?).ok()?;
            let arguments = [v8::Integer::new_from_unsigned(scope, id).into(), crate::binding::string(scope, message)];
            function.call(scope, exports.into(), &arguments).map(drop)
        });
    }

    /// Gives `message` to whoever has session `id`.
    fn reply(&self, id: u32, message: &str) {
        let session = self.sessions.borrow().get(&id).cloned();
        match session.as_ref().map(|session| &session.sink) {
            Some(Some(sink)) => sink(message.to_owned()),
            Some(None) => call_listener(id, message.as_bytes()),
            None => {}
        }
    }

    /// Does what waits in the inbox; not inside itself, a message is done before the next.
    pub fn dispatch_pending(&self) {
        if self.dispatching.replace(true) {
            return;
        }
        while let Some(event) = self.inbox.take() {
            match event {
                Event::Connect(id, sink) => {
                    let sink = Rc::new(sink);
                    self.connect(id, Channel::new(Box::new(RemoteChannel { sink: sink.clone() })), Some(sink));
                }
                Event::Message(id, message) => self.dispatch(id, &message),
                Event::Disconnect(id) => self.disconnect(id),
            }
        }
        self.dispatching.set(false);
    }

    /// Serves frontends and nothing else while `go_on`.
    fn serve_while(&self, go_on: impl Fn(&Inspector) -> bool) {
        while go_on(self) {
            self.inbox.wait();
            // A message that is being dispatched is what led here.
            self.dispatching.set(false);
            self.dispatch_pending();
        }
    }

    /// The sessions there are now: one may end while another is served.
    fn all(&self) -> Vec<Rc<Session>> {
        self.sessions.borrow().values().cloned().collect()
    }

    fn has_frontends(&self) -> bool {
        self.sessions.borrow().values().any(|session| session.sink.is_some())
    }

    /// V8 stopped the program: until it says otherwise, or nobody is left who could.
    fn stay_paused(&self) {
        if !self.paused.replace(true) {
            let dispatching = self.dispatching.get();
            self.serve_while(|this| this.paused.get() && this.has_frontends());
            self.dispatching.set(dispatching);
            self.paused.set(false);
        }
    }

    fn resume(&self) {
        self.paused.set(false);
    }

    /// Until a debugger is there and lets the program go.
    fn wait_for_debugger(&self) {
        self.waiting_for_debugger.set(true);
        self.serve_while(|this| this.waiting_for_debugger.get());
    }

    fn stop_waiting(&self) {
        self.waiting_for_debugger.set(false);
    }

    /// Pauses the program at its next statement, for everybody who has the debugger enabled.
    fn pause_on_next_statement(&self) {
        for session in self.all() {
            session.v8.schedule_pause_on_next_statement(view("Break on start"), view(r#"{"reason":"Break on start"}"#));
        }
    }

    fn cancel_pause(&self) {
        for session in self.all() {
            session.v8.cancel_pause_on_next_statement();
        }
    }

    /// The program is over: debuggers are told, and may look until they leave.
    fn wait_for_disconnect(&self, scope: &mut v8::PinScope) {
        if let Some(server) = self.server.borrow_mut().as_mut() {
            server.stop_listening();
        }
        self.dispatching.set(false);
        self.dispatch_pending();
        // Those of a worker are its parent's, which hears of the end as `detachedFromWorker`.
        if !self.has_frontends() || crate::bindings::worker::current_thread() != 0 {
            return;
        }
        let sessions = self.all();
        let hears = |session: &&Rc<Session>| session.hears_of_the_end.get();
        if sessions.iter().any(|session| hears(&session)) {
            for sink in sessions.iter().filter(hears).filter_map(|session| session.sink.as_ref()) {
                sink(r#"{"method":"NodeRuntime.waitingForDisconnect","params":{}}"#.into());
            }
        } else {
            let context = v8::Local::new(scope, &self.context);
            self.v8.context_destroyed(context);
        }
        crate::stdio::write_stderr("Waiting for the debugger to disconnect...\n");
        self.serve_while(Inspector::has_frontends);
    }
}

/// The answer to a message of a domain that is not V8's.
fn own_domain(message: &str) -> Option<String> {
    protocol::text(message, "method").filter(|method| method.starts_with("NodeRuntime."))?;
    let id = protocol::member(message, "id").filter(|id| id.bytes().all(|b| b.is_ascii_digit()))?;
    Some(format!("{{\"id\":{id},\"result\":{{}}}}"))
}

/// Gives a message to the session `id` of this thread's JavaScript.
fn call_listener(id: u32, message: &[u8]) {
    let Some(inspector) = current() else { return };
    // SAFETY: V8 calls channels on the thread of its isolate.
    let mut isolate = unsafe { v8::Isolate::from_raw_isolate_ptr_unchecked(inspector.isolate) };
    v8::scope!(let scope, &mut isolate);
    let context = v8::Local::new(scope, &inspector.context);
    let scope = &mut v8::ContextScope::new(scope, context);
    tell(scope, id, message);
}

/// Calls the listener of session `id` in the current context.
fn tell(scope: &mut v8::PinScope, id: u32, message: &[u8]) {
    let listener = LISTENERS.with_borrow(|listeners| listeners.get(&id).map(|l| l.function.clone()));
    let Some(listener) = listener else { return };
    let listener = v8::Local::new(scope, listener);
    let Some(text) = v8::String::new_from_one_byte(scope, message, v8::NewStringType::Normal) else { return };
    let recv = v8::undefined(scope).into();
    // Failures of listeners become warnings in JavaScript; a termination goes on by itself.
    tasks::nested(scope, |scope| listener.call(scope, recv, &[text.into()]).is_some());
}

/// A context of `node:vm` was made.
pub fn context_created(context: v8::Local<v8::Context>) {
    if let Some(inspector) = current() {
        let number = inspector.contexts.get() + 1;
        inspector.contexts.set(number);
        let name = format!("VM Context {number}");
        inspector.v8.context_created(context, GROUP, view(&name), view(r#"{"isDefault":false}"#));
    }
}

/// Where the map of the embedded module `name` is, for debuggers; `None` where there is no map, or nobody who would look.
pub fn source_map_url<'s>(
    scope: &mut v8::PinScope<'s, '_>,
    name: v8::Local<'s, v8::Value>,
) -> Option<v8::Local<'s, v8::Value>> {
    current()?;
    crate::app::app()?;
    let exports = crate::runtime::require_builtin(scope, "internal/source_map/embedded")?;
    let key = crate::binding::string(scope, "debuggerURL");
    let function = v8::Local::<v8::Function>::try_from(exports.get(scope, key)?).ok()?;
    let url = function.call(scope, exports.into(), &[name])?;
    url.is_string().then_some(url)
}

/// The program of this thread is over: profiles are written, debuggers let go.
pub fn finish(scope: &mut v8::PinScope) {
    let Some(inspector) = current() else { return };
    if inspector.finishing.replace(true) {
        return;
    }
    let finisher = FINISHER.take();
    if let Some(finisher) = finisher {
        let finisher = v8::Local::new(scope, finisher);
        let recv = v8::undefined(scope).into();
        v8::tc_scope!(let tc, scope);
        tasks::nested(tc, |scope| finisher.call(scope, recv, &[]).is_some());
    }
    inspector.wait_for_disconnect(scope);
}

/// As [`finish`], of a worker, which may have been terminated.
pub fn finish_worker(scope: &mut v8::PinScope) {
    if current().is_some() {
        scope.cancel_terminate_execution();
        finish(scope);
    }
}

/// Lets go of everything: the isolate of this thread is about to end.
pub fn forget() {
    FINISHER.take();
    let listeners = LISTENERS.take();
    if let Some(inspector) = CURRENT.take() {
        if let Some(server) = inspector.server.take() {
            server.close();
        }
        inspector.inbox.detach();
        WORKERS.lock().unwrap().retain(|_, inbox| !Arc::ptr_eq(inbox, &inspector.inbox));
        inspector.sessions.take();
    }
    if MAIN.is_attached() {
        // Those that a worker had on the main thread; other numbers are unknown there.
        listeners.keys().for_each(|&id| MAIN.push(Event::Disconnect(id)));
    }
}

/// An exception that nobody caught, for debuggers.
pub fn uncaught(scope: &mut v8::PinScope, exception: v8::Local<v8::Value>) {
    let Some(inspector) = current() else { return };
    let message = v8::Exception::create_message(scope, exception);
    let trace = message.get_stack_trace(scope);
    let name = message.get_script_resource_name(scope).map(|n| n.to_rust_string_lossy(scope)).unwrap_or_default();
    let text = message.get(scope).to_rust_string_lossy(scope);
    let line = message.get_line_number(scope).unwrap_or(0) as u32;
    let id = trace.and_then(|t| t.get_frame(scope, 0)).map_or(0, |frame| frame.get_script_id() as i32);
    let trace = inspector.v8.create_stack_trace(trace);
    let column = message.get_start_column() as u32;
    let context = scope.get_current_context();
    let (short, text): (&str, _) = ("Uncaught", text.encode_utf16().collect::<Vec<u16>>());
    let text = StringView::from(&*text);
    inspector.v8.exception_thrown(context, view(short), exception, text, view(&name), line, column, trace, id);
}
