'use strict';
// http2.connect.

const net = require('net');
const { codes: { ERR_HTTP2_UNSUPPORTED_PROTOCOL } } = require('internal/errors');
const { promisify } = require('internal/util');
const { validateNumber } = require('internal/validators');
const { ClientHttp2Session } = require('internal/http2/client_session');
const { initializeCommonOptions, initializeTLSOptions } = require('internal/http2/server');
const { assertIsObject, kAuthority, kMaxOriginSetSize, kProtocol } = require('internal/http2/util');

const DEFAULT_MAX_ORIGIN_SET_SIZE = 128;

function hostOf(authority) {
  const { host, hostname } = authority;
  if (!hostname) return host || 'localhost';
  return hostname[0] === '[' ? hostname.slice(1, -1) : hostname;
}

function createSocket(authority, protocol, host, port, options) {
  if (typeof options.createConnection === 'function') return options.createConnection(authority, options);
  switch (protocol) {
    case 'http:':
      return net.connect({ port, host, ...options });
    case 'https:': {
      const servername = net.isIP(host) ? undefined : host;
      return require('tls').connect(port, host, initializeTLSOptions(options, servername));
    }
    default:
      throw new ERR_HTTP2_UNSUPPORTED_PROTOCOL(protocol);
  }
}

function connect(authority, options, listener) {
  if (typeof options === 'function') {
    listener = options;
    options = undefined;
  }
  assertIsObject(options, 'options');
  options = { ...options };
  const maxOriginSetSize = options.maxOriginSetSize ?? DEFAULT_MAX_ORIGIN_SET_SIZE;
  validateNumber(maxOriginSetSize, 'options.maxOriginSetSize', 0);
  initializeCommonOptions(options);

  if (typeof authority === 'string') authority = new URL(authority);
  assertIsObject(authority, 'authority', ['string', 'Object', 'URL']);
  const protocol = authority.protocol || options.protocol || 'https:';
  const defaultPort = authority.protocol === 'http:' ? 80 : 443;
  const port = String(authority.port !== '' ? authority.port : defaultPort);
  const host = hostOf(authority);

  const session = new ClientHttp2Session(options, createSocket(authority, protocol, host, port, options));
  session[kAuthority] = `${options.servername || host}:${port}`;
  session[kProtocol] = protocol;
  session[kMaxOriginSetSize] = maxOriginSetSize;
  if (typeof listener === 'function') session.once('connect', listener);
  return session;
}

Object.defineProperty(connect, promisify.custom, {
  __proto__: null,
  value: { connect: (authority, options) => new Promise((resolve, reject) => {
    const session = connect(authority, options, () => {
      session.removeListener('error', reject);
      resolve(session);
    });
    session.once('error', reject);
  }) }.connect,
});

module.exports = { connect };
