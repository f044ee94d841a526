'use strict';
// class Worker and the data a worker starts with. Does not own: threads (Rust, `bindings/worker.rs`), what runs in one
// (`internal/main/worker_thread.js`).

const EventEmitter = require('events');
const {
  codes: {
    ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_WORKER_INIT_FAILED, ERR_WORKER_NOT_RUNNING, ERR_WORKER_OUT_OF_MEMORY,
    ERR_WORKER_PATH, ERR_WORKER_UNSERIALIZABLE_ERROR, ERR_FEATURE_UNAVAILABLE_ON_PLATFORM,
  },
} = require('internal/errors');
const { validateArray, validateObject, validateString } = require('internal/validators');
const binding = internalBinding('worker');
const { MessageChannel, drainMessagePort } = require('internal/messaging');
const { messageTypes, ReadableWorkerStdio, WritableWorkerStdio } = require('internal/worker/io');

const SHARE_ENV = Symbol.for('nodejs.worker_threads.SHARE_ENV');
const kHandle = Symbol('kHandle');
const kPort = Symbol('kPort');
const kPublicPort = Symbol('kPublicPort');
const kParentSideStdio = Symbol('kParentSideStdio');
const kOnExit = Symbol('kOnExit');
const kOnMessage = Symbol('kOnMessage');
const limitNames = ['maxYoungGenerationSizeMb', 'maxOldGenerationSizeMb', 'codeRangeSizeMb', 'stackSizeMb'];

let environmentData = new Map();
let ownLimits = {};
let name = '';

function setEnvironmentData(key, value) {
  if (value === undefined) environmentData.delete(key);
  else environmentData.set(key, value);
}

function getEnvironmentData(key) {
  return environmentData.get(key);
}

function isMainThread() {
  return binding.threadId() === 0;
}

// What a worker was given: called once, by its main built-in.
function assignOwn(data) {
  environmentData = data.environmentData;
  ownLimits = data.resourceLimits;
  name = data.name;
}

function parseLimits(given) {
  const limits = [-1, -1, -1, 4];
  if (given !== undefined) {
    validateObject(given, 'options.resourceLimits');
    limitNames.forEach((limit, i) => {
      if (typeof given[limit] === 'number') limits[i] = limit === 'maxOldGenerationSizeMb' ? Math.max(given[limit], 2) : given[limit];
    });
  }
  return limits;
}

function limitsObject(limits) {
  const object = {};
  limitNames.forEach((limit, i) => {
    object[limit] = limits[i];
  });
  return object;
}

