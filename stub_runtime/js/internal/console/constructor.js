'use strict';
// The Console class. The global console is one without streams of its own: internal/console/global.

const {
  codes: {
    ERR_CONSOLE_WRITABLE_STREAM,
    ERR_INCOMPATIBLE_OPTION_PAIR,
  },
  isStackOverflowError,
} = require('internal/errors');
const { validateArray, validateInteger, validateObject, validateOneOf } = require('internal/validators');
const { formatWithOptions, inspect } = require('internal/util/inspect');
const consoleChannels = require('internal/console/channels');

const kMaxGroupIndentation = 1000;

const kCounts = Symbol('counts');
const kColorMode = Symbol('kColorMode');
const kIsConsole = Symbol('kIsConsole');
const kGroupIndentationWidth = Symbol('kGroupIndentWidth');
const kGroupIndentationString = Symbol('kGroupIndentationString');
const kFormatForStderr = Symbol('kFormatForStderr');
const kFormatForStdout = Symbol('kFormatForStdout');
const kGetInspectOptions = Symbol('kGetInspectOptions');
const kWriteToConsole = Symbol('kWriteToConsole');
const kBindProperties = Symbol('kBindProperties');
const kBindStreamsEager = Symbol('kBindStreamsEager');
const kBindStreamsLazy = Symbol('kBindStreamsLazy');
const kUseStdout = Symbol('kUseStdout');
const kUseStderr = Symbol('kUseStderr');

// Kept off the instance: util.inspect() of a console must not show them.
const inspectOptionsOf = new WeakMap();

const kColorInspectOptions = { colors: true };
const kNoColorInspectOptions = {};

function noop() {}

const prototypeMethods = {
  log(...args) {
    publish('log', args);
    this[kWriteToConsole](kUseStdout, this[kFormatForStdout](args));
  },

  info(...args) {
    publish('info', args);
    this[kWriteToConsole](kUseStdout, this[kFormatForStdout](args));
  },

  debug(...args) {
    publish('debug', args);
    this[kWriteToConsole](kUseStdout, this[kFormatForStdout](args));
  },

  warn(...args) {
    publish('warn', args);
    this[kWriteToConsole](kUseStderr, this[kFormatForStderr](args));
  },

  error(...args) {
    publish('error', args);
    this[kWriteToConsole](kUseStderr, this[kFormatForStderr](args));
  },

  dir(object, options) {
    this[kWriteToConsole](kUseStdout, inspect(object, {
      customInspect: false,
      ...this[kGetInspectOptions](this._stdout),
      ...options,
    }));
  },

  time(label = 'default') {
    label = `${label}`;
    if (this._times.has(label)) {
      process.emitWarning(`Label '${label}' already exists for console.time()`);
      return;
    }
    this._times.set(label, process.hrtime());
    trace?.('b', label);
  },

  timeEnd(label = 'default') {
    label = `${label}`;
    if (!reportTime(this, 'timeEnd', label)) return;
    this._times.delete(label);
    trace?.('e', label);
  },

  timeLog(label = 'default', ...data) {
    if (reportTime(this, 'timeLog', `${label}`, data)) trace?.('n', `${label}`);
  },

  trace: function trace(...args) {
    const err = { name: 'Trace', message: this[kFormatForStderr](args) };
    Error.captureStackTrace(err, trace);
    this.error(err.stack);
  },

  // Never throws, whatever its name says.
  assert(expression, ...args) {
    if (expression) return;
    if (typeof args[0] === 'string') args[0] = `Assertion failed: ${args[0]}`;
    else args.unshift('Assertion failed');
    // A warn() that the program replaced is used.
    Reflect.apply(this.warn, this, args);
  },

  // Only a terminal can be cleared.
  clear() {
    if (!this._stdout.isTTY || process.env.TERM === 'dumb') return;
    const { cursorTo, clearScreenDown } = require('internal/readline/callbacks');
    cursorTo(this._stdout, 0, 0);
    clearScreenDown(this._stdout);
  },

  count(label = 'default') {
    label = `${label}`;
    const counts = this[kCounts];
    const count = (counts.get(label) ?? 0) + 1;
    counts.set(label, count);
    trace?.('C', label, count);
    this.log(`${label}: ${count}`);
  },

  countReset(label = 'default') {
    label = `${label}`;
    const counts = this[kCounts];
    if (!counts.has(label)) {
      process.emitWarning(`Count for '${label}' does not exist`);
      return;
    }
    counts.delete(label);
    trace?.('C', label, 0);
  },

  group(...data) {
    if (data.length > 0) Reflect.apply(this.log, this, data);
    this[kGroupIndentationString] += ' '.repeat(this[kGroupIndentationWidth]);
  },

  groupEnd() {
    const indentation = this[kGroupIndentationString];
    this[kGroupIndentationString] = indentation.slice(0, indentation.length - this[kGroupIndentationWidth]);
  },

  table(tabularData, properties) {
    if (properties !== undefined) validateArray(properties, 'properties');
    if (tabularData === null || typeof tabularData !== 'object') return this.log(tabularData);
    const { table } = require('internal/console/table');
    this.log(table(tabularData, properties, (value) => {
      // Small objects are shown whole, others by their class.
      const depth = value !== null && typeof value === 'object' && !Array.isArray(value) &&
        Object.keys(value).length > 2 ? -1 : 0;
      return inspect(value, {
        depth, maxArrayLength: 3, breakLength: Infinity, ...this[kGetInspectOptions](this._stdout),
      });
    }));
  },
};
prototypeMethods.dirxml = prototypeMethods.log;
prototypeMethods.groupCollapsed = prototypeMethods.group;

