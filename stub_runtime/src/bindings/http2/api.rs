//! The functions of `internalBinding('http2')` that are about a session, which is always the first argument.

use super::ffi::*;
use super::headers::Outgoing;
use super::session::{Awaited, Session, Transport};
use super::stream::Stream;
use super::{CALLS, Calls, find, settings, stream_api};
use crate::bindings::{stream_handle, tls};
use crate::{binding, event_loop, tasks};
use std::rc::Rc;

pub type Args<'a> = v8::FunctionCallbackArguments<'a>;

fn setup(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let mut next = 0;
    let mut function = || {
        let f = v8::Local::<v8::Function>::try_from(args.get(next)).expect("http2.setup: a function");
        next += 1;
        v8::Global::new(scope, f)
    };
    let calls = Calls {
        on_error: function(),
        on_headers: function(),
        on_stream_close: function(),
        on_trailers: function(),
        on_read: function(),
        on_settings: function(),
        on_ping: function(),
        on_goaway: function(),
        on_altsvc: function(),
        on_origin: function(),
        on_priority: function(),
        on_frame_error: function(),
        on_ack: function(),
        on_request: function(),
        on_done: function(),
        on_graceful: function(),
        transport: function(),
    };
    CALLS.with(|c| *c.borrow_mut() = Some(Rc::new(calls)));
}

/// Runs `f` with the session of the first argument, unless it is gone.
pub fn with_session(scope: &mut v8::PinScope, args: &Args, f: impl FnOnce(&mut v8::PinScope, &Rc<Session>)) {
    if let Some(session) = args.get(0).int32_value(scope).and_then(find) {
        tasks::nested(scope, |scope| f(scope, &session));
    }
}

fn int(scope: &mut v8::PinScope, args: &Args, i: i32) -> i32 {
    args.get(i).int32_value(scope).unwrap_or(0)
}

/// `create(handle, isServer, options)`: the number of a new session.
fn create(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(0)) else { return };
    let options = settings::numbers(args.get(2));
    rv.set_int32(Session::create(scope, object, args.get(1).is_true(), &options) as i32);
}

/// `consume(id, handleId, isTls)`: the bytes of a stream of `stream_handle`, or of TLS, come straight here; without `handleId`
/// JavaScript carries them.
fn consume(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let handle = if args.get(1).is_number() { args.get(1).int32_value(scope) } else { None };
    let transport = match handle {
        None => Some(Transport::Script),
        Some(id) if args.get(2).is_true() => tls::find(id).map(Transport::Tls),
        Some(id) => stream_handle::find(id).map(Transport::Native),
    };
    with_session(scope, &args, |scope, session| {
        // A handle that is closed already: nothing will come.
        session.consume(scope, transport.unwrap_or(Transport::None));
    });
}

/// `receive(id, view)`: bytes that JavaScript has.
fn receive(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    // A copy: JavaScript that is called meanwhile could change the buffer.
    let Some(bytes) = binding::bytes(args.get(1)).map(|b| b.to_vec()) else { return };
    with_session(scope, &args, |scope, session| session.receive(scope, &bytes));
}

/// `afterWrite(id, status)`: a write that JavaScript carries is done.
fn after_write(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let status = int(scope, &args, 1);
    with_session(scope, &args, |scope, session| session.after_write(scope, status));
}

/// `destroy(id, code, socketClosed)`
fn destroy(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let code = args.get(1).uint32_value(scope).unwrap_or(0);
    with_session(scope, &args, |scope, session| session.close(scope, code, args.get(2).is_true()));
}

/// The block of headers in the arguments from `at`: text and number of fields.
pub fn headers(scope: &mut v8::PinScope, args: &Args, at: i32) -> Outgoing {
    let count = int(scope, args, at + 1) as usize;
    Outgoing::new(scope, args.get(at), count)
}

/// `request(id, headers, count, options)`: the number of a new stream, or an error.
fn request(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let headers = headers(scope, &args, 1);
    let options = int(scope, &args, 3);
    with_session(scope, &args, |_, session| {
        let _scope = session.scope();
        let provider = Stream::provider_unless_empty(options);
        let provider = provider.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        let none = std::ptr::null_mut();
        // SAFETY: list and provider outlive the call, which copies them.
        let id = unsafe {
            nghttp2_submit_request2(session.ng(), std::ptr::null(), headers.as_ptr(), headers.len(), provider, none)
        };
        if id > 0 {
            let stream = Stream::add(session, id, NGHTTP2_HCAT_HEADERS as i32, options);
            stream.message.borrow_mut().answers(headers.method());
        }
        rv.set_int32(id);
    });
}

