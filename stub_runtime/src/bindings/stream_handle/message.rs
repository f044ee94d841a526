//! Small writes in one piece: an HTTP message's head and body, and the parts of a vectored write, are put together in one
//! buffer that is kept, and go out with one `send`. Copying some hundred bytes costs less than `writev` on as many vectors.

use super::api::{encode_into, set_bytes, stream_of};
use super::write::Chunk;
use super::{Kind, Request, Stream};
use crate::binding;
use std::cell::Cell;
use std::io::Write;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// Larger writes are not copied.
const COPIED: usize = 16 * 1024;
/// What the kept buffer may have grown to.
const KEPT: usize = 256 * 1024;

thread_local! {
    static OUT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

fn with_buffer<T>(f: impl FnOnce(&mut Vec<u8>) -> T) -> T {
    let mut out = OUT.take();
    out.clear();
    let result = f(&mut out);
    if out.capacity() <= KEPT {
        OUT.set(out);
    }
    result
}

/// Puts `head` and `body` (text or view) together; with `tail` the body is one chunk, its end the tail. `None`: not of these
/// types. A head's characters are bytes, but UTF-8 before a text that is not chunked, as where Node joins the two.
fn compose(
    scope: &mut v8::PinScope,
    out: &mut Vec<u8>,
    head: v8::Local<v8::Value>,
    body: v8::Local<v8::Value>,
    tail: v8::Local<v8::Value>,
) -> Option<()> {
    let head = v8::Local::<v8::String>::try_from(head).ok()?;
    let tail = v8::Local::<v8::String>::try_from(tail).ok();
    let text = v8::Local::<v8::String>::try_from(body).ok();
    encode_into(scope, out, head, super::api::LATIN1);
    if text.is_some_and(|text| text.length() > 0) && tail.is_none() && !out.is_ascii() {
        out.clear();
        encode_into(scope, out, head, super::api::UTF8);
    }
    let start = out.len();
    match text {
        Some(text) => encode_into(scope, out, text, super::api::UTF8),
        None => out.extend_from_slice(binding::bytes(body)?),
    }
    if let Some(tail) = tail {
        let length = out.len() - start;
        if length > 0 {
            let mut line = [0u8; 18];
            let mut rest = &mut line[..];
            write!(rest, "{length:x}\r\n").expect("room for a size");
            let used = 18 - rest.len();
            out.splice(start..start, line[..used].iter().copied());
            out.extend_from_slice(b"\r\n");
        }
        encode_into(scope, out, tail, super::api::LATIN1);
    }
    Some(())
}

/// `writeMessage(id, head, body, tail)` with `write` for what is below: nothing where all went out at once, else an
/// ArrayBuffer of the bytes that did not.
pub fn write_composed(
    scope: &mut v8::PinScope,
    args: &Args,
    rv: &mut v8::ReturnValue,
    write: impl FnOnce(&mut v8::PinScope, &[u8]) -> isize,
) {
    with_buffer(|out| {
        if compose(scope, out, args.get(1), args.get(2), args.get(3)).is_none() {
            return rv.set_int32(-libc::EINVAL);
        }
        let written = write(scope, out).max(0) as usize;
        if written < out.len() {
            let store = v8::ArrayBuffer::new_backing_store_from_vec(out[written..].to_vec()).make_shared();
            rv.set(v8::ArrayBuffer::with_backing_store(scope, &store).into());
        }
    });
}

pub fn write_message(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(stream) = stream_of(scope, &args, &mut rv) else { return };
    write_composed(scope, &args, &mut rv, |_, bytes| stream.try_write(&[bytes]));
}

/// Views and texts of `list` one after the other, up to [`COPIED`] bytes; `None` where there are more, or something else.
fn gather(scope: &mut v8::PinScope, out: &mut Vec<u8>, list: v8::Local<v8::Value>) -> Option<()> {
    let list = v8::Local::<v8::Array>::try_from(list).ok()?;
    let mut i = 0;
    while i < list.length() {
        let item = list.get_index(scope, i)?;
        i += 1;
        if let Ok(text) = v8::Local::<v8::String>::try_from(item) {
            let encoding = list.get_index(scope, i)?.int32_value(scope)?;
            i += 1;
            if out.len() + text.length() * 3 > COPIED {
                return None;
            }
            encode_into(scope, out, text, encoding);
        } else {
            let view = v8::Local::<v8::ArrayBufferView>::try_from(item).ok()?;
            if out.len() + view.byte_length() > COPIED {
                return None;
            }
            out.extend_from_slice(binding::bytes(item)?);
        }
    }
    Some(())
}

/// Writes a list that is small in one piece; the result of the write, `None` where the list must go another way.
pub fn write_gathered(
    scope: &mut v8::PinScope,
    stream: &Stream,
    request: v8::Local<v8::Value>,
    list: v8::Local<v8::Value>,
) -> Option<i32> {
    if !matches!(stream.kind, Kind::Tcp) {
        return None;
    }
    with_buffer(|out| {
        gather(scope, out, list)?;
        let written = stream.try_write(&[out]);
        if written < 0 {
            return Some(written as i32);
        }
        let written = written as usize;
        if written == out.len() {
            return Some(0);
        }
        set_bytes(scope, request, out.len());
        let rest = Chunk::Owned(out[written..].to_vec());
        Some(stream.write(vec![rest], || Request::new(scope, request), None))
    })
}
