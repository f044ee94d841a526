'use strict';
// What happens to an exception that nobody caught, and to code given on the command line.
// Owns: uncaughtException, the text of a fatal error, exit codes of both. Does not own: the trampoline (Rust, `tasks.rs`).

const { writeStderr } = internalBinding('errors');

const kGenericUserError = 1;

let captureFunction = null;

function setUncaughtExceptionCaptureCallback(fn) {
  const { codes: { ERR_INVALID_ARG_TYPE, ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET } } = require('internal/errors');
  if (fn === null) {
    captureFunction = null;
    return;
  }
  if (typeof fn !== 'function') throw new ERR_INVALID_ARG_TYPE('fn', ['Function', 'null'], fn);
  if (captureFunction !== null) throw new ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET();
  captureFunction = fn;
}

function hasUncaughtExceptionCaptureCallback() {
  return captureFunction !== null;
}

// The text a dying program leaves: place, carets, stack with own properties as util.inspect shows them.
function fatalText(err, arrow, fromPromise) {
  const { inspect } = require('internal/util/inspect');
  const isObject = (typeof err === 'object' && err !== null) || typeof err === 'function';
  let text;
  let header = arrow;
  try {
    const { isNativeError } = internalBinding('types');
    if (isObject && (isNativeError(err) || err instanceof Error)) {
      text = typeof err.stack === 'string' ? inspect(err, { colors: false }) : inspect(err);
      const { getArrow } = require('internal/errors');
      header = getArrow?.(err) ?? arrow;
    } else if (isObject) {
      text = `Uncaught:\n${inspect(err)}`;
    } else {
      text = typeof err === 'string' && fromPromise ? err : `Uncaught:\n${inspect(err)}`;
    }
  } catch {
    try {
      text = String(err);
    } catch {
      text = 'Uncaught exception';
    }
  }
  if (!isObject) text += '\n(Use `node --trace-uncaught ...` to show where the exception was thrown)';
  const parts = [];
  if (header) parts.push(header);
  parts.push(text);
  return `${parts.join('\n')}\n`;
}

// Called by Rust. Returns true where a handler took it, else the exit code.
function onUncaughtException(err, fromPromise, arrow) {
  const type = fromPromise ? 'unhandledRejection' : 'uncaughtException';
  process.emit('uncaughtExceptionMonitor', err, type);
  if (captureFunction !== null) {
    captureFunction(err);
  } else if (!process.emit('uncaughtException', err, type)) {
    try {
      if (!process._exiting) {
        process._exiting = true;
        process.exitCode = kGenericUserError;
        // The text goes out before `exit` listeners run, as in Node.
        printFatal(err, arrow, fromPromise);
        process.emit('exit', kGenericUserError);
      } else {
        printFatal(err, arrow, fromPromise);
      }
    } catch (second) {
      printFatal(second, '', false);
      return 7;
    }
    const { exitCode } = process;
    return typeof exitCode === 'number' ? exitCode : Number(exitCode) || kGenericUserError;
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

let onFatal = null;
// A worker sends its last exception to its parent instead of printing it.
function setFatalHandler(fn) {
  onFatal = fn;
}

function printFatal(err, arrow, fromPromise) {
  if (onFatal !== null) {
    onFatal(err);
    return;
  }
  const isApp = internalBinding('app').isApp();
  let text = fatalText(err, arrow, fromPromise);
  if (!isApp) text += `\nNode.js ${process.version}\n`;
  writeStderr(text);
}

module.exports = {
  setUncaughtExceptionCaptureCallback, hasUncaughtExceptionCaptureCallback, onUncaughtException, setFatalHandler,
};
