'use strict';
// The root of all tests: made by the first test(), or by run(). Owns: the process's events while tests run, counting, the end.

const { codes: { ERR_TEST_FAILURE } } = require('internal/errors');
const { TIMEOUT_MAX } = require('internal/timers');
const { reporterScope, running } = require('internal/test_runner/scope');
const { callerLocation, Suite, Test } = require('internal/test_runner/test');
const { clearInterval, setInterval, setTimeout } = require('timers');

// Milliseconds that a signal leaves reporters.
const kMostForReports = 2000;

let globalRoot;
let setupDone = false;

function newCounters() {
  return { __proto__: null, tests: 0, failed: 0, passed: 0, cancelled: 0, skipped: 0, todo: 0, topLevel: 0, suites: 0 };
}

class Harness {
  success = true;
  counters = newCounters();
  snapshots = null;
  previousRuns = null;
  globalTeardown = null;
  // The run goes on after its end.
  watching = false;
  // Suites that are being declared; nothing runs before all are.
  suites = [];
  waitsForSuites = false;
  bootstrapPromise;
  #build = Promise.withResolvers();

  constructor(config) {
    this.config = config;
    this.buildPromise = this.#build.promise;
    this.isFilteringByName = Boolean(config.testNamePatterns || config.testSkipPatterns);
    // Tests of one process know only after all are declared whether one is `only`.
    this.isFilteringByOnly = config.isolation === 'process' || process.env.NODE_TEST_CONTEXT ? config.only : true;
    this.isFilteringByTags = config.testTagFilters != null;
    this.colorFiles = require('internal/test_runner/config').anyColors(config.destinations);
    this.coverage = undefined;
    this.bootstrapPromise = this.#setUp();
  }

  // --test-global-setup
  async #setUp() {
    if (setupDone) return;
    setupDone = true;
    const { cwd, globalSetupPath } = this.config;
    if (!globalSetupPath) return;
    require('internal/fs/utils').validatePath(globalSetupPath, 'options.globalSetupPath');
    const { validateFunction } = require('internal/validators');
    const { pathToFileURL } = require('internal/url');
    const { resolve } = require('path');
    const module = await require('internal/modules/esm/loader').importFrom(
      pathToFileURL(resolve(cwd, globalSetupPath)).href, pathToFileURL(`${cwd}/`).href);
    const { globalSetup, globalTeardown } = module;
    if (globalSetup) validateFunction(globalSetup, 'globalSetupModule.globalSetup');
    if (globalTeardown) {
      validateFunction(globalTeardown, 'globalSetupModule.globalTeardown');
      this.globalTeardown = globalTeardown;
    }
    await globalSetup?.();
  }

  async finishBuild() {
    if (this.suites.length > 0) await Promise.all(this.suites);
    this.#build.resolve();
  }
}

function createRoot(options, config) {
  const harness = new Harness(config);
  globalRoot = new Test({ __proto__: null, ...options, harness, name: '<root>' });
  if (config.coverage) harness.coverage = require('internal/test_runner/coverage').startCoverage(globalRoot);
  watchProcess(globalRoot, config);
  globalRoot.startTime = process.hrtime.bigint();
  return globalRoot;
}

// --- the process's events --------------------------------------------------------------------------------

function lateActivity(root, test, error, event) {
  const what = `activity after the test ended. This activity created the error "${error}"`;
  if (!test) return `Error: A resource generated asynchronous ${what} which triggered an ${event} event, caught by the test runner.`;
  const name = test.hookType ? `Test hook "${test.hookType}"` : `Test "${test.name}"`;
  let place = '';
  if (test.loc) {
    const { file, line, column } = test.loc;
    place = ` at ${require('path').relative(root.config.cwd, file)}:${line}:${column}`;
  }
  return `Error: ${name}${place} generated asynchronous ${what} and would have caused the test to fail, but instead triggered ` +
    `an ${event} event.`;
}

function failRun(root, message) {
  root.diagnostic(message);
  root.harness.success = false;
  process.exitCode = 1;
}

