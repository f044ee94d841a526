'use strict';
// The handles of sessions and streams, which JavaScript holds and Rust calls (`bindings/http2.rs`), and what carries a session's
// bytes where that is an object of JavaScript's. What the calls mean is in `incoming.js`.

const binding = internalBinding('http2');
const { constants } = require('internal/http2/constants');
const hooks = require('internal/async_hooks');
const { async_id_symbol, owner_symbol } = hooks.symbols;
const { LATIN1, StreamHandle: StreamBase, UTF8, binding: { UCS2 }, chunkList } = require('internal/net/handles');
const { onStreamRead } = require('internal/net/stream_base');
const { hasObserver } = require('internal/perf/counts');
const { remoteCustomIds, settingsEntries } = require('internal/http2/settings');

function withHooks(resource, fn) {
  if (!hooks.enabledHooksExist()) return fn();
  hooks.emitBefore(resource[async_id_symbol] ?? 0, resource.trigger ?? 0, resource);
  try {
    return fn();
  } finally {
    hooks.emitAfter(resource[async_id_symbol] ?? 0);
  }
}

class Resource {
  constructor(type) {
    this[async_id_symbol] = hooks.newAsyncId();
    if (hooks.initHooksExist()) {
      this.trigger = hooks.getDefaultTriggerAsyncId();
      hooks.emitInit(this[async_id_symbol], type, undefined, this);
    }
  }

  getAsyncId() {
    return this[async_id_symbol];
  }
}

// The answer to a PING or SETTINGS.
class Awaited extends Resource {
  constructor(type, callback) {
    super(type);
    this.callback = callback;
  }
}

const optionNames = [
  'maxDeflateDynamicTableSize', 'maxReservedRemoteStreams', 'maxSendHeaderBlockLength', 'peerMaxConcurrentStreams',
  'paddingStrategy', 'maxHeaderListPairs', 'maxOutstandingPings', 'maxOutstandingSettings', 'maxSessionMemory', 'maxSettings',
  'streamResetRate', 'streamResetBurst',
];

// The array that `binding.create` takes; NaN is "not set".
function optionValues(options) {
  const values = optionNames.map((name) => (typeof options[name] === 'number' ? options[name] : NaN));
  const strict = options.strictFieldWhitespaceValidation;
  values.push(typeof strict === 'boolean' ? Number(!strict) : NaN);
  for (const name of ['maxSessionInvalidFrames', 'maxSessionRejectedStreams']) {
    values.push(options[name] === options[name] >>> 0 ? options[name] : NaN);
  }
  if (options.remoteCustomSettings) values.push(...remoteCustomIds(options.remoteCustomSettings));
  return new Float64Array(values);
}

// The operations that Rust asks of a transport.
const READ_START = 1;
const READ_STOP = 2;

class SessionHandle extends Resource {
  constructor(type, options, owner) {
    super('HTTP2SESSION');
    if (!isSetUp) setup();
    this.type = type;
    this[owner_symbol] = owner;
    this.ondone = null;
    this.ongraceful = null;
    this.transport = undefined;
    this.id = binding.create(this, type === constants.NGHTTP2_SESSION_SERVER, optionValues(options));
  }

  // Takes over the handle of a socket. Sockets, pipes and TLS are read in Rust; the handle of a Duplex gives what it reads to
  // what is attached to it.
  consume(handle) {
    this.transport = handle;
    if (handle instanceof StreamBase || handle.isTls) {
      binding.consume(this.id, handle.id, !!handle.isTls);
      return;
    }
    handle.attach(this);
    binding.consume(this.id);
  }

  receive(bytes) {
    if (this.id >= 0) binding.receive(this.id, bytes);
  }

  receiveEnd(status) { this.transport.onread?.(status, undefined); }

  operate(operation, bytes) {
    const { id, transport } = this;
    switch (operation) {
      case READ_START: return transport.readStart();
      case READ_STOP: return transport.readStop();
      default:
        transport.write(Buffer.from(bytes.buffer), (status) => binding.afterWrite(id, status));
        return 1;
    }
  }

  destroy(code, socketClosed) {
    reportSession(this);
    binding.destroy(this.id, code, socketClosed);
  }

  // A StreamHandle, or the number of an error.
  request(block, options) {
    const id = binding.request(this.id, block[0], block[1], options);
    return id > 0 ? new StreamHandle(this, id) : id;
  }

  // `callback(acknowledged, milliseconds)`; false where too many wait.
  settings(settings, callback) {
    return binding.settings(this.id, new Awaited('HTTP2SETTINGS', callback), settingsEntries(settings));
  }
  ping(payload, callback) { return binding.ping(this.id, new Awaited('HTTP2PING', callback), payload); }
  goaway(code, lastStreamID, data) { binding.goaway(this.id, code, lastStreamID, data); }
  altsvc(stream, origin, value) { binding.altsvc(this.id, stream, origin, value); }
  origin(origins) { binding.origin(this.id, origins); }
  setNextStreamID(id) { return binding.setNextStreamID(this.id, id); }
  setLocalWindowSize(size) { return binding.setLocalWindowSize(this.id, size); }
  currentSettings(remote) { return binding.currentSettings(this.id, remote); }
  remoteSettingsVersion() { return binding.remoteSettingsVersion(this.id); }
  state() { return binding.state(this.id); }
  setInterest(bits) { binding.setInterest(this.id, bits); }
  hasPendingData() { return binding.hasPendingData(this.id) === true; }
  setGracefulClose() { binding.setGracefulClose(this.id); }
  chunksSent(reset = false) { return binding.chunksSent(this.id, reset); }
}

