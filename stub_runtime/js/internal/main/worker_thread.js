'use strict';
// A worker's program. Rust calls start, beforeExit and exit, as on the main thread.

const { prepareCallbacks, prepareProcess } = require('internal/bootstrap/prepare');
const { getOptionValue, isGiven } = require('internal/options');

let port;

function start() {
  prepareCallbacks();
  const given = internalBinding('process').start();
  prepareProcess(given);
  require('internal/modules/initialize').initializeModules();
  const { receiveMessageOnPort } = require('internal/messaging');
  require('internal/structured_clone').prepare();
  port = internalBinding('worker').getPort();
  const { message } = receiveMessageOnPort(port);
  const worker = require('internal/worker');
  worker.assignOwn(message);
  setupProcess(message);
  if (internalBinding('trace_events').getEnabledCategories() !== undefined) {
    require('internal/trace_events').startWorker(require('worker_threads').threadName || 'WorkerThread');
  }
  // After its environment, which stands for options too.
  if (message.ownExecArgv) require('internal/options').useWorkerOptions(message.execArgv);
  if (isGiven('--permission', '--allow-')) {
    // Its file is an entry where no other files are granted, as in Node.
    const isEntry = !message.doEval && getOptionValue('--allow-fs-read').length === 0;
    require('internal/process/permission').install(isEntry ? [message.filename] : []);
  }
  const threads = require('worker_threads');
  threads.isInternalThread = message.doEval === 'internal';
  threads.workerData = message.workerData;
  threads.parentPort = message.publicPort;
  require('internal/process/execution').setFatalHandler((err) => {
    port.postMessage({ type: messageTypes().ERROR, error: require('internal/worker/errors').writeError(err) });
  });
  port.on('message', onControl);
  port.unref();
  port.postMessage({ type: messageTypes().UP_AND_RUNNING });
  if (given.inspects) require('internal/inspector/startup').start(given);
  run(message);
}

function messageTypes() {
  return require('internal/worker/io').messageTypes;
}

let stdin;
function onControl(message) {
  const { STDIO, PROFILE } = messageTypes();
  if (message.type === STDIO) stdin?.receive(message.chunks);
  else if (message.type === PROFILE) port.postMessage({ type: PROFILE, ...require('internal/worker/profiles').answer(message) });
}

function setupProcess(message) {
  const { ReadableWorkerStdio, WritableWorkerStdio } = require('internal/worker/io');
  process.argv = [...message.mainArgv.slice(0, 1), message.doEval === 'internal' ? message.mainArgv[1] : message.doEval ? '[worker eval]' : message.filename, ...message.argv];
  process.execArgv = message.execArgv;
  process.cwd = require('internal/process/per_thread').workerCwd(message.cwdChanges);
  if (message.env !== undefined) process.env = environment(message.env);
  const stdout = new WritableWorkerStdio(port, 'stdout');
  const stderr = new WritableWorkerStdio(port, 'stderr');
  stdin = new ReadableWorkerStdio(port, 'stdin');
  if (!message.hasStdin) stdin.push(null);
  for (const [name, value] of [['stdin', stdin], ['stdout', stdout], ['stderr', stderr]]) {
    Object.defineProperty(process, name, { __proto__: null, configurable: true, enumerable: true, get: () => value });
  }
  const { codes: { ERR_WORKER_UNSUPPORTED_OPERATION } } = require('internal/errors');
  for (const name of ['abort', 'chdir', 'send', 'disconnect', 'setuid', 'seteuid', 'setgid', 'setegid', 'setgroups', 'initgroups']) {
    if (process[name] === undefined && (name === 'send' || name === 'disconnect')) continue;
    const disabled = function() {
      throw new ERR_WORKER_UNSUPPORTED_OPERATION(`process.${name}()`);
    };
    disabled.disabled = true;
    process[name] = disabled;
  }
  const { umask } = process;
  process.umask = function(mask) {
    if (mask !== undefined) throw new ERR_WORKER_UNSUPPORTED_OPERATION('Setting process.umask()');
    return umask();
  };
}

// A copy of the parent's variables: values become text, as in the real one.
function environment(values) {
  const target = { ...values };
  const proxy = new Proxy(target, {
    set(target, key, value) {
      if (typeof key === 'symbol' || typeof value === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
      target[key] = `${value}`;
      return true;
    },
  });
  require('internal/util/inspect/value').showAs(proxy, target);
  return proxy;
}

function run(message) {
  const main = require('internal/modules/run_main');
  if (message.doEval === 'classic') return main.evaluate(message.filename, false, '[worker eval]');
  if (message.doEval === 'internal') return require(message.filename).start(message.workerData);
  if (message.doEval === 'data') return require('internal/modules/esm/loader').runMainModule(message.filename);
  process.argv[1] = message.filename;
  return main.runMain(message.filename);
}

function beforeExit() {
  process.emit('beforeExit', process.exitCode || 0);
  return false;
}

function exit() {
  const { pendingTopLevelAwait } = require('internal/modules/run_main');
  if (process.exitCode === undefined && pendingTopLevelAwait()) process.exitCode = 13;
  if (!process._exiting) {
    process._exiting = true;
    process.emit('exit', process.exitCode || 0);
  }
  return process.exitCode || 0;
}

module.exports = { start, beforeExit, exit };
