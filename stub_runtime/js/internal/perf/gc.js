'use strict';
// Performance entries of garbage collections, while somebody observes them.

const { enqueueNodeEntry } = require('internal/perf/observe');
const binding = internalBinding('performance');

function start() {
  const { fromMonotonic } = require('internal/perf/performance');
  // Milliseconds of the monotonic clock; V8's numbers of kinds and flags are Node's.
  binding.observeGc((kind, flags, begin, duration) => {
    enqueueNodeEntry('gc', 'gc', fromMonotonic(begin), duration, { kind, flags });
  });
}

function stop() {
  binding.observeGc(undefined);
}

module.exports = { start, stop };
