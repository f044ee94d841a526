'use strict';
// FileHandle: an open file of fs.promises. Owns: its operations, how long it stays open, reading and
// writing a handle to its end.

const EventEmitter = require('events');
const { AbortError, codes: { ERR_FS_FILE_TOO_LARGE, ERR_INTERNAL_ASSERTION, ERR_INVALID_STATE } } = require('internal/errors');
const { validateBoolean, validateBuffer, validateEncoding, validateInteger, validateObject } =
  require('internal/validators');
const { isArrayBufferView } = require('internal/util/types');
const { kEmptyObject } = require('internal/util');
const {
  constants: { kIoMaxLength, kReadFileBufferLength, kReadFileUnknownBufferLength, kWriteFileMaxChunkSize },
  getOptions,
  getStats,
  parseFileMode,
  statSink,
  toBuffer,
  toUnixTimestamp,
  validateBufferArray,
  validateOffsetLengthRead,
  validateOffsetLengthWrite,
  validateOwner,
  validatePosition,
  validateStringAfterArrayBufferView,
} = require('internal/fs/utils');
const {
  asyncError, handleErrorFromBinding, kReadSteps, promiseOf, promiseRequest, stepErrorWithPath,
} = require('internal/fs/outcome');
const { kReadDefaults, kWriteDefaults, textBytes } = require('internal/fs/sync');
const { dataCloneError, kDeserialize, kTransfer, markTransferMode } = require('internal/structured_clone');
const binding = internalBinding('fs');

const kFd = Symbol('kFd');
const kHandle = Symbol('kHandle');
// Another thread has its descriptor.
const kTransferred = Symbol('kTransferred');
const kRefs = Symbol('kRefs');
const kClosePromise = Symbol('kClosePromise');
const kCloseResolve = Symbol('kCloseResolve');
const kCloseReject = Symbol('kCloseReject');
const kCloseSync = Symbol('kCloseSync');
const kRef = Symbol('kRef');
const kUnref = Symbol('kUnref');
const kLocked = Symbol('kLocked');

// What stands for the open file in the handle, and is watched for handles that were forgotten.
class OpenFile {
  constructor(fd) { this.fd = fd; }
  getAsyncId() {
    this.asyncId ??= require('internal/async_hooks').newAsyncId();
    return this.asyncId;
  }
}
Object.defineProperty(OpenFile, 'name', { __proto__: null, value: 'FileHandle' });

let registry;

// A handle that nobody closed is an error since Node 26; the descriptor goes back all the same.
function closeForgotten(fd) {
  binding.close(fd);
  const error = new ERR_INVALID_STATE(
    'A FileHandle object was closed during garbage collection. This used to be allowed with a deprecation warning ' +
    'but is now considered an error. Please close FileHandle objects explicitly. ' + `File descriptor: ${fd}`);
  process.nextTick(() => { throw error; });
}

class FileHandle extends EventEmitter {
  constructor(fd) {
    super();
    this[kHandle] = new OpenFile(fd);
    this[kFd] = fd;
    this[kRefs] = 1;
    this[kClosePromise] = null;
    markTransferMode(this, false, true);
    registry ??= new FinalizationRegistry(closeForgotten);
    // Structured clone makes one without a descriptor first.
    if (fd !== undefined) registry.register(this, fd, this);
  }

  getAsyncId() { return this[kHandle].getAsyncId(); }
  get fd() { return this[kFd]; }

  appendFile(data, options) { return call(writeFile, this, data, options); }
  chmod(mode) { return call(fchmod, this, mode); }
  chown(uid, gid) { return call(fchown, this, uid, gid); }
  datasync() { return call(fdatasync, this); }
  sync() { return call(fsync, this); }
  read(buffer, offset, length, position) { return call(read, this, buffer, offset, length, position); }
  readv(buffers, position) { return call(readv, this, buffers, position); }
  readFile(options) { return call(readFile, this, options); }

  readLines(options = undefined) {
    return require('readline').createInterface({
      input: this.createReadStream(options),
      crlfDelay: Infinity,
    });
  }

  stat(options) { return call(fstat, this, options); }
  truncate(len = 0) { return call(ftruncate, this, len); }
  utimes(atime, mtime) { return call(futimes, this, atime, mtime); }
  write(buffer, offset, length, position) { return call(write, this, buffer, offset, length, position); }
  writev(buffers, position) { return call(writev, this, buffers, position); }
  writeFile(data, options) { return call(writeFile, this, data, options); }

