'use strict';
// Deep equality: loose (assert.deepEqual), strict (assert.deepStrictEqual, util.isDeepStrictEqual), strict but
// for prototypes, and partial (assert.partialDeepStrictEqual: what is expected must be there, more may be).

const types = require('internal/util/types');
const { getOwnNonIndexProperties, haveNonIndexProperties } = internalBinding('util');

const kLoose = 0;
const kStrict = 1;
const kPartial = 2;
const kStrictWithoutPrototypes = 3;

// Kinds of object for the comparison of entries.
const kNoIterator = 0;
const kIsArray = 1;
const kIsSet = 2;
const kIsMap = 3;

const kOnlyEnumerable = 2;

function nonIndexKeys(object, mode) {
  const keys = getOwnNonIndexProperties(object, kOnlyEnumerable);
  return mode === kLoose ? keys.filter((key) => typeof key === 'string') : keys;
}

function hasEnumerable(object, key) {
  return Object.prototype.propertyIsEnumerable.call(object, key);
}

function enumerableSymbols(object) {
  const symbols = Object.getOwnPropertySymbols(object);
  return symbols.length === 0 ? symbols : symbols.filter((symbol) => hasEnumerable(object, symbol));
}

function sameRegExp(a, b) {
  return a.source === b.source && a.flags === b.flags && a.lastIndex === b.lastIndex;
}

