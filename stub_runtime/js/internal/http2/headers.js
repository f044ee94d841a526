'use strict';
// Header blocks: the text that the binding takes, with every check that Node makes, and objects of what arrived.

const { constants } = require('internal/http2/constants');
const {
  codes: {
    ERR_HTTP2_CONNECT_AUTHORITY,
    ERR_HTTP2_CONNECT_PATH,
    ERR_HTTP2_CONNECT_SCHEME,
    ERR_HTTP2_HEADER_SINGLE_VALUE,
    ERR_HTTP2_INVALID_CONNECTION_HEADERS,
    ERR_HTTP2_INVALID_PSEUDOHEADER,
    ERR_HTTP2_STATUS_INVALID,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_HTTP_TOKEN,
  },
  hideStackFrames,
} = require('internal/errors');
const { _checkIsHttpToken: checkIsHttpToken } = require('_http_common');
const { utcDate } = require('internal/http');
const { assertIsObject, kAuthority, kProtocol, kSensitiveHeaders, kStrictSingleValueFields } = require('internal/http2/util');

const pseudoHeaders = new Set([':status', ':method', ':authority', ':scheme', ':path', ':protocol']);

// Fields of which there can be one.
const singleValueFields = new Set([
  ...pseudoHeaders, 'access-control-allow-credentials', 'access-control-max-age', 'access-control-request-method', 'age',
  'authorization', 'content-encoding', 'content-language', 'content-length', 'content-location', 'content-md5',
  'content-range', 'content-type', 'date', 'dnt', 'etag', 'expires', 'from', 'host', 'if-match', 'if-modified-since',
  'if-none-match', 'if-range', 'if-unmodified-since', 'last-modified', 'location', 'max-forwards', 'proxy-authorization',
  'range', 'referer', 'retry-after', 'tk', 'upgrade-insecure-requests', 'user-agent', 'x-content-type-options',
]);

// Fields of HTTP/1 connections, which HTTP/2 has no place for.
const connectionFields = new Set([
  'connection', 'upgrade', 'http2-settings', 'keep-alive', 'proxy-connection', 'transfer-encoding',
]);

const refuse = hideStackFrames((name) => {
  throw new ERR_HTTP2_INVALID_PSEUDOHEADER.HideStackFramesError(name);
});

// Which pseudo-headers a block may have: of a request, a response, trailers.
const assertValidPseudoHeader = hideStackFrames((name) => {
  if (!pseudoHeaders.has(name)) refuse.withoutStackTrace(name);
});
const assertValidPseudoHeaderResponse = hideStackFrames((name) => {
  if (name !== ':status') refuse.withoutStackTrace(name);
});
const assertValidPseudoHeaderTrailer = refuse;

const kPlain = String.fromCharCode(constants.NGHTTP2_NV_FLAG_NONE);
const kNeverIndexed = String.fromCharCode(constants.NGHTTP2_NV_FLAG_NO_INDEX);

// Collects one block.
class Block {
  pseudo = '';
  fields = '';
  count = 0;
  seen = new Set();

  constructor(sensitive, checkPseudo, strict) {
    this.sensitive = sensitive === undefined || sensitive.length === 0 ?
      undefined : new Set(sensitive.map((name) => name.toLowerCase()));
    this.checkPseudo = checkPseudo;
    this.strict = strict;
  }

  add(key, value) {
    if (value === undefined || key === '') return;
    const name = key.toLowerCase();
    const single = singleValueFields.has(name);
    if (Array.isArray(value) && value.length < 2) {
      if (value.length === 0) return;
      value = String(value[0]);
    }
    if (single && this.strict) {
      if (Array.isArray(value) || this.seen.has(name)) throw new ERR_HTTP2_HEADER_SINGLE_VALUE(name);
      this.seen.add(name);
    }
    const flag = this.sensitive?.has(name) ? kNeverIndexed : kPlain;
    if (name[0] === ':') {
      this.checkPseudo(name);
      this.pseudo += `${name}\0${Array.isArray(value) ? value : String(value)}\0${flag}`;
      this.count += 1;
      return;
    }
    if (!single) {
      if (!checkIsHttpToken(name)) throw new ERR_INVALID_HTTP_TOKEN('Header name', name);
      if (connectionFields.has(name) || (name === 'te' && String(value) !== 'trailers')) {
        throw new ERR_HTTP2_INVALID_CONNECTION_HEADERS(name);
      }
    }
    if (Array.isArray(value)) {
      for (const one of value) this.fields += `${name}\0${String(one)}\0${flag}`;
      this.count += value.length;
    } else {
      this.fields += `${name}\0${String(value)}\0${flag}`;
      this.count += 1;
    }
  }
}

// [text, number of fields] of `{ name: value | [value, ...] }` or `[name, value, ...]`.
function buildHeaderBlock(headers, checkPseudo, strict) {
  const block = new Block(headers[kSensitiveHeaders], checkPseudo, strict);
  if (Array.isArray(headers)) {
    for (let i = 0; i < headers.length; i += 2) block.add(headers[i], headers[i + 1]);
  } else {
    for (const key of Object.keys(headers)) block.add(key, headers[key]);
  }
  return [block.pseudo + block.fields, block.count];
}

function getAuthority(headers) {
  return headers[':authority'] !== undefined ? headers[':authority'] : headers.host;
}

// A CONNECT request names an authority and nothing else.
function checkConnect(authority, scheme, path) {
  if (authority === undefined) throw new ERR_HTTP2_CONNECT_AUTHORITY();
  if (scheme !== undefined) throw new ERR_HTTP2_CONNECT_SCHEME();
  if (path !== undefined) throw new ERR_HTTP2_CONNECT_PATH();
}

