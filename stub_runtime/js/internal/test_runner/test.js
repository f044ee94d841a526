'use strict';
// A test, a suite and a hook: when each runs, what makes it fail, in which order results are told. Owns: the tree and its queue.
// Does not own: the root and the process's events (harness.js), what a test is given (contexts.js), filters (filters.js).

const { AsyncResource } = require('async_hooks');
const { codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_TEST_FAILURE }, AbortError, kIsNodeError } =
  require('internal/errors');
const { kResistStopPropagation } = require('internal/event_target');
const { TIMEOUT_MAX } = require('internal/timers');
const { makeScope } = require('internal/test_runner/scope');
const { SuiteContext, TestContext } = require('internal/test_runner/contexts');
const { TestsStream } = require('internal/test_runner/stream');
const { kNoTags } = require('internal/test_runner/tags');
const { kEmptyObject } = require('internal/util');
const {
  validateAbortSignal, validateNumber, validateOneOf, validateString, validateUint32,
} = require('internal/validators');
// The program may put mocks in their place.
const { clearTimeout, setTimeout } = require('timers');

const now = process.hrtime.bigint;
const kHooks = ['before', 'after', 'beforeEach', 'afterEach'];

// Without a name: it may give a test its own.
const { 0: noop } = [() => {}];

const isTestFailure = (error) => error?.code === 'ERR_TEST_FAILURE' && kIsNodeError in error;

// [line, column, file] of the code that called the caller of this function, `inner` frames further out.
function callerLocation(inner = 0) {
  const sites = internalBinding('util').getCallSites(2 + inner);
  const site = sites[1 + inner];
  if (site === undefined) return undefined;
  if (internalBinding('app').hasSourceMaps()) require('internal/source_map/embedded').originalFrames(sites);
  return [site.lineNumber, site.columnNumber, site.scriptName];
}

function locationOf(loc, config) {
  if (loc === undefined) return undefined;
  let { 0: line, 1: column, 2: file } = loc;
  if (config.sourceMaps === true) {
    const entry = require('internal/source_map/enabled').findSourceMap(file)?.findEntry(line - 1, column - 1);
    if (entry?.originalSource !== undefined) {
      line = entry.originalLine + 1;
      column = entry.originalColumn + 1;
      file = entry.originalSource;
    }
  }
  if (file.startsWith('file://')) file = require('internal/url').fileURLToPath(file);
  return { __proto__: null, line, column, file };
}

// Ends when `signal` aborts or the time is over; the latter is an error, made where its stack shows who waits.
function deadline(timeout, signal) {
  const { promise, resolve } = Promise.withResolvers();
  const { addAbortListener } = require('internal/events/abort_listener');
  const listener = addAbortListener(signal, resolve);
  if (timeout === null) return { promise, stop: () => listener[Symbol.dispose]() };
  const timer = setTimeout(resolve, timeout);
  timer.unref();
  const late = promise.then(() => {
    throw new ERR_TEST_FAILURE(`test timed out after ${timeout}ms`, 'testTimeoutFailure');
  });
  return {
    promise: late,
    stop() {
      listener[Symbol.dispose]();
      clearTimeout(timer);
    },
  };
}

// As many turns of the microtasks as Node's take: what tests print keeps its place among what is told of them.
const followed = (promises) => promises.map((promise) => new Promise((resolve, reject) => {
  promise.then(resolve, reject);
}));

function first(...promises) {
  return new Promise((resolve, reject) => {
    Promise.race(followed(promises)).then(resolve, reject);
  });
}

function all(promises) {
  return new Promise((resolve, reject) => {
    Promise.all(followed(promises)).then(resolve, reject);
  });
}

// A callback for a test that takes one, and the promise of its call.
function promiseOfCallback() {
  const { promise, reject, resolve } = Promise.withResolvers();
  let calls = 0;
  const callback = (error) => {
    calls++;
    // Said once.
    if (calls === 2) throw new ERR_TEST_FAILURE('callback invoked multiple times', 'multipleCallbackInvocations');
    if (calls > 1) return;
    if (error) reject(error);
    else resolve();
  };
  return { callback, promise };
}

