'use strict';
// DiffieHellman, DiffieHellmanGroup, ECDH and diffieHellman(). Numbers and curves are native (bindings `crypto_dh`,
// `crypto_ecdh`).

const { Buffer } = require('buffer');
const {
  codes: {
    ERR_CRYPTO_ECDH_INVALID_FORMAT, ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY, ERR_CRYPTO_INCOMPATIBLE_KEY,
    ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE,
  },
} = require('internal/errors');
const { deprecate } = require('internal/util');
const { isAnyArrayBuffer, isArrayBufferView } = require('internal/util/types');
const { validateFunction, validateInt32, validateObject, validateString } = require('internal/validators');
const { getArrayBufferOrView, kHandle, toBuf } = require('internal/crypto/util');
const {
  getKeyObjectAsymmetricKeyType, getKeyObjectType, isKeyObject, preparePrivateKey, preparePublicOrPrivateKey,
  privateKeyHandle, publicKeyHandle, toBuffer,
} = require('internal/crypto/keys');
const dh = internalBinding('crypto_dh');
const ecdh = internalBinding('crypto_ecdh');

const DEFAULT_GENERATOR = 2;

// OpenSSL's point_conversion_form_t
const forms = { __proto__: null, compressed: 2, uncompressed: 4, hybrid: 6 };

const numberTypes = ['number', 'string', 'ArrayBuffer', 'Buffer', 'TypedArray', 'DataView'];

// A native key exchange: bytes come as Uint8Array and go out as Buffer.
class Handle {
  #binding;
  #native;

  constructor(binding, native) {
    this.#binding = binding;
    this.#native = native;
  }

  call(name, ...args) {
    const bytes = this.#binding[name](this.#native, ...args);
    return ArrayBuffer.isView(bytes) ? toBuffer(bytes) : bytes;
  }
}

function encode(buffer, encoding) {
  return encoding && encoding !== 'buffer' ? buffer.toString(encoding) : buffer;
}

function defineVerifyError(object) {
  Object.defineProperty(object, 'verifyError', {
    __proto__: null, enumerable: true, value: object[kHandle].call('check'), writable: false,
  });
}

function isNumberSource(value) {
  return typeof value === 'number' || typeof value === 'string' || isArrayBufferView(value) || isAnyArrayBuffer(value);
}

function DiffieHellman(sizeOrKey, keyEncoding, generator, genEncoding) {
  if (!(this instanceof DiffieHellman)) return new DiffieHellman(sizeOrKey, keyEncoding, generator, genEncoding);
  if (!isNumberSource(sizeOrKey)) throw new ERR_INVALID_ARG_TYPE('sizeOrKey', numberTypes, sizeOrKey);
  // A size below 0 is OpenSSL's to refuse.
  if (typeof sizeOrKey === 'number') validateInt32(sizeOrKey, 'sizeOrKey');

  if (keyEncoding && !Buffer.isEncoding(keyEncoding) && keyEncoding !== 'buffer') {
    genEncoding = generator;
    generator = keyEncoding;
    keyEncoding = false;
  }
  const prime = typeof sizeOrKey === 'number' ? sizeOrKey : toBuf(sizeOrKey, keyEncoding);

  if (!generator) {
    generator = DEFAULT_GENERATOR;
  } else if (typeof generator === 'number') {
    validateInt32(generator, 'generator');
  } else if (typeof generator === 'string') {
    generator = toBuf(generator, genEncoding);
  } else if (!isArrayBufferView(generator) && !isAnyArrayBuffer(generator)) {
    throw new ERR_INVALID_ARG_TYPE('generator', numberTypes, generator);
  }

  this[kHandle] = new Handle(dh, dh.create(prime, generator));
  defineVerifyError(this);
}

