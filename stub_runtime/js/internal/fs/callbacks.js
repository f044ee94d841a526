'use strict';
// The callback half of fs: arguments and results of each function whose work is one operation of the
// binding on the pool. Synchronous twins: internal/fs/sync.

const {
  AbortError,
  codes: { ERR_FS_FILE_TOO_LARGE },
} = require('internal/errors');
const {
  validateAbortSignal, validateBoolean, validateBuffer, validateFunction, validateInteger, validateObject, validateEncoding,
} = require('internal/validators');
const { isArrayBufferView } = require('internal/util/types');
const { customPromisifyArgs, kEmptyObject, promisify } = require('internal/util');
const {
  decodeName,
  getOptions,
  getStatFs,
  getStats,
  getValidMode,
  getValidatedFd,
  getValidatedPath,
  makeCallback,
  parseFileMode,
  statSink,
  statfsSink,
  stringToFlags,
  stringToSymlinkType,
  toBuffer,
  toUnixTimestamp,
  validateBufferArray,
  validateOffsetLengthRead,
  validateOffsetLengthWrite,
  validateOwner,
  validatePosition,
  validateRmdirOptions,
  validateStringAfterArrayBufferView,
  wantsBytes,
} = require('internal/fs/utils');
const {
  asyncError, asyncStepError, kReadSteps, kWriteSteps, request, stepErrorWithPath, whenDone, whenResult,
} = require('internal/fs/outcome');
const {
  fileArgument, kAppendDefaults, kReadDefaults, kWriteDefaults, listResult, mkdirOptions, mkdtempTemplate, textBytes,
} = require('internal/fs/sync');
const { recursiveResult } = require('internal/fs/tree');
const binding = internalBinding('fs');

// --- opening and closing ---------------------------------------------------------------------------

function access(path, mode, callback) {
  if (typeof mode === 'function') {
    callback = mode;
    mode = undefined;
  }
  path = getValidatedPath(path);
  callback = makeCallback(callback);
  binding.access(path, getValidMode(mode, 'access'), whenDone(callback, 'access', path));
}

function exists(path, callback) {
  validateFunction(callback, 'cb');
  try {
    path = getValidatedPath(path);
  } catch {
    callback(false);
    return;
  }
  binding.access(path, 0, request((errno) => callback(errno === 0)));
}

Object.defineProperty(exists, promisify.custom, {
  __proto__: null,
  value: function exists(path) {
    return new Promise((resolve) => module.exports.exists(path, resolve));
  },
});

function open(path, flags, mode, callback) {
  path = getValidatedPath(path);
  if (arguments.length < 3) {
    callback = flags;
    flags = 'r';
    mode = 0o666;
  } else if (typeof mode === 'function') {
    callback = mode;
    mode = 0o666;
  } else {
    mode = parseFileMode(mode, 'mode', 0o666);
  }
  const flagsNumber = stringToFlags(flags);
  callback = makeCallback(callback);
  binding.open(path, flagsNumber, mode, whenResult(callback, 'open', path));
}

function close(fd, callback = closed) {
  fd = getValidatedFd(fd);
  if (callback !== closed) callback = makeCallback(callback);
  binding.close(fd, whenDone(callback, 'close'));
}

// close() without a callback: an error has nobody else to go to.
function closed(error) {
  if (error != null) throw error;
}

// --- reading ---------------------------------------------------------------------------------------

// (fd, buffer, offset, length, position, callback), (fd, buffer, [options,] callback), (fd, [options,] callback)
function read(fd, buffer, offsetOrOptions, length, position, callback) {
  fd = getValidatedFd(fd);
  let offset = offsetOrOptions;
  let params = null;
  if (arguments.length <= 4) {
    if (arguments.length === 4) {
      validateObject(offsetOrOptions, 'options', 1);
      callback = length;
      params = offsetOrOptions;
    } else if (arguments.length === 3) {
      if (!isArrayBufferView(buffer)) {
        params = buffer;
        ({ buffer = newReadBuffer() } = params ?? kEmptyObject);
      }
      callback = offsetOrOptions;
    } else {
      callback = buffer;
      buffer = newReadBuffer();
    }
    if (params !== undefined) validateObject(params, 'options', 1);
    ({ offset = 0, length = buffer?.byteLength - offset, position = null } = params ?? kEmptyObject);
  }
  validateBuffer(buffer);
  validateFunction(callback, 'cb');
  if (offset == null) offset = 0;
  else validateInteger(offset, 'offset', 0);
  length |= 0;
  if (length === 0) {
    process.nextTick(callback, null, 0, buffer);
    return;
  }
  if (buffer.byteLength === 0) {
    const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
    throw new ERR_INVALID_ARG_VALUE('buffer', buffer, 'is empty and cannot be written');
  }
  validateOffsetLengthRead(offset, length, buffer.byteLength);
  if (position == null) position = -1;
  else validatePosition(position, 'position', length);
  binding.read(fd, buffer, offset, length, position, request((errno, bytesRead) => {
    if (errno === 0) callback(null, bytesRead, buffer);
    else callback(asyncError(errno, 'read'), 0, buffer);
  }));
}

