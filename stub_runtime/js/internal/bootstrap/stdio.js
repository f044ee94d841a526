'use strict';
// Owns: process.stdin, stdout and stderr, made on first use.

// Whether `dest` is stdout or stderr; asking does not create them.
function isStdio(dest) {
  return dest._isStdio === true;
}

module.exports = { isStdio };
