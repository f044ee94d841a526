'use strict';
// Owns: ReadableByteStreamController and ReadableStreamBYOBRequest: byte
// queues, reads into the caller's memory, transfer of buffers.
// Not here: streams of other values (readable_controller.js).

const {
  codes: {
    ERR_ILLEGAL_CONSTRUCTOR,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_STATE,
  },
} = require('internal/errors');
const { customInspectSymbol: kInspect } = require('internal/util');
const { isArrayBuffer, isSharedArrayBuffer } = require('internal/util/types');
const {
  Queue,
  checkCallback,
  customInspect,
  defineInterface,
  invalidThis,
  isBrandCheck,
  kState,
  kType,
  nop,
  promiseAlgorithm,
  promiseOf,
  resetQueue,
  upon,
} = require('internal/webstreams/util');
const streams = require('internal/webstreams/readablestream');

const { kCancel, kPull, kRelease } = streams;
const kCreate = Symbol('kCreate');

const isByteController = isBrandCheck('ReadableByteStreamController');
const isBYOBRequest = isBrandCheck('ReadableStreamBYOBRequest');

// -- memory -------------------------------------------------------------------

function isDetached(buffer) {
  return isArrayBuffer(buffer) && buffer.detached;
}

// Elements of a typed array, bytes of a DataView.
function viewLength(view) {
  return view instanceof DataView ? view.byteLength : view.length;
}

// The same memory in a new ArrayBuffer; the old one is empty from then on.
function transfer(buffer) {
  if (isSharedArrayBuffer(buffer)) {
    throw new ERR_INVALID_ARG_TYPE('buffer', 'ArrayBuffer', buffer);
  }
  return ArrayBuffer.prototype.transfer.call(buffer);
}

class ReadableStreamBYOBRequest {
  [kType] = 'ReadableStreamBYOBRequest';

  constructor(token = undefined) {
    if (token !== kCreate) throw new ERR_ILLEGAL_CONSTRUCTOR();
  }

  get view() {
    if (!isBYOBRequest(this)) throw invalidThis('ReadableStreamBYOBRequest');
    return this[kState].view;
  }

  respond(bytesWritten) {
    if (!isBYOBRequest(this)) throw invalidThis('ReadableStreamBYOBRequest');
    if (arguments.length === 0) throw new ERR_INVALID_ARG_TYPE('bytesWritten', 'number', undefined);
    bytesWritten = toCount(bytesWritten);
    const { view, controller } = this[kState];
    if (controller === undefined) {
      throw new ERR_INVALID_STATE.TypeError('This BYOB request has been invalidated');
    }
    if (isDetached(view.buffer)) {
      throw new ERR_INVALID_STATE.TypeError('Viewed ArrayBuffer is detached');
    }
    respond(controller, bytesWritten);
  }

  respondWithNewView(view) {
    if (!isBYOBRequest(this)) throw invalidThis('ReadableStreamBYOBRequest');
    if (!ArrayBuffer.isView(view)) {
      throw new ERR_INVALID_ARG_TYPE('view', ['Buffer', 'TypedArray', 'DataView'], view);
    }
    const { controller } = this[kState];
    if (controller === undefined) {
      throw new ERR_INVALID_STATE.TypeError('This BYOB request has been invalidated');
    }
    if (isDetached(view.buffer)) {
      throw new ERR_INVALID_STATE.TypeError('Viewed ArrayBuffer is detached');
    }
    respondWithNewView(controller, view);
  }

  [kInspect](depth, options) {
    return customInspect.call(this, depth, options, this[kType], {
      view: this[kState].view,
      controller: this[kState].controller,
    });
  }
}

// WebIDL's [EnforceRange] unsigned long long.
function toCount(value) {
  const number = Math.trunc(+value);
  if (!(number >= 0 && number <= Number.MAX_SAFE_INTEGER)) {
    throw new ERR_INVALID_ARG_VALUE('bytesWritten', value);
  }
  return number;
}

class ReadableByteStreamController {
  [kType] = 'ReadableByteStreamController';

  constructor(token = undefined) {
    if (token !== kCreate) throw new ERR_ILLEGAL_CONSTRUCTOR();
  }

