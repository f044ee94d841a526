'use strict';
// Owns: the array-like methods of Readable: map, filter, forEach, toArray,
// some, every, find, flatMap, reduce, drop, take, and compose.
// Those that give a stream are async generators here; stream.js wraps them.

const {
  codes: {
    ERR_INVALID_ARG_TYPE,
    ERR_MISSING_ARGS,
    ERR_OUT_OF_RANGE,
  },
  AbortError,
} = require('internal/errors');
const {
  validateAbortSignal,
  validateInteger,
  validateObject,
} = require('internal/validators');

const kEmpty = Symbol('kEmpty');
const kEnd = Symbol('kEnd');

function composeOnto(source, stream, options) {
  if (options != null) validateObject(options, 'options');
  if (options?.signal != null) validateAbortSignal(options.signal, 'options.signal');
  const composed = require('internal/streams/compose')(source, stream);
  if (options?.signal) {
    require('internal/streams/add-abort-signal').addAbortSignalNoValidate(options.signal, composed);
  }
  return composed;
}

function checkFn(fn) {
  if (typeof fn !== 'function') {
    throw new ERR_INVALID_ARG_TYPE('fn', 'Function', fn);
  }
}

function checkOptions(options) {
  if (options != null) validateObject(options, 'options');
  if (options?.signal != null) validateAbortSignal(options.signal, 'options.signal');
}

// Runs fn on the stream's values, up to `concurrency` at a time and up to
// `limit` results waiting, and gives the results in order.
class Mapper {
  constructor(stream, fn, options, concurrency, limit) {
    this.stream = stream;
    this.fn = fn;
    this.signal = AbortSignal.any(options?.signal ? [options.signal] : []);
    this.concurrency = concurrency;
    this.limit = limit;
    this.queue = [];
    this.running = 0;
    this.done = false;
    this.wakeReader = null;
    this.wakePump = null;
    this.onSettled = () => {
      this.running--;
      this.maybePump();
    };
    this.onFailed = () => {
      this.done = true;
      this.onSettled();
    };
  }

  maybePump() {
    if (this.wakePump && !this.done && this.running < this.concurrency &&
        this.queue.length < this.limit) {
      this.wakePump();
      this.wakePump = null;
    }
  }

  wake() {
    if (this.wakeReader) {
      this.wakeReader();
      this.wakeReader = null;
    }
  }

  async pump() {
    const extra = { signal: this.signal };
    try {
      for await (const item of this.stream) {
        if (this.done) return;
        if (this.signal.aborted) throw new AbortError();

        let result;
        try {
          result = this.fn(item, extra);
          if (result === kEmpty) continue;
          result = Promise.resolve(result);
        } catch (err) {
          result = Promise.reject(err);
        }
        this.running++;
        result.then(this.onSettled, this.onFailed);
        this.queue.push(result);
        this.wake();

        if (!this.done &&
            (this.queue.length >= this.limit || this.running >= this.concurrency)) {
          await new Promise((resolve) => { this.wakePump = resolve; });
        }
      }
      this.queue.push(kEnd);
    } catch (err) {
      const failed = Promise.reject(err);
      failed.then(this.onSettled, this.onFailed);
      this.queue.push(failed);
    } finally {
      this.done = true;
      this.wake();
    }
  }

  async* results() {
    this.pump();
    const { queue } = this;
    try {
      for (;;) {
        while (queue.length > 0) {
          const value = await queue[0];
          if (value === kEnd) return;
          if (this.signal.aborted) throw new AbortError();
          if (value !== kEmpty) yield value;
          queue.shift();
          this.maybePump();
        }
        await new Promise((resolve) => { this.wakeReader = resolve; });
      }
    } finally {
      this.done = true;
      if (this.wakePump) {
        this.wakePump();
        this.wakePump = null;
      }
    }
  }
}

function map(fn, options) {
  checkFn(fn);
  checkOptions(options);

  let concurrency = 1;
  if (options?.concurrency != null) concurrency = Math.floor(options.concurrency);
  let highWaterMark = concurrency - 1;
  if (options?.highWaterMark != null) highWaterMark = Math.floor(options.highWaterMark);
  validateInteger(concurrency, 'options.concurrency', 1);
  validateInteger(highWaterMark, 'options.highWaterMark', 0);

  const stream = this;
  return (async function* map() {
    yield* new Mapper(stream, fn, options, concurrency, highWaterMark + concurrency).results();
  })();
}

