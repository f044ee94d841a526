'use strict';
// Headers of outgoing messages: what is valid, the head's text.

const {
  codes: {
    ERR_HTTP_INVALID_HEADER_VALUE,
    ERR_HTTP_TRAILER_INVALID,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_CHAR,
    ERR_INVALID_HTTP_TOKEN,
  },
  hideStackFrames,
} = require('internal/errors');
const { kOutHeaders, utcDate } = require('internal/http');
const { checkInvalidHeaderChar, checkIsHttpToken, chunkExpression } = require('internal/http/parser');

const kUniqueHeaders = Symbol('kUniqueHeaders');

const closeExpression = /(?:^|\W)close(?:$|\W)/i;

// Valid names to their lower case: programs use few, again and again.
const names = new Map();
const MAX_NAMES = 512;

// The lower case of a name, or undefined where it is no token.
function lowerCaseName(name) {
  let lower = names.get(name);
  if (lower === undefined && typeof name === 'string' && checkIsHttpToken(name)) {
    lower = name.toLowerCase();
    if (names.size < MAX_NAMES) names.set(name, lower);
  }
  return lower;
}

const validateHeaderName = hideStackFrames(function validateHeaderName(name, label) {
  if (lowerCaseName(name) === undefined) {
    throw new ERR_INVALID_HTTP_TOKEN.HideStackFramesError(label || 'Header name', name);
  }
});
Object.defineProperty(validateHeaderName, 'name', { __proto__: null, value: 'validateHeaderName', configurable: true });

const validateHeaderValue = hideStackFrames(function validateHeaderValue(name, value, lenient) {
  if (value === undefined) throw new ERR_HTTP_INVALID_HEADER_VALUE.HideStackFramesError(value, name);
  if (checkInvalidHeaderChar(value, lenient)) {
    throw new ERR_INVALID_CHAR.HideStackFramesError('header content', name);
  }
});
Object.defineProperty(validateHeaderValue, 'name', { __proto__: null, value: 'validateHeaderValue', configurable: true });

// The lower case of a name whose value is good too, or an error.
function checkHeader(message, name, value) {
  const lower = lowerCaseName(name);
  if (lower === undefined) throw new ERR_INVALID_HTTP_TOKEN('Header name', name);
  if (value === undefined) throw new ERR_HTTP_INVALID_HEADER_VALUE(value, name);
  checkValue(message, name, value);
  return lower;
}

function checkValue(message, name, value, what = 'header content') {
  // Whether the message is lenient is only asked for when it matters.
  if (checkInvalidHeaderChar(value) && checkInvalidHeaderChar(value, message._isLenientHeaderValidation())) {
    throw new ERR_INVALID_CHAR(what, name);
  }
}

// ['a', 'b'] of the `uniqueHeaders` option => Set
function parseUniqueHeadersOption(headers) {
  if (!Array.isArray(headers)) return null;
  return new Set(headers.map((name) => name.toLowerCase()));
}

// What the head has said so far.
class Head {
  constructor(firstLine) {
    this.text = firstLine;
    this.connection = false;
    this.contLen = false;
    this.te = false;
    this.date = false;
    this.expect = false;
    this.trailer = false;
  }
}

function store(message, head, name, lower, value) {
  head.text += `${name}: ${value}\r\n`;
  switch (lower) {
    case 'connection':
      head.connection = true;
      message._removedConnection = false;
      if (closeExpression.test(value)) message._last = true;
      else message.shouldKeepAlive = true;
      break;
    case 'transfer-encoding':
      head.te = true;
      message._removedTE = false;
      if (chunkExpression.test(value)) message.chunkedEncoding = true;
      break;
    case 'content-length':
      head.contLen = true;
      message._contentLength = +value;
      message._removedContLen = false;
      break;
    case 'date':
      head.date = true;
      break;
    case 'expect':
      head.expect = true;
      break;
    case 'trailer':
      head.trailer = true;
      break;
    case 'keep-alive':
      message._defaultKeepAlive = false;
      break;
  }
}

function process(message, head, name, lower, value, validate) {
  if (validate) {
    lower = lowerCaseName(name);
    if (lower === undefined) throw new ERR_INVALID_HTTP_TOKEN('Header name', name);
  }
  if (lower === 'content-disposition' && message._contentLength) {
    // File names are bytes; together with a length the head must not be encoded again.
    value = Array.isArray(value) ? value.map((v) => Buffer.from(v, 'latin1')) : Buffer.from(value, 'latin1');
  }
  if (Array.isArray(value)) {
    const unique = message[kUniqueHeaders];
    if ((value.length < 2 || lower !== 'cookie') && !unique?.has(lower)) {
      for (const one of value) {
        if (validate) checkStored(message, name, one);
        store(message, head, name, lower, one);
      }
      return;
    }
    value = value.join('; ');
  }
  if (validate) checkStored(message, name, value);
  store(message, head, name, lower, value);
}

