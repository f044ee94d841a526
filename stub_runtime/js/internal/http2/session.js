'use strict';
// Http2Session: what servers' and clients' sessions share. How it ends: `close` waits for the streams, `destroy` does not; then
// the handle says goodbye to the peer, and `finish` ends the socket, whose 'close' is the session's.

const assert = require('assert');
const EventEmitter = require('events');
const {
  codes: {
    ERR_HTTP2_INVALID_SESSION,
    ERR_HTTP2_MAX_PENDING_SETTINGS_ACK,
    ERR_HTTP2_NO_MEM,
    ERR_HTTP2_PING_CANCEL,
    ERR_HTTP2_PING_LENGTH,
    ERR_HTTP2_SESSION_ERROR,
    ERR_HTTP2_SETTINGS_CANCEL,
    ERR_HTTP2_SOCKET_BOUND,
    ERR_HTTP2_STREAM_CANCEL,
    ERR_OUT_OF_RANGE,
    ERR_SOCKET_CLOSED,
  },
} = require('internal/errors');
const { validateBuffer, validateFunction, validateInt32, validateNumber } = require('internal/validators');
const { kHandle, kMaybeDestroy, kTimeout, kUpdateTimer, setStreamTimeout } = require('internal/net/stream_base');
const { format } = require('internal/util/inspect');
const { customInspectSymbol } = require('internal/util');
const { constants } = require('internal/http2/constants');
const { SessionHandle } = require('internal/http2/handle');
const { settingsObject, validateSettings } = require('internal/http2/settings');
const { proxySocket } = require('internal/http2/socket_proxy');
const util = require('internal/http2/util');

const { NGHTTP2_CANCEL, NGHTTP2_ERR_NOMEM, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR } = constants;
const {
  assertIsObject, debug, emit, kBoundSession, kCountListener, kOriginSet, kProxySocket, kRemoteSettings, kServer, kSessions,
  kSocket, kState, kStrictSingleValueFields, kType, sessionName,
} = util;

const kAlpnProtocol = Symbol('alpnProtocol');
const kEncrypted = Symbol('encrypted');
const kLocalSettings = Symbol('local-settings');

const kReady = 1;
const kClosed = 2;
const kDestroyed = 4;

const MAX_UINT32 = 2 ** 32 - 1;

// What Rust has to know somebody listens to.
const interestBits = { __proto__: null, ping: 1, altsvc: 2, remoteSettings: 4, priority: 8 };

function onListenerAdded(name) {
  this[kCountListener](name, 1);
}

function onListenerRemoved(name) {
  this[kCountListener](name, -1);
}

function log(session, text, ...args) {
  debug(`Http2Session %s: ${text}`, sessionName(session[kType]), ...args);
}

// The socket is connected: nghttp2 begins.
function start(session, socket, options) {
  if (session.destroyed) {
    process.nextTick(emit, session, 'connect', session, socket);
    return;
  }
  assert(socket._handle !== undefined,
    'Internal HTTP/2 Failure. The socket is not connected. Please report this as a bug in Node.js');
  const state = session[kState];
  const handle = new SessionHandle(session[kType], options, session);
  state.flags |= kReady;
  handle.ongraceful = () => session[kMaybeDestroy]();
  handle.setInterest(interestOf(state.listeners));
  session[kHandle] = handle;
  handle.consume(socket._handle);

  session[kEncrypted] = !!socket.encrypted;
  session[kAlpnProtocol] = socket.encrypted ? socket.alpnProtocol : 'h2c';

  session.settings(typeof options.settings === 'object' ? options.settings : {});
  session._started?.(options);
  process.nextTick(emit, session, 'connect', session, socket);
}

function interestOf(listeners) {
  let bits = 0;
  for (const name in listeners) if (listeners[name] > 0) bits |= interestBits[name];
  return bits;
}

function emitClose(session, error) {
  if (error) session.emit('error', error);
  session.emit('close');
}

// Takes the session apart.
function release(session) {
  const { [kSocket]: socket, [kHandle]: handle, [kServer]: server } = session;
  session[kProxySocket] = undefined;
  session[kSocket] = undefined;
  session[kHandle] = undefined;
  server?.[kSessions].delete(session);
  if (handle) handle.ondone = null;
  if (socket) {
    socket[kBoundSession] = undefined;
    socket[kServer] = undefined;
  }
  return socket;
}

