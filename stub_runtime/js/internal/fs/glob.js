'use strict';
// fs.glob: names that fit patterns. Owns: the walk through directories, written once as a generator that
// asks for what it needs; the synchronous and the asynchronous driver answer it. Symlinks are followed
// where a pattern names them, by wildcards only with `followSymlinks`.

const { join, resolve, relative, basename, dirname, isAbsolute } = require('path');
const { validateBoolean, validateObject, validateString, validateStringArray } = require('internal/validators');
const { codes: { ERR_INVALID_ARG_TYPE } } = require('internal/errors');
const { Dirent, direntFromStats } = require('internal/fs/dirent');
const { getStats, makeCallback, statSink } = require('internal/fs/utils');
const { GLOBSTAR, createMatcher, expandBraces, matchesSegment, parsePattern, withoutParents } = require('internal/fs/glob/pattern');
const { kEmptyObject } = require('internal/util');
const binding = internalBinding('fs');


// --- what is asked of the file system --------------------------------------------------------------

const ask = {
  // The Dirents of a directory, none where it cannot be read
  list: (path) => ({ list: path }),
  // A Dirent of what is at the path itself, or null
  look: (path) => ({ look: path }),
  // Whether the path leads to a directory, through links
  isDirectory: (path) => ({ isDirectory: path }),
  // The path without links, or null
  real: (path) => ({ real: path }),
};

function toDirents(path, result) {
  if (typeof result === 'number' || result === undefined) return [];
  const { 0: names, 1: kinds } = result;
  return names.map((name, i) => new Dirent(name, kinds[i], path));
}

function answerSync(question) {
  try {
    return look(question);
  } catch {
    // The permission model refuses to look: there is nothing there.
    return question.list !== undefined ? [] : null;
  }
}

function look(question) {
  if (question.list !== undefined) return toDirents(question.list, binding.readdir(question.list, true, false));
  if (question.isDirectory !== undefined) return binding.internalModuleStat(question.isDirectory) === 1;
  if (question.real !== undefined) return textOrNull(binding.realpathNative(question.real, false));
  if (binding.lstat(question.look, statSink(false)) !== undefined) return null;
  return direntOf(question.look);
}

function textOrNull(result) { return typeof result === 'string' ? result : null; }

function direntOf(path) { return direntFromStats(basename(path), dirname(path), getStats(false)); }

function answer(question) {
  return new Promise((done) => {
    if (question.list !== undefined) {
      binding.readdir(question.list, true, false, (errno, result) => done(toDirents(question.list, result)));
    } else if (question.isDirectory !== undefined) {
      const path = question.isDirectory;
      binding.stat(path, statSink(false), (errno) => done(errno === 0 && getStats(false).isDirectory()));
    } else if (question.real !== undefined) {
      binding.realpathNative(question.real, false, (errno, result) => done(textOrNull(result)));
    } else {
      binding.lstat(question.look, statSink(false), (errno) => done(errno === 0 ? direntOf(question.look) : null));
    }
  });
}

// --- the walk --------------------------------------------------------------------------------------

class Walk {
  #root;
  #withFileTypes;
  #followSymlinks;
  #excludeFunction;
  #excluded = [];
  #found = new Set();

