'use strict';
// Elliptic curves: ECDSA and ECDH on NIST's, Ed25519, Ed448, X25519 and X448.

const { getCryptoKeyAlgorithm, getCryptoKeyType, getKeyObjectHandle } = require('internal/crypto/keys');
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
const { curves } = require('internal/crypto/webcrypto/parameters');
const {
  arrayBufferOf,
  checkJwk,
  checkJwkAlg,
  failed,
  hashes,
  invalidData,
  job,
  refused,
  truncateToBits,
} = require('internal/crypto/webcrypto/support');

const deriving = { public: [], private: ['deriveKey', 'deriveBits'] };
const signing = { public: ['verify'], private: ['sign'] };
const usagesOf = {
  __proto__: null,
  ECDH: deriving,
  ECDSA: signing,
  Ed25519: signing,
  Ed448: signing,
  X25519: deriving,
  X448: deriving,
};

const isNist = (name) => name === 'ECDSA' || name === 'ECDH';
const isSigning = (name) => usagesOf[name] === signing;

const ecdsaNames = { '__proto__': null, 'ES256': 'P-256', 'ES384': 'P-384', 'ES512': 'P-521' };

const keyAlgorithm = ({ name, namedCurve }) => isNist(name) ? { name, namedCurve } : { name };

// Node's type of the key.
const typeOf = (name) => isNist(name) ? 'ec' : name.toLowerCase();

function generateKey(algorithm, extractable, usages) {
  const { name, namedCurve } = algorithm;
  const options = isNist(name) ? { namedCurve: curves[namedCurve] } : {};
  return generatePair(typeOf(name), options, keyAlgorithm(algorithm), usagesOf[name], extractable, usages);
}

function checkCurveJwk(jwk, { name, namedCurve }, extractable, usages) {
  checkJwk(jwk, isNist(name) ? 'EC' : 'OKP', extractable, usages, isSigning(name) ? 'sig' : 'enc');
  if (isNist(name)) {
    if (jwk.crv !== namedCurve) throw invalidData('JWK "crv" does not match the requested algorithm');
    if (name === 'ECDSA' && jwk.alg !== undefined && ecdsaNames[jwk.alg] !== namedCurve) {
      throw invalidData('JWK "alg" does not match the requested algorithm');
    }
    return;
  }
  if (jwk.crv !== name) throw invalidData('JWK "crv" Parameter and algorithm name mismatch');
  if (isSigning(name) && jwk.alg !== 'EdDSA') checkJwkAlg(jwk, name);
}

function importKey(format, data, algorithm, extractable, usages) {
  const { name, namedCurve } = algorithm;
  const type = typeOf(name);
  const point = () => parseRaw(data, 'raw-public', type, isNist(name) ? curves[namedCurve] : undefined);
  const half = format === 'raw' || format === 'raw-public' ? { isPublic: true, parse: point } :
    halfOf(format, data, 'd', (set) => checkCurveJwk(data, algorithm, extractable, set));
  if (half === undefined) return undefined;
  const { object, set } = readHalf(half, type, name, usagesOf[name], usages);
  if (isNist(name) && !internalBinding('crypto').checkKey(getKeyObjectHandle(object))) {
    throw invalidData('Invalid keyData');
  }
  if (isNist(name) && object.asymmetricKeyDetails.namedCurve !== curves[namedCurve]) {
    throw invalidData('Named curve mismatch');
  }
  return cryptoKey(object, keyAlgorithm(algorithm), set, extractable);
}

// Bytes of an SPKI whose point is not compressed.
const spkiSizes = { '__proto__': null, 'P-256': 91, 'P-384': 120, 'P-521': 158 };

function exportKey(format, key) {
  const { name, namedCurve } = getCryptoKeyAlgorithm(key);
  switch (format) {
    case 'spki': {
      const spki = exportSpki(key);
      if (!isNist(name) || spki.byteLength === spkiSizes[namedCurve]) return spki;
      // It was imported with a compressed point.
      const raw = exportRaw(key, 'raw-public', { type: 'uncompressed' });
      const object = parseRaw(raw, 'raw-public', 'ec', curves[namedCurve]);
      return arrayBufferOf(object.export({ format: 'der', type: 'spki' }));
    }
    case 'pkcs8':
      return exportPkcs8(key);
    case 'raw':
    case 'raw-public':
      return exportRaw(key, 'raw-public', isNist(name) ? { type: 'uncompressed' } : undefined);
    case 'jwk':
      return [exportJwkMembers(key), name === 'Ed25519' || name === 'Ed448' ? name : undefined];
  }
}

function signingKey({ name, context }, key) {
  const options = { key: keyObject(key) };
  if (name === 'ECDSA') options.dsaEncoding = 'ieee-p1363';
  if (name === 'Ed448' && context !== undefined) options.context = context;
  return options;
}

const hashOf = ({ name, hash }) => name === 'ECDSA' ? hashes[hash.name].node : null;

function sign(algorithm, key, data) {
  requireType(key, 'private');
  const { signOneShot } = require('internal/crypto/sig');
  return job((done) => signOneShot(hashOf(algorithm), data, signingKey(algorithm, key), done)).then(arrayBufferOf);
}

function verify(algorithm, key, signature, data) {
  requireType(key, 'public');
  const { verifyOneShot } = require('internal/crypto/sig');
  return job((done) => verifyOneShot(hashOf(algorithm), data, signingKey(algorithm, key), signature, done));
}

function deriveBits(algorithm, key, length) {
  const other = algorithm.public;
  if (getCryptoKeyType(key) !== 'private') throw refused('baseKey must be a private key', 'InvalidAccessError');
  if (algorithm.name === 'ECDH' &&
      getCryptoKeyAlgorithm(other).namedCurve !== getCryptoKeyAlgorithm(key).namedCurve) {
    throw refused('Named curve mismatch', 'InvalidAccessError');
  }
  const { diffieHellman } = require('internal/crypto/diffiehellman');
  const keys = { privateKey: keyObject(key), publicKey: keyObject(other) };
  return job((done) => diffieHellman(keys, done)).then((secret) => {
    if (length === null || length === undefined) return arrayBufferOf(secret);
    if (secret.byteLength * 8 < length) throw failed('derived bit length is too small');
    return truncateToBits(length, secret).buffer;
  });
}

module.exports = { deriveBits, exportKey, generateKey, importKey, sign, verify };
