'use strict';
// node:dgram. The handle is internal/dgram.

const EventEmitter = require('events');
const {
  ErrnoException,
  ExceptionWithHostPort,
  codes: {
    ERR_BUFFER_OUT_OF_BOUNDS,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_FD_TYPE,
    ERR_IP_BLOCKED,
    ERR_MISSING_ARGS,
    ERR_SOCKET_ALREADY_BOUND,
    ERR_SOCKET_BAD_BUFFER_SIZE,
    ERR_SOCKET_BUFFER_SIZE,
    ERR_SOCKET_DGRAM_IS_CONNECTED,
    ERR_SOCKET_DGRAM_NOT_CONNECTED,
    ERR_SOCKET_DGRAM_NOT_RUNNING,
  },
} = require('internal/errors');
const { FastBuffer } = require('internal/buffer');
const { defaultTriggerAsyncIdScope, symbols: { async_id_symbol, owner_symbol } } = require('internal/async_hooks');
const { binding, kStateSymbol, newHandle } = require('internal/dgram');
const { isIP } = require('internal/net');
const { channel } = require('internal/net/channels');
const { uvErrmapGet } = require('internal/errnos');
const { guessHandleType, kEmptyObject } = require('internal/util');
const { isArrayBufferView } = require('internal/util/types');
const {
  isInt32,
  validateAbortSignal,
  validateNumber,
  validateObject,
  validatePort,
  validateString,
  validateUint32,
} = require('internal/validators');

const UV_EBADF = -9;

const UNBOUND = 0;
const BINDING = 1;
const BOUND = 2;

const DISCONNECTED = 0;
const CONNECTING = 1;
const CONNECTED = 2;

function checkBlockList(list, name) {
  const { BlockList } = require('internal/blocklist');
  if (!BlockList.isBlockList(list)) throw new ERR_INVALID_ARG_TYPE(`options.${name}`, 'net.BlockList', list);
  return list;
}

function Socket(type, listener) {
  EventEmitter.call(this);
  let options = kEmptyObject;
  if (type !== null && typeof type === 'object') {
    options = type;
    ({ type } = options);
    for (const name of ['recvBufferSize', 'sendBufferSize']) {
      if (options[name]) validateUint32(options[name], `options.${name}`);
    }
  }
  const receiveBlockList = options.receiveBlockList && checkBlockList(options.receiveBlockList, 'receiveBlockList');
  const sendBlockList = options.sendBlockList && checkBlockList(options.sendBlockList, 'sendBlockList');

  const handle = newHandle(type, options.lookup);
  handle[owner_symbol] = this;
  this[async_id_symbol] = handle.getAsyncId();
  this.type = type;
  if (typeof listener === 'function') this.on('message', listener);
  this[kStateSymbol] = {
    handle,
    receiving: false,
    bindState: UNBOUND,
    connectState: DISCONNECTED,
    // What waits for the socket to be bound.
    queue: undefined,
    reuseAddr: options.reuseAddr,
    reusePort: options.reusePort,
    ipv6Only: options.ipv6Only,
    recvBufferSize: options.recvBufferSize,
    sendBufferSize: options.sendBufferSize,
    receiveBlockList,
    sendBlockList,
  };

  if (options.signal !== undefined) closeOnAbort(this, options.signal);
  const created = channel('udp.socket');
  if (created.hasSubscribers) created.publish({ socket: this });
}
Object.setPrototypeOf(Socket.prototype, EventEmitter.prototype);
Object.setPrototypeOf(Socket, EventEmitter);

function closeOnAbort(socket, signal) {
  validateAbortSignal(signal, 'options.signal');
  const onAborted = () => {
    if (socket[kStateSymbol].handle) socket.close();
  };
  if (signal.aborted) {
    onAborted();
    return;
  }
  const { addAbortListener } = require('events');
  const disposable = addAbortListener(signal, onAborted);
  socket.once('close', disposable[Symbol.dispose]);
}

