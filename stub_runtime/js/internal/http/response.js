'use strict';
// http.ServerResponse.

const { begin, hasObserver } = require('internal/perf/counts');
const {
  codes: {
    ERR_HTTP_HEADERS_SENT,
    ERR_HTTP_INVALID_STATUS_CODE,
    ERR_HTTP_SOCKET_ASSIGNED,
    ERR_INTERNAL_ASSERTION,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_CHAR,
  },
} = require('internal/errors');
const { kOutHeaders } = require('internal/http');
const { validateHeaderName, validateHeaderValue } = require('internal/http/headers');
const { OutgoingMessage, kRejectNonStandardBodyWrites } = require('internal/http/outgoing');
const { checkInvalidHeaderChar, chunkExpression } = require('internal/http/parser');
const STATUS_CODES = require('internal/http/status_codes');
const { channel } = require('internal/net/channels');
const { validateInteger, validateLinkHeaderValue, validateObject } = require('internal/validators');

// The server's record of the connection, and of the request that this answers.
const kConnection = Symbol('kConnection');
// The entry of a request that somebody observes (perf_hooks).
const kMeasured = Symbol('kMeasured');

let created;

function ServerResponse(req, options) {
  OutgoingMessage.call(this, options);
  if (options?.rejectNonStandardBodyWrites) this[kRejectNonStandardBodyWrites] = true;
  if (req.method === 'HEAD') this._hasBody = false;
  this.req = req;
  this.sendDate = true;
  this._sent100 = false;
  this._expect_continue = false;
  this[kConnection] = null;
  if (req.httpVersionMajor < 1 || req.httpVersionMinor < 1) {
    this.useChunkedEncodingByDefault = chunkExpression.test(req.headers.te);
    this.shouldKeepAlive = false;
  }
  if (hasObserver('http')) {
    this[kMeasured] = begin('http', 'HttpRequest', { req: { method: req.method, url: req.url, headers: req.headers } });
  }
  created ??= channel('http.server.response.created');
  if (created.hasSubscribers) created.publish({ request: req, response: this });
}
Object.setPrototypeOf(ServerResponse.prototype, OutgoingMessage.prototype);
Object.setPrototypeOf(ServerResponse, OutgoingMessage);

ServerResponse.prototype._finish = function() {
  this[kMeasured]?.({ res: { statusCode: this.statusCode, statusMessage: this.statusMessage, headers: this.getHeaders() } });
  this[kMeasured] = undefined;
  OutgoingMessage.prototype._finish.call(this);
};

ServerResponse.prototype.statusCode = 200;
ServerResponse.prototype.statusMessage = undefined;

function emitCloseNT(message) {
  if (message._closed) return;
  message.destroyed = true;
  message._closed = true;
  message.emit('close');
}

function onSocketClose() {
  if (this._httpMessage) emitCloseNT(this._httpMessage);
}

ServerResponse.prototype.assignSocket = function(socket) {
  if (socket._httpMessage) throw new ERR_HTTP_SOCKET_ASSIGNED();
  socket._httpMessage = this;
  // The server's own connections tell the response without a listener for each.
  if (this[kConnection] === null) socket.on('close', onSocketClose);
  this.socket = socket;
  this.emit('socket', socket);
  this._flush();
};

ServerResponse.prototype.detachSocket = function(socket) {
  if (socket._httpMessage !== this) throw new ERR_INTERNAL_ASSERTION();
  if (this[kConnection] === null) socket.removeListener('close', onSocketClose);
  socket._httpMessage = null;
  this.socket = null;
};

ServerResponse.prototype._afterFinish = function() {
  this[kConnection]?.responseFinished(this.req, this);
};

ServerResponse.prototype._onPendingData = function(bytes) {
  this[kConnection]?.pendingData(bytes);
};

function informationHeader(name, value, lenient) {
  validateHeaderName(name);
  validateHeaderValue(name, value, lenient);
  return `${name}: ${value}\r\n`;
}

