'use strict';
// publicEncrypt(), privateDecrypt(), privateEncrypt(), publicDecrypt(). RSA is native (binding `crypto_asymmetric`).

const { Buffer } = require('buffer');
const { validateString } = require('internal/validators');
const { getArrayBufferOrView } = require('internal/crypto/util');
const { preparePrivateKey, preparePublicOrPrivateKey, publicKeyHandle } = require('internal/crypto/keys');
const binding = internalBinding('crypto_asymmetric');

const RSA_PKCS1_PADDING = 1;
const RSA_PKCS1_OAEP_PADDING = 4;

function rsaFunction(method, defaultPadding, isPrivate) {
  return (key, buffer) => {
    const prepared = isPrivate ? preparePrivateKey(key, 'privateKey') : preparePublicOrPrivateKey(key, undefined);
    const padding = key.padding || defaultPadding;
    const { oaepHash, mgf1Hash, encoding } = key;
    let { oaepLabel } = key;
    if (oaepHash !== undefined) validateString(oaepHash, 'key.oaepHash');
    if (mgf1Hash !== undefined) validateString(mgf1Hash, 'key.mgf1Hash');
    if (oaepLabel !== undefined) oaepLabel = getArrayBufferOrView(oaepLabel, 'key.oaepLabel', encoding);
    buffer = getArrayBufferOrView(buffer, 'buffer', encoding);
    // Either half is read for either use: OpenSSL says what is missing.
    const handle = publicKeyHandle(prepared);
    return Buffer.from(method(undefined, handle, buffer, padding >> 0, oaepHash, oaepLabel, mgf1Hash));
  };
}

module.exports = {
  privateDecrypt: rsaFunction(binding.privateDecrypt, RSA_PKCS1_OAEP_PADDING, true),
  privateEncrypt: rsaFunction(binding.privateEncrypt, RSA_PKCS1_PADDING, true),
  publicDecrypt: rsaFunction(binding.publicDecrypt, RSA_PKCS1_PADDING, false),
  publicEncrypt: rsaFunction(binding.publicEncrypt, RSA_PKCS1_OAEP_PADDING, false),
};