// trace_events: `trace(phase, label, count)`.
let trace;
function setTrace(f) {
  trace = f;
}

function publish(name, args) {
  const { channels } = consoleChannels;
  if (channels !== undefined && channels[name].hasSubscribers) channels[name].publish(args);
}

function reportTime(console, method, label, data) {
  const start = console._times.get(label);
  if (start === undefined) {
    process.emitWarning(`No such label '${label}' for console.${method}()`);
    return false;
  }
  const { 0: seconds, 1: nanoseconds } = process.hrtime(start);
  const { formatTime } = require('internal/util/debuglog');
  const text = formatTime(seconds * 1000 + nanoseconds / 1e6);
  if (data === undefined) console.log('%s: %s', label, text);
  else console.log('%s: %s', label, text, ...data);
  return true;
}

// Console({ stdout, stderr, ignoreErrors, colorMode, inspectOptions, groupIndentation }) or
// Console(stdout, stderr, ignoreErrors)
function Console(options) {
  if (!new.target) return Reflect.construct(Console, arguments);
  if (!options || typeof options.write === 'function') {
    options = { stdout: options, stderr: arguments[1], ignoreErrors: arguments[2] };
  }
  const {
    stdout,
    stderr = stdout,
    ignoreErrors = true,
    colorMode = 'auto',
    inspectOptions,
    groupIndentation,
  } = options;

  if (!stdout || typeof stdout.write !== 'function') throw new ERR_CONSOLE_WRITABLE_STREAM('stdout');
  if (!stderr || typeof stderr.write !== 'function') throw new ERR_CONSOLE_WRITABLE_STREAM('stderr');
  validateOneOf(colorMode, 'colorMode', ['auto', true, false]);
  if (groupIndentation !== undefined) {
    validateInteger(groupIndentation, 'groupIndentation', 0, kMaxGroupIndentation);
  }
  if (inspectOptions !== undefined) setInspectOptions(this, inspectOptions, colorMode);

  // Methods work without their object: console.log is passed around.
  for (const key of Object.keys(Console.prototype)) {
    this[key] = bindMethod(this, this[key], key);
  }
  this[kBindStreamsEager](stdout, stderr);
  this[kBindProperties](ignoreErrors, colorMode, groupIndentation);
}

function bindMethod(console, method, name) {
  // A method of a subclass keeps its own name in stacks.
  const bound = method.bind(console);
  Object.defineProperty(bound, 'name', { __proto__: null, value: name, configurable: true });
  return bound;
}

function setInspectOptions(console, inspectOptions, colorMode) {
  validateObject(inspectOptions, 'options.inspectOptions');
  const all = internalBinding('types').isMap(inspectOptions) ? inspectOptions.values() : [inspectOptions];
  for (const options of all) {
    if (options?.colors !== undefined && colorMode !== 'auto') {
      throw new ERR_INCOMPATIBLE_OPTION_PAIR('options.inspectOptions.color', 'colorMode');
    }
  }
  inspectOptionsOf.set(console, inspectOptions);
}

const hidden = { writable: true, enumerable: false, configurable: true };