function checkStored(message, name, value) {
  if (value === undefined) throw new ERR_HTTP_INVALID_HEADER_VALUE(value, name);
  checkValue(message, name, value);
}

// Adds the headers of `headers` (the message's own, an object, a flat array or pairs) to the head.
function addHeaders(message, head, headers) {
  if (headers === message[kOutHeaders]) {
    for (const lower in headers) {
      const { 0: name, 1: value } = headers[lower];
      process(message, head, name, lower, value, false);
    }
  } else if (Array.isArray(headers)) {
    if (headers.length && Array.isArray(headers[0])) {
      for (const { 0: name, 1: value } of headers) process(message, head, name, undefined, value, true);
    } else {
      if (headers.length % 2 !== 0) throw new ERR_INVALID_ARG_VALUE('headers', headers);
      for (let i = 0; i < headers.length; i += 2) process(message, head, headers[i], undefined, headers[i + 1], true);
    }
  } else {
    for (const name in headers) {
      if (Object.hasOwn(headers, name)) process(message, head, name, undefined, headers[name], true);
    }
  }
}

// The end of a head that most responses of a second share, by what decides it.
const tail = { date: undefined, timeout: -1, text: '' };

function keepAliveTail(timeout) {
  const date = utcDate();
  if (tail.date !== date || tail.timeout !== timeout) {
    tail.date = date;
    tail.timeout = timeout;
    tail.text = `Date: ${date}\r\nConnection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(timeout / 1000)}\r\n`;
  }
  return tail.text;
}

function connectionLines(message, head) {
  if (message._removedConnection) {
    message._last = !message.shouldKeepAlive;
    return '';
  }
  if (head.connection) return '';
  const keep = message.shouldKeepAlive && (head.contLen || message.useChunkedEncodingByDefault || message.agent);
  if (!keep) {
    message._last = true;
    return 'Connection: close\r\n';
  }
  if (message.maxRequestsOnConnectionReached) return 'Connection: close\r\n';
  if (!message._keepAliveTimeout || !message._defaultKeepAlive) return 'Connection: keep-alive\r\n';
  const max = ~~message._maxRequestsPerSocket > 0 ? `, max=${message._maxRequestsPerSocket}` : '';
  return `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(message._keepAliveTimeout / 1000)}${max}\r\n`;
}

// Makes `message._header` of the first line and `headers`.
function storeHeader(message, firstLine, headers) {
  const head = new Head(firstLine);
  if (headers) addHeaders(message, head, headers);

  const sendDate = message.sendDate && !head.date;
  // 204 and 304 have no body, not even an empty one.
  if (message.chunkedEncoding && (message.statusCode === 204 || message.statusCode === 304)) {
    message.chunkedEncoding = false;
    message.shouldKeepAlive = false;
  }
  if (sendDate && !head.connection && !message._removedConnection && message.shouldKeepAlive &&
      message.useChunkedEncodingByDefault && !message.maxRequestsOnConnectionReached && message._keepAliveTimeout &&
      message._defaultKeepAlive && !(message._maxRequestsPerSocket > 0)) {
    head.text += keepAliveTail(message._keepAliveTimeout);
  } else {
    if (sendDate) head.text += `Date: ${utcDate()}\r\n`;
    head.text += connectionLines(message, head);
  }

  if (!head.contLen && !head.te) {
    if (!message._hasBody) {
      message.chunkedEncoding = false;
    } else if (!message.useChunkedEncodingByDefault) {
      message._last = true;
    } else if (!head.trailer && !message._removedContLen && typeof message._contentLength === 'number') {
      head.text += `Content-Length: ${message._contentLength}\r\n`;
    } else if (!message._removedTE) {
      head.text += 'Transfer-Encoding: chunked\r\n';
      message.chunkedEncoding = true;
    } else {
      // Neither is there: the end of the connection is the end of the body.
      message._last = true;
    }
  }
  if (message.chunkedEncoding !== true && head.trailer) throw new ERR_HTTP_TRAILER_INVALID();

  message._header = `${head.text}\r\n`;
  message._headerSent = false;
  // The other side is to answer before the body.
  if (head.expect) message._send('');
}

module.exports = {
  checkHeader,
  checkValue,
  kUniqueHeaders,
  parseUniqueHeadersOption,
  storeHeader,
  validateHeaderName,
  validateHeaderValue,
};
