'use strict';
// https.Agent: secure sockets, kept under names that hold all that makes them differ, and sessions for the next ones.

const { Agent: HttpAgent } = require('internal/http/agent');
const { withGlobalAgent } = require('internal/http/global_agent');
const { kProxyConfig, kWaitForProxyTunnel, checkShouldUseProxy } = require('internal/http/proxy');
const { kEmptyObject } = require('internal/util');

// A request whose own checkServerIdentity counts shares its socket with no other.
const kOwnIdentityCheck = Symbol('per-request checkServerIdentity');

let debug = require('internal/util/debuglog').debuglog('https', (fn) => {
  debug = fn;
});

function Agent(options) {
  if (!(this instanceof Agent)) return new Agent(options);
  options = { __proto__: null, ...options };
  options.defaultPort ??= 443;
  options.protocol ??= 'https:';
  Reflect.apply(HttpAgent, this, [options]);
  this.maxCachedSessions = this.options.maxCachedSessions;
  if (this.maxCachedSessions === undefined) this.maxCachedSessions = 100;
  this._sessionCache = { map: {}, list: [] };
}
Object.setPrototypeOf(Agent.prototype, HttpAgent.prototype);
Object.setPrototypeOf(Agent, HttpAgent);

// (options[, callback]), ([port][, host][, options][, callback])
function connectionArguments(args) {
  let options;
  if (args[0] !== null && typeof args[0] === 'object') [options] = args;
  else if (args[1] !== null && typeof args[1] === 'object') options = { ...args[1] };
  else if (args[2] === null || typeof args[2] !== 'object') options = {};
  else options = { ...args[2] };
  if (typeof args[0] === 'number') [options.port] = args;
  if (typeof args[1] === 'string') options.host = args[1];
  const callback = args.at(-1);
  return { options, callback: typeof callback === 'function' ? callback : undefined };
}

Agent.prototype.createConnection = function createConnection(...args) {
  let { options } = connectionArguments(args);
  const { callback } = connectionArguments(args);
  const key = options._agentKey;
  const resumes = key && !options[kOwnIdentityCheck];
  const session = resumes ? this._getSession(key) : undefined;
  if (session) {
    debug('reuse session for %j', key);
    options = { session, ...options };
  }

  const config = this[kProxyConfig];
  const isTunneled = config && (options.protocol || this.protocol) === 'https:' && checkShouldUseProxy(config, options);
  let socket;
  if (isTunneled) {
    const { connectThroughProxy } = require('internal/https/tunnel');
    socket = connectThroughProxy(this, options, callback, kOwnIdentityCheck);
    socket[kWaitForProxyTunnel] = true;
  } else {
    socket = require('tls').connect(options);
  }
  if (options[kOwnIdentityCheck]) socket[kOwnIdentityCheck] = true;
  if (resumes) {
    socket.on('session', (newSession) => this._cacheSession(key, newSession));
    socket.once('close', (hadError) => {
      if (hadError) this._evictSession(key);
    });
  }
  return socket;
};

Agent.prototype.keepSocketAlive = function keepSocketAlive(socket) {
  if (socket[kOwnIdentityCheck]) return false;
  return Reflect.apply(HttpAgent.prototype.keepSocketAlive, this, [socket]);
};

function pfxKey(pfx, passphrase) {
  if (!Array.isArray(pfx)) return pfx;
  return pfx.map((item) => `:${item?.buf || item}:${item?.passphrase || passphrase}`).join('');
}

// Options that make a socket another one, in the order of Node's names; `false` counts for those of the second kind.
const parts = [
  ['ca'], ['cert'], ['clientCertEngine'], ['ciphers'], ['key'],
  ['pfx', (options) => (options.pfx ? pfxKey(options.pfx, options.passphrase) : '')],
  ['rejectUnauthorized', (options) => options.rejectUnauthorized ?? ''],
  ['servername', (options) => (options.servername && options.servername !== options.host ? options.servername : '')],
  ['minVersion'], ['maxVersion'], ['secureProtocol'], ['crl'],
  ['honorCipherOrder', (options) => (options.honorCipherOrder === undefined ? '' : options.honorCipherOrder)],
  ['ecdhCurve'], ['dhparam'],
  ['secureOptions', (options) => (options.secureOptions === undefined ? '' : options.secureOptions)],
  ['sessionIdContext'],
  ['sigalgs', (options) => (options.sigalgs ? JSON.stringify(options.sigalgs) : '')],
  ['privateKeyIdentifier'], ['privateKeyEngine'],
];

Agent.prototype.getName = function getName(options = kEmptyObject) {
  let name = Reflect.apply(HttpAgent.prototype.getName, this, [options]);
  for (const [part, value] of parts) {
    name += `:${value === undefined ? options[part] || '' : value(options)}`;
  }
  if (options[kOwnIdentityCheck]) name += `:${options[kOwnIdentityCheck]}`;
  return name;
};

Agent.prototype._getSession = function _getSession(key) {
  return this._sessionCache.map[key];
};

Agent.prototype._cacheSession = function _cacheSession(key, session) {
  if (this.maxCachedSessions === 0) return;
  const { map, list } = this._sessionCache;
  if (!map[key]) {
    if (list.length >= this.maxCachedSessions) {
      const oldest = list.shift();
      debug('evicting %j', oldest);
      delete map[oldest];
    }
    list.push(key);
  }
  map[key] = session;
};

Agent.prototype._evictSession = function _evictSession(key) {
  const { map, list } = this._sessionCache;
  const index = list.indexOf(key);
  if (index === -1) return;
  list.splice(index, 1);
  delete map[key];
};

module.exports = withGlobalAgent({ Agent, kOwnIdentityCheck }, Agent);
