'use strict';
// What happens to an exception that nobody caught, and to code given on the command line.
// Owns: uncaughtException, the text of a fatal error, exit codes of both. Does not own: the trampoline (Rust, `tasks.rs`).

const { writeStderr } = internalBinding('errors');

const kGenericUserError = 1;
// Somebody removed process._fatalException.
const kNoFatalHandler = 6;

let captureFunction = null;

function setUncaughtExceptionCaptureCallback(fn) {
  const { codes: { ERR_INVALID_ARG_TYPE, ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET } } = require('internal/errors');
  if (fn === null) {
    captureFunction = null;
    return;
  }
  if (typeof fn !== 'function') throw new ERR_INVALID_ARG_TYPE('fn', ['Function', 'null'], fn);
  if (captureFunction !== null) throw new ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET();
  if (domainHandler !== null) {
    const { codes: { ERR_DOMAIN_CANNOT_SET_UNCAUGHT_EXCEPTION_CAPTURE } } = require('internal/errors');
    throw new ERR_DOMAIN_CANNOT_SET_UNCAUGHT_EXCEPTION_CAPTURE();
  }
  captureFunction = fn;
}

// What node:domain does with an exception first, once it is loaded; true where a domain took it.
let domainHandler = null;

function setDomainHandler(fn) {
  domainHandler = fn;
}

// Asked, the last one first, before listeners of 'uncaughtException'; `true` says that it took the exception.
let added = [];

function addUncaughtExceptionCaptureCallback(fn) {
  require('internal/validators').validateFunction(fn, 'fn');
  added = [fn, ...added];
}

function hasUncaughtExceptionCaptureCallback() {
  return captureFunction !== null;
}

function stderrHasColors() {
  if (internalBinding('util').guessHandleType(2) !== 'TTY') return false;
  return require('internal/util/colors').shouldColorize(process.stderr);
}

function isObject(value) { return (typeof value === 'object' && value !== null) || typeof value === 'function'; }

