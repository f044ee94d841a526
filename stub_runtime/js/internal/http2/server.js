'use strict';
// createServer and createSecureServer: a net or tls server whose connections become sessions, or HTTP/1 connections.

const net = require('net');
const EventEmitter = require('events');
const http = require('http');
const { httpServerPreClose, setupConnectionsTracking, storeHTTPOptions } = require('internal/http/server');
const { codes: { ERR_HTTP2_TOO_MANY_CUSTOM_SETTINGS } } = require('internal/errors');
const { kEmptyObject, promisify } = require('internal/util');
const { validateBoolean, validateFunction, validateUint32 } = require('internal/validators');
const { Http2ServerRequest, Http2ServerResponse, onServerStream } = require('internal/http2/compat');
const { ServerHttp2Session } = require('internal/http2/server_session');
const { MAX_ADDITIONAL_SETTINGS, validateSettings } = require('internal/http2/settings');
const {
  assertIsArray, assertIsObject, debug, kCountListener, kOptions, kServer, kSessions,
} = require('internal/http2/util');

function onSessionStream(...args) {
  this[kServer]?.emit('stream', ...args);
}

function onSessionPriority(...args) {
  this[kServer]?.emit('priority', ...args);
}

function onSessionError(error) {
  this[kServer]?.emit('sessionError', error, this);
}

function onSessionTimeout() {
  if (this.destroyed || this.closed) return;
  if (!this[kServer].emit('timeout', this)) this.destroy();
}

const REFUSAL = 'HTTP/1.0 403 Forbidden\r\nContent-Type: text/plain\r\n\r\n' +
  'Missing ALPN Protocol, expected `h2` to be available.\n' +
  'If this is a HTTP request: The server was not configured with the `allowHTTP1` option or a ' +
  'listener for the `unknownProtocol` event.\n';

// A connection that did not choose h2.
function onUnknownProtocol(server, socket, options) {
  debug('Unknown protocol from %s:%s', socket.remoteAddress, socket.remotePort);
  if (server.emit('unknownProtocol', socket)) return;
  const timer = setTimeout(() => socket.destroy(), options.unknownProtocolTimeout);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
  // Nobody waits for the answer: the timer ends what does not end itself.
  socket.end(REFUSAL);
}

function connectionListener(socket) {
  const options = this[kOptions] || {};
  if (socket.alpnProtocol === false || socket.alpnProtocol === 'http/1.1') {
    if (options.allowHTTP1 === true) return http._connectionListener.call(this, socket);
    onUnknownProtocol(this, socket, options);
    return;
  }
  const session = new ServerHttp2Session(options, socket, this);
  session.on('stream', onSessionStream);
  session.on('error', onSessionError);
  session.on('priority', onSessionPriority);
  // Ours does not count.
  session[kCountListener]('priority', -1);
  if (this.timeout) session.setTimeout(this.timeout, onSessionTimeout);
  socket[kServer] = this;
  this.emit('session', session);
}

function copyCustomSettings(options) {
  assertIsArray(options.remoteCustomSettings, 'options.remoteCustomSettings');
  if (!options.remoteCustomSettings) return;
  options.remoteCustomSettings = [...options.remoteCustomSettings];
  if (options.remoteCustomSettings.length > MAX_ADDITIONAL_SETTINGS) throw new ERR_HTTP2_TOO_MANY_CUSTOM_SETTINGS();
}

// What servers' and clients' options have in common.
function initializeCommonOptions(options) {
  copyCustomSettings(options);
  if (options.strictSingleValueFields === undefined) options.strictSingleValueFields = true;
  else validateBoolean(options.strictSingleValueFields, 'options.strictSingleValueFields');
}

function initializeOptions(options) {
  assertIsObject(options, 'options');
  options = { ...options };
  assertIsObject(options.settings, 'options.settings');
  options.settings = { ...options.settings };
  copyCustomSettings(options);
  for (const name of ['maxSessionInvalidFrames', 'maxSessionRejectedStreams']) {
    if (options[name] !== undefined) validateUint32(options[name], `options.${name}`);
  }
  if (options.unknownProtocolTimeout === undefined) options.unknownProtocolTimeout = 10000;
  else validateUint32(options.unknownProtocolTimeout, 'options.unknownProtocolTimeout');
  initializeCommonOptions(options);
  options.http1Options = { ...options.http1Options };
  if (options.Http1IncomingMessage !== undefined) options.http1Options.IncomingMessage ??= options.Http1IncomingMessage;
  if (options.Http1ServerResponse !== undefined) options.http1Options.ServerResponse ??= options.Http1ServerResponse;
  options.Http2ServerRequest ||= Http2ServerRequest;
  options.Http2ServerResponse ||= Http2ServerResponse;
  return options;
}

