'use strict';
// Owns: what the web streams share: the state slot, brands, queues with
// sizes, strategy arguments, promise helpers, inspection.

const {
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_THIS },
} = require('internal/errors');

// Holds a stream's (reader's, controller's) internal slots.
const kState = Symbol('kState');
const kType = Symbol('kType');

// Kept apart from what user code may do to Promise.prototype.
const { then } = Promise.prototype;

function nop() {}

// Reactions on one of our own promises.
function upon(promise, onFulfilled, onRejected) {
  return Reflect.apply(then, promise, [onFulfilled, onRejected]);
}

// Its rejection is told in another way.
function setPromiseHandled(promise) {
  Reflect.apply(then, promise, [nop, nop]);
}

// A promise with its levers, which remembers whether it was used.
class Deferred {
  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers();
    this.promise = promise;
    this.pending = true;
    this.settleWith = resolve;
    this.failWith = reject;
  }

  static resolved() {
    return settled(Promise.resolve());
  }

  // Nobody has to handle it: errors of streams show in many places.
  static rejected(error) {
    const promise = Promise.reject(error);
    setPromiseHandled(promise);
    return settled(promise);
  }

  resolve(value) {
    if (!this.pending) return;
    this.pending = false;
    this.settleWith(value);
  }

  // As `rejected`, nobody has to handle it.
  reject(error) {
    if (!this.pending) return;
    this.pending = false;
    setPromiseHandled(this.promise);
    this.failWith(error);
  }
}

function settled(promise) {
  return Object.setPrototypeOf(
    { promise, pending: false, settleWith: undefined, failWith: undefined }, Deferred.prototype);
}

function isBrandCheck(brand) {
  return (value) => value != null && value[kState] !== undefined && value[kType] === brand;
}

function invalidThis(brand) {
  return new ERR_INVALID_THIS(brand);
}

// A dictionary argument: any object, functions too; `allowNull` as WebIDL.
function checkDictionary(value, name, allowNull) {
  if (value === undefined || (allowNull && value === null)) return;
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) {
    throw new ERR_INVALID_ARG_TYPE(name, 'object', value);
  }
}

function checkCallback(fn, name) {
  if (fn !== undefined && typeof fn !== 'function') throw new ERR_INVALID_ARG_TYPE(name, 'function', fn);
}

function extractHighWaterMark(value, defaultMark) {
  if (value === undefined) return defaultMark;
  value = +value;
  if (Number.isNaN(value) || value < 0) {
    throw new ERR_INVALID_ARG_VALUE.RangeError('strategy.highWaterMark', value);
  }
  return value;
}

function one() {
  return 1;
}

function extractSizeAlgorithm(size) {
  if (size === undefined) return one;
  if (typeof size !== 'function') throw new ERR_INVALID_ARG_TYPE('strategy.size', 'function', size);
  return size;
}

// A promise of its own that follows `value`. Unlike Promise.resolve() it does
// not give a promise back as it is, which would settle two turns earlier than
// the standard says.
function promiseOf(value) {
  return value === undefined ? Promise.resolve() : new Promise((resolve) => resolve(value));
}

// A user's method as an algorithm that gives a promise and never throws.
function promiseAlgorithm(fn, self) {
  return (...args) => {
    try {
      return promiseOf(Reflect.apply(fn, self, args));
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

function resolvedAlgorithm() {
  return Promise.resolve();
}

// -- queue-with-sizes ---------------------------------------------------------

// A FIFO: shifting a long array would move all of it.
class Queue {
  constructor() {
    this.items = [];
    this.head = 0;
  }

  get length() {
    return this.items.length - this.head;
  }

  push(item) {
    this.items.push(item);
  }

  peek() {
    return this.items[this.head];
  }

  shift() {
    const item = this.items[this.head];
    this.items[this.head++] = undefined;
    if (this.head === this.items.length) {
      this.items.length = 0;
      this.head = 0;
    } else if (this.head > 1024) {
      this.items.splice(0, this.head);
      this.head = 0;
    }
    return item;
  }

  // Takes everything.
  drain() {
    const rest = this.head === 0 ? this.items : this.items.slice(this.head);
    this.items = [];
    this.head = 0;
    return rest;
  }
}

function resetQueue(state) {
  state.queue = new Queue();
  state.queueTotalSize = 0;
}

function dequeueValue(state) {
  const { value, size } = state.queue.shift();
  // Sums of fractions need not come out even.
  state.queueTotalSize = Math.max(0, state.queueTotalSize - size);
  return value;
}

function enqueueValueWithSize(state, value, size) {
  if (typeof size !== 'number') size = +size;
  if (Number.isNaN(size) || size < 0 || size === Infinity) {
    throw new ERR_INVALID_ARG_VALUE.RangeError('size', size);
  }
  state.queue.push({ value, size });
  state.queueTotalSize += size;
}

// -- classes ------------------------------------------------------------------

// [util.inspect.custom] of all classes.
function customInspect(depth, options, name, data) {
  if (depth < 0) return this;
  const { inspect } = require('internal/util/inspect');
  const opts = { ...options, depth: options.depth == null ? null : options.depth - 1 };
  return `${name} ${inspect(data, opts)}`;
}

// What WebIDL says of an interface: enumerable members and a string tag.
function defineInterface(Class, enumerable) {
  for (const name of enumerable) {
    Object.defineProperty(Class.prototype, name, { __proto__: null, enumerable: true });
  }
  Object.defineProperty(Class.prototype, Symbol.toStringTag, {
    __proto__: null,
    configurable: true,
    enumerable: false,
    writable: false,
    value: Class.name,
  });
}

module.exports = {
  Deferred,
  Queue,
  checkCallback,
  checkDictionary,
  customInspect,
  defineInterface,
  dequeueValue,
  enqueueValueWithSize,
  extractHighWaterMark,
  extractSizeAlgorithm,
  invalidThis,
  isBrandCheck,
  kState,
  kType,
  nop,
  promiseAlgorithm,
  promiseOf,
  resetQueue,
  resolvedAlgorithm,
  setPromiseHandled,
  upon,
};
