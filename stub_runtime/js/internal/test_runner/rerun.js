'use strict';
// --test-rerun-failures: a file keeps what passed in earlier runs; a test that did passes again without being run.

const { relative } = require('path');

function placeOf(cwd, { column, file, line }) {
  return `${relative(cwd, file)}:${line}:${column}`;
}

// Several tests of one place are numbered.
function numbered(place, counts) {
  const count = counts.get(place);
  counts.set(place, (count ?? 0) + 1);
  return count === undefined ? place : `${place}:(${count})`;
}

function readRuns(path) {
  try {
    return JSON.parse(require('fs').readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

function prepare(root, failRun) {
  const { config, harness } = root;
  harness.previousRuns = readRuns(config.rerunFailuresFilePath);
  if (harness.previousRuns === null) {
    failRun(root, `Warning: The rerun failures file at ${config.rerunFailuresFilePath} is not a valid rerun file. ` +
      'The test runner will not be able to rerun failed tests.');
    return;
  }
  if (process.env.NODE_TEST_CONTEXT) return;
  const { compose, PassThrough } = require('stream');
  compose(root.reporter, (source) => record(source, harness.previousRuns, config)).pipe(new PassThrough());
}

// Writes what passed in this run behind the earlier ones.
async function record(source, runs, { cwd, rerunFailuresFilePath }) {
  const run = { __proto__: null };
  const counts = new Map();
  let open = null;
  const start = (data) => {
    const node = { data, parent: open, children: [] };
    open?.children.push(node);
    open = node;
  };
  for await (const { type, data } of source) {
    if (type === 'test:start') start(data);
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    if (open === null) start({ name: 'root', nesting: 0 });
    if (open.data.name !== data.name || open.data.nesting !== data.nesting) start(data);
    const ended = open;
    open = ended.parent;
    const id = numbered(placeOf(cwd, data), counts);
    if (type !== 'test:pass') continue;
    const { attempt, duration_ms, passed_on_attempt } = data.details;
    run[id] = {
      __proto__: null,
      name: data.name,
      children: ended.children.map((child) => child.data),
      passed_on_attempt: passed_on_attempt ?? attempt,
      duration_ms,
    };
  }
  runs.push(run);
  require('fs').writeFileSync(rerunFailuresFilePath, JSON.stringify(runs, null, 2), 'utf8');
}

// Called when a test is made. One that passed gets a function that only shows it again, its subtests included.
function replay(test) {
  const { root } = test;
  const runs = root.harness.previousRuns;
  const id = numbered(placeOf(test.config.cwd, test.loc), root.declaredAt);
  test.attempt = runs.length;
  const earlier = runs[runs.length - 1]?.[id];
  if (earlier == null) return;
  test.passedAttempt = earlier.passed_on_attempt;
  const took = BigInt(Math.round((earlier.duration_ms ?? 0) * 1e6));
  test.fn = () => {
    const { Test } = require('internal/test_runner/test');
    const isSuite = test.reportedType === 'suite';
    if (!isSuite) {
      test.startTime = process.hrtime.bigint();
      test.endTime = test.startTime + took;
    }
    for (const { column, file, line, name } of earlier.children ?? []) {
      const child = test.createSubtest(Test, name, { __proto__: null }, () => {}, { __proto__: null, loc: [line, column, file] });
      child.startTime = process.hrtime.bigint();
      child.endTime = child.startTime;
      // A suite starts its children itself.
      if (!isSuite) child.start();
    }
  };
}

module.exports = { prepare, replay };
