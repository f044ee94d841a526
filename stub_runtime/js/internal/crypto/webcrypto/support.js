'use strict';
// What the algorithms of Web Crypto share: exceptions, promises of native work, usages, and the checks of a JWK.

const { lazyDOMException } = require('internal/util');
const { viewBytes } = require('internal/crypto/util');

const MAX_LENGTH = 2 ** 31 - 1;

function refused(message, name, cause) {
  return lazyDOMException(message, cause === undefined ? name : { name, cause });
}

const failed = (message, cause) => refused(message, 'OperationError', cause);
const invalidData = (message, cause) => refused(message, 'DataError', cause);
const notSupported = (message) => refused(message, 'NotSupportedError');

const operationFailed = (cause) => failed('The operation failed for an operation-specific reason', cause);

// A promise of what `start` gives its callback `(error, result)`.
function job(start) {
  return new Promise((resolve, reject) => {
    const done = (error, result) => {
      if (error) reject(operationFailed(error));
      else resolve(result);
    };
    try {
      start(done);
    } catch (error) {
      reject(operationFailed(error));
    }
  });
}

// What `work` gives; its error is the operation's.
function attempt(work) {
  try {
    return work();
  } catch (error) {
    throw operationFailed(error);
  }
}

function validateMaxLength(data, name, max = MAX_LENGTH) {
  if (data.byteLength > max) throw failed(`${name} must be at most ${max} bytes`);
}

function numBitsToBytes(bits) {
  return Math.ceil(bits / 8);
}

// The first so many bits; those of the last byte that do not count are 0.
function truncateToBits(bits, source) {
  const out = viewBytes(source).slice(0, numBitsToBytes(bits));
  const rest = bits % 8;
  if (rest !== 0) out[out.length - 1] &= 0xff << (8 - rest);
  return out;
}

// An ArrayBuffer of its own with the bytes of a Buffer.
function arrayBufferOf(buffer) {
  return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength);
}

// The set of usages; each must be among those allowed.
function checkUsages(usages, allowed, name) {
  const set = new Set(usages);
  for (const usage of set) {
    if (!allowed.includes(usage)) throw refused(`Unsupported key usage for ${name} key`, 'SyntaxError');
  }
  return set;
}

function usagesNotEmpty(usages) {
  if (usages.size === 0) throw refused('Usages cannot be empty when creating a key.', 'SyntaxError');
  return usages;
}

// Which of the usages each half of a new pair gets.
function pairUsages(usages, allowed, name) {
  checkUsages(usages, [...allowed.public, ...allowed.private], name);
  const among = (list) => new Set(usages.filter((usage) => list.includes(usage)));
  const pair = { public: among(allowed.public), private: among(allowed.private) };
  usagesNotEmpty(pair.private);
  return pair;
}

// Members that a JWK of a type must have, and those that a private one must have in addition.
const jwkMembers = {
  __proto__: null,
  RSA: [['n', 'e'], 'd', ['p', 'q', 'dp', 'dq', 'qi']],
  EC: [['crv', 'x', 'y'], 'd', []],
  OKP: [['crv', 'x'], 'd', []],
  oct: [['k'], undefined, []],
  AKP: [['alg', 'pub'], 'priv', []],
};

// What RFC 7517 calls the operations are usages here.
const keyOps = new Set(['sign', 'verify', 'encrypt', 'decrypt', 'wrapKey', 'unwrapKey', 'deriveKey', 'deriveBits',
                        'encapsulateKey', 'encapsulateBits', 'decapsulateKey', 'decapsulateBits']);

function checkKeyOps(ops, usages) {
  if (ops === undefined) return;
  const seen = new Set();
  for (const op of ops) {
    // Others are not ours to judge.
    if (!keyOps.has(op)) continue;
    if (seen.has(op)) throw invalidData('Duplicate key operation');
    seen.add(op);
  }
  for (const usage of usages) {
    if (!seen.has(usage)) throw invalidData('Key operations and usage mismatch');
  }
}

function checkJwk(jwk, kty, extractable, usages, use) {
  if (typeof jwk.kty !== 'string') throw invalidData('Invalid keyData');
  if (jwk.kty !== kty) throw invalidData('Invalid JWK "kty" Parameter');
  const [all, secret, withSecret] = jwkMembers[kty];
  const wanted = secret !== undefined && jwk[secret] !== undefined ? [...all, secret, ...withSecret] : all;
  if (wanted.some((member) => typeof jwk[member] !== 'string')) throw invalidData('Invalid keyData');
  if (usages.size > 0 && jwk.use !== undefined && jwk.use !== use) throw invalidData('Invalid JWK "use" Parameter');
  checkKeyOps(jwk.key_ops, usages);
  if (jwk.ext === false && extractable) throw invalidData('JWK "ext" Parameter and extractable mismatch');
}

function checkJwkAlg(jwk, expected) {
  if (jwk.alg !== undefined && expected !== undefined && jwk.alg !== expected) {
    throw invalidData('JWK "alg" does not match the requested algorithm');
  }
}

// Names of a hash: node's, and in JWKs of RSASSA-PKCS1-v1_5, RSA-PSS, RSA-OAEP and HMAC.
const hashes = {
  '__proto__': null,
  'SHA-1': { node: 'sha1', rsa: 'RS1', pss: 'PS1', oaep: 'RSA-OAEP', hmac: 'HS1', size: 20, block: 512 },
  'SHA-256': { node: 'sha256', rsa: 'RS256', pss: 'PS256', oaep: 'RSA-OAEP-256', hmac: 'HS256', size: 32, block: 512 },
  'SHA-384': { node: 'sha384', rsa: 'RS384', pss: 'PS384', oaep: 'RSA-OAEP-384', hmac: 'HS384', size: 48, block: 1024 },
  'SHA-512': { node: 'sha512', rsa: 'RS512', pss: 'PS512', oaep: 'RSA-OAEP-512', hmac: 'HS512', size: 64, block: 1024 },
  'SHA3-256': { node: 'sha3-256', size: 32, block: 1088 },
  'SHA3-384': { node: 'sha3-384', size: 48, block: 832 },
  'SHA3-512': { node: 'sha3-512', size: 64, block: 576 },
};

module.exports = {
  arrayBufferOf,
  attempt,
  checkJwk,
  checkJwkAlg,
  checkUsages,
  failed,
  hashes,
  invalidData,
  job,
  notSupported,
  numBitsToBytes,
  operationFailed,
  pairUsages,
  refused,
  truncateToBits,
  usagesNotEmpty,
  validateMaxLength,
};
