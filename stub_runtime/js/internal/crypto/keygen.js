'use strict';
// generateKey(), generateKeyPair() and their Sync forms: what each type of key is made from, checked. Making is native
// (binding `crypto_keygen`).

const { wrapCallback } = require('internal/async_hooks');
const {
  codes: { ERR_INCOMPATIBLE_OPTION_PAIR, ERR_INVALID_ARG_VALUE, ERR_MISSING_OPTION },
} = require('internal/errors');
const { customPromisifyArgs, kEmptyObject } = require('internal/util');
const {
  validateBuffer, validateFunction, validateInt32, validateInteger, validateObject, validateOneOf, validateString,
  validateUint32,
} = require('internal/validators');
const { parsePrivateKeyEncoding, parsePublicKeyEncoding } = require('internal/crypto/key_encoding');
const { PrivateKeyObject, PublicKeyObject, SecretKeyObject, toBuffer } = require('internal/crypto/keys');
const binding = internalBinding('crypto_keygen');

// OpenSSL's numbers of how a curve is written.
const EXPLICIT_CURVE = 0;
const NAMED_CURVE = 1;

// Types of key that need no options, as Node lists them.
const plainTypes = new Set(['ed25519', 'ed448', 'x25519', 'x448',
                            'ml-dsa-44', 'ml-dsa-65', 'ml-dsa-87', 'ml-kem-512', 'ml-kem-768', 'ml-kem-1024']);
for (const hash of ['sha2', 'shake']) {
  for (const size of ['128', '192', '256']) {
    for (const way of ['f', 's']) plainTypes.add(`slh-dsa-${hash}-${size}${way}`);
  }
}

// One encoding option => [format, type, cipher, passphrase]
function parseEncoding(options, name, parse, keyType) {
  const encoding = options[name];
  if (encoding == null) return [];
  if (typeof encoding !== 'object') throw new ERR_INVALID_ARG_VALUE(`options.${name}`, encoding);
  const { format, type, cipher, passphrase } = parse(encoding, keyType, `options.${name}`);
  return [format, type, cipher, passphrase];
}

function rsa(options) {
  validateObject(options, 'options');
  const { modulusLength, publicExponent } = options;
  validateUint32(modulusLength, 'options.modulusLength');
  if (publicExponent == null) return [modulusLength, 0x10001];
  validateUint32(publicExponent, 'options.publicExponent');
  return [modulusLength, publicExponent];
}

function rsaPss(options) {
  const recipe = rsa(options);
  const { hashAlgorithm, mgf1HashAlgorithm, saltLength } = options;
  if (saltLength !== undefined) validateInt32(saltLength, 'options.saltLength', 0);
  if (hashAlgorithm !== undefined) validateString(hashAlgorithm, 'options.hashAlgorithm');
  if (mgf1HashAlgorithm !== undefined) validateString(mgf1HashAlgorithm, 'options.mgf1HashAlgorithm');
  // The names before Node 21.
  for (const old of ['hash', 'mgf1Hash']) {
    if (options[old] !== undefined) {
      throw new ERR_INVALID_ARG_VALUE(`options.${old}`, options[old], 'is no longer supported');
    }
  }
  return [...recipe, hashAlgorithm, mgf1HashAlgorithm, saltLength];
}

function dsa(options) {
  validateObject(options, 'options');
  const { modulusLength, divisorLength } = options;
  validateUint32(modulusLength, 'options.modulusLength');
  if (divisorLength == null) return [modulusLength];
  validateInt32(divisorLength, 'options.divisorLength', 0);
  return [modulusLength, divisorLength];
}

function ec(options) {
  validateObject(options, 'options');
  const { namedCurve, paramEncoding } = options;
  validateString(namedCurve, 'options.namedCurve');
  if (paramEncoding == null || paramEncoding === 'named') return [namedCurve, NAMED_CURVE];
  if (paramEncoding === 'explicit') return [namedCurve, EXPLICIT_CURVE];
  throw new ERR_INVALID_ARG_VALUE('options.paramEncoding', paramEncoding);
}

