'use strict';
// What node:inspector exports where V8's inspector is not built in.

const EventEmitter = require('events');
const {
  codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM, ERR_INSPECTOR_NOT_ACTIVE, ERR_INSPECTOR_NOT_CONNECTED },
} = require('internal/errors');
const { validateFunction, validateString } = require('internal/validators');

function unavailable(name) {
  throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM(`node:inspector.${name}()`);
}

class Session extends EventEmitter {
  connect() {
    unavailable('Session.connect');
  }

  connectToMainThread() {
    unavailable('Session.connectToMainThread');
  }

  // Never connected.
  disconnect() {}

  post(method, params, callback) {
    validateString(method, 'method');
    if (typeof params === 'function') callback = params;
    if (callback !== undefined) validateFunction(callback, 'callback');
    throw new ERR_INSPECTOR_NOT_CONNECTED();
  }
}

class PromiseSession extends Session {
  async post(method, params) {
    return super.post(method, params);
  }
}
Object.defineProperty(PromiseSession, 'name', { __proto__: null, configurable: true, value: 'Session' });

// Events of a domain that nobody listens to, as in Node without a debugger.
function silent(names) {
  const domain = {};
  for (const name of names) domain[name] = { [name]() {} }[name];
  return domain;
}

function makeInspector(isPromise) {
  return {
    open() { unavailable('open'); },
    close() {},
    url() { return undefined; },
    waitForDebugger() { throw new ERR_INSPECTOR_NOT_ACTIVE(); },
    get console() { return globalThis.console; },
    Session: isPromise ? PromiseSession : Session,
    Network: silent([
      'requestWillBeSent', 'responseReceived', 'loadingFinished', 'loadingFailed', 'dataReceived', 'dataSent',
      'webSocketCreated', 'webSocketClosed', 'webSocketHandshakeResponseReceived',
    ]),
    NetworkResources: silent(['put']),
    DOMStorage: silent(['domStorageItemAdded', 'domStorageItemRemoved', 'domStorageItemUpdated', 'domStorageItemsCleared', 'registerStorage']),
  };
}

module.exports = { makeInspector };