// A 1xx response before the real one.
ServerResponse.prototype.writeInformation = function(statusCode, headers, callback) {
  if (this._header) throw new ERR_HTTP_HEADERS_SENT('write');
  validateInteger(statusCode, 'statusCode', 100, 199);
  if (statusCode === 101) throw new ERR_HTTP_INVALID_STATUS_CODE(statusCode);
  let head = `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode] || 'unknown'}\r\n`;
  const lenient = this._isLenientHeaderValidation();
  if (headers !== undefined && headers !== null) {
    if (Array.isArray(headers)) {
      if (headers.length && Array.isArray(headers[0])) {
        for (const { 0: name, 1: value } of headers) head += informationHeader(name, value, lenient);
      } else {
        if (headers.length % 2 !== 0) throw new ERR_INVALID_ARG_VALUE('headers', headers);
        for (let i = 0; i < headers.length; i += 2) head += informationHeader(headers[i], headers[i + 1], lenient);
      }
    } else {
      validateObject(headers, 'headers');
      for (const name of Object.keys(headers)) head += informationHeader(name, headers[name], lenient);
    }
  }
  return this._writeRaw(`${head}\r\n`, 'ascii', callback);
};

ServerResponse.prototype.writeContinue = function(callback) {
  this.writeInformation(100, null, callback);
  this._sent100 = true;
};

ServerResponse.prototype.writeProcessing = function(callback) {
  this.writeInformation(102, null, callback);
};

ServerResponse.prototype.writeEarlyHints = function(hints, callback) {
  validateObject(hints, 'hints');
  if (hints.link === null || hints.link === undefined) return;
  const link = validateLinkHeaderValue(hints.link);
  if (link.length === 0) return;
  if (checkInvalidHeaderChar(link)) throw new ERR_INVALID_CHAR('header content', 'Link');
  const headers = { __proto__: null, Link: link };
  for (const name of Object.keys(hints)) {
    if (name !== 'link') headers[name] = hints[name];
  }
  this.writeInformation(103, headers, callback);
};

ServerResponse.prototype._implicitHeader = function() {
  this.writeHead(this.statusCode);
};

// Headers given to writeHead() replace those set before.
function mergeHeaders(response, headers) {
  if (Array.isArray(headers)) {
    if (headers.length % 2 !== 0) throw new ERR_INVALID_ARG_VALUE('headers', headers);
    // In an array a name may come twice: first away with the old, then add.
    for (let i = 0; i < headers.length; i += 2) response.removeHeader(headers[i]);
    for (let i = 0; i < headers.length; i += 2) {
      if (headers[i]) response.appendHeader(headers[i], headers[i + 1]);
    }
  } else if (headers) {
    for (const name of Object.keys(headers)) {
      if (name) response.setHeader(name, headers[name]);
    }
  }
}

function writeHead(statusCode, reason, headers) {
  if (this._header) throw new ERR_HTTP_HEADERS_SENT('write');
  const given = statusCode;
  statusCode |= 0;
  if (statusCode < 100 || statusCode > 999) throw new ERR_HTTP_INVALID_STATUS_CODE(given);
  if (typeof reason === 'string') {
    this.statusMessage = reason;
  } else {
    this.statusMessage ||= STATUS_CODES[statusCode] || 'unknown';
    headers ??= reason;
  }
  this.statusCode = statusCode;
  if (this[kOutHeaders]) {
    mergeHeaders(this, headers);
    headers = this[kOutHeaders];
  }
  const { statusMessage } = this;
  if (statusMessage !== STATUS_CODES[statusCode] && checkInvalidHeaderChar(statusMessage)) {
    throw new ERR_INVALID_CHAR('statusMessage');
  }
  if (statusCode === 204 || statusCode === 304 || (statusCode >= 100 && statusCode <= 199)) this._hasBody = false;
  // The client may or may not send its body now: its next request could not be told from it.
  if (this._expect_continue && !this._sent100) this.shouldKeepAlive = false;
  this._storeHeader(`HTTP/1.1 ${statusCode} ${statusMessage}\r\n`, headers);
  return this;
}
ServerResponse.prototype.writeHead = writeHead;

module.exports = { ServerResponse, emitCloseNT, kConnection };
