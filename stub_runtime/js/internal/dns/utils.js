'use strict';
// What dns and dns/promises share: codes, options, the base of both Resolver classes, the queries.

const {
  codes: { ERR_DNS_SET_SERVERS_FAILED, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_IP_ADDRESS },
} = require('internal/errors');
const { isIP } = require('internal/net');
const { getOptionValue } = require('internal/options');
const {
  validateArray,
  validateBoolean,
  validateInt32,
  validateNumber,
  validateOneOf,
  validatePort,
  validateString,
  validateUint32,
} = require('internal/validators');

const DNS_PORT = 53;

const codes = {
  NODATA: 'ENODATA',
  FORMERR: 'EFORMERR',
  SERVFAIL: 'ESERVFAIL',
  NOTFOUND: 'ENOTFOUND',
  NOTIMP: 'ENOTIMP',
  REFUSED: 'EREFUSED',
  BADQUERY: 'EBADQUERY',
  BADNAME: 'EBADNAME',
  BADFAMILY: 'EBADFAMILY',
  BADRESP: 'EBADRESP',
  CONNREFUSED: 'ECONNREFUSED',
  TIMEOUT: 'ETIMEOUT',
  EOF: 'EOF',
  FILE: 'EFILE',
  NOMEM: 'ENOMEM',
  DESTRUCTION: 'EDESTRUCTION',
  BADSTR: 'EBADSTR',
  BADFLAGS: 'EBADFLAGS',
  NONAME: 'ENONAME',
  BADHINTS: 'EBADHINTS',
  NOTINITIALIZED: 'ENOTINITIALIZED',
  LOADIPHLPAPI: 'ELOADIPHLPAPI',
  ADDRGETNETWORKPARAMS: 'EADDRGETNETWORKPARAMS',
  CANCELLED: 'ECANCELLED',
};

const orders = ['verbatim', 'ipv4first', 'ipv6first'];
const families = [0, 4, 6];
let defaultOrder;

function getDefaultResultOrder() {
  if (defaultOrder === undefined) {
    const given = getOptionValue('--dns-result-order');
    if (given) validateOneOf(given, '--dns-result-order', orders);
    defaultOrder = given || 'verbatim';
  }
  return defaultOrder;
}

function setDefaultResultOrder(order) {
  validateOneOf(order, 'dnsOrder', orders);
  defaultOrder = order;
}

// The options of lookup(): { family, hints, all, order }.
function lookupOptions(options, withNames) {
  const result = { family: 0, hints: 0, all: false, order: getDefaultResultOrder() };
  if (typeof options === 'number') {
    validateOneOf(options, 'family', families);
    result.family = options + 0;
    return result;
  }
  if (options !== undefined && typeof options !== 'object') {
    throw new ERR_INVALID_ARG_TYPE('options', ['integer', 'object'], options);
  }
  if (options?.hints != null) {
    const { AI_ADDRCONFIG, AI_ALL, AI_V4MAPPED } = require('internal/dns/lookup');
    validateNumber(options.hints, 'options.hints');
    result.hints = options.hints >>> 0;
    if ((result.hints & ~(AI_ADDRCONFIG | AI_ALL | AI_V4MAPPED)) !== 0) {
      throw new ERR_INVALID_ARG_VALUE('hints', result.hints);
    }
  }
  if (options?.family != null) {
    if (withNames && options.family === 'IPv4') {
      result.family = 4;
    } else if (withNames && options.family === 'IPv6') {
      result.family = 6;
    } else {
      validateOneOf(options.family, 'options.family', families);
      result.family = options.family + 0;
    }
  }
  if (options?.all != null) {
    validateBoolean(options.all, 'options.all');
    result.all = options.all;
  }
  if (options?.verbatim != null) {
    validateBoolean(options.verbatim, 'options.verbatim');
    result.order = options.verbatim ? 'verbatim' : 'ipv4first';
  }
  if (options?.order != null) {
    validateOneOf(options.order, 'options.order', orders);
    result.order = options.order;
  }
  return result;
}

