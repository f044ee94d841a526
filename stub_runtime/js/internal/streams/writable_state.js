'use strict';
// Owns: WritableState, what a Writable remembers: counters, the queue of
// waiting chunks, and its booleans as bits of one small integer.
// Not here: what the bits mean for the order of events (writable.js).

const { getHighWaterMark, getDefaultHighWaterMark } = require('internal/streams/state');
const { codes: { ERR_UNKNOWN_ENCODING } } = require('internal/errors');
const {
  kState,
  kErroredValue,
  kOnConstructed,
  kObjectMode,
  kAutoDestroy,
  kEmitClose,
  kConstructed,
  kFirstOwnBit,
  defineFlags,
} = require('internal/streams/flags');

const kFinalCalled = 1 << kFirstOwnBit;
const kNeedDrain = 1 << (kFirstOwnBit + 1);
const kEnding = 1 << (kFirstOwnBit + 2);
const kFinished = 1 << (kFirstOwnBit + 3);
const kDecodeStrings = 1 << (kFirstOwnBit + 4);
const kWriting = 1 << (kFirstOwnBit + 5);
const kBufferProcessing = 1 << (kFirstOwnBit + 6);
const kPrefinished = 1 << (kFirstOwnBit + 7);
const kAllBuffers = 1 << (kFirstOwnBit + 8);
const kAllNoop = 1 << (kFirstOwnBit + 9);
const kOnFinished = 1 << (kFirstOwnBit + 10);
// `writable` is undefined until switched off (or back on).
const kHasWritable = 1 << (kFirstOwnBit + 11);
const kWritable = 1 << (kFirstOwnBit + 12);
const kCorked = 1 << (kFirstOwnBit + 13);
const kDefaultUTF8Encoding = 1 << (kFirstOwnBit + 14);
const kWriteCb = 1 << (kFirstOwnBit + 15);
const kExpectWriteCb = 1 << (kFirstOwnBit + 16);
const kAfterWriteTickInfo = 1 << (kFirstOwnBit + 17);
const kAfterWritePending = 1 << (kFirstOwnBit + 18);
const kBuffered = 1 << (kFirstOwnBit + 19);
const kEnded = 1 << (kFirstOwnBit + 20);
const kSync = 1 << (kFirstOwnBit + 21);

const kBufferedValue = Symbol('kBufferedValue');
const kWriteCbValue = Symbol('kWriteCbValue');
const kAfterWriteTickInfoValue = Symbol('kAfterWriteTickInfoValue');
const kDefaultEncodingValue = Symbol('kDefaultEncodingValue');
const kOnFinishedValue = Symbol('kOnFinishedValue');

// `onwrite(stream, er)` comes from writable.js: the two know each other.
function makeWritableState(onwrite) {
  function WritableState(options, stream, isDuplex) {
    let bits = kSync | kConstructed | kEmitClose | kAutoDestroy | kDecodeStrings |
      kDefaultUTF8Encoding | kAllBuffers | kAllNoop;

    this[kState] = bits;
    if (options) {
      if (options.objectMode || (isDuplex && options.writableObjectMode)) bits |= kObjectMode;
      if (options.emitClose === false) bits &= ~kEmitClose;
      if (options.autoDestroy === false) bits &= ~kAutoDestroy;
      if (options.decodeStrings === false) bits &= ~kDecodeStrings;
      this[kState] = bits;
      this.highWaterMark = getHighWaterMark(this, options, 'writableHighWaterMark', isDuplex);
    } else {
      this.highWaterMark = getDefaultHighWaterMark(false);
    }

    // Units (bytes or objects) accepted and not yet written.
    this.length = 0;
    this.corked = 0;
    // The callback every _write gets: one function for the stream's life.
    this.onwrite = (er) => onwrite(stream, er);
    this.writelen = 0;
    this.bufferedIndex = 0;
    // Writes (and finals) whose callback is due: 'finish' waits for them.
    this.pendingcb = 0;
    this[kBufferedValue] = null;
    this[kWriteCbValue] = null;
    this[kAfterWriteTickInfoValue] = null;

    if (options) {
      const { defaultEncoding } = options;
      if (defaultEncoding != null && defaultEncoding !== 'utf8' && defaultEncoding !== 'utf-8') {
        if (!require('buffer').Buffer.isEncoding(defaultEncoding)) {
          throw new ERR_UNKNOWN_ENCODING(defaultEncoding);
        }
        this.defaultEncoding = defaultEncoding;
      }
    }
  }

  defineFlags(WritableState.prototype, {
    __proto__: null,
    finalCalled: kFinalCalled,
    needDrain: kNeedDrain,
    ending: kEnding,
    ended: kEnded,
    finished: kFinished,
    decodeStrings: kDecodeStrings,
    writing: kWriting,
    sync: kSync,
    bufferProcessing: kBufferProcessing,
    prefinished: kPrefinished,
    allBuffers: kAllBuffers,
    allNoop: kAllNoop,
  });

  Object.defineProperties(WritableState.prototype, {
    writable: accessor(function() {
      return (this[kState] & kHasWritable) !== 0 ? (this[kState] & kWritable) !== 0 : undefined;
    }, function(value) {
      if (value == null) this[kState] &= ~(kHasWritable | kWritable);
      else if (value) this[kState] |= kHasWritable | kWritable;
      else this[kState] = (this[kState] | kHasWritable) & ~kWritable;
    }),
    defaultEncoding: accessor(function() {
      return (this[kState] & kDefaultUTF8Encoding) !== 0 ? 'utf8' : this[kDefaultEncodingValue];
    }, function(value) {
      if (value === 'utf8' || value === 'utf-8') {
        this[kState] |= kDefaultUTF8Encoding;
      } else {
        this[kState] &= ~kDefaultUTF8Encoding;
        this[kDefaultEncodingValue] = value;
      }
    }),
    writecb: accessor(function() {
      return (this[kState] & kWriteCb) !== 0 ? this[kWriteCbValue] : nop;
    }, function(value) {
      this[kWriteCbValue] = value;
      if (value) this[kState] |= kWriteCb;
      else this[kState] &= ~kWriteCb;
    }),
    afterWriteTickInfo: accessor(function() {
      return (this[kState] & kAfterWriteTickInfo) !== 0 ? this[kAfterWriteTickInfoValue] : null;
    }, function(value) {
      this[kAfterWriteTickInfoValue] = value;
      if (value) this[kState] |= kAfterWriteTickInfo;
      else this[kState] &= ~kAfterWriteTickInfo;
    }),
    buffered: accessor(function() {
      return (this[kState] & kBuffered) !== 0 ? this[kBufferedValue] : [];
    }, function(value) {
      this[kBufferedValue] = value;
      if (value) this[kState] |= kBuffered;
      else this[kState] &= ~kBuffered;
    }),
    bufferedRequestCount: accessor(function() {
      return (this[kState] & kBuffered) === 0 ? 0 : this[kBufferedValue].length - this.bufferedIndex;
    }, undefined),
  });

  WritableState.prototype.getBuffer = function getBuffer() {
    return (this[kState] & kBuffered) === 0 ? [] : this[kBufferedValue].slice(this.bufferedIndex);
  };

  return WritableState;
}

function accessor(get, set) {
  return { __proto__: null, configurable: true, enumerable: false, get, set };
}

function nop() {}

module.exports = {
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
};
