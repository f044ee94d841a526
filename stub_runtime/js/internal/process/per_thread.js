'use strict';
// The methods of `process`. Owns: validation, shapes of results. Does not own: the numbers (Rust, `bindings/process.rs`).

const {
  codes: {
    ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE, ERR_UNKNOWN_SIGNAL,
  },
  ErrnoException, UVException,
} = require('internal/errors');
const {
  validateInteger, validateNumber, validateObject, validateString, validateArray, parseFileMode,
} = require('internal/validators');
const binding = internalBinding('process');

function uvError(errno, syscall) {
  return new UVException({ errno, syscall });
}

const hrValues = new Uint32Array(3);
function hrtime(time) {
  binding.hrtime(hrValues);
  const seconds = hrValues[0] * 0x100000000 + hrValues[1];
  if (time === undefined) return [seconds, hrValues[2]];
  validateArray(time, 'time');
  if (time.length !== 2) throw new ERR_OUT_OF_RANGE('time', 2, time.length);
  const sec = seconds - time[0];
  const nsec = hrValues[2] - time[1];
  return nsec < 0 ? [sec - 1, nsec + 1e9] : [sec, nsec];
}
const hrNanoseconds = new BigUint64Array(1);
hrtime.bigint = function bigint() {
  binding.hrtimeBigInt(hrNanoseconds);
  return hrNanoseconds[0];
};

const memoryValues = new Float64Array(5);
function memoryUsage() {
  binding.memoryUsage(memoryValues);
  const [rss, heapTotal, heapUsed, external, arrayBuffers] = memoryValues;
  return { rss, heapTotal, heapUsed, external, arrayBuffers };
}
memoryUsage.rss = function rss() {
  return binding.rss();
};

const usage = new Float64Array(16);
function resourceUsage() {
  const errno = binding.resourceUsage(usage, false);
  if (errno < 0) throw uvError(errno, 'uv_getrusage');
  return {
    userCPUTime: usage[0],
    systemCPUTime: usage[1],
    maxRSS: usage[2],
    sharedMemorySize: usage[3],
    unsharedDataSize: usage[4],
    unsharedStackSize: usage[5],
    minorPageFault: usage[6],
    majorPageFault: usage[7],
    swappedOut: usage[8],
    fsRead: usage[9],
    fsWrite: usage[10],
    ipcSent: usage[11],
    ipcReceived: usage[12],
    signalsCount: usage[13],
    voluntaryContextSwitches: usage[14],
    involuntaryContextSwitches: usage[15],
  };
}

function cpuTimes(previous, thread) {
  if (previous) {
    validateObject(previous, 'prevValue');
    for (const field of ['user', 'system']) {
      const value = previous[field];
      if (typeof value !== 'number') validateNumber(value, `prevValue.${field}`);
      if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) {
        throw new ERR_INVALID_ARG_VALUE.RangeError(`prevValue.${field}`, value);
      }
    }
  }
  const errno = binding.resourceUsage(usage, thread);
  if (errno < 0) throw uvError(errno, 'uv_getrusage');
  const [user, system] = usage;
  return previous ? { user: user - previous.user, system: system - previous.system } : { user, system };
}
function cpuUsage(previous) {
  return cpuTimes(previous, false);
}
function threadCpuUsage(previous) {
  return cpuTimes(previous, true);
}

// The main thread's working directory: nobody else changes it. A worker's is the main thread's.
let knownCwd;

function cwd() {
  if (knownCwd !== undefined) return knownCwd;
  const path = binding.cwd();
  if (typeof path === 'number') {
    const error = uvError(path, 'uv_cwd');
    if (error.code === 'ENOENT') {
      error.message = `ENOENT: no such file or directory, uv_cwd`;
    }
    throw error;
  }
  if (internalBinding('worker').threadId() === 0) knownCwd = path;
  return path;
}

// How often the main thread changed its directory, for workers: made with the first of them.
let changes;

function cwdChanges() {
  return changes ??= new Uint32Array(new SharedArrayBuffer(4));
}