// "1.2.3.4:53", "[::1]:53", ... => [family, ip, port]
function parseServer(text) {
  let family = isIP(text);
  if (family !== 0) return [family, text, DNS_PORT];
  const { 1: host, 2: digits } = /^\[([^[\]]*)\](?::(\d+))?/.exec(text) ?? /^(.+?)(?::(\d+))?$/.exec(text) ?? [];
  family = host === undefined ? 0 : isIP(host);
  if (family === 0) throw new ERR_INVALID_IP_ADDRESS(text);
  const port = Number.parseInt(digits, 10) || DNS_PORT;
  validatePort(port);
  return [family, host, port];
}

class ResolverBase {
  constructor(options = undefined) {
    const { timeout = -1, maxTimeout = 0, tries = 4 } = { ...options };
    validateInt32(timeout, 'options.timeout', -1);
    validateInt32(tries, 'options.tries', 1);
    validateUint32(maxTimeout, 'options.maxTimeout');
    const { Channel } = require('internal/dns/channel');
    this._handle = new Channel(timeout, tries, maxTimeout);
  }

  cancel() {
    this._handle.cancel();
  }

  getServers() {
    return (this._handle.getServers() || []).map(([ip, port]) => {
      if (!port || port === DNS_PORT) return ip;
      return isIP(ip) === 6 ? `[${ip}]:${port}` : `${ip}:${port}`;
    });
  }

  setServers(servers) {
    validateArray(servers, 'servers');
    const parsed = [];
    servers.forEach((server, i) => {
      validateString(server, `servers[${i}]`);
      parsed.push(parseServer(server));
    });
    if (this._handle.setServers(parsed) !== 0) {
      throw new ERR_DNS_SET_SERVERS_FAILED('There are pending queries.', servers);
    }
  }

  setLocalAddress(ipv4, ipv6) {
    validateString(ipv4, 'ipv4');
    if (ipv6 !== undefined) validateString(ipv6, 'ipv6');
    this._handle.setLocalAddress(ipv4, ipv6);
  }
}

// method of Resolver: [name in errors, record type, what the caller gets of all matching records]. What has several members says
// its type, as with resolveAny(); where Node's has only the member, so has ours.
const values = (records) => records.map((record) => record.data.value);
const data = (records) => records.map((record) => record.data);
const typed = (records) => records.map((record) => any(record));
const untyped = ({ data: content }) => ({ ...content, type: undefined });
const queries = {
  __proto__: null,
  resolveAny: ['queryAny', 'ANY', typed],
  resolve4: ['queryA', 'A', (records) => records.map((r) => r.data.address)],
  resolve6: ['queryAaaa', 'AAAA', (records) => records.map((r) => r.data.address)],
  resolveCaa: ['queryCaa', 'CAA', typed],
  resolveCname: ['queryCname', 'CNAME', values],
  resolveMx: ['queryMx', 'MX', typed],
  resolveNs: ['queryNs', 'NS', values],
  resolveTlsa: ['queryTlsa', 'TLSA', data],
  resolveTxt: ['queryTxt', 'TXT', (records) => records.map((r) => r.data.entries)],
  resolveSrv: ['querySrv', 'SRV', typed],
  resolvePtr: ['queryPtr', 'PTR', values],
  resolveNaptr: ['queryNaptr', 'NAPTR', (records) => records.map(untyped)],
  resolveSoa: ['querySoa', 'SOA', (records) => untyped(records[0])],
};

// A record among others: it says its type.
function any({ type, ttl, data: content }) {
  switch (type) {
    case 'A':
    case 'AAAA':
      return { address: content.address, ttl, type };
    case 'MX':
      return { exchange: content.exchange, priority: content.priority, type };
    case 'CAA': {
      const { critical, ...property } = content;
      return { critical, type, ...property };
    }
    case 'TLSA':
      return content;
    default:
      return { ...content, type };
  }
}

