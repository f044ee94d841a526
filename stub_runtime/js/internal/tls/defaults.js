'use strict';
// tls.DEFAULT_*, which a program may change: read when they are needed.

// The module lies in a cycle with this one's users.
const tls = () => require('tls');

module.exports = {
  getCiphers: () => tls().DEFAULT_CIPHERS,
  getCurve: () => tls().DEFAULT_ECDH_CURVE || 'auto',
  getMaxVersion: () => tls().DEFAULT_MAX_VERSION,
  getMinVersion: () => tls().DEFAULT_MIN_VERSION,
};
