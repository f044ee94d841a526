'use strict';
// The arguments of node:child_process: which is which, what is valid, what it comes to. Owns: everything that throws before a
// process is started. Does not own: stdio (`stdio.js`), starting (`internal/child_process.js`).

const {
  codes: { ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE },
} = require('internal/errors');
const { getValidatedPath } = require('internal/fs/utils');
const { convertToValidSignal, kEmptyObject } = require('internal/util');
const {
  validateBoolean, validateFunction, validateInt32, validateInteger, validateNumber, validateObject, validateString,
} = require('internal/validators');

// A C string ends at its first NUL: an argument with one would be cut short.
function checkNoNull(text, name) {
  if (typeof text === 'string' && text.includes('\0')) {
    throw new ERR_INVALID_ARG_VALUE(name, text, 'must be a string without null bytes');
  }
}

function checkAllNoNull(list, name) {
  for (let i = 0; i < list.length; i++) checkNoNull(list[i], `${name}[${i}]`);
}

function validateTimeout(timeout) {
  if (timeout != null) validateInteger(timeout, 'timeout', 0);
}

function validateMaxBuffer(maxBuffer) {
  if (maxBuffer != null) validateNumber(maxBuffer, 'options.maxBuffer', 0);
}

// The number of a signal that is given by name or number; undefined where none is.
function sanitizeKillSignal(killSignal) {
  if (typeof killSignal === 'string' || typeof killSignal === 'number') return convertToValidSignal(killSignal);
  if (killSignal != null) throw new ERR_INVALID_ARG_TYPE('options.killSignal', ['string', 'number'], killSignal);
  return undefined;
}

function checkSpawnOptions(options) {
  const { uid, gid, shell, argv0 } = options;
  if (options.detached != null) validateBoolean(options.detached, 'options.detached');
  if (uid != null) validateInt32(uid, 'options.uid');
  if (gid != null) validateInt32(gid, 'options.gid');
  if (shell != null && typeof shell !== 'boolean' && typeof shell !== 'string') {
    throw new ERR_INVALID_ARG_TYPE('options.shell', ['boolean', 'string'], shell);
  }
  if (argv0 != null) {
    validateString(argv0, 'options.argv0');
    checkNoNull(argv0, 'options.argv0');
  }
  if (options.windowsHide != null) validateBoolean(options.windowsHide, 'options.windowsHide');
  if (options.windowsVerbatimArguments != null) {
    validateBoolean(options.windowsVerbatimArguments, 'options.windowsVerbatimArguments');
  }
}

// NAME=value of each variable, those that the object inherits included.
function environmentPairs(env) {
  const pairs = [];
  for (const key in env) {
    const value = env[key];
    if (value === undefined) continue;
    checkNoNull(key, `options.env['${key}']`);
    checkNoNull(value, `options.env['${key}']`);
    pairs.push(`${key}=${value}`);
  }
  return pairs;
}

let warnedOfShellArguments = false;

function warnOfShellArguments() {
  if (warnedOfShellArguments) return;
  warnedOfShellArguments = true;
  process.emitWarning(
    'Passing args to a child process with shell option true can lead to security vulnerabilities, as the arguments are not ' +
    'escaped, only concatenated.',
    'DeprecationWarning', 'DEP0190');
}

// (file[, args][, options]) => what ChildProcess.prototype.spawn takes.
function normalizeSpawnArguments(file, args, options) {
  validateString(file, 'file');
  checkNoNull(file, 'file');
  if (file.length === 0) throw new ERR_INVALID_ARG_VALUE('file', file, 'cannot be empty');

  if (Array.isArray(args)) {
    args = args.slice();
  } else if (args == null) {
    args = [];
  } else if (typeof args === 'object') {
    options = args;
    args = [];
  } else {
    throw new ERR_INVALID_ARG_TYPE('args', 'object', args);
  }
  checkAllNoNull(args, 'args');

  if (options === undefined) options = kEmptyObject;
  else validateObject(options, 'options');
  options = { __proto__: null, ...options };
  let { cwd } = options;
  if (cwd != null) cwd = getValidatedPath(cwd, 'options.cwd');
  checkSpawnOptions(options);

  if (options.shell) {
    checkNoNull(options.shell, 'options.shell');
    if (args.length > 0) warnOfShellArguments();
    const command = args.length > 0 ? `${file} ${args.join(' ')}` : file;
    file = typeof options.shell === 'string' ? options.shell : '/bin/sh';
    args = ['-c', command];
  }
  args.unshift(typeof options.argv0 === 'string' ? options.argv0 : file);

  return {
    __proto__: null,
    ...options,
    args,
    cwd,
    detached: !!options.detached,
    envPairs: withPermissions(environmentPairs(options.env || process.env), args),
    file,
    windowsHide: !!options.windowsHide,
    windowsVerbatimArguments: !!options.windowsVerbatimArguments,
  };
}

// A child has the permissions that this process began with, where it reads NODE_OPTIONS.
function withPermissions(pairs, args) {
  if (process.permission === undefined || args.includes('--permission')) return pairs;
  const words = require('internal/process/permission').words();
  const at = pairs.findIndex((pair) => pair.startsWith('NODE_OPTIONS='));
  if (words.length === 0 || (at >= 0 && pairs[at].includes('--permission'))) return pairs;
  if (at >= 0) pairs[at] += ` ${words.join(' ')}`;
  else pairs.push(`NODE_OPTIONS=${words.join(' ')}`);
  return pairs;
}

// (command[, options][, callback])
function normalizeExecArgs(command, options, callback) {
  validateString(command, 'command');
  checkNoNull(command, 'command');
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  options = { __proto__: null, ...options };
  options.shell = typeof options.shell === 'string' ? options.shell : true;
  return { file: command, options, callback };
}

// (file[, args][, options][, callback])
function normalizeExecFileArgs(file, args, options, callback) {
  if (Array.isArray(args)) {
    args = args.slice();
  } else if (args != null && typeof args === 'object') {
    callback = options;
    options = args;
    args = null;
  } else if (typeof args === 'function') {
    callback = args;
    options = null;
    args = null;
  }
  args ??= [];
  if (typeof options === 'function') callback = options;
  else if (options != null) validateObject(options, 'options');
  options ??= kEmptyObject;
  if (callback != null) validateFunction(callback, 'callback');
  if (options.argv0 != null) {
    validateString(options.argv0, 'options.argv0');
    checkNoNull(options.argv0, 'options.argv0');
  }
  return { file, args, options, callback };
}

module.exports = {
  checkAllNoNull,
  checkNoNull,
  normalizeExecArgs,
  normalizeExecFileArgs,
  normalizeSpawnArguments,
  sanitizeKillSignal,
  validateMaxBuffer,
  validateTimeout,
};
