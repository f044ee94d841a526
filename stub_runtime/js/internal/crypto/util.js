'use strict';
// What the parts of node:crypto share, and the functions of crypto that belong to no algorithm.

const { Buffer } = require('buffer');
const { wrapCallback } = require('internal/async_hooks');
const { FastBuffer } = require('internal/buffer');
const { codes, hideStackFrames, nativeError } = require('internal/errors');
const { getOptionValue } = require('internal/options');
const { deprecate, normalizeEncoding } = require('internal/util');
const { isAnyArrayBuffer, isArrayBufferView } = require('internal/util/types');
const { validateNumber, validateString } = require('internal/validators');
const binding = internalBinding('crypto');

const {
  ERR_CRYPTO_ENGINE_UNKNOWN,
  ERR_CRYPTO_FIPS_FORCED,
  ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH,
  ERR_INVALID_ARG_TYPE,
  ERR_WORKER_UNSUPPORTED_OPERATION,
} = codes;

const kHandle = Symbol('kHandle');
// Whether the result of a Hash, Hmac or Mac was asked for.
const kFinalized = Symbol('kFinalized');

// Names of digests as programs spell them => native numbers.
const digestNumbers = new Map();

// -1 for what OpenSSL has not.
function digestNumber(algorithm) {
  let number = digestNumbers.get(algorithm);
  if (number === undefined) {
    number = internalBinding('crypto_hash').digestNumber(algorithm);
    if (number !== -1) digestNumbers.set(algorithm, number);
  }
  return number;
}

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

// A native callback that tells `callback` an error, or null and a Buffer; `type` is what async_hooks call the request.
function keyCallback(type, callback) {
  return wrapCallback(type, (error, result) => {
    if (error) callback(error);
    else callback(null, outputBuffer(result));
  });
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

function requireBytes(name, value) {
  if (isAnyArrayBuffer(value) || isArrayBufferView(value)) return;
  throw nativeError(TypeError, 'ERR_INVALID_ARG_TYPE',
                    `The "${name}" argument must be an instance of ArrayBuffer, Buffer, TypedArray, or DataView.`);
}

function timingSafeEqual(a, b) {
  requireBytes('buf1', a);
  requireBytes('buf2', b);
  const equal = binding.timingSafeEqual(a, b);
  if (equal === undefined) throw new ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH();
  return equal;
}

// A list that is made once; callers get copies.
function listOf(make) {
  let names;
  return () => (names ??= make().sort()).slice();
}

// Not names: object identifiers; not for programs: what only TLS uses, and what does nothing.
const isListed = (name) => !/^\d+\.\d|hmac-sha|^null$/i.test(name);

// Providers' names are any case.
function provided(kind) {
  return [...new Set(binding.names(kind).filter(isListed).map((name) => name.toLowerCase()))];
}

const getCiphers = listOf(() => provided('ciphers'));
const getMacs = listOf(() => provided('macs'));
const getCurves = listOf(() => binding.names('curves'));
const getHashes = listOf(() => {
  const names = new Map(provided('hashes').map((name) => [name, name]));
  for (const name of binding.names('spellings')) names.set(name.toLowerCase(), name);
  return [...names.values()];
});

// Engines are no part of this OpenSSL.
function setEngine(id, flags) {
  validateString(id, 'id');
  if (flags) validateNumber(flags, 'flags');
  throw new ERR_CRYPTO_ENGINE_UNKNOWN(id);
}

function getFips() {
  return getOptionValue('--force-fips') ? 1 : binding.getFips();
}

function setFips(val) {
  if (getOptionValue('--force-fips')) {
    if (val) return;
    throw new ERR_CRYPTO_FIPS_FORCED();
  }
  if (!require('internal/worker').isMainThread) {
    throw new ERR_WORKER_UNSUPPORTED_OPERATION('Calling crypto.setFips()');
  }
  binding.setFips(!!val);
  digestNumbers.clear();
}

// The accessors of `crypto.fips`.
function deprecatedFips() {
  return {
    get: deprecate(getFips, 'The crypto.fips is deprecated. Please use crypto.getFips()', 'DEP0093'),
    set: deprecate(setFips, 'The crypto.fips is deprecated. Please use crypto.setFips()', 'DEP0093'),
  };
}

function secureHeapUsed() {
  const total = Number(getOptionValue('--secure-heap')) || 0;
  const min = Number(getOptionValue('--secure-heap-min')) || 2;
  const used = binding.secureHeap();
  if (used === undefined) return { total: 0, used: 0, utilization: NaN, min: 2 };
  return { total, used, utilization: used / total, min };
}

module.exports = {
  byteSources,
  deprecatedFips,
  digestNumber,
  getArrayBufferOrView,
  getCiphers,
  getCurves,
  getFips,
  getHashes,
  getMacs,
  getStringOption,
  kFinalized,
  kHandle,
  keyCallback,
  outputBuffer,
  prepareSecretKey,
  secureHeapUsed,
  setEngine,
  setFips,
  timingSafeEqual,
  toBuf,
  utf8OrBytes,
  viewBytes,
};
