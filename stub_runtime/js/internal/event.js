'use strict';
// Event and CustomEvent, the WHATWG ones. Who dispatches them is internal/event_target.

const {
  codes: { ERR_INVALID_THIS, ERR_MISSING_ARGS },
} = require('internal/errors');
const { customInspectSymbol, kEmptyObject, kEnumerableProperty } = require('internal/util');
const { validateObject } = require('internal/validators');

const kType = Symbol('type');
const kTarget = Symbol('kTarget');
const kIsBeingDispatched = Symbol('kIsBeingDispatched');
const kInPassiveListener = Symbol('kInPassiveListener');
const kStop = Symbol('kStop');
// Option of the constructor: the event comes from the runtime, not from the program.
const kTrustEvent = Symbol('kTrustEvent');

const trusted = new WeakSet();

function isEvent(value) {
  return typeof value?.[kType] === 'string';
}

function check(value) {
  if (!isEvent(value)) throw new ERR_INVALID_THIS('Event');
}

class Event {
  #cancelable = false;
  #bubbles = false;
  #composed = false;
  #defaultPrevented = false;
  #propagationStopped = false;
  #timestamp = Math.round(process.uptime() * 1e9) / 1e6;

  constructor(type, options = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('type');
    if (options != null) {
      validateObject(options, 'options');
      this.#bubbles = !!options.bubbles;
      this.#cancelable = !!options.cancelable;
      this.#composed = !!options.composed;
      if (options[kTrustEvent]) trusted.add(this);
    }
    this[kType] = `${type}`;
    this[kTarget] = null;
    this[kIsBeingDispatched] = false;
    this[kInPassiveListener] = false;
  }

  initEvent(type, bubbles = false, cancelable = false) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('type');
    if (this[kIsBeingDispatched]) return;
    this[kType] = `${type}`;
    this.#bubbles = !!bubbles;
    this.#cancelable = !!cancelable;
  }

  [customInspectSymbol](depth, options) {
    check(this);
    const { name } = this.constructor;
    if (depth < 0) return name;
    const { inspect } = require('internal/util/inspect');
    return `${name} ${inspect({
      type: this[kType],
      defaultPrevented: this.#defaultPrevented,
      cancelable: this.#cancelable,
      timeStamp: this.#timestamp,
    }, { ...options, depth: Number.isInteger(options.depth) ? options.depth - 1 : options.depth })}`;
  }

  stopImmediatePropagation() {
    check(this);
    // No other listener may see it.
    this.#propagationStopped = true;
    this[kStop] = true;
  }

  preventDefault() {
    check(this);
    if (!this[kInPassiveListener]) this.#defaultPrevented = true;
  }

  get target() {
    check(this);
    return this[kTarget];
  }

  get currentTarget() {
    check(this);
    return this[kIsBeingDispatched] ? this[kTarget] : null;
  }

  get srcElement() {
    check(this);
    return this[kTarget];
  }

  get type() {
    check(this);
    return this[kType];
  }

  get cancelable() {
    check(this);
    return this.#cancelable;
  }

  get defaultPrevented() {
    check(this);
    return this.#cancelable && this.#defaultPrevented;
  }

  get timeStamp() {
    check(this);
    return this.#timestamp;
  }

  // There is no tree: the path is the target alone.
  composedPath() {
    check(this);
    return this[kIsBeingDispatched] ? [this[kTarget]] : [];
  }

  get returnValue() {
    check(this);
    return !this.#cancelable || !this.#defaultPrevented;
  }

  set returnValue(value) {
    check(this);
    if (!value && !this[kInPassiveListener]) this.#defaultPrevented = true;
  }

  get bubbles() {
    check(this);
    return this.#bubbles;
  }

  get composed() {
    check(this);
    return this.#composed;
  }

  get eventPhase() {
    check(this);
    return this[kIsBeingDispatched] ? Event.AT_TARGET : Event.NONE;
  }

  get cancelBubble() {
    check(this);
    return this.#propagationStopped;
  }

  set cancelBubble(value) {
    check(this);
    if (value) this.#propagationStopped = true;
  }

  stopPropagation() {
    check(this);
    this.#propagationStopped = true;
  }

  static NONE = 0;
  static CAPTURING_PHASE = 1;
  static AT_TARGET = 2;
  static BUBBLING_PHASE = 3;
}

// One function for all events: programs compare the getters ([LegacyUnforgeable]).
const isTrusted = Object.getOwnPropertyDescriptor({
  get isTrusted() {
    return trusted.has(this);
  },
}, 'isTrusted').get;

Object.defineProperties(Event.prototype, {
  [Symbol.toStringTag]: {
    __proto__: null, writable: false, enumerable: false, configurable: true, value: 'Event',
  },
  initEvent: kEnumerableProperty,
  stopImmediatePropagation: kEnumerableProperty,
  preventDefault: kEnumerableProperty,
  target: kEnumerableProperty,
  currentTarget: kEnumerableProperty,
  srcElement: kEnumerableProperty,
  type: kEnumerableProperty,
  cancelable: kEnumerableProperty,
  defaultPrevented: kEnumerableProperty,
  timeStamp: kEnumerableProperty,
  composedPath: kEnumerableProperty,
  returnValue: kEnumerableProperty,
  bubbles: kEnumerableProperty,
  composed: kEnumerableProperty,
  eventPhase: kEnumerableProperty,
  cancelBubble: kEnumerableProperty,
  stopPropagation: kEnumerableProperty,
  isTrusted: { __proto__: null, get: isTrusted, enumerable: true, configurable: false },
});

const constant = { __proto__: null, writable: false, configurable: false, enumerable: true };
for (const name of ['NONE', 'CAPTURING_PHASE', 'AT_TARGET', 'BUBBLING_PHASE']) {
  Object.defineProperty(Event, name, constant);
}

class CustomEvent extends Event {
  #detail;

  constructor(type, options = kEmptyObject) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('type');
    super(type, options);
    this.#detail = options?.detail ?? null;
  }

  get detail() {
    if (!(#detail in this)) throw new ERR_INVALID_THIS('CustomEvent');
    return this.#detail;
  }
}
Object.defineProperties(CustomEvent.prototype, {
  [Symbol.toStringTag]: {
    __proto__: null, writable: false, enumerable: false, configurable: true, value: 'CustomEvent',
  },
  detail: kEnumerableProperty,
});

module.exports = {
  CustomEvent,
  Event,
  isEvent,
  kInPassiveListener,
  kIsBeingDispatched,
  kStop,
  kTarget,
  kTrustEvent,
};
