'use strict';
// Http2ServerResponse.

const Stream = require('stream');
const {
  codes: {
    ERR_HTTP2_HEADERS_SENT,
    ERR_HTTP2_INFO_STATUS_NOT_ALLOWED,
    ERR_HTTP2_INVALID_HEADER_VALUE,
    ERR_HTTP2_INVALID_STREAM,
    ERR_HTTP2_PSEUDOHEADER_NOT_ALLOWED,
    ERR_HTTP2_STATUS_INVALID,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_HTTP_TOKEN,
    ERR_STREAM_WRITE_AFTER_END,
  },
  hideStackFrames,
} = require('internal/errors');
const { validateFunction, validateLinkHeaderValue, validateObject, validateString } = require('internal/validators');
const { _checkIsHttpToken: checkIsHttpToken } = require('_http_common');
const { constants } = require('internal/http2/constants');
const { assertValidPseudoHeader } = require('internal/http2/headers');
const { proxySocketOf } = require('internal/http2/compat_request');
const { kProxySocket, kRequest, kResponse, kState } = require('internal/http2/util');

const kAppendHeader = Symbol('appendHeader');
const kBeginSend = Symbol('begin-send');
const kHeaders = Symbol('headers');
const kSetHeader = Symbol('setHeader');
const kStream = Symbol('stream');
const kTrailers = Symbol('trailers');

const notSettable = new Set([':status', ':method', ':path', ':authority', ':scheme']);

const warned = new Set();

function warnOnce(text) {
  if (warned.has(text)) return;
  warned.add(text);
  process.emitWarning(text, 'UnsupportedWarning');
}

const warnStatusMessage = () => warnOnce('Status message is not supported by HTTP/2 (RFC7540 8.1.2.4)');

const isAllowed = (name, value) => name !== 'connection' || value === 'trailers';

const assertValidHeader = hideStackFrames((name, value) => {
  if (name === '' || typeof name !== 'string' || name.includes(' ')) {
    throw new ERR_INVALID_HTTP_TOKEN.HideStackFramesError('Header name', name);
  }
  if (notSettable.has(name)) throw new ERR_HTTP2_PSEUDOHEADER_NOT_ALLOWED.HideStackFramesError();
  if (value === undefined || value === null) throw new ERR_HTTP2_INVALID_HEADER_VALUE.HideStackFramesError(value, name);
  if (!isAllowed(name, value)) {
    warnOnce('The provided connection header is not valid, the value will be dropped from the header and ' +
      'will never be in use.');
  }
});

// Listeners of the stream; `this` is the stream.
function onDrain() {
  this[kResponse]?.emit('drain');
}

// So that an abort is no exception.
function onAborted() {}

function onWantTrailers() {
  this.sendTrailers(this[kResponse][kTrailers]);
}

function onClose() {
  const response = this[kResponse];
  if (response === undefined) return;
  const state = response[kState];
  if (this.headRequest !== state.headRequest) return;
  state.closed = true;
  this[kProxySocket] = null;
  this.removeListener('wantTrailers', onWantTrailers);
  this[kResponse] = undefined;
  response.emit('finish');
  response.emit('close');
}

function onTimeout() {
  this[kResponse].emit('timeout');
}

// [name, value] of `[name, value, ...]` and `[[name, value], ...]`.
function pairsOf(headers) {
  if (headers.length > 0 && Array.isArray(headers[0])) return headers;
  const pairs = [];
  for (let i = 0; i < headers.length; i += 2) pairs.push([headers[i], headers[i + 1]]);
  return pairs;
}

class Http2ServerResponse extends Stream {
  constructor(stream, options) {
    super(options);
    this[kState] = {
      closed: false,
      destroyed: false,
      ending: false,
      headRequest: false,
      sendDate: true,
      statusCode: constants.HTTP_STATUS_OK,
    };
    this[kHeaders] = { __proto__: null };
    this[kTrailers] = { __proto__: null };
    this[kStream] = stream;
    stream[kProxySocket] = null;
    stream[kResponse] = this;
    this.writable = true;
    this.req = stream[kRequest];
    stream.on('drain', onDrain);
    stream.on('aborted', onAborted);
    stream.on('close', onClose);
    stream.on('wantTrailers', onWantTrailers);
    stream.on('timeout', onTimeout);
  }

  // pipe() and several frameworks look here.
  get _header() {
    return this.headersSent;
  }

  get writableEnded() {
    return this[kState].ending;
  }

  get finished() {
    return this[kState].ending;
  }

