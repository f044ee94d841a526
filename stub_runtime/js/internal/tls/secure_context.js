'use strict';
// Options of a secure context: their checks, and the order in which they are set.

const { getCurve, getCiphers } = require('internal/tls/defaults');
const {
  codes: {
    ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED, ERR_FEATURE_UNAVAILABLE_ON_PLATFORM, ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
  },
  nativeError,
} = require('internal/errors');
const { kEmptyObject } = require('internal/util');
const { isArrayBufferView } = require('internal/util/types');
const { validateArray, validateBuffer, validateInt32, validateObject, validateString } = require('internal/validators');

const TLS1_2_VERSION = 0x0303;
const TLS1_3_VERSION = 0x0304;

const isSet = (value) => value !== undefined && value !== null;
const toList = (value) => (Array.isArray(value) ? value : [value]);
const toBytes = (value) => (typeof value === 'string' ? Buffer.from(value) : value);

function validatePem(name, value) {
  if (typeof value === 'string' || isArrayBufferView(value)) return;
  throw new ERR_INVALID_ARG_TYPE(name, ['string', 'Buffer', 'TypedArray', 'DataView'], value);
}

// Suites of TLS 1.3 have names of their own and are set by another call.
function setCiphers(context, ciphers, name) {
  if (isSet(ciphers)) validateString(ciphers, name);
  const all = (ciphers || getCiphers()).split(':').filter((cipher) => cipher.length > 0);
  const isSuite = (cipher) => cipher.startsWith('TLS_') || cipher.startsWith('!TLS_');
  const suites = all.filter(isSuite).join(':');
  const list = all.filter((cipher) => !isSuite(cipher)).join(':');
  if (suites === '' && list === '') throw new ERR_INVALID_ARG_VALUE(name, (ciphers || getCiphers()).split(':'));
  if (suites !== '') context.setCipherSuites(suites);
  context.setCiphers(list);
  if (list === '' && context.getMinProto() < TLS1_3_VERSION && context.getMaxProto() > TLS1_2_VERSION) {
    context.setMinProto(TLS1_3_VERSION);
  }
}

function setKey(context, key, passphrase, name) {
  validatePem(`${name}.key`, key);
  if (isSet(passphrase)) validateString(passphrase, `${name}.passphrase`);
  context.setKey(key, passphrase);
}

function setKeys(context, { key, passphrase }, name) {
  if (!Array.isArray(key)) {
    setKey(context, key, passphrase, name);
    return;
  }
  for (const item of key) {
    const pem = item?.pem !== undefined ? item.pem : item;
    setKey(context, pem, item?.passphrase !== undefined ? item.passphrase : passphrase, name);
  }
}

// The OpenSSL that is built in has no engines.
function refuseEngines({ clientCertEngine, key, privateKeyEngine, privateKeyIdentifier }, name) {
  const types = ['string', 'null', 'undefined'];
  if (isSet(privateKeyIdentifier)) {
    if (!isSet(privateKeyEngine)) throw new ERR_INVALID_ARG_VALUE(`${name}.privateKeyEngine`, privateKeyEngine);
    if (key) throw new ERR_INVALID_ARG_VALUE(`${name}.privateKeyIdentifier`, privateKeyIdentifier);
    if (typeof privateKeyIdentifier !== 'string') {
      throw new ERR_INVALID_ARG_TYPE(`${name}.privateKeyIdentifier`, types, privateKeyIdentifier);
    }
    if (typeof privateKeyEngine !== 'string') {
      throw new ERR_INVALID_ARG_TYPE(`${name}.privateKeyEngine`, types, privateKeyEngine);
    }
    throw new ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED();
  }
  if (typeof clientCertEngine === 'string') throw new ERR_CRYPTO_CUSTOM_ENGINE_NOT_SUPPORTED();
  if (isSet(clientCertEngine)) throw new ERR_INVALID_ARG_TYPE(`${name}.clientCertEngine`, types, clientCertEngine);
}

const compressions = ['zlib', 'brotli', 'zstd'];

