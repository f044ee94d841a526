'use strict';
// Sessions as a program sees them: a client's has the name it was authenticated for, so that it is not resumed with another.

const PREFIX = '\0nodejs:tls:session:1\0';

// The name that a server's certificate is checked for.
function serverIdentity(options) {
  return options?.servername || options?.host || options?.socket?._host || 'localhost';
}

function wrapSession(session, options) {
  if (!Buffer.isBuffer(session) || options?.isServer) return session;
  const name = Buffer.from(serverIdentity(options));
  const length = Buffer.from([name.length >> 8, name.length & 0xff]);
  return Buffer.concat([Buffer.from(PREFIX), length, name, session]);
}

// The session and the name in what wrapSession() gave; undefined for anything else.
function unwrapSession(session) {
  const start = PREFIX.length;
  if (!Buffer.isBuffer(session) || session.length < start + 2) return undefined;
  if (session.toString('latin1', 0, start) !== PREFIX) return undefined;
  const end = start + 2 + session.readUInt16BE(start);
  if (session.length < end) return undefined;
  return { name: session.toString('utf8', start + 2, end), session: session.subarray(end) };
}

// What may be resumed on a connection with these options; undefined where that is nothing.
function sessionForReuse(session, options) {
  if (typeof session === 'string') session = Buffer.from(session, 'latin1');
  if (options?.isServer) return session;
  const wrapped = unwrapSession(session);
  if (wrapped !== undefined) return wrapped.name === serverIdentity(options) ? wrapped.session : undefined;
  // Nobody knows whose it is.
  if (Buffer.isBuffer(session) && options?.rejectUnauthorized !== false) return undefined;
  return session;
}

module.exports = { serverIdentity, sessionForReuse, wrapSession };
