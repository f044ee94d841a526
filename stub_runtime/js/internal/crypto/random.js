'use strict';
// Random bytes, integers, UUIDs and primes.

const { Buffer, kMaxLength } = require('buffer');
const { FastBuffer } = require('internal/buffer');
const { codes } = require('internal/errors');
const { deprecate, kEmptyObject, lazyDOMException } = require('internal/util');
const {
  isAnyArrayBuffer,
  isArrayBufferView,
  isFloat16Array,
  isFloat32Array,
  isFloat64Array,
  isTypedArray,
} = require('internal/util/types');
const {
  validateBoolean,
  validateFunction,
  validateInt32,
  validateNumber,
  validateObject,
} = require('internal/validators');
const { wrapCallback } = require('internal/async_hooks');
const native = internalBinding('crypto_random');

const { ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE } = codes;

const MAX_LENGTH = Math.min(kMaxLength, 2 ** 31 - 1);

function byteOffset(offset, elementSize, length) {
  validateNumber(offset, 'offset');
  const bytes = offset * elementSize;
  const max = Math.min(length, MAX_LENGTH);
  if (Number.isNaN(bytes) || bytes > max || bytes < 0) throw new ERR_OUT_OF_RANGE('offset', `>= 0 && <= ${max}`, bytes);
  return bytes >>> 0;
}

function byteCount(size, elementSize, offset, length) {
  validateNumber(size, 'size');
  const bytes = size * elementSize;
  if (Number.isNaN(bytes) || bytes > MAX_LENGTH || bytes < 0) {
    throw new ERR_OUT_OF_RANGE('size', `>= 0 && <= ${MAX_LENGTH}`, bytes);
  }
  if (bytes + offset > length) throw new ERR_OUT_OF_RANGE('size + offset', `<= ${length}`, bytes + offset);
  return bytes >>> 0;
}

function validateTarget(buf) {
  if (!isAnyArrayBuffer(buf) && !isArrayBufferView(buf)) {
    throw new ERR_INVALID_ARG_TYPE('buf', ['ArrayBuffer', 'ArrayBufferView'], buf);
  }
}

// Small requests are cut from bytes that were made together. (An image of a program's heap must not hold any of these caches.)
const CACHE_SIZE = 4096;
const SMALL = 64;
let cache;
let cacheUsed = CACHE_SIZE;

function smallRandomBytes(size) {
  if (cacheUsed + size > CACHE_SIZE) {
    cache ??= new Uint8Array(CACHE_SIZE);
    native.fill(cache, 0, CACHE_SIZE);
    cacheUsed = 0;
  }
  const out = new FastBuffer(size);
  for (let i = 0; i < size; i++) {
    out[i] = cache[cacheUsed];
    // What was given away is not kept.
    cache[cacheUsed++] = 0;
  }
  return out;
}

function randomBytes(size, callback) {
  size = byteCount(size, 1, 0, Infinity);
  if (callback === undefined) {
    if (size <= SMALL) return smallRandomBytes(size);
    const buf = Buffer.allocUnsafeSlow(size);
    native.fill(buf, 0, size);
    return buf;
  }
  validateFunction(callback, 'callback');
  const buf = new FastBuffer(size);
  randomFill(buf.buffer, 0, size, function(error) {
    if (error) return Reflect.apply(callback, this, [error]);
    Reflect.apply(callback, this, [null, buf]);
  });
}

function randomFillSync(buf, offset = 0, size) {
  validateTarget(buf);
  const elementSize = buf.BYTES_PER_ELEMENT || 1;
  const { byteLength } = buf;
  offset = byteOffset(offset, elementSize, byteLength);
  size = size === undefined ? byteLength - offset : byteCount(size, elementSize, offset, byteLength);
  if (size !== 0) native.fill(buf, offset, size);
  return buf;
}

function randomFill(buf, offset, size, callback) {
  validateTarget(buf);
  const elementSize = buf.BYTES_PER_ELEMENT || 1;
  if (typeof offset === 'function') {
    callback = offset;
    offset = 0;
    size = buf.length;
  } else if (typeof size === 'function') {
    callback = size;
    size = (buf.length ?? buf.byteLength) - offset;
  } else {
    validateFunction(callback, 'callback');
  }
  offset = byteOffset(offset, elementSize, buf.byteLength);
  size = size === undefined ? buf.byteLength - offset : byteCount(size, elementSize, offset, buf.byteLength);
  if (size === 0) {
    callback(null, buf);
    return;
  }
  native.fill(isArrayBufferView(buf) ? buf : new Uint8Array(buf), offset, size, wrapCallback('RANDOMBYTESREQUEST', (error) => {
    if (error) callback(error);
    else callback(null, buf);
  }));
}

// The largest integer of six bytes.
const RAND_MAX = 0xFFFF_FFFF_FFFF;

