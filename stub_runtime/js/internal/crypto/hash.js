'use strict';
// Hash, Hmac, crypto.hash(), and digests for Web Crypto. The digests themselves are native (`crypto_hash`, `crypto_mac`).

const { codes } = require('internal/errors');
const { deprecate, encodingsMap, getDeprecationWarningEmitter, normalizeEncoding } = require('internal/util');
const {
  digestNumber,
  getArrayBufferOrView,
  getStringOption,
  kHandle,
  kFinalized,
  outputBuffer,
  prepareSecretKey,
  utf8OrBytes,
  viewBytes,
} = require('internal/crypto/util');
const { isArrayBufferView } = require('internal/util/types');
const { validateEncoding, validateObject, validateString, validateUint32 } = require('internal/validators');
const LazyTransform = require('internal/streams/lazy_transform');
const native = internalBinding('crypto_hash');
const mac = internalBinding('crypto_mac');

const {
  ERR_CRYPTO_HASH_FINALIZED,
  ERR_CRYPTO_HASH_UPDATE_FAILED,
  ERR_INVALID_ARG_TYPE,
  ERR_INVALID_ARG_VALUE,
} = codes;

const shakes = new Set(['shake128', 'shake256', 'shake-128', 'shake-256']);

const warnOfShake = getDeprecationWarningEmitter(
  'DEP0198',
  'Creating SHAKE128/256 digests without an explicit options.outputLength is deprecated.',
  undefined,
  false,
);

function warnIfShake(algorithm) {
  // Most names are short and have no 'k': nothing to lower-case.
  if (algorithm.length >= 8 && algorithm.length <= 9 && shakes.has(algorithm.toLowerCase())) warnOfShake();
}

// Whether cSHAKE's options are given; they are checked, and no digest of OpenSSL 3.5 takes them.
function hasCShakeOptions({ functionName, customization }) {
  for (const [value, name] of [[functionName, 'options.functionName'], [customization, 'options.customization']]) {
    if (value === undefined) continue;
    const bytes = getArrayBufferOrView(value, name);
    if (viewBytes(bytes).includes(0)) throw new ERR_INVALID_ARG_VALUE(name, bytes, 'must not contain NUL bytes');
  }
  return functionName !== undefined || customization !== undefined;
}

function outputLengthOf(options) {
  const length = typeof options === 'object' && options !== null ? options.outputLength : undefined;
  if (length === undefined) return undefined;
  validateUint32(length, 'options.outputLength');
  return length + 0;
}

// What update() takes: utf8 strings and bytes are hashed as they are.
function checkData(data, encoding) {
  if (typeof data === 'string') {
    if (encoding === undefined || encoding === 'utf8') return data;
    validateEncoding(data, encoding);
    return utf8OrBytes(data, encoding);
  }
  if (isArrayBufferView(data)) return data;
  throw new ERR_INVALID_ARG_TYPE('data', ['string', 'Buffer', 'TypedArray', 'DataView'], data);
}

// A native result in the encoding that a caller of digest() named, if any.
function digestIn(digest, handle, encoding) {
  if (encoding === 'hex') return digest(handle, 5);
  if (!encoding) return outputBuffer(digest(handle));
  const normalized = normalizeEncoding(`${encoding}`);
  switch (normalized) {
    case 'base64':
    case 'base64url':
    case 'hex':
    case 'latin1':
      return digest(handle, encodingsMap[normalized]);
    default: {
      const bytes = outputBuffer(digest(handle));
      return normalized === undefined ? bytes : bytes.toString(normalized);
    }
  }
}

// Marks a copy, whose constructor's first argument is the original's handle.
class Copy {
  constructor(handle) {
    this.handle = handle;
  }
}

function Hash(algorithm, options) {
  if (!new.target) return new Hash(algorithm, options);
  if (algorithm instanceof Copy) {
    this[kHandle] = native.copy(algorithm.handle, outputLengthOf(options));
  } else {
    validateString(algorithm, 'algorithm');
    let length;
    let number = digestNumber(algorithm);
    if (options !== undefined && options !== null) {
      length = outputLengthOf(options);
      if (hasCShakeOptions(options)) number = -1;
    }
    this[kHandle] = native.create(number, length);
    if (length === undefined) warnIfShake(algorithm);
  }
  this[kFinalized] = false;
  LazyTransform.call(this, options);
}
Object.setPrototypeOf(Hash.prototype, LazyTransform.prototype);
Object.setPrototypeOf(Hash, LazyTransform);

Hash.prototype.copy = function copy(options) {
  if (this[kFinalized]) throw new ERR_CRYPTO_HASH_FINALIZED();
  return new Hash(new Copy(this[kHandle]), options);
};

Hash.prototype._transform = function _transform(chunk, encoding, callback) {
  if (!native.update(this[kHandle], utf8OrBytes(chunk, encoding))) {
    callback(new ERR_CRYPTO_HASH_UPDATE_FAILED());
    return;
  }
  callback();
};

Hash.prototype._flush = function _flush(callback) {
  this.push(outputBuffer(native.digest(this[kHandle])));
  callback();
};

