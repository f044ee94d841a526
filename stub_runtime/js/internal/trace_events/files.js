'use strict';
// What trace events tell of file operations. Node's names; an operation that is one here and several in Node is told of as these.

const fs = internalBinding('fs');

// [the binding's function, steps of the synchronous form, steps of the other]
const OPERATIONS = [
  ['access', ['access'], ['access']],
  ['chmod', ['chmod'], ['chmod']],
  ['chown', ['chown'], ['chown']],
  ['close', ['close'], ['close']],
  ['copyFile', ['copyfile'], ['copyfile']],
  ['fchmod', ['fchmod'], ['fchmod']],
  ['fchown', ['fchown'], ['fchown']],
  ['fdatasync', ['fdatasync'], ['fdatasync']],
  ['fstat', ['fstat'], ['fstat']],
  ['fsync', ['fsync'], ['fsync']],
  ['ftruncate', ['ftruncate'], ['ftruncate']],
  ['futimes', ['futimes'], ['futime']],
  ['lchown', ['lchown'], ['lchown']],
  ['link', ['link'], ['link']],
  ['lstat', ['lstat'], ['lstat']],
  ['lutimes', ['lutimes'], ['lutime']],
  ['mkdir', ['mkdir'], ['mkdir']],
  ['mkdirAll', ['mkdir'], ['mkdir']],
  ['mkdtemp', ['mkdtemp'], ['mkdtemp']],
  ['open', ['open'], ['open']],
  ['read', ['read'], ['read']],
  ['readFile', ['open', 'fstat', 'read', 'close'], ['open', 'fstat', 'read', 'close']],
  ['readFileUtf8', ['open', 'read', 'close'], ['open', 'fstat', 'read', 'close']],
  ['readTree', ['readdir'], ['scandir']],
  ['readdir', ['readdir'], ['scandir']],
  ['readlink', ['readlink'], ['readlink']],
  ['readv', ['read'], ['read']],
  ['realpathNative', ['realpath'], ['realpath']],
  ['removeTree', ['rm'], ['rm']],
  ['rename', ['rename'], ['rename']],
  ['rmdir', ['rmdir'], ['rmdir']],
  ['stat', ['stat'], ['stat']],
  ['statfs', ['statfs'], ['statfs']],
  ['symlink', ['symlink'], ['symlink']],
  ['unlink', ['unlink'], ['unlink']],
  ['utimes', ['utimes'], ['utime']],
  ['writeBuffer', ['write'], ['write']],
  ['writeBuffers', ['write'], ['write']],
  ['writeFile', ['open', 'write', 'close'], ['open', 'write', 'close']],
  ['writeFileUtf8', ['open', 'write', 'close'], ['open', 'write', 'close']],
  ['writeString', ['write'], ['write']],
];

// The step that takes the time.
const LONG = new Set(['read', 'write']);
const PAIRS = {
  __proto__: null,
  copyFile: ['src', 'dest'],
  link: ['src', 'dest'],
  rename: ['old_path', 'new_path'],
  symlink: ['target', 'path'],
};

// Descriptors of folders: closing one is no closing of a file.
const folders = new Set();

const isCallback = (args) => typeof args.at(-1) === 'function';
const isFolder = (name, args) => name === 'close' && folders.has(args[0]);

function described(name, args) {
  if (name in PAIRS) return { [PAIRS[name][0]]: args[0], [PAIRS[name][1]]: args[1] };
  return typeof args[0] === 'string' ? { path: args[0] } : {};
}

// What a step is told to have ended with.
function ended(step, result) {
  if (typeof result !== 'number' || result < 0) return {};
  if (step === 'read') return { bytesRead: result };
  return step === 'write' ? { bytesWritten: result } : {};
}

function around(steps, args, bare, receiver, begin, end) {
  const long = steps.findIndex((step) => steps.length === 1 || LONG.has(step));
  for (const step of steps.slice(0, long)) end(step, begin(step));
  const id = begin(steps[long]);
  const finish = (result) => {
    end(steps[long], id, result);
    for (const step of steps.slice(long + 1)) end(step, begin(step));
  };
  if (!isCallback(args)) {
    const result = Reflect.apply(bare, receiver, args);
    finish(result);
    return result;
  }
  const callback = args.at(-1);
  return Reflect.apply(bare, receiver, [...args.slice(0, -1), (errno, result) => {
    finish(errno);
    return callback(errno, result);
  }]);
}

function sync(tell, wrap) {
  const begin = (step) => tell('B', `fs.sync.${step}`, undefined, {});
  const end = (step, id, result) => tell('E', `fs.sync.${step}`, undefined, ended(step, result));
  for (const [name, steps] of OPERATIONS) {
    wrap(tell, fs, name, (bare, receiver, args) => {
      if (isCallback(args) || isFolder(name, args)) return Reflect.apply(bare, receiver, args);
      return around(steps, args, bare, receiver, begin, end);
    });
  }
}

function async(tell, wrap, nextId) {
  for (const [name, , steps] of OPERATIONS) {
    wrap(tell, fs, name, (bare, receiver, args) => {
      if (!isCallback(args) || isFolder(name, args)) return Reflect.apply(bare, receiver, args);
      const begin = (step) => {
        const id = nextId();
        tell('b', step, id, described(name, args));
        return id;
      };
      const end = (step, id, errno) => tell('e', step, id, { result: typeof errno === 'number' ? errno : 0 });
      return around(steps, args, bare, receiver, begin, end);
    });
  }
}

const FOLDERS = { __proto__: null, opendir: 'opendir', readOpenDir: 'readdir', close: 'closedir' };

function folderSync(tell, wrap) {
  for (const name in FOLDERS) {
    wrap(tell, fs, name, (bare, receiver, args) => {
      if (isCallback(args) || (name === 'close' && !folders.has(args[0]))) return Reflect.apply(bare, receiver, args);
      const start = internalBinding('process').now();
      const result = Reflect.apply(bare, receiver, args);
      if (name === 'opendir' && result >= 0) folders.add(result);
      if (name === 'close') folders.delete(args[0]);
      tell('X', `fs_dir.sync.${FOLDERS[name]}`, undefined, {}, start);
      return result;
    });
  }
}

function folderAsync(tell, wrap, nextId) {
  for (const name in FOLDERS) {
    wrap(tell, fs, name, (bare, receiver, args) => {
      if (!isCallback(args) || (name === 'close' && !folders.has(args[0]))) return Reflect.apply(bare, receiver, args);
      const id = nextId();
      tell('b', FOLDERS[name], id, name === 'opendir' ? { path: args[0] } : {});
      const callback = args.at(-1);
      return Reflect.apply(bare, receiver, [...args.slice(0, -1), (errno, result) => {
        if (name === 'opendir' && errno === 0) folders.add(result);
        if (name === 'close') folders.delete(args[0]);
        tell('e', FOLDERS[name], id, { result: typeof errno === 'number' ? errno : 0 });
        return callback(errno, result);
      }]);
    });
  }
}

module.exports = { sync, async, folderSync, folderAsync };
