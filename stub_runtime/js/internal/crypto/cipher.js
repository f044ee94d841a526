'use strict';
// Cipheriv, Decipheriv and getCipherInfo(). Modes and their rules are native (`crypto_cipher`); RSA's functions are in
// `internal/crypto/public_cipher`.

const { codes } = require('internal/errors');
const { kEmptyObject, normalizeEncoding } = require('internal/util');
const {
  getArrayBufferOrView,
  getStringOption,
  kHandle,
  outputBuffer,
  prepareSecretKey,
  utf8OrBytes,
} = require('internal/crypto/util');
const { isArrayBufferView } = require('internal/util/types');
const { validateEncoding, validateObject, validateOneOf, validateString, validateUint32 } = require('internal/validators');
const LazyTransform = require('internal/streams/lazy_transform');
const native = internalBinding('crypto_cipher');

const {
  ERR_CRYPTO_INVALID_STATE,
  ERR_INVALID_ARG_TYPE,
  ERR_INVALID_ARG_VALUE,
  ERR_UNKNOWN_ENCODING,
} = codes;

const ctsModes = ['CS1', 'CS2', 'CS3'];
const xtsStandards = ['GB', 'IEEE'];

// Decoders of encodings in which a byte's text does not depend on its neighbours.
function byBytes(encoding) {
  const write = (bytes) => bytes.toString(encoding);
  return { encoding, write, end: write };
}
const stateless = { __proto__: null, hex: byBytes('hex'), latin1: byBytes('latin1') };

// The StringDecoder of a cipher's text output: one encoding from first to last.
function decoderFor(cipher, encoding) {
  const normalized = normalizeEncoding(encoding);
  if (cipher._decoder === null) {
    cipher._decoder = stateless[normalized] ?? new (require('string_decoder').StringDecoder)(encoding);
  }
  if (cipher._decoder.encoding !== normalized) {
    if (normalized === undefined) throw new ERR_UNKNOWN_ENCODING(encoding);
    throw new ERR_INVALID_ARG_VALUE(
      'outputEncoding', encoding, `cannot be changed from '${cipher._decoder.encoding}'`);
  }
  return cipher._decoder;
}

// A length among options, -1 where there is none.
function lengthOption(options, name) {
  const value = options?.[name];
  if (value === undefined || value === null) return -1;
  if (value >>> 0 !== value) throw new ERR_INVALID_ARG_VALUE(`options.${name}`, value);
  return value + 0;
}

function start(self, encrypt, cipher, key, iv, options) {
  validateString(cipher, 'cipher');
  key = prepareSecretKey(key, getStringOption(options, 'encoding'));
  iv = iv === null ? null : getArrayBufferOrView(iv, 'iv');
  const tagLength = lengthOption(options, 'authTagLength');
  let ctsMode;
  let xtsStandard;
  if (options !== undefined && options !== null) {
    ctsMode = getStringOption(options, 'ctsMode') ?? undefined;
    xtsStandard = getStringOption(options, 'xtsStandard') ?? undefined;
    if (ctsMode !== undefined) validateOneOf(ctsMode, 'options.ctsMode', ctsModes);
    if (xtsStandard !== undefined) validateOneOf(xtsStandard, 'options.xtsStandard', xtsStandards);
  }
  self[kHandle] = native.create(encrypt, cipher, key, iv, tagLength, ctsMode, xtsStandard);
  self._decoder = null;
  LazyTransform.call(self, options);
}

function Cipheriv(cipher, key, iv, options) {
  if (!(this instanceof Cipheriv)) return new Cipheriv(cipher, key, iv, options);
  start(this, true, cipher, key, iv, options);
}

function Decipheriv(cipher, key, iv, options) {
  if (!(this instanceof Decipheriv)) return new Decipheriv(cipher, key, iv, options);
  start(this, false, cipher, key, iv, options);
}

