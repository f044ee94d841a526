'use strict';
// The main thread's program: an app of the payload, a script, code from the command line or from standard input.
// Rust calls start, beforeExit and exit.

const { prepareCallbacks, prepareProcess } = require('internal/bootstrap/prepare');
const { prefix } = require('internal/modules/embedded');
const { getOptionValue, isGiven } = require('internal/options');

// Options of `internal/main/node_options`, which a program without them does not load.
const RARE = ['--env-file', '--env-file-if-exists', '--disable-proto'];

function start() {
  run();
  if (getOptionValue('--trace-sync-io')) require('internal/process/sync_io').install();
  // The main script was execution 1; whatever comes now comes from the loop.
  require('internal/async_hooks').clearAsyncIdStack();
}

function run() {
  prepareCallbacks();
  const given = internalBinding('process').start();
  prepareProcess(given);
  const { initializeModules } = require('internal/modules/initialize');
  initializeModules();
  if (isGiven('--trace-event')) require('internal/trace_events').start();
  if (given.inspects) require('internal/inspector/startup').start(given);
  if (RARE.some((name) => getOptionValue(name).length > 0) || getOptionValue('--trace-exit')) require('internal/main/node_options').apply();
  if (getOptionValue('--dns-result-order')) require('internal/dns/utils').getDefaultResultOrder();
  const task = getOptionValue('--run');
  if (task !== undefined) return require('internal/main/run_script').run(task, given.rest);
  restrict(given);
  if (process.env.NODE_CHANNEL_FD !== undefined) openChannel();
  if (internalBinding('app').isApp() && !given.child) {
    const { runEmbedded } = require('internal/modules/run_main');
    return runEmbedded(given);
  }
  const watches = getOptionValue('--watch') || getOptionValue('--watch-path').length > 0;
  if (watches && !getOptionValue('--test')) return require('internal/watch/main').start(given.rest);
  const code = getOptionValue('--eval');
  if (code !== undefined) {
    // A child of an app: the word after CODE only says that it is one.
    if (given.child) process.argv.splice(1, 1);
    preload();
    return require('internal/modules/run_main').evaluate(code, getOptionValue('--print'));
  }
  if (getOptionValue('--test')) return runTests(given.rest);
  let [script] = given.rest;
  if (given.child && script === `${prefix}[file]`) {
    // A child of an app whose script is on the disk: the next word.
    script = given.rest[1];
    process.argv.splice(1, 1);
  }
  if (script === undefined || script === '' || script === '-') {
    if (script === '-') process.argv[1] = '-';
    return require('internal/modules/run_main').runStdin(preload, getOptionValue('--print'));
  }
  if (getOptionValue('--entry-url')) return require('internal/main/node_options').runURL(script, preload);
  process.argv[1] = require('path').resolve(script);
  if (getOptionValue('--check')) return require('internal/main/node_options').checkSyntax(process.argv[1]);
  const { runMain } = require('internal/modules/run_main');
  runMain(process.argv[1], preload);
}

// The permission model. What is started may be read, and what is loaded before it.
function restrict(given) {
  if (!isGiven('--permission', '--allow-')) return;
  const isApp = internalBinding('app').isApp();
  const entries = [...getOptionValue('--require'), ...getOptionValue('--import')].filter((request) => /^\.{0,2}\//.test(request));
  const script = given.child && given.rest[0] === `${prefix}[file]` ? given.rest[1] : isApp ? undefined : given.rest[0];
  if (script !== undefined && script !== '-' && getOptionValue('--eval') === undefined) entries.push(script);
  require('internal/process/permission').install(entries);
}

// --test: the words are patterns of files.
function runTests(globPatterns) {
  const { commandLine } = require('internal/test_runner/config');
  const config = commandLine();
  // In one process they belong to the tests.
  if (config.isolation !== 'none') preload();
  const options = { ...config, globPatterns };
  require('internal/util/debuglog').debuglog('test_runner')('test runner configuration:', options);
  require('internal/test_runner/runner').run(options).on('test:summary', ({ success }) => {
    if (!success) process.exitCode = 1;
  });
}

// A parent that made a channel says so in the environment; the number counts only if there is a socket.
function openChannel() {
  const { NODE_CHANNEL_FD: number, NODE_CHANNEL_SERIALIZATION_MODE: mode } = process.env;
  delete process.env.NODE_CHANNEL_FD;
  delete process.env.NODE_CHANNEL_SERIALIZATION_MODE;
  const fd = /^\d+$/.test(number) ? Number(number) : -1;
  if (internalBinding('process_wrap').isSocket(fd)) require('child_process')._forkChild(fd, mode || 'json');
  if (process.env.WATCH_REPORT_DEPENDENCIES && !internalBinding('app').isApp()) require('internal/watch/report').install();
  // A worker of `cluster`; its own children are none.
  if (process.channel !== undefined && process.env.NODE_UNIQUE_ID !== undefined) {
    require('cluster')._setupWorker();
    delete process.env.NODE_UNIQUE_ID;
  }
}

function preload() {
  const requests = getOptionValue('--require');
  if (requests.length > 0) require('internal/modules/run_main').preload(requests);
}

// The loop has nothing left: listeners may give it new work. True where a `beforeExit` listener is there at all.
function beforeExit() {
  process.emit('beforeExit', process.exitCode || 0);
  return false;
}

// The program ended by itself; returns its exit code.
function exit() {
  const { pendingTopLevelAwait } = require('internal/modules/run_main');
  if (process.exitCode === undefined && pendingTopLevelAwait()) process.exitCode = 13;
  if (!process._exiting) {
    process._exiting = true;
    process.emit('exit', process.exitCode || 0);
  }
  return process.exitCode || 0;
}

module.exports = { start, beforeExit, exit, openChannel, restrict };
