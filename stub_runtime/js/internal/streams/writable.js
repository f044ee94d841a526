'use strict';
// Owns: Writable: accepting chunks, queueing them while one is being written,
// callbacks and 'drain' in order, end, final and finish.
// Not here: the state layout (writable_state.js), destruction (destroy.js).

const EE = require('events');
const { Buffer } = require('buffer');
const { Stream } = require('internal/streams/legacy');
const destroyImpl = require('internal/streams/destroy');
const {
  kObjectMode,
  kErrorEmitted,
  kAutoDestroy,
  kDestroyed,
  kClosed,
  kCloseEmitted,
  kErrored,
  kConstructed,
} = require('internal/streams/flags');
const {
  makeWritableState,
  nop,
  kState,
  kErroredValue,
  kOnConstructed,
  kFinalCalled,
  kNeedDrain,
  kEnding,
  kFinished,
  kDecodeStrings,
  kWriting,
  kBufferProcessing,
  kPrefinished,
  kAllBuffers,
  kAllNoop,
  kOnFinished,
  kHasWritable,
  kWritable,
  kCorked,
  kDefaultUTF8Encoding,
  kWriteCb,
  kExpectWriteCb,
  kAfterWriteTickInfo,
  kAfterWritePending,
  kBuffered,
  kEnded,
  kSync,
  kBufferedValue,
  kWriteCbValue,
  kAfterWriteTickInfoValue,
  kOnFinishedValue,
} = require('internal/streams/writable_state');
const {
  AbortError,
  codes: {
    ERR_INVALID_ARG_TYPE,
    ERR_METHOD_NOT_IMPLEMENTED,
    ERR_MULTIPLE_CALLBACK,
    ERR_STREAM_ALREADY_FINISHED,
    ERR_STREAM_CANNOT_PIPE,
    ERR_STREAM_DESTROYED,
    ERR_STREAM_NULL_VALUES,
    ERR_STREAM_WRITE_AFTER_END,
    ERR_UNKNOWN_ENCODING,
  },
} = require('internal/errors');

module.exports = Writable;

const { errorOrDestroy } = destroyImpl;

Object.setPrototypeOf(Writable.prototype, Stream.prototype);
Object.setPrototypeOf(Writable, Stream);

const WritableState = makeWritableState(onwrite);
Writable.WritableState = WritableState;

WritableState.prototype[kOnConstructed] = function(stream) {
  if ((this[kState] & kWriting) === 0) flushQueue(stream, this);
  if ((this[kState] & kEnding) !== 0) finishMaybe(stream, this);
};

function Writable(options) {
  if (!(this instanceof Writable)) return new Writable(options);

  this._events ??= {
    close: undefined,
    error: undefined,
    prefinish: undefined,
    finish: undefined,
    drain: undefined,
  };

  this._writableState = new WritableState(options, this, false);

  if (options) {
    if (typeof options.write === 'function') this._write = options.write;
    if (typeof options.writev === 'function') this._writev = options.writev;
    if (typeof options.destroy === 'function') this._destroy = options.destroy;
    if (typeof options.final === 'function') this._final = options.final;
    if (typeof options.construct === 'function') this._construct = options.construct;
    if (options.signal) {
      require('internal/streams/add-abort-signal').addAbortSignal(options.signal, this);
    }
  }

  Stream.call(this, options);

  if (this._construct != null) {
    destroyImpl.construct(this, () => this._writableState[kOnConstructed](this));
  }
}

// A Duplex is a Writable though its prototype chain runs through Readable.
Object.defineProperty(Writable, Symbol.hasInstance, {
  __proto__: null,
  value: function(object) {
    if (Function.prototype[Symbol.hasInstance].call(this, object)) return true;
    if (this !== Writable) return false;
    return object && object._writableState instanceof WritableState;
  },
});

Writable.prototype.pipe = function() {
  errorOrDestroy(this, new ERR_STREAM_CANNOT_PIPE());
};

// -- write ------------------------------------------------------------------

Writable.prototype.write = function(chunk, encoding, cb) {
  if (typeof encoding === 'function') {
    cb = encoding;
    encoding = null;
  }
  return accept(this, chunk, encoding, cb) === true;
};

