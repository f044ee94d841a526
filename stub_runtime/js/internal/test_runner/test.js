'use strict';
// node:test: tests, suites, their hooks and the order they run in. What is printed is internal/test_runner/reporter's,
// mocks are internal/test_runner/mock's. Running files (`run()`, --test) is not here.

const { codes: { ERR_INVALID_ARG_TYPE, ERR_TEST_FAILURE }, AbortError } = require('internal/errors');
const {
  validateAbortSignal,
  validateFunction,
  validateNumber,
  validateObject,
  validateUint32,
} = require('internal/validators');
const reporter = require('internal/test_runner/reporter');

// Milliseconds of a clock that only goes forward.
const now = () => process.uptime() * 1000;

const kMaxTimeout = 2 ** 31 - 1;
const kHooks = ['before', 'after', 'beforeEach', 'afterEach'];

function noop() {}

class Test {
  constructor({ name, fn, options = {}, parent = null, isSuite = false, location }) {
    const { concurrency, only = false, plan, signal, skip = false, timeout, todo = false, expectFailure = false } = options;
    if (timeout !== undefined && timeout !== Infinity) validateNumber(timeout, 'options.timeout', 0, kMaxTimeout);
    validateAbortSignal(signal, 'options.signal');
    if (typeof concurrency === 'number') validateUint32(concurrency, 'options.concurrency', true);
    else if (concurrency != null && typeof concurrency !== 'boolean') {
      throw new ERR_INVALID_ARG_TYPE('options.concurrency', ['boolean', 'number'], concurrency);
    }
    this.name = name;
    this.fn = fn;
    this.parent = parent;
    this.isSuite = isSuite;
    this.location = location;
    this.only = only;
    this.skipped = skip === false || skip === undefined ? undefined : skip;
    this.todo = todo === false || todo === undefined ? undefined : todo;
    this.expectFailure = expectFailure;
    this.timeout = timeout ?? (parent !== null ? parent.timeout : Infinity);
    this.concurrent = concurrency === true || concurrency > 1;
    this.outerSignal = signal;
    this.controller = new AbortController();
    this.subtests = [];
    this.hooks = { before: [], after: [], beforeEach: [], afterEach: [] };
    this.diagnostics = [];
    this.error = undefined;
    this.passed = false;
    this.finished = false;
    this.cancelled = false;
    this.startedHooks = false;
    this.plan = undefined;
    if (plan !== undefined) this.setPlan(plan);
    // Subtests run one after the other.
    this.tail = Promise.resolve();
    this.depth = parent === null ? -1 : parent.depth + 1;
  }

  get fullName() {
    return this.parent === null || this.parent.parent === null ? this.name : `${this.parent.fullName} > ${this.name}`;
  }

  setPlan(count, options) {
    validateUint32(count, 'count');
    this.plan = { expected: count, actual: 0, wait: options?.wait };
  }

  // A child, queued behind its siblings. Resolves when it has ended, whatever its result.
  add(child) {
    this.subtests.push(child);
    // Children of a suite start when it does.
    if (this.isSuite) return Promise.resolve();
    return this.start(child);
  }

  start(child) {
    if (this.finished) {
      child.fail(new ERR_TEST_FAILURE('test could not be started because its parent finished', 'parentAlreadyFinished'));
      child.cancelled = true;
      child.finished = true;
      reporter.finished(child);
      return Promise.resolve();
    }
    const run = () => child.run();
    const promise = this.concurrent ? Promise.resolve().then(run) : this.tail.then(run);
    this.tail = this.concurrent ? Promise.all([this.tail, promise]).then(noop) : promise;
    return promise;
  }

  fail(error) {
    if (this.error === undefined) this.error = error ?? new ERR_TEST_FAILURE(error, 'testCodeFailure');
  }

  async runHooks(kind, context) {
    for (const hook of this.hooks[kind]) await hook.run(context);
  }

  // beforeEach of the outermost first, afterEach of the innermost first.
  async runEach(kind, context) {
    const chain = [];
    for (let test = this.parent; test !== null; test = test.parent) chain.push(test);
    if (kind === 'beforeEach') chain.reverse();
    for (const test of chain) await test.runHooks(kind, context);
  }

