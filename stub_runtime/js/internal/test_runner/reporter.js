'use strict';
// What node:test prints: the spec reporter, a line when a test ends and a summary.

const kMarks = { pass: '\u2714', fail: '\u2716', skip: '\ufe63', todo: '\u26a0', info: '\u2139', parent: '\u25b6' };

const counts = { tests: 0, suites: 0, pass: 0, fail: 0, cancelled: 0, skipped: 0, todo: 0 };
const failures = [];
// Ancestors whose line has been printed, outermost first.
let announced = [];

function write(text) {
  process.stdout.write(text);
}

function color(name, text) {
  const { shouldColorize } = require('internal/util/colors');
  if (!shouldColorize(process.stdout)) return text;
  const { inspect } = require('internal/util/inspect');
  const { 0: open, 1: close } = inspect.colors[name];
  return `\u001b[${open}m${text}\u001b[${close}m`;
}

function suffix(test) {
  if (test.skipped !== undefined) return ` # ${typeof test.skipped === 'string' ? test.skipped : 'SKIP'}`;
  if (test.todo !== undefined) return ` # ${typeof test.todo === 'string' ? test.todo : 'TODO'}`;
  return '';
}

function line(test) {
  let mark = kMarks.pass;
  let name = 'green';
  if (test.skipped !== undefined) {
    mark = kMarks.skip;
    name = 'gray';
  } else if (!test.passed) {
    mark = test.todo !== undefined ? kMarks.todo : kMarks.fail;
    name = test.todo !== undefined ? 'yellow' : 'red';
  }
  const duration = color('gray', `(${Number((test.duration ?? 0).toFixed(6))}ms)`);
  return `${color(name, `${mark} ${test.name}`)} ${duration}${suffix(test)}`;
}

function count(test) {
  if (test.isSuite) {
    counts.suites++;
    return;
  }
  counts.tests++;
  if (test.skipped !== undefined) counts.skipped++;
  else if (test.todo !== undefined) counts.todo++;
  else if (test.passed) counts.pass++;
  else if (test.cancelled) counts.cancelled++;
  else counts.fail++;
}

// A test or suite has ended.
function finished(test) {
  count(test);
  if (!test.passed && test.skipped === undefined && test.error?.failureType !== 'subtestsFailed') failures.push(test);
  const path = [];
  for (let up = test.parent; up !== null && up.parent !== null; up = up.parent) path.unshift(up);
  // The lines of parents come before the first of their children.
  for (const ancestor of path) {
    if (!announced.includes(ancestor)) {
      write(`${'  '.repeat(ancestor.depth)}${kMarks.parent} ${ancestor.name}\n`);
      announced.push(ancestor);
    }
  }
  announced = announced.filter((ancestor) => ancestor !== test);
  write(`${'  '.repeat(test.depth)}${line(test)}\n`);
  for (const text of test.diagnostics) write(`${'  '.repeat(test.depth)}${kMarks.info} ${text}\n`);
}

function message(text) {
  write(`${kMarks.info} ${text}\n`);
}

function errorText(error) {
  const { inspect } = require('internal/util/inspect');
  const { isError } = require('internal/util');
  if (error?.code === 'ERR_TEST_FAILURE' && typeof error.cause === 'string') return inspect(error.cause);
  return isError(error) ? inspect(error) : inspect(error);
}

// The end of the run.
function summary(root) {
  for (const key of Object.keys(counts)) message(`${key} ${counts[key]}`);
  message(`duration_ms ${Number(root.duration.toFixed(6))}`);
  if (failures.length === 0) return;
  write(`\n${color('red', `${kMarks.fail} failing tests:`)}\n`);
  for (const test of failures) {
    const place = test.location;
    if (place !== undefined) {
      const file = require('path').relative(process.cwd(), place.file);
      write(`\ntest at ${file}:${place.line}:${place.column}\n`);
    }
    write(`${line(test)}\n  ${errorText(test.error).replaceAll('\n', '\n  ')}\n`);
  }
}

module.exports = { finished, message, summary };
