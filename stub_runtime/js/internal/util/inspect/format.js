'use strict';
// util.format(): printf-like texts.

const { isBuiltIn } = require('internal/util/inspect/names');
const { formatBigInt, formatNumber } = require('internal/util/inspect/strings');
const { stylizeNoColor } = require('internal/util/inspect/value');
const { isProxy } = require('internal/util/types');

const kPercent = 37;

// Whether String(value) would only give "[object ...]" or the like.
function hasBuiltInToString(value) {
  if (isProxy(value)) {
    const target = internalBinding('util').getProxyDetails(value, false);
    if (target === null) return true;
    value = target;
  }
  // A [Symbol.toPrimitive] of the program's own is as good as a toString.
  if (value[Symbol.toPrimitive] !== undefined && !isBuiltInToPrimitive(value)) return false;
  if (typeof value.toString !== 'function') return true;
  if (Object.hasOwn(value, 'toString')) return false;
  let pointer = value;
  do {
    pointer = Object.getPrototypeOf(pointer);
  } while (!Object.hasOwn(pointer, 'toString'));
  return hasBuiltInConstructor(pointer);
}

function hasBuiltInConstructor(prototype) {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'constructor');
  return descriptor !== undefined && typeof descriptor.value === 'function' && isBuiltIn(descriptor.value.name);
}

function isBuiltInToPrimitive(value) {
  const given = value[Symbol.toPrimitive];
  if (given === Date.prototype[Symbol.toPrimitive] || given === Symbol.prototype[Symbol.toPrimitive]) return true;
  // Of another context.
  let holder = value;
  while (holder !== null && !Object.hasOwn(holder, Symbol.toPrimitive)) holder = Object.getPrototypeOf(holder);
  return holder !== null && holder !== value && hasBuiltInConstructor(holder);
}

function tryStringify(value) {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // V8's words for a cycle; anything else a toJSON() threw is the caller's to see.
    if (error.name === 'TypeError' && /^Converting circular structure to JSON/.test(error.message)) {
      return '[Circular]';
    }
    throw error;
  }
}

function formatOne(spec, arg, options, inspect) {
  const separate = options?.numericSeparator ?? inspect.defaultOptions.numericSeparator;
  switch (spec) {
    case 115: // s
      if (typeof arg === 'number') return formatNumber(stylizeNoColor, arg, separate);
      if (typeof arg === 'bigint') return formatBigInt(stylizeNoColor, arg, separate);
      if (typeof arg !== 'object' || arg === null || !hasBuiltInToString(arg)) return String(arg);
      return inspect(arg, { ...options, depth: 0, colors: false, compact: 3 });
    case 106: // j
      return tryStringify(arg);
    case 100: // d
      if (typeof arg === 'bigint') return formatBigInt(stylizeNoColor, arg, separate);
      if (typeof arg === 'symbol') return 'NaN';
      return formatNumber(stylizeNoColor, Number(arg), separate);
    case 79: // O
      return inspect(arg, options);
    case 111: // o
      return inspect(arg, { ...options, showHidden: true, showProxy: true, depth: 4 });
    case 105: // i
      if (typeof arg === 'bigint') return formatBigInt(stylizeNoColor, arg, separate);
      if (typeof arg === 'symbol') return 'NaN';
      return formatNumber(stylizeNoColor, parseInt(arg), separate);
    case 102: // f
      if (typeof arg === 'symbol') return 'NaN';
      return formatNumber(stylizeNoColor, parseFloat(arg), separate);
    case 99: // c: CSS, which a terminal has no use for
      return '';
    default:
      return undefined;
  }
}

function formatWithOptionsInternal(options, args) {
  const { inspect } = require('internal/util/inspect');
  const first = args[0];
  let next = 0;
  let text = '';
  let separator = '';

  if (typeof first === 'string') {
    if (args.length === 1) return first;
    let lastPos = 0;
    for (let i = 0; i < first.length - 1; i++) {
      if (first.charCodeAt(i) !== kPercent) continue;
      const spec = first.charCodeAt(++i);
      if (spec === kPercent) {
        text += first.slice(lastPos, i);
        lastPos = i + 1;
        continue;
      }
      if (next + 1 === args.length) continue;
      const formatted = formatOne(spec, args[next + 1], options, inspect);
      if (formatted === undefined && spec !== 106) continue;
      next++;
      text += first.slice(lastPos, i - 1);
      text += formatted;
      lastPos = i + 1;
    }
    if (lastPos !== 0 || next !== 0) {
      next++;
      separator = ' ';
      if (lastPos < first.length) text += first.slice(lastPos);
    }
  }

  for (; next < args.length; next++) {
    const value = args[next];
    text += separator;
    text += typeof value === 'string' ? value : inspect(value, options);
    separator = ' ';
  }
  return text;
}

function format(...args) {
  return formatWithOptionsInternal(undefined, args);
}

function formatWithOptions(inspectOptions, ...args) {
  const { kValidateObjectAllowArray, validateObject } = require('internal/validators');
  validateObject(inspectOptions, 'inspectOptions', kValidateObjectAllowArray);
  return formatWithOptionsInternal(inspectOptions, args);
}

module.exports = { format, formatWithOptions };
