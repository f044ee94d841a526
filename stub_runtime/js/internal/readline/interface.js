'use strict';
// Owns: readline's Interface: lines out of a stream, the prompt, questions,
// and on a terminal the display of the line being edited.
// Not here: what each key does (keymap.js), changes of the line (editing.js),
// keys out of bytes (emitKeypressEvents.js).
//
// Methods that programs override or call have the underscore names they have
// had since the beginning; all calls go through them.

const EventEmitter = require('events');
const {
  AbortError,
  codes: { ERR_INVALID_ARG_VALUE, ERR_USE_AFTER_CLOSE },
} = require('internal/errors');
const {
  validateAbortSignal,
  validateArray,
  validateNumber,
  validateString,
  validateUint32,
} = require('internal/validators');
const { clearScreenDown, cursorTo, moveCursor } = require('internal/readline/callbacks');
const emitKeypressEvents = require('internal/readline/emitKeypressEvents');
const { kSubstringSearch } = require('internal/readline/utils');
const { installEditing } = require('internal/readline/editing');
const { installKeymap } = require('internal/readline/keymap');

const { kSawKeyPress } = emitKeypressEvents;

const kHistorySize = 30;
const kMinCrlfDelay = 100;
// Stands for the prompt in front of further lines of a multi-line input.
const kMultilinePrompt = '| ';

const lineEnding = /\r?\n|\r(?!\n)|\u2028|\u2029/g;

const kLines = Symbol('kLines');
const kIsMultiline = Symbol('kIsMultiline');
const kQuestionReject = Symbol('kQuestionReject');

// The original signature, or one object with everything.
function InterfaceConstructor(input, output, completer, terminal) {
  EventEmitter.call(this);

  const options = input?.input ? input : { __proto__: null, input, output, completer, terminal };
  ({ input, output, completer, terminal } = options);

  this.isCompletionEnabled = true;
  this._sawReturnAt = 0;
  this[kSawKeyPress] = false;
  this._previousKey = null;
  this._questionCallback = null;
  this[kQuestionReject] = undefined;
  this[kLines] = undefined;
  this[kSubstringSearch] = null;

  this.escapeCodeTimeout = 500;
  this.tabSize = 8;
  if (options.tabSize !== undefined) {
    validateUint32(options.tabSize, 'tabSize', true);
    this.tabSize = options.tabSize;
  }
  if (options.escapeCodeTimeout !== undefined) {
    if (!Number.isFinite(options.escapeCodeTimeout)) {
      throw new ERR_INVALID_ARG_VALUE('input.escapeCodeTimeout', this.escapeCodeTimeout);
    }
    this.escapeCodeTimeout = options.escapeCodeTimeout;
  }
  const { signal } = options;
  if (signal) validateAbortSignal(signal, 'options.signal');
  if (completer !== undefined && typeof completer !== 'function') {
    throw new ERR_INVALID_ARG_VALUE('completer', completer);
  }
  initHistory(this, options);

  if (terminal === undefined && output !== null && output !== undefined) terminal = !!output.isTTY;

  this.line = '';
  this.input = input;
  this.output = output;
  this.completer = completer;
  this.crlfDelay = options.crlfDelay ? Math.max(kMinCrlfDelay, options.crlfDelay) : kMinCrlfDelay;
  this.undoStack = [];
  this.redoStack = [];
  this.killRing = [];
  this.killRingCursor = 0;
  this.setPrompt(options.prompt !== undefined ? options.prompt : '> ');
  this.terminal = !!terminal;
  // REPL and friends attach to it.
  this.closed = false;
  this.paused = false;

  attach(this);
  if (signal) closeOnAbort(this, signal);

  this._setLine('');
  input.resume();
}
Object.setPrototypeOf(InterfaceConstructor.prototype, EventEmitter.prototype);
Object.setPrototypeOf(InterfaceConstructor, EventEmitter);

function initHistory(rl, options) {
  let { history, historySize } = options;
  if (history === undefined) history = [];
  else validateArray(history, 'history');
  if (historySize === undefined) historySize = kHistorySize;
  validateNumber(historySize, 'size', 0);
  rl.history = history;
  rl.historySize = historySize;
  rl.historyIndex = -1;
  rl.removeHistoryDuplicates = !!options.removeHistoryDuplicates;
}

