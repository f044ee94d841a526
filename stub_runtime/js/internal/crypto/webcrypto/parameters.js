'use strict';
// Dictionaries of algorithm parameters (`AesGcmParams`...): their members and the values Node refuses before an operation begins.

const { getCryptoKeyAlgorithm, getCryptoKeyType } = require('internal/crypto/keys');
const { Buffer } = require('buffer');
const idl = require('internal/crypto/webcrypto/idl');
const { failed, notSupported, numBitsToBytes, refused, validateMaxLength } =
  require('internal/crypto/webcrypto/support');

const { AlgorithmIdentifier, BigInteger, BufferSource, CryptoKey, DOMString, octet, unsignedLong, unsignedShort } = idl;

const curves = { '__proto__': null, 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1' };

const base = { name: { convert: DOMString, required: true } };

// A dictionary that adds members to a name.
function parameters(name, members) {
  return idl.dictionary(name, base, members);
}

const required = (convert, check) => ({ convert, required: true, check });
const optional = (convert, check) => ({ convert, required: false, check });

// The hash of an algorithm: one of SHA's family.
function hash(dictionary) {
  return required(AlgorithmIdentifier, (value) => {
    const name = typeof value === 'string' ? value : value.name;
    if (typeof name !== 'string' || !name.toLowerCase().startsWith('sha')) {
      throw notSupported(`Only SHA hashes are supported in ${dictionary}`);
    }
  });
}

function exactly(bytes, name) {
  return (value) => {
    if (value.byteLength !== bytes) throw failed(`${name} must contain exactly ${bytes} bytes`);
  };
}

function aesLength(value) {
  if (value !== 128 && value !== 192 && value !== 256) throw failed('AES key length must be 128, 192, or 256 bits');
}

function namedCurve(value) {
  if (curves[value] === undefined) throw notSupported('Unrecognized namedCurve');
}

// An RSA exponent as a number.
function exponentOf(bytes) {
  let value = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes.length - i > 4 && bytes[i] !== 0) {
      throw failed('algorithm.publicExponent must fit in an unsigned 32-bit integer');
    }
    value = value * 256 + bytes[i];
  }
  return value;
}

const rsaKeyGen = {
  modulusLength: required(unsignedLong, (value) => {
    if (value < 512) throw failed('algorithm.modulusLength must be at least 512');
  }),
  publicExponent: required(BigInteger, (value) => {
    const exponent = exponentOf(value);
    if (exponent < 3) throw failed('algorithm.publicExponent must be at least 3');
    if (exponent % 2 === 0) throw failed('algorithm.publicExponent must be odd');
  }),
};

const tagLengths = {
  '__proto__': null,
  'aes-gcm': ['AES-GCM', [32, 64, 96, 104, 112, 120, 128]],
  'aes-ocb': ['AES-OCB', [64, 96, 128]],
  'chacha20-poly1305': ['ChaCha20-Poly1305', [128]],
};

function aeadIv(value, { name }) {
  switch (name.toLowerCase()) {
    case 'chacha20-poly1305':
      exactly(12, 'algorithm.iv')(value);
      break;
    case 'aes-gcm':
      validateMaxLength(value, 'algorithm.iv');
      break;
    default:
      if (value.byteLength > 15) throw failed('AES-OCB algorithm.iv must be no more than 15 bytes');
  }
}

function tagLength(value, { name }) {
  const [label, lengths] = tagLengths[name.toLowerCase()];
  if (!lengths.includes(value)) throw failed(`${value} is not a valid ${label} tag length`);
}

// `zeroError` is the name of the exception for a length of 0.
function hmac(dictionary, zeroError) {
  return parameters(dictionary, {
    hash: hash(dictionary),
    length: optional(unsignedLong, (value) => {
      if (value === 0) throw refused(`${dictionary}.length cannot be 0`, zeroError);
    }),
  });
}

function wholeBytes(dictionary) {
  return (value) => {
    if (value === 0 || value % 8 !== 0) throw failed(`Invalid ${dictionary} outputLength`);
  };
}

const maxBytes = (name, max) => (value) => validateMaxLength(value, name, max);

const cShakeFunctions = ['KMAC', 'TupleHash', 'ParallelHash'];