// True/false as write() answers, or the error that kept the chunk out.
function accept(stream, chunk, encoding, cb) {
  if (typeof cb !== 'function') cb = nop;

  if (chunk === null) throw new ERR_STREAM_NULL_VALUES();

  const state = stream._writableState;
  if ((state[kState] & kObjectMode) === 0) {
    if (!encoding) {
      encoding = (state[kState] & kDefaultUTF8Encoding) !== 0 ? 'utf8' : state.defaultEncoding;
    } else if (encoding !== 'buffer' && !Buffer.isEncoding(encoding)) {
      throw new ERR_UNKNOWN_ENCODING(encoding);
    }
    if (typeof chunk === 'string') {
      if ((state[kState] & kDecodeStrings) !== 0) {
        chunk = Buffer.from(chunk, encoding);
        encoding = 'buffer';
      }
    } else if (chunk instanceof Buffer) {
      encoding = 'buffer';
    } else if (ArrayBuffer.isView(chunk)) {
      chunk = Stream._uint8ArrayToBuffer(chunk);
      encoding = 'buffer';
    } else {
      throw new ERR_INVALID_ARG_TYPE('chunk', ['string', 'Buffer', 'TypedArray', 'DataView'], chunk);
    }
  }

  let err;
  if ((state[kState] & kEnding) !== 0) err = new ERR_STREAM_WRITE_AFTER_END();
  else if ((state[kState] & kDestroyed) !== 0) err = new ERR_STREAM_DESTROYED('write');

  if (err) {
    process.nextTick(cb, err);
    errorOrDestroy(stream, err, true);
    return err;
  }
  state.pendingcb++;
  return writeOrQueue(stream, state, chunk, encoding, cb);
}

function writeOrQueue(stream, state, chunk, encoding, cb) {
  const len = (state[kState] & kObjectMode) !== 0 ? 1 : chunk.length;
  state.length += len;

  // Judged, and noted for 'drain', before a synchronous write ends.
  const ok = state.length < state.highWaterMark;
  if (!ok) state[kState] |= kNeedDrain;

  if ((state[kState] & (kWriting | kErrored | kCorked | kConstructed)) !== kConstructed) {
    if ((state[kState] & kBuffered) === 0) {
      state[kState] |= kBuffered;
      state[kBufferedValue] = [];
    }
    state[kBufferedValue].push({ chunk, encoding, callback: cb });
    if (encoding !== 'buffer') state[kState] &= ~kAllBuffers;
    if (cb !== nop) state[kState] &= ~kAllNoop;
  } else {
    beginWrite(state, len, cb);
    stream._write(chunk, encoding, state.onwrite);
    state[kState] &= ~kSync;
  }
  return ok && (state[kState] & (kDestroyed | kErrored)) === 0;
}

function beginWrite(state, len, cb) {
  state.writelen = len;
  if (cb !== nop) {
    state[kWriteCbValue] = cb;
    state[kState] |= kWriting | kSync | kExpectWriteCb | kWriteCb;
  } else {
    state[kState] = (state[kState] | kWriting | kSync | kExpectWriteCb) & ~kWriteCb;
  }
}

// One _write or _writev of something that was queued.
function doWrite(stream, state, many, len, chunk, encoding, cb) {
  beginWrite(state, len, cb);
  if ((state[kState] & kDestroyed) !== 0) state.onwrite(new ERR_STREAM_DESTROYED('write'));
  else if (many) stream._writev(chunk, state.onwrite);
  else stream._write(chunk, encoding, state.onwrite);
  state[kState] &= ~kSync;
}

Writable.prototype._write = function(chunk, encoding, cb) {
  if (!this._writev) throw new ERR_METHOD_NOT_IMPLEMENTED('_write()');
  this._writev([{ chunk, encoding }], cb);
};

Writable.prototype._writev = null;

Writable.prototype.cork = function() {
  const state = this._writableState;
  state[kState] |= kCorked;
  state.corked++;
};

Writable.prototype.uncork = function() {
  const state = this._writableState;
  if (!state.corked) return;
  if (--state.corked === 0) state[kState] &= ~kCorked;
  if ((state[kState] & kWriting) === 0) flushQueue(this, state);
};

Writable.prototype.setDefaultEncoding = function setDefaultEncoding(encoding) {
  if (typeof encoding === 'string') encoding = encoding.toLowerCase();
  if (!Buffer.isEncoding(encoding)) throw new ERR_UNKNOWN_ENCODING(encoding);
  this._writableState.defaultEncoding = encoding;
  return this;
};

// -- a write is done --------------------------------------------------------

