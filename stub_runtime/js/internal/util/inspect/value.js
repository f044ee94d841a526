'use strict';
// The heart of util.inspect: formatValue(ctx, value, depth) gives the text of any value. What stands
// before an object's entries is named in inspect/names, collections are in inspect/collections, errors in
// inspect/errors, the arrangement of entries in inspect/layout.

const { isError, customInspectSymbol } = require('internal/util');
const types = require('internal/util/types');
const { getOwnNonIndexProperties, getProxyDetails, isSpecial: hasSlots } = internalBinding('util');
const {
  escapeName, formatBigInt, formatNumber, getStringWidth, isIdentifier, quote,
} = require('internal/util/inspect/strings');
const { joinEntries, kArrayExtrasType, kArrayType, kObjectType } = require('internal/util/inspect/layout');
const { boxedBase, functionBase, getConstructorName, getPrefix, isBuiltIn } = require('internal/util/inspect/names');

// Before the collections are loaded: they take formatValue and formatProperty from here.
module.exports = { formatPrimitive, formatProperty, formatValue, showAs, stylizeNoColor };

const collections = require('internal/util/inspect/collections');
const { formatError } = require('internal/util/inspect/errors');

const kMinLineWidth = 16;
// No output grows beyond this, it would end in "Invalid string length".
const kMaxLength = 2 ** 27;

const kAllProperties = 0;
const kOnlyEnumerable = 2;

function stylizeNoColor(text) {
  return text;
}

function formatPrimitive(stylize, value, ctx) {
  switch (typeof value) {
    case 'string': return formatString(stylize, value, ctx);
    case 'number': return formatNumber(stylize, value, ctx.numericSeparator);
    case 'bigint': return formatBigInt(stylize, value, ctx.numericSeparator);
    case 'boolean': return stylize(`${value}`, 'boolean');
    case 'undefined': return stylize('undefined', 'undefined');
    default: return stylize(Symbol.prototype.toString.call(value), 'symbol');
  }
}

function formatString(stylize, value, ctx) {
  let trailer = '';
  if (value.length > ctx.maxStringLength) {
    const remaining = value.length - ctx.maxStringLength;
    value = value.slice(0, ctx.maxStringLength);
    trailer = `... ${remaining} more character${remaining > 1 ? 's' : ''}`;
  }
  // Long texts of several lines are shown line by line.
  if (ctx.compact !== true && value.length > kMinLineWidth &&
      value.length > ctx.breakLength - ctx.indentationLvl - 4) {
    return value.split(/(?<=\n)/)
      .map((line) => stylize(quote(line), 'string'))
      .join(` +\n${' '.repeat(ctx.indentationLvl + 2)}`) + trailer;
  }
  return stylize(quote(value), 'string') + trailer;
}

// The options a custom inspect function gets: the program's own, with a stylize it can use.
function userOptions(ctx, isCrossContext) {
  const options = {
    stylize: ctx.stylize,
    showHidden: ctx.showHidden,
    depth: ctx.depth,
    colors: ctx.colors,
    customInspect: ctx.customInspect,
    showProxy: ctx.showProxy,
    maxArrayLength: ctx.maxArrayLength,
    maxStringLength: ctx.maxStringLength,
    breakLength: ctx.breakLength,
    compact: ctx.compact,
    sorted: ctx.sorted,
    getters: ctx.getters,
    numericSeparator: ctx.numericSeparator,
    ...ctx.userOptions,
  };
  if (isCrossContext) {
    // Another realm must get hold of no object of ours: a Function there would be a way in.
    Object.setPrototypeOf(options, null);
    for (const key of Object.keys(options)) {
      const value = options[key];
      if ((typeof value === 'object' || typeof value === 'function') && value !== null) delete options[key];
    }
    options.stylize = Object.setPrototypeOf((value, flavour) => {
      let text;
      try {
        text = `${ctx.stylize(value, flavour)}`;
      } catch {
        // Their stylize must not see our exception.
      }
      return typeof text === 'string' ? text : value;
    }, null);
  }
  return options;
}

// `localStorage` and `sessionStorage` are proxies of ours, which nobody should see.
function shownStorage(value) {
  if (!require('internal/bootstrap/realm').isLoaded('internal/webstorage')) return undefined;
  return require('internal/webstorage').shown(value);
}

// Proxies of ours, and what is shown for them: Node's are no proxies.
const standIns = new WeakMap();
function showAs(proxy, target) {
  standIns.set(proxy, target);
}

