'use strict';
// backup(): copies a database to a file, some pages at a time. The copying is native (binding `sqlite`).

const {
  checkFunction, checkObject, checkString, databasePath, isInt32, isObject, outOfRange, typeError,
} = require('internal/sqlite/arguments');
const { connectionOf } = require('internal/sqlite/database');
const binding = internalBinding('sqlite');

const SQLITE_OK = 0;
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_DONE = 101;

function step(handle, rate) {
  return new Promise((resolve) => {
    binding.backupStep(handle, rate, (result, remaining, total) => resolve({ result, remaining, total }));
  });
}

async function copy(connection, path, { source, target, rate, progress }) {
  const handle = binding.backupStart(connection, path, source, target);
  for (;;) {
    const { result, remaining, total } = await step(handle, rate);
    if (result === SQLITE_DONE) {
      binding.backupFinish(handle, false);
      return total;
    }
    if (result !== SQLITE_OK && result !== SQLITE_BUSY && result !== SQLITE_LOCKED) {
      binding.backupFinish(handle, true);
    }
    if (remaining === 0 || progress === undefined) continue;
    try {
      progress({ totalPages: total, remainingPages: remaining });
    } catch (error) {
      binding.backupFinish(handle, false);
      throw error;
    }
  }
}

// (sourceDb, path, { source, target, rate, progress }) => Promise of how many pages
function backup(sourceDb, path) {
  const options = arguments[2];
  if (!isObject(sourceDb)) throw typeError('The "sourceDb" argument must be an object.');
  const connection = connectionOf(sourceDb);
  const target = databasePath(path);
  const settings = { source: 'main', target: 'main', rate: 100, progress: undefined };
  if (options !== undefined) {
    checkObject(options, 'options');
    if (options.rate !== undefined) {
      if (!isInt32(options.rate)) throw typeError('The "options.rate" argument must be an integer.');
      if (options.rate <= 0) throw outOfRange('The "options.rate" argument must be a positive integer.');
      settings.rate = options.rate;
    }
    if (options.source !== undefined) settings.source = checkString(options.source, 'options.source');
    if (options.target !== undefined) settings.target = checkString(options.target, 'options.target');
    if (options.progress !== undefined) settings.progress = checkFunction(options.progress, 'options.progress');
  }
  return copy(connection, target, settings);
}

module.exports = { backup };
