'use strict';
// Error classes of the built-in modules: `codes.ERR_X`, made on first use from the tables in
// internal/errors/, the errors of the operating system (internal/errors/system), and how stacks
// are rendered. Numbers and names of errnos lie in internal/errnos.

const { kIsNodeError } = require('internal/errors/symbols');
const system = require('internal/errors/system');

const bases = { __proto__: null, Error, TypeError, RangeError, SyntaxError, URIError };

// ERR_* -> { base, message, native }, of the tables; they are read when the first error is made, so that an image need not
// hold them.
let index;
// The same, of E().
let own;

function lookup(code) {
  if (index === undefined) {
    index = new Map();
    const { native, simple } = require('internal/errors/table');
    const { messages } = require('internal/errors/messages');
    for (const base of Object.keys(simple)) {
      for (const key of Object.keys(simple[base])) index.set(key, { base, message: simple[base][key], native: false });
    }
    for (const base of Object.keys(native)) {
      for (const key of Object.keys(native[base])) index.set(key, { base, message: native[base][key], native: true });
    }
    for (const key of Object.keys(messages)) {
      index.set(key, { base: messages[key][0], message: messages[key][1], native: false });
    }
  }
  return own?.get(code) ?? index.get(code);
}

const addNumericalSeparator = (value) => require('internal/errors/messages').addNumericalSeparator(value);
const determineSpecificType = (value) => require('internal/errors/messages').determineSpecificType(value);
const formatList = (array, type) => require('internal/errors/messages').formatList(array, type);
const errname = (errno) => require('internal/errnos').errname(errno);
const uvErrmapGet = (errno) => require('internal/errnos').uvErrmapGet(errno);

// Fills %s, %d and %j of a table text.
function fill(text, args) {
  if (args.length === 0) return text;
  let i = 0;
  return text.replace(/%[sdj]/g, (spec) => {
    const arg = args[i++];
    if (spec === '%d') return typeof arg === 'symbol' ? 'NaN' : `${Number(arg)}`;
    if (spec === '%s' && typeof arg === 'string') return arg;
    return require('internal/util/inspect').format(spec, arg);
  });
}

// The message of a code; `self` is the error, for texts that hang properties on it.
function getMessage(key, args, self) {
  const { message } = lookup(key);
  return typeof message === 'function' ? Reflect.apply(message, self, args) : fill(message, args);
}

function isErrorStackTraceLimitWritable() {
  const descriptor = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit');
  if (descriptor === undefined) return Object.isExtensible(Error);
  return Object.hasOwn(descriptor, 'writable') ? descriptor.writable : descriptor.set !== undefined;
}

// A constructor made per code: `new NodeError(...args)` is a `Base` with `code` and the message.
function makeNodeErrorClass(Base, key, hiddenFrames) {
  class NodeError extends Base {
    // No declared parameters, as in Node: `length` is 0.
    constructor(...args) {
      if (hiddenFrames && isErrorStackTraceLimitWritable()) {
        // The wrapper made by hideStackFrames() captures the stack, do not pay for two.
        const limit = Error.stackTraceLimit;
        Error.stackTraceLimit = 0;
        try {
          super();
        } finally {
          Error.stackTraceLimit = limit;
        }
      } else {
        super();
      }
      this.code = key;
      const message = getMessage(key, args, this);
      Object.defineProperty(this, 'message', {
        __proto__: null, value: message, enumerable: false, writable: true, configurable: true,
      });
    }
    get ['constructor']() { return Base; }
    get [kIsNodeError]() { return true; }
    toString() { return `${this.name} [${key}]: ${this.message}`; }
  }
  return NodeError;
}

function makeNativeErrorClass(Base, key) {
  return class NodeError extends Base {
    constructor(...args) {
      super(getMessage(key, args, undefined));
      this.code = key;
    }
    get ['constructor']() { return Base; }
  };
}

function makeSystemErrorClass(key, prefix, hiddenFrames) {
  return class NodeError extends system.SystemError {
    constructor(context) {
      super(key, prefix, context);
      if (!hiddenFrames) Error.captureStackTrace(this, new.target);
    }
    get ['constructor']() { return system.SystemError; }
  };
}

function makeClass(key, { base, message, native }, hiddenFrames = false) {
  if (base === 'System') return makeSystemErrorClass(key, message, hiddenFrames);
  if (native) return makeNativeErrorClass(bases[base], key);
  return makeNodeErrorClass(bases[base], key, hiddenFrames);
}

