'use strict';
// StatementSync, its iterators and SQLTagStore. Parameters and rows are native (binding `sqlite`).

const {
  booleanOption, checkBoolean, checkObject, checkString, coded, illegalConstructor, invalidState, outOfRange, typeError,
} = require('internal/sqlite/arguments');
const binding = internalBinding('sqlite');

const kMake = Symbol('kMake');

// Bits of the binding's `mode`.
const BIG_INTS = 1;
const BARE_NAMES = 2;
const UNKNOWN_NAMES = 4;
const ARRAYS = 8;

// SQLite's SQLITE_STMTSTATUS_*
const counters = {
  __proto__: null,
  fullscanStep: 1, sort: 2, autoindex: 3, vmStep: 4, reprepare: 5, run: 6, filterMiss: 7, filterHit: 8, memused: 99,
};

function hasInstance(Class) {
  return `The receiver must be an instance of ${Class}`;
}

let startIteration;

class StatementSync {
  #handle;
  #mode;
  // A statement keeps its database.
  #database;
  // Counts resets: an iterator that an other call reset is invalid.
  #generation = 0;

  constructor(make, handle, mode, database) {
    if (make !== kMake) throw illegalConstructor();
    this.#handle = handle;
    this.#mode = mode;
    this.#database = database;
    Object.defineProperties(this, {
      sourceSQL: {
        __proto__: null, configurable: true, enumerable: true, get: () => binding.sourceSQL(this.#open()),
      },
      expandedSQL: {
        __proto__: null, configurable: true, enumerable: true, get: () => binding.expandedSQL(this.#open()),
      },
    });
  }

  #open() {
    if (binding.isFinalized(this.#handle)) throw invalidState('statement has been finalized');
    return this.#handle;
  }

  iterate(...parameters) {
    const handle = this.#open();
    this.#generation++;
    binding.bind(handle, this.#mode, ...parameters);
    const generation = this.#generation;
    return startIteration({
      check: () => this.#open(),
      next: () => {
        if (generation !== this.#generation) throw invalidState('iterator was invalidated');
        return binding.step(handle, this.#mode);
      },
      end: () => {
        if (generation === this.#generation) binding.reset(handle);
      },
    });
  }

  all(...parameters) {
    const handle = this.#open();
    this.#generation++;
    return binding.all(handle, this.#mode, ...parameters);
  }

  get(...parameters) {
    const handle = this.#open();
    this.#generation++;
    return binding.get(handle, this.#mode, ...parameters);
  }

  run(...parameters) {
    const handle = this.#open();
    this.#generation++;
    const [changes, lastInsertRowid] = binding.run(handle, this.#mode, ...parameters);
    return { changes, lastInsertRowid };
  }

  columns() {
    return binding.columns(this.#open());
  }

  stat(counter) {
    const handle = this.#open();
    if (counter === undefined) throw typeError('The "counter" argument must be a string.');
    checkString(counter, 'counter');
    if (counters[counter] === undefined) {
      throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', 'The "counter" argument is not a valid statistic name.');
    }
    return binding.status(handle, counters[counter], false);
  }

  resetStats() {
    const handle = this.#open();
    for (const name of Object.keys(counters)) binding.status(handle, counters[name], true);
  }

  setAllowBareNamedParameters(enabled) {
    this.#set(BARE_NAMES, enabled, 'allowBareNamedParameters');
  }

  setAllowUnknownNamedParameters(enabled) {
    this.#set(UNKNOWN_NAMES, enabled, 'enabled');
  }

  setReadBigInts(enabled) {
    this.#set(BIG_INTS, enabled, 'readBigInts');
  }

  setReturnArrays(enabled) {
    this.#set(ARRAYS, enabled, 'returnArrays');
  }

  #set(bit, enabled, name) {
    this.#open();
    if (checkBoolean(enabled, name)) this.#mode |= bit;
    else this.#mode &= ~bit;
  }

  close() {
    binding.finalize(this.#open());
  }

  [Symbol.dispose]() {
    if (!binding.isFinalized(this.#handle)) binding.finalize(this.#handle);
  }
}

// Iterators of rows: Iterator.prototype's helpers, `next` and `return` of their own.
const rows = new WeakMap();
const RowIteratorPrototype = {
  __proto__: Iterator.prototype,
  next() {
    const state = rows.get(this);
    if (state === undefined) throw new TypeError(hasInstance('StatementSyncIterator'));
    state.check();
    const row = state.done ? undefined : state.next();
    if (row === undefined) {
      state.done = true;
      return { __proto__: null, done: true, value: null };
    }
    return { __proto__: null, done: false, value: row };
  },
  return() {
    const state = rows.get(this);
    if (state === undefined) throw new TypeError(hasInstance('StatementSyncIterator'));
    state.check();
    state.end();
    state.done = true;
    return { __proto__: null, done: true, value: null };
  },
};

startIteration = function(state) {
  const iterator = { __proto__: RowIteratorPrototype };
  rows.set(iterator, state);
  return iterator;
};

// Options that a database sets for its statements, or one statement for itself.
function modeOf(options, fallback = BARE_NAMES) {
  if (options === undefined) return fallback;
  checkObject(options, 'options');
  const bit = (name, value) => (booleanOption(options, name, (fallback & value) !== 0) ? value : 0);
  return bit('readBigInts', BIG_INTS) | bit('returnArrays', ARRAYS) | bit('allowBareNamedParameters', BARE_NAMES) |
    bit('allowUnknownNamedParameters', UNKNOWN_NAMES);
}

// (database, its open connection, text, mode) => StatementSync
function prepare(database, connection, sql, mode) {
  const handle = binding.prepare(connection, sql);
  if (handle === undefined) {
    throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', 'The SQL query contains no statements.');
  }
  return new StatementSync(kMake, handle, mode, database);
}

const DEFAULT_TAGS = 1000;

// Statements by the text of a template, those used last kept.
class SQLTagStore {
  #database;
  #capacity;
  #checkOpen;
  #statements = new Map();

  constructor(database, maxSize, checkOpen) {
    this.#database = database;
    this.#capacity = maxSize;
    this.#checkOpen = checkOpen;
    const getter = (get) => ({ __proto__: null, configurable: true, enumerable: true, get });
    Object.defineProperties(this, {
      capacity: getter(() => this.#capacity),
      db: getter(() => this.#database),
      size: getter(() => this.#statements.size),
    });
  }

  #statement(strings) {
    this.#checkOpen();
    if (!Array.isArray(strings)) {
      throw typeError('First argument must be an array of strings (template literal).');
    }
    const sql = strings.join('?');
    let statement = this.#statements.get(sql);
    // A statement that somebody ended is made anew.
    if (statement !== undefined && isEnded(statement)) statement = undefined;
    statement ??= this.#database.prepare(sql);
    this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > this.#capacity) this.#statements.delete(this.#statements.keys().next().value);
    return statement;
  }

  get(strings, ...values) {
    return this.#statement(strings).get(...values);
  }

  all(strings, ...values) {
    return this.#statement(strings).all(...values);
  }

  iterate(strings, ...values) {
    return this.#statement(strings).iterate(...values);
  }

  run(strings, ...values) {
    return this.#statement(strings).run(...values);
  }

  clear() {
    this.#statements.clear();
  }
}

function isEnded(statement) {
  try {
    statement.columns();
    return false;
  } catch {
    return true;
  }
}

function createTagStore(database, maxSize, checkOpen) {
  if (maxSize === undefined) maxSize = DEFAULT_TAGS;
  const message = 'The "maxSize" argument must be a positive integer.';
  if (typeof maxSize !== 'number') throw typeError(message);
  if (!Number.isInteger(maxSize) || maxSize <= 0 || maxSize > 2 ** 31 - 1) throw outOfRange(message);
  return new SQLTagStore(database, maxSize, checkOpen);
}

module.exports = {
  StatementSync,
  createTagStore,
  modeOf,
  prepare,
};
