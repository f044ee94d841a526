'use strict';
// EventTarget, and NodeEventTarget, which has EventEmitter's methods too. Events are internal/event's.

const {
  codes: { ERR_EVENT_RECURSION, ERR_INVALID_ARG_TYPE, ERR_INVALID_THIS, ERR_MISSING_ARGS },
  genericNodeError,
} = require('internal/errors');
const { customInspectSymbol, kEmptyObject, kEnumerableProperty } = require('internal/util');
const { kValidateObjectAllowObjects, validateAbortSignal, validateObject } = require('internal/validators');
const EventEmitter = require('events');
const {
  CustomEvent,
  Event,
  isEvent,
  kInPassiveListener,
  kIsBeingDispatched,
  kStop,
  kTarget,
  kTrustEvent,
} = require('internal/event');

const kIsEventTarget = Symbol.for('nodejs.event_target');
const kIsNodeEventTarget = Symbol('kIsNodeEventTarget');
const { kMaxEventTargetListeners, kMaxEventTargetListenersWarned } = EventEmitter;

const kEvents = Symbol('kEvents');
const kHandlers = Symbol('kHandlers');
// Option: the listener gets the value of NodeEventTarget.emit(), not an event.
const kIsNodeStyleListener = Symbol('kIsNodeStyleListener');
// Option: hold the listener weakly, for as long as the object that is the option's value lives.
const kWeakHandler = Symbol('kWeak');
// Option: call the listener even if stopImmediatePropagation() was called.
const kResistStopPropagation = Symbol('kResistStopPropagation');
const kHybridDispatch = Symbol.for('nodejs.internal.kHybridDispatch');
const kCreateEvent = Symbol('kCreateEvent');
const kNewListener = Symbol('kNewListener');
const kRemoveListener = Symbol('kRemoveListener');
const kRemoveWeakListenerHelper = Symbol('kRemoveWeakListenerHelper');

// Removes what a collected listener leaves behind, and ties weak listeners to the life of their object.
let weakState;

function weakListeners() {
  return weakState ??= {
    registry: new FinalizationRegistry(({ deref }) => {
      const target = deref.target.deref();
      if (target !== undefined) target[kRemoveWeakListenerHelper](deref.type, deref.listener);
    }),
    map: new WeakMap(),
  };
}

// One listener, in a list that begins with the root of its event type.
class Listener {
  constructor(target, type, previous, listener, options) {
    this.next = undefined;
    previous.next = this;
    this.previous = previous;
    this.listener = listener;
    this.once = options.once;
    this.capture = options.capture;
    this.passive = options.passive;
    this.isNodeStyleListener = options.isNodeStyleListener;
    this.resistStopPropagation = options.resistStopPropagation;
    this.removed = false;
    this.weak = Boolean(options.weak);

    if (this.weak) {
      this.callback = this.listener = new WeakRef(listener);
      const { map, registry } = weakListeners();
      registry.register(listener, { deref: { target: new WeakRef(target), type, listener: this } }, this);
      map.set(options.weak, listener);
    } else if (typeof listener === 'function') {
      this.callback = listener;
    } else {
      // Looked up at each event, as WebIDL's callback interfaces are.
      this.callback = async (...args) => {
        if (listener.handleEvent) await Reflect.apply(listener.handleEvent, listener, args);
      };
    }
  }

  same(listener, capture) {
    const own = this.weak ? this.listener.deref() : this.listener;
    return own === listener && this.capture === capture;
  }

  remove() {
    if (this.previous !== undefined) this.previous.next = this.next;
    if (this.next !== undefined) this.next.previous = this.previous;
    this.removed = true;
    if (this.weak) weakListeners().registry.unregister(this);
  }
}

function initEventTarget(self) {
  // Made for the first listener.
  self[kEvents] = undefined;
  self[kMaxEventTargetListeners] = EventEmitter.defaultMaxListeners;
  self[kMaxEventTargetListenersWarned] = false;
  self[kHandlers] = undefined;
}

function isEventTarget(object) {
  return object?.constructor?.[kIsEventTarget];
}

function isNodeEventTarget(object) {
  return object?.constructor?.[kIsNodeEventTarget];
}

function checkTarget(value) {
  if (!isEventTarget(value)) throw new ERR_INVALID_THIS('EventTarget');
}