// fn once; later calls get what the first gave.
function once(fn) {
  let called = false;
  let result;
  return function(...args) {
    if (!called) {
      called = true;
      result = Reflect.apply(fn, this, args);
    }
    return result;
  };
}

// { label, match } of `expectFailure`.
function parseExpectFailure(given) {
  if (given === undefined || given === false) return false;
  if (typeof given === 'string') return { label: given };
  if (typeof given === 'function' || require('internal/util/types').isRegExp(given)) return { match: given };
  if (typeof given !== 'object') return {};
  const keys = Object.keys(given);
  if (keys.length === 0) throw new ERR_INVALID_ARG_VALUE('options.expectFailure', given, 'must not be an empty object');
  if (keys.every((key) => key === 'match' || key === 'label')) return { label: given.label, match: given.match };
  return { match: given };
}

const given = (option) => option !== undefined && option !== false;

// diagnostics_channel's node.test, told of tests and suites.
function channelOf(test) {
  const { tracingChannel } = require('diagnostics_channel');
  const channel = tracingChannel('node.test');
  const context = { __proto__: null, name: test.name, nesting: test.nesting, file: test.entryFile, type: test.reportedType };
  let end = () => channel.end.publish(context);
  let error = (err) => channel.error.publish({ __proto__: null, ...context, error: err });
  return {
    wrap(fn) {
      if (!channel.start.hasSubscribers) return fn;
      return (...args) => channel.start.runStores(context, () => {
        end = AsyncResource.bind(end);
        error = AsyncResource.bind(error);
        return Reflect.apply(fn, test, args);
      });
    },
    end() {
      if (channel.end.hasSubscribers) end();
    },
    error(err) {
      if (channel.error.hasSubscribers) error(err);
    },
  };
}

class Test extends AsyncResource {
  reportedType = 'test';
  #context;
  #startReported = false;
  #tags = null;

  constructor(options) {
    const scope = makeScope();
    scope.run(() => super('Test'));
    scope.test = this;
    const { entryFile, expectFailure, harness, loc, only, plan, signal, skip, timeout, todo } = options;
    const parent = options.parent instanceof Test ? options.parent : null;
    this.fn = typeof options.fn === 'function' ? options.fn : noop;
    this.name = typeof options.name === 'string' && options.name !== '' ? options.name : this.fn.name || '<anonymous>';
    this.parent = parent;
    this.testNumber = 0;
    this.reportedChildren = 0;
    this.diagnostics = [];
    this.filtered = false;
    this.filteredByName = false;
    this.filteredByTag = false;
    this.hasOnlyTests = false;
    this.tagSet = this.#collectTags(options.tags);
    if (parent === null) this.#becomeRoot(harness, entryFile);
    else this.#join(parent, only);
    this.#setConcurrency(options.concurrency);
    this.#setTimeout(timeout);
    if (skip) this.fn = noop;
    this.abortController = new AbortController();
    this.signal = this.abortController.signal;
    validateAbortSignal(signal, 'options.signal');
    this.outerSignal = signal;
    signal?.addEventListener('abort', this.#onAbort, { __proto__: null, [kResistStopPropagation]: true });
    this.mock = null;
    this.plan = null;
    this.expectedAssertions = plan;
    this.expectFailure = parseExpectFailure(expectFailure) || parent?.expectFailure;
    this.skipped = given(skip);
    this.isTodo = given(todo) || parent?.isTodo;
    this.message = typeof skip === 'string' ? skip : typeof todo === 'string' ? todo : null;
    this.cancelled = false;
    this.finished = false;
    this.passed = false;
    this.error = null;
    this.startTime = null;
    this.endTime = null;
    this.attempt = undefined;
    this.passedAttempt = undefined;
    this.subtests = [];
    this.activeSubtests = 0;
    // Wait for a place.
    this.pendingSubtests = [];
    this.pendingScheduled = false;
    // Ended, and wait for their turn to be told; by that turn.
    this.readySubtests = new Map();
    this.unfinishedSubtests = new Set();
    this.subtestsPromise = null;
    this.nextReportOrder = 1;
    this.reportOrder = 0;
    this.waitingOn = 0;
    this.random = this.config.randomize ? require('internal/test_runner/config').seededRandom(this.config.randomSeed) : null;
    this.hooks = { __proto__: null, before: [], after: [], beforeEach: [], afterEach: [], ownAfterEach: 0 };
    this.loc = locationOf(loc, this.config);
    if (this.loc != null && this.root.harness.previousRuns != null) require('internal/test_runner/rerun').replay(this);
  }

  #collectTags(tags) {
    const own = tags === undefined ? kNoTags : require('internal/test_runner/tags').canonicalTags(tags, 'options.tags');
    return new Set([...(this.parent?.tagSet ?? []), ...own]);
  }