function onError(event, root) {
  return (error) => {
    // While the runner itself starts, and in reporters, it is nobody's test.
    if (root.harness.bootstrapPromise) throw error;
    const test = running();
    if (test === reporterScope) throw error;
    if (!test || test.finished || test.hookType) {
      failRun(root, lateActivity(root, test, error, event));
      return;
    }
    test.fail(new ERR_TEST_FAILURE(error, event));
    test.abortController.abort();
  };
}

// The innermost tests that run.
function runningTests(test, found = []) {
  if (test.startTime === null || test.finished) return found;
  for (const subtest of test.subtests) runningTests(subtest, found);
  if (test.activeSubtests === 0 && test.parent !== null) {
    const { loc, name, nesting } = test;
    found.push({ __proto__: null, name, nesting, file: loc?.file, line: loc?.line, column: loc?.column });
  }
  return found;
}

function watchProcess(root, config) {
  const onException = onError('uncaughtException', root);
  const onRejection = onError('unhandledRejection', root);

  async function onExit(kill) {
    if (root.subtests.length === 0 && (root.hooks.before.length > 0 || root.hooks.after.length > 0)) await root.run();
    if (kill !== true && root.subtestsPromise !== null) {
      // Nothing else may keep the process.
      const alive = setInterval(() => {}, TIMEOUT_MAX);
      await root.subtestsPromise.promise;
      clearInterval(alive);
    }
    root.postRun(new ERR_TEST_FAILURE(
      'Promise resolution is still pending but the event loop has already resolved', 'cancelledByParent'));
    const { globalTeardown } = root.harness;
    root.harness.globalTeardown = null;
    await globalTeardown?.();
    process.removeListener('uncaughtException', onException);
    process.removeListener('unhandledRejection', onRejection);
    process.removeListener('beforeExit', onExit);
    process.removeListener('SIGINT', onSignal);
    process.removeListener('SIGTERM', onSignal);
  }

  async function onSignal() {
    const tests = runningTests(root);
    if (tests.length > 0) {
      root.reporter.interrupted(tests);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const written = reportsWritten();
    if (root.harness.watching && tests.length === 0) {
      // All that ran was told.
      root.reported = true;
      root.reporter.end();
    }
    root.harness.watching = false;
    await onExit(true);
    await Promise.race([written, new Promise((resolve) => setTimeout(resolve, kMostForReports))]);
    process.exit();
  }

  if (config.rerunFailuresFilePath) require('internal/test_runner/rerun').prepare(root, failRun);
  process.on('uncaughtException', onException);
  process.on('unhandledRejection', onRejection);
  process.on('beforeExit', onExit);
  if (config.isTestRunner) {
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  }
  root.harness.teardown = onExit;
}

// --- the end ---------------------------------------------------------------------------------------------

// One result in the totals.
function count(test, harness) {
  const { counters } = harness;
  if (test.nesting === 0) counters.topLevel++;
  if (test.reportedType === 'suite') {
    counters.suites++;
    if (!test.passed && !test.isTodo) harness.success = false;
    return;
  }
  counters.tests++;
  if (test.skipped) {
    counters.skipped++;
  } else if (test.isTodo) {
    counters.todo++;
  } else if (test.passed && !test.cancelled) {
    counters.passed++;
  } else {
    if (test.cancelled) counters.cancelled++;
    else counters.failed++;
    harness.success = false;
  }
}

const totals = [
  ['tests', 'tests'], ['suites', 'suites'], ['pass', 'passed'], ['fail', 'failed'], ['cancelled', 'cancelled'],
  ['skipped', 'skipped'], ['todo', 'todo'],
];

function reportCoverage({ harness, loc, nesting, reporter }, summary) {
  for (const message of require('internal/test_runner/coverage').shortfalls(summary)) {
    harness.success = false;
    process.exitCode = 1;
    reporter.diagnostic(nesting, loc, message, 'error');
  }
  reporter.coverage(nesting, loc, summary);
}

// The root's result: plan, messages, totals.
function reportEnd(root) {
  if (root.reported) return;
  root.reported = true;
  const { harness, loc, nesting, reporter } = root;
  // First: it may leave a message.
  const summary = harness.coverage && require('internal/test_runner/coverage').finishCoverage(root, harness.coverage);
  reporter.plan(nesting, loc, harness.counters.topLevel);
  harness.snapshots?.save();
  for (const message of root.diagnostics) reporter.diagnostic(nesting, loc, message);
  const duration = root.duration();
  for (const { 0: shown, 1: counter } of totals) reporter.diagnostic(nesting, loc, `${shown} ${harness.counters[counter]}`);
  reporter.diagnostic(nesting, loc, `duration_ms ${duration}`);
  if (summary !== undefined) reportCoverage(root, summary);
  reporter.summary(loc?.file, harness.success, harness.counters, duration);
  if (!harness.watching) {
    reporter.end();
    return;
  }
  // The next files that run again have a result of their own.
  root.reported = false;
  root.endTime = null;
  root.startTime = process.hrtime.bigint();
  root.diagnostics = [];
  harness.counters = newCounters();
  harness.success = true;
}

// Resolves when what the reporters told is written.
function reportsWritten() {
  return Promise.all(reporterScope.reporters.map(({ destination }) => new Promise((resolve) => {
    destination.on('unpipe', () => {
      if (!destination.closed && typeof destination.close === 'function') destination.close(resolve);
      else resolve();
    });
  })));
}

// --test-force-exit: when the root ends, whatever keeps the loop alive.
async function forceExit(root) {
  const written = reportsWritten();
  root.harness.teardown();
  await written;
  process.exit();
}

// --- declaring -------------------------------------------------------------------------------------------

// Without --test and without run(): the file that declares tests is the program.
function ensureRoot() {
  if (globalRoot !== undefined) return globalRoot;
  const entryFile = process.argv?.[1];
  const config = require('internal/test_runner/config').commandLine();
  config.cwd = process.cwd();
  const root = createRoot({ __proto__: null, entryFile, loc: entryFile ? [1, 1, entryFile] : undefined }, config);
  root.reporter.on('test:summary', (data) => {
    if (!data.success) process.exitCode = 1;
  });
  root.harness.bootstrapPromise = Promise.all([root.harness.bootstrapPromise, config.setup(root.reporter)]);
  return root;
}

async function startWhenBuilt(subtest) {
  const { harness } = subtest.root;
  if (harness.buildPromise) {
    if (harness.bootstrapPromise) {
      await harness.bootstrapPromise;
      harness.bootstrapPromise = null;
    }
    if (subtest.buildSuite) harness.suites.push(subtest.buildSuite);
    if (!harness.waitsForSuites) {
      harness.waitsForSuites = true;
      queueMicrotask(() => harness.finishBuild());
    }
    await harness.buildPromise;
    harness.buildPromise = null;
  }
  await subtest.start();
}

function parentNow() {
  return running() ?? ensureRoot();
}

function declare(Class, name, options, fn, overrides) {
  const parent = parentNow();
  const subtest = parent.createSubtest(Class, name, options, fn, overrides);
  // A suite starts its children itself.
  return parent instanceof Suite ? Promise.resolve() : startWhenBuilt(subtest);
}

function makeDeclare(Class) {
  const test = (name, options, fn) => declare(Class, name, options, fn, { __proto__: null, loc: callerLocation() });
  for (const key of ['expectFailure', 'skip', 'todo', 'only']) {
    test[key] = (name, options, fn) => declare(Class, name, options, fn, { __proto__: null, [key]: true, loc: callerLocation() });
  }
  return test;
}

function makeHook(kind) {
  return (fn, options) => {
    const loc = callerLocation();
    const parent = parentNow();
    parent.createHook(kind, fn, { __proto__: null, ...options, parent, hookType: kind, loc });
  };
}

function getTestContext() {
  const test = running();
  return test === undefined || test === reporterScope ? undefined : test.context();
}

module.exports = {
  after: makeHook('after'),
  afterEach: makeHook('afterEach'),
  before: makeHook('before'),
  beforeEach: makeHook('beforeEach'),
  count,
  createRoot,
  forceExit,
  getTestContext,
  reportEnd,
  startWhenBuilt,
  suite: makeDeclare(Suite),
  test: makeDeclare(Test),
};
