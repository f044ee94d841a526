'use strict';
// Sign, Verify, sign() and verify(). Signing is native (binding `crypto_sign`).

const { wrapCallback } = require('internal/async_hooks');
const { Buffer } = require('buffer');
const {
  codes: { ERR_CRYPTO_SIGN_KEY_REQUIRED, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE },
} = require('internal/errors');
const { isArrayBufferView } = require('internal/util/types');
const { validateEncoding, validateFunction, validateString } = require('internal/validators');
const { getArrayBufferOrView, kHandle } = require('internal/crypto/util');
const {
  preparePrivateKey, preparePublicOrPrivateKey, privateKeyHandle, publicKeyHandle, toBuffer,
} = require('internal/crypto/keys');
const { Writable } = require('stream');
const binding = internalBinding('crypto_sign');

const RSA_PKCS1_PSS_PADDING = 6;
const RSA_PSS_SALTLEN_MAX_SIGN = -2;

function intOption(name, options) {
  const value = options[name];
  if (value === undefined || value === value >> 0) return value;
  throw new ERR_INVALID_ARG_VALUE(`options.${name}`, value);
}

function isP1363(options) {
  if (typeof options !== 'object') return false;
  const { dsaEncoding = 'der' } = options;
  if (dsaEncoding === 'der') return false;
  if (dsaEncoding === 'ieee-p1363') return true;
  throw new ERR_INVALID_ARG_VALUE('options.dsaEncoding', dsaEncoding);
}

// What a key argument says besides the key: [padding, saltLength, p1363]
function signingOptions(options) {
  const padding = intOption('padding', options);
  let saltLength = intOption('saltLength', options);
  if (options.padding === RSA_PKCS1_PSS_PADDING && saltLength === undefined) saltLength = RSA_PSS_SALTLEN_MAX_SIGN;
  return [padding, saltLength, isP1363(options)];
}

function contextOf(options) {
  const context = options?.context;
  if (context !== undefined && !isArrayBufferView(context)) {
    throw new ERR_INVALID_ARG_TYPE('options.context', ['Buffer', 'TypedArray', 'DataView'], context);
  }
  return context;
}

function Sign(algorithm, options) {
  if (!(this instanceof Sign)) return new Sign(algorithm, options);
  validateString(algorithm, 'algorithm');
  this[kHandle] = binding.create(algorithm);
  Reflect.apply(Writable, this, [options]);
}

Object.setPrototypeOf(Sign.prototype, Writable.prototype);
Object.setPrototypeOf(Sign, Writable);

Sign.prototype._write = function _write(chunk, encoding, callback) {
  this.update(chunk, encoding);
  callback();
};

Sign.prototype.update = function update(data, encoding) {
  if (typeof data === 'string') {
    validateEncoding(data, encoding);
    data = Buffer.from(data, encoding === 'buffer' ? 'utf8' : encoding);
  } else if (!isArrayBufferView(data)) {
    throw new ERR_INVALID_ARG_TYPE('data', ['string', 'Buffer', 'TypedArray', 'DataView'], data);
  }
  binding.update(this[kHandle], data);
  return this;
};

Sign.prototype.sign = function sign(privateKey, encoding) {
  if (!privateKey) throw new ERR_CRYPTO_SIGN_KEY_REQUIRED();
  const prepared = preparePrivateKey(privateKey, 'privateKey');
  const options = signingOptions(privateKey);
  const signature = toBuffer(binding.sign(this[kHandle], privateKeyHandle(prepared), ...options));
  return encoding && encoding !== 'buffer' ? signature.toString(encoding) : signature;
};

function Verify(algorithm, options) {
  if (!(this instanceof Verify)) return new Verify(algorithm, options);
  validateString(algorithm, 'algorithm');
  this[kHandle] = binding.create(algorithm);
  Reflect.apply(Writable, this, [options]);
}

Object.setPrototypeOf(Verify.prototype, Writable.prototype);
Object.setPrototypeOf(Verify, Writable);

Verify.prototype._write = Sign.prototype._write;
Verify.prototype.update = Sign.prototype.update;

Verify.prototype.verify = function verify(key, signature, sigEncoding) {
  const prepared = preparePublicOrPrivateKey(key, 'key');
  const options = signingOptions(key);
  signature = getArrayBufferOrView(signature, 'signature', sigEncoding);
  return binding.verify(this[kHandle], publicKeyHandle(prepared), signature, ...options);
};

function checkArguments(algorithm, callback) {
  if (algorithm != null) validateString(algorithm, 'algorithm');
  if (callback !== undefined) validateFunction(callback, 'callback');
}

function signOneShot(algorithm, data, key, callback) {
  checkArguments(algorithm, callback);
  data = getArrayBufferOrView(data, 'data');
  if (!key) throw new ERR_CRYPTO_SIGN_KEY_REQUIRED();
  const options = signingOptions(key);
  const context = contextOf(key);
  const args = [privateKeyHandle(preparePrivateKey(key)), data, algorithm, ...options, context];
  if (callback === undefined) return Buffer.from(binding.signMessage(undefined, ...args));
  binding.signMessage(wrapCallback('SIGNREQUEST', (error, signature) => {
    if (error) return callback(error);
    callback(null, Buffer.from(signature));
  }), ...args);
  return undefined;
}

function verifyOneShot(algorithm, data, key, signature, callback) {
  checkArguments(algorithm, callback);
  data = getArrayBufferOrView(data, 'data');
  const options = signingOptions(key);
  const context = contextOf(key);
  signature = getArrayBufferOrView(signature, 'signature');
  const handle = publicKeyHandle(preparePublicOrPrivateKey(key));
  const args = [handle, data, algorithm, ...options, context, signature];
  if (callback === undefined) return binding.verifyMessage(undefined, ...args);
  binding.verifyMessage(wrapCallback('VERIFYREQUEST', (error, valid) => {
    if (error) return callback(error);
    callback(null, valid);
  }), ...args);
  return undefined;
}

module.exports = {
  Sign,
  Verify,
  createSign: (algorithm, options) => new Sign(algorithm, options),
  createVerify: (algorithm, options) => new Verify(algorithm, options),
  signOneShot,
  verifyOneShot,
};