// The goodbye is on the wire.
function finish(session, error) {
  log(session, 'finishSessionClose');
  const socket = release(session);
  if (!socket || socket.destroyed) {
    process.nextTick(emitClose, session, error);
    return;
  }
  socket.on('close', () => emitClose(session, error));
  // Nobody reads it any more, and it cannot end before all is read.
  if (session.closed) socket.resume();
  // The socket must not be destroyed before all is written; after a graceful close the peer may still send.
  socket.end(() => {
    if (!session.closed) setImmediate(() => socket.destroy(error));
  });
}

// Ends the session now: its streams, then the handle, then the socket.
function closeSession(session, code, error) {
  log(session, 'start closing/destroying', error);
  const state = session[kState];
  state.flags |= kDestroyed;
  state.destroyCode = code;
  session.setTimeout(0);
  session.removeAllListeners('timeout');

  const { [kSocket]: socket, [kHandle]: handle } = session;
  if (state.pendingStreams.size > 0 || state.streams.size > 0) {
    const cancel = new ERR_HTTP2_STREAM_CANCEL(error);
    for (const stream of state.pendingStreams) stream.destroy(cancel);
    for (const stream of state.streams.values()) stream.destroy(error);
  }
  if (handle === undefined) {
    finish(session, error);
    return;
  }
  handle.ondone = () => finish(session, error);
  handle.destroy(code, socket.destroyed);
}

function onSocketError(error) {
  const session = this[kBoundSession];
  if (session === undefined) return;
  // After its GOAWAY the peer owes us nothing.
  if (error.code === 'ECONNRESET' && session[kState].goawayCode !== null) session.destroy();
  else session.destroy(error);
}

function onSocketClose() {
  const session = this[kBoundSession];
  if (session === undefined) return;
  log(session, 'socket closed');
  const error = session.connecting ? new ERR_SOCKET_CLOSED() : null;
  const { pendingStreams, streams } = session[kState];
  for (const stream of streams.values()) stream.close(NGHTTP2_CANCEL);
  for (const stream of pendingStreams) stream.close(NGHTTP2_CANCEL);
  session.close();
  closeSession(session, NGHTTP2_NO_ERROR, error);
}

class Http2Session extends EventEmitter {
  constructor(type, options, socket) {
    super();
    if (socket[kBoundSession] !== undefined) throw new ERR_HTTP2_SOCKET_BOUND();
    socket[kBoundSession] = this;
    if (!socket._handle?.isStreamBase) {
      const JSStreamSocket = require('internal/js_stream_socket');
      socket = new JSStreamSocket(socket);
      socket[kBoundSession] = this;
    }
    socket.on('error', onSocketError);
    socket.on('close', onSocketClose);

    this[kState] = {
      destroyCode: NGHTTP2_NO_ERROR,
      flags: 0,
      goawayCode: null,
      goawayLastStreamID: null,
      listeners: { ping: 0, altsvc: 0, remoteSettings: 0, priority: 0 },
      originSet: undefined,
      pendingAck: 0,
      // Streams without a number yet, and by number.
      pendingStreams: new Set(),
      streams: new Map(),
      remoteSettingsVersion: undefined,
      seenChunks: undefined,
      writeQueueSize: 0,
    };
    this[kEncrypted] = undefined;
    this[kAlpnProtocol] = undefined;
    this[kType] = type;
    this[kProxySocket] = null;
    this[kSocket] = socket;
    this[kTimeout] = null;
    this[kHandle] = undefined;
    this[kStrictSingleValueFields] = options.strictSingleValueFields;
    this.on('newListener', onListenerAdded);
    this.on('removeListener', onListenerRemoved);

    // Frames are written in one piece: waiting for more only costs time.
    socket.setNoDelay?.();
    socket.disableRenegotiation?.();

    if (socket.connecting || socket.secureConnecting) {
      const event = socket.encrypted ? 'secureConnect' : 'connect';
      socket.once(event, () => {
        try {
          start(this, socket, options);
        } catch (error) {
          socket.destroy(error);
        }
      });
    } else {
      start(this, socket, options);
    }

    // Bytes that the socket read before it was ours.
    process.nextTick(() => {
      if (!socket.readableLength) return;
      let bytes;
      while ((bytes = socket.read()) !== null) this[kHandle]?.receive(bytes);
    });
    log(this, 'created');
  }

