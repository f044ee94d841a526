'use strict';
// net.Socket: a Duplex over a stream handle. Owns: the life of a socket from its handle on. Does not own: how a connection
// is made (internal/net/connect), accepting (internal/net/server).

const { Duplex } = require('stream');
const {
  ErrnoException,
  codes: {
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_HANDLE_TYPE,
    ERR_MISSING_ARGS,
    ERR_SOCKET_CLOSED,
    ERR_SOCKET_CLOSED_BEFORE_CONNECTION,
  },
  genericNodeError,
} = require('internal/errors');
const {
  defaultTriggerAsyncIdScope,
  newAsyncId,
  symbols: { async_id_symbol, owner_symbol },
} = require('internal/async_hooks');
const { Pipe, SOCKET, ShutdownWrap, TCP } = require('internal/net/handles');
const {
  kAfterAsyncWrite,
  kBuffer,
  kBufferCb,
  kBufferGen,
  kHandle,
  kTimeout,
  kUpdateTimer,
  onStreamRead,
  setStreamTimeout,
  writeGeneric,
  writevGeneric,
} = require('internal/net/stream_base');
const { normalizedArgsSymbol } = require('internal/net');
const { isUint8Array } = require('internal/util/types');
const { createHandle, normalizeArgs } = require('internal/net/arguments');
const { kBoundPath, kBoundSource, isBoundSocket, takeBoundHandle } = require('internal/net/bound_socket');
const { channel } = require('internal/net/channels');
const { validateInt32, validateNumber, validateString } = require('internal/validators');

const UV_ENOTCONN = -107;

const kBytesRead = Symbol('kBytesRead');
const kBytesWritten = Symbol('kBytesWritten');
const kLastWriteQueueSize = Symbol('lastWriteQueueSize');
const kReinitializeHandle = Symbol('kReinitializeHandle');
const kSetKeepAlive = Symbol('kSetKeepAlive');
const kSetKeepAliveCount = Symbol('kSetKeepAliveCount');
const kSetKeepAliveInitialDelay = Symbol('kSetKeepAliveInitialDelay');
const kSetKeepAliveInterval = Symbol('kSetKeepAliveInterval');
const kSetNoDelay = Symbol('kSetNoDelay');
const kSetTypeOfService = Symbol('kSetTypeOfService');

const noop = () => {};

function asyncIdOf(handle) {
  return typeof handle?.getAsyncId === 'function' ? handle.getAsyncId() : newAsyncId();
}

function initSocketHandle(socket) {
  socket._undestroy();
  socket._sockname = null;
  const handle = socket._handle;
  if (!handle) return;
  handle[owner_symbol] = socket;
  handle.onread = onStreamRead;
  socket[async_id_symbol] = asyncIdOf(handle);
  if (socket[kBuffer]) {
    const generate = socket[kBufferGen];
    if (generate !== null) {
      const buffer = generate();
      if (!isUint8Array(buffer)) return;
      socket[kBuffer] = buffer;
    }
    handle.setReadLimit(socket[kBuffer].byteLength);
  }
}

function checkOptions(options) {
  for (const name of ['objectMode', 'readableObjectMode', 'writableObjectMode']) {
    if (options?.[name]) throw new ERR_INVALID_ARG_VALUE(`options.${name}`, options[name], 'is not supported');
  }
  if (options?.keepAliveInitialDelay !== undefined) {
    validateNumber(options.keepAliveInitialDelay, 'options.keepAliveInitialDelay');
    if (options.keepAliveInitialDelay < 0) options.keepAliveInitialDelay = 0;
  }
}

// Gives the socket the handle that its options name; true where that handle is only bound so far.
function adoptHandle(socket, options) {
  if (options.handle) {
    if (isBoundSocket(options.handle)) {
      takeBoundHandle(socket, options.handle);
      socket[async_id_symbol] = asyncIdOf(socket._handle);
      return true;
    }
    socket._handle = options.handle;
    socket[async_id_symbol] = asyncIdOf(socket._handle);
  } else if (options.fd !== undefined) {
    socket._handle = createHandle(options.fd, false);
    const error = socket._handle.open(options.fd);
    if (error) throw new ErrnoException(error, 'open');
    socket[async_id_symbol] = socket._handle.getAsyncId();
  }
  return false;
}