// Whether the bytes are the same; of floats, see sameFloats().
function sameBytes(a, b) {
  const left = new Uint8Array(a.buffer ?? a, a.byteOffset ?? 0, a.byteLength);
  const right = new Uint8Array(b.buffer ?? b, b.byteOffset ?? 0, b.byteLength);
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

// Loosely -0 is 0, and a NaN is no other's equal.
function sameFloats(a, b) {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

// Whether `expected` is a subsequence of `actual`.
function isSubsequence(actual, expected) {
  if (expected.length > actual.length) return false;
  let i = 0;
  for (const item of expected) {
    while (i < actual.length && !Object.is(actual[i], item)) i++;
    if (i++ === actual.length) return false;
  }
  return true;
}

function sameViews(a, b, mode) {
  if (types.isDataView(a)) return a.byteLength === b.byteLength && sameBytes(a, b);
  if (mode === kPartial && a.length !== b.length) return isSubsequence(a, b);
  if (a.byteLength !== b.byteLength) return false;
  if (mode === kLoose && isFloat(a)) return sameFloats(a, b);
  return sameBytes(a, b);
}

function isFloat(view) {
  return types.isFloat16Array(view) || types.isFloat32Array(view) || types.isFloat64Array(view);
}

function sameBuffers(a, b, mode) {
  if (mode === kPartial && a.byteLength !== b.byteLength) {
    return isSubsequence(new Uint8Array(a), new Uint8Array(b));
  }
  return a.byteLength === b.byteLength && sameBytes(a, b);
}

function sameBoxed(a, b) {
  if (types.isNumberObject(a)) {
    return types.isNumberObject(b) &&
      Object.is(Number.prototype.valueOf.call(a), Number.prototype.valueOf.call(b));
  }
  if (types.isStringObject(a)) {
    return types.isStringObject(b) && String.prototype.valueOf.call(a) === String.prototype.valueOf.call(b);
  }
  if (types.isBooleanObject(a)) {
    return types.isBooleanObject(b) && Boolean.prototype.valueOf.call(a) === Boolean.prototype.valueOf.call(b);
  }
  if (types.isBigIntObject(a)) {
    return types.isBigIntObject(b) && BigInt.prototype.valueOf.call(a) === BigInt.prototype.valueOf.call(b);
  }
  return types.isSymbolObject(b) && Symbol.prototype.valueOf.call(a) === Symbol.prototype.valueOf.call(b);
}

const kErrorFields = ['message', 'name', 'cause', 'errors'];

// Own fields of errors that are not enumerable count too, where enumerable ones are compared anyway.
function sameErrors(a, b, mode, memos) {
  for (const key of kErrorFields) {
    if (mode === kPartial) {
      // A message that is not empty counts, and the name, be it inherited.
      if (hasEnumerable(b, key)) continue;
      if (Object.hasOwn(b, key) && !(key in a)) return false;
      if (b[key] === undefined || (key === 'message' && b[key] === '')) continue;
      if (!innerDeepEqual(a[key], b[key], mode, memos)) return false;
      continue;
    }
    const left = Object.hasOwn(a, key);
    const right = Object.hasOwn(b, key);
    const leftEnumerable = hasEnumerable(a, key);
    if (leftEnumerable !== hasEnumerable(b, key)) return false;
    if (leftEnumerable) continue;
    if (key === 'message' || key === 'name') {
      if (!innerDeepEqual(a[key], b[key], mode, memos)) return false;
      continue;
    }
    if (left !== right) return false;
    if (left && !innerDeepEqual(a[key], b[key], mode, memos)) return false;
  }
  return true;
}

// Whether two objects name the same constructor; where one has none, or one of its own, whether their prototypes are the same.
function sameClass(a, b) {
  const prototype = Object.getPrototypeOf(a);
  if (prototype === Object.getPrototypeOf(b)) return true;
  const { constructor } = a;
  return constructor === b.constructor && constructor !== undefined && !Object.hasOwn(a, 'constructor');
}

// `memos`: the objects under comparison.
function innerDeepEqual(a, b, mode, memos) {
  if (a === b) return a !== 0 || Object.is(a, b) || mode === kLoose;

  if (mode !== kLoose) {
    if (typeof a === 'number') return a !== a && b !== b;
    if (typeof b !== 'object' || typeof a !== 'object' || a === null || b === null) return false;
    if (mode === kStrict && !sameClass(a, b)) return false;
  } else {
    if (a === null || typeof a !== 'object') {
      // eslint-disable-next-line eqeqeq
      return (b === null || typeof b !== 'object') && (a == b || (a !== a && b !== b));
    }
    if (b === null || typeof b !== 'object') return false;
  }
  return objectsEqual(a, b, mode, memos);
}

const kNoKeys = [];

// Whether both are shown by Object.prototype.toString() as the same, for two of one class: without making the text.
function sameTag(a, b) {
  const tag = a[Symbol.toStringTag];
  const other = b[Symbol.toStringTag];
  return tag === other || (typeof tag !== 'string' && typeof other !== 'string');
}

function objectsEqual(a, b, mode, memos) {
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || !sameTag(a, b) || (a.length !== b.length && (mode !== kPartial || a.length < b.length))) {
      return false;
    }
    if (!haveNonIndexProperties(a, b)) return keyCheck(a, b, mode, memos, kIsArray, kNoKeys);
    const keys = nonIndexKeys(b, mode);
    if (mode !== kPartial && keys.length !== nonIndexKeys(a, mode).length) return false;
    return keyCheck(a, b, mode, memos, kIsArray, keys);
  }
  const isSet = types.isSet(a);
  // One without its prototype is compared as any object.
  if ((isSet || types.isMap(a)) && typeof a[Symbol.toStringTag] === 'string') {
    if (!(isSet ? types.isSet(b) : types.isMap(b)) || !sameTag(a, b)) return false;
    if (a.size !== b.size && (mode !== kPartial || a.size < b.size)) return false;
    return keyCheck(a, b, mode, memos, isSet ? kIsSet : kIsMap);
  }
  const tag = Object.prototype.toString.call(a);
  if (tag !== Object.prototype.toString.call(b)) return false;

  if (tag === '[object Object]') return keyCheck(a, b, mode, memos, kNoIterator);
  if (types.isDate(a)) {
    if (!types.isDate(b)) return false;
    const left = Date.prototype.getTime.call(a);
    const right = Date.prototype.getTime.call(b);
    if (left !== right && (left === left || right === right)) return false;
  } else if (types.isRegExp(a)) {
    if (!types.isRegExp(b) || !sameRegExp(a, b)) return false;
  } else if (types.isArrayBufferView(a)) {
    if (!types.isArrayBufferView(b) || types.isDataView(a) !== types.isDataView(b)) return false;
    if (!types.isDataView(a) && a[Symbol.toStringTag] !== b[Symbol.toStringTag]) return false;
    if (!sameViews(a, b, mode)) return false;
    const keys = nonIndexKeys(b, mode);
    if (mode !== kPartial && keys.length !== nonIndexKeys(a, mode).length) return false;
    return keyCheck(a, b, mode, memos, kNoIterator, keys);
  } else if (types.isAnyArrayBuffer(a)) {
    if (!types.isAnyArrayBuffer(b) || !sameBuffers(a, b, mode)) return false;
  } else if (types.isNativeError(a) || a instanceof Error) {
    if (!(types.isNativeError(b) || b instanceof Error) || !sameErrors(a, b, mode, memos)) return false;
  } else if (types.isBoxedPrimitive(a)) {
    if (!sameBoxed(a, b)) return false;
  } else if (
    Array.isArray(b) || types.isArrayBufferView(b) || types.isSet(b) || types.isMap(b) || types.isDate(b) ||
    types.isRegExp(b) || types.isAnyArrayBuffer(b) || types.isBoxedPrimitive(b) || types.isNativeError(b) ||
    b instanceof Error) {
    return false;
  } else if (types.isWeakMap(a) || types.isWeakSet(a) || types.isPromise(a)) {
    // Nothing inside can be compared.
    return false;
  } else if (tag === '[object URL]') {
    if (a.href !== b.href) return false;
  } else if (types.isKeyObject(a)) {
    if (!types.isKeyObject(b) || !a.equals(b)) return false;
  } else if (tag === '[object CryptoKey]') {
    if (!sameCryptoKeys(a, b, mode, memos)) return false;
  }
  return keyCheck(a, b, mode, memos, kNoIterator);
}

