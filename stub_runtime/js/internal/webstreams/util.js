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
const then = Function.prototype.call.bind(Promise.prototype.then);

// One for all that ends well at once: reactions on it cost one promise, not
// three.
const kResolved = Promise.resolve();

function nop() {}

// Reactions on one of our own promises, or on an algorithm's result:
// undefined stands for a promise that is fulfilled already.
function upon(promise, onFulfilled, onRejected) {
  // Two calls: of the first the compiler knows the promise.
  if (promise === undefined) return then(kResolved, onFulfilled, onRejected);
  return then(promise, onFulfilled, onRejected);
}

// What an algorithm gives that will call the controller's step itself, from a microtask.
const kParked = Symbol('kParked');

// Its rejection is told in another way.
function setPromiseHandled(promise) {
  then(promise, nop, nop);
}

const kPending = 0;
const kFulfilled = 1;
const kRejected = 2;

// A promise with its levers, made only when somebody looks at it. Its
// rejection need not be handled: errors of streams show in many places.
class Deferred {
  constructor() {
    this.state = kPending;
    this.reason = undefined;
    this.made = undefined;
  }

  static resolved() {
    const deferred = new Deferred();
    deferred.state = kFulfilled;
    return deferred;
  }

  static rejected(error) {
    const deferred = new Deferred();
    deferred.state = kRejected;
    deferred.reason = error;
    return deferred;
  }

  get pending() {
    return this.state === kPending;
  }

  get promise() {
    if (this.made === undefined) {
      this.made = Promise.withResolvers();
      if (this.state === kFulfilled) this.made.resolve();
      else if (this.state === kRejected) this.rejectMade();
    }
    return this.made.promise;
  }

  resolve() {
    if (this.state !== kPending) return;
    this.state = kFulfilled;
    this.made?.resolve();
  }

  reject(error) {
    if (this.state !== kPending) return;
    this.state = kRejected;
    this.reason = error;
    if (this.made !== undefined) this.rejectMade();
  }

  rejectMade() {
    setPromiseHandled(this.made.promise);
    this.made.reject(this.reason);
  }
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
  return value === undefined ? kResolved : new Promise((resolve) => resolve(value));
}

// A user's method as an algorithm: it never throws and gives a promise, or
// undefined for one that is fulfilled with that. `arity` is how many arguments
// the method gets.
function promiseAlgorithm(fn, self, arity) {
  if (arity === 0) {
    return () => {
      try {
        const result = Reflect.apply(fn, self, []);
        return result === undefined ? undefined : promiseOf(result);
      } catch (error) {
        return Promise.reject(error);
      }
    };
  }
  if (arity === 1) {
    return (a) => {
      try {
        const result = Reflect.apply(fn, self, [a]);
        return result === undefined ? undefined : promiseOf(result);
      } catch (error) {
        return Promise.reject(error);
      }
    };
  }
  return (a, b) => {
    try {
      const result = Reflect.apply(fn, self, [a, b]);
      return result === undefined ? undefined : promiseOf(result);
    } catch (error) {
      return Promise.reject(error);
    }
  };
}

// An error that many share: what is of the program in its stack would be that of the first.
function sharedError(error) {
  const { stack } = error;
  if (typeof stack === 'string') error.stack = stack.replace(/\n {4}at (?!.*\bnode:).*/g, '');
  return error;
}

// -- queue-with-sizes ---------------------------------------------------------

// A FIFO as a ring whose size is a power of two: most queues hold one chunk
// at a time, and a plain array would allocate anew for each.
class Queue {
  constructor() {
    this.items = [undefined, undefined, undefined, undefined, undefined, undefined, undefined, undefined];
    this.mask = 7;
    this.head = 0;
    this.length = 0;
  }

  push(item) {
    if (this.length > this.mask) this.grow();
    this.items[(this.head + this.length++) & this.mask] = item;
  }

  peek() {
    return this.items[this.head];
  }

  // Of a queue that is not empty.
  shift() {
    const item = this.items[this.head];
    this.items[this.head] = undefined;
    this.head = (this.head + 1) & this.mask;
    this.length--;
    return item;
  }

  // Takes everything.
  drain() {
    const rest = [];
    while (this.length > 0) rest.push(this.shift());
    return rest;
  }

  grow() {
    const rest = this.drain();
    this.length = rest.length;
    this.head = 0;
    this.mask = this.mask * 2 + 1;
    for (let i = rest.length; i <= this.mask; i++) rest.push(undefined);
    this.items = rest;
  }
}

function resetQueue(state) {
  state.queue = new Queue();
  state.queueTotalSize = 0;
}

// An entry is two items: the value and its size.
function dequeueValue(state) {
  const { queue } = state;
  const value = queue.shift();
  const size = queue.shift();
  // Sums of fractions need not come out even.
  const rest = state.queueTotalSize - size;
  state.queueTotalSize = rest > 0 ? rest : 0;
  return value;
}

function enqueueValueWithSize(state, value, size) {
  if (typeof size !== 'number') size = +size;
  // Not NaN either.
  if (!(size >= 0 && size < Infinity)) throw new ERR_INVALID_ARG_VALUE.RangeError('size', size);
  const { queue } = state;
  queue.push(value);
  queue.push(size);
  state.queueTotalSize += size;
}

// -- classes ------------------------------------------------------------------

// [util.inspect.custom] of all classes.
function customInspect(depth, options, name, data) {
  // Nothing, as in Node.
  if (depth < 0) return undefined;
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
  kParked,
  kResolved,
  kState,
  kType,
  nop,
  one,
  promiseAlgorithm,
  promiseOf,
  resetQueue,
  setPromiseHandled,
  sharedError,
  upon,
};