  get byobRequest() {
    if (!isByteController(this)) throw invalidThis('ReadableByteStreamController');
    return getBYOBRequest(this);
  }

  get desiredSize() {
    if (!isByteController(this)) throw invalidThis('ReadableByteStreamController');
    return getDesiredSize(this);
  }

  close() {
    if (!isByteController(this)) throw invalidThis('ReadableByteStreamController');
    if (this[kState].closeRequested) {
      throw new ERR_INVALID_STATE.TypeError('Controller is already closed');
    }
    if (this[kState].stream[kState].state !== 'readable') {
      throw new ERR_INVALID_STATE.TypeError('ReadableStream is already closed');
    }
    close(this);
  }

  enqueue(chunk) {
    if (!isByteController(this)) throw invalidThis('ReadableByteStreamController');
    if (!ArrayBuffer.isView(chunk)) {
      throw new ERR_INVALID_ARG_TYPE('buffer', ['Buffer', 'TypedArray', 'DataView'], chunk);
    }
    if (chunk.byteLength === 0 || chunk.buffer.byteLength === 0 || isDetached(chunk.buffer)) {
      throw new ERR_INVALID_STATE.TypeError('chunk ArrayBuffer is zero-length or detached');
    }
    if (this[kState].closeRequested) {
      throw new ERR_INVALID_STATE.TypeError('Controller is already closed');
    }
    if (this[kState].stream[kState].state !== 'readable') {
      throw new ERR_INVALID_STATE.TypeError('ReadableStream is already closed');
    }
    enqueue(this, chunk);
  }

  error(error = undefined) {
    if (!isByteController(this)) throw invalidThis('ReadableByteStreamController');
    fail(this, error);
  }

  [kCancel](reason) {
    clearPendingPullIntos(this);
    resetQueue(this[kState]);
    const result = this[kState].cancelAlgorithm(reason);
    clearAlgorithms(this);
    return result;
  }

  [kPull](request) {
    const state = this[kState];
    const { stream } = state;
    if (state.queueTotalSize > 0) {
      fillReadRequestFromQueue(this, request);
      return;
    }
    const { autoAllocateChunkSize } = state;
    if (autoAllocateChunkSize !== undefined) {
      let buffer;
      try {
        buffer = new ArrayBuffer(autoAllocateChunkSize);
      } catch (error) {
        request.error(error);
        return;
      }
      state.pendingPullIntos.push({
        buffer,
        bufferByteLength: autoAllocateChunkSize,
        byteOffset: 0,
        byteLength: autoAllocateChunkSize,
        bytesFilled: 0,
        minimumFill: 1,
        elementSize: 1,
        View: Uint8Array,
        readerType: 'default',
      });
    }
    streams.readableStreamAddReadRequest(stream, request);
    callPullIfNeeded(this);
  }

  [kRelease]() {
    const { pendingPullIntos } = this[kState];
    if (pendingPullIntos.length > 0) {
      // The source may still be writing into the first one's memory.
      const first = pendingPullIntos.peek();
      first.readerType = 'none';
      pendingPullIntos.drain();
      pendingPullIntos.push(first);
    }
  }

  [kInspect](depth, options) {
    return customInspect.call(this, depth, options, this[kType], {});
  }
}

defineInterface(ReadableStreamBYOBRequest, ['view', 'respond', 'respondWithNewView']);
defineInterface(ReadableByteStreamController, ['byobRequest', 'desiredSize', 'close', 'enqueue', 'error']);

// -- setting up ---------------------------------------------------------------

function setup(stream, startAlgorithm, pullAlgorithm, cancelAlgorithm, highWaterMark, autoAllocateChunkSize) {
  const controller = new ReadableByteStreamController(kCreate);
  attach(stream, controller, startAlgorithm, pullAlgorithm, cancelAlgorithm, highWaterMark, autoAllocateChunkSize);
}

