'use strict';
// The global `performance`. Does not own: entries and observers (`observe.js`), the clock (Rust, `bindings/process.rs`).

const {
  codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_ARG_TYPE, ERR_MISSING_ARGS },
} = require('internal/errors');
const { validateFunction } = require('internal/validators');
const { inspect } = require('internal/util/inspect');
const { EventTarget } = require('internal/event_target');
const observe = require('internal/perf/observe');
const binding = internalBinding('process');

// [monotonic, wall] milliseconds of the process's start; read at the first use, never while an image is made.
let origin;
function originOf() {
  origin ??= binding.startTime();
  return origin;
}

function now() {
  return binding.now() - originOf()[0];
}

function eventLoopUtilization() {
  return { idle: 0, active: 0, utilization: 0 };
}

function timerify(fn, options = {}) {
  validateFunction(fn, 'fn');
  if (fn.constructor === undefined) throw new ERR_INVALID_ARG_TYPE('fn', 'Function', fn);
  void options;
  function done(start, args) {
    const entry = new observe.PerformanceFunction(observe.kMake, fn.name, start, now() - start, args);
    observe.enqueue(entry, false);
  }
  function timerified(...args) {
    const start = now();
    const result = new.target ? Reflect.construct(fn, args, fn) : Reflect.apply(fn, this, args);
    if (!new.target && typeof result?.finally === 'function') return result.finally(() => done(start, args));
    done(start, args);
    return result;
  }
  Object.defineProperties(timerified, {
    length: { __proto__: null, configurable: false, enumerable: true, value: fn.length },
    name: { __proto__: null, configurable: false, enumerable: true, value: `timerified ${fn.name}` },
  });
  return timerified;
}

// A mark's name, or a time.
function timeOf(value) {
  if (typeof value === 'number') {
    if (value < 0) {
      const { codes: { ERR_PERFORMANCE_INVALID_TIMESTAMP } } = require('internal/errors');
      throw new ERR_PERFORMANCE_INVALID_TIMESTAMP(value);
    }
    return value;
  }
  const marks = observe.getEntries(`${value}`, 'mark');
  if (marks.length === 0) {
    throw new (require('internal/dom_exception').DOMException)(`The "${value}" performance mark has not been set`, 'SyntaxError');
  }
  return marks[marks.length - 1].startTime;
}

const kMake = observe.kMake;

class Performance extends EventTarget {
  constructor(token) {
    if (token !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
    super();
  }

  get timeOrigin() {
    return originOf()[1];
  }

  get nodeTiming() {
    return nodeTiming();
  }

  now() {
    return now();
  }

  mark(name, options = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    const entry = new observe.PerformanceMark(name, options);
    observe.enqueue(entry);
    return entry;
  }

  measure(name, startOrOptions = undefined, end = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    const options = typeof startOrOptions === 'object' && startOrOptions !== null ? startOrOptions : undefined;
    let stop;
    if (end !== undefined) stop = timeOf(end);
    else if (options?.end !== undefined) stop = timeOf(options.end);
    else if (options?.start !== undefined && options.duration !== undefined) stop = timeOf(options.start) + options.duration;
    else stop = now();
    let start = 0;
    if (options?.start !== undefined) start = timeOf(options.start);
    else if (options?.duration !== undefined && options.end !== undefined) start = timeOf(options.end) - options.duration;
    else if (options === undefined && startOrOptions !== undefined) start = timeOf(startOrOptions);
    const entry = new observe.PerformanceMeasure(kMake, `${name}`, start, stop - start, options?.detail);
    observe.enqueue(entry);
    return entry;
  }

  clearMarks(name = undefined) {
    observe.clear('mark', name === undefined ? undefined : `${name}`);
  }

  clearMeasures(name = undefined) {
    observe.clear('measure', name === undefined ? undefined : `${name}`);
  }

  clearResourceTimings() {
    observe.clear('resource', undefined);
  }

  setResourceTimingBufferSize() {}

  getEntries() {
    return observe.getEntries();
  }

  getEntriesByName(name, type = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    return observe.getEntries(`${name}`, type);
  }

  getEntriesByType(type) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('type');
    return observe.getEntries(undefined, `${type}`);
  }

  toJSON() {
    return { nodeTiming: this.nodeTiming, timeOrigin: this.timeOrigin, eventLoopUtilization: eventLoopUtilization() };
  }

  [inspect.custom](depth, options) {
    if (depth < 0) return this;
    const inner = { ...options, depth: options.depth == null ? null : options.depth - 1 };
    return `Performance ${inspect({ nodeTiming: this.nodeTiming, timeOrigin: this.timeOrigin }, inner)}`;
  }
}
Object.defineProperties(Performance.prototype, {
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'Performance' },
  eventLoopUtilization: { __proto__: null, configurable: true, enumerable: true, writable: true, value: eventLoopUtilization },
  timerify: { __proto__: null, configurable: true, enumerable: true, writable: true, value: timerify },
});

// What is measured of the runtime itself: the process's start only.
function nodeTiming() {
  return { name: 'node', entryType: 'node', startTime: 0, duration: now() };
}

const performance = new Performance(kMake);

module.exports = { Performance, performance, now, eventLoopUtilization, timerify };
