'use strict';
// AsyncLocalStorage: a value that follows the asynchronous flow. Kept in the frames of
// internal/async_context_frame.

const AsyncContextFrame = require('internal/async_context_frame');
const { kEmptyObject } = require('internal/util');
const { validateObject } = require('internal/validators');

// What withScope() gives: restores the store when disposed of.
class RunScope {
  #storage;
  #previous;
  #disposed = false;

  constructor(storage, store) {
    this.#storage = storage;
    this.#previous = storage.getStore();
    storage.enterWith(store);
  }

  dispose() {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#storage.enterWith(this.#previous);
  }

  [Symbol.dispose]() {
    this.dispose();
  }
}

class AsyncLocalStorage {
  #defaultValue = undefined;
  #name = undefined;

  constructor(options = kEmptyObject) {
    validateObject(options, 'options');
    this.#defaultValue = options.defaultValue;
    if (options.name !== undefined) this.#name = `${options.name}`;
  }

  get name() {
    return this.#name || '';
  }

  static bind(fn) {
    return require('async_hooks').AsyncResource.bind(fn);
  }

  static snapshot() {
    return AsyncLocalStorage.bind((cb, ...args) => cb(...args));
  }

  disable() {
    AsyncContextFrame.disable(this);
  }

  enterWith(data) {
    AsyncContextFrame.set(new AsyncContextFrame(this, data));
  }

  run(data, fn, ...args) {
    const frame = new AsyncContextFrame(this, data);
    const prior = AsyncContextFrame.exchange(frame);
    try {
      return Reflect.apply(fn, null, args);
    } finally {
      if (AsyncContextFrame.current() === frame && !frame.changed) AsyncContextFrame.set(prior);
      else this.#restore(prior);
    }
  }

  // What was entered into or disabled in other storages meanwhile stays: only this one's value goes back.
  #restore(prior) {
    const frame = new AsyncContextFrame(this, prior?.get(this));
    if (!prior?.has(this)) frame.delete(this);
    AsyncContextFrame.set(frame);
  }

  exit(fn, ...args) {
    return this.run(undefined, fn, ...args);
  }

  getStore() {
    const frame = AsyncContextFrame.current();
    return frame?.has(this) ? frame.get(this) : this.#defaultValue;
  }

  withScope(store) {
    return new RunScope(this, store);
  }
}

module.exports = { AsyncLocalStorage };
