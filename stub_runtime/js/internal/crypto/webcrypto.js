'use strict';
// The Web Crypto API: Crypto, SubtleCrypto and their only instances. What an algorithm does is in `internal/crypto/webcrypto/`.

const { Buffer } = require('buffer');
const { codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_THIS } } = require('internal/errors');
const { emitExperimentalWarning, kEnumerableProperty } = require('internal/util');
const {
  CryptoKey,
  getCryptoKeyAlgorithm,
  getCryptoKeyExtractable,
  getCryptoKeyType,
  getCryptoKeyUsages,
  getCryptoKeyUsagesMask,
  hasCryptoKeyUsage,
} = require('internal/crypto/keys');
const idl = require('internal/crypto/webcrypto/idl');
const { functionsOf, normalizeAlgorithm } = require('internal/crypto/webcrypto/algorithms');
const { invalidData, notSupported, refused, validateMaxLength } = require('internal/crypto/webcrypto/support');

const ordinals = ['1st', '2nd', '3rd', '4th', '5th', '6th', '7th'];

// Converts the arguments of a method, the first with the first converter...
function convert(method, args, converters) {
  const prefix = `Failed to execute '${method}' on 'SubtleCrypto'`;
  idl.requiredArguments(args.length, converters.length, prefix);
  return converters.map((converter, i) => converter(args[i], { prefix, context: `${ordinals[i]} argument` }));
}

function requireAlgorithm(key, { name }, message = 'Key algorithm mismatch') {
  if (getCryptoKeyAlgorithm(key).name !== name) throw refused(message, 'InvalidAccessError');
}

function requireUsage(key, usage, message) {
  if (!hasCryptoKeyUsage(key, usage)) throw refused(message, 'InvalidAccessError');
}

const { AlgorithmIdentifier, BufferSource, KeyFormat, KeyUsages, boolean, unsignedLong } = idl;
const key = idl.CryptoKey;

function importSync(format, data, algorithm, extractable, usages) {
  const { name } = algorithm;
  const made = functionsOf(algorithm).importKey(format, data, algorithm, extractable, usages);
  if (made === undefined) throw notSupported(`Unable to import ${name} using ${format} format`);
  const type = getCryptoKeyType(made);
  if (type !== 'public' && getCryptoKeyUsagesMask(made) === 0) {
    throw refused(`Usages cannot be empty when importing a ${type} key.`, 'SyntaxError');
  }
  return made;
}

// Types of the keys that a format is for; 'jwk' is for all.
const formatTypes = {
  '__proto__': null,
  'spki': ['public'],
  'pkcs8': ['private'],
  'raw': ['public', 'secret'],
  'raw-public': ['public'],
  'raw-secret': ['secret'],
  'raw-seed': ['private'],
  'raw-private': [],
};

function exportSync(format, exported) {
  const algorithm = getCryptoKeyAlgorithm(exported);
  try {
    normalizeAlgorithm({ ...algorithm }, 'exportKey');
  } catch {
    throw notSupported(`${algorithm.name} key export is not supported`);
  }
  if (!getCryptoKeyExtractable(exported)) throw refused('key is not extractable', 'InvalidAccessError');
  const type = getCryptoKeyType(exported);
  if (type !== 'secret') {
    if (format === 'spki' && type !== 'public') throw refused('Key must be a public key', 'InvalidAccessError');
    if (format === 'pkcs8' && type !== 'private') throw refused('Key must be a private key', 'InvalidAccessError');
  }
  const fits = format === 'jwk' || formatTypes[format].includes(type);
  const result = fits ? functionsOf(algorithm).exportKey(format, exported) : undefined;
  if (result === undefined) throw notSupported(`Unable to export ${algorithm.name} ${type} key using ${format} format`);
  // Bytes, or a JWK whose members have an order of their own.
  if (!Array.isArray(result)) return result;
  const [members, alg] = result;
  const jwk = { key_ops: getCryptoKeyUsages(exported), ext: true };
  if (alg !== undefined) jwk.alg = alg;
  return Object.assign(jwk, members);
}

function deriveSync(algorithm, baseKey, length) {
  return functionsOf(algorithm).deriveBits(algorithm, baseKey, length);
}

function parseWrappedJwk(bytes) {
  let jwk;
  try {
    const { TextDecoder } = require('internal/encoding');
    jwk = idl.JsonWebKey(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), {});
  } catch (cause) {
    throw invalidData('Invalid wrapped JWK key', cause);
  }
  if (jwk.kty === undefined) throw invalidData('Invalid wrapped JWK key');
  return jwk;
}

// The algorithm of wrapKey() or unwrapKey(): one that wraps, or else one that encrypts.
function normalizeWrapping(algorithm, operation, fallback) {
  try {
    return normalizeAlgorithm(algorithm, operation);
  } catch {
    return normalizeAlgorithm(algorithm, fallback);
  }
}

