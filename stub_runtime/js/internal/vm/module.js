'use strict';
// vm.Module, SourceTextModule and SyntheticModule: module records that a program links itself. With --experimental-vm-modules.
// Does not own: the records (Rust, `bindings/module_wrap.rs`), contexts (`vm.js`).

const {
  codes: {
    ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_MODULE_LINK_MISMATCH, ERR_VM_MODULE_ALREADY_LINKED,
    ERR_VM_MODULE_CANNOT_CREATE_CACHED_DATA, ERR_VM_MODULE_DIFFERENT_CONTEXT, ERR_VM_MODULE_LINK_FAILURE,
    ERR_VM_MODULE_NOT_MODULE, ERR_VM_MODULE_STATUS,
  },
} = require('internal/errors');
const { customInspectSymbol, emitExperimentalWarning, kEmptyObject } = require('internal/util');
const {
  validateArray, validateBoolean, validateFunction, validateInt32, validateObject, validateString, validateUint32,
} = require('internal/validators');
const wrap = internalBinding('module_wrap');

const statuses = ['unlinked', 'linking', 'linked', 'evaluating', 'evaluated', 'errored'];
// V8's numbers.
const phases = { __proto__: null, 0: 'source', 1: 'defer', 2: 'evaluation' };
const kRecord = Symbol('kRecord');
const kContext = Symbol('kContext');
const kIdentifier = Symbol('kIdentifier');
const kLinked = Symbol('kLinked');
const kLink = Symbol('kLink');
const kNoError = Symbol('kNoError');

let lastIndex = 0;
const indexes = new WeakMap();

// Names of modules without one count up in each context.
function nextIdentifier(context) {
  if (context === undefined) return `vm:module(${lastIndex++})`;
  const index = indexes.get(context) ?? 0;
  indexes.set(context, index + 1);
  return `vm:module(${index})`;
}

function isModule(value) {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, kRecord);
}

function check(value) {
  if (!isModule(value)) {
    const { codes: { ERR_INVALID_THIS } } = require('internal/errors');
    throw new ERR_INVALID_THIS('Module');
  }
  return value[kRecord];
}

class Module {
  constructor(options) {
    emitExperimentalWarning('VM Modules');
    if (new.target === Module) throw new TypeError('Module is not a constructor');
    const { context, create } = options;
    let { identifier } = options;
    if (context !== undefined) {
      validateObject(context, 'context');
      if (!require('vm').isContext(context)) throw new ERR_INVALID_ARG_TYPE('options.context', 'vm.Context', context);
    }
    if (identifier !== undefined) validateString(identifier, 'options.identifier');
    else identifier = nextIdentifier(context);
    const hidden = (key, value) => Object.defineProperty(this, key, { __proto__: null, enumerable: false, writable: true, value });
    hidden(kContext, context);
    hidden(kLinked, undefined);
    hidden(kRecord, create(identifier));
    hidden(kIdentifier, identifier);
  }

  get identifier() {
    check(this);
    return this[kIdentifier];
  }

  get context() {
    check(this);
    return this[kContext];
  }

  get namespace() {
    const record = check(this);
    if (wrap.getStatus(record) < 2) throw new ERR_VM_MODULE_STATUS('must not be unlinked or linking');
    return wrap.getNamespace(record);
  }

  get status() {
    return statuses[wrap.getStatus(check(this))];
  }

  get error() {
    const record = check(this);
    if (wrap.getStatus(record) !== 5) throw new ERR_VM_MODULE_STATUS('must be errored');
    return wrap.getError(record);
  }

  async link(linker) {
    check(this);
    validateFunction(linker, 'linker');
    if (this.status === 'linked') throw new ERR_VM_MODULE_ALREADY_LINKED();
    if (this.status !== 'unlinked') throw new ERR_VM_MODULE_STATUS('must be unlinked');
    await this[kLink](linker);
    wrap.instantiate(this[kRecord]);
  }

