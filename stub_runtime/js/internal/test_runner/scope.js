'use strict';
// Which test is running, followed through everything asynchronous that it starts. Reporters run as nobody's test: an error of
// theirs is not a test's.

const { AsyncLocalStorage } = require('async_hooks');

const storage = new AsyncLocalStorage();
const reporterScope = { __proto__: null, reporters: [] };

// An async resource that is made in a scope runs in it: `test` is set when there is one.
class Scope {
  test;

  run(fn) {
    return storage.run(this, fn);
  }
}

function runAs(test, fn) {
  const scope = new Scope();
  scope.test = test;
  return scope.run(fn);
}

module.exports = {
  makeScope: () => new Scope(),
  reporterScope,
  runAs,
  running: () => storage.getStore()?.test,
};
