'use strict';
// MessageEvent.

const { kEnumerableProperty } = require('internal/util');
const { Event } = require('internal/event');
const binding = internalBinding('messaging');

// A value as WebIDL errors show it.
function show(value) {
  if (typeof value === 'string') return `"${value}"`;
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'object' ? require('internal/util/inspect').inspect(value) : String(value);
}

function toPort(value, name) {
  if (!binding.isPort(value)) {
    throw new TypeError(`MessageEvent constructor: Expected ${name} ("${show(value)}") to be an instance of MessagePort.`);
  }
  return value;
}

function toPorts(value) {
  if (value === undefined) return [];
  if (value === null || typeof value !== 'object' || typeof value[Symbol.iterator] !== 'function') {
    throw new TypeError(`MessageEvent constructor: eventInitDict.ports (${show(value)}) is not iterable.`);
  }
  return Array.from(value, (port, i) => toPort(port, `eventInitDict.ports[${i}]`));
}

function illegalInvocation() {
  return Object.assign(new TypeError('Illegal invocation'), { code: 'ERR_INVALID_THIS' });
}

let isMessageEvent;
let messageEvent;

class MessageEvent extends Event {
  #data = null;
  #origin = '';
  #lastEventId = '';
  #source = null;
  #ports = [];

  constructor(type, eventInitDict = undefined) {
    if (arguments.length === 0) {
      throw new TypeError('MessageEvent constructor: 1 argument required, but 0 found.');
    }
    if (eventInitDict !== undefined && eventInitDict !== null &&
        typeof eventInitDict !== 'object' && typeof eventInitDict !== 'function') {
      throw new TypeError(`MessageEvent constructor: Expected ${show(eventInitDict)} to be one of: Null, Undefined, Object.`);
    }
    if (typeof type === 'symbol') {
      throw new TypeError('MessageEvent constructor: type is a symbol, which cannot be converted to a DOMString.');
    }
    super(type, eventInitDict ?? undefined);
    const { data = null, origin = '', lastEventId = '', source = null, ports } = eventInitDict ?? {};
    this.#data = data;
    this.#origin = `${origin}`;
    this.#lastEventId = `${lastEventId}`;
    this.#source = source === null ? null : toPort(source, 'eventInitDict.source');
    this.#ports = Object.freeze(toPorts(ports));
  }

  static {
    isMessageEvent = (value) => typeof value === 'object' && value !== null && #data in value;
    // Without the checks: the event of a message.
    messageEvent = (type, data, ports, origin = '', lastEventId = '') => {
      const event = new MessageEvent(type);
      event.#data = data;
      event.#origin = origin;
      event.#lastEventId = lastEventId;
      event.#ports = Object.freeze(ports ?? []);
      return event;
    };
  }

  get data() {
    if (!isMessageEvent(this)) throw illegalInvocation();
    return this.#data;
  }

  get origin() {
    if (!isMessageEvent(this)) throw illegalInvocation();
    return this.#origin;
  }

  get lastEventId() {
    if (!isMessageEvent(this)) throw illegalInvocation();
    return this.#lastEventId;
  }

  get source() {
    if (!isMessageEvent(this)) throw illegalInvocation();
    return this.#source;
  }

  get ports() {
    if (!isMessageEvent(this)) throw illegalInvocation();
    return this.#ports;
  }

  // Deprecated in the standard: makes a new event's worth of values.
  initMessageEvent(type, bubbles = false, cancelable = false, data = null, origin = '', lastEventId = '',
    source = null, ports = []) {
    if (!isMessageEvent(this)) throw illegalInvocation();
    if (arguments.length === 0) {
      throw new TypeError('MessageEvent.initMessageEvent: 1 argument required, but 0 found.');
    }
    return new MessageEvent(type, { bubbles, cancelable, data, origin, lastEventId, source, ports });
  }
}

Object.defineProperty(MessageEvent.prototype.initMessageEvent, 'length', { __proto__: null, value: 1, configurable: true });
Object.defineProperties(MessageEvent.prototype, {
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'MessageEvent' },
  data: kEnumerableProperty,
  origin: kEnumerableProperty,
  lastEventId: kEnumerableProperty,
  source: kEnumerableProperty,
  ports: kEnumerableProperty,
  initMessageEvent: kEnumerableProperty,
});

// Cloning one throws.
require('internal/structured_clone').markTransferMode(MessageEvent.prototype, false, false);

module.exports = { MessageEvent, messageEvent };
