'use strict';
// net.BoundSocket: a socket with a local address and nothing else yet; a Socket or a Server adopts it.

const {
  ErrnoException,
  ExceptionWithHostPort,
  codes: { ERR_INVALID_ARG_VALUE, ERR_SOCKET_HANDLE_ADOPTED },
} = require('internal/errors');
const { isIP } = require('internal/net');
const { Pipe, SOCKET, TCP } = require('internal/net/handles');
const { kEmptyObject } = require('internal/util');
const { validateBoolean, validateObject, validatePort, validateString } = require('internal/validators');

const kBoundPath = Symbol('kBoundPath');
const kBoundSource = Symbol('kBoundSource');
const kConsume = Symbol('kConsume');
const kPath = Symbol('kPath');

function bindTCP(options) {
  const port = validatePort(options.port ?? 0, 'options.port');
  const ipv6Only = options.ipv6Only ?? false;
  validateBoolean(ipv6Only, 'options.ipv6Only');
  const reusePort = options.reusePort ?? false;
  validateBoolean(reusePort, 'options.reusePort');
  let { host } = options;
  if (host === undefined || host === null) {
    host = ipv6Only ? '::' : '0.0.0.0';
  } else {
    validateString(host, 'options.host');
    if (isIP(host) === 0) {
      throw new ERR_INVALID_ARG_VALUE(
        'options.host', host, 'must be a numeric IP address; net.BoundSocket does not perform DNS resolution');
    }
  }
  const { IPV6_ONLY, REUSE_PORT } = internalBinding('tcp');
  const handle = new TCP(SOCKET);
  const address = {};
  // An address in use is told by getsockname.
  const error = handle.bind(host, port, (ipv6Only ? IPV6_ONLY : 0) | (reusePort ? REUSE_PORT : 0)) ||
    handle.getsockname(address);
  if (error) {
    handle.close();
    throw new ExceptionWithHostPort(error, 'bind', host, port);
  }
  return { handle, address };
}

function bindPipe(options) {
  const { path, host, port, ipv6Only, reusePort } = options;
  if (host !== undefined || port !== undefined || ipv6Only !== undefined || reusePort !== undefined) {
    throw new ERR_INVALID_ARG_VALUE(
      'options', options, 'path is mutually exclusive with host, port, ipv6Only, and reusePort');
  }
  validateString(path, 'options.path');
  const handle = new Pipe(SOCKET);
  const error = handle.bind(path);
  if (error) {
    handle.close();
    throw new ErrnoException(error, 'bind');
  }
  return { handle, path };
}

class BoundSocket {
  #handle = null;
  #address;
  #path;

  constructor(options = kEmptyObject) {
    validateObject(options, 'options');
    const bound = options.path !== undefined ? bindPipe(options) : bindTCP(options);
    this.#handle = bound.handle;
    this.#address = bound.address;
    this.#path = bound.path;
  }

  #owned() {
    if (this.#handle === null) throw new ERR_SOCKET_HANDLE_ADOPTED();
    return this.#handle;
  }

  address() {
    this.#owned();
    return this.#path ?? this.#address;
  }

  fd() {
    return this.#owned().fd;
  }

  close() {
    this.#owned().close();
    this.#handle = null;
  }

  [Symbol.dispose]() {
    if (this.#handle !== null) this.close();
  }

  get isPipe() {
    return this.#path !== undefined;
  }

  get [kPath]() {
    return this.#path;
  }

  [kConsume]() {
    const handle = this.#owned();
    this.#handle = null;
    return handle;
  }
}

function isBoundSocket(value) {
  return value instanceof BoundSocket;
}

// Moves the handle to a socket that will connect from it.
function takeBoundHandle(socket, bound) {
  const path = bound[kPath];
  socket._handle = bound[kConsume]();
  socket[kBoundSource] = true;
  if (path !== undefined) socket[kBoundPath] = path;
}

module.exports = { BoundSocket, isBoundSocket, kBoundPath, kBoundSource, kConsume, kPath, takeBoundHandle };
