'use strict';
// assert.ok(), and how a failure is raised.

const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { isError } = require('internal/util');

let AssertionError;

function lazyAssertionError() {
  return AssertionError ??= require('internal/assert/assertion_error');
}

// The message given to an assertion: an error to throw, a format with arguments, or a function that makes it.
// Gives [message, error].
function resolveMessage(args, actual, expected) {
  if (args.length === 0) return [undefined, undefined];
  const first = args[0];
  if (isError(first)) return [undefined, first];
  if (typeof first === 'function') return resolveFunction(first, actual, expected);
  if (typeof first !== 'string') throw new ERR_INVALID_ARG_TYPE('message', ['string', 'function'], first);
  if (args.length === 1) return [first, undefined];
  return [require('internal/util/inspect').format(...args), undefined];
}

function resolveFunction(fn, actual, expected) {
  const message = fn(actual, expected);
  return isError(message) ? [undefined, message] :
    [typeof message === 'string' ? message : undefined, undefined];
}

// Throws the failure of an assertion.
function innerFail(obj) {
  if (isError(obj.message)) throw obj.message;
  const AssertionError = lazyAssertionError();
  throw new AssertionError(obj);
}

// "The expression evaluated to a falsy value: ..." with the source of the call to `fn`.
function falsyMessage(fn) {
  const { isErrorStackTraceLimitWritable } = require('internal/errors');
  const writable = isErrorStackTraceLimitWritable();
  const limit = Error.stackTraceLimit;
  // The place of the call is wanted even where the program wants no stacks.
  if (writable) Error.stackTraceLimit = 1;
  const holder = new Error();
  Error.captureStackTrace(holder, fn);
  if (writable) Error.stackTraceLimit = limit;
  const text = require('internal/assert/expression').expressionOf(holder);
  return text === undefined ? undefined : `The expression evaluated to a falsy value:\n\n  ${text}\n`;
}

// assert.ok(value, ...message); `fn` is the function that was called, for the stack.
function innerOk(fn, options, argLen, value, ...message) {
  if (value) return;
  let text;
  let error;
  let generated = false;
  if (argLen === 0) {
    generated = true;
    text = 'No value argument passed to `assert.ok()`';
  } else if (message[0] == null) {
    generated = true;
    text = falsyMessage(fn);
  } else {
    ({ 0: text, 1: error } = resolveMessage(message, value, true));
    if (error !== undefined) throw error;
  }
  const AssertionError = lazyAssertionError();
  const err = new AssertionError({
    actual: value, expected: true, message: text, operator: '==', stackStartFn: fn, diff: options?.diff,
  });
  err.generatedMessage = generated;
  throw err;
}

module.exports = { innerFail, innerOk, lazyAssertionError, resolveMessage };
