'use strict';
// SubtleCrypto.supports(): asks what the operations themselves would check before they begin.

const { getCryptoKeyAlgorithm } = require('internal/crypto/keys');
const idl = require('internal/crypto/webcrypto/idl');
const { functionsOf, normalizeAlgorithm } = require('internal/crypto/webcrypto/algorithms');
const { numBitsToBytes } = require('internal/crypto/webcrypto/support');

const operations = new Set([
  'decapsulateBits', 'decapsulateKey', 'decrypt', 'deriveBits', 'deriveKey', 'digest', 'encapsulateBits',
  'encapsulateKey', 'encrypt', 'exportKey', 'generateKey', 'getPublicKey', 'importKey', 'sign', 'unwrapKey', 'verify',
  'wrapKey',
]);

// Names as algorithms are registered, of operations that are called otherwise.
const registered = {
  __proto__: null,
  encapsulateBits: 'encapsulate',
  encapsulateKey: 'encapsulate',
  decapsulateBits: 'decapsulate',
  decapsulateKey: 'decapsulate',
};

// What an algorithm that cannot wrap does instead.
const instead = { __proto__: null, wrapKey: 'encrypt', unwrapKey: 'decrypt' };

const secretBits = { '__proto__': null, 'X25519': 256, 'X448': 448, 'P-256': 256, 'P-384': 384, 'P-521': 528 };

function canDerive(algorithm, length) {
  const { name } = algorithm;
  if (secretBits[name] !== undefined) return !(length > secretBits[name]);
  if (name === 'ECDH') return !(length > secretBits[getCryptoKeyAlgorithm(algorithm.public).namedCurve]);
  functionsOf(algorithm).checkLength(algorithm, length);
  return true;
}

function check(operation, algorithm, length) {
  operation = registered[operation] ?? operation;
  let normalized;
  try {
    normalized = normalizeAlgorithm(algorithm, operation);
  } catch {
    return instead[operation] !== undefined && check(instead[operation], algorithm);
  }
  if (operation === 'deriveBits') return canDerive(normalized, length);
  if (operation === 'generateKey' && normalized.name === 'HMAC') {
    // Which length an HMAC key for SHA-3 has is not defined.
    return normalized.length !== undefined || !normalized.hash.name.startsWith('SHA3-');
  }
  return true;
}

// Whether a shared secret of 256 bits can be a key of that algorithm.
function takesSharedKey({ name, length }) {
  const bits = 256;
  if (name === 'HMAC' || name.startsWith('KMAC')) return length === undefined || numBitsToBytes(length) * 8 === bits;
  return name.startsWith('AES-') || ['ChaCha20-Poly1305', 'HKDF', 'PBKDF2'].includes(name) || name.startsWith('Argon2');
}

const hasPublicKey = (name) => ['ML', 'SL', 'RS', 'EC', 'Ed', 'X2', 'X4'].includes(name.slice(0, 2));

function supports(operation, algorithm, third, prefix) {
  if (!operations.has(operation)) return false;
  const context = { prefix, context: '3rd argument' };
  let length;
  let additional;
  if (operation === 'deriveBits') {
    length = third === null ? null : idl.unsignedLong(third, context);
  } else if (['deriveKey', 'wrapKey', 'unwrapKey', 'encapsulateKey', 'decapsulateKey'].includes(operation)) {
    additional = idl.AlgorithmIdentifier(third, context);
  }
  try {
    switch (operation) {
      case 'deriveKey': {
        if (!check('importKey', additional)) return false;
        const sized = normalizeAlgorithm(additional, 'get key length');
        return check('deriveBits', algorithm, functionsOf(sized).keyLength(sized));
      }
      case 'wrapKey':
        return check('exportKey', additional) && check(operation, algorithm);
      case 'unwrapKey':
        return check('importKey', additional) && check(operation, algorithm);
      case 'getPublicKey':
        return hasPublicKey(normalizeAlgorithm(algorithm, 'exportKey').name);
      case 'encapsulateKey':
      case 'decapsulateKey':
        normalizeAlgorithm(algorithm, 'get shared key length');
        return takesSharedKey(normalizeAlgorithm(additional, 'importKey')) && check(operation, algorithm);
      default:
        return check(operation, algorithm, length);
    }
  } catch {
    return false;
  }
}

module.exports = { supports };
