'use strict';
// ClientHttp2Session: requests. One that is made before the socket is connected waits for that.

const { AsyncResource } = require('async_hooks');
const {
  AbortError,
  codes: {
    ERR_HTTP2_GOAWAY_SESSION,
    ERR_HTTP2_INVALID_SESSION,
    ERR_HTTP2_OUT_OF_STREAMS,
    ERR_HTTP2_STREAM_SELF_DEPENDENCY,
    ERR_INVALID_ARG_TYPE,
  },
  hideStackFrames,
} = require('internal/errors');
const { deprecateProperty } = require('internal/util');
const { addAbortListener } = require('internal/events/abort_listener');
const { validateAbortSignal, validateBoolean, validateNumber } = require('internal/validators');
const { kHandle, kSession, kUpdateTimer } = require('internal/net/stream_base');
const { channels, publish } = require('internal/http2/channels');
const { constants } = require('internal/http2/constants');
const { prepareRequestArray, prepareRequestObject } = require('internal/http2/headers');
const { Http2Session } = require('internal/http2/session');
const { ClientHttp2Stream, kHasTrailers } = require('internal/http2/stream');
const {
  NghttpError, assertIsObject, kInit, kOrigin, kRawHeaders, kRequestResource, kSentHeaders, kState,
} = require('internal/http2/util');

const {
  NGHTTP2_ERR_INVALID_ARGUMENT,
  NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE,
  NGHTTP2_SESSION_CLIENT,
  STREAM_OPTION_EMPTY_PAYLOAD,
  STREAM_OPTION_GET_TRAILERS,
} = constants;

const kPendingRequests = Symbol('kPendingRequestCalls');

const deprecateWeight =
  deprecateProperty('weight', 'Priority signaling has been deprecated as of RFC 9113.', 'DEP0194');

// Priority is not sent any more; its options are still checked.
const checkPriorityOptions = hideStackFrames((options) => {
  deprecateWeight(options);
  if (options.parent === undefined) options.parent = 0;
  else validateNumber.withoutStackTrace(options.parent, 'options.parent', 0);
  for (const name of ['exclusive', 'silent']) {
    if (options[name] === undefined) options[name] = false;
    else validateBoolean.withoutStackTrace(options[name], `options.${name}`);
  }
});

const bodilessMethods = new Set(['DELETE', 'GET', 'HEAD']);

function prepare(headers, session) {
  if (Array.isArray(headers)) return prepareRequestArray(headers, session);
  if (headers === undefined) return prepareRequestObject({}, session);
  if (headers !== null && typeof headers === 'object') return prepareRequestObject(headers, session);
  throw new ERR_INVALID_ARG_TYPE.HideStackFramesError('headers', ['Object', 'Array'], headers);
}

// The session is connected: sends the request.
function submit(stream, block, options) {
  const session = stream[kSession];
  if (session === undefined || session.destroyed) return;
  if (session.closed) {
    stream.destroy(new ERR_HTTP2_GOAWAY_SESSION());
    return;
  }
  let flags = 0;
  if (options.endStream) flags |= STREAM_OPTION_EMPTY_PAYLOAD;
  if (options.waitForTrailers) flags |= STREAM_OPTION_GET_TRAILERS;
  const handle = session[kHandle].request(block, flags);
  if (handle === NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE) {
    stream.destroy(new ERR_HTTP2_OUT_OF_STREAMS());
  } else if (handle === NGHTTP2_ERR_INVALID_ARGUMENT) {
    stream.destroy(new ERR_HTTP2_STREAM_SELF_DEPENDENCY());
  } else if (typeof handle === 'number') {
    session.destroy(new NghttpError(handle));
  } else {
    stream[kInit](handle);
    publish(channels.client.start, () => ({ stream, headers: stream.sentHeaders }));
  }
}

class ClientHttp2Session extends Http2Session {
  constructor(options, socket) {
    super(NGHTTP2_SESSION_CLIENT, options, socket);
    this[kPendingRequests] = null;
  }

  request(headers, options) {
    let refused;
    if (this.destroyed) refused = new ERR_HTTP2_INVALID_SESSION();
    else if (this.closed) refused = new ERR_HTTP2_GOAWAY_SESSION();
    this[kUpdateTimer]();

    const { headersObject, rawHeaders, block, scheme, authority, method } = prepare(headers, this);
    assertIsObject(options, 'options');
    options = { ...options };
    checkPriorityOptions(options);
    if (options.endStream === undefined) options.endStream = bodilessMethods.has(method);
    else validateBoolean(options.endStream, 'options.endStream');

    const stream = new ClientHttp2Stream(this, undefined, {});
    stream[kSentHeaders] = headersObject;
    stream[kRawHeaders] = rawHeaders;
    stream[kOrigin] = `${scheme}://${authority}`;
    const resource = stream[kRequestResource] = new AsyncResource('PendingRequest');

    if (options.endStream) stream.end();
    if (options.waitForTrailers) stream[kState].flags |= kHasTrailers;
    if (options.signal) abortWith(stream, options.signal);

    if (refused !== undefined) {
      process.nextTick(resource.bind(() => stream.destroy(refused)));
    } else {
      this.#whenConnected(resource.bind(() => submit(stream, block, options)));
    }
    publish(channels.client.created, () => ({ stream, headers: stream.sentHeaders }));
    return stream;
  }

  #whenConnected(fn) {
    if (!this.connecting) {
      fn();
    } else if (this[kPendingRequests] !== null) {
      this[kPendingRequests].push(fn);
    } else {
      this[kPendingRequests] = [fn];
      this.once('connect', () => {
        for (const pending of this[kPendingRequests]) pending();
        this[kPendingRequests] = null;
      });
    }
  }
}

function abortWith(stream, signal) {
  validateAbortSignal(signal, 'options.signal');
  const abort = () => stream.destroy(new AbortError(undefined, { cause: signal.reason }));
  if (signal.aborted) {
    abort();
    return;
  }
  const disposable = addAbortListener(signal, abort);
  stream.once('close', disposable[Symbol.dispose]);
}

module.exports = { ClientHttp2Session };
