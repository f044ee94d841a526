'use strict';
// The integer readers and writers of Buffer.prototype. Floating point is in `internal/buffer/floats`,
// everything else of Buffer in `buffer` and `internal/buffer`.

const {
  codes: { ERR_BUFFER_OUT_OF_BOUNDS, ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE },
} = require('internal/errors');
const { validateNumber } = require('internal/validators');

// Throws what Node throws for an access of `size` bytes at `offset` that is not possible.
function failAccess(buf, offset, size) {
  validateNumber(offset, 'offset');
  if (Math.floor(offset) !== offset) throw new ERR_OUT_OF_RANGE('offset', 'an integer', offset);
  const limit = buf.length - size;
  if (limit < 0) throw new ERR_BUFFER_OUT_OF_BOUNDS();
  throw new ERR_OUT_OF_RANGE('offset', `>= 0 and <= ${limit}`, offset);
}

// Every access checks its first and its last byte only; a string would pass as an index.
function checkAccess(buf, offset, size) {
  if (typeof offset !== 'number' || buf[offset] === undefined || buf[offset + size - 1] === undefined) {
    failAccess(buf, offset, size);
  }
}

function failByteLength(byteLength) {
  if (byteLength === undefined) throw new ERR_INVALID_ARG_TYPE('byteLength', 'number', byteLength);
  validateNumber(byteLength, 'byteLength');
  if (Math.floor(byteLength) !== byteLength) {
    throw new ERR_OUT_OF_RANGE('byteLength', 'an integer', byteLength);
  }
  throw new ERR_OUT_OF_RANGE('byteLength', '>= 1 and <= 6', byteLength);
}

function failValue(value, min, max, size) {
  const n = typeof min === 'bigint' ? 'n' : '';
  let range = `>= ${min}${n} and <= ${max}${n}`;
  if (size > 4) {
    const low = min ? `-(2${n} ** ${size * 8 - 1}${n})` : `0${n}`;
    range = `>= ${low} and < 2${n} ** ${min ? size * 8 - 1 : size * 8}${n}`;
  }
  throw new ERR_OUT_OF_RANGE('value', range, value);
}

function readUInt8(offset = 0) {
  const a = this[offset];
  if (a === undefined || typeof offset !== 'number') failAccess(this, offset, 1);
  return a;
}

function readInt8(offset = 0) {
  const a = this[offset];
  if (a === undefined || typeof offset !== 'number') failAccess(this, offset, 1);
  return (a << 24) >> 24;
}

function readUInt16LE(offset = 0) {
  checkAccess(this, offset, 2);
  return this[offset] | (this[offset + 1] << 8);
}

function readUInt16BE(offset = 0) {
  checkAccess(this, offset, 2);
  return (this[offset] << 8) | this[offset + 1];
}

function readInt16LE(offset = 0) {
  checkAccess(this, offset, 2);
  return this[offset] | ((this[offset + 1] << 24) >> 16);
}

function readInt16BE(offset = 0) {
  checkAccess(this, offset, 2);
  return ((this[offset] << 24) >> 16) | this[offset + 1];
}

function readInt32LE(offset = 0) {
  checkAccess(this, offset, 4);
  return this[offset] | (this[offset + 1] << 8) | (this[offset + 2] << 16) | (this[offset + 3] << 24);
}

function readInt32BE(offset = 0) {
  checkAccess(this, offset, 4);
  return (this[offset] << 24) | (this[offset + 1] << 16) | (this[offset + 2] << 8) | this[offset + 3];
}

function readUInt32LE(offset = 0) {
  return readInt32LE.call(this, offset) >>> 0;
}

function readUInt32BE(offset = 0) {
  return readInt32BE.call(this, offset) >>> 0;
}

// Reads `size` bytes, 1 to 6, as an unsigned number. More than 32 bits do not fit bit operations.
function readUIntLE(offset, byteLength) {
  if (offset === undefined) throw new ERR_INVALID_ARG_TYPE('offset', 'number', offset);
  if (!(byteLength >= 1 && byteLength <= 6) || typeof byteLength !== 'number' ||
      Math.floor(byteLength) !== byteLength) {
    failByteLength(byteLength);
  }
  checkAccess(this, offset, byteLength);
  // The last two bytes of six, then up to four by bit operations.
  let high = 0;
  let i = offset + byteLength - 1;
  for (; i >= offset + 4; i--) high = high << 8 | this[i];
  let low = 0;
  for (; i >= offset; i--) low = low << 8 | this[i];
  return high * 0x100000000 + (low >>> 0);
}

