'use strict';
// net.SocketAddress: an address with its port, immutable.

const { codes: { ERR_INVALID_ADDRESS, ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { formatIPv6, isIPv4, isIPv6, parseIPv6 } = require('internal/net');
const { kClone, kDeserialize, markTransferMode } = require('internal/structured_clone');
const { customInspectSymbol, kEmptyObject } = require('internal/util');
const { inspect } = require('internal/util/inspect');
const { validateObject, validatePort, validateString, validateUint32 } = require('internal/validators');

const kDetail = Symbol('kDetail');

class SocketAddress {
  static isSocketAddress(value) {
    return value?.[kDetail] !== undefined;
  }

  constructor(options = kEmptyObject) {
    markTransferMode(this, true, false);
    validateObject(options, 'options');
    let { family = 'ipv4' } = options;
    // By the name as it was given: Node's has no default for 'IPv4'.
    const unspecified = family === 'ipv4' ? '127.0.0.1' : '::';
    if (typeof family?.toLowerCase === 'function') family = family.toLowerCase();
    if (family !== 'ipv4' && family !== 'ipv6') throw new ERR_INVALID_ARG_VALUE('options.family', options.family);
    const { address = unspecified, port = 0, flowlabel = 0 } = options;
    validateString(address, 'options.address');
    validatePort(port, 'options.port');
    validateUint32(flowlabel, 'options.flowlabel', false);
    if (!(family === 'ipv4' ? isIPv4(address) : isIPv6(address))) throw new ERR_INVALID_ADDRESS();
    this[kDetail] = {
      address: family === 'ipv4' ? address : formatIPv6(parseIPv6(address)),
      port: port | 0,
      family,
      flowlabel: family === 'ipv4' ? 0 : flowlabel | 0,
    };
  }

  [kClone]() {
    return { data: this[kDetail], deserializeInfo: 'internal/socketaddress:ClonedSocketAddress' };
  }

  [kDeserialize](detail) {
    this[kDetail] = detail;
  }

  get address() { return this[kDetail].address; }
  get port() { return this[kDetail].port; }
  get family() { return this[kDetail].family; }
  get flowlabel() { return this[kDetail].flowlabel; }

  [customInspectSymbol](depth, options) {
    if (depth < 0) return this;
    return `SocketAddress ${inspect(this.toJSON(), {
      ...options, depth: options.depth == null ? null : options.depth - 1,
    })}`;
  }

  toJSON() {
    return { ...this[kDetail] };
  }

  // "1.2.3.4:80" or "[::1]:80"; undefined where it is neither.
  static parse(input) {
    validateString(input, 'input');
    try {
      const { URL } = require('internal/url');
      const { hostname, port } = new URL(`http://${input}`);
      if (hostname.startsWith('[')) {
        return new SocketAddress({ address: hostname.slice(1, -1), port: port | 0, family: 'ipv6' });
      }
      return new SocketAddress({ address: hostname, port: port | 0 });
    } catch {
      return undefined;
    }
  }
}

// What `kDeserialize` fills.
function ClonedSocketAddress() {
  return new SocketAddress();
}
ClonedSocketAddress.prototype[kDeserialize] = () => {};

module.exports = { ClonedSocketAddress, SocketAddress };
