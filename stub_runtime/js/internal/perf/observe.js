'use strict';
// The buffers that performance entries wait in, and observers. Does not own: the entries (`entry.js`), the global object
// (`performance.js`).

const {
  codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_MISSING_ARGS },
} = require('internal/errors');
const { counts, hasObserver } = require('internal/perf/counts');
const { PerformanceNodeEntry, describe, kMake } = require('internal/perf/entry');
const { inspect } = require('internal/util/inspect');
const { validateFunction, validateObject } = require('internal/validators');

// Entries that stay until they are cleared: only of these types.
const kept = { __proto__: null, mark: [], measure: [], resource: [] };
const supported = ['dns', 'function', 'gc', 'http', 'http2', 'mark', 'measure', 'net', 'resource'];
const observers = new Set();

const resourceLimit = { size: 250, pending: [], isFull: false };

function byStart(entries) {
  return entries.sort((a, b) => a.startTime - b.startTime);
}

function matching(list, name, type) {
  return list.filter((entry) => (name === undefined || entry.name === name) && (type === undefined || entry.entryType === type));
}

function getEntries(name, type) {
  if (type !== undefined && kept[type] === undefined) return [];
  const all = type === undefined ? [...kept.mark, ...kept.measure, ...kept.resource] : [...kept[type]];
  return byStart(matching(all, name, undefined));
}

function clear(type, name) {
  kept[type] = name === undefined ? [] : kept[type].filter((entry) => entry.name !== name);
}

function notify(entry) {
  if (counts[entry.entryType] > 0) {
    for (const observer of observers) observer[kQueue](entry);
  }
}

let warned = false;

function enqueue(entry) {
  const list = kept[entry.entryType];
  if (list !== undefined) {
    list.push(entry);
    if (list.length > 1e6 && !warned) {
      warned = true;
      process.emitWarning(
        `Possible perf_hooks memory leak detected. ${list.length} ${entry.entryType} entries added to the global ` +
        'performance entry buffer. Use performance.clearMarks to clear the buffer.', {
          type: 'MaxPerformanceEntryBufferExceededWarning', entryType: entry.entryType, count: list.length });
    }
  }
  notify(entry);
}

// What a module of Node's measured (`counts.js`).
function enqueueNodeEntry(name, type, start, duration, detail, extend = undefined) {
  const entry = new PerformanceNodeEntry(kMake, name, type, start, duration, detail);
  extend?.(entry);
  notify(entry);
}

// A resource entry waits where the buffer is full, until who listens made room.
function enqueueResource(entry) {
  notify(entry);
  if (kept.resource.length < resourceLimit.size && !resourceLimit.isFull) {
    kept.resource.push(entry);
    return;
  }
  resourceLimit.pending.push(entry);
  if (resourceLimit.isFull) return;
  resourceLimit.isFull = true;
  setImmediate(() => {
    const { performance } = require('internal/perf/performance');
    const { Event } = require('internal/event');
    for (;;) {
      const before = resourceLimit.pending.length;
      if (before === 0) break;
      performance.dispatchEvent(new Event('resourcetimingbufferfull'));
      while (resourceLimit.pending.length > 0 && kept.resource.length < resourceLimit.size) {
        kept.resource.push(resourceLimit.pending.shift());
      }
      // Nobody made room: what waits is lost.
      if (resourceLimit.pending.length >= before) resourceLimit.pending = [];
    }
    resourceLimit.isFull = false;
  });
}

function setResourceLimit(size) {
  resourceLimit.size = Number.isInteger(size) && size > 0 ? size : 0;
}

class PerformanceObserverEntryList {
  #entries;

