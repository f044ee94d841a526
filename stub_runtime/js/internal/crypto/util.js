'use strict';
// What the parts of node:crypto share, and the functions of crypto that belong to no algorithm.

const { Buffer } = require('buffer');
const { FastBuffer } = require('internal/buffer');
const { codes, hideStackFrames } = require('internal/errors');
const { getOptionValue } = require('internal/options');
const { normalizeEncoding } = require('internal/util');
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
// Whether the result of a Hash, Hmac or Mac was asked for.
const kFinalized = Symbol('kFinalized');

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

// As getArrayBufferOrView, for arguments that name no encoding.
const validateByteSource = hideStackFrames((value, name) => {
  value = toBuf(value);
  if (isAnyArrayBuffer(value) || isArrayBufferView(value)) return value;
  throw new ERR_INVALID_ARG_TYPE.HideStackFramesError(name, byteSources, value);
});

function getStringOption(options, key) {
  if (!options) return undefined;
  const value = options[key];
  if (value !== undefined && value !== null) validateString(value, `options.${key}`);
  return value;
}

// Text in another encoding as bytes; native code takes UTF-8 itself. What is no encoding means UTF-8 here.
function utf8OrBytes(data, encoding) {
  if (typeof data !== 'string') return data;
  const normalized = normalizeEncoding(encoding);
  return normalized === undefined || normalized === 'utf8' ? data : Buffer.from(data, normalized);
}

// A native result as a Buffer: an ArrayBuffer, or short bytes as a Latin-1 string, which is the fast way to a Buffer whose
// memory V8 keeps inside the object.
function outputBuffer(result) {
  if (typeof result !== 'string') return new FastBuffer(result);
  const buffer = new FastBuffer(result.length);
  for (let i = 0; i < result.length; i++) buffer[i] = result.charCodeAt(i);
  return buffer;
}

// A native callback that tells `callback` an error, or null and a Buffer.
function keyCallback(callback) {
  return (error, result) => {
    if (error) callback(error);
    else callback(null, outputBuffer(result));
  };
}

// The bytes of any buffer source.
function viewBytes(source) {
  return isArrayBufferView(source) ?
    new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
}

// A symmetric key as native code takes it: bytes, or the handle of a secret KeyObject.
function prepareSecretKey(key, encoding) {
  return require('internal/crypto/keys').prepareSecretKey(key, encoding);
}

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
  getStringOption,
  kFinalized,
  kHandle,
  keyCallback,
  outputBuffer,
  prepareSecretKey,
  timingSafeEqual,
  toBuf,
  utf8OrBytes,
  validateByteSource,
  viewBytes,
};
