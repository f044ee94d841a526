'use strict';
// The global console. A namespace object by WebIDL: its prototype is an empty object, not Console.prototype.

const { Console, initializeGlobalConsole } = require('internal/console/constructor');

const console = Object.create({});
initializeGlobalConsole(console);

function add(name, value) {
  console[name] = value;
}

add('Console', Console);
// Only an inspector does something with these.
add('profile', function profile() {});
add('profileEnd', function profileEnd() {});
add('timeStamp', function timeStamp() {});
// V8's: a console that only an inspector sees.
add('context', function context(name) {
  const object = { __proto__: {} };
  for (const key of Object.keys(Console.prototype)) object[key] = { [key]() {} }[key];
  return object;
});
// V8's: the stack of the task's maker shows up in an inspector only; run() just calls.
add('createTask', function createTask(name) {
  if (typeof name !== 'string' || name === '') throw new Error('First argument must be a non-empty string.');
  return {
    run(fn) {
      if (typeof fn !== 'function') throw new Error('First argument must be a function.');
      return fn();
    },
  };
});

module.exports = console;
