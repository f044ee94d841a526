'use strict';
// assert.throws(), rejects(), doesNotThrow(), doesNotReject(), ifError(): what is thrown, and whether it is what
// was expected.

const {
  codes: {
    ERR_AMBIGUOUS_ARGUMENT,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_INVALID_RETURN_VALUE,
  },
} = require('internal/errors');
const { isError } = require('internal/util');
const { isPromise, isRegExp } = require('internal/util/types');
const { inspect } = require('internal/util/inspect');
const { validateFunction } = require('internal/validators');
const { isDeepStrictEqual } = require('internal/util/comparisons');
const { innerFail, lazyAssertionError } = require('internal/assert/utils');

// Nothing was thrown.
const kNoException = Symbol('NO_EXCEPTION_SENTINEL');

// What is shown of two errors: only the properties that are compared.
class Comparison {
  constructor(object, keys, actual) {
    for (const key of keys) {
      if (!(key in object)) continue;
      // A string that matches the expected RegExp is shown as that.
      if (actual !== undefined && typeof actual[key] === 'string' && isRegExp(object[key]) &&
          object[key].exec(actual[key]) !== null) {
        this[key] = actual[key];
      } else {
        this[key] = object[key];
      }
    }
  }
}

// A property of what was thrown differs from what was expected.
function failOnKey(actual, expected, key, message, keys, fn, options) {
  if (key in actual && isDeepStrictEqual(actual[key], expected[key])) return;
  if (!message) {
    const AssertionError = lazyAssertionError();
    const err = new AssertionError({
      actual: new Comparison(actual, keys),
      expected: new Comparison(expected, keys, actual),
      operator: 'deepStrictEqual',
      stackStartFn: fn,
      diff: options.diff,
    });
    err.actual = actual;
    err.expected = expected;
    err.operator = fn.name;
    throw err;
  }
  innerFail({ actual, expected, message, operator: fn.name, stackStartFn: fn, diff: options.diff });
}

function failWith(actual, expected, message, generated, fn, options) {
  const AssertionError = lazyAssertionError();
  const err = new AssertionError({
    actual, expected, message, operator: fn.name, stackStartFn: fn, diff: options.diff,
  });
  err.generatedMessage = generated;
  throw err;
}

function hasMatchingKeys(actual, expected, message, fn, options) {
  // A primitive was thrown: it has no properties to look at.
  if (typeof actual !== 'object' || actual === null) {
    const AssertionError = lazyAssertionError();
    const err = new AssertionError({
      actual, expected, message, operator: 'deepStrictEqual', stackStartFn: fn, diff: options.diff,
    });
    err.operator = fn.name;
    throw err;
  }
  const keys = Object.keys(expected);
  // Not enumerable in errors, and what counts most.
  if (isError(expected)) keys.push('name', 'message');
  else if (keys.length === 0) throw new ERR_INVALID_ARG_VALUE('error', expected, 'may not be an empty object');
  for (const key of keys) {
    if (typeof actual[key] === 'string' && isRegExp(expected[key]) && expected[key].exec(actual[key]) !== null) {
      continue;
    }
    failOnKey(actual, expected, key, message, keys, fn, options);
  }
}

// Throws unless `actual`, which was thrown, is what `expected` says.
function expectedException(actual, expected, message, fn, options) {
  let text = message;
  let generated = false;
  if (typeof expected !== 'function') {
    if (isRegExp(expected)) {
      const input = String(actual);
      if (expected.exec(input) !== null) return;
      if (!text) {
        generated = true;
        text = `The input did not match the regular expression ${inspect(expected)}. Input:\n\n${inspect(input)}\n`;
      }
      return failWith(actual, expected, text, generated, fn, options);
    }
    return hasMatchingKeys(actual, expected, text, fn, options);
  }

  // A class. Arrow functions have no prototype.
  if (expected.prototype !== undefined && actual instanceof expected) return;
  if (Object.prototype.isPrototypeOf.call(Error, expected)) {
    if (!text) {
      generated = true;
      text = `The error is expected to be an instance of "${expected.name}". Received `;
      if (isError(actual)) text += `"${actual.constructor?.name || actual.name}"`;
      else text += `"${inspect(actual, { depth: -1 })}"`;
      if (isError(actual)) text += `\n\nError message:\n\n${actual.message}`;
    }
    return failWith(actual, expected, text, generated, fn, options);
  }

  // A function that checks.
  const result = Reflect.apply(expected, {}, [actual]);
  if (result === true) return;
  if (!text) {
    generated = true;
    const name = expected.name ? `"${expected.name}" ` : '';
    text = `The ${name}validation function is expected to return "true". Received ${inspect(result)}`;
    if (isError(actual)) text += `\n\nCaught error:\n\n${actual}`;
  }
  failWith(actual, expected, text, generated, fn, options);
}

function getActual(fn) {
  validateFunction(fn, 'fn');
  try {
    fn();
  } catch (error) {
    return error;
  }
  return kNoException;
}

