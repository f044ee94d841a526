'use strict';
// How tests are run here: from the options of the command line. Owns: patterns, reporters and where they write. Does not own:
// options of run() (runner.js).

const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
const { getOptionValue } = require('internal/options');

// Which files are tests where nobody said it.
function defaultPattern() {
  const extensions = getOptionValue('--strip-types') ? 'js,mjs,cjs,ts,mts,cts' : 'js,mjs,cjs';
  return `**/{test,test/**/*,test-*,*[._-]test}.{${extensions}}`;
}

const builtinReporters = ['spec', 'dot', 'tap', 'junit', 'lcov'];

// 'text' or '/text/flags'
function toRegExp(text, name) {
  const parts = /^\/(.*)\/([a-z]*)$/.exec(text);
  try {
    return new RegExp(parts?.[1] ?? text, parts?.[2] ?? '');
  } catch (error) {
    throw new ERR_INVALID_ARG_VALUE(name, text, `is an invalid regular expression.${error?.message ? ` ${error.message}` : ''}`);
  }
}

function patternOption(name) {
  const given = getOptionValue(name);
  return given.length > 0 ? given.map((text) => toRegExp(text, name)) : null;
}

function parseShard(text) {
  if (!text) return undefined;
  if (!/^\d+\/\d+$/.test(text)) throw new ERR_INVALID_ARG_VALUE('--test-shard', text, 'must be in the form of <index>/<total>');
  const [index, total] = text.split('/');
  return { __proto__: null, index: Number.parseInt(index, 10), total: Number.parseInt(total, 10) };
}

function parseReporters() {
  if (process.env.NODE_TEST_CONTEXT === 'child-v8') return { reporters: ['child'], destinations: ['stdout'] };
  if (process.env.NODE_TEST_CONTEXT === 'child') return { reporters: ['tap'], destinations: ['stdout'] };
  const reporters = [...getOptionValue('--test-reporter')];
  const destinations = [...getOptionValue('--test-reporter-destination')];
  if (reporters.length === 0 && destinations.length === 0) reporters.push('spec');
  if (reporters.length === 1 && destinations.length === 0) destinations.push('stdout');
  if (reporters.length !== destinations.length) {
    throw new ERR_INVALID_ARG_VALUE(
      '--test-reporter', reporters, "must match the number of specified '--test-reporter-destination'");
  }
  return { reporters, destinations };
}

const standardStream = (name) => (name === 'stdout' || name === 'stderr' ? process[name] : undefined);

function loadBuiltinReporter(name) {
  if (name === 'child') return require('internal/test_runner/reporters/child');
  return builtinReporters.includes(name) ? require(`internal/test_runner/reporters/${name}`) : undefined;
}

async function openReporter(name, destination) {
  const target = standardStream(destination) ?? require('fs').createWriteStream(destination, { __proto__: null, flush: true });
  let reporter = loadBuiltinReporter(name);
  if (reporter === undefined) {
    const { pathToFileURL } = require('internal/url');
    let base;
    try {
      base = pathToFileURL(`${process.cwd()}/`).href;
    } catch {
      base = 'file:///';
    }
    reporter = await require('internal/modules/esm/loader').importFrom(name, base);
  }
  if (reporter?.default) reporter = reporter.default;
  // A class; generator functions have a prototype too, without a constructor.
  if (reporter?.prototype && Object.getOwnPropertyDescriptor(reporter.prototype, 'constructor')) reporter = new reporter();
  if (!reporter) throw new ERR_INVALID_ARG_VALUE('Reporter', name, 'is not a valid reporter');
  return { __proto__: null, reporter, destination: target };
}

