'use strict';
// What getaddrinfo() and getnameinfo() do, without the C library (a static program cannot load its name services): the
// hosts file, then the name servers of resolv.conf with its search list.

const { begin } = require('internal/perf/counts');
const { Channel } = require('internal/dns/channel');
const { hostAddresses, hostNames, resolverConfig, serviceName } = require('internal/dns/system');
const { UDP } = require('internal/dgram');
const { isIP, parseIPv6 } = require('internal/net');

// Of <netdb.h>; `dns.ADDRCONFIG` and its friends.
const AI_V4MAPPED = 0x8;
const AI_ALL = 0x10;
const AI_ADDRCONFIG = 0x20;

// What libuv has room for.
const LONGEST_NAME = 255;
const UV_EINVAL = -22;
const UV_EAI_AGAIN = -3001;
const UV_EAI_NONAME = -3008;

// Whether this machine could send to an address; no packet is sent.
function isReachable(address) {
  const handle = new UDP();
  const error = handle.connect(address, 9);
  handle.close();
  return error === 0;
}

// The families that the machine has an address of, beside loopback; both where it has neither.
function configuredFamilies() {
  const families = new Set();
  const interfaces = require('os').networkInterfaces();
  for (const addresses of Object.values(interfaces)) {
    for (const { family, internal } of addresses) {
      if (!internal) families.add(family === 'IPv6' ? 6 : 4);
    }
  }
  return families.size === 0 ? new Set([4, 6]) : families;
}

// Reachable ones first, IPv6 before IPv4 (RFC 6724 without the finer rules).
function sort(addresses) {
  if (addresses.length < 2) return addresses;
  const rank = (address) => (isReachable(address) ? 0 : 2) + (isIP(address) === 6 ? 0 : 1);
  return addresses.map((address) => [rank(address), address]).sort((a, b) => a[0] - b[0]).map((entry) => entry[1]);
}

function arrange(addresses, order) {
  if (order === 'verbatim') return sort(addresses);
  const first = order === 'ipv4first' ? 4 : 6;
  return [...addresses.filter((a) => isIP(a) === first), ...addresses.filter((a) => isIP(a) !== first)];
}

// The names to ask for, in order.
function candidates(name, { search, ndots }) {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const full = search.filter((domain) => domain !== '.').map((domain) => `${name}.${domain}`);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [name, ...full] : [...full, name];
}

// callback(errno | null, addresses)
function askServers(name, families, callback) {
  const config = resolverConfig();
  const channel = new Channel(config.timeout, config.attempts);
  const names = candidates(name, config);
  let again = false;
  const next = () => {
    if (names.length === 0) {
      callback(again ? UV_EAI_AGAIN : UV_EAI_NONAME);
      return;
    }
    const asked = names.shift();
    const found = { 4: [], 6: [] };
    let left = families.length;
    for (const family of families) {
      channel.query(asked, family === 4 ? 'A' : 'AAAA', (code, message) => {
        if (code === null) {
          const type = family === 4 ? 'A' : 'AAAA';
          found[family] = message.answers.filter((a) => a.type === type).map((a) => a.data.address);
        } else if (code !== 'ENOTFOUND' && code !== 'EBADNAME') {
          again = true;
        }
        if (--left > 0) return;
        const addresses = [...found[6], ...found[4]];
        if (addresses.length > 0) callback(null, addresses);
        else next();
      });
    }
  };
  next();
}

function loopback(name) {
  const lower = name.toLowerCase().replace(/\.$/, '');
  return lower === 'localhost' || lower.endsWith('.localhost') ? ['::1', '127.0.0.1'] : [];
}

// The permission model takes the network away.
function isRefused(name, callback) {
  if (process.permission === undefined || require('internal/process/permission').denial('net', undefined, name) === undefined) return false;
  process.nextTick(callback, 'ERR_ACCESS_DENIED');
  return true;
}

// family: 0, 4 or 6. callback(errno | null, addresses), never before this returns.
function getaddrinfo(name, family, hints, order, callback) {
  if (isRefused(name, callback)) return;
  if (name.length > LONGEST_NAME) {
    process.nextTick(callback, UV_EINVAL);
    return;
  }
  const measured = begin('dns', 'lookup', { hostname: name, family, hints, verbatim: order === 'verbatim', order });
  let wanted = family === 0 ? [4, 6] : [family];
  const mapped = family === 6 && (hints & AI_V4MAPPED) !== 0;
  if (mapped) wanted = [4, 6];
  if (family === 0 && (hints & AI_ADDRCONFIG) !== 0) {
    const configured = configuredFamilies();
    wanted = wanted.filter((f) => configured.has(f));
  }
  const finish = (error, all) => {
    let addresses = error ? [] : all.filter((address) => wanted.includes(isIP(address)));
    if (mapped) {
      const v6 = addresses.filter((a) => isIP(a) === 6);
      const v4 = addresses.filter((a) => isIP(a) === 4).map((a) => `::ffff:${a}`);
      addresses = v6.length > 0 && (hints & AI_ALL) === 0 ? v6 : [...v6, ...v4];
    }
    if (addresses.length === 0) {
      callback(error || UV_EAI_NONAME);
      return;
    }
    addresses = arrange(addresses, order);
    measured?.({ addresses });
    callback(null, addresses);
  };
  let known = hostAddresses(name.replace(/\.$/, ''));
  if (known.length === 0) known = loopback(name);
  if (known.length > 0) {
    // As from a thread: a turn of the loop later.
    setImmediate(finish, null, known);
    return;
  }
  askServers(name, wanted, finish);
}

// The name to ask for an address's PTR record.
function reverseName(address) {
  if (isIP(address) === 4) return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
  const digits = Array.from(parseIPv6(address), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${digits.split('').reverse().join('.')}.ip6.arpa`;
}

// callback(errno | null, hostname, service)
function getnameinfo(address, port, callback) {
  if (isRefused(address, callback)) return;
  const measured = begin('dns', 'lookupService', { host: address, port });
  const service = serviceName(port);
  const found = (hostname) => {
    measured?.({ hostname, service });
    callback(null, hostname, service);
  };
  const known = hostNames(address);
  if (known.length > 0) {
    setImmediate(found, known[0]);
    return;
  }
  const config = resolverConfig();
  new Channel(config.timeout, config.attempts).query(reverseName(address), 'PTR', (code, message) => {
    const name = message?.answers.find((answer) => answer.type === 'PTR')?.data.value;
    if (name !== undefined) found(name);
    else callback(code !== null && code !== 'ENOTFOUND' ? UV_EAI_AGAIN : UV_EAI_NONAME);
  });
}

module.exports = { AI_ADDRCONFIG, AI_ALL, AI_V4MAPPED, getaddrinfo, getnameinfo, isRefused, reverseName };
