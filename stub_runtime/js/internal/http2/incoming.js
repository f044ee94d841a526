'use strict';
// What a session hears: the calls that Rust makes for frames of the peer's, as events. A session or stream is the JavaScript
// object, not the handle, except where a stream may be new.

const { constants } = require('internal/http2/constants');
const { codes: { ERR_HTTP2_SESSION_ERROR, ERR_HTTP2_TOO_MANY_ORIGINS } } = require('internal/errors');
const { symbols: { owner_symbol } } = require('internal/async_hooks');
const { kMaybeDestroy, kSession, kUpdateTimer } = require('internal/net/stream_base');
const { StreamHandle } = require('internal/http2/handle');
const { channels, publish } = require('internal/http2/channels');
const { toHeaderObject } = require('internal/http2/headers');
const {
  NghttpError, debug, emit, kMaxOriginSetSize, kOrigin, kOriginSet, kRemoteSettings, kRequestResource, kState, kType, sessionName,
} = require('internal/http2/util');

const {
  HTTP_STATUS_MISDIRECTED_REQUEST,
  NGHTTP2_FLAG_END_STREAM,
  NGHTTP2_HCAT_PUSH_RESPONSE,
  NGHTTP2_HCAT_RESPONSE,
  NGHTTP2_NO_ERROR,
  NGHTTP2_REFUSED_STREAM,
  NGHTTP2_SESSION_SERVER,
} = constants;

// A stream that the peer opened.
function openStream(session, handle, headers, endOfStream) {
  const { ClientHttp2Stream, kHeadRequest } = require('internal/http2/stream');
  const server = session[kType] === NGHTTP2_SESSION_SERVER;
  let stream;
  if (server) {
    const { ServerHttp2Stream } = require('internal/http2/server_stream');
    stream = new ServerHttp2Stream(session, handle, {}, headers);
  } else {
    stream = new ClientHttp2Stream(session, handle, {});
  }
  const { created, start } = server ? channels.server : channels.client;
  publish(created, () => ({ stream, headers }));
  publish(start, () => ({ stream, headers }));
  if (endOfStream) stream.push(null);
  if (!server) {
    // A promised stream is the server's to write to.
    stream.end();
  } else if (headers[':method'] === 'HEAD') {
    stream.end();
    stream[kState].flags |= kHeadRequest;
  }
  stream[kState].endAfterHeaders = endOfStream;
  return stream;
}

// The event that a header block on a known stream is.
function eventOf(category, status, endOfStream) {
  if (category === NGHTTP2_HCAT_RESPONSE) return !endOfStream && status >= 100 && status < 200 ? 'headers' : 'response';
  if (category === NGHTTP2_HCAT_PUSH_RESPONSE) return 'push';
  if (status >= 200) return 'response';
  return endOfStream ? 'trailers' : 'headers';
}

function onHeaders(sessionHandle, id, category, flags, list, sensitive) {
  const session = sessionHandle[owner_symbol];
  let stream = session[kState].streams.get(id);
  if (session.destroyed || (stream === undefined && session.closed)) {
    const handle = new StreamHandle(sessionHandle, id);
    handle.rstStream(NGHTTP2_REFUSED_STREAM);
    handle.destroy();
    return;
  }
  session[kUpdateTimer]();
  debug('Http2Stream %s [Http2Session %s]: headers received', id, sessionName(session[kType]));
  const endOfStream = (flags & NGHTTP2_FLAG_END_STREAM) !== 0;
  const headers = toHeaderObject(list, sensitive);

  if (stream === undefined) {
    stream = openStream(session, new StreamHandle(sessionHandle, id), headers, endOfStream);
    process.nextTick(emit, session, 'stream', stream, headers, flags, list);
  } else {
    const status = headers[':status'];
    const event = eventOf(category, status, endOfStream);
    if (status === HTTP_STATUS_MISDIRECTED_REQUEST) session[kOriginSet]().delete(stream[kOrigin]);
    const resource = stream[kRequestResource];
    if (resource) resource.runInAsyncScope(process.nextTick, null, emit, stream, event, headers, flags, list);
    else process.nextTick(emit, stream, event, headers, flags, list);
    if (event === 'response' || event === 'push') {
      publish(channels.client.finish, () => ({ stream, headers, flags }));
    }
  }
  if (endOfStream) {
    const resource = stream[kRequestResource];
    if (resource) resource.runInAsyncScope(() => stream.push(null));
    else stream.push(null);
  }
}

