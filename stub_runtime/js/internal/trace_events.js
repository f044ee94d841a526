'use strict';
// Trace events. Owns: what starts with the process's options, which instruments are on. Does not own: the log and the categories
// (`trace_log.rs`), what is told of (`internal/trace_events/`).
//
// A process that traces nothing does not load this. What is told of is found by putting functions around those of bindings and
// modules, when a category is enabled for the first time; they stay, and do nothing while it is not.

const binding = internalBinding('trace_events');
const { getOptionValue } = require('internal/options');

const B = 'b'.charCodeAt(0);

let isDescribed = false;

// What a reader wants to know of the process.
function describe() {
  if (isDescribed) return;
  isDescribed = true;
  binding.describe('process_name', { name: getOptionValue('--title') || process.argv0 });
  binding.describe('version', { node: process.versions.node });
  binding.describe('thread_name', { name: 'JavaScriptMainThread' });
  const { arch, platform, release, versions } = process;
  binding.describe('node', { process: { versions, arch, platform, release } });
  const bound = internalBinding('process');
  const { setTitle } = bound;
  bound.setTitle = (title) => {
    setTitle(title);
    binding.describe('process_name', { name: title });
  };
}

function change(categories, enable) {
  binding.change([...new Set(categories)], enable);
  changed();
}

// Other categories are enabled than were.
function changed() {
  describe();
  require('internal/trace_events/instruments').update();
}

// The options have enabled categories (Rust, before there is an isolate).
function start() {
  if (binding.getEnabledCategories() === undefined) return;
  changed();
  binding.emit(B, 'node,node.environment', 'Environment', 1, { args: { args: process.argv, exec_args: process.execArgv } });
  tellMilestones();
}

// They were before anything could be told.
function tellMilestones() {
  const figures = new Float64Array(9);
  internalBinding('performance').figures(figures);
  for (const [index, name] of ['nodeStart', 'v8Start', 'environment', 'bootstrapComplete'].entries()) {
    binding.emit('I'.charCodeAt(0), 'node,node.bootstrap', name, undefined, {}, figures[index]);
  }
}

// A worker, when the process traces something.
function startWorker(name) {
  binding.describe('thread_name', { name: `[worker ${internalBinding('worker').threadId()}] ${name}` });
  require('internal/trace_events/instruments').update();
}

module.exports = { change, changed, start, startWorker };