function readUIntBE(offset, byteLength) {
  if (offset === undefined) throw new ERR_INVALID_ARG_TYPE('offset', 'number', offset);
  if (!(byteLength >= 1 && byteLength <= 6) || typeof byteLength !== 'number' ||
      Math.floor(byteLength) !== byteLength) {
    failByteLength(byteLength);
  }
  checkAccess(this, offset, byteLength);
  // The first two bytes of six, then up to four by bit operations.
  let high = 0;
  let i = offset;
  const end = offset + byteLength;
  for (; i < end - 4; i++) high = high << 8 | this[i];
  let low = 0;
  for (; i < end; i++) low = low << 8 | this[i];
  return high * 0x100000000 + (low >>> 0);
}

function signed(value, size) {
  const half = 2 ** (size * 8 - 1);
  return value >= half ? value - 2 * half : value;
}

function readIntLE(offset, byteLength) {
  return signed(readUIntLE.call(this, offset, byteLength), byteLength);
}

function readIntBE(offset, byteLength) {
  return signed(readUIntBE.call(this, offset, byteLength), byteLength);
}

function readBigUInt64LE(offset = 0) {
  checkAccess(this, offset, 8);
  const low = readUInt32LE.call(this, offset);
  const high = readUInt32LE.call(this, offset + 4);
  return BigInt(low) + (BigInt(high) << 32n);
}

function readBigUInt64BE(offset = 0) {
  checkAccess(this, offset, 8);
  const high = readUInt32BE.call(this, offset);
  const low = readUInt32BE.call(this, offset + 4);
  return (BigInt(high) << 32n) + BigInt(low);
}

function readBigInt64LE(offset = 0) {
  checkAccess(this, offset, 8);
  const low = readUInt32LE.call(this, offset);
  const high = readInt32LE.call(this, offset + 4);
  return (BigInt(high) << 32n) + BigInt(low);
}

function readBigInt64BE(offset = 0) {
  checkAccess(this, offset, 8);
  const high = readInt32BE.call(this, offset);
  const low = readUInt32BE.call(this, offset + 4);
  return (BigInt(high) << 32n) + BigInt(low);
}

// The writers return the offset after what they wrote.

function write8(buf, value, offset, min, max) {
  value = +value;
  validateNumber(offset, 'offset');
  if (value > max || value < min) failValue(value, min, max, 1);
  if (buf[offset] === undefined) failAccess(buf, offset, 1);
  buf[offset] = value;
  return offset + 1;
}

function write16LE(buf, value, offset, min, max) {
  value = +value;
  if (value > max || value < min) failValue(value, min, max, 2);
  checkAccess(buf, offset, 2);
  buf[offset] = value;
  buf[offset + 1] = value >>> 8;
  return offset + 2;
}

function write16BE(buf, value, offset, min, max) {
  value = +value;
  if (value > max || value < min) failValue(value, min, max, 2);
  checkAccess(buf, offset, 2);
  buf[offset] = value >>> 8;
  buf[offset + 1] = value;
  return offset + 2;
}

function write32LE(buf, value, offset, min, max) {
  value = +value;
  if (value > max || value < min) failValue(value, min, max, 4);
  checkAccess(buf, offset, 4);
  buf[offset] = value;
  buf[offset + 1] = value >>> 8;
  buf[offset + 2] = value >>> 16;
  buf[offset + 3] = value >>> 24;
  return offset + 4;
}

function write32BE(buf, value, offset, min, max) {
  value = +value;
  if (value > max || value < min) failValue(value, min, max, 4);
  checkAccess(buf, offset, 4);
  buf[offset] = value >>> 24;
  buf[offset + 1] = value >>> 16;
  buf[offset + 2] = value >>> 8;
  buf[offset + 3] = value;
  return offset + 4;
}

function writeUInt8(value, offset = 0) {
  return write8(this, value, offset, 0, 0xff);
}

function writeInt8(value, offset = 0) {
  return write8(this, value, offset, -0x80, 0x7f);
}

function writeUInt16LE(value, offset = 0) {
  return write16LE(this, value, offset, 0, 0xffff);
}

function writeUInt16BE(value, offset = 0) {
  return write16BE(this, value, offset, 0, 0xffff);
}

function writeInt16LE(value, offset = 0) {
  return write16LE(this, value, offset, -0x8000, 0x7fff);
}

function writeInt16BE(value, offset = 0) {
  return write16BE(this, value, offset, -0x8000, 0x7fff);
}

function writeUInt32LE(value, offset = 0) {
  return write32LE(this, value, offset, 0, 0xffffffff);
}

function writeUInt32BE(value, offset = 0) {
  return write32BE(this, value, offset, 0, 0xffffffff);
}

function writeInt32LE(value, offset = 0) {
  return write32LE(this, value, offset, -0x80000000, 0x7fffffff);
}

function writeInt32BE(value, offset = 0) {
  return write32BE(this, value, offset, -0x80000000, 0x7fffffff);
}

