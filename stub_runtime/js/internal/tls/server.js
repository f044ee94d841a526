'use strict';
// tls.Server: sockets that are secure when 'secureConnection' tells of them.

const EventEmitter = require('events');
const net = require('net');
const {
  ConnResetException,
  codes: { ERR_INVALID_ARG_TYPE, ERR_TLS_ALPN_CALLBACK_WITH_PROTOCOLS, ERR_TLS_REQUIRED_SERVER_NAME },
} = require('internal/errors');
const { SecureContext } = require('internal/tls/common');
const { kPskCallback } = require('internal/tls/callbacks');
const { convertALPNProtocols } = require('internal/tls/identity');
const { TLSSocket } = require('internal/tls/socket');
const { kEmptyObject } = require('internal/util');
const { validateBuffer, validateFunction, validateNumber, validateObject, validateString } = require('internal/validators');

const kEnableTrace = Symbol('enableTrace');
const kErrorEmitted = Symbol('error-emitted');
const kHandshakeTimeout = Symbol('handshake-timeout');
const kPskIdentityHint = Symbol('pskidentityhint');
const kSNICallback = Symbol('snicallback');

const HANDSHAKE_TIMEOUT = 120_000;

// The context that was added last for a name.
function selectContext(servername, callback) {
  const found = this.server._contexts.findLast(([pattern]) => pattern.test(servername));
  callback(null, found?.[1]);
}

function onSecure() {
  if (this._requestCert) {
    const error = this._handle.verifyError();
    if (error) {
      this.authorizationError = error.code;
      if (this._rejectUnauthorized) this.destroy();
    } else {
      this.authorized = true;
    }
  }
  if (!this.destroyed && this._releaseControl()) {
    this.secureConnecting = false;
    this._tlsOptions.server.emit('secureConnection', this);
  }
}

function tellClientError(socket, error) {
  if (socket._controlReleased || socket[kErrorEmitted]) return;
  socket[kErrorEmitted] = true;
  socket._tlsOptions.server.emit('tlsClientError', error, socket);
}

function onSocketError(error) {
  tellClientError(this, error);
}

function onSocketClose(hadError) {
  // An error was told already.
  if (!hadError) tellClientError(this, new ConnResetException('socket hang up'));
}

function onSocketKeylog(line) {
  this._tlsOptions.server.emit('keylog', line, this);
}

function onConnection(rawSocket) {
  const socket = new TLSSocket(rawSocket, {
    secureContext: this._sharedCreds,
    isServer: true,
    server: this,
    requestCert: this.requestCert,
    rejectUnauthorized: this.rejectUnauthorized,
    handshakeTimeout: this[kHandshakeTimeout],
    ALPNProtocols: this.ALPNProtocols,
    ALPNCallback: this.ALPNCallback,
    SNICallback: this[kSNICallback] || selectContext,
    enableTrace: this[kEnableTrace],
    pauseOnConnect: this.pauseOnConnect,
    pskCallback: this[kPskCallback],
    pskIdentityHint: this[kPskIdentityHint],
  });
  socket.on('secure', onSecure);
  if (this.listenerCount('keylog') > 0) socket.on('keylog', onSocketKeylog);
  socket[kErrorEmitted] = false;
  socket.on('close', onSocketClose);
  socket.on('_tlsError', onSocketError);
  socket.on('error', onSocketError);
}

