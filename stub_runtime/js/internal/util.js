'use strict';
// Small helpers that most built-in modules share: deprecation and experimental warnings, promisify,
// lazy properties of public objects, encoding names, system error names.
// util.inspect lies in internal/util/inspect, argument checks in internal/validators.

const {
  codes: {
    ERR_INVALID_ARG_TYPE,
    ERR_NO_CRYPTO,
    ERR_NO_TYPESCRIPT,
    ERR_UNKNOWN_SIGNAL,
  },
  hideStackFrames,
  overrideStackTrace,
} = require('internal/errors');

const { isNativeError } = internalBinding('types');

const isWindows = false;
const isMacOS = false;

const kEmptyObject = Object.freeze({ __proto__: null });
const kEnumerableProperty = Object.freeze({ __proto__: null, enumerable: true });
const customInspectSymbol = Symbol.for('nodejs.util.inspect.custom');
const kCustomPromisifiedSymbol = Symbol.for('nodejs.util.promisify.custom');
const customPromisifyArgs = Symbol('customPromisifyArgs');
const kIsEncodingSymbol = Symbol('kIsEncodingSymbol');
const kVmBreakFirstLineSymbol = Symbol('kVmBreakFirstLineSymbol');

// Node's numbers of the encodings that Buffer knows; bindings take them.
const encodingsMap = {
  __proto__: null,
  ascii: 0,
  utf8: 1,
  base64: 2,
  utf16le: 3,
  latin1: 4,
  hex: 5,
  buffer: 6,
  base64url: 7,
};

// --- functions -------------------------------------------------------------------------------------

// () => value, made by `initializer` on the first call.
function getLazy(initializer) {
  let value;
  let made = false;
  return function() {
    if (!made) {
      value = initializer();
      made = true;
    }
    return value;
  };
}

// fn() => a copy of the array that `fn` gave on the first call.
function cachedResult(fn) {
  let result;
  return () => {
    result ??= fn();
    return result.slice();
  };
}

function once(callback, { preserveReturnValue = false } = kEmptyObject) {
  let called = false;
  let returnValue;
  return function(...args) {
    if (called) return returnValue;
    called = true;
    const result = Reflect.apply(callback, this, args);
    returnValue = preserveReturnValue ? result : undefined;
    return result;
  };
}

function assignFunctionName(name, fn, descriptor = kEmptyObject) {
  if (typeof name !== 'string') {
    const { description } = name;
    name = description === undefined ? '' : `[${description}]`;
  }
  return Object.defineProperty(fn, 'name', {
    __proto__: null,
    writable: false,
    enumerable: false,
    configurable: true,
    ...Object.getOwnPropertyDescriptor(fn, 'name'),
    ...descriptor,
    value: name,
  });
}

function promisify(original) {
  const { validateFunction } = require('internal/validators');
  validateFunction(original, 'original');

  const custom = original[kCustomPromisifiedSymbol];
  if (custom) {
    validateFunction(custom, 'util.promisify.custom');
    return Object.defineProperty(custom, kCustomPromisifiedSymbol, {
      __proto__: null, value: custom, enumerable: false, writable: false, configurable: true,
    });
  }

  // Names of the callback's values, for functions such as fs.read that hand over several.
  const names = original[customPromisifyArgs];

  function fn(...args) {
    return new Promise((resolve, reject) => {
      const returned = Reflect.apply(original, this, [...args, (err, ...values) => {
        if (err) return reject(err);
        if (names !== undefined && values.length > 1) {
          const result = {};
          for (let i = 0; i < names.length; i++) result[names[i]] = values[i];
          resolve(result);
        } else {
          resolve(values[0]);
        }
      }]);
      if (internalBinding('types').isPromise(returned)) {
        process.emitWarning('Calling promisify on a function that returns a Promise is likely a mistake.',
          'DeprecationWarning', 'DEP0174');
      }
    });
  }

  Object.setPrototypeOf(fn, Object.getPrototypeOf(original));
  Object.defineProperty(fn, kCustomPromisifiedSymbol, {
    __proto__: null, value: fn, enumerable: false, writable: false, configurable: true,
  });
  const descriptors = Object.getOwnPropertyDescriptors(original);
  for (const key of Reflect.ownKeys(descriptors)) {
    // A null-prototype descriptor cannot be changed through Object.prototype.
    Object.setPrototypeOf(descriptors[key], null);
  }
  return Object.defineProperties(fn, descriptors);
}
promisify.custom = kCustomPromisifiedSymbol;

// --- warnings --------------------------------------------------------------------------------------

const codesWarned = new Set();

function isPendingDeprecation() {
  return require('internal/options').getOptionValue('--pending-deprecation') && !process.noDeprecation;
}

