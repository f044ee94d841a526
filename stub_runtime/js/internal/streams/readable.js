'use strict';
// Owns: Readable: queueing (push/unshift), reading, flowing and paused mode,
// end of data, and the property surface.
// Not here: the state layout (readable_state.js), pipe() (pipe.js), the async
// iterator (async_iterator.js), map/filter/... (operators.js).

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
  ReadableState,
  kState,
  kErroredValue,
  kOnConstructed,
  kDecoderValue,
  kEncodingValue,
  kEnded,
  kEndEmitted,
  kReading,
  kSync,
  kNeedReadable,
  kEmittedReadable,
  kReadableListening,
  kResumeScheduled,
  kMultiAwaitDrain,
  kReadingMore,
  kDataEmitted,
  kDecoder,
  kEncoding,
  kHasFlowing,
  kFlowing,
  kHasPaused,
  kPaused,
  kDataListening,
} = require('internal/streams/readable_state');
const {
  AbortError,
  codes: {
    ERR_INVALID_ARG_TYPE,
    ERR_METHOD_NOT_IMPLEMENTED,
    ERR_OUT_OF_RANGE,
    ERR_STREAM_PUSH_AFTER_EOF,
    ERR_STREAM_UNSHIFT_AFTER_END_EVENT,
  },
} = require('internal/errors');

module.exports = Readable;

const { errorOrDestroy } = destroyImpl;

Object.setPrototypeOf(Readable.prototype, Stream.prototype);
Object.setPrototypeOf(Readable, Stream);

Readable.ReadableState = ReadableState;

ReadableState.prototype[kOnConstructed] = function(stream) {
  if ((this[kState] & kNeedReadable) !== 0) scheduleReadMore(stream, this);
};

function Readable(options) {
  if (!(this instanceof Readable)) return new Readable(options);

  // The usual listeners get their slots now, so that every stream has one shape.
  this._events ??= {
    close: undefined,
    error: undefined,
    data: undefined,
    end: undefined,
    readable: undefined,
  };

  this._readableState = new ReadableState(options, this, false);

  if (options) {
    if (typeof options.read === 'function') this._read = options.read;
    if (typeof options.destroy === 'function') this._destroy = options.destroy;
    if (typeof options.construct === 'function') this._construct = options.construct;
    if (options.signal) {
      require('internal/streams/add-abort-signal').addAbortSignal(options.signal, this);
    }
  }

  Stream.call(this, options);

  if (this._construct != null) {
    destroyImpl.construct(this, () => this._readableState[kOnConstructed](this));
  }
}

Readable.prototype.destroy = destroyImpl.destroy;
Readable.prototype._undestroy = destroyImpl.undestroy;
Readable.prototype._destroy = function(err, cb) {
  cb(err);
};

Readable.prototype[EE.captureRejectionSymbol] = function(err) {
  this.destroy(err);
};

Readable.prototype[Symbol.asyncDispose] = function() {
  let error;
  if (!this.destroyed) {
    error = this.readableEnded ? null : new AbortError();
    this.destroy(error);
  }
  return new Promise((resolve, reject) => {
    const eos = require('internal/streams/end-of-stream');
    eos(this, (err) => (err && err !== error ? reject(err) : resolve(null)));
  });
};

// -- filling the queue ------------------------------------------------------

Readable.prototype.push = function(chunk, encoding) {
  const state = this._readableState;
  return (state[kState] & kObjectMode) === 0 ?
    pushBytes(this, state, chunk, encoding) :
    pushObject(this, state, chunk, encoding);
};

