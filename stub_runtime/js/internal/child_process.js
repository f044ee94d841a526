'use strict';
// A child process: class ChildProcess and the synchronous start. Owns: the life of a child from its start to 'close'. Does not
// own: arguments (`child_process/arguments.js`), the channel (`child_process/ipc.js`), programs that start themselves
// (`child_process/self.js`), the start itself (Rust, `process_wrap.rs`, `spawn_sync.rs`).

const EventEmitter = require('events');
const { ErrnoException } = require('internal/errors');
const { newAsyncId, emitInit, emitBefore, emitAfter, emitDestroy, initHooksExist, symbols } = require('internal/async_hooks');
const { convertToValidSignal } = require('internal/util');
const { validateArray, validateObject, validateOneOf, validateString } = require('internal/validators');
const { getValidStdio } = require('internal/child_process/stdio');
const { forThisProgram } = require('internal/child_process/self');
const { owner_symbol, async_id_symbol } = symbols;

const EAGAIN = -11;
const EACCES = -13;
const EINVAL = -22;
const ENFILE = -23;
const EMFILE = -24;
const ENOENT = -2;
const ENOSYS = -38;
const ESRCH = -3;

// Errors of the start that are told by the 'error' event; others are thrown.
const toldLater = new Set([EACCES, EAGAIN, EMFILE, ENFILE, ENOENT]);

const kIsUsedAsStdio = Symbol('kIsUsedAsStdio');

let binding;
function native() {
  return binding ??= internalBinding('process_wrap');
}

let signalNames;
function signalName(number) {
  if (signalNames === undefined) {
    signalNames = new Map();
    const { signals } = require('internal/signals');
    for (const name of Object.keys(signals)) {
      // The first of several names for a number is the usual one.
      if (!signalNames.has(signals[name])) signalNames.set(signals[name], name);
    }
  }
  return signalNames.get(number) ?? `SIG${number}`;
}

// Those that run.
const running = new Set();

// The process itself, as `child._handle`. Rust knows it by a number, 0 before the start and after the end.
class Process {
  #id = 0;

  constructor() {
    this.onexit = undefined;
    this.pid = undefined;
    this[async_id_symbol] = newAsyncId();
    this[owner_symbol] = null;
    if (initHooksExist()) emitInit(this[async_id_symbol], 'PROCESSWRAP', undefined, this);
    Object.defineProperty(this, async_id_symbol, { enumerable: false });
  }

  // 0 or a negative errno. Opens the handles of `options.stdio` that are pipes.
  spawn(options) {
    const { IGNORE, PIPE, spawn } = native();
    const fds = options.stdio.map((entry) => {
      switch (entry.type) {
        case 'ignore': return IGNORE;
        case 'pipe': case 'overlapped': return PIPE;
        case 'wrap': return entry.handle.fd;
        default: return entry.fd;
      }
    });
    const result = spawn(forThisProgram(options), fds, (code, signal) => this.#ended(code, signal));
    if (typeof result === 'number') return result;
    const [pid, id, ...ours] = result;
    ours.forEach((fd, i) => {
      if (fd >= 0) options.stdio[i].handle.open(fd);
    });
    if (pid < 0) return pid;
    this.#id = id;
    this.pid = pid;
    running.add(this);
    return 0;
  }

  #ended(code, signal) {
    this.#id = 0;
    running.delete(this);
    const asyncId = this[async_id_symbol];
    emitBefore(asyncId, 0, this);
    try {
      this.onexit(code, signal === 0 ? '' : signalName(signal));
    } finally {
      emitAfter(asyncId);
    }
  }

  kill(signal) {
    return this.#id === 0 ? ESRCH : native().kill(this.#id, signal);
  }