function filter(fn, options) {
  checkFn(fn);
  async function filterFn(value, opts) {
    return await fn(value, opts) ? value : kEmpty;
  }
  return map.call(this, filterFn, options);
}

function flatMap(fn, options) {
  const values = map.call(this, fn, options);
  return (async function* flatMap() {
    for await (const val of values) yield* val;
  })();
}

async function forEach(fn, options) {
  checkFn(fn);
  async function forEachFn(value, opts) {
    await fn(value, opts);
    return kEmpty;
  }
  // eslint-disable-next-line no-unused-vars
  for await (const unused of map.call(this, forEachFn, options));
}

async function toArray(options) {
  checkOptions(options);
  const result = [];
  for await (const val of this) {
    if (options?.signal?.aborted) {
      throw new AbortError(undefined, { cause: options.signal.reason });
    }
    result.push(val);
  }
  return result;
}

async function some(fn, options = undefined) {
  // eslint-disable-next-line no-unused-vars
  for await (const unused of filter.call(this, fn, options)) return true;
  return false;
}

async function every(fn, options = undefined) {
  checkFn(fn);
  return !(await some.call(this, async (...args) => !(await fn(...args)), options));
}

async function find(fn, options) {
  for await (const result of filter.call(this, fn, options)) return result;
  return undefined;
}

async function reduce(reducer, initialValue, options) {
  if (typeof reducer !== 'function') {
    throw new ERR_INVALID_ARG_TYPE('reducer', 'Function', reducer);
  }
  checkOptions(options);

  let hasValue = arguments.length > 1;
  if (options?.signal?.aborted) {
    const err = new AbortError(undefined, { cause: options.signal.reason });
    this.once('error', () => {}); // The rejection tells it already.
    await require('internal/streams/end-of-stream').finished(this.destroy(err));
    throw err;
  }

  const controller = new AbortController();
  const { signal } = controller;
  if (options?.signal) {
    options.signal.addEventListener('abort', () => controller.abort(), { once: true });
  }

  let gotAnyItem = false;
  try {
    for await (const value of this) {
      gotAnyItem = true;
      if (options?.signal?.aborted) throw new AbortError();
      if (!hasValue) {
        initialValue = value;
        hasValue = true;
      } else {
        initialValue = await reducer(initialValue, value, { signal });
      }
    }
    if (!gotAnyItem && !hasValue) {
      // As Array.prototype.reduce on an empty array; the text says "stream".
      const err = new ERR_MISSING_ARGS('reduce');
      err.message = 'Reduce of an empty stream requires an initial value';
      throw err;
    }
  } finally {
    controller.abort();
  }
  return initialValue;
}

// NaN counts as 0, as in Array.prototype.slice.
function toCount(number) {
  number = Number(number);
  if (Number.isNaN(number)) return 0;
  if (number < 0) throw new ERR_OUT_OF_RANGE('number', '>= 0', number);
  return number;
}

function drop(number, options = undefined) {
  checkOptions(options);
  number = toCount(number);
  const stream = this;
  return (async function* drop() {
    if (options?.signal?.aborted) throw new AbortError();
    for await (const val of stream) {
      if (options?.signal?.aborted) throw new AbortError();
      if (number-- <= 0) yield val;
    }
  })();
}

function take(number, options = undefined) {
  checkOptions(options);
  number = toCount(number);
  const stream = this;
  return (async function* take() {
    if (options?.signal?.aborted) throw new AbortError();
    for await (const val of stream) {
      if (options?.signal?.aborted) throw new AbortError();
      if (number-- > 0) yield val;
      // Without waiting for one value more than asked for.
      if (number <= 0) return;
    }
  })();
}

module.exports = {
  composeOnto,
  streamReturningOperators: { drop, filter, flatMap, map, take },
  promiseReturningOperators: { every, forEach, reduce, toArray, some, find },
};