// The body is sent; trailers can follow.
function onTrailers(stream) {
  stream[kState].trailersReady = true;
  if (stream.destroyed || stream.closed) return;
  if (!stream.emit('wantTrailers')) stream.sendTrailers({});
}

// Reset by either side, or both sides have ended. True unless nobody knows the stream.
function onStreamClose(stream, code, peerReset) {
  if (!stream || stream.destroyed) return false;
  const { closeStream, kNoReset } = require('internal/http2/stream');
  debug('Http2Stream %s [Http2Session %s]: closed with code %d', stream.id, sessionName(stream[kSession][kType]), code);
  if (!stream.closed) closeStream(stream, code, kNoReset);

  if (!stream.readable || code !== NGHTTP2_NO_ERROR) {
    stream.destroy();
    return true;
  }
  // What was received can still be read; writes that wait cannot be waited for where the peer wants none.
  stream.on('end', peerReset ? stream.destroy : stream[kMaybeDestroy]);
  stream.push(null);
  const nobodyReads = stream[kSession][kType] === NGHTTP2_SESSION_SERVER && !stream[kState].didRead &&
    stream.readableFlowing === null;
  if (nobodyReads) stream.resume();
  else stream.read(0);
  return true;
}

// Wraps what is told to sessions that are not destroyed.
function alive(fn) {
  return (session, ...args) => {
    if (!session.destroyed) fn(session, ...args);
  };
}

const onSettings = alive((session) => {
  session[kUpdateTimer]();
  session[kRemoteSettings] = undefined;
  session.emit('remoteSettings', session.remoteSettings);
});

const onPing = alive((session, payload) => {
  session[kUpdateTimer]();
  session.emit('ping', Buffer.from(payload.buffer));
});

const onPriority = alive((session, id, parent, weight, exclusive) => {
  const emitter = session[kState].streams.get(id) || session;
  if (emitter.destroyed) return;
  emitter[kUpdateTimer]();
  emitter.emit('priority', id, parent, weight, exclusive);
});

// A frame could not be sent.
const onFrameError = alive((session, id, type, code) => {
  const stream = session[kState].streams.get(id);
  const emitter = stream || session;
  emitter[kUpdateTimer]();
  emitter.emit('frameError', type, code, id);
  // Often a GOAWAY with the reason is on its way.
  setImmediate(() => {
    stream?.close(code);
    session.close();
  });
});

const onAltsvc = alive((session, stream, origin, value) => {
  session[kUpdateTimer]();
  session.emit('altsvc', value, origin, stream);
});

const onOrigin = alive((session, origins) => {
  session[kUpdateTimer]();
  if (!session.encrypted || session.destroyed) return;
  const set = session[kOriginSet]();
  for (const origin of origins) {
    if (set.size >= session[kMaxOriginSetSize]) {
      session.destroy(new ERR_HTTP2_TOO_MANY_ORIGINS(session[kMaxOriginSetSize]));
      return;
    }
    set.add(origin);
  }
  session.emit('origin', origins);
});

// The peer takes no new streams. Without an error those that are open may end.
const onGoaway = alive((session, code, lastStreamID, data) => {
  const state = session[kState];
  state.goawayCode = code;
  state.goawayLastStreamID = lastStreamID;
  session.emit('goaway', code, lastStreamID, data && Buffer.from(data.buffer));
  if (code === NGHTTP2_NO_ERROR) session.close();
  // The mistake was not ours, so we say goodbye without one.
  else session.destroy(new ERR_HTTP2_SESSION_ERROR(code), NGHTTP2_NO_ERROR);
});

function onError(session, code, name) {
  session?.destroy(new NghttpError(code, name));
}

module.exports = {
  onAltsvc, onError, onFrameError, onGoaway, onHeaders, onOrigin, onPing, onPriority, onSettings, onStreamClose, onTrailers,
};