function createSocket(type, listener) {
  return new Socket(type, listener);
}

function healthCheck(socket) {
  if (!socket[kStateSymbol].handle) throw new ERR_SOCKET_DGRAM_NOT_RUNNING();
}

function startReceiving(socket) {
  const state = socket[kStateSymbol];
  state.handle.onmessage = onMessage;
  state.handle.recvStart();
  state.receiving = true;
  state.bindState = BOUND;
  if (state.recvBufferSize) bufferSize(socket, state.recvBufferSize, true);
  if (state.sendBufferSize) bufferSize(socket, state.sendBufferSize, false);
}

function startListening(socket) {
  startReceiving(socket);
  socket.emit('listening');
}

function stopReceiving(socket) {
  const state = socket[kStateSymbol];
  if (!state.receiving) return;
  state.handle.recvStop();
  state.receiving = false;
}

function onMessage(nread, handle, buffer, from) {
  const socket = handle[owner_symbol];
  if (nread < 0) {
    socket.emit('error', new ErrnoException(nread, 'recvmsg'));
    return;
  }
  if (socket[kStateSymbol]?.receiveBlockList?.check(from.address, from.family?.toLowerCase())) return;
  from.size = buffer.length;
  socket.emit('message', buffer, from);
}

// The handle of `cluster`'s primary, or another given one, takes the place of the socket's own.
function replaceHandle(socket, handle) {
  const state = socket[kStateSymbol];
  const old = state.handle;
  if (!old.hasRef() && typeof handle.unref === 'function') handle.unref();
  handle.lookup = old.lookup;
  handle.isIPv6 = old.isIPv6;
  handle.bind = old.bind;
  handle.send = old.send;
  handle[owner_symbol] = socket;
  old.close();
  state.handle = handle;
}

function bufferSize(socket, size, isReceive) {
  if (size >>> 0 !== size) throw new ERR_SOCKET_BAD_BUFFER_SIZE();
  const state = socket[kStateSymbol];
  // There is no descriptor before it is bound, as far as programs can see.
  const unbound = state.bindState === UNBOUND && state.handle !== null;
  const result = unbound ? UV_EBADF : state.handle.bufferSize(size, isReceive);
  if (result < 0) {
    const { 0: code, 1: message } = uvErrmapGet(result);
    throw new ERR_SOCKET_BUFFER_SIZE({
      errno: result, code, message, syscall: isReceive ? 'uv_recv_buffer_size' : 'uv_send_buffer_size',
    });
  }
  return result;
}

function workerCluster() {
  if (process.channel === undefined && !require('internal/bootstrap/realm').loadedIds().includes('cluster')) {
    return undefined;
  }
  const cluster = require('cluster');
  return cluster.isWorker === true ? cluster : undefined;
}

function bindInPrimary(cluster, socket, query, onError) {
  const state = socket[kStateSymbol];
  cluster._getServer(socket, query, (error, handle) => {
    if (error) {
      if (state.handle) onError(error);
      return;
    }
    if (!state.handle) {
      handle.close();
      return;
    }
    replaceHandle(socket, handle);
    startListening(socket);
  });
}

function bindFlags(state) {
  return (state.reuseAddr ? binding.REUSE_ADDRESS : 0) | (state.ipv6Only ? binding.IPV6_ONLY : 0) |
    (state.reusePort ? binding.REUSE_PORT : 0);
}

function bindFailed(socket, error) {
  socket[kStateSymbol].bindState = UNBOUND;
  socket.emit('error', error);
}

function bindDescriptor(socket, { fd, exclusive }) {
  const cluster = workerCluster();
  if (cluster !== undefined && !exclusive) {
    const query = { address: null, port: null, addressType: socket.type, fd, flags: null };
    bindInPrimary(cluster, socket, query, (error) => bindFailed(socket, new ErrnoException(error, 'open')));
    return;
  }
  const type = guessHandleType(fd);
  if (type !== 'UDP') throw new ERR_INVALID_FD_TYPE(type);
  const error = socket[kStateSymbol].handle.open(fd);
  if (error) throw new ErrnoException(error, 'open');
  startListening(socket);
}