// Checks the arguments of the writers of 1 to 6 bytes and returns the value as an unsigned integer.
function unsignedToWrite(buf, value, offset, byteLength, isSigned) {
  if (!(byteLength >= 1 && byteLength <= 6) || typeof byteLength !== 'number' ||
      Math.floor(byteLength) !== byteLength) {
    failByteLength(byteLength);
  }
  value = +value;
  const range = 2 ** (byteLength * 8);
  const min = isSigned ? -range / 2 : 0;
  const max = isSigned ? range / 2 - 1 : range - 1;
  if (value > max || value < min) failValue(value, min, max, byteLength);
  checkAccess(buf, offset, byteLength);
  value = Math.trunc(value) || 0; // NaN is written as 0
  return value < 0 ? value + range : value;
}

// Up to four bytes by bit operations, which know 32 bits; the two above them by a division.

function storeLE(buf, value, offset, byteLength) {
  let low = value >>> 0;
  const lowEnd = offset + (byteLength < 4 ? byteLength : 4);
  for (let i = offset; i < lowEnd; i++, low >>>= 8) buf[i] = low;
  if (byteLength > 4) {
    const high = Math.floor(value / 0x100000000);
    buf[offset + 4] = high;
    if (byteLength === 6) buf[offset + 5] = high >>> 8;
  }
  return offset + byteLength;
}

function storeBE(buf, value, offset, byteLength) {
  let low = value >>> 0;
  const end = offset + byteLength;
  const lowStart = byteLength < 4 ? offset : end - 4;
  for (let i = end - 1; i >= lowStart; i--, low >>>= 8) buf[i] = low;
  if (byteLength > 4) {
    const high = Math.floor(value / 0x100000000);
    buf[end - 5] = high;
    if (byteLength === 6) buf[offset] = high >>> 8;
  }
  return end;
}

function writeUIntLE(value, offset, byteLength) {
  return storeLE(this, unsignedToWrite(this, value, offset, byteLength, false), offset, byteLength);
}

function writeUIntBE(value, offset, byteLength) {
  return storeBE(this, unsignedToWrite(this, value, offset, byteLength, false), offset, byteLength);
}

function writeIntLE(value, offset, byteLength) {
  return storeLE(this, unsignedToWrite(this, value, offset, byteLength, true), offset, byteLength);
}

function writeIntBE(value, offset, byteLength) {
  return storeBE(this, unsignedToWrite(this, value, offset, byteLength, true), offset, byteLength);
}

const UINT64_MAX = 0xffffffffffffffffn;
const INT64_MIN = -0x8000000000000000n;
const INT64_MAX = 0x7fffffffffffffffn;

function writeBigLE(buf, value, offset, min, max) {
  if (value > max || value < min) failValue(value, min, max, 8);
  checkAccess(buf, offset, 8);
  write32LE(buf, Number(value & 0xffffffffn), offset, 0, 0xffffffff);
  write32LE(buf, Number((value >> 32n) & 0xffffffffn), offset + 4, 0, 0xffffffff);
  return offset + 8;
}

function writeBigBE(buf, value, offset, min, max) {
  if (value > max || value < min) failValue(value, min, max, 8);
  checkAccess(buf, offset, 8);
  write32BE(buf, Number((value >> 32n) & 0xffffffffn), offset, 0, 0xffffffff);
  write32BE(buf, Number(value & 0xffffffffn), offset + 4, 0, 0xffffffff);
  return offset + 8;
}

function writeBigUInt64LE(value, offset = 0) {
  return writeBigLE(this, value, offset, 0n, UINT64_MAX);
}

function writeBigUInt64BE(value, offset = 0) {
  return writeBigBE(this, value, offset, 0n, UINT64_MAX);
}

function writeBigInt64LE(value, offset = 0) {
  return writeBigLE(this, value, offset, INT64_MIN, INT64_MAX);
}

function writeBigInt64BE(value, offset = 0) {
  return writeBigBE(this, value, offset, INT64_MIN, INT64_MAX);
}

// Puts the methods on `proto`, each also under its `Uint` spelling.
function addIntegerMethods(proto) {
  const methods = {
    readBigUInt64LE, readBigUInt64BE, readBigInt64LE, readBigInt64BE,
    writeBigUInt64LE, writeBigUInt64BE, writeBigInt64LE, writeBigInt64BE,
    readUIntLE, readUInt32LE, readUInt16LE, readUInt8, readUIntBE, readUInt32BE, readUInt16BE,
    readIntLE, readInt32LE, readInt16LE, readInt8, readIntBE, readInt32BE, readInt16BE,
    writeUIntLE, writeUInt32LE, writeUInt16LE, writeUInt8, writeUIntBE, writeUInt32BE, writeUInt16BE,
    writeIntLE, writeInt32LE, writeInt16LE, writeInt8, writeIntBE, writeInt32BE, writeInt16BE,
  };
  for (const name of Object.keys(methods)) {
    proto[name] = methods[name];
    if (name.includes('UInt')) proto[name.replace('UInt', 'Uint')] = methods[name];
  }
}

module.exports = { addIntegerMethods, checkAccess };