const common = {
  _transform(chunk, encoding, callback) {
    this.push(outputBuffer(native.update(this[kHandle], utf8OrBytes(chunk, encoding))));
    callback();
  },
  _flush(callback) {
    try {
      this.push(outputBuffer(native.finish(this[kHandle])));
    } catch (error) {
      callback(error);
      return;
    }
    callback();
  },
  update(data, inputEncoding, outputEncoding) {
    if (typeof data === 'string') {
      validateEncoding(data, inputEncoding);
      data = utf8OrBytes(data, inputEncoding);
    } else if (!isArrayBufferView(data)) {
      throw new ERR_INVALID_ARG_TYPE('data', ['string', 'Buffer', 'TypedArray', 'DataView'], data);
    }
    const result = outputBuffer(native.update(this[kHandle], data));
    return outputEncoding && outputEncoding !== 'buffer' ? decoderFor(this, outputEncoding).write(result) : result;
  },
  final(outputEncoding) {
    const result = outputBuffer(native.finish(this[kHandle]));
    return outputEncoding && outputEncoding !== 'buffer' ? decoderFor(this, outputEncoding).end(result) : result;
  },
  setAutoPadding(ap) {
    if (!native.setAutoPadding(this[kHandle], !!ap)) throw new ERR_CRYPTO_INVALID_STATE('setAutoPadding');
    return this;
  },
  setAAD(aadbuf, options) {
    const encoding = getStringOption(options, 'encoding');
    const plaintextLength = lengthOption(options, 'plaintextLength');
    aadbuf = getArrayBufferOrView(aadbuf, 'aadbuf', encoding);
    if (!native.setAAD(this[kHandle], aadbuf, plaintextLength)) throw new ERR_CRYPTO_INVALID_STATE('setAAD');
    return this;
  },
};

function getAuthTag() {
  const tag = native.getAuthTag(this[kHandle]);
  if (tag === undefined) throw new ERR_CRYPTO_INVALID_STATE('getAuthTag');
  return outputBuffer(tag);
}

function setAuthTag(tagbuf, encoding) {
  tagbuf = getArrayBufferOrView(tagbuf, 'buffer', encoding);
  if (!native.setAuthTag(this[kHandle], tagbuf)) throw new ERR_CRYPTO_INVALID_STATE('setAuthTag');
  return this;
}

for (const [constructor, own] of [[Cipheriv, { getAuthTag }], [Decipheriv, { setAuthTag }]]) {
  Object.setPrototypeOf(constructor.prototype, LazyTransform.prototype);
  Object.setPrototypeOf(constructor, LazyTransform);
  Object.assign(constructor.prototype, common, own);
}

function createCipheriv(cipher, key, iv, options) {
  return new Cipheriv(cipher, key, iv, options);
}

function createDecipheriv(cipher, key, iv, options) {
  return new Decipheriv(cipher, key, iv, options);
}

// (name | nid, { keyLength, ivLength }) => what the cipher is; undefined where there is none that takes such lengths
function getCipherInfo(nameOrNid, options = kEmptyObject) {
  validateObject(options, 'options');
  const { keyLength, ivLength } = options;
  if (keyLength !== undefined) validateUint32(keyLength, 'options.keyLength');
  if (ivLength !== undefined) validateUint32(ivLength, 'options.ivLength');
  if (typeof nameOrNid === 'string') {
    if (nameOrNid.length === 0) return undefined;
  } else if (typeof nameOrNid !== 'number') {
    throw new ERR_INVALID_ARG_TYPE('nameOrNid', ['string', 'number'], nameOrNid);
  } else if (!Number.isInteger(nameOrNid) || nameOrNid < 1 || nameOrNid > 2 ** 31 - 1) {
    return undefined;
  }
  const found = native.info(nameOrNid, keyLength, ivLength);
  if (found === undefined) return undefined;
  const [mode, name, nid, foundKeyLength, blockSize, foundIvLength] = found;
  return { __proto__: null, mode, name, nid, keyLength: foundKeyLength, blockSize, ivLength: foundIvLength };
}

module.exports = { Cipheriv, Decipheriv, createCipheriv, createDecipheriv, getCipherInfo };