// Of all records, in the order of their types; an alias stands for the addresses it leads to.
const anyOrder = ['A', 'CNAME', 'AAAA', 'MX', 'NS', 'TXT', 'SRV', 'PTR', 'NAPTR', 'SOA', 'TLSA', 'CAA'];
function sortedByType(answers) {
  const isAlias = answers.some((answer) => answer.type === 'CNAME');
  return anyOrder.flatMap((type) => (type === 'A' && isAlias ? [] : answers.filter((answer) => answer.type === type)));
}

// The records that were asked for, or the code of an error. Where only others came, it depends on the type, as in c-ares.
function recordsOf(type, { answers, count }) {
  const records = type === 'ANY' ? sortedByType(answers) : answers.filter((answer) => answer.type === type);
  if (type === 'A' || type === 'AAAA' || type === 'ANY') {
    const aliases = answers.filter((answer) => answer.type === 'CNAME');
    if (records.length === 0 && aliases.length === 0) return 'ENODATA';
    const limit = Math.min(...aliases.map((alias) => alias.ttl));
    return records.map((record) => (record.ttl > limit ? { ...record, ttl: limit } : record));
  }
  if (records.length > 0) return records;
  if (count === 0 || type === 'NS' || type === 'PTR' || type === 'CNAME') return 'ENODATA';
  return type === 'SOA' ? 'EBADRESP' : records;
}

// Asks for records; callback(code | null, result).
function query(channel, method, name, withTTL, callback) {
  const { 0: bindingName, 1: type, 2: convert } = queries[method];
  const measured = require('internal/perf/counts').begin('dns', bindingName, { host: name, ttl: withTTL });
  channel.query(name, type, (code, message) => {
    if (code !== null) {
      callback(code);
      return;
    }
    const records = recordsOf(type, message);
    if (typeof records === 'string') {
      callback(records);
      return;
    }
    const withTime = withTTL && (type === 'A' || type === 'AAAA');
    const result = withTime ? records.map(({ ttl, data: { address } }) => ({ address, ttl })) : convert(records);
    measured?.({ result });
    callback(null, result);
  });
}

// Names of an address; callback(code | null, names). False where it is no address.
function reverse(channel, address, callback) {
  if (isIP(address) === 0) return false;
  const { hostNames } = require('internal/dns/system');
  const { isRefused, reverseName } = require('internal/dns/lookup');
  if (isRefused(address, callback)) return true;
  const known = hostNames(address);
  if (known.length > 0) {
    setImmediate(callback, null, known);
    return true;
  }
  channel.query(reverseName(address), 'PTR', (code, message) => {
    const names = code === null ? values(message.answers.filter((answer) => answer.type === 'PTR')) : [];
    if (code !== null) callback(code);
    else if (names.length === 0) callback('ENOTFOUND');
    else callback(null, names);
  });
  return true;
}

let defaultResolver;

// dns's own functions are those of a resolver that all share.
function bindDefaultResolver(target, Resolver) {
  for (const name of ['getServers', 'resolve', 'reverse', ...Object.keys(queries)]) {
    target[name] = function(...args) {
      defaultResolver ??= new ResolverBase();
      return Reflect.apply(Resolver.prototype[name], defaultResolver, args);
    };
    Object.defineProperty(target[name], 'name', { __proto__: null, value: `bound ${Resolver.prototype[name].name}` });
  }
}

// setServers() of a module with that Resolver.
function setServersWith(Resolver) {
  return function setServers(servers) {
    const resolver = new Resolver();
    resolver.setServers(servers);
    defaultResolver = resolver;
  };
}

module.exports = {
  ResolverBase,
  bindDefaultResolver,
  codes,
  getDefaultResultOrder,
  lookupOptions,
  queries,
  query,
  // 'A' => 'resolve4'
  methodOf: (type) => Object.keys(queries).find((method) => queries[method][1] === type),
  reverse,
  setDefaultResultOrder,
  setServersWith,
};
