'use strict';
// NODE_V8_COVERAGE: what V8 counted of a thread's program, into a file of that folder.

const { DirectSession } = require('internal/inspector/direct');
const { atExit } = require('internal/inspector/at_exit');
const { resolve, join } = require('path');

let session;
let folder;

// Counts from now on, and writes into the folder `name`; without one nothing is written until there is one.
function start(name) {
  if (session === undefined) {
    session = new DirectSession();
    session.post('Profiler.enable');
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    require('internal/source_map/coverage').collect();
    atExit(take);
  }
  if (name === undefined) return;
  folder = resolve(name);
  // Children that start elsewhere write there too.
  process.env.NODE_V8_COVERAGE = folder;
}

// Writes what was counted since the last time.
function take() {
  if (session === undefined || folder === undefined) return;
  const result = session.post('Profiler.takePreciseCoverage');
  const maps = require('internal/source_map/coverage').collected();
  if (maps !== undefined) result['source-map-cache'] = maps;
  const name = `coverage-${process.pid}-${Date.now()}-${internalBinding('worker').threadId()}.json`;
  require('internal/inspector/profilers').writeReport(join(folder, name), JSON.stringify(result));
}

function stop() {
  if (session === undefined) return;
  session.post('Profiler.stopPreciseCoverage');
  session.post('Profiler.disable');
  session.close();
  session = folder = undefined;
}

module.exports = { start, stop, take };
