'use strict';
// http.ClientRequest: a request, from its options to the end of its response.

const net = require('net');
const { begin, hasObserver } = require('internal/perf/counts');
const { addAbortSignal, finished } = require('stream');
const {
  ConnResetException,
  codes: {
    ERR_HTTP_HEADERS_SENT,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_HTTP_TOKEN,
    ERR_INVALID_PROTOCOL,
    ERR_UNESCAPED_CHARACTERS,
  },
} = require('internal/errors');
const { defaultTriggerAsyncIdScope } = require('internal/async_hooks');
const { kNeedDrain, kOutHeaders, kSkipPendingData } = require('internal/http');
const agents = require('internal/http/agent');
const { kUniqueHeaders, parseUniqueHeadersOption } = require('internal/http/headers');
const { kDetachAbortSignal } = require('internal/http/incoming');
const { OutgoingMessage, kHighWaterMark } = require('internal/http/outgoing');
const {
  HTTPParser,
  NO_BODY,
  UPGRADED,
  calculateLenientFlags,
  checkIsHttpToken,
  freeParser,
  parsers,
  prepareError,
} = require('internal/http/parser');
const { kProxyConfig } = require('internal/http/proxy');
const { channel } = require('internal/net/channels');
const { getTimerDuration } = require('internal/timers');
const { kEmptyObject, once } = require('internal/util');
const { validateBoolean, validateInteger, validateOneOf, validateString } = require('internal/validators');

let debug = require('internal/util/debuglog').debuglog('http', (fn) => {
  debug = fn;
});

const invalidPath = /[^\u0021-\u00ff]/;
const kError = Symbol('kError');
const kPath = Symbol('kPath');

// Methods whose requests usually have no body.
const bodiless = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

function validateHost(host, name) {
  if (host !== null && host !== undefined && typeof host !== 'string') {
    throw new ERR_INVALID_ARG_TYPE(`options.${name}`, ['string', 'undefined', 'null'], host);
  }
  return host;
}

function emitErrorEvent(req, error) {
  const failed = channel('http.client.request.error');
  if (failed.hasSubscribers) failed.publish({ request: req, error });
  req.emit('error', error);
}

class HTTPClientAsyncResource {
  constructor(type, req) {
    this.type = type;
    this.req = req;
  }
}

// (url[, options][, callback]) or (options[, callback]) => [options, callback]
function normalizeRequestArgs(input, options, callback) {
  const { URL, isURL, urlToHttpOptions } = require('internal/url');
  if (typeof input === 'string') {
    input = urlToHttpOptions(new URL(input));
  } else if (isURL(input)) {
    input = urlToHttpOptions(input);
  } else {
    callback = options;
    options = input;
    input = null;
  }
  if (typeof options === 'function') return [input || kEmptyObject, options];
  return [Object.assign({ __proto__: null }, input, options), callback];
}

function chooseAgent(options) {
  const defaultAgent = options._defaultAgent || agents.globalAgent;
  const { agent } = options;
  if (agent === false) return new defaultAgent.constructor();
  if (agent === null || agent === undefined) {
    // Explicitly without an agent, on a connection of the caller's.
    return typeof options.createConnection === 'function' ? agent : defaultAgent;
  }
  if (typeof agent.addRequest !== 'function') {
    throw new ERR_INVALID_ARG_TYPE('options.agent', ['Agent-like Object', 'undefined', 'false'], agent);
  }
  return agent;
}

function chooseMethod(options) {
  const { method } = options;
  if (method != null) validateString(method, 'options.method');
  if (!method) return 'GET';
  if (!checkIsHttpToken(method)) throw new ERR_INVALID_HTTP_TOKEN('Method', method);
  return method.toUpperCase();
}

