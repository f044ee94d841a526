'use strict';
// Owns: ReadableStream and its two readers: states, locking, cancelling, the
// requests a reader has open. Follows the names of the Streams Standard.
// Not here: the controllers (readable_controller.js, byte_controller.js),
// pipeTo (pipe.js), tee (tee.js), iteration (iteration.js).

const {
  codes: {
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_STATE,
    ERR_OUT_OF_RANGE,
  },
} = require('internal/errors');
const { customInspectSymbol: kInspect } = require('internal/util');
const {
  kDeserialize,
  kTransfer,
  kTransferList,
  markTransferMode,
} = require('internal/structured_clone');
const {
  kIsClosedPromise,
  kIsDisturbed,
  kIsErrored,
  kIsReadable,
  kControllerErrorFunction,
} = require('internal/streams/utils');
const {
  Deferred,
  Queue,
  checkDictionary,
  customInspect,
  defineInterface,
  extractHighWaterMark,
  extractSizeAlgorithm,
  invalidThis,
  isBrandCheck,
  kState,
  kType,
  nop,
  one,
  sharedError,
  upon,
} = require('internal/webstreams/util');

// The controllers' methods that the stream calls.
const kCancel = Symbol('kCancel');
const kPull = Symbol('kPull');
const kRelease = Symbol('kRelease');
const kCreate = Symbol('kCreate');

const isReadableStream = isBrandCheck('ReadableStream');
const isDefaultReader = isBrandCheck('ReadableStreamDefaultReader');
const isBYOBReader = isBrandCheck('ReadableStreamBYOBReader');

let modules;
function parts() {
  return modules ??= {
    byte: require('internal/webstreams/byte_controller'),
    normal: require('internal/webstreams/readable_controller'),
  };
}

class ReadableStream {
  [kType] = 'ReadableStream';

  constructor(source = undefined, strategy = undefined) {
    if (source === kCreate) {
      this[kState] = newState();
      return;
    }
    checkDictionary(source, 'source', false);
    checkDictionary(strategy, 'strategy', true);
    this[kState] = newState();

    // Read in the order that the standard's dictionaries are.
    const type = source?.type;
    if (`${type}` === 'bytes') {
      if (strategy?.size !== undefined) {
        throw new ERR_INVALID_ARG_VALUE.RangeError('strategy.size', strategy.size);
      }
      const highWaterMark = extractHighWaterMark(strategy?.highWaterMark, 0);
      parts().byte.setupFromSource(this, source, highWaterMark);
    } else {
      if (type !== undefined) throw new ERR_INVALID_ARG_VALUE('source.type', type);
      const size = extractSizeAlgorithm(strategy?.size);
      const highWaterMark = extractHighWaterMark(strategy?.highWaterMark, 1);
      parts().normal.setupFromSource(this, source, highWaterMark, size);
    }
  }

  get [kIsDisturbed]() {
    return this[kState].disturbed;
  }

  get [kIsErrored]() {
    return this[kState].state === 'errored';
  }

  get [kIsReadable]() {
    return this[kState].state === 'readable';
  }

  // What finished() waits for.
  get [kIsClosedPromise]() {
    const state = this[kState];
    if (state.closedPromise === undefined) {
      state.closedPromise = new Deferred();
      if (state.state === 'closed') state.closedPromise.resolve();
      else if (state.state === 'errored') state.closedPromise.reject(state.storedError);
    }
    return state.closedPromise;
  }

  [kControllerErrorFunction](error) {
    this[kState].controller?.error(error);
  }

  get locked() {
    if (!isReadableStream(this)) throw invalidThis('ReadableStream');
    return isReadableStreamLocked(this);
  }

  static from(iterable) {
    return require('internal/webstreams/iteration').readableStreamFromIterable(iterable);
  }

  cancel(reason = undefined) {
    if (!isReadableStream(this)) return Promise.reject(invalidThis('ReadableStream'));
    if (isReadableStreamLocked(this)) {
      return Promise.reject(new ERR_INVALID_STATE.TypeError('ReadableStream is locked'));
    }
    return readableStreamCancel(this, reason);
  }