// What `filename` means: code and how it is run.
function resolveScript(filename, isEval) {
  if (isEval) {
    if (typeof filename !== 'string') {
      throw new ERR_INVALID_ARG_VALUE('options.eval', isEval, 'must be false when \'filename\' is not a string');
    }
    return { doEval: 'classic', filename };
  }
  const { isURL, fileURLToPath } = require('internal/url');
  if (isURL(filename)) {
    if (filename.protocol === 'data:') return { doEval: 'data', filename: filename.href };
    return { doEval: false, filename: fileURLToPath(filename) };
  }
  if (typeof filename !== 'string') throw new ERR_INVALID_ARG_TYPE('filename', ['string', 'URL'], filename);
  const path = require('path');
  if (path.isAbsolute(filename) || /^\.\.?\//.test(filename)) return { doEval: false, filename: path.resolve(filename) };
  throw new ERR_WORKER_PATH(filename);
}

class Worker extends EventEmitter {
  constructor(filename, options = {}) {
    super();
    validateObject(options, 'options');
    if (options.argv !== undefined) validateArray(options.argv, 'options.argv');
    const script = resolveScript(filename, options.eval);
    if (options.execArgv !== undefined && !Array.isArray(options.execArgv)) {
      throw new ERR_INVALID_ARG_TYPE('options.execArgv', 'Array', options.execArgv);
    }
    let env;
    if (typeof options.env === 'object' && options.env !== null) {
      env = { __proto__: null };
      for (const key of Object.keys(options.env)) env[key] = `${options.env[key]}`;
    } else if (options.env == null) {
      env = { __proto__: null, ...process.env };
    } else if (options.env !== SHARE_ENV) {
      throw new ERR_INVALID_ARG_TYPE('options.env', ['object', 'undefined', 'null', 'worker_threads.SHARE_ENV'], options.env);
    }
    let workerName = 'WorkerThread';
    if (options.name !== undefined) {
      validateString(options.name, 'options.name');
      workerName = options.name.trim();
    }
    const limits = parseLimits(options.resourceLimits);
    const { port1, port2 } = new MessageChannel();
    this[kPort] = port1;
    this[kPort].on('message', (message) => this[kOnMessage](message));
    const publicChannel = new MessageChannel();
    this[kPublicPort] = publicChannel.port1;
    for (const event of ['message', 'messageerror']) {
      this[kPublicPort].on(event, (message) => this.emit(event, message));
    }
    const stdin = options.stdin ? new WritableWorkerStdio(this[kPort], 'stdin') : null;
    const stdout = new ReadableWorkerStdio(this[kPort], 'stdout');
    const stderr = new ReadableWorkerStdio(this[kPort], 'stderr');
    if (!options.stdout) pipe(stdout, 'stdout');
    if (!options.stderr) pipe(stderr, 'stderr');
    this[kParentSideStdio] = { stdin, stdout, stderr };
    const transfer = [publicChannel.port2];
    if (options.transferList) transfer.push(...options.transferList);
    try {
      this[kPort].postMessage({
        type: messageTypes.LOAD_SCRIPT,
        ...script,
        argv: options.argv?.map((word) => `${word}`) ?? [],
        execArgv: options.execArgv ?? process.execArgv,
        workerData: options.workerData,
        environmentData,
        env: env === undefined ? undefined : { ...env },
        publicPort: publicChannel.port2,
        hasStdin: Boolean(options.stdin),
        resourceLimits: limitsObject(limits),
        name: workerName,
        mainArgv: [process.argv[0], process.argv[1]],
      }, transfer);
    } catch (error) {
      // What cannot be cloned: nothing was started, nothing may keep the loop alive.
      this[kPort].close();
      this[kPublicPort].close();
      throw error;
    }
    this[kHandle] = binding.start(port2, limits[3], [limits[1], limits[0], limits[2]].map((n) => Math.max(n, 0)),
                                  (code, outOfMemory) => this[kOnExit](code, outOfMemory));
    if (this[kHandle] === undefined) throw new ERR_WORKER_INIT_FAILED('no port');
    Object.defineProperty(this, 'threadId', {
      __proto__: null, configurable: true, enumerable: true, writable: true, value: this[kHandle],
    });
    this.threadName = workerName;
    this.resourceLimits = limitsObject(limits);
    process.nextTick(() => process.emit('worker', this));
  }

  [kOnMessage](message) {
    switch (message.type) {
      case messageTypes.UP_AND_RUNNING:
        return this.emit('online');
      case messageTypes.ERROR:
        return this.emit('error', readError(message.error));
      case messageTypes.STDIO:
        return this[kParentSideStdio][message.stream].receive(message.chunks);
    }
    return undefined;
  }

  [kOnExit](code, outOfMemory) {
    drainMessagePort(this[kPublicPort]);
    drainMessagePort(this[kPort]);
    const { stdout, stderr } = this[kParentSideStdio];
    if (!stdout.readableEnded) stdout.push(null);
    if (!stderr.readableEnded) stderr.push(null);
    this[kPublicPort].close();
    this[kPort].close();
    this[kHandle] = null;
    this.threadId = -1;
    this.resourceLimits = {};
    if (outOfMemory) this.emit('error', new ERR_WORKER_OUT_OF_MEMORY('JS heap out of memory'));
    this.emit('exit', code);
  }

  postMessage(...args) {
    if (this[kPublicPort] === null || this[kHandle] === null) return;
    this[kPublicPort].postMessage(...args);
  }

  terminate(callback) {
    this.ref();
    if (typeof callback === 'function') {
      process.emitWarning('Passing a callback to worker.terminate() is deprecated. It returns a Promise instead.',
                          'DeprecationWarning', 'DEP0132');
      if (this[kHandle] === null) return Promise.resolve();
      this.once('exit', (code) => callback(null, code));
    }
    if (this[kHandle] === null) return Promise.resolve();
    binding.terminate(this[kHandle]);
    return new Promise((resolve) => this.once('exit', resolve));
  }

  async [Symbol.asyncDispose]() {
    await this.terminate();
  }

  ref() {
    if (this[kHandle] === null) return;
    binding.setRef(this[kHandle], true);
    this[kPublicPort].ref();
    this[kPort].ref();
  }

  unref() {
    if (this[kHandle] === null) return;
    binding.setRef(this[kHandle], false);
    this[kPublicPort].unref();
    this[kPort].unref();
  }

  get stdin() {
    return this[kParentSideStdio].stdin;
  }

  get stdout() {
    return this[kParentSideStdio].stdout;
  }

  get stderr() {
    return this[kParentSideStdio].stderr;
  }

  getHeapSnapshot() {
    return Promise.reject(this[kHandle] === null ? new ERR_WORKER_NOT_RUNNING() :
      new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('worker.getHeapSnapshot()'));
  }

  getHeapStatistics() {
    return Promise.reject(this[kHandle] === null ? new ERR_WORKER_NOT_RUNNING() :
      new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('worker.getHeapStatistics()'));
  }

  get performance() {
    return { eventLoopUtilization: () => ({ idle: 0, active: 0, utilization: 0 }) };
  }
}

// A worker's output goes to the parent's own stream, which must not end with it.
function pipe(source, target) {
  source.on('data', (chunk) => process[target].write(chunk));
}

// An error on its way: as it is where it can be cloned, else its looks.
function writeError(error) {
  const { inspect } = require('internal/util/inspect');
  try {
    if (error instanceof Error) {
      const own = {};
      for (const key of Object.keys(error)) if (typeof error[key] !== 'function') own[key] = error[key];
      const { structuredClone } = require('internal/structured_clone');
      return structuredClone({
        kind: 'error', name: error.name, class: error.constructor?.name, message: error.message, stack: error.stack, own, cause: error.cause,
      });
    }
    return { kind: 'value', value: require('internal/structured_clone').structuredClone(error) };
  } catch {
    return { kind: 'text', text: inspect(error) };
  }
}

function readError(sent) {
  if (sent.kind === 'value') return sent.value;
  if (sent.kind === 'text') {
    const error = new ERR_WORKER_UNSERIALIZABLE_ERROR();
    error.message += `\n${sent.text}`;
    return error;
  }
  const Class = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }[sent.class] ?? Error;
  const made = new Class(sent.message);
  if (sent.name !== made.name) {
    Object.defineProperty(made, 'name', { __proto__: null, configurable: true, writable: true, enumerable: false, value: sent.name });
  }
  Object.defineProperty(made, 'stack', { __proto__: null, configurable: true, writable: true, enumerable: false, value: sent.stack });
  if (sent.cause !== undefined) {
    Object.defineProperty(made, 'cause', { __proto__: null, configurable: true, writable: true, enumerable: false, value: sent.cause });
  }
  return Object.assign(made, sent.own);
}

function unavailable(what) {
  return { [what]() {
    throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM(`worker_threads.${what}()`);
  } }[what];
}

module.exports = {
  SHARE_ENV, Worker, assignOwn, getEnvironmentData, isMainThread, setEnvironmentData, writeError,
  moveMessagePortToContext: unavailable('moveMessagePortToContext'),
  postMessageToThread: unavailable('postMessageToThread'),
  ownResourceLimits: () => ownLimits,
  ownName: () => name,
};
