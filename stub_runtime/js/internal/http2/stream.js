'use strict';
// Http2Stream and ClientHttp2Stream: a Duplex on the handle of a stream, and how it ends. Sending responses is in
// `server_stream.js`.

const assert = require('assert');
const { Duplex } = require('stream');
const {
  AbortError,
  aggregateTwoErrors,
  codes: {
    ERR_HTTP2_INVALID_STREAM,
    ERR_HTTP2_STREAM_ERROR,
    ERR_HTTP2_TRAILERS_ALREADY_SENT,
    ERR_HTTP2_TRAILERS_NOT_READY,
  },
} = require('internal/errors');
const { validateFunction, validateInteger } = require('internal/validators');
const { customInspectSymbol, deprecate } = require('internal/util');
const { format } = require('internal/util/inspect');
const { symbols: { async_id_symbol, owner_symbol } } = require('internal/async_hooks');
const {
  kAfterAsyncWrite, kHandle, kMaybeDestroy, kSession, kTimeout, kUpdateTimer, setStreamTimeout, writeGeneric, writevGeneric,
} = require('internal/net/stream_base');
const { channels, publish } = require('internal/http2/channels');
const { constants, nameForErrorCode } = require('internal/http2/constants');
const { assertValidPseudoHeaderTrailer, buildHeaderBlock, rawToObject } = require('internal/http2/headers');
const {
  NghttpError, assertIsObject, debug, kCountListener, kInit, kProxySocket, kRawHeaders, kRequest, kSentHeaders, kState,
  kStrictSingleValueFields, kType, sessionName,
} = require('internal/http2/util');

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR, NGHTTP2_SESSION_CLIENT, NGHTTP2_SESSION_SERVER } = constants;

const kID = Symbol('id');
const kInfoHeaders = Symbol('sent-info-headers');
const kProceed = Symbol('proceed');
const kSentTrailers = Symbol('sent-trailers');
const kWriteGeneric = Symbol('write-generic');

// Flags of a stream's state.
const kReady = 1;
const kClosed = 2;
const kHeadersSent = 4;
const kHeadRequest = 8;
const kAborted = 16;
const kHasTrailers = 32;

// How a stream that is closed is reset: not, once its writes are done, at once.
const kNoReset = 0;
const kReset = 1;
const kForceReset = 2;

const MAX_UINT32 = 2 ** 32 - 1;

function log(stream, text, ...args) {
  debug(`Http2Stream %s [Http2Session %s]: ${text}`, stream[kID], sessionName(stream[kSession]?.[kType]), ...args);
}

// A stream that was written to is not idle while its bytes are going out.
function callTimeout(emitter, session) {
  if (emitter.destroyed) return;
  const state = emitter[kState];
  if (state.writeQueueSize > 0) {
    const sent = session[kHandle]?.chunksSent();
    const seen = state.seenChunks ?? 0;
    state.seenChunks = sent;
    if (sent !== undefined && sent !== seen) {
      emitter[kUpdateTimer]();
      return;
    }
  }
  emitter.emit('timeout');
}

// `bytes` were given to the handle.
function trackWriteState(stream, bytes) {
  const session = stream[kSession];
  stream[kState].writeQueueSize += bytes;
  stream[kState].seenChunks = 0;
  session[kState].writeQueueSize += bytes;
  session[kState].seenChunks = 0;
}

function onPause() {
  if (!this.destroyed && !this.pending) this[kHandle].readStop();
}

function onResume() {
  if (!this.destroyed) this[kHandle].readStart();
}

function onListenerAdded(name) {
  if (name === 'priority') this[kSession]?.[kCountListener](name, 1);
}

function onListenerRemoved(name) {
  if (name === 'priority') this[kSession]?.[kCountListener](name, -1);
}

// Tells the handle that the body ends.
function shutdownWritable(stream, callback) {
  const handle = stream[kHandle];
  const state = stream[kState];
  if (!handle || state.isShutDown) return callback();
  state.isShutDown = true;
  handle.shutdown();
  stream.on('finish', () => stream[kMaybeDestroy]());
  callback();
}

