'use strict';
// MessagePort, MessageChannel and what worker_threads adds to them. Queues and threads are native
// (binding `messaging`).

const {
  codes: { ERR_CONSTRUCT_CALL_INVALID, ERR_CONSTRUCT_CALL_REQUIRED },
} = require('internal/errors');
const { customInspectSymbol } = require('internal/util');
const {
  NodeEventTarget, defineEventHandler, initNodeEventTarget, kCreateEvent, kNewListener, kRemoveListener,
} = require('internal/event_target');
const { Event } = require('internal/event');
const {
  emitAfter, emitBefore, emitDestroy, emitInit, getDefaultTriggerAsyncId, initHooksExist, newAsyncId,
} = require('internal/async_hooks');
const binding = internalBinding('messaging');

const kHybridDispatch = Symbol.for('nodejs.internal.kHybridDispatch');
const kCurrentlyReceivingPorts = Symbol.for('nodejs.internal.kCurrentlyReceivingPorts');
// Whether the port keeps the loop alive
const kRefed = Symbol('kRefed');
const kAsyncIds = Symbol('kAsyncIds');
// What the binding gives instead of a message
const kNothing = Symbol('kNothing');
const kNoPort = Symbol('kNoPort');
const TRANSFERABLE = 1;

function typeError(message, code) {
  return Object.assign(new TypeError(message), { code });
}

function checkPort(value) {
  if (!binding.isPort(value)) throw new TypeError('Illegal invocation');
}

// Ports come from MessageChannel and from messages only.
function MessagePort() {
  throw new ERR_CONSTRUCT_CALL_INVALID();
}

Object.setPrototypeOf(MessagePort, NodeEventTarget);
MessagePort.prototype = Object.create(NodeEventTarget.prototype, {
  constructor: { __proto__: null, configurable: true, writable: true, value: MessagePort },
});

// The elements of an iterable, or undefined where `value` is none.
function listOf(value) {
  if (value === null || typeof value !== 'object') return undefined;
  const method = value[Symbol.iterator];
  if (typeof method !== 'function') return undefined;
  const iterator = method.call(value);
  if (iterator === null || typeof iterator !== 'object' || typeof iterator.next !== 'function') return undefined;
  const list = [];
  for (let item = iterator.next(); !item.done; item = iterator.next()) list.push(item.value);
  return list;
}

// A list of what is transferred; the second argument is the list itself or `{ transfer }`.
function transferListOf(value) {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') {
    throw typeError('Optional transferList argument must be an iterable', 'ERR_INVALID_ARG_TYPE');
  }
  const list = listOf(value);
  if (list !== undefined) return list;
  if (value.transfer === undefined) return undefined;
  const transfer = listOf(value.transfer);
  if (transfer === undefined) {
    throw typeError('Optional options.transfer argument must be an iterable', 'ERR_INVALID_ARG_TYPE');
  }
  return transfer;
}

const methods = {
  // (value, transferList | { transfer })
  postMessage(...args) {
    if (args.length === 0) {
      checkPort(this);
      throw typeError('Not enough arguments to MessagePort.postMessage', 'ERR_MISSING_ARGS');
    }
    const transfer = args.length === 1 ? undefined : args[1];
    if (transfer !== undefined) checkPort(this);
    const sent = binding.post(this, args[0], transferListOf(transfer));
    if (sent === false) {
      process.emitWarning('The target port was posted to itself, and the communication channel was lost');
    }
    return sent === undefined ? undefined : true;
  },

  start() {
    checkPort(this);
    binding.setReceiving(this, true);
  },

  ref() {
    checkPort(this);
    if (!binding.isOpen(this)) return;
    this[kRefed] = true;
    binding.setRef(this, true);
  },

  unref() {
    checkPort(this);
    if (!binding.isOpen(this)) return;
    this[kRefed] = false;
    binding.setRef(this, false);
  },

  hasRef() {
    checkPort(this);
    return binding.isAttached(this) && this[kRefed];
  },
};

for (const name of ['postMessage', 'start', 'ref', 'unref', 'hasRef']) {
  MessagePort.prototype[name] = methods[name];
}

