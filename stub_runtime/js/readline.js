'use strict';
// Owns: node:readline with callbacks.
// Not here: the Interface itself (internal/readline/interface).

const { AbortError } = require('internal/errors');
const { validateAbortSignal } = require('internal/validators');
const { promisify } = require('internal/util');
const {
  clearLine,
  clearScreenDown,
  cursorTo,
  moveCursor,
} = require('internal/readline/callbacks');
const emitKeypressEvents = require('internal/readline/emitKeypressEvents');
const {
  Interface: InternalInterface,
  InterfaceConstructor,
} = require('internal/readline/interface');

function Interface(input, output, completer, terminal) {
  if (!(this instanceof Interface)) return new Interface(input, output, completer, terminal);

  // A completer of one parameter returns its answer.
  if (input?.input && typeof input.completer === 'function' && input.completer.length !== 2) {
    const { completer: sync } = input;
    input.completer = (line, cb) => cb(null, sync(line));
  } else if (typeof completer === 'function' && completer.length !== 2) {
    const sync = completer;
    completer = (line, cb) => cb(null, sync(line));
  }
  InterfaceConstructor.call(this, input, output, completer, terminal);

  // It is a property of the instance for those who look for it there.
  if (process.env.TERM === 'dumb') this._ttyWrite = dumbTtyWrite.bind(this);
}
Object.setPrototypeOf(Interface.prototype, InternalInterface.prototype);
Object.setPrototypeOf(Interface, InternalInterface);

// A terminal that can only print: no editing, no drawing.
function dumbTtyWrite(s, key) {
  key ||= {};
  if (key.name === 'escape') return;
  if (this._sawReturnAt && key.name !== 'enter') this._sawReturnAt = 0;

  if (key.ctrl) {
    if (key.name === 'c') {
      if (this.listenerCount('SIGINT') > 0) this.emit('SIGINT');
      else this.close();
      return;
    }
    if (key.name === 'd') {
      this.close();
      return;
    }
  }

  switch (key.name) {
    case 'return':
      this._sawReturnAt = Date.now();
      this._line();
      break;
    case 'enter':
      if (this._sawReturnAt === 0 || Date.now() - this._sawReturnAt > this.crlfDelay) this._line();
      this._sawReturnAt = 0;
      break;
    default:
      if (typeof s === 'string' && s) {
        this.line += s;
        this.cursor += s.length;
        this._writeToOutput(s);
      }
  }
}

function question(query, options, cb) {
  cb = typeof options === 'function' ? options : cb;
  if (options === null || typeof options !== 'object') options = {};

  const { signal } = options;
  if (signal) {
    validateAbortSignal(signal, 'options.signal');
    if (signal.aborted) return;
    const { addAbortListener } = require('internal/events/abort_listener');
    const onAbort = () => this._cancelQuestion();
    const listener = addAbortListener(signal, onAbort);
    const original = cb;
    cb = typeof cb === 'function' ? (answer) => {
      listener[Symbol.dispose]();
      return original(answer);
    } : listener[Symbol.dispose];
  }
  if (typeof cb === 'function') this._ask(query, cb);
}
question[promisify.custom] = function question(query, options) {
  if (options === null || typeof options !== 'object') options = {};
  const { signal } = options;
  if (signal?.aborted) {
    return Promise.reject(new AbortError(undefined, { cause: signal.reason }));
  }
  return new Promise((resolve, reject) => {
    let callback = resolve;
    if (signal) {
      const { addAbortListener } = require('internal/events/abort_listener');
      const onAbort = () => reject(new AbortError(undefined, { cause: signal.reason }));
      const listener = addAbortListener(signal, onAbort);
      callback = (answer) => {
        listener[Symbol.dispose]();
        resolve(answer);
      };
    }
    this.question(query, options, callback);
  });
};
Interface.prototype.question = question;

// With a completer that calls back.
Interface.prototype._tabComplete = function(lastKeypressWasTab) {
  this.pause();
  this.completer(this.line.slice(0, this.cursor), (err, value) => {
    this.resume();
    if (err) {
      const { inspect } = require('internal/util/inspect');
      this._writeToOutput(`Tab completion error: ${inspect(err)}`);
      return;
    }
    this._showCompletions(lastKeypressWasTab, value);
  });
};
Interface.prototype._getCursorPos = InterfaceConstructor.prototype.getCursorPos;

function createInterface(input, output, completer, terminal) {
  return new Interface(input, output, completer, terminal);
}

module.exports = {
  Interface,
  clearLine,
  clearScreenDown,
  createInterface,
  cursorTo,
  emitKeypressEvents,
  moveCursor,
};
Object.defineProperty(module.exports, 'promises', {
  __proto__: null,
  configurable: true,
  enumerable: true,
  get() { return require('readline/promises'); },
});