Readable.prototype.unshift = function(chunk, encoding) {
  const state = this._readableState;
  if (chunk === null) {
    state[kState] &= ~kReading;
    endOfData(this, state);
    return false;
  }
  if ((state[kState] & kObjectMode) === 0) {
    chunk = bytesForFront(this, state, chunk, encoding);
    if (chunk === undefined) return false;
    if (chunk.length <= 0) return wantsMore(state);
  }
  if ((state[kState] & kEndEmitted) !== 0) {
    errorOrDestroy(this, new ERR_STREAM_UNSHIFT_AFTER_END_EVENT());
  } else if ((state[kState] & (kDestroyed | kErrored)) === 0) {
    addChunk(this, state, chunk, true);
    return wantsMore(state);
  } else {
    return false;
  }
  return wantsMore(state);
};

// True while the producer may go on pushing.
function wantsMore(state) {
  return (state[kState] & kEnded) === 0 &&
    (state.length < state.highWaterMark || state.length === 0);
}

function invalidChunk(stream, chunk) {
  errorOrDestroy(stream, new ERR_INVALID_ARG_TYPE(
    'chunk', ['string', 'Buffer', 'TypedArray', 'DataView'], chunk));
}

// A chunk for the queue's front in the form the queue holds; undefined if it
// cannot be one.
function bytesForFront(stream, state, chunk, encoding) {
  if (typeof chunk === 'string') {
    encoding ||= state.defaultEncoding;
    if (state.encoding === encoding) return chunk;
    const bytes = Buffer.from(chunk, encoding);
    return state.encoding ? bytes.toString(state.encoding) : bytes;
  }
  if (ArrayBuffer.isView(chunk)) return Stream._uint8ArrayToBuffer(chunk);
  if (chunk === undefined) return '';
  invalidChunk(stream, chunk);
}

function pushBytes(stream, state, chunk, encoding) {
  if (chunk === null) {
    state[kState] &= ~kReading;
    endOfData(stream, state);
    return false;
  }

  if (typeof chunk === 'string') {
    encoding ||= state.defaultEncoding;
    if (state.encoding !== encoding) {
      chunk = Buffer.from(chunk, encoding);
      encoding = '';
    }
  } else if (chunk instanceof Buffer) {
    encoding = '';
  } else if (ArrayBuffer.isView(chunk)) {
    chunk = Stream._uint8ArrayToBuffer(chunk);
    encoding = '';
  } else if (chunk !== undefined) {
    invalidChunk(stream, chunk);
    return false;
  }

  if (!chunk || chunk.length <= 0) {
    state[kState] &= ~kReading;
    scheduleReadMore(stream, state);
    return wantsMore(state);
  }

  if ((state[kState] & kEnded) !== 0) {
    errorOrDestroy(stream, new ERR_STREAM_PUSH_AFTER_EOF());
    return false;
  }
  if ((state[kState] & (kDestroyed | kErrored)) !== 0) return false;

  state[kState] &= ~kReading;
  if ((state[kState] & kDecoder) !== 0 && !encoding) {
    chunk = state[kDecoderValue].write(chunk);
    if (chunk.length === 0) {
      // Part of a character: nothing to hand on yet.
      scheduleReadMore(stream, state);
      return wantsMore(state);
    }
  }

  addChunk(stream, state, chunk, false);
  return wantsMore(state);
}

function pushObject(stream, state, chunk, encoding) {
  if (chunk === null) {
    state[kState] &= ~kReading;
    endOfData(stream, state);
    return false;
  }
  if ((state[kState] & kEnded) !== 0) {
    errorOrDestroy(stream, new ERR_STREAM_PUSH_AFTER_EOF());
    return false;
  }
  if ((state[kState] & (kDestroyed | kErrored)) !== 0) return false;

  state[kState] &= ~kReading;
  if ((state[kState] & kDecoder) !== 0 && !encoding) chunk = state[kDecoderValue].write(chunk);
  addChunk(stream, state, chunk, false);
  return wantsMore(state);
}

