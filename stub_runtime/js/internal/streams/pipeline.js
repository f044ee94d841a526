'use strict';
// Owns: pipeline(): joins sources, transforms and destinations of any kind
// (Node streams, web streams, iterables, generator functions), destroys them
// all when one fails, and calls back once at the end.

const eos = require('internal/streams/end-of-stream');
const destroyImpl = require('internal/streams/destroy');
const {
  aggregateTwoErrors,
  AbortError,
  codes: {
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_RETURN_VALUE,
    ERR_MISSING_ARGS,
    ERR_STREAM_DESTROYED,
    ERR_STREAM_PREMATURE_CLOSE,
  },
} = require('internal/errors');
const { validateFunction, validateAbortSignal } = require('internal/validators');
const {
  isIterable,
  isReadable,
  isReadableNodeStream,
  isNodeStream,
  isTransformStream,
  isWebStream,
  isReadableStream,
  isReadableFinished,
} = require('internal/streams/utils');

function once(callback) {
  let called = false;
  return function(...args) {
    if (called) return;
    called = true;
    Reflect.apply(callback, this, args);
  };
}

function popCallback(streams) {
  const callback = streams.pop();
  validateFunction(callback, 'streams[stream.length - 1]');
  return callback;
}

function pipeline(...streams) {
  return pipelineImpl(streams, once(popCallback(streams)));
}

function pipelineImpl(streams, callback, opts) {
  if (streams.length === 1 && Array.isArray(streams[0])) streams = streams[0];
  if (streams.length < 2) throw new ERR_MISSING_ARGS('streams');
  validateAbortSignal(opts?.signal, 'options.signal');
  return new Pipeline(callback, opts).join(streams);
}

// One running pipeline: how many ends are still open, what to destroy on
// failure, and the first error that matters.
class Pipeline {
  constructor(callback, opts) {
    this.callback = callback;
    this.opts = opts;
    this.controller = new AbortController();
    this.outerSignal = opts?.signal;
    this.open = 0;
    this.error = undefined;
    this.value = undefined;
    this.destroys = [];
    this.lastStreamCleanup = [];
    this.finish = (err) => this.settle(err, --this.open === 0);
    this.onlyError = (err) => this.settle(err, false);
    this.abort = () => {
      this.settle(new AbortError(undefined, { cause: this.outerSignal?.reason }));
    };
    this.abortListener = undefined;
    if (this.outerSignal) {
      const { addAbortListener } = require('internal/events/abort_listener');
      this.abortListener = addAbortListener(this.outerSignal, this.abort);
    }
  }

  settle(err, final) {
    // A premature close is mostly the echo of an error elsewhere.
    if (err && (!this.error || this.error.code === 'ERR_STREAM_PREMATURE_CLOSE')) this.error = err;
    if (!this.error && !final) return;

    while (this.destroys.length) this.destroys.shift()(this.error);
    this.abortListener?.[Symbol.dispose]();
    this.controller.abort();

    if (final) {
      if (!this.error) this.lastStreamCleanup.forEach((fn) => fn());
      process.nextTick(this.callback, this.error, this.value);
    }
  }

  join(streams) {
    const { signal } = this.controller;
    const last = streams.length - 1;
    let ret;

    for (let i = 0; i <= last; i++) {
      const stream = streams[i];
      const step = {
        index: i,
        reading: i < last,
        writing: i > 0,
        end: i < last || this.opts?.end !== false,
        isLast: i === last,
      };

      if (isNodeStream(stream)) this.watch(stream, step);

      if (i === 0) ret = this.source(stream, signal);
      else if (typeof stream === 'function') ret = this.call(stream, ret, step, signal);
      else if (isNodeStream(stream)) ret = this.intoNode(stream, ret, step);
      else if (isWebStream(stream)) ret = this.intoWeb(stream, ret, step);
      else ret = require('internal/streams/duplex').from(stream);
    }

    if (signal.aborted || this.outerSignal?.aborted) process.nextTick(this.abort);
    return ret;
  }

  // Errors of every Node stream in the chain end it.
  watch(stream, step) {
    if (step.end) {
      const { destroy, cleanup } = guard(stream, step.reading, step.writing);
      this.destroys.push(destroy);
      if (isReadable(stream) && step.isLast) this.lastStreamCleanup.push(cleanup);
    }
    // Also errors after eos() has had its say.
    const onError = (err) => {
      if (err && err.name !== 'AbortError' && err.code !== 'ERR_STREAM_PREMATURE_CLOSE') {
        this.onlyError(err);
      }
    };
    stream.on('error', onError);
    if (isReadable(stream) && step.isLast) {
      this.lastStreamCleanup.push(() => stream.removeListener('error', onError));
    }
  }

  source(stream, signal) {
    if (typeof stream === 'function') {
      const ret = stream({ signal });
      if (!isIterable(ret)) {
        throw new ERR_INVALID_RETURN_VALUE('Iterable, AsyncIterable or Stream', 'source', ret);
      }
      return ret;
    }
    if (isIterable(stream) || isReadableNodeStream(stream) || isTransformStream(stream)) return stream;
    return require('internal/streams/duplex').from(stream);
  }