// What `codes.ERR_X` is: a constructor of few bytes whose class is made when the first error is. Every built-in names dozens of
// codes, and nearly none of them is ever thrown. `new codes.ERR_X(...)` is what the class would make, stack included: V8 drops
// the frames down to that of `new.target`.
const kDescribe = Symbol('describe');
const kClass = Symbol('class');

function makeCode(key, baseName, hiddenFrames) {
  let made;
  function NodeError(...args) {
    if (args[0] === kDescribe) return { key, baseName, hiddenFrames };
    if (made === undefined) {
      let entry = lookup(key);
      if (entry === undefined) throw new Error(`internal/errors has no code ${key}`);
      if (baseName !== undefined) entry = { ...entry, base: baseName };
      made = makeClass(key, entry, hiddenFrames);
      NodeError.prototype = made.prototype;
    }
    if (args[0] === kClass) return made;
    return Reflect.construct(made, args, new.target);
  }
  return Object.setPrototypeOf(NodeError, variants);
}
const constructors = { __proto__: null };

// The code made before, or now.
function codeOf(key, baseName, hiddenFrames) {
  const name = baseName === undefined && !hiddenFrames ? key : `${key} ${baseName} ${hiddenFrames}`;
  return constructors[name] ??= makeCode(key, baseName, hiddenFrames);
}

// What all codes inherit: .TypeError, .RangeError, ..., and .HideStackFramesError of each.
const variants = Object.create(Function.prototype, {
  HideStackFramesError: {
    __proto__: null,
    get() {
      const { key, baseName } = this(kDescribe);
      return codeOf(key, baseName, true);
    },
  },
  // The class itself, for who extends it.
  Class: { __proto__: null, get() { return this(kClass); } },
});
for (const baseName of Object.keys(bases)) {
  Object.defineProperty(variants, baseName, {
    __proto__: null,
    get() { return codeOf(this(kDescribe).key, baseName, false); },
  });
}

const codes = new Proxy({ __proto__: null }, {
  __proto__: null,
  get(target, key) {
    return typeof key === 'string' && key.startsWith('ERR_') ? codeOf(key, undefined, false) : undefined;
  },
  has(target, key) {
    return lookup(key) !== undefined;
  },
});

// Adds a code that a module keeps to itself (same shape as the table's).
function E(key, message, Base, ...otherBases) {
  own ??= new Map();
  own.set(key, { base: Base === system.SystemError ? 'System' : Base.name, message, native: false });
}

// Wraps `fn` so that errors it throws have a stack that starts at its caller. `withoutStackTrace`
// is the function itself, for calls from another hidden function.
function hideStackFrames(fn) {
  function wrappedFn(...args) {
    try {
      return Reflect.apply(fn, this, args);
    } catch (error) {
      if (Error.stackTraceLimit) Error.captureStackTrace(error, wrappedFn);
      throw error;
    }
  }
  wrappedFn.withoutStackTrace = fn;
  return wrappedFn;
}

// Drops the frames of `error` that are in internals.
function hideInternalStackFrames(error) {
  overrideStackTrace.set(error, (err, trace) => {
    if (internalBinding('app').hasSourceMaps()) trace = require('internal/source_map/embedded').originalSites(trace);
    return renderStack(err, trace.filter((frame) => !frame.getFileName()?.startsWith('node:internal')));
  });
}

class AbortError extends Error {
  constructor(message = 'The operation was aborted', options = undefined) {
    if (options !== undefined && typeof options !== 'object') {
      throw new codes.ERR_INVALID_ARG_TYPE('options', 'Object', options);
    }
    super(message, options);
    this.code = 'ABORT_ERR';
    this.name = 'AbortError';
  }
}

class NodeAggregateError extends AggregateError {
  constructor(errors, message) {
    super(new Array(...errors), message);
    this.code = errors[0]?.code;
  }
  get [kIsNodeError]() { return true; }
  get ['constructor']() { return AggregateError; }
}

function aggregateTwoErrors(innerError, outerError) {
  if (innerError && outerError && innerError !== outerError) {
    if (Array.isArray(outerError.errors)) {
      // An aggregate of ours already: one list, not a tree.
      outerError.errors.push(innerError);
      return outerError;
    }
    const error = new AggregateError([outerError, innerError], outerError.message);
    Error.captureStackTrace(error, aggregateTwoErrors);
    error.code = outerError.code;
    return error;
  }
  return innerError || outerError;
}

// An ordinary Error with these properties.
function genericNodeError(message, properties) {
  const error = new Error(message);
  Object.assign(error, properties);
  return error;
}