function addChunk(stream, state, chunk, toFront) {
  if ((state[kState] & (kFlowing | kSync | kDataListening)) === (kFlowing | kDataListening) &&
      state.length === 0) {
    // Flowing, asynchronous, nothing queued: straight to the listener.
    if ((state[kState] & kMultiAwaitDrain) !== 0) state.awaitDrainWriters.clear();
    else state.awaitDrainWriters = null;
    state[kState] |= kDataEmitted;
    stream.emit('data', chunk);
  } else {
    state.length += (state[kState] & kObjectMode) !== 0 ? 1 : chunk.length;
    const queue = state.buffer;
    const index = state.bufferIndex;
    if (index > 0 && (toFront || index === queue.length)) {
      // The slot before the head is free; into an empty queue both ends are.
      queue[index - 1] = chunk;
      state.bufferIndex = index - 1;
    } else if (toFront) {
      queue.unshift(chunk);
    } else {
      queue.push(chunk);
    }

    if ((state[kState] & kNeedReadable) !== 0) emitReadable(stream);
  }
  scheduleReadMore(stream, state);
}

function endOfData(stream, state) {
  if ((state[kState] & kEnded) !== 0) return;
  const decoder = (state[kState] & kDecoder) !== 0 ? state[kDecoderValue] : null;
  if (decoder) {
    const rest = decoder.end();
    if (rest && rest.length) {
      state.buffer.push(rest);
      state.length += (state[kState] & kObjectMode) !== 0 ? 1 : rest.length;
    }
  }
  state[kState] |= kEnded;

  if ((state[kState] & kSync) !== 0) {
    // Inside _read: the event comes after read() has returned.
    emitReadable(stream);
  } else {
    state[kState] = (state[kState] & ~kNeedReadable) | kEmittedReadable;
    emitReadableNow(stream);
  }
}

// -- taking from the queue --------------------------------------------------

const kMaxMark = 0x40000000;

// The next power of two: a reader that asks for n bytes will ask for more.
function markFor(n) {
  if (n > kMaxMark) throw new ERR_OUT_OF_RANGE('size', '<= 1GiB', n);
  n--;
  n |= n >>> 1;
  n |= n >>> 2;
  n |= n >>> 4;
  n |= n >>> 8;
  n |= n >>> 16;
  return n + 1;
}

// How much of a request for n (NaN: whatever is there) can be served now.
function servable(n, state) {
  if (n <= 0 || (state.length === 0 && (state[kState] & kEnded) !== 0)) return 0;
  if ((state[kState] & kObjectMode) !== 0) return 1;
  if (Number.isNaN(n)) {
    // Chunk by chunk; paused text comes as one.
    if (state.length && (state[kState] & (kFlowing | kDecoder)) !== kDecoder) {
      return state.buffer[state.bufferIndex].length;
    }
    return state.length;
  }
  if (n <= state.length) return n;
  return (state[kState] & kEnded) !== 0 ? state.length : 0;
}

Readable.prototype.read = function(n) {
  if (n === undefined) n = NaN;
  else if (!Number.isInteger(n)) n = Number.parseInt(n, 10);

  const state = this._readableState;
  const requested = n;

  if (n > state.highWaterMark) state.highWaterMark = markFor(n);
  if (n !== 0) state[kState] &= ~kEmittedReadable;

  // read(0) with enough queued only makes sure 'readable' (or 'end') comes.
  if (n === 0 && (state[kState] & kNeedReadable) !== 0 &&
      ((state.highWaterMark !== 0 ? state.length >= state.highWaterMark : state.length > 0) ||
       (state[kState] & kEnded) !== 0)) {
    if (state.length === 0 && (state[kState] & kEnded) !== 0) scheduleEnd(this);
    else emitReadable(this);
    return null;
  }

  n = servable(n, state);

  if (n === 0 && (state[kState] & kEnded) !== 0) {
    if (state.length === 0) scheduleEnd(this);
    return null;
  }

  // Ask the source first, it may answer at once: when a reader waits, or
  // when this read takes the queue below its mark.
  let ask = (state[kState] & kNeedReadable) !== 0 ||
    state.length === 0 || state.length - n < state.highWaterMark;
  if ((state[kState] & (kEnded | kReading | kDestroyed | kErrored | kConstructed)) !== kConstructed) {
    ask = false;
  }

  if (ask) {
    state[kState] |= kReading | kSync | (state.length === 0 ? kNeedReadable : 0);
    try {
      this._read(state.highWaterMark);
    } catch (err) {
      errorOrDestroy(this, err);
    }
    state[kState] &= ~kSync;
    if ((state[kState] & kReading) === 0) n = servable(requested, state);
  }

  const chunk = n > 0 ? dequeue(n, state) : null;

  if (chunk === null) {
    if (state.length <= state.highWaterMark) state[kState] |= kNeedReadable;
    n = 0;
  } else {
    state.length -= n;
    if ((state[kState] & kMultiAwaitDrain) !== 0) state.awaitDrainWriters.clear();
    else state.awaitDrainWriters = null;
  }

  if (state.length === 0) {
    if ((state[kState] & kEnded) === 0) state[kState] |= kNeedReadable;
    else if (requested !== n) scheduleEnd(this);
  }

  if (chunk !== null && (state[kState] & (kErrorEmitted | kCloseEmitted)) === 0) {
    state[kState] |= kDataEmitted;
    this.emit('data', chunk);
  }
  return chunk;
};

