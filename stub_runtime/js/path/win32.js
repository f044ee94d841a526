'use strict';
// node:path/win32 is the very object of `require('path').win32`.

module.exports = require('path').win32;