function formatValue(ctx, value, recurseTimes, typedArray) {
  if (typeof value !== 'object' && typeof value !== 'function') return formatPrimitive(ctx.stylize, value, ctx);
  if (value === null) return ctx.stylize('null', 'null');

  let context = value;
  let proxy;
  let depth = 1;
  if (types.isProxy(value)) {
    context = value = standIns.get(value) ?? shownStorage(value) ?? value;
    if (types.isProxy(value)) proxy = getProxyDetails(value, !!ctx.showProxy);
  }
  if (proxy !== undefined) {
    // Target and handler with showProxy, else the target; null once revoked.
    if (proxy === null || (ctx.showProxy && proxy[0] === null)) {
      return ctx.stylize('<Revoked Proxy>', 'special');
    }
    if (ctx.showProxy) return formatProxy(ctx, proxy, recurseTimes);
    value = proxy;
    // A proxy of a proxy: the innermost target is shown, and how deep it lies.
    while (types.isProxy(value)) {
      const shown = standIns.get(value) ?? shownStorage(value);
      if (shown !== undefined) {
        value = shown;
        break;
      }
      depth++;
      value = getProxyDetails(value, false);
      if (value === null) return wrapInProxy(ctx, ctx.stylize('<Revoked Proxy>', 'special'), depth);
    }
  }

  if (ctx.customInspect) {
    const custom = value[customInspectSymbol];
    if (typeof custom === 'function' &&
        custom !== require('internal/util/inspect').inspect &&
        // A prototype itself is not an instance.
        !isPrototype(value)) {
      const depth = ctx.depth === null ? null : ctx.depth - recurseTimes;
      const isCrossContext = proxy !== undefined || !(context instanceof Object);
      const result = Reflect.apply(custom, context,
        [depth, userOptions(ctx, isCrossContext), require('internal/util/inspect').inspect]);
      if (result !== context) {
        const indented = (text) => text.replaceAll('\n', `\n${' '.repeat(ctx.indentationLvl)}`);
        if (typeof result !== 'object') return indented(`${result}`);
        return indented(formatValue(ctx, result, recurseTimes));
      }
    }
  }

  if (ctx.seen.includes(value)) {
    let index = 1;
    if (ctx.circular === undefined) {
      ctx.circular = new Map([[value, index]]);
    } else {
      index = ctx.circular.get(value);
      if (index === undefined) {
        index = ctx.circular.size + 1;
        ctx.circular.set(value, index);
      }
    }
    return ctx.stylize(`[Circular *${index}]`, 'special');
  }
  const text = formatRaw(ctx, value, recurseTimes, typedArray);
  return proxy === undefined ? text : wrapInProxy(ctx, text, depth);
}

function wrapInProxy(ctx, text, depth) {
  return `${ctx.stylize('Proxy(', 'special').repeat(depth)}${text}${ctx.stylize(')', 'special').repeat(depth)}`;
}

function isPrototype(value) {
  const descriptor = Object.getOwnPropertyDescriptor(value, 'constructor');
  return descriptor !== undefined && descriptor.value?.prototype === value;
}

function formatProxy(ctx, proxy, recurseTimes) {
  if (recurseTimes > ctx.depth && ctx.depth !== null) return ctx.stylize('Proxy [Array]', 'special');
  recurseTimes += 1;
  ctx.indentationLvl += 2;
  const output = [formatValue(ctx, proxy[0], recurseTimes), formatValue(ctx, proxy[1], recurseTimes)];
  ctx.indentationLvl -= 2;
  return joinEntries(ctx, output, '', ['Proxy [', ']'], kArrayExtrasType, recurseTimes);
}

// Own keys that are shown.
function getKeys(value, showHidden) {
  const symbols = Object.getOwnPropertySymbols(value);
  if (showHidden) {
    const keys = Object.getOwnPropertyNames(value);
    return symbols.length === 0 ? keys : keys.concat(symbols);
  }
  let keys;
  try {
    keys = Object.keys(value);
  } catch {
    // A module namespace with an export that is not initialised yet.
    keys = Object.getOwnPropertyNames(value);
  }
  for (const symbol of symbols) {
    if (Object.prototype.propertyIsEnumerable.call(value, symbol)) keys.push(symbol);
  }
  return keys;
}

const noEntries = () => [];

// Whether there is nothing to show but what an object is.
function isBare(shape) {
  return shape.keys.length === 0 && shape.protoProps === undefined;
}

