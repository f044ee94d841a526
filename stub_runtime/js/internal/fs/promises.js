'use strict';
// The promise half of fs, as `fs.promises` and `fs/promises` give it. FileHandle and what reads and
// writes whole files are in internal/fs/file_handle; this file owns the functions on paths.

const { codes: { ERR_FS_FILE_TOO_LARGE, ERR_METHOD_NOT_IMPLEMENTED } } = require('internal/errors');
const { validateAbortSignal, validateBoolean, validateObject } = require('internal/validators');
const { isArrayBufferView } = require('internal/util/types');
const { kEmptyObject } = require('internal/util');
const {
  decodeName,
  getOptions,
  getStatFs,
  getStats,
  getValidMode,
  getValidatedPath,
  parseFileMode,
  statSink,
  statfsSink,
  stringToFlags,
  stringToSymlinkType,
  toBuffer,
  toUnixTimestamp,
  validateOwner,
  validateRmdirOptions,
  validateStringAfterArrayBufferView,
  wantsBytes,
} = require('internal/fs/utils');
const {
  asyncError, asyncStepError, handleErrorFromBinding, kReadSteps, kWriteSteps, promiseOf, promiseRequest,
  stepErrorWithPath,
} = require('internal/fs/outcome');
const {
  kAppendDefaults, kReadDefaults, kWriteDefaults, listResult, mkdirOptions, mkdtempTemplate, textBytes,
} = require('internal/fs/sync');
const { recursiveResult } = require('internal/fs/tree');
const { FileHandle, checkAborted, isIterable, kRef, kUnref, readHandle, writeHandle } = require('internal/fs/file_handle');
const binding = internalBinding('fs');

async function access(path, mode) {
  path = getValidatedPath(path);
  mode = getValidMode(mode, 'access');
  return await promiseOf((done) => binding.access(path, mode, done), 'access', path);
}

async function open(path, flags, mode) {
  path = getValidatedPath(path);
  const flagsNumber = stringToFlags(flags);
  mode = parseFileMode(mode, 'mode', 0o666);
  return new FileHandle(await promiseOf((done) => binding.open(path, flagsNumber, mode, done), 'open', path));
}

async function copyFile(src, dest, mode) {
  src = getValidatedPath(src, 'src');
  dest = getValidatedPath(dest, 'dest');
  mode = getValidMode(mode, 'copyFile');
  return await promiseOf((done) => binding.copyFile(src, dest, mode, done), 'copyfile', src, dest);
}

async function rename(oldPath, newPath) {
  oldPath = getValidatedPath(oldPath, 'oldPath');
  newPath = getValidatedPath(newPath, 'newPath');
  return await promiseOf((done) => binding.rename(oldPath, newPath, done), 'rename', oldPath, newPath);
}

async function truncate(path, len = 0) {
  const handle = await open(path, 'r+');
  try {
    await handle.truncate(len);
  } finally {
    await handle.close();
  }
}

async function rmdir(path, options) {
  path = getValidatedPath(path);
  validateRmdirOptions(options);
  return await promiseOf((done) => binding.rmdir(path, done), 'rmdir', path);
}

async function mkdir(path, options) {
  const { mode, recursive } = mkdirOptions(options);
  path = getValidatedPath(path);
  return await promiseOf(
    (done) => (recursive ? binding.mkdirAll(path, mode, false, done) : binding.mkdir(path, mode, done)), 'mkdir', path);
}

async function readdirRecursive(path, encoding, withFileTypes) {
  const result = await promiseOf((done) => binding.readTree(path, wantsBytes(encoding), done), 'scandir', path);
  if (result.length === 2) throw asyncError(result[0], 'scandir', result[1]);
  return recursiveResult(path, result, encoding, withFileTypes);
}

async function readdir(path, options) {
  options = getOptions(options);
  // The options may be an object of the caller's.
  path = getValidatedPath(path);
  const { encoding } = options;
  const withFileTypes = !!options.withFileTypes;
  if (options.recursive) return readdirRecursive(path, encoding, withFileTypes);
  const result = await promiseOf(
    (done) => binding.readdir(path, withFileTypes, wantsBytes(encoding), done), 'scandir', path);
  return listResult(path, result, encoding, withFileTypes);
}

