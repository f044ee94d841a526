'use strict';
// Owns: what each key does in an Interface on a terminal.

const { charLengthAt, charLengthLeft, kSubstringSearch } = require('internal/readline/utils');
const { clearScreenDown, cursorTo } = require('internal/readline/callbacks');

// With Ctrl and Shift.
const ctrlShiftKeys = {
  __proto__: null,
  backspace: (rl) => rl._deleteLineLeft(),
  delete: (rl) => rl._deleteLineRight(),
};

const ctrlKeys = {
  __proto__: null,
  c: interrupt,
  h: (rl) => rl._deleteLeft(),
  d: deleteRightOrEnd,
  u: (rl) => rl._deleteLineLeft(),
  k: (rl) => rl._deleteLineRight(),
  a: (rl) => rl._moveCursor(-Infinity),
  e: (rl) => rl._moveCursor(+Infinity),
  b: (rl) => rl._moveCursor(-charLengthLeft(rl.line, rl.cursor)),
  f: (rl) => rl._moveCursor(+charLengthAt(rl.line, rl.cursor)),
  l: clearScreen,
  n: (rl) => rl._historyNext(),
  p: (rl) => rl._historyPrev(),
  y: (rl) => rl._yank(),
  z: suspend,
  w: (rl) => rl._deleteWordLeft(),
  backspace: (rl) => rl._deleteWordLeft(),
  delete: (rl) => rl._deleteWordRight(),
  left: (rl) => rl._wordLeft(),
  right: (rl) => rl._wordRight(),
};

const metaKeys = {
  __proto__: null,
  b: (rl) => rl._wordLeft(),
  f: (rl) => rl._wordRight(),
  d: (rl) => rl._deleteWordRight(),
  delete: (rl) => rl._deleteWordRight(),
  backspace: (rl) => rl._deleteWordLeft(),
  y: (rl) => rl._yankPop(),
};

const plainKeys = {
  __proto__: null,
  backspace: (rl) => rl._deleteLeft(),
  delete: (rl) => rl._deleteRight(),
  left: (rl) => rl._moveCursor(-charLengthLeft(rl.line, rl.cursor)),
  right: (rl) => rl._moveCursor(+charLengthAt(rl.line, rl.cursor)),
  home: (rl) => rl._moveCursor(-Infinity),
  end: (rl) => rl._moveCursor(+Infinity),
  up: (rl) => rl._moveUpOrHistoryPrev(),
  down: (rl) => rl._moveDownOrHistoryNext(),
};

// A question nobody will answer any more.
function rejectQuestion(rl, message) {
  const { kQuestionReject } = require('internal/readline/interface');
  if (!rl[kQuestionReject]) return;
  const { AbortError } = require('internal/errors');
  rl[kQuestionReject](new AbortError(message));
}

function interrupt(rl) {
  if (rl.listenerCount('SIGINT') > 0) {
    rl.emit('SIGINT');
  } else {
    rl.close();
    rejectQuestion(rl, 'Aborted with Ctrl+C');
  }
}

function deleteRightOrEnd(rl) {
  if (rl.cursor === 0 && rl.line.length === 0) {
    rl.close();
    rejectQuestion(rl, 'Aborted with Ctrl+D');
  } else if (rl.cursor < rl.line.length) {
    rl._deleteRight();
  }
}

function clearScreen(rl) {
  cursorTo(rl.output, 0, 0);
  clearScreenDown(rl.output);
  rl._refreshLine();
}

function suspend(rl) {
  if (process.platform === 'win32') return;
  if (rl.listenerCount('SIGTSTP') > 0) {
    rl.emit('SIGTSTP');
    return;
  }
  process.once('SIGCONT', () => {
    // Nothing is told where the stream was given up meanwhile.
    if (!rl.paused) {
      // Only a stream resumed after SIGCONT sees ^C, ^Z and the end again.
      rl.pause();
      rl.emit('SIGCONT');
    }
    rl._setRawMode(true);
    rl._refreshLine();
  });
  rl._setRawMode(false);
  process.kill(process.pid, 'SIGTSTP');
}

// "Up" and "down" look for what begins as the text left of the cursor; any
// other key ends the search.
function updateSearch(rl, key) {
  if ((key.name === 'up' || key.name === 'down') && !key.ctrl && !key.meta && !key.shift) {
    if (rl[kSubstringSearch] === null && !rl.line.includes('\n')) {
      rl[kSubstringSearch] = rl.line.slice(0, rl.cursor);
    }
  } else if (rl[kSubstringSearch] !== null) {
    rl[kSubstringSearch] = null;
    // It may have run past the last match.
    if (rl.history.length === rl.historyIndex) rl.historyIndex = -1;
  }
}

function typeText(rl, s) {
  const { lineEnding } = require('internal/readline/interface');
  lineEnding.lastIndex = 0;
  let from = 0;
  let match;
  while ((match = lineEnding.exec(s)) !== null) {
    const { lastIndex } = lineEnding;
    rl._insertString(s.slice(from, match.index));
    from = lastIndex;
    // Its listeners may use the expression too.
    rl._line();
    lineEnding.lastIndex = from;
  }
  rl._insertString(s.slice(from));
}

function plainKey(rl, s, key, previousKey) {
  // A \r only counts if the \n comes right behind it.
  if (rl._sawReturnAt && key.name !== 'enter') rl._sawReturnAt = 0;

  switch (key.name) {
    case 'return':
      rl._sawReturnAt = Date.now();
      rl._line();
      return;
    case 'enter':
      if (rl._sawReturnAt === 0 || Date.now() - rl._sawReturnAt > rl.crlfDelay) rl._line();
      rl._sawReturnAt = 0;
      return;
    case 'tab':
      if (typeof rl.completer === 'function' && rl.isCompletionEnabled) {
        rl._tabComplete(previousKey && previousKey.name === 'tab');
        return;
      }
      break;
    default: {
      const action = plainKeys[key.name];
      if (action !== undefined) {
        action(rl);
        return;
      }
    }
  }
  if (typeof s === 'string' && s) typeText(rl, s);
}

const methods = {
  _ttyWrite(s, key) {
    const previousKey = this._previousKey;
    key ||= {};
    this._previousKey = key;

    if (!key.meta || key.name !== 'y') this.yanking = false;
    updateSearch(this, key);

    if (typeof key.sequence === 'string') {
      switch (key.sequence.codePointAt(0)) {
        case 0x1f:
          this._undo();
          return;
        case 0x1e:
          this._redo();
          return;
      }
    }
    if (key.name === 'escape') return;

    if (key.ctrl && key.shift) ctrlShiftKeys[key.name]?.(this);
    else if (key.ctrl) ctrlKeys[key.name]?.(this);
    else if (key.meta) metaKeys[key.name]?.(this);
    else plainKey(this, s, key, previousKey);
  },
};

function installKeymap(prototype, installMethods) {
  installMethods(prototype, methods);
}

module.exports = { installKeymap };
