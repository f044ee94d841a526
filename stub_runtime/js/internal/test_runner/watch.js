'use strict';
// run() that goes on: a test file runs again when it or something that it loaded changes.
// Owns: which files run again. Does not own: running one (runner.js), which files it loaded (internal/watch).

const { once } = require('events');
const { isAbsolute, resolve } = require('path');
const { FilesWatcher } = require('internal/watch/files_watcher');

class TestWatch {
  #children = new Map();
  #running = new Map();
  #watcher;
  #root;
  #cwd;
  #files;
  #find;
  #run;

  // `find()` gives the test files where they were not named, `run(file)` a promise.
  constructor({ root, cwd, signal, files, find, run }) {
    this.#root = root;
    this.#cwd = cwd;
    this.#files = files;
    this.#find = find;
    this.#run = run;
    this.#watcher = new FilesWatcher({ __proto__: null, debounce: 200, mode: find === undefined ? 'filter' : 'all', signal });
    root.harness.watching = true;
    if (find !== undefined) this.#watcher.watchPath(cwd);
    this.#watcher.on('changed', ({ owners }) => this.#onChange(owners));
    signal?.addEventListener('abort', () => this.#end(), { __proto__: null, once: true });
  }

  start() {
    for (const file of this.#files) this.#start(file);
  }

  // A file's process tells what it loads.
  started(file, child) {
    this.#watcher.filterFile(resolve(this.#cwd, file), file);
    this.#children.set(file, child);
    this.#watcher.watchChildProcessModules(child, file);
  }

  #start(file) {
    const running = this.#run(file).catch(() => {}).finally(() => {
      if (this.#running.get(file) !== running) return;
      this.#running.delete(file);
      this.#children.delete(file);
      if (this.#running.size > 0) return;
      this.#root.reporter.send('test:watch:drained');
      this.#root.postRun();
    });
    this.#running.set(file, running);
  }

  #onChange(owners) {
    const again = new Set(owners);
    if (this.#find !== undefined) {
      const found = this.#find();
      for (const file of found) {
        if (this.#files.includes(file)) continue;
        again.add(file);
        this.#watcher.filterFile(isAbsolute(file) ? file : resolve(this.#cwd, file), file);
      }
      this.#files = found;
    }
    this.#watcher.unfilterFilesOwnedBy(owners);
    for (const file of this.#files) if (again.has(file)) this.#restart(file);
  }

  async #restart(file) {
    const child = this.#children.get(file);
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const exit = once(child, 'exit');
      child.kill();
      await exit;
    }
    await this.#running.get(file);
    if (this.#running.size === 0) this.#root.reporter.send('test:watch:restarted');
    this.#start(file);
  }

  #end() {
    this.#root.harness.watching = false;
    this.#root.postRun();
  }
}

module.exports = { TestWatch };
