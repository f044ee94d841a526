'use strict';
// `--trace-sync-io`: a warning with the stack for each synchronous call to the file system, and each child that is waited for, once the
// main module has run. It puts itself around the bindings' functions: a process without the option has the bare ones.

const { apply } = Reflect;

// Functions of `internalBinding('fs')` that wait for the disk where they have no callback.
const FILES = [
  'access', 'chmod', 'chown', 'close', 'copyFile', 'fchmod', 'fchown', 'fdatasync', 'fstat', 'fsync', 'ftruncate', 'futimes', 'lchown',
  'link', 'lstat', 'lutimes', 'mkdir', 'mkdirAll', 'mkdtemp', 'open', 'opendir', 'read', 'readFile', 'readFileUtf8', 'readOpenDir',
  'readTree', 'readdir', 'readlink', 'readv', 'realpath', 'realpathNative', 'removeTree', 'rename', 'rmdir', 'stat', 'statfs', 'symlink',
  'unlink', 'utimes', 'writeBuffer', 'writeBuffers', 'writeFile', 'writeFileUtf8', 'writeString',
];

function warn(above) {
  const holder = {};
  Error.captureStackTrace(holder, above);
  const frames = `${holder.stack}`.split('\n').slice(1).join('\n');
  internalBinding('errors').writeStderr(`(node:${process.pid}) WARNING: Detected use of sync API\n${frames}\n\n`);
}

function watch(binding, name) {
  const bare = binding[name];
  binding[name] = function traced(...args) {
    if (typeof args.at(-1) !== 'function') warn(traced);
    return apply(bare, binding, args);
  };
}

function install() {
  for (const name of FILES) watch(internalBinding('fs'), name);
  watch(internalBinding('spawn_sync'), 'spawn');
}

module.exports = { install };
