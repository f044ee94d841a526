'use strict';
// CryptoKey and what it is made of. Its class is public; keys are made by the module (`InternalCryptoKey`).
// What the key material is: a handle of the binding `crypto_keys`. Which keys an algorithm takes: `internal/crypto/webcrypto`.

const { codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_THIS } } = require('internal/errors');
const { customInspectSymbol, kEnumerableProperty, lazyDOMException } = require('internal/util');
const { kClone, kDeserialize, markTransferMode } = require('internal/structured_clone');
const binding = internalBinding('crypto_keys');

const types = [];
types[binding.kKeyTypeSecret] = 'secret';
types[binding.kKeyTypePublic] = 'public';
types[binding.kKeyTypePrivate] = 'private';

let slotsOf;
let isCryptoKey;

// Usages in the order in which they are listed; the place is the bit in a mask.
const usageOrder = [
  'encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey',
  'encapsulateKey', 'encapsulateBits', 'decapsulateKey', 'decapsulateBits',
];
const usageMasks = { __proto__: null };
usageOrder.forEach((usage, i) => usageMasks[usage] = 1 << i);

// (iterable of usages) => mask
function getUsagesMask(usages) {
  let mask = 0;
  for (const usage of usages) mask |= usageMasks[usage];
  return mask;
}

function getUsagesFromMask(mask) {
  return usageOrder.filter((usage) => mask & usageMasks[usage]);
}

function hasUsage(mask, usage) {
  return (mask & usageMasks[usage]) !== 0;
}

// A copy that shares nothing with the algorithm of the key.
function cloneAlgorithm(algorithm, prototype = Object.prototype) {
  const clone = { __proto__: prototype, ...algorithm };
  if (clone.hash !== undefined) clone.hash = { __proto__: prototype, ...clone.hash };
  if (clone.publicExponent !== undefined) clone.publicExponent = new Uint8Array(clone.publicExponent);
  return clone;
}

class CryptoKey {
  constructor() {
    throw new ERR_ILLEGAL_CONSTRUCTOR();
  }

  [customInspectSymbol](depth, options) {
    if (depth < 0) return this;
    if (!isCryptoKey(this)) throw new ERR_INVALID_THIS('CryptoKey');
    const { inspect } = require('internal/util/inspect');
    return `CryptoKey ${inspect({
      type: getCryptoKeyType(this),
      extractable: getCryptoKeyExtractable(this),
      algorithm: cloneAlgorithm(getCryptoKeyAlgorithm(this)),
      usages: getCryptoKeyUsages(this),
    }, { ...options, depth: options.depth == null ? null : options.depth - 1 })}`;
  }

  get type() {
    if (!isCryptoKey(this)) throw new ERR_INVALID_THIS('CryptoKey');
    return getCryptoKeyType(this);
  }

  get extractable() {
    if (!isCryptoKey(this)) throw new ERR_INVALID_THIS('CryptoKey');
    return getCryptoKeyExtractable(this);
  }

  // The same object each time: what a user changes in it stays.
  get algorithm() {
    if (!isCryptoKey(this)) throw new ERR_INVALID_THIS('CryptoKey');
    const slots = slotsOf(this);
    return slots.publicAlgorithm ??= cloneAlgorithm(slots.algorithm);
  }

  get usages() {
    if (!isCryptoKey(this)) throw new ERR_INVALID_THIS('CryptoKey');
    const slots = slotsOf(this);
    return slots.publicUsages ??= getUsagesFromMask(slots.usagesMask);
  }
}

Object.defineProperties(CryptoKey.prototype, {
  type: kEnumerableProperty,
  extractable: kEnumerableProperty,
  algorithm: kEnumerableProperty,
  usages: kEnumerableProperty,
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'CryptoKey' },
});

class InternalCryptoKey {
  #slots;

  // `secondaryHandle` and `seedData` belong to hybrid KEMs. No arguments: for a message to fill.
  constructor(handle, algorithm, usagesMask, extractable, secondaryHandle, seedData) {
    this.#slots = handle === undefined ? undefined : {
      type: types[binding.keyType(handle)],
      extractable,
      algorithm: cloneAlgorithm(algorithm, null),
      usagesMask,
      handle,
      secondaryHandle,
      seedData: seedData === undefined ? undefined : new Uint8Array(seedData),
      publicAlgorithm: undefined,
      publicUsages: undefined,
    };
  }

  [kClone]() {
    const { handle, algorithm, usagesMask, extractable, secondaryHandle, seedData } = slotsOf(this);
    const data = { handle, algorithm: cloneAlgorithm(algorithm), usagesMask, extractable, secondaryHandle, seedData };
    return { data, deserializeInfo: 'internal/crypto/crypto_key:InternalCryptoKey' };
  }

  [kDeserialize]({ handle, algorithm, usagesMask, extractable, secondaryHandle, seedData }) {
    if (this.#slots !== undefined) return;
    const filled = new InternalCryptoKey(handle, algorithm, usagesMask, extractable, secondaryHandle, seedData);
    this.#slots = filled.#slots;
  }

  static {
    isCryptoKey = (key) => key !== null && typeof key === 'object' && #slots in key;
    slotsOf = (key) => key.#slots;
  }
}

InternalCryptoKey.prototype.constructor = CryptoKey;
Object.setPrototypeOf(InternalCryptoKey.prototype, CryptoKey.prototype);
markTransferMode(InternalCryptoKey.prototype, true, false);

function getCryptoKeyType(key) {
  return slotsOf(key).type;
}

function getCryptoKeyExtractable(key) {
  return slotsOf(key).extractable;
}

function getCryptoKeyAlgorithm(key) {
  return slotsOf(key).algorithm;
}

function getCryptoKeyUsagesMask(key) {
  return slotsOf(key).usagesMask;
}

function getCryptoKeyUsages(key) {
  return getUsagesFromMask(slotsOf(key).usagesMask);
}

function hasCryptoKeyUsage(key, usage) {
  return hasUsage(slotsOf(key).usagesMask, usage);
}

function getCryptoKeyHandle(key) {
  return slotsOf(key).handle;
}

function getCryptoKeySecondaryHandle(key) {
  return slotsOf(key).secondaryHandle;
}

function getCryptoKeySeedData(key) {
  return slotsOf(key).seedData;
}

// Keys that are only the input of a derivation: HKDF, PBKDF2, Argon2.
function importGenericSecretKey({ name }, format, keyData, extractable, keyUsages) {
  const usages = new Set(keyUsages);
  if (extractable) throw lazyDOMException(`${name} keys are not extractable`, 'SyntaxError');
  for (const usage of usages) {
    if (usage !== 'deriveKey' && usage !== 'deriveBits') {
      throw lazyDOMException(`Unsupported key usage for a ${name} key`, 'SyntaxError');
    }
  }
  let handle;
  switch (format) {
    case 'KeyObjectHandle':
      handle = keyData;
      break;
    case 'raw-secret':
    case 'raw':
      handle = binding.createSecret(keyData);
      break;
    default:
      return undefined;
  }
  return new InternalCryptoKey(handle, { name }, getUsagesMask(usages), false);
}

module.exports = {
  CryptoKey,
  InternalCryptoKey,
  getCryptoKeyAlgorithm,
  getCryptoKeyExtractable,
  getCryptoKeyHandle,
  getCryptoKeySecondaryHandle,
  getCryptoKeySeedData,
  getCryptoKeyType,
  getCryptoKeyUsages,
  getCryptoKeyUsagesMask,
  getUsagesFromMask,
  getUsagesMask,
  hasCryptoKeyUsage,
  hasUsage,
  importGenericSecretKey,
  isCryptoKey,
};
