'use strict';
// fs.watch, fs.watchFile and fs.promises.watch. Owns: FSWatcher, StatWatcher and the iterator. A tree is
// watched by internal/fs/recursive_watch; the kernel's half is internalBinding('fs_event').

const EventEmitter = require('events');
const {
  AbortError,
  codes: { ERR_FS_WATCH_QUEUE_OVERFLOW, ERR_INVALID_ARG_VALUE },
  uvException,
} = require('internal/errors');
const {
  validateAbortSignal, validateBoolean, validateFunction, validateIgnoreOption, validateInteger, validateObject,
  validateOneOf, validateUint32,
} = require('internal/validators');
const { isRegExp } = require('internal/util/types');
const { kEmptyObject } = require('internal/util');
const { assertEncoding, emptyStats, getOptions, getStats, getValidatedPath, statSink, toBuffer, wantsBytes } =
  require('internal/fs/utils');
const binding = internalBinding('fs');
const events = internalBinding('fs_event');

const kStart = Symbol('kFSWatchStart');

// --- one file or directory -------------------------------------------------------------------------

// An error of watching; libuv's text where it does not say what is wrong.
function watchError(errno, filename) {
  const messages = {
    '__proto__': null,
    '-28': 'System limit for number of file watchers reached',
    '-95': 'files inside this executable do not change and cannot be watched',
  };
  const error = uvException({ errno, syscall: 'watch', path: filename, message: messages[errno] });
  error.filename = filename;
  if (Error.stackTraceLimit) Error.captureStackTrace(error, watchError);
  return error;
}

// Starts watching `path`: tell(eventType, name, isSelf). Throws where it cannot.
function startWatching(path, encoding, tell) {
  const id = events.start(path, wantsBytes(encoding), (rename, name, isSelf) => {
    if (typeof name !== 'string') {
      name = toBuffer(name);
      if (encoding !== 'buffer') name = name.toString(encoding);
    }
    tell(rename ? 'rename' : 'change', name, isSelf);
  });
  if (id < 0) throw watchError(id, path);
  return id;
}

// (pattern | RegExp | function | array of these) => (filename) => whether it is left out
function createIgnoreMatcher(ignore) {
  if (ignore == null) return null;
  const matchers = (Array.isArray(ignore) ? ignore : [ignore]).map((one) => {
    if (typeof one === 'string') {
      const { createMatcher } = require('internal/fs/glob/pattern');
      return createMatcher(one, { matchBase: true, dot: true });
    }
    if (isRegExp(one)) return (filename) => one.exec(filename) !== null;
    return one;
  });
  return (filename) => matchers.some((matches) => matches(filename));
}

class FSWatcher extends EventEmitter {
  #id = -1;
  #ignored;
  #closed = false;

  constructor(ignore) {
    super();
    this.#ignored = createIgnoreMatcher(ignore);
  }

