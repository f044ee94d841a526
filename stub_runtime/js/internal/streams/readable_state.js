'use strict';
// Owns: ReadableState, what a Readable remembers: its queue, its mark and
// some thirty booleans kept as bits of one small integer.
// Not here: what the bits mean for the flow of data (readable.js).

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

const kEnded = 1 << kFirstOwnBit;
const kEndEmitted = 1 << (kFirstOwnBit + 1);
const kReading = 1 << (kFirstOwnBit + 2);
const kSync = 1 << (kFirstOwnBit + 3);
const kNeedReadable = 1 << (kFirstOwnBit + 4);
const kEmittedReadable = 1 << (kFirstOwnBit + 5);
const kReadableListening = 1 << (kFirstOwnBit + 6);
const kResumeScheduled = 1 << (kFirstOwnBit + 7);
const kMultiAwaitDrain = 1 << (kFirstOwnBit + 8);
const kReadingMore = 1 << (kFirstOwnBit + 9);
const kDataEmitted = 1 << (kFirstOwnBit + 10);
const kDefaultUTF8Encoding = 1 << (kFirstOwnBit + 11);
const kDecoder = 1 << (kFirstOwnBit + 12);
const kEncoding = 1 << (kFirstOwnBit + 13);
// `flowing` and `paused` have three values: null until somebody decides.
const kHasFlowing = 1 << (kFirstOwnBit + 14);
const kFlowing = 1 << (kFirstOwnBit + 15);
const kHasPaused = 1 << (kFirstOwnBit + 16);
const kPaused = 1 << (kFirstOwnBit + 17);
const kDataListening = 1 << (kFirstOwnBit + 18);

const kDefaultEncodingValue = Symbol('kDefaultEncodingValue');
const kDecoderValue = Symbol('kDecoderValue');
const kEncodingValue = Symbol('kEncodingValue');

function ReadableState(options, stream, isDuplex) {
  // Until told otherwise: a sync, constructed stream that destroys itself.
  let bits = kEmitClose | kAutoDestroy | kConstructed | kSync | kDefaultUTF8Encoding;
  this[kState] = bits;

  if (options) {
    if (options.objectMode || (isDuplex && options.readableObjectMode)) bits |= kObjectMode;
    if (options.emitClose === false) bits &= ~kEmitClose;
    if (options.autoDestroy === false) bits &= ~kAutoDestroy;
    this[kState] = bits;
    this.highWaterMark = getHighWaterMark(this, options, 'readableHighWaterMark', isDuplex);
  } else {
    this.highWaterMark = getDefaultHighWaterMark(false);
  }

  // The queue is an array with a moving head: shifting would move every
  // chunk behind it.
  this.buffer = [];
  this.bufferIndex = 0;
  this.length = 0;
  this.pipes = [];
  // Destinations that asked us to wait: null, one, or a Set with
  // kMultiAwaitDrain.
  this.awaitDrainWriters = null;

  if (options) {
    const { defaultEncoding, encoding } = options;
    if (defaultEncoding != null && defaultEncoding !== 'utf8' && defaultEncoding !== 'utf-8') {
      if (!require('buffer').Buffer.isEncoding(defaultEncoding)) {
        throw new ERR_UNKNOWN_ENCODING(defaultEncoding);
      }
      this.defaultEncoding = defaultEncoding;
    }
    if (encoding) {
      const { StringDecoder } = require('string_decoder');
      this.decoder = new StringDecoder(encoding);
      this.encoding = encoding;
    }
  }
}

defineFlags(ReadableState.prototype, {
  __proto__: null,
  ended: kEnded,
  endEmitted: kEndEmitted,
  reading: kReading,
  sync: kSync,
  needReadable: kNeedReadable,
  emittedReadable: kEmittedReadable,
  readableListening: kReadableListening,
  resumeScheduled: kResumeScheduled,
  multiAwaitDrain: kMultiAwaitDrain,
  readingMore: kReadingMore,
  dataEmitted: kDataEmitted,
});

// null | boolean, held in two bits.
function defineTristate(hasBit, bit) {
  return {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get() { return (this[kState] & hasBit) !== 0 ? (this[kState] & bit) !== 0 : null; },
    set(value) {
      if (value == null) this[kState] &= ~(hasBit | bit);
      else if (value) this[kState] |= hasBit | bit;
      else this[kState] = (this[kState] | hasBit) & ~bit;
    },
  };
}

// A value few streams have: the bit says that the slot exists.
function defineSlot(bit, key) {
  return {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get() { return (this[kState] & bit) !== 0 ? this[key] : null; },
    set(value) {
      if (value) {
        this[key] = value;
        this[kState] |= bit;
      } else {
        this[kState] &= ~bit;
      }
    },
  };
}

Object.defineProperties(ReadableState.prototype, {
  flowing: defineTristate(kHasFlowing, kFlowing),
  paused: defineTristate(kHasPaused, kPaused),
  decoder: defineSlot(kDecoder, kDecoderValue),
  encoding: defineSlot(kEncoding, kEncodingValue),
  defaultEncoding: {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get() {
      return (this[kState] & kDefaultUTF8Encoding) !== 0 ? 'utf8' : this[kDefaultEncodingValue];
    },
    set(value) {
      if (value === 'utf8' || value === 'utf-8') {
        this[kState] |= kDefaultUTF8Encoding;
      } else {
        this[kState] &= ~kDefaultUTF8Encoding;
        this[kDefaultEncodingValue] = value;
      }
    },
  },
  pipesCount: {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get() { return this.pipes.length; },
  },
});

module.exports = {
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
};
