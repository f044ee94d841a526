'use strict';
// DatabaseSync and Session: options and arguments. What SQLite does is native (binding `sqlite`).

const {
  codes: { ERR_CONSTRUCT_CALL_REQUIRED },
} = require('internal/errors');
const {
  booleanOption, checkBoolean, checkFunction, checkObject, checkString, coded, databasePath, illegalConstructor, invalidState, isInt32,
  isObject, outOfRange, typeError,
} = require('internal/sqlite/arguments');
const { createTagStore, modeOf, prepare } = require('internal/sqlite/statement');
const binding = internalBinding('sqlite');

const kMake = Symbol('kMake');

// Bits of the binding's `open`.
const READ_ONLY = 1;
const FOREIGN_KEYS = 2;
const DOUBLE_QUOTED = 4;
const ALLOW_EXTENSION = 8;
const DEFENSIVE = 16;

// Bits of the binding's functions.
const DETERMINISTIC = 1;
const DIRECT_ONLY = 2;
const BIG_INTS = 4;

const MAX_INT = 2 ** 31 - 1;

// SQLite's SQLITE_LIMIT_*
const limitNumbers = {
  __proto__: null,
  length: 0, sqlLength: 1, column: 2, exprDepth: 3, compoundSelect: 4, vdbeOp: 5, functionArg: 6, attach: 7,
  likePatternLength: 8, variableNumber: 9, triggerDepth: 10,
};

class Session {
  #handle;
  #isOpen;

  constructor(make, handle, isOpen) {
    if (make !== kMake) throw illegalConstructor();
    this.#handle = handle;
    this.#isOpen = isOpen;
  }

