//! `internalBinding('http2')`: HTTP/2 sessions, fed by JavaScript or straight from a stream.
//!
//! Owns: which of JavaScript's functions are called for what, the table of sessions. The parts: `session.rs` reads and writes,
//! `callbacks.rs` is what nghttp2 calls, `stream.rs` one stream, `headers.rs`, `settings.rs` and `messaging.rs` what is said in them and
//! whether that is allowed, `memory.rs` the allocator, `api.rs` and `stream_api.rs` the functions that JavaScript calls. Does not own: the protocol (nghttp2), Node's
//! classes and events (`js/internal/http2/`).

mod api;
mod callbacks;
mod headers;
mod memory;
mod messaging;
mod session;
mod settings;
mod stream;
mod stream_api;

/// nghttp2's functions and numbers.
mod ffi {
    pub use libnghttp2_sys::*;
}

pub use api::BINDING;
use session::Session;

use super::stream_handle::call_in_context;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

type Function = v8::Global<v8::Function>;

/// JavaScript's end of the events of all sessions and streams, in the order of `setup`'s arguments. A session or stream is
/// always JavaScript's handle of it.
pub struct Calls {
    /// `(session, code, name | null)`
    on_error: Function,
    /// `(session, stream id, category, flags, [name, value, ...], [sensitive name, ...])`
    on_headers: Function,
    /// `(stream, code, peerReset)`; false where JavaScript knows nothing of it.
    on_stream_close: Function,
    /// `(stream)`: trailers can be sent now.
    on_trailers: Function,
    /// `(stream, nread | EOF, arrayBuffer | undefined)`
    on_read: Function,
    /// `(session)`: the peer's settings changed.
    on_settings: Function,
    /// `(session, payload)`
    on_ping: Function,
    /// `(session, code, last stream id, data | undefined)`
    on_goaway: Function,
    /// `(session, stream id, origin, value)`
    on_altsvc: Function,
    /// `(session, [origin, ...])`
    on_origin: Function,
    /// `(session, stream id, parent, weight, exclusive)`
    on_priority: Function,
    /// `(session, stream id, frame type, code)`
    on_frame_error: Function,
    /// `(callback, acknowledged, milliseconds, payload | undefined)`: an answer to a PING or SETTINGS, or that none will come.
    on_ack: Function,
    /// `(request, status)`: a write is done.
    on_request: Function,
    /// `(session)`: destroyed, and the last bytes are written.
    on_done: Function,
    /// `(session)`: closed gracefully, and nothing is left to do.
    on_graceful: Function,
    /// `(session, WRITE | READ_START | READ_STOP, bytes | undefined)` for a session on a stream of JavaScript's; WRITE gives
    /// 0 (done), 1 (`afterWrite` will be called) or a negative errno.
    transport: Function,
}

thread_local! {
    static CALLS: RefCell<Option<Rc<Calls>>> = const { RefCell::new(None) };
    static SESSIONS: RefCell<Vec<Option<Rc<Session>>>> = const { RefCell::new(Vec::new()) };
    static SCOPE: Cell<*mut std::ffi::c_void> = const { Cell::new(std::ptr::null_mut()) };
}

/// Lets go of what JavaScript has given: no handle may be left where an image is made.
pub fn forget() {
    CALLS.take();
}

fn calls() -> Rc<Calls> {
    CALLS.with(|c| c.borrow().clone()).expect("http2.setup")
}

fn find(id: i32) -> Option<Rc<Session>> {
    SESSIONS.with(|s| s.borrow().get(usize::try_from(id).ok()?)?.clone())
}

/// Runs `f`, in which nghttp2 may call back; [`scope`] gives the callbacks `scope`.
fn with_scope<T>(scope: &mut v8::PinScope, f: impl FnOnce() -> T) -> T {
    let before = SCOPE.replace(std::ptr::from_mut(scope).cast());
    let result = f();
    SCOPE.set(before);
    result
}

/// The scope of the innermost [`with_scope`], for a callback of nghttp2's.
fn scope<'a>() -> &'a mut v8::PinScope<'a, 'a> {
    // SAFETY: nghttp2 calls back only inside of with_scope, whose caller does not use the scope until nghttp2 has returned.
    unsafe { &mut *SCOPE.get().cast() }
}

/// A write of JavaScript's that is not on the wire yet.
pub struct Waiting {
    request: v8::Global<v8::Object>,
    context: v8::Global<v8::Value>,
}

impl Waiting {
    /// From an argument; `None` where it is not an object.
    pub fn new(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Option<Self> {
        let request = v8::Local::<v8::Object>::try_from(value).ok()?;
        let context = scope.get_continuation_preserved_embedder_data();
        Some(Waiting { request: v8::Global::new(scope, request), context: v8::Global::new(scope, context) })
    }

    /// Tells JavaScript: 0 or a negative errno.
    pub fn complete(self, scope: &mut v8::PinScope, status: i32) {
        let request = v8::Local::new(scope, &self.request).into();
        let status = v8::Integer::new(scope, status).into();
        call_in_context(scope, &self.context, &calls().on_request, &[request, status]);
    }
}
