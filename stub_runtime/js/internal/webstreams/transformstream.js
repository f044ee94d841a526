'use strict';
// Owns: TransformStream and its controller: a writable and a readable stream
// joined by a user's transformation, with back-pressure between them.

const {
  codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_ARG_VALUE, ERR_INVALID_STATE },
} = require('internal/errors');
const { customInspectSymbol: kInspect } = require('internal/util');
const {
  kDeserialize,
  kTransfer,
  kTransferList,
  markTransferMode,
} = require('internal/structured_clone');
const {
  Deferred,
  checkCallback,
  checkDictionary,
  customInspect,
  defineInterface,
  extractHighWaterMark,
  extractSizeAlgorithm,
  invalidThis,
  isBrandCheck,
  kParked,
  kState,
  kType,
  nop,
  promiseAlgorithm,
  upon,
} = require('internal/webstreams/util');
const { createReadableStream } = require('internal/webstreams/readablestream');
const { createWritableStream } = require('internal/webstreams/writablestream');
const readableController = require('internal/webstreams/readable_controller');
const writableController = require('internal/webstreams/writable_controller');

const kCreate = Symbol('kCreate');

const isTransformStream = isBrandCheck('TransformStream');
const isController = isBrandCheck('TransformStreamDefaultController');

class TransformStream {
  [kType] = 'TransformStream';

  constructor(transformer = undefined, writableStrategy = undefined, readableStrategy = undefined) {
    // Transferred: filled in later.
    if (transformer === kCreate) return;
    checkDictionary(transformer, 'transformer', false);
    checkDictionary(writableStrategy, 'writableStrategy', true);
    checkDictionary(readableStrategy, 'readableStrategy', true);
    const readableType = transformer?.readableType;
    const writableType = transformer?.writableType;
    const start = transformer?.start;
    checkCallback(start, 'transformer.start');
    if (readableType !== undefined) {
      throw new ERR_INVALID_ARG_VALUE.RangeError('transformer.readableType', readableType);
    }
    if (writableType !== undefined) {
      throw new ERR_INVALID_ARG_VALUE.RangeError('transformer.writableType', writableType);
    }
    const readableMark = extractHighWaterMark(readableStrategy?.highWaterMark, 0);
    const readableSize = extractSizeAlgorithm(readableStrategy?.size);
    const writableMark = extractHighWaterMark(writableStrategy?.highWaterMark, 1);
    const writableSize = extractSizeAlgorithm(writableStrategy?.size);

    const started = Promise.withResolvers();
    initialize(this, started.promise, writableMark, writableSize, readableMark, readableSize);
    const controller = setupFromTransformer(this, transformer);

    started.resolve(start ? Reflect.apply(start, transformer, [controller]) : undefined);
  }

  get readable() {
    if (!isTransformStream(this)) throw invalidThis('TransformStream');
    return this[kState].readable;
  }

  get writable() {
    if (!isTransformStream(this)) throw invalidThis('TransformStream');
    return this[kState].writable;
  }

  [kTransfer]() {
    if (!isTransformStream(this)) throw invalidThis('TransformStream');
    return require('internal/webstreams/transfer').transferTransform(this);
  }

  [kTransferList]() {
    if (!isTransformStream(this)) throw invalidThis('TransformStream');
    const { openChannel } = require('internal/webstreams/transfer');
    return [openChannel(this[kState].readable), openChannel(this[kState].writable)];
  }

  [kDeserialize](data) {
    require('internal/webstreams/transfer').fillTransform(this, data);
  }

  [kInspect](depth, options) {
    return customInspect.call(this, depth, options, this[kType], {
      readable: this.readable,
      writable: this.writable,
      backpressure: this[kState].backpressure,
    });
  }
}

class TransformStreamDefaultController {
  [kType] = 'TransformStreamDefaultController';

  constructor(token = undefined) {
    if (token !== kCreate) throw new ERR_ILLEGAL_CONSTRUCTOR();
  }

  get desiredSize() {
    if (!isController(this)) throw invalidThis('TransformStreamDefaultController');
    return readableController.getDesiredSize(this[kState].stream[kState].readable[kState].controller);
  }