// Whether there is a listener at all; anything that cannot be one throws.
function isListener(listener) {
  if (typeof listener === 'function' || typeof listener === 'object') return listener != null;
  if (listener === undefined) return false;
  throw new ERR_INVALID_ARG_TYPE('listener', 'EventListener', listener);
}

const kDefaultOptions = Object.freeze({
  once: false,
  capture: false,
  passive: false,
  signal: undefined,
  weak: undefined,
  resistStopPropagation: false,
  isNodeStyleListener: false,
});

function toTypeName(type) {
  if (typeof type === 'symbol') {
    throw Object.assign(new TypeError('Value is a Symbol and cannot be converted to a string.'), { code: 'ERR_INVALID_ARG_TYPE' });
  }
  return `${type}`;
}

function listenerOptions(options) {
  if (options === kEmptyObject) return kDefaultOptions;
  if (typeof options === 'boolean') {
    return { once: false, capture: options, passive: false, resistStopPropagation: false };
  }
  if (options === null) return listenerOptions(kEmptyObject);
  validateObject(options, 'options', kValidateObjectAllowObjects);
  return {
    once: Boolean(options.once),
    capture: Boolean(options.capture),
    passive: Boolean(options.passive),
    signal: options.signal,
    weak: options[kWeakHandler],
    resistStopPropagation: options[kResistStopPropagation] ?? false,
    isNodeStyleListener: Boolean(options[kIsNodeStyleListener]),
  };
}

class EventTarget {
  // For tools that meet targets of another copy of this class.
  static [kIsEventTarget] = true;

  constructor() {
    initEventTarget(this);
  }

  [kNewListener](size, type, listener, once, capture, passive, weak) {
    if (this[kMaxEventTargetListeners] > 0 && size > this[kMaxEventTargetListeners] &&
        !this[kMaxEventTargetListenersWarned]) {
      this[kMaxEventTargetListenersWarned] = true;
      const { inspect } = require('internal/util/inspect');
      process.emitWarning(genericNodeError(
        'Possible EventTarget memory leak detected. ' +
        `${size} ${type} listeners added to ${inspect(this, { depth: -1 })}. ` +
        `MaxListeners is ${this[kMaxEventTargetListeners]}. Use events.setMaxListeners() to increase limit`,
        { name: 'MaxListenersExceededWarning', target: this, type, count: size }));
    }
  }

  [kRemoveListener](size, type, listener, capture) {}

  addEventListener(type, listener, options = kEmptyObject) {
    checkTarget(this);
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('type', 'listener');
    const settings = listenerOptions(options);
    const { signal } = settings;
    if (signal !== undefined) validateAbortSignal(signal, 'options.signal');

    if (!isListener(listener)) {
      // The DOM takes null and undefined in silence.
      const warning = new Error(`addEventListener called with ${listener} which has no effect.`);
      warning.name = 'AddEventListenerArgumentTypeWarning';
      warning.target = this;
      warning.type = type;
      process.emitWarning(warning);
      return;
    }
    type = toTypeName(type);

    if (signal) {
      if (signal.aborted) return;
      signal.addEventListener('abort', () => {
        this.removeEventListener(type, listener, options);
      }, { __proto__: null, once: true, [kWeakHandler]: this, [kResistStopPropagation]: true });
    }

    const events = this[kEvents] ??= new Map();
    let root = events.get(type);
    if (root === undefined) {
      root = { size: 1, next: undefined, resistStopPropagation: Boolean(settings.resistStopPropagation) };
      new Listener(this, type, root, listener, settings);
      this[kNewListener](root.size, type, listener, settings.once, settings.capture, settings.passive, settings.weak);
      events.set(type, root);
      return;
    }
    let previous = root;
    for (let handler = root.next; handler !== undefined; handler = handler.next) {
      if (handler.same(listener, settings.capture)) return;
      previous = handler;
    }
    new Listener(this, type, previous, listener, settings);
    root.size++;
    root.resistStopPropagation ||= Boolean(settings.resistStopPropagation);
    this[kNewListener](root.size, type, listener, settings.once, settings.capture, settings.passive, settings.weak);
  }

