//! The functions of `internalBinding('stream_handle')`: the first argument is always a stream's number.

use super::write::{Chunk, duplicate};
use super::{CALLS, Calls, EOF, Request, Stream, find};
use crate::binding;
use std::os::fd::OwnedFd;
use std::rc::Rc;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// The stream of the first argument; sets -EBADF where it is closed.
pub fn stream_of(scope: &mut v8::PinScope, args: &Args, rv: &mut v8::ReturnValue) -> Option<Rc<Stream>> {
    let stream = args.get(0).int32_value(scope).and_then(find);
    if stream.is_none() {
        rv.set_int32(-libc::EBADF);
    }
    stream
}

fn setup(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let function = |scope: &mut v8::PinScope, i| {
        let f = v8::Local::<v8::Function>::try_from(args.get(i)).expect("stream_handle.setup: a function");
        v8::Global::new(scope, f)
    };
    let calls = Calls {
        on_read: function(scope, 0),
        on_connection: function(scope, 1),
        on_request: function(scope, 2),
        on_close: function(scope, 3),
    };
    CALLS.with(|c| *c.borrow_mut() = Some(Rc::new(calls)));
}

fn read_start(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(stream) = stream_of(scope, &args, &mut rv) {
        rv.set_int32(stream.set_reading(true));
    }
}

fn read_stop(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(stream) = stream_of(scope, &args, &mut rv) {
        rv.set_int32(stream.set_reading(false));
    }
}

fn set_read_limit(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(stream) = stream_of(scope, &args, &mut rv) {
        stream.set_read_limit(args.get(1).uint32_value(scope).unwrap_or(0) as usize);
        rv.set_int32(0);
    }
}

fn shutdown(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(stream) = stream_of(scope, &args, &mut rv)
        && let Some(request) = Request::new(scope, args.get(1))
    {
        rv.set_int32(stream.shutdown(request));
    }
}

/// Appends a string in an encoding that `net` gives to handles.
pub fn encode_into(scope: &mut v8::PinScope, out: &mut Vec<u8>, text: v8::Local<v8::String>, encoding: i32) {
    let start = out.len();
    match encoding {
        LATIN1 => {
            out.resize(start + text.length(), 0);
            text.write_one_byte_v2(scope, 0, &mut out[start..], v8::WriteFlags::default());
        }
        UCS2 => {
            let mut units = vec![0u16; text.length()];
            text.write_v2(scope, 0, &mut units, v8::WriteFlags::default());
            out.extend(units.iter().flat_map(|u| u.to_le_bytes()));
        }
        _ => {
            if text.is_onebyte() {
                out.resize(start + text.length(), 0);
                text.write_one_byte_v2(scope, 0, &mut out[start..], v8::WriteFlags::default());
                if out[start..].is_ascii() {
                    return;
                }
            }
            out.resize(start + text.utf8_length(scope), 0);
            let n = text.write_utf8_v2(scope, &mut out[start..], v8::WriteFlags::kReplaceInvalidUtf8, None);
            out.truncate(start + n);
        }
    }
}

/// The bytes of a string in such an encoding.
fn encode(scope: &mut v8::PinScope, text: v8::Local<v8::String>, encoding: i32) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_into(scope, &mut bytes, text, encoding);
    bytes
}

pub const UTF8: i32 = 0;
pub const LATIN1: i32 = 1;
const UCS2: i32 = 2;

/// A copy of the descriptor that is to travel with a write, if there is one.
fn passed_descriptor(scope: &mut v8::PinScope, args: &Args, at: i32) -> Option<OwnedFd> {
    let fd = args.get(at).int32_value(scope).filter(|_| args.get(at).is_number())?;
    if fd >= 0 { duplicate(fd) } else { None }
}

