'use strict';
// Owns: the stream under all of zlib's classes: chunks go to the codec one at a time, what comes out is pushed.
// Does not own: options (internal/zlib/options), classes and functions that programs see (zlib, internal/zlib/streams).
// Properties with an underscore are Node's: packages read them, and call _processChunk() and _handle.writeSync().

const assert = require('internal/assert');
const { Buffer } = require('buffer');
const { FastBuffer } = require('internal/buffer');
const { Transform, finished } = require('stream');
const { owner_symbol } = require('internal/async_hooks').symbols;
const {
  codes: { ERR_BUFFER_TOO_LARGE, ERR_TRAILING_JUNK_AFTER_STREAM_END },
  genericNodeError,
} = require('internal/errors');
const { checkRangesOrGetDefault } = require('internal/validators');
const { common } = require('internal/zlib/options');
const { createHandle } = require('internal/zlib/handle');
const { Z_NO_FLUSH, Z_BLOCK, Z_PARTIAL_FLUSH, Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH } = require('internal/zlib/constants');

const kFlushFlag = Symbol('kFlushFlag');
const kError = Symbol('kError');

// Weakest first; the flush numbers of the other formats are in this order too.
const strengths = [];
[Z_NO_FLUSH, Z_BLOCK, Z_PARTIAL_FLUSH, Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH].forEach((flag, i) => {
  strengths[flag] = i;
});

// Empty chunks that stand for a flush() among the writes.
const flushChunks = [];
function flushChunk(flag) {
  if (flushChunks[flag] === undefined) {
    flushChunks[flag] = new FastBuffer();
    flushChunks[flag][kFlushFlag] = flag;
  }
  return flushChunks[flag];
}

function makeError(message, code, errno) {
  const error = genericNodeError(message, { errno, code });
  error.errno = errno;
  error.code = code;
  return error;
}

// As the handle's method. The codec cannot go on.
function onerror(message, errno, code) {
  const self = this[owner_symbol];
  const error = makeError(message, code, errno);
  self.destroy(error);
  self[kError] = error;
}

function ZlibBase(opts, recipe) {
  const settings = common(opts, recipe.mode);
  if (opts && (opts.encoding || opts.objectMode || opts.writableObjectMode)) {
    opts = { ...opts, encoding: null, objectMode: false, writableObjectMode: false };
  }
  // The same array is there before and after: subclasses of programs look at it.
  const state = new Uint32Array(2);
  const handle = createHandle(recipe, state, afterWrite);
  Transform.call(this, { autoDestroy: true, ...opts });
  this[kError] = null;
  this._writeState = state;
  this.bytesWritten = 0;
  this._handle = handle;
  handle[owner_symbol] = this;
  handle.onerror = onerror;
  this._outBuffer = Buffer.allocUnsafe(settings.chunkSize);
  this._outOffset = 0;
  this._chunkSize = settings.chunkSize;
  this._defaultFlushFlag = settings.flush;
  this._finishFlushFlag = settings.finishFlush;
  this._defaultFullFlushFlag = settings.fullFlush;
  this._flushBoundIdx = settings.index;
  this._info = opts?.info;
  this._maxOutputLength = settings.maxOutputLength;
  this._rejectGarbageAfterEnd = settings.rejectRest;
}
Object.setPrototypeOf(ZlibBase.prototype, Transform.prototype);
Object.setPrototypeOf(ZlibBase, Transform);

Object.defineProperty(ZlibBase.prototype, '_closed', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get() {
    return !this._handle;
  },
});

ZlibBase.prototype.reset = function() {
  assert(this._handle, 'zlib binding closed');
  return this._handle.reset();
};

// The end: one more chunk, empty, with the flag of the end.
ZlibBase.prototype._flush = function(callback) {
  this._transform(new FastBuffer(), '', callback);
};

// Transform's own would call _flush() too early.
ZlibBase.prototype._final = function(callback) {
  callback();
};

const bounds = [[0, 5], [0, 3], [0, 2]];

ZlibBase.prototype.flush = function(kind, callback) {
  if (typeof kind === 'function' || (kind === undefined && !callback)) {
    callback = kind;
    kind = this._defaultFullFlushFlag;
  }
  const { 0: min, 1: max } = bounds[this._flushBoundIdx];
  kind = checkRangesOrGetDefault(kind, 'kind', min, max, this._defaultFullFlushFlag);
  if (this.writableFinished) {
    if (callback) process.nextTick(callback);
  } else if (this.writableEnded) {
    if (callback) this.once('end', callback);
  } else {
    this.write(flushChunk(kind), '', callback);
  }
};

ZlibBase.prototype.close = function(callback) {
  if (callback) finished(this, callback);
  this.destroy();
};

ZlibBase.prototype._destroy = function(err, callback) {
  closeHandle(this);
  callback(err);
};

