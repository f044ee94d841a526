'use strict';
// The floating-point readers and writers of Buffer.prototype. Integers are in `internal/buffer/integers`.

const { checkAccess } = require('internal/buffer/integers');

// Bytes are moved through these views of one piece of memory.
const float64 = new Float64Array(1);
const float32 = new Float32Array(float64.buffer, 0, 1);
const bytes = new Uint8Array(float64.buffer);

// V8 writes the bits of another NaN for what was undefined.
function number(value) {
  value = +value;
  return value === value ? value : NaN;
}

function readFloatLE(offset = 0) {
  checkAccess(this, offset, 4);
  bytes[0] = this[offset];
  bytes[1] = this[offset + 1];
  bytes[2] = this[offset + 2];
  bytes[3] = this[offset + 3];
  return float32[0];
}

function readFloatBE(offset = 0) {
  checkAccess(this, offset, 4);
  bytes[3] = this[offset];
  bytes[2] = this[offset + 1];
  bytes[1] = this[offset + 2];
  bytes[0] = this[offset + 3];
  return float32[0];
}

function readDoubleLE(offset = 0) {
  checkAccess(this, offset, 8);
  bytes[0] = this[offset];
  bytes[1] = this[offset + 1];
  bytes[2] = this[offset + 2];
  bytes[3] = this[offset + 3];
  bytes[4] = this[offset + 4];
  bytes[5] = this[offset + 5];
  bytes[6] = this[offset + 6];
  bytes[7] = this[offset + 7];
  return float64[0];
}

function readDoubleBE(offset = 0) {
  checkAccess(this, offset, 8);
  bytes[7] = this[offset];
  bytes[6] = this[offset + 1];
  bytes[5] = this[offset + 2];
  bytes[4] = this[offset + 3];
  bytes[3] = this[offset + 4];
  bytes[2] = this[offset + 5];
  bytes[1] = this[offset + 6];
  bytes[0] = this[offset + 7];
  return float64[0];
}

function writeFloatLE(value, offset = 0) {
  value = number(value);
  checkAccess(this, offset, 4);
  float32[0] = value;
  this[offset] = bytes[0];
  this[offset + 1] = bytes[1];
  this[offset + 2] = bytes[2];
  this[offset + 3] = bytes[3];
  return offset + 4;
}

function writeFloatBE(value, offset = 0) {
  value = number(value);
  checkAccess(this, offset, 4);
  float32[0] = value;
  this[offset] = bytes[3];
  this[offset + 1] = bytes[2];
  this[offset + 2] = bytes[1];
  this[offset + 3] = bytes[0];
  return offset + 4;
}

function writeDoubleLE(value, offset = 0) {
  value = number(value);
  checkAccess(this, offset, 8);
  float64[0] = value;
  this[offset] = bytes[0];
  this[offset + 1] = bytes[1];
  this[offset + 2] = bytes[2];
  this[offset + 3] = bytes[3];
  this[offset + 4] = bytes[4];
  this[offset + 5] = bytes[5];
  this[offset + 6] = bytes[6];
  this[offset + 7] = bytes[7];
  return offset + 8;
}

function writeDoubleBE(value, offset = 0) {
  value = number(value);
  checkAccess(this, offset, 8);
  float64[0] = value;
  this[offset] = bytes[7];
  this[offset + 1] = bytes[6];
  this[offset + 2] = bytes[5];
  this[offset + 3] = bytes[4];
  this[offset + 4] = bytes[3];
  this[offset + 5] = bytes[2];
  this[offset + 6] = bytes[1];
  this[offset + 7] = bytes[0];
  return offset + 8;
}

function addFloatMethods(proto) {
  Object.assign(proto, {
    readFloatLE, readFloatBE, readDoubleLE, readDoubleBE,
    writeFloatLE, writeFloatBE, writeDoubleLE, writeDoubleBE,
  });
}

module.exports = { addFloatMethods };