function newReadBuffer() {
  return require('buffer').Buffer.alloc(16384);
}

Object.defineProperty(read, customPromisifyArgs, { __proto__: null, value: ['bytesRead', 'buffer'], enumerable: false });

function readv(fd, buffers, position, callback) {
  fd = getValidatedFd(fd);
  validateBufferArray(buffers);
  callback = makeCallback(callback || position);
  if (buffers.length === 0) {
    // The system refuses at once.
    callback(require('internal/errors').uvException({ errno: -22, syscall: 'read' }), 0, buffers);
    return;
  }
  binding.readv(fd, buffers, typeof position === 'number' ? position : -1, request((errno, bytesRead) => {
    if (errno === 0) callback(null, bytesRead, buffers);
    else callback(asyncError(errno, 'read'), 0, buffers);
  }));
}

Object.defineProperty(readv, customPromisifyArgs, { __proto__: null, value: ['bytesRead', 'buffers'], enumerable: false });

// Tells about a signal that has been aborted before anything began.
function abortedEarly(signal, callback) {
  if (!signal?.aborted) return false;
  process.nextTick(callback, new AbortError(undefined, { cause: signal.reason }));
  return true;
}

// What a signal can stop goes in pieces, as fs.promises has it.
function settle(promise, callback) {
  promise.then(
    (result) => (result === undefined ? process.nextTick(callback, null) : process.nextTick(callback, null, result)),
    (error) => process.nextTick(callback, error));
}

function readFile(path, options, callback) {
  callback ||= options;
  validateFunction(callback, 'cb');
  options = getOptions(options, kReadDefaults);
  const file = fileArgument(path);
  const flags = stringToFlags(options.flag);
  const { encoding, signal } = options;
  if (abortedEarly(signal, callback)) return;
  if (signal) {
    options = { ...options, flag: flags };
    settle(typeof file === 'number' ?
      require('internal/fs/file_handle').readHandle({ fd: file }, options) :
      require('internal/fs/promises').exports.readFile(file, options), callback);
    return;
  }
  binding.readFile(file, flags, request((errno, bytes) => {
    if (errno !== 0) {
      callback(stepErrorWithPath(errno, kReadSteps, path));
      return;
    }
    if (typeof bytes === 'number') {
      callback(new ERR_FS_FILE_TOO_LARGE(bytes));
      return;
    }
    let result = toBuffer(bytes);
    if (encoding && encoding !== 'buffer') {
      try {
        result = result.toString(encoding);
      } catch (error) {
        callback(error);
        return;
      }
    }
    callback(null, result);
  }));
}

// --- writing ---------------------------------------------------------------------------------------

function write(fd, buffer, offsetOrOptions, length, position, callback) {
  fd = getValidatedFd(fd);
  let offset = offsetOrOptions;
  if (isArrayBufferView(buffer)) {
    callback = makeCallback(callback || position || length || offset);
    if (typeof offset === 'object') {
      ({ offset = 0, length = buffer.byteLength - offset, position = null } = offsetOrOptions ?? kEmptyObject);
    }
    if (offset == null || typeof offset === 'function') offset = 0;
    else validateInteger(offset, 'offset', 0);
    if (typeof length !== 'number') length = buffer.byteLength - offset;
    if (typeof position !== 'number') position = null;
    validateOffsetLengthWrite(offset, length, buffer.byteLength);
    binding.writeBuffer(fd, buffer, offset, length, position, written(buffer, callback));
    return;
  }
  validateStringAfterArrayBufferView(buffer, 'buffer');
  // (fd, string[, position[, encoding]], callback)
  if (typeof position !== 'function') {
    if (typeof offset === 'function') {
      position = offset;
      offset = null;
    } else {
      position = length;
    }
    length = 'utf8';
  }
  const text = buffer;
  validateEncoding(text, length);
  callback = makeCallback(position);
  const bytes = textBytes(text, length);
  binding.writeBuffer(fd, bytes, 0, bytes.length, offset, written(text, callback));
}