  #becomeRoot(harness, entryFile) {
    this.root = this;
    this.harness = harness;
    this.config = harness.config;
    this.concurrency = 1;
    this.nesting = 0;
    this.only = this.config.only;
    this.reporter = new TestsStream();
    this.runOnlySubtests = this.only;
    this.childNumber = 0;
    this.timeout = null;
    this.entryFile = entryFile;
    this.testId = 0;
    this.nextTestId = 1;
    // How many tests were declared at one place.
    this.declaredAt = new Map();
  }

  #join(parent, only) {
    this.root = parent.root;
    this.harness = null;
    this.config = this.root.config;
    this.concurrency = parent.concurrency;
    this.nesting = parent.parent === null ? parent.nesting : parent.nesting + 1;
    this.only = only;
    this.reporter = parent.reporter;
    this.runOnlySubtests = false;
    this.childNumber = parent.subtests.length + 1;
    this.timeout = parent.timeout;
    this.entryFile = parent.entryFile;
    this.testId = this.root.nextTestId++;
    require('internal/test_runner/filters').choose(this);
  }

  #setConcurrency(concurrency) {
    if (typeof concurrency === 'number') {
      validateUint32(concurrency, 'options.concurrency', true);
      this.concurrency = concurrency;
    } else if (concurrency === true) {
      this.concurrency = this.parent === null ? Math.max(require('os').availableParallelism() - 1, 1) : Infinity;
    } else if (concurrency === false) {
      this.concurrency = 1;
    } else if (concurrency != null) {
      throw new ERR_INVALID_ARG_TYPE('options.concurrency', ['boolean', 'number'], concurrency);
    }
  }

  #setTimeout(timeout) {
    let name = 'options.timeout';
    if (timeout == null) {
      timeout = this.config.timeout;
      name = 'this.config.timeout';
    }
    if (timeout == null || timeout === Infinity) return;
    validateNumber(timeout, name, 0, TIMEOUT_MAX);
    this.timeout = timeout;
  }

  get tags() {
    return this.#tags ??= this.tagSet.size === 0 ? kNoTags : Object.freeze([...this.tagSet]);
  }

  // What patterns are matched with beside the own name.
  get path() {
    return this.parent === null ? '' : `${this.parent.path} ${this.name}`;
  }

  willBeFilteredByTags() {
    return !this.config.testTagFilters.every((fits) => fits(this.tagSet));
  }

  // --- the queue of subtests ---------------------------------------------------------------------------

  hasRoom() {
    return this.concurrency > this.activeSubtests;
  }

  // Order in which results are told: that in which tests begin, also of those that never do.
  assignOrder(subtest) {
    if (subtest.reportOrder === 0) subtest.reportOrder = this.nextReportOrder++;
  }

  #takePending() {
    const { pendingSubtests, random } = this;
    if (random === null || pendingSubtests.length < 2) return pendingSubtests.shift();
    return pendingSubtests.splice(Math.floor(random() * pendingSubtests.length), 1)[0];
  }

  // In a random order: those declared together are all there before one is taken.
  #schedulePending() {
    if (this.pendingScheduled) return;
    this.pendingScheduled = true;
    queueMicrotask(() => {
      this.pendingScheduled = false;
      this.runPending();
    });
  }

  async runPending() {
    while (this.pendingSubtests.length > 0 && this.hasRoom()) {
      const { resolve, test } = this.#takePending();
      this.assignOrder(test);
      test.reporter.queued('test:dequeue', test, this.reportedType);
      await test.run();
      resolve();
    }
  }

  subtestReady(subtest) {
    this.assignOrder(subtest);
    this.readySubtests.set(subtest.reportOrder, subtest);
    if (this.unfinishedSubtests.delete(subtest) && this.unfinishedSubtests.size === 0) this.subtestsPromise.resolve();
  }

  // Tells of the subtests whose turn it is.
  tellReady(mayTell) {
    const end = this.waitingOn + this.readySubtests.size;
    for (let i = this.waitingOn; i < end; i++) {
      const subtest = this.readySubtests.get(i);
      if (subtest === undefined) return;
      mayTell ||= this.isClearToSend();
      if (!mayTell) return;
      subtest.finalize();
      this.readySubtests.delete(i);
    }
  }

  // Whether it is this test's turn, and its parent's.
  isClearToSend() {
    return this.parent === null || (this.parent.waitingOn === this.reportOrder && this.parent.isClearToSend());
  }

  // test(name?, options?, fn?)
  createSubtest(Class, name, options, fn, overrides) {
    if (typeof name === 'function') {
      fn = name;
    } else if (name !== null && typeof name === 'object') {
      fn = options;
      options = name;
    } else if (typeof options === 'function') {
      fn = options;
    }
    if (options === null || typeof options !== 'object') options = kEmptyObject;
    let parent = this;
    // Too late: the root tells of it.
    const late = this.finished || this.buildEnded;
    while (late && parent.parent !== null) ({ parent } = parent);
    const test = new Class({ __proto__: null, fn, name, parent, ...options, ...overrides });
    if (parent.waitingOn === 0) {
      parent.waitingOn = test.childNumber;
      parent.subtestsPromise = Promise.withResolvers();
    }
    if (late) {
      test.fail(new ERR_TEST_FAILURE('test could not be started because its parent finished', 'parentAlreadyFinished'));
    }
    parent.subtests.push(test);
    return test;
  }

  // --- aborting ----------------------------------------------------------------------------------------

  #onAbort = () => {
    const error = this.outerSignal?.reason || new AbortError('The test was aborted');
    error.failureType = 'testAborted';
    this.#cancel(error);
  };

  #cancel(error) {
    if (this.endTime !== null || this.error !== null) return;
    this.fail(error || new ERR_TEST_FAILURE('test did not finish before its parent and was cancelled', 'cancelledByParent'));
    this.cancelled = true;
    this.abortController.abort();
  }

  isAborted() {
    if (!this.signal.aborted && !this.outerSignal?.aborted) return false;
    this.#onAbort();
    return true;
  }

  // --- hooks -------------------------------------------------------------------------------------------

  inheritHooks() {
    const { hooks } = this.parent;
    this.hooks.beforeEach.unshift(...hooks.beforeEach);
    this.hooks.afterEach.push(...hooks.afterEach);
  }

  createHook(kind, fn, options) {
    validateOneOf(kind, 'hook name', kHooks);
    const hook = new TestHook(fn, options);
    if (kind === 'before' || kind === 'after') hook.run = once(hook.run);
    // Of a test that runs already.
    if (kind === 'before' && this.startTime !== null) {
      hook.run(this.runArguments()).then(() => {
        if (hook.error != null) this.fail(hook.error);
      });
    }
    // The own ones in the order they were made, before those of parents.
    if (kind === 'afterEach') this.hooks.afterEach.splice(this.hooks.ownAfterEach++, 0, hook);
    else this.hooks[kind].push(hook);
  }

  async runHooks(kind, args) {
    try {
      // More may come while they run.
      for (let i = 0; i < this.hooks[kind].length; i++) {
        const hook = this.hooks[kind][i];
        await hook.run(args);
        if (hook.error) throw hook.error;
      }
    } catch (error) {
      const failure = new ERR_TEST_FAILURE(`failed running ${kind} hook`, 'hookFailed');
      failure.cause = isTestFailure(error) ? error.cause : error;
      throw failure;
    }
  }

  // --- results -----------------------------------------------------------------------------------------

  fail(error) {
    if (this.error !== null) return;
    const match = this.expectFailure ? this.expectFailure.match : undefined;
    if (match !== undefined) {
      const thrown = error?.code === 'ERR_TEST_FAILURE' && error.failureType === 'testCodeFailure' && error.cause ? error.cause : error;
      try {
        require('assert').throws(() => {
          throw thrown;
        }, match);
      } catch (cause) {
        this.passed = false;
        this.error = new ERR_TEST_FAILURE('The test failed, but the error did not match the expected validation', 'testCodeFailure');
        this.error.cause = cause;
        return;
      }
    }
    this.passed = Boolean(this.expectFailure);
    this.error = error;
  }

  pass() {
    if (this.error !== null) return;
    if (this.expectFailure && !this.skipped) {
      this.passed = false;
      this.error = new ERR_TEST_FAILURE('test was expected to fail but passed', 'expectedFailure');
      return;
    }
    this.passed = true;
  }

  skip(message) {
    this.skipped = true;
    this.message = message;
  }

  todo(message) {
    this.isTodo = true;
    this.message = message;
  }

  diagnostic(message) {
    this.diagnostics.push(message);
  }

  log(message, data) {
    validateString(message, 'message');
    this.reporter.log(this, message, data);
  }

  // --- running -----------------------------------------------------------------------------------------

  // Runs now where there is room, else when there is.
  start() {
    const { parent } = this;
    require('internal/test_runner/filters').apply(this);
    if (this.filtered) {
      // Nobody reads what is told there.
      this.reporter = this.root.harness.unheard ??= new TestsStream();
      this.run = this.runFiltered;
    } else {
      this.testNumber = ++parent.reportedChildren;
    }
    parent.unfinishedSubtests.add(this);
    this.reporter.queued('test:enqueue', this, this.reportedType);
    if (this.root.harness.buildPromise || !parent.hasRoom() || parent.random !== null) {
      const waiting = { ...Promise.withResolvers(), test: this };
      parent.pendingSubtests.push(waiting);
      if (!this.root.harness.buildPromise && parent.hasRoom()) parent.#schedulePending();
      return waiting.promise;
    }
    parent.assignOrder(this);
    this.reporter.queued('test:dequeue', this, this.reportedType);
    return this.run();
  }

  context() {
    return this.#context ??= new TestContext(this);
  }

  // What the function, and hooks for this test, are called with.
  runArguments() {
    const context = this.context();
    return { context, args: [context] };
  }

  async runFiltered() {
    this.pass();
    this.subtests = [];
    this.report = noop;
    queueMicrotask(() => this.postRun());
  }

  // What a function gave that takes a callback, and the promise of the callback.
  #onlyCallback(result, promise) {
    if (!require('internal/util/types').isPromise(result)) return promise;
    this.fail(new ERR_TEST_FAILURE('passed a callback but also returned a Promise', 'callbackAndPromisePresent'));
    return result;
  }

  async run() {
    const { parent } = this;
    if (parent !== null) {
      parent.activeSubtests++;
      this.inheritHooks();
    }
    this.startTime ??= now();
    // A test's span holds its hooks.
    const channel = this.hookType === undefined ? channelOf(this) : null;
    if (this.isAborted()) {
      this.postRun();
      return;
    }
    const hookArgs = this.runArguments();
    const { args, context } = hookArgs;
    if (this.plan === null && this.expectedAssertions) context.plan(this.expectedAssertions);
    const skippedFromStart = this.skipped;
    const after = async () => {
      if (this.hooks.after.length > 0) await this.runHooks('after', hookArgs);
    };
    const afterEach = once(async () => {
      if (parent?.hooks.afterEach.length > 0 && !skippedFromStart) await parent.runHooks('afterEach', hookArgs);
    });
    let limit;
    try {
      if (parent?.hooks.before.length > 0) await parent.runHooks('before', parent.runArguments());
      if (parent?.hooks.beforeEach.length > 0 && !this.skipped) await parent.runHooks('beforeEach', hookArgs);
      limit = deadline(this.timeout, this.signal);
      const fn = channel === null ? this.fn : channel.wrap(this.fn);
      const { callback, promise } = promiseOfCallback();
      // Called here: every frame between this and the program's is one less of the program's in a stack.
      const result = this.fn.length === args.length + 1 ?
        this.#onlyCallback(this.runInAsyncScope(fn, context, ...args, callback), promise) :
        this.runInAsyncScope(fn, context, ...args);
      await first(Promise.resolve(result), limit.promise);
      this.isAborted();
      if (this.subtestsPromise !== null) await first(this.subtestsPromise.promise, limit.promise);
      const planned = this.plan?.check();
      if (planned !== undefined) await first(planned, limit.promise);
      this.pass();
      await afterEach();
      await after();
    } catch (error) {
      channel?.error(error);
      if (!isTestFailure(error)) this.fail(new ERR_TEST_FAILURE(error, 'testCodeFailure'));
      else if (error.failureType === 'testTimeoutFailure') this.#cancel(error);
      else this.fail(error);
      // It failed already.
      await afterEach().catch(noop);
      await after().catch(noop);
    } finally {
      limit?.stop();
      // Hooks run for several tests, the root for all.
      if (parent !== null) this.abortController.abort();
      channel?.end();
    }
    if (parent !== null || this.hookType !== undefined) this.postRun();
    else if (this.config.forceExit) await require('internal/test_runner/harness').forceExit(this);
  }

  // Ends the test: cancels what goes on, tells the result when it is its turn, lets others run.
  postRun(pendingError) {
    this.endTime ??= now();
    this.startTime ??= this.endTime;
    this.pendingSubtests = [];
    let failed = 0;
    for (const subtest of this.subtests) {
      if (!subtest.finished) {
        subtest.#cancel(pendingError);
        subtest.postRun(pendingError);
      }
      if (!subtest.passed && !subtest.isTodo) failed++;
    }
    if ((this.passed || this.parent === null) && failed > 0) {
      this.fail(new ERR_TEST_FAILURE(`${failed} subtest${failed > 1 ? 's' : ''} failed`, 'subtestsFailed'));
    }
    this.outerSignal?.removeEventListener('abort', this.#onAbort);
    this.mock?.reset();
    if (this.parent === null) {
      require('internal/test_runner/harness').reportEnd(this);
      return;
    }
    if (!this.filtered) {
      const { details, directive } = this.describe();
      details.passed = this.passed;
      this.testNumber ||= ++this.parent.reportedChildren;
      this.reporter.result('test:complete', this, this.testNumber, details, directive);
      this.parent.activeSubtests--;
    }
    this.parent.subtestReady(this);
    this.parent.tellReady(false);
    this.parent.runPending();
  }

  // It is this test's turn: it has ended, and so have its subtests.
  finalize() {
    this.tellReady(true);
    this.report();
    this.parent.waitingOn++;
    this.finished = true;
    const { root } = this;
    // All have ended. Something may keep the loop alive: after() can end it.
    if (this.parent === root && root.waitingOn > root.subtests.length) root.run();
  }

  // Milliseconds.
  duration() {
    return Number(this.endTime - this.startTime) / 1e6;
  }

  #directive() {
    if (this.skipped) return { __proto__: null, skip: this.message ?? true };
    if (this.isTodo) return { __proto__: null, todo: this.message ?? true };
    if (this.expectFailure) return { __proto__: null, expectFailure: this.expectFailure.label ?? true };
    return undefined;
  }

  describe() {
    const details = { __proto__: null, duration_ms: this.duration() };
    if (this.reportedType) details.type = this.reportedType;
    if (!this.passed) details.error = this.error;
    if (this.attempt !== undefined) details.attempt = this.attempt;
    if (this.passedAttempt !== undefined) details.passed_on_attempt = this.passedAttempt;
    const suites = [];
    for (let up = this.parent; up !== null && up !== this.root; up = up.parent) suites.unshift(up.name);
    if (suites.length > 0) details.classname = suites.join('.');
    return { details, directive: this.#directive() };
  }

  report() {
    require('internal/test_runner/harness').count(this, this.root.harness);
    if (this.reportedChildren > 0) this.reporter.plan(this.subtests[0].nesting, this.loc, this.reportedChildren);
    else this.reportStart();
    const { details, directive } = this.describe();
    this.reporter.result(this.passed ? 'test:pass' : 'test:fail', this, this.testNumber, details, directive);
    for (const message of this.diagnostics) this.reporter.diagnostic(this.nesting, this.loc, message);
  }

  // Parents first, each once.
  reportStart() {
    if (this.#startReported || this.parent === null) return;
    this.#startReported = true;
    this.parent.reportStart();
    this.reporter.start(this);
  }
}

class TestHook extends Test {
  reportedType = 'hook';
  #args;

  constructor(fn, { hookType, loc, parent, signal, timeout }) {
    super({ __proto__: null, fn, loc, timeout, signal, harness: parent.root.harness });
    this.parentTest = parent;
    this.hookType = hookType;
  }

  // A hook runs for many tests.
  run(args) {
    if (this.error && !this.outerSignal?.aborted) {
      this.passed = false;
      this.error = null;
      this.abortController.abort();
      this.abortController = new AbortController();
      this.signal = this.abortController.signal;
    }
    this.#args = args;
    return super.run();
  }

  context() {
    return this.parentTest.context();
  }

  runArguments() {
    return this.#args;
  }

  // Only a failure of the root's after() is told here; the others are their tests'.
  postRun() {
    const { error, loc, parentTest: root } = this;
    if (!error || root !== root.root || this.hookType !== 'after') return;
    if (isTestFailure(error)) error.failureType = 'hookFailed';
    this.endTime ??= now();
    const details = { __proto__: null, duration_ms: this.duration(), error };
    const told = { __proto__: null, name: loc.file, nesting: 0, testId: undefined, parent: null, tags: root.tags, loc };
    root.reporter.result('test:fail', told, root.subtests.length + 1, details, undefined);
  }
}

class Suite extends Test {
  reportedType = 'suite';
  #channel;

  constructor(options) {
    super(options);
    if (options.timeout == null) this.timeout = null;
    if (this.config.testNamePatterns !== null && this.config.testSkipPatterns !== null && !options.skip) {
      this.fn = options.fn || this.fn;
      this.skipped = false;
    }
    this.buildSuite = this.#build();
    this.fn = noop;
  }

  // The suite's function declares its tests.
  async #build() {
    const channel = channelOf(this);
    try {
      const { args, context } = this.runArguments();
      const fn = channel.wrap(this.fn);
      await this.runInAsyncScope(fn, context, ...args);
    } catch (error) {
      channel.error(error);
      this.fail(new ERR_TEST_FAILURE(error, 'testCodeFailure'));
    }
    this.#channel = channel;
    this.buildEnded = true;
  }

  runArguments() {
    const context = new SuiteContext(this);
    return { context, args: [context] };
  }

  async runFiltered() {
    await this.buildSuite;
    return super.runFiltered();
  }

  async run() {
    this.inheritHooks();
    const hookArgs = this.runArguments();
    const after = once(() => this.runHooks('after', hookArgs));
    let limit;
    try {
      this.parent.activeSubtests++;
      await this.buildSuite;
      this.startTime = now();
      if (this.isAborted()) {
        this.subtests = [];
        this.postRun();
        return;
      }
      if (this.parent.hooks.before.length > 0) await this.parent.runHooks('before', this.parent.runArguments());
      await this.runHooks('before', hookArgs);
      limit = deadline(this.timeout, this.signal);
      const subtests = this.skipped || this.error ? [] : this.subtests;
      await first(all(subtests.map((subtest) => subtest.start())), limit.promise);
      await after();
      this.pass();
    } catch (error) {
      // It failed already.
      await after().catch(noop);
      this.fail(isTestFailure(error) ? error : new ERR_TEST_FAILURE(error, 'testCodeFailure'));
    } finally {
      limit?.stop();
      this.#channel?.end();
      this.#channel = undefined;
    }
    this.postRun();
  }
}

module.exports = { callerLocation, isTestFailure, Suite, Test };
