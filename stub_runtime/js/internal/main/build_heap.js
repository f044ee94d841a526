'use strict';
// The run at build time whose heap becomes the executable's. Evaluates the entry, or the modules that the build named.
// Rust calls start, beforeExit and exit, as of every main built-in, then writes the heap down.

const { prepareCallbacks, prepareProcess } = require('internal/bootstrap/prepare');
const { prefix } = require('internal/modules/embedded');
const heap = require('internal/heap');
const { beforeExit, exit } = require('internal/main/main_thread');

// Loaded now, so that it is there when a process starts.
require('internal/main/from_heap');

function start() {
  prepareCallbacks();
  const given = internalBinding('process').start();
  // The same in every build, and true in every process.
  given.execPath = '/proc/self/exe';
  given.argv0 = 'app';
  given.pid = 0;
  prepareProcess({ ...given, rest: [] });
  require('internal/modules/initialize').initializeModules();
  heap.begin();
  const { runEmbedded, prepareMain } = require('internal/modules/run_main');
  const modules = internalBinding('heap').modules();
  if (modules.length === 0) {
    runEmbedded(given);
  } else {
    prepareMain();
    evaluate(modules);
  }
  require('internal/async_hooks').clearAsyncIdStack();
  return given;
}

async function evaluate(modules) {
  const { isESM } = require('internal/modules/run_main');
  const { pathToURL } = require('internal/modules/resolve');
  try {
    for (const name of modules) {
      const path = `${prefix}${name}`;
      if (isESM(path)) await require('internal/modules/esm/loader').importURL(pathToURL(path).href, undefined, { __proto__: null });
      else require('internal/modules/cjs/loader').Module._load(path, null, false);
    }
    evaluated = true;
  } catch (err) {
    internalBinding('task_queue').triggerUncaughtException(err, false);
  }
}

let evaluated = false;

function finish() {
  const code = exit();
  if (code !== 0) return code;
  const modules = internalBinding('heap').modules();
  if (modules.length > 0 && !evaluated) internalBinding('heap').refuse('a module waits for something that does not come\n');
  if (modules.length === 0 && !heap.hasMain()) {
    internalBinding('heap').refuse('the program was evaluated and left nothing to run: it calls no ' +
      'v8.startupSnapshot.setDeserializeMainFunction(). Where the entry shall run at start, name the modules to evaluate: --snapshot=FILE\n');
  }
  return 0;
}

module.exports = { start, beforeExit, exit: finish };
