'use strict';
// events.once() and events.on(): emitters and event targets as promises and async iterators.

const { AbortError, codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { kEmptyObject } = require('internal/util');
const {
  validateAbortSignal,
  validateInteger,
  validateObject,
} = require('internal/validators');

// Set by internal users that want the first argument of each event, not the array of them.
const kFirstEventParam = Symbol.for('nodejs.kFirstEventParam');
const kWatermarkData = Symbol.for('nodejs.watermarkData');

const AsyncIteratorPrototype = Object.getPrototypeOf(
  Object.getPrototypeOf(async function* () {}).prototype);

function addListener(emitter, name, listener, flags) {
  if (typeof emitter.on === 'function') {
    if (flags?.once) emitter.once(name, listener);
    else emitter.on(name, listener);
  } else if (typeof emitter.addEventListener === 'function') {
    emitter.addEventListener(name, listener, flags);
  } else {
    throw new ERR_INVALID_ARG_TYPE('emitter', 'EventEmitter', emitter);
  }
}

function removeListener(emitter, name, listener, flags) {
  if (typeof emitter.removeListener === 'function') {
    emitter.removeListener(name, listener);
  } else if (typeof emitter.removeEventListener === 'function') {
    emitter.removeEventListener(name, listener, flags);
  } else {
    throw new ERR_INVALID_ARG_TYPE('emitter', 'EventEmitter', emitter);
  }
}

// Resolves with the arguments of the next `name` event, rejects with an 'error' that comes first.
async function once(emitter, name, options = kEmptyObject) {
  validateObject(options, 'options');
  const { signal } = options;
  validateAbortSignal(signal, 'options.signal');
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  const { kResistStopPropagation } = require('internal/event_target');
  const opts = { __proto__: null, once: true, [kResistStopPropagation]: true };

  return new Promise((resolve, reject) => {
    const onError = (err) => {
      emitter.removeListener(name, onEvent);
      if (signal != null) removeListener(signal, 'abort', onAbort);
      reject(err);
    };
    const onEvent = (...args) => {
      if (typeof emitter.removeListener === 'function') emitter.removeListener('error', onError);
      if (signal != null) removeListener(signal, 'abort', onAbort);
      resolve(args);
    };
    function onAbort() {
      removeListener(emitter, name, onEvent);
      removeListener(emitter, 'error', onError);
      reject(new AbortError(undefined, { cause: signal.reason }));
    }
    addListener(emitter, name, onEvent, opts);
    // EventTarget has no special 'error' event.
    if (name !== 'error' && typeof emitter.once === 'function') emitter.once('error', onError);
    if (signal != null) addListener(signal, 'abort', onAbort, opts);
  });
}

// An async iterator over the `event`s of an emitter.
function on(emitter, event, options = kEmptyObject) {
  validateObject(options, 'options');
  const { signal } = options;
  validateAbortSignal(signal, 'options.signal');
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
  // Both spellings were public at some time.
  const high = options.highWaterMark ?? options.highWatermark ?? Number.MAX_SAFE_INTEGER;
  validateInteger(high, 'options.highWaterMark', 1);
  const low = options.lowWaterMark ?? options.lowWatermark ?? 1;
  validateInteger(low, 'options.lowWaterMark', 1);

  const FixedQueue = require('internal/fixed_queue');
  const { kResistStopPropagation } = require('internal/event_target');
  const events = new FixedQueue();
  const promises = new FixedQueue();
  const listeners = [];
  let paused = false;
  let error = null;
  let finished = false;
  let size = 0;
  let removeAbortListener;

  const listen = (target, name, handler, flags) => {
    addListener(target, name, handler, flags);
    listeners.push([target, name, handler, flags]);
  };

  function onEvent(value) {
    if (promises.isEmpty()) {
      size++;
      if (!paused && size > high) {
        paused = true;
        emitter.pause();
      }
      events.push(value);
    } else {
      promises.shift().resolve({ done: false, value });
    }
  }

  function onError(err) {
    if (promises.isEmpty()) error = err;
    else promises.shift().reject(err);
    close();
  }

  function close() {
    removeAbortListener?.();
    for (const { 0: target, 1: name, 2: handler, 3: flags } of listeners) {
      removeListener(target, name, handler, flags);
    }
    listeners.length = 0;
    finished = true;
    paused = false;
    const done = { done: finished, value: undefined };
    while (!promises.isEmpty()) promises.shift().resolve(done);
    return Promise.resolve(done);
  }

  const iterator = Object.setPrototypeOf({
    next() {
      if (size) {
        const value = events.shift();
        size--;
        if (paused && size < low) {
          emitter.resume();
          paused = false;
        }
        return Promise.resolve({ done: false, value });
      }
      if (error) {
        const rejected = Promise.reject(error);
        // Thrown once, then the iteration is over.
        error = null;
        return rejected;
      }
      if (finished) return close();
      return new Promise((resolve, reject) => {
        promises.push({ resolve, reject });
      });
    },

    return() {
      return close();
    },

    throw(err) {
      if (!err || !(err instanceof Error)) {
        throw new ERR_INVALID_ARG_TYPE('EventEmitter.AsyncIterator', 'Error', err);
      }
      onError(err);
    },

    [Symbol.asyncIterator]() {
      return this;
    },

    [kWatermarkData]: {
      get size() {
        return size;
      },
      get low() {
        return low;
      },
      get high() {
        return high;
      },
      get isPaused() {
        return paused;
      },
    },
  }, AsyncIteratorPrototype);

  listen(emitter, event, options[kFirstEventParam] ? onEvent : (...args) => onEvent(args),
    { __proto__: null, [kResistStopPropagation]: true });
  if (event !== 'error' && typeof emitter.on === 'function') listen(emitter, 'error', onError);
  const closeEvents = options.close;
  if (closeEvents?.length) {
    for (const name of closeEvents) listen(emitter, name, close);
  }
  if (signal) {
    const disposable = require('events').addAbortListener(signal, () => {
      onError(new AbortError(undefined, { cause: signal.reason }));
    });
    removeAbortListener = disposable[Symbol.dispose];
  }
  return iterator;
}

module.exports = { kFirstEventParam, on, once };
