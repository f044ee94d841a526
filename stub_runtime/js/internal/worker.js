'use strict';
// class Worker and the data a worker starts with. Does not own: threads (Rust, `bindings/worker.rs`), what runs in one
// (`internal/main/worker_thread.js`).

const EventEmitter = require('events');
const {
  codes: {
    ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_WORKER_INIT_FAILED, ERR_WORKER_INVALID_EXEC_ARGV, ERR_WORKER_NOT_RUNNING,
    ERR_WORKER_OUT_OF_MEMORY, ERR_WORKER_PATH,
  },
} = require('internal/errors');
const { validateArray, validateNumber, validateObject, validateString } = require('internal/validators');
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
// An option: the script is a built-in of ours.
const kInternalScript = Symbol('kInternalScript');
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
  if (typeof given === 'object' && given !== null) {
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

// This thread's workers, for debuggers.
const living = new Set();

// For internal/inspector/node_worker: makes the worker one that can be connected to; what is said of it.
let makeInspector;
let fileOf;

class Worker extends EventEmitter {
  static {
    makeInspector = (worker) => worker.#requests().ask({ inspect: true });
    fileOf = (worker) => worker.#file;
  }

  #threadId;
  #threadName;
  #limits;
  #profiles;
  #file;

  constructor(filename, options = {}) {
    super();
    if (options.argv) validateArray(options.argv, 'options.argv');
    const script = options[kInternalScript] ? { doEval: 'internal', filename } : resolveScript(filename, options.eval);
    if (options.execArgv && !Array.isArray(options.execArgv)) {
      throw new ERR_INVALID_ARG_TYPE('options.execArgv', 'Array', options.execArgv);
    }
    const execArgv = !options.execArgv ? undefined : ownExecArgv(options.execArgv);
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
    if (options.name) {
      validateString(options.name, 'options.name');
      workerName = options.name.trim();
    }
    if (process.permission !== undefined) require('internal/process/permission').check('worker');
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
    if (options.transferList?.[Symbol.iterator]) transfer.push(...options.transferList);
    try {
      this[kPort].postMessage({
        type: messageTypes.LOAD_SCRIPT,
        ...script,
        argv: options.argv?.map((word) => `${word}`) ?? [],
        execArgv: execArgv ?? process.execArgv,
        ownExecArgv: execArgv !== undefined,
        workerData: options.workerData,
        cwdChanges: require('internal/process/per_thread').cwdChanges(),
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
    const id = binding.start(port2, limits[3], [limits[1], limits[0], limits[2]].map((n) => Math.max(n, 0)),
                             (code, outOfMemory) => this[kOnExit](code, outOfMemory));
    if (id === undefined) throw new ERR_WORKER_INIT_FAILED('no port');
    this[kHandle] = new WorkerHandle(id);
    this.#threadId = id;
    this.performance = { eventLoopUtilization: (first, second) => loopUtilization(this[kHandle], first, second) };
    this.#threadName = workerName;
    this.#limits = limitsObject(limits);
    if (!options[kInternalScript]) {
      const created = require('internal/net/channels').channel('worker_threads');
      if (created.hasSubscribers) created.publish({ worker: this });
      living.add(this);
      this.#file = script.doEval ? '' : script.filename;
      process.nextTick(() => process.emit('worker', this));
      if (require('internal/bootstrap/realm').isLoaded('internal/inspector/node_worker')) require('internal/inspector/node_worker').add(this);
    }
  }

  get threadId() { return this.#threadId; }
  get threadName() { return this.#threadName; }
  get resourceLimits() { return this.#limits; }

  [kOnMessage](message) {
    switch (message.type) {
      case messageTypes.UP_AND_RUNNING:
        return this.emit('online');
      case messageTypes.ERROR:
        return this.emit('error', require('internal/worker/errors').readError(message.error));
      case messageTypes.PROFILE:
        return this.#profiles.answer(message);
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
    const handle = this[kHandle];
    this[kHandle] = null;
    process.nextTick(() => handle.release());
    this.#threadId = -1;
    this.#profiles?.end();
    living.delete(this);
    this.#threadName = null;
    this.#limits = {};
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
    binding.terminate(this[kHandle].id);
    return new Promise((resolve) => this.once('exit', resolve));
  }

  async [Symbol.asyncDispose]() {
    await this.terminate();
  }

  ref() {
    if (this[kHandle] === null) return;
    this[kHandle].ref();
    this[kPublicPort].ref();
    this[kPort].ref();
  }

  unref() {
    if (this[kHandle] === null) return;
    this[kHandle].unref();
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

  // ({ exposeInternals, exposeNumericValues }) => a promise of a Readable of JSON
  getHeapSnapshot(options) {
    require('internal/v8/statistics').validateSnapshotOptions(options);
    return this.#ask('heapSnapshot').then((chunks) => {
      const { Readable } = require('stream');
      return Readable.from(chunks.map((chunk) => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)),
                           { objectMode: false });
    });
  }

  getHeapStatistics() {
    return this.#ask('heapStatistics').then(require('internal/v8/statistics').heapStatisticsOf);
  }

  // Microseconds since the worker's start, or since what an earlier call gave.
  cpuUsage(previous) {
    if (previous) {
      validateObject(previous, 'prevValue');
      for (const field of ['user', 'system']) validateNumber(previous[field], `prevValue.${field}`, 0, Number.MAX_SAFE_INTEGER);
    }
    return this.#ask('cpuUsage').then(([user, system]) => {
      return previous ? { user: user - previous.user, system: system - previous.system } : { user, system };
    });
  }

  startCpuProfile(options = {}) {
    return this.#profile('cpu', options);
  }

  startHeapProfile(options = {}) {
    return this.#profile('heap', options);
  }

  #profile(kind, options) {
    validateObject(options, 'options');
    if (this[kHandle] === null) return Promise.reject(new ERR_WORKER_NOT_RUNNING());
    const { start } = require('internal/worker/profiles');
    return start(this.#requests(), kind, options);
  }

  #requests() {
    const { Requests } = require('internal/worker/profiles');
    return this.#profiles ??= new Requests((request) => this[kPort].postMessage({ type: messageTypes.PROFILE, ...request }));
  }

  #ask(what) {
    const { promise, resolve, reject } = Promise.withResolvers();
    const asked = this[kHandle] !== null && binding.ask(this[kHandle].id, what, (answer) => {
      if (answer === undefined) reject(new ERR_WORKER_NOT_RUNNING());
      else resolve(answer);
    });
    if (!asked) reject(new ERR_WORKER_NOT_RUNNING());
    return promise;
  }
}

// The thread as async_hooks see it.
class WorkerHandle {
  #refed = true;

  constructor(id) {
    this.id = id;
    const hooks = require('internal/async_hooks');
    if (hooks.initHooksExist()) hooks.emitInit(hooks.newAsyncId(), 'WORKER', undefined, this);
  }

  ref() {
    this.#refed = true;
    binding.setRef(this.id, true);
  }

  unref() {
    this.#refed = false;
    binding.setRef(this.id, false);
  }

  hasRef() {
    return this.id === undefined ? undefined : this.#refed;
  }

  release() {
    this.id = undefined;
  }
}

// Options of this worker only: those of V8 and of the whole process cannot be.
function ownExecArgv(words) {
  words = words.map((word) => `${word}`).filter((word) => word !== '--');
  const parsed = internalBinding('options').parseOptions(words);
  if (typeof parsed === 'string') throw new ERR_WORKER_INVALID_EXEC_ARGV([parsed]);
  const wrong = [...parsed[1], ...parsed[0].filter(([name]) => ofProcess.has(name)).map(([name]) =>
    words.find((word) => word.split('=', 1)[0] === name) ?? name)];
  if (wrong.length > 0) throw new ERR_WORKER_INVALID_EXEC_ARGV(wrong);
  return words;
}

const ofProcess = new Set(['--title', '--v8-pool-size', '--zero-fill-buffers', '--disable-wasm-trap-handler', '--icu-data-dir']);

function loopUtilization(handle, first, second) {
  const figures = handle === null ? undefined : binding.loopFigures(handle.id);
  if (figures === undefined || figures[0] <= 0) return { idle: 0, active: 0, utilization: 0 };
  const { fromMonotonic, now } = require('internal/perf/performance');
  const { utilization } = require('internal/perf/node_timing');
  return utilization(fromMonotonic(figures[0]), figures[2], now(), first, second);
}

// A worker's output goes to the parent's own stream, which must not end with it.
function pipe(source, target) {
  source.on('data', (chunk) => process[target].write(chunk));
}

module.exports = {
  SHARE_ENV, Worker, kInternalScript, assignOwn, getEnvironmentData, isMainThread, setEnvironmentData, fileOf, living, makeInspector,
  ownResourceLimits: () => ownLimits,
  ownName: () => name,
};