// ([port][, address][, callback]) or (options[, callback])
Socket.prototype.bind = function(...args) {
  let [port] = args;
  healthCheck(this);
  const state = this[kStateSymbol];
  if (state.bindState !== UNBOUND) throw new ERR_SOCKET_ALREADY_BOUND();
  state.bindState = BINDING;

  const callback = args.at(-1);
  if (typeof callback === 'function') {
    const remove = () => {
      this.removeListener(EventEmitter.errorMonitor, remove);
      this.removeListener('listening', onListening);
    };
    const onListening = () => {
      remove();
      callback.call(this);
    };
    this.on(EventEmitter.errorMonitor, remove);
    this.on('listening', onListening);
  }

  let address = args[1];
  let exclusive = false;
  if (port !== null && typeof port === 'object') {
    if (typeof port.recvStart === 'function') {
      replaceHandle(this, port);
      startListening(this);
      return this;
    }
    if (isInt32(port.fd) && port.fd > 0) {
      bindDescriptor(this, port);
      return this;
    }
    ({ address, port, exclusive } = port);
  } else if (typeof address === 'function') {
    address = '';
  }
  address ||= this.type === 'udp4' ? '0.0.0.0' : '::';

  state.handle.lookup(address, (error, ip) => {
    // Closed meanwhile.
    if (!state.handle) return;
    if (error) {
      bindFailed(this, error);
      return;
    }
    const flags = bindFlags(state);
    const cluster = exclusive || state.reusePort ? undefined : workerCluster();
    const failed = (status) => bindFailed(this, new ExceptionWithHostPort(status, 'bind', ip, port));
    if (cluster !== undefined) {
      bindInPrimary(cluster, this, { address: ip, port, addressType: this.type, fd: -1, flags }, failed);
      return;
    }
    const status = state.handle.bind(ip, port || 0, flags);
    if (status) failed(status);
    else startListening(this);
  });
  return this;
};

function validateNumericAddress(address, name, what) {
  validateString(address, name);
  if (isIP(address) === 0) {
    throw new ERR_INVALID_ARG_VALUE(
      name, address, `must be a numeric IP address; ${what} does not perform DNS resolution`);
  }
}

Socket.prototype.bindSync = function(options = kEmptyObject) {
  healthCheck(this);
  validateObject(options, 'options');
  const state = this[kStateSymbol];
  if (state.bindState !== UNBOUND) throw new ERR_SOCKET_ALREADY_BOUND();
  const port = validatePort(options.port ?? 0, 'options.port');
  let { address } = options;
  if (address) validateNumericAddress(address, 'options.address', 'bindSync');
  else address = this.type === 'udp4' ? '0.0.0.0' : '::';
  const error = state.handle.bind(address, port, bindFlags(state));
  if (error) throw new ExceptionWithHostPort(error, 'bind', address, port);
  startReceiving(this);
  process.nextTick(emitIfOpenNT, this, 'listening');
  return this.address();
};

function emitIfOpenNT(socket, event) {
  if (socket[kStateSymbol].handle) socket.emit(event);
}

Socket.prototype.connect = function(port, address, callback) {
  port = validatePort(port, 'Port', false);
  if (typeof address === 'function') {
    callback = address;
    address = '';
  }
  address = address === undefined ? '' : address;
  validateString(address, 'address');
  const state = this[kStateSymbol];
  if (state.connectState !== DISCONNECTED) throw new ERR_SOCKET_DGRAM_IS_CONNECTED();
  state.connectState = CONNECTING;
  if (state.bindState === UNBOUND) this.bind({ port: 0, exclusive: true }, null);
  const connect = () => {
    if (callback) this.once('connect', callback);
    state.handle.lookup(address, (error, ip) => {
      defaultTriggerAsyncIdScope(this[async_id_symbol], doConnect, error, this, ip, address, port, callback);
    });
  };
  if (state.bindState === BOUND) connect();
  else enqueue(this, connect);
};

