'use strict';
// The text encodings of Buffer: one table of operations, and the `xxxSlice` and `xxxWrite` methods of
// Buffer.prototype. The conversions themselves are native (binding `buffer`).

const { codes: { ERR_BUFFER_OUT_OF_BOUNDS, ERR_STRING_TOO_LONG } } = require('internal/errors');
const {
  asciiSlice, base64Slice, base64Write, base64urlSlice, byteLengthUtf8, hexSlice, hexWrite, indexOfString,
  kStringMaxLength: MAX_STRING_LENGTH, latin1Slice, latin1Write, ucs2Slice, ucs2Write, utf8Slice, utf8Write,
} = internalBinding('buffer');
const { charCodeAt } = require('internal/string_methods');

// Numbers the native search functions know the encodings by.
const UTF8 = 0;
const UCS2 = 1;
const LATIN1 = 2;
const ASCII = 3;
const HEX = 4;
const BASE64 = 5;
const BASE64URL = 6;

// How many bytes a base64 string of that length decodes to at most.
function base64ByteLength(string) {
  let length = string.length;
  if (length > 0 && charCodeAt(string, length - 1) === 0x3d) length--;
  if (length > 1 && charCodeAt(string, length - 1) === 0x3d) length--;
  return Math.floor(length * 3 / 4);
}

// The native slices answer undefined where the string would be too long.
function checked(string) {
  if (string === undefined) throw new ERR_STRING_TOO_LONG(MAX_STRING_LENGTH);
  return string;
}

// What an encoding does, by its number. A call of what a table has is not fast once all encodings are in use: these are calls of
// one function each, which V8 compiles to what the function does.

// How many bytes a string comes to; for base64 at most.
function byteLength(id, string) {
  switch (id) {
    case UTF8: return byteLengthUtf8(string);
    case UCS2: return string.length * 2;
    case LATIN1:
    case ASCII: return string.length;
    case HEX: return string.length >>> 1;
    default: return base64ByteLength(string);
  }
}

function write(id, buf, string, offset, length) {
  switch (id) {
    case UTF8: return utf8Write(buf, string, offset, length);
    case UCS2: return ucs2Write(buf, string, offset, length);
    case LATIN1:
    case ASCII: return latin1Write(buf, string, offset, length);
    case HEX: return hexWrite(buf, string, offset, length);
    default: return base64Write(buf, string, offset, length);
  }
}

function slice(id, buf, start, end) {
  switch (id) {
    case UTF8: return checked(utf8Slice(buf, start, end));
    case UCS2: return checked(ucs2Slice(buf, start, end));
    case LATIN1: return checked(latin1Slice(buf, start, end));
    case ASCII: return checked(asciiSlice(buf, start, end));
    case HEX: return checked(hexSlice(buf, start, end));
    case BASE64: return checked(base64Slice(buf, start, end));
    default: return checked(base64urlSlice(buf, start, end));
  }
}

// What an encoding can do. Positions are integers in range. Each function is a
// literal of its own: V8 keeps what it learns of calls by literal, and calls of one native function are fast.
const utf8 = {
  encoding: 'utf8',
  id: UTF8,
  slice: (buf, start, end) => checked(utf8Slice(buf, start, end)),
  write: (buf, string, offset, length) => utf8Write(buf, string, offset, length),
  indexOf: (buf, value, offset, forward) => indexOfString(buf, value, offset, UTF8, forward),
};
const utf16le = {
  encoding: 'utf16le',
  id: UCS2,
  slice: (buf, start, end) => checked(ucs2Slice(buf, start, end)),
  write: (buf, string, offset, length) => ucs2Write(buf, string, offset, length),
  indexOf: (buf, value, offset, forward) => indexOfString(buf, value, offset, UCS2, forward),
};
const ucs2 = { ...utf16le, encoding: 'ucs2' };
const latin1 = {
  encoding: 'latin1',
  id: LATIN1,
  slice: (buf, start, end) => checked(latin1Slice(buf, start, end)),
  write: (buf, string, offset, length) => latin1Write(buf, string, offset, length),
  indexOf: (buf, value, offset, forward) => indexOfString(buf, value, offset, LATIN1, forward),
};
const ascii = {
  encoding: 'ascii',
  id: ASCII,
  slice: (buf, start, end) => checked(asciiSlice(buf, start, end)),
  write: (buf, string, offset, length) => latin1Write(buf, string, offset, length),
  indexOf: (buf, value, offset, forward) => indexOfString(buf, value, offset, ASCII, forward),
};
const hex = {
  encoding: 'hex',
  id: HEX,
  slice: (buf, start, end) => checked(hexSlice(buf, start, end)),
  write: (buf, string, offset, length) => hexWrite(buf, string, offset, length),
  indexOf: (buf, value, offset, forward) => indexOfString(buf, value, offset, HEX, forward),
};
const base64 = {
  encoding: 'base64',
  id: BASE64,
  slice: (buf, start, end) => checked(base64Slice(buf, start, end)),
  write: (buf, string, offset, length) => base64Write(buf, string, offset, length),
  indexOf: (buf, value, offset, forward) => indexOfString(buf, value, offset, BASE64, forward),
};
const base64url = {
  encoding: 'base64url',
  id: BASE64URL,
  slice: (buf, start, end) => checked(base64urlSlice(buf, start, end)),
  write: (buf, string, offset, length) => base64Write(buf, string, offset, length),
  indexOf: (buf, value, offset, forward) => indexOfString(buf, value, offset, BASE64URL, forward),
};