  // Not an async function: what a synthetic module gives is settled at once.
  evaluate(options = kEmptyObject) {
    try {
      return this.#evaluate(options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #evaluate(options) {
    const record = check(this);
    validateObject(options, 'options');
    let { timeout = 0 } = options;
    const { breakOnSigint = false } = options;
    if (options.timeout !== undefined) validateUint32(timeout, 'options.timeout', true);
    else timeout = 0;
    validateBoolean(breakOnSigint, 'options.breakOnSigint');
    const { status } = this;
    if (status !== 'linked' && status !== 'evaluated' && status !== 'errored') {
      throw new ERR_VM_MODULE_STATUS('must be one of linked, evaluated, or errored');
    }
    return wrap.evaluate(record, timeout, breakOnSigint);
  }

  [customInspectSymbol](depth, options) {
    check(this);
    const constructor = this.constructor ?? Module;
    if (typeof depth === 'number' && depth < 0) return `[${constructor.name}]`;
    const shown = Object.create(constructor.prototype);
    for (const [key, value] of Object.entries({ status: this.status, identifier: this.identifier, context: this.context })) {
      Object.defineProperty(shown, key, { __proto__: null, enumerable: true, value });
    }
    const { inspect } = require('internal/util/inspect');
    return inspect(shown, { ...options, customInspect: false });
  }
}

class SourceTextModule extends Module {
  #error = kNoError;
  #status;
  #requests;

  constructor(sourceText, options = kEmptyObject) {
    validateString(sourceText, 'sourceText');
    validateObject(options, 'options');
    const {
      lineOffset = 0, columnOffset = 0, initializeImportMeta, importModuleDynamically, context, identifier, cachedData,
    } = options;
    validateInt32(lineOffset, 'options.lineOffset');
    validateInt32(columnOffset, 'options.columnOffset');
    if (initializeImportMeta !== undefined) validateFunction(initializeImportMeta, 'options.initializeImportMeta');
    if (importModuleDynamically !== undefined) validateFunction(importModuleDynamically, 'options.importModuleDynamically');
    if (cachedData !== undefined && !ArrayBuffer.isView(cachedData)) {
      throw new ERR_INVALID_ARG_TYPE('options.cachedData', ['Buffer', 'TypedArray', 'DataView'], cachedData);
    }
    let self;
    const create = (name) => {
      const { hostId } = require('internal/vm/dynamic_import');
      const id = hostId(importModuleDynamically, () => self, 'options.importModuleDynamically');
      return wrap.compile(sourceText, name, lineOffset, columnOffset, id, cachedData, context, true);
    };
    super({ context, identifier, create });
    self = this;
    if (initializeImportMeta !== undefined) {
      const { registerMeta } = require('internal/modules/esm/host_callbacks');
      registerMeta(this[kRecord], (meta) => initializeImportMeta(meta, this));
    }
  }

