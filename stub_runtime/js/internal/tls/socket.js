'use strict';
// tls.TLSSocket: a net.Socket whose handle encrypts. Owns: the life of a secure socket. Does not own: what a handshake asks
// (`callbacks.js`), servers and clients (`server.js`, `connect.js`), the engine (`handle.js`).

const net = require('net');
const {
  codes: { ERR_TLS_HANDSHAKE_TIMEOUT, ERR_TLS_INVALID_CONTEXT, ERR_TLS_INVALID_STATE, ERR_TLS_SNI_FROM_SERVER },
} = require('internal/errors');
const { symbols: { owner_symbol } } = require('internal/async_hooks');
const { Pipe, SOCKET, StreamHandle, TCP } = require('internal/net/handles');
const { kReinitializeHandle } = require('internal/net/socket');
const { NativeSecureContext, SecureContext } = require('internal/tls/common');
const callbacks = require('internal/tls/callbacks');
const { TLSWrap } = require('internal/tls/handle');
const { convertALPNProtocols } = require('internal/tls/identity');
const { sessionForReuse, wrapSession } = require('internal/tls/session');
const { getOptionValue } = require('internal/options');
const {
  validateBoolean,
  validateBuffer,
  validateFunction,
  validateInt32,
  validateObject,
  validateString,
  validateUint32,
} = require('internal/validators');

const { kALPNCallback, kConnectOptions, kDisableRenegotiation, kIsVerified, kPendingSession, kPskCallback } = callbacks;
const kRes = Symbol('res');
const kSecureContext = Symbol('secureContext');

let debug = require('internal/util/debuglog').debuglog('tls', (fn) => {
  debug = fn;
});

const noop = () => {};

// Reads on the next tick, so that the caller can put listeners on first.
function initRead(tlsSocket, socket) {
  if (!tlsSocket._handle) return;
  // What the plain socket has read already is ciphertext too.
  if (socket?.readableLength) {
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
      tlsSocket._handle?.receive(chunk);
    }
  }
  tlsSocket.read(0);
}

function TLSSocket(socket, opts) {
  const options = { ...opts };
  let { enableTrace } = options;
  if (enableTrace == null) enableTrace = getOptionValue('--trace-tls');
  else validateBoolean(enableTrace, 'options.enableTrace');
  if (options.ALPNProtocols) convertALPNProtocols(options.ALPNProtocols, options);

  this._tlsOptions = options;
  this._secureEstablished = false;
  this._securePending = false;
  this._newSessionPending = false;
  this._controlReleased = false;
  this.secureConnecting = true;
  this._SNICallback = null;
  this[kALPNCallback] = null;
  this.servername = null;
  this.alpnProtocol = null;
  this.authorized = false;
  this.authorizationError = null;
  this[kRes] = null;
  this[kSecureContext] = null;
  this[kIsVerified] = false;
  this[kPendingSession] = null;

  let wrap = null;
  let handle;
  let hasPriorWrites = false;
  if (socket) {
    if (socket instanceof net.Socket && socket._handle instanceof StreamHandle) {
      wrap = socket;
    } else {
      // Another kind of stream, or a socket that is not connected yet.
      const JSStreamSocket = require('internal/js_stream_socket');
      wrap = new JSStreamSocket(socket);
    }
    handle = wrap._handle;
    hasPriorWrites = wrap.writableLength > 0;
  }
  this.encrypted = true;

  Reflect.apply(net.Socket, this, [{
    handle: this._wrapHandle(wrap, handle, hasPriorWrites),
    allowHalfOpen: socket ? socket.allowHalfOpen : options.allowHalfOpen,
    pauseOnCreate: options.pauseOnConnect,
    manualStart: true,
    highWaterMark: options.highWaterMark,
    onread: !socket ? options.onread : null,
    signal: options.signal,
    noDelay: options.noDelay,
    keepAlive: options.keepAlive,
    keepAliveInitialDelay: options.keepAliveInitialDelay,
  }]);
  this.ssl = this._handle;
  this.on('error', this._tlsError);
  this._init(socket, wrap);
  if (enableTrace) this._handle.enableTrace();

  if (hasPriorWrites) {
    // Finishes after what the plain socket still has to write.
    wrap.write('', (error) => {
      if (error) this.destroy(error);
      else this._handle?.writesIssuedByPrevListenerDone();
    });
  }
  process.nextTick(initRead, this, socket);
}
Object.setPrototypeOf(TLSSocket.prototype, net.Socket.prototype);
Object.setPrototypeOf(TLSSocket, net.Socket);

