'use strict';
// node:child_process. Owns: the functions, time limits, collected output. Does not own: the process (`internal/child_process.js`),
// what arguments are valid (`internal/child_process/arguments.js`), the channel (`internal/child_process/ipc.js`).

const {
  AbortError,
  genericNodeError,
  codes: { ERR_CHILD_PROCESS_IPC_REQUIRED, ERR_CHILD_PROCESS_STDIO_MAXBUFFER, ERR_INVALID_ARG_TYPE },
} = require('internal/errors');
const { assignFunctionName, getSystemErrorName, promisify } = require('internal/util');
const { isArrayBufferView } = require('internal/util/types');
const { validateAbortSignal, validateArray, validateObject } = require('internal/validators');
const {
  checkAllNoNull, checkNoNull, normalizeExecArgs, normalizeExecFileArgs, normalizeSpawnArguments, sanitizeKillSignal,
  validateMaxBuffer, validateTimeout,
} = require('internal/child_process/arguments');
const { getValidStdio, stdioStringToArray } = require('internal/child_process/stdio');
const internal = require('internal/child_process');
const { ChildProcess } = internal;

const MAX_BUFFER = 1024 * 1024;

function abortChildProcess(child, killSignal, reason) {
  try {
    if (child.kill(killSignal)) child.emit('error', new AbortError(undefined, { cause: reason }));
  } catch (error) {
    child.emit('error', error);
  }
}

function limitTime(child, timeout, killSignal) {
  let timer = setTimeout(() => {
    timer = null;
    try {
      child.kill(killSignal);
    } catch (error) {
      child.emit('error', error);
    }
  }, timeout);
  child.once('exit', () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
  });
}

function obeySignal(child, signal, killSignal) {
  const onAbort = () => abortChildProcess(child, killSignal, signal.reason);
  if (signal.aborted) {
    process.nextTick(onAbort);
    return;
  }
  const { addAbortListener } = require('events');
  const disposable = addAbortListener(signal, onAbort);
  child.once('exit', disposable[Symbol.dispose]);
}

function spawn(file, args, options) {
  options = normalizeSpawnArguments(file, args, options);
  validateTimeout(options.timeout);
  validateAbortSignal(options.signal, 'options.signal');
  const killSignal = sanitizeKillSignal(options.killSignal);
  const child = new ChildProcess();
  child.spawn(options);
  if (options.timeout > 0) limitTime(child, options.timeout, killSignal);
  if (options.signal) obeySignal(child, options.signal, killSignal);
  return child;
}

// `-e CODE` is not for a child that has a script.
function withoutEval(execArgv) {
  if (execArgv !== process.execArgv || process._eval == null) return execArgv;
  const index = execArgv.lastIndexOf(process._eval);
  return index > 0 ? execArgv.toSpliced(index - 1, 2) : execArgv;
}

function fork(modulePath, args = [], options) {
  const { getValidatedPath } = require('internal/fs/utils');
  modulePath = getValidatedPath(modulePath, 'modulePath');
  if (args == null) {
    args = [];
  } else if (typeof args === 'object' && !Array.isArray(args)) {
    options = args;
    args = [];
  } else {
    validateArray(args, 'args');
  }
  if (options != null) validateObject(options, 'options');
  options = { __proto__: null, ...options, shell: false };
  options.execPath ||= process.execPath;
  checkNoNull(options.execPath, 'options.execPath');
  const execArgv = options.execArgv || process.execArgv;
  checkAllNoNull(execArgv, 'options.execArgv');
  args = [...withoutEval(execArgv), modulePath, ...args];
  if (typeof options.stdio === 'string') {
    options.stdio = stdioStringToArray(options.stdio, 'ipc');
  } else if (!Array.isArray(options.stdio)) {
    options.stdio = stdioStringToArray(options.silent ? 'pipe' : 'inherit', 'ipc');
  } else if (!options.stdio.includes('ipc')) {
    throw new ERR_CHILD_PROCESS_IPC_REQUIRED('options.stdio');
  }
  const { kForkedScript } = require('internal/child_process/self');
  options[kForkedScript] = modulePath;
  return spawn(options.execPath, args, options);
}

// Called at start, by a process that has a channel to its parent.
function _forkChild(fd, serializationMode) {
  const { IPC, Pipe } = require('internal/net/handles');
  const pipe = new Pipe(IPC);
  pipe.open(fd);
  pipe.unref();
  const control = require('internal/child_process/ipc').setupChannel(process, pipe, serializationMode);
  const isChannelEvent = (name) => name === 'message' || name === 'disconnect';
  process.on('newListener', (name) => {
    if (isChannelEvent(name)) control.refCounted();
  });
  process.on('removeListener', (name) => {
    if (isChannelEvent(name)) control.unrefCounted();
  });
}

// What a child wrote to stdout or stderr, up to a number of bytes.
class Output {
  #chunks = [];
  #length = 0;

  constructor(stream, name, encoding, maxBuffer, onOverflow) {
    this.stream = stream;
    this.encoding = encoding;
    if (!stream) return;
    if (encoding) stream.setEncoding(encoding);
    stream.on('data', (chunk) => {
      if (maxBuffer === Infinity) {
        this.#chunks.push(chunk);
        return;
      }
      const { readableEncoding } = stream;
      const length = readableEncoding ? Buffer.byteLength(chunk, readableEncoding) : chunk.length;
      const room = maxBuffer - this.#length;
      this.#length += length;
      if (length > room) {
        this.#chunks.push(chunk.slice(0, room));
        onOverflow(new ERR_CHILD_PROCESS_STDIO_MAXBUFFER(name));
      } else {
        this.#chunks.push(chunk);
      }
    });
  }