  removeEventListener(type, listener, options = kEmptyObject) {
    checkTarget(this);
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('type', 'listener');
    if (!isListener(listener)) return;
    type = toTypeName(type);
    const capture = typeof options === 'boolean' ? options : options?.capture === true;
    const root = this[kEvents]?.get(type);
    for (let handler = root?.next; handler !== undefined; handler = handler.next) {
      if (!handler.same(listener, capture)) continue;
      handler.remove();
      root.size--;
      if (root.size === 0) this[kEvents].delete(type);
      this[kRemoveListener](root.size, type, listener, capture);
      break;
    }
  }

  // The listener itself is gone: its entry goes too.
  [kRemoveWeakListenerHelper](type, listener) {
    const root = this[kEvents]?.get(type);
    if (root === undefined) return;
    const { capture } = listener;
    for (let handler = root.next; handler !== undefined; handler = handler.next) {
      if (handler !== listener) continue;
      handler.remove();
      root.size--;
      if (root.size === 0) this[kEvents].delete(type);
      // The listener cannot be told any more.
      this[kRemoveListener](root.size, type, undefined, capture);
      break;
    }
  }

  dispatchEvent(event) {
    checkTarget(this);
    if (arguments.length < 1) throw new ERR_MISSING_ARGS('event');
    if (!isEvent(event)) throw new ERR_INVALID_ARG_TYPE('event', 'Event', event);
    if (event[kIsBeingDispatched]) throw new ERR_EVENT_RECURSION(event.type);
    this[kHybridDispatch](event, event.type, event);
    return event.defaultPrevented !== true;
  }

  // Calls the listeners of `type`: node-style ones with `nodeValue`, others with the event, which is made
  // from it when the first needs it.
  [kHybridDispatch](nodeValue, type, event) {
    const createEvent = () => {
      if (event === undefined) {
        event = this[kCreateEvent](nodeValue, type);
        event[kTarget] = this;
        event[kIsBeingDispatched] = true;
      }
      return event;
    };
    if (event !== undefined) {
      event[kTarget] = this;
      event[kIsBeingDispatched] = true;
    }
    const root = this[kEvents]?.get(type);
    if (root?.next === undefined) {
      if (event !== undefined) event[kIsBeingDispatched] = false;
      return true;
    }

    let handler = root.next;
    while (handler !== undefined && (handler.passive || event?.[kStop] !== true || root.resistStopPropagation)) {
      // Taken now: the listener may remove itself or others.
      const { next } = handler;
      if (handler.removed || (event?.[kStop] === true && !handler.resistStopPropagation)) {
        handler = next;
        continue;
      }
      if (handler.once) {
        handler.remove();
        root.size--;
        const { listener, capture } = handler;
        this[kRemoveListener](root.size, type, listener, capture);
      }
      try {
        const arg = handler.isNodeStyleListener ? nodeValue : createEvent();
        const callback = handler.weak ? handler.callback.deref() : handler.callback;
        if (callback) {
          const passive = handler.passive && !handler.isNodeStyleListener;
          if (passive) arg[kInPassiveListener] = true;
          const result = Reflect.apply(callback, this, [arg]);
          if (passive) arg[kInPassiveListener] = false;
          if (result !== undefined && result !== null) addCatch(result);
        }
      } catch (err) {
        emitUncaughtException(err);
      }
      handler = next;
    }
    if (event !== undefined) event[kIsBeingDispatched] = false;
  }

  [kCreateEvent](nodeValue, type) {
    return new CustomEvent(type, { detail: nodeValue });
  }

  [customInspectSymbol](depth, options) {
    const { name } = this.constructor;
    if (depth < 0) return name;
    const { inspect } = require('internal/util/inspect');
    return `${name} ${inspect({}, {
      ...options, depth: Number.isInteger(options.depth) ? options.depth - 1 : options.depth,
    })}`;
  }
}

Object.defineProperties(EventTarget.prototype, {
  addEventListener: kEnumerableProperty,
  removeEventListener: kEnumerableProperty,
  dispatchEvent: kEnumerableProperty,
  [Symbol.toStringTag]: {
    __proto__: null, writable: false, enumerable: false, configurable: true, value: 'EventTarget',
  },
});

function addCatch(promise) {
  const { then } = promise;
  if (typeof then === 'function') {
    then.call(promise, undefined, (err) => {
      // The callback is called with nextTick to avoid a follow-up rejection from this promise.
      emitUncaughtException(err);
    });
  }
}

function emitUncaughtException(err) {
  process.nextTick(() => {
    throw err;
  });
}