function storeParserOptions(req, options) {
  const { maxHeaderSize, insecureHTTPParser, httpValidation, joinDuplicateHeaders } = options;
  if (maxHeaderSize !== undefined) validateInteger(maxHeaderSize, 'maxHeaderSize', 0);
  req.maxHeaderSize = maxHeaderSize;
  if (insecureHTTPParser !== undefined) validateBoolean(insecureHTTPParser, 'options.insecureHTTPParser');
  req.insecureHTTPParser = insecureHTTPParser;
  if (httpValidation !== undefined) {
    validateOneOf(httpValidation, 'options.httpValidation', ['strict', 'relaxed', 'insecure']);
    if (insecureHTTPParser !== undefined) {
      throw new ERR_INVALID_ARG_VALUE(
        'options.httpValidation', httpValidation, 'cannot be used together with options.insecureHTTPParser');
    }
  }
  req.httpValidation = httpValidation;
  if (joinDuplicateHeaders !== undefined) validateBoolean(joinDuplicateHeaders, 'options.joinDuplicateHeaders');
  req.joinDuplicateHeaders = joinDuplicateHeaders;
}

// The Host header's value without and with the port.
function hostHeaders(host, port, defaultPort) {
  const colon = host.indexOf(':');
  const isV6 = colon !== -1 && host.includes(':', colon + 1) && host[0] !== '[';
  const bare = isV6 ? `[${host}]` : host;
  return { bare, full: port && +port !== defaultPort ? `${bare}:${port}` : bare };
}

// The async context that a request was made in.
const kFrame = Symbol('kFrame');

function ClientRequest(input, options, callback) {
  OutgoingMessage.call(this);
  this[kFrame] = internalBinding('async_context_frame').getContinuationPreservedEmbedderData();
  [options, callback] = normalizeRequestArgs(input, options, callback);
  if (options.highWaterMark != null) this[kHighWaterMark] = options.highWaterMark;

  const defaultAgent = options._defaultAgent || agents.globalAgent;
  this.agent = chooseAgent(options);
  const protocol = options.protocol || defaultAgent.protocol;
  const expectedProtocol = this.agent?.protocol || defaultAgent.protocol;
  if (options.path && invalidPath.test(String(options.path))) throw new ERR_UNESCAPED_CHARACTERS('Request path');
  if (protocol !== expectedProtocol) throw new ERR_INVALID_PROTOCOL(protocol, expectedProtocol);
  const defaultPort = options.defaultPort || this.agent?.defaultPort;

  // A signal is not for the sockets that the agent keeps.
  const socketOptions = { __proto__: null, ...options };
  const port = socketOptions.port = options.port || defaultPort || 80;
  const host = socketOptions.host =
    validateHost(options.hostname, 'hostname') || validateHost(options.host, 'host') || 'localhost';

  const plain = options.setDefaultHeaders === false;
  const setHost = options.setHost !== undefined ? Boolean(options.setHost) : !plain;
  this._removedConnection = plain;
  this._removedContLen = plain;
  this._removedTE = plain;
  this.socketPath = options.socketPath;
  if (options.timeout !== undefined) this.timeout = getTimerDuration(options.timeout, 'timeout');
  if (options.signal) {
    addAbortSignal(options.signal, this);
    delete socketOptions.signal;
  }
  const method = this.method = chooseMethod(options);
  storeParserOptions(this, options);
  this[kPath] = options.path || '/';
  if (callback) this.once('response', callback);
  this.useChunkedEncodingByDefault = !bodiless.has(method);

  this._ended = false;
  this.res = null;
  this.aborted = false;
  this.timeoutCb = null;
  this.upgradeOrConnect = false;
  this.parser = null;
  this.maxHeadersCount = null;
  this.reusedSocket = false;
  this.host = host;
  this.protocol = protocol;
  if (this.agent) {
    // A socket that is kept or waited for is asked to stay.
    const keep = this.agent.keepAlive || Number.isFinite(this.agent.maxSockets);
    this._last = !keep;
    this.shouldKeepAlive = keep;
  }

  const hosts = hostHeaders(host, port, defaultPort);
  const throughProxy = (userHost, list) => {
    if (!this.agent?.[kProxyConfig]) return;
    const { rewriteForProxy } = require('internal/http/proxy_request');
    rewriteForProxy(this, socketOptions, { host: hosts.bare, port }, userHost, list);
  };
  if (Array.isArray(options.headers)) {
    throughProxy(undefined, options.headers);
    this._storeHeader(`${method} ${this.path} HTTP/1.1\r\n`, options.headers);
  } else {
    if (options.headers) {
      for (const name of Object.keys(options.headers)) this.setHeader(name, options.headers[name]);
    }
    const userHost = this.getHeader('host');
    if (host && !userHost && setHost) {
      this.setHeader('Host', method === 'CONNECT' && options.path ? String(this.path) : hosts.full);
    }
    if (options.auth && !this.getHeader('Authorization')) {
      this.setHeader('Authorization', `Basic ${Buffer.from(options.auth).toString('base64')}`);
    }
    throughProxy(userHost);
    if (this.getHeader('expect')) {
      if (this._header) throw new ERR_HTTP_HEADERS_SENT('render');
      this._storeHeader(`${method} ${this.path} HTTP/1.1\r\n`, this[kOutHeaders]);
    }
  }
  const unique = parseUniqueHeadersOption(options.uniqueHeaders);
  if (unique !== null) this[kUniqueHeaders] = unique;

  if (this.agent) this.agent.addRequest(this, socketOptions);
  else connectWithoutAgent(this, socketOptions);

  const created = channel('http.client.request.created');
  if (created.hasSubscribers) created.publish({ request: this });
}
Object.setPrototypeOf(ClientRequest.prototype, OutgoingMessage.prototype);
Object.setPrototypeOf(ClientRequest, OutgoingMessage);