function only(shape, text) {
  shape.text = text;
  return shape;
}

// V8 names what has no constructor by its tag.
function nameByTag(value) {
  return internalBinding('util').getConstructorName(value);
}

// What is shown of an object: its `text` when that is all, or its entries' formatter with base and braces.
function describe(ctx, value, constructor, tag, protoProps, recurseTimes, typedArray) {
  const filter = ctx.showHidden ? kAllProperties : kOnlyEnumerable;
  const shape = {
    base: '', braces: ['{', '}'], entries: noEntries, fallback: 'Object', keys: undefined, pseudo: undefined, text: undefined,
    type: kObjectType, protoProps,
  };

  // What most values are, before what the others may be.
  if (typeof value === 'function') {
    shape.keys = getKeys(value, ctx.showHidden);
    shape.fallback = 'Function';
    shape.base = functionBase(ctx, value, constructor, tag, formatValue);
    return isBare(shape) ? only(shape, ctx.stylize(shape.base, 'special')) : shape;
  }
  if (constructor === 'Object' && tag === '' && Object.getPrototypeOf(value) === Object.prototype && !hasSlots(value) &&
    !Array.isArray(value)) {
    shape.keys = getKeys(value, ctx.showHidden);
    return isBare(shape) ? only(shape, '{}') : shape;
  }
  if (Symbol.iterator in value || constructor === null) {
    if (Array.isArray(value)) {
      // Only plain arrays have no prefix.
      const prefix = constructor !== 'Array' || tag !== '' ?
        getPrefix(constructor, tag, 'Array', `(${value.length})`) : '';
      shape.fallback = 'Array';
      shape.keys = getOwnNonIndexProperties(value, filter);
      shape.braces[0] = prefix + '[';
      shape.braces[1] = ']';
      if (value.length === 0 && isBare(shape)) return only(shape, `${shape.braces[0]}]`);
      shape.type = kArrayExtrasType;
      shape.entries = collections.formatArray;
      return shape;
    }
    if (types.isSet(value) || types.isMap(value)) {
      const isSet = types.isSet(value);
      const size = Reflect.apply(isSet ? setSize : mapSize, value, []);
      shape.fallback = isSet ? 'Set' : 'Map';
      const prefix = getPrefix(constructor, tag, shape.fallback, `(${size})`);
      shape.keys = getKeys(value, ctx.showHidden);
      if (size === 0 && isBare(shape)) return only(shape, `${prefix}{}`);
      shape.braces = [`${prefix}{`, '}'];
      shape.entries = isSet ? collections.formatSet : collections.formatMap;
      return shape;
    }
    if (types.isTypedArray(value)) {
      shape.keys = getOwnNonIndexProperties(value, filter);
      let bound = value;
      if (constructor === null) {
        shape.fallback = Reflect.apply(typedArrayTag, value, []);
        // A view with its prototype back, to read it.
        bound = new globalThis[shape.fallback](value);
      }
      const size = Reflect.apply(typedArrayLength, value, []);
      shape.braces = [`${getPrefix(constructor, tag, shape.fallback, `(${size})`)}[`, ']'];
      if (value.length === 0 && shape.keys.length === 0 && !ctx.showHidden) return only(shape, `${shape.braces[0]}]`);
      shape.entries = (context, original, times) => collections.formatTypedArray(bound, size, context, original, times);
      shape.type = kArrayExtrasType;
      return shape;
    }
    if (types.isMapIterator(value) || types.isSetIterator(value)) {
      shape.keys = getKeys(value, ctx.showHidden);
      const name = types.isMapIterator(value) ? 'Map' : 'Set';
      const own = `${name} Iterator`;
      shape.braces = [`[${tag === own ? tag : `${own}] [${tag}`}] {`, '}'];
      const { braces } = shape;
      shape.entries = (...args) => collections.formatIterator(braces, ...args);
      return shape;
    }
  }

  shape.keys = getKeys(value, ctx.showHidden);
  if (types.isArgumentsObject(value)) {
    shape.braces[0] = '[Arguments] {';
    return isBare(shape) ? only(shape, '[Arguments] {}') : shape;
  }
  if (constructor === 'Object' && tag === '' && !isSpecial(value)) {
    return isBare(shape) ? only(shape, '{}') : shape;
  }
  if (tag === 'Promise' && types.isPromise(value)) return describePromise(shape, constructor, tag);
  if (types.isRegExp(value)) {
    shape.base = RegExp.prototype.toString.call(constructor !== null ? value : new RegExp(value));
    shape.fallback = 'RegExp';
    const prefix = getPrefix(constructor, tag, 'RegExp');
    if (prefix !== 'RegExp ') shape.base = `${prefix}${shape.base}`;
    shape.base = ctx.stylize(shape.base, 'regexp');
    return isBare(shape) || (recurseTimes > ctx.depth && ctx.depth !== null) ? only(shape, shape.base) : shape;
  }
  if (types.isDate(value)) {
    shape.base = Number.isNaN(Date.prototype.getTime.call(value)) ?
      Date.prototype.toString.call(value) : Date.prototype.toISOString.call(value);
    shape.fallback = 'Date';
    const prefix = getPrefix(constructor, tag, 'Date');
    if (prefix !== 'Date ') shape.base = `${prefix}${shape.base}`;
    return isBare(shape) ? only(shape, ctx.stylize(shape.base, 'date')) : shape;
  }
  if (isError(value)) {
    shape.fallback = 'Error';
    shape.base = formatError(ctx, value, constructor, tag, shape.keys, formatValue, getPrefix);
    return isBare(shape) ? only(shape, shape.base) : shape;
  }
  if (types.isAnyArrayBuffer(value)) {
    shape.fallback = types.isArrayBuffer(value) ? 'ArrayBuffer' : 'SharedArrayBuffer';
    const prefix = getPrefix(constructor, tag, shape.fallback);
    if (typedArray === undefined) {
      shape.entries = collections.formatArrayBuffer;
    } else if (isBare(shape)) {
      return only(shape, `${prefix}{ [byteLength]: ${formatNumber(ctx.stylize, value.byteLength, false)} }`);
    }
    shape.braces[0] = `${prefix}{`;
    shape.pseudo = ['byteLength'];
    return shape;
  }
  if (types.isDataView(value)) {
    shape.fallback = 'DataView';
    shape.braces[0] = `${getPrefix(constructor, tag, 'DataView')}{`;
    shape.pseudo = ['byteLength', 'byteOffset', 'buffer'];
    return shape;
  }
  if (types.isPromise(value)) return describePromise(shape, constructor, tag);
  if (types.isWeakSet(value)) {
    shape.fallback = 'WeakSet';
    shape.braces[0] = `${getPrefix(constructor, tag, 'WeakSet')}{`;
    shape.entries = ctx.showHidden ? collections.formatWeakSet : collections.formatWeakCollection;
    return shape;
  }
  if (types.isWeakMap(value)) {
    shape.fallback = 'WeakMap';
    shape.braces[0] = `${getPrefix(constructor, tag, 'WeakMap')}{`;
    shape.entries = ctx.showHidden ? collections.formatWeakMap : collections.formatWeakCollection;
    return shape;
  }
  if (require('internal/bootstrap/realm').isLoaded('internal/url') && require('internal/url').isURL(value) &&
    !(recurseTimes > ctx.depth && ctx.depth !== null)) {
    shape.base = value.href;
    return isBare(shape) ? only(shape, shape.base) : shape;
  }
  if (types.isModuleNamespaceObject(value)) {
    shape.fallback = 'Module';
    shape.braces[0] = `${getPrefix(constructor, tag, 'Module')}{`;
    const { keys } = shape;
    shape.entries = (...args) => collections.formatNamespace(keys, ...args);
    return shape;
  }
  if (types.isBoxedPrimitive(value)) {
    shape.base = boxedBase(ctx, value, shape.keys, constructor, tag, formatPrimitive, stylizeNoColor);
    return isBare(shape) ? only(shape, shape.base) : shape;
  }
  if (isBare(shape)) {
    if (types.isExternal(value)) {
      const address = internalBinding('util').getExternalValue(value).toString(16);
      return only(shape, ctx.stylize(`[External: ${address}]`, 'special'));
    }
    return only(shape, `${getPrefix(constructor, tag, constructor === null ? nameByTag(value) : 'Object')}{}`);
  }
  shape.braces[0] = `${getPrefix(constructor, tag, constructor === null ? nameByTag(value) : 'Object')}{`;
  return shape;
}