function sameCryptoKeys(a, b, mode, memos) {
  if (!types.isCryptoKey(a) || !types.isCryptoKey(b)) return false;
  if (a.extractable !== b.extractable) return false;
  return innerDeepEqual(a.algorithm, b.algorithm, mode, memos) &&
    innerDeepEqual(a.usages, b.usages, mode, memos) &&
    require('crypto').KeyObject.from(a).equals(require('crypto').KeyObject.from(b));
}

// Same own keys, then same values. `bKeys`: those of `b` without indexes, where the caller has them.
function keyCheck(a, b, mode, memos, kind, bKeys) {
  const isArrayLike = arguments.length === 6;
  if (!isArrayLike) {
    bKeys = Object.keys(b);
    const aKeys = Object.keys(a);
    if (mode !== kPartial && bKeys.length !== aKeys.length) return false;
    for (let i = 0; i < bKeys.length; i++) {
      // Mostly both have the same keys in the same order.
      if (bKeys[i] !== aKeys[i] && !hasEnumerable(a, bKeys[i])) return false;
    }
    if (mode !== kLoose) {
      const symbols = enumerableSymbols(b);
      if (mode !== kPartial && symbols.length !== enumerableSymbols(a).length) return false;
      for (const symbol of symbols) {
        if (!hasEnumerable(a, symbol)) return false;
      }
      if (symbols.length !== 0) bKeys.push(...symbols);
    }
  } else {
    for (const key of bKeys) {
      if (!hasEnumerable(a, key)) return false;
    }
  }
  // Nothing to descend into.
  if (bKeys.length === 0 && (kind === kNoIterator || (kind === kIsArray && b.length === 0) ||
      (kind !== kIsArray && b.size === 0))) {
    return true;
  }
  if (memos === undefined) return entriesEqual(a, b, mode, undefined, kind, bKeys);
  // Ends in cycles: where both objects are under comparison already they are equal so far; where only one is, one structure
  // is circular and the other is not.
  const hasA = memos.has(a);
  if (hasA || memos.has(b)) return hasA && memos.has(b);
  memos.add(a);
  memos.add(b);
  const result = entriesEqual(a, b, mode, memos, kind, bKeys);
  memos.delete(a);
  memos.delete(b);
  return result;
}

