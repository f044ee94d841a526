'use strict';
// node:dns/promises.

const {
  DNSException,
  codes: { ERR_INVALID_ARG_VALUE, ERR_MISSING_ARGS },
} = require('internal/errors');
const {
  ResolverBase,
  bindDefaultResolver,
  codes,
  getDefaultResultOrder,
  lookupOptions,
  methodOf,
  queries,
  query,
  reverse,
  setDefaultResultOrder,
  setServersWith,
} = require('internal/dns/utils');
const { isIP } = require('internal/net');
const { validatePort, validateString, validateStringWithoutNullBytes } = require('internal/validators');

const UV_EINVAL = -22;

function lookup(hostname, options) {
  if (hostname) validateStringWithoutNullBytes(hostname, 'hostname');
  const { family, hints, all, order } = lookupOptions(options, false);
  return new Promise((resolve, reject) => {
    if (!hostname) {
      reject(new ERR_INVALID_ARG_VALUE('hostname', hostname, 'must be a non-empty string'));
      return;
    }
    const own = isIP(hostname);
    if (own !== 0) {
      const result = { address: hostname, family: own };
      resolve(all ? [result] : result);
      return;
    }
    require('internal/dns/lookup').getaddrinfo(hostname, family, hints, order, (error, addresses) => {
      if (error) {
        reject(new DNSException(error, 'getaddrinfo', hostname));
        return;
      }
      const results = addresses.map((address) => ({ address, family: family || isIP(address) }));
      resolve(all ? results : results[0]);
    });
  });
}

function lookupService(address, port) {
  if (arguments.length !== 2) throw new ERR_MISSING_ARGS('address', 'port');
  validateString(address, 'address');
  if (isIP(address) === 0) throw new ERR_INVALID_ARG_VALUE('address', address);
  validatePort(port);
  return new Promise((resolve, reject) => {
    require('internal/dns/lookup').getnameinfo(address, +port, (error, hostname, service) => {
      // Without the address, as Node has it.
      if (error) reject(new DNSException(error, 'getnameinfo'));
      else resolve({ hostname, service });
    });
  });
}

class Resolver extends ResolverBase {}

for (const method of Object.keys(queries)) {
  const { 0: name } = queries[method];
  Resolver.prototype[method] = function(hostname, options) {
    validateString(hostname, 'name');
    return new Promise((resolve, reject) => {
      query(this._handle, method, hostname, !!options?.ttl, (code, result) => {
        if (code) reject(new DNSException(code, name, hostname));
        else resolve(result);
      });
    });
  };
  Object.defineProperty(Resolver.prototype[method], 'name', { __proto__: null, value: name, configurable: true });
}

Resolver.prototype.reverse = function getHostByAddr(address) {
  validateString(address, 'name');
  return new Promise((resolve, reject) => {
    const asked = reverse(this._handle, address, (code, names) => {
      if (code) reject(new DNSException(code, 'getHostByAddr', address));
      else resolve(names);
    });
    if (!asked) reject(new DNSException(UV_EINVAL, 'getHostByAddr', address));
  });
};

Resolver.prototype.resolve = function resolve(hostname, rrtype = 'A') {
  validateString(rrtype, 'rrtype');
  const method = methodOf(rrtype);
  if (method === undefined) throw new ERR_INVALID_ARG_VALUE('rrtype', rrtype);
  return this[method] === undefined ? Resolver.prototype[method].call(this, hostname) : this[method](hostname);
};

module.exports = {
  lookup,
  lookupService,
  Resolver,
  getDefaultResultOrder,
  setDefaultResultOrder,
  setServers: setServersWith(Resolver),
  ...codes,
};
bindDefaultResolver(module.exports, Resolver);
