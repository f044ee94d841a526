'use strict';
// net.Server: listening and accepting.

const realm = require('internal/bootstrap/realm');
const EventEmitter = require('events');
const {
  ErrnoException,
  ExceptionWithHostPort,
  UVExceptionWithHostPort,
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_SERVER_ALREADY_LISTEN, ERR_SERVER_NOT_RUNNING },
} = require('internal/errors');
const { defaultTriggerAsyncIdScope, symbols: { async_id_symbol, owner_symbol } } = require('internal/async_hooks');
const { isIP, isIPv6LinkLocal } = require('internal/net');
const { createHandle, isPipeName, normalizeArgs, toNumber } = require('internal/net/arguments');
const { isBoundSocket, kConsume, kPath } = require('internal/net/bound_socket');
const { channel, tracingChannel } = require('internal/net/channels');
const { Pipe, SERVER, TCP, UV_READABLE, UV_WRITABLE } = require('internal/net/handles');
const {
  Socket,
  asyncIdOf,
  kSetKeepAlive,
  kSetKeepAliveInitialDelay,
  kSetNoDelay,
} = require('internal/net/socket');
const { getDefaultHighWaterMark } = require('internal/streams/state');
const { kEmptyObject } = require('internal/util');
const { validateAbortSignal, validateNumber, validatePort } = require('internal/validators');

const UV_EINVAL = -22;
// The kernel rounds one more up to a power of two.
const DEFAULT_BACKLOG = 511;

function Server(options, connectionListener) {
  if (!(this instanceof Server)) return new Server(options, connectionListener);
  EventEmitter.call(this);

  if (typeof options === 'function') {
    connectionListener = options;
    options = kEmptyObject;
  } else if (options == null || typeof options === 'object') {
    options = { ...options };
  } else {
    throw new ERR_INVALID_ARG_TYPE('options', 'Object', options);
  }
  if (typeof connectionListener === 'function') this.on('connection', connectionListener);
  if (options.keepAliveInitialDelay !== undefined) {
    validateNumber(options.keepAliveInitialDelay, 'options.keepAliveInitialDelay');
    if (options.keepAliveInitialDelay < 0) options.keepAliveInitialDelay = 0;
  }
  if (options.highWaterMark !== undefined) {
    validateNumber(options.highWaterMark, 'options.highWaterMark');
    if (options.highWaterMark < 0) options.highWaterMark = getDefaultHighWaterMark();
  }

  this._connections = 0;
  this[async_id_symbol] = -1;
  this._handle = null;
  this._usingWorkers = false;
  this._workers = [];
  this._unref = false;
  this._listeningId = 1;
  this.allowHalfOpen = options.allowHalfOpen || false;
  this.pauseOnConnect = !!options.pauseOnConnect;
  this.noDelay = Boolean(options.noDelay);
  this.keepAlive = Boolean(options.keepAlive);
  this.keepAliveInitialDelay = ~~(options.keepAliveInitialDelay / 1000);
  this.highWaterMark = options.highWaterMark ?? getDefaultHighWaterMark();
  if (options.blockList) {
    const { BlockList } = require('internal/blocklist');
    if (!BlockList.isBlockList(options.blockList)) {
      throw new ERR_INVALID_ARG_TYPE('options.blockList', 'net.BlockList', options.blockList);
    }
    this.blockList = options.blockList;
  }
}
Object.setPrototypeOf(Server.prototype, EventEmitter.prototype);
Object.setPrototypeOf(Server, EventEmitter);

function getFlags(options) {
  const { IPV6_ONLY, REUSE_PORT } = internalBinding('tcp');
  return (options.ipv6Only === true ? IPV6_ONLY : 0) | (options.reusePort === true ? REUSE_PORT : 0);
}

// A bound handle, or a negative errno.
function createServerHandle(address, port, addressType, fd, flags) {
  let handle;
  let error = 0;
  if (typeof fd === 'number' && fd >= 0) {
    try {
      handle = createHandle(fd, true);
    } catch {
      return UV_EINVAL;
    }
    error = handle.open(fd);
    return error || handle;
  }
  if (port === -1 && addressType === -1) {
    handle = new Pipe(SERVER);
    error = address ? handle.bind(address) : 0;
  } else {
    handle = new TCP(SERVER);
    if (!address) {
      error = handle.bind('::', port, flags);
      if (error) {
        handle.close();
        return createServerHandle('0.0.0.0', port, undefined, undefined, flags);
      }
    } else {
      error = handle.bind(address, port, flags);
    }
  }
  if (error) {
    handle.close();
    return error;
  }
  return handle;
}

