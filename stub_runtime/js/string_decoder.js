'use strict';
// node:string_decoder. Owns what is kept between two writes when a character is cut in two; the bytes
// become text by the operations of `internal/buffer/encodings`.

const {
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_THIS, ERR_UNKNOWN_ENCODING },
} = require('internal/errors');
const { getEncodingOps } = require('internal/buffer/encodings');

// The state is a Buffer, as in Node: the bytes of the character that is not complete, how many are
// missing, how many are there, and the encoding.
let allocate;

// (size) => Buffer from the pool; Buffer is put together when its module is loaded
function allocateBuffer(size) {
  if (allocate === undefined) {
    require('buffer');
    ({ allocate } = require('internal/buffer'));
  }
  return allocate(size);
}

const kNativeDecoder = Symbol('kNativeDecoder');
const MISSING = 4;
const BUFFERED = 5;
const ENCODING = 6;
const STATE_SIZE = 7;

// Node's numbers of the encodings.
const ASCII = 0;
const UTF8 = 1;
const BASE64 = 2;
const UTF16LE = 3;
const LATIN1 = 4;
const HEX = 5;
const BASE64URL = 7;
const NUMBERS = {
  __proto__: null,
  ascii: ASCII, utf8: UTF8, base64: BASE64, utf16le: UTF16LE, ucs2: UTF16LE,
  latin1: LATIN1, hex: HEX, base64url: BASE64URL,
};

const operations = [];
for (const name of ['ascii', 'utf8', 'base64', 'utf16le', 'latin1', 'hex', 'base64url']) {
  operations[NUMBERS[name]] = getEncodingOps(name);
}

// (encoding = 'utf8'); also callable without `new`
function StringDecoder(encoding) {
  if (encoding != null && typeof encoding !== 'string') throw new ERR_UNKNOWN_ENCODING(encoding);
  const ops = encoding == null || encoding === '' ? getEncodingOps('utf8') : getEncodingOps(encoding);
  if (ops === undefined) {
    throw new ERR_UNKNOWN_ENCODING(encoding);
  }
  const number = NUMBERS[ops.encoding];
  this.encoding = number === UTF16LE ? 'utf16le' : ops.encoding;
  // From the pool: memory of its own costs ten times as much.
  const state = allocateBuffer(STATE_SIZE);
  state[0] = state[1] = state[2] = state[3] = state[MISSING] = state[BUFFERED] = 0;
  state[ENCODING] = number;
  this[kNativeDecoder] = state;
}

// (Buffer | TypedArray | DataView | string) => the text that is complete
StringDecoder.prototype.write = function write(buf) {
  if (typeof buf === 'string') return buf;
  if (!ArrayBuffer.isView(buf)) {
    throw new ERR_INVALID_ARG_TYPE('buf', ['Buffer', 'TypedArray', 'DataView'], buf);
  }
  const state = this[kNativeDecoder];
  if (!state) throw new ERR_INVALID_THIS('StringDecoder');
  const length = buf.byteLength;
  const ops = operations[state[ENCODING]];
  switch (state[ENCODING]) {
    case ASCII:
    case LATIN1:
    case HEX:
      return length === 0 ? '' : ops.slice(buf, 0, length);
    default:
      break;
  }
  const bytes = buf instanceof Uint8Array ? buf : new Uint8Array(buf.buffer, buf.byteOffset, length);
  let prefix = '';
  let start = 0;
  if (state[MISSING] > 0) {
    start = complete(state, bytes, length);
    if (state[MISSING] === 0) prefix = takeCharacter(state, ops);
  }
  if (start === length) return prefix;
  const end = length - keepTail(state, bytes, start, length);
  if (end === start) return prefix;
  const body = ops.slice(bytes, start, end);
  return prefix === '' ? body : prefix + body;
};

// Moves bytes to the character that is not complete; answers how many.
function complete(state, bytes, length) {
  let taken = 0;
  while (taken < length && state[MISSING] > 0) {
    const byte = bytes[taken];
    if (state[ENCODING] === UTF8 && (byte & 0xc0) !== 0x80) {
      state[MISSING] = 0; // It never will be
      break;
    }
    state[state[BUFFERED]++] = byte;
    state[MISSING]--;
    taken++;
  }
  return taken;
}

function takeCharacter(state, ops) {
  const text = ops.slice(state, 0, state[BUFFERED]);
  state[BUFFERED] = 0;
  return text;
}

// Keeps the bytes at the end that are no whole character; answers how many.
function keepTail(state, bytes, start, end) {
  let kept = 0;
  let missing = 0;
  const last = bytes[end - 1];
  switch (state[ENCODING]) {
    case UTF8:
      if (last < 0x80) return 0;
      for (let i = end - 1; i >= start && kept < 4; i--) {
        kept++;
        const byte = bytes[i];
        if ((byte & 0xc0) === 0x80) continue;
        if ((byte & 0xe0) === 0xc0) missing = 2 - kept;
        else if ((byte & 0xf0) === 0xe0) missing = 3 - kept;
        else if ((byte & 0xf8) === 0xf0) missing = 4 - kept;
        break;
      }
      if (missing <= 0) return 0;
      break;
    case UTF16LE:
      if ((end - start) % 2 === 1) kept = missing = 1;
      else if ((last & 0xfc) === 0xd8) kept = missing = 2;
      break;
    default:
      kept = (end - start) % 3;
      missing = kept === 0 ? 0 : 3 - kept;
  }
  for (let i = 0; i < kept; i++) state[i] = bytes[end - kept + i];
  state[BUFFERED] = kept;
  state[MISSING] = missing;
  return kept;
}

// (buf?) => what is left, U+FFFD for an incomplete character
StringDecoder.prototype.end = function end(buf) {
  const text = buf === undefined ? '' : this.write(buf);
  const state = this[kNativeDecoder];
  if (!state) throw new ERR_INVALID_THIS('StringDecoder');
  // Half a UTF-16 unit is dropped.
  const left = state[ENCODING] === UTF16LE ? state[BUFFERED] & ~1 : state[BUFFERED];
  state[MISSING] = 0;
  state[BUFFERED] = 0;
  return left === 0 ? text : text + operations[state[ENCODING]].slice(state, 0, left);
};

// Forgets what was kept and decodes from `offset` on.
StringDecoder.prototype.text = function text(buf, offset) {
  this[kNativeDecoder][MISSING] = 0;
  this[kNativeDecoder][BUFFERED] = 0;
  return this.write(buf.slice(offset));
};

Object.defineProperties(StringDecoder.prototype, {
  lastChar: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() { return this[kNativeDecoder].subarray(0, MISSING); },
  },
  lastNeed: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() { return this[kNativeDecoder][MISSING]; },
  },
  lastTotal: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() { return this[kNativeDecoder][BUFFERED] + this[kNativeDecoder][MISSING]; },
  },
});

module.exports = { StringDecoder };
