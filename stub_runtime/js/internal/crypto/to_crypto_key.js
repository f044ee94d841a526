'use strict';
// KeyObject.prototype.toCryptoKey().

const { keyObjectOf } = require('internal/crypto/keys');
const { boolean, KeyUsages } = require('internal/crypto/webcrypto/idl');
const { normalizeAlgorithm } = require('internal/crypto/webcrypto/algorithms');
const { importSync } = require('internal/crypto/webcrypto');

// `handle` is the native key of the KeyObject.
function keyObjectToCryptoKey({ handle }, algorithm, extractable, keyUsages) {
  const usages = KeyUsages(keyUsages, { context: 'keyUsages' });
  return importSync('KeyObject', keyObjectOf(handle), normalizeAlgorithm(algorithm, 'importKey'), boolean(extractable), usages);
}

module.exports = { keyObjectToCryptoKey };