// fs.write's callback has three arguments, the last being what was given to write.
function written(buffer, callback) {
  return request((errno, count) => {
    if (errno === 0) callback(null, count, buffer);
    else callback(asyncError(errno, 'write'), 0, buffer);
  });
}

Object.defineProperty(write, customPromisifyArgs, { __proto__: null, value: ['bytesWritten', 'buffer'], enumerable: false });

function writev(fd, buffers, position, callback) {
  fd = getValidatedFd(fd);
  validateBufferArray(buffers);
  callback = makeCallback(callback || position);
  if (buffers.length === 0) {
    process.nextTick(callback, null, 0, buffers);
    return;
  }
  binding.writeBuffers(fd, buffers, typeof position === 'number' ? position : -1, written(buffers, callback));
}

Object.defineProperty(writev, customPromisifyArgs, { __proto__: null, value: ['bytesWritten', 'buffers'], enumerable: false });

function writeFile(path, data, options, callback) {
  callback ||= options;
  validateFunction(callback, 'cb');
  options = getOptions(options, kWriteDefaults);
  const flush = options.flush ?? false;
  validateBoolean(flush, 'options.flush');
  const flags = stringToFlags(options.flag || 'w');
  if (!isArrayBufferView(data)) {
    validateStringAfterArrayBufferView(data, 'data');
    data = textBytes(data, options.encoding || 'utf8');
  }
  const mode = parseFileMode(options.mode, 'mode', 0o666);
  const file = fileArgument(path);
  const { signal } = options;
  if (abortedEarly(signal, callback)) return;
  if (signal) {
    settle(typeof file === 'number' ?
      require('internal/fs/file_handle').writeHandle({ fd: file }, data, signal) :
      require('internal/fs/promises').exports.writeFile(file, data, { ...options, flag: flags }), callback);
    return;
  }
  if (flush) {
    writeAndFlush(file, data, flags, mode, callback);
    return;
  }
  binding.writeFile(file, data, flags, mode, request((errno) => {
    if (errno === 0) callback(null);
    else callback(asyncStepError(errno, kWriteSteps, path));
  }));
}

// By way of fs.fsync, which programs replace to see it called.
function writeAndFlush(file, data, flags, mode, callback) {
  const fs = require('fs');
  const isOurs = typeof file !== 'number';
  const write = (error, fd) => {
    if (error) {
      callback(error);
      return;
    }
    const finish = (error) => {
      if (isOurs) fs.close(fd, (closeError) => callback(error ?? closeError ?? null));
      else callback(error ?? null);
    };
    writeFile(fd, data, (error) => (error ? finish(error) : fs.fsync(fd, finish)));
  };
  if (isOurs) fs.open(file, flags, mode, write);
  else write(null, file);
}

function appendFile(path, data, options, callback) {
  callback ||= options;
  validateFunction(callback, 'cb');
  options = getOptions(options, kAppendDefaults);
  require('fs').writeFile(path, data, options.flag ? options : { ...options, flag: 'a' }, callback);
}

// --- what a file is --------------------------------------------------------------------------------

function stat(path, options = kEmptyObject, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = kEmptyObject;
  }
  callback = makeCallback(callback);
  path = getValidatedPath(path);
  const { bigint, signal } = options ?? kEmptyObject;
  if (signal !== undefined) validateAbortSignal(signal, 'options.signal');
  if (abortedEarly(signal, callback)) return;
  // throwIfNoEntry is for who awaits: the callback always hears of it.
  if (options?.throwIfNoEntry === false) {
    const whenThere = callback;
    callback = (error, stats) => {
      if (error?.code === 'ENOENT' || error?.code === 'ENOTDIR') whenThere(null, undefined);
      else whenThere(error, stats);
    };
  }
  binding.stat(path, statSink(bigint), whenResult(callback, 'stat', path, () => getStats(bigint)));
}