// A worker's process.cwd(): asks again when the count has changed. `counter` is the main thread's.
function workerCwd(counter) {
  changes = counter;
  const { load: AtomicsLoad } = Atomics;
  let known;
  let count = -1;
  return function cwd() {
    const now = AtomicsLoad(counter, 0);
    if (now !== count) {
      known = originalCwd();
      count = now;
    }
    return known;
  };
}

const originalCwd = cwd;

function chdir(directory) {
  validateString(directory, 'directory');
  // The system's strings end at a zero.
  directory = directory.split('\0', 1)[0];
  const before = binding.cwd();
  knownCwd = undefined;
  const errno = binding.chdir(directory);
  if (errno < 0) {
    const error = new UVException({ errno, code: undefined, syscall: 'chdir', path: typeof before === 'string' ? before : undefined, dest: directory });
    throw error;
  }
  if (changes !== undefined) Atomics.add(changes, 0, 1);
}

function dlopen(...args) {
  return require('internal/process/dlopen').dlopen(...args);
}

function umask(mask) {
  return mask === undefined ? binding.umask() : binding.umask(parseFileMode(mask, 'mask'));
}

function kill(pid, sig) {
  // eslint-disable-next-line eqeqeq
  if (pid != (pid | 0)) throw new ERR_INVALID_ARG_TYPE('pid', 'number', pid);
  let errno;
  if (sig === (sig | 0)) {
    errno = process._kill(pid, sig);
  } else {
    const { signals } = require('internal/signals');
    sig = sig || 'SIGTERM';
    if (!signals[sig]) throw new ERR_UNKNOWN_SIGNAL(sig);
    errno = process._kill(pid, signals[sig]);
  }
  if (errno) throw new ErrnoException(errno, 'kill');
  return true;
}

function validateCode(value) {
  if (value === undefined || value === null) return;
  let number = value;
  if (typeof number === 'string' && number !== '') number = Number(number);
  if (typeof number !== 'number') throw new ERR_INVALID_ARG_TYPE('code', 'number', value);
  if (typeof value === 'string' && Number.isNaN(number)) throw new ERR_INVALID_ARG_TYPE('code', 'number', value);
  validateInteger(number, 'code');
}

function exit(code) {
  if (arguments.length !== 0) process.exitCode = code;
  if (!process._exiting) {
    process._exiting = true;
    process.emit('exit', process.exitCode || 0);
  }
  // An `exit` listener may have replaced it.
  process.reallyExit(process.exitCode || 0);
}

function loadEnvFile(path = undefined) {
  const { parseEnv } = require('util');
  const { toPathIfFileURL } = require('internal/url');
  const { validatePath } = require('internal/fs/utils');
  path = path === undefined ? '.env' : toPathIfFileURL(path);
  validatePath(path, 'path');
  const { readFileSync } = require('fs');
  let text;
  try {
    text = readFileSync(path, 'utf8');
  } catch (err) {
    err.syscall = 'open';
    throw err;
  }
  const parsed = parseEnv(text);
  for (const name of Object.keys(parsed)) {
    if (process.env[name] === undefined) process.env[name] = parsed[name];
  }
}

// This process becomes another program; `exit` listeners do not run.
function execve(execPath, args = [], env = process.env) {
  validateString(execPath, 'execPath');
  validateArray(args, 'args');
  args.forEach((arg, i) => {
    if (typeof arg !== 'string' || arg.includes('\0')) {
      throw new ERR_INVALID_ARG_VALUE(`args[${i}]`, arg, 'must be a string without null bytes');
    }
  });
  validateObject(env, 'env');
  const pairs = Object.entries(env).map(([key, value]) => {
    if (typeof value !== 'string' || key.includes('\0') || value.includes('\0')) {
      throw new ERR_INVALID_ARG_VALUE('env', env, 'must be an object with string keys and values without null bytes');
    }
    return `${key}=${value}`;
  });
  if (process.permission !== undefined) require('internal/process/permission').check('child', execPath);
  const { channel } = require('internal/net/channels');
  if (channel('process.execve').hasSubscribers) channel('process.execve').publish({ execPath, args, env: pairs });
  const { forThisProgram } = require('internal/child_process/self');
  const start = forThisProgram({ file: execPath, args: [...args], envPairs: pairs });
  const errno = internalBinding('process_wrap').execve(start.file, start.args, pairs);
  const { nativeErrnoError } = require('internal/process/errno');
  throw nativeErrnoError(errno, 'execve', execPath);
}

