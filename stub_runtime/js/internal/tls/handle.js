'use strict';
// The handle of a TLS socket: encryption on the handle below, with the names and calls of Node's TLSWrap.
// Owns: the objects that events of `bindings/tls.rs` arrive at. Does not own: what they mean (`socket.js`, which sets `on...`),
// the engine (Rust). A connection is a number in Rust; -1 once it is destroyed.

const hooks = require('internal/async_hooks');
const { AsyncResource, LATIN1, StreamHandle, UTF8, binding: streams, chunkList, ensureSetup } =
  require('internal/net/handles');
const binding = internalBinding('tls');
const { owner_symbol, async_id_symbol } = hooks.symbols;
const { UCS2 } = streams;

// By the numbers of Rust's events.
const events = [
  (handle, now) => handle.onhandshakestart?.(now),
  (handle) => handle.onhandshakedone?.(),
  (handle, sessionId, servername, tlsTicket) => handle.onclienthello?.({ sessionId: toBuffer(sessionId), servername, tlsTicket }),
  (handle, servername, OCSPRequest) => handle.oncertcb?.({ servername, OCSPRequest }),
  (handle, id, session) => handle.onnewsession?.(toBuffer(id), toBuffer(session)),
  (handle, line) => handle.onkeylog?.(toBuffer(line)),
  (handle, response) => handle.onocspresponse?.(response === null ? null : toBuffer(response)),
  (handle, error) => handle.onerror?.(error),
];