function lstat(path, options = kEmptyObject, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = kEmptyObject;
  }
  callback = makeCallback(callback);
  path = getValidatedPath(path);
  const bigint = options?.bigint;
  binding.lstat(path, statSink(bigint), whenResult(callback, 'lstat', path, () => getStats(bigint)));
}

function fstat(fd, options = kEmptyObject, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = kEmptyObject;
  }
  callback = makeCallback(callback);
  fd = getValidatedFd(fd);
  const bigint = options?.bigint;
  binding.fstat(fd, statSink(bigint), whenResult(callback, 'fstat', undefined, () => getStats(bigint)));
}

function statfs(path, options = kEmptyObject, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = kEmptyObject;
  }
  validateFunction(callback, 'cb');
  path = getValidatedPath(path);
  const bigint = options?.bigint;
  binding.statfs(path, statfsSink(bigint), whenResult(callback, 'statfs', path, () => getStatFs(bigint)));
}

// --- changing what it is ---------------------------------------------------------------------------

function chmod(path, mode, callback) {
  path = getValidatedPath(path);
  mode = parseFileMode(mode, 'mode');
  callback = makeCallback(callback);
  binding.chmod(path, mode, whenDone(callback, 'chmod', path));
}

function fchmod(fd, mode, callback) {
  fd = getValidatedFd(fd);
  mode = parseFileMode(mode, 'mode');
  callback = makeCallback(callback);
  binding.fchmod(fd, mode, whenDone(callback, 'fchmod'));
}

function chown(path, uid, gid, callback) {
  callback = makeCallback(callback);
  path = getValidatedPath(path);
  validateOwner(uid, 'uid');
  validateOwner(gid, 'gid');
  binding.chown(path, uid, gid, whenDone(callback, 'chown', path));
}

function lchown(path, uid, gid, callback) {
  callback = makeCallback(callback);
  path = getValidatedPath(path);
  validateOwner(uid, 'uid');
  validateOwner(gid, 'gid');
  binding.lchown(path, uid, gid, whenDone(callback, 'lchown', path));
}

function fchown(fd, uid, gid, callback) {
  fd = getValidatedFd(fd);
  validateOwner(uid, 'uid');
  validateOwner(gid, 'gid');
  callback = makeCallback(callback);
  binding.fchown(fd, uid, gid, whenDone(callback, 'fchown'));
}

function utimes(path, atime, mtime, callback) {
  callback = makeCallback(callback);
  path = getValidatedPath(path);
  binding.utimes(path, toUnixTimestamp(atime), toUnixTimestamp(mtime), whenDone(callback, 'utime', path));
}

function lutimes(path, atime, mtime, callback) {
  callback = makeCallback(callback);
  path = getValidatedPath(path);
  binding.lutimes(path, toUnixTimestamp(atime), toUnixTimestamp(mtime), whenDone(callback, 'lutime', path));
}

function futimes(fd, atime, mtime, callback) {
  fd = getValidatedFd(fd);
  atime = toUnixTimestamp(atime, 'atime');
  mtime = toUnixTimestamp(mtime, 'mtime');
  callback = makeCallback(callback);
  binding.futimes(fd, atime, mtime, whenDone(callback, 'futime'));
}

function ftruncate(fd, len = 0, callback) {
  if (typeof len === 'function') {
    callback = len;
    len = 0;
  }
  fd = getValidatedFd(fd);
  validateInteger(len, 'len');
  callback = makeCallback(callback);
  binding.ftruncate(fd, Math.max(0, len), whenDone(callback, 'ftruncate'));
}

function truncate(path, len, callback) {
  if (typeof len === 'function') {
    callback = len;
    len = 0;
  } else if (len === undefined) {
    len = 0;
  }
  validateInteger(len, 'len');
  callback = makeCallback(callback);
  const fs = require('fs');
  fs.open(path, 'r+', (error, fd) => {
    if (error) {
      callback(error);
      return;
    }
    binding.ftruncate(fd, Math.max(0, len), whenDone((error) => {
      fs.close(fd, (closeError) => callback(error ?? closeError ?? null));
    }, 'ftruncate'));
  });
}

function fsync(fd, callback) {
  callback = makeCallback(callback);
  fd = getValidatedFd(fd);
  binding.fsync(fd, whenDone(callback, 'fsync'));
}

function fdatasync(fd, callback) {
  callback = makeCallback(callback);
  fd = getValidatedFd(fd);
  binding.fdatasync(fd, whenDone(callback, 'fdatasync'));
}