// One of the things a write waits for is done: the bytes are out, or it is known whether more will follow.
function finishWrite(stream) {
  const state = stream[kState];
  if (--state.writePending !== 0) return;
  const callback = state.writeCallback;
  state.writeCallback = null;
  const error = aggregateTwoErrors(state.endError, state.writeError);
  state.writeError = null;
  state.endError = null;
  if (error) stream.destroy(error);
  callback(error);
}

// If the write was the last, its end goes into the same frame.
function endWithLastWrite(stream) {
  const state = stream[kState];
  const { ending, buffered } = stream._writableState;
  if (state.writeError || !ending || buffered.length > 0 || (state.flags & kHasTrailers)) {
    finishWrite(stream);
    return;
  }
  shutdownWritable(stream, (error) => {
    state.endError = error;
    finishWrite(stream);
  });
}

function submitReset(stream, code) {
  const reset = () => stream[kHandle]?.rstStream(code);
  if (!stream.pending) return reset();
  stream.push(null);
  stream.once('ready', reset);
}

function closeStream(stream, code, how = kReset) {
  const type = stream[kSession][kType];
  const state = stream[kState];
  state.flags |= kClosed;
  state.rstCode = code;
  stream.setTimeout(0);
  stream.removeAllListeners('timeout');

  const { ending } = stream._writableState;
  if (!ending) {
    // The writing side was still open: that is an abort.
    if (!stream.aborted) {
      state.flags |= kAborted;
      stream.emit('aborted');
    }
    stream.end();
  }
  if (how !== kNoReset) {
    const now = !ending || stream.writableFinished || code !== NGHTTP2_NO_ERROR || how === kForceReset;
    if (now) submitReset(stream, code);
    else stream.once('finish', () => submitReset(stream, code));
  }
  publish((type === NGHTTP2_SESSION_CLIENT ? channels.client : channels.server).close, () => ({ stream }));
}

class Http2Stream extends Duplex {
  constructor(session, options) {
    super({ ...options, allowHalfOpen: true, decodeStrings: false, autoDestroy: false });
    this[async_id_symbol] = -1;
    // Until there is a handle.
    this.cork();
    this[kSession] = session;
    session[kState].pendingStreams.add(this);
    // Nothing is read before somebody wants it, so that the event comes first.
    this._readableState.readingMore = true;
    this[kTimeout] = null;
    this[kState] = {
      didRead: false,
      endAfterHeaders: false,
      endError: null,
      fd: -1,
      flags: 0,
      isShutDown: false,
      rstCode: NGHTTP2_NO_ERROR,
      seenChunks: undefined,
      trailersReady: false,
      writeCallback: null,
      writeError: null,
      writePending: 0,
      writeQueueSize: 0,
    };
    this[kRequest] = null;
    this[kProxySocket] = null;
    this.on('pause', onPause);
    this.on('newListener', onListenerAdded);
    this.on('removeListener', onListenerRemoved);
  }

  [kUpdateTimer]() {
    if (this.destroyed) return;
    this[kTimeout]?.refresh();
    this[kSession]?.[kUpdateTimer]();
  }

  // The stream has a number.
  [kInit](handle) {
    this[kState].flags |= kReady;
    const { pendingStreams, streams } = this[kSession][kState];
    pendingStreams.delete(this);
    streams.set(handle.id, this);
    this[kID] = handle.id;
    this[async_id_symbol] = handle.getAsyncId();
    handle[owner_symbol] = this;
    this[kHandle] = handle;
    this.uncork();
    this.emit('ready');
  }

  [customInspectSymbol](depth) {
    if (typeof depth === 'number' && depth < 0) return this;
    return `Http2Stream ${format({
      id: this[kID] || '<pending>',
      closed: this.closed,
      destroyed: this.destroyed,
      state: this.state,
      readableState: this._readableState,
      writableState: this._writableState,
    })}`;
  }

  get bufferSize() {
    return this[kState].writeQueueSize + this.writableLength;
  }

  get endAfterHeaders() {
    return this[kState].endAfterHeaders;
  }

  get sentHeaders() {
    if (!this[kSentHeaders] && this[kRawHeaders]) this[kSentHeaders] = rawToObject(this[kRawHeaders]);
    return this[kSentHeaders];
  }

