'use strict';
// A program whose heap becomes part of the executable (`pack build --snapshot`).
// Owns: `v8.startupSnapshot`, what is undone before the heap is written down and redone when a process starts from it, what the
// program may not keep. Does not own: writing and reading it (Rust, `heap.rs`), what runs when (`internal/main/build_heap.js`,
// `internal/main/from_heap.js`). In an ordinary program only `node:v8` loads this, and nothing here is true.

const { codes: {
  ERR_DUPLICATE_STARTUP_SNAPSHOT_MAIN_FUNCTION, ERR_NOT_BUILDING_SNAPSHOT, ERR_NOT_SUPPORTED_IN_SNAPSHOT,
} } = require('internal/errors');
const { validateFunction } = require('internal/validators');
const realm = require('internal/bootstrap/realm');
const intl = require('internal/heap_intl');

let building = false;
let main;
const serializeCallbacks = [];
const deserializeCallbacks = [];

function check() {
  if (!building) throw new ERR_NOT_BUILDING_SNAPSHOT();
}

function addSerializeCallback(callback, data) {
  check();
  validateFunction(callback, 'callback');
  serializeCallbacks.push([callback, data]);
}

function addDeserializeCallback(callback, data) {
  check();
  validateFunction(callback, 'callback');
  deserializeCallbacks.push([callback, data]);
}

function setDeserializeMainFunction(callback, data) {
  check();
  if (main !== undefined) throw new ERR_DUPLICATE_STARTUP_SNAPSHOT_MAIN_FUNCTION();
  validateFunction(callback, 'callback');
  main = [callback, data];
}

function runAll(callbacks) {
  while (callbacks.length > 0) {
    const [callback, data] = callbacks.shift();
    callback(data);
  }
}

// Native things that are numbers to JavaScript, so that V8 would not notice: [binding, what makes one, what ends it, what it is].
// What makes one gives its number, or a negative errno; what ends it gets the number first.
const handles = [
  ['stream_handle', 'open', 'close', 'a socket or pipe'],
  ['stream_handle', 'openAccepted', 'close', 'a socket or pipe'],
  ['udp', 'create', 'close', 'a datagram socket'],
  ['stdio', 'openReader', 'closeReader', 'a reader of a standard stream'],
  ['http2', 'create', 'destroy', 'an HTTP/2 session'],
  ['tls', 'create', 'destroy', 'a TLS connection'],
  ['zlib', 'create', 'close', 'a stream of node:zlib'],
  ['http_parser', 'create', 'free', 'a parser of HTTP'],
  ['encoding', 'createDecoder', 'freeDecoder', 'a TextDecoder in the middle of its text'],
  ['fs', 'open', 'close', 'an open file'],
  ['fs', 'opendir', 'close', 'an open folder'],
  ['v8', 'createSerializer', 'freeSerializer', 'a v8.Serializer'],
  ['v8', 'createDeserializer', 'freeDeserializer', 'a v8.Deserializer'],
];
// What ends the build at once: there is no state of it that could be kept, or none that is reached before the build ends.
const refused = [
  ['worker', 'start', 'a worker'],
  ['process_wrap', 'spawn', 'a child process'],
  ['messaging', 'createChannel', 'a MessageChannel'],
  ['messaging', 'createBroadcast', 'a BroadcastChannel'],
  ['fs_event', 'start', 'a watched file'],
  ['vm', 'makeContext', 'a context of node:vm'],
  ['stream_handle', 'listen', 'a server that listens'],
  ['tcp', 'listen', 'a server that listens'],
  ['process', 'dlopen', 'a native addon'],
  ['napi', 'load', 'a native addon'],
];
// Callbacks that built-ins give to Rust when they are loaded.
const setups = [
  ['stream_handle', 'setup'], ['udp', 'setup'], ['http2', 'setup'], ['http_parser', 'setup'], ['tls', 'setup'], ['zlib', 'setup'],
  ['napi', 'setup'], ['messaging', 'setHooks'],
];
const replays = [];
const made = new Map();

