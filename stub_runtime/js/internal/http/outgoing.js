'use strict';
// http.OutgoingMessage: a response of a server or a request of a client. Owns: writing, chunks, ending. The head is
// internal/http/headers.

const { Buffer } = require('buffer');
const { Stream } = require('stream');
const EventEmitter = require('events');
const {
  codes: {
    ERR_HTTP_BODY_NOT_ALLOWED,
    ERR_HTTP_CONTENT_LENGTH_MISMATCH,
    ERR_HTTP_HEADERS_SENT,
    ERR_INVALID_ARG_TYPE,
    ERR_METHOD_NOT_IMPLEMENTED,
    ERR_STREAM_ALREADY_FINISHED,
    ERR_STREAM_CANNOT_PIPE,
    ERR_STREAM_DESTROYED,
    ERR_STREAM_NULL_VALUES,
    ERR_STREAM_WRITE_AFTER_END,
    ERR_UNKNOWN_ENCODING,
  },
} = require('internal/errors');
const { defaultTriggerAsyncIdScope, symbols: { async_id_symbol } } = require('internal/async_hooks');
const { kNeedDrain, kOutHeaders } = require('internal/http');
const { checkHeader, checkValue, kUniqueHeaders, storeHeader, validateHeaderName } = require('internal/http/headers');
const { isLenient } = require('internal/http/parser');
const { writeDirectly } = require('internal/http/direct_write');
const { getDefaultHighWaterMark } = require('internal/streams/state');
const { isUint8Array } = require('internal/util/types');
const { validateString } = require('internal/validators');

const kBytesWritten = Symbol('kBytesWritten');
const kChunkedBuffer = Symbol('kChunkedBuffer');
const kChunkedLength = Symbol('kChunkedLength');
const kCorked = Symbol('corked');
const kEndCallbacks = Symbol('kEndCallbacks');
const kErrored = Symbol('errored');
const kFlushError = Symbol('kFlushError');
const kHighWaterMark = Symbol('kHighWaterMark');
const kRejectNonStandardBodyWrites = Symbol('kRejectNonStandardBodyWrites');
const kSocket = Symbol('kSocket');
const kWritableFinished = Symbol('kWritableFinished');

const nop = () => {};
const crlf = Buffer.from('\r\n');

function OutgoingMessage(options) {
  this._events = undefined;
  this._eventsCount = 0;

  // What is written before there is a socket.
  this.outputData = noOutput;
  this.outputSize = 0;

  this.writable = true;
  this.destroyed = false;
  this._last = false;
  this.chunkedEncoding = false;
  this.shouldKeepAlive = true;
  this.maxRequestsOnConnectionReached = false;
  this._defaultKeepAlive = true;
  this.useChunkedEncodingByDefault = true;
  this.sendDate = false;
  this._removedConnection = false;
  this._removedContLen = false;
  this._removedTE = false;
  this.strictContentLength = false;
  this._contentLength = null;
  this._hasBody = true;
  this._trailer = '';
  this[kNeedDrain] = false;
  this.finished = false;
  this._headerSent = false;
  this[kCorked] = 0;
  // [chunk, encoding, callback, ...] of one chunk to be, while corked.
  this[kChunkedBuffer] = null;
  this[kChunkedLength] = 0;
  this._closed = false;
  this[kSocket] = null;
  this._header = null;
  this[kOutHeaders] = null;
  this._keepAliveTimeout = 0;
  this[kErrored] = null;
  this[kWritableFinished] = false;
  this[kEndCallbacks] = null;
  this[kHighWaterMark] = options?.highWaterMark ?? getDefaultHighWaterMark();
}
Object.setPrototypeOf(OutgoingMessage.prototype, Stream.prototype);
Object.setPrototypeOf(OutgoingMessage, Stream);

const noOutput = Object.freeze([]);

OutgoingMessage.prototype[kBytesWritten] = 0;
OutgoingMessage.prototype[kFlushError] = null;
OutgoingMessage.prototype[kRejectNonStandardBodyWrites] = false;
OutgoingMessage.prototype[kUniqueHeaders] = null;
OutgoingMessage.prototype._onPendingData = nop;