function DiffieHellmanGroup(name) {
  if (!(this instanceof DiffieHellmanGroup)) return new DiffieHellmanGroup(name);
  if (typeof name !== 'string') {
    throw Object.assign(new TypeError('Group name must be a string'), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  this[kHandle] = new Handle(dh, dh.createGroup(name));
  defineVerifyError(this);
}

function dhGenerateKeys(encoding) {
  return encode(this[kHandle].call('generateKeys'), encoding);
}

function dhComputeSecret(key, inEnc, outEnc) {
  key = getArrayBufferOrView(key, 'key', inEnc);
  const secret = this[kHandle].call('computeSecret', key);
  if (secret === undefined) throw new ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY();
  return encode(secret, outEnc);
}

function dhGetPrime(encoding) {
  return encode(this[kHandle].call('getPrime'), encoding);
}

function dhGetGenerator(encoding) {
  return encode(this[kHandle].call('getGenerator'), encoding);
}

function dhGetPublicKey(encoding) {
  return encode(this[kHandle].call('getPublicKey'), encoding);
}

function dhGetPrivateKey(encoding) {
  return encode(this[kHandle].call('getPrivateKey'), encoding);
}

for (const { prototype } of [DiffieHellmanGroup, DiffieHellman]) {
  prototype.generateKeys = dhGenerateKeys;
  prototype.computeSecret = dhComputeSecret;
  prototype.getPrime = dhGetPrime;
  prototype.getGenerator = dhGetGenerator;
  prototype.getPublicKey = dhGetPublicKey;
  prototype.getPrivateKey = dhGetPrivateKey;
}

DiffieHellman.prototype.setPublicKey = function setPublicKey(key, encoding) {
  this[kHandle].call('setKey', getArrayBufferOrView(key, 'key', encoding), false);
  return this;
};

DiffieHellman.prototype.setPrivateKey = function setPrivateKey(key, encoding) {
  this[kHandle].call('setKey', getArrayBufferOrView(key, 'key', encoding), true);
  return this;
};

function ECDH(curve) {
  if (!(this instanceof ECDH)) return new ECDH(curve);
  validateString(curve, 'curve');
  this[kHandle] = new Handle(ecdh, ecdh.create(curve));
}

ECDH.prototype.computeSecret = dhComputeSecret;

ECDH.prototype.setPrivateKey = function setPrivateKey(key, encoding) {
  this[kHandle].call('setPrivateKey', getArrayBufferOrView(key, 'key', encoding));
  return this;
};

ECDH.prototype.setPublicKey = deprecate(function setPublicKey(key, encoding) {
  this[kHandle].call('setPublicKey', getArrayBufferOrView(key, 'key', encoding));
  return this;
}, 'ecdh.setPublicKey() is deprecated.', 'DEP0031');

ECDH.prototype.getPrivateKey = dhGetPrivateKey;

ECDH.prototype.generateKeys = function generateKeys(encoding, format) {
  this[kHandle].call('generateKeys');
  return this.getPublicKey(encoding, format);
};

ECDH.prototype.getPublicKey = function getPublicKey(encoding, format) {
  return encode(this[kHandle].call('getPublicKey', formOf(format)), encoding);
};

ECDH.convertKey = function convertKey(key, curve, inEnc, outEnc, format) {
  validateString(curve, 'curve');
  key = getArrayBufferOrView(key, 'key', inEnc);
  const form = formOf(format);
  if (key.byteLength === 0) return '';
  return encode(toBuffer(ecdh.convertKey(key, curve, form)), outEnc);
};

function formOf(format) {
  if (!format) return forms.uncompressed;
  const form = typeof format === 'string' ? forms[format] : undefined;
  if (form === undefined) throw new ERR_CRYPTO_ECDH_INVALID_FORMAT(format);
  return form;
}

const agreeingTypes = ['dh', 'ec', 'x448', 'x25519'];

// KeyObjects that do not fit are told before anything is parsed.
function checkKeyObjects(privateKey, publicKey) {
  if (isKeyObject(privateKey)) {
    const type = getKeyObjectType(privateKey);
    if (type !== 'private') throw new ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(type, 'private');
  }
  if (!isKeyObject(publicKey)) return;
  const type = getKeyObjectType(publicKey);
  if (type === 'secret') throw new ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE(type, 'private or public');
  if (!isKeyObject(privateKey)) return;
  const privateType = getKeyObjectAsymmetricKeyType(privateKey);
  const publicType = getKeyObjectAsymmetricKeyType(publicKey);
  if (privateType !== publicType || !agreeingTypes.includes(privateType)) {
    throw new ERR_CRYPTO_INCOMPATIBLE_KEY('key types for Diffie-Hellman', `${privateType} and ${publicType}`);
  }
}

function diffieHellman(options, callback) {
  validateObject(options, 'options');
  if (callback !== undefined) validateFunction(callback, 'callback');
  const { privateKey, publicKey } = options;
  if (privateKey == null) throw new ERR_INVALID_ARG_VALUE('options.privateKey', privateKey);
  if (publicKey == null) throw new ERR_INVALID_ARG_VALUE('options.publicKey', publicKey);
  checkKeyObjects(privateKey, publicKey);
  const preparedPublic = preparePublicOrPrivateKey(publicKey, 'options.publicKey');
  const preparedPrivate = preparePrivateKey(privateKey, 'options.privateKey');
  const publicHandle = publicKeyHandle(preparedPublic);
  const privateHandle = privateKeyHandle(preparedPrivate);
  if (callback === undefined) return Buffer.from(dh.derive(undefined, privateHandle, publicHandle));
  dh.derive((error, secret) => {
    if (error) return callback(error);
    callback(null, Buffer.from(secret));
  }, privateHandle, publicHandle);
  return undefined;
}

function createDiffieHellman(sizeOrKey, keyEncoding, generator, generatorEncoding) {
  return new DiffieHellman(sizeOrKey, keyEncoding, generator, generatorEncoding);
}

function createDiffieHellmanGroup(name) {
  return new DiffieHellmanGroup(name);
}

function createECDH(curve) {
  return new ECDH(curve);
}

module.exports = {
  DiffieHellman,
  DiffieHellmanGroup,
  ECDH,
  createDiffieHellman,
  createDiffieHellmanGroup,
  createECDH,
  diffieHellman,
};
