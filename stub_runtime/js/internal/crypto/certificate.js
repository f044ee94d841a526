'use strict';
// Certificate: SPKAC, also known as Netscape SPKI. Parsing and checking is native (`crypto_spkac`).

const { getArrayBufferOrView, outputBuffer } = require('internal/crypto/util');
const native = internalBinding('crypto_spkac');

function bytesOf(spkac, encoding) {
  const bytes = getArrayBufferOrView(spkac, 'spkac', encoding);
  if (bytes.byteLength <= 2 ** 31 - 1) return bytes;
  throw Object.assign(new RangeError('spkac is too large'), { code: 'ERR_OUT_OF_RANGE' });
}

// Node's answer where there is nothing: an empty string.
function bufferOrEmpty(result) {
  return result === undefined ? '' : outputBuffer(result);
}

function verifySpkac(spkac, encoding) {
  return native.verify(bytesOf(spkac, encoding));
}

function exportPublicKey(spkac, encoding) {
  return bufferOrEmpty(native.publicKey(bytesOf(spkac, encoding)));
}

function exportChallenge(spkac, encoding) {
  return bufferOrEmpty(native.challenge(bytesOf(spkac, encoding)));
}

// Once its functions were methods of instances: both ways work.
function Certificate() {
  if (!(this instanceof Certificate)) return new Certificate();
}

Object.assign(Certificate.prototype, { verifySpkac, exportPublicKey, exportChallenge });
Object.assign(Certificate, { exportChallenge, exportPublicKey, verifySpkac });

module.exports = { Certificate };