function dh(options) {
  validateObject(options, 'options');
  const { group, prime, primeLength, generator } = options;
  if (group != null) {
    if (prime != null) throw new ERR_INCOMPATIBLE_OPTION_PAIR('group', 'prime');
    if (primeLength != null) throw new ERR_INCOMPATIBLE_OPTION_PAIR('group', 'primeLength');
    if (generator != null) throw new ERR_INCOMPATIBLE_OPTION_PAIR('group', 'generator');
    validateString(group, 'options.group');
    return [group];
  }
  if (prime != null) {
    if (primeLength != null) throw new ERR_INCOMPATIBLE_OPTION_PAIR('prime', 'primeLength');
    validateBuffer(prime, 'options.prime');
  } else if (primeLength != null) {
    validateInt32(primeLength, 'options.primeLength', 0);
  } else {
    throw new ERR_MISSING_OPTION('At least one of the group, prime, or primeLength options');
  }
  if (generator != null) validateInt32(generator, 'options.generator', 0);
  return [prime != null ? prime : primeLength, generator == null ? 2 : generator];
}

const recipes = { '__proto__': null, rsa, 'rsa-pss': rsaPss, dsa, ec, dh };

function run(type, options, callback) {
  validateString(type, 'type');
  if (options !== undefined) validateObject(options, 'options');
  const given = options ?? kEmptyObject;
  const [publicFormat, publicType] = parseEncoding(given, 'publicKeyEncoding', parsePublicKeyEncoding, type);
  const [privateFormat, privateType, cipher, passphrase] =
    parseEncoding(given, 'privateKeyEncoding', parsePrivateKeyEncoding, type);
  let recipe;
  if (recipes[type] !== undefined) {
    recipe = recipes[type](options);
  } else if (plainTypes.has(type)) {
    recipe = [];
  } else {
    throw new ERR_INVALID_ARG_VALUE('type', type, 'must be a supported key type');
  }
  const encoding = [publicFormat, publicType, privateFormat, privateType, cipher, passphrase];
  const finish = ([publicKey, privateKey]) => ({
    publicKey: finishKey(publicKey, publicFormat, PublicKeyObject),
    privateKey: finishKey(privateKey, privateFormat, PrivateKeyObject),
  });
  if (callback === undefined) return finish(binding.generateKeyPair(undefined, type, ...encoding, ...recipe));
  binding.generateKeyPair(wrapCallback('KEYPAIRGENREQUEST', (error, pair) => {
    if (error) return callback(error);
    const { publicKey, privateKey } = finish(pair);
    callback(null, publicKey, privateKey);
  }), type, ...encoding, ...recipe);
  return undefined;
}

// What the binding gave => KeyObject, Buffer, string or JWK
function finishKey(key, format, Class) {
  if (format === undefined) return new Class(key);
  return ArrayBuffer.isView(key) ? toBuffer(key) : key;
}

function generateKeyPair(type, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  validateFunction(callback, 'callback');
  run(type, options, callback);
}

Object.defineProperty(generateKeyPair, customPromisifyArgs, {
  __proto__: null, enumerable: false, value: ['publicKey', 'privateKey'],
});

function generateKeyPairSync(type, options) {
  return run(type, options);
}

// (type, { length }) => bytes
function secretLength(type, options) {
  validateString(type, 'type');
  validateObject(options, 'options');
  const { length } = options;
  switch (type) {
    case 'hmac':
      validateInteger(length, 'options.length', 8, 2 ** 31 - 1);
      break;
    case 'aes':
      validateOneOf(length, 'options.length', [128, 192, 256]);
      break;
    default:
      throw new ERR_INVALID_ARG_VALUE('type', type, 'must be a supported key type');
  }
  return Math.floor(length / 8);
}

function generateKey(type, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  validateFunction(callback, 'callback');
  const length = secretLength(type, options);
  binding.generateSecret(wrapCallback('KEYGENREQUEST', (error, handle) => {
    if (error) return callback(error);
    callback(null, new SecretKeyObject(handle));
  }), length);
}

function generateKeySync(type, options) {
  return new SecretKeyObject(binding.generateSecret(undefined, secretLength(type, options)));
}

module.exports = {
  generateKey,
  generateKeyPair,
  generateKeyPairSync,
  generateKeySync,
};
