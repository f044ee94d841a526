'use strict';
// What `session.socket` is: the socket without the means to disturb the session on it.

const { codes: { ERR_HTTP2_NO_SOCKET_MANIPULATION, ERR_HTTP2_SOCKET_UNBOUND } } = require('internal/errors');
const { kSocket } = require('internal/http2/util');

const ofSession = new Set(['setTimeout', 'ref', 'unref', 'destroy']);
const forbidden = new Set([
  'emit', 'end', 'pause', 'read', 'resume', 'write', 'setEncoding', 'setKeepAlive', 'setNoDelay',
]);

function socketOf(session) {
  const socket = session[kSocket];
  if (socket === undefined) throw new ERR_HTTP2_SOCKET_UNBOUND();
  return socket;
}

// Whose the property is; throws where it is nobody's to use.
function targetOf(session, prop) {
  if (ofSession.has(prop)) return session;
  if (forbidden.has(prop)) throw new ERR_HTTP2_NO_SOCKET_MANIPULATION();
  return socketOf(session);
}

const handler = {
  __proto__: null,
  get(session, prop) {
    const target = targetOf(session, prop);
    const value = target[prop];
    return typeof value === 'function' ? value.bind(target) : value;
  },
  set(session, prop, value) {
    targetOf(session, prop)[prop] = value;
    return true;
  },
  getPrototypeOf(session) {
    return Reflect.getPrototypeOf(socketOf(session));
  },
};

module.exports = { proxySocket: (session) => new Proxy(session, handler) };
