'use strict';
// Storage and `sessionStorage`: text by name, as long as the process lives. `localStorage` needs a database file
// (--localstorage-file), which is not there yet: it is undefined, as in Node without that option.

const { codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_THIS, ERR_MISSING_ARGS } } = require('internal/errors');

const kMake = Symbol('make');
// Characters of names and values, as in browsers and Node.
const QUOTA = 10 * 1024 * 1024;

// What each Storage holds; the object that programs see is a proxy.
const contents = new WeakMap();

function itemsOf(storage) {
  const items = contents.get(storage);
  if (items === undefined) throw new ERR_INVALID_THIS('Storage');
  return items;
}

function need(args, ...names) {
  if (args.length < names.length) throw new ERR_MISSING_ARGS(...names);
}

class Storage {
  constructor(token) {
    if (token !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
  }

  get length() {
    return itemsOf(this).size;
  }

  clear() {
    itemsOf(this).clear();
  }

  getItem(key) {
    need(arguments, 'key');
    return itemsOf(this).get(`${key}`) ?? null;
  }

  key(index) {
    need(arguments, 'index');
    return [...itemsOf(this).keys()][Math.trunc(Number(index)) || 0] ?? null;
  }

  removeItem(key) {
    need(arguments, 'key');
    itemsOf(this).delete(`${key}`);
  }

  setItem(key, value) {
    need(arguments, 'key', 'value');
    const items = itemsOf(this);
    key = `${key}`;
    value = `${value}`;
    let size = key.length + value.length;
    for (const [name, text] of items) if (name !== key) size += name.length + text.length;
    if (size > QUOTA / 2) {
      const { QuotaExceededError } = require('internal/quota_exceeded_error');
      throw new QuotaExceededError('Setting the value exceeded the quota');
    }
    items.set(key, value);
  }
}
for (const name of ['length', 'clear', 'getItem', 'key', 'removeItem', 'setItem']) {
  Object.defineProperty(Storage.prototype, name, { __proto__: null, enumerable: true });
}
Object.defineProperty(Storage.prototype, Symbol.toStringTag, { __proto__: null, configurable: true, value: 'Storage' });

// Items are properties, where the class has none of that name.
const handler = {
  __proto__: null,
  get(target, key, receiver) {
    if (typeof key === 'symbol' || key in target) return Reflect.get(target, key, receiver);
    return contents.get(receiver)?.get(key);
  },
  has: (target, key) => key in target || (typeof key === 'string' && items(target).has(key)),
  set(target, key, value, receiver) {
    if (typeof key === 'symbol') return Reflect.set(target, key, value);
    Storage.prototype.setItem.call(receiver, key, value);
    return true;
  },
  deleteProperty(target, key) {
    if (typeof key === 'symbol') return Reflect.deleteProperty(target, key);
    items(target).delete(key);
    return true;
  },
  ownKeys: (target) => [...items(target).keys(), ...Reflect.ownKeys(target)],
  getOwnPropertyDescriptor(target, key) {
    const value = typeof key === 'string' ? items(target).get(key) : undefined;
    if (value === undefined) return Reflect.getOwnPropertyDescriptor(target, key);
    return { configurable: true, enumerable: true, value, writable: true };
  },
  defineProperty(target, key, descriptor) {
    if (typeof key === 'symbol') return Reflect.defineProperty(target, key, descriptor);
    items(target).set(key, `${descriptor.value}`);
    return true;
  },
};

const byTarget = new WeakMap();
const items = (target) => byTarget.get(target);

function createStorage() {
  const target = new Storage(kMake);
  const proxy = new Proxy(target, handler);
  const map = new Map();
  byTarget.set(target, map);
  contents.set(proxy, map);
  return proxy;
}

let session;
let warned = false;

module.exports = {
  Storage,
  get sessionStorage() {
    return session ??= createStorage();
  },
  get localStorage() {
    if (require('internal/options').getOptionValue('--localstorage-file') !== '') {
      const { codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM } } = require('internal/errors');
      throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('localStorage');
    }
    if (!warned) {
      warned = true;
      process.emitWarning('localStorage is not available because --localstorage-file was not provided.', 'ExperimentalWarning');
    }
    return undefined;
  },
};