// A context that was made for one socket goes with it; the socket may change handles before.
function closeSingleUse(secure) {
  if (secure?.singleUse && secure.context) {
    secure.context.close();
    secure.context = null;
  }
}

TLSSocket.prototype.disableRenegotiation = function disableRenegotiation() {
  this[kDisableRenegotiation] = true;
};

TLSSocket.prototype._wrapHandle = function(wrap, handle, hasPriorWrites) {
  const options = this._tlsOptions;
  if (!handle) {
    handle = options.pipe ? new Pipe(SOCKET) : new TCP(SOCKET);
    handle[owner_symbol] = this;
  }
  const secure = options.secureContext || options.credentials || require('tls').createSecureContext(options);
  if (!(secure.context instanceof NativeSecureContext)) throw new ERR_TLS_INVALID_CONTEXT('context');

  const res = new TLSWrap(handle, secure.context, !!options.isServer, hasPriorWrites);
  res._parentWrap = wrap;
  res._secureContext = secure;
  this[kSecureContext] = secure;
  this[kRes] = res;
  // The plain socket and this one read the same handle.
  Object.defineProperty(handle, 'reading', {
    __proto__: null,
    configurable: true,
    get: () => this[kRes]?.reading ?? false,
    set: (value) => { if (this[kRes]) this[kRes].reading = value; },
  });
  if (this.listenerCount('close', onCloseDestroySSL) === 0) this.on('close', onCloseDestroySSL);
  if (wrap) wrap.on('close', () => this.destroy());
  return res;
};

// Another address is tried, on a handle of its own.
TLSSocket.prototype[kReinitializeHandle] = function(handle) {
  const servername = this.ssl ? this._handle.getServername() : null;
  const session = this.ssl ? this._handle.getSession() : null;
  const res = this._wrapHandle(null, handle, false);
  net.Socket.prototype[kReinitializeHandle].call(this, res);
  this.ssl = res;
  this._init();
  if (this._tlsOptions.enableTrace) res.enableTrace();
  if (session) res.setSession(session);
  if (servername) this.setServername(servername);
};

function onCloseDestroySSL() {
  // Not in the middle of OpenSSL's work.
  setImmediate(() => this._destroySSL());
  this[kRes] = null;
}

TLSSocket.prototype._destroySSL = function() {
  if (this.ssl) {
    this.ssl.destroySSL();
    this.ssl = null;
  }
  closeSingleUse(this[kSecureContext]);
  this[kSecureContext] = null;
  this[kPendingSession] = null;
  this[kIsVerified] = false;
};

function onNewKeylogListener(event) {
  if (event !== 'keylog' || !this._handle) return;
  this._handle.enableKeylogCallback();
  this.removeListener('newListener', onNewKeylogListener);
}

function onNewSessionListener(event) {
  if (event !== 'session' || !this._handle) return;
  this._handle.enableSessionCallbacks();
  this.removeListener('newListener', onNewSessionListener);
}

