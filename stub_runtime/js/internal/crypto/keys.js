'use strict';
// KeyObject, and keys from whatever functions of crypto take as one. The key itself is a native handle (binding `crypto_keys`).
// Options of encodings are checked in `internal/crypto/key_encoding`; CryptoKey is in `internal/crypto/crypto_key`.

const { Buffer } = require('buffer');
const {
  codes: {
    ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS, ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE, ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE, ERR_INVALID_THIS,
  },
} = require('internal/errors');
const { getDeprecationWarningEmitter } = require('internal/util');
const { kClone, kDeserialize, markTransferMode } = require('internal/structured_clone');
const { isAnyArrayBuffer, isArrayBufferView } = require('internal/util/types');
const { validateObject, validateOneOf, validateString } = require('internal/validators');
const { getArrayBufferOrView } = require('internal/crypto/util');
const {
  COMPRESSED, UNCOMPRESSED, encodeKeyString, parseKeyEncoding, parsePrivateKeyEncoding, parsePublicKeyEncoding,
} = require('internal/crypto/key_encoding');
const cryptoKey = require('internal/crypto/crypto_key');
const binding = internalBinding('crypto_keys');

const { getCryptoKeyExtractable, getCryptoKeyHandle, getCryptoKeyType, isCryptoKey } = cryptoKey;
const {
  kKeyFormatJWK, kKeyFormatPEM, kKeyFormatRawPrivate, kKeyFormatRawPublic, kKeyFormatRawSeed,
  kKeyTypePrivate, kKeyTypePublic, kKeyTypeSecret,
} = binding;

const typeNames = [];
typeNames[kKeyTypeSecret] = 'secret';
typeNames[kKeyTypePublic] = 'public';
typeNames[kKeyTypePrivate] = 'private';

const emitDEP0203 = getDeprecationWarningEmitter(
  'DEP0203', 'Passing a CryptoKey to node:crypto functions is deprecated.');
const emitDEP0204 = getDeprecationWarningEmitter(
  'DEP0204', 'Passing a non-extractable CryptoKey to KeyObject.from() is deprecated.', undefined, false,
  (key) => !getCryptoKeyExtractable(key));

// What a key is wanted for.
const kConsumePublic = 0;
const kConsumePrivate = 1;
const kCreatePublic = 2;
const kCreatePrivate = 3;

// A handle that a message brings later.
const kPending = Symbol('kPending');

