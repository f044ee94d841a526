'use strict';
// node:async_hooks: AsyncHook, AsyncResource, AsyncLocalStorage. Ids and events are internal/async_hooks's.

const {
  codes: { ERR_ASYNC_CALLBACK, ERR_ASYNC_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_ASYNC_ID },
} = require('internal/errors');
const hooks = require('internal/async_hooks');
const AsyncContextFrame = require('internal/async_context_frame');
const { kEmptyObject } = require('internal/util');
const { validateBoolean, validateFunction, validateString } = require('internal/validators');

const { async_id_symbol, trigger_async_id_symbol } = hooks.symbols;
const {
  after_symbol,
  before_symbol,
  destroy_symbol,
  init_symbol,
  promise_resolve_symbol,
} = hooks.symbols;
const { kNoPromiseHook } = hooks;
const { kInit, kBefore, kAfter, kDestroy, kPromiseResolve, kTotals } = hooks.constants;

const contextFrameSymbol = Symbol('context_frame');

const kCounted = [
  [kInit, init_symbol],
  [kBefore, before_symbol],
  [kAfter, after_symbol],
  [kDestroy, destroy_symbol],
  [kPromiseResolve, promise_resolve_symbol],
];

class AsyncHook {
  constructor({ init, before, after, destroy, promiseResolve, trackPromises }) {
    if (init !== undefined && typeof init !== 'function') throw new ERR_ASYNC_CALLBACK('hook.init');
    if (before !== undefined && typeof before !== 'function') throw new ERR_ASYNC_CALLBACK('hook.before');
    if (after !== undefined && typeof after !== 'function') throw new ERR_ASYNC_CALLBACK('hook.after');
    if (destroy !== undefined && typeof destroy !== 'function') throw new ERR_ASYNC_CALLBACK('hook.destroy');
    if (promiseResolve !== undefined && typeof promiseResolve !== 'function') {
      throw new ERR_ASYNC_CALLBACK('hook.promiseResolve');
    }
    if (trackPromises !== undefined) {
      validateBoolean(trackPromises, 'trackPromises');
      if (!trackPromises && promiseResolve !== undefined) {
        throw new ERR_INVALID_ARG_VALUE('trackPromises', trackPromises,
          'must not be false when promiseResolve is enabled');
      }
    }
    this[init_symbol] = init;
    this[before_symbol] = before;
    this[after_symbol] = after;
    this[destroy_symbol] = destroy;
    this[promise_resolve_symbol] = promiseResolve;
    this[kNoPromiseHook] = trackPromises === false;
  }

  enable() {
    const { 0: array, 1: fields } = hooks.getHookArrays();
    // Twice is once.
    if (array.includes(this)) return this;
    const before = fields[kTotals];
    fields[kTotals] = 0;
    for (const { 0: field, 1: symbol } of kCounted) fields[kTotals] += fields[field] += +!!this[symbol];
    array.push(this);
    if (!(before > 0) && fields[kTotals] > 0) hooks.enableHooks();
    hooks.updatePromiseHookMode();
    return this;
  }

  disable() {
    const { 0: array, 1: fields } = hooks.getHookArrays();
    const index = array.indexOf(this);
    if (index === -1) return this;
    const before = fields[kTotals];
    fields[kTotals] = 0;
    for (const { 0: field, 1: symbol } of kCounted) fields[kTotals] += fields[field] -= +!!this[symbol];
    array.splice(index, 1);
    if (before > 0 && fields[kTotals] === 0) hooks.disableHooks();
    return this;
  }
}

function createHook(fns) {
  return new AsyncHook(fns);
}

class AsyncResource {
  // opts: { triggerAsyncId, requireManualDestroy }, or the trigger id
  constructor(type, opts = kEmptyObject) {
    validateString(type, 'type');
    let triggerAsyncId = opts;
    let requireManualDestroy = false;
    if (typeof opts !== 'number') {
      triggerAsyncId = opts.triggerAsyncId === undefined ? hooks.getDefaultTriggerAsyncId() : opts.triggerAsyncId;
      requireManualDestroy = !!opts.requireManualDestroy;
    }
    // 0 is what nothing started, -1 an unknown trigger.
    if (!Number.isSafeInteger(triggerAsyncId) || triggerAsyncId < -1) {
      throw new ERR_INVALID_ASYNC_ID('triggerAsyncId', triggerAsyncId);
    }

    this[contextFrameSymbol] = AsyncContextFrame.current();
    const asyncId = hooks.newAsyncId();
    this[async_id_symbol] = asyncId;
    this[trigger_async_id_symbol] = triggerAsyncId;

    if (hooks.initHooksExist()) {
      if (hooks.enabledHooksExist() && type.length === 0) throw new ERR_ASYNC_TYPE(type);
      hooks.emitInit(asyncId, type, triggerAsyncId, this);
    }
    if (!requireManualDestroy && hooks.destroyHooksExist()) {
      // Shared with the finalizer, which must not hold the resource.
      const destroyed = { destroyed: false };
      this[destroyedSymbol] = destroyed;
      hooks.registerDestroyHook(this, asyncId, destroyed);
    }
  }

