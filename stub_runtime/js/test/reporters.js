'use strict';
// node:test/reporters: each of the reporters, loaded when it is asked for.

const load = (name) => require(`internal/test_runner/reporters/${name}`);

Object.defineProperties(module.exports, {
  __proto__: null,
  dot: { __proto__: null, configurable: true, enumerable: true, get: () => load('dot') },
  junit: { __proto__: null, configurable: true, enumerable: true, get: () => load('junit') },
  spec: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    // With `new` and without.
    value: function spec(...args) {
      return Reflect.construct(load('spec'), args);
    },
  },
  tap: { __proto__: null, configurable: true, enumerable: true, get: () => load('tap') },
  lcov: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    value: function lcov(...args) {
      return Reflect.construct(load('lcov'), args);
    },
  },
});
