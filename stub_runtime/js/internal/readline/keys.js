'use strict';
// Owns: what terminals send, as 'keypress' events: single characters, control
// letters, escape sequences of xterm, rxvt, putty, the Linux console and
// others, with their modifiers.
// Not here: bytes to characters, timeouts (emitKeypressEvents.js).

const { charLengthAt } = require('internal/readline/utils');

const ESC = '\x1b';

// What follows ESC [ or ESC O (which is part of the code), by key.
const NAMES = new Map();

function name(key, codes, modifiers) {
  for (const code of codes.split(' ')) NAMES.set(code, { key, ...modifiers });
}

name('f1', 'OP [P [11~ [[A');
name('f2', 'OQ [Q [12~ [[B');
name('f3', 'OR [R [13~ [[C');
name('f4', 'OS [S [14~ [[D');
name('f5', '[15~ [[E');
name('f6', '[17~');
name('f7', '[18~');
name('f8', '[19~');
name('f9', '[20~');
name('f10', '[21~');
name('f11', '[23~');
name('f12', '[24~');
name('up', 'OA [A');
name('down', 'OB [B');
name('right', 'OC [C');
name('left', 'OD [D');
name('clear', 'OE [E');
name('end', 'OF [F [4~ [8~');
name('home', 'OH [H [1~ [7~');
name('insert', '[2~');
name('delete', '[3~');
name('pageup', '[5~ [[5~');
name('pagedown', '[6~ [[6~');
name('paste-start', '[200~');
name('paste-end', '[201~');
name('tab', '[Z', { shift: true });
// rxvt has codes of its own for keys with modifiers.
for (const [key, arrow, number] of [
  ['up', 'a'], ['down', 'b'], ['right', 'c'], ['left', 'd'], ['clear', 'e'],
  ['insert', undefined, '2'], ['delete', undefined, '3'], ['pageup', undefined, '5'],
  ['pagedown', undefined, '6'], ['home', undefined, '7'], ['end', undefined, '8'],
]) {
  name(key, arrow ? `[${arrow}` : `[${number}$`, { shift: true });
  name(key, arrow ? `O${arrow}` : `[${number}^`, { ctrl: true });
}

const isDigit = (ch) => ch >= '0' && ch <= '9';

// A parser fed with next(character); '' stands for "nothing came in time".
// Emits 'keypress' on the stream.
function* emitKeys(stream) {
  for (;;) {
    let ch = yield;
    let sequence = ch;
    let escaped = false;
    const key = { sequence: null, name: undefined, ctrl: false, meta: false, shift: false };

    if (ch === ESC) {
      escaped = true;
      sequence += (ch = yield);
      if (ch === ESC) sequence += (ch = yield);
    }

    if (escaped && ch === 'O') {
      // ESC O letter, with a modifier in between at times.
      let modifier = 0;
      sequence += (ch = yield);
      if (isDigit(ch)) {
        modifier = Number(ch) - 1;
        sequence += (ch = yield);
      }
      applyCode(key, `O${ch}`, modifier);
    } else if (escaped && ch === '[') {
      sequence += (ch = yield);
      let lead = '[';
      if (ch === '[') {
        // The Linux console: ESC [ [ letter.
        lead = '[[';
        sequence += (ch = yield);
      }

      // Up to three digits, a modifier, the last character: as much as a
      // sequence can have, without waiting for more than comes.
      const start = sequence.length - 1;
      for (let n = 0; n < 3 && isDigit(ch); n++) sequence += (ch = yield);
      if (ch === ';') {
        sequence += (ch = yield);
        if (isDigit(ch)) sequence += yield;
      }
      const { code, modifier } = splitCommand(sequence.slice(start));
      applyCode(key, lead + code, modifier);
    } else {
      applyCharacter(key, ch, escaped);
    }

    key.sequence = sequence;
    if (sequence.length !== 0 && (key.name !== undefined || escaped)) {
      stream.emit('keypress', escaped ? undefined : sequence, key);
    } else if (charLengthAt(sequence, 0) === sequence.length) {
      // One character without a name, such as a full stop.
      stream.emit('keypress', sequence, key);
    }
    // A broken sequence is dropped.
  }
}

// "1;5~" is key 1~ with modifier 4, "1;5A" key A; "200~" has no modifier.
function splitCommand(command) {
  let match = /^(?:(\d\d?)(?:;(\d))?([~^$])|(\d{3}~))$/.exec(command);
  if (match !== null) {
    if (match[4]) return { code: match[4], modifier: 0 };
    return { code: match[1] + match[3], modifier: (match[2] || 1) - 1 };
  }
  match = /^((\d;)?(\d))?([A-Za-z])$/.exec(command);
  if (match !== null) return { code: match[4], modifier: (match[3] || 1) - 1 };
  return { code: command, modifier: 0 };
}

function applyCode(key, code, modifier) {
  key.ctrl = (modifier & 4) !== 0;
  key.meta = (modifier & 10) !== 0;
  key.shift = (modifier & 1) !== 0;
  key.code = code;
  const found = NAMES.get(code);
  if (found === undefined) {
    key.name = 'undefined';
    return;
  }
  key.name = found.key;
  if (found.shift) key.shift = true;
  if (found.ctrl) key.ctrl = true;
}

const CONTROLS = new Map([
  ['\r', 'return'],
  ['\n', 'enter'],
  ['\t', 'tab'],
  ['\b', 'backspace'],
  ['\x7f', 'backspace'],
  [ESC, 'escape'],
  [' ', 'space'],
]);

function applyCharacter(key, ch, escaped) {
  const control = CONTROLS.get(ch);
  if (control !== undefined) {
    key.name = control;
    key.meta = escaped;
  } else if (!escaped && ch <= '\x1a') {
    // Ctrl and a letter: 1 is a.
    key.name = String.fromCharCode(ch.charCodeAt(0) + 0x60);
    key.ctrl = true;
  } else if (/^[0-9A-Za-z]$/.test(ch)) {
    key.name = ch.toLowerCase();
    key.shift = /^[A-Z]$/.test(ch);
    key.meta = escaped;
  } else if (escaped) {
    // ESC alone, or before what has no name.
    key.name = ch.length ? undefined : 'escape';
    key.meta = true;
  }
}

module.exports = { emitKeys };
