'use strict';
// Owns: WritableStreamDefaultController: the queue between a WritableStream
// and its sink.

const { codes: { ERR_ILLEGAL_CONSTRUCTOR } } = require('internal/errors');
const { customInspectSymbol: kInspect } = require('internal/util');
const {
  checkCallback,
  customInspect,
  defineInterface,
  dequeueValue,
  enqueueValueWithSize,
  invalidThis,
  isBrandCheck,
  kParked,
  kState,
  kType,
  nop,
  one,
  promiseAlgorithm,
  promiseOf,
  resetQueue,
  upon,
} = require('internal/webstreams/util');
const streams = require('internal/webstreams/writablestream');

const { kAbort, kError } = streams;
const kCreate = Symbol('kCreate');
// In the queue: no more chunks.
const kCloseSentinel = Symbol('kCloseSentinel');

const isController = isBrandCheck('WritableStreamDefaultController');

class WritableStreamDefaultController {
  [kType] = 'WritableStreamDefaultController';

  constructor(token = undefined) {
    if (token !== kCreate) throw new ERR_ILLEGAL_CONSTRUCTOR();
  }

  get signal() {
    if (!isController(this)) throw invalidThis('WritableStreamDefaultController');
    return this[kState].abortController.signal;
  }

  error(error = undefined) {
    if (!isController(this)) throw invalidThis('WritableStreamDefaultController');
    if (this[kState].stream[kState].state === 'writable') fail(this, error);
  }

  [kAbort](reason) {
    const result = this[kState].abortAlgorithm(reason);
    clearAlgorithms(this);
    return result;
  }

  [kError]() {
    resetQueue(this[kState]);
  }

  [kInspect](depth, options) {
    return customInspect.call(this, depth, options, this[kType], {
      stream: this[kState].stream,
    });
  }
}

defineInterface(WritableStreamDefaultController, ['signal', 'error']);

// Made when first asked for: few sinks look at the signal.
class LazyAbortController {
  constructor() {
    this.controller = undefined;
    this.aborted = false;
    this.reason = undefined;
  }

  get signal() {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.aborted) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  abort(reason) {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.controller?.abort(reason);
  }
}

function setup(stream, startAlgorithm, writeAlgorithm, closeAlgorithm, abortAlgorithm, highWaterMark, sizeAlgorithm) {
  const controller = new WritableStreamDefaultController(kCreate);
  attach(stream, controller, startAlgorithm, writeAlgorithm, closeAlgorithm, abortAlgorithm,
    highWaterMark, sizeAlgorithm);
}

function attach(stream, controller, startAlgorithm, writeAlgorithm, closeAlgorithm, abortAlgorithm, highWaterMark, sizeAlgorithm) {
  const state = controller[kState] = {
    abortAlgorithm,
    closeAlgorithm,
    writeAlgorithm,
    sizeAlgorithm,
    highWaterMark,
    queue: undefined,
    queueTotalSize: 0,
    abortController: new LazyAbortController(),
    started: false,
    stream,
    onWritten: () => written(controller),
    onWriteFailed: (error) => writeFailed(controller, error),
  };
  resetQueue(state);
  stream[kState].controller = controller;
  streams.writableStreamUpdateBackpressure(stream, getBackpressure(controller));

  const startResult = startAlgorithm();
  upon(promiseOf(startResult), () => {
    state.started = true;
    advance(controller);
  }, (error) => {
    state.started = true;
    streams.writableStreamDealWithRejection(stream, error);
  });
}

function setupFromSink(stream, sink, highWaterMark, sizeAlgorithm) {
  const controller = new WritableStreamDefaultController(kCreate);
  const abort = sink?.abort;
  const close = sink?.close;
  const start = sink?.start;
  const write = sink?.write;
  checkCallback(abort, 'sink.abort');
  checkCallback(close, 'sink.close');
  checkCallback(start, 'sink.start');
  checkCallback(write, 'sink.write');

  const writeOf = write && promiseAlgorithm(write, sink, 2);
  attach(
    stream,
    controller,
    start ? () => Reflect.apply(start, sink, [controller]) : () => {},
    writeOf ? (chunk) => writeOf(chunk, controller) : nop,
    close ? promiseAlgorithm(close, sink, 0) : nop,
    abort ? promiseAlgorithm(abort, sink, 1) : nop,
    highWaterMark,
    sizeAlgorithm);
}