function connectWithoutAgent(req, options) {
  req._last = true;
  req.shouldKeepAlive = false;
  // A path is the URL's here, and a Unix socket's to net.
  if (options.path || options.socketPath) {
    options = { ...options, path: options.socketPath || undefined };
  }
  if (typeof options.createConnection !== 'function') {
    req.onSocket(net.createConnection(options));
    return;
  }
  const oncreate = once((error, socket) => {
    if (error) process.nextTick(() => emitErrorEvent(req, error));
    else req.onSocket(socket);
  });
  try {
    const socket = options.createConnection(options, oncreate);
    if (socket) oncreate(null, socket);
  } catch (error) {
    oncreate(error);
  }
}

Object.defineProperty(ClientRequest.prototype, 'path', {
  __proto__: null,
  get() { return this[kPath]; },
  set(value) {
    const path = String(value);
    if (invalidPath.test(path)) throw new ERR_UNESCAPED_CHARACTERS('Request path');
    this[kPath] = path;
  },
  configurable: true,
  enumerable: true,
});

// The entry of a request that somebody observes (perf_hooks).
const kMeasured = Symbol('kMeasured');

ClientRequest.prototype._finish = function() {
  OutgoingMessage.prototype._finish.call(this);
  if (hasObserver('http')) {
    this[kMeasured] = begin('http', 'HttpClient', {
      req: { method: this.method, url: `${this.protocol}//${this.host}${this.path}`, headers: this.getHeaders?.() ?? {} },
    });
  }
  const started = channel('http.client.request.start');
  if (started.hasSubscribers) started.publish({ request: this });
};

ClientRequest.prototype._implicitHeader = function() {
  if (this._header) throw new ERR_HTTP_HEADERS_SENT('render');
  this._storeHeader(`${this.method} ${this.path} HTTP/1.1\r\n`, this[kOutHeaders]);
};

ClientRequest.prototype.abort = function() {
  if (this.aborted) return;
  this.aborted = true;
  process.nextTick(emitAbortNT, this);
  this.destroy();
};

function emitAbortNT(req) {
  req.emit('abort');
}