// The last range that was asked for, and above which number a remainder would favour small ones: a modulo is most of the work.
let lastRange = 1;
let lastLimit = RAND_MAX;

// Bytes for randomInt(), six a try.
const INT_CACHE_SIZE = 6 * 1024;
let integers;
let integersUsed = INT_CACHE_SIZE;
let refilling = false;
const waiting = [];

function nextInteger(limit) {
  while (integersUsed < INT_CACHE_SIZE) {
    const at = integersUsed;
    integersUsed = at + 6;
    const value = (integers[at] << 8 | integers[at + 1]) * 2 ** 32 +
      ((integers[at + 2] << 24 | integers[at + 3] << 16 | integers[at + 4] << 8 | integers[at + 5]) >>> 0);
    if (value < limit) return value;
  }
  return -1;
}

function refillIntegers() {
  if (refilling) return;
  refilling = true;
  integers ??= new Uint8Array(INT_CACHE_SIZE);
  randomFill(integers, (error) => {
    refilling = false;
    const tasks = waiting.splice(0);
    // An error is told to one caller; the others try again.
    const told = error ? tasks.shift() : undefined;
    if (!error) integersUsed = 0;
    for (const { min, max, callback } of tasks) randomInt(min, max, callback);
    if (told !== undefined) told.callback(error);
  });
}

// (min = 0, max[, callback]) => an integer of [min, max), each as likely as any other
function randomInt(min, max, callback) {
  const minGiven = max !== undefined && typeof max !== 'function';
  if (!minGiven) {
    callback = max;
    max = min;
    min = 0;
  }
  if (callback !== undefined) validateFunction(callback, 'callback');
  if (!Number.isSafeInteger(min)) throw new ERR_INVALID_ARG_TYPE('min', 'a safe integer', min);
  if (!Number.isSafeInteger(max)) throw new ERR_INVALID_ARG_TYPE('max', 'a safe integer', max);
  if (max <= min) throw new ERR_OUT_OF_RANGE('max', `greater than the value of "min" (${min})`, max);
  const range = max - min;
  if (!(range <= RAND_MAX)) throw new ERR_OUT_OF_RANGE(`max${minGiven ? ' - min' : ''}`, `<= ${RAND_MAX}`, range);

  if (range !== lastRange) {
    lastLimit = RAND_MAX - (RAND_MAX % range);
    lastRange = range;
  }
  const limit = lastLimit;
  let value = nextInteger(limit);
  if (callback !== undefined) {
    if (value !== -1) {
      process.nextTick(callback, undefined, (value % range) + min);
    } else {
      waiting.push({ min, max, callback });
      refillIntegers();
    }
    return;
  }
  while (value === -1) {
    integers ??= new Uint8Array(INT_CACHE_SIZE);
    native.fill(integers, 0, INT_CACHE_SIZE);
    integersUsed = 0;
    value = nextInteger(limit);
  }
  return (value % range) + min;
}

// Web Crypto's: fills an integer array of at most 64 KiB.
function getRandomValues(data) {
  if (!isTypedArray(data) || isFloat16Array(data) || isFloat32Array(data) || isFloat64Array(data)) {
    throw lazyDOMException('The data argument must be an integer-type TypedArray', 'TypeMismatchError');
  }
  if (data.byteLength > 65536) {
    const { QuotaExceededError } = require('internal/dom_exception');
    throw new QuotaExceededError('The requested length exceeds 65,536 bytes');
  }
  randomFillSync(data, 0);
  return data;
}

// UUIDs are made in batches.
const UUID_BATCH = 128;
let uuids;
let uuid = 0;
let hexBytes;

function format(bytes, version, offset) {
  hexBytes ??= Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));
  const hex = hexBytes;
  return hex[bytes[offset]] + hex[bytes[offset + 1]] + hex[bytes[offset + 2]] + hex[bytes[offset + 3]] + '-' +
    hex[bytes[offset + 4]] + hex[bytes[offset + 5]] + '-' +
    hex[(bytes[offset + 6] & 0x0f) | version] + hex[bytes[offset + 7]] + '-' +
    hex[(bytes[offset + 8] & 0x3f) | 0x80] + hex[bytes[offset + 9]] + '-' +
    hex[bytes[offset + 10]] + hex[bytes[offset + 11]] + hex[bytes[offset + 12]] +
    hex[bytes[offset + 13]] + hex[bytes[offset + 14]] + hex[bytes[offset + 15]];
}

// The offset of 16 fresh bytes in `uuids`.
function nextUUID() {
  if (uuid === 0) {
    uuids ??= new Uint8Array(16 * UUID_BATCH);
    native.fill(uuids, 0, 16 * UUID_BATCH);
  }
  const offset = uuid * 16;
  uuid = (uuid + 1) % UUID_BATCH;
  return offset;
}

