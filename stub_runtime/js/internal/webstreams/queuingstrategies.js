'use strict';
// Owns: ByteLengthQueuingStrategy and CountQueuingStrategy.

const { codes: { ERR_INVALID_ARG_TYPE, ERR_MISSING_OPTION } } = require('internal/errors');
const { customInspectSymbol: kInspect } = require('internal/util');
const {
  customInspect,
  defineInterface,
  invalidThis,
  isBrandCheck,
  kState,
  kType,
} = require('internal/webstreams/util');

// One function for all instances of a class, as the standard wants.
const byteLength = Object.defineProperty((chunk) => chunk.byteLength, 'name', { __proto__: null, value: 'size' });
const count = Object.defineProperty(() => 1, 'name', { __proto__: null, value: 'size' });

const isByteLength = isBrandCheck('ByteLengthQueuingStrategy');
const isCount = isBrandCheck('CountQueuingStrategy');

function readMark(init) {
  if (init === null || (typeof init !== 'object' && typeof init !== 'function')) {
    throw new ERR_INVALID_ARG_TYPE('init', 'object', init);
  }
  if (init.highWaterMark === undefined) throw new ERR_MISSING_OPTION('init.highWaterMark');
  return +init.highWaterMark;
}

class ByteLengthQueuingStrategy {
  [kType] = 'ByteLengthQueuingStrategy';

  constructor(init) {
    this[kState] = { highWaterMark: readMark(init) };
  }

  get highWaterMark() {
    if (!isByteLength(this)) throw invalidThis('ByteLengthQueuingStrategy');
    return this[kState].highWaterMark;
  }

  get size() {
    if (!isByteLength(this)) throw invalidThis('ByteLengthQueuingStrategy');
    return byteLength;
  }

  [kInspect](depth, options) {
    return customInspect.call(this, depth, options, this[kType], { highWaterMark: this.highWaterMark });
  }
}

class CountQueuingStrategy {
  [kType] = 'CountQueuingStrategy';

  constructor(init) {
    this[kState] = { highWaterMark: readMark(init) };
  }

  get highWaterMark() {
    if (!isCount(this)) throw invalidThis('CountQueuingStrategy');
    return this[kState].highWaterMark;
  }

  get size() {
    if (!isCount(this)) throw invalidThis('CountQueuingStrategy');
    return count;
  }

  [kInspect](depth, options) {
    return customInspect.call(this, depth, options, this[kType], { highWaterMark: this.highWaterMark });
  }
}

for (const Class of [ByteLengthQueuingStrategy, CountQueuingStrategy]) {
  defineInterface(Class, ['highWaterMark', 'size']);
}

module.exports = { ByteLengthQueuingStrategy, CountQueuingStrategy };