function emitErrorNT(server, error) {
  server.emit('error', error);
}

function emitListeningNT(server) {
  // Not if it was closed meanwhile.
  if (server._handle) server.emit('listening');
}

function setupListenHandle(address, port, addressType, backlog, fd, flags) {
  if (!this._handle) {
    let handle = null;
    // IPv6's unspecified address also takes IPv4, where there is IPv6.
    if (!address && typeof fd !== 'number') {
      handle = createServerHandle('::', port, 6, fd, flags);
      if (typeof handle === 'number') {
        handle = null;
        address = '0.0.0.0';
        addressType = 4;
      } else {
        address = '::';
        addressType = 6;
      }
    }
    handle ??= createServerHandle(address, port, addressType, fd, flags);
    if (typeof handle === 'number') {
      const error = new UVExceptionWithHostPort(handle, 'listen', address, port);
      const tracing = tracingChannel('net.server.listen');
      if (tracing.hasSubscribers) tracing.error.publish({ server: this, error });
      process.nextTick(emitErrorNT, this, error);
      return;
    }
    this._handle = handle;
  }

  this[async_id_symbol] = asyncIdOf(this._handle);
  this._handle.onconnection = onconnection;
  this._handle[owner_symbol] = this;
  const status = this._handle.listen(backlog || DEFAULT_BACKLOG);
  const tracing = tracingChannel('net.server.listen');
  if (status) {
    const error = new UVExceptionWithHostPort(status, 'listen', address, port);
    this._handle.close();
    this._handle = null;
    if (tracing.hasSubscribers) tracing.error.publish({ server: this, error });
    defaultTriggerAsyncIdScope(this[async_id_symbol], process.nextTick, emitErrorNT, this, error);
    return;
  }
  if (tracing.hasSubscribers) tracing.asyncEnd.publish({ server: this });
  this._connectionKey = `${addressType}:${address}:${port}`;
  if (this._unref) this.unref();
  defaultTriggerAsyncIdScope(this[async_id_symbol], process.nextTick, emitListeningNT, this);
}

// Programs wrap this name.
Server.prototype._listen2 = setupListenHandle;

// In a worker of `cluster` the primary has the handle.
function listenInCluster(server, address, port, addressType, backlog, fd, exclusive, flags, options) {
  const isLoaded = process.channel !== undefined || realm.isLoaded('cluster');
  const cluster = isLoaded ? require('cluster') : undefined;
  if (cluster?.isWorker !== true || exclusive) {
    server._listen2(address, port, addressType, backlog, fd, flags);
    return;
  }
  const listeningId = server._listeningId;
  const query = { address, port, addressType, fd, flags, backlog, ...options };
  cluster._getServer(server, query, (error, handle) => {
    if (listeningId !== server._listeningId) {
      handle.close();
      return;
    }
    error = require('internal/net/connect').checkBindError(error, port, handle);
    if (error) {
      server.emit('error', new ExceptionWithHostPort(error, 'bind', address, port));
      return;
    }
    server._handle?.close();
    server._handle = handle;
    server._listen2(address, port, addressType, backlog, fd, flags);
  });
}

function addAbortSignal(server, options) {
  if (options?.signal === undefined) return;
  validateAbortSignal(options.signal, 'options.signal');
  const { signal } = options;
  const onAborted = () => server.close();
  if (signal.aborted) {
    process.nextTick(onAborted);
  } else {
    const { addAbortListener } = require('events');
    const disposable = addAbortListener(signal, onAborted);
    server.once('close', disposable[Symbol.dispose]);
  }
}

function adopt(server, handle, backlog) {
  server._handle = handle;
  server[async_id_symbol] = handle.getAsyncId();
  listenInCluster(server, null, -1, -1, backlog, undefined, true);
  return server;
}

