'use strict';
// MessageEvent.

const { codes: { ERR_INVALID_THIS } } = require('internal/errors');
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
      throw new TypeError(`MessageEvent constructor: Expected eventInitDict ("${show(eventInitDict)}") to be one of: Null, Undefined, Object.`);
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
    if (!(#data in this)) throw new ERR_INVALID_THIS('MessageEvent');
    return this.#data;
  }

  get origin() {
    if (!(#data in this)) throw new ERR_INVALID_THIS('MessageEvent');
    return this.#origin;
  }

  get lastEventId() {
    if (!(#data in this)) throw new ERR_INVALID_THIS('MessageEvent');
    return this.#lastEventId;
  }

  get source() {
    if (!(#data in this)) throw new ERR_INVALID_THIS('MessageEvent');
    return this.#source;
  }

  get ports() {
    if (!(#data in this)) throw new ERR_INVALID_THIS('MessageEvent');
    return this.#ports;
  }

  // Deprecated in the standard: makes a new event's worth of values.
  initMessageEvent(type, bubbles = false, cancelable = false, data = null, origin = '', lastEventId = '',
    source = null, ports = []) {
    if (!(#data in this)) throw new ERR_INVALID_THIS('MessageEvent');
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