function entriesEqual(a, b, mode, memos, kind, keys) {
  if (kind === kIsSet) {
    if (mode === kPartial ? !partialSet(a, b, memos) : !setsEqual(a, b, mode, memos)) return false;
  } else if (kind === kIsMap) {
    if (mode === kPartial ? !partialMap(a, b, memos) : !mapsEqual(a, b, mode, memos)) return false;
  } else if (kind === kIsArray) {
    if (mode === kPartial && a.length !== b.length) {
      return partialArray(a, b, memos, 0) && valuesEqual(a, b, mode, memos, keys);
    }
    for (let i = 0; i < a.length; i++) {
      if (b[i] === undefined) {
        if (!Object.hasOwn(b, i)) return sparseEqual(a, b, mode, memos, i) && valuesEqual(a, b, mode, memos, keys);
        if (a[i] !== undefined || !Object.hasOwn(a, i)) {
          if (mode !== kLoose || a[i] != null || !Object.hasOwn(a, i)) return false;
        }
      } else if (a[i] === undefined || !innerDeepEqual(a[i], b[i], mode, memos)) {
        if (mode !== kLoose || !Object.hasOwn(a, i) || !innerDeepEqual(a[i], b[i], mode, memos)) return false;
      }
    }
  }
  return valuesEqual(a, b, mode, memos, keys);
}

function valuesEqual(a, b, mode, memos, keys) {
  for (let i = 0; i < keys.length; i++) {
    if (!innerDeepEqual(a[keys[i]], b[keys[i]], mode, memos)) return false;
  }
  return true;
}

// From the first hole on: the same holes and the same items.
function sparseEqual(a, b, mode, memos, start) {
  if (mode === kPartial) return partialArray(a, b, memos, start);
  const left = Object.keys(a);
  const right = Object.keys(b);
  if (left.length !== right.length) return false;
  for (const key of right) {
    if (Number(key) < start) continue;
    if (!Object.hasOwn(a, key) || !innerDeepEqual(a[key], b[key], mode, memos)) return false;
  }
  return true;
}

// Each item of `b` is in `a`, in the same order; holes are no items.
function partialArray(a, b, memos, start) {
  let at = start;
  for (let i = start; i < b.length; i++) {
    if (!Object.hasOwn(b, i)) continue;
    while (at < a.length && !(Object.hasOwn(a, at) && innerDeepEqual(a[at], b[i], kPartial, memos))) at++;
    if (at++ >= a.length) return false;
  }
  return true;
}

// --- sets and maps: items that are not the same value are looked for among those not yet used ---------

// Finds and removes a member of `set` that equals `value`.
function takeEqual(set, value, mode, memos, reversed) {
  for (const candidate of set) {
    if (reversed ? innerDeepEqual(candidate, value, mode, memos) : innerDeepEqual(value, candidate, mode, memos)) {
      set.delete(candidate);
      return true;
    }
  }
  return false;
}

// Loosely, a primitive may equal another: undefined that one must be looked for, false that there is none,
// true that the other collection has it.
function loosePrimitive(primitive) {
  switch (typeof primitive) {
    case 'undefined': return null;
    case 'object': return undefined; // null
    case 'symbol': return false;
    case 'string': primitive = +primitive;
    // A numeric string may equal a number.
    // eslint-disable-next-line no-fallthrough
    case 'number': return primitive === primitive;
  }
  return true;
}

function setMightHaveLoose(a, b, primitive) {
  const alternative = loosePrimitive(primitive);
  if (alternative === null || alternative === undefined) return !b.has(alternative) ? false : !a.has(alternative);
  if (alternative === false) return false;
  return true;
}

