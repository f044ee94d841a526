'use strict';
// Owns: changes of the line being edited: insertion, deletion by character,
// word and line, the kill ring, undo, history, completion.
// Not here: the screen (interface.js), which key does what (keymap.js).

const {
  charLengthAt,
  charLengthLeft,
  commonPrefix,
  kSubstringSearch,
  reverseString,
} = require('internal/readline/utils');

const kMaxUndoRedoStackSize = 2048;
const kMaxLengthOfKillRing = 32;

// A word (or run of punctuation) with the blanks behind it, in a reversed
// text: matching backwards from the end would take quadratic time.
const wordBefore = /^\s*(?:[^\w\s]+|\w+)?/;

const methods = {
  // -- insertion and deletion -------------------------------------------------

  _insertString(c) {
    this._beforeEdit(this.line, this.cursor);
    if (this.cursor < this.line.length) {
      const before = this.line.slice(0, this.cursor);
      const after = this.line.slice(this.cursor);
      this._setLine(before + c + after);
      this.cursor += c.length;
      // What is pasted is drawn anew with its last character.
      if (this.isCompletionEnabled) this._refreshLine();
      else this._writeToOutput(c);
      return;
    }
    const oldPos = this.getCursorPos();
    this._setLine(this.line + c);
    this.cursor += c.length;
    const newPos = this.getCursorPos();
    if (oldPos.rows < newPos.rows) this._refreshLine();
    else this._writeToOutput(c);
  },

  // Replaces the line; the cursor goes to `cursor`.
  _edit(line, cursor) {
    this._beforeEdit(this.line, this.cursor);
    this._setLine(line);
    this.cursor = cursor;
    this._refreshLine();
  },

  _deleteLeft() {
    if (this.cursor === 0 || this.line.length === 0) return;
    const start = this.cursor - charLengthLeft(this.line, this.cursor);
    this._edit(this.line.slice(0, start) + this.line.slice(this.cursor), start);
  },

  _deleteRight() {
    if (this.cursor >= this.line.length) return;
    const end = this.cursor + charLengthAt(this.line, this.cursor);
    this._edit(this.line.slice(0, this.cursor) + this.line.slice(end), this.cursor);
  },

  _deleteWordLeft() {
    if (this.cursor === 0) return;
    const leading = this.line.slice(0, this.cursor);
    const [match] = wordBefore.exec(reverseString(leading));
    const kept = leading.slice(0, leading.length - match.length);
    this._edit(kept + this.line.slice(this.cursor), kept.length);
  },

  _deleteWordRight() {
    if (this.cursor >= this.line.length) return;
    const trailing = this.line.slice(this.cursor);
    const [match] = /^(?:\s+|\W+|\w+)\s*/.exec(trailing);
    this._edit(this.line.slice(0, this.cursor) + trailing.slice(match.length), this.cursor);
  },

  _deleteLineLeft() {
    const deleted = this.line.slice(0, this.cursor);
    this._pushToKillRing(deleted);
    this._edit(this.line.slice(this.cursor), 0);
  },

  _deleteLineRight() {
    const deleted = this.line.slice(this.cursor);
    this._pushToKillRing(deleted);
    this._edit(this.line.slice(0, this.cursor), this.cursor);
  },

  // -- movement by words --------------------------------------------------------

  _wordLeft() {
    if (this.cursor === 0) return;
    const [match] = wordBefore.exec(reverseString(this.line.slice(0, this.cursor)));
    this._moveCursor(-match.length);
  },

  _wordRight() {
    if (this.cursor >= this.line.length) return;
    const [match] = /^(?:\s+|[^\w\s]+|\w+)\s*/.exec(this.line.slice(this.cursor));
    this._moveCursor(match.length);
  },

  // -- kill ring ----------------------------------------------------------------

  _pushToKillRing(deleted) {
    if (!deleted || deleted === this.killRing[0]) return;
    this.killRing.unshift(deleted);
    this.killRingCursor = 0;
    while (this.killRing.length > kMaxLengthOfKillRing) this.killRing.pop();
  },

  _yank() {
    if (this.killRing.length === 0) return;
    this.yanking = true;
    this._insertString(this.killRing[this.killRingCursor]);
  },

  // Replaces what the last yank inserted by the one before it.
  _yankPop() {
    if (!this.yanking || this.killRing.length <= 1) return;
    const last = this.killRing[this.killRingCursor];
    this.killRingCursor = (this.killRingCursor + 1) % this.killRing.length;
    const current = this.killRing[this.killRingCursor];
    const head = this.line.slice(0, this.cursor - last.length);
    this._setLine(head + current + this.line.slice(this.cursor));
    this.cursor = head.length + current.length;
    this._refreshLine();
  },

  // -- undo ---------------------------------------------------------------------

  _beforeEdit(oldText, oldCursor) {
    this._pushToUndoStack(oldText, oldCursor);
  },

  _pushToUndoStack(text, cursor) {
    if (this.undoStack.push({ text, cursor }) > kMaxUndoRedoStackSize) this.undoStack.shift();
  },

  _undo() {
    if (this.undoStack.length === 0) return;
    this.redoStack.push({ text: this.line, cursor: this.cursor });
    const entry = this.undoStack.pop();
    this._setLine(entry.text);
    this.cursor = entry.cursor;
    this._refreshLine();
  },

  _redo() {
    if (this.redoStack.length === 0) return;
    this.undoStack.push({ text: this.line, cursor: this.cursor });
    const entry = this.redoStack.pop();
    this._setLine(entry.text);
    this.cursor = entry.cursor;
    this._refreshLine();
  },

  // -- lines --------------------------------------------------------------------

  // Leaves the line as it is on the screen and starts an empty one below.
  clearLine() {
    this._moveCursor(+Infinity);
    this._writeToOutput('\r\n');
    this._setLine('');
    this.cursor = 0;
    this.prevRows = 0;
  },

  // The user has finished the line.
  _line() {
    const line = this._addHistory();
    this.undoStack = [];
    this.redoStack = [];
    this.clearLine();
    this._onLine(line);
  },

  // -- history ------------------------------------------------------------------

  // Remembers the line, the newest first, and returns it.
  _addHistory() {
    const { line, history } = this;
    if (line.length === 0) return '';
    if (!history || this.historySize === 0 || line.trim().length === 0) return line;

    if (history.length === 0 || history[0] !== line) {
      if (this.removeHistoryDuplicates) {
        const duplicate = history.indexOf(line);
        if (duplicate !== -1) history.splice(duplicate, 1);
      }
      history.unshift(line);
      if (history.length > this.historySize) history.pop();
    }
    this.historyIndex = -1;

    // Listeners may change the history, and with it the line.
    const remembered = history[0];
    this.emit('history', history);
    return remembered;
  },

  _historyNext() {
    if (this.historyIndex < 0) return;
    const search = this[kSubstringSearch] || '';
    let index = this.historyIndex - 1;
    while (index >= 0 &&
           (!this.history[index].startsWith(search) || this.line === this.history[index])) {
      index--;
    }
    this._showHistory(index, index === -1 ? search : this.history[index]);
  },

  _historyPrev() {
    if (this.historyIndex >= this.history.length || this.history.length === 0) return;
    const search = this[kSubstringSearch] || '';
    let index = this.historyIndex + 1;
    while (index < this.history.length &&
           (!this.history[index].startsWith(search) || this.line === this.history[index])) {
      index++;
    }
    this._showHistory(index, index === this.history.length ? search : this.history[index]);
  },

  _showHistory(index, line) {
    this._beforeEdit(this.line, this.cursor);
    this._setLine(line);
    this.historyIndex = index;
    this.cursor = this.line.length;
    this._refreshLine();
  },

  // In a line with line breaks the arrows move inside it first.
  _moveUpOrHistoryPrev() {
    if (!this._moveByRow(-1)) this._historyPrev();
  },

  _moveDownOrHistoryNext() {
    if (!this._moveByRow(+1)) this._historyNext();
  },

  // To the same column of the row above or below; false where there is none.
  _moveByRow(direction) {
    if (!this.line.includes('\n')) return false;
    const rows = this.line.split('\n');
    let row = 0;
    let column = this.cursor;
    while (column > rows[row].length) column -= rows[row++].length + 1;
    const target = row + direction;
    if (target < 0 || target >= rows.length) return false;

    let start = 0;
    for (let i = 0; i < target; i++) start += rows[i].length + 1;
    this._moveCursor(start + Math.min(column, rows[target].length) - this.cursor);
    return true;
  },

  // -- completion ---------------------------------------------------------------

  async _tabComplete(lastKeypressWasTab) {
    this.pause();
    const string = this.line.slice(0, this.cursor);
    let value;
    try {
      value = await this.completer(string);
    } catch (err) {
      const { inspect } = require('internal/util/inspect');
      this._writeToOutput(`Tab completion error: ${inspect(err)}`);
      return;
    } finally {
      if (!this.closed) this.resume();
    }
    this._showCompletions(lastKeypressWasTab, value);
  },

  // What the candidates have in common is inserted; a second tab lists them.
  _showCompletions(lastKeypressWasTab, [completions, completeOn]) {
    if (!completions || completions.length === 0) return;

    const prefix = commonPrefix(completions.filter((entry) => entry !== ''));
    if (prefix.startsWith(completeOn) && prefix.length > completeOn.length) {
      this._insertString(prefix.slice(completeOn.length));
      return;
    }
    if (!completeOn.startsWith(prefix)) {
      // The candidates are spelled differently, in upper case for one.
      this._setLine(this.line.slice(0, this.cursor - completeOn.length) + prefix +
        this.line.slice(this.cursor));
      this.cursor = this.cursor - completeOn.length + prefix.length;
      this._refreshLine();
      return;
    }
    if (!lastKeypressWasTab) return;

    this._beforeEdit(this.line, this.cursor);
    this._writeToOutput(layOut(completions, this.columns));
    this._refreshLine();
  },
};

// The candidates in columns; an empty one begins a new group.
function layOut(completions, columns) {
  const { getStringWidth } = require('internal/util/inspect');
  const widths = completions.map((entry) => getStringWidth(entry));
  const width = Math.max(...widths) + 2;
  let perRow = Math.floor(columns / width) || 1;
  if (perRow === Infinity) perRow = 1;

  let output = '\r\n';
  let inRow = 0;
  let blanks = 0;
  for (let i = 0; i < completions.length; i++) {
    const completion = completions[i];
    if (completion === '' || inRow === perRow) {
      output += '\r\n';
      inRow = 0;
      blanks = 0;
    } else {
      output += ' '.repeat(blanks);
    }
    if (completion !== '') {
      output += completion;
      blanks = width - widths[i];
      inRow++;
    } else {
      output += '\r\n';
    }
  }
  if (inRow !== 0) output += '\r\n\r\n';
  return output;
}

function installEditing(prototype, installMethods) {
  installMethods(prototype, methods);
}

module.exports = { installEditing };