  close = () => {
    if (this[kFd] === -1) return Promise.resolve();
    if (this[kClosePromise]) return this[kClosePromise];
    this[kRefs]--;
    if (this[kRefs] === 0) {
      this[kClosePromise] = this.#closeNow().finally(() => { this[kClosePromise] = undefined; });
    } else {
      // Whoever still uses it closes it.
      this[kClosePromise] = new Promise((resolve, reject) => {
        this[kCloseResolve] = resolve;
        this[kCloseReject] = reject;
      }).finally(() => {
        this[kClosePromise] = undefined;
        this[kCloseReject] = undefined;
        this[kCloseResolve] = undefined;
      });
    }
    this.emit('close');
    return this[kClosePromise];
  };

  #closeNow() {
    const fd = this.#release();
    return promiseOf((done) => binding.close(fd, done), 'close');
  }

  // The descriptor goes to another thread; this object is closed.
  [kTransfer]() {
    if (this[kClosePromise] || this[kRefs] > 1) {
      throw dataCloneError('Cannot transfer FileHandle while in use');
    }
    this[kTransferred] = true;
    return { data: { fd: this.#release() }, deserializeInfo: 'internal/fs/file_handle:FileHandle' };
  }

  [kDeserialize]({ fd }) {
    this[kHandle] = new OpenFile(fd);
    this[kFd] = fd;
    registry.register(this, fd, this);
  }

  // From here on the descriptor is somebody else's.
  #release() {
    const fd = this[kFd];
    this[kFd] = -1;
    registry.unregister(this);
    return fd;
  }

  [kCloseSync]() {
    if (this[kFd] === -1) return;
    if (this[kClosePromise]) throw new ERR_INVALID_STATE('The FileHandle is closing');
    this[kRefs]--;
    if (this[kRefs] === 0) {
      require('internal/fs/sync').closeSync(this.#release());
    } else {
      this[kRefs]++;
      throw new ERR_INVALID_STATE('The FileHandle is in use');
    }
    this.emit('close');
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }

  // A stream of bytes. `autoClose` closes the handle with it.
  readableWebStream(options = kEmptyObject) {
    if (this[kFd] === -1) throw new ERR_INVALID_STATE('The FileHandle is closed');
    if (this[kClosePromise]) throw new ERR_INVALID_STATE('The FileHandle is closing');
    if (this[kLocked]) throw new ERR_INVALID_STATE('The FileHandle is locked');
    this[kLocked] = true;
    validateObject(options, 'options');
    const { type = 'bytes', autoClose = false } = options;
    validateBoolean(autoClose, 'options.autoClose');
    if (type !== 'bytes') {
      process.emitWarning(
        'A non-"bytes" options.type has no effect. A byte-oriented steam is always created.', 'ExperimentalWarning');
    }
    const handle = this;
    const done = async () => {
      handle[kUnref]();
      if (autoClose) await handle.close();
    };
    const { ReadableStream } = require('internal/webstreams/readablestream');
    const stream = new ReadableStream({
      type: 'bytes',
      autoAllocateChunkSize: 16384,
      async pull(controller) {
        const view = controller.byobRequest.view;
        const { bytesRead } = await handle.read(view, view.byteOffset, view.byteLength);
        if (bytesRead === 0) {
          controller.close();
          await done();
        }
        controller.byobRequest.respond(bytesRead);
      },
      async cancel() {
        await done();
      },
    });
    this[kRef]();
    this.once('close', () => {
      const { readableStreamCancel } = require('internal/webstreams/readablestream');
      readableStreamCancel?.(stream);
    });
    return stream;
  }

  createReadStream(options = undefined) {
    const { ReadStream } = require('internal/fs/streams');
    return new ReadStream(undefined, { ...options, fd: this });
  }

  createWriteStream(options = undefined) {
    const { WriteStream } = require('internal/fs/streams');
    return new WriteStream(undefined, { ...options, fd: this });
  }

  [kRef]() { this[kRefs]++; }

  [kUnref]() {
    this[kRefs]--;
    if (this[kRefs] === 0) this.#closeNow().then(this[kCloseResolve], this[kCloseReject]);
  }
}

// Runs an operation on a handle, which is not closed before it has ended.
async function call(operation, handle, ...args) {
  if (handle[kRefs] === undefined) throw new ERR_INTERNAL_ASSERTION('handle must be an instance of FileHandle');
  if (handle.fd === -1) {
    const error = new Error(handle[kTransferred] ? 'The FileHandle has been transferred' : 'file closed');
    error.code = 'EBADF';
    error.syscall = operation.name;
    throw error;
  }
  try {
    handle[kRef]();
    return await operation(handle, ...args);
  } finally {
    handle[kUnref]();
  }
}

function checkAborted(signal) {
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });
}

