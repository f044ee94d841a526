'use strict';
// The main thread of an executable whose heap was made at build time: what was evaluated then is there, the world is this process's.

const { prepareCallbacks, refreshProcess } = require('internal/bootstrap/prepare');
const { beforeExit, exit, openChannel, restrict } = require('internal/main/main_thread');
const heap = require('internal/heap');

function start() {
  prepareCallbacks();
  const given = internalBinding('process').start();
  refreshProcess(given);
  require('internal/modules/initialize').initializeModules();
  if (given.inspects) require('internal/inspector/startup').start(given);
  restrict(given);
  if (process.env.NODE_CHANNEL_FD !== undefined) openChannel();
  heap.run(given);
  require('internal/async_hooks').clearAsyncIdStack();
}

module.exports = { start, beforeExit, exit };
