'use strict';
// Making connections: names to addresses, one address or several in turn (RFC 8305), what follows either.

const { begin } = require('internal/perf/counts');
const {
  ErrnoException,
  ExceptionWithHostPort,
  NodeAggregateError,
  codes: {
    ERR_INVALID_ADDRESS_FAMILY,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_IP_ADDRESS,
    ERR_IP_BLOCKED,
    ERR_SOCKET_CONNECTION_TIMEOUT,
  },
} = require('internal/errors');
const { defaultTriggerAsyncIdScope, symbols: { async_id_symbol, owner_symbol } } = require('internal/async_hooks');
const { isIP } = require('internal/net');
const { kBoundSource } = require('internal/net/bound_socket');
const { PipeConnectWrap, SOCKET, TCP, TCPConnectWrap } = require('internal/net/handles');
const { getOptionValue } = require('internal/options');
const {
  validateAbortSignal,
  validateBoolean,
  validateFunction,
  validateInt32,
  validateNumber,
  validatePort,
  validateStringWithoutNullBytes,
} = require('internal/validators');
const {
  kReinitializeHandle,
  kSetKeepAlive,
  kSetKeepAliveCount,
  kSetKeepAliveInitialDelay,
  kSetKeepAliveInterval,
  kSetNoDelay,
  kSetTypeOfService,
} = require('internal/net/socket');

const UV_EADDRINUSE = -98;
const UV_EBADF = -9;
const UV_EINVAL = -22;
const UV_ECANCELED = -125;
const UV_ETIMEDOUT = -110;
const MIN_ATTEMPT_TIMEOUT = 10;

let autoSelectFamilyDefault;
let attemptTimeoutDefault;

function getDefaultAutoSelectFamily() {
  return autoSelectFamilyDefault ??= getOptionValue('--network-family-autoselection');
}

function setDefaultAutoSelectFamily(value) {
  validateBoolean(value, 'value');
  autoSelectFamilyDefault = value;
}

function getDefaultAutoSelectFamilyAttemptTimeout() {
  return attemptTimeoutDefault ??= getOptionValue('--network-family-autoselection-attempt-timeout');
}

function setDefaultAutoSelectFamilyAttemptTimeout(value) {
  validateInt32(value, 'value', 1);
  attemptTimeoutDefault = Math.max(value, MIN_ATTEMPT_TIMEOUT);
}

// A bind whose address is in use is told only later, and the socket then has another port.
function checkBindError(error, port, handle) {
  if (error === 0 && port > 0 && handle.getsockname) {
    const out = {};
    error = handle.getsockname(out);
    if (error === 0 && port !== out.port) return UV_EADDRINUSE;
  }
  return error;
}

function bindLocal(socket, addressType, localAddress, localPort) {
  if (isIP(localAddress) !== addressType && addressType !== undefined) return UV_EINVAL;
  const error = socket._handle.bind(localAddress, localPort);
  return checkBindError(error, localPort, socket._handle);
}

function unspecified(addressType) {
  return addressType === 4 ? '0.0.0.0' : '::';
}

function makeRequest(address, port, addressType, localAddress, localPort) {
  const req = new TCPConnectWrap();
  req.address = address;
  req.port = port;
  req.localAddress = localAddress;
  req.localPort = localPort;
  req.addressType = addressType;
  return req;
}

function refused(socket, error, address, port) {
  const name = socket._getsockname();
  return new ExceptionWithHostPort(error, 'connect', address, port, name && `${name.address}:${name.port}`);
}