// Native promises, and objects that behave like one in the two methods that matter.
function isPromiseLike(value) {
  return isPromise(value) ||
    (value !== null && typeof value === 'object' &&
      typeof value.then === 'function' && typeof value.catch === 'function');
}

async function waitForActual(promiseFn) {
  let promise;
  if (typeof promiseFn === 'function') {
    promise = promiseFn();
    // A function that throws instead is not what rejects() is for.
    if (!isPromiseLike(promise)) {
      throw new ERR_INVALID_RETURN_VALUE('instance of Promise', 'promiseFn', promise);
    }
  } else if (isPromiseLike(promiseFn)) {
    promise = promiseFn;
  } else {
    throw new ERR_INVALID_ARG_TYPE('promiseFn', ['Function', 'Promise'], promiseFn);
  }
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return kNoException;
}

// throws(fn[, error][, message]) after the call: `argLength` counts the arguments given.
function expectsError(stackStartFn, options, argLength, actual, error, message) {
  if (typeof error === 'string') {
    if (argLength === 4) {
      throw new ERR_INVALID_ARG_TYPE('error', ['Object', 'Error', 'Function', 'RegExp'], error);
    }
    // The message was meant as an expectation, probably.
    if (typeof actual === 'object' && actual !== null) {
      if (actual.message === error) {
        throw new ERR_AMBIGUOUS_ARGUMENT('error/message',
          `The error message "${actual.message}" is identical to the message.`);
      }
    } else if (actual === error) {
      throw new ERR_AMBIGUOUS_ARGUMENT('error/message', `The error "${actual}" is identical to the message.`);
    }
    message = error;
    error = undefined;
  } else if (error != null && typeof error !== 'object' && typeof error !== 'function') {
    throw new ERR_INVALID_ARG_TYPE('error', ['Object', 'Error', 'Function', 'RegExp'], error);
  }

  if (actual === kNoException) {
    let details = '';
    if (error?.name) details += ` (${error.name})`;
    details += message ? `: ${message}` : '.';
    const type = /reject/i.test(stackStartFn.name) ? 'rejection' : 'exception';
    innerFail({
      actual: undefined,
      expected: error,
      operator: stackStartFn.name,
      message: `Missing expected ${type}${details}`,
      stackStartFn,
      diff: options.diff,
    });
  }
  if (!error) return;
  expectedException(actual, error, message, stackStartFn, options);
}

// Whether an error that was not wanted is of the kind that doesNotThrow() names.
function hasMatchingError(actual, expected) {
  if (typeof expected !== 'function') {
    if (isRegExp(expected)) return expected.exec(String(actual)) !== null;
    throw new ERR_INVALID_ARG_TYPE('expected', ['Function', 'RegExp'], expected);
  }
  if (expected.prototype !== undefined && actual instanceof expected) return true;
  if (Object.prototype.isPrototypeOf.call(Error, expected)) return false;
  return Reflect.apply(expected, {}, [actual]) === true;
}

function expectsNoError(stackStartFn, options, actual, error, message) {
  if (actual === kNoException) return;
  if (typeof error === 'string') {
    message = error;
    error = undefined;
  }
  if (!error || hasMatchingError(actual, error)) {
    const details = message ? `: ${message}` : '.';
    const type = /reject/i.test(stackStartFn.name) ? 'rejection' : 'exception';
    innerFail({
      actual,
      expected: error,
      operator: stackStartFn.name,
      message: `Got unwanted ${type}${details}\nActual message: "${actual?.message}"`,
      stackStartFn,
      diff: options.diff,
    });
  }
  throw actual;
}

// An error where none should be: its stack goes on behind our own, without what both share.
function ifError(stackStartFn, options, err) {
  if (err === null || err === undefined) return;
  let message = 'ifError got unwanted exception: ';
  if (typeof err === 'object' && typeof err.message === 'string') {
    if (err.message.length === 0 && err.constructor) message += err.constructor.name;
    else message += err.message;
  } else {
    message += inspect(err);
  }
  const AssertionError = lazyAssertionError();
  const failure = new AssertionError({
    actual: err, expected: null, operator: 'ifError', message, stackStartFn, diff: options.diff,
  });

  const original = err.stack;
  if (typeof original === 'string') {
    // Frames of the original that lead here too are left out.
    const framesStart = original.indexOf('\n    at');
    if (framesStart !== -1) {
      const originalFrames = original.slice(framesStart + 1).split('\n');
      let frames = failure.stack.split('\n');
      for (const frame of originalFrames) {
        const at = frames.indexOf(frame);
        if (at !== -1) {
          frames = frames.slice(0, at);
          break;
        }
      }
      failure.stack = `${frames.join('\n')}\n${originalFrames.join('\n')}`;
    }
  }
  throw failure;
}

module.exports = {
  expectsError,
  expectsNoError,
  getActual,
  ifError,
  waitForActual,
};