// What the methods do, in the order of their arguments. Their errors become rejections.
const methods = {
  encrypt(algorithm, encryptionKey, data) {
    [algorithm, encryptionKey, data] = convert('encrypt', arguments, [AlgorithmIdentifier, key, BufferSource]);
    algorithm = normalizeAlgorithm(algorithm, 'encrypt');
    requireAlgorithm(encryptionKey, algorithm);
    requireUsage(encryptionKey, 'encrypt', 'Unable to use this key to encrypt');
    validateMaxLength(data, 'data');
    return functionsOf(algorithm).encrypt(algorithm, encryptionKey, data);
  },

  decrypt(algorithm, decryptionKey, data) {
    [algorithm, decryptionKey, data] = convert('decrypt', arguments, [AlgorithmIdentifier, key, BufferSource]);
    algorithm = normalizeAlgorithm(algorithm, 'decrypt');
    requireAlgorithm(decryptionKey, algorithm);
    requireUsage(decryptionKey, 'decrypt', 'Unable to use this key to decrypt');
    validateMaxLength(data, 'data');
    return functionsOf(algorithm).decrypt(algorithm, decryptionKey, data);
  },

  sign(algorithm, signingKey, data) {
    [algorithm, signingKey, data] = convert('sign', arguments, [AlgorithmIdentifier, key, BufferSource]);
    algorithm = normalizeAlgorithm(algorithm, 'sign');
    requireAlgorithm(signingKey, algorithm);
    requireUsage(signingKey, 'sign', 'Unable to use this key to sign');
    return functionsOf(algorithm).sign(algorithm, signingKey, data);
  },

  verify(algorithm, verificationKey, signature, data) {
    [algorithm, verificationKey, signature, data] =
      convert('verify', arguments, [AlgorithmIdentifier, key, BufferSource, BufferSource]);
    algorithm = normalizeAlgorithm(algorithm, 'verify');
    requireAlgorithm(verificationKey, algorithm);
    requireUsage(verificationKey, 'verify', 'Unable to use this key to verify');
    return functionsOf(algorithm).verify(algorithm, verificationKey, signature, data);
  },

  digest(algorithm, data) {
    [algorithm, data] = convert('digest', arguments, [AlgorithmIdentifier, BufferSource]);
    algorithm = normalizeAlgorithm(algorithm, 'digest');
    return functionsOf(algorithm).digest(algorithm, data);
  },

  generateKey(algorithm, extractable, keyUsages) {
    [algorithm, extractable, keyUsages] = convert('generateKey', arguments, [AlgorithmIdentifier, boolean, KeyUsages]);
    algorithm = normalizeAlgorithm(algorithm, 'generateKey');
    return functionsOf(algorithm).generateKey(algorithm, extractable, keyUsages);
  },

  deriveKey(algorithm, baseKey, derivedKeyType, extractable, keyUsages) {
    [algorithm, baseKey, derivedKeyType, extractable, keyUsages] =
      convert('deriveKey', arguments, [AlgorithmIdentifier, key, AlgorithmIdentifier, boolean, KeyUsages]);
    algorithm = normalizeAlgorithm(algorithm, 'deriveBits');
    const imported = normalizeAlgorithm(derivedKeyType, 'importKey');
    const sized = normalizeAlgorithm(derivedKeyType, 'get key length');
    requireUsage(baseKey, 'deriveKey', 'baseKey does not have deriveKey usage');
    requireAlgorithm(baseKey, algorithm);
    const length = functionsOf(sized).keyLength(sized);
    return deriveSync(algorithm, baseKey, length)
      .then((secret) => importSync('raw-secret', secret, imported, extractable, keyUsages));
  },

  deriveBits(algorithm, baseKey, length = null) {
    [algorithm, baseKey] = convert('deriveBits', arguments, [AlgorithmIdentifier, key]);
    if (length !== null) {
      const prefix = "Failed to execute 'deriveBits' on 'SubtleCrypto'";
      length = unsignedLong(length, { prefix, context: '3rd argument' });
    }
    algorithm = normalizeAlgorithm(algorithm, 'deriveBits');
    requireUsage(baseKey, 'deriveBits', 'baseKey does not have deriveBits usage');
    requireAlgorithm(baseKey, algorithm);
    return deriveSync(algorithm, baseKey, length);
  },

  importKey(format, keyData, algorithm, extractable, keyUsages) {
    const source = (value, options) => (format === 'jwk' ? idl.JsonWebKey : BufferSource)(value, options);
    const formats = (value, options) => format = KeyFormat(value, options);
    [format, keyData, algorithm, extractable, keyUsages] =
      convert('importKey', arguments, [formats, source, AlgorithmIdentifier, boolean, KeyUsages]);
    algorithm = normalizeAlgorithm(algorithm, 'importKey');
    return importSync(format, keyData, algorithm, extractable, keyUsages);
  },

  exportKey(format, exported) {
    [format, exported] = convert('exportKey', arguments, [KeyFormat, key]);
    return exportSync(format, exported);
  },

  wrapKey(format, wrapped, wrappingKey, wrapAlgorithm) {
    [format, wrapped, wrappingKey, wrapAlgorithm] =
      convert('wrapKey', arguments, [KeyFormat, key, key, AlgorithmIdentifier]);
    const algorithm = normalizeWrapping(wrapAlgorithm, 'wrapKey', 'encrypt');
    requireAlgorithm(wrappingKey, algorithm);
    requireUsage(wrappingKey, 'wrapKey', 'Unable to use this key to wrapKey');
    let bytes = exportSync(format, wrapped);
    if (format === 'jwk') {
      const json = JSON.stringify(bytes);
      // AES-KW takes whole blocks of 8 bytes; JSON may end with spaces.
      const padded = algorithm.name === 'AES-KW' ? json.padEnd(Math.ceil(json.length / 8) * 8) : json;
      bytes = Buffer.from(padded);
    }
    validateMaxLength(bytes, 'data');
    return functionsOf(algorithm).encrypt(algorithm, wrappingKey, bytes);
  },

  unwrapKey(format, wrappedKey, unwrappingKey, unwrapAlgorithm, unwrappedKeyAlgorithm, extractable, keyUsages) {
    [format, wrappedKey, unwrappingKey, unwrapAlgorithm, unwrappedKeyAlgorithm, extractable, keyUsages] =
      convert('unwrapKey', arguments,
              [KeyFormat, BufferSource, key, AlgorithmIdentifier, AlgorithmIdentifier, boolean, KeyUsages]);
    const algorithm = normalizeWrapping(unwrapAlgorithm, 'unwrapKey', 'decrypt');
    const imported = normalizeAlgorithm(unwrappedKeyAlgorithm, 'importKey');
    requireAlgorithm(unwrappingKey, algorithm);
    requireUsage(unwrappingKey, 'unwrapKey', 'Unable to use this key to unwrapKey');
    validateMaxLength(wrappedKey, 'data');
    return functionsOf(algorithm).decrypt(algorithm, unwrappingKey, wrappedKey).then((bytes) => (
      importSync(format, format === 'jwk' ? parseWrappedJwk(bytes) : bytes, imported, extractable, keyUsages)
    ));
  },

  getPublicKey(privateKey, keyUsages) {
    emitExperimentalWarning('The getPublicKey Web Crypto API method');
    [privateKey, keyUsages] = convert('getPublicKey', arguments, [key, KeyUsages]);
    const type = getCryptoKeyType(privateKey);
    if (type !== 'private') {
      throw refused('key must be a private key', type === 'secret' ? 'NotSupportedError' : 'InvalidAccessError');
    }
    const algorithm = getCryptoKeyAlgorithm(privateKey);
    const own = functionsOf(algorithm).getPublicKey;
    if (own !== undefined) return own(privateKey, keyUsages);
    const { createPublicKey } = require('internal/crypto/keys');
    const { keyObject } = require('internal/crypto/webcrypto/keys');
    return importSync('KeyObject', createPublicKey(keyObject(privateKey)), algorithm, true, keyUsages);
  },

  encapsulateBits(encapsulationAlgorithm, encapsulationKey) {
    emitExperimentalWarning('The encapsulateBits Web Crypto API method');
    const [algorithm, publicKey] = convert('encapsulateBits', arguments, [AlgorithmIdentifier, key]);
    return encapsulate(algorithm, publicKey, 'encapsulateBits');
  },

  encapsulateKey(encapsulationAlgorithm, encapsulationKey, sharedKeyAlgorithm, extractable, keyUsages) {
    emitExperimentalWarning('The encapsulateKey Web Crypto API method');
    const [algorithm, publicKey, shared, isExtractable, usages] =
      convert('encapsulateKey', arguments, [AlgorithmIdentifier, key, AlgorithmIdentifier, boolean, KeyUsages]);
    normalizeAlgorithm(algorithm, 'encapsulate');
    const imported = normalizeAlgorithm(shared, 'importKey');
    return encapsulate(algorithm, publicKey, 'encapsulateKey').then(({ sharedKey, ciphertext }) => (
      { ciphertext, sharedKey: importSync('raw-secret', sharedKey, imported, isExtractable, usages) }
    ));
  },

  decapsulateBits(decapsulationAlgorithm, decapsulationKey, ciphertext) {
    emitExperimentalWarning('The decapsulateBits Web Crypto API method');
    const [algorithm, privateKey, bytes] = convert('decapsulateBits', arguments, [AlgorithmIdentifier, key, BufferSource]);
    return decapsulate(algorithm, privateKey, bytes, 'decapsulateBits');
  },

  decapsulateKey(decapsulationAlgorithm, decapsulationKey, ciphertext, sharedKeyAlgorithm, extractable, keyUsages) {
    emitExperimentalWarning('The decapsulateKey Web Crypto API method');
    const [algorithm, privateKey, bytes, shared, isExtractable, usages] =
      convert('decapsulateKey', arguments,
              [AlgorithmIdentifier, key, BufferSource, AlgorithmIdentifier, boolean, KeyUsages]);
    normalizeAlgorithm(algorithm, 'decapsulate');
    const imported = normalizeAlgorithm(shared, 'importKey');
    return decapsulate(algorithm, privateKey, bytes, 'decapsulateKey')
      .then((secret) => importSync('raw-secret', secret, imported, isExtractable, usages));
  },
};

