'use strict';
// RSASSA-PKCS1-v1_5, RSA-PSS, RSA-OAEP.

const { getCryptoKeyAlgorithm, getCryptoKeyHandle, getCryptoKeyType } = require('internal/crypto/keys');
const {
  cryptoKey,
  exportJwkMembers,
  exportPkcs8,
  exportSpki,
  keyObject,
} = require('internal/crypto/webcrypto/keys');
const { generatePair, halfOf, readHalf, requireType } = require('internal/crypto/webcrypto/pairs');
const { exponentOf } = require('internal/crypto/webcrypto/parameters');
const {
  arrayBufferOf,
  checkJwk,
  checkJwkAlg,
  hashes,
  job,
  operationFailed,
  refused,
} = require('internal/crypto/webcrypto/support');
const constants = require('internal/crypto/constants');

const signing = { public: ['verify'], private: ['sign'] };
const usagesOf = {
  '__proto__': null,
  'RSA-OAEP': { public: ['encrypt', 'wrapKey'], private: ['decrypt', 'unwrapKey'] },
  'RSA-PSS': signing,
  'RSASSA-PKCS1-v1_5': signing,
};

// What JWKs call the algorithm: a member of `hashes`.
const jwkKind = { '__proto__': null, 'RSA-OAEP': 'oaep', 'RSA-PSS': 'pss', 'RSASSA-PKCS1-v1_5': 'rsa' };
const jwkName = ({ name, hash }) => hashes[hash.name][jwkKind[name]];

function generateKey({ name, modulusLength, publicExponent, hash }, extractable, usages) {
  const algorithm = { name, modulusLength, publicExponent, hash };
  const options = { modulusLength, publicExponent: exponentOf(publicExponent) };
  return generatePair('rsa', options, algorithm, usagesOf[name], extractable, usages);
}

function importKey(format, data, algorithm, extractable, usages) {
  const { name, hash } = algorithm;
  const half = halfOf(format, data, 'd', (set) => {
    checkJwk(data, 'RSA', extractable, set, name === 'RSA-OAEP' ? 'enc' : 'sig');
    checkJwkAlg(data, jwkName(algorithm));
  });
  if (half === undefined) return undefined;
  const { object, set } = readHalf(half, 'rsa', name, usagesOf[name], usages);
  const { modulusLength, publicExponent } = object.asymmetricKeyDetails;
  const { bigIntToBytes } = require('internal/crypto/random');
  const exponent = new Uint8Array(bigIntToBytes(publicExponent, 'publicExponent'));
  return cryptoKey(object, { name, modulusLength, publicExponent: exponent, hash }, set, extractable);
}

function exportKey(format, key) {
  switch (format) {
    case 'spki':
      return exportSpki(key);
    case 'pkcs8':
      return exportPkcs8(key);
    case 'jwk':
      return [exportJwkMembers(key), jwkName(getCryptoKeyAlgorithm(key))];
  }
}

function signingKey(algorithm, key) {
  return algorithm.name === 'RSA-PSS' ?
    { key: keyObject(key), padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: algorithm.saltLength } :
    { key: keyObject(key), padding: constants.RSA_PKCS1_PADDING };
}

// OpenSSL counts the salt in an int.
const isImpossible = ({ saltLength }) => saltLength > 2 ** 31 - 1;

function sign(algorithm, key, data) {
  requireType(key, 'private');
  if (isImpossible(algorithm)) throw operationFailed();
  const { hash } = getCryptoKeyAlgorithm(key);
  const { signOneShot } = require('internal/crypto/sig');
  return job((done) => signOneShot(hashes[hash.name].node, data, signingKey(algorithm, key), done)).then(arrayBufferOf);
}

function verify(algorithm, key, signature, data) {
  requireType(key, 'public');
  if (isImpossible(algorithm)) return Promise.resolve(false);
  const { hash } = getCryptoKeyAlgorithm(key);
  const { verifyOneShot } = require('internal/crypto/sig');
  return job((done) => verifyOneShot(hashes[hash.name].node, data, signingKey(algorithm, key), signature, done));
}

function oaep(operation, type, { label }, key, data) {
  if (getCryptoKeyType(key) !== type) {
    throw refused('The requested operation is not valid for the provided key', 'InvalidAccessError');
  }
  const { hash } = getCryptoKeyAlgorithm(key);
  const cipher = internalBinding('crypto_asymmetric')[operation];
  return job((done) => cipher(
    done, getCryptoKeyHandle(key), data, constants.RSA_PKCS1_OAEP_PADDING, hashes[hash.name].node, label, undefined));
}

const encrypt = (algorithm, key, data) => oaep('publicEncrypt', 'public', algorithm, key, data);
const decrypt = (algorithm, key, data) => oaep('privateDecrypt', 'private', algorithm, key, data);

module.exports = { decrypt, encrypt, exportKey, generateKey, importKey, sign, verify };