OutgoingMessage.prototype._isLenientHeaderValidation = function() {
  if (this.httpValidation !== undefined) return this.httpValidation !== 'strict';
  const server = this.req?.socket?.server;
  if (server?.httpValidation !== undefined) return server.httpValidation !== 'strict';
  if (typeof this.insecureHTTPParser === 'boolean') return this.insecureHTTPParser;
  if (typeof server?.insecureHTTPParser === 'boolean') return server.insecureHTTPParser;
  return isLenient();
};

function define(name, get, set) {
  Object.defineProperty(OutgoingMessage.prototype, name, { __proto__: null, get, set });
}

define('errored', function() { return this[kErrored]; });
define('closed', function() { return this._closed; });
define('writableFinished', function() { return this[kWritableFinished]; });
define('writableObjectMode', () => false);
define('writableLength', function() {
  let chunked = this[kChunkedLength];
  if (chunked !== 0) {
    // The size line and both line ends, and the head if it is still to go.
    chunked += chunked.toString(16).length + 4 + (!this._headerSent && this._header !== null ? this._header.length : 0);
  }
  return this.outputSize + chunked + (this[kSocket] ? this[kSocket].writableLength : 0);
});
define('writableHighWaterMark', function() {
  return this[kSocket] ? this[kSocket].writableHighWaterMark : this[kHighWaterMark];
});
define('writableCorked', function() { return this[kCorked]; });
define('connection', function() { return this[kSocket]; }, function(value) { this.socket = value; });
define('socket', function() { return this[kSocket]; }, function(value) {
  for (let n = 0; n < this[kCorked]; n++) {
    value?.cork();
    this[kSocket]?.uncork();
  }
  this[kSocket] = value;
});
Object.defineProperty(OutgoingMessage.prototype, 'headersSent', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get() { return !!this._header; },
});
define('writableEnded', function() { return this.finished; });
define('writableNeedDrain', function() { return !this.destroyed && !this.finished && this[kNeedDrain]; });

OutgoingMessage.prototype._renderHeaders = function() {
  if (this._header) throw new ERR_HTTP_HEADERS_SENT('render');
  const headers = {};
  const own = this[kOutHeaders];
  for (const key in own) headers[own[key][0]] = own[key][1];
  return headers;
};

OutgoingMessage.prototype.cork = function() {
  this[kCorked]++;
  this[kSocket]?.cork();
};

OutgoingMessage.prototype.uncork = function() {
  this[kCorked]--;
  const socket = this[kSocket];
  const buffer = this[kChunkedBuffer];
  try {
    if (this[kCorked] || buffer === null || buffer.length === 0) return;
    const length = this[kChunkedLength];
    this[kChunkedBuffer] = null;
    this[kChunkedLength] = 0;
    if (this.destroyed || socket?.destroyed) {
      const error = this[kErrored] || socket?._writableState?.errored || new ERR_STREAM_DESTROYED('write');
      for (let n = 2; n < buffer.length; n += 3) {
        if (buffer[n] !== nop) process.nextTick(buffer[n], error);
      }
      return;
    }
    this._send(length.toString(16), 'latin1', null);
    this._send(crlf, null, null);
    const callbacks = [];
    for (let n = 0; n < buffer.length; n += 3) {
      this._send(buffer[n], buffer[n + 1], null);
      if (buffer[n + 2] !== nop) callbacks.push(buffer[n + 2]);
    }
    this._send(crlf, null, callbacks.length === 0 ? null : (error) => {
      for (const callback of callbacks) callback(error);
    });
  } finally {
    socket?.uncork();
  }
  if (this[kNeedDrain] && this.writableLength === 0) {
    this[kNeedDrain] = false;
    this.emit('drain');
  }
};

OutgoingMessage.prototype.setTimeout = function(msecs, callback) {
  if (callback) this.on('timeout', callback);
  if (this[kSocket]) this[kSocket].setTimeout(msecs);
  else this.once('socket', (socket) => socket.setTimeout(msecs));
  return this;
};

function emitDestroyNT(message) {
  if (message._closed) return;
  message._closed = true;
  message.emit('close');
}

