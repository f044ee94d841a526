'use strict';
// node:assert. Messages are made by internal/assert/assertion_error, the checks of what is thrown by
// internal/assert/throws, deep equality is internal/util/comparisons.

const {
  codes: { ERR_CONSTRUCT_CALL_REQUIRED, ERR_INVALID_ARG_TYPE, ERR_MISSING_ARGS },
} = require('internal/errors');
const { setOwnProperty } = require('internal/util');
const { isRegExp } = require('internal/util/types');
const { validateOneOf } = require('internal/validators');
const { innerFail, innerOk, lazyAssertionError, resolveMessage } = require('internal/assert/utils');

const kOptions = Symbol('options');

let loadedComparisons;
function comparisons() {
  return loadedComparisons ??= require('internal/util/comparisons');
}

function throwing() {
  return require('internal/assert/throws');
}

// The options of the Assert instance that a method was called on; none for the plain functions.
function optionsOf(self) {
  return self?.[kOptions] ?? kDefaultOptions;
}

const kDefaultOptions = Object.freeze({ __proto__: null, diff: 'simple', strict: false, skipPrototype: false });

function assert(...args) {
  innerOk(assert, undefined, args.length, ...args);
}

// An assertion object of its own: { diff: 'simple' | 'full', strict, skipPrototype }.
function Assert(options) {
  if (!new.target) throw new ERR_CONSTRUCT_CALL_REQUIRED('Assert');
  options = { __proto__: null, strict: true, skipPrototype: false, ...options };
  if (options.diff !== undefined) validateOneOf(options.diff, 'options.diff', ['simple', 'full']);
  this.AssertionError = lazyAssertionError();
  Object.defineProperty(this, kOptions, {
    __proto__: null, value: options, enumerable: false, configurable: false, writable: false,
  });
  if (options.strict) {
    this.equal = this.strictEqual;
    this.deepEqual = this.deepStrictEqual;
    this.notEqual = this.notStrictEqual;
    this.notDeepEqual = this.notDeepStrictEqual;
  }
}

// Raises the failure of a comparison.
function failed(self, fn, operator, actual, expected, args) {
  const { 0: message, 1: error } = resolveMessage(args, actual, expected);
  if (error !== undefined) throw error;
  innerFail({ actual, expected, message, operator, stackStartFn: fn, diff: optionsOf(self).diff });
}

const methods = {
  fail(message) {
    if (require('internal/util').isError(message)) throw message;
    let internal = false;
    if (message === undefined) {
      message = 'Failed';
      internal = true;
    }
    const AssertionError = lazyAssertionError();
    const err = new AssertionError({
      message, operator: 'fail', stackStartFn: fail, diff: optionsOf(this).diff,
    });
    if (internal) err.generatedMessage = true;
    throw err;
  },

  ok(...args) {
    innerOk(ok, optionsOf(this), args.length, ...args);
  },

  equal(actual, expected, ...message) {
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('actual', 'expected');
    // eslint-disable-next-line eqeqeq
    if (actual != expected && (!Number.isNaN(actual) || !Number.isNaN(expected))) {
      failed(this, equal, '==', actual, expected, message);
    }
  },

  notEqual(actual, expected, ...message) {
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('actual', 'expected');
    // eslint-disable-next-line eqeqeq
    if (actual == expected || (Number.isNaN(actual) && Number.isNaN(expected))) {
      failed(this, notEqual, '!=', actual, expected, message);
    }
  },

  deepEqual(actual, expected, ...message) {
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('actual', 'expected');
    if (!comparisons().isDeepEqual(actual, expected)) {
      failed(this, deepEqual, 'deepEqual', actual, expected, message);
    }
  },

  notDeepEqual(actual, expected, ...message) {
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('actual', 'expected');
    if (comparisons().isDeepEqual(actual, expected)) {
      failed(this, notDeepEqual, 'notDeepEqual', actual, expected, message);
    }
  },

  deepStrictEqual(actual, expected, ...message) {
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('actual', 'expected');
    if (!comparisons().isDeepStrictEqual(actual, expected, optionsOf(this).skipPrototype)) {
      failed(this, deepStrictEqual, 'deepStrictEqual', actual, expected, message);
    }
  },

  notDeepStrictEqual(actual, expected, ...message) {
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('actual', 'expected');
    if (comparisons().isDeepStrictEqual(actual, expected, optionsOf(this).skipPrototype)) {
      failed(this, notDeepStrictEqual, 'notDeepStrictEqual', actual, expected, message);
    }
  },

  strictEqual(actual, expected, ...message) {
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('actual', 'expected');
    if (!Object.is(actual, expected)) failed(this, strictEqual, 'strictEqual', actual, expected, message);
  },

  notStrictEqual(actual, expected, ...message) {
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('actual', 'expected');
    if (Object.is(actual, expected)) failed(this, notStrictEqual, 'notStrictEqual', actual, expected, message);
  },

  partialDeepStrictEqual(actual, expected, ...message) {
    if (arguments.length < 2) throw new ERR_MISSING_ARGS('actual', 'expected');
    if (!comparisons().isPartialStrictEqual(actual, expected)) {
      failed(this, partialDeepStrictEqual, 'partialDeepStrictEqual', actual, expected, message);
    }
  },

  throws(fn, ...args) {
    const t = throwing();
    t.expectsError(throws, optionsOf(this), args.length + 1, t.getActual(fn), ...args);
  },

  async rejects(promiseFn, ...args) {
    const t = throwing();
    const options = optionsOf(this);
    t.expectsError(rejects, options, args.length + 1, await t.waitForActual(promiseFn), ...args);
  },

  doesNotThrow(fn, ...args) {
    const t = throwing();
    t.expectsNoError(doesNotThrow, optionsOf(this), t.getActual(fn), ...args);
  },

  async doesNotReject(fn, ...args) {
    const t = throwing();
    const options = optionsOf(this);
    t.expectsNoError(doesNotReject, options, await t.waitForActual(fn), ...args);
  },

  ifError(err) {
    throwing().ifError(ifError, optionsOf(this), err);
  },

  match(string, regexp, ...message) {
    internalMatch(this, string, regexp, message, match);
  },

  doesNotMatch(string, regexp, ...message) {
    internalMatch(this, string, regexp, message, doesNotMatch);
  },
};