function initializeTLSOptions(options, servername = undefined) {
  options = initializeOptions(options);
  if (!options.ALPNCallback) {
    options.ALPNProtocols = ['h2'];
    if (options.allowHTTP1 === true) options.ALPNProtocols.push('http/1.1');
  }
  if (servername !== undefined && !options.servername) options.servername = servername;
  return options;
}

// The compat API costs nothing to those who do not use it.
function onListenerAdded(event) {
  if (event !== 'request') return;
  this.removeListener('newListener', onListenerAdded);
  const { Http2ServerRequest: Request, Http2ServerResponse: Response } = this[kOptions];
  this.on('stream', onServerStream.bind(this, Request, Response));
}

function initializeServer(server, options, requestListener) {
  server[kOptions] = options;
  server[kSessions] = new Set();
  server.timeout = 0;
  server.on('newListener', onListenerAdded);
  if (typeof requestListener === 'function') server.on('request', requestListener);
}

function closeSessions(server) {
  for (const session of server[kSessions]) session.close();
}

// What both servers have.
const shared = {
  setTimeout(msecs, callback) {
    this.timeout = msecs;
    if (callback !== undefined) {
      validateFunction(callback, 'callback');
      this.on('timeout', callback);
    }
    return this;
  },
  updateSettings(settings) {
    assertIsObject(settings, 'settings');
    validateSettings(settings);
    this[kOptions].settings = { ...this[kOptions].settings, ...settings };
  },
};

function onTlsClientError(error, socket) {
  if (!this.emit('clientError', error, socket)) socket.destroy(error);
}

// On first use: many servers need no tls.
function createSecureServerClass() {
  const tls = require('tls');
  class Http2SecureServer extends tls.Server {
    constructor(options, requestListener) {
      options = initializeTLSOptions(options);
      super(options, connectionListener);
      initializeServer(this, options, requestListener);
      if (options.allowHTTP1 === true) {
        storeHTTPOptions.call(this, { ...options, ...options.http1Options });
        this.shouldUpgradeCallback = function() {
          return this.listenerCount('upgrade') > 0;
        };
        this.on('listening', setupConnectionsTracking);
      }
      this.on('tlsClientError', onTlsClientError);
    }

    close(...args) {
      Reflect.apply(tls.Server.prototype.close, this, args);
      if (this[kOptions].allowHTTP1 === true) httpServerPreClose(this);
      closeSessions(this);
    }

    closeIdleConnections(...args) {
      if (this[kOptions].allowHTTP1 === true) Reflect.apply(http.Server.prototype.closeIdleConnections, this, args);
    }
  }
  addShared(Http2SecureServer);
  return Http2SecureServer;
}

function addShared(Server) {
  for (const name of Object.keys(shared)) {
    Object.defineProperty(Server.prototype, name, {
      __proto__: null, configurable: true, enumerable: false, writable: true, value: shared[name],
    });
  }
}

class Http2Server extends net.Server {
  constructor(options, requestListener) {
    options = initializeOptions(options);
    super(options, connectionListener);
    initializeServer(this, options, requestListener);
  }

  close(...args) {
    Reflect.apply(net.Server.prototype.close, this, args);
    closeSessions(this);
  }

  async [Symbol.asyncDispose]() {
    await promisify(super.close).call(this);
  }

  [EventEmitter.captureRejectionSymbol](error, event, ...args) {
    if (event === 'stream') {
      const [stream] = args;
      if (stream.sentHeaders) {
        stream.destroy(error);
      } else {
        stream.respond({ ':status': 500 });
        stream.end();
      }
    } else if (event === 'request') {
      const [, res] = args;
      if (res.headersSent || res.finished) return res.destroy();
      for (const name of res.getHeaderNames()) res.removeHeader(name);
      res.statusCode = 500;
      res.end(http.STATUS_CODES[500]);
    } else {
      net.Server.prototype[EventEmitter.captureRejectionSymbol].call(this, error, event, ...args);
    }
  }
}
addShared(Http2Server);

let Http2SecureServer;

function createSecureServer(options, handler) {
  Http2SecureServer ??= createSecureServerClass();
  return new Http2SecureServer(options, handler);
}

function createServer(options, handler) {
  if (typeof options === 'function') {
    handler = options;
    options = kEmptyObject;
  }
  return new Http2Server(options, handler);
}

// A session on a socket that no server of ours accepted.
function performServerHandshake(socket, options = kEmptyObject) {
  return new ServerHttp2Session(initializeOptions(options), socket, undefined);
}

module.exports = { createSecureServer, createServer, initializeCommonOptions, initializeTLSOptions, performServerHandshake };