function coverageOptions() {
  const { validateInteger } = require('internal/validators');
  const threshold = (name) => {
    const value = getOptionValue(name);
    validateInteger(value, name, 0, 100);
    return value;
  };
  const exclude = getOptionValue('--test-coverage-exclude');
  return {
    coverageIncludeGlobs: getOptionValue('--test-coverage-include'),
    // Tests are not what is tested.
    coverageExcludeGlobs: exclude.length > 0 ? exclude : [defaultPattern()],
    coverageIncludeAll: getOptionValue('--test-coverage-include-all'),
    branchCoverage: threshold('--test-coverage-branches'),
    functionCoverage: threshold('--test-coverage-functions'),
    lineCoverage: threshold('--test-coverage-lines'),
  };
}

let parsed;

function commandLine() {
  if (parsed !== undefined) return parsed;
  const isTestRunner = getOptionValue('--test');
  const { reporters, destinations } = parseReporters();
  const isolation = isTestRunner ? getOptionValue('--test-isolation') : undefined;
  const filtersHere = !isTestRunner || isolation === 'none';
  const config = {
    __proto__: null,
    isTestRunner,
    isolation,
    reporters,
    destinations,
    globalSetupPath: process.env.NODE_TEST_CONTEXT?.startsWith('child') ? undefined : getOptionValue('--test-global-setup'),
    forceExit: getOptionValue('--test-force-exit'),
    sourceMaps: getOptionValue('--enable-source-maps'),
    updateSnapshots: getOptionValue('--test-update-snapshots'),
    watch: getOptionValue('--watch'),
    timeout: getOptionValue('--test-timeout') || Infinity,
    rerunFailuresFilePath: getOptionValue('--test-rerun-failures'),
    randomize: getOptionValue('--test-randomize'),
    randomSeed: undefined,
    concurrency: filtersHere ? 1 : getOptionValue('--test-concurrency') || true,
    // The children that run the files filter them.
    only: filtersHere && getOptionValue('--test-only'),
    testNamePatterns: filtersHere ? patternOption('--test-name-pattern') : null,
    testSkipPatterns: filtersHere ? patternOption('--test-skip-pattern') : null,
    testTagFilters: null,
    testTagFilterExpressions: null,
    shard: isTestRunner ? parseShard(getOptionValue('--test-shard')) : undefined,
    coverage: getOptionValue('--experimental-test-coverage') && !process.env.NODE_TEST_CONTEXT?.startsWith('child'),
  };
  if (config.coverage) Object.assign(config, coverageOptions());
  if (config.rerunFailuresFilePath) {
    require('internal/fs/utils').validatePath(config.rerunFailuresFilePath, '--test-rerun-failures');
  }
  const seed = getOptionValue('--test-random-seed');
  if (seed !== undefined) {
    require('internal/validators').validateUint32(seed, '--test-random-seed');
    config.randomSeed = seed;
    config.randomize = true;
  }
  const tagFilters = getOptionValue('--experimental-test-tag-filter');
  if (tagFilters.length > 0) {
    require('internal/util').emitExperimentalWarning('Test tags');
    const { parseTagFilter } = require('internal/test_runner/tags');
    config.testTagFilterExpressions = tagFilters;
    config.testTagFilters = tagFilters.map((text, i) => parseTagFilter(text, `--experimental-test-tag-filter[${i}]`));
  }
  // Connects the reporters.
  config.setup = async (stream) => {
    const { reporterScope, runAs } = require('internal/test_runner/scope');
    await runAs(reporterScope, async () => {
      const { compose } = require('stream');
      const opened = await Promise.all(reporters.map((name, i) => openReporter(name, destinations[i])));
      for (const { reporter, destination } of opened) compose(stream, reporter).pipe(destination);
      reporterScope.reporters = opened;
    });
  };
  return parsed = config;
}

// Whether a report of these destinations shows colours: then the files that are run show them too.
function anyColors(destinations) {
  const { shouldColorize } = require('internal/util/colors');
  return destinations.some((name) => {
    const stream = standardStream(name);
    return stream !== undefined && shouldColorize(stream);
  });
}

// The numbers of one seed are the same everywhere: Mulberry32.
function seededRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

const randomSeed = () => Math.floor(Math.random() * 2 ** 32);

module.exports = { anyColors, commandLine, defaultPattern, randomSeed, seededRandom, toRegExp };