  getAsyncId() { return this[async_id_symbol]; }
  ref() { native().setRef(this.#id, true); }
  unref() { native().setRef(this.#id, false); }
  hasRef() { return this.#id !== 0 && native().hasRef(this.#id); }
  close() { emitDestroy(this[async_id_symbol]); }
}

// Nobody listens where the module has not been asked for.
function publish(name, message) {
  const { isLoaded } = require('internal/bootstrap/realm');
  if (!isLoaded('diagnostics_channel')) return;
  const channel = require('diagnostics_channel').channel(name);
  if (channel.hasSubscribers) channel.publish(message);
}

function ChildProcess() {
  EventEmitter.call(this);
  this._closesNeeded = 1;
  this._closesGot = 0;
  this.connected = false;
  this.signalCode = null;
  this.exitCode = null;
  this.killed = false;
  this.spawnfile = null;
  this._handle = new Process();
  this._handle[owner_symbol] = this;
  this._handle.onexit = (exitCode, signalCode) => onExit(this, exitCode, signalCode);
  publish('child_process', { process: this });
}
Object.setPrototypeOf(ChildProcess.prototype, EventEmitter.prototype);
Object.setPrototypeOf(ChildProcess, EventEmitter);

function spawnError(child, errno) {
  const error = new ErrnoException(errno, child.spawnfile ? `spawn ${child.spawnfile}` : 'spawn');
  if (child.spawnfile) error.path = child.spawnfile;
  error.spawnargs = child.spawnargs.slice(1);
  return error;
}

// `exitCode` is negative where the process could not be started.
function onExit(child, exitCode, signalCode) {
  if (signalCode) child.signalCode = signalCode;
  else child.exitCode = exitCode;
  // Nobody reads it any more.
  child.stdin?.destroy();
  child._handle?.close();
  child._handle = null;
  if (exitCode < 0) child.emit('error', spawnError(child, exitCode));
  else child.emit('exit', child.exitCode, child.signalCode);
  // After listeners of 'exit' had their chance to read: what nobody reads is read away, for 'close' to come.
  process.nextTick(flushStdio, child);
  maybeClose(child);
}

function flushStdio(child) {
  if (child.stdio == null) return;
  for (const stream of child.stdio) {
    if (stream && stream.readable && !stream[kIsUsedAsStdio]) stream.resume();
  }
}

// 'close' comes when the process has ended and everything connected to it is closed.
function maybeClose(child) {
  child._closesGot++;
  if (child._closesGot === child._closesNeeded) child.emit('close', child.exitCode, child.signalCode);
}

function onErrorNT(child, errno) {
  child._handle?.onexit(errno, '');
}

function onSpawnNT(child) {
  child.emit('spawn');
}

function createSocket(handle, readable) {
  const { Socket } = require('net');
  return new Socket({ handle, readable });
}

// A stream that the child writes to or reads from is not read here.
function lendStream(entry) {
  const { handle, _stdio: stream } = entry;
  handle.reading = false;
  handle.readStop?.();
  if (typeof stream.pause !== 'function') return;
  stream.pause();
  stream.readableFlowing = false;
  if (stream._readableState) stream._readableState.reading = false;
  stream[kIsUsedAsStdio] = true;
}

ChildProcess.prototype.spawn = function spawn(options) {
  validateObject(options, 'options');
  validateOneOf(options.serialization, 'options.serialization', [undefined, 'json', 'advanced']);
  const serialization = options.serialization || 'json';
  const { stdio, ipc, ipcFd } = getValidStdio(options.stdio || 'pipe', false);
  options.stdio = stdio;
  if (ipc !== undefined) {
    if (options.envPairs === undefined) options.envPairs = [];
    else validateArray(options.envPairs, 'options.envPairs');
    options.envPairs.push(`NODE_CHANNEL_FD=${ipcFd}`, `NODE_CHANNEL_SERIALIZATION_MODE=${serialization}`);
  }
  validateString(options.file, 'options.file');
  this.spawnfile = options.file;
  if (options.args === undefined) {
    this.spawnargs = [];
  } else {
    validateArray(options.args, 'options.args');
    this.spawnargs = options.args;
  }

  if (process.permission !== undefined) require('internal/process/permission').check('child', options.file);
  publish('tracing:child_process.spawn:start', { process: this, options });
  const errno = this._handle.spawn(options);
  if (errno === 0) publish('tracing:child_process.spawn:end', { process: this });
  else publish('tracing:child_process.spawn:error', { process: this, error: new ErrnoException(errno, 'spawn') });
  if (toldLater.has(errno)) {
    process.nextTick(onErrorNT, this, errno);
    // There were no descriptors to make streams of.
    if (errno === EMFILE || errno === ENFILE) return errno;
  } else if (errno) {
    for (const entry of stdio) {
      if (entry.type === 'pipe' || entry.type === 'overlapped') entry.handle.close();
    }
    this._handle.close();
    this._handle = null;
    throw new ErrnoException(errno, 'spawn');
  } else {
    process.nextTick(onSpawnNT, this);
  }
  this.pid = this._handle.pid;

  stdio.forEach((entry, i) => {
    if (entry.type === 'ignore') return;
    if (entry.ipc) {
      this._closesNeeded++;
    } else if (entry.type === 'wrap') {
      lendStream(entry);
    } else if (entry.handle) {
      entry.socket = createSocket(this.pid !== 0 ? entry.handle : null, i > 0);
      if (i > 0 && this.pid !== 0) {
        this._closesNeeded++;
        entry.socket.on('close', () => maybeClose(this));
      }
    }
  });
  this.stdin = stdio[0]?.socket ?? null;
  this.stdout = stdio[1]?.socket ?? null;
  this.stderr = stdio[2]?.socket ?? null;
  this.stdio = stdio.map((entry) => entry.socket ?? null);

  if (ipc !== undefined) require('internal/child_process/ipc').setupChannel(this, ipc, serialization);
  return errno;
};

ChildProcess.prototype.kill = function kill(sig) {
  const signal = sig === 0 ? sig : convertToValidSignal(sig === undefined ? 'SIGTERM' : sig);
  if (!this._handle) return false;
  const errno = this._handle.kill(signal);
  if (errno === 0) {
    this.killed = true;
    return true;
  }
  if (errno === EINVAL || errno === ENOSYS) throw new ErrnoException(errno, 'kill');
  // Not that it has ended already; most likely that it is another user's by now.
  if (errno !== ESRCH) this.emit('error', new ErrnoException(errno, 'kill'));
  return false;
};

ChildProcess.prototype[Symbol.dispose] = function() {
  if (!this.killed) this.kill();
};

ChildProcess.prototype.ref = function() {
  this._handle?.ref();
};

ChildProcess.prototype.unref = function() {
  this._handle?.unref();
};

// Starts a program and waits for its end.
function spawnSync(options) {
  if (process.permission !== undefined) require('internal/process/permission').check('child', options.file);
  const native = { __proto__: null, ...forThisProgram(options) };
  native.stdio = options.stdio.map((entry) => (entry.type === 'wrap' ? { type: 'fd', fd: entry.handle.fd } : entry));
  const { pid, status, signal, output, error } = internalBinding('spawn_sync').spawn(native);
  const result = {};
  if (error !== undefined) result.error = error;
  result.status = signal === 0 ? status : null;
  result.signal = signal === 0 || signal === null ? null : signalName(signal);
  result.output = output && output.map((bytes) => {
    if (bytes === null) return null;
    const { buffer, byteOffset, byteLength } = bytes;
    const data = Buffer.from(buffer, byteOffset, byteLength);
    return options.encoding && options.encoding !== 'buffer' ? data.toString(options.encoding) : data;
  });
  result.pid = pid;
  result.stdout = result.output?.[1];
  result.stderr = result.output?.[2];
  if (error !== undefined) {
    result.error = new ErrnoException(error, `spawnSync ${options.file}`);
    result.error.path = options.file;
    result.error.spawnargs = options.args.slice(1);
  }
  return result;
}

module.exports = { ChildProcess, kIsUsedAsStdio, maybeClose, running, spawnSync };
