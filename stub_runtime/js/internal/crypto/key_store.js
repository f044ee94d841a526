'use strict';
// Private keys that are named by a URL: a file, or whatever a loader of OpenSSL finds (binding `crypto_key_store`).

const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { fileURLToPath } = require('internal/url');
const { validateString } = require('internal/validators');
const { encodeKeyString, isStringOrBuffer } = require('internal/crypto/key_encoding');
const binding = internalBinding('crypto_key_store');
const keys = internalBinding('crypto_keys');

// (URL, name of the argument, { passphrase, encoding, properties }) => a prepared key of `internal/crypto/keys`
function prepare(url, name, { passphrase, encoding, properties } = {}) {
  const { href } = url;
  const isFile = href.startsWith('file:');
  const uri = isFile ? fileURLToPath(href) : href;
  // OpenSSL would read up to the null byte.
  if (uri.includes('\0')) throw new ERR_INVALID_ARG_VALUE(name, url, 'must be a URL without null bytes');
  if (passphrase !== undefined) {
    if (!isStringOrBuffer(passphrase)) throw new ERR_INVALID_ARG_VALUE(`${name}.passphrase`, passphrase);
    if (typeof passphrase === 'string') passphrase = encodeKeyString(passphrase, encoding);
  }
  if (properties !== undefined) {
    validateString(properties, `${name}.properties`);
    if (properties.includes('\0')) {
      throw new ERR_INVALID_ARG_VALUE(`${name}.properties`, properties, 'must be a string without null bytes');
    }
  }
  // OpenSSL does not see embedded files.
  if (isFile && require('internal/modules/embedded').isEmbedded(uri)) {
    const data = require('fs').readFileSync(uri);
    return { data, format: keys.kKeyFormatPEM, passphrase };
  }
  return { open: () => binding.load(uri, passphrase, properties) };
}

module.exports = { prepare };