function listenOnPath(server, options, backlog) {
  // The file of an abstract socket does not exist, nor do its permissions.
  if (options.path[0] === '\0' && (options.readableAll || options.writableAll)) {
    throw new ERR_INVALID_ARG_VALUE(
      'options', options, 'can not set readableAll or writableAllt to true when path is abstract unix socket');
  }
  server._pipeName = options.path;
  listenInCluster(server, options.path, -1, -1, backlog, undefined, options.exclusive, undefined,
                  { readableAll: options.readableAll, writableAll: options.writableAll });
  if (!server._handle) return server;
  const mode = (options.readableAll === true ? UV_READABLE : 0) | (options.writableAll === true ? UV_WRITABLE : 0);
  if (mode !== 0) {
    const error = server._handle.fchmod(mode);
    if (error) {
      server._handle.close();
      server._handle = null;
      throw new ErrnoException(error, 'uv_pipe_chmod');
    }
  }
  return server;
}

Server.prototype.listen = function(...args) {
  const normalized = normalizeArgs(args);
  let options = normalized[0];
  const callback = normalized[1];
  if (this._handle) throw new ERR_SERVER_ALREADY_LISTEN();
  const tracing = tracingChannel('net.server.listen');
  if (tracing.hasSubscribers) tracing.asyncStart.publish({ server: this, options });
  if (callback !== null) this.once('listening', callback);
  // (handle | path | port, [host,] backlog)
  const backlogFromArgs = toNumber(args.length > 1 && args[1]) || toNumber(args.length > 2 && args[2]);

  const bound = isBoundSocket(options) ? options : isBoundSocket(options.handle) ? options.handle : null;
  this._listeningId++;
  if (bound !== null) {
    if (bound[kPath] !== undefined) this._pipeName = bound[kPath];
    return adopt(this, bound[kConsume](), backlogFromArgs);
  }
  options = options._handle || options.handle || options;
  const flags = getFlags(options);
  if (options instanceof TCP) return adopt(this, options, backlogFromArgs);
  addAbortSignal(this, options);
  if (typeof options.fd === 'number' && options.fd >= 0) {
    listenInCluster(this, null, null, null, backlogFromArgs, options.fd);
    return this;
  }
  // Any free port.
  if (args.length === 0 || typeof args[0] === 'function' ||
      (options.port === undefined && 'port' in options) || options.port === null) {
    options.port = 0;
  }
  const backlog = options.backlog || backlogFromArgs;
  if (typeof options.port === 'number' || typeof options.port === 'string') {
    validatePort(options.port, 'options.port');
    const port = options.port | 0;
    if (options.reusePort === true) options.exclusive = true;
    if (options.host) lookupAndListen(this, port, options.host, backlog, options.exclusive, flags);
    else listenInCluster(this, null, port, 4, backlog, undefined, options.exclusive, flags);
    return this;
  }
  if (options.path && isPipeName(options.path)) return listenOnPath(this, options, backlog);
  if (!('port' in options || 'path' in options)) {
    throw new ERR_INVALID_ARG_VALUE('options', options, 'must have the property "port" or "path"');
  }
  throw new ERR_INVALID_ARG_VALUE('options', options);
};

function lookupAndListen(server, port, address, backlog, exclusive, flags) {
  const listeningId = server._listeningId;
  const onLookup = (error, addresses) => {
    if (listeningId !== server._listeningId) return;
    if (error) {
      server.emit('error', error);
      return;
    }
    const chosen = addresses.find((a) => !isIPv6LinkLocal(a.address)) ?? addresses[0];
    listenInCluster(server, chosen.address, port, chosen.family || 4, backlog, undefined, exclusive, flags);
  };
  // What `lookup` does with an address; nobody can have put another in its place where `dns` is not loaded.
  const family = isIP(address);
  if (family !== 0 && !realm.isLoaded('dns')) process.nextTick(onLookup, null, [{ address, family }]);
  else require('dns').lookup(address, { all: true }, onLookup);
}

Object.defineProperty(Server.prototype, 'listening', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get() { return !!this._handle; },
});

Server.prototype.address = function() {
  if (this._handle?.getsockname) {
    const out = {};
    const error = this._handle.getsockname(out);
    if (error) throw new ErrnoException(error, 'address');
    return out;
  }
  return this._pipeName || null;
};

// The addresses of a connection that is dropped.
function describe(handle) {
  if (!handle.getsockname) return undefined;
  const local = {};
  const remote = {};
  handle.getsockname(local);
  handle.getpeername(remote);
  return {
    __proto__: null,
    localAddress: local.address,
    localPort: local.port,
    localFamily: local.family,
    remoteAddress: remote.address,
    remotePort: remote.port,
    remoteFamily: remote.family,
  };
}