  async run() {
    this.startTime = now();
    const { parent } = this;
    const context = this.isSuite ? new SuiteContext(this) : new TestContext(this);
    if (parent.error !== undefined && parent.isSuite && parent.beforeFailed) {
      this.cancelled = true;
      this.fail(parent.error);
    } else if (this.skipped === undefined) {
      current.push(this);
      try {
        await parent.beforeOnce();
        if (!this.isSuite) await this.runEach('beforeEach', context);
        if (this.skipped === undefined) await this.body(context);
      } catch (error) {
        this.fail(error);
      }
      try {
        if (!this.isSuite) await this.runEach('afterEach', context);
      } catch (error) {
        this.fail(error);
      }
      try {
        if (this.startedHooks || !this.isSuite) await this.runHooks('after', context);
      } catch (error) {
        this.fail(error);
      }
      current.splice(current.indexOf(this), 1);
    }
    this.controller.abort();
    this.mockTracker?.reset();
    this.finished = true;
    const failed = this.subtests.filter((test) => !test.passed && test.todo === undefined).length;
    if (failed > 0 && this.error === undefined) {
      this.fail(new ERR_TEST_FAILURE(`${failed} subtest${failed > 1 ? 's' : ''} failed`, 'subtestsFailed'));
    }
    if (this.expectFailure && this.skipped === undefined) {
      if (this.error === undefined) {
        this.fail(new ERR_TEST_FAILURE('test was expected to fail but passed', 'expectedFailure'));
      } else {
        this.error = undefined;
      }
    }
    this.passed = this.error === undefined;
    this.duration = now() - this.startTime;
    reporter.finished(this);
    if (!this.passed && this.todo === undefined) process.exitCode = 1;
  }

  // `before` hooks, once, when the first child starts.
  async beforeOnce() {
    if (this.startedHooks) return this.beforePromise;
    this.startedHooks = true;
    this.beforePromise = this.runHooks('before', new SuiteContext(this));
    try {
      await this.beforePromise;
    } catch (error) {
      this.beforeFailed = true;
      throw error;
    }
  }

  async body(context) {
    if (this.isSuite) {
      if (this.suiteError !== undefined) throw this.suiteError;
      await this.suitePromise;
      for (const child of this.subtests) this.start(child);
      if (this.subtests.length === 0 && this.hooks.before.length > 0) await this.beforeOnce();
      await this.limited(this.tail);
      return;
    }
    await this.limited(callWithDone(this.fn, context, this));
    // Subtests that nobody waited for still belong to this test.
    let tail;
    do {
      tail = this.tail;
      await tail;
    } while (tail !== this.tail);
    if (this.plan !== undefined && this.plan.actual !== this.plan.expected) {
      if (this.plan.wait) await this.waitForPlan();
      if (this.plan.actual !== this.plan.expected) {
        throw new ERR_TEST_FAILURE(
          `plan expected ${this.plan.expected} assertions but received ${this.plan.actual}`, 'testPlanFailure');
      }
    }
  }

  async waitForPlan() {
    const end = this.plan.wait === true ? Infinity : now() + this.plan.wait;
    while (this.plan.actual < this.plan.expected && now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  // `promise`, or a failure when the time is over or the signal aborts.
  limited(promise) {
    const { outerSignal, timeout } = this;
    if (timeout === Infinity && outerSignal === undefined) return promise;
    const { promise: stop, reject } = Promise.withResolvers();
    let timer;
    if (timeout !== Infinity) {
      timer = setTimeout(() => {
        this.cancelled = true;
        this.controller.abort();
        reject(new ERR_TEST_FAILURE(`test timed out after ${timeout}ms`, 'testTimeoutFailure'));
      }, timeout);
    }
    const onAbort = () => {
      this.cancelled = true;
      this.controller.abort(outerSignal.reason);
      reject(outerSignal.reason ?? new AbortError());
    };
    if (outerSignal?.aborted) onAbort();
    else outerSignal?.addEventListener('abort', onAbort, { once: true });
    return Promise.race([promise, stop]).finally(() => {
      clearTimeout(timer);
      outerSignal?.removeEventListener('abort', onAbort);
    });
  }
}

// Calls a test or hook function; one that takes a second argument gets a callback and must call it.
async function callWithDone(fn, context, self) {
  if (fn.length <= 1) return Reflect.apply(fn, context, [context]);
  const { promise, reject, resolve } = Promise.withResolvers();
  let calls = 0;
  const done = (error) => {
    if (++calls > 1) {
      self.fail?.(new ERR_TEST_FAILURE('callback invoked multiple times', 'multipleCallbackInvocations'));
      return;
    }
    if (error) reject(error);
    else resolve();
  };
  const result = Reflect.apply(fn, context, [context, done]);
  if (typeof result?.then === 'function') {
    throw new ERR_TEST_FAILURE('passed a callback but also returned a Promise', 'callbackAndPromisePresent');
  }
  return promise;
}

class Hook {
  constructor(fn, options = {}) {
    validateFunction(fn, 'fn');
    this.fn = fn;
    this.timeout = options.timeout ?? Infinity;
  }

  async run(context) {
    const promise = callWithDone(this.fn, context, this);
    if (this.timeout === Infinity) return promise;
    let timer;
    const stop = new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(
        new ERR_TEST_FAILURE(`hook timed out after ${this.timeout}ms`, 'testTimeoutFailure')), this.timeout);
    });
    return Promise.race([promise, stop]).finally(() => clearTimeout(timer));
  }
}

