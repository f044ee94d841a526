'use strict';
// fs.Utf8Stream: a fast, appending log file. Text is gathered and written in pieces of at most 16 KiB, in
// its own rhythm rather than a Writable's.

const EventEmitter = require('events');
const { Buffer } = require('buffer');
const path = require('path');
const {
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_STATE, ERR_OPERATION_FAILED },
} = require('internal/errors');
const {
  validateBoolean, validateFunction, validateObject, validateOneOf, validateUint32,
} = require('internal/validators');
const { kEmptyObject } = require('internal/util');

const kMaxWrite = 16 * 1024;
const kBusyWait = 100; // Milliseconds until a busy file is tried again
const kOperations = ['close', 'fsync', 'fsyncSync', 'mkdir', 'mkdirSync', 'open', 'openSync', 'write', 'writeSync'];

function isBusy(error) { return error.code === 'EAGAIN' || error.code === 'EBUSY'; }

function sleep(ms) { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms); }

// What is left of `piece` when `count` bytes of it have been written. A character that was written in
// part is written again as a whole.
function unwritten(piece, count) {
  if (typeof piece !== 'string') return piece.subarray(count);
  const bytes = Buffer.from(piece);
  if (count >= bytes.length) return '';
  while (count > 0 && (bytes[count] & 0xC0) === 0x80) count--;
  return bytes.toString('utf8', count);
}

class Utf8Stream extends EventEmitter {
  #fd = -1;
  #file = null;
  #fs;
  #mode;
  #mkdir;
  #append;
  #sync;
  #fsync;
  #contentMode;
  #minLength;
  #maxLength;
  #maxWrite;
  #highWaterMark;
  #periodicFlush;
  #timer;
  #retry;

  #pieces = []; // What was given to write(), joined to pieces of maxWrite
  #current; // The piece that is being written
  #length = 0; // Of both together
  #writing = false;
  #opening = false;
  #reopening = false;
  #ending = false;
  #destroyed = false;
  #drainScheduled = false;
  #flushPending = false;

  constructor(options = kEmptyObject) {
    validateObject(options, 'options');
    super();
    const {
      fd, dest, minLength = 0, maxLength = 0, maxWrite = kMaxWrite, periodicFlush = 0, sync = false, append = true,
      mkdir = false, mode, fsync = false, contentMode = 'utf8', retryEAGAIN = () => true, fs = kEmptyObject,
    } = options;
    const target = fd ?? dest;
    validateObject(fs, 'options.fs');
    for (const name of kOperations) {
      if (fs[name] !== undefined) validateFunction(fs[name], `options.fs.${name}`);
    }
    if (minLength) validateUint32(minLength, 'options.minLength');
    if (maxLength) validateUint32(maxLength, 'options.maxLength');
    if (maxWrite) validateUint32(maxWrite, 'options.maxWrite');
    if (periodicFlush) validateUint32(periodicFlush, 'options.periodicFlush');
    if (sync) validateBoolean(sync, 'options.sync');
    if (append) validateBoolean(append, 'options.append');
    if (mkdir) validateBoolean(mkdir, 'options.mkdir');
    if (fsync) validateBoolean(fsync, 'options.fsync');
    if (retryEAGAIN) validateFunction(retryEAGAIN, 'options.retryEAGAIN');
    validateOneOf(contentMode, 'options.contentMode', ['buffer', 'utf8']);
    this.#fs = { ...require('fs'), ...fs };
    this.#minLength = minLength;
    this.#maxLength = maxLength;
    this.#maxWrite = maxWrite || kMaxWrite;
    this.#highWaterMark = Math.max(minLength, kMaxWrite + 3);
    this.#periodicFlush = periodicFlush;
    this.#sync = sync;
    this.#append = append;
    this.#mkdir = mkdir;
    this.#mode = mode;
    this.#fsync = fsync;
    this.#contentMode = contentMode;
    this.#retry = retryEAGAIN;
    this.#current = this.#nothing;

    if (typeof target === 'number') {
      this.#fd = target;
      process.nextTick(() => this.emit('ready'));
    } else if (typeof target === 'string') {
      this.#open(target);
    } else {
      throw new ERR_INVALID_ARG_TYPE('fd', ['number', 'string'], target);
    }
    if (this.#minLength >= this.#maxWrite) {
      throw new ERR_INVALID_ARG_VALUE.RangeError(
        'minLength', minLength, `should be smaller than maxWrite (${this.#maxWrite})`);
    }
    this.on('newListener', (name) => {
      if (name === 'drain') this.#drainScheduled = false;
    });
    if (periodicFlush !== 0) {
      this.#timer = require('timers').setInterval(() => this.#flush(null), periodicFlush);
      this.#timer.unref();
    }
  }

  get #nothing() { return this.#contentMode === 'utf8' ? '' : Buffer.alloc(0); }

  #refuseDestroyed() {
    if (this.#destroyed) throw new ERR_INVALID_STATE('Utf8Stream is destroyed');
  }

  // --- taking data ---------------------------------------------------------------------------------

