'use strict';
// Owns: reading a stream with `for await`. Behaves as an async generator that
// reads, waits for 'readable' and destroys the stream at its end, but answers
// at once where a chunk is queued.

const { aggregateTwoErrors } = require('internal/errors');
const destroyImpl = require('internal/streams/destroy');

const AsyncIteratorPrototype =
  Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}).prototype);

function iterate(stream, options) {
  if (typeof stream.read !== 'function') {
    const Readable = require('internal/streams/readable');
    stream = Readable.wrap(stream, { objectMode: true });
  }
  const iterator = new StreamIterator();
  const state = new Iteration(stream, options);
  iterator.next = () => state.next();
  iterator.return = (value) => state.return(value);
  iterator.throw = (err) => state.throw(err);
  iterator.stream = stream;
  return iterator;
}

function StreamIterator() {}
StreamIterator.prototype = Object.create(AsyncIteratorPrototype);

class Iteration {
  constructor(stream, options) {
    this.stream = stream;
    this.destroyOnReturn = options?.destroyOnReturn !== false;
    this.started = false;
    this.completed = false;
    // undefined: goes on; null: ended well; else why not.
    this.error = undefined;
    // A next() that waits; those behind it are in `waiting`.
    this.inFlight = false;
    this.asleep = false;
    this.resolve = undefined;
    this.reject = undefined;
    this.waiting = undefined;
    this.cleanup = undefined;
    this.pump = () => this.continue();
    this.onReadable = () => this.wake();
    this.onChunk = (value) => {
      this.inFlight = false;
      this.drain();
      return { done: false, value };
    };
    this.onChunkFailed = (err) => {
      this.inFlight = false;
      this.fail(err);
      this.drain();
      throw this.error;
    };
  }

  start() {
    const eos = require('internal/streams/end-of-stream');
    this.started = true;
    this.stream.on('readable', this.onReadable);
    this.cleanup = eos(this.stream, { writable: false }, (err) => {
      this.error = err ? aggregateTwoErrors(this.error, err) : null;
      this.wake();
    });
  }

  next() {
    if (this.inFlight) return this.enqueue('next', undefined);
    if (this.completed) return Promise.resolve({ done: true, value: undefined });
    if (!this.started) this.start();

    const { stream } = this;
    const chunk = stream.destroyed ? null : stream.read();
    if (chunk !== null) {
      const then = chunk?.then;
      if (typeof then !== 'function') return Promise.resolve({ done: false, value: chunk });
      // As `yield` would, wait for it.
      this.inFlight = true;
      return Promise.resolve(chunk).then(this.onChunk, this.onChunkFailed);
    }
    if (this.error) {
      this.finish();
      return Promise.reject(this.error);
    }
    if (this.error === null) {
      this.finish();
      return Promise.resolve({ done: true, value: undefined });
    }

    this.inFlight = true;
    this.asleep = true;
    const { promise, resolve, reject } = Promise.withResolvers();
    this.resolve = resolve;
    this.reject = reject;
    return promise;
  }

  // Something happened; a turn later, see what.
  wake() {
    if (!this.asleep) return;
    this.asleep = false;
    Promise.resolve().then(this.pump);
  }

  // The rest of a next() that had to wait.
  continue() {
    const { stream } = this;
    let chunk;
    try {
      chunk = stream.destroyed ? null : stream.read();
    } catch (err) {
      this.inFlight = false;
      this.fail(err);
      this.reject(this.error);
      this.drain();
      return;
    }
    if (chunk !== null) {
      if (typeof chunk?.then === 'function') {
        this.resolve(Promise.resolve(chunk).then(this.onChunk, this.onChunkFailed));
        return;
      }
      this.inFlight = false;
      this.resolve({ done: false, value: chunk });
    } else if (this.error) {
      this.inFlight = false;
      this.finish();
      this.reject(this.error);
    } else if (this.error === null) {
      this.inFlight = false;
      this.finish();
      this.resolve({ done: true, value: undefined });
    } else {
      this.asleep = true;
      return;
    }
    this.drain();
  }

  return(value) {
    if (this.inFlight) return this.enqueue('return', value);
    if (this.started) this.finish();
    this.completed = true;
    return Promise.resolve(value).then((result) => ({ done: true, value: result }));
  }

  throw(err) {
    if (this.inFlight) return this.enqueue('throw', err);
    if (!this.started || this.completed) {
      this.completed = true;
      return Promise.reject(err);
    }
    this.fail(err);
    return Promise.reject(this.error);
  }

  fail(err) {
    this.error = aggregateTwoErrors(this.error, err);
    this.finish();
  }

  // Once: destroys the stream, or lets go of it.
  finish() {
    if (this.completed) return;
    this.completed = true;
    const { stream, error } = this;
    if ((error || this.destroyOnReturn) &&
        (error === undefined || stream._readableState.autoDestroy)) {
      destroyImpl.destroyer(stream, null);
    } else {
      stream.off('readable', this.onReadable);
      this.cleanup();
    }
  }

  enqueue(method, value) {
    const { promise, resolve } = Promise.withResolvers();
    this.waiting ??= [];
    this.waiting.push({ method, value, resolve });
    return promise;
  }

  // Serves who came while a next() waited, up to the next that must wait.
  drain() {
    while (this.waiting !== undefined && this.waiting.length > 0 && !this.inFlight) {
      const { method, value, resolve } = this.waiting.shift();
      resolve(this[method](value));
    }
  }
}

module.exports = { iterate };
