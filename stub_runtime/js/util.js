'use strict';
// node:util. What is more than a few lines lies in internal/util/ and internal/mime.

const {
  ErrnoException,
  ExceptionWithHostPort,
  codes: {
    ERR_FALSY_VALUE_REJECTION,
    ERR_INVALID_ARG_TYPE,
    ERR_OUT_OF_RANGE,
  },
} = require('internal/errors');
const {
  convertProcessSignalToExitCode,
  defineLazyProperties,
  deprecate,
  getSystemErrorMap,
  getSystemErrorMessage: internalErrorMessage,
  getSystemErrorName: internalErrorName,
  promisify,
} = require('internal/util');
const {
  format,
  formatWithOptions,
  inspect,
  stripVTControlCharacters,
} = require('internal/util/inspect');
const { debuglog } = require('internal/util/debuglog');
const {
  validateBoolean,
  validateFunction,
  validateInteger,
  validateNumber,
  validateObject,
  validateString,
} = require('internal/validators');
const types = require('internal/util/types');

// Functions that are loaded on their first call, with the name and length of the real ones.
function lazyFunction(name, length, id) {
  let real;
  const fn = {
    [name](...args) {
      real ??= require(id)[name];
      return Reflect.apply(real, this, args);
    },
  }[name];
  return Object.defineProperty(fn, 'length', { __proto__: null, value: length, configurable: true });
}

function _extend(target, source) {
  if (source === null || typeof source !== 'object') return target;
  for (const key of Object.keys(source)) target[key] = source[key];
  return target;
}

function callbackifyOnRejected(reason, cb) {
  // A falsy reason would look like success to the callback.
  if (!reason) {
    reason = new ERR_FALSY_VALUE_REJECTION.HideStackFramesError(reason);
    Error.captureStackTrace(reason, callbackifyOnRejected);
  }
  return cb(reason);
}

// An async function as one that takes a callback(err, result) last.
function callbackify(original) {
  validateFunction(original, 'original');
  // Out of the promise's job: an exception of the callback is uncaught, not a rejection.
  function callbackified(...args) {
    const maybeCb = args.pop();
    validateFunction(maybeCb, 'last argument');
    const cb = maybeCb.bind(this);
    Reflect.apply(original, this, args).then(
      (result) => process.nextTick(cb, null, result),
      (reason) => process.nextTick(callbackifyOnRejected, reason, cb));
  }
  const descriptors = Object.getOwnPropertyDescriptors(original);
  // Names and lengths that are not what they should be are left alone.
  if (typeof descriptors.length.value === 'number') descriptors.length.value++;
  if (typeof descriptors.name.value === 'string') descriptors.name.value += 'Callbackified';
  for (const key of Reflect.ownKeys(descriptors)) Object.setPrototypeOf(descriptors[key], null);
  Object.defineProperties(callbackified, descriptors);
  return callbackified;
}

function checkErrno(err) {
  validateNumber(err, 'err');
  if (err >= 0 || !Number.isSafeInteger(err)) throw new ERR_OUT_OF_RANGE('err', 'a negative integer', err);
}

function getSystemErrorName(err) {
  checkErrno(err);
  return internalErrorName(err);
}

function getSystemErrorMessage(err) {
  checkErrno(err);
  return internalErrorMessage(err);
}

function _errnoException(...args) {
  checkErrno(args[0]);
  const error = new ErrnoException(...args);
  Error.captureStackTrace(error, _errnoException);
  return error;
}

function _exceptionWithHostPort(...args) {
  return new ExceptionWithHostPort(...args);
}

// Prototype inheritance of constructor functions, with ctor.super_.
function inherits(ctor, superCtor) {
  if (ctor === undefined || ctor === null) throw new ERR_INVALID_ARG_TYPE('ctor', 'Function', ctor);
  if (superCtor === undefined || superCtor === null) {
    throw new ERR_INVALID_ARG_TYPE('superCtor', 'Function', superCtor);
  }
  if (superCtor.prototype === undefined) {
    throw new ERR_INVALID_ARG_TYPE('superCtor.prototype', 'Object', superCtor.prototype);
  }
  Object.defineProperty(ctor, 'super_', {
    __proto__: null, value: superCtor, writable: true, configurable: true,
  });
  Object.setPrototypeOf(ctor.prototype, superCtor.prototype);
}