  #changes(patch) {
    if (!this.#isOpen()) throw invalidState('database is not open');
    const bytes = binding.changeset(this.#handle, patch);
    if (bytes === undefined) throw invalidState('session is not open');
    return bytes;
  }

  changeset() {
    return this.#changes(false);
  }

  patchset() {
    return this.#changes(true);
  }

  close() {
    if (!this.#isOpen()) throw invalidState('database is not open');
    if (!binding.closeSession(this.#handle)) throw invalidState('session is not open');
  }

  [Symbol.dispose]() {
    if (this.#isOpen()) binding.closeSession(this.#handle);
  }
}

// What `options.limits` or `db.limits.x = value` sets.
function limitValue(value) {
  if (value === Infinity) return MAX_INT;
  if (!isInt32(value)) throw typeError('Limit value must be a non-negative integer or Infinity.');
  if (value < 0) throw outOfRange('Limit value must be non-negative.');
  return value;
}

function limitOptions(limits) {
  const values = [];
  if (limits === undefined) return values;
  if (!isObject(limits)) throw typeError('The "options.limits" argument must be an object.');
  for (const name of Object.keys(limitNumbers)) {
    const value = limits[name];
    if (value === undefined) continue;
    if (!isInt32(value)) throw typeError(`The "options.limits.${name}" argument must be an integer.`);
    if (value < 0) throw outOfRange(`The "options.limits.${name}" argument must be non-negative.`);
    values.push([limitNumbers[name], value]);
  }
  return values;
}

// `db.limits`: reads and sets SQLite's own.
function limitsOf(connection) {
  const handler = {
    __proto__: null,
    get: (target, name) =>
      (limitNumbers[name] === undefined ? target[name] : binding.limit(connection(), limitNumbers[name], -1)),
    set(target, name, value) {
      if (limitNumbers[name] === undefined) return Reflect.set(target, name, value);
      binding.limit(connection(), limitNumbers[name], limitValue(value));
      return true;
    },
    getOwnPropertyDescriptor(target, name) {
      const descriptor = Reflect.getOwnPropertyDescriptor(target, name);
      if (descriptor !== undefined && limitNumbers[name] !== undefined) {
        descriptor.value = binding.limit(connection(), limitNumbers[name], -1);
      }
      return descriptor;
    },
  };
  const target = {};
  for (const name of Object.keys(limitNumbers)) {
    Object.defineProperty(target, name, { __proto__: null, configurable: false, enumerable: true, writable: true, value: 0 });
  }
  return new Proxy(target, handler);
}

let connectionOf;

class Database {
  #path;
  #connection;
  #bits = 0;
  #timeout = 0;
  #mode;
  #limitValues;
  #limits;
  #allowExtension;
  #extensionEnabled;
  // Kept here: the native half has it weakly, as it may know this object.
  #authorizer;

  constructor(path, options) {
    this.#path = databasePath(path);
    if (arguments.length > 1) checkObject(options, 'options');
    const open = booleanOption(options, 'open', true);
    const bit = (name, value, fallback) => {
      if (booleanOption(options, name, fallback)) this.#bits |= value;
    };
    bit('readOnly', READ_ONLY, false);
    bit('enableForeignKeyConstraints', FOREIGN_KEYS, true);
    bit('enableDoubleQuotedStringLiterals', DOUBLE_QUOTED, false);
    bit('allowExtension', ALLOW_EXTENSION, false);
    this.#allowExtension = this.#extensionEnabled = (this.#bits & ALLOW_EXTENSION) !== 0;
    const timeout = options?.timeout;
    if (timeout !== undefined) {
      if (!isInt32(timeout)) throw typeError('The "options.timeout" argument must be an integer.');
      this.#timeout = timeout;
    }
    this.#mode = modeOf(options);
    bit('defensive', DEFENSIVE, true);
    this.#limitValues = limitOptions(options?.limits);
    const getter = (get) => ({ __proto__: null, configurable: false, enumerable: true, get });
    Object.defineProperties(this, {
      isOpen: getter(() => this.#connection !== undefined),
      isTransaction: getter(() => binding.isTransaction(this.#open())),
      limits: getter(() => this.#limits ??= limitsOf(() => this.#open())),
      [Symbol.for('sqlite-type')]: {
        __proto__: null, configurable: false, enumerable: true, writable: false, value: 'node:sqlite',
      },
    });
    if (open) this.open();
  }

  #open() {
    if (this.#connection === undefined) throw invalidState('database is not open');
    return this.#connection;
  }

  static {
    connectionOf = (database) => {
      if (!(#connection in database)) throw invalidState('database is not open');
      return database.#open();
    };
  }

  open() {
    if (this.#connection !== undefined) throw invalidState('database is already open');
    this.#connection = binding.open(this.#path, this.#bits, this.#timeout);
    for (const [number, value] of this.#limitValues) binding.limit(this.#connection, number, value);
  }

  close() {
    const connection = this.#open();
    this.#connection = undefined;
    binding.close(connection);
  }

  [Symbol.dispose]() {
    if (this.#connection !== undefined) this.close();
  }

  prepare(sql, options) {
    const connection = this.#open();
    checkString(sql, 'sql');
    return prepare(this, connection, sql, modeOf(options, this.#mode));
  }

  exec(sql) {
    const connection = this.#open();
    binding.exec(connection, checkString(sql, 'sql'));
  }

  function(name, options, fn) {
    const connection = this.#open();
    checkString(name, 'name');
    if (fn === undefined && arguments.length < 3) {
      fn = options;
      options = undefined;
    } else {
      checkObject(options, 'options');
    }
    const { bits, varargs } = functionOptions(options, true);
    checkFunction(fn, 'function');
    binding.createFunction(connection, name, varargs ? -1 : fn.length, bits, fn);
  }

  createTagStore(maxSize) {
    this.#open();
    return createTagStore(this, maxSize, () => this.#open());
  }

  location(dbName = 'main') {
    const connection = this.#open();
    return binding.location(connection, checkString(dbName, 'dbName'));
  }

  aggregate(name, options) {
    const connection = this.#open();
    const start = options.start;
    const { step, inverse, result } = options;
    if (start === undefined) {
      throw typeError('The "options.start" argument must be a function or a primitive value.');
    }
    checkFunction(step, 'options.step');
    const resultFunction = typeof result === 'function' ? result : undefined;
    const { bits, varargs } = functionOptions(options, false);
    if (inverse !== undefined) checkFunction(inverse, 'options.inverse');
    const count = varargs ? -1 : Math.max(step.length, inverse?.length ?? 0, 1) - 1;
    binding.createAggregate(connection, String(name), count, bits, start, step, inverse, resultFunction);
  }

  createSession(options) {
    const connection = this.#open();
    let table;
    let db = 'main';
    if (arguments.length > 0) {
      checkObject(options, 'options');
      if (options.table !== undefined) table = checkString(options.table, 'options.table');
      if (options.db !== undefined) db = checkString(options.db, 'options.db');
    }
    const isOpen = () => this.#connection === connection;
    return new Session(kMake, binding.createSession(connection, table, db), isOpen);
  }

  applyChangeset(changeset, options) {
    const connection = this.#open();
    if (!(changeset instanceof Uint8Array)) throw typeError('The "changeset" argument must be a Uint8Array.');
    if (options !== undefined) checkObject(options, 'options');
    const onConflict = options?.onConflict;
    if (onConflict !== undefined) checkFunction(onConflict, 'options.onConflict');
    const filter = options?.filter;
    if (filter !== undefined) checkFunction(filter, 'options.filter');
    return binding.applyChangeset(connection, changeset, onConflict, filter);
  }

  enableLoadExtension(allow) {
    const connection = this.#open();
    checkBoolean(allow, 'allow');
    if (allow && !this.#allowExtension) {
      throw invalidState('Cannot enable extension loading because it was disabled at database creation.');
    }
    this.#extensionEnabled = allow;
    binding.enableLoadExtension(connection, allow);
  }

  enableDefensive(active) {
    const connection = this.#open();
    binding.setDefensive(connection, checkBoolean(active, 'active'));
  }

  loadExtension(path, entryPoint) {
    const connection = this.#open();
    if (!this.#allowExtension || !this.#extensionEnabled) throw invalidState('extension loading is not allowed');
    checkString(path, 'path');
    if (entryPoint !== undefined) checkString(entryPoint, 'entryPoint');
    binding.loadExtension(connection, path, entryPoint);
  }

  serialize(dbName = 'main') {
    const connection = this.#open();
    return binding.serialize(connection, checkString(dbName, 'dbName'));
  }

  deserialize(buffer, options) {
    const connection = this.#open();
    if (!(buffer instanceof Uint8Array)) throw typeError('The "buffer" argument must be a Uint8Array.');
    if (buffer.byteLength === 0) {
      throw coded(TypeError, 'ERR_INVALID_ARG_VALUE', 'The "buffer" argument must not be empty.');
    }
    let dbName = 'main';
    if (options !== undefined) {
      checkObject(options, 'options');
      if (options.dbName !== undefined) dbName = checkString(options.dbName, 'options.dbName');
    }
    binding.deserialize(connection, buffer, dbName);
  }

  setAuthorizer(callback) {
    const connection = this.#open();
    if (callback !== null && typeof callback !== 'function') {
      throw typeError('The "callback" argument must be a function or null.');
    }
    this.#authorizer = callback;
    binding.setAuthorizer(connection, callback);
  }
}

// Options of functions and aggregates.
function functionOptions(options, scalar) {
  const bigInts = booleanOption(options, 'useBigIntArguments', false);
  const varargs = booleanOption(options, 'varargs', false);
  const deterministic = scalar && booleanOption(options, 'deterministic', false);
  const directOnly = booleanOption(options, 'directOnly', false);
  const bits = (bigInts ? BIG_INTS : 0) | (deterministic ? DETERMINISTIC : 0) | (directOnly ? DIRECT_ONLY : 0);
  return { bits, varargs };
}

// A function, not a class: called without `new` it throws an error of Node's.
function DatabaseSync(...args) {
  if (!new.target) {
    throw Object.assign(new ERR_CONSTRUCT_CALL_REQUIRED('DatabaseSync'), {
      message: 'Cannot call constructor without `new`',
    });
  }
  return Reflect.construct(Database, args, new.target);
}
DatabaseSync.prototype = Database.prototype;
Object.defineProperty(Database.prototype, 'constructor', {
  __proto__: null, configurable: true, enumerable: false, writable: true, value: DatabaseSync,
});
Object.defineProperty(DatabaseSync, 'prototype', { __proto__: null, writable: false });

module.exports = {
  DatabaseSync,
  Session,
  connectionOf,
};
