'use strict';
// http.Agent: which socket a request gets, and what becomes of it afterwards.

const EventEmitter = require('events');
const net = require('net');
const { symbols: { async_id_symbol } } = require('internal/async_hooks');
const { kProxyConfig, kWaitForProxyTunnel, checkShouldUseProxy, parseProxyConfigFromEnv } = require('internal/http/proxy');
const { withGlobalAgent } = require('internal/http/global_agent');
const { onStreamRead } = require('internal/net/stream_base');
const { kEmptyObject, once } = require('internal/util');
const { validateNumber, validateOneOf, validateString } = require('internal/validators');

const kOnKeylog = Symbol('onkeylog');
const kRequestOptions = Symbol('requestOptions');
const kRequestAsyncResource = Symbol('requestAsyncResource');
const kFreeSocketGuard = Symbol('freeSocketDataGuard');

function onFreeSocketError() {
  this.destroy();
  this.emit('agentRemove');
}

// Bytes on a socket that nobody asks anything: whatever they are, the next answer would begin with them.
function onFreeSocketRead(nread) {
  if (nread !== 0) this.owner.destroy();
}

function guardFreeSocket(socket) {
  if (socket.readableLength > 0) {
    socket.destroy();
    return;
  }
  if (socket.connecting) {
    socket[kFreeSocketGuard] = () => {
      socket[kFreeSocketGuard] = null;
      guardFreeSocket(socket);
    };
    socket.once('connect', socket[kFreeSocketGuard]);
    return;
  }
  const handle = socket._handle;
  if (!handle) return;
  handle.onread = onFreeSocketRead;
  if (!handle.reading) {
    handle.reading = true;
    if (handle.readStart()) socket.destroy();
  }
}

function unguardFreeSocket(socket) {
  if (socket[kFreeSocketGuard]) {
    socket.removeListener('connect', socket[kFreeSocketGuard]);
    socket[kFreeSocketGuard] = null;
  }
  const handle = socket._handle;
  if (handle?.onread === onFreeSocketRead) handle.onread = onStreamRead;
}

function Agent(options) {
  if (!(this instanceof Agent)) return new Agent(options);
  EventEmitter.call(this);
  this.options = { __proto__: null, ...options };
  this.defaultPort = this.options.defaultPort || 80;
  this.protocol = this.options.protocol || 'http:';
  if (this.options.noDelay === undefined) this.options.noDelay = true;
  // A path would make net connect to a Unix socket.
  this.options.path = null;
  this.requests = { __proto__: null };
  this.sockets = { __proto__: null };
  this.freeSockets = { __proto__: null };
  this.keepAliveMsecs = this.options.keepAliveMsecs || 1000;
  this.keepAlive = this.options.keepAlive || false;
  this.maxSockets = this.options.maxSockets || Agent.defaultMaxSockets;
  this.maxFreeSockets = this.options.maxFreeSockets || 256;
  this.scheduling = this.options.scheduling || 'lifo';
  this.maxTotalSockets = this.options.maxTotalSockets;
  this.totalSocketCount = 0;
  const { agentKeepAliveTimeoutBuffer: extra, proxyEnv } = this.options;
  this.agentKeepAliveTimeoutBuffer = typeof extra === 'number' && extra >= 0 && Number.isFinite(extra) ? extra : 1000;
  if (typeof proxyEnv === 'object' && proxyEnv !== null) {
    this[kProxyConfig] = parseProxyConfigFromEnv(proxyEnv, this.protocol, this.keepAlive);
  }
  validateOneOf(this.scheduling, 'scheduling', ['fifo', 'lifo']);
  if (this.maxTotalSockets !== undefined) validateNumber(this.maxTotalSockets, 'maxTotalSockets', 1);
  else this.maxTotalSockets = Infinity;

  this.on('free', onFree);
  // Listening to 'keylog' costs, so only on demand.
  this.on('newListener', maybeEnableKeylog);
}
Object.setPrototypeOf(Agent.prototype, EventEmitter.prototype);
Object.setPrototypeOf(Agent, EventEmitter);

Agent.defaultMaxSockets = Infinity;

