//! Small writes in one piece: an HTTP message's head and body, and the parts of a vectored write, are put together in one
//! buffer that is kept, and go out with one `send`. Copying some hundred bytes costs less than `writev` on as many vectors.

use super::api::{encode_into, set_bytes, stream_of};
use super::write::Chunk;
use super::{Kind, Request, Stream};
use crate::binding;
use std::cell::Cell;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// Larger writes are not copied.
pub const COPIED: usize = 16 * 1024;
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
    let body = match text {
        Some(text) => Ok(text),
        None => Err(&*binding::bytes(body)?),
    };
    let Some(tail) = tail else {
        put(scope, out, body);
        return Some(());
    };
    // As many digits as most bodies of that many characters or bytes have.
    let start = out.len();
    let expected = body.map_or_else(<[u8]>::len, |text| text.length());
    if expected > 0 {
        put_size(out, expected);
        let filled = out.len();
        put(scope, out, body);
        let length = out.len() - filled;
        if length != expected {
            let body = out.split_off(filled);
            out.truncate(start);
            put_size(out, length);
            out.extend_from_slice(&body);
        }
        out.extend_from_slice(b"\r\n");
    }
    encode_into(scope, out, tail, super::api::LATIN1);
    Some(())
}

fn put(scope: &mut v8::PinScope, out: &mut Vec<u8>, body: Result<v8::Local<v8::String>, &[u8]>) {
    match body {
        Ok(text) => encode_into(scope, out, text, super::api::UTF8),
        Err(bytes) => out.extend_from_slice(bytes),
    }
}

/// The line in front of a chunk.
fn put_size(out: &mut Vec<u8>, length: usize) {
    let digits = (usize::BITS - length.leading_zeros()).div_ceil(4).max(1);
    for digit in (0..digits).rev() {
        out.push(b"0123456789abcdef"[(length >> (digit * 4)) & 15]);
    }
    out.extend_from_slice(b"\r\n");
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
        Some(write_kept(scope, stream, request, out))
    })
}

/// Writes a text, of which nothing is kept where it goes out at once.
pub fn write_text(
    scope: &mut v8::PinScope,
    stream: &Stream,
    request: v8::Local<v8::Value>,
    text: v8::Local<v8::String>,
    encoding: i32,
) -> i32 {
    with_buffer(|out| {
        encode_into(scope, out, text, encoding);
        write_kept(scope, stream, request, out)
    })
}

/// Writes bytes of the kept buffer; what does not go out is copied. The result is that of a write.
fn write_kept(scope: &mut v8::PinScope, stream: &Stream, request: v8::Local<v8::Value>, bytes: &[u8]) -> i32 {
    let written = stream.try_write(&[bytes]);
    if written < 0 {
        return written as i32;
    }
    let written = written as usize;
    if written == bytes.len() {
        return 0;
    }
    set_bytes(scope, request, bytes.len());
    let rest = Chunk::Owned(bytes[written..].to_vec());
    stream.write(vec![rest], || Request::new(scope, request), None)
}
