'use strict';
// Unhandled rejections. Owns: which promises were rejected without a handler and what is told of them, by
// --unhandled-rejections. Does not own: when it is asked (`task_queues.js`, between ticks).

const { triggerUncaughtException } = internalBinding('task_queue');
const frame = internalBinding('async_context_frame');

// V8's PromiseRejectEvent.
const kRejectWithNoHandler = 0;
const kHandlerAddedAfterReject = 1;
const kRejectAfterResolved = 2;
const kResolveAfterResolved = 3;

let tickInfo;
let lastId = 0;
// Rejected without a handler, not yet told; in order.
let pending = [];
// Told; a handler that comes now is told of as well.
const told = new WeakMap();
const waiting = new Map();
let handledLate = [];

function setTickInfo(info) {
  tickInfo = info;
}

function hasRejectionToWarn() {
  return tickInfo[1] === 1;
}

// trace_events: `trace(unhandled, handledAfter)`, how many there were.
let trace;
const counts = [0, 0];
function setTrace(f) {
  trace = f;
}

function onReject(type, promise, reason) {
  if (trace !== undefined && type <= kHandlerAddedAfterReject) {
    counts[type]++;
    trace(counts[kRejectWithNoHandler], counts[kHandlerAddedAfterReject]);
  }
  switch (type) {
    case kRejectWithNoHandler: {
      const entry = { promise, reason, uid: ++lastId, domain: process.domain, frame: frame.getContinuationPreservedEmbedderData() };
      waiting.set(promise, entry);
      pending.push(entry);
      tickInfo[1] = 1;
      break;
    }
    case kHandlerAddedAfterReject: {
      const entry = waiting.get(promise);
      if (entry !== undefined) {
        waiting.delete(promise);
        return;
      }
      const old = told.get(promise);
      if (old !== undefined) {
        told.delete(promise);
        const warning = new Error(`Promise rejection was handled asynchronously (rejection id: ${old.uid})`);
        warning.name = 'PromiseRejectionHandledWarning';
        warning.id = old.uid;
        handledLate.push({ promise, warning, warned: old.warned });
        tickInfo[1] = 1;
      }
      break;
    }
    case kRejectAfterResolved:
      if (process.listenerCount('multipleResolves') > 0) process.emit('multipleResolves', 'reject', promise, reason);
      break;
    case kResolveAfterResolved:
      if (process.listenerCount('multipleResolves') > 0) process.emit('multipleResolves', 'resolve', promise, reason);
      break;
  }
}

function emitWarning(uid, reason) {
  const { isErrorLike } = require('internal/errors');
  const text = 'Unhandled promise rejection. This error originated either by ' +
    'throwing inside of an async function without a catch block, ' +
    'or by rejecting a promise which was not handled with .catch(). ' +
    'To terminate the node process on unhandled promise ' +
    'rejection, use the CLI flag `--unhandled-rejections=strict` (see ' +
    'https://nodejs.org/api/cli.html#cli_unhandled_rejections_mode). ' +
    `(rejection id: ${uid})`;
  const warning = new Error(text);
  warning.name = 'UnhandledPromiseRejectionWarning';
  try {
    if (isErrorLike(reason)) {
      warning.stack = reason.stack;
      process.emitWarning(reason.stack, 'UnhandledPromiseRejectionWarning');
    } else {
      const { inspect } = require('internal/util/inspect');
      process.emitWarning(inspect(reason), 'UnhandledPromiseRejectionWarning');
    }
  } catch {
    // A reason whose stack throws must not hide the warning itself.
  }
  process.emitWarning(warning);
}

// What an uncaught rejection is thrown as: errors as they are, the rest in ERR_UNHANDLED_REJECTION.
function asError(reason) {
  const { isErrorLike } = require('internal/errors');
  if (isErrorLike(reason)) return reason;
  return new UnhandledPromiseRejection(internalBinding('errors').toDetailString(reason));
}

class UnhandledPromiseRejection extends Error {
  code = 'ERR_UNHANDLED_REJECTION';

  constructor(text) {
    super('This error originated either by throwing inside of an async function without a catch block, or by rejecting a ' +
      `promise which was not handled with .catch(). The promise rejected with the reason "${text}".`);
  }

  get name() {
    return 'UnhandledPromiseRejection';
  }
}

const modes = {
  strict(entry) {
    const err = asError(entry.reason);
    triggerUncaughtException(err, true);
    if (!process.emit('unhandledRejection', entry.reason, entry.promise)) emitWarning(entry.uid, entry.reason);
  },
  warn(entry) {
    entry.warned = true;
    process.emit('unhandledRejection', entry.reason, entry.promise);
    emitWarning(entry.uid, entry.reason);
  },
  'warn-with-error-code'(entry) {
    if (process.emit('unhandledRejection', entry.reason, entry.promise)) return;
    entry.warned = true;
    emitWarning(entry.uid, entry.reason);
    process.exitCode = 1;
  },
  none(entry) {
    process.emit('unhandledRejection', entry.reason, entry.promise);
  },
  throw(entry) {
    if (!process.emit('unhandledRejection', entry.reason, entry.promise)) {
      triggerUncaughtException(asError(entry.reason), true);
    }
  },
};

function processPromiseRejections() {
  tickInfo[1] = 0;
  const late = handledLate;
  if (late.length > 0) {
    handledLate = [];
    for (const { promise, warning, warned } of late) {
      if (!process.emit('rejectionHandled', promise) && warned) process.emitWarning(warning);
    }
  }
  if (pending.length === 0) return late.length > 0;
  const { getOptionValue } = require('internal/options');
  const tell = modes[getOptionValue('--unhandled-rejections')] ?? modes.throw;
  let any = late.length > 0;
  let list = pending;
  pending = [];
  for (let i = 0; i < list.length; i++) {
    const entry = list[i];
    if (waiting.get(entry.promise) !== entry) continue;
    waiting.delete(entry.promise);
    told.set(entry.promise, entry);
    any = true;
    const before = frame.getContinuationPreservedEmbedderData();
    frame.setContinuationPreservedEmbedderData(entry.frame);
    try {
      tell(entry);
    } catch (err) {
      // A throwing handler must not lose the rest.
      pending = list.slice(i + 1).concat(pending);
      tickInfo[1] = pending.length > 0 ? 1 : 0;
      throw err;
    } finally {
      frame.setContinuationPreservedEmbedderData(before);
    }
  }
  return any || tickInfo[1] === 1;
}

module.exports = { setTickInfo, setTrace, hasRejectionToWarn, onReject, processPromiseRejections };
