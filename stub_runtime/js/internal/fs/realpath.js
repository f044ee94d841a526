'use strict';
// realpath and its `native` variant. Where the path leads nowhere, the plain one says which part of it
// is at fault, as a walk by lstat finds it.

const { resolve, dirname } = require('path');
const { decodeName, getOptions, getValidatedPath, makeCallback, wantsBytes } = require('internal/fs/utils');
const { asyncError, request, syncError, whenResult } = require('internal/fs/outcome');
const binding = internalBinding('fs');

// realpath() takes anything that has a text.
function textPath(path) {
  if (typeof path !== 'string' && !(path !== null && typeof path === 'object')) path = `${path}`;
  path = getValidatedPath(path);
  return resolve(typeof path === 'string' ? path : path.toString());
}

// The tree inside the executable is one piece: above its root is a file, which a walk would trip over.
const kEmbeddedRoot = '/proc/self/exe/app';

// [what needs no walk, the parts after it] of an absolute path.
function splitRoot(path) {
  const root = binding.isEmbedded(path) ? kEmbeddedRoot : '/';
  return [root, path.slice(root.length).split('/').filter((part) => part !== '')];
}

// [errno, path, syscall] of the first part that cannot be reached. Symlinks have been followed: what fails behind
// one is told by where it leads to.
function blame(path, errno) {
  let { 0: real, 1: rest } = splitRoot(path);
  for (let links = 0; rest.length > 0 && links < 100;) {
    const here = real === '/' ? `/${rest[0]}` : `${real}/${rest[0]}`;
    const sink = require('internal/fs/stats').statSink(false);
    const result = binding.lstat(here, sink);
    if (result < 0) return [result, here];
    rest = rest.slice(1);
    if ((sink[1] & 0o170000) !== 0o120000) {
      real = here;
      continue;
    }
    links++;
    const stat = binding.stat(here, sink);
    if (stat < 0) return [stat, here, 'stat'];
    const type = sink[1] & 0o170000;
    const target = binding.readlink(here, false);
    if (typeof target !== 'string') return [target, here, 'readlink'];
    // A pipe or socket of /proc leads to a name that is nowhere: as far as a path goes, this is it.
    if (type === 0o010000 || type === 0o140000) return [0, resolve(dirname(here), target, ...rest)];
    const { 0: root, 1: parts } = splitRoot(resolve(dirname(here), target));
    rest = [...parts, ...rest];
    real = root;
  }
  return [errno, path];
}

function realpathSync(path, options) {
  const { encoding } = getOptions(options);
  path = textPath(path);
  const result = binding.realpath(path, wantsBytes(encoding));
  if (typeof result !== 'number') return decodeName(result, encoding);
  const { 0: errno, 1: at, 2: syscall = 'lstat' } = blame(path, result);
  if (errno === 0) return at;
  throw syncError(errno, syscall, at);
}

realpathSync.native = (path, options) => {
  const { encoding } = getOptions(options);
  path = getValidatedPath(path);
  const result = binding.realpathNative(path, wantsBytes(encoding));
  if (typeof result !== 'number') return decodeName(result, encoding);
  throw syncError(result, 'realpath', path);
};

function realpath(path, options, callback) {
  callback = makeCallback(typeof options === 'function' ? options : callback);
  const { encoding } = getOptions(options);
  path = textPath(path);
  binding.realpath(path, wantsBytes(encoding), request((errno, name) => {
    if (errno === 0) {
      callback(null, decodeName(name, encoding));
      return;
    }
    const { 0: failed, 1: at, 2: syscall = 'lstat' } = blame(path, errno);
    if (failed === 0) callback(null, at);
    else callback(asyncError(failed, syscall, at));
  }));
}

realpath.native = (path, options, callback) => {
  callback = makeCallback(callback || options);
  const { encoding } = getOptions(options);
  path = getValidatedPath(path);
  binding.realpathNative(path, wantsBytes(encoding),
    whenResult(callback, 'realpath', path, (name) => decodeName(name, encoding)));
};

module.exports = { realpath, realpathSync };