function Socket(options) {
  if (!(this instanceof Socket)) return new Socket(options);
  checkOptions(options);

  this.connecting = false;
  this[async_id_symbol] = -1;
  this._hadError = false;
  this[kHandle] = null;
  this._parent = null;
  this._host = null;
  this[kLastWriteQueueSize] = 0;
  this[kTimeout] = null;
  this[kBuffer] = null;
  this[kBufferCb] = null;
  this[kBufferGen] = null;
  this._closeAfterHandlingError = false;

  // A number is the old way to give a descriptor.
  options = typeof options === 'number' ? { fd: options } : { ...options };
  options.allowHalfOpen = Boolean(options.allowHalfOpen);
  // 'close' is emitted when the handle is closed.
  options.emitClose = false;
  options.autoDestroy = true;
  // The handle takes strings.
  options.decodeStrings = false;
  Duplex.call(this, options);

  const onlyBound = adoptHandle(this, options);

  const { onread } = options;
  if (onread !== null && typeof onread === 'object' &&
      (isUint8Array(onread.buffer) || typeof onread.buffer === 'function') &&
      typeof onread.callback === 'function') {
    if (typeof onread.buffer === 'function') {
      this[kBuffer] = true;
      this[kBufferGen] = onread.buffer;
    } else {
      this[kBuffer] = onread.buffer;
    }
    this[kBufferCb] = onread.callback;
  }

  this[kSetNoDelay] = Boolean(options.noDelay);
  this[kSetKeepAlive] = Boolean(options.keepAlive);
  this[kSetKeepAliveInitialDelay] = ~~(options.keepAliveInitialDelay / 1000);
  if (options.typeOfService !== undefined) {
    validateInt32(options.typeOfService, 'options.typeOfService', 0, 255);
  }
  this[kSetTypeOfService] = options.typeOfService;

  this.on('end', onReadableEnd);
  initSocketHandle(this);
  this._pendingData = null;
  this._pendingEncoding = '';

  if (this._handle && options.readable !== false && !onlyBound) {
    if (options.pauseOnCreate) {
      this._handle.reading = false;
      this._handle.readStop();
      this.readableFlowing = false;
    } else if (!options.manualStart) {
      this.read(0);
    }
  }

  if (options.signal) require('internal/net/connect').addAbortSignal(this, options);

  this.server = null;
  this._server = null;
  this[kBytesRead] = 0;
  this[kBytesWritten] = 0;
  if (options.blockList) {
    const { BlockList } = require('internal/blocklist');
    if (!BlockList.isBlockList(options.blockList)) {
      throw new ERR_INVALID_ARG_TYPE('options.blockList', 'net.BlockList', options.blockList);
    }
    this.blockList = options.blockList;
  }
}
Object.setPrototypeOf(Socket.prototype, Duplex.prototype);
Object.setPrototypeOf(Socket, Duplex);

// Starts the idle timer anew, here and below TLS.
Socket.prototype._unrefTimer = function _unrefTimer() {
  for (let s = this; s != null; s = s._parent) s[kTimeout]?.refresh();
};

Socket.prototype._final = function(callback) {
  if (this.connecting) {
    this.once('connect', () => this._final(callback));
    return;
  }
  if (!this._handle) {
    callback();
    return;
  }
  const req = new ShutdownWrap();
  req.oncomplete = afterShutdown;
  req.handle = this._handle;
  req.callback = callback;
  const error = this._handle.shutdown(req);
  if (error === 1 || error === UV_ENOTCONN) callback();
  else if (error !== 0) callback(new ErrnoException(error, 'shutdown'));
};

function afterShutdown() {
  this.callback();
}

// What `write` is once the other side has ended and half-open sockets are not wanted.
function writeAfterEnd(chunk, encoding, callback) {
  if (!this.writableEnded) return Duplex.prototype.write.call(this, chunk, encoding, callback);
  if (typeof encoding === 'function') {
    callback = encoding;
    encoding = null;
  }
  const error = genericNodeError('This socket has been ended by the other party', { code: 'EPIPE' });
  if (typeof callback === 'function') {
    defaultTriggerAsyncIdScope(this[async_id_symbol], process.nextTick, callback, error);
  }
  this.destroy(error);
  return false;
}