// By the length first: comparing strings that are not the same object is a call.
function lookup(encoding) {
  switch (encoding.length) {
    case 3: return encoding === 'hex' ? hex : undefined;
    case 4: return encoding === 'utf8' ? utf8 : encoding === 'ucs2' ? ucs2 : undefined;
    case 5:
      if (encoding === 'utf-8') return utf8;
      return encoding === 'ascii' ? ascii : encoding === 'ucs-2' ? ucs2 : undefined;
    case 6:
      if (encoding === 'base64') return base64;
      return encoding === 'latin1' || encoding === 'binary' ? latin1 : undefined;
    case 7: return encoding === 'utf16le' ? utf16le : undefined;
    case 8: return encoding === 'utf-16le' ? utf16le : undefined;
    case 9: return encoding === 'base64url' ? base64url : undefined;
    default: return undefined;
  }
}

// The operations of an encoding in any spelling, or undefined.
function getEncodingOps(encoding) {
  encoding += '';
  return lookup(encoding) || (encoding.length < 10 ? lookup(encoding.toLowerCase()) : undefined);
}

function isView(value) {
  return ArrayBuffer.isView(value);
}

// Node throws these two from C++: the stack does not name the code, and no argument is named.
function outOfRange() {
  return Object.assign(new RangeError('Index out of range'), { code: 'ERR_OUT_OF_RANGE' });
}

function typeError(message) {
  return Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' });
}

function index(value, fallback) {
  if (value === undefined) return fallback;
  const number = Math.trunc(Number(value)) || 0;
  return number < 0 ? -1 : number;
}

function sliceMethod(ops) {
  return function(start, end) {
    if (!isView(this)) throw typeError('argument must be a buffer');
    const length = this.byteLength;
    if (length === 0) return '';
    start = index(start, 0);
    end = index(end, length);
    if (start === -1 || end === -1) throw outOfRange();
    if (end < start) end = start;
    if (start === end) return '';
    if (end > length) throw outOfRange();
    return ops.slice(this, start, end);
  };
}

function writeMethod(ops) {
  return function(string, offset, length) {
    if (!isView(this)) throw typeError('argument must be a buffer');
    if (typeof string !== 'string') throw typeError('argument must be a string');
    const size = this.byteLength;
    offset = index(offset, 0);
    if (offset === -1 || offset > size) throw new ERR_BUFFER_OUT_OF_BOUNDS('offset');
    length = index(length, size - offset);
    if (length === -1 || length > size - offset) throw new ERR_BUFFER_OUT_OF_BOUNDS('length');
    return length === 0 ? 0 : ops.write(this, string, offset, length);
  };
}

function addEncodingMethods(proto) {
  const all = { ascii, base64, base64url, latin1, hex, ucs2, utf8 };
  for (const name of Object.keys(all)) proto[`${name}Slice`] = sliceMethod(all[name]);
  for (const name of Object.keys(all)) proto[`${name}Write`] = writeMethod(all[name]);
}

module.exports = {
  addEncodingMethods,
  byteLength,
  encodings: { ascii, base64, base64url, hex, latin1, ucs2, utf16le, utf8 },
  getEncodingOps,
  slice,
  write,
};