  runInAsyncScope(fn, thisArg, ...args) {
    const asyncId = this[async_id_symbol];
    hooks.emitBefore(asyncId, this[trigger_async_id_symbol], this);
    const prior = AsyncContextFrame.exchange(this[contextFrameSymbol]);
    try {
      return Reflect.apply(fn, thisArg, args);
    } finally {
      AsyncContextFrame.set(prior);
      // An uncaught exception has cleared the stack.
      if (hooks.hasAsyncIdStack()) hooks.emitAfter(asyncId);
    }
  }

  emitDestroy() {
    if (this[destroyedSymbol] !== undefined) this[destroyedSymbol].destroyed = true;
    hooks.emitDestroy(this[async_id_symbol]);
    return this;
  }

  asyncId() {
    return this[async_id_symbol];
  }

  triggerAsyncId() {
    return this[trigger_async_id_symbol];
  }

  bind(fn, thisArg) {
    validateFunction(fn, 'fn');
    let bound;
    if (thisArg === undefined) {
      const resource = this;
      bound = function(...args) {
        args.unshift(fn, this);
        return Reflect.apply(resource.runInAsyncScope, resource, args);
      };
    } else {
      bound = this.runInAsyncScope.bind(this, fn, thisArg);
    }
    Object.defineProperties(bound, {
      length: { __proto__: null, configurable: true, enumerable: false, value: fn.length, writable: false },
    });
    return bound;
  }

  static bind(fn, type, thisArg) {
    type ||= fn.name;
    return new AsyncResource(type || 'bound-anonymous-fn').bind(fn, thisArg);
  }
}

const destroyedSymbol = Symbol('destroyed');

// What Node's native half can be: the types of `init` events that programs filter by.
const asyncWrapProviders = Object.freeze({
  __proto__: null,
  ...Object.fromEntries([
    'NONE', 'DIRHANDLE', 'DNSCHANNEL', 'ELDHISTOGRAM', 'FILEHANDLE', 'FILEHANDLECLOSEREQ', 'BLOBREADER',
    'FSEVENTWRAP', 'FSREQCALLBACK', 'FSREQPROMISE', 'GETADDRINFOREQWRAP', 'GETNAMEINFOREQWRAP', 'HEAPSNAPSHOT',
    'HTTP2SESSION', 'HTTP2STREAM', 'HTTP2PING', 'HTTP2SETTINGS', 'HTTPINCOMINGMESSAGE', 'HTTPCLIENTREQUEST',
    'LOCKS', 'DTLS_ENDPOINT', 'DTLS_SESSION', 'JSSTREAM', 'JSUDPWRAP', 'MESSAGEPORT', 'PIPECONNECTWRAP',
    'PIPESERVERWRAP', 'PIPEWRAP', 'PROCESSWRAP', 'PROMISE', 'QUERYWRAP', 'QUIC_ENDPOINT', 'QUIC_LOGSTREAM',
    'QUIC_SESSION', 'QUIC_STREAM', 'QUIC_UDP', 'SHUTDOWNWRAP', 'SIGNALWRAP', 'STATWATCHER', 'STREAMPIPE',
    'TCPCONNECTWRAP', 'TCPSERVERWRAP', 'TCPWRAP', 'TTYWRAP', 'UDPSENDWRAP', 'UDPWRAP', 'SIGINTWATCHDOG', 'WORKER',
    'WORKERCPUPROFILE', 'WORKERCPUUSAGE', 'WORKERHEAPPROFILE', 'WORKERHEAPSNAPSHOT', 'WORKERHEAPSTATISTICS',
    'WRITEWRAP', 'ZLIB', 'CHECKPRIMEREQUEST', 'PBKDF2REQUEST', 'KEYPAIRGENREQUEST', 'KEYGENREQUEST',
    'KEYEXPORTREQUEST', 'ARGON2REQUEST', 'CIPHERREQUEST', 'DERIVEBITSREQUEST', 'HASHREQUEST', 'RANDOMBYTESREQUEST',
    'RANDOMPRIMEREQUEST', 'SCRYPTREQUEST', 'SIGNREQUEST', 'TLSWRAP', 'VERIFYREQUEST',
  ].map((name, i) => [name, i])),
});

module.exports = {
  get AsyncLocalStorage() {
    return require('internal/async_local_storage').AsyncLocalStorage;
  },
  createHook,
  executionAsyncId: hooks.executionAsyncId,
  triggerAsyncId: hooks.triggerAsyncId,
  executionAsyncResource: hooks.executionAsyncResource,
  asyncWrapProviders,
  AsyncResource,
};
