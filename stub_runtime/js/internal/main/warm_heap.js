'use strict';
// The run before the one whose heap becomes the executable's, where the build has a `--warmup`: the program is evaluated and then run with
// the warm-up's words, in one process, so that what it calls is compiled when its heap is made.
// Rust calls start, beforeExit and exit; when the process ends it writes down the code of the program's modules.

const { refreshProcess } = require('internal/bootstrap/prepare');
const build = require('internal/main/build_heap');
const heap = require('internal/heap');
const { exit } = require('internal/main/main_thread');

let given;
let runs = false;

function start() {
  given = build.start();
}

// The first time nothing is left to do the program is evaluated; the second time it has run.
function beforeExit() {
  if (runs) return build.beforeExit();
  if (build.beforeExit()) return true;
  runs = true;
  if (build.exit() !== 0) return false;
  heap.end();
  refreshProcess(given);
  heap.run(given);
  return true;
}

module.exports = { start, beforeExit, exit };
