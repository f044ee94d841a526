'use strict';
// What internalBinding('fs') returns, made into results and errors. A failed operation is a negative
// errno; one that stands for several system calls subtracts 10000 for each step before the failed one.
// Owns: the shape of fs errors. The texts are internal/errors'.

const { UVException } = require('internal/errors');
const { wrapCallback } = require('internal/async_hooks');

const kStep = 10_000;

// A callback of the binding as async_hooks see it: a resource, and an execution of its own.
function request(callback) {
  return wrapCallback('FSREQCALLBACK', callback);
}

function promiseRequest(callback) {
  return wrapCallback('FSREQPROMISE', callback);
}

// An error in place of an errno: the call was refused before it was made (internal/process/permission_guards).
function isError(errno) {
  return typeof errno === 'object';
}

// What was a URL is told as the path it stands for.
function pathOf(argument) {
  if (typeof argument !== 'object' || argument === null) return argument;
  return require('internal/url').toPathIfFileURL(argument);
}

// `code` is named first so that it comes before syscall and path, as in errors that Node makes natively.
function context(errno, syscall, path, dest) {
  return { errno, code: undefined, syscall, path: pathOf(path), dest: pathOf(dest) };
}

// The error of a call that failed while JavaScript was waiting: its stack starts at fs's own function.
function syncError(errno, syscall, path, dest) {
  const limit = Error.stackTraceLimit;
  // One capture, not that of the constructor as well; a program may have frozen the limit.
  const isPut = limit && Reflect.set(Error, 'stackTraceLimit', 0);
  const error = new UVException(context(errno, syscall, path, dest));
  if (isPut) Error.stackTraceLimit = limit;
  if (limit) Error.captureStackTrace(error, syncError);
  return error;
}

// The error of a call that failed elsewhere: no stack, nothing of ours led to it.
function asyncError(errno, syscall, path, dest) {
  if (isError(errno)) return errno;
  const limit = Error.stackTraceLimit;
  const descriptor = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');
  if (descriptor === undefined || !descriptor.writable) return new UVException(context(errno, syscall, path, dest));
  Error.stackTraceLimit = 0;
  try {
    return new UVException(context(errno, syscall, path, dest));
  } finally {
    Error.stackTraceLimit = limit;
  }
}

// Steps of the operations that are several system calls.
const kReadSteps = ['open', 'fstat', 'read'];
const kWriteSteps = ['open', 'write', 'close'];

// Of a failed composite operation: [errno, syscall]. Only opening is about the path.
function failedStep(code, steps) {
  const step = Math.trunc(-code / kStep);
  return [code + step * kStep, steps[step]];
}

function syncStepError(code, steps, path) {
  const { 0: errno, 1: syscall } = failedStep(code, steps);
  const error = syncError(errno, syscall, syscall === 'open' ? path : undefined);
  if (Error.stackTraceLimit) Error.captureStackTrace(error, syncStepError);
  return error;
}

function asyncStepError(code, steps, path) {
  if (isError(code)) return code;
  const { 0: errno, 1: syscall } = failedStep(code, steps);
  return asyncError(errno, syscall, syscall === 'open' ? path : undefined);
}

// Reading a whole file by its path names the path whatever the step was.
function stepErrorWithPath(code, steps, path) {
  if (isError(code)) return code;
  const { 0: errno, 1: syscall } = failedStep(code, steps);
  return asyncError(errno, syscall, typeof path === 'number' ? undefined : path);
}

// The binding's callback for an operation without a result: `callback(null)`.
function whenDone(callback, syscall, path, dest) {
  return request((errno) => {
    if (errno === 0) callback(null);
    else callback(asyncError(errno, syscall, path, dest));
  });
}

// ... with a result: `callback(null, convert(result))`; undefined is no result, as in Node.
function whenResult(callback, syscall, path, convert) {
  return request((errno, result) => {
    if (errno !== 0) {
      callback(asyncError(errno, syscall, path));
      return;
    }
    if (convert !== undefined) {
      try {
        result = convert(result);
      } catch (error) {
        callback(error);
        return;
      }
    }
    if (result === undefined) callback(null);
    else callback(null, result);
  });
}

// Gives a rejected operation the stack of whoever awaits it.
function handleErrorFromBinding(error) {
  if (Error.stackTraceLimit) Error.captureStackTrace(error, handleErrorFromBinding);
  throw error;
}

// The promise of an operation: `run(callback)` starts it.
function promiseOf(run, syscall, path, dest) {
  return new Promise((resolve, reject) => {
    run(promiseRequest((errno, result) => {
      if (errno === 0) resolve(result);
      else reject(asyncError(errno, syscall, path, dest));
    }));
  }).then(undefined, handleErrorFromBinding);
}

module.exports = {
  asyncError,
  asyncStepError,
  handleErrorFromBinding,
  kReadSteps,
  kWriteSteps,
  promiseOf,
  promiseRequest,
  request,
  stepErrorWithPath,
  syncError,
  syncStepError,
  whenDone,
  whenResult,
};
