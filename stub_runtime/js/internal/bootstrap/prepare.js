'use strict';
// What every start does that an image cannot hold: the outside world goes into `process`, callbacks are given to Rust.

const { processTicksAndRejections, runNextTicks, tickInfo } = require('internal/process/task_queues');
const { onReject } = require('internal/process/promises');
const { onUncaughtException } = require('internal/process/execution');
const { createRunners, immediateInfo } = require('internal/timers');
const { getOptionValue } = require('internal/options');

function lazyProperty(name, get, enumerable = true) {
  Object.defineProperty(process, name, {
    __proto__: null,
    configurable: true,
    enumerable,
    get() {
      const value = get();
      Object.defineProperty(process, name, { __proto__: null, configurable: true, enumerable, writable: true, value });
      return value;
    },
    set(value) {
      Object.defineProperty(process, name, { __proto__: null, configurable: true, enumerable, writable: true, value });
    },
  });
}

function prepareCallbacks() {
  // While an image is made V8 has no WebAssembly.
  if (typeof WebAssembly !== 'undefined') prepareWebAssembly();
  // First: options read it. In a heap that was made at build time it is there.
  process.env ??= internalBinding('env').createEnv();
  const { processImmediate, processTimers } = createRunners(runNextTicks);
  // Frames of stacks name their receiver: `process.processTicksAndRejections`.
  runners = { timers: processTimers.bind(process), immediates: processImmediate.bind(process) };
  setRunners();
  require('internal/errors').installStackTraceCallback();
  const limit = getOptionValue('--stack-trace-limit');
  if (limit !== undefined) Error.stackTraceLimit = Number(limit);
}

let runners;
function setRunners() {
  internalBinding('task_queue').setup(processTicksAndRejections.bind(process), runners.timers, runners.immediates,
    onUncaughtException, onReject, tickInfo, immediateInfo);
}

// `around({ timers, immediates })` gives what runs in their place.
function wrapRunners(around) {
  runners = around(runners);
  setRunners();
}

// What V8 compiles on its own threads keeps the program alive, as in Node.
let compiling = 0;
function held(promise) {
  const { holdLoop } = internalBinding('task_queue');
  const done = () => {
    if (--compiling === 0) holdLoop(false);
  };
  if (compiling++ === 0) holdLoop(true);
  return promise.then((value) => {
    done();
    return value;
  }, (error) => {
    done();
    throw error;
  });
}

// At every start.
function prepareWebAssembly() {
  internalBinding('wasm_streaming').setup((id, source) => require('internal/wasm_streaming').start(id, source));
  for (const name of ['compile', 'instantiate', 'compileStreaming', 'instantiateStreaming']) {
    const native = WebAssembly[name];
    const wrapper = { [name](source) { return held(Reflect.apply(native, this, arguments)); } }[name];
    Object.defineProperty(WebAssembly, name, { __proto__: null, configurable: true, enumerable: true, writable: true, value: wrapper });
  }
}

function definePid(pid) {
  Object.defineProperty(process, 'pid', { __proto__: null, configurable: true, enumerable: true, writable: false, value: pid });
}

let title;

function titleOf(start) {
  return getOptionValue('--title') || [start.argv0, ...start.execArgv, ...start.rest].join(' ');
}