  get encrypted() {
    return this[kEncrypted];
  }

  get alpnProtocol() {
    return this[kAlpnProtocol];
  }

  [kOriginSet]() {
    const state = this[kState];
    if (state.originSet === undefined) {
      const socket = this[kSocket];
      const { servername, remoteAddress, remoteFamily, remotePort } = socket;
      let host = servername;
      if (host === null || host === false) host = remoteFamily === 'IPv6' ? `[${remoteAddress}]` : remoteAddress;
      const port = remotePort == null ? '' : `:${remotePort}`;
      state.originSet = new Set([new URL(`https://${host}${port}`).origin]);
    }
    return state.originSet;
  }

  get originSet() {
    if (!this.encrypted || this.destroyed) return undefined;
    return [...this[kOriginSet]()];
  }

  get connecting() {
    return (this[kState].flags & kReady) === 0;
  }

  get closed() {
    return (this[kState].flags & kClosed) !== 0;
  }

  get destroyed() {
    return (this[kState].flags & kDestroyed) !== 0;
  }

  [kCountListener](name, by) {
    if (interestBits[name] === undefined) return;
    const { listeners } = this[kState];
    listeners[name] += by;
    this[kHandle]?.setInterest(interestOf(listeners));
  }

  [kUpdateTimer]() {
    if (!this.destroyed) this[kTimeout]?.refresh();
  }

  setNextStreamID(id) {
    if (this.destroyed) throw new ERR_HTTP2_INVALID_SESSION();
    validateNumber(id, 'id');
    if (id <= 0 || id > MAX_UINT32) throw new ERR_OUT_OF_RANGE('id', `> 0 and <= ${MAX_UINT32}`, id);
    this[kHandle].setNextStreamID(id);
  }

  setLocalWindowSize(windowSize) {
    if (this.destroyed) throw new ERR_HTTP2_INVALID_SESSION();
    validateInt32(windowSize, 'windowSize', 0);
    if (this[kHandle].setLocalWindowSize(windowSize) === NGHTTP2_ERR_NOMEM) this.destroy(new ERR_HTTP2_NO_MEM());
  }

  ping(payload, callback) {
    if (this.destroyed) throw new ERR_HTTP2_INVALID_SESSION();
    if (typeof payload === 'function') {
      callback = payload;
      payload = undefined;
    }
    if (payload) {
      validateBuffer(payload, 'payload');
      if (payload.byteLength !== 8) throw new ERR_HTTP2_PING_LENGTH();
    }
    validateFunction(callback, 'callback');
    const done = (acknowledged, duration, data) => {
      if (acknowledged) callback(null, duration, Buffer.from(data.buffer));
      else callback(new ERR_HTTP2_PING_CANCEL());
    };
    if (this.connecting || this.closed) {
      process.nextTick(done, false, 0, payload);
      return;
    }
    return this[kHandle].ping(payload, done);
  }

  [customInspectSymbol](depth) {
    if (typeof depth === 'number' && depth < 0) return this;
    return `Http2Session ${format({
      type: this[kType],
      closed: this.closed,
      destroyed: this.destroyed,
      state: this.state,
      localSettings: this.localSettings,
      remoteSettings: this.remoteSettings,
    })}`;
  }

  get socket() {
    if (this[kProxySocket] === null) this[kProxySocket] = proxySocket(this);
    return this[kProxySocket];
  }

  get type() {
    return this[kType];
  }

  get goawayCode() {
    return this[kState].goawayCode || NGHTTP2_NO_ERROR;
  }

  get goawayLastStreamID() {
    return this[kState].goawayLastStreamID || 0;
  }

  get pendingSettingsAck() {
    return this[kState].pendingAck > 0;
  }

  get state() {
    if (this.connecting || this.destroyed) return {};
    const values = this[kHandle].state();
    return {
      effectiveLocalWindowSize: values[0],
      effectiveRecvDataLength: values[1],
      nextStreamID: values[2],
      localWindowSize: values[3],
      lastProcStreamID: values[4],
      remoteWindowSize: values[5],
      outboundQueueSize: values[6],
      deflateDynamicTableSize: values[7],
      inflateDynamicTableSize: values[8],
    };
  }

