'use strict';
// hkdf() and hkdfSync(). The work is native (`crypto_kdf`).

const { kMaxLength } = require('buffer');
const { codes, hideStackFrames } = require('internal/errors');
const { prepareSecretKey, toBuf, validateByteSource } = require('internal/crypto/util');
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

function hkdf(digest, ikm, salt, info, length, callback) {
  const args = check(digest, ikm, salt, info, length);
  validateFunction(callback, 'callback');
  native.hkdf(...args, (error, bits) => {
    if (error) callback(error);
    else callback(null, bits);
  });
}

function hkdfSync(digest, ikm, salt, info, length) {
  return native.hkdf(...check(digest, ikm, salt, info, length));
}

module.exports = { hkdf, hkdfSync };
