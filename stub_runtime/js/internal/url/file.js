'use strict';
// File URLs: to paths and back.

const {
  codes: {
    ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE, ERR_INVALID_FILE_URL_HOST, ERR_INVALID_FILE_URL_PATH,
    ERR_INVALID_URL_SCHEME,
  },
} = require('internal/errors');
const { validateString } = require('internal/validators');
const path = require('path');

const { hexTable } = require('internal/querystring');

const isWindows = false;
// eslint-disable-next-line no-control-regex
const kSpecial = /[\x00-\x20%?#[\]^|~\\]/g;
const kSpecialWindows = /[%?#[\]^|~\n\r\t]/g;

// The path in the pathname of a file URL; `decode` turns escapes into characters.
function pathOf(url, windows, decode) {
  const { pathname } = url;
  // Bytes may be any, a slash too.
  if (decode !== decodeToBuffer && (windows ? /%(?:2f|5c)/i : /%2f/i).test(pathname)) {
    throw new ERR_INVALID_FILE_URL_PATH(
      windows ? 'must not include encoded \\ or / characters' : 'must not include encoded / characters', url);
  }
  if (!windows) {
    if (url.hostname !== '') throw new ERR_INVALID_FILE_URL_HOST(process.platform);
    return decode(pathname);
  }
  const decoded = decode(pathname.replaceAll('/', '\\'));
  if (url.hostname !== '') {
    const host = require('internal/url').domainToUnicode(url.hostname);
    return typeof decoded === 'string' ? `\\\\${host}${decoded}` : Buffer.concat([Buffer.from(`\\\\${host}`), decoded]);
  }
  // What follows the first backslash has to be a drive.
  if (!/^.[a-zA-Z]:/.test(typeof decoded === 'string' ? decoded : decoded.latin1Slice(0, Math.min(3, decoded.length)))) {
    throw new ERR_INVALID_FILE_URL_PATH('must be absolute', url);
  }
  return decoded.slice(1);
}

// The bytes of a pathname; unlike text they need not be UTF-8.
function decodeToBuffer(pathname) {
  const { Buffer } = require('buffer');
  const bytes = Buffer.from(pathname);
  let size = 0;
  for (let i = 0; i < bytes.length; i++) {
    let byte = bytes[i];
    if (byte === 0x25 && i + 2 < bytes.length) {
      const hex = bytes.latin1Slice(i + 1, i + 3);
      if (/^[0-9a-fA-F]{2}$/.test(hex)) {
        byte = parseInt(hex, 16);
        i += 2;
      }
    }
    bytes[size++] = byte;
  }
  return bytes.subarray(0, size);
}

function toFileURL(value) {
  const { URL, isURL } = require('internal/url');
  const url = typeof value === 'string' ? new URL(value) : value;
  if (!isURL(url)) throw new ERR_INVALID_ARG_TYPE('path', ['string', 'URL'], value);
  if (url.protocol !== 'file:') throw new ERR_INVALID_URL_SCHEME('file');
  return url;
}

// (string | URL, { windows }) => string
function fileURLToPath(value, options = undefined) {
  return pathOf(toFileURL(value), options?.windows ?? isWindows, decodeURIComponent);
}

// (string | URL, { windows }) => Buffer
function fileURLToPathBuffer(value, options = undefined) {
  return pathOf(toFileURL(value), options?.windows ?? isWindows, decodeToBuffer);
}

// What the URL parser would take for something else, or would leave where Node does not.
function encodePath(filepath, windows) {
  return filepath.replace(windows ? kSpecialWindows : kSpecial, (c) => hexTable[c.charCodeAt(0)]);
}

// (path, { windows }) => URL
function pathToFileURL(filepath, options = undefined) {
  validateString(filepath, 'path');
  const { URL } = require('internal/url');
  const windows = options?.windows ?? isWindows;
  if (windows && filepath.startsWith('\\\\')) {
    const extended = filepath.startsWith('\\\\?\\UNC\\');
    if (extended || !filepath.startsWith('\\\\?\\')) return uncToURL(filepath, extended ? 8 : 2);
    filepath = filepath.slice(4);
  }
  let resolved = windows ? path.win32.resolve(filepath) : path.posix.resolve(filepath);
  // resolve() drops a separator at the end.
  const last = filepath.charCodeAt(filepath.length - 1);
  if ((last === 47 || (windows && last === 92)) && !resolved.endsWith(windows ? '\\' : '/')) resolved += '/';
  if (!windows) return new URL(`file://${encodePath(resolved, false)}`);
  const url = new URL('file://');
  url.pathname = encodePath(resolved.replaceAll('\\', '/'), true);
  return url;
}

// `\\server\share\x`, whose server starts at `start`.
function uncToURL(filepath, start) {
  const end = filepath.indexOf('\\', start);
  if (end === -1) throw new ERR_INVALID_ARG_VALUE('path', filepath, 'Missing UNC resource path');
  if (end === start) throw new ERR_INVALID_ARG_VALUE('path', filepath, 'Empty UNC servername');
  const { URL } = require('internal/url');
  const pathname = encodePath(filepath.slice(end).replaceAll('\\', '/'), true);
  return new URL(`file://${filepath.slice(start, end)}${pathname}`);
}

module.exports = { fileURLToPath, fileURLToPathBuffer, pathToFileURL };