defineEventHandler(MessagePort.prototype, 'message');
defineEventHandler(MessagePort.prototype, 'messageerror');

// (listener of `close`?)
MessagePort.prototype.close = function close(callback) {
  checkPort(this);
  if (typeof callback === 'function') this.once('close', callback);
  binding.close(this);
};

let messageEvent;
const originalCreateEvent = NodeEventTarget.prototype[kCreateEvent];

Object.defineProperties(MessagePort.prototype, {
  [kCreateEvent]: {
    __proto__: null,
    value: function(data, type) {
      if (type !== 'message' && type !== 'messageerror') {
        return Reflect.apply(originalCreateEvent, this, [data, type]);
      }
      messageEvent ??= require('internal/messaging/event').messageEvent;
      return messageEvent(type, data, this[kCurrentlyReceivingPorts]);
    },
  },
  [customInspectSymbol]: {
    __proto__: null,
    value: function inspect() {
      const state = binding.isPort(this) && binding.isAttached(this) ?
        { active: true, refed: this[kRefed] } : { active: false };
      return Object.assign(Object.create(MessagePort.prototype, { [customInspectSymbol]: { value: undefined } }),
                           state, this);
    },
  },
});

function define(object, key, value) {
  Object.defineProperty(object, key, { __proto__: null, configurable: true, enumerable: true, writable: true, value });
}

// Ports start and keep the loop alive while they have listeners of `message`.
function setupPortReferencing(port, eventEmitter, eventName) {
  const added = (size) => {
    if (size !== 0) return;
    port.ref();
    methods.start.call(port);
  };
  const removed = (size) => {
    if (size !== 0) return;
    port.unref();
    binding.setReceiving(port, false);
  };
  if (kNewListener in eventEmitter) {
    const { [kNewListener]: newListener, [kRemoveListener]: removeListener } = eventEmitter;
    // Not by assignment: users may have frozen the prototype.
    define(eventEmitter, kNewListener, function(size, type, ...args) {
      if (type === eventName) added(size - 1);
      return newListener.call(this, size, type, ...args);
    });
    define(eventEmitter, kRemoveListener, function(size, type, ...args) {
      if (type === eventName) removed(size);
      return removeListener.call(this, size, type, ...args);
    });
    return;
  }
  eventEmitter.on('newListener', (name) => {
    if (name === eventName) added(eventEmitter.listenerCount(name));
  });
  eventEmitter.on('removeListener', (name) => {
    if (name === eventName) removed(eventEmitter.listenerCount(name));
  });
}

// Objects that stand for ports in other contexts, and how each gets what arrives.
let moved;

// Evaluated in the other context, so that nothing there is of ours.
const movedPortSource = `(function(post, start, stop, close, ref, unref, hasRef) {
  'use strict';
  class DOMException extends Error {
    constructor({ message, name, code }) {
      super(message);
      Object.defineProperty(this, 'name', { configurable: true, value: name });
      Object.defineProperty(this, 'code', { configurable: true, value: code });
    }
  }
  class MessagePort {
    postMessage(...args) {
      let failure;
      const result = post(this, args, (error) => { failure = new DOMException(error); });
      if (failure !== undefined) throw failure;
      return result;
    }
    start() { start(this); }
    close() { close(this); }
    ref() { ref(this); }
    unref() { unref(this); }
    hasRef() { return hasRef(this); }
  }
  const port = new MessagePort();
  const deliver = (type, data, ports) => {
    const listener = port['on' + type];
    if (typeof listener === 'function') Reflect.apply(listener, port, [{ type, data, ports, target: port }]);
  };
  return { port, deliver };
})`;

function createMovedPort(object) {
  const make = binding.evaluateIn(object, movedPortSource);
  const post = (port, args, failed) => {
    require('internal/structured_clone').prepare();
    try {
      binding.post(port, args[0], transferListOf(args[1]));
    } catch (error) {
      if (error?.name !== 'DataCloneError') throw error;
      failed(error);
    }
  };
  const start = (port) => {
    binding.setReceiving(port, true);
    binding.setRef(port, true);
  };
  const { port, deliver } = make(
    post, start, (port) => binding.setReceiving(port, false), (port) => binding.close(port),
    (port) => binding.setRef(port, true), (port) => binding.setRef(port, false), (port) => binding.isAttached(port));
  binding.markTransferMode(port, TRANSFERABLE);
  moved ??= new WeakMap();
  moved.set(port, deliver);
  return port;
}

