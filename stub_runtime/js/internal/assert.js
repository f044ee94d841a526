'use strict';
// Assertions of the built-in modules themselves, with Node's error.

const { codes: { ERR_INTERNAL_ASSERTION } } = require('internal/errors');

function assert(value, message) {
  if (!value) throw new ERR_INTERNAL_ASSERTION(message);
}

assert.fail = (message) => {
  throw new ERR_INTERNAL_ASSERTION(message);
};

module.exports = assert;
