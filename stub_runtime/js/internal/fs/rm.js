'use strict';
// rm: removal of files and trees. The binding does the walking.

const { getValidatedPath, makeCallback, rmDirectoryError, statSink, validateRmOptions } = require('internal/fs/utils');
const { asyncError, request, syncError } = require('internal/fs/outcome');
const binding = internalBinding('fs');

const kTypeMask = 0o170000;
const kDirectory = 0o040000;
const kGone = -2;

// What is at the path, by the mode that lstat gave: true if a directory would need `recursive`.
function isDirectory() {
  return (statSink(false)[1] & kTypeMask) === kDirectory;
}

function rmSync(path, options) {
  path = getValidatedPath(path);
  options = validateRmOptions(options);
  const found = binding.lstat(path, statSink(false));
  if (found < 0) {
    if (options.force && found === kGone) return;
    throw syncError(found, 'lstat', path);
  }
  if (isDirectory() && !options.recursive) throw rmDirectoryError(path);
  const failed = binding.removeTree(path, options.maxRetries, options.retryDelay);
  if (typeof failed === 'number') throw syncError(failed, 'rm', path);
  if (failed !== undefined) throw syncError(failed[0], failed[1], failed[2]);
}

// callback(error or null), after the arguments were checked.
function remove(path, options, callback) {
  binding.lstat(path, statSink(false), request((errno) => {
    if (errno !== 0) {
      if (options.force && errno === kGone) callback(null);
      else callback(asyncError(errno, 'lstat', path));
      return;
    }
    if (isDirectory() && !options.recursive) {
      const limit = Error.stackTraceLimit;
      Error.stackTraceLimit = 0;
      const error = rmDirectoryError(path);
      Error.stackTraceLimit = limit;
      callback(error);
      return;
    }
    binding.removeTree(path, options.maxRetries, options.retryDelay, (errno, failed) => {
      if (errno !== 0) callback(asyncError(errno, 'rm', path));
      else if (failed !== undefined) callback(asyncError(failed[0], failed[1], failed[2]));
      else callback(null);
    });
  }));
}

function rm(path, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  path = getValidatedPath(path);
  options = validateRmOptions(options);
  callback = makeCallback(callback);
  remove(path, options, callback);
}

async function rmPromise(path, options) {
  path = getValidatedPath(path);
  options = validateRmOptions(options);
  await new Promise((resolve, reject) => {
    remove(path, options, (error) => (error ? reject(error) : resolve()));
  });
}

module.exports = { rm, rmPromise, rmSync };
