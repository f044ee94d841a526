'use strict';
// BroadcastChannel: a port whose siblings are all channels of its name in the process.

const { codes: { ERR_INVALID_THIS, ERR_MISSING_ARGS } } = require('internal/errors');
const { customInspectSymbol, kEnumerableProperty, lazyDOMException } = require('internal/util');
const { EventTarget, defineEventHandler } = require('internal/event_target');
const { createPort } = require('internal/messaging/port');
const binding = internalBinding('messaging');

let isBroadcastChannel;
let portOf;

class BroadcastChannel extends EventTarget {
  #name;
  #port;

  constructor(name) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    super();
    require('internal/structured_clone').prepare();
    this.#name = `${name}`;
    this.#port = createPort();
    binding.createBroadcast(this.#port, this.#name);
    // The port has listeners of its own, so that it starts and keeps the loop alive.
    for (const type of ['message', 'messageerror']) {
      this.#port.addEventListener(type, (event) => this.#dispatch(type, event.data));
    }
  }

  static {
    isBroadcastChannel = (value) => typeof value === 'object' && value !== null && #port in value;
    portOf = (value) => (typeof value === 'object' && value !== null && #port in value ? value.#port : undefined);
  }

  #dispatch(type, data) {
    if (this.#port === undefined) return;
    const { messageEvent } = require('internal/messaging/event');
    this.dispatchEvent(messageEvent(type, data));
  }

  [customInspectSymbol](depth, options) {
    if (!isBroadcastChannel(this)) throw new ERR_INVALID_THIS('BroadcastChannel');
    if (depth < 0) return 'BroadcastChannel';
    const { inspect } = require('internal/util/inspect');
    const opts = { ...options, depth: options.depth == null ? null : options.depth - 1 };
    return `BroadcastChannel ${inspect({ name: this.#name, active: this.#port !== undefined }, opts)}`;
  }

  get name() {
    if (!isBroadcastChannel(this)) throw new ERR_INVALID_THIS('BroadcastChannel');
    return this.#name;
  }

  close() {
    if (!isBroadcastChannel(this)) throw new ERR_INVALID_THIS('BroadcastChannel');
    if (this.#port === undefined) return;
    this.#port.close();
    this.#port = undefined;
  }

  postMessage(message) {
    if (!isBroadcastChannel(this)) throw new ERR_INVALID_THIS('BroadcastChannel');
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('message');
    if (this.#port === undefined) throw lazyDOMException('BroadcastChannel is closed.', 'InvalidStateError');
    if (this.#port.postMessage(message) === undefined) {
      throw lazyDOMException('Message could not be posted.');
    }
  }

  ref() {
    if (!isBroadcastChannel(this)) throw new ERR_INVALID_THIS('BroadcastChannel');
    this.#port?.ref();
    return this;
  }

  unref() {
    if (!isBroadcastChannel(this)) throw new ERR_INVALID_THIS('BroadcastChannel');
    this.#port?.unref();
    return this;
  }
}

Object.defineProperties(BroadcastChannel.prototype, {
  name: kEnumerableProperty,
  close: kEnumerableProperty,
  postMessage: kEnumerableProperty,
});
defineEventHandler(BroadcastChannel.prototype, 'message');
defineEventHandler(BroadcastChannel.prototype, 'messageerror');

module.exports = { BroadcastChannel, portOf };
