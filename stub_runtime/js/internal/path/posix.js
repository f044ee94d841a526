'use strict';
// The posix half of node:path. The other half is `internal/path/win32`.

const { validateString } = require('internal/validators');
const { charCodeAt, slice } = require('internal/string_methods');
const shared = require('internal/path/shared');
const { CHAR_SLASH, collapse, isPosixSeparator } = shared;

const posix = {
  // (...segments) => absolute path
  resolve(...args) {
    if (args.length === 0 || (args.length === 1 && (args[0] === '' || args[0] === '.'))) {
      const cwd = process.cwd();
      // The usual working directory is normal already.
      if (charCodeAt(cwd, 0) === CHAR_SLASH) return cwd;
    }
    let resolved = '';
    let absolute = false;
    for (let i = args.length - 1; i >= 0 && !absolute; i--) {
      const path = args[i];
      validateString(path, `paths[${i}]`);
      if (path.length === 0) continue;
      resolved = resolved === '' ? path : `${path}/${resolved}`;
      absolute = charCodeAt(path, 0) === CHAR_SLASH;
    }
    if (!absolute) {
      const cwd = process.cwd();
      resolved = `${cwd}/${resolved}`;
      absolute = charCodeAt(cwd, 0) === CHAR_SLASH;
    }
    resolved = collapse(resolved, !absolute, '/', isPosixSeparator);
    if (absolute) return `/${resolved}`;
    return resolved === '' ? '.' : resolved;
  },

  normalize(path) {
    validateString(path, 'path');
    if (path.length === 0) return '.';
    const absolute = charCodeAt(path, 0) === CHAR_SLASH;
    const trailing = charCodeAt(path, path.length - 1) === CHAR_SLASH;
    let out = collapse(path, !absolute, '/', isPosixSeparator);
    if (out === '') {
      if (absolute) return '/';
      return trailing ? './' : '.';
    }
    if (trailing) out += '/';
    return absolute ? `/${out}` : out;
  },

  isAbsolute(path) {
    validateString(path, 'path');
    return path.length > 0 && charCodeAt(path, 0) === CHAR_SLASH;
  },

  join(...args) {
    let joined = '';
    for (let i = 0; i < args.length; i++) {
      const arg = args[i];
      validateString(arg, 'path');
      if (arg.length > 0) joined = joined === '' ? arg : `${joined}/${arg}`;
    }
    return joined === '' ? '.' : posix.normalize(joined);
  },

  relative(from, to) {
    validateString(from, 'from');
    validateString(to, 'to');
    if (from === to) return '';
    from = posix.resolve(from);
    to = posix.resolve(to);
    if (from === to) return '';

    // Both are '/' + segments. `common` is the length of the shared prefix that ends at a segment.
    const limit = Math.min(from.length, to.length);
    let common = 0;
    let i = 1;
    for (; i < limit; i++) {
      const code = charCodeAt(from, i);
      if (code !== charCodeAt(to, i)) break;
      if (code === CHAR_SLASH) common = i;
    }
    if (i === limit && from.length !== to.length) {
      // One is a prefix of the other: a shared segment only where the longer one goes on with '/'.
      const longer = from.length > to.length ? from : to;
      if (limit === 1) common = 0;
      else if (charCodeAt(longer, limit) === CHAR_SLASH) common = limit;
    }
    const rest = slice(from, common + 1);
    let ups = '';
    if (rest !== '') {
      ups = '..';
      for (let j = 0; j < rest.length; j++) if (charCodeAt(rest, j) === CHAR_SLASH) ups += '/..';
    }
    const down = slice(to, common + 1);
    return ups === '' || down === '' ? ups + down : `${ups}/${down}`;
  },

  toNamespacedPath(path) {
    return path; // Windows only
  },

  dirname(path) {
    validateString(path, 'path');
    if (path.length === 0) return '.';
    let end = path.length;
    while (end > 1 && charCodeAt(path, end - 1) === CHAR_SLASH) end--;
    while (end > 0 && charCodeAt(path, end - 1) !== CHAR_SLASH) end--;
    if (end === 0) return charCodeAt(path, 0) === CHAR_SLASH ? '/' : '.';
    // Only the separator itself is cut off, not a whole run of them.
    end--;
    if (end === 0) return '/';
    return end === 1 && charCodeAt(path, 0) === CHAR_SLASH ? '//' : slice(path, 0, end);
  },

  basename(path, suffix) {
    if (suffix !== undefined) validateString(suffix, 'suffix');
    validateString(path, 'path');
    let end = path.length;
    while (end > 0 && charCodeAt(path, end - 1) === CHAR_SLASH) end--;
    let start = end;
    while (start > 0 && charCodeAt(path, start - 1) !== CHAR_SLASH) start--;
    if (suffix !== undefined && suffix.length > 0 && suffix.length <= path.length) {
      if (suffix === path) return '';
      let i = end;
      let j = suffix.length;
      while (i > start && j > 0 && charCodeAt(path, i - 1) === charCodeAt(suffix, j - 1)) {
        i--;
        j--;
      }
      // A suffix that is the whole name is not removed.
      if (j === 0 && i > start) return slice(path, start, i);
      // Node leaves trailing separators when the name is but the tail of the suffix.
      if (j > 0 && i === start) return slice(path, start);
    }
    return slice(path, start, end);
  },

  extname(path) {
    validateString(path, 'path');
    return shared.extname(path, 0, isPosixSeparator);
  },

  format: shared.format.bind(null, '/'),

  parse(path) {
    validateString(path, 'path');
    const absolute = path.length > 0 && charCodeAt(path, 0) === CHAR_SLASH;
    const root = absolute ? '/' : '';
    const { start, end } = shared.lastSegment(path, root.length, isPosixSeparator);
    let dot = shared.extensionStart(path, start, end);
    // Node sees an extension in `..` when it is right below the root.
    if (absolute && start === 1 && end === 3 && path.startsWith('..', 1)) dot = 2;
    return {
      root,
      dir: start > root.length ? slice(path, 0, start - 1) : root,
      base: slice(path, start, end),
      ext: slice(path, dot, end),
      name: slice(path, start, dot),
    };
  },

  matchesGlob(path, pattern) {
    return shared.matchesGlob(path, pattern, false);
  },

  sep: '/',
  delimiter: ':',
  win32: null,
  posix: null,
};

posix._makeLong = posix.toNamespacedPath;

module.exports = posix;