ZlibBase.prototype._transform = function(chunk, encoding, cb) {
  let flag = typeof chunk[kFlushFlag] === 'number' ? chunk[kFlushFlag] : this._defaultFlushFlag;
  const isLast = this.writableEnded && this.writableLength === chunk.byteLength;
  if (isLast && strengths[this._finishFlushFlag] >= strengths[flag]) flag = this._finishFlushFlag;
  processChunk(this, chunk, flag, cb);
};

ZlibBase.prototype._processChunk = function(chunk, flag, cb) {
  if (typeof cb === 'function') processChunk(this, chunk, flag, cb);
  else return processChunkSync(this, chunk, flag);
};

// An error's handle is closed already.
function closeHandle(self) {
  self._handle?.close();
  self._handle = null;
}

function processChunkSync(self, chunk, flag) {
  const handle = self._handle;
  const state = self._writeState;
  const chunkSize = self._chunkSize;
  let out = self._outBuffer;
  let outOffset = self._outOffset;
  let room = chunkSize - outOffset;
  let offset = 0;
  let left = chunk.byteLength;
  const buffers = [];
  let length = 0;
  let error;
  // destroy() tells it once more, when nobody listens.
  self.on('error', (er) => {
    error = er;
  });

  for (;;) {
    handle.writeSync(flag, chunk, offset, left, out, outOffset, room);
    if (error) throw error;
    if (self[kError]) throw self[kError];
    const { 0: roomAfter, 1: leftAfter } = state;
    offset += left - leftAfter;
    left = leftAfter;
    const written = room - roomAfter;
    assert(written >= 0, 'have should not go down');
    if (written > 0) {
      buffers.push(out.slice(outOffset, outOffset + written));
      outOffset += written;
      length += written;
      if (length > self._maxOutputLength) {
        closeHandle(self);
        throw new ERR_BUFFER_TOO_LARGE(self._maxOutputLength);
      }
    }
    if (roomAfter !== 0) break;
    // The output was too small: there may be more.
    out = Buffer.allocUnsafe(chunkSize);
    outOffset = 0;
    room = chunkSize;
  }

  if (left > 0 && self._rejectGarbageAfterEnd) {
    closeHandle(self);
    throw new ERR_TRAILING_JUNK_AFTER_STREAM_END();
  }
  self.bytesWritten = offset;
  closeHandle(self);
  if (length === 0) return new FastBuffer();
  return buffers.length === 1 ? buffers[0] : Buffer.concat(buffers, length);
}

function processChunk(self, chunk, flag, cb) {
  const handle = self._handle;
  if (!handle) return process.nextTick(cb);
  // The handle keeps the write's state: it is what the callback gets.
  handle.buffer = chunk;
  handle.cb = cb;
  handle.availOutBefore = self._chunkSize - self._outOffset;
  handle.availInBefore = chunk.byteLength;
  handle.inOff = 0;
  handle.flushFlag = flag;
  writeAgain(self, handle);
}

function writeAgain(self, handle) {
  handle.write(handle.flushFlag, handle.buffer, handle.inOff, handle.availInBefore,
    self._outBuffer, self._outOffset, handle.availOutBefore);
}

// As the handle's method, after a write on the pool.
function afterWrite() {
  const self = this[owner_symbol];
  if (self.destroyed) {
    this.buffer = null;
    this.cb();
    return;
  }
  const { 0: roomAfter, 1: leftAfter } = self._writeState;
  const read = this.availInBefore - leftAfter;
  self.bytesWritten += read;
  const written = this.availOutBefore - roomAfter;
  assert(written >= 0, 'have should not go down');
  let isFull = false;
  if (written > 0) {
    const out = self._outBuffer.slice(self._outOffset, self._outOffset + written);
    self._outOffset += written;
    isFull = !self.push(out);
    if (self.destroyed) {
      this.buffer = null;
      this.cb();
      return;
    }
  }
  if (roomAfter === 0 || self._outOffset >= self._chunkSize) {
    self._outOffset = 0;
    self._outBuffer = Buffer.allocUnsafe(self._chunkSize);
  }
  if (roomAfter === 0) {
    // There may be more; where the reader has enough, when it asks.
    this.availOutBefore = self._chunkSize;
    this.inOff += read;
    this.availInBefore = leftAfter;
    if (!isFull) {
      writeAgain(self, this);
      return;
    }
    const read_ = self._read;
    self._read = (n) => {
      self._read = read_;
      writeAgain(self, this);
      self._read(n);
    };
    return;
  }
  if (leftAfter > 0) {
    // Room but no use for the rest: the compressed data has ended.
    if (self._rejectGarbageAfterEnd) {
      const error = new ERR_TRAILING_JUNK_AFTER_STREAM_END();
      self.destroy(error);
      this.cb(error);
      return;
    }
    self.push(null);
  }
  this.buffer = null;
  this.cb();
}

module.exports = { ZlibBase, makeError, processChunkSync };
