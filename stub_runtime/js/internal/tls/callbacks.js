'use strict';
// What happens on a handshake: the functions that a socket puts on its handle (`this` is the handle).

const {
  codes: {
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_MULTIPLE_CALLBACK,
    ERR_SOCKET_CLOSED,
    ERR_TLS_ALPN_CALLBACK_INVALID_RESULT,
    ERR_TLS_RENEGOTIATION_DISABLED,
    ERR_TLS_SESSION_ATTACK,
  },
} = require('internal/errors');
const { symbols: { owner_symbol } } = require('internal/async_hooks');
const { isArrayBufferView } = require('internal/util/types');
const { validateBuffer, validateObject, validateString } = require('internal/validators');
const { wrapSession } = require('internal/tls/session');

const kALPNCallback = Symbol('alpncallback');
const kConnectOptions = Symbol('connect-options');
const kDisableRenegotiation = Symbol('disable-renegotiation');
const kIsVerified = Symbol('verified');
const kPendingSession = Symbol('pendingSession');
const kPskCallback = Symbol('pskcallback');

let debug = require('internal/util/debuglog').debuglog('tls', (fn) => {
  debug = fn;
});

// Renegotiation costs the server more than the client: too many of them are an attack.
function onServerHandshakeStart(now) {
  const before = this.lastHandshakeTime;
  this.lastHandshakeTime = now;
  if (before === 0) return;
  const { CLIENT_RENEG_LIMIT, CLIENT_RENEG_WINDOW } = require('tls');
  this.handshakes = now - before >= CLIENT_RENEG_WINDOW * 1000 ? 1 : this.handshakes + 1;
  const socket = this[owner_symbol];
  if (this.handshakes > CLIENT_RENEG_LIMIT) socket._emitTLSError(new ERR_TLS_SESSION_ATTACK());
  else if (socket[kDisableRenegotiation]) socket._emitTLSError(new ERR_TLS_RENEGOTIATION_DISABLED());
}

function onServerHandshakeDone() {
  const socket = this[owner_symbol];
  if (!socket) return;
  // The 'newSession' listener has not called back yet.
  if (socket._newSessionPending) socket._securePending = true;
  else socket._finishInit();
}

function onClientHandshakeDone() {
  this[owner_symbol]?._finishInit();
}

// A callback that a program may call once, while the socket is there.
function answer(socket, take) {
  let isCalled = false;
  return (error, value) => {
    if (isCalled) {
      socket.destroy(new ERR_MULTIPLE_CALLBACK());
      return;
    }
    isCalled = true;
    if (error) socket.destroy(error);
    else if (socket._handle === null) socket.destroy(new ERR_SOCKET_CLOSED());
    else take(value);
  };
}

// A client wants to resume a session.
function onClientHello(hello) {
  const socket = this[owner_symbol];
  const { server } = socket;
  const onSession = answer(socket, (session) => {
    socket._handle.loadSession(session);
    socket._handle.clientHelloDone();
  });
  // Without an id there is nothing to look up; a ticket holds the session itself.
  if (hello.sessionId.length > 0 && !hello.tlsTicket && server) {
    try {
      if (server.emit('resumeSession', hello.sessionId, onSession)) return;
    } catch (error) {
      onSession(error);
      return;
    }
  } else if (hello.sessionId.length > 0 && !hello.tlsTicket) {
    return;
  }
  socket._handle.clientHelloDone();
}

// The server is to choose its certificate.
function onCertificate(info) {
  const socket = this[owner_symbol];
  if (info.servername) socket.servername = info.servername;
  if (!info.servername || !socket._SNICallback) {
    requestOCSP(socket, info);
    return;
  }
  const onContext = answer(socket, (context) => {
    if (context) socket._handle.sni_context = context.context || context;
    requestOCSP(socket, info);
  });
  try {
    socket._SNICallback(info.servername, onContext);
  } catch (error) {
    socket.destroy(error);
  }
}

function requestOCSP(socket, info) {
  const { server } = socket;
  let context = socket._handle.sni_context ?? server?._sharedCreds;
  if (!info.OCSPRequest || !server || !context || server.listenerCount('OCSPRequest') === 0) {
    certificateChosen(socket);
    return;
  }
  context = context.context ?? context;
  const onOCSP = answer(socket, (response) => {
    if (response) socket._handle.setOCSPResponse(response);
    certificateChosen(socket);
  });
  server.emit('OCSPRequest', context.getCertificate(), context.getIssuer(), onOCSP);
}

function certificateChosen(socket) {
  try {
    socket._handle.certCbDone();
  } catch (error) {
    socket.destroy(error);
  }
}

