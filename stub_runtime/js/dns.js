'use strict';
// node:dns. Looking up as the C library would is internal/dns/lookup, asking name servers internal/dns/channel.

const {
  DNSException,
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_MISSING_ARGS },
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
const { customPromisifyArgs } = require('internal/util');
const {
  validateFunction,
  validatePort,
  validateString,
  validateStringWithoutNullBytes,
} = require('internal/validators');

const UV_EINVAL = -22;

// What lookup() gives: a handle on the operation.
class GetAddrInfoReqWrap {
  constructor(callback, family, hostname) {
    this.callback = callback;
    this.family = family;
    this.hostname = hostname;
  }
}

class GetNameInfoReqWrap {
  constructor(callback, hostname, port) {
    this.callback = callback;
    this.hostname = hostname;
    this.port = port;
  }
}

class QueryReqWrap {
  constructor(bindingName, callback, hostname, ttl) {
    this.bindingName = bindingName;
    this.callback = callback;
    this.hostname = hostname;
    this.ttl = ttl;
  }
}

// (hostname[, options], callback)
function lookup(hostname, options, callback) {
  if (hostname) validateStringWithoutNullBytes(hostname, 'hostname');
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  } else {
    const isBad = options !== undefined && typeof options !== 'number' && typeof options !== 'object';
    validateFunction(isBad && arguments.length === 2 ? options : callback, 'callback');
  }
  const { family, hints, all, order } = lookupOptions(options, true);
  if (!hostname) throw new ERR_INVALID_ARG_VALUE('hostname', hostname, 'must be a non-empty string');

  const own = isIP(hostname);
  if (own !== 0) {
    if (all) process.nextTick(callback, null, [{ address: hostname, family: own }]);
    else process.nextTick(callback, null, hostname, own);
    return {};
  }
  const { getaddrinfo } = require('internal/dns/lookup');
  getaddrinfo(hostname, family, hints, order, (error, addresses) => {
    if (error) callback(new DNSException(error, 'getaddrinfo', hostname));
    else if (all) callback(null, addresses.map((address) => ({ address, family: family || isIP(address) })));
    else callback(null, addresses[0], family || isIP(addresses[0]));
  });
  return new GetAddrInfoReqWrap(callback, family, hostname);
}
Object.defineProperty(lookup, customPromisifyArgs, { __proto__: null, value: ['address', 'family'], enumerable: false });

function lookupService(address, port, callback) {
  if (arguments.length !== 3) throw new ERR_MISSING_ARGS('address', 'port', 'callback');
  validateString(address, 'address');
  if (isIP(address) === 0) throw new ERR_INVALID_ARG_VALUE('address', address);
  validatePort(port);
  validateFunction(callback, 'callback');
  port = +port;
  require('internal/dns/lookup').getnameinfo(address, port, (error, hostname, service) => {
    if (error) callback(new DNSException(error, 'getnameinfo', address));
    else callback(null, hostname, service);
  });
  return new GetNameInfoReqWrap(callback, address, port);
}
Object.defineProperty(lookupService, customPromisifyArgs, {
  __proto__: null, value: ['hostname', 'service'], enumerable: false,
});

class Resolver extends ResolverBase {}

for (const method of Object.keys(queries)) {
  const { 0: name } = queries[method];
  // (hostname[, options], callback)
  Resolver.prototype[method] = function(hostname, ...args) {
    const callback = args.length > 1 ? args[1] : args[0];
    const ttl = args.length > 1 && !!args[0]?.ttl;
    validateString(hostname, 'name');
    validateFunction(callback, 'callback');
    query(this._handle, method, hostname, ttl, (code, result) => {
      if (code) callback(new DNSException(code, name, hostname));
      else callback(null, result);
    });
    return new QueryReqWrap(name, callback, hostname, ttl);
  };
  Object.defineProperty(Resolver.prototype[method], 'name', { __proto__: null, value: name, configurable: true });
}

Resolver.prototype.reverse = function getHostByAddr(address, callback) {
  validateString(address, 'name');
  validateFunction(callback, 'callback');
  const asked = reverse(this._handle, address, (code, names) => {
    if (code) callback(new DNSException(code, 'getHostByAddr', address));
    else callback(null, names);
  });
  if (!asked) throw new DNSException(UV_EINVAL, 'getHostByAddr', address);
  return new QueryReqWrap('getHostByAddr', callback, address, false);
};

// (hostname[, rrtype], callback)
Resolver.prototype.resolve = function resolve(hostname, rrtype, callback) {
  if (typeof rrtype === 'function') {
    callback = rrtype;
    rrtype = 'A';
  } else if (typeof rrtype !== 'string') {
    throw new ERR_INVALID_ARG_TYPE('rrtype', 'string', rrtype);
  }
  const method = methodOf(rrtype);
  if (method === undefined) throw new ERR_INVALID_ARG_VALUE('rrtype', rrtype);
  return Resolver.prototype[method].call(this, hostname, callback);
};

module.exports = {
  lookup,
  lookupService,
  Resolver,
  getDefaultResultOrder,
  setDefaultResultOrder,
  setServers: setServersWith(Resolver),
  ADDRCONFIG: 0x20,
  ALL: 0x10,
  V4MAPPED: 0x8,
  ...codes,
};
bindDefaultResolver(module.exports, Resolver);
Object.defineProperty(module.exports, 'promises', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get() { return require('internal/dns/promises'); },
});
