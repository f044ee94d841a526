'use strict';
// node:path. Owns only the joining of its two halves: `internal/path/posix` and
// `internal/path/win32` know each other through `.posix` and `.win32`.
// What is shared by both is in `internal/path/shared`.

const posix = require('internal/path/posix');
const win32 = require('internal/path/win32');

posix.win32 = win32.win32 = win32;
posix.posix = win32.posix = posix;

module.exports = posix;
