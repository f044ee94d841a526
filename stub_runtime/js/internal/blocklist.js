'use strict';
// net.BlockList: addresses, ranges and subnets. Every rule is a range of 128-bit numbers; IPv4 lies in ::ffff:0:0/96, so
// that a rule also holds for the mapped form of an address.

const { codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { isIP, isIPv4, isIPv6, parseIPv6 } = require('internal/net');
const { SocketAddress } = require('internal/socketaddress');
const { kClone, kDeserialize, markTransferMode } = require('internal/structured_clone');
const { customInspectSymbol } = require('internal/util');
const { inspect } = require('internal/util/inspect');
const { validateArray, validateInt32, validateString } = require('internal/validators');

const MAPPED = 0xffff00000000n;

// A rule as text; what is none is passed over.
const kRule4 = /(Subnet|Address|Range): IPv(4) (\d{1,3}(?:\.\d{1,3}){3})(?:[/-]([\d.]+))?/;
const kRule6 = /(Subnet|Address|Range): IPv(6) ([\da-fA-F:]{1,39})(?:[/-]([\da-fA-F:]+))?/;

function toNumber(address) {
  if (isIP(address) === 4) {
    return MAPPED + BigInt(address.split('.').reduce((value, octet) => value * 256 + Number(octet), 0));
  }
  return parseIPv6(address).reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

// A SocketAddress from an argument that is one or text.
function toAddress(value, family, name) {
  if (SocketAddress.isSocketAddress(value)) return value;
  validateString(value, name);
  validateString(family, 'family');
  return new SocketAddress({ address: value, family });
}

function familyName({ family }) {
  return family === 'ipv4' ? 'IPv4' : 'IPv6';
}

function subnetRange(network, prefix) {
  if (network.family === 'ipv4') validateInt32(prefix, 'prefix', 0, 32);
  else validateInt32(prefix, 'prefix', 0, 128);
  const free = BigInt((network.family === 'ipv4' ? 32 : 128) - prefix);
  const from = (toNumber(network.address) >> free) << free;
  return { from, to: from + (1n << free) - 1n, text: `Subnet: ${familyName(network)} ${network.address}/${prefix}` };
}

function addressRange(address) {
  const number = toNumber(address.address);
  return { from: number, to: number, text: `Address: ${familyName(address)} ${address.address}` };
}

function spanRange(start, end) {
  return {
    from: toNumber(start.address),
    to: toNumber(end.address),
    text: `Range: ${familyName(start)} ${start.address}-${end.address}`,
  };
}

function parseCIDR(cidr) {
  validateString(cidr, 'cidr');
  const slash = cidr.lastIndexOf('/');
  if (slash === -1) {
    throw new ERR_INVALID_ARG_VALUE('cidr', cidr, 'must contain a prefix length (e.g. "10.0.0.0/8")');
  }
  const digits = cidr.slice(slash + 1);
  const prefix = Number.parseInt(digits, 10);
  if (Number.isNaN(prefix) || `${prefix}` !== digits) {
    throw new ERR_INVALID_ARG_VALUE('cidr', cidr, 'prefix length must be a valid integer');
  }
  const address = cidr.slice(0, slash);
  return { address, prefix, family: address.includes(':') ? 'ipv6' : 'ipv4' };
}

class BlockList {
  // Newest first.
  #rules = [];

  constructor() {
    markTransferMode(this, true, false);
  }

  // A copy: what is added later is not in it.
  [kClone]() {
    return { data: this.#rules, deserializeInfo: 'internal/blocklist:ClonedBlockList' };
  }

  [kDeserialize](rules) {
    this.#rules = rules;
  }

  static isBlockList(value) {
    return typeof value === 'object' && value !== null && #rules in value;
  }

  static PRIVATE_RANGES = Object.freeze([
    '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8', '::1/128', '169.254.0.0/16', 'fe80::/10', 'fc00::/7',
  ]);

  [customInspectSymbol](depth, options) {
    if (depth < 0) return this;
    return `BlockList ${inspect({ rules: this.rules }, {
      ...options, depth: options.depth == null ? null : options.depth - 1,
    })}`;
  }

  #add(rule) {
    if (!this.#rules.some((known) => known.text === rule.text)) this.#rules.unshift(rule);
  }

  #remove(rule) {
    this.#rules = this.#rules.filter((known) => known.text !== rule.text);
  }

  addAddress(address, family = 'ipv4') {
    this.#add(addressRange(toAddress(address, family, 'address')));
  }

  addAddresses(addresses, family = 'ipv4') {
    validateArray(addresses, 'addresses');
    validateString(family, 'family');
    // All are checked before the first is added.
    const rules = addresses.map((address, i) => addressRange(toAddress(address, family, `addresses[${i}]`)));
    for (const rule of rules) this.#add(rule);
  }

  addRange(start, end, family = 'ipv4') {
    start = toAddress(start, family, 'start');
    end = toAddress(end, family, 'end');
    const rule = spanRange(start, end);
    if (rule.from > rule.to) throw new ERR_INVALID_ARG_VALUE('start', start, 'must come before end');
    this.#add(rule);
  }

  addSubnet(network, prefix, family = 'ipv4') {
    this.#add(subnetRange(toAddress(network, family, 'network'), prefix));
  }

  addCIDR(cidr) {
    const { address, prefix, family } = parseCIDR(cidr);
    this.addSubnet(address, prefix, family);
  }

  addCIDRs(cidrs) {
    validateArray(cidrs, 'cidrs');
    const parsed = cidrs.map((cidr, i) => {
      validateString(cidr, `cidrs[${i}]`);
      return parseCIDR(cidr);
    });
    for (const { address, prefix, family } of parsed) this.addSubnet(address, prefix, family);
  }

  removeAddress(address, family = 'ipv4') {
    this.#remove(addressRange(toAddress(address, family, 'address')));
  }

  removeRange(start, end, family = 'ipv4') {
    this.#remove(spanRange(toAddress(start, family, 'start'), toAddress(end, family, 'end')));
  }

  removeSubnet(network, prefix, family = 'ipv4') {
    this.#remove(subnetRange(toAddress(network, family, 'network'), prefix));
  }

  removeCIDR(cidr) {
    const { address, prefix, family } = parseCIDR(cidr);
    this.removeSubnet(address, prefix, family);
  }

  check(address, family = 'ipv4') {
    if (SocketAddress.isSocketAddress(address)) {
      ({ address } = address);
    } else {
      validateString(address, 'address');
      validateString(family, 'family');
      const isValid = family.toLowerCase() === 'ipv4' ? isIPv4(address) : isIPv6(address);
      if (!isValid) return false;
    }
    const number = toNumber(address);
    return this.#rules.some(({ from, to }) => number >= from && number <= to);
  }

  clear() {
    this.#rules = [];
  }

  toJSON() {
    return this.rules;
  }

  // What toJSON() gave, as an array or as text.
  fromJSON(data) {
    const list = typeof data === 'string' ? JSON.parse(data) : data;
    if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) {
      throw new ERR_INVALID_ARG_TYPE('data', ['string', 'string[]'], list);
    }
    for (const item of list) {
      const found = kRule4.exec(item) ?? kRule6.exec(item);
      if (found === null) continue;
      const { 1: kind, 2: digit, 3: first, 4: second } = found;
      const family = `ipv${digit}`;
      if (kind === 'Address') this.addAddress(first, family);
      else if (second === undefined) continue;
      else if (kind === 'Subnet') this.addSubnet(first, Number.parseInt(second, 10), family);
      else this.addRange(first, second, family);
    }
  }

  get rules() {
    // Addresses, subnets, ranges.
    const { Address, Subnet, Range } = Object.groupBy(this.#rules.map((rule) => rule.text), (text) => text.slice(0, text.indexOf(':')));
    return [...Address ?? [], ...Subnet ?? [], ...Range ?? []];
  }

  get size() {
    return this.#rules.length;
  }
}

// What `kDeserialize` fills.
function ClonedBlockList() {
  return new BlockList();
}
ClonedBlockList.prototype[kDeserialize] = () => {};

module.exports = { BlockList, ClonedBlockList };
