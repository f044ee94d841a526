'use strict';
// encapsulate() and decapsulate(). Key encapsulation is native (binding `crypto_asymmetric`).

const { Buffer } = require('buffer');
const { validateFunction } = require('internal/validators');
const { getArrayBufferOrView } = require('internal/crypto/util');
const {
  preparePrivateKey, preparePublicOrPrivateKey, privateKeyHandle, publicKeyHandle,
} = require('internal/crypto/keys');
const binding = internalBinding('crypto_asymmetric');

function toResult([sharedKey, ciphertext]) {
  return { sharedKey: Buffer.from(sharedKey), ciphertext: Buffer.from(ciphertext) };
}

function encapsulate(key, callback) {
  if (callback !== undefined) validateFunction(callback, 'callback');
  const handle = publicKeyHandle(preparePublicOrPrivateKey(key));
  if (callback === undefined) return toResult(binding.encapsulate(undefined, handle));
  binding.encapsulate((error, parts) => {
    if (error) return callback(error);
    callback(null, toResult(parts));
  }, handle);
  return undefined;
}

function decapsulate(key, ciphertext, callback) {
  if (callback !== undefined) validateFunction(callback, 'callback');
  const prepared = preparePrivateKey(key);
  ciphertext = getArrayBufferOrView(ciphertext, 'ciphertext');
  const handle = privateKeyHandle(prepared);
  if (callback === undefined) return Buffer.from(binding.decapsulate(undefined, handle, ciphertext));
  binding.decapsulate((error, sharedKey) => {
    if (error) return callback(error);
    callback(null, Buffer.from(sharedKey));
  }, handle, ciphertext);
  return undefined;
}

module.exports = {
  decapsulate,
  encapsulate,
};