function internalConnect(socket, address, port, addressType, localAddress, localPort) {
  if (localAddress || localPort) {
    localAddress ||= unspecified(addressType);
    const error = bindLocal(socket, addressType, localAddress, localPort);
    if (error) {
      socket.destroy(new ExceptionWithHostPort(error, 'bind', localAddress, localPort));
      return;
    }
  }
  socket.emit('connectionAttempt', address, port, addressType);
  const measured = addressType === 6 || addressType === 4 ? begin('net', 'connect', { host: address, port }) : undefined;
  let req;
  let error;
  if (addressType === 6 || addressType === 4) {
    if (socket.blockList?.check(address, `ipv${addressType}`)) {
      socket.destroy(new ERR_IP_BLOCKED(address));
      return;
    }
    req = makeRequest(address, port, addressType, localAddress, localPort);
    req.oncomplete = afterConnect;
    error = socket._handle.connect(req, address, port);
  } else {
    req = new PipeConnectWrap();
    req.address = address;
    req.oncomplete = afterConnect;
    error = socket._handle.connect(req, address);
  }
  if (error) socket.destroy(refused(socket, error, address, port));
  else req.measured = measured;
}

// One of several addresses: a new attempt starts when the last has failed or has taken too long.
function connectNext(context, canceled) {
  clearTimeout(context.timer);
  const { socket } = context;
  if (socket._aborted) return;
  if (canceled || context.current === context.addresses.length) {
    socket.destroy(context.errors.length === 0 ?
      new ERR_SOCKET_CONNECTION_TIMEOUT() : new NodeAggregateError(context.errors));
    return;
  }
  const current = context.current++;
  if (current > 0) socket[kReinitializeHandle](new TCP(SOCKET));
  const { localPort, port } = context;
  const { address, family: addressType } = context.addresses[current];
  let localAddress;
  if (localPort) {
    localAddress = unspecified(addressType);
    const error = bindLocal(socket, addressType, localAddress, localPort);
    if (error) {
      context.errors.push(new ExceptionWithHostPort(error, 'bind', localAddress, localPort));
      connectNext(context);
      return;
    }
  }
  const failed = (exception) => {
    context.errors.push(exception);
    socket.emit('connectionAttemptFailed', address, port, addressType, exception);
    connectNext(context);
  };
  if (socket.blockList?.check(address, `ipv${addressType}`)) {
    failed(new ERR_IP_BLOCKED(address));
    return;
  }
  socket.emit('connectionAttempt', address, port, addressType);
  const req = makeRequest(address, port, addressType, localAddress, localPort);
  req.measured = begin('net', 'connect', { host: address, port });
  req.oncomplete = (status, handle) => afterAttempt(context, current, status, handle, req);
  socket.autoSelectFamilyAttemptedAddresses.push(`${address}:${port}`);
  const error = socket._handle.connect(req, address, port);
  if (error) {
    failed(refused(socket, error, address, port));
    return;
  }
  if (current < context.addresses.length - 1) {
    context.timer = setTimeout(attemptTimedOut, context.timeout, context, req, socket._handle);
  }
}

function attemptTimedOut(context, req, handle) {
  context.socket.emit('connectionAttemptTimeout', req.address, req.port, req.addressType);
  req.oncomplete = undefined;
  context.errors.push(connectionError(req, UV_ETIMEDOUT));
  handle.close();
  if (context.socket.connecting) connectNext(context);
}

function afterAttempt(context, current, status, handle, req) {
  clearTimeout(context.timer);
  // Connected after all, but another attempt has started.
  if (status === 0 && current !== context.current - 1) {
    handle.close();
    return;
  }
  const { socket } = context;
  if (status !== 0) {
    const exception = connectionError(req, status);
    context.errors.push(exception);
    socket.emit('connectionAttemptFailed', req.address, req.port, req.addressType, exception);
    if (socket.connecting) connectNext(context, status === UV_ECANCELED);
    return;
  }
  afterConnect(status, socket._handle, req, true, true);
}

function connectionError(req, status) {
  const details = req.localAddress && req.localPort ? `${req.localAddress}:${req.localPort}` : undefined;
  const exception = new ExceptionWithHostPort(status, 'connect', req.address, req.port, details);
  if (details) {
    exception.localAddress = req.localAddress;
    exception.localPort = req.localPort;
  }
  return exception;
}

