'use strict';
// The text encodings of Buffer: one table of operations, and the `xxxSlice` and `xxxWrite` methods of
// Buffer.prototype. The conversions themselves are native (binding `buffer`).

const { codes: { ERR_BUFFER_OUT_OF_BOUNDS, ERR_STRING_TOO_LONG } } = require('internal/errors');
const binding = internalBinding('buffer');

const MAX_STRING_LENGTH = binding.kStringMaxLength;

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
  if (length > 0 && string.charCodeAt(length - 1) === 0x3d) length--;
  if (length > 1 && string.charCodeAt(length - 1) === 0x3d) length--;
  return Math.floor(length * 3 / 4);
}

// The native slices answer undefined where the string would be too long.
function checked(string) {
  if (string === undefined) throw new ERR_STRING_TOO_LONG(MAX_STRING_LENGTH);
  return string;
}

// What `encoding` can do. Positions are integers in range; `byteLength` may be too large for base64.
function operations(encoding, id, byteLength, slice, write) {
  return {
    encoding,
    id,
    byteLength,
    slice: (buf, start, end) => checked(slice(buf, start, end)),
    write,
    indexOf: (buf, value, offset, forward) => binding.indexOfString(buf, value, offset, id, forward),
  };
}

const utf8 = operations('utf8', UTF8, binding.byteLengthUtf8, binding.utf8Slice, binding.utf8Write);
const utf16le = operations('utf16le', UCS2, (s) => s.length * 2, binding.ucs2Slice, binding.ucs2Write);
const ucs2 = { ...utf16le, encoding: 'ucs2' };
const latin1 = operations('latin1', LATIN1, (s) => s.length, binding.latin1Slice, binding.latin1Write);
const ascii = operations('ascii', ASCII, (s) => s.length, binding.asciiSlice, binding.latin1Write);
const hex = operations('hex', HEX, (s) => s.length >>> 1, binding.hexSlice, binding.hexWrite);
const base64 = operations('base64', BASE64, base64ByteLength, binding.base64Slice, binding.base64Write);
const base64url =
  operations('base64url', BASE64URL, base64ByteLength, binding.base64urlSlice, binding.base64Write);

function lookup(encoding) {
  switch (encoding) {
    case 'utf8':
    case 'utf-8': return utf8;
    case 'hex': return hex;
    case 'base64': return base64;
    case 'base64url': return base64url;
    case 'latin1':
    case 'binary': return latin1;
    case 'ascii': return ascii;
    case 'utf16le':
    case 'utf-16le': return utf16le;
    case 'ucs2':
    case 'ucs-2': return ucs2;
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
  encodings: { ascii, base64, base64url, hex, latin1, ucs2, utf16le, utf8 },
  getEncodingOps,
};
