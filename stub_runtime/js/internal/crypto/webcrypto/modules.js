'use strict';
// ML-DSA and ML-KEM: signatures and key encapsulation on module lattices.

const { getCryptoKeyAlgorithm, getCryptoKeyType } = require('internal/crypto/keys');
const {
  cryptoKey,
  exportJwkMembers,
  exportPkcs8,
  exportRaw,
  exportSpki,
  keyObject,
  parseJwk,
  parsePkcs8,
  parseRaw,
  parseSpki,
} = require('internal/crypto/webcrypto/keys');
const {
  arrayBufferOf,
  checkJwk,
  checkUsages,
  invalidData,
  job,
  notSupported,
  operationFailed,
  pairUsages,
  refused,
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
  const pair = pairUsages(usages, usagesOf(name), name);
  const { generateKeyPair } = require('internal/crypto/keygen');
  return job((done) => generateKeyPair(name.toLowerCase(), {}, (error, publicKey, privateKey) => {
    if (error) {
      done(error);
      return;
    }
    done(null, {
      publicKey: cryptoKey(publicKey, { name }, pair.public, true),
      privateKey: cryptoKey(privateKey, { name }, pair.private, extractable),
    });
  }));
}

function importKey(format, data, { name }, extractable, usages) {
  let isPublic = format === 'spki' || format === 'raw-public';
  let parse;
  switch (format) {
    case 'spki':
      parse = () => parseSpki(data);
      break;
    case 'pkcs8':
      parse = () => {
        if (data.byteLength === seedlessSizes[name]) {
          throw notSupported(`Importing an ${name.slice(0, 6)} PKCS#8 key without a seed is not supported`);
        }
        return parsePkcs8(data);
      };
      break;
    case 'raw-public':
    case 'raw-seed':
      parse = () => parseRaw(data, format, name.toLowerCase());
      break;
    case 'jwk':
      isPublic = data.priv === undefined;
      parse = (set) => {
        checkJwk(data, 'AKP', extractable, set, isSigning(name) ? 'sig' : 'enc');
        if (data.alg !== name) throw invalidData('JWK "alg" Parameter and algorithm name mismatch');
        return parseJwk(data, isPublic);
      };
      break;
    case 'KeyObject':
      isPublic = data.type === 'public';
      parse = () => data;
      break;
    default:
      return undefined;
  }
  const set = checkUsages(usages, usagesOf(name)[isPublic ? 'public' : 'private'], name);
  const object = parse(set);
  if (object.asymmetricKeyType !== name.toLowerCase()) throw invalidData('Invalid key type');
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

function requireType(key, type) {
  if (getCryptoKeyType(key) !== type) throw refused(`Key must be a ${type} key`, 'InvalidAccessError');
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
