'use strict';
// Which function of a binding needs which permission. Owns: the guards, put in place of the functions when the process starts with
// the permission model. Does not own: what is granted, the errors (`internal/process/permission`).
//
// Where a refused call has a callback, it gets the error where an errno would be (`internal/fs/outcome` passes it on).

const { denial, refusal, refuses } = require('internal/process/permission');

const { apply } = Reflect;

// Of <fcntl.h>.
const O_ACCMODE = 3;
const O_RDONLY = 0;
const O_WRONLY = 1;
const O_CHANGES = 0o100 | 0o1000 | 0o2000;

function textOf(path) {
  return typeof path === 'string' ? path : Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString();
}

function readable(path, caller, hint) {
  path = textOf(path);
  return denial('fs.read', path, path, caller, hint);
}

function writable(path, caller) {
  path = textOf(path);
  return denial('fs.write', path, path, caller);
}

function opened(file, flags, caller) {
  if (typeof file === 'number') return undefined;
  const mode = flags & O_ACCMODE;
  const error = mode === O_WRONLY ? undefined : readable(file, caller);
  return error ?? (mode !== O_RDONLY || (flags & O_CHANGES) !== 0 ? writable(file, caller) : undefined);
}

const reads = (args, caller) => readable(args[0], caller);
const writes = (args, caller) => writable(args[0], caller);
const opens = (args, caller) => opened(args[0], args[1], caller);
const both = (args, caller) => readable(args[0], caller) ?? writable(args[0], caller);
// An open file's own attributes: nobody knows what path it was opened by.
const never = (name) => (args, caller) =>
  (refuses() ? refusal(`${name} API is disabled when Permission Model is enabled.`, caller) : undefined);

const FS = {
  __proto__: null,
  access: reads,
  open: opens,
  opendir: reads,
  readFile: opens,
  readFileUtf8: (args, caller) => opened(args[0], args[1] ?? O_RDONLY, caller),
  writeFile: (args, caller) => opened(args[0], args[2], caller),
  writeFileUtf8: (args, caller) => opened(args[0], args[2], caller),
  stat: reads,
  lstat: (args, caller) => readable(args[0], caller, false),
  statfs: reads,
  existsSync: reads,
  readdir: reads,
  readTree: reads,
  readlink: reads,
  realpathNative: reads,
  chmod: writes,
  chown: writes,
  lchown: writes,
  utimes: writes,
  lutimes: writes,
  unlink: writes,
  rmdir: writes,
  removeTree: writes,
  mkdir: writes,
  mkdirAll: writes,
  mkdtemp: writes,
  link: (args, caller) => both(args, caller) ?? writable(args[1], caller),
  rename: (args, caller) => both(args, caller) ?? writable(args[1], caller),
  copyFile: (args, caller) => readable(args[0], caller) ?? writable(args[1], caller),
  // Where a link leads can change with every folder on the way.
  symlink: (args, caller) => {
    if (denial('fs.read') === undefined && denial('fs.write') === undefined) return undefined;
    return refusal('fs.symlink API requires full fs.read and fs.write permissions.', caller);
  },
  fchmod: never('fchmod'),
  fchown: never('fchown'),
  futimes: never('futimes'),
  fsync: never('fsync'),
  fdatasync: never('fdatasync'),
};

const needs = (scope, resource = () => '') => (args, caller) => denial(scope, undefined, resource(args), caller);
const net = (at) => needs('net', (args) => `${args[at]}`);

const GUARDS = {
  __proto__: null,
  fs: FS,
  v8: { writeHeapSnapshot: writes },
  process: { chdir: reads },
};

// These give the error as if it were an errno.
const RETURNED = {
  __proto__: null,
  tcp: { connect: net(2) },
  pipe: { connect: net(2) },
  udp: { bind: net(1), connect: net(1) },
};

// And these throw, though some have a callback, which is for what comes later.
const THROWN = {
  __proto__: null,
  fs_event: { start: reads },
  tcp: { bind: needs('net'), listen: needs('net') },
  pipe: { bind: net(1) },
};

function put(binding, name, needed, isReturned, isThrown) {
  const bare = binding[name];
  function guard(...args) {
    const error = needed(args, guard);
    if (error === undefined) return apply(bare, binding, args);
    if (isReturned) return error;
    const callback = args.at(-1);
    if (isThrown || typeof callback !== 'function') throw error;
    callback(error);
  }
  binding[name] = guard;
}

// What the runtime reads for itself is answered as if it were not there.
function putPackageJson(binding) {
  const bare = binding.readPackageJson;
  binding.readPackageJson = (path) => (readable(path, put) === undefined ? bare(path) : -13);
}

function install() {
  for (const table of [GUARDS, RETURNED, THROWN]) {
    for (const name of Object.keys(table)) {
      const binding = internalBinding(name);
      for (const fn of Object.keys(table[name])) put(binding, fn, table[name][fn], table === RETURNED, table === THROWN);
    }
  }
  putPackageJson(internalBinding('fs'));
}

module.exports = { install };
