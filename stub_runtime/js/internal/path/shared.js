'use strict';
// What the posix and the win32 half of node:path have in common: collapsing of `.` and `..`,
// `format`, and the glob matcher of `matchesGlob`.

const { validateObject, validateString } = require('internal/validators');
const { charCodeAt, slice, lastIndexOf, endsWith } = require('internal/string_methods');

const CHAR_DOT = 46;
const CHAR_SLASH = 47;
const CHAR_BACKSLASH = 92;

function isPosixSeparator(code) {
  return code === CHAR_SLASH;
}

function isWin32Separator(code) {
  return code === CHAR_SLASH || code === CHAR_BACKSLASH;
}

// Resolves `.`, `..` and empty segments of `path`; the result has neither a leading nor a trailing
// separator. With `keepAbove`, a `..` that has nothing left to remove stays.
function collapse(path, keepAbove, sep, isSeparator) {
  const end = path.length;
  const separator = charCodeAt(sep, 0);
  let out = '';
  let depth = 0; // Segments that a `..` may remove
  // What follows `out`: segments that stand in `path` as they will in the result, in one piece.
  let runStart = 0;
  let runEnd = 0;
  let start = 0;
  for (let i = 0; i <= end; i++) {
    if (i !== end && !isSeparator(charCodeAt(path, i))) continue;
    const size = i - start;
    const dots = size > 0 && size < 3 && charCodeAt(path, start) === CHAR_DOT &&
      charCodeAt(path, i - 1) === CHAR_DOT ? size : 0;
    if (dots === 2) {
      if (depth > 0) {
        depth--;
        if (runEnd > runStart) {
          while (runEnd > runStart && charCodeAt(path, runEnd - 1) !== separator) runEnd--;
          if (runEnd > runStart) runEnd--;
        } else {
          const cut = lastIndexOf(out, sep);
          out = cut === -1 ? '' : slice(out, 0, cut);
        }
      } else if (keepAbove) {
        out = out === '' ? '..' : `${out}${sep}..`;
      }
    } else if (size > 0 && dots === 0) {
      if (runEnd > runStart && (start !== runEnd + 1 || charCodeAt(path, runEnd) !== separator)) {
        const run = slice(path, runStart, runEnd);
        out = out === '' ? run : out + sep + run;
        runStart = start;
      } else if (runEnd === runStart) {
        runStart = start;
      }
      runEnd = i;
      depth++;
    }
    start = i + 1;
  }
  if (runEnd === runStart) return out;
  const run = slice(path, runStart, runEnd);
  return out === '' ? run : out + sep + run;
}

// (pathObject) => string; `sep` goes between dir and base.
function format(sep, pathObject) {
  validateObject(pathObject, 'pathObject');
  const dir = pathObject.dir || pathObject.root;
  const ext = pathObject.ext;
  const base = pathObject.base ||
    `${pathObject.name || ''}${ext ? `${ext[0] === '.' ? '' : '.'}${ext}` : ''}`;
  if (!dir) return base;
  return dir === pathObject.root ? `${dir}${base}` : `${dir}${sep}${base}`;
}

// Start and end (exclusive) of the last segment of `path` from `from` on, trailing separators
// left out.
function lastSegment(path, from, isSeparator) {
  let end = path.length;
  while (end > from && isSeparator(charCodeAt(path, end - 1))) end--;
  let start = end;
  while (start > from && !isSeparator(charCodeAt(path, start - 1))) start--;
  return { start, end };
}

// Where the extension of the segment [start, end) starts; `end` when it has none. A leading dot
// starts no extension, and `..` has none.
function extensionStart(path, start, end) {
  for (let i = end - 1; i > start; i--) {
    if (charCodeAt(path, i) !== CHAR_DOT) continue;
    if (i === start + 1 && end === start + 2 && charCodeAt(path, start) === CHAR_DOT) return end;
    return i;
  }
  return end;
}

// The shared half of basename(): the last segment of `path` from `from` on without `suffix`.
function basename(path, from, suffix, isSeparator) {
  if (suffix === undefined || suffix === '' || suffix.length > path.length) {
    const { start, end } = lastSegment(path, from, isSeparator);
    return slice(path, start, end);
  }
  if (suffix === path) return '';
  const { start, end } = lastSegment(path, from, isSeparator);
  const base = slice(path, start, end);
  // Node leaves trailing separators when the name is but the tail of the suffix.
  if (suffix.length > base.length && endsWith(suffix, base)) return slice(path, start);
  // A suffix that is the whole name is not removed.
  return base !== suffix && endsWith(base, suffix) ? slice(base, 0, -suffix.length) : base;
}

function extname(path, from, isSeparator) {
  const { start, end } = lastSegment(path, from, isSeparator);
  return slice(path, extensionStart(path, start, end), end);
}

function matchesGlob(path, pattern, windows) {
  validateString(path, 'path');
  validateString(pattern, 'pattern');
  return require('internal/fs/glob').matchGlobPattern(path, pattern, windows);
}

module.exports = {
  CHAR_BACKSLASH,
  CHAR_DOT,
  CHAR_SLASH,
  basename,
  collapse,
  extensionStart,
  extname,
  format,
  isPosixSeparator,
  isWin32Separator,
  lastSegment,
  matchesGlob,
};