function describePromise(shape, constructor, tag) {
  shape.fallback = 'Promise';
  shape.braces[0] = getPrefix(constructor, tag, 'Promise') + '{';
  shape.entries = collections.formatPromise;
  return shape;
}

const setSize = Object.getOwnPropertyDescriptor(Set.prototype, 'size').get;
const mapSize = Object.getOwnPropertyDescriptor(Map.prototype, 'size').get;
const typedArrayProto = Object.getPrototypeOf(Uint8Array.prototype);
const typedArrayTag = Object.getOwnPropertyDescriptor(typedArrayProto, Symbol.toStringTag).get;
const typedArrayLength = Object.getOwnPropertyDescriptor(typedArrayProto, 'length').get;

// An object with internal slots that its constructor's name does not show.
function isSpecial(value) {
  return hasSlots(value) || isError(value);
}

function getTag(ctx, value) {
  let tag;
  try {
    tag = value[Symbol.toStringTag];
  } catch {
    return '';
  }
  // A tag that is itself listed as a property is not shown twice.
  if (typeof tag !== 'string' || (tag !== '' &&
      (ctx.showHidden ? Object.hasOwn : isEnumerable)(value, Symbol.toStringTag))) {
    return '';
  }
  return tag;
}

function isEnumerable(value, key) {
  return Object.prototype.propertyIsEnumerable.call(value, key);
}