// A request is done with its socket: the next one that waits gets it, or it is kept, or it goes.
function onFree(socket, options) {
  const name = this.getName(options);
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const requests = this.requests[name];
  if (requests?.length) {
    const req = requests.shift();
    const resource = req[kRequestAsyncResource];
    if (resource) {
      resource.runInAsyncScope(() => setRequestSocket(this, req, socket));
      req[kRequestAsyncResource] = null;
    } else {
      setRequestSocket(this, req, socket);
    }
    if (requests.length === 0) delete this.requests[name];
    return;
  }
  const req = socket._httpMessage;
  if (!req || !req.shouldKeepAlive || !this.keepAlive) {
    socket.destroy();
    return;
  }
  const free = this.freeSockets[name] || [];
  const count = free.length + (this.sockets[name]?.length ?? 0);
  if (this.totalSocketCount > this.maxTotalSockets || count > this.maxSockets ||
      free.length >= this.maxFreeSockets || !this.keepSocketAlive(socket)) {
    socket.destroy();
    return;
  }
  this.freeSockets[name] = free;
  socket[async_id_symbol] = -1;
  socket._httpMessage = null;
  this.removeSocket(socket, options);
  socket.once('error', onFreeSocketError);
  guardFreeSocket(socket);
  free.push(socket);
}

function maybeEnableKeylog(eventName) {
  if (eventName !== 'keylog') return;
  this.removeListener('newListener', maybeEnableKeylog);
  const agent = this;
  this[kOnKeylog] = function onkeylog(keylog) {
    agent.emit('keylog', keylog, this);
  };
  for (const set of [this.freeSockets, this.sockets]) {
    for (const sockets of Object.values(set)) {
      for (const socket of sockets) socket.on('keylog', this[kOnKeylog]);
    }
  }
}

Agent.prototype.createConnection = function createConnection(...args) {
  const { 0: options, 1: callback } = net._normalizeArgs(args);
  const proxy = this[kProxyConfig];
  if (!checkShouldUseProxy(proxy, options)) return net.createConnection(...args);
  const target = { ...proxy.proxyConnectionOptions };
  return proxy.protocol === 'https:' ? require('tls').connect(target, callback) : net.connect(target, callback);
};

// The key under which sockets to the same place are kept.
Agent.prototype.getName = function getName(options = kEmptyObject) {
  let name = `${options.host || 'localhost'}:`;
  if (options.port) name += options.port;
  name += ':';
  if (options.localAddress) name += options.localAddress;
  // Only where one is asked for: 0 and undefined are the same place.
  if (options.family === 4 || options.family === 6) name += `:${options.family}`;
  if (options.socketPath) name += `:${options.socketPath}`;
  return name;
};

function afterProxyError(error, req) {
  if (error.code !== 'ERR_PROXY_TUNNEL') return;
  if (error.proxyTunnelTimeout) req.emit('timeout');
  req.emit('error', error);
}

Agent.prototype.addRequest = function addRequest(req, options, port, localAddress) {
  // The old form: (req, host, port, localAddress).
  if (typeof options === 'string') options = { __proto__: null, host: options, port, localAddress };
  options = { __proto__: null, ...options, ...this.options };
  if (options.socketPath) options.path = options.socketPath;
  normalizeServerName(options, req);

  const name = this.getName(options);
  this.sockets[name] ||= [];
  const free = this.freeSockets[name];
  let socket;
  if (free) {
    while (free.length && free[0].destroyed) free.shift();
    socket = this.scheduling === 'fifo' ? free.shift() : free.pop();
    if (!free.length) delete this.freeSockets[name];
  }
  const count = (free ? free.length : 0) + this.sockets[name].length;
  if (socket && options.highWaterMark != null && socket.writableHighWaterMark !== options.highWaterMark) {
    socket._writableState.highWaterMark = options.highWaterMark;
  }
  if (socket) {
    this.reuseSocket(socket, req);
    setRequestSocket(this, req, socket);
    this.sockets[name].push(socket);
  } else if (count < this.maxSockets && this.totalSocketCount < this.maxTotalSockets) {
    this.createSocket(req, options, (error, newSocket) => {
      if (error) {
        afterProxyError(error, req);
        req.onSocket(newSocket, error);
        return;
      }
      setRequestSocket(this, req, newSocket);
    });
  } else {
    this.requests[name] ||= [];
    // Its socket may come from another place's request.
    req[kRequestOptions] = options;
    const { AsyncResource } = require('async_hooks');
    req[kRequestAsyncResource] = new AsyncResource('QueuedRequest');
    this.requests[name].push(req);
  }
};

Agent.prototype.createSocket = function createSocket(req, options, callback) {
  options = { __proto__: null, ...options, ...this.options };
  if (options.socketPath) options.path = options.socketPath;
  normalizeServerName(options, req);
  // The socket's, so that connecting counts.
  const timeout = req.timeout || this.options.timeout || undefined;
  if (timeout) options.timeout = timeout;
  const name = this.getName(options);
  options._agentKey = name;
  options.encoding = null;
  const oncreate = once((error, socket) => {
    if (error) {
      callback(error);
      return;
    }
    (this.sockets[name] ||= []).push(socket);
    this.totalSocketCount++;
    installListeners(this, socket, options);
    callback(null, socket);
  });
  if (this.keepAlive) {
    options.keepAlive = this.keepAlive;
    options.keepAliveInitialDelay = this.keepAliveMsecs;
  }
  const socket = this.createConnection(options, oncreate);
  if (socket && !socket[kWaitForProxyTunnel]) oncreate(null, socket);
};