TLSSocket.prototype._init = function(socket, wrap) {
  const options = this._tlsOptions;
  const ssl = this._handle;
  this.server = options.server;

  // A client gets a certificate without asking.
  this._requestCert = !!options.requestCert || !options.isServer;
  this._rejectUnauthorized = !!options.rejectUnauthorized;
  if (this._requestCert || this._rejectUnauthorized) ssl.setVerifyMode(this._requestCert, this._rejectUnauthorized);

  ssl.onkeylog = callbacks.onKeylog;
  if (this.listenerCount('newListener', onNewKeylogListener) === 0) this.on('newListener', onNewKeylogListener);
  const file = getOptionValue('--tls-keylog');
  if (file) require('internal/tls/keylog').logTo(this, file);
  ssl.onerror = callbacks.onError;
  if (options.isServer) this._initServer(ssl, options);
  else this._initClient(ssl, options);

  if (options.ALPNProtocols) {
    if (!ArrayBuffer.isView(options.ALPNProtocols)) throw new TypeError('Must give a Buffer as first argument');
    ssl.setALPNProtocols(options.ALPNProtocols);
  }
  if (options.pskCallback) {
    validateFunction(options.pskCallback, 'pskCallback');
    ssl.onpskexchange = options.isServer ? callbacks.onServerPsk : callbacks.onClientPsk;
    this[kPskCallback] = options.pskCallback;
    ssl.enablePskCallback();
    if (options.pskIdentityHint) {
      validateString(options.pskIdentityHint, 'options.pskIdentityHint');
      ssl.setPskIdentityHint(options.pskIdentityHint);
    }
  }
  if (options.handshakeTimeout > 0) this.setTimeout(options.handshakeTimeout, this._handleTimeout);

  if (socket instanceof net.Socket) {
    this._parent = socket;
    this.connecting = socket.connecting || !socket._handle;
    socket.once('connect', () => {
      this.connecting = false;
      this.emit('connect');
    });
  }
  if (wrap) wrap.on('error', (error) => this._emitTLSError(error));
  else this.connecting = true;
};

TLSSocket.prototype._initServer = function(ssl, options) {
  ssl.onhandshakestart = callbacks.onServerHandshakeStart;
  ssl.onhandshakedone = callbacks.onServerHandshakeDone;
  ssl.onclienthello = callbacks.onClientHello;
  ssl.oncertcb = callbacks.onCertificate;
  ssl.onnewsession = callbacks.onServerSession;
  ssl.lastHandshakeTime = 0;
  ssl.handshakes = 0;
  if (options.ALPNCallback) {
    validateFunction(options.ALPNCallback, 'options.ALPNCallback');
    this[kALPNCallback] = options.ALPNCallback;
    ssl.ALPNCallback = callbacks.chooseProtocol;
    ssl.enableALPNCb();
  }
  const { server } = this;
  if (server) {
    if (server.listenerCount('resumeSession') > 0 || server.listenerCount('newSession') > 0) ssl.enableSessionCallbacks();
    if (server.listenerCount('OCSPRequest') > 0) ssl.enableCertCb();
  }
  const { SNICallback } = options;
  if (!SNICallback) return;
  const { selectContext } = require('internal/tls/server');
  // The server's own has nothing to choose from unless contexts were added.
  if (SNICallback === selectContext && !server?._contexts.length) return;
  validateFunction(SNICallback, 'options.SNICallback');
  this._SNICallback = SNICallback;
  ssl.enableCertCb();
};

TLSSocket.prototype._initClient = function(ssl, options) {
  ssl.onhandshakestart = noop;
  ssl.onhandshakedone = callbacks.onClientHandshakeDone;
  ssl.onocspresponse = callbacks.onOCSPResponse;
  ssl.onnewsession = callbacks.onClientSession;
  if (options.session) ssl.setSession(options.session);
  if (this.listenerCount('newListener', onNewSessionListener) === 0) this.on('newListener', onNewSessionListener);
  const { servername } = this[kConnectOptions] ?? {};
  if (servername) this.setServername(servername);
};

TLSSocket.prototype.renegotiate = function(options, callback) {
  validateObject(options, 'options');
  if (callback !== undefined) validateFunction(callback, 'callback');
  if (this.destroyed) return;
  const requestCert = options.requestCert !== undefined ? !!options.requestCert : this._requestCert;
  const rejectUnauthorized =
    options.rejectUnauthorized !== undefined ? !!options.rejectUnauthorized : this._rejectUnauthorized;
  if (requestCert !== this._requestCert || rejectUnauthorized !== this._rejectUnauthorized) {
    this._handle.setVerifyMode(requestCert, rejectUnauthorized);
    this._requestCert = requestCert;
    this._rejectUnauthorized = rejectUnauthorized;
  }
  // An empty write makes OpenSSL go on.
  this.write('');
  try {
    this._handle.renegotiate();
  } catch (error) {
    if (callback) process.nextTick(callback, error);
    return false;
  }
  this.write('');
  if (callback) this.once('secure', () => callback(null));
  return true;
};

