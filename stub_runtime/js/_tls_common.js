'use strict';
// The old name of what tls.createSecureContext is made of.

const { SecureContext, createSecureContext } = require('internal/tls/common');

module.exports = { SecureContext, createSecureContext, translatePeerCertificate: (certificate) => certificate };
