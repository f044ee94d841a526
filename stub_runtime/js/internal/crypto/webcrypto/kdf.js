'use strict';
// HKDF, PBKDF2 and Argon2: secrets to derive from.

const { getCryptoKeyHandle, importGenericSecretKey } = require('internal/crypto/keys');
const { failed, hashes, job } = require('internal/crypto/webcrypto/support');
const native = internalBinding('crypto_kdf');

const isArgon2 = (name) => name.startsWith('Argon2');

function importKey(format, data, algorithm, extractable, usages) {
  // 'raw' is the old name, which Argon2 never had.
  if (format === 'raw' && isArgon2(algorithm.name)) return undefined;
  const known = format === 'KeyObject' ? 'KeyObjectHandle' : format;
  const source = format === 'KeyObject' ? require('internal/crypto/keys').getKeyObjectHandle(data) : data;
  return importGenericSecretKey(algorithm, known, source, extractable, usages);
}

// Also asked by `SubtleCrypto.supports()`.
function checkLength({ name, hash }, length) {
  if (length === null || length === undefined) throw failed('length cannot be null');
  if (length % 8 !== 0) throw failed('length must be a multiple of 8');
  if (name === 'HKDF' && length > 255 * hashes[hash.name].size * 8) {
    throw failed('length exceeds the maximum derived bit length');
  }
  if (isArgon2(name) && length < 32) throw failed('length must be >= 32');
}

function deriveBits(algorithm, key, length) {
  checkLength(algorithm, length);
  if (length === 0) return Promise.resolve(new ArrayBuffer(0));
  const { name, hash, salt } = algorithm;
  const secret = getCryptoKeyHandle(key);
  const bytes = length / 8;
  switch (name) {
    case 'HKDF':
      return job((done) => native.hkdf(hashes[hash.name].node, secret, salt, algorithm.info, bytes, done));
    case 'PBKDF2':
      return job((done) => native.pbkdf2(secret, salt, algorithm.iterations, bytes, hashes[hash.name].node, done));
    default: {
      const { nonce, parallelism, memory, passes } = algorithm;
      const { secretValue = new Uint8Array(), associatedData = new Uint8Array() } = algorithm;
      return job((done) => native.argon2(
        name.toUpperCase(), secret, nonce, parallelism, bytes, memory, passes, secretValue, associatedData, done));
    }
  }
}

module.exports = { checkLength, deriveBits, importKey, keyLength: () => null };
