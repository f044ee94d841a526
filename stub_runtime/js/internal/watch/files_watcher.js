'use strict';
// Files that are watched for a program or for tests, each for the owners that depend on it.
// Owns: which files count, changes that come together. Does not own: watching itself (fs.watch).

const EventEmitter = require('events');
const { dirname, resolve } = require('path');

// Emits 'changed' with { owners: Set, eventType, trigger }.
class FilesWatcher extends EventEmitter {
  #folders = new Map();
  // File => those who depend on it.
  #files = new Map();
  #reporters = new Map();
  #timer;
  #owners = new Set();
  #debounce;
  #mode;

  // mode: 'filter' counts only the files that were named, 'all' everything below the watched paths.
  constructor({ debounce = 200, mode = 'filter', signal } = { __proto__: null }) {
    super({ __proto__: null, captureRejections: true });
    this.#debounce = debounce;
    this.#mode = mode;
    signal?.addEventListener('abort', () => this.clear(), { once: true });
  }

  #onChange(path, eventType) {
    const owners = this.#files.get(path);
    if (this.#mode === 'filter' && owners === undefined) return;
    owners?.forEach((owner) => this.#owners.add(owner));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const changed = this.#owners;
      this.#owners = new Set();
      this.emit('changed', { owners: changed, eventType, trigger: path });
    }, this.#debounce);
  }

  // A folder with all below it, or a file.
  watchPath(path, recursive = true) {
    const watched = this.#folders.get(path);
    if (watched?.recursive || watched?.recursive === recursive) return;
    watched?.watcher.close();
    const fs = require('fs');
    const isFolder = fs.statSync(path).isDirectory();
    const watcher = fs.watch(path, { recursive: recursive && isFolder }, (eventType, name) => {
      this.#onChange(isFolder ? resolve(path, name ?? '') : path, eventType);
    });
    // A folder that goes away tells nothing any more.
    watcher.on('error', () => this.#folders.delete(path));
    this.#folders.set(path, { recursive, watcher });
  }

  // The folder is watched, not the file: editors put a new file in the place of the old one.
  filterFile(file, owner) {
    if (!this.#files.has(file)) {
      this.#files.set(file, new Set());
      try {
        this.watchPath(dirname(file), false);
      } catch {
        // No such folder.
      }
    }
    if (owner !== undefined) this.#files.get(file).add(owner);
  }

  unfilterFilesOwnedBy(owners) {
    for (const [file, of] of this.#files) {
      owners.forEach((owner) => of.delete(owner));
      if (of.size === 0) this.#files.delete(file);
    }
  }

  clearFileFilters() {
    this.#files.clear();
  }

  // What the child says that it loads (report.js).
  watchChildProcessModules(child, owner) {
    const onMessage = (message) => {
      try {
        message?.['watch:require']?.forEach((file) => this.filterFile(file, owner));
        const { fileURLToPath } = require('internal/url');
        message?.['watch:import']?.forEach((url) => this.filterFile(fileURLToPath(url), owner));
      } catch {
        // The program's own message.
      }
    };
    child.on('message', onMessage);
    this.#reporters.set(child, onMessage);
  }

  destroyIPC(child) {
    const onMessage = this.#reporters.get(child);
    if (onMessage !== undefined) child.off('message', onMessage);
    this.#reporters.delete(child);
  }

  clear() {
    for (const { watcher } of this.#folders.values()) watcher.close();
    this.#folders.clear();
    this.#files.clear();
    clearTimeout(this.#timer);
  }
}

module.exports = { FilesWatcher };
