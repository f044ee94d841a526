//! The functions of `internalBinding('http2')` that are about a stream: the first two arguments are session and stream number.

use super::Waiting;
use super::api::{Args, headers, set_numbers, with_session};
use super::ffi::*;
use super::session::Session;
use super::stream::Stream;
use crate::bindings::stream_handle::{Chunk, EOF, read_chunks, set_bytes};
use std::rc::Rc;
use std::time::Instant;

/// Runs `f` with the stream, unless it is gone.
fn with_stream(scope: &mut v8::PinScope, args: &Args, f: impl FnOnce(&mut v8::PinScope, &Rc<Session>, &Rc<Stream>)) {
    let id = args.get(1).int32_value(scope).unwrap_or(0);
    with_session(scope, args, |scope, session| {
        if let Some(stream) = session.stream(id) {
            f(scope, session, &stream);
        }
    });
}

/// `streamAttach(session, stream, handle)`: the object that the stream's calls arrive at.
pub fn attach(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    with_stream(scope, &args, |scope, _, stream| {
        let Ok(object) = v8::Local::<v8::Object>::try_from(args.get(2)) else { return };
        let context = scope.get_continuation_preserved_embedder_data();
        *stream.object.borrow_mut() = Some((v8::Global::new(scope, object), v8::Global::new(scope, context)));
    });
}

/// `streamRespond(session, stream, headers, count, options)`: 0 or an error.
pub fn respond(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let headers = headers(scope, &args, 2);
    let options = args.get(4).int32_value(scope).unwrap_or(0);
    rv.set_int32(NGHTTP2_ERR_INVALID_STREAM_ID);
    with_stream(scope, &args, |_, session, stream| rv.set_int32(stream.respond(session, &headers, options)));
}

/// `streamInform(session, stream, headers, count)`: 0 or an error.
pub fn inform(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let headers = headers(scope, &args, 2);
    with_stream(scope, &args, |_, session, stream| rv.set_int32(stream.inform(session, &headers)));
}

/// `streamTrailers(session, stream, headers, count)`: 0 or an error.
pub fn trailers(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let headers = headers(scope, &args, 2);
    with_stream(scope, &args, |_, session, stream| rv.set_int32(stream.trailers(session, &headers)));
}

/// `streamPush(session, stream, headers, count, options)`: the number of the promised stream, or an error.
pub fn push(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let headers = headers(scope, &args, 2);
    let options = args.get(4).int32_value(scope).unwrap_or(0);
    rv.set_int32(NGHTTP2_ERR_STREAM_CLOSED);
    with_stream(scope, &args, |_, session, stream| rv.set_int32(stream.push(session, &headers, options)));
}

/// `streamReset(session, stream, code)`
pub fn reset(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let code = args.get(2).uint32_value(scope).unwrap_or(0);
    with_stream(scope, &args, |scope, session, stream| stream.reset(scope, session, code));
}

/// `streamDestroy(session, stream)`
pub fn destroy(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    with_stream(scope, &args, |_, session, stream| stream.destroy(session));
}

pub fn read_start(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    rv.set_int32(0);
    with_stream(scope, &args, |_, session, stream| stream.read_start(session));
}

pub fn read_stop(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    rv.set_int32(0);
    with_stream(scope, &args, |_, _, stream| stream.read_stop());
}

/// `streamWrite(session, stream, request, chunks)`: views, or strings each followed by its encoding's number. 1: the request is
/// told when they are written; negative: errno. Sets the request's `bytes`.
pub fn write(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    rv.set_int32(EOF);
    with_stream(scope, &args, |scope, session, stream| {
        let (Some(waiting), Some(chunks)) = (Waiting::new(scope, args.get(2)), read_chunks(scope, args.get(3))) else {
            return rv.set_int32(-libc::EINVAL);
        };
        let length: usize = chunks.iter().map(Chunk::len).sum();
        set_bytes(scope, args.get(2), length);
        session.chunks_sent.set(0);
        if stream.write(session, chunks, waiting) {
            rv.set_int32(1);
        }
    });
}

/// `streamShutdown(session, stream)`: true: the body ends after what is queued.
pub fn shutdown(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    rv.set_bool(false);
    with_stream(scope, &args, |_, session, stream| rv.set_bool(stream.shutdown(session)));
}

/// `streamState(session, stream)`: what `stream.state` shows.
pub fn state(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    with_stream(scope, &args, |scope, session, stream| {
        let (ng, id) = (session.ng(), stream.id);
        // SAFETY: getters of a live session; the stream is null where nghttp2 has closed it.
        let numbers = unsafe {
            let raw = nghttp2_session_find_stream(ng, id);
            if raw.is_null() {
                [f64::from(NGHTTP2_STREAM_STATE_IDLE as i32), 0.0, 0.0, 0.0, 0.0, 0.0]
            } else {
                [
                    f64::from(nghttp2_stream_get_state(raw) as i32),
                    f64::from(nghttp2_stream_get_weight(raw)),
                    f64::from(nghttp2_stream_get_sum_dependency_weight(raw)),
                    f64::from(nghttp2_session_get_stream_local_close(ng, id)),
                    f64::from(nghttp2_session_get_stream_remote_close(ng, id)),
                    f64::from(nghttp2_session_get_stream_local_window_size(ng, id)),
                ]
            }
        };
        set_numbers(scope, &mut rv, &numbers);
    });
}

/// `streamStatistics(session, stream)`: what a performance entry shows.
pub fn statistics(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    with_stream(scope, &args, |scope, _, stream| {
        let s = &stream.statistics;
        let since = |t: Option<Instant>| t.map_or(0.0, |t| (t - s.start).as_secs_f64() * 1e3);
        let numbers = [
            s.start.elapsed().as_secs_f64() * 1e3,
            since(s.first_byte.get()),
            since(s.first_byte_sent.get()),
            since(s.first_header.get()),
            s.sent.get() as f64,
            s.received.get() as f64,
        ];
        set_numbers(scope, &mut rv, &numbers);
    });
}