// Removes n bytes (or one object) from the queue; state.length is the
// caller's to adjust.
function dequeue(n, state) {
  if (state.length === 0) return null;

  const queue = state.buffer;
  const end = queue.length;
  let index = state.bufferIndex;
  let chunk;

  if ((state[kState] & kObjectMode) !== 0) {
    chunk = queue[index];
    queue[index++] = null;
  } else if (!n || n >= state.length) {
    // Everything.
    if (end - index === 1) {
      chunk = queue[index];
      queue[index++] = null;
    } else {
      if ((state[kState] & kDecoder) !== 0) {
        chunk = '';
        for (let i = index; i < end; i++) chunk += queue[i];
      } else {
        chunk = Buffer.concat(index === 0 ? queue : queue.slice(index), state.length);
      }
      queue.length = 0;
      state.bufferIndex = 0;
      return chunk;
    }
  } else {
    const first = queue[index];
    if (n < first.length) {
      queue[index] = first.slice(n);
      return first.slice(0, n);
    }
    if (n === first.length) {
      chunk = first;
      queue[index++] = null;
    } else {
      [chunk, index] = gather(n, queue, index, (state[kState] & kDecoder) !== 0);
    }
  }

  // Used slots stay, empty, as long as they are few: emptying an array frees
  // its memory, and the next chunk would allocate it again.
  if (index === end && end > 16) {
    queue.length = 0;
    state.bufferIndex = 0;
  } else if (index > 1024) {
    queue.splice(0, index);
    state.bufferIndex = 0;
  } else {
    state.bufferIndex = index;
  }
  return chunk;
}

// n bytes (or characters) out of several chunks, and the new head.
function gather(n, queue, index, strings) {
  const out = strings ? null : Buffer.allocUnsafe(n);
  let text = '';
  let filled = 0;
  while (filled < n) {
    const data = queue[index];
    const take = Math.min(n - filled, data.length);
    const part = take === data.length ? data : data.slice(0, take);
    if (strings) text += part;
    else out.set(part, filled);
    filled += take;
    if (take === data.length) queue[index++] = null;
    else queue[index] = data.slice(take);
  }
  return [strings ? text : out, index];
}

Readable._fromList = dequeue;

Readable.prototype._read = function() {
  throw new ERR_METHOD_NOT_IMPLEMENTED('_read()');
};

// -- 'readable', reading ahead, 'end' ---------------------------------------

function emitReadable(stream) {
  const state = stream._readableState;
  state[kState] &= ~kNeedReadable;
  if ((state[kState] & kEmittedReadable) === 0) {
    state[kState] |= kEmittedReadable;
    process.nextTick(emitReadableNow, stream);
  }
}

