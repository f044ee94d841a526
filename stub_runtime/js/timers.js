'use strict';
// node:timers. Owns: the functions users call. Does not own: queues and expiry (`internal/timers.js`).

const { validateFunction } = require('internal/validators');
const {
  Timeout, Immediate, kRefed, kHasPrimitive, knownTimersById, immediateInfo, immediateQueue, insert, unlink,
  clearList, decRefCount,
  async_id_symbol,
} = require('internal/timers');
const { destroyHooksExist, emitDestroy } = require('internal/async_hooks');
const { promisify: { custom } } = require('internal/util');

function setTimeout(callback, after, ...args) {
  validateFunction(callback, 'callback');
  const timeout = new Timeout(callback, after, args.length > 0 ? args : undefined, false, true);
  insert(timeout, timeout._idleTimeout);
  return timeout;
}
Object.defineProperty(setTimeout, custom, {
  __proto__: null, enumerable: true, get: () => require('timers/promises').setTimeout,
});

function setInterval(callback, repeat, ...args) {
  validateFunction(callback, 'callback');
  const timeout = new Timeout(callback, repeat, args.length > 0 ? args : undefined, true, true);
  insert(timeout, timeout._idleTimeout);
  return timeout;
}

function unenroll(item) {
  if (item._destroyed) return;
  item._destroyed = true;
  if (item[kHasPrimitive]) delete knownTimersById[item[async_id_symbol]];
  if (destroyHooksExist() && item[async_id_symbol] !== undefined) emitDestroy(item[async_id_symbol]);
  unlink(item);
  clearList(item._idleTimeout);
  if (item[kRefed]) decRefCount();
  item._idleTimeout = -1;
}

function clearTimeout(timer) {
  if (timer?._onTimeout) {
    timer._onTimeout = undefined;
    unenroll(timer);
    return;
  }
  if (typeof timer === 'number' || typeof timer === 'string') {
    const found = knownTimersById[timer];
    if (found !== undefined) {
      found._onTimeout = undefined;
      unenroll(found);
    }
  }
}

function clearInterval(timer) {
  clearTimeout(timer);
}

function setImmediate(callback, ...args) {
  validateFunction(callback, 'callback');
  return new Immediate(callback, args.length > 0 ? args : undefined);
}
Object.defineProperty(setImmediate, custom, {
  __proto__: null, enumerable: true, get: () => require('timers/promises').setImmediate,
});

function clearImmediate(immediate) {
  if (!immediate?._onImmediate || immediate._destroyed) return;
  immediateInfo[0]--;
  immediate._destroyed = true;
  if (immediate[kRefed]) immediateInfo[1]--;
  immediate[kRefed] = null;
  if (destroyHooksExist() && immediate[async_id_symbol] !== undefined) emitDestroy(immediate[async_id_symbol]);
  immediate._onImmediate = undefined;
  immediateQueue.remove(immediate);
}

module.exports = { setTimeout, clearTimeout, setImmediate, clearImmediate, setInterval, clearInterval };
Object.defineProperty(module.exports, 'promises', {
  __proto__: null, configurable: true, enumerable: true, get: () => require('timers/promises'),
});
