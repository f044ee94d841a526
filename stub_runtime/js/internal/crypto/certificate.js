'use strict';
// Certificate: SPKAC, also known as Netscape SPKI. Parsing and checking is native (`crypto_spkac`).

const { getArrayBufferOrView, outputBuffer } = require('internal/crypto/util');
const native = internalBinding('crypto_spkac');

// Node's answer where there is nothing: an empty string.
function bufferOrEmpty(result) {
  return result === undefined ? '' : outputBuffer(result);
}

function verifySpkac(spkac, encoding) {
  return native.verify(getArrayBufferOrView(spkac, 'spkac', encoding));
}

function exportPublicKey(spkac, encoding) {
  return bufferOrEmpty(native.publicKey(getArrayBufferOrView(spkac, 'spkac', encoding)));
}

function exportChallenge(spkac, encoding) {
  return bufferOrEmpty(native.challenge(getArrayBufferOrView(spkac, 'spkac', encoding)));
}

// Once its functions were methods of instances: both ways work.
function Certificate() {
  if (!(this instanceof Certificate)) return new Certificate();
}

Object.assign(Certificate.prototype, { verifySpkac, exportPublicKey, exportChallenge });
Object.assign(Certificate, { exportChallenge, exportPublicKey, verifySpkac });

module.exports = { Certificate };
