'use strict';
// The win32 half of node:path. The other half is `internal/path/posix`.

const { validateString } = require('internal/validators');
const shared = require('internal/path/shared');
const { CHAR_BACKSLASH, CHAR_SLASH, collapse, isWin32Separator } = shared;

const CHAR_COLON = 58;
const CHAR_QUESTION_MARK = 63;
const CHAR_DOT = 46;

// COM and LPT also take a superscript digit.
const RESERVED = new Set(['CON', 'PRN', 'AUX', 'NUL']);
for (const digit of '123456789\u00b9\u00b2\u00b3') {
  RESERVED.add(`COM${digit}`);
  RESERVED.add(`LPT${digit}`);
}

// Whether what stands before `colon` is the name of a device. Without a colon (-1) Node looks at
// everything but the last character.
function isReservedName(path, colon) {
  return RESERVED.has(path.slice(0, colon).toUpperCase());
}

function isDriveLetter(code) {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

function hasDrive(path) {
  return path.length > 1 && path.charCodeAt(1) === CHAR_COLON && isDriveLetter(path.charCodeAt(0));
}

function separatorAt(path, i) {
  return i < path.length && isWin32Separator(path.charCodeAt(i));
}

// Where the run of (non-)separators that starts at `i` ends.
function skip(path, i, separators) {
  while (i < path.length && isWin32Separator(path.charCodeAt(i)) === separators) i++;
  return i;
}

// The parts of `\\server\share...` : end of the server, start and end of the share. Null when
// `path` does not start like that.
function splitUnc(path) {
  if (!separatorAt(path, 0) || !separatorAt(path, 1)) return null;
  const serverEnd = skip(path, 2, false);
  if (serverEnd === 2 || serverEnd === path.length) return null;
  const shareStart = skip(path, serverEnd, true);
  if (shareStart === path.length) return null;
  return { server: path.slice(2, serverEnd), shareStart, shareEnd: skip(path, shareStart, false) };
}

// { device, end, absolute }: the drive or UNC device of `path` (undefined when it has none), where
// the rest starts, and whether that rest hangs below the root of the device.
function splitDevice(path) {
  if (separatorAt(path, 0)) {
    const unc = splitUnc(path);
    if (unc === null) return { device: undefined, end: 1, absolute: true };
    const { server, shareStart, shareEnd } = unc;
    if (server !== '.' && server !== '?') {
      return { device: `\\\\${server}\\${path.slice(shareStart, shareEnd)}`, end: shareEnd, absolute: true };
    }
    return { device: `\\\\${server}`, end: 4, absolute: true };
  }
  if (hasDrive(path)) {
    const absolute = separatorAt(path, 2);
    return { device: path.slice(0, 2), end: absolute ? 3 : 2, absolute };
  }
  return { device: undefined, end: 0, absolute: false };
}

function collapseTail(path, keepAbove) {
  return collapse(path, keepAbove, '\\', isWin32Separator);
}

// Whether the relative `path` names a drive or stream after normalization: `x/../C:/y` must not
// turn into the absolute `C:\y`.
function looksLikeDrive(path, tail) {
  if (hasDrive(tail)) return true;
  for (let i = path.indexOf(':'); i !== -1; i = path.indexOf(':', i + 1)) {
    if (i === path.length - 1 || separatorAt(path, i + 1)) return true;
  }
  return false;
}

// How far `path` is its root (`C:\`, `\\server\share\`, `\`), as dirname() and parse() see it.
function rootEnd(path) {
  if (separatorAt(path, 0)) {
    const unc = splitUnc(path);
    if (unc === null) return 1;
    return unc.shareEnd === path.length ? unc.shareEnd : unc.shareEnd + 1;
  }
  if (!hasDrive(path)) return 0;
  return separatorAt(path, 2) ? 3 : 2;
}

// Where `path` starts once outer backslashes are gone, and where it ends.
function trimBackslashes(path) {
  let start = 0;
  while (start < path.length && path.charCodeAt(start) === CHAR_BACKSLASH) start++;
  let end = path.length;
  while (end - 1 > start && path.charCodeAt(end - 1) === CHAR_BACKSLASH) end--;
  return { start, end };
}

// The working directory of a drive, or of the process.
function directoryOf(device) {
  if (device === '') return process.cwd();
  // Windows keeps one working directory a drive in variables named `=C:`.
  const path = process.env[`=${device}`] || process.cwd();
  if (path === undefined ||
      (path.slice(0, 2).toLowerCase() !== device.toLowerCase() && path.charCodeAt(2) === CHAR_BACKSLASH)) {
    return `${device}\\`;
  }
  return path;
}

const win32 = {
  // (...segments) => absolute path
  resolve(...args) {
    let device = '';
    let tail = '';
    let absolute = false;
    for (let i = args.length - 1; i >= -1; i--) {
      let path;
      if (i >= 0) {
        path = args[i];
        validateString(path, `paths[${i}]`);
        if (path.length === 0) continue;
      } else if (device === '') {
        path = process.cwd();
        if (args.length === 0 || (args.length === 1 && (args[0] === '' || args[0] === '.'))) {
          if (separatorAt(path, 0)) return path.replaceAll('/', '\\');
        }
      } else {
        path = directoryOf(device);
      }
      const root = splitDevice(path);
      if (root.device !== undefined) {
        if (device === '') device = root.device;
        else if (root.device.toLowerCase() !== device.toLowerCase()) continue; // Another drive
      }
      if (absolute) {
        if (device !== '') break;
      } else {
        tail = `${path.slice(root.end)}\\${tail}`;
        absolute = root.absolute;
        if (absolute && device !== '') break;
      }
    }
    tail = collapseTail(tail, !absolute);
    return absolute ? `${device}\\${tail}` : `${device}${tail}` || '.';
  },

  normalize(path) {
    validateString(path, 'path');
    if (path.length === 0) return '.';
    if (path.length === 1) return path === '/' ? '\\' : path;
    const unc = splitUnc(path);
    let { device, end, absolute } = splitDevice(path);
    if (unc !== null) {
      const { server, shareStart, shareEnd } = unc;
      if (server === '.' || server === '?') {
        // A device below the namespace (`\\?\COM1:`) belongs to the root.
        const colon = path.indexOf(':');
        const name = path.slice(4, colon + 1);
        if (isReservedName(name, name.length - 1)) {
          device = `\\\\?\\${name}`;
          end = 4 + name.length;
        }
      } else if (shareEnd === path.length) {
        return `\\\\${server}\\${path.slice(shareStart)}\\`;
      }
    } else if (end === 0) {
      // What follows the name of a device is relative to it, and `..` cannot remove the name.
      const colon = path.indexOf(':');
      if (colon > 0 && isReservedName(path, colon)) {
        end = colon + 1;
        device = path.slice(0, end);
      }
    }
    let tail = end < path.length ? collapseTail(path.slice(end), !absolute) : '';
    if (tail === '' && !absolute) tail = '.';
    if (tail !== '' && separatorAt(path, path.length - 1)) tail += '\\';
    if (!absolute && device === undefined && path.includes(':') && looksLikeDrive(path, tail)) {
      return `.\\${tail}`;
    }
    if (isReservedName(path, path.indexOf(':'))) return `.\\${device ?? ''}${tail}`;
    return `${device ?? ''}${absolute ? '\\' : ''}${tail}`;
  },

  isAbsolute(path) {
    validateString(path, 'path');
    return separatorAt(path, 0) || (hasDrive(path) && separatorAt(path, 2));
  },

  join(...args) {
    let joined = '';
    let first;
    for (let i = 0; i < args.length; i++) {
      const arg = args[i];
      validateString(arg, 'path');
      if (arg.length === 0) continue;
      if (first === undefined) joined = first = arg;
      else joined += `\\${arg}`;
    }
    if (first === undefined) return '.';
    // Two separators at the front would make a UNC path: leave them only where the first argument
    // itself clearly starts one (`//server`).
    const meantUnc = separatorAt(first, 0) && separatorAt(first, 1) && first.length > 2 && !separatorAt(first, 2);
    if (!meantUnc) {
      const slashes = skip(joined, 0, true);
      if (slashes >= 2) joined = `\\${joined.slice(slashes)}`;
    }
    // `..` must not remove the name of a device.
    for (const part of joined.split('\\')) {
      const colon = part.indexOf(':');
      if (colon !== -1 && isReservedName(part, colon)) return joined.replaceAll('/', '\\');
    }
    return win32.normalize(joined);
  },

  // Compares without case, answers in the case of `to`.
  relative(from, to) {
    validateString(from, 'from');
    validateString(to, 'to');
    if (from === to) return '';
    const fromPath = win32.resolve(from);
    const toPath = win32.resolve(to);
    if (fromPath === toPath) return '';
    const fromLower = fromPath.toLowerCase();
    const toLower = toPath.toLowerCase();
    if (fromLower === toLower) return '';
    if (fromLower.length !== fromPath.length || toLower.length !== toPath.length) {
      return relativeBySegments(fromPath, toPath);
    }
    const a = trimBackslashes(fromLower);
    const b = trimBackslashes(toLower);
    const fromLength = a.end - a.start;
    const toLength = b.end - b.start;
    const limit = Math.min(fromLength, toLength);
    let common = -1; // Last shared separator
    let i = 0;
    for (; i < limit; i++) {
      const code = fromLower.charCodeAt(a.start + i);
      if (code !== toLower.charCodeAt(b.start + i)) break;
      if (code === CHAR_BACKSLASH) common = i;
    }
    if (i !== limit) {
      if (common === -1) return toPath; // Nothing shared: another drive
    } else {
      if (toLength > limit) {
        // `from` is the exact base of `to`, or its drive.
        if (toLower.charCodeAt(b.start + i) === CHAR_BACKSLASH) return toPath.slice(b.start + i + 1);
        if (i === 2) return toPath.slice(b.start + i);
      }
      if (fromLength > limit) {
        if (fromLower.charCodeAt(a.start + i) === CHAR_BACKSLASH) common = i;
        else if (i === 2) common = 3;
      }
      if (common === -1) common = 0;
    }
    let out = '';
    for (let j = a.start + common + 1; j <= a.end; j++) {
      if (j === a.end || fromLower.charCodeAt(j) === CHAR_BACKSLASH) out += out === '' ? '..' : '\\..';
    }
    let rest = b.start + common;
    if (out !== '') return out + toPath.slice(rest, b.end);
    if (toPath.charCodeAt(rest) === CHAR_BACKSLASH) rest++;
    return toPath.slice(rest, b.end);
  },

  toNamespacedPath(path) {
    if (typeof path !== 'string' || path.length === 0) return path;
    const resolved = win32.resolve(path);
    if (resolved.length <= 2) return path;
    if (resolved.startsWith('\\\\')) {
      const code = resolved.charCodeAt(2);
      if (code !== CHAR_QUESTION_MARK && code !== CHAR_DOT) return `\\\\?\\UNC\\${resolved.slice(2)}`;
    } else if (hasDrive(resolved) && resolved.charCodeAt(2) === CHAR_BACKSLASH) {
      return `\\\\?\\${resolved}`;
    }
    return resolved;
  },

  dirname(path) {
    validateString(path, 'path');
    if (path.length === 0) return '.';
    if (path.length === 1) return isWin32Separator(path.charCodeAt(0)) ? path : '.';
    const unc = splitUnc(path);
    if (unc !== null && unc.shareEnd === path.length) return path; // Only a root
    const root = rootEnd(path);
    let end = path.length;
    while (end > root && separatorAt(path, end - 1)) end--;
    while (end > root && !separatorAt(path, end - 1)) end--;
    if (end > root) return path.slice(0, end - 1);
    return root === 0 ? '.' : path.slice(0, root);
  },

  basename(path, suffix) {
    if (suffix !== undefined) validateString(suffix, 'suffix');
    validateString(path, 'path');
    return shared.basename(path, hasDrive(path) ? 2 : 0, suffix, isWin32Separator);
  },

  extname(path) {
    validateString(path, 'path');
    return shared.extname(path, hasDrive(path) ? 2 : 0, isWin32Separator);
  },

  format: shared.format.bind(null, '\\'),

  parse(path) {
    validateString(path, 'path');
    const end = rootEnd(path);
    const root = path.slice(0, end);
    const segment = shared.lastSegment(path, end, isWin32Separator);
    const dot = shared.extensionStart(path, segment.start, segment.end);
    return {
      root,
      dir: segment.start > end ? path.slice(0, segment.start - 1) : root,
      base: path.slice(segment.start, segment.end),
      ext: path.slice(dot, segment.end),
      name: path.slice(segment.start, dot),
    };
  },

  matchesGlob(path, pattern) {
    return shared.matchesGlob(path, pattern, true);
  },

  sep: '\\',
  delimiter: ';',
  win32: null,
  posix: null,
};

// relative() where a lower-case form has another length than the path itself.
function relativeBySegments(fromPath, toPath) {
  const from = fromPath.split('\\');
  const to = toPath.split('\\');
  if (from.at(-1) === '') from.pop();
  if (to.at(-1) === '') to.pop();
  const limit = Math.min(from.length, to.length);
  let i = 0;
  while (i < limit && from[i].toLowerCase() === to[i].toLowerCase()) i++;
  if (i === 0) return toPath;
  const ups = Array(from.length - i).fill('..');
  return ups.concat(to.slice(i)).join('\\');
}

win32._makeLong = win32.toNamespacedPath;

module.exports = win32;