  getReader(options = undefined) {
    if (!isReadableStream(this)) throw invalidThis('ReadableStream');
    checkDictionary(options, 'options', true);
    const mode = options?.mode;
    if (mode === undefined) return new ReadableStreamDefaultReader(this);
    if (`${mode}` !== 'byob') throw new ERR_INVALID_ARG_VALUE('options.mode', mode);
    return new ReadableStreamBYOBReader(this);
  }

  pipeThrough(transform, options = undefined) {
    if (!isReadableStream(this)) throw invalidThis('ReadableStream');
    const readable = transform?.readable;
    if (!isReadableStream(readable)) {
      throw new ERR_INVALID_ARG_TYPE('transform.readable', 'ReadableStream', readable);
    }
    const writable = transform?.writable;
    const { isWritableStream, isWritableStreamLocked } = require('internal/webstreams/writablestream');
    if (!isWritableStream(writable)) {
      throw new ERR_INVALID_ARG_TYPE('transform.writable', 'WritableStream', writable);
    }
    const { pipeOptions, readableStreamPipeTo } = require('internal/webstreams/pipe');
    const { preventAbort, preventCancel, preventClose, signal } = pipeOptions(options);
    if (isReadableStreamLocked(this)) {
      throw new ERR_INVALID_STATE.TypeError('The ReadableStream is locked');
    }
    if (isWritableStreamLocked(writable)) {
      throw new ERR_INVALID_STATE.TypeError('The WritableStream is locked');
    }
    const promise = readableStreamPipeTo(this, writable, preventClose, preventAbort, preventCancel, signal);
    upon(promise, nop, nop);
    return readable;
  }

