'use strict';
// AssertionError, and the messages that node:assert makes from the two values.

const { isErrorStackTraceLimitWritable } = require('internal/errors');
const { inspect } = require('internal/util/inspect');
const { isError } = require('internal/util');
const { validateObject, validateOneOf } = require('internal/validators');
const colors = require('internal/util/colors');
const { myersDiff, printMyersDiff, printSimpleMyersDiff } = require('internal/assert/myers_diff');

const kReadableOperator = {
  deepStrictEqual: 'Expected values to be strictly deep-equal:',
  partialDeepStrictEqual: 'Expected values to be partially and strictly deep-equal:',
  strictEqual: 'Expected values to be strictly equal:',
  strictEqualObject: 'Expected "actual" to be reference-equal to "expected":',
  deepEqual: 'Expected values to be loosely deep-equal:',
  notDeepStrictEqual: 'Expected "actual" not to be strictly deep-equal to:',
  notStrictEqual: 'Expected "actual" to be strictly unequal to:',
  notStrictEqualObject: 'Expected "actual" not to be reference-equal to "expected":',
  notDeepEqual: 'Expected "actual" not to be loosely deep-equal to:',
  notIdentical: 'Values have same structure but are not reference-equal:',
  notDeepEqualUnequal: 'Expected values not to be loosely deep-equal:',
};

// Strings up to this length in sum are compared on one line.
const kMaxShortLength = 12;
const kMaxLongLength = 512;
const kMaxLines = 50;
const kOperatorsWithDiff = ['deepStrictEqual', 'strictEqual', 'partialDeepStrictEqual'];

// A copy to show: without the stack, and with a message that is a property.
function copyError(source) {
  const target = Object.assign({ __proto__: Object.getPrototypeOf(source) }, source);
  Object.defineProperty(target, 'message', { __proto__: null, value: source.message });
  if (Object.hasOwn(source, 'cause')) {
    let { cause } = source;
    if (isError(cause)) cause = copyError(cause);
    Object.defineProperty(target, 'cause', { __proto__: null, value: cause });
  }
  return target;
}

function inspectValue(value) {
  // Everything, one property a line, in an order that does not depend on how the objects were built.
  return inspect(value, {
    compact: false,
    customInspect: false,
    depth: 1000,
    maxArrayLength: Infinity,
    showHidden: false,
    showProxy: false,
    sorted: true,
    getters: true,
  });
}

function isObject(value) {
  return typeof value === 'object' && value !== null;
}

function diffOfStrings(actual, expected) {
  const header = `${colors.green}actual${colors.white} ${colors.red}expected${colors.white}`;
  return { message: printSimpleMyersDiff(myersDiff(actual.split(''), expected.split(''))), header };
}

// One value above the other, with a mark where they part.
function stackedDiff(actual, expected) {
  let message = `\n${colors.green}+${colors.white} ${actual}\n${colors.red}-${colors.white} ${expected}`;
  const width = process.stderr.isTTY ? process.stderr.columns : 80;
  if (actual !== expected && actual.length + expected.length <= width) {
    let i = 0;
    while (actual[i] === expected[i]) i++;
    // In the first characters one sees it without help.
    if (i > 2) message += `\n  ${' '.repeat(i)}^`;
  }
  return { message };
}

// The diff of two values that take one line each and are not both objects.
function simpleDiff(actualValue, actual, expectedValue, expected) {
  const areStrings = typeof actualValue === 'string' && typeof expectedValue === 'string';
  let length = actual.length + expected.length;
  // Quotes do not count.
  if (typeof actualValue === 'string') length -= 2;
  if (typeof expectedValue === 'string') length -= 2;
  if (length <= kMaxShortLength && (actualValue !== 0 || expectedValue !== 0)) {
    return { message: `${actual} !== ${expected}`, header: '' };
  }
  if (areStrings && colors.hasColors) return diffOfStrings(actual, expected);
  return stackedDiff(actual, expected);
}

function createErrDiff(actual, expected, operator, customMessage, diffType = 'simple') {
  if (operator === 'strictEqual' && ((isObject(actual) && isObject(expected)) ||
      (typeof actual === 'function' && typeof expected === 'function'))) {
    operator = 'strictEqualObject';
  }
  let skipped = false;
  let message = '';
  let header = `${colors.green}+ actual${colors.white} ${colors.red}- expected${colors.white}`;
  const inspectedActual = inspectValue(actual);
  const inspectedExpected = inspectValue(expected);
  const actualLines = inspectedActual.split('\n');
  const expectedLines = inspectedExpected.split('\n');

  if (actualLines.length === 1 && expectedLines.length === 1 && !(isObject(actual) && isObject(expected))) {
    const diff = simpleDiff(actual, actualLines[0], expected, expectedLines[0]);
    message = diff.message;
    if (diff.header !== undefined) header = diff.header;
  } else if (inspectedActual === inspectedExpected) {
    // Two objects that look the same.
    operator = 'notIdentical';
    if (actualLines.length > kMaxLines && diffType !== 'full') {
      message = `${actualLines.slice(0, kMaxLines).join('\n')}\n...}`;
      skipped = true;
    } else {
      message = inspectedActual;
    }
    header = '';
  } else {
    const diff = myersDiff(actualLines, expectedLines, isObject(actual));
    ({ message, skipped } = printMyersDiff(diff, operator));
  }
  const title = customMessage || kReadableOperator[operator];
  return `${title}\n${header}${skipped ? '\n... Skipped lines' : ''}\n${message}\n`;
}

