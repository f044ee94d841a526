'use strict';
// Which methods t.assert has.

const { validateFunction, validateString } = require('internal/validators');

const copied = [
  'deepEqual', 'deepStrictEqual', 'doesNotMatch', 'doesNotReject', 'doesNotThrow', 'equal', 'fail', 'ifError', 'match',
  'notDeepEqual', 'notDeepStrictEqual', 'notEqual', 'notStrictEqual', 'partialDeepStrictEqual', 'rejects', 'strictEqual', 'throws',
];

let methods;

function ownMethods() {
  if (methods === undefined) {
    const assert = require('assert');
    methods = new Map(copied.map((name) => [name, assert[name]]));
  }
  return methods;
}

// With those that compare with files: what they read and write belongs to the run.
function assertionsOf(harness) {
  const found = ownMethods();
  if (harness.snapshots === null) {
    const { SnapshotManager } = require('internal/test_runner/snapshot');
    const manager = harness.snapshots = new SnapshotManager(harness.config.updateSnapshots);
    if (!found.has('snapshot')) found.set('snapshot', manager.createAssert());
    if (!found.has('fileSnapshot')) found.set('fileSnapshot', manager.createFileAssert());
  }
  return found;
}

function register(name, fn) {
  validateString(name, 'name');
  validateFunction(fn, 'fn');
  ownMethods().set(name, fn);
}

module.exports = { assertionsOf, register };