function Server(options, listener) {
  if (!(this instanceof Server)) return new Server(options, listener);
  if (typeof options === 'function') {
    listener = options;
    options = kEmptyObject;
  } else if (options == null) {
    options = kEmptyObject;
  } else if (typeof options !== 'object') {
    throw new ERR_INVALID_ARG_TYPE('options', 'Object', options);
  }

  this._contexts = [];
  this.requestCert = options.requestCert === true;
  this.rejectUnauthorized = options.rejectUnauthorized !== false;
  this.ALPNCallback = options.ALPNCallback;
  if (this.ALPNCallback && options.ALPNProtocols) throw new ERR_TLS_ALPN_CALLBACK_WITH_PROTOCOLS();
  if (options.sessionTimeout) this.sessionTimeout = options.sessionTimeout;
  if (options.ticketKeys) this.ticketKeys = options.ticketKeys;
  if (options.ALPNProtocols) convertALPNProtocols(options.ALPNProtocols, this);
  this.setSecureContext(options);

  this[kHandshakeTimeout] = options.handshakeTimeout || HANDSHAKE_TIMEOUT;
  this[kSNICallback] = options.SNICallback;
  this[kPskCallback] = options.pskCallback;
  this[kPskIdentityHint] = options.pskIdentityHint;
  validateNumber(this[kHandshakeTimeout], 'options.handshakeTimeout');
  if (this[kSNICallback]) validateFunction(this[kSNICallback], 'options.SNICallback');
  if (this[kPskCallback]) validateFunction(this[kPskCallback], 'options.pskCallback');
  if (this[kPskIdentityHint]) validateString(this[kPskIdentityHint], 'options.pskIdentityHint');

  Reflect.apply(net.Server, this, [options, onConnection]);
  if (listener) this.on('secureConnection', listener);
  this[kEnableTrace] = options.enableTrace;
}
Object.setPrototypeOf(Server.prototype, net.Server.prototype);
Object.setPrototypeOf(Server, net.Server);

// Options that the server keeps under their own names, where they are given.
const kept = ['pfx', 'key', 'passphrase', 'cert', 'clientCertEngine', 'ca', 'minVersion', 'maxVersion', 'secureProtocol', 'crl',
              'ciphers', 'dhparam', 'secureOptions'];
const always = ['sigalgs', 'ecdhCurve', 'privateKeyIdentifier', 'privateKeyEngine'];
const inContext = [...kept, ...always, 'honorCipherOrder', 'sessionIdContext', 'ticketKeys', 'sessionTimeout',
                   'allowPartialTrustChain', 'certificateCompression'];

Server.prototype.setSecureContext = function(options) {
  validateObject(options, 'options');
  for (const name of kept) this[name] = options[name] || undefined;
  for (const name of always) this[name] = options[name];
  this.allowPartialTrustChain = options.allowPartialTrustChain;
  this.certificateCompression = options.certificateCompression;
  this.honorCipherOrder = options.honorCipherOrder !== undefined ? !!options.honorCipherOrder : true;
  if (options.sessionIdContext) {
    this.sessionIdContext = options.sessionIdContext;
  } else {
    const { createHash } = require('crypto');
    this.sessionIdContext = createHash('sha1').update(process.argv.join(' ')).digest('hex').slice(0, 32);
  }
  if (options.sessionTimeout) this.sessionTimeout = options.sessionTimeout;
  if (options.ticketKeys) this.ticketKeys = options.ticketKeys;
  this._sharedCreds = require('tls').createSecureContext(Object.fromEntries(inContext.map((name) => [name, this[name]])));
};

Server.prototype._getServerData = function() {
  return { ticketKeys: this.getTicketKeys().toString('hex') };
};

Server.prototype._setServerData = function(data) {
  this.setTicketKeys(Buffer.from(data.ticketKeys, 'hex'));
};

Server.prototype.getTicketKeys = function getTicketKeys() {
  return this._sharedCreds.context.getTicketKeys();
};

Server.prototype.setTicketKeys = function setTicketKeys(keys) {
  validateBuffer(keys);
  require('internal/assert')(keys.byteLength === 48, 'Session ticket keys must be a 48-byte buffer');
  this._sharedCreds.context.setTicketKeys(keys);
};

Server.prototype.addContext = function(servername, context) {
  if (!servername) throw new ERR_TLS_REQUIRED_SERVER_NAME();
  const pattern = servername.replace(/([.^$+?\-\\[\]{}])/g, '\\$1').replaceAll('*', '[^.]*');
  const secure = context instanceof SecureContext ? context : require('tls').createSecureContext(context);
  this._contexts.push([new RegExp(`^${pattern}$`), secure.context]);
};

Server.prototype[EventEmitter.captureRejectionSymbol] = function(error, event, socket) {
  if (event === 'secureConnection') socket.destroy(error);
  else Reflect.apply(net.Server.prototype[EventEmitter.captureRejectionSymbol], this, [error, event, socket]);
};

function createServer(options, listener) {
  return new Server(options, listener);
}

module.exports = { Server, createServer, selectContext };
