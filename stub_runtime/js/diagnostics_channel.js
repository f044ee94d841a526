'use strict';
// node:diagnostics_channel: named channels, and tracing channels around an operation. Channels without
// subscribers cost a property read.

const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { WeakReference } = require('internal/util');
const { validateFunction } = require('internal/validators');

// Name -> channel, held weakly; a channel with subscribers is held strongly.
class WeakRefMap extends Map {
  #finalizers;

  set(key, value) {
    this.#finalizers ??= new FinalizationRegistry((name) => {
      // A new channel may have the name by now.
      if (!this.has(name)) this.delete(name);
    });
    this.#finalizers.register(value, key);
    return super.set(key, new WeakReference(value));
  }

  get(key) {
    return super.get(key)?.get();
  }

  has(key) {
    return !!this.get(key);
  }

  incRef(key) {
    return super.get(key)?.incRef();
  }

  decRef(key) {
    return super.get(key)?.decRef();
  }
}

const channels = new WeakRefMap();

function markActive(channel) {
  Object.setPrototypeOf(channel, ActiveChannel.prototype);
  channel._subscribers = [];
  channel._stores = new Map();
}

function maybeMarkInactive(channel) {
  if (channel._subscribers.length > 0 || channel._stores.size > 0) return;
  Object.setPrototypeOf(channel, Channel.prototype);
  channel._subscribers = undefined;
  channel._stores = undefined;
}

// An exception of a subscriber must not reach the code that publishes.
function throwLater(err) {
  process.nextTick(() => {
    internalBinding('task_queue').triggerUncaughtException(err, false);
  });
}

const identity = (value) => value;

// The bound stores of a channel, entered with a message; disposing leaves them.
class RunStoresScope {
  #entered;

  constructor(channel, data) {
    const entered = [];
    for (const { 0: store, 1: transform } of channel._stores.entries()) {
      let value;
      try {
        value = transform(data);
      } catch (err) {
        throwLater(err);
        continue;
      }
      const AsyncContextFrame = require('internal/async_context_frame');
      entered.push(AsyncContextFrame.current());
      store.enterWith(value);
    }
    this.#entered = entered;
    channel.publish(data);
  }

