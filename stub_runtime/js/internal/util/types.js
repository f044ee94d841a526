'use strict';
// util.types: brand checks. Those that need V8 come from internalBinding('types'); typed arrays are
// told apart by their internal [[TypedArrayName]], which no program can fake.

const binding = internalBinding('types');

const typedArrayTag = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
const isView = ArrayBuffer.isView;

// 'Uint8Array', ... or undefined.
function typedArrayName(value) {
  return Reflect.apply(typedArrayTag, value, []);
}

const isTypedArray = (value) => typedArrayName(value) !== undefined;
const isDataView = (value) => isView(value) && typedArrayName(value) === undefined;

const typed = {};
for (const name of [
  'Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Uint32Array', 'Int8Array', 'Int16Array', 'Int32Array',
  'Float16Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array',
]) {
  const key = `is${name}`;
  typed[key] = { [key]: (value) => typedArrayName(value) === name }[key];
}

let cryptoKeys;

// Keys are heavy: until their module is loaded nothing can be one.
function keyChecks() {
  if (cryptoKeys === undefined && require('internal/bootstrap/realm').isLoaded('internal/crypto/keys')) {
    cryptoKeys = require('internal/crypto/keys');
  }
  return cryptoKeys;
}

module.exports = {
  ...binding,
  isArrayBufferView: isView,
  isDataView,
  isTypedArray,
  ...typed,
  isKeyObject(value) { return keyChecks()?.isKeyObject(value) === true; },
  isCryptoKey(value) { return keyChecks()?.isCryptoKey(value) === true; },
};