ClientRequest.prototype.destroy = function(error) {
  if (this.destroyed) return this;
  this.destroyed = true;
  // A response that is under way is of no use any more.
  if (this.res) this.res._dump();
  // Wholly sent and answered: the socket may be somebody else's already.
  if (this.writableFinished && this.res?.complete) return this;
  this[kError] = error;
  this.socket?.destroy(error);
  return this;
};

function onSocketDrain() {
  const req = this._httpMessage;
  if (req && !req.finished && req[kNeedDrain]) {
    req[kNeedDrain] = false;
    req.emit('drain');
  }
}

function onSocketClose() {
  debug('HTTP socket close');
  const req = this._httpMessage;
  const { parser } = this;
  const { res } = req;
  req.destroyed = true;
  if (res) {
    // The response ended too early.
    if (!res.complete) res.destroy(new ConnResetException('aborted'));
    req._closed = true;
    req.emit('close');
    if (!res.aborted && res.readable) res.push(null);
  } else {
    if (!req.socket._hadError) {
      // It closed before it said anything.
      req.socket._hadError = true;
      emitErrorEvent(req, new ConnResetException('socket hang up'));
    }
    req._closed = true;
    req.emit('close');
  }
  // Too late for what still waits.
  if (req.outputData) req.outputData = [];
  if (parser) {
    parser.finish();
    freeParser(parser, req, this);
  }
}

function onSocketError(error) {
  debug('SOCKET ERROR:', error.message, error.stack);
  const req = this._httpMessage;
  if (req) {
    this._hadError = true;
    emitErrorEvent(req, error);
  }
  const { parser } = this;
  if (parser) {
    parser.finish();
    freeParser(parser, req, this);
  }
  this.removeListener('data', onSocketData);
  this.removeListener('end', onSocketEnd);
  this.destroy();
}

function onSocketEnd() {
  const req = this._httpMessage;
  const { parser } = this;
  if (!req.res && !req.socket._hadError) {
    req.socket._hadError = true;
    emitErrorEvent(req, new ConnResetException('socket hang up'));
  }
  if (parser) {
    parser.finish();
    freeParser(parser, req, this);
  }
  this.destroy();
}

function onSocketData(data) {
  const req = this._httpMessage;
  const { parser } = this;
  const result = parser.execute(data);
  if (result instanceof Error) {
    prepareError(result, parser, data);
    freeParser(parser, req, this);
    this.removeListener('data', onSocketData);
    this.removeListener('end', onSocketEnd);
    this.destroy();
    req.socket._hadError = true;
    emitErrorEvent(req, result);
  } else if (parser.incoming?.upgrade) {
    upgraded(this, req, parser, data.slice(result, data.length));
  } else if (parser.incoming?.complete && !isInformational(parser.incoming.statusCode)) {
    // The parser is free for others; what a bad server sends now is nobody's.
    this.removeListener('data', onSocketData);
    this.removeListener('end', onSocketEnd);
    this.removeListener('drain', onSocketDrain);
    freeParser(parser, req, this);
  }
}

function upgraded(socket, req, parser, head) {
  const res = parser.incoming;
  req.res = res;
  socket.removeListener('data', onSocketData);
  socket.removeListener('end', onSocketEnd);
  socket.removeListener('drain', onSocketDrain);
  if (req.timeoutCb) socket.removeListener('timeout', req.timeoutCb);
  socket.removeListener('timeout', onResponseTimeout);
  parser.finish();
  freeParser(parser, req, socket);
  const event = req.method === 'CONNECT' ? 'connect' : 'upgrade';
  if (req.listenerCount(event) === 0) {
    socket.destroy();
    return;
  }
  req.upgradeOrConnect = true;
  // The listener owns it from here.
  socket.emit('agentRemove');
  socket.removeListener('close', onSocketClose);
  socket.removeListener('error', onSocketError);
  socket._httpMessage = null;
  socket.readableFlowing = null;
  req.emit(event, res, socket, head);
  req.destroyed = true;
  req._closed = true;
  req.emit('close');
}

