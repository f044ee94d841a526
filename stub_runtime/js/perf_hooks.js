'use strict';
// node:perf_hooks. Does not own: entries and their observers (`internal/perf/`).

const performance_ = require('internal/perf/performance');
const observe = require('internal/perf/observe');
const entries = require('internal/perf/entry');

module.exports = {
  Performance: performance_.Performance,
  PerformanceEntry: entries.PerformanceEntry,
  PerformanceMark: entries.PerformanceMark,
  PerformanceMeasure: entries.PerformanceMeasure,
  PerformanceObserver: observe.PerformanceObserver,
  PerformanceObserverEntryList: observe.PerformanceObserverEntryList,
  get PerformanceResourceTiming() { return require('internal/perf/resource_timing').PerformanceResourceTiming; },
  get monitorEventLoopDelay() { return require('internal/perf/event_loop_delay').monitorEventLoopDelay; },
  eventLoopUtilization: performance_.eventLoopUtilization,
  timerify: performance_.timerify,
  get createHistogram() { return require('internal/perf/histogram').createHistogram; },
  get createSlidingWindowHistogram() { return require('internal/perf/sliding_window').createSlidingWindowHistogram; },
  get importHistogram() { return require('internal/perf/histogram').importHistogram; },
  performance: performance_.performance,
  constants: Object.freeze({
    __proto__: null,
    NODE_PERFORMANCE_GC_MAJOR: 4,
    NODE_PERFORMANCE_GC_MINOR: 1,
    NODE_PERFORMANCE_GC_INCREMENTAL: 8,
    NODE_PERFORMANCE_GC_WEAKCB: 16,
    NODE_PERFORMANCE_GC_FLAGS_NO: 0,
    NODE_PERFORMANCE_GC_FLAGS_CONSTRUCT_RETAINED: 2,
    NODE_PERFORMANCE_GC_FLAGS_FORCED: 4,
    NODE_PERFORMANCE_GC_FLAGS_SYNCHRONOUS_PHANTOM_PROCESSING: 8,
    NODE_PERFORMANCE_GC_FLAGS_ALL_AVAILABLE_GARBAGE: 16,
    NODE_PERFORMANCE_GC_FLAGS_ALL_EXTERNAL_MEMORY: 32,
    NODE_PERFORMANCE_GC_FLAGS_SCHEDULE_IDLE: 64,
  }),
};
