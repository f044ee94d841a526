'use strict';
// opendir and Dir: a directory read in parts. The handle is a descriptor of the directory.

const {
  codes: { ERR_DIR_CLOSED, ERR_DIR_CONCURRENT_OPERATION, ERR_INVALID_THIS, ERR_MISSING_ARGS },
} = require('internal/errors');
const { validateFunction, validateUint32 } = require('internal/validators');
const { Dirent, joinPath } = require('internal/fs/dirent');
const { decodeName, getOptions, getValidatedPath, wantsBytes } = require('internal/fs/utils');
const { asyncError, promiseOf, request, syncError } = require('internal/fs/outcome');
const binding = internalBinding('fs');

// Closes the directories that a program forgot.
let registry;

function closeForgotten(fd) {
  binding.close(fd);
  process.emitWarning('Closing directory handle on garbage collection');
}

function watchForForgotten(dir, fd) {
  registry ??= new FinalizationRegistry(closeForgotten);
  registry.register(dir, fd, dir);
}

class Dir {
  #fd;
  #path;
  #options;
  // Dirents that were read and not given yet.
  #buffered = [];
  // Directories to go on with (recursive), innermost last.
  #pending = [];
  // Operations that wait for the one under way; null while there is none.
  #queue = null;
  #closed = false;
  #ended = false;

  constructor(fd, path, options) {
    if (fd == null) throw new ERR_MISSING_ARGS('handle');
    this.#fd = fd;
    this.#path = path;
    this.#options = { bufferSize: 32, ...getOptions(options, { encoding: 'utf8' }) };
    try {
      validateUint32(this.#options.bufferSize, 'options.bufferSize', true);
    } catch (error) {
      binding.close(fd);
      throw error;
    }
    watchForForgotten(this, fd);
  }

  get path() {
    if (!(#path in this)) throw new ERR_INVALID_THIS('Dir');
    return this.#path;
  }

  // Puts what the binding read from `path` into the buffer; queues the directories in it.
  #take(path, { 0: names, 1: kinds }) {
    for (let i = 0; i < names.length; i++) {
      const dirent = new Dirent(decodeName(names[i], this.#options.encoding), kinds[i], path);
      this.#buffered.push(dirent);
      if (this.#options.recursive && dirent.isDirectory()) this.#pending.push(joinPath(path, names[i]));
    }
  }

  read(callback) {
    if (callback === undefined) return new Promise((resolve, reject) => this.#read((e, r) => (e ? reject(e) : resolve(r))));
    validateFunction(callback, 'callback');
    this.#read(callback);
  }

  #read(callback) {
    if (this.#closed) throw new ERR_DIR_CLOSED();
    if (this.#queue !== null) {
      this.#queue.push(() => this.#read(callback));
      return;
    }
    if (this.#buffered.length > 0) {
      try {
        this.#expand();
      } catch (error) {
        process.nextTick(callback, error);
        return;
      }
      process.nextTick(callback, null, this.#buffered.shift());
      return;
    }
    if (this.#ended) {
      process.nextTick(callback, null, null);
      return;
    }
    this.#queue = [];
    binding.readOpenDir(this.#fd, this.#options.bufferSize, wantsBytes(this.#options.encoding), request((errno, result) => {
      process.nextTick(() => {
        const queue = this.#queue;
        this.#queue = null;
        for (const next of queue) next();
      });
      if (errno !== 0) {
        callback(asyncError(errno, 'scandir', this.#path));
        return;
      }
      try {
        this.#take(this.#path, result);
        this.#expand();
      } catch (error) {
        callback(error);
        return;
      }
      if (this.#buffered.length === 0) this.#ended = true;
      callback(null, this.#buffered.shift() ?? null);
    }));
  }

  // Reads the directories below, as far as something is missing in the buffer.
  #expand() {
    while (this.#pending.length > 0) {
      const path = this.#pending.shift();
      const result = binding.readdir(path, true, wantsBytes(this.#options.encoding));
      if (typeof result === 'number') throw syncError(result, 'opendir', path);
      this.#take(path, result);
    }
  }

  readSync() {
    if (this.#closed) throw new ERR_DIR_CLOSED();
    if (this.#queue !== null) throw new ERR_DIR_CONCURRENT_OPERATION();
    if (this.#buffered.length === 0 && !this.#ended) {
      const result = binding.readOpenDir(this.#fd, this.#options.bufferSize, wantsBytes(this.#options.encoding));
      if (typeof result === 'number') throw syncError(result, 'scandir', this.#path);
      this.#take(this.#path, result);
    }
    this.#expand();
    if (this.#buffered.length === 0) this.#ended = true;
    return this.#buffered.shift() ?? null;
  }

  close(callback) {
    if (callback === undefined) {
      if (this.#closed) return Promise.reject(new ERR_DIR_CLOSED());
      return new Promise((resolve, reject) => this.close((error) => (error ? reject(error) : resolve())));
    }
    validateFunction(callback, 'callback');
    if (this.#closed) {
      process.nextTick(callback, new ERR_DIR_CLOSED());
      return;
    }
    if (this.#queue !== null) {
      this.#queue.push(() => this.close(callback));
      return;
    }
    this.#markClosed();
    binding.close(this.#fd, request((errno) => {
      if (errno === 0) callback(null);
      else callback(asyncError(errno, 'closedir', this.#path));
    }));
  }

  closeSync() {
    if (this.#closed) throw new ERR_DIR_CLOSED();
    if (this.#queue !== null) throw new ERR_DIR_CONCURRENT_OPERATION();
    this.#markClosed();
    const result = binding.close(this.#fd);
    if (result < 0) throw syncError(result, 'closedir', this.#path);
  }

  #markClosed() {
    this.#closed = true;
    registry.unregister(this);
  }

  async* entries() {
    try {
      while (true) {
        const dirent = await this.read();
        if (dirent === null) break;
        yield dirent;
      }
    } finally {
      await this.close();
    }
  }

  [Symbol.dispose]() {
    if (this.#closed) return;
    this.closeSync();
  }

  async [Symbol.asyncDispose]() {
    if (this.#closed) return;
    await this.close();
  }
}

Object.defineProperty(Dir.prototype, Symbol.asyncIterator, {
  __proto__: null, value: Dir.prototype.entries, enumerable: false, writable: true, configurable: true,
});

function opendir(path, options, callback) {
  callback = typeof options === 'function' ? options : callback;
  validateFunction(callback, 'callback');
  path = getValidatedPath(path);
  options = getOptions(options, { encoding: 'utf8' });
  binding.opendir(path, request((errno, fd) => {
    if (errno !== 0) {
      callback(asyncError(errno, 'opendir', path));
      return;
    }
    let dir;
    try {
      dir = new Dir(fd, path, options);
    } catch (error) {
      callback(error);
      return;
    }
    callback(null, dir);
  }));
}

function opendirSync(path, options) {
  path = getValidatedPath(path);
  options = getOptions(options, { encoding: 'utf8' });
  const fd = binding.opendir(path);
  if (fd < 0) throw syncError(fd, 'opendir');
  return new Dir(fd, path, options);
}

// Promise<Dir>
async function opendirPromise(path, options) {
  path = getValidatedPath(path);
  options = getOptions(options, { encoding: 'utf8' });
  const fd = await promiseOf((done) => binding.opendir(path, done), 'opendir', path);
  return new Dir(fd, path, options);
}

module.exports = { Dir, opendir, opendirPromise, opendirSync };
