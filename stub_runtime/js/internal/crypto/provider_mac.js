'use strict';
// createMac(): message authentication codes of OpenSSL's providers. They are native (`crypto_provider_mac`).

const { codes } = require('internal/errors');
const { encodingsMap, normalizeEncoding } = require('internal/util');
const { kFinalized, kHandle, outputBuffer, utf8OrBytes } = require('internal/crypto/util');
const { isAnyArrayBuffer, isArrayBufferView, isKeyObject } = require('internal/util/types');
const { validateEncoding, validateObject, validateString, validateUint32 } = require('internal/validators');
const LazyTransform = require('internal/streams/lazy_transform');
const native = internalBinding('crypto_provider_mac');

const {
  ERR_CRYPTO_MAC_FINALIZED,
  ERR_CRYPTO_MAC_UPDATE_FAILED,
  ERR_INVALID_ARG_TYPE,
  ERR_INVALID_ARG_VALUE,
} = codes;

const bufferTypes = ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'];

function validateName(value, name) {
  validateString(value, name);
  if (value.length === 0 || value.includes('\0')) {
    throw new ERR_INVALID_ARG_VALUE(name, value, 'must be non-empty and contain no NUL bytes');
  }
}

function validateBytes(value, name) {
  if (!isArrayBufferView(value) && !isAnyArrayBuffer(value)) throw new ERR_INVALID_ARG_TYPE(name, bufferTypes, value);
}

const validators = {
  digest: validateName,
  cipher: validateName,
  iv: validateBytes,
  customization: validateBytes,
  salt: validateBytes,
  outputLength: validateUint32,
};

// The options as native code takes them.
function parameters(options) {
  if (options === undefined) return [];
  validateObject(options, 'options');
  return Object.keys(validators).map((name) => {
    const value = options[name];
    if (value !== undefined) validators[name](value, `options.${name}`);
    return value;
  });
}

function secretOf(key) {
  const types = [...bufferTypes, 'KeyObject'];
  if (isKeyObject(key)) {
    if (key.type !== 'secret') throw new ERR_INVALID_ARG_TYPE('key', types, key);
    return require('internal/crypto/keys').getKeyObjectHandle(key);
  }
  if (!isArrayBufferView(key) && !isAnyArrayBuffer(key)) throw new ERR_INVALID_ARG_TYPE('key', types, key);
  return key;
}

function Mac(algorithm, key, options) {
  if (!new.target) return new Mac(algorithm, key, options);
  validateName(algorithm, 'algorithm');
  const choices = parameters(options);
  this[kHandle] = native.create(algorithm, secretOf(key), ...choices);
  this[kFinalized] = false;
  LazyTransform.call(this, options);
}
Object.setPrototypeOf(Mac.prototype, LazyTransform.prototype);
Object.setPrototypeOf(Mac, LazyTransform);

function add(mac, data) {
  if (native.update(mac[kHandle], data)) return;
  mac[kFinalized] = true;
  throw new ERR_CRYPTO_MAC_UPDATE_FAILED();
}

function result(mac, encoding) {
  mac[kFinalized] = true;
  switch (encoding) {
    case 'base64':
    case 'base64url':
    case 'hex':
    case 'latin1':
      return native.finish(mac[kHandle], encodingsMap[encoding]);
    default: {
      const bytes = outputBuffer(native.finish(mac[kHandle]));
      return encoding === undefined ? bytes : bytes.toString(encoding);
    }
  }
}

Mac.prototype._transform = function _transform(chunk, encoding, callback) {
  try {
    if (this[kFinalized]) throw new ERR_CRYPTO_MAC_FINALIZED();
    add(this, utf8OrBytes(chunk, encoding));
  } catch (error) {
    callback(error);
    return;
  }
  callback();
};

Mac.prototype._flush = function _flush(callback) {
  try {
    if (this[kFinalized]) throw new ERR_CRYPTO_MAC_FINALIZED();
    const bytes = result(this);
    if (bytes.length !== 0) this.push(bytes);
  } catch (error) {
    callback(error);
    return;
  }
  callback();
};

Mac.prototype.update = function update(data, encoding) {
  if (this[kFinalized]) throw new ERR_CRYPTO_MAC_FINALIZED();
  if (typeof data === 'string') {
    if (encoding !== undefined) {
      validateString(encoding, 'inputEncoding');
      const normalized = normalizeEncoding(encoding);
      if (normalized === undefined) throw new ERR_INVALID_ARG_VALUE('inputEncoding', encoding);
      validateEncoding(data, normalized);
      data = utf8OrBytes(data, normalized);
    }
  } else if (!isArrayBufferView(data)) {
    throw new ERR_INVALID_ARG_TYPE('data', ['string', 'Buffer', 'TypedArray', 'DataView'], data);
  }
  add(this, data);
  return this;
};

Mac.prototype.final = function final(outputEncoding) {
  if (this[kFinalized]) throw new ERR_CRYPTO_MAC_FINALIZED();
  if (outputEncoding === undefined) return result(this);
  validateString(outputEncoding, 'outputEncoding');
  if (outputEncoding.toLowerCase() === 'buffer') return result(this);
  const normalized = normalizeEncoding(outputEncoding);
  if (normalized === undefined) throw new ERR_INVALID_ARG_VALUE('outputEncoding', outputEncoding);
  return result(this, normalized);
};

function createMac(algorithm, key, options) {
  return new Mac(algorithm, key, options);
}

module.exports = { Mac, createMac };