// What is running, innermost last: where before(), it() and uncaught exceptions belong.
const current = [];
let root;

function ensureRoot() {
  if (root !== undefined) return root;
  root = new Test({ name: '<root>', fn: noop });
  root.startTime = now();
  process.on('uncaughtException', (error) => {
    const test = current[current.length - 1];
    if (test === undefined) {
      process.exitCode = 1;
      reporter.message(`Error: A resource generated asynchronous activity after the test ended: ${error}`);
      return;
    }
    test.fail(error);
    test.controller.abort();
  });
  let ended = false;
  process.on('beforeExit', async () => {
    if (ended) return;
    ended = true;
    await root.tail;
    try {
      if (root.hooks.after.length > 0) await root.runHooks('after', new SuiteContext(root));
    } catch (error) {
      process.exitCode = 1;
      reporter.message(String(error?.stack ?? error));
    }
    root.duration = now() - root.startTime;
    reporter.summary(root);
  });
  process.on('exit', () => {
    // A test that waits for what will never come.
    if (!ended && current.length > 0) process.exitCode ||= 1;
    for (const test of [...current].reverse()) {
      if (test.finished) continue;
      test.cancelled = true;
      test.fail(new ERR_TEST_FAILURE(
        'Promise resolution is still pending but the event loop has already resolved', 'cancelledByParent'));
      process.exitCode = 1;
    }
  });
  return root;
}

// Where a declaration made now belongs: the suite being declared, else the root.
let declaring = null;

function owner() {
  return declaring ?? ensureRoot();
}

// (name?, options?, fn?) in any of Node's forms.
function parse(name, options, fn) {
  if (typeof name === 'function') {
    fn = name;
    options = {};
    name = undefined;
  } else if (name !== null && typeof name === 'object') {
    fn = options;
    options = name;
    name = undefined;
  }
  if (typeof options === 'function') {
    fn = options;
    options = {};
  }
  if (options === null || typeof options !== 'object') options = {};
  validateObject(options, 'options');
  if (fn === undefined || fn === null || typeof fn !== 'function') fn = noop;
  if (typeof name !== 'string' || name === '') name = fn.name || '<anonymous>';
  return { name, options, fn };
}

function location() {
  const { getStructuredStack } = require('internal/util');
  for (const site of getStructuredStack()) {
    const file = site.getFileName();
    if (file && !file.startsWith('node:')) return { file, line: site.getLineNumber(), column: site.getColumnNumber() };
  }
  return undefined;
}

function makeTest(parent, isSuite, overrides) {
  return function(nameOrFn, opts, body) {
    const { name, options, fn } = parse(nameOrFn, opts, body);
    const target = typeof parent === 'function' ? parent() : parent;
    const test = new Test({
      name, fn, options: { ...options, ...overrides }, parent: target, isSuite, location: location(),
    });
    if (isSuite && test.skipped === undefined) declare(test);
    return target.add(test);
  };
}