function emitReadableNow(stream) {
  const state = stream._readableState;
  if ((state[kState] & (kDestroyed | kErrored)) === 0 &&
      (state.length || (state[kState] & kEnded) !== 0)) {
    stream.emit('readable');
    state[kState] &= ~kEmittedReadable;
  }
  // Another 'readable' is due unless data flows, has ended, or enough is queued.
  if ((state[kState] & (kFlowing | kEnded)) === 0 && state.length <= state.highWaterMark) {
    state[kState] |= kNeedReadable;
  } else {
    state[kState] &= ~kNeedReadable;
  }
  flow(stream);
}

// Reads ahead up to the mark, once the pusher has returned.
function scheduleReadMore(stream, state) {
  if ((state[kState] & (kReadingMore | kConstructed)) === kConstructed) {
    state[kState] |= kReadingMore;
    process.nextTick(readMore, stream, state);
  }
}

function readMore(stream, state) {
  while ((state[kState] & (kReading | kEnded)) === 0 &&
         (state.length < state.highWaterMark ||
          ((state[kState] & kFlowing) !== 0 && state.length === 0))) {
    const before = state.length;
    stream.read(0);
    if (before === state.length) break;
  }
  state[kState] &= ~kReadingMore;
}

function scheduleEnd(stream) {
  const state = stream._readableState;
  if ((state[kState] & kEndEmitted) === 0) {
    state[kState] |= kEnded;
    process.nextTick(emitEnd, state, stream);
  }
}

function emitEnd(state, stream) {
  // Something may have been put back, or gone wrong, since.
  if ((state[kState] & (kErrored | kCloseEmitted | kEndEmitted)) !== 0 || state.length !== 0) return;

  state[kState] |= kEndEmitted;
  stream.emit('end');

  if (stream.writable && stream.allowHalfOpen === false) {
    process.nextTick(endWritableHalf, stream);
  } else if ((state[kState] & kAutoDestroy) !== 0) {
    // A Duplex goes only when the other half has finished too.
    const w = stream._writableState;
    if (!w || (w.autoDestroy && (w.finished || w.writable === false))) stream.destroy();
  }
}

function endWritableHalf(stream) {
  if (stream.writable && !stream.writableEnded && !stream.destroyed) stream.end();
}

// -- flowing and paused mode ------------------------------------------------

Readable.prototype.isPaused = function() {
  const bits = this._readableState[kState];
  return (bits & (kHasPaused | kPaused)) === (kHasPaused | kPaused) ||
    (bits & (kHasFlowing | kFlowing)) === kHasFlowing;
};

Readable.prototype.resume = function() {
  const state = this._readableState;
  if ((state[kState] & kDestroyed) !== 0) return this;
  if ((state[kState] & kFlowing) === 0) {
    // With a 'readable' listener the data is taken by read(), not by flow.
    state[kState] |= kHasFlowing;
    if ((state[kState] & kReadableListening) === 0) state[kState] |= kFlowing;
    else state[kState] &= ~kFlowing;
    if ((state[kState] & kResumeScheduled) === 0) {
      state[kState] |= kResumeScheduled;
      process.nextTick(resumeNow, this, state);
    }
  }
  state[kState] = (state[kState] | kHasPaused) & ~kPaused;
  return this;
};

function resumeNow(stream, state) {
  if ((state[kState] & kReading) === 0) stream.read(0);
  state[kState] &= ~kResumeScheduled;
  stream.emit('resume');
  flow(stream);
  if ((state[kState] & (kFlowing | kReading)) === kFlowing) stream.read(0);
}

Readable.prototype.pause = function() {
  const state = this._readableState;
  if ((state[kState] & kDestroyed) !== 0) return this;
  if ((state[kState] & (kHasFlowing | kFlowing)) !== kHasFlowing) {
    state[kState] = (state[kState] | kHasFlowing) & ~kFlowing;
    this.emit('pause');
  }
  state[kState] |= kHasPaused | kPaused;
  return this;
};

