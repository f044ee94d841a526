'use strict';
// Owns: small text helpers of readline: control sequences, character
// boundaries, the common start of completions.

// CSI`2J` is the control sequence for 2J.
function CSI(strings, ...args) {
  let sequence = '\x1b[';
  for (let n = 0; n < strings.length; n++) {
    sequence += strings[n];
    if (n < args.length) sequence += args[n];
  }
  return sequence;
}

CSI.kEscape = '\x1b';
CSI.kClearToLineBeginning = CSI`1K`;
CSI.kClearToLineEnd = CSI`0K`;
CSI.kClearLine = CSI`2K`;
CSI.kClearScreenDown = CSI`0J`;

const kUTF16SurrogateThreshold = 0x10000;
const kSubstringSearch = Symbol('kSubstringSearch');

// Code units of the character left of index i.
function charLengthLeft(str, i) {
  if (i <= 0) return 0;
  if ((i > 1 && str.codePointAt(i - 2) >= kUTF16SurrogateThreshold) ||
      str.codePointAt(i - 1) >= kUTF16SurrogateThreshold) {
    return 2;
  }
  return 1;
}

// Code units of the character at index i. Past the end it is 1, so that
// moving right works there too.
function charLengthAt(str, i) {
  if (str.length <= i) return 1;
  return str.codePointAt(i) >= kUTF16SurrogateThreshold ? 2 : 1;
}

// The longest start that all strings have.
function commonPrefix(strings) {
  if (strings.length === 0) return '';
  if (strings.length === 1) return strings[0];
  let min = strings[0];
  let max = strings[0];
  for (const s of strings) {
    if (s < min) min = s;
    if (s > max) max = s;
  }
  let i = 0;
  while (i < min.length && min[i] === max[i]) i++;
  return min.slice(0, i);
}

function reverseString(line) {
  let reversed = '';
  for (let i = line.length - 1; i >= 0; i--) reversed += line[i];
  return reversed;
}

module.exports = {
  CSI,
  charLengthAt,
  charLengthLeft,
  commonPrefix,
  kSubstringSearch,
  reverseString,
  get emitKeys() {
    return require('internal/readline/keys').emitKeys;
  },
};
