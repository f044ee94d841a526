'use strict';
// parsePKCS12(): the key and certificates of a bundle. Reading is native (binding `crypto_key_store`).

const { codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { kEmptyObject } = require('internal/util');
const { isAnyArrayBuffer, isArrayBufferView } = require('internal/util/types');
const { validateObject } = require('internal/validators');
const { getArrayBufferOrView } = require('internal/crypto/util');
const binding = internalBinding('crypto_key_store');

function bytesOf(value) {
  return isAnyArrayBuffer(value) ? new Uint8Array(value) :
    new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

// (bytes, { passphrase }) => { privateKey | null, certificate | null, additionalCertificates }
function parsePKCS12(bundle, options = kEmptyObject) {
  if (!isArrayBufferView(bundle) && !isAnyArrayBuffer(bundle)) {
    throw new ERR_INVALID_ARG_TYPE('bundle', ['ArrayBuffer', 'TypedArray', 'DataView', 'Buffer'], bundle);
  }
  validateObject(options, 'options');
  const { passphrase } = options;
  let bytes;
  if (passphrase !== undefined) {
    bytes = bytesOf(getArrayBufferOrView(passphrase, 'options.passphrase', 'utf8'));
    // OpenSSL would read up to the null byte.
    if (bytes.includes(0)) {
      throw new ERR_INVALID_ARG_VALUE('options.passphrase', passphrase, 'must not contain null bytes');
    }
  }
  const [key, certificate, others] = binding.parsePKCS12(bundle, bytes);
  const { PrivateKeyObject } = require('internal/crypto/keys');
  const { certificateOf } = require('internal/crypto/x509');
  return {
    privateKey: key === null ? null : new PrivateKeyObject(key),
    certificate: certificate === null ? null : certificateOf(certificate),
    additionalCertificates: others.map((other) => certificateOf(other)),
  };
}

module.exports = { parsePKCS12 };
