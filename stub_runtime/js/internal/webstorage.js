'use strict';
// Storage: text by name. `sessionStorage` lives as long as the process; `localStorage` in the database that --localstorage-file names
// (`webstorage_database.js`), and is undefined without one.

const { nativeError } = require('internal/errors');

const kMake = Symbol('make');
// Characters of names and values, as in browsers and Node.
const QUOTA = 10 * 1024 * 1024;

// What each Storage holds; the object that programs see is a proxy.
const contents = new WeakMap();

function itemsOf(storage) {
  const items = contents.get(storage);
  if (items === undefined) throw new TypeError('Illegal invocation');
  return items;
}

// As the database has them: by the bytes of UTF-16.
function sortedKeys(items) {
  if (!(items instanceof Map)) return items.keys();
  const { Buffer } = require('buffer');
  return [...items.keys()].map((key) => Buffer.from(key, 'utf16le')).sort(Buffer.compare).map((bytes) => bytes.toString('utf16le'));
}

function fits(items, key, value) {
  if (!(items instanceof Map)) return items.fits(key, value);
  let size = key.length + value.length;
  for (const [name, text] of items) if (name !== key) size += name.length + text.length;
  return size <= QUOTA / 2;
}

function need(args, count, method) {
  if (args.length >= count) return;
  const message = `Failed to execute '${method}' on 'Storage': ${count} argument${count > 1 ? 's' : ''} required`;
  throw nativeError(TypeError, 'ERR_MISSING_ARGS', message, need);
}

class Storage {
  constructor(token = undefined) {
    if (token !== kMake) throw Object.assign(new Error('Illegal constructor'), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
  }

  get length() {
    return itemsOf(this).size;
  }

  clear() {
    itemsOf(this).clear();
  }

  getItem(key) {
    need(arguments, 1, 'getItem');
    return itemsOf(this).get(`${key}`) ?? null;
  }

  key(index) {
    need(arguments, 1, 'key');
    return [...sortedKeys(itemsOf(this))][Math.trunc(Number(index)) || 0] ?? null;
  }

  removeItem(key) {
    need(arguments, 1, 'removeItem');
    itemsOf(this).delete(`${key}`);
  }

  setItem(key, value) {
    need(arguments, 2, 'setItem');
    const items = itemsOf(this);
    key = `${key}`;
    value = `${value}`;
    if (!fits(items, key, value)) {
      const { QuotaExceededError } = require('internal/quota_exceeded_error');
      throw new QuotaExceededError('Setting the value exceeded the quota');
    }
    items.set(key, value);
  }
}
for (const name of ['length', 'clear', 'getItem', 'key', 'removeItem', 'setItem']) {
  Object.defineProperty(Storage.prototype, name, { __proto__: null, enumerable: true });
}

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
  ownKeys: (target) => [...sortedKeys(items(target)), ...Reflect.ownKeys(target)],
  getOwnPropertyDescriptor(target, key) {
    const value = typeof key === 'string' ? items(target).get(key) : undefined;
    if (value === undefined) return Reflect.getOwnPropertyDescriptor(target, key);
    return { configurable: true, enumerable: true, value, writable: true };
  },
  defineProperty(target, key, descriptor) {
    if (typeof key === 'symbol') return Reflect.defineProperty(target, key, descriptor);
    Storage.prototype.setItem.call(proxies.get(target), key, descriptor.value);
    return true;
  },
};

const byTarget = new WeakMap();
const items = (target) => byTarget.get(target);

const proxies = new WeakMap();

function createStorage(held) {
  const target = new Storage(kMake);
  const proxy = new Proxy(target, handler);
  byTarget.set(target, held);
  proxies.set(target, proxy);
  contents.set(proxy, held);
  return proxy;
}

let session;
let local;
let warned = false;

module.exports = {
  Storage,
  // What inspect shows of the proxy: an object of the class with the items.
  shown(value) {
    const items = contents.get(value);
    if (items === undefined) return undefined;
    const object = Object.create(Storage.prototype);
    for (const key of sortedKeys(items)) {
      Object.defineProperty(object, key, { __proto__: null, configurable: true, enumerable: true, value: items.get(key), writable: true });
    }
    return object;
  },
  get sessionStorage() {
    return session ??= createStorage(new Map());
  },
  get localStorage() {
    const file = require('internal/options').getOptionValue('--localstorage-file');
    if (file !== '') {
      const { DatabaseItems } = require('internal/webstorage_database');
      return local ??= createStorage(new DatabaseItems(require('internal/fs/utils').getValidatedPath(file)));
    }
    if (!warned) {
      warned = true;
      process.emitWarning('localStorage is not available because --localstorage-file was not provided.', 'ExperimentalWarning');
    }
    return undefined;
  },
};
