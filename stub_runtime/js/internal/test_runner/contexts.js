'use strict';
// What tests and suites are given as `t`, and the plans of assertions. Owns: that surface. Does not own: how a test runs (test.js).

const { codes: { ERR_INVALID_ARG_TYPE, ERR_TEST_FAILURE } } = require('internal/errors');
const { kEmptyObject } = require('internal/util');
const { TIMEOUT_MAX } = require('internal/timers');
const { validateFunction, validateNumber, validateObject, validateUint32 } = require('internal/validators');
// The program may put mocks in their place.
const { clearTimeout, setTimeout } = require('timers');

// How many assertions and subtests a test must make.
class TestPlan {
  #waiting;
  #timer;

  constructor(count, options = kEmptyObject) {
    validateUint32(count, 'count');
    validateObject(options, 'options');
    const { wait } = options;
    if (typeof wait === 'number') validateNumber(wait, 'options.wait', 0, TIMEOUT_MAX);
    else if (wait !== undefined && typeof wait !== 'boolean') {
      throw new ERR_INVALID_ARG_TYPE('options.wait', ['boolean', 'number'], wait);
    }
    this.expected = count;
    this.actual = 0;
    this.wait = wait;
  }

  // Throws where the plan was missed; a promise where there is still time.
  check() {
    const { actual, expected, wait } = this;
    if (actual === expected) {
      clearTimeout(this.#timer);
      this.#waiting?.resolve();
      this.#waiting = undefined;
      return undefined;
    }
    if (wait === undefined || wait === false) {
      throw new ERR_TEST_FAILURE(`plan expected ${expected} assertions but received ${actual}`, 'testCodeFailure');
    }
    if (this.#waiting === undefined) {
      this.#waiting = Promise.withResolvers();
      if (wait !== true) this.#timer = setTimeout(() => this.#giveUp(), wait);
    }
    return this.#waiting.promise;
  }

  #giveUp() {
    this.#waiting.reject(new ERR_TEST_FAILURE(
      `plan timed out after ${this.wait}ms with ${this.actual} assertions when expecting ${this.expected}`, 'testTimeoutFailure'));
  }

  count() {
    this.actual++;
    if (this.#waiting !== undefined) this.check();
  }
}

// 'suite > inner suite > test'
function fullNameOf(test) {
  let name = test.name;
  if (test.parent === null) return name;
  for (let up = test.parent; up.parent !== null; up = up.parent) name = `${up.name} > ${name}`;
  return name;
}

class SuiteContext {
  #suite;

  constructor(suite) {
    this.#suite = suite;
  }

  get signal() {
    return this.#suite.signal;
  }

  get name() {
    return this.#suite.name;
  }

  get filePath() {
    return this.#suite.entryFile;
  }

  get fullName() {
    return fullNameOf(this.#suite);
  }

  get passed() {
    return this.#suite.passed;
  }

  get attempt() {
    return this.#suite.attempt ?? 0;
  }

  diagnostic(message) {
    this.#suite.diagnostic(message);
  }

  log(message, data) {
    this.#suite.log(message, data);
  }
}

class TestContext {
  #test;
  #assert;

  constructor(test) {
    this.#test = test;
  }

  get signal() {
    return this.#test.signal;
  }

  get name() {
    return this.#test.name;
  }

  get filePath() {
    return this.#test.entryFile;
  }

  get fullName() {
    return fullNameOf(this.#test);
  }

  get error() {
    return this.#test.error;
  }

  get passed() {
    return this.#test.passed;
  }

  get attempt() {
    return this.#test.attempt ?? 0;
  }

  get tags() {
    return this.#test.tags;
  }

  // Which of the runs that go on at once this is.
  get workerId() {
    return Number(process.env.NODE_TEST_WORKER_ID) || undefined;
  }

  diagnostic(message) {
    this.#test.diagnostic(message);
  }

  log(message, data) {
    this.#test.log(message, data);
  }

  plan(count, options = kEmptyObject) {
    if (this.#test.plan !== null) throw new ERR_TEST_FAILURE('cannot set plan more than once', 'testCodeFailure');
    this.#test.plan = new TestPlan(count, options);
  }

  // The methods of node:assert and registered ones; they count for the plan.
  get assert() {
    if (this.#assert !== undefined) return this.#assert;
    const { plan, root } = this.#test;
    const { assertionsOf } = require('internal/test_runner/assertions');
    const assertions = assertionsOf(root.harness);
    this.#assert = { __proto__: null };
    for (const { 0: name, 1: method } of assertions) {
      this.#assert[name] = (...args) => {
        plan?.count();
        return Reflect.apply(method, this, args);
      };
    }
    if (!assertions.has('ok')) {
      const { innerOk } = require('internal/assert/utils');
      // Shows the caller's source: it must be the frame above this one.
      this.#assert.ok = function ok(...args) {
        plan?.count();
        innerOk(ok, undefined, args.length, ...args);
      };
    }
    return this.#assert;
  }

  get mock() {
    if (this.#test.mock === null) {
      const { MockTracker } = require('internal/test_runner/mock');
      this.#test.mock = new MockTracker();
    }
    return this.#test.mock;
  }

  runOnly(value) {
    this.#test.runOnlySubtests = !!value;
  }

  skip(message) {
    this.#test.skip(message);
  }

  todo(message) {
    this.#test.todo(message);
  }

  test(name, options, fn) {
    const { callerLocation, Test } = require('internal/test_runner/test');
    const overrides = { __proto__: null, loc: callerLocation() };
    this.#test.plan?.count();
    return this.#test.createSubtest(Test, name, options, fn, overrides).start();
  }

  before(fn, options) {
    this.#hook('before', fn, options);
  }

  after(fn, options) {
    this.#hook('after', fn, options);
  }

  beforeEach(fn, options) {
    this.#hook('beforeEach', fn, options);
  }

  afterEach(fn, options) {
    this.#hook('afterEach', fn, options);
  }

  #hook(kind, fn, options) {
    const { callerLocation } = require('internal/test_runner/test');
    this.#test.createHook(kind, fn, { __proto__: null, ...options, parent: this.#test, hookType: kind, loc: callerLocation(1) });
  }

  // Asks `condition` again and again until it does not throw; what it gives.
  waitFor(condition, options = kEmptyObject) {
    validateFunction(condition, 'condition');
    validateObject(options, 'options');
    const { interval = 50, timeout = 1000 } = options;
    validateNumber(interval, 'options.interval', 0, TIMEOUT_MAX);
    validateNumber(timeout, 'options.timeout', 0, TIMEOUT_MAX);
    const { promise, reject, resolve } = Promise.withResolvers();
    let next;
    let failed = false;
    let cause;
    const end = setTimeout(() => {
      clearTimeout(next);
      const error = new Error('waitFor() timed out');
      if (failed) error.cause = cause;
      reject(error);
    }, timeout);
    const ask = async () => {
      try {
        const result = await condition();
        clearTimeout(end);
        clearTimeout(next);
        resolve(result);
      } catch (error) {
        failed = true;
        cause = error;
        next = setTimeout(ask, interval);
      }
    };
    ask();
    return promise;
  }
}

module.exports = { fullNameOf, SuiteContext, TestContext };