// argv is [execPath, script, ...words]; the script is filled in by the main built-in.
function prepareProcess(start) {
  if (internalBinding('app').isSourceless()) require('internal/modules/sourceless').install();
  process.argv = [start.execPath, ...start.rest];
  process.execArgv = start.execArgv;
  process.execPath = start.execPath;
  process.argv0 = start.argv0;
  definePid(start.pid);
  Object.defineProperty(process, 'ppid', {
    __proto__: null, configurable: false, enumerable: true, get: () => internalBinding('process').ppid(),
  });
  let debugPort = 9229;
  Object.defineProperty(process, 'debugPort', {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get: () => debugPort,
    set(value) {
      const port = +value | 0;
      if (port !== 0 && (port < 1024 || port > 65535)) {
        const { nativeError } = require('internal/errors');
        throw nativeError(RangeError, 'ERR_OUT_OF_RANGE', 'process.debugPort must be 0 or in range 1024 to 65535');
      }
      debugPort = port;
    },
  });
  const versions = {
    node: process.version.slice(1), v8: start.v8Version, uv: '1.52.1', modules: '147', zlib: '1.3.1', napi: '10',
    unicode: '17.0', icu: '78.1', openssl: '3.5.5', brotli: '1.2.0', zstd: '1.5.7', ares: '1.34.5', nghttp2: '1.68.1', llhttp: '9.3.0',
    sqlite: '3.54.1', undici: '8.10.2', amaro: '1.2.1', acorn: '8.15.0', ada: '3.3.0', simdutf: '7.3.3', simdjson: '4.0.7',
    merve: '1.0.0', nbytes: '0.1.1', ncrypto: '0.0.1', uvwasi: '0.0.23', tz: '2025c', cldr: '48.0',
  };
  process.versions = {};
  for (const [name, value] of Object.entries(versions)) {
    Object.defineProperty(process.versions, name, { __proto__: null, enumerable: true, configurable: true, writable: false, value });
  }
  Object.defineProperty(process, 'versions', { __proto__: null, enumerable: true, configurable: false, writable: false });
  title = titleOf(start);
  Object.defineProperty(process, 'title', {
    __proto__: null,
    configurable: true,
    enumerable: true,
    get: () => title,
    set(value) {
      title = String(value);
      internalBinding('process').setTitle(title);
    },
  });
  const { getter: stdio } = { getter: (name) => () => require('internal/bootstrap/stdio')[name]() };
  for (const name of ['stdout', 'stderr', 'stdin']) {
    Object.defineProperty(process, name, {
      __proto__: null, configurable: true, enumerable: true, get: stdio(`get${name[0].toUpperCase()}${name.slice(1)}`),
    });
  }
  lazyProperty('permission', () => undefined, false);
  delete process.permission;
  lazyProperty('report', () => require('internal/process/report').report);
  lazyProperty('finalization', () => require('internal/process/finalization').createFinalization());
  lazyProperty('allowedNodeEnvironmentFlags', () => require('internal/process/allowed_flags').createAllowedFlags());
  if (!getOptionValue('--webstorage')) for (const name of ['Storage', 'localStorage', 'sessionStorage']) delete globalThis[name];
  if (getOptionValue('--report-on-signal') || getOptionValue('--report-uncaught-exception')) require('internal/process/report');
  if (getOptionValue('--experimental-eventsource')) {
    require('internal/util').defineLazyProperties(globalThis, 'internal/fetch', ['EventSource'], false);
  }
  if (!getOptionValue('--experimental-websocket')) {
    delete globalThis.WebSocket;
    delete globalThis.CloseEvent;
  }
  if (!getOptionValue('--experimental-global-navigator')) {
    delete globalThis.navigator;
    delete globalThis.Navigator;
  }
  if (getOptionValue('--use-env-proxy')) require('internal/http/global_proxy').setupFetch();
  if (getOptionValue('--enable-source-maps')) process.setSourceMapsEnabled(true);
  if (getOptionValue('--no-deprecation')) process.noDeprecation = true;
  if (getOptionValue('--throw-deprecation')) process.throwDeprecation = true;
  if (getOptionValue('--trace-deprecation')) process.traceDeprecation = true;
  if (getOptionValue('--trace-warnings')) process.traceProcessWarnings = true;
  const { startListeningIfSignal, stopListeningIfSignal } = require('internal/process/signal');
  // Signals come to the main thread only.
  if (internalBinding('worker').threadId() === 0) {
    process.on('newListener', startListeningIfSignal);
    process.on('removeListener', stopListeningIfSignal);
  }
  if (getOptionValue('--warnings')) process.on('warning', require('internal/process/warning').onWarning);
}

// A process that starts from a heap made at build time: what the program holds of `process` stays, with this process's words in it.
function refreshProcess(start) {
  require('internal/options').reload();
  process.argv.splice(0, process.argv.length, start.execPath, ...start.rest);
  process.execArgv.splice(0, process.execArgv.length, ...start.execArgv);
  process.execPath = start.execPath;
  process.argv0 = start.argv0;
  definePid(start.pid);
  title = titleOf(start);
  require('internal/bootstrap/stdio').forget();
  const { onWarning } = require('internal/process/warning');
  if (!getOptionValue('--warnings')) process.off('warning', onWarning);
  require('internal/process/signal').watchAgain();
}

module.exports = { prepareCallbacks, prepareProcess, refreshProcess, wrapRunners };
