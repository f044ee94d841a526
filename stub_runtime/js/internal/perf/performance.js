'use strict';
// The global `performance`. Does not own: entries and observers (`observe.js`), the clock (Rust, `bindings/process.rs`).

const {
  codes: { ERR_ILLEGAL_CONSTRUCTOR, ERR_INVALID_ARG_VALUE, ERR_INVALID_THIS, ERR_MISSING_ARGS, ERR_PERFORMANCE_INVALID_TIMESTAMP, ERR_PERFORMANCE_MEASURE_INVALID_OPTIONS },
} = require('internal/errors');
const { inspect } = require('internal/util/inspect');
const { defineEventHandler, EventTarget } = require('internal/event_target');
const { PerformanceMark, PerformanceMeasure, kMake, reserved } = require('internal/perf/entry');
const observe = require('internal/perf/observe');
const { timerify } = require('internal/perf/timerify');
const { validateString } = require('internal/validators');
const binding = internalBinding('process');

// [monotonic, wall] milliseconds of the process's start; read at the first use, never while an image is made.
let origin;
function originOf() {
  if (origin === undefined) {
    const { 0: monotonic, 1: wall } = binding.startTime();
    origin = [monotonic, Math.round(wall * 1e3) / 1e3];
  }
  return origin;
}

// The clock counts nanoseconds: what a difference of doubles has beyond them is noise.
function now() {
  return Math.round((binding.now() - originOf()[0]) * 1e6) / 1e6;
}

// A time of the monotonic clock, milliseconds, in the scale of `now()`.
function fromMonotonic(time) {
  return Math.round((time - originOf()[0]) * 1e6) / 1e6;
}

function eventLoopUtilization(first, second) {
  return require('internal/perf/node_timing').eventLoopUtilization(first, second);
}

// A mark's name, or a time.
function timeOf(value) {
  if (typeof value === 'number') {
    if (value < 0) throw new ERR_PERFORMANCE_INVALID_TIMESTAMP(value);
    return value;
  }
  if (reserved.has(value)) return nodeTiming()[value];
  const marks = observe.getEntries(`${value}`, 'mark');
  if (marks.length === 0) {
    throw new (require('internal/dom_exception').DOMException)(`The "${value}" performance mark has not been set`, 'SyntaxError');
  }
  return marks[marks.length - 1].startTime;
}

const kPerformance = Symbol('performance');

function check(value) {
  if (value?.[kPerformance] !== true) throw new ERR_INVALID_THIS('Performance');
}

class Performance extends EventTarget {
  constructor(token = undefined) {
    if (token !== kMake) throw new ERR_ILLEGAL_CONSTRUCTOR();
    super();
    Object.defineProperty(this, kPerformance, { __proto__: null, enumerable: false, value: true });
  }

  get timeOrigin() {
    check(this);
    return originOf()[1];
  }

  now() {
    check(this);
    return now();
  }

  mark(name, options = undefined) {
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    check(this);
    const entry = new PerformanceMark(name, options);
    observe.enqueue(entry);
    return entry;
  }

  measure(name, startOrOptions = undefined, end = undefined) {
    check(this);
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    validateString(name, 'name');
    const options = typeof startOrOptions === 'object' && startOrOptions !== null ? startOrOptions : undefined;
    if (options?.start !== undefined || options?.end !== undefined) {
      const { start, duration, end: stop } = options;
      if (end !== undefined) throw new ERR_PERFORMANCE_MEASURE_INVALID_OPTIONS('endMark must not be specified');
      if (start !== undefined && stop !== undefined && duration !== undefined) {
        throw new ERR_PERFORMANCE_MEASURE_INVALID_OPTIONS(
          'Must not have options.start, options.end, and options.duration specified');
      }
    }
    let stop;
    if (end !== undefined) stop = timeOf(end);
    else if (options?.end !== undefined) stop = timeOf(options.end);
    else if (options?.start !== undefined && options.duration !== undefined) stop = timeOf(options.start) + timeOf(options.duration);
    else stop = now();
    let start = 0;
    if (options?.start !== undefined) start = timeOf(options.start);
    else if (options?.duration !== undefined && options.end !== undefined) start = timeOf(options.end) - timeOf(options.duration);
    else if (typeof startOrOptions === 'string') start = timeOf(startOrOptions);
    const entry = new PerformanceMeasure(kMake, name, start, stop - start, options?.detail);
    observe.enqueue(entry);
    return entry;
  }

