'use strict';
// node:wasi: WebAssembly programs with system calls, preview 1. Owns: the class. Does not own: the calls
// (`internal/wasi/preview1.js`), files and their sandbox (`internal/wasi/files.js`).

const { codes: { ERR_INVALID_ARG_VALUE, ERR_WASI_ALREADY_STARTED } } = require('internal/errors');
const { emitExperimentalWarning } = require('internal/util');
const {
  validateArray, validateBoolean, validateFunction, validateInt32, validateObject, validateString, validateUndefined,
} = require('internal/validators');

emitExperimentalWarning('WASI');

const names = { __proto__: null, unstable: 'wasi_unstable', preview1: 'wasi_snapshot_preview1' };

const { get: memoryBuffer } = Object.getOwnPropertyDescriptor(WebAssembly.Memory.prototype, 'buffer');

function isMemory(value) {
  try {
    Reflect.apply(memoryBuffer, value, []);
    return true;
  } catch {
    return false;
  }
}

class WASI {
  #calls;
  #importName;
  #isStarted = false;
  #exitCode = 0;
  // What ends a program that exits.
  #exited = Symbol('exited');

  constructor(options = {}) {
    if (process.permission !== undefined) require('internal/process/permission').check('wasi');
    validateObject(options, 'options');
    const { version, args = [], env = {}, preopens = {}, stdin = 0, stdout = 1, stderr = 2, returnOnExit = true } = options;
    validateString(version, 'options.version');
    this.#importName = names[version];
    if (this.#importName === undefined) throw new ERR_INVALID_ARG_VALUE('options.version', version, 'unsupported WASI version');
    validateArray(args, 'options.args');
    validateObject(env, 'options.env');
    validateObject(preopens, 'options.preopens');
    validateInt32(stdin, 'options.stdin', 0);
    validateInt32(stdout, 'options.stdout', 0);
    validateInt32(stderr, 'options.stderr', 0);
    validateBoolean(returnOnExit, 'options.returnOnExit');
    const variables = [];
    for (const key of Object.keys(env)) {
      if (env[key] !== undefined) variables.push(`${key}=${env[key]}`);
    }
    const folders = Object.entries(preopens).map(([name, folder]) => [`${name}`, `${folder}`]);
    const exit = (code) => {
      if (!returnOnExit) process.reallyExit(code);
      this.#exitCode = code;
      throw this.#exited;
    };
    const { createCalls } = require('internal/wasi/preview1');
    this.#calls = createCalls({ args: args.map((arg) => `${arg}`), env: variables, folders, stdio: [stdin, stdout, stderr], exit });
    this.wasiImport = this.#calls.imports;
  }

  finalizeBindings(instance, { memory = instance?.exports?.memory } = {}) {
    if (this.#isStarted) throw new ERR_WASI_ALREADY_STARTED();
    validateObject(instance, 'instance');
    validateObject(instance.exports, 'instance.exports');
    if (!isMemory(memory)) {
      const message = '"instance.exports.memory" property must be a WebAssembly.Memory object';
      throw Object.assign(new TypeError(message), { code: 'ERR_INVALID_ARG_TYPE' });
    }
    this.#isStarted = true;
    this.#calls.setMemory(memory);
  }

  // A command: the exit code.
  start(instance) {
    this.finalizeBindings(instance);
    const { _start, _initialize } = instance.exports;
    validateFunction(_start, 'instance.exports._start');
    validateUndefined(_initialize, 'instance.exports._initialize');
    try {
      _start();
    } catch (error) {
      if (error !== this.#exited) throw error;
    }
    return this.#exitCode;
  }

  // A library.
  initialize(instance) {
    this.finalizeBindings(instance);
    const { _start, _initialize } = instance.exports;
    validateUndefined(_start, 'instance.exports._start');
    if (_initialize !== undefined) {
      validateFunction(_initialize, 'instance.exports._initialize');
      _initialize();
    }
  }

  getImportObject() {
    return { [this.#importName]: this.wasiImport };
  }
}

module.exports = { WASI };
