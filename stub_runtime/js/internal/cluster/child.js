'use strict';
// node:cluster in a worker: asks the primary for what its servers listen on.

const EventEmitter = require('events');
const path = require('path');
const Worker = require('internal/cluster/worker');
const { receiver, send: sendTo } = require('internal/cluster/messages');
const { symbols: { owner_symbol } } = require('internal/async_hooks');

const TIMEOUT_MAX = 2 ** 31 - 1;
const noop = () => {};

const cluster = new EventEmitter();
// By the primary's keys: what has `close`, and `onconnection` where the primary accepts.
const handles = new Map();
// How many servers a worker has on one address: each is a socket of its own, the n-th of every worker the same.
const indexes = new Map();

cluster.isWorker = true;
cluster.isMaster = false;
cluster.isPrimary = false;
cluster.worker = null;
cluster.Worker = Worker;

function send(message, callback) {
  return sendTo(process, message, null, callback);
}

cluster._setupWorker = function() {
  const worker = new Worker({ id: +process.env.NODE_UNIQUE_ID | 0, process, state: 'online' });
  cluster.worker = worker;
  process.once('disconnect', () => {
    process.channel = null;
    worker.emit('disconnect');
    // The primary is gone.
    if (!worker.exitedAfterDisconnect) process.exit(0);
  });
  process.on('internalMessage', receiver(worker, onMessage));
  send({ act: 'online' });
};

function onMessage(message, handle) {
  if (message.act === 'newconn') onConnection(message, handle);
  else if (message.act === 'disconnect') disconnect(this, true);
}

function takeIndex(address) {
  let entry = indexes.get(address);
  if (entry === undefined) {
    entry = { next: 0, used: new Set() };
    indexes.set(address, entry);
  }
  const index = entry.next++;
  entry.used.add(index);
  return index;
}

function giveIndex(address, index) {
  const entry = indexes.get(address);
  if (entry === undefined) return;
  entry.used.delete(index);
  if (entry.used.size === 0) indexes.delete(address);
}

// What `object`, a net.Server or dgram.Socket, listens on: `callback(error, handle)`.
cluster._getServer = function(object, options, callback) {
  let { address } = options;
  // The primary may have another working directory.
  if (options.port < 0 && typeof address === 'string' && address[0] !== '\0') address = path.resolve(address);
  const indexKey = `${address}:${options.port}:${options.addressType}:${options.fd}`;
  const index = takeIndex(indexKey);
  const message = { act: 'queryServer', index, data: null, ...options, address };
  if (object._getServerData) message.data = object._getServerData();
  send(message, (reply, handle) => {
    if (typeof object._setServerData === 'function') object._setServerData(reply.data);
    const released = () => {
      send({ act: 'close', key: reply.key });
      handles.delete(reply.key);
      giveIndex(indexKey, index);
    };
    if (handle) ownHandle(reply, handle, released, callback);
    else primarysHandle(reply, released, callback);
  });
  object.once('listening', () => {
    cluster.worker.state = 'listening';
    const where = object.address();
    send({ ...message, act: 'listening', port: where?.port || options.port });
  });
};

// The handle is ours too.
function ownHandle(reply, handle, released, callback) {
  const { close } = handle;
  handle.close = function() {
    released();
    handle.close = close;
    return Reflect.apply(close, handle, arguments);
  };
  handles.set(reply.key, handle);
  callback(reply.errno, handle);
}

// The primary accepts and sends connections: what a server takes for its handle.
function primarysHandle(reply, released, callback) {
  if (reply.errno) {
    callback(reply.errno, null);
    return;
  }
  let alive = null;
  let isOpen = true;
  const handle = {
    listen: () => 0,
    ref() {
      if (isOpen) alive ??= setInterval(noop, TIMEOUT_MAX);
    },
    unref() {
      clearInterval(alive);
      alive = null;
    },
    hasRef: () => alive !== null,
    close() {
      if (!isOpen) return;
      handle.unref();
      isOpen = false;
      released();
    },
  };
  if (reply.sockname) {
    handle.getsockname = (out) => {
      if (isOpen) Object.assign(out, reply.sockname);
      return 0;
    };
  }
  handles.set(reply.key, handle);
  handle.ref();
  callback(0, handle);
}

function onConnection(message, connection) {
  const handle = handles.get(message.key);
  const server = handle?.[owner_symbol];
  // One that drops what is too much takes it; otherwise another worker may have room.
  const isFull = server?.maxConnections != null && !server.dropMaxConnection && server._connections >= server.maxConnections;
  const accepted = handle !== undefined && !isFull;
  send({ ack: message.seq, accepted });
  if (accepted) handle.onconnection(0, connection);
  else connection?.close();
}

// Closes what it listens on, then the channel.
function disconnect(worker, isPrimarysWish) {
  worker.exitedAfterDisconnect = true;
  let left = 1;
  const done = () => {
    if (--left > 0) return;
    // The primary should know that it is meant before the channel closes.
    if (isPrimarysWish) process.disconnect();
    else send({ act: 'exitedAfterDisconnect' }, () => process.disconnect());
  };
  for (const handle of handles.values()) {
    left++;
    if (handle[owner_symbol]) handle[owner_symbol].close(done);
    else handle.close(done);
  }
  handles.clear();
  done();
}

Worker.prototype.disconnect = function() {
  if (this.state !== 'disconnecting' && this.state !== 'destroying') {
    this.state = 'disconnecting';
    disconnect(this, false);
  }
  return this;
};

Worker.prototype.destroy = function() {
  if (this.state === 'destroying') return;
  this.exitedAfterDisconnect = true;
  if (!this.isConnected()) {
    process.exit(0);
  }
  this.state = 'destroying';
  send({ act: 'exitedAfterDisconnect' }, () => process.disconnect());
  process.once('disconnect', () => process.exit(0));
};

module.exports = cluster;
