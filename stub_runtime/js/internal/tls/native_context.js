'use strict';
// What a SecureContext holds: OpenSSL's context, with the names and calls of Node's native SecureContext.

const { getOptionValue } = require('internal/options');
const binding = internalBinding('tls');

function toBuffer(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// Where the default certificates come from.
function rootFlags() {
  return (getOptionValue('--use-system-ca') ? binding.USE_SYSTEM : 0) |
    (getOptionValue('--use-openssl-ca') ? binding.USE_OPENSSL : 0);
}

class SecureContext {
  // Rust's object; undefined once it was closed.
  #handle;

  get handle() { return this.#handle; }
  get _external() { return this.#handle; }

  init(method, minVersion, maxVersion) { this.#handle = binding.contextCreate(method || undefined, minVersion, maxVersion); }
  close() { this.#handle = null; }

  setKey(key, passphrase) { binding.contextSetKey(this.#handle, key, passphrase ?? undefined); }
  setCert(cert) { binding.contextSetCert(this.#handle, cert); }
  addCACert(cert) { binding.contextAddCACert(this.#handle, cert, rootFlags()); }
  addCRL(crl) { binding.contextAddCRL(this.#handle, crl, rootFlags()); }
  addRootCerts() { binding.contextAddRootCerts(this.#handle, rootFlags()); }
  setAllowPartialTrustChain() { binding.contextAllowPartialTrustChain(this.#handle, rootFlags()); }
  setCipherSuites(list) { binding.contextSetCipherSuites(this.#handle, list); }
  setCiphers(list) { binding.contextSetCiphers(this.#handle, list); }
  setSigalgs(list) { binding.contextSetSigalgs(this.#handle, list); }
  setECDHCurve(list) { binding.contextSetECDHCurve(this.#handle, list); }
  setDHParam(param) { return binding.contextSetDHParam(this.#handle, param); }
  getMinProto() { return binding.contextProtoVersions(this.#handle)[0]; }
  getMaxProto() { return binding.contextProtoVersions(this.#handle)[1]; }
  setMinProto(version) { binding.contextSetProtoVersion(this.#handle, false, version); }
  setMaxProto(version) { binding.contextSetProtoVersion(this.#handle, true, version); }
  setOptions(bits) {
    // As V8 says it of a native object's method.
    if (!(#handle in this)) throw new TypeError('Illegal invocation');
    binding.contextSetOptions(this.#handle, bits);
  }
  setSessionIdContext(text) { binding.contextSetSessionIdContext(this.#handle, text); }
  setSessionTimeout(seconds) { binding.contextSetSessionTimeout(this.#handle, seconds); }
  loadPKCS12(bytes, passphrase) { binding.contextLoadPKCS12(this.#handle, bytes, passphrase, rootFlags()); }
  getTicketKeys() { return toBuffer(binding.contextGetTicketKeys(this.#handle)); }
  setTicketKeys(keys) {
    binding.contextSetTicketKeys(this.#handle, keys);
    return true;
  }
  // `onticketkeycallback(name, iv, isEncryption)` gives the keys from now on.
  enableTicketKeyCallback() {
    const toKeys = {
      onticketkeycallback: (name, iv, encrypt) => this.onticketkeycallback(toBuffer(name), toBuffer(iv), encrypt),
    };
    binding.contextEnableTicketKeyCallback(this.#handle, toKeys);
  }
  getCertificate() { return this.#certificate(false); }
  getIssuer() { return this.#certificate(true); }

  #certificate(isIssuer) {
    const der = binding.contextGetCertificate(this.#handle, isIssuer);
    return der === null ? null : toBuffer(der);
  }
}

for (const [i, name] of ['Return', 'HMAC', 'AES', 'Name', 'IV'].entries()) {
  SecureContext.prototype[`kTicketKey${name}Index`] = i;
}

module.exports = { SecureContext };
