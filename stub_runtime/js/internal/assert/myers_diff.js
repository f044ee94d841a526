'use strict';
// The shortest edit script between two sequences (Myers), and its rendering for assertion messages.

const { codes: { ERR_OUT_OF_RANGE } } = require('internal/errors');
const colors = require('internal/util/colors');

const kDelete = -1;
const kNop = 0;
const kInsert = 1;

// Unchanged lines around a change that are shown.
const kContext = 5;

// With `ignoreComma`, lines of inspected objects that differ in their final comma only are equal.
function areEqual(a, b, ignoreComma) {
  return a === b || (ignoreComma && (`${a},` === b || a === `${b},`));
}

// [operation, line] pairs, last first. Insertions are of `actual`, deletions of `expected`.
function myersDiff(actual, expected, ignoreComma = false) {
  const n = actual.length;
  const m = expected.length;
  const max = n + m;
  if (max > 2 ** 31 - 1) throw new ERR_OUT_OF_RANGE('myersDiff input size', '< 2^31', max);

  // furthest[d]: how far along `actual` the diagonal d was followed.
  const furthest = new Int32Array(2 * max + 1);
  const trace = [];
  for (let depth = 0; depth <= max; depth++) {
    trace.push(furthest.slice(max - depth, max + depth + 1));
    for (let diagonal = -depth; diagonal <= depth; diagonal += 2) {
      const at = diagonal + max;
      const down = diagonal === -depth || (diagonal !== depth && furthest[at - 1] < furthest[at + 1]);
      let x = down ? furthest[at + 1] : furthest[at - 1] + 1;
      let y = x - diagonal;
      while (x < n && y < m && areEqual(actual[x], expected[y], ignoreComma)) {
        x++;
        y++;
      }
      furthest[at] = x;
      if (x >= n && y >= m) return backtrack(trace, actual, expected, ignoreComma);
    }
  }
}

function backtrack(trace, actual, expected, ignoreComma) {
  const result = [];
  let x = actual.length;
  let y = expected.length;
  for (let depth = trace.length - 1; depth >= 0; depth--) {
    // The part of `furthest` that this depth could see; its middle is diagonal 0.
    const seen = trace[depth];
    const at = (diagonal) => seen[diagonal + depth] ?? 0;
    const diagonal = x - y;
    const down = diagonal === -depth || (diagonal !== depth && at(diagonal - 1) < at(diagonal + 1));
    const previousDiagonal = down ? diagonal + 1 : diagonal - 1;
    const previousX = at(previousDiagonal);
    const previousY = previousX - previousDiagonal;
    while (x > previousX && y > previousY) {
      const line = actual[x - 1];
      result.push([kNop, !ignoreComma || line.endsWith(',') ? line : expected[y - 1]]);
      x--;
      y--;
    }
    if (depth > 0) {
      if (x > previousX) {
        x--;
        result.push([kInsert, actual[x]]);
      } else {
        y--;
        result.push([kDelete, expected[y]]);
      }
    }
  }
  return result;
}

// Characters of a diff of two strings on one coloured line.
function printSimpleMyersDiff(diff) {
  let message = '';
  for (let i = diff.length - 1; i >= 0; i--) {
    const { 0: operation, 1: value } = diff[i];
    const color = operation === kInsert ? colors.green : operation === kDelete ? colors.red : colors.white;
    message += `${color}${value}${colors.white}`;
  }
  return `\n${message}`;
}

// Lines of a diff; long runs without a change are shortened. Gives { message, skipped }.
function printMyersDiff(diff, operator) {
  let message = '';
  let skipped = false;
  let nops = 0;
  for (let i = diff.length - 1; i >= 0; i--) {
    const { 0: operation, 1: value } = diff[i];
    const previous = i < diff.length - 1 ? diff[i + 1][0] : null;
    // A run of unchanged lines ends: its last ones show where the change is. Up to two are not worth "...".
    if (previous === kNop && operation !== previous) {
      if (nops === kContext + 1) {
        message += `${colors.white}  ${diff[i + 1][1]}\n`;
      } else if (nops === kContext + 2) {
        message += `${colors.white}  ${diff[i + 2][1]}\n`;
        message += `${colors.white}  ${diff[i + 1][1]}\n`;
      } else if (nops >= kContext + 3) {
        message += `${colors.blue}...${colors.white}\n`;
        message += `${colors.white}  ${diff[i + 1][1]}\n`;
        skipped = true;
      }
      nops = 0;
    }
    if (operation === kInsert) {
      // More than was expected is no failure of a partial comparison.
      if (operator === 'partialDeepStrictEqual') {
        message += `${colors.gray}${colors.hasColors ? ' ' : '+'} ${value}${colors.white}\n`;
      } else {
        message += `${colors.green}+${colors.white} ${value}\n`;
      }
    } else if (operation === kDelete) {
      message += `${colors.red}-${colors.white} ${value}\n`;
    } else {
      if (nops < kContext) message += `${colors.white}  ${value}\n`;
      nops++;
    }
  }
  return { message: `\n${message.trimEnd()}`, skipped };
}

module.exports = { myersDiff, printMyersDiff, printSimpleMyersDiff };