function onReadableEnd() {
  if (!this.allowHalfOpen) this.write = writeAfterEnd;
}

Socket.prototype.setTimeout = setStreamTimeout;

Socket.prototype._onTimeout = function() {
  const handle = this._handle;
  const before = this[kLastWriteQueueSize];
  if (before > 0 && handle) {
    // A write that makes progress is no idleness.
    const { writeQueueSize } = handle;
    if (before !== writeQueueSize) {
      this[kLastWriteQueueSize] = writeQueueSize;
      this._unrefTimer();
      return;
    }
  }
  this.emit('timeout');
};

Socket.prototype.setNoDelay = function(enable) {
  enable = Boolean(enable === undefined ? true : enable);
  if (!this._handle) {
    this[kSetNoDelay] = enable;
  } else if (this._handle.setNoDelay && enable !== this[kSetNoDelay]) {
    this[kSetNoDelay] = enable;
    this._handle.setNoDelay(enable);
  }
  return this;
};

Socket.prototype.setKeepAlive = function(enable, initialDelayMsecs, intervalMsecs, count) {
  if (enable !== null && typeof enable === 'object') {
    ({ enable, initialDelay: initialDelayMsecs, interval: intervalMsecs, count } = enable);
  }
  enable = Boolean(enable);
  const initialDelay = ~~(initialDelayMsecs / 1000);
  const interval = intervalMsecs === undefined ? undefined : ~~(intervalMsecs / 1000);
  const handle = this._handle;
  if (handle && !handle.setKeepAlive) return this;
  const changed = enable !== this[kSetKeepAlive] || (enable && (
    this[kSetKeepAliveInitialDelay] !== initialDelay ||
    this[kSetKeepAliveInterval] !== interval ||
    this[kSetKeepAliveCount] !== count));
  if (changed || !handle) {
    this[kSetKeepAlive] = enable;
    this[kSetKeepAliveInitialDelay] = initialDelay;
    this[kSetKeepAliveInterval] = interval;
    this[kSetKeepAliveCount] = count;
    handle?.setKeepAlive(enable, initialDelay, interval, count);
  }
  return this;
};

Socket.prototype.setTypeOfService = function(tos) {
  if (Number.isNaN(tos)) throw new ERR_INVALID_ARG_TYPE('tos', 'number', tos);
  validateInt32(tos, 'tos', 0, 255);
  if (!this._handle?.setTypeOfService) {
    this[kSetTypeOfService] = tos;
  } else if (tos !== this[kSetTypeOfService]) {
    this[kSetTypeOfService] = tos;
    const error = this._handle.setTypeOfService(tos);
    if (error) throw new ErrnoException(error, 'setTypeOfService');
  }
  return this;
};

Socket.prototype.getTypeOfService = function() {
  if (!this._handle?.getTypeOfService) return this[kSetTypeOfService] ?? 0;
  const result = this._handle.getTypeOfService();
  if (result < 0) throw new ErrnoException(result, 'getTypeOfService');
  return result;
};

Socket.prototype.address = function() {
  return this._getsockname();
};

Socket.prototype._read = function(n) {
  const handle = this._handle;
  if (this.connecting || !handle) this.once('connect', () => this._read(n));
  else if (!handle.reading) tryReadStart(this);
};

function tryReadStart(socket) {
  socket._handle.reading = true;
  const error = socket._handle.readStart();
  if (error) socket.destroy(new ErrnoException(error, 'read'));
}

Socket.prototype.end = function(data, encoding, callback) {
  Duplex.prototype.end.call(this, data, encoding, callback);
  return this;
};

Socket.prototype.resetAndDestroy = function() {
  if (!this._handle) {
    this.destroy(new ERR_SOCKET_CLOSED());
    return this;
  }
  if (!(this._handle instanceof TCP)) throw new ERR_INVALID_HANDLE_TYPE();
  if (this.connecting) this.once('connect', () => this._reset());
  else this._reset();
  return this;
};

Socket.prototype._reset = function() {
  this.resetAndClosing = true;
  return this.destroy();
};

Socket.prototype.pause = function() {
  if (this[kBuffer] && !this.connecting && this._handle?.reading) {
    this._handle.reading = false;
    if (!this.destroyed) {
      const error = this._handle.readStop();
      if (error) this.destroy(new ErrnoException(error, 'read'));
    }
  }
  return Duplex.prototype.pause.call(this);
};

