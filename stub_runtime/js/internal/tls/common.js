'use strict';
// tls.SecureContext and tls.createSecureContext.

const { codes: { ERR_TLS_INVALID_PROTOCOL_VERSION, ERR_TLS_PROTOCOL_VERSION_CONFLICT } } = require('internal/errors');
const { getMaxVersion, getMinVersion } = require('internal/tls/defaults');
const { SecureContext: NativeSecureContext } = require('internal/tls/native_context');
const { configSecureContext } = require('internal/tls/secure_context');
const { kEmptyObject } = require('internal/util');
const { validateInteger } = require('internal/validators');

const SSL_OP_CIPHER_SERVER_PREFERENCE = 0x400000;
const versions = { '__proto__': null, 'TLSv1': 0x0301, 'TLSv1.1': 0x0302, 'TLSv1.2': 0x0303, 'TLSv1.3': 0x0304 };

function versionNumber(which, name, otherwise) {
  const number = versions[name ?? otherwise];
  if (number === undefined) throw new ERR_TLS_INVALID_PROTOCOL_VERSION(name ?? otherwise, which);
  return number;
}

function SecureContext(secureProtocol, secureOptions, minVersion, maxVersion) {
  if (!(this instanceof SecureContext)) return new SecureContext(secureProtocol, secureOptions, minVersion, maxVersion);
  if (secureProtocol) {
    if (minVersion != null) throw new ERR_TLS_PROTOCOL_VERSION_CONFLICT(minVersion, secureProtocol);
    if (maxVersion != null) throw new ERR_TLS_PROTOCOL_VERSION_CONFLICT(maxVersion, secureProtocol);
  }
  const min = versionNumber('minimum', minVersion, getMinVersion());
  const max = versionNumber('maximum', maxVersion, getMaxVersion());
  this.context = new NativeSecureContext();
  this.context.init(secureProtocol, min, max);
  if (secureOptions) {
    validateInteger(secureOptions, 'secureOptions');
    this.context.setOptions(secureOptions);
  }
}

function createSecureContext(options) {
  options ||= kEmptyObject;
  let { secureOptions } = options;
  if (options.honorCipherOrder) secureOptions |= SSL_OP_CIPHER_SERVER_PREFERENCE;
  const secure = new SecureContext(options.secureProtocol, secureOptions, options.minVersion, options.maxVersion);
  configSecureContext(secure.context, options);
  // One connection's: freed with it.
  if (options.singleUse) secure.singleUse = true;
  return secure;
}

module.exports = { NativeSecureContext, SecureContext, createSecureContext };