const {
  fail, ok, equal, notEqual, deepEqual, notDeepEqual, deepStrictEqual, notDeepStrictEqual, strictEqual,
  notStrictEqual, partialDeepStrictEqual, throws, rejects, doesNotThrow, doesNotReject, ifError, match, doesNotMatch,
} = methods;

function internalMatch(self, string, regexp, args, fn) {
  if (!isRegExp(regexp)) throw new ERR_INVALID_ARG_TYPE('regexp', 'RegExp', regexp);
  const wanted = fn === match;
  if (typeof string === 'string' && (RegExp.prototype.exec.call(regexp, string) !== null) === wanted) return;
  const { 0: message, 1: error } = resolveMessage(args, string, regexp);
  if (error !== undefined) throw error;
  const { inspect } = require('internal/util/inspect');
  const generated = !message;
  let text = message;
  if (generated) {
    if (typeof string !== 'string') {
      const { determineSpecificType } = require('internal/errors');
      text = `The "string" argument must be of type string. Received ${determineSpecificType(string)}`;
    } else {
      text = `${wanted ? 'The input did not match the regular expression ' :
        'The input was expected to not match the regular expression '}${inspect(regexp)}. Input:\n\n${inspect(string)}\n`;
    }
  }
  const AssertionError = lazyAssertionError();
  const err = new AssertionError({
    actual: string, expected: regexp, message: text, operator: fn.name, stackStartFn: fn, diff: optionsOf(self).diff,
  });
  err.generatedMessage = generated;
  throw err;
}

for (const name of Object.keys(methods)) setOwnProperty(Assert.prototype, name, methods[name]);

// In the order of Node's exports.
const kPublic = [
  'ok', 'fail', 'equal', 'notEqual', 'deepEqual', 'notDeepEqual', 'deepStrictEqual', 'notDeepStrictEqual', 'strictEqual',
  'notStrictEqual', 'partialDeepStrictEqual', 'match', 'doesNotMatch', 'throws', 'rejects', 'doesNotThrow',
  'doesNotReject', 'ifError',
];

// AssertionError is made when something fails or asks for it.
function lazyProperty(target) {
  Object.defineProperty(target, 'AssertionError', {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get() {
      const value = lazyAssertionError();
      setOwnProperty(target, 'AssertionError', value);
      return value;
    },
    set(value) {
      setOwnProperty(target, 'AssertionError', value);
    },
  });
}

lazyProperty(assert);
for (const name of kPublic) assert[name] = methods[name];

function strict(...args) {
  innerOk(strict, undefined, args.length, ...args);
}

lazyProperty(strict);
for (const name of kPublic) strict[name] = methods[name];
strict.equal = methods.strictEqual;
strict.deepEqual = methods.deepStrictEqual;
strict.notEqual = methods.notStrictEqual;
strict.notDeepEqual = methods.notDeepStrictEqual;

assert.strict = strict;
assert.Assert = Assert;
strict.Assert = Assert;
strict.strict = strict;

module.exports = assert;
