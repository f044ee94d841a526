'use strict';
// Owns: ReadableStreamDefaultController: the queue between a source of any
// values and a ReadableStream.
// Not here: byte streams (byte_controller.js).

const {
  codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_STATE },
} = require('internal/errors');
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
const streams = require('internal/webstreams/readablestream');

const { kCancel, kPull, kRelease } = streams;
const kCreate = Symbol('kCreate');

const isNormalController = isBrandCheck('ReadableStreamDefaultController');

class ReadableStreamDefaultController {
  [kType] = 'ReadableStreamDefaultController';

  constructor(token = undefined) {
    if (token !== kCreate) throw new ERR_ILLEGAL_CONSTRUCTOR();
  }

  get desiredSize() {
    if (!isNormalController(this)) throw invalidThis('ReadableStreamDefaultController');
    return getDesiredSize(this);
  }

  close() {
    if (!isNormalController(this)) throw invalidThis('ReadableStreamDefaultController');
    if (!canCloseOrEnqueue(this)) {
      throw new ERR_INVALID_STATE.TypeError('Controller is already closed');
    }
    close(this);
  }

  enqueue(chunk = undefined) {
    if (!isNormalController(this)) throw invalidThis('ReadableStreamDefaultController');
    if (!canCloseOrEnqueue(this)) {
      throw new ERR_INVALID_STATE.TypeError('Controller is already closed');
    }
    enqueue(this, chunk);
  }

  error(error = undefined) {
    if (!isNormalController(this)) throw invalidThis('ReadableStreamDefaultController');
    fail(this, error);
  }

  [kCancel](reason) {
    resetQueue(this[kState]);
    const result = this[kState].cancelAlgorithm(reason);
    clearAlgorithms(this);
    return result;
  }

  [kPull](request) {
    const state = this[kState];
    if (state.queue.length > 0) {
      request.chunk(takeQueued(this));
    } else {
      streams.readableStreamAddReadRequest(state.stream, request);
      callPullIfNeeded(this);
    }
  }

  [kRelease]() {}

  [kInspect](depth, options) {
    return customInspect.call(this, depth, options, this[kType], {});
  }
}

defineInterface(ReadableStreamDefaultController, ['desiredSize', 'close', 'enqueue', 'error']);

function setup(stream, startAlgorithm, pullAlgorithm, cancelAlgorithm, highWaterMark, sizeAlgorithm) {
  const controller = new ReadableStreamDefaultController(kCreate);
  attach(stream, controller, startAlgorithm, pullAlgorithm, cancelAlgorithm, highWaterMark, sizeAlgorithm);
}

function attach(stream, controller, startAlgorithm, pullAlgorithm, cancelAlgorithm, highWaterMark, sizeAlgorithm) {
  const state = controller[kState] = {
    stream,
    queue: undefined,
    queueTotalSize: 0,
    started: false,
    closeRequested: false,
    pullAgain: false,
    pulling: false,
    highWaterMark,
    sizeAlgorithm,
    pullAlgorithm,
    cancelAlgorithm,
    onPulled: () => pulled(controller),
    onPullFailed: (error) => fail(controller, error),
  };
  resetQueue(state);
  stream[kState].controller = controller;

  upon(promiseOf(startAlgorithm()), () => {
    state.started = true;
    callPullIfNeeded(controller);
  }, state.onPullFailed);
}

function setupFromSource(stream, source, highWaterMark, sizeAlgorithm) {
  const controller = new ReadableStreamDefaultController(kCreate);
  const cancel = source?.cancel;
  const pull = source?.pull;
  const start = source?.start;
  checkCallback(cancel, 'source.cancel');
  checkCallback(pull, 'source.pull');
  checkCallback(start, 'source.start');

  const pullOf = pull && promiseAlgorithm(pull, source, 1);
  attach(
    stream,
    controller,
    start ? () => Reflect.apply(start, source, [controller]) : () => {},
    pullOf ? () => pullOf(controller) : nop,
    cancel ? promiseAlgorithm(cancel, source, 1) : nop,
    highWaterMark,
    sizeAlgorithm);
}

// The first value of a queue that is not empty.
function takeQueued(controller) {
  const state = controller[kState];
  const chunk = dequeueValue(state);
  if (state.closeRequested && state.queue.length === 0) {
    clearAlgorithms(controller);
    streams.readableStreamClose(state.stream);
  } else {
    callPullIfNeeded(controller);
  }
  return chunk;
}

function callPullIfNeeded(controller) {
  const state = controller[kState];
  if (!shouldCallPull(controller, state)) return;
  if (state.pulling) {
    state.pullAgain = true;
    return;
  }
  state.pulling = true;
  const result = state.pullAlgorithm();
  if (result !== kParked) upon(result, state.onPulled, state.onPullFailed);
}

function pulled(controller) {
  const state = controller[kState];
  state.pulling = false;
  if (state.pullAgain) {
    state.pullAgain = false;
    callPullIfNeeded(controller);
  }
}

function shouldCallPull(controller, state) {
  if (!state.started || state.closeRequested) return false;
  const { stream } = state;
  const streamState = stream[kState];
  if (streamState.state !== 'readable') return false;
  if (streamState.reader !== undefined && streams.readableStreamGetNumReadRequests(stream) > 0) {
    return true;
  }
  return state.highWaterMark - state.queueTotalSize > 0;
}

function clearAlgorithms(controller) {
  const state = controller[kState];
  state.pullAlgorithm = undefined;
  state.cancelAlgorithm = undefined;
  state.sizeAlgorithm = undefined;
}

function canCloseOrEnqueue(controller) {
  const state = controller[kState];
  return !state.closeRequested && state.stream[kState].state === 'readable';
}

function close(controller) {
  if (!canCloseOrEnqueue(controller)) return;
  const state = controller[kState];
  state.closeRequested = true;
  if (state.queue.length === 0) {
    clearAlgorithms(controller);
    streams.readableStreamClose(state.stream);
  }
}

function enqueue(controller, chunk) {
  if (!canCloseOrEnqueue(controller)) return;
  const state = controller[kState];
  const { stream } = state;
  if (stream[kState].reader !== undefined && streams.readableStreamGetNumReadRequests(stream) > 0) {
    streams.readableStreamFulfillReadRequest(stream, chunk, false);
  } else {
    try {
      const { sizeAlgorithm } = state;
      enqueueValueWithSize(state, chunk, sizeAlgorithm === one ? 1 : sizeAlgorithm(chunk));
    } catch (error) {
      fail(controller, error);
      throw error;
    }
  }
  callPullIfNeeded(controller);
}

function fail(controller, error) {
  const state = controller[kState];
  if (state.stream[kState].state !== 'readable') return;
  resetQueue(state);
  clearAlgorithms(controller);
  streams.readableStreamError(state.stream, error);
}

function getDesiredSize(controller) {
  const state = controller[kState];
  switch (state.stream[kState].state) {
    case 'errored': return null;
    case 'closed': return 0;
    default: return state.highWaterMark - state.queueTotalSize;
  }
}

function hasBackpressure(controller) {
  return !shouldCallPull(controller, controller[kState]);
}

module.exports = {
  ReadableStreamDefaultController,
  canCloseOrEnqueue,
  close,
  enqueue,
  fail,
  getDesiredSize,
  hasBackpressure,
  isNormalController,
  setup,
  setupFromSource,
  takeQueued,
};