function encapsulate(algorithm, publicKey, usage) {
  const normalized = normalizeAlgorithm(algorithm, 'encapsulate');
  requireAlgorithm(publicKey, normalized, 'key algorithm mismatch');
  requireUsage(publicKey, usage, `encapsulationKey does not have ${usage} usage`);
  return functionsOf(normalized).encapsulate(publicKey);
}

function decapsulate(algorithm, privateKey, ciphertext, usage) {
  const normalized = normalizeAlgorithm(algorithm, 'decapsulate');
  requireAlgorithm(privateKey, normalized, 'key algorithm mismatch');
  requireUsage(privateKey, usage, `decapsulationKey does not have ${usage} usage`);
  return functionsOf(normalized).decapsulate(privateKey, ciphertext);
}

class SubtleCrypto {
  constructor() {
    throw new ERR_ILLEGAL_CONSTRUCTOR();
  }

  // Whether an operation would begin with such an algorithm.
  static supports(operation, algorithm, lengthOrAdditionalAlgorithm = null) {
    emitExperimentalWarning('The supports Web Crypto API method');
    if (this !== SubtleCrypto) throw new ERR_INVALID_THIS('SubtleCrypto constructor');
    const prefix = "Failed to execute 'supports' on 'SubtleCrypto'";
    idl.requiredArguments(arguments.length, 2, prefix);
    operation = idl.DOMString(operation, { prefix, context: '1st argument' });
    algorithm = AlgorithmIdentifier(algorithm, { prefix, context: '2nd argument' });
    return require('internal/crypto/webcrypto/supports').supports(operation, algorithm, lengthOrAdditionalAlgorithm, prefix);
  }
}

