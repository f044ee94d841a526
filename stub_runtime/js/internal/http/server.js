'use strict';
// http.Server: options, time limits, closing. What happens on a connection is internal/http/connection.

const EventEmitter = require('events');
const net = require('net');
const { codes: { ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE } } = require('internal/errors');
const { kUniqueHeaders, parseUniqueHeadersOption } = require('internal/http/headers');
const { IncomingMessage } = require('internal/http/incoming');
const {
  ServerResponse,
  connectionListener,
  kConnections,
  kIncomingMessage,
  kOptimizeEmptyRequests,
  kServerResponse,
  onRequestTimeout,
} = require('internal/http/connection');
const { now } = require('internal/http/parser');
const STATUS_CODES = require('internal/http/status_codes');
const { kEmptyObject } = require('internal/util');
const { validateBoolean, validateFunction, validateInteger, validateObject, validateOneOf } = require('internal/validators');

const kConnectionsCheckingInterval = Symbol('http.server.connectionsCheckingInterval');

function integer(options, name, fallback) {
  const value = options[name];
  if (value === undefined) return fallback;
  validateInteger(value, name, 0);
  return value;
}

function boolean(options, name, fallback) {
  const value = options[name];
  if (value === undefined) return fallback;
  validateBoolean(value, `options.${name}`);
  return value;
}

// Puts checked options on `this`, a server; https uses it too.
function storeHTTPOptions(options) {
  this[kIncomingMessage] = options.IncomingMessage || IncomingMessage;
  this[kServerResponse] = options.ServerResponse || ServerResponse;
  this.maxHeaderSize = integer(options, 'maxHeaderSize', undefined);
  this[kOptimizeEmptyRequests] = boolean(options, 'optimizeEmptyRequests', false);
  this.insecureHTTPParser = boolean(options, 'insecureHTTPParser', undefined);
  const { httpValidation } = options;
  if (httpValidation !== undefined) {
    validateOneOf(httpValidation, 'options.httpValidation', ['strict', 'relaxed', 'insecure']);
    if (this.insecureHTTPParser !== undefined) {
      throw new ERR_INVALID_ARG_VALUE(
        'options.httpValidation', httpValidation, 'cannot be used together with options.insecureHTTPParser');
    }
  }
  this.httpValidation = httpValidation;
  this.requestTimeout = integer(options, 'requestTimeout', 300_000);
  this.headersTimeout = integer(options, 'headersTimeout', Math.min(60_000, this.requestTimeout));
  if (this.requestTimeout > 0 && this.headersTimeout > 0 && this.headersTimeout > this.requestTimeout) {
    throw new ERR_OUT_OF_RANGE('headersTimeout', '<= requestTimeout', options.headersTimeout);
  }
  this.keepAliveTimeout = integer(options, 'keepAliveTimeout', 5_000);
  this.keepAliveTimeoutBuffer = integer(options, 'keepAliveTimeoutBuffer', 1_000);
  this.connectionsCheckingInterval = integer(options, 'connectionsCheckingInterval', 30_000);
  this.requireHostHeader = boolean(options, 'requireHostHeader', true);
  this.joinDuplicateHeaders = boolean(options, 'joinDuplicateHeaders', undefined);
  this.rejectNonStandardBodyWrites = boolean(options, 'rejectNonStandardBodyWrites', false);
  if (options.shouldUpgradeCallback !== undefined) {
    validateFunction(options.shouldUpgradeCallback, 'options.shouldUpgradeCallback');
    this.shouldUpgradeCallback = options.shouldUpgradeCallback;
  } else {
    this.shouldUpgradeCallback = defaultShouldUpgrade;
  }
}

function defaultShouldUpgrade() {
  return this.listenerCount('upgrade') > 0;
}

function setupConnectionsTracking() {
  this[kConnections] ||= new Set();
  if (this[kConnectionsCheckingInterval]) clearInterval(this[kConnectionsCheckingInterval]);
  // Rarely is often enough: the limits are minutes.
  this[kConnectionsCheckingInterval] =
    setInterval(checkConnections.bind(this), this.connectionsCheckingInterval).unref();
}

