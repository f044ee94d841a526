'use strict';
// node:vm. Owns: options and classes. Does not own: contexts and scripts themselves (Rust, `bindings/vm.rs`), modules
// (`internal/vm/module.js`).

const { codes: { ERR_CONTEXT_NOT_INITIALIZED, ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const {
  validateArray, validateBoolean, validateBuffer, validateInt32, validateOneOf, validateObject, validateString,
  validateStringArray, validateUint32,
} = require('internal/validators');
const { kEmptyObject } = require('internal/util');
const binding = internalBinding('vm');

const { constants, hostId } = require('internal/vm/dynamic_import');

function validateContext(contextified) {
  if (!isContext(contextified)) {
    throw new ERR_INVALID_ARG_TYPE('contextifiedObject', 'vm.Context', contextified);
  }
}

function runOptions(options) {
  validateObject(options, 'options');
  let { timeout } = options;
  const { displayErrors = true, breakOnSigint = false } = options;
  if (timeout === undefined) timeout = 0;
  else validateUint32(timeout, 'options.timeout', true);
  validateBoolean(displayErrors, 'options.displayErrors');
  validateBoolean(breakOnSigint, 'options.breakOnSigint');
  return { timeout, breakOnSigint, displayErrors };
}

class Script {
  // The native half's object
  #script;

  constructor(code, options = kEmptyObject) {
    code = `${code}`;
    if (typeof options === 'string') options = { filename: options };
    else validateObject(options, 'options');
    const {
      filename = 'evalmachine.<anonymous>', lineOffset = 0, columnOffset = 0, cachedData, produceCachedData = false,
      importModuleDynamically,
    } = options;
    validateString(filename, 'options.filename');
    validateInt32(lineOffset, 'options.lineOffset');
    validateInt32(columnOffset, 'options.columnOffset');
    if (cachedData !== undefined && !ArrayBuffer.isView(cachedData)) {
      throw new ERR_INVALID_ARG_TYPE('options.cachedData', ['Buffer', 'TypedArray', 'DataView'], cachedData);
    }
    validateBoolean(produceCachedData, 'options.produceCachedData');
    const id = hostId(importModuleDynamically, () => this, 'options.importModuleDynamically');
    const made = binding.compileScript(code, filename, lineOffset, columnOffset, cachedData, produceCachedData, id);
    if (!Array.isArray(made)) {
      this.#script = made;
      if (produceCachedData) this.cachedDataProduced = false;
      this.sourceURL = undefined;
      this.sourceMapURL = undefined;
      return;
    }
    const [script, rejected, cache, mapURL, sourceURL] = made;
    this.#script = script;
    if (rejected !== undefined) this.cachedDataRejected = rejected;
    if (produceCachedData) {
      this.cachedDataProduced = cache !== undefined;
      if (cache !== undefined) this.cachedData = toBuffer(cache);
    }
    this.sourceURL = sourceURL;
    this.sourceMapURL = mapURL;
  }

  runInThisContext(options = kEmptyObject) {
    return run(this.#script, null, runOptions(options));
  }

  runInContext(contextified, options = kEmptyObject) {
    validateContext(contextified);
    return run(this.#script, contextified, runOptions(options));
  }

  runInNewContext(object, options = kEmptyObject) {
    const context = createContext(object, contextOptions(options));
    return this.runInContext(context, options);
  }

  createCachedData() {
    return toBuffer(binding.createCache(this.#script));
  }
}

function toBuffer(bytes) {
  const { Buffer } = require('buffer');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function run(script, contextified, { timeout, breakOnSigint, displayErrors }) {
  if (!breakOnSigint) return binding.runScript(script, contextified, timeout, displayErrors, false);
  // While a script may be broken by SIGINT, the program's own listeners stand back.
  const listeners = process.rawListeners('SIGINT');
  if (listeners.length > 0) process.removeAllListeners('SIGINT');
  try {
    return binding.runScript(script, contextified, timeout, displayErrors, true);
  } finally {
    for (const listener of listeners) process.addListener('SIGINT', listener);
  }
}

function contextOptions(options) {
  if (!options) return {};
  const made = {};
  if (options.contextName !== undefined) validateString(made.name = options.contextName, 'options.contextName');
  if (options.contextOrigin !== undefined) validateString(made.origin = options.contextOrigin, 'options.contextOrigin');
  if (options.contextCodeGeneration !== undefined) {
    validateObject(made.codeGeneration = options.contextCodeGeneration, 'options.contextCodeGeneration');
    const { strings, wasm } = options.contextCodeGeneration;
    if (strings !== undefined) validateBoolean(strings, 'options.contextCodeGeneration.strings');
    if (wasm !== undefined) validateBoolean(wasm, 'options.contextCodeGeneration.wasm');
  }
  if (options.microtaskMode !== undefined) validateString(made.microtaskMode = options.microtaskMode, 'options.microtaskMode');
  return made;
}

function isContext(object) {
  validateObject(object, 'object', kValidateAny);
  return binding.isContext(object);
}
const { kValidateObjectAllowArray: kValidateAny } = require('internal/validators');

let defaultName = 1;
function createContext(object = {}, options = kEmptyObject) {
  if (object !== constants.DONT_CONTEXTIFY) {
    if (isContext(object)) return object;
  }
  if (object === globalThis) {
    // V8 ends the process: the global object of an image takes no such mark.
    const { codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM } } = require('internal/errors');
    throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('vm.createContext(globalThis)');
  }
  validateObject(options, 'options');
  const { name = `VM Context ${defaultName++}`, origin, codeGeneration, microtaskMode, importModuleDynamically } = options;
  validateString(name, 'options.name');
  if (origin !== undefined) validateString(origin, 'options.origin');
  let strings = true;
  let wasm = true;
  if (codeGeneration !== undefined) {
    validateObject(codeGeneration, 'options.codeGeneration');
    ({ strings = true, wasm = true } = codeGeneration);
    validateBoolean(strings, 'options.codeGeneration.strings');
    validateBoolean(wasm, 'options.codeGeneration.wasm');
  }
  validateOneOf(microtaskMode, 'options.microtaskMode', ['afterEvaluate', undefined]);
  const id = hostId(importModuleDynamically, () => made, 'options.importModuleDynamically');
  const sandbox = object === constants.DONT_CONTEXTIFY ? undefined : object;
  const made = binding.makeContext(sandbox, strings, wasm, microtaskMode === 'afterEvaluate', id);
  return made;
}

function createScript(code, options) {
  return new Script(code, options);
}

function runInContext(code, contextified, options) {
  validateContext(contextified);
  options = typeof options === 'string' ? { filename: options } : { ...options };
  return createScript(code, options).runInContext(contextified, options);
}

function runInNewContext(code, object, options) {
  if (typeof options === 'string') options = { filename: options };
  object = createContext(object, contextOptions(options));
  options = { ...options };
  return createScript(code, options).runInContext(object, options);
}

function runInThisContext(code, options) {
  if (typeof options === 'string') options = { filename: options };
  return createScript(code, options).runInThisContext(options);
}

function compileFunction(code, params, options = kEmptyObject) {
  validateString(code, 'code');
  validateObject(options, 'options');
  if (params !== undefined) validateStringArray(params, 'params');
  const {
    filename = '', columnOffset = 0, lineOffset = 0, cachedData = undefined, produceCachedData = false,
    parsingContext = undefined, contextExtensions = [], importModuleDynamically,
  } = options;
  validateString(filename, 'options.filename');
  validateInt32(columnOffset, 'options.columnOffset');
  validateInt32(lineOffset, 'options.lineOffset');
  if (cachedData !== undefined) validateBuffer(cachedData, 'options.cachedData');
  validateBoolean(produceCachedData, 'options.produceCachedData');
  if (parsingContext !== undefined) {
    if (typeof parsingContext !== 'object' || parsingContext === null || !isContext(parsingContext)) {
      throw new ERR_INVALID_ARG_TYPE('options.parsingContext', 'Context', parsingContext);
    }
  }
  validateArray(contextExtensions, 'options.contextExtensions');
  for (let i = 0; i < contextExtensions.length; i++) {
    validateObject(contextExtensions[i], `options.contextExtensions[${i}]`, { nullable: true });
  }
  const id = hostId(importModuleDynamically, () => fn, 'options.importModuleDynamically');
  const [fn, rejected, cache] = binding.compileFunction(
    code, filename, lineOffset, columnOffset, cachedData, produceCachedData, parsingContext, contextExtensions, params, id);
  if (rejected !== undefined) fn.cachedDataRejected = rejected;
  if (produceCachedData) {
    fn.cachedDataProduced = cache !== undefined;
    if (cache !== undefined) fn.cachedData = toBuffer(cache);
  }
  return fn;
}

function measureMemory(options = kEmptyObject) {
  const { emitExperimentalWarning } = require('internal/util');
  emitExperimentalWarning('vm.measureMemory');
  validateObject(options, 'options');
  const { mode = 'summary', execution = 'default' } = options;
  validateOneOf(mode, 'options.mode', ['summary', 'detailed']);
  validateOneOf(execution, 'options.execution', ['default', 'eager']);
  return Promise.reject(new ERR_CONTEXT_NOT_INITIALIZED());
}

module.exports = {
  Script, createContext, createScript, runInContext, runInNewContext, runInThisContext, isContext, compileFunction,
  measureMemory, constants,
};

if (require('internal/options').getOptionValue('--experimental-vm-modules')) {
  const { Module, SourceTextModule, SyntheticModule } = require('internal/vm/module');
  Object.assign(module.exports, { Module, SourceTextModule, SyntheticModule });
}
