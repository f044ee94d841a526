//! Compression: streams that JavaScript writes to, whole buffers at once, and CRC-32.
//!
//! Owns: the streams of a thread, their steps on the pool. Does not own: the formats (`zlib/`), options, errors, Node's streams
//! (`js/zlib.js`, `js/internal/zlib/`).

mod brotli;
mod codec;
mod deflate;
mod zstd;

use crate::bindings::fs::job::{FromArg, Region};
use crate::tasks::{self, Callback};
use crate::{binding, event_loop};
use codec::{Codec, Failure, Progress, Setup};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

type Args<'a> = v8::FunctionCallbackArguments<'a>;

/// A stream: its codec is here, or on the pool with the write that is under way.
struct Stream {
    codec: RefCell<Option<Box<dyn Codec>>>,
    busy: Cell<bool>,
    /// JavaScript's handle was collected without a close.
    _weak: v8::Weak<v8::Object>,
}

#[derive(Default)]
struct Streams {
    slots: Vec<Option<Rc<Stream>>>,
    free: Vec<u32>,
    /// `onDone(handle, availableOut, availableIn, message, code, errno)`
    on_done: Option<v8::Global<v8::Function>>,
}

thread_local! {
    static STREAMS: RefCell<Streams> = RefCell::default();
}

/// Lets go of what JavaScript has given: no handle may be left where an image is made.
pub fn forget() {
    STREAMS.with_borrow_mut(|s| s.on_done = None);
}

fn find(id: u32) -> Option<Rc<Stream>> {
    STREAMS.with(|s| s.borrow().slots.get(id as usize)?.clone())
}

fn release(id: u32) {
    // Dropped after the borrow ends: freeing a codec takes a while.
    let _stream = STREAMS.with(|s| {
        let Streams { slots, free, .. } = &mut *s.borrow_mut();
        let stream = slots.get_mut(id as usize)?.take()?;
        free.push(id);
        Some(stream)
    });
}

fn id_of(scope: &mut v8::PinScope, args: &Args) -> u32 {
    args.get(0).uint32_value(scope).unwrap_or(u32::MAX)
}

fn setup(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    let function = v8::Local::<v8::Function>::try_from(args.get(0)).expect("zlib.setup: a function");
    let function = v8::Global::new(scope, function);
    STREAMS.with(|s| s.borrow_mut().on_done = Some(function));
}

/// The arguments `mode, params, dictionary, pledged` from `first` on.
fn setup_of(scope: &mut v8::PinScope, args: &Args, first: i32) -> Setup {
    let mode = args.get(first).int32_value(scope).unwrap_or(0);
    let params = binding::bytes(args.get(first + 1)).unwrap_or_default();
    let params = params.chunks_exact(4).map(|b| i32::from_ne_bytes([b[0], b[1], b[2], b[3]])).collect();
    let dictionary = binding::bytes(args.get(first + 2)).unwrap_or_default().to_vec();
    let pledged = args.get(first + 3);
    let pledged = if pledged.is_number() { pledged.number_value(scope).map(|n| n as u64) } else { None };
    Setup { mode, params, dictionary, pledged }
}

/// `[message, code, errno]`
fn failed<'s>(scope: &mut v8::PinScope<'s, '_>, failure: &Failure) -> v8::Local<'s, v8::Value> {
    let message = binding::string(scope, &failure.message);
    let code = binding::string(scope, &failure.code);
    let errno = v8::Integer::new(scope, failure.errno).into();
    v8::Array::new_with_elements(scope, &[message, code, errno]).into()
}

/// `create(handle, mode, params, dictionary, pledged)`: the number of a new stream, or why there is none.
fn create(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Ok(handle) = v8::Local::<v8::Object>::try_from(args.get(0)) else { return };
    let setup = setup_of(scope, &args, 1);
    let codec = match codec::make(setup) {
        Ok(codec) => codec,
        Err(failure) => return rv.set(failed(scope, &failure)),
    };
    let id = STREAMS.with(|s| {
        let streams = &mut *s.borrow_mut();
        streams.free.pop().unwrap_or_else(|| {
            streams.slots.push(None);
            streams.slots.len() as u32 - 1
        })
    });
    let weak = v8::Weak::with_finalizer(scope, handle, Box::new(move |_| release(id)));
    let stream = Rc::new(Stream { codec: RefCell::new(Some(codec)), busy: Cell::new(false), _weak: weak });
    STREAMS.with(|s| s.borrow_mut().slots[id as usize] = Some(stream));
    rv.set_uint32(id);
}