// Something writeFile takes piece by piece.
function isIterable(value) {
  return value !== null && typeof value === 'object' &&
    (typeof value[Symbol.asyncIterator] === 'function' || typeof value[Symbol.iterator] === 'function');
}

// --- operations ------------------------------------------------------------------------------------

async function read(handle, bufferOrOptions, offset, length, position) {
  let buffer = bufferOrOptions;
  if (!isArrayBufferView(buffer)) {
    // read([options])
    if (bufferOrOptions !== undefined) validateObject(bufferOrOptions, 'options', 1);
    ({
      buffer = require('buffer').Buffer.alloc(16384),
      offset = 0,
      length = buffer.byteLength - offset,
      position = null,
    } = bufferOrOptions ?? kEmptyObject);
    validateBuffer(buffer);
  } else if (offset !== null && typeof offset === 'object') {
    // read(buffer[, options])
    validateObject(offset, 'options', 1);
    ({ offset = 0, length = buffer.byteLength - offset, position = null } = offset);
  }
  if (offset == null) offset = 0;
  else validateInteger(offset, 'offset', 0);
  length ??= buffer.byteLength - offset;
  if (length === 0) return { __proto__: null, bytesRead: length, buffer };
  if (buffer.byteLength === 0) {
    const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
    throw new ERR_INVALID_ARG_VALUE('buffer', buffer, 'is empty and cannot be written');
  }
  validateOffsetLengthRead(offset, length, buffer.byteLength);
  if (position == null) position = -1;
  else validatePosition(position, 'position', length);
  const bytesRead = await promiseOf((done) => binding.read(handle.fd, buffer, offset, length, position, done), 'read');
  return { __proto__: null, bytesRead, buffer };
}

async function readv(handle, buffers, position) {
  validateBufferArray(buffers);
  if (typeof position !== 'number') position = -1;
  if (buffers.length === 0) throw asyncError(-22, 'read');
  const bytesRead = await promiseOf((done) => binding.readv(handle.fd, buffers, position, done), 'read');
  return { __proto__: null, bytesRead, buffers };
}

async function write(handle, buffer, offsetOrOptions, length, position) {
  if (buffer?.byteLength === 0) return { __proto__: null, bytesWritten: 0, buffer };
  let offset = offsetOrOptions;
  let bytes = buffer;
  if (isArrayBufferView(buffer)) {
    if (typeof offset === 'object') {
      ({ offset = 0, length = buffer.byteLength - offset, position = null } = offsetOrOptions ?? kEmptyObject);
    }
    if (offset == null) offset = 0;
    else validateInteger(offset, 'offset', 0);
    if (typeof length !== 'number') length = buffer.byteLength - offset;
    if (typeof position !== 'number') position = null;
    validateOffsetLengthWrite(offset, length, buffer.byteLength);
  } else {
    // write(string[, position[, encoding]])
    validateStringAfterArrayBufferView(buffer, 'buffer');
    validateEncoding(buffer, length);
    bytes = textBytes(buffer, length);
    position = offset;
    offset = 0;
    length = bytes.length;
  }
  const bytesWritten = await promiseOf(
    (done) => binding.writeBuffer(handle.fd, bytes, offset, length, position, done), 'write');
  return { __proto__: null, bytesWritten, buffer };
}

async function writev(handle, buffers, position) {
  validateBufferArray(buffers);
  if (typeof position !== 'number') position = -1;
  if (buffers.length === 0) return { __proto__: null, bytesWritten: 0, buffers };
  const bytesWritten = await promiseOf((done) => binding.writeBuffers(handle.fd, buffers, position, done), 'write');
  return { __proto__: null, bytesWritten, buffers };
}

async function fstat(handle, options = kEmptyObject) {
  const bigint = options?.bigint;
  return await new Promise((resolve, reject) => {
    binding.fstat(handle.fd, statSink(bigint), promiseRequest((errno) => {
      if (errno === 0) resolve(getStats(bigint));
      else reject(asyncError(errno, 'fstat'));
    }));
  }).then(undefined, handleErrorFromBinding);
}