function onwrite(stream, er) {
  const state = stream._writableState;

  if ((state[kState] & kExpectWriteCb) === 0) {
    errorOrDestroy(stream, new ERR_MULTIPLE_CALLBACK());
    return;
  }

  const sync = (state[kState] & kSync) !== 0;
  const cb = (state[kState] & kWriteCb) !== 0 ? state[kWriteCbValue] : nop;
  state[kWriteCbValue] = null;
  state[kState] &= ~(kWriting | kExpectWriteCb | kWriteCb);
  state.length -= state.writelen;
  state.writelen = 0;

  if (er) {
    er.stack; // eslint-disable-line no-unused-expressions
    if ((state[kState] & kErrored) === 0) {
      state[kErroredValue] = er;
      state[kState] |= kErrored;
    }
    // A Duplex must not hand on more data either.
    if (stream._readableState && !stream._readableState.errored) stream._readableState.errored = er;

    if (sync) process.nextTick(onwriteError, stream, state, er, cb);
    else onwriteError(stream, state, er, cb);
    return;
  }

  if ((state[kState] & kBuffered) !== 0) flushQueue(stream, state);

  if (!sync) {
    afterWrite(stream, state, 1, cb);
    return;
  }

  // Synchronous: callbacks and events wait for the next tick, one for many
  // writes, and none at all where nobody waits.
  const needDrain = (state[kState] & kNeedDrain) !== 0 && state.length === 0;
  if (cb === nop) {
    if ((state[kState] & kAfterWritePending) === 0 &&
        (needDrain || (state[kState] & kDestroyed) !== 0)) {
      state[kState] |= kAfterWritePending;
      process.nextTick(afterWrite, stream, state, 1, cb);
    } else {
      state.pendingcb--;
      if ((state[kState] & kEnding) !== 0) finishMaybe(stream, state, true);
    }
  } else if ((state[kState] & kAfterWriteTickInfo) !== 0 &&
             state[kAfterWriteTickInfoValue].cb === cb) {
    state[kAfterWriteTickInfoValue].count++;
  } else {
    const info = { count: 1, cb, stream, state };
    state[kAfterWriteTickInfoValue] = info;
    state[kState] |= kAfterWritePending | kAfterWriteTickInfo;
    process.nextTick(afterWriteTick, info);
  }
}

function onwriteError(stream, state, er, cb) {
  --state.pendingcb;
  cb(er);
  // The queue's callbacks come before 'error'.
  failQueue(state);
  errorOrDestroy(stream, er);
}

function afterWriteTick({ stream, state, count, cb }) {
  state[kState] &= ~kAfterWriteTickInfo;
  state[kAfterWriteTickInfoValue] = null;
  afterWrite(stream, state, count, cb);
}

function afterWrite(stream, state, count, cb) {
  state[kState] &= ~kAfterWritePending;

  if ((state[kState] & (kEnding | kNeedDrain | kDestroyed)) === kNeedDrain && state.length === 0) {
    state[kState] &= ~kNeedDrain;
    stream.emit('drain');
  }

  while (count-- > 0) {
    state.pendingcb--;
    cb(null);
  }

  if ((state[kState] & kDestroyed) !== 0) failQueue(state);
  if ((state[kState] & kEnding) !== 0) finishMaybe(stream, state, true);
}

// -- the queue --------------------------------------------------------------

function resetQueue(state) {
  state[kBufferedValue] = null;
  state.bufferedIndex = 0;
  state[kState] = (state[kState] | kAllBuffers | kAllNoop) & ~kBuffered;
}

// Tells every waiting write and end() that it will not happen.
function failQueue(state) {
  if ((state[kState] & kWriting) !== 0) return;

  if ((state[kState] & kBuffered) !== 0) {
    const queue = state[kBufferedValue];
    for (let n = state.bufferedIndex; n < queue.length; ++n) {
      const { chunk, callback } = queue[n];
      state.length -= (state[kState] & kObjectMode) !== 0 ? 1 : chunk.length;
      callback(state.errored ?? new ERR_STREAM_DESTROYED('write'));
    }
  }

  callOnFinished(state, state.errored ?? new ERR_STREAM_DESTROYED('end'));
  resetQueue(state);
}

