'use strict';
// node:timers/promises. Owns: promises, abort and iteration over timers. Does not own: queues (`internal/timers.js`).

const { Timeout, Immediate, insert } = require('internal/timers');
const { clearImmediate, clearTimeout, clearInterval } = require('timers');
const { AbortError, codes: { ERR_INVALID_THIS, ERR_ILLEGAL_CONSTRUCTOR } } = require('internal/errors');
const {
  validateAbortSignal, validateBoolean, validateNumber, validateObject,
} = require('internal/validators');
const { kEmptyObject } = require('internal/util');

function abortError(signal) {
  return new AbortError(undefined, { cause: signal?.reason });
}

function listen(signal, onAbort) {
  const { kResistStopPropagation } = require('internal/event_target');
  signal.addEventListener('abort', onAbort, { __proto__: null, once: true, [kResistStopPropagation]: true });
}

function options(value = kEmptyObject) {
  validateObject(value, 'options');
  const { signal, ref = true } = value;
  if (signal !== undefined) validateAbortSignal(signal, 'options.signal');
  validateBoolean(ref, 'options.ref');
  return { signal, ref };
}

// One timer as a promise that an abort signal rejects.
function once(start, stop, opts) {
  let signal;
  let ref;
  try {
    ({ signal, ref } = opts());
  } catch (err) {
    return Promise.reject(err);
  }
  if (signal?.aborted) return Promise.reject(abortError(signal));
  let onAbort;
  const promise = new Promise((resolve, reject) => {
    const timer = start(resolve);
    if (!ref) timer.unref();
    if (signal) {
      onAbort = () => {
        stop(timer);
        reject(abortError(signal));
      };
      listen(signal, onAbort);
    }
  });
  return onAbort === undefined ? promise : promise.finally(() => signal.removeEventListener('abort', onAbort));
}

function setTimeout(delay, value, opts) {
  return once((resolve) => {
    const timer = new Timeout(resolve, delay, [value], false, true);
    insert(timer, timer._idleTimeout);
    return timer;
  }, clearTimeout, () => {
    if (delay !== undefined) validateNumber(delay, 'delay');
    return options(opts);
  });
}

function setImmediate(value, opts) {
  return once((resolve) => new Immediate(resolve, [value]), clearImmediate, () => options(opts));
}

async function* setInterval(after, value, opts) {
  if (after !== undefined) validateNumber(after, 'delay');
  const { signal, ref } = options(opts);
  if (signal?.aborted) throw abortError(signal);
  let onAbort;
  let interval;
  let notYielded = 0;
  let wake;
  try {
    interval = new Timeout(() => {
      notYielded++;
      wake?.();
      wake = undefined;
    }, after, undefined, true, ref);
    insert(interval, interval._idleTimeout);
    if (signal) {
      onAbort = () => {
        clearInterval(interval);
        wake?.(Promise.reject(abortError(signal)));
        wake = undefined;
      };
      listen(signal, onAbort);
    }
    while (!signal?.aborted) {
      if (notYielded === 0) await new Promise((resolve) => { wake = resolve; });
      for (; notYielded > 0; notYielded--) yield value;
    }
    throw abortError(signal);
  } finally {
    clearInterval(interval);
    signal?.removeEventListener('abort', onAbort);
  }
}

class Scheduler {
  constructor() {
    throw new ERR_ILLEGAL_CONSTRUCTOR();
  }

  yield() {
    if (!brand.has(this)) throw new ERR_INVALID_THIS('Scheduler');
    return setImmediate();
  }

  wait(delay, opts) {
    if (!brand.has(this)) throw new ERR_INVALID_THIS('Scheduler');
    return setTimeout(delay, undefined, opts);
  }
}
const scheduler = Object.create(Scheduler.prototype);
const brand = new WeakSet([scheduler]);

module.exports = { setTimeout, setImmediate, setInterval, scheduler };