// A function that emits the deprecation warning `code` once per process.
function getDeprecationWarningEmitter(code, msg, deprecated, useEmitSync, shouldEmitWarning = () => true) {
  let warned = false;
  return function(...args) {
    if (warned || !shouldEmitWarning(...args)) return;
    warned = true;
    if (code === 'ExperimentalWarning') {
      process.emitWarning(msg, code, deprecated);
    } else if (code !== undefined) {
      if (codesWarned.has(code)) return;
      codesWarned.add(code);
      (useEmitSync ? require('internal/process/warning').emitWarningSync : process.emitWarning)(
        msg, 'DeprecationWarning', code, deprecated);
    } else {
      process.emitWarning(msg, 'DeprecationWarning', deprecated);
    }
  };
}

// `fn` that warns when it is first called.
function deprecate(fn, msg, code, useEmitSync, modifyPrototype = true) {
  if (code !== undefined) require('internal/validators').validateString(code, 'code');
  return wrapDeprecated(fn, msg, code, useEmitSync, modifyPrototype, () => !process.noDeprecation);
}

function wrapDeprecated(fn, msg, code, useEmitSync, modifyPrototype, shouldEmit) {
  const emit = getDeprecationWarningEmitter(code, msg, deprecated, useEmitSync, shouldEmit);

  function deprecated(...args) {
    emit();
    if (new.target) return Reflect.construct(fn, args, new.target);
    return Reflect.apply(fn, this, args);
  }

  if (modifyPrototype) {
    // `deprecated.length` and friends come from `fn`, static methods too.
    Object.setPrototypeOf(deprecated, fn);
    if (fn.prototype) deprecated.prototype = fn.prototype;
    Object.defineProperty(deprecated, 'length', {
      __proto__: null, ...Object.getOwnPropertyDescriptor(fn, 'length'),
    });
  }
  return deprecated;
}

// Like deprecate(), but silent without --pending-deprecation.
function pendingDeprecate(fn, msg, code, useEmitSync) {
  return wrapDeprecated(fn, msg, code, useEmitSync, true, isPendingDeprecation);
}

// Calling a class without `new`, where Node still lets one.
function deprecateInstantiation(target, code, ...args) {
  if (!process.noDeprecation && !codesWarned.has(code)) {
    codesWarned.add(code);
    process.emitWarning(`Instantiating ${target.name} without the 'new' keyword has been deprecated.`,
      'DeprecationWarning', code);
  }
  return new target(...args);
}

// Accessor pair that warns on first touch of obj[key].
function deprecateProperty(key, msg, code, isPending = false) {
  const emit = getDeprecationWarningEmitter(code, msg, undefined, false,
    isPending ? isPendingDeprecation : () => !process.noDeprecation);
  return (options) => {
    if (key in options) emit();
  };
}

const experimentalWarnings = new Set();

function emitExperimentalWarning(feature, messagePrefix, code, ctor) {
  if (experimentalWarnings.has(feature)) return;
  experimentalWarnings.add(feature);
  let msg = `${feature} is an experimental feature and might change at any time`;
  if (messagePrefix) msg = messagePrefix + msg;
  process.emitWarning(msg, 'ExperimentalWarning', code, ctor);
}

// --- properties of public objects --------------------------------------------------------------------

function setOwnProperty(obj, key, value) {
  return Object.defineProperty(obj, key, {
    __proto__: null, configurable: true, enumerable: true, value, writable: true,
  });
}

// WebIDL: an interface object on the global.
function exposeInterface(target, name, interfaceObject) {
  Object.defineProperty(target, name, {
    __proto__: null, writable: true, enumerable: false, configurable: true, value: interfaceObject,
  });
}

// WebIDL: an operation.
function defineOperation(target, name, method) {
  Object.defineProperty(target, name, {
    __proto__: null, writable: true, enumerable: true, configurable: true, value: method,
  });
}

// WebIDL: a namespace object.
const exposeNamespace = exposeInterface;

// Properties of `target` that are require(id)[key], loaded when first read. Setting replaces them.
function defineLazyProperties(target, id, keys, enumerable = true) {
  const descriptors = { __proto__: null };
  for (const key of keys) {
    const set = assignFunctionName(`set ${key}`, function(value) {
      Object.defineProperty(target, key, { __proto__: null, writable: true, value });
    });
    const get = assignFunctionName(`get ${key}`, function() {
      const value = require(id)[key];
      set(value);
      return value;
    });
    descriptors[key] = { __proto__: null, enumerable, configurable: true, get, set };
  }
  Object.defineProperties(target, descriptors);
}

function exposeLazyInterfaces(target, id, keys) {
  defineLazyProperties(target, id, keys, false);
}

