//! What nghttp2 calls while it reads and writes.

use super::ffi::*;
use super::messaging::Field;
use super::scope;
use super::session::{Session, interest};
use super::settings::{Options, Padding};
use super::stream::Stream;
use crate::bindings::stream_handle::EOF;
use crate::{binding, event_loop};
use std::ffi::{c_char, c_int, c_void};
use std::rc::Rc;
use std::time::Instant;

type Ng = nghttp2_session;
type Frame = nghttp2_frame;

const TOO_MANY_INVALID_FRAMES: &str = "ERR_HTTP2_TOO_MANY_INVALID_FRAMES";

/// The session behind a `user_data`.
fn session_of(user: *mut c_void) -> Rc<Session> {
    let session = user.cast_const().cast::<Session>();
    // SAFETY: the pointer is to the inside of an Rc that is alive: it owns the nghttp2 session that calls.
    unsafe {
        Rc::increment_strong_count(session);
        Rc::from_raw(session)
    }
}

/// Makes nghttp2's session for ours, which does not move.
pub fn new_session(session: &Rc<Session>, server: bool, options: &Options) -> *mut Ng {
    let user = Rc::as_ptr(session).cast_mut().cast();
    let mut memory = session.memory.functions();
    let (mut callbacks, mut ng) = (std::ptr::null_mut(), std::ptr::null_mut());
    // SAFETY: each call gets what the one before made; nghttp2 copies callbacks, options and allocator.
    unsafe {
        assert_eq!(nghttp2_session_callbacks_new(&mut callbacks), 0, "out of memory");
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, Some(on_begin_headers));
        nghttp2_session_callbacks_set_on_header_callback2(callbacks, Some(on_header));
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Some(on_frame));
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Some(on_stream_close));
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Some(on_data));
        nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks, Some(on_frame_not_sent));
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, Some(on_frame_sent));
        nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, Some(on_invalid_frame));
        nghttp2_session_callbacks_set_send_data_callback(callbacks, Some(send_data));
        nghttp2_session_callbacks_set_error_callback2(callbacks, Some(on_error));
        if session.limits.padding != Padding::None {
            nghttp2_session_callbacks_set_select_padding_callback2(callbacks, Some(select_padding));
        }
        let make = if server { nghttp2_session_server_new3 } else { nghttp2_session_client_new3 };
        assert_eq!(make(&mut ng, callbacks, user, options.as_ptr(), &mut memory), 0, "out of memory");
        nghttp2_session_callbacks_del(callbacks);
    }
    ng
}

/// The stream that a frame is about: for PUSH_PROMISE the promised one.
fn stream_id(frame: &Frame) -> i32 {
    // SAFETY: every member of the union begins with the header, whose type says which one it is.
    unsafe {
        if u32::from(frame.hd.type_) == NGHTTP2_PUSH_PROMISE {
            frame.push_promise.promised_stream_id
        } else {
            frame.hd.stream_id
        }
    }
}

/// A callback's frame.
fn frame_of<'a>(frame: *const Frame) -> &'a Frame {
    // SAFETY: nghttp2 gives callbacks a frame that lives until they return.
    unsafe { &*frame }
}

unsafe extern "C" fn on_begin_headers(_: *mut Ng, frame: *const Frame, user: *mut c_void) -> c_int {
    let (session, frame) = (session_of(user), frame_of(frame));
    let id = stream_id(frame);
    // SAFETY: a HEADERS or PUSH_PROMISE frame; the category of the latter is not read.
    let category = unsafe {
        if u32::from(frame.hd.type_) == NGHTTP2_HEADERS {
            frame.headers.cat as i32
        } else {
            NGHTTP2_HCAT_REQUEST as i32
        }
    };
    match session.stream(id) {
        Some(stream) => {
            stream.start_headers(&session, category);
            begin_block(&session, &stream, frame);
        }
        None if session.can_add_stream() => {
            let stream = Stream::add(&session, id, category, 0);
            begin_block(&session, &stream, frame);
            session.rejected_streams.set(0);
        }
        None => {
            let rejected = session.rejected_streams.get();
            session.rejected_streams.set(rejected + 1);
            if rejected > session.limits.rejected_streams {
                return NGHTTP2_ERR_CALLBACK_FAILURE;
            }
            // SAFETY: a live session and the stream's number.
            unsafe { nghttp2_submit_rst_stream(session.ng(), 0, id, NGHTTP2_ENHANCE_YOUR_CALM) };
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        }
    }
    0
}

