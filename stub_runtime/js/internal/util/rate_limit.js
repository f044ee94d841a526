'use strict';
// util.debounce() and util.throttle(): functions that call another one less often. Both give promises for its
// results.

const { AbortError, codes: { ERR_THROTTLED } } = require('internal/errors');
const { kEmptyObject } = require('internal/util');
const {
  validateAbortSignal,
  validateBoolean,
  validateFunction,
  validateInteger,
  validateNumber,
  validateObject,
  validateOneOf,
} = require('internal/validators');

// Milliseconds of a clock that only goes forward.
const now = () => process.uptime() * 1000;

const kMaxTimeout = 2 ** 31 - 1;

// Cancels with the signal's reason once it aborts.
function followSignal(signal, cancel) {
  if (signal === undefined) return;
  require('events').addAbortListener(signal, () => cancel(abortError(signal)));
}

function abortError(signal) {
  return signal === undefined ? new AbortError() : new AbortError(undefined, { cause: signal.reason });
}

// Calls `fn` once no call has come for `wait` ms, with the arguments of the last.
function debounce(fn, wait, options = kEmptyObject) {
  validateFunction(fn, 'fn');
  validateInteger(wait, 'wait', 0, kMaxTimeout);
  validateObject(options, 'options');
  const { leading = false, signal } = options;
  validateBoolean(leading, 'options.leading');
  validateAbortSignal(signal, 'options.signal');

  let timer;
  let isRefed = true;
  let args;
  let waiting = [];

  function invokePending() {
    const callers = waiting;
    const given = args;
    waiting = [];
    args = undefined;
    let result;
    try {
      result = Reflect.apply(fn, debounced, given);
    } catch (err) {
      for (const { reject } of callers) reject(err);
      return;
    }
    for (const { resolve } of callers) resolve(result);
  }

  function onTimeout() {
    timer = undefined;
    if (waiting.length > 0) invokePending();
  }

  function cancel(error) {
    clearTimeout(timer);
    timer = undefined;
    const callers = waiting;
    waiting = [];
    args = undefined;
    for (const { reject } of callers) reject(error);
  }

  const debounced = function(...given) {
    if (signal?.aborted) return Promise.reject(abortError(signal));
    const isFirst = timer === undefined;
    if (isFirst) {
      timer = setTimeout(onTimeout, wait);
      if (!isRefed) timer.unref();
    } else {
      timer.refresh();
    }
    const { promise, reject, resolve } = Promise.withResolvers();
    waiting.push({ reject, resolve });
    args = given;
    if (isFirst && leading) invokePending();
    return promise;
  };

  debounced.cancel = function cancelPending() {
    cancel(new AbortError());
  };
  debounced.flush = function flush() {
    clearTimeout(timer);
    onTimeout();
  };
  debounced.ref = function ref() {
    isRefed = true;
    timer?.ref();
    return debounced;
  };
  debounced.unref = function unref() {
    isRefed = false;
    timer?.unref();
    return debounced;
  };
  Object.defineProperty(debounced.cancel, 'name', { __proto__: null, value: 'cancel', configurable: true });
  followSignal(signal, cancel);
  return nameless(debounced);
}

// Calls `fn` at most `limit` times in `interval` ms; further calls wait, or are dropped.
function throttle(fn, limit, interval, options = kEmptyObject) {
  validateFunction(fn, 'fn');
  validateInteger(limit, 'limit', 1);
  validateInteger(interval, 'interval', 0, kMaxTimeout);
  validateObject(options, 'options');
  const { maxPending = Infinity, overflow = 'queue', signal } = options;
  validateOneOf(overflow, 'options.overflow', ['queue', 'drop']);
  validateNumber(maxPending, 'options.maxPending', 0);
  validateAbortSignal(signal, 'options.signal');

  let timer;
  let isRefed = true;
  let windowStart = -Infinity;
  let used = 0;
  const queue = [];

  function hasImmediateCapacity() {
    if (now() - windowStart >= interval) return queue.length === 0;
    return used < limit;
  }

  function invoke({ args, reject, resolve }) {
    const now = now();
    if (now - windowStart >= interval) {
      windowStart = now;
      used = 0;
    }
    used++;
    try {
      resolve(Reflect.apply(fn, throttled, args));
    } catch (err) {
      reject(err);
    }
  }

  function schedule() {
    if (timer !== undefined || queue.length === 0) return;
    // Timers may be a little early.
    const delay = Math.max(1, Math.ceil(windowStart + interval - now()));
    timer = setTimeout(drain, delay);
    if (!isRefed) timer.unref();
  }

  function drain() {
    timer = undefined;
    for (let i = 0; i < limit && queue.length > 0; i++) {
      if (used >= limit && now() - windowStart < interval) break;
      invoke(queue.shift());
    }
    schedule();
  }

  function cancel(error) {
    clearTimeout(timer);
    timer = undefined;
    windowStart = -Infinity;
    used = 0;
    for (const { reject } of queue.splice(0)) reject(error);
  }

  const throttled = function(...args) {
    if (signal?.aborted) return Promise.reject(abortError(signal));
    const { promise, reject, resolve } = Promise.withResolvers();
    const call = { args, reject, resolve };
    if (queue.length === 0 && hasImmediateCapacity()) {
      invoke(call);
    } else if (overflow === 'drop' || queue.length >= maxPending) {
      reject(new ERR_THROTTLED());
    } else {
      queue.push(call);
      schedule();
    }
    return promise;
  };

  throttled.cancel = function cancelPending() {
    cancel(new AbortError());
  };
  throttled.hasImmediateCapacity = hasImmediateCapacity;
  throttled.ref = function ref() {
    isRefed = true;
    timer?.ref();
    return throttled;
  };
  throttled.unref = function unref() {
    isRefed = false;
    timer?.unref();
    return throttled;
  };
  Object.defineProperty(throttled.cancel, 'name', { __proto__: null, value: 'cancel', configurable: true });
  followSignal(signal, cancel);
  return nameless(throttled);
}

function nameless(fn) {
  return Object.defineProperty(fn, 'name', { __proto__: null, value: '', configurable: true });
}

module.exports = { debounce, throttle };