  constructor(options) {
    const { cwd, exclude, followSymlinks = false, withFileTypes } = options;
    const { toPathIfFileURL } = require('internal/url');
    this.#root = toPathIfFileURL(cwd) ?? '.';
    resolve(this.#root);
    validateBoolean(followSymlinks, 'options.followSymlinks');
    this.#followSymlinks = followSymlinks;
    this.#withFileTypes = !!withFileTypes;
    if (exclude == null) return;
    if (Array.isArray(exclude)) {
      validateStringArray(exclude, 'options.exclude');
      this.#excluded = exclude.map((pattern) => {
        const absolute = isAbsolute(pattern);
        return { absolute, matches: createMatcher(absolute ? pattern : pattern.replace(/^(?:\.\/+)+/, '')) };
      });
    } else if (typeof exclude === 'function') {
      this.#excludeFunction = exclude;
    } else {
      throw new ERR_INVALID_ARG_TYPE('options.exclude', ['function', 'string[]'], exclude);
    }
  }

  #full(path) { return isAbsolute(path) ? path : join(this.#root, path); }

  #isExcluded(path, dirent) {
    if (this.#excludeFunction !== undefined) {
      return this.#excludeFunction(this.#withFileTypes ? dirent : path);
    }
    if (this.#excluded.length === 0) return false;
    const full = resolve(this.#full(path));
    const below = relative(resolve(this.#root), full);
    return this.#excluded.some(({ absolute, matches }) => {
      const subject = absolute ? full : below;
      if (!absolute && (subject.startsWith('..') || isAbsolute(subject))) return false;
      // A directory is left out with all that is in it.
      return matches(subject) || matches(`${subject}/`);
    });
  }

  // Yields questions and results; `look` is asked for a result without a Dirent at hand.
  * run(pattern) {
    for (const one of expandBraces(pattern)) yield* this.#walk(withoutParents(parsePattern(one)));
  }

  * #result(path, dirent, isIncluded = false) {
    if (this.#found.has(path)) return;
    if (dirent === undefined && (this.#withFileTypes || this.#excludeFunction !== undefined)) {
      dirent = (yield ask.look(this.#full(path))) ?? undefined;
    }
    if (!isIncluded && this.#isExcluded(path, dirent)) return;
    this.#found.add(path);
    yield { result: this.#withFileTypes ? dirent : path };
  }

  * #walk(segments) {
    const last = segments.length - 1;
    let start = '.';
    let first = 0;
    if (segments[0] === '' && last > 0) {
      start = '/';
      first = 1;
    } else if (segments[0] === '' || (last === 0 && (segments[0] === '.' || segments[0] === '..'))) {
      return;
    }
    const seen = new Set();
    // [path, states, the real path of each link on the way to it, whether it is one of the directories above it]
    const stack = [[start, new Set([first]), [], false]];
    while (stack.length > 0) {
      const { 0: path, 1: given, 2: links, 3: isCycle } = stack.pop();
      const states = new Set();
      for (const state of given) {
        const key = `${state}:${path}`;
        if (seen.has(key)) continue;
        seen.add(key);
        states.add(state);
      }
      // A set may grow while it is walked: `**` also stands for nothing, `.` for the same place.
      for (const state of states) {
        const segment = segments[state];
        if (segment === GLOBSTAR) {
          if (state < last) states.add(state + 1);
          else if (path !== '.' || segments[0] === '.') yield* this.#result(path);
          else if (last === 0 && (yield ask.look(resolve(this.#root))) !== null) yield* this.#result(path);
        } else if (segment === '.') {
          if (state < last) states.add(state + 1);
          else yield* this.#result(path);
        } else if (segment === '..') {
          const parent = join(path, '..');
          if (state < last) stack.push([parent, new Set([state + 1]), links, false]);
          else yield* this.#result(parent);
        } else if (segment === '' && state === last) {
          yield* this.#result(path);
        }
      }
      // What wildcards would find in a cycle was found above it.
      const rest = [...states].filter((state) => (isCycle ? typeof segments[state] === 'string' : true) &&
        !['.', '..', ''].includes(segments[state]));
      if (rest.length > 0) yield* this.#children(path, rest, segments, stack, links);
    }
  }

  // Whether a link that leads to a directory leads to one above itself.
  * #isCycle(path, real, links) {
    if (links.includes(real)) return true;
    const above = yield ask.real(dirname(path));
    return above !== null && (above === real || above.startsWith(real === '/' ? real : `${real}/`));
  }

  // Matches what is in `path` against the states, and pushes the directories to go on with.
  * #children(path, states, segments, stack, links) {
    const last = segments.length - 1;
    const full = this.#full(path);
    const named = states.every((state) => typeof segments[state] === 'string');
    let entries;
    if (named) {
      entries = [];
      for (const name of new Set(states.map((state) => segments[state]))) {
        const entry = yield ask.look(join(full, name));
        if (entry !== null) entries.push(entry);
      }
    } else {
      entries = yield ask.list(full);
    }
    for (const entry of entries) {
      const { name } = entry;
      const child = join(path, name);
      const next = new Set();
      let isResult = false;
      let isDirectory = entry.isDirectory();
      let isCycle = false;
      let through = links;
      if (this.#followSymlinks && entry.isSymbolicLink() && (yield ask.isDirectory(this.#full(child)))) {
        isDirectory = true;
        const real = yield ask.real(this.#full(child));
        isCycle = yield* this.#isCycle(this.#full(child), real, links);
        through = [...links, real];
      }
      for (const state of states) {
        const segment = segments[state];
        if (!matchesSegment(segment, name, false)) continue;
        if (segment === GLOBSTAR) {
          if (isDirectory && !(isCycle && state < last)) next.add(state);
          else if (state === last) isResult = true;
          // What comes behind `**` is looked for where it was found.
          else if (isCycle && (segments[0] === '.' || ['', name].includes(segments[state + 1]))) next.add(state + 1);
        } else if (state === last) {
          isResult = true;
        } else if (isDirectory || (entry.isSymbolicLink() && (named || segments[state + 1] === '..'))) {
          next.add(state + 1);
        }
      }
      if (!isResult && next.size === 0) continue;
      if (this.#isExcluded(child, entry)) continue;
      if (isResult) yield* this.#result(child, entry, true);
      if (next.size === 0) continue;
      if (!isDirectory && !(yield ask.isDirectory(this.#full(child)))) continue;
      stack.push([child, next, through, isCycle]);
    }
  }
}

// --- drivers ---------------------------------------------------------------------------------------

function begin(pattern, options) {
  validateObject(options, 'options');
  const patterns = typeof pattern === 'object' ? pattern : [pattern];
  if (typeof pattern === 'object') validateStringArray(pattern, 'patterns');
  else validateString(pattern, 'patterns');
  return { walk: new Walk(options), patterns };
}

function globSync(pattern, options = kEmptyObject) {
  const { walk, patterns } = begin(pattern, options);
  const out = [];
  for (const one of patterns) {
    const steps = walk.run(one);
    for (let step = steps.next(); !step.done;) {
      if ('result' in step.value) {
        out.push(step.value.result);
        step = steps.next();
      } else {
        step = steps.next(answerSync(step.value));
      }
    }
  }
  return out;
}

async function* iterate({ walk, patterns }) {
  for (const one of patterns) {
    const steps = walk.run(one);
    for (let step = steps.next(); !step.done;) {
      if ('result' in step.value) {
        yield step.value.result;
        step = steps.next();
      } else {
        step = steps.next(await answer(step.value));
      }
    }
  }
}

// fs.promises.glob: an AsyncIterator
async function* globIterator(pattern, options = kEmptyObject) {
  yield* iterate(begin(pattern, options));
}

function glob(pattern, options, callback) {
  if (typeof options === 'function') {
    callback = options;
    options = undefined;
  }
  callback = makeCallback(callback);
  const started = begin(pattern, options ?? kEmptyObject);
  Array.fromAsync(iterate(started)).then(
    (found) => process.nextTick(callback, null, found),
    (error) => process.nextTick(callback, error));
}

// path.matchesGlob
function matchGlobPattern(path, pattern, windows) {
  validateString(path, 'path');
  validateString(pattern, 'pattern');
  return createMatcher(pattern, { windows })(path);
}

module.exports = { glob, globIterator, globSync, matchGlobPattern };