// A request's headers with what was left out: { headersObject | rawHeaders, block, scheme, authority, method }.
function prepareRequestObject(headers, session) {
  const full = Object.assign({ __proto__: null }, headers);
  if (full[':method'] === undefined) full[':method'] = constants.HTTP2_METHOD_GET;
  if (full[':method'] === 'CONNECT' && full[':protocol'] === undefined) {
    checkConnect(full[':authority'], full[':scheme'], full[':path']);
  } else {
    if (getAuthority(full) === undefined) full[':authority'] = session[kAuthority];
    if (full[':scheme'] === undefined) full[':scheme'] = session[kProtocol].slice(0, -1);
    if (full[':path'] === undefined) full[':path'] = '/';
  }
  return {
    headersObject: full,
    block: buildHeaderBlock(full, assertValidPseudoHeader, session[kStrictSingleValueFields]),
    scheme: full[':scheme'],
    authority: getAuthority(full),
    method: full[':method'],
  };
}

function prepareRequestArray(headers, session) {
  const given = { __proto__: null };
  for (let i = 0; i < headers.length; i += 2) {
    if (headers[i][0] === ':') given[headers[i].toLowerCase()] = headers[i + 1];
  }
  const added = [];
  const fill = (name, value) => {
    given[name] = value;
    added.push(name, value);
  };
  if (given[':method'] === undefined) fill(':method', constants.HTTP2_METHOD_GET);
  if (given[':method'] === 'CONNECT' && given[':protocol'] === undefined) {
    checkConnect(given[':authority'], given[':scheme'], given[':path']);
  } else {
    if (given[':authority'] === undefined && headers.host === undefined) fill(':authority', session[kAuthority]);
    if (given[':scheme'] === undefined) fill(':scheme', session[kProtocol].slice(0, -1));
    if (given[':path'] === undefined) fill(':path', '/');
  }
  const rawHeaders = added.length > 0 ? added.concat(headers) : headers;
  if (headers[kSensitiveHeaders] !== undefined) rawHeaders[kSensitiveHeaders] = headers[kSensitiveHeaders];
  return {
    rawHeaders,
    block: buildHeaderBlock(rawHeaders, assertValidPseudoHeader, session[kStrictSingleValueFields]),
    scheme: given[':scheme'],
    authority: given[':authority'] ?? headers.host,
    method: given[':method'],
  };
}

// `[name, value, ...]` as an object: what is there twice becomes an array.
function rawToObject(rawHeaders) {
  const headers = { __proto__: null };
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const before = headers[rawHeaders[i]];
    const value = rawHeaders[i + 1];
    if (before === undefined) headers[rawHeaders[i]] = value;
    else if (Array.isArray(before)) before.push(value);
    else headers[rawHeaders[i]] = [before, value];
  }
  if (rawHeaders[kSensitiveHeaders] !== undefined) headers[kSensitiveHeaders] = rawHeaders[kSensitiveHeaders];
  return headers;
}

function wantsDate(options) {
  return options.sendDate == null || options.sendDate;
}

function checkResponse(headers, status) {
  if (status < 200 || status > 599) throw new ERR_HTTP2_STATUS_INVALID(status);
  const sensitive = headers[kSensitiveHeaders];
  if (sensitive !== undefined && !Array.isArray(sensitive)) {
    throw new ERR_INVALID_ARG_VALUE('headers[http2.neverIndex]', sensitive);
  }
}

// A response's headers with status and date: { headers, statusCode }.
function prepareResponseObject(given, options) {
  assertIsObject(given, 'headers', ['Object', 'Array']);
  const headers = Object.assign({ __proto__: null }, given);
  if (given !== undefined) headers[kSensitiveHeaders] = given[kSensitiveHeaders];
  const statusCode = headers[':status'] = headers[':status'] | 0 || constants.HTTP_STATUS_OK;
  if (headers.date == null && wantsDate(options)) headers.date = utcDate();
  checkResponse(headers, statusCode);
  return { headers, statusCode };
}

function prepareResponseArray(headers, options) {
  let statusCode;
  let hasDate = false;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i].toLowerCase();
    if (name === ':status') statusCode = headers[i + 1] | 0;
    else if (name === 'date') hasDate = true;
  }
  if (!statusCode) {
    statusCode = constants.HTTP_STATUS_OK;
    headers.unshift(':status', statusCode);
  }
  if (!hasDate && wantsDate(options)) headers.push('date', utcDate());
  checkResponse(headers, statusCode);
  return { headers, statusCode };
}

// What arrived, `[name, value, ...]`, as the object that events have.
function toHeaderObject(list, sensitive) {
  const headers = { __proto__: null };
  for (let i = 0; i < list.length; i += 2) {
    const name = list[i];
    const value = name === ':status' ? list[i + 1] | 0 : list[i + 1];
    const before = headers[name];
    if (before === undefined) {
      headers[name] = name === 'set-cookie' ? [value] : value;
    } else if (name === 'set-cookie') {
      before.push(value);
    } else if (!singleValueFields.has(name)) {
      headers[name] = name === 'cookie' ? `${before}; ${value}` : `${before}, ${value}`;
    }
  }
  headers[kSensitiveHeaders] = sensitive;
  return headers;
}

module.exports = {
  assertValidPseudoHeader,
  assertValidPseudoHeaderResponse,
  assertValidPseudoHeaderTrailer,
  buildHeaderBlock,
  getAuthority,
  prepareRequestArray,
  prepareRequestObject,
  prepareResponseArray,
  prepareResponseObject,
  rawToObject,
  toHeaderObject,
};
