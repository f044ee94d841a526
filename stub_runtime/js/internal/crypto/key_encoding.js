'use strict';
// Options that say how a key is written (`format`, `type`, `cipher`, `passphrase`), checked, as the numbers of the
// binding `crypto_keys`.

const { Buffer } = require('buffer');
const {
  codes: { ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS, ERR_INVALID_ARG_VALUE },
} = require('internal/errors');
const { isAnyArrayBuffer, isArrayBufferView } = require('internal/util/types');
const { validateObject } = require('internal/validators');
const {
  kKeyEncodingPKCS1, kKeyEncodingPKCS8, kKeyEncodingSEC1, kKeyEncodingSPKI,
  kKeyFormatDER, kKeyFormatJWK, kKeyFormatPEM, kKeyFormatRawPrivate, kKeyFormatRawPublic, kKeyFormatRawSeed,
} = internalBinding('crypto_keys');

// OpenSSL's point_conversion_form_t
const COMPRESSED = 2;
const UNCOMPRESSED = 4;

const formats = {
  '__proto__': null,
  'pem': kKeyFormatPEM,
  'der': kKeyFormatDER,
  'jwk': kKeyFormatJWK,
  'raw-public': kKeyFormatRawPublic,
  'raw-private': kKeyFormatRawPrivate,
  'raw-seed': kKeyFormatRawSeed,
};

function option(name, prefix = 'options') {
  return `${prefix}.${name}`;
}

function isStringOrBuffer(value) {
  return typeof value === 'string' || isArrayBufferView(value) || isAnyArrayBuffer(value);
}

function encodeKeyString(value, encoding) {
  return Buffer.from(value, encoding === 'buffer' ? 'utf8' : encoding);
}

function parseFormat(text, fallback, prefix) {
  if (text === undefined && fallback !== undefined) return fallback;
  const format = typeof text === 'string' ? formats[text] : undefined;
  if (format === undefined) throw new ERR_INVALID_ARG_VALUE(option('format', prefix), text);
  return format;
}

function parseType(text, required, keyType, isPublic, prefix) {
  if (text === undefined && !required) return undefined;
  if (text === 'pkcs1') {
    if (keyType !== undefined && keyType !== 'rsa') {
      throw new ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS(text, 'can only be used for RSA keys');
    }
    return kKeyEncodingPKCS1;
  }
  if (text === 'spki' && isPublic !== false) return kKeyEncodingSPKI;
  if (text === 'pkcs8' && isPublic !== true) return kKeyEncodingPKCS8;
  if (text === 'sec1' && isPublic !== true) {
    if (keyType !== undefined && keyType !== 'ec') {
      throw new ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS(text, 'can only be used for EC keys');
    }
    return kKeyEncodingSEC1;
  }
  throw new ERR_INVALID_ARG_VALUE(option('type', prefix), text);
}

function parseFormatAndType(encoding, keyType, isPublic, prefix) {
  const { format: formatText, type: typeText } = encoding;
  const isInput = keyType === undefined;
  const format = parseFormat(formatText, isInput ? kKeyFormatPEM : undefined, prefix);

  if (format === kKeyFormatRawPublic) {
    if (isPublic === false) throw new ERR_INVALID_ARG_VALUE(option('format', prefix), formatText);
    if (typeText === undefined || typeText === 'uncompressed') return { format, type: UNCOMPRESSED };
    if (typeText === 'compressed') return { format, type: COMPRESSED };
    throw new ERR_INVALID_ARG_VALUE(option('type', prefix), typeText);
  }
  if (format === kKeyFormatRawPrivate || format === kKeyFormatRawSeed) {
    if (isPublic === true) throw new ERR_INVALID_ARG_VALUE(option('format', prefix), formatText);
    if (typeText !== undefined) throw new ERR_INVALID_ARG_VALUE(option('type', prefix), typeText);
    return { format };
  }

  const required = (!isInput || format === kKeyFormatDER) && format !== kKeyFormatJWK;
  return { format, type: parseType(typeText, required, keyType, isPublic, prefix) };
}

// What encrypts a private key that is written.
function checkCipher(cipher, passphrase, format, type, typeText, prefix) {
  if (cipher == null) {
    if (passphrase === undefined) return;
    throw new ERR_INVALID_ARG_VALUE(option('cipher', prefix), cipher, 'is required when a passphrase is specified');
  }
  if (typeof cipher !== 'string') throw new ERR_INVALID_ARG_VALUE(option('cipher', prefix), cipher);
  if (format === kKeyFormatDER && (type === kKeyEncodingPKCS1 || type === kKeyEncodingSEC1)) {
    throw new ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS(typeText, 'does not support encryption');
  }
}

// `keyType` is undefined for a key that is read. `isPublic`: true, false, or undefined for either.
function parseKeyEncoding(encoding, keyType, isPublic, prefix) {
  validateObject(encoding, 'options');
  const { format, type } = parseFormatAndType(encoding, keyType, isPublic, prefix);
  if (isPublic === true) return { format, type };

  const isInput = keyType === undefined;
  const { cipher, encoding: textEncoding } = encoding;
  let { passphrase } = encoding;
  if (format === kKeyFormatRawPrivate || format === kKeyFormatRawSeed) {
    if (cipher != null || passphrase !== undefined) {
      throw new ERR_CRYPTO_INCOMPATIBLE_KEY_OPTIONS('raw format', 'does not support encryption');
    }
    return { format, type };
  }
  if (!isInput) checkCipher(cipher, passphrase, format, type, encoding.type, prefix);
  const needed = isInput ? passphrase !== undefined : cipher != null;
  if (needed && !isStringOrBuffer(passphrase)) {
    throw new ERR_INVALID_ARG_VALUE(option('passphrase', prefix), passphrase);
  }
  if (typeof passphrase === 'string') passphrase = encodeKeyString(passphrase, textEncoding);
  return { format, type, cipher, passphrase };
}

function parsePublicKeyEncoding(encoding, keyType, prefix) {
  return parseKeyEncoding(encoding, keyType, keyType ? true : undefined, prefix);
}

function parsePrivateKeyEncoding(encoding, keyType, prefix) {
  return parseKeyEncoding(encoding, keyType, false, prefix);
}

module.exports = {
  COMPRESSED,
  UNCOMPRESSED,
  encodeKeyString,
  isStringOrBuffer,
  parseKeyEncoding,
  parsePrivateKeyEncoding,
  parsePublicKeyEncoding,
};
