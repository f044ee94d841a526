'use strict';
// MLKEM768-P256, MLKEM768-X25519, MLKEM1024-P384: ML-KEM and a curve together, so that a secret stays one while either holds.
// draft-irtf-cfrg-concrete-hybrid-kems. A private key is a seed of 32 bytes from which both halves come.

const { Buffer } = require('buffer');
const {
  InternalCryptoKey,
  createPublicKey,
  getCryptoKeyAlgorithm,
  getCryptoKeySecondaryHandle,
  getCryptoKeySeedData,
  getCryptoKeyType,
  getCryptoKeyUsages,
  getKeyObjectHandle,
  getUsagesMask,
  keyObjectOf,
} = require('internal/crypto/keys');
const { timingSafeEqual } = require('internal/crypto/util');
const { keyObject, parseRaw } = require('internal/crypto/webcrypto/keys');
const { requireType } = require('internal/crypto/webcrypto/pairs');
const {
  arrayBufferOf,
  attempt,
  checkJwk,
  checkUsages,
  invalidData,
  job,
  operationFailed,
  pairUsages,
} = require('internal/crypto/webcrypto/support');

const usagesOf = {
  public: ['encapsulateKey', 'encapsulateBits'],
  private: ['decapsulateKey', 'decapsulateBits'],
};

const SEED = 32;
const LATTICE_SEED = 64;

// Bytes of ML-KEM's public key and ciphertext, of the curve's points and scalars, and of the seed that a scalar is found in.
const kinds = {
  '__proto__': null,
  'MLKEM768-P256': {
    lattice: 'ml-kem-768', key: 1184, ciphertext: 1088, group: 'ec', curve: 'prime256v1', point: 65, scalar: 32, groupSeed: 128,
    order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n, label: 'MLKEM768-P256',
  },
  'MLKEM768-X25519': {
    lattice: 'ml-kem-768', key: 1184, ciphertext: 1088, group: 'x25519', point: 32, scalar: 32, groupSeed: 32,
    label: '\\.//^\\',
  },
  'MLKEM1024-P384': {
    lattice: 'ml-kem-1024', key: 1568, ciphertext: 1568, group: 'ec', curve: 'secp384r1', point: 97, scalar: 48, groupSeed: 48,
    order: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    label: 'MLKEM1024-P384',
  },
};

const kindOf = (key) => kinds[getCryptoKeyAlgorithm(key).name];

// The first of the numbers in a seed that is a scalar of the curve.
function scalarIn(seed, { order, scalar }) {
  if (order === undefined) return seed;
  for (let at = 0; at + scalar <= seed.length; at += scalar) {
    const candidate = seed.subarray(at, at + scalar);
    const value = BigInt(`0x${candidate.toString('hex')}`);
    if (value !== 0n && value < order) return candidate;
  }
  throw operationFailed();
}

function privateHalves(seed, kind) {
  const { hash } = require('internal/crypto/hash');
  const expanded = hash('shake256', seed, { outputEncoding: 'buffer', outputLength: LATTICE_SEED + kind.groupSeed });
  return attempt(() => [
    parseRaw(expanded.subarray(0, LATTICE_SEED), 'raw-seed', kind.lattice),
    parseRaw(scalarIn(expanded.subarray(LATTICE_SEED), kind), 'raw-private', kind.group, kind.curve),
  ]);
}

function groupPoint(bytes, kind) {
  // Not compressed: the combined key has one form.
  if (kind.group === 'ec' && bytes[0] !== 4) throw invalidData('Invalid keyData');
  return parseRaw(bytes, 'raw-public', kind.group, kind.curve);
}

function pointOf(object, { group }) {
  const half = object.type === 'private' ? createPublicKey(object) : object;
  return half.export({ format: 'raw-public', ...(group === 'ec' ? { type: 'uncompressed' } : undefined) });
}

function rawPublic([lattice, group], kind) {
  const half = lattice.type === 'private' ? createPublicKey(lattice) : lattice;
  return Buffer.concat([half.export({ format: 'raw-public' }), pointOf(group, kind)]);
}

function keyOf([lattice, group], name, usages, extractable, seed) {
  return new InternalCryptoKey(
    getKeyObjectHandle(lattice), { name }, getUsagesMask(usages), extractable, getKeyObjectHandle(group), seed);
}

const halvesOf = (key) => [keyObject(key), keyObjectOf(getCryptoKeySecondaryHandle(key))];

function bufferOf(source) {
  return ArrayBuffer.isView(source) ?
    Buffer.from(source.buffer, source.byteOffset, source.byteLength) : Buffer.from(source);
}

function publicKey(bytes, name, usages, extractable) {
  const kind = kinds[name];
  if (bytes.length !== kind.key + kind.point) throw invalidData('Invalid keyData');
  const halves = [parseRaw(bytes.subarray(0, kind.key), 'raw-public', kind.lattice), groupPoint(bytes.subarray(kind.key), kind)];
  return keyOf(halves, name, usages, extractable);
}

