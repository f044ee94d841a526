'use strict';
// node:path/posix is the very object of `require('path').posix`.

module.exports = require('path').posix;