OutgoingMessage.prototype.destroy = function(error) {
  if (this.destroyed) return this;
  this.destroyed = true;
  this[kErrored] = error;
  if (this[kChunkedBuffer] !== null) {
    this[kCorked] = 1;
    this.uncork();
  }
  if (this[kSocket]) this[kSocket].destroy(error);
  else process.nextTick(emitDestroyNT, this);
  return this;
};

// Writes after the head, which goes in the same piece where it can.
OutgoingMessage.prototype._send = function(data, encoding, callback, byteLength) {
  if (!this._headerSent && this._header !== null) {
    const header = this._header;
    if (typeof data === 'string' && (encoding === 'utf8' || encoding === 'latin1' || !encoding)) {
      data = header + data;
    } else {
      this.outputData = [{ data: header, encoding: 'latin1', callback: null }, ...this.outputData];
      this.outputSize += header.length;
      this._onPendingData(header.length);
    }
    this._headerSent = true;
  }
  return this._writeRaw(data, encoding, callback, byteLength);
};

OutgoingMessage.prototype._writeRaw = function(data, encoding, callback) {
  const socket = this[kSocket];
  // Gone: nobody will read it.
  if (socket?.destroyed) return false;
  if (typeof encoding === 'function') {
    callback = encoding;
    encoding = null;
  }
  if (socket && socket._httpMessage === this && socket.writable) {
    if (this.outputData.length) this._flushOutput(socket);
    return socket.write(data, encoding, callback);
  }
  if (this.outputData === noOutput) this.outputData = [];
  this.outputData.push({ data, encoding, callback });
  this.outputSize += data.length;
  this._onPendingData(data.length);
  return this.outputSize < this[kHighWaterMark];
};

OutgoingMessage.prototype._storeHeader = function(firstLine, headers) {
  storeHeader(this, firstLine, headers);
};

OutgoingMessage.prototype.setHeader = function(name, value) {
  if (this._header) throw new ERR_HTTP_HEADERS_SENT('set');
  const lower = checkHeader(this, name, value);
  (this[kOutHeaders] ??= { __proto__: null })[lower] = [name, value];
  return this;
};

OutgoingMessage.prototype.setHeaders = function(headers) {
  if (this._header) throw new ERR_HTTP_HEADERS_SENT('set');
  if (!headers || Array.isArray(headers) || typeof headers.keys !== 'function' || typeof headers.get !== 'function') {
    throw new ERR_INVALID_ARG_TYPE('headers', ['Headers', 'Map'], headers);
  }
  // Headers gives each cookie on its own.
  let cookies = null;
  for (const { 0: name, 1: value } of headers) {
    if (name === 'set-cookie') (cookies ??= []).push(...(Array.isArray(value) ? value : [value]));
    else this.setHeader(name, value);
  }
  if (cookies !== null) this.setHeader('set-cookie', cookies);
  return this;
};

OutgoingMessage.prototype.appendHeader = function(name, value) {
  if (this._header) throw new ERR_HTTP_HEADERS_SENT('append');
  const lower = checkHeader(this, name, value);
  const entry = this[kOutHeaders]?.[lower];
  if (!entry) return this.setHeader(name, value);
  if (!Array.isArray(entry[1])) entry[1] = [entry[1]];
  if (Array.isArray(value)) entry[1].push(...value);
  else entry[1].push(value);
  return this;
};

OutgoingMessage.prototype.getHeader = function(name) {
  validateString(name, 'name');
  return this[kOutHeaders]?.[name.toLowerCase()]?.[1];
};

OutgoingMessage.prototype.getHeaderNames = function() {
  return this[kOutHeaders] === null ? [] : Object.keys(this[kOutHeaders]);
};

OutgoingMessage.prototype.getRawHeaderNames = function() {
  return this[kOutHeaders] === null ? [] : Object.values(this[kOutHeaders]).map((entry) => entry[0]);
};

OutgoingMessage.prototype.getHeaders = function() {
  const headers = { __proto__: null };
  const own = this[kOutHeaders];
  for (const key in own) headers[key] = own[key][1];
  return headers;
};

OutgoingMessage.prototype.hasHeader = function(name) {
  validateString(name, 'name');
  return !!this[kOutHeaders]?.[name.toLowerCase()];
};