TLSSocket.prototype.exportKeyingMaterial = function(length, label, context) {
  validateUint32(length, 'length', true);
  validateString(label, 'label');
  if (context !== undefined) validateBuffer(context, 'context');
  if (!this._secureEstablished) throw new ERR_TLS_INVALID_STATE();
  return this._handle.exportKeyingMaterial(length, label, context);
};

TLSSocket.prototype.setMaxSendFragment = function setMaxSendFragment(size) {
  validateInt32(size, 'size');
  return this._handle.setMaxSendFragment(size) === 1;
};

TLSSocket.prototype._handleTimeout = function() {
  this._emitTLSError(new ERR_TLS_HANDSHAKE_TIMEOUT());
};

TLSSocket.prototype._emitTLSError = function(error) {
  const shown = this._tlsError(error);
  if (shown) this.emit('error', shown);
};

// Before the socket is the user's, errors are its maker's only.
TLSSocket.prototype._tlsError = function(error) {
  this.emit('_tlsError', error);
  return this._controlReleased ? error : null;
};

TLSSocket.prototype._releaseControl = function() {
  if (this._controlReleased) return false;
  this._controlReleased = true;
  this.removeListener('error', this._tlsError);
  return true;
};

TLSSocket.prototype._finishInit = function() {
  // Destroyed in the middle of the handshake.
  if (!this._handle) return;
  this.alpnProtocol = this._handle.getALPNNegotiatedProtocol();
  if (this.servername === null) this.servername = this._handle.getServername();
  debug('secure, alpn %o, servername %o', this.alpnProtocol, this.servername);
  this._secureEstablished = true;
  if (this._tlsOptions.handshakeTimeout > 0) this.setTimeout(0, this._handleTimeout);
  this.emit('secure');
};

TLSSocket.prototype._start = function() {
  if (this.connecting) {
    this.once('connect', this._start);
    return;
  }
  if (!this._handle) return;
  // Aborted before it was connected: there is nothing left to encrypt with.
  if (this._handle.id < 0) {
    this.destroy();
    return;
  }
  if (this._tlsOptions.requestOCSP) this._handle.requestOCSP();
  this._handle.start();
};

TLSSocket.prototype.setServername = function(name) {
  validateString(name, 'name');
  if (this._tlsOptions.isServer) throw new ERR_TLS_SNI_FROM_SERVER();
  this._handle.setServername(name);
};

TLSSocket.prototype.setSession = function(session) {
  session = sessionForReuse(session, this[kConnectOptions] || this._tlsOptions);
  if (session !== undefined) this._handle.setSession(session);
};

TLSSocket.prototype.getSession = function() {
  if (!this._handle) return null;
  return wrapSession(this._handle.getSession(), this[kConnectOptions] || this._tlsOptions);
};

TLSSocket.prototype.getPeerCertificate = function(detailed) {
  if (!this._handle) return null;
  const { legacyChain } = require('internal/tls/certificate');
  return legacyChain(this._handle.getPeerCertificates(!!detailed));
};

TLSSocket.prototype.getCertificate = function() {
  if (!this._handle) return null;
  const { legacyObject } = require('internal/tls/certificate');
  const der = this._handle.getOwnCertificate();
  return der === undefined ? {} : legacyObject(der);
};

TLSSocket.prototype.getPeerX509Certificate = function() {
  const { x509Chain } = require('internal/tls/certificate');
  return x509Chain(this._handle?.getPeerCertificates(true));
};

TLSSocket.prototype.getX509Certificate = function() {
  const { x509 } = require('internal/tls/certificate');
  return x509(this._handle?.getOwnCertificate());
};

TLSSocket.prototype.setKeyCert = function(context) {
  if (!this._handle) return;
  const secure = context instanceof SecureContext ? context : require('tls').createSecureContext(context);
  this._handle.setKeyCert(secure.context);
};

for (const name of ['getCipher', 'getSharedSigalgs', 'getEphemeralKeyInfo', 'getFinished', 'getPeerFinished', 'getProtocol',
                    'getTLSTicket', 'isSessionReused', 'enableTrace']) {
  TLSSocket.prototype[name] = function(...args) {
    return this._handle ? this._handle[name](...args) : null;
  };
}

module.exports = { TLSSocket };