let comparisons;
function isDeepStrictEqual(a, b, skipPrototype) {
  comparisons ??= require('internal/util/comparisons');
  return comparisons.isDeepStrictEqual(a, b, skipPrototype);
}

// A rejection of this promise is nobody's business: no unhandledRejection.
function markPromiseAsHandled(promise) {
  if (!types.isPromise(promise)) throw new ERR_INVALID_ARG_TYPE('promise', 'Promise', promise);
  Promise.prototype.then.call(promise, undefined, () => {});
}

function toUSVString(input) {
  return String.prototype.toWellFormed.call(`${input}`);
}

const kMaxFrames = 200;

// Call sites of the caller's stack: functionName, scriptId, scriptName, lineNumber, columnNumber.
function getCallSites(frameCount = 10, options) {
  // getCallSites(options)
  if (options === undefined) {
    if (typeof frameCount === 'object') {
      options = frameCount;
      validateObject(options, 'options');
      frameCount = 10;
    } else {
      options = {};
    }
  } else {
    validateObject(options, 'options');
  }
  if (options.sourceMap !== undefined) validateBoolean(options.sourceMap, 'options.sourceMap');
  validateInteger(frameCount, 'frameCount', 1, kMaxFrames);
  const sites = internalBinding('util').getCallSites(frameCount);
  if (internalBinding('app').hasSourceMaps()) require('internal/source_map/embedded').originalFrames(sites);
  for (const site of sites) Object.setPrototypeOf(site, null);
  return sites;
}

function parseEnv(content) {
  validateString(content, 'content');
  return require('internal/util/parse_env').parseEnv(content);
}

// Node prints a stack at SIGINT when this is on. Accepted, and without effect: nothing watches for it here.
function setTraceSigInt(enable) { // eslint-disable-line no-unused-vars
}

module.exports = {
  _errnoException,
  _exceptionWithHostPort,
  _extend: deprecate(_extend, 'The `util._extend` API is deprecated. Please use Object.assign() instead.', 'DEP0060'),
  callbackify,
  convertProcessSignalToExitCode,
  debug: debuglog,
  debuglog,
  // No further parameters and options than these are public.
  deprecate: Object.defineProperty((fn, msg, code, { modifyPrototype = true } = {}) =>
    deprecate(fn, msg, code, false, modifyPrototype), 'name', {
    __proto__: null, value: 'deprecate', configurable: true,
  }),
  format,
  styleText: lazyFunction('styleText', 3, 'internal/util/style_text'),
  formatWithOptions,
  getCallSites,
  getSystemErrorMap,
  getSystemErrorName,
  getSystemErrorMessage,
  inherits,
  inspect,
  isArray: deprecate(Array.isArray,
    'The `util.isArray` API is deprecated. Please use `Array.isArray()` instead.', 'DEP0044'),
  isDeepStrictEqual,
  markPromiseAsHandled,
  promisify,
  stripVTControlCharacters,
  toUSVString,
  types,
  parseEnv,
  parseArgs: lazyFunction('parseArgs', 0, 'internal/util/parse_args'),
  diff: lazyFunction('diff', 2, 'internal/util/diff'),
  setTraceSigInt,
};

defineLazyProperties(module.exports, 'internal/abort_controller', [
  'transferableAbortSignal', 'transferableAbortController', 'aborted',
]);
defineLazyProperties(module.exports, 'internal/encoding', ['TextDecoder', 'TextEncoder']);
defineLazyProperties(module.exports, 'internal/mime', ['MIMEType', 'MIMEParams']);
defineLazyProperties(module.exports, 'internal/util/rate_limit', ['debounce', 'throttle']);
