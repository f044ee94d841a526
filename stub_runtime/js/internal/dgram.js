'use strict';
// The handle of a datagram socket, with the names and calls of Node's. dgram.Socket is `dgram.js`, the system calls are
// `bindings/udp.rs`.

const { codes: { ERR_SOCKET_BAD_TYPE } } = require('internal/errors');
const { FastBuffer } = require('internal/buffer');
const hooks = require('internal/async_hooks');
const { isIP } = require('internal/net');
const { guessHandleType } = require('internal/util');
const { isInt32, validateFunction } = require('internal/validators');
const binding = internalBinding('udp');

const { async_id_symbol, owner_symbol } = hooks.symbols;
const UV_EINVAL = -22;

let isSetUp = false;

function setup() {
  isSetUp = true;
  binding.setup(
    (handle, nread, buffer, from) => {
      handle.onmessage(nread, handle, buffer === undefined ? undefined : new FastBuffer(buffer), from);
    },
    (req, status, bytes) => req.oncomplete?.(status, bytes),
    (handle) => {
      const callback = handle.onclose;
      handle.onclose = undefined;
      callback?.call(handle);
      hooks.emitDestroy(handle[async_id_symbol]);
    });
}

function fill(out, name) {
  if (typeof name === 'number') return name;
  Object.assign(out, name);
  return 0;
}

class UDP {
  constructor() {
    if (!isSetUp) setup();
    this[async_id_symbol] = hooks.newAsyncId();
    if (hooks.initHooksExist()) hooks.emitInit(this[async_id_symbol], 'UDPWRAP', undefined, this);
    this[owner_symbol] = null;
    this.onmessage = undefined;
    this.onclose = undefined;
    // Of a socket of `dgram`; others take any address.
    this.isIPv6 = undefined;
    this.id = binding.create(this);
  }

  getAsyncId() { return this[async_id_symbol]; }
  get fd() { return this.id < 0 ? -9 : binding.fd(this.id); }
  open(fd) { return binding.open(this.id, fd); }
  // A socket of `dgram` takes addresses of its own family only.
  bind(address, port, flags = 0) {
    return this.isFamily(address) ? binding.bind(this.id, address, port, flags) : UV_EINVAL;
  }
  connect(address, port) {
    return this.isFamily(address) ? binding.connect(this.id, address, port) : UV_EINVAL;
  }
  isFamily(address) {
    return this.isIPv6 === undefined || typeof address !== 'string' || address.includes(':') === this.isIPv6;
  }
  disconnect() { return binding.disconnect(this.id); }
  // Bytes + 1 where it is sent already, 0 where req.oncomplete will be called, or a negative errno.
  send(req, list, count, port, address) { return binding.send(this.id, req, list, address, port); }
  recvStart() { return binding.setReceiving(this.id, true); }
  recvStop() { return binding.setReceiving(this.id, false); }
  getsockname(out) { return fill(out, binding.getsockname(this.id)); }
  getpeername(out) { return fill(out, binding.getpeername(this.id)); }
  setBroadcast(on) { return binding.setBroadcast(this.id, on); }
  setTTL(ttl) { return binding.setTTL(this.id, ttl); }
  setMulticastTTL(ttl) { return binding.setMulticastTTL(this.id, ttl); }
  setMulticastLoopback(on) { return binding.setMulticastLoopback(this.id, on); }
  setMulticastInterface(address) { return binding.setMulticastInterface(this.id, address); }
  addMembership(group, local) { return binding.setMembership(this.id, group, local, true); }
  dropMembership(group, local) { return binding.setMembership(this.id, group, local, false); }
  addSourceSpecificMembership(source, group, local) {
    return binding.setSourceMembership(this.id, source, group, local, true);
  }
  dropSourceSpecificMembership(source, group, local) {
    return binding.setSourceMembership(this.id, source, group, local, false);
  }
  bufferSize(size, isReceive) { return binding.bufferSize(this.id, size, isReceive); }
  getSendQueueSize() { return this.id < 0 ? 0 : binding.queue(this.id)[0]; }
  getSendQueueCount() { return this.id < 0 ? 0 : binding.queue(this.id)[1]; }
  close(callback) {
    if (this.id < 0) return;
    this.onclose = callback;
    const { id } = this;
    this.id = -1;
    binding.close(id);
  }
  ref() { if (this.id >= 0) binding.setRef(this.id, true); }
  unref() { if (this.id >= 0) binding.setRef(this.id, false); }
  hasRef() { return this.id >= 0 && binding.hasRef(this.id); }
}

// An address of the socket's family is its own answer.
function defaultLookup(address, family, callback) {
  if (isIP(address) === family) {
    process.nextTick(callback, null, address, family);
    return;
  }
  require('dns').lookup(address, family, callback);
}

function newHandle(type, lookup) {
  if (lookup === undefined) lookup = defaultLookup;
  else validateFunction(lookup, 'lookup');
  if (type !== 'udp4' && type !== 'udp6') throw new ERR_SOCKET_BAD_TYPE();
  const handle = new UDP();
  handle.isIPv6 = type === 'udp6';
  handle.lookup = type === 'udp4' ?
    (address, callback) => lookup(address || '127.0.0.1', 4, callback) :
    (address, callback) => lookup(address || '::1', 6, callback);
  return handle;
}

// A bound handle, or a negative errno.
function createSocketHandle(address, port, addressType, fd, flags) {
  const handle = newHandle(addressType);
  let error;
  if (isInt32(fd) && fd > 0) error = guessHandleType(fd) === 'UDP' ? handle.open(fd) : UV_EINVAL;
  else if (port || address) error = handle.bind(address, port || 0, flags);
  if (error) {
    handle.close();
    return error;
  }
  return handle;
}

module.exports = { UDP, _createSocketHandle: createSocketHandle, binding, kStateSymbol: Symbol('state symbol'), newHandle };
