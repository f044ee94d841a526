'use strict';
// tls.connect.

const net = require('net');
const {
  ConnResetException,
  codes: { ERR_INVALID_ARG_VALUE, ERR_TLS_DH_PARAM_SIZE },
} = require('internal/errors');
const { kConnectOptions, kIsVerified, kPendingSession } = require('internal/tls/callbacks');
const { serverIdentity, sessionForReuse } = require('internal/tls/session');
const { TLSSocket } = require('internal/tls/socket');
const { validateFunction, validateNumber } = require('internal/validators');

let hasWarned = false;

// NODE_TLS_REJECT_UNAUTHORIZED=0
function allowsUnauthorized() {
  const allows = process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0';
  if (allows && !hasWarned) {
    hasWarned = true;
    process.emitWarning(
      'Setting the NODE_TLS_REJECT_UNAUTHORIZED environment variable to \'0\' makes TLS connections and HTTPS requests ' +
      'insecure by disabling certificate verification.');
  }
  return allows;
}

// ([port,] [host,] [options,] [callback])
function normalize(list) {
  const [options, callback] = net._normalizeArgs(list);
  Object.assign(options, list[1] !== null && typeof list[1] === 'object' ? list[1] : list[2]);
  return [options, callback];
}

function onSecure() {
  const options = this[kConnectOptions];
  const key = this.getEphemeralKeyInfo();
  if (key.type === 'DH' && key.size < options.minDHSize) {
    this.emit('error', new ERR_TLS_DH_PARAM_SIZE(key.size));
    this.destroy();
    return;
  }

  let error = this._handle.verifyError();
  // A resumed session's server has been checked before.
  if (!error && !this.isSessionReused()) {
    error = options.checkServerIdentity(serverIdentity(options), this.getPeerCertificate(true));
  }
  if (error) {
    this.authorized = false;
    this.authorizationError = error.code || error.message;
    if (options.rejectUnauthorized !== false) {
      this.destroy(error);
      return;
    }
  } else {
    this.authorized = true;
  }
  this.secureConnecting = false;
  this.emit('secureConnect');

  this[kIsVerified] = true;
  const session = this[kPendingSession];
  this[kPendingSession] = null;
  if (session) this.emit('session', session);
  this.removeListener('end', onEndBeforeSecure);
}

function onEndBeforeSecure() {
  if (this._hadError) return;
  this._hadError = true;
  const { path, host, port, localAddress } = this[kConnectOptions];
  const error = new ConnResetException('Client network socket disconnected before secure TLS connection was established');
  Object.assign(error, { path, host, port, localAddress });
  this.destroy(error);
}

function connect(...args) {
  const [given, callback] = normalize(args);
  // Programs replace functions of the module.
  const { DEFAULT_CIPHERS, checkServerIdentity, createSecureContext } = require('tls');
  const options = {
    rejectUnauthorized: !allowsUnauthorized(),
    ciphers: DEFAULT_CIPHERS,
    checkServerIdentity,
    minDHSize: 1024,
    ...given,
  };
  if (!options.keepAlive) options.singleUse = true;
  validateFunction(options.checkServerIdentity, 'options.checkServerIdentity');
  validateNumber(options.minDHSize, 'options.minDHSize', 1);
  const secureContext = options.secureContext || createSecureContext(options);
  if (options.servername && net.isIP(options.servername)) {
    throw new ERR_INVALID_ARG_VALUE(
      'options.servername', options.servername, 'Setting the TLS ServerName to an IP address is not permitted.');
  }
  options.session = sessionForReuse(options.session, options);
  // `undefined` is no wish to accept everything.
  const rejectUnauthorized = options.rejectUnauthorized !== false;

  const socket = new TLSSocket(options.socket, {
    allowHalfOpen: options.allowHalfOpen,
    pipe: !!options.path,
    secureContext,
    isServer: false,
    requestCert: true,
    rejectUnauthorized,
    session: options.session,
    ALPNProtocols: options.ALPNProtocols,
    requestOCSP: options.requestOCSP,
    enableTrace: options.enableTrace,
    pskCallback: options.pskCallback,
    highWaterMark: options.highWaterMark,
    onread: options.onread,
    signal: options.signal,
    noDelay: options.noDelay,
    keepAlive: options.keepAlive,
    keepAliveInitialDelay: options.keepAliveInitialDelay,
  });
  options.rejectUnauthorized = rejectUnauthorized;
  socket[kConnectOptions] = options;
  if (callback) socket.once('secureConnect', callback);

  if (!options.socket) {
    if (options.timeout) socket.setTimeout(options.timeout);
    socket.connect(options, socket._start);
  }
  socket._releaseControl();
  if (options.servername) socket.setServername(options.servername);
  if (options.socket) socket._start();
  socket.on('secure', onSecure);
  socket.prependListener('end', onEndBeforeSecure);
  return socket;
}

module.exports = { connect };
