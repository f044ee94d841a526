'use strict';
// Owns: Readable.from, a Readable over any iterable.

const { Buffer } = require('buffer');
const { codes: { ERR_INVALID_ARG_TYPE, ERR_STREAM_NULL_VALUES } } = require('internal/errors');

function from(Readable, iterable, opts) {
  if (typeof iterable === 'string' || iterable instanceof Buffer) {
    return new Readable({
      objectMode: true,
      ...opts,
      read() {
        this.push(iterable);
        this.push(null);
      },
    });
  }

  let iterator;
  let isAsync;
  if (iterable?.[Symbol.asyncIterator]) {
    isAsync = true;
    iterator = iterable[Symbol.asyncIterator]();
  } else if (iterable?.[Symbol.iterator]) {
    isAsync = false;
    iterator = iterable[Symbol.iterator]();
  } else {
    throw new ERR_INVALID_ARG_TYPE('iterable', ['Iterable'], iterable);
  }

  // A mark of 1 by default: values are made when asked for, not ahead.
  const readable = new Readable({ objectMode: true, highWaterMark: 1, ...opts });

  // Set while a pump runs, to keep it single.
  let pumping = false;
  let closing = false;
  let syncValues = false;

  readable._read = function() {
    if (pumping) return;
    pumping = true;
    if (isAsync) pumpAsync();
    else if (syncValues) pumpValues();
    else pumpSync();
  };

  readable._destroy = function(error, cb) {
    closing = true;
    closeIterator(iterator, error).then(
      () => process.nextTick(cb, error),
      (e) => process.nextTick(cb, e || error),
    );
  };

  // One step: hands the value on. True where the pump may go on.
  function take(value) {
    if (value === null) {
      pumping = false;
      throw new ERR_STREAM_NULL_VALUES();
    }
    if (readable.push(value)) return true;
    pumping = false;
    return false;
  }

  async function pumpAsync() {
    try {
      for (;;) {
        const { value, done } = await iterator.next();
        if (done) {
          readable.push(null);
          return;
        }
        if (closing) return;
        if (!take(value)) return;
      }
    } catch (err) {
      readable.destroy(err);
    }
  }

  // A plain iterator runs without promises until it yields a thenable.
  function pumpSync() {
    try {
      for (;;) {
        const { value, done } = iterator.next();
        if (done) {
          readable.push(null);
          return;
        }
        if (value && typeof value.then === 'function') {
          syncValues = true;
          pumpValues(value);
          return;
        }
        if (!take(value)) return;
      }
    } catch (err) {
      readable.destroy(err);
    }
  }

  async function pumpValues(pending) {
    try {
      if (pending !== undefined && !take(await pending)) return;
      for (;;) {
        const { value, done } = iterator.next();
        if (done) {
          readable.push(null);
          return;
        }
        const settled = value && typeof value.then === 'function' ? await value : value;
        if (closing) return;
        if (!take(settled)) return;
      }
    } catch (err) {
      readable.destroy(err);
    }
  }

  return readable;
}

async function closeIterator(iterator, error) {
  if (error !== undefined && error !== null && typeof iterator.throw === 'function') {
    const { value, done } = await iterator.throw(error);
    await value;
    if (done) return;
  }
  if (typeof iterator.return === 'function') {
    const { value } = await iterator.return();
    await value;
  }
}

module.exports = from;