  enqueue(chunk = undefined) {
    if (!isController(this)) throw invalidThis('TransformStreamDefaultController');
    enqueue(this, chunk);
  }

  error(reason = undefined) {
    if (!isController(this)) throw invalidThis('TransformStreamDefaultController');
    fail(this[kState].stream, reason);
  }

  terminate() {
    if (!isController(this)) throw invalidThis('TransformStreamDefaultController');
    const { stream } = this[kState];
    readableController.close(stream[kState].readable[kState].controller);
    errorWritableAndUnblockWrite(
      stream, new ERR_INVALID_STATE.TypeError('TransformStream has been terminated'));
  }

  [kInspect](depth, options) {
    return customInspect.call(this, depth, options, this[kType], {
      stream: this[kState].stream,
    });
  }
}

markTransferMode(TransformStream.prototype, false, true);
defineInterface(TransformStream, ['readable', 'writable']);
defineInterface(TransformStreamDefaultController, ['desiredSize', 'enqueue', 'error', 'terminate']);

// -- setting up ---------------------------------------------------------------

function initialize(stream, startPromise, writableMark, writableSize, readableMark, readableSize) {
  const state = stream[kState] = {
    readable: undefined,
    writable: undefined,
    controller: undefined,
    backpressure: undefined,
    // What waits for the back-pressure to change: a pull until there is some, a write until there is none. Each is one
    // at a time and goes on in a microtask, as reactions on a promise of the change would.
    pullParked: false,
    writeParked: false,
    parkedChunk: undefined,
    resumeWrite: () => resumeWrite(state),
  };
  const start = () => startPromise;
  state.writable = createWritableStream(
    start,
    (chunk) => sinkWrite(stream, chunk),
    () => sinkClose(stream),
    (reason) => sinkAbort(stream, reason),
    writableMark,
    writableSize);
  state.readable = createReadableStream(
    start,
    () => sourcePull(stream),
    (reason) => sourceCancel(stream, reason),
    readableMark,
    readableSize);
  setBackpressure(stream, true);
}