  pipeTo(destination, options = undefined) {
    try {
      if (!isReadableStream(this)) throw invalidThis('ReadableStream');
      const { isWritableStream, isWritableStreamLocked } = require('internal/webstreams/writablestream');
      if (!isWritableStream(destination)) {
        throw new ERR_INVALID_ARG_TYPE('transform.writable', 'WritableStream', destination);
      }
      const { pipeOptions, readableStreamPipeTo } = require('internal/webstreams/pipe');
      const { preventAbort, preventCancel, preventClose, signal } = pipeOptions(options);
      if (isReadableStreamLocked(this)) {
        throw new ERR_INVALID_STATE.TypeError('The ReadableStream is locked');
      }
      if (isWritableStreamLocked(destination)) {
        throw new ERR_INVALID_STATE.TypeError('The WritableStream is locked');
      }
      return readableStreamPipeTo(this, destination, preventClose, preventAbort, preventCancel, signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  tee() {
    if (!isReadableStream(this)) throw invalidThis('ReadableStream');
    if (isReadableStreamLocked(this)) {
      throw new ERR_INVALID_STATE.TypeError('ReadableStream is locked');
    }
    return require('internal/webstreams/tee').readableStreamTee(this, false);
  }

  values(options = undefined) {
    if (!isReadableStream(this)) throw invalidThis('ReadableStream');
    checkDictionary(options, 'options', true);
    const preventCancel = options?.preventCancel;
    return require('internal/webstreams/iteration').values(this, !!preventCancel);
  }

  [kTransfer]() {
    if (!isReadableStream(this)) throw invalidThis('ReadableStream');
    return require('internal/webstreams/transfer').transferReadable(this);
  }

  [kTransferList]() {
    if (!isReadableStream(this)) throw invalidThis('ReadableStream');
    return [require('internal/webstreams/transfer').openChannel(this)];
  }

  [kDeserialize](data) {
    require('internal/webstreams/transfer').fillReadable(this, data);
  }

  [kInspect](depth, options) {
    return customInspect.call(this, depth, options, this[kType], {
      locked: this.locked,
      state: this[kState].state,
      supportsBYOB: parts().byte.isByteController(this[kState].controller),
    });
  }
}

function newState() {
  return {
    disturbed: false,
    reader: undefined,
    state: 'readable',
    storedError: undefined,
    controller: undefined,
    closedPromise: undefined,
    // Both ends of the channel while it is being transferred.
    transferPorts: undefined,
  };
}

// -- readers ------------------------------------------------------------------

// A request of reader.read(): the promise the caller got.
class ReadRequest {
  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers();
    this.promise = promise;
    this.resolve = resolve;
    this.reject = reject;
  }

  chunk(value) {
    this.resolve({ done: false, value });
  }

  close() {
    this.resolve({ done: true, value: undefined });
  }

  error(error) {
    this.reject(error);
  }
}

// As ReadRequest; at the end the caller gets its memory back.
class ReadIntoRequest extends ReadRequest {
  close(value) {
    this.resolve({ done: true, value });
  }
}

class ReadableStreamDefaultReader {
  [kType] = 'ReadableStreamDefaultReader';

  constructor(stream) {
    if (!isReadableStream(stream)) throw new ERR_INVALID_ARG_TYPE('stream', 'ReadableStream', stream);
    this[kState] = { stream: undefined, closed: undefined, readRequests: new Queue() };
    if (isReadableStreamLocked(stream)) {
      throw new ERR_INVALID_STATE.TypeError('ReadableStream is locked');
    }
    attachReader(this, stream);
  }

  read() {
    if (!isDefaultReader(this)) return Promise.reject(invalidThis('ReadableStreamDefaultReader'));
    const { stream } = this[kState];
    if (stream === undefined) return Promise.reject(notAttached());

    // Queued already: no request needed.
    const state = stream[kState];
    const { normal } = parts();
    if (state.state === 'readable' && normal.isNormalController(state.controller) &&
        state.controller[kState].queue.length > 0) {
      state.disturbed = true;
      return Promise.resolve({ done: false, value: normal.takeQueued(state.controller) });
    }

    const request = new ReadRequest();
    readableStreamDefaultReaderRead(this, request);
    return request.promise;
  }

  releaseLock() {
    if (!isDefaultReader(this)) throw invalidThis('ReadableStreamDefaultReader');
    if (this[kState].stream !== undefined) readableStreamDefaultReaderRelease(this);
  }

  get closed() {
    if (!isDefaultReader(this)) return Promise.reject(invalidThis('ReadableStreamDefaultReader'));
    return this[kState].closed.promise;
  }

  cancel(reason = undefined) {
    if (!isDefaultReader(this)) return Promise.reject(invalidThis('ReadableStreamDefaultReader'));
    if (this[kState].stream === undefined) return Promise.reject(notAttached());
    return readableStreamReaderGenericCancel(this, reason);
  }

  [kInspect](depth, options) {
    return customInspect.call(this, depth, options, this[kType], {
      stream: this[kState].stream,
      readRequests: this[kState].readRequests.length,
      close: this[kState].closed.promise,
    });
  }
}

class ReadableStreamBYOBReader {
  [kType] = 'ReadableStreamBYOBReader';

  constructor(stream) {
    if (!isReadableStream(stream)) throw new ERR_INVALID_ARG_TYPE('stream', 'ReadableStream', stream);
    this[kState] = { stream: undefined, closed: undefined, readIntoRequests: new Queue() };
    if (isReadableStreamLocked(stream)) {
      throw new ERR_INVALID_STATE.TypeError('ReadableStream is locked');
    }
    if (!parts().byte.isByteController(stream[kState].controller)) {
      throw new ERR_INVALID_ARG_VALUE('stream', stream, 'must be a byte stream');
    }
    attachReader(this, stream);
  }

  async read(view, options = undefined) {
    if (!isBYOBReader(this)) throw invalidThis('ReadableStreamBYOBReader');
    if (!ArrayBuffer.isView(view)) {
      throw new ERR_INVALID_ARG_TYPE('view', ['Buffer', 'TypedArray', 'DataView'], view);
    }
    checkDictionary(options, 'options', true);
    const { isDetached, viewLength } = parts().byte;
    const min = options?.min === undefined ? 1 : toUnsignedLongLong(options.min, 'options.min');

    if (view.byteLength === 0 || view.buffer.byteLength === 0 || isDetached(view.buffer)) {
      throw new ERR_INVALID_STATE.TypeError('View or Viewed ArrayBuffer is zero-length or detached');
    }
    if (min === 0) throw new ERR_INVALID_ARG_VALUE('options.min', min, 'must be greater than 0');
    if (min > viewLength(view)) {
      const name = view instanceof DataView ? 'view.byteLength' : 'view.length';
      throw new ERR_OUT_OF_RANGE('options.min', `<= ${name}`, min);
    }
    if (this[kState].stream === undefined) throw notAttached();

    const request = new ReadIntoRequest();
    readableStreamBYOBReaderRead(this, view, min, request);
    return request.promise;
  }

  releaseLock() {
    if (!isBYOBReader(this)) throw invalidThis('ReadableStreamBYOBReader');
    if (this[kState].stream !== undefined) readableStreamBYOBReaderRelease(this);
  }

  get closed() {
    if (!isBYOBReader(this)) return Promise.reject(invalidThis('ReadableStreamBYOBReader'));
    return this[kState].closed.promise;
  }

  cancel(reason = undefined) {
    if (!isBYOBReader(this)) return Promise.reject(invalidThis('ReadableStreamBYOBReader'));
    if (this[kState].stream === undefined) return Promise.reject(notAttached());
    return readableStreamReaderGenericCancel(this, reason);
  }

  [kInspect](depth, options) {
    return customInspect.call(this, depth, options, this[kType], {
      stream: this[kState].stream,
      readIntoRequests: this[kState].readIntoRequests.length,
      close: this[kState].closed.promise,
    });
  }
}

// WebIDL's [EnforceRange] unsigned long long.
function toUnsignedLongLong(value, name) {
  value = Math.trunc(+value);
  if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) {
    throw new ERR_INVALID_ARG_VALUE(name, value, 'must be an integer');
  }
  return value;
}

Object.defineProperty(ReadableStream, 'from', { __proto__: null, enumerable: true });
Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, {
  __proto__: null,
  configurable: true,
  enumerable: false,
  writable: true,
  value: ReadableStream.prototype.values,
});
markTransferMode(ReadableStream.prototype, false, true);
defineInterface(ReadableStream, [
  'locked', 'cancel', 'getReader', 'pipeThrough', 'pipeTo', 'tee', 'values',
]);
for (const Class of [ReadableStreamDefaultReader, ReadableStreamBYOBReader]) {
  defineInterface(Class, ['closed', 'cancel', 'read', 'releaseLock']);
}