function formatRaw(ctx, value, recurseTimes, typedArray) {
  let protoProps;
  if (ctx.showHidden && (recurseTimes <= ctx.depth || ctx.depth === null)) protoProps = [];
  const constructor = getConstructorName(value, ctx, recurseTimes, protoProps, addPrototypeProperties);
  if (protoProps !== undefined && protoProps.length === 0) protoProps = undefined;
  const tag = getTag(ctx, value);

  const shape = describe(ctx, value, constructor, tag, protoProps, recurseTimes, typedArray);
  if (shape.text !== undefined) return shape.text;

  const { base, braces, entries, keys, pseudo, type } = shape;
  if (recurseTimes > ctx.depth && ctx.depth !== null) {
    const name = getPrefix(constructor, tag, shape.fallback).slice(0, -1);
    return ctx.stylize(constructor === null ? name : `[${name}]`, 'special');
  }
  recurseTimes += 1;
  ctx.seen.push(value);
  ctx.currentDepth = recurseTimes;
  const indentation = ctx.indentationLvl;
  let output;
  try {
    output = entries(ctx, value, recurseTimes);
    if (pseudo !== undefined) {
      for (const key of pseudo) {
        output.push(formatPseudo(ctx, value, recurseTimes, key, typedArray));
      }
    }
    for (let i = 0; i < keys.length; i++) output.push(formatProperty(ctx, value, recurseTimes, keys[i], type));
    if (protoProps !== undefined) output.push(...protoProps);
  } catch (error) {
    const name = getPrefix(constructor, tag, 'Object').slice(0, -1);
    return stackExceeded(ctx, error, name, indentation);
  }

  let start = base;
  if (ctx.circular !== undefined) {
    const index = ctx.circular.get(value);
    if (index !== undefined) {
      const reference = ctx.stylize(`<ref *${index}>`, 'special');
      if (ctx.compact !== true) start = start === '' ? reference : `${reference} ${start}`;
      else braces[0] = `${reference} ${braces[0]}`;
    }
  }
  ctx.seen.pop();

  if (ctx.sorted) {
    const comparator = ctx.sorted === true ? undefined : ctx.sorted;
    if (type === kObjectType) {
      output.sort(comparator);
    } else if (keys.length > 1) {
      const sorted = output.slice(output.length - keys.length).sort(comparator);
      output.splice(output.length - keys.length, keys.length, ...sorted);
    }
  }

  const text = joinEntries(ctx, output, start, braces, type, recurseTimes, value);
  const length = (ctx.budget[ctx.indentationLvl] || 0) + text.length;
  ctx.budget[ctx.indentationLvl] = length;
  // Stop going deeper once the output is huge.
  if (length > kMaxLength) ctx.depth = -1;
  return text;
}

function stackExceeded(ctx, error, name, indentation) {
  const { isStackOverflowError } = require('internal/errors');
  if (!isStackOverflowError(error)) throw error;
  ctx.seen.pop();
  ctx.indentationLvl = indentation;
  return ctx.stylize(
    `[${name}: Inspection interrupted prematurely. Maximum call stack size exceeded.]`, 'special');
}

