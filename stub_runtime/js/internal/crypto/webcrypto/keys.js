'use strict';
// Keys of Web Crypto as KeyObjects and back: what each format of importKey() and exportKey() is there.

const {
  InternalCryptoKey,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  getCryptoKeyHandle,
  getKeyObjectHandle,
  getUsagesMask,
  keyObjectOf,
} = require('internal/crypto/keys');
const { arrayBufferOf, attempt, invalidData } = require('internal/crypto/webcrypto/support');

function keyObject(key) {
  return keyObjectOf(getCryptoKeyHandle(key));
}

function cryptoKey(object, algorithm, usages, extractable) {
  return new InternalCryptoKey(getKeyObjectHandle(object), algorithm, getUsagesMask(usages), extractable);
}

// A KeyObject; what cannot be read is a DataError.
function parse(work) {
  try {
    return work();
  } catch (error) {
    throw invalidData('Invalid keyData', error);
  }
}

const parseSpki = (key) => parse(() => createPublicKey({ key: bytesOf(key), format: 'der', type: 'spki' }));
const parsePkcs8 = (key) => parse(() => createPrivateKey({ key: bytesOf(key), format: 'der', type: 'pkcs8' }));

function bytesOf(source) {
  const { Buffer } = require('buffer');
  return ArrayBuffer.isView(source) ? source : Buffer.from(source);
}

function parseJwk(jwk, isPublic) {
  const create = isPublic ? createPublicKey : createPrivateKey;
  return parse(() => create({ key: { ...jwk }, format: 'jwk' }));
}

// 'raw-public', 'raw-private' or 'raw-seed'
function parseRaw(key, format, asymmetricKeyType, namedCurve) {
  const create = format === 'raw-public' ? createPublicKey : createPrivateKey;
  return parse(() => create({ key: bytesOf(key), format, asymmetricKeyType, namedCurve }));
}

// A KeyObject of bytes or of a JWK.
function parseSecret(source, format) {
  if (format !== 'jwk') return createSecretKey(bytesOf(source));
  const { Buffer } = require('buffer');
  return createSecretKey(Buffer.from(source.k, 'base64url'));
}

function exportSpki(key) {
  return attempt(() => arrayBufferOf(keyObject(key).export({ format: 'der', type: 'spki' })));
}

function exportPkcs8(key) {
  return attempt(() => arrayBufferOf(keyObject(key).export({ format: 'der', type: 'pkcs8' })));
}

function exportRaw(key, format, options) {
  return attempt(() => arrayBufferOf(keyObject(key).export({ format, ...options })));
}

function exportJwkMembers(key) {
  return attempt(() => keyObject(key).export({ format: 'jwk' }));
}

module.exports = {
  cryptoKey,
  exportJwkMembers,
  exportPkcs8,
  exportRaw,
  exportSpki,
  keyObject,
  parseJwk,
  parsePkcs8,
  parseRaw,
  parseSecret,
  parseSpki,
};