function startUserReads(socket) {
  if (socket[kBuffer] && !socket.connecting && socket._handle && !socket._handle.reading) tryReadStart(socket);
}

Socket.prototype.resume = function() {
  startUserReads(this);
  return Duplex.prototype.resume.call(this);
};

Socket.prototype.read = function(n) {
  startUserReads(this);
  return Duplex.prototype.read.call(this, n);
};

Socket.prototype.destroySoon = function() {
  if (this.writable) this.end();
  if (this.writableFinished) this.destroy();
  else this.once('finish', this.destroy);
};

function emitClose(socket) {
  socket.emit('close');
}

function closeHandle(socket, isException, clear) {
  socket._handle?.close(() => {
    socket.emit('close', isException);
    if (clear) dropHandle(socket);
  });
}

function dropHandle(socket) {
  if (socket._handle) socket._handle.onread = noop;
  socket._handle = null;
  socket._sockname = null;
}

Socket.prototype._destroy = function(exception, callback) {
  this.connecting = false;
  for (let s = this; s != null; s = s._parent) {
    if (s[kTimeout]) clearTimeout(s[kTimeout]);
  }
  const handle = this._handle;
  if (handle) {
    const isException = !!exception;
    this[kBytesRead] = handle.bytesRead;
    this[kBytesWritten] = handle.bytesWritten;
    if (this.resetAndClosing) {
      this.resetAndClosing = false;
      const error = handle.reset(() => this.emit('close', isException));
      if (error) this.emit('error', new ErrnoException(error, 'reset'));
    } else if (this._closeAfterHandlingError) {
      // After the 'error' event, whose listener may still want the handle.
      queueMicrotask(() => closeHandle(this, isException, true));
    } else {
      closeHandle(this, isException, false);
    }
    if (!this._closeAfterHandlingError) dropHandle(this);
    callback(exception);
  } else {
    callback(exception);
    process.nextTick(emitClose, this);
  }
  const server = this._server;
  if (server) {
    server._connections--;
    server._emitCloseIfDrained?.();
  }
};

Socket.prototype._getpeername = function() {
  if (!this._handle || !this._handle.getpeername || this.connecting) return this._peername || {};
  if (!this._peername) {
    const out = {};
    if (this._handle.getpeername(out)) return out;
    this._peername = out;
  }
  return this._peername;
};

Socket.prototype._getsockname = function() {
  // The path a client pipe was bound to; the handle of a pipe has no name to ask for.
  if (this[kBoundPath] !== undefined) return { address: this[kBoundPath] };
  if (!this._handle?.getsockname) return {};
  if (!this._sockname) {
    this._sockname = {};
    this._handle.getsockname(this._sockname);
  }
  return this._sockname;
};

Socket.prototype[kAfterAsyncWrite] = function() {
  this[kLastWriteQueueSize] = 0;
};

Socket.prototype._writeGeneric = function(writev, data, encoding, callback) {
  if (this.connecting) {
    // Writable keeps what follows until this one is done.
    this._pendingData = data;
    this._pendingEncoding = encoding;
    const onClose = () => callback(new ERR_SOCKET_CLOSED_BEFORE_CONNECTION());
    this.once('connect', function connect() {
      this.off('close', onClose);
      this._writeGeneric(writev, data, encoding, callback);
    });
    this.once('close', onClose);
    return;
  }
  this._pendingData = null;
  this._pendingEncoding = '';
  if (!this._handle) {
    callback(new ERR_SOCKET_CLOSED());
    return false;
  }
  this._unrefTimer();
  const req = writev ? writevGeneric(this, data, callback) : writeGeneric(this, data, encoding, callback);
  if (req.async) this[kLastWriteQueueSize] = req.bytes;
};

Socket.prototype._writev = function(chunks, callback) {
  this._writeGeneric(true, chunks, '', callback);
};

Socket.prototype._write = function(data, encoding, callback) {
  this._writeGeneric(false, data, encoding, callback);
};