// --- names -----------------------------------------------------------------------------------------

function rename(oldPath, newPath, callback) {
  callback = makeCallback(callback);
  oldPath = getValidatedPath(oldPath, 'oldPath');
  newPath = getValidatedPath(newPath, 'newPath');
  binding.rename(oldPath, newPath, whenDone(callback, 'rename', oldPath, newPath));
}

function link(existingPath, newPath, callback) {
  callback = makeCallback(callback);
  existingPath = getValidatedPath(existingPath, 'existingPath');
  newPath = getValidatedPath(newPath, 'newPath');
  binding.link(existingPath, newPath, whenDone(callback, 'link', existingPath, newPath));
}

function symlink(target, path, type, callback) {
  if (callback === undefined) {
    callback = makeCallback(type);
    type = undefined;
  } else {
    stringToSymlinkType(type);
    callback = makeCallback(callback);
  }
  target = getValidatedPath(target, 'target');
  path = getValidatedPath(path);
  binding.symlink(target, path, whenDone(callback, 'symlink', target, path));
}

function unlink(path, callback) {
  callback = makeCallback(callback);
  path = getValidatedPath(path);
  binding.unlink(path, whenDone(callback, 'unlink', path));
}

function copyFile(src, dest, mode, callback) {
  if (typeof mode === 'function') {
    callback = mode;
    mode = 0;
  }
  src = getValidatedPath(src, 'src');
  dest = getValidatedPath(dest, 'dest');
  callback = makeCallback(callback);
  binding.copyFile(src, dest, getValidMode(mode, 'copyFile'), whenDone(callback, 'copyfile', src, dest));
}

function readlink(path, options, callback) {
  callback = makeCallback(typeof options === 'function' ? options : callback);
  const { encoding } = getOptions(options);
  path = getValidatedPath(path);
  binding.readlink(path, wantsBytes(encoding),
    whenResult(callback, 'readlink', path, (name) => decodeName(name, encoding)));
}

// --- directories -----------------------------------------------------------------------------------

function mkdir(path, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  const { mode, recursive } = mkdirOptions(options);
  callback = makeCallback(callback);
  path = getValidatedPath(path);
  if (recursive) binding.mkdirAll(path, mode, false, whenResult(callback, 'mkdir', path));
  else binding.mkdir(path, mode, whenDone(callback, 'mkdir', path));
}

function mkdtemp(prefix, options, callback) {
  callback = makeCallback(typeof options === 'function' ? options : callback);
  const { encoding } = getOptions(options);
  const template = mkdtempTemplate(prefix);
  binding.mkdtemp(template, wantsBytes(encoding),
    whenResult(callback, 'mkdtemp', template, (name) => decodeName(name, encoding)));
}

function rmdir(path, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  callback = makeCallback(callback);
  path = getValidatedPath(path);
  validateRmdirOptions(options);
  binding.rmdir(path, whenDone(callback, 'rmdir', path));
}

function readdir(path, options, callback) {
  callback = makeCallback(typeof options === 'function' ? options : callback);
  options = getOptions(options);
  path = getValidatedPath(path);
  if (options.recursive != null) validateBoolean(options.recursive, 'options.recursive');
  const { encoding } = options;
  const withFileTypes = !!options.withFileTypes;
  if (options.recursive) {
    binding.readTree(path, wantsBytes(encoding), request((errno, result) => {
      if (result.length === 2) callback(asyncError(result[0], 'scandir', result[1]));
      else callback(null, recursiveResult(path, result, encoding, withFileTypes));
    }));
    return;
  }
  binding.readdir(path, withFileTypes, wantsBytes(encoding),
    whenResult(callback, 'scandir', path, (result) => listResult(path, result, encoding, withFileTypes)));
}

module.exports = {
  access,
  appendFile,
  chmod,
  chown,
  close,
  copyFile,
  exists,
  fchmod,
  fchown,
  fdatasync,
  fstat,
  fsync,
  ftruncate,
  futimes,
  lchown,
  link,
  lstat,
  lutimes,
  mkdir,
  mkdtemp,
  open,
  read,
  readFile,
  readdir,
  readlink,
  readv,
  rename,
  rmdir,
  stat,
  statfs,
  symlink,
  truncate,
  unlink,
  utimes,
  write,
  writeFile,
  writev,
};
