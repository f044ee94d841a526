'use strict';
// Errors on their way between threads and processes: their class, properties and causes as plain values.

const classes = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };
const kMaxCauses = 16;

// As it is, or as text where it cannot be sent.
function sendable(value) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'symbol')) return value;
  const { DefaultSerializer } = require('v8');
  try {
    new DefaultSerializer().writeValue(value);
    return value;
  } catch {
    return require('internal/util/inspect').inspect(value);
  }
}

function classOf(error) {
  for (let proto = Object.getPrototypeOf(error); proto !== null; proto = Object.getPrototypeOf(proto)) {
    const name = Object.hasOwn(proto, 'constructor') ? proto.constructor?.name : undefined;
    if (name in classes) return name;
  }
  return 'Error';
}

const kShow = Symbol.for('nodejs.util.inspect.custom');

// What cannot be sent is only shown, and what shows itself.
function writeValue(value) {
  if (value !== null && typeof value === 'object' && kShow in value) return { shown: require('internal/util/inspect').inspect(value) };
  const sent = sendable(value);
  if (sent === value && typeof value !== 'function') return { value };
  return { shown: require('internal/util/inspect').inspect(value) };
}

function writeError(error, depth = 0) {
  const isError = require('internal/util').isError(error) && Object.prototype.toString.call(error) === '[object Error]';
  if (!isError || depth > kMaxCauses) return writeValue(error);
  const properties = [];
  const names = new Set(['name', ...Object.getOwnPropertyNames(error)]);
  for (const name of names) {
    const value = error[name];
    if (typeof value === 'function') continue;
    const enumerable = Object.getOwnPropertyDescriptor(error, name)?.enumerable ?? false;
    properties.push([name, name === 'cause' ? writeError(value, depth + 1) : sendable(value), enumerable]);
  }
  return { class: classOf(error), properties };
}

function readError(sent) {
  if (sent.shown !== undefined) return { [kShow]: () => sent.shown };
  if (sent.class === undefined) return sent.value;
  const error = new classes[sent.class]();
  delete error.stack;
  for (const { 0: name, 1: held, 2: enumerable } of sent.properties) {
    const value = name === 'cause' ? readError(held) : held;
    Object.defineProperty(error, name, { __proto__: null, configurable: true, enumerable, value, writable: true });
  }
  // As Node's: what arrives is shown as `TypeError [Error]`.
  Object.defineProperty(error, Symbol.toStringTag, { __proto__: null, configurable: true, value: 'Error' });
  return error;
}

module.exports = { readError, writeError };