function flow(stream) {
  const state = stream._readableState;
  while ((state[kState] & kFlowing) !== 0 && stream.read() !== null);
}

// 'data' starts the flow, 'readable' stops it: the listener reads.
Readable.prototype.on = function(ev, fn) {
  const res = Stream.prototype.on.call(this, ev, fn);
  const state = this._readableState;

  if (ev === 'data') {
    state[kState] |= kDataListening;
    if (this.listenerCount('readable') > 0) state[kState] |= kReadableListening;
    else state[kState] &= ~kReadableListening;
    // Not after an explicit pause().
    if ((state[kState] & (kHasFlowing | kFlowing)) !== kHasFlowing) this.resume();
  } else if (ev === 'readable' && (state[kState] & (kEndEmitted | kReadableListening)) === 0) {
    state[kState] = (state[kState] | kReadableListening | kNeedReadable | kHasFlowing) &
      ~(kFlowing | kEmittedReadable);
    if (state.length) emitReadable(this);
    else if ((state[kState] & kReading) === 0) process.nextTick(readOnce, this);
  }
  return res;
};
Readable.prototype.addListener = Readable.prototype.on;

function readOnce(stream) {
  stream.read(0);
}

Readable.prototype.removeListener = function(ev, fn) {
  const state = this._readableState;
  const res = Stream.prototype.removeListener.call(this, ev, fn);
  if (ev === 'readable') {
    // Later: it may be one half of a once(), which re-adds.
    process.nextTick(updateListening, this);
  } else if (ev === 'data' && this.listenerCount('data') === 0) {
    state[kState] &= ~kDataListening;
  }
  return res;
};
Readable.prototype.off = Readable.prototype.removeListener;

Readable.prototype.removeAllListeners = function(ev) {
  const res = Stream.prototype.removeAllListeners.apply(this, arguments);
  if (ev === 'readable' || ev === undefined) process.nextTick(updateListening, this);
  return res;
};

function updateListening(self) {
  const state = self._readableState;
  if (self.listenerCount('readable') > 0) state[kState] |= kReadableListening;
  else state[kState] &= ~kReadableListening;

  if ((state[kState] & (kHasPaused | kPaused | kResumeScheduled)) === (kHasPaused | kResumeScheduled)) {
    // A resume() is on its way; let it have its effect.
    state[kState] |= kHasFlowing | kFlowing;
  } else if ((state[kState] & kDataListening) !== 0) {
    self.resume();
  } else if ((state[kState] & kReadableListening) === 0) {
    state[kState] &= ~(kHasFlowing | kFlowing);
  }
}

// -- encoding ---------------------------------------------------------------

Readable.prototype.setEncoding = function(enc) {
  const { StringDecoder } = require('string_decoder');
  const decoder = new StringDecoder(enc);
  const state = this._readableState;
  state.decoder = decoder;
  state.encoding = decoder.encoding;

  // What is queued already is decoded now.
  let text = '';
  for (let i = state.bufferIndex; i < state.buffer.length; i++) text += decoder.write(state.buffer[i]);
  state.buffer.length = 0;
  state.bufferIndex = 0;
  if (text !== '') state.buffer.push(text);
  state.length = text.length;
  return this;
};

// -- joining with others ----------------------------------------------------

const { pipe, unpipe } = require('internal/streams/pipe');
Readable.prototype.pipe = pipe;
Readable.prototype.unpipe = unpipe;

// Makes this stream a view of an older stream that only emits events.
Readable.prototype.wrap = function(stream) {
  let paused = false;

  stream.on('data', (chunk) => {
    if (!this.push(chunk) && stream.pause) {
      paused = true;
      stream.pause();
    }
  });
  stream.on('end', () => this.push(null));
  stream.on('error', (err) => errorOrDestroy(this, err));
  stream.on('close', () => this.destroy());
  stream.on('destroy', () => this.destroy());

  this._read = () => {
    if (paused && stream.resume) {
      paused = false;
      stream.resume();
    }
  };

  // Its other methods become ours (http's statusCode and the like).
  for (const key of Object.keys(stream)) {
    if (this[key] === undefined && typeof stream[key] === 'function') {
      this[key] = stream[key].bind(stream);
    }
  }
  return this;
};

