'use strict';
// navigator.locks: the Web Locks API, among the threads of this process, and the channels `locks.request.*`. Does not own: who gets a lock (Rust, `bindings/locks.rs`).

const { codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_MISSING_ARGS } } = require('internal/errors');
const { channel } = require('internal/net/channels');
const { validateAbortSignal, validateDictionary, validateFunction, validateOneOf } = require('internal/validators');
const binding = internalBinding('locks');

const kMake = Symbol('make');
const kName = Symbol('kName');
const kMode = Symbol('kMode');
const STOLEN = 2;

function domException(message, name) {
  const { DOMException } = require('internal/dom_exception');
  return new DOMException(message, name);
}

class Lock {
  constructor(token, name, mode) {
    if (token !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
    this[kName] = name;
    this[kMode] = mode;
  }

  get name() { return this[kName]; }
  get mode() { return this[kMode]; }
}

class LockManager {
  constructor(token) {
    if (token !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
  }

  // (name[, { mode, ifAvailable, steal, signal }], callback) => a promise of what the callback gives
  async request(name, options, callback) {
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('name', 'callback');
    if (callback === undefined) {
      callback = options;
      options = undefined;
    }
    name = `${name}`;
    validateFunction(callback, 'callback');
    if (options === undefined || typeof options === 'function') options = {};
    validateDictionary(options, 'options');
    const { mode = 'exclusive', ifAvailable = false, steal = false, signal } = options;
    validateOneOf(mode, 'options.mode', ['shared', 'exclusive']);
    if (signal !== undefined) validateAbortSignal(signal, 'options.signal');
    if (name.startsWith('-')) throw domException('Lock name may not start with hyphen', 'NotSupportedError');
    if (ifAvailable && steal) throw domException('ifAvailable and steal are mutually exclusive', 'NotSupportedError');
    if (mode !== 'exclusive' && steal) throw domException(`mode: "${mode}" and steal are mutually exclusive`, 'NotSupportedError');
    if (signal !== undefined && (steal || ifAvailable)) {
      throw domException('signal cannot be used with steal or ifAvailable', 'NotSupportedError');
    }
    signal?.throwIfAborted();
    return hold(name, mode, { ifAvailable, steal, signal }, callback);
  }

  async query() {
    const rows = binding.query();
    const result = { held: [], pending: [] };
    for (let i = 0; i < rows.length; i += 4) {
      const [held, name, shared, thread] = rows.slice(i, i + 4);
      result[held ? 'held' : 'pending'].push({
        name, mode: shared ? 'shared' : 'exclusive', clientId: `node-${process.pid}-${thread}`,
      });
    }
    return result;
  }
}
Object.defineProperties(LockManager.prototype, {
  request: { __proto__: null, enumerable: true },
  query: { __proto__: null, enumerable: true },
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'LockManager' },
});

// Locks that this thread holds: one that is stolen here is lost at once.
const held = new Map();

function tell(event, message) {
  const told = channel(`locks.request.${event}`);
  if (told.hasSubscribers) told.publish(message);
}

function hold(name, mode, { ifAvailable, steal, signal }, callback) {
  const { promise, resolve, reject } = Promise.withResolvers();
  let isGranted = false;
  let isEnded = false;
  let id;
  const end = (error) => {
    if (isEnded) return;
    isEnded = true;
    tell('end', { name, mode, ifAvailable, steal, error });
  };
  const lost = () => {
    const error = domException('The operation was aborted', 'AbortError');
    end(error);
    reject(error);
  };
  const run = async (lock) => {
    try {
      const result = await callback(lock);
      end();
      resolve(result);
    } catch (error) {
      end(error);
      reject(error);
    }
  };
  const granted = async () => {
    isGranted = true;
    held.set(id, { name, lost });
    signal?.removeEventListener('abort', onAbort);
    // A turn of the microtasks later, where an abort may still come in between.
    if (signal !== undefined) await undefined;
    try {
      if (signal?.aborted) {
        end();
        reject(signal.reason);
      } else {
        tell('grant', { name, mode });
        await run(new Lock(kMake, name, mode));
      }
    } finally {
      held.delete(id);
      binding.release(name, id);
    }
  };
  const onAbort = () => {
    if (isGranted) return;
    binding.release(name, id);
    reject(signal.reason);
    end();
  };
  tell('start', { name, mode });
  if (steal) {
    for (const lock of held.values()) if (lock.name === name) lock.lost();
  }
  id = binding.request(name, mode === 'shared', steal, ifAvailable, (fate) => {
    if (fate === STOLEN) lost();
    else granted();
  });
  if (id === 0) {
    tell('miss', { name, mode });
    run(null);
  } else if (id < 0) {
    id = -id;
    granted();
  } else {
    signal?.addEventListener('abort', onAbort, { once: true });
  }
  return promise;
}

module.exports = { Lock, LockManager, locks: new LockManager(kMake) };