  get moduleRequests() {
    this.#requests ??= Object.freeze(wrap.getRequests(check(this)).map(([specifier, attributes, , , phase]) => {
      return Object.freeze({
        __proto__: null, specifier, attributes: Object.freeze(attributes), phase: phases[phase] ?? 'evaluation',
      });
    }));
    return this.#requests;
  }

  get dependencySpecifiers() {
    return Object.freeze(this.moduleRequests.map(({ specifier }) => specifier));
  }

  get status() {
    if (isModule(this) && #error in this) {
      if (this.#error !== kNoError) return 'errored';
      if (this.#status !== undefined) return this.#status;
    }
    return super.status;
  }

  get error() {
    if (isModule(this) && #error in this && this.#error !== kNoError) return this.#error;
    return super.error;
  }

  // The modules of the requests, in their order.
  linkRequests(modules) {
    check(this);
    if (this.status !== 'unlinked') throw new ERR_VM_MODULE_STATUS('must be unlinked');
    validateArray(modules, 'modules');
    for (const module of modules) {
      if (!isModule(module)) throw new ERR_VM_MODULE_NOT_MODULE();
      if (module.context !== this.context) throw new ERR_VM_MODULE_DIFFERENT_CONTEXT();
    }
    const requests = this.moduleRequests;
    if (requests.length !== modules.length) {
      throw new ERR_MODULE_LINK_MISMATCH(`Expected ${requests.length} modules, got ${modules.length}`);
    }
    const byKey = new Map();
    requests.forEach(({ specifier, attributes }, i) => {
      const key = JSON.stringify([specifier, Object.entries(attributes).sort()]);
      if (byKey.has(key) && byKey.get(key) !== modules[i]) {
        throw new ERR_MODULE_LINK_MISMATCH(`Module request '${specifier}' at index ${i} must be linked to the same module`);
      }
      byKey.set(key, modules[i]);
    });
    this.#setLinked(modules);
  }

  #setLinked(modules) {
    this[kLinked] = modules;
    wrap.link(this[kRecord], modules.map((module) => module[kRecord]));
  }

  instantiate() {
    check(this);
    if (this.status !== 'unlinked') throw new ERR_VM_MODULE_STATUS('must be unlinked');
    checkLinked(this, new Set());
    wrap.instantiate(this[kRecord]);
  }

  async [kLink](linker) {
    this.#status = 'linking';
    try {
      const asked = this.moduleRequests.map(async ({ specifier, attributes }) => {
        const module = await linker(specifier, this, { attributes, assert: attributes });
        if (!isModule(module)) throw new ERR_VM_MODULE_NOT_MODULE();
        if (module.context !== this.context) throw new ERR_VM_MODULE_DIFFERENT_CONTEXT();
        if (module.status === 'errored') {
          throw new ERR_VM_MODULE_LINK_FAILURE(`request for '${specifier}' resolved to an errored module`, module.error);
        }
        if (module.status === 'unlinked') await module[kLink](linker);
        return module;
      });
      this.#setLinked(await Promise.all(asked));
    } catch (error) {
      this.#error = error;
      throw error;
    } finally {
      this.#status = undefined;
    }
  }

  hasTopLevelAwait() {
    const record = check(this);
    return wrap.hasTopLevelAwait(record);
  }

  hasAsyncGraph() {
    const record = check(this);
    if (wrap.getStatus(record) < 2) throw new ERR_VM_MODULE_STATUS('must be instantiated');
    return wrap.isGraphAsync(record);
  }

  createCachedData() {
    const { status } = this;
    if (status === 'evaluating' || status === 'evaluated' || status === 'errored') {
      throw new ERR_VM_MODULE_CANNOT_CREATE_CACHED_DATA();
    }
    const bytes = wrap.createCache(this[kRecord]);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

// Every module of the graph must have been linked; says which was not.
function checkLinked(module, seen) {
  if (seen.has(module) || module.status !== 'unlinked') return;
  const isRoot = seen.size === 0;
  seen.add(module);
  if (module[kLinked] === undefined) {
    const [first] = module.moduleRequests ?? [];
    // Without requests there is nothing to link, but for the module that is asked for.
    if (first === undefined && !isRoot) return;
    throw new ERR_VM_MODULE_LINK_FAILURE(first === undefined ?
      `module '${module.identifier}' is not linked` :
      `request for '${first.specifier}' can not be resolved on module '${module.identifier}' that is not linked`);
  }
  for (const linked of module[kLinked]) checkLinked(linked, seen);
}

class SyntheticModule extends Module {
  constructor(exportNames, evaluateCallback, options = kEmptyObject) {
    if (!Array.isArray(exportNames) || exportNames.some((name) => typeof name !== 'string')) {
      throw new ERR_INVALID_ARG_TYPE('exportNames', 'Array of unique strings', exportNames);
    }
    exportNames.forEach((name, i) => {
      if (exportNames.indexOf(name, i + 1) !== -1) throw new ERR_INVALID_ARG_VALUE(`exportNames.${name}`, name, 'is duplicated');
    });
    validateFunction(evaluateCallback, 'evaluateCallback');
    validateObject(options, 'options');
    const { context, identifier } = options;
    let self;
    const create = (name) => wrap.createSynthetic(name, exportNames, () => Reflect.apply(evaluateCallback, self, []), context);
    super({ context, identifier, create });
    self = this;
    this[kLinked] = [];
    wrap.link(this[kRecord], []);
    wrap.instantiate(this[kRecord]);
  }

  // It asks for nothing.
  link() {}

  async [kLink]() {}

  setExport(name, value) {
    const record = check(this);
    validateString(name, 'name');
    if (wrap.getStatus(record) < 2) throw new ERR_VM_MODULE_STATUS('must be linked');
    wrap.setExport(record, name, value);
  }
}

// What `import()` gives for what a callback returned.
function namespaceOf(module) {
  if (!isModule(module)) throw new ERR_VM_MODULE_NOT_MODULE();
  if (module.status === 'errored') throw module.error;
  return module.namespace;
}

module.exports = { Module, SourceTextModule, SyntheticModule, namespaceOf };