  take() {
    return this.encoding || this.stream?.readableEncoding ? this.#chunks.join('') : Buffer.concat(this.#chunks);
  }
}

function execFile(file, args, options, callback) {
  ({ file, args, options, callback } = normalizeExecFileArgs(file, args, options, callback));
  options = {
    __proto__: null,
    encoding: 'utf8',
    timeout: 0,
    maxBuffer: MAX_BUFFER,
    killSignal: 'SIGTERM',
    cwd: null,
    env: null,
    shell: false,
    ...options,
  };
  validateTimeout(options.timeout);
  validateMaxBuffer(options.maxBuffer);
  options.killSignal = sanitizeKillSignal(options.killSignal);

  const child = spawn(file, args, {
    argv0: options.argv0,
    cwd: options.cwd,
    env: options.env,
    gid: options.gid,
    shell: options.shell,
    signal: options.signal,
    uid: options.uid,
    windowsHide: !!options.windowsHide,
    windowsVerbatimArguments: !!options.windowsVerbatimArguments,
  });

  const encoding = options.encoding !== 'buffer' && Buffer.isEncoding(options.encoding) ? options.encoding : null;
  let killed = false;
  let exited = false;
  let timer = null;
  let failure = null;
  let stdout;
  let stderr;

  function finish(code, signal) {
    if (exited) return;
    exited = true;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (!callback) return;
    const out = stdout.take();
    const err = stderr.take();
    if (!failure && code === 0 && signal === null) {
      callback(null, out, err);
      return;
    }
    const command = args?.length ? `${file} ${args.join(' ')}` : file;
    failure ??= genericNodeError(`Command failed: ${command}\n${err}`, {
      code: code < 0 ? getSystemErrorName(code) : code,
      killed: child.killed || killed,
      signal,
    });
    failure.cmd = command;
    callback(failure, out, err);
  }

  function kill() {
    child.stdout?.destroy();
    child.stderr?.destroy();
    killed = true;
    try {
      child.kill(options.killSignal);
    } catch (error) {
      failure ??= error;
      finish();
    }
  }

  function overflow(error) {
    failure = error;
    kill();
  }

  if (options.timeout > 0) {
    timer = setTimeout(() => {
      kill();
      timer = null;
    }, options.timeout);
  }
  stdout = new Output(child.stdout, 'stdout', encoding, options.maxBuffer, overflow);
  stderr = new Output(child.stderr, 'stderr', encoding, options.maxBuffer, overflow);
  child.addListener('close', finish);
  child.addListener('error', (error) => {
    failure = error;
    child.stdout?.destroy();
    child.stderr?.destroy();
    finish();
  });
  return child;
}

function exec(command, options, callback) {
  const normalized = normalizeExecArgs(command, options, callback);
  return module.exports.execFile(normalized.file, normalized.options, normalized.callback);
}

// The promise of `{ stdout, stderr }` has the child as property.
function promisified(fn) {
  return assignFunctionName(fn.name, (...args) => {
    const { promise, resolve, reject } = Promise.withResolvers();
    promise.child = fn(...args, (error, stdout, stderr) => {
      if (error !== null) reject(Object.assign(error, { stdout, stderr }));
      else resolve({ stdout, stderr });
    });
    return promise;
  });
}

for (const fn of [exec, execFile]) {
  Object.defineProperty(fn, promisify.custom, { __proto__: null, enumerable: false, value: promisified(fn) });
}

// The `input` of a descriptor as bytes.
function inputBytes(input, i, encoding) {
  if (isArrayBufferView(input)) return input;
  if (typeof input === 'string') return Buffer.from(input, encoding);
  throw new ERR_INVALID_ARG_TYPE(`options.stdio[${i}]`, ['Buffer', 'TypedArray', 'DataView', 'string'], input);
}

function spawnSync(file, args, options) {
  options = { __proto__: null, maxBuffer: MAX_BUFFER, ...normalizeSpawnArguments(file, args, options) };
  validateTimeout(options.timeout);
  validateMaxBuffer(options.maxBuffer);
  options.killSignal = sanitizeKillSignal(options.killSignal);
  options.stdio = getValidStdio(options.stdio || 'pipe', true).stdio;
  if (options.input) options.stdio[0] = { ...options.stdio[0], input: options.input };
  options.stdio = options.stdio.map((entry, i) => {
    if (entry?.input == null) return entry;
    return { ...entry, input: inputBytes(entry.input, i, options.encoding) };
  });
  return internal.spawnSync(options);
}

// The error of a command that failed, with everything that `spawnSync` told; undefined where it succeeded.
function checkExecSyncError(result, args, command) {
  if (result.error) return Object.assign(result.error, result);
  if (result.status === 0) return undefined;
  let message = `Command failed: ${command || args.join(' ')}`;
  if (result.stderr && result.stderr.length > 0) message += `\n${result.stderr.toString()}`;
  return genericNodeError(message, result);
}

function execFileSync(file, args, options) {
  ({ file, args, options } = normalizeExecFileArgs(file, args, options));
  const result = spawnSync(file, args, options);
  if (!options.stdio && result.stderr) process.stderr.write(result.stderr);
  const error = checkExecSyncError(result, [options.argv0 || file, ...args]);
  if (error) throw error;
  return result.stdout;
}

function execSync(command, options) {
  const { file, options: normalized } = normalizeExecArgs(command, options, null);
  const result = spawnSync(file, normalized);
  if (!normalized.stdio && result.stderr) process.stderr.write(result.stderr);
  const error = checkExecSyncError(result, undefined, command);
  if (error) throw error;
  return result.stdout;
}

module.exports = { _forkChild, ChildProcess, exec, execFile, execFileSync, execSync, fork, spawn, spawnSync };