async function ftruncate(handle, len = 0) {
  validateInteger(len, 'len');
  return await promiseOf((done) => binding.ftruncate(handle.fd, Math.max(0, len), done), 'ftruncate');
}

async function fdatasync(handle) {
  return await promiseOf((done) => binding.fdatasync(handle.fd, done), 'fdatasync');
}

async function fsync(handle) {
  return await promiseOf((done) => binding.fsync(handle.fd, done), 'fsync');
}

async function fchmod(handle, mode) {
  mode = parseFileMode(mode, 'mode');
  return await promiseOf((done) => binding.fchmod(handle.fd, mode, done), 'fchmod');
}

async function fchown(handle, uid, gid) {
  validateOwner(uid, 'uid');
  validateOwner(gid, 'gid');
  return await promiseOf((done) => binding.fchown(handle.fd, uid, gid, done), 'fchown');
}

async function futimes(handle, atime, mtime) {
  atime = toUnixTimestamp(atime, 'atime');
  mtime = toUnixTimestamp(mtime, 'mtime');
  return await promiseOf((done) => binding.futimes(handle.fd, atime, mtime, done), 'futime');
}

// --- to the end ------------------------------------------------------------------------------------

// What is left of the file.
async function readHandle(handle, options) {
  const { encoding, signal } = options;
  checkAborted(signal);
  const buffer = signal ? await readInPieces(handle, signal) : await readWhole(handle);
  return encoding && encoding !== 'buffer' ? buffer.toString(encoding) : buffer;
}

async function readWhole(handle) {
  const bytes = await new Promise((resolve, reject) => {
    binding.readFile(handle.fd, 0, promiseRequest((code, result) => {
      if (code === 0) resolve(result);
      else reject(stepErrorWithPath(code, kReadSteps));
    }));
  }).then(undefined, handleErrorFromBinding);
  if (typeof bytes === 'number') throw new ERR_FS_FILE_TOO_LARGE(bytes);
  return toBuffer(bytes);
}

// In pieces, so that there is something to stop.
async function readInPieces(handle, signal) {
  const { Buffer } = require('buffer');
  const stats = await fstat(handle);
  checkAborted(signal);
  const size = stats.isFile() ? stats.size : 0;
  if (size > kIoMaxLength) throw new ERR_FS_FILE_TOO_LARGE(size);
  const pieces = [];
  let total = 0;
  while (true) {
    const room = size > 0 ? Math.min(Math.max(size - total, 1), kReadFileBufferLength) : kReadFileUnknownBufferLength;
    const { bytesRead, buffer } = await read(handle, Buffer.allocUnsafeSlow(room), 0, room, null);
    checkAborted(signal);
    if (bytesRead === 0) return Buffer.concat(pieces, total);
    total += bytesRead;
    if (total > kIoMaxLength) throw new ERR_FS_FILE_TOO_LARGE(total);
    pieces.push(buffer.subarray(0, bytesRead));
  }
}

async function readFile(handle, options) {
  return readHandle(handle, getOptions(options, kReadDefaults));
}

// Writes bytes, or what an iterable gives, from the file's own position.
async function writeHandle(handle, data, signal, encoding) {
  checkAborted(signal);
  if (!isArrayBufferView(data)) {
    for await (const piece of data) {
      checkAborted(signal);
      const bytes = isArrayBufferView(piece) ? piece : textBytes(piece, encoding || 'utf8');
      await writeBytes(handle, bytes, signal);
      checkAborted(signal);
    }
    return;
  }
  await writeBytes(handle, data, signal);
}

async function writeBytes(handle, data, signal) {
  let rest = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  while (rest.byteLength > 0) {
    checkAborted(signal);
    const { bytesWritten } = await write(handle, rest, 0, Math.min(kWriteFileMaxChunkSize, rest.byteLength));
    rest = rest.subarray(bytesWritten);
  }
}

async function writeFile(handle, data, options) {
  options = getOptions(options, kWriteDefaults);
  if (!isArrayBufferView(data) && !isIterable(data)) {
    validateStringAfterArrayBufferView(data, 'data');
    data = textBytes(data, options.encoding || 'utf8');
  }
  await writeHandle(handle, data, options.signal, options.encoding);
}

module.exports = { FileHandle, checkAborted, isIterable, kRef, kUnref, readHandle, writeHandle };