// Milliseconds in the first six bytes, as version 7 has them.
function writeTime(bytes, offset) {
  const now = Date.now();
  const high = now / 2 ** 32;
  bytes[offset] = high >>> 8;
  bytes[offset + 1] = high;
  bytes[offset + 2] = now >>> 24;
  bytes[offset + 3] = now >>> 16;
  bytes[offset + 4] = now >>> 8;
  bytes[offset + 5] = now;
}

function usesCache(options) {
  if (options === undefined) return true;
  validateObject(options, 'options');
  const { disableEntropyCache = false } = options;
  validateBoolean(disableEntropyCache, 'options.disableEntropyCache');
  return !disableEntropyCache;
}

function randomUUID(options) {
  if (usesCache(options)) {
    const offset = nextUUID();
    return format(uuids, 0x40, offset);
  }
  const bytes = new Uint8Array(16);
  native.fill(bytes, 0, 16);
  return format(bytes, 0x40, 0);
}

function randomUUIDv7(options) {
  let bytes;
  let offset = 0;
  if (usesCache(options)) {
    offset = nextUUID();
    bytes = uuids;
  } else {
    bytes = new Uint8Array(16);
    native.fill(bytes, 0, 16);
  }
  writeTime(bytes, offset);
  return format(bytes, 0x70, offset);
}

function bigIntToBytes(value, name) {
  if (value < 0) throw new ERR_OUT_OF_RANGE(name, '>= 0', value);
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + hex.length % 2, '0'), 'hex');
}

function bytesToBigInt(arrayBuffer) {
  return BigInt(`0x${Buffer.from(arrayBuffer).toString('hex') || 0}`);
}

// A big number argument as bytes.
function numberBytes(value, name) {
  if (typeof value === 'bigint') return bigIntToBytes(value, name);
  if (isAnyArrayBuffer(value) || isArrayBufferView(value)) return value;
  throw new ERR_INVALID_ARG_TYPE(name, ['ArrayBuffer', 'TypedArray', 'Buffer', 'DataView', 'bigint'], value);
}

function primeArguments(options) {
  validateObject(options, 'options');
  const { safe = false, bigint = false } = options;
  let { add, rem } = options;
  validateBoolean(safe, 'options.safe');
  validateBoolean(bigint, 'options.bigint');
  if (add !== undefined) add = numberBytes(add, 'options.add');
  if (rem !== undefined) rem = numberBytes(rem, 'options.rem');
  return { safe, add, rem, convert: bigint ? bytesToBigInt : (prime) => prime };
}

function generatePrime(size, options, callback) {
  validateInt32(size, 'size', 1);
  if (typeof options === 'function') {
    callback = options;
    options = kEmptyObject;
  }
  validateFunction(callback, 'callback');
  const { safe, add, rem, convert } = primeArguments(options);
  native.generatePrime(size, safe, add, rem, wrapCallback('RANDOMPRIMEREQUEST', (error, prime) => {
    if (error) callback(error);
    else callback(undefined, convert(prime));
  }));
}

function generatePrimeSync(size, options = kEmptyObject) {
  validateInt32(size, 'size', 1);
  const { safe, add, rem, convert } = primeArguments(options);
  return convert(native.generatePrime(size, safe, add, rem));
}

function checksOf(options) {
  validateObject(options, 'options');
  const { checks = 0 } = options;
  validateInt32(checks, 'options.checks', 0);
  return checks + 0;
}

function checkPrime(candidate, options = kEmptyObject, callback) {
  candidate = numberBytes(candidate, 'candidate');
  if (typeof options === 'function') {
    callback = options;
    options = kEmptyObject;
  }
  validateFunction(callback, 'callback');
  native.checkPrime(candidate, checksOf(options), wrapCallback('CHECKPRIMEREQUEST', callback));
}

function checkPrimeSync(candidate, options = kEmptyObject) {
  candidate = numberBytes(candidate, 'candidate');
  return native.checkPrime(candidate, checksOf(options));
}

// randomBytes() under an undocumented name.
function alias(name) {
  const { getOptionValue } = require('internal/options');
  return getOptionValue('--pending-deprecation') ?
    deprecate(randomBytes, `crypto.${name} is deprecated.`, 'DEP0115') : randomBytes;
}

// What is left of random bytes must not be the same in every process.
function forget() {
  cache = undefined;
  cacheUsed = CACHE_SIZE;
  uuids = undefined;
  uuid = 0;
}

module.exports = {
  forget,
  alias,
  bigIntToBytes,
  bytesToBigInt,
  checkPrime,
  checkPrimeSync,
  generatePrime,
  generatePrimeSync,
  getRandomValues,
  randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID,
  randomUUIDv7,
};
