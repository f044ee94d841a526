'use strict';
// node:tls. The parts lie in internal/tls/: socket, server, connect, common (contexts), roots, identity; handle is the native
// side.

const { SecureContext, createSecureContext } = require('internal/tls/common');
const { checkServerIdentity, convertALPNProtocols } = require('internal/tls/identity');
const { getCACertificates, getRootCertificates, setDefaultCACertificates } = require('internal/tls/roots');
const { getOptionValue } = require('internal/options');
const binding = internalBinding('tls');

function firstOf(options, otherwise) {
  const found = options.find((name) => getOptionValue(name));
  return found === undefined ? otherwise : found.replace(/.*-v/, 'TLSv').replace('TLSv1.0', 'TLSv1');
}

let ciphers;

// TLS 1.3's, which OpenSSL lists only as far as a context has them.
const tls13Ciphers = [
  'tls_aes_256_gcm_sha384', 'tls_chacha20_poly1305_sha256', 'tls_aes_128_gcm_sha256', 'tls_aes_128_ccm_8_sha256',
  'tls_aes_128_ccm_sha256',
];

function getCiphers() {
  ciphers ??= [...new Set([...binding.getSSLCiphers().map((name) => name.toLowerCase()), ...tls13Ciphers])].sort();
  return [...ciphers];
}

// The OpenSSL that is built in compresses no certificates.
function getCertificateCompressionAlgorithms() {
  return [];
}

Object.assign(exports, {
  // A client may ask for so many renegotiations in so many seconds.
  CLIENT_RENEG_LIMIT: 3,
  CLIENT_RENEG_WINDOW: 600,
  DEFAULT_CIPHERS: undefined,
  DEFAULT_ECDH_CURVE: 'auto',
  DEFAULT_MIN_VERSION: undefined,
  DEFAULT_MAX_VERSION: undefined,
  getCiphers,
  getCertificateCompressionAlgorithms,
});

// Options are not known while an image is made: a value is found when it is first read, and may be set.
function lazy(name, find) {
  const define = (value) => {
    Object.defineProperty(exports, name, { __proto__: null, configurable: true, enumerable: true, writable: true, value });
    return value;
  };
  Object.defineProperty(exports, name, {
    __proto__: null, configurable: true, enumerable: true, get: () => define(find()), set: define,
  });
}
lazy('DEFAULT_CIPHERS', () => require('internal/crypto/constants').defaultCipherList);
lazy('DEFAULT_MIN_VERSION',
     () => firstOf(['--tls-min-v1.0', '--tls-min-v1.1', '--tls-min-v1.2', '--tls-min-v1.3'], 'TLSv1.2'));
lazy('DEFAULT_MAX_VERSION', () => firstOf(['--tls-max-v1.3', '--tls-max-v1.2'], 'TLSv1.3'));

Object.defineProperty(exports, 'rootCertificates', { __proto__: null, enumerable: true, get: getRootCertificates });

Object.assign(exports, {
  getCACertificates,
  setDefaultCACertificates,
  convertALPNProtocols,
  checkServerIdentity,
  createSecureContext,
  SecureContext,
});

const { TLSSocket } = require('internal/tls/socket');
const { Server, createServer } = require('internal/tls/server');
const { connect } = require('internal/tls/connect');

Object.assign(exports, { TLSSocket, Server, createServer, connect });
