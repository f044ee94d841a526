'use strict';
// hkdf() and hkdfSync(). The work is native (`crypto_kdf`).

const { wrapCallback } = require('internal/async_hooks');
const { kMaxLength } = require('buffer');
const { codes, hideStackFrames } = require('internal/errors');
const { prepareSecretKey, toBuf } = require('internal/crypto/util');
const { isAnyArrayBuffer, isArrayBufferView, isKeyObject } = require('internal/util/types');
const { validateFunction, validateInteger, validateString } = require('internal/validators');
const native = internalBinding('crypto_kdf');

const { ERR_INVALID_ARG_TYPE, ERR_OUT_OF_RANGE } = codes;

const keyTypes = ['string', 'SecretKeyObject', 'ArrayBuffer', 'TypedArray', 'DataView', 'Buffer'];

function prepareKey(key) {
  if (isKeyObject(key)) return prepareSecretKey(key);
  key = toBuf(key);
  if (isAnyArrayBuffer(key) || isArrayBufferView(key)) return key;
  throw new ERR_INVALID_ARG_TYPE('ikm', keyTypes, key);
}

const byteSources = ['string', 'ArrayBuffer', 'TypedArray', 'DataView', 'Buffer'];

const validateByteSource = hideStackFrames((value, name) => {
  value = toBuf(value);
  if (isAnyArrayBuffer(value) || isArrayBufferView(value)) return value;
  throw new ERR_INVALID_ARG_TYPE.HideStackFramesError(name, byteSources, value);
});

// The arguments as native code takes them.
const check = hideStackFrames((digest, ikm, salt, info, length) => {
  validateString.withoutStackTrace(digest, 'digest');
  const key = prepareKey(ikm);
  salt = validateByteSource.withoutStackTrace(salt, 'salt');
  info = validateByteSource.withoutStackTrace(info, 'info');
  validateInteger.withoutStackTrace(length, 'length', 0, kMaxLength);
  if (info.byteLength > 1024) {
    throw new ERR_OUT_OF_RANGE.HideStackFramesError('info', 'must not contain more than 1024 bytes', info.byteLength);
  }
  return [digest, key, salt, info, length];
});

// Node derives no empty key.
function empty() {
  return new Error('HKDF derivation failed');
}

function hkdf(digest, ikm, salt, info, length, callback) {
  const args = check(digest, ikm, salt, info, length);
  validateFunction(callback, 'callback');
  native.hkdf(...args, wrapCallback('DERIVEBITSREQUEST', (error, bits) => {
    if (error || length === 0) callback(error || empty());
    else callback(null, bits);
  }));
}

function hkdfSync(digest, ikm, salt, info, length) {
  const bits = native.hkdf(...check(digest, ikm, salt, info, length));
  if (length === 0) throw empty();
  return bits;
}

module.exports = { hkdf, hkdfSync };
