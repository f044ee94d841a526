'use strict';
// X509Certificate. What is in a certificate and whether it fits a name or key is native (binding `crypto_x509`).

const { Buffer } = require('buffer');
const {
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_THIS },
} = require('internal/errors');
const { kClone, kDeserialize, markTransferMode } = require('internal/structured_clone');
const { customInspectSymbol, kEmptyObject } = require('internal/util');
const { isArrayBufferView } = require('internal/util/types');
const { validateBoolean, validateObject, validateString } = require('internal/validators');
const { PublicKeyObject, getKeyObjectHandle, getKeyObjectType, isKeyObject, toBuffer } = require('internal/crypto/keys');
const binding = internalBinding('crypto_x509');

// OpenSSL's X509_CHECK_FLAG_*
const ALWAYS_CHECK_SUBJECT = 0x1;
const NO_WILDCARDS = 0x2;
const NO_PARTIAL_WILDCARDS = 0x4;
const MULTI_LABEL_WILDCARDS = 0x8;
const SINGLE_LABEL_SUBDOMAINS = 0x10;
const NEVER_CHECK_SUBJECT = 0x20;

// In place of bytes: a message brings the certificate later.
const kPending = Symbol('kPending');

// What inspect() shows, in order.
const shown = [
  'subject', 'subjectAltName', 'issuer', 'infoAccess', 'validFrom', 'validTo', 'validFromDate', 'validToDate',
  'fingerprint', 'fingerprint256', 'fingerprint512', 'keyUsage', 'serialNumber', 'signatureAlgorithm',
  'signatureAlgorithmOid',
];

function checkFlags(options = kEmptyObject) {
  validateObject(options, 'options');
  const {
    subject = 'default', wildcards = true, partialWildcards = true, multiLabelWildcards = false,
    singleLabelSubdomains = false,
  } = { ...options };
  validateString(subject, 'options.subject');
  validateBoolean(wildcards, 'options.wildcards');
  validateBoolean(partialWildcards, 'options.partialWildcards');
  validateBoolean(multiLabelWildcards, 'options.multiLabelWildcards');
  validateBoolean(singleLabelSubdomains, 'options.singleLabelSubdomains');
  let flags = 0;
  switch (subject) {
    case 'default':
      break;
    case 'always':
      flags |= ALWAYS_CHECK_SUBJECT;
      break;
    case 'never':
      flags |= NEVER_CHECK_SUBJECT;
      break;
    default:
      throw new ERR_INVALID_ARG_VALUE('options.subject', subject);
  }
  if (!wildcards) flags |= NO_WILDCARDS;
  if (!partialWildcards) flags |= NO_PARTIAL_WILDCARDS;
  if (multiLabelWildcards) flags |= MULTI_LABEL_WILDCARDS;
  if (singleLabelSubdomains) flags |= SINGLE_LABEL_SUBDOMAINS;
  return flags;
}

// `OCSP - URI:http://a\nCA Issuers - URI:"..."` => lists by method. Quoted values are JSON.
function parseInfoAccess(text) {
  const info = { __proto__: null };
  for (const line of text.split('\n')) {
    const [, key, value] = /^([^:]*):(.*)$/s.exec(line) ?? [];
    if (key === undefined) continue;
    let plain = value;
    if (value[0] === '"') {
      // Whatever the certificate says, it must not make this throw.
      try {
        plain = JSON.parse(value);
      } catch {
        plain = value;
      }
    }
    (info[key] ??= []).push(plain);
  }
  return info;
}

let isX509Certificate;
let handleOf;
let fromHandle;

class X509Certificate {
  #handle;
  #cache = { __proto__: null };
  #issuer;

  constructor(buffer) {
    if (buffer === kPending) return;
    if (typeof buffer === 'string') buffer = Buffer.from(buffer);
    if (!isArrayBufferView(buffer)) {
      throw new ERR_INVALID_ARG_TYPE('buffer', ['string', 'Buffer', 'TypedArray', 'DataView'], buffer);
    }
    this.#handle = binding.parse(buffer);
  }

  static {
    isX509Certificate = (value) => value !== null && typeof value === 'object' && #handle in value;
    handleOf = (certificate) => {
      if (!isX509Certificate(certificate)) throw new ERR_INVALID_THIS('X509Certificate');
      return certificate.#handle;
    };
    fromHandle = (handle, issuer) => {
      const certificate = new X509Certificate(kPending);
      certificate.#handle = handle;
      certificate.#issuer = issuer;
      return certificate;
    };
  }

  // What the binding says, asked once.
  #get(name) {
    const cache = this.#cache;
    if (!(name in cache)) cache[name] = binding.get(this.#handle, name);
    return cache[name];
  }

  #derived(name, make) {
    const cache = this.#cache;
    const key = `${name} made`;
    return cache[key] ??= make(this.#get(name));
  }