function flushQueue(stream, state) {
  if ((state[kState] & (kDestroyed | kBufferProcessing | kCorked | kBuffered | kConstructed)) !==
      (kBuffered | kConstructed)) {
    return;
  }

  const objectMode = (state[kState] & kObjectMode) !== 0;
  const queue = state[kBufferedValue];
  let i = state.bufferedIndex;
  const waiting = queue.length - i;
  if (!waiting) return;

  state[kState] |= kBufferProcessing;
  if (waiting > 1 && stream._writev) {
    state.pendingcb -= waiting - 1;

    let callback = nop;
    if ((state[kState] & kAllNoop) === 0) {
      callback = (err) => {
        for (let n = i; n < queue.length; ++n) queue[n].callback(err);
      };
    }
    const chunks = (state[kState] & kAllNoop) !== 0 && i === 0 ? queue : queue.slice(i);
    chunks.allBuffers = (state[kState] & kAllBuffers) !== 0;

    doWrite(stream, state, true, state.length, chunks, '', callback);
    resetQueue(state);
  } else {
    do {
      const { chunk, encoding, callback } = queue[i];
      queue[i++] = null;
      doWrite(stream, state, false, objectMode ? 1 : chunk.length, chunk, encoding, callback);
    } while (i < queue.length && (state[kState] & kWriting) === 0);

    if (i === queue.length) {
      resetQueue(state);
    } else if (i > 256) {
      queue.splice(0, i);
      state.bufferedIndex = 0;
    } else {
      state.bufferedIndex = i;
    }
  }
  state[kState] &= ~kBufferProcessing;
}

// -- end --------------------------------------------------------------------

Writable.prototype.end = function(chunk, encoding, cb) {
  const state = this._writableState;

  if (typeof chunk === 'function') {
    cb = chunk;
    chunk = null;
    encoding = null;
  } else if (typeof encoding === 'function') {
    cb = encoding;
    encoding = null;
  }

  let err;
  if (chunk !== null && chunk !== undefined) {
    const res = accept(this, chunk, encoding);
    if (res instanceof Error) err = res;
  }

  // end() takes out every cork.
  if ((state[kState] & kCorked) !== 0) {
    state.corked = 1;
    this.uncork();
  }

  if (err) {
    // write() has taken care of it.
  } else if ((state[kState] & (kEnding | kErrored)) === 0) {
    // Forgiving: a second end() without a callback is not an error.
    state[kState] |= kEnding;
    finishMaybe(this, state, true);
    state[kState] |= kEnded;
  } else if ((state[kState] & kFinished) !== 0) {
    err = new ERR_STREAM_ALREADY_FINISHED('end');
  } else if ((state[kState] & kDestroyed) !== 0) {
    err = new ERR_STREAM_DESTROYED('end');
  }

  if (typeof cb === 'function') {
    if (err) {
      process.nextTick(cb, err);
    } else if ((state[kState] & kErrored) !== 0) {
      process.nextTick(cb, state[kErroredValue]);
    } else if ((state[kState] & kFinished) !== 0) {
      process.nextTick(cb);
    } else {
      state[kState] |= kOnFinished;
      state[kOnFinishedValue] ??= [];
      state[kOnFinishedValue].push(cb);
    }
  }
  return this;
};

function callOnFinished(state, err) {
  if ((state[kState] & kOnFinished) === 0) return;
  const callbacks = state[kOnFinishedValue];
  state[kOnFinishedValue] = null;
  state[kState] &= ~kOnFinished;
  for (let i = 0; i < callbacks.length; i++) callbacks[i](err);
}

function canFinish(state) {
  return (state[kState] & (
    kEnding | kDestroyed | kConstructed | kFinished | kWriting | kErrorEmitted | kCloseEmitted |
    kErrored | kBuffered)) === (kEnding | kConstructed) && state.length === 0;
}

function onFinal(stream, state, err) {
  state.pendingcb--;
  if (err) {
    callOnFinished(state, err);
    errorOrDestroy(stream, err, (state[kState] & kSync) !== 0);
  } else if (canFinish(state)) {
    state[kState] |= kPrefinished;
    stream.emit('prefinish');
    // Not at once: user code may still be adding its 'finish' listener.
    state.pendingcb++;
    process.nextTick(finish, stream, state);
  }
}

function callFinal(stream, state) {
  let called = false;

  function done(err) {
    if (called) {
      errorOrDestroy(stream, err ?? new ERR_MULTIPLE_CALLBACK());
      return;
    }
    called = true;
    onFinal(stream, state, err);
  }

  state[kState] |= kSync;
  state.pendingcb++;
  try {
    stream._final(done);
  } catch (err) {
    done(err);
  }
  state[kState] &= ~kSync;
}

function prefinish(stream, state) {
  if ((state[kState] & (kPrefinished | kFinalCalled)) !== 0) return;
  if (typeof stream._final === 'function' && (state[kState] & kDestroyed) === 0) {
    state[kState] |= kFinalCalled;
    callFinal(stream, state);
  } else {
    state[kState] |= kPrefinished;
    stream.emit('prefinish');
  }
}

