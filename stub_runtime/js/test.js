'use strict';
// node:test: its surface. The tree of tests is internal/test_runner/test's, its root internal/test_runner/harness's.

const { after, afterEach, before, beforeEach, getTestContext, suite, test } = require('internal/test_runner/harness');

function run(options) {
  return require('internal/test_runner/runner').run(options);
}
Object.defineProperty(run, 'length', { __proto__: null, value: 0, configurable: true });

function lazy(make) {
  let made;
  return { __proto__: null, configurable: true, enumerable: true, get: () => made ??= make() };
}

module.exports = test;
Object.assign(module.exports, {
  after, afterEach, before, beforeEach, describe: suite, getTestContext, it: test, run, suite, test,
});

Object.defineProperties(module.exports, {
  mock: lazy(() => new (require('internal/test_runner/mock').MockTracker)()),
  snapshot: lazy(() => {
    const { setDefaultSnapshotSerializers, setResolveSnapshotPath } = require('internal/test_runner/snapshot');
    return { __proto__: null, setDefaultSnapshotSerializers, setResolveSnapshotPath };
  }),
  assert: lazy(() => ({ __proto__: null, register: require('internal/test_runner/assertions').register })),
});