function attach(stream, controller, startAlgorithm, pullAlgorithm, cancelAlgorithm, highWaterMark, autoAllocateChunkSize) {
  const state = controller[kState] = {
    stream,
    // Entries are { buffer, byteOffset, byteLength }.
    queue: undefined,
    queueTotalSize: 0,
    started: false,
    closeRequested: false,
    pullAgain: false,
    pulling: false,
    highWaterMark,
    autoAllocateChunkSize,
    byobRequest: null,
    pendingPullIntos: new Queue(),
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

function setupFromSource(stream, source, highWaterMark) {
  const controller = new ReadableByteStreamController(kCreate);
  const autoAllocateChunkSize = source.autoAllocateChunkSize === undefined ?
    undefined : toChunkSize(source.autoAllocateChunkSize);
  const { cancel, pull, start } = source;
  checkCallback(cancel, 'source.cancel');
  checkCallback(pull, 'source.pull');
  checkCallback(start, 'source.start');
  if (autoAllocateChunkSize === 0) {
    throw new ERR_INVALID_ARG_VALUE('source.autoAllocateChunkSize', autoAllocateChunkSize);
  }

  const pullOf = pull && promiseAlgorithm(pull, source, 1);
  attach(
    stream,
    controller,
    start ? () => Reflect.apply(start, source, [controller]) : () => {},
    pullOf ? () => pullOf(controller) : nop,
    cancel ? promiseAlgorithm(cancel, source, 1) : nop,
    highWaterMark,
    autoAllocateChunkSize);
}

function toChunkSize(value) {
  const number = Math.trunc(+value);
  if (!(number >= 0 && number <= Number.MAX_SAFE_INTEGER)) {
    throw new ERR_INVALID_ARG_VALUE('source.autoAllocateChunkSize', value);
  }
  return number;
}

// -- pulling ------------------------------------------------------------------

function callPullIfNeeded(controller) {
  const state = controller[kState];
  if (!shouldCallPull(controller)) return;
  if (state.pulling) {
    state.pullAgain = true;
    return;
  }
  state.pulling = true;
  upon(state.pullAlgorithm(), state.onPulled, state.onPullFailed);
}

function pulled(controller) {
  const state = controller[kState];
  state.pulling = false;
  if (state.pullAgain) {
    state.pullAgain = false;
    callPullIfNeeded(controller);
  }
}

function shouldCallPull(controller) {
  const state = controller[kState];
  const { stream } = state;
  if (stream[kState].state !== 'readable' || state.closeRequested || !state.started) return false;
  if (streams.readableStreamHasDefaultReader(stream)) {
    if (streams.readableStreamGetNumReadRequests(stream) > 0) return true;
  } else if (streams.readableStreamHasBYOBReader(stream)) {
    if (streams.readableStreamGetNumReadIntoRequests(stream) > 0) return true;
  }
  return state.highWaterMark - state.queueTotalSize > 0;
}

function clearAlgorithms(controller) {
  const state = controller[kState];
  state.pullAlgorithm = undefined;
  state.cancelAlgorithm = undefined;
}

function clearPendingPullIntos(controller) {
  invalidateBYOBRequest(controller);
  controller[kState].pendingPullIntos = new Queue();
}

function invalidateBYOBRequest(controller) {
  const state = controller[kState];
  if (state.byobRequest === null) return;
  state.byobRequest[kState].controller = undefined;
  state.byobRequest[kState].view = null;
  state.byobRequest = null;
}

function getBYOBRequest(controller) {
  const state = controller[kState];
  if (state.byobRequest === null && state.pendingPullIntos.length > 0) {
    const first = state.pendingPullIntos.peek();
    const view = new Uint8Array(
      first.buffer, first.byteOffset + first.bytesFilled, first.byteLength - first.bytesFilled);
    const request = new ReadableStreamBYOBRequest(kCreate);
    request[kState] = { controller, view };
    state.byobRequest = request;
  }
  return state.byobRequest;
}

function getDesiredSize(controller) {
  const state = controller[kState];
  switch (state.stream[kState].state) {
    case 'errored': return null;
    case 'closed': return 0;
    default: return state.highWaterMark - state.queueTotalSize;
  }
}

// -- the source's side --------------------------------------------------------

function close(controller) {
  const state = controller[kState];
  const { stream } = state;
  if (state.closeRequested || stream[kState].state !== 'readable') return;
  if (state.queueTotalSize > 0) {
    state.closeRequested = true;
    return;
  }
  if (state.pendingPullIntos.length > 0) {
    const first = state.pendingPullIntos.peek();
    if (first.bytesFilled % first.elementSize !== 0) {
      const error = new ERR_INVALID_STATE.TypeError('Partial read');
      fail(controller, error);
      throw error;
    }
  }
  clearAlgorithms(controller);
  streams.readableStreamClose(stream);
}

function fail(controller, error) {
  const state = controller[kState];
  const { stream } = state;
  if (stream[kState].state !== 'readable') return;
  clearPendingPullIntos(controller);
  resetQueue(state);
  clearAlgorithms(controller);
  streams.readableStreamError(stream, error);
}

function enqueue(controller, chunk) {
  const state = controller[kState];
  const { stream } = state;
  if (state.closeRequested || stream[kState].state !== 'readable') return;

  const { buffer, byteOffset, byteLength } = chunk;
  if (isDetached(buffer)) throw new ERR_INVALID_STATE.TypeError('chunk ArrayBuffer is detached');
  const transferred = transfer(buffer);

  if (state.pendingPullIntos.length > 0) {
    const first = state.pendingPullIntos.peek();
    if (isDetached(first.buffer)) {
      throw new ERR_INVALID_STATE.TypeError('Destination ArrayBuffer is detached');
    }
    invalidateBYOBRequest(controller);
    first.buffer = transfer(first.buffer);
    if (first.readerType === 'none') enqueueDetachedPullIntoToQueue(controller, first);
  }

  if (streams.readableStreamHasDefaultReader(stream)) {
    processReadRequestsUsingQueue(controller);
    if (streams.readableStreamGetNumReadRequests(stream) === 0) {
      enqueueChunkToQueue(controller, transferred, byteOffset, byteLength);
    } else {
      if (state.pendingPullIntos.length > 0) shiftPendingPullInto(controller);
      const view = new Uint8Array(transferred, byteOffset, byteLength);
      streams.readableStreamFulfillReadRequest(stream, view, false);
    }
  } else if (streams.readableStreamHasBYOBReader(stream)) {
    enqueueChunkToQueue(controller, transferred, byteOffset, byteLength);
    const filled = processPullIntoDescriptorsUsingQueue(controller);
    for (const descriptor of filled) commitPullInto(stream, descriptor);
  } else {
    enqueueChunkToQueue(controller, transferred, byteOffset, byteLength);
  }
  callPullIfNeeded(controller);
}

function enqueueChunkToQueue(controller, buffer, byteOffset, byteLength) {
  const state = controller[kState];
  state.queue.push({ buffer, byteOffset, byteLength });
  state.queueTotalSize += byteLength;
}

function enqueueClonedChunkToQueue(controller, buffer, byteOffset, byteLength) {
  let clone;
  try {
    clone = buffer.slice(byteOffset, byteOffset + byteLength);
  } catch (error) {
    fail(controller, error);
    throw error;
  }
  enqueueChunkToQueue(controller, clone, 0, byteLength);
}

// What a released reader's memory got meanwhile goes to the next reader.
function enqueueDetachedPullIntoToQueue(controller, descriptor) {
  if (descriptor.bytesFilled > 0) {
    enqueueClonedChunkToQueue(
      controller, descriptor.buffer, descriptor.byteOffset, descriptor.bytesFilled);
  }
  shiftPendingPullInto(controller);
}

// -- pull-into descriptors ----------------------------------------------------

function shiftPendingPullInto(controller) {
  return controller[kState].pendingPullIntos.shift();
}

function commitPullInto(stream, descriptor) {
  const done = stream[kState].state === 'closed';
  const filled = convertPullInto(descriptor);
  if (descriptor.readerType === 'default') {
    streams.readableStreamFulfillReadRequest(stream, filled, done);
  } else {
    streams.readableStreamFulfillReadIntoRequest(stream, filled, done);
  }
}

function convertPullInto(descriptor) {
  const { bytesFilled, elementSize, View, byteOffset } = descriptor;
  return new View(transfer(descriptor.buffer), byteOffset, bytesFilled / elementSize);
}

// Moves queued bytes into the reader's memory; true when it has its minimum.
function fillPullIntoFromQueue(controller, descriptor) {
  const state = controller[kState];
  const maxCopy = Math.min(state.queueTotalSize, descriptor.byteLength - descriptor.bytesFilled);
  const maxFilled = descriptor.bytesFilled + maxCopy;
  const remainder = maxFilled % descriptor.elementSize;
  const maxAligned = maxFilled - remainder;

  let toCopy = maxCopy;
  let ready = false;
  if (maxAligned >= descriptor.minimumFill) {
    toCopy = maxAligned - descriptor.bytesFilled;
    ready = true;
  }

  const { queue } = state;
  while (toCopy > 0) {
    const head = queue.peek();
    const count = Math.min(toCopy, head.byteLength);
    const target = new Uint8Array(
      descriptor.buffer, descriptor.byteOffset + descriptor.bytesFilled, count);
    target.set(new Uint8Array(head.buffer, head.byteOffset, count));
    if (head.byteLength === count) {
      queue.shift();
    } else {
      head.byteOffset += count;
      head.byteLength -= count;
    }
    state.queueTotalSize -= count;
    fillHeadPullInto(controller, count, descriptor);
    toCopy -= count;
  }
  return ready;
}

function fillHeadPullInto(controller, size, descriptor) {
  invalidateBYOBRequest(controller);
  descriptor.bytesFilled += size;
}

function fillReadRequestFromQueue(controller, request) {
  const state = controller[kState];
  const { buffer, byteOffset, byteLength } = state.queue.shift();
  state.queueTotalSize -= byteLength;
  handleQueueDrain(controller);
  request.chunk(new Uint8Array(buffer, byteOffset, byteLength));
}

function handleQueueDrain(controller) {
  const state = controller[kState];
  if (state.queueTotalSize === 0 && state.closeRequested) {
    clearAlgorithms(controller);
    streams.readableStreamClose(state.stream);
  } else {
    callPullIfNeeded(controller);
  }
}

function processPullIntoDescriptorsUsingQueue(controller) {
  const state = controller[kState];
  const filled = [];
  while (state.pendingPullIntos.length > 0) {
    if (state.queueTotalSize === 0) break;
    const first = state.pendingPullIntos.peek();
    if (!fillPullIntoFromQueue(controller, first)) break;
    shiftPendingPullInto(controller);
    filled.push(first);
  }
  return filled;
}

function processReadRequestsUsingQueue(controller) {
  const state = controller[kState];
  const { readRequests } = state.stream[kState].reader[kState];
  while (readRequests.length > 0 && state.queueTotalSize > 0) {
    fillReadRequestFromQueue(controller, readRequests.shift());
  }
}

function pullInto(controller, view, min, request) {
  const state = controller[kState];
  const { stream } = state;
  const elementSize = view.BYTES_PER_ELEMENT ?? 1;
  const View = viewClass(view);
  const { byteOffset, byteLength } = view;

  let buffer;
  try {
    buffer = transfer(view.buffer);
  } catch (error) {
    request.error(error);
    return;
  }

  const descriptor = {
    buffer,
    bufferByteLength: buffer.byteLength,
    byteOffset,
    byteLength,
    bytesFilled: 0,
    minimumFill: min * elementSize,
    elementSize,
    View,
    readerType: 'byob',
  };

  if (state.pendingPullIntos.length > 0) {
    state.pendingPullIntos.push(descriptor);
    streams.readableStreamAddReadIntoRequest(stream, request);
    return;
  }
  if (stream[kState].state === 'closed') {
    request.close(new View(descriptor.buffer, descriptor.byteOffset, 0));
    return;
  }
  if (state.queueTotalSize > 0) {
    if (fillPullIntoFromQueue(controller, descriptor)) {
      const filled = convertPullInto(descriptor);
      handleQueueDrain(controller);
      request.chunk(filled);
      return;
    }
    if (state.closeRequested) {
      const error = new ERR_INVALID_STATE.TypeError('ReadableStream closed');
      fail(controller, error);
      request.error(error);
      return;
    }
  }
  state.pendingPullIntos.push(descriptor);
  streams.readableStreamAddReadIntoRequest(stream, request);
  callPullIfNeeded(controller);
}

const viewClasses = {
  __proto__: null,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};
const tagOf = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;

// The intrinsic class, whatever `constructor` says; a Buffer stays one.
function viewClass(view) {
  const { Buffer } = require('buffer');
  if (view instanceof Buffer) return BufferView;
  const tag = Reflect.apply(tagOf, view, []);
  return tag === undefined ? DataView : viewClasses[tag] ?? globalThis[tag];
}

function BufferView(buffer, offset, length) {
  return require('buffer').Buffer.from(buffer, offset, length);
}

// -- answers to a BYOB request ------------------------------------------------

function respond(controller, bytesWritten) {
  const state = controller[kState];
  const first = state.pendingPullIntos.peek();
  if (state.stream[kState].state === 'closed') {
    if (bytesWritten !== 0) {
      throw new ERR_INVALID_STATE.TypeError('Controller is closed but view is not zero-length');
    }
  } else {
    if (bytesWritten === 0) {
      throw new ERR_INVALID_STATE.TypeError('View cannot be zero-length');
    }
    if (first.bytesFilled + bytesWritten > first.byteLength) {
      throw new ERR_INVALID_ARG_VALUE.RangeError('bytesWritten', bytesWritten);
    }
  }
  first.buffer = transfer(first.buffer);
  respondInternal(controller, bytesWritten);
}

function respondWithNewView(controller, view) {
  const state = controller[kState];
  const first = state.pendingPullIntos.peek();
  if (state.stream[kState].state === 'closed') {
    if (view.byteLength !== 0) {
      throw new ERR_INVALID_STATE.TypeError('View is not zero-length');
    }
  } else if (view.byteLength === 0) {
    throw new ERR_INVALID_STATE.TypeError('View is zero-length');
  }
  if (first.byteOffset + first.bytesFilled !== view.byteOffset ||
      first.bufferByteLength !== view.buffer.byteLength ||
      first.bytesFilled + view.byteLength > first.byteLength) {
    throw new ERR_INVALID_ARG_VALUE.RangeError('view', view);
  }
  const { byteLength } = view;
  first.buffer = transfer(view.buffer);
  respondInternal(controller, byteLength);
}

function respondInternal(controller, bytesWritten) {
  const state = controller[kState];
  const first = state.pendingPullIntos.peek();
  invalidateBYOBRequest(controller);
  if (state.stream[kState].state === 'closed') respondInClosedState(controller, first);
  else respondInReadableState(controller, bytesWritten, first);
  callPullIfNeeded(controller);
}

function respondInClosedState(controller, first) {
  if (first.readerType === 'none') shiftPendingPullInto(controller);
  const { stream } = controller[kState];
  if (!streams.readableStreamHasBYOBReader(stream)) return;
  const filled = [];
  for (let n = streams.readableStreamGetNumReadIntoRequests(stream); n > 0; n--) {
    filled.push(shiftPendingPullInto(controller));
  }
  for (const descriptor of filled) commitPullInto(stream, descriptor);
}

function respondInReadableState(controller, bytesWritten, descriptor) {
  const { stream } = controller[kState];
  fillHeadPullInto(controller, bytesWritten, descriptor);

  if (descriptor.readerType === 'none') {
    enqueueDetachedPullIntoToQueue(controller, descriptor);
    const filled = processPullIntoDescriptorsUsingQueue(controller);
    for (const other of filled) commitPullInto(stream, other);
    return;
  }
  if (descriptor.bytesFilled < descriptor.minimumFill) return;

  shiftPendingPullInto(controller);
  const remainder = descriptor.bytesFilled % descriptor.elementSize;
  if (remainder > 0) {
    // Part of an element: back to the queue.
    const end = descriptor.byteOffset + descriptor.bytesFilled;
    enqueueClonedChunkToQueue(controller, descriptor.buffer, end - remainder, remainder);
  }
  descriptor.bytesFilled -= remainder;
  const filled = processPullIntoDescriptorsUsingQueue(controller);
  commitPullInto(stream, descriptor);
  for (const other of filled) commitPullInto(stream, other);
}

module.exports = {
  ReadableByteStreamController,
  ReadableStreamBYOBRequest,
  close,
  enqueue,
  fail,
  getBYOBRequest,
  isByteController,
  isDetached,
  pullInto,
  respond,
  respondWithNewView,
  setup,
  setupFromSource,
  viewLength,
};