  get socket() {
    // As in http: undefined once the response is over.
    return this[kState].closed ? undefined : proxySocketOf(this[kStream]);
  }

  get connection() {
    return this.socket;
  }

  get stream() {
    return this[kStream];
  }

  get headersSent() {
    return this[kStream].headersSent;
  }

  get sendDate() {
    return this[kState].sendDate;
  }

  set sendDate(on) {
    this[kState].sendDate = Boolean(on);
  }

  get statusCode() {
    return this[kState].statusCode;
  }

  set statusCode(code) {
    code |= 0;
    if (code >= 100 && code < 200) throw new ERR_HTTP2_INFO_STATUS_NOT_ALLOWED();
    if (code < 100 || code > 599) throw new ERR_HTTP2_STATUS_INVALID(code);
    this[kState].statusCode = code;
  }

  get statusMessage() {
    warnStatusMessage();
    return '';
  }

  set statusMessage(text) {
    warnStatusMessage();
  }

  get writableCorked() {
    return this[kStream].writableCorked;
  }

  get writableHighWaterMark() {
    return this[kStream].writableHighWaterMark;
  }

  get writableObjectMode() {
    return this[kStream].writableObjectMode;
  }

  get writableFinished() {
    return this[kStream].writableFinished;
  }

  get writableLength() {
    return this[kStream].writableLength;
  }

  get writableNeedDrain() {
    return this[kStream].writableNeedDrain;
  }

  setTrailer(name, value) {
    validateString(name, 'name');
    name = name.trim().toLowerCase();
    assertValidHeader(name, value);
    this[kTrailers][name] = value;
  }

  addTrailers(headers) {
    for (const name of Object.keys(headers)) this.setTrailer(name, headers[name]);
  }

  getHeader(name) {
    validateString(name, 'name');
    return this[kHeaders][name.trim().toLowerCase()];
  }

  getHeaderNames() {
    return Object.keys(this[kHeaders]);
  }

  getHeaders() {
    return Object.assign({ __proto__: null }, this[kHeaders]);
  }

  hasHeader(name) {
    validateString(name, 'name');
    return Object.hasOwn(this[kHeaders], name.trim().toLowerCase());
  }

  removeHeader(name) {
    validateString(name, 'name');
    if (this[kStream].headersSent) throw new ERR_HTTP2_HEADERS_SENT();
    name = name.trim().toLowerCase();
    if (name === 'date') this[kState].sendDate = false;
    else delete this[kHeaders][name];
  }

  setHeader(name, value) {
    validateString(name, 'name');
    if (this[kStream].headersSent) throw new ERR_HTTP2_HEADERS_SENT();
    this[kSetHeader](name, value);
  }

