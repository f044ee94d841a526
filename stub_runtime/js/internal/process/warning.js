'use strict';
// process.emitWarning and how a warning is shown.

const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { validateString } = require('internal/validators');

let traceHelperShown = false;

function disabled(warning) {
  const { getOptionValue } = require('internal/options');
  const list = getOptionValue('--disable-warning');
  return list.length > 0 && (list.includes(warning.code) || list.includes(warning.name));
}

function onWarning(warning) {
  if (disabled(warning)) return;
  if (!(warning instanceof Error)) return;
  const isDeprecation = warning.name === 'DeprecationWarning';
  if (isDeprecation && process.noDeprecation) return;
  const trace = process.traceProcessWarnings || (isDeprecation && process.traceDeprecation);
  let text = `(${process.release.name}:${process.pid}) `;
  if (warning.code) text += `[${warning.code}] `;
  if (trace && warning.stack) {
    text += `${warning.stack}`;
  } else {
    text += typeof warning.toString === 'function' ? `${warning.toString()}` : Error.prototype.toString.call(warning);
  }
  if (typeof warning.detail === 'string') text += `\n${warning.detail}`;
  if (!trace && !traceHelperShown) {
    const flag = isDeprecation ? '--trace-deprecation' : '--trace-warnings';
    const argv0 = require('path').basename(process.argv0 || 'node', '.exe');
    text += `\n(Use \`${argv0} ${flag} ...\` to show where the warning was created)`;
    traceHelperShown = true;
  }
  if (writeToFile(text)) return;
  // Through process.stderr, which programs may have replaced.
  require('internal/console/global').error(text);
}

let fd;

// --redirect-warnings=FILE or NODE_REDIRECT_WARNINGS; false where there is no such file, or it cannot be written.
function writeToFile(text) {
  if (fd === null) return false;
  const fs = require('fs');
  if (fd === undefined) {
    const { getOptionValue } = require('internal/options');
    const file = getOptionValue('--redirect-warnings') || process.env.NODE_REDIRECT_WARNINGS;
    fd = null;
    if (!file) return false;
    try {
      fd = fs.openSync(require('path').resolve(file), 'a');
    } catch {
      return false;
    }
  }
  fs.writeSync(fd, `${text}\n`);
  return true;
}

function emitWarning(warning, type, code, ctor) {
  // Node's own order: options object, or type, code, constructor.
  let detail;
  if (type !== null && typeof type === 'object' && !Array.isArray(type)) {
    ctor = type.ctor;
    code = type.code;
    if (typeof type.detail === 'string') detail = type.detail;
    type = type.type || 'Warning';
  } else if (typeof type === 'function') {
    ctor = type;
    code = undefined;
    type = 'Warning';
  }
  if (type !== undefined) validateString(type, 'type');
  if (typeof code === 'function') {
    ctor = code;
    code = undefined;
  } else if (code !== undefined) {
    validateString(code, 'code');
  }
  if (typeof warning === 'string') {
    warning = createWarningObject(warning, type, code, ctor, detail);
  } else if (!(warning instanceof Error)) {
    throw new ERR_INVALID_ARG_TYPE('warning', ['Error', 'string'], warning);
  }
  if (warning.name === 'DeprecationWarning') {
    if (process.noDeprecation) return;
    if (process.throwDeprecation) {
      process.nextTick(() => {
        throw warning;
      });
      return;
    }
  }
  process.nextTick(() => process.emit('warning', warning));
}

function createWarningObject(warning, type, code, ctor, detail) {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const err = new Error(warning);
  Error.stackTraceLimit = limit;
  err.name = String(type || 'Warning');
  if (code !== undefined) err.code = code;
  if (detail !== undefined) err.detail = detail;
  Error.captureStackTrace(err, ctor || emitWarning);
  return err;
}

// For what is about to end the process.
function emitWarningNow(text) {
  process.emit('warning', createWarningObject(text));
}

module.exports = { onWarning, emitWarning, emitWarningNow, createWarningObject };