  clearMarks(name = undefined) {
    check(this);
    if (name !== undefined) {
      name = `${name}`;
      if (reserved.has(name)) throw new ERR_INVALID_ARG_VALUE('name', name);
    }
    observe.clear('mark', name);
  }

  clearMeasures(name = undefined) {
    check(this);
    observe.clear('measure', name === undefined ? undefined : `${name}`);
  }

  clearResourceTimings(name = undefined) {
    check(this);
    observe.clear('resource', name === undefined ? undefined : `${name}`);
  }

  setResourceTimingBufferSize(size) {
    check(this);
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('maxSize');
    observe.setResourceLimit(size);
  }

  getEntries() {
    check(this);
    return observe.getEntries();
  }

  getEntriesByName(name, type = undefined) {
    check(this);
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('name');
    return observe.getEntries(`${name}`, type === undefined ? undefined : `${type}`);
  }

  getEntriesByType(type) {
    check(this);
    if (arguments.length === 0) throw new ERR_MISSING_ARGS('type');
    return observe.getEntries(undefined, `${type}`);
  }

  toJSON() {
    check(this);
    return { nodeTiming: nodeTiming(), timeOrigin: this.timeOrigin, eventLoopUtilization: eventLoopUtilization() };
  }

  [inspect.custom](depth, options) {
    if (depth < 0) return this;
    const inner = { ...options, depth: options.depth == null ? null : options.depth - 1 };
    return `Performance ${inspect({ nodeTiming: nodeTiming(), timeOrigin: this.timeOrigin }, inner)}`;
  }
}

// What fetch tells of a request.
function markResourceTiming(info, url, initiatorType, global, cacheMode, bodyInfo, responseStatus, deliveryType = '') {
  if (arguments.length < 1) throw new ERR_MISSING_ARGS('timingInfo');
  if (cacheMode !== '' && cacheMode !== 'local') throw new ERR_INVALID_ARG_VALUE('cacheMode', cacheMode, "must be one of: '', 'local'");
  const { PerformanceResourceTiming } = require('internal/perf/resource_timing');
  const entry = new PerformanceResourceTiming(kMake, url, initiatorType, info, cacheMode, bodyInfo, responseStatus, deliveryType);
  observe.enqueueResource(entry);
  return entry;
}

let timing;
function nodeTiming() {
  timing ??= new (require('internal/perf/node_timing').PerformanceNodeTiming)();
  return timing;
}

const methods = [
  'clearMarks', 'clearMeasures', 'clearResourceTimings', 'getEntries', 'getEntriesByName', 'getEntriesByType', 'mark', 'measure',
  'now', 'setResourceTimingBufferSize', 'timeOrigin', 'toJSON',
];
for (const name of methods) Object.defineProperty(Performance.prototype, name, { __proto__: null, enumerable: true });
Object.defineProperties(Performance.prototype, {
  [Symbol.toStringTag]: { __proto__: null, configurable: true, value: 'Performance' },
  eventLoopUtilization: { __proto__: null, configurable: true, enumerable: false, writable: true, value: eventLoopUtilization },
  markResourceTiming: { __proto__: null, configurable: true, enumerable: false, writable: true, value: markResourceTiming },
  nodeTiming: {
    __proto__: null,
    configurable: true,
    enumerable: false,
    get: nodeTiming,
    set(value) {
      Object.defineProperty(this, 'nodeTiming', { __proto__: null, configurable: true, enumerable: true, writable: true, value });
    },
  },
  timerify: { __proto__: null, configurable: true, enumerable: false, writable: true, value: timerify },
});
defineEventHandler(Performance.prototype, 'resourcetimingbufferfull');

const performance = new Performance(kMake);

// A process that starts from a heap made at build time has an origin of its own.
function forget() {
  origin = undefined;
}

module.exports = { forget, Performance, performance, now, fromMonotonic, eventLoopUtilization, timerify };
