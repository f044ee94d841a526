'use strict';
// What the parts of node:crypto share, and the functions of crypto that belong to no algorithm.

const { Buffer } = require('buffer');
const { codes, hideStackFrames } = require('internal/errors');
const { getOptionValue } = require('internal/options');
const { isAnyArrayBuffer, isArrayBufferView } = require('internal/util/types');
const { validateNumber, validateString } = require('internal/validators');
const binding = internalBinding('crypto');

const {
  ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED,
  ERR_CRYPTO_FIPS_FORCED,
  ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH,
  ERR_INVALID_ARG_TYPE,
} = codes;

const kHandle = Symbol('kHandle');

// Strings become bytes, everything else stays.
function toBuf(value, encoding) {
  if (typeof value !== 'string') return value;
  return Buffer.from(value, encoding === 'buffer' ? 'utf8' : encoding);
}

const byteSources = ['string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'];

// Bytes from an argument that may be a string too.
const getArrayBufferOrView = hideStackFrames((buffer, name, encoding) => {
  if (isAnyArrayBuffer(buffer) || isArrayBufferView(buffer)) return buffer;
  if (typeof buffer === 'string') return toBuf(buffer, encoding);
  throw new ERR_INVALID_ARG_TYPE.HideStackFramesError(name, byteSources, buffer);
});

const validateByteSource = hideStackFrames((value, name) => {
  value = toBuf(value);
  if (isAnyArrayBuffer(value) || isArrayBufferView(value)) return;
  throw new ERR_INVALID_ARG_TYPE.HideStackFramesError(name, byteSources, value);
});

function timingSafeEqual(a, b) {
  if (!isAnyArrayBuffer(a) && !isArrayBufferView(a)) {
    throw new ERR_INVALID_ARG_TYPE('buf1', ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'], a);
  }
  if (!isAnyArrayBuffer(b) && !isArrayBufferView(b)) {
    throw new ERR_INVALID_ARG_TYPE('buf2', ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'], b);
  }
  const equal = binding.timingSafeEqual(a, b);
  if (equal === undefined) throw new ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH();
  return equal;
}

module.exports = {
  byteSources,
  getArrayBufferOrView,
  kHandle,
  timingSafeEqual,
  toBuf,
  validateByteSource,
};
