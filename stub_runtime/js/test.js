'use strict';
// node:test. Tests run in the order they are declared, after the code that declares them; a failure makes the
// exit code 1.

const { codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM } } = require('internal/errors');
const { makeHook, owner, register, withVariants, getTestContext } = require('internal/test_runner/test');

const test = withVariants(owner, false);
const suite = withVariants(owner, true);

function unavailable(name) {
  return {
    [name]() {
      throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM(`node:test.${name}()`);
    },
  }[name];
}

let mock;

module.exports = test;
Object.assign(module.exports, {
  after: makeHook(owner, 'after'),
  afterEach: makeHook(owner, 'afterEach'),
  before: makeHook(owner, 'before'),
  beforeEach: makeHook(owner, 'beforeEach'),
  describe: suite,
  getTestContext,
  it: test,
  run: unavailable('run'),
  suite,
  test,
});
Object.defineProperty(test, 'name', { __proto__: null, value: 'test', configurable: true });

Object.defineProperties(module.exports, {
  mock: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() {
      const { MockTracker } = require('internal/test_runner/mock');
      return mock ??= new MockTracker();
    },
  },
  snapshot: {
    __proto__: null,
    configurable: true,
    enumerable: true,
    value: {
      setDefaultSnapshotSerializers: unavailable('snapshot.setDefaultSnapshotSerializers'),
      setResolveSnapshotPath: unavailable('snapshot.setResolveSnapshotPath'),
    },
  },
  assert: { __proto__: null, configurable: true, enumerable: true, value: { register } },
});