/// Input and output of a write: arguments `input, inOffset, inLength, output, outOffset, outLength` from 2 on.
struct Buffers {
    _regions: (Region, Region),
    input: (*mut u8, usize),
    output: (*mut u8, usize),
}

// SAFETY: the memory belongs to the stores that the regions hold.
unsafe impl Send for Buffers {}

impl Buffers {
    fn from_args(scope: &mut v8::PinScope, args: &Args, keep: bool) -> Self {
        let mut part = |first: i32| {
            let region = Region::from_arg(scope, args.get(first), keep);
            let offset = args.get(first + 1).number_value(scope).unwrap_or(0.0) as usize;
            let length = args.get(first + 2).number_value(scope).unwrap_or(0.0) as usize;
            let part = region.part(offset, length);
            (region, part)
        };
        let (input, output) = (part(2), part(5));
        Buffers { _regions: (input.0, output.0), input: input.1, output: output.1 }
    }

    fn step(&self, codec: &mut dyn Codec, flush: i32) -> Outcome {
        // SAFETY: both parts lie in memory that is kept alive. JavaScript may write to it meanwhile, as it may under Node: then
        // the bytes that come out mean nothing, but the codecs check what they read.
        let (input, output) = unsafe {
            (
                std::slice::from_raw_parts(self.input.0, self.input.1),
                std::slice::from_raw_parts_mut(self.output.0, self.output.1),
            )
        };
        let progress = codec.step(input, output, flush);
        Outcome { progress, failure: codec.failure(output.len() - progress.written) }
    }

    fn left(&self, progress: Progress) -> (usize, usize) {
        (self.output.1 - progress.written, self.input.1 - progress.read)
    }
}

struct Outcome {
    progress: Progress,
    failure: Option<Failure>,
}

/// `writeSync(id, flush, input, inOffset, inLength, output, outOffset, outLength, state)`: what is left of output and input goes
/// to `state`; gives the failure, if there is one.
fn write_sync(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(stream) = find(id_of(scope, &args)) else { return };
    let flush = args.get(1).int32_value(scope).unwrap_or(0);
    let buffers = Buffers::from_args(scope, &args, false);
    let mut codec = stream.codec.borrow_mut();
    let Some(codec) = codec.as_mut() else { return };
    let outcome = buffers.step(codec.as_mut(), flush);
    if let Some(failure) = outcome.failure {
        return rv.set(failed(scope, &failure));
    }
    let (out, rest) = buffers.left(outcome.progress);
    if let Some(state) = binding::bytes(args.get(8))
        && state.len() >= 8
    {
        state[..4].copy_from_slice(&(out as u32).to_ne_bytes());
        state[4..8].copy_from_slice(&(rest as u32).to_ne_bytes());
    }
}

/// `write(id, flush, input, inOffset, inLength, output, outOffset, outLength, handle)`: on the pool, then `onDone`. False where
/// another write is under way.
fn write(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let Some(stream) = find(id_of(scope, &args)) else { return };
    let flush = args.get(1).int32_value(scope).unwrap_or(0);
    let Some(mut codec) = stream.codec.borrow_mut().take() else { return };
    let Ok(handle) = v8::Local::<v8::Object>::try_from(args.get(8)) else { return };
    let handle = v8::Global::new(scope, handle);
    let buffers = Buffers::from_args(scope, &args, true);
    stream.busy.set(true);
    rv.set_bool(true);
    let work = move || {
        let outcome = buffers.step(codec.as_mut(), flush);
        let (out, rest) = buffers.left(outcome.progress);
        (codec, out, rest, outcome.failure)
    };
    event_loop::current().run_on_pool("", work, move |scope, (codec, out, rest, failure)| {
        *stream.codec.borrow_mut() = Some(codec);
        stream.busy.set(false);
        let Some(on_done) = STREAMS.with(|s| s.borrow().on_done.clone()) else { return };
        let on_done = v8::Local::new(scope, on_done);
        let handle = v8::Local::new(scope, handle).into();
        let out = v8::Number::new(scope, out as f64).into();
        let rest = v8::Number::new(scope, rest as f64).into();
        let none: v8::Local<v8::Value> = v8::undefined(scope).into();
        let mut args = [handle, out, rest, none, none, none];
        if let Some(failure) = failure {
            args[3] = binding::string(scope, &failure.message);
            args[4] = binding::string(scope, &failure.code);
            args[5] = v8::Integer::new(scope, failure.errno).into();
        }
        tasks::call(scope, none, on_done, &args);
    });
}