  get localSettings() {
    if (this[kLocalSettings] !== undefined) return this[kLocalSettings];
    if (this.destroyed || this.connecting) return {};
    return this[kLocalSettings] = settingsObject(this[kHandle].currentSettings(false));
  }

  get remoteSettings() {
    const state = this[kState];
    const handle = this[kHandle];
    const known = this[kRemoteSettings];
    if (known !== undefined && (handle === undefined || handle.remoteSettingsVersion() === state.remoteSettingsVersion)) {
      return known;
    }
    if (this.destroyed || this.connecting) return {};
    state.remoteSettingsVersion = handle.remoteSettingsVersion();
    return this[kRemoteSettings] = settingsObject(handle.currentSettings(true));
  }

  settings(settings, callback) {
    if (this.destroyed) throw new ERR_HTTP2_INVALID_SESSION();
    assertIsObject(settings, 'settings');
    validateSettings(settings);
    if (callback) validateFunction(callback, 'callback');
    const state = this[kState];
    state.pendingAck += 1;
    settings = { ...settings };
    this.#whenConnected(() => {
      if (this.destroyed) return;
      this[kUpdateTimer]();
      const done = (acknowledged, duration) => this.#settingsDone(callback, acknowledged, duration);
      if (!this[kHandle].settings(settings, done)) this.destroy(new ERR_HTTP2_MAX_PENDING_SETTINGS_ACK());
    });
  }

  #settingsDone(callback, acknowledged, duration) {
    this[kState].pendingAck -= 1;
    this[kLocalSettings] = undefined;
    if (!acknowledged) {
      callback?.(new ERR_HTTP2_SETTINGS_CANCEL());
      return;
    }
    const settings = this.localSettings;
    callback?.(null, settings, duration);
    this.emit('localSettings', settings);
  }

  #whenConnected(fn) {
    if (this.connecting) this.once('connect', fn);
    else fn();
  }

  goaway(code = NGHTTP2_NO_ERROR, lastStreamID = 0, opaqueData = undefined) {
    if (this.destroyed) throw new ERR_HTTP2_INVALID_SESSION();
    if (opaqueData !== undefined) validateBuffer(opaqueData, 'opaqueData');
    validateNumber(code, 'code');
    validateNumber(lastStreamID, 'lastStreamID');
    this.#whenConnected(() => {
      if (this.destroyed) return;
      this[kUpdateTimer]();
      this[kHandle].goaway(code, lastStreamID, opaqueData);
    });
  }

  destroy(error = NGHTTP2_NO_ERROR, code = undefined) {
    if (this.destroyed) return;
    if (typeof error === 'number') {
      code = error;
      error = code === NGHTTP2_NO_ERROR ? undefined : new ERR_HTTP2_SESSION_ERROR(code);
    }
    if (code === undefined && error != null) code = NGHTTP2_INTERNAL_ERROR;
    closeSession(this, code, error);
  }

  // No new streams; those that are open may end.
  close(callback) {
    if (this.closed || this.destroyed) return;
    log(this, 'marking session closed');
    this[kState].flags |= kClosed;
    if (typeof callback === 'function') this.once('close', callback);
    this.goaway();
    this[kHandle]?.setGracefulClose();
    this[kMaybeDestroy]();
  }

  [EventEmitter.captureRejectionSymbol](error, event, ...args) {
    if (event === 'stream') args[0].destroy(error);
    else this.destroy(error);
  }

  // Destroys the session on an error, or where it is closed and idle.
  [kMaybeDestroy](error) {
    if (error == null) {
      const { pendingStreams, streams } = this[kState];
      const busy = streams.size > 0 || pendingStreams.size > 0 || this[kHandle]?.hasPendingData();
      if (!this.closed || busy) return;
    }
    this.destroy(error);
  }

  _onTimeout() {
    require('internal/http2/stream').callTimeout(this, this);
  }

  ref() {
    this[kSocket]?.ref();
  }

  unref() {
    this[kSocket]?.unref();
  }
}

Object.defineProperty(Http2Session.prototype, 'setTimeout', {
  __proto__: null, configurable: true, enumerable: true, writable: true, value: setStreamTimeout,
});

module.exports = { Http2Session };
