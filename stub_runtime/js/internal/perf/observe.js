'use strict';
// Performance entries, the buffers they wait in, and observers. Does not own: what makes an entry (`performance.js`).

const {
  codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_MISSING_ARGS },
} = require('internal/errors');
const { validateFunction, validateObject } = require('internal/validators');
const { inspect } = require('internal/util/inspect');

const kMake = Symbol('make');

class PerformanceEntry {
  #name;
  #type;
  #start;
  #duration;

  constructor(token, name, type, start, duration) {
    if (token !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
    this.#name = name;
    this.#type = type;
    this.#start = start;
    this.#duration = duration;
  }

  get name() {
    return this.#name;
  }

  get entryType() {
    return this.#type;
  }

  get startTime() {
    return this.#start;
  }

  get duration() {
    return this.#duration;
  }

  toJSON() {
    return { name: this.#name, entryType: this.#type, startTime: this.#start, duration: this.#duration };
  }

  [inspect.custom](depth, options) {
    if (depth < 0) return this;
    return `${this.constructor.name} ${inspect(this.toJSON(), { ...options, depth: options.depth == null ? null : options.depth - 1 })}`;
  }
}
for (const key of ['name', 'entryType', 'startTime', 'duration', 'toJSON']) {
  Object.defineProperty(PerformanceEntry.prototype, key, { enumerable: true });
}

class PerformanceMark extends PerformanceEntry {
  #detail;

  constructor(name, options = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    name = `${name}`;
    if (options != null) validateObject(options, 'options', 4);
    const start = options?.startTime ?? require('internal/perf/performance').now();
    if (typeof start !== 'number') throw new ERR_INVALID_ARG_TYPE('startTime', 'number', start);
    if (start < 0) {
      const { codes: { ERR_PERFORMANCE_INVALID_TIMESTAMP } } = require('internal/errors');
      throw new ERR_PERFORMANCE_INVALID_TIMESTAMP(start);
    }
    super(kMake, name, 'mark', start, 0);
    this.#detail = options?.detail == null ? null : require('internal/structured_clone').structuredClone(options.detail);
  }

  get detail() {
    return this.#detail;
  }

  toJSON() {
    return { name: this.name, entryType: this.entryType, startTime: this.startTime, duration: this.duration, detail: this.#detail };
  }
}

class PerformanceMeasure extends PerformanceEntry {
  #detail;

  constructor(token, name, start, duration, detail) {
    super(token, name, 'measure', start, duration);
    this.#detail = detail == null ? null : require('internal/structured_clone').structuredClone(detail);
  }

  get detail() {
    return this.#detail;
  }

  toJSON() {
    return { name: this.name, entryType: this.entryType, startTime: this.startTime, duration: this.duration, detail: this.#detail };
  }
}

// A call that `timerify` timed.
class PerformanceFunction extends PerformanceEntry {
  constructor(token, name, start, duration, detail) {
    super(token, name, 'function', start, duration);
    this.detail = detail;
    detail.forEach((argument, i) => {
      this[i] = argument;
    });
  }
}

class PerformanceResourceTiming extends PerformanceEntry {
  constructor() {
    throw new ERR_ILLEGAL_CONSTRUCTOR();
  }
}

// Entries that stay until they are cleared.
let timeline = [];
const observers = new Set();
const supported = ['function', 'mark', 'measure'];

function byStart(entries) {
  return entries.sort((a, b) => a.startTime - b.startTime);
}

function enqueue(entry, keep = true) {
  if (keep) timeline.push(entry);
  for (const observer of observers) observer[kQueue](entry);
}

function entriesOf(list, name, type) {
  return list.filter((entry) => (name === undefined || entry.name === name) && (type === undefined || entry.entryType === type));
}

class PerformanceObserverEntryList {
  #entries;

  constructor(token, entries) {
    if (token !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
    this.#entries = byStart(entries);
  }

  getEntries() {
    return this.#entries.slice();
  }

  getEntriesByType(type) {
    return entriesOf(this.#entries, undefined, `${type}`);
  }

  getEntriesByName(name, type = undefined) {
    return entriesOf(this.#entries, `${name}`, type === undefined ? undefined : `${type}`);
  }
}

const kQueue = Symbol('queue');

class PerformanceObserver {
  #callback;
  #types = new Set();
  #buffer = [];
  #mode;
  #pending = false;

  static get supportedEntryTypes() {
    return supported;
  }

  constructor(callback) {
    validateFunction(callback, 'callback');
    this.#callback = callback;
  }

  observe(options = {}) {
    validateObject(options, 'options');
    const { entryTypes, type, buffered } = options;
    if (entryTypes === undefined && type === undefined) throw new ERR_MISSING_ARGS('options.entryTypes', 'options.type');
    if (entryTypes != null && type != null) throw new ERR_INVALID_ARG_VALUE('options.entryTypes', entryTypes, 'options.entryTypes can not set with options.type together');
    const mode = entryTypes === undefined ? 'single' : 'multiple';
    this.#mode ??= mode;
    if (this.#mode !== mode) {
      throw new (require('internal/dom_exception').DOMException)(`PerformanceObserver can not change to ${mode} observations`, 'InvalidModificationError');
    }
    if (mode === 'multiple') {
      if (!Array.isArray(entryTypes)) throw new ERR_INVALID_ARG_TYPE('options.entryTypes', 'string[]', entryTypes);
      this.#types = new Set(entryTypes.filter((name) => supported.includes(name)));
    } else {
      if (!supported.includes(type)) return;
      this.#types.add(type);
      if (buffered) for (const entry of entriesOf(timeline, undefined, type)) this[kQueue](entry);
    }
    if (this.#types.size > 0) observers.add(this);
    else this.disconnect();
  }

  disconnect() {
    observers.delete(this);
    this.#types.clear();
    this.#buffer = [];
    this.#mode = undefined;
  }

  takeRecords() {
    const records = this.#buffer;
    this.#buffer = [];
    return records;
  }

  [kQueue](entry) {
    if (!this.#types.has(entry.entryType)) return;
    this.#buffer.push(entry);
    if (this.#pending) return;
    this.#pending = true;
    require('timers').setImmediate(() => {
      this.#pending = false;
      if (this.#buffer.length === 0) return;
      const list = new PerformanceObserverEntryList(kMake, this.takeRecords());
      this.#callback.call(this, list, this);
    }).unref();
  }
}

module.exports = {
  kMake, PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceFunction, PerformanceResourceTiming, PerformanceObserver,
  PerformanceObserverEntryList, enqueue,
  getEntries: (name, type) => byStart(entriesOf(timeline, name, type)),
  observed: (type) => [...observers].length > 0 && supported.includes(type),
  clear(type, name) {
    timeline = timeline.filter((entry) => entry.entryType !== type || (name !== undefined && entry.name !== name));
  },
};