fn change(
    scope: &mut v8::PinScope,
    args: &Args,
    mut rv: v8::ReturnValue,
    f: impl FnOnce(&mut dyn Codec) -> Result<(), Failure>,
) {
    let Some(stream) = find(id_of(scope, args)) else { return };
    let result = stream.codec.borrow_mut().as_mut().map(|codec| f(codec.as_mut()));
    if let Some(Err(failure)) = result {
        rv.set(failed(scope, &failure));
    }
}

/// `reset(id)`: the failure, if there is one.
fn reset(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    change(scope, &args, rv, |codec| codec.reset());
}

/// `params(id, level, strategy)`: the failure, if there is one.
fn params(scope: &mut v8::PinScope, args: Args, rv: v8::ReturnValue) {
    let level = args.get(1).int32_value(scope).unwrap_or(-1);
    let strategy = args.get(2).int32_value(scope).unwrap_or(0);
    change(scope, &args, rv, |codec| codec.set_params(level, strategy));
}

/// `close(id)`: a write that is under way ends by itself, what it had in hand is freed then.
fn close(scope: &mut v8::PinScope, args: Args, _: v8::ReturnValue) {
    release(id_of(scope, &args));
}

type Run = Result<(Vec<u8>, usize), Option<Failure>>;

fn deliver<'s>(scope: &mut v8::PinScope<'s, '_>, result: Run, reject_rest: bool) -> v8::Local<'s, v8::Value> {
    match result {
        Ok((_, rest)) if rest > 0 && reject_rest => v8::Number::new(scope, rest as f64).into(),
        Ok((mut bytes, _)) => {
            bytes.shrink_to_fit();
            crate::array_buffers::from_vec(scope, bytes).into()
        }
        Err(None) => v8::Integer::new(scope, -1).into(),
        Err(Some(failure)) => failed(scope, &failure),
    }
}

/// `run(mode, params, dictionary, pledged, input, flushes, limit, guess, callback, rejectRest)`: all of a buffer: an ArrayBuffer
/// of the output, `[message, code, errno]`, or a number: -1 where the output is longer than `limit`, otherwise how many bytes
/// there were behind the end, where they are an error.
fn run(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let setup = setup_of(scope, &args, 0);
    let reject_rest = args.get(9).is_true();
    let flushes: Vec<i32> =
        binding::bytes(args.get(5)).unwrap_or_default().iter().map(|&flush| i32::from(flush)).collect();
    let limit = args.get(6).number_value(scope).unwrap_or(f64::MAX) as usize;
    let guess = args.get(7).number_value(scope).unwrap_or(0.0) as usize;
    let callback = Callback::from_value(scope, args.get(8));
    let region = Region::from_arg(scope, args.get(4), callback.is_some());
    let work = move || {
        let (data, length) = region.all();
        // SAFETY: the region keeps the memory alive; see `Buffers::step`.
        let input = unsafe { std::slice::from_raw_parts(data, length) };
        codec::run(setup, input, &flushes, limit, guess)
    };
    match callback {
        None => {
            let value = deliver(scope, work(), reject_rest);
            rv.set(value);
        }
        Some(callback) => event_loop::current().run_on_pool("", work, move |scope, result| {
            let value = deliver(scope, result, reject_rest);
            callback.call(scope, &[value]);
        }),
    }
}

/// `crc32(data, start)`, of bytes or of a string's UTF-8.
fn crc32(scope: &mut v8::PinScope, args: Args, mut rv: v8::ReturnValue) {
    let start = args.get(1).uint32_value(scope).unwrap_or(0);
    let text;
    let bytes: &[u8] = if args.get(0).is_string() {
        text = args.get(0).to_rust_string_lossy(scope);
        text.as_bytes()
    } else {
        binding::bytes(args.get(0)).unwrap_or_default()
    };
    // SAFETY: the slice is valid for its length.
    let sum = unsafe { libz_rs_sys::crc32_z(start.into(), bytes.as_ptr(), bytes.len()) };
    rv.set_uint32(sum as u32);
}

binding!("zlib", [
    setup => setup,
    create => create,
    write => write,
    writeSync => write_sync,
    reset => reset,
    params => params,
    close => close,
    run => run,
    crc32 => crc32,
]);
