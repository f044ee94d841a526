'use strict';
// What ended a worker, on its way to the thread that started it. Owns: what becomes of errors and of values that cannot be cloned.

const classes = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError };

function isError(value) {
  return typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Error]';
}

// The nearest class of the language that an error is of.
function classOf(error) {
  for (let proto = error; proto !== null; proto = Object.getPrototypeOf(proto)) {
    const name = Object.getOwnPropertyDescriptor(proto, 'constructor')?.value?.name;
    if (Object.hasOwn(classes, name)) return name;
  }
  return undefined;
}

// All properties by name, those of prototypes first; getters are asked. Functions and symbols stay behind.
function allProperties(object, target = object) {
  if (object === null) return { __proto__: null };
  const all = allProperties(Object.getPrototypeOf(object), target);
  for (const key of Object.getOwnPropertyNames(object)) {
    const descriptor = Object.getOwnPropertyDescriptor(object, key);
    if (descriptor.get !== undefined && key !== '__proto__') {
      try {
        descriptor.value = Reflect.apply(descriptor.get, target, []);
      } catch {
        continue;
      }
    }
    if (!('value' in descriptor) && descriptor.get === undefined) continue;
    const { value, configurable, enumerable } = descriptor;
    if (typeof value === 'function' || typeof value === 'symbol') {
      if (key !== 'cause') continue;
    }
    if (key === '__proto__') continue;
    all[key] = { value: key === 'cause' ? writeError(value) : value, configurable, enumerable, writable: true };
  }
  return all;
}

function stackOnly(stack) {
  const error = new Error();
  error.stack = stack;
  return error;
}

function writeError(error) {
  const { structuredClone } = require('internal/structured_clone');
  const { inspect } = require('internal/util/inspect');
  if (typeof error === 'symbol') return { kind: 'symbol', text: error.description };
  try {
    if (isError(error)) {
      const name = classOf(error);
      if (name !== undefined) return structuredClone({ kind: 'error', name, properties: { ...allProperties(error) } });
    }
  } catch {
    // Something in it cannot be cloned.
  }
  try {
    if (error != null && inspect.custom in error) return { kind: 'looks', text: inspect(error) };
  } catch {
    // A proxy that refuses.
  }
  try {
    // V8 alone knows nothing of what a DOMException has beside its stack.
    if (error instanceof require('internal/dom_exception').DOMException) return { kind: 'value', value: stackOnly(error.stack) };
    return { kind: 'value', value: structuredClone(error) };
  } catch {
    return { kind: 'text', text: inspect(error) };
  }
}

function readError(sent) {
  switch (sent.kind) {
    case 'value':
      return sent.value;
    case 'text':
      return sent.text;
    case 'symbol':
      return Symbol.for(`${sent.text ?? ''}`);
    case 'looks': {
      const { inspect } = require('internal/util/inspect');
      return { __proto__: null, [inspect.custom]: () => sent.text };
    }
  }
  const { properties } = sent;
  if (properties.cause !== undefined) properties.cause.value = readError(properties.cause.value);
  return Object.create(classes[sent.name].prototype, {
    ...properties,
    [Symbol.toStringTag]: { __proto__: null, value: 'Error', configurable: true },
  });
}

module.exports = { readError, writeError };