function toBuffer(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

let slotsOf;
let isKeyObject;

class KeyObject {
  // { type, handle } and, once they were asked for, size, asymmetricType, details
  #slots;

  constructor(type, handle) {
    if (type !== 'secret' && type !== 'public' && type !== 'private') throw new ERR_INVALID_ARG_VALUE('type', type);
    if (handle !== kPending && (typeof handle !== 'object' || binding.keyType(handle) === undefined)) {
      throw new ERR_INVALID_ARG_TYPE('handle', 'object', handle);
    }
    this.#slots = { type, handle, size: undefined, asymmetricType: undefined, details: undefined };
  }

  get type() {
    return slotsOf(this).type;
  }

  toCryptoKey(algorithm, extractable, keyUsages) {
    return require('internal/crypto/to_crypto_key').keyObjectToCryptoKey(
      slotsOf(this), algorithm, extractable, keyUsages);
  }

  static from(key) {
    if (!isCryptoKey(key)) throw new ERR_INVALID_ARG_TYPE('key', 'CryptoKey', key);
    emitDEP0204(key);
    if (cryptoKey.getCryptoKeySecondaryHandle(key) !== undefined) {
      throw new ERR_INVALID_ARG_VALUE('key', key, 'cannot be represented by a single KeyObject');
    }
    return keyObjectOf(getCryptoKeyHandle(key));
  }

  equals(otherKeyObject) {
    if (!isKeyObject(otherKeyObject)) {
      throw new ERR_INVALID_ARG_TYPE('otherKeyObject', 'KeyObject', otherKeyObject);
    }
    const slots = slotsOf(this);
    const other = slotsOf(otherKeyObject);
    return slots.type === other.type && binding.equals(slots.handle, other.handle);
  }

  [kClone]() {
    const { handle, type } = slotsOf(this);
    return { data: { handle }, deserializeInfo: `internal/crypto/keys:Cloned_${type}` };
  }

  [kDeserialize]({ handle }) {
    if (slotsOf(this).handle === kPending) this.#slots.handle = handle;
  }

  static {
    isKeyObject = (key) => key !== null && typeof key === 'object' && #slots in key;
    slotsOf = (key) => {
      if (!isKeyObject(key)) throw new ERR_INVALID_THIS('KeyObject');
      return key.#slots;
    };
  }
}

Object.defineProperty(KeyObject.prototype, Symbol.toStringTag, {
  __proto__: null, configurable: true, value: 'KeyObject',
});
markTransferMode(KeyObject.prototype, true, false);

class SecretKeyObject extends KeyObject {
  constructor(handle) {
    super('secret', handle);
  }

  get symmetricKeySize() {
    return getKeyObjectSymmetricKeySize(this);
  }

  export(options) {
    const handle = getKeyObjectHandle(this);
    if (options !== undefined) {
      validateObject(options, 'options');
      validateOneOf(options.format, 'options.format', [undefined, 'buffer', 'jwk']);
      if (options.format === 'jwk') return binding.exportJwk(handle);
    }
    return toBuffer(binding.exportSecret(handle));
  }
}

class AsymmetricKeyObject extends KeyObject {
  get asymmetricKeyType() {
    return getKeyObjectAsymmetricKeyType(this);
  }

  get asymmetricKeyDetails() {
    return { ...getKeyObjectAsymmetricKeyDetails(this) };
  }
}

// A key as text, Buffer or JWK.
function exportHandle(handle, { format, type, cipher, passphrase }) {
  if (format === kKeyFormatJWK) return binding.exportJwk(handle);
  const written = binding.exportKey(handle, format, type, cipher, passphrase);
  return typeof written === 'string' ? written : toBuffer(written);
}

class PublicKeyObject extends AsymmetricKeyObject {
  constructor(handle) {
    super('public', handle);
  }

  export(options) {
    const handle = getKeyObjectHandle(this);
    switch (options?.format) {
      case 'jwk':
        return binding.exportJwk(handle);
      case 'raw-public': {
        let form = UNCOMPRESSED;
        if (getKeyObjectAsymmetricKeyType(this) === 'ec') {
          const { type = 'uncompressed' } = options;
          validateOneOf(type, 'options.type', ['compressed', 'uncompressed']);
          if (type === 'compressed') form = COMPRESSED;
        }
        return exportHandle(handle, { format: kKeyFormatRawPublic, type: form });
      }
      default:
        return exportHandle(handle, parsePublicKeyEncoding(options, getKeyObjectAsymmetricKeyType(this)));
    }
  }
}

class PrivateKeyObject extends AsymmetricKeyObject {
  constructor(handle) {
    super('private', handle);
  }

  export(options) {
    const handle = getKeyObjectHandle(this);
    const format = options?.format;
    if (options?.passphrase !== undefined && format !== 'pem' && format !== 'der') {
      throw new ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS(format, 'does not support encryption');
    }
    switch (format) {
      case 'jwk':
        return binding.exportJwk(handle);
      case 'raw-private':
        return exportHandle(handle, { format: kKeyFormatRawPrivate });
      case 'raw-seed':
        return exportHandle(handle, { format: kKeyFormatRawSeed });
      default:
        return exportHandle(handle, parsePrivateKeyEncoding(options, getKeyObjectAsymmetricKeyType(this)));
    }
  }
}

const classes = { __proto__: null, secret: SecretKeyObject, public: PublicKeyObject, private: PrivateKeyObject };

// (handle) => the KeyObject of its type
function keyObjectOf(handle) {
  return new classes[typeNames[binding.keyType(handle)]](handle);
}

// What a message makes: an object that [kDeserialize] fills.
function clonedClass(Class) {
  function Cloned() {
    return new Class(kPending);
  }
  Cloned.prototype = Class.prototype;
  return Cloned;
}

// The accessors that other modules use: not by way of the public getters, which users can replace.

function getKeyObjectType(key) {
  return slotsOf(key).type;
}

function getKeyObjectHandle(key) {
  return slotsOf(key).handle;
}

function getKeyObjectSymmetricKeySize(key) {
  const slots = slotsOf(key);
  if (slots.type !== 'secret') throw new ERR_INVALID_THIS('SecretKeyObject');
  return slots.size ??= binding.secretSize(slots.handle);
}

function getKeyObjectAsymmetricKeyType(key) {
  const slots = slotsOf(key);
  if (slots.type === 'secret') throw new ERR_INVALID_THIS('AsymmetricKeyObject');
  return slots.asymmetricType ??= binding.asymmetricType(slots.handle);
}

// Big-endian bytes => bigint
function toBigInt(bytes) {
  return bytes.length === 0 ? 0n : BigInt(`0x${toBuffer(bytes).toString('hex')}`);
}

function getKeyObjectAsymmetricKeyDetails(key) {
  const slots = slotsOf(key);
  if (slots.type === 'secret') throw new ERR_INVALID_THIS('AsymmetricKeyObject');
  if (slots.details === undefined) {
    const details = binding.details(slots.handle);
    if (details.publicExponent !== undefined) details.publicExponent = toBigInt(details.publicExponent);
    slots.details = details;
  }
  return slots.details;
}

const bufferTypes = ['ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'];

function keyTypes(allowKeyObject, allowURL) {
  const types = [...bufferTypes, 'string'];
  if (allowKeyObject) types.push('KeyObject', 'CryptoKey');
  if (allowURL) types.push('URL');
  return types;
}

// A key that is one already: may it be used so?
function checkKeyType(type, context, key) {
  if (context === kCreatePrivate) throw new ERR_INVALID_ARG_TYPE('key', keyTypes(false, true), key);
  if (type === 'private') return;
  if (context === kConsumePrivate || context === kCreatePublic) {
    throw new ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(type, 'private');
  }
  if (type !== 'public') throw new ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(type, 'private or public');
}

// The handle of a KeyObject or CryptoKey, undefined for anything else.
function handleOf(key, context) {
  if (isKeyObject(key)) {
    const { handle, type } = slotsOf(key);
    checkKeyType(type, context, key);
    return handle;
  }
  if (isCryptoKey(key)) {
    emitDEP0203();
    checkKeyType(getCryptoKeyType(key), context, key);
    return getCryptoKeyHandle(key);
  }
  return undefined;
}

function isBytes(value) {
  return isArrayBufferView(value) || isAnyArrayBuffer(value);
}

// A key argument, checked: `{ data }` with a handle, or `{ data, format, type, passphrase, namedCurve }` to be parsed.
function prepareAsymmetricKey(key, context, name = 'key') {
  if (typeof key === 'string') return { format: kKeyFormatPEM, data: encodeKeyString(key) };
  if (isBytes(key)) return { format: kKeyFormatPEM, data: key };
  const handle = handleOf(key, context);
  if (handle !== undefined) return { data: handle };
  const isPrivate = context === kConsumePrivate || context === kCreatePrivate;
  if (isPrivate && require('internal/url').isURL(key)) {
    return require('internal/crypto/key_store').prepare(key, name);
  }
  if (typeof key === 'object') return prepareKeyOptions(key, context, name, isPrivate);
  throw new ERR_INVALID_ARG_TYPE(name, keyTypes(context !== kCreatePrivate, isPrivate), key);
}

function prepareKeyOptions(key, context, name, isPrivate) {
  const { key: data, encoding, format } = key;
  const isData = typeof data === 'string' || isBytes(data);
  if (!isData) {
    const handle = handleOf(data, context);
    if (handle !== undefined) return { data: handle };
    if (isPrivate && require('internal/url').isURL(data)) {
      return require('internal/crypto/key_store').prepare(data, name, key);
    }
  }
  if (format === 'jwk') {
    validateObject(data, `${name}.key`);
    return { data, format: kKeyFormatJWK };
  }
  if (format === 'raw-public' || format === 'raw-private' || format === 'raw-seed') {
    return prepareRawKey(key, name, isPrivate);
  }
  if (!isData) {
    throw new ERR_INVALID_ARG_TYPE(`${name}.key`, keyTypes(context !== kCreatePrivate, isPrivate), data);
  }
  const bytes = typeof data === 'string' ? encodeKeyString(data, encoding) : data;
  const { format: number, type, passphrase } =
    parseKeyEncoding(key, undefined, isPrivate ? false : undefined, name);
  return { data: bytes, format: number, type, passphrase };
}

function prepareRawKey({ key: data, format, asymmetricKeyType, namedCurve }, name, isPrivate) {
  if (isPrivate && format === 'raw-public') throw new ERR_INVALID_ARG_VALUE(`${name}.format`, format);
  if (!isBytes(data)) throw new ERR_INVALID_ARG_TYPE(`${name}.key`, bufferTypes, data);
  validateString(asymmetricKeyType, `${name}.asymmetricKeyType`);
  if (asymmetricKeyType === 'ec') validateString(namedCurve, `${name}.namedCurve`);
  const number = format === 'raw-public' ? kKeyFormatRawPublic :
    format === 'raw-private' ? kKeyFormatRawPrivate : kKeyFormatRawSeed;
  return { data, format: number, type: asymmetricKeyType, namedCurve };
}

// A prepared key => its handle. `type` is what it is to be.
function parseKey({ data, format, type, passphrase, namedCurve, open }, keyType) {
  if (open !== undefined) return open();
  if (format === undefined) return data;
  return binding.parse(keyType, data, format, type, passphrase, namedCurve);
}

function preparePrivateKey(key, name) {
  return prepareAsymmetricKey(key, kConsumePrivate, name);
}

function preparePublicOrPrivateKey(key, name) {
  return prepareAsymmetricKey(key, kConsumePublic, name);
}

// The handles of key arguments, for functions that sign, decrypt and the like.
function privateKeyHandle(prepared) {
  return parseKey(prepared, kKeyTypePrivate);
}

function publicKeyHandle(prepared) {
  return parseKey(prepared, kKeyTypePublic);
}

// A secret key argument: a handle, or bytes.
function prepareSecretKey(key, encoding, bufferOnly = false) {
  if (!bufferOnly && isKeyObject(key)) {
    const { handle, type } = slotsOf(key);
    if (type !== 'secret') throw new ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(type, 'secret');
    return handle;
  }
  if (!bufferOnly && isCryptoKey(key)) {
    emitDEP0203();
    const type = getCryptoKeyType(key);
    if (type !== 'secret') throw new ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(type, 'secret');
    return getCryptoKeyHandle(key);
  }
  if (typeof key !== 'string' && !isBytes(key)) {
    throw new ERR_INVALID_ARG_TYPE('key', bufferOnly ? bufferTypes : keyTypes(true, false), key);
  }
  return getArrayBufferOrView(key, 'key', encoding);
}

function createSecretKey(key, encoding) {
  return new SecretKeyObject(binding.createSecret(prepareSecretKey(key, encoding, true)));
}

function createPublicKey(key) {
  const prepared = prepareAsymmetricKey(key, kCreatePublic);
  const handle = prepared.format === undefined && prepared.open === undefined ?
    binding.toPublic(prepared.data) : parseKey(prepared, kKeyTypePublic);
  return new PublicKeyObject(handle);
}

function createPrivateKey(key) {
  return new PrivateKeyObject(parseKey(prepareAsymmetricKey(key, kCreatePrivate), kKeyTypePrivate));
}

module.exports = {
  ...cryptoKey,
  Cloned_private: clonedClass(PrivateKeyObject),
  Cloned_public: clonedClass(PublicKeyObject),
  Cloned_secret: clonedClass(SecretKeyObject),
  KeyObject,
  PrivateKeyObject,
  PublicKeyObject,
  SecretKeyObject,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  exportHandle,
  getKeyObjectAsymmetricKeyDetails,
  getKeyObjectAsymmetricKeyType,
  getKeyObjectHandle,
  getKeyObjectSymmetricKeySize,
  getKeyObjectType,
  isKeyObject,
  keyObjectOf,
  kConsumePrivate,
  kConsumePublic,
  kCreatePrivate,
  kCreatePublic,
  parsePKCS12: (bundle, options) => require('internal/crypto/pkcs12').parsePKCS12(bundle, options),
  prepareAsymmetricKey,
  preparePrivateKey,
  preparePublicOrPrivateKey,
  prepareSecretKey,
  privateKeyHandle,
  publicKeyHandle,
  toBuffer,
};