/// `writeBuffer(id, req, view, passedFd)`: 0 done, 1 queued, or errno; a descriptor >= 0 goes with it.
fn write_buffer(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(stream) = stream_of(scope, &args, &mut rv) else { return };
    let passing = passed_descriptor(scope, &args, 3);
    let mut written = 0;
    if passing.is_none()
        && let Some(bytes) = binding::bytes(args.get(2))
    {
        // Most go out at once: nothing has to be kept for them.
        let n = stream.try_write(&[bytes]);
        if n < 0 || n as usize == bytes.len() {
            return rv.set_int32(n.min(0) as i32);
        }
        written = n as usize;
    }
    let Some(mut chunk) = Chunk::from_view(args.get(2)) else { return rv.set_int32(-libc::EINVAL) };
    if written > 0 {
        chunk.split_to(written);
    }
    rv.set_int32(stream.write(vec![chunk], || Request::new(scope, args.get(1)), passing));
}

/// A string in the encoding of that number; `None` where it is no string.
pub fn text_chunk(
    scope: &mut v8::PinScope,
    text: v8::Local<v8::Value>,
    encoding: v8::Local<v8::Value>,
) -> Option<Chunk> {
    let text = v8::Local::<v8::String>::try_from(text).ok()?;
    let encoding = encoding.int32_value(scope).unwrap_or(UTF8);
    Some(Chunk::Owned(encode(scope, text, encoding)))
}

/// `writeString(id, req, text, encoding, passedFd)`: as writeBuffer; a descriptor >= 0 goes with it.
fn write_string(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(stream) = stream_of(scope, &args, &mut rv) else { return };
    let passing = passed_descriptor(scope, &args, 4);
    if passing.is_none()
        && let Ok(text) = v8::Local::<v8::String>::try_from(args.get(2))
        && text.length() <= super::message::COPIED
    {
        let encoding = args.get(3).int32_value(scope).unwrap_or(UTF8);
        return rv.set_int32(super::message::write_text(scope, &stream, args.get(1), text, encoding));
    }
    let Some(chunk) = text_chunk(scope, args.get(2), args.get(3)) else { return rv.set_int32(-libc::EINVAL) };
    let length = chunk.len();
    let result = stream.write(vec![chunk], || Request::new(scope, args.get(1)), passing);
    if result == 1 {
        set_bytes(scope, args.get(1), length);
    }
    rv.set_int32(result);
}

/// Views, or strings each followed by its encoding's number; `None` where something else is among them.
pub fn read_chunks(scope: &mut v8::PinScope, list: v8::Local<v8::Value>) -> Option<Vec<Chunk>> {
    let list = v8::Local::<v8::Array>::try_from(list).ok()?;
    let mut chunks = Vec::with_capacity(list.length() as usize);
    let mut i = 0;
    while i < list.length() {
        let item = list.get_index(scope, i)?;
        i += 1;
        if item.is_string() {
            let encoding = list.get_index(scope, i)?;
            i += 1;
            chunks.push(text_chunk(scope, item, encoding)?);
        } else {
            chunks.push(Chunk::from_view(item)?);
        }
    }
    Some(chunks)
}

/// `writev(id, req, chunks)`: as writeBuffer; `req.bytes` is set where it is queued.
fn writev(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(stream) = stream_of(scope, &args, &mut rv) else { return };
    if let Some(result) = super::message::write_gathered(scope, &stream, args.get(1), args.get(2)) {
        return rv.set_int32(result);
    }
    let Some(chunks) = read_chunks(scope, args.get(2)) else { return rv.set_int32(-libc::EINVAL) };
    let length = chunks.iter().map(Chunk::len).sum();
    let result = stream.write(chunks, || Request::new(scope, args.get(1)), None);
    if result == 1 {
        set_bytes(scope, args.get(1), length);
    }
    rv.set_int32(result);
}

/// Notes on a request how many bytes it writes.
pub fn set_bytes(scope: &mut v8::PinScope, request: v8::Local<v8::Value>, length: usize) {
    if let Ok(request) = v8::Local::<v8::Object>::try_from(request) {
        let request = v8::Local::new(scope, request);
        binding::set_number(scope, request, "bytes", length as f64);
    }
}