function shorten(text, diffType) {
  return text.length > kMaxLongLength && diffType !== 'full' ? `${text.slice(0, kMaxLongLength - 3)}...` : text;
}

// The message of the operators that say what a value should not be.
function unequalMessage(actual, operator, diffType) {
  let base = kReadableOperator[operator];
  const lines = inspectValue(actual).split('\n');
  if (operator === 'notStrictEqual' && (isObject(actual) || typeof actual === 'function')) {
    base = kReadableOperator.notStrictEqualObject;
  }
  if (lines.length > kMaxLines && diffType !== 'full') {
    lines[46] = `${colors.blue}...${colors.white}`;
    lines.length = 47;
  }
  if (lines.length === 1) return `${base}${lines[0].length > 5 ? '\n\n' : ' '}${lines[0]}`;
  return `${base}\n\n${lines.join('\n')}\n`;
}

function defaultMessage(actual, expected, operator, diffType) {
  let left = inspectValue(actual);
  let right = inspectValue(expected);
  const known = kReadableOperator[operator];
  if (operator === 'notDeepEqual' && left === right) {
    left = `${known}\n\n${left}`;
    return left.length > 1024 && diffType !== 'full' ? `${left.slice(0, 1021)}...` : left;
  }
  left = shorten(left, diffType);
  right = shorten(right, diffType);
  if (operator === 'deepEqual') {
    return `${known}\n\n${left}\n\nshould loosely deep-equal\n\n${right}`;
  }
  if (operator === 'notDeepEqual') {
    return `${kReadableOperator.notDeepEqualUnequal}\n\n${left}\n\nshould not loosely deep-equal\n\n${right}`;
  }
  return `${left} ${operator} ${right}`;
}

function generateMessage(actual, expected, operator, diffType) {
  colors.refresh();
  if (isError(actual) && isError(expected) && 'stack' in actual && 'stack' in expected) {
    actual = copyError(actual);
    expected = copyError(expected);
  }
  if (kOperatorsWithDiff.includes(operator)) return createErrDiff(actual, expected, operator, null, diffType);
  if (operator === 'notDeepStrictEqual' || operator === 'notStrictEqual') {
    return unequalMessage(actual, operator, diffType);
  }
  return defaultMessage(actual, expected, operator, diffType);
}

// Long strings are not shown whole among the properties.
function addEllipsis(text) {
  const lines = text.split('\n', 11);
  if (lines.length > 10) {
    lines.length = 10;
    return `${lines.join('\n')}\n...`;
  }
  // Node shows the end.
  return text.length > kMaxLongLength ? `${text.slice(kMaxLongLength)}...` : text;
}

class AssertionError extends Error {
  // options: { message, actual, expected, operator, stackStartFn, details, diff }
  constructor(options) {
    validateObject(options, 'options');
    const {
      message,
      operator,
      stackStartFn,
      details,
      // Compatibility with older versions.
      stackStartFunction,
      diff = 'simple',
    } = options;
    const { actual, expected } = options;
    if (diff !== undefined) validateOneOf(diff, 'options.diff', ['simple', 'full']);

    let text;
    if (message != null && message !== '' && kOperatorsWithDiff.includes(operator)) {
      text = createErrDiff(actual, expected, operator, message, diff);
    } else if (message != null && !(message === '' && kOperatorsWithDiff.includes(operator))) {
      text = String(message);
    } else {
      text = generateMessage(actual, expected, operator, diff);
    }

    const writable = isErrorStackTraceLimitWritable();
    const limit = Error.stackTraceLimit;
    // The stack is captured once the name is there.
    if (writable) Error.stackTraceLimit = 0;
    super(text);
    if (writable) Error.stackTraceLimit = limit;

    this.generatedMessage = !message || message === 'Failed';
    Object.defineProperty(this, 'name', {
      __proto__: null,
      value: 'AssertionError [ERR_ASSERTION]',
      enumerable: false,
      writable: true,
      configurable: true,
    });
    this.code = 'ERR_ASSERTION';
    if (details) {
      this.actual = undefined;
      this.expected = undefined;
      this.operator = undefined;
      for (let i = 0; i < details.length; i++) {
        this[`message ${i}`] = details[i].message;
        this[`actual ${i}`] = details[i].actual;
        this[`expected ${i}`] = details[i].expected;
        this[`operator ${i}`] = details[i].operator;
        this[`stack trace ${i}`] = details[i].stack;
      }
    } else {
      this.actual = actual;
      this.expected = expected;
      this.operator = operator;
    }
    Error.captureStackTrace(this, stackStartFn || stackStartFunction);
    // Read now, for the code in its header.
    this.stack; // eslint-disable-line no-unused-expressions
    this.name = 'AssertionError';
    this.diff = diff;
  }

  toString() {
    return `${this.name} [${this.code}]: ${this.message}`;
  }

  [inspect.custom](recurseTimes, ctx) {
    const { actual, expected } = this;
    if (typeof actual === 'string') this.actual = addEllipsis(actual);
    if (typeof expected === 'string') this.expected = addEllipsis(expected);
    // The values have been shown in the message: nothing of them nested here.
    const result = inspect(this, { ...ctx, customInspect: false, depth: 0 });
    this.actual = actual;
    this.expected = expected;
    return result;
  }
}

module.exports = AssertionError;