function refuseCompression(algorithms, name) {
  validateArray(algorithms, name);
  if (algorithms.length === 0) return;
  if (algorithms.length > compressions.length) {
    throw new ERR_INVALID_ARG_VALUE(name, algorithms, 'can specify at most 3 algorithms');
  }
  algorithms.forEach((algorithm, i) => {
    if (!compressions.includes(algorithm)) {
      throw new ERR_INVALID_ARG_VALUE(`${name}[${i}]`, algorithm, "must be 'zlib', 'brotli', or 'zstd'");
    }
  });
  throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('TLS certificate compression');
}

function loadPfx(context, { pfx, passphrase }) {
  const load = (raw, pass) => {
    if (typeof raw !== 'string' && !isArrayBufferView(raw)) {
      throw nativeError(Error, 'ERR_CRYPTO_OPERATION_FAILED', 'Unable to load PFX certificate');
    }
    if (isSet(pass)) context.loadPKCS12(toBytes(raw), toBytes(pass));
    else context.loadPKCS12(toBytes(raw));
  };
  if (!Array.isArray(pfx)) {
    load(pfx, passphrase || undefined);
    return;
  }
  for (const item of pfx) load(item.buf || item, item.passphrase || passphrase);
}

function configSecureContext(context, options = kEmptyObject, name = 'options') {
  validateObject(options, name);
  const {
    allowPartialTrustChain, ca, cert, certificateCompression, ciphers = getCiphers(), crl, dhparam, ecdhCurve = getCurve(), key,
    pfx, sessionIdContext, sessionTimeout, sigalgs, ticketKeys,
  } = options;

  // First: `@SECLEVEL` in it changes what the others allow.
  setCiphers(context, ciphers, `${name}.ciphers`);
  // Before the certificate, whose issuer is looked for among them.
  if (ca) {
    for (const item of toList(ca)) {
      validatePem(`${name}.ca`, item);
      context.addCACert(item);
    }
  } else {
    context.addRootCerts();
  }
  if (allowPartialTrustChain) context.setAllowPartialTrustChain();
  if (cert) {
    for (const item of toList(cert)) {
      validatePem(`${name}.cert`, item);
      context.setCert(item);
    }
  }
  // After the certificate: OpenSSL then sees whether they belong together.
  if (key) setKeys(context, options, name);
  if (isSet(certificateCompression)) refuseCompression(certificateCompression, `${name}.certificateCompression`);
  if (isSet(sigalgs)) {
    validateString(sigalgs, `${name}.sigalgs`);
    if (sigalgs === '') throw new ERR_INVALID_ARG_VALUE(`${name}.sigalgs`, sigalgs);
    context.setSigalgs(sigalgs);
  }
  refuseEngines({ ...options, clientCertEngine: undefined }, name);
  validateString(ecdhCurve, `${name}.ecdhCurve`);
  context.setECDHCurve(ecdhCurve);
  if (isSet(dhparam)) {
    validatePem(`${name}.dhparam`, dhparam);
    const warning = context.setDHParam(dhparam === 'auto' || dhparam);
    if (warning) process.emitWarning(warning, 'SecurityWarning');
  }
  if (isSet(crl)) {
    for (const item of toList(crl)) {
      validatePem(`${name}.crl`, item);
      context.addCRL(item);
    }
  }
  if (isSet(sessionIdContext)) {
    validateString(sessionIdContext, `${name}.sessionIdContext`);
    context.setSessionIdContext(sessionIdContext);
  }
  if (isSet(pfx)) loadPfx(context, options);
  refuseEngines({ clientCertEngine: options.clientCertEngine }, name);
  if (isSet(ticketKeys)) {
    validateBuffer(ticketKeys, `${name}.ticketKeys`);
    if (ticketKeys.byteLength !== 48) {
      throw new ERR_INVALID_ARG_VALUE(`${name}.ticketKeys`, ticketKeys.byteLength, 'must be exactly 48 bytes');
    }
    context.setTicketKeys(ticketKeys);
  }
  if (isSet(sessionTimeout)) {
    validateInt32(sessionTimeout, `${name}.sessionTimeout`, 0);
    context.setSessionTimeout(sessionTimeout);
  }
}

module.exports = { configSecureContext };
