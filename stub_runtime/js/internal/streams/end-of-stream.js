'use strict';
// Owns: finished(): calls back once when a stream has ended, failed or closed
// early, whatever generation of stream it is.

const {
  AbortError,
  codes: { ERR_INVALID_ARG_TYPE, ERR_STREAM_PREMATURE_CLOSE },
} = require('internal/errors');
const {
  validateAbortSignal,
  validateBoolean,
  validateFunction,
  validateObject,
} = require('internal/validators');
const {
  isClosed,
  isReadable,
  isReadableNodeStream,
  isReadableStream,
  isReadableFinished,
  isReadableErrored,
  isWritable,
  isWritableNodeStream,
  isWritableStream,
  isWritableFinished,
  isWritableErrored,
  isNodeStream,
  willEmitClose,
  kIsClosedPromise,
} = require('internal/streams/utils');

const nop = () => {};
const noOptions = Object.freeze({ __proto__: null });

function isRequest(stream) {
  return stream.setHeader && typeof stream.abort === 'function';
}

function once(callback) {
  let called = false;
  return function(...args) {
    if (called) return;
    called = true;
    Reflect.apply(callback, this, args);
  };
}

let asyncHooks;
let contextFrame;

// The events may come in another async context than the caller's. Binding is
// not cheap, so only where somebody could tell.
function inCallersContext(callback) {
  asyncHooks ??= require('internal/async_hooks');
  contextFrame ??= require('internal/async_context_frame');
  if (!contextFrame.current() && !asyncHooks.enabledHooksExist()) return callback;
  const { AsyncResource } = require('async_hooks');
  const resource = new AsyncResource('STREAM_END_OF_STREAM');
  return function(...args) {
    return resource.runInAsyncScope(callback, this, ...args);
  };
}

