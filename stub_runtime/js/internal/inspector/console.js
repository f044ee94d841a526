'use strict';
// What the program prints reaches debuggers: the global console's methods call V8's console too, which they listen to.
// Owns: the methods' second half, put on when the first session or server is there. Does not own: what is printed.

const binding = internalBinding('inspector');

let attached = false;

function attach() {
  if (attached) return;
  attached = true;
  const console = require('internal/console/global');
  const told = binding.v8Console();
  for (const key of Object.keys(told)) {
    const descriptor = Object.getOwnPropertyDescriptor(console, key);
    // What the program put there stays.
    if (descriptor === undefined || typeof descriptor.value !== 'function' || own.has(key)) continue;
    descriptor.value = binding.consoleCall(told[key], descriptor.value, key);
    Object.defineProperty(console, key, descriptor);
  }
  // Those that mean nothing without a debugger.
  for (const key of own) if (key in told) console[key] = told[key];
}

const own = new Set(['profile', 'profileEnd', 'timeStamp', 'context', 'createTask']);

// inspector.console: V8's alone.
function inspectorConsole() {
  return binding.v8Console();
}

module.exports = { attach, inspectorConsole };