function notAttached() {
  return new ERR_INVALID_STATE.TypeError('The reader is not attached to a stream');
}

// -- abstract operations of streams -------------------------------------------

function createReadableStream(start, pull, cancel, highWaterMark = 1, size = one) {
  const stream = new ReadableStream(kCreate);
  parts().normal.setup(stream, start, pull, cancel, highWaterMark, size);
  return stream;
}

function createReadableByteStream(start, pull, cancel, highWaterMark = 0) {
  const stream = new ReadableStream(kCreate);
  parts().byte.setup(stream, start, pull, cancel, highWaterMark, undefined);
  return stream;
}

function isReadableStreamLocked(stream) {
  return stream[kState].reader !== undefined;
}

function readableStreamCancel(stream, reason) {
  const state = stream[kState];
  state.disturbed = true;
  if (state.state === 'closed') return Promise.resolve();
  if (state.state === 'errored') return Promise.reject(state.storedError);
  readableStreamClose(stream);
  const { reader } = state;
  if (isBYOBReader(reader)) {
    const requests = reader[kState].readIntoRequests.drain();
    for (const request of requests) request.close(undefined);
  }
  return upon(state.controller[kCancel](reason), nop);
}

function readableStreamClose(stream) {
  const state = stream[kState];
  state.state = 'closed';
  state.closedPromise?.resolve();
  const { reader } = state;
  if (reader === undefined) return;
  reader[kState].closed.resolve();
  if (isDefaultReader(reader)) {
    const requests = reader[kState].readRequests.drain();
    for (const request of requests) request.close();
  }
}

function readableStreamError(stream, error) {
  const state = stream[kState];
  state.state = 'errored';
  state.storedError = error;
  state.closedPromise?.reject(error);
  const { reader } = state;
  if (reader === undefined) return;
  reader[kState].closed.reject(error);
  errorRequests(reader, error);
}

function errorRequests(reader, error) {
  const own = reader[kState];
  const waiting = own.readRequests ?? own.readIntoRequests;
  if (waiting.length === 0) return;
  const requests = waiting.drain();
  for (const request of requests) request.error(error);
}

function readableStreamHasDefaultReader(stream) {
  const { reader } = stream[kState];
  return reader !== undefined && isDefaultReader(reader);
}

function readableStreamHasBYOBReader(stream) {
  const { reader } = stream[kState];
  return reader !== undefined && isBYOBReader(reader);
}

