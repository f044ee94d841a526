'use strict';
// The methods of `process`. Owns: validation, shapes of results. Does not own: the numbers (Rust, `bindings/process.rs`).

const {
  codes: {
    ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_OUT_OF_RANGE, ERR_UNKNOWN_CREDENTIAL, ERR_UNKNOWN_SIGNAL,
    ERR_FEATURE_UNAVAILABLE_ON_PLATFORM,
  },
  ErrnoException, UVException,
} = require('internal/errors');
const {
  validateNumber, validateObject, validateString, validateArray, validateUint32, parseFileMode,
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
hrtime.bigint = function bigint() {
  return binding.hrtimeBigInt();
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

function cwd() {
  const path = binding.cwd();
  if (typeof path === 'number') {
    const error = uvError(path, 'uv_cwd');
    if (error.code === 'ENOENT') {
      error.message = `ENOENT: no such file or directory, uv_cwd`;
    }
    throw error;
  }
  return path;
}

function chdir(directory) {
  validateString(directory, 'directory');
  const before = binding.cwd();
  const errno = binding.chdir(directory);
  if (errno < 0) {
    const error = new UVException({ errno, syscall: 'chdir', path: typeof before === 'string' ? before : undefined, dest: directory });
    throw error;
  }
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

function validateId(id, name) {
  if (typeof id === 'number') {
    validateUint32(id, name);
  } else if (typeof id !== 'string') {
    throw new ERR_INVALID_ARG_TYPE(name, ['number', 'string'], id);
  }
}

function wrapIdSetter(name, isGroup) {
  const set = binding[name];
  return {
    [name](id) {
      validateId(id, 'id');
      let number = id >>> 0;
      if (typeof id === 'string') {
        number = binding.lookupId(id, isGroup);
        if (number === undefined) throw new ERR_UNKNOWN_CREDENTIAL(isGroup ? 'Group' : 'User', id);
      }
      const errno = set(number);
      if (errno < 0) throw new ErrnoException(errno, name);
    },
  }[name];
}

function getgroups() {
  const groups = binding.getgroups();
  if (typeof groups === 'number') throw new ErrnoException(groups, 'getgroups');
  return groups;
}

function setgroups(groups) {
  validateArray(groups, 'groups');
  const ids = groups.map((group, i) => {
    validateId(group, `groups[${i}]`);
    if (typeof group === 'number') return group;
    const id = binding.lookupId(group, true);
    if (id === undefined) throw new ERR_UNKNOWN_CREDENTIAL('Group', group);
    return id;
  });
  const errno = binding.setgroups(ids);
  if (errno < 0) throw new ErrnoException(errno, 'setgroups');
}

function initgroups(user, extraGroup) {
  validateId(user, 'user');
  validateId(extraGroup, 'extraGroup');
  throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('process.initgroups()');
}

function validateCode(value) {
  if (value === undefined || value === null) return;
  let number = value;
  if (typeof number === 'string' && number !== '') number = Number(number);
  if (typeof number !== 'number') throw new ERR_INVALID_ARG_TYPE('code', 'number', value);
  if (!Number.isInteger(number)) {
    throw typeof value === 'string' ? new ERR_INVALID_ARG_TYPE('code', 'number', value) :
      new ERR_OUT_OF_RANGE('code', 'an integer', value);
  }
}

let exitCode;
function exit(code) {
  if (arguments.length !== 0) process.exitCode = code;
  if (!process._exiting) {
    process._exiting = true;
    process.emit('exit', process.exitCode || 0);
  }
  // An `exit` listener may have replaced it.
  process.reallyExit(process.exitCode || 0);
}

function abort() {
  internalBinding('errors').abort();
}

function assert(x, message) {
  const { codes: { ERR_ASSERTION } } = require('internal/errors');
  if (!x) throw new ERR_ASSERTION(message || 'assertion error');
}

function rawDebug(...args) {
  const { format } = require('internal/util/inspect');
  internalBinding('errors').writeStderr(`${format(...args)}\n`);
}

function availableMemory() {
  return binding.memoryLimits()[1];
}
function constrainedMemory() {
  return binding.memoryLimits()[2];
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

function execve(file, args = [], env) {
  validateString(file, 'execPath');
  throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM('process.execve()');
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

function getActiveHandles() {
  const { symbols: { owner_symbol } } = require('internal/async_hooks');
  return activeHandles().map((handle) => handle[owner_symbol] ?? handle);
}

function getActiveRequests() {
  return internalBinding('task_queue').activeRequests().map((type) => ({ type }));
}

function getActiveResourcesInfo() {
  const { countTimeouts, immediateInfo } = require('internal/timers');
  return [
    ...internalBinding('task_queue').activeRequests(),
    ...activeHandles().map(nameOfHandle),
    ...new Array(countTimeouts()).fill('Timeout'),
    ...new Array(immediateInfo[1]).fill('Immediate'),
  ];
}

module.exports = {
  install(target) {
    Object.assign(target, {
      hrtime, memoryUsage, resourceUsage, cpuUsage, threadCpuUsage, cwd, chdir, umask, kill, getgroups, setgroups, initgroups,
      exit, abort, assert, availableMemory, constrainedMemory, loadEnvFile, execve, getActiveResourcesInfo,
      _rawDebug: rawDebug,
      _kill: binding.kill,
      reallyExit: (code) => internalBinding('errors').reallyExit(code || 0),
      uptime: () => binding.uptime(),
      getuid: () => binding.getuid(),
      geteuid: () => binding.geteuid(),
      getgid: () => binding.getgid(),
      getegid: () => binding.getegid(),
      setuid: wrapIdSetter('setuid', false),
      seteuid: wrapIdSetter('seteuid', false),
      setgid: wrapIdSetter('setgid', true),
      setegid: wrapIdSetter('setegid', true),
      _getActiveRequests: getActiveRequests,
      _getActiveHandles: getActiveHandles,
      openStdin() {
        process.stdin.resume();
        return process.stdin;
      },
      ref(maybe) {
        const fn = maybe?.[Symbol.for('nodejs.ref')] ?? maybe?.[Symbol.for('node:ref')] ?? maybe?.ref;
        if (typeof fn === 'function') fn.call(maybe);
      },
      unref(maybe) {
        const fn = maybe?.[Symbol.for('nodejs.unref')] ?? maybe?.[Symbol.for('node:unref')] ?? maybe?.unref;
        if (typeof fn === 'function') fn.call(maybe);
      },
    });
    for (const name of Object.keys(target)) {
      const fn = target[name];
      if (typeof fn === 'function' && fn.name === '') Object.defineProperty(fn, 'name', { value: name });
    }
    Object.defineProperty(target, 'exitCode', {
      configurable: true,
      enumerable: true,
      get: () => exitCode,
      set(value) {
        validateCode(value);
        exitCode = typeof value === 'string' && value !== '' ? Number(value) : value ?? undefined;
      },
    });
  },
};