// A suite's function runs at once: it only declares.
function declare(suite) {
  const outer = declaring;
  declaring = suite;
  try {
    const result = Reflect.apply(suite.fn, new SuiteContext(suite), [new SuiteContext(suite)]);
    if (typeof result?.then === 'function') {
      suite.suitePromise = Promise.resolve(result);
      suite.suitePromise.catch(noop);
    }
  } catch (error) {
    suite.suiteError = error;
  } finally {
    declaring = outer;
  }
}

function withVariants(parent, isSuite) {
  const fn = makeTest(parent, isSuite, {});
  for (const key of ['expectFailure', 'skip', 'todo', 'only']) fn[key] = makeTest(parent, isSuite, { [key]: true });
  return fn;
}

function makeHook(parent, kind) {
  return {
    [kind](fn, options) {
      const target = typeof parent === 'function' ? parent() : parent;
      target.hooks[kind].push(new Hook(fn, options));
    },
  }[kind];
}

class SuiteContext {
  #suite;

  constructor(suite) {
    this.#suite = suite;
  }

  get name() {
    return this.#suite.name;
  }

  get fullName() {
    return this.#suite.fullName;
  }

  get filePath() {
    return this.#suite.location?.file;
  }

  get signal() {
    return this.#suite.controller.signal;
  }

  get passed() {
    return this.#suite.passed;
  }

  diagnostic(message) {
    this.#suite.diagnostics.push(message);
  }
}

class TestContext {
  #test;
  #assert;

  constructor(test) {
    this.#test = test;
    for (const kind of kHooks) this[kind] = makeHook(test, kind);
    this.test = (...args) => {
      this.#count();
      return Reflect.apply(makeTest(test, false, {}), undefined, args);
    };
    for (const key of ['skip', 'todo', 'only']) this.test[key] = makeTest(test, false, { [key]: true });
    this.it = this.test;
  }

  #count() {
    const { plan } = this.#test;
    if (plan !== undefined) plan.actual++;
  }

  get name() {
    return this.#test.name;
  }

  get fullName() {
    return this.#test.fullName;
  }

  get filePath() {
    return this.#test.location?.file;
  }

  get signal() {
    return this.#test.controller.signal;
  }

  get error() {
    return this.#test.error ?? null;
  }

  get passed() {
    return this.#test.error === undefined;
  }

  get attempt() {
    return 0;
  }

  // node:assert's methods, which count for plan().
  get assert() {
    if (this.#assert !== undefined) return this.#assert;
    const assert = require('assert');
    const methods = { __proto__: null };
    for (const key of Object.keys(assert.Assert.prototype)) {
      methods[key] = (...args) => {
        this.#count();
        return Reflect.apply(assert[key], this, args);
      };
    }
    for (const { 0: name, 1: fn } of registered) {
      methods[name] = (...args) => {
        this.#count();
        return Reflect.apply(fn, this, args);
      };
    }
    return this.#assert = methods;
  }

  get mock() {
    const { MockTracker } = require('internal/test_runner/mock');
    return this.#test.mockTracker ??= new MockTracker();
  }

  diagnostic(message) {
    this.#test.diagnostics.push(message);
  }

  plan(count, options) {
    this.#test.setPlan(count, options);
  }

  runOnly() {}

  skip(message) {
    this.#test.skipped = message ?? true;
  }

  todo(message) {
    this.#test.todo = message ?? true;
  }

  // Polls `condition` until it does not throw.
  async waitFor(condition, options = {}) {
    validateFunction(condition, 'condition');
    validateObject(options, 'options');
    const { interval = 50, timeout = 1000 } = options;
    validateNumber(interval, 'options.interval', 0, kMaxTimeout);
    validateNumber(timeout, 'options.timeout', 0, kMaxTimeout);
    const end = now() + timeout;
    for (;;) {
      try {
        return await condition();
      } catch (error) {
        if (now() + interval > end) throw new Error('waitFor() timed out', { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, interval));
    }
  }
}

// assert.register(): further methods of t.assert.
const registered = new Map();

function register(name, fn) {
  require('internal/validators').validateString(name, 'name');
  validateFunction(fn, 'fn');
  registered.set(name, fn);
}

function getTestContext() {
  const test = current[current.length - 1];
  return test === undefined ? undefined : new TestContext(test);
}

module.exports = {
  getTestContext,
  makeHook,
  owner,
  register,
  withVariants,
};