  // The name as it is kept, or undefined where the field is dropped.
  #checked(name, value) {
    name = name.trim().toLowerCase();
    assertValidHeader(name, value);
    if (!isAllowed(name, value)) return undefined;
    if (name[0] === ':') assertValidPseudoHeader(name);
    else if (!checkIsHttpToken(name)) this.destroy(new ERR_INVALID_HTTP_TOKEN('Header name', name));
    return name;
  }

  [kSetHeader](name, value) {
    name = this.#checked(name, value);
    if (name !== undefined) this[kHeaders][name] = value;
  }

  appendHeader(name, value) {
    validateString(name, 'name');
    if (this[kStream].headersSent) throw new ERR_HTTP2_HEADERS_SENT();
    this[kAppendHeader](name, value);
  }

  [kAppendHeader](name, value) {
    name = this.#checked(name, value);
    if (name === undefined) return;
    const headers = this[kHeaders];
    if (!headers[name]) {
      this.setHeader(name, value);
      return;
    }
    if (!Array.isArray(headers[name])) headers[name] = [headers[name]];
    if (Array.isArray(value)) headers[name].push(...value);
    else headers[name].push(value);
  }

  flushHeaders() {
    const state = this[kState];
    if (!state.closed && !this[kStream].headersSent) this.writeHead(state.statusCode);
  }

  writeHead(statusCode, statusMessage, headers) {
    const state = this[kState];
    if (state.closed || this.stream.destroyed || this.stream.closed) return this;
    if (this[kStream].headersSent) throw new ERR_HTTP2_HEADERS_SENT();
    if (typeof statusMessage === 'string') warnStatusMessage();
    if (headers === undefined && typeof statusMessage === 'object') headers = statusMessage;

    if (Array.isArray(headers)) {
      const pairs = pairsOf(headers);
      // What is set here takes the place of what was set before; what is here twice is sent twice.
      for (const [name] of pairs) this.removeHeader(name);
      if (!Array.isArray(headers[0]) && headers.length % 2 !== 0) throw new ERR_INVALID_ARG_VALUE('headers', headers);
      for (const [name, value] of pairs) this[kAppendHeader](name, value);
    } else if (typeof headers === 'object') {
      for (const name of Object.keys(headers)) this[kSetHeader](name, headers[name]);
    }
    state.statusCode = statusCode;
    this[kBeginSend]();
    return this;
  }

  cork() {
    this[kStream].cork();
  }

  uncork() {
    this[kStream].uncork();
  }

  write(chunk, encoding, callback) {
    const state = this[kState];
    if (typeof encoding === 'function') {
      callback = encoding;
      encoding = 'utf8';
    }
    let error;
    if (state.ending) error = new ERR_STREAM_WRITE_AFTER_END();
    else if (state.closed) error = new ERR_HTTP2_INVALID_STREAM();
    else if (state.destroyed) return false;
    if (error !== undefined) {
      if (typeof callback === 'function') process.nextTick(callback, error);
      this.destroy(error);
      return false;
    }
    const stream = this[kStream];
    if (!stream.headersSent) this.writeHead(state.statusCode);
    return stream.write(chunk, encoding, callback);
  }

  end(chunk, encoding, callback) {
    const stream = this[kStream];
    const state = this[kState];
    if (typeof chunk === 'function') {
      callback = chunk;
      chunk = null;
    } else if (typeof encoding === 'function') {
      callback = encoding;
      encoding = 'utf8';
    }
    if ((state.closed || state.ending) && state.headRequest === stream.headRequest) {
      if (typeof callback === 'function') process.nextTick(callback);
      return this;
    }
    if (chunk !== null && chunk !== undefined) this.write(chunk, encoding);
    state.headRequest = stream.headRequest;
    state.ending = true;
    if (typeof callback === 'function') (stream.writableEnded ? this : stream).once('finish', callback);
    if (!stream.headersSent) this.writeHead(state.statusCode);
    if (state.closed || stream.destroyed) onClose.call(stream);
    else stream.end();
    return this;
  }

  destroy(error) {
    if (this[kState].destroyed) return;
    this[kState].destroyed = true;
    this[kStream].destroy(error);
  }

  setTimeout(msecs, callback) {
    if (!this[kState].closed) this[kStream].setTimeout(msecs, callback);
  }

  createPushResponse(headers, callback) {
    validateFunction(callback, 'callback');
    if (this[kState].closed) {
      process.nextTick(callback, new ERR_HTTP2_INVALID_STREAM());
      return;
    }
    this[kStream].pushStream(headers, {}, (error, stream) => {
      if (error) callback(error);
      else callback(null, new Http2ServerResponse(stream));
    });
  }

  [kBeginSend]() {
    const state = this[kState];
    const headers = this[kHeaders];
    headers[':status'] = state.statusCode;
    this[kStream].respond(headers, { endStream: state.ending, waitForTrailers: true, sendDate: state.sendDate });
  }

  writeInformation(statusCode, headers) {
    if (typeof statusCode !== 'number' || statusCode < 100 || statusCode > 199 || statusCode === 101) {
      throw new ERR_HTTP2_STATUS_INVALID(statusCode);
    }
    const stream = this[kStream];
    if (stream.headersSent || this[kState].closed) return false;
    if (headers !== undefined && headers !== null) validateObject(headers, 'headers');
    stream.additionalHeaders({ __proto__: null, ...headers, ':status': statusCode });
    return true;
  }

  writeContinue() {
    return this.writeInformation(constants.HTTP_STATUS_CONTINUE);
  }

  writeEarlyHints(hints) {
    validateObject(hints, 'hints');
    const link = validateLinkHeaderValue(hints.link);
    const headers = { __proto__: null };
    for (const key of Object.keys(hints)) {
      if (key === 'link') continue;
      const name = key.trim().toLowerCase();
      assertValidHeader(name, hints[key]);
      if (!checkIsHttpToken(name)) throw new ERR_INVALID_HTTP_TOKEN('Header name', name);
      headers[name] = hints[key];
    }
    if (link.length === 0) return false;
    headers.Link = link;
    return this.writeInformation(constants.HTTP_STATUS_EARLY_HINTS, headers);
  }
}

module.exports = { Http2ServerResponse };
