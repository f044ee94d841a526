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
  parseJwk,
  parsePkcs8,
  parseRaw,
  parseSpki,
} = require('internal/crypto/webcrypto/keys');
const { curves } = require('internal/crypto/webcrypto/parameters');
const {
  arrayBufferOf,
  checkJwk,
  checkJwkAlg,
  checkUsages,
  failed,
  hashes,
  invalidData,
  job,
  pairUsages,
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

function generateKey(algorithm, extractable, usages) {
  const { name, namedCurve } = algorithm;
  const pair = pairUsages(usages, usagesOf[name], name);
  const { generateKeyPair } = require('internal/crypto/keygen');
  const type = isNist(name) ? 'ec' : name.toLowerCase();
  const options = isNist(name) ? { namedCurve: curves[namedCurve] } : {};
  return job((done) => generateKeyPair(type, options, (error, publicKey, privateKey) => {
    if (error) {
      done(error);
      return;
    }
    done(null, {
      publicKey: cryptoKey(publicKey, keyAlgorithm(algorithm), pair.public, true),
      privateKey: cryptoKey(privateKey, keyAlgorithm(algorithm), pair.private, extractable),
    });
  }));
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
  const type = isNist(name) ? 'ec' : name.toLowerCase();
  let isPublic;
  let parse;
  switch (format) {
    case 'spki':
      isPublic = true;
      parse = () => parseSpki(data);
      break;
    case 'pkcs8':
      isPublic = false;
      parse = () => parsePkcs8(data);
      break;
    case 'jwk':
      isPublic = data.d === undefined;
      parse = (set) => {
        checkCurveJwk(data, algorithm, extractable, set);
        return parseJwk(data, isPublic);
      };
      break;
    case 'raw':
    case 'raw-public':
      isPublic = true;
      parse = () => parseRaw(data, 'raw-public', type, isNist(name) ? curves[namedCurve] : undefined);
      break;
    case 'KeyObject':
      isPublic = data.type === 'public';
      parse = () => data;
      break;
    default:
      return undefined;
  }
  const set = checkUsages(usages, usagesOf[name][isPublic ? 'public' : 'private'], name);
  const object = parse(set);
  if (object.asymmetricKeyType !== type) throw invalidData('Invalid key type');
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

function requireType(key, type) {
  if (getCryptoKeyType(key) !== type) throw refused(`Key must be a ${type} key`, 'InvalidAccessError');
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