  [Symbol.dispose]() {
    if (this.#entered.length === 0) return;
    require('internal/async_context_frame').set(this.#entered[0]);
    this.#entered = [];
  }
}

// Channels change their prototype with their first subscriber and back: no checks while there is none.
class ActiveChannel {
  subscribe(subscription) {
    validateFunction(subscription, 'subscription');
    // A copy, so that a publish that is under way sees the old list.
    this._subscribers = this._subscribers.slice();
    this._subscribers.push(subscription);
    channels.incRef(this.name);
  }

  unsubscribe(subscription) {
    const index = this._subscribers.indexOf(subscription);
    if (index === -1) return false;
    this._subscribers = this._subscribers.toSpliced(index, 1);
    channels.decRef(this.name);
    maybeMarkInactive(this);
    return true;
  }

  bindStore(store, transform) {
    if (!this._stores.has(store)) channels.incRef(this.name);
    this._stores.set(store, transform ?? identity);
  }

  unbindStore(store) {
    if (!this._stores.has(store)) return false;
    this._stores.delete(store);
    channels.decRef(this.name);
    maybeMarkInactive(this);
    return true;
  }

  get hasSubscribers() {
    return true;
  }

  publish(data) {
    const subscribers = this._subscribers;
    for (let i = 0; i < (subscribers?.length || 0); i++) {
      try {
        const onMessage = subscribers[i];
        onMessage(data, this.name);
      } catch (err) {
        throwLater(err);
      }
    }
  }

  withStoreScope(data) {
    return new RunStoresScope(this, data);
  }

  runStores(data, fn, thisArg, ...args) {
    const scope = this.withStoreScope(data);
    try {
      return Reflect.apply(fn, thisArg, args);
    } finally {
      scope[Symbol.dispose]();
    }
  }
}

const emptyScope = {
  [Symbol.dispose]() {},
};

class Channel {
  constructor(name) {
    this._subscribers = undefined;
    this._stores = undefined;
    this.name = name;
    this._index = undefined;
    channels.set(name, this);
  }

  static [Symbol.hasInstance](instance) {
    const prototype = Object.getPrototypeOf(instance);
    return prototype === Channel.prototype || prototype === ActiveChannel.prototype;
  }

  subscribe(subscription) {
    markActive(this);
    this.subscribe(subscription);
  }

  unsubscribe() {
    return false;
  }

  bindStore(store, transform) {
    markActive(this);
    this.bindStore(store, transform);
  }

  unbindStore() {
    return false;
  }

  get hasSubscribers() {
    return false;
  }

  publish() {}

  runStores(data, fn, thisArg, ...args) {
    return Reflect.apply(fn, thisArg, args);
  }

  withStoreScope() {
    return emptyScope;
  }
}

function channel(name) {
  const existing = channels.get(name);
  if (existing) return existing;
  if (typeof name !== 'string' && typeof name !== 'symbol') {
    throw new ERR_INVALID_ARG_TYPE('channel', ['string', 'symbol'], name);
  }
  return new Channel(name);
}

function subscribe(name, subscription) {
  return channel(name).subscribe(subscription);
}

function unsubscribe(name, subscription) {
  return channel(name).unsubscribe(subscription);
}

function hasSubscribers(name) {
  const existing = channels.get(name);
  return existing ? existing.hasSubscribers : false;
}

// The channel `event` of a tracing channel given by its name or by its channels.
function channelOf(nameOrChannels, event, className) {
  if (typeof nameOrChannels === 'string') return channel(`tracing:${nameOrChannels}:${event}`);
  // Only a bounded channel has words for null, as in Node.
  if (typeof nameOrChannels === 'object' && (nameOrChannels !== null || className === 'TracingChannel')) {
    const given = nameOrChannels[event];
    if (!(given instanceof Channel)) {
      throw new ERR_INVALID_ARG_TYPE(`nameOrChannels.${event}`, ['Channel'], given);
    }
    return given;
  }
  throw new ERR_INVALID_ARG_TYPE('nameOrChannels', ['string', 'object', className], nameOrChannels);
}

function defineChannel(object, event, value) {
  Object.defineProperty(object, event, { __proto__: null, value });
}

function subscribeAll(target, events, handlers) {
  for (const event of events) {
    if (handlers[event]) target[event].subscribe(handlers[event]);
  }
}

function unsubscribeAll(target, events, handlers) {
  let done = true;
  for (const event of events) {
    if (handlers[event] && !target[event].unsubscribe(handlers[event])) done = false;
  }
  return done;
}

// From start, with its stores, to end.
class BoundedChannelScope {
  #context;
  #end;
  #scope;

  constructor(bounded, context) {
    if (!bounded.hasSubscribers) return;
    this.#context = context;
    this.#end = bounded.end;
    this.#scope = bounded.start.withStoreScope(context);
  }

  [Symbol.dispose]() {
    if (this.#scope === undefined) return;
    this.#end.publish(this.#context);
    this.#scope[Symbol.dispose]();
    this.#scope = undefined;
  }
}

const kBounds = ['start', 'end'];

// A pair of channels around synchronous work.
class BoundedChannel {
  constructor(nameOrChannels) {
    for (const event of kBounds) defineChannel(this, event, channelOf(nameOrChannels, event, 'BoundedChannel'));
  }

  get hasSubscribers() {
    return this.start.hasSubscribers || this.end.hasSubscribers;
  }

  subscribe(handlers) {
    subscribeAll(this, kBounds, handlers);
  }

  unsubscribe(handlers) {
    return unsubscribeAll(this, kBounds, handlers);
  }

  withScope(context = {}) {
    return new BoundedChannelScope(this, context);
  }

  run(context, fn, thisArg, ...args) {
    context ??= {};
    const scope = this.withScope(context);
    try {
      return Reflect.apply(fn, thisArg, args);
    } finally {
      scope[Symbol.dispose]();
    }
  }
}

function boundedChannel(nameOrChannels) {
  return new BoundedChannel(nameOrChannels);
}

const kTraceEvents = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];

// Five channels around an operation: the call, its asynchronous continuation, and its error.
class TracingChannel {
  #call;
  #continuation;

  constructor(nameOrChannels) {
    const className = 'TracingChannel';
    this.#call = new BoundedChannel({
      start: channelOf(nameOrChannels, 'start', className),
      end: channelOf(nameOrChannels, 'end', className),
    });
    this.#continuation = new BoundedChannel({
      start: channelOf(nameOrChannels, 'asyncStart', className),
      end: channelOf(nameOrChannels, 'asyncEnd', className),
    });
    defineChannel(this, 'error', channelOf(nameOrChannels, 'error', className));
  }

  get start() {
    return this.#call.start;
  }

  get end() {
    return this.#call.end;
  }

  get asyncStart() {
    return this.#continuation.start;
  }

  get asyncEnd() {
    return this.#continuation.end;
  }

  get hasSubscribers() {
    return this.#call.hasSubscribers || this.#continuation.hasSubscribers || this.error.hasSubscribers;
  }

  subscribe(handlers) {
    subscribeAll(this, kTraceEvents, handlers);
  }

  unsubscribe(handlers) {
    return unsubscribeAll(this, kTraceEvents, handlers);
  }

  traceSync(fn, context = {}, thisArg, ...args) {
    if (!this.hasSubscribers) return Reflect.apply(fn, thisArg, args);
    return this.#call.run(context, () => {
      try {
        const result = Reflect.apply(fn, thisArg, args);
        context.result = result;
        return result;
      } catch (err) {
        context.error = err;
        this.error.publish(context);
        throw err;
      }
    });
  }

  tracePromise(fn, context = {}, thisArg, ...args) {
    if (!this.hasSubscribers) {
      const result = Reflect.apply(fn, thisArg, args);
      if (typeof result?.then !== 'function') warnNonThenable(fn);
      return result;
    }
    const onReject = (err) => {
      context.error = err;
      this.error.publish(context);
      this.#continuation.run(context, () => {});
      throw err;
    };
    const onResolve = (result) => {
      context.result = result;
      this.#continuation.run(context, () => {});
      return result;
    };
    // A foreign thenable is handed on as it is: its rejection is not ours to pass on.
    const onThenableReject = (err) => {
      context.error = err;
      this.error.publish(context);
      this.#continuation.run(context, () => {});
    };
    return this.#call.run(context, () => {
      try {
        const result = Reflect.apply(fn, thisArg, args);
        if (typeof result?.then !== 'function') {
          warnNonThenable(fn);
          context.result = result;
          return result;
        }
        if (result instanceof Promise) return result.then(onResolve, onReject);
        result.then(onResolve, onThenableReject);
        return result;
      } catch (err) {
        context.error = err;
        this.error.publish(context);
        throw err;
      }
    });
  }

  traceCallback(fn, position = -1, context = {}, thisArg, ...args) {
    if (!this.hasSubscribers) return Reflect.apply(fn, thisArg, args);
    const callback = args.at(position);
    validateFunction(callback, 'callback');
    const { error } = this;
    const continuation = this.#continuation;
    function wrappedCallback(err, res) {
      if (err) {
        context.error = err;
        error.publish(context);
      } else {
        context.result = res;
      }
      return continuation.run(context, callback, this, ...arguments);
    }
    args.splice(position, 1, wrappedCallback);
    return this.#call.run(context, () => {
      try {
        return Reflect.apply(fn, thisArg, args);
      } catch (err) {
        context.error = err;
        error.publish(context);
        throw err;
      }
    });
  }
}

function warnNonThenable(fn) {
  process.emitWarning(`tracePromise was called with the function '${fn.name || '<anonymous>'}', ` +
    'which returned a non-thenable.');
}

function tracingChannel(nameOrChannels) {
  return new TracingChannel(nameOrChannels);
}

module.exports = {
  channel,
  hasSubscribers,
  subscribe,
  tracingChannel,
  unsubscribe,
  boundedChannel,
  Channel,
  BoundedChannel,
};

require('internal/console/channels').connect(channel);
