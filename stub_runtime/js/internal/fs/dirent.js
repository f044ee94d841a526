'use strict';
// Dirent: a name in a directory and what it is. Owns: making them from the binding's lists.

const { join } = require('path');
const {
  UV_DIRENT_BLOCK, UV_DIRENT_CHAR, UV_DIRENT_DIR, UV_DIRENT_FIFO, UV_DIRENT_FILE, UV_DIRENT_LINK, UV_DIRENT_SOCKET,
  UV_DIRENT_UNKNOWN,
  S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT, S_IFREG, S_IFSOCK,
} = internalBinding('fs').constants;

const kType = Symbol('type');

class Dirent {
  constructor(name, type, path) {
    this.name = name;
    this.parentPath = path;
    this[kType] = type;
  }

  isDirectory() { return this[kType] === UV_DIRENT_DIR; }
  isFile() { return this[kType] === UV_DIRENT_FILE; }
  isBlockDevice() { return this[kType] === UV_DIRENT_BLOCK; }
  isCharacterDevice() { return this[kType] === UV_DIRENT_CHAR; }
  isSymbolicLink() { return this[kType] === UV_DIRENT_LINK; }
  isFIFO() { return this[kType] === UV_DIRENT_FIFO; }
  isSocket() { return this[kType] === UV_DIRENT_SOCKET; }
}

const typeOfMode = new Map([
  [S_IFREG, UV_DIRENT_FILE],
  [S_IFDIR, UV_DIRENT_DIR],
  [S_IFLNK, UV_DIRENT_LINK],
  [S_IFIFO, UV_DIRENT_FIFO],
  [S_IFSOCK, UV_DIRENT_SOCKET],
  [S_IFCHR, UV_DIRENT_CHAR],
  [S_IFBLK, UV_DIRENT_BLOCK],
]);

// The Dirent of something that was found by stat (glob's root).
function direntFromStats(name, path, stats) {
  return new Dirent(name, typeOfMode.get(stats.mode & S_IFMT) ?? UV_DIRENT_UNKNOWN, path);
}

// Path of a child; either part may be a Buffer.
function joinPath(path, name) {
  if (typeof path === 'string' && typeof name === 'string') return join(path, name);
  const { Buffer } = require('buffer');
  const parts = [path, name].map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
  if (parts[0].at(-1) !== 47) parts.splice(1, 0, Buffer.from('/'));
  return Buffer.concat(parts);
}

// Dirents from [names, types]; the names are in the caller's encoding already.
function getDirents(path, { 0: names, 1: types }) {
  const out = new Array(names.length);
  for (let i = 0; i < names.length; i++) out[i] = new Dirent(names[i], types[i], path);
  return out;
}

module.exports = { Dirent, direntFromStats, getDirents, joinPath };
