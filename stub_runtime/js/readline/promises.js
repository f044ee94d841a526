'use strict';
// Owns: node:readline/promises.

const { Readline } = require('internal/readline/promises');
const { Interface: InternalInterface, askPromise } = require('internal/readline/interface');

class Interface extends InternalInterface {
  question(query, options = {}) {
    return askPromise(this, query, options);
  }
}

function createInterface(input, output, completer, terminal) {
  return new Interface(input, output, completer, terminal);
}

module.exports = { Interface, Readline, createInterface };