function setsEqual(a, b, mode, memos) {
  // Members of `b` that `a` does not have by identity.
  let left;
  for (const value of b) {
    if (a.has(value)) continue;
    if (typeof value !== 'object' || value === null) {
      if (mode !== kLoose || !setMightHaveLoose(b, a, value)) return false;
    }
    left ??= new Set();
    left.add(value);
  }
  if (left === undefined) return true;
  for (const value of a) {
    if (b.has(value)) continue;
    if (mode !== kLoose && (typeof value !== 'object' || value === null)) return false;
    if (!takeEqual(left, value, mode, memos, false)) return false;
  }
  return left.size === 0;
}

function partialSet(a, b, memos) {
  let candidates;
  for (const value of b) {
    if (a.has(value)) continue;
    if (typeof value !== 'object' || value === null) return false;
    if (candidates === undefined) {
      candidates = new Set();
      for (const item of a) {
        if (typeof item === 'object' && item !== null && !b.has(item)) candidates.add(item);
      }
    }
    if (!takeEqual(candidates, value, kPartial, memos, true)) return false;
  }
  return true;
}

function mapsEqual(a, b, mode, memos) {
  let left;
  for (const { 0: key, 1: value } of b) {
    if (typeof key === 'object' && key !== null) {
      // The same key object with another value may still be equal to another key.
      if (a.has(key) && innerDeepEqual(a.get(key), value, mode, memos)) continue;
      left ??= new Set();
      left.add(key);
      continue;
    }
    if (a.has(key) && innerDeepEqual(a.get(key), value, mode, memos)) continue;
    if (mode !== kLoose) return false;
    left ??= new Set();
    left.add(key);
  }
  if (left === undefined) return true;
  const open = new Set(left);
  for (const { 0: key, 1: value } of a) {
    if (b.has(key) && !open.has(key)) continue;
    if (mode !== kLoose && (typeof key !== 'object' || key === null)) return false;
    if (!takeEntry(left, b, key, value, mode, memos)) return false;
  }
  return left.size === 0;
}

// Finds and removes a key of `left` whose entry in `map` equals key and value.
function takeEntry(left, map, key, value, mode, memos) {
  for (const candidate of left) {
    if (innerDeepEqual(key, candidate, mode, memos) && innerDeepEqual(value, map.get(candidate), mode, memos)) {
      left.delete(candidate);
      return true;
    }
  }
  return false;
}

function partialMap(a, b, memos) {
  let candidates;
  for (const { 0: key, 1: value } of b) {
    if (a.has(key) && innerDeepEqual(a.get(key), value, kPartial, memos)) continue;
    if (typeof key !== 'object' || key === null) return false;
    if (candidates === undefined) {
      candidates = new Set();
      for (const other of a.keys()) {
        if (typeof other === 'object' && other !== null) candidates.add(other);
      }
    }
    let found = false;
    for (const candidate of candidates) {
      if (innerDeepEqual(candidate, key, kPartial, memos) &&
          innerDeepEqual(a.get(candidate), value, kPartial, memos)) {
        candidates.delete(candidate);
        found = true;
        break;
      }
    }
    if (!found) return false;
  }
  return true;
}

// Cycles are rare and looking for them is not free: it begins when a comparison has overflowed the stack.
let detectCycles = false;

function compare(a, b, mode) {
  if (!detectCycles) {
    try {
      return innerDeepEqual(a, b, mode, undefined);
    } catch (error) {
      if (!require('internal/errors').isStackOverflowError(error)) throw error;
      detectCycles = true;
    }
  }
  return innerDeepEqual(a, b, mode, new Set());
}

function isDeepEqual(a, b) {
  return compare(a, b, kLoose);
}

function isDeepStrictEqual(a, b, skipPrototype) {
  return compare(a, b, skipPrototype ? kStrictWithoutPrototypes : kStrict);
}

function isPartialStrictEqual(actual, expected) {
  return compare(actual, expected, kPartial);
}

module.exports = { isDeepEqual, isDeepStrictEqual, isPartialStrictEqual };