function isInformational(status) {
  // 101 is the end of HTTP here.
  return status < 200 && status >= 100 && status !== 101;
}

// The parser's 'onIncoming'; `this` is the parser.
function onIncomingResponse(res, shouldKeepAlive) {
  const { socket } = this;
  const req = socket._httpMessage;
  debug('AGENT incoming response!');
  if (req.res) {
    // A second answer to one request.
    socket.destroy();
    if (socket.parser) {
      socket.parser.incoming = req.res;
      socket.parser.incoming[kSkipPendingData] = true;
    }
    return 0;
  }
  req[kMeasured]?.({ res: { statusCode: res.statusCode, statusMessage: res.statusMessage, headers: res.headers } });
  req[kMeasured] = undefined;
  req.res = res;
  if (res.upgrade) return UPGRADED;
  const { method } = req;
  if (method === 'CONNECT') {
    res.upgrade = true;
    return UPGRADED;
  }
  if (isInformational(res.statusCode)) {
    // The real one comes after it.
    req.res = null;
    if (res.statusCode === 100) req.emit('continue');
    const { statusCode, statusMessage, httpVersion, httpVersionMajor, httpVersionMinor, headers, rawHeaders } = res;
    req.emit('information', {
      statusCode, statusMessage, httpVersion, httpVersionMajor, httpVersionMinor, headers, rawHeaders,
    });
    return NO_BODY;
  }
  if (req.shouldKeepAlive && !shouldKeepAlive && !req.upgradeOrConnect) req.shouldKeepAlive = false;
  const responded = channel('http.client.response.finish');
  if (responded.hasSubscribers) responded.publish({ request: req, response: res });

  res.req = req;
  // After `on('end')` of the program's own, so that it may still look at the socket.
  res.on('end', onResponseEnd);
  req.on('finish', onRequestFinish);
  socket.on('timeout', onResponseTimeout);
  // Nobody listens: the response is thrown away.
  if (req.aborted || !req.emit('response', res)) res._dump();
  if (method === 'HEAD') return NO_BODY;
  if (res.statusCode === 304) {
    res.complete = true;
    return NO_BODY;
  }
  return 0;
}

function keepConnection(req) {
  const { socket } = req;
  if (req.timeoutCb) {
    socket.setTimeout(0, req.timeoutCb);
    req.timeoutCb = null;
  }
  socket.removeListener('close', onSocketClose);
  socket.removeListener('error', onSocketError);
  socket.removeListener('data', onSocketData);
  socket.removeListener('end', onSocketEnd);
  const asyncId = socket._handle ? socket._handle.getAsyncId() : undefined;
  defaultTriggerAsyncIdScope(asyncId, process.nextTick, emitFreeNT, req);
  req.destroyed = true;
  // The response must not stop or start a socket that another request uses.
  if (req.res) req.res.socket = null;
}

function emitFreeNT(req) {
  req._closed = true;
  req.emit('close');
  if (req.socket) req.socket.emit('free');
}

// `this` is the response.
function onResponseEnd() {
  const { req } = this;
  const { socket } = req;
  this[kDetachAbortSignal]();
  if (socket) {
    if (req.timeoutCb) socket.removeListener('timeout', emitRequestTimeout);
    socket.removeListener('timeout', onResponseTimeout);
  }
  req._ended = true;
  if (!req.shouldKeepAlive) {
    if (socket.writable) {
      if (typeof socket.destroySoon === 'function') socket.destroySoon();
      else socket.end();
    }
  } else if (req.writableFinished && !this.aborted) {
    // With the request not wholly sent the connection goes on being its.
    keepConnection(req);
  }
}

function onResponseTimeout() {
  this._httpMessage?.res?.emit('timeout');
}

function onRequestFinish() {
  if (this.shouldKeepAlive && this._ended && !this.destroyed) keepConnection(this);
}

