'use strict';
// mock of node:test: functions and properties that record how they are used, and are put back afterwards.

const { codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { getStructuredStack, kEmptyObject } = require('internal/util');
const {
  validateBoolean,
  validateFunction,
  validateInteger,
  validateObject,
} = require('internal/validators');

function defaultImplementation() {}

// fn.mock
class MockFunctionContext {
  #calls = [];
  #mocks = new Map();
  #implementation;
  #restore;
  #times;

  constructor(implementation, restore, times) {
    this.#implementation = implementation;
    this.#restore = restore;
    this.#times = times;
  }

  // A copy: what is done to it does not count.
  get calls() {
    return this.#calls.slice();
  }

  callCount() {
    return this.#calls.length;
  }

  mockImplementation(implementation) {
    validateFunction(implementation, 'implementation');
    this.#implementation = implementation;
  }

  mockImplementationOnce(implementation, onCall) {
    validateFunction(implementation, 'implementation');
    const next = this.#calls.length;
    const call = onCall ?? next;
    validateInteger(call, 'onCall', next);
    this.#mocks.set(call, implementation);
  }

  restore() {
    const { original } = this.#restore;
    if (this.#restore.descriptor !== undefined) {
      Object.defineProperty(this.#restore.object, this.#restore.name, this.#restore.descriptor);
    }
    this.#implementation = original;
    this.#mocks.clear();
  }

  resetCalls() {
    this.#calls = [];
  }

  // The implementation of the next call.
  next() {
    const index = this.#calls.length;
    const mock = this.#mocks.get(index) ?? this.#implementation;
    if (index + 1 === this.#times) this.restore();
    this.#mocks.delete(index);
    return mock;
  }

  track(call) {
    this.#calls.push(call);
  }
}

// What Node shows as fn.mock must not show its inner workings.
const { next, track } = MockFunctionContext.prototype;
delete MockFunctionContext.prototype.next;
delete MockFunctionContext.prototype.track;

function findDescriptor(object, name) {
  for (let target = object; target !== null; target = Object.getPrototypeOf(target)) {
    const descriptor = Object.getOwnPropertyDescriptor(target, name);
    if (descriptor !== undefined) return descriptor;
  }
  return undefined;
}

function notFalse(options, name) {
  if (options?.[name] === false) throw new ERR_INVALID_ARG_VALUE(`options.${name}`, false, 'cannot be false');
}

class MockTracker {
  #mocks = [];
  #timers;

  get timers() {
    return this.#timers ??= new (require('internal/test_runner/mock_timers').MockTimers)();
  }

  // A function that records its calls, in place of `original`.
  fn(original = function() {}, implementation = original, options = kEmptyObject) {
    if (original !== null && typeof original === 'object') {
      options = original;
      original = function() {};
      implementation = original;
    } else if (implementation !== null && typeof implementation === 'object') {
      options = implementation;
      implementation = original;
    }
    validateFunction(original, 'original');
    validateFunction(implementation, 'implementation');
    validateObject(options, 'options');
    const { times = Infinity } = options;
    validateTimes(times);
    return this.#setup(implementation, { original }, times);
  }

  method(object, name, implementation = defaultImplementation, options = kEmptyObject) {
    if (object === null || (typeof object !== 'object' && typeof object !== 'function')) {
      throw new ERR_INVALID_ARG_TYPE('object', 'Object', object);
    }
    if (implementation !== null && typeof implementation === 'object') {
      options = implementation;
      implementation = defaultImplementation;
    }
    if (typeof name !== 'string' && typeof name !== 'symbol') {
      throw new ERR_INVALID_ARG_TYPE('methodName', ['string', 'symbol'], name);
    }
    validateFunction(implementation, 'implementation');
    validateObject(options, 'options');
    const { getter = false, setter = false, times = Infinity } = options;
    validateBoolean(getter, 'options.getter');
    validateBoolean(setter, 'options.setter');
    validateTimes(times);
    if (setter && getter) {
      throw new ERR_INVALID_ARG_VALUE('options.setter', setter, "cannot be used with 'options.getter'");
    }
    const descriptor = findDescriptor(object, name);
    const original = getter ? descriptor?.get : setter ? descriptor?.set : descriptor?.value;
    if (typeof original !== 'function') {
      throw new ERR_INVALID_ARG_VALUE('methodName', original, 'must be a method');
    }
    const mock = this.#setup(
      implementation === defaultImplementation ? original : implementation,
      { descriptor, name, object, original }, times);
    const replacement = { __proto__: null, configurable: descriptor.configurable, enumerable: descriptor.enumerable };
    if (getter) {
      replacement.get = mock;
      replacement.set = descriptor.set;
    } else if (setter) {
      replacement.get = descriptor.get;
      replacement.set = mock;
    } else {
      replacement.writable = descriptor.writable;
      replacement.value = mock;
    }
    Object.defineProperty(object, name, replacement);
    return mock;
  }

  getter(object, name, implementation = defaultImplementation, options = kEmptyObject) {
    if (implementation !== null && typeof implementation === 'object') {
      options = implementation;
      implementation = defaultImplementation;
    }
    notFalse(options, 'getter');
    return this.method(object, name, implementation, { ...options, getter: true });
  }

  setter(object, name, implementation = defaultImplementation, options = kEmptyObject) {
    if (implementation !== null && typeof implementation === 'object') {
      options = implementation;
      implementation = defaultImplementation;
    }
    notFalse(options, 'setter');
    return this.method(object, name, implementation, { ...options, setter: true });
  }

  // A property whose reads and writes are recorded in object.mock.
  property(object, name, value) {
    validateObject(object, 'object');
    if (typeof name !== 'string' && typeof name !== 'symbol') {
      throw new ERR_INVALID_ARG_TYPE('propertyName', ['string', 'symbol'], name);
    }
    const descriptor = findDescriptor(object, name);
    if (descriptor === undefined) throw new ERR_INVALID_ARG_VALUE('propertyName', name, 'is not a property of the object');
    let current = arguments.length > 2 ? value : object[name];
    const accesses = [];
    // Values for one access each, by its number.
    const once = new Map();
    const take = () => {
      const { length } = accesses;
      if (!once.has(length)) return current;
      const taken = once.get(length);
      once.delete(length);
      return taken;
    };
    const context = {
      get accesses() {
        return accesses.slice();
      },
      accessCount: () => accesses.length,
      // By assignment: that counts as an access.
      mockImplementation(replacement) {
        if (descriptor.writable === false) throw new ERR_INVALID_ARG_VALUE('propertyName', name, 'cannot be set');
        object[name] = replacement;
      },
      mockImplementationOnce(replacement, onAccess = accesses.length) {
        validateInteger(onAccess, 'onAccess', accesses.length);
        once.set(onAccess, replacement);
      },
      resetAccesses() {
        accesses.length = 0;
      },
      restore() {
        Object.defineProperty(object, name, descriptor);
      },
    };
    Object.defineProperty(object, name, {
      __proto__: null,
      configurable: true,
      enumerable: descriptor.enumerable,
      get() {
        const taken = take();
        accesses.push({ type: 'get', value: taken, stack: new Error() });
        return taken;
      },
      set(replacement) {
        if (descriptor.writable === false) throw new ERR_INVALID_ARG_VALUE('propertyName', name, 'cannot be set');
        accesses.push({ type: 'set', value: replacement, stack: new Error() });
        current = replacement;
      },
    });
    this.#mocks.push(context);
    return new Proxy(object, {
      __proto__: null,
      get: (target, key, receiver) => (key === 'mock' ? context : Reflect.get(target, key, receiver)),
    });
  }

  // Other exports in place of a module's.
  module(specifier, options = kEmptyObject) {
    const { 1: caller } = getStructuredStack();
    const context = require('internal/test_runner/mock_module').mockModule(specifier, options, caller?.getFileName() ?? process.cwd());
    this.#mocks.push(context);
    return context;
  }

  // Puts everything back and forgets it.
  reset() {
    this.restoreAll();
    this.#timers?.reset();
    this.#mocks = [];
  }

  restoreAll() {
    for (const context of this.#mocks) context.restore();
  }

  #setup(implementation, restore, times) {
    const context = new MockFunctionContext(implementation, restore, times);
    this.#mocks.push(context);
    return new Proxy(restore.original, {
      __proto__: null,
      apply(target, self, args) {
        const fn = Reflect.apply(next, context, []);
        return record(context, undefined, self, args, () => Reflect.apply(fn, self, args));
      },
      construct(target, args, newTarget) {
        const fn = Reflect.apply(next, context, []);
        return record(context, target, undefined, args, () => Reflect.construct(fn, args, newTarget));
      },
      get(target, key, receiver) {
        return key === 'mock' ? context : Reflect.get(target, key, receiver);
      },
    });
  }
}

function record(context, target, self, args, call) {
  let result;
  let error;
  try {
    result = call();
    return result;
  } catch (thrown) {
    error = thrown;
    throw thrown;
  } finally {
    Reflect.apply(track, context, [{
      arguments: args, error, result, stack: new Error(), target, this: target === undefined ? self : result,
    }]);
  }
}

function validateTimes(times) {
  if (times !== Infinity) validateInteger(times, 'options.times', 1);
}

if (!require('internal/options').getOptionValue('--experimental-test-module-mocks')) delete MockTracker.prototype.module;

module.exports = { MockTracker };