  [customInspectSymbol](depth, options) {
    if (depth < 0) return this;
    const { inspect } = require('internal/util/inspect');
    const nested = { ...options, depth: options.depth == null ? null : options.depth - 1 };
    const values = {};
    for (const name of shown) values[name] = this[name];
    return `X509Certificate ${inspect(values, nested)}`;
  }

  [kClone]() {
    const data = { raw: binding.get(handleOf(this), 'raw') };
    return { data, deserializeInfo: 'internal/crypto/x509:ClonedCertificate' };
  }

  [kDeserialize]({ raw }) {
    if (handleOf(this) === undefined) this.#handle = binding.parse(raw);
  }

  get subject() {
    handleOf(this);
    return this.#get('subject');
  }

  get subjectAltName() {
    handleOf(this);
    return this.#get('subjectAltName');
  }

  get issuer() {
    handleOf(this);
    return this.#get('issuer');
  }

  get issuerCertificate() {
    handleOf(this);
    return this.#issuer;
  }

  get infoAccess() {
    handleOf(this);
    return this.#get('infoAccess');
  }

  get validFrom() {
    handleOf(this);
    return this.#get('validFrom');
  }

  get validTo() {
    handleOf(this);
    return this.#get('validTo');
  }

  get validFromDate() {
    handleOf(this);
    return this.#derived('validFromTime', (seconds) => new Date(seconds * 1000));
  }

  get validToDate() {
    handleOf(this);
    return this.#derived('validToTime', (seconds) => new Date(seconds * 1000));
  }

  get fingerprint() {
    handleOf(this);
    return this.#get('fingerprint');
  }

  get fingerprint256() {
    handleOf(this);
    return this.#get('fingerprint256');
  }

  get fingerprint512() {
    handleOf(this);
    return this.#get('fingerprint512');
  }

  get keyUsage() {
    handleOf(this);
    return this.#get('keyUsage');
  }

  get serialNumber() {
    handleOf(this);
    return this.#get('serialNumber');
  }

  get signatureAlgorithm() {
    handleOf(this);
    return this.#get('signatureAlgorithm');
  }

  get signatureAlgorithmOid() {
    handleOf(this);
    return this.#get('signatureAlgorithmOid');
  }

  get raw() {
    handleOf(this);
    return this.#derived('raw', toBuffer);
  }

  get publicKey() {
    handleOf(this);
    return this.#derived('publicKey', (handle) => new PublicKeyObject(handle));
  }

  toString() {
    handleOf(this);
    return this.#get('pem');
  }

  // There is no usual JSON of a certificate.
  toJSON() {
    return this.toString();
  }

  get ca() {
    handleOf(this);
    return this.#get('ca');
  }

  checkHost(name, options) {
    const handle = handleOf(this);
    validateString(name, 'name');
    return binding.checkHost(handle, name, checkFlags(options));
  }

  checkEmail(email, options) {
    const handle = handleOf(this);
    validateString(email, 'email');
    return binding.checkEmail(handle, email, checkFlags(options));
  }

  checkIP(ip, options) {
    const handle = handleOf(this);
    validateString(ip, 'ip');
    return binding.checkIP(handle, ip, checkFlags(options));
  }

  checkIssued(otherCert) {
    const handle = handleOf(this);
    if (!isX509Certificate(otherCert)) throw new ERR_INVALID_ARG_TYPE('otherCert', 'X509Certificate', otherCert);
    return binding.checkIssued(handle, handleOf(otherCert));
  }

  checkPrivateKey(pkey) {
    const handle = handleOf(this);
    return binding.checkPrivateKey(handle, keyHandle(pkey, 'private'));
  }

  verify(pkey) {
    const handle = handleOf(this);
    return binding.verify(handle, keyHandle(pkey, 'public'));
  }

  toLegacyObject() {
    return legacyObject(handleOf(this));
  }
}

markTransferMode(X509Certificate.prototype, true, false);

function keyHandle(pkey, type) {
  if (!isKeyObject(pkey)) throw new ERR_INVALID_ARG_TYPE('pkey', 'KeyObject', pkey);
  if (getKeyObjectType(pkey) !== type) throw new ERR_INVALID_ARG_VALUE('pkey', pkey);
  return getKeyObjectHandle(pkey);
}

// A native certificate => the object that tls.TLSSocket.getPeerCertificate() gives
function legacyObject(handle) {
  const legacy = binding.toLegacy(handle);
  if (legacy.infoAccess !== undefined) legacy.infoAccess = parseInfoAccess(legacy.infoAccess);
  if (legacy.pubkey !== undefined) legacy.pubkey = toBuffer(legacy.pubkey);
  legacy.raw = toBuffer(legacy.raw);
  return legacy;
}

// What a message makes: an object that [kDeserialize] fills.
function ClonedCertificate() {
  return new X509Certificate(kPending);
}
ClonedCertificate.prototype = X509Certificate.prototype;

module.exports = {
  ClonedCertificate,
  X509Certificate,
  // (native certificate, issuer's X509Certificate | undefined) => X509Certificate
  certificateOf: fromHandle,
  isX509Certificate,
  legacyObject,
};
