'use strict';
// Digests: SHA-1, SHA-2, SHA-3 of OpenSSL; cSHAKE, TurboSHAKE and KangarooTwelve of our own (binding `crypto_keccak`).

const { digestNumber } = require('internal/crypto/util');
const { hashes, job, truncateToBits, validateMaxLength } = require('internal/crypto/webcrypto/support');

function digest(algorithm, data) {
  validateMaxLength(data, 'data');
  const { name, outputLength } = algorithm;
  if (hashes[name] !== undefined) {
    const number = digestNumber(hashes[name].node);
    return job((done) => internalBinding('crypto_hash').job(number, data, undefined, done));
  }
  const keccak = internalBinding('crypto_keccak');
  const strength = name.endsWith('128') ? 128 : 256;
  if (name.startsWith('KT')) {
    return job((done) => keccak.kangarooTwelve(strength, data, algorithm.customization, outputLength / 8, done));
  }
  if (name.startsWith('TurboSHAKE')) {
    return job((done) => keccak.turboShake(strength, data, algorithm.domainSeparation ?? 0x1f, outputLength / 8, done));
  }
  return job((done) => keccak.cShake(
    strength, data, algorithm.functionName, algorithm.customization, Math.ceil(outputLength / 8), done))
    .then((bytes) => outputLength % 8 === 0 ? bytes : truncateToBits(outputLength, bytes).buffer);
}

module.exports = { digest };
