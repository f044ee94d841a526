'use strict';
// fs.ReadStream and fs.WriteStream. Owns: opening, positions, the end of a file, closing. The streams'
// own workings are node:stream's.

const {
  codes: {
    ERR_INVALID_ARG_TYPE, ERR_INVALID_THIS, ERR_METHOD_NOT_IMPLEMENTED, ERR_OUT_OF_RANGE, ERR_STREAM_DESTROYED,
  },
} = require('internal/errors');
const { validateBoolean, validateFunction, validateInteger } = require('internal/validators');
const { kEmptyObject } = require('internal/util');
const { copyObject, getOptions, getValidatedFd, getValidatedPath } = require('internal/fs/utils');
const { Buffer } = require('buffer');
const { Readable, Writable, finished } = require('stream');
const { errorOrDestroy } = require('internal/streams/destroy');

const kIoDone = Symbol('kIoDone');
const kIsPerformingIO = Symbol('kIsPerformingIO');
const kFs = Symbol('kFs');
const kHandle = Symbol('kHandle');

// --- where the operations come from ----------------------------------------------------------------

// fs-like functions over a FileHandle.
function handleOperations(handle) {
  const settle = (promise, callback, field) => promise.then(
    (r) => process.nextTick(callback, null, field === undefined ? undefined : r[field], r?.buffer ?? r?.buffers),
    (error) => process.nextTick(callback, error));
  return {
    open(path, flags, mode, callback) { throw new ERR_METHOD_NOT_IMPLEMENTED('open()'); },
    close(fd, callback) {
      handle[require('internal/fs/promises').kUnref]();
      settle(handle.close(), callback);
    },
    fsync(fd, callback) { settle(handle.sync(), callback); },
    read(fd, buffer, offset, length, position, callback) {
      settle(handle.read(buffer, offset, length, position), callback, 'bytesRead');
    },
    write(fd, buffer, offset, length, position, callback) {
      settle(handle.write(buffer, offset, length, position), callback, 'bytesWritten');
    },
    writev(fd, buffers, position, callback) {
      settle(handle.writev(buffers, position), callback, 'bytesWritten');
    },
  };
}

// Takes the descriptor of `options.fd`, a number or a FileHandle, and the functions that go with it.
function importFd(stream, options) {
  if (typeof options.fd === 'number') {
    stream[kFs] = options.fs || require('fs');
    return getValidatedFd(options.fd);
  }
  const { FileHandle, kRef } = require('internal/fs/promises');
  if (typeof options.fd === 'object' && options.fd instanceof FileHandle) {
    if (options.fs) throw new ERR_METHOD_NOT_IMPLEMENTED('FileHandle with fs');
    const fd = getValidatedFd(options.fd.fd);
    stream[kHandle] = options.fd;
    stream[kFs] = handleOperations(stream[kHandle]);
    stream[kHandle][kRef]();
    options.fd.on('close', stream.close.bind(stream));
    return fd;
  }
  throw new ERR_INVALID_ARG_TYPE('options.fd', ['number', 'FileHandle'], options.fd);
}

function requireFunctions(operations, names) {
  for (const name of names) validateFunction(operations[name], `options.fs.${name}`);
}

// --- opening and closing ---------------------------------------------------------------------------

// Streams whose open() was replaced (graceful-fs and its like) are opened by that; it tells by events.
function openByOverride(stream, callback) {
  const { emit } = stream;
  stream.emit = function(...args) {
    if (args[0] === 'open') {
      this.emit = emit;
      callback();
      return Reflect.apply(emit, this, args);
    }
    if (args[0] === 'error') {
      this.emit = emit;
      callback(args[1]);
      return undefined;
    }
    return Reflect.apply(emit, this, args);
  };
  stream.open();
}

function construct(callback) {
  const stream = this;
  if (typeof stream.fd === 'number') {
    callback();
    return;
  }
  if (stream.open !== undefined) {
    openByOverride(stream, callback);
    return;
  }
  stream[kFs].open(stream.path, stream.flags, stream.mode, (error, fd) => {
    if (error) {
      callback(error);
      return;
    }
    stream.fd = fd;
    callback();
    stream.emit('open', stream.fd);
    stream.emit('ready');
  });
}

function closeStream(stream, error, callback) {
  // A descriptor of 0 is standard input: it stays.
  if (!stream.fd) {
    callback(error);
    return;
  }
  const close = (error) => {
    stream[kFs].close(stream.fd, (closeError) => callback(closeError || error));
    stream.fd = null;
  };
  if (stream.flush) stream[kFs].fsync(stream.fd, (flushError) => close(error || flushError));
  else close(error);
}