// The text a dying program leaves: place, carets, stack with own properties as util.inspect shows them.
function fatalText(err, arrow) {
  const { inspect } = require('internal/util/inspect');
  const { isNativeError, isProxy } = internalBinding('types');
  let text;
  try {
    if (isNativeError(err) || (!isProxy(err) && err instanceof Error)) {
      const depth = Math.max(inspect.defaultOptions.depth, 5);
      const stack = inspect(err, { colors: stderrHasColors(), customInspect: false, depth });
      // Names that a module does not export are told where it is linked: no line between, as in Node.
      const gap = err.name === 'SyntaxError' && /does not provide an export named|^Named export '/.test(err.message) ? '\n' : '\n\n';
      return arrow === '' ? `${stack}\n` : `${arrow}${gap}${stack}\n`;
    }
    if (isObject(err)) {
      text = inspect(err, { colors: stderrHasColors(), customInspect: false, depth: Infinity });
    } else {
      // Node makes no text of a symbol.
      text = typeof err === 'symbol' ? '' : String(err);
      if (!require('internal/options').getOptionValue('--trace-uncaught')) {
        text += '\n(Use `node --trace-uncaught ...` to show where the exception was thrown)';
      }
    }
  } catch {
    try {
      text = String(err);
    } catch {
      text = '<toString() threw exception>';
    }
  }
  // Code of `--eval` and node:vm shows its place itself.
  if (text !== undefined && /^(?:\[eval|evalmachine)/.test(arrow) && isObject(err)) return `${arrow}\n\n${text}\n`;
  return `\n${arrow === '' ? '' : `${arrow}\n`}${text}\n`;
}

// --abort-on-uncaught-exception: nobody is asked but the one function that captures everything, and domains.
function aborts() {
  return captureFunction === null && domainHandler === null && onFatal === null &&
    require('internal/options').getOptionValue('--abort-on-uncaught-exception');
}

// Ends as V8 does for what was thrown (a trap), and as Node for a promise (an abort).
function abortFor(err, fromPromise, arrow) {
  if (fromPromise) {
    print(err, arrow);
    internalBinding('errors').abort();
  }
  const frames = typeof err?.stack === 'string' ? err.stack.split('\n').filter((line) => line.startsWith('    at ')) : [];
  writeStderr(`Uncaught ${typeof err === 'string' ? err : String(err)}\n\nFROM\n${frames.map((line) => line.slice(7)).join('\n')}\n`);
  process.kill(process.pid, 'SIGTRAP');
}

// Called by Rust. Returns true where a handler took it, else the exit code.
function onUncaughtException(err, fromPromise, arrow, isLast, thrownAt = '') {
  if (isLast) {
    printFatal(err, arrow);
    return 7;
  }
  if (typeof process._fatalException !== 'function') {
    // A worker's parent is not told.
    print(err, arrow);
    return kNoFatalHandler;
  }
  if (aborts()) abortFor(err, fromPromise, arrow);
  const type = fromPromise ? 'unhandledRejection' : 'uncaughtException';
  process.emit('uncaughtExceptionMonitor', err, type);
  if (captureFunction !== null) {
    captureFunction(err);
  } else if (domainHandler?.(err) === true) {
    // Done.
  } else if (!added.some((fn) => fn(err) === true) && !process.emit('uncaughtException', err, type)) {
    try {
      if (!process._exiting) {
        process._exiting = true;
        process.exitCode = kGenericUserError;
        process.emit('exit', kGenericUserError);
      }
    } catch {
      // The first exception is the one to be told.
    }
    if (require('internal/bootstrap/realm').loadedIds().includes('internal/process/report')) {
      require('internal/process/report').onFatalException(err);
    }
    printFatal(err, arrow, thrownAt);
    // An `exit` listener may have chosen another, also 0.
    return process.exitCode ?? kGenericUserError;
  }
  // A handler took it: make sure that ticks which were cut off run.
  require('timers').setImmediate(noop);
  // What the exception interrupted is over.
  const hooks = require('internal/async_hooks');
  if (hooks.afterHooksExist()) {
    while (hooks.hasAsyncIdStack()) hooks.emitAfter(hooks.executionAsyncId());
  }
  hooks.clearAsyncIdStack();
  return true;
}

function noop() {}

// process._fatalException: whether somebody took it.
function fatalException(err, fromPromise) {
  return onUncaughtException(err, fromPromise, '', false) === true;
}

// An 'error' event that nobody listened to: the stack says where it was emitted, too.
function addPlaceOfEmit(err) {
  const { kEnhanceStackBeforeInspector } = require('internal/errors');
  try {
    const enhance = err?.[kEnhanceStackBeforeInspector];
    if (typeof enhance === 'function') err.stack = Reflect.apply(enhance, err, []);
  } catch {
    // The error is told as it is.
  }
}

let onFatal = null;
// A worker sends its last exception to its parent instead of printing it.
function setFatalHandler(fn) {
  onFatal = fn;
}

function printFatal(err, arrow, thrownAt = '') {
  if (onFatal !== null) {
    onFatal(err);
    return;
  }
  print(err, arrow, thrownAt);
}

function print(err, arrow, thrownAt = '') {
  const app = internalBinding('app');
  if (arrow !== '' && app.hasSourceMaps()) arrow = require('internal/source_map/embedded').originalArrow(arrow);
  if (arrow !== '' && process.sourceMapsEnabled) arrow = require('internal/source_map/enabled').originalArrow(arrow);
  addPlaceOfEmit(err);
  let text = fatalText(err, arrow);
  if (thrownAt !== '') text += `Thrown at:\n${thrownAt}\n`;
  if (!app.isApp()) text += `\nNode.js ${process.version}\n`;
  writeStderr(text);
}

module.exports = {
  addUncaughtExceptionCaptureCallback,
  setUncaughtExceptionCaptureCallback, hasUncaughtExceptionCaptureCallback, fatalException, onUncaughtException, setDomainHandler,
  setFatalHandler,
};