async function readlink(path, options) {
  const { encoding } = getOptions(options);
  path = getValidatedPath(path, 'oldPath');
  const name = await promiseOf((done) => binding.readlink(path, wantsBytes(encoding), done), 'readlink', path);
  return decodeName(name, encoding);
}

async function symlink(target, path, type) {
  stringToSymlinkType(type);
  target = getValidatedPath(target, 'target');
  path = getValidatedPath(path);
  return await promiseOf((done) => binding.symlink(target, path, done), 'symlink', target, path);
}

// The stats are copied while the binding's callback runs: the next stat fills the same array.
function statOf(operation, path, bigint, syscall) {
  return new Promise((resolve, reject) => {
    operation(path, statSink(bigint), promiseRequest((errno) => {
      if (errno === 0) resolve(getStats(bigint));
      else reject(asyncError(errno, syscall, path));
    }));
  }).then(undefined, handleErrorFromBinding);
}

function missing(error) { return error.code === 'ENOENT' || error.code === 'ENOTDIR'; }

async function lstat(path, options = kEmptyObject) {
  validateObject(options, 'options');
  path = getValidatedPath(path);
  return await statOf(binding.lstat, path, options.bigint, 'lstat');
}

async function stat(path, options = kEmptyObject) {
  validateObject(options, 'options');
  path = getValidatedPath(path);
  if (options.signal !== undefined) validateAbortSignal(options.signal, 'options.signal');
  checkAborted(options.signal);
  try {
    return await statOf(binding.stat, path, options.bigint, 'stat');
  } catch (error) {
    if (options.throwIfNoEntry === false && missing(error)) return undefined;
    throw error;
  }
}

async function statfs(path, options = kEmptyObject) {
  path = getValidatedPath(path);
  const { bigint } = options;
  return await new Promise((resolve, reject) => {
    binding.statfs(path, statfsSink(bigint), promiseRequest((errno) => {
      if (errno === 0) resolve(getStatFs(bigint));
      else reject(asyncError(errno, 'statfs', path));
    }));
  }).then(undefined, handleErrorFromBinding);
}

async function link(existingPath, newPath) {
  existingPath = getValidatedPath(existingPath, 'existingPath');
  newPath = getValidatedPath(newPath, 'newPath');
  return await promiseOf((done) => binding.link(existingPath, newPath, done), 'link', existingPath, newPath);
}

async function unlink(path) {
  path = getValidatedPath(path);
  return await promiseOf((done) => binding.unlink(path, done), 'unlink', path);
}

async function chmod(path, mode) {
  path = getValidatedPath(path);
  mode = parseFileMode(mode, 'mode');
  return await promiseOf((done) => binding.chmod(path, mode, done), 'chmod', path);
}

async function lchmod(path, mode) {
  throw new ERR_METHOD_NOT_IMPLEMENTED('lchmod()');
}

async function lchown(path, uid, gid) {
  path = getValidatedPath(path);
  validateOwner(uid, 'uid');
  validateOwner(gid, 'gid');
  return await promiseOf((done) => binding.lchown(path, uid, gid, done), 'lchown', path);
}

async function chown(path, uid, gid) {
  path = getValidatedPath(path);
  validateOwner(uid, 'uid');
  validateOwner(gid, 'gid');
  return await promiseOf((done) => binding.chown(path, uid, gid, done), 'chown', path);
}

async function utimes(path, atime, mtime) {
  path = getValidatedPath(path);
  atime = toUnixTimestamp(atime);
  mtime = toUnixTimestamp(mtime);
  return await promiseOf((done) => binding.utimes(path, atime, mtime, done), 'utime', path);
}

async function lutimes(path, atime, mtime) {
  path = getValidatedPath(path);
  atime = toUnixTimestamp(atime);
  mtime = toUnixTimestamp(mtime);
  return await promiseOf((done) => binding.lutimes(path, atime, mtime, done), 'lutime', path);
}

async function realpath(path, options) {
  const { encoding } = getOptions(options);
  path = getValidatedPath(path);
  const name = await promiseOf((done) => binding.realpathNative(path, wantsBytes(encoding), done), 'realpath', path);
  return decodeName(name, encoding);
}

async function mkdtemp(prefix, options) {
  const { encoding } = getOptions(options);
  const template = mkdtempTemplate(prefix);
  const name = await promiseOf((done) => binding.mkdtemp(template, wantsBytes(encoding), done), 'mkdtemp', template);
  return decodeName(name, encoding);
}