  constructor(token = undefined, entries) {
    if (token !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
    this.#entries = byStart(entries);
  }

  getEntries() {
    return this.#entries.slice();
  }

  getEntriesByType(type) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('type');
    return matching(this.#entries, undefined, `${type}`);
  }

  getEntriesByName(name, type = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    return matching(this.#entries, `${name}`, type === undefined ? undefined : `${type}`);
  }

  [inspect.custom](depth, options) {
    if (depth < 0) return this;
    const inner = { ...options, depth: options.depth == null ? null : options.depth - 1 };
    return `PerformanceObserverEntryList ${inspect(this.#entries, inner)}`;
  }
}
describe(PerformanceObserverEntryList, ['getEntries', 'getEntriesByType', 'getEntriesByName']);

const kQueue = Symbol('queue');

// Observers that have entries: all are called in one immediate.
const waiting = new Set();
let isScheduled = false;

function schedule(observer) {
  waiting.add(observer);
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(() => {
    isScheduled = false;
    const list = [...waiting];
    waiting.clear();
    for (const one of list) one[kDispatch]();
  });
}

const kDispatch = Symbol('dispatch');

class PerformanceObserver {
  #callback;
  #types = new Set();
  #buffer = [];
  #mode;

  static get supportedEntryTypes() {
    return supportedList();
  }

  constructor(callback) {
    validateFunction(callback, 'callback');
    this.#callback = callback;
  }

  observe(options = {}) {
    validateObject(options, 'options');
    const { entryTypes, type, buffered } = { ...options };
    if (entryTypes === undefined && type === undefined) throw new ERR_MISSING_ARGS('options.entryTypes', 'options.type');
    if (entryTypes != null && type != null) {
      throw new ERR_INVALID_ARG_VALUE('options.entryTypes', entryTypes, 'options.entryTypes can not set with options.type together');
    }
    const mode = entryTypes === undefined ? 'single' : 'multiple';
    if (this.#mode !== undefined && this.#mode !== mode) {
      const { DOMException } = require('internal/dom_exception');
      throw new DOMException(`PerformanceObserver can not change to ${mode} observations`, 'InvalidModificationError');
    }
    if (mode === 'multiple') {
      if (!Array.isArray(entryTypes)) throw new ERR_INVALID_ARG_TYPE('options.entryTypes', 'string[]', entryTypes);
      this.#forget();
      for (const name of entryTypes) this.#watch(name);
    } else {
      if (!supported.includes(type)) return;
      this.#watch(type);
      if (buffered) for (const entry of getEntries(undefined, type)) this[kQueue](entry);
    }
    this.#mode = mode;
    if (this.#types.size > 0) observers.add(this);
    else this.disconnect();
  }

  #watch(type) {
    if (!supported.includes(type) || this.#types.has(type)) return;
    this.#types.add(type);
    counts[type] = (counts[type] ?? 0) + 1;
    if (type === 'gc' && counts.gc === 1) require('internal/perf/gc').start();
  }

  #forget() {
    for (const type of this.#types) {
      counts[type]--;
      if (type === 'gc' && counts.gc === 0) require('internal/perf/gc').stop();
    }
    this.#types.clear();
  }

  disconnect() {
    observers.delete(this);
    waiting.delete(this);
    this.#forget();
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
    schedule(this);
  }

  [kDispatch]() {
    if (this.#buffer.length === 0) return;
    const list = new PerformanceObserverEntryList(kMake, this.takeRecords());
    Reflect.apply(this.#callback, this, [list, this]);
  }

  [inspect.custom](depth, options) {
    if (depth < 0) return this;
    const inner = { ...options, depth: options.depth == null ? null : options.depth - 1 };
    const shown = { connected: observers.has(this), pending: waiting.has(this), entryTypes: [...this.#types], buffer: this.#buffer };
    return `PerformanceObserver ${inspect(shown, inner)}`;
  }
}
describe(PerformanceObserver, ['observe', 'disconnect', 'takeRecords']);

let frozen;
function supportedList() {
  frozen ??= Object.freeze([...supported]);
  return frozen;
}

module.exports = {
  PerformanceObserver, PerformanceObserverEntryList, clear, enqueue, enqueueNodeEntry, enqueueResource, getEntries, hasObserver,
  setResourceLimit,
};
