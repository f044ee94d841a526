'use strict';
// Arguments of fs: paths, flags, modes, encodings, positions, times; each check throws Node's error.
// Re-exports what other modules look for here: stats (internal/fs/stats) and directory entries
// (internal/fs/dirent).

const {
  codes: {
    ERR_FS_EISDIR,
    ERR_INCOMPATIBLE_OPTION_PAIR,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    ERR_OUT_OF_RANGE,
  },
  hideStackFrames,
} = require('internal/errors');
const {
  parseFileMode,
  validateAbortSignal,
  validateBoolean,
  validateFunction,
  validateInt32,
  validateInteger,
  validateObject,
  validateUint32,
} = require('internal/validators');
const { isArrayBufferView, isDate, isUint8Array } = require('internal/util/types');
const { kEmptyObject, normalizeEncoding } = require('internal/util');
const stats = require('internal/fs/stats');
const dirent = require('internal/fs/dirent');
const { constants } = internalBinding('fs');

const {
  F_OK, R_OK, W_OK, X_OK,
  O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_SYNC, O_TRUNC, O_WRONLY,
  COPYFILE_EXCL, COPYFILE_FICLONE, COPYFILE_FICLONE_FORCE,
} = constants;

const kMaximumAccessMode = F_OK | R_OK | W_OK | X_OK;
const kMaximumCopyMode = COPYFILE_EXCL | COPYFILE_FICLONE | COPYFILE_FICLONE_FORCE;
// What one read or write may transfer, and in how large pieces a file of unknown size is read.
const kIoMaxLength = 2 ** 31 - 1;
const kReadFileBufferLength = 512 * 1024;
const kReadFileUnknownBufferLength = 64 * 1024;
const kWriteFileMaxChunkSize = 512 * 1024;
const kMaxUserId = 2 ** 32 - 1;

// --- options ---------------------------------------------------------------------------------------

// An encoding of Buffer's, 'buffer', or nothing.
function assertEncoding(encoding) {
  if (encoding && encoding !== 'buffer' && (typeof encoding === 'symbol' || normalizeEncoding(encoding) === undefined)) {
    throw new ERR_INVALID_ARG_VALUE('encoding', encoding, 'is invalid encoding');
  }
}

// The options of a function that also takes an encoding, or the callback, in their place.
function getOptions(options, defaults = kEmptyObject) {
  if (options == null || typeof options === 'function') return defaults;
  if (typeof options === 'string') {
    options = { ...defaults, encoding: options };
  } else if (typeof options !== 'object') {
    throw new ERR_INVALID_ARG_TYPE('options', ['string', 'Object'], options);
  }
  if (options.encoding !== 'buffer') assertEncoding(options.encoding);
  if (options.signal !== undefined) validateAbortSignal(options.signal, 'options.signal');
  return options;
}

// A plain object with everything enumerable of `source`, inherited as well.
function copyObject(source) {
  const target = {};
  for (const key in source) target[key] = source[key];
  return target;
}

// The callback of an asynchronous function, made to run without `this`.
function makeCallback(callback) {
  validateFunction(callback, 'cb');
  return callback;
}

const defaultCpOptions = {
  dereference: false,
  errorOnExist: false,
  filter: undefined,
  force: true,
  preserveTimestamps: false,
  recursive: false,
  verbatimSymlinks: false,
};

function validateCpOptions(options) {
  if (options === undefined) return { ...defaultCpOptions };
  validateObject(options, 'options');
  options = { ...defaultCpOptions, ...options };
  validateBoolean(options.dereference, 'options.dereference');
  validateBoolean(options.errorOnExist, 'options.errorOnExist');
  validateBoolean(options.force, 'options.force');
  validateBoolean(options.preserveTimestamps, 'options.preserveTimestamps');
  validateBoolean(options.recursive, 'options.recursive');
  validateBoolean(options.verbatimSymlinks, 'options.verbatimSymlinks');
  if (options.mode == null) options.mode = 0;
  else validateInteger(options.mode, 'mode', 0, kMaximumCopyMode);
  if (options.dereference === true && options.verbatimSymlinks === true) {
    throw new ERR_INCOMPATIBLE_OPTION_PAIR('dereference', 'verbatimSymlinks');
  }
  if (options.filter !== undefined) validateFunction(options.filter, 'options.filter');
  return options;
}

const defaultRmOptions = { recursive: false, force: false, retryDelay: 100, maxRetries: 0 };

function validateRmOptions(options, defaults = defaultRmOptions) {
  if (options === undefined) return defaults;
  validateObject(options, 'options');
  options = { ...defaults, ...options };
  validateBoolean(options.force, 'options.force');
  validateBoolean(options.recursive, 'options.recursive');
  validateInt32(options.retryDelay, 'options.retryDelay', 0);
  validateUint32(options.maxRetries, 'options.maxRetries');
  return options;
}

