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

function pbkdf2(password, salt, iterations, keylen, digest, callback) {
  if (typeof digest === 'function') {
    callback = digest;
    digest = undefined;
  }
  const args = check(password, salt, iterations, keylen, digest);
  validateFunction(callback, 'callback');
  native.pbkdf2(...args, keyCallback(callback));
}

function pbkdf2Sync(password, salt, iterations, keylen, digest) {
  return outputBuffer(native.pbkdf2(...check(password, salt, iterations, keylen, digest)));
}

module.exports = { pbkdf2, pbkdf2Sync };
