'use strict';
// mock.timers of node:test: timers, immediates and dates that stand still until they are told to go on.

const {
  AbortError,
  codes: { ERR_INVALID_ARG_VALUE, ERR_INVALID_STATE },
} = require('internal/errors');
const {
  validateAbortSignal, validateNumber, validateObject, validateStringArray, validateUint32,
} = require('internal/validators');
const { kEmptyObject } = require('internal/util');

const APIS = ['setTimeout', 'setInterval', 'setImmediate', 'Date', 'scheduler.wait', 'AbortSignal.timeout'];
const TIMEOUT_MAX = 2 ** 31 - 1;

let lastId = 1;

class MockTimer {
  constructor(mock, callback, delay, repeats, args) {
    this.id = lastId++;
    this.order = this.id;
    this.mock = mock;
    this.callback = callback;
    this.delay = delay;
    this.repeats = repeats;
    this.args = args;
    this.runAt = mock.current + delay;
    this.refed = true;
    for (const key of ['mock', 'order', 'callback', 'args']) Object.defineProperty(this, key, { enumerable: false });
  }

  ref() {
    this.refed = true;
    return this;
  }

  unref() {
    this.refed = false;
    return this;
  }

  hasRef() { return this.refed; }

  refresh() {
    this.runAt = this.mock.current + this.delay;
    this.order = lastId++;
    if (!this.mock.queue.includes(this)) this.mock.queue.push(this);
    return this;
  }

  close() {
    this.mock.clear(this);
    return this;
  }

  [Symbol.toPrimitive]() { return this.id; }

  [Symbol.dispose]() {
    this.mock.clear(this);
  }
}

// What has been put in the place of a function, to be taken away again.
function replace(undo, object, name, value) {
  const before = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, {
    __proto__: null, configurable: true, enumerable: before?.enumerable ?? true, writable: true, value,
  });
  undo.push(() => {
    if (before === undefined) delete object[name];
    else Object.defineProperty(object, name, before);
  });
}

class MockTimers {
  #enabled = false;
  #undo = [];

  constructor() {
    this.current = 0;
    this.queue = [];
    for (const key of ['current', 'queue']) Object.defineProperty(this, key, { enumerable: false });
  }

  // ({ apis, now })
  enable(options = { __proto__: null, apis: APIS, now: 0 }) {
    if (this.#enabled) throw new ERR_INVALID_STATE('MockTimers is already enabled!');
    if (Array.isArray(options)) options = { apis: options };
    validateObject(options, 'options');
    const { apis = APIS, now = 0 } = options;
    validateStringArray(apis, 'options.apis');
    for (const api of apis) {
      if (!APIS.includes(api)) throw new ERR_INVALID_ARG_VALUE('options.apis', api, `option ${api} is not supported`);
    }
    const time = now instanceof Date ? now.getTime() : now;
    validateNumber(time, 'options.now');
    if (!(time >= 0)) throw new ERR_INVALID_ARG_VALUE('now', now, `epoch must be a positive integer received ${time}`);
    if (apis.includes('Date') && globalThis.Date.isMock) throw new ERR_INVALID_STATE('Date is already being mocked!');
    this.current = time;
    this.#enabled = true;
    for (const api of apis) this.#mock(api);
  }

  #check() {
    if (!this.#enabled) {
      throw new ERR_INVALID_STATE('You should enable MockTimers first by calling the .enable function');
    }
  }

  add(callback, delay, repeats, args) {
    delay = Math.trunc(Number(delay));
    if (!(delay >= 1)) delay = 1;
    if (delay > TIMEOUT_MAX) delay = 1;
    const timer = new MockTimer(this, callback, delay, repeats, args);
    this.queue.push(timer);
    return timer;
  }

  clear(timer) {
    if (timer == null) return;
    const id = typeof timer === 'object' ? timer.id : Number(timer);
    const index = this.queue.findIndex((other) => other.id === id);
    if (index !== -1) this.queue.splice(index, 1);
  }