function setupFromTransformer(stream, transformer) {
  const controller = new TransformStreamDefaultController(kCreate);
  const cancel = transformer?.cancel;
  const flush = transformer?.flush;
  const transform = transformer?.transform;
  checkCallback(cancel, 'transformer.cancel');
  checkCallback(flush, 'transformer.flush');
  checkCallback(transform, 'transformer.transform');

  const transformOf = transform && promiseAlgorithm(transform, transformer, 2);
  const flushOf = flush && promiseAlgorithm(flush, transformer, 1);
  controller[kState] = {
    stream,
    transformAlgorithm: transformOf ? (chunk) => transformOf(chunk, controller) : (chunk) => {
      try {
        enqueue(controller, chunk);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    flushAlgorithm: flushOf ? () => flushOf(controller) : nop,
    cancelAlgorithm: cancel ? promiseAlgorithm(cancel, transformer, 1) : nop,
    // Of whichever of abort, close and cancel comes first.
    finish: undefined,
    onTransformFailed: (error) => {
      fail(stream, error);
      throw error;
    },
  };
  stream[kState].controller = controller;
  return controller;
}

// -- errors and back-pressure -------------------------------------------------

function fail(stream, error) {
  readableController.fail(stream[kState].readable[kState].controller, error);
  errorWritableAndUnblockWrite(stream, error);
}

function errorWritableAndUnblockWrite(stream, error) {
  const { controller, writable } = stream[kState];
  clearAlgorithms(controller);
  writableController.errorIfNeeded(writable[kState].controller, error);
  unblockWrite(stream);
}

function unblockWrite(stream) {
  if (stream[kState].backpressure) setBackpressure(stream, false);
}

function setBackpressure(stream, backpressure) {
  const state = stream[kState];
  state.backpressure = backpressure;
  if (backpressure) {
    if (state.pullParked) {
      state.pullParked = false;
      upon(undefined, state.readable[kState].controller[kState].onPulled);
    }
  } else if (state.writeParked) {
    state.writeParked = false;
    upon(undefined, state.resumeWrite);
  }
}

function clearAlgorithms(controller) {
  const state = controller[kState];
  state.transformAlgorithm = undefined;
  state.flushAlgorithm = undefined;
  state.cancelAlgorithm = undefined;
}

function enqueue(controller, chunk) {
  const { stream } = controller[kState];
  const { readable } = stream[kState];
  const target = readable[kState].controller;
  if (!readableController.canCloseOrEnqueue(target)) {
    throw new ERR_INVALID_STATE.TypeError('Unable to enqueue');
  }
  try {
    readableController.enqueue(target, chunk);
  } catch (error) {
    errorWritableAndUnblockWrite(stream, error);
    throw readable[kState].storedError;
  }
  if (readableController.hasBackpressure(target) !== stream[kState].backpressure) {
    setBackpressure(stream, true);
  }
}

function performTransform(controller, chunk) {
  const state = controller[kState];
  // Terminated while the write waited.
  if (state.transformAlgorithm === undefined) return;
  const result = state.transformAlgorithm(chunk);
  return result === undefined ? undefined : upon(result, undefined, state.onTransformFailed);
}

// -- the writable side's sink -------------------------------------------------

function sinkWrite(stream, chunk) {
  const state = stream[kState];
  if (!state.backpressure) return performTransform(state.controller, chunk);
  state.writeParked = true;
  state.parkedChunk = chunk;
  return kParked;
}

function resumeWrite(state) {
  const chunk = state.parkedChunk;
  state.parkedChunk = undefined;
  const writable = state.writable[kState];
  const { onWritten, onWriteFailed } = writable.controller[kState];
  if (writable.state === 'erroring') {
    const { storedError } = writable;
    upon(undefined, () => onWriteFailed(storedError));
  } else {
    upon(performTransform(state.controller, chunk), onWritten, onWriteFailed);
  }
}

// Runs `begin` once for abort, close and cancel together; `settle(error?)`
// says what becomes of the other side.
function finishOnce(stream, begin, onSuccess, onFailure) {
  const { controller } = stream[kState];
  const own = controller[kState];
  if (own.finish !== undefined) return own.finish.promise;
  const finish = own.finish = new Deferred();
  const result = begin(own);
  clearAlgorithms(controller);
  upon(result, () => onSuccess(finish), (error) => {
    onFailure(error);
    finish.reject(error);
  });
  return finish.promise;
}

function sinkAbort(stream, reason) {
  const readable = stream[kState].readable[kState];
  return finishOnce(stream, (own) => own.cancelAlgorithm(reason), (finish) => {
    if (readable.state === 'errored') {
      finish.reject(readable.storedError);
    } else {
      readableController.fail(readable.controller, reason);
      finish.resolve();
    }
  }, (error) => readableController.fail(readable.controller, error));
}

function sinkClose(stream) {
  const readable = stream[kState].readable[kState];
  return finishOnce(stream, (own) => own.flushAlgorithm(), (finish) => {
    if (readable.state === 'errored') {
      finish.reject(readable.storedError);
    } else {
      readableController.close(readable.controller);
      finish.resolve();
    }
  }, (error) => readableController.fail(readable.controller, error));
}

// -- the readable side's source -----------------------------------------------

function sourcePull(stream) {
  setBackpressure(stream, false);
  stream[kState].pullParked = true;
  return kParked;
}

function sourceCancel(stream, reason) {
  const writable = stream[kState].writable[kState];
  return finishOnce(stream, (own) => own.cancelAlgorithm(reason), (finish) => {
    if (writable.state === 'errored') {
      finish.reject(writable.storedError);
    } else {
      writableController.errorIfNeeded(writable.controller, reason);
      unblockWrite(stream);
      finish.resolve();
    }
  }, (error) => {
    writableController.errorIfNeeded(writable.controller, error);
    unblockWrite(stream);
  });
}

module.exports = { TransformStream, TransformStreamDefaultController, isTransformStream, kCreate };