function advance(controller) {
  const state = controller[kState];
  const { stream } = state;
  if (!state.started || stream[kState].inFlightWriteRequest !== undefined) return;
  if (stream[kState].state === 'erroring') {
    streams.writableStreamFinishErroring(stream);
    return;
  }
  if (state.queue.length === 0) return;
  const value = state.queue.peek();
  if (value === kCloseSentinel) processClose(controller);
  else processWrite(controller, value);
}

function clearAlgorithms(controller) {
  const state = controller[kState];
  state.writeAlgorithm = undefined;
  state.closeAlgorithm = undefined;
  state.abortAlgorithm = undefined;
  state.sizeAlgorithm = undefined;
}

function close(controller) {
  enqueueValueWithSize(controller[kState], kCloseSentinel, 0);
  advance(controller);
}

function fail(controller, error) {
  const { stream } = controller[kState];
  clearAlgorithms(controller);
  streams.writableStreamStartErroring(stream, error);
}

function errorIfNeeded(controller, error) {
  if (controller[kState].stream[kState].state === 'writable') fail(controller, error);
}

function getBackpressure(controller) {
  return getDesiredSize(controller) <= 0;
}

function getChunkSize(controller, chunk) {
  const { sizeAlgorithm } = controller[kState];
  if (sizeAlgorithm === undefined || sizeAlgorithm === one) return 1;
  try {
    return sizeAlgorithm(chunk);
  } catch (error) {
    errorIfNeeded(controller, error);
    return 1;
  }
}

function getDesiredSize(controller) {
  const { highWaterMark, queueTotalSize } = controller[kState];
  return highWaterMark - queueTotalSize;
}

function processClose(controller) {
  const state = controller[kState];
  const { stream } = state;
  streams.writableStreamMarkCloseRequestInFlight(stream);
  dequeueValue(state);
  const result = state.closeAlgorithm();
  clearAlgorithms(controller);
  upon(result,
    () => streams.writableStreamFinishInFlightClose(stream),
    (error) => streams.writableStreamFinishInFlightCloseWithError(stream, error));
}

function processWrite(controller, chunk) {
  const state = controller[kState];
  streams.writableStreamMarkFirstWriteRequestInFlight(state.stream);
  const result = state.writeAlgorithm(chunk);
  if (result !== kParked) upon(result, state.onWritten, state.onWriteFailed);
}

function written(controller) {
  const state = controller[kState];
  const { stream } = state;
  streams.writableStreamFinishInFlightWrite(stream);
  dequeueValue(state);
  if (!streams.writableStreamCloseQueuedOrInFlight(stream) && stream[kState].state === 'writable') {
    streams.writableStreamUpdateBackpressure(stream, getBackpressure(controller));
  }
  advance(controller);
}

function writeFailed(controller, error) {
  const { stream } = controller[kState];
  if (stream[kState].state === 'writable') clearAlgorithms(controller);
  streams.writableStreamFinishInFlightWriteWithError(stream, error);
}

function write(controller, chunk, chunkSize) {
  const state = controller[kState];
  try {
    enqueueValueWithSize(state, chunk, chunkSize);
  } catch (error) {
    errorIfNeeded(controller, error);
    return;
  }
  const { stream } = state;
  if (!streams.writableStreamCloseQueuedOrInFlight(stream) && stream[kState].state === 'writable') {
    streams.writableStreamUpdateBackpressure(stream, getBackpressure(controller));
  }
  advance(controller);
}

module.exports = {
  WritableStreamDefaultController,
  close,
  errorIfNeeded,
  getChunkSize,
  getDesiredSize,
  setup,
  setupFromSink,
  write,
};