function finishMaybe(stream, state, sync) {
  if (!canFinish(state)) return;
  prefinish(stream, state);
  if (state.pendingcb !== 0) return;
  if (sync) {
    state.pendingcb++;
    process.nextTick(finishIfStillDue, stream, state);
  } else if (canFinish(state)) {
    state.pendingcb++;
    finish(stream, state);
  }
}

function finishIfStillDue(stream, state) {
  if (canFinish(state)) finish(stream, state);
  else state.pendingcb--;
}

function finish(stream, state) {
  state.pendingcb--;
  state[kState] |= kFinished;
  callOnFinished(state, null);
  stream.emit('finish');

  if ((state[kState] & kAutoDestroy) !== 0) {
    // A Duplex goes only when the other half has ended too.
    const r = stream._readableState;
    if (!r || (r.autoDestroy && (r.endEmitted || r.readable === false))) stream.destroy();
  }
}

// -- destruction ------------------------------------------------------------

Writable.prototype.destroy = function(err, cb) {
  const state = this._writableState;
  if ((state[kState] & (kBuffered | kOnFinished)) !== 0 && (state[kState] & kDestroyed) === 0) {
    process.nextTick(failQueue, state);
  }
  destroyImpl.destroy.call(this, err, cb);
  return this;
};

Writable.prototype._undestroy = destroyImpl.undestroy;
Writable.prototype._destroy = function(err, cb) {
  cb(err);
};

Writable.prototype[EE.captureRejectionSymbol] = function(err) {
  this.destroy(err);
};

Writable.prototype[Symbol.asyncDispose] = function() {
  let error;
  if (!this.destroyed) {
    error = this.writableFinished ? null : new AbortError();
    this.destroy(error);
  }
  return new Promise((resolve, reject) => {
    const eos = require('internal/streams/end-of-stream');
    eos(this, (err) => (err && err !== error ? reject(err) : resolve(null)));
  });
};

Writable.fromWeb = function(writableStream, options) {
  return require('internal/webstreams/adapters')
    .newStreamWritableFromWritableStream(writableStream, options);
};

Writable.toWeb = function(streamWritable) {
  return require('internal/webstreams/adapters')
    .newWritableStreamFromStreamWritable(streamWritable);
};

// -- properties -------------------------------------------------------------

function getter(get, set) {
  return { __proto__: null, configurable: true, enumerable: false, get, set };
}

// A view of one bit that also answers on the bare prototype.
function bit(mask, absent) {
  return getter(function() {
    const w = this._writableState;
    return w ? (w[kState] & mask) !== 0 : absent;
  });
}

Object.defineProperties(Writable.prototype, {
  closed: bit(kClosed, false),
  writableFinished: bit(kFinished, false),
  writableObjectMode: bit(kObjectMode, false),
  writableEnded: bit(kEnding, false),

  destroyed: getter(function() {
    return this._writableState ? (this._writableState[kState] & kDestroyed) !== 0 : false;
  }, function(value) {
    // Set by user code that implements its own destroy().
    const w = this._writableState;
    if (!w) return;
    if (value) w[kState] |= kDestroyed;
    else w[kState] &= ~kDestroyed;
  }),

  writable: getter(function() {
    const w = this._writableState;
    // Strict about the state of the stream, lenient about a foreign one.
    return !!w && (w[kState] & (kHasWritable | kWritable)) !== kHasWritable &&
      (w[kState] & (kEnding | kEnded | kDestroyed | kErrored)) === 0;
  }, function(value) {
    if (this._writableState) this._writableState.writable = !!value;
  }),

  writableBuffer: getter(function() {
    return this._writableState && this._writableState.getBuffer();
  }),

  writableNeedDrain: getter(function() {
    const w = this._writableState;
    return w ? (w[kState] & (kDestroyed | kEnding | kNeedDrain)) === kNeedDrain : false;
  }),

  writableHighWaterMark: getter(function() {
    return this._writableState && this._writableState.highWaterMark;
  }),

  writableCorked: getter(function() {
    return this._writableState ? this._writableState.corked : 0;
  }),

  writableLength: getter(function() {
    return this._writableState && this._writableState.length;
  }),

  errored: getter(function() {
    return this._writableState ? this._writableState.errored : null;
  }),

  writableAborted: getter(function() {
    const w = this._writableState;
    return (w[kState] & (kHasWritable | kWritable)) !== kHasWritable &&
      (w[kState] & (kDestroyed | kErrored)) !== 0 && (w[kState] & kFinished) === 0;
  }),
});
