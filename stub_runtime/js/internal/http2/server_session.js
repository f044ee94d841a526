'use strict';
// ServerHttp2Session: ALTSVC and ORIGIN, and the server it belongs to.

const {
  codes: {
    ERR_HTTP2_ALTSVC_INVALID_ORIGIN,
    ERR_HTTP2_ALTSVC_LENGTH,
    ERR_HTTP2_INVALID_ORIGIN,
    ERR_HTTP2_INVALID_SESSION,
    ERR_HTTP2_ORIGIN_LENGTH,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_CHAR,
    ERR_OUT_OF_RANGE,
  },
} = require('internal/errors');
const { validateString } = require('internal/validators');
const { kHandle } = require('internal/net/stream_base');
const { constants } = require('internal/http2/constants');
const { Http2Session } = require('internal/http2/session');
const { kCountListener, kServer, kSessions } = require('internal/http2/util');

// Bytes of an ALTSVC or ORIGIN frame.
const MAX_LENGTH = 2 ** 14 - 2;

// Text that may stand in quotes.
const quotable = /^[\x09\x20-\x5b\x5d-\x7e\x80-\xff]*$/;

// The ASCII serialization of the origin of a URL; throws ERR_INVALID_URL.
function originOf(url) {
  return new URL(url).origin;
}

class ServerHttp2Session extends Http2Session {
  constructor(options, socket, server) {
    super(constants.NGHTTP2_SESSION_SERVER, options, socket);
    this[kServer] = server;
    if (!server) return;
    server[kSessions].add(this);
    this[kCountListener]('priority', server.listenerCount('priority'));
  }

  get server() {
    return this[kServer];
  }

  _started(options) {
    if (Array.isArray(options.origins)) this.origin(...options.origins);
  }

  altsvc(alt, originOrStream) {
    if (this.destroyed) throw new ERR_HTTP2_INVALID_SESSION();
    let stream = 0;
    let origin;
    if (typeof originOrStream === 'string') {
      origin = originOf(originOrStream);
      if (origin === 'null') throw new ERR_HTTP2_ALTSVC_INVALID_ORIGIN();
    } else if (typeof originOrStream === 'number') {
      if (originOrStream >>> 0 !== originOrStream || originOrStream === 0) {
        throw new ERR_OUT_OF_RANGE('originOrStream', `> 0 && < ${2 ** 32}`, originOrStream);
      }
      stream = originOrStream;
    } else if (originOrStream !== undefined) {
      // A URL, or anything with its property.
      if (originOrStream !== null && typeof originOrStream === 'object') origin = originOrStream.origin;
      if (typeof origin !== 'string') {
        throw new ERR_INVALID_ARG_TYPE('originOrStream', ['string', 'number', 'URL', 'object'], originOrStream);
      }
      if (origin === 'null' || origin.length === 0) throw new ERR_HTTP2_ALTSVC_INVALID_ORIGIN();
    }
    validateString(alt, 'alt');
    if (!quotable.test(alt)) throw new ERR_INVALID_CHAR('alt');
    if (alt.length + (origin?.length ?? 0) > MAX_LENGTH) throw new ERR_HTTP2_ALTSVC_LENGTH();
    this[kHandle].altsvc(stream, origin || '', alt);
  }

  origin(...origins) {
    if (this.destroyed) throw new ERR_HTTP2_INVALID_SESSION();
    if (origins.length === 0) return;
    let list = '';
    let length = 0;
    for (let origin of origins) {
      if (typeof origin === 'string') origin = originOf(origin);
      else if (origin != null && typeof origin === 'object') origin = origin.origin;
      validateString(origin, 'origin');
      if (origin === 'null') throw new ERR_HTTP2_INVALID_ORIGIN();
      list += `${origin}\0`;
      length += origin.length;
    }
    if (length > MAX_LENGTH) throw new ERR_HTTP2_ORIGIN_LENGTH();
    this[kHandle].origin(list);
  }
}

module.exports = { ServerHttp2Session };