// Listens to the input until the interface is closed.
function attach(rl) {
  const { input, output } = rl;
  const listeners = { __proto__: null, error: (err) => rl.emit('error', err) };

  if (!rl.terminal) {
    const { StringDecoder } = require('string_decoder');
    rl._decoder = new StringDecoder('utf8');
    rl._line_buffer = undefined;
    listeners.data = (data) => rl._normalWrite(data);
    listeners.end = () => {
      if (typeof rl._line_buffer === 'string' && rl._line_buffer.length > 0) {
        rl.emit('line', rl._line_buffer);
      }
      rl.close();
    };
  } else {
    emitKeypressEvents(input, rl);
    listeners.keypress = (s, key) => {
      rl._ttyWrite(s, key);
      if (key?.sequence) {
        // Half of a character: show the whole once the other half is here.
        const ch = key.sequence.codePointAt(0);
        if (ch >= 0xd800 && ch <= 0xdfff) rl._refreshLine();
      }
    };
    listeners.end = () => {
      if (typeof rl.line === 'string' && rl.line.length > 0) rl.emit('line', rl.line);
      rl.close();
    };
    rl._setRawMode(true);
    rl.cursor = 0;
  }

  for (const event in listeners) input.on(event, listeners[event]);
  const onresize = () => rl._refreshLine();
  const resizes = rl.terminal && output !== null && output !== undefined;
  if (resizes) output.on('resize', onresize);

  rl.once('close', () => {
    for (const event in listeners) input.removeListener(event, listeners[event]);
    if (resizes) output.removeListener('resize', onresize);
  });
}

function closeOnAbort(rl, signal) {
  const onAborted = () => rl.close();
  if (signal.aborted) {
    process.nextTick(onAborted);
  } else {
    const { addAbortListener } = require('internal/events/abort_listener');
    const listener = addAbortListener(signal, onAborted);
    rl.once('close', listener[Symbol.dispose]);
  }
}

const methods = {
  get columns() {
    if (this.output?.columns) return this.output.columns;
    return Infinity;
  },

  setPrompt(prompt) {
    this._prompt = prompt;
  },

  getPrompt() {
    return this._prompt;
  },

  // The mode it was in.
  _setRawMode(mode) {
    const wasInRawMode = this.input.isRaw;
    if (typeof this.input.setRawMode === 'function') this.input.setRawMode(mode);
    return wasInRawMode;
  },

  prompt(preserveCursor) {
    if (this.paused) this.resume();
    if (this.terminal && process.env.TERM !== 'dumb') {
      if (!preserveCursor) this.cursor = 0;
      this._refreshLine();
    } else {
      this._writeToOutput(this._prompt);
    }
  },

  _ask(query, callback) {
    if (this.closed) throw new ERR_USE_AFTER_CLOSE('readline');
    if (this._questionCallback) {
      // One question at a time.
      this.prompt();
      return;
    }
    this._oldPrompt = this._prompt;
    this.setPrompt(query);
    this._questionCallback = callback;
    this.prompt();
  },

  _cancelQuestion() {
    if (!this._questionCallback) return;
    this._questionCallback = null;
    this.setPrompt(this._oldPrompt);
    this.clearLine();
  },

  _onLine(line) {
    if (this._questionCallback) {
      const callback = this._questionCallback;
      this._questionCallback = null;
      this.setPrompt(this._oldPrompt);
      callback(line);
    } else {
      this.emit('line', line);
    }
  },

  _setLine(line = '') {
    this.line = line;
    this[kIsMultiline] = line.includes('\n');
  },

  _writeToOutput(stringToWrite) {
    validateString(stringToWrite, 'stringToWrite');
    if (this.output !== null && this.output !== undefined) this.output.write(stringToWrite);
  },

  // Draws prompt and line anew and puts the cursor where it belongs.
  _refreshLine() {
    const end = this._getDisplayPos(this._prompt + this.line);
    const cursor = this.getCursorPos();

    const previousRows = this.prevRows || 0;
    if (previousRows > 0) moveCursor(this.output, 0, -previousRows);
    cursorTo(this.output, 0);
    clearScreenDown(this.output);

    if (this[kIsMultiline]) {
      const [first, ...rest] = this.line.split('\n');
      this._writeToOutput(this._prompt + first);
      for (const line of rest) this._writeToOutput(`\n${kMultilinePrompt}${line}`);
    } else {
      this._writeToOutput(this._prompt + this.line);
    }

    // Makes the terminal allocate the next row.
    if (end.cols === 0) this._writeToOutput(' ');

    cursorTo(this.output, cursor.cols);
    const up = end.rows - cursor.rows;
    if (up > 0) moveCursor(this.output, 0, -up);
    this.prevRows = cursor.rows;
  },

  close() {
    if (this.closed) return;
    this.pause();
    if (this.terminal) this._setRawMode(false);
    this.closed = true;
    this.emit('close');
  },

  pause() {
    if (this.closed) throw new ERR_USE_AFTER_CLOSE('readline');
    if (this.paused) return;
    this.input.pause();
    this.paused = true;
    this.emit('pause');
    return this;
  },

  resume() {
    if (this.closed) throw new ERR_USE_AFTER_CLOSE('readline');
    if (!this.paused) return;
    this.input.resume();
    this.paused = false;
    this.emit('resume');
    return this;
  },

  // As if the user had typed it.
  write(d, key) {
    if (this.closed) throw new ERR_USE_AFTER_CLOSE('readline');
    if (this.paused) this.resume();
    if (this.terminal) this._ttyWrite(d, key);
    else this._normalWrite(d);
  },

  // Data that is no terminal's: cut into lines.
  _normalWrite(b) {
    if (b === undefined) return;
    let string = this._decoder.write(b);
    // \r and \n may come in two pieces.
    if (this._sawReturnAt && Date.now() - this._sawReturnAt <= this.crlfDelay) {
      if (string.codePointAt(0) === 10) string = string.slice(1);
      this._sawReturnAt = 0;
    }

    // Looked for in the new part only, not in all that has been buffered.
    lineEnding.lastIndex = 0;
    if (!lineEnding.test(string)) {
      if (string) this._line_buffer = this._line_buffer ? this._line_buffer + string : string;
      return;
    }

    if (this._line_buffer) {
      string = this._line_buffer + string;
      this._line_buffer = undefined;
    }
    this._sawReturnAt = string.endsWith('\r') ? Date.now() : 0;

    // First cut, then tell: a listener may write again.
    const lines = [];
    let from = 0;
    if (!string.includes('\r') && !string.includes('\u2028') && !string.includes('\u2029')) {
      for (let end = string.indexOf('\n'); end !== -1; end = string.indexOf('\n', from)) {
        lines.push(string.slice(from, end));
        from = end + 1;
      }
    } else {
      let match;
      lineEnding.lastIndex = 0;
      while ((match = lineEnding.exec(string)) !== null) {
        lines.push(string.slice(from, match.index));
        from = lineEnding.lastIndex;
      }
    }
    this._line_buffer = string.slice(from);
    for (const line of lines) this._onLine(line);
  },

  // Row and column where the terminal shows the end of str.
  _getDisplayPos(str) {
    const { getStringWidth, stripVTControlCharacters } = require('internal/util/inspect');
    let offset = 0;
    const col = this.columns;
    let rows = 0;
    str = stripVTControlCharacters(str);
    for (const char of str) {
      if (char === '\n') {
        // A row more, even where nothing was on this one or it has no end.
        rows += Math.ceil(offset / col) || 1;
        offset = this[kIsMultiline] ? kMultilinePrompt.length : 0;
        continue;
      }
      if (char === '\t') {
        offset += this.tabSize - (offset % this.tabSize);
        continue;
      }
      const width = getStringWidth(char, false);
      if (width === 0 || width === 1) {
        offset += width;
      } else {
        // A wide character does not fit into the last column.
        if ((offset + 1) % col === 0) offset++;
        offset += 2;
      }
    }
    const cols = offset % col;
    rows += (offset - cols) / col;
    return { cols, rows };
  },

  // Where the cursor is, prompt included.
  getCursorPos() {
    return this._getDisplayPos(this._prompt + this.line.slice(0, this.cursor));
  },

  // Changes the cursor, on the screen too.
  _moveCursor(dx) {
    if (dx === 0) return;
    const before = this.getCursorPos();
    this.cursor = Math.min(Math.max(this.cursor + dx, 0), this.line.length);
    const after = this.getCursorPos();
    if (before.rows === after.rows) moveCursor(this.output, after.cols - before.cols, 0);
    else this._refreshLine();
  },

  // Lines with back-pressure: the input pauses when 1024 of them wait.
  [Symbol.asyncIterator]() {
    if (this[kLines] === undefined) {
      this[kLines] = EventEmitter.on(this, 'line', {
        close: ['close'],
        highWaterMark: 1024,
        [Symbol.for('nodejs.kFirstEventParam')]: true,
      });
    }
    return this[kLines];
  },

  [Symbol.dispose]() {
    this.close();
  },
};