// rm() of a directory without `recursive`.
function rmDirectoryError(path) {
  return new ERR_FS_EISDIR({
    code: 'EISDIR', message: 'is a directory', path, syscall: 'rm', errno: 21,
  });
}

function validateRmdirOptions(options) {
  if (options === undefined) return;
  validateObject(options, 'options');
  if (options.recursive !== undefined) {
    throw new ERR_INVALID_ARG_VALUE('options.recursive', options.recursive, 'is no longer supported');
  }
}

// --- paths -----------------------------------------------------------------------------------------

function refuseNull(path, name) {
  throw new ERR_INVALID_ARG_VALUE(name, path, 'must be a string, Uint8Array, or URL without null bytes');
}

const validatePath = hideStackFrames((path, name = 'path') => {
  if (typeof path === 'string') {
    if (path.includes('\u0000')) refuseNull(path, name);
  } else if (isUint8Array(path)) {
    if (path.includes(0)) refuseNull(path, name);
  } else {
    throw new ERR_INVALID_ARG_TYPE.HideStackFramesError(name, ['string', 'Buffer', 'URL'], path);
  }
});

const pathFromUrl = hideStackFrames((url, name) => {
  const path = require('internal/url').toPathIfFileURL(url);
  validatePath.withoutStackTrace(path, name);
  return path;
});

// A path argument as the binding takes it: a string or bytes.
function getValidatedPath(path, name = 'path') {
  if (typeof path === 'string' && !path.includes('\u0000')) return path;
  if (path !== null && typeof path === 'object' && !isUint8Array(path)) return pathFromUrl(path, name);
  validatePath(path, name);
  return path;
}

// A descriptor in range.
const getValidatedFd = hideStackFrames((fd, name = 'fd') => {
  if (Object.is(fd, -0)) return 0;
  validateInt32.withoutStackTrace(fd, name, 0);
  return fd;
});

// --- flags, modes, owners --------------------------------------------------------------------------

const flagsOf = {
  '__proto__': null,
  'r': O_RDONLY,
  'rs': O_RDONLY | O_SYNC,
  'sr': O_RDONLY | O_SYNC,
  'r+': O_RDWR,
  'rs+': O_RDWR | O_SYNC,
  'sr+': O_RDWR | O_SYNC,
  'w': O_TRUNC | O_CREAT | O_WRONLY,
  'wx': O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  'xw': O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
  'w+': O_TRUNC | O_CREAT | O_RDWR,
  'wx+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  'xw+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
  'a': O_APPEND | O_CREAT | O_WRONLY,
  'ax': O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  'xa': O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
  'as': O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  'sa': O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
  'a+': O_APPEND | O_CREAT | O_RDWR,
  'ax+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  'xa+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
  'as+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
  'sa+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
};

// The flags of open(2) for 'r+' and the like.
function stringToFlags(flags, name = 'flags') {
  if (typeof flags === 'number') {
    validateInt32(flags, name);
    return flags;
  }
  if (flags == null) return O_RDONLY;
  const value = typeof flags === 'string' ? flagsOf[flags] : undefined;
  if (value === undefined) throw new ERR_INVALID_ARG_VALUE(name, flags);
  return value;
}

// A type of symlink() is checked and then does nothing: only Windows has them.
function stringToSymlinkType(type) {
  if (type === undefined || type === null || type === 'dir' || type === 'file' || type === 'junction') return 0;
  throw new ERR_INVALID_ARG_VALUE('type', type, "must be one of: 'dir', 'file', 'junction', null, undefined");
}

function modeError(Base, code, message) {
  const error = new Base(message);
  error.code = code;
  if (Error.stackTraceLimit) Error.captureStackTrace(error, modeError);
  return error;
}

// The mode of access() and copyFile(), which Node checks natively and in its own words.
function getValidMode(mode, type) {
  if (mode == null) return type === 'access' ? F_OK : 0;
  const max = type === 'access' ? kMaximumAccessMode : kMaximumCopyMode;
  if (typeof mode !== 'number') {
    throw modeError(TypeError, 'ERR_INVALID_ARG_TYPE', 'mode must be int32 or null/undefined');
  }
  if (!Number.isFinite(mode)) throw modeError(RangeError, 'ERR_OUT_OF_RANGE', 'mode is out of range');
  mode = Math.trunc(mode);
  if (mode < 0 || mode > max) {
    throw modeError(RangeError, 'ERR_OUT_OF_RANGE', `mode is out of range: >= 0 && <= ${max}`);
  }
  return mode;
}

const validateOwner = hideStackFrames((id, name) => {
  validateInteger.withoutStackTrace(id, name, -1, kMaxUserId);
});