  // A function takes the previous output as async iterable and returns the next.
  call(fn, previous, step, signal) {
    const input = isTransformStream(previous) ?
      toAsyncIterable(previous?.readable) : toAsyncIterable(previous);
    const ret = fn(input, { signal });

    if (step.reading) {
      if (!isIterable(ret, true)) {
        throw new ERR_INVALID_RETURN_VALUE('AsyncIterable', `transform[${step.index - 1}]`, ret);
      }
      return ret;
    }

    // Last: its output goes through a PassThrough, so that pipeline()
    // returns a stream and a promise's value has somewhere to go.
    const PassThrough = require('internal/streams/passthrough');
    const pt = new PassThrough({ objectMode: true });
    const then = ret?.then;
    if (typeof then === 'function') {
      this.open++;
      then.call(ret, (val) => {
        this.value = val;
        if (val != null) pt.write(val);
        if (step.end) pt.end();
        process.nextTick(this.finish);
      }, (err) => {
        pt.destroy(err);
        process.nextTick(this.finish, err);
      });
    } else if (isIterable(ret, true)) {
      this.open++;
      pumpToNode(ret, pt, this.finish, step);
    } else if (isReadableStream(ret) || isTransformStream(ret)) {
      this.open++;
      pumpToNode(ret.readable || ret, pt, this.finish, step);
    } else {
      throw new ERR_INVALID_RETURN_VALUE('AsyncIterable or Promise', 'destination', ret);
    }

    const { destroy, cleanup } = guard(pt, false, true);
    this.destroys.push(destroy);
    if (step.isLast) this.lastStreamCleanup.push(cleanup);
    return pt;
  }

  intoNode(stream, previous, step) {
    if (isReadableNodeStream(previous)) {
      this.open += 2;
      const cleanup = pipe(previous, stream, this, step);
      if (isReadable(stream) && step.isLast) this.lastStreamCleanup.push(cleanup);
    } else if (isTransformStream(previous) || isReadableStream(previous)) {
      this.open++;
      pumpToNode(previous.readable || previous, stream, this.finish, step);
    } else if (isIterable(previous)) {
      this.open++;
      pumpToNode(previous, stream, this.finish, step);
    } else {
      throw notASource(previous);
    }
    return stream;
  }

  intoWeb(stream, previous, step) {
    let from;
    if (isReadableNodeStream(previous)) from = toAsyncIterable(previous);
    else if (isReadableStream(previous) || isIterable(previous)) from = previous;
    else if (isTransformStream(previous)) from = previous.readable;
    else throw notASource(previous);
    this.open++;
    pumpToWeb(from, stream, this.finish, step);
    return stream;
  }
}

function notASource(value) {
  return new ERR_INVALID_ARG_TYPE(
    'val', ['Readable', 'Iterable', 'AsyncIterable', 'ReadableStream', 'TransformStream'], value);
}

// How to destroy one member, unless it has ended by then.
function guard(stream, reading, writing) {
  let finished = false;
  stream.on('close', () => { finished = true; });
  const cleanup = eos(stream, { readable: reading, writable: writing }, (err) => { finished = !err; });
  return {
    destroy(err) {
      if (finished) return;
      finished = true;
      destroyImpl.destroyer(stream, err || new ERR_STREAM_DESTROYED('pipe'));
    },
    cleanup,
  };
}

function toAsyncIterable(val) {
  if (isIterable(val)) return val;
  // A stream of an older generation.
  if (isReadableNodeStream(val)) return fromReadable(val);
  throw notASource(val);
}

async function* fromReadable(val) {
  const Readable = require('internal/streams/readable');
  yield* Readable.prototype[Symbol.asyncIterator].call(val);
}

async function pumpToNode(iterable, writable, finish, { end }) {
  let error;
  let resolveWait = null;

  const wake = (err) => {
    if (err) error = err;
    if (resolveWait) {
      const resolve = resolveWait;
      resolveWait = null;
      resolve();
    }
  };
  // Until 'drain' or the end of the writable.
  const wait = () => new Promise((resolve, reject) => {
    if (error) reject(error);
    else resolveWait = () => (error ? reject(error) : resolve());
  });

  writable.on('drain', wake);
  const cleanup = eos(writable, { readable: false }, wake);

  try {
    if (writable.writableNeedDrain) await wait();
    for await (const chunk of iterable) {
      if (!writable.write(chunk)) await wait();
    }
    if (end) {
      writable.end();
      await wait();
    }
    finish();
  } catch (err) {
    finish(error !== err ? aggregateTwoErrors(error, err) : err);
  } finally {
    cleanup();
    writable.off('drain', wake);
  }
}

async function pumpToWeb(readable, writable, finish, { end }) {
  if (isTransformStream(writable)) writable = writable.writable;
  // Taken at once: the stream is locked when pipeline() returns.
  const writer = writable.getWriter();
  try {
    for await (const chunk of readable) {
      await writer.ready;
      writer.write(chunk).catch(() => {});
    }
    await writer.ready;
    if (end) await writer.close();
    finish();
  } catch (err) {
    try {
      await writer.abort(err);
      finish(err);
    } catch (abortErr) {
      finish(abortErr);
    }
  }
}

function pipe(src, dst, { finish, onlyError }, { end }) {
  let ended = false;
  dst.on('close', () => {
    // Closed while we were still writing.
    if (!ended) onlyError(new ERR_STREAM_PREMATURE_CLOSE());
  });

  // end() is ours: pipe() would leave it out for stdout.
  src.pipe(dst, { end: false });

  if (end) {
    const endDst = () => {
      ended = true;
      dst.end();
    };
    if (isReadableFinished(src)) process.nextTick(endDst);
    else src.once('end', endDst);
  } else {
    finish();
  }

  eos(src, { readable: true, writable: false }, (err) => {
    const r = src._readableState;
    if (err && err.code === 'ERR_STREAM_PREMATURE_CLOSE' &&
        r?.ended && !r.errored && !r.errorEmitted) {
      // Some streams emit 'close' before 'end'. All data has been read from
      // the resource, so wait for what is still queued.
      src.once('end', finish).once('error', finish);
    } else {
      finish(err);
    }
  });
  return eos(dst, { readable: false, writable: true }, finish);
}

module.exports = { pipelineImpl, pipeline };