// A descriptor is not closed while a read or write uses its number.
function destroyStream(error, callback) {
  if (this[kIsPerformingIO]) this.once(kIoDone, (ioError) => closeStream(this, error || ioError, callback));
  else closeStream(this, error, callback);
}

// --- reading ---------------------------------------------------------------------------------------

function ReadStream(path, options) {
  if (!(this instanceof ReadStream)) return new ReadStream(path, options);
  options = copyObject(getOptions(options, kEmptyObject));
  if (options.highWaterMark === undefined) options.highWaterMark = 64 * 1024;

  if (options.fd == null) {
    this.fd = null;
    this[kFs] = options.fs || require('fs');
    requireFunctions(this[kFs], ['open']);
    this.path = getValidatedPath(path);
    this.flags = options.flags === undefined ? 'r' : options.flags;
    this.mode = options.mode === undefined ? 0o666 : options.mode;
  } else {
    this.fd = importFd(this, options);
  }
  // Who opens is also who closes, unless told otherwise.
  options.autoDestroy = options.autoClose === undefined ? true : options.autoClose;
  requireFunctions(this[kFs], ['read']);
  if (options.autoDestroy) requireFunctions(this[kFs], ['close']);

  this.start = options.start;
  this.end = options.end === undefined ? Infinity : options.end;
  this.pos = undefined;
  this.bytesRead = 0;
  this[kIsPerformingIO] = false;

  if (this.start !== undefined) {
    validateInteger(this.start, 'start', 0);
    this.pos = this.start;
  }
  if (this.end !== Infinity) {
    validateInteger(this.end, 'end', 0);
    if (this.start !== undefined && this.start > this.end) {
      throw new ERR_OUT_OF_RANGE('start', `<= "end" (here: ${this.end})`, this.start);
    }
  }
  Reflect.apply(Readable, this, [options]);
  if (options.encoding) this.setEncoding(options.encoding);
}
Object.setPrototypeOf(ReadStream.prototype, Readable.prototype);
Object.setPrototypeOf(ReadStream, Readable);

Object.defineProperty(ReadStream.prototype, 'autoClose', {
  __proto__: null,
  configurable: true,
  get() {
    if (this._readableState === undefined) throw new ERR_INVALID_THIS('ReadStream');
    return this._readableState.autoDestroy;
  },
  set(value) { this._readableState.autoDestroy = value; },
});

ReadStream.prototype._construct = construct;

ReadStream.prototype._read = function(n) {
  const from = this.pos !== undefined ? this.pos : this.bytesRead;
  n = Math.min(this.end - from + 1, n);
  if (n <= 0) {
    this.push(null);
    return;
  }
  const buffer = Buffer.allocUnsafeSlow(n);
  this[kIsPerformingIO] = true;
  this[kFs].read(this.fd, buffer, 0, n, this.pos, (error, bytesRead, filled) => {
    this[kIsPerformingIO] = false;
    if (this.destroyed) {
      this.emit(kIoDone, error);
      return;
    }
    if (error) {
      errorOrDestroy(this, error);
    } else if (bytesRead > 0) {
      if (this.pos !== undefined) this.pos += bytesRead;
      this.bytesRead += bytesRead;
      // A short read must not keep a whole chunk's memory.
      this.push(bytesRead === filled.length ? filled : Buffer.copyBytesFrom(filled, 0, bytesRead));
    } else {
      this.push(null);
    }
  });
};

ReadStream.prototype._destroy = destroyStream;

ReadStream.prototype.close = function(callback) {
  if (typeof callback === 'function') finished(this, callback);
  this.destroy();
};

// --- writing ---------------------------------------------------------------------------------------

