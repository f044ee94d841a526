'use strict';
// node:cluster in the primary: starts workers, has the sockets they listen on.

const EventEmitter = require('events');
const path = require('path');
const Worker = require('internal/cluster/worker');
const RoundRobinHandle = require('internal/cluster/round_robin_handle');
const SharedHandle = require('internal/cluster/shared_handle');
const { receiver, send } = require('internal/cluster/messages');
const { validatePort } = require('internal/validators');

const SCHED_NONE = 1;
const SCHED_RR = 2;
// What the path of a socket may have in `sockaddr_un`.
const MAX_SOCKET_PATH = 107;

const cluster = new EventEmitter();
const intercom = new EventEmitter();
// What workers listen on, by address.
const handles = new Map();
let ids = 0;
let debugPortOffset = 1;
let policy;

cluster.isWorker = false;
cluster.isMaster = true;
cluster.isPrimary = true;
cluster.Worker = Worker;
cluster.workers = {};
cluster.settings = {};
cluster.SCHED_NONE = SCHED_NONE;
cluster.SCHED_RR = SCHED_RR;

// The environment is asked when somebody asks: an image may have evaluated this module elsewhere.
Object.defineProperty(cluster, 'schedulingPolicy', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get() {
    policy ??= process.env.NODE_CLUSTER_SCHED_POLICY === 'none' ? SCHED_NONE : SCHED_RR;
    return policy;
  },
  set(value) { policy = value; },
});

let initialized = false;
// Fixed by the first setup.
let schedulingPolicy;

cluster.setupPrimary = function(options) {
  const settings = {
    args: process.argv.slice(2),
    exec: process.argv[1],
    execArgv: process.execArgv,
    silent: false,
    ...cluster.settings,
    ...options,
  };
  cluster.settings = settings;
  if (!initialized) {
    initialized = true;
    schedulingPolicy = cluster.schedulingPolicy;
    if (schedulingPolicy !== SCHED_NONE && schedulingPolicy !== SCHED_RR) {
      throw new Error(`Bad cluster.schedulingPolicy: ${schedulingPolicy}`);
    }
  }
  process.nextTick(() => cluster.emit('setup', settings));
};
cluster.setupMaster = cluster.setupPrimary;

function inspectArguments(execArgv, inspectPort) {
  if (!execArgv.some((word) => /^--inspect(-brk|-port)?(=|$)|^--debug-port/.test(word))) return [];
  if (typeof inspectPort === 'function') inspectPort = inspectPort();
  const port = inspectPort == null ? process.debugPort + debugPortOffset++ : validatePort(inspectPort, 'inspectPort');
  return [`--inspect-port=${port}`];
}

function startProcess(id, env) {
  const { settings } = cluster;
  const execArgv = [...settings.execArgv, ...inspectArguments(settings.execArgv, settings.inspectPort)];
  return require('child_process').fork(settings.exec, settings.args, {
    cwd: settings.cwd,
    env: { ...process.env, ...env, NODE_UNIQUE_ID: `${id}` },
    serialization: settings.serialization,
    silent: settings.silent,
    windowsHide: settings.windowsHide,
    execArgv,
    stdio: settings.stdio,
    gid: settings.gid,
    uid: settings.uid,
  });
}

function removeWorker(worker) {
  delete cluster.workers[worker.id];
  if (Object.keys(cluster.workers).length === 0) intercom.emit('disconnect');
}

function removeHandlesOf(worker) {
  for (const [key, handle] of handles) {
    if (handle.remove(worker)) handles.delete(key);
  }
}

cluster.fork = function(env) {
  cluster.setupPrimary();
  const id = ++ids;
  const child = startProcess(id, env);
  const worker = new Worker({ id, process: child });
  worker.on('message', (message, handle) => cluster.emit('message', worker, message, handle));
  child.once('exit', (code, signal) => {
    // Its last messages may still be on the way: 'disconnect' comes after them.
    if (!worker.isConnected()) {
      removeHandlesOf(worker);
      removeWorker(worker);
    }
    worker.exitedAfterDisconnect = !!worker.exitedAfterDisconnect;
    worker.state = 'dead';
    worker.emit('exit', code, signal);
    cluster.emit('exit', worker, code, signal);
  });
  child.once('disconnect', () => {
    removeHandlesOf(worker);
    if (worker.isDead()) removeWorker(worker);
    worker.exitedAfterDisconnect = !!worker.exitedAfterDisconnect;
    worker.state = 'disconnected';
    worker.emit('disconnect');
    cluster.emit('disconnect', worker);
  });
  child.on('internalMessage', receiver(worker, onMessage));
  process.nextTick(() => cluster.emit('fork', worker));
  cluster.workers[id] = worker;
  return worker;
};

cluster.disconnect = function(callback) {
  const workers = Object.values(cluster.workers);
  if (workers.length === 0) process.nextTick(() => intercom.emit('disconnect'));
  for (const worker of workers) {
    if (worker.isConnected()) worker.disconnect();
  }
  if (typeof callback === 'function') intercom.once('disconnect', callback);
};

// `this` is the worker that sent it.
function onMessage(message) {
  switch (message.act) {
    case 'online':
      this.state = 'online';
      this.emit('online');
      cluster.emit('online', this);
      break;
    case 'queryServer':
      queryServer(this, message);
      break;
    case 'listening': {
      const { addressType, address, port, fd } = message;
      const info = { addressType, address, port, fd };
      this.state = 'listening';
      this.emit('listening', info);
      cluster.emit('listening', this, info);
      break;
    }
    case 'exitedAfterDisconnect':
      this.exitedAfterDisconnect = true;
      send(this.process, { ack: message.seq });
      break;
    case 'close':
      if (handles.get(message.key)?.remove(this)) handles.delete(message.key);
      break;
  }
}

// A socket's path that is too long for the kernel may be short enough seen from here.
function bindAddress({ port, address }) {
  if (!(port < 0) || typeof address !== 'string' || address.length < MAX_SOCKET_PATH) return address;
  const relative = path.relative(process.cwd(), address);
  return relative.length < address.length ? relative : address;
}

function queryServer(worker, message) {
  // It is about to end.
  if (worker.exitedAfterDisconnect) return;
  const { address, port, addressType, fd, index } = message;
  const key = `${address}:${port}:${addressType}:${fd}:${index}`;
  let handle = handles.get(key);
  if (handle === undefined) {
    const isDatagram = addressType === 'udp4' || addressType === 'udp6';
    const Handle = schedulingPolicy !== SCHED_RR || isDatagram ? SharedHandle : RoundRobinHandle;
    handle = new Handle(key, bindAddress(message), message);
    handles.set(key, handle);
  }
  // What the server has of its own (TLS ticket keys): the first worker's count.
  handle.data ??= message.data;
  handle.add(worker, (errno, reply, native) => {
    const { data } = handles.get(key) ?? handle;
    if (errno) handles.delete(key);
    send(worker.process, { errno, key, ack: message.seq, data, ...reply }, native);
  });
}

Worker.prototype.disconnect = function() {
  this.exitedAfterDisconnect = true;
  send(this.process, { act: 'disconnect' });
  removeHandlesOf(this);
  removeWorker(this);
  return this;
};

Worker.prototype.destroy = function(signal) {
  this.process.kill(signal || 'SIGTERM');
};

module.exports = cluster;
