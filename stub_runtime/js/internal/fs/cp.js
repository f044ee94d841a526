'use strict';
// fs.cp: copies files and trees. Owns: the algorithm, written once as a generator that yields calls of
// fs (`['lstat', path]`), and its two drivers. The two differ in how they see a symlink at the top and in
// the class of some errors, as Node's do: see `checkSync`.

const { dirname, isAbsolute, join, parse, resolve, sep } = require('path');
const {
  codes: {
    ERR_FS_CP_DIR_TO_NON_DIR,
    ERR_FS_CP_EEXIST,
    ERR_FS_CP_EINVAL,
    ERR_FS_CP_FIFO_PIPE,
    ERR_FS_CP_NON_DIR_TO_DIR,
    ERR_FS_CP_SOCKET,
    ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY,
    ERR_FS_CP_UNKNOWN,
    ERR_FS_EISDIR,
    ERR_INVALID_RETURN_VALUE,
  },
} = require('internal/errors');
const { getValidatedPath, validateCpOptions } = require('internal/fs/utils');
const { isPromise } = require('internal/util/types');
const binding = internalBinding('fs');

const errnos = { EINVAL: 22, EEXIST: 17, EISDIR: 21, ENOTDIR: 20 };

function fail(Type, code, message, path) {
  throw new Type({ message, path, syscall: 'cp', errno: errnos[code], code });
}

// What Node throws from its native check of cpSync: an Error with a code and no more.
function failPlainly(code, message) {
  const error = new Error(message);
  error.code = code;
  throw error;
}

function sameFile(a, b) { return a.ino && a.dev && a.ino === b.ino && a.dev === b.dev; }

// Whether `dest` is `src` or below it, by the text.
function isBelow(src, dest) {
  const from = resolve(src).split(sep).filter(Boolean);
  const to = resolve(dest).split(sep).filter(Boolean);
  return from.every((part, i) => to[i] === part);
}

// --- checks ----------------------------------------------------------------------------------------