Readable.prototype[Symbol.asyncIterator] = function() {
  return require('internal/streams/async_iterator').iterate(this);
};

Readable.prototype.iterator = function(options) {
  if (options !== undefined) require('internal/validators').validateObject(options, 'options');
  return require('internal/streams/async_iterator').iterate(this, options);
};

Readable.prototype.compose = function compose(stream, options) {
  return require('internal/streams/operators').composeOnto(this, stream, options);
};

Readable.from = function(iterable, opts) {
  return require('internal/streams/from')(Readable, iterable, opts);
};

Readable.fromWeb = function(readableStream, options) {
  return require('internal/webstreams/adapters')
    .newStreamReadableFromReadableStream(readableStream, options);
};

Readable.toWeb = function(streamReadable, options) {
  return require('internal/webstreams/adapters')
    .newReadableStreamFromStreamReadable(streamReadable, options);
};

Readable.wrap = function(src, options) {
  return new Readable({
    objectMode: src.readableObjectMode ?? src.objectMode ?? true,
    ...options,
    destroy(err, callback) {
      destroyImpl.destroyer(src, err);
      callback(err);
    },
  }).wrap(src);
};

// -- properties -------------------------------------------------------------

// Each answers on the bare prototype too (inspection of classes).
function getter(get, set) {
  return { __proto__: null, configurable: true, enumerable: false, get, set };
}

Object.defineProperties(Readable.prototype, {
  readable: getter(function() {
    const r = this._readableState;
    // r.readable is only set where somebody switched the half off.
    return !!r && r.readable !== false && (r[kState] & (kDestroyed | kErrorEmitted | kEndEmitted)) === 0;
  }, function(value) {
    if (this._readableState) this._readableState.readable = !!value;
  }),

  readableDidRead: getter(function() {
    return this._readableState.dataEmitted;
  }),

  readableAborted: getter(function() {
    const r = this._readableState;
    return r.readable !== false && (r[kState] & (kDestroyed | kErrored)) !== 0 &&
      (r[kState] & kEndEmitted) === 0;
  }),

  readableHighWaterMark: getter(function() {
    return this._readableState.highWaterMark;
  }),

  readableBuffer: getter(function() {
    return this._readableState?.buffer;
  }),

  readableFlowing: getter(function() {
    return this._readableState.flowing;
  }, function(value) {
    if (this._readableState) this._readableState.flowing = value;
  }),

  readableLength: getter(function() {
    return this._readableState.length;
  }),

  readableObjectMode: getter(function() {
    return this._readableState ? (this._readableState[kState] & kObjectMode) !== 0 : false;
  }),

  readableEncoding: getter(function() {
    const r = this._readableState;
    return r && (r[kState] & kEncoding) !== 0 ? r[kEncodingValue] : null;
  }),

  errored: getter(function() {
    const r = this._readableState;
    return r && (r[kState] & kErrored) !== 0 ? r[kErroredValue] : null;
  }),

  closed: getter(function() {
    return this._readableState ? (this._readableState[kState] & kClosed) !== 0 : false;
  }),

  destroyed: getter(function() {
    return this._readableState ? (this._readableState[kState] & kDestroyed) !== 0 : false;
  }, function(value) {
    // Set by user code that implements its own destroy().
    const r = this._readableState;
    if (!r) return;
    if (value) r[kState] |= kDestroyed;
    else r[kState] &= ~kDestroyed;
  }),

  readableEnded: getter(function() {
    return this._readableState ? (this._readableState[kState] & kEndEmitted) !== 0 : false;
  }),
});