function isBlocked(server, handle) {
  if (!server.blockList || typeof handle.getpeername !== 'function') return false;
  const remote = {};
  handle.getpeername(remote);
  const type = isIP(remote.address);
  return type !== 0 && server.blockList.check(remote.address, `ipv${type}`);
}

// `this` is the listening handle.
function onconnection(status, handle) {
  const server = this[owner_symbol];
  if (status) {
    server.emit('error', new ErrnoException(status, 'accept'));
    return;
  }
  if (server.maxConnections != null && server._connections >= server.maxConnections) {
    const data = describe(handle);
    if (data === undefined) server.emit('drop');
    else server.emit('drop', data);
    handle.close();
    return;
  }
  if (isBlocked(server, handle)) {
    handle.close();
    return;
  }
  const socket = new Socket({
    handle,
    allowHalfOpen: server.allowHalfOpen,
    pauseOnCreate: server.pauseOnConnect,
    readable: true,
    writable: true,
    readableHighWaterMark: server.highWaterMark,
    writableHighWaterMark: server.highWaterMark,
  });
  if (server.noDelay && handle.setNoDelay) {
    socket[kSetNoDelay] = true;
    handle.setNoDelay(true);
  }
  if (server.keepAlive && handle.setKeepAlive) {
    socket[kSetKeepAlive] = true;
    socket[kSetKeepAliveInitialDelay] = server.keepAliveInitialDelay;
    handle.setKeepAlive(true, server.keepAliveInitialDelay);
  }
  server._connections++;
  socket.server = server;
  socket._server = server;
  server.emit('connection', socket);
  const accepted = channel('net.server.socket');
  if (accepted.hasSubscribers) accepted.publish({ socket });
}

Server.prototype.getConnections = function(callback) {
  const done = (error, count) => {
    defaultTriggerAsyncIdScope(this[async_id_symbol], process.nextTick, callback, error, count);
  };
  if (!this._usingWorkers) {
    done(null, this._connections);
    return this;
  }
  let left = this._workers.length;
  let total = this._connections;
  for (const worker of this._workers) {
    worker.getConnections((error, count) => {
      if (error) {
        left = -1;
        done(error);
        return;
      }
      total += count;
      if (--left === 0) done(null, total);
    });
  }
  return this;
};

Server.prototype.close = function(callback) {
  this._listeningId++;
  if (typeof callback === 'function') {
    if (this._handle) this.once('close', callback);
    else this.once('close', () => callback(new ERR_SERVER_NOT_RUNNING()));
  }
  if (this._handle) {
    this._handle.close();
    this._handle = null;
  }
  if (!this._usingWorkers) {
    this._emitCloseIfDrained();
    return this;
  }
  let left = this._workers.length;
  // One more, so that 'close' comes once and after all workers.
  this._connections++;
  for (const worker of this._workers) {
    worker.close(() => {
      if (--left !== 0) return;
      this._connections = 0;
      this._emitCloseIfDrained();
    });
  }
  return this;
};

Server.prototype[Symbol.asyncDispose] = async function() {
  if (!this._handle) return;
  await new Promise((resolve, reject) => {
    this.close((error) => {
      if (error) reject(error);
      else resolve();
    });
  });
};

function emitCloseNT(server) {
  server.emit('close');
}

Server.prototype._emitCloseIfDrained = function() {
  if (this._handle || this._connections) return;
  defaultTriggerAsyncIdScope(this[async_id_symbol], process.nextTick, emitCloseNT, this);
};

Server.prototype[EventEmitter.captureRejectionSymbol] = function(error, event, socket) {
  if (event === 'connection') socket.destroy(error);
  else this.emit('error', error);
};

Server.prototype._setupWorker = function(socketList) {
  this._usingWorkers = true;
  this._workers.push(socketList);
  socketList.once('exit', (list) => {
    this._workers.splice(this._workers.indexOf(list), 1);
  });
};

Server.prototype.ref = function() {
  this._unref = false;
  this._handle?.ref();
  return this;
};

Server.prototype.unref = function() {
  this._unref = true;
  this._handle?.unref();
  return this;
};

module.exports = { Server, createServerHandle };