  #immediate(callback, args) {
    const timer = new MockTimer(this, callback, 0, false, args);
    this.queue.push(timer);
    return timer;
  }

  #mock(api) {
    const undo = this.#undo;
    const timers = require('timers');
    const promises = require('timers/promises');
    const clear = (timer) => this.clear(timer);
    switch (api) {
      case 'setTimeout':
      case 'setInterval': {
        const repeats = api === 'setInterval';
        const set = (callback, delay, ...args) => {
          return this.add(callback, delay, repeats, args);
        };
        const clearName = repeats ? 'clearInterval' : 'clearTimeout';
        for (const object of [globalThis, timers]) {
          replace(undo, object, api, set);
          replace(undo, object, clearName, clear);
        }
        replace(undo, promises, api, repeats ?
          (delay, value, options) => this.#intervals(delay, value, options) :
          (delay, value, options) => this.#wait(delay, value, options));
        break;
      }
      case 'setImmediate': {
        const set = (callback, ...args) => this.#immediate(callback, args);
        for (const object of [globalThis, timers]) {
          replace(undo, object, 'setImmediate', set);
          replace(undo, object, 'clearImmediate', clear);
        }
        replace(undo, promises, 'setImmediate', (value, options) => this.#wait(undefined, value, options));
        break;
      }
      case 'scheduler.wait':
        replace(undo, promises.scheduler, 'wait', (delay, options) => this.#wait(delay, undefined, options));
        break;
      case 'AbortSignal.timeout':
        replace(undo, AbortSignal, 'timeout', (delay) => {
          validateUint32(delay, 'delay');
          const controller = new AbortController();
          const { DOMException } = require('internal/dom_exception');
          this.add(() => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), delay, false, []);
          return controller.signal;
        });
        break;
      case 'Date':
        replace(undo, globalThis, 'Date', this.#date());
        break;
    }
  }

  #date() {
    const Native = globalThis.Date;
    const mock = this;
    function MockDate(...args) {
      if (!new.target) return new Native(mock.current).toString();
      return Reflect.construct(Native, args.length === 0 ? [mock.current] : args, new.target === MockDate ? Native : new.target);
    }
    Object.defineProperties(MockDate, Object.getOwnPropertyDescriptors(Native));
    Object.defineProperty(MockDate, 'now', {
      __proto__: null, configurable: true, enumerable: false, writable: true, value: function now() { return mock.current; },
    });
    Object.defineProperty(MockDate, 'isMock', { __proto__: null, configurable: true, enumerable: false, value: true });
    MockDate.toString = () => Function.prototype.toString.call(Native);
    Object.defineProperty(MockDate, 'toString', { enumerable: false });
    Object.defineProperty(Native.prototype, 'constructor', { configurable: true, enumerable: false, writable: true, value: MockDate });
    this.#undo.push(() => {
      Object.defineProperty(Native.prototype, 'constructor', { configurable: true, enumerable: false, writable: true, value: Native });
    });
    return MockDate;
  }

  // A promise; without `delay` it is an immediate's.
  #wait(delay, value, options = kEmptyObject) {
    validateObject(options, 'options');
    const { signal } = options;
    try {
      if (signal !== undefined) validateAbortSignal(signal, 'options.signal');
    } catch (error) {
      return Promise.reject(error);
    }
    if (signal?.aborted) return Promise.reject(new AbortError(undefined, { cause: signal.reason }));
    const { promise, resolve, reject } = Promise.withResolvers();
    const done = () => {
      signal?.removeEventListener('abort', onAbort);
      resolve(value);
    };
    const timer = delay === undefined ? this.#immediate(done, []) : this.add(done, delay, false, []);
    const onAbort = () => {
      this.clear(timer);
      reject(new AbortError(undefined, { cause: signal.reason }));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    return promise;
  }

  async * #intervals(delay, value, options = kEmptyObject) {
    validateObject(options, 'options');
    const { signal } = options;
    if (signal !== undefined) validateAbortSignal(signal, 'options.signal');
    signal?.throwIfAborted();
    let ready = 0;
    let wake;
    const timer = this.add(() => {
      ready++;
      wake?.();
    }, delay, true, []);
    const onAbort = () => {
      this.clear(timer);
      wake?.();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      for (;;) {
        // What came before the signal is given.
        while (ready === 0) {
          if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
          await new Promise((resolve) => {
            wake = resolve;
          });
        }
        ready--;
        yield value;
      }
    } finally {
      this.clear(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  // The next that is due by `time`.
  #next(time) {
    let first;
    for (const timer of this.queue) {
      if (timer.runAt > time) continue;
      if (first === undefined || timer.runAt < first.runAt || (timer.runAt === first.runAt && timer.order < first.order)) first = timer;
    }
    return first;
  }

  tick(time = 1) {
    this.#check();
    if (typeof time !== 'number' || time < 0) throw new ERR_INVALID_ARG_VALUE('time', 'positive integer', time);
    // Whatever is called sees the end of the step.
    this.current += time;
    let timer;
    while ((timer = this.#next(this.current)) !== undefined) {
      if (timer.repeats) {
        timer.runAt += timer.delay;
        timer.order = lastId++;
      } else {
        this.clear(timer);
      }
      timer.callback?.apply(undefined, timer.args);
      // It may have been reset by what it called.
      if (!this.#enabled) return;
    }
  }

  runAll() {
    this.#check();
    if (this.queue.length === 0) return;
    const last = Math.max(...this.queue.map((timer) => timer.runAt));
    this.tick(Math.max(last - this.current, 0));
  }

  // The time, without running what is due by it.
  setTime(time = 0) {
    validateNumber(time, 'time');
    if (time < 0) throw new ERR_INVALID_ARG_VALUE('time', 'positive integer', time);
    this.#check();
    this.current = time;
  }

  reset() {
    if (!this.#enabled) return;
    this.#enabled = false;
    for (const undo of this.#undo.splice(0).reverse()) undo();
    this.queue.length = 0;
    this.current = 0;
  }

  [Symbol.dispose]() {
    this.reset();
  }
}

module.exports = { MockTimers };
