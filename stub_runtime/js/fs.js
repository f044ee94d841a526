'use strict';
// `node:fs`: the list of what it exports. Owns nothing else: the functions are in internal/fs/. Promises,
// streams, directories, cp, rm, glob and watching are loaded when they are first used.

const callbacks = require('internal/fs/callbacks');
const sync = require('internal/fs/sync');
const { realpath, realpathSync } = require('internal/fs/realpath');
const { Dirent, Stats, getValidatedPath, toUnixTimestamp } = require('internal/fs/utils');
const { deprecate, kEmptyObject } = require('internal/util');
const { validateObject, validateString } = require('internal/validators');
const { constants } = internalBinding('fs');

function cp(src, dest, options, callback) {
  require('internal/fs/cp').cpCallback(src, dest, options, callback);
}

function cpSync(src, dest, options) {
  require('internal/fs/cp').cpSync(src, dest, options);
}

function createReadStream(path, options) {
  const { ReadStream } = require('fs');
  return new ReadStream(path, options);
}

function createWriteStream(path, options) {
  const { WriteStream } = require('fs');
  return new WriteStream(path, options);
}

function glob(pattern, options, callback) {
  require('internal/fs/glob').glob(pattern, options, callback);
}

function globSync(pattern, options) {
  return require('internal/fs/glob').globSync(pattern, options);
}

function openAsBlob(path, options = kEmptyObject) {
  return Promise.resolve(openAsBlobSync(path, options));
}

function openAsBlobSync(path, options = kEmptyObject) {
  validateObject(options, 'options');
  const type = options.type || '';
  validateString(type, 'options.type');
  return require('internal/blob').createBlobFromFilePath(getValidatedPath(path), { type });
}

function opendir(path, options, callback) {
  require('internal/fs/dir').opendir(path, options, callback);
}

function opendirSync(path, options) {
  return require('internal/fs/dir').opendirSync(path, options);
}

function rm(path, options, callback) {
  require('internal/fs/rm').rm(path, options, callback);
}

function rmSync(path, options) {
  require('internal/fs/rm').rmSync(path, options);
}

function watch(filename, options, listener) {
  return require('internal/fs/watchers').watch(filename, options, listener);
}

function watchFile(filename, options, listener) {
  return require('internal/fs/watchers').watchFile(filename, options, listener);
}

function unwatchFile(filename, listener) {
  require('internal/fs/watchers').unwatchFile(filename, listener);
}

module.exports = {
  appendFile: callbacks.appendFile,
  appendFileSync: sync.appendFileSync,
  access: callbacks.access,
  accessSync: sync.accessSync,
  chown: callbacks.chown,
  chownSync: sync.chownSync,
  chmod: callbacks.chmod,
  chmodSync: sync.chmodSync,
  close: callbacks.close,
  closeSync: sync.closeSync,
  copyFile: callbacks.copyFile,
  copyFileSync: sync.copyFileSync,
  cp,
  cpSync,
  createReadStream,
  createWriteStream,
  exists: callbacks.exists,
  existsSync: sync.existsSync,
  fchown: callbacks.fchown,
  fchownSync: sync.fchownSync,
  fchmod: callbacks.fchmod,
  fchmodSync: sync.fchmodSync,
  fdatasync: callbacks.fdatasync,
  fdatasyncSync: sync.fdatasyncSync,
  fstat: callbacks.fstat,
  fstatSync: sync.fstatSync,
  fsync: callbacks.fsync,
  fsyncSync: sync.fsyncSync,
  ftruncate: callbacks.ftruncate,
  ftruncateSync: sync.ftruncateSync,
  futimes: callbacks.futimes,
  futimesSync: sync.futimesSync,
  glob,
  globSync,
  lchown: callbacks.lchown,
  lchownSync: sync.lchownSync,
  // Links have no mode on Linux.
  lchmod: undefined,
  lchmodSync: undefined,
  link: callbacks.link,
  linkSync: sync.linkSync,
  lstat: callbacks.lstat,
  lstatSync: sync.lstatSync,
  lutimes: callbacks.lutimes,
  lutimesSync: sync.lutimesSync,
  mkdir: callbacks.mkdir,
  mkdirSync: sync.mkdirSync,
  mkdtemp: callbacks.mkdtemp,
  mkdtempSync: sync.mkdtempSync,
  mkdtempDisposableSync: sync.mkdtempDisposableSync,
  open: callbacks.open,
  openSync: sync.openSync,
  openAsBlob,
  openAsBlobSync,
  readdir: callbacks.readdir,
  readdirSync: sync.readdirSync,
  read: callbacks.read,
  readSync: sync.readSync,
  readv: callbacks.readv,
  readvSync: sync.readvSync,
  readFile: callbacks.readFile,
  readFileSync: sync.readFileSync,
  readlink: callbacks.readlink,
  readlinkSync: sync.readlinkSync,
  realpath,
  realpathSync,
  rename: callbacks.rename,
  renameSync: sync.renameSync,
  rm,
  rmSync,
  rmdir: callbacks.rmdir,
  rmdirSync: sync.rmdirSync,
  stat: callbacks.stat,
  statfs: callbacks.statfs,
  statSync: sync.statSync,
  statfsSync: sync.statfsSync,
  symlink: callbacks.symlink,
  symlinkSync: sync.symlinkSync,
  truncate: callbacks.truncate,
  truncateSync: sync.truncateSync,
  unwatchFile,
  unlink: callbacks.unlink,
  unlinkSync: sync.unlinkSync,
  utimes: callbacks.utimes,
  utimesSync: sync.utimesSync,
  watch,
  watchFile,
  writeFile: callbacks.writeFile,
  writeFileSync: sync.writeFileSync,
  write: callbacks.write,
  writeSync: sync.writeSync,
  writev: callbacks.writev,
  writevSync: sync.writevSync,
  Dirent,
  Stats: deprecate(Stats, 'fs.Stats constructor is deprecated.', 'DEP0180'),
};

// A getter that loads, and where `assign` says so a setter: programs replace the stream classes.
function lazy(name, load, assign) {
  let value;
  const get = function() { return value ??= load(); };
  const set = assign ? function(replacement) { value = replacement; } : undefined;
  for (const accessor of [get, set]) {
    if (accessor === undefined) continue;
    Object.defineProperty(accessor, 'name', { __proto__: null, value: name, configurable: true });
  }
  Object.defineProperty(module.exports, name, { __proto__: null, configurable: true, enumerable: true, get, set });
}

const streams = () => require('internal/fs/streams');
lazy('ReadStream', () => streams().ReadStream, true);
lazy('WriteStream', () => streams().WriteStream, true);
lazy('FileReadStream', () => streams().ReadStream, true);
lazy('FileWriteStream', () => streams().WriteStream, true);
lazy('Utf8Stream', () => require('internal/fs/utf8_stream'));
module.exports._toUnixTimestamp = toUnixTimestamp;
lazy('Dir', () => require('internal/fs/dir').Dir);
module.exports.opendir = opendir;
module.exports.opendirSync = opendirSync;
Object.defineProperty(module.exports, 'constants', {
  __proto__: null, configurable: false, enumerable: true, value: constants,
});
lazy('promises', () => require('internal/fs/promises').exports);
