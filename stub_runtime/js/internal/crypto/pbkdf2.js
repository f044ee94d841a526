'use strict';
// pbkdf2() and pbkdf2Sync(). The work is native (`crypto_kdf`).

const { getArrayBufferOrView, keyCallback, outputBuffer } = require('internal/crypto/util');
const { validateFunction, validateInt32, validateString } = require('internal/validators');
const native = internalBinding('crypto_kdf');

// The arguments as native code takes them.
function check(password, salt, iterations, keylen, digest) {
  validateString(digest, 'digest');
  password = getArrayBufferOrView(password, 'password');
  salt = getArrayBufferOrView(salt, 'salt');
  validateInt32(iterations, 'iterations', 1);
  validateInt32(keylen, 'keylen', 0);
  return [password, salt, iterations, keylen, digest];
}

// Node's OpenSSL derives no empty key.
function empty() {
  return new Error('PBKDF2 derivation failed');
}

function pbkdf2(password, salt, iterations, keylen, digest, callback) {
  if (typeof digest === 'function') {
    callback = digest;
    digest = undefined;
  }
  const args = check(password, salt, iterations, keylen, digest);
  validateFunction(callback, 'callback');
  native.pbkdf2(...args, keyCallback('PBKDF2REQUEST', keylen === 0 ? (error) => callback(error || empty()) : callback));
}

function pbkdf2Sync(password, salt, iterations, keylen, digest) {
  const args = check(password, salt, iterations, keylen, digest);
  const key = native.pbkdf2(...args);
  if (keylen === 0) throw empty();
  return outputBuffer(key);
}

module.exports = { pbkdf2, pbkdf2Sync };