function readableStreamGetNumReadRequests(stream) {
  return stream[kState].reader[kState].readRequests.length;
}

function readableStreamGetNumReadIntoRequests(stream) {
  return stream[kState].reader[kState].readIntoRequests.length;
}

function readableStreamAddReadRequest(stream, request) {
  stream[kState].reader[kState].readRequests.push(request);
}

function readableStreamAddReadIntoRequest(stream, request) {
  stream[kState].reader[kState].readIntoRequests.push(request);
}

function readableStreamFulfillReadRequest(stream, chunk, done) {
  const request = stream[kState].reader[kState].readRequests.shift();
  if (done) request.close();
  else request.chunk(chunk);
}

function readableStreamFulfillReadIntoRequest(stream, chunk, done) {
  const request = stream[kState].reader[kState].readIntoRequests.shift();
  if (done) request.close(chunk);
  else request.chunk(chunk);
}

// -- abstract operations of readers -------------------------------------------

function attachReader(reader, stream) {
  const own = reader[kState];
  const state = stream[kState];
  own.stream = stream;
  state.reader = reader;
  if (state.state === 'readable') {
    own.closed = new Deferred();
  } else if (state.state === 'closed') {
    own.closed = Deferred.resolved();
  } else {
    own.closed = Deferred.rejected(state.storedError);
  }
}

function readableStreamReaderGenericCancel(reader, reason) {
  return readableStreamCancel(reader[kState].stream, reason);
}

// One each for all readers, as in Node: every stream that is read to its end has its reader released.
let released;
let releasing;

function readableStreamReaderGenericRelease(reader) {
  const own = reader[kState];
  const { stream } = own;
  const error = released ??= sharedError(new ERR_INVALID_STATE.TypeError('Reader released'));
  if (own.closed.pending) own.closed.reject(error);
  else own.closed = Deferred.rejected(error);
  stream[kState].controller[kRelease]();
  stream[kState].reader = undefined;
  own.stream = undefined;
}

function readableStreamDefaultReaderRelease(reader) {
  readableStreamReaderGenericRelease(reader);
  errorRequests(reader, releasing ??= sharedError(new ERR_INVALID_STATE.TypeError('Releasing reader')));
}

function readableStreamBYOBReaderRelease(reader) {
  readableStreamReaderGenericRelease(reader);
  errorRequests(reader, releasing ??= sharedError(new ERR_INVALID_STATE.TypeError('Releasing reader')));
}

function readableStreamDefaultReaderRead(reader, request) {
  const { stream } = reader[kState];
  const state = stream[kState];
  state.disturbed = true;
  if (state.state === 'readable') state.controller[kPull](request);
  else if (state.state === 'closed') request.close();
  else request.error(state.storedError);
}

function readableStreamBYOBReaderRead(reader, view, min, request) {
  const { stream } = reader[kState];
  const state = stream[kState];
  state.disturbed = true;
  if (state.state === 'errored') request.error(state.storedError);
  else parts().byte.pullInto(state.controller, view, min, request);
}

module.exports = {
  ReadableStream,
  ReadableStreamDefaultReader,
  ReadableStreamBYOBReader,
  kCreate,
  kCancel,
  kPull,
  kRelease,
  createReadableStream,
  createReadableByteStream,
  isReadableStream,
  isReadableStreamLocked,
  isBYOBReader,
  readableStreamAddReadIntoRequest,
  readableStreamAddReadRequest,
  readableStreamBYOBReaderRead,
  readableStreamBYOBReaderRelease,
  readableStreamCancel,
  readableStreamClose,
  readableStreamDefaultReaderRead,
  readableStreamDefaultReaderRelease,
  readableStreamError,
  readableStreamFulfillReadIntoRequest,
  readableStreamFulfillReadRequest,
  readableStreamGetNumReadIntoRequests,
  readableStreamGetNumReadRequests,
  readableStreamHasBYOBReader,
  readableStreamHasDefaultReader,
  get ReadableStreamDefaultController() {
    return parts().normal.ReadableStreamDefaultController;
  },
  get ReadableByteStreamController() {
    return parts().byte.ReadableByteStreamController;
  },
  get ReadableStreamBYOBRequest() {
    return parts().byte.ReadableStreamBYOBRequest;
  },
};
