'use strict';
// Owns: WritableStream and its writer: states, the order of write, close and
// abort. Follows the names of the Streams Standard.
// Not here: the controller (writable_controller.js).

const {
  codes: {
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_STATE,
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
  kIsErrored,
  kIsWritable,
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
  one,
  sharedError,
  upon,
} = require('internal/webstreams/util');

// The controller's methods that the stream calls.
const kAbort = Symbol('kAbort');
const kError = Symbol('kError');
const kCreate = Symbol('kCreate');

const isWritableStream = isBrandCheck('WritableStream');
const isWritableStreamDefaultWriter = isBrandCheck('WritableStreamDefaultWriter');

class WritableStream {
  [kType] = 'WritableStream';

  constructor(sink = undefined, strategy = undefined) {
    if (sink === kCreate) {
      this[kState] = newState();
      return;
    }
    checkDictionary(sink, 'sink', false);
    checkDictionary(strategy, 'strategy', true);
    const type = sink?.type;
    if (type !== undefined) throw new ERR_INVALID_ARG_VALUE.RangeError('type', type);

    this[kState] = newState();
    const size = extractSizeAlgorithm(strategy?.size);
    const highWaterMark = extractHighWaterMark(strategy?.highWaterMark, 1);
    controllers().setupFromSink(this, sink, highWaterMark, size);
  }

  get [kIsErrored]() {
    return this[kState].state === 'errored';
  }

  get [kIsWritable]() {
    return this[kState].state === 'writable';
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
    if (!isWritableStream(this)) throw invalidThis('WritableStream');
    return isWritableStreamLocked(this);
  }

  abort(reason = undefined) {
    if (!isWritableStream(this)) return Promise.reject(invalidThis('WritableStream'));
    if (isWritableStreamLocked(this)) {
      return Promise.reject(new ERR_INVALID_STATE.TypeError('WritableStream is locked'));
    }
    return writableStreamAbort(this, reason);
  }

  close() {
    if (!isWritableStream(this)) return Promise.reject(invalidThis('WritableStream'));
    if (isWritableStreamLocked(this)) {
      return Promise.reject(new ERR_INVALID_STATE.TypeError('WritableStream is locked'));
    }
    if (writableStreamCloseQueuedOrInFlight(this)) {
      return Promise.reject(new ERR_INVALID_STATE.TypeError('Failure closing WritableStream'));
    }
    return writableStreamClose(this);
  }

  getWriter() {
    if (!isWritableStream(this)) throw invalidThis('WritableStream');
    return new WritableStreamDefaultWriter(this);
  }

  [kTransfer]() {
    if (!isWritableStream(this)) throw invalidThis('WritableStream');
    return require('internal/webstreams/transfer').transferWritable(this);
  }

  [kTransferList]() {
    if (!isWritableStream(this)) throw invalidThis('WritableStream');
    return [require('internal/webstreams/transfer').openChannel(this)];
  }

  [kDeserialize](data) {
    require('internal/webstreams/transfer').fillWritable(this, data);
  }

  [kInspect](depth, options) {
    return customInspect.call(this, depth, options, this[kType], {
      locked: this.locked,
      state: this[kState].state,
    });
  }
}

function newState() {
  return {
    state: 'writable',
    storedError: undefined,
    controller: undefined,
    writer: undefined,
    backpressure: false,
    // Writes and closes of the caller: waiting in order, and at the sink.
    writeRequests: new Queue(),
    inFlightWriteRequest: undefined,
    closeRequest: undefined,
    inFlightCloseRequest: undefined,
    // { promise, resolve, reject, reason, wasAlreadyErroring }
    pendingAbortRequest: undefined,
    closedPromise: undefined,
    // Both ends of the channel while it is being transferred.
    transferPorts: undefined,
  };
}

let implementation;
function controllers() {
  return implementation ??= require('internal/webstreams/writable_controller');
}

class WritableStreamDefaultWriter {
  [kType] = 'WritableStreamDefaultWriter';

  constructor(stream) {
    if (!isWritableStream(stream)) throw new ERR_INVALID_ARG_TYPE('stream', 'WritableStream', stream);
    // Promises are made with their outcome where it is known.
    this[kState] = { stream: undefined, ready: undefined, closed: undefined, onReady: undefined };
    setupWritableStreamDefaultWriter(this, stream);
  }

  get closed() {
    if (!isWritableStreamDefaultWriter(this)) {
      return Promise.reject(invalidThis('WritableStreamDefaultWriter'));
    }
    return this[kState].closed.promise;
  }

  get desiredSize() {
    if (!isWritableStreamDefaultWriter(this)) throw invalidThis('WritableStreamDefaultWriter');
    if (this[kState].stream === undefined) {
      throw new ERR_INVALID_STATE.TypeError('Writer is not bound to a WritableStream');
    }
    return writableStreamDefaultWriterGetDesiredSize(this);
  }

  get ready() {
    if (!isWritableStreamDefaultWriter(this)) {
      return Promise.reject(invalidThis('WritableStreamDefaultWriter'));
    }
    return this[kState].ready.promise;
  }

  abort(reason = undefined) {
    if (!isWritableStreamDefaultWriter(this)) {
      return Promise.reject(invalidThis('WritableStreamDefaultWriter'));
    }
    const { stream } = this[kState];
    if (stream === undefined) return Promise.reject(notBound());
    return writableStreamAbort(stream, reason);
  }

  close() {
    if (!isWritableStreamDefaultWriter(this)) {
      return Promise.reject(invalidThis('WritableStreamDefaultWriter'));
    }
    const { stream } = this[kState];
    if (stream === undefined) return Promise.reject(notBound());
    if (writableStreamCloseQueuedOrInFlight(stream)) {
      return Promise.reject(new ERR_INVALID_STATE.TypeError('Failure to close WritableStream'));
    }
    return writableStreamClose(stream);
  }

  releaseLock() {
    if (!isWritableStreamDefaultWriter(this)) throw invalidThis('WritableStreamDefaultWriter');
    if (this[kState].stream !== undefined) writableStreamDefaultWriterRelease(this);
  }

  write(chunk = undefined) {
    if (!isWritableStreamDefaultWriter(this)) {
      return Promise.reject(invalidThis('WritableStreamDefaultWriter'));
    }
    if (this[kState].stream === undefined) return Promise.reject(notBound());
    return writableStreamDefaultWriterWrite(this, chunk);
  }

  [kInspect](depth, options) {
    return customInspect.call(this, depth, options, this[kType], {
      stream: this[kState].stream,
      close: this[kState].closed.promise,
      ready: this[kState].ready.promise,
      desiredSize: this.desiredSize,
    });
  }
}

markTransferMode(WritableStream.prototype, false, true);
defineInterface(WritableStream, ['locked', 'abort', 'close', 'getWriter']);
defineInterface(WritableStreamDefaultWriter, [
  'closed', 'desiredSize', 'ready', 'abort', 'close', 'releaseLock', 'write',
]);

function notBound() {
  return new ERR_INVALID_STATE.TypeError('Writer is not bound to a WritableStream');
}

// -- abstract operations of streams -------------------------------------------

function createWritableStream(start, write, close, abort, highWaterMark = 1, size = one) {
  const stream = new WritableStream(kCreate);
  controllers().setup(stream, start, write, close, abort, highWaterMark, size);
  return stream;
}

function isWritableStreamLocked(stream) {
  return stream[kState].writer !== undefined;
}

function setupWritableStreamDefaultWriter(writer, stream) {
  if (isWritableStreamLocked(stream)) throw new ERR_INVALID_STATE.TypeError('WritableStream is locked');
  const state = stream[kState];
  const own = writer[kState];
  own.stream = stream;
  state.writer = writer;
  switch (state.state) {
    case 'writable':
      own.ready = !writableStreamCloseQueuedOrInFlight(stream) && state.backpressure ?
        new Deferred() : Deferred.resolved();
      own.closed = new Deferred();
      break;
    case 'erroring':
      own.ready = Deferred.rejected(state.storedError);
      own.closed = new Deferred();
      break;
    case 'closed':
      own.ready = Deferred.resolved();
      own.closed = Deferred.resolved();
      break;
    default:
      own.ready = Deferred.rejected(state.storedError);
      own.closed = Deferred.rejected(state.storedError);
  }
}

function writableStreamAbort(stream, reason) {
  const state = stream[kState];
  if (state.state === 'closed' || state.state === 'errored') return Promise.resolve();

  state.controller[kState].abortController.abort(reason);

  // The signal's listeners may have ended the stream.
  if (state.state === 'closed' || state.state === 'errored') return Promise.resolve();

  if (state.pendingAbortRequest !== undefined) return state.pendingAbortRequest.promise;

  const wasAlreadyErroring = state.state === 'erroring';
  if (wasAlreadyErroring) reason = undefined;

  const request = { ...Promise.withResolvers(), reason, wasAlreadyErroring };
  state.pendingAbortRequest = request;
  if (!wasAlreadyErroring) writableStreamStartErroring(stream, reason);
  return request.promise;
}

function writableStreamClose(stream) {
  const state = stream[kState];
  if (state.state === 'closed' || state.state === 'errored') {
    return Promise.reject(new ERR_INVALID_STATE.TypeError('WritableStream is closed'));
  }
  const request = state.closeRequest = Promise.withResolvers();
  const { writer } = state;
  if (writer !== undefined && state.backpressure && state.state === 'writable') {
    writer[kState].ready.resolve();
  }
  controllers().close(state.controller);
  return request.promise;
}

function writableStreamCloseQueuedOrInFlight(stream) {
  const state = stream[kState];
  return state.closeRequest !== undefined || state.inFlightCloseRequest !== undefined;
}

function writableStreamDealWithRejection(stream, error) {
  if (stream[kState].state === 'writable') writableStreamStartErroring(stream, error);
  else writableStreamFinishErroring(stream);
}

function writableStreamStartErroring(stream, reason) {
  const state = stream[kState];
  state.state = 'erroring';
  state.storedError = reason;
  const { writer } = state;
  if (writer !== undefined) ensureRejected(writer, 'ready', reason);
  if (state.inFlightWriteRequest === undefined && state.inFlightCloseRequest === undefined &&
      state.controller[kState].started) {
    writableStreamFinishErroring(stream);
  }
}

function writableStreamFinishErroring(stream) {
  const state = stream[kState];
  state.state = 'errored';
  state.controller[kError]();

  const { storedError } = state;
  const requests = state.writeRequests;
  state.writeRequests = new Queue();
  for (const request of requests.drain()) request.reject(storedError);

  const abortRequest = state.pendingAbortRequest;
  if (abortRequest === undefined) {
    writableStreamRejectCloseAndClosedPromiseIfNeeded(stream);
    return;
  }
  state.pendingAbortRequest = undefined;
  if (abortRequest.wasAlreadyErroring) {
    abortRequest.reject(storedError);
    writableStreamRejectCloseAndClosedPromiseIfNeeded(stream);
    return;
  }
  upon(state.controller[kAbort](abortRequest.reason), () => {
    abortRequest.resolve();
    writableStreamRejectCloseAndClosedPromiseIfNeeded(stream);
  }, (error) => {
    abortRequest.reject(error);
    writableStreamRejectCloseAndClosedPromiseIfNeeded(stream);
  });
}

function writableStreamFinishInFlightWrite(stream) {
  const state = stream[kState];
  state.inFlightWriteRequest.resolve();
  state.inFlightWriteRequest = undefined;
}

function writableStreamFinishInFlightWriteWithError(stream, error) {
  const state = stream[kState];
  state.inFlightWriteRequest.reject(error);
  state.inFlightWriteRequest = undefined;
  writableStreamDealWithRejection(stream, error);
}

function writableStreamFinishInFlightClose(stream) {
  const state = stream[kState];
  state.inFlightCloseRequest.resolve();
  state.inFlightCloseRequest = undefined;
  if (state.state === 'erroring') {
    // The close won: the abort has nothing left to do.
    state.storedError = undefined;
    if (state.pendingAbortRequest !== undefined) {
      state.pendingAbortRequest.resolve();
      state.pendingAbortRequest = undefined;
    }
  }
  state.state = 'closed';
  state.closedPromise?.resolve();
  state.writer?.[kState].closed.resolve();
}

function writableStreamFinishInFlightCloseWithError(stream, error) {
  const state = stream[kState];
  state.inFlightCloseRequest.reject(error);
  state.inFlightCloseRequest = undefined;
  if (state.pendingAbortRequest !== undefined) {
    state.pendingAbortRequest.reject(error);
    state.pendingAbortRequest = undefined;
  }
  writableStreamDealWithRejection(stream, error);
}

function writableStreamMarkCloseRequestInFlight(stream) {
  const state = stream[kState];
  state.inFlightCloseRequest = state.closeRequest;
  state.closeRequest = undefined;
}

function writableStreamMarkFirstWriteRequestInFlight(stream) {
  const state = stream[kState];
  state.inFlightWriteRequest = state.writeRequests.shift();
}

function writableStreamRejectCloseAndClosedPromiseIfNeeded(stream) {
  const state = stream[kState];
  if (state.closeRequest !== undefined) {
    state.closeRequest.reject(state.storedError);
    state.closeRequest = undefined;
  }
  state.closedPromise?.reject(state.storedError);
  const { writer } = state;
  writer?.[kState].closed.reject(state.storedError);
}

function writableStreamUpdateBackpressure(stream, backpressure) {
  const state = stream[kState];
  const { writer } = state;
  if (backpressure === state.backpressure) return;
  state.backpressure = backpressure;
  if (writer === undefined) return;
  const own = writer[kState];
  if (backpressure) {
    own.ready = new Deferred();
  } else {
    own.ready.resolve();
    // A pipe's writer has nobody who could look at `ready`.
    own.onReady?.();
  }
}

// -- abstract operations of writers -------------------------------------------

// Also right after somebody else has closed it.
function writableStreamDefaultWriterCloseWithErrorPropagation(writer) {
  const { stream } = writer[kState];
  const { state, storedError } = stream[kState];
  if (writableStreamCloseQueuedOrInFlight(stream) || state === 'closed') return Promise.resolve();
  if (state === 'errored') return Promise.reject(storedError);
  return writableStreamClose(stream);
}

// Rejects `ready` (or `closed`): the pending promise, else a new one.
function ensureRejected(writer, name, error) {
  const own = writer[kState];
  if (own[name].pending) own[name].reject(error);
  else own[name] = Deferred.rejected(error);
}

function writableStreamDefaultWriterGetDesiredSize(writer) {
  const { state, controller } = writer[kState].stream[kState];
  if (state === 'errored' || state === 'erroring') return null;
  return state === 'closed' ? 0 : controllers().getDesiredSize(controller);
}

// One for all writers, as in Node.
let released;

function writableStreamDefaultWriterRelease(writer) {
  const { stream } = writer[kState];
  const error = released ??= sharedError(new ERR_INVALID_STATE.TypeError('Writer has been released'));
  ensureRejected(writer, 'ready', error);
  ensureRejected(writer, 'closed', error);
  stream[kState].writer = undefined;
  writer[kState].stream = undefined;
}

function writableStreamDefaultWriterWrite(writer, chunk) {
  const request = Promise.withResolvers();
  const error = writableStreamDefaultWriterWriteRequest(writer, chunk, request);
  return error === undefined ? request.promise : Promise.reject(error.reason);
}

// `request` is told by its resolve() or reject() what became of the chunk;
// { reason } where it was not taken at all.
function writableStreamDefaultWriterWriteRequest(writer, chunk, request) {
  const { stream } = writer[kState];
  const state = stream[kState];
  const { controller } = state;
  const size = controllers().getChunkSize(controller, chunk);
  // The size algorithm is user code.
  if (stream !== writer[kState].stream) {
    return { reason: new ERR_INVALID_STATE.TypeError('Mismatched WritableStreams') };
  }
  if (state.state === 'errored') return { reason: state.storedError };
  if (writableStreamCloseQueuedOrInFlight(stream) || state.state === 'closed') {
    return { reason: new ERR_INVALID_STATE.TypeError('WritableStream is closed') };
  }
  if (state.state === 'erroring') return { reason: state.storedError };

  state.writeRequests.push(request);
  controllers().write(controller, chunk, size);
}

module.exports = {
  WritableStream,
  WritableStreamDefaultWriter,
  kCreate,
  kAbort,
  kError,
  createWritableStream,
  isWritableStream,
  isWritableStreamLocked,
  isWritableStreamDefaultWriter,
  writableStreamAbort,
  writableStreamClose,
  writableStreamCloseQueuedOrInFlight,
  writableStreamDealWithRejection,
  writableStreamDefaultWriterCloseWithErrorPropagation,
  writableStreamDefaultWriterGetDesiredSize,
  writableStreamDefaultWriterRelease,
  writableStreamDefaultWriterWrite,
  writableStreamDefaultWriterWriteRequest,
  writableStreamFinishErroring,
  writableStreamFinishInFlightClose,
  writableStreamFinishInFlightCloseWithError,
  writableStreamFinishInFlightWrite,
  writableStreamFinishInFlightWriteWithError,
  writableStreamMarkCloseRequestInFlight,
  writableStreamMarkFirstWriteRequestInFlight,
  writableStreamStartErroring,
  writableStreamUpdateBackpressure,
  get WritableStreamDefaultController() {
    return controllers().WritableStreamDefaultController;
  },
};