/// The bytes of a reference-counted buffer.
fn buffer<'a>(buffer: *mut nghttp2_rcbuf) -> &'a [u8] {
    // SAFETY: the buffer lives until the callback that got it returns.
    unsafe {
        let vec = nghttp2_rcbuf_get_buf(buffer);
        slice(vec.base, vec.len)
    }
}

/// A slice of nghttp2's, which may be null where it is empty.
///
/// # Safety
/// `data` has `length` bytes that outlive the callback.
unsafe fn slice<'a>(data: *const u8, length: usize) -> &'a [u8] {
    if length == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { std::slice::from_raw_parts(data, length) }
}

unsafe extern "C" fn on_header(
    _: *mut Ng,
    frame: *const Frame,
    name: *mut nghttp2_rcbuf,
    value: *mut nghttp2_rcbuf,
    flags: u8,
    user: *mut c_void,
) -> c_int {
    let session = session_of(user);
    // Closed while its headers were being read.
    let Some(stream) = session.stream(stream_id(frame_of(frame))) else {
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    };
    let verdict = stream.message.borrow_mut().field(buffer(name), buffer(value));
    match verdict {
        Field::Drop => return 0,
        Field::Refuse => {
            if refuse(&session, &stream) {
                return NGHTTP2_ERR_CALLBACK_FAILURE;
            }
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
        }
        Field::Keep => {}
    }
    if !stream.add_header(&session, buffer(name), buffer(value), flags) {
        stream.reset(scope(), &session, NGHTTP2_ENHANCE_YOUR_CALM);
        return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    0
}

/// Tells a stream's message what kind of block begins.
fn begin_block(session: &Session, stream: &Stream, frame: &Frame) {
    // SAFETY: every frame has a header.
    let promised = u32::from(unsafe { frame.hd.type_ }) == NGHTTP2_PUSH_PROMISE;
    let mut message = stream.message.borrow_mut();
    if promised || (session.is_server() && stream.category.get() == NGHTTP2_HCAT_REQUEST as i32) {
        message.begin_request(session.extended_connect.get(), promised);
    } else if session.is_server() {
        message.begin_trailers();
    } else {
        message.begin_response();
    }
}

/// A malformed message: resets its stream. True where there were too many of them.
fn refuse(session: &Session, stream: &Stream) -> bool {
    stream.malformed.set(true);
    // SAFETY: a live session and the stream's number.
    unsafe { nghttp2_submit_rst_stream(session.ng(), 0, stream.id, NGHTTP2_PROTOCOL_ERROR) };
    too_many_invalid_frames(session)
}

unsafe extern "C" fn on_frame(_: *mut Ng, frame: *const Frame, user: *mut c_void) -> c_int {
    let (session, frame) = (session_of(user), frame_of(frame));
    let received = &session.statistics.frames_received;
    received.set(received.get() + 1);
    v8::scope!(let scope, scope());
    // SAFETY: the header says which member of the union it is.
    unsafe {
        match i32::from(frame.hd.type_) as u32 {
            t if t == NGHTTP2_DATA => return data_frame(scope, &session, frame),
            t if t == NGHTTP2_HEADERS || t == NGHTTP2_PUSH_PROMISE => return headers_frame(scope, &session, frame),
            t if t == NGHTTP2_SETTINGS => settings_frame(scope, &session, frame),
            t if t == NGHTTP2_PRIORITY => priority_frame(scope, &session, frame),
            t if t == NGHTTP2_GOAWAY => goaway_frame(scope, &session, frame),
            t if t == NGHTTP2_PING => ping_frame(scope, &session, frame),
            t if t == NGHTTP2_RST_STREAM => {
                if let Some(stream) = session.stream(frame.hd.stream_id) {
                    stream.peer_reset.set(true);
                }
            }
            t if t == NGHTTP2_ALTSVC => altsvc_frame(scope, &session, frame),
            t if t == NGHTTP2_ORIGIN => origin_frame(scope, &session, frame),
            _ => {}
        }
    }
    0
}

unsafe fn data_frame(scope: &mut v8::PinScope, session: &Rc<Session>, frame: &Frame) -> c_int {
    // SAFETY: every frame has a header.
    let (id, flags, length) = unsafe { (frame.hd.stream_id, frame.hd.flags, frame.hd.length) };
    if flags & NGHTTP2_FLAG_END_STREAM as u8 != 0 {
        if let Some(stream) = session.stream(id) {
            if !stream.message.borrow().end() {
                return if refuse(session, &stream) { NGHTTP2_ERR_CALLBACK_FAILURE } else { 0 };
            }
            let eof = v8::Integer::new(scope, EOF).into();
            let none = v8::undefined(scope).into();
            stream.call(scope, session, |calls| &calls.on_read, &[eof, none]);
        }
    } else if length == 0 && too_many_invalid_frames(session) {
        return 1;
    }
    0
}

/// Counts a frame that is good for nothing.
fn too_many_invalid_frames(session: &Session) -> bool {
    let n = session.invalid_frames.get();
    session.invalid_frames.set(n + 1);
    if n > session.limits.invalid_frames {
        session.error_name.set(Some(TOO_MANY_INVALID_FRAMES));
        return true;
    }
    false
}

unsafe fn headers_frame(scope: &mut v8::PinScope, session: &Rc<Session>, frame: &Frame) -> c_int {
    let Some(stream) = session.stream(stream_id(frame)) else { return 0 };
    // SAFETY: every frame has a header.
    let flags = unsafe { frame.hd.flags };
    // PUSH_PROMISE has no such flag.
    let last = flags & NGHTTP2_FLAG_END_STREAM as u8 != 0;
    if !stream.message.borrow_mut().end_block(last) {
        return if refuse(session, &stream) { NGHTTP2_ERR_CALLBACK_FAILURE } else { 0 };
    }
    let headers = stream.take_headers(session);
    let (list, sensitive) = headers.to_arrays(scope);
    let id = v8::Integer::new(scope, stream.id).into();
    let category = v8::Integer::new(scope, stream.category.get()).into();
    let flags = v8::Integer::new(scope, flags.into()).into();
    let args = [id, category, flags, list.into(), sensitive.into()];
    let context = stream.object.borrow().as_ref().map(|(_, context)| context.clone());
    match context {
        Some(context) => {
            let object = session.object(scope).into();
            let args: Vec<_> = std::iter::once(object).chain(args).collect();
            session.call_in(scope, &context, |calls| &calls.on_headers, &args);
        }
        None => {
            session.call(scope, |calls| &calls.on_headers, &args);
        }
    }
    0
}

unsafe fn settings_frame(scope: &mut v8::PinScope, session: &Rc<Session>, frame: &Frame) {
    // SAFETY: a SETTINGS frame.
    let (flags, settings) = unsafe { (frame.hd.flags, frame.settings) };
    if flags & NGHTTP2_FLAG_ACK as u8 != 0 {
        let awaited = session.settings.borrow_mut().pop_front();
        return match awaited {
            Some(awaited) => {
                awaited.done(scope, true, None);
            }
            None => session.fail(scope, NGHTTP2_ERR_PROTO),
        };
    }
    session.remote_settings_version.set(session.remote_settings_version.get() + 1);
    for i in 0..settings.niv {
        // SAFETY: the frame has `niv` entries.
        let entry = unsafe { *settings.iv.add(i) };
        let id = entry.settings_id as u16;
        if session.limits.remote_custom_settings.contains(&id) {
            let mut custom = session.remote_custom_settings.borrow_mut();
            custom.retain(|&(other, _)| other != id);
            custom.push((id, entry.value));
        }
    }
    if session.interest.get() & interest::REMOTE_SETTINGS != 0 {
        session.call(scope, |calls| &calls.on_settings, &[]);
    }
}

unsafe fn ping_frame(scope: &mut v8::PinScope, session: &Rc<Session>, frame: &Frame) {
    // SAFETY: a PING frame.
    let (flags, payload) = unsafe { (frame.hd.flags, frame.ping.opaque_data) };
    if flags & NGHTTP2_FLAG_ACK as u8 != 0 {
        let awaited = session.pings.borrow_mut().pop_front();
        return match awaited {
            Some(awaited) => {
                session.statistics.ping_rtt.set(awaited.age());
                awaited.done(scope, true, Some(&payload));
            }
            // Nobody asked: a mistake of the peer's, or an attempt to keep us busy.
            None => session.fail(scope, NGHTTP2_ERR_PROTO),
        };
    }
    if session.interest.get() & interest::PING != 0 {
        let payload = binding::uint8_array(scope, payload.to_vec()).into();
        session.call(scope, |calls| &calls.on_ping, &[payload]);
    }
}

unsafe fn goaway_frame(scope: &mut v8::PinScope, session: &Rc<Session>, frame: &Frame) {
    // SAFETY: a GOAWAY frame with its data.
    let (goaway, data) = unsafe {
        let goaway = frame.goaway;
        (goaway, slice(goaway.opaque_data, goaway.opaque_data_len))
    };
    let code = v8::Integer::new_from_unsigned(scope, goaway.error_code).into();
    let last = v8::Integer::new(scope, goaway.last_stream_id).into();
    let data: v8::Local<v8::Value> =
        if data.is_empty() { v8::undefined(scope).into() } else { binding::uint8_array(scope, data.to_vec()).into() };
    session.call(scope, |calls| &calls.on_goaway, &[code, last, data]);
}

unsafe fn priority_frame(scope: &mut v8::PinScope, session: &Rc<Session>, frame: &Frame) {
    if session.interest.get() & interest::PRIORITY == 0 {
        return;
    }
    // SAFETY: a PRIORITY frame.
    let (id, spec) = unsafe { (frame.hd.stream_id, frame.priority.pri_spec) };
    let id = v8::Integer::new(scope, id).into();
    let parent = v8::Integer::new(scope, spec.stream_id).into();
    let weight = v8::Integer::new(scope, spec.weight).into();
    let exclusive = v8::Boolean::new(scope, spec.exclusive != 0).into();
    session.call(scope, |calls| &calls.on_priority, &[id, parent, weight, exclusive]);
}

fn latin1<'s>(scope: &mut v8::PinScope<'s, '_>, bytes: &[u8]) -> v8::Local<'s, v8::Value> {
    let text = v8::String::new_from_one_byte(scope, bytes, v8::NewStringType::Normal);
    text.unwrap_or_else(|| v8::String::empty(scope)).into()
}

unsafe fn altsvc_frame(scope: &mut v8::PinScope, session: &Rc<Session>, frame: &Frame) {
    if session.interest.get() & interest::ALTSVC == 0 {
        return;
    }
    // SAFETY: an ALTSVC frame, whose payload is nghttp2's struct of that.
    let (id, origin, value) = unsafe {
        let payload = *frame.ext.payload.cast::<nghttp2_ext_altsvc>();
        let value = slice(payload.field_value, payload.field_value_len);
        (frame.hd.stream_id, slice(payload.origin, payload.origin_len), value)
    };
    let id = v8::Integer::new(scope, id).into();
    let (origin, value) = (latin1(scope, origin), latin1(scope, value));
    session.call(scope, |calls| &calls.on_altsvc, &[id, origin, value]);
}

unsafe fn origin_frame(scope: &mut v8::PinScope, session: &Rc<Session>, frame: &Frame) {
    // SAFETY: an ORIGIN frame, whose payload is nghttp2's struct with `nov` entries.
    let origins: Vec<&[u8]> = unsafe {
        let payload = *frame.ext.payload.cast::<nghttp2_ext_origin>();
        let entry = |i: usize| *payload.ov.add(i);
        (0..payload.nov).map(|i| slice(entry(i).origin, entry(i).origin_len)).collect()
    };
    let origins: Vec<_> = origins.into_iter().map(|o| latin1(scope, o)).collect();
    let origins = v8::Array::new_with_elements(scope, &origins).into();
    session.call(scope, |calls| &calls.on_origin, &[origins]);
}

unsafe extern "C" fn on_stream_close(_: *mut Ng, id: i32, code: u32, user: *mut c_void) -> c_int {
    v8::scope!(let scope, scope());
    close_stream(scope, &session_of(user), id, code);
    0
}

fn close_stream(scope: &mut v8::PinScope, session: &Rc<Session>, id: i32, code: u32) {
    let Some(stream) = session.stream(id) else { return };
    // nghttp2 may find that both sides have ended before our reset is sent.
    let code = if stream.malformed.get() { NGHTTP2_PROTOCOL_ERROR } else { code };
    // Not in the middle of what is still to be written, trailers for example.
    // SAFETY: a getter of a live session.
    if code == NGHTTP2_NO_ERROR && unsafe { nghttp2_session_want_write(session.ng()) } != 0 {
        let session = session.clone();
        event_loop::current().enqueue_check(move |scope| close_stream(scope, &session, id, code));
        return;
    }
    let code = v8::Integer::new_from_unsigned(scope, code).into();
    let reset = v8::Boolean::new(scope, stream.peer_reset.get()).into();
    let known = stream.call(scope, session, |calls| &calls.on_stream_close, &[code, reset]);
    if known.is_none_or(|known| known.is_false()) {
        stream.destroy(session);
    }
}

unsafe extern "C" fn on_data(_: *mut Ng, _: u8, id: i32, data: *const u8, length: usize, user: *mut c_void) -> c_int {
    if length == 0 {
        return 0;
    }
    let session = session_of(user);
    // SAFETY: what was received on the connection; the stream's own window opens when JavaScript took the data.
    let bytes = unsafe {
        nghttp2_session_consume_connection(session.ng(), length);
        slice(data, length)
    };
    let Some(stream) = session.stream(id) else { return 0 };
    if !stream.message.borrow_mut().body(length) {
        // More than was announced: for Node that is an error of the connection.
        session.connection_error.set(NGHTTP2_ERR_PROTO);
        return if refuse(&session, &stream) { NGHTTP2_ERR_CALLBACK_FAILURE } else { 0 };
    }
    let statistics = &stream.statistics;
    statistics.first_byte.set(statistics.first_byte.get().or_else(|| Some(Instant::now())));
    statistics.received.set(statistics.received.get() + length as u64);
    v8::scope!(let scope, scope());
    let store = v8::ArrayBuffer::new_backing_store_from_vec(bytes.to_vec()).make_shared();
    let buffer = v8::ArrayBuffer::with_backing_store(scope, &store).into();
    let nread = v8::Integer::new(scope, length as i32).into();
    stream.call(scope, &session, |calls| &calls.on_read, &[nread, buffer]);
    stream.delivered(&session, length);
    if session.out_length() > 4096 || stream.available() > 4096 {
        session.send_pending(scope);
    }
    if session.is_writing() {
        // What we have to say must go out before more of the peer's is heard.
        session.receive_paused.set(true);
        return NGHTTP2_ERR_PAUSE;
    }
    0
}

/// The code that a frame which was not sent is told with.
fn frame_error_code(code: c_int) -> u32 {
    match code {
        NGHTTP2_ERR_STREAM_CLOSED => NGHTTP2_STREAM_CLOSED,
        NGHTTP2_ERR_HEADER_COMP => NGHTTP2_COMPRESSION_ERROR,
        NGHTTP2_ERR_FRAME_SIZE_ERROR => NGHTTP2_FRAME_SIZE_ERROR,
        NGHTTP2_ERR_FLOW_CONTROL => NGHTTP2_FLOW_CONTROL_ERROR,
        NGHTTP2_ERR_REFUSED_STREAM => NGHTTP2_REFUSED_STREAM,
        NGHTTP2_ERR_PROTO | NGHTTP2_ERR_HTTP_HEADER | NGHTTP2_ERR_HTTP_MESSAGING => NGHTTP2_PROTOCOL_ERROR,
        _ => NGHTTP2_INTERNAL_ERROR,
    }
}

unsafe extern "C" fn on_frame_not_sent(_: *mut Ng, frame: *const Frame, code: c_int, user: *mut c_void) -> c_int {
    let (session, frame) = (session_of(user), frame_of(frame));
    let expected = [NGHTTP2_ERR_SESSION_CLOSING, NGHTTP2_ERR_STREAM_CLOSED, NGHTTP2_ERR_STREAM_CLOSING];
    if expected.contains(&(code as _)) {
        return 0;
    }
    v8::scope!(let scope, scope());
    let id = v8::Integer::new(scope, stream_id(frame)).into();
    // SAFETY: every frame has a header.
    let kind = v8::Integer::new(scope, unsafe { frame.hd.type_ }.into()).into();
    let code = v8::Integer::new_from_unsigned(scope, frame_error_code(code)).into();
    session.call(scope, |calls| &calls.on_frame_error, &[id, kind, code]);
    0
}

unsafe extern "C" fn on_frame_sent(_: *mut Ng, _: *const Frame, user: *mut c_void) -> c_int {
    let session = session_of(user);
    let sent = &session.statistics.frames_sent;
    sent.set(sent.get() + 1);
    0
}

unsafe extern "C" fn on_invalid_frame(_: *mut Ng, _: *const Frame, code: c_int, user: *mut c_void) -> c_int {
    let session = session_of(user);
    if too_many_invalid_frames(&session) {
        return 1;
    }
    // SAFETY: a function of a number.
    let fatal = unsafe { nghttp2_is_fatal(code) } != 0;
    if fatal || code == NGHTTP2_ERR_STREAM_CLOSED || code == NGHTTP2_ERR_PROTO {
        session.connection_error.set(code);
    }
    0
}

unsafe extern "C" fn on_error(_: *mut Ng, code: c_int, _: *const c_char, _: usize, user: *mut c_void) -> c_int {
    // The peer does not speak HTTP/2.
    if code == NGHTTP2_ERR_SETTINGS_EXPECTED {
        session_of(user).connection_error.set(NGHTTP2_ERR_PROTO);
    }
    0
}

/// Where the bytes of DATA frames come from.
pub unsafe extern "C" fn read_data(
    _: *mut Ng,
    id: i32,
    _: *mut u8,
    length: usize,
    flags: *mut u32,
    _: *mut nghttp2_data_source,
    user: *mut c_void,
) -> nghttp2_ssize {
    let session = session_of(user);
    let Some(stream) = session.stream(id) else { return NGHTTP2_ERR_DEFERRED as nghttp2_ssize };
    v8::scope!(let scope, scope());
    // SAFETY: nghttp2's own flags, for this call.
    stream.provide(scope, &session, length, unsafe { &mut *flags })
}

unsafe extern "C" fn send_data(
    _: *mut Ng,
    frame: *mut Frame,
    head: *const u8,
    length: usize,
    _: *mut nghttp2_data_source,
    user: *mut c_void,
) -> c_int {
    const HEAD: usize = 9;
    let (session, frame) = (session_of(user), frame_of(frame));
    // SAFETY: a DATA frame, and the bytes of its header.
    let (id, padding, head) =
        unsafe { (frame.hd.stream_id, frame.data.padlen, std::slice::from_raw_parts(head, HEAD)) };
    let Some(stream) = session.stream(id) else { return 0 };
    session.push_bytes(head);
    if padding > 0 {
        session.push_bytes(&[(padding - 1) as u8]);
    }
    stream.send(&session, length);
    if padding > 0 {
        session.push_bytes(&[0; 256][..padding - 1]);
    }
    0
}

unsafe extern "C" fn select_padding(_: *mut Ng, frame: *const Frame, max: usize, user: *mut c_void) -> nghttp2_ssize {
    // SAFETY: every frame has a header.
    let length = unsafe { frame_of(frame).hd.length };
    let padded = match session_of(user).limits.padding {
        Padding::None => length,
        Padding::Max => max,
        Padding::Aligned => {
            let over = (length + 9) % 8;
            if over == 0 { length } else { (length + 8 - over).min(max) }
        }
    };
    padded as nghttp2_ssize
}