// An error as Node's C++ makes it: its class is V8's own, `code` is a property, and its text does not name it.
function nativeError(Base, code, message, above) {
  const error = new Base(message);
  if (Error.stackTraceLimit) Error.captureStackTrace(error, above);
  error.code = code;
  return error;
}

let maxStackErrorName;
let maxStackErrorMessage;

// True for V8's "Maximum call stack size exceeded", whatever its words are.
function isStackOverflowError(error) {
  if (maxStackErrorMessage === undefined) {
    try {
      (function overflow() { overflow(); })();
    } catch (overflowError) {
      maxStackErrorMessage = overflowError.message;
      maxStackErrorName = overflowError.name;
    }
  }
  return error?.name === maxStackErrorName && error.message === maxStackErrorMessage;
}

// An Error, one from another realm, or an object that inherits from one.
function isErrorLike(value) {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'stack');
}

// Inspects without a user's [util.inspect.custom] taking part: for errors raised while inspecting.
function inspectWithNoCustomRetry(value, options) {
  const { inspect } = require('internal/util/inspect');
  try {
    return inspect(value, options);
  } catch {
    return inspect(value, { ...options, customInspect: false });
  }
}

// Fatal exceptions: a method of an error that gives the stack to report in place of `.stack`, such as where
// an 'error' event was emitted.
const kEnhanceStackBeforeInspector = Symbol('kEnhanceStackBeforeInspector');

// --- stacks --------------------------------------------------------------------------------------

// error -> (error, callSites) => any: asked once for the stack of that error, instead of rendering it.
const overrideStackTrace = new Map();

function errorHeader(error) {
  try {
    if (kIsNodeError in error) return `${error.name} [${error.code}]: ${error.message}`;
    return Error.prototype.toString.call(error);
  } catch (inner) {
    try {
      return `<error: ${Error.prototype.toString.call(inner)}>`;
    } catch {
      return '<error>';
    }
  }
}

function renderStack(error, trace) {
  const header = errorHeader(error);
  return trace.length === 0 ? header : `${header}\n    at ${trace.join('\n    at ')}`;
}

let internalPrepareStackTrace = renderStack;

// Replaces the default rendering (source maps); undefined restores it.
function setInternalPrepareStackTrace(callback) {
  internalPrepareStackTrace = callback ?? renderStack;
}

// What V8 calls to make `error.stack`. globalThis is the one of the error's realm.
function prepareStackTraceCallback(globalThis, error, trace) {
  if (overrideStackTrace.size !== 0) {
    const override = overrideStackTrace.get(error);
    if (override !== undefined) {
      overrideStackTrace.delete(error);
      return override(error, trace);
    }
  }
  if (internalBinding('app').hasSourceMaps()) trace = require('internal/source_map/embedded').originalSites(trace);
  const user = globalThis?.Error?.prepareStackTrace;
  if (typeof user === 'function' && user !== ErrorPrepareStackTrace) {
    return Reflect.apply(user, globalThis.Error, [error, trace]);
  }
  // An own Error.prepareStackTrace is honoured for errors of vm contexts too.
  const own = Error.prepareStackTrace;
  if (typeof own === 'function' && own !== ErrorPrepareStackTrace) {
    return Reflect.apply(own, Error, [error, trace]);
  }
  return internalPrepareStackTrace(error, trace);
}

// The value of Error.prepareStackTrace until a program sets one.
function ErrorPrepareStackTrace(error, trace) {
  return internalPrepareStackTrace(error, trace);
}

// Called once per realm, at bootstrap.
function installStackTraceCallback() {
  internalBinding('errors').setPrepareStackTraceCallback(prepareStackTraceCallback);
  Object.defineProperty(Error, 'prepareStackTrace', {
    __proto__: null, value: ErrorPrepareStackTrace, writable: true, enumerable: false, configurable: true,
  });
}

module.exports = {
  AbortError,
  E,
  ErrorPrepareStackTrace,
  NodeAggregateError,
  addNumericalSeparator,
  aggregateTwoErrors,
  codes,
  determineSpecificType,
  errname,
  formatList,
  genericNodeError,
  getMessage,
  hideInternalStackFrames,
  hideStackFrames,
  inspectWithNoCustomRetry,
  installStackTraceCallback,
  isErrorLike,
  isErrorStackTraceLimitWritable,
  isStackOverflowError,
  kEnhanceStackBeforeInspector,
  kIsNodeError,
  nativeError,
  overrideStackTrace,
  prepareStackTraceCallback,
  renderStack,
  setInternalPrepareStackTrace,
  uvErrmapGet,
  ...system,
};