function doConnect(error, socket, ip, address, port, callback) {
  const state = socket[kStateSymbol];
  if (!state.handle) return;
  if (!error && state.sendBlockList?.check(ip, `ipv${isIP(ip)}`)) error = new ERR_IP_BLOCKED(ip);
  if (!error) {
    const status = state.handle.connect(ip, port);
    if (status) error = new ExceptionWithHostPort(status, 'connect', address, port);
  }
  if (!error) {
    state.connectState = CONNECTED;
    process.nextTick(() => socket.emit('connect'));
    return;
  }
  state.connectState = DISCONNECTED;
  process.nextTick(() => {
    if (callback) {
      socket.removeListener('connect', callback);
      callback(error);
    } else {
      socket.emit('error', error);
    }
  });
}

Socket.prototype.connectSync = function(port, address) {
  healthCheck(this);
  port = validatePort(port, 'Port', false);
  const state = this[kStateSymbol];
  if (state.connectState !== DISCONNECTED) throw new ERR_SOCKET_DGRAM_IS_CONNECTED();
  if (address == null || address === '') address = this.type === 'udp4' ? '127.0.0.1' : '::1';
  else validateNumericAddress(address, 'address', 'connectSync');
  if (state.bindState === UNBOUND) this.bindSync();
  else if (state.bindState !== BOUND) throw new ERR_SOCKET_ALREADY_BOUND();
  if (state.sendBlockList?.check(address, `ipv${isIP(address)}`)) throw new ERR_IP_BLOCKED(address);
  const error = state.handle.connect(address, port);
  if (error) throw new ExceptionWithHostPort(error, 'connect', address, port);
  state.connectState = CONNECTED;
  process.nextTick(emitIfOpenNT, this, 'connect');
};

Socket.prototype.disconnect = function() {
  const state = this[kStateSymbol];
  if (state.connectState !== CONNECTED) throw new ERR_SOCKET_DGRAM_NOT_CONNECTED();
  const error = state.handle.disconnect();
  if (error) throw new ErrnoException(error, 'connect');
  state.connectState = DISCONNECTED;
};

Socket.prototype.sendto = function(buffer, offset, length, port, address, callback) {
  validateNumber(offset, 'offset');
  validateNumber(length, 'length');
  validateNumber(port, 'port');
  validateString(address, 'address');
  this.send(buffer, offset, length, port, address, callback);
};

const kBufferTypes = ['Buffer', 'TypedArray', 'DataView', 'string'];

