'use strict';
// node:https: http over TLS. The agent lies in internal/https/, connections and messages in internal/http/.

const { ClientRequest } = require('internal/http/client');
const { connectionListener } = require('internal/http/connection');
const { Server: HttpServer, httpServerPreClose, setupConnectionsTracking, storeHTTPOptions } = require('internal/http/server');
const agents = require('internal/https/agent');
const { kEmptyObject } = require('internal/util');
const { validateObject } = require('internal/validators');
const tls = require('tls');

function Server(options, requestListener) {
  if (!(this instanceof Server)) return new Server(options, requestListener);
  let ALPNProtocols = ['http/1.1'];
  if (typeof options === 'function') {
    requestListener = options;
    options = kEmptyObject;
  } else if (options == null) {
    options = kEmptyObject;
  } else {
    validateObject(options, 'options');
    // Only one of the two may be given.
    if (options.ALPNProtocols || options.ALPNCallback) ALPNProtocols = undefined;
  }
  Reflect.apply(storeHTTPOptions, this, [options]);
  Reflect.apply(tls.Server, this, [{ noDelay: true, ALPNProtocols, ...options }, connectionListener]);
  this.httpAllowHalfOpen = false;
  if (requestListener) this.addListener('request', requestListener);
  this.addListener('tlsClientError', function(error, socket) {
    if (!this.emit('clientError', error, socket)) socket.destroy(error);
  });
  this.timeout = 0;
  this.maxHeadersCount = null;
  this.on('listening', setupConnectionsTracking);
}
Object.setPrototypeOf(Server.prototype, tls.Server.prototype);
Object.setPrototypeOf(Server, tls.Server);

Server.prototype.closeAllConnections = HttpServer.prototype.closeAllConnections;
Server.prototype.closeIdleConnections = HttpServer.prototype.closeIdleConnections;
Server.prototype.setTimeout = HttpServer.prototype.setTimeout;

Server.prototype.close = function close(...args) {
  httpServerPreClose(this);
  Reflect.apply(tls.Server.prototype.close, this, args);
  return this;
};

Server.prototype[Symbol.asyncDispose] = HttpServer.prototype[Symbol.asyncDispose];

function createServer(options, requestListener) {
  return new Server(options, requestListener);
}

let identityChecks = 0;

// Whether the agent of a request brings an identity check of its own.
function hasAgentCheck(options) {
  let { agent } = options;
  if (agent === false) return false;
  if (agent === null || agent === undefined) {
    if (typeof options.createConnection === 'function') return false;
    agent = agents.globalAgent;
  }
  return agent?.options?.checkServerIdentity !== undefined;
}

// (url[, options][, callback]) or (options[, callback])
function request(...args) {
  const { URL, isURL, urlToHttpOptions } = require('internal/url');
  let options = {};
  if (typeof args[0] === 'string') options = urlToHttpOptions(new URL(args.shift()));
  else if (isURL(args[0])) options = urlToHttpOptions(args.shift());
  if (args[0] && typeof args[0] !== 'function') Object.assign(options, args.shift());

  const { checkServerIdentity } = options;
  if (checkServerIdentity !== undefined && checkServerIdentity !== tls.checkServerIdentity && !hasAgentCheck(options)) {
    options[agents.kOwnIdentityCheck] = ++identityChecks;
  }
  options._defaultAgent = module.exports.globalAgent;
  return new ClientRequest(options, ...args);
}

function get(...args) {
  const req = request(...args);
  req.end();
  return req;
}

module.exports = { Agent: agents.Agent };
Object.defineProperty(module.exports, 'globalAgent', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get: () => agents.globalAgent,
  set: (agent) => { agents.globalAgent = agent; },
});
Object.assign(module.exports, { Server, createServer, get, request });