function afterConnect(status, handle, req, readable, writable) {
  const socket = handle[owner_symbol];
  if (socket.destroyed) return;
  socket.connecting = false;
  socket._sockname = null;
  if (status !== 0) {
    const exception = connectionError(req, status);
    socket.emit('connectionAttemptFailed', req.address, req.port, req.addressType, exception);
    socket.destroy(exception);
    return;
  }
  req.measured?.();
  if (socket.readable && !readable) {
    socket.push(null);
    socket.read();
  }
  if (socket.writable && !writable) socket.end();
  socket._unrefTimer();
  if (socket[kSetNoDelay]) socket._handle.setNoDelay?.(true);
  if (socket[kSetKeepAlive]) {
    socket._handle.setKeepAlive?.(
      true, socket[kSetKeepAliveInitialDelay], socket[kSetKeepAliveInterval], socket[kSetKeepAliveCount]);
  }
  if (socket[kSetTypeOfService] !== undefined && socket._handle.setTypeOfService) {
    const error = socket._handle.setTypeOfService(socket[kSetTypeOfService]);
    if (error && error !== UV_EBADF) socket.emit('error', new ErrnoException(error, 'setTypeOfService'));
  }
  socket.emit('connect');
  socket.emit('ready');
  // Starts reading, or learns of an end that is there already.
  if (readable && !socket.isPaused()) socket.read(0);
}

function toDnsFamily(family) {
  if (family === 'IPv4') return 4;
  if (family === 'IPv6') return 6;
  return family;
}

function lookupAndConnect(socket, options) {
  const { localAddress, localPort } = options;
  const host = options.host || 'localhost';
  let { port, autoSelectFamilyAttemptTimeout: timeout, autoSelectFamily } = options;

  validateStringWithoutNullBytes(host, 'options.host');
  if (socket[kBoundSource]) {
    if (localAddress !== undefined || localPort !== undefined) {
      throw new ERR_INVALID_ARG_VALUE(
        'options', options, 'localAddress and localPort cannot be used with an adopted bound socket');
    }
    autoSelectFamily = false;
  }
  if (localAddress && !isIP(localAddress)) throw new ERR_INVALID_IP_ADDRESS(localAddress);
  if (localPort) validateNumber(localPort, 'options.localPort');
  if (port !== undefined) {
    if (typeof port !== 'number' && typeof port !== 'string') {
      throw new ERR_INVALID_ARG_TYPE('options.port', ['number', 'string'], port);
    }
    validatePort(port);
  }
  port |= 0;
  if (autoSelectFamily != null) validateBoolean(autoSelectFamily, 'options.autoSelectFamily');
  else autoSelectFamily = getDefaultAutoSelectFamily();
  if (timeout != null) {
    validateInt32(timeout, 'options.autoSelectFamilyAttemptTimeout', 1);
    timeout = Math.max(timeout, MIN_ATTEMPT_TIMEOUT);
  } else {
    timeout = getDefaultAutoSelectFamilyAttemptTimeout();
  }

  const trigger = socket[async_id_symbol];
  const connectTo = (ip, addressType) => {
    defaultTriggerAsyncIdScope(
      trigger, internalConnect, socket, ip, port, addressType, localAddress, localPort);
  };
  const addressType = isIP(host);
  if (addressType) {
    if (socket[kBoundSource]) {
      connectTo(host, addressType);
      return;
    }
    defaultTriggerAsyncIdScope(trigger, process.nextTick, () => {
      if (socket.connecting) connectTo(host, addressType);
    });
    return;
  }

  if (options.lookup != null) validateFunction(options.lookup, 'options.lookup');
  const dns = require('dns');
  const dnsOptions = { family: toDnsFamily(options.family), hints: options.hints || 0 };
  if (dnsOptions.family !== 4 && dnsOptions.family !== 6 && dnsOptions.hints === 0) dnsOptions.hints = dns.ADDRCONFIG;
  socket._host = host;
  const lookup = options.lookup || dns.lookup;

  if (dnsOptions.family !== 4 && dnsOptions.family !== 6 && !localAddress && autoSelectFamily) {
    dnsOptions.all = true;
    defaultTriggerAsyncIdScope(trigger, () => {
      lookup(host, dnsOptions, (error, addresses) => {
        connectToSome(socket, error, addresses, { options, port, localAddress, localPort, timeout, connectTo });
      });
    });
    return;
  }

  defaultTriggerAsyncIdScope(trigger, () => {
    lookup(host, dnsOptions, function emitLookup(error, ip, family) {
      socket.emit('lookup', error, ip, family, host);
      // Destroyed meanwhile.
      if (!socket.connecting) return;
      if (!error) error = addressError(ip, family, options);
      if (error) {
        process.nextTick(connectErrorNT, socket, error);
        return;
      }
      socket._unrefTimer();
      connectTo(ip, family);
    });
  });
}

