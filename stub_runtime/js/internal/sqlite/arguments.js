'use strict';
// Checks of arguments in the words of node:sqlite, which are not those of other modules.

function coded(Class, code, message) {
  return Object.assign(new Class(message), { code });
}

function typeError(message) {
  return coded(TypeError, 'ERR_INVALID_ARG_TYPE', message);
}

function invalidState(message) {
  return coded(Error, 'ERR_INVALID_STATE', message);
}

function outOfRange(message) {
  return coded(RangeError, 'ERR_OUT_OF_RANGE', message);
}

function illegalConstructor() {
  return coded(Error, 'ERR_ILLEGAL_CONSTRUCTOR', 'Illegal constructor');
}

function checkString(value, name) {
  if (typeof value !== 'string') throw typeError(`The "${name}" argument must be a string.`);
  return value;
}

function checkFunction(value, name) {
  if (typeof value !== 'function') throw typeError(`The "${name}" argument must be a function.`);
  return value;
}

function checkBoolean(value, name) {
  if (typeof value !== 'boolean') throw typeError(`The "${name}" argument must be a boolean.`);
  return value;
}

function isObject(value) {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function checkObject(value, name) {
  if (!isObject(value)) throw typeError(`The "${name}" argument must be an object.`);
  return value;
}

// An option that may be absent.
function booleanOption(options, name, fallback) {
  const value = options?.[name];
  return value === undefined ? fallback : checkBoolean(value, `options.${name}`);
}

function isInt32(value) {
  return typeof value === 'number' && value === (value | 0);
}

// A database's path: string, bytes or file URL. What leaves the process cannot be inside the executable.
function databasePath(path) {
  const wrong = () => typeError('The "path" argument must be a string, Uint8Array, or URL without null bytes.');
  let text;
  if (typeof path === 'string') {
    text = path;
  } else if (path instanceof Uint8Array) {
    text = require('buffer').Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString();
  } else if (isObject(path) && typeof path.href === 'string') {
    text = path.href;
    if (!text.startsWith('file:')) {
      throw coded(TypeError, 'ERR_INVALID_URL_SCHEME', 'The URL must be of scheme file:');
    }
  } else {
    throw wrong();
  }
  if (text.includes('\0')) throw wrong();
  refuseEmbedded(text);
  return text;
}

function refuseEmbedded(text) {
  const { isEmbedded } = require('internal/modules/embedded');
  let file = text;
  if (text.startsWith('file:')) {
    try {
      file = decodeURIComponent(text.slice(5).replace(/[?#].*$/s, '').replace(/^\/\/[^/]*/, ''));
    } catch {
      return;
    }
  }
  if (!isEmbedded(file)) return;
  throw coded(Error, 'ERR_SQLITE_ERROR',
              `unable to open database file: '${file}' is embedded in the executable; copy it to a real file first ` +
              'or open its bytes with DatabaseSync.prototype.deserialize()');
}

module.exports = {
  booleanOption,
  checkBoolean,
  checkFunction,
  checkObject,
  checkString,
  coded,
  databasePath,
  illegalConstructor,
  invalidState,
  isInt32,
  isObject,
  outOfRange,
  typeError,
};