function toBuffer(bytes) {
  return bytes === undefined ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function onEvent(handle, event, a, b, c) {
  const id = handle[async_id_symbol];
  hooks.emitBefore(id, 0, handle);
  try {
    events[event](handle, a, b, c);
  } finally {
    hooks.emitAfter(id);
  }
}

// Ciphertext for a stream that is JavaScript's.
function onOutput(handle, bytes) {
  handle._parent.write(toBuffer(bytes), (status) => {
    if (handle.id >= 0) binding.outputDone(handle.id, status);
  });
}

let isSetUp = false;

// Not at load: a module that is in an image has been evaluated in another process.
function setup() {
  isSetUp = true;
  ensureSetup();
  binding.setup(
    onEvent,
    onOutput,
    (handle, offer) => handle.ALPNCallback(toBuffer(offer)),
    (handle, ...args) => handle.onpskexchange(...args));
}

class TLSWrap extends AsyncResource {
  constructor(parent, context, isServer, hasPriorWrites) {
    if (!isSetUp) setup();
    super('TLSWRAP');
    this._parent = parent;
    this._parentWrap = null;
    this._secureContext = null;
    this.reading = parent.reading;
    this.onread = undefined;
    this[owner_symbol] = null;
    this.sni_context = undefined;
    const isNative = parent instanceof StreamHandle;
    this.id = binding.create(this, context.handle, isServer, isNative ? parent.id : -1, hasPriorWrites);
    if (!isNative) parent.attach(this);
  }

  get isStreamBase() { return true; }
  get isTls() { return true; }
  get owner() { return this[owner_symbol]; }
  set owner(value) { this[owner_symbol] = value; }

  get fd() { return this._parent.fd; }
  get bytesRead() { return this.counts(0); }
  get bytesWritten() { return this.counts(1); }
  get writeQueueSize() { return this.id < 0 ? 0 : this.counts(2); }

  counts(which) {
    return (this.id < 0 ? this.lastCounts ?? [0, 0, 0] : binding.counts(this.id))[which];
  }

  readStart() { return this._parent.readStart(); }
  readStop() { return this._parent.readStop(); }
  setReadLimit(bytes) { return binding.setReadLimit(this.id, bytes); }

  start() { binding.start(this.id); }
  receive(bytes) { binding.receive(this.id, bytes); }
  receiveEnd(status) { if (this.id >= 0) binding.receiveEnd(this.id, status); }
  writesIssuedByPrevListenerDone() { binding.priorWritesDone(this.id); }

  // Each gives 0 (done), 1 (queued: req.oncomplete is called later) or a negative errno.
  writeBuffer(req, buffer) {
    req.bytes = buffer.byteLength;
    return this.written(req, binding.writeBuffer(this.id, req, buffer));
  }
  writeUtf8String(req, text) { return this.written(req, binding.writeString(this.id, req, text, UTF8)); }
  writeAsciiString(req, text) { return this.written(req, binding.writeString(this.id, req, text, LATIN1)); }
  writeLatin1String(req, text) { return this.written(req, binding.writeString(this.id, req, text, LATIN1)); }
  writeUcs2String(req, text) { return this.written(req, binding.writeString(this.id, req, text, UCS2)); }
  writev(req, chunks, allBuffers) {
    return this.written(req, binding.writev(this.id, req, allBuffers ? chunks : chunkList(chunks)));
  }
  writeMessage(head, body, tail) { return binding.writeMessage(this.id, head, body, tail); }

  written(req, result) {
    if (this.id < 0) req.error = 'Write after DestroySSL';
    return result;
  }

  shutdown(req) {
    const result = binding.shutdown(this.id, req);
    return result === 1 ? this._parent.shutdown(req) : result;
  }

  destroySSL() {
    if (this.id < 0) return;
    this.lastCounts = binding.counts(this.id);
    const { id } = this;
    this.id = -1;
    binding.destroy(id);
    hooks.emitDestroy(this[async_id_symbol]);
  }

  close(callback) {
    const owner = this[owner_symbol];
    const ssl = owner?.ssl;
    if (owner) owner.ssl = null;
    const done = () => {
      ssl?.destroySSL();
      callback?.();
    };
    const wrap = this._parentWrap;
    if (wrap) {
      if (wrap._handle === null) {
        done();
        return;
      }
      if (wrap._handle === this._parent) {
        wrap.once('close', done);
        wrap.destroy();
        return;
      }
    }
    this._parent.close(done);
  }

  reset(callback) {
    if (this._parent.reset === undefined) return this.close(callback);
    return this._parent.reset(() => {
      this.destroySSL();
      callback?.();
    });
  }

  setVerifyMode(requestCert, rejectUnauthorized) { binding.setVerifyMode(this.id, requestCert, rejectUnauthorized); }
  enableSessionCallbacks() { binding.enable(this.id, binding.ENABLE_SESSIONS); }
  enableKeylogCallback() { binding.enable(this.id, binding.ENABLE_KEYLOG); }
  enableCertCb() { binding.enable(this.id, binding.ENABLE_CERTIFICATE); }
  enableALPNCb() { binding.enable(this.id, binding.ENABLE_ALPN); }
  enablePskCallback() { binding.enable(this.id, binding.ENABLE_PSK); }
  requestOCSP() { binding.enable(this.id, binding.REQUEST_OCSP); }
  enableTrace() {
    const { codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM } } = require('internal/errors');
    throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('tlsSocket.enableTrace()');
  }

  setALPNProtocols(protocols) { binding.setALPN(this.id, protocols); }
  setServername(name) { binding.setServername(this.id, name); }
  getServername() { return this.id < 0 ? false : binding.getServername(this.id); }
  getALPNNegotiatedProtocol() { return binding.getALPN(this.id); }

  loadSession(session) { this.foundSession = session; }
  clientHelloDone() {
    const session = this.foundSession;
    this.foundSession = undefined;
    binding.clientHelloDone(this.id, session ?? undefined);
  }
  newSessionDone() { binding.newSessionDone(this.id); }
  certCbDone() {
    const context = this.sni_context;
    // What is no object is as nothing.
    if (typeof context === 'object' && context !== null && context.handle === undefined) {
      this.onerror(new TypeError('Invalid SNI context'));
      return;
    }
    binding.certCbDone(this.id, context?.handle);
  }
  setKeyCert(context) { binding.setKeyCert(this.id, context.handle); }
  setOCSPResponse(response) { binding.setOCSPResponse(this.id, response); }
  setPskIdentityHint(hint) {
    if (binding.setPskIdentityHint(this.id, hint)) return;
    const { codes: { ERR_TLS_PSK_SET_IDENTITY_HINT_FAILED } } = require('internal/errors');
    this.onerror(new ERR_TLS_PSK_SET_IDENTITY_HINT_FAILED());
  }

  verifyError() { return binding.verifyError(this.id); }
  // DER of the certificate and of its issuers, then whether the last issued itself; undefined where there is none.
  getPeerCertificates(whole) { return binding.getPeerCertificates(this.id, whole); }
  getOwnCertificate() { return binding.getOwnCertificate(this.id); }
  getSession() { return toBuffer(binding.getSession(this.id)); }
  setSession(session) {
    if (!ArrayBuffer.isView(session)) {
      const { nativeError } = require('internal/errors');
      throw nativeError(TypeError, 'ERR_INVALID_ARG_TYPE', 'Session must be a buffer');
    }
    if (binding.setSession(this.id, session) === false) throw new Error('SSL_set_session error');
  }
  getTLSTicket() { return toBuffer(binding.getTLSTicket(this.id)); }
  isSessionReused() { return binding.isSessionReused(this.id); }
  getCipher() { return binding.getCipher(this.id); }
  getSharedSigalgs() { return binding.getSharedSigalgs(this.id); }
  getEphemeralKeyInfo() { return binding.getEphemeralKeyInfo(this.id); }
  getFinished() { return toBuffer(binding.getFinished(this.id)); }
  getPeerFinished() { return toBuffer(binding.getPeerFinished(this.id)); }
  getProtocol() { return binding.getProtocol(this.id); }
  exportKeyingMaterial(length, label, context) {
    return toBuffer(binding.exportKeyingMaterial(this.id, length, label, context));
  }
  setMaxSendFragment(size) { return binding.setMaxSendFragment(this.id, size); }
  renegotiate() { binding.renegotiate(this.id); }
}

// What the handle below does.
for (const name of ['ref', 'unref', 'hasRef', 'open', 'bind', 'listen', 'connect', 'bind6', 'connect6', 'getsockname',
                    'getpeername', 'setNoDelay', 'setKeepAlive', 'setTypeOfService', 'getTypeOfService', 'setBlocking']) {
  Object.defineProperty(TLSWrap.prototype, name, {
    __proto__: null,
    configurable: true,
    writable: true,
    value(...args) { return this._parent[name]?.(...args); },
  });
}

module.exports = { TLSWrap };