// What is wrong with a looked up address, if anything.
function addressError(ip, family, options) {
  if (typeof ip !== 'string' || !isIP(ip)) return new ERR_INVALID_IP_ADDRESS(ip);
  if (family !== 4 && family !== 6) return new ERR_INVALID_ADDRESS_FAMILY(family, options.host, options.port);
  return null;
}

function connectToSome(socket, error, addresses, { options, port, localAddress, localPort, timeout, connectTo }) {
  if (!socket.connecting) return;
  const { _host: host } = socket;
  if (error) {
    socket.emit('lookup', error, undefined, undefined, host);
    process.nextTick(connectErrorNT, socket, error);
    return;
  }
  // By family; the family of the first address comes first, then they take turns.
  const groups = [[], []];
  let first;
  for (const address of addresses) {
    const { address: ip, family } = address;
    socket.emit('lookup', error, ip, family, host);
    if (!socket.connecting) return;
    if (!isIP(ip) || (family !== 4 && family !== 6)) continue;
    first ??= family;
    const group = groups[family === first ? 0 : 1];
    if (!group.some((known) => known.address === ip)) group.push(address);
  }
  const [own, other] = groups;
  if (own.length === 0) {
    error = addressError(addresses[0].address, addresses[0].family, options);
    process.nextTick(connectErrorNT, socket, error);
    return;
  }
  const toAttempt = [];
  for (let i = 0; i < Math.max(own.length, other.length); i++) {
    if (i < own.length) toAttempt.push(own[i]);
    if (i < other.length) toAttempt.push(other[i]);
  }
  socket._unrefTimer();
  if (toAttempt.length === 1) {
    connectTo(toAttempt[0].address, toAttempt[0].family);
    return;
  }
  socket.autoSelectFamilyAttemptedAddresses = [];
  defaultTriggerAsyncIdScope(socket[async_id_symbol], connectNext, {
    socket, addresses: toAttempt, current: 0, port, localPort, timeout, timer: null, errors: [],
  });
}

function connectErrorNT(socket, error) {
  socket.destroy(error);
}

// An aborted signal stops further attempts; the stream itself is destroyed by Duplex.
function addAbortSignal(socket, options) {
  validateAbortSignal(options.signal, 'options.signal');
  const { signal } = options;
  let disposable;
  const onAbort = () => {
    disposable?.[Symbol.dispose]();
    socket._aborted = true;
  };
  if (signal.aborted) {
    process.nextTick(onAbort);
  } else {
    process.nextTick(() => {
      const { addAbortListener } = require('events');
      disposable = addAbortListener(signal, onAbort);
    });
  }
}

module.exports = {
  addAbortSignal,
  checkBindError,
  getDefaultAutoSelectFamily,
  getDefaultAutoSelectFamilyAttemptTimeout,
  internalConnect,
  lookupAndConnect,
  setDefaultAutoSelectFamily,
  setDefaultAutoSelectFamilyAttemptTimeout,
};
