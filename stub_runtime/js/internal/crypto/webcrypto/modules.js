'use strict';
// ML-DSA and ML-KEM: signatures and key encapsulation on module lattices.

const { getCryptoKeyAlgorithm } = require('internal/crypto/keys');
const {
  cryptoKey,
  exportJwkMembers,
  exportPkcs8,
  exportRaw,
  exportSpki,
  keyObject,
  parseRaw,
} = require('internal/crypto/webcrypto/keys');
const { generatePair, halfOf, readHalf, requireType } = require('internal/crypto/webcrypto/pairs');
const {
  arrayBufferOf,
  checkJwk,
  invalidData,
  job,
  notSupported,
  operationFailed,
} = require('internal/crypto/webcrypto/support');

const isSigning = (name) => name.startsWith('ML-DSA');
const signing = { public: ['verify'], private: ['sign'] };
const encapsulating = {
  public: ['encapsulateKey', 'encapsulateBits'],
  private: ['decapsulateKey', 'decapsulateBits'],
};
const usagesOf = (name) => isSigning(name) ? signing : encapsulating;

// Bytes of a PKCS#8 that has the expanded key and no seed.
const seedlessSizes = {
  '__proto__': null,
  'ML-DSA-44': 2588,
  'ML-DSA-65': 4060,
  'ML-DSA-87': 4924,
  'ML-KEM-512': 1660,
  'ML-KEM-768': 2428,
  'ML-KEM-1024': 3196,
};
// Of one that has the seed.
const seedSize = (name) => isSigning(name) ? 54 : 86;

function generateKey({ name }, extractable, usages) {
  return generatePair(name.toLowerCase(), {}, { name }, usagesOf(name), extractable, usages);
}

function importKey(format, data, { name }, extractable, usages) {
  const type = name.toLowerCase();
  const half = format === 'raw-public' || format === 'raw-seed' ?
    { isPublic: format === 'raw-public', parse: () => parseRaw(data, format, type) } :
    halfOf(format, data, 'priv', (set) => {
      checkJwk(data, 'AKP', extractable, set, isSigning(name) ? 'sig' : 'enc');
      if (data.alg !== name) throw invalidData('JWK "alg" Parameter and algorithm name mismatch');
    });
  if (half === undefined) return undefined;
  if (format === 'pkcs8') {
    const { parse } = half;
    half.parse = () => {
      if (data.byteLength === seedlessSizes[name]) {
        throw notSupported(`Importing an ${name.slice(0, 6)} PKCS#8 key without a seed is not supported`);
      }
      return parse();
    };
  }
  const { object, set } = readHalf(half, type, name, usagesOf(name), usages);
  return cryptoKey(object, { name }, set, extractable);
}

function exportKey(format, key) {
  const { name } = getCryptoKeyAlgorithm(key);
  switch (format) {
    case 'spki':
      return exportSpki(key);
    case 'pkcs8': {
      const pkcs8 = exportPkcs8(key);
      // A key without a seed can only have come through a KeyObject.
      if (pkcs8.byteLength !== seedSize(name)) throw operationFailed();
      return pkcs8;
    }
    case 'raw-public':
    case 'raw-seed':
      return exportRaw(key, format);
    case 'jwk':
      return [exportJwkMembers(key), undefined];
  }
}

function signingKey({ context }, key) {
  return context === undefined ? { key: keyObject(key) } : { key: keyObject(key), context };
}

function sign(algorithm, key, data) {
  requireType(key, 'private');
  const { signOneShot } = require('internal/crypto/sig');
  return job((done) => signOneShot(null, data, signingKey(algorithm, key), done)).then(arrayBufferOf);
}

function verify(algorithm, key, signature, data) {
  requireType(key, 'public');
  const { verifyOneShot } = require('internal/crypto/sig');
  return job((done) => verifyOneShot(null, data, signingKey(algorithm, key), signature, done));
}

function encapsulate(key) {
  requireType(key, 'public');
  const kem = require('internal/crypto/kem');
  return job((done) => kem.encapsulate(keyObject(key), done)).then(({ sharedKey, ciphertext }) => (
    { sharedKey: arrayBufferOf(sharedKey), ciphertext: arrayBufferOf(ciphertext) }
  ));
}

function decapsulate(key, ciphertext) {
  requireType(key, 'private');
  const kem = require('internal/crypto/kem');
  return job((done) => kem.decapsulate(keyObject(key), ciphertext, done)).then(arrayBufferOf);
}

module.exports = { decapsulate, encapsulate, exportKey, generateKey, importKey, sign, verify };
