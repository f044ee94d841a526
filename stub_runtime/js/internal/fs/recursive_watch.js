'use strict';
// fs.watch of a tree: one watch of the kernel for each directory in it, added and dropped as directories
// come and go. Symlinks are not followed.

const EventEmitter = require('events');
const { join, relative, basename } = require('path');
const { Buffer } = require('buffer');
const events = internalBinding('fs_event');
const binding = internalBinding('fs');

class RecursiveWatcher extends EventEmitter {
  #root;
  #options;
  #ignored;
  #ids = new Map(); // Path of a directory => its watch
  #closed = false;
  #unreferenced = false;

  // `ignored` tells which names, relative to the root, are left out.
  constructor(options, ignored) {
    super();
    this.#options = options;
    this.#ignored = ignored;
  }

  begin(root) {
    this.#root = typeof root === 'string' ? root : root.toString();
    this.#unreferenced = this.#options.persistent === false;
    const { startWatching } = require('internal/fs/watchers');
    if (binding.internalModuleStat(this.#root) !== 1) {
      // A file, or nothing: one watch, whose error is the caller's.
      const id = startWatching(this.#root, 'utf8', (eventType, name) => this.#tell(eventType, name));
      this.#keep(this.#root, id);
      return;
    }
    this.#keep(this.#root, startWatching(this.#root, 'utf8', this.#listener(this.#root)));
    this.#addBelow(this.#root, false);
  }

  start() {}

  #keep(path, id) {
    this.#ids.set(path, id);
    if (this.#unreferenced) events.setRef(id, false);
  }

  #tell(eventType, name) {
    if (this.#closed || this.#ignored?.(name)) return;
    const { encoding } = this.#options;
    if (encoding && encoding !== 'utf8' && encoding !== 'utf-8') {
      name = Buffer.from(name);
      if (encoding !== 'buffer') name = name.toString(encoding);
    }
    this.emit('change', eventType, name);
  }

  // What is done with the events of one directory.
  #listener(directory) {
    return (eventType, name, isSelf) => {
      if (this.#closed) return;
      if (isSelf) {
        // Of a directory below, its parent tells.
        if (directory === this.#root) this.#tell(eventType, basename(directory));
        return;
      }
      const path = join(directory, name);
      this.#tell(eventType, relative(this.#root, path));
      if (eventType !== 'rename' || this.#closed) return;
      if (this.#isDirectory(path)) {
        if (!this.#ids.has(path)) this.#add(path, true);
      } else {
        this.#dropFrom(path);
      }
    };
  }

  #isDirectory(path) {
    const { statSink } = require('internal/fs/utils');
    return binding.lstat(path, statSink(false)) === undefined && (statSink(false)[1] & 0o170000) === 0o040000;
  }

  // Watches a directory that came; what is in it already came with it.
  #add(path, announce) {
    const { startWatching } = require('internal/fs/watchers');
    try {
      this.#keep(path, startWatching(path, 'utf8', this.#listener(path)));
    } catch (error) {
      // Gone again, or not ours to see.
      if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR' && error.code !== 'EACCES') this.emit('error', error);
      return;
    }
    this.#addBelow(path, announce);
  }

  #addBelow(directory, announce) {
    const found = binding.readdir(directory, true, false);
    if (typeof found === 'number') return;
    const { 0: names, 1: kinds } = found;
    for (let i = 0; i < names.length && !this.#closed; i++) {
      const path = join(directory, names[i]);
      if (announce) this.#tell('rename', relative(this.#root, path));
      if (kinds[i] === 2 && !this.#ids.has(path)) this.#add(path, announce);
    }
  }

  #dropFrom(path) {
    if (!this.#ids.has(path)) return;
    for (const [directory, id] of this.#ids) {
      if (directory === path || directory.startsWith(`${path}/`)) {
        events.stop(id);
        this.#ids.delete(directory);
      }
    }
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    for (const id of this.#ids.values()) events.stop(id);
    this.#ids.clear();
    process.nextTick((watcher) => watcher.emit('close'), this);
  }

  ref() {
    this.#unreferenced = false;
    for (const id of this.#ids.values()) events.setRef(id, true);
    return this;
  }

  unref() {
    this.#unreferenced = true;
    for (const id of this.#ids.values()) events.setRef(id, false);
    return this;
  }
}

Object.defineProperty(RecursiveWatcher, 'name', { __proto__: null, value: 'FSWatcher' });

module.exports = { RecursiveWatcher };