  // False where the caller had better wait for 'drain'.
  write(data) {
    this.#refuseDestroyed();
    if (this.#contentMode === 'utf8') {
      if (typeof data !== 'string') throw new ERR_INVALID_ARG_TYPE('data', 'string', data);
    } else if (!Buffer.isBuffer(data)) {
      throw new ERR_INVALID_ARG_TYPE('data', 'Buffer', data);
    }
    const length = this.#length + data.length;
    if (this.#maxLength !== 0 && length > this.#maxLength) {
      this.emit('drop', data);
      return this.#length < this.#highWaterMark;
    }
    const last = this.#pieces.length - 1;
    if (last < 0 || this.#pieces[last].length + data.length > this.#maxWrite) this.#pieces.push(data);
    else if (typeof data === 'string') this.#pieces[last] += data;
    else this.#pieces[last] = Buffer.concat([this.#pieces[last], data]);
    this.#length = length;
    if (!this.#writing && this.#length >= this.#minLength) this.#writeNext();
    return this.#length < this.#highWaterMark;
  }

  // --- writing -------------------------------------------------------------------------------------

  #writeNext() {
    this.#writing = true;
    if (this.#current.length === 0) this.#current = this.#pieces.shift() ?? this.#nothing;
    this.#writeCurrent();
  }

  #writeCurrent() {
    if (!this.#sync) {
      const done = (error, count) => this.#written(error, count);
      if (this.#contentMode === 'utf8') this.#fs.write(this.#fd, this.#current, 'utf8', done);
      else this.#fs.write(this.#fd, this.#current, done);
      return;
    }
    let count;
    try {
      count = this.#writeSync(this.#current);
    } catch (error) {
      this.#written(error);
      return;
    }
    this.#written(null, count);
  }

  #writeSync(piece) {
    if (this.#contentMode === 'utf8') return this.#fs.writeSync(this.#fd, piece, 'utf8');
    return this.#fs.writeSync(this.#fd, piece);
  }

  // Takes what was written off the current piece.
  #take(count) {
    const before = this.#current.length;
    // Functions given by users may return nothing: then all was written.
    this.#current = count === undefined ? this.#nothing : unwritten(this.#current, count);
    this.#length = Math.max(this.#length - (before - this.#current.length), 0);
  }

  #written(error, count) {
    if (error) {
      this.#failed(error);
      return;
    }
    this.emit('write', count);
    this.#take(count);
    if (this.#current.length > 0) {
      this.#writeCurrent();
      return;
    }
    if (this.#fsync) this.#fs.fsyncSync(this.#fd);
    if (this.#reopening) {
      this.#writing = false;
      this.#reopening = false;
      this.reopen();
    } else if (this.#length > this.#minLength) {
      this.#writeNext();
    } else if (this.#ending) {
      if (this.#length > 0) {
        this.#writeNext();
      } else {
        this.#writing = false;
        this.#close();
      }
    } else {
      this.#writing = false;
      if (!this.#sync) {
        this.emit('drain');
      } else if (!this.#drainScheduled) {
        this.#drainScheduled = true;
        process.nextTick(() => this.#drained());
      }
    }
  }

  #drained() {
    if (this.listenerCount('drain') === 0) return;
    this.#drainScheduled = false;
    this.emit('drain');
  }

  #failed(error) {
    const again = isBusy(error) && this.#retry(error, this.#current.length, this.#length - this.#current.length);
    if (!again) {
      this.#writing = false;
      this.emit('error', error);
    } else if (this.#sync) {
      sleep(kBusyWait);
      this.#writeCurrent();
    } else {
      require('timers').setTimeout(() => this.#writeCurrent(), kBusyWait);
    }
  }

  // --- flushing ------------------------------------------------------------------------------------

  flush(callback) {
    if (callback != null) validateFunction(callback, 'cb');
    this.#flush(callback);
  }

  #flush(callback) {
    if (this.#destroyed) {
      callback?.(new ERR_INVALID_STATE('Utf8Stream is destroyed'));
      return;
    }
    if (this.#minLength <= 0) {
      callback?.();
      return;
    }
    if (callback) this.#whenFlushed(callback);
    if (this.#writing) return;
    if (this.#pieces.length === 0) this.#pieces.push(this.#nothing);
    this.#writeNext();
  }

  #whenFlushed(callback) {
    this.#flushPending = true;
    const onDrain = () => {
      this.off('error', onError);
      if (this.#fsync) {
        this.#flushPending = false;
        callback();
        return;
      }
      this.#fs.fsync(this.#fd, (error) => {
        this.#flushPending = false;
        // A file that was closed meanwhile has been flushed before.
        callback(error?.code === 'EBADF' ? null : error);
      });
    };
    const onError = (error) => {
      this.#flushPending = false;
      this.off('drain', onDrain);
      callback(error);
    };
    this.once('drain', onDrain);
    this.once('error', onError);
  }

  flushSync() {
    this.#refuseDestroyed();
    if (this.#fd < 0) throw new ERR_INVALID_STATE('Invalid file descriptor');
    if (!this.#writing && this.#current.length > 0) {
      this.#pieces.unshift(this.#current);
      this.#current = this.#nothing;
    }
    while (this.#pieces.length > 0) {
      const piece = this.#pieces[0];
      if (piece.length === 0) {
        this.#pieces.shift();
        continue;
      }
      try {
        const rest = unwritten(piece, this.#writeSync(piece) ?? Infinity);
        this.#length = Math.max(this.#length - (piece.length - rest.length), 0);
        this.#pieces[0] = rest;
      } catch (error) {
        if (!isBusy(error) || !this.#retry(error, piece.length, this.#length - piece.length)) throw error;
        sleep(kBusyWait);
      }
    }
    try {
      this.#fs.fsyncSync(this.#fd);
    } catch {
      // Pipes and terminals have no disk to go to.
    }
  }

  // --- opening and closing -------------------------------------------------------------------------

  #open(file) {
    this.#opening = true;
    this.#writing = true;
    this.#drainScheduled = false;
    const flags = this.#append ? 'a' : 'w';
    if (this.#sync) {
      let fd;
      try {
        if (this.#mkdir) this.#fs.mkdirSync(path.dirname(file), { recursive: true });
        fd = this.#fs.openSync(file, flags, this.#mode);
      } catch (error) {
        this.#opened(error, undefined, file);
        throw error;
      }
      this.#opened(null, fd, file);
      return;
    }
    const open = () => this.#fs.open(file, flags, this.#mode, (error, fd) => this.#opened(error, fd, file));
    if (!this.#mkdir) {
      open();
      return;
    }
    this.#fs.mkdir(path.dirname(file), { recursive: true }, (error) => {
      if (error) this.#opened(error, undefined, file);
      else open();
    });
  }

  #opened(error, fd, file) {
    const reopened = this.#reopening;
    this.#reopening = false;
    this.#opening = false;
    this.#writing = false;
    const tell = (name, ...args) => {
      if (this.#sync) process.nextTick(() => this.emit(name, ...args));
      else this.emit(name, ...args);
    };
    if (error) {
      if (!this.#sync || this.listenerCount('error') > 0) tell('error', error);
      return;
    }
    this.#fd = fd;
    this.#file = file;
    tell('ready');
    // Whoever waited while the file was changed can go on.
    if (reopened) process.nextTick(() => this.emit('drain'));
    if (this.#destroyed) return;
    if ((!this.#writing && this.#length > this.#minLength) || this.#flushPending) this.#writeNext();
  }

  // Opens the file anew, for log rotation.
  reopen(file) {
    this.#refuseDestroyed();
    if (this.#opening) {
      this.once('ready', () => this.reopen(file));
      return;
    }
    if (this.#ending) return;
    if (this.#file === null) {
      throw new ERR_OPERATION_FAILED('Unable to reopen a file descriptor, you must pass a file to SonicBoom');
    }
    if (file) this.#file = file;
    this.#reopening = true;
    if (this.#writing) return;
    const old = this.#fd;
    this.once('ready', () => {
      if (old === this.#fd) return;
      this.#fs.close(old, (error) => {
        if (error) this.emit('error', error);
      });
    });
    this.#open(this.#file);
  }

  end() {
    this.#refuseDestroyed();
    if (this.#opening) {
      this.once('ready', () => this.end());
      return;
    }
    if (this.#ending) return;
    this.#ending = true;
    if (this.#writing) return;
    if (this.#length > 0 && this.#fd >= 0) this.#writeNext();
    else this.#close();
  }

  destroy() {
    if (!this.#destroyed) this.#close();
  }

  #close() {
    if (this.#fd === -1) {
      this.once('ready', () => this.#close());
      return;
    }
    if (this.#timer !== undefined) require('timers').clearInterval(this.#timer);
    this.#destroyed = true;
    this.#pieces = [];
    const closed = (error) => {
      if (error) {
        this.emit('error', error);
        return;
      }
      if (this.#ending && !this.#writing) this.emit('finish');
      this.emit('close');
    };
    // Standard output and error stay open.
    const close = () => {
      if (this.#fd === 1 || this.#fd === 2) closed();
      else this.#fs.close(this.#fd, closed);
    };
    try {
      this.#fs.fsync(this.#fd, close);
    } catch {
      close();
    }
  }

  [Symbol.dispose]() { this.destroy(); }

  get mode() { return this.#mode; }
  get file() { return this.#file; }
  get fd() { return this.#fd; }
  get minLength() { return this.#minLength; }
  get maxLength() { return this.#maxLength; }
  get writing() { return this.#writing; }
  get sync() { return this.#sync; }
  get fsync() { return this.#fsync; }
  get append() { return this.#append; }
  get periodicFlush() { return this.#periodicFlush; }
  get contentMode() { return this.#contentMode; }
  get mkdir() { return this.#mkdir; }
}

for (const name of ['mode', 'file', 'fd', 'minLength', 'maxLength', 'writing', 'sync', 'fsync', 'append',
                    'periodicFlush', 'contentMode', 'mkdir']) {
  Object.defineProperty(Utf8Stream.prototype, name, { __proto__: null, enumerable: true });
}

module.exports = Utf8Stream;