// Handles and requests are asked for only if the module that makes them was loaded.
function loaded(id) {
  return require('internal/bootstrap/realm').loadedIds().includes(id);
}

function activeHandles() {
  const handles = loaded('internal/net/handles') ? internalBinding('stream_handle').activeHandles() : [];
  if (loaded('internal/child_process')) {
    for (const child of require('internal/child_process').running) if (child.hasRef()) handles.push(child);
  }
  return handles;
}

function nameOfHandle(handle) {
  const { name } = handle.constructor;
  if (name === 'TCP' || name === 'Pipe') {
    if (handle.onconnection !== undefined) return `${name}ServerWrap`;
    return name === 'TCP' ? 'TCPSocketWrap' : 'PipeWrap';
  }
  return `${name}Wrap`;
}

function getActiveResourcesInfo() {
  const { countTimeouts, immediateInfo } = require('internal/timers');
  return [
    ...internalBinding('task_queue').activeRequests(),
    ...require('internal/bootstrap/stdio').activeHandles(),
    ...activeHandles().map(nameOfHandle),
    ...new Array(countTimeouts()).fill('Timeout'),
    ...new Array(immediateInfo[1]).fill('Immediate'),
  ];
}

// Methods without a `prototype`, as native ones are.
const methods = {
  abort() {
    internalBinding('errors').abort();
  },
  availableMemory() {
    return binding.memoryLimits()[1];
  },
  constrainedMemory() {
    return binding.memoryLimits()[2];
  },
  getActiveResourcesInfo,
  _getActiveHandles() {
    const { symbols: { owner_symbol } } = require('internal/async_hooks');
    return activeHandles().map((handle) => handle[owner_symbol] ?? handle);
  },
  _getActiveRequests() {
    return internalBinding('task_queue').activeRequests().map((type) => ({ type }));
  },
  _debugProcess(pid) {
    process.kill(pid, 'SIGUSR1');
  },
  _debugEnd() {
    require('internal/inspector/server').close();
  },
  _kill: (pid, signal) => binding.kill(pid, signal),
  reallyExit(code) {
    internalBinding('errors').reallyExit(code || 0);
    // Only a worker comes here: it ends at the next place where V8 looks.
    for (;;);
  },
  uptime: () => binding.uptime(),
  openStdin() {
    process.stdin.resume();
    return process.stdin;
  },
  ref(maybeRefable) {
    const fn = maybeRefable?.[Symbol.for('nodejs.ref')] ?? maybeRefable?.[Symbol.for('node:ref')] ?? maybeRefable?.ref;
    if (typeof fn === 'function') fn.call(maybeRefable);
  },
  unref(maybeRefable) {
    const fn = maybeRefable?.[Symbol.for('nodejs.unref')] ?? maybeRefable?.[Symbol.for('node:unref')] ??
      maybeRefable?.unref;
    if (typeof fn === 'function') fn.call(maybeRefable);
  },
  _rawDebug(...args) {
    const { format } = require('internal/util/inspect');
    internalBinding('errors').writeStderr(`${format(...args)}\n`);
  },
};

let exitCode;

function install(target) {
  target._fatalException = require('internal/process/execution').fatalException;
  Object.assign(target, {
    hrtime, memoryUsage, resourceUsage, cpuUsage, threadCpuUsage, cwd, chdir, umask, kill, exit, loadEnvFile, execve, dlopen,
    ...require('internal/process/credentials'), ...methods,
  });
  Object.defineProperty(target, 'exitCode', {
    __proto__: null,
    configurable: false,
    enumerable: true,
    get: () => exitCode,
    set(value) {
      validateCode(value);
      exitCode = value == null ? undefined : Number(value) | 0;
    },
  });
}

module.exports = { cwdChanges, install, workerCwd };