OutgoingMessage.prototype.removeHeader = function(name) {
  validateString(name, 'name');
  if (this._header) throw new ERR_HTTP_HEADERS_SENT('remove');
  const key = name.toLowerCase();
  switch (key) {
    case 'connection': this._removedConnection = true; break;
    case 'content-length': this._removedContLen = true; break;
    case 'transfer-encoding': this._removedTE = true; break;
    case 'date': this.sendDate = false; break;
  }
  if (this[kOutHeaders] !== null) delete this[kOutHeaders][key];
};

OutgoingMessage.prototype._implicitHeader = function() {
  throw new ERR_METHOD_NOT_IMPLEMENTED('_implicitHeader()');
};

function onError(message, error, callback) {
  if (message.destroyed) return;
  const trigger = message.socket ? message.socket[async_id_symbol] : undefined;
  defaultTriggerAsyncIdScope(trigger, process.nextTick, emitErrorNT, message, error, callback);
}

function emitErrorNT(message, error, callback) {
  callback(error);
  if (typeof message.emit === 'function' && !message.destroyed) message.emit('error', error);
}

// Whether the length that was promised is to be kept to the byte.
function isLengthStrict(message) {
  return message.strictContentLength && message._contentLength != null && message._hasBody &&
    !message._removedContLen && !message.chunkedEncoding && !message.hasHeader('transfer-encoding');
}

function byteLengthOf(chunk, encoding) {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.byteLength;
}

OutgoingMessage.prototype.write = function(chunk, encoding, callback) {
  if (typeof encoding === 'function') {
    callback = encoding;
    encoding = null;
  }
  const more = writeChunk(this, chunk, encoding, callback, false);
  if (!more) this[kNeedDrain] = true;
  return more;
};

function checkChunk(chunk) {
  if (chunk === null) throw new ERR_STREAM_NULL_VALUES();
  if (typeof chunk !== 'string' && !isUint8Array(chunk)) {
    throw new ERR_INVALID_ARG_TYPE('chunk', ['string', 'Buffer', 'Uint8Array'], chunk);
  }
}

function checkLength(message, length, isLast) {
  if (isLengthStrict(message)) {
    const total = message[kBytesWritten] + length;
    if (isLast ? total !== message._contentLength : total > message._contentLength) {
      throw new ERR_HTTP_CONTENT_LENGTH_MISMATCH(total, message._contentLength);
    }
  }
  message[kBytesWritten] += length;
}

function writeChunk(message, chunk, encoding, callback, isLast) {
  if (typeof callback !== 'function') callback = nop;
  checkChunk(chunk);
  let error;
  if (message.finished) error = new ERR_STREAM_WRITE_AFTER_END();
  else if (message.destroyed) error = new ERR_STREAM_DESTROYED('write');
  if (error) {
    if (message.destroyed) process.nextTick(callback, error);
    else onError(message, error, callback);
    return false;
  }

  let length;
  if (message.strictContentLength) checkLength(message, length = byteLengthOf(chunk, encoding), isLast);
  if (!message._header) {
    if (isLast) message._contentLength = length ??= byteLengthOf(chunk, encoding);
    message._implicitHeader();
  }
  if (!message._hasBody) {
    if (message[kRejectNonStandardBodyWrites]) throw new ERR_HTTP_BODY_NOT_ALLOWED();
    process.nextTick(callback);
    return true;
  }
  if (message.chunkedEncoding && typeof chunk === 'string' && encoding && !Buffer.isEncoding(encoding)) {
    throw new ERR_UNKNOWN_ENCODING(encoding);
  }
  if (!isLast && message.socket && !message.socket.writableCorked) {
    message.cork();
    process.nextTick(uncorkNT, message);
  }
  if (!message.chunkedEncoding) return message._send(chunk, encoding, callback, length);

  if (chunk.length !== 0) {
    length ??= byteLengthOf(chunk, encoding);
    if (!message[kCorked]) {
      message._send(length.toString(16), 'latin1', null);
      message._send(crlf, null, null);
      message._send(chunk, encoding, null, length);
      return message._send(crlf, null, callback);
    }
    if (typeof chunk !== 'string' && !(chunk instanceof Buffer)) chunk = Stream._uint8ArrayToBuffer(chunk);
    (message[kChunkedBuffer] ??= []).push(chunk, encoding, callback);
    message[kChunkedLength] += length;
    return message.writableLength < message.writableHighWaterMark;
  }
  if (message[kCorked] && message[kChunkedBuffer] !== null) {
    message[kChunkedBuffer].push(chunk, encoding, callback);
    return message.writableLength < message.writableHighWaterMark;
  }
  return message._send(chunk, encoding, callback, length);
}