function stackOf(error) {
  return error.stack.split('\n').slice(1).filter((line) => !line.includes('(node:internal/') && !/at node:internal\//.test(line)).join('\n');
}

function watchBinding(name, binding) {
  const wrap = (owner, method, make) => {
    if (owner === name && typeof binding[method] === 'function') binding[method] = make(binding[method]);
  };
  for (const [owner, create, close, what] of handles) {
    wrap(owner, create, (original) => function(...args) {
      if (!building) return Reflect.apply(original, this, args);
      const stack = stackOf(new Error());
      const note = (id) => {
        const number = Array.isArray(id) ? id[0] : id;
        if (typeof number === 'number' && number >= 0) made.set(`${name} ${number}`, { what, stack });
      };
      const callback = args.at(-1);
      if (typeof callback === 'function') {
        args[args.length - 1] = (errno, id) => {
          if (errno === 0) note(id);
          return callback(errno, id);
        };
      }
      const id = Reflect.apply(original, this, args);
      note(id);
      return id;
    });
    wrap(owner, close, (original) => function(...args) {
      if (building) made.delete(`${name} ${args[0]}`);
      return Reflect.apply(original, this, args);
    });
  }
  for (const [owner, method, what] of refused) {
    wrap(owner, method, (original) => function(...args) {
      if (building) refuse(what, stackOf(new Error()));
      return Reflect.apply(original, this, args);
    });
  }
  for (const [owner, method] of setups) {
    wrap(owner, method, (original) => function(...args) {
      if (building) replays.push([original, args]);
      return Reflect.apply(original, this, args);
    });
  }
}

function refuse(what, stack = '') {
  internalBinding('heap').refuse(`${what} cannot be kept in an executable's heap${stack === '' ? '' : `:\n${stack}`}\n`);
}

const timers = new Map();
let hook;
let reallyExit;

function watchTimers() {
  hook = require('async_hooks').createHook({
    init(id, type) {
      if (type === 'Timeout') timers.set(id, stackOf(new Error()));
    },
    destroy(id) {
      timers.delete(id);
    },
  }).enable();
}

// How often in a row nothing but timers was to come, nothing but intervals, and nothing came to what is open.
let timersOnly = 0;
let intervalsOnly = 0;
let silent = 0;
let eventsBefore = 0;

// Four times a second while the program is evaluated. What only waits would end the build when that has no more patience, and nobody
// would know why: after two seconds of intervals alone, or ten of other timers or of open things that nothing comes to, say what it is.
function look(alive, jobs, events) {
  if (!building) return;
  const { async_id_symbol, kRefed, listByDuration } = require('internal/timers');
  const waiting = [];
  for (const list of Object.values(listByDuration)) {
    for (let timer = list._idleNext; timer !== list; timer = timer._idleNext) {
      if (timer[kRefed]) waiting.push(timer);
    }
  }
  timersOnly = alive === 0 && waiting.length > 0 ? timersOnly + 1 : 0;
  intervalsOnly = timersOnly > 0 && waiting.every((timer) => timer._repeat !== null) ? intervalsOnly + 1 : 0;
  // Looking is an event.
  silent = alive > 0 && jobs === 0 && events - eventsBefore <= 1 ? silent + 1 : 0;
  eventsBefore = events;
  if (intervalsOnly >= 8) refuse('an interval that goes on', timers.get(waiting[0][async_id_symbol]));
  if (timersOnly >= 40) refuse('a timer that is still to come', timers.get(waiting[0][async_id_symbol]));
  if (silent >= 40) for (const { what, stack } of made.values()) refuse(what, stack);
}

// The program begins; everything that it does is meant for later.
function begin() {
  building = true;
  // V8 adds it, and newer parts of the language, to contexts that are not meant for an image.
  Error.stackTraceLimit = 10;
  realm.watchBindings(watchBinding);
  intl.begin();
  watchTimers();
  require('internal/bootstrap/stdio').standIn();
  reallyExit = process.reallyExit;
  process.reallyExit = () => refuse('the program ended the process: what it does then', stackOf(new Error()));
}

// Before the heap is written down. Does not return where the program keeps what cannot be.
function end() {
  runAll(serializeCallbacks);
  for (const { what, stack } of made.values()) refuse(what, stack);
  hook.disable();
  for (const timer of require('internal/timers').pending()) refuse('a timer that is still to come', timers.get(timer));
  timers.clear();
  building = false;
  delete Error.stackTraceLimit;
  realm.watchBindings(undefined);
  intl.end();
  process.reallyExit = reallyExit;
  if (realm.isLoaded('internal/crypto/random')) require('internal/crypto/random').forget();
  require('internal/buffer').forgetPool();
  Object.defineProperty(process, 'pid', { __proto__: null, value: 0 });
  process.argv.length = 1;
  process._exiting = false;
  process.exitCode = undefined;
  if (realm.isLoaded('internal/perf/performance')) require('internal/perf/performance').forget();
}

// A process started from the heap; its arguments and streams are there already.
function resume() {
  for (const [original, args] of replays) original(...args);
  runAll(deserializeCallbacks);
}

// The program goes on: with the main function that it set, or with its entry.
function run(given) {
  const { runEmbedded, mainPath } = require('internal/modules/run_main');
  resume();
  if (main === undefined) {
    runEmbedded(given);
    return;
  }
  process.argv.splice(1, 0, mainPath());
  const [callback, data] = main;
  callback(data);
}

module.exports = {
  begin, end, run, look,
  isBuilding: () => building,
  hasMain: () => main !== undefined,
  startupSnapshot: {
    addDeserializeCallback, addSerializeCallback, setDeserializeMainFunction,
    isBuildingSnapshot: () => building,
  },
  // For what a built-in cannot do while a heap is made.
  throwIfBuilding(what) {
    if (building) throw new ERR_NOT_SUPPORTED_IN_SNAPSHOT(what);
  },
};