// A Buffer of the same bytes.
function toBuffer(data, name = 'buffer', shown = data) {
  if (typeof data === 'string') return Buffer.from(data);
  if (!isArrayBufferView(data)) throw new ERR_INVALID_ARG_TYPE(name, kBufferTypes, shown);
  return Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

function sliceBuffer(data, offset, length) {
  const buffer = toBuffer(data);
  offset >>>= 0;
  length >>>= 0;
  if (offset > buffer.byteLength) throw new ERR_BUFFER_OUT_OF_BOUNDS('offset');
  if (offset + length > buffer.byteLength) throw new ERR_BUFFER_OUT_OF_BOUNDS('length');
  return Buffer.from(buffer.buffer, buffer.byteOffset + offset, length);
}

// Does something once the socket is bound.
function enqueue(socket, action) {
  const state = socket[kStateSymbol];
  if (state.queue === undefined) {
    state.queue = [];
    socket.once(EventEmitter.errorMonitor, onListenError);
    socket.once('listening', onListenSuccess);
  }
  state.queue.push(action);
}

function onListenSuccess() {
  this.removeListener(EventEmitter.errorMonitor, onListenError);
  const state = this[kStateSymbol];
  const { queue } = state;
  state.queue = undefined;
  for (const action of queue) action();
}

function onListenError() {
  this.removeListener('listening', onListenSuccess);
  this[kStateSymbol].queue = undefined;
}

// (data[, offset, length][, port][, address][, callback])
Socket.prototype.send = function(buffer, offset, length, port, address, callback) {
  const state = this[kStateSymbol];
  const connected = state.connectState === CONNECTED;
  if (connected) {
    if (typeof length === 'number') {
      buffer = sliceBuffer(buffer, offset, length);
      if (typeof port === 'function') {
        callback = port;
        port = null;
      }
    } else {
      callback = offset;
    }
    if (port || address) throw new ERR_SOCKET_DGRAM_IS_CONNECTED();
  } else if (address || (port && typeof port !== 'function')) {
    buffer = sliceBuffer(buffer, offset, length);
  } else {
    callback = port;
    port = offset;
    address = length;
  }

  const list = Array.isArray(buffer) ?
    buffer.map((part) => toBuffer(part, 'buffer list arguments', buffer)) : [toBuffer(buffer)];
  if (!connected) port = validatePort(port, 'Port', false);
  if (typeof callback !== 'function') callback = undefined;
  if (typeof address === 'function') {
    callback = address;
    address = undefined;
  } else if (address != null) {
    validateString(address, 'address');
  }
  healthCheck(this);
  if (state.bindState === UNBOUND) this.bind({ port: 0, exclusive: true }, null);
  if (list.length === 0) list.push(new FastBuffer());
  if (state.bindState !== BOUND) {
    enqueue(this, () => this.send(list, port, address, callback));
    return;
  }
  const afterLookup = (error, ip) => {
    defaultTriggerAsyncIdScope(this[async_id_symbol], doSend, error, this, ip, list, address, port, callback);
  };
  if (connected) afterLookup(null, null);
  else state.handle.lookup(address, afterLookup);
};

// A send under way.
class SendWrap {
  constructor(list, address, port, callback) {
    this.list = list;
    this.address = address;
    this.port = port;
    this.callback = callback;
  }

  oncomplete(status, sent) {
    const error = status ? new ExceptionWithHostPort(status, 'send', this.address, this.port) : null;
    this.callback?.(error, sent);
  }
}

function doSend(error, socket, ip, list, address, port, callback) {
  const state = socket[kStateSymbol];
  if (error) {
    if (callback) process.nextTick(callback, error);
    else process.nextTick(() => socket.emit('error', error));
    return;
  }
  if (!state.handle) return;
  if (ip && state.sendBlockList?.check(ip, `ipv${isIP(ip)}`)) {
    if (callback) process.nextTick(callback, new ERR_IP_BLOCKED(ip));
    return;
  }
  const req = new SendWrap(list, address, port, callback);
  const result = port ?
    state.handle.send(req, list, list.length, port, ip) : state.handle.send(req, list, list.length);
  if (!callback) return;
  if (result >= 1) process.nextTick(callback, null, result - 1);
  else if (result) process.nextTick(callback, new ExceptionWithHostPort(result, 'send', address, port));
}

Socket.prototype.close = function(callback) {
  const state = this[kStateSymbol];
  if (typeof callback === 'function') this.on('close', callback);
  if (state.queue !== undefined) {
    state.queue.push(() => this.close());
    return this;
  }
  healthCheck(this);
  stopReceiving(this);
  state.handle.close();
  state.handle = null;
  defaultTriggerAsyncIdScope(this[async_id_symbol], process.nextTick, emitCloseNT, this);
  return this;
};

function emitCloseNT(socket) {
  socket.emit('close');
}

Socket.prototype[Symbol.asyncDispose] = async function() {
  if (!this[kStateSymbol].handle) return;
  await new Promise((resolve) => { this.close(resolve); });
};

Socket.prototype.address = function() {
  healthCheck(this);
  const out = {};
  const error = this[kStateSymbol].handle.getsockname(out);
  if (error) throw new ErrnoException(error, 'getsockname');
  return out;
};

Socket.prototype.remoteAddress = function() {
  healthCheck(this);
  const state = this[kStateSymbol];
  if (state.connectState !== CONNECTED) throw new ERR_SOCKET_DGRAM_NOT_CONNECTED();
  const out = {};
  const error = state.handle.getpeername(out);
  if (error) throw new ErrnoException(error, 'getpeername');
  return out;
};

// Calls a method of the handle of the same name and throws what it gives.
function apply(socket, name, ...args) {
  const error = socket[kStateSymbol].handle[name](...args);
  if (error) throw new ErrnoException(error, name);
}

Socket.prototype.setBroadcast = function(on) {
  apply(this, 'setBroadcast', on ? 1 : 0);
};

Socket.prototype.setTTL = function(ttl) {
  validateNumber(ttl, 'ttl');
  apply(this, 'setTTL', ttl);
  return ttl;
};

Socket.prototype.setMulticastTTL = function(ttl) {
  validateNumber(ttl, 'ttl');
  if (ttl < 0 || ttl > 255) {
    healthCheck(this);
    throw new ErrnoException(-22, 'setMulticastTTL');
  }
  apply(this, 'setMulticastTTL', ttl);
  return ttl;
};

Socket.prototype.setMulticastLoopback = function(on) {
  apply(this, 'setMulticastLoopback', on ? 1 : 0);
  return on;
};

Socket.prototype.setMulticastInterface = function(interfaceAddress) {
  healthCheck(this);
  validateString(interfaceAddress, 'interfaceAddress');
  apply(this, 'setMulticastInterface', interfaceAddress);
};

Socket.prototype.addMembership = function(multicastAddress, interfaceAddress) {
  healthCheck(this);
  if (!multicastAddress) throw new ERR_MISSING_ARGS('multicastAddress');
  apply(this, 'addMembership', multicastAddress, interfaceAddress == null ? undefined : `${interfaceAddress}`);
};

Socket.prototype.dropMembership = function(multicastAddress, interfaceAddress) {
  healthCheck(this);
  if (!multicastAddress) throw new ERR_MISSING_ARGS('multicastAddress');
  apply(this, 'dropMembership', multicastAddress, interfaceAddress == null ? undefined : `${interfaceAddress}`);
};

Socket.prototype.addSourceSpecificMembership = function(sourceAddress, groupAddress, interfaceAddress) {
  healthCheck(this);
  validateString(sourceAddress, 'sourceAddress');
  validateString(groupAddress, 'groupAddress');
  apply(this, 'addSourceSpecificMembership', sourceAddress, groupAddress, interfaceAddress);
};

Socket.prototype.dropSourceSpecificMembership = function(sourceAddress, groupAddress, interfaceAddress) {
  healthCheck(this);
  validateString(sourceAddress, 'sourceAddress');
  validateString(groupAddress, 'groupAddress');
  apply(this, 'dropSourceSpecificMembership', sourceAddress, groupAddress, interfaceAddress);
};

Socket.prototype.ref = function() {
  this[kStateSymbol].handle?.ref();
  return this;
};

Socket.prototype.unref = function() {
  this[kStateSymbol].handle?.unref();
  return this;
};

Socket.prototype.setRecvBufferSize = function(size) {
  bufferSize(this, size, true);
};

Socket.prototype.setSendBufferSize = function(size) {
  bufferSize(this, size, false);
};

Socket.prototype.getRecvBufferSize = function() {
  return bufferSize(this, 0, true);
};

Socket.prototype.getSendBufferSize = function() {
  return bufferSize(this, 0, false);
};

Socket.prototype.getSendQueueSize = function() {
  return this[kStateSymbol].handle.getSendQueueSize();
};

Socket.prototype.getSendQueueCount = function() {
  return this[kStateSymbol].handle.getSendQueueCount();
};

module.exports = { createSocket, Socket };
