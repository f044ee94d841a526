'use strict';
// The source of a failing assert() call, for its message: V8 says where the call is, the text of the call is
// cut out of that line.

const kIdentifierPart = /[\w$\u0080-\uffff]/;

// End of the quoted text, regular expression or comment that starts at `i`; -1 where it does not end here.
function skipLiteral(line, i) {
  const quote = line[i];
  for (let j = i + 1; j < line.length; j++) {
    if (line[j] === '\\') j++;
    else if (line[j] === quote) return j;
    else if (quote === '`' && line[j] === '$' && line[j + 1] === '{') {
      j = skipBrackets(line, j + 1);
      if (j === -1) return -1;
    }
  }
  return -1;
}

function skipRegExp(line, i) {
  let inClass = false;
  for (let j = i + 1; j < line.length; j++) {
    if (line[j] === '\\') j++;
    else if (line[j] === '[') inClass = true;
    else if (line[j] === ']') inClass = false;
    else if (line[j] === '/' && !inClass) return j;
  }
  return -1;
}

// Whether a slash at `i` starts a regular expression: it does not after a value.
function startsRegExp(line, i) {
  const before = line.slice(0, i).trimEnd();
  if (before === '') return true;
  if (/(?:^|[^\w$.])(?:return|typeof|case|in|of|void|delete|await|yield)$/.test(before)) return true;
  return !/[\w$)\]}"'`]$/.test(before);
}

// Index of the bracket that closes the one at `i`; -1 where it is not on this line.
function skipBrackets(line, i) {
  let depth = 0;
  for (let j = i; j < line.length; j++) {
    const char = line[j];
    if (char === '"' || char === "'" || char === '`') {
      j = skipLiteral(line, j);
      if (j === -1) return -1;
    } else if (char === '/' && line[j + 1] === '/') {
      return -1;
    } else if (char === '/' && line[j + 1] === '*') {
      j = line.indexOf('*/', j + 2) + 1;
      if (j === 0) return -1;
    } else if (char === '/' && startsRegExp(line, j)) {
      j = skipRegExp(line, j);
      if (j === -1) return -1;
    } else if (char === '(' || char === '[' || char === '{') {
      depth++;
    } else if (char === ')' || char === ']' || char === '}') {
      if (--depth === 0) return j;
    }
  }
  return -1;
}

// Start of the member expression whose last part is at `i`: `a.b.` before it belongs to it.
function memberStart(line, i) {
  let start = i;
  while (start > 0 && kIdentifierPart.test(line[start]) && kIdentifierPart.test(line[start - 1])) start--;
  for (;;) {
    let j = start - 1;
    if (line[start] === '[' || line[start] === '(') {
      if (line[j] === '.' && line[j - 1] === '?') j -= 2;
    } else if (line[j] === '.') {
      j--;
      if (line[j] === '?') j--;
    } else {
      return start;
    }
    if (line[j] === ']') {
      j = line.lastIndexOf('[', j);
      if (j <= 0) return start;
      start = j;
      continue;
    }
    if (j < 0 || !kIdentifierPart.test(line[j])) return start;
    while (j > 0 && kIdentifierPart.test(line[j - 1])) j--;
    start = j;
  }
}

// The call whose place in `line` is `column`: from the start of its callee to its last bracket, or to the end of
// the line where the call goes on.
function callText(line, column) {
  const start = memberStart(line, column);
  let open = column;
  // The callee may have brackets of its own: assert['ok'](x).
  for (;;) {
    while (open < line.length && line[open] !== '(' && line[open] !== '[') open++;
    if (open >= line.length) return line.slice(start);
    const close = skipBrackets(line, open);
    if (close === -1) return line.slice(start);
    if (line[open] === '(') return line.slice(start, close + 1);
    open = close + 1;
  }
}

// Text of the innermost call on the stack of `error`, undefined where V8 has no source for it.
function expressionOf(error) {
  let position = internalBinding('errors').getErrorSourcePositions?.(error);
  if (position === undefined || typeof position.sourceLine !== 'string' || position.sourceLine === '') {
    return undefined;
  }
  if (internalBinding('app').hasSourceMaps()) position = require('internal/source_map/embedded').originalPosition(position);
  return callText(position.sourceLine, position.startColumn);
}

module.exports = { callText, expressionOf };