  get sentTrailers() {
    return this[kSentTrailers];
  }

  get sentInfoHeaders() {
    return this[kInfoHeaders];
  }

  get pending() {
    return this[kID] === undefined;
  }

  get id() {
    return this[kID];
  }

  get session() {
    return this[kSession];
  }

  _onTimeout() {
    callTimeout(this, this[kSession]);
  }

  get headersSent() {
    return (this[kState].flags & kHeadersSent) !== 0;
  }

  get aborted() {
    return (this[kState].flags & kAborted) !== 0;
  }

  get headRequest() {
    return (this[kState].flags & kHeadRequest) !== 0;
  }

  get rstCode() {
    return this[kState].rstCode;
  }

  get state() {
    if (this.destroyed || this[kID] === undefined) return {};
    const [state, weight, sumDependencyWeight, localClose, remoteClose, localWindowSize] = this[kHandle].state() ?? [];
    return { state, weight, sumDependencyWeight, localClose, remoteClose, localWindowSize };
  }

  [kProceed]() {
    assert.fail('Implementers MUST implement this. Please report this as a bug in Node.js');
  }

  [kAfterAsyncWrite]({ bytes }) {
    this[kState].writeQueueSize -= bytes;
    if (this.session !== undefined) this.session[kState].writeQueueSize -= bytes;
  }

  [kWriteGeneric](isVector, data, encoding, callback) {
    if (this.pending) {
      this.once('ready', () => this[kWriteGeneric](isVector, data, encoding, callback));
      return;
    }
    if (this.destroyed) return;
    this[kUpdateTimer]();
    if (!this.headersSent) this[kProceed]();

    const state = this[kState];
    state.writeCallback = callback;
    state.writeError = null;
    state.endError = null;
    if (state.flags & kHasTrailers) {
      state.writePending = 1;
    } else {
      state.writePending = 2;
      process.nextTick(endWithLastWrite, this);
    }
    const done = (error) => {
      state.writeError = error;
      finishWrite(this);
    };
    const req = isVector ? writevGeneric(this, data, done) : writeGeneric(this, data, encoding, done);
    if (this[kSession] === undefined) return;
    trackWriteState(this, req.bytes);
    if (this[kSession][kType] === NGHTTP2_SESSION_CLIENT) {
      publish(channels.client.bodyChunkSent, () => ({ stream: this, writev: isVector, data, encoding }));
    }
  }

  _write(data, encoding, callback) {
    this[kWriteGeneric](false, data, encoding, callback);
  }

  _writev(data, callback) {
    this[kWriteGeneric](true, data, '', callback);
  }

  _final(callback) {
    if (this.pending) {
      this.once('ready', () => this._final(callback));
      return;
    }
    shutdownWritable(this, callback);
    if (this.session?.[kType] === NGHTTP2_SESSION_CLIENT) publish(channels.client.bodySent, () => ({ stream: this }));
  }

  _read() {
    if (this.destroyed) {
      this.push(null);
      return;
    }
    if (!this[kState].didRead) {
      this._readableState.readingMore = false;
      this[kState].didRead = true;
    }
    if (this.pending) this.once('ready', onResume);
    else onResume.call(this);
  }

  sendTrailers(headers) {
    if (this.destroyed || this.closed) throw new ERR_HTTP2_INVALID_STREAM();
    if (this[kSentTrailers]) throw new ERR_HTTP2_TRAILERS_ALREADY_SENT();
    if (!this[kState].trailersReady) throw new ERR_HTTP2_TRAILERS_NOT_READY();
    assertIsObject(headers, 'headers');
    headers = Object.assign({ __proto__: null }, headers);
    this[kUpdateTimer]();
    const block = buildHeaderBlock(headers, assertValidPseudoHeaderTrailer, this.session[kStrictSingleValueFields]);
    this[kSentTrailers] = headers;
    // Not inside of nghttp2's sending, which asks for them.
    setImmediate(() => {
      if (this.destroyed) return;
      this[kState].flags &= ~kHasTrailers;
      const result = this[kHandle].trailers(block);
      if (result < 0) this.destroy(new NghttpError(result));
      else this[kMaybeDestroy]();
    });
  }