function pendingBytes(data, encoding) {
  if (!data) return 0;
  if (typeof data === 'string') return Buffer.byteLength(data, encoding);
  if (!Array.isArray(data)) return data.length;
  let bytes = 0;
  for (const chunk of data) {
    bytes += data.allBuffers || chunk instanceof Buffer ? chunk.length : Buffer.byteLength(chunk.chunk, chunk.encoding);
  }
  return bytes;
}

function define(name, enumerable, get) {
  Object.defineProperty(Socket.prototype, name, { __proto__: null, configurable: !enumerable, enumerable, get });
}

define('_connecting', false, function() { return this.connecting; });
define('pending', false, function() { return !this._handle || this.connecting; });
define('readyState', false, function() {
  if (this.connecting) return 'opening';
  if (this.readable) return this.writable ? 'open' : 'readOnly';
  return this.writable ? 'writeOnly' : 'closed';
});
define('bufferSize', false, function() { return this._handle ? this.writableLength : undefined; });
define(kUpdateTimer, false, function() { return this._unrefTimer; });
define('bytesRead', true, function() { return this._handle ? this._handle.bytesRead : this[kBytesRead]; });
define('remoteAddress', true, function() { return this._getpeername().address; });
define('remoteFamily', true, function() { return this._getpeername().family; });
define('remotePort', true, function() { return this._getpeername().port; });
define('localAddress', true, function() { return this._getsockname().address; });
define('localPort', true, function() { return this._getsockname().port; });
define('localFamily', true, function() { return this._getsockname().family; });
define('_bytesDispatched', true, function() { return this._handle ? this._handle.bytesWritten : this[kBytesWritten]; });
define('bytesWritten', true, function() {
  const buffered = this.writableBuffer;
  if (!buffered) return undefined;
  let bytes = this._bytesDispatched + pendingBytes(this._pendingData, this._pendingEncoding);
  for (const { chunk, encoding } of buffered) {
    bytes += chunk instanceof Buffer ? chunk.length : Buffer.byteLength(chunk, encoding);
  }
  return bytes;
});
Object.defineProperty(Socket.prototype, '_handle', {
  __proto__: null,
  get() { return this[kHandle]; },
  set(value) { return this[kHandle] = value; },
});

Socket.prototype.connect = function(...args) {
  const normalized = Array.isArray(args[0]) && args[0][normalizedArgsSymbol] ? args[0] : normalizeArgs(args);
  const { 0: options, 1: callback } = normalized;
  const created = channel('net.client.socket');
  if (created.hasSubscribers) created.publish({ socket: this });
  if (callback !== null) this.once('connect', callback);
  // The socket below is already connecting.
  if (this._parent?.connecting) return this;
  if (options.port === undefined && options.path == null) throw new ERR_MISSING_ARGS(['options', 'port', 'path']);

  if (this.write !== Socket.prototype.write) this.write = Socket.prototype.write;
  if (this.destroyed) {
    this._handle = null;
    this._peername = null;
    this._sockname = null;
  }
  const { path } = options;
  const isPipe = this[kBoundSource] && this._handle ? this._handle instanceof Pipe : !!path;
  if (!this._handle) {
    this._handle = isPipe ? new Pipe(SOCKET) : new TCP(SOCKET);
    initSocketHandle(this);
  }
  this._unrefTimer();
  this.connecting = true;
  const { internalConnect, lookupAndConnect } = require('internal/net/connect');
  if (isPipe) {
    validateString(path, 'options.path');
    defaultTriggerAsyncIdScope(this[async_id_symbol], internalConnect, this, path);
  } else {
    lookupAndConnect(this, options);
  }
  return this;
};

// The next address of a connection that tries several has a handle of its own.
Socket.prototype[kReinitializeHandle] = function(handle) {
  this._handle?.close();
  this._handle = handle;
  initSocketHandle(this);
};

Socket.prototype.ref = function() {
  if (!this._handle) this.once('connect', this.ref);
  else this._handle.ref?.();
  return this;
};

Socket.prototype.unref = function() {
  if (!this._handle) this.once('connect', this.unref);
  else this._handle.unref?.();
  return this;
};

module.exports = {
  Socket,
  asyncIdOf,
  kReinitializeHandle,
  kSetKeepAlive,
  kSetKeepAliveCount,
  kSetKeepAliveInitialDelay,
  kSetKeepAliveInterval,
  kSetNoDelay,
  kSetTypeOfService,
};