/// `settings(id, callback, entries)`: false where too many wait for their answer.
fn submit_settings(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let entries = settings::entries(args.get(2));
    with_session(scope, &args, |scope, session| {
        let awaited = Awaited::new(scope, args.get(1));
        if session.settings.borrow().len() >= session.limits.settings {
            awaited.done(scope, false, None);
            return rv.set_bool(false);
        }
        session.settings.borrow_mut().push_back(awaited);
        for entry in entries.iter().filter(|e| e.settings_id > 8 || e.settings_id == 7) {
            let mut custom = session.local_custom_settings.borrow_mut();
            custom.retain(|&(id, _)| i32::from(id) != entry.settings_id);
            custom.push((entry.settings_id as u16, entry.value));
        }
        if let Some(entry) = entries.iter().find(|e| e.settings_id == 8) {
            session.extended_connect.set(entry.value == 1);
        }
        let _scope = session.scope();
        // SAFETY: the entries outlive the call, which copies them.
        unsafe { nghttp2_submit_settings(session.ng(), 0, entries.as_ptr(), entries.len()) };
        rv.set_bool(true);
    });
}

/// `ping(id, callback, payload | undefined)`: false where too many wait for their answer.
fn ping(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    with_session(scope, &args, |scope, session| {
        let awaited = Awaited::new(scope, args.get(1));
        if session.pings.borrow().len() >= session.limits.pings {
            awaited.done(scope, false, None);
            return rv.set_bool(false);
        }
        session.pings.borrow_mut().push_back(awaited);
        let mut payload = event_loop::current().now().to_ne_bytes();
        if let Some(given) = binding::bytes(args.get(2)).filter(|b| b.len() == payload.len()) {
            payload.copy_from_slice(given);
        }
        let _scope = session.scope();
        // SAFETY: eight bytes.
        unsafe { nghttp2_submit_ping(session.ng(), 0, payload.as_ptr()) };
        rv.set_bool(true);
    });
}

/// `goaway(id, code, lastStreamId, data | undefined)`
fn goaway(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let (code, last) = (args.get(1).uint32_value(scope).unwrap_or(0), int(scope, &args, 2));
    with_session(scope, &args, |_, session| {
        if session.is_destroyed() {
            return;
        }
        let data = binding::bytes(args.get(3)).map_or(&[][..], |b| b);
        let _scope = session.scope();
        // SAFETY: the data outlive the call, which copies them.
        unsafe {
            let last = if last > 0 { last } else { nghttp2_session_get_last_proc_stream_id(session.ng()) };
            nghttp2_submit_goaway(session.ng(), 0, last, code, data.as_ptr(), data.len());
        }
    });
}

fn latin1(scope: &mut v8::PinScope, value: v8::Local<v8::Value>) -> Vec<u8> {
    let Some(text) = value.to_string(scope) else { return Vec::new() };
    let mut bytes = vec![0; text.length()];
    text.write_one_byte_v2(scope, 0, &mut bytes, v8::WriteFlags::default());
    bytes
}

/// `altsvc(id, streamId, origin, value)`
fn altsvc(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let id = int(scope, &args, 1);
    let (origin, value) = (latin1(scope, args.get(2)), latin1(scope, args.get(3)));
    with_session(scope, &args, |_, session| {
        let stream = session.stream(id).is_some();
        if origin.is_empty() != stream || value.is_empty() {
            return;
        }
        let _scope = session.scope();
        // SAFETY: both texts outlive the call, which copies them.
        unsafe {
            nghttp2_submit_altsvc(session.ng(), 0, id, origin.as_ptr(), origin.len(), value.as_ptr(), value.len());
        }
    });
}

/// `origin(id, origins)`: texts, each followed by NUL.
fn origin(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let mut text = latin1(scope, args.get(1));
    with_session(scope, &args, |_, session| {
        let parts = text.split_mut(|&b| b == 0).filter(|p| !p.is_empty());
        let list: Vec<_> =
            parts.map(|p| nghttp2_origin_entry { origin: p.as_mut_ptr(), origin_len: p.len() }).collect();
        let _scope = session.scope();
        // SAFETY: the list outlives the call, which copies it.
        unsafe { nghttp2_submit_origin(session.ng(), 0, list.as_ptr(), list.len()) };
    });
}

fn set_next_stream_id(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let id = int(scope, &args, 1);
    with_session(scope, &args, |_, session| {
        // SAFETY: a live session.
        rv.set_bool(unsafe { nghttp2_session_set_next_stream_id(session.ng(), id) } >= 0);
    });
}

fn set_local_window_size(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let size = int(scope, &args, 1);
    with_session(scope, &args, |_, session| {
        let _scope = session.scope();
        // SAFETY: a live session.
        rv.set_int32(unsafe { nghttp2_session_set_local_window_size(session.ng(), 0, 0, size) });
    });
}

pub fn set_numbers(scope: &mut v8::PinScope, rv: &mut v8::ReturnValue, numbers: &[f64]) {
    let numbers: Vec<v8::Local<v8::Value>> = numbers.iter().map(|&n| v8::Number::new(scope, n).into()).collect();
    rv.set(v8::Array::new_with_elements(scope, &numbers).into());
}