function onClientSession(id, session) {
  const socket = this[owner_symbol];
  if (!socket) return;
  session = wrapSession(session, socket[kConnectOptions] || socket._tlsOptions);
  if (socket[kIsVerified]) socket.emit('session', session);
  else socket[kPendingSession] = session;
}

function onServerSession(id, session) {
  const socket = this[owner_symbol];
  const { server } = socket;
  if (!server) return;
  let isCalled = false;
  const done = () => {
    if (isCalled) return;
    isCalled = true;
    if (socket._handle === null) {
      socket.destroy(new ERR_SOCKET_CLOSED());
      return;
    }
    this.newSessionDone();
    socket._newSessionPending = false;
    if (socket._securePending) socket._finishInit();
    socket._securePending = false;
  };
  socket._newSessionPending = true;
  if (!server.emit('newSession', id, session, done)) done();
}

// In the middle of OpenSSL's work: nothing may be thrown. Gives the chosen protocol's place in the offer.
function chooseProtocol(offer) {
  const socket = this[owner_symbol];
  try {
    const protocols = [];
    const places = [];
    for (let at = 0; at < offer.length; at += 1 + offer[at]) {
      places.push(at);
      protocols.push(offer.toString('ascii', at + 1, at + 1 + offer[at]));
    }
    const chosen = socket[kALPNCallback]({ servername: this.getServername(), protocols });
    if (chosen === undefined) return undefined;
    const index = protocols.indexOf(chosen);
    if (index === -1) throw new ERR_TLS_ALPN_CALLBACK_INVALID_RESULT(chosen, protocols);
    return places[index];
  } catch (error) {
    socket.destroy(error);
    return undefined;
  }
}

function checkPskLength(psk, max) {
  if (psk.length > max) throw new ERR_INVALID_ARG_VALUE('psk', psk, `Pre-shared key exceeds ${max} bytes`);
}

function onServerPsk(identity, maxPsk) {
  const socket = this[owner_symbol];
  try {
    const result = socket[kPskCallback](socket, identity);
    if (result == null) return undefined;
    if (!isArrayBufferView(result) && typeof result !== 'object') {
      throw new ERR_INVALID_ARG_TYPE('ret', ['Object', 'Buffer', 'TypedArray', 'DataView'], result);
    }
    const psk = isArrayBufferView(result) ? result : result.psk;
    if (psk !== result) validateBuffer(psk, 'psk');
    checkPskLength(psk, maxPsk);
    return psk;
  } catch (error) {
    socket.destroy(error);
    return undefined;
  }
}

function onClientPsk(hint, maxPsk, maxIdentity) {
  const socket = this[owner_symbol];
  try {
    const result = socket[kPskCallback](hint);
    if (result == null) return undefined;
    validateObject(result, 'ret');
    const { psk, identity } = result;
    validateBuffer(psk, 'psk');
    checkPskLength(psk, maxPsk);
    validateString(identity, 'identity');
    if (Buffer.byteLength(identity) > maxIdentity) {
      throw new ERR_INVALID_ARG_VALUE('identity', identity, `PSK identity exceeds ${maxIdentity} bytes`);
    }
    return { psk, identity };
  } catch (error) {
    socket.destroy(error);
    return undefined;
  }
}

function onKeylog(line) {
  this[owner_symbol]?.emit('keylog', line);
}

function onOCSPResponse(response) {
  this[owner_symbol]?.emit('OCSPResponse', response);
}

function onError(error) {
  const socket = this[owner_symbol];
  if (!socket || socket._hadError) return;
  debug('tls error %o', error.message);
  socket._hadError = true;
  if (!socket._secureEstablished) {
    // Whoever is told that a handshake failed may ask for whom it was.
    if (socket.servername === null) socket.servername = this.getServername() || null;
    // The listener of 'tlsClientError' may want the socket's handle.
    socket._closeAfterHandlingError = true;
    socket.destroy(error);
  } else if (socket._tlsOptions?.isServer && socket._rejectUnauthorized &&
             error.message.includes('peer did not return a certificate')) {
    socket.destroy();
  } else {
    socket._emitTLSError(error);
  }
}

module.exports = {
  chooseProtocol,
  kALPNCallback,
  kConnectOptions,
  kDisableRenegotiation,
  kIsVerified,
  kPendingSession,
  kPskCallback,
  onCertificate,
  onClientHandshakeDone,
  onClientHello,
  onClientPsk,
  onClientSession,
  onError,
  onKeylog,
  onOCSPResponse,
  onServerHandshakeDone,
  onServerHandshakeStart,
  onServerPsk,
  onServerSession,
};