function privateKey(seed, name, usages, extractable) {
  if (seed.length !== SEED) throw invalidData('Invalid keyData');
  return keyOf(privateHalves(seed, kinds[name]), name, usages, extractable, seed);
}

function generateKey({ name }, extractable, usages) {
  const pair = pairUsages(usages, usagesOf, name);
  const made = privateKey(require('internal/crypto/random').randomBytes(SEED), name, pair.private, extractable);
  return Promise.resolve({
    publicKey: publicKey(rawPublic(halvesOf(made), kinds[name]), name, pair.public, true),
    privateKey: made,
  });
}

function importKey(format, data, { name }, extractable, usages) {
  switch (format) {
    case 'raw-public':
      return publicKey(Buffer.from(bufferOf(data)), name, checkUsages(usages, usagesOf.public, name), extractable);
    case 'raw-seed':
      return privateKey(Buffer.from(bufferOf(data)), name, checkUsages(usages, usagesOf.private, name), extractable);
    case 'jwk': {
      const isPublic = data.priv === undefined;
      const set = checkUsages(usages, usagesOf[isPublic ? 'public' : 'private'], name);
      checkJwk(data, 'AKP', extractable, set, 'enc');
      if (data.alg !== name) throw invalidData('JWK "alg" Parameter and algorithm name mismatch');
      const pub = Buffer.from(data.pub, 'base64url');
      if (isPublic) return publicKey(pub, name, set, extractable);
      const made = privateKey(Buffer.from(data.priv, 'base64url'), name, set, extractable);
      const own = rawPublic(halvesOf(made), kinds[name]);
      if (own.length !== pub.length || !timingSafeEqual(own, pub)) throw invalidData('Invalid keyData');
      return made;
    }
  }
}

function seedOf(key) {
  const seed = getCryptoKeySeedData(key);
  if (seed === undefined) throw operationFailed();
  return Buffer.from(seed);
}

function exportKey(format, key) {
  const { name } = getCryptoKeyAlgorithm(key);
  const raw = () => rawPublic(halvesOf(key), kinds[name]);
  switch (format) {
    case 'raw-public':
      return arrayBufferOf(raw());
    case 'raw-seed':
      return arrayBufferOf(seedOf(key));
    case 'jwk': {
      const jwk = {
        kty: 'AKP', alg: name, pub: raw().toString('base64url'), key_ops: getCryptoKeyUsages(key), ext: true,
      };
      if (getCryptoKeyType(key) === 'private') jwk.priv = seedOf(key).toString('base64url');
      return jwk;
    }
  }
}

function getPublicKey(key, usages) {
  const { name } = getCryptoKeyAlgorithm(key);
  return publicKey(rawPublic(halvesOf(key), kinds[name]), name, checkUsages(usages, usagesOf.public, name), true);
}

function combine(latticeSecret, groupSecret, point, raw, kind) {
  const { hash } = require('internal/crypto/hash');
  const input = Buffer.concat([latticeSecret, groupSecret, point, raw.subarray(kind.key), Buffer.from(kind.label, 'latin1')]);
  return arrayBufferOf(hash('sha3-256', input, 'buffer'));
}

function exchange(own, other) {
  const { diffieHellman } = require('internal/crypto/diffiehellman');
  return job((done) => diffieHellman({ privateKey: own, publicKey: other }, done));
}

async function encapsulate(key) {
  requireType(key, 'public');
  const kind = kindOf(key);
  const halves = halvesOf(key);
  const kem = require('internal/crypto/kem');
  const { sharedKey, ciphertext } = await job((done) => kem.encapsulate(halves[0], done));
  const seed = require('internal/crypto/random').randomBytes(kind.groupSeed);
  const ephemeral = attempt(() => parseRaw(scalarIn(seed, kind), 'raw-private', kind.group, kind.curve));
  const point = pointOf(ephemeral, kind);
  const secret = await exchange(ephemeral, halves[1]);
  return {
    sharedKey: combine(sharedKey, secret, point, rawPublic(halves, kind), kind),
    ciphertext: arrayBufferOf(Buffer.concat([ciphertext, point])),
  };
}

async function decapsulate(key, source) {
  requireType(key, 'private');
  const kind = kindOf(key);
  const halves = halvesOf(key);
  const bytes = Buffer.from(bufferOf(source));
  if (bytes.length !== kind.ciphertext + kind.point) throw operationFailed();
  const point = bytes.subarray(kind.ciphertext);
  const other = attempt(() => groupPoint(point, kind));
  const kem = require('internal/crypto/kem');
  const sharedKey = await job((done) => kem.decapsulate(halves[0], bytes.subarray(0, kind.ciphertext), done));
  const secret = await exchange(halves[1], other);
  return combine(sharedKey, secret, point, rawPublic(halves, kind), kind);
}

module.exports = { decapsulate, encapsulate, exportKey, generateKey, getPublicKey, importKey };