function eos(stream, options, callback) {
  if (arguments.length === 2) {
    callback = options;
    options = noOptions;
  } else if (options == null) {
    options = noOptions;
  } else {
    validateObject(options, 'options');
  }
  validateFunction(callback, 'callback');
  validateAbortSignal(options.signal, 'options.signal');

  callback = once(inCallersContext(callback));

  if (isReadableStream(stream) || isWritableStream(stream)) {
    return eosWeb(stream, options, callback);
  }
  if (!isNodeStream(stream)) {
    throw new ERR_INVALID_ARG_TYPE('stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
  }
  return eosNode(stream, options, callback);
}

function eosNode(stream, options, callback) {
  const readable = options.readable ?? isReadableNodeStream(stream);
  const writable = options.writable ?? isWritableNodeStream(stream);
  const wState = stream._writableState;
  const rState = stream._readableState;

  // Where 'close' is to come after the last event we would wait for it, so
  // that the stream is really gone; only if both answers concern the same halves.
  let waitForClose = willEmitClose(stream) &&
    isReadableNodeStream(stream) === readable &&
    isWritableNodeStream(stream) === writable;

  let writableFinished = isWritableFinished(stream, false);
  let readableFinished = isReadableFinished(stream, false);
  let closed = isClosed(stream);

  const onfinish = () => {
    writableFinished = true;
    // A stream destroyed by hand keeps its own counsel about 'close'.
    if (stream.destroyed) waitForClose = false;
    if (waitForClose && (!stream.writable || readable)) return;
    if (!readable || readableFinished) callback.call(stream);
  };

  const onend = () => {
    readableFinished = true;
    if (stream.destroyed) waitForClose = false;
    if (waitForClose && (!stream.readable || writable)) return;
    if (!writable || writableFinished) callback.call(stream);
  };

  const onlegacyfinish = () => {
    if (!stream.writable) onfinish();
  };

  const onerror = (err) => callback.call(stream, err);

  const theError = () => {
    const errored = isWritableErrored(stream) || isReadableErrored(stream);
    return errored && typeof errored !== 'boolean' ? errored : undefined;
  };

  const onclose = () => {
    closed = true;
    const err = theError();
    if (err) return callback.call(stream, err);
    if (readable && !readableFinished && isReadableNodeStream(stream, true) &&
        !isReadableFinished(stream, false)) {
      return callback.call(stream, new ERR_STREAM_PREMATURE_CLOSE());
    }
    if (writable && !writableFinished && !isWritableFinished(stream, false)) {
      return callback.call(stream, new ERR_STREAM_PREMATURE_CLOSE());
    }
    callback.call(stream);
  };

  const onalreadydone = () => {
    closed = true;
    const err = theError();
    if (err) callback.call(stream, err);
    else callback.call(stream);
  };

  const onrequest = () => stream.req.on('finish', onfinish);

  if (isRequest(stream)) {
    stream.on('complete', onfinish);
    if (!waitForClose) stream.on('abort', onclose);
    if (stream.req) onrequest();
    else stream.on('request', onrequest);
  } else if (writable && !wState) {
    // Streams of the oldest generation.
    stream.on('end', onlegacyfinish);
    stream.on('close', onlegacyfinish);
  }
  // http.IncomingMessage.
  if (!waitForClose && typeof stream.aborted === 'boolean') stream.on('aborted', onclose);

  stream.on('end', onend);
  stream.on('finish', onfinish);
  if (options.error !== false) stream.on('error', onerror);
  stream.on('close', onclose);

  // The events may all have been emitted already.
  if (closed) {
    process.nextTick(onclose);
  } else if (wState?.errorEmitted || rState?.errorEmitted) {
    if (!waitForClose) process.nextTick(onalreadydone);
  } else if (!readable && (!waitForClose || isReadable(stream)) &&
             (writableFinished || isWritable(stream) === false) &&
             (wState == null || wState.pendingcb === undefined || wState.pendingcb === 0)) {
    process.nextTick(onalreadydone);
  } else if (!writable && (!waitForClose || isWritable(stream)) &&
             (readableFinished || isReadable(stream) === false)) {
    process.nextTick(onalreadydone);
  } else if (rState && stream.req && stream.aborted) {
    process.nextTick(onalreadydone);
  }

  const cleanup = () => {
    callback = nop;
    stream.removeListener('aborted', onclose);
    stream.removeListener('complete', onfinish);
    stream.removeListener('abort', onclose);
    stream.removeListener('request', onrequest);
    if (stream.req) stream.req.removeListener('finish', onfinish);
    stream.removeListener('end', onlegacyfinish);
    stream.removeListener('close', onlegacyfinish);
    stream.removeListener('finish', onfinish);
    stream.removeListener('end', onend);
    stream.removeListener('error', onerror);
    stream.removeListener('close', onclose);
  };

  if (options.signal && !closed) {
    callback = untilAborted(options.signal, stream, callback, (abortCallback, err) => {
      cleanup();
      abortCallback.call(stream, err);
    });
  }
  return cleanup;
}

// `callback` that also lets go of the signal; onAbort(callback, error) runs
// if the signal fires first.
function untilAborted(signal, stream, callback, onAbort) {
  const abort = () => onAbort(callback, new AbortError(undefined, { cause: signal.reason }));
  if (signal.aborted) {
    process.nextTick(abort);
    return callback;
  }
  const { addAbortListener } = require('internal/events/abort_listener');
  const listener = addAbortListener(signal, abort);
  return once((...args) => {
    listener[Symbol.dispose]();
    Reflect.apply(callback, stream, args);
  });
}

function eosWeb(stream, options, callback) {
  let isAborted = false;
  if (options.signal) {
    callback = untilAborted(options.signal, stream, callback, (abortCallback, err) => {
      isAborted = true;
      abortCallback.call(stream, err);
    });
  }
  const settled = (...args) => {
    if (!isAborted) process.nextTick(() => Reflect.apply(callback, stream, args));
  };
  stream[kIsClosedPromise].promise.then(settled, settled);
  return nop;
}

// The promise form; options.cleanup also removes the listeners at the end.
function finished(stream, opts) {
  let autoCleanup = false;
  opts ??= noOptions;
  if (opts?.cleanup) {
    validateBoolean(opts.cleanup, 'cleanup');
    autoCleanup = opts.cleanup;
  }
  return new Promise((resolve, reject) => {
    const cleanup = eos(stream, opts, (err) => {
      if (autoCleanup) cleanup();
      if (err) reject(err);
      else resolve();
    });
  });
}

eos.finished = finished;
module.exports = eos;
