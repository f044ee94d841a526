'use strict';
// The Session of node:inspector, and of node:inspector/promises.
// Owns: messages, callbacks and events of one session. Does not own: V8's half (Rust, `bindings/inspector.rs`), the server
// (internal/inspector/server).

const EventEmitter = require('events');
const {
  codes: {
    ERR_INSPECTOR_ALREADY_CONNECTED, ERR_INSPECTOR_CLOSED, ERR_INSPECTOR_COMMAND, ERR_INSPECTOR_NOT_CONNECTED,
    ERR_INSPECTOR_NOT_WORKER,
  },
} = require('internal/errors');
const { validateFunction, validateObject, validateString } = require('internal/validators');
const binding = internalBinding('inspector');

class Session extends EventEmitter {
  #connection;
  #nextId = 1;
  #callbacks = new Map();
  #isRemote = false;

  // To this thread. Messages are answered before post() returns, unless V8 has to wait for something.
  connect() {
    if (process.permission !== undefined) require('internal/process/permission').check('inspector', 'Connect');
    if (this.#connection !== undefined) throw new ERR_INSPECTOR_ALREADY_CONNECTED('The inspector session');
    this.#connection = binding.connect((text) => this.#onMessage(text));
    require('internal/inspector/console').attach();
  }

  // From a worker.
  connectToMainThread() {
    if (process.permission !== undefined) require('internal/process/permission').check('inspector', 'ConnectToMainThread');
    if (internalBinding('worker').threadId() === 0) throw new ERR_INSPECTOR_NOT_WORKER();
    if (this.#connection !== undefined) throw new ERR_INSPECTOR_ALREADY_CONNECTED('The inspector session');
    this.#connection = binding.connectToMainThread((text) => this.#onMessage(text));
    this.#isRemote = true;
  }

  #onMessage(text) {
    const message = JSON.parse(text);
    try {
      if (message.id) {
        const callback = this.#callbacks.get(message.id);
        this.#callbacks.delete(message.id);
        if (this.#isRemote && this.#callbacks.size === 0) binding.hold(this.#connection, false);
        if (!callback) return;
        if (message.error) callback(new ERR_INSPECTOR_COMMAND(message.error.code, message.error.message));
        else callback(null, message.result);
      } else {
        this.emit(message.method, message);
        this.emit('inspectorNotification', message);
      }
    } catch (error) {
      // V8 called: nothing may be thrown through it.
      process.emitWarning(error);
    }
  }

  post(method, params, callback) {
    validateString(method, 'method');
    if (!callback && typeof params === 'function') {
      callback = params;
      params = null;
    }
    if (params) validateObject(params, 'params');
    if (callback) validateFunction(callback, 'callback');
    if (this.#connection === undefined) throw new ERR_INSPECTOR_NOT_CONNECTED();
    const id = this.#nextId++;
    const message = { id, method };
    if (params) message.params = params;
    if (callback) {
      this.#callbacks.set(id, callback);
      if (this.#isRemote) binding.hold(this.#connection, true);
    }
    binding.dispatch(this.#connection, JSON.stringify(message));
  }

  disconnect() {
    if (this.#connection === undefined) return;
    binding.disconnect(this.#connection);
    this.#connection = undefined;
    this.#isRemote = false;
    for (const callback of this.#callbacks.values()) process.nextTick(callback, new ERR_INSPECTOR_CLOSED());
    this.#callbacks.clear();
    this.#nextId = 1;
  }
}

class PromiseSession extends Session {
  post(method, params) {
    return new Promise((resolve, reject) => {
      super.post(method, params, (error, result) => {
        if (error) reject(error);
        else resolve(result);
      });
    });
  }
}
Object.defineProperty(PromiseSession, 'name', { __proto__: null, configurable: true, value: 'Session' });

module.exports = { Session, PromiseSession };
