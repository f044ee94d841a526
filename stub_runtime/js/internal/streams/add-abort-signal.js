'use strict';
// Owns: tying a stream's life to an AbortSignal.

const { AbortError, codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { validateAbortSignal } = require('internal/validators');
const {
  isNodeStream,
  isReadableStream,
  isWritableStream,
  kControllerErrorFunction,
} = require('internal/streams/utils');

function addAbortSignal(signal, stream) {
  // For null the operator throws, as in Node.
  if (typeof signal !== 'object' || !('aborted' in signal)) {
    validateAbortSignal(signal, 'signal');
    throw new ERR_INVALID_ARG_TYPE('signal', 'AbortSignal', signal);
  }
  if (!isNodeStream(stream) && !isReadableStream(stream) && !isWritableStream(stream)) {
    throw new ERR_INVALID_ARG_TYPE('stream', ['ReadableStream', 'WritableStream', 'Stream'], stream);
  }
  return addAbortSignalNoValidate(signal, stream);
}

function addAbortSignalNoValidate(signal, stream) {
  if (typeof signal !== 'object' || signal === null || !('aborted' in signal)) return stream;

  const onAbort = () => {
    const err = new AbortError(undefined, { cause: signal.reason });
    if (isNodeStream(stream)) stream.destroy(err);
    else stream[kControllerErrorFunction](err);
  };

  if (signal.aborted) {
    onAbort();
  } else {
    const { addAbortListener } = require('internal/events/abort_listener');
    const eos = require('internal/streams/end-of-stream');
    const listener = addAbortListener(signal, onAbort);
    eos(stream, listener[Symbol.dispose]);
  }
  return stream;
}

module.exports = { addAbortSignal, addAbortSignalNoValidate };
