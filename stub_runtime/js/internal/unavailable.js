'use strict';
// Built-in modules that Node has and this runtime does not yet. Loading one is allowed, since many packages load what they use
// only sometimes; calling any of its functions throws an error that names it. A module that gets its own file leaves this table.

// Ids and the functions that Node 26 exports there.
const functions = {
  __proto__: null,
  'repl': [
    'start', 'writer', 'REPLServer', 'Recoverable', 'isValidSyntax',
  ],
};

function unavailable(id, name) {
  // Not an arrow function: programs extend these as classes.
  const fn = function() {
    const { codes: { ERR_FEATURE_UNAVAILABLE_ON_PLATFORM } } = require('internal/errors');
    throw new ERR_FEATURE_UNAVAILABLE_ON_PLATFORM(id === 'globals' ? `${name}()` : `node:${id}.${name}()`);
  };
  Object.defineProperty(fn, 'name', { __proto__: null, configurable: true, value: name });
  return fn;
}

module.exports = {
  unavailable,
  has: (id) => functions[id] !== undefined,
  ids: () => Object.keys(functions),
  make(id) {
    const exports = {};
    for (const name of functions[id]) exports[name] = unavailable(id, name);
    return exports;
  },
};