// Stats of source and destination, undefined where there is no destination.
function* statBoth(src, dest, options) {
  const stat = options.dereference ? 'stat' : 'lstat';
  const srcStat = yield [stat, src, { bigint: true }];
  let destStat;
  try {
    destStat = yield [stat, dest, { bigint: true }];
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return { srcStat, destStat };
}

// { srcStat, destStat, skipped } of a pair, after what can be said against it.
function* checkPaths(src, dest, options) {
  if (options.filter && !(yield ['filter', src, dest])) return { skipped: true };
  const { srcStat, destStat } = yield* statBoth(src, dest, options);
  if (destStat) {
    if (sameFile(srcStat, destStat)) {
      fail(ERR_FS_CP_EINVAL, 'EINVAL', 'src and dest cannot be the same', dest);
    }
    if (srcStat.isDirectory() && !destStat.isDirectory()) {
      fail(ERR_FS_CP_DIR_TO_NON_DIR, 'EISDIR', `cannot overwrite non-directory ${dest} with directory ${src}`, dest);
    }
    if (!srcStat.isDirectory() && destStat.isDirectory()) {
      fail(ERR_FS_CP_NON_DIR_TO_DIR, 'ENOTDIR', `cannot overwrite directory ${dest} with non-directory ${src}`, dest);
    }
  }
  if (srcStat.isDirectory() && isBelow(src, dest)) {
    fail(ERR_FS_CP_EINVAL, 'EINVAL', `cannot copy ${src} to a subdirectory of self ${dest}`, dest);
  }
  return { srcStat, destStat, skipped: false };
}

// The destination may be below the source by way of a symlink that the text does not show.
function* checkParents(src, srcStat, dest) {
  const srcParent = resolve(dirname(src));
  let parent = resolve(dirname(dest));
  while (parent !== srcParent && parent !== parse(parent).root) {
    let stat;
    try {
      stat = yield ['stat', parent, { bigint: true }];
    } catch (error) {
      if (error.code === 'ENOENT') return;
      throw error;
    }
    if (sameFile(srcStat, stat)) {
      fail(ERR_FS_CP_EINVAL, 'EINVAL', `cannot copy ${src} to a subdirectory of self ${dest}`, dest);
    }
    parent = resolve(dirname(parent));
  }
}

// The same for cpSync, which looks through a symlink at the top where it asks what is a directory.
function* checkSync(src, dest, options) {
  const { srcStat, destStat } = yield* statBoth(src, dest, options);
  const kind = (path, stat) => (stat === undefined ? -1 : binding.internalModuleStat(path));
  const srcIsDirectory = kind(src, srcStat) === 1;
  const destIsDirectory = kind(dest, destStat) === 1;
  if (destStat) {
    const there = destStat.isSymbolicLink() ? yield ['stat', dest, { bigint: true, throwIfNoEntry: false }] : destStat;
    const here = srcStat.isSymbolicLink() ? yield ['stat', src, { bigint: true, throwIfNoEntry: false }] : srcStat;
    if (there && here && sameFile(here, there)) failPlainly('ERR_FS_CP_EINVAL', `src and dest cannot be the same ${dest}`);
    if (srcIsDirectory && !(destIsDirectory && (options.dereference || !destStat.isSymbolicLink()))) {
      failPlainly('ERR_FS_CP_DIR_TO_NON_DIR', `Cannot overwrite non-directory ${dest} with directory ${src}`);
    }
    if (!srcIsDirectory && destStat.isDirectory()) {
      failPlainly('ERR_FS_CP_NON_DIR_TO_DIR', `Cannot overwrite directory ${dest} with non-directory ${src}`);
    }
  }
  const withSlash = src.endsWith(sep) ? src : src + sep;
  if (srcIsDirectory && isBelow(binding.realpath(src, false), dest)) {
    failPlainly('ERR_FS_CP_EINVAL', `Cannot copy ${withSlash} to a subdirectory of self ${dest}`);
  }
  try {
    yield* checkParents(src, options.dereference ? srcStat : yield ['stat', src, { bigint: true }], dest);
  } catch (error) {
    if (error.code !== 'ERR_FS_CP_EINVAL') {
      if (error.code === 'ENOENT') return { srcStat, destStat, skipped: false };
      throw error;
    }
    failPlainly('ERR_FS_CP_EINVAL', `Cannot copy ${withSlash} to a subdirectory of self ${dest}`);
  }
  if (srcIsDirectory && !options.recursive) {
    failPlainly('ERR_FS_EISDIR', `Recursive option not enabled, cannot copy a directory: ${withSlash}`);
  }
  if (srcStat.isSocket()) failPlainly('ERR_FS_CP_SOCKET', `Cannot copy a socket file: ${dest}`);
  if (srcStat.isFIFO()) failPlainly('ERR_FS_CP_FIFO_PIPE', `Cannot copy a FIFO pipe: ${dest}`);
  return { srcStat, destStat, skipped: false };
}

// --- copying ---------------------------------------------------------------------------------------

function* copy(src, dest, options, sync) {
  let checked;
  if (sync) {
    if (options.filter && !(yield ['filter', src, dest])) return;
    checked = yield* checkSync(src, dest, options);
  } else {
    checked = yield* checkPaths(src, dest, options);
    if (checked.skipped) return;
    yield* checkParents(src, checked.srcStat, dest);
  }
  const parent = dirname(dest);
  if (binding.internalModuleStat(parent) !== 1) yield ['mkdir', parent, { recursive: true }];
  yield* copyOne(checked, src, dest, options);
}

function* copyOne({ srcStat, destStat }, src, dest, options) {
  if (srcStat.isDirectory()) {
    if (!options.recursive) fail(ERR_FS_EISDIR, 'EISDIR', `${src} is a directory (not copied)`, src);
    yield* copyDirectory(srcStat, destStat, src, dest, options);
  } else if (srcStat.isFile() || srcStat.isCharacterDevice() || srcStat.isBlockDevice()) {
    yield* copyFile(srcStat, destStat, src, dest, options);
  } else if (srcStat.isSymbolicLink()) {
    yield* copyLink(destStat, src, dest, options);
  } else if (srcStat.isSocket()) {
    fail(ERR_FS_CP_SOCKET, 'EINVAL', `cannot copy a socket file: ${dest}`, dest);
  } else if (srcStat.isFIFO()) {
    fail(ERR_FS_CP_FIFO_PIPE, 'EINVAL', `cannot copy a FIFO pipe: ${dest}`, dest);
  } else {
    fail(ERR_FS_CP_UNKNOWN, 'EINVAL', `cannot copy an unknown file type: ${dest}`, dest);
  }
}

function* copyFile(srcStat, destStat, src, dest, options) {
  if (destStat) {
    if (!options.force) {
      if (options.errorOnExist) fail(ERR_FS_CP_EEXIST, 'EEXIST', `${dest} already exists`, dest);
      return;
    }
    yield ['unlink', dest];
  }
  yield ['copyFile', src, dest, options.mode];
  const mode = Number(srcStat.mode) & 0o7777;
  if (options.preserveTimestamps) {
    // A file that cannot be written to can be given no times.
    if ((mode & 0o200) === 0) yield ['chmod', dest, mode | 0o200];
    // The copy has changed when the source was last read.
    const { atime, mtime } = yield ['stat', src];
    yield ['utimes', dest, atime, mtime];
  }
  // The tree inside the executable is read-only, copies of it are not: copyFile has given them a mode.
  if (!binding.isEmbedded(src)) yield ['chmod', dest, mode];
}

function* copyDirectory(srcStat, destStat, src, dest, options) {
  if (!destStat) {
    yield ['mkdir', dest];
  } else if (options.errorOnExist && !options.force) {
    fail(ERR_FS_CP_EEXIST, 'EEXIST', `${dest} already exists`, dest);
  }
  for (const name of yield ['readdir', src]) {
    const from = join(src, name);
    const to = join(dest, name);
    const checked = yield* checkPaths(from, to, options);
    if (!checked.skipped) yield* copyOne(checked, from, to, options);
  }
  if (!destStat && !binding.isEmbedded(src)) yield ['chmod', dest, Number(srcStat.mode) & 0o7777];
}

function* copyLink(destStat, src, dest, options) {
  let target = yield ['readlink', src];
  if (!options.verbatimSymlinks && !isAbsolute(target)) target = resolve(dirname(src), target);
  if (!destStat) {
    yield ['symlink', target, dest];
    return;
  }
  let existing;
  try {
    existing = yield ['readlink', dest];
  } catch (error) {
    if (error.code !== 'EINVAL' && error.code !== 'UNKNOWN') throw error;
    // No link: making one fails, with the right error.
    yield ['symlink', target, dest];
    return;
  }
  if (!isAbsolute(existing)) existing = resolve(dirname(dest), existing);
  const stat = yield ['stat', src];
  if (stat.isDirectory() && isBelow(target, existing)) {
    fail(ERR_FS_CP_EINVAL, 'EINVAL', `cannot copy ${target} to a subdirectory of self ${existing}`, dest);
  }
  // Removing the old link would take away what the new one leads to.
  if (stat.isDirectory() && isBelow(existing, target)) {
    fail(ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY, 'EINVAL', `cannot overwrite ${existing} with ${target}`, dest);
  }
  yield ['unlink', dest];
  yield ['symlink', target, dest];
}

// --- drivers ---------------------------------------------------------------------------------------

function text(path) { return typeof path === 'string' ? path : path.toString(); }

function prepare(src, dest, options) {
  options = validateCpOptions(options);
  return [text(getValidatedPath(src, 'src')), text(getValidatedPath(dest, 'dest')), options];
}

function cpSync(src, dest, options) {
  const fs = require('internal/fs/sync');
  const { 0: from, 1: to, 2: checked } = prepare(src, dest, options);
  const steps = copy(from, to, checked, true);
  let step = steps.next();
  while (!step.done) {
    const [name, ...args] = step.value;
    let result;
    try {
      result = name === 'filter' ? filterSync(checked, args) : Reflect.apply(fs[`${name}Sync`], fs, args);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(result);
  }
}

function filterSync(options, args) {
  const result = Reflect.apply(options.filter, options, args);
  if (isPromise(result)) throw new ERR_INVALID_RETURN_VALUE('boolean', 'filter', result);
  return result;
}

async function cpPromise(src, dest, options) {
  const { exports: fs } = require('internal/fs/promises');
  const { 0: from, 1: to, 2: checked } = prepare(src, dest, options);
  const steps = copy(from, to, checked, false);
  let step = steps.next();
  while (!step.done) {
    const [name, ...args] = step.value;
    let result;
    try {
      result = await Reflect.apply(name === 'filter' ? checked.filter : fs[name], fs, args);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(result);
  }
}

function cpCallback(src, dest, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  const { makeCallback } = require('internal/fs/utils');
  callback = makeCallback(callback);
  // Arguments are checked while the caller looks on.
  prepare(src, dest, options);
  cpPromise(src, dest, options).then(
    (result) => process.nextTick(callback, null, result), (error) => process.nextTick(callback, error));
}

module.exports = { cpCallback, cpPromise, cpSync };