class StreamHandle extends Resource {
  constructor(session, id) {
    super('HTTP2STREAM');
    this.session = session;
    this.id = id;
    this.reading = false;
    this.onread = onStreamRead;
    this[owner_symbol] = null;
    binding.streamAttach(session.id, id, this);
  }

  readStart() { return binding.streamReadStart(this.session.id, this.id); }
  readStop() { return binding.streamReadStop(this.session.id, this.id); }

  // 1: `req.oncomplete` is called when it is on the wire; negative: errno.
  write(req, list) { return binding.streamWrite(this.session.id, this.id, req, list); }
  writeBuffer(req, buffer) { return this.write(req, [buffer]); }
  writeUtf8String(req, text) { return this.write(req, [text, UTF8]); }
  writeAsciiString(req, text) { return this.write(req, [text, LATIN1]); }
  writeLatin1String(req, text) { return this.write(req, [text, LATIN1]); }
  writeUcs2String(req, text) { return this.write(req, [text, UCS2]); }
  writev(req, chunks, allBuffers) {
    return this.write(req, allBuffers ? chunks : chunkList(chunks));
  }

  shutdown() { return binding.streamShutdown(this.session.id, this.id); }
  respond(block, options) { return binding.streamRespond(this.session.id, this.id, block[0], block[1], options); }
  info(block) { return binding.streamInform(this.session.id, this.id, block[0], block[1]); }
  trailers(block) { return binding.streamTrailers(this.session.id, this.id, block[0], block[1]); }
  pushPromise(block, options) {
    const id = binding.streamPush(this.session.id, this.id, block[0], block[1], options);
    return id > 0 ? new StreamHandle(this.session, id) : id;
  }
  rstStream(code) { binding.streamReset(this.session.id, this.id, code); }
  state() { return binding.streamState(this.session.id, this.id); }
  destroy() {
    reportStream(this);
    binding.streamDestroy(this.session.id, this.id);
    hooks.emitDestroy(this[async_id_symbol]);
  }
}

// Gives performance observers of http2 what was counted.
function report(name, read, detailOf) {
  if (!hasObserver('http2')) return;
  const values = read();
  if (values === undefined) return;
  const now = require('internal/perf/performance').now();
  require('internal/perf/observe').enqueueNodeEntry(name, 'http2', now - values[0], values[0], detailOf(values));
}

function reportSession(handle) {
  report('Http2Session', () => binding.statistics(handle.id), (v) => ({
    bytesRead: v[7],
    bytesWritten: v[6],
    framesReceived: v[2],
    framesSent: v[3],
    maxConcurrentStreams: v[8],
    pingRTT: v[1],
    streamAverageDuration: v[5],
    streamCount: v[4],
    type: v[9] === 1 ? 'server' : 'client',
  }));
}

function reportStream(handle) {
  report('Http2Stream', () => binding.streamStatistics(handle.session.id, handle.id), (v) => ({
    bytesRead: v[5],
    bytesWritten: v[4],
    id: handle.id,
    timeToFirstByte: v[1],
    timeToFirstByteSent: v[2],
    timeToFirstHeader: v[3],
  }));
}

let isSetUp = false;

// Not at load: a module that is in an image has been evaluated in another process.
function setup() {
  isSetUp = true;
  const incoming = require('internal/http2/incoming');
  // A call with the handle as resource, and the handle's owner in front of the arguments.
  const owned = (fn) => (handle, ...args) => withHooks(handle, () => fn(handle[owner_symbol], ...args));
  binding.setup(
    owned(incoming.onError),
    (handle, ...args) => withHooks(handle, () => incoming.onHeaders(handle, ...args)),
    owned(incoming.onStreamClose),
    owned(incoming.onTrailers),
    (handle, nread, buffer) => withHooks(handle, () => handle.onread(nread, buffer)),
    owned(incoming.onSettings),
    owned(incoming.onPing),
    owned(incoming.onGoaway),
    owned(incoming.onAltsvc),
    owned(incoming.onOrigin),
    owned(incoming.onPriority),
    owned(incoming.onFrameError),
    (awaited, ...args) => {
      withHooks(awaited, () => awaited.callback(...args));
      hooks.emitDestroy(awaited[async_id_symbol]);
    },
    (req, status) => withHooks(req, () => req.oncomplete?.(status)),
    (handle) => {
      withHooks(handle, () => handle.ondone?.());
      // The number may be given to another.
      handle.id = -1;
      hooks.emitDestroy(handle[async_id_symbol]);
    },
    (handle) => withHooks(handle, () => handle.ongraceful?.()),
    (handle, operation, bytes) => handle.operate(operation, bytes),
  );
}

module.exports = { SessionHandle, StreamHandle };