function WriteStream(path, options) {
  if (!(this instanceof WriteStream)) return new WriteStream(path, options);
  options = copyObject(getOptions(options, kEmptyObject));
  options.decodeStrings = true;

  if (options.fd == null) {
    this.fd = null;
    this[kFs] = options.fs || require('fs');
    requireFunctions(this[kFs], ['open']);
    this.path = getValidatedPath(path);
    this.flags = options.flags === undefined ? 'w' : options.flags;
    this.mode = options.mode === undefined ? 0o666 : options.mode;
  } else {
    this.fd = importFd(this, options);
  }
  options.autoDestroy = options.autoClose === undefined ? true : options.autoClose;
  const operations = this[kFs];
  if (!operations.write && !operations.writev) {
    throw new ERR_INVALID_ARG_TYPE('options.fs.write', 'function', operations.write);
  }
  if (operations.write) requireFunctions(operations, ['write']);
  if (operations.writev) requireFunctions(operations, ['writev']);
  if (options.autoDestroy) requireFunctions(operations, ['close']);
  // The prototype has both: hide what the given functions cannot do.
  if (!operations.write) this._write = null;
  if (!operations.writev) this._writev = null;

  const flush = options.flush ?? false;
  validateBoolean(flush, 'options.flush');
  if (flush) requireFunctions(operations, ['fsync']);
  this.flush = flush;
  this.start = options.start;
  this.pos = undefined;
  this.bytesWritten = 0;
  this[kIsPerformingIO] = false;
  if (this.start !== undefined) {
    validateInteger(this.start, 'start', 0);
    this.pos = this.start;
  }
  Reflect.apply(Writable, this, [options]);
  if (options.encoding) this.setDefaultEncoding(options.encoding);
}
Object.setPrototypeOf(WriteStream.prototype, Writable.prototype);
Object.setPrototypeOf(WriteStream, Writable);

Object.defineProperty(WriteStream.prototype, 'autoClose', {
  __proto__: null,
  configurable: true,
  get() {
    if (this._writableState === undefined) throw new ERR_INVALID_THIS('WriteStream');
    return this._writableState.autoDestroy;
  },
  set(value) { this._writableState.autoDestroy = value; },
});

WriteStream.prototype._construct = construct;

// How often in a row a write may move nothing (EAGAIN of a pipe, a terminal).
const kMaxRetries = 5;

// Writes what `run(position, callback)` writes until `size` bytes have gone; `advance` drops written ones.
function writeAll(stream, size, position, run, advance, callback, retries = 0) {
  run(position, (error, written) => {
    if (error?.code === 'EAGAIN') {
      error = null;
      written = 0;
    }
    if (stream.destroyed || error) {
      callback(error || new ERR_STREAM_DESTROYED('write'));
      return;
    }
    stream.bytesWritten += written;
    retries = written > 0 ? 0 : retries + 1;
    size -= written;
    if (size <= 0) {
      callback();
    } else if (retries > kMaxRetries) {
      callback(new Error('writev failed'));
    } else {
      advance(written);
      writeAll(stream, size, position === undefined ? undefined : position + written, run, advance, callback, retries);
    }
  });
}

WriteStream.prototype._write = function(data, encoding, callback) {
  this[kIsPerformingIO] = true;
  const run = (position, done) => this[kFs].write(this.fd, data, 0, data.length, position, done);
  const advance = (written) => { data = data.subarray(written); };
  writeAll(this, data.length, this.pos, run, advance, (error) => {
    this[kIsPerformingIO] = false;
    callback(error);
    // Whoever destroyed it meanwhile waits for this to close the descriptor.
    if (this.destroyed) this.emit(kIoDone, error);
  });
  if (this.pos !== undefined) this.pos += data.length;
};

WriteStream.prototype._writev = function(data, callback) {
  let chunks = data.map(({ chunk }) => chunk);
  const size = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  this[kIsPerformingIO] = true;
  const run = (position, done) => this[kFs].writev(this.fd, chunks, position, done);
  const advance = (written) => {
    while (written > 0 && chunks.length > 0) {
      if (chunks[0].length <= written) {
        written -= chunks[0].length;
        chunks = chunks.slice(1);
      } else {
        chunks = [chunks[0].subarray(written), ...chunks.slice(1)];
        written = 0;
      }
    }
  };
  writeAll(this, size, this.pos, run, advance, (error) => {
    this[kIsPerformingIO] = false;
    callback(error);
    // Whoever destroyed it meanwhile waits for this to close the descriptor.
    if (this.destroyed) this.emit(kIoDone, error);
  });
  if (this.pos !== undefined) this.pos += size;
};

WriteStream.prototype._destroy = destroyStream;

WriteStream.prototype.close = function(callback) {
  if (callback) {
    if (this.closed) {
      process.nextTick(callback);
      return;
    }
    this.on('close', callback);
  }
  // Without autoClose finishing does not destroy: do it here.
  if (!this.autoClose) this.on('finish', this.destroy);
  this.end();
};

// There is no shutdown() for files.
WriteStream.prototype.destroySoon = WriteStream.prototype.end;

for (const Stream of [ReadStream, WriteStream]) {
  Object.defineProperty(Stream.prototype, 'pending', {
    __proto__: null,
    configurable: true,
    get() { return this.fd === null; },
  });
}

module.exports = { ReadStream, WriteStream };