function uncorkNT(message) {
  if (message[kCorked]) message.uncork();
}

OutgoingMessage.prototype.addTrailers = function(headers) {
  this._trailer = '';
  const isArray = Array.isArray(headers);
  for (const key of Object.keys(headers)) {
    const name = isArray ? headers[key][0] : key;
    let value = isArray ? headers[key][1] : headers[key];
    validateHeaderName(name, 'Trailer name');
    if (Array.isArray(value)) {
      if (value.length > 1 && !this[kUniqueHeaders]?.has(name.toLowerCase())) {
        for (const one of value) {
          checkValue(this, name, one, 'trailer content');
          this._trailer += `${name}: ${one}\r\n`;
        }
        continue;
      }
      value = value.join('; ');
    }
    checkValue(this, name, value, 'trailer content');
    this._trailer += `${name}: ${value}\r\n`;
  }
};

function flushEndCallbacks(message, error) {
  const callbacks = message[kEndCallbacks];
  if (callbacks === null) return;
  message[kEndCallbacks] = null;
  for (const callback of callbacks) callback(error);
}

function queueEndCallback(message, callback) {
  if (message[kWritableFinished]) callback(new ERR_STREAM_ALREADY_FINISHED('end'));
  else if (message[kFlushError] !== null) process.nextTick(callback, message[kFlushError]);
  else (message[kEndCallbacks] ??= []).push(callback);
}

// All of it is with the kernel, or could not be sent.
function onFinish(message, error) {
  const socket = message[kSocket];
  if (error || message[kErrored] || socket?.errored || socket?._hadError) {
    message[kFlushError] = error ?? message[kErrored] ?? socket?.errored ?? new ERR_STREAM_DESTROYED('end');
    flushEndCallbacks(message, message[kFlushError]);
    return;
  }
  message[kWritableFinished] = true;
  flushEndCallbacks(message, null);
  message._afterFinish();
  message.emit('finish');
}

// For the owner of the connection, before anybody's 'finish' listener.
OutgoingMessage.prototype._afterFinish = nop;

// Larger ones are not worth a copy.
const MAX_COPIED_CHUNK = 16384;

// The whole message at once to a socket that is free: one system call, and no stream in between. False where that cannot be.
function endDirectly(message, chunk, encoding) {
  const socket = message[kSocket];
  if (socket === null || message._headerSent || message[kCorked] !== 0 || message.strictContentLength ||
      message.outputData.length !== 0 || message.destroyed || socket._httpMessage !== message) {
    return false;
  }
  if (typeof chunk === 'string') {
    if (encoding != null && encoding !== 'utf8' && encoding !== 'utf-8') return false;
  } else if (!isUint8Array(chunk) || chunk.byteLength > MAX_COPIED_CHUNK) {
    return false;
  }
  if (message._header === null) {
    message._contentLength = byteLengthOf(chunk);
    message._implicitHeader();
    // An 'expect' header, or a subclass, may have sent it.
    if (message._headerSent || message._header === null) return false;
  }
  let tail;
  if (!message._hasBody) {
    if (message[kRejectNonStandardBodyWrites] || chunk.length !== 0) return false;
  } else if (message.chunkedEncoding) {
    tail = message._trailer === '' ? '0\r\n\r\n' : `0\r\n${message._trailer}\r\n`;
  }
  const rest = writeDirectly(socket, message._header, chunk, tail);
  if (rest === undefined) return false;
  if (rest === null) process.nextTick(onFinish, message);
  else socket.write(rest, (error) => onFinish(message, error));
  message._headerSent = true;
  return true;
}

