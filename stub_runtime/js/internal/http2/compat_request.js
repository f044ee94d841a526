'use strict';
// Http2ServerRequest, and what `request.socket` and `response.socket` are.

const { Readable } = require('stream');
const { codes: { ERR_HTTP2_NO_SOCKET_MANIPULATION, ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { validateString } = require('internal/validators');
const { getAuthority } = require('internal/http2/headers');
const { kProxySocket, kRequest, kSocket, kState } = require('internal/http2/util');

const kAborted = Symbol('aborted');
const kHeaders = Symbol('headers');
const kRawHeaders = Symbol('rawHeaders');
const kRawTrailers = Symbol('rawTrailers');
const kStream = Symbol('stream');
const kTrailers = Symbol('trailers');

const ofStream = new Set(['on', 'once', 'end', 'emit', 'destroy', 'writable', 'destroyed']);
const forbidden = new Set(['write', 'read', 'pause', 'resume']);

const socketOf = (stream) => (stream.session === undefined ? stream : stream.session[kSocket]);

// Whose the property of a proxy is.
function targetOf(stream, prop) {
  if (ofStream.has(prop)) return stream;
  if (prop === 'setTimeout') return stream.session ?? stream;
  if (forbidden.has(prop)) throw new ERR_HTTP2_NO_SOCKET_MANIPULATION();
  return socketOf(stream);
}

const proxyHandler = {
  __proto__: null,
  has(stream, prop) {
    return prop in stream || prop in socketOf(stream);
  },
  get(stream, prop) {
    if (prop === 'readable') {
      if (stream.destroyed) return false;
      return (stream[kRequest] || stream).readable;
    }
    const target = targetOf(stream, prop);
    const value = target[prop];
    return typeof value === 'function' ? value.bind(target) : value;
  },
  getPrototypeOf(stream) {
    return Reflect.getPrototypeOf(socketOf(stream));
  },
  set(stream, prop, value) {
    const target = prop === 'readable' ? stream : targetOf(stream, prop);
    target[prop] = value;
    return true;
  },
};

// The socket of a stream without the means to disturb its session.
function proxySocketOf(stream) {
  if (stream[kProxySocket] === null) stream[kProxySocket] = new Proxy(stream, proxyHandler);
  return stream[kProxySocket];
}

// Listeners of the stream; `this` is the stream.
function onData(chunk) {
  const request = this[kRequest];
  if (request !== undefined && !request.push(chunk)) this.pause();
}

function onTrailers(trailers, flags, rawTrailers) {
  const request = this[kRequest];
  if (request === undefined) return;
  Object.assign(request[kTrailers], trailers);
  request[kRawTrailers].push(...rawTrailers);
}

function onEnd() {
  this[kRequest]?.push(null);
}

// A request that fails is not the program's mistake: 'aborted' and 'close' tell of it.
function onError() {}

function onAborted() {
  const request = this[kRequest];
  if (request === undefined || request[kState].closed) return;
  request[kAborted] = true;
  request.emit('aborted');
}

function onClose() {
  const request = this[kRequest];
  if (request === undefined) return;
  const state = request[kState];
  state.closed = true;
  request.push(null);
  // Nobody wanted the body: it must not keep 'end' from coming.
  if (!state.didRead && !request._readableState.resumeScheduled) request.resume();
  this[kProxySocket] = null;
  this[kRequest] = undefined;
  request.emit('close');
}

function onTimeout() {
  this[kRequest].emit('timeout');
}

class Http2ServerRequest extends Readable {
  constructor(stream, headers, options, rawHeaders) {
    super({ autoDestroy: false, ...options });
    this[kState] = { closed: false, didRead: false };
    this[kHeaders] = headers;
    this[kRawHeaders] = rawHeaders;
    this[kTrailers] = {};
    this[kRawTrailers] = [];
    this[kStream] = stream;
    this[kAborted] = false;
    stream[kProxySocket] = null;
    stream[kRequest] = this;
    stream.on('trailers', onTrailers);
    stream.on('end', onEnd);
    stream.on('error', onError);
    stream.on('aborted', onAborted);
    stream.on('close', onClose);
    stream.on('timeout', onTimeout);
    this.on('pause', () => this[kStream].pause());
    this.on('resume', () => this[kStream].resume());
  }

  get aborted() {
    return this[kAborted];
  }

  get complete() {
    return this[kAborted] || this.readableEnded || this[kState].closed || this[kStream].destroyed;
  }

  get stream() {
    return this[kStream];
  }

  get headers() {
    return this[kHeaders];
  }

  get rawHeaders() {
    return this[kRawHeaders];
  }

  get trailers() {
    return this[kTrailers];
  }

  get rawTrailers() {
    return this[kRawTrailers];
  }

  get httpVersionMajor() {
    return 2;
  }

  get httpVersionMinor() {
    return 0;
  }

  get httpVersion() {
    return '2.0';
  }

  get socket() {
    return proxySocketOf(this[kStream]);
  }

  get connection() {
    return this.socket;
  }

  _read() {
    const state = this[kState];
    if (state.didRead) {
      process.nextTick(() => this[kStream].resume());
    } else {
      state.didRead = true;
      this[kStream].on('data', onData);
    }
  }

  get method() {
    return this[kHeaders][':method'];
  }

  set method(method) {
    validateString(method, 'method');
    if (method.trim() === '') throw new ERR_INVALID_ARG_VALUE('method', method);
    this[kHeaders][':method'] = method;
  }

  get authority() {
    return getAuthority(this[kHeaders]);
  }

  get scheme() {
    return this[kHeaders][':scheme'];
  }

  get url() {
    return this[kHeaders][':path'];
  }

  set url(url) {
    this[kHeaders][':path'] = url;
  }

  setTimeout(msecs, callback) {
    if (!this[kState].closed) this[kStream].setTimeout(msecs, callback);
    return this;
  }
}

module.exports = { Http2ServerRequest, proxySocketOf };
