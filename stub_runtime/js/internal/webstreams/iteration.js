'use strict';
// Owns: ReadableStream's async iterator and ReadableStream.from().

const { codes: { ERR_ARG_NOT_ITERABLE, ERR_INVALID_STATE, ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { kState, upon } = require('internal/webstreams/util');
const streams = require('internal/webstreams/readablestream');
const controllers = require('internal/webstreams/readable_controller');

const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype);

// -- values() -----------------------------------------------------------------

class Iteration {
  constructor(reader, preventCancel) {
    this.reader = reader;
    this.preventCancel = preventCancel;
    this.finished = false;
    // The last next() or return(), which the following ones wait for.
    this.ongoing = undefined;
    // Of the read under way.
    this.resolve = undefined;
    this.reject = undefined;
    this.settled = (result) => {
      this.ongoing = undefined;
      return result;
    };
    this.failed = (error) => {
      this.ongoing = undefined;
      throw error;
    };
  }

  // The iteration is its own read request: there is one at a time.
  chunk(value) {
    this.resolve({ done: false, value });
  }

  close() {
    this.finished = true;
    streams.readableStreamDefaultReaderRelease(this.reader);
    this.resolve({ done: true, value: undefined });
  }

  error(error) {
    this.finished = true;
    streams.readableStreamDefaultReaderRelease(this.reader);
    this.reject(error);
  }

  next() {
    if (this.finished) return Promise.resolve({ done: true, value: undefined });
    const { stream } = this.reader[kState];
    if (stream === undefined) {
      return Promise.reject(new ERR_INVALID_STATE.TypeError('The reader is not bound to a ReadableStream'));
    }
    const { promise, resolve, reject } = Promise.withResolvers();
    this.resolve = resolve;
    this.reject = reject;
    streams.readableStreamDefaultReaderRead(this.reader, this);
    // A turn later, which gives the source time to pull again.
    return upon(promise, this.settled, this.failed);
  }

  // A value that is there already, when nothing is under way; else undefined.
  nextQueued() {
    if (this.ongoing !== undefined || this.finished) return undefined;
    const { stream } = this.reader[kState];
    if (stream === undefined) return undefined;
    const state = stream[kState];
    const { controller } = state;
    if (state.state !== 'readable' || !controllers.isNormalController(controller) ||
        controller[kState].queue.length === 0) {
      return undefined;
    }
    state.disturbed = true;
    return Promise.resolve({ done: false, value: controllers.takeQueued(controller) });
  }

  return(value) {
    if (this.finished) return Promise.resolve({ done: true, value });
    this.finished = true;
    const { reader } = this;
    const { stream } = reader[kState];
    if (stream === undefined) {
      return Promise.reject(new ERR_INVALID_STATE.TypeError('The reader is not bound to a ReadableStream'));
    }
    if (this.preventCancel) {
      streams.readableStreamDefaultReaderRelease(reader);
      return Promise.resolve({ done: true, value });
    }
    const cancelled = streams.readableStreamCancel(stream, value);
    streams.readableStreamDefaultReaderRelease(reader);
    return upon(cancelled, () => ({ done: true, value }));
  }

  after(step) {
    this.ongoing = this.ongoing ? upon(this.ongoing, step, step) : step();
    return this.ongoing;
  }
}

const ReadableStreamAsyncIteratorPrototype = Object.create(AsyncIteratorPrototype, {
  next: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    writable: true,
    value: function next() {
      const state = this?.[kState];
      if (!(state instanceof Iteration)) return Promise.reject(notAnIterator(this));
      return state.nextQueued() ?? state.after(() => state.next());
    },
  },
  return: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    writable: true,
    value: function(value) {
      const state = this?.[kState];
      if (!(state instanceof Iteration)) return Promise.reject(notAnIterator(this));
      return state.after(() => state.return(value));
    },
  },
  [Symbol.toStringTag]: {
    __proto__: null,
    configurable: true,
    enumerable: false,
    writable: false,
    value: 'ReadableStreamAsyncIterator',
  },
});
Object.defineProperty(ReadableStreamAsyncIteratorPrototype.return, 'name', { __proto__: null, value: 'return' });

function notAnIterator(value) {
  return new ERR_INVALID_ARG_TYPE('this', 'ReadableStreamAsyncIterator', value);
}

function values(stream, preventCancel) {
  const reader = new streams.ReadableStreamDefaultReader(stream);
  const iterator = Object.create(ReadableStreamAsyncIteratorPrototype);
  Object.defineProperty(iterator, kState, {
    __proto__: null,
    enumerable: false,
    value: new Iteration(reader, preventCancel),
  });
  return iterator;
}

// -- from() -------------------------------------------------------------------

// The language's own GetIterator(value, async).
function getAsyncIterator(iterable) {
  const method = iterable?.[Symbol.asyncIterator];
  if (method != null) {
    if (typeof method !== 'function') throw new ERR_ARG_NOT_ITERABLE(iterable);
    return checkIterator(Reflect.apply(method, iterable, []), iterable);
  }
  const sync = iterable?.[Symbol.iterator];
  if (typeof sync !== 'function') throw new ERR_ARG_NOT_ITERABLE(iterable);
  const iterator = checkIterator(Reflect.apply(sync, iterable, []), iterable);
  // yield* in an async generator awaits a plain iterator's values.
  return (async function* () {
    return yield* { [Symbol.iterator]: () => iterator };
  })();
}

function checkIterator(iterator, iterable) {
  if (iterator === null || (typeof iterator !== 'object' && typeof iterator !== 'function')) {
    throw new ERR_INVALID_STATE.TypeError('The iterator must be an object');
  }
  return iterator;
}

function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function readableStreamFromIterable(iterable) {
  const iterator = getAsyncIterator(iterable);
  const { next } = iterator;
  let stream;

  function pull() {
    let result;
    try {
      result = Promise.resolve(Reflect.apply(next, iterator, []));
    } catch (error) {
      return Promise.reject(error);
    }
    return upon(result, (step) => {
      if (!isObject(step)) {
        throw new ERR_INVALID_STATE.TypeError(
          'The promise returned by the iterator.next() method must fulfill with an object');
      }
      const { controller } = stream[kState];
      if (step.done) controllers.close(controller);
      else controllers.enqueue(controller, step.value);
    });
  }

  function cancel(reason) {
    let result;
    try {
      const method = iterator.return;
      if (method == null) return Promise.resolve();
      result = Promise.resolve(Reflect.apply(method, iterator, [reason]));
    } catch (error) {
      return Promise.reject(error);
    }
    return upon(result, (step) => {
      if (!isObject(step)) {
        throw new ERR_INVALID_STATE.TypeError(
          'The promise returned by the iterator.return() method must fulfill with an object');
      }
    });
  }

  stream = streams.createReadableStream(() => {}, pull, cancel, 0);
  return stream;
}

module.exports = { values, readableStreamFromIterable };