/// `currentSettings(id, remote)`: the values of ids 1 to 6 and 8, then custom ones as id and value.
fn current_settings(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let remote = args.get(1).is_true();
    with_session(scope, &args, |scope, session| {
        let get = if remote { nghttp2_session_get_remote_settings } else { nghttp2_session_get_local_settings };
        // SAFETY: a getter of a live session.
        let known = [1, 2, 3, 4, 5, 6, 8].map(|id| f64::from(unsafe { get(session.ng(), id) }));
        let custom = if remote { &session.remote_custom_settings } else { &session.local_custom_settings };
        let custom = custom.borrow();
        let custom = custom.iter().flat_map(|&(id, value)| [f64::from(id), f64::from(value)]);
        set_numbers(scope, &mut rv, &known.into_iter().chain(custom).collect::<Vec<_>>());
    });
}

/// `remoteSettingsVersion(id)`: changes when the peer's settings do.
fn remote_settings_version(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    with_session(scope, &args, |_, session| rv.set_uint32(session.remote_settings_version.get()));
}

/// `state(id)`: what `session.state` shows.
fn state(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    with_session(scope, &args, |scope, session| {
        let ng = session.ng();
        // SAFETY: getters of a live session.
        let numbers = unsafe {
            [
                f64::from(nghttp2_session_get_effective_local_window_size(ng)),
                f64::from(nghttp2_session_get_effective_recv_data_length(ng)),
                f64::from(nghttp2_session_get_next_stream_id(ng)),
                f64::from(nghttp2_session_get_local_window_size(ng)),
                f64::from(nghttp2_session_get_last_proc_stream_id(ng)),
                f64::from(nghttp2_session_get_remote_window_size(ng)),
                nghttp2_session_get_outbound_queue_size(ng) as f64,
                nghttp2_session_get_hd_deflate_dynamic_table_size(ng) as f64,
                nghttp2_session_get_hd_inflate_dynamic_table_size(ng) as f64,
            ]
        };
        set_numbers(scope, &mut rv, &numbers);
    });
}

/// `statistics(id)`: what a performance entry shows.
fn statistics(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    with_session(scope, &args, |scope, session| {
        let s = &session.statistics;
        let numbers = [
            s.start.elapsed().as_secs_f64() * 1e3,
            s.ping_rtt.get(),
            s.frames_received.get().into(),
            s.frames_sent.get().into(),
            s.streams.get().into(),
            s.average_duration.get(),
            s.sent.get() as f64,
            s.received.get() as f64,
            s.max_streams.get() as f64,
            if session.is_server() { 1.0 } else { 0.0 },
        ];
        set_numbers(scope, &mut rv, &numbers);
    });
}

/// `setInterest(id, bits)`: what JavaScript listens to.
fn set_interest(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let bits = int(scope, &args, 1) as u32;
    with_session(scope, &args, |_, session| session.interest.set(bits));
}

fn has_pending_data(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    with_session(scope, &args, |_, session| rv.set_bool(session.has_pending_data()));
}

fn set_graceful_close(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    with_session(scope, &args, |_, session| session.set_graceful());
}

/// `chunksSent(id, reset)`: writes to the transport since a stream was written to.
fn chunks_sent(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    with_session(scope, &args, |_, session| {
        if args.get(1).is_true() {
            session.chunks_sent.set(0);
        }
        rv.set_uint32(session.chunks_sent.get());
    });
}

/// `packSettings(entries)`: the payload of a SETTINGS frame, undefined where a value is not allowed.
fn pack_settings(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(payload) = settings::pack(&settings::entries(args.get(0))) {
        rv.set(binding::uint8_array(scope, payload).into());
    }
}

/// `errorString(code)`: nghttp2's text.
fn error_string(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let code = int(scope, &args, 0);
    // SAFETY: a static string.
    let text = unsafe { std::ffi::CStr::from_ptr(nghttp2_strerror(code)) };
    rv.set(binding::string(scope, &text.to_string_lossy()));
}

binding!("http2", [
    setup => setup,
    create => create,
    consume => consume,
    receive => receive,
    afterWrite => after_write,
    destroy => destroy,
    request => request,
    settings => submit_settings,
    ping => ping,
    goaway => goaway,
    altsvc => altsvc,
    origin => origin,
    setNextStreamID => set_next_stream_id,
    setLocalWindowSize => set_local_window_size,
    currentSettings => current_settings,
    remoteSettingsVersion => remote_settings_version,
    state => state,
    statistics => statistics,
    setInterest => set_interest,
    hasPendingData => has_pending_data,
    setGracefulClose => set_graceful_close,
    chunksSent => chunks_sent,
    packSettings => pack_settings,
    errorString => error_string,
    streamAttach => stream_api::attach,
    streamRespond => stream_api::respond,
    streamInform => stream_api::inform,
    streamTrailers => stream_api::trailers,
    streamPush => stream_api::push,
    streamReset => stream_api::reset,
    streamDestroy => stream_api::destroy,
    streamReadStart => stream_api::read_start,
    streamReadStop => stream_api::read_stop,
    streamWrite => stream_api::write,
    streamShutdown => stream_api::shutdown,
    streamState => stream_api::state,
    streamStatistics => stream_api::statistics,
]);