fn close(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(stream) = stream_of(scope, &args, &mut rv) {
        let reset = args.get(1).is_true();
        rv.set_int32(stream.close(reset));
    }
}

fn set_ref(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(stream) = stream_of(scope, &args, &mut rv) {
        stream.wants_ref.set(args.get(1).is_true());
        stream.update();
    }
}

fn has_ref(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let stream = stream_of(scope, &args, &mut rv);
    rv.set_bool(stream.is_some_and(|s| s.wants_ref.get()));
}

/// `activeHandles()`: the objects of all streams that are open and not unref'd.
fn active_handles(scope: &mut v8::PinScope, _: Args, mut rv: v8::ReturnValue) {
    let open: Vec<_> = super::all().into_iter().filter(|s| s.wants_ref.get() && s.fd() >= 0).collect();
    let objects: Vec<v8::Local<v8::Value>> = open.iter().map(|s| v8::Local::new(scope, &s.object).into()).collect();
    rv.set(v8::Array::new_with_elements(scope, &objects).into());
}

fn fd(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(stream) = stream_of(scope, &args, &mut rv) {
        rv.set_int32(stream.fd());
    }
}

fn bytes_read(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(stream) = stream_of(scope, &args, &mut rv) {
        rv.set_double(stream.bytes_read.get() as f64);
    }
}

fn bytes_written(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(stream) = stream_of(scope, &args, &mut rv) {
        rv.set_double(stream.bytes_written.get() as f64);
    }
}

fn write_queue_size(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(stream) = stream_of(scope, &args, &mut rv) {
        rv.set_double(stream.queued() as f64);
    }
}

fn set_blocking(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(stream) = stream_of(scope, &args, &mut rv) {
        rv.set_int32(stream.set_blocking(args.get(1).is_true()));
    }
}

/// `open(id, fd)`: takes over a descriptor, which is made non-blocking.
fn open(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(stream) = stream_of(scope, &args, &mut rv) else { return };
    let fd = args.get(1).int32_value(scope).unwrap_or(-1);
    if stream.fd() >= 0 {
        return rv.set_int32(-libc::EBUSY);
    }
    let error = super::write::set_blocking(fd, false);
    if error != 0 {
        return rv.set_int32(error);
    }
    stream.open(fd);
    rv.set_int32(0);
}

/// `openAccepted(id, fd)`: as `open` for a descriptor that `accept` gave, non-blocking already.
fn open_accepted(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(stream) = stream_of(scope, &args, &mut rv) else { return };
    stream.open(args.get(1).int32_value(scope).unwrap_or(-1));
    rv.set_int32(0);
}

fn listen(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    if let Some(stream) = stream_of(scope, &args, &mut rv) {
        let backlog = args.get(1).int32_value(scope).unwrap_or(511);
        rv.set_int32(if stream.fd() < 0 { -libc::EINVAL } else { stream.listen(backlog) });
    }
}

fn constants(scope: &mut v8::PinScope, target: v8::Local<v8::Object>) {
    for (name, value) in [("UTF8", UTF8), ("LATIN1", LATIN1), ("UCS2", UCS2), ("EOF", EOF)] {
        let target = v8::Local::new(scope, target);
        binding::set_number(scope, target, name, f64::from(value));
    }
}

binding!("stream_handle", [
    setup => setup,
    open => open,
    openAccepted => open_accepted,
    listen => listen,
    readStart => read_start,
    readStop => read_stop,
    setReadLimit => set_read_limit,
    shutdown => shutdown,
    writeBuffer => write_buffer,
    writeString => write_string,
    writev => writev,
    writeMessage => super::message::write_message,
    close => close,
    activeHandles => active_handles,
    setRef => set_ref,
    hasRef => has_ref,
    fd => fd,
    bytesRead => bytes_read,
    bytesWritten => bytes_written,
    writeQueueSize => write_queue_size,
    setBlocking => set_blocking,
], init = constants);