OutgoingMessage.prototype.end = function(chunk, encoding, callback) {
  if (typeof chunk === 'function') {
    callback = chunk;
    chunk = null;
    encoding = null;
  } else if (typeof encoding === 'function') {
    callback = encoding;
    encoding = null;
  }
  if (!this.finished && endDirectly(this, chunk || '', encoding)) {
    if (typeof callback === 'function') queueEndCallback(this, callback);
    this.finished = true;
    this._finish();
    return this;
  }
  const socket = this[kSocket];
  let finish = null;
  if (chunk) {
    if (this.finished) {
      onError(this, new ERR_STREAM_WRITE_AFTER_END(), typeof callback === 'function' ? callback : nop);
      return this;
    }
    socket?.cork();
    if (isFinalChunk(this, chunk, encoding)) {
      if (typeof callback === 'function') {
        queueEndCallback(this, callback);
        callback = undefined;
      }
      finish = (error) => onFinish(this, error);
    }
    writeChunk(this, chunk, encoding, finish, true);
  } else if (this.finished) {
    if (typeof callback === 'function') queueEndCallback(this, callback);
    return this;
  } else if (!this._header) {
    socket?.cork();
    this._contentLength = 0;
    this._implicitHeader();
  }
  if (typeof callback === 'function') queueEndCallback(this, callback);

  if (isLengthStrict(this) && this[kBytesWritten] !== this._contentLength) {
    throw new ERR_HTTP_CONTENT_LENGTH_MISMATCH(this[kBytesWritten], this._contentLength);
  }
  if (this[kChunkedBuffer] !== null) {
    this[kSocket]?.cork();
    this[kCorked] = 1;
    this.uncork();
  }
  if (finish === null) {
    finish = (error) => onFinish(this, error);
    if (this._hasBody && this.chunkedEncoding) {
      this._send(`0\r\n${this._trailer}\r\n`, 'latin1', finish);
    } else if (!this._headerSent || this.writableLength || chunk) {
      this._send('', 'latin1', finish);
    } else {
      process.nextTick(finish);
    }
  }
  if (this[kSocket]) {
    // However often it was corked.
    this[kSocket]._writableState.corked = 1;
    this[kSocket].uncork();
  }
  this[kCorked] = 1;
  this.uncork();
  this.finished = true;
  if (this.outputData.length === 0 && this[kSocket]?._httpMessage === this) this._finish();
  return this;
};

// Whether this chunk and the head are all there is, so that its write ends the message.
function isFinalChunk(message, chunk, encoding) {
  if (typeof chunk !== 'string' && !isUint8Array(chunk)) return false;
  if (message.destroyed || message.strictContentLength) return false;
  if (!message._header) {
    message._contentLength = byteLengthOf(chunk, encoding);
    message._implicitHeader();
  }
  return !!message._header && message._hasBody && !message.chunkedEncoding;
}

OutgoingMessage.prototype._finish = function() {
  this.emit('prefinish');
};

// There is a socket now: what was written meanwhile goes out.
OutgoingMessage.prototype._flush = function() {
  const socket = this[kSocket];
  if (!socket?.writable) return;
  const more = this._flushOutput(socket);
  if (this.finished) {
    this._finish();
  } else if (this[kNeedDrain] && more !== false) {
    this[kNeedDrain] = false;
    this.emit('drain');
  }
};

OutgoingMessage.prototype._flushOutput = function(socket) {
  const { outputData } = this;
  if (outputData.length === 0) return undefined;
  let more;
  socket.cork();
  for (const entry of outputData) {
    const { data, encoding, callback } = entry;
    entry.data = null;
    more = socket.write(data, encoding, callback);
  }
  socket.uncork();
  this.outputData = noOutput;
  this._onPendingData(-this.outputSize);
  this.outputSize = 0;
  return more;
};

OutgoingMessage.prototype.flushHeaders = function() {
  if (!this._header) this._implicitHeader();
  this._send('');
};

OutgoingMessage.prototype.pipe = function() {
  this.emit('error', new ERR_STREAM_CANNOT_PIPE());
};

OutgoingMessage.prototype[EventEmitter.captureRejectionSymbol] = function(error) {
  this.destroy(error);
};

module.exports = {
  OutgoingMessage,
  kErrored,
  kHighWaterMark,
  kRejectNonStandardBodyWrites,
  kSocket,
};
