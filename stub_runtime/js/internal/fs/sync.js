'use strict';
// The synchronous half of fs. Owns: arguments, results and errors of each `*Sync` function that is one
// operation of the binding. Their asynchronous twins are in internal/fs/callbacks; cp, rm, glob, opendir
// and watching have files of their own.

const {
  codes: { ERR_FS_FILE_TOO_LARGE, ERR_STRING_TOO_LONG },
} = require('internal/errors');
const { validateBoolean, validateBuffer, validateInteger, validateObject } = require('internal/validators');
const { isArrayBufferView } = require('internal/util/types');
const { deprecate, kEmptyObject } = require('internal/util');
const {
  decodeName,
  fileNotFound,
  getDirents,
  getOptions,
  getStatFs,
  getStats,
  getValidMode,
  getValidatedFd,
  getValidatedPath,
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
const { kReadSteps, kWriteSteps, syncError, syncStepError } = require('internal/fs/outcome');
const { recursiveResult } = require('internal/fs/tree');
const binding = internalBinding('fs');

// --- opening and closing ---------------------------------------------------------------------------

function accessSync(path, mode) {
  const result = binding.access(getValidatedPath(path), getValidMode(mode, 'access'));
  if (result < 0) throw syncError(result, 'access', path);
}

const warnExistsArgument = deprecate(
  () => {}, 'Passing invalid argument types to fs.existsSync is deprecated', 'DEP0187');

function existsSync(path) {
  try {
    path = getValidatedPath(path);
  } catch (error) {
    if (error.code === 'ERR_INVALID_ARG_TYPE') warnExistsArgument();
    return false;
  }
  return binding.existsSync(path);
}

function openSync(path, flags, mode) {
  const flagsNumber = stringToFlags(flags);
  mode = parseFileMode(mode, 'mode', 0o666);
  const fd = binding.open(getValidatedPath(path), flagsNumber, mode);
  if (fd < 0) throw syncError(fd, 'open', path);
  return fd;
}

function closeSync(fd) {
  const result = binding.close(getValidatedFd(fd));
  if (result < 0) throw syncError(result, 'close');
}

// --- reading ---------------------------------------------------------------------------------------

// The file argument of readFile and writeFile: a descriptor or a path.
function fileArgument(file) {
  return typeof file === 'number' && (file | 0) === file ? getValidatedFd(file) : getValidatedPath(file);
}

function readFileSync(path, options) {
  options = getOptions(options, kReadDefaults);
  const file = fileArgument(path);
  const flags = stringToFlags(options.flag);
  const { encoding } = options;
  if (encoding === 'utf8' || encoding === 'utf-8') {
    const text = binding.readFileUtf8(file, flags);
    if (typeof text === 'string') return text;
    if (text === undefined) throw new ERR_STRING_TOO_LONG(0x1fffffe8);
    throw syncStepError(text, kReadSteps, path);
  }
  const bytes = binding.readFile(file, flags);
  if (typeof bytes === 'number') {
    throw bytes < 0 ? syncStepError(bytes, kReadSteps, path) : new ERR_FS_FILE_TOO_LARGE(bytes);
  }
  const buffer = toBuffer(bytes);
  return encoding && encoding !== 'buffer' ? buffer.toString(encoding) : buffer;
}

const kReadDefaults = { __proto__: null, flag: 'r' };

function readSync(fd, buffer, offsetOrOptions, length, position) {
  fd = getValidatedFd(fd);
  validateBuffer(buffer);
  let offset = offsetOrOptions;
  if (arguments.length <= 3 || (offsetOrOptions !== null && typeof offsetOrOptions === 'object')) {
    if (offsetOrOptions !== undefined) validateObject(offsetOrOptions, 'options', kNullableObject);
    ({ offset = 0, length = buffer.byteLength - offset, position = null } = offsetOrOptions ?? kEmptyObject);
  }
  if (offset === undefined) offset = 0;
  else validateInteger(offset, 'offset', 0);
  length = length === undefined ? buffer.byteLength - offset : length;
  if (typeof length === 'number') length = Math.trunc(length);
  length |= 0;
  if (length === 0) return 0;
  if (buffer.byteLength === 0) throw emptyBuffer(buffer);
  validateOffsetLengthRead(offset, length, buffer.byteLength);
  if (position == null) position = -1;
  else validatePosition(position, 'position', length);
  const result = binding.read(fd, buffer, offset, length, position);
  if (result < 0) throw syncError(result, 'read');
  return result;
}

const kNullableObject = 1;

function emptyBuffer(buffer) {
  const { codes: { ERR_INVALID_ARG_VALUE } } = require('internal/errors');
  return new ERR_INVALID_ARG_VALUE('buffer', buffer, 'is empty and cannot be written');
}

function readvSync(fd, buffers, position) {
  fd = getValidatedFd(fd);
  validateBufferArray(buffers);
  if (buffers.length === 0) throw syncError(-22, 'read');
  const result = binding.readv(fd, buffers, typeof position === 'number' ? position : -1);
  if (result < 0) throw syncError(result, 'read');
  return result;
}

// --- writing ---------------------------------------------------------------------------------------

function writeSync(fd, buffer, offsetOrOptions, length, position) {
  fd = getValidatedFd(fd);
  let result;
  if (isArrayBufferView(buffer)) {
    let offset = offsetOrOptions;
    if (position === undefined) position = null;
    if (typeof offset === 'object') {
      ({ offset = 0, length = buffer.byteLength - offset, position = null } = offsetOrOptions ?? kEmptyObject);
    }
    if (offset == null) offset = 0;
    else validateInteger(offset, 'offset', 0);
    if (typeof length !== 'number') length = buffer.byteLength - offset;
    validateOffsetLengthWrite(offset, length, buffer.byteLength);
    result = binding.writeBuffer(fd, buffer, offset, length, position);
  } else {
    validateStringAfterArrayBufferView(buffer, 'buffer');
    // Here the arguments are (fd, string, position, encoding).
    result = writeText(fd, buffer, offsetOrOptions === undefined ? null : offsetOrOptions, length);
  }
  if (result < 0) throw syncError(result, 'write');
  return result;
}

function writeText(fd, text, position, encoding) {
  const { validateEncoding } = require('internal/validators');
  validateEncoding(text, encoding);
  if (typeof encoding !== 'string' || encoding === 'utf8' || encoding === 'utf-8') {
    return binding.writeString(fd, text, position);
  }
  const bytes = textBytes(text, encoding);
  return binding.writeBuffer(fd, bytes, 0, bytes.length, position);
}

// Text in an encoding; one that does not exist counts as UTF-8, as in write() of Node.
function textBytes(text, encoding) {
  const { Buffer } = require('buffer');
  return Buffer.from(text, Buffer.isEncoding(encoding) ? encoding : 'utf8');
}

function writevSync(fd, buffers, position) {
  fd = getValidatedFd(fd);
  validateBufferArray(buffers);
  if (buffers.length === 0) return 0;
  const result = binding.writeBuffers(fd, buffers, typeof position === 'number' ? position : -1);
  if (result < 0) throw syncError(result, 'write');
  return result;
}

const kWriteDefaults = { __proto__: null, encoding: 'utf8', mode: 0o666, flag: 'w', flush: false };
const kAppendDefaults = { __proto__: null, encoding: 'utf8', mode: 0o666, flag: 'a' };

function writeFileSync(path, data, options) {
  options = getOptions(options, kWriteDefaults);
  const flush = options.flush ?? false;
  validateBoolean(flush, 'options.flush');
  const flags = stringToFlags(options.flag || 'w');
  const mode = parseFileMode(options.mode, 'mode', 0o666);
  const encoding = options.encoding || 'utf8';
  const isText = typeof data === 'string' && (encoding === 'utf8' || encoding === 'utf-8');
  if (!isText && !isArrayBufferView(data)) {
    validateStringAfterArrayBufferView(data, 'data');
    data = textBytes(data, encoding);
  }
  const file = fileArgument(path);
  if (flush) {
    writeAndFlush(file, data, flags, mode);
    return;
  }
  const result = isText ?
    binding.writeFileUtf8(file, data, flags, mode) : binding.writeFile(file, data, flags, mode);
  if (result < 0) throw syncStepError(result, kWriteSteps, path);
}

// By way of fs.fsyncSync, which programs replace to see it called.
function writeAndFlush(file, data, flags, mode) {
  const isOurs = typeof file !== 'number';
  const fd = isOurs ? openSync(file, flags, mode) : file;
  try {
    writeFileSync(fd, data);
    require('fs').fsyncSync(fd);
  } finally {
    if (isOurs) closeSync(fd);
  }
}

function appendFileSync(path, data, options) {
  options = getOptions(options, kAppendDefaults);
  // Only 'a' is the default; an object that says another flag has its way.
  writeFileSync(path, data, options.flag ? options : { ...options, flag: 'a' });
}

// --- what a file is --------------------------------------------------------------------------------

function statSync(path, options = kStatDefaults) {
  const bigint = options?.bigint;
  const result = binding.stat(getValidatedPath(path), statSink(bigint));
  if (result === undefined) return getStats(bigint);
  if (options?.throwIfNoEntry === false && fileNotFound(result)) return undefined;
  throw syncError(result, 'stat', path);
}

const kStatDefaults = { __proto__: null, bigint: false, throwIfNoEntry: true };

function lstatSync(path, options = kStatDefaults) {
  const bigint = options?.bigint;
  const result = binding.lstat(getValidatedPath(path), statSink(bigint));
  if (result === undefined) return getStats(bigint);
  // A part of the path that is no directory is an error here, unlike in stat.
  if (options?.throwIfNoEntry === false && result === -2) return undefined;
  throw syncError(result, 'lstat', path);
}

function fstatSync(fd, options = kStatDefaults) {
  const bigint = options?.bigint;
  const result = binding.fstat(getValidatedFd(fd), statSink(bigint));
  if (result === undefined) return getStats(bigint);
  throw syncError(result, 'fstat');
}

function statfsSync(path, options = kStatDefaults) {
  const bigint = options?.bigint;
  const result = binding.statfs(getValidatedPath(path), statfsSink(bigint));
  if (result === undefined) return getStatFs(bigint);
  throw syncError(result, 'statfs', path);
}

// --- changing what it is ---------------------------------------------------------------------------

function chmodSync(path, mode) {
  path = getValidatedPath(path);
  mode = parseFileMode(mode, 'mode');
  const result = binding.chmod(path, mode);
  if (result < 0) throw syncError(result, 'chmod', path);
}

function fchmodSync(fd, mode) {
  fd = getValidatedFd(fd);
  const result = binding.fchmod(fd, parseFileMode(mode, 'mode'));
  if (result < 0) throw syncError(result, 'fchmod');
}

function chownSync(path, uid, gid) {
  path = getValidatedPath(path);
  validateOwner(uid, 'uid');
  validateOwner(gid, 'gid');
  const result = binding.chown(path, uid, gid);
  if (result < 0) throw syncError(result, 'chown', path);
}

function lchownSync(path, uid, gid) {
  path = getValidatedPath(path);
  validateOwner(uid, 'uid');
  validateOwner(gid, 'gid');
  const result = binding.lchown(path, uid, gid);
  if (result < 0) throw syncError(result, 'lchown', path);
}

function fchownSync(fd, uid, gid) {
  fd = getValidatedFd(fd);
  validateOwner(uid, 'uid');
  validateOwner(gid, 'gid');
  const result = binding.fchown(fd, uid, gid);
  if (result < 0) throw syncError(result, 'fchown');
}

function utimesSync(path, atime, mtime) {
  const result = binding.utimes(getValidatedPath(path), toUnixTimestamp(atime), toUnixTimestamp(mtime));
  if (result < 0) throw syncError(result, 'utime', path);
}

function lutimesSync(path, atime, mtime) {
  const result = binding.lutimes(getValidatedPath(path), toUnixTimestamp(atime), toUnixTimestamp(mtime));
  if (result < 0) throw syncError(result, 'lutime', path);
}

function futimesSync(fd, atime, mtime) {
  fd = getValidatedFd(fd);
  const result = binding.futimes(fd, toUnixTimestamp(atime, 'atime'), toUnixTimestamp(mtime, 'mtime'));
  if (result < 0) throw syncError(result, 'futime');
}

function ftruncateSync(fd, len = 0) {
  fd = getValidatedFd(fd);
  validateInteger(len, 'len');
  const result = binding.ftruncate(fd, Math.max(0, len));
  if (result < 0) throw syncError(result, 'ftruncate');
}

function truncateSync(path, len) {
  if (len === undefined) len = 0;
  const fd = openSync(path, 'r+');
  try {
    ftruncateSync(fd, len);
  } finally {
    closeSync(fd);
  }
}

function fsyncSync(fd) {
  const result = binding.fsync(getValidatedFd(fd));
  if (result < 0) throw syncError(result, 'fsync');
}

function fdatasyncSync(fd) {
  const result = binding.fdatasync(getValidatedFd(fd));
  if (result < 0) throw syncError(result, 'fdatasync');
}

// --- names -----------------------------------------------------------------------------------------

function renameSync(oldPath, newPath) {
  const from = getValidatedPath(oldPath, 'oldPath');
  const to = getValidatedPath(newPath, 'newPath');
  const result = binding.rename(from, to);
  if (result < 0) throw syncError(result, 'rename', from, to);
}

function linkSync(existingPath, newPath) {
  const from = getValidatedPath(existingPath, 'existingPath');
  const to = getValidatedPath(newPath, 'newPath');
  const result = binding.link(from, to);
  if (result < 0) throw syncError(result, 'link', from, to);
}

function symlinkSync(target, path, type) {
  stringToSymlinkType(type);
  target = getValidatedPath(target, 'target');
  path = getValidatedPath(path);
  const result = binding.symlink(target, path);
  if (result < 0) throw syncError(result, 'symlink', target, path);
}

function unlinkSync(path) {
  const result = binding.unlink(getValidatedPath(path));
  if (result < 0) throw syncError(result, 'unlink', path);
}

function copyFileSync(src, dest, mode) {
  src = getValidatedPath(src, 'src');
  dest = getValidatedPath(dest, 'dest');
  const result = binding.copyFile(src, dest, getValidMode(mode, 'copyFile'));
  if (result < 0) throw syncError(result, 'copyfile', src, dest);
}

function readlinkSync(path, options) {
  const { encoding } = getOptions(options);
  const result = binding.readlink(getValidatedPath(path), wantsBytes(encoding));
  if (typeof result === 'number') throw syncError(result, 'readlink', path);
  return decodeName(result, encoding);
}

// --- directories -----------------------------------------------------------------------------------

// [mode, recursive] of mkdir's options.
function mkdirOptions(options) {
  let mode = 0o777;
  let recursive = false;
  if (typeof options === 'number' || typeof options === 'string') {
    mode = parseFileMode(options, 'mode');
  } else if (options) {
    if (options.recursive !== undefined) {
      recursive = options.recursive;
      validateBoolean(recursive, 'options.recursive');
    }
    if (options.mode !== undefined) mode = parseFileMode(options.mode, 'options.mode');
  }
  return { mode, recursive };
}

function mkdirSync(path, options) {
  const { mode, recursive } = mkdirOptions(options);
  path = getValidatedPath(path);
  const result = recursive ? binding.mkdirAll(path, mode, false) : binding.mkdir(path, mode);
  if (typeof result === 'number') throw syncError(result, 'mkdir', path);
  return result;
}

let warnedOfX = false;

// The template of mkdtemp: bytes stay bytes.
function mkdtempTemplate(prefix) {
  prefix = getValidatedPath(prefix, 'prefix');
  if (!warnedOfX && (typeof prefix === 'string' ? prefix.endsWith('X') : prefix.at(-1) === 88)) {
    warnedOfX = true;
    process.emitWarning(
      'mkdtemp() templates ending with X are not portable. For details see: https://nodejs.org/api/fs.html');
  }
  if (typeof prefix === 'string') return `${prefix}XXXXXX`;
  const { Buffer } = require('buffer');
  return Buffer.concat([prefix, Buffer.from('XXXXXX')]);
}

function mkdtempSync(prefix, options) {
  const { encoding } = getOptions(options);
  const template = mkdtempTemplate(prefix);
  const result = binding.mkdtemp(template, wantsBytes(encoding));
  if (typeof result === 'number') throw syncError(result, 'mkdtemp', template);
  return decodeName(result, encoding);
}

function mkdtempDisposableSync(prefix, options) {
  const path = mkdtempSync(prefix, options);
  const { resolve } = require('path');
  const { rmSync } = require('internal/fs/rm');
  // The directory is this one, wherever the program goes meanwhile.
  const full = typeof path === 'string' ? resolve(process.cwd(), path) : path;
  const remove = () => { rmSync(full, { maxRetries: 0, recursive: true, force: true, retryDelay: 0 }); };
  return { path, remove, [Symbol.dispose]() { remove(); } };
}

function rmdirSync(path, options) {
  path = getValidatedPath(path);
  validateRmdirOptions(options);
  const result = binding.rmdir(path);
  if (result < 0) throw syncError(result, 'rmdir', path);
}

function readdirSync(path, options) {
  options = getOptions(options);
  path = getValidatedPath(path);
  if (options.recursive != null) validateBoolean(options.recursive, 'options.recursive');
  const { encoding } = options;
  const withFileTypes = !!options.withFileTypes;
  if (options.recursive) {
    const result = binding.readTree(path, wantsBytes(encoding));
    if (result.length === 2) throw syncError(result[0], 'scandir', result[1]);
    return recursiveResult(path, result, encoding, withFileTypes);
  }
  const result = binding.readdir(path, withFileTypes, wantsBytes(encoding));
  if (typeof result === 'number') throw syncError(result, 'scandir', path);
  return listResult(path, result, encoding, withFileTypes);
}

// Names or Dirents from what binding.readdir gave.
function listResult(path, result, encoding, withFileTypes) {
  const names = withFileTypes ? result[0] : result;
  if (wantsBytes(encoding)) {
    for (let i = 0; i < names.length; i++) names[i] = decodeName(names[i], encoding);
  }
  return withFileTypes ? getDirents(path, result) : names;
}

module.exports = {
  accessSync,
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fdatasyncSync,
  fileArgument,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  kAppendDefaults,
  kReadDefaults,
  kWriteDefaults,
  lchownSync,
  linkSync,
  listResult,
  lstatSync,
  lutimesSync,
  mkdirOptions,
  mkdirSync,
  mkdtempDisposableSync,
  mkdtempSync,
  mkdtempTemplate,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  readlinkSync,
  readvSync,
  renameSync,
  rmdirSync,
  statSync,
  statfsSync,
  symlinkSync,
  textBytes,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
  writevSync,
};
