'use strict';
// process.nextTick and queueMicrotask. Owns: the tick queue and the order ticks, microtasks, rejections. Does not own: when it
// is drained (Rust, `tasks.rs`: after every callback).

const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { validateFunction } = require('internal/validators');
const FixedQueue = require('internal/fixed_queue');
const { runMicrotasks, enqueueMicrotask, triggerUncaughtException } = internalBinding('task_queue');
const frame = internalBinding('async_context_frame');
const {
  hasRejectionToWarn, setTickInfo, processPromiseRejections,
} = require('internal/process/promises');
const {
  newAsyncId, getDefaultTriggerAsyncId, initHooksExist, destroyHooksExist, emitInit, emitBefore, emitAfter, emitDestroy,
  symbols: { async_id_symbol, trigger_async_id_symbol },
} = require('internal/async_hooks');

// [0] a tick is scheduled, [1] a rejection is to be told; Rust reads both.
const tickInfo = new Uint8Array(2);
setTickInfo(tickInfo);
const queue = new FixedQueue();

function runCallback(tick) {
  const { callback, args } = tick;
  if (args === undefined) return callback();
  switch (args.length) {
    case 1: return callback(args[0]);
    case 2: return callback(args[0], args[1]);
    case 3: return callback(args[0], args[1], args[2]);
    default: return callback(...args);
  }
}

function processTicksAndRejections() {
  let tick;
  do {
    while ((tick = queue.shift()) !== null) {
      const before = frame.getContinuationPreservedEmbedderData();
      frame.setContinuationPreservedEmbedderData(tick.frame);
      const asyncId = tick[async_id_symbol];
      emitBefore(asyncId, tick[trigger_async_id_symbol], tick);
      try {
        runCallback(tick);
      } finally {
        if (destroyHooksExist()) emitDestroy(asyncId);
      }
      // Not after an exception: its handlers run in the context of what threw it.
      frame.setContinuationPreservedEmbedderData(before);
      emitAfter(asyncId);
    }
    tickInfo[0] = 0;
    runMicrotasks();
  } while (!queue.isEmpty() || processPromiseRejections());
  tickInfo[0] = 0;
  tickInfo[1] = 0;
}

class Tick {
  constructor(callback, args, asyncId, triggerAsyncId) {
    this.callback = callback;
    this.args = args;
    this.frame = frame.getContinuationPreservedEmbedderData();
    this[async_id_symbol] = asyncId;
    this[trigger_async_id_symbol] = triggerAsyncId;
  }
}

function nextTick(callback, ...args) {
  validateFunction(callback, 'callback');
  if (process._exiting) return;
  if (queue.isEmpty()) tickInfo[0] = 1;
  const asyncId = newAsyncId();
  const tick = new Tick(callback, args.length === 0 ? undefined : args, asyncId, getDefaultTriggerAsyncId());
  if (initHooksExist()) emitInit(asyncId, 'TickObject', tick[trigger_async_id_symbol], tick);
  queue.push(tick);
}

let AsyncResource;

function queueMicrotask(callback) {
  validateFunction(callback, 'callback');
  AsyncResource ??= require('async_hooks').AsyncResource;
  const resource = new AsyncResource('Microtask', { requireManualDestroy: true });
  enqueueMicrotask(() => {
    resource.runInAsyncScope(() => {
      try {
        callback();
      } catch (err) {
        triggerUncaughtException(err, false);
      } finally {
        resource.emitDestroy();
      }
    });
  });
}

module.exports = {
  nextTick, queueMicrotask, processTicksAndRejections, tickInfo, runNextTicks() {
    if (tickInfo[0] === 0 && !hasRejectionToWarn()) runMicrotasks();
    if (tickInfo[0] === 0 && !hasRejectionToWarn()) return;
    processTicksAndRejections();
  },
};
