'use strict';
// tls.getCACertificates, tls.setDefaultCACertificates, tls.rootCertificates.

const { codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { getOptionValue } = require('internal/options');
const { isArrayBufferView } = require('internal/util/types');
const { validateArray, validateString } = require('internal/validators');
const binding = internalBinding('tls');

const lists = { __proto__: null };
let defaults;
let isReplaced = false;

function list(which) {
  return lists[which] ??= Object.freeze(binding.certificates(which));
}

function defaultCertificates() {
  if (isReplaced) return binding.certificates(binding.CHOSEN);
  const found = [];
  if (!getOptionValue('--use-openssl-ca')) {
    found.push(...list(binding.BUNDLED));
    if (getOptionValue('--use-system-ca')) found.push(...list(binding.SYSTEM));
  }
  found.push(...list(binding.EXTRA));
  return found;
}

function getCACertificates(type = 'default') {
  validateString(type, 'type');
  switch (type) {
    case 'default': return defaults ??= Object.freeze(defaultCertificates());
    case 'bundled': return list(binding.BUNDLED);
    case 'system': return list(binding.SYSTEM);
    case 'extra': return list(binding.EXTRA);
    default: throw new ERR_INVALID_ARG_VALUE('type', type);
  }
}

function setDefaultCACertificates(certs) {
  validateArray(certs, 'certs');
  certs.forEach((cert, i) => {
    if (typeof cert !== 'string' && !isArrayBufferView(cert)) {
      throw new ERR_INVALID_ARG_TYPE(`certs[${i}]`, ['string', 'ArrayBufferView'], cert);
    }
  });
  binding.setDefaultCertificates(certs);
  defaults = undefined;
  isReplaced = true;
}

module.exports = { getCACertificates, getRootCertificates: () => list(binding.BUNDLED), setDefaultCACertificates };