Hash.prototype.update = function update(data, encoding) {
  if (this[kFinalized]) throw new ERR_CRYPTO_HASH_FINALIZED();
  if (!native.update(this[kHandle], checkData(data, encoding))) throw new ERR_CRYPTO_HASH_UPDATE_FAILED();
  return this;
};

Hash.prototype.digest = function digest(outputEncoding) {
  if (this[kFinalized]) throw new ERR_CRYPTO_HASH_FINALIZED();
  const result = digestIn(native.digest, this[kHandle], outputEncoding);
  this[kFinalized] = true;
  return result;
};

function Hmac(hmac, key, options) {
  if (!(this instanceof Hmac)) return new Hmac(hmac, key, options);
  validateString(hmac, 'hmac');
  const secret = prepareSecretKey(key, getStringOption(options, 'encoding'));
  this[kHandle] = mac.hmac(digestNumber(hmac), secret, hmac);
  this[kFinalized] = false;
  LazyTransform.call(this, options);
}
Object.setPrototypeOf(Hmac.prototype, LazyTransform.prototype);
Object.setPrototypeOf(Hmac, LazyTransform);

Hmac.prototype.update = function update(data, encoding) {
  if (this[kFinalized]) throw new ERR_CRYPTO_HASH_FINALIZED();
  if (!mac.hmacUpdate(this[kHandle], checkData(data, encoding))) throw new ERR_CRYPTO_HASH_UPDATE_FAILED();
  return this;
};

Hmac.prototype.digest = function digest(outputEncoding) {
  if (this[kFinalized]) {
    // Node's way: nothing, in the encoding asked for.
    return outputEncoding && outputEncoding !== 'buffer' ? '' : outputBuffer(new ArrayBuffer(0));
  }
  const result = digestIn(mac.hmacDigest, this[kHandle], outputEncoding);
  this[kFinalized] = true;
  return result;
};

Hmac.prototype._transform = function _transform(chunk, encoding, callback) {
  if (!mac.hmacUpdate(this[kHandle], utf8OrBytes(chunk, encoding))) {
    callback(new ERR_CRYPTO_HASH_UPDATE_FAILED());
    return;
  }
  callback();
};

// Unlike a Hash, a Hmac cannot be asked again after its stream ended (DEP0206).
Hmac.prototype._flush = function _flush(callback) {
  this.push(outputBuffer(mac.hmacDigest(this[kHandle])));
  this[kFinalized] = true;
  callback();
};

function createHash(algorithm, options) {
  return new Hash(algorithm, options);
}

function createHmac(hmac, key, options) {
  return new Hmac(hmac, key, options);
}

// undefined for bytes; the name of a text encoding otherwise.
function outputEncodingOf(encoding) {
  validateString(encoding, 'outputEncoding');
  const normalized = normalizeEncoding(encoding);
  if (normalized !== undefined) return normalized;
  if (encoding.toLowerCase() === 'buffer') return undefined;
  throw new ERR_INVALID_ARG_VALUE('outputEncoding', encoding);
}

function oneShot(algorithm, input, encoding, length, unsupported) {
  const number = unsupported ? -1 : digestNumber(algorithm);
  if (number === -1) throw new Error(`Digest method ${algorithm} is not supported`);
  if (length !== undefined && !native.fits(number, length)) {
    throw new Error(`Output length ${length} is invalid for ${algorithm}, which does not support XOF`);
  }
  switch (encoding) {
    case 'hex':
      return native.oneShot(number, input, 5, length);
    case 'base64':
    case 'base64url':
    case 'latin1':
      return native.oneShot(number, input, encodingsMap[encoding], length);
    default: {
      const bytes = outputBuffer(native.oneShot(number, input, undefined, length));
      return encoding === undefined ? bytes : bytes.toString(encoding);
    }
  }
}

// (algorithm, input, { outputEncoding = 'hex', outputLength } | outputEncoding) => its digest
function hash(algorithm, input, options) {
  validateString(algorithm, 'algorithm');
  if (typeof input !== 'string' && !isArrayBufferView(input)) {
    throw new ERR_INVALID_ARG_TYPE('input', ['Buffer', 'TypedArray', 'DataView', 'string'], input);
  }
  let encoding = 'hex';
  let length;
  let unsupported = false;
  if (typeof options === 'string') {
    if (options !== 'hex') encoding = outputEncodingOf(options);
  } else if (options !== undefined) {
    validateObject(options, 'options');
    const { outputLength, outputEncoding } = options;
    unsupported = hasCShakeOptions(options);
    if (outputEncoding !== undefined && outputEncoding !== null) encoding = outputEncodingOf(outputEncoding);
    if (outputLength !== undefined) {
      validateUint32(outputLength, 'outputLength');
      length = outputLength + 0;
    }
  }
  if (length === undefined) warnIfShake(algorithm);
  return oneShot(algorithm, input, encoding, length, unsupported);
}

module.exports = {
  DeprecatedHash: deprecate(Hash, 'crypto.Hash constructor is deprecated.', 'DEP0179'),
  DeprecatedHmac: deprecate(Hmac, 'crypto.Hmac constructor is deprecated.', 'DEP0181'),
  Hash,
  Hmac,
  createHash,
  createHmac,
  hash,
};
