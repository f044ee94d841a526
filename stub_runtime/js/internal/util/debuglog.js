'use strict';
// util.debuglog(): loggers that NODE_DEBUG switches on, by section name with * as wildcard; and the
// rendering of durations that console.time() shares.

// Section name -> test; made from NODE_DEBUG on first need, never while the image is built.
let testEnabled;
const loggers = new Map();

function initializeDebugEnv(debugEnv) {
  loggers.clear();
  if (!debugEnv) {
    testEnabled = () => false;
    return;
  }
  const pattern = debugEnv
    .replace(/[|\\{}()[\]^$+?.]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll(',', '$|^');
  const regexp = new RegExp(`^${pattern}$`, 'i');
  testEnabled = (section) => regexp.test(section);
}

function isEnabled(section) {
  if (testEnabled === undefined) initializeDebugEnv(process.env.NODE_DEBUG);
  return testEnabled(section);
}

// The function that writes lines of an enabled section.
function sectionLogger(section) {
  let logger = loggers.get(section);
  if (logger === undefined) {
    if (section === 'HTTP' || section === 'HTTP2') {
      process.emitWarning(`Setting the NODE_DEBUG environment variable to '${section.toLowerCase()}' can expose ` +
        'sensitive data (such as passwords, tokens and authentication headers) in the resulting log.');
    }
    logger = (...args) => {
      const { formatWithOptions } = require('internal/util/inspect');
      const { shouldColorize } = require('internal/util/colors');
      const colors = shouldColorize(process.stderr);
      const text = formatWithOptions({ colors }, ...args);
      const pid = colors ? formatWithOptions({ colors }, process.pid) : `${process.pid}`;
      process.stderr.write(formatWithOptions({ colors }, '%s %s: %s\n', section, pid, text));
    };
    loggers.set(section, logger);
  }
  return logger;
}

function debuglog(set, callback) {
  let enabled;
  let write;

  function init() {
    if (enabled !== undefined) return;
    set = String(set).toUpperCase();
    enabled = isEnabled(set);
    if (enabled) write = sectionLogger(set);
  }

  const logger = (...args) => {
    if (enabled === undefined) {
      init();
      if (typeof callback === 'function') callback(debug);
    }
    if (enabled) write(...args);
  };
  // What the callback gets: no more checks than needed.
  const debug = (...args) => {
    if (enabled) write(...args);
  };
  const descriptor = {
    __proto__: null,
    get() {
      init();
      return enabled;
    },
    configurable: true,
    enumerable: true,
  };
  Object.defineProperty(logger, 'enabled', descriptor);
  Object.defineProperty(debug, 'enabled', descriptor);
  return logger;
}

const kSecond = 1000;
const kMinute = 60 * kSecond;
const kHour = 60 * kMinute;

function pad(value) {
  return `${value}`.padStart(2, '0');
}

// Milliseconds as text: '0.5ms', '1.500s', '1:01.000 (m:ss.mmm)'.
function formatTime(ms) {
  let hours = 0;
  let minutes = 0;
  let seconds = 0;
  if (ms >= kSecond) {
    if (ms >= kMinute) {
      if (ms >= kHour) {
        hours = Math.floor(ms / kHour);
        ms %= kHour;
      }
      minutes = Math.floor(ms / kMinute);
      ms %= kMinute;
    }
    seconds = ms / kSecond;
  }
  if (hours !== 0 || minutes !== 0) {
    const { 0: whole, 1: fraction } = seconds.toFixed(3).split('.');
    return hours !== 0 ?
      `${hours}:${pad(minutes)}:${pad(whole)}.${fraction} (h:mm:ss.mmm)` :
      `${minutes}:${pad(whole)}.${fraction} (m:ss.mmm)`;
  }
  if (seconds !== 0) return `${seconds.toFixed(3)}s`;
  return `${Number(ms.toFixed(3))}ms`;
}

module.exports = { debuglog, formatTime, initializeDebugEnv };