const dictionaries = {
  __proto__: null,
  Algorithm: parameters('Algorithm', {}),
  AesCbcParams: parameters('AesCbcParams', { iv: required(BufferSource, exactly(16, 'algorithm.iv')) }),
  AesCtrParams: parameters('AesCtrParams', {
    counter: required(BufferSource, exactly(16, 'algorithm.counter')),
    length: required(octet, (value) => {
      if (value === 0 || value > 128) throw failed('AES-CTR algorithm.length must be between 1 and 128');
    }),
  }),
  AesKeyGenParams: parameters('AesKeyGenParams', { length: required(unsignedShort, aesLength) }),
  AesDerivedKeyParams: parameters('AesDerivedKeyParams', { length: required(unsignedShort, aesLength) }),
  AeadParams: parameters('AeadParams', {
    iv: required(BufferSource, aeadIv),
    additionalData: optional(BufferSource, maxBytes('algorithm.additionalData')),
    tagLength: optional(octet, tagLength),
  }),
  Argon2Params: parameters('Argon2Params', {
    nonce: required(BufferSource, (value) => {
      if (value.byteLength < 8) throw failed('nonce must be at least 8 bytes');
    }),
    parallelism: required(unsignedLong, (value) => {
      if (value === 0 || value > 2 ** 24 - 1) throw failed('parallelism must be > 0 and <= 16777215');
    }),
    memory: required(unsignedLong, (value, dictionary) => {
      if (value < 8 * dictionary.parallelism) {
        throw failed('memory must be at least 8 times the degree of parallelism');
      }
    }),
    passes: required(unsignedLong, (value) => {
      if (value === 0) throw failed('passes must be > 0');
    }),
    version: optional(octet, (value) => {
      if (value !== 0x13) throw failed(`${value} is not a valid Argon2 version`);
    }),
    secretValue: optional(BufferSource),
    associatedData: optional(BufferSource),
  }),
  ContextParams: parameters('ContextParams', { context: optional(BufferSource, maxBytes('ContextParams.context', 255)) }),
  CShakeParams: parameters('CShakeParams', {
    outputLength: required(unsignedLong, (value) => {
      if (numBitsToBytes(value) * 8 > 2 ** 32 - 1) throw failed('Invalid CShakeParams outputLength');
    }),
    functionName: optional(BufferSource, (value) => {
      const name = Buffer.from(value.buffer ?? value, value.byteOffset, value.byteLength).toString('latin1');
      if (name !== '' && !cShakeFunctions.includes(name)) throw notSupported('Unsupported CShakeParams functionName');
    }),
    customization: optional(BufferSource, maxBytes('CShakeParams.customization', 512)),
  }),
  EcdhKeyDeriveParams: parameters('EcdhKeyDeriveParams', {
    public: required(CryptoKey, (value, { name }) => {
      if (getCryptoKeyType(value) !== 'public') {
        throw refused('algorithm.public must be a public key', 'InvalidAccessError');
      }
      if (getCryptoKeyAlgorithm(value).name.toLowerCase() !== name.toLowerCase()) {
        throw refused('key algorithm mismatch', 'InvalidAccessError');
      }
    }),
  }),
  EcdsaParams: parameters('EcdsaParams', { hash: hash('EcdsaParams') }),
  EcKeyGenParams: parameters('EcKeyGenParams', { namedCurve: required(DOMString, namedCurve) }),
  EcKeyImportParams: parameters('EcKeyImportParams', { namedCurve: required(DOMString, namedCurve) }),
  HkdfParams: parameters('HkdfParams', {
    hash: hash('HkdfParams'),
    salt: required(BufferSource),
    info: required(BufferSource, maxBytes('algorithm.info', 1024)),
  }),
  HmacKeyGenParams: hmac('HmacKeyGenParams', 'OperationError'),
  HmacImportParams: hmac('HmacImportParams', 'DataError'),
  KangarooTwelveParams: parameters('KangarooTwelveParams', {
    outputLength: required(unsignedLong, wholeBytes('KangarooTwelveParams')),
    customization: optional(BufferSource, maxBytes('KangarooTwelveParams.customization', 512)),
  }),
  KmacKeyGenParams: parameters('KmacKeyGenParams', { length: optional(unsignedLong) }),
  KmacImportParams: parameters('KmacImportParams', { length: optional(unsignedLong) }),
  KmacParams: parameters('KmacParams', {
    outputLength: required(unsignedLong),
    customization: optional(BufferSource),
  }),
  Pbkdf2Params: parameters('Pbkdf2Params', {
    hash: hash('Pbkdf2Params'),
    salt: required(BufferSource),
    iterations: required(unsignedLong, (value) => {
      if (value === 0) throw failed('iterations cannot be zero');
      if (value > 2 ** 31 - 1) throw notSupported('iterations exceeds the implementation limit');
    }),
  }),
  RsaHashedKeyGenParams: idl.dictionary('RsaHashedKeyGenParams', base, rsaKeyGen, { hash: hash('RsaHashedKeyGenParams') }),
  RsaHashedImportParams: parameters('RsaHashedImportParams', { hash: hash('RsaHashedImportParams') }),
  RsaOaepParams: parameters('RsaOaepParams', { label: optional(BufferSource, maxBytes('algorithm.label')) }),
  RsaPssParams: parameters('RsaPssParams', { saltLength: required(unsignedLong) }),
  TurboShakeParams: parameters('TurboShakeParams', {
    outputLength: required(unsignedLong, wholeBytes('TurboShakeParams')),
    domainSeparation: optional(octet, (value) => {
      if (value < 1 || value > 0x7f) throw failed('TurboShakeParams.domainSeparation must be in range 0x01-0x7f');
    }),
  }),
};

module.exports = { curves, dictionaries, exponentOf };