// WebIDL [Replaceable] attributes with a lazily loaded value; `check` runs on each access.
function defineReplaceableLazyAttribute(target, id, keys, writable = true, check) {
  for (const key of keys) {
    let value;
    const get = assignFunctionName(`get ${key}`, function() {
      if (check !== undefined) Reflect.apply(check, this, []);
      return value ??= require(id)[key];
    });
    const set = writable ? assignFunctionName(`set ${key}`, function(replacement) {
      if (check !== undefined) Reflect.apply(check, this, []);
      value = replacement;
    }) : undefined;
    Object.defineProperty(target, key, { __proto__: null, enumerable: true, configurable: true, get, set });
  }
}

// --- encodings ---------------------------------------------------------------------------------------

const encodingAliases = {
  __proto__: null,
  'utf8': 'utf8',
  'utf-8': 'utf8',
  'ucs2': 'utf16le',
  'ucs-2': 'utf16le',
  'utf16le': 'utf16le',
  'utf-16le': 'utf16le',
  'latin1': 'latin1',
  'binary': 'latin1',
  'base64': 'base64',
  'base64url': 'base64url',
  'hex': 'hex',
  'ascii': 'ascii',
};

// The canonical name of an encoding, undefined when there is none. Nothing given means utf8.
function normalizeEncoding(enc) {
  if (enc == null || enc === 'utf8' || enc === 'utf-8') return 'utf8';
  const known = encodingAliases[enc];
  if (known !== undefined) return known;
  if (enc === '') return 'utf8';
  return encodingAliases[`${enc}`.toLowerCase()];
}

// --- system ------------------------------------------------------------------------------------------

function getSystemErrorName(err) {
  return require('internal/errnos').errname(err);
}

function getSystemErrorMessage(err) {
  const entry = require('internal/errnos').uvErrmapGet(err);
  return entry === undefined ? `Unknown system error ${err}` : entry[1];
}

function getSystemErrorMap() {
  return require('internal/errnos').uvErrmap();
}

const handleTypes = ['TCP', 'TTY', 'UDP', 'FILE', 'PIPE', 'UNKNOWN', 'INVALID'];

// What kind of handle a file descriptor is.
function guessHandleType(fd) {
  const type = internalBinding('util').guessHandleType(fd);
  return typeof type === 'number' ? handleTypes[type] : type;
}

let signalsByNumber;

function isSignal(signal) {
  return require('internal/signals').signals[signal] !== undefined;
}

// The number of a signal given by name (any case) or number.
function convertToValidSignal(signal) {
  const { signals } = require('internal/signals');
  if (typeof signal === 'number') {
    signalsByNumber ??= new Map(Object.entries(signals).map(({ 0: name, 1: value }) => [value, name]));
    if (signalsByNumber.has(signal)) return signal;
  }
  if (typeof signal === 'string') {
    const name = signal.toUpperCase();
    if (isSignal(name)) return signals[name];
  }
  throw new ERR_UNKNOWN_SIGNAL(signal);
}

// The exit status a shell reports for a process that a signal ended: 128 + its number.
function convertProcessSignalToExitCode(signalCode) {
  const { validateOneOf } = require('internal/validators');
  const { signals } = require('internal/signals');
  validateOneOf(signalCode, 'signalCode', Object.keys(signals));
  return 128 + signals[signalCode];
}

function sleep(msec) {
  require('internal/validators').validateUint32(msec, 'msec');
  internalBinding('util').sleep(msec);
}

// '127.0.0.1', '255.0.0.0', 'IPv4' -> '127.0.0.1/8'; null for a netmask with holes.
function getCIDR(address, netmask, family) {
  let ones = 0;
  const v6 = family === 'IPv6';
  const width = v6 ? 16 : 8;
  const groups = netmask.split(v6 ? ':' : '.');
  let ended = false;
  for (const group of groups) {
    if (group === '') continue;
    const bits = parseInt(group, v6 ? 16 : 10);
    const ones1 = countOnes(bits);
    if (ones1 > 0 && ended) return null;
    if (ones1 < width) {
      ended = true;
      if (bits !== ((1 << width) - (1 << (width - ones1)))) return null;
    }
    ones += ones1;
  }
  return `${address}/${ones}`;
}

function countOnes(n) {
  let count = 0;
  for (; n !== 0; n &= n - 1) count++;
  return count;
}

let cachedCWD;
let cachedURL;

// file: URL of the working directory, with a final slash.
function getCWDURL() {
  const cwd = process.cwd();
  if (cwd !== cachedCWD) {
    const { pathToFileURL } = require('internal/url');
    cachedURL = pathToFileURL(`${cwd}/`);
    cachedCWD = cwd;
  }
  return cachedURL;
}

// --- errors and stacks -------------------------------------------------------------------------------

// Native errors of any realm, and anything that inherits from this realm's Error.
function isError(e) {
  return isNativeError(e) || e instanceof Error;
}