class NodeEventTarget extends EventTarget {
  static [kIsNodeEventTarget] = true;
  static defaultMaxListeners = 10;

  setMaxListeners(n) {
    checkNodeTarget(this);
    EventEmitter.setMaxListeners(n, this);
  }

  getMaxListeners() {
    checkNodeTarget(this);
    return this[kMaxEventTargetListeners];
  }

  eventNames() {
    checkNodeTarget(this);
    return this[kEvents] === undefined ? [] : [...this[kEvents].keys()];
  }

  listenerCount(type) {
    checkNodeTarget(this);
    return this[kEvents]?.get(String(type))?.size ?? 0;
  }

  off(type, listener, options) {
    checkNodeTarget(this);
    this.removeEventListener(type, listener, options);
    return this;
  }

  removeListener(type, listener, options) {
    checkNodeTarget(this);
    this.removeEventListener(type, listener, options);
    return this;
  }

  on(type, listener) {
    checkNodeTarget(this);
    this.addEventListener(type, listener, { [kIsNodeStyleListener]: true });
    return this;
  }

  addListener(type, listener) {
    checkNodeTarget(this);
    this.addEventListener(type, listener, { [kIsNodeStyleListener]: true });
    return this;
  }

  emit(type, arg) {
    checkNodeTarget(this);
    if (typeof type !== 'string') throw new ERR_INVALID_ARG_TYPE('type', 'string', type);
    const hadListeners = this.listenerCount(type) > 0;
    this[kHybridDispatch](arg, type);
    return hadListeners;
  }

  once(type, listener) {
    checkNodeTarget(this);
    this.addEventListener(type, listener, { once: true, [kIsNodeStyleListener]: true });
    return this;
  }

  removeAllListeners(type) {
    checkNodeTarget(this);
    if (type !== undefined) this[kEvents]?.delete(String(type));
    else this[kEvents]?.clear();
    return this;
  }
}

function checkNodeTarget(value) {
  if (!isNodeEventTarget(value)) throw new ERR_INVALID_THIS('NodeEventTarget');
}

for (const name of Object.getOwnPropertyNames(NodeEventTarget.prototype)) {
  if (name !== 'constructor') Object.defineProperty(NodeEventTarget.prototype, name, kEnumerableProperty);
}

// Defines emitter.on<name>, an event handler attribute.
function defineEventHandler(emitter, name, event = name) {
  const key = `on${name}`;
  const accessors = {
    get [key]() {
      return this[kHandlers]?.get(event)?.handler ?? null;
    },
    set [key](value) {
      // Made for the first handler.
      this[kHandlers] ??= new Map();
      let wrapped = this[kHandlers].get(event);
      if (wrapped) {
        // The place among the listeners stays; only callable handlers count.
        if (typeof wrapped.handler === 'function') {
          const root = this[kEvents].get(event);
          root.size--;
          this[kRemoveListener](root.size, event, wrapped.handler, false);
        }
        wrapped.handler = handlerOf(value);
        if (typeof wrapped.handler === 'function') {
          const root = this[kEvents].get(event);
          root.size++;
          this[kNewListener](root.size, event, value, false, false, false, false);
        }
      } else {
        wrapped = makeEventHandler(handlerOf(value));
        this.addEventListener(event, wrapped);
      }
      this[kHandlers].set(event, wrapped);
    },
  };
  const { get, set } = Object.getOwnPropertyDescriptor(accessors, key);
  Object.defineProperty(emitter, key, { __proto__: null, get, set, configurable: true, enumerable: true });
}

// [LegacyTreatNonObjectAsNull]
function handlerOf(value) {
  return typeof value === 'function' || (typeof value === 'object' && value !== null) ? value : null;
}

function makeEventHandler(handler) {
  function eventHandler(...args) {
    if (typeof eventHandler.handler !== 'function') return;
    return Reflect.apply(eventHandler.handler, this, args);
  }
  eventHandler.handler = handler;
  return eventHandler;
}

module.exports = {
  CustomEvent,
  Event,
  EventTarget,
  NodeEventTarget,
  defineEventHandler,
  initEventTarget,
  initNodeEventTarget: initEventTarget,
  isEventTarget,
  kCreateEvent,
  kEvents,
  kIsNodeEventTarget,
  kNewListener,
  kRemoveListener,
  kResistStopPropagation,
  kTrustEvent,
  kWeakHandler,
};