async function mkdtempDisposable(prefix, options) {
  const cwd = process.cwd();
  const path = await mkdtemp(prefix, options);
  const full = typeof path === 'string' ? require('path').resolve(cwd, path) : path;
  const remove = async () => {
    await rm(full, { maxRetries: 0, recursive: true, force: true, retryDelay: 0 });
  };
  return { __proto__: null, path, remove, async [Symbol.asyncDispose]() { await remove(); } };
}

function rm(path, options) {
  return require('internal/fs/rm').rmPromise(path, options);
}

// --- whole files -----------------------------------------------------------------------------------

// What the binding does in one go.
function wholeFile(run, stepError, steps, path) {
  return new Promise((resolve, reject) => {
    run(promiseRequest((code, result) => {
      if (code === 0) resolve(result);
      else reject(stepError(code, steps, path));
    }));
  });
}

async function readFile(path, options) {
  options = getOptions(options, kReadDefaults);
  const flags = stringToFlags(options.flag);
  if (path instanceof FileHandle) return readHandle(path, options);
  checkAborted(options.signal);
  path = getValidatedPath(path);
  if (options.signal) {
    const handle = await open(path, flags, 0o666);
    try {
      return await readHandle(handle, options);
    } finally {
      await handle.close();
    }
  }
  const bytes = await wholeFile(
    (done) => binding.readFile(path, flags, done), stepErrorWithPath, kReadSteps, path);
  if (typeof bytes === 'number') throw new ERR_FS_FILE_TOO_LARGE(bytes);
  const buffer = toBuffer(bytes);
  const { encoding } = options;
  return encoding && encoding !== 'buffer' ? buffer.toString(encoding) : buffer;
}

async function writeFile(path, data, options) {
  options = getOptions(options, kWriteDefaults);
  const flag = options.flag || 'w';
  const flush = options.flush ?? false;
  validateBoolean(flush, 'options.flush');
  const iterable = !isArrayBufferView(data) && isIterable(data);
  if (!isArrayBufferView(data) && !iterable) {
    validateStringAfterArrayBufferView(data, 'data');
    data = textBytes(data, options.encoding || 'utf8');
  }
  if (path instanceof FileHandle) {
    checkAborted(options.signal);
    return writeHandle(path, data, options.signal, options.encoding);
  }
  checkAborted(options.signal);
  if (!iterable && !options.signal && !flush) {
    const flags = stringToFlags(flag, typeof flag === 'number' ? 'options.flag' : 'flags');
    const mode = parseFileMode(options.mode, 'mode', 0o666);
    const file = getValidatedPath(path);
    return wholeFile(
      (done) => binding.writeFile(file, data, flags, mode, done), asyncStepError, kWriteSteps, path);
  }
  const handle = await open(path, flag, options.mode);
  try {
    await writeHandle(handle, data, options.signal, options.encoding);
    if (flush) await handle.sync();
  } finally {
    await handle.close();
  }
}

async function appendFile(path, data, options) {
  options = getOptions(options, kAppendDefaults);
  return writeFile(path, data, options.flag ? options : { ...options, flag: 'a' });
}

// --- those that are loaded when they are called ----------------------------------------------------

async function cp(src, dest, options) {
  return require('internal/fs/cp').cpPromise(src, dest, options);
}

function glob(pattern, options) {
  return require('internal/fs/glob').globIterator(pattern, options);
}

function opendir(path, options) {
  return require('internal/fs/dir').opendirPromise(path, options);
}

function watch(filename, options = kEmptyObject) {
  return require('internal/fs/watchers').watchIterator(filename, options);
}

module.exports = {
  exports: {
    access,
    copyFile,
    cp,
    glob,
    open,
    opendir,
    rename,
    truncate,
    rm,
    rmdir,
    mkdir,
    readdir,
    readlink,
    symlink,
    lstat,
    stat,
    statfs,
    link,
    unlink,
    chmod,
    lchmod,
    lchown,
    chown,
    utimes,
    lutimes,
    realpath,
    mkdtemp,
    mkdtempDisposable,
    writeFile,
    appendFile,
    readFile,
    watch,
    constants: binding.constants,
  },
  FileHandle,
  kRef,
  kUnref,
};