function limit(value) {
  return Number.isFinite(value) && value >= 0 ? value : 0;
}

// Refuses what has been on its way for too long.
function checkConnections() {
  const headersTimeout = limit(this.headersTimeout);
  const requestTimeout = limit(this.requestTimeout);
  if (headersTimeout === 0 && requestTimeout === 0) return;
  const time = now();
  for (const { parser, socket } of [...this[kConnections]]) {
    if (socket.parser !== parser) continue;
    const start = parser.messageStart();
    if (start === 0) continue;
    const age = time - Math.abs(start);
    const isLate = (start > 0 && headersTimeout > 0 && age >= headersTimeout) ||
      (requestTimeout > 0 && age >= requestTimeout);
    if (isLate) onRequestTimeout(socket);
  }
}

function httpServerPreClose(server) {
  server.closeIdleConnections();
  clearInterval(server[kConnectionsCheckingInterval]);
}

function Server(options, requestListener) {
  if (!(this instanceof Server)) return new Server(options, requestListener);
  if (typeof options === 'function') {
    requestListener = options;
    options = kEmptyObject;
  } else if (options == null) {
    options = kEmptyObject;
  } else {
    validateObject(options, 'options');
  }
  storeHTTPOptions.call(this, options);
  net.Server.call(this, {
    allowHalfOpen: true,
    noDelay: options.noDelay ?? true,
    keepAlive: options.keepAlive,
    keepAliveInitialDelay: options.keepAliveInitialDelay,
    highWaterMark: options.highWaterMark,
  });
  if (requestListener) this.on('request', requestListener);
  // A request that has been sent wholly is answered even if the client has no more to say.
  this.httpAllowHalfOpen = false;
  this.on('connection', connectionListener);
  this.on('listening', setupConnectionsTracking);
  this.timeout = 0;
  this.maxHeadersCount = null;
  this.maxRequestsPerSocket = 0;
  this[kUniqueHeaders] = parseUniqueHeadersOption(options.uniqueHeaders);
}
Object.setPrototypeOf(Server.prototype, net.Server.prototype);
Object.setPrototypeOf(Server, net.Server);

Server.prototype.close = function(...args) {
  httpServerPreClose(this);
  Reflect.apply(net.Server.prototype.close, this, args);
  return this;
};

Server.prototype[Symbol.asyncDispose] = async function() {
  await new Promise((resolve, reject) => {
    this.close((error) => {
      if (error) reject(error);
      else resolve();
    });
  });
};

Server.prototype.closeAllConnections = function() {
  if (!this[kConnections]) return;
  for (const { socket } of [...this[kConnections]]) socket.destroy();
};

Server.prototype.closeIdleConnections = function() {
  if (!this[kConnections]) return;
  for (const { parser, socket } of [...this[kConnections]]) {
    if (socket.parser !== parser || parser.messageStart() !== 0) continue;
    if (socket._httpMessage && !socket._httpMessage.finished) continue;
    socket.destroy();
  }
};

Server.prototype.setTimeout = function(msecs, callback) {
  this.timeout = msecs;
  if (callback) this.on('timeout', callback);
  return this;
};

// An async handler that failed.
Server.prototype[EventEmitter.captureRejectionSymbol] = function(error, event, ...args) {
  if (event !== 'request') {
    Reflect.apply(net.Server.prototype[EventEmitter.captureRejectionSymbol], this, [error, event, ...args]);
    return;
  }
  const res = args[1];
  if (res.headersSent || res.writableEnded) {
    res.destroy();
    return;
  }
  // What was to be told (cookies, say) is not for this answer.
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  res.statusCode = 500;
  res.end(STATUS_CODES[500]);
};

module.exports = {
  Server,
  httpServerPreClose,
  kConnectionsCheckingInterval,
  kServerResponse,
  setupConnectionsTracking,
  storeHTTPOptions,
};