// CallSites of the current stack, whatever Error.prepareStackTrace the program has set.
function getStructuredStack() {
  const holder = {};
  overrideStackTrace.set(holder, (error, trace) => trace);
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = Infinity;
  Error.captureStackTrace(holder, getStructuredStack);
  Error.stackTraceLimit = limit;
  return holder.stack;
}

const insideNodeModules = /[/\\]node_modules[/\\]/;
const nodeModules = /[/\\]node_modules[/\\](.+?)(?=[/\\])/;

function isUnderNodeModules(filename) {
  return nodeModules.exec(filename) !== null;
}

// True when the innermost user frames are of a package, not of the application.
function isInsideNodeModules() {
  for (const frame of getStructuredStack()) {
    const filename = frame.getFileName();
    if (filename == null || filename.startsWith('node:')) continue;
    return insideNodeModules.test(filename);
  }
  return false;
}

function lazyDOMExceptionClass() {
  return require('internal/dom_exception').DOMException;
}

const lazyDOMException = hideStackFrames((message, name) => {
  const DOMException = lazyDOMExceptionClass();
  return new DOMException(message, name);
});

function assertCrypto() {
  if (!process.versions.openssl) throw new ERR_NO_CRYPTO();
}

function assertTypeScript() {
  if (!process.features.typescript) throw new ERR_NO_TYPESCRIPT();
}

// --- objects and strings -----------------------------------------------------------------------------

// The first constructor on the prototype chain that has a name.
function getConstructorOf(obj) {
  while (obj) {
    const descriptor = Object.getOwnPropertyDescriptor(obj, 'constructor');
    if (descriptor !== undefined && typeof descriptor.value === 'function' && descriptor.value.name !== '') {
      return descriptor.value;
    }
    obj = Object.getPrototypeOf(obj);
  }
}

function filterDuplicateStrings(items, low) {
  const map = new Map();
  for (const item of items) {
    const key = item.toLowerCase();
    if (low) map.set(key, key);
    else map.set(key, item);
  }
  return [...map.values()].sort();
}

// array.splice(index, 1) without the array of removed items.
function spliceOne(list, index) {
  for (; index + 1 < list.length; index++) list[index] = list[index + 1];
  list.pop();
}

// array.join() for arrays whose holes and nullish items must show.
function join(output, separator) {
  let str = '';
  if (output.length !== 0) {
    const last = output.length - 1;
    for (let i = 0; i < last; i++) {
      str += output[i];
      str += separator;
    }
    str += output[last];
  }
  return str;
}

// eslint-disable-next-line no-control-regex
const colorRegExp = /\u001b\[\d\d?m/g;

function removeColors(str) {
  return String.prototype.replace.call(str, colorRegExp, '');
}

// A reference that is strong while its count is above zero, weak otherwise.
class WeakReference {
  #weak;
  #strong = null;
  #refCount = 0;
  constructor(object) {
    this.#weak = new WeakRef(object);
  }
  incRef() {
    if (++this.#refCount === 1) {
      const derefed = this.#weak.deref();
      if (derefed !== undefined) this.#strong = derefed;
    }
    return this.#refCount;
  }
  decRef() {
    if (--this.#refCount === 0) this.#strong = null;
    return this.#refCount;
  }
  get() {
    return this.#weak.deref();
  }
}

// ERR_INVALID_ARG_TYPE of a `this` that is not an object; used by brand-checked accessors.
function assertObject(value, name) {
  if (value === null || typeof value !== 'object') throw new ERR_INVALID_ARG_TYPE(name, 'Object', value);
}

module.exports = {
  WeakReference,
  assertCrypto,
  assertObject,
  assertTypeScript,
  assignFunctionName,
  cachedResult,
  convertProcessSignalToExitCode,
  convertToValidSignal,
  customInspectSymbol,
  customPromisifyArgs,
  defineLazyProperties,
  defineOperation,
  defineReplaceableLazyAttribute,
  deprecate,
  deprecateInstantiation,
  deprecateProperty,
  emitExperimentalWarning,
  encodingsMap,
  exposeInterface,
  exposeLazyInterfaces,
  exposeNamespace,
  filterDuplicateStrings,
  getCIDR,
  getCWDURL,
  getConstructorOf,
  getDeprecationWarningEmitter,
  getLazy,
  getStructuredStack,
  getSystemErrorMap,
  getSystemErrorMessage,
  getSystemErrorName,
  guessHandleType,
  isError,
  isInsideNodeModules,
  isMacOS,
  isPendingDeprecation,
  isUnderNodeModules,
  isWindows,
  join,
  kEmptyObject,
  kEnumerableProperty,
  kIsEncodingSymbol,
  kVmBreakFirstLineSymbol,
  lazyDOMException,
  lazyDOMExceptionClass,
  normalizeEncoding,
  once,
  pendingDeprecate,
  promisify,
  removeColors,
  setOwnProperty,
  sleep,
  spliceOne,
};