function normalizeServerName(options, req) {
  if (!options.servername && options.servername !== '') options.servername = calculateServerName(options, req);
}

// The name for TLS: the Host header's, or the host's; '' for addresses.
function calculateServerName(options, req) {
  let name = options.host;
  const header = req.getHeader('host');
  if (header) {
    validateString(header, 'options.headers.host');
    if (header[0] === '[') {
      const end = header.indexOf(']');
      name = end === -1 ? header : header.slice(1, end);
    } else {
      name = header.split(':', 1)[0];
    }
  }
  return net.isIP(name) ? '' : name;
}

function installListeners(agent, socket, options) {
  function onSocketFree() {
    agent.emit('free', socket, options);
  }
  function onSocketClose() {
    // Free sockets too: `removeSocket` finds them by not being writable.
    agent.totalSocketCount--;
    agent.removeSocket(socket, options);
  }
  function onSocketTimeout() {
    // A free socket that is too old; those in use are their requests' business.
    for (const name of Object.keys(agent.freeSockets)) {
      if (agent.freeSockets[name].includes(socket)) {
        socket.destroy();
        return;
      }
    }
  }
  function onRemove() {
    // It is somebody else's now (an upgrade).
    agent.totalSocketCount--;
    agent.removeSocket(socket, options);
    socket.removeListener('close', onSocketClose);
    socket.removeListener('free', onSocketFree);
    socket.removeListener('timeout', onSocketTimeout);
    socket.removeListener('agentRemove', onRemove);
  }
  socket.on('free', onSocketFree);
  socket.on('close', onSocketClose);
  socket.on('timeout', onSocketTimeout);
  socket.on('agentRemove', onRemove);
  if (agent[kOnKeylog]) socket.on('keylog', agent[kOnKeylog]);
}

Agent.prototype.removeSocket = function removeSocket(socket, options) {
  const name = this.getName(options);
  const sets = socket.writable ? [this.sockets] : [this.sockets, this.freeSockets];
  for (const set of sets) {
    const index = set[name] ? set[name].indexOf(socket) : -1;
    if (index === -1) continue;
    set[name].splice(index, 1);
    if (set[name].length === 0) delete set[name];
  }
  let req;
  if (this.requests[name]?.length) {
    req = this.requests[name][0];
  } else {
    // There is room for a request to another place.
    for (const other of Object.keys(this.requests)) {
      // That place has a socket, which will come free.
      if (this.sockets[other]?.length) break;
      req = this.requests[other][0];
      options = req[kRequestOptions];
      break;
    }
  }
  if (!req || !options) return;
  req[kRequestOptions] = undefined;
  this.createSocket(req, options, (error, newSocket) => {
    if (error) {
      afterProxyError(error, req);
      req.onSocket(null, error);
      return;
    }
    newSocket.emit('free');
  });
};

Agent.prototype.keepSocketAlive = function keepSocketAlive(socket) {
  socket.setKeepAlive(true, this.keepAliveMsecs);
  socket.unref();
  let timeout = this.options.timeout || 0;
  const hint = socket._httpMessage?.res?.headers['keep-alive'];
  const seconds = hint && /^timeout=(\d+)/.exec(hint)?.[1];
  if (seconds) {
    // Ours is to be shorter than the server's.
    const serverTimeout = Math.max(Number.parseInt(seconds, 10) * 1000 - this.agentKeepAliveTimeoutBuffer, 0);
    if (serverTimeout === 0) return false;
    if (serverTimeout < timeout) timeout = serverTimeout;
  }
  if (socket.timeout !== timeout) socket.setTimeout(timeout);
  return true;
};

Agent.prototype.reuseSocket = function reuseSocket(socket, req) {
  socket.removeListener('error', onFreeSocketError);
  unguardFreeSocket(socket);
  req.reusedSocket = true;
  socket.ref();
};

Agent.prototype.destroy = function destroy() {
  for (const set of [this.freeSockets, this.sockets]) {
    for (const name of Object.keys(set)) {
      for (const socket of [...set[name]]) socket.destroy();
    }
  }
};

function setRequestSocket(agent, req, socket) {
  req.onSocket(socket);
  const agentTimeout = agent.options.timeout || 0;
  if (req.timeout === undefined || req.timeout === agentTimeout) return;
  socket.setTimeout(req.timeout);
}

module.exports = withGlobalAgent({ Agent }, Agent);
