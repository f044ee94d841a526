'use strict';
// How many observers there are of each type of performance entry: all that a module needs to load that is not observed.

const counts = { __proto__: null };

function hasObserver(type) {
  return counts[type] > 0;
}

// Begins an entry where somebody observes its type: call the result, with more detail, when it ended.
function begin(type, name, detail) {
  if (!(counts[type] > 0)) return undefined;
  const { now } = require('internal/perf/performance');
  const start = now();
  return (more) => {
    require('internal/perf/observe').enqueueNodeEntry(name, type, start, now() - start, { ...detail, ...more });
  };
}

module.exports = { begin, counts, hasObserver };
