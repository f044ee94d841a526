'use strict';
// run() and --test: finds test files and runs each in a process of its own, or all in this one.

const {
  codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_TEST_FAILURE },
} = require('internal/errors');
const { basename, isAbsolute, resolve } = require('path');
const { commandLine, defaultPattern, randomSeed, toRegExp } = require('internal/test_runner/config');
const { kEmptyObject } = require('internal/util');
const {
  validateArray, validateBoolean, validateFunction, validateInteger, validateObject, validateOneOf, validateString,
  validateStringArray, validateUint32,
} = require('internal/validators');

// --- which files -----------------------------------------------------------------------------------------

function isDirectory(path) {
  return require('fs').statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

const hasMagic = (pattern) => /[*?[{]|[!@+]\(/.test(pattern);

// A folder stands for the test files in it.
function findFiles(patterns, cwd) {
  const given = patterns != null;
  const searched = !given || patterns.length === 0 ? [defaultPattern()] : patterns.map((pattern) => (
    isDirectory(isAbsolute(pattern) ? pattern : resolve(cwd, pattern)) ? `${pattern.replace(/\/+$/, '')}/${defaultPattern()}` : pattern));
  const { globSync } = require('internal/fs/glob');
  // Packages are no tests of this project, unless they are named.
  const exclude = (path) => basename(path) === 'node_modules';
  const found = searched.flatMap((pattern) => globSync(pattern, { __proto__: null, cwd, exclude: pattern.includes('node_modules') ? undefined : exclude }));
  if (given && found.length === 0 && !searched.some(hasMagic)) {
    console.error(`Could not find '${searched.join(', ')}'`);
    process.exit(1);
  }
  return [...new Set(found)].sort();
}

// --- options ---------------------------------------------------------------------------------------------

function patterns(given, name) {
  if (given == null) return undefined;
  return (Array.isArray(given) ? given : [given]).map((value, i) => {
    if (require('internal/util/types').isRegExp(value)) return value;
    if (typeof value !== 'string') throw new ERR_INVALID_ARG_TYPE(`${name}[${i}]`, ['string', 'RegExp'], value);
    return toRegExp(value, `${name}[${i}]`);
  });
}

// { filters, expressions } of `testTagFilters`; those of the command line are parsed already.
function tagFilters({ testTagFilterExpressions, testTagFilters }) {
  if (testTagFilters == null) return { filters: null, expressions: testTagFilterExpressions ?? null };
  const given = Array.isArray(testTagFilters) ? testTagFilters : [testTagFilters];
  if (given.length === 0) return { filters: null, expressions: testTagFilterExpressions ?? null };
  if (testTagFilterExpressions != null && typeof given[0] === 'function') return { filters: given, expressions: testTagFilterExpressions };
  require('internal/util').emitExperimentalWarning('Test tags');
  const { parseTagFilter } = require('internal/test_runner/tags');
  const filters = given.map((value, i) => {
    if (typeof value !== 'string') throw new ERR_INVALID_ARG_TYPE(`options.testTagFilters[${i}]`, 'string', value);
    return parseTagFilter(value, `options.testTagFilters[${i}]`);
  });
  return { filters, expressions: [...given] };
}

function refuse(name, value, reason) {
  throw new ERR_INVALID_ARG_VALUE(name, value, reason);
}

function validateOrder({ randomize, randomSeed: seed, rerunFailuresFilePath, watch }) {
  if (randomize != null) validateBoolean(randomize, 'options.randomize');
  if (seed != null) validateUint32(seed, 'options.randomSeed');
  const check = (mode) => {
    if (seed != null) refuse('options.randomSeed', seed, `is not supported with ${mode}`);
    if (randomize) refuse('options.randomize', randomize, `is not supported with ${mode}`);
  };
  if (watch) check('watch mode');
  if (rerunFailuresFilePath) {
    require('internal/fs/utils').validatePath(rerunFailuresFilePath, 'options.rerunFailuresFilePath');
    check('rerun failures mode');
  }
}

function validateCoverage(options) {
  const { coverage = false, coverageIncludeAll = false, coverageExcludeGlobs, coverageIncludeGlobs } = options;
  validateBoolean(coverage, 'options.coverage');
  validateBoolean(coverageIncludeAll, 'options.coverageIncludeAll');
  const globs = (value, name) => {
    if (value != null) validateStringArray(Array.isArray(value) ? value : [value], name);
  };
  globs(coverageExcludeGlobs, 'options.coverageExcludeGlobs');
  globs(coverageIncludeGlobs, 'options.coverageIncludeGlobs');
  for (const name of ['lineCoverage', 'branchCoverage', 'functionCoverage']) validateInteger(options[name] ?? 0, `options.${name}`, 0, 100);
}

// What run() is given goes in front of the command line's.
function coverageOf(options, commanded) {
  const list = (value) => (value == null ? undefined : [value].flat());
  const coverage = options.coverage ?? commanded.coverage;
  return {
    coverage,
    coverageIncludeAll: options.coverageIncludeAll ?? commanded.coverageIncludeAll ?? false,
    coverageExcludeGlobs: list(options.coverageExcludeGlobs) ?? commanded.coverageExcludeGlobs ?? [defaultPattern()],
    coverageIncludeGlobs: list(options.coverageIncludeGlobs) ?? commanded.coverageIncludeGlobs ?? [],
    lineCoverage: options.lineCoverage ?? commanded.lineCoverage ?? 0,
    branchCoverage: options.branchCoverage ?? commanded.branchCoverage ?? 0,
    functionCoverage: options.functionCoverage ?? commanded.functionCoverage ?? 0,
  };
}

function validateShard(shard, watch) {
  if (shard == null) return undefined;
  validateObject(shard, 'options.shard');
  // Each read once.
  const { index, total } = shard;
  validateInteger(total, 'options.shard.total', 1);
  validateInteger(index, 'options.shard.index', 1, total);
  if (watch) refuse('options.shard', watch, 'shards not supported with watch mode');
  return { index, total };
}

// The options of run(), checked and completed.
function readOptions(options) {
  validateObject(options, 'options');
  const { env, files, forceExit, globPatterns, globalSetupPath, only, setup, watch } = options;
  const { argv = [], cwd = process.cwd(), execArgv = [], isolation = 'process' } = options;
  if (files != null) validateArray(files, 'options.files');
  if (watch != null) validateBoolean(watch, 'options.watch');
  if (forceExit != null) {
    validateBoolean(forceExit, 'options.forceExit');
    if (forceExit && watch) refuse('options.forceExit', watch, 'is not supported with watch mode');
  }
  if (only != null) validateBoolean(only, 'options.only');
  if (globPatterns != null) validateArray(globPatterns, 'options.globPatterns');
  validateOrder(options);
  validateString(cwd, 'options.cwd');
  if (globPatterns?.length > 0 && files?.length > 0) {
    refuse('options.globPatterns', globPatterns, "is not supported when specifying 'options.files'");
  }
  const shard = validateShard(options.shard, watch);
  if (setup != null) validateFunction(setup, 'options.setup');
  const testNamePatterns = patterns(options.testNamePatterns, 'options.testNamePatterns');
  const testSkipPatterns = patterns(options.testSkipPatterns, 'options.testSkipPatterns');
  const tags = tagFilters(options);
  validateOneOf(isolation, 'options.isolation', ['process', 'none']);
  validateCoverage(options);
  validateStringArray(argv, 'options.argv');
  validateStringArray(execArgv, 'options.execArgv');
  if (globalSetupPath != null) require('internal/fs/utils').validatePath(globalSetupPath, 'options.globalSetupPath');
  if (env != null) {
    validateObject(env, 'options.env');
    if (isolation === 'none') refuse('options.env', env, "is not supported with isolation='none'");
  }
  if (watch && isolation === 'none') {
    throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM("options.watch of node:test.run() with isolation 'none'");
  }
  const randomize = options.randomize || options.randomSeed != null;
  return {
    ...options,
    argv, cwd, execArgv, isolation, randomize, shard, tags, testNamePatterns, testSkipPatterns,
    randomSeed: randomize ? options.randomSeed ?? randomSeed() : undefined,
  };
}

// --- a process a file ------------------------------------------------------------------------------------

// Words of our own command line that are for this process alone.
const ownOptions = new Set(['--test', '--test-randomize', '--watch', '--experimental-test-coverage']);
const ownOptionsWithValue = [
  '--experimental-test-tag-filter', '--test-reporter', '--test-reporter-destination', '--test-random-seed', '--test-shard',
  '--test-isolation', '--test-concurrency', '--test-name-pattern', '--test-skip-pattern', '--test-timeout', '--test-global-setup',
  '--test-rerun-failures',
];
const setAnew = new Set(['--test-only', '--test-force-exit']);
// Those that were taken out and hold for the files too.
const passedOn = ['--test-name-pattern', '--test-skip-pattern', '--test-rerun-failures'];

function inheritedArgs() {
  const out = [];
  const { execArgv } = process;
  const { getOptionValue } = require('internal/options');
  for (let i = 0; i < execArgv.length; i++) {
    const word = execArgv[i];
    if (ownOptions.has(word) || setAnew.has(word)) continue;
    if (ownOptionsWithValue.includes(word)) {
      i++;
      continue;
    }
    if (ownOptionsWithValue.some((name) => word.startsWith(`${name}=`))) continue;
    out.push(word);
  }
  if (!getOptionValue('--test')) return out;
  for (const name of passedOn) for (const value of [getOptionValue(name)].flat()) if (value) out.push(`${name}=${value}`);
  if (getOptionValue('--test-only')) out.push('--test-only');
  if (getOptionValue('--test-force-exit')) out.push('--test-force-exit');
  if (getOptionValue('--test-timeout')) out.push(`--test-timeout=${getOptionValue('--test-timeout')}`);
  return out;
}

function argsFor(path, options, root) {
  const args = inheritedArgs();
  const add = (name, value) => {
    const word = value === true ? name : `${name}=${value}`;
    if (value != null && value !== false && !args.includes(word)) args.push(word);
  };
  add('--test-force-exit', options.forceExit === true);
  for (const pattern of options.testNamePatterns ?? []) add('--test-name-pattern', pattern);
  for (const pattern of options.testSkipPatterns ?? []) add('--test-skip-pattern', pattern);
  for (const expression of options.tags.expressions ?? []) add('--experimental-test-tag-filter', expression);
  add('--test-only', options.only === true);
  add('--test-timeout', root.timeout);
  add('--test-rerun-failures', options.rerunFailuresFilePath || undefined);
  add('--test-randomize', options.randomize);
  add('--test-random-seed', options.randomSeed);
  return [...args, ...options.execArgv, path, ...options.argv];
}

function runFile(path, options, root, nextWorker, watch) {
  const { FileTest } = require('internal/test_runner/file_test');
  const { spawn } = require('child_process');
  const { once } = require('events');
  const { finished } = require('stream/promises');
  const subtest = root.createSubtest(FileTest, path, { __proto__: null, signal: options.signal }, async (t) => {
    const env = { __proto__: null, NODE_TEST_CONTEXT: 'child-v8', ...(options.env || process.env), NODE_TEST_WORKER_ID: `${nextWorker()}` };
    if (root.harness.colorFiles) env.FORCE_COLOR = '1';
    if (watch !== undefined) env.WATCH_REPORT_DEPENDENCIES = '1';
    const child = spawn(process.execPath, argsFor(path, options, root), {
      __proto__: null, cwd: options.cwd, encoding: 'utf8', env, signal: t.signal,
      stdio: watch === undefined ? 'pipe' : ['pipe', 'pipe', 'pipe', 'ipc'],
    });
    watch?.started(path, child);
    let failure;
    child.on('error', (error) => {
      failure = error;
    });
    child.stdout.on('data', (bytes) => subtest.receive(bytes));
    const lines = require('readline').createInterface({ __proto__: null, input: child.stderr });
    lines.on('line', (line) => {
      subtest.add({ type: 'test:stderr', data: { __proto__: null, file: path, message: `${line}\n` } });
    });
    const [[code, signal]] = await Promise.all([
      once(child, 'exit', { __proto__: null, signal: t.signal }),
      finished(child.stdout, { __proto__: null, signal: t.signal }),
    ]);
    lines.close();
    if (code === 0 && signal === null) return;
    if (failure === undefined) {
      // Where it failed is told by the file's tests.
      failure = Object.assign(
        new ERR_TEST_FAILURE('test failed', subtest.failedSubtests ? 'subtestsFailed' : 'testCodeFailure'),
        { exitCode: code, signal, stack: undefined });
    }
    throw failure;
  });
  return subtest.start();
}

// How many files run at once, for the numbers that they get.
function workerNumbers(concurrency) {
  let most = 1;
  if (concurrency === true) most = Math.max(require('os').availableParallelism() - 1, 1);
  else if (typeof concurrency === 'number') most = concurrency;
  let next = 0;
  return () => (next++ % most) + 1;
}

// --- all in this process ---------------------------------------------------------------------------------

async function importFiles(files, options, root) {
  const { Test } = require('internal/test_runner/test');
  const { startWhenBuilt } = require('internal/test_runner/harness');
  const { runAs } = require('internal/test_runner/scope');
  const { pathToFileURL } = require('internal/url');
  const loader = require('internal/modules/esm/loader');
  const { cwd } = options;
  const { harness } = root;
  const base = pathToFileURL(`${cwd}/`).href;
  const loaded = Promise.withResolvers();
  harness.bootstrapPromise = harness.bootstrapPromise ? Promise.all([harness.bootstrapPromise, loaded.promise]) : loaded.promise;
  await runAs(root, async () => {
    if (root.config.isTestRunner) await preload(base);
    let declared = 0;
    for (const file of files) {
      root.entryFile = resolve(file);
      let failure;
      try {
        await loader.importFrom(pathToFileURL(resolve(cwd, file)).href, base);
      } catch (error) {
        failure = { error };
      }
      // A file without tests is one.
      if (root.subtests.length === declared) {
        const overrides = { __proto__: null, loc: [1, 1, resolve(file)] };
        const subtest = root.createSubtest(Test, file, kEmptyObject, undefined, overrides);
        if (failure !== undefined) subtest.fail(failure.error);
        startWhenBuilt(subtest);
      }
      declared = root.subtests.length;
    }
  });
  root.entryFile = null;
  loaded.resolve();
  return root.runPending();
}

// Tests that --require and --import declare belong to the run.
async function preload(base) {
  const { getOptionValue } = require('internal/options');
  const requests = getOptionValue('--require');
  if (requests.length > 0) require('internal/modules/run_main').preload(requests);
  for (const request of getOptionValue('--import')) await require('internal/modules/esm/loader').importFrom(request, base);
}

// --- run() -----------------------------------------------------------------------------------------------

function configOf(options) {
  const config = {
    __proto__: null,
    ...commandLine(),
    setup: options.setup,
    rerunFailuresFilePath: options.rerunFailuresFilePath,
    cwd: options.cwd,
    globalSetupPath: options.globalSetupPath,
    randomize: options.randomize,
    randomSeed: options.randomSeed,
    testTagFilters: options.tags.filters,
    ...coverageOf(options, commandLine()),
  };
  if (options.isolation !== 'none') return config;
  for (const name of ['testNamePatterns', 'testSkipPatterns', 'only']) if (options[name] != null) config[name] = options[name];
  return config;
}

function run(given = kEmptyObject) {
  const options = readOptions(given);
  const { concurrency, cwd, files, isolation, setup, shard, signal, timeout } = options;
  const { createRoot } = require('internal/test_runner/harness');
  const config = configOf(options);
  const root = createRoot({ __proto__: null, concurrency, timeout, signal }, config);
  let testFiles = files ?? findFiles(options.globPatterns, cwd);
  if (options.randomize) root.diagnostic(`Randomized test order seed: ${options.randomSeed}`);
  if (shard) testFiles = testFiles.filter((_, i) => i % shard.total === shard.index - 1);
  if (isolation === 'process' && process.env.NODE_TEST_CONTEXT !== undefined) {
    process.emitWarning('node:test run() is being called recursively within a test file. skipping running files.');
    root.postRun();
    return root.reporter;
  }
  const { harness } = root;
  if (isolation === 'none') process.env.NODE_TEST_WORKER_ID = '1';
  const nextWorker = workerNumbers(config.concurrency ?? concurrency);
  (async () => {
    if (harness.bootstrapPromise) await harness.bootstrapPromise;
    await setup?.(root.reporter);
    if (isolation === 'none') return importFiles(testFiles, options, root);
    harness.bootstrapPromise = null;
    harness.buildPromise = null;
    if (options.watch) {
      const { TestWatch } = require('internal/test_runner/watch');
      const watch = new TestWatch({
        root, cwd, signal, files: testFiles,
        find: files == null ? () => findFiles(options.globPatterns, cwd) : undefined,
        run: (path) => runFile(path, options, root, nextWorker, watch),
      });
      return watch.start();
    }
    await Promise.allSettled(testFiles.map((path) => runFile(path, options, root, nextWorker)));
    root.postRun();
    return harness.teardown();
  })();
  return root.reporter;
}

module.exports = { run };