function tickOnSocket(req, socket) {
  const parser = parsers.alloc();
  req.socket = socket;
  parser.initialize(
    HTTPParser.RESPONSE,
    new HTTPClientAsyncResource('HTTPINCOMINGMESSAGE', req),
    req.maxHeaderSize || 0,
    calculateLenientFlags(req.httpValidation, req.insecureHTTPParser));
  parser.socket = socket;
  parser.outgoing = req;
  req.parser = parser;
  socket.parser = parser;
  socket._httpMessage = req;
  if (typeof req.maxHeadersCount === 'number') parser.limitFields(req.maxHeadersCount);
  parser.joinDuplicateHeaders = req.joinDuplicateHeaders;
  parser.frame = req[kFrame];
  parser.onIncoming = onIncomingResponse;
  socket.on('data', onSocketData);
  socket.on('end', onSocketEnd);
  socket.on('close', onSocketClose);
  socket.on('drain', onSocketDrain);
  if (req.timeout !== undefined || req.agent?.options?.timeout) listenSocketTimeout(req);
  req.emit('socket', socket);
}

function emitRequestTimeout() {
  this._httpMessage?.emit('timeout');
}

function listenSocketTimeout(req) {
  if (req.timeoutCb) return;
  req.timeoutCb = emitRequestTimeout;
  if (req.socket) req.socket.once('timeout', emitRequestTimeout);
  else req.on('socket', (socket) => socket.once('timeout', emitRequestTimeout));
}

ClientRequest.prototype.onSocket = function(socket, error) {
  if (socket && !error) {
    // Errors may come before the next tick.
    socket._httpMessage = this;
    socket.on('error', onSocketError);
  }
  process.nextTick(onSocketNT, this, socket, error);
};

function onSocketNT(req, socket, error) {
  if (!req.destroyed && !error) {
    tickOnSocket(req, socket);
    req._flush();
    return;
  }
  req.destroyed = true;
  const fail = (reason) => {
    if (!req.aborted && !reason) reason = new ConnResetException('socket hang up');
    if (reason && reason.code !== 'ERR_PROXY_TUNNEL' && !socket?._hadError) emitErrorEvent(req, reason);
    req._closed = true;
    req.emit('close');
  };
  if (socket) {
    if (!error && req.agent && !socket.destroyed) {
      socket.emit('free');
      socket.removeListener('error', onSocketError);
    } else {
      finished(socket.destroy(error || req[kError]), (reason) => {
        if (reason?.code === 'ERR_STREAM_PREMATURE_CLOSE') reason = null;
        fail(reason || error);
      });
      return;
    }
  }
  fail(error || req[kError]);
}

// Calls a method of the socket once it is there and connected.
ClientRequest.prototype._deferToConnect = function(method, args) {
  const call = () => {
    if (method) this.socket[method](...args);
  };
  const onSocket = () => {
    if (this.socket.writable) call();
    else this.socket.once('connect', call);
  };
  if (this.socket) onSocket();
  else this.once('socket', onSocket);
};

ClientRequest.prototype.setTimeout = function(msecs, callback) {
  if (this._ended) return this;
  listenSocketTimeout(this);
  msecs = getTimerDuration(msecs, 'msecs');
  if (callback) this.once('timeout', callback);
  if (this.socket) setSocketTimeout(this.socket, msecs);
  else this.once('socket', (socket) => setSocketTimeout(socket, msecs));
  return this;
};

function setSocketTimeout(socket, msecs) {
  if (socket.connecting) socket.once('connect', () => socket.setTimeout(msecs));
  else socket.setTimeout(msecs);
}

ClientRequest.prototype.setNoDelay = function(noDelay) {
  this._deferToConnect('setNoDelay', [noDelay]);
};

ClientRequest.prototype.setSocketKeepAlive = function(enable, initialDelay) {
  this._deferToConnect('setKeepAlive', [enable, initialDelay]);
};

ClientRequest.prototype.clearTimeout = function(callback) {
  this.setTimeout(0, callback);
};

module.exports = { ClientRequest };
