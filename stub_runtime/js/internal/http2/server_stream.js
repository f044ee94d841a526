'use strict';
// ServerHttp2Stream: responses, pushed streams, informational headers. Responses from files are in `file_response.js`.

const {
  codes: {
    ERR_HTTP2_HEADERS_AFTER_RESPOND,
    ERR_HTTP2_HEADERS_SENT,
    ERR_HTTP2_INVALID_INFO_STATUS,
    ERR_HTTP2_INVALID_STREAM,
    ERR_HTTP2_NESTED_PUSH,
    ERR_HTTP2_OUT_OF_STREAMS,
    ERR_HTTP2_PUSH_DISABLED,
    ERR_HTTP2_STATUS_101,
  },
} = require('internal/errors');
const { validateFunction } = require('internal/validators');
const { kHandle, kSession, kUpdateTimer } = require('internal/net/stream_base');
const { channels, publish } = require('internal/http2/channels');
const { constants } = require('internal/http2/constants');
const { respondWithFD, respondWithFile } = require('internal/http2/file_response');
const {
  assertValidPseudoHeader, assertValidPseudoHeaderResponse, buildHeaderBlock, getAuthority, prepareResponseArray,
  prepareResponseObject,
} = require('internal/http2/headers');
const { Http2Stream, kHasTrailers, kHeadRequest, kHeadersSent, kID, kInfoHeaders, kProceed } = require('internal/http2/stream');
const {
  NghttpError, assertIsObject, kAuthority, kInit, kProtocol, kRawHeaders, kSentHeaders, kState, kStrictSingleValueFields,
} = require('internal/http2/util');

const {
  HTTP_STATUS_NOT_MODIFIED,
  HTTP_STATUS_NO_CONTENT,
  HTTP_STATUS_RESET_CONTENT,
  HTTP_STATUS_SWITCHING_PROTOCOLS,
  NGHTTP2_ERR_STREAM_CLOSED,
  NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE,
  STREAM_OPTION_EMPTY_PAYLOAD,
  STREAM_OPTION_GET_TRAILERS,
} = constants;

const bodilessStatuses = new Set([HTTP_STATUS_NO_CONTENT, HTTP_STATUS_RESET_CONTENT, HTTP_STATUS_NOT_MODIFIED]);

// Throws where the response has begun, or cannot.
function checkCanRespond(stream) {
  if (stream.destroyed || stream.closed) throw new ERR_HTTP2_INVALID_STREAM();
  if (stream.headersSent) throw new ERR_HTTP2_HEADERS_SENT();
}

class ServerHttp2Stream extends Http2Stream {
  constructor(session, handle, options, headers) {
    super(session, options);
    this[kInit](handle);
    this[kProtocol] = headers[':scheme'];
    this[kAuthority] = getAuthority(headers);
  }

  get pushAllowed() {
    if (this.destroyed || this.closed || this.session.closed || this.session.destroyed) return false;
    return this[kSession].remoteSettings.enablePush;
  }

  #block(headers, check) {
    return buildHeaderBlock(headers, check, this.session[kStrictSingleValueFields]);
  }

  pushStream(headers, options, callback) {
    if (!this.pushAllowed) throw new ERR_HTTP2_PUSH_DISABLED();
    // A stream of ours: it was pushed itself.
    if (this[kID] % 2 === 0) throw new ERR_HTTP2_NESTED_PUSH();
    const session = this[kSession];
    this[kUpdateTimer]();
    if (typeof options === 'function') {
      callback = options;
      options = undefined;
    }
    validateFunction(callback, 'callback');
    assertIsObject(options, 'options');
    options = { ...options, endStream: !!options?.endStream };
    assertIsObject(headers, 'headers');
    headers = Object.assign({ __proto__: null }, headers);
    if (headers[':method'] === undefined) headers[':method'] = 'GET';
    if (getAuthority(headers) === undefined) headers[':authority'] = this[kAuthority];
    if (headers[':scheme'] === undefined) headers[':scheme'] = this[kProtocol];
    if (headers[':path'] === undefined) headers[':path'] = '/';
    const headRequest = headers[':method'] === 'HEAD';
    if (headRequest) options.endStream = true;

    const block = this.#block(headers, assertValidPseudoHeader);
    const handle = this[kHandle].pushPromise(block, options.endStream ? STREAM_OPTION_EMPTY_PAYLOAD : 0);
    if (typeof handle === 'number') {
      let error;
      if (handle === NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE) error = new ERR_HTTP2_OUT_OF_STREAMS();
      else if (handle === NGHTTP2_ERR_STREAM_CLOSED) error = new ERR_HTTP2_INVALID_STREAM();
      else error = new NghttpError(handle);
      process.nextTick(callback, error);
      return;
    }
    const stream = new ServerHttp2Stream(session, handle, options, headers);
    stream[kSentHeaders] = headers;
    stream.push(null);
    if (options.endStream) stream.end();
    if (headRequest) stream[kState].flags |= kHeadRequest;
    process.nextTick(() => {
      publish(channels.server.start, () => ({ stream, headers }));
      callback(null, stream, headers, 0);
    });
    publish(channels.server.created, () => ({ stream, headers }));
  }

  respond(given, options) {
    checkCanRespond(this);
    assertIsObject(options, 'options');
    options ??= {};
    const state = this[kState];
    this[kUpdateTimer]();
    const endStream = !!options.endStream;
    let flags = endStream ? STREAM_OPTION_EMPTY_PAYLOAD : 0;
    if (options.waitForTrailers) {
      flags |= STREAM_OPTION_GET_TRAILERS;
      state.flags |= kHasTrailers;
    }
    const isRaw = Array.isArray(given);
    const { headers, statusCode } = isRaw ? prepareResponseArray(given, options) : prepareResponseObject(given, options);
    this[isRaw ? kRawHeaders : kSentHeaders] = headers;
    const block = this.#block(headers, assertValidPseudoHeaderResponse);

    state.flags |= kHeadersSent;
    if (endStream || bodilessStatuses.has(statusCode) || this.headRequest) this.end();
    const result = this[kHandle].respond(block, flags);
    if (result < 0) this.destroy(new NghttpError(result));
    else publish(channels.server.finish, () => ({ stream: this, headers, flags: state.flags }));
  }

  respondWithFD(fd, headers, options) {
    checkCanRespond(this);
    respondWithFD(this, fd, headers, options);
  }

  respondWithFile(path, headers, options) {
    checkCanRespond(this);
    respondWithFile(this, path, headers, options);
  }

  additionalHeaders(headers) {
    if (this.destroyed || this.closed) throw new ERR_HTTP2_INVALID_STREAM();
    if (this.headersSent) throw new ERR_HTTP2_HEADERS_AFTER_RESPOND();
    assertIsObject(headers, 'headers');
    headers = Object.assign({ __proto__: null }, headers);
    if (headers[':status'] != null) {
      const status = headers[':status'] |= 0;
      if (status === HTTP_STATUS_SWITCHING_PROTOCOLS) throw new ERR_HTTP2_STATUS_101();
      if (status < 100 || status >= 200) throw new ERR_HTTP2_INVALID_INFO_STATUS(status);
    }
    this[kUpdateTimer]();
    const block = this.#block(headers, assertValidPseudoHeaderResponse);
    this[kInfoHeaders] ??= [];
    this[kInfoHeaders].push(headers);
    const result = this[kHandle].info(block);
    if (result < 0) this.destroy(new NghttpError(result));
  }
}

// A write before `respond` responds.
ServerHttp2Stream.prototype[kProceed] = ServerHttp2Stream.prototype.respond;

module.exports = { ServerHttp2Stream, bodilessStatuses };
