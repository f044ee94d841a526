'use strict';
// What the runtime measures of itself: milestones of the start, the loop's idle and busy time.

const { PerformanceEntry, kMake } = require('internal/perf/entry');
const { inspect } = require('internal/util/inspect');
const binding = internalBinding('performance');

// In this order from Rust; monotonic milliseconds, -1 where it has not come yet.
const [NODE_START, V8_START, ENVIRONMENT, BOOTSTRAP_COMPLETE, LOOP_START, LOOP_EXIT, IDLE, TURNS, EVENTS] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

const figures = new Float64Array(9);

function read(index) {
  binding.figures(figures);
  return figures[index];
}

function milestone(index) {
  const time = read(index);
  return time < 0 ? -1 : require('internal/perf/performance').fromMonotonic(time);
}

class PerformanceNodeTiming extends PerformanceEntry {
  constructor() {
    super(kMake, 'node', 'node', 0, 0);
    const getters = {
      name: () => 'node',
      entryType: () => 'node',
      startTime: () => 0,
      duration: () => require('internal/perf/performance').now(),
      nodeStart: () => milestone(NODE_START),
      v8Start: () => milestone(V8_START),
      environment: () => milestone(ENVIRONMENT),
      loopStart: () => milestone(LOOP_START),
      loopExit: () => milestone(LOOP_EXIT),
      bootstrapComplete: () => milestone(BOOTSTRAP_COMPLETE),
      idleTime: () => read(IDLE),
    };
    for (const name of Object.keys(getters)) {
      Object.defineProperty(this, name, { __proto__: null, configurable: true, enumerable: true, get: getters[name] });
    }
    Object.defineProperty(this, 'uvMetricsInfo', {
      __proto__: null,
      configurable: true,
      enumerable: true,
      get: () => ({ loopCount: read(TURNS), events: figures[EVENTS], eventsWaiting: 0 }),
    });
  }

  [inspect.custom](depth, options) {
    if (depth < 0) return this;
    const inner = { ...options, depth: options.depth == null ? null : options.depth - 1 };
    return `PerformanceNodeTiming ${inspect(this.toJSON(), inner)}`;
  }

  toJSON() {
    const { name, entryType, startTime, duration, nodeStart, v8Start, bootstrapComplete, environment, loopStart, loopExit,
            idleTime, uvMetricsInfo } = this;
    return { name, startTime, duration, entryType, nodeStart, v8Start, bootstrapComplete, environment, loopStart, loopExit,
             idleTime, uvMetricsInfo };
  }
}

// From when a loop started and how long it waited, to now: what `eventLoopUtilization` gives.
function utilization(loopStart, idle, now, first, second) {
  if (loopStart <= 0) return { idle: 0, active: 0, utilization: 0 };
  if (second !== undefined) {
    const idleBetween = first.idle - second.idle;
    const activeBetween = first.active - second.active;
    return { idle: idleBetween, active: activeBetween, utilization: activeBetween / (idleBetween + activeBetween) };
  }
  const active = now - loopStart - idle;
  if (first === undefined) return { idle, active, utilization: active / (idle + active) };
  const idleSince = idle - first.idle;
  const activeSince = active - first.active;
  return { idle: idleSince, active: activeSince, utilization: activeSince / (idleSince + activeSince) };
}

function eventLoopUtilization(first, second) {
  const loopStart = milestone(LOOP_START);
  return utilization(loopStart, figures[IDLE], require('internal/perf/performance').now(), first, second);
}

module.exports = { PerformanceNodeTiming, eventLoopUtilization, utilization };