Object.defineProperty(Console, 'prototype', { __proto__: null, writable: true, value: Console.prototype });
Object.defineProperties(Console.prototype, {
  [kBindStreamsEager]: {
    __proto__: null,
    ...hidden,
    // For a Console with streams of its own.
    value(stdout, stderr) {
      Object.defineProperties(this, {
        _stdout: { __proto__: null, ...hidden, value: stdout },
        _stderr: { __proto__: null, ...hidden, value: stderr },
      });
    },
  },
  [kBindStreamsLazy]: {
    __proto__: null,
    ...hidden,
    // For the global console: process.stdout and process.stderr are made when first written to.
    value(object) {
      const lazy = (name) => {
        let stream;
        return {
          __proto__: null,
          enumerable: false,
          configurable: true,
          get() {
            return stream ??= object[name];
          },
          set(value) {
            stream = value;
          },
        };
      };
      Object.defineProperties(this, { _stdout: lazy('stdout'), _stderr: lazy('stderr') });
    },
  },
  [kBindProperties]: {
    __proto__: null,
    ...hidden,
    value(ignoreErrors, colorMode, groupIndentation = 2) {
      Object.defineProperties(this, {
        _stdoutErrorHandler: { __proto__: null, ...hidden, value: createWriteErrorHandler(this, kUseStdout) },
        _stderrErrorHandler: { __proto__: null, ...hidden, value: createWriteErrorHandler(this, kUseStderr) },
        _ignoreErrors: { __proto__: null, ...hidden, value: Boolean(ignoreErrors) },
        _times: { __proto__: null, ...hidden, value: new Map() },
        [kCounts]: { __proto__: null, ...hidden, value: new Map() },
        [kColorMode]: { __proto__: null, ...hidden, value: colorMode },
        [kIsConsole]: { __proto__: null, ...hidden, value: true },
        [kGroupIndentationWidth]: { __proto__: null, ...hidden, value: groupIndentation },
        [kGroupIndentationString]: { __proto__: null, ...hidden, value: '' },
        [Symbol.toStringTag]: {
          __proto__: null, writable: false, enumerable: false, configurable: true, value: 'console',
        },
      });
    },
  },
  [kWriteToConsole]: {
    __proto__: null,
    ...hidden,
    value(streamSymbol, string) {
      const useStdout = streamSymbol === kUseStdout;
      const stream = useStdout ? this._stdout : this._stderr;
      const indent = this[kGroupIndentationString];
      if (indent.length !== 0) {
        if (string.includes('\n')) string = string.replaceAll('\n', `\n${indent}`);
        string = indent + string;
      }
      string += '\n';
      if (this._ignoreErrors === false) return stream.write(string);

      // An error may come now (files, terminals) or later (pipes, sockets): a listener catches the first,
      // the callback of write() the second.
      if (typeof stream.listenerCount !== 'function') return stream.write(string);
      try {
        if (stream.listenerCount('error') === 0) stream.once('error', noop);
        stream.write(string, useStdout ? this._stdoutErrorHandler : this._stderrErrorHandler);
      } catch (error) {
        // Low stack space must show, everything else is ignored as asked.
        if (isStackOverflowError(error)) throw error;
      } finally {
        stream.removeListener('error', noop);
      }
    },
  },
  [kGetInspectOptions]: {
    __proto__: null,
    ...hidden,
    value(stream) {
      let color = this[kColorMode];
      if (color === 'auto') color = require('internal/util/colors').shouldColorize(stream);
      let options = inspectOptionsOf.get(this);
      if (options !== undefined && internalBinding('types').isMap(options)) options = options.get(stream);
      if (options) {
        if (options.colors === undefined) options.colors = color;
        return options;
      }
      return color ? kColorInspectOptions : kNoColorInspectOptions;
    },
  },
  [kFormatForStdout]: {
    __proto__: null,
    ...hidden,
    value(args) {
      if (args.length === 1 && typeof args[0] === 'string') return args[0];
      return formatWithOptions(this[kGetInspectOptions](this._stdout), ...args);
    },
  },
  [kFormatForStderr]: {
    __proto__: null,
    ...hidden,
    value(args) {
      if (args.length === 1 && typeof args[0] === 'string') return args[0];
      return formatWithOptions(this[kGetInspectOptions](this._stderr), ...args);
    },
  },
});

// The error went to the callback; the stream's own 'error' event, which follows, is nobody's.
function createWriteErrorHandler(console, streamSymbol) {
  return (err) => {
    const stream = streamSymbol === kUseStdout ? console._stdout : console._stderr;
    if (err !== null && !stream._writableState.errorEmitted && stream.listenerCount('error') === 0) {
      stream.once('error', noop);
    }
  };
}

for (const name of Object.keys(prototypeMethods)) Console.prototype[name] = prototypeMethods[name];

Object.defineProperty(Console, Symbol.hasInstance, {
  __proto__: null,
  // The global console is no instance by its prototype.
  value(instance) {
    return instance === null || instance === undefined ? false : Boolean(instance[kIsConsole]);
  },
});

// Makes `console`, an ordinary object with all methods, a console on process.stdout and process.stderr.
function initializeGlobalConsole(console) {
  for (const key of Reflect.ownKeys(Console.prototype)) {
    if (key === 'constructor') continue;
    const descriptor = { ...Object.getOwnPropertyDescriptor(Console.prototype, key) };
    if (typeof key === 'string') descriptor.value = bindMethod(console, descriptor.value, key);
    Object.defineProperty(console, key, descriptor);
  }
  console[kBindStreamsLazy](process);
  console[kBindProperties](true, 'auto');
}

module.exports = {
  Console,
  initializeGlobalConsole,
  kBindProperties,
  kBindStreamsLazy,
  setTrace,
};