// (MessagePort, contextified object) => what stands for the port in that context
function moveMessagePortToContext(port, sandbox) {
  if (!binding.isPort(port)) throw typeError('The "port" argument must be a MessagePort instance', 'ERR_INVALID_ARG_TYPE');
  if (!binding.isOpen(port)) {
    throw Object.assign(new Error('Cannot send data on closed MessagePort'), { code: 'ERR_CLOSED_MESSAGE_PORT' });
  }
  if (!require('vm').isContext(sandbox)) throw typeError('Invalid context argument', 'ERR_INVALID_ARG_TYPE');
  require('internal/structured_clone').prepare();
  const made = createMovedPort(sandbox);
  binding.movePort(port, made);
  return made;
}

// An object of the class that the binding gives a port to; `global` is that of the context it is for.
function createPort(global = undefined) {
  if (global !== undefined && global !== globalThis) return createMovedPort(global);
  const port = Object.create(MessagePort.prototype);
  initNodeEventTarget(port);
  Object.defineProperty(port, kRefed, { __proto__: null, enumerable: false, writable: true, value: false });
  setupPortReferencing(port, port, 'message');
  port[kCurrentlyReceivingPorts] = undefined;
  binding.markTransferMode(port, TRANSFERABLE);
  announce(port);
  return port;
}

// Tells async_hooks of a port.
function announce(port) {
  const ids = { id: newAsyncId(), trigger: getDefaultTriggerAsyncId() };
  Object.defineProperty(port, kAsyncIds, { __proto__: null, enumerable: false, value: ids });
  if (initHooksExist()) emitInit(ids.id, 'MESSAGEPORT', ids.trigger, port);
}

class MessagePortCloseEvent extends Event {
  constructor() {
    super('close');
  }
}

// What the binding calls with a message, or when the port is closed.
function emit(port, type, value, ports) {
  const deliver = moved?.get(port);
  if (deliver !== undefined) {
    deliver(type, value, ports ?? []);
    return;
  }
  const { id, trigger } = port[kAsyncIds];
  emitBefore(id, trigger, port);
  if (type === 'close') {
    port.dispatchEvent(new MessagePortCloseEvent());
    emitDestroy(id);
  } else {
    port[kCurrentlyReceivingPorts] = ports;
    try {
      port[kHybridDispatch](value, type, undefined);
    } finally {
      port[kCurrentlyReceivingPorts] = undefined;
    }
  }
  // After an exception the stack of ids is cleared by who takes it.
  emitAfter(id);
}

function MessageChannel() {
  if (!new.target) throw new ERR_CONSTRUCT_CALL_REQUIRED('MessageChannel');
  require('internal/structured_clone').prepare();
  this.port1 = createPort();
  this.port2 = createPort();
  binding.createChannel(this.port1, this.port2);
}

// (MessagePort | BroadcastChannel) => { message } or undefined
function receiveMessageOnPort(port) {
  let message = binding.receive(port, kNothing, kNoPort);
  if (message === kNoPort) {
    const { portOf } = require('internal/messaging/broadcast_channel');
    const found = portOf(port);
    if (found === undefined) {
      throw typeError('The "port" argument must be a MessagePort instance', 'ERR_INVALID_ARG_TYPE');
    }
    message = binding.receive(found, kNothing, kNoPort);
  }
  return message === kNothing ? undefined : { message };
}

function drainMessagePort(port) {
  binding.drain(port);
}

function stopMessagePort(port) {
  binding.setReceiving(port, false);
}

module.exports = {
  MessageChannel,
  MessagePort,
  createPort,
  drainMessagePort,
  emit,
  moveMessagePortToContext,
  receiveMessageOnPort,
  setupPortReferencing,
  stopMessagePort,
};