  // Begins.
  [kStart](filename, persistent, encoding) {
    this.#id = startWatching(filename, encoding, (eventType, name) => {
      if (name != null && this.#ignored?.(typeof name === 'string' ? name : name.toString())) return;
      this.emit('change', eventType, name);
    });
    if (!persistent) this.unref();
  }

  start() {}

  close() {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#id < 0) return;
    events.stop(this.#id);
    this.#id = -1;
    process.nextTick(emitClose, this);
  }

  ref() {
    if (this.#id >= 0) events.setRef(this.#id, true);
    return this;
  }

  unref() {
    if (this.#id >= 0) events.setRef(this.#id, false);
    return this;
  }
}

function emitClose(watcher) { watcher.emit('close'); }

function watch(filename, options, listener) {
  if (typeof options === 'function') listener = options;
  options = { __proto__: null, ...getOptions(options) };
  // A listener that is none is left out, as Node does.
  if (options.persistent === undefined) options.persistent = true;
  if (options.recursive === undefined) options.recursive = false;
  validateBoolean(options.recursive, 'options.recursive');
  validateIgnoreOption(options.ignore, 'options.ignore');
  filename = getValidatedPath(filename);

  let watcher;
  if (options.recursive) {
    const { RecursiveWatcher } = require('internal/fs/recursive_watch');
    watcher = new RecursiveWatcher(options, createIgnoreMatcher(options.ignore));
    watcher.begin(filename);
  } else {
    watcher = new FSWatcher(options.ignore);
    watcher[kStart](filename, options.persistent, options.encoding);
  }
  if (listener) watcher.addListener('change', listener);
  const { signal } = options;
  if (signal) {
    if (signal.aborted) {
      process.nextTick(() => watcher.close());
    } else {
      const onAbort = () => watcher.close();
      signal.addEventListener('abort', onAbort);
      watcher.once('close', () => signal.removeEventListener('abort', onAbort));
    }
  }
  return watcher;
}

// --- as an iterator --------------------------------------------------------------------------------

// fs.promises.watch: events as { eventType, filename }. Arguments are checked when it is first asked.
async function* watchIterator(filename, options = kEmptyObject) {
  const path = getValidatedPath(filename);
  validateObject(options, 'options');
  const {
    persistent = true,
    recursive = false,
    encoding = 'utf8',
    maxQueue = 2048,
    overflow = 'ignore',
    signal,
    ignore,
  } = options;
  validateBoolean(persistent, 'options.persistent');
  validateBoolean(recursive, 'options.recursive');
  validateInteger(maxQueue, 'options.maxQueue');
  validateOneOf(overflow, 'options.overflow', ['ignore', 'error']);
  validateAbortSignal(signal, 'options.signal');
  validateIgnoreOption(ignore, 'options.ignore');
  checkEncoding(encoding);
  if (signal?.aborted) throw new AbortError(undefined, { cause: signal.reason });

  const ignored = createIgnoreMatcher(ignore);
  const queue = [];
  let failure;
  let wake = () => {};
  const fail = (error) => {
    failure ??= error;
    wake();
  };
  const push = (eventType, name) => {
    if (name != null && ignored?.(typeof name === 'string' ? name : name.toString())) return;
    if (queue.length < maxQueue) {
      queue.push({ __proto__: null, eventType, filename: name });
      wake();
    } else if (overflow === 'error') {
      queue.length = 0;
      fail(new ERR_FS_WATCH_QUEUE_OVERFLOW(maxQueue));
    } else {
      process.emitWarning('fs.watch maxQueue exceeded');
    }
  };

  let stop;
  if (recursive) {
    const { RecursiveWatcher } = require('internal/fs/recursive_watch');
    const watcher = new RecursiveWatcher({ persistent, encoding }, null);
    watcher.begin(path);
    watcher.on('change', push);
    watcher.on('error', fail);
    stop = () => watcher.close();
  } else {
    const id = startWatching(path, encoding, push);
    if (!persistent) events.setRef(id, false);
    stop = () => events.stop(id);
  }
  const onAbort = () => fail(new AbortError(undefined, { cause: signal.reason }));
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    while (true) {
      while (queue.length > 0) yield queue.shift();
      if (failure !== undefined) throw failure;
      await new Promise((resolve) => { wake = resolve; });
    }
  } finally {
    stop();
    signal?.removeEventListener('abort', onAbort);
  }
}

function checkEncoding(encoding) {
  if (typeof encoding !== 'string') throw new ERR_INVALID_ARG_VALUE('encoding', encoding, 'is invalid encoding');
  assertEncoding(encoding);
}

// --- by looking again and again --------------------------------------------------------------------

// Fields whose change counts: mode, uid, gid, ino, size, dev, mtime, ctime, birthtime of the sink.
const kCompared = [0, 1, 3, 4, 7, 8, 12, 13, 14, 15, 16, 17];

class StatWatcher extends EventEmitter {
  #bigint;
  #path;
  #interval;
  #timer = null;
  #stopped = true;
  #persistent = true;
  #last = null; // The fields of the last look; null before the first
  #lastStatus = -1;
  #refs = 0;
  #maxRefs = 0;

  constructor(bigint) {
    super();
    this.#bigint = bigint;
  }

  // Looks now and then every `interval` milliseconds.
  begin(path, persistent, interval) {
    if (!this.#stopped) return;
    validateUint32(interval, 'interval');
    if (process.permission !== undefined) binding.existsSync(path);
    this.#path = path;
    this.#interval = interval;
    this.#stopped = false;
    this.#persistent = persistent;
    this.#look();
  }

  start() {}

  #look() {
    binding.stat(this.#path, statSink(this.#bigint), (errno) => {
      if (this.#stopped) return;
      this.#compare(errno);
      if (this.#stopped) return;
      this.#timer = require('timers').setTimeout(() => this.#look(), this.#interval);
      if (!this.#keepsAlive()) this.#timer.unref();
    });
  }

  #keepsAlive() { return this.#persistent && this.#refs > 0; }

  // What was seen, against what was seen before. A file that is not there is all zeros.
  #compare(errno) {
    const sink = statSink(this.#bigint);
    if (errno !== 0) sink.fill(this.#bigint ? 0n : 0);
    const fields = sink.slice();
    const before = this.#last;
    const statusBefore = this.#lastStatus;
    this.#last = fields;
    this.#lastStatus = errno;
    let changed;
    if (before === null) changed = errno !== 0;
    else if (errno !== 0) changed = errno !== statusBefore;
    else changed = statusBefore !== 0 || kCompared.some((i) => fields[i] !== before[i]);
    if (!changed) return;
    const current = getStats(this.#bigint);
    let previous;
    if (before === null) {
      previous = emptyStats(this.#bigint);
    } else {
      sink.set(before);
      previous = getStats(this.#bigint);
    }
    this.emit('change', current, previous);
  }

  stop() {
    if (this.#stopped) return;
    this.#stopped = true;
    require('timers').clearTimeout(this.#timer);
    this.#timer = null;
    process.nextTick((watcher) => watcher.emit('stop'), this);
  }

  // One watchFile() more or less holds the loop.
  addHolder() {
    this.#maxRefs++;
    this.ref();
  }

  removeHolder() {
    this.#maxRefs--;
    this.unref();
  }

  ref() {
    if (this.#refs < this.#maxRefs && this.#refs++ === 0 && this.#keepsAlive()) this.#timer?.ref();
    return this;
  }

  unref() {
    if (this.#refs > 0 && --this.#refs === 0) this.#timer?.unref();
    return this;
  }
}

const statWatchers = new Map();

function watchedPath(filename) {
  filename = getValidatedPath(filename);
  return require('path').resolve(typeof filename === 'string' ? filename : filename.toString());
}

function watchFile(filename, options, listener) {
  const path = watchedPath(filename);
  if (options === null || typeof options !== 'object') {
    listener = options;
    options = null;
  }
  // What users wrote first was poll intervals of NFS: 5007 is a prime.
  const { bigint = false, interval = 5007, persistent = true } = options ?? kEmptyObject;
  validateFunction(listener, 'listener');
  let watcher = statWatchers.get(path);
  watcher ??= new StatWatcher(bigint);
  watcher.addHolder();
  watcher.begin(path, persistent, interval);
  statWatchers.set(path, watcher);
  watcher.addListener('change', listener);
  return watcher;
}

function unwatchFile(filename, listener) {
  const path = watchedPath(filename);
  const watcher = statWatchers.get(path);
  if (watcher === undefined) return;
  if (typeof listener === 'function') {
    const before = watcher.listenerCount('change');
    watcher.removeListener('change', listener);
    if (watcher.listenerCount('change') < before) watcher.removeHolder();
  } else {
    watcher.removeAllListeners('change');
  }
  if (watcher.listenerCount('change') === 0) {
    watcher.stop();
    statWatchers.delete(path);
  }
}

module.exports = { FSWatcher, StatWatcher, startWatching, unwatchFile, watch, watchFile, watchIterator };