// An object of a class whose constructor throws.
const instance = (Class) => Reflect.construct(function() {}, [], Class);

const subtle = instance(SubtleCrypto);

class Crypto {
  constructor() {
    throw new ERR_ILLEGAL_CONSTRUCTOR();
  }

  get subtle() {
    if (this !== crypto) throw new ERR_INVALID_THIS('Crypto');
    return subtle;
  }

  getRandomValues(array) {
    if (this !== crypto) throw new ERR_INVALID_THIS('Crypto');
    idl.requiredArguments(arguments.length, 1, "Failed to execute 'getRandomValues' on 'Crypto'");
    return require('internal/crypto/random').getRandomValues(array);
  }

  randomUUID() {
    if (this !== crypto) throw new ERR_INVALID_THIS('Crypto');
    return require('internal/crypto/random').randomUUID();
  }
}

const crypto = instance(Crypto);

for (const name of Object.keys(methods)) {
  const implementation = methods[name];
  // The length counts the arguments that must be there.
  const method = { [name](...args) {
    try {
      if (this !== subtle) throw new ERR_INVALID_THIS('SubtleCrypto');
      return Promise.resolve(implementation(...args));
    } catch (error) {
      return Promise.reject(error);
    }
  } }[name];
  Object.defineProperty(method, 'length', { __proto__: null, configurable: true, value: implementation.length });
  Object.defineProperty(SubtleCrypto.prototype, name, {
    __proto__: null, configurable: true, enumerable: true, writable: true, value: method,
  });
}

function tag(Class, name, members) {
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { __proto__: null, configurable: true, value: name });
  for (const member of members) Object.defineProperty(Class.prototype, member, kEnumerableProperty);
}

tag(SubtleCrypto, 'SubtleCrypto', []);
tag(Crypto, 'Crypto', ['subtle', 'getRandomValues', 'randomUUID']);
Object.defineProperty(SubtleCrypto, 'supports', kEnumerableProperty);

module.exports = { Crypto, CryptoKey, SubtleCrypto, crypto, importSync };