// Properties of prototypes below the built-in ones, for showHidden.
function addPrototypeProperties(ctx, main, object, recurseTimes, output) {
  let depth = 0;
  let keys;
  const seenKeys = new Set();
  do {
    if (depth !== 0 || main === object) {
      object = Object.getPrototypeOf(object);
      if (object === null) break;
      const descriptor = Object.getOwnPropertyDescriptor(object, 'constructor');
      if (typeof descriptor?.value === 'function' && isBuiltIn(descriptor.value.name)) break;
    }
    if (depth !== 0) for (const key of keys) seenKeys.add(key);
    keys = Reflect.ownKeys(object);
    ctx.seen.push(main);
    for (const key of keys) {
      if (key === 'constructor' || Object.hasOwn(main, key) || seenKeys.has(key)) continue;
      const descriptor = Object.getOwnPropertyDescriptor(object, key);
      if (typeof descriptor.value === 'function') continue;
      const text = formatProperty(ctx, object, recurseTimes, key, kObjectType, descriptor, main);
      output.push(ctx.colors ? `\u001b[2m${text}\u001b[22m` : text);
    }
    ctx.seen.pop();
  } while (++depth !== 3);
}

// [byteLength] and the like: accessors of the prototype that show what the object is.
function formatPseudo(ctx, value, recurseTimes, key, typedArray) {
  ctx.indentationLvl += 2;
  const text = formatValue(ctx, value[key], recurseTimes);
  ctx.indentationLvl -= 2;
  return `${ctx.stylize(`[${key}]`, 'string')}: ${text}`;
}

function formatGetter(ctx, descriptor, original, recurseTimes) {
  const label = descriptor.set !== undefined ? 'Getter/Setter' : 'Getter';
  const { getters, stylize } = ctx;
  const wanted = getters && (getters === true ||
    (getters === 'get' && descriptor.set === undefined) ||
    (getters === 'set' && descriptor.set !== undefined));
  if (!wanted) return stylize(`[${label}]`, 'special');
  ctx.indentationLvl += 2;
  let text;
  try {
    const value = Reflect.apply(descriptor.get, original, []);
    if (value === null) {
      text = `${stylize(`[${label}:`, 'special')} ${stylize('null', 'null')}${stylize(']', 'special')}`;
    } else if (typeof value === 'object') {
      text = `${stylize(`[${label}]`, 'special')} ${formatValue(ctx, value, recurseTimes)}`;
    } else {
      const primitive = formatPrimitive(stylize, value, ctx);
      text = `${stylize(`[${label}:`, 'special')} ${primitive}${stylize(']', 'special')}`;
    }
  } catch (error) {
    const message = `<Inspection threw (${formatValue(ctx, error, recurseTimes)})>`;
    text = `${stylize(`[${label}:`, 'special')} ${message}${stylize(']', 'special')}`;
  }
  ctx.indentationLvl -= 2;
  return text;
}

// `key: value`; only the value for array items.
function formatProperty(ctx, value, recurseTimes, key, type, descriptor, original = value) {
  let text;
  let gap = ' ';
  descriptor ??= Object.getOwnPropertyDescriptor(value, key) ||
    { value: value[key], configurable: true, enumerable: true };
  if (descriptor.value !== undefined) {
    const indent = ctx.compact !== true || type !== kObjectType ? 2 : 3;
    ctx.indentationLvl += indent;
    text = formatValue(ctx, descriptor.value, recurseTimes);
    // No character is wider than two columns.
    if (indent === 3 && ctx.breakLength < text.length * 2 && ctx.breakLength < getStringWidth(text, ctx.colors)) {
      gap = `\n${' '.repeat(ctx.indentationLvl)}`;
    }
    ctx.indentationLvl -= indent;
  } else if (descriptor.get !== undefined) {
    text = formatGetter(ctx, descriptor, original, recurseTimes);
  } else if (descriptor.set !== undefined) {
    text = ctx.stylize('[Setter]', 'special');
  } else {
    text = ctx.stylize('undefined', 'undefined');
  }
  if (type === kArrayType) return text;

  let name;
  if (typeof key === 'symbol') {
    name = ctx.stylize(escapeName(Symbol.prototype.toString.call(key)), 'symbol');
    if (descriptor.enumerable === false) name = `[${name}]`;
  } else if (key === '__proto__') {
    name = "['__proto__']";
  } else if (descriptor.enumerable === false) {
    name = `[${isIdentifier(key) ? key : ctx.stylize(quote(key), 'string')}]`;
  } else if (isIdentifier(key)) {
    name = ctx.stylize(key, 'name');
  } else {
    name = ctx.stylize(quote(key), 'string');
  }
  // Sums, here and in what is called for each value: a template converts each of its parts.
  return name + ':' + gap + text;
}
