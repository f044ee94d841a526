'use strict';
// argon2() and argon2Sync(). The work is native (`crypto_kdf`).

const { getArrayBufferOrView, keyCallback, outputBuffer } = require('internal/crypto/util');
const {
  validateFunction,
  validateInteger,
  validateObject,
  validateOneOf,
  validateString,
  validateUint32,
} = require('internal/validators');
const native = internalBinding('crypto_kdf');

const MAX_UINT32 = 2 ** 32 - 1;

// A parameter that is bytes, at least `min` of them.
function bytes(parameters, name, min) {
  const value = getArrayBufferOrView(parameters[name], `parameters.${name}`);
  validateInteger(value.byteLength, `parameters.${name}.byteLength`, min, MAX_UINT32);
  return value;
}

// The arguments as native code takes them.
function check(algorithm, parameters) {
  validateString(algorithm, 'algorithm');
  validateOneOf(algorithm, 'algorithm', ['argon2d', 'argon2i', 'argon2id']);
  validateObject(parameters, 'parameters');
  const { parallelism, tagLength, memory, passes } = parameters;
  const message = bytes(parameters, 'message', 0);
  const nonce = bytes(parameters, 'nonce', 8);
  validateInteger(parallelism, 'parameters.parallelism', 1, 2 ** 24 - 1);
  validateInteger(tagLength, 'parameters.tagLength', 4, MAX_UINT32);
  validateInteger(memory, 'parameters.memory', 8 * parallelism, MAX_UINT32);
  validateUint32(passes, 'parameters.passes', true);
  const none = new Uint8Array(0);
  const secret = parameters.secret === undefined ? none : bytes(parameters, 'secret', 0);
  const data = parameters.associatedData === undefined ? none : bytes(parameters, 'associatedData', 0);
  return [algorithm.toUpperCase(), message, nonce, parallelism, tagLength, memory, passes, secret, data];
}

function argon2(algorithm, parameters, callback) {
  const args = check(algorithm, parameters);
  validateFunction(callback, 'callback');
  native.argon2(...args, keyCallback('ARGON2REQUEST', callback));
}

function argon2Sync(algorithm, parameters) {
  return outputBuffer(native.argon2(...check(algorithm, parameters)));
}

module.exports = { argon2, argon2Sync };