  get closed() {
    return (this[kState].flags & kClosed) !== 0;
  }

  close(code = NGHTTP2_NO_ERROR, callback = undefined) {
    validateInteger(code, 'code', 0, MAX_UINT32);
    if (callback !== undefined) validateFunction(callback, 'callback');
    if (this.closed) return;
    if (callback !== undefined) this.once('close', callback);
    closeStream(this, code);
  }

  // The code to reset with: the stream's own once it is closed, what ended the session, or that of the error.
  #codeFor(error) {
    const { goawayCode, destroyCode } = this[kSession][kState];
    const sessionCode = goawayCode || destroyCode;
    if (error == null) return this.closed ? this.rstCode : sessionCode;
    return sessionCode || (error instanceof AbortError ? NGHTTP2_CANCEL : NGHTTP2_INTERNAL_ERROR);
  }

  _destroy(error, callback) {
    const session = this[kSession];
    const handle = this[kHandle];
    const sessionState = session[kState];
    const state = this[kState];
    log(this, 'destroying stream');
    const code = this.#codeFor(error);
    if (!this.closed) closeStream(this, code, handle !== undefined ? kForceReset : kNoReset);
    this.push(null);
    if (handle !== undefined) {
      handle.destroy();
      sessionState.streams.delete(this[kID]);
    } else {
      sessionState.pendingStreams.delete(this);
    }
    sessionState.writeQueueSize -= state.writeQueueSize;
    state.writeQueueSize = 0;

    // Nobody asked for an error where the peer, or the program, only cancelled.
    if (error == null && code !== NGHTTP2_NO_ERROR && code !== NGHTTP2_CANCEL) {
      error = new ERR_HTTP2_STREAM_ERROR(nameForErrorCode[code] || code);
    }
    this[kSession] = undefined;
    this[kHandle] = undefined;
    setImmediate(() => session[kMaybeDestroy]());
    if (error) {
      const side = session[kType] === NGHTTP2_SESSION_CLIENT ? channels.client : channels.server;
      publish(side.error, () => ({ stream: this, error }));
    }
    if (state.writeCallback !== null) {
      const { writeCallback } = state;
      state.writeCallback = null;
      state.writePending = 0;
      writeCallback(error);
    }
    callback(error);
  }

  // Destroys the stream once both sides have ended, or the server's once it has answered and nobody reads the request.
  [kMaybeDestroy](code = NGHTTP2_NO_ERROR) {
    if (code !== NGHTTP2_NO_ERROR) {
      this.destroy();
      return;
    }
    if (!this.writableFinished) return;
    if (!this.readable && this.closed) {
      this.destroy();
      return;
    }
    const state = this[kState];
    const unread = !state.didRead && this.readableFlowing === null;
    if (this.headersSent && this[kSession]?.[kType] === NGHTTP2_SESSION_SERVER && !(state.flags & kHasTrailers) && unread) {
      setImmediate(() => this.close());
    }
  }
}

Http2Stream.prototype.priority = deprecate(function priority() {
  if (this.destroyed) throw new ERR_HTTP2_INVALID_STREAM();
}, 'http2Stream.priority is longer supported after priority signalling was deprecated in RFC 9113', 'DEP0194');

Object.defineProperty(Http2Stream.prototype, 'setTimeout', {
  __proto__: null, configurable: true, enumerable: true, writable: true, value: setStreamTimeout,
});

function onClientHeaders(headers) {
  if (headers[':status'] === constants.HTTP_STATUS_CONTINUE) this.emit('continue');
}

class ClientHttp2Stream extends Http2Stream {
  constructor(session, handle, options) {
    super(session, options);
    this[kState].flags |= kHeadersSent;
    if (handle !== undefined) this[kInit](handle);
    this.on('headers', onClientHeaders);
  }
}

module.exports = {
  ClientHttp2Stream,
  Http2Stream,
  callTimeout,
  closeStream,
  kHasTrailers,
  kHeadRequest,
  kHeadersSent,
  kID,
  kInfoHeaders,
  kNoReset,
  kProceed,
  trackWriteState,
};