// Not enumerable, as a class would define them.
function installMethods(prototype, members) {
  for (const key of Reflect.ownKeys(members)) {
    const descriptor = Object.getOwnPropertyDescriptor(members, key);
    Object.defineProperty(prototype, key, { ...descriptor, __proto__: null, enumerable: false });
  }
}

installMethods(InterfaceConstructor.prototype, methods);
installEditing(InterfaceConstructor.prototype, installMethods);
installKeymap(InterfaceConstructor.prototype, installMethods);
Object.defineProperty(InterfaceConstructor.prototype[Symbol.dispose], 'name', {
  __proto__: null, value: '[Symbol.dispose]',
});

class Interface extends InterfaceConstructor {}

// The promise of a question; the signal or the end of input take it back.
function askPromise(rl, query, options = {}) {
  return new Promise((resolve, reject) => {
    let callback = resolve;
    const signal = options?.signal;
    if (signal) {
      validateAbortSignal(signal, 'options.signal');
      if (signal.aborted) {
        reject(new AbortError(undefined, { cause: signal.reason }));
        return;
      }
      const onAbort = () => {
        rl._cancelQuestion();
        reject(new AbortError(undefined, { cause: signal.reason }));
      };
      const { addAbortListener } = require('internal/events/abort_listener');
      const listener = addAbortListener(signal, onAbort);
      callback = (answer) => {
        listener[Symbol.dispose]();
        resolve(answer);
      };
    }
    rl._ask(query, callback);
    rl[kQuestionReject] = reject;
  });
}

module.exports = {
  Interface,
  InterfaceConstructor,
  askPromise,
  kIsMultiline,
  kQuestionReject,
  lineEnding,
};