// --- buffers ---------------------------------------------------------------------------------------

const validateBufferArray = hideStackFrames((buffers, name = 'buffers') => {
  if (!Array.isArray(buffers) || !buffers.every(isArrayBufferView)) {
    throw new ERR_INVALID_ARG_TYPE.HideStackFramesError(name, 'ArrayBufferView[]', buffers);
  }
  return buffers;
});

const validateOffsetLengthRead = hideStackFrames((offset, length, bufferLength) => {
  if (offset < 0) throw new ERR_OUT_OF_RANGE.HideStackFramesError('offset', '>= 0', offset);
  if (length < 0) throw new ERR_OUT_OF_RANGE.HideStackFramesError('length', '>= 0', length);
  if (offset + length > bufferLength) {
    throw new ERR_OUT_OF_RANGE.HideStackFramesError('length', `<= ${bufferLength - offset}`, length);
  }
});

const validateOffsetLengthWrite = hideStackFrames((offset, length, byteLength) => {
  if (offset > byteLength) throw new ERR_OUT_OF_RANGE.HideStackFramesError('offset', `<= ${byteLength}`, offset);
  if (length > byteLength - offset) {
    throw new ERR_OUT_OF_RANGE.HideStackFramesError('length', `<= ${byteLength - offset}`, length);
  }
  if (length < 0) throw new ERR_OUT_OF_RANGE.HideStackFramesError('length', '>= 0', length);
  validateInt32.withoutStackTrace(length, 'length', 0);
});

// Where to read: -1 is the file's own position.
const validatePosition = hideStackFrames((position, name, length) => {
  if (typeof position === 'number') {
    validateInteger.withoutStackTrace(position, name, -1);
  } else if (typeof position === 'bigint') {
    const max = 2n ** 63n - 1n - BigInt(length);
    if (position < -1n || position > max) {
      throw new ERR_OUT_OF_RANGE.HideStackFramesError(name, `>= -1 && <= ${max}`, position);
    }
  } else {
    throw new ERR_INVALID_ARG_TYPE.HideStackFramesError(name, ['integer', 'bigint'], position);
  }
});

const validateStringAfterArrayBufferView = hideStackFrames((buffer, name) => {
  if (typeof buffer !== 'string') {
    throw new ERR_INVALID_ARG_TYPE.HideStackFramesError(name, ['string', 'Buffer', 'TypedArray', 'DataView'], buffer);
  }
});

// --- times -----------------------------------------------------------------------------------------

// Seconds since 1970 of a Date, a number or a numeric string; a negative number means now.
function toUnixTimestamp(time, name = 'time') {
  if (typeof time === 'string' && +time == time) return +time; // eslint-disable-line eqeqeq
  if (Number.isFinite(time)) return time < 0 ? Date.now() / 1000 : time;
  if (isDate(time)) return time.getTime() / 1000;
  throw new ERR_INVALID_ARG_TYPE(name, ['Date', 'Time in seconds'], time);
}

// --- results ---------------------------------------------------------------------------------------

let FastBuffer;

// Bytes of the binding as a Buffer, without a copy.
function toBuffer(bytes) {
  if (FastBuffer === undefined) {
    // The class has Buffer's methods once `buffer` is there.
    require('buffer');
    ({ FastBuffer } = require('internal/buffer'));
  }
  return new FastBuffer(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// Whether the binding is to give names as bytes.
function wantsBytes(encoding) {
  return encoding !== undefined && encoding !== null && encoding !== 'utf8' && encoding !== 'utf-8';
}

// A name of the binding in the encoding that was asked for.
function decodeName(name, encoding) {
  if (typeof name === 'string' || name === undefined) return name;
  const buffer = toBuffer(name);
  return encoding === 'buffer' ? buffer : buffer.toString(encoding);
}

// ENOENT and ENOTDIR.
function fileNotFound(errno) { return errno === -2 || errno === -20; }

module.exports = {
  assertEncoding,
  constants: {
    kIoMaxLength, kMaxUserId, kReadFileBufferLength, kReadFileUnknownBufferLength, kWriteFileMaxChunkSize,
  },
  copyObject,
  decodeName,
  fileNotFound,
  getOptions,
  getValidMode,
  getValidatedFd,
  getValidatedPath,
  makeCallback,
  parseFileMode,
  rmDirectoryError,
  stringToFlags,
  stringToSymlinkType,
  toBuffer,
  toUnixTimestamp,
  validateBufferArray,
  validateCpOptions,
  validateOffsetLengthRead,
  validateOffsetLengthWrite,
  validateOwner,
  validatePath,
  validatePosition,
  validateRmOptions,
  validateRmdirOptions,
  validateStringAfterArrayBufferView,
  wantsBytes,
  ...stats,
  ...dirent,
};
