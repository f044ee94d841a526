'use strict';
// What util.inspect writes before an object's entries: the name of its class and its toStringTag, and the
// whole text of functions, classes and boxed primitives.

const types = require('internal/util/types');

// ECMAScript's constructors: properties of their prototypes are nobody's own. Not those of the platform, nor those
// that V8 adds to a context last (SharedArrayBuffer, DisposableStack, Temporal, ...).
const builtInObjects = new Set([
  'AggregateError', 'Array', 'ArrayBuffer', 'Atomics', 'BigInt', 'BigInt64Array',
  'BigUint64Array', 'Boolean', 'DataView', 'Date', 'Error', 'EvalError',
  'FinalizationRegistry', 'Float16Array', 'Float32Array', 'Float64Array', 'Function', 'Infinity', 'Int16Array',
  'Int32Array', 'Int8Array', 'Intl', 'Iterator', 'JSON', 'Map', 'Math', 'NaN', 'Number', 'Object', 'Promise',
  'Proxy', 'RangeError', 'ReferenceError', 'Reflect', 'RegExp', 'Set', 'String',
  'Symbol', 'SyntaxError', 'TypeError', 'URIError', 'Uint16Array', 'Uint32Array',
  'Uint8Array', 'Uint8ClampedArray', 'WeakMap', 'WeakRef', 'WeakSet',
]);

function isBuiltIn(name) {
  return builtInObjects.has(name);
}

function isInstanceof(object, constructor) {
  try {
    return object instanceof constructor;
  } catch {
    return false;
  }
}

// The name of the class of `object`; null where its chain ends at once. With `protoProps`, an array,
// properties of prototypes that are not built in are formatted into it (showHidden).
function getConstructorName(object, ctx, recurseTimes, protoProps, addPrototypeProperties) {
  if (protoProps === undefined) {
    const proto = Object.getPrototypeOf(object);
    if (proto === Object.prototype) {
      if (Object.prototype.constructor === Object && !Object.hasOwn(object, 'constructor')) return 'Object';
    } else if (proto === Array.prototype) {
      if (Array.prototype.constructor === Array && !Object.hasOwn(object, 'constructor')) return 'Array';
    } else if (proto === Function.prototype) {
      if (proto.constructor === Function && !Object.hasOwn(object, 'constructor')) return 'Function';
    }
  }
  let firstProto;
  const original = object;
  // document.all is an object that is == null.
  while (object !== null && object !== undefined) {
    // The constructor that a prototype names, if a call to `new` could have been it.
    const constructor = Object.getOwnPropertyDescriptor(object, 'constructor')?.value;
    if (typeof constructor === 'function') {
      const { name } = constructor;
      if (name !== '' && isInstanceof(original, constructor)) {
        if (protoProps !== undefined && (firstProto !== object || !isBuiltIn(name))) {
          addPrototypeProperties(ctx, original, firstProto || original, recurseTimes, protoProps);
        }
        return String(name);
      }
    }
    object = Object.getPrototypeOf(object);
    if (firstProto === undefined) firstProto = object;
  }
  if (firstProto === null) return null;

  const name = internalBinding('util').getConstructorName(original);
  if (recurseTimes > ctx.depth && ctx.depth !== null) return `${name} <Complex prototype>`;
  const protoName = getConstructorName(firstProto, ctx, recurseTimes + 1, protoProps, addPrototypeProperties);
  if (protoName === null) {
    const { inspect } = require('internal/util/inspect');
    return `${name} <${inspect(firstProto, { ...ctx, customInspect: false, depth: -1 })}>`;
  }
  return `${name} <${protoName}>`;
}

// 'Foo(2) [tag] ', '[Map(2): null prototype] ', ...
function getPrefix(constructor, tag, fallback, size = '') {
  if (constructor === null) {
    if (tag !== '' && fallback !== tag) return `[${fallback}${size}: null prototype] [${tag}] `;
    return `[${fallback}${size}: null prototype] `;
  }
  if (tag !== '' && constructor !== tag) {
    // 'Intl.NumberFormat' says more than 'NumberFormat' does.
    return tag.length > constructor.length + 1 && tag.endsWith(`.${constructor}`) ? `${tag}${size} ` : `${constructor}${size} [${tag}] `;
  }
  return `${constructor}${size} `;
}

const kComments = /(\/\/.*?\n)|(\/\*(.|\n)*?\*\/)/g;
const kClassHead = /^(\s+[^(]*?)\s*{/;

// Whether the source of a function is that of a class. A name or a superclass may hold parentheses.
function isClassSource(source) {
  if (!source.startsWith('class') || !source.endsWith('}')) return false;
  const brace = source.indexOf('{', 5);
  if (brace === source.length - 1) return false;
  const paren = source.indexOf('(', 5);
  return paren === -1 || paren > brace || kClassHead.test(source.slice(5, -1).replace(kComments, ''));
}

function classBase(value, constructor, tag) {
  const name = (Object.hasOwn(value, 'name') && value.name) || '(anonymous)';
  let base = `class ${name}`;
  if (constructor !== 'Function' && constructor !== null) base += ` [${constructor}]`;
  if (tag !== '' && constructor !== tag) base += ` [${tag}]`;
  if (constructor !== null) {
    const superName = Object.getPrototypeOf(value).name;
    if (superName) base += ` extends ${superName}`;
  } else {
    base += ' extends null';
  }
  return `[${base}]`;
}

// '[Function: name]', '[class A extends B]', ...
function functionBase(ctx, value, constructor, tag, formatValue) {
  if (isClassSource(Function.prototype.toString.call(value))) return classBase(value, constructor, tag);
  let type = 'Function';
  if (types.isGeneratorFunction(value)) type = `Generator${type}`;
  if (types.isAsyncFunction(value)) type = `Async${type}`;
  let base = `[${type}`;
  if (constructor === null) base += ' (null prototype)';
  const { name } = value;
  if (name === '') base += ' (anonymous)';
  else base += `: ${typeof name === 'string' ? name : formatValue(ctx, name)}`;
  base += ']';
  if (constructor !== type && constructor !== null) base += ` ${constructor}`;
  if (tag !== '' && constructor !== tag) base += ` [${tag}]`;
  return base;
}

function unbox(value) {
  if (types.isNumberObject(value)) return ['Number', Number.prototype.valueOf.call(value)];
  if (types.isStringObject(value)) return ['String', String.prototype.valueOf.call(value)];
  if (types.isBooleanObject(value)) return ['Boolean', Boolean.prototype.valueOf.call(value)];
  if (types.isBigIntObject(value)) return ['BigInt', BigInt.prototype.valueOf.call(value)];
  return ['Symbol', Symbol.prototype.valueOf.call(value)];
}

// '[Number: 3]', '[String (Sub): 'x']'; drops the index keys of strings from `keys`.
function boxedBase(ctx, value, keys, constructor, tag, formatPrimitive, plain) {
  const { 0: type, 1: primitive } = unbox(value);
  if (type === 'String') keys.splice(0, primitive.length);
  let base = `[${type}`;
  if (type !== constructor) base += constructor === null ? ' (null prototype)' : ` (${constructor})`;
  base += `: ${formatPrimitive(plain, primitive, ctx)}]`;
  if (tag !== '' && tag !== constructor) base += ` [${tag}]`;
  if (keys.length !== 0 || ctx.stylize === plain) return base;
  return ctx.stylize(base, type.toLowerCase());
}

module.exports = { boxedBase, functionBase, getConstructorName, getPrefix, isBuiltIn };
