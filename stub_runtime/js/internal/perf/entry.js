'use strict';
// Performance entries: marks, measures, and what the runtime measures of itself.

const {
  codes: {
    ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_THIS, ERR_MISSING_ARGS,
    ERR_PERFORMANCE_INVALID_TIMESTAMP,
  },
} = require('internal/errors');
const { inspect } = require('internal/util/inspect');
const { validateObject } = require('internal/validators');

const kMake = Symbol('make');

class PerformanceEntry {
  #name;
  #type;
  #start;
  #duration;

  constructor(token = undefined, name, type, start, duration) {
    if (token !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
    this.#name = name;
    this.#type = type;
    this.#start = start;
    this.#duration = duration;
  }

  static #check(entry) {
    if (typeof entry !== 'object' || entry === null || !(#name in entry)) throw new ERR_INVALID_THIS('PerformanceEntry');
    return entry;
  }

  get name() { return PerformanceEntry.#check(this).#name; }
  get entryType() { return PerformanceEntry.#check(this).#type; }
  get startTime() { return PerformanceEntry.#check(this).#start; }
  get duration() { return PerformanceEntry.#check(this).#duration; }

  toJSON() {
    const { name, entryType, startTime, duration } = this;
    return { name, entryType, startTime, duration };
  }

  [inspect.custom](depth, options) {
    if (depth < 0) return this;
    const inner = { ...options, depth: options.depth == null ? null : options.depth - 1 };
    return `${this.constructor.name} ${inspect(this.toJSON(), inner)}`;
  }
}

function describe(Class, keys) {
  for (const key of keys) Object.defineProperty(Class.prototype, key, { __proto__: null, enumerable: true });
  Object.defineProperty(Class.prototype, Symbol.toStringTag, { __proto__: null, configurable: true, value: Class.name });
}
describe(PerformanceEntry, ['name', 'entryType', 'startTime', 'duration', 'toJSON']);

function cloned(detail) {
  return detail == null ? null : require('internal/structured_clone').structuredClone(detail);
}

// Names of the runtime's own milestones, which no mark may have.
const reserved = new Set(['nodeStart', 'v8Start', 'environment', 'loopStart', 'loopExit', 'bootstrapComplete']);

class PerformanceMark extends PerformanceEntry {
  #detail;

  constructor(name, options = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    name = `${name}`;
    if (reserved.has(name)) throw new ERR_INVALID_ARG_VALUE('name', name);
    if (options != null) validateObject(options, 'options');
    const start = options?.startTime ?? require('internal/perf/performance').now();
    if (typeof start !== 'number') throw new ERR_INVALID_ARG_TYPE('startTime', 'number', start);
    if (start < 0) throw new ERR_PERFORMANCE_INVALID_TIMESTAMP(start);
    super(kMake, name, 'mark', start, 0);
    this.#detail = cloned(options?.detail);
  }

  get detail() {
    if (typeof this !== 'object' || this === null || !(#detail in this)) throw new ERR_INVALID_THIS('PerformanceMark');
    return this.#detail;
  }

  toJSON() {
    return { ...super.toJSON(), detail: this.#detail };
  }
}
describe(PerformanceMark, ['detail']);

class PerformanceMeasure extends PerformanceEntry {
  #detail;

  constructor(token = undefined, name, start, duration, detail) {
    super(token, name, 'measure', start, duration);
    this.#detail = cloned(detail);
  }

  get detail() {
    if (typeof this !== 'object' || this === null || !(#detail in this)) throw new ERR_INVALID_THIS('PerformanceMeasure');
    return this.#detail;
  }

  toJSON() {
    return { ...super.toJSON(), detail: this.#detail };
  }
}
describe(PerformanceMeasure, ['detail']);

// What Node's modules measure: 'dns', 'gc', 'http', 'net', 'function'.
class PerformanceNodeEntry extends PerformanceEntry {
  constructor(token, name, type, start, duration, detail) {
    super(token, name, type, start, duration);
    Object.defineProperty(this, 'detail', { __proto__: null, configurable: true, enumerable: true, writable: true, value: detail });
  }

  toJSON() {
    return { ...super.toJSON(), detail: this.detail };
  }
}
Object.defineProperty(PerformanceNodeEntry, 'name', { __proto__: null, configurable: true, value: 'PerformanceNodeEntry' });

module.exports = { PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceNodeEntry, describe, kMake, reserved };
